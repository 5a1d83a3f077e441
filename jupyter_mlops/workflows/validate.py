"""Whether a workflow can run: its steps know what they call, and get what that takes; all problems at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.errors import ConditionError, MlopsError, did_you_mean
from jupyter_mlops.records import UNKNOWN, Function, Parameter, check_name
from jupyter_mlops.workflows import conditions
from jupyter_mlops.workflows.graph import Graph
from jupyter_mlops.workflows.nouns import Param, Ref, Step, Workflow, references
from jupyter_mlops.workflows.problems import Problem, refusal
from jupyter_mlops.workflows.spec import RESERVED

RUN_FACTS = ("state", "reason", "failed")
_NOTHING: Mapping[str, Workflow] = {}


def check(
    workflow: Workflow,
    functions: Mapping[str, Function],
    workflows: Mapping[str, Workflow] = _NOTHING,
    *,
    defaults: Collection[str] = (),
) -> None:
    """Raise one error that lists all that is wrong with a workflow.

    Parameters
    ----------
    functions, workflows
        What there is to call, by name.
    defaults
        Names of parameters that the project gives a value to.

    Raises
    ------
    WorkflowError
        Names step and line of each problem.
    """
    checked = _Check(workflow, functions, workflows, defaults)
    if problems := list(checked.problems()):
        raise refusal(f"workflow {workflow.name!r}", problems)


@dataclass(frozen=True, kw_only=True)
class _Callee:
    name: str
    params: Mapping[str, Parameter]
    inputs: Mapping[str, bool]
    outputs: Collection[str]

    @property
    def takes(self) -> list[str]:
        return [*self.params, *self.inputs]


class _Check:
    def __init__(
        self, workflow: Workflow, functions: Mapping[str, Function], workflows: Mapping[str, Workflow], defaults: Collection[str]
    ) -> None:
        self.workflow, self.functions, self.workflows, self.defaults = workflow, functions, workflows, defaults
        self.steps = {step.name: step for step in workflow.steps}
        self.params = {parameter.name: parameter for parameter in workflow.params}

    def problems(self) -> Iterator[Problem]:
        yield from self._parameters()
        yield from self._names()
        for step in self.workflow.steps:
            yield from self._calls(step)
            yield from self._references(step)
            yield from self._order(step)
        if self.workflow.on_exit is not None:
            yield from self._exit(self.workflow.on_exit)
        for name, value in self.workflow.outputs.items():
            for reference in references(value):
                yield from self._reference(reference, None, f"outputs.{name}")
        yield from self._cycles()

    # --- the workflow as a whole ---

    def _parameters(self) -> Iterator[Problem]:
        for parameter in self.workflow.params:
            value = parameter.constant
            if not parameter.required and value is not UNKNOWN and not values.matches(value, parameter.hint or ""):
                text = f"{_shown(value)} isn't {parameter.hint}: correct the default or its type."
                yield Problem(text=text, field=f"params.{parameter.name}")

    def _names(self) -> Iterator[Problem]:
        seen: dict[str, Step] = {}
        for step in self.workflow.steps:
            if step.name in seen:
                where = f" in line {seen[step.name].line}" if seen[step.name].line else ""
                yield _problem(step, f"there is a step of that name already{where}: name one of them otherwise.")
            seen.setdefault(step.name, step)
            if step.name in RESERVED:
                yield _problem(step, f"{step.name!r} can't name a step: it means something else in references.")
            try:
                check_name(step.name, "step")
            except MlopsError as problem:
                yield _problem(step, str(problem))

    def _cycles(self) -> Iterator[Problem]:
        needs = {name: [need for need in _needs(step) if need in self.steps] for name, step in self.steps.items()}
        if cycle := Graph(needs).find_cycle():
            text = f"steps wait for each other: {' → '.join(cycle)}. Take one of these edges away."
            yield _problem(self.steps[cycle[0]], text)
        flows = {**self.workflows, self.workflow.name: self.workflow}
        calls = {name: [step.workflow for step in flow.steps if step.workflow in flows] for name, flow in flows.items()}
        reached = [self.workflow.name, *Graph(calls).ancestors(self.workflow.name)]
        if cycle := Graph({name: calls[name] for name in dict.fromkeys(reached)}).find_cycle():
            path = cycle[::-1]  # a graph's path leads from what is needed to what needs it: here, from called to caller
            caller = next((step for step in self.workflow.steps if step.workflow in path), None)
            text = f"workflows call each other: {' → '.join(path)}. Take one of these calls away."
            yield Problem(text=text, step=caller.name if caller else None, line=caller.line if caller else None)

    # --- one step ---

    def _calls(self, step: Step) -> Iterator[Problem]:
        if (step.function is None) == (step.workflow is None):
            yield _problem(step, "a step calls one Function or one workflow.")
            return
        callee = self._callee(step)
        if callee is None:
            yield _problem(step, self._not_there(step), "workflow" if step.function is None else "function")
            return
        swept = _swept(step)
        yield from self._unknown(step, callee, swept)
        given = {*step.params, *step.inputs, *step.foreach, *swept}
        for name, parameter in callee.params.items():
            if parameter.required and name not in given and name not in self.defaults and not _sweeps_a_file(step):
                hint = f" ({parameter.hint})" if parameter.hint else ""
                yield _problem(step, f"{callee.name} needs the parameter {name!r}{hint}: give it a value.", f"params.{name}")
        for name, required in callee.inputs.items():
            if required and name not in given:
                yield _problem(
                    step, f"{callee.name} needs the input {name!r}: give it an output of a step, or a path.", f"inputs.{name}"
                )
        yield from self._types(step, callee)

    def _callee(self, step: Step) -> _Callee | None:
        if step.workflow is not None:
            flow = self.workflow if step.workflow == self.workflow.name else self.workflows.get(step.workflow)
            params = {parameter.name: parameter for parameter in flow.params} if flow else {}
            return _Callee(name=flow.name, params=params, inputs={}, outputs=tuple(flow.outputs)) if flow else None
        function = self.functions.get(str(step.function)) or self.functions.get(_plain(step.function))
        if function is None:
            return None
        return _Callee(
            name=function.name,
            params={parameter.name: parameter for parameter in function.parameters},
            inputs={item.name: item.required for item in function.inputs},
            outputs=tuple(one.key for one in function.returns),
        )

    def _not_there(self, step: Step) -> str:
        if step.workflow is not None:
            return f"{step.workflow!r} is no workflow of this project.{_nearest(step.workflow, self.workflows)}"
        name = _plain(step.function)
        return f"{name!r} is no Function of this project.{_nearest(name, self.functions)}"

    def _unknown(self, step: Step, callee: _Callee, swept: Collection[str]) -> Iterator[Problem]:
        for name in step.params:
            if name in callee.inputs and name not in callee.params:
                yield _problem(step, f"{name!r} is an input of {callee.name}: give it under inputs.", f"params.{name}")
            elif name not in callee.params:
                yield _problem(step, f"{callee.name} has no parameter {name!r}.{_nearest(name, callee.takes)}", f"params.{name}")
        for name in step.inputs:
            if name in callee.params and name not in callee.inputs:
                yield _problem(step, f"{name!r} is a parameter of {callee.name}: give it under params.", f"inputs.{name}")
            elif name not in callee.inputs:
                yield _problem(step, f"{callee.name} has no input {name!r}.{_nearest(name, callee.takes)}", f"inputs.{name}")
        for field, names in (("foreach", step.foreach), ("sweep", swept)):
            for name in names:
                if name not in callee.takes:
                    text = f"{callee.name} has no parameter or input {name!r}.{_nearest(name, callee.takes)}"
                    yield _problem(step, text, f"{field}.{name}")

    def _types(self, step: Step, callee: _Callee) -> Iterator[Problem]:
        for name, value in step.params.items():
            if name in callee.params:
                yield from self._type(step, callee.params[name], value, f"params.{name}")
        for name, value in step.foreach.items():
            if isinstance(value, list | tuple):
                for item in value if name in callee.params else ():
                    yield from self._type(step, callee.params[name], item, f"foreach.{name}")
            elif not isinstance(value, Ref | Param):
                yield _problem(step, f"foreach goes through a list, not {values.text(repr(value), 60)}.", f"foreach.{name}")

    def _type(self, step: Step, parameter: Parameter, value: Any, field: str) -> Iterator[Problem]:
        if isinstance(value, Param) and value.name in self.params:
            value = self.params[value.name].constant if not self.params[value.name].required else UNKNOWN
        if value is UNKNOWN or not parameter.hint or next(references(value), None) is not None:
            return
        if not values.matches(value, parameter.hint):
            text = f"{_shown(value)} is given, but {parameter.name!r} takes {parameter.hint}."
            yield _problem(step, text, field)

    def _references(self, step: Step) -> Iterator[Problem]:
        for field in ("params", "inputs", "foreach"):
            for name, value in getattr(step, field).items():
                for reference in references(value):
                    yield from self._reference(reference, step, f"{field}.{name}")
        if step.sweep is not None and next(references(step.sweep), None) is not None:
            yield _problem(step, "a sweep's values are fixed: give references as params beside it.", "sweep")

    def _reference(self, reference: Ref | Param, step: Step | None, field: str) -> Iterator[Problem]:
        if text := self._missing(reference):
            yield _problem(step, text, field) if step else Problem(text=text, field=field)

    def _missing(self, reference: Ref | Param) -> str:
        """Return what is wrong with a reference, or nothing."""
        if isinstance(reference, Param):
            there = reference.name in self.params
            return (
                ""
                if there
                else f"{reference} isn't there: no parameter {reference.name!r}.{_nearest(reference.name, self.params)}"
            )
        if reference.step == "run":
            return f"{reference} is known at the end only: only on_exit may take it."
        if reference.step not in self.steps:
            return f"{reference} isn't there: no step {reference.step!r}.{_nearest(reference.step, self.steps)}"
        step = self.steps[reference.step]
        callee = self._callee(step)
        if callee is None or reference.output in callee.outputs:
            return ""
        if callee.outputs:
            nearest = _nearest(reference.output, callee.outputs)
            return f"{reference} isn't there: {callee.name} gives no {reference.output!r}.{nearest}"
        # a Function that declares no returns may still log whatever it likes
        return "" if step.workflow is None else f"{reference} isn't there: the workflow {callee.name} has no outputs."

    def _order(self, step: Step) -> Iterator[Problem]:
        for name in step.after:
            if name not in self.steps:
                yield _problem(step, f"{name!r} is no step.{_nearest(name, self.steps)}", "after")
        if step.when is None:
            return
        try:
            asked = conditions.names(step.when)
        except ConditionError as problem:
            yield _problem(step, str(problem), "when")
            return
        for where, name in sorted(asked):
            if where == "":
                yield _problem(step, f"{name!r} means nothing alone: write params.{name}, or STEP.{name}.", "when")
            else:
                reference = Param(name=name) if where == "params" else Ref(step=where, output=name)
                yield from self._reference(reference, step, "when")

    def _exit(self, step: Step) -> Iterator[Problem]:
        for field in ("after", "when", "foreach", "sweep", "workflow"):
            if getattr(step, field):
                yield _problem(step, f"on_exit always runs, once, and calls a Function: take {field} away.", field)
        if step.workflow is None:
            yield from self._calls(step)
        for field in ("params", "inputs"):
            for name, value in getattr(step, field).items():
                for reference in references(value):
                    if text := self._missing_at_exit(reference):
                        yield _problem(step, text, f"{field}.{name}")

    def _missing_at_exit(self, reference: Ref | Param) -> str:
        if isinstance(reference, Param):
            return self._missing(reference)
        if reference.step == "run" and reference.output in RUN_FACTS:
            return ""
        known = ", ".join(f"${{run.{fact}}}" for fact in RUN_FACTS)
        return f"{reference} may not be there at the end: on_exit takes {known}, and parameters."


def _needs(step: Step) -> list[str]:
    try:
        asked = [where for where, _ in sorted(conditions.names(step.when))] if step.when else []
    except ConditionError:
        asked = []
    return [*(reference.step for reference in step.refs), *step.after, *asked]


def _swept(step: Step) -> dict[str, None]:
    """Return the names that a sweep gives values to."""
    found: dict[str, None] = {}
    for kind in ("grid", "list", "random", "params"):
        given = (step.sweep or {}).get(kind)
        for group in given if isinstance(given, list) else [given]:
            found.update(dict.fromkeys(map(str, group)) if isinstance(group, dict) else {})
    return found


def _sweeps_a_file(step: Step) -> bool:
    return step.sweep is not None and any(isinstance(step.sweep.get(kind), str) for kind in ("grid", "list", "random", "params"))


def _plain(reference: str | None) -> str:
    return str(reference).partition("@")[0].partition(":")[0]


def _nearest(word: str, known: Collection[str]) -> str:
    return did_you_mean(word, known) or (f" There are {', '.join(list(known)[:12])}." if known else " There are none.")


def _problem(step: Step, text: str, field: str | None = None) -> Problem:
    return Problem(text=text, step=step.name, line=step.line, field=field)


def _shown(value: Any) -> str:
    return f"{values.text(repr(value), 60)} ({type(value).__name__})"
