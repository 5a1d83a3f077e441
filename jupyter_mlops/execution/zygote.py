"""The process that has imported everything once, and forks a kernel per request.

``python -m jupyter_mlops.execution.zygote --socket FD [--preload numpy,pandas] [--bare]`` reads orders, one JSON object a line:
``{"id": 1, "argv": […], "exec": false, "env": {…}, "cwd": …, "log": …}``. It answers ``{"id": 1, "pid": 4711}`` and later
``{"pid": 4711, "exit": -9}`` (a negative number is a signal), and says ``{"loaded": […]}`` when it has imported all. An order
with ``exec`` starts any program with the same guarantees, for kernels that can't be forked; a ``--bare`` zygote does only that.

A fork copies one thread only, so no thread, event loop or zmq context may exist here, ever. Each kernel is a subreaper: orphans
of a run stay its descendants. So is the zygote: a child that it didn't fork as a kernel is a dead kernel's orphan, and is killed.
When its owner is gone, it ends all kernels with their trees, and itself.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import faulthandler
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.execution import libraries, processes

if TYPE_CHECKING:
    from collections.abc import Sequence

INLINE = "module://matplotlib_inline.backend_inline"
_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 1, 15, 36
# as in a kernelspec written by ipykernel: frozen modules would hide their frames from the debugger
_PROGRAM = [sys.executable, "-Xfrozen_modules=off", "-m", "jupyter_mlops.execution.zygote"]
_OOM_HANDICAP = 500  # of 1000: when memory runs out, a kernel goes before the worker, the zygote and the user's own kernel


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to start: ``argv`` are a kernel's arguments after ``ipykernel_launcher``, or with ``exec`` a whole command."""

    id: int
    argv: list[str]
    exec: bool = False
    env: dict[str, str] = field(default_factory=dict)
    cwd: str | None = None
    log: str | None = None


class OwnerGoneError(Exception):
    """The process that started this zygote has closed its end."""


class TerminatedError(OwnerGoneError):
    """Somebody sent SIGTERM; the owner may live."""


def main(arguments: list[str] | None = None) -> None:
    """Serve until the owner is gone; in a forked kernel, *be* that kernel and return when it ends."""
    parser = argparse.ArgumentParser(prog="jupyter_mlops.execution.zygote")
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--preload", default="", help="libraries")
    parser.add_argument("--dropped", default="", help="what isn't preloaded, and why")
    parser.add_argument("--kernels", default="", help="those started before the zygote started over")
    parser.add_argument("--folder", help="removed when the owner is gone")
    parser.add_argument("--bare", action="store_true")
    options = parser.parse_args(arguments)
    if sys.path[0] in ("", os.getcwd()):
        del sys.path[0]  # `-m` put it there; a kernel puts its own working directory there
    environ = dict(os.environ)
    if not options.bare:
        # ipykernel sets this in each kernel, but matplotlib reads it when it is imported
        os.environ.setdefault("MPLBACKEND", INLINE)
        libraries.load_kernel()
    zygote = Zygote(options, environ)
    order = zygote.serve()
    if order is not None:
        become(order, {name: os.environ[name] for name in os.environ.keys() - environ.keys()})
    elif options.folder and not zygote.terminated:
        shutil.rmtree(options.folder, ignore_errors=True)


def command(fd: int, *, preload: Sequence[str] = (), folder: str | None = None, bare: bool = False) -> list[str]:
    """Return the command line of a zygote that talks on file descriptor ``fd``."""
    words = ["--socket", str(fd), "--preload", ",".join(preload)]
    words += ["--folder", folder] if folder else []
    words += ["--bare"] if bare else []
    return [*_PROGRAM, *words]


