"""One thread that watches a project for any number of listeners."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from jupyter_mlops.api.watching import Watch

LIVE, IDLE = 0.03, 0.1  # seconds between two looks, while runs go on and while none does
_FOLLOWED = frozenset({"metric", "log", "cell"})
_log = logging.getLogger(__name__)

Told = list[dict[str, Any]]


class Listener:
    """Somebody who hears of a project until it is closed."""

    def __init__(self, feed: Feed, callback: Callable[[Told], object]) -> None:
        self.callback = callback
        self.followed: frozenset[str] = frozenset()
        self._feed = feed

    def follow(self, runs: Iterable[str]) -> None:
        """Hear of the metrics, logs and cells of these runs, too, and of no others."""
        self.followed = frozenset(runs)

    def close(self) -> None:
        """Hear nothing any more."""
        self._feed._leave(self)

    def tell(self, events: Told) -> None:
        mine = [event for event in events if event["type"] not in _FOLLOWED or event["run"] in self.followed]
        if not mine:
            return
        try:
            self.callback(mine)
        except Exception:  # a listener's own code ends here: others still want to hear
            _log.exception("a listener of a project's events failed")


class Feed:
    """What happens in the project in ``folder``, told as lists of the contract's events.

    Callbacks are called in the feed's own thread, which lives as long as there are listeners.

    Examples
    --------
    >>> listener = Feed(folder).listen(print)  # doctest: +SKIP
    >>> listener.follow([run.id])  # doctest: +SKIP
    >>> listener.close()  # doctest: +SKIP
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def listen(self, callback: Callable[[Told], object]) -> Listener:
        """Call back with what happens from now on; returns when the watch has begun, so that nothing is missed.

        Raises
        ------
        MlopsError
            The folder is no project (any more).
        """
        listener = Listener(self, callback)
        with self._lock:
            if self._thread is None:
                watch = Watch(self.folder)
                self._stop = threading.Event()
                arguments = (watch, self._stop)
                self._thread = threading.Thread(
                    target=self._watch, args=arguments, name=f"feed of {self.folder.name}", daemon=True
                )
                weakref.finalize(self._thread, _end, self._stop, weakref.ref(self._thread))
                self._thread.start()
            self._listeners.append(listener)
        return listener

    def _leave(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
            if not self._listeners and self._thread is not None:
                self._stop.set()
                self._thread = None

    def _watch(self, watch: Watch, stop: threading.Event) -> None:
        while not stop.wait(LIVE if watch.is_live else IDLE):
            with self._lock:
                listeners = list(self._listeners)
            watch.followed = frozenset().union(*(listener.followed for listener in listeners))
            try:
                events = watch.look()
            except Exception:  # a folder of another hand, whatever is in it: others are watched on
                _log.exception("a look at the project %s failed", self.folder.name)
                continue
            if events:
                for listener in listeners:
                    listener.tell(events)


def _end(stop: threading.Event, thread: weakref.ref[threading.Thread]) -> None:
    """End a watch before the interpreter does: a thread that is stopped inside DuckDB takes the process down with it."""
    stop.set()
    alive = thread()
    if alive is not None and alive is not threading.current_thread():
        alive.join(5)
