"""Saved views of the table of runs, in ``.mlops/views.json``."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from jupyter_mlops.api.context import Context
from jupyter_mlops.api.functions import Named
from jupyter_mlops.errors import ParameterError, StorageError
from jupyter_mlops.execution.folder import replace

MOST = 200
_writing = threading.Lock()


class Sort(Struct, forbid_unknown_fields=True, kw_only=True):
    """A column, and which way."""

    by: str
    descending: bool


class View(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is shown, in what order, in which columns."""

    name: str
    query: str = ""
    sort: Sort | None = None
    group: str | None = None
    columns: list[str] | None = None
    pinned: list[str] = []


class Save(Struct, forbid_unknown_fields=True, kw_only=True):
    """The view; one of its name is replaced."""

    view: View


def every(context: Context, _: Any) -> dict[str, Any]:
    return {"views": _read(_path(context))}


def save(context: Context, args: Save) -> dict[str, Any]:
    view = args.view
    if not view.name.strip() or not view.name.isprintable() or len(view.name) > 100:
        raise ParameterError(f"{view.name[:60]!r} can't name a view: use one line of 1 to 100 characters.")
    with _writing:
        kept = [each for each in _read(_path(context)) if each["name"] != view.name]
        if len(kept) >= MOST:
            raise ParameterError(f"there are {MOST} views already: delete some first.")
        return _write(context, [*kept, msgspec.to_builtins(view)])


def delete(context: Context, args: Named) -> dict[str, Any]:
    with _writing:
        return _write(context, [each for each in _read(_path(context)) if each["name"] != args.name])


def _path(context: Context) -> Path:
    return context.project.folder / ".mlops" / "views.json"


def _read(path: Path) -> list[dict[str, Any]]:
    """Return the views; what somebody else made of the file that isn't a view is left out."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    views = []
    for each in found if isinstance(found, list) else ():
        try:
            views.append(msgspec.to_builtins(msgspec.convert(each, View)))
        except msgspec.ValidationError:
            continue
    return views


def _write(context: Context, views: list[dict[str, Any]]) -> dict[str, Any]:
    path = _path(context)
    views = sorted(views, key=lambda each: str(each["name"]).lower())
    try:
        path.parent.mkdir(exist_ok=True)
        replace(path, json.dumps(views, indent=1).encode())
    except OSError as problem:
        raise StorageError(f"{str(path)!r} can't be written ({problem.strerror}): check that folder and its disk.") from None
    return {"views": views}
