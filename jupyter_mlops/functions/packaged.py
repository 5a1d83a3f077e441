"""A Function as a notebook: written, read, versioned, and made ready for one run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from jupyter_mlops import values
from jupyter_mlops.errors import NotebookError
from jupyter_mlops.functions.ipynb import (
    BODY,
    IMPORTS,
    INJECTED,
    INPUTS,
    MEANINGFUL,
    OUTPUTS,
    PARAMETERS,
    Node,
    code_cell,
    find_cell,
    language_of,
    name_cells,
    node,
    tags_of,
)
from jupyter_mlops.functions.parameters import read_parameters
from jupyter_mlops.records import UNKNOWN, Function, Input, Parameter, Return, Runtime, Source, Spec

if TYPE_CHECKING:
    from jupyter_mlops.functions.capture import Captured

VERSION_LENGTH = 12
LONGEST_SOURCE = 2_000  # characters of a value that are still shown in the notebook
_PYTHON = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


# --- writing ---


def package(
    captured: Captured, name: str, runtime: Runtime | None = None, description: str = "", inputs: Sequence[Input] | None = None
) -> Node:
    """Return the notebook of a captured cell; it runs under plain papermill as well.

    Equal arguments give equal notebooks, down to the cells' ids.
    """
    runtime = runtime or Runtime()
    inputs = captured.inputs if inputs is None else tuple(inputs)
    parts = [
        (IMPORTS, captured.imports),
        (PARAMETERS, "\n".join(part for part in [captured.parameters_source, input_defaults(inputs)] if part)),
        (INPUTS, inputs_source(inputs)),
        (BODY, captured.body),
        (OUTPUTS, outputs_source(captured.returns)),
    ]
    cells = [code_cell(source, tag) for tag, source in parts if source or tag in (PARAMETERS, BODY)]
    kernel = _PYTHON if runtime.kernel is None else {"display_name": runtime.kernel, "language": "python", "name": runtime.kernel}
    return node(
        {
            "cells": cells,
            "metadata": {
                "kernelspec": dict(kernel),
                "language_info": {"name": "python"},
                "jupyter_mlops": attributes(name, inputs, captured.returns, runtime, description or captured.description),
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def attributes(
    name: str, inputs: Iterable[Input], returns: Iterable[Return], runtime: Runtime, description: str
) -> dict[str, Any]:
    """Return what is kept in a notebook's ``metadata.jupyter_mlops``."""
    return {
        "name": name,
        "description": description,
        "inputs": [asdict(one) for one in inputs],
        "returns": [asdict(one) for one in returns],
        "runtime": asdict(runtime),
    }


def input_defaults(inputs: Iterable[Input]) -> str:
    """Return the lines that declare inputs among the parameters, so that papermill can set them."""
    return "\n".join(f"{one.name} = {one.default!r}  # input" + (f": {one.hint}" if one.hint else "") for one in inputs)


def inputs_source(inputs: Iterable[Input]) -> str:
    """Return the cell that loads what the inputs name."""
    lines = [
        f'{one.name} = _mlops.input("{one.name}", {one.name}' + (f", hint={_quoted(one.hint)})" if one.hint else ")")
        for one in inputs
    ]
    return "\n".join(["import jupyter_mlops as _mlops\n", *lines]) if lines else ""


def outputs_source(returns: Iterable[Return]) -> str:
    """Return the cell that keeps what the Function returns."""
    listed = [f"    {one.key}=({_quoted(one.kind) if one.kind else None}, {one.name})," for one in returns]
    if not listed:
        return ""
    head = "from jupyter_mlops.execution.inside import outputs as _mlops_outputs\n"
    return "\n".join([head, "_mlops_outputs(", *listed, ")"])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- reading ---


def parameters_of(nb: Node) -> tuple[Parameter, ...]:
    """List a notebook's parameters, with hints and help; its inputs are not among them."""
    index = find_cell(nb, PARAMETERS)
    if index is None:
        return ()
    cell = nb.cells[index]
    found = read_parameters(cell["source"]) if language_of(nb) == "python" else _inspected(nb, cell)
    inputs = {one.name for one in _inputs(nb)}
    return tuple(one for one in found if one.name not in inputs)


def _inspected(nb: Node, cell: Node) -> tuple[Parameter, ...]:
    """List the parameters of another language as papermill reads them."""
    # papermill takes seconds to import, and only notebooks of other languages need it
    from papermill.translators import papermill_translators

    kernel = nb.metadata.get("kernelspec", {}).get("name", "")
    try:
        found = papermill_translators.find_translator(kernel, language_of(nb)).inspect(cell)
    except Exception:  # a language without a translator, or one that can't list parameters: any are accepted as given
        return ()
    return tuple(
        Parameter(
            name=one.name,
            default=one.default,
            hint=None if one.inferred_type_name in ("None", "") else one.inferred_type_name,
            help=one.help,
        )
        for one in found
    )


