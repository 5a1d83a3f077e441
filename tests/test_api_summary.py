"""All runs that fit a search, in brief: over real run folders and a real catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from run_folders import finished, note

import jupyter_mlops as mlops
from jupyter_mlops.api import call
from jupyter_mlops.errors import ParameterError, SqlError


@pytest.fixture
def project(tmp_path: Path) -> mlops.Project:
    made = mlops.open_project(tmp_path / "churn", create=True)
    for accuracy, depth in ((0.8, 2), (0.95, 4)):
        finished(made.folder, results={"accuracy": accuracy}, params={"max_depth": depth})
    finished(made.folder, name="load", function="load", results={"rows": 10, "note": "text"})
    return made


def summary(project: mlops.Project, **args: Any) -> Any:
    return call(project, "runs.summary", args)


def test_runs_are_counted_by_what_they_have_in_common(project: mlops.Project) -> None:
    assert summary(project, by="function")["groups"] == [{"value": "train", "count": 2}, {"value": "load", "count": 1}]
    assert summary(project, by="workflow")["groups"] == [{"value": None, "count": 3}]


def test_a_search_narrows_groups_and_ranges(project: mlops.Project) -> None:
    found = summary(project, by="function", query="accuracy > 0.9")
    assert (found["total"], found["groups"]) == (1, [{"value": "train", "count": 1}])
    assert found["ranges"] == {"accuracy": [0.95, 0.95]}


def test_ranges_are_of_numbers_only(project: mlops.Project) -> None:
    finished(project.folder, results={"accuracy": 0.5, "loss": float("nan"), "gain": float("inf")})
    assert summary(project)["ranges"] == {"accuracy": [0.5, 0.95], "rows": [10.0, 10.0]}


def test_tags_are_told_and_group_runs(project: mlops.Project) -> None:
    run = call(project, "runs.list", {"query": "load"})["rows"][0]["id"]
    note(project.folder, "tag", run=run, key="stage", value="test")
    found = summary(project, by="tag:stage")
    assert found["tags"] == ["stage=test"]
    assert found["groups"] == [{"value": None, "count": 2}, {"value": "test", "count": 1}]


def test_what_cannot_be_grouped_by_is_refused_with_what_can(project: mlops.Project) -> None:
    with pytest.raises(ParameterError, match=r"'password'.*function.*'tag:NAME'"):
        summary(project, by="password")


def test_a_condition_with_an_unknown_column_is_refused(project: mlops.Project) -> None:
    with pytest.raises(SqlError, match="accuracy"):
        summary(project, query="acuracy > 1")
