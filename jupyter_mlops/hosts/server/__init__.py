"""The server extension: the operations as REST, what happens as a websocket, artifacts as downloads. ``docs/server.md``."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.hosts.server.extension import load

_load_jupyter_server_extension = load


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "jupyter_mlops.hosts.server"}]
