"""How runs look in a notebook: the card with what only a reader of the run's folder knows, shown once a cell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.display import RunView, artifact_bundle, notebook_bundle, run_bundle
from jupyter_mlops.display.artifacts import BIGGEST_PICTURE
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution.folder import NOTEBOOK
from jupyter_mlops.records import Kind, State

if TYPE_CHECKING:
    from jupyter_mlops.library import ArtifactHandle
    from jupyter_mlops.runs import Run

PICTURES = 4


def view(run: Run, *, base: Path | None, notes: Mapping[str, str] | None = None, cells: int | None = None) -> RunView:
    """Return all that a card shows of a run, as it stands now."""
    history = run.history
    over = history.state.finished
    return run.view(
        base,
        cells=cells,
        source=failing_source(run) if history.state is State.ERROR else None,
        notes=notes or {},
        pictures=pictures(run) if over else {},
    )


def read_cells(run: Run) -> list[Mapping[str, Any]]:
    """Return the cells of the executed notebook; none while it isn't there."""
    try:
        cells = json.loads((run.folder / NOTEBOOK).read_text(encoding="utf-8"))["cells"]
        return cells if isinstance(cells, list) else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def failing_source(run: Run) -> str | None:
    """Return the source of the cell that failed."""
    failure, cells = run.history.failure, read_cells(run)
    if failure is None or failure.cell is None or not 0 <= failure.cell < len(cells):
        return None
    source = cells[failure.cell].get("source", "")
    return source if isinstance(source, str) else "".join(source)


def pictures(run: Run) -> dict[str, bytes]:
    """Return the bytes of the run's plots that are small enough to travel in a notebook."""
    plots = [handle for handle in run.artifacts.values() if handle.kind is Kind.PLOT][:PICTURES]
    return {handle.uid: png for handle in plots if (png := png_of(handle))}


def png_of(handle: ArtifactHandle) -> bytes | None:
    """Return a plot's picture; None if it is big, or gone."""
    if not isinstance(image := handle.meta.get("image"), str):
        return None
    try:
        path = handle.library.blobs.path(image)
        if not path.is_file() or path.stat().st_size > BIGGEST_PICTURE:
            return None
        data = path.read_bytes()
    except (OSError, MlopsError):
        return None
    return data if data.startswith(b"\x89PNG") else None


class Shown:
    """What was displayed during the execution of this cell, so that a live card isn't followed by the same card as ``Out``."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._objects: list[Any] = []
        self._cell = ""

    def new_cell(self, info: Any) -> None:
        """Forget the cell before (for the event ``pre_run_cell``)."""
        self._objects.clear()
        self._cell = info.raw_cell or ""

    def add(self, thing: Any) -> None:
        """Let the next display of ``thing`` as a cell's result show nothing."""
        self._objects.append(thing)

    def is_result(self, magic: str) -> bool:
        """Whether the magic's value is what the cell shows at its end, rather than assigned to something."""
        if not self._cell:  # the cell that loaded the extension
            return True
        lines = [line.strip() for line in self._cell.splitlines() if line.strip()]
        return bool(lines) and any(re.match(rf"(#\s*\|\s*)?%{{0,2}}{magic}\b", line) for line in (lines[0], lines[-1]))

    def display(self, thing: Any) -> None:
        """Show nothing for what was shown (for the formatter of ``_ipython_display_``)."""
        for index, known in enumerate(self._objects):
            if known is thing:
                del self._objects[index]
                return
        raise NotImplementedError  # IPython's word for: format it as usual


CARDS = (("jupyter_mlops.runs", "Run"), ("jupyter_mlops.library", "ArtifactHandle"))
OURS = (
    *CARDS,
    ("jupyter_mlops.project", "Project"),
    ("jupyter_mlops.defining", "FunctionHandle"),
    ("jupyter_mlops.hosts.frames", "Runs"),
    ("jupyter_mlops.hosts.frames", "Artifacts"),
)


def register(shell: Any, shown: Shown, folder: Any) -> None:
    """Register the formatters by name, so that nothing heavy is imported before it is used."""
    formatter = shell.display_formatter

    def run_card(run: Run, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return run_bundle(view(run, base=folder()))

    def artifact_card(handle: ArtifactHandle, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return artifact_bundle(handle.record, uri=handle.uri, png=png_of(handle))

    for (module, name), card in zip(CARDS, (run_card, artifact_card), strict=True):
        formatter.mimebundle_formatter.for_type_by_name(module, name, card)
    for module, name in OURS:
        formatter.ipython_display_formatter.for_type_by_name(module, name, shown.display)


def unregister(shell: Any) -> None:
    """Take the formatters away again."""
    formatter = shell.display_formatter
    for each, names in ((formatter.mimebundle_formatter, CARDS), (formatter.ipython_display_formatter, OURS)):
        for name in names:
            each.deferred_printers.pop(name, None)
            for kind in [kind for kind in each.type_printers if (kind.__module__, kind.__name__) == name]:
                each.type_printers.pop(kind)


class DryRun:
    """The notebook that would run, in ``.notebook``, and a view of its cells."""

    def __init__(self, notebook: Mapping[str, Any], name: str) -> None:
        self.notebook, self.name = notebook, name

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return notebook_bundle(self.notebook, self.name)
