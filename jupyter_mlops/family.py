"""What a card shows of a run with children, read from their folders."""

from __future__ import annotations

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
from jupyter_mlops.storage.journal import history
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows.nouns import Workflow

Told = dict[str, History]


def view(folder: Path, spec: Spec, story: History, told: Told) -> dict[str, Any]:
    """Return what a RunView takes of a workflow run or a sweep.

    Parameters
    ----------
    told
        The histories of children that have ended, by their ids; kept between calls.
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
    lines = []
    for step in workflow.steps:
        events = by_step.get(step.name, [])
        whole = next((event for event in events if event["node"] == step.name), None)
        items = [event for event in events if event["node"] != step.name]
        done = sum(State(event["state"]).finished for event in items)
        child = _story(folder, whole.get("run") if whole else None, told)
        lines.append(
            StepLine(
                name=step.name,
                state=State(whole["state"]) if whole else State.PENDING,
                reason=(whole or {}).get("reason") or "",
                seconds=_seconds(child),
                results=_results(child),
                items=f"{done}/{len(items)}" if items else "",
            )
        )
    return lines


def iterations(folder: Path, spec: Spec, story: History, told: Told) -> list[StepLine]:
    """Return a line an iteration, in their order, with the params that differ."""
    asked = spec.plan["sweep"]
    names = {name for point in asked.get("points", ()) for name in point} | set(asked.get("space") or ())
    best = values.peek(story.results["best_iteration"]) if "best_iteration" in story.results else None
    lines = []
    for event in story.steps.values():
        child = _story(folder, event["run"], told)
        params = _params(folder.parent / event["run"])
        lines.append(
            StepLine(
                name=event["node"].strip("[]"),
                state=State(event["state"]),
                reason=event.get("reason") or "",
                seconds=_seconds(child),
                params={name: values.peek(value) for name, value in params.items() if name in names},
                results=_results(child),
                best=str(best) == event["node"].strip("[]"),
            )
        )
    return lines


def _story(folder: Path, run: str | None, told: Told) -> History | None:
    if run is None:
        return None
    if run not in told:
        story = history(folder.parent / run)
        if not story.state.finished:
            return story
        told[run] = story
    return told[run]


def _seconds(story: History | None) -> float | None:
    return None if story is None or story.started is None or story.ended is None else story.ended - story.started


def _results(story: History | None) -> dict[str, Any]:
    return {} if story is None else {key: values.peek(value) for key, value in story.results.items()}


@lru_cache(maxsize=64)
def _workflow(path: Path) -> Workflow:
    return yaml.load(path.read_text(encoding="utf-8"), file=path.name)


@lru_cache(maxsize=1024)
def _params(folder: Path) -> dict[str, Any]:
    return read_spec(folder).params
