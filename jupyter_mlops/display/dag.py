"""A workflow as a picture: its steps in columns, each after what it needs, with what became of it.

An ``<img>`` of SVG, because untrusted notebooks lose inline SVG; it can't see the theme, so its tones read on light and dark.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from jupyter_mlops.display import words
from jupyter_mlops.display.markup import GLYPHS, Html, chip, clean, page, pieces, table, tag
from jupyter_mlops.records import State
from jupyter_mlops.workflows.nouns import Step, Workflow
from jupyter_mlops.workflows.scheduler import graph_of, needs

WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 172, 46, 46, 14, 8
COLOURS = {
    State.COMPLETED: "#2a9d4a",
    State.CACHED: "#1d93a8",
    State.RUNNING: "#3b82d6",
    State.ERROR: "#d64545",
    State.ABORTING: "#b7791f",
    State.ABORTED: "#888888",
    State.SKIPPED: "#888888",
    State.PENDING: "#888888",
}
INK, QUIET = "#6f7782", "#8b929c"
_LONGEST = 40  # rows of a table of steps that are shown at once


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """What became of one step, or of one iteration: ``items`` says how many of a ``foreach`` are done, like ``3/8``."""

    name: str
    state: State = State.PENDING
    reason: str = ""
    seconds: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    items: str = ""
    best: bool = False


def layout(workflow: Workflow) -> dict[str, tuple[int, float]]:
    """Return column and row of each step: columns by the longest way to it, rows near what it needs."""
    wanted = {step.name: list(needs(step)) for step in workflow.steps}
    column: dict[str, int] = {}
    for name in graph_of(workflow).order():
        column[name] = max((column[need] + 1 for need in wanted[name]), default=0)
    columns: dict[int, list[str]] = {}
    for name in wanted:
        columns.setdefault(column[name], []).append(name)
    row: dict[str, float] = {}
    for index in sorted(columns):
        names = columns[index]
        if index:  # near the middle of what they need; those that need nothing here stay as declared
            middle = {name: sum(row[need] for need in wanted[name]) / len(wanted[name]) for name in names}
            names = sorted(names, key=lambda name: middle[name])
        row |= {name: float(place) for place, name in enumerate(names)}
    tallest = max((len(names) for names in columns.values()), default=0)
    return {name: (column[name], row[name] + (tallest - len(columns[column[name]])) / 2) for name in wanted}


def svg(workflow: Workflow, lines: Mapping[str, StepLine]) -> str:
    """Return the picture."""
    places = {name: (EDGE + x * (WIDTH + GAP_X), EDGE + y * (HEIGHT + GAP_Y)) for name, (x, y) in layout(workflow).items()}
    width = max((x for x, _ in places.values()), default=0) + WIDTH + EDGE
    height = max((y for _, y in places.values()), default=0) + HEIGHT + EDGE
    edges = [_edge(places[need], places[step.name], lines.get(need)) for step in workflow.steps for need in needs(step)]
    nodes = [_node(step, *places[step.name], lines.get(step.name) or StepLine(name=step.name)) for step in workflow.steps]
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    font = 'font-family="system-ui, sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>{"".join(edges)}{"".join(nodes)}</svg>'


def _edge(start: tuple[float, float], end: tuple[float, float], line: StepLine | None) -> str:
    x1, y1, x2, y2 = start[0] + WIDTH, start[1] + HEIGHT / 2, end[0], end[1] + HEIGHT / 2
    bend = max(20.0, (x2 - x1) / 2)
    known = line is not None and line.state in (State.COMPLETED, State.CACHED)
    colour = COLOURS[line.state] if line is not None and known else "#9aa1ab"
    path = f"M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity="0.75" stroke-width="1.4"/>'


def _node(step: Step, x: float, y: float, line: StepLine) -> str:
    colour = COLOURS.get(line.state, "#888888")
    dashes = ' stroke-dasharray="4 3"' if line.state is State.PENDING else ""
    below = line.items or (words.duration(line.seconds) if line.seconds is not None else str(line.state))
    found = [f"{key} {words.number(value, 8)}" for key, value in list(line.results.items())[:1] if isinstance(value, int | float)]
    return (
        f'<g><rect x="{x:.0f}" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="9" fill="{colour}" fill-opacity="0.07" '
        f'stroke="{colour}" stroke-opacity="0.8"{dashes}/>'
        + _text(x + 12, y + 19, _cut(step.name, 21), weight=600)
        + _text(x + WIDTH - 12, y + 19, GLYPHS.get(line.state, ""), colour=colour, anchor="end", weight=700)
        + _text(x + 12, y + 36, below, colour=QUIET, size=11)
        + _text(
            x + WIDTH - 12, y + 36, _cut(found[0] if found else step.function or step.workflow or "", 16), QUIET, "end", size=11
        )
        + "</g>"
    )


def _text(x: float, y: float, text: str, colour: str = INK, anchor: str = "start", *, weight: int = 400, size: int = 12) -> str:
    style = f'fill="{colour}" text-anchor="{anchor}" font-weight="{weight}" font-size="{size}"'
    return f'<text x="{x:.0f}" y="{y:.0f}" {style}>{escape(clean(text))}</text>'


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def dag(workflow: Workflow, lines: Mapping[str, StepLine]) -> Html:
    """Return the picture as an image that travels inside the notebook."""
    data = b64encode(svg(workflow, lines).encode()).decode()
    alt = ", ".join(f"{step.name} {lines[step.name].state}" if step.name in lines else step.name for step in workflow.steps)
    image = tag("img", src=f"data:image/svg+xml;base64,{data}", alt=words.one_line(alt, 2000), style="max-width:100%")
    return tag("div", image, cls="jmo-scroll")


def steps_table(lines: Sequence[StepLine]) -> Html:
    """Return the steps of a run as a table; the longest are cut, the interesting ones first."""
    shown = list(lines) if len(lines) <= _LONGEST else sorted(lines, key=lambda line: _dullness(line.state))[:_LONGEST]
    rows = [[chip(line.state), tag("strong", line.name), _took(line), _found(line.results), _why(line)] for line in shown]
    rest = tag("small", f"and {len(lines) - len(shown)} more", cls="jmo-muted") if len(shown) < len(lines) else ""
    return tag("div", table(["state", "step", "duration", "results", ""], rows, right=(2,)), rest)


def iterations_table(lines: Sequence[StepLine]) -> Html:
    """Return the iterations of a sweep as a table, the best marked."""
    shown = list(lines)[:_LONGEST]
    names = list(dict.fromkeys(name for line in shown for name in line.params))
    keys = list(dict.fromkeys(key for line in shown for key in line.results))[:8]
    rows = []
    for line in shown:
        best = tag("strong", "★ ", title="the best") if line.best else ""
        params = [words.literal(line.params.get(name)) if name in line.params else "" for name in names]
        results = [words.number(line.results[key]) if key in line.results else "–" for key in keys]
        rows.append([pieces([best, line.name]), chip(line.state), *params, *results])
    rest = tag("small", f"and {len(lines) - len(shown)} more", cls="jmo-muted") if len(shown) < len(lines) else ""
    first = 2 + len(names)
    return tag("div", table(["", "state", *names, *keys], rows, right=tuple(range(first, first + len(keys)))), rest)


def _took(line: StepLine) -> str:
    return line.items or ("" if line.seconds is None else words.duration(line.seconds))


def _found(results: Mapping[str, Any]) -> Html:
    return pieces(
        tag("span", pieces([key, tag("code", words.number(value, 20))]), cls="jmo-result")
        for key, value in list(results.items())[:4]
    )


def _why(line: StepLine) -> Html:
    return tag("span", words.one_line(line.reason, 120), cls="jmo-muted", title=line.reason)


def _dullness(state: State) -> int:
    order = (State.ERROR, State.RUNNING, State.ABORTED, State.SKIPPED, State.PENDING)
    return order.index(state) if state in order else len(order)


def workflow_bundle(workflow: Workflow, lines: Mapping[str, StepLine]) -> dict[str, str]:
    """Return a workflow for a notebook and for a terminal."""
    about = [tag("strong", workflow.name), tag("span", f"{len(workflow.steps)} steps", cls="jmo-muted"), workflow.description]
    params = pieces(tag("code", f"{each.name}={each.default}", cls="jmo-pair") for each in workflow.params)
    head = tag("div", pieces([*about, params]), cls="jmo-head")
    html = page(tag("div", head, tag("div", dag(workflow, lines), style="padding:8px 12px"), cls="jmo-card"))
    return {"text/html": html, "text/plain": workflow_text(workflow, lines)}


def workflow_text(workflow: Workflow, lines: Mapping[str, StepLine]) -> str:
    """Return a workflow as an indented list of its steps."""
    columns = layout(workflow)
    rows = [f"{workflow.name}: {len(workflow.steps)} steps"]
    for step in sorted(workflow.steps, key=lambda step: columns[step.name][0]):
        line = lines.get(step.name)
        after = ", ".join(needs(step))
        state = f" {line.state}" if line else ""
        rows.append(f"{'  ' * (columns[step.name][0] + 1)}{step.name}{state}{f' ← {after}' if after else ''}")
    return clean("\n".join(rows))


def line_text(line: StepLine) -> str:
    """Return what became of a step as a line of text: its end, or that it has begun."""
    took = words.duration(line.seconds) if line.seconds is not None else ""
    params = [f"{name}={words.literal(value, 24)}" for name, value in line.params.items()]
    results = [f"{key}={words.number(value, 24)}" for key, value in list(line.results.items())[:4]]
    why = f"({words.one_line(line.reason, 160)})" if line.reason else ""
    parts = [GLYPHS.get(line.state, ""), line.name, str(line.state), line.items, took, *params, *results, why]
    return clean(" ".join(filter(None, parts)))
