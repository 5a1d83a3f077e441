"""A child process that does what mustn't go wrong here: one request at a time, and ended when it takes too long.

A server has to live on whatever a user's text does: loop for ever, leave, print, take all memory. A thread can't be ended, and
DuckDB only where it looks whether it should; a process always can.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import IO, Any

IDLE = 120.0  # seconds after which a child goes


class LateError(Exception):
    """The child took too long, and has been ended."""


class GoneError(Exception):
    """The request ended the child."""


class Aside:
    """A child that runs ``module``, which calls ``serve``. Made when first asked. Not to be shared between threads."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None
        self._maker = 0

    def ask(self, request: Mapping[str, Any], patience: float) -> dict[str, Any]:
        """Return the child's answer.

        Raises
        ------
        LateError
            After ``patience`` seconds.
        GoneError
            There is none, as the child has ended.
        """
        line = json.dumps(request).encode() + b"\n"
        for _ in range(2):  # a child that has gone meanwhile, as it was idle, is replaced once
            child = self._started()
            if answer := _asked(child, line, patience):
                return dict(json.loads(answer))
            self.close()
        raise GoneError

    def close(self) -> None:
        """Let the child go; the next request makes another."""
        child, self._child = self._child, None
        if child is not None and self._maker == os.getpid():  # it isn't a forked process's to end
            child.kill()
            child.communicate()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._maker != os.getpid() or self._child.poll() is not None:
            self.close()
            self._maker = os.getpid()
            atexit.unregister(self.close)
            atexit.register(self.close)
            arguments = [sys.executable, "-m", self._module]
            self._child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return self._child


def _asked(child: subprocess.Popen[bytes], line: bytes, patience: float) -> bytes:
    """Return the answer's line; nothing when the child has ended by itself."""
    assert child.stdin is not None and child.stdout is not None
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(patience, end)
    timer.daemon = True
    timer.start()
    try:
        child.stdin.write(line)
        child.stdin.flush()
        answer = child.stdout.readline()
    except OSError:
        answer = b""
    finally:
        timer.cancel()
    if answer.endswith(b"\n"):
        return answer
    if late.is_set():
        raise LateError
    return b""


def serve(answered: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Answer requests until there are none for a while: what a child does."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what a text reads and prints is none of the parent's business
        os.dup2(nothing, stream)
    while line := _awaited(requests):
        answers.write(json.dumps(answered(json.loads(line))).encode() + b"\n")
        answers.flush()


def _awaited(requests: IO[bytes]) -> bytes:
    timer = threading.Timer(IDLE, os._exit, (0,))
    timer.daemon = True
    timer.start()
    try:
        return requests.readline()
    finally:
        timer.cancel()
