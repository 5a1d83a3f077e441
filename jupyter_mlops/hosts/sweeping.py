"""How points of a sweep are written on a line: ``n=1,2,3``, ``n=[1, 2]``, ``n=1:9``, ``n=$values``, ``lr=uniform(0, 1)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyter_mlops import syntax
from jupyter_mlops.errors import WorkflowError
from jupyter_mlops.workflows.hyper import read_params

WAYS = ("grid", "list", "random", "optuna", "params_file")
OPTIONS = ("select", "stop", "max_errors", "seed", "parallel")
_DISTRIBUTION = re.compile(r"(uniform|loguniform|randint|normal|choice)\s*\(.*\)", re.S)
_RANGE = re.compile(r"range\s*\(\s*(-?\d+(?:\s*,\s*-?\d+){0,2})\s*,?\s*\)|(-?\d+(?::-?\d+){1,2})")


def is_asked(options: Mapping[str, Any]) -> bool:
    """Whether a line asks for a sweep."""
    return any(options.get(way) not in (None, False) for way in WAYS)


def asked(options: Mapping[str, Any], pairs: Mapping[str, str], read: Callable[[str, str], Any]) -> dict[str, Any]:
    """Return what ``project.sweep`` takes.

    Parameters
    ----------
    pairs
        ``k=v`` as written.
    read
        Gives the value of one text, for the parameter of that name.
    """
    ways = [way for way in WAYS if options.get(way) not in (None, False)]
    said = {key: options[key] for key in OPTIONS if options.get(key) is not None}
    if "params_file" in ways:
        fixed = {name: read(name, text) for name, text in pairs.items()}
        return {**said, "points": _points(Path(options["params_file"])), "params": fixed}
    space: dict[str, Any] = {}
    fixed = {}
    for name, text in pairs.items():
        several = values_of(name, text, read)
        (space if several is not None else fixed)[name] = several if several is not None else read(name, text)
    said["params"] = fixed
    for way in ("random", "optuna"):
        if way in ways:
            said |= {way: options[way], "space": space}
    said |= {way: space for way in ("grid", "list") if way in ways}
    return said


def values_of(name: str, text: str, read: Callable[[str, str], Any]) -> Any:
    """Return the values, range or distribution that a text stands for; None for a single value."""
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
    if _DISTRIBUTION.fullmatch(bare):
        return bare
    if match := _RANGE.fullmatch(text):
        return _range(text, [int(part) for part in re.split("[,:]", match[1] or match[2])])
    if text[:1] in ("$", "{"):  # a variable of the notebook, whose value is one or several
        found = read(name, text)
        found = found.tolist() if hasattr(found, "tolist") else found  # an array or a column
        return found if isinstance(found, list | tuple | range) else None
    if text.startswith("[") and text.endswith("]"):
        try:
            return list(syntax.literal(text))
        except (ValueError, SyntaxError):  # words without quotes
            return [read(name, part) for part in _split(text[1:-1])]
    parts = _split(text)
    return [read(name, part) for part in parts] if len(parts) > 1 else None


def _range(text: str, ends: list[int]) -> range:
    try:
        return range(*ends)
    except ValueError as problem:
        raise WorkflowError(f"{text!r} is no range: {problem}.") from None


def _split(text: str) -> list[str]:
    """Split at commas outside of quotes and brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for place, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and not depth:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def _points(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise WorkflowError(f"{str(path)!r} can't be read ({problem}): give a .csv or .json file of points.") from None
    return read_params(text, path.suffix)
