"""A whole notebook becomes a Function: run as a notebook, its source file never written to.

What changes on the way: outputs go; cells tagged ``mlrun-ignore`` and cells that define or run Functions go (a Function that
defines itself again would never end); a line magic of ours becomes a comment. An existing ``parameters`` cell is taken as it
is, else the literal assignments at the top of the first code cell that isn't imports alone become one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import CaptureError, NotebookError, did_you_mean
from jupyter_mlops.functions.capture import read_input, read_returns
from jupyter_mlops.functions.gather import star_names
from jupyter_mlops.functions.ipynb import (
    INJECTED,
    INPUTS,
    OUTPUTS,
    PARAMETERS,
    Node,
    code_cell,
    language_of,
    name_cells,
    node,
    read_notebook,
    tags_of,
)
from jupyter_mlops.functions.names import names_of
from jupyter_mlops.functions.packaged import attributes, input_defaults, inputs_source, outputs_source, read_function
from jupyter_mlops.functions.parameters import read_parameters, split_leading
from jupyter_mlops.functions.source import read_cell
from jupyter_mlops.records import Input, Return, Runtime

_OURS = r"ml(?:project|function|run|runs|artifacts|sql|workflow|panel)"
_CELL = re.compile(rf"\s*(?:%%{_OURS}\b|#\|\s*{_OURS}\b)")
_LINE = re.compile(
    rf"^(?P<indent>[ \t]*)(?P<target>[\w.,\[\]'\" \t]+=\s*)?%(?:{_OURS}\b|(?:re)?load_ext\s+jupyter_mlops\b).*$", re.MULTILINE
)
_STALE = ("execution", "papermill", "collapsed", "scrolled", "ExecuteTime")


def from_notebook(
    source: str | Path | Node,
    *,
    name: str | None = None,
    inputs: Sequence[str | Input] = (),
    returns: Sequence[str | Return] = (),
    runtime: Runtime | None = None,
    description: str = "",
) -> Node:
    """Return a Function's notebook made from a whole notebook.

    Parameters
    ----------
    source
        A path, or a notebook; neither is changed.
    name
        The Function's name; by default the file's.
    inputs, returns
        As in :func:`jupyter_mlops.functions.capture.capture_cell`. A notebook that is a Function already keeps its own
        unless others are given.

    Raises
    ------
    NotebookError
        It can't be read, or has no code.
    CaptureError
        A return is named that no cell assigns.
    """
    where = repr(str(source)) if isinstance(source, str | Path) else "The notebook"
    nb = read_notebook(source) if isinstance(source, str | Path) else source
    content: dict[str, Any] = json.loads(json.dumps(nb))
    python = language_of(nb) == "python"
    cells = [kept for cell in content["cells"] if (kept := _kept(cell, python)) is not None]
    if not any(cell["cell_type"] == "code" and cell["source"].strip() for cell in cells):
        raise NotebookError(f"{where} has no code to run: write a cell, and save it.")
    known = read_function(nb)
    wanted = tuple(read_input(one) for one in inputs) or known.inputs
    kept_returns = read_returns(returns) or known.returns
    if python:
        _refuse_unset(cells, kept_returns, where)
    cells = _with_parameters(cells, python)
    wanted = _with_defaults(wanted, cells) if python else wanted
    cells = _with_ends(cells, wanted, kept_returns)
    name_cells(cells)
    name = name or known.name or (Path(source).stem if isinstance(source, str | Path) else "")
    said = attributes(name, wanted, kept_returns, runtime or known.runtime, description or known.description)
    metadata = {key: value for key, value in content["metadata"].items() if key not in ("papermill", "widgets")}
    return node({**content, "cells": cells, "metadata": {**metadata, "jupyter_mlops": said}})


def _kept(cell: Mapping[str, Any], python: bool) -> dict[str, Any] | None:
    """Return the cell as it goes into the Function, or None when it doesn't."""
    tags = tags_of(cell)
    if INJECTED in tags or "mlrun-ignore" in tags:
        return None
    metadata = {key: value for key, value in cell["metadata"].items() if key not in _STALE}
    if cell["cell_type"] != "code":
        return {**cell, "metadata": metadata}
    text = cell["source"]
    if python and _CELL.match(text):
        return None
    return {
        **cell,
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
        "source": _LINE.sub(_commented, text) if python else text,
    }


