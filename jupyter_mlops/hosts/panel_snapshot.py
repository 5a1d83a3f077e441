"""What of a panel is saved in the notebook: answers to what its front end asks first, so few that they stay small."""

from __future__ import annotations

import json
import os
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import api
from jupyter_mlops.display import artifacts_html, dag, runs_html
from jupyter_mlops.errors import MlopsError

if TYPE_CHECKING:
    from jupyter_mlops.project import Project

MIME = "application/vnd.jupyter-mlops.view.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
MOST = 44_000  # bytes that a panel puts into a notebook
HTML = 14_000  # bytes of what is shown where neither panel nor snapshot can be
SCALES = (1.0, 0.5, 0.25, 0.1, 0.02)
TEXT = 1000  # characters of a text

Answer = dict[str, Any]


def bundle(project: Project, view: str, target: list[str], *, height: int, model: str) -> dict[str, Any]:
    """Return what a notebook keeps: our own MIME type first, the live widget second, a picture or table third, text last."""
    drawn = html(project, view, target)
    shown = {
        "view": view,
        "target": target,
        "height": height,
        "project": project.name,
        "places": places(project.folder),
        "savedAt": round(time.time()),
        # as text: a notebook would put each of its numbers on a line of its own
        "snapshot": snapshot(project, view, target, most=MOST - len(json.dumps(drawn))),
    }
    return {
        MIME: shown,
        WIDGET: {"version_major": 2, "version_minor": 0, "model_id": model},
        "text/html": drawn,
        "text/plain": f"<Panel {' '.join([view, *target])} of {project.name}>",
    }


def places(folder: Path) -> list[str]:
    """Return where the project may be, as seen from the notebook's folder: that is where the kernel works, mostly."""
    try:
        found = os.path.relpath(folder)
    except ValueError:  # another drive
        return []
    return [found.replace(os.sep, "/")]


def snapshot(project: Project, view: str, target: list[str], *, most: int) -> str:
    """Return the answers as JSON text: as much of them as fits; nothing when the project can't be asked."""
    ask = _VIEWS[view]
    for scale in SCALES:
        try:
            answers = dict(ask(project, target, scale))
        except MlopsError:
            break
        text = json.dumps(answers, separators=(",", ":"), ensure_ascii=False)
        if len(json.dumps(text)) <= most:
            return text
    return "{}"


Answers = Iterator[tuple[str, Answer]]


def _runs(project: Project, target: list[str], scale: float) -> Answers:
    asked = {"query": target[0]} if target else {"parent": None}
    found = api.call(project, "runs.list", {**asked, "limit": max(1, int(60 * scale))})
    yield "runs.list", {**found, "rows": [_thin(row, scale) for row in found["rows"]], "columns": _columns(found, scale)}


def _run(project: Project, target: list[str], scale: float) -> Answers:
    found = api.call(project, "runs.get", {"run": target[0]})
    yield "runs.get", _detail(found, scale)
    keys = [metric["key"] for metric in found["metrics"]][: int(8 * scale)]
    if keys:
        asked = {"runs": [found["id"]], "keys": keys, "points": max(10, int(80 * scale))}
        yield "runs.metrics", api.call(project, "runs.metrics", asked)


def _workflow(project: Project, target: list[str], scale: float) -> Answers:
    forms = api.call(project, "workflows.get", {"name": target[0]})
    yield "workflows.get", forms if scale == 1 else {**forms, "python": None}
    called = {(step.function or "").partition("@")[0].partition(":")[0] for step in project.workflow(target[0]).workflow.steps}
    functions = [each for each in api.call(project, "functions.list", {})["functions"] if each["name"] in called]
    yield "functions.list", {"functions": [_cut(each, scale) for each in functions[: max(1, int(60 * scale))]]}
    runs = api.call(project, "runs.list", {"target": target[0], "parent": None, "limit": 1})
    yield "runs.list", {**runs, "rows": [_thin(row, scale) for row in runs["rows"]], "columns": _columns(runs, scale)}
    if runs["rows"]:
        yield "runs.get", _detail(api.call(project, "runs.get", {"run": runs["rows"][0]["id"]}), scale)


def _compare(project: Project, target: list[str], scale: float) -> Answers:
    found = api.call(project, "runs.compare", {"runs": target})
    rows = [_cut(row, scale) for row in found["rows"][: max(3, int(100 * scale))]]
    yield "runs.compare", {**found, "rows": rows, "runs": [_thin(row, scale) for row in found["runs"]]}
    keys = found["metrics"][: int(4 * scale)]
    if keys:
        asked = {"runs": target, "keys": keys, "points": max(10, int(60 * scale))}
        yield "runs.metrics", api.call(project, "runs.metrics", asked)


def _artifacts(project: Project, target: list[str], scale: float) -> Answers:
    groups = api.call(project, "artifacts.list", {})["groups"]
    yield "artifacts.list", {"groups": groups[: max(1, int(60 * scale))]}


