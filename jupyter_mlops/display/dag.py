"""A workflow as a picture: its steps in columns, each after what it needs, with what became of it.

An ``<img>`` of SVG, because untrusted notebooks lose inline SVG; it can't see the theme, so its tones read on light and dark.
"""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

from jupyter_mlops.display import words
from jupyter_mlops.display.markup import GLYPHS, Html, chip, clean, page, pieces, table, tag
from jupyter_mlops.display.ways import Column, Point, way
from jupyter_mlops.records import State
from jupyter_mlops.workflows.nouns import Step, Workflow
from jupyter_mlops.workflows.scheduler import graph_of, needs

COLOURS = {
    State.COMPLETED: "#2a9d4a",
    State.CACHED: "#1d93a8",
    State.RUNNING: "#3b82d6",
    State.ERROR: "#d64545",
    State.ABORTING: "#b7791f",
}
INK, QUIET, LINE = "#6f7782", "#868d97", "#9aa1ab"
MANY, MOST = 60, 1000
"""Steps: with more than the first the cards are small, with more than the second there is no picture."""
WIDEST = 1500
"""Pixels: a wider picture isn't made to fit, which would make it unreadable, but can be scrolled."""
_ROWS = 40  # of a table that are shown at once


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """What became of one step, or of one iteration.

    Of a ``foreach`` ``items`` says how many are done, like ``3/8``, and ``results`` has a list a key, in their order.
    """

    name: str
    state: State = State.PENDING
    reason: str = ""
    seconds: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    items: str = ""
    best: bool = False


@dataclass(frozen=True, kw_only=True)
class Size:
    """Pixels of a card and of the space between cards."""

    width: int
    height: int
    across: int
    down: int


LARGE = Size(width=158, height=48, across=34, down=14)
SMALL = Size(width=124, height=22, across=34, down=6)
_EDGE = 10


def layout(workflow: Workflow) -> dict[str, tuple[int, float]]:
    """Return column and row of each step: columns by the longest way to it, rows so that few edges cross.

    The exit handler, which waits for everything, has the last column for itself.
    """
    wanted = {step.name: list(needs(step)) for step in workflow.steps}
    column: dict[str, int] = {}
    for name in graph_of(workflow).order():
        column[name] = max((column[need] + 1 for need in wanted[name]), default=0)
    columns: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for name in wanted:
        columns[column[name]].append(name)
    columns = _untangled(columns, wanted)
    if workflow.on_exit is not None:
        columns.append([workflow.on_exit.name])
    tallest = max(map(len, columns), default=0)
    return {
        name: (index, place + (tallest - len(names)) / 2)
        for index, names in enumerate(columns)
        for place, name in enumerate(names)
    }


