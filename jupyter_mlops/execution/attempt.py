"""One attempt at a run: a kernel of its own, what it is told first, its cells, and how it is taken away again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import papermill

from jupyter_mlops.execution import engine, prelude, provenance
from jupyter_mlops.execution.cells import Book, Execution
from jupyter_mlops.execution.folder import FILES, NOTEBOOK, project_of
from jupyter_mlops.execution.kernelspecs import kernel_of
from jupyter_mlops.execution.limits import Stop, Watch
from jupyter_mlops.execution.logfile import LogFile
from jupyter_mlops.execution.outcomes import Outcome, advised
from jupyter_mlops.records import Spec, State
from jupyter_mlops.storage import journal
from jupyter_mlops.storage.journal import EVENTS, Journal

if TYPE_CHECKING:
    import threading

    from nbformat import NotebookNode

    from jupyter_mlops.execution.kernels import Kernels, Lease


@dataclass(frozen=True, kw_only=True)
class Host:
    """The process that a run is executed in.

    Attributes
    ----------
    role
        For those who want to abort the run: ``worker``, which can be asked, or ``run``, which SIGTERM aborts.
    announce
        Told the kernel's process number when there is one, and None when the run has no kernel any more.
    ended
        Called when the final state is written, a moment before everything is tidied up.
    """

    role: str = "run"
    announce: Callable[[Path, int | None], None] = lambda folder, pid: None
    ended: Callable[[], None] = lambda: None


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What all attempts at a run share; see :func:`jupyter_mlops.execution.runner.execute`."""

    folder: Path
    spec: Spec
    events: Journal
    log: LogFile
    kernels: Kernels
    loop: asyncio.AbstractEventLoop
    stop: Stop
    environ: dict[str, str] | None
    host: Host

    def ask(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have the kernels' loop do something and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()


class Attempt:
    """One attempt. ``memory`` (bytes) and ``cpu`` (seconds) are what its processes used."""

    def __init__(self, scene: Scene, deadline: float | None, papers: threading.Thread | None) -> None:
        self.scene = scene
        self.papers = papers
        self._deadline = deadline
        self._lease: Lease | None = None
        self._watch: Watch | None = None

    @property
    def memory(self) -> int:
        return self._watch.memory if self._watch else 0

    @property
    def cpu(self) -> float:
        return self._watch.cpu if self._watch else 0.0

    def perform(self, nb: NotebookNode) -> Outcome:
        """Execute the notebook; afterwards nothing of it runs any more, but :meth:`close` must be called."""
        watch = self._watch = self.scene.ask(self._begin())
        outcome = None
        try:
            outcome = self._execute(nb, watch)
        finally:
            self._still(watch, outcome)
        return outcome

    def close(self) -> None:
        """End what is left of the kernel."""
        lease, self._lease = self._lease, None
        if lease is not None:
            self.scene.ask(self.scene.kernels.release(lease, self.scene.spec.id))
            self.scene.host.announce(self.scene.folder, None)

    def _execute(self, nb: NotebookNode, watch: Watch) -> Outcome:
        info = self.scene.ask(self._take_kernel(watch, nb))
        if self._lease is None or watch.verdict.done():
            return watch.verdict.result().outcome(None, None)
        nb.metadata["language_info"] = info
        book = Book(self.scene.folder / NOTEBOOK)
        scene = self.scene
        execution = Execution(lease=self._lease, watch=watch, loop=scene.loop, journal=scene.events, log=scene.log, book=book)
        name = self._lease.kernel_name
        papermill.execute_notebook(nb, None, engine_name=engine.NAME, kernel_name=name, progress_bar=False, execution=execution)
        if execution.outcome is None:
            raise RuntimeError(f"papermill has another engine for {engine.NAME!r} than this package's")
        if execution.outcome.state is State.COMPLETED and execution.outcome.reason:
            return replace(execution.outcome, reason=self._exit_reason() or execution.outcome.reason)
        return advised(execution.outcome, scene.spec)

    def _still(self, watch: Watch, outcome: Outcome | None) -> None:
        """See what the tree has used, and end it; a kernel that did its work and has no children is only stopped for now.

        Ending takes longer than a small run itself, and a stopped process can't do anything to the run's folder either.
        """
        lease = self._lease
        if lease is None:
            self.scene.loop.call_soon_threadsafe(watch.end)
            return
        alone = lease.pid > 0 and watch.measure(lease.pid)[1] == [lease.pid]
        self.scene.loop.call_soon_threadsafe(watch.end)
        if alone and outcome is not None and outcome.state is State.COMPLETED and hasattr(signal, "SIGSTOP"):
            with contextlib.suppress(OSError):
                os.kill(lease.pid, signal.SIGSTOP)
        else:
            self.close()

    # --- on the loop ---

    async def _begin(self) -> Watch:
        runtime = self.scene.spec.runtime
        allowed = (runtime.timeout, runtime.cell_timeout, runtime.memory)
        watch = Watch(self.scene.loop, self.scene.stop, self._deadline, allowed)
        watch.begin()
        return watch

    async def _take_kernel(self, watch: Watch, nb: NotebookNode) -> dict[str, Any]:
        """Get a kernel and tell it about the run; return its ``language_info``, or something if the verdict comes first."""
        scene, own = self.scene, self.scene.spec.runtime.env
        environ = prelude.environment(scene.environ, own, scene.spec.id)
        name = kernel_of(scene.spec.runtime.kernel, nb.metadata)
        work = scene.loop.create_task(scene.kernels.acquire(name, prelude.at_start(environ, own)))
        if not await prelude.first(work, watch.verdict):
            if not work.cancelled() and work.exception() is None:
                await scene.kernels.release(work.result(), scene.spec.id)
            return {}
        lease = self._lease = work.result()
        scene.host.announce(scene.folder, lease.pid)
        watch.follow(lease)
        self.papers = self.papers or self._gather(lease)
        introduction = scene.loop.create_task(prelude.perform(lease, self._code(environ)))
        return introduction.result() if await prelude.first(introduction, watch.verdict) else {}

    def _gather(self, lease: Lease) -> threading.Thread:
        argv = list(getattr(lease.km.kernel_spec, "argv", ()))
        notes = {"kernel": lease.kernel_name, "kernel_mode": lease.mode}
        return provenance.gather(project_of(self.scene.folder), self.scene.spec, self.scene.events, argv=argv, notes=notes)

    def _code(self, environ: dict[str, str]) -> str:
        folder, spec = self.scene.folder, self.scene.spec
        cwd = folder / FILES
        cwd.mkdir(exist_ok=True)
        paths = [path for path in (spec.cwd, str(project_of(folder))) if path]
        return prelude.source(folder, environ, cwd, list(dict.fromkeys(paths)))

    def _exit_reason(self) -> str:
        exits = [event for event in journal.read(self.scene.folder / EVENTS).events if event["e"] == "exit"]
        return str(exits[-1].get("reason") or "") if exits else ""
