"""What hosts know of the worker: start it, hand it runs, wait, abort, ask how it is. Light: no papermill, no duckdb."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import RunNotFoundError, WorkerError
from jupyter_mlops.events import History
from jupyter_mlops.execution import wire
from jupyter_mlops.execution.queue import Queue
from jupyter_mlops.records import State
from jupyter_mlops.storage.journal import EVENTS, Journal, history

_START = 30.0  # seconds a worker may take until it listens
_END = 20.0  # seconds an abort may take: grace, killing, and what hangs in the operating system
_POLL = 0.1  # seconds, for what isn't in a worker's hands
_LOG_LIMIT = 1_000_000  # bytes of worker.log before it starts anew
LOST = "worker lost"
# what processes that execute one run, without a worker, take as an abort
_SIGNALS = {"run": signal.SIGTERM, "papermill": signal.SIGINT}


class Client:
    """A project's worker, as others see it. Safe to share between threads."""

    def __init__(self, project: Path) -> None:
        self.project = Path(project).absolute()
        self.queue = Queue(self.project)
        self.log = self.project / ".mlops" / "worker.log"
        self._spot: wire.Spot | None = None
        self._idle: dict[tuple[int, str], list[wire.Connection]] = {}

    # --- the verbs ---

    def submit(self, run: str, environ: dict[str, str] | None = None) -> None:
        """Hand over a run whose folder has its ``run.json``; returns when the worker knows of it.

        Raises
        ------
        WorkerError
            No worker could be started. The run stays pending and starts with the next one.
        """
        self.queue.add(run, sys.executable)
        for _ in range(3):  # a worker may leave in between
            try:
                if self._ask(self.start(), op="submit", run=run, environ=environ).get("taken"):
                    return
            except (OSError, EOFError):
                pass
            time.sleep(_POLL)
        raise WorkerError(f"no worker takes {run}; it stays pending. What they say is in {str(self.log)!r}.")

    def wait(self, run: str, timeout: float | None = None) -> bool:
        """Wait until a run has ended; False if ``timeout`` seconds are over first.

        If the process that executed it is gone, the run gets its end here: state ``error``, reason ``worker lost``.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._story(run).state.finished:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            self._wait_somewhere(run, left)
        return True

    def abort(self, run: str, reason: str = "aborted") -> State:
        """End a run wherever it is, with all its processes, and return its final state; one that has ended stays as it is.

        Raises
        ------
        WorkerError
            It is still alive after a while, or is in the hands of a process that can't be asked.
        """
        if self.queue.claim(run):
            with Journal(self._folder(run) / EVENTS) as events:
                events.append("state", state=State.ABORTED, reason=reason)
            self.queue.leave(run)
            return State.ABORTED
        deadline = time.monotonic() + _END
        while not (state := self._story(run).state).finished:
            if time.monotonic() > deadline:
                raise WorkerError(f"{run} is still {state} after {_END:.0f} s; see {str(self.log)!r}.")
            self._abort_somewhere(run, reason)
        return state

    def status(self) -> dict[str, Any]:
        """Return what the worker says of itself; ``pid`` is None when there is none, and then none is started."""
        found = self._find()
        if found is not None:
            with contextlib.suppress(OSError, EOFError):
                return self._ask(found["address"], op="status")
        return {"pid": None, "version": None, "live": [], "pending": self.queue.pending(), "kernels": {"mode": None, "notes": []}}

    def stop(self) -> bool:
        """End the worker, and the runs that it executes; returns when it is gone, False if there was none."""
        found = self._find()
        if found is None:
            return False
        with contextlib.suppress(OSError, EOFError):
            self._ask(found["address"], op="stop")
        deadline = time.monotonic() + _END + _START
        while _is_alive(found["pid"]):
            if time.monotonic() > deadline:
                raise WorkerError(f"worker {found['pid']} doesn't end; see {str(self.log)!r}, then end it by its number.")
            time.sleep(0.02)
        return True

    def start(self) -> Any:
        """Return the address of a worker of this very code and environment, started if need be."""
        found = self._find()
        if found is None or found["fingerprint"] != wire.fingerprint():
            found = self._launch()
        return found["address"]

    def start_in_background(self) -> threading.Thread:
        """Have a worker ready soon; if it can't be started, the first run says why."""

        def start() -> None:
            with contextlib.suppress(WorkerError, OSError):
                self.start()

        thread = threading.Thread(target=start, name="start worker", daemon=True)
        thread.start()
        return thread

    # --- waiting and aborting, by who has the run ---

    def _wait_somewhere(self, run: str, left: float | None) -> None:
        """Wait some time for the run's end, in the way that suits where it is."""
        pause = _POLL if left is None else min(_POLL, left)
        owner = self._owner(run)
        if owner is None:
            self._settle_unowned(run)
            self._wait_in(self.start(), run, left, pause)
        elif self._is_gone(owner):
            reconcile(self.project, [run])
        elif address := self._worker_of(owner):
            self._wait_in(address, run, left, pause)
        else:
            time.sleep(pause)

    def _wait_in(self, address: Any, run: str, left: float | None, pause: float) -> None:
        with contextlib.suppress(OSError, EOFError):  # it ended; the next look finds out what that means for the run
            self._ask(address, op="wait", run=run, timeout=left)
        if not self._story(run).state.finished:  # that worker didn't know it, or has just let go of it
            time.sleep(pause)

    def _abort_somewhere(self, run: str, reason: str) -> None:
        owner = self._owner(run)
        if owner is None:
            self._settle_unowned(run)
        elif self._is_gone(owner):
            reconcile(self.project, [run])
        elif address := self._worker_of(owner):
            with contextlib.suppress(OSError, EOFError):
                if self._ask(address, op="abort", run=run, reason=reason).get("alive"):
                    self._ask(address, op="wait", run=run, timeout=_END)
        elif owner.get("role") in _SIGNALS and _is_here(owner):
            os.kill(owner["pid"], _SIGNALS[owner["role"]])
            time.sleep(0.5)
        else:
            where = f"process {owner['pid']} on {owner['host']}"
            raise WorkerError(f"{run} is executed by {where}, which takes no requests; end it there.")
        time.sleep(0.02)

    def _settle_unowned(self, run: str) -> None:
        """A run without an owner: it waits, or is being claimed just now, or was abandoned, or is lost with its marker."""
        if (self.queue.waiting / run).exists():  # asked in this order, as a claim may come in between
            return
        if (self.queue.live / run).exists():
            self.queue.return_abandoned(run)
        elif self._story(run).state is State.PENDING:
            self.queue.add(run, sys.executable)

    def _owner(self, run: str) -> dict[str, Any] | None:
        return self._story(run).owner or self.queue.owner(run)

    def _worker_of(self, owner: dict[str, Any]) -> Any:
        return self._place.address_of(owner["pid"]) if _is_here(owner) else None

    def _is_gone(self, owner: dict[str, Any]) -> bool:
        from jupyter_mlops.execution import processes  # here, as psutil takes a while to load

        return not processes.exists(owner)

    def _story(self, run: str) -> History:
        return history(self._folder(run))

    def _folder(self, run: str) -> Path:
        folder = self.project / "runs" / run
        if not folder.is_dir():
            raise RunNotFoundError(f"{run!r} isn't a run of {str(self.project)!r}.")
        return folder

    # --- the worker ---

    @property
    def _place(self) -> wire.Spot:
        self._spot = self._spot or wire.Spot(self.project)
        return self._spot

    def _ask(self, address: Any, **request: Any) -> dict[str, Any]:
        key = (os.getpid(), str(address))  # a fork must not speak on its parent's connections
        idle = self._idle.setdefault(key, [])
        try:
            connection = idle.pop()
        except IndexError:
            connection = wire.connect(address, self._place.key())
        try:
            wire.send(connection, request)
            reply = wire.receive(connection)
            assert reply is not None
        except BaseException:  # the answer may still come: nobody else must take it for theirs
            connection.close()
            raise
        idle.append(connection)
        if "error" in reply:
            raise WorkerError(f"the worker refuses to {request['op']}: {reply['error']}")
        return reply

    def _find(self) -> dict[str, Any] | None:
        found = self._place.read()
        return found if found is not None and _is_alive(found["pid"]) else None

    def _launch(self) -> dict[str, Any]:
        from filelock import FileLock, Timeout  # here, as it loads asyncio, and most calls find a worker

        try:
            with FileLock(self._place.start_lock, timeout=_START):
                found = self._find()
                if found is not None and found["fingerprint"] == wire.fingerprint():
                    return found  # somebody was faster
                waiting: dict[str, Any] = {}
                if found is not None:
                    with contextlib.suppress(OSError, EOFError, WorkerError):
                        waiting = self._ask(found["address"], op="retire").get("waiting", {})
                self._spawn()
                found = self._find()
                if found is not None:
                    for run, environ in waiting.items():
                        self._ask(found["address"], op="submit", run=run, environ=environ)
        except Timeout:
            raise WorkerError(
                f"another process has been starting the worker for {_START:.0f} s; see {str(self.log)!r}."
            ) from None
        if found is None:
            raise WorkerError(f"the worker ended at once; {self._tail()}")
        return found

    def _spawn(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > _LOG_LIMIT:
                os.replace(self.log, self.log.with_suffix(".log.1"))
        # -P: with -m Python would import from the working directory first, where the user's files are
        command = [sys.executable, "-P", "-m", "jupyter_mlops.execution.worker", "--project", str(self.project)]
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.project,
                start_new_session=True,
                env=_environment(),
            )
        try:
            code = process.wait(_START)  # it returns when the worker that it has started listens
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise WorkerError(f"the worker doesn't listen after {_START:.0f} s; {self._tail()}") from None
        if code:
            raise WorkerError(f"the worker can't be started; {self._tail()}")

    def _tail(self, lines: int = 8) -> str:
        with contextlib.suppress(OSError):
            text = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            return f"the end of {str(self.log)!r}:\n" + "\n".join(text[-lines:])
        return f"{str(self.log)!r} can't be read."


