"""What user code calls in a kernel; the same calls work in a run, in ``start_run`` and, in memory, outside of any.

Standard library only at import: this also runs in kernels of environments that don't have jupyter-mlops installed.
"""

from jupyter_mlops.execution.inside.calls import (
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
    outputs,
    param,
    progress,
    set_tag,
)
from jupyter_mlops.execution.inside.current import Scratch, Tracked, begin, current_run, start, stop

finish = stop

__all__ = [
    "Scratch",
    "Tracked",
    "begin",
    "current_run",
    "exit",
    "finish",
    "input",
    "log_artifact",
    "log_dataset",
    "log_metric",
    "log_metrics",
    "log_model",
    "log_plot",
    "log_result",
    "log_results",
    "outputs",
    "param",
    "progress",
    "set_tag",
    "start",
    "stop",
]
