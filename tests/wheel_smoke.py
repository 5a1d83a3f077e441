"""Build sdist and wheel, install the wheel into a clean environment, and use it: what a user of `pip install` gets.

The front end must be in both, nothing may call Node.js on the way, and JupyterLab must find the extension.
Run by ``make test`` (target ``wheel``); exits with 0 when all of it works.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
IN_SDIST = ("jupyter_mlops/labextension/package.json", "jupyter_mlops/static/widget.js", "labextension/package-lock.json")
IN_WHEEL = (
    "jupyter_mlops/static/widget.js",
    "jupyter_mlops/static/widget.css",
    "share/jupyter/labextensions/jupyter-mlops/package.json",
    "share/jupyter/labextensions/jupyter-mlops/install.json",
    "etc/jupyter/jupyter_server_config.d/jupyter_mlops.json",
)

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
    """Build, look inside, install, run."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        wheel = build(folder, {**clean, "PATH": without_node(folder, clean["PATH"])})
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        subprocess.run([str(python), "-m", "pip", "install", "-q", f"{wheel}[lab]"], check=True, env=clean)
        subprocess.run([str(python), "-c", SMOKE], check=True, cwd=folder, env=clean)
        jupyter = str(python.with_name("jupyter"))
        subprocess.run([jupyter, "mlops", "-C", "smoke", "runs"], check=True, cwd=folder, env=clean)
        found(jupyter, "labextension", "jupyter-mlops", {**clean, "HOME": str(folder)})
        found(jupyter, "server extension", "jupyter_mlops", {**clean, "HOME": str(folder)})


def build(folder: Path, environ: dict[str, str]) -> Path:
    """Return the wheel, built from the sdist that was built from here."""
    dist = folder / "dist"
    with linked_project():
        subprocess.run(
            [sys.executable, "-m", "build", "-o", str(dist), str(ROOT)], check=True, env=environ, stdout=subprocess.DEVNULL
        )
    (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    with tarfile.open(sdist) as archive:
        kept = {name.partition("/")[2] for name in archive.getnames()}
    lacking = [name for name in IN_SDIST if name not in kept] + [name for name in kept if "node_modules" in name]
    names = zipfile.ZipFile(wheel).namelist()
    lacking += [name for name in IN_WHEEL if not any(each.endswith(name) for each in names)]
    lacking += [name for name in names if name.startswith("jupyter_mlops/labextension/")]  # shipped twice
    if lacking:
        raise SystemExit(f"sdist or wheel lack, or must not hold: {lacking}")
    return wheel


@contextmanager
def linked_project() -> Iterator[None]:
    """Have what a project in the checkout has, as ``make demo`` makes one: a link to the package, in a folder that git ignores."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build) as place:
        (Path(place) / "jupyter_mlops").symlink_to(ROOT / "jupyter_mlops")
        yield
    with suppress(OSError):  # something else is in there
        build.rmdir()


def without_node(folder: Path, path: str) -> str:
    """Return a search path on which every tool of Node.js fails: a built front end needs none."""
    for name in ("node", "npm", "npx"):
        tool = folder / "no-node" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text("#!/bin/sh\necho 'Node.js was called' >&2\nexit 1\n")
        tool.chmod(0o755)
    return f"{folder / 'no-node'}{os.pathsep}{path}"


def found(jupyter: str, what: str, name: str, environ: dict[str, str]) -> None:
    """Make sure that JupyterLab lists the extension as enabled and OK."""
    asked = subprocess.run([jupyter, *what.split(), "list"], check=True, env=environ, capture_output=True, text=True)
    lines = [line for line in (asked.stdout + asked.stderr).splitlines() if name in line]
    if not any("OK" in line for line in lines) or not any("enabled" in line for line in lines):
        raise SystemExit(f"jupyter {what} list doesn't show {name} as enabled and OK:\n{asked.stdout}{asked.stderr}")
    print(lines[-1].strip())


if __name__ == "__main__":
    main()
