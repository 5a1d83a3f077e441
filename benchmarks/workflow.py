"""Workflows for real: a fan-out of 8 two-second steps against one of them, and 6 trivial iterations against a papermill loop.

Prints one JSON line for each. The fan-out must take at most 1.25 times one step; the sweep at most half a second.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from pathlib import Path

import jupyter_mlops as mlops

NAP = "import time\nseconds: float = 2.0\ntime.sleep(seconds)\nx = 1"
TRIVIAL = "p: int = 1\nq: int = 1\naccuracy = p * q"


def took(work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def settle() -> None:
    time.sleep(3.0)  # the worker gets its kernels ready, as it has them when a person starts something


def fan_out(project: mlops.Project) -> dict:
    project.define("nap", NAP, returns=["x"])
    project.define_workflow("one", code="nap()")
    project.define_workflow("fan", code="for number in range(8):\n    nap(seconds=2.0 + number / 1e6)")
    project.run("one", cache=False)
    settle()
    one = took(lambda: project.run("one", cache=False))
    settle()
    many = took(lambda: project.run("fan", parallel=8, cache=False))
    return {"benchmark": "fan_out", "one_step_s": round(one, 2), "eight_steps_s": round(many, 2), "ratio": round(many / one, 3)}


def sweep(project: mlops.Project, folder: Path) -> dict:
    import papermill

    project.define("trivial", TRIVIAL, returns=["accuracy"])
    grid = {"p": [1, 2, 3], "q": [1, 2]}
    project.sweep("trivial", grid=grid, select="max:accuracy", parallel=2)
    settle()
    ours = took(lambda: project.sweep("trivial", grid=grid, select="max:accuracy", parallel=2))
    notebook = folder / "trivial.ipynb"
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": TRIVIAL, "outputs": [], "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.write_text(json.dumps({"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}))

    def loop() -> None:
        for p in grid["p"]:
            for q in grid["q"]:
                papermill.execute_notebook(notebook, folder / "out.ipynb", {"p": p, "q": q}, progress_bar=False)

    theirs = took(loop)
    times = {"sweep_s": round(ours, 2), "papermill_loop_s": round(theirs, 2)}
    return {"benchmark": "sweep", **times, "ratio": round(theirs / ours, 1)}


def main() -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        project = mlops.open_project(Path(place) / "bench", create=True)
        try:
            fan, swept = fan_out(project), sweep(project, Path(place))
        finally:
            project.stop_worker()
    print(json.dumps(fan))
    print(json.dumps(swept))
    sys.exit(fan["ratio"] > 1.25 or swept["sweep_s"] > 0.5)


if __name__ == "__main__":
    main()
