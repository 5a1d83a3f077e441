"""Workflows: in both languages, checked with every problem's place, stored, explained."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from jupyter_mlops.api import encode, wire
from jupyter_mlops.api.context import Context
from jupyter_mlops.api.functions import Named
from jupyter_mlops.api.refusals import OperationError, problem, problems
from jupyter_mlops.errors import ConflictError, MlopsError, NameRuleError, WorkflowError, WorkflowNotFoundError
from jupyter_mlops.execution.tracing import Tracer
from jupyter_mlops.project import Project
from jupyter_mlops.records import Function
from jupyter_mlops.workflows import python, validate
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows.nouns import Workflow

LONGEST = 1_000_000  # characters of a workflow
_saving = threading.Lock()
_tracer = Tracer()
_RUNS = """
    SELECT r.workflow, r.id, r.state, epoch(r.created),
        (SELECT count(DISTINCT c.step) FROM runs c WHERE c.parent = r.id AND c.state IN ('completed', 'cached'))
    FROM runs r WHERE r.id IN (
        SELECT max(id) FROM runs WHERE workflow IS NOT NULL AND parent IS NULL AND function IS NULL GROUP BY workflow
    )
"""


class Check(Struct, forbid_unknown_fields=True, kw_only=True):
    """One text of a workflow; ``previous`` is the YAML whose comments stay."""

    name: str
    yaml: str | None = None
    python: str | None = None
    previous: str | None = None


class Save(Struct, forbid_unknown_fields=True, kw_only=True):
    """The YAML to store, and what was there when it was read."""

    name: str
    yaml: str
    etag: str | UnsetType | None = UNSET


class Explain(Struct, forbid_unknown_fields=True, kw_only=True):
    """The workflow, and the params it would run with."""

    name: str
    params: dict[str, Any] = {}


def every(context: Context, _: Any) -> dict[str, Any]:
    project = context.project
    project.reconcile()
    latest = {
        name: {"run": run, "state": state, "created": created, "done": done}
        for name, run, state, created, done in project.library.catalog.query(_RUNS)
    }
    return {"workflows": [_listed(context, name, latest.get(name)) for name in project.workflow_store.names()]}


def _listed(context: Context, name: str, latest: Any) -> dict[str, Any]:
    store = context.project.workflow_store
    row = {"name": name, "description": "", "steps": 0, "contents": context.contents(store.path(name)), "latest": latest}
    try:
        made, _ = store.get(name)
    except (MlopsError, OSError) as error:
        return {**row, "problem": encode.cut(str(error))}
    return {**row, "description": encode.cut(made.description), "steps": len(made.steps)}


def one(context: Context, args: Named) -> dict[str, Any]:
    text = _text(context.project, args.name)
    return _forms(context.project, args.name, text, etag_of(text))


def check(context: Context, args: Check) -> dict[str, Any]:
    project = context.project
    stored = project.workflow_store.text(args.name)
    etag = None if stored is None else etag_of(stored)
    if (args.yaml is None) == (args.python is None):
        raise OperationError("workflows.check needs one text: give either yaml or python.")
    if args.yaml is not None:
        return _forms(project, args.name, _limited(args.yaml), etag)
    given = _limited(args.python or "")
    known, _ = functions_of(project)
    try:
        others = _others(project, args.name)
        made = _tracer.trace(given, name=args.name, folder=project.folder, functions=known, workflows=others)
        text = yaml.dump(made, args.previous)
    except WorkflowError as error:
        return {"name": args.name, "yaml": args.previous or "", "python": given, "problems": problems(error), "etag": etag}
    return {**_forms(project, args.name, text, etag), "python": given}


def save(context: Context, args: Save) -> dict[str, Any]:
    project = context.project
    text = _limited(args.yaml)
    if args.name in project.store.names():
        raise NameRuleError(f"{args.name!r} is a Function of this project: give the workflow another name.")
    with _saving:
        stored = project.workflow_store.text(args.name)
        if args.etag is not UNSET:
            _compare(args.name, stored, args.etag)
        project.workflow_store.write(args.name, text)
    return _forms(project, args.name, text, etag_of(text))


def delete(context: Context, args: Named) -> dict[str, Any]:
    context.project.workflow_store.delete(args.name)
    return {"removed": args.name}


def explain(context: Context, args: Explain) -> dict[str, Any]:
    found = context.project.verdicts(args.name, wire.read_all(args.params))
    return {
        "steps": [
            {"step": each.step, "verdict": each.verdict, "why": encode.cut("; ".join(each.why)), "run": each.run}
            for each in found
        ]
    }


def etag_of(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def functions_of(project: Project) -> tuple[dict[str, Function], dict[str, str]]:
    """Return the Functions that can be read, by name, and why others can't."""
    known, broken = {}, {}
    for name in project.store.names():
        try:
            known[name] = project.store.get(name)[0]
        except (MlopsError, OSError) as error:
            broken[name] = str(error)
    return known, broken


def _others(project: Project, name: str) -> dict[str, Workflow]:
    found = {}
    for other in project.workflow_store.names():
        try:
            found[other] = project.workflow_store.get(other)[0]
        except (MlopsError, OSError):
            continue  # it tells of its own problems in the list
    return {other: made for other, made in found.items() if other != name}


def _text(project: Project, name: str) -> str:
    text = project.workflow_store.text(name)
    if text is None:
        project.workflow_store.get(name)  # which says what there is instead
        raise WorkflowNotFoundError(f"{name!r} is no workflow of this project.")
    return text


def _limited(text: str) -> str:
    if len(text) > LONGEST:
        raise WorkflowError(f"the workflow has {len(text):,} characters, more than {LONGEST:,}: write less of it.")
    return text


def _compare(name: str, stored: str | None, etag: str | None) -> None:
    if etag is None and stored is not None:
        raise ConflictError(f"there is a workflow {name!r} already: choose another name, or open that one.")
    if etag is not None and (stored is None or etag_of(stored) != etag):
        what = "is gone" if stored is None else "has changed"
        raise ConflictError(f"workflow {name!r} {what} since it was read: look at what is there, or save over it.")


def _forms(project: Project, name: str, text: str, etag: str | None) -> dict[str, Any]:
    """Return a YAML text in both languages, with all that is wrong with it."""
    forms: dict[str, Any] = {"name": name, "yaml": text, "python": None, "problems": [], "etag": etag}
    try:
        made = yaml.load(text, file=f"{name}.yaml")
    except WorkflowError as error:
        return {**forms, "problems": problems(error)}
    known, broken = functions_of(project)
    return {**forms, "python": _python(made, known), "problems": _wrong(project, name, made, (known, broken))}


def _python(made: Workflow, known: Mapping[str, Function]) -> str | None:
    try:
        return python.to_python(made, known)
    except MlopsError:
        return None


def _wrong(
    project: Project, name: str, made: Workflow, functions: tuple[Mapping[str, Function], Mapping[str, str]]
) -> list[dict[str, Any]]:
    known, broken = functions
    found = []
    if made.name != name:
        found.append(problem(f"the text says {made.name!r}, and the file is {name!r}: write `name: {name}`.", field="name"))
    try:
        validate.check(replace(made, name=name), known, _others(project, name), defaults=project.config.params)
    except WorkflowError as error:
        found += problems(error)
    return [{**each, "text": _with_reason(each["text"], broken)} for each in found]


def _with_reason(text: str, broken: Mapping[str, str]) -> str:
    """A Function whose notebook can't be read isn't missing: say why it doesn't count."""
    reasons = [why for name, why in broken.items() if f"{name!r}" in text]
    return f"{text} {reasons[0]}" if reasons else text
