"""What a step's outputs depend on, as one fingerprint; and in words, what has changed since it last ran."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from jupyter_mlops import values

MISSING = "missing"  # the hash of a source file that isn't there
_Pair = tuple[Mapping[str, int], Mapping[str, int]]
_MANY = 5  # packages are named one by one up to here


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that a step's outputs depend on.

    Parameters
    ----------
    function_version
        ``name@version``.
    params
        As encoded by :mod:`jupyter_mlops.values`.
    inputs, sources
        Content hashes by input, and by path of a declared source file.
    environment
        A hash of interpreter, packages and variables.
    """

    function_version: str
    params: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    environment: str = ""
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A hash of them all; equal facts have equal ones, in whatever order their names come."""
        text = json.dumps({"form": 1, **asdict(self)}, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()


def fingerprint(
    *,
    function_version: str,
    params: dict[str, Any],
    inputs: dict[str, str],
    environment: str,
    sources: dict[str, str],
) -> str:
    """Return the fingerprint of :class:`Facts`."""
    facts = Facts(function_version=function_version, params=params, inputs=inputs, environment=environment, sources=sources)
    return facts.fingerprint


def explain(
    old: Facts | None,
    new: Facts,
    *,
    rows: _Pair = ({}, {}),
    sizes: _Pair = ({}, {}),
    packages: tuple[Iterable[str], Iterable[str]] = ((), ()),
    code: str = "",
) -> list[str]:
    """Return what has changed, each in a few words; nothing when all is as it was.

    Parameters
    ----------
    old
        Of the last run; None when there is none.
    rows, sizes, packages
        What tells a change in words but is no part of a fingerprint, each as it was and as it is: rows and bytes by input, and
        packages as ``name==version``.
    code
        How the function's code changed, ``+3 −1 lines``, where known.
    """
    if old is None:
        return ["never ran"]
    return [
        *_code(old.function_version, new.function_version, code),
        *_params(old.params, new.params),
        *_inputs(old.inputs, new.inputs, rows, sizes),
        *_sources(old.sources, new.sources),
        *(_environment(*map(_versions, packages)) if old.environment != new.environment else ()),
    ]


def _code(old: str, new: str, how: str) -> Iterator[str]:
    (before, _, _), (after, _, _) = old.partition("@"), new.partition("@")
    if before != after:
        yield f"function {before} → {after}"
    elif old != new:
        yield f"code changed: {how}" if how else "code changed"


def _params(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in {**new, **old}:
        if name not in old:
            yield f"parameter {name} is new"
        elif name not in new:
            yield f"parameter {name} is gone"
        elif _canonical(old[name]) != _canonical(new[name]):
            before, after = _shown(old[name]), _shown(new[name])
            yield f"parameter {name} changed" if before == after else f"parameter {name} {before} → {after}"


def _canonical(encoded: Any) -> str:
    # as the fingerprint sees it: 1 and 1.0 are two values, and nan is one
    return json.dumps(encoded, sort_keys=True)


def _shown(encoded: Any) -> str:
    return values.text(values.peek(encoded), 40) or "''"


def _inputs(old: Mapping[str, str], new: Mapping[str, str], rows: _Pair, sizes: _Pair) -> Iterator[str]:
    for name in {**new, **old}:
        if name not in old:
            yield f"input {name} is new"
        elif name not in new:
            yield f"input {name} is gone"
        elif old[name] != new[name]:
            how = _between(*(side.get(name) for side in rows)) or _grown(*(side.get(name) for side in sizes))
            yield f"input {name} changed{how and ': '}{how}"


def _between(old: int | None, new: int | None) -> str:
    if old is None or new is None:
        return ""
    return f"{old:,} → {new:,} rows" if old != new else f"other values in {new:,} rows"


def _grown(old: int | None, new: int | None) -> str:
    return "" if old is None or new is None or old == new else f"{old:,} → {new:,} bytes"


def _sources(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for path in {**new, **old}:
        if old.get(path) == new.get(path):
            continue
        before, after = old.get(path, MISSING), new.get(path, MISSING)
        yield f"source {path} {'is gone' if after == MISSING else 'is new' if before == MISSING else 'changed'}"


def _environment(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    changes = [
        f"{name} {old[name]} → {new[name]}" if name in old and name in new else f"{name} {'is new' if name in new else 'is gone'}"
        for name in sorted({**old, **new})
        if old.get(name) != new.get(name)
    ]
    if not old or not new or not changes:
        yield "environment changed"
        return
    more = f" and {len(changes) - _MANY} more" if len(changes) > _MANY else ""
    yield f"environment changed: {', '.join(changes[:_MANY])}{more}"


def _versions(packages: Iterable[str]) -> dict[str, str]:
    return {name: version for name, _, version in (package.partition("==") for package in packages)}