def _untangled(columns: list[list[str]], wanted: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Order each column by the mean place of its neighbours, to and fro, and return the order with the fewest crossings.

    The barycentre method of Sugiyama, Tagawa and Toda (1981).
    """
    followers: dict[str, list[str]] = {name: [] for name in wanted}
    for name, before in wanted.items():
        for need in before:
            followers[need].append(name)
    best, fewest, now = columns, _crossings(columns, wanted), columns
    for near in (wanted, followers, wanted, followers, wanted):
        if fewest == 0:
            break
        now = _swept(now, near, forwards=near is wanted)
        if (count := _crossings(now, wanted)) < fewest:
            best, fewest = now, count
    return best


def _swept(columns: list[list[str]], near: Mapping[str, Sequence[str]], *, forwards: bool) -> list[list[str]]:
    made = [list(names) for names in columns]
    place = {name: index - len(names) / 2 for names in made for index, name in enumerate(names)}
    for names in made if forwards else reversed(made):
        mean = {name: sum(place[each] for each in near[name]) / len(near[name]) if near[name] else place[name] for name in names}
        names.sort(key=lambda name: mean[name])
        place |= {name: index - len(names) / 2 for index, name in enumerate(names)}
    return made


def _crossings(columns: list[list[str]], wanted: Mapping[str, Sequence[str]]) -> int:
    """Count the pairs of edges that end in one column and cross."""
    place = {name: index - len(names) / 2 for names in columns for index, name in enumerate(names)}
    count = 0
    for names in columns:
        seen: list[float] = []
        for name in names:
            starts = sorted(place[need] for need in wanted[name])
            count += sum(len(seen) - bisect_right(seen, start) for start in starts)
            for start in starts:
                insort(seen, start)
    return count


def svg(workflow: Workflow, lines: Mapping[str, StepLine]) -> str:
    """Return the picture. ``lines`` are by step; without any, it is the workflow itself rather than a run of it."""
    steps = [*workflow.steps, *([workflow.on_exit] if workflow.on_exit else [])]
    size = SMALL if len(steps) > MANY else LARGE
    places = {
        name: (_EDGE + x * (size.width + size.across), _EDGE + y * (size.height + size.down))
        for name, (x, y) in layout(workflow).items()
    }
    width = max((x for x, _ in places.values()), default=0) + size.width + _EDGE
    height = max((y for _, y in places.values()), default=0) + size.height + _EDGE
    columns = _columns(places, size)
    edges = [
        _edge(places[need], places[step.name], size, columns, lines.get(step.name))
        for step in workflow.steps
        for need in needs(step)
    ]
    nodes = [_node(step, *places[step.name], size, lines.get(step.name)) for step in steps]
    frame = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    font = 'font-family="system-ui, -apple-system, sans-serif" font-size="12"'
    # the cards are translucent, as their ground isn't known: an edge would strike through the names of those it passes
    holes = [f'<rect x="{x}" y="{y}" width="{size.width}" height="{size.height}" rx="6"/>' for x, y in places.values()]
    mask = f'<mask id="m"><rect width="100%" height="100%" fill="#fff"/>{"".join(holes)}</mask>'
    drawn = f'{mask}<g mask="url(#m)">{"".join(edges)}</g>{"".join(nodes)}'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {frame} {font}>{drawn}</svg>'


def _columns(places: Mapping[str, tuple[float, float]], size: Size) -> list[Column]:
    """Return the columns of cards, from left to right."""
    found: dict[float, list[tuple[float, float]]] = {}
    for x, y in places.values():
        found.setdefault(x, []).append((y, y + size.height))
    return [Column(x, x + size.width, found[x]) for x in sorted(found)]


def _edge(start: Point, end: Point, size: Size, columns: Sequence[Column], line: StepLine | None) -> str:
    """Draw an edge in the colour of where it leads, as that is what it tells of."""
    x1, y1, x2, y2 = start[0] + size.width, start[1] + size.height / 2, end[0] - 5, end[1] + size.height / 2
    between = [column for column in columns if x1 < column.left and column.right < x2]
    colour = COLOURS.get(line.state, LINE) if line else LINE
    dashes = ' stroke-dasharray="4 3"' if line and line.state is State.RUNNING else ""
    path = way((x1, y1), (x2, y2), between, aside=size.down / 2 - 1, bend=size.across / 2)
    tip = f'<path d="M{x2:.0f},{y2 - 3.5:.1f} l5,3.5 l-5,3.5 z" fill="{colour}"/>'
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.3"{dashes}/>{tip}'


def _node(step: Step, x: float, y: float, size: Size, line: StepLine | None) -> str:
    colour = COLOURS.get(line.state, LINE) if line else LINE
    dashes = ' stroke-dasharray="4 3"' if line and line.state in (State.PENDING, State.SKIPPED) else ""
    box = f'width="{size.width}" height="{size.height}" rx="{8 if size is LARGE else 6}"'
    style = f'fill="{colour}" fill-opacity="0.08" stroke="{colour}"{dashes}'
    behind = f'<rect x="{x + 4:.0f}" y="{y + 4:.1f}" {box} fill="none" stroke="{colour}" stroke-opacity="0.5"/>'
    parts = [behind if step.foreach else "", f'<rect x="{x:.0f}" y="{y:.1f}" {box} {style}/>']
    top = y + (19 if size is LARGE else 15)
    room = (size.width - (38 if line else 20)) / 7.3
    parts.append(_text(_TITLE, x + 10, top, step.name, room=room))
    if line:
        parts.append(_icon(line.state, x + size.width - 15, y + (15 if size is LARGE else 11), colour))
    if size is LARGE:
        parts.append(_below(step, x, y, line))
    if line and (share := _share(line.items)) is not None:
        wide = (size.width - 12) * share
        parts.append(
            f'<rect x="{x + 6:.0f}" y="{y + size.height - 3:.1f}" width="{wide:.1f}" height="2" rx="1" fill="{colour}"/>'
        )
    return f"<g>{''.join(parts)}</g>"


def _below(step: Step, x: float, y: float, line: StepLine | None) -> str:
    """The second line of a card: what it calls, or how it went and what it found."""
    called = step.function or step.workflow or ""
    if line is None:
        how = f"when {step.when}" if step.when else "for each" if step.foreach else "sweep" if step.sweep else ""
        left, right = called, how
    elif line.reason and line.state in (State.ERROR, State.SKIPPED, State.ABORTED):
        left, right = line.reason, ""
    else:
        left = " · ".join(filter(None, [str(line.state) if line.state is not State.COMPLETED else "", line.items, took(line)]))
        numbers = [f"{key} {words.number(value, 8)}" for key, value in line.results.items() if type(value) in (int, float)]
        left, right = left or str(line.state), numbers[0] if numbers else called
    colour = COLOURS[State.ERROR] if line and line.state is State.ERROR else QUIET
    room = (LARGE.width - 20) / 6.1
    shown = words.one_line(left, 200)
    left_over = room - min(len(shown), room) - 2
    parts = [_text(_small(colour), x + 10, y + 37, shown, room=room)]
    if right and left_over >= 4:
        found = words.one_line(right, 200)
        parts.append(_text(_small(QUIET), x + LARGE.width - 10, y + 37, found, room=left_over, end=True))
    return "".join(parts)


def _share(items: str) -> float | None:
    done, slash, total = items.partition("/")
    return int(done) / max(int(total), 1) if slash and done.isdecimal() and total.isdecimal() else None


_DRAWN = {
    State.COMPLETED: "M-3.4,0.2 L-0.9,2.7 L3.5,-2.4",
    State.ERROR: "M-2.6,-2.6 L2.6,2.6 M2.6,-2.6 L-2.6,2.6",
    State.ABORTED: "M-2.2,-2.2 h4.4 v4.4 h-4.4 z",
    State.ABORTING: "M-2.2,-2.2 h4.4 v4.4 h-4.4 z",
    State.SKIPPED: "M-3,0 h6",
    State.PENDING: "M0,-3.2 V0 L2.2,1.4",
    State.CACHED: "M1,-4.6 L-3,0.8 H-0.2 L-1,4.6 L3,-0.8 H0.2 z",
}
_FULL = (State.COMPLETED, State.ERROR)


def _icon(state: State, x: float, y: float, colour: str) -> str:
    """Draw a state: glyphs would depend on the fonts there are."""
    if state is State.RUNNING:
        drawn = (
            f'<circle r="5.5" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="25 10" stroke-linecap="round"/>'
        )
    else:
        full = state in _FULL
        disc = f'<circle r="7" fill="{colour}" fill-opacity="{1 if full else 0.16}"/>'
        ink = "#ffffff" if full else colour
        fill = ink if state in (State.CACHED, State.ABORTED, State.ABORTING) else "none"
        width = 0.6 if state is State.CACHED else 1.7
        line = f'stroke="{ink}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"'
        drawn = f'{disc}<path d="{_DRAWN[state]}" fill="{fill}" {line}/>'
    return f'<g transform="translate({x:.1f},{y:.1f})">{drawn}</g>'


class _Pen(NamedTuple):
    colour: str
    weight: int
    size: int


_TITLE = _Pen(INK, 600, 12)


def _small(colour: str) -> _Pen:
    return _Pen(colour, 400, 11)


def _text(pen: _Pen, x: float, y: float, text: str, *, room: float, end: bool = False) -> str:
    """Write text, cut to about ``room`` characters; ``end`` says that it ends at ``x``."""
    limit = max(int(room), 1)
    kept = text if len(text) <= limit else f"{text[: limit - 1]}…"
    shown = escape(clean(kept).replace("\ufffe", "").replace("\uffff", ""))  # XML takes neither, and the picture would be lost
    anchor = ' text-anchor="end"' if end else ""
    style = f'fill="{pen.colour}" font-weight="{pen.weight}" font-size="{pen.size}"{anchor}'
    return f'<text x="{x:.0f}" y="{y:.1f}" {style}>{shown}</text>'


def dag(workflow: Workflow, lines: Mapping[str, StepLine]) -> Html:
    """Return the picture as an image that travels inside the notebook."""
    if len(workflow.steps) > MOST:
        return tag("div", f"{len(workflow.steps):,} steps are too many for a picture.", cls="jmo-muted")
    drawn = svg(workflow, lines)
    width = int(drawn.partition('width="')[2].partition('"')[0])
    fits = {"style": "max-width:100%"} if width <= WIDEST else {"style": "max-width:none"}
    alt = ", ".join(f"{step.name} {lines[step.name].state}" if step.name in lines else step.name for step in workflow.steps)
    data = b64encode(drawn.encode()).decode()
    image = tag("img", src=f"data:image/svg+xml;base64,{data}", alt=words.one_line(alt, 2000), cls="jmo-drawn", **fits)
    return tag("div", image, cls="jmo-scroll", style="max-height:480px;overflow:auto")


def steps_table(lines: Sequence[StepLine]) -> Html:
    """Return the steps of a run as a table; of very many those that say most."""
    shown = list(lines) if len(lines) <= _ROWS else sorted(lines, key=lambda line: _dullness(line.state))[:_ROWS]
    rows = [[tag("strong", line.name), _state(line), took(line), _found(line), _why(line)] for line in shown]
    return tag("div", table(["step", "state", "duration", "results", ""], rows, right=(2,)), rest(len(lines), len(shown)))


def counted(lines: Sequence[StepLine]) -> str:
    """Return how many there are of each state: ``5 completed, 1 running``."""
    counts = Counter(line.state for line in lines)
    return ", ".join(f"{counts[state]:,} {state}" for state in State if counts[state])


def rest(total: int, shown: int) -> Html:
    """Return that a table has more rows than it shows."""
    return tag("small", f"and {total - shown:,} more", cls="jmo-muted", style="padding:4px 12px") if shown < total else Html("")


def _state(line: StepLine) -> Html:
    return pieces([chip(line.state), tag("small", line.items, cls="jmo-muted") if line.items else ""])


def took(line: StepLine) -> str:
    """Return how long it took, or has been running; empty where that isn't known."""
    if line.seconds is None:
        return ""
    return words.duration(line.seconds) if line.state.finished else words.elapsed(line.seconds)


def _found(line: StepLine) -> Html:
    return pieces(
        tag("span", pieces([key, tag("code", _brief(line, value, 30))]), cls="jmo-result")
        for key, value in list(line.results.items())[:4]
    )


def _brief(line: StepLine, value: Any, limit: int) -> str:
    """Return a result; of many items' numbers the least and the greatest."""
    if not line.items or not isinstance(value, list) or not value or not all(type(one) in (int, float) for one in value):
        return words.number(value, limit)
    least, greatest = words.number(min(value)), words.number(max(value))
    return least if least == greatest else f"{least} … {greatest}"


def _why(line: StepLine) -> Html:
    return tag("span", words.one_line(line.reason, 160), cls="jmo-muted", title=line.reason if len(line.reason) > 160 else "")


def _dullness(state: State) -> int:
    order = (State.ERROR, State.RUNNING, State.ABORTED, State.SKIPPED, State.PENDING)
    return order.index(state) if state in order else len(order)


def workflow_bundle(workflow: Workflow, lines: Mapping[str, StepLine]) -> dict[str, str]:
    """Return a workflow for a notebook and for a terminal."""
    about = [tag("strong", workflow.name), tag("span", words.count(len(workflow.steps), "step"), cls="jmo-muted")]
    params = pieces(tag("code", _param(each.name, each.default), cls="jmo-pair") for each in workflow.params)
    head = tag("div", pieces([*about, workflow.description, tag("span", params, cls="jmo-rest")]), cls="jmo-head")
    html = page(tag("div", head, tag("div", dag(workflow, lines), style="padding:8px 12px"), cls="jmo-card"))
    return {"text/html": html, "text/plain": workflow_text(workflow, lines)}


def _param(name: str, default: str | None) -> str:
    return name if default is None else f"{name}={words.one_line(default, 40)}"


def workflow_text(workflow: Workflow, lines: Mapping[str, StepLine]) -> str:
    """Return a workflow as an indented list of its steps."""
    columns = layout(workflow)
    rows = [f"{workflow.name}: {words.count(len(workflow.steps), 'step')}"]
    for step in sorted(workflow.steps, key=lambda step: columns[step.name][0]):
        line = lines.get(step.name)
        after = ", ".join(needs(step))
        state = f" {line.state}" if line else ""
        indent = "  " * min(columns[step.name][0] + 1, 20)
        rows.append(f"{indent}{step.name}{state}{f' ← {after}' if after else ''}")
    if workflow.on_exit is not None:
        rows.append("  on_exit, at the end" + (f" {lines['on_exit'].state}" if "on_exit" in lines else ""))
    return clean("\n".join(rows))


def line_text(line: StepLine) -> str:
    """Return what became of a step as a line of text: its end, or that it has begun."""
    params = [f"{name}={words.literal(value, 24)}" for name, value in line.params.items()]
    results = [f"{key}={_brief(line, value, 24)}" for key, value in list(line.results.items())[:4]]
    why = f"({words.one_line(line.reason, 160)})" if line.reason else ""
    parts = [GLYPHS.get(line.state, ""), line.name, str(line.state), line.items, took(line), *params, *results, why]
    return clean(" ".join(filter(None, parts)))
