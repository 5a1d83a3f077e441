"""The process in which a workflow's Python is executed when somebody else than its author's kernel asks what it says.

A server has to live on whatever a half-typed cell does: loop for ever, leave, print, change the folder. So one child does it, a
request a line, and is replaced when it takes too long. ``python -m jupyter_mlops.execution.tracing`` is that child.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from jupyter_mlops.errors import MlopsError, WorkflowError
from jupyter_mlops.records import Function
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows import trace
from jupyter_mlops.workflows.nouns import Workflow
from jupyter_mlops.workflows.problems import Problem

PATIENCE = 10.0  # seconds for one text
IDLE = 120.0  # seconds after which the child goes


class Tracer:
    """Has workflows' Python executed in a child process, one at a time. Safe to share between threads."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._child: subprocess.Popen[bytes] | None = None
        self._maker = 0
        self._turn = threading.Lock()

    def trace(
        self, code: str, *, name: str, folder: Path, functions: Mapping[str, Function], workflows: Mapping[str, Workflow]
    ) -> Workflow:
        """Return the workflow that a cell describes; otherwise as :func:`jupyter_mlops.workflows.trace.trace`."""
        request = {
            "code": code,
            "name": name,
            "folder": str(folder),
            "functions": msgspec.to_builtins(dict(functions)),
            "workflows": {other: yaml.dump(made) for other, made in workflows.items()},
        }
        with self._turn:
            told = self._asked(json.dumps(request).encode() + b"\n", name)
        if "message" in told:
            raise WorkflowError(told["message"], problems=told["problems"], found=[Problem(**each) for each in told["found"]])
        return yaml.load(told["yaml"], file=name)

    def close(self) -> None:
        """Let the child go; the next text makes another."""
        child, self._child = self._child, None
        if child is not None and self._maker == os.getpid():  # it isn't a forked process's to end
            child.kill()
            child.communicate()

    def _asked(self, request: bytes, name: str) -> dict[str, Any]:
        for _ in range(2):  # a child that has gone meanwhile, as it was idle, is replaced once
            child = self._started()
            assert child.stdin is not None and child.stdout is not None
            try:
                child.stdin.write(request)
                child.stdin.flush()
                if answer := self._answered(child.stdout, name):
                    return dict(json.loads(answer))
            except OSError:
                pass
            self.close()
        raise WorkflowError(f"{name}: this Python ended the process that was to read it: a workflow only says what is run.")

    def _answered(self, pipe: IO[bytes], name: str) -> bytes:
        """Return the answer's line; empty when there is none any more."""
        ready, _, _ = select.select([pipe], [], [], self.patience)
        if not ready:
            self.close()
            raise WorkflowError(f"{name}: this Python took more than {self.patience:g} s: a workflow only says what is run.")
        return pipe.readline()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            arguments = [sys.executable, "-m", __name__]
            self._maker = os.getpid()
            atexit.unregister(self.close)
            atexit.register(self.close)
            self._child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return self._child


def answered(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the YAML of what a text says, or what is wrong with it."""
    functions = msgspec.convert(request["functions"], dict[str, Function])
    others = {name: yaml.load(text, file=name) for name, text in request["workflows"].items()}
    try:
        made = trace.trace(request["code"], name=request["name"], functions=functions, workflows=others)
        return {"yaml": yaml.dump(made)}
    except WorkflowError as error:
        found = [{name: getattr(each, name) for name in ("text", "step", "line", "field")} for each in error.found]
        return {"message": str(error), "problems": error.problems, "found": found}
    except MlopsError as error:
        return {"message": str(error), "problems": [str(error)], "found": []}


def main() -> None:
    """Answer requests until there are none for a while."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what a cell reads and prints is none of the parent's business
        os.dup2(nothing, stream)
    while select.select([requests], [], [], IDLE)[0] and (line := requests.readline()):
        request = json.loads(line)
        os.chdir(request["folder"])
        answers.write(json.dumps(answered(request)).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
