"""Which runs wait and which are alive, as small files: ``.mlops/queue/<id>`` and ``.mlops/live/<id>``.

A run is claimed by renaming its marker from the one folder to the other, so it has one winner, whoever else tries. A marker that
waits holds who it is for; one that lives, the identity of the process that executes the run.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import StorageError
from jupyter_mlops.execution.folder import replace

_CLAIM_TIME = 10.0  # seconds from a claim to its owner's name; after more, the claimant has died in between


class Queue:
    """The markers of one project."""

    def __init__(self, project: Path) -> None:
        self.waiting = project / ".mlops" / "queue"
        self.live = project / ".mlops" / "live"

    def add(self, run: str, python: str) -> None:
        """Have a run wait for a worker of this interpreter."""
        try:
            for folder in (self.waiting, self.live):
                folder.mkdir(parents=True, exist_ok=True)
            replace(self.waiting / run, json.dumps({"python": python}).encode())
        except OSError as error:
            why = error.strerror or error
            raise StorageError(f"{str(self.waiting)!r} can't be written ({why}): check that folder and its disk.") from error

    def pending(self, python: str | None = None) -> list[str]:
        """Return the ids that wait, oldest first; with ``python`` only those that its workers may take."""
        return [run for run in _ids(self.waiting) if python is None or self._is_for(run, python)]

    def claim(self, run: str) -> bool:
        """Take a run out of the queue; True for one claimant only."""
        try:
            os.rename(self.waiting / run, self.live / run)
        except OSError:
            return False
        with contextlib.suppress(OSError):
            os.utime(self.live / run)  # the time of the claim
        return True

    def own(self, run: str, owner: dict[str, Any]) -> None:
        """Write who executes a claimed run."""
        with contextlib.suppress(OSError):  # the marker only helps to find runs whose owner is gone
            self.live.mkdir(parents=True, exist_ok=True)
            replace(self.live / run, json.dumps(owner).encode())

    def leave(self, run: str) -> None:
        """Forget a run that has ended."""
        with contextlib.suppress(OSError):
            (self.live / run).unlink()

    def owner(self, run: str) -> dict[str, Any] | None:
        """Return who executes a run, or None."""
        found = _content(self.live / run)
        return found if "pid" in found else None

    def living(self) -> list[str]:
        """Return the ids that were claimed and not left."""
        return _ids(self.live)

    def return_abandoned(self, run: str) -> bool:
        """Put a claimed run back if its claimant died before it became the owner; return whether it did."""
        try:
            abandoned = "python" in _content(self.live / run) and time.time() - (self.live / run).stat().st_mtime > _CLAIM_TIME
            if abandoned:
                os.rename(self.live / run, self.waiting / run)
        except OSError:
            return False
        return abandoned

    def _is_for(self, run: str, python: str) -> bool:
        path = self.waiting / run
        if hasattr(os, "getuid"):
            with contextlib.suppress(OSError):
                if path.stat().st_uid != os.getuid():  # a colleague's, in a shared folder: it runs as them
                    return False
        wanted = _content(path).get("python", python)
        return wanted == python or not os.path.exists(wanted)


def _ids(folder: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _content(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
