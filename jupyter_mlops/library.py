"""A project's artifacts: kept, found by URI or key, tagged; and the handle a user holds."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_mlops.display import artifact_bundle, words
from jupyter_mlops.errors import ArtifactNotFoundError, NameRuleError, StorageError, did_you_mean
from jupyter_mlops.records import Artifact, Kind
from jupyter_mlops.storage import artifacts
from jupyter_mlops.storage.blobs import Blobs
from jupyter_mlops.storage.catalog import Catalog
from jupyter_mlops.storage.journal import Journal, new_id
from jupyter_mlops.storage.leftovers import Leftovers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_mlops.config import Config

TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,62}")
FIELDS = "uid, key, kind, hash, size, packager, type, epoch(created), run, name, labels, meta"


class Library:
    """What a project keeps beside its runs: the catalog, the artifacts' bytes and the project's own journal."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder = folder
        self.project = config.name
        self.cache = folder / ".mlops" / "cache"
        self.blobs = Blobs(config.store(folder), cache=self.cache)
        self.catalog = Catalog(folder, config.name)
        self.leftovers = Leftovers(folder, self.blobs, self.catalog)

    @cached_property
    def pen(self) -> Journal:
        """This process's own file in ``journal/``: one writer a file."""
        folder = self.folder / "journal"
        try:
            folder.mkdir(exist_ok=True)  # a clone of a repository doesn't have it, as it is ignored there
        except OSError as problem:
            raise StorageError(f"{str(folder)!r} can't be made ({problem.strerror}): check the project's folder.") from None
        return Journal(folder / f"{socket.gethostname()}-{os.getpid()}-{new_id()}.jsonl")

    def note(self, event: str, **fields: Any) -> None:
        """Append one event to the project's journal."""
        self.pen.append(event, id=new_id(), **fields)

    def delete_runs(self, folders: Iterable[Path]) -> None:
        """Take runs out of the catalog for good, and remove their folders, and the bytes that nothing else refers to."""
        for folder in folders:
            self._delete_run(folder)
        self.leftovers.collect()

    def _delete_run(self, folder: Path) -> None:
        self.leftovers.note(self.leftovers.of_run(folder.name))
        away = self.folder / ".mlops" / f"deleted-{folder.name}"
        try:
            self.note("delete", run=folder.name)
            away.parent.mkdir(exist_ok=True)
            folder.rename(away)  # at once and as a whole, whoever else reads or deletes it
        except FileNotFoundError:
            return  # somebody else was faster
        except OSError as problem:
            if problem.errno != errno.EXDEV:
                raise StorageError(f"{str(folder)!r} can't be removed ({problem.strerror}): remove it by hand.") from None
            away = folder  # `runs` lies on another disk: there it goes piece by piece
        shutil.rmtree(away, ignore_errors=True)

    def keep(self, value: Any, key: str, *, kind: str | None = None, **marks: Any) -> ArtifactHandle:
        """Save a value as an artifact of the project. The same bytes again, with nothing new said, are the same version."""
        with self.blobs.keeping():
            made = artifacts.log(value, key, blobs=self.blobs, kind=kind, **marks)
            if not any(marks.values()):
                alike = "key = ? AND hash = ? AND kind = ? AND packager = ?"
                if same := self._select(alike, key, made.hash, made.kind, made.packager):
                    return same[0]
            self.note("artifact", **asdict(made))
        return ArtifactHandle(made, self)

    def get(self, reference: str) -> ArtifactHandle:
        """Return the artifact behind a ``store://`` URI, a key, or ``key:tag``."""
        if "://" not in reference:
            key, _, tag = reference.partition(":")
            return self._tagged(key, tag or "latest", reference)
        uri = artifacts.parse_uri(reference)
        if uri.project != self.project:
            raise ArtifactNotFoundError(f"{reference!r} is of project {uri.project!r}, not {self.project!r}: open that project.")
        if uri.uid or uri.producer:
            column = "uid" if uri.uid else "run"
            found = self._select(f"{column} = ? AND key = ?", uri.uid or uri.producer, uri.key)
            if not found:
                raise ArtifactNotFoundError(f"{reference!r} isn't in project {self.project!r}.{self._known(uri.key)}")
        else:
            found = [self._tagged(uri.key, uri.tag or "latest", reference)]
        if uri.kind not in (None, found[0].record.kind):
            raise ArtifactNotFoundError(f"{reference!r} is a {found[0].record.kind}, no {uri.kind}: {found[0].uri}.")
        return found[0]

    def find(self, *, kind: str | None = None, key: str | None = None, tag: str | None = None) -> list[ArtifactHandle]:
        """Return the artifacts of a kind, key or tag, newest first."""
        wanted = {
            "kind = ?": kind and kind_of(kind),
            "key = ?": key,
            "uid IN (SELECT artifact FROM artifact_tags WHERE tag = ?)": tag,
        }
        wanted = {condition: value for condition, value in wanted.items() if value is not None}
        return self._select(" AND ".join(wanted) or "true", *wanted.values())

    def tag(self, artifact: Artifact, tag: str) -> None:
        """Let ``tag`` name this version of its key from now on."""
        if tag == "latest":
            raise NameRuleError("'latest' moves by itself and can't be set: choose another tag, like 'best'.")
        self.note("artifact_tag", artifact=artifact.uid, key=artifact.key, tag=check_tag(tag))

    def untag(self, artifact: Artifact, tag: str) -> None:
        """Let ``tag`` name no version of this key any more."""
        if tag == "latest":
            raise NameRuleError("'latest' is always the newest version and can't be taken away.")
        self.note("artifact_tag", artifact=None, key=artifact.key, tag=check_tag(tag))

    def delete_artifact(self, artifact: Artifact) -> None:
        """Take a version out of the catalog for good; its bytes go with it, unless something else refers to them."""
        self.leftovers.note({artifact.hash: bool(artifact.meta.get("directory"))})
        self.note("delete", artifact=artifact.uid)
        self.leftovers.collect()

    def by_uid(self, uid: str) -> ArtifactHandle:
        """Return one version by its uid."""
        found = self._select("uid = ?", uid)
        if not found:
            raise ArtifactNotFoundError(f"{uid!r} is no artifact of project {self.project!r}: it may have been deleted.")
        return found[0]

    def tags(self, uid: str) -> list[str]:
        return [tag for (tag,) in self.catalog.query("SELECT tag FROM artifact_tags WHERE artifact = ? ORDER BY tag", [uid])]

    def consumers(self, uid: str) -> list[str]:
        return [
            run for (run,) in self.catalog.query("SELECT DISTINCT run FROM run_inputs WHERE artifact = ? ORDER BY run", [uid])
        ]

    def _tagged(self, key: str, tag: str, shown: str) -> ArtifactHandle:
        found = self._select("uid IN (SELECT artifact FROM artifact_tags WHERE key = ? AND tag = ?)", key, tag)
        if not found:
            raise ArtifactNotFoundError(f"{shown!r} isn't in project {self.project!r}.{self._known(key)}")
        return found[0]

    def _known(self, key: str) -> str:
        keys = [known for (known,) in self.catalog.query("SELECT DISTINCT key FROM artifacts ORDER BY key")]
        if key not in keys:
            return did_you_mean(key, keys) or (f" It has {', '.join(keys[:10])}." if keys else " It has no artifacts yet.")
        tags = self.catalog.query("SELECT DISTINCT tag FROM artifact_tags WHERE key = ? ORDER BY tag", [key])
        return f" {key!r} has the tags {', '.join(tag for (tag,) in tags)}."

    def _select(self, condition: str, *values: Any) -> list[ArtifactHandle]:
        rows = self.catalog.query(
            f"SELECT {FIELDS} FROM artifacts WHERE {condition} ORDER BY created DESC, uid DESC", list(values)
        )
        return [ArtifactHandle(_artifact(row), self) for row in rows]


