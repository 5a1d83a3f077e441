"""Keep the catalog near the journals while runs live. Nothing that goes wrong here may harm a run: the journal is the truth."""

from __future__ import annotations

import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops import config

if TYPE_CHECKING:
    from jupyter_mlops.storage.catalog import Catalog

_PAUSE = 0.33  # seconds without news before a fold: a short run should not have to share its processors with it
_LONGEST = 1.0  # seconds that news may wait, when runs come and go


class Folding:
    """A thread that folds journals into the catalog, often while there is news."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self._news, self._closed = threading.Event(), threading.Event()
        self._alive = False
        self._complained = ""
        self._thread = threading.Thread(target=self._work, name="folding", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell(self, alive: bool) -> None:
        """Say that something happened, and whether more is to come by itself because runs are alive."""
        self._alive = alive
        self._news.set()

    def close(self) -> None:
        """Fold what is left and end."""
        self._closed.set()
        self._news.set()
        self._thread.join(timeout=5.0)

    def _work(self) -> None:
        # here, as duckdb takes a while to load and the worker should answer meanwhile
        from jupyter_mlops.storage.catalog import Catalog

        catalog = None
        while not self._closed.is_set():
            if not self._alive:
                self._news.wait()
            self._calm_down()
            try:
                catalog = catalog or Catalog(self.project, config.load(self.project).name)
                catalog.fold()
                if not self._alive:
                    self._tidy(catalog)
                self._complained = ""
            except Exception as error:  # a catalog in foreign hands, a full disk, a bug: the next reader folds as well
                self._complain(error)

    def _tidy(self, catalog: Catalog) -> None:
        """Remove what was deleted while the runs lived that have ended now."""
        from jupyter_mlops.storage.blobs import Blobs
        from jupyter_mlops.storage.leftovers import Leftovers

        Leftovers(self.project, Blobs(config.load(self.project).store(self.project)), catalog).collect()

    def _calm_down(self) -> None:
        deadline = time.monotonic() + _LONGEST
        while not self._closed.is_set() and time.monotonic() < deadline:
            self._news.clear()
            if not self._news.wait(_PAUSE):
                return

    def _complain(self, error: Exception) -> None:
        if str(error) != self._complained:
            traceback.print_exc()
        self._complained = str(error)
