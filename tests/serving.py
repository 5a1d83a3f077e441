"""A real Jupyter server in a process of its own, and how tests talk to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import websocket

TOKEN = "a-token-of-tests"
API = "/jupyter-mlops/api"
PATIENCE = 60.0


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A running server."""

    root: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": f"token {TOKEN}"})

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one request as it is; ``body`` goes as JSON unless it is bytes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            connection.request(method, path, data, self.headers if headers is None else headers)
            response = connection.getresponse()
            return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def call(self, method: str, path: str, project: str = "churn", body: Any = None, **query: Any) -> Answer:
        """Call an operation of a project; what is no text goes as JSON."""
        words = {"project": project} | {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()
        }
        return self.ask(method, f"{API}{quote(path)}?{urlencode(words)}", body)

    def watch(self, project: str = "churn", **options: Any) -> websocket.WebSocket:
        url = f"ws://127.0.0.1:{self.port}{API}/events?{urlencode({'project': project})}"
        headers = options.pop("header", [f"Authorization: token {TOKEN}"])
        return websocket.create_connection(url, timeout=PATIENCE, header=headers, **options)

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def memory(self) -> int:
        """Return the bytes of memory that it has, of Linux."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def events(socket_: websocket.WebSocket, until, patience: float = PATIENCE) -> list[dict[str, Any]]:
    """Return the events that come until one of them fits; the messages are lists of them."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + patience
    while not any(until(event) for event in found):
        assert time.monotonic() < deadline, f"no event fits among {found[-5:]}"
        found += json.loads(socket_.recv())
    return found


def isolated(home: Path) -> dict[str, str]:
    """Return an environment whose Jupyter knows nothing of this machine's users."""
    places = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    return {**os.environ, **places, "IPYTHONDIR": str(home / "ipython")}


@contextmanager
def serving(home: Path, *options: str, config: str = "") -> Iterator[Server]:
    """Serve ``home/root``, with a configuration in Python."""
    root = home / "root"
    root.mkdir(parents=True, exist_ok=True)
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "jupyter_server_config.py").write_text(config)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        *(f"--ServerApp.root_dir={root}", '--ServerApp.jpserver_extensions={"jupyter_mlops": True}'),
    ]
    log = home / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen([*arguments, *options], cwd=root, env=isolated(home), stdout=file, stderr=file)
    server = Server(root, port, process, log)
    try:
        _wait(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        assert server.process.poll() is None, server.said
        assert time.monotonic() < deadline, server.said
        try:
            if server.ask("GET", f"{API}/hello").status == 200:
                return
        except OSError:
            time.sleep(0.1)


ROUTES = """
import json
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler
from jupyter_server.serverapp import ServerApp

app = ServerApp.instance()
app.initialize(['--ServerApp.jpserver_extensions={"jupyter_mlops": True}', "--allow-root"], new_httpserver=False)
found = []
for router in (app.web_app.wildcard_router, app.web_app.default_router):
    for rule in router.rules:
        inner = getattr(rule.target, "rules", None)
        for one in inner if inner is not None else [rule]:
            pattern = getattr(getattr(one.matcher, "regex", None), "pattern", "")
            if "jupyter-mlops" not in pattern:
                continue
            for method in one.target.SUPPORTED_METHODS:
                own = getattr(one.target, method.lower(), None)
                if own is not None and own is not getattr(RequestHandler, method.lower()):
                    found.append([method, pattern, issubclass(one.target, WebSocketHandler)])
print(json.dumps(found))
"""


def routes(home: Path) -> list[tuple[str, str, bool]]:
    """Return every route of ours in a real server's application: method, pattern, whether it is a websocket."""
    home.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", ROUTES], cwd=home, env=isolated(home), capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return [tuple(route) for route in json.loads(done.stdout.splitlines()[-1])]
