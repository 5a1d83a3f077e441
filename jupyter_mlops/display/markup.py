"""HTML by construction: what isn't :class:`Html` is escaped, so no name, log line or traceback can become markup.

An output must read well in three forms: trusted (our ``<style>`` with the theme's variables, so light, dark and high
contrast work), untrusted (JupyterLab strips ``<style>``, ``<svg>`` and inline styles with variables; tables, ``<strong>``,
``<details>`` and ``<img>`` of a data URI stay), and plain text. So layout that carries
meaning is a table, and words stand beside every colour.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from math import isfinite
from pathlib import Path
from urllib.parse import quote

from jupyter_mlops.records import State


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, *children: object, cls: str = "", **attributes: object) -> Html:
    """Return an element; children and attribute values are escaped unless they are Html. None and "" children vanish."""
    given = {"class": cls, **{key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}}
    written = "".join(f' {key}="{escape(clean(str(value)))}"' for key, value in given.items() if value not in (None, "", False))
    if name in ("img", "br", "hr"):
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: object, between: str = "") -> Html:
    """Return children one after the other, each escaped unless it is Html."""
    shown = [child if isinstance(child, Html) else escape(clean(str(child))) for child in children if child not in (None, "")]
    return Html(between.join(shown))


def clean(text: str) -> str:
    """Return text without the control characters that HTML and terminals don't take, and with lone surrogates made visible."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)
    return text.encode("utf-8", "backslashreplace").decode()


def page(*children: object) -> str:
    """Return a whole output: the style sheet and the root element."""
    return f"<style>{sheet()}</style>" + tag("div", *children, cls="jmo")


@cache
def sheet() -> str:
    """Return the style sheet, without what only its reader needs."""
    text = re.sub(r"/\*.*?\*/", "", Path(__file__).with_name("style.css").read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r":\s+", ":", text)).strip()


GLYPHS: dict[str, str] = {
    State.PENDING: "◌",
    State.RUNNING: "●",
    State.COMPLETED: "✓",
    State.ERROR: "✕",
    State.ABORTING: "■",
    State.ABORTED: "■",
    State.SKIPPED: "–",
    State.CACHED: "↺",
}


def chip(state: str) -> Html:
    """Return a state's chip: never the colour alone."""
    return tag(
        "span", tag("span", GLYPHS.get(state, ""), cls="jmo-glyph", aria_hidden="true"), f" {state}", cls=f"jmo-chip jmo-{state}"
    )


def link(text: object, path: str | None, *, title: str = "") -> Html:
    """Return a link to a file that JupyterLab opens (a path relative to the notebook), or the text alone without one."""
    if path is None:
        return tag("span", text, title=title)
    # "./" first: a folder named "javascript:x" must stay a folder
    return tag("a", text, href="./" + quote(clean(path)) if not path.startswith("../") else quote(clean(path)), title=title)


LEFT = "text-align:left"
"""Inline, as it must hold in untrusted notebooks too, where JupyterLab aligns cells to the right."""


def table(
    header: Sequence[object], rows: Iterable[Sequence[object]], *, right: Sequence[int] = (), cls: str = "jmo-table"
) -> Html:
    """Return a table; ``right`` are the indices of right-aligned (numeric) columns."""

    def line(name: str, cells: Sequence[object]) -> Html:
        return tag("tr", *(_cell(name, cell, numeric=index in right) for index, cell in enumerate(cells)))

    head = tag("thead", line("th", header))
    body = tag("tbody", *(line("td", row) for row in rows))
    return tag("div", tag("table", head, body, cls=cls), cls="jmo-scroll")


def _cell(name: str, content: object, *, numeric: bool) -> Html:
    return tag(name, content, cls="jmo-num") if numeric else tag(name, content, style=LEFT)


def facts(*pairs: tuple[str, object]) -> Html:
    """Return what is known of a thing, one labelled row each; a row without content is left out."""
    rows = [
        tag("tr", tag("th", label, style=LEFT), tag("td", content, style=LEFT))
        for label, content in pairs
        if content not in (None, "")
    ]
    return tag("div", tag("table", tag("tbody", *rows), cls="jmo-facts")) if rows else Html("")


def pair(name: object, value: object, *, title: str = "") -> Html:
    """Return ``name=value`` as one unbreakable piece."""
    return tag("code", tag("span", name, "=", cls="jmo-muted"), value, cls="jmo-pair", title=title)


