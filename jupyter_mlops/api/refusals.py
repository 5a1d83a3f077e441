"""Errors as the contract has them: a sentence for people, the error's name, and a status as HTTP has them."""

from __future__ import annotations

from typing import Any

from jupyter_mlops import errors
from jupyter_mlops.api import encode
from jupyter_mlops.errors import MlopsError, WorkflowError

LONGEST = 4_000  # characters of what is said: it may repeat what was given
STATUSES: tuple[tuple[type[MlopsError], int], ...] = (
    (errors.ProjectNotFoundError, 404),
    (errors.FunctionNotFoundError, 404),
    (errors.RunNotFoundError, 404),
    (errors.ArtifactNotFoundError, 404),
    (errors.WorkflowNotFoundError, 404),
    (errors.ConflictError, 409),
    (errors.CatalogError, 423),
)


class OperationError(MlopsError):
    """An operation that doesn't exist, or arguments that it doesn't take."""


def refusal(error: MlopsError) -> dict[str, Any]:
    """Return what a caller is told of an error."""
    told: dict[str, Any] = {
        "message": encode.cut(str(error), LONGEST),
        "kind": type(error).__name__,
        "status": next((status for kind, status in STATUSES if isinstance(error, kind)), 400),
    }
    if isinstance(error, WorkflowError) and (found := problems(error)):
        told["problems"] = found
    return told


def problems(error: WorkflowError) -> list[dict[str, Any]]:
    """Return what is wrong with a workflow, each with its place."""
    if error.found:
        return [problem(each.text, step=each.step, line=each.line, field=each.field) for each in error.found]
    return [problem(text) for text in error.problems]


def problem(text: str, *, step: str | None = None, line: int | None = None, field: str | None = None) -> dict[str, Any]:
    return {"text": text, "step": step, "line": line or None, "field": field or None}
