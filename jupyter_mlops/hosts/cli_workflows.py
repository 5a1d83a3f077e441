"""The verbs about workflows and sweeps; and ``run``, which takes a Function or a workflow."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.display.dag import line_text
from jupyter_mlops.errors import InputError, ParameterError
from jupyter_mlops.hosts import cli_runs, sweeping
from jupyter_mlops.hosts.cli_print import columns, rows_of, show_json
from jupyter_mlops.planning import WorkflowHandle
from jupyter_mlops.project import Project, open_project
from jupyter_mlops.runs import Run

PLAN = ("parallel", "from_step", "only", "until")


def define(arguments: Namespace) -> int:
    """Make or change a workflow from a file of Python or YAML."""
    project = open_project(arguments.project)
    text = _text(arguments.file)
    as_yaml = arguments.file.endswith((".yaml", ".yml")) or arguments.yaml
    form = {"yaml": f"{text}\n"} if as_yaml else {"code": text}  # with a line end, or it could be a path
    _show(project.define_workflow(arguments.name, **form, description=arguments.description), arguments)
    return 0


def _text(path: str) -> str:
    if path == "-":
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise InputError(f"{path!r} can't be read: {why}. Give a file with Python code, or a .yaml.") from None


def show(arguments: Namespace) -> int:
    """Show a workflow's steps."""
    _show(open_project(arguments.project).workflow(arguments.name), arguments)
    return 0


def _show(handle: WorkflowHandle, arguments: Namespace) -> None:
    if arguments.json:
        show_json({**asdict(handle.workflow), "version": handle.version, "path": handle.path})
    else:
        print(handle._repr_mimebundle_()["text/plain"])


def code(arguments: Namespace) -> int:
    """Print a workflow as Python, or as YAML."""
    handle = open_project(arguments.project).workflow(arguments.name)
    text = handle.to_yaml() if arguments.yaml else handle.to_python()
    if arguments.json:
        show_json({"name": handle.name, "yaml" if arguments.yaml else "python": text})
    else:
        print(text.rstrip("\n"))
    return 0


def workflows(arguments: Namespace) -> int:
    """List the workflows."""
    found = open_project(arguments.project).workflows()
    if arguments.json:
        show_json([{"name": each.name, "version": each.version, "steps": list(each.steps), "path": each.path} for each in found])
    elif found:
        rows = [[each.name, each.version[:8], str(len(each.steps)), each.workflow.description] for each in found]
        print(columns(["workflow", "version", "steps", "about"], rows))
    else:
        print("No workflows yet.")
    return 0


def explain(arguments: Namespace) -> int:
    """Say of each step whether it would run, and why."""
    project = open_project(arguments.project)
    handle = project.workflow(arguments.name)
    rows = rows_of(project.explain(handle.name, _params(project, handle.name, arguments.values)))
    if arguments.json:
        show_json(rows)
    else:
        print(columns(["step", "verdict", "why"], [[row["step"], row["verdict"], row["why"]] for row in rows]))
    return 0


def run(arguments: Namespace) -> int:
    """Run a Function or a workflow, or resume one, follow it, and say what became of it."""
    project = open_project(arguments.project)
    if arguments.resume is not None:
        if arguments.dry_run:
            raise ParameterError("--dry-run shows what a new run would do: leave one of it and --resume away.")
        return _attend(_resume(project, arguments), arguments)
    if arguments.name is None:
        raise ParameterError("run needs a NAME: that of a Function or a workflow. Or give --resume RUN.")
    plan = {key: getattr(arguments, key) for key in PLAN if getattr(arguments, key) is not None}
    plan |= {"cache": False} if arguments.no_cache else {}
    if arguments.name not in project.workflow_store.names():
        if plan:
            function = project.function(arguments.name)  # raises when there is none
            options = ", ".join(f"--{key.replace('_step', '').replace('cache', 'no-cache')}" for key in plan)
            raise ParameterError(f"{options} can be given for workflows only, and {function.name!r} is a Function.")
        return cli_runs.run(arguments)
    if arguments.dry_run:
        return explain(arguments)
    started = project.run(
        arguments.name,
        _params(project, arguments.name, arguments.values),
        dict(cli_runs.pairs(arguments.input, "-i")),
        timeout=arguments.timeout,
        retries=arguments.retries,
        **_said(arguments),
        **plan,
    )
    return _attend(started, arguments)


def _resume(project: Project, arguments: Namespace) -> Run:
    words = [*([arguments.name] if arguments.name else []), *arguments.values]  # there is no NAME, so all words are values
    earlier = project.get_run(arguments.resume)
    params = _params(project, earlier.spec.workflow, words) if earlier.spec.workflow and words else None
    return project.resume(earlier, params, background=True, origin="cli")


def sweep(arguments: Namespace) -> int:
    """Run a Function or a workflow at many points, follow them, and say which is best."""
    project, name = open_project(arguments.project), arguments.name
    if not sweeping.is_asked(vars(arguments)):
        raise ParameterError("sweep needs to know its points: give --grid, --list, --random N, --optuna N or --params-file FILE.")
    hints = _hints(project, name)
    asked = sweeping.asked(
        vars(arguments),
        dict(cli_runs.pairs(arguments.values, "a parameter")),
        lambda key, text: values.parse(text, hints.get(key)),
    )
    if inputs := dict(cli_runs.pairs(arguments.input, "-i")):
        asked["inputs"] = inputs
    started = project.sweep(name, **asked, **_said(arguments))
    return _attend(started, arguments)


def _said(arguments: Namespace) -> dict[str, Any]:
    tags = dict(cli_runs.pairs(arguments.tag, "--tag"))
    return {"name": arguments.title, "tags": tags, "background": True, "origin": "cli"}


def _params(project: Project, name: str, words: list[str]) -> dict[str, Any]:
    hints = _hints(project, name)
    return {key: values.parse(text, hints.get(key)) for key, text in cli_runs.pairs(words, "a parameter")}


def _hints(project: Project, name: str) -> dict[str, str | None]:
    if name in project.workflow_store.names():
        return {each.name: each.hint for each in project.workflow(name).workflow.params}
    return {each.name: each.hint for each in project.function(name).parameters}


def _attend(started: Run, arguments: Namespace) -> int:
    return cli_runs.attend(started, arguments, follow_steps)


def follow_steps(run: Run, stream: Any) -> None:
    """Print a line a step, or an iteration, each time its state changes, until the run has ended."""
    told: dict[str, tuple[str, str]] = {}
    known: list[Any] = []
    while True:
        finished = run.state.finished  # before the steps are read: what comes between is not lost
        events = list(run.history.steps.values())
        if events != known:
            known = events
            for line in run.view().lines:
                now = (str(line.state), line.items)
                if line.state != "pending" and told.get(line.name) != now:
                    told[line.name] = now
                    print(line_text(line), file=stream, flush=True)
        if finished:
            return
        time.sleep(cli_runs.POLL)
