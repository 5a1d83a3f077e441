"""The story of one workflow run: steps start the moment their inputs exist, and each end is written down as it comes."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import config, values
from jupyter_mlops.errors import MlopsError, ParameterError, WorkflowError
from jupyter_mlops.execution import processes
from jupyter_mlops.execution.children import Children, Executor
from jupyter_mlops.execution.folder import project_of, read_spec
from jupyter_mlops.execution.reuse import Past
from jupyter_mlops.execution.stepfacts import facts_of
from jupyter_mlops.execution.wiring import Wiring, split
from jupyter_mlops.functions.arguments import check_inputs, check_params, limits
from jupyter_mlops.functions.store import FunctionStore
from jupyter_mlops.records import Artifact, Failure, Function, Spec, State
from jupyter_mlops.storage.journal import EVENTS, Journal
from jupyter_mlops.workflows import conditions
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows.cache import fingerprint
from jupyter_mlops.workflows.hyper import ask
from jupyter_mlops.workflows.nouns import Ref, Step, Workflow
from jupyter_mlops.workflows.scheduler import Ready, Scheduler, graph_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.events import History
    from jupyter_mlops.execution.limits import Stop

WORKFLOW = "workflow.yaml"
EXIT = "on_exit"


def execute(
    folder: Path, *, executor: Executor, stop: Stop, ended: Callable[[], None] = lambda: None, role: str = "worker"
) -> State:
    """Run the workflow in ``folder`` to its end and return its final state.

    Parameters
    ----------
    executor
        Executes the steps' runs.
    stop
        Ends all of them when requested.
    ended
        Called when the final state is written.
    """
    spec = read_spec(folder)
    with Journal(folder / EVENTS) as events:
        events.append("state", state=State.RUNNING, reason="", owner={**processes.identity(), "role": role})
        try:
            workflow = yaml.load((folder / WORKFLOW).read_text(encoding="utf-8"), file=WORKFLOW)
            flow = Flow(project_of(folder), spec, workflow, Children(folder, spec, executor), events)
            stop.on_request(lambda: flow.abort(stop.reason))
            state, reason = flow.run()
        except MlopsError as error:  # the workflow's file or a Function's version is gone: it can't even begin
            state, reason = State.ERROR, f"{type(error).__name__}: {error}"
        failure = {"failure": asdict(Failure(ename="StepFailed", evalue=reason))} if state is State.ERROR else {}
        events.append("state", state=state, reason=reason, **failure)
    ended()
    return state


class Flow:
    """One run of a workflow, in the thread that calls :meth:`run`."""

    def __init__(self, project: Path, spec: Spec, workflow: Workflow, children: Children, events: Journal | None) -> None:
        self.project, self.spec, self.workflow, self.children, self.events = project, spec, workflow, children, events
        self.settings = config.load(self.project)
        self.functions = Functions(self.project, spec.plan.get("functions", {}))
        self.past = Past(self.project)
        self.scheduler = Scheduler(self.workflow, **_totals(spec.plan))
        self.selected = set(spec.plan["selected"]) if spec.plan.get("selected") is not None else None
        # only what the selected steps build upon is taken from its last run; what comes after them would be out of date
        self.before = graph_of(workflow).ancestors(*self.selected) - self.selected if self.selected is not None else set()
        self.resumed = dict(spec.plan.get("resumed", {}))
        self.runs: dict[str, str] = {}  # node: the run that stands for it
        self.nodes: dict[str, str] = {}  # living run: its node
        self.items: dict[str, list[dict[str, Any]]] = {}  # foreach step: what each of its items takes
        self.aborted = ""
        params = {name: values.decode(value) for name, value in spec.params.items()}
        self.wiring = Wiring(self.project, spec.project, params, self._story_of, Path(spec.cwd or self.project))

    def run(self) -> tuple[State, str]:
        """Start and await steps until none is left; then the exit handler."""
        while self.scheduler.is_active:
            while batch := self.scheduler.ready():  # again, as what is cached or skipped at once makes room for others
                for ready in batch:
                    self._begin(ready)
            if self.children.alive:
                self._take(self.children.next_end())
        self._note_skipped()
        state, reason = self.scheduler.outcome()
        if self.aborted:
            state, reason = State.ABORTED, self.aborted
        if state is State.COMPLETED:
            self._give()
        if self.workflow.on_exit is not None:
            self._exit(self.workflow.on_exit, state, reason)
        return state, reason

    def _give(self) -> None:
        """Make the workflow's ``outputs`` results and artifacts of its run; those of skipped steps aren't there."""
        for name, given in self.workflow.outputs.items():
            try:
                found = self.wiring.one(given) if isinstance(given, Ref) else self.wiring.value(given)
            except (MlopsError, KeyError):
                continue
            if self.events is not None and isinstance(found, Artifact):
                self.events.append("link", artifact={**asdict(found), "key": name})
            elif self.events is not None:
                self.events.append("result", key=name, value=values.encode(found))

    def abort(self, reason: str) -> None:
        """End all steps; called from another thread."""
        self.aborted = reason or "aborted"
        if self.events is not None:
            self.events.append("state", state=State.ABORTING, reason=self.aborted)
        self.children.wake()

    # --- one step ---

    def _begin(self, ready: Ready) -> None:
        step, node = ready.step, ready.node
        try:
            if self.aborted:
                self.scheduler.abort()
                self._note(node, step, State.ABORTED, None, self.aborted)
                self.scheduler.done(node, State.ABORTED, self.aborted)
            elif (run := self._given(step, node)) is not None:
                self._reuse(step, node, run)
            elif not self._is_selected(step) and step.name not in self.before:
                self._skip(step, node, "not selected")
            elif step.when is not None and node == step.name and not self.holds(step):
                self._skip(step, node, f"when {step.when} is false")
            elif step.foreach and node == step.name:
                self._expand(step)
            elif not self._is_selected(step):
                raise WorkflowError(f"no earlier run of {node} has completed, and what was chosen builds on it. Run it, too.")
            else:
                self._start(ready)
        except MlopsError as error:
            self._refuse(step, node, error)

    def _is_selected(self, step: Step) -> bool:
        return self.selected is None or step.name in self.selected

    def _given(self, step: Step, node: str) -> str | None:
        """Return the earlier run that a step is taken from without asking: not selected now, or done before a resume."""
        if node in self.resumed and self._still_fits(step, node, self.resumed[node]):
            return str(self.resumed[node])
        if step.name in self.before and (node != step.name or not step.foreach):
            found = self.past.latest(self.workflow.name, node)
            return found if found is not None and self.past.is_whole(found) else None
        return None

    def _still_fits(self, step: Step, node: str, run: str) -> bool:
        """Whether what a step gave before a resume is what it would be asked for now, whatever its code is now."""
        if not self.past.is_whole(run):
            return False
        made_of = self.past.spec(run).facts.get("made_of")
        if step.workflow is not None or not made_of:
            return True
        now = self.call(step, node).facts["made_of"]
        return all(now[name] == made_of[name] for name in ("params", "inputs", "sources"))

    def holds(self, step: Step) -> bool:
        """Whether a step's condition is true."""
        known = [f"params.{name}" for name in self.wiring.params]
        return bool(conditions.evaluate(step.when or "", self.wiring.look_up, known=known))

    def _expand(self, step: Step) -> None:
        rows = self.spread(step)
        self._note(step.name, step, State.RUNNING, None, f"{len(rows)} items", total=len(rows))
        self.scheduler.expand(step.name, len(rows))
        if not rows:
            self._note(step.name, step, State.COMPLETED, None, "0 items", total=0)
            self._note_skipped()

    def spread(self, step: Step) -> list[dict[str, Any]]:
        """Return what each item of a ``foreach`` takes."""
        lists = {name: self.wiring.items(given) for name, given in step.foreach.items()}
        if len({len(items) for items in lists.values()}) > 1:
            lengths = ", ".join(f"{name} {len(items)}" for name, items in lists.items())
            raise ParameterError(f"the lists of a foreach must be of one length; they are {lengths}.")
        rows = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
        self.items[step.name] = rows
        return rows

    def _start(self, ready: Ready) -> None:
        step, node = ready.step, ready.node
        if step.workflow is not None:
            child = self._nested(step, node)
        else:
            child = self.call(step, node, ready.gpus)
            allowed = child.fingerprint is not None and self.spec.plan.get("cache", True)
            if allowed and (use := self.past.match(str(child.fingerprint))) is not None:
                self._reuse(step, node, use, child)
                return
        self.nodes[child.id] = node
        self.runs[node] = child.id
        self.children.start(child)  # first: who reads of it looks into its folder
        self._note(node, step, State.RUNNING, child.id, "")

    def call(self, step: Step, node: str, gpus: tuple[int, ...] = ()) -> Spec:
        """Return the spec of a step's run, checked as a call of its Function is."""
        function = self.functions.of(step)
        swept = ask(**step.sweep) if step.sweep else None
        given = {**step.params, **step.inputs, **(swept.first if swept else {})}
        params, inputs = split(function, given, self._item(step, node))
        plain = {name: self.wiring.value(value) for name, value in params.items()}
        encoded = check_params(function, plain, self.settings.params)
        check_inputs(function, inputs)
        sources = {item.name: self.wiring.source(item, inputs.get(item.name, item.default)) for item in function.inputs}
        runtime = limits(function.runtime, self.settings.functions.get(function.name), _attributes(step, gpus))
        plan = {"sweep": swept.encoded()} if swept else {}
        facts = facts_of(self.project, function, {**encoded, **plan}, sources, runtime, self.settings)
        return self.children.draft(
            name=node,
            function=function.name,
            version=function.version,
            params=encoded,
            inputs=sources,
            returns=function.returns,
            runtime=runtime,
            step=node,
            plan=plan,
            facts=facts,
            fingerprint=fingerprint(**facts["made_of"]) if step.cache else None,
        )

    def _nested(self, step: Step, node: str) -> Spec:
        plans = self.spec.plan.get("workflows", {})
        inner = plans[step.workflow]
        given = {**step.params, **self._item(step, node)}
        params = {name: values.encode(self.wiring.value(value)) for name, value in given.items()}
        child = self.children.draft(
            name=node,
            workflow=step.workflow,
            version=inner["version"],
            params={**inner["params"], **params},
            step=node,
            plan={**inner["plan"], "workflows": plans, "cache": step.cache and self.spec.plan.get("cache", True)},
        )
        folder = self.children.runs / child.id
        folder.mkdir(parents=True)
        (folder / WORKFLOW).write_text(inner["text"], encoding="utf-8")
        return child

    def _item(self, step: Step, node: str) -> dict[str, Any]:
        if not step.foreach:
            return {}
        number = int(node[len(step.name) + 1 : -1])
        return self.items[step.name][number]

    # --- what becomes of it ---

    def _take(self, run: str | None) -> None:
        if self.aborted:
            self.children.stop(self.aborted)
            self.scheduler.abort()
        if run is None:
            return
        node = self.nodes.pop(run, None)
        if node is None:
            return
        story = self.children.story(run)
        step = self.scheduler.steps[_name(node)]
        self._note(node, step, story.state, run, story.reason)
        self.scheduler.done(node, story.state, story.reason)
        self._note_whole(step, node)

    def _reuse(self, step: Step, node: str, run: str, child: Spec | None = None) -> None:
        earlier = self.past.spec(run)
        child = child or replace(earlier, **_fresh(self.children.draft(step=node, name=node)))
        reason = f"as in {run}"
        self.runs[node] = self.children.record(child, State.CACHED, reason, self.past.outputs(run))
        self._note(node, step, State.CACHED, child.id, reason)
        self.scheduler.done(node, State.CACHED, reason)
        self._note_whole(step, node)

    def _skip(self, step: Step, node: str, reason: str) -> None:
        self._note(node, step, State.SKIPPED, None, reason)
        self.scheduler.skip(node, reason)
        self._note_skipped()

    def _refuse(self, step: Step, node: str, error: MlopsError) -> None:
        """Record a step that can't begin: what it was to get isn't there, or doesn't fit."""
        failure = Failure(ename=type(error).__name__, evalue=str(error))
        child = self.children.draft(name=node, step=node, function=_plain_name(step.function))
        run = self.children.record(child, State.ERROR, f"{type(error).__name__}: {error}", failure=failure)
        self.runs[node] = run
        self._note(node, step, State.ERROR, run, str(error))
        self.scheduler.done(node, State.ERROR, str(error))
        self._note_whole(step, node)

    def _note(self, node: str, step: Step, state: State, run: str | None, reason: str, **more: Any) -> None:
        if self.events is not None:  # None when it is only asked what would happen
            self.events.append("step", node=node, step=step.name, state=state, run=run, reason=reason, **more)

    def _note_whole(self, step: Step, node: str) -> None:
        """After an item of a ``foreach``: the state of the step as a whole, and of those its end has skipped."""
        if node != step.name and (state := self.scheduler.state_of(step.name)).finished:
            self._note(step.name, step, state, None, self.scheduler.reasons.get(step.name, ""))
        self._note_skipped()

    def _note_skipped(self) -> None:
        for name in self.scheduler.take_skipped():
            self._note(name, self.scheduler.steps[name], State.SKIPPED, None, self.scheduler.reasons.get(name, ""))

    def _story_of(self, step: str) -> History | list[History]:
        if step in self.items:
            runs = [self.runs.get(f"{step}[{number}]") for number in range(len(self.items[step]))]
            stories = [self.children.story(run) for run in runs if run is not None]
            # an item that failed, and was allowed to, gives nothing; the scheduler is not asked, as explain starts nothing
            return [story for story in stories if story.state in (State.COMPLETED, State.CACHED)]
        return self.children.story(self.runs[step])

    def _exit(self, step: Step, state: State, reason: str) -> None:
        """Run the exit handler; what becomes of it doesn't change the outcome."""
        facts = {"state": str(state), "reason": reason, "failed": self.scheduler.failed}
        self.wiring.outcome = facts
        try:
            child = replace(self.call(step, EXIT), fingerprint=None)
        except MlopsError as error:
            self._note(EXIT, step, State.ERROR, None, str(error))
            return
        self.children.start(child)
        self._note(EXIT, step, State.RUNNING, child.id, "")
        while child.id in self.children.alive:
            self.children.next_end()
        story = self.children.story(child.id)
        self._note(EXIT, step, story.state, child.id, story.reason)


