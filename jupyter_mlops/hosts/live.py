"""A run's card that lives: shown while the run goes on, updated in place, and still when it is over."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython import display as front_end

from jupyter_mlops.display import run_bundle, words
from jupyter_mlops.display.dag import counted
from jupyter_mlops.errors import RunNotFoundError, WaitTimeoutError
from jupyter_mlops.hosts.display import read_cells, view
from jupyter_mlops.records import State

if TYPE_CHECKING:
    from jupyter_mlops.runs import Run

_display: Callable[..., Any] = front_end.display  # untyped there

FIRST_LOOK, INTERVAL, LAST_LOOK = 0.1, 0.13, 10.0
"""Seconds: a run shorter than the first is shown once, at its end; the last is how long an interrupt waits for that."""


class Card:
    """The card of one run in one output: sent again only when it looks different."""

    def __init__(self, run: Run, *, base: Path | None, notes: Mapping[str, str] | None = None) -> None:
        self.run, self.base, self.notes = run, base, notes
        self._handle: Any = None
        self._sent: dict[str, str] | None = None
        self._cells: int | None = None

    def refresh(self) -> None:
        """Show the run as it stands now."""
        bundle = run_bundle(view(self.run, base=self.base, notes=self.notes, cells=self._count()))
        if bundle == self._sent:
            return
        if self._handle is None:
            self._handle = _display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
        self._sent = bundle

    def _count(self) -> int | None:
        """Return how many code cells there are; read once, as the notebook grows outputs and no cells."""
        if self._cells is None and not self.run.state.finished:
            self._cells = sum(cell.get("cell_type") == "code" for cell in read_cells(self.run)) or None
        return self._cells


class Line:
    """The same for a terminal: one line that is written over, and the card at the end."""

    def __init__(self, run: Run, *, base: Path | None, notes: Mapping[str, str] | None = None) -> None:
        self.run, self.base, self.notes = run, base, notes
        self._wrote = False

    def refresh(self) -> None:
        """Write over the line, or print the card of a run that is over."""
        history = self.run.history
        if not history.state.finished:
            if sys.stdout.isatty():
                at = f" · {_place(self.run)}"
                passed = f" · {words.elapsed(self.run.duration or 0)}"
                print(f"\r{self.run.name} {history.state}{at}{passed}\x1b[K", end="", flush=True)
                self._wrote = True
            return
        if self._wrote:
            print("\r\x1b[K", end="", flush=True)
        _display(run_bundle(view(self.run, base=self.base, notes=self.notes)), raw=True)


def _place(run: Run) -> str:
    """Return where a run is: at which cell, or how its steps or iterations stand."""
    if run.spec.plan:
        return counted([line for line in run.view().lines if line.state is not State.PENDING])
    return f"cell {len(run.history.cells)}"


class Nothing:
    """A run that was asked to be quiet."""

    def refresh(self) -> None:
        """Show nothing."""


def card(shell: Any, run: Run, *, base: Path | None, notes: Mapping[str, str] | None = None) -> Card | Line:
    """Return what shows a run here: updates in place need a front end, which a terminal isn't."""
    return (Card if hasattr(shell, "kernel") else Line)(run, base=base, notes=notes)


def follow(run: Run, shown: Card | Line | Nothing) -> None:
    """Show a run until it is over."""
    over, looks = _over(run, FIRST_LOOK), 0
    while not over:
        shown.refresh()
        # reading new lines of its journal is cheap; waiting also finds out that nobody executes the run any more
        time.sleep(min(INTERVAL, 0.02 + 0.02 * looks))  # short at first, as most runs are
        looks += 1
        over = run.state.finished or (looks % 16 == 0 and _over(run, INTERVAL))
    shown.refresh()


def settle(run: Run, shown: Card | Line | Nothing) -> None:
    """Show the end of a run that was just aborted."""
    _over(run, LAST_LOOK)
    shown.refresh()


def _over(run: Run, seconds: float) -> bool:
    try:
        run.wait(seconds)
    except WaitTimeoutError:
        return False
    return True


def follow_in_background(run: Run, shown: Card) -> threading.Thread:
    """Show a run until it is over, from a thread, while the notebook goes on. The run must be nobody else's object."""
    shown.refresh()

    def follow_it() -> None:
        with contextlib.suppress(RunNotFoundError):  # it was deleted as soon as it had ended
            follow(run, shown)

    thread = threading.Thread(target=follow_it, name=f"card of {run.id}", daemon=True)
    thread.start()
    return thread
