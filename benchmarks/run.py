"""A run through a live worker against ``papermill.execute_notebook`` of the same cells: prints one JSON line a Function.

The trivial Function must be at least 10 times as fast (exit code 1 otherwise). Both are measured in turn, so that what else the
machine does slows both.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

FUNCTIONS = {
    "trivial": ("x: int = 1\ny = x + 1", ["y"]),
    "pandas+sklearn": (
        "seed: int = 1\n"
        "import numpy as np\n"
        "import pandas as pd\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "rng = np.random.default_rng(seed)\n"
        "data = pd.DataFrame(rng.normal(size=(500, 4)), columns=list('abcd'))\n"
        "target = data['a'] + data['b'] > 0\n"
        "accuracy = LogisticRegression().fit(data, target).score(data, target)",
        ["accuracy"],
    ),
}
WANTED = 10.0
ROUNDS = int(os.environ.get("ROUNDS", "10"))
PAUSE = 1.0  # seconds between runs: the pool of kernels fills again, as between two runs of a person


def timed(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def compare(project, name: str, code: str, returns: list[str]) -> dict:
    import papermill

    project.define("bench", code=code, returns=returns)
    source, target = str(project.folder / "functions" / "bench.ipynb"), str(project.folder / "out.ipynb")
    parameter = code.partition(":")[0]
    ours, theirs = [], []
    for value in range(ROUNDS + 1):
        ours.append(timed(lambda value=value: project.run("bench", params={parameter: value})))
        theirs.append(
            timed(lambda value=value: papermill.execute_notebook(source, target, {parameter: value}, progress_bar=False))
        )
        time.sleep(PAUSE)
    mine, papermills = statistics.median(ours[1:]), statistics.median(theirs[1:])
    return {
        "benchmark": "run",
        "function": name,
        "project_run_seconds": round(mine, 4),
        "papermill_seconds": round(papermills, 4),
        "ratio": round(papermills / mine, 1),
        "rounds": ROUNDS,
    }


def main() -> int:
    warnings.simplefilter("ignore")
    import jupyter_mlops as mlops

    ratios = {}
    with tempfile.TemporaryDirectory() as folder:
        project = mlops.open_project(Path(folder) / "bench", create=True)
        try:
            for name, (code, returns) in FUNCTIONS.items():
                if name != "trivial" and not find_spec("sklearn"):
                    continue
                result = compare(project, name, code, returns)
                ratios[name] = result["ratio"]
                print(json.dumps(result), flush=True)
        finally:
            project.client.stop()
    return int(ratios["trivial"] < WANTED)


if __name__ == "__main__":
    sys.exit(main())
