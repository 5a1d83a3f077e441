"""One run in full: what it was asked, what came of it, its steps, cells and artifacts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from msgspec import Struct

from jupyter_mlops.api import artifacts, encode, rows, steps
from jupyter_mlops.api.context import Context, together
from jupyter_mlops.api.stories import story_of
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.events import History
from jupyter_mlops.execution.flow import WORKFLOW
from jupyter_mlops.execution.folder import NOTEBOOK
from jupyter_mlops.records import Spec, State
from jupyter_mlops.runs import Run
from jupyter_mlops.storage.blobs import Blobs

_LARGE = 50_000_000  # bytes of a notebook that isn't read for its cells' first lines
_METRICS = """
    SELECT key, count(*), arg_max(value, rowid) FROM metrics WHERE run = ? GROUP BY key ORDER BY key
"""
_INPUTS = """
    SELECT i.name, i.uri, i.hash, a.uid, a.key, a.kind FROM run_inputs i LEFT JOIN artifacts a ON a.uid = i.artifact
    WHERE i.run = ? ORDER BY i.name
"""


class OfRun(Struct, forbid_unknown_fields=True, kw_only=True):
    """A run by its id."""

    run: str


@together
def one(context: Context, args: OfRun) -> dict[str, Any]:
    project = context.project
    project.reconcile()
    run = context.run(args.run)
    story, catalog = story_of(run.folder), project.library.catalog
    found = rows.from_catalog(catalog, [run.id])
    row = found[0] if found else rows.from_story(run.spec, story)
    look = steps.reader(run.folder.parent)
    return {
        **row,
        **_outcome(story, project.library.blobs),
        "inputs": [
            dict(zip(("name", "uri", "hash", "artifact", "key", "kind"), each, strict=True))
            for each in catalog.query(_INPUTS, [run.id])
        ],
        "values": encode.tagged(run.spec.params),
        "metrics": [
            {"key": key, "points": points, "last": encode.plain(last)} for key, points, last in catalog.query(_METRICS, [run.id])
        ],
        "artifacts": _artifacts(context, run.id, story),
        "cells": cells(run.folder, story),
        "notebook": _contents(context, run.notebook),
        "folder": context.contents(run.folder) or str(run.folder),
        "steps": steps.lines(run.folder, run.spec, story, look),
        "sweep": _sweep(run.spec, story, look),
        "yaml": _yaml(run),
        "resumable": _is_resumable(run.spec, story),
    }


def _outcome(story: History, blobs: Blobs) -> dict[str, Any]:
    failure = story.failure
    environment = {key: value for key, value in story.environment.items() if key not in ("e", "t")}
    git = environment.get("git") if isinstance(environment.get("git"), dict) else {}
    return {
        "error": None
        if failure is None
        else {
            "ename": encode.cut(str(failure.ename)),
            "evalue": encode.cut(str(failure.evalue), 20_000),
            "cell": encode.plain(failure.cell),
            "line": encode.plain(failure.line),
            "traceback": [encode.cut(str(line), 20_000) for line in failure.traceback[:500]],
        },
        "environment": encode.plain({**environment, "packages": _packages(blobs, environment.get("packages"))}),
        "usage": {name: encode.plain(story.usage.get(name)) for name in ("memory", "cpu")},
        "git": {name: encode.plain((git or {}).get(name)) for name in ("commit", "branch", "dirty")},
        "attempt": story.attempt,
        "progress": steps.told_progress(story),
    }


def _packages(blobs: Blobs, kept: Any) -> list[str] | None:
    """Return the packages, like ``numpy==2.0``; runs keep but the hash of their list."""
    if not isinstance(kept, str):
        return None
    try:
        found = json.loads(blobs.read(kept))
    except (OSError, ValueError, MlopsError):
        return None
    return [str(line) for line in found] if isinstance(found, list) else None


def cells(folder: Path, story: History) -> list[dict[str, Any]]:
    """Return the cells in order, with the first line of each."""
    first = sources(folder) if story.cells else []
    return [cell(event, first) for _, event in sorted(story.cells.items())]


def cell(event: dict[str, Any], first: list[str]) -> dict[str, Any]:
    """Return one cell; ``first`` has the first line of each."""
    index = event["index"]
    seconds = event.get("seconds")
    return {
        "index": index,
        "state": encode.cut(str(event.get("state") or "pending")),
        "seconds": encode.plain(seconds) if isinstance(seconds, int | float) else None,
        "source": first[index] if isinstance(index, int) and 0 <= index < len(first) else "",
    }


def sources(folder: Path) -> list[str]:
    """Return the first line of each cell of a run's notebook."""
    path = folder / NOTEBOOK
    try:
        if path.stat().st_size > _LARGE:
            return []
        found = json.loads(path.read_bytes())["cells"]
        return [_first_line(each.get("source") or "") for each in found]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _first_line(source: Any) -> str:
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return encode.cut((lines or text.splitlines() or [""])[0].strip(), 200)


def _artifacts(context: Context, run: str, story: History) -> list[dict[str, Any]]:
    """Return what it made, and what it has of others: a sweep has the artifacts of its best iteration."""
    linked = [artifact.uid for artifact in story.artifacts.values()]
    return artifacts.rows(context, "(a.run = ? OR a.uid IN (SELECT unnest(?::VARCHAR[])))", [run, linked])


def _contents(context: Context, path: Path) -> str | None:
    return context.contents(path) if path.is_file() else None


def _sweep(spec: Spec, story: History, look: steps.Look) -> dict[str, Any] | None:
    asked = steps.sweep_of(spec)
    if asked is None:
        return None
    best = next(
        (line["run"] for line in (steps.iteration(spec, story, e, look) for e in story.steps.values()) if line["best"]), None
    )
    return {"select": asked.get("select"), "params": steps.swept(spec), "best": best}


def _yaml(run: Run) -> str | None:
    if run.spec.workflow is None:
        return None
    try:
        return (run.folder / WORKFLOW).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _is_resumable(spec: Spec, story: History) -> bool:
    led = spec.workflow is not None and "sweep" not in spec.plan and spec.parent is None
    return led and story.state in (State.ERROR, State.ABORTED)
