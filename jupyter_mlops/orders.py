"""What a run is asked to do, checked as a whole before anything starts: parameters, inputs and limits become a Spec."""

from __future__ import annotations

import getpass
import os
import socket
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import config, values
from jupyter_mlops.errors import InputError, MlopsError, ParameterError, did_you_mean
from jupyter_mlops.library import ArtifactHandle, Library, key_of
from jupyter_mlops.records import UNKNOWN, Artifact, Function, Input, Parameter, Runtime, Source, Spec
from jupyter_mlops.runs import Run
from jupyter_mlops.storage.blobs import hash_dir, hash_file
from jupyter_mlops.storage.journal import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMES = ("timeout", "cell_timeout", "backoff")


@dataclass(frozen=True, kw_only=True)
class Order:
    """One call of ``project.run``, as the user gave it."""

    function: Function
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "python"
    runtime: Mapping[str, Any] = field(default_factory=dict)


def place(order: Order, library: Library, settings: config.Config) -> Spec:
    """Check an order and return the run's spec; inputs that are values are saved as artifacts.

    Raises
    ------
    ParameterError
        Names every unknown, missing or mistyped parameter at once.
    InputError
        An input is unknown, missing or can't be found.
    """
    function = order.function
    names = {item.name for item in function.inputs} - {item.name for item in function.parameters}
    # `train(data=df)` reads well wherever parameters are given, so inputs may come among them
    inputs = {**{name: value for name, value in order.params.items() if name in names}, **order.inputs}
    params = {name: value for name, value in order.params.items() if name not in names}
    encoded = check_params(function, params, settings.params)
    check_inputs(function, inputs)
    return Spec(
        id=new_id(),
        project=settings.name,
        name=check_title(function.name if order.name is None else order.name),
        function=function.name,
        version=function.version,
        params=encoded,
        inputs=sources(function, inputs, library),
        returns=function.returns,
        runtime=limits(function.runtime, settings.functions.get(function.name), order.runtime),
        tags=check_tags(order.tags),
        origin=order.origin,
        store=settings.artifacts,
        **circumstances(),
    )


def interactive(name: str, params: Mapping[str, Any], tags: Mapping[str, Any], settings: config.Config) -> Spec:
    """Return the spec of a run that lives in the user's own kernel."""
    encoded = {key: values.encode(value) for key, value in params.items()}
    return Spec(
        id=new_id(),
        project=settings.name,
        name=check_title(name),
        params=encoded,
        tags=check_tags(tags),
        store=settings.artifacts,
        **circumstances(),
    )


def circumstances() -> dict[str, Any]:
    """Return who asks, where and when."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        user = str(os.getuid()) if hasattr(os, "getuid") else ""
    return {"created": time.time(), "user": user, "host": socket.gethostname(), "cwd": os.getcwd()}


# --- parameters ---


def check_params(function: Function, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the encoded values a run has: what was given, else the project's defaults, else the Function's literal ones."""
    known = {parameter.name: parameter for parameter in function.parameters}
    chosen = {**{name: value for name, value in defaults.items() if name in known}, **given}
    own = {name: parameter.constant for name, parameter in known.items() if name not in chosen}
    problems = [_unknown(name, function) for name in given if name not in known]
    problems += [_missing(parameter) for name, parameter in known.items() if parameter.required and name not in chosen]
    encoded = {}
    for name in known:
        if name not in chosen:
            if own[name] is not UNKNOWN:
                encoded[name] = values.encode(own[name])
            continue
        value, hint = chosen[name], known[name].hint
        origin = "" if name in given else f" (from {config.FILE})"
        if hint and not values.matches(value, hint):
            problems.append(f"{name!r} is {values.text(value, 60)!r} ({type(value).__name__}){origin}, but takes {hint}")
            continue
        try:
            encoded[name] = values.encode(value)
        except ParameterError as problem:
            problems.append(f"{name!r}: {problem}")
    if problems:
        raise ParameterError(f"{function.name} can't run: {'; '.join(problem.rstrip('.') for problem in problems)}.")
    return encoded


def _unknown(name: str, function: Function) -> str:
    known = [*(item.name for item in function.parameters), *(item.name for item in function.inputs)]
    there = f" It takes {', '.join(known)}" if known else " It takes none"
    return f"{name!r} isn't a parameter.{did_you_mean(name, known) or there}"


def _missing(parameter: Parameter) -> str:
    hint = f" ({parameter.hint})" if parameter.hint else ""
    return f"{parameter.name!r}{hint} has no value and no default"


# --- inputs ---


