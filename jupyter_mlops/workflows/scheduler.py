"""Which step may start now, and what the end of one means for the others. No threads, clocks or I/O: events in, steps out.

A step is judged when all that it needs has ended, so what becomes of it never hangs on which of two ended first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jupyter_mlops.errors import ConditionError, WorkflowError, did_you_mean
from jupyter_mlops.records import State
from jupyter_mlops.workflows import conditions
from jupyter_mlops.workflows.graph import Graph
from jupyter_mlops.workflows.nouns import OnFailure, Step, Workflow
from jupyter_mlops.workflows.tokens import Demand, Tokens, micro

_GOOD = frozenset({State.COMPLETED, State.CACHED})
_BAD = frozenset({State.ERROR, State.ABORTED})


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A node that may start now and holds its tokens already. A step with ``foreach`` comes first as itself, to be expanded."""

    node: str
    step: Step
    gpus: tuple[int, ...] = ()


@dataclass(kw_only=True)
class _Items:
    """How far the items of a ``foreach`` are."""

    left: int
    ended: Counter[State]
    first: str = ""


class Scheduler:
    """The state of one run of a workflow's steps.

    Parameters
    ----------
    limit
        Steps at once.
    cpu, mem, gpus
        Tokens in all: cores, bytes, whole devices.

    Attributes
    ----------
    steps
        The steps by name.
    order
        Their names, each after what it needs.
    reasons
        Why a node ended as it did, by node.

    Raises
    ------
    WorkflowError
        The steps have a cycle, need a step that isn't there, or more than there is in all.
    """

    def __init__(self, workflow: Workflow, *, limit: int, cpu: float, mem: int, gpus: int) -> None:
        self.steps = {step.name: step for step in workflow.steps}
        self.reasons: dict[str, str] = {}
        self._graph = graph_of(workflow)
        self._needs = {name: needs(step) for name, step in self.steps.items()}
        self.order = self._graph.order()
        self._rank = {name: rank for rank, name in enumerate(self.steps)}
        total = Demand(slots=max(1, limit), cpu=micro(cpu), mem=mem, gpus=gpus)
        self._tokens = Tokens(total)
        self._demands = {name: _demand(step, total) for name, step in self.steps.items()}
        self._states: dict[str, State] = dict.fromkeys(self.steps, State.PENDING)
        self._waits = {name: len(self._needs[name]) for name in self.steps}
        self._items: dict[str, _Items] = {}
        self._step_of: dict[str, str] = {}
        self._left = len(self.steps)
        self._tainted: set[str] = set()
        self._skipped: list[str] = []
        self._failed: list[str] = []
        self._aborted = False
        for name in self.steps:
            if not self._waits[name]:
                self._enqueue(name)

    # --- what is asked ---

    @property
    def is_active(self) -> bool:
        """Whether anything runs or can still start."""
        return self._left > 0

    @property
    def failed(self) -> list[str]:
        """The steps that failed, in the order in which they did; those that were allowed to are among them."""
        return list(self._failed)

    def state_of(self, node: str) -> State:
        """Return the state of a step, or of one item."""
        return self._states[node]

    def outcome(self) -> tuple[State, str]:
        """Return the state of the whole and why, naming the step that failed."""
        if self.is_active:
            return State.RUNNING, ""
        if self._aborted:
            return State.ABORTED, "aborted"
        guilty = [name for name in self._failed if self.steps[name].on_failure is OnFailure.STOP]
        if guilty:
            first, *others = guilty
            reason = self.reasons.get(first, "")
            also = f" ({_listed(others)} failed too)" if others else ""
            return State.ERROR, f"{first} {self._fate(first)}{': ' if reason else ''}{reason}{also}"
        return State.COMPLETED, f"{_listed(self._failed)} failed, which is allowed" if self._failed else ""

    def take_skipped(self) -> list[str]:
        """Return the steps that were skipped for what became of others since the last call."""
        found, self._skipped = self._skipped, []
        return found

    def ready(self) -> list[Ready]:
        """Return what may start now, as declared; each holds its tokens from here on."""
        found = []
        while (taken := self._tokens.take()) is not None:
            node, gpus = taken
            found.append(Ready(node=node, step=self.steps[self._step_of.get(node, node)], gpus=gpus))
            self._states[node] = State.RUNNING
        return found

    # --- what happens ---

    def done(self, node: str, state: State, reason: str = "") -> None:
        """Take in that a node has ended: completed, cached, error, aborted, or skipped."""
        if not state.finished:
            raise ValueError(f"{node!r} can't be done in state {state!s}.")
        self._release(node)
        if node in self._step_of:
            self._end_item(node, state, reason)
        else:
            self._end(node, state, reason)

    def skip(self, node: str, reason: str) -> None:
        """Take in that a node won't run, as its condition is false: those that come ``after`` it go on."""
        self.done(node, State.SKIPPED, reason)

    def expand(self, node: str, n: int) -> None:
        """Make ``n`` nodes ``node[0]`` … of a step that ``ready`` gave; with none it is completed."""
        self._release(node)
        if n == 0 or self._aborted:
            self._end(node, State.ABORTED if self._aborted else State.COMPLETED, "aborted" if self._aborted else "0 items")
            return
        self._items[node] = _Items(left=n, ended=Counter())
        for number in range(n):
            item = f"{node}[{number}]"
            self._step_of[item] = node
            self._states[item] = State.PENDING
            self._enqueue(node, number, item)

    def abort(self) -> None:
        """Start nothing more. What runs stays so until it is done; what waits is skipped."""
        if self._aborted:
            return
        self._aborted = True
        self._tokens.clear()
        waiting = [node for node, state in self._states.items() if state is State.PENDING]
        for node in waiting:
            if node in self.steps:
                self._note(node, State.SKIPPED, "aborted")
                self._skipped.append(node)
        for node in waiting:  # last: a step whose items have all ended is looked at by those that wait for it
            if node in self._step_of:
                self._end_item(node, State.SKIPPED, "aborted")

    # --- how ---

    def _enqueue(self, name: str, number: int = 0, item: str | None = None) -> None:
        # to be expanded a step needs nothing: its items take the tokens
        demand = Demand() if item is None and self.steps[name].foreach else self._demands[name]
        self._tokens.add((self._rank[name], number), item or name, demand)

    def _release(self, node: str) -> None:
        if not self._tokens.give_back(node):
            raise ValueError(f"{node!r} doesn't run: it is {self._states.get(node, 'no step')!s}.")

    def _end_item(self, node: str, state: State, reason: str) -> None:
        name = self._step_of[node]
        items = self._items[name]
        self._states[node] = state
        if reason:
            self.reasons[node] = reason
        if state in _BAD and not items.first:
            items.first = f"{node} {self._fate(node)}{': ' if reason else ''}{reason}"
        items.ended[state] += 1
        items.left -= 1
        if not items.left:
            self._end(name, *self._whole(name, items))

    def _whole(self, name: str, items: _Items) -> tuple[State, str]:
        """Return what a ``foreach`` has come to, of what its items have."""
        ended, total = items.ended, items.ended.total()
        if self._aborted and (ended[State.ABORTED] or ended[State.SKIPPED]):
            return State.ABORTED, "aborted"
        if bad := ended[State.ERROR] + ended[State.ABORTED]:
            may_go_on = self.steps[name].on_failure is OnFailure.CONTINUE and (ended[State.COMPLETED] or ended[State.CACHED])
            return State.COMPLETED if may_go_on else State.ERROR, f"{bad} of {total} items failed; {items.first}"
        for state in (State.CACHED, State.SKIPPED):
            if ended[state] == total:
                return state, ""
        return State.COMPLETED, ""

    def _end(self, name: str, state: State, reason: str) -> None:
        """Note a step's end, and judge all for whom it was the last thing to wait for."""
        self._note(name, state, reason)
        ended = [name]
        while ended:
            for other in self._graph.followers[ended.pop()]:
                self._waits[other] -= 1
                if self._waits[other] or self._states[other] is not State.PENDING:
                    continue
                if obstacle := self._obstacle(other):
                    self._note(other, State.SKIPPED, obstacle)
                    self._skipped.append(other)
                    ended.append(other)
                else:
                    self._enqueue(other)

    def _note(self, name: str, state: State, reason: str) -> None:
        self._states[name] = state
        self._left -= 1
        if reason:
            self.reasons[name] = reason
        if state in _BAD:
            self._failed.append(name)
            if self.steps[name].on_failure is OnFailure.STOP:
                self._tainted.add(name)

    def _obstacle(self, name: str) -> str:
        """Return why a step can't run after all, or nothing; it passes a failure on, but not that a condition was false."""
        wanted = self._needs[name]
        tainted = [need for need in wanted if need in self._tainted]
        if tainted:
            self._tainted.add(name)
            return f"{tainted[0]} {self._fate(tainted[0])}"
        lost = next((need for need, output in wanted.items() if output and self._states[need] not in _GOOD), None)
        return f"{lost} {self._fate(lost)}" if lost is not None else ""

    def _fate(self, node: str) -> str:
        state = self._states[node]
        return "failed" if state is State.ERROR else f"was {state}"


