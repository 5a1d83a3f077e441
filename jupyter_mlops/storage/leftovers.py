"""Bytes of what was deleted: removed as soon as no run and no version of an artifact or Function refers to them any more.

What goes is noted first, so that a crash leaves it for the next time: for whoever deletes next, or for the worker when its runs
have ended. Bytes stay that somebody may be about to refer to: a run has touched them since it was made, who stores for the
project itself holds a lock, and what is touched while we look is seen (:meth:`places.Folder.retire`). A store that lies outside
of the project's folder is left alone, as it may be others' as well; so is one inside that another project has opened, too.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import ArtifactNotFoundError, MlopsError, PackagingError
from jupyter_mlops.records import State
from jupyter_mlops.storage.blobs import LOCK, SHARED
from jupyter_mlops.storage.journal import EVENTS
from jupyter_mlops.storage.lock import BusyError, SharedLock
from jupyter_mlops.storage.places import Folder, writing

if TYPE_CHECKING:
    from jupyter_mlops.storage.blobs import Blobs
    from jupyter_mlops.storage.catalog import Catalog

_PATIENCE = 2.0  # seconds to wait for those who store: what can't be removed now is removed later
_TICK = 0.1  # seconds by which a file system's clock may be behind
_SKEW = 60.0  # seconds by which the clocks of two machines may differ
_NAME = re.compile(rb"[0-9a-f]{64}")
_REFERRED = """
    SELECT hash, coalesce(meta->>'directory' = 'true', false) AS directory FROM artifacts
    UNION ALL
    SELECT hash, directory FROM _bytes
    WHERE artifact IS NULL OR artifact NOT IN (SELECT artifact FROM _changes WHERE kind = 'delete' AND artifact IS NOT NULL)
    UNION ALL
    SELECT hash, false FROM _functions
"""


class Leftovers:
    """What a project's deletions have left in its store."""

    def __init__(self, project: Path, blobs: Blobs, catalog: Catalog) -> None:
        self.project, self.blobs, self.catalog = project, blobs, catalog
        self._notes = project / ".mlops" / "leftovers"
        self._cache = project / ".mlops" / "cache"
        if blobs.home is not None and not self._is_inside(blobs.home):
            with suppress(OSError):  # there is none yet, or one that is only read
                (blobs.home / SHARED).touch()

    def of_run(self, run: str) -> dict[str, bool]:
        """Return the names of bytes that a run refers to, and whether they are a directory's, as far as that is known."""
        try:
            return dict(self.catalog.query("SELECT hash, bool_or(directory) FROM _bytes WHERE run = ? GROUP BY hash", [run]))
        except MlopsError:  # the catalog is held by another program, and a run can be deleted all the same
            return dict.fromkeys(self._mentioned(run), False)

    def note(self, names: dict[str, bool]) -> None:
        """Take note of bytes that will be nobody's when what is about to be deleted is, unless others refer to them.

        Raises
        ------
        StorageError
            There is nowhere to note it, so nothing may be deleted.
        """
        if self._home is None:
            return
        there = [name for name in names if _NAME.fullmatch(name.encode()) and self.blobs.has(name)]
        inside = self._inside(name for name in there if names[name])
        if not there:
            return
        with writing(self._notes):
            self._notes.mkdir(parents=True, exist_ok=True)
            for name in {*there, *inside}:
                (self._notes / name).touch()

    def collect(self) -> None:
        """Remove what was noted and nobody refers to; what can't be told yet stays noted."""
        home = self._home
        if home is None or not self._noted():
            return
        try:
            self.catalog.fold()  # before anybody has to wait for us
            with SharedLock(home / LOCK).held(shared=False, timeout=_PATIENCE):
                self._remove(Folder(home), self._noted())
        except (MlopsError, BusyError, OSError):  # what was deleted is deleted; these bytes wait for the next time
            return

    def _remove(self, place: Folder, names: Collection[str]) -> None:
        before = time.time() - _TICK
        place.restore()
        oldest, wanted = self.catalog.together(lambda: (self._oldest(), self._wanted(names)))
        before = before if oldest is None else min(before, oldest - _SKEW)
        for name in names:
            if name not in wanted:
                if not place.retire(name, before):
                    continue
                shutil.rmtree(self._cache / name[:2] / name, ignore_errors=True)
            (self._notes / name).unlink(missing_ok=True)

    def _noted(self) -> list[str]:
        return [path.name for path in self._notes.iterdir()] if self._notes.is_dir() else []

    @property
    def _home(self) -> Path | None:
        """The store's folder, if it is this project's alone."""
        home = self.blobs.home
        return home if home is not None and self._is_inside(home) and not (home / SHARED).exists() else None

    def _is_inside(self, home: Path) -> bool:
        return home.resolve().is_relative_to(self.project.resolve())

    def _oldest(self) -> float | None:
        """When the oldest of the runs that live was made: whatever it has touched may be what it will refer to."""
        over = [str(state) for state in State if state.finished]
        query = "SELECT epoch(min(created)) FROM runs WHERE state NOT IN (SELECT unnest($1::VARCHAR[]))"
        created: float | None = self.catalog.query(query, [over])[0][0]
        return created

    def _wanted(self, names: Collection[str]) -> set[str]:
        found = self.catalog.query(
            f"SELECT DISTINCT hash FROM ({_REFERRED}) WHERE hash IN (SELECT unnest($1::VARCHAR[]))", [list(names)]
        )
        directories = self.catalog.query(f"SELECT DISTINCT hash FROM ({_REFERRED}) WHERE directory")
        inside = self._inside(name for (name,) in directories)
        return {name for (name,) in found} | inside | self._unread()

    def _inside(self, directories: Iterable[str]) -> set[str]:
        names: set[str] = set()
        for directory in directories:
            try:
                names |= {stored.hash for stored in self.blobs.files(directory).values()}
            except (ArtifactNotFoundError, PackagingError):  # lost or changed: nobody can say any more what it held
                continue
        return names

    def _unread(self) -> set[str]:
        """All that may be a name in runs that aren't in the catalog, as they can't be read."""
        return {name for run in self.catalog.left_out for name in self._mentioned(run)}

    def _mentioned(self, run: str) -> set[str]:
        files = (self.project / "runs" / run / name for name in ("run.json", EVENTS))
        return {name.decode() for path in files if path.exists() for name in _NAME.findall(path.read_bytes())}
