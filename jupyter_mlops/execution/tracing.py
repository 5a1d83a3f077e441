"""The process in which a workflow's Python is executed when somebody else than its author's kernel asks what it says.

``python -m jupyter_mlops.execution.tracing`` is that child.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from jupyter_mlops.errors import MlopsError, WorkflowError
from jupyter_mlops.execution.aside import Aside, GoneError, LateError, serve
from jupyter_mlops.records import Function
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows import trace
from jupyter_mlops.workflows.nouns import Workflow
from jupyter_mlops.workflows.problems import Problem

PATIENCE = 10.0  # seconds for one text


class Tracer:
    """Has workflows' Python executed in a child process, one at a time. Safe to share between threads."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._aside = Aside(__name__)
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
            told = self._asked(request, name)
        if "message" in told:
            raise WorkflowError(told["message"], problems=told["problems"], found=[Problem(**each) for each in told["found"]])
        return yaml.load(told["yaml"], file=name)

    def close(self) -> None:
        """Let the child go; the next text makes another."""
        self._aside.close()

    def _asked(self, request: Mapping[str, Any], name: str) -> dict[str, Any]:
        try:
            return self._aside.ask(request, self.patience)
        except LateError:
            raise WorkflowError(
                f"{name}: this Python took more than {self.patience:g} s: a workflow only says what is run."
            ) from None
        except GoneError:
            raise WorkflowError(
                f"{name}: this Python ended the process that was to read it: a workflow only says what is run."
            ) from None


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


def _answered(request: Mapping[str, Any]) -> dict[str, Any]:
    os.chdir(request["folder"])
    return answered(request)


if __name__ == "__main__":
    serve(_answered)
