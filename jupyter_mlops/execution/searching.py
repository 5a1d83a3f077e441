"""The processes in which a user's condition is looked for in the catalog, so that none can take this one's time or memory.

``python -m jupyter_mlops.execution.searching`` is one.
"""

from __future__ import annotations

import os
import queue
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_mlops import errors
from jupyter_mlops.errors import MlopsError, SqlError
from jupyter_mlops.execution.aside import Aside, GoneError, LateError, serve
from jupyter_mlops.storage.catalog import Catalog

PATIENCE = 8.0  # seconds for one search: less than those wait who want to write
AT_ONCE = 2
MEMORY = 3 << 30  # bytes of addresses of a child; DuckDB's own limit, which long texts get past, is lower
_LESS = "ask for less, or with %mlsql, which has no limit."


class Searcher:
    """Looks for runs in child processes, a few at a time. Safe to share between threads."""

    def __init__(self, patience: float = PATIENCE, at_once: int = AT_ONCE) -> None:
        self.patience = patience
        self._free: queue.LifoQueue[Aside] = queue.LifoQueue()  # the last one is warm
        for _ in range(at_once):
            self._free.put(Aside(__name__))

    def select_runs(
        self,
        catalog: Catalog,
        condition: str,
        also: Sequence[str],
        given: Sequence[Any],
        *,
        order: str,
        limit: int,
        offset: int,
    ) -> tuple[int, list[str]]:
        """Return what :meth:`Catalog.select_runs` does.

        Raises
        ------
        SqlError
            DuckDB refuses the condition, or it takes too long or too much memory.
        """
        catalog.fold()
        search = {"condition": condition, "also": also, "given": given, "order": order, "limit": limit, "offset": offset}
        place = {"folder": str(catalog.folder), "name": catalog.file.stem, "place": str(catalog.place)}
        told = self._asked({**place, "search": search})
        if "message" in told:
            kind = getattr(errors, told["kind"], MlopsError)
            raise kind(told["message"])
        return told["count"], told["runs"]

    def close(self) -> None:
        """Let the children go."""
        for _ in range(self._free.qsize()):
            aside = self._free.get()
            aside.close()
            self._free.put(aside)

    def _asked(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            aside = self._free.get(timeout=self.patience)
        except queue.Empty:
            raise SqlError("other searches are taking all the time there is: try again in a moment.") from None
        try:
            return aside.ask(request, self.patience)
        except LateError:
            raise SqlError(f"the search took more than {self.patience:g} s and was given up: {_LESS}") from None
        except GoneError:
            raise SqlError(
                f"the search ended the process that looked, which may have too little memory for it: {_LESS}"
            ) from None
        finally:
            self._free.put(aside)


@cache
def _catalog(folder: str, name: str, place: str) -> Catalog:
    return Catalog(folder, name, place=Path(place))


def answered(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many runs fit and the ids of a page of them, or why not."""
    try:
        catalog = _catalog(request["folder"], request["name"], request["place"])
        count, runs = catalog.select_runs(**request["search"])
    except MlopsError as error:
        return {"kind": type(error).__name__, "message": str(error)}
    except MemoryError:
        return {"kind": "SqlError", "message": f"the search takes more memory than it may: {_LESS}"}
    return {"count": count, "runs": runs}


def _bound() -> None:
    """Take less than others do, and no more than there is for this."""
    if os.name == "posix":
        import resource  # not on Windows

        os.nice(5)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _bound()
    serve(answered)
