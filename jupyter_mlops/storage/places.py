"""Where blobs lie: a folder, or a store that fsspec knows. Both take a file under its name whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from jupyter_mlops.errors import StorageError


class Place(Protocol):
    """Where blobs lie: a folder or a remote store. ``put`` takes a local file that nobody else writes to."""

    def size(self, name: str) -> int | None: ...
    def put(self, file: Path, name: str) -> None: ...
    def open(self, name: str) -> BinaryIO: ...
    def touch(self, name: str) -> bool: ...
    def delete(self, name: str) -> None: ...
    def workshop(self) -> Path: ...


_REMEDIES = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some space in that quota",
    errno.EFBIG: "raise the limit for the size of files",
    errno.EROFS: "the file system is read-only; open the project where it can be written",
    errno.EACCES: "give yourself permission there",
    errno.EPERM: "give yourself permission there",
}


@contextmanager
def writing(where: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an OSError into a StorageError that names the folder and a way out."""
    try:
        yield
    except OSError as error:
        raise _storage_error(where, "written", error) from error


@contextmanager
def reading(where: str | os.PathLike[str]) -> Iterator[None]:
    """The same for reading; a FileNotFoundError stays one."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(*error.args) from error
    except OSError as error:
        raise _storage_error(where, "read", error) from error


def _storage_error(where: str | os.PathLike[str], verb: str, error: OSError) -> StorageError:
    remedy = _REMEDIES.get(error.errno or 0, "check that folder")
    why = error.strerror or str(error) or type(error).__name__
    return StorageError(f"{str(where)!r} can't be {verb} ({why}): {remedy}; nothing that was stored before is lost.")


def place_of(root: str | os.PathLike[str]) -> Place:
    """Return the place for a folder or URL."""
    url = os.fspath(root)
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Folder(Path(url))
    return Folder(Path(rest)) if scheme == "file" else Remote(url)


class Folder:
    """A folder on this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        return self.root / name[:2] / name

    def size(self, name: str) -> int | None:
        try:
            return self.path(name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def put(self, file: Path, name: str) -> None:
        target = self.path(name)
        target.parent.mkdir(exist_ok=True)
        with open(file, "rb+") as written:
            os.fsync(written.fileno())
        os.utime(file)  # a file that was made long ago is wanted from now on
        if os.name == "posix":  # elsewhere a read-only file can't be removed
            file.chmod(file.stat().st_mode & 0o444)
        os.replace(file, target)

    def touch(self, name: str) -> bool:
        """Note that bytes are wanted from now on; return whether they are here."""
        path = self.path(name)
        try:
            os.utime(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # somebody else's file, whose time only they can change
            return self._renew(path)
        return True

    def _renew(self, path: Path) -> bool:
        draft = path.with_name(f".new-{os.urandom(6).hex()}")
        try:
            shutil.copyfile(path, draft)
            shutil.copymode(path, draft)
            os.replace(draft, path)
        except OSError:  # gone, or a folder in which we can't write
            draft.unlink(missing_ok=True)
            return path.exists()
        return True

    def retire(self, name: str, before: float) -> bool:
        """Remove bytes that nobody has wanted since ``before``, in seconds since the epoch; return whether they are gone.

        They are moved away and looked at again there. Who touched them before that is seen; who comes later finds nothing to
        touch, and stores them again.
        """
        path, aside = self.path(name), self._aside / name
        try:
            if path.stat().st_mtime >= before:
                return False
            self._aside.mkdir(exist_ok=True)
            os.rename(path, aside)
        except FileNotFoundError:
            return True
        if aside.stat().st_mtime >= before:
            os.rename(aside, path)
            return False
        aside.unlink()
        return True

    def restore(self) -> None:
        """Put back what was moved away by somebody who didn't live to look at it."""
        for path in self._aside.iterdir() if self._aside.is_dir() else ():
            os.rename(path, self.path(path.name))

    @property
    def _aside(self) -> Path:
        return self.root / ".retired"

    def open(self, name: str) -> BinaryIO:
        return open(self.path(name), "rb")

    def delete(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)

    def workshop(self) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        return self.root


# Where an upload appears whole or not at all; elsewhere it is renamed into place.
_ATOMIC = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "memory"}


class Remote:
    """A store behind a URL; fsspec is imported when it is first used."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def _there(self) -> tuple[Any, str]:
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise StorageError(f"{self.url!r} can't be opened here: install fsspec in the run's environment.") from error
        try:
            system, root = url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            raise StorageError(f"{self.url!r} can't be opened: {error}.") from error
        return system, root.rstrip("/")

    def _at(self, name: str) -> str:
        return f"{self._there[1]}/{name[:2]}/{name}"

    def size(self, name: str) -> int | None:
        system, _ = self._there
        try:
            return int(system.info(self._at(name))["size"])
        except FileNotFoundError:
            return None

    def put(self, file: Path, name: str) -> None:
        system, target = self._there[0], self._at(name)
        protocols = {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)
        system.makedirs(target.rpartition("/")[0], exist_ok=True)
        if protocols & _ATOMIC:
            system.put_file(str(file), target)
            return
        draft = f"{target}.{os.urandom(6).hex()}.new"
        system.put_file(str(file), draft)
        system.mv(draft, target)

    def open(self, name: str) -> BinaryIO:
        opened: BinaryIO = self._there[0].open(self._at(name), "rb")
        return opened

    def touch(self, name: str) -> bool:
        return self.size(name) is not None  # nothing is ever retired here: other projects may have it, too

    def delete(self, name: str) -> None:
        if self.size(name) is not None:
            self._there[0].rm_file(self._at(name))

    def workshop(self) -> Path:
        return Path(tempfile.gettempdir())
