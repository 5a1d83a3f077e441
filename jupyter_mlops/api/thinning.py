"""Points of a metric, made few without losing what one would see: the lowest and the highest of each stretch stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

Point = tuple[int, float | None, float]


def thin(points: Sequence[Point], most: int) -> list[Point]:
    """Return at most ``most`` points: first, last, and of equal stretches between them the lowest, the highest and a gap."""
    if len(points) <= max(most, 4):
        return list(points)
    stretches = max(1, (most - 2) // 3)
    inner, count = points[1:-1], len(points) - 2
    found = [points[0]]
    for number in range(stretches):
        found.extend(_extremes(inner[number * count // stretches : (number + 1) * count // stretches]))
    return [*found, points[-1]]


def _extremes(stretch: Sequence[Point]) -> Iterator[Point]:
    there = [(value, index) for index, (_, value, _) in enumerate(stretch) if value is not None]
    chosen = {min(there)[1], max(there)[1]} if there else set()
    if len(there) < len(stretch):
        chosen.add(next(index for index, (_, value, _) in enumerate(stretch) if value is None))
    return (stretch[index] for index in sorted(chosen))


def number(value: Any) -> float | None:
    """Return a metric's value as JSON has it: what isn't finite is a gap."""
    real = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if real and isfinite(value) else None