class Zygote:
    """The loop: orders in, kernels out, exits reported."""

    def __init__(self, options: argparse.Namespace, environ: dict[str, str]) -> None:
        self.options, self.environ = options, environ
        self.socket = socket.socket(fileno=options.socket)
        self.socket.set_inheritable(False)
        self.owner = os.getppid()
        self.libraries = [name for name in options.preload.split(",") if name]
        self.pending = list(self.libraries)
        self.kernels = {int(pid) for pid in options.kernels.split(",") if pid}
        self.unread = b""
        self.terminated = False
        self.alarm, self.bell = os.pipe()
        for end in (self.alarm, self.bell):
            os.set_blocking(end, False)

    def serve(self) -> Order | None:
        """Return None when the owner is gone and all is cleaned up, and the order in each child."""
        self._prepare()
        try:
            if not self.pending:
                self._tell(loaded=[], dropped=self.options.dropped)
            self._reap()
            while True:
                orders = self._wait(0.0 if self.pending else 1.0)
                for order in orders:
                    if self._fork(order):
                        return order
                self._reap()
                if self.pending and not orders and not self.unread:
                    self._preload()
        except OwnerGoneError as error:
            self.terminated = isinstance(error, TerminatedError)
            self._end_all()
            return None

    def _preload(self) -> None:
        """Import one more library; between two of them orders are served, so that the first kernel needn't wait for all."""
        name = self.pending.pop(0)
        if reason := libraries.load_library(name):
            self._start_over(name, reason)
        if not self.pending:
            _settle()
            self._tell(loaded=self.libraries, dropped=self.options.dropped)

    def _start_over(self, name: str, reason: str) -> None:
        """Become a new zygote without that library: neither a thread nor half an import can be taken back.

        The process stays the same, and so its kernels stay its children.
        """
        os.set_inheritable(self.socket.fileno(), True)
        dropped = "; ".join(filter(None, [self.options.dropped, f"{name} isn't preloaded ({reason})"]))
        rest = [other for other in self.libraries if other != name]
        words = command(self.socket.fileno(), preload=rest, folder=self.options.folder)
        words += ["--dropped", dropped, "--kernels", ",".join(map(str, self.kernels))]
        os.execve(sys.executable, words, self.environ)

    def _prepare(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _raise_terminated)
        signal.signal(signal.SIGCHLD, _nothing)
        signal.set_wakeup_fd(self.bell, warn_on_full_buffer=False)
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        _settle()

    def _wait(self, seconds: float) -> list[Order]:
        sources: list[Any] = [self.socket, self.alarm]
        ready, _, _ = select.select(sources, [], [], seconds)
        if self.alarm in ready:
            os.read(self.alarm, 4096)
        if self.socket not in ready:
            if os.getppid() != self.owner:  # somebody else may hold a copy of the owner's end
                raise OwnerGoneError
            return []
        try:
            data = self.socket.recv(1 << 20)
        except OSError as error:
            raise OwnerGoneError from error
        if not data:
            raise OwnerGoneError
        *lines, self.unread = (self.unread + data).split(b"\n")
        return [Order(**json.loads(line)) for line in lines]

    def _fork(self, order: Order) -> bool:
        """Return whether this is the child."""
        try:
            pid = os.fork()
        except OSError as error:  # no memory, or too many processes: the next order may fare better
            self._tell(id=order.id, error=error.strerror)
            return False
        if pid:
            self.kernels.add(pid)
            self._tell(id=order.id, pid=pid)
            return False
        signal.set_wakeup_fd(-1)
        for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
            signal.signal(number, handler)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.socket.close()
        os.close(self.alarm)
        os.close(self.bell)
        self.kernels.clear()
        return True

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                if pid in self.kernels:
                    self.kernels.discard(pid)
                    self._tell(pid=pid, exit=os.waitstatus_to_exitcode(status))
        for orphan in _children() - self.kernels:
            _kill(orphan)  # its own children come next: they are ours as soon as it is dead

    def _tell(self, **message: Any) -> None:
        try:
            self.socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise OwnerGoneError from error

    def _end_all(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        deadline = time.monotonic() + processes.PATIENCE
        for pid in self.kernels:
            processes.end_tree(pid)
        while _children() and time.monotonic() < deadline:
            for pid in _children():
                _kill(pid)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            time.sleep(0.005)


def _settle() -> None:
    """Collect, and then leave what is here alone: a collection in a child would write to, and so copy, every page."""
    gc.collect()
    gc.freeze()


def _children() -> set[int]:
    try:
        return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}
    except FileNotFoundError:  # a kernel built without CONFIG_PROC_CHILDREN
        return {pid for pid, row in processes.snapshot().items() if row.parent == os.getpid()}


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _nothing(number: int, frame: object) -> None:
    """Have a handler at all, so that the signal rings the bell."""


def _raise_terminated(number: int, frame: object) -> None:
    raise TerminatedError


def _prctl(option: int, value: int | bytes) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def become(order: Order, set_by_imports: dict[str, str]) -> None:
    """Turn this fresh child into what was ordered; for a kernel, return when it ends.

    ``set_by_imports`` are environment variables that libraries set when they were imported, which they won't do again.
    """
    os.setsid()
    _redirect(order.log)  # first of all: whoever waits for the end of an inherited pipe would wait for this kernel
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # without its zygote nobody knows of a kernel that isn't running anything yet
    _volunteer_for_oom()
    with contextlib.suppress(OSError):  # a folder that was deleted meanwhile: each run goes to its own anyway
        os.chdir(order.cwd or ".")
    if order.exec:
        _execute(order)
    if order.env:
        os.environ.clear()
        os.environ.update(set_by_imports | order.env)
    _prctl(_PR_SET_NAME, b"mlops-kernel")
    _reseed()
    if order.log:  # a descriptor of its own, as ipykernel takes 2 away and reads it in a thread that a crash ends
        faulthandler.enable(os.dup(2))
    _run_kernel(order.argv)


def _redirect(log: str | None) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    errors = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else nowhere
    os.dup2(errors, 2)
    for fd in {nowhere, errors} - {0, 1, 2}:
        os.close(fd)


def _volunteer_for_oom() -> None:
    path = Path("/proc/self/oom_score_adj")
    with contextlib.suppress(OSError):
        path.write_text(str(min(1000, int(path.read_text()) + _OOM_HANDICAP)))


def _execute(order: Order) -> None:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these; a program expects the default
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(order.argv[0], order.argv, order.env or os.environ)
    except OSError as error:
        os.write(2, f"{order.argv[0]!r} can't be started: {error.strerror}\n".encode())
        os._exit(127)


def _reseed() -> None:
    """Draw new numbers in numpy; Python reseeds its own ``random`` after each fork."""
    if (numpy_random := sys.modules.get("numpy.random")) is not None:
        numpy_random.seed()


def _run_kernel(argv: list[str]) -> None:
    from ipykernel.kernelapp import IPKernelApp  # loaded long ago; a bare zygote doesn't come here

    sys.argv = [find_spec("ipykernel_launcher").origin, *argv]  # type: ignore[union-attr,list-item]
    IPKernelApp.launch_instance(argv=argv)


if __name__ == "__main__":
    main()
