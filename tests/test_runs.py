"""The run a user holds: fresh from its own folder while it lives, the same for ever once it has ended."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import jupyter_mlops as mlops
from jupyter_mlops.errors import ArtifactNotFoundError, RunNotFoundError, WaitTimeoutError
from jupyter_mlops.project import open_project
from jupyter_mlops.records import Spec, State
from jupyter_mlops.runs import Run
from jupyter_mlops.storage.journal import EVENTS, Journal

LIVELY = """
import time
import jupyter_mlops as mlops
gate = "nowhere"
mlops.log_metric("loss", 0.5, step=1)
mlops.log_metric("loss", float("nan"), step=2)
mlops.log_metric("loss", float("inf"))
print("waiting")
import os
while not os.path.exists(gate):
    time.sleep(0.02)
model = {"weights": [1, 2]}
accuracy = 0.9
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = open_project(tmp_path_factory.mktemp("runs") / "churn", create=True)
    made.define("lively", LIVELY, returns=["model", "accuracy"])
    made.define("quick", "n: int = 1\nprint('hello')\nresult = n", returns=["result"])
    yield made
    made.stop_worker()


def until(condition, seconds: float = 30.0) -> None:
    """Poll until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def lively(project, tmp_path):
    """A run that waits until its gate exists; ends with the test."""
    gate = tmp_path / "gate"
    run = project.run("lively", {"gate": str(gate)}, background=True)
    yield run, gate
    gate.touch()
    run.wait(60)


def test_a_living_run_is_seen_as_it_goes(lively):
    run, gate = lively
    until(lambda: "waiting" in run.log)
    assert run.state is State.RUNNING and run.ended is None and run.duration > 0
    points = run.metrics("loss")
    assert list(points.columns) == ["step", "value", "time"]
    assert points["value"][0] == 0.5 and math.isnan(points["value"][1]) and points["value"][2] == math.inf
    assert list(points["step"].isna()) == [False, False, True]
    gate.touch()
    assert run.wait(60) is run
    assert run.state is State.COMPLETED
    assert run.results == {"accuracy": 0.9}
    assert run.artifacts["model"].load() == {"weights": [1, 2]}


def test_waiting_too_long_says_that_the_run_goes_on(lively):
    run, _ = lively
    with pytest.raises(WaitTimeoutError, match=f"{run.id} is still .*it goes on"):
        run.wait(0.1)
    assert not run.state.finished


def test_an_aborted_run_says_why(lively):
    run, _ = lively
    until(lambda: run.state is State.RUNNING)
    run.abort("no longer needed")
    assert run.state is State.ABORTED and run.reason == "no longer needed"


def test_aborting_a_run_that_has_ended_changes_nothing(project):
    run = project.run("quick")
    ended = run.ended
    run.abort()
    assert run.state is State.COMPLETED and run.ended == ended


def test_times_are_aware_and_in_order(project):
    before = datetime.now(UTC) - timedelta(seconds=1)
    run = project.run("quick")
    assert before <= run.created <= run.started <= run.ended <= datetime.now(UTC) + timedelta(seconds=1)
    assert run.started.tzinfo is UTC
    assert run.duration == pytest.approx((run.ended - run.started).total_seconds(), abs=1e-3)


def test_parameters_come_back_as_they_were(project):
    project.define("free", "a = None\nb = None")
    given = {"a": (1, {2, 3}, b"x"), "b": {"deep": [datetime(2026, 1, 2, tzinfo=UTC), Path("x")]}}
    run = project.run("free", given)
    assert run.params == given and type(run.params["a"]) is tuple
    assert project.get_run(run.id).params == given


def test_a_run_knows_its_code_environment_and_use(project):
    run = project.run("quick")
    assert run.version == project.function("quick").version
    assert run.environment["python"].startswith("3.")
    assert run.usage["memory"] > 1_000_000
    assert run.cells and all(cell["state"] == "completed" for cell in run.cells)
    assert run.parent is None and run.error is None


def test_a_metric_that_was_never_logged_is_an_empty_table(project):
    points = project.run("quick").metrics("nothing")
    assert list(points.columns) == ["step", "value", "time"] and points.empty
    assert str(points["time"].dtype).startswith("datetime64") and "UTC" in str(points["time"].dtype)


def test_an_unknown_artifact_says_what_there_is(lively):
    run, gate = lively
    gate.touch()
    run.wait(60)
    with pytest.raises(ArtifactNotFoundError, match=r"no artifact 'modle'. Did you mean 'model'\? It has model"):
        run.artifacts["modle"]
    assert "model" in run.artifacts and len(run.artifacts) == 1 and list(run.artifacts) == ["model"]
    assert "model" in repr(run.artifacts)


def test_an_artifact_of_a_run_knows_where_it_is_from(lively):
    run, gate = lively
    gate.touch()
    run.wait(60)
    model = run.artifacts["model"]
    assert model.producer == run.id and model.tags == ["latest"]
    assert model.uri.startswith("store://") and model.path.is_file() and model.size > 0 and len(model.hash) == 64
    assert model.created.tzinfo is UTC and model.type == "builtins.dict"
    assert "model" in model._repr_mimebundle_()["text/plain"]


def test_its_text_is_one_line(project):
    project.define("talkative", 'raise ValueError("one\\ntwo " + "x" * 500)')
    with pytest.raises(mlops.RunFailedError) as caught:
        project.run("talkative")
    for run in (caught.value.run, project.run("quick", name="a" * 200)):
        text = repr(run)
        assert run.id in text and str(run.state) in text and "\n" not in text and len(text) < 300


def test_it_shows_itself_in_a_notebook(project):
    bundle = project.run("quick")._repr_mimebundle_()
    assert "completed" in bundle["text/html"] and "quick" in bundle["text/plain"]


def test_two_handles_of_one_run_are_equal(project):
    run = project.run("quick")
    assert project.get_run(run.id) == run and len({run, project.get_run(run.id)}) == 1
    assert run != project.run("quick")


def test_what_is_no_run_is_refused(project, tmp_path):
    with pytest.raises(RunNotFoundError, match=r"run\.json"):
        Run(tmp_path, project.library, project.client)


def test_half_a_line_at_the_end_is_read_when_it_is_whole(project, tmp_path):
    from jupyter_mlops.execution.folder import write_spec

    folder = project.folder / "runs" / "20260101-000000-00000000"
    write_spec(folder, Spec(id=folder.name, project="churn", name="by hand"))
    with Journal(folder / EVENTS) as journal:
        journal.append("state", state="running", reason="")
    run = Run(folder, project.library, project.client)
    assert run.state is State.RUNNING
    with open(folder / EVENTS, "ab") as file:
        file.write(b'{"e":"result","t":1.0,"key":"a",')
        file.flush()
        assert run.results == {}
        file.write(b'"value":1}\n')
    assert run.results == {"a": 1}
    with Journal(folder / EVENTS) as journal:
        journal.append("state", state="completed", reason="")
        journal.append("state", state="error", reason="worker lost")
    assert run.state is State.COMPLETED and run.reason == ""


def test_a_run_that_was_deleted_does_not_seem_to_go_on(project):
    run, seen = project.run("quick", background=True), project.run("quick")
    project.get_run(run.id).wait(60)
    assert seen.state == "completed"
    project.delete_run(run.id)
    project.delete_run(seen.id)
    with pytest.raises(RunNotFoundError, match=f"{run.id} was deleted"):
        run.wait(5)
    assert seen.results == {"result": 1}
