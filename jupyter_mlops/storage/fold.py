"""Folding: what journals say since the last time becomes rows, in one transaction with how far each was read.

Every event counts once, whoever folds and whenever: under the catalog's lock the offsets in the catalog decide what is new,
never what this process remembers. Its memory (:class:`Watch`) only saves looking.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.errors import CatalogError
from jupyter_mlops.events import Event
from jupyter_mlops.records import Spec
from jupyter_mlops.storage import journal
from jupyter_mlops.storage.bulk import Types, column_types, insert, insert_metrics
from jupyter_mlops.storage.shelf import Grown, Shelf
from jupyter_mlops.storage.tally import OF_A_RUN, Row, Tally, artifact, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SPEC = "run.json"
BITE = 16 << 20  # about how many bytes of journals are folded in one transaction
SWEEP = 60.0  # seconds after which files that were thought still are looked at, too


@dataclass
class Watch:
    """What one process has seen of a project's folders and knows to be in the catalog."""

    runs: Shelf
    journals: Shelf
    synced: float | None = None
    deleted: set[str] = field(default_factory=set)
    tallies: dict[str, tuple[int, Tally]] = field(default_factory=dict)
    rejected: dict[str, tuple[object, str]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    types: Types = field(default_factory=dict)

    @classmethod
    def over(cls, folder: Path) -> Watch:
        return cls(Shelf(folder / "runs", journal.EVENTS), Shelf(folder / "journal"))

    @property
    def is_due(self) -> bool:
        """Whether it is time to compare notes with the catalog, and to look at every file."""
        return self.synced is None or time.monotonic() - self.synced > SWEEP

    def sync(self, connection: DuckDBPyConnection) -> None:
        """Learn from the catalog how far everything was read."""
        rows = connection.execute("SELECT path, size, finished FROM _files").fetchall()
        for shelf, room in ((self.runs, "runs/"), (self.journals, "journal/")):
            mine = [(path.removeprefix(room), size, finished) for path, size, finished in rows if path.startswith(room)]
            shelf.load({name: size for name, size, _ in mine}, {name for name, _, finished in mine if finished})
        self.deleted = _deleted(connection)
        self.rejected.clear()
        self.synced = time.monotonic()

    def look(self) -> tuple[Grown, Grown]:
        """Return what is new among runs, and among the project's journals."""
        runs = self.runs.look(ignored=self.deleted)
        for name, (stamp, _) in list(self.rejected.items()):
            if name not in runs.sizes:  # gone by now
                del self.rejected[name]
            elif _stamp(self.runs.root / name / SPEC) == stamp:
                del runs.sizes[name]
        return runs, self.journals.look()

    def forget(self) -> None:
        """Trust memory no more: a transaction came to nothing."""
        self.synced = None
        self.tallies.clear()

    def spec(self, name: str) -> Spec | None:
        """Return what a run was asked to do, or None after noting why that can't be read."""
        path = self.runs.root / name / SPEC
        try:
            spec = msgspec.convert(json.loads(path.read_bytes()), Spec)
            problem = "" if spec.id == name else f"its {SPEC} is of run {spec.id!r}: a run's folder bears its id"
        except (OSError, ValueError, RecursionError) as error:
            spec, problem = None, f"its {SPEC} can't be read ({getattr(error, 'strerror', None) or error})"
        if problem:
            self.reject(name, problem)
            return None
        self.rejected.pop(name, None)
        return spec

    def reject(self, name: str, problem: str) -> None:
        """Leave a run out, until its spec changes or the next sync."""
        self.rejected[name] = (_stamp(self.runs.root / name / SPEC), f"runs/{name} isn't in the catalog: {problem}.")

    @property
    def left_out(self) -> list[str]:
        """The runs that were left out.

        Raises
        ------
        CatalogError
            A journal of the project can't be read, so that nobody knows all that was left out.
        """
        if self.unread:
            raise CatalogError(" ".join(self.unread.values()))
        return sorted(self.rejected)

    @property
    def problems(self) -> list[str]:
        """What was left out, and why."""
        return [*(message for _, message in self.rejected.values()), *self.unread.values()]


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def step(connection: DuckDBPyConnection, watch: Watch) -> bool:
    """Fold about ``BITE`` bytes of what is new into the catalog in use; return whether there may be more."""
    watch.types = watch.types or column_types(connection, (*OF_A_RUN, "_files", "_changes", "_functions"))
    runs, journals = watch.look()
    if not runs and not journals:
        return False
    try:
        connection.execute("BEGIN")
        watch.deleted = _deleted(connection)
        more = bool(journals) and _fold_journals(connection, watch, journals)
        bite = _Bite(connection, watch)
        bite.drop(runs.gone | _offsets(connection, "runs/", watch.deleted).keys())  # somebody else may have put them in
        more |= bite.take({name: size for name, size in runs.sizes.items() if name not in watch.deleted})
        bite.write()
        connection.execute("COMMIT")
    except BaseException:
        watch.forget()
        raise
    bite.remember()
    return more


# --- runs --------------------------------------------------------------------------------------------------------------


class _Bite:
    """What one transaction takes in of the runs."""

    def __init__(self, connection: DuckDBPyConnection, watch: Watch) -> None:
        self.connection = connection
        self.watch = watch
        self.dropped: set[str] = set()
        self.metrics: dict[str, str] = {}
        self.tallies: dict[str, Tally] = {}
        self.touched: dict[str, Collection[str]] = {}
        self.offsets: dict[str, int] = {}
        self.seen: dict[str, int] = {}

    def drop(self, names: Iterable[str]) -> None:
        """Take runs out whose folder is gone, or that were deleted."""
        self.dropped |= set(names)

    def take(self, sizes: Mapping[str, int]) -> bool:
        """Read what is new of some runs, oldest first; return whether some is left for the next time."""
        known = _offsets(self.connection, "runs/", sizes)
        left = BITE
        for name in sorted(sizes):
            if left <= 0:
                return True
            taken = self._take_one(name, known.get(name), sizes[name])
            left -= taken
        return left <= 0

    def _take_one(self, name: str, offset: int | None, size: int) -> int:
        try:
            tally = self._tally(name, offset)
            data, reached = journal.read_bytes(self.watch.runs.path(name), offset or 0, BITE)
        except OSError as error:
            self.watch.reject(name, f"its {journal.EVENTS} can't be read ({error.strerror})")
            tally = None
        if tally is None:
            self.drop([name] if offset is not None else [])
            return 0
        touched, self.metrics[name] = tally.add(data)
        self.tallies[name] = tally
        self.touched[name] = OF_A_RUN if offset is None else touched
        self.offsets[name] = reached
        taken = len(data)
        # a file that ends in half a line is as read as can be: it is looked at again when its size changes
        self.seen[name] = reached if taken >= BITE else size
        return taken + 1000  # a run costs something even without events

    def _tally(self, name: str, offset: int | None) -> Tally | None:
        """Return the run's events up to ``offset``, added up: from memory if that is what it holds, else from the file."""
        at, tally = self.watch.tallies.pop(name, (None, None))
        if tally is not None and at == offset:
            return tally
        spec = self.watch.spec(name)
        if spec is None:
            return None
        tally = Tally(spec)
        if offset:
            with open(self.watch.runs.path(name), "rb") as file:
                tally.add(file.read(offset))
        return tally

    def write(self) -> None:
        old = [name for name, touched in self.touched.items() if touched is not OF_A_RUN]
        for table in OF_A_RUN:
            changed = [name for name in old if table in self.touched[name]]
            _delete_runs(self.connection, table, [*changed, *self.dropped])
            insert(self.connection, self.watch.types, table, self._rows(table))
        _delete_runs(self.connection, "metrics", self.dropped)
        insert_metrics(self.connection, self.metrics)
        if any("artifacts" in touched for touched in self.touched.values()):
            _delete_artifacts(self.connection)
        files = [
            {"path": f"runs/{name}", "size": self.offsets[name], "finished": tally.story.state.finished}
            for name, tally in self.tallies.items()
        ]
        _keep_files(self.connection, self.watch.types, files, gone=[f"runs/{name}" for name in self.dropped])

    def _rows(self, table: str) -> list[Row]:
        return [row for name, tally in self.tallies.items() if table in self.touched[name] for row in tally.rows(table)]

    def remember(self) -> None:
        """Note in the watch what is now in the catalog."""
        watch = self.watch
        watch.runs.forget(self.dropped)
        for name, tally in self.tallies.items():
            watch.runs.sizes[name] = self.seen[name]
            if tally.story.state.finished:
                watch.runs.finished.add(name)
            else:  # an ended run hardly ever changes again, so its events needn't stay in memory
                watch.tallies[name] = (self.offsets[name], tally)


# --- the project's journals --------------------------------------------------------------------------------------------

_CHANGES = ("artifact_tag", "tag", "delete")


def _fold_journals(connection: DuckDBPyConnection, watch: Watch, grown: Grown) -> bool:
    """Take in what changed later; return whether runs must be looked at again."""
    sizes = dict(grown.sizes)
    if grown.gone:  # what a journal said can't be told from what others said as well, so all are read again
        for rows in ("_changes", "_functions", "artifacts WHERE run IS NULL", "_files WHERE path LIKE 'journal/%'"):
            connection.execute(f"DELETE FROM {rows}")
        watch.journals.load({}, set())
        sizes = watch.journals.look().sizes
    known = _offsets(connection, "journal/", sizes)
    found: dict[str, Event] = {}
    files = []
    for name in sorted(sizes):
        try:
            lines = journal.read(watch.journals.path(name), known.get(name, 0))
        except OSError as error:
            watch.unread[name] = f"journal/{name} can't be read ({error.strerror})."
            continue
        watch.unread.pop(name, None)
        found |= {event["id"]: event for event in lines.events if isinstance(event.get("id"), str)}
        files.append({"path": f"journal/{name}", "size": lines.offset, "finished": False})
    _insert_changes(connection, watch, found)
    _keep_files(connection, watch.types, files)
    _delete_artifacts(connection)
    watch.journals.sizes.update(sizes)
    watch.deleted = _deleted(connection)
    return bool(grown.gone)


def _insert_changes(connection: DuckDBPyConnection, watch: Watch, found: dict[str, Event]) -> None:
    for table in ("_changes", "_functions"):  # a journal that was copied under another name says nothing twice
        query = f"SELECT id FROM {table} WHERE id IN (SELECT unnest($1::VARCHAR[]))"
        for (known,) in connection.execute(query, [[text(key) for key in found]]).fetchall():
            found.pop(known, None)
    events = list(found.values())
    changes = [_change(event) for event in events if event["e"] in _CHANGES]
    insert(connection, watch.types, "_changes", changes)
    insert(connection, watch.types, "_functions", [_function(event) for event in events if event["e"] == "function"])
    made = {row["uid"]: row for event in events if event["e"] == "artifact" and (row := artifact(event, None))}
    query = "SELECT uid FROM artifacts WHERE uid IN (SELECT unnest($1::VARCHAR[]))"
    there = {uid for (uid,) in connection.execute(query, [list(made)]).fetchall()} if made else set()
    insert(connection, watch.types, "artifacts", [row for uid, row in made.items() if uid not in there])


def _change(event: Event) -> Row:
    fields = ("id", "run", "artifact", "key", "tag", "value")
    return {"kind": event["e"], "time": event["t"], **{name: text(event.get(name)) for name in fields}}


def _function(event: Event) -> Row:
    fields = ("id", "name", "version", "hash", "tag", "description")
    return {"time": event["t"], **{name: text(event.get(name)) for name in fields}}


# --- DuckDB ------------------------------------------------------------------------------------------------------------


def _offsets(connection: DuckDBPyConnection, room: str, names: Iterable[str]) -> dict[str, int]:
    """Return how far the files were read, without those that never were."""
    query = "SELECT path, size FROM _files WHERE path IN (SELECT unnest($1::VARCHAR[]))"
    rows = connection.execute(query, [[room + name for name in names]]).fetchall()
    return {path.removeprefix(room): size for path, size in rows}


def _keep_files(connection: DuckDBPyConnection, types: Types, files: list[Row], gone: Iterable[str] = ()) -> None:
    paths = [*(row["path"] for row in files), *gone]
    if paths:
        connection.execute("DELETE FROM _files WHERE path IN (SELECT unnest($1::VARCHAR[]))", [paths])
    insert(connection, types, "_files", files)


def _delete_runs(connection: DuckDBPyConnection, table: str, runs: Collection[str]) -> None:
    if runs:
        column = "id" if table == "runs" else "run"
        connection.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT unnest($1::VARCHAR[]))", [list(runs)])


def _delete_artifacts(connection: DuckDBPyConnection) -> None:
    connection.execute("DELETE FROM artifacts WHERE uid IN (SELECT artifact FROM _changes WHERE kind = 'delete')")


def _deleted(connection: DuckDBPyConnection) -> set[str]:
    query = "SELECT run FROM _changes WHERE kind = 'delete' AND run IS NOT NULL"
    return {run for (run,) in connection.execute(query).fetchall()}
