"""The story of one run, from its ``run.json`` to its end. Needs a loop for kernels; works in the thread that calls."""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution import processes
from jupyter_mlops.execution.attempt import Attempt, Host, Scene
from jupyter_mlops.execution.folder import FILES, LOG, project_of, read_spec, write_spec
from jupyter_mlops.execution.limits import Stop
from jupyter_mlops.execution.logfile import LogFile
from jupyter_mlops.execution.outcomes import Outcome, refused
from jupyter_mlops.functions.ipynb import Node
from jupyter_mlops.functions.notebook import build, of_nbformat
from jupyter_mlops.functions.store import FunctionStore
from jupyter_mlops.records import Spec, State
from jupyter_mlops.storage.journal import EVENTS, Journal

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from jupyter_mlops.execution.kernels import Kernels

__all__ = ["Host", "Stop", "execute", "read_spec", "write_spec"]


def execute(
    folder: Path,
    *,
    kernels: Kernels,
    loop: asyncio.AbstractEventLoop,
    stop: Stop,
    environ: dict[str, str] | None = None,
    host: Host = Host(),  # noqa: B008 - it is frozen
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
    host
        Says what this process is, and hears how the run goes on.
    """
    spec = read_spec(folder)
    with Journal(folder / EVENTS) as events, LogFile(folder / LOG) as log:
        shared: dict[str, Any] = {"kernels": kernels, "loop": loop, "stop": stop, "environ": environ, "host": host}
        run = _Run(Scene(folder=folder, spec=spec, events=events, log=log, **shared))
        events.append("state", state=State.RUNNING, reason="", owner={**processes.identity(), "role": host.role})
        stop.on_request(run.note_abort)
        try:
            outcome = run.attempts()
            run.conclude(outcome)
            host.ended()
        finally:
            run.close()
        return outcome.state


class _Run:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.began = time.monotonic()
        self.tries: list[Attempt] = []
        self.ended = False

    def attempts(self) -> Outcome:
        """Try until it works, can't work, or has been tried often enough."""
        runtime, log = self.scene.spec.runtime, self.scene.log
        allowed, reason = runtime.retries + 1, ""
        for number in range(1, allowed + 1):
            self.scene.events.append("attempt", n=number, **({"reason": reason} if reason else {}))
            outcome = self._attempt()
            if number == allowed or not outcome.retry:
                break
            reason = outcome.reason
            self._log_failure(outcome)
            log.line(f"--- attempt {number} of {allowed} ended, the next follows: {reason}")
            if self._pause(runtime.backoff * 2 ** (number - 1)):
                return self.scene.stop.verdict().outcome(None, None)
        return outcome

    def conclude(self, outcome: Outcome) -> None:
        """Write down what was used and how it ended."""
        for thread in {attempt.papers for attempt in self.tries if attempt.papers}:
            thread.join()
        self._log_failure(outcome)
        with contextlib.suppress(OSError):
            (self.scene.folder / FILES).rmdir()  # if nothing was left in it
        memory, cpu = max((attempt.memory for attempt in self.tries), default=0), sum(attempt.cpu for attempt in self.tries)
        self.ended = True
        self.scene.events.append("usage", memory=memory, cpu=round(cpu, 3))
        failure = {"failure": asdict(outcome.failure)} if outcome.failure else {}
        self.scene.events.append("state", state=outcome.state, reason=outcome.reason, **failure)

    def close(self) -> None:
        for attempt in self.tries:
            attempt.close()

    def note_abort(self) -> None:
        if not self.ended:
            self.scene.events.append("state", state=State.ABORTING, reason=self.scene.stop.reason)

    def _attempt(self) -> Outcome:
        deadline = None if self.scene.spec.runtime.timeout is None else self.began + self.scene.spec.runtime.timeout
        papers = self.tries[-1].papers if self.tries else None
        attempt = Attempt(self.scene, deadline, papers)
        self.tries.append(attempt)
        try:
            return attempt.perform(self._notebook())
        except MlopsError as error:
            return refused(error)
        except Exception as error:  # papermill's, nbclient's, a full disk, a bug of ours: the run must get its end all the same
            traceback.print_exc()
            return refused(error)

    def _notebook(self) -> NotebookNode:
        spec = self.scene.spec
        return of_nbformat(build(_function(project_of(self.scene.folder), spec), spec))

    def _pause(self, seconds: float) -> bool:
        """Wait before the next attempt; return whether a stop came, and leave when the run's time is over."""
        timeout = self.scene.spec.runtime.timeout
        left = seconds if timeout is None else max(0.0, min(seconds, self.began + timeout - time.monotonic()))
        return self.scene.stop.wait(left)

    def _log_failure(self, outcome: Outcome) -> None:
        if outcome.failure is not None:
            self.scene.log.line("\n".join(outcome.failure.traceback or (outcome.reason,)))


def _function(project: Path, spec: Spec) -> Node:
    if spec.version:
        return _version(project, f"{spec.function}@{spec.version}")
    return FunctionStore(project).get(str(spec.function))[1]


@lru_cache(maxsize=64)
def _version(project: Path, reference: str) -> Node:
    """A version never changes, so that a grid of runs reads it once; ``build`` makes a copy."""
    return FunctionStore(project).get(reference)[1]
