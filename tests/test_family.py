"""What a card tells of a run's children, from the journals they left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops import family
from jupyter_mlops.events import History
from jupyter_mlops.execution.folder import write_spec
from jupyter_mlops.records import Spec, State
from jupyter_mlops.storage import journal
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows.nouns import Step, Workflow

PARENT, CHILD = "20261124-083512-aaaaaaaa", "20261124-083512-bbbbbbbb"
FLOW = Workflow(name="nightly", steps=(Step(name="a", function="work"), Step(name="b", function="work", after=("a",))))


@pytest.fixture
def runs(tmp_path):
    """The folder of runs, with that of a workflow run and of one child in it."""
    write(tmp_path, FLOW)
    (tmp_path / CHILD).mkdir()
    write_spec(tmp_path / CHILD, Spec(id=CHILD, project="p", name="a", function="work", params={"n": 3, "m": 4}))
    return tmp_path


def write(runs, workflow):
    (runs / PARENT).mkdir(exist_ok=True)
    (runs / PARENT / "workflow.yaml").write_text(yaml.dump(workflow), encoding="utf-8")


def told(runs, *events):
    child = journal.Journal(runs / CHILD / journal.EVENTS)
    for kind, fields in events:
        child.append(kind, **fields)
    child.close()


def story(*events):
    made = History()
    for time, event in enumerate(events):
        made.add({"t": float(time), **event})
    return made


RUNNING = {"e": "state", "state": "running"}
SPEC = Spec(id=PARENT, project="p", name="nightly", workflow="nightly", plan={"parallel": 1})


def step(node, state, run=None, reason=""):
    return {"e": "step", "node": node, "step": node.split("[")[0], "state": state, "run": run, "reason": reason}


def lines(runs, *events, kept=None):
    found = family.view(runs / PARENT, SPEC, story(*events), {} if kept is None else kept)
    return {line.name: line for line in found["lines"]}


def states(found):
    return {name: str(line.state) for name, line in found.items()}


def test_a_step_has_the_results_and_the_time_of_its_run(runs):
    told(runs, ("state", {"state": "running", "t": 10.0}), ("result", {"key": "auc", "value": 0.9}))
    told(runs, ("state", {"state": "completed", "t": 12.5}))
    line = lines(runs, RUNNING, step("a", "completed", CHILD))["a"]
    assert (line.seconds, line.results) == (2.5, {"auc": 0.9})


def test_what_has_not_begun_is_pending_while_the_run_goes_on(runs):
    assert states(lines(runs, RUNNING, step("a", "running", CHILD))) == {"a": "running", "b": "pending"}


def test_only_new_lines_of_a_child_are_read(runs):
    kept: family.Told = {}
    told(runs, ("state", {"state": "running", "t": 10.0}))
    lines(runs, RUNNING, step("a", "running", CHILD), kept=kept)
    before = kept[CHILD].offset
    told(runs, ("result", {"key": "n", "value": 1}))
    found = lines(runs, RUNNING, step("a", "running", CHILD), kept=kept)
    assert found["a"].results == {"n": 1}
    assert kept[CHILD].offset > before > 0


def test_a_step_whose_end_its_parent_could_not_tell_has_the_state_of_its_run(runs):
    told(runs, ("state", {"state": "running", "t": 10.0}), ("state", {"state": "error", "t": 11.0, "reason": "worker lost"}))
    over = {"e": "state", "state": "error", "reason": "worker lost"}
    assert states(lines(runs, RUNNING, step("a", "running", CHILD), over)) == {"a": "error", "b": "skipped"}


def test_of_a_run_that_is_over_no_step_goes_on(runs):
    over = {"e": "state", "state": "error", "reason": "worker lost"}
    found = lines(runs, RUNNING, step("a", "running", CHILD), over)
    assert states(found) == {"a": "aborted", "b": "skipped"}
    assert found["a"].reason == "worker lost"
    assert found["b"].reason == "not begun"


def test_items_are_counted_of_all_that_were_announced(runs):
    whole = {**step("a", "running"), "total": 8}
    found = lines(runs, RUNNING, whole, step("a[0]", "completed"), step("a[1]", "running"))
    assert found["a"].items == "1/8"


def test_how_many_items_there_are_is_known_after_the_end_too(runs):
    whole = {**step("a", "running"), "total": 8}
    assert lines(runs, RUNNING, whole, step("a[0]", "error"), step("a", "error"))["a"].items == "1/8"


def test_items_show_what_they_found_in_their_order(runs):
    other = "20261124-083512-dddddddd"
    (runs / other).mkdir()
    for run, auc in ((CHILD, 0.9), (other, 0.7)):
        with journal.Journal(runs / run / journal.EVENTS) as child:
            child.append("result", key="auc", value=auc)
    line = lines(runs, RUNNING, step("a[1]", "completed", CHILD), step("a[0]", "completed", other), step("a", "completed"))["a"]
    assert line.results == {"auc": [0.7, 0.9]}


def test_items_took_from_the_first_begin_to_the_last_end(runs):
    told(runs, ("state", {"state": "running", "t": 10.0}), ("state", {"state": "completed", "t": 12.5}))
    found = lines(runs, RUNNING, step("a[0]", "completed", CHILD), step("a", "completed"))
    assert (found["a"].seconds, found["a"].items) == (2.5, "1/1")


def test_the_exit_handler_has_a_line(runs):
    write(runs, replace(FLOW, on_exit=Step(name="on_exit", function="tell")))
    assert states(lines(runs, RUNNING, step("on_exit", "completed")))["on_exit"] == "completed"


def test_a_workflow_that_can_not_be_read_leaves_the_card_without_steps(runs):
    (runs / PARENT / "workflow.yaml").write_text("steps: [", encoding="utf-8")
    assert family.view(runs / PARENT, SPEC, story(RUNNING), {}) == {}


def test_an_iteration_has_the_params_that_differ(runs):
    spec = replace(SPEC, plan={"sweep": {"points": [{"n": 3}], "select": "max:auc"}})
    events = (RUNNING, {"e": "step", "node": "[1]", "step": "", "state": "completed", "run": CHILD, "reason": ""})
    found = family.view(runs / PARENT, spec, story(*events, {"e": "result", "key": "best_iteration", "value": 1}), {})["lines"]
    assert [(line.name, line.state, line.params, line.best) for line in found] == [("1", State.COMPLETED, {"n": 3}, True)]


def test_an_iteration_that_was_deleted_keeps_its_line(runs):
    spec = replace(SPEC, plan={"sweep": {"points": [{"n": 3}]}})
    gone = "20261124-083512-cccccccc"
    events = (RUNNING, {"e": "step", "node": "[1]", "step": "", "state": "completed", "run": gone, "reason": ""})
    found = family.view(runs / PARENT, spec, story(*events), {})["lines"]
    assert [(line.name, line.state, line.params) for line in found] == [("1", State.COMPLETED, {})]
