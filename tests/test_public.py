"""What the package promises from outside: its names, and that importing it costs next to nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import jupyter_mlops as mlops
from jupyter_mlops.project import Project
from jupyter_mlops.runs import Run

HEAVY = ["duckdb", "papermill", "nbformat", "pandas", "numpy", "anywidget", "msgspec", "yaml", "IPython"]
INSIDE = "log_metric log_metrics log_result log_results log_artifact log_dataset log_model log_plot set_tag".split()
INSIDE += "param input progress current_run exit".split()


def loaded(code: str) -> set[str]:
    """Return the modules of a new process after ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    assert loaded("import jupyter_mlops") & set(HEAVY) == set()


def test_logging_needs_the_standard_library_only():
    assert loaded("from jupyter_mlops import log_metric, log_artifact, param, exit") & set(HEAVY) == set()


def test_asking_the_command_line_for_help_loads_nothing_heavy():
    code = "from jupyter_mlops.hosts.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    assert loaded(code) & set(HEAVY) == set()


@pytest.mark.parametrize("name", mlops.__all__)
def test_every_public_name_is_there(name):
    assert getattr(mlops, name) is not None
    assert name in dir(mlops)


@pytest.mark.parametrize("name", [*INSIDE, "open_project", "RunFailedError"])
def test_the_names_of_the_documentation_are_public(name):
    assert name in mlops.__all__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        mlops.nonsense  # noqa: B018


def test_a_run_is_asked_for_as_documented():
    assert list(inspect.signature(Project.run).parameters)[:10] == [
        *["self", "function", "params", "inputs", "background", "timeout", "retries", "name", "tags", "origin"]
    ]
    assert list(inspect.signature(mlops.open_project).parameters) == ["path", "create", "name"]


@pytest.mark.parametrize(
    "name", "define run runs sql artifact artifacts start_run functions function get_run rebuild log_artifact".split()
)
def test_a_project_has_its_verbs(name):
    assert inspect.getdoc(getattr(Project, name))


@pytest.mark.parametrize(
    "name", "id state reason params results metrics artifacts notebook log started ended error wait abort tags duration".split()
)
def test_a_run_has_its_names(name):
    assert hasattr(Run, name)
