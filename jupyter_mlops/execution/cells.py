"""Execute a notebook's cells on a ready kernel: papermill calls from the run's thread, nbclient works on the kernels' loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode, from_dict
from papermill.engines import NotebookExecutionManager

from jupyter_mlops.execution.folder import replace
from jupyter_mlops.execution.logfile import settled
from jupyter_mlops.execution.outcomes import Outcome, Verdict, exit_code, failed, failure_of
from jupyter_mlops.records import Failure, State

if TYPE_CHECKING:
    from jupyter_mlops.execution.kernels import Lease
    from jupyter_mlops.execution.limits import Watch
    from jupyter_mlops.execution.logfile import LogFile
    from jupyter_mlops.storage.journal import Journal

SKIP, MAY_FAIL = "skip-execution", "raises-exception"
GRACE = 1.0  # seconds that interrupted code has to unwind
_DRAIN = 0.05  # seconds for what a kernel said before it died to arrive
_STREAM_LIMIT = 8_000_000  # characters of text output that a cell keeps in the notebook; log.txt has all
_SAVE_SHARE = 20  # saving may take a twentieth of the time
_TALK = 60  # seconds after a cell's reply for its last output to arrive; the kernel waits for us, so none is lost


class Book:
    """The executed notebook on disk, saved whole after every cell, or seldom if it is so large that this would take long."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._not_before = 0.0

    def save(self, nb: NotebookNode, *, now: bool = False) -> None:
        if not now and time.monotonic() < self._not_before:
            return
        began = time.thread_time()  # the work itself: on a busy machine a small notebook takes longer, but isn't larger
        replace(self.path, notebook_bytes(nb))
        self._not_before = time.monotonic() + _SAVE_SHARE * (time.thread_time() - began) - 0.2


def notebook_bytes(nb: NotebookNode) -> bytes:
    """Return a notebook's JSON; nbformat's own writer copies and validates all of it first."""
    try:
        return msgspec.json.format(msgspec.json.encode(nb), indent=1) + b"\n"
    except (TypeError, UnicodeEncodeError, msgspec.MsgspecError):  # lone surrogates, or a kernel's strange metadata
        return json.dumps(nb, indent=1, default=str).encode() + b"\n"


class Execution:
    """The cells of one attempt. ``outcome`` is None until they have been executed."""

    def __init__(
        self, *, lease: Lease, watch: Watch, loop: asyncio.AbstractEventLoop, journal: Journal, log: LogFile, book: Book
    ) -> None:
        self.lease, self.watch, self.loop = lease, watch, loop
        self.journal, self.log, self.book = journal, log, book
        self.outcome: Outcome | None = None

    def execute(self, nb: NotebookNode) -> NotebookNode:
        """Execute the cells in order until one ends the run; called by papermill, returns an empty notebook.

        Papermill would search the result for errors, as we have done better, and serialise it once more, large outputs and all.
        """
        nb.metadata.papermill.update(input_path=None, output_path=None)  # papermill has put the notebook into itself here
        record = _Record(nb, progress_bar=False)
        client = _Client(nb, self.lease, self.log)
        record.notebook_start()
        self.book.save(nb)
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code" and cell.source.strip():
                self.outcome = self._cell(client, record, index)
            if self.outcome is not None:
                break
        self.outcome = self.outcome or Outcome(state=State.COMPLETED)
        client.set_widgets_metadata()
        record.end(complete=self.outcome.state is State.COMPLETED)
        self.book.save(nb, now=True)
        return _node({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})

    def _cell(self, client: _Client, record: _Record, index: int) -> Outcome | None:
        cell = client.nb.cells[index]
        place = {"index": index, "id": cell.get("id"), "total": len(client.nb.cells)}
        if SKIP in cell.metadata.get("tags", ()):
            self.journal.append("cell", **place, state="skipped")
            return None
        self.journal.append("cell", **place, state="running")
        record.cell_start(cell, index)
        began = time.perf_counter()
        outcome = asyncio.run_coroutine_threadsafe(self._drive(client, index), self.loop).result()
        seconds = round(time.perf_counter() - began, 6)
        broken = outcome is not None and outcome.state is not State.COMPLETED
        if broken:
            record.cell_exception(cell, index)
        record.cell_complete(cell, index)
        self.journal.append("cell", **place, state="error" if broken else "completed", seconds=seconds)
        self.book.save(client.nb)
        return outcome

    async def _drive(self, client: _Client, index: int) -> Outcome | None:
        """Execute one cell and return how it ended the run, or None if the run goes on."""
        cell, verdict = client.nb.cells[index], self.watch.verdict
        timer = self.watch.time_cell(index)
        work = self.loop.create_task(client.async_execute_cell(cell, index))
        try:
            either: list[asyncio.Future[Any]] = [work, verdict]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not verdict.done() and isinstance(_exception(work), DeadKernelError):
                await asyncio.wait({verdict}, timeout=GRACE)  # the exit is heard of a moment later
            if verdict.done():
                await self._cut_short(work, verdict.result())
        finally:
            if timer:
                timer.cancel()
        client.settle(cell)
        if verdict.done():
            trace = client.failure(index) if isinstance(_exception(work), CellExecutionError) else None
            return verdict.result().outcome(index, trace)
        return self._ending(work, client, index)

    def _ending(self, work: asyncio.Task[Any], client: _Client, index: int) -> Outcome | None:
        error = _exception(work)
        if error is None:
            return None
        if not isinstance(error, CellExecutionError):  # nbclient's own: it can't make sense of what the kernel says
            return failed(Failure(ename=type(error).__name__, evalue=str(error), cell=index))
        failure = client.failure(index)
        if exit_code(failure.ename, failure.evalue) == 0:
            _forget_exit(client.nb.cells[index])
            return Outcome(state=State.COMPLETED, reason="exited early")
        return failed(failure)

    async def _cut_short(self, work: asyncio.Task[Any], verdict: Verdict) -> None:
        if verdict.interrupt and not work.done():
            with contextlib.suppress(RuntimeError, OSError):  # it has no process any more
                await self.lease.km.interrupt_kernel()
        await asyncio.wait({work}, timeout=GRACE if verdict.interrupt else _DRAIN)
        if not work.done():
            work.cancel()
            await asyncio.wait({work})


