"""The owner's side of the zygote: ask for kernels, hear of their exits, and be a jupyter_client kernel provisioner."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any as AnyTrait
from traitlets import Bool

from jupyter_mlops.errors import KernelError
from jupyter_mlops.execution import processes, zygote
from jupyter_mlops.execution.commands import kernel_arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_client.connect import KernelConnectionInfo

AVAILABLE = sys.platform.startswith("linux")
# What belongs to the process that starts us, and would tell a lie in a kernel. (Where ipykernel sees pytest's, it doesn't
# capture what programs write to the file descriptors.)
NOT_INHERITED = ("JPY_PARENT_PID", "JPY_SESSION_NAME", "MPLBACKEND", "PYTEST_CURRENT_TEST", processes.MARKER)


class Child:
    """A process that the zygote started for us, with the part of ``subprocess.Popen`` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, exited: asyncio.Future[int]) -> None:
        self.pid = pid
        self.exited = exited

    def poll(self) -> int | None:
        return self.exited.result() if self.exited.done() else None

    def wait(self) -> int | None:
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # afterwards the number may be another process's
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class ZygoteLostError(KernelError):
    """The zygote ended, so it can't start kernels any more."""


class ZygoteClient:
    """One zygote process and the kernels it started; lives on the running event loop.

    Parameters
    ----------
    preload
        Libraries to import ahead. What can't be forked is left out, see ``notes``.
    bare
        Only start programs, don't fork kernels; ready in milliseconds.
    folder
        Where the zygote's log goes; removed by the zygote when we are gone.
    """

    def __init__(self, preload: tuple[str, ...] = (), *, bare: bool = False, folder: Path) -> None:
        self.preload, self.bare, self.folder = preload, bare, folder
        self.notes: list[str] = []
        self.lost = False
        self.loaded = False
        self.when_loaded: Callable[[], None] | None = None
        self._children: dict[int, Child] = {}
        self._orders: dict[int, asyncio.Future[Child]] = {}
        self._numbers = count(1)
        self._speaking = asyncio.Lock()
        self._unread = b""

    def start(self) -> None:
        """Start the process; orders may be given at once and wait until it is ready."""
        self._loop = asyncio.get_running_loop()
        self._socket, theirs = socket.socketpair()
        with theirs, open(self.folder / "zygote.log", "ab") as log:
            command = zygote.command(theirs.fileno(), preload=self.preload, folder=str(self.folder), bare=self.bare)
            self.process = subprocess.Popen(
                command,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,  # with -m Python imports from here first: nothing of the user's may be in the way
                env=inherited(),
                start_new_session=True,
            )
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._receive)

    async def launch(
        self, argv: list[str], *, execute: bool, env: dict[str, str], cwd: str | None = None, log: Path | None = None
    ) -> Child:
        """Start a kernel (``argv`` after ``ipykernel_launcher``), or with ``execute`` any program."""
        if self.lost:
            raise ZygoteLostError(f"the zygote ended: {self.last_words()}")
        number = next(self._numbers)
        answer: asyncio.Future[Child] = self._loop.create_future()
        self._orders[number] = answer
        order = {"id": number, "argv": argv, "exec": execute, "env": env, "cwd": cwd or os.getcwd(), "log": log and str(log)}
        async with self._speaking:
            with contextlib.suppress(OSError):  # then the reader sees the end, and the answer is that
                await self._loop.sock_sendall(self._socket, json.dumps(order).encode() + b"\n")
        return await answer

    def last_words(self) -> str:
        log = self.folder / "zygote.log"
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        return lines[-1] if lines else f"exit code {self.process.poll()}"

    async def close(self) -> None:
        """End the zygote and every kernel that it still has; return when they are gone."""
        self._end("closed")
        deadline = time.monotonic() + 2 * processes.PATIENCE
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                self.process.kill()
            await asyncio.sleep(0.01)

    def _receive(self) -> None:
        try:
            data = self._socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end("lost")
            return
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))

    def _hear(self, message: dict[str, Any]) -> None:
        if "loaded" in message:
            self.notes += filter(None, [message["dropped"]])
            self.loaded = True
            if self.when_loaded:
                self.when_loaded()
        elif "exit" in message:
            if not (child := self._children.pop(message["pid"])).exited.done():
                child.exited.set_result(message["exit"])
        elif "error" in message:
            if not (answer := self._orders.pop(message["id"])).done():
                answer.set_exception(OSError(message["error"]))
        else:
            child = self._children[message["pid"]] = Child(message["pid"], self._loop.create_future())
            answer = self._orders.pop(message["id"])
            if answer.done():  # cancelled: nobody wants it any more
                child.kill()
            else:
                answer.set_result(child)

    def _end(self, why: str) -> None:
        if self.lost:
            return
        self.lost = True
        self._loop.remove_reader(self._socket)
        self._socket.close()
        for answer in self._orders.values():
            if not answer.done():
                answer.set_exception(ZygoteLostError(f"the zygote was {why}: {self.last_words()}"))
                answer.exception()  # it may be that nobody waits any more
        for child in self._children.values():  # they die with it
            if not child.exited.done():
                child.exited.set_result(-signal.SIGKILL)


def inherited() -> dict[str, str]:
    """Return this process's environment without what is only true here."""
    return {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel through a zygote: forked if the command is ipykernel's of this interpreter, else executed.

    A KernelManager that isn't ours (``"kernel_provisioner": {"provisioner_name": "jupyter-mlops-forked"}`` in a kernelspec's
    metadata) gets a zygote of its own.
    """

    zygote = AnyTrait(None, allow_none=True)
    log_file = AnyTrait(None, allow_none=True)
    fork = Bool(True)
    process: Any = None  # a Child
    pid: Any = None
    _own_zygote: ZygoteClient | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        if self.zygote is None:
            folder = Path(tempfile.mkdtemp(prefix="mlops-"))
            self.zygote = self._own_zygote = ZygoteClient(folder=folder)
            self.zygote.start()
        argv = kernel_arguments(cmd) if self.fork and not self.zygote.bare else None
        self.process = await self.zygote.launch(
            argv or cmd, execute=argv is None, env=kwargs["env"], cwd=kwargs.get("cwd"), log=self.log_file
        )
        self.pid = self.pgid = self.process.pid  # it leads its own session and group
        self.cwd = kwargs.get("cwd") or os.getcwd()
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                try:
                    os.killpg(self.pid, signum)
                except ProcessLookupError:  # just forked, it doesn't lead its group yet
                    self.process.send_signal(signum)

    async def wait(self) -> int | None:
        code = await asyncio.shield(self.process.exited) if self.process else 0
        self.process = None
        return code

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart=restart)
        if self._own_zygote is not None and not restart:
            await self._own_zygote.close()
            self.zygote = self._own_zygote = None
