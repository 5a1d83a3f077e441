"""Whether a value fits a type hint, given as source text; and what a typed word on a command line means.

Hints are read, never evaluated: a hint that isn't known here fits everything.
"""

from __future__ import annotations

import ast
import datetime
import pathlib
import re
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from jupyter_mlops import syntax
from jupyter_mlops.errors import ParameterError


def matches(value: Any, hint: str | None) -> bool:
    """Return whether ``value`` fits the source of a type hint; an int fits ``float``, a bool fits neither.

    Known are the built-in types, those that :mod:`jupyter_mlops.values` carries, ``None``, ``Any``, unions, ``Optional``,
    ``Literal``, ``Annotated`` and containers with element types. Any other hint fits every value.
    """
    if not hint:
        return True
    try:
        tree = syntax.expression(hint.strip()).body
    except (SyntaxError, ValueError, RecursionError):
        return True
    return _fits(value, tree)


def _fits(value: Any, hint: ast.expr) -> bool:
    match hint:
        case ast.Constant(value=None):
            return value is None
        case ast.Constant(value=str(inner)):
            return matches(value, inner)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _fits(value, left) or _fits(value, right)
        case ast.Name() | ast.Attribute():
            return _fits_name(value, _last(hint))
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=parts)):
            return _fits_generic(value, _last(outer), parts)
        case ast.Subscript(value=outer, slice=part):
            return _fits_generic(value, _last(outer), [part])
    return True


def _last(hint: ast.expr) -> str:
    return hint.attr if isinstance(hint, ast.Attribute) else getattr(hint, "id", "")


def _numpy_kind(value: Any) -> str:
    numpy = sys.modules.get("numpy")
    return value.dtype.kind if numpy is not None and isinstance(value, numpy.generic) else ""


def _is_int(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or _numpy_kind(value) in ("i", "u")


def _is_float(value: Any) -> bool:
    return isinstance(value, float) or _is_int(value) or _numpy_kind(value) == "f"


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "int": _is_int,
    "float": _is_float,
    "complex": lambda value: isinstance(value, complex) or _is_float(value),
    "bool": lambda value: isinstance(value, bool) or _numpy_kind(value) == "b",
    "None": lambda value: value is None,
    "NoneType": lambda value: value is None,
    "Sequence": lambda value: isinstance(value, str | bytes | list | tuple),
    "Iterable": lambda value: isinstance(value, str | bytes | list | tuple | set | frozenset | dict),
    "Collection": lambda value: isinstance(value, str | bytes | list | tuple | set | frozenset | dict),
    "Mapping": lambda value: isinstance(value, dict),
    "Decimal": lambda value: isinstance(value, Decimal),
    "UUID": lambda value: isinstance(value, UUID),
    "Path": lambda value: isinstance(value, pathlib.PurePath),
    "PurePath": lambda value: isinstance(value, pathlib.PurePath),
    "date": lambda value: isinstance(value, datetime.date),
    "datetime": lambda value: isinstance(value, datetime.datetime),
    "time": lambda value: isinstance(value, datetime.time),
    "timedelta": lambda value: isinstance(value, datetime.timedelta),
}
_PLAIN: dict[str, type[Any]] = {
    "str": str,
    "bytes": bytes,
    "list": list,
    "List": list,
    "tuple": tuple,
    "Tuple": tuple,
    "dict": dict,
    "Dict": dict,
    "set": set,
    "Set": set,
    "frozenset": frozenset,
    "FrozenSet": frozenset,
}


def _fits_name(value: Any, name: str) -> bool:
    if check := _CHECKS.get(name):
        return check(value)
    kind = _PLAIN.get(name)
    return kind is None or isinstance(value, kind)


