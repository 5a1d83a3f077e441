"""What README and the pages of docs tell people to type, typed for real."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import jupyter_mlops as mlops
from jupyter_mlops import config

HOME = Path(__file__).parents[1]
CELL = """
from sklearn.tree import DecisionTreeClassifier
n_estimators: int = 100
model = DecisionTreeClassifier(max_depth=3).fit(data.drop(columns="y"), data["y"])
accuracy = model.score(data.drop(columns="y"), data["y"])
"""


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of a page, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (HOME / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the files that the examples read; workers of projects in it end with the tests."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "shell" / "churn").mkdir(parents=True)
    table = pd.DataFrame({"a": range(40), "b": [1, 2] * 20, "y": [0] * 20 + [1] * 20})
    table.to_csv(folder / "shell" / "churn" / "raw.csv", index=False)
    (folder / "shell/churn/train.py").write_text(CELL)
    kernel = {"name": "python3", "display_name": "Python 3"}
    report = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")], metadata={"kernelspec": kernel})
    nbformat.write(report, folder / "report.ipynb")
    yield folder
    for marker in folder.rglob("project.yaml"):
        mlops.open_project(marker.parent).stop_worker()


def shell(script: str, folder: Path) -> str:
    """Run lines of a shell as a person would, and stop at the first that fails; return what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = ["bash", "-e", "-c", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=170, env={**os.environ, "PATH": path})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_five_minutes_of_the_readme_are_true(place):
    cells = blocks("README.md", "python")
    python = cells.pop()
    *_, commands = blocks("README.md", "bash")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(notebook, kernel_name="python3", timeout=170, resources={"metadata": {"path": str(place)}}).execute()
    subprocess.run([sys.executable, "-c", python], cwd=place, check=True, timeout=170)
    shell(commands, place)
    states = mlops.open_project(place / "churn").sql(
        "SELECT function, state, reason FROM runs WHERE state NOT IN ('completed', 'cached')"
    )
    assert states.to_dict("records") == []


def test_the_first_commands_of_the_command_line_s_page_are_true(place):
    commands = blocks("docs/cli.md", "console")[0]
    assert "accuracy" in shell(re.sub(r"^\$ ", "", commands, flags=re.MULTILINE), place / "shell")
    assert (place / "shell" / "churn" / "model.pkl").is_file()


def test_the_python_of_the_projects_page_is_true(place):
    folder = place / "python"
    folder.mkdir()
    code = "\n".join(blocks("docs/projects.md", "python"))
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    assert list(mlops.open_project(folder / "churn").runs().name) == ["train"]  # the last one is deleted


def test_the_project_file_of_the_projects_page_can_be_read(tmp_path):
    read = config.parse(blocks("docs/projects.md", "yaml")[0], tmp_path / "project.yaml")
    assert read.name == "churn" and read.worker.parallel == 2
