"""``#| mlfunction NAME …`` as a cell's first line means what ``%%mlfunction NAME …`` does, and linters read the cell as Python.

A misspelt one is an error: as a comment it would run the cell in the notebook without a word. Directives of other tools
(``#| export``, ``#| echo: false``) are left alone.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from jupyter_mlops.errors import CaptureError

DIRECTIVES = ("mlfunction", "mlrun")
_LINE = re.compile(r"#\s*\|\s*(%*)([A-Za-z_][\w-]*)(?![\w-]*\s*:)(.*)", re.S)


def magic_line(line: str) -> str | None:
    """Return the cell magic for a directive's line, None for any other line.

    Raises
    ------
    CaptureError
        The directive is nearly one of ours.
    """
    match = _LINE.match(line.strip())
    if match is None:
        return None
    word = match[2]
    if word in DIRECTIVES:
        return f"%%{word}{match[3].rstrip()}\n"
    near = get_close_matches(word.lower(), DIRECTIVES, n=1, cutoff=0.75)
    if near:
        raise CaptureError(f"'#| {word}' isn't a directive, so this cell wasn't run. Did you mean '#| {near[0]}'?", line=1)
    return None


def transform(lines: list[str]) -> list[str]:
    """Turn a cell that begins with a directive into one that begins with the magic (for ``input_transformers_cleanup``)."""
    for index, line in enumerate(lines):
        if line.strip():
            magic = magic_line(line)
            return lines if magic is None else [magic, *lines[index + 1 :]]
    return lines


# IPython asks such transformers only when the cell is executed, not while it is typed: the error above belongs there
transform.has_side_effects = True  # type: ignore[attr-defined]
