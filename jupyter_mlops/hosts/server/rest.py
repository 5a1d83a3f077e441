"""REST: one handler a path, made from the table of operations."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_mlops.api import OPERATIONS, Operation, OperationError, call, refusal
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.hosts.server.places import Places

RESOURCE = "jupyter-mlops"
LARGEST = 4 << 20  # bytes of a body


@dataclass(kw_only=True)
class Service:
    """What the handlers of one server share: the projects, and threads in which answers are made, off the loop.

    What may take long has threads of its own, so that it can't keep everything else waiting.
    """

    places: Places
    threads: ThreadPoolExecutor
    long: ThreadPoolExecutor

    async def work(self, answer: Callable[[], Any], *, long: bool = False) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.long if long else self.threads, _ended, answer)


def _ended(answer: Callable[[], Any]) -> Any:
    """Return the answer; a StopIteration that comes out would never reach who waits for it, for ever."""
    try:
        return answer()
    except StopIteration as stop:
        raise RuntimeError("an iterator had nothing left") from stop


class Handler(APIHandler):
    """What all our handlers have: JSON refusals, and a bound for bodies."""

    auth_resource = RESOURCE
    service: Service

    def initialize(self, service: Service) -> None:
        self.service = service

    async def prepare(self) -> None:  # type: ignore[override]
        self.set_header("Cache-Control", "no-store")
        said = self.request.headers.get("Content-Length", "0")
        if said.isdecimal() and int(said) > LARGEST:
            raise web.HTTPError(413, f"the request has {int(said):,} bytes, more than {LARGEST:,}: send less.")
        await super().prepare()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Refuse in the contract's words, without a traceback."""
        self.set_header("Content-Type", "application/json")
        kind, error, _ = kwargs.get("exc_info", (None, None, None))
        message = getattr(error, "log_message", None) or getattr(error, "reason", None)
        plain = str(message) if isinstance(error, web.HTTPError) and message else _WORDS.get(status_code, "the request failed.")
        self.finish(json.dumps({"message": plain, "kind": getattr(kind, "__name__", "Error"), "status": status_code}))

    def refuse(self, told: Mapping[str, Any]) -> None:
        self.set_status(told["status"])
        self.finish(json.dumps(told))

    def sent(self) -> dict[str, Any]:
        """Return the body's arguments."""
        body = self.request.body
        if len(body) > LARGEST:  # of one that came in chunks, whose length isn't told beforehand
            raise web.HTTPError(413, f"the request has {len(body):,} bytes, more than {LARGEST:,}: send less.")
        if not body:
            return {}
        try:
            found = json.loads(body)
        except (ValueError, RecursionError) as problem:
            raise web.HTTPError(400, f"the request's body isn't JSON ({problem}): send an object of arguments.") from None
        if not isinstance(found, dict):
            raise web.HTTPError(400, f"the request's body is of type {type(found).__name__}: send an object of arguments.")
        return found

    @property
    def place(self) -> str | None:
        return self.get_query_argument("project", None, strip=False)


_WORDS = {
    403: "you aren't allowed to do this: log in, or ask who runs this server.",
    404: "there is nothing at this address.",
    405: "this address doesn't take that method.",
    500: "something went wrong in the server; its log says what.",
}


async def answer(handler: Handler, operation: Operation, in_path: Iterable[str]) -> None:
    """Answer one request."""
    args: dict[str, Any] = from_query(operation, handler) if operation.method in ("GET", "DELETE") else handler.sent()
    args |= dict(zip(operation.in_path, in_path, strict=True))
    if operation.executes and args.get(operation.executes) is not None and not await allowed(handler, "execute"):
        raise web.HTTPError(403, f"you aren't allowed to execute: {operation.name} runs what is in {operation.executes!r}.")
    work = partial(_called, handler.service.places, handler.place, operation.name, args)
    try:
        found = await handler.service.work(work, long=operation.takes_long(args))
    except MlopsError as error:
        handler.refuse(refusal(error))
        return
    except Exception:
        handler.log.exception("%s failed", operation.name)
        raise web.HTTPError(500, _WORDS[500]) from None
    handler.finish(found)


def _called(places: Places, place: str | None, operation: str, args: dict[str, Any]) -> bytes:
    alone = operation.startswith("projects.")
    if place is None and not alone:
        raise OperationError("the request names no project: add ?project=<folder below the server's root>.")
    project = None if alone or place is None else places.project(place)
    return msgspec.json.encode(call(project, operation, args, root=places.root, origin="lab"))


async def allowed(handler: Handler, action: str) -> bool:
    found = handler.authorizer.is_authorized(handler, handler.current_user, action, RESOURCE)
    return bool(await found if asyncio.iscoroutine(found) or isinstance(found, asyncio.Future) else found)


def from_query(operation: Operation, handler: Handler) -> dict[str, Any]:
    """Return the arguments of a GET, of the types that the operation takes: text as it is, everything else as JSON."""
    hints = {field.name: field.type for field in msgspec.structs.fields(operation.takes)}
    found: dict[str, Any] = {}
    for name in handler.request.query_arguments:
        if name == "project" or (name == "token" and name not in hints):
            continue
        given = handler.get_query_arguments(name, strip=False)
        found[name] = _typed(given, hints.get(name, str))
    return found


def _typed(given: list[str], hint: Any) -> Any:
    plain = str(hint)
    text = hint is str or "str |" in plain or "| str" in plain
    if text and not ("None" in plain and given[-1] == "null"):
        return given[-1]
    if len(given) > 1 and "list" in plain:
        return given
    try:
        return json.loads(given[-1])
    except (ValueError, RecursionError):
        return given if "list" in plain else given[-1]


def handlers(base: str, service: Service) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """Return the routes of all operations."""
    by_path: dict[str, list[Operation]] = {}
    for operation in OPERATIONS.values():
        by_path.setdefault(re.sub(r"\{\w+\}", "{}", operation.path), []).append(operation)
    # what is spelled out goes before what takes anything
    paths = sorted(by_path, key=lambda path: path.split("/").count("{}"))
    return [(base + path.replace("{}", "([^/]+)") + "/?", _handler(path, by_path[path]), {"service": service}) for path in paths]


def _handler(path: str, operations: list[Operation]) -> type[Handler]:
    methods = {operation.method.lower(): _method(operation) for operation in operations}
    return type(f"Handler of {path}", (Handler,), methods)


def _method(operation: Operation) -> Callable[..., Any]:
    async def method(self: Handler, *in_path: str) -> None:
        await answer(self, operation, in_path)

    return web.authenticated(authorized(action=operation.action, resource=RESOURCE)(method))
