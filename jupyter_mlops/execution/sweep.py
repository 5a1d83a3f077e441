"""The story of one sweep: a Function or a workflow at many points, the best of which is the sweep's own result."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import values
from jupyter_mlops.errors import MlopsError, did_you_mean
from jupyter_mlops.execution import processes
from jupyter_mlops.execution.adaptive import Study
from jupyter_mlops.execution.children import Children, Executor
from jupyter_mlops.execution.flow import WORKFLOW
from jupyter_mlops.execution.folder import read_spec
from jupyter_mlops.records import Failure, Spec, State
from jupyter_mlops.storage.journal import EVENTS, Journal
from jupyter_mlops.workflows.hyper import Selector, should_stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.events import History
    from jupyter_mlops.execution.limits import Stop

_LOOK = 1.0  # seconds between looks at what living iterations log, for pruning
Row = tuple[State, dict[str, Any]]


def execute(
    folder: Path, *, executor: Executor, stop: Stop, ended: Callable[[], None] = lambda: None, role: str = "worker"
) -> State:
    """Run the sweep in ``folder`` to its end and return its final state; see :func:`jupyter_mlops.execution.flow.execute`."""
    spec = read_spec(folder)
    with Journal(folder / EVENTS) as events:
        events.append("state", state=State.RUNNING, reason="", owner={**processes.identity(), "role": role})
        try:
            sweep = Sweep(folder, spec, executor, events)
            stop.on_request(lambda: sweep.abort(stop.reason))
            state, reason = sweep.run()
        except MlopsError as error:
            state, reason = State.ERROR, f"{type(error).__name__}: {error}"
        failure = {"failure": asdict(Failure(ename="SweepFailed", evalue=reason))} if state is State.ERROR else {}
        events.append("state", state=state, reason=reason, **failure)
    ended()
    return state


class Sweep:
    """One sweep, in the thread that calls :meth:`run`. What is asked for is ``spec.plan["sweep"]``."""

    def __init__(self, folder: Path, spec: Spec, executor: Executor, events: Journal) -> None:
        self.folder, self.spec, self.events = folder, spec, events
        self.asked: dict[str, Any] = spec.plan["sweep"]
        self.children = Children(folder, spec, executor)
        self.rows: dict[int, Row] = {}
        self.stories: dict[int, History] = {}
        self.numbers: dict[str, int] = {}
        self.aborted = ""
        self.enough = ""
        select = self.asked.get("select")
        self.selector = Selector.parse(select) if select else None
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.parallel = int(self.asked.get("parallel") or cores)
        self.study = Study(self.asked) if self.asked.get("optuna") else None
        self.points = self.study if self.study is not None else self._points()

    def run(self) -> tuple[State, str]:
        """Start and await iterations until all are done, or enough is known."""
        more = True
        while more or self.children.alive:
            while more and not self._is_over and len(self.children.alive) < self.parallel:
                more = self._begin()
            if self._is_over:
                more = False
            if self.children.alive:
                self._take(self.children.next_end(_LOOK if self.study is not None else None))
                self._prune()
        return self._conclude()

    def abort(self, reason: str) -> None:
        """End all iterations; called from another thread."""
        self.aborted = reason or "aborted"
        self.events.append("state", state=State.ABORTING, reason=self.aborted)
        self.children.wake()

    def _prune(self) -> None:
        """Give up on iterations of which Optuna expects nothing any more, by what they log."""
        if self.study is None:
            return
        for run in list(self.children.alive):
            if self.study.gives_up(self.numbers[run], self.children.story(run).metrics):
                self.children.stop_one(run, "pruned")

    @property
    def _is_over(self) -> bool:
        return bool(self.aborted or self.enough)

    def _points(self) -> Iterator[dict[str, Any]]:
        for point in self.asked["points"]:
            yield {name: values.decode(value) for name, value in point.items()}

    def _begin(self) -> bool:
        """Start the next iteration; False when there is none."""
        point = next(self.points, None)
        if point is None:
            return False
        number = len(self.numbers) + 1
        encoded = {name: values.encode(value) for name, value in point.items()}
        spec = self.spec
        child = self.children.draft(
            name=f"{spec.name}[{number}]",
            function=spec.function,
            version=spec.version,
            workflow=spec.workflow,
            params={**spec.params, **encoded},
            inputs=spec.inputs,
            returns=spec.returns,
            runtime=spec.runtime,
            iteration=number,
            plan={key: value for key, value in spec.plan.items() if key != "sweep"} if spec.workflow else {},
        )
        if spec.workflow:
            (self.children.runs / child.id).mkdir(parents=True)
            (self.children.runs / child.id / WORKFLOW).write_bytes((self.folder / WORKFLOW).read_bytes())
        self.numbers[child.id] = number
        self.children.start(child)  # first: who reads of it looks into its folder
        self.events.append("step", node=f"[{number}]", step="", state=State.RUNNING, run=child.id, reason="")
        return True

    def _take(self, run: str | None) -> None:
        if self._is_over:
            self.children.stop(self.aborted or self.enough)
        if run is None:
            return
        number, story = self.numbers[run], self.children.story(run)
        results = {key: values.peek(value) for key, value in story.results.items()}
        self.rows[number], self.stories[number] = (story.state, results), story
        self.events.append("step", node=f"[{number}]", step="", state=story.state, run=run, reason=story.reason)
        self.events.append("progress", done=len(self.rows), total=self.asked.get("total"), label="iterations")
        if self.study is not None:
            self.study.tell(number, story.state, results)
        self._judge(results)

    def _judge(self, results: dict[str, Any]) -> None:
        stop, allowed = self.asked.get("stop"), self.asked.get("max_errors")
        errors = sum(state is State.ERROR for state, _ in self.rows.values())
        if stop and should_stop(stop, results):
            self.enough = f"stopped, as {stop}"
        elif allowed is not None and errors > int(allowed):
            self.enough = f"{errors} iterations failed, more than the {allowed} allowed"
        if self.enough and self.children.alive:
            self.children.stop(self.enough)

    def _conclude(self) -> tuple[State, str]:
        numbers = sorted(self.rows)
        rows = [self.rows[number] for number in numbers]
        best = self.selector.best(rows) if self.selector is not None else None
        if best is not None:
            self._keep(numbers[best])
        errors = [number for number in numbers if self.rows[number][0] is State.ERROR]
        if self.aborted:
            return State.ABORTED, self.aborted
        allowed = self.asked.get("max_errors")
        failed = ""
        if errors:
            first = self.stories[errors[0]].reason
            failed = f"{len(errors)} of {len(numbers)} iterations failed; iteration {errors[0]}: {first}"
        if errors and (len(errors) == len(numbers) or (allowed is not None and len(errors) > int(allowed))):
            return State.ERROR, failed
        missed = self._missed(rows) if self.selector is not None and best is None else ""
        return State.COMPLETED, "; ".join(filter(None, [self.enough, failed, missed]))

    def _missed(self, rows: list[Row]) -> str:
        """Say that there is no best, as no iteration has what it is looked for by."""
        known = dict.fromkeys(key for _, results in rows for key, value in results.items() if values.number(value) is not None)
        wanted = self.selector.result if self.selector is not None else ""
        hint = did_you_mean(wanted, known) or (f" There are {', '.join(known)}." if known else "")
        return f"no iteration gave a number {wanted!r} to select by.{hint}"

    def _keep(self, number: int) -> None:
        """Make the best iteration's results and artifacts the sweep's own."""
        story = self.stories[number]
        self.events.append("result", key="best_iteration", value=number)
        for key, value in story.results.items():
            self.events.append("result", key=key, value=value)
        for artifact in story.artifacts.values():
            self.events.append("link", artifact=json.loads(json.dumps(asdict(artifact))))
