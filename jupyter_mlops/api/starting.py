"""Runs that are started, aborted, run again, resumed, tagged and deleted."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from jupyter_mlops import orders, values
from jupyter_mlops.api import wire
from jupyter_mlops.api.context import Context
from jupyter_mlops.api.details import OfRun
from jupyter_mlops.errors import InputError, MlopsError, ParameterError
from jupyter_mlops.records import Input, Source, Spec

MOST = 1000  # runs at once
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}(:[A-Za-z0-9_][A-Za-z0-9._-]{0,62})?")


Lists = dict[str, list[Any]]  # named here, as a field of that name hides `list`


class Sweep(Struct, forbid_unknown_fields=True, kw_only=True):
    """A search over params, as ``project.sweep`` takes it."""

    grid: Lists | None = None
    list: Lists | None = None
    random: int | None = None
    space: dict[str, Any] | None = None
    seed: int | None = None
    select: str | None = None
    stop: str | None = None
    max_errors: int | None = None


class Options(Struct, forbid_unknown_fields=True, kw_only=True):
    """How something is run."""

    params: dict[str, Any] = {}
    inputs: dict[str, str] = {}
    name: str | None = None
    tags: dict[str, str] = {}
    timeout: str | None = None
    retries: int | None = None
    parallel: int | None = None
    cache: bool | None = None
    from_step: str | None = None
    only: list[str] | None = None
    until: str | None = None
    sweep: Sweep | None = None


class Start(Struct, forbid_unknown_fields=True, kw_only=True):
    """A Function or workflow, and how to run it."""

    target: str
    options: Options = field(default_factory=Options)


class Again(Struct, forbid_unknown_fields=True, kw_only=True):
    """A run, and what is to be different this time."""

    run: str
    params: dict[str, Any] = {}
    inputs: dict[str, str] = {}


class Resume(Struct, forbid_unknown_fields=True, kw_only=True):
    """A run of a workflow, and params that are to be different."""

    run: str
    params: dict[str, Any] = {}


class Tags(Struct, forbid_unknown_fields=True, kw_only=True):
    """Tags to set; None takes one away."""

    run: str
    tags: dict[str, str | None]


def start(context: Context, args: Start) -> dict[str, Any]:
    options = args.options
    if options.parallel is not None and not 1 <= options.parallel <= MOST:
        raise ParameterError(f"'parallel' is {options.parallel:.6g}: take 1 to {MOST} runs at once.")
    given: dict[str, Any] = {
        "params": wire.read_all(options.params),
        "inputs": {name: located(context, name, place) for name, place in options.inputs.items()},
        "name": options.name or None,
        "tags": options.tags,
        "background": True,
        "origin": context.origin,
    }
    if options.sweep is not None:
        return _started(_sweep(context, args.target, options, given))
    plan: dict[str, Any] = {name: getattr(options, name) for name in ("parallel", "cache", "from_step", "only", "until")}
    limits: dict[str, Any] = {"timeout": options.timeout, "retries": options.retries}
    chosen = {name: value for name, value in {**plan, **limits}.items() if value is not None and value != []}
    return _started(context.project.run(args.target, **given, **chosen))


def _sweep(context: Context, target: str, options: Options, given: dict[str, Any]) -> Any:
    search = options.sweep
    assert search is not None
    refused = [
        name for name in ("timeout", "retries", "cache", "from_step", "only", "until") if getattr(options, name) is not None
    ]
    if refused:
        raise ParameterError(f"a sweep can't have {', '.join(map(repr, refused))}: leave them out.")
    asked = {name: getattr(search, name) for name in ("random", "seed", "select", "stop", "max_errors")}
    asked |= {name: _lists(getattr(search, name)) for name in ("grid", "list")}
    asked["space"] = wire.read_all(search.space) or None
    asked["parallel"] = options.parallel
    return context.project.sweep(target, **{name: value for name, value in asked.items() if value is not None}, **given)


def _lists(given: dict[str, list[Any]] | None) -> dict[str, list[Any]] | None:
    return {name: [wire.read(name, each) for each in found] for name, found in given.items()} if given else None


def abort(context: Context, args: OfRun) -> dict[str, Any]:
    return _started(context.run(args.run).abort())


def rerun(context: Context, args: Again) -> dict[str, Any]:
    """Run it again as it was, at the present version of what it ran."""
    run = context.run(args.run)
    spec = run.spec
    target = spec.function or spec.workflow
    if target is None:
        raise ParameterError(f"{run.id} was interactive work, which only its author can do again.")
    params = {**{name: values.decode(value) for name, value in spec.params.items()}, **wire.read_all(args.params)}
    given = {name: located(context, name, place) for name, place in args.inputs.items()}
    project = context.project
    own = spec.parent is None  # what a step is called, and its tags, are its workflow's
    shared: dict[str, Any] = {
        "params": params,
        "name": spec.name if own else None,
        "tags": {key: value for key, value in spec.tags.items() if own and key != "resumes"},
        "origin": context.origin,
    }
    if "sweep" in spec.plan:
        again = {name: _to_give(context, source) for name, source in spec.inputs.items()}
        return _started(_swept(context, run, {**shared, **({"inputs": {**again, **given}} if spec.function else {})}))
    if spec.function is None:
        plan = {"parallel": spec.plan.get("parallel"), "cache": spec.plan.get("cache", True), "only": spec.plan.get("selected")}
        return _started(project.run(target, **shared, background=True, **plan))
    return _started(project.submit(_repeated(context, spec, given, shared)))


def _repeated(context: Context, spec: Spec, given: dict[str, Any], said: dict[str, Any]) -> Spec:
    """Return the order of a Function's run with the inputs and limits that it had, but for inputs that are given anew."""
    project = context.project
    function, notebook = project.store.get(spec.function or "")
    items = {item.name: item for item in function.inputs}
    kept = {name: source for name, source in spec.inputs.items() if name in items and name not in given}
    open_ = tuple(item for item in function.inputs if item.name not in kept)
    order = orders.Order(
        function=replace(function, inputs=open_),  # the others need no look at what was given: they have a source
        notebook=notebook,
        inputs=given,
        runtime=_limits_of(context, spec),
        **said,
    )
    placed = orders.place(order, project.library, project.config)
    sources = {name: _as_it_was(context, items[name], source) for name, source in kept.items()}
    return replace(placed, inputs={**placed.inputs, **sources})


