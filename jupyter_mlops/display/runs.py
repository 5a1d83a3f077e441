"""A run as a card: alive while it runs, and for ever in the saved notebook."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.display import artifacts, words
from jupyter_mlops.display.dag import StepLine, counted, dag, line_text, steps_table
from jupyter_mlops.display.markup import (
    GLYPHS,
    Html,
    ansi,
    bar,
    chip,
    clean,
    disclosure,
    facts,
    join,
    link,
    page,
    pair,
    pieces,
    sparkline,
    tag,
    without_ansi,
)
from jupyter_mlops.display.sweeps import iterations
from jupyter_mlops.events import History
from jupyter_mlops.records import Source, Spec, State
from jupyter_mlops.workflows.nouns import Workflow

_FEW = 8  # steps whose table is open from the beginning, and files that are named


@dataclass(frozen=True, kw_only=True)
class RunView:
    """All that a card shows of a run.

    Attributes
    ----------
    folder
        The run's folder, and ``base`` the notebook's: links go from one to the other. Without ``base`` there are none.
    now
        Epoch seconds while the run lives; None once it is over.
    cells
        How many code cells the run's notebook has, where known.
    log
        The last lines of the log.
    source
        The source of the failing cell.
    notes
        What to say about an input, by its name, such as ``from the notebook``.
    pictures
        Bytes of PNG artifacts to show, by uid.
    workflow, lines
        Of a workflow run what it runs, and what became of its steps; of a sweep ``lines`` are its iterations.
    """

    spec: Spec
    history: History
    folder: Path
    base: Path | None = None
    now: float | None = None
    cells: int | None = None
    log: str = ""
    source: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    workflow: Workflow | None = None
    lines: Sequence[StepLine] = ()

    @property
    def seconds(self) -> float | None:
        """How long the run took, or has been running."""
        started, end = self.history.started, self.history.ended or self.now
        return None if started is None or end is None else max(end - started, 0.0)

    @property
    def took(self) -> str:
        """The same in words."""
        if self.seconds is None:
            return ""
        return words.duration(self.seconds) if self.now is None else words.elapsed(self.seconds)

    @property
    def title(self) -> str:
        """The Function's name, or the run's where that says more."""
        return self.spec.name or self.spec.function or "run"


def run_html(view: RunView) -> str:
    """Return the card of a run as HTML."""
    history = view.history
    body = facts(
        ("params", _params(view)),
        ("inputs", _inputs(view)),
        ("progress", _progress(view)),
        ("metrics", _metrics(history)),
        ("results", _results(history)),
        ("artifacts", _artifacts(view)),
        ("files", _written(view)),
        ("steps", _steps(view)),
        ("iterations", iterations(view.lines, _select(view)) if view.workflow is None else ""),
        ("tags", pieces(pair(key, value) for key, value in {**view.spec.tags, **history.tags}.items())),
        ("log", _last_line(view)),
        ("run", _files(view)),
    )
    return page(tag("div", tag("div", _head(view), cls="jmo-head"), _failure(view), body, cls="jmo-card"))


def _head(view: RunView) -> Html:
    history, spec = view.history, view.spec
    version = tag("code", words.short(spec.version), cls="jmo-muted", title="version of the Function") if spec.version else ""
    again = spec.function if spec.function and spec.function != view.title else ""
    times = [
        f"attempt {history.attempt}" if history.attempt > 1 else "",
        view.took,
    ]
    times += [words.moment(history.started) if history.started and not view.now else ""]
    rest = tag("span", join(*filter(None, times), between=" · "), cls="jmo-muted jmo-rest")
    return pieces([chip(history.state), tag("strong", view.title), again, version, _reason(history), rest])


def _reason(history: History) -> Html:
    if not history.reason or history.state is State.ERROR:  # an error's reason has a line of its own
        return Html("")
    return tag("span", words.one_line(history.reason), cls="jmo-muted")


def _params(view: RunView) -> Html:
    shown = {name: values.peek(value) for name, value in view.spec.params.items()}
    return pieces(pair(name, words.literal(value), title=words.literal(value, 400)) for name, value in shown.items())


def _inputs(view: RunView) -> Html:
    return pieces(tag("span", _input(view, name, source), cls="jmo-pair") for name, source in view.spec.inputs.items())


def _input(view: RunView, name: str, source: Source) -> Html:
    """What comes in under this name: where from, and its shape."""
    where = join(f"← {origin(view, name)}", artifacts.shape(source.meta), between=" · ")
    return pieces([tag("code", name), tag("span", where, cls="jmo-muted")])


def origin(view: RunView, name: str) -> str:
    """Return where an input is from: the note on it, else its address; a file as seen from the notebook."""
    uri = view.spec.inputs[name].uri
    if "://" not in uri and Path(uri).is_absolute():
        uri = words.relative(Path(uri), view.base) or uri
    return view.notes.get(name) or (uri if len(uri) <= 80 else f"{uri[:40]}…{uri[-38:]}")


def _progress(view: RunView) -> Html:
    """Cell i of n and the user's own progress, while there is something to wait for."""
    history = view.history
    if history.state is not State.RUNNING:
        return Html("")
    parts: list[Html] = []
    if history.cells:
        at = sum(cell.get("state") != "running" for cell in history.cells.values())
        total = max(view.cells or 0, len(history.cells))
        parts.append(
            bar(min(at + 1, total), total, "cells")
            if not history.progress
            else tag("span", f"cell {min(at + 1, total)} of {total}")
        )
    if event := history.progress:
        parts.append(bar(event["done"], event.get("total"), event.get("label") or ""))
    return join(*parts, between=" · ")


