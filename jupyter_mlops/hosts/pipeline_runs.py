"""What ``%mlworkflow`` does, and what ``%mlrun`` does when a workflow, a resume or a sweep is meant."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from jupyter_mlops.hosts import grammar, sweeping
from jupyter_mlops.hosts.calls import Call

if TYPE_CHECKING:
    from jupyter_mlops.hosts.arguments import Line
    from jupyter_mlops.project import Project
    from jupyter_mlops.runs import Run

_PLAN = {"parallel": "parallel", "from": "from_step", "only": "only", "until": "until"}


class Code(str):
    """Source that a notebook shows as it is."""

    def __repr__(self) -> str:
        return str(self)


def workflow(project: Project, call: Call) -> Any:
    """Define the workflow of a cell, or show one."""
    line = call.parse(grammar.WORKFLOW)
    if not line.words:
        known = ", ".join(project.workflow_store.names()) or "none yet"
        raise UsageError(f"%mlworkflow needs a NAME. Workflows of this project: {known}. Usage: {grammar.WORKFLOW.usage}")
    name, options = line.words[0], line.options
    if call.cell is not None:
        return project.define_workflow(name, call.cell, description=options.get("description", ""))
    if options.get("explain"):
        return project.explain(name, _params(project, name, call, line))
    found = project.workflow(name)
    if options.get("code"):
        return Code(found.to_python())
    return Code(found.to_yaml()) if options.get("yaml") else found


def preview(project: Project, name: str, call: Call, line: Line) -> Any:
    """Return what ``--dry-run`` shows of a workflow; None where a Function or no dry run is meant."""
    if call.cell is not None or not line.options.get("dry_run"):
        return None
    if line.options.get("resume") or sweeping.is_asked(line.options):
        raise UsageError("--dry-run shows what one run would do: leave --resume or the options of a sweep away.")
    return project.explain(name, _params(project, name, call, line)) if name in project.workflow_store.names() else None


def starter(project: Project, name: str, call: Call, line: Line) -> Callable[..., Run] | None:
    """Return what starts the run that a line means, if it isn't one Function once."""
    options = line.options
    if call.cell is not None:
        return None
    if options.get("resume"):
        earlier = project.get_run(options["resume"])
        params = _params(project, earlier.spec.workflow or "", call, line) if line.pairs else {}
        return partial(project.resume, earlier, params, origin="notebook")
    said: dict[str, Any] = {"name": options.get("name"), "tags": options.get("tag"), "origin": "notebook"}
    is_workflow = name in project.workflow_store.names()
    for option in ("timeout", "retries"):
        if option in options and (is_workflow or sweeping.is_asked(options)):
            raise UsageError(f"--{option} is for a run of a Function: give it to the steps, or define the Function with it.")
    if sweeping.is_asked(options):
        return _sweep(project, name, call, line, is_workflow=is_workflow, said=said)
    if not is_workflow:
        for option in _PLAN:
            if option in options:
                function = project.function(name)  # raises when there is none
                raise UsageError(f"--{option} is for workflows and sweeps, and {function.name!r} is a Function.")
        return None
    plan: dict[str, Any] = {key: options[option] for option, key in _PLAN.items() if option in options}
    if options.get("no_cache"):
        plan["cache"] = False
    return partial(project.run, name, _params(project, name, call, line), **said, **plan)


def _sweep(project: Project, name: str, call: Call, line: Line, *, is_workflow: bool, said: dict[str, Any]) -> Callable[..., Run]:
    if is_workflow:
        hints = _hints(project, name)
        inputs: dict[str, Any] = {}
    else:
        record = project.function(name).record
        hints = {each.name: each.hint for each in record.parameters}
        names = {each.name for each in record.inputs} - set(hints)
        inputs = {each: call.meaning.value(text) for each, text in line.pairs.items() if each in names}
    pairs = {each: text for each, text in line.pairs.items() if each not in inputs}
    asked = sweeping.asked(line.options, pairs, lambda each, text: call.meaning.value(text, hints.get(each)))
    more: dict[str, Any] = {"inputs": inputs} if inputs else {}
    return partial(project.sweep, name, **asked, **more, **said)


def _params(project: Project, name: str, call: Call, line: Line) -> dict[str, Any]:
    hints = _hints(project, name)
    return {each: call.meaning.value(text, hints.get(each)) for each, text in line.pairs.items()}


def _hints(project: Project, name: str) -> dict[str, str | None]:
    return {each.name: each.hint for each in project.workflow(name).workflow.params}
