"""Artifacts: a value is packed, its bytes stored under their hash, and what is known about it becomes a record.

``store://`` addresses are read and written here; which version one means, only the catalog knows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.errors import (
    ArtifactNotFoundError,
    LogError,
    MlopsError,
    PackagingError,
    StorageError,
    did_you_mean,
)
from jupyter_mlops.records import NAME, PROJECT_NAME, Artifact, Kind, Source, check_name
from jupyter_mlops.storage.blobs import Blobs, Stored
from jupyter_mlops.storage.files import load_path
from jupyter_mlops.storage.journal import new_id
from jupyter_mlops.storage.packagers import Packager, Packed, by_name, packager_for
from jupyter_mlops.storage.packagers.protocol import asked_for, dotted

__all__ = ["Uri", "check", "format_uri", "is_uri", "load", "load_path", "local_path", "log", "parse_uri", "picture"]

LATEST = "latest"
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,62}")


# ---- saving


def log(
    value: Any,
    key: str,
    *,
    blobs: Blobs,
    kind: str | None = None,
    tag: str | None = None,
    labels: Mapping[str, str] | None = None,
    run: str | None = None,
) -> Artifact:
    """Save a value, or the file or directory at a Path, and return the record of it; writing the event is the caller's.

    Parameters
    ----------
    kind
        What it is, by default what its packager says.
    tag
        A name for this version beside ``latest``, which moves by itself.
    run
        The id of the run that makes it.

    Raises
    ------
    NameRuleError, LogError
        The key, kind, tag or a label can't be.
    PackagingError
        The value can't be saved; names the key, the type and a way out.
    StorageError
        The store can't be written.
    """
    chosen, tag, known = check(key, kind, tag, labels)
    packager, packed, stored = _store(value, key, chosen, blobs)
    return Artifact(
        uid=new_id(),
        key=key,
        kind=str(chosen or packed.kind or packager.kind),
        hash=stored.hash,
        size=stored.size,
        packager=packager.name,
        type=dotted(type(value)),
        created=time.time(),
        run=run,
        name=packed.meta["name"],
        tag=tag,
        labels=known,
        meta=packed.meta,
    )


def check(
    key: str, kind: str | None, tag: str | None, labels: Mapping[str, str] | None
) -> tuple[Kind | None, str | None, dict[str, str]]:
    """Return what an artifact is called, as it is kept, or raise LogError or NameRuleError."""
    check_name(key, "artifact")
    return _kind(key, kind), _checked_tag(key, tag), _labels(key, labels)


def _store(value: Any, key: str, kind: Kind | None, blobs: Blobs) -> tuple[Packager, Packed, Stored]:
    try:
        packager = packager_for(value, kind)
        with blobs.workshop() as folder:
            packed = packager.pack(value, folder)
            # what was packed here may become the blob itself; a user's own file stays where it is
            many = packed.path.is_dir()
            put = blobs.put_dir if many else blobs.put_file
            stored = put(packed.path, move=packed.path.is_relative_to(folder))
            # a Source carries `meta` alone, and has to know these two as well
            facts = {**packed.meta, "name": _name(value, key, packed), **({"directory": True} if many else {})}
            return packager, replace(packed, meta=facts), stored
    except StorageError:
        raise
    except PackagingError as error:
        raise PackagingError(f"Artifact {key!r}: {error}") from error
    except Exception as error:  # a packager calls code of the value's library, which raises what it likes
        msg = f"Artifact {key!r}: a {dotted(type(value))} couldn't be saved ({error!r}): write it to a file and log its Path."
        raise PackagingError(msg) from error


def _name(value: Any, key: str, packed: Packed) -> str:
    return value.resolve().name if isinstance(value, Path) else key + packed.path.suffix


def _kind(key: str, kind: str | None) -> Kind | None:
    if kind is None:
        return None
    try:
        return Kind(kind)
    except ValueError:
        known = ", ".join(Kind)
        raise LogError(
            f"Artifact {key!r} can't be of kind {kind!r}: use {known}.{did_you_mean(str(kind), map(str, Kind))}"
        ) from None


def _checked_tag(key: str, tag: str | None) -> str | None:
    if tag is None or tag == LATEST:
        return None
    if not isinstance(tag, str) or not _TAG.fullmatch(tag):
        raise LogError(f"Artifact {key!r} can't have the tag {tag!r}: use letters, digits, '.', '_', '-', at most 63 characters.")
    return tag


def _labels(key: str, labels: Mapping[str, str] | None) -> dict[str, str]:
    found = dict(labels or {})
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise LogError(f"Artifact {key!r} can't have the label {name!r}: {value!r}: both must be str.")
    return found


# ---- loading


def load(what: Artifact | Source, blobs: Blobs, cache: Path, hint: str | None = None) -> Any:
    """Return the value behind an artifact, or behind the source of an input: of the type it had, or that the hint asks for.

    ``cache`` is where files and directories appear. Bytes that are unpickled are compared with their hash first.

    Raises
    ------
    ArtifactNotFoundError
        The bytes aren't in the store.
    PackagingError
        The bytes were changed, or can't be loaded here.
    InputError
        A path that can't be loaded.
    """
    hint = hint or getattr(what, "hint", None)
    if isinstance(what, Source) and what.value is not None:
        return values.decode(what.value[0])
    if isinstance(what, Source) and what.items is not None:
        return [load(item, blobs, cache) for item in what.items]
    if isinstance(what, Source) and (what.hash is None or what.packager is None):
        return load_path(what.uri, hint)
    packager = by_name(what.packager or "")
    try:
        return _load(what, packager, blobs, cache, hint)
    except MlopsError:
        raise
    except Exception as error:  # unpacking calls code of the value's library
        raise PackagingError(
            f"{_shown(what)} couldn't be loaded ({error!r}): look at its file with load(hint='pathlib.Path')."
        ) from error


def _load(what: Artifact | Source, packager: Packager, blobs: Blobs, cache: Path, hint: str | None) -> Any:
    name = what.hash or ""
    many = _is_directory(what)
    asked = asked_for(hint)
    if packager.name in ("file", "dir"):
        path = local_path(what, blobs, cache)
        return path if asked in ("", "pathlib.Path") else load_path(path, hint)
    if asked in ("pathlib.Path", "bytes") and not many and not (asked == "bytes" and packager.name == "bytes"):
        return local_path(what, blobs, cache) if asked == "pathlib.Path" else blobs.read(name)
    if what.meta.get("pickled"):
        blobs.verify(name, folder=many)
    path = local_path(what, blobs, cache) if many else blobs.path(name)
    return packager.unpack(path, what.meta, hint)


def local_path(what: Artifact | Source, blobs: Blobs, cache: Path) -> Path:
    """Return a file or directory with the artifact's bytes and its name, for programs that want a path. Read it only."""
    return blobs.materialise(what.hash or "", _file_name(what), cache, folder=_is_directory(what))


