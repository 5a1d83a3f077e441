"""The operations: their names, how REST spells them, what each takes, and the function that answers it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from jupyter_mlops.api import (
    artifacts,
    compare,
    details,
    functions,
    lineage,
    logs,
    metrics,
    previews,
    projects,
    runs,
    starting,
    summary,
    views,
    workflows,
)
from jupyter_mlops.api.context import Context
from jupyter_mlops.api.refusals import OperationError
from jupyter_mlops.errors import did_you_mean

if TYPE_CHECKING:
    from jupyter_mlops.project import Project

Method = Literal["GET", "POST", "PUT", "DELETE"]
Action = Literal["read", "write", "execute"]
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that can be asked.

    ``path`` holds ``{argument}`` s; ``takes`` are the arguments; ``action`` is what one must be allowed to do, and ``executes``
    names an argument that needs to be allowed to execute. ``long`` names an argument with which it may take seconds.
    """

    name: str
    method: Method
    path: str
    action: Action
    takes: type[msgspec.Struct]
    answer: Callable[[Context, Any], dict[str, Any]]
    executes: str | None = None
    long: str | None = None

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.action != "read"

    @property
    def in_path(self) -> list[str]:
        """The arguments that are part of the path."""
        return _FIELD.findall(self.path)

    def takes_long(self, args: Mapping[str, Any]) -> bool:
        """Whether somebody's own text is computed for it, or a file of any size read."""
        return self.long is not None and bool(args.get(self.long))


def _read(
    name: str,
    path: str,
    takes: type[msgspec.Struct],
    answer: Callable[[Context, Any], dict[str, Any]],
    *,
    long: str | None = None,
) -> Operation:
    return Operation(name=name, method="GET", path=path, action="read", takes=takes, answer=answer, long=long)


def _write(
    name: str, method: Method, path: str, takes: type[msgspec.Struct], answer: Callable[[Context, Any], dict[str, Any]]
) -> Operation:
    return Operation(name=name, method=method, path=path, action="write", takes=takes, answer=answer)


def _execute(name: str, path: str, takes: type[msgspec.Struct], answer: Callable[[Context, Any], dict[str, Any]]) -> Operation:
    return Operation(name=name, method="POST", path=path, action="execute", takes=takes, answer=answer)


_TABLE = (
    _read("projects.list", "/projects", projects.Nothing, projects.every),
    _write("projects.create", "POST", "/projects", projects.Create, projects.create),
    _read("project.get", "/project", projects.Nothing, projects.one),
    #
    _read("functions.list", "/functions", projects.Nothing, functions.every),
    _read("functions.get", "/functions/{name}", functions.Named, functions.one),
    _write("functions.define", "PUT", "/functions/{name}", functions.Define, functions.define),
    _write("functions.delete", "DELETE", "/functions/{name}", functions.Named, functions.delete),
    #
    _read("workflows.list", "/workflows", projects.Nothing, workflows.every),
    _read("workflows.get", "/workflows/{name}", functions.Named, workflows.one),
    Operation(
        name="workflows.check",
        method="POST",
        path="/workflows/{name}/check",
        action="read",
        takes=workflows.Check,
        answer=workflows.check,
        executes="python",
        long="python",
    ),
    _write("workflows.save", "PUT", "/workflows/{name}", workflows.Save, workflows.save),
    _write("workflows.delete", "DELETE", "/workflows/{name}", functions.Named, workflows.delete),
    Operation(
        name="workflows.explain",
        method="POST",
        path="/workflows/{name}/explain",
        action="read",
        takes=workflows.Explain,
        answer=workflows.explain,
    ),
    #
    _read("runs.list", "/runs", runs.List, runs.page, long="query"),
    _read("runs.summary", "/summary", summary.Summary, summary.summary, long="query"),
    _execute("runs.start", "/runs", starting.Start, starting.start),
    _read("runs.get", "/runs/{run}", details.OfRun, details.one),
    _write("runs.delete", "DELETE", "/runs/{run}", details.OfRun, starting.delete),
    _execute("runs.abort", "/runs/{run}/abort", details.OfRun, starting.abort),
    _execute("runs.rerun", "/runs/{run}/rerun", starting.Again, starting.rerun),
    _execute("runs.resume", "/runs/{run}/resume", starting.Resume, starting.resume),
    _write("runs.tag", "PUT", "/runs/{run}/tags", starting.Tags, starting.tag),
    _read("runs.metrics", "/metrics", metrics.Metrics, metrics.series),
    _read("runs.log", "/runs/{run}/log", logs.Log, logs.text),
    _read("runs.compare", "/comparison", compare.Compare, compare.side_by_side),
    _read("runs.diff", "/runs/{run}/diff", details.OfRun, compare.diff),
    #
    _read("artifacts.list", "/artifacts", artifacts.List, artifacts.every),
    _read("artifacts.get", "/artifacts/{uid}", artifacts.One, artifacts.one),
    _read("artifacts.table", "/artifacts/{uid}/table", previews.Table, previews.table, long="uid"),
    _read("artifacts.text", "/artifacts/{uid}/text", previews.Text, previews.text),
    _write("artifacts.tag", "PUT", "/artifacts/{uid}/tags/{tag}", artifacts.Tag, artifacts.tag),
    _write("artifacts.untag", "DELETE", "/artifacts/{uid}/tags/{tag}", artifacts.Tag, artifacts.untag),
    _write("artifacts.delete", "DELETE", "/artifacts/{uid}", artifacts.One, artifacts.delete),
    _read("lineage.get", "/lineage", lineage.Lineage, lineage.graph),
    #
    _read("views.list", "/views", projects.Nothing, views.every),
    _write("views.save", "POST", "/views", views.Save, views.save),
    _write("views.delete", "DELETE", "/views/{name}", functions.Named, views.delete),
)

OPERATIONS: Mapping[str, Operation] = {operation.name: operation for operation in _TABLE}


def call(
    project: Project | None, operation: str, args: Mapping[str, Any], *, root: Path | None = None, origin: str = "panel"
) -> Any:
    """Answer an operation: something that JSON can hold.

    Parameters
    ----------
    project
        The project; None for ``projects.*`` only.
    root
        The folder that Lab's file browser shows; None where there is none.
    origin
        What the runs it starts say of where they come from.

    Raises
    ------
    MlopsError
        It is refused; ``refusal`` makes of it what the caller is told.
    """
    if operation not in OPERATIONS:
        raise OperationError(f"{operation!r} is no operation.{did_you_mean(operation, OPERATIONS)}")
    asked = OPERATIONS[operation]
    return asked.answer(Context(chosen=project, root=root, origin=origin), checked(asked, args))


def checked(operation: Operation, args: Mapping[str, Any]) -> msgspec.Struct:
    """Return the arguments as the operation takes them.

    Raises
    ------
    OperationError
        One is unknown, missing or of the wrong type.
    """
    try:
        json.dumps(args, ensure_ascii=False, default=str).encode()
        return msgspec.convert(dict(args), operation.takes, strict=True)
    except msgspec.ValidationError as problem:
        words = str(problem).replace("Object ", "it ", 1).replace("`", "'").replace(" - at '$.", " in '")
        known = ", ".join(operation.takes.__struct_fields__) or "none"
        raise OperationError(f"{operation.name} can't be asked so: {words}. Its arguments: {known}.") from None
    except (UnicodeEncodeError, RecursionError):
        raise OperationError(
            f"{operation.name} can't be asked so: it is nested too deeply, or holds half a character that UTF-8 has no bytes for."
        ) from None
