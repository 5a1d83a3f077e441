"""Interactive work as a run: the same calls in the user's own kernel, between ``with`` and its end."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import LogError
from jupyter_mlops.execution import inside, processes, provenance
from jupyter_mlops.execution.folder import write_spec
from jupyter_mlops.execution.queue import Queue
from jupyter_mlops.records import Failure, Spec, State
from jupyter_mlops.runs import Run
from jupyter_mlops.storage.journal import EVENTS, Journal


@contextmanager
def track(spec: Spec, project: Path, handle: Callable[[str], Run]) -> Iterator[Run]:
    """Let ``log_metric`` and friends write to a new run until the block ends; how it ends is the run's state.

    ``mlops.exit()`` and ``sys.exit(0)`` leave the block, and the run is completed.
    """
    folder = project / "runs" / spec.id
    write_spec(folder, spec)
    try:
        inside.start(folder)
    except LogError:
        shutil.rmtree(folder)
        raise
    queue, owner = Queue(project), processes.identity()
    with Journal(folder / EVENTS) as journal:
        queue.own(spec.id, owner)  # so that the run gets its end if this process doesn't live to give it
        journal.append("state", state=State.RUNNING, reason="", owner=owner)
        try:
            with _circumstances(project, spec, journal):
                yield handle(spec.id)
        except SystemExit as leave:
            if leave.code not in (None, 0):
                _end(journal, State.ERROR, f"SystemExit: {leave.code}")
                raise
            _end(journal, State.COMPLETED, getattr(leave, "reason", ""))
        except KeyboardInterrupt:
            _end(journal, State.ABORTED, "interrupted by the user")
            raise
        except BaseException as problem:
            _end(journal, State.ERROR, f"{type(problem).__name__}: {problem}", failure=asdict(_failure(problem)))
            raise
        else:
            _end(journal, State.COMPLETED, "")
        finally:
            queue.leave(spec.id)
            inside.stop()


@contextmanager
def _circumstances(project: Path, spec: Spec, journal: Journal) -> Iterator[None]:
    """Note this kernel's packages and the state of the code beside the block, and be done with that at its end."""
    thread = provenance.gather(project, spec, journal, argv=[], notes={})
    try:
        yield
    finally:
        thread.join()


def _end(journal: Journal, state: State, reason: str, **more: Any) -> None:
    journal.append("state", state=state, reason=reason[:2000], **more)


def _failure(problem: BaseException) -> Failure:
    """What went wrong, without the frame of ours that the traceback begins with."""
    trace = problem.__traceback__.tb_next if problem.__traceback__ else None
    lines = "".join(traceback.format_exception(type(problem), problem, trace)).splitlines()
    return Failure(
        ename=type(problem).__name__,
        evalue=str(problem),
        line=trace.tb_lineno if trace else None,
        traceback=tuple(lines),
    )
