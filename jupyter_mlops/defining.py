"""A cell, a Python function or a notebook becomes a Function of the project; and the handle a user holds of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.display import function_bundle
from jupyter_mlops.errors import CaptureError, NotebookError
from jupyter_mlops.functions.callables import unfold
from jupyter_mlops.functions.store import Change, FunctionStore
from jupyter_mlops.library import Library, check_tag
from jupyter_mlops.orders import check_runtime
from jupyter_mlops.records import Function, Input, Parameter, Return, Runtime, check_name

if TYPE_CHECKING:
    import os

    from jupyter_mlops.project import Project
    from jupyter_mlops.runs import Run


@dataclass(frozen=True)
class FunctionHandle:
    """A Function of a project: ``.run(n=3)`` runs it; ``change`` says what its last definition changed."""

    record: Function
    project: Project
    change: Change | None = None

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def version(self) -> str:
        return self.record.version

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.record.parameters

    @property
    def inputs(self) -> tuple[Input, ...]:
        return self.record.inputs

    @property
    def returns(self) -> tuple[Return, ...]:
        return self.record.returns

    @property
    def path(self) -> Path:
        """The notebook of the current version."""
        return self.project.folder / "functions" / f"{self.name}.ipynb"

    def run(self, **params: Any) -> Run:
        """Run this version; parameters and inputs by name."""
        return self.project.run(f"{self.name}@{self.version}", params)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return function_bundle(self.record, change=str(self.change or ""), path=self.path, base=Path.cwd())

    def __repr__(self) -> str:
        takes = ", ".join(each.name for each in (*self.parameters, *self.inputs))
        return f"<Function {self.name}@{self.version[:8]}({takes})>"
