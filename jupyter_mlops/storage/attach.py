"""DuckDB's side of the catalog: connections in memory, a file attached to them, and what DuckDB's errors mean."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import duckdb

from jupyter_mlops.errors import CatalogError, MlopsError, SqlError, StorageError
from jupyter_mlops.storage.journal import new_id

DATABASE = "catalog"  # what an attached file is called; users never see it

_CORRUPT = re.compile(
    "not a valid DuckDB database|Corrupt database file|Could not read enough bytes|replaying WAL|does not match stored checksum"
)
_HELD = re.compile("Could not set lock|being used by another process")
_HOLDER = re.compile(r"held in (.*?) \(PID (\d+)\)")
_NEWER = re.compile(r"version number (\d+)")
_FULL = re.compile("No space left|Disk quota exceeded|File too large", re.IGNORECASE)
_REFUSED = re.compile("Permission denied|Read-only file system", re.IGNORECASE)


class HeldError(Exception):
    """Another program has the file open; the message says which."""


class MissingError(Exception):
    """There is no file."""


class OlderError(Exception):
    """The file lacks steps of the schema."""


class CorruptError(Exception):
    """The file isn't a database that DuckDB can read."""


def connect(**more: str | int) -> duckdb.DuckDBPyConnection:
    """Return a new database in memory that never looks for extensions on the network; ``more`` are settings of DuckDB."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        "temp_directory": _scratch(),
        **more,
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _scratch() -> str:
    """Return a folder that DuckDB makes when it needs one and removes; a new one, as a user's query may read what is in it."""
    return os.path.join(tempfile.gettempdir(), f"mlops-query-{new_id()}")


def attach(connection: duckdb.DuckDBPyConnection, file: Path, *, write: bool) -> None:
    """Attach a file and use it. The caller holds the catalog's lock.

    Raises
    ------
    HeldError
        Another program has it open.
    CorruptError
        It isn't a database.
    CatalogError
        It was written by a newer DuckDB.
    """
    path = str(file).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{path}' AS {DATABASE} ({'READ_WRITE' if write else 'READ_ONLY'})")
        connection.execute(f"USE {DATABASE}")
    except duckdb.Error as error:
        if _HELD.search(str(error)):
            holder = _HOLDER.search(str(error))
            raise HeldError(f"{holder[1]}, process {holder[2]}" if holder else "another program") from error
        if is_corrupt(error) or isinstance(error, (duckdb.SerializationException, duckdb.InternalException)):
            raise CorruptError(one_line(error)) from error
        if _NEWER.search(str(error)):
            raise CatalogError(
                f"{str(file)!r} was written by a newer DuckDB: upgrade the package duckdb (the file is untouched)."
            ) from error
        raise


def detach(connection: duckdb.DuckDBPyConnection) -> None:
    """Let go of the file; what wasn't committed never happened."""
    try:
        connection.execute("ROLLBACK")
    except duckdb.TransactionException:  # the usual case: there is nothing to roll back
        pass
    connection.execute("USE memory")
    connection.execute(f"DETACH {DATABASE}")


def write_ahead_log(file: Path) -> Path:
    """Return where DuckDB keeps what isn't in a file yet."""
    return file.with_name(file.name + ".wal")


def copy(file: Path, target: Path) -> None:
    """Copy a file and its log. The caller holds the catalog's lock."""
    for source, place in ((file, target), (write_ahead_log(file), write_ahead_log(target))):
        if source.exists():
            shutil.copyfile(source, place)


@contextmanager
def copied(file: Path, held: AbstractContextManager[None]) -> Iterator[Path]:
    """Give a private copy of a file, made while the lock is ``held``."""
    with tempfile.TemporaryDirectory(prefix="mlops-catalog-", ignore_cleanup_errors=True) as private:
        target = Path(private) / file.name
        with held:
            copy(file, target)
        yield target


def remove(folder: Path, pid: int) -> None:
    """Remove a private folder of process ``pid``: not in a forked child, which ends before its parent."""
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)


def is_writable(file: Path) -> bool:
    """Whether a file can be written, or made."""
    return os.access(file.parent, os.W_OK) and (os.access(file, os.W_OK) or not file.exists())


def move_aside(file: Path) -> Path | None:
    """Give a corrupt file another name, with its log, and return that; None if there is no file."""
    if not file.exists():
        return None
    aside = file.with_name(f"{file.name}.corrupt-{new_id()}")
    os.replace(file, aside)
    if (log := write_ahead_log(file)).exists():
        os.replace(log, write_ahead_log(aside))
    return aside


def is_corrupt(error: duckdb.Error) -> bool:
    """Whether DuckDB says that the bytes of its file are wrong."""
    return bool(_CORRUPT.search(str(error)))


def explained(error: duckdb.Error, file: Path) -> MlopsError:
    """Return the error of ours that says what DuckDB's one means."""
    words = one_line(error)
    if _FULL.search(words):
        return StorageError(
            f"{str(file)!r} can't be written, the disk is full: free some space; runs are recorded in their folders meanwhile."
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        what = words.partition(" Possible solutions")[0].partition(" Database is launched")[0].rstrip(".")
        return SqlError(f"this takes more memory than it may ({what}): ask for less at once.")
    if _REFUSED.search(words):
        return StorageError(f"{str(file)!r} can't be opened ({words}): give yourself permission, or use a copy of the project.")
    if isinstance(error, (duckdb.OperationalError, duckdb.InternalError)) or type(error) is duckdb.Error:
        return CatalogError(
            f"{str(file)!r} can't be used: {words} If it stays so, delete it: it is made anew from the runs' folders."
        )
    return SqlError(words)


def one_line(error: duckdb.Error) -> str:
    """Return DuckDB's own words without its picture of the query, ending in a full stop."""
    words = str(error).partition("\n\nLINE ")[0]
    words = re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", " ".join(words.split()))
    words = re.sub(r'Candidate bindings: ("[^"]+")(, .*)?$', r"Did you mean \1?", words)
    return words if words.endswith((".", "!", "?")) else f"{words}."
