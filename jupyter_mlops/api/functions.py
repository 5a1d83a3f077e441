"""Functions: what there is, what each takes, its versions; defined and removed."""

from __future__ import annotations

import ast
from dataclasses import asdict
from pathlib import Path
from typing import Any

from msgspec import Struct

from jupyter_mlops import syntax, values
from jupyter_mlops.api import encode
from jupyter_mlops.api.context import Context
from jupyter_mlops.errors import MlopsError, NotebookError, ParameterError
from jupyter_mlops.functions.ipynb import BODY, tags_of
from jupyter_mlops.project import Project
from jupyter_mlops.records import UNKNOWN, Function, Input, Parameter

_CONTROLS = {"int": "int", "float": "float", "bool": "bool", "str": "str"}
_RUNS = """
    SELECT function, count(*), max(id), arg_max(state, id), epoch(arg_max(created, id)) FROM runs
    WHERE function IS NOT NULL AND (? IS NULL OR function = ?) GROUP BY function
"""


class Named(Struct, forbid_unknown_fields=True, kw_only=True):
    """A thing by its name."""

    name: str


class Define(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a Function is made of: the code of a cell, or a notebook of Lab's file browser."""

    name: str
    code: str | None = None
    notebook: str | None = None
    inputs: list[str] = []
    returns: list[str] = []
    description: str = ""
    cells: list[str] = []


def every(context: Context, _: Any) -> dict[str, Any]:
    project = context.project
    runs = _runs(project)
    return {"functions": [_listed(project, name, runs) for name in project.store.names()]}


def _listed(project: Project, name: str, runs: dict[str, Any]) -> dict[str, Any]:
    try:
        return {**describe(project.store.get(name)[0]), **_latest(runs, name)}
    except (MlopsError, OSError) as problem:
        nothing = Function(name=name, version="")
        return {**describe(nothing), **_latest(runs, name), "problem": str(problem)}


def one(context: Context, args: Named) -> dict[str, Any]:
    project = context.project
    function, notebook = project.store.get(args.name)
    versions = [
        {
            "version": each.version,
            "created": each.created,
            "tags": list(each.tags),
            "current": each.version == function.version,
            "description": encode.cut(each.description),
        }
        for each in reversed(project.store.versions(function.name))
    ]
    return {
        **describe(function),
        **_latest(_runs(project, function.name), function.name),
        "code": encode.cut(code_of(notebook), 200_000),
        "contents": context.contents(project.store.path(function.name)),
        "versions": versions,
        "workflows": _workflows_with(project, function.name),
    }


def _workflows_with(project: Project, name: str) -> list[str]:
    """Return the workflows that call a Function at its present version, and so need it to stay."""
    found = []
    for workflow in project.workflow_store.names():
        try:
            made, _ = project.workflow_store.get(workflow)
        except (MlopsError, OSError):
            continue  # it tells of its own problems in the list
        steps = [*made.steps, *([made.on_exit] if made.on_exit else [])]
        if any(step.function == name for step in steps):
            found.append(workflow)
    return found


def define(context: Context, args: Define) -> dict[str, Any]:
    project = context.project
    notebook = None if args.notebook is None else _notebook(context, args.notebook)
    made = project.define(
        args.name,
        args.code,
        notebook=notebook,
        inputs=args.inputs,
        returns=args.returns,
        description=args.description,
        cells=args.cells,
    )
    change = made.change.summary if made.change is not None and made.change.changed else ""
    function = {**describe(made.record), **_latest(_runs(project, made.name), made.name)}
    return {"function": function, "change": change, "warnings": list(made.notes)}


def delete(context: Context, args: Named) -> dict[str, Any]:
    context.project.delete_function(args.name)
    return {"removed": args.name}


def _notebook(context: Context, place: str) -> Path:
    """Return a notebook of Lab's file browser, or of the project's folder where there is none; never one outside of it."""
    base = (context.root or context.project.folder).resolve()
    try:
        path = (base / place).resolve()
        if path.is_relative_to(base) and path.is_file() and path.suffix == ".ipynb":
            return path
    except (OSError, ValueError):
        pass
    raise NotebookError(f"{place!r} is no notebook here: give the path of an .ipynb as the file browser shows it.")


def describe(function: Function) -> dict[str, Any]:
    """Return what a form and a tree need to know of a Function, but for its runs."""
    return {
        "name": function.name,
        "version": function.version,
        "description": encode.cut(function.description),
        "parameters": [parameter(each) for each in function.parameters],
        "inputs": [_input(each) for each in function.inputs],
        "returns": [{"key": each.key, "kind": each.kind} for each in function.returns],
        "runtime": encode.plain(asdict(function.runtime)),
    }


def parameter(given: Parameter) -> dict[str, Any]:
    """Return a parameter with its default as a value and the control that suits it."""
    choices = _choices(given.hint)
    constant = given.constant
    return {
        "name": given.name,
        "default": given.default,
        "value": None if constant is UNKNOWN else _encoded(constant),
        "hint": given.hint,
        "help": encode.cut(given.help),
        "choices": choices,
        "control": "choice" if choices else _control(given.hint, constant),
    }


def _encoded(value: Any) -> Any:
    try:
        return values.encode(value)
    except ParameterError:  # a literal that can't travel, like `...`
        return None


def _control(hint: str | None, constant: Any) -> str:
    if hint is not None:
        return _CONTROLS.get(hint.strip(), "python")
    return "python" if constant is UNKNOWN else _CONTROLS.get(type(constant).__name__, "python")


def _choices(hint: str | None) -> list[Any] | None:
    """Return what a ``Literal[…]`` allows."""
    try:
        tree = syntax.expression((hint or "").strip()).body
        if isinstance(tree, ast.Subscript) and ast.unparse(tree.value).rpartition(".")[2] == "Literal":
            parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
            return [values.encode(ast.literal_eval(part)) for part in parts] or None
    except (ValueError, SyntaxError, RecursionError, MlopsError):
        pass
    return None


def _input(given: Input) -> dict[str, Any]:
    return {"name": given.name, "hint": given.hint, "default": given.default, "required": given.required}


def code_of(notebook: Any) -> str:
    """Return a Function's own code: its body, or all code of a notebook that was taken as it is."""
    cells = [cell for cell in notebook.cells if cell["cell_type"] == "code"]
    body = [cell for cell in cells if BODY in tags_of(cell)]
    return "\n\n".join(_text(cell["source"]) for cell in body or cells)


def _text(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _runs(project: Project, name: str | None = None) -> dict[str, Any]:
    rows = project.library.catalog.query(_RUNS, [name, name])
    return {function: (count, {"run": run, "state": state, "created": created}) for function, count, run, state, created in rows}


def _latest(runs: dict[str, Any], name: str) -> dict[str, Any]:
    count, latest = runs.get(name, (0, None))
    return {"runs": count, "latest": latest}
