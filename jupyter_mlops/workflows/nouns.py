"""What a Workflow is made of: frozen records without I/O.

A value of a step is a plain Python value, a :class:`Ref` to another step's output, a :class:`Param` of the workflow, or a list,
tuple or dict with such inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from jupyter_mlops.records import Parameter


@dataclass(frozen=True, kw_only=True)
class Ref:
    """An output of another step, ``${train.model}``. Of a step with ``foreach`` it is the list of all its outputs."""

    step: str
    output: str

    def __str__(self) -> str:
        return f"${{{self.step}.{self.output}}}"


@dataclass(frozen=True, kw_only=True)
class Param:
    """A parameter of the workflow, ``${params.depth}``."""

    name: str

    def __str__(self) -> str:
        return f"${{params.{self.name}}}"


class OnFailure(StrEnum):
    """What a step's failure means for those that need it: they are skipped, or go on without it."""

    STOP = "stop"
    CONTINUE = "continue"


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Tokens a step holds while it runs: ``cpu`` cores, ``mem`` bytes, whole ``gpu`` s."""

    cpu: float = 1.0
    mem: int = 0
    gpu: int = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """A call of a Function, or of another workflow, with what it needs.

    Parameters
    ----------
    function, workflow
        Exactly one of them: ``train``, ``train@<version>``, ``train:tag``; or a workflow's name.
    params, inputs
        Values by name.
    after
        Steps that must have completed first, without giving data.
    when
        A condition on ``params.x`` and upstream results ``step.result``; the step is skipped when it is false.
    foreach
        Names of params or inputs that take one item of a list each time: the step runs once per item. Several lists go in step.
    sweep
        Hyper-parameter search over the step, as given to ``project.sweep``; then its outputs are those of the best iteration.
    timeout, backoff
        Seconds.
    cache
        Whether a run of it may be reused.
    line
        Where it was written, 1-based, or None. Not part of what it is.
    """

    name: str
    function: str | None = None
    workflow: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    when: str | None = None
    foreach: dict[str, Any] = field(default_factory=dict)
    sweep: dict[str, Any] | None = None
    retries: int | None = None
    backoff: float | None = None
    timeout: float | None = None
    cache: bool = True
    resources: Resources = field(default_factory=Resources)
    env: dict[str, str] = field(default_factory=dict)
    on_failure: OnFailure = OnFailure.STOP
    line: int | None = field(default=None, compare=False)

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The outputs it takes from other steps, in order, each once; those in ``when`` are not among them."""
        found = (*references(self.params), *references(self.inputs), *references(self.foreach))
        return tuple(dict.fromkeys(ref for ref in found if isinstance(ref, Ref)))


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A DAG of steps. ``on_exit`` always runs last and may take ``${run.state}``, ``${run.reason}`` and ``${run.failed}``.

    ``outputs`` are what a workflow gives to one that calls it; ``layout`` are the places of the nodes in the editor.
    """

    name: str
    description: str = ""
    params: tuple[Parameter, ...] = ()
    steps: tuple[Step, ...] = ()
    on_exit: Step | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    layout: dict[str, tuple[float, float]] = field(default_factory=dict)

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)


def references(value: Any) -> Iterator[Ref | Param]:
    """Yield the references in a value, however deep."""
    if isinstance(value, Ref | Param):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)


def replaced(value: Any, found: Any) -> Any:
    """Return a value with each reference replaced by ``found(reference)``."""
    if isinstance(value, Ref | Param):
        return found(value)
    if isinstance(value, dict):
        return {key: replaced(item, found) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(replaced(item, found) for item in value)
    return value
