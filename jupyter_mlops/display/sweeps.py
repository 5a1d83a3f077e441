"""A sweep: its iterations as a table, and as a plot of parallel coordinates."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

from jupyter_mlops.display import words
from jupyter_mlops.display.dag import INK, QUIET, StepLine, counted, rest, took
from jupyter_mlops.display.markup import Html, chip, clean, disclosure, join, pieces, table, tag
from jupyter_mlops.records import State

ROWS, COLUMNS, AXES, LINES = 12, 8, 8, 400
"""What is shown at most: rows before a click, and 10 times as many after it; results; axes and lines of the plot."""
_HEIGHT, _GAP, _TOP, _SIDE = 150, 112, 34, 46


def iterations(lines: Sequence[StepLine], select: str | None = None) -> Html:
    """Return how a sweep went: counts, the plot, the best rows or the first, and the others behind a click.

    Parameters
    ----------
    select
        What is best, like ``max:accuracy``: that result comes first, and the rows are in its order.
    """
    if not lines:
        return Html("")
    wanted = (select or "").rpartition(":")[2].strip()
    ordered = _ordered(lines, wanted, least=(select or "").startswith("min"))
    names = list(dict.fromkeys(name for line in lines for name in line.params))
    keys = list(dict.fromkeys([wanted] * bool(wanted) + [key for line in lines for key in line.results]))[:COLUMNS]
    first, others = ordered[:ROWS], ordered[ROWS : ROWS * 11]
    more = [disclosure(f"{len(ordered) - len(first):,} more", _table(others, names, keys), rest(len(ordered), ROWS * 11))]
    count = tag("div", f"{words.count(len(lines), 'iteration')}: {counted(lines)}", cls="jmo-muted")
    return join(count, parallel_coordinates(lines, wanted), _table(first, names, keys), *(more if others else []))


def _ordered(lines: Sequence[StepLine], wanted: str, *, least: bool) -> list[StepLine]:
    def badness(line: StepLine) -> tuple[bool, bool, float]:
        value = line.results.get(wanted)
        known = _number(value) is not None
        return (not line.best, not known, (float(value) if least else -float(value)) if known and value is not None else 0.0)

    return sorted(lines, key=badness) if wanted else list(lines)


def _table(lines: Sequence[StepLine], names: Sequence[str], keys: Sequence[str]) -> Html:
    numeric = [index for index, name in enumerate(names) if all(_number(line.params.get(name, 0)) is not None for line in lines)]
    first = 2 + len(keys)
    right = (*range(2, first), *(first + index for index in numeric))
    rows = [
        [
            pieces([line.name, tag("strong", "★ best") if line.best else ""]),
            tag("span", chip(line.state), title=words.one_line(line.reason)),
            *(_result(line, key) for key in keys),
            *(_param(line.params[name]) if name in line.params else "" for name in names),
            took(line),
        ]
        for line in lines
    ]
    return table(["#", "state", *keys, *names, "duration"], rows, right=(*right, first + len(names)))


def _param(value: Any) -> str:
    return words.number(value) if isinstance(value, float) else words.literal(value, 30)


def _result(line: StepLine, key: str) -> Html | str:
    text = words.number(line.results[key], 24) if key in line.results else "–"
    return tag("strong", text) if line.best else text


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One name of the plot with the place of each of its values, from 0 at the bottom to 1."""

    name: str
    places: Mapping[int, float]
    low: str
    high: str


def parallel_coordinates(lines: Sequence[StepLine], wanted: str = "") -> Html:
    """Return a plot with an axis for each param that differs and for the result that matters; empty where there is none."""
    done = [line for line in lines if line.state in (State.COMPLETED, State.CACHED)][:LINES]
    names = dict.fromkeys(name for line in done for name in line.params)
    axes = [found for name in names if (found := _axis(name, [line.params.get(name) for line in done]))][: AXES - 1]
    keys = dict.fromkeys([wanted] * bool(wanted) + [key for line in done for key in line.results])
    ends = [found for key in keys if (found := _axis(key, [_number(line.results.get(key)) for line in done]))]
    end = next((found for found in ends if found.name == wanted or not wanted), None)
    if not axes or end is None:
        return Html("")
    drawn = _plot([*axes, end], [line.best for line in done])
    alt = f"parallel coordinates of {', '.join(axis.name for axis in (*axes, end))}"
    data = b64encode(drawn.encode()).decode()
    image = tag("img", src=f"data:image/svg+xml;base64,{data}", alt=alt, cls="jmo-drawn", style="max-width:100%")
    return tag("div", image, cls="jmo-scroll")


