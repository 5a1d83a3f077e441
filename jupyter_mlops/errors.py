"""The error tree: every message says what happened, with the value, and what to do about it.

    MlopsError
    ├── NameRuleError            a name that breaks the rule for its kind
    ├── ProjectError             a project.yaml that can't be read or a folder that can't be a project
    │   └── ProjectNotFoundError
    ├── CaptureError             a cell or notebook that can't become a Function
    ├── FunctionNotFoundError
    ├── ParameterError           an unknown, missing or mistyped parameter
    ├── InputError               an input that is missing or can't be found
    ├── NotebookError            a file that isn't a notebook we can run
    ├── KernelError              a kernel that is missing or didn't start
    ├── RunNotFoundError
    ├── RunFailedError           a foreground run that didn't complete; has .run
    ├── WaitTimeoutError
    ├── ArtifactNotFoundError
    ├── PackagingError           a value that couldn't be saved or loaded
    ├── LogError                 a bad call of log_metric and friends
    ├── CatalogError             the catalog is held by another program or can't be used
    ├── SqlError                 a query DuckDB refuses
    ├── StorageError             a full disk or a read-only folder
    ├── WorkflowError            a workflow, sweep or selection of steps that can't be; has .problems
    ├── ConflictError            something that changed meanwhile
    ├── ConditionError           a condition that can't be read, or asks for what isn't there
    └── WorkerError              the worker can't be reached or started

Standard library only: these are raised inside kernels too.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the nearest known word, or an empty string."""
    there = list(known)
    match = [one for one in there if one.lower() == word.lower()] or get_close_matches(word, there, n=1)
    return f" Did you mean {match[0]!r}?" if match else ""


class MlopsError(Exception):
    """Base of all errors meant for the person in the notebook; shown there as one line."""

    def _render_traceback_(self) -> list[str]:
        return [*self._cell_lines(), f"{type(self).__name__}: {self}"]

    def _cell_lines(self) -> list[str]:
        """The innermost line of a cell on the way here, so that the reader sees which call was refused."""
        from linecache import getline

        place, trace = None, self.__traceback__
        while trace is not None:
            filename = trace.tb_frame.f_code.co_filename
            if "ipykernel_" in filename or filename.startswith("<ipython-input"):
                place = (filename, trace.tb_lineno)
            trace = trace.tb_next
        if place is None:
            return []
        line = getline(*place).strip()
        if "get_ipython().run_cell_magic(" in line:  # the whole cell, on one line
            return []
        line = re.sub(r"get_ipython\(\)\.run_line_magic\('(\w+)', (['\"])(.*)\2\)", r"%\1 \3", line)
        return [f"line {place[1]}: {line}"]


class NameRuleError(MlopsError):
    """A name that breaks the rule for its kind."""


class ProjectError(MlopsError):
    """No project, or a ``project.yaml`` that can't be read; names file, line and field where known."""


class ProjectNotFoundError(ProjectError):
    """No project there, or around the working directory."""


class CaptureError(MlopsError):
    """A cell or notebook that can't become a Function.

    Attributes
    ----------
    line
        1-based line in the cell's source, or None.
    """

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class FunctionNotFoundError(MlopsError):
    """No Function of that name or version in the project."""


class ParameterError(MlopsError):
    """An unknown, missing or wrongly typed parameter; raised before anything starts."""


class InputError(MlopsError):
    """An input that is unknown, missing or can't be found; raised before anything starts."""


class NotebookError(MlopsError):
    """A file that isn't a notebook we can run: malformed, too old, or empty."""


class KernelError(MlopsError):
    """A kernel that isn't installed or didn't start."""


class RunNotFoundError(MlopsError):
    """No run with that id."""


class RunFailedError(MlopsError):
    """A foreground run that ended in another state than ``completed``.

    Attributes
    ----------
    run
        The run, with its error, log and executed notebook.
    """

    def __init__(self, message: str, run: object = None, *, details: list[str] | None = None) -> None:
        super().__init__(message)
        self.run = run
        self.details = details or []

    def _render_traceback_(self) -> list[str]:
        return [*self.details, f"{type(self).__name__}: {self}"]


class WaitTimeoutError(MlopsError):
    """A wait that ended before its run did; the run goes on."""


class ArtifactNotFoundError(MlopsError):
    """No artifact, version or bytes behind that key or URI."""


class PackagingError(MlopsError):
    """A value that couldn't be saved as an artifact, or loaded back."""


class LogError(MlopsError):
    """A call of ``log_metric`` and friends with a key or value that can't be kept."""


class CatalogError(MlopsError):
    """A catalog file that is held by another program, or of a newer schema."""


class SqlError(MlopsError):
    """A query that DuckDB refuses, in its own words."""


class StorageError(MlopsError):
    """A full disk, a read-only folder or another failure to write."""


class WorkerError(MlopsError):
    """The worker can't be started or reached."""


class WorkflowError(MlopsError):
    """A workflow, sweep or selection of steps that can't be, as it was written; raised before anything starts.

    Attributes
    ----------
    problems
        What is wrong, one sentence each, with step and line where known; the message alone when there is just that.
    found
        The same as records with ``text``, ``step``, ``line`` and ``field``, where it comes from a workflow's text.
    """

    def __init__(self, message: str, *, problems: Iterable[str] = (), found: Iterable[Any] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems) or [message]
        self.found = list(found)


class WorkflowNotFoundError(WorkflowError):
    """No such workflow."""


class ConflictError(MlopsError):
    """Something changed meanwhile, so that what was asked for would undo it."""


class ConditionError(MlopsError):
    """A condition, as in ``when=`` and ``--stop``, that can't be read, or asks for what isn't there."""
