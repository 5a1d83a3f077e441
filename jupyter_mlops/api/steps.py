"""The steps of a workflow's run and the iterations of a sweep, one line each, from the journals of the run and its children."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.api import encode
from jupyter_mlops.api.stories import story_of
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.events import Event, History
from jupyter_mlops.execution.flow import WORKFLOW
from jupyter_mlops.execution.folder import read_spec
from jupyter_mlops.records import Spec, State
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows.nouns import Workflow


@dataclass(frozen=True, kw_only=True)
class Child:
    """A run below another one, as far as it has got."""

    spec: Spec
    story: History


Look = Callable[[str], Child | None]


def reader(runs: Path) -> Look:
    """Return what finds a child by its id in the folder ``runs``, reading each once."""
    known: dict[str, Child | None] = {}

    def look(run: str) -> Child | None:
        if run not in known:
            known[run] = child_in(runs, run)
        return known[run]

    return look


def child_in(runs: Path, run: Any) -> Child | None:
    """Return a child as far as it has got; None if it was deleted, or is just being made, or can't be one."""
    if not isinstance(run, str) or not run or Path(run).name != run:  # a journal may have been written by anybody
        return None
    try:
        return Child(spec=read_spec(runs / run), story=story_of(runs / run))
    except (OSError, ValueError, MlopsError):
        return None


def lines(folder: Path, spec: Spec, story: History, look: Look) -> list[dict[str, Any]]:
    """Return the lines of a run with children; none for any other."""
    if sweep_of(spec) is not None:
        return [iteration(spec, story, event, look) for event in story.steps.values()]
    if spec.workflow is None:
        return []
    names = _planned(folder, spec)
    found = names or list(dict.fromkeys(str(event["step"]) for event in story.steps.values()))
    return [step(name, story, look, function=_called(folder, name)) for name in found]


def line_of(folder: Path, spec: Spec, story: History, event: Event, look: Look) -> dict[str, Any]:
    """Return the line that an event about a step is about."""
    if sweep_of(spec) is not None:
        return iteration(spec, story, event, look)
    return step(str(event["step"]), story, look, function=_called(folder, str(event["step"])))


def step(name: str, story: History, look: Look, *, function: str | None) -> dict[str, Any]:
    """Return the line of one step; of one with ``foreach`` it stands for all its items."""
    events = [event for event in story.steps.values() if event["step"] == name]
    whole: Event = next((event for event in events if event["node"] == name), {})
    items = [event for event in events if event["node"] != name]
    child = look(whole["run"]) if whole.get("run") else None
    state, reason = said(whole), str(whole.get("reason") or "")
    total = max(len(items), whole.get("total") or 0)
    line = {
        **_line(name, state, reason, whole.get("run"), child),
        "function": child.spec.function if child else function,
        "items": {"done": sum(said(event).finished for event in items), "total": total} if total else None,
    }
    return _settled({**line, **_span(items, look)} if items else line, story)


def iteration(spec: Spec, story: History, event: Event, look: Look) -> dict[str, Any]:
    """Return the line of one iteration of a sweep, with the params that differ."""
    number = str(event["node"]).strip("[]")
    child = look(event["run"]) if event.get("run") else None
    best = story.results.get("best_iteration")
    line = _line(number, said(event), str(event.get("reason") or ""), event.get("run"), child)
    names = swept(spec)
    params = {name: value for name, value in line["params"].items() if name in names}
    return _settled({**line, "params": params, "best": best is not None and str(values.peek(best)) == number}, story)


def said(event: Event) -> State:
    """Return the state that an event tells of; one that there isn't tells nothing."""
    try:
        return State(event.get("state", State.PENDING))
    except ValueError:
        return State.PENDING


def swept(spec: Spec) -> list[str]:
    """Return the params that differ between the iterations of a sweep."""
    asked = sweep_of(spec) or {}
    return list(dict.fromkeys([*(name for point in asked.get("points", ()) for name in point), *(asked.get("space") or ())]))


def sweep_of(spec: Spec) -> dict[str, Any] | None:
    """Return what a sweep was asked for; None of any other run."""
    asked = spec.plan.get("sweep")
    return asked if isinstance(asked, dict) else None


