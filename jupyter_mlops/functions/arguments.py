"""What a call gives a Function, checked as a whole before anything starts: parameters, inputs, limits."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import config, values
from jupyter_mlops.errors import InputError, ParameterError, did_you_mean
from jupyter_mlops.records import UNKNOWN, Function, Input, Parameter, Runtime, Source
from jupyter_mlops.storage.blobs import hash_dir, hash_file

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMES = ("timeout", "cell_timeout", "backoff")


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
            problems.append(f"{name!r} is {_shown(value)} ({type(value).__name__}){origin}, but takes {hint}")
            continue
        try:
            encoded[name] = values.encode(value)
        except ParameterError as problem:
            problems.append(f"{name!r}: {problem}")
    if problems:
        raise ParameterError(f"{function.name} can't run: {_sentence(problems)}")
    return encoded


def _shown(value: Any) -> str:
    text = values.text(value, 60)
    return repr(text) if isinstance(value, str) else " ".join(text.split())


def _sentence(problems: list[str]) -> str:
    text = "; ".join(problem.rstrip(".") for problem in problems)
    return text if text.endswith("?") else f"{text}."


def _unknown(name: str, function: Function) -> str:
    known = [*(item.name for item in function.parameters), *(item.name for item in function.inputs)]
    there = f" It takes {', '.join(known)}" if known else " It takes none"
    return f"{name!r} isn't a parameter.{did_you_mean(name, known) or there}"


def _missing(parameter: Parameter) -> str:
    hint = f" ({parameter.hint})" if parameter.hint else ""
    return f"{parameter.name!r}{hint} has no value and no default"


def check_inputs(function: Function, given: Mapping[str, Any]) -> None:
    known = {item.name: item for item in function.inputs}
    problems = [f"{name!r} isn't an input.{did_you_mean(name, known)}" for name in given if name not in known]
    problems += [
        f"{name!r} is missing: give a variable, a path or a store:// URI"
        for name, item in known.items()
        if item.required and name not in given
    ]
    if problems:
        raise InputError(f"{function.name} can't run: {_sentence(problems)}")


def outside(given: str, item: Input, base: Path | None = None) -> Source:
    """A path on this machine, or an address that is read by the run."""
    if "://" in given and not given.startswith("file://"):
        return Source(uri=given, hint=item.hint)
    path = Path(os.path.abspath((base or Path.cwd()) / os.path.expanduser(given.removeprefix("file://"))))
    if not path.exists():
        raise InputError(
            f"{given!r} doesn't exist (looked in {str(base or Path.cwd())!r}). Give a path, a variable or a store:// URI."
        )
    try:
        return Source(uri=str(path), hash=(hash_dir if path.is_dir() else hash_file)(path).hash, hint=item.hint)
    except OSError as problem:
        raise InputError(f"{given!r} can't be read: {problem.strerror}.") from None


def limits(runtime: Runtime, overrides: config.Overrides | None, given: Mapping[str, Any]) -> Runtime:
    """Return the attributes that hold: those of the call, then of project.yaml, then of the Function."""
    said = {key: getattr(overrides, key) for key in Runtime.__dataclass_fields__} if overrides else {}
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