def needs(step: Step) -> dict[str, bool]:
    """Return the steps that a step needs, and of each whether it needs its outputs, or just its end."""
    asked = sorted(conditions.names(step.when)) if step.when else []
    outputs = [*(ref.step for ref in step.refs), *(where for where, _ in asked if where not in ("", "params"))]
    return {**dict.fromkeys(step.after, False), **dict.fromkeys(outputs, True)}


def graph_of(workflow: Workflow) -> Graph:
    """Return the graph of a workflow's steps.

    Raises
    ------
    WorkflowError
        Names all that is wrong: steps that aren't there, conditions that can't be read; or the path of a cycle.
    """
    edges: dict[str, list[str]] = {}
    problems = []
    for step in workflow.steps:
        try:
            edges[step.name] = list(needs(step))
        except ConditionError as problem:
            problems.append(f"{_place(step)}: {problem}")
            edges[step.name] = []
    for step in workflow.steps:
        for need in edges[step.name]:
            if need not in edges:
                problems.append(f"{_place(step)} needs {need!r}, which is no step of it.{did_you_mean(need, edges)}")
    if problems:
        raise WorkflowError(f"workflow {workflow.name!r}: {' '.join(problems[:10])}", problems=problems)
    graph = Graph(edges)
    if cycle := graph.find_cycle():
        loop = f"the steps wait for each other: {_path(cycle)}. Take one of these edges away."
        raise WorkflowError(f"workflow {workflow.name!r}: {loop}", problems=[loop])
    return graph