def _commented(match: re.Match[str]) -> str:
    """Leave a line that does nothing, but keeps its block and its variable."""
    line = match[0].strip()
    if match["target"]:
        return f"{match['indent']}{match['target']}None  # not run inside a Function: {line}"
    return f"{match['indent']}{'pass  ' if match['indent'] else ''}# not run inside a Function: {line}"


def _with_parameters(cells: list[dict[str, Any]], python: bool) -> list[dict[str, Any]]:
    """Make sure that one cell is tagged ``parameters``, at the place where its values belong."""
    if any(PARAMETERS in tags_of(cell) for cell in cells):
        return cells
    first = next(index for index, cell in enumerate(cells) if cell["cell_type"] == "code")
    for index, cell in enumerate(cells[first:], first) if python else ():
        if cell["cell_type"] != "code" or not cell["source"].strip():
            continue
        try:
            leading = split_leading(read_cell(cell["source"]))
        except CaptureError:  # it will say so itself when it runs
            break
        if leading.parameters:
            return [*cells[:index], *_split(cell, leading.imports, leading.parameters, leading.rest), *cells[index + 1 :]]
        if leading.rest:
            break
    return [*cells[:first], code_cell("", PARAMETERS), *cells[first:]]


def _with_defaults(inputs: Sequence[Input], cells: list[dict[str, Any]]) -> tuple[Input, ...]:
    """Let the path that the notebook assigns to an input among its parameters be what it is by default, as in a cell."""
    source = next(cell["source"] for cell in cells if PARAMETERS in tags_of(cell))
    written = {one.name: one.constant for one in read_parameters(source)}
    paths = {name: value for name, value in written.items() if isinstance(value, str)}
    return tuple(replace(one, default=one.default or paths.get(one.name)) for one in inputs)


def _split(cell: dict[str, Any], imports: str, parameters: str, rest: str) -> list[dict[str, Any]]:
    parts = [{**code_cell(parameters, PARAMETERS), "id": f"{cell['id'][:50]}-parameters"}]
    if imports:
        parts.insert(0, {**cell, "source": imports, "id": f"{cell['id'][:50]}-imports"})
    return [*parts, {**cell, "source": rest}] if rest else parts


def _with_ends(cells: list[dict[str, Any]], inputs: Sequence[Input], returns: Sequence[Return]) -> list[dict[str, Any]]:
    """Add the cells that load the inputs and keep the returns."""
    cells = [cell for cell in cells if not {INPUTS, OUTPUTS}.intersection(tags_of(cell))]
    place = next(index for index, cell in enumerate(cells) if PARAMETERS in tags_of(cell))
    if inputs:
        source = cells[place]["source"]
        missing = [one for one in inputs if not re.search(rf"^{re.escape(one.name)}\s*[:=]", source, re.MULTILINE)]
        lines = [part for part in [source, input_defaults(missing)] if part]
        cells[place] = {**cells[place], "source": "\n".join(lines)}
        cells.insert(place + 1, code_cell(inputs_source(inputs), INPUTS))
    return [*cells, code_cell(outputs_source(returns), OUTPUTS)] if returns else cells


def _refuse_unset(cells: list[dict[str, Any]], returns: Sequence[Return], where: str) -> None:
    bound: set[str] = set()
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        try:
            names = names_of(read_cell(cell["source"]).tree, stars=star_names)
        except CaptureError:  # it will say so itself when it runs
            return
        if names.opaque:
            return
        bound |= names.binds
    for one in returns:
        if one.name not in bound:
            hint = did_you_mean(one.name, sorted(bound))
            raise CaptureError(
                f"Return {one.name!r}: no cell of {where} assigns it.{hint} Take it off the returns, or assign it."
            )
