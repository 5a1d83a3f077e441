"""A cell's source as Python: what IPython adds to the language becomes calls, and no line changes its number."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from jupyter_mlops import syntax
from jupyter_mlops.errors import CaptureError

# cell magics whose body is Python that runs in the notebook's own namespace
PYTHON_BODIES = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun"})

_PROMPT = re.compile(r"(>>>|In \[\d+\]:)")


@dataclass(frozen=True)
class Cell:
    """One cell: ``text`` as it is kept, and ``tree``, its syntax tree with the same line numbers.

    ``header`` is a leading ``%%time``-like line, which belongs before the rest of the body wherever that goes.
    ``offset`` is added to a line of ``text`` to get the line the author sees.
    """

    text: str
    tree: ast.Module
    header: str = ""
    offset: int = 0

    @cached_property
    def lines(self) -> list[str]:
        """The lines of ``text`` with their ends, split only where Python ends a line."""
        return split_lines(self.text)


def read_cell(source: str) -> Cell:
    """Parse a cell's source.

    Raises
    ------
    CaptureError
        It isn't Python, or IPython's form of it; names the line and its text.
    """
    text, offset = _without_margin(source.replace("\r\n", "\n").replace("\r", "\n"))
    if _PROMPT.match(text):
        text = _without_prompts(text)
    header = ""
    while _has_python_body(text):
        line, _, text = text.partition("\n")
        header, offset = f"{header}{line}\n", offset + 1
    return Cell(text, _parse(text, offset), header, offset)


def split_lines(text: str) -> list[str]:
    """Split where Python does: ``str.splitlines`` also splits at a form feed, and numbers would go wrong."""
    lines = text.split("\n")
    kept = [line + "\n" for line in lines[:-1]]
    return [*kept, lines[-1]] if lines[-1] else kept


def segment(cell: Cell, first: int, last: int) -> str:
    """Return lines ``first`` to ``last``, 1-based and inclusive."""
    return "".join(cell.lines[first - 1 : last])


def _has_python_body(text: str) -> bool:
    line = text.partition("\n")[0]
    return line.startswith("%%") and line[2:].split(" ")[0].strip() in PYTHON_BODIES


def _without_margin(source: str) -> tuple[str, int]:
    """Take away blank lines at the top and the indentation that all lines share, as IPython does."""
    lines = source.split("\n")
    blank = 0
    while blank < len(lines) and not lines[blank].strip():
        blank += 1
    text = textwrap.dedent("\n".join(lines[blank:])) if lines[blank:] else ""
    return text, blank if text else 0


def _without_prompts(text: str) -> str:
    """Take the prompts out of a session that was pasted."""
    # in here for the same reason as in plain_python
    from IPython.core.inputtransformer2 import classic_prompt, ipython_prompt

    return "".join(ipython_prompt(classic_prompt(split_lines(text))))


def _parse(text: str, offset: int) -> ast.Module:
    try:
        return _compiled(text)
    except SyntaxError as error:
        first = error
    except (ValueError, RecursionError, MemoryError) as error:
        raise CaptureError(f"The cell can't be read as Python ({error}): make it simpler, or put it in a module.") from None
    try:  # `%`, `!` and `?` are no Python, so a cell that has them comes this way
        python = plain_python(text)
        if python != text:
            return _compiled(python)
    except SyntaxError as error:
        first = error
    line = min(first.lineno or 1, text.count("\n") + 1)
    shown = shorten(text.split("\n")[line - 1].strip(), 80)
    message = f"Line {line + offset}: {shown!r} isn't valid Python ({first.msg}): correct the cell."
    raise CaptureError(message, line=line + offset) from None


def shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _compiled(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a string warns when the cell runs, not a second time here
        tree = syntax.parse(text)
        # what only the compiler refuses: `return` outside a function, `break` outside a loop …
        syntax.steadily(lambda: compile(tree, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True))
    return tree


def plain_python(text: str) -> str:
    """Return the source with magics as calls of ``get_ipython()``, every statement on its own line number."""
    # in here: IPython takes a while to import, and most cells need none of it
    from IPython.core.inputtransformer2 import TransformerManager, cell_magic

    transformer: Any = cast(Any, TransformerManager)()
    lines = split_lines(text if text.endswith("\n") else text + "\n")
    if lines and lines[0].startswith("%%"):
        return "".join(cast(Any, cell_magic)(lines))
    for _ in range(len(lines) + 1):
        before = lines
        changed, lines = transformer.do_one_token_transform(lines)
        if not changed:
            break
        lines = _padded(before, lines)
    return "".join(lines)


def _padded(before: list[str], after: list[str]) -> list[str]:
    """Give back the lines that were joined into one, as blank lines behind it."""
    missing = len(before) - len(after)
    if missing <= 0:
        return after
    place = next((i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(after) - 1)
    return [*after[: place + 1], *["\n"] * missing, *after[place + 1 :]]
