"""Values that travel into a run and back: equal and of the same type, through JSON or through Python source.

What JSON has travels as itself; everything else as ``{"$": tag, "v": …}``. A type that can't travel unchanged is refused, never
turned into something similar: so types are compared exactly, and a subclass of ``dict`` or ``datetime`` isn't one.

Standard library only; numpy is recognised by its types' module and imported only to make a numpy scalar.
"""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any
from uuid import UUID

from jupyter_mlops.errors import ParameterError
from jupyter_mlops.values.forms import BY_TAG, PEEKS, Walk, form_of, is_numpy_scalar, type_name

# Python's tokenizer ends at 200 open brackets, and a tagged level of `source` opens two.
DEEPEST = 90
# Many JSON readers keep integers up to 2**53 only, and Python refuses decimal literals of more than 4300 digits.
_EXACT = 2**53


def encode(value: Any) -> Any:
    """Return ``value`` as what ``json.dumps`` can write and :func:`decode` turns back into an equal value of the same type.

    Raises
    ------
    ParameterError
        For a type that can't travel unchanged, a cycle, or more than 90 levels; names the type, the place and a way out.
    """
    return _walker(_pack)(value)


def source(value: Any) -> str:
    """Return a Python expression that gives an equal value of the same type, with nothing imported before."""
    return str(_walker(_source)(value))


def decode(data: Any) -> Any:
    """Return the value that :func:`encode` was given.

    Raises
    ------
    ParameterError
        When the type's module isn't there, or the data were written by a newer version.
    """
    return _unpack(data, strict=True)


def peek(data: Any) -> Any:
    """Return the value for display, importing nothing: an enum member becomes ``Class.NAME``, a numpy scalar a plain one."""
    return _unpack(data, strict=False)


def text(value: Any, limit: int | None = None) -> str:
    """Return ``value`` for people and for text columns, cut to ``limit`` characters."""
    if isinstance(value, Enum):
        shown = f"{type(value).__name__}.{value.name}" if value.name else repr(value)
    elif isinstance(value, _READABLE) or is_numpy_scalar(value):
        shown = str(value)
    else:
        shown = _repr(value)
    return shown if limit is None or len(shown) <= limit else shown[: max(limit - 1, 0)] + "…"


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except ValueError:  # Python prints no integer of more than 4300 digits
        return source(value)


_READABLE = (str, pathlib.PurePath, datetime.date, datetime.time, datetime.timedelta, Decimal, UUID)


def number(value: Any) -> float | None:
    """Return an int, float, bool or numpy number as a float (±inf beyond a float's range), else None."""
    real = isinstance(value, int | float) or (is_numpy_scalar(value) and value.dtype.kind in "biuf")
    if not real:
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


# ---- walking


def _walker(step: Callable[[Any, Walk], Any]) -> Walk:
    """Return a function that applies ``step`` to a value, refusing cycles and depths that the way back can't follow."""
    path: list[int] = []

    def walk(value: Any) -> Any:
        if id(value) in path:
            raise ParameterError(f"A {type_name(value)} that contains itself can't be a parameter: pass it without the cycle.")
        if len(path) >= DEEPEST:
            raise ParameterError(f"A value nested more than {DEEPEST} levels deep can't be a parameter: pass it as an input.")
        path.append(id(value))
        try:
            return step(value, walk)
        finally:
            path.pop()

    return walk


def _pack(value: Any, walk: Walk) -> Any:
    if value is None or value is True or value is False:
        return value
    form = form_of(value)
    plain = _plain(value, walk)
    return plain if plain is not _TAGGED else {"$": form.tag, "v": form.pack(value, walk)}


_TAGGED = object()


def _plain(value: Any, walk: Walk) -> Any:
    """Return what JSON itself keeps unchanged, or ``_TAGGED``."""
    kind = type(value)
    if kind is str:
        return value if not _has_surrogates(value) else _TAGGED
    if kind is int:
        return value if -_EXACT <= value <= _EXACT else _TAGGED
    if kind is float:
        return value if isfinite(value) else _TAGGED
    if kind is list:
        return [walk(item) for item in value]
    if kind is dict and all(type(key) is str and key != "$" and not _has_surrogates(key) for key in value):
        return {key: walk(item) for key, item in value.items()}
    return _TAGGED


def _has_surrogates(string: str) -> bool:
    try:
        string.encode()
    except UnicodeEncodeError:
        return True
    return False


def _source(value: Any, walk: Walk) -> str:
    if value is None or value is True or value is False:
        return repr(value)
    return form_of(value).source(value, walk)


def _unpack(data: Any, *, strict: bool) -> Any:
    def walk(part: Any) -> Any:
        if isinstance(part, list):
            return [walk(item) for item in part]
        if not isinstance(part, dict):
            return part
        if "$" not in part:
            return {key: walk(item) for key, item in part.items()}
        form = BY_TAG.get(part["$"])
        if form is None:
            raise ParameterError(f"{part['$']!r} values can't be read: they need a newer jupyter-mlops; upgrade it here.")
        return form.unpack(part["v"], walk) if strict else PEEKS.get(form.tag, form.unpack)(part["v"], walk)

    return walk(data)
