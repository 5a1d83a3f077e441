"""Kernels that are ready before they are wanted, and gone, with all they started, when they are released."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import tempfile
from collections import deque
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import psutil
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from jupyter_mlops.errors import KernelError
from jupyter_mlops.execution import kernelspecs, processes
from jupyter_mlops.execution.demand import Demand
from jupyter_mlops.execution.forked import AVAILABLE, ForkedProvisioner, ZygoteClient, ZygoteLostError, inherited
from jupyter_mlops.execution.hearing import exit_of, until_ready
from jupyter_mlops.execution.kernelspecs import DEFAULT_KERNEL, can_be_forked, is_ipykernel, is_local, matters_at_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PRELOAD = ("numpy", "pandas", "sklearn", "matplotlib")
_PATH_LIMIT = 80  # bytes of the private folder; with "/1234/k-5" sockets stay well under the 104 that systems allow
_STARTUP = 60.0  # seconds that a kernel may take until its first reply
_FAREWELL = 0.25  # seconds
_REFILL_DELAY = 0.5  # seconds; a run that is longer than this has its own imports behind it
_ZYGOTE_RESTARTS = 3
_QUIET_HISTORY = ("--HistoryManager.hist_file=:memory:",)  # a run is nobody's typing


_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # jupyter_client logs what it raises as well


@dataclass(kw_only=True, eq=False)
class Lease:
    """A kernel that serves one run.

    Attributes
    ----------
    km, kc
        AsyncKernelManager, and a *connected* AsyncKernelClient (shell, iopub, control) on the loop it was acquired on.
    mode
        How it came to be: ``forked``, ``prestarted`` or ``cold``.
    exited
        Resolves to the exit code as soon as the process has ended; negative for a signal.
    log
        What the process wrote to its own stderr, e.g. faulthandler's last words. May be missing.
    """

    km: Any
    kc: Any
    pid: int
    mode: str
    kernel_name: str
    folder: Path
    log: Path
    exited: asyncio.Future[int] = field(repr=False)
    born: float = 0.0


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """How one kernel is started. Those with an ``env`` of their own are never kept in reserve."""

    name: str
    mode: str
    env: tuple[tuple[str, str], ...] = ()


class Kernels:
    """A few kernels in reserve, each for one run.

    Parameters
    ----------
    mode
        ``auto`` forks where it can, keeps ordinary Python kernels started ahead elsewhere, and starts others when asked.
        ``forked``, ``prestarted`` and ``cold`` ask for one way; what can't be done falls back to the next, see ``notes``.
    size, most
        How many to keep ready, and how many at most when they are announced.
    preload
        Libraries that forked kernels have imported already. Those that aren't installed don't matter.
    """

    def __init__(self, mode: str = "auto", size: int = 2, preload: tuple[str, ...] = PRELOAD, *, most: int = 0) -> None:
        self.mode, self.size = mode, size
        self.demand = Demand(size, most)
        self.preload = tuple(name for name in preload if find_spec(name))
        self._notes: list[str] = []
        self._specs = KernelSpecManager()
        self._known: dict[str, KernelSpec] = {}
        self._shelves: dict[_Plan, deque[asyncio.Task[Lease]]] = {}
        self._leases: set[Lease] = set()
        self._renewals: set[asyncio.Task[list[int]]] = set()
        self._zygote: ZygoteClient | None = None
        self._restarts = 0
        self._count = 0
        self._closed = False

    async def start(self) -> None:
        """Begin to get kernels ready; returns at once."""
        self._loop = asyncio.get_running_loop()
        self._context = zmq.asyncio.Context()
        self._folder = _private_folder()
        if AVAILABLE:
            self._start_zygote(bare=self.mode in ("prestarted", "cold"))
        elif self.mode in ("auto", "forked"):
            self._notes.append("kernels are started ahead, not forked: forking needs Linux")
        with contextlib.suppress(KernelError):  # without a default kernel others may still be asked for by name
            self._refill(self._plan(DEFAULT_KERNEL))

    @property
    def notes(self) -> list[str]:
        """Why kernels are started in another way than asked for, or without a library."""
        return self._notes + (self._zygote.notes if self._zygote else [])

    async def acquire(self, kernel_name: str | None = None, env: dict[str, str] | None = None) -> Lease:
        """Return a kernel that nothing has run in.

        ``env`` is looked at, not applied, unless it has names that matter when a process starts, with other values than here:
        then a kernel is started with it.
        """
        plan = self._plan(kernel_name or DEFAULT_KERNEL, env or {})
        shelf = self._shelves.get(plan, deque())
        if plan.name == DEFAULT_KERNEL:
            self.demand.take()
        if plan.mode != "cold":
            self._loop.call_later(_REFILL_DELAY, self._refill, plan)
        while shelf:
            task = next((task for task in shelf if task.done()), shelf[0])
            shelf.remove(task)
            with contextlib.suppress(KernelError):  # then a start of our own says why
                lease = await task
                if not lease.exited.done():
                    return lease
                await self._discard(lease)
        lease = await self._start_kernel(plan)
        lease.mode = "cold" if lease.mode == "prestarted" else lease.mode
        return lease

    async def release(self, lease: Lease, marker: str | None = None) -> list[int]:
        """End the kernel and all it started; return what is left of it (normally nothing) after a bounded time.

        ``marker`` is the run's id: processes that hold it in their environment belong to it as well.
        """
        left = await self._discard(lease, marker)
        for plan in list(self._shelves):
            self._refill_in_time(plan)
        return left

    @contextlib.contextmanager
    def expecting(self, count: int) -> Iterator[None]:
        """Get kernels ready for so many runs that follow, while the block goes on; called in any thread but the loop's."""
        self._loop.call_soon_threadsafe(self._announce, count)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self.demand.withdraw, count)

    async def close(self) -> None:
        """End everything."""
        self._closed = True
        starting = [task for shelf in self._shelves.values() for task in shelf]
        for task in starting:
            task.cancel()  # no matter to those that are done
        if self._zygote:
            await self._zygote.close()
        await asyncio.gather(*starting, *self._renewals, return_exceptions=True)
        for lease in list(self._leases):
            await self._discard(lease)
        self._context.destroy(linger=0)
        shutil.rmtree(self._folder, ignore_errors=True)

    # which way

    def _plan(self, name: str, env: Mapping[str, str] = MappingProxyType({})) -> _Plan:
        spec = self._spec(name)
        if any(matters_at_start(key, value) for key, value in env.items()):
            return _Plan(name=name, mode="cold", env=tuple(sorted(env.items())))
        if self.mode == "cold" or not is_ipykernel(spec):
            return _Plan(name=name, mode="cold")
        forks = self._zygote is not None and not self._zygote.bare and can_be_forked(spec)
        return _Plan(name=name, mode="forked" if forks else "prestarted")

    def _spec(self, name: str) -> KernelSpec:
        if name not in self._known:
            self._known[name] = kernelspecs.find(name, self._specs)
        return self._known[name]

    def _start_zygote(self, *, bare: bool) -> None:
        self._zygote = ZygoteClient(() if bare else self.preload, bare=bare, folder=self._folder)
        self._zygote.when_loaded = self._renew if self.preload and not bare else None
        try:
            self._zygote.start()
        except OSError as error:
            self._zygote = None
            self._notes.append(f"kernels are started ahead, not forked: {error}")

    def _replace_zygote(self, lost: ZygoteClient, error: ZygoteLostError) -> None:
        if self._zygote is not lost or self._closed:  # another start has seen it, too
            return
        self._notes.append(str(error))
        self._restarts += 1
        if self._restarts > _ZYGOTE_RESTARTS:
            self._notes.append("kernels are started ahead, not forked: the zygote ended too often")
            self._zygote = None
            return
        if not lost.loaded:  # perhaps for what it had to import
            self.preload = ()
        self._start_zygote(bare=lost.bare)

    # one kernel

    def _announce(self, count: int) -> None:
        self.demand.announce(count)
        with contextlib.suppress(KernelError):  # whoever asks for one hears why there is none
            self._refill_in_time(self._plan(DEFAULT_KERNEL))

    def _refill_in_time(self, plan: _Plan) -> None:
        if plan.name == DEFAULT_KERNEL and self.demand.is_covered(len(self._shelves.get(plan, ()))):
            self._loop.call_later(_REFILL_DELAY, self._refill, plan)
        else:
            self._refill(plan)

    def _refill(self, plan: _Plan) -> None:
        """Start one more kernel for the shelf unless it is full; when that one is ready, look again."""
        if self._closed or plan.mode == "cold":
            return
        shelf = self._shelves.setdefault(plan, deque())
        wanted = self.demand.wanted if plan.name == DEFAULT_KERNEL else min(self.size, 1)
        if len(shelf) >= wanted or not all(task.done() for task in shelf):
            return
        task = self._loop.create_task(self._start_kernel(plan))
        task.add_done_callback(lambda done: None if done.cancelled() or done.exception() else self._refill_in_time(plan))
        shelf.append(task)

    def _renew(self) -> None:
        """Replace the kernels that wait since before all libraries were loaded; a run on them would import again."""
        for plan, shelf in self._shelves.items():
            outdated = [task for task in shelf if task.done() and not task.exception() and plan.mode == "forked"]
            for task in outdated:
                shelf.remove(task)
                self._renewals.add(renewal := self._loop.create_task(self._discard(task.result())))
                renewal.add_done_callback(self._renewals.discard)
            self._refill(plan)

    async def _start_kernel(self, plan: _Plan) -> Lease:
        while True:
            used = self._zygote
            try:
                return await self._launch(plan, used)
            except ZygoteLostError as error:
                if used is None or self._closed:
                    raise
                await used.close()
                self._replace_zygote(used, error)
                plan = self._plan(plan.name, dict(plan.env))

    async def _launch(self, plan: _Plan, zygote: ZygoteClient | None) -> Lease:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir(mode=0o700)
        spec, log = self._spec(plan.name), folder / "stderr"
        km = self._manager(plan, spec, folder)
        env = inherited() | dict(plan.env)
        options: dict[str, Any] = {"env": env, "extra_arguments": list(_QUIET_HISTORY) if is_ipykernel(spec) else []}
        try:
            if zygote is not None and is_local(spec):
                fork = plan.mode == "forked"
                km.provisioner = ForkedProvisioner(
                    parent=km, kernel_id=folder.name, kernel_spec=spec, zygote=zygote, fork=fork, log_file=log
                )
                await km.start_kernel(**options)
            else:
                with open(log, "ab") as errors:
                    await km.start_kernel(**options, stdin=DEVNULL, stdout=errors, stderr=errors)
            return await self._connect(plan, km, folder, log)
        except BaseException as error:
            if km.has_kernel:  # cancelled just now
                await asyncio.shield(km.shutdown_kernel(now=True))
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError):
                raise KernelError(f"kernel {plan.name!r} can't be started: {error}") from error
            raise

    def _manager(self, plan: _Plan, spec: KernelSpec, folder: Path) -> AsyncKernelManager:
        # sockets in a private folder: a port found free now may be taken by the time the kernel binds it
        sockets = {"transport": "ipc", "ip": str(folder / "k")} if os.name == "posix" and is_ipykernel(spec) else {}
        if len(os.fsencode(folder)) > _PATH_LIMIT:
            sockets = {}
        return AsyncKernelManager(
            log=_log,
            kernel_name=plan.name,
            kernel_spec_manager=self._specs,
            context=self._context,
            connection_file=str(folder / "kernel.json"),
            **sockets,
        )

    async def _connect(self, plan: _Plan, km: AsyncKernelManager, folder: Path, log: Path) -> Lease:
        pid = getattr(km.provisioner, "pid", None) or -1
        exited = self._loop.create_task(exit_of(km.provisioner))
        kc = km.client()
        lease = Lease(km=km, kc=kc, pid=pid, mode=plan.mode, kernel_name=plan.name, folder=folder, log=log, exited=exited)
        self._leases.add(lease)
        with contextlib.suppress(psutil.Error):
            lease.born = processes.identity(pid)["born"] if pid > 0 else 0.0
        ready = self._loop.create_task(until_ready(lease))
        try:
            await asyncio.wait({ready, exited}, timeout=_STARTUP, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                raise KernelError(f"kernel {plan.name!r} {_what_happened(lease)}")
            ready.result()
        except BaseException:
            ready.cancel()
            await self._discard(lease)
            raise
        return lease

    async def _discard(self, lease: Lease, marker: str | None = None) -> list[int]:
        self._leases.discard(lease)
        lease.kc.stop_channels()
        if lease.pid > 0:
            left = await asyncio.to_thread(processes.end_tree, _number_of(lease), marker)
        else:  # a provisioner that isn't ours: a kernel in a container or on another machine
            left = await lease.km.shutdown_kernel(now=True) or []
        # dead it is; being told so takes longer only while the zygote imports a library
        await asyncio.wait({lease.exited}, timeout=_FAREWELL)
        await lease.km.cleanup_resources()
        shutil.rmtree(lease.folder, ignore_errors=True)
        return left


def _number_of(lease: Lease) -> int:
    """The kernel's number, or -1 when another process has got it."""
    try:
        reused = psutil.Process(lease.pid).create_time() != lease.born
    except psutil.Error:
        return lease.pid  # ended; what it started may still be in its session
    return -1 if reused and lease.exited.done() else lease.pid


def _what_happened(lease: Lease) -> str:
    lines = lease.log.read_text(errors="replace").strip().splitlines() if lease.log.exists() else []
    last = f": {lines[-1]}" if lines else ""
    if lease.exited.done():
        return f"ended with exit code {lease.exited.result()} before it was ready{last}"
    return f"didn't answer within {_STARTUP:.0f} s{last}"


def _private_folder() -> Path:
    """Return a new folder that only this user can enter, with a short path."""
    places = [os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"]
    for place in filter(None, places):
        if len(os.fsencode(place)) < _PATH_LIMIT - 20 and os.access(place, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="mlops-", dir=place))
    return Path(tempfile.mkdtemp(prefix="mlops-"))
