"""What Jupyter's server calls: our routes are added to its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

import jupyter_mlops
from jupyter_mlops.hosts.server import rest
from jupyter_mlops.hosts.server.download import Content
from jupyter_mlops.hosts.server.emit import Emitter
from jupyter_mlops.hosts.server.places import Places
from jupyter_mlops.hosts.server.rest import RESOURCE, Handler, Service
from jupyter_mlops.hosts.server.stream import Events

THREADS, LONG = 8, 4  # of those which may take long
BASE = "/jupyter-mlops/api"


class Hello(Handler):
    """Whether we are there, and in which version."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        self.finish({"name": "jupyter-mlops", "version": jupyter_mlops.__version__, "api": 1})


def load(server: Any) -> None:
    """Add the routes to a server's application."""
    app = server.web_app
    places = Places(server.contents_manager, server.root_dir)
    threads, long = (ThreadPoolExecutor(count, thread_name_prefix="jupyter-mlops") for count in (THREADS, LONG))
    service = Service(places=places, threads=threads, long=long)
    base = url_path_join(app.settings["base_url"], BASE)
    shared = {"service": service}
    emitter = Emitter(server.event_logger, server.io_loop.add_callback)
    routes = [
        (f"{base}/hello/?", Hello, shared),
        (f"{base}/events/?", Events, {**shared, "emitter": emitter}),
        (f"{base}/artifacts/([^/]+)/content/?", Content, shared),
        *rest.handlers(base, service),
    ]
    app.add_handlers(".*$", routes)
    server.log.info("jupyter-mlops %s answers at %s", jupyter_mlops.__version__, base)