def read_function(nb: Node, name: str | None = None) -> Function:
    """Return what a Function's notebook says about it; ``name`` overrules the one inside, as a file's name does.

    Raises
    ------
    NotebookError
        Its ``metadata.jupyter_mlops`` isn't what we write there.
    """
    said = _said(nb)
    try:
        return Function(
            name=name or str(said.get("name", "")),
            version=version_of(nb),
            parameters=parameters_of(nb),
            inputs=_inputs(nb),
            returns=tuple(Return(**_known(Return, one)) for one in said.get("returns", [])),
            runtime=Runtime(**_known(Runtime, said.get("runtime", {}))),
            description=str(said.get("description", "")),
        )
    except (TypeError, AttributeError) as error:
        shown = name or said.get("name", "")
        raise NotebookError(
            f"The notebook of {shown!r} has an odd 'metadata.jupyter_mlops' ({error}): define it again."
        ) from None


def _said(nb: Node) -> Mapping[str, Any]:
    said = nb.get("metadata", {}).get("jupyter_mlops", {})
    return said if isinstance(said, Mapping) else {}


def _inputs(nb: Node) -> tuple[Input, ...]:
    found = _said(nb).get("inputs", [])
    return tuple(Input(**_known(Input, one)) for one in found if isinstance(one, Mapping) and "name" in one)


def _known(record: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a later version of this package may have added."""
    names = {one.name for one in fields(record)}
    return {key: dict(value) if isinstance(value, Mapping) else value for key, value in given.items() if key in names}


# --- versions ---


def version_of(nb: Node) -> str:
    """Return hex digits that change with the code or the attributes, and with nothing else.

    Text cells, outputs, ids, counts, other tags and the description may change freely: they do nothing in a run.
    """
    cells = [
        [cell["source"].replace("\r\n", "\n").rstrip(), sorted(MEANINGFUL.intersection(tags_of(cell)))]
        for cell in nb.cells
        if cell["cell_type"] == "code" and (cell["source"].strip() or MEANINGFUL.intersection(tags_of(cell)))
    ]
    said = _said(nb)
    record = {
        "cells": cells,
        "kernel": nb.get("metadata", {}).get("kernelspec", {}).get("name"),
        "inputs": [_stated(Input, one) for one in said.get("inputs", [])],
        "returns": [_stated(Return, one) for one in said.get("returns", [])],
        "runtime": _stated(Runtime, said.get("runtime", {})),
    }
    return sha256(json.dumps(record, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()[:VERSION_LENGTH]


def _stated(record: type[Any], given: Any) -> Any:
    """Leave out what equals the default, so that a new attribute doesn't change every version."""
    if not isinstance(given, Mapping):
        return given
    defaults: dict[str, Any] = {one.name: {} if one.default_factory is dict else one.default for one in fields(record)}
    return {key: value for key, value in given.items() if key not in defaults or value != defaults[key]}


# --- one run ---


def build(nb: Node, spec: Spec) -> Node:
    """Return the notebook that a run executes: the Function's, with the run's values after its parameters."""
    content = json.loads(json.dumps(nb))
    cells = [cell for cell in content["cells"] if INJECTED not in tags_of(cell)]
    said = {one.name: one.constant for one in read_function(nb).parameters}
    differing = {key: value for key, value in spec.params.items() if not _is_default(value, said.get(key, UNKNOWN))}
    lines = [*(_assignment(key, value) for key, value in differing.items()), *_given_inputs(nb, spec.inputs)]
    if lines:
        place = next((index + 1 for index, cell in enumerate(cells) if PARAMETERS in tags_of(cell)), 0)
        cells.insert(place, code_cell("\n".join(lines), INJECTED))
    if spec.returns and spec.returns != read_function(nb).returns:
        cells = [cell for cell in cells if OUTPUTS not in tags_of(cell)]
        cells.append(code_cell(outputs_source(spec.returns), OUTPUTS))
    name_cells(cells)
    return node({**content, "cells": cells})


def _is_default(encoded: Any, constant: Any) -> bool:
    return constant is not UNKNOWN and json.dumps(values.encode(constant)) == json.dumps(encoded)


def _assignment(name: str, encoded: Any) -> str:
    source = values.source(values.decode(encoded))
    if len(source) > LONGEST_SOURCE:
        source = f'__import__("jupyter_mlops").param("{name}")'
    return f"{name} = {source}"


def _given_inputs(nb: Node, given: Mapping[str, Source]) -> list[str]:
    known = {one.name for one in _inputs(nb)}
    return [f"{name} = {source.uri!r}  # input" for name, source in given.items() if name in known]