def _metrics(history: History) -> Html:
    shown = list(history.metrics.items())
    parts: list[object] = [tag("span", _metric(key, points), cls="jmo-result") for key, points in shown[:12]]
    parts += [tag("span", f"+ {len(shown) - 12} more", cls="jmo-muted")] if len(shown) > 12 else []
    return pieces(parts)


def _metric(key: str, points: list[tuple[int | None, float, float]]) -> Html:
    step, value, _ = points[-1]
    at = f"step {step}" if step is not None else words.count(len(points), "value")
    return pieces(
        [
            key,
            tag("code", words.number(value)),
            sparkline([point[1] for point in points]),
            tag("small", at) if len(points) > 1 else "",
        ]
    )


def _results(history: History) -> Html:
    shown = {key: values.peek(value) for key, value in history.results.items()}
    return pieces(
        tag("span", pieces([key, tag("code", words.number(value), title=words.literal(value, 400))]), cls="jmo-result")
        for key, value in shown.items()
    )


def _artifacts(view: RunView) -> Html:
    return join(*(artifacts.line(artifact, view.pictures.get(artifact.uid)) for artifact in view.history.artifacts.values()))


def _steps(view: RunView) -> Html:
    if view.workflow is None:
        return Html("")
    head = tag("div", f"{words.count(len(view.lines), 'step')}: {counted(view.lines)}", cls="jmo-muted")
    drawn = dag(view.workflow, {line.name: line for line in view.lines})
    few = len(view.lines) <= _FEW or view.history.state is State.ERROR
    return join(head, drawn, disclosure("all steps", steps_table(view.lines), open_=few))


def _select(view: RunView) -> str | None:
    selected = (view.spec.plan.get("sweep") or {}).get("select")
    return None if selected is None else str(selected)


def _last_line(view: RunView) -> Html:
    if not view.history.state.finished and (line := last_line(view.log)):
        return tag("code", line, cls="jmo-muted")
    return Html("")


def last_line(log: str) -> str:
    """Return the last line of a log with something on it, as a terminal would show it after carriage returns."""
    lines = [line.rstrip("\r").rpartition("\r")[2].strip() for line in without_ansi(log).split("\n")]
    return words.one_line(next((line for line in reversed(lines) if line), ""), 160)


def written(view: RunView) -> list[str]:
    """Return what a run that is over left in its working directory: names of files and, with a slash, of folders."""
    place = view.folder / "files"
    if not view.history.state.finished or not place.is_dir():
        return []
    return sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in os.scandir(place))


def _written(view: RunView) -> Html:
    names = written(view)
    place = view.folder / "files"
    shown = [
        tag("span", name) if view.base is None or name.endswith("/") else link(name, words.relative(place / name, view.base))
        for name in names[:_FEW]
    ]
    more = f"+ {len(names) - _FEW} more" if len(names) > _FEW else ""
    where = tag("span", join(more, "in its folder files/", between=" "), cls="jmo-muted", title=str(place))
    return pieces([*shown, where]) if names else Html("")


def _files(view: RunView) -> Html:
    if not view.history.state.finished or view.base is None:
        return tag("code", view.spec.id, cls="jmo-muted")
    found = [(name, view.folder / file) for name, file in (("executed notebook", "notebook.ipynb"), ("log", "log.txt"))]
    links = [link(name, words.relative(path, view.base)) for name, path in found if path.exists()]
    return join(tag("code", view.spec.id, cls="jmo-muted"), *links, between=" · ")


