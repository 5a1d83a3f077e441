"""Interactive work as a run: the same calls in the user's own kernel, between ``with`` and its end."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from jupyter_mlops.execution import inside, processes
from jupyter_mlops.records import Failure, State
from jupyter_mlops.runs import Run
from jupyter_mlops.storage.journal import EVENTS, Journal


@contextmanager
def track(run: Run) -> Iterator[Run]:
    """Let ``log_metric`` and friends write to ``run`` until the block ends; how it ends is the run's state."""
    journal = Journal(run.folder / EVENTS)
    journal.append("state", state=State.RUNNING, reason="", owner=processes.identity())
    inside.start(run.folder)
    try:
        yield run
    except KeyboardInterrupt:
        _end(journal, State.ABORTED, "interrupted by the user")
        raise
    except SystemExit as leave:
        ok = leave.code in (None, 0)
        _end(journal, State.COMPLETED if ok else State.ERROR, "" if ok else f"SystemExit: {leave.code}")
        raise
    except BaseException as problem:
        _end(journal, State.ERROR, f"{type(problem).__name__}: {problem}", failure=asdict(_failure(problem)))
        raise
    else:
        _end(journal, State.COMPLETED, "")
    finally:
        inside.stop()
        journal.close()


def _end(journal: Journal, state: State, reason: str, **more: Any) -> None:
    journal.append("state", state=state, reason=reason[:2000], **more)


def _failure(problem: BaseException) -> Failure:
    trace = problem.__traceback__
    frames = traceback.extract_tb(trace)[1:]  # the first is ours
    line = frames[0].lineno if frames else None
    text = traceback.format_exception(type(problem), problem, trace.tb_next if trace else None)
    return Failure(ename=type(problem).__name__, evalue=str(problem), line=line, traceback=tuple("".join(text).splitlines()))
