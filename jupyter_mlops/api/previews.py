"""What of an artifact can be shown: as a table, a picture, text; nothing of it is ever unpickled for that."""

from __future__ import annotations

import mimetypes
import threading
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct

from jupyter_mlops.api import encode
from jupyter_mlops.api.context import Context
from jupyter_mlops.errors import PackagingError, ParameterError
from jupyter_mlops.library import ArtifactHandle
from jupyter_mlops.storage import tables

TEXT = 512_000  # bytes of text in one answer
WHOLE = 8 << 20  # bytes of what is only good as a whole: pictures, figures, pages
_PLOTLY = "application/vnd.plotly.v1+json"
_VEGA = {
    ".vl.json": "application/vnd.vegalite.v5+json",
    ".vg.json": "application/vnd.vega.v5+json",
    ".vega.json": "application/vnd.vega.v5+json",
}
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")
_TEXTS = (
    *(".txt", ".md", ".log", ".py", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".rst", ".tex", ".sql", ".r", ".sh"),
    *(".jsonl", ".ndjson", ".xml"),
)
_WHOLE = ("image", "svg", "html", "plotly", "vega")


class Table(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which rows, in what order."""

    uid: str
    offset: int = 0
    limit: int = 200
    sort: str | None = None
    descending: bool = False


class Text(Struct, forbid_unknown_fields=True, kw_only=True):
    """A version by its uid."""

    uid: str


def filename(artifact: ArtifactHandle) -> str:
    """Return the name its file has, without a folder."""
    name = PurePosixPath((artifact.record.name or artifact.key).replace("\\", "/")).name
    return artifact.key if name in ("", "..") else name


def kind_of(artifact: ArtifactHandle) -> str:
    """Return which preview suits it."""
    meta, name = artifact.meta, filename(artifact).lower()
    if meta.get("image") or name.endswith(_IMAGES):
        return "image"
    if artifact.record.packager == "dir":
        return "dir"
    if artifact.record.kind == "model":
        return "model"
    if _is_table(artifact):
        return "table"
    if meta.get("mime") == _PLOTLY or name.endswith(".plotly.json"):
        return "plotly"
    if name.endswith(tuple(_VEGA)):
        return "vega"
    for suffix, kind in ((".svg", "svg"), (".html", "html"), (".htm", "html"), (".json", "json"), (".ipynb", "json")):
        if name.endswith(suffix):
            return kind
    is_text = artifact.record.packager == "text" or name.endswith(_TEXTS) or _readable(meta)
    return "text" if is_text or _is_plain(artifact) else "none"


def _is_table(artifact: ArtifactHandle) -> bool:
    return _suffix(artifact) is not None or _kept_rows(artifact.meta) is not None


def _suffix(artifact: ArtifactHandle) -> str | None:
    if artifact.meta.get("pickled") or artifact.meta.get("directory"):
        return None
    suffix = PurePosixPath(filename(artifact).lower()).suffix
    return suffix if suffix in tables.READERS else None


def _kept_rows(meta: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]] | None:
    """Return the columns and first rows that a packager kept, of a table that is pickled."""
    rows, columns = meta.get("preview"), meta.get("columns") or meta.get("schema")
    if not isinstance(rows, list) or not isinstance(columns, list) or not rows:
        return None
    names = [_name(each) for each in columns]
    cells = [[row.get(name) for name in names] if isinstance(row, Mapping) else row for row in rows]
    fit = all(isinstance(row, list) and len(row) == len(names) for row in cells)
    return (names, cells) if fit else None


def _name(column: Any) -> str:
    """Return a column's name, however its packager wrote it."""
    return str(column.get("name") if isinstance(column, Mapping) else column[0] if isinstance(column, list) else column)


def _readable(meta: Mapping[str, Any]) -> bool:
    return isinstance(meta.get("preview"), str)


def _is_plain(artifact: ArtifactHandle) -> bool:
    """Return whether a file of unknown kind begins like text."""
    if artifact.meta.get("directory") or artifact.meta.get("pickled"):
        return False
    try:
        with artifact.library.blobs.open(artifact.hash) as file:
            head = file.read(2048)
    except Exception:  # bytes that aren't there, or a store that can't be asked: nothing to show
        return False
    if not head or b"\0" in head:
        return False
    try:
        head[:-3].decode() if len(head) == 2048 else head.decode()
    except UnicodeDecodeError:
        return False
    return True


def mime_of(artifact: ArtifactHandle) -> str | None:
    name = filename(artifact).lower()
    if artifact.meta.get("image"):
        return "image/png"
    known = artifact.meta.get("mime") or next((mime for suffix, mime in _VEGA.items() if name.endswith(suffix)), None)
    if known is None and name.endswith(".plotly.json"):
        return _PLOTLY
    return str(known) if known else mimetypes.guess_type(name)[0]


# --- text and pictures ---


def text(context: Context, args: Text) -> dict[str, Any]:
    artifact = context.project.artifact_by_uid(args.uid)
    kind, mime = kind_of(artifact), mime_of(artifact) or "text/plain"
    image = artifact.meta.get("image")
    if artifact.meta.get("pickled") and not image:
        return _kept(artifact, kind)
    if kind == "dir":
        return _listing(artifact)
    limit = WHOLE if kind in _WHOLE else TEXT
    data, size = _head(artifact, str(image or artifact.hash), limit)
    if kind in _WHOLE and size > limit:
        raise PackagingError(f"{artifact.key!r} has {size:,} bytes, too many to be shown: download it.")
    if kind == "image":
        return {"text": b64encode(data).decode(), "mime": mime, "cut": False, "size": size, "encoding": "base64"}
    if b"\0" in data:
        raise PackagingError(f"{artifact.key!r} is no text: download it.")
    shown = data.decode("utf-8", "replace")
    return {"text": shown, "mime": mime, "cut": size > len(data), "size": size, "encoding": "utf-8"}


def _head(artifact: ArtifactHandle, name: str, limit: int) -> tuple[bytes, int]:
    """Return the first bytes, and how many there are."""
    with artifact.library.blobs.open(name) as file:
        data = file.read(limit)
        if len(data) < limit:
            return data, len(data)
        return data, file.seek(0, 2) if name != artifact.hash else max(artifact.size, len(data))


def _kept(artifact: ArtifactHandle, kind: str) -> dict[str, Any]:
    """Say of a pickle what was noted when it was saved: to load it would run its code."""
    noted = artifact.meta.get("preview")
    shown = noted if isinstance(noted, str) else "" if noted is None else str(encode.plain(noted))
    return {"text": shown, "mime": "text/plain", "cut": True, "size": artifact.size, "encoding": "utf-8"}


def _listing(artifact: ArtifactHandle) -> dict[str, Any]:
    files = artifact.library.blobs.files(artifact.hash)
    lines = [f"{stored.size:>12,}  {path}" for path, stored in list(files.items())[:2000]]
    return {
        "text": encode.cut("\n".join(lines), TEXT),
        "mime": "text/plain",
        "cut": len(files) > len(lines),
        "size": artifact.size,
        "encoding": "utf-8",
    }


# --- tables ---

_described: dict[str, list[dict[str, Any]]] = {}
_describing = threading.Lock()
_KEPT = 64


def table(context: Context, args: Table) -> dict[str, Any]:
    if args.offset < 0 or not 1 <= args.limit <= 1000:
        raise ParameterError(f"offset {args.offset} and limit {args.limit} can't be: take 0 or more, and 1 to 1000.")
    artifact = context.project.artifact_by_uid(args.uid)
    suffix = _suffix(artifact)
    if suffix is None:
        return _kept_page(artifact, args)
    path: Path = artifact.library.blobs.path(artifact.hash)
    page = tables.page(path, suffix, offset=args.offset, limit=args.limit, sort=args.sort, descending=args.descending)
    return {"columns": _columns(artifact.hash, path, suffix), "rows": page.rows, "total": page.total, "offset": args.offset}


def _columns(name: str, path: Path, suffix: str) -> list[dict[str, Any]]:
    """Return what the columns hold; the same bytes hold the same, so it is found out once."""
    key = f"{name}{suffix}"
    with _describing:
        known = _described.get(key)
    if known is None:  # outside of the lock: a large table takes seconds, and others are looked at meanwhile
        known = tables.describe(path, suffix)
        with _describing:
            while len(_described) >= _KEPT:
                _described.pop(next(iter(_described)))
            _described[key] = known
    return known


def _rank(cell: Any) -> tuple[bool, str, Any]:
    """Return what puts cells of any types in an order."""
    plain = cell if isinstance(cell, int | float | str) else str(cell)
    return cell is None, "number" if isinstance(plain, int | float) else type(cell).__name__, plain


def _kept_page(artifact: ArtifactHandle, args: Table) -> dict[str, Any]:
    kept = _kept_rows(artifact.meta)
    if kept is None:
        raise PackagingError(f"{artifact.key!r} is no table that can be read here: download it.")
    names, rows = kept
    columns = [tables.unknown(name, "") for name in names]
    if args.sort in names:
        place = names.index(args.sort)
        rows = sorted(rows, key=lambda row: _rank(row[place]), reverse=args.descending)
    shown = [[encode.plain(cell) for cell in row] for row in rows[args.offset : args.offset + args.limit]]
    whole = artifact.meta.get("rows")
    more = {"all": whole} if isinstance(whole, int) and whole > len(rows) else {}
    return {"columns": columns, "rows": shown, "total": len(rows), "offset": args.offset, **more}
