"""The websocket: what happens in a project, as lists of events; a slow reader gets fewer, never later and later ones."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_mlops.api import Feed, Listener, OperationError, Outbox, refusal
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.hosts.server.emit import Emitter
from jupyter_mlops.hosts.server.places import Places
from jupyter_mlops.hosts.server.rest import RESOURCE, Service

BATCH = 0.05  # seconds in which events are gathered
LARGEST = 64_000  # bytes of one message from a client
MOST = 200  # runs that one client follows
_log = logging.getLogger(__name__)


class Events(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One client that watches one project."""

    auth_resource = RESOURCE
    service: Service

    def initialize(self, service: Service, emitter: Emitter) -> None:
        self.service, self.emitter = service, emitter
        self._outbox = Outbox()
        self._ready = asyncio.Event()
        self._listener: Listener | None = None
        self._sender: asyncio.Task[None] | None = None

    def get_compression_options(self) -> dict[str, Any]:
        return {}

    @ws_authenticated
    @authorized(action="read", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        self._place = self.get_query_argument("project", "", strip=False)
        loop = asyncio.get_running_loop()

        def hear(events: list[dict[str, Any]]) -> None:
            self._outbox.add(events)
            with contextlib.suppress(RuntimeError):  # the server is just ending
                loop.call_soon_threadsafe(self._ready.set)

        try:
            self._feed, self._listener = await self.service.work(partial(_listening, self.service.places, self._place, hear))
        except MlopsError as error:
            told = refusal(error)
            raise web.HTTPError(told["status"], told["message"]) from None
        try:  # what happens from now on is heard, also what does before the handshake has ended
            await super().get(*args, **kwargs)
        finally:
            self._leave()

    async def open(self, *args: Any, **kwargs: Any) -> None:
        super().open(*args, **kwargs)
        self.emitter.watched(self._feed, self._place)
        self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        """Send what waits, at most every 50 ms and never before the last was taken."""
        try:
            while True:
                await self._ready.wait()
                await asyncio.sleep(BATCH)
                self._ready.clear()
                if events := self._outbox.take():
                    await self.write_message(json.dumps(events))
                    await self._end_with_the_project(events)
        except WebSocketClosedError:
            return

    async def _end_with_the_project(self, events: list[dict[str, Any]]) -> None:
        """Hang up when the project's folder is gone: who calls again is told so."""
        if any(event["type"] in ("removed", "changed") for event in events):
            try:
                await self.service.work(partial(self.service.places.folder, self._place))
            except MlopsError:
                self.close(1001, "the project is gone")

    def on_message(self, message: str | bytes) -> None:
        try:
            self._follow(message)
        except MlopsError as error:
            _log.warning("a message on the websocket was refused: %s", error)
            self.write_message(json.dumps([{"type": "refused", **refusal(error)}]))

    def _follow(self, message: str | bytes) -> None:
        try:
            asked = json.loads(message) if len(message) <= LARGEST else None
        except (ValueError, RecursionError):
            asked = None
        runs = asked.get("follow") if isinstance(asked, dict) and len(asked) == 1 else None
        if not isinstance(runs, list) or len(runs) > MOST or not all(isinstance(run, str) for run in runs):
            raise OperationError(f'the message can\'t be understood: send {{"follow": [ids of runs]}}, at most {MOST}.')
        if self._listener is not None:
            self._listener.follow(runs)

    def on_close(self) -> None:
        super().on_close()
        self._leave()

    def _leave(self) -> None:
        """Hear nothing any more; called when the line ends, and when there never was one."""
        if self._sender is not None:
            self._sender.cancel()
            self.emitter.left(self._feed)
        if self._listener is not None:
            self._listener.close()
        self._sender = self._listener = None


def _listening(places: Places, place: str, hear: Callable[[list[dict[str, Any]]], None]) -> tuple[Feed, Listener]:
    feed = places.feed(place)
    return feed, feed.listen(hear)