def check_inputs(function: Function, given: Mapping[str, Any]) -> None:
    known = {item.name: item for item in function.inputs}
    problems = [f"{name!r} isn't an input.{did_you_mean(name, known)}" for name in given if name not in known]
    problems += [
        f"{name!r} is missing: give a variable, a path or a store:// URI"
        for name, item in known.items()
        if item.required and name not in given
    ]
    if problems:
        raise InputError(f"{function.name} can't run: {'; '.join(problem.rstrip('.') for problem in problems)}.")


def sources(function: Function, given: Mapping[str, Any], library: Library) -> dict[str, Source]:
    """Return where each input comes from; its bytes exist and are identified by their hash."""
    found, problems = {}, []
    for item in function.inputs:
        try:
            found[item.name] = source(item, given.get(item.name, item.default), library)
        except MlopsError as problem:
            problems.append(f"{item.name!r}: {problem}")
    if problems:
        raise InputError(f"{function.name} can't run: {' '.join(problems)}")
    return found


def source(item: Input, value: Any, library: Library) -> Source:
    if isinstance(value, Run):
        value = _made_by(value, item.name)
    if isinstance(value, str) and value.startswith("store://"):
        value = library.get(value)
    if isinstance(value, Artifact):
        value = ArtifactHandle(value, library)
    if isinstance(value, str | os.PathLike):
        return _outside(os.fspath(value), item)
    if isinstance(value, list | tuple) and value and all(isinstance(each, ArtifactHandle | Artifact | Run) for each in value):
        parts = tuple(source(replace(item, hint=None), each, library) for each in value)
        return Source(uri=f"{len(parts)} artifacts", items=parts, hint=None)
    handle = value if isinstance(value, ArtifactHandle) else library.keep(value, key_of(item.name))
    return Source(
        uri=handle.uri,
        hash=handle.hash,
        artifact=handle.uid,
        packager=handle.record.packager,
        hint=item.hint,
        meta={**handle.meta, "name": handle.record.name},
    )


def _made_by(run: Run, name: str) -> ArtifactHandle:
    made = run.artifacts
    if name in made or len(made) != 1:
        return made[name]
    return next(iter(made.values()))


def _outside(given: str, item: Input) -> Source:
    """A path on this machine, or an address that is read by the run."""
    if "://" in given and not given.startswith("file://"):
        return Source(uri=given, hint=item.hint)
    path = Path(given.removeprefix("file://")).expanduser().absolute()
    if not path.exists():
        raise InputError(f"{given!r} doesn't exist (looked in {str(Path.cwd())!r}). Give a path, a variable or a store:// URI.")
    try:
        return Source(uri=str(path), hash=(hash_dir if path.is_dir() else hash_file)(path).hash, hint=item.hint)
    except OSError as problem:
        raise InputError(f"{given!r} can't be read: {problem.strerror}.") from None


# --- the rest ---


def limits(runtime: Runtime, overrides: config.Overrides | None, given: Mapping[str, Any]) -> Runtime:
    """Return the attributes that hold: those of the call, then of project.yaml, then of the Function."""
    said = {key: getattr(overrides, key) for key in config.Overrides.__struct_fields__} if overrides else {}
    changes = {key: value for key, value in said.items() if value is not None}
    changes |= {key: value for key, value in given.items() if value is not None}
    if "env" in changes:
        changes["env"] = {**runtime.env, **changes["env"]}
    return replace(runtime, **check_runtime(changes))


def check_runtime(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return runtime attributes as records.Runtime takes them: seconds, bytes, text."""
    known = list(Runtime.__dataclass_fields__)
    for name in given:
        if name not in known:
            raise ParameterError(f"{name!r} isn't a runtime attribute.{did_you_mean(name, known)} Known are {', '.join(known)}.")
    checked = {key: value for key, value in given.items() if value is not None}
    checked |= {key: config.seconds(checked[key]) for key in TIMES if key in checked}
    if "memory" in checked:
        checked["memory"] = config.size(checked["memory"])
    if "retries" in checked:
        checked["retries"] = _count(checked["retries"])
    if "env" in checked:
        checked["env"] = {str(key): str(value) for key, value in checked["env"].items()}
    return checked


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1000:
        raise ParameterError(f"retries can't be {value!r}: give a whole number from 0 to 1000.")
    return value


def check_title(name: str) -> str:
    """Return a run's name: any one line of at most 200 characters."""
    if not name.strip() or not name.isprintable() or len(name) > 200:
        raise ParameterError(f"{name[:60]!r} can't name a run: use one line of 1 to 200 printable characters.")
    return name


def check_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    for key in tags:
        if not isinstance(key, str) or not key or not key.isprintable() or len(key) > 200:
            raise ParameterError(f"{key!r} can't be a tag's key: use text of 1 to 200 printable characters.")
    return {key: str(value) for key, value in tags.items()}
