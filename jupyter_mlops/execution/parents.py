"""Which story a run with children has: a workflow's, or a sweep's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from jupyter_mlops.execution import flow, sweep
from jupyter_mlops.execution.folder import read_spec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_mlops.execution.children import Executor
    from jupyter_mlops.execution.limits import Stop
    from jupyter_mlops.records import State


class Lead(Protocol):
    """Leads the children of the run in a folder to their end."""

    def __call__(self, folder: Path, *, executor: Executor, stop: Stop, ended: Callable[[], None]) -> State: ...


def of(folder: Path) -> Lead | None:
    """Return how the run in ``folder`` is led, or None for one that executes a notebook."""
    spec = read_spec(folder)
    if not spec.plan:
        return None
    return sweep.execute if "sweep" in spec.plan else flow.execute


def kernels_of(folder: Path) -> int:
    """Return how many kernels the children of a run will want one after another; 0 where that isn't known before."""
    spec = read_spec(folder)
    if spec.workflow is not None or spec.runtime.kernel is not None or "sweep" not in spec.plan:
        return 0
    return int(spec.plan["sweep"].get("total") or 0)
