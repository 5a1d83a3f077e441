"""Values on their way out: what JSON can hold, cut to what a screen can show."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from jupyter_mlops import values

TEXT = 2_000  # characters of one value in a row
_DEEPEST = 20


def shown(number: float | None, text: str | None, *, exact: bool = False) -> Any:
    """Return a parameter or result as a row shows it: a number or a truth value as such, everything else as text.

    What is ``exact`` is text where a browser would round it, as a seed of 20 digits; a result stays a number, to be plotted.
    """
    if text in ("True", "False"):
        return text == "True"
    if number is None:
        return None if text in (None, "None") else cut(str(text))
    if text is not None and text.lstrip("-").isdecimal() and text.isascii():
        if len(text) < 16:  # JavaScript's numbers have 15 digits for certain
            return int(text)
        return cut(text) if exact or not isfinite(number) else number
    return number if isfinite(number) else cut(str(text))


def value(data: Any, *, exact: bool = False) -> Any:
    """Return an encoded parameter or result as a row shows it."""
    try:
        plain = values.peek(data)
        return shown(values.number(plain), values.text(plain, TEXT + 1), exact=exact)
    except Exception as problem:  # whatever a foreign line makes of a decoder: the row says so
        return f"({type(problem).__name__}: {problem})"[:TEXT]


def row(encoded: Mapping[str, Any], *, exact: bool = False) -> dict[str, Any]:
    """Return encoded values by name, as a row shows them."""
    return {cut(str(key)): value(data, exact=exact) for key, data in encoded.items()}


def cut(text: str, limit: int = TEXT) -> str:
    """Return text of at most ``limit`` characters that JSON in UTF-8 can hold."""
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def plain(data: Any, depth: int = 0) -> Any:
    """Return data as JSON has it: NaN and infinities become null, what is no JSON becomes text, what is too deep is cut."""
    if data is None or isinstance(data, bool | int):
        return data
    if isinstance(data, float):
        return data if isfinite(data) else None
    if isinstance(data, str):
        return cut(data, 100_000)
    if depth < _DEEPEST and isinstance(data, Mapping):
        return {cut(str(key)): plain(part, depth + 1) for key, part in data.items()}
    if depth < _DEEPEST and isinstance(data, list | tuple):
        return [plain(part, depth + 1) for part in data]
    return cut(str(data))


def tagged(encoded: Mapping[str, Any]) -> dict[str, Any]:
    """Return encoded values as they are, to be given again; what JSON can't hold is left out."""
    return {name: data for name, data in encoded.items() if _is_json({name: data})}


def _is_json(data: Any) -> bool:
    if isinstance(data, dict):
        return all(map(_is_json, [*data, *data.values()]))
    if isinstance(data, list):
        return all(map(_is_json, data))
    if isinstance(data, str):
        return data.isascii() or data.encode("utf-8", "replace").decode() == data
    return not isinstance(data, float) or isfinite(data)
