"""The scheduler against a simple reference, on any graph, with any fates and in any order of events."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.records import State
from jupyter_mlops.workflows.nouns import OnFailure, Ref, Resources, Step, Workflow
from jupyter_mlops.workflows.scheduler import Scheduler, needs

GOOD = (State.COMPLETED, State.CACHED)
FATES = st.sampled_from(
    [State.COMPLETED, State.COMPLETED, State.COMPLETED, State.CACHED, State.ERROR, State.SKIPPED, State.ABORTED]
)


@dataclass
class Case:
    """A workflow, what each of its nodes will come to when it runs, and how much may run at once."""

    workflow: Workflow
    fates: dict[str, State]
    sizes: dict[str, int]
    limit: int
    cpu: float
    gpus: int

    def scheduler(self):
        return Scheduler(self.workflow, limit=self.limit, cpu=self.cpu, mem=0, gpus=self.gpus)


@st.composite
def cases(draw):
    names = [f"s{index}" for index in range(draw(st.integers(1, 10)))]
    cpu, gpus = draw(st.sampled_from([1.0, 2.5, 4.0])), draw(st.integers(0, 3))
    steps, sizes, fates = [], {}, {}
    for index, name in enumerate(names):
        before = st.lists(st.sampled_from(names[:index]), unique=True, max_size=3) if index else st.just([])
        asked = draw(before)[:1]
        step = Step(
            name=name,
            function="f",
            inputs={other: Ref(step=other, output="x") for other in draw(before)},
            after=tuple(draw(before)),
            when=f"{asked[0]}.x > 0" if asked else None,
            foreach={"k": [1]} if draw(st.booleans()) else {},
            resources=Resources(cpu=draw(st.sampled_from([0.0, 0.1, 0.5, 1.0, cpu])), gpu=draw(st.integers(0, gpus))),
            on_failure=draw(st.sampled_from(OnFailure)),
        )
        steps.append(step)
        sizes[name] = draw(st.integers(0, 4)) if step.foreach else 0
        for node in [name, *(f"{name}[{number}]" for number in range(sizes[name]))]:
            fates[node] = draw(FATES)
    workflow = Workflow(name="w", steps=tuple(draw(st.permutations(steps))))
    return Case(workflow, fates, sizes, draw(st.integers(1, 4)), cpu, gpus)


def expected(case):
    """Return the final state of every step, worked out step by step with nothing but what its needs came to."""
    found: dict[str, State] = {}
    passing_on: set[str] = set()
    for step in sorted(case.workflow.steps, key=lambda step: int(step.name[1:])):  # names count up along the edges
        blamed = any(need in passing_on for need in needs(step))
        if blamed or any(output and found[need] not in GOOD for need, output in needs(step).items()):
            found[step.name] = State.SKIPPED
        else:
            found[step.name] = fate(case, step)
        if blamed or (found[step.name] in (State.ERROR, State.ABORTED) and step.on_failure is OnFailure.STOP):
            passing_on.add(step.name)
    return found


def fate(case, step):
    if not step.foreach or case.fates[step.name] not in GOOD:
        return case.fates[step.name]
    ends = [case.fates[f"{step.name}[{number}]"] for number in range(case.sizes[step.name])]
    if any(end in (State.ERROR, State.ABORTED) for end in ends):
        going_on = step.on_failure is OnFailure.CONTINUE and any(end in GOOD for end in ends)
        return State.COMPLETED if going_on else State.ERROR
    return next((state for state in (State.CACHED, State.SKIPPED) if ends and set(ends) == {state}), State.COMPLETED)


class World:
    """Runs a scheduler to its end, events in the order that ``choose`` says, and checks all that must hold on the way."""

    def __init__(self, case, choose, abort_after=None):
        self.case, self.choose, self.abort_after = case, choose, abort_after
        self.scheduler = case.scheduler()
        self.running = {}
        self.started = []

    def play(self):
        events = 0
        while self.scheduler.is_active:
            if events == self.abort_after:
                self.scheduler.abort()
            for ready in self.scheduler.ready():
                self.start(ready)
            assert not self.scheduler.ready()
            self.check_tokens()
            if not self.running:
                assert not self.scheduler.is_active, "nothing runs, and still there is something to wait for"
                break
            self.end(self.choose(sorted(self.running)))
            events += 1
        assert not self.running
        assert self.scheduler.ready() == []
        return self.scheduler

    def start(self, ready):
        assert ready.node not in self.started
        self.started.append(ready.node)
        for need, output in needs(ready.step).items():
            state = self.scheduler.state_of(need)
            assert state.finished
            assert not output or state in GOOD
        self.running[ready.node] = ready

    def end(self, node):
        ready = self.running.pop(node)
        if ready.step.foreach and node == ready.step.name and self.case.fates[node] in GOOD:
            self.scheduler.expand(node, self.case.sizes[node])
        else:
            self.scheduler.done(node, self.case.fates[node])

    def check_tokens(self):
        taking = [ready for ready in self.running.values() if not (ready.step.foreach and ready.node == ready.step.name)]
        devices = [device for ready in taking for device in ready.gpus]
        assert len(taking) <= self.case.limit
        assert sum(ready.step.resources.cpu for ready in taking) <= self.case.cpu + 1e-6
        assert len(set(devices)) == len(devices)
        assert set(devices) <= set(range(self.case.gpus))
        assert all(len(ready.gpus) == ready.step.resources.gpu for ready in taking)


def chooser(data):
    return lambda names: data.draw(st.sampled_from(names))


@given(cases(), st.data())
@settings(max_examples=300, deadline=None)
def test_every_step_comes_to_what_the_reference_says_whatever_ends_first(case, data):
    world = World(case, chooser(data))
    scheduler = world.play()
    wanted = expected(case)
    assert {step.name: scheduler.state_of(step.name) for step in case.workflow.steps} == wanted
    by_name = {step.name: step for step in case.workflow.steps}
    guilty = [
        name for name, state in wanted.items()
        if state in (State.ERROR, State.ABORTED) and by_name[name].on_failure is OnFailure.STOP
    ]  # fmt: skip
    assert scheduler.outcome()[0] is (State.ERROR if guilty else State.COMPLETED)


@given(cases(), st.data())
@settings(max_examples=200, deadline=None)
def test_what_is_skipped_is_told_once_with_a_reason_and_has_not_started(case, data):
    world = World(case, chooser(data))
    scheduler = world.play()
    told = scheduler.take_skipped()
    assert len(set(told)) == len(told)
    assert not set(told) & set(world.started)
    assert all(scheduler.state_of(name) is State.SKIPPED and scheduler.reasons[name] for name in told)
    assert {step.name for step in case.workflow.steps} == {*told, *(name for name in world.started if "[" not in name)}


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_same_events_start_the_same_steps_in_the_same_order(case, random):
    seed = random.getstate()
    first = World(case, random.choice)
    first.play()
    random.setstate(seed)
    second = World(case, random.choice)
    second.play()
    assert first.started == second.started


@given(cases(), st.integers(0, 12), st.data())
@settings(max_examples=200, deadline=None)
def test_an_abort_at_any_moment_ends_with_every_step_in_a_final_state(case, moment, data):
    world = World(case, chooser(data), abort_after=moment)
    scheduler = world.play()
    assert all(scheduler.state_of(step.name).finished for step in case.workflow.steps)
