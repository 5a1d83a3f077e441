"""Build the wheel, install it into a clean environment, and run one Function from there: what a user of `pip install` gets.

Run by ``make test`` (target ``wheel``); exits with 0 when all of it works.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]

SMOKE = """
import jupyter_mlops as mlops
from pathlib import Path
assert "site-packages" in mlops.__file__, mlops.__file__
project = mlops.open_project("smoke", create=True)
project.define("double", code="x: int = 2\\ny = x * 2\\n", returns=["y"])
run = project.run("double", params={"x": 21})
assert run.state == "completed" and run.results["y"] == 42, (run.state, run.reason, run.log)
assert project.sql("SELECT value FROM results WHERE key = 'y'")["value"].tolist() == [42.0]
project.stop_worker()
print("the wheel runs a Function: y =", run.results["y"])
"""


def main() -> None:
    """Build, install, run."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder / "dist"), str(ROOT)], check=True
        )
        (wheel,) = (folder / "dist").glob("*.whl")
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        subprocess.run([str(python), "-m", "pip", "install", "-q", str(wheel)], check=True, env=clean)
        subprocess.run([str(python), "-c", SMOKE], check=True, cwd=folder, env=clean)
        subprocess.run([str(python.with_name("jupyter")), "mlops", "-C", "smoke", "runs"], check=True, cwd=folder, env=clean)


if __name__ == "__main__":
    main()
