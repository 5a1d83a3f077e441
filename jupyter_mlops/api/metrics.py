"""Points of metrics, thinned by the catalog: of equal stretches the lowest, the highest, and a gap where there is one."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from jupyter_mlops.api.context import Context
from jupyter_mlops.api.thinning import number
from jupyter_mlops.errors import ParameterError

MOST_RUNS = 100
FEWEST, MOST = 10, 20_000  # points of one series
_POINTS = """
    WITH p AS MATERIALIZED (
        SELECT run, key, coalesce(step, place) AS step, value, epoch(time) AS t, place, total FROM (
            SELECT *,
                row_number() OVER (PARTITION BY run, key ORDER BY rowid) - 1 AS place,
                count(*) OVER (PARTITION BY run, key) AS total
            FROM (SELECT rowid, * FROM metrics WHERE run IN (SELECT unnest($1::VARCHAR[]))
                AND ($2::VARCHAR[] IS NULL OR key IN (SELECT unnest($2::VARCHAR[]))))
        )
    ),
    b AS (
        SELECT run, key, any_value(total) AS total,
            arg_min(place, value) FILTER (isfinite(value)) AS low,
            arg_max(place, value) FILTER (isfinite(value)) AS high,
            min(place) FILTER (NOT isfinite(value)) AS gap
        FROM p WHERE total > $3 GROUP BY run, key, (place * $4) // total
    ),
    chosen AS (
        SELECT run, key, unnest([low, high, gap, 0, total - 1]) AS place FROM b
    )
    SELECT run, key, step, value, t, place, total FROM p WHERE total <= $3
    UNION ALL
    SELECT run, key, step, value, t, place, total FROM p SEMI JOIN chosen USING (run, key, place) WHERE total > $3
    ORDER BY run, key, place
"""


class Metrics(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which runs and metrics, and about how many points of each at most."""

    runs: list[str]
    keys: list[str] | None = None
    points: int = 500


def series(context: Context, args: Metrics) -> dict[str, Any]:
    if len(args.runs) > MOST_RUNS:
        raise ParameterError(f"{len(args.runs)} runs are more than {MOST_RUNS}: choose fewer.")
    most = min(max(args.points, FEWEST), MOST)
    stretches = max(1, (most - 2) // 3)
    rows = context.project.library.catalog.query(_POINTS, [args.runs, args.keys, most, stretches])
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for run, key, step, value, t, _, total in rows:
        one = found.setdefault((run, key), {"run": run, "key": key, "points": [], "total": total})
        one["points"].append([step, number(value), t])
    order = {run: place for place, run in enumerate(args.runs)}
    return {"series": sorted(found.values(), key=lambda each: (order[each["run"]], each["key"]))}
