"""The papermill engine ``jupyter-mlops``: how papermill executes our runs, and how its own runs become tracked.

Every ``import papermill`` in the environment loads this module, in the middle of importing papermill. So it imports nothing
and derives from nothing: papermill asks an engine only for these three class methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from jupyter_mlops.execution.cells import Execution

NAME = "jupyter-mlops"


class TrackedEngine:
    """Executes a run of the worker when it is handed one, else makes a tracked run of what papermill was asked to do."""

    @classmethod
    def execute_notebook(
        cls,
        nb: NotebookNode,
        kernel_name: str,
        output_path: str | None = None,
        *,
        execution: Execution | None = None,
        **options: Any,
    ) -> NotebookNode:
        """Execute ``nb``; ``execution`` is the run that our own runner has prepared."""
        if execution is not None:
            executed: NotebookNode = execution.execute(nb)
            return executed
        # here, as papermill isn't whole yet when it loads this module
        from jupyter_mlops.execution.tracked import execute_tracked

        return execute_tracked(nb, kernel_name, output_path, **options)

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        from papermill.utils import nb_kernel_name  # as above

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        from papermill.utils import nb_language  # as above

        return str(nb_language(nb, language))
