"""Which files of a folder have grown since they were last read, found with as few system calls as can be."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

QUIET = 10.0  # seconds after which the file of a finished entry counts as still; a sweep still looks at it
_COARSE = 2.0  # seconds within which two changes of a folder may leave the same modification time


@dataclass
class Grown:
    """What a look found: sizes in bytes of files that aren't as they were, and names that are gone."""

    sizes: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.sizes or self.gone)


class Shelf:
    """A folder with one growing file an entry: the entry itself, or the file ``inner`` in it.

    ``sizes`` holds what was read of each, ``finished`` those that normally don't grow any more.
    """

    def __init__(self, root: Path, inner: str = "") -> None:
        self.root = root
        self.inner = inner
        self._place, self._tail = f"{root}{os.sep}", f"{os.sep}{inner}" if inner else ""
        self.sizes: dict[str, int] = {}
        self.finished: set[str] = set()
        self._quiet: set[str] = set()
        self._listing: set[str] = set()
        self._listed: int | None = None

    def path(self, name: str) -> Path:
        """Return the growing file of an entry."""
        return self.root / name / self.inner if self.inner else self.root / name

    def load(self, sizes: dict[str, int], finished: set[str]) -> None:
        """Start over from what is known to have been read; the next look is at every file."""
        self.sizes, self.finished, self._quiet = sizes, finished, set()

    def look(self, ignored: frozenset[str] | set[str] = frozenset()) -> Grown:
        """Return what is new since the sizes that are known."""
        names = self.names() - ignored
        grown = Grown(gone=self.sizes.keys() - names)
        now = time.time()
        for name in names - self._quiet:
            size, changed = self._size(name)
            if size != self.sizes.get(name):
                grown.sizes[name] = size
                self._quiet.discard(name)
            elif name in self.finished and now - changed > QUIET:
                self._quiet.add(name)
        return grown

    def forget(self, names: Iterable[str]) -> None:
        """Take entries for such that were never seen."""
        for name in names:
            self.sizes.pop(name, None)
            self.finished.discard(name)
            self._quiet.discard(name)

    def names(self) -> set[str]:
        """Return the entries there are; the folder is read again only if its modification time moved."""
        try:
            changed = self.root.stat().st_mtime_ns
            if changed != self._listed:
                self._listing = {entry.name for entry in os.scandir(self.root) if self._belongs(entry)}
                settled = time.time() - changed / 1e9 > _COARSE
                self._listed = changed if settled else None
        except OSError:
            self._listing, self._listed = set(), None
        return self._listing

    def _belongs(self, entry: os.DirEntry[str]) -> bool:
        if entry.name.startswith(".") or not entry.name.isprintable():
            return False
        return entry.is_dir() if self.inner else entry.name.endswith(".jsonl") and entry.is_file()

    def _size(self, name: str) -> tuple[int, float]:
        try:
            # put together by hand, as a Path takes longer than the system call, and there may be thousands of young runs
            status = os.stat(f"{self._place}{name}{self._tail}")
        except OSError:
            return 0, 0.0
        return status.st_size, status.st_mtime
