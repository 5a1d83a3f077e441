"""All runs that fit a search, in brief: the groups they fall into, and how far their results range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from jupyter_mlops.api import encode, runs
from jupyter_mlops.api.context import Context
from jupyter_mlops.errors import ParameterError
from jupyter_mlops.storage.catalog import Catalog

ALL = 10_000_000  # runs
MOST = 500  # groups, and tags
COLUMNS = ("function", "workflow", "state", "user", "host", "version", "parent")
_WANTED = "(SELECT unnest($1::VARCHAR[]) AS id)"


class Summary(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which runs, and what to group them by: a column, or ``tag:NAME``."""

    query: str = ""
    parent: str | UnsetType | None = UNSET
    target: str | None = None
    by: str | None = None


def summary(context: Context, args: Summary) -> dict[str, Any]:
    context.project.reconcile()
    catalog = context.project.library.catalog
    wanted = runs.List(query=args.query, parent=args.parent, target=args.target, limit=ALL)
    total, ids = runs.fitting(catalog, wanted, runs.columns(catalog))
    return {"total": total, **catalog.together(lambda: _told(catalog, ids, args.by))}


def _told(catalog: Catalog, ids: Sequence[str], by: str | None) -> dict[str, Any]:
    tags = catalog.query(f"SELECT DISTINCT key, value FROM tags ORDER BY key, value LIMIT {MOST}")
    return {
        "groups": [] if by is None else _groups(catalog, ids, by),
        "ranges": _ranges(catalog, ids),
        "tags": [encode.cut(f"{key}={value}") for key, value in tags],
    }


def _groups(catalog: Catalog, ids: Sequence[str], by: str) -> list[dict[str, Any]]:
    kind, colon, key = by.partition(":")
    given: list[Any] = [list(ids)]
    if colon and kind == "tag":
        source, column = "LEFT JOIN tags t ON t.run = w.id AND t.key = $2", "t.value"
        given.append(key)
    elif by in COLUMNS:
        source, column = "JOIN runs r ON r.id = w.id", f'r."{by}"'
    else:
        raise ParameterError(f"runs can't be grouped by {by!r}: take {', '.join(COLUMNS)} or 'tag:NAME'.")
    query = f"SELECT {column}, count(*) FROM {_WANTED} w {source} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}"
    return [{"value": value, "count": count} for value, count in catalog.query(query, given)]


def _ranges(catalog: Catalog, ids: Sequence[str]) -> dict[str, list[float]]:
    query = f"""
        SELECT key, min(value), max(value) FROM results
        WHERE value IS NOT NULL AND NOT isnan(value) AND run IN (SELECT id FROM {_WANTED}) GROUP BY key ORDER BY key
    """
    found = catalog.query(query, [list(ids)])
    return {key: [least, most] for key, least, most in found if math.isfinite(least) and math.isfinite(most)}
