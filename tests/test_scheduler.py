"""The scheduling of steps: what may start, and what the end of one means for the others."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import WorkflowError
from jupyter_mlops.records import State
from jupyter_mlops.workflows.nouns import OnFailure, Param, Ref, Resources, Step, Workflow
from jupyter_mlops.workflows.scheduler import Scheduler, graph_of, needs, subset


def step(name, *upstream, **said):
    """A step that takes an output of each of ``upstream``."""
    return Step(name=name, function="f", inputs={f"from_{other}": Ref(step=other, output="x") for other in upstream}, **said)


def workflow(*steps):
    return Workflow(name="nightly", steps=steps)


def scheduler(*steps, limit=99, cpu=99.0, mem=99, gpus=0):
    return Scheduler(workflow(*steps), limit=limit, cpu=cpu, mem=mem, gpus=gpus)


def start(running):
    return [ready.node for ready in running.ready()]


DIAMOND = (step("load"), step("left", "load"), step("right", "load"), step("join", "left", "right"))


def test_a_step_needs_what_it_takes_what_it_comes_after_and_what_its_condition_asks_for():
    asking = step("c", "a", after=("b",), foreach={"k": Ref(step="e", output="x")}, when="params.deep and d.accuracy > 0.5")
    assert needs(asking) == {"b": False, "a": True, "e": True, "d": True}


def test_what_a_step_takes_it_needs_even_if_it_also_comes_after_it():
    assert needs(step("b", "a", after=("a",))) == {"a": True}


def test_parameters_and_results_of_no_step_are_no_needs():
    asking = Step(name="a", function="f", params={"k": Param(name="depth")}, when="params.depth > 1")
    assert needs(asking) == {}


def test_steps_start_the_moment_their_needs_are_done():
    running = scheduler(*DIAMOND)
    assert start(running) == ["load"]
    assert start(running) == []
    running.done("load", State.COMPLETED)
    assert start(running) == ["left", "right"]
    running.done("right", State.CACHED)
    assert start(running) == []
    running.done("left", State.COMPLETED)
    assert start(running) == ["join"]
    assert running.is_active
    assert running.outcome() == (State.RUNNING, "")
    running.done("join", State.COMPLETED)
    assert not running.is_active
    assert running.outcome() == (State.COMPLETED, "")


def test_states_are_told_step_by_step():
    running = scheduler(*DIAMOND)
    assert running.state_of("load") is State.PENDING
    running.ready()
    assert running.state_of("load") is State.RUNNING
    running.done("load", State.CACHED, "as in r1")
    assert running.state_of("load") is State.CACHED
    assert running.reasons == {"load": "as in r1"}


def test_the_order_is_as_declared_but_for_what_is_needed():
    assert scheduler(step("b", "a"), step("c"), step("a")).order == ["c", "a", "b"]


def test_a_workflow_without_steps_is_completed():
    assert scheduler().outcome() == (State.COMPLETED, "")


def test_a_failing_step_leaves_independent_branches_running_and_skips_its_dependants_with_the_reason():
    running = scheduler(step("load"), step("train"), step("check", "train"), step("report", "check"), step("other", "load"))
    start(running)
    running.done("train", State.ERROR, "ValueError: no")
    assert running.take_skipped() == ["check", "report"]
    assert running.take_skipped() == []
    assert running.reasons == {"train": "ValueError: no", "check": "train failed", "report": "check was skipped"}
    running.done("load", State.COMPLETED)
    assert start(running) == ["other"]
    running.done("other", State.COMPLETED)
    assert running.outcome() == (State.ERROR, "train failed: ValueError: no")
    assert running.failed == ["train"]


def test_a_failure_also_skips_those_that_only_come_after_it():
    running = scheduler(step("train"), step("clean", after=("train",)), step("sweep", after=("clean",)))
    start(running)
    running.done("train", State.ERROR, "no")
    assert running.take_skipped() == ["clean", "sweep"]
    assert not running.is_active


def test_the_outcome_names_all_that_failed():
    running = scheduler(step("a"), step("b"), step("c"))
    start(running)
    running.done("b", State.ERROR, "no")
    running.done("c", State.COMPLETED)
    running.done("a", State.ERROR, "neither")
    assert running.outcome() == (State.ERROR, "b failed: no (a failed too)")


def test_a_step_that_was_aborted_by_itself_makes_the_workflow_an_error():
    running = scheduler(step("a"), step("b", "a"))
    start(running)
    running.done("a", State.ABORTED)
    assert running.reasons["b"] == "a was aborted"
    assert running.outcome() == (State.ERROR, "a was aborted")


def test_a_failure_that_is_allowed_lets_those_after_it_go_on_and_skips_those_that_take_from_it():
    allowed = step("try", on_failure=OnFailure.CONTINUE)
    running = scheduler(allowed, step("use", "try"), step("next", after=("try",)), step("last", after=("use",)))
    start(running)
    running.done("try", State.ERROR, "no")
    assert running.reasons["use"] == "try failed"
    assert start(running) == ["next", "last"]
    running.done("next", State.COMPLETED)
    running.done("last", State.COMPLETED)
    assert running.outcome() == (State.COMPLETED, "try failed, which is allowed")
    assert running.failed == ["try"]


def test_a_false_condition_skips_those_that_take_from_the_step_and_not_those_after_it():
    running = scheduler(step("tune"), step("use", "tune"), step("next", after=("tune",)), step("last", after=("use",)))
    start(running)
    running.skip("tune", "when params.deep is false")
    assert running.state_of("tune") is State.SKIPPED
    assert running.reasons == {"tune": "when params.deep is false", "use": "tune was skipped"}
    assert running.take_skipped() == ["use"]
    assert start(running) == ["next", "last"]


def test_a_condition_on_a_skipped_step_skips_too():
    running = scheduler(step("tune"), step("next", when="tune.gain > 0"))
    start(running)
    running.skip("tune", "no")
    assert running.reasons["next"] == "tune was skipped"


@pytest.mark.parametrize("failing_first", [True, False])
def test_what_becomes_of_a_step_does_not_hang_on_which_need_ended_first(failing_first):
    running = scheduler(step("bad"), step("tune"), step("use", "tune", "bad"), step("last", after=("use",)))
    start(running)
    ends = [lambda: running.done("bad", State.ERROR, "no"), lambda: running.skip("tune", "when 0 is false")]
    for end in ends if failing_first else reversed(ends):
        end()
    assert running.reasons["use"] == "bad failed"
    assert running.state_of("last") is State.SKIPPED


def test_no_more_steps_run_at_once_than_the_limit():
    running = scheduler(*(step(name) for name in "abc"), limit=2)
    assert start(running) == ["a", "b"]
    running.done("b", State.COMPLETED)
    assert start(running) == ["c"]


def test_tokens_are_held_while_a_step_runs_and_given_back():
    def half(name):
        return step(name, resources=Resources(cpu=0.1, mem=40))

    running = scheduler(half("a"), half("b"), half("c"), cpu=0.3, mem=100)
    assert start(running) == ["a", "b"]
    running.done("a", State.ERROR)
    assert start(running) == ["c"]


def test_tenths_of_cores_add_up():
    running = scheduler(*(step(f"s{i}", resources=Resources(cpu=0.1)) for i in range(10)), cpu=1.0)
    for _ in range(3):
        nodes = start(running)
        assert len(nodes) == 10 or not nodes
        for node in nodes:
            running.done(node, State.COMPLETED)


def test_a_small_step_passes_one_that_does_not_fit_yet():
    large, small = step("large", resources=Resources(cpu=2)), step("small")
    running = scheduler(step("first"), large, small, cpu=2.0)
    assert start(running) == ["first", "small"]
    running.done("first", State.COMPLETED)
    running.done("small", State.COMPLETED)
    assert start(running) == ["large"]


def test_many_sizes_that_do_not_fit_all_run_in_the_end():
    sizes = [step(f"s{size}", resources=Resources(mem=1_000 - size)) for size in range(200)]
    running = scheduler(*sizes, mem=1_000)
    ended = []
    while running.is_active:
        for node in start(running):
            running.done(node, State.COMPLETED)
            ended.append(node)
    assert ended == [each.name for each in sizes]


def test_each_step_gets_devices_of_its_own():
    def wanting(name, gpus):
        return step(name, resources=Resources(gpu=gpus))

    running = scheduler(wanting("a", 1), wanting("b", 2), wanting("c", 1), gpus=3)
    assert {ready.node: ready.gpus for ready in running.ready()} == {"a": (0,), "b": (1, 2)}
    running.done("a", State.COMPLETED)
    assert [ready.gpus for ready in running.ready()] == [(0,)]


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        (Resources(cpu=4), "wants 4 cpu, and there are 2.0 in all"),
        (Resources(mem=200), "wants 200 mem, and there are 100 in all"),
        (Resources(gpu=1), "wants 1 gpu, and there are 0 in all"),
        (Resources(cpu=float("inf")), "wants inf cpu"),
        (Resources(cpu=-1), "wants less than nothing"),
        (Resources(cpu=float("nan")), "wants less than nothing"),
    ],
)
def test_a_step_that_wants_more_than_there_is_can_not_begin(resources, words):
    with pytest.raises(WorkflowError, match=rf"step 'train' \(line 7\) {words}"):
        scheduler(step("train", resources=resources, line=7), cpu=2.0, mem=100)


def test_a_foreach_step_is_expanded_into_items_that_take_the_tokens():
    fan = step("fan", foreach={"k": [1, 2, 3]})
    running = scheduler(fan, step("busy"), step("gather", "fan"), limit=1)
    assert start(running) == ["fan", "busy"]  # to be expanded it takes no place
    running.expand("fan", 3)
    assert running.state_of("fan") is State.RUNNING
    assert start(running) == []
    running.done("busy", State.COMPLETED)
    for number in range(3):
        (ready,) = running.ready()
        assert (ready.node, ready.step) == (f"fan[{number}]", fan)
        running.done(ready.node, State.COMPLETED)
    assert running.state_of("fan") is State.COMPLETED
    assert start(running) == ["gather"]


def test_a_foreach_over_nothing_is_completed():
    running = scheduler(step("fan", foreach={"k": []}), step("gather", "fan"))
    start(running)
    running.expand("fan", 0)
    assert running.state_of("fan") is State.COMPLETED
    assert running.reasons["fan"] == "0 items"
    assert start(running) == ["gather"]


def test_a_foreach_step_may_be_skipped_or_fail_before_it_is_expanded():
    running = scheduler(step("a", foreach={"k": []}), step("b", foreach={"k": []}))
    start(running)
    running.skip("a", "when 0 is false")
    running.done("b", State.ERROR, "5 is no list")
    assert running.outcome() == (State.ERROR, "b failed: 5 is no list")


def expanded(*ends, on_failure=OnFailure.STOP):
    running = scheduler(step("fan", foreach={"k": []}, on_failure=on_failure), step("gather", "fan"))
    start(running)
    running.expand("fan", len(ends))
    for node, end in zip(start(running), ends, strict=True):
        running.done(node, end, "boom" if end is State.ERROR else "")
    return running


def test_a_failing_item_lets_the_others_end_and_then_fails_the_step():
    running = expanded(State.COMPLETED, State.ERROR, State.COMPLETED, State.ERROR)
    assert running.state_of("fan") is State.ERROR
    assert running.reasons["gather"] == "fan failed"
    assert running.outcome() == (State.ERROR, "fan failed: 2 of 4 items failed; fan[1] failed: boom")


def test_a_failing_item_that_is_allowed_leaves_the_others_to_gather():
    running = expanded(State.COMPLETED, State.ERROR, on_failure=OnFailure.CONTINUE)
    assert running.state_of("fan") is State.COMPLETED
    assert running.reasons["fan"] == "1 of 2 items failed; fan[1] failed: boom"
    assert start(running) == ["gather"]


def test_items_that_all_fail_leave_nothing_to_gather():
    running = expanded(State.ERROR, State.ERROR, on_failure=OnFailure.CONTINUE)
    assert running.state_of("gather") is State.SKIPPED
    assert running.outcome() == (State.COMPLETED, "fan failed, which is allowed")


def test_a_step_whose_items_are_all_cached_is_cached():
    assert expanded(State.CACHED, State.CACHED).state_of("fan") is State.CACHED
    assert expanded(State.CACHED, State.COMPLETED).state_of("fan") is State.COMPLETED


def test_after_an_abort_nothing_starts_and_what_runs_is_waited_for():
    running = scheduler(step("a"), step("b"), step("c", "a"), step("d", "c"), limit=1)
    assert start(running) == ["a"]
    running.abort()
    running.abort()
    assert start(running) == []
    assert running.take_skipped() == ["b", "c", "d"]
    assert running.reasons["c"] == "aborted"
    assert running.is_active
    running.done("a", State.COMPLETED)
    assert not running.is_active
    assert running.outcome() == (State.ABORTED, "aborted")


def test_an_abort_ends_a_half_done_foreach():
    running = scheduler(step("fan", foreach={"k": []}), step("gather", "fan"), step("last", "gather"), limit=1)
    start(running)
    running.expand("fan", 3)
    assert start(running) == ["fan[0]"]
    running.abort()
    running.done("fan[0]", State.COMPLETED)
    assert running.state_of("fan") is State.ABORTED
    assert running.state_of("fan[2]") is State.SKIPPED
    assert not running.is_active


def test_an_abort_ends_a_foreach_of_which_nothing_runs():
    running = scheduler(step("fan", foreach={"k": []}), step("gather", "fan"), step("last", "gather"))
    start(running)
    running.expand("fan", 2)
    running.abort()
    assert not running.is_active
    assert running.state_of("fan") is State.ABORTED
    assert sorted(running.take_skipped()) == ["gather", "last"]


def test_an_abort_ends_a_foreach_that_is_being_expanded():
    running = scheduler(step("fan", foreach={"k": []}))
    start(running)
    running.abort()
    running.expand("fan", 2)
    assert not running.is_active


def test_only_what_runs_can_be_done():
    running = scheduler(*DIAMOND)
    with pytest.raises(ValueError, match="'load' doesn't run: it is pending"):
        running.done("load", State.COMPLETED)
    start(running)
    with pytest.raises(ValueError, match="can't be done in state running"):
        running.done("load", State.RUNNING)
    running.done("load", State.COMPLETED)
    with pytest.raises(ValueError, match="it is completed"):
        running.done("load", State.COMPLETED)


def test_a_cycle_is_refused_with_its_path():
    with pytest.raises(WorkflowError, match="a → b → c → a"):
        scheduler(step("a", "c"), step("b", "a"), step("c", "b"))
    with pytest.raises(WorkflowError, match="a → a"):
        scheduler(step("a", after=("a",)))


def test_a_need_that_is_no_step_is_refused_with_the_nearest():
    with pytest.raises(
        WorkflowError, match=r"step 'b' \(line 3\) needs 'trian', which is no step of it\. Did you mean 'train'\?"
    ) as caught:
        graph_of(workflow(step("train"), step("b", "trian", line=3), step("c", "nobody")))
    assert len(caught.value.problems) == 2


def test_a_condition_that_can_not_be_read_is_refused_with_its_step():
    with pytest.raises(WorkflowError, match=r"step 'a': condition .* is a call"):
        scheduler(step("a", when="open('x')"))


CHAIN = workflow(step("a"), step("b", "a"), step("c", after=("b",)), step("side", "a"))


@pytest.mark.parametrize(
    ("chosen", "steps"),
    [
        ({}, {"a", "b", "c", "side"}),
        ({"from_step": "b"}, {"b", "c"}),
        ({"until": "b"}, {"a", "b"}),
        ({"only": "b"}, {"b"}),
        ({"only": ["a", "side"]}, {"a", "side"}),
        ({"from_step": "b", "until": "c"}, {"b", "c"}),
        ({"from_step": "a", "until": "side"}, {"a", "side"}),
    ],
)
def test_a_part_of_the_steps_is_chosen_along_the_edges(chosen, steps):
    assert subset(CHAIN, **chosen) == steps


def test_a_choice_of_a_step_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(WorkflowError, match=r"'sid' is no step\. Did you mean 'side'"):
        subset(CHAIN, only="sid")


def test_a_choice_of_nothing_is_refused():
    with pytest.raises(WorkflowError, match="no step is in all"):
        subset(CHAIN, from_step="side", until="c")
