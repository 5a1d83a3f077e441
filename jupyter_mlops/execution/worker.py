"""The worker: the process of a project that owns its warm kernels and executes its runs, whoever asks and whoever leaves.

``python -m jupyter_mlops.execution.worker --project FOLDER`` returns when the worker listens, which then lives on by itself,
until it has had nothing to do for a while. Clients start it: see :mod:`jupyter_mlops.execution.client`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from jupyter_mlops.execution import wire

_TICK = 0.5  # seconds between looks at the queue: a marker may come without a word, from a client that died
_FAREWELL = 15.0  # seconds for runs to end when the worker has to go
_SWITCH = 0.0005  # seconds a thread may keep others from Python; a run's steps pass through several threads
IDLE = 15 * 60.0
MOST_KERNELS = 8  # in reserve, of about 30 MB each
INSIDE = "jupyter_mlops.execution.inside"  # what the prelude imports first of all


class Worker:
    """Everything a worker holds; the folders and the environment say how many and how long."""

    def __init__(self, project: Path) -> None:
        # here, as a client waits for the socket and none of this is needed for it
        from jupyter_mlops import config
        from jupyter_mlops.execution.dispatch import Dispatch
        from jupyter_mlops.execution.folding import Folding
        from jupyter_mlops.execution.kernels import PRELOAD, Kernels

        settings = config.load(project).worker
        self.project = project
        self.began = time.monotonic()
        self.idle = _number("JUPYTER_MLOPS_IDLE", config.seconds(settings.idle) if settings.idle is not None else IDLE)
        parallel = int(_number("JUPYTER_MLOPS_PARALLEL", settings.parallel or _cores()))
        size = settings.kernels if settings.kernels is not None else max(4, min(parallel, MOST_KERNELS))
        self.loop = asyncio.new_event_loop()
        most = size if settings.kernels is not None else MOST_KERNELS
        self.kernels = Kernels(os.environ.get("JUPYTER_MLOPS_KERNELS", "auto"), size, (*PRELOAD, INSIDE), most=most)
        self.folding = Folding(project)
        self.guard = Guard()
        self.dispatch = Dispatch(project, sys.executable, self._execute, parallel=max(1, parallel), changed=self._changed)
        self.leaving = threading.Event()
        self._retired = False

    def start(self) -> None:
        """Get kernels ready and load papermill while the first clients come."""
        threading.Thread(target=self._run_loop, name="kernels", daemon=True).start()
        asyncio.run_coroutine_threadsafe(self.kernels.start(), self.loop).result()
        self.guard.start()
        self.folding.start()
        self.dispatch.recover()
        self._warm = threading.Thread(target=_load_runner, name="warm", daemon=True)
        self._warm.start()
        self.dispatch.fill()

    def serve(self, service: Any) -> None:
        """Return when there is nothing left to do, or when told to leave."""
        while not self.leaving.wait(_TICK):
            self.dispatch.fill()
            busy = self.dispatch.live or service.busy or (not self._retired and self.dispatch.queue.pending(sys.executable))
            quiet = time.monotonic() - max(self.dispatch.idle_since, self.began)
            if not busy and (self._retired or quiet > self.idle or not self.project.is_dir()):
                return

    def end(self) -> None:
        """End the runs that live and everything that was started."""
        self.dispatch.close("the worker was stopped")
        self.dispatch.join(_FAREWELL)
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self.kernels.close(), self.loop).result(_FAREWELL)
        self.folding.close()
        self.guard.close()

    # --- what clients ask ---

    def answers(self) -> dict[str, Any]:
        return {
            "status": lambda request: self.status(),
            "submit": self._submit,
            "wait": lambda request: {"ended": self.dispatch.wait(request["run"], request.get("timeout"))},
            "abort": lambda request: {"alive": self.dispatch.abort(request["run"], request["reason"])},
            "retire": self._retire,
            "stop": self._stop,
        }

    def status(self) -> dict[str, Any]:
        from jupyter_mlops import __version__

        return {
            "pid": os.getpid(),
            "version": __version__,
            "live": self.dispatch.live,
            "pending": self.dispatch.queue.pending(),
            "parallel": self.dispatch.parallel,
            "kernels": {"mode": self.kernels.mode, "notes": list(self.kernels.notes)},
            "uptime": time.monotonic() - self.began,
            "idle": self.idle,
        }

    def _submit(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.dispatch.closed:
            return {"taken": False}
        self.dispatch.submit(str(request["run"]), request.get("environ"))
        return {"taken": True}

    def _retire(self, request: dict[str, Any]) -> dict[str, Any]:
        self._retired = True
        return {"waiting": self.dispatch.hand_over()}

    def _stop(self, request: dict[str, Any]) -> dict[str, Any]:
        self.leaving.set()
        return {}

    # --- runs ---

    def _execute(self, folder: Path, stop: Any, environ: dict[str, str] | None, ended: Callable[[], None]) -> None:
        # here, as it loads papermill, in the first run's thread if it comes early
        from jupyter_mlops.execution import parents, runner
        from jupyter_mlops.execution.dispatch import Led

        self.guard.note(folder)
        try:
            if lead := parents.of(folder):
                with self.kernels.expecting(parents.kernels_of(folder)):
                    lead(folder, executor=Led(self.dispatch, folder.name), stop=stop, ended=ended)
                return
            host = runner.Host(role="worker", announce=self.guard.note, ended=ended)
            runner.execute(folder, kernels=self.kernels, loop=self.loop, stop=stop, environ=environ, host=host)
        finally:
            self.guard.forget(folder)

    def _changed(self) -> None:
        self.folding.tell(bool(self.dispatch.live))

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


class Guard:
    """Our end of the pipe to the process that cleans up if we die; see :mod:`jupyter_mlops.execution.guard`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        command = [sys.executable, "-P", "-m", "jupyter_mlops.execution.guard", str(os.getpid())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def note(self, folder: Path, pid: int | None = None) -> None:
        """Say that a run is alive, and what its kernel is."""
        self._write(f"+ {folder}\t{pid or ''}\n")

    def forget(self, folder: Path) -> None:
        self._write(f"- {folder}\n")

    def close(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5.0)

    def _write(self, line: str) -> None:
        pipe: IO[bytes] | None = self._process.stdin if self._process else None
        if pipe is None:
            return
        with self._lock, contextlib.suppress(OSError, ValueError):  # without a guard, readers find runs whose worker is gone
            pipe.write(os.fsencode(line))
            pipe.flush()


def main() -> None:
    """Start a worker and return when it listens, or say why it doesn't."""
    parser = argparse.ArgumentParser(prog="jupyter_mlops.execution.worker", description="Execute a project's runs.")
    parser.add_argument("--project", type=Path, required=True, help="the project's folder")
    parser.add_argument("--foreground", action="store_true", help="don't leave the terminal")
    given = parser.parse_args()
    tell = (lambda: None) if given.foreground or not hasattr(os, "fork") else _detach()
    _work(given.project.resolve(), tell)


def _work(project: Path, tell: Any) -> None:
    sys.setswitchinterval(_SWITCH)
    warnings.simplefilter("ignore")  # papermill's and nbclient's, nobody can act on them
    spot = wire.Spot(project)
    listener, key = spot.listen(), spot.key()
    from jupyter_mlops.execution.service import Service

    worker = Worker(project)
    service = Service(listener, key, worker.answers())
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: worker.leaving.set())
    service.start()
    address = listener.address
    spot.point(address)
    tell()
    worker.start()
    _log(f"worker {os.getpid()} of {project} takes runs")
    worker.serve(service)
    spot.withdraw()
    worker.dispatch.close()
    worker.end()
    service.close()
    _log(f"worker {os.getpid()} ends")


def _detach() -> Any:
    """Become a process of its own; the one that was started lives until what is returned is called, or exits with 1."""
    reads, writes = os.pipe()
    if os.fork():
        os.close(writes)
        os._exit(0 if os.read(reads, 1) else 1)
    os.close(reads)
    os.setsid()

    def tell() -> None:
        os.write(writes, b"1")
        os.close(writes)

    return tell


def _load_runner() -> None:
    from jupyter_mlops.execution import runner  # here, as it takes a second or more: papermill and all below it

    assert runner


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _number(name: str, default: float) -> float:
    try:
        return float(os.environ[name])
    except (KeyError, ValueError):
        return float(default)


def _log(text: str) -> None:
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
