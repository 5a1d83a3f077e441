"""The story of one run, from its ``run.json`` to its end. Needs a loop for kernels; works in the thread that calls."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import papermill

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution import engine, prelude, processes, provenance
from jupyter_mlops.execution.cells import Book, Execution
from jupyter_mlops.execution.folder import FILES, LOG, NOTEBOOK, project_of, read_spec, write_spec
from jupyter_mlops.execution.limits import Stop, Watch
from jupyter_mlops.execution.logfile import LogFile
from jupyter_mlops.execution.outcomes import Outcome, refused
from jupyter_mlops.functions.notebook import build
from jupyter_mlops.functions.store import FunctionStore
from jupyter_mlops.records import Spec, State
from jupyter_mlops.storage import journal
from jupyter_mlops.storage.journal import EVENTS, Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from nbformat import NotebookNode

    from jupyter_mlops.execution.kernels import Kernels, Lease

__all__ = ["Stop", "execute", "read_spec", "write_spec"]


def execute(
    folder: Path,
    *,
    kernels: Kernels,
    loop: asyncio.AbstractEventLoop,
    stop: Stop,
    environ: dict[str, str] | None = None,
    announce: Callable[[Path, int | None], None] = lambda folder, pid: None,
) -> State:
    """Execute the run in ``folder`` and return its final state, which is also the last line of its journal.

    Parameters
    ----------
    kernels, loop
        The pool, and the running loop (of another thread) that it lives on.
    stop
        Ends the run when requested.
    environ
        The submitter's environment variables; None means this process's. Never written anywhere.
    announce
        Told the kernel's process number when there is one, and None when the run has no kernel any more.
    """
    spec = read_spec(folder)
    with Journal(folder / EVENTS) as events, LogFile(folder / LOG) as log:
        run = _Run(folder, spec, events, log, kernels, loop, stop, environ, announce)
        events.append("state", state=State.RUNNING, reason="", owner=processes.identity())
        stop.on_request(run.note_abort)
        return run.conclude(run.attempts())


@dataclass
class _Run:
    folder: Path
    spec: Spec
    events: Journal
    log: LogFile
    kernels: Kernels
    loop: asyncio.AbstractEventLoop
    stop: Stop
    environ: dict[str, str] | None
    announce: Callable[[Path, int | None], None]
    memory: int = 0
    cpu: float = 0.0
    ended: bool = False
    papers: threading.Thread | None = None
    began: float = field(default_factory=time.monotonic)

    # --- the story ---

    def attempts(self) -> Outcome:
        """Try until it works, can't work, or has been tried often enough."""
        tries, reason = self.spec.runtime.retries + 1, ""
        for number in range(1, tries + 1):
            self.events.append("attempt", n=number, **({"reason": reason} if reason else {}))
            outcome = self._attempt()
            if number == tries or not outcome.retry:
                break
            reason = outcome.reason
            self._log_failure(outcome)
            self.log.line(f"--- attempt {number} of {tries} ended, the next follows: {reason}")
            if self.stop.wait(self.spec.runtime.backoff * 2 ** (number - 1)):
                return self.stop.verdict().outcome(None, None)
        return outcome

    def conclude(self, outcome: Outcome) -> State:
        """Write down what was used and how it ended."""
        if self.papers:
            self.papers.join()
        self.ended = True
        self._log_failure(outcome)
        with contextlib.suppress(OSError):
            (self.folder / FILES).rmdir()  # if nothing was left in it
        self.events.append("usage", memory=self.memory, cpu=round(self.cpu, 3))
        failure = {"failure": _fields(outcome)} if outcome.failure else {}
        self.events.append("state", state=outcome.state, reason=outcome.reason, **failure)
        return outcome.state

    def note_abort(self) -> None:
        if not self.ended:
            self.events.append("state", state=State.ABORTING, reason=self.stop.reason)

    def _attempt(self) -> Outcome:
        try:
            nb = self._build()
            return self._on_a_kernel(nb)
        except MlopsError as error:
            return refused(error)
        except Exception as error:  # anything of papermill's, nbclient's, or a bug of ours: the run must get its end
            traceback.print_exc()
            return refused(error)

    def _build(self) -> NotebookNode:
        spec = self.spec
        nb, _ = _function(project_of(self.folder), spec)
        return build(nb, spec)

    def _on_a_kernel(self, nb: NotebookNode) -> Outcome:
        watch = self._ask(self._begin())
        lease = None
        try:
            lease = self._ask(self._acquire(watch, _kernel_of(nb, self.spec)))
            if lease is None:
                return watch.verdict.result().outcome(None, None)
            nb.metadata["language_info"] = self._ask(self._introduce(watch, lease))
            if watch.verdict.done():
                return watch.verdict.result().outcome(None, None)
            return self._cells(nb, lease, watch)
        finally:
            self._release(watch, lease)

    def _cells(self, nb: NotebookNode, lease: Lease, watch: Watch) -> Outcome:
        book = Book(self.folder / NOTEBOOK)
        execution = Execution(lease=lease, watch=watch, loop=self.loop, journal=self.events, log=self.log, book=book)
        papermill.execute_notebook(
            nb, None, engine_name=engine.NAME, kernel_name=lease.kernel_name, progress_bar=False, execution=execution
        )
        assert execution.outcome is not None
        if execution.outcome.state is State.COMPLETED and execution.outcome.reason:
            return replace(execution.outcome, reason=self._exit_reason() or execution.outcome.reason)
        return execution.outcome

    # --- the kernel ---

    def _ask(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def _begin(self) -> Watch:
        runtime = self.spec.runtime
        deadline = None if runtime.timeout is None else self.began + runtime.timeout
        watch = Watch(self.loop, self.stop, deadline, (runtime.timeout, runtime.cell_timeout, runtime.memory))
        watch.begin()
        return watch

    async def _acquire(self, watch: Watch, name: str) -> Lease | None:
        own = self.spec.runtime.env
        environ = prelude.environment(self.environ, own, self.spec.id)
        work = self.loop.create_task(self.kernels.acquire(name, prelude.at_start(environ, own)))
        if not await prelude.first(work, watch.verdict):
            if not work.cancelled() and work.exception() is None:
                await self.kernels.release(work.result(), self.spec.id)
            return None
        lease = work.result()
        self.announce(self.folder, lease.pid)
        self.papers = self.papers or provenance.gather(project_of(self.folder), self.spec, self.events, lease)
        watch.follow(lease)
        return lease

    async def _introduce(self, watch: Watch, lease: Lease) -> dict[str, Any]:
        cwd, project = self.folder / FILES, project_of(self.folder)
        cwd.mkdir(exist_ok=True)
        environ = prelude.environment(self.environ, self.spec.runtime.env, self.spec.id)
        paths = [path for path in (self.spec.cwd, str(project)) if path]
        code = prelude.source(self.folder, environ, cwd, list(dict.fromkeys(paths)))
        work = self.loop.create_task(prelude.perform(lease, code))
        return dict(work.result()) if await prelude.first(work, watch.verdict) else {}

    def _release(self, watch: Watch, lease: Lease | None) -> None:
        if lease is not None:
            if lease.pid > 0:
                watch.measure(lease.pid)
            self._ask(self._end(watch, lease))
            self.announce(self.folder, None)
        else:
            self.loop.call_soon_threadsafe(watch.end)
        self.memory, self.cpu = max(self.memory, watch.memory), self.cpu + watch.cpu

    async def _end(self, watch: Watch, lease: Lease) -> None:
        watch.end()
        await self.kernels.release(lease, self.spec.id)

    # --- what is said about it ---

    def _exit_reason(self) -> str:
        exits = [event for event in journal.read(self.folder / EVENTS).events if event["e"] == "exit"]
        return str(exits[-1].get("reason") or "") if exits else ""

    def _log_failure(self, outcome: Outcome) -> None:
        if outcome.failure is not None:
            lines = outcome.failure.traceback or (outcome.reason,)
            self.log.line("\n".join(lines))


def _fields(outcome: Outcome) -> dict[str, Any]:
    assert outcome.failure is not None
    return {name: getattr(outcome.failure, name) for name in type(outcome.failure).__dataclass_fields__}


def _kernel_of(nb: NotebookNode, spec: Spec) -> str:
    return spec.runtime.kernel or nb.metadata.get("kernelspec", {}).get("name") or "python3"


def _function(project: Path, spec: Spec) -> tuple[NotebookNode, Any]:
    function, nb = FunctionStore(project).get(f"{spec.function}@{spec.version}" if spec.version else str(spec.function))
    return nb, function
