"""What a panel and its front end say to each other: questions with their answers, and what happens meanwhile.

The front end sends ``{"id", "operation", "args"}`` and gets ``{"id", "answer"}`` or ``{"id", "refusal"}``; it sends
``{"client", "watching", "follow"}`` when that changes, and again and again as a sign of life, and gets ``{"heard": client}``.
Events come as ``{"events": […]}``. Whatever else comes is refused, and logged.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import msgspec

from jupyter_mlops import api
from jupyter_mlops.errors import MlopsError

if TYPE_CHECKING:
    from jupyter_mlops.project import Project

BATCH = 0.05  # seconds in which events are gathered
SILENCE = 90.0  # seconds without a sign of life after which a client is gone
LARGEST = 4_000_000  # bytes of a question
WAITING = 64  # questions at once
CLIENTS = 20
FOLLOWED = 200

_log = logging.getLogger(__name__)
_feeds: WeakValueDictionary[Path, api.Feed] = WeakValueDictionary()
_finding = threading.Lock()


class Question(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An operation that is asked for."""

    id: int | str
    operation: str
    args: dict[str, Any] = {}


class Presence(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A front end that lives: whether it wants to hear what happens, and of which runs in detail."""

    client: str
    watching: bool = False
    follow: list[str] = []


@dataclass(kw_only=True)
class _Client:
    follow: frozenset[str]
    seen: float


class Talk:
    """One panel's side of the talk. Whoever calls, from whatever thread: what is said is said one after the other.

    Parameters
    ----------
    say
        Sends one message, with buffers if there are any.
    pool
        Where operations are answered.
    """

    def __init__(self, project: Project, say: Callable[..., object], pool: Executor) -> None:
        self._project, self._send, self._pool = project, say, pool
        self._feed = feed_of(project.folder)
        self._saying = threading.Lock()
        self._lock = threading.Lock()  # of who listens
        self._counting = threading.Lock()
        self._clients: dict[str, _Client] = {}
        self._listener: api.Listener | None = None
        self._waiting = 0
        self._closed = False

    @property
    def listens(self) -> bool:
        """Whether it hears what happens in the project."""
        return self._listener is not None

    def hear(self, content: Any, buffers: Any = ()) -> None:
        """Take a message in."""
        try:
            message = _understood(content, buffers)
        except api.OperationError as error:
            _log.warning("a message of a panel was refused: %s", error)
            self.say({"id": _id(content), "refusal": api.refusal(error)})
            return
        if isinstance(message, Presence):
            self._pool.submit(self._notice, message)
            return
        with self._counting:
            busy = self._waiting >= WAITING
            self._waiting += not busy
        if busy:
            full = api.OperationError(f"{WAITING} operations of this panel are under way: wait for one of them.")
            self.say({"id": message.id, "refusal": {**api.refusal(full), "status": 429}})
            return
        # answered as part of the message that asked: a kernel notes whom it is talking to in context variables
        self._pool.submit(copy_context().run, self._answer, message)

    def say(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send a message, unless the panel is closed."""
        with self._saying:
            if self._closed:
                return
            try:
                if buffers:
                    self._send(content, buffers)
                else:
                    self._send(content)
            except Exception:  # the kernel is ending, or its socket is gone: nobody is there to be told
                _log.debug("a message to a panel got lost", exc_info=True)

    def close(self) -> None:
        """Say and hear nothing any more."""
        with self._lock:
            self._closed = True
            self._clients.clear()
            self._leave()

    def _answer(self, question: Question) -> None:
        try:
            told = {"id": question.id, "answer": api.call(self._project, question.operation, question.args, origin="panel")}
        except MlopsError as error:
            told = {"id": question.id, "refusal": api.refusal(error)}
        except Exception as fault:  # a fault of ours must not look like an answer that never comes
            _log.exception("the operation %s failed", question.operation)
            message = f"{question.operation} failed ({type(fault).__name__}): the kernel's log says more."
            told = {"id": question.id, "refusal": {"message": message, "kind": "InternalError", "status": 500}}
        finally:
            with self._counting:
                self._waiting -= 1
        self.say(told)

    # --- what happens ---

    def _notice(self, presence: Presence) -> None:
        """Note a sign of life; ``fresh`` tells the client that it may have missed something."""
        with self._lock:
            if self._closed:
                return
            fresh = presence.watching and (presence.client not in self._clients or self._listener is None)
            if presence.watching:
                self._clients[presence.client] = _Client(follow=frozenset(presence.follow), seen=time.monotonic())
                while len(self._clients) > CLIENTS:
                    self._clients.pop(min(self._clients, key=lambda each: self._clients[each].seen))
            else:
                self._clients.pop(presence.client, None)
            try:
                self._attend()
            except MlopsError as error:
                told: dict[str, Any] = {"heard": presence.client, "refusal": api.refusal(error)}
            else:
                told = {"heard": presence.client, "fresh": fresh}
        self.say(told)

    def _attend(self) -> None:
        """Listen while somebody wants to know."""
        if not self._clients:
            self._leave()
            return
        if self._listener is None:
            outbox, ready = api.Outbox(), threading.Event()

            def hear(events: list[dict[str, Any]]) -> None:
                outbox.add(events)
                ready.set()

            self._listener = self._feed.listen(hear)
            arguments = (self._listener, outbox, ready)
            threading.Thread(target=self._tell, args=arguments, name="events of a panel", daemon=True).start()
        self._listener.follow(frozenset().union(*(client.follow for client in self._clients.values())))

    def _leave(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _tell(self, listener: api.Listener, outbox: api.Outbox, ready: threading.Event) -> None:
        """Send what happens, gathered; end when nobody has given a sign of life for long."""
        while self._listener is listener:
            if ready.wait(1.0):
                time.sleep(BATCH)
                ready.clear()
                if (events := outbox.take()) and self._listener is listener:
                    self.say({"events": events})
            self._forget()

    def _forget(self) -> None:
        with self._lock:
            limit = time.monotonic() - SILENCE
            silent = [name for name, client in self._clients.items() if client.seen < limit]
            for name in silent:
                del self._clients[name]
            if silent:
                self._attend()


def feed_of(folder: Path) -> api.Feed:
    """Return the feed of a project, one for all panels of this process."""
    with _finding:
        feed = _feeds.get(folder)
        if feed is None:
            feed = _feeds[folder] = api.Feed(folder)
        return feed


def _understood(content: Any, buffers: Any) -> Question | Presence:
    """Return what a message means.

    Raises
    ------
    OperationError
        It can't be understood.
    """
    if buffers:
        raise api.OperationError("the message has buffers, and none are expected: leave them out.")
    kind: type[Question] | type[Presence] = Presence if isinstance(content, dict) and "client" in content else Question
    try:
        size = len(msgspec.json.encode(content))
        message = msgspec.convert(content, kind, strict=True)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as problem:
        raise api.OperationError(f'the message can\'t be understood ({problem}): send {{"id", "operation", "args"}}.') from None
    if size > LARGEST:
        raise api.OperationError(f"the message has {size:,} bytes: at most {LARGEST:,} are taken.")
    if isinstance(message, Presence) and (len(message.follow) > FOLLOWED or len(message.client) > 100):
        raise api.OperationError(f"the message follows {len(message.follow):,} runs: at most {FOLLOWED} can be followed.")
    return message


def _id(content: Any) -> int | str | None:
    """Return the id to refuse by, if the message has one."""
    found = content.get("id") if isinstance(content, dict) else None
    return found[:100] if isinstance(found, str) else found if type(found) is int else None
