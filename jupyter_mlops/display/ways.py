"""The way of an edge between cards in columns: past those that stand in between, not behind them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]


class Column(NamedTuple):
    """Cards one above the other: where they begin and end, and from where to where each of them reaches down."""

    left: float
    right: float
    cards: Sequence[tuple[float, float]]


def way(start: Point, end: Point, columns: Sequence[Column], *, aside: float, bend: float) -> str:
    """Return an SVG path from left to right; it keeps ``aside`` from cards, and bends ``bend`` before and behind columns."""
    stops = [start]
    for column in columns:
        x, y = stops[-1]
        wanted = y + (end[1] - y) * ((column.left + column.right) / 2 - x) / (end[0] - x)
        passed = _nearest_gap(wanted, column.cards, aside)
        stops += [(column.left, passed), (column.right, passed)]
    stops.append(end)
    parts = [f"M{start[0]:.0f},{start[1]:.1f}"]
    for (x1, y1), (x2, y2) in pairwise(stops):
        far = min(bend, max(0.0, (x2 - x1) / 2))
        parts.append(f"C{x1 + far:.0f},{y1:.1f} {x2 - far:.0f},{y2:.1f} {x2:.0f},{y2:.1f}")
    return " ".join(parts)


def _nearest_gap(wanted: float, cards: Sequence[tuple[float, float]], aside: float) -> float:
    best, above = float("inf"), float("-inf")
    for top, bottom in [*sorted(cards), (float("inf"), float("inf"))]:
        low, high = above + aside, top - aside
        if low <= high:
            here = max(low, min(high, wanted))
            best = here if abs(here - wanted) < abs(best - wanted) else best
        above = bottom
    return best
