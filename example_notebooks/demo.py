"""The example project, run for real: prepare → train ×3 → evaluate on scikit-learn's breast-cancer data, and as a workflow.

``make demo``, or ``python example_notebooks/demo.py [FOLDER]``.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import jupyter_mlops as mlops

PREPARE = """
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

test_size: float = 0.25   # share of the rows kept for evaluation
seed: int = 7

frame = load_breast_cancer(as_frame=True).frame
train, test = train_test_split(frame, test_size=test_size, random_state=seed, stratify=frame["target"])
rows = len(frame)
"""

TRAIN = """
from sklearn.ensemble import GradientBoostingClassifier
import jupyter_mlops as mlops

n_estimators: int = 40    # boosting rounds
max_depth: int = 2        # depth of each tree
learning_rate: float = 0.1

X, y = data.drop(columns="target"), data["target"]
model = GradientBoostingClassifier(n_estimators=n_estimators, max_depth=max_depth, learning_rate=learning_rate, random_state=0)
model.fit(X, y)
for step, loss in enumerate(model.train_score_):
    mlops.log_metric("loss", loss, step=step)
train_accuracy = model.score(X, y)
"""

EVALUATE = """
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, roc_auc_score

X, y = data.drop(columns="target"), data["target"]
accuracy = accuracy_score(y, model.predict(X))
auc = roc_auc_score(y, model.predict_proba(X)[:, 1])
confusion = Figure(figsize=(3.2, 3))
ConfusionMatrixDisplay.from_estimator(model, X, y, ax=confusion.subplots(), colorbar=False)
"""

WORKFLOW = """
test_size = 0.25

ready = prepare(test_size=test_size)
models = [train(data=ready.train, max_depth=depth) for depth in (1, 2, 3)]
scores = [evaluate(model=fitted.model, data=ready.test) for fitted in models]
"""

RUNS = """
SELECT name, state, round(duration, 2) AS seconds, max_depth, n_estimators, train_accuracy, accuracy, auc
FROM runs ORDER BY started
"""

ARTIFACTS = """
SELECT key, kind, format_bytes(size) AS size, runs.name AS made_by FROM artifacts JOIN runs ON artifacts.run = runs.id
ORDER BY artifacts.created
"""


def define(project: mlops.Project) -> None:
    """Define the three Functions."""
    project.define(
        "prepare", code=PREPARE, returns=["train:dataset", "test:dataset", "rows"], description="Load and split the data"
    )
    project.define("train", code=TRAIN, inputs=["data"], returns=["model:model", "train_accuracy"], description="Fit one model")
    project.define("evaluate", code=EVALUATE, inputs=["model", "data"], returns=["accuracy", "auc", "confusion:plot"])


def run(project: mlops.Project) -> dict[str, mlops.Run]:
    """Prepare the data, train three candidates side by side, evaluate each; returns the evaluations by model URI."""
    prepared = project.run("prepare")
    print(f"prepared {prepared.results['rows']} rows")
    candidates = [{"max_depth": 1}, {"max_depth": 2}, {"max_depth": 3, "n_estimators": 80}]
    training = [
        project.run("train", params=params, inputs={"data": prepared.artifacts["train"]}, background=True)
        for params in candidates
    ]
    evaluations = {}
    for trained in training:
        trained.wait()
        inputs = {"model": trained.artifacts["model"], "data": prepared.artifacts["test"]}
        evaluations[trained.artifacts["model"].uri] = project.run("evaluate", inputs=inputs)
    return evaluations


def report(project: mlops.Project, evaluations: dict[str, mlops.Run]) -> None:
    """Print the runs table, the best model, the artifacts, and what to open next."""
    runs = project.sql(RUNS)
    print("\nRuns\n" + runs.to_string(index=False, na_rep="", float_format="{:.4g}".format))
    best = max(evaluations, key=lambda uri: evaluations[uri].results["accuracy"])
    scores = evaluations[best].results
    print(f"\nBest model\n{best}   accuracy {scores['accuracy']:.3f}, auc {scores['auc']:.3f}")
    model = project.artifact(best).load()
    print(f"{type(model).__name__}(max_depth={model.max_depth}, n_estimators={model.n_estimators})")
    artifacts = project.sql(ARTIFACTS)
    print("\nArtifacts\n" + artifacts.to_string(index=False))


def pipeline(project: mlops.Project) -> None:
    """Run the same as a workflow: all of it, then again, when nothing is left to do, then with another split."""
    project.define_workflow("nightly", WORKFLOW)
    print("\nWorkflow")
    for said in ({}, {}, {"test_size": 0.3}):
        run = project.run("nightly", said, parallel=2)
        states = ", ".join(f"{name} {step.state}" for name, step in run.steps.items())
        given = "".join(f" {name}={value}" for name, value in said.items())
        print(f"nightly{given} in {run.duration:.2f} s: {states}")


def main() -> None:
    """Build the project afresh and run it."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo_project")
    if folder.exists():
        shutil.rmtree(folder)
    project = mlops.open_project(folder, create=True)
    try:
        define(project)
        report(project, run(project))
        pipeline(project)
        print(f"\nOpen it:  .venv/bin/jupyter lab {folder.name}/   (or example_notebooks/01_quickstart.ipynb)")
    finally:
        project.stop_worker()


if __name__ == "__main__":
    main()
