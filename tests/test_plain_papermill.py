"""A Function's notebook is an ordinary one: plain papermill runs it, with the data it was defined with."""

from __future__ import annotations

import json
import subprocess
import sys

import nbformat
import pandas as pd
import pytest

import jupyter_mlops as mlops

BODY = """
n_estimators: int = 100
total = float(data["a"].sum()) * n_estimators
"""


@pytest.fixture
def project(tmp_path):
    """A project with a Function that takes data of the notebook it was defined in."""
    project = mlops.open_project(tmp_path / "churn", create=True)
    project.define("train", code=BODY, namespace={"data": pd.DataFrame({"a": [1, 2, 3]})}, returns=["total"])
    return project


def papermill(project, cwd, *words):
    notebook = project.folder.relative_to(cwd) / "functions" / "train.ipynb"
    command = [sys.executable, "-m", "papermill", notebook, "out.ipynb", "-p", "n_estimators", "10", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return nbformat.read(cwd / "out.ipynb", as_version=4)


@pytest.mark.parametrize("below", ["churn", "."], ids=["in the project", "beside the project"])
def test_plain_papermill_runs_a_function_with_the_data_it_was_defined_with(project, tmp_path, below):
    executed = papermill(project, tmp_path / below)
    texts = json.dumps([cell.get("outputs", []) for cell in executed.cells])
    assert "error" not in texts
    assert "n_estimators = 10" in "".join(cell.source for cell in executed.cells)


def test_plain_papermill_takes_a_file_instead(project, tmp_path):
    pd.DataFrame({"a": [7]}).to_csv(tmp_path / "other.csv", index=False)
    papermill(project, tmp_path, "-p", "data", "other.csv")


def test_an_artifact_that_is_not_there_is_named(project, tmp_path):
    notebook = project.folder / "functions" / "train.ipynb"
    command = [sys.executable, "-m", "papermill", notebook, "out.ipynb", "-p", "data", "store://dataset/churn/nothing"]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "'store://dataset/churn/nothing' isn't in project 'churn'" in done.stderr
