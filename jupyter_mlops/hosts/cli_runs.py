"""The verbs about runs: run, runs, show, logs, abort."""

from __future__ import annotations

import codecs
import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.defining import FunctionHandle
from jupyter_mlops.display import run_text, runs_text
from jupyter_mlops.errors import ParameterError
from jupyter_mlops.execution.logfile import plain as without_colours
from jupyter_mlops.hosts.cli_print import plain, rows_of, show_json
from jupyter_mlops.project import Project, open_project
from jupyter_mlops.records import State
from jupyter_mlops.runs import Run

CODES = {State.ERROR: 1, State.ABORTED: 130}
POLL = 0.1  # seconds between two looks at a run's log


def run(arguments: Namespace) -> int:
    """Run a Function, follow its log, and say what became of it."""
    project = open_project(arguments.project)
    function = project.function(arguments.name)
    order: dict[str, Any] = {
        "params": _params(arguments.values, function),
        "inputs": dict(pairs(arguments.input, "-i")),
        "name": arguments.title,
        "tags": dict(pairs(arguments.tag, "--tag")),
        "timeout": arguments.timeout,
        "retries": arguments.retries,
    }
    if arguments.dry_run:
        print(json.dumps(project.dry_run(arguments.name, **order), indent=1, ensure_ascii=False))
        return 0
    return attend(project.run(arguments.name, **order, background=True, origin="cli"), arguments, follow)


def attend(started: Run, arguments: Namespace, shown: Callable[[Run, Any], None]) -> int:
    """Print the id of a run and leave it, or show it with ``shown`` until its end, and say what became of it."""
    if arguments.bg:
        show_json(facts(started)) if arguments.json else print(started.id)
        return 0
    try:
        shown(started, sys.stderr if arguments.json else sys.stdout)
    except KeyboardInterrupt:
        started.abort("interrupted by the user")
    show_json(facts(started)) if arguments.json else print(run_text(started.view()))
    return CODES.get(started.state, 0)


def _params(words: Iterable[str], function: FunctionHandle) -> dict[str, Any]:
    """Read ``k=v``: a parameter by its type hint, an input as it stands."""
    hints = {parameter.name: parameter.hint for parameter in function.parameters}
    return {key: values.parse(text, hints[key]) if key in hints else text for key, text in pairs(words, "a parameter")}


def pairs(words: Iterable[str], what: str) -> Iterable[tuple[str, str]]:
    """Yield the parts of each ``NAME=VALUE``; ``what`` says what one is, for the message about a word that is none."""
    seen = set()
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not key:
            raise ParameterError(f"{word!r} can't be {what}: write NAME=VALUE.")
        if key in seen:
            raise ParameterError(f"{key!r} is given twice: keep one.")
        seen.add(key)
        yield key, text


def follow(run: Run, stream: Any) -> None:
    """Print a run's log as it grows, until the run has ended; in colours where a terminal shows them."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    said = str if stream.isatty() else without_colours
    offset = 0
    while True:
        finished = run.state.finished  # before the log is read: what comes between is not lost
        data = run.log_bytes(offset)
        if data:
            offset += len(data)
            stream.write(said(decode(data)))
            stream.flush()
        if finished:
            return
        time.sleep(POLL)


def facts(run: Run) -> dict[str, Any]:
    """Return what there is to know about a run, for JSON."""
    return {
        "id": run.id,
        "name": run.name,
        "function": run.function,
        "version": run.version,
        "state": str(run.state),
        "reason": run.reason,
        "created": run.created,
        "started": run.started,
        "ended": run.ended,
        "duration": run.duration,
        "params": run.params,
        "inputs": {name: source.uri for name, source in run.inputs.items()},
        "results": run.results,
        "artifacts": {key: handle.uri for key, handle in run.artifacts.items()},
        "tags": run.tags,
        "error": run.error,
        "notebook": run.notebook,
        "parent": run.parent,
        "usage": run.usage,
        **(_children(run) if run.spec.plan else {}),
    }


def _children(run: Run) -> dict[str, Any]:
    """Return what became of the steps of a workflow, or of the iterations of a sweep."""
    if "sweep" in run.spec.plan:
        return {"iterations": rows_of(run.iterations)}
    steps = {
        name: {
            "state": str(step.state),
            "reason": step.reason,
            "runs": [each.id for each in step.runs],
            "results": step.results,
        }
        for name, step in run.steps.items()
    }
    return {"workflow": run.spec.workflow, "steps": steps}


def runs(arguments: Namespace) -> int:
    """List runs."""
    project = open_project(arguments.project)
    rows = project.run_rows(arguments.where, arguments.order_by, limit=arguments.limit or None)
    show_json(rows) if arguments.json else print(runs_text(rows))
    return 0


def show(arguments: Namespace) -> int:
    """Show one run."""
    found = open_project(arguments.project).get_run(arguments.run)
    if arguments.json:
        show_json(facts(found))
        return 0
    print(run_text(found.view()))
    return 0


def logs(arguments: Namespace) -> int:
    """Print a run's log, and go on while it runs if asked to."""
    found = open_project(arguments.project).get_run(arguments.run)
    if arguments.json and not arguments.follow:
        show_json({"id": found.id, "log": found.log})
    elif arguments.follow:
        follow(found, sys.stdout)
    else:
        print(found.log, end="")
    return 0


def abort(arguments: Namespace) -> int:
    """End runs."""
    project: Project = open_project(arguments.project)
    found = [project.get_run(reference) for reference in arguments.runs]
    ended = [run.abort("aborted from the command line") for run in found]
    show_json([{"id": run.id, "state": str(run.state)} for run in ended]) if arguments.json else print(
        *map(plain, ended), sep="\n"
    )
    return 0
