"""What a card shows of a run with children, read from their folders."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.display.dag import StepLine
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.events import Event, History
from jupyter_mlops.execution.flow import WORKFLOW
from jupyter_mlops.execution.folder import read_spec
from jupyter_mlops.records import Spec, State
from jupyter_mlops.storage import journal
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows.nouns import Workflow


@dataclass
class Story:
    """What a child told so far, and how far its journal has been read."""

    history: History = field(default_factory=History)
    offset: int = 0


Told = dict[str, Story]


def view(folder: Path, spec: Spec, story: History, told: Told) -> dict[str, Any]:
    """Return what a RunView takes of a workflow run or a sweep.

    Parameters
    ----------
    told
        What children told, by their ids; kept between calls, so that only new lines are read.
    """
    if "sweep" in spec.plan:
        return {"lines": iterations(folder, spec, story, told)}
    try:
        workflow = _workflow(folder / WORKFLOW)
    except (OSError, MlopsError):
        return {}
    return {"workflow": workflow, "lines": steps(folder, workflow, story, told)}


def steps(folder: Path, workflow: Workflow, story: History, told: Told) -> list[StepLine]:
    """Return a line a step, in the order of the workflow."""
    by_step: dict[str, list[Event]] = {}
    for event in story.steps.values():
        by_step.setdefault(event["step"], []).append(event)
    found = (*workflow.steps, *([workflow.on_exit] if workflow.on_exit else []))
    lines = [_step(folder, step.name, by_step.get(step.name, []), told) for step in found]
    return [_ended(line, story) for line in lines]


def _step(folder: Path, name: str, events: list[Event], told: Told) -> StepLine:
    whole = next((event for event in events if event["node"] == name), {})
    items = [event for event in events if event["node"] != name]
    child = _story(folder, whole.get("run"), told)
    state = _state(State(whole.get("state", State.PENDING)), child)
    reason = whole.get("reason") or ""
    done = sum(State(event["state"]).finished for event in items)
    total = max(len(items), whole.get("total") or 0)
    return StepLine(
        name=name,
        state=state,
        reason=reason,
        seconds=_span(folder, items, told) if items and state.finished else _seconds(child),
        results=_gathered(folder, items, told) if items else _results(child),
        items=f"{done}/{total}" if total else "",
    )


def _state(said: State, child: History | None) -> State:
    """Believe the child where the parent couldn't say any more how it ended, as its worker was gone."""
    return child.state if child is not None and child.state.finished and not said.finished else said


def _ended(line: StepLine, story: History) -> StepLine:
    """Of a run that is over no step goes on, or will begin."""
    if line.state.finished or not story.state.finished:
        return line
    if line.state is State.PENDING:
        return replace(line, state=State.SKIPPED, reason=line.reason or "not begun")
    return replace(line, state=State.ABORTED, reason=line.reason or story.reason)


def iterations(folder: Path, spec: Spec, story: History, told: Told) -> list[StepLine]:
    """Return a line an iteration, in their order, with the params that differ."""
    asked = spec.plan["sweep"]
    names = {name for point in asked.get("points", ()) for name in point} | set(asked.get("space") or ())
    best = values.peek(story.results["best_iteration"]) if "best_iteration" in story.results else None
    lines = []
    for event in story.steps.values():
        number = event["node"].strip("[]")
        child = _story(folder, event.get("run"), told)
        params = _params(folder.parent / event["run"]) if event.get("run") else {}
        line = StepLine(
            name=number,
            state=_state(State(event["state"]), child),
            reason=event.get("reason") or "",
            seconds=_seconds(child),
            params={name: values.peek(value) for name, value in params.items() if name in names},
            results=_results(child),
            best=str(best) == number,
        )
        lines.append(_ended(line, story))
    return lines


def _story(folder: Path, run: str | None, told: Told) -> History | None:
    """Read what a child told since the last time; nothing any more once it has ended."""
    if run is None:
        return None
    story = told.setdefault(run, Story())
    if not story.history.state.finished:
        events, story.offset = journal.read(folder.parent / run / journal.EVENTS, story.offset)
        for event in events:
            journal.add(story.history, event)
    return story.history


def _seconds(story: History | None) -> float | None:
    """Return how long a child took; of one that goes on whole seconds, so that its card changes once in a second."""
    if story is None or story.started is None:
        return None
    if story.ended is None:
        return float(max(int(time.time() - story.started), 0)) or None
    return story.ended - story.started


def _span(folder: Path, items: list[Event], told: Told) -> float | None:
    """Return the time from the first begin to the last end among the items of a ``foreach``."""
    found = [story for event in items if (story := _story(folder, event.get("run"), told)) is not None]
    times = [(story.started, story.ended) for story in found if story.started is not None and story.ended is not None]
    return max(ended for _, ended in times) - min(started for started, _ in times) if times else None


def _gathered(folder: Path, items: list[Event], told: Told) -> dict[str, Any]:
    """Return a list by key of what the items of a ``foreach`` found so far, in their order."""
    ordered = sorted(items, key=lambda event: int(event["node"].rpartition("[")[2].rstrip("]")))
    each = [_results(_story(folder, event.get("run"), told)) for event in ordered]
    return {key: [one[key] for one in each if key in one] for key in dict.fromkeys(key for one in each for key in one)}


def _results(story: History | None) -> dict[str, Any]:
    return {} if story is None else {key: values.peek(value) for key, value in story.results.items()}


@lru_cache(maxsize=64)
def _workflow(path: Path) -> Workflow:
    return yaml.load(path.read_text(encoding="utf-8"), file=path.name)


@lru_cache(maxsize=1024)
def _params(folder: Path) -> dict[str, Any]:
    try:
        return read_spec(folder).params
    except (OSError, MlopsError):  # it was deleted since
        return {}
