"""What may cut a run short: a stop, its time, its memory, the death of its kernel. The first cause is the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from jupyter_mlops.execution import processes
from jupyter_mlops.execution.outcomes import Verdict, death
from jupyter_mlops.records import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.execution.kernels import Lease

_INTERVAL = 0.1  # seconds between looks at a run's memory
_INTERVAL_WITH_LIMIT = 0.05
_SHARE = 10  # looking may take a tenth of the time


class Stop:
    """A request, from any thread, to end a run. The first one counts."""

    def __init__(self) -> None:
        self.reason = ""
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._calls: list[Callable[[], None]] = []

    @property
    def requested(self) -> bool:
        return self._event.is_set()

    def request(self, reason: str = "aborted") -> None:
        with self._lock:
            if self._event.is_set():
                return
            self.reason = reason
            self._event.set()
            calls = list(self._calls)
        for call in calls:
            call()

    def on_request(self, call: Callable[[], None]) -> None:
        """Have ``call`` called in the thread that requests, or at once if that has happened."""
        with self._lock:
            self._calls.append(call)
            late = self._event.is_set()
        if late:
            call()

    def wait(self, seconds: float) -> bool:
        """Sleep unless a stop comes; return whether it came."""
        return self._event.wait(seconds)

    def verdict(self) -> Verdict:
        return Verdict(state=State.ABORTED, ename="Aborted", reason=self.reason, interrupt=True)


class Watch:
    """Watches over one attempt, on the loop that its kernel lives on.

    Parameters
    ----------
    deadline
        ``time.monotonic()`` at which the run's time is over, or None.
    allowed
        ``(run timeout in seconds, cell timeout in seconds, bytes)``; None means no limit.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        stop: Stop,
        deadline: float | None,
        allowed: tuple[float | None, float | None, int | None],
    ) -> None:
        self._loop, self._stop, self._deadline = loop, stop, deadline
        self.run_time, self.cell_time, self.memory_limit = allowed
        self.verdict: asyncio.Future[Verdict] = loop.create_future()
        self.memory, self.cpu = 0, 0.0
        self._cpu_before = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._sampler: asyncio.Task[None] | None = None
        self._open = True

    def begin(self) -> None:
        """Start the clock; called on the loop."""
        if self._deadline is not None:
            reason = f"the run took longer than its {seconds(self.run_time)}"
            verdict = Verdict(state=State.ERROR, ename="RunTimeout", reason=reason, interrupt=True)
            self._timer = self._loop.call_later(max(0.0, self._deadline - time.monotonic()), self.judge, verdict)
        self._stop.on_request(self._stopped)

    def judge(self, verdict: Verdict) -> None:
        """Cut the attempt short, unless that is decided; called on the loop."""
        if not self.verdict.done():
            self.verdict.set_result(verdict)

    def time_cell(self, index: int) -> asyncio.TimerHandle | None:
        """Give a cell its time; the caller cancels what is returned when the cell has ended."""
        if self.cell_time is None:
            return None
        reason = f"cell {index + 1} ran longer than its {seconds(self.cell_time)}"
        verdict = Verdict(state=State.ERROR, ename="CellTimeout", reason=reason, interrupt=True)
        return self._loop.call_later(self.cell_time, self.judge, verdict)

    def follow(self, lease: Lease) -> None:
        """Watch this kernel and its processes; called on the loop."""
        lease.exited.add_done_callback(lambda exited: self._died(lease, exited))
        self._cpu_before = _cpu(lease.pid)
        if lease.pid > 0:
            self._sampler = self._loop.create_task(self._sample(lease))

    def end(self) -> None:
        """Watch no more; called on the loop."""
        self._open = False
        for handle in (self._timer, self._sampler):
            if handle is not None:
                handle.cancel()

    def measure(self, pid: int) -> tuple[int, list[int]]:
        """Take in what the tree around ``pid`` uses now and return its bytes and processes; any thread."""
        pids = [pid] if _has_no_children(pid) else processes.tree(pid)
        memory, cpu = processes.usage(pids)
        self.memory = max(self.memory, memory + _above(pid))
        self.cpu = max(self.cpu, cpu - self._cpu_before)
        return memory, pids

    def _stopped(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the run is over
            self._loop.call_soon_threadsafe(self.judge, self._stop.verdict())

    def _died(self, lease: Lease, exited: asyncio.Future[int]) -> None:
        if self._open and not exited.cancelled():
            reason = death(exited.result(), last_words(lease))
            self.judge(Verdict(state=State.ERROR, ename="KernelDied", reason=reason, retry=True))

    async def _sample(self, lease: Lease) -> None:
        interval = _INTERVAL if self.memory_limit is None else _INTERVAL_WITH_LIMIT
        pause = interval
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            used, _ = await asyncio.to_thread(self.measure, lease.pid)
            if self.memory_limit is not None and used > self.memory_limit:
                reason = f"the run used {size(used)} of {size(self.memory_limit)} allowed"
                self.judge(Verdict(state=State.ERROR, ename="MemoryLimit", reason=reason))
            pause = max(interval, _SHARE * (time.monotonic() - began))


def last_words(lease: Any) -> str:
    """Return the last line that the kernel's process wrote to its own stderr, such as faulthandler's."""
    try:
        lines = lease.log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    fatal: list[str] = [line for line in lines if line.startswith("Fatal Python error")]
    return str((fatal or lines or [""])[-1])[:200]


def size(count: float) -> str:
    """Write bytes as people do: 512 MB."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1024 or (unit == "MB" and count < 10 * 1024):
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"


def seconds(value: float | None) -> str:
    return f"{value:g} s"


def _cpu(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except (psutil.Error, ValueError):
        return 0.0
    return float(times.user + times.system)


def _has_no_children(pid: int) -> bool:
    """Whether the kernel started nothing; orphans count, as they become its children. Quicker than to look at all processes."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        return not any(Path(f"/proc/{pid}/task/{task}/children").read_bytes() for task in tasks)
    except OSError:  # another system, a process that is gone, or one whose threads come and go
        return False


def _above(pid: int) -> int:
    """Return how much more memory the process has had than now; the system keeps count, so a short peak isn't missed."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            fields = dict(line.split(b":", 1) for line in file if line.startswith((b"VmHWM", b"VmRSS")))
        return max(0, int(fields[b"VmHWM"].split()[0]) - int(fields[b"VmRSS"].split()[0])) * 1024
    except (OSError, KeyError, ValueError):
        return 0
