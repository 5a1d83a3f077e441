"""Runs beside each other, and a run's code beside the version before."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

from msgspec import Struct

from jupyter_mlops.api import encode, rows
from jupyter_mlops.api.context import Context, together
from jupyter_mlops.api.details import OfRun
from jupyter_mlops.api.functions import code_of
from jupyter_mlops.errors import MlopsError, ParameterError
from jupyter_mlops.execution.flow import WORKFLOW
from jupyter_mlops.runs import Run

MOST = 100  # runs beside each other
_LINES = 5_000
_ABOUT = ("state", "function", "workflow", "version", "created", "duration", "user", "host", "origin")
_FACTS = """
    SELECT id, attempt, python, kernel, git_commit, git_branch, git_dirty, memory, cpu, error_name FROM runs
    WHERE id IN (SELECT unnest($1::VARCHAR[]))
"""
_EARLIER = """
    SELECT id, version FROM runs WHERE workflow = ? AND id < ? AND version <> ? AND parent IS NULL ORDER BY id DESC LIMIT 1
"""
_METRICS = "SELECT DISTINCT key FROM metrics WHERE run IN (SELECT unnest($1::VARCHAR[])) ORDER BY key"


class Compare(Struct, forbid_unknown_fields=True, kw_only=True):
    """The runs, in the order of the columns."""

    runs: list[str]


@together
def side_by_side(context: Context, args: Compare) -> dict[str, Any]:
    ids = [context.run(run).id for run in dict.fromkeys(args.runs)]
    if not ids or len(ids) > MOST:
        raise ParameterError(f"{len(ids)} runs can't be compared: choose 1 to {MOST}.")
    catalog = context.project.library.catalog
    found = rows.from_catalog(catalog, ids)
    names = ("attempt", "python", "kernel", "git commit", "git branch", "git dirty", "memory", "cpu", "error")
    facts = {run: dict(zip(names, rest, strict=True)) for run, *rest in catalog.query(_FACTS, [ids])}
    lines = [
        *_lines("params", [row["params"] for row in found]),
        *_lines("results", [row["results"] for row in found]),
        *_lines("about", [{**{name: row[name] for name in _ABOUT}, **facts.get(row["id"], {})} for row in found]),
    ]
    return {
        "runs": found,
        "rows": sorted(lines, key=lambda line: not line["differs"]),
        "metrics": [key for (key,) in catalog.query(_METRICS, [ids])],
    }


def _lines(section: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = dict.fromkeys(key for row in found for key in row)
    there = [key for key in keys if any(row.get(key) is not None for row in found)]
    return [_line(section, key, [encode.plain(row.get(key)) for row in found]) for key in there]


def _line(section: str, key: str, values: list[Any]) -> dict[str, Any]:
    return {"section": section, "key": key, "values": values, "differs": any(value != values[0] for value in values)}


def diff(context: Context, args: OfRun) -> dict[str, Any]:
    run = context.run(args.run)
    if run.spec.function is None:
        return _of_workflow(context, run)
    version = run.spec.version or ""
    store = context.project.store
    versions = [each.version for each in store.versions(run.spec.function)]
    place = versions.index(version) if version in versions else len(versions)
    before = versions[place - 1] if place else None
    after = _code(context, run.spec.function, version)
    earlier = "" if before is None else _code(context, run.spec.function, before)
    return {"from": before, "to": version, "lines": lines_of(earlier, after)}


def _code(context: Context, function: str, version: str) -> str:
    try:
        return code_of(context.project.store.get(f"{function}@{version}")[1])
    except MlopsError as problem:
        return f"# {problem}"


def _of_workflow(context: Context, run: Run) -> dict[str, Any]:
    """Compare with the latest run before that had another version."""
    query = (
        "SELECT id, version FROM runs WHERE workflow = ? AND id < ? AND version <> ? AND parent IS NULL ORDER BY id DESC LIMIT 1"
    )
    earlier = context.project.library.catalog.query(query, [run.spec.workflow, run.id, run.spec.version or ""])
    before = earlier[0] if earlier else None
    texts = [_text(context, before[0]) if before else "", _text(context, run.id)]
    return {"from": before[1] if before else None, "to": run.spec.version or "", "lines": lines_of(*texts)}


def _text(context: Context, run: str) -> str:
    try:
        return (context.project.folder / "runs" / run / WORKFLOW).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def lines_of(before: str, after: str) -> list[str]:
    """Return a unified diff without its header."""
    found = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return [encode.cut(line) for line in list(found)[2:_LINES]]