def _axis(name: str, values: Sequence[Any]) -> Axis | None:
    """Return the axis of some values, None where they don't differ: of numbers linear, or logarithmic over three decades."""
    known = {index: value for index, value in enumerate(values) if value is not None}
    numbers = {index: number for index, value in known.items() if (number := _number(value)) is not None}
    if known and len(numbers) == len(known):
        low, high = min(numbers.values()), max(numbers.values())
        scaled = math.log if low > 0 and high / low >= 1000 else float
        span = scaled(high) - scaled(low)
        if not span or not math.isfinite(span):
            return None
        places = {index: (scaled(number) - scaled(low)) / span for index, number in numbers.items()}
        return Axis(name=name, places=places, low=words.number(low, 10), high=words.number(high, 10))
    kinds = list(dict.fromkeys(words.literal(value, 40) for value in known.values()))
    if len(kinds) < 2:
        return None
    places = {index: kinds.index(words.literal(value, 40)) / (len(kinds) - 1) for index, value in known.items()}
    return Axis(name=name, places=places, low=kinds[0], high=kinds[-1])


def _number(value: Any) -> float | None:
    """Return a finite number; bools are kinds, not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _plot(axes: Sequence[Axis], best: Sequence[bool]) -> str:
    width, height = 2 * _SIDE + (len(axes) - 1) * _GAP, _TOP + _HEIGHT + 22
    order = sorted(range(len(best)), key=lambda index: (best[index], axes[-1].places.get(index, -1.0)))
    curves = [_curve(axes, index, best=best[index]) for index in order]  # the best is drawn last, over the others
    scales = [_scale(axis, _SIDE + number * _GAP) for number, axis in enumerate(axes)]
    font = 'font-family="system-ui, -apple-system, sans-serif" font-size="11"'
    frame = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {frame} {font}>{"".join(scales)}{"".join(curves)}</svg>'


def _curve(axes: Sequence[Axis], index: int, *, best: bool) -> str:
    points = [
        (_SIDE + number * _GAP, _TOP + (1 - axis.places[index]) * _HEIGHT)
        for number, axis in enumerate(axes)
        if index in axis.places
    ]
    if len(points) < 2:
        return ""
    path = f"M{points[0][0]},{points[0][1]:.1f}"
    for (x1, y1), (x2, y2) in pairwise(points):
        middle = (x1 + x2) / 2
        path += f" C{middle:.0f},{y1:.1f} {middle:.0f},{y2:.1f} {x2},{y2:.1f}"
    good = axes[-1].places.get(index, 0.0)
    look = 'stroke="#2a9d4a" stroke-width="2.4"' if best else f'stroke="{_shade(good)}" stroke-width="1.3" stroke-opacity="0.75"'
    return f'<path d="{path}" fill="none" {look}/>'


def _shade(share: float) -> str:
    """Return a colour between grey, for the low end, and blue."""
    low, high = (0x9A, 0xA1, 0xAB), (0x3B, 0x82, 0xD6)
    return "#" + "".join(f"{round(start + (end - start) * share):02x}" for start, end in zip(low, high, strict=True))


def _scale(axis: Axis, x: int) -> str:
    return (
        f'<line x1="{x}" x2="{x}" y1="{_TOP}" y2="{_TOP + _HEIGHT}" stroke="{QUIET}" stroke-opacity="0.5"/>'
        + _label(x, 12, axis.name, INK, weight=600)
        + _label(x, _TOP - 7, axis.high, QUIET)
        + _label(x, _TOP + _HEIGHT + 14, axis.low, QUIET)
    )


def _label(x: int, y: int, text: str, colour: str, *, weight: int = 400) -> str:
    shown = escape(clean(words.one_line(text, 16)).replace("\ufffe", "").replace("\uffff", ""))
    return f'<text x="{x}" y="{y}" text-anchor="middle" fill="{colour}" font-weight="{weight}">{shown}</text>'
