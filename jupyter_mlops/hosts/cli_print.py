"""How the command line prints: JSON that every parser reads, values, and columns of text."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.display.artifacts import columns

__all__ = ["columns", "plain", "rows_of", "show_json", "show_value"]


def show_json(data: Any) -> None:
    """Print ``data`` as JSON; NaN and infinities, which JSON lacks, are the texts "NaN", "Infinity", "-Infinity"."""
    print(json.dumps(jsonable(data), indent=2, ensure_ascii=False, allow_nan=False))


def jsonable(value: Any) -> Any:
    """Return ``value`` with nothing in it that JSON lacks; what has no form there is its text."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return jsonable({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return jsonable(value.tolist())
    return values.text(value)


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Return a DataFrame's rows; SQL's NULL, which pandas may show as NaN or NaT, is None."""
    columns_ = [[None if _missing(item) else item for item in frame[name]] for name in frame.columns]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns_, strict=True)]


def _missing(item: Any) -> bool:
    return item is None or (type(item).__name__ in ("NaTType", "NAType")) or (isinstance(item, float) and math.isnan(item))


def show_value(value: Any, *, as_json: bool) -> None:
    """Print an artifact's value: text and bytes as they are, tables as tables, the rest as Python writes it."""
    table = hasattr(value, "columns") and hasattr(value, "to_dict")
    if as_json:
        show_json(rows_of(value) if table else value)
    elif isinstance(value, bytes):
        sys.stdout.flush()
        sys.stdout.buffer.write(value)
    elif isinstance(value, str):
        print(value, end="" if value.endswith("\n") else "\n")
    else:
        print(value.to_string() if hasattr(value, "to_string") else value)


def plain(value: Any) -> str:
    return repr(value)
