"""A notebook's cells, for looking at what would run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlops.display import words
from jupyter_mlops.display.markup import clean, join, page, pieces, tag


def notebook_bundle(notebook: Mapping[str, Any], title: str) -> dict[str, str]:
    """Return the cells of a notebook with their tags."""
    cells = [
        (_source(cell), ", ".join(cell.get("metadata", {}).get("tags", [])), cell.get("cell_type")) for cell in notebook["cells"]
    ]
    head = pieces([tag("strong", title), tag("span", f"{words.count(len(cells), 'cell')}, not run", cls="jmo-muted")])
    shown = [
        tag(
            "div",
            tag("div", label, cls="jmo-muted", style="padding:4px 12px 0") if label else "",
            tag("pre", source),
            cls="jmo-part",
        )
        for source, label, _ in cells
    ]
    text = "\n\n".join((f"# --- {label}\n" if label else "# ---\n") + source for source, label, kind in cells if kind == "code")
    return {
        "text/html": page(tag("div", tag("div", head, cls="jmo-head"), join(*shown), cls="jmo-card")),
        "text/plain": clean(text),
    }


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)
