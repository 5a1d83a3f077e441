"""Numbers, times and sizes as a person reads them: short, with their unit, the same in HTML and in plain text."""

from __future__ import annotations

import math
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_mlops import values


def duration(seconds: float | None) -> str:
    """Return ``48 ms``, ``1.24 s``, ``3m 18s`` or ``1h 05m``; an en dash for None."""
    if seconds is None or math.isnan(seconds):
        return "–"
    if seconds < 0.9995:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m"


def elapsed(seconds: float) -> str:
    """Return a time that still passes, in whole seconds: a display of it changes once a second, not more often."""
    return f"{seconds:.0f} s" if (seconds := float(int(seconds))) < 60 else duration(seconds)


def span(seconds: float) -> str:
    """Return a limit as it is written in options: ``90s``, ``10m``, ``1h30m``."""
    text, rest = "", seconds
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        count, rest = divmod(rest, length)
        text += f"{count:.0f}{unit}" if count else ""
    return text + (f"{rest:g}s" if rest or not text else "")


def size(count: float | None) -> str:
    """Return a number of bytes as ``812 B``, ``84.2 kB``, ``1.1 MB`` (powers of 1024, as ``--memory`` reads them)."""
    if count is None:
        return "–"
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1023.5 or unit == "TB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.95 else f"{amount:.1f} {unit}"


def number(value: Any, limit: int = 60) -> str:
    """Return a result for display: floats to 4 significant digits or more, the rest as :func:`values.text` says."""
    if isinstance(value, float) and math.isfinite(value):
        return (
            f"{value:.0f}" if value.is_integer() and abs(value) < 1e6 else f"{value:.4g}" if abs(value) < 1e4 else f"{value:.6g}"
        )
    return one_line(values.text(value), limit)


def literal(value: Any, limit: int = 60) -> str:
    """Return a parameter's value as it would be written in ``k=v``: text in quotes only where it isn't one plain word."""
    if isinstance(value, str):
        plain = bool(re.fullmatch(r"[A-Za-z_./:@-][\w./:@+-]*", value)) and value not in ("None", "True", "False")
        return one_line(value if plain else repr(value), limit)
    return one_line(values.text(value), limit)


def one_line(text: str, limit: int = 200) -> str:
    """Return ``text`` on one line, cut to ``limit`` characters."""
    text = " ".join(text[: limit * 4].split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def moment(seconds: float | None) -> str:
    """Return a point in time, in local time: absolute, as a saved notebook is read on another day."""
    return "–" if seconds is None else datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def short(version: str | None) -> str:
    """Return the first 8 characters of a version or hash."""
    return (version or "")[:8]


def count(amount: int, noun: str) -> str:
    """Return ``1 run``, ``2 runs``, ``12,345 rows``."""
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def relative(path: Path, base: Path | None) -> str | None:
    """Return ``path`` as seen from the folder ``base``, with forward slashes; None without a way there."""
    if base is None:
        return None
    try:
        return Path(os.path.relpath(path, base)).as_posix()
    except ValueError:  # another drive on Windows
        return None
