"""Values on their way in, as the contract writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlops import syntax, values
from jupyter_mlops.errors import ParameterError

LITERAL = "python"
_LONGEST = 1_000_000  # characters of one literal


def read(name: str, data: Any) -> Any:
    """Return the value that is meant: JSON as it is, what :mod:`jupyter_mlops.values` tags, or a literal in Python's words.

    Raises
    ------
    ParameterError
        It can't be read; ``name`` says of what.
    """
    if isinstance(data, list):
        return [read(name, part) for part in data]
    if not isinstance(data, dict):
        return data
    if "$" not in data:
        return {key: read(name, part) for key, part in data.items()}
    if data["$"] == LITERAL:
        return _literal(name, data.get("v"))
    try:
        return values.decode(data)
    except ParameterError as problem:
        raise ParameterError(f"{name!r}: {problem}") from None
    except Exception as problem:  # a form of values that was written by hand may break anywhere
        raise ParameterError(f"{name!r} has a {data['$']!r} value that can't be read ({problem}): write it otherwise.") from None


def read_all(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return values by name."""
    return {name: read(name, data) for name, data in (given or {}).items()}


def _literal(name: str, source: Any) -> Any:
    if not isinstance(source, str) or len(source) > _LONGEST:
        raise ParameterError(f"{name!r} needs the source of a Python literal, as text of at most {_LONGEST:,} characters.")
    try:
        return syntax.literal(source.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ParameterError(
            f"{name!r} can't be {values.text(source, 60)!r}: write a Python literal, like 3, 'text', [1, 2] or None."
        ) from None
