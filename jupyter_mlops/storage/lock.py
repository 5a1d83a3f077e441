"""A lock between processes, shared to read and exclusive to write; first come, first served.

DuckDB's own file lock loses committed rows when several processes open, write and close in turn, so every opener of the
catalog holds this one. ``flock`` and not filelock's ReadWriteLock: that one is a SQLite file (0.2 ms a turn against
0.02 ms), doesn't let two threads wait for each other, and refuses to work after a fork.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class BusyError(Exception):
    """The lock wasn't free in time."""


class Waiting:
    """How long to wait for others: who was just waited for in vain isn't waited for again by each of many threads in turn."""

    RECENT = 60.0  # seconds
    GLANCE = 0.2  # seconds that are waited then

    def __init__(self) -> None:
        self._vain: float | None = None

    def until(self, patience: float) -> float:
        """Return the time, as ``time.monotonic`` tells it, at which to give up."""
        now = time.monotonic()
        again = self._vain is not None and now - self._vain < self.RECENT
        return now + (min(self.GLANCE, patience) if again else patience)

    def was_in_vain(self) -> None:
        self._vain = time.monotonic()

    def paid_off(self) -> None:
        self._vain = None


class SharedLock:
    """The lock of one file: ``PATH.lock``, and ``PATH.gate`` where those who want it queue.

    Who waits to write stands in the gate, so that readers who come later queue behind and can't starve a writer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(path.name + ".lock")
        self.gate = path.with_name(path.name + ".gate")

    @contextmanager
    def held(self, *, shared: bool, timeout: float) -> Iterator[None]:
        """Hold the lock. Readers of a folder they can't write to, where nobody made a lock file, go without.

        Raises
        ------
        BusyError
            After ``timeout`` seconds.
        OSError
            The lock file can't be made.
        """
        deadline = time.monotonic() + timeout
        if fcntl is None:
            with _held_alone(self.path, deadline):
                yield
            return
        with ExitStack() as stack:
            with _held(self.gate, shared=False, reading=shared, deadline=deadline):
                stack.enter_context(_held(self.path, shared=shared, reading=shared, deadline=deadline))
            yield


@contextmanager
def _held(path: Path, *, shared: bool, reading: bool, deadline: float) -> Iterator[int | None]:
    fd = _locked(path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, reading, deadline)
    try:
        yield fd
    finally:
        if fd is not None:
            # unlocked, not only closed: a process forked meanwhile has the same open file, and would keep it locked
            _unlock(fd)
            os.close(fd)


def _unlock(fd: int | None) -> None:
    if fd is not None:
        fcntl.flock(fd, fcntl.LOCK_UN)


def _locked(path: Path, mode: int, reading: bool, deadline: float) -> int | None:
    """Return a descriptor of the locked file that is at ``path`` now: somebody may have deleted the one we waited for."""
    while True:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)
        except OSError:
            if not reading:
                raise
            try:
                fd = os.open(path, os.O_RDONLY)
            except OSError:
                return None
        try:
            _wait(fd, mode, path, deadline)
            here = os.path.exists(path) and os.path.samestat(os.fstat(fd), os.stat(path))
        except BaseException:
            os.close(fd)
            raise
        if here:
            return fd
        os.close(fd)


def _wait(fd: int, mode: int, path: Path, deadline: float) -> None:
    pause = 0.0002
    while True:
        try:
            fcntl.flock(fd, mode | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusyError(_holders(fd)) from None
        # polling, because a blocking flock has no timeout; uneven pauses, so that no two waiters keep in step
        time.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(pause * 1.5, 0.01)


def _holders(fd: int) -> str:
    """Return `` (process 4711)`` where the system tells who holds a file locked, else nothing."""
    try:
        inode = f":{os.fstat(fd).st_ino} "
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    pids = sorted({line.split()[4] for line in lines if inode in line and "FLOCK" in line and "->" not in line} - {"-1", "0"})
    return f" (process {', '.join(pids)})" if pids else ""


@contextmanager
def _held_alone(path: Path, deadline: float) -> Iterator[None]:
    from filelock import FileLock, Timeout  # only where there is no flock

    try:
        with FileLock(path, timeout=max(0.0, deadline - time.monotonic())):
            yield
    except Timeout:
        raise BusyError("") from None