def picture(artifact: Artifact, blobs: Blobs) -> bytes | None:
    """Return the PNG that shows an artifact, if it has one."""
    name = artifact.meta.get("image") or (artifact.hash if artifact.name.lower().endswith(".png") else None)
    return blobs.read(name) if name and blobs.has(name) else None


def _is_directory(what: Artifact | Source) -> bool:
    return bool(what.meta.get("directory"))


def _file_name(what: Artifact | Source) -> str:
    return what.name if isinstance(what, Artifact) and what.name else str(what.meta.get("name") or "data")


def _shown(what: Artifact | Source) -> str:
    return f"Artifact {what.key!r}" if isinstance(what, Artifact) else repr(what.uri)


# ---- addresses

_GRAMMAR = re.compile(
    r"(?P<kind>[^/]*)/(?P<project>[^/]*)/(?P<key>[^#:@^]*)"
    r"(?:#(?P<iter>[^:@^]*))?(?::(?P<tag>[^@^]*))?(?:@(?P<producer>[^^]*))?(?:\^(?P<uid>.*))?"
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# MLRun's spellings; its `artifacts` are of any kind
_PLURALS: dict[str, str | None] = {f"{kind}s": str(kind) for kind in Kind} | {"artifacts": None, "artifact": None}


@dataclass(frozen=True, kw_only=True)
class Uri:
    """The parts of ``store://<kind>/<project>/<key>[#iter][:tag][@producer][^uid]``; ``kind`` None means any."""

    kind: str | None
    project: str
    key: str
    iter: int | None = None
    tag: str | None = None
    producer: str | None = None
    uid: str | None = None

    def __str__(self) -> str:
        parts = [f"store://{self.kind or 'artifacts'}/{self.project}/{self.key}"]
        marks = (("#", self.iter), (":", self.tag), ("@", self.producer), ("^", self.uid))
        return "".join([*parts, *(f"{mark}{part}" for mark, part in marks if part is not None)])


def is_uri(text: object) -> bool:
    """Return whether it is meant as the address of an artifact."""
    return isinstance(text, str) and text.startswith("store://")


def parse_uri(text: str) -> Uri:
    """Return the parts of an artifact's address.

    Raises
    ------
    ArtifactNotFoundError
        It isn't one; names the part that is wrong.
    """
    if not is_uri(text):
        raise ArtifactNotFoundError(f"{text!r} isn't an artifact's address: it begins with 'store://'.")
    found = _GRAMMAR.fullmatch(text.removeprefix("store://"))
    if found is None:
        raise ArtifactNotFoundError(
            f"{text!r} isn't an artifact's address: write store://<kind>/<project>/<key>[:tag][@run][^uid]."
        )
    parts = found.groupdict()
    return Uri(
        kind=_part_kind(text, parts["kind"]),
        project=_part(text, "project", parts["project"], PROJECT_NAME) or "",
        key=_part(text, "key", parts["key"], NAME) or "",
        iter=_part_iter(text, parts["iter"]),
        tag=_part(text, "tag", parts["tag"], _TAG),
        producer=_part(text, "producer", parts["producer"], _ID),
        uid=_part(text, "uid", parts["uid"], _ID),
    )


def _part(text: str, name: str, value: str | None, rule: re.Pattern[str]) -> str | None:
    if value is None or rule.fullmatch(value):
        return value
    raise ArtifactNotFoundError(f"{text!r}: the {name} {value!r} can't be; it has to fit {rule.pattern}.")


def _part_kind(text: str, value: str) -> str | None:
    if value in _PLURALS:
        return _PLURALS[value]
    if value in set(Kind):
        return value
    hint = did_you_mean(value, map(str, Kind))
    raise ArtifactNotFoundError(f"{text!r}: the kind {value!r} can't be; use {', '.join(Kind)} or artifacts.{hint}")


def _part_iter(text: str, value: str | None) -> int | None:
    if value is None:
        return None
    if not value.isascii() or not value.isdecimal():
        raise ArtifactNotFoundError(f"{text!r}: the iteration {value!r} can't be; it is a whole number.")
    return int(value)


def format_uri(artifact: Artifact, project: str) -> str:
    """Return the address of exactly this version."""
    return str(Uri(kind=artifact.kind, project=project, key=artifact.key, uid=artifact.uid))
