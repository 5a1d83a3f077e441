"""A small project with real runs, quick enough to be made for the tests."""

from __future__ import annotations

from pathlib import Path

import jupyter_mlops as mlops

INGEST = """
import pandas as pd
rows: int = 200            # how many to make
seed: int = 7
data = pd.DataFrame({"x": range(rows), "y": [(n * seed) % 13 for n in range(rows)], "name": [f"row {n}" for n in range(rows)]})
count = len(data)
"""

TRAIN = """
import jupyter_mlops as mlops
depth: int = 3             # of the tree
rate: float = 0.1
solver: str = "fast"
for step in range(40):
    mlops.log_metric("loss", 1 / (1 + step * rate * depth), step=step)
model = {"depth": depth, "mean": float(data["y"].mean())}
accuracy = round(1 - 1 / (1 + depth * (1 + rate)), 4)
print("trained with depth", depth)
"""

EVALUATE = """
from pathlib import Path
limit: float = 0.5
score = round(model["mean"] / 13, 4)
passed = score > limit
report = Path("report.html")
report.write_text(f"<h1>Score {score}</h1><script>document.title = 'ran'</script>")
"""

WORKFLOW = """
rows = 200

raw = ingest(rows=rows)
fitted = train(data=raw.data, depth=4)
checked = evaluate(model=fitted.model)
"""


def make(folder: Path) -> mlops.Project:
    """Make the project: three Functions, a workflow that has run, single runs and a sweep."""
    project = mlops.open_project(folder, create=True)
    project.define("ingest", INGEST, returns=["data:dataset", "count"], description="Make the table")
    project.define("train", TRAIN, inputs=["data"], returns=["model:model", "accuracy"], description="Fit a model")
    project.define("evaluate", EVALUATE, inputs=["model"], returns=["score", "passed", "report:file"])
    project.define_workflow("nightly", WORKFLOW)
    project.run("nightly")
    data = project.artifact("data").uri
    for depth in (2, 5):
        project.run("train", params={"depth": depth}, inputs={"data": data}, tags={"team": "blue"})
    project.sweep("train", grid={"depth": [1, 2, 3]}, select="max:accuracy", inputs={"data": data}, parallel=2)
    return project
