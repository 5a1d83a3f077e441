"""One run that is watched: the new bytes of its journal and log, as what they change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mlops.api import details, stories
from jupyter_mlops.api.steps import Child
from jupyter_mlops.api.thinning import Point, number, thin
from jupyter_mlops.events import Event, History
from jupyter_mlops.execution.folder import LOG
from jupyter_mlops.records import Spec
from jupyter_mlops.storage import journal

POINTS = 200  # of one metric in one message
TAIL = 64_000  # bytes of log in one message
_OF_ROW = frozenset({"state", "result", "tag", "attempt", "progress", "step"})
_OF_LINE = frozenset({"state", "result", "progress"})


@dataclass
class News:
    """What a look at one run found."""

    row: bool = False
    line: bool = False
    artifacts: bool = False
    nodes: list[Event] = field(default_factory=list)
    followed: list[dict[str, Any]] = field(default_factory=list)


class Tracked:
    """A run that lives, or has just ended."""

    def __init__(self, folder: Path, spec: Spec) -> None:
        self.folder, self.spec = folder, spec
        self.story = History()
        self.best = self.seen = False
        self.quiet_since: float | None = None
        self._journal = folder / journal.EVENTS
        self._offset = 0
        self._totals: dict[str, int] | None = None  # points by metric; None while nobody follows
        self._log = 0
        self._sources: list[str] | None = None

    @property
    def child(self) -> Child:
        return Child(spec=self.spec, story=self.story)

    def look(self, *, followed: bool) -> News | None:
        """Read what is new; None when nothing is."""
        news = News()
        if followed and self._totals is None:
            self._begin_to_follow()
        elif not followed:
            self._totals = None
        grown = self._size() > self._offset
        if grown:
            self._read(news, followed)
        if followed:
            news.followed += self._log_text()
        return news if grown or news.followed else None

    def _size(self) -> int:
        try:
            return os.stat(self._journal).st_size
        except OSError:
            return 0

    def _read(self, news: News, followed: bool) -> None:
        events, metrics, self._offset = stories.read(self._journal, self._offset)
        for event in events:
            if not journal.add(self.story, event):
                continue
            kind = event["e"]
            news.row |= kind in _OF_ROW
            news.line |= kind in _OF_LINE
            news.artifacts |= kind in ("artifact", "link")
            if kind == "step":
                news.nodes.append(self.story.steps[event["node"]])
            elif kind == "cell" and followed:
                news.followed.append({"type": "cell", "run": self.spec.id, "cell": self._cell(event)})
        if metrics and followed:
            news.followed += self._points(metrics)

    def _cell(self, event: Event) -> dict[str, Any]:
        if self._sources is None:
            self._sources = details.sources(self.folder) or None
        return details.cell(self.story.cells[event["index"]], self._sources or [])

    # --- metrics ---

    def _begin_to_follow(self) -> None:
        """Count what is there already, so that totals are those of the run."""
        self._totals = {}
        offset = 0
        while offset < self._offset:
            _, metrics, reached = stories.read(self._journal, offset)
            if reached == offset:
                break
            self._sorted(metrics if reached <= self._offset else [])
            offset = reached
        # of a run that is looked at for the first time nothing was told yet, neither points nor log
        self._log = self._log_size() if self._offset else 0

    def _points(self, lines: list[bytes]) -> Iterator[dict[str, Any]]:
        assert self._totals is not None
        for key, points in self._sorted(lines).items():
            yield {
                "type": "metric",
                "run": self.spec.id,
                "key": key,
                "points": [list(point) for point in thin(points, POINTS)],
                "total": self._totals[key],
            }

    def _sorted(self, lines: list[bytes]) -> dict[str, list[Point]]:
        """Return the points by key, counted; one without a step has its place in the order as such."""
        assert self._totals is not None
        found: dict[str, list[Point]] = {}
        for event in journal.parse(b"\n".join(lines)):
            key, step = event.get("key"), event.get("step")
            if isinstance(key, str):
                place = self._totals.get(key, 0)
                self._totals[key] = place + 1
                found.setdefault(key, []).append(
                    (step if isinstance(step, int) else place, number(event.get("value")), event["t"])
                )
        return found

    # --- log ---

    def _log_size(self) -> int:
        try:
            return os.stat(self.folder / LOG).st_size
        except OSError:
            return 0

    def _log_text(self) -> Iterator[dict[str, Any]]:
        size = self._log_size()
        if size <= self._log:
            return
        offset = max(self._log, size - TAIL)
        try:
            with (self.folder / LOG).open("rb") as file:
                file.seek(offset)
                data = file.read(size - offset)
        except OSError:
            return
        text, taken = whole(data, inside=offset > self._log)
        self._log = offset + taken
        if text:
            yield {"type": "log", "run": self.spec.id, "text": text, "offset": offset, "end": self._log}


def whole(data: bytes, *, inside: bool = False) -> tuple[str, int]:
    """Return text without the half of a character at its end, and how many bytes it is; ``inside``, it may begin with a half."""
    end = len(data)
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:  # the first byte of a character that takes more bytes than there are
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            end = len(data) - back if length > back else end
            break
        if byte < 0x80:
            break
    text = data[:end].decode("utf-8", "replace")
    return (text.lstrip("\ufffd") if inside else text), end
