"""Real runs for plain tests: a project with Functions from cells, executed in this process or by a worker of its own."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from rooms import Room

from jupyter_mlops import config
from jupyter_mlops.events import History
from jupyter_mlops.execution import runner
from jupyter_mlops.execution.folder import write_spec
from jupyter_mlops.records import Runtime, Spec
from jupyter_mlops.storage import journal

PATIENCE = 60.0  # seconds until a test gives up to wait for what should come at once


def until(condition, patience=PATIENCE):
    """Return what ``condition`` returns as soon as that is true."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{condition} didn't come true in {patience} s"
        time.sleep(0.02)
    return found


def processes_of(run):
    """Return the live processes that hold the run's id in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("JUPYTER_MLOPS_RUN") == run and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@dataclass
class Done:
    """A run after its end."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def events(self) -> list[dict]:
        return journal.read(self.folder / "events.jsonl").events

    @property
    def story(self) -> History:
        return journal.history(self.folder)

    @property
    def state(self) -> str:
        return str(self.story.state)

    @property
    def log(self) -> str:
        path = self.folder / "log.txt"
        return path.read_text() if path.exists() else ""

    @property
    def cells(self) -> list:
        """The executed notebook's code cells."""
        nb = nbformat.read(self.folder / "notebook.ipynb", as_version=4)
        nbformat.validate(nb)
        return [cell for cell in nb.cells if cell.cell_type == "code"]

    @property
    def printed(self) -> str:
        return "".join(output.text for cell in self.cells for output in cell.outputs if output.output_type == "stream")


class Bench:
    """A project folder whose Functions are plain cells."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config.create(folder, "bench")

    def define(self, *cells, tags=None, kernel="python3") -> str:
        """Write a Function of these cells and return its name; ``tags`` maps a cell's index to its tags."""
        name = f"fn{len(list((self.folder / 'functions').glob('*.ipynb')))}"
        made = [nbformat.v4.new_code_cell(cell, metadata={"tags": (tags or {}).get(i, [])}) for i, cell in enumerate(cells)]
        nb = nbformat.v4.new_notebook(cells=made)
        nb.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
        nbformat.write(nb, self.folder / "functions" / f"{name}.ipynb")
        return name

    def order(self, function, *, params=None, **runtime) -> Path:
        """Write the folder of a run that is to be executed."""
        spec = Spec(
            id=journal.new_id(),
            project="bench",
            name=function,
            function=function,
            params=params or {},
            runtime=Runtime(**runtime),
            created=time.time(),
            cwd=str(self.folder),
        )
        folder = self.folder / "runs" / spec.id
        write_spec(folder, spec)
        return folder


class Table(Bench):
    """A bench that executes in this process, on a pool of kernels that tests share."""

    def __init__(self, folder: Path, room: Room) -> None:
        super().__init__(folder)
        self.room = room

    def run(self, *cells, tags=None, stop=None, environ=None, params=None, **runtime) -> Done:
        """Execute these cells as a run to its end."""
        return self.execute(self.order(self.define(*cells, tags=tags), params=params, **runtime), stop=stop, environ=environ)

    def execute(self, folder, *, stop=None, environ=None) -> Done:
        runner.execute(folder, kernels=self.room.kernels, loop=self.room.loop, stop=stop or runner.Stop(), environ=environ)
        return Done(folder)

    def begin(self, *cells, **runtime):
        """Start a run in a thread; return it, what stops it, and the thread."""
        folder, stop = self.order(self.define(*cells), **runtime), runner.Stop()
        thread = threading.Thread(target=self.execute, args=(folder,), kwargs={"stop": stop})
        thread.start()
        return Done(folder), stop, thread


def note(path) -> str:
    """Return code that writes the kernel's process number to ``path``, whole."""
    draft, final = f"{path}~", str(path)
    return f"import os, pathlib\npathlib.Path({draft!r}).write_text(str(os.getpid()))\nos.rename({draft!r}, {final!r})"


def number_in(path) -> int:
    return int(until(lambda: os.path.exists(path) and Path(path).read_text()))


def dump(path, data) -> Path:
    path.write_text(json.dumps(data))
    return path
