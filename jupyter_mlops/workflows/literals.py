"""Values of a workflow in YAML: ``${step.output}`` is a reference, ``!tuple [1, 2]`` or ``!date "2026-01-02"`` what YAML hasn't.

A tag is one of :mod:`jupyter_mlops.values`, which reads what stands behind it; nothing is evaluated.
"""

from __future__ import annotations

import re
from enum import Enum
from math import isinf, isnan
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.errors import ParameterError
from jupyter_mlops.workflows.nouns import Param, Ref
from jupyter_mlops.workflows.tree import Node

_REFERENCE = re.compile(r"\$\{([a-z][a-z0-9_]*)\.([^\W\d]\w*)\}")
_WHOLE = re.compile(r"\$\{[^{}]*\}", re.DOTALL)
_ESCAPED = re.compile(r"\$\$+\{.*", re.DOTALL)
# Python reads and prints no decimal integers much longer than that
_BITS = 14_000


class Tagged:
    """A value that YAML hasn't: ``data``, a text or a list, under ``!tag``."""

    def __init__(self, tag: str, data: Any) -> None:
        self.tag, self.data = tag, data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tagged) and (self.tag, self.data) == (other.tag, other.data)

    __hash__ = None  # type: ignore[assignment]


def value_of(node: Node) -> Any:
    """Return what a node means.

    Raises
    ------
    ParameterError
        A text that looks like a reference and is none, an unknown tag, or data that don't fit their tag.
    """
    if node.tag:
        return _tagged(node)
    if isinstance(node.value, dict):
        return {key: value_of(item) for key, item in node.value.items()}
    if isinstance(node.value, list):
        return [value_of(item) for item in node.value]
    return _text(node.value) if isinstance(node.value, str) else node.value


def _text(text: str) -> Any:
    if found := _REFERENCE.fullmatch(text):
        return Param(name=found[2]) if found[1] == "params" else Ref(step=found[1], output=found[2])
    if _WHOLE.fullmatch(text):
        raise ParameterError(
            f"{text!r} isn't a reference: write ${{step.output}} or ${{params.name}}, or $${text[1:]} for the text."
        )
    return text[1:] if _ESCAPED.fullmatch(text) else text


def _tagged(node: Node) -> Any:
    if node.tag == "tuple" and isinstance(node.value, list):
        return tuple(value_of(item) for item in node.value)
    if node.tag == "dict" and isinstance(node.value, list):
        try:
            return {_key(pair): value_of(pair.value[1]) for pair in node.value}
        except TypeError as problem:
            raise ParameterError(f"a key of !dict is no key ({problem}): use text, a number or !tuple.") from None
    return _decoded(node)


def _key(pair: Node) -> Any:
    if not (isinstance(pair.value, list) and len(pair.value) == 2):
        raise ParameterError("!dict takes a list of [key, value].")
    return value_of(pair.value[0])


def _decoded(node: Node) -> Any:
    if node.tag == "enum":  # it would import whatever module a file names
        raise ParameterError("an enum's member can't be in a workflow: give its name or value.")
    try:
        return values.decode(_payload(node))
    except ParameterError:
        raise ParameterError(
            f"the tag !{node.tag} isn't known: use one of !tuple, !set, !bytes, !date, !datetime, !path …"
        ) from None
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as problem:  # it is what a person typed
        raise ParameterError(f"!{node.tag} can't be read from {values.text(node.data, 60)!r} ({problem}): correct it.") from None


def _payload(node: Node) -> Any:
    """Return what :func:`values.decode` takes."""
    if isinstance(node.value, dict):
        plain: Any = {key: _payload(item) for key, item in node.value.items()}
    else:
        plain = [_payload(item) for item in node.value] if isinstance(node.value, list) else node.value
    return {"$": node.tag, "v": plain} if node.tag else plain


def written(value: Any) -> Any:
    """Return a value as plain data with :class:`Tagged` in it; the other direction of :func:`value_of`.

    Raises
    ------
    ParameterError
        For a value that can't travel.
    """
    if isinstance(value, Ref | Param):
        return str(value)
    if type(value) is list:
        return [written(item) for item in value]
    if type(value) is tuple:
        return Tagged("tuple", [written(item) for item in value])
    if type(value) is dict:
        return _mapping(value)
    if isinstance(value, Enum):
        raise ParameterError(f"{value!r} can't be in a workflow: give its name or value.")
    return _scalar(value)


def _mapping(value: dict[Any, Any]) -> Any:
    if all(type(key) is str and _is_plain(key) for key in value):
        return {key: written(item) for key, item in value.items()}
    return Tagged("dict", [[written(key), written(item)] for key, item in value.items()])


def _scalar(value: Any) -> Any:
    if type(value) is str and _is_plain(value):
        return f"${value}" if _ESCAPED.fullmatch(value) or _WHOLE.fullmatch(value) else value
    if type(value) is float and (isinf(value) or isnan(value)):
        return value
    if type(value) is int and value.bit_length() < _BITS:
        return value
    return _from_encoded(values.encode(value))


def _is_plain(text: str) -> bool:
    """Return whether YAML can hold it: half of a surrogate pair is no character."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _from_encoded(data: Any) -> Any:
    if isinstance(data, list):
        return [_from_encoded(item) for item in data]
    if isinstance(data, dict):
        return (
            Tagged(data["$"], _from_encoded(data["v"]))
            if "$" in data
            else {key: _from_encoded(item) for key, item in data.items()}
        )
    return data
