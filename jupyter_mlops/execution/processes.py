"""Who is alive, what a run's processes use, and how to end all of them.

A run's *tree* is the kernel, its descendants, everything in a session that one of these leads, and every process whose
environment holds ``JUPYTER_MLOPS_RUN=<run id>``. ``setsid`` and double forks lose the first two ties, never all of them at
once, because our kernels are subreapers: orphans of a run become the kernel's children.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

MARKER = "JUPYTER_MLOPS_RUN"
PATIENCE = 5.0  # seconds that a killed process may take to be gone; more means it hangs in the operating system
_BORN_TOLERANCE = 2.0  # seconds; the boot time that create_time() adds moves when the clock is set


def identity(pid: int | None = None) -> dict[str, Any]:
    """Return who a process is, so that a later process of the same number isn't taken for it."""
    process = psutil.Process(pid)
    return {"host": socket.gethostname(), "pid": process.pid, "born": process.create_time()}


def exists(who: dict[str, Any]) -> bool:
    """Whether that very process lives; a process of another host is taken to live, as nobody here can tell."""
    if who["host"] != socket.gethostname():
        return True
    try:
        process = psutil.Process(who["pid"])
        return bool(process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - who["born"]) < _BORN_TOLERANCE)
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False


@dataclass(frozen=True, slots=True)
class Row:
    """What the snapshot knows of one process; ``born`` only tells processes of equal number apart."""

    parent: int
    session: int
    born: float
    zombie: bool


def tree(pid: int, marker: str | None = None) -> list[int]:
    """Return the numbers of all live processes of the tree around ``pid``, the kernel first.

    Parameters
    ----------
    pid
        The kernel's process number. It may be dead already.
    marker
        The run's id. None looks at parents and sessions only.
    """
    return list(_members(snapshot(), {pid}, marker))


def usage(pids: int | Iterable[int]) -> tuple[int, float]:
    """Return (bytes, CPU seconds) of these processes together.

    On Linux the bytes are the proportional set size: pages that forked kernels share with their zygote are divided among them.
    """
    memory, cpu = 0, 0.0
    for pid in [pids] if isinstance(pids, int) else pids:
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            with process.oneshot():
                times = process.cpu_times()
                cpu += times.user + times.system + getattr(times, "children_user", 0) + getattr(times, "children_system", 0)
                memory += _proportional(pid) or process.memory_info().rss
    return memory, cpu


def end_tree(pid: int, marker: str | None = None, grace: float = 0.0) -> list[int]:
    """End the whole tree around ``pid`` and return what is still there after ``PATIENCE`` seconds (normally nothing).

    With ``grace`` the kernel first gets SIGINT, then the tree SIGTERM, half of ``grace`` seconds each. Then everything is stopped
    before anything is killed, so that no process can fork away in between.
    """
    if grace:
        _signal([pid], signal.SIGINT)
        _wait(pid, marker, grace / 2)
        _signal(tree(pid, marker), signal.SIGTERM)
        _wait(pid, marker, grace / 2)
    deadline = time.monotonic() + PATIENCE
    members = _freeze(pid, marker)
    pause = 0.001
    while True:
        _kill(members)
        rows = snapshot()
        left = {p: row for p, row in members.items() if p in rows and rows[p].born == row.born and not rows[p].zombie}
        left |= _members(rows, {pid, *left}, marker)
        if not left or time.monotonic() > deadline:
            return list(left)
        members = left
        time.sleep(pause)
        pause = min(pause * 2, 0.05)


def _freeze(pid: int, marker: str | None) -> dict[int, Row]:
    """Stop the tree until nothing new appears in it; a stopped process can't fork, so what is found then is all there is."""
    stopped: dict[int, Row] = {}
    for _ in range(20):
        found = _members(snapshot(), {pid, *stopped}, marker)
        fresh = [p for p in found if p not in stopped]
        if not fresh:
            break
        if hasattr(signal, "SIGSTOP"):
            _signal(fresh, signal.SIGSTOP)
        stopped |= {p: found[p] for p in fresh}
    return stopped


def _kill(members: dict[int, Row]) -> None:
    if hasattr(signal, "SIGKILL"):
        _signal(members, signal.SIGKILL)
        return
    for pid in members:  # Windows
        with contextlib.suppress(psutil.Error):
            psutil.Process(pid).kill()


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _wait(pid: int, marker: str | None, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while tree(pid, marker) and time.monotonic() < deadline:
        time.sleep(0.01)


def _members(rows: dict[int, Row], seeds: set[int], marker: str | None) -> dict[int, Row]:
    spared = _spared(rows)
    found = {pid for pid in seeds if pid in rows}
    if marker:
        found |= {pid for pid in rows if pid not in spared and _holds(pid, marker)}
    leaders, grown = seeds | found, True
    while grown:
        fresh = {
            pid for pid, row in rows.items() if pid not in leaders and (row.parent in leaders or row.session in leaders)
        } - spared
        grown = bool(fresh)
        leaders |= fresh
    ordered = sorted(leaders - spared, key=lambda pid: (pid not in seeds, pid))
    return {pid: rows[pid] for pid in ordered if pid in rows and not rows[pid].zombie}


def _spared(rows: dict[int, Row]) -> set[int]:
    """The caller and its ancestors: a worker inside a run must not end itself with it."""
    spared, pid = {0, 1}, os.getpid()
    while pid in rows and pid not in spared:
        spared.add(pid)
        pid = rows[pid].parent
    return spared


def _holds(pid: int, marker: str) -> bool:
    wanted = f"{MARKER}={marker}"
    try:
        if not sys.platform.startswith("linux"):
            return bool(psutil.Process(pid).environ().get(MARKER) == marker)
        with open(f"/proc/{pid}/environ", "rb") as file:
            return wanted.encode() in file.read().split(b"\0")
    except (OSError, psutil.Error):
        return False


def _proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def snapshot() -> dict[int, Row]:
    return _snapshot_linux() if sys.platform.startswith("linux") else _snapshot_anywhere()


def _snapshot_linux() -> dict[int, Row]:
    """Read /proc directly: ten times faster than psutil, and this happens at the end of each run."""
    rows = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/stat", "rb") as file:
                    # the command's name, in parentheses, may hold anything; see proc(5) for the order of the rest
                    fields = file.read().rpartition(b")")[2].split()
                rows[int(name)] = Row(int(fields[1]), int(fields[3]), float(fields[19]), fields[0] in b"ZX")
    return rows


def _snapshot_anywhere() -> dict[int, Row]:
    rows = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError), process.oneshot():
            session = os.getsid(process.pid) if hasattr(os, "getsid") else 0
            zombie = process.status() == psutil.STATUS_ZOMBIE
            rows[process.pid] = Row(process.ppid(), session, process.create_time(), zombie)
    return rows


def total_memory() -> int:
    """Return the machine's memory in bytes."""
    return int(psutil.virtual_memory().total)
