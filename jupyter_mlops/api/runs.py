"""Runs: the table, paged, searched and sorted by the catalog."""

from __future__ import annotations

import re
import threading
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from jupyter_mlops.api import rows
from jupyter_mlops.api.context import Context
from jupyter_mlops.errors import ParameterError, did_you_mean
from jupyter_mlops.execution.searching import Searcher
from jupyter_mlops.storage.catalog import Catalog

Columns = dict[str, list[str]]  # the keys of params, results, tags and metrics

MOST = 1000  # rows of one page
searcher = Searcher()
_CONDITION = re.compile(r"[=<>]|\b(?:like|ilike|in|between|is|and|or|not)\b", re.IGNORECASE)
_OWN = (
    *("id", "name", "function", "version", "state", "reason", "created", "started", "ended", "duration", "parent", "attempt"),
    *("origin", "user", "host", "kernel", "python", "git_commit", "git_branch", "memory", "cpu", "workflow", "step", "iteration"),
)
_SEARCHED = ("id", "name", "function", "workflow", "step", "state")


class List(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which runs, in what order, from where on."""

    query: str = ""
    sort: str = ""
    descending: bool = True
    offset: int = 0
    limit: int = 100
    parent: str | UnsetType | None = UNSET
    target: str | None = None


def page(context: Context, args: List) -> dict[str, Any]:
    if args.offset < 0 or not 1 <= args.limit <= MOST:
        raise ParameterError(f"offset {args.offset} and limit {args.limit} can't be: take 0 or more, and 1 to {MOST}.")
    project = context.project
    project.reconcile()
    catalog = project.library.catalog
    if not is_condition(args.query):
        return catalog.together(lambda: _page(catalog, args, columns(catalog)))
    known = columns(catalog)
    if _is_tagged(args.query, known):
        return catalog.together(lambda: _page(catalog, args, known))
    return _page(catalog, args, known)


def _page(catalog: Catalog, args: List, known: Columns) -> dict[str, Any]:
    total, ids = fitting(catalog, args, known, order=_order(args.sort, known, args.descending))
    found = catalog.together(lambda: rows.from_catalog(catalog, ids))
    return {"total": total, "rows": found, "columns": known, "offset": args.offset}


def fitting(catalog: Catalog, args: List, known: Columns, *, order: str = "r.id DESC") -> tuple[int, list[str]]:
    """Return how many runs fit, and the ids of those from ``args.offset`` on, at most ``args.limit``."""
    conditions, given = _conditions(args)
    if is_condition(args.query) and not _is_tagged(args.query, known):
        return searcher.select_runs(catalog, args.query, conditions, given, order=order, limit=args.limit, offset=args.offset)
    words, more = _words(args.query)
    where = " AND ".join([*conditions, *words]) or "true"
    return _plain(catalog, where, [*given, *more], order, args)


def is_condition(query: str) -> bool:
    """Return whether a search is meant as SQL: it has an operator in it."""
    return bool(_CONDITION.search(query))


def _is_tagged(query: str, known: Columns) -> bool:
    """Return whether all that looks like a condition are tags, as they are shown: ``team=blue``."""
    columns_ = {*_OWN, *known["params"], *known["results"]}
    asked = [word.partition("=") for word in query.split() if _CONDITION.search(word)]
    return all(equals and value and key in known["tags"] and key not in columns_ for key, equals, value in asked)


def _plain(catalog: Catalog, where: str, given: list[Any], order: str, args: List) -> tuple[int, list[str]]:
    query = f"""
        SELECT r.id, count(*) OVER () FROM runs r WHERE {where} ORDER BY {order} LIMIT {args.limit} OFFSET {args.offset}
    """
    found = catalog.query(query, given)
    if found or not args.offset:
        return (found[0][1] if found else 0), [run for run, _ in found]
    ((total,),) = catalog.query(f"SELECT count(*) FROM runs r WHERE {where}", given)
    return total, []


def _conditions(args: List) -> tuple[list[str], list[Any]]:
    conditions, given = [], []
    if args.parent is None:
        conditions.append("r.parent IS NULL")
    elif args.parent is not UNSET:
        conditions.append("r.parent = ?")
        given.append(args.parent)
    if args.target is not None:
        conditions.append("coalesce(r.function, r.workflow) = ?")
        given.append(args.target)
    return conditions, given


def _words(query: str) -> tuple[list[str], list[Any]]:
    """Return conditions by which each word stands somewhere in a run's name, function, workflow, state or tags."""
    conditions, given = [], []
    for word in query.split()[:20]:
        somewhere = [f"contains(lower(r.{column}), ?)" for column in _SEARCHED]
        tagged = "r.id IN (SELECT run FROM tags WHERE contains(lower(key || '=' || value), ?))"
        conditions.append(f"({' OR '.join([*somewhere, tagged])})")
        given += [word.lower()] * (len(somewhere) + 1)
    return conditions, given


def _order(sort: str, known: Columns, descending: bool) -> str:
    """Return the SQL of an order: a column of runs, ``params.x``, ``results.y``, or either without its prefix."""
    way = "DESC" if descending else "ASC"
    if not sort:
        return f"r.id {way}"
    table, dot, key = sort.partition(".")
    if not dot and sort in _OWN:
        return f'r."{sort}" {way} NULLS LAST, r.id DESC'
    table, key = (table, key) if dot and table in known else _home(sort, known)
    if table not in ("params", "results", "tags") or key not in known[table]:
        names = [*_OWN, *(f"{room}.{name}" for room in ("params", "results") for name in known[room])]
        raise ParameterError(f"runs can't be sorted by {sort!r}: there is no such column.{did_you_mean(sort, names)}")
    quoted = key.replace("'", "''")
    if table == "tags":
        return f"(SELECT min(v.value) FROM tags v WHERE v.run = r.id AND v.key = '{quoted}') {way} NULLS LAST, r.id DESC"
    values = [f"(SELECT {what}(v.{what_of}) FROM {table} v WHERE v.run = r.id AND v.key = '{quoted}')" for what, what_of in _BOTH]
    return f"{values[0]} {way} NULLS LAST, {values[1]} {way} NULLS LAST, r.id DESC"


_BOTH = (("min", "value"), ("min", "text"))


def _home(key: str, known: Columns) -> tuple[str, str]:
    return next(((table, key) for table in ("results", "params", "tags") if key in known[table]), ("", key))


# --- columns ---

_COLUMNS = """
    SELECT 'params', key FROM (SELECT DISTINCT key FROM params)
    UNION ALL SELECT 'results', key FROM (SELECT DISTINCT key FROM results)
    UNION ALL SELECT 'tags', key FROM (SELECT DISTINCT key FROM tags)
    UNION ALL SELECT 'metrics', key FROM (SELECT DISTINCT key FROM metrics)
    ORDER BY 1, 2
"""
_known: dict[str, tuple[Any, Columns]] = {}
_looking = threading.Lock()


def columns(catalog: Catalog) -> Columns:
    """Return the keys of params, results, tags and metrics; read again only when the catalog's file has changed."""
    catalog.fold()
    stamp = _stamp(catalog)
    with _looking:
        at, found = _known.get(str(catalog.file), (None, {}))
    if stamp is None or at != stamp:
        found = {table: [] for table in ("params", "results", "tags", "metrics")}
        for table, key in catalog.query(_COLUMNS):
            found[table].append(key)
        with _looking:
            _known[str(catalog.file)] = (stamp, found)
    return {table: list(keys) for table, keys in found.items()}


def _stamp(catalog: Catalog) -> tuple[int, int] | None:
    try:
        status = catalog.file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
