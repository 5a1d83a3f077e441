"""What a run or an artifact was made of, and what was made of it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from jupyter_mlops.api import encode
from jupyter_mlops.api.context import Context, together
from jupyter_mlops.api.refusals import OperationError

MOST = 150  # nodes
DEEPEST = 20
_EDGES = """
    SELECT upstream, upstream_type, upstream_name, downstream, downstream_type, downstream_name, name, kind, role FROM lineage
    WHERE {side} IN (SELECT unnest($1::VARCHAR[])) ORDER BY run, name
"""
_STATES = "SELECT id, name, state FROM runs WHERE id IN (SELECT unnest($1::VARCHAR[]))"
_KINDS = "SELECT uid, key, kind FROM artifacts WHERE uid IN (SELECT unnest($1::VARCHAR[]))"


class Lineage(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where to begin, and how many edges to go in either direction."""

    artifact: str | None = None
    run: str | None = None
    depth: int = 4


@together
def graph(context: Context, args: Lineage) -> dict[str, Any]:
    if (args.artifact is None) == (args.run is None):
        raise OperationError("lineage.get needs one beginning: give either artifact or run.")
    if args.run is not None:
        focus, kind = context.run(args.run).id, "run"
    else:
        focus, kind = context.project.artifact_by_uid(args.artifact or "").uid, "artifact"
    walk = _Walk(context, focus, kind)
    depth = min(max(args.depth, 1), DEEPEST)
    for side in ("downstream", "upstream"):
        walk.go(side, depth)
    return {"nodes": walk.described(), "edges": list(walk.edges.values()), "cut": walk.cut}


class _Walk:
    def __init__(self, context: Context, focus: str, kind: str) -> None:
        self.catalog = context.project.library.catalog
        self.focus = focus
        self.types, self.names = {focus: kind}, {focus: focus}
        self.edges: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.cut = False

    def go(self, side: str, depth: int) -> None:
        """Go from the focus to what it was made of (edges whose ``downstream`` it is), or to what was made of it."""
        level, seen = [self.focus], {self.focus}
        for _ in range(depth):
            rows = self.catalog.query(_EDGES.format(side=side), [level]) if level else []
            level = []
            for row in rows:
                far = row[0] if side == "downstream" else row[3]
                if far not in self.types and len(self.types) >= MOST:
                    self.cut = True
                    continue
                self._add(row)
                if far not in seen:
                    seen.add(far)
                    level.append(far)
        if level and self.catalog.query(_EDGES.format(side=side) + " LIMIT 1", [level]):
            self.cut = True

    def _add(self, row: tuple[Any, ...]) -> None:
        source, source_type, source_name, target, target_type, target_name, name, _, role = row
        self.types |= {source: source_type, target: target_type}
        self.names |= {source: source_name, target: target_name}
        label = encode.cut(str(name or ""), 200) if role == "input" else ""
        self.edges[source, target, str(name)] = {"source": source, "target": target, "name": label}

    def described(self) -> list[dict[str, Any]]:
        ids = list(self.types)
        runs = {run: (name, state) for run, name, state in self.catalog.query(_STATES, [ids])}
        kinds = {uid: (key, kind) for uid, key, kind in self.catalog.query(_KINDS, [ids])}
        return [
            {
                "id": each,
                "type": kind,
                "name": encode.cut(str((runs.get(each) or kinds.get(each) or (self.names[each],))[0] or each), 300),
                "kind": kinds[each][1] if each in kinds else None,
                "state": runs[each][1] if each in runs else None,
                "focus": each == self.focus,
            }
            for each, kind in self.types.items()
        ]