def pieces(parts: Iterable[object]) -> Html:
    """Return pieces with a space between them, so that they stay words without the style sheet."""
    return join(*parts, between=" ")


def disclosure(summary: object, *content: object, open_: bool = False) -> Html:
    """Return content that opens on a click."""
    return tag("details", tag("summary", summary), tag("div", *content, cls="jmo-inside"), open="open" if open_ else None)


def picture(data: bytes, mime: str, *, alt: str, height: int | None = None) -> Html:
    """Return an image that travels inside the notebook."""
    return tag("img", src=f"data:{mime};base64,{b64encode(data).decode()}", alt=alt, height=height, cls="jmo-picture")


def sparkline(points: Sequence[float], *, width: int = 72, height: int = 18) -> Html:
    """Return the course of a metric as a tiny picture: an ``<img>``, because untrusted notebooks lose inline SVG."""
    shown = [value for value in points if isfinite(value)]
    if len(shown) < 2:
        return Html("")
    step = max(1, len(shown) // 60)
    shown = [*shown[:-1:step], shown[-1]]
    low, high = min(shown), max(shown)
    rise = (high - low) or 1.0
    spots = (
        (2 + index * (width - 4) / (len(shown) - 1), height - 2 - (value - low) / rise * (height - 4))
        for index, value in enumerate(shown)
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><polyline points="{line}" fill="none"'
        ' stroke="#4a8fe7" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/></svg>'
    )
    return tag("img", src=f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}", alt="", width=width, height=height)


def bar(done: float, total: float | None, label: str = "") -> Html:
    """Return a progress bar with its numbers beside it; without a total only the numbers."""
    words = f"{done:g}" + (f" of {total:g}" if total else "") + (f" {label}" if label else "")
    if not total or not isfinite(done / total):
        return tag("span", words)
    share = f"width:{min(max(done / total, 0), 1) * 100:.1f}%"
    return join(
        tag("span", tag("span", style=share), cls="jmo-bar", aria_hidden="true"), " ", tag("span", words, cls="jmo-muted")
    )


_COLOURS = ["#888888", "#d64545", "#2a9d4a", "#b7791f", "#3b82d6", "#a855c7", "#1d93a8", "#888888"]
_CODE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?")


def ansi(text: str) -> Html:
    """Return terminal text as markup: its colours and bold kept, every other control sequence dropped."""
    parts: list[Html] = []
    colour, bold, position = None, False, 0
    for match in [*_CODE.finditer(text), None]:
        piece = text[position : match.start() if match else len(text)]
        if piece:
            style = ";".join(filter(None, [colour and f"color:{colour}", "font-weight:600" if bold else None]))
            parts.append(tag("span", piece, style=style) if style else join(piece))
        if match:
            position = match.end()
            if match[2] == "m":
                colour, bold = _after(match[1], colour, bold)
    return join(*parts)


def without_ansi(text: str) -> str:
    """Return terminal text without its control sequences."""
    return _CODE.sub("", text)


def _after(codes: str, colour: str | None, bold: bool) -> tuple[str | None, bool]:
    """Return colour and boldness after one "select graphic rendition" sequence (ECMA-48, xterm's 256 colours)."""
    numbers = [int(code or 0) for code in codes.split(";")]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            colour, bold = None, False
        elif code in (1, 22):
            bold = code == 1
        elif 30 <= code <= 37 or 90 <= code <= 97:
            colour = _COLOURS[code % 10]
        elif code == 39:
            colour = None
        elif code in (38, 48):
            skip = {5: 2, 2: 4}.get(numbers[0], 1) if numbers else 0
            if code == 38 and skip == 2 and len(numbers) > 1:
                colour = _xterm(numbers[1])
            del numbers[:skip]
    return colour, bold


def _xterm(index: int) -> str:
    if index < 16:
        return _COLOURS[index % 8]
    if index >= 232:
        return "#888888"
    red, green, blue = ((index - 16) // 36, (index - 16) // 6 % 6, (index - 16) % 6)
    nearest = (red >= 3) + 2 * (green >= 3) + 4 * (blue >= 3)  # one of eight: the exact shade is unreadable on half of the themes
    return _COLOURS[nearest]
