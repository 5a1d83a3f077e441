"""The catalog: a project's DuckDB file, an index of its folders that any process brings up to date and queries.

Nobody keeps the file open: attach, work, detach, under a lock that every opener takes. The folders are the truth, so a
catalog that is missing or corrupt is made anew, and one that can't be written is worked on in a copy.
"""

from __future__ import annotations

import ctypes
import os
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet, finalize

import duckdb

from jupyter_mlops.errors import CatalogError, StorageError
from jupyter_mlops.storage import fold, schema
from jupyter_mlops.storage.attach import (
    DATABASE,
    CorruptError,
    HeldError,
    MissingError,
    OlderError,
    attach,
    connect,
    copied,
    copy,
    detach,
    explained,
    is_corrupt,
    is_writable,
    move_aside,
    one_line,
    remove,
    write_ahead_log,
)
from jupyter_mlops.storage.journal import new_id
from jupyter_mlops.storage.lock import BusyError, SharedLock, Waiting
from jupyter_mlops.storage.sql import BOUNDS, COURTESY, SlowError, ask, check, interruptibly, rows, select_runs

if TYPE_CHECKING:
    import pandas as pd


T = TypeVar("T")


class CatalogWarning(UserWarning):
    """The catalog was corrupt and has been made anew."""


class Catalog:
    """The catalog of the project in ``folder``. Safe to share between threads; a forked child makes its own connection.

    Parameters
    ----------
    folder, name
        The project's; the file is ``NAME.duckdb``.
    patience
        Seconds to wait for another process that has the file open.
    place
        Where the file is that another process folds and works on; None to do both here.
    """

    def __init__(self, folder: str | os.PathLike[str], name: str, *, patience: float = 10.0, place: Path | None = None) -> None:
        self.folder = Path(folder).absolute()
        self.file = self.folder / f"{name}.duckdb"
        self.patience = patience
        self._given = place
        self._reset()
        _catalogs.add(self)

    def _reset(self) -> None:
        self._turn = threading.RLock()
        self._open: duckdb.DuckDBPyConnection | None = None  # while queries are done together
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._waiting = Waiting()
        self._settle(self._given or self.file)

    def _settle(self, place: Path) -> None:
        """Work on the file at ``place`` from now on: the catalog, or a copy of one that can't be written."""
        self.place = place  # the file that is worked on
        self._lock = SharedLock(place)
        self._watch = fold.Watch.over(self.folder)
        self._known: tuple[int, int] | None = None

    # --- what one does with it ---

    def fold(self) -> None:
        """Bring the catalog up to date with the folders; next to free when nothing is new.

        Raises
        ------
        CatalogError
            Another program holds the file, or it is of a newer schema.
        StorageError
            It can't be written: a full disk.
        """
        with self._turn, self._explaining():
            while self._open is None and self._given is None and self._mending(self._fold):
                pass

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query, after folding. For our own use: a user's query goes to ``sql``.

        Raises
        ------
        SqlError
            DuckDB refuses the query.
        """

        def work() -> list[tuple[Any, ...]]:
            assert self._open is not None
            return self._open.execute(sql, list(params)).fetchall()

        return self.together(work)

    def together(self, work: Callable[[], T]) -> T:
        """Let all queries in ``work`` see one state of the catalog, which is folded and opened once for them."""

        def opened() -> T:
            with self._attached(write=False) as self._open:
                try:
                    return work()
                finally:
                    self._open = None

        with self._turn:
            if self._open is not None:
                return work()
            self.fold()
            with self._explaining():
                return self._mending(opened)

    def sql(self, sql: str) -> pd.DataFrame:
        """Return what a user's query finds, after folding: one statement that reads, without access to any file.

        In ``runs`` every key of a result or parameter is a column, too. Times are UTC.

        Raises
        ------
        SqlError
            DuckDB refuses the query; in its own words.
        """
        return self._apart(sql, lambda own: ask(own, sql).df())

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return what a user's query finds as rows by column; as :meth:`sql`, but without loading pandas."""
        return self._apart(sql, lambda own: rows(ask(own, sql)))

    def select_runs(
        self, condition: str, also: Sequence[str], given: Sequence[Any], *, order: str, limit: int, offset: int
    ) -> tuple[int, list[str]]:
        """Return how many runs fit a user's condition and those of ours in ``also``, and the ids of one page of them.

        The condition sees what :meth:`sql` sees; ours, and the order, see the columns of ``r``.

        Raises
        ------
        SqlError
            DuckDB refuses the condition, or it isn't one.
        """
        whole = f"SELECT 1 FROM runs r WHERE ({condition}\n)"
        page = partial(select_runs, condition=condition, also=also, given=given, order=order, limit=limit, offset=offset)
        return self._apart(whole, page)

    def _apart(self, sql: str, read: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Check a user's query and read on a connection of its own, after folding.

        Of its own, as it is locked up for good, and so that other threads needn't wait for a long query. What takes longer than
        is good for who wants to write is done again in a copy of the file.
        """
        bounds = BOUNDS if self._given else {}

        def work() -> T:
            with closing(connect(**bounds)) as own:
                check(own, sql)
                self.fold()
                with suppress(SlowError), self._attached(write=False, own=own):
                    return interruptibly(own, read, COURTESY)
            with closing(connect(**bounds)) as own:
                with copied(self.place, self._lock.held(shared=True, timeout=self.patience)) as private:
                    attach(own, private, write=False)  # from here on it is open, and needs no name any more
                return interruptibly(own, read, None)

        with self._explaining():
            return self._mending(work)

    def rebuild(self) -> None:
        """Make the catalog anew from the folders alone.

        Raises
        ------
        CatalogError
            What is there is of a newer schema, or another database.
        """
        with self._turn, self._explaining():
            if self.place != self.file or not is_writable(self.place):
                where = str(self.folder)
                raise StorageError(f"{where!r} is read-only, so its catalog can't be made anew: use a copy of the project.")
            with self._lock.held(shared=False, timeout=self.patience):
                schema.spare(self.place)
                self._build()

    @property
    def problems(self) -> list[str]:
        """What isn't in the catalog and why: folders in ``runs/`` that can't be read as a run."""
        return self._watch.problems

    @property
    def left_out(self) -> list[str]:
        """The runs that aren't in the catalog."""
        return self._watch.left_out

    # --- folding ---

    def _fold(self) -> bool:
        """Fold one bite; return whether there may be more."""
        if self._watch.is_due or self._identity() != self._known:
            with self._attached(write=False) as connection:
                self._watch.sync(connection)
        if not any(self._watch.look()):
            return False
        with self._attached(write=True) as connection:
            return fold.step(connection, self._watch)

    def _build(self) -> None:
        """Make the file anew beside the old one and put it in its place. The caller holds the lock alone."""
        for left in self.place.parent.glob(f"{self.place.name}.new-*"):
            left.unlink()
        new = self.place.with_name(f"{self.place.name}.new-{new_id()}")
        watch = fold.Watch.over(self.folder)
        connection = self._connected()
        attach(connection, new, write=True)
        try:
            schema.upgrade(connection, DATABASE)
            watch.sync(connection)
            while fold.step(connection, watch):
                pass
        finally:
            self._detach()
        write_ahead_log(self.place).unlink(missing_ok=True)
        os.replace(new, self.place)
        self._watch, self._known = watch, self._identity()

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self.place.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    # --- opening ---

    @contextmanager
    def _attached(self, *, write: bool, own: duckdb.DuckDBPyConnection | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Attach the file for the length of a block, making it or what it lacks first; to ``own`` instead of our connection."""
        if write and not is_writable(self.place):
            self._work_on_a_copy()
        deadline = self._waiting.until(self.patience)
        with ExitStack() as stack:
            while True:
                seen = self._identity()
                try:
                    connection = self._enter(stack, write, deadline, own)
                    self._waiting.paid_off()
                    break
                except HeldError as holder:
                    if time.monotonic() > deadline:
                        raise self._given_up(f" by {holder}") from None
                    time.sleep(0.05)
                except MissingError:
                    self._make(seen)
                except OlderError:
                    with self._attached(write=True):
                        pass
                except CorruptError as error:
                    self._make(seen, why=str(error))
            yield connection

    def _enter(
        self, stack: ExitStack, write: bool, deadline: float, own: duckdb.DuckDBPyConnection | None
    ) -> duckdb.DuckDBPyConnection:
        with ExitStack() as inner:
            inner.enter_context(self._lock.held(shared=not write, timeout=max(0.0, deadline - time.monotonic())))
            if not self.place.exists():
                raise MissingError
            connection = own or self._connected()
            attach(connection, self.place, write=write)
            if own is None:
                inner.callback(self._detach)
            if schema.check(schema.found(connection, DATABASE), self.file):
                if not write:
                    raise OlderError
                schema.upgrade(connection, DATABASE)
            if own is None and self._identity() != self._known:  # it was made anew by another process
                self._watch = fold.Watch.over(self.folder)
                self._watch.sync(connection)
                self._known = self._identity()
            stack.push(inner.pop_all())
        return connection

    def _connected(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = connect()
        return self._connection

    def _detach(self) -> None:
        connection = self._connected()
        try:
            detach(connection)
        except duckdb.Error:
            # after a fatal error DuckDB refuses everything until the connection is gone, and with it its hold on the file
            self._connection = None
            connection.close()
            raise

    # --- mending ---

    def _mending(self, work: Callable[[], T]) -> T:
        """Do some work; if DuckDB meets corrupt bytes on the way, make the file anew and do it again."""
        seen = self._identity()
        try:
            return work()
        except duckdb.Error as error:
            if not is_corrupt(error):
                raise
            self._make(seen, why=one_line(error))
            return work()

    def _make(self, seen: tuple[int, int] | None, why: str = "") -> None:
        """Make a file that is missing or corrupt, unless another process did so since it was ``seen``."""
        if not is_writable(self.place):
            self._work_on_a_copy(empty=True)
            seen = None
        with self._turn, self._lock.held(shared=False, timeout=self.patience):
            if self._identity() != seen:
                return
            aside = move_aside(self.place) if why else None
            self._build()
        if aside:
            warnings.warn(
                f"{str(self.file)!r} was corrupt ({why}) and has been made anew; the old one is {aside.name!r}.",
                CatalogWarning,
                2,
            )

    def _work_on_a_copy(self, *, empty: bool = False) -> None:
        """Go on with a private copy of the catalog, as the project can only be read."""
        private = Path(tempfile.mkdtemp(prefix="mlops-catalog-"))
        finalize(self, remove, private, os.getpid())
        target = private / self.file.name
        if not empty and self.file.exists():
            with self._lock.held(shared=True, timeout=self.patience):
                copy(self.file, target)
        self._settle(target)

    # --- errors ---

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            raise explained(error, self.file) from error
        except BusyError as busy:
            raise self._given_up(str(busy)) from None
        except OSError as error:
            why = f"can't be opened or written ({error.strerror or error}): check the folder and its free space."
            raise StorageError(f"{str(self.file)!r} {why}") from error

    def _given_up(self, by: str) -> CatalogError:
        self._waiting.was_in_vain()
        return CatalogError(
            f"{str(self.file)!r} has been held for {self.patience:g} s{by}: close it there and try again. "
            "Runs go on and are recorded in their folders meanwhile."
        )


_catalogs: WeakSet[Catalog] = WeakSet()
_keep_for_ever = ctypes.pythonapi.Py_IncRef


def _after_fork() -> None:
    for catalog in list(_catalogs):
        # DuckDB's threads don't exist in the child, and its end waits for them: so that there is no end, not even at exit
        _keep_for_ever(ctypes.py_object(catalog._connection))
        catalog._reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
