"""``python -m jupyter_mlops.run --spec FILE``: execute one run in this process, without a worker.

FILE is the ``run.json`` of a run's folder, or any JSON file with the same fields and ``project``, the path of the project's
folder; then the run's folder is made. This is how other engines (Dask, a container, a CI job) execute our runs: only a string
crosses.

Exit codes: 0 completed, 1 error, 2 a spec that can't be used, 130 aborted.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import getpass
import json
import os
import signal
import socket
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from jupyter_mlops import config
from jupyter_mlops.errors import MlopsError, RunNotFoundError
from jupyter_mlops.execution import processes
from jupyter_mlops.execution.folder import SPEC, project_of, read_spec, spec_from, write_spec
from jupyter_mlops.execution.kernels import Kernels
from jupyter_mlops.execution.queue import Queue
from jupyter_mlops.records import State
from jupyter_mlops.storage.journal import history, new_id

CODES = {State.COMPLETED: 0, State.ERROR: 1, State.ABORTED: 130}


def main(arguments: list[str] | None = None) -> int:
    """Execute the run of ``--spec`` and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m jupyter_mlops.run", description="Execute one run, without a worker.")
    parser.add_argument(
        "--spec", type=Path, required=True, help="a run.json, or JSON with the same fields and the project's path"
    )
    given = parser.parse_args(arguments)
    try:
        folder = prepare(given.spec)
    except MlopsError as problem:
        print(problem, file=sys.stderr)
        return 2
    state = execute(folder)
    reason = history(folder).reason
    print(f"{folder.name} {state}{f': {reason}' if reason else ''}")
    return CODES[state]


def prepare(file: Path) -> Path:
    """Return the folder of the run that ``file`` asks for, made if need be.

    Raises
    ------
    RunNotFoundError
        The file isn't a spec, or its run has been executed.
    ProjectError
        The project that it names isn't one.
    """
    file = file.absolute()
    if file.name == SPEC and file.parents[1].name == "runs":
        folder = file.parent
        read_spec(folder)
        config.load(project_of(folder))
    else:
        folder = _make(file)
    queue = Queue(project_of(folder))
    state = history(folder).state
    if state is not State.PENDING or folder.name in queue.living():
        raise RunNotFoundError(f"run {folder.name} is {state}, so it can't begin. Copy the spec without its id to run it again.")
    if folder.name in queue.pending() and not queue.claim(folder.name):
        raise RunNotFoundError(f"run {folder.name} has just been taken by a worker.")
    return folder


def execute(folder: Path) -> State:
    """Execute the run in ``folder`` with a kernel of its own; Ctrl-C and SIGTERM abort it."""
    warnings.simplefilter("ignore", DeprecationWarning)  # papermill's and nbclient's: nobody here can act on them
    from jupyter_mlops.execution import runner  # here, as papermill takes a second to load, and a bad spec needs none

    stop, queue = runner.Stop(), Queue(project_of(folder))

    def abort(number: int, frame: object) -> None:
        # in a thread: a handler must not wait for locks that the interrupted thread may hold
        threading.Thread(target=stop.request, args=("interrupted" if number == signal.SIGINT else "terminated",)).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, abort)
    queue.own(folder.name, {**processes.identity(), "role": "run"})
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="kernels", daemon=True)
    thread.start()
    kernels = Kernels("cold", size=0)
    try:
        asyncio.run_coroutine_threadsafe(kernels.start(), loop).result()
        return _wait(lambda: runner.execute(folder, kernels=kernels, loop=loop, stop=stop))
    finally:
        asyncio.run_coroutine_threadsafe(kernels.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        queue.leave(folder.name)


def _wait(work: Any) -> State:
    """Do ``work`` in a thread: the main one must be free for signals."""
    results: list[State] = []
    thread = threading.Thread(target=lambda: results.append(work()), name="run")
    thread.start()
    while thread.is_alive():
        thread.join(1.0)
    if not results:
        raise SystemExit(1)  # the thread's traceback says why
    return results[0]


def _make(file: Path) -> Path:
    try:
        fields: dict[str, Any] = json.loads(file.read_bytes())
        project = Path(os.path.expanduser(fields.pop("project")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise RunNotFoundError(f"{str(file)!r} isn't a spec: {problem!r}. It needs the fields of a run.json.") from None
    project = (file.parent / project).resolve()
    name = config.load(project).name
    missing = {"id": new_id(), "name": fields.get("function") or "run", "created": time.time()}
    missing |= {"host": socket.gethostname(), "user": getpass.getuser(), "origin": "spec", "cwd": os.getcwd()}
    try:
        spec = dataclasses.replace(spec_from({**missing, **fields, "project": name}))
    except (TypeError, ValueError, KeyError, AttributeError) as problem:
        raise RunNotFoundError(f"{str(file)!r} isn't a spec: {problem}.") from None
    if spec.id != Path(spec.id).name or not spec.function:
        raise RunNotFoundError(f"{str(file)!r} isn't a spec: it needs a function and, if any, an id like {new_id()!r}.")
    folder = project / "runs" / spec.id
    if not folder.exists():
        write_spec(folder, spec)
    return folder


if __name__ == "__main__":
    sys.exit(main())