class _Client(NotebookClient):
    """nbclient with output that is cheap to collect, and written to the log as it comes."""

    def __init__(self, nb: NotebookNode, lease: Lease, log: LogFile) -> None:
        super().__init__(nb, km=lease.km, kernel_name=lease.kernel_name, raise_on_iopub_timeout=False, iopub_timeout=_TALK)
        self.kc = lease.kc
        self.log_file = log
        self.last_error: dict[str, Any] = {}
        self.on_cell_error = self._remember
        self._text_size = 0

    def failure(self, index: int) -> Failure:
        return failure_of(self.last_error, index, self.nb.cells[index].get("execution_count"))

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        hooked = self.output_hook_stack.get(msg["parent_header"].get("msg_id"))
        if msg["msg_type"] != "stream":
            return super().process_message(msg, cell, cell_index)
        self.log_file.write(msg["content"]["text"])
        if hooked or self.clear_before_next_output:
            return super().process_message(msg, cell, cell_index)
        self._collect(cell.outputs, msg["content"]["name"], msg["content"]["text"])
        return None

    def settle(self, cell: NotebookNode) -> None:
        """Turn the collected pieces of text into text."""
        for output in cell.outputs:
            if output.output_type == "stream":
                output.text = settled("".join(output.text))
        self._text_size = 0

    def _collect(self, outputs: list[NotebookNode], name: str, text: str) -> None:
        last = outputs[-1] if outputs else None
        if last is None or last.output_type != "stream" or last.name != name or isinstance(last.text, str):
            last = _node({"output_type": "stream", "name": name, "text": []})
            outputs.append(last)
        self._text_size += len(text)
        if self._text_size <= _STREAM_LIMIT:
            last.text.append(text)
        elif self._text_size - len(text) <= _STREAM_LIMIT:
            last.text.append("\n[the rest of this cell's text is in log.txt]\n")

    def _remember(self, *, cell: NotebookNode, execute_reply: dict[str, Any], **_: Any) -> None:
        self.last_error = execute_reply["content"]
        self.settle(cell)  # nbclient looks at the text of a cell that failed

    async def _async_poll_kernel_alive(self) -> None:
        """Nothing: the watch hears of a kernel's end at once; nbclient would ask every second."""


class _Record(NotebookExecutionManager):  # type: ignore[misc]
    """Papermill's metadata of cells, so that its readers understand our notebooks; we save, and tell the truth at the end."""

    def save(self, **_: Any) -> None:
        pass

    def end(self, *, complete: bool) -> None:
        self.end_time = self.now()
        self.nb.metadata.papermill.update(
            end_time=self.end_time.isoformat(),
            duration=(self.end_time - self.start_time).total_seconds(),
            exception=None if complete else True,
        )
        for cell in self.nb.cells:  # of a run that was cut short, cells that never ran stay pending
            if complete and cell.metadata.papermill["status"] == self.PENDING:
                cell.metadata.papermill["status"] = self.COMPLETED


def _node(fields: dict[str, Any]) -> NotebookNode:
    node: NotebookNode = from_dict(fields)  # type: ignore[no-untyped-call]
    return node


def _exception(work: asyncio.Task[Any]) -> BaseException | None:
    return None if work.cancelled() or not work.done() else work.exception()


_EXIT_ADVICE = re.compile(r"\S*interactiveshell\.py:\d+: UserWarning: To exit: use[^\n]*\n(?:\s+warn\([^\n]*\n?)?")


def _forget_exit(cell: NotebookNode) -> None:
    """Take back what IPython says to people who type ``exit``: leaving early was meant."""
    cell.outputs = [output for output in cell.outputs if output.output_type != "error"]
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            output.text = _EXIT_ADVICE.sub("", output.text)
    cell.outputs = [output for output in cell.outputs if output.output_type != "stream" or output.text]
