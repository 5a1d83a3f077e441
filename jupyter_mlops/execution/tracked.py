"""``papermill in.ipynb out.ipynb --engine jupyter-mlops``: papermill as it is, and a run of the project it stands in."""

from __future__ import annotations

import getpass
import os
import socket
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine

from jupyter_mlops import config, values
from jupyter_mlops.errors import ParameterError
from jupyter_mlops.execution import processes, provenance
from jupyter_mlops.execution.cells import MAY_FAIL, SKIP, notebook_bytes
from jupyter_mlops.execution.folder import LOG, NOTEBOOK, replace, write_spec
from jupyter_mlops.execution.inside.current import FOLDER
from jupyter_mlops.execution.logfile import LogFile
from jupyter_mlops.execution.outcomes import Outcome, exit_code, failed, failure_of, refused
from jupyter_mlops.execution.queue import Queue
from jupyter_mlops.records import Failure, Spec, State
from jupyter_mlops.storage.journal import EVENTS, Journal, new_id

if TYPE_CHECKING:
    from nbformat import NotebookNode

_INTERVAL = 0.2  # seconds between looks at the kernel's memory


def execute_tracked(nb: NotebookNode, kernel_name: str, output_path: str | None, **options: Any) -> NotebookNode:
    """Execute ``nb`` as papermill's own engine does, and write it down in the project around the working directory.

    Without a project nothing is written down, which one line on stderr says.
    """
    project = config.find(Path.cwd())
    if project is None:
        where = str(Path.cwd())
        print(f"jupyter-mlops: no project around {where!r}, so this run isn't tracked: `jupyter mlops init`.", file=sys.stderr)
        return _execute(nb, kernel_name, output_path, options)
    with _Tracked(project, nb, kernel_name) as run:
        hooks = run.hooks(options)
        return _execute(nb, kernel_name, output_path, {**options, **hooks})


def _execute(nb: NotebookNode, kernel_name: str, output_path: str | None, options: dict[str, Any]) -> NotebookNode:
    executed: NotebookNode = NBClientEngine.execute_notebook(nb, kernel_name, output_path=output_path, **options)
    return executed


