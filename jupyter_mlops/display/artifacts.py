"""Artifacts: a line on a run's card, a table of many, a card of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_mlops.display import words
from jupyter_mlops.display.markup import Html, disclosure, facts, page, pair, picture, pieces, table, tag
from jupyter_mlops.records import Artifact

BIGGEST_PICTURE = 300_000
"""Bytes of a PNG that may travel inside the notebook; a bigger one is only named."""


def shape(meta: Mapping[str, Any]) -> str:
    """Return ``569 rows × 31 columns`` of a dataset, or an empty string."""
    rows, width = meta.get("rows"), meta.get("width")
    if not isinstance(rows, int):
        return ""
    if not isinstance(width, int):  # columns and schema have an index too, and no more than the first of many columns
        width = len(meta.get("columns") or meta.get("schema") or [])
    return words.count(rows, "row") + (f" × {words.count(width, 'column')}" if width else "")


def about(artifact: Artifact) -> str:
    """Return what an artifact is in a few words: kind, shape or framework, size."""
    meta = artifact.meta
    extra = shape(meta) or words.one_line(str(meta.get("framework") or ""), 40)
    return " · ".join(filter(None, [artifact.kind, extra, words.size(artifact.size)]))


def line(artifact: Artifact, png: bytes | None = None) -> Html:
    """Return an artifact as a line that opens to its preview, where there is one."""
    head = pieces([tag("strong", artifact.key), tag("span", about(artifact), cls="jmo-muted")])
    inside = preview(artifact, png)
    return (
        disclosure(head, inside, open_=png is not None and len(png) <= BIGGEST_PICTURE)
        if inside
        else tag("div", head, cls="jmo-item")
    )


def preview(artifact: Artifact, png: bytes | None = None) -> Html:
    """Return the first rows of a table, or the picture, or nothing."""
    if png is not None and len(png) <= BIGGEST_PICTURE:
        return picture(png, "image/png", alt=f"plot {artifact.key}", height=180)
    return rows_preview(artifact.meta)


def rows_preview(meta: Mapping[str, Any], rows: int = 8, columns: int = 12) -> Html:
    """Return the first rows that a packager kept."""
    shown = meta.get("preview")
    names = column_names(meta)
    if not isinstance(shown, list) or not shown or not names or not isinstance(shown[0], Sequence | Mapping):
        return Html("")
    cells = [[row.get(name) for name in names] if isinstance(row, Mapping) else list(row) for row in shown[:rows]]
    if any(len(row) != len(names) for row in cells):
        return Html("")
    more = ["…"] if len(names) > columns else []
    right = [index for index in range(len(names[:columns])) if all(isinstance(row[index], int | float) for row in cells)]
    body = [[*(words.number(cell, 40) if cell is not None else "–" for cell in row[:columns]), *more] for row in cells]
    return table([*names[:columns], *more], body, right=right)


def column_names(meta: Mapping[str, Any]) -> list[str]:
    """Return the names of a dataset's columns, however its packager wrote them."""
    found = meta.get("columns") or meta.get("schema") or []
    return [
        str(item.get("name") if isinstance(item, Mapping) else item[0] if isinstance(item, list | tuple) else item)
        for item in found
    ]


def artifacts_html(
    found: Sequence[Artifact], tags: Mapping[str, Sequence[str]] | None = None, *, total: int | None = None
) -> str:
    """Return a table of artifact versions; ``tags`` are those of a version, by its uid."""
    tags = tags or {}
    head = tag(
        "div", pieces([tag("strong", "Artifacts"), tag("span", amount(len(found), total), cls="jmo-muted")]), cls="jmo-head"
    )
    rows = [
        [
            tag("strong", item.key),
            item.kind,
            shape(item.meta) or words.one_line(str(item.meta.get("framework") or ""), 30),
            words.size(item.size),
            pieces(tag("code", each, cls="jmo-muted") for each in tags.get(item.uid, [])),
            words.moment(item.created),
            tag("code", item.run or "", cls="jmo-muted"),
        ]
        for item in found
    ]
    inner = (
        table(["key", "kind", "what", "size", "tags", "created", "run"], rows, right=[3])
        if rows
        else _nothing("No artifacts to show.")
    )
    return page(tag("div", head, inner, cls="jmo-card"))


def artifacts_text(found: Sequence[Artifact], tags: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a table of artifact versions as plain text."""
    tags = tags or {}
    rows = [
        [item.key, about(item), ",".join(tags.get(item.uid, [])), words.moment(item.created), item.run or ""] for item in found
    ]
    return columns(["key", "what", "tags", "created", "run"], rows) if rows else "No artifacts to show."


def artifact_bundle(artifact: Artifact, *, uri: str = "", png: bytes | None = None) -> dict[str, str]:
    """Return the card of one artifact version."""
    head = pieces(
        [tag("strong", artifact.key), artifact.kind, tag("span", about(artifact).partition(" · ")[2], cls="jmo-muted jmo-rest")]
    )
    body = facts(
        ("uri", tag("code", uri)),
        ("type", tag("code", artifact.type)),
        ("created", words.moment(artifact.created)),
        ("run", tag("code", artifact.run or "")),
        ("labels", pieces(pair(key, value) for key, value in artifact.labels.items())),
        ("content", tag("code", words.short(artifact.hash), cls="jmo-muted", title=artifact.hash)),
    )
    inside = preview(artifact, png)
    card = tag(
        "div", tag("div", head, cls="jmo-head"), body, tag("div", inside, cls="jmo-part") if inside else "", cls="jmo-card"
    )
    text = f"{artifact.key}  {about(artifact)}\n  {uri or artifact.uid}"
    return {"text/html": page(card), "text/plain": text}


def amount(shown: int, total: int | None) -> str:
    """Return how many rows there are, and that not all are shown."""
    return f"{shown:,}" if total is None or total <= shown else f"{shown:,} of {total:,}"


def columns(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a plain-text table."""
    cells = [list(header), *([words.one_line(str(cell), 60) for cell in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(header))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)


def _nothing(words_: str) -> Html:
    return tag("div", words_, cls="jmo-muted", style="padding:12px")