def _failure(view: RunView) -> Html:
    """The exception, the cell with its line marked, and the traceback behind a click."""
    history = view.history
    if history.state is not State.ERROR:
        return Html("")
    parts = [tag("div", words.one_line(error_line(history), 400), cls="jmo-why")]
    failure = history.failure
    if failure and view.source:
        parts.append(tag("pre", numbered(view.source, failure.line), cls="jmo-code"))
    if failure and failure.traceback:
        parts.append(
            tag("div", disclosure("traceback", tag("pre", ansi("\n".join(failure.traceback)))), style="padding:4px 12px")
        )
    return tag("div", *parts)


def error_line(history: History) -> str:
    """Return why a run is in state ``error`` in one line: the exception and its place, or the reason."""
    failure = history.failure
    if failure is None or not failure.ename:
        return history.reason or "error"
    place = ["" if failure.cell is None else f"cell {failure.cell + 1}", "" if failure.line is None else f"line {failure.line}"]
    where = ", ".join(filter(None, place))
    return f"{failure.ename}: {failure.evalue}" + (f" ({where})" if where else "")


def excerpt(source: str, line: int | None, around: int = 4) -> list[tuple[int, str]]:
    """Return the numbered lines of a cell to show: all of a short one, else those around ``line`` (1-based)."""
    lines = list(enumerate(source.split("\n"), start=1))
    if line is None or len(lines) <= 2 * around + 4:
        return lines[: 2 * around + 4]
    return lines[max(0, line - around - 1) : line + around]


def numbered(source: str, line: int | None) -> Html:
    """Return a cell's source with line numbers and the failing line marked."""
    shown = excerpt(source, line)
    width = len(str(shown[-1][0]))
    rows = []
    for number, text in shown:
        mark = "→" if number == line else " "
        row = join(tag("span", f"{mark} {number:>{width}} ", cls="jmo-line-no"), text)
        rows.append(tag("span", row, cls="jmo-bad") if number == line else row)
    return join(*rows, between="\n")


def run_text(view: RunView) -> str:
    """Return the card of a run as plain text."""
    history, spec = view.history, view.spec
    took = f" in {view.took}" if view.took else ""
    why = (
        f": {words.one_line(error_line(history), 400)}"
        if history.state is State.ERROR
        else f": {history.reason}"
        if history.reason
        else ""
    )
    lines = [f"{GLYPHS.get(history.state, '')} {view.title} {history.state}{took}{why}"]
    executed = view.folder / "notebook.ipynb"
    pairs: dict[str, Any] = {
        "params": " ".join(f"{name}={words.literal(values.peek(value))}" for name, value in spec.params.items()),
        "inputs": ", ".join(f"{name} ← {origin(view, name)}" for name in spec.inputs),
        "metrics": " ".join(f"{key}={words.number(points[-1][1])}" for key, points in history.metrics.items()),
        "results": " ".join(f"{key}={words.number(values.peek(value))}" for key, value in history.results.items()),
        "artifacts": ", ".join(f"{artifact.key} ({artifacts.about(artifact)})" for artifact in history.artifacts.values()),
        "files": _written_text(view),
        "steps" if view.workflow else "iterations": _lines_text(view),
        "run": spec.id,
        "notebook": words.relative(executed, view.base) or str(executed) if executed.exists() else "",
    }
    lines += [f"  {label:<10} {text}" for label, text in pairs.items() if text]
    if history.state is State.ERROR and history.failure and view.source:
        marked = excerpt(view.source, history.failure.line)
        lines += [f"  {'→' if number == history.failure.line else ' '} {number:>3} {text}" for number, text in marked]
    return clean("\n".join(lines))


def _written_text(view: RunView) -> str:
    names, place = written(view), view.folder / "files"
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return f"{', '.join(names[:_FEW])}{more} in {words.relative(place, view.base) or place}" if names else ""


def _lines_text(view: RunView) -> str:
    """Few steps by name; of iterations the best, and how many there are."""
    if view.workflow is not None and len(view.lines) <= 2 * _FEW:
        return ", ".join(f"{line.name} {line.state}" for line in view.lines)
    best = next((f"; best is {line_text(line)}" for line in view.lines if line.best), "")
    return f"{counted(view.lines)}{best}"


def run_bundle(view: RunView) -> dict[str, str]:
    """Return both forms of a run's card, as IPython takes them."""
    return {"text/html": run_html(view), "text/plain": run_text(view)}
