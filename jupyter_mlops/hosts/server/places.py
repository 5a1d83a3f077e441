"""Projects below the server's root, as the contents manager sees it; each is opened once and kept."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlops import config
from jupyter_mlops.api import Feed
from jupyter_mlops.api.projects import inside
from jupyter_mlops.errors import ProjectError, ProjectNotFoundError
from jupyter_mlops.project import Project

_log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class _Open:
    project: Project
    stamp: Any
    feed: Feed


class Places:
    """The projects of one server. Safe to share between threads.

    Parameters
    ----------
    contents
        The server's contents manager, which says what its root is and whether hidden folders may be seen.
    """

    def __init__(self, contents: Any, fallback: str) -> None:
        self._contents, self._fallback = contents, fallback
        self._open: dict[Path, _Open] = {}
        self._lock = threading.Lock()

    @property
    def root(self) -> Path:
        return config.absolute(getattr(self._contents, "root_dir", "") or self._fallback)

    def folder(self, place: str) -> Path:
        """Return the folder of a project.

        Raises
        ------
        ProjectError
            It isn't below the root, or hidden, or holds no project. Refusals of the first kind are logged.
        """
        try:
            folder = inside(self.root, place)
            self._refuse_hidden(folder, place)
        except ProjectError as refused:
            _log.warning("a request for a project was refused: %s", refused)
            raise
        if not (folder / config.FILE).is_file():
            raise ProjectNotFoundError(f"there is no project in {place!r} (any more): choose another, or make one there.")
        return folder

    def _refuse_hidden(self, folder: Path, place: str) -> None:
        if getattr(self._contents, "allow_hidden", False):
            return
        if any(part.startswith(".") for part in folder.relative_to(self.root).parts):
            raise ProjectError(f"{place[:80]!r} is hidden, and this server shows no hidden folders: choose another.")

    def project(self, place: str) -> Project:
        return self._opened(place).project

    def feed(self, place: str) -> Feed:
        return self._opened(place).feed

    def _opened(self, place: str) -> _Open:
        folder = self.folder(place)
        stamp = _stamp(folder)
        with self._lock:
            known = self._open.get(folder)
            if known is None or known.stamp != stamp:
                feed = Feed(folder) if known is None else known.feed
                known = self._open[folder] = _Open(project=Project(folder), stamp=stamp, feed=feed)
            return known


def _stamp(folder: Path) -> Any:
    """Return what changes with the project's settings."""
    try:
        status = (folder / config.FILE).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
