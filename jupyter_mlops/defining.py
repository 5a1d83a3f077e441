"""A cell, a Python function or a notebook becomes a Function of the project; and the handle a user holds of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.display import function_bundle
from jupyter_mlops.errors import CaptureError
from jupyter_mlops.functions.adopt import from_notebook
from jupyter_mlops.functions.arguments import check_runtime
from jupyter_mlops.functions.callables import unfold
from jupyter_mlops.functions.capture import Captured, capture_cell
from jupyter_mlops.functions.notebook import package
from jupyter_mlops.records import Function, Input, Parameter, Return, Runtime, check_name, key_of

if TYPE_CHECKING:
    import os

    from jupyter_mlops.functions.ipynb import Node
    from jupyter_mlops.functions.store import Change
    from jupyter_mlops.library import Library
    from jupyter_mlops.project import Project
    from jupyter_mlops.runs import Run


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One call of ``project.define``, as the user gave it, but for the code."""

    name: str
    inputs: Sequence[str | Input] = ()
    returns: Sequence[str | Return] = ()
    namespace: Mapping[str, Any] | None = None
    cells: Sequence[str] = ()
    description: str = ""
    runtime: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Made:
    """The notebook of a Function, and sentences for its author."""

    notebook: Node
    warnings: tuple[str, ...] = ()


def make(
    wanted: Wanted, code: str | Callable[..., Any] | None, notebook: str | os.PathLike[str] | None, library: Library
) -> Made:
    """Return the notebook of the Function that is wanted; data found around its code is saved as artifacts."""
    check_name(wanted.name, "function")
    runtime = Runtime(**check_runtime(wanted.runtime))
    if (code is None) == (notebook is None):
        raise CaptureError(f"{wanted.name!r} needs either code or a notebook: give one of code= and notebook=.")
    if notebook is not None:
        packed = from_notebook(
            Path(notebook),
            name=wanted.name,
            inputs=wanted.inputs,
            returns=wanted.returns,
            runtime=runtime if wanted.runtime else None,
            description=wanted.description,
        )
        return Made(notebook=packed)
    try:
        captured, description = _captured(wanted, code)
    except RecursionError:
        raise CaptureError(f"the code of {wanted.name!r} is nested too deeply to be read: make it simpler.") from None
    captured = captured.with_defaults({name: library.keep(value, key_of(name)).uri for name, value in captured.defaults.items()})
    return Made(notebook=package(captured, wanted.name, runtime, description), warnings=captured.warnings)


def _captured(wanted: Wanted, code: str | Callable[..., Any] | None) -> tuple[Captured, str]:
    """Return the code taken apart, and what it says about itself."""
    inputs = [f"{one.name}:{one.hint or ''}" if isinstance(one, Input) else one for one in wanted.inputs]
    returns = [f"{one.name}:{one.kind or ''}".rstrip(":") if isinstance(one, Return) else one for one in wanted.returns]
    namespace, description = wanted.namespace, wanted.description
    if callable(code):
        unfolded = unfold(code, inputs=inputs, returns=returns)
        code, inputs, returns = unfolded.source, list(unfolded.inputs), list(unfolded.returns)
        namespace = {**unfolded.namespace, **(namespace or {})}
        description = description or unfolded.description
    captured = capture_cell(code or "", name=wanted.name, namespace=namespace, cells=wanted.cells, inputs=inputs, returns=returns)
    return captured, description


@dataclass(frozen=True)
class FunctionHandle:
    """A Function of a project: ``.run(n=3)`` runs it.

    ``change`` says what its last definition changed, ``notes`` what its author should know.
    """

    record: Function
    project: Project
    change: Change | None = None
    notes: tuple[str, ...] = ()

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
        return function_bundle(self.record, change=self.change.summary if self.change else "", path=self.path, base=Path.cwd())

    def __repr__(self) -> str:
        takes = ", ".join([*(each.name for each in self.parameters), *(each.name for each in self.inputs)])
        return f"<Function {self.name}@{self.version[:8]}({takes})>"