def subset(
    workflow: Workflow,
    *,
    from_step: str | Sequence[str] | None = None,
    only: str | Sequence[str] | None = None,
    until: str | Sequence[str] | None = None,
) -> set[str]:
    """Return the steps to run: those named and all after them, just those named, those named and all before; or what is in each.

    Raises
    ------
    WorkflowError
        A step isn't there, or nothing is left to run.
    """
    graph = graph_of(workflow)
    chosen = set(graph.needs)
    if from_step is not None:
        starts = _known(from_step, graph)
        chosen &= graph.descendants(*starts) | set(starts)
    if only is not None:
        chosen &= set(_known(only, graph))
    if until is not None:
        ends = _known(until, graph)
        chosen &= graph.ancestors(*ends) | set(ends)
    if not chosen:
        raise WorkflowError(f"workflow {workflow.name!r}: no step is in all of what was chosen. Choose less narrowly.")
    return chosen


def _known(names: str | Sequence[str], graph: Graph) -> list[str]:
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if name not in graph:
            there = did_you_mean(name, graph.needs) or f" There are {_listed(graph.needs)}."
            raise WorkflowError(f"{name!r} is no step.{there}")
    return names


def _demand(step: Step, total: Demand) -> Demand:
    wants = step.resources
    if not (wants.cpu >= 0 and wants.mem >= 0 and wants.gpu >= 0):
        raise WorkflowError(f"{_place(step)} wants less than nothing: its resources must be 0 or more.")
    for name, want, have in (
        ("cpu", wants.cpu, total.cpu / micro(1)),
        ("mem", wants.mem, total.mem),
        ("gpu", wants.gpu, total.gpus),
    ):
        if want > have:
            raise WorkflowError(f"{_place(step)} wants {want:,} {name}, and there are {have:,} in all. Let it want less.")
    return Demand(slots=1, cpu=micro(wants.cpu), mem=wants.mem, gpus=wants.gpu)


def _place(step: Step) -> str:
    return f"step {step.name!r}" + (f" (line {step.line})" if step.line is not None else "")


def _path(cycle: list[str]) -> str:
    return " → ".join(cycle if len(cycle) <= 12 else [*cycle[:6], "…", *cycle[-6:]])


def _listed(names: Iterable[str], limit: int = 10) -> str:
    names = list(names)
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")
