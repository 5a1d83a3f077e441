"""Runs that belong to a run: the steps of a workflow, the iterations of a sweep. Made here, executed by an Executor."""

from __future__ import annotations

import queue
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_mlops.execution.folder import project_of, write_spec
from jupyter_mlops.records import Failure, Spec, State
from jupyter_mlops.storage.journal import EVENTS, Journal, history, new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.events import Event, History

# what a child doesn't have from its parent
_BLANK: dict[str, Any] = {
    name: getattr(Spec(id="", project="", name=""), name)
    for name in (
        *("function", "version", "params", "inputs", "returns", "runtime", "tags"),
        *("workflow", "step", "iteration", "fingerprint", "facts", "plan"),
    )
}


class Executor(Protocol):
    """Where runs are executed: the worker's kernels, or a cluster. Only ids cross; the rest lies in the run's folder."""

    def start(self, run: str, ended: Callable[[str], None]) -> None:
        """Execute the run whose ``run.json`` is written; ``ended`` is called, in any thread, when its end is in its journal."""

    def stop(self, run: str, reason: str) -> None:
        """Have a run end as aborted; ``ended`` is called as always."""


class Children:
    """The children of one run, and the news of their ends."""

    def __init__(self, folder: Path, spec: Spec, executor: Executor | None) -> None:
        self.parent, self.runs = spec, project_of(folder) / "runs"
        self.alive: set[str] = set()
        self._executor = executor
        self._ended: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    @property
    def executor(self) -> Executor:
        assert self._executor is not None, "these children are only drafted"
        return self._executor

    def draft(self, **fields: Any) -> Spec:
        """Return the spec of a new child; what isn't given is its parent's."""
        own = {"id": new_id(), "created": time.time(), "parent": self.parent.id}
        return replace(self.parent, **{**_BLANK, **own, **fields})

    def start(self, child: Spec) -> str:
        """Have a child executed and return its id."""
        write_spec(self.runs / child.id, child)
        self.alive.add(child.id)
        self.executor.start(child.id, self._ended.put)
        return child.id

    def record(
        self, child: Spec, state: State, reason: str, events: list[Event] | None = None, *, failure: Failure | None = None
    ) -> str:
        """Write down a child that isn't executed: cached, skipped, or refused before it could begin."""
        folder = self.runs / child.id
        write_spec(folder, child)
        with Journal(folder / EVENTS) as journal:
            for event in events or []:
                journal.append(event["e"], **{key: value for key, value in event.items() if key not in ("e", "t")})
            journal.append("state", state=state, reason=reason, **({"failure": asdict(failure)} if failure else {}))
        return child.id

    def next_end(self, timeout: float | None = None) -> str | None:
        """Wait for a child to end and return its id, or None when woken for another reason, or after ``timeout`` seconds."""
        try:
            run = self._ended.get(timeout=timeout)
        except queue.Empty:
            return None
        if run is not None:
            self.alive.discard(run)
        return run

    def wake(self) -> None:
        """Have :meth:`next_end` return."""
        self._ended.put(None)

    def stop(self, reason: str) -> None:
        """Ask all that live to end."""
        for run in list(self.alive):
            self.executor.stop(run, reason)

    def stop_one(self, run: str, reason: str) -> None:
        self.executor.stop(run, reason)

    def story(self, run: str) -> History:
        return history(self.runs / run)