def _line(name: str, told: State, reason: str, run: str | None, child: Child | None) -> dict[str, Any]:
    story = child.story if child else History()
    # the child is believed where its parent couldn't say any more how it ended
    state = story.state if child and story.state.finished and not told.finished else told
    ended = story.ended if child else None
    seconds = None if story.started is None else max(0.0, (ended or time.time()) - story.started)
    failure = story.failure
    return {
        "name": encode.cut(name),
        "state": str(state),
        "reason": encode.cut(reason or (story.reason if state is story.state else "")),
        "run": run and encode.cut(run),
        "function": child.spec.function if child else None,
        "started": story.started,
        "ended": ended,
        "seconds": seconds,
        "results": encode.row(story.results),
        "params": encode.row(child.spec.params, exact=True) if child else {},
        "items": None,
        "progress": progress_of(story),
        "error": encode.cut(f"{failure.ename}: {failure.evalue}", 300) if failure else None,
        "best": False,
    }


def progress_of(story: History) -> float | None:
    """Return how far its code says it is, from 0 to 1."""
    done, total = (values.number(story.progress.get(name)) for name in ("done", "total"))
    if done is None or total is None or not total > 0:
        return None
    told = done / total
    return min(1.0, max(0.0, told)) if told == told else None


def told_progress(story: History) -> dict[str, Any] | None:
    """Return how far a run says it is, as a number and in words."""
    if not story.progress:
        return None
    done, total, label = (story.progress.get(name) for name in ("done", "total", "label"))
    text = f"{done}{f' of {total}' if total else ''}{f' {label}' if label else ''}"
    return {"value": progress_of(story), "text": encode.cut(text, 200)}


def _span(items: list[Event], look: Look) -> dict[str, Any]:
    """Return the time from the first begin to the last end among the items of a ``foreach``, and what failed first."""
    found = [child for event in items if event.get("run") and (child := look(event["run"]))]
    began = [child.story.started for child in found if child.story.started is not None]
    if not began:
        return {}
    goes_on = any(not said(event).finished for event in items)
    ends = [child.story.ended for child in found if child.story.ended is not None]
    ended = None if goes_on or not ends else max(ends)
    failed = next((child.story.failure for child in found if child.story.failure), None)
    return {
        "function": found[0].spec.function,
        "started": min(began),
        "ended": ended,
        "seconds": max(0.0, (ended or time.time()) - min(began)),
        "error": encode.cut(f"{failed.ename}: {failed.evalue}", 300) if failed else None,
    }


def _settled(line: dict[str, Any], story: History) -> dict[str, Any]:
    """Of a run that is over no step goes on, or will begin."""
    state = State(line["state"])
    if state.finished or not story.state.finished:
        return line
    if state is State.PENDING:
        return {**line, "state": "skipped", "reason": line["reason"] or "not begun"}
    return {**line, "state": "aborted", "reason": line["reason"] or encode.cut(story.reason)}


# --- what was planned ---

_plans: dict[Path, Workflow | None] = {}
_KEPT = 64


def workflow_of(folder: Path) -> Workflow | None:
    """Return the workflow as a run had it; it never changes, so it is read once."""
    if folder not in _plans:
        while len(_plans) >= _KEPT:
            _plans.pop(next(iter(_plans)), None)
        try:
            path = folder / WORKFLOW
            _plans[folder] = yaml.load(path.read_text(encoding="utf-8"), file=path.name)
        except (OSError, MlopsError, UnicodeDecodeError):
            return None
    return _plans.get(folder)


def _planned(folder: Path, spec: Spec) -> list[str]:
    made = workflow_of(folder)
    if made is None:
        return []
    chosen = spec.plan.get("selected")
    names = [each.name for each in made.steps if chosen is None or each.name in chosen]
    return [*names, *([made.on_exit.name] if made.on_exit else [])]


def _called(folder: Path, name: str) -> str | None:
    made = workflow_of(folder)
    steps = [] if made is None else [*made.steps, *([made.on_exit] if made.on_exit else [])]
    return next((each.function or each.workflow for each in steps if each.name == name), None)