def _artifact(project: Project, target: list[str], scale: float) -> Answers:
    found = api.call(project, "artifacts.get", {"uid": target[0]})
    most = max(1, int(20 * scale))
    meta = {key: value for key, value in found["meta"].items() if key not in ("preview", "stats", "schema")}
    yield "artifacts.get", {**found, "meta": meta, "versions": found["versions"][:most], "consumers": found["consumers"][:most]}
    if found["preview"] == "table":
        page = api.call(project, "artifacts.table", {"uid": target[0], "limit": most})
        wide = max(2, int(24 * scale))
        yield (
            "artifacts.table",
            {**page, "columns": page["columns"][:wide], "rows": [row[:wide] for row in page["rows"]], "total": len(page["rows"])},
        )
    elif found["preview"] in ("text", "json"):
        text = api.call(project, "artifacts.text", {"uid": target[0]})
        short = text["text"][: int(8000 * scale)]
        yield "artifacts.text", {**text, "text": short, "cut": text["cut"] or len(short) < len(text["text"])}


_VIEWS: dict[str, Callable[[Project, list[str], float], Answers]] = {
    "runs": _runs,
    "run": _run,
    "workflow": _workflow,
    "compare": _compare,
    "artifacts": _artifacts,
    "artifact": _artifact,
}


def _detail(run: Answer, scale: float) -> Answer:
    """Leave out of a run what its first look doesn't need."""
    most = max(3, int(120 * scale))
    error = run["error"] and {**run["error"], "traceback": run["error"]["traceback"][-most:]}
    about: Answer = {"environment": {}, "values": {}, "yaml": None}
    lists = {key: [_cut(each, scale) for each in run[key][:most]] for key in ("steps", "cells", "artifacts", "inputs", "metrics")}
    return {**_thin(run, scale), **about, **lists, "error": _cut(error, scale)}


def _thin(row: Answer, scale: float) -> Answer:
    """Keep the first of a run's params, results and tags."""
    most = max(2, int(60 * scale))
    few = {key: dict(list(row[key].items())[:most]) for key in ("params", "results", "tags")}
    return {**row, **{key: _cut(value, scale) for key, value in few.items()}}


def _columns(found: Answer, scale: float) -> Answer:
    most = max(2, int(60 * scale))
    return {section: names[:most] for section, names in found["columns"].items()}


def _cut(value: Any, scale: float) -> Any:
    """Shorten the texts in something that JSON holds."""
    if isinstance(value, str):
        most = max(40, int(TEXT * scale * scale))
        return value if len(value) <= most else value[: most - 1] + "…"
    if isinstance(value, dict):
        return {key: _cut(each, scale) for key, each in value.items()}
    return [_cut(each, scale) for each in value] if isinstance(value, list) else value


# --- without our front end: nbconvert, other sites that show notebooks ---


def html(project: Project, view: str, target: list[str]) -> str:
    """Return a picture of a workflow, or a small table; it stands in untrusted notebooks, too."""
    try:
        return _html(project, view, target)
    except MlopsError as error:
        return _plain(str(error))


def _html(project: Project, view: str, target: list[str]) -> str:
    if view == "workflow":
        return _drawn(project, target[0])
    if view.startswith("artifact"):
        uids = target or [group["latest"]["uid"] for group in api.call(project, "artifacts.list", {})["groups"][:8]]
        records = [project.library.by_uid(uid).record for uid in uids]
        return _short(lambda most: artifacts_html(records[:most]))
    listed = ", ".join(f"'{each}'" for each in target)
    wanted = f"id IN ({listed})" if view != "runs" else None
    rows = project.run_rows(wanted, limit=10)
    rows = [{**row, "params": dict(row["params"] or {}), "results": dict(row["results"] or {})} for row in rows]
    return _short(lambda most: runs_html(rows[:most]))


def _drawn(project: Project, name: str) -> str:
    workflow = project.workflow(name).workflow
    lines: dict[str, dag.StepLine] = {}
    latest = api.call(project, "runs.list", {"target": name, "parent": None, "limit": 1})["rows"]
    if latest:
        lines = {line.name: line for line in project.get_run(latest[0]["id"]).view().lines}
    svg = dag.svg(workflow, lines) if len(workflow.steps) <= dag.MOST else ""
    if not svg or len(svg) > HTML * 3 // 4:
        return _plain(f"Workflow {name} with {len(workflow.steps)} steps: run the cell to see it.")
    data = b64encode(svg.encode()).decode()
    return f'<img alt="The steps of workflow {name}" style="max-width:100%" src="data:image/svg+xml;base64,{data}">'


def _short(made: Callable[[int], str]) -> str:
    for most in (8, 4, 2):
        text = made(most)
        if len(text.encode()) <= HTML:
            return text
    return _plain("Run the cell to see the panel.")


def _plain(text: str) -> str:
    from html import escape

    return f"<p>{escape(text)}</p>"
