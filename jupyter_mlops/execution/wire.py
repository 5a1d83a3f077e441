"""How clients and a worker find each other and talk: a private socket, a shared secret, one JSON object a message.

Only bytes are sent, never pickles: whoever could reach the socket could otherwise make us run their code.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import stat
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import lru_cache
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client as open_connection
from multiprocessing.connection import Connection as Connection
from multiprocessing.connection import Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

import jupyter_mlops
from jupyter_mlops.errors import WorkerError
from jupyter_mlops.execution.folder import replace

PROTOCOL = 1
LARGEST = 32_000_000  # bytes of a message; an environment may be large
PATIENCE = 5.0  # seconds for the other side to say what it must say at once
_SOCKET_LIMIT = 100  # bytes of a socket's path

Message = dict[str, Any]


class Spot:
    """Where the workers of one project, user, interpreter and host are found.

    ``pointer`` names the worker that takes runs; older ones, which only finish theirs, stay reachable by their process number.
    """

    def __init__(self, project: Path) -> None:
        self.folder = runtime_folder()
        parts = (os.path.realpath(project), str(_user()), sys.executable, sys.prefix, socket.gethostname())
        self.name = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self.pointer = self.folder / f"{self.name}.json"
        self.start_lock = self.folder / f"{self.name}.lock"

    def read(self) -> Message | None:
        """Return what the current worker says of itself, or None."""
        try:
            found = json.loads(self.pointer.read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and "address" in found else None

    def point(self, address: Any) -> Message:
        """Say that this process is the worker now."""
        about = {"pid": os.getpid(), "address": address, "fingerprint": fingerprint(), "version": jupyter_mlops.__version__}
        replace(self._card(os.getpid()), json.dumps(about).encode())
        replace(self.pointer, json.dumps(about).encode())
        return about

    def withdraw(self) -> None:
        """Take back what :meth:`point` said, unless somebody else is the worker now."""
        found = self.read()
        for path in [self._card(os.getpid()), *([self.pointer] if found and found["pid"] == os.getpid() else [])]:
            with contextlib.suppress(OSError):
                path.unlink()

    def address_of(self, pid: int) -> Any:
        """Return the address of the worker with this process number, or None."""
        try:
            return json.loads(self._card(pid).read_bytes())["address"]
        except (OSError, ValueError, KeyError):
            return None

    def listen(self) -> Listener:
        path = str(self.folder / f"{self.name}-{os.getpid()}.sock")
        if hasattr(socket, "AF_UNIX") and len(os.fsencode(path)) < _SOCKET_LIMIT:
            with contextlib.suppress(OSError):
                os.unlink(path)  # of an earlier process with our number
            return Listener(path, family="AF_UNIX", backlog=64)
        return Listener(("127.0.0.1", 0), family="AF_INET", backlog=64)

    def key(self) -> bytes:
        """Return the secret that both sides must know; made by whoever needs it first."""
        path = self.folder / f"{self.name}.key"
        with contextlib.suppress(FileExistsError):
            draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(descriptor, secrets.token_bytes(32))
            os.close(descriptor)
            try:
                os.link(draft, path)  # fails if it exists, and is whole if it doesn't
            finally:
                os.unlink(draft)
        return path.read_bytes()

    def _card(self, pid: int) -> Path:
        return self.folder / f"{self.name}-{pid}.json"


def connect(address: Any, key: bytes) -> Connection:
    """Return a connection on which both sides have proved that they know the secret.

    Raises
    ------
    OSError, EOFError
        Nobody is there.
    WorkerError
        Somebody is there who doesn't know the secret, or doesn't like ours.
    """
    try:
        return open_connection(tuple(address) if isinstance(address, list) else address, authkey=key)
    except AuthenticationError as error:
        raise WorkerError(
            "the worker's socket is held by a process that doesn't know this user's key; end that process."
        ) from error


def admit(connection: Connection, key: bytes) -> None:
    """Let a client in, or raise AuthenticationError, OSError or EOFError."""
    if (user := _peer(connection)) not in (None, _user()):
        raise AuthenticationError(f"user {user} isn't the worker's")
    deliver_challenge(connection, key)
    if not connection.poll(PATIENCE):
        raise AuthenticationError("no challenge came")
    answer_challenge(connection, key)


def send(connection: Connection, message: Message) -> None:
    connection.send_bytes(json.dumps({"protocol": PROTOCOL, **message}).encode("utf-8", "surrogatepass"))


def receive(connection: Connection, timeout: float | None = None) -> Message | None:
    """Return the next message, or None when none comes in time.

    Raises
    ------
    WorkerError
        The other side speaks another protocol, or sends what isn't a message.
    """
    if not connection.poll(timeout):
        return None
    try:
        message = json.loads(connection.recv_bytes(LARGEST).decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise WorkerError(f"a message isn't JSON ({error}); use the client of this package.") from None
    if not isinstance(message, dict) or message.get("protocol") != PROTOCOL:
        other = message.get("protocol") if isinstance(message, dict) else None
        raise WorkerError(
            f"protocol {other!r} isn't {PROTOCOL}, which is spoken here; restart what is older (`jupyter mlops worker stop`)."
        )
    return message


def runtime_folder() -> Path:
    """Return this user's folder for sockets and keys, which nobody else can enter."""
    place = os.environ.get("XDG_RUNTIME_DIR")
    folder = (
        Path(place, "jupyter-mlops")
        if place and os.path.isdir(place)
        else Path(tempfile.gettempdir(), f"jupyter-mlops-{_user()}")
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise WorkerError(
            f"{str(folder)!r} can't be made ({error.strerror or error}): set XDG_RUNTIME_DIR to a private folder."
        ) from None
    if os.name == "posix" and (
        not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077
    ):
        raise WorkerError(f"{str(folder)!r} isn't private to you: remove it, or set XDG_RUNTIME_DIR to a private folder.")
    return folder


def fingerprint() -> str:
    """Return what changes when our code or the environment does: then a worker that has loaded the old is of no use."""
    return _fingerprint(int(time.monotonic()))


@lru_cache(maxsize=1)
def _fingerprint(moment: int) -> str:
    """``moment`` is only there to look again each second."""
    stamps = sorted(_stamps(str(Path(__file__).parents[1])))
    stamps += [_stamp(path) for path in sys.path if path.endswith(("site-packages", "dist-packages")) and os.path.isdir(path)]
    return hashlib.sha256("\n".join([jupyter_mlops.__version__, sys.executable, *stamps]).encode()).hexdigest()[:16]


def _stamps(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield _stamp(entry.path)
            elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                yield from _stamps(entry.path)


def _stamp(path: str) -> str:
    return f"{path} {os.stat(path).st_mtime_ns}"


def _user() -> int | str:
    return os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")


def _peer(connection: Connection) -> int | None:
    """Return the user at the other end of a local socket, where the system tells."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.socket(fileno=os.dup(connection.fileno())) as other:
        if other.family != socket.AF_UNIX:
            return None
        return int(struct.unpack("3i", other.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))[1])
