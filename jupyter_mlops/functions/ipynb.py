"""Notebook files: read with care, since anybody may have written them, and without nbformat's slow validation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_mlops.errors import NotebookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

PARAMETERS = "parameters"
INJECTED = "injected-parameters"
IMPORTS, INPUTS, BODY, OUTPUTS = "mlops-imports", "mlops-inputs", "mlops-body", "mlops-outputs"
# tags that say how a cell is run; all others are the author's own
MEANINGFUL = frozenset({PARAMETERS, IMPORTS, INPUTS, BODY, OUTPUTS, "skip-execution", "raises-exception", "mlrun-ignore"})


class Node(dict[str, Any]):
    """A notebook or a part of one, whose keys are attributes, too.

    As nbformat's, which takes one or two seconds to import (jsonschema's grammars): too long for whoever only lists Functions.
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def node(content: Mapping[str, Any]) -> Node:
    """Return plain data as a Node, to its depth."""
    return Node({name: _noded(part) for name, part in content.items()})


def _noded(part: Any) -> Any:
    if isinstance(part, dict):
        return node(part)
    return [_noded(each) for each in part] if isinstance(part, list | tuple) else part


def of_nbformat(nb: Node) -> NotebookNode:
    """Return a notebook as papermill and people know it."""
    from nbformat import from_dict  # in here, see Node

    found: NotebookNode = cast(Any, from_dict)(nb)
    return found


def code_cell(source: str, *tags: str) -> dict[str, Any]:
    """Return a code cell whose id is its first tag."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": tags[0],
        "metadata": {"tags": list(tags)},
        "outputs": [],
        "source": source,
    }


def parse_notebook(text: str | bytes, where: str) -> Node:
    """Return a notebook from its JSON.

    Raises
    ------
    NotebookError
        It isn't one, or of a format from before 2014; names ``where`` it came from.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"{where} isn't a notebook ({error}): open it in JupyterLab and save it again.") from None
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise NotebookError(f"{where} isn't a notebook: it has no 'nbformat'. Save it from JupyterLab as .ipynb.")
    if content["nbformat"] != 4:
        remedy = f"convert it with `jupyter nbconvert --to notebook --nbformat 4 --inplace {where}`"
        older = content["nbformat"] < 4
        raise NotebookError(
            f"{where} is a notebook of format {content['nbformat']}, and 4 is needed: "
            + (f"{remedy}." if older else "update jupyter-mlops, or save it as format 4.")
        )
    cells = content.get("cells")
    if not isinstance(cells, list) or not isinstance(content.setdefault("metadata", {}), dict):
        raise NotebookError(f"{where} isn't a notebook: 'cells' must be a list and 'metadata' an object. Save it again.")
    content["cells"] = [_sound_cell(cell, index, where) for index, cell in enumerate(cells)]
    for name in ("kernelspec", "language_info"):
        if not isinstance(content["metadata"].get(name, {}), dict):
            content["metadata"].pop(name)
    content["nbformat_minor"] = max(5, content.get("nbformat_minor") or 0)
    name_cells(content["cells"])
    return node(content)


def read_notebook(path: str | Path) -> Node:
    """Return the notebook in a file, as :func:`parse_notebook` does."""
    try:
        text = Path(path).read_bytes()
    except FileNotFoundError:
        raise NotebookError(f"{str(path)!r} doesn't exist: give the path of a notebook.") from None
    except OSError as error:
        raise NotebookError(f"{str(path)!r} can't be read ({error.strerror}): check the path and its permissions.") from None
    return parse_notebook(text, repr(str(path)))


def _sound_cell(cell: Any, index: int, where: str) -> dict[str, Any]:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise NotebookError(f"Cell {index} of {where} has no known 'cell_type': delete it in JupyterLab and save again.")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise NotebookError(f"Cell {index} of {where} has no text as its 'source': delete it in JupyterLab and save again.")
    metadata = cell.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, dict) else {}
    if not isinstance(metadata.get("tags", []), list):
        metadata.pop("tags")
    cell = {**cell, "source": source, "metadata": metadata}
    return {**cell, "outputs": cell.get("outputs", []), "execution_count": None} if cell["cell_type"] == "code" else cell


def name_cells(cells: list[dict[str, Any]]) -> None:
    """Give an id to cells without one, or with one that is taken; the same each time."""
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        name = cell.get("id")
        if not isinstance(name, str) or not name or name in seen:
            name = f"cell-{index}"
            while name in seen:
                name += "-"
        cell["id"] = name
        seen.add(name)


def dumps(nb: Node | NotebookNode) -> str:
    """Return a notebook as the text of its file, as Jupyter writes it: sorted, and with lines of text one by one."""
    content = json.loads(json.dumps(nb))
    for name in ("orig_nbformat", "orig_nbformat_minor", "signature"):
        content.get("metadata", {}).pop(name, None)
    for cell in content["cells"]:
        cell.get("metadata", {}).pop("trusted", None)
        _split(cell, "source")
        for output in cell.get("outputs", []):
            _split(output, "text")
            _split_bundle(output.get("data", {}))
        for attachment in cell.get("attachments", {}).values():
            _split_bundle(attachment)
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"


def _split(holder: dict[str, Any], name: str) -> None:
    if isinstance(text := holder.get(name), str):
        holder[name] = text.splitlines(keepends=True)


def _split_bundle(bundle: dict[str, Any]) -> None:
    for mime in bundle:
        if mime.startswith("text/") or mime in ("application/javascript", "image/svg+xml"):
            _split(bundle, mime)


def tags_of(cell: Mapping[str, Any]) -> list[str]:
    found = cell.get("metadata", {}).get("tags", [])
    return [tag for tag in found if isinstance(tag, str)]


def find_cell(nb: Node | NotebookNode, tag: str) -> int | None:
    """Return the index of the first cell with that tag."""
    return next((index for index, cell in enumerate(nb.cells) if tag in tags_of(cell)), None)


def language_of(nb: Node | NotebookNode) -> str:
    metadata = nb.get("metadata", {})
    found = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name")
    return str(found or "python").lower()
