"""Journals of runs without their metrics, which may be millions, and which the catalog has."""

from __future__ import annotations

from pathlib import Path

from jupyter_mlops.events import Event, History
from jupyter_mlops.storage import journal

METRIC = b'{"e":"metric",'  # how Journal.metric begins its lines
BITE = 4 << 20  # bytes that are read at once


def story_of(folder: Path) -> History:
    """Return what happened to the run in ``folder``, without its metrics."""
    story, offset = History(), 0
    while True:
        events, metrics, reached = read(folder / journal.EVENTS, offset)
        del metrics
        for event in events:
            journal.add(story, event)
        if reached == offset:
            return story
        offset = reached


def read(path: Path, offset: int) -> tuple[list[Event], list[bytes], int]:
    """Return a bite of what a journal says from ``offset`` on: events, lines of metrics unread, and the offset reached."""
    try:
        data, reached = journal.read_bytes(path, offset, BITE)
    except OSError:
        return [], [], offset
    lines = data.split(b"\n")
    metrics = [line for line in lines if line.startswith(METRIC)]
    others = [line for line in lines if not line.startswith(METRIC)] if metrics else lines
    events = [event for event in journal.parse(b"\n".join(others)) if event["e"] != "metric"]
    return events, metrics, reached
