"""A run as one row of the table: from the catalog for many at once, from its own journal while it lives."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_mlops.api import encode

if TYPE_CHECKING:
    from jupyter_mlops.events import History
    from jupyter_mlops.records import Spec
    from jupyter_mlops.storage.catalog import Catalog

_FIELDS = ("id", "name", "function", "workflow", "step", "iteration", "parent", "state", "reason")
_TIMES = ("created", "started", "ended")
_REST = ("duration", "version", "user", "host", "origin")
_COLUMNS = ", ".join(
    [*(f'r."{name}"' for name in _FIELDS), *(f"epoch(r.{name})" for name in _TIMES), *(f'r."{name}"' for name in _REST)]
)
_RUNS = f"""
    SELECT {_COLUMNS},
        coalesce(c.count, 0),
        r.iteration IS NOT NULL AND b.value = r.iteration
    FROM runs r
    LEFT JOIN (
        SELECT parent, count(*) AS count FROM runs WHERE parent IN (SELECT unnest($1::VARCHAR[])) GROUP BY parent
    ) c ON c.parent = r.id
    LEFT JOIN results b ON b.run = r.parent AND b.key = 'best_iteration'
    WHERE r.id IN (SELECT unnest($1::VARCHAR[]))
"""
_VALUES = "SELECT run, key, value, text FROM {table} WHERE run IN (SELECT unnest($1::VARCHAR[])) ORDER BY key"
_TAGS = "SELECT run, key, value FROM tags WHERE run IN (SELECT unnest($1::VARCHAR[])) ORDER BY key"


def from_catalog(catalog: Catalog, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of some runs, in the order of ``ids``, without those that aren't there."""
    if not ids:
        return []
    wanted = list(ids)
    found = {row[0]: _row(row) for row in catalog.query(_RUNS, [wanted])}
    for table in ("params", "results"):
        for run, key, number, text in catalog.query(_VALUES.format(table=table), [wanted]):
            if run in found:
                found[run][table][key] = encode.shown(number, text, exact=table == "params")
    for run, key, value in catalog.query(_TAGS, [wanted]):
        if run in found:
            found[run]["tags"][key] = encode.cut(value)
    return [found[run] for run in ids if run in found]


def _row(columns: Sequence[Any]) -> dict[str, Any]:
    names = (*_FIELDS, *_TIMES, *_REST, "children", "best")
    row = dict(zip(names, columns, strict=True))
    if row["duration"] is None and row["started"] is not None and row["ended"] is None:
        row["duration"] = max(0.0, time.time() - row["started"])
    texts = {name: row[name] or "" for name in ("name", "reason", "user", "host", "origin")}
    return {
        **row,
        **texts,
        "reason": encode.cut(texts["reason"]),
        "params": {},
        "results": {},
        "tags": {},
        "best": bool(row["best"]),
    }


def from_story(spec: Spec, story: History, *, best: bool = False, tags: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the row of a run as its own folder tells it.

    Parameters
    ----------
    tags
        Those set on it since.
    """
    asked = {
        name: encode.plain(getattr(spec, name)) for name in ("id", "name", "function", "workflow", "step", "iteration", "parent")
    }
    children = {event["run"] for event in story.steps.values() if event.get("run")}
    duration = None if story.started is None else max(0.0, (story.ended or time.time()) - story.started)
    return {
        **asked,
        "state": str(story.state),
        "reason": encode.cut(story.reason),
        "created": spec.created,
        "started": story.started,
        "ended": story.ended,
        "duration": duration,
        **{name: encode.plain(getattr(spec, name)) for name in ("version", "user", "host", "origin")},
        "params": encode.row(spec.params, exact=True),
        "results": encode.row(story.results),
        "tags": {encode.cut(key): encode.cut(str(value)) for key, value in {**spec.tags, **story.tags, **(tags or {})}.items()},
        "children": len(children),
        "best": best,
    }
