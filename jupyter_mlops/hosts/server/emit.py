"""The server's own event log hears of runs, while a project is watched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_mlops.api import Feed, Listener

SCHEMA = Path(__file__).with_name("run.v1.yaml")
SCHEMA_ID = "https://events.jupyter.org/jupyter_mlops/run/v1"
_FIELDS = ("name", "function", "workflow", "parent", "state", "reason")


class Emitter:
    """Emits the states of runs of each watched project once, however many watch it.

    Parameters
    ----------
    later
        Calls a function in the server's loop.
    """

    def __init__(self, events: Any, later: Callable[..., Any]) -> None:
        self._events, self._later = events, later
        self._listening: dict[Path, tuple[Listener, int]] = {}
        events.register_event_schema(SCHEMA)

    def watched(self, feed: Feed, project: str) -> None:
        """Somebody began to watch a project."""
        listener, watchers = self._listening.get(feed.folder, (None, 0))
        if listener is None:
            listener = feed.listen(_Teller(project, self._emit))
        self._listening[feed.folder] = (listener, watchers + 1)

    def left(self, feed: Feed) -> None:
        """One of those who watched a project does no more."""
        listener, watchers = self._listening.pop(feed.folder, (None, 0))
        if listener is None:
            return
        if watchers > 1:
            self._listening[feed.folder] = (listener, watchers - 1)
        else:
            listener.close()

    def _emit(self, told: dict[str, Any]) -> None:
        self._later(lambda: self._events.emit(schema_id=SCHEMA_ID, data=told))


class _Teller:
    """Tells of a run when its state isn't the one that was told last."""

    def __init__(self, project: str, tell: Callable[[dict[str, Any]], None]) -> None:
        self.project, self.tell = project, tell
        self._states: dict[str, str] = {}

    def __call__(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            if event["type"] == "removed":
                self._states.pop(event["run"], None)
            if event["type"] != "run" or self._states.get(event["run"]["id"]) == event["run"]["state"]:
                continue
            run = event["run"]
            self._states[run["id"]] = run["state"]
            self.tell({"project": self.project, "run": run["id"], **{name: run[name] for name in _FIELDS}})
