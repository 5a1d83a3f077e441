"""Events on their way to one listener: while it is slow, newer ones take the place of older ones, so that nothing queues up."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from jupyter_mlops.api.thinning import thin

POINTS = 300  # of one metric
TEXT = 128_000  # characters of log of one run
MOST = 5_000  # kinds of events

Event = dict[str, Any]


class Outbox:
    """Events that wait, at most one of a kind. Safe to share between threads."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Any, ...], Event] = {}
        self._lock = threading.Lock()

    def add(self, events: Iterable[Event]) -> None:
        """Let events wait."""
        with self._lock:
            for event in events:
                key = _kind(event)
                there = self._waiting.get(key)
                self._waiting[key] = event if there is None else _merged(there, event)
            if len(self._waiting) > MOST:
                self._drop()

    def take(self) -> list[Event]:
        """Return what waits, and let nothing wait any more."""
        with self._lock:
            taken, self._waiting = list(self._waiting.values()), {}
        return taken

    def _drop(self) -> None:
        """Too much waits: what can be asked for again goes first, then what is oldest."""
        for key in [key for key in self._waiting if key[0] in ("metric", "log", "cell")]:
            del self._waiting[key]
        for key in list(self._waiting)[: max(0, len(self._waiting) - MOST)]:
            del self._waiting[key]


def _kind(event: Event) -> tuple[Any, ...]:
    kind = event["type"]
    if kind == "run":
        return kind, event["run"]["id"]
    if kind == "step":
        return kind, event["run"], event["step"]["name"]
    if kind == "cell":
        return kind, event["run"], event["cell"]["index"]
    return kind, event.get("run"), event.get("key"), event.get("what"), event.get("name")


def _merged(there: Event, event: Event) -> Event:
    if event["type"] == "metric":
        points = [tuple(point) for point in (*there["points"], *event["points"])]
        return {**event, "points": [list(point) for point in thin(points, POINTS)]}
    if event["type"] == "log":
        if there["end"] == event["offset"] and len(there["text"]) + len(event["text"]) <= TEXT:
            return {**there, "text": there["text"] + event["text"], "end": event["end"]}
    return event