class Functions:
    """The Functions of one workflow run, at the versions they had when it was asked for."""

    def __init__(self, project: Path, versions: dict[str, str]) -> None:
        self._store, self._versions = FunctionStore(project), versions
        self._found: dict[str, Function] = {}

    def of(self, step: Step) -> Function:
        """Return the Function that a step calls."""
        reference = str(step.function)
        if reference not in self._found:
            version = self._versions.get(reference)
            name = _plain_name(reference)
            self._found[reference] = self._store.get(f"{name}@{version}" if version else reference)[0]
        return self._found[reference]


def _totals(plan: dict[str, Any]) -> dict[str, Any]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = int(plan.get("parallel") or cores)
    # a step that says nothing takes one core, and --parallel 8 means eight such steps whatever the machine has
    return {"limit": limit, "cpu": float(max(cores, limit)), "mem": processes.total_memory(), "gpus": int(plan.get("gpus") or 0)}


def _attributes(step: Step, gpus: tuple[int, ...]) -> dict[str, Any]:
    env = {**step.env, **({"CUDA_VISIBLE_DEVICES": ",".join(map(str, gpus))} if gpus else {})}
    said = {"timeout": step.timeout, "retries": step.retries, "backoff": step.backoff, "env": env or None}
    return {**said, "memory": step.resources.mem or None}


def _fresh(draft: Spec) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in ("id", "created", "parent", "step", "name", "user", "host", "origin", "tags")}


def _plain_name(reference: str | None) -> str | None:
    return None if reference is None else reference.partition("@")[0].partition(":")[0]


def _name(node: str) -> str:
    return node.partition("[")[0]
