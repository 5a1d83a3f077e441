"""What a run ran with: Python, packages, platform, the state of the code in git. Gathered beside the run, never in its way."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import config
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution.commands import kernel_arguments
from jupyter_mlops.storage.blobs import Blobs

if TYPE_CHECKING:
    from jupyter_mlops.records import Spec
    from jupyter_mlops.storage.journal import Journal

_GIT_PATIENCE = 10.0  # seconds; a repository may be huge, or on a slow disk
_GIT_FRESH = 1.0  # seconds that one look at a repository holds good: a grid starts many runs at once
_DIFF_LIMIT = 2_000_000  # bytes
_ASK = """\
import json, platform, sys
from importlib import metadata
found = {str(d.metadata["Name"]): d.version for d in metadata.distributions() if d.metadata["Name"]}
print(json.dumps([platform.python_version(), sys.executable, sorted(f"{n}=={v}" for n, v in found.items())]))
"""


def gather(project: Path, spec: Spec, events: Journal, *, argv: list[str], notes: dict[str, Any]) -> threading.Thread:
    """Start to write the run's ``environment`` event; the caller joins the thread before the run's journal ends.

    Parameters
    ----------
    argv
        The kernel's command line, by which its environment is found.
    notes
        What is known already.
    """
    known = {**notes, "platform": platform.platform()}
    thread = threading.Thread(target=_write, args=(project, spec, events, argv, known), name=f"provenance {spec.id}", daemon=True)
    thread.start()
    return thread


def _write(project: Path, spec: Spec, events: Journal, argv: list[str], known: dict[str, Any]) -> None:
    store = config.load(project).store(project)
    blobs = Blobs(store, cache=project / ".mlops" / "cache")
    notes = {**known, **environment_of(argv)}
    packages = notes.pop("packages", None)
    for where in dict.fromkeys(path for path in (str(project), spec.cwd) if path):
        if git := git_state(where, int(time.monotonic() / _GIT_FRESH)):
            notes["git"] = dict(git)
            break
    try:
        if packages:
            notes["packages"] = blobs.put_bytes(packages_bytes(packages)).hash
        if diff := notes.get("git", {}).pop("patch", None):
            notes["git"]["diff"] = blobs.put_bytes(diff).hash
    except (MlopsError, OSError) as error:  # the store is full or away: what doesn't need it is written all the same
        notes["problem"] = str(error)
    events.append("environment", **notes)


def packages_bytes(packages: list[str]) -> bytes:
    """Return the list of packages as it is kept among the artifacts' bytes, once for all runs that have it."""
    return json.dumps(packages).encode()


def environment_of(argv: list[str]) -> dict[str, Any]:
    """Return Python version, interpreter and packages of the environment that a kernel's command line belongs to."""
    if not argv or kernel_arguments(argv) is not None:
        return {"python": platform.python_version(), "executable": sys.executable, "packages": _own_packages(_stamp())}
    if not Path(argv[0]).name.startswith("python"):
        return {}
    return _foreign(argv[0])


def _stamp() -> tuple[float, ...]:
    """Change when something was installed."""
    return tuple(os.stat(path).st_mtime for path in sys.path if path and os.path.isdir(path))


@lru_cache(maxsize=1)
def _own_packages(stamp: tuple[float, ...]) -> list[str]:
    found = dict(_names_and_versions())
    return sorted(f"{name}=={version}" for name, version in found.items())


def _names_and_versions() -> Iterator[tuple[str, str]]:
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            yield str(name), distribution.version


@lru_cache(maxsize=16)
def _foreign(python: str) -> dict[str, Any]:
    try:
        done = subprocess.run([python, "-c", _ASK], capture_output=True, timeout=60, check=True, stdin=subprocess.DEVNULL)
        version, executable, packages = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}
    return {"python": version, "executable": executable, "packages": packages}


@lru_cache(maxsize=8)
def git_state(folder: str, moment: int) -> dict[str, Any]:
    """Return commit, branch, whether tracked files are changed, and the patch; empty outside of a repository.

    ``moment`` is only there to forget: calls with another one look again.
    """
    status = _git(folder, "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    if status is None:
        return {}
    lines = status.decode(errors="replace").splitlines()
    heads = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# branch."))
    state: dict[str, Any] = {"commit": heads.get("branch.oid"), "branch": heads.get("branch.head")}
    state["dirty"] = any(not line.startswith("#") for line in lines)
    if state["commit"] == "(initial)":
        state["commit"] = None
    elif state["dirty"] and (patch := _git(folder, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD")):
        state["patch"] = patch[:_DIFF_LIMIT]
        if len(patch) > _DIFF_LIMIT:
            state["cut"] = True
    return state


def _git(folder: str, *words: str) -> bytes | None:
    # no locks: git would refresh the index of a repository that somebody is working in
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ["git", "-c", "core.fsmonitor=false", "-C", folder, *words]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_GIT_PATIENCE, env=environ, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None