def _fits_generic(value: Any, name: str, parts: list[ast.expr]) -> bool:
    match name:
        case "Optional":
            return value is None or _fits(value, parts[0])
        case "Union":
            return any(_fits(value, part) for part in parts)
        case "Annotated" | "Final" | "ClassVar" | "Required" | "NotRequired":
            return _fits(value, parts[0])
        case "Literal":
            return _is_one_of(value, parts)
        case "tuple" | "Tuple":
            return isinstance(value, tuple) and _fits_tuple(value, parts)
        case "dict" | "Dict" | "Mapping":
            key, item = (*parts, *[ast.Name("Any")] * 2)[:2]
            return isinstance(value, dict) and all(_fits(k, key) and _fits(v, item) for k, v in value.items())
    if not _fits_name(value, name):
        return False
    known = name in _PLAIN or name in ("Sequence", "Iterable", "Collection")
    return not known or isinstance(value, bytes) or all(item is value or _fits(item, parts[0]) for item in value)


def _fits_tuple(value: tuple[Any, ...], parts: list[ast.expr]) -> bool:
    if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
        return all(_fits(item, parts[0]) for item in value)
    if len(parts) == 1 and isinstance(parts[0], ast.Tuple):  # tuple[()]
        parts = parts[0].elts
    return len(value) == len(parts) and all(map(_fits, value, parts))


def _is_one_of(value: Any, choices: list[ast.expr]) -> bool:
    for choice in choices:
        try:
            known = ast.literal_eval(choice)
        except (ValueError, TypeError):  # an enum member, which can't be looked up from its source
            return True
        if type(known) is type(value) and known == value:
            return True
    return False


# ---- words typed by people

_JSON_WORDS = {"true": "True", "false": "False", "null": "None"}
_FLOAT_WORDS = {"nan", "inf", "+inf", "-inf"}


def parse(text: str, hint: str | None = None) -> Any:
    """Return what ``text`` means as a value typed on a command line or after a magic.

    A Python literal is that literal; ``nan``, ``inf`` and ``-inf`` are floats; any other text is itself, a str, as in
    ``path=data/raw.csv``. With a ``hint``, the text is read as that type where it can be: ``"10"`` for ``str`` stays a str.

    Raises
    ------
    ParameterError
        For ``true``, ``false`` and ``null``, and for text that begins like a literal (a quote or bracket) but isn't one.
    """
    if hint and (value := _typed(text, hint)) is not _NOTHING:
        return value
    word = text.strip()
    try:
        return syntax.literal(word)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        return _bare(text, word, error)


def _bare(text: str, word: str, error: Exception) -> str | float:
    if word in _JSON_WORDS:
        raise ParameterError(f"{word!r} isn't a Python value. Did you mean {_JSON_WORDS[word]!r}?") from None
    if word.lower() in _FLOAT_WORDS:
        return float(word)
    if word[:1] in ("'", '"', "[", "{", "("):
        reason = getattr(error, "msg", None) or "only plain values can be given"
        raise ParameterError(f"{word!r} isn't a Python literal ({reason}): close its quotes and brackets.") from None
    return text


def coerce(value: Any, hint: str | None) -> Any:
    """Return a typed word as its hint says, ``"2026-01-02"`` for ``date`` as a date; other values, and misfits, unchanged.

    For text that a person typed, not for values given in Python: those already have a type.
    """
    if matches(value, hint) or not hint:
        return value
    if isinstance(value, str):
        typed = _typed(value, hint)
        if typed is _NOTHING:
            parsed = parse(value)
            return parsed if matches(parsed, hint) else value
        return typed
    if type(value) in (int, float, bool) and matches("", hint):
        return repr(value)
    return value


_NOTHING = object()
_READERS: dict[str, Callable[[str], Any]] = {
    "float": float,
    "complex": complex,
    "Path": pathlib.Path,
    "PurePath": pathlib.PurePath,
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
    "Decimal": Decimal,
    "UUID": UUID,
}


def _typed(text: str, hint: str) -> Any:
    """Return ``text`` read as one of the hint's types, or ``_NOTHING`` when a literal is meant."""
    try:
        literal = syntax.literal(text.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        literal = _NOTHING
    if literal is not _NOTHING and matches(literal, hint):
        return literal
    for name in re.findall(r"(?:\w+\.)*(\w+)", hint):  # of datetime.date the date
        if name in _READERS and matches(value := _read(_READERS[name], text), hint) and value is not _NOTHING:
            return value
    return text if matches(text, hint) else _NOTHING


def _read(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text.strip())
    except (ValueError, InvalidOperation):
        return _NOTHING
