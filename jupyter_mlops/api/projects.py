"""Projects: which there are below a folder, and what one holds."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from jupyter_mlops import config, values
from jupyter_mlops.api import encode
from jupyter_mlops.api.context import Context
from jupyter_mlops.errors import MlopsError, ParameterError, ProjectError

DEEPEST = 4  # folders below the root
MOST = 200
LONGEST, LONGEST_NAME = 3000, 255  # characters of a path, bytes of a folder's name, as most file systems have them
PATIENCE = 2.0  # seconds of looking
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "runs", "artifacts", "journal", "venv", "env"})
_COUNTS = """
    SELECT
        (SELECT count(*) FROM runs),
        (SELECT count(*) FROM runs WHERE state IN ('pending', 'running', 'aborting') AND parent IS NULL),
        (SELECT count(DISTINCT key) FROM artifacts)
"""


class Nothing(Struct, forbid_unknown_fields=True, kw_only=True):
    """No arguments."""


class Create(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where to make a project, and its name, by default that of its folder."""

    path: str
    name: str | None = None


def every(context: Context, _: Nothing) -> dict[str, Any]:
    if context.root is None:
        project = context.chosen
        return {"projects": [_reference(project.folder, project.name)] if project else [], "root": ""}
    found = [_reference(folder, _relative(folder, context.root)) for folder in below(context.root)]
    return {"projects": sorted(found, key=lambda each: str(each["path"])), "root": context.root.name}


def create(context: Context, args: Create) -> dict[str, Any]:
    if context.root is None:
        raise ProjectError("a panel belongs to one project: make another with %mlproject.")
    folder = inside(context.root, args.path)
    _refuse_unfound(folder, context.root)
    if (folder / config.FILE).exists():
        raise ProjectError(f"{args.path!r} holds a project already: open it, or choose another folder.")
    made = config.create(folder, args.name)
    return {"path": _relative(folder, context.root), "name": made.name, "description": made.description}


def _refuse_unfound(folder: Path, root: Path) -> None:
    """Refuse a place where nobody would find the project again."""
    parts = folder.relative_to(root).parts
    if len(parts) > DEEPEST:
        place = "/".join(parts)[:80]
        raise ProjectError(
            f"{place!r} is {len(parts)} folders down, and projects are looked for in {DEEPEST} at most: choose one nearer."
        )
    for count, part in enumerate(parts, 1):
        if not part.isprintable():
            raise ProjectError(f"{part[:80]!r} can't be a folder here, as it holds what can't be seen: give another name.")
        if not _is_searched(root.joinpath(*parts[:count])):
            raise ProjectError(
                f"projects aren't looked for in {part[:80]!r}: choose a folder that isn't hidden, or kept for runs or packages."
            )


def one(context: Context, _: Nothing) -> dict[str, Any]:
    project = context.project
    project.reconcile()
    ((runs, running, artifacts),) = project.library.catalog.query(_COUNTS)
    counts = {
        "functions": len(project.store.names()),
        "workflows": len(project.workflow_store.names()),
        "runs": runs,
        "artifacts": artifacts,
        "running": running,
    }
    path = project.name if context.root is None else _relative(project.folder, context.root)
    return {
        "path": path,
        "name": project.name,
        "description": encode.cut(project.config.description),
        "params": {name: _encoded(value) for name, value in project.config.params.items()},
        "counts": counts,
        "contents": context.contents(project.folder),
    }


def _encoded(value: Any) -> Any:
    try:
        return values.encode(value)
    except ParameterError:
        return encode.plain(value)


def inside(root: Path, place: str) -> Path:
    """Return the folder ``place`` below ``root``; one that leads outside, or can't be a path, is refused.

    Raises
    ------
    ProjectError
        It is absolute, goes up, or a link on the way leads out of ``root``.
    """
    parts = [part for part in place.split("/") if part]
    if len(place) > LONGEST or any(len(part.encode("utf-8", "replace")) > LONGEST_NAME for part in parts):
        raise ProjectError(f"{place[:80]!r}… is too long for a folder: give a shorter one.")
    if any(not part.strip() for part in parts):
        raise ProjectError(f"{place[:80]!r} has a folder without a name: give one, like 'work/churn'.")
    if place.startswith("/") or "\0" in place or "\\" in place or any(part in (".", "..") for part in parts):
        raise ProjectError(f"{place[:80]!r} can't be a project here: give a folder below the server's root, like 'work/churn'.")
    folder = root.joinpath(*parts)
    try:
        outside = not folder.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):
        outside = True
    if outside:
        raise ProjectError(f"{place[:80]!r} leads out of the server's root: choose a folder that is inside.")
    return folder


def below(root: Path, *, patience: float = PATIENCE) -> Iterator[Path]:
    """Yield the folders with a project at most four folders below ``root``, those near it first, for a bounded time."""
    deadline = time.monotonic() + patience
    level, count = [root], 0
    for _ in range(DEEPEST + 1):
        following: list[Path] = []
        for folder in level:
            if time.monotonic() > deadline or count >= MOST:
                return
            names = _entries(folder)
            if config.FILE in names:
                count += 1
                yield folder
            following += [folder / name for name, is_folder in names.items() if is_folder and _is_searched(folder / name)]
        level = following


def _entries(folder: Path) -> dict[str, bool]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
    except OSError:
        return {}


def _is_searched(folder: Path) -> bool:
    hidden = folder.name.startswith((".", "__")) or folder.name in _SKIPPED
    return not hidden and not (folder / "pyvenv.cfg").exists()


def _relative(folder: Path, root: Path) -> str:
    place = folder.relative_to(root).as_posix()
    return "" if place == "." else place


def _reference(folder: Path, path: str) -> dict[str, Any]:
    try:
        known = config.load(folder)
        return {"path": path, "name": known.name, "description": encode.cut(known.description)}
    except MlopsError as problem:
        return {"path": path, "name": folder.name, "description": "", "problem": str(problem)}
