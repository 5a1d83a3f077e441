"""The examples do what they say: each notebook runs from top to bottom, and so does the demo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import jupyter_mlops as mlops

EXAMPLES = Path(__file__).parents[1] / "example_notebooks"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


@pytest.fixture
def place(tmp_path):
    """An empty folder whose projects' workers end with the test."""
    yield tmp_path
    for marker in tmp_path.rglob("project.yaml"):
        mlops.open_project(marker.parent).stop_worker()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path, place):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, kernel_name="python3", timeout=170, resources={"metadata": {"path": str(place)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("text/html" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_no_outputs_in_the_repository(path):
    notebook = nbformat.read(path, as_version=4)
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]


def test_the_demo_prints_the_runs_the_best_model_and_what_to_open(place):
    folder = place / "demo project é"
    done = subprocess.run([sys.executable, EXAMPLES / "demo.py", folder], capture_output=True, text=True, cwd=place, timeout=170)
    assert done.returncode == 0, done.stderr
    for words in (
        "prepared 569 rows",
        "Best model\nstore://model/",
        "accuracy 0.9",
        "Artifacts",
        "Workflow\nnightly",
        "scores_3 cached",
        "jupyter lab",
    ):
        assert words in done.stdout
    project = mlops.open_project(folder)
    states = project.sql("SELECT state, count(*) AS n FROM runs GROUP BY ALL ORDER BY n DESC")
    assert states.to_dict("records") == [{"state": "completed", "n": 7 + 3 + 7 + 7}, {"state": "cached", "n": 7}]
