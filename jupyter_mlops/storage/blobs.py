"""Bytes that are named by their sha256: the same content is stored once, and what is there is whole.

A store is a folder, or a URL that fsspec knows. Standard library only; fsspec is imported for a URL.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from jupyter_mlops.errors import ArtifactNotFoundError, PackagingError, StorageError
from jupyter_mlops.storage.lock import BusyError, SharedLock
from jupyter_mlops.storage.places import Folder, place_of, reading, writing

_HASH = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
_PATIENCE = 60.0  # seconds to wait for somebody who removes bytes
LOCK = ".bytes"  # of who stores for the project, against who removes
SHARED = ".shared"  # in a store where others than the project around it have bytes


class Stored(NamedTuple):
    """The name of stored bytes, and their number."""

    hash: str
    size: int


class Blobs:
    """A content-addressed store, ``root/ab/abcdef…``. Any number of processes may write to it at once.

    Parameters
    ----------
    root
        A folder, made when first written to, or a URL like ``s3://bucket/churn``.
    cache
        Where the bytes of a remote store are kept on this machine; None for a temporary folder.
    """

    def __init__(self, root: str | os.PathLike[str], *, cache: Path | None = None) -> None:
        self.root = root
        self._cache = cache
        self._place = place_of(root)

    def put_bytes(self, data: bytes) -> Stored:
        """Store bytes."""
        name = hashlib.sha256(data).hexdigest()
        if not self._has(Stored(name, len(data))):
            with self.workshop() as folder:
                (folder / "bytes").write_bytes(data)
                self._place.put(folder / "bytes", name)
        return Stored(name, len(data))

    def put_file(self, path: str | os.PathLike[str], *, move: bool = False) -> Stored:
        """Store a file's bytes; with ``move`` the file itself may become the blob."""
        if move:
            return self._keep(Path(path), hash_file(path))
        with self.workshop() as folder:
            # hashed while it is copied: somebody may be writing to the original
            copy = folder / "bytes"
            return self._keep(copy, _copy(Path(path), copy))

    def _keep(self, file: Path, stored: Stored) -> Stored:
        if not self._has(stored):
            with writing(self.root):
                self._place.put(file, stored.hash)
        return stored

    def _has(self, stored: Stored) -> bool:
        """Whether bytes are there already, and stay."""
        if self._size(stored.hash) != stored.size:
            return False
        with writing(self.root):
            return self._place.touch(stored.hash)

    def _size(self, name: str) -> int | None:
        with reading(self.root):
            return self._place.size(_checked(name))

    def put_dir(self, path: str | os.PathLike[str], *, move: bool = False) -> Stored:
        """Store a directory: its files, and a manifest whose hash is returned with the size of all files."""
        files = {name: self.put_file(file, move=move) for name, file in _files(Path(path))}
        return Stored(self.put_bytes(_manifest(files)).hash, sum(stored.size for stored in files.values()))

    def has(self, name: str) -> bool:
        """Return whether these bytes are here."""
        return self._size(name) is not None

    def claim(self, name: str, *, folder: bool = False) -> bool:
        """Return whether these bytes, for a ``folder`` its files too, are here; they stay for who is about to refer to them."""
        with reading(self.root):
            if not self._place.touch(_checked(name)):
                return False
        return not folder or all(self.claim(stored.hash) for stored in self.files(name).values())

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Store bytes, and write down that somebody refers to them, before anybody may remove them as nobody's.

        A run needs no such block: what is stored while it lives stays until its end, see :mod:`jupyter_mlops.storage.leftovers`.
        """
        if self.home is None:
            yield
            return
        with suppress(OSError):  # a folder that can only be read
            self.home.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            try:
                stack.enter_context(SharedLock(self.home / LOCK).held(shared=True, timeout=_PATIENCE))
            except BusyError as busy:
                raise StorageError(f"{str(self.home)!r} has been tidied for {_PATIENCE:g} s{busy}: try again.") from None
            yield

    @property
    def home(self) -> Path | None:
        """The folder it lies in; None for a remote store."""
        return self._place.root if isinstance(self._place, Folder) else None

    def open(self, name: str) -> BinaryIO:
        """Open bytes to read.

        Raises
        ------
        ArtifactNotFoundError
            They aren't in this store.
        """
        try:
            with reading(self.root):
                return self._place.open(_checked(name))
        except FileNotFoundError:
            raise self._missing(name) from None

    def read(self, name: str) -> bytes:
        """Return bytes, and refuse them when they aren't what was stored."""
        with self.open(name) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != name:
            raise self._changed(name)
        return data

    def files(self, name: str) -> dict[str, Stored]:
        """Return the files of a stored directory by their relative POSIX path."""
        try:
            files = {path: Stored(*stored) for path, stored in json.loads(self.read(name))["files"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            raise PackagingError(f"{name[:12]}… in {str(self.root)!r} isn't a stored directory: load it as a file.") from None
        for path in files:
            parts = PurePosixPath(path).parts
            if not parts or PurePosixPath(path).is_absolute() or ".." in parts or "\\" in path or ":" in parts[0]:
                raise PackagingError(
                    f"{name[:12]}… in {str(self.root)!r} names a file outside its directory: {path!r}. Don't use it."
                )
        return files

    def path(self, name: str) -> Path:
        """Return a local file with these bytes. It belongs to the store: read it only."""
        if isinstance(self._place, Folder) and self.has(name):
            return self._place.path(name)
        return self.materialise(name, "bytes", self._local)

    def delete(self, name: str) -> None:
        """Remove bytes; nothing happens when they aren't there."""
        with writing(self.root):
            self._place.delete(_checked(name))

    def verify(self, name: str, *, folder: bool = False) -> None:
        """Raise PackagingError when bytes aren't what was stored; for a ``folder`` its files too."""
        with self.open(name) as file:
            if _hash(file).hash != name:
                raise self._changed(name)
        for stored in self.files(name).values() if folder else ():
            self.verify(stored.hash)

    def materialise(self, name: str, called: str, into: Path, *, folder: bool = False) -> Path:
        """Return a real file (with ``folder``, a directory) of that name below ``into``: a copy, made anew once changed."""
        home = into / _checked(name)[:2] / name
        target = home / _plain_name(called)
        files = self.files(name) if folder else {"": Stored(name, -1)}
        if not self._untouched(target, files):
            with writing(into):
                home.mkdir(parents=True, exist_ok=True)
                self._build(target, files)
        return target

    def _build(self, target: Path, files: dict[str, Stored]) -> None:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-", ignore_cleanup_errors=True) as temporary:
            draft = Path(temporary) / target.name
            if "" not in files:
                draft.mkdir()
            for path, stored in files.items():
                copy = draft / path if path else draft
                copy.parent.mkdir(parents=True, exist_ok=True)
                self._fetch(stored.hash, copy)
            try:
                os.replace(draft, target)
            except OSError:  # there is a directory: somebody else's of just now, or one that was changed
                if not self._untouched(target, files):
                    _swap(draft, target, Path(temporary) / "old")

    def _fetch(self, name: str, copy: Path) -> None:
        with self.open(name) as source, open(copy, "wb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
        if hash_file(copy).hash != name:
            raise self._changed(name)
        os.utime(copy, ns=(_UNTOUCHED, _UNTOUCHED))
        # the copy is shared by all who load this artifact
        copy.chmod(0o444)

    def _untouched(self, target: Path, files: dict[str, Stored]) -> bool:
        """Whether the copy is as it was made: anybody who writes to a file changes its time."""
        if not target.exists():
            return False
        try:
            there = {name: file.stat() for name, file in ([("", target)] if "" in files else _files(target))}
        except (OSError, PackagingError):
            return False
        return there.keys() == files.keys() and all(about.st_mtime_ns == _UNTOUCHED for about in there.values())

    @contextmanager
    def workshop(self) -> Iterator[Path]:
        """Give a temporary folder from which files can be moved into the store; an OSError in it becomes a StorageError."""
        with writing(self.root), tempfile.TemporaryDirectory(dir=self._place.workshop(), prefix=".new-") as folder:
            yield Path(folder)

    @cached_property
    def _local(self) -> Path:
        return self._cache or Path(tempfile.mkdtemp(prefix="jupyter-mlops-"))

    def _missing(self, name: str) -> ArtifactNotFoundError:
        return ArtifactNotFoundError(f"{name[:12]}… isn't in {str(self.root)!r}: it was deleted, or copy that folder here too.")

    def _changed(self, name: str) -> PackagingError:
        return PackagingError(
            f"{name[:12]}… in {str(self.root)!r} was changed after it was stored: restore it, or run its producer again."
        )


# A time that no edit leaves behind, and that every file system can hold (1980-01-02).
_UNTOUCHED = 315_619_200_000_000_000


def hash_file(path: str | os.PathLike[str]) -> Stored:
    """Return the name that a file's bytes would have in a store, and their number."""
    with open(path, "rb") as file:
        return _hash(file)


def hash_dir(path: str | os.PathLike[str]) -> Stored:
    """Return the name that a directory would have in a store, and the size of its files."""
    files = {name: hash_file(file) for name, file in _files(Path(path))}
    return Stored(hashlib.sha256(_manifest(files)).hexdigest(), sum(stored.size for stored in files.values()))


def _hash(file: BinaryIO, copy: Callable[[bytes], object] = len) -> Stored:
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        copy(chunk)
        size += len(chunk)
    return Stored(digest.hexdigest(), size)


def _copy(original: Path, copy: Path) -> Stored:
    try:
        source = open(original, "rb")
    except OSError as error:
        raise PackagingError(f"{str(original)!r} can't be read ({error.strerror}): give a file that you may read.") from error
    with source, open(copy, "wb") as target:
        return _hash(source, target.write)


def _manifest(files: dict[str, Stored]) -> bytes:
    return json.dumps({"files": files}, sort_keys=True, separators=(",", ":")).encode()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield relative POSIX path and path of every file; what a store couldn't give back is refused."""
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(at, name)
            try:
                regular = stat.S_ISREG(path.stat().st_mode)
            except OSError:
                regular = False
            if not regular:
                raise PackagingError(f"{str(path)!r} isn't a file that can be stored: remove it, or log the others one by one.")
            yield path.relative_to(folder).as_posix(), path
        for name in folders:
            if Path(at, name).is_symlink():
                raise PackagingError(
                    f"{str(Path(at, name))!r} links to another directory: copy that directory there, or log it on its own."
                )


def _swap(draft: Path, target: Path, aside: Path) -> None:
    with suppress(FileNotFoundError):  # somebody else has moved it away, for the same reason
        os.replace(target, aside)  # a directory can't be replaced in one step
    try:
        os.replace(draft, target)
    except OSError:
        if not target.is_dir():  # else somebody else made the same one just now
            raise


def _plain_name(called: str) -> str:
    name = Path(called).name
    return "data" if name in ("", "..") else name


def _checked(name: str) -> str:
    if not _HASH.fullmatch(name):
        raise ArtifactNotFoundError(f"{name!r} isn't the name of stored bytes: give 64 characters of 0-9 and a-f.")
    return name
