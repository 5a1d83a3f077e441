"""Take runs from the queue, so many at once, and execute each in a thread of its own."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution import processes
from jupyter_mlops.execution.folder import read_spec
from jupyter_mlops.execution.limits import Stop
from jupyter_mlops.execution.queue import Queue
from jupyter_mlops.records import State
from jupyter_mlops.storage.journal import EVENTS, Journal, history

_WORD = 3.0  # seconds for a submitter's word to follow its marker; after more, it died in between, or the worker before us did

Environ = dict[str, str] | None
Execute = Callable[[Path, Stop, Environ, Callable[[], None]], object]


class Dispatch:
    """The runs of one worker.

    Parameters
    ----------
    execute
        Executes the run in a folder to its end; called in a thread. Calls its last argument when the end is written.
    parallel
        How many runs may be alive at once.
    changed
        Called when a run has begun or ended.
    """

    def __init__(self, project: Path, python: str, execute: Execute, *, parallel: int, changed: Callable[[], None]) -> None:
        self.project, self.python, self.parallel = project, python, parallel
        self.queue = Queue(project)
        self.closed = False
        self.idle_since = time.monotonic()
        self._execute, self._changed = execute, changed
        self._identity = {**processes.identity(), "role": "worker"}
        self._live: dict[str, Stop] = {}
        self._ended: set[str] = set()  # of the live ones those that are only being tidied up
        self._owed: dict[str, Exception] = {}  # ends that couldn't be written: the disk is full
        self._told: dict[str, Environ] = {}  # what is waited for or was submitted here, with its environment
        self._seen: dict[str, float] = {}  # when the other waiting ones were first seen
        self._environs: dict[str, Environ] = {}  # of those that live, for their children
        self._uncounted: set[str] = set()  # parents, which only wait, and children, which their parents count
        self._awaited: dict[str, Callable[[str], None]] = {}  # children whose parents want to hear of their end
        self._condition = threading.Condition()

    @property
    def live(self) -> list[str]:
        with self._condition:
            return sorted(self._live)

    def submit(self, run: str, environ: Environ) -> None:
        """Take a run whose marker is in the queue, now or when its turn comes."""
        with self._condition:
            if run not in self._live:
                self._told[run] = environ or self._told.get(run)
        self.fill()

    def fill(self) -> None:
        """Start what waits while there is room, oldest first; called often."""
        for run, error in list(self._owed.items()):
            self._give_up(run, error)
        for run in self.queue.pending(self.python):
            with self._condition:
                if self.closed:
                    return
                leads = _leads(self.project, run)
                if not leads and len(self._live) - len(self._uncounted) >= self.parallel:
                    continue
                if not self._is_due(run) or not self.queue.claim(run):
                    continue
                environ = self._told.pop(run, None)
                self._seen.pop(run, None)
                stop = self._enter(run, environ, counted=not leads)
            self._launch(run, stop, environ)

    def lead(self, child: str, parent: str, ended: Callable[[str], None]) -> None:
        """Execute a child at once, however many live: its parent counts its children itself. For :class:`Led`."""
        with self._condition:
            environ = self._environs.get(parent)
            stop = self._enter(child, environ, counted=False)
            self._awaited[child] = ended
        self._launch(child, stop, environ)

    def _enter(self, run: str, environ: Environ, *, counted: bool) -> Stop:
        stop = self._live[run] = Stop()
        self._environs[run] = environ
        if not counted:
            self._uncounted.add(run)
        return stop

    def _launch(self, run: str, stop: Stop, environ: Environ) -> None:
        threading.Thread(target=self._run, args=(run, stop, environ), name=f"run {run}", daemon=True).start()

    def wait(self, run: str, timeout: float | None) -> bool:
        """Wait until a run that waits or lives here has ended; False when the time is over first."""
        if (self.queue.waiting / run).exists():
            self.submit(run, None)
        with self._condition:
            return self._condition.wait_for(lambda: not self._knows(run), timeout)

    def abort(self, run: str, reason: str) -> bool:
        """Ask a live run to end; return whether it is alive here."""
        with self._condition:
            stop = None if run in self._ended else self._live.get(run)
        if stop is not None:
            stop.request(reason)
        return stop is not None

    def hand_over(self) -> dict[str, Environ]:
        """Take no more runs, and return those that were submitted here and still wait, with their environments."""
        self.close()
        return {run: self._told.get(run) for run in self.queue.pending(self.python) if run in self._told}

    def close(self, reason: str | None = None) -> None:
        """Take no more runs; with a reason, end those that live."""
        with self._condition:
            self.closed = True
            stops = list(self._live.values()) if reason else []
            self._condition.notify_all()
        for stop in stops:
            stop.request(reason or "")

    def join(self, timeout: float | None = None) -> bool:
        """Wait until no run is alive."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._live, timeout)

    def recover(self) -> None:
        """Put runs back that were claimed by a worker that died before it began them."""
        for run in self.queue.living():
            self.queue.return_abandoned(run)

    def _is_due(self, run: str) -> bool:
        """Whether a waiting run may begin: its submitter puts up the marker first, and then tells us its environment."""
        return run in self._told or time.monotonic() - self._seen.setdefault(run, time.monotonic()) > _WORD

    def _has_ended(self, run: str) -> None:
        with self._condition:
            self._ended.add(run)
            tell = self._awaited.pop(run, None)
            self._condition.notify_all()
        if tell is not None:
            tell(run)

    def _knows(self, run: str) -> bool:
        return (run in self._live and run not in self._ended) or (not self.closed and (self.queue.waiting / run).exists())

    def _run(self, run: str, stop: Stop, environ: Environ) -> None:
        folder = self.project / "runs" / run
        try:
            self.queue.own(run, self._identity)
            if history(folder).state is State.PENDING:
                self._changed()
                self._execute(folder, stop, environ, lambda: self._has_ended(run))
        except Exception as error:  # whatever it was: this run has ended, the next one must not suffer
            traceback.print_exc()
            self._give_up(run, error)
        finally:
            if run not in self._owed:
                self.queue.leave(run)
            with self._condition:
                del self._live[run], self._environs[run]
                self._ended.discard(run)
                self._uncounted.discard(run)
                tell = self._awaited.pop(run, None)
                self.idle_since = time.monotonic()
                self._condition.notify_all()
            if tell is not None:
                tell(run)
            self._changed()
            self.fill()

    def _give_up(self, run: str, error: Exception) -> None:
        """Write an end to a run that couldn't be read, or whose end couldn't be written; if it still can't, later."""
        self._owed.pop(run, None)
        try:
            _write_end(self.project / "runs" / run, error)
        except (MlopsError, OSError):
            self._owed[run] = error
        else:
            self.queue.leave(run)


class Led:
    """The executor of one parent's children: this worker, at once."""

    def __init__(self, dispatch: Dispatch, parent: str) -> None:
        self._dispatch, self._parent = dispatch, parent

    def start(self, run: str, ended: Callable[[str], None]) -> None:
        self._dispatch.lead(run, self._parent, ended)

    def stop(self, run: str, reason: str) -> None:
        self._dispatch.abort(run, reason)


def _leads(project: Path, run: str) -> bool:
    """Whether a run only leads others: a workflow or a sweep. It takes no kernel, and would wait for its own children."""
    try:
        return bool(read_spec(project / "runs" / run).plan)
    except MlopsError:
        return False


def _write_end(folder: Path, error: Exception) -> None:
    if not folder.is_dir() or history(folder).state.finished:
        return
    failure = {"ename": type(error).__name__, "evalue": str(error)}
    with Journal(folder / EVENTS) as events:
        events.append("state", state=State.ERROR, reason=f"{type(error).__name__}: {error}", failure=failure)