class _Tracked:
    """Writes one run down while papermill executes it; nbclient's hooks tell of its cells."""

    def __init__(self, project: Path, nb: NotebookNode, kernel_name: str) -> None:
        self.nb, self.project, self.kernel_name = nb, project, kernel_name
        self.spec = _spec(project, nb)
        self.folder = project / "runs" / self.spec.id
        write_spec(self.folder, self.spec)
        self.events, self.log = Journal(self.folder / EVENTS), LogFile(self.folder / LOG)
        self.queue = Queue(project)
        self.outcome: Outcome | None = None
        self.memory, self.cpu = 0, 0.0
        self._began = 0.0
        self._cell: dict[str, Any] | None = None
        self._pid = -1
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        owner = {**processes.identity(), "role": "papermill"}
        self.queue.own(self.spec.id, owner)
        self.events.append("state", state=State.RUNNING, reason="", owner=owner)
        self.events.append("attempt", n=1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        outcome = self.outcome or _outcome_of(error, self._cell)
        if self._cell is not None:
            self._finish_cell("error")
        self._over.set()
        for thread in self._threads:
            thread.join()
        processes.end_tree(self._pid, marker=self.spec.id)
        replace(self.folder / NOTEBOOK, notebook_bytes(self.nb))
        if outcome.failure is not None:
            self.log.line("\n".join(outcome.failure.traceback or (outcome.reason,)))
        self.log.close()
        self.events.append("usage", memory=self.memory, cpu=round(self.cpu, 3))
        failure = {"failure": vars(outcome.failure)} if outcome.failure else {}
        self.events.append("state", state=outcome.state, reason=outcome.reason, **failure)
        self.events.close()
        self.queue.leave(self.spec.id)

    def hooks(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what makes papermill's engine tell us; its own files get what they asked for all the same."""
        outputs = {name: _Tee(self.log, options.pop(name, None)) for name in ("stdout_file", "stderr_file")}
        return {
            **outputs,
            "kernel_manager_class": self._manager(),
            "on_cell_start": self._cell_start,
            "on_cell_executed": self._cell_executed,
            "on_cell_error": self._cell_error,
        }

    def _manager(self) -> type[AsyncKernelManager]:
        """Return a manager whose kernel finds the run by its environment, and that tells us the kernel's process."""
        extra = {processes.MARKER: self.spec.id, FOLDER: str(self.folder)}
        started = self._started

        class Manager(AsyncKernelManager):
            async def _async_start_kernel(self, **options: Any) -> None:
                options["env"] = {**(options.get("env") or os.environ), **extra}
                await super()._async_start_kernel(**options)
                started(getattr(self.provisioner, "pid", None) or -1, list(getattr(self.kernel_spec, "argv", ())))

            start_kernel = _async_start_kernel

        return Manager

    def _started(self, pid: int, argv: list[str]) -> None:
        self._pid = pid
        notes = {"kernel": self.kernel_name, "kernel_mode": "papermill"}
        self._threads.append(provenance.gather(self.project, self.spec, self.events, argv=argv, notes=notes))
        if pid > 0:
            sampler = threading.Thread(target=self._sample, name="usage", daemon=True)
            sampler.start()
            self._threads.append(sampler)

    def _sample(self) -> None:
        while True:
            memory, cpu = processes.usage(processes.tree(self._pid))
            self.memory, self.cpu = max(self.memory, memory), max(self.cpu, cpu)
            if self._over.wait(_INTERVAL):
                return

    # --- nbclient's hooks ---

    def _cell_start(self, *, cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type != "code" or not cell.source.strip():
            return
        place = {"index": cell_index, "id": cell.get("id"), "total": len(self.nb.cells)}
        skipped = SKIP in cell.metadata.get("tags", ())
        self.events.append("cell", **place, state="skipped" if skipped else "running")
        self._cell, self._began = None if skipped else place, time.perf_counter()

    def _cell_executed(self, *, cell: NotebookNode, execute_reply: dict[str, Any], **_: Any) -> None:
        broken = execute_reply["content"]["status"] == "error" and MAY_FAIL not in cell.metadata.get("tags", ())
        self._finish_cell("error" if broken else "completed")

    def _cell_error(self, *, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        if MAY_FAIL in cell.metadata.get("tags", ()):
            return
        failure = failure_of(execute_reply["content"], cell_index, cell.get("execution_count"))
        code = exit_code(failure.ename, failure.evalue)
        # papermill lets sys.exit(0) pass as well
        self.outcome = Outcome(state=State.COMPLETED, reason="exited early") if code == 0 else failed(failure)

    def _finish_cell(self, state: str) -> None:
        if self._cell is not None:
            seconds = round(time.perf_counter() - self._began, 6)
            self.events.append("cell", **self._cell, state=state, seconds=seconds)
            self._cell = None


class _Tee:
    """A file for papermill's ``stdout_file`` that also writes to the log."""

    def __init__(self, log: LogFile, other: Any) -> None:
        self.log, self.other = log, other

    def write(self, text: str) -> None:
        self.log.write(text)
        if self.other:
            self.other.write(text)

    def flush(self) -> None:
        if self.other:
            self.other.flush()


def _outcome_of(error: BaseException | None, cell: dict[str, Any] | None) -> Outcome:
    if error is None:
        return Outcome(state=State.COMPLETED)
    if isinstance(error, KeyboardInterrupt):
        return Outcome(state=State.ABORTED, reason="interrupted")
    if not isinstance(error, DeadKernelError | CellTimeoutError):
        return refused(error)
    name = "KernelDied" if isinstance(error, DeadKernelError) else "CellTimeout"
    return failed(Failure(ename=name, evalue=str(error).strip().splitlines()[0], cell=cell["index"] if cell else None))


def _spec(project: Path, nb: NotebookNode) -> Spec:
    noted = nb.metadata.get("papermill", {})
    source = noted.get("input_path")
    return Spec(
        id=new_id(),
        project=config.load(project).name,
        name=Path(source).stem if isinstance(source, str) else "notebook",
        params={name: _encoded(value) for name, value in noted.get("parameters", {}).items()},
        created=time.time(),
        user=_user(),
        host=socket.gethostname(),
        origin="papermill",
        cwd=os.getcwd(),
    )


def _encoded(value: Any) -> Any:
    try:
        return values.encode(value)
    except ParameterError:  # papermill takes it all the same
        return values.encode(repr(value))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else ""