def reconcile(project: Path, runs: list[str] | None = None) -> list[str]:
    """Give an end to runs whose process is gone, and return their ids.

    Parameters
    ----------
    runs
        Which to look at; None for all that were alive on this machine when last heard of.
    """
    from jupyter_mlops.execution import processes  # here, as psutil takes a while to load

    queue, lost = Queue(project), []
    for run in queue.living() if runs is None else runs:
        folder = project / "runs" / run
        story = history(folder)
        owner = story.owner or queue.owner(run)
        if story.state.finished or not folder.is_dir():
            queue.leave(run)
        elif owner is None:
            queue.return_abandoned(run)
        elif not processes.exists(owner):
            processes.end_tree(-1, marker=run)
            with Journal(folder / EVENTS) as events:
                events.append("state", state=State.ERROR, reason=LOST)
            queue.leave(run)
            lost.append(run)
    return lost


def _is_here(owner: dict[str, Any]) -> bool:
    import socket

    return bool(owner.get("host") == socket.gethostname())


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in b"ZX"
    except OSError:
        return False


def _environment() -> dict[str, str]:
    """The worker's: ours, without what belongs to this process only."""
    own = ("JPY_PARENT_PID", "JPY_SESSION_NAME", "MPLBACKEND", "JUPYTER_MLOPS_RUN", "JUPYTER_MLOPS_FOLDER")
    return {name: value for name, value in os.environ.items() if name not in own}