def _artifact(row: Sequence[Any]) -> Artifact:
    *plain, name, labels, meta = row
    keys = ("uid", "key", "kind", "hash", "size", "packager", "type", "created", "run")
    fields = dict(zip(keys, plain, strict=True))
    return Artifact(
        **fields, name=name or "", labels=dict(labels or {}), meta=json.loads(meta) if isinstance(meta, str) else meta or {}
    )


def check_tag(tag: str) -> str:
    """Return ``tag`` if it can stand in a URI."""
    if not TAG.fullmatch(tag):
        raise NameRuleError(
            f"{tag!r} can't be a tag: use letters, digits, '.', '_' and '-', at most 63, and begin with a letter or digit."
        )
    return tag


def kind_of(word: str) -> str:
    """Return the kind for ``model``, ``models`` or ``Kind.MODEL``."""
    kinds = [kind.value for kind in Kind]
    single = str(word).removesuffix("s")
    if single not in kinds:
        raise NameRuleError(f"{word!r} isn't a kind of artifact: use {', '.join(kinds)}.{did_you_mean(str(word), kinds)}")
    return single


@dataclass(frozen=True)
class ArtifactHandle:
    """One version of an artifact.

    ``load()`` gives back the value, ``path`` a real file or folder with its bytes, ``uri`` its name for ever.
    """

    record: Artifact
    library: Library

    @property
    def uid(self) -> str:
        return self.record.uid

    @property
    def key(self) -> str:
        return self.record.key

    @property
    def kind(self) -> Kind:
        return Kind(self.record.kind)

    @property
    def hash(self) -> str:
        """The sha256 of the bytes, in hexadecimal."""
        return self.record.hash

    @property
    def size(self) -> int:
        """Bytes."""
        return self.record.size

    @property
    def type(self) -> str:
        """The dotted Python type the value had."""
        return self.record.type

    @property
    def created(self) -> datetime:
        return datetime.fromtimestamp(self.record.created, UTC)

    @property
    def labels(self) -> Mapping[str, str]:
        return self.record.labels

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the packager knows: schema, rows, preview, statistics, framework, signature."""
        return self.record.meta

    @property
    def preview(self) -> Any:
        """The first rows of a table, or None."""
        return self.record.meta.get("preview")

    @property
    def uri(self) -> str:
        return artifacts.format_uri(self.record, self.library.project)

    @property
    def producer(self) -> str | None:
        """The id of the run that made it, or None."""
        return self.record.run

    @property
    def consumers(self) -> list[str]:
        """The ids of the runs that read it."""
        return self.library.consumers(self.uid)

    @property
    def tags(self) -> list[str]:
        return self.library.tags(self.uid)

    @property
    def path(self) -> Path:
        """A file or folder with the artifact's bytes, to read only."""
        return artifacts.local_path(self.record, self.library.blobs, self.library.cache)

    def load(self, hint: str | None = None) -> Any:
        """Return the value, of the type it had, or of the one a hint like ``pathlib.Path`` asks for."""
        return artifacts.load(self.record, self.library.blobs, self.library.cache, hint)

    def tag(self, name: str) -> ArtifactHandle:
        """Let a tag name this version from now on."""
        self.library.tag(self.record, name)
        return self

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return artifact_bundle(self.record, uri=self.uri, png=artifacts.picture(self.record, self.library.blobs))

    def __reduce__(self) -> NoReturn:
        raise TypeError("an artifact is no data: give it alone or in a list of artifacts, or give what it holds, .load()")

    def __repr__(self) -> str:
        return f"<{self.kind.value} {self.key} {self.type} {words.size(self.size)} {self.uri}>"
