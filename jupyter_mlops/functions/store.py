"""The Functions of a project: ``functions/NAME.ipynb`` is the current version, and every version ever is kept.

Versions are found from files alone: the project's journal names them, the blobs hold their bytes.
"""

from __future__ import annotations

import os
import re
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_mlops import config
from jupyter_mlops.errors import (
    ArtifactNotFoundError,
    FunctionNotFoundError,
    MlopsError,
    NotebookError,
    StorageError,
    did_you_mean,
)
from jupyter_mlops.events import Event
from jupyter_mlops.functions.changes import Change, compare
from jupyter_mlops.functions.ipynb import Node, dumps, parse_notebook, read_notebook
from jupyter_mlops.functions.packaged import VERSION_LENGTH, read_function, version_of
from jupyter_mlops.records import NAME, Function, check_name
from jupyter_mlops.storage import journal
from jupyter_mlops.storage.blobs import Blobs
from jupyter_mlops.storage.places import writing

_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a Function; ``created`` in seconds since the epoch, UTC, ``hash`` that of its notebook's bytes."""

    version: str
    hash: str
    created: float
    tags: tuple[str, ...] = ()
    description: str = ""


class Journals:
    """The project's journal as this module needs it: one more line in a file of its own, and the lines of all files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, journal.Lines] = {}

    @cached_property
    def _own(self) -> journal.Journal:
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        return journal.Journal(self.folder / f"{socket.gethostname()}-{os.getpid()}-{journal.new_id()}.jsonl")

    def note(self, event: str, **fields: Any) -> None:
        self._own.append(event, id=journal.new_id(), **fields)

    def events(self) -> list[Event]:
        """Return all events so far that are about Functions; only new bytes are read."""
        for path in sorted(self.folder.glob("*.jsonl")):
            known = self._read.get(path, journal.Lines([], 0))
            new = journal.read(path, known.offset)
            functions = [event for event in new.events if event["e"] == "function"]
            self._read[path] = journal.Lines(known.events + functions, new.offset)
        return [event for lines in self._read.values() for event in lines.events]


class FunctionStore:
    """Saves and finds Functions.

    Parameters
    ----------
    folder
        The project's.
    blobs
        Where versions' bytes are kept; by default the project's artifact store.
    note
        Appends an event to the project's journal: ``note("function", name=…, version=…, …)``. By default it goes to a file
        of this store's own in ``journal/``.
    events
        Gives the events of the project's journal, of all writers; by default they are read from ``journal/``.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        blobs: Blobs | None = None,
        note: Callable[..., Any] | None = None,
        events: Callable[[], Iterable[Event]] | None = None,
    ) -> None:
        self.project = Path(folder)
        self.folder = self.project / "functions"
        self._blobs = blobs
        self._journals = Journals(self.project / "journal")
        self.note = note or self._journals.note
        self.events = events or self._journals.events

    @cached_property
    def blobs(self) -> Blobs:
        return self._blobs or Blobs(config.load(self.project).store(self.project), cache=self.project / ".mlops" / "cache")

    def names(self) -> list[str]:
        """Return the names of the Functions that have a file, sorted."""
        found = self.folder.glob("*.ipynb") if self.folder.is_dir() else ()
        return sorted(path.stem for path in found if NAME.fullmatch(path.stem))

    def readable(self) -> list[Function]:
        """Return the current version of every Function, by name; those that can't be read are left out, with a warning."""
        found = []
        for name in self.names():
            try:
                found.append(self.get(name)[0])
            except MlopsError as problem:
                warnings.warn(f"Function {name!r} is left out: {problem}", UserWarning, stacklevel=3)
        return found

    def path(self, name: str) -> Path:
        """Return where a Function's current version lies."""
        return self.folder / f"{check_name(name, 'function')}.ipynb"

    def save(self, nb: Node, tag: str | None = None) -> tuple[Function, Change]:
        """Keep a Function's notebook as its current version, and say what that changes.

        Raises
        ------
        NameRuleError
            The name inside, or the tag, breaks its rule.
        StorageError
            The folder can't be written to.
        """
        function = read_function(nb)
        path = self.path(function.name)
        if tag is not None:
            check_name(tag, "tag", _TAG)
        change = compare(self._previous(function.name), nb, function.name)
        text = dumps(nb)
        _write(path, text)
        if change.changed or (tag is not None and tag not in self._tags_of(function.name, function.version)):
            self._record(function, text, tag)
        return function, change

    def get(self, reference: str) -> tuple[Function, Node]:
        """Return ``train``, ``train@<beginning of a version>`` or ``train:tag``.

        The current version's file may have been edited by hand; then it is recorded as a new version first.

        Raises
        ------
        FunctionNotFoundError, NameRuleError
        """
        name, separator, which = _split(reference)
        if not separator or (separator == ":" and which == "latest"):
            return self._current(name)
        if separator == "@" and len(which) == VERSION_LENGTH and self.path(name).is_file():
            nb = read_notebook(self.path(name))
            if version_of(nb) == which:  # the usual case, told without the journal
                return read_function(nb, name), nb
        nb = self._load(self._find(name, separator, which))
        return read_function(nb, name), nb

    def versions(self, name: str) -> list[Version]:
        """Return a Function's versions, oldest first; one that was returned to stands where it came last."""
        found: dict[str, Version] = {}
        tagged = self._tagged(name)
        for event in self._events_of(name):
            version = event["version"]
            found.pop(version, None)
            found[version] = Version(
                version=version,
                hash=event["hash"],
                created=event.get("t", 0.0),
                tags=tuple(sorted(tag for tag, target in tagged.items() if target == version)),
                description=event.get("description") or "",
            )
        return list(found.values())

    # --- the current version ---

    def _previous(self, name: str) -> Node | None:
        """Return the version before this one; an edit by hand is recorded first, as it's about to be overwritten."""
        try:
            if self.path(name).is_file():
                return self._current(name)[1]
        except NotebookError:  # broken: nothing to compare with, and no reason to keep a new one out
            return None
        latest = self._latest(name)
        try:
            return self._load(latest) if latest else None
        except (NotebookError, StorageError):  # lost
            return None

    def _current(self, name: str) -> tuple[Function, Node]:
        path = self.path(name)
        if not path.is_file():
            raise FunctionNotFoundError(self._not_found(name))
        nb = read_notebook(path)
        function = read_function(nb, name)
        latest = self._latest(name)
        if latest is None or latest.version != function.version:
            self._record(function, dumps(nb), None)
        return function, nb

    def _record(self, function: Function, text: str, tag: str | None) -> None:
        with self.blobs.keeping():
            self.note(
                "function",
                name=function.name,
                version=function.version,
                hash=self.blobs.put_bytes(text.encode("utf-8", "surrogatepass")).hash,
                tag=tag,
                description=function.description,
            )

    # --- earlier versions ---

    def _events_of(self, name: str) -> list[Event]:
        known = [event for event in self.events() if event.get("e") == "function" and event.get("name") == name]
        return sorted(known, key=lambda event: (event.get("id") or "", event.get("t", 0.0)))

    def _latest(self, name: str) -> Version | None:
        return next(reversed(self.versions(name)), None)

    def _tagged(self, name: str) -> dict[str, str]:
        """Return which version each tag names: the one that got it last."""
        return {event["tag"]: event["version"] for event in self._events_of(name) if event.get("tag")}

    def _tags_of(self, name: str, version: str) -> set[str]:
        return {tag for tag, target in self._tagged(name).items() if target == version}

    def _load(self, version: Version) -> Node:
        try:
            data = self.blobs.read(version.hash)
        except (OSError, ArtifactNotFoundError) as error:
            where = f"{version.hash[:2]}/{version.hash}"
            raise StorageError(f"Version {version.version!r} has lost its bytes: restore {where!r} in the store.") from error
        return parse_notebook(data, f"version {version.version!r}")

    def _find(self, name: str, separator: str, which: str) -> Version:
        self.path(name)
        known = self.versions(name)
        if not known and not self.path(name).is_file():
            raise FunctionNotFoundError(self._not_found(name))
        matching = [one for one in known if (one.version.startswith(which) if separator == "@" else which in one.tags)]
        if len(matching) == 1 and which:
            return matching[0]
        if len(matching) > 1 and which:
            listed = ", ".join(one.version for one in matching)
            raise FunctionNotFoundError(f"{name}@{which!s} fits {len(matching)} versions ({listed}): give more digits.")
        tags = sorted({tag for one in known for tag in one.tags})
        words = [one.version for one in known] if separator == "@" else tags
        kind = "versions" if separator == "@" else "tags"
        listed = ", ".join(words[-10:]) or "none"
        raise FunctionNotFoundError(f"{name!r} has no {kind[:-1]} {which!r}; its {kind}: {listed}.{did_you_mean(which, words)}")

    def _not_found(self, name: str) -> str:
        known = self.versions(name)
        if known:
            return f"functions/{name}.ipynb is gone: its last version is still there as '{name}@{known[-1].version}'."
        names = self.names()
        listed = f"it has {', '.join(names)}" if names else "it has none"
        return f"The project has no Function {name!r}; {listed}.{did_you_mean(name, names)} {_define(name)}."


def _define(name: str) -> str:
    return f"Define it with %%mlfunction {name} in a notebook, or with `jupyter mlops define {name} --file CELL.py`"


def _split(reference: str) -> tuple[str, str, str]:
    """Take ``train@abc`` and ``train:tag`` apart, and check the name before it goes anywhere near a path."""
    match = re.match(r"([^@:]*)(?:([@:])(.*))?$", reference, re.DOTALL) if isinstance(reference, str) else None
    name, separator, which = (match[1], match[2] or "", match[3] or "") if match else (reference, "", "")
    return check_name(name, "function"), separator, which.strip()


def _write(path: Path, text: str) -> None:
    """Replace a file as a whole; a reader sees the old or the new, also after a crash."""
    data = text.encode("utf-8", "surrogatepass")
    with writing(path.parent):
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(draft, 0o644)
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise


__all__ = ["Change", "FunctionStore", "Version"]