def _swept(context: Context, run: Any, shared: dict[str, Any]) -> Any:
    """Search again at the same points."""
    asked = run.spec.plan["sweep"]
    points = [{name: values.decode(value) for name, value in point.items()} for point in asked.get("points") or ()]
    search: dict[str, Any] = {"points": points}
    if asked.get("optuna"):
        space = {
            name: found if isinstance(found, str) else [values.decode(value) for value in found]
            for name, found in asked["space"].items()
        }
        search = {"optuna": asked["optuna"], "space": space, "seed": asked.get("seed")}
    kept = {name: asked.get(name) for name in ("select", "stop", "max_errors", "parallel") if asked.get(name) is not None}
    return context.project.sweep(run.spec.function or run.spec.workflow, **search, **kept, **shared, background=True)


def _limits_of(context: Context, spec: Spec) -> dict[str, Any]:
    """Return the limits that were given with the run: those that aren't its Function's own."""
    try:
        own = context.project.store.get(f"{spec.function}@{spec.version}")[0].runtime
    except MlopsError:  # a version that can't be read any more
        return {}
    return {name: value for name in ("timeout", "retries") if (value := getattr(spec.runtime, name)) != getattr(own, name)}


def _as_it_was(context: Context, item: Input, source: Source) -> Source:
    """Return an input as a run had it; what isn't there any more is refused, and a file is taken as it is now."""
    if source.items is not None:
        parts = tuple(_as_it_was(context, replace(item, hint=None), part) for part in source.items)
        return replace(source, items=parts, hash=source.hash if parts == source.items else None)
    if source.value is not None:
        return source
    try:
        return orders.source(item, source.uri, context.project.library)
    except MlopsError as problem:
        raise InputError(f"input {item.name!r}: {problem}") from None


def _to_give(context: Context, source: Source) -> Any:
    """Return what an input was, as ``project.sweep`` takes it."""
    if source.items is not None:
        return [context.project.artifact(part.uri) for part in source.items]
    return source.uri


def resume(context: Context, args: Resume) -> dict[str, Any]:
    run = context.run(args.run)
    return _started(context.project.resume(run, wire.read_all(args.params), background=True, origin=context.origin))


def delete(context: Context, args: OfRun) -> dict[str, Any]:
    run = context.run(args.run)
    context.project.delete_run(run.id)
    return {"removed": run.id}


def tag(context: Context, args: Tags) -> dict[str, Any]:
    run = context.run(args.run)
    context.project.set_tags(run.id, args.tags)
    rows = context.project.library.catalog.query("SELECT key, value FROM tags WHERE run = ? ORDER BY key", [run.id])
    return {"tags": dict(rows)}


def located(context: Context, name: str, place: str) -> Any:
    """Return what an input names: an address, an artifact's key, a file of Lab's file browser or of the project's folder.

    Several artifacts with commas between make a list.
    """
    parts = [part.strip() for part in place.split(",")]
    if len(parts) > 1 and all(_KEY.fullmatch(part) or part.startswith("store://") for part in parts):
        return [context.project.artifact(part) for part in parts]
    if "://" in place:
        return place
    if not place.strip() or "\0" in place:
        raise InputError(f"input {name!r} is {place!r}: give a path, a store:// URI or an artifact's key.")
    path = Path(place).expanduser()
    for base in (context.root, context.project.folder):
        if base is not None and (base / path).exists():
            return str(base / path)
    if _KEY.fullmatch(place):
        return context.project.artifact(place)
    where = repr(str(context.root or context.project.folder))
    raise InputError(
        f"input {name!r}: {place!r} doesn't exist (looked in {where}). Give a path, a store:// URI or an artifact's key."
    )


def _started(run: Any) -> dict[str, Any]:
    return {"run": run.id}
