"""The witness of a worker's death: ends what the worker left running, and writes down that its runs are over.

``python -m jupyter_mlops.execution.guard [<worker's pid>]`` is a child of the worker and reads lines from it:
``+ <run folder>\\t<kernel pid>`` when a run has its kernel, ``- <run folder>`` when it is over. At the end of its standard
input, or when its parent is gone, the runs still on the list are lost: their processes are killed, and each gets ``state error``,
reason ``worker lost``, unless an end is written already.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from pathlib import Path
from typing import IO, Any

from psutil import NoSuchProcess

from jupyter_mlops.execution import processes
from jupyter_mlops.storage import journal

LOST = "worker lost"


def main() -> None:
    """Watch until the worker is gone, then clean up after it."""
    _outlive_signals()
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()  # told, it is right even if the worker is gone by now
    for folder, kernel in watch(sys.stdin.buffer, parent).items():
        conclude(folder, kernel)


def _outlive_signals() -> None:
    """A Ctrl-C in the worker's terminal reaches its whole session; a closed terminal sends SIGHUP."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # last: who sees that it leads a session of its own may rely on the rest
    with contextlib.suppress(PermissionError, AttributeError):  # it leads one already, or there are none here
        os.setsid()


def watch(stream: IO[bytes], parent: int) -> dict[Path, dict[str, Any] | None]:
    """Return the runs that were alive when the worker was gone, with the identity of their kernel if it was known."""
    live: dict[Path, dict[str, Any] | None] = {}
    unread = b""
    while data := _read(stream, parent):
        *lines, unread = (unread + data).split(b"\n")
        for line in lines:
            sign, _, rest = os.fsdecode(line).partition(" ")
            folder, _, pid = rest.partition("\t")
            if sign == "+":
                live[Path(folder)] = _identity(pid)
            elif sign == "-":
                live.pop(Path(folder), None)
    return live


def _read(stream: IO[bytes], parent: int) -> bytes:
    """Return the next bytes, or none when the worker is gone."""
    if os.name != "posix":  # pipes can't be waited for with a limit here; their end has to do
        return stream.readline()
    while not select.select([stream], [], [], 1.0)[0]:
        if os.getppid() != parent:  # a fork of the worker may hold the pipe open
            return b""
    return os.read(stream.fileno(), 1 << 16)


def _identity(pid: str) -> dict[str, Any] | None:
    try:
        return processes.identity(int(pid))
    except (ValueError, NoSuchProcess):
        return None


def conclude(folder: Path, kernel: dict[str, Any] | None) -> None:
    """End the run's processes and write its end, unless it has one."""
    alive = kernel is not None and processes.exists(kernel)
    processes.end_tree(kernel["pid"] if kernel and alive else -1, marker=folder.name)
    if not folder.is_dir() or journal.history(folder).state.finished:
        return
    with journal.Journal(folder / "events.jsonl") as events:
        events.append("state", state="error", reason=LOST)


if __name__ == "__main__":
    main()
