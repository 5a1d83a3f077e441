"""How things look in a notebook and in a terminal: pure functions from records to HTML and plain text.

``*_bundle`` gives both forms as IPython takes them from ``_repr_mimebundle_``; everything that comes from a user is escaped.
"""

from __future__ import annotations

from jupyter_mlops.display.artifacts import artifact_bundle, artifacts_html, artifacts_text
from jupyter_mlops.display.notebooks import notebook_bundle
from jupyter_mlops.display.runs import RunView, run_bundle, run_html, run_text
from jupyter_mlops.display.things import (
    ProjectView,
    function_bundle,
    function_html,
    function_text,
    project_bundle,
    runs_html,
    runs_text,
)

__all__ = [
    "ProjectView",
    "RunView",
    "artifact_bundle",
    "artifacts_html",
    "artifacts_text",
    "function_bundle",
    "function_html",
    "function_text",
    "notebook_bundle",
    "project_bundle",
    "run_bundle",
    "run_html",
    "run_text",
    "runs_html",
    "runs_text",
]
