"""Projects, Functions, Workflows, Runs and Artifacts native to Jupyter, with nothing to deploy.

In a notebook ``%load_ext jupyter_mlops``; in Python ``mlops.open_project("churn", create=True)``; inside a Function
``mlops.log_metric("loss", 0.1, step=3)``. Names are imported when first used, so that a kernel pays only for what it calls.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_mlops.errors import MlopsError, RunFailedError
    from jupyter_mlops.execution.inside import (
        current_run,
        exit,
        input,
        log_artifact,
        log_dataset,
        log_metric,
        log_metrics,
        log_model,
        log_plot,
        log_result,
        log_results,
        param,
        progress,
        set_tag,
    )
    from jupyter_mlops.project import Project, open_project
    from jupyter_mlops.records import Kind, State
    from jupyter_mlops.runs import Run
    from jupyter_mlops.workflows.trace import workflow

__version__ = "0.1.0"

_HOMES = {
    "errors": ("MlopsError", "RunFailedError"),
    "records": ("Kind", "State"),
    "project": ("Project", "open_project"),
    "runs": ("Run",),
    "workflows.trace": ("workflow",),
    "execution.inside": (
        "current_run",
        "exit",
        "input",
        "log_artifact",
        "log_dataset",
        "log_metric",
        "log_metrics",
        "log_model",
        "log_plot",
        "log_result",
        "log_results",
        "param",
        "progress",
        "set_tag",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Kind",
    "MlopsError",
    "Project",
    "Run",
    "RunFailedError",
    "State",
    "current_run",
    "exit",
    "input",
    "log_artifact",
    "log_dataset",
    "log_metric",
    "log_metrics",
    "log_model",
    "log_plot",
    "log_result",
    "log_results",
    "open_project",
    "param",
    "progress",
    "set_tag",
    "workflow",
]


def __getattr__(name: str) -> Any:
    if home := _HOME_OF.get(name):
        return getattr(import_module(f"jupyter_mlops.{home}"), name)
    raise AttributeError(f"module 'jupyter_mlops' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])


def load_ipython_extension(ipython: Any) -> None:
    """Register the magics: ``%load_ext jupyter_mlops``."""
    import_module("jupyter_mlops.hosts.magics").load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Take the magics' hooks away again."""
    import_module("jupyter_mlops.hosts.magics").unload(ipython)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_mlops.hosts.server"}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-mlops"}]
