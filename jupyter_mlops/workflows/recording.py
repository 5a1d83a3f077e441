"""The steps that a cell makes while it is traced, and their names at its end."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from jupyter_mlops.errors import MlopsError, ParameterError, WorkflowError, did_you_mean
from jupyter_mlops.records import Function, Parameter, check_name
from jupyter_mlops.workflows.literals import written
from jupyter_mlops.workflows.naming import Place
from jupyter_mlops.workflows.nouns import Step, Workflow
from jupyter_mlops.workflows.problems import Problem, refusal
from jupyter_mlops.workflows.spec import RESERVED, read_options
from jupyter_mlops.workflows.symbols import Call, Each, Maker, Names, OutputSymbol, ParamSymbol, StepSymbol

PLAIN = ("when", "retries", "backoff", "timeout", "cache", "resources", "env", "on_failure")
OPTIONS = (*PLAIN, "name", "after", "foreach", "sweep")
MOST = 100_000
# the language's own words, and constructors that values are written with: they always mean the same
WORDS = frozenset({"params", "run", "each", "step", "on_exit", "outputs", "layout", "description"})
KEPT = frozenset({"bool", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"})


@dataclass(kw_only=True)
class Callee:
    """What a Function or workflow takes and gives."""

    function: str | None = None
    workflow: str | None = None
    params: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class Recorder:
    """What a cell has made so far.

    Parameters
    ----------
    filename
        Of the cell's code object: the innermost frame of that file is where the author stands.
    places
        The variable that each call's value goes to.
    offset
        Added to a line of the code for the line that the author sees.
    """

    def __init__(self, name: str, filename: str, places: Mapping[Place, str], *, offset: int = 0) -> None:
        self.name, self.filename, self.places, self.offset = name, filename, places, offset
        self.callees: dict[str, Callee] = {}
        self.calls: list[Call] = []
        self.exit: Call | None = None
        self.outputs: dict[str, Any] = {}
        self.layout: dict[str, tuple[float, float]] = {}
        self.description: str | None = None
        self._positions: dict[int, tuple[CodeType, list[Place]]] = {}

    def know(self, functions: Mapping[str, Function], workflows: Mapping[str, Workflow]) -> None:
        for name, flow in workflows.items():
            params = tuple(parameter.name for parameter in flow.params)
            self.callees[name] = Callee(workflow=name, params=params, outputs=tuple(flow.outputs))
        for name, function in functions.items():
            self.callees[name] = Callee(
                function=name,
                params=tuple(parameter.name for parameter in function.parameters),
                inputs=tuple(item.name for item in function.inputs),
                outputs=tuple(one.key for one in function.returns),
            )

    def namespace(self, params: tuple[Parameter, ...]) -> dict[str, Any]:
        """Return what the cell's names mean; the words of the language come last, so they always hold."""
        symbols = {parameter.name: self.param(parameter.name) for parameter in params}
        run = {name: OutputSymbol(self, None, name) for name in ("state", "reason", "failed")}
        words = {
            "params": Names(self, "params", dict(symbols)),
            "run": Names(self, "run", dict(run)),
            "each": Each,
            "step": self.step,
            "on_exit": self.on_exit,
            "outputs": self.outputs.update,
            "layout": self.place,
            "description": self.describe,
        }
        found = {**{name: self.maker(name) for name in self.callees}, **symbols, **words}
        return {name: value for name, value in found.items() if name not in KEPT}

    def param(self, name: str) -> ParamSymbol:
        return ParamSymbol(self, name)

    def maker(self, name: str) -> Maker:
        return Maker(self, name)

    # --- where we are ---

    def frame(self) -> FrameType | None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.filename:
            frame = frame.f_back
        return frame

    def refusal(self, text: str, *, step: str | None = None, line: int | None = None) -> WorkflowError:
        frame = self.frame()
        here = frame.f_lineno + self.offset if frame is not None else None
        return refusal(self.name, [Problem(text=text, step=step, line=line or here)])

    def _place(self) -> tuple[Place | None, int | None]:
        frame = self.frame()
        if frame is None:
            return None, None
        code = frame.f_code
        if id(code) not in self._positions:  # a list of thousands, and a loop comes by often; hashing a code reads all of it
            self._positions[id(code)] = (code, list(code.co_positions()))
        place = self._positions[id(code)][1][frame.f_lasti // 2]
        return place, (frame.f_lineno + self.offset)

    # --- what the cell says ---

    def call(self, name: str, given: dict[str, Any]) -> Call:
        """Add a step that calls a known Function or workflow; of what is given, its own names come before options."""
        callee = self.callees[name]
        own = {key: value for key, value in given.items() if key in callee.params or key in callee.inputs}
        options = {key: value for key, value in given.items() if key not in own}
        for key in options:
            if key not in OPTIONS:
                known = [*callee.params, *callee.inputs]
                there = did_you_mean(key, [*known, *OPTIONS]) or (
                    f" It takes {', '.join(known)}." if known else " It takes none."
                )
                raise self.refusal(f"{key!r} is neither a parameter or input of {name} nor an option.{there}", step=name)
        call = self._add(Call(name=name, function=callee.function, workflow=callee.workflow, outputs=callee.outputs))
        self._give(call, own, callee)
        self.set_options(call, options)
        return call

    def step(self, name: str, function: str | None = None, **given: Any) -> StepSymbol:
        """Add a step in full: ``step("train", "train@1a2b", params={…}, inputs={…}, when=…)``, or ``workflow="weekly"``."""
        call = self._add(self._in_full(function, given))
        self.set_options(call, {**given, "name": name})
        return StepSymbol(self, call)

    def on_exit(self, called: Any = None, **given: Any) -> None:
        """Set the step that always runs last: ``on_exit(tell, state=run.state)``."""
        if isinstance(called, Maker):
            call = self.call(called._name, given)
            self.calls.pop()
        else:
            call = self._in_full(called, given)
            self.set_options(call, given)
        call.name, call.line = "on_exit", self._place()[1]
        self.exit = call

    def describe(self, text: str) -> None:
        if not isinstance(text, str):
            raise self.refusal(f"a description is text, not {text!r}.")
        self.description = text

    def place(self, *given: dict[str, Any], **places: Any) -> None:
        """Set where nodes stand in the editor: ``layout(raw=(0, 10))``."""
        for name, place in {**(given[0] if given else {}), **places}.items():
            if not (isinstance(place, tuple | list) and len(place) == 2 and all(type(x) in (int, float) for x in place)):
                raise self.refusal(f"a place is (x, y), not {place!r}.", step=name)
            self.layout[name] = (float(place[0]), float(place[1]))

    def order(self, call: Call, others: tuple[Any, ...]) -> None:
        for other in others:
            if isinstance(other, list | tuple):
                self.order(call, tuple(other))
            elif isinstance(other, StepSymbol | str):
                call.after.append(other._call if isinstance(other, StepSymbol) else other)
            else:
                raise self.refusal(f"a step comes after steps, not {other!r}: write after=[raw].", step=call.name)

    def set_options(self, call: Call, options: dict[str, Any]) -> None:
        for key in options:
            if key not in OPTIONS:
                raise self.refusal(
                    f"{key!r} isn't an option.{did_you_mean(key, OPTIONS) or ' Known are ' + ', '.join(OPTIONS) + '.'}"
                )
        if options.get("name") is not None:
            call.name, call.explicit = self._checked(options["name"]), True
        self.order(call, _listed(options.get("after")))
        for key in ("foreach", "sweep"):
            if (value := options.get(key)) is not None:
                if not isinstance(value, dict):
                    raise self.refusal(f"{key}= takes names with values: {key}={{'part': split.parts}}.", step=call.name)
                call.foreach.update(value) if key == "foreach" else setattr(call, "sweep", value)
        call.options.update({key: value for key, value in options.items() if key in PLAIN})
        _, problems = read_options({key: options[key] for key in PLAIN if key in options}, call.line, call.name)
        if problems:
            raise refusal(self.name, problems)

    def _in_full(self, function: str | None, given: dict[str, Any]) -> Call:
        workflow = given.pop("workflow", None)
        if (function is None) == (workflow is None):
            raise self.refusal("a step calls one Function or one workflow: step('train', 'train@1a2b', …) or workflow='weekly'.")
        known = self.callees.get(str(function or workflow).partition("@")[0].partition(":")[0])
        call = Call(name=str(function or workflow), function=function, workflow=workflow, outputs=known.outputs if known else ())
        for key in ("params", "inputs"):
            values_given = given.pop(key, {})
            setattr(call, key, {name: value for name, value in values_given.items() if not isinstance(value, Each)})
            call.foreach.update({name: value.items for name, value in values_given.items() if isinstance(value, Each)})
        return call

    def _add(self, call: Call) -> Call:
        place, call.line = self._place()
        target = self.places.get(place) if place is not None else None
        if target is not None and not target.startswith("_"):
            call.name = self._checked(target)
        if len(self.calls) >= MOST:
            raise self.refusal(f"the cell makes more than {MOST:,} steps: use each(…), or split it.", step=call.name)
        self.calls.append(call)
        return call

    def _give(self, call: Call, own: dict[str, Any], callee: Callee) -> None:
        for key, value in own.items():
            if isinstance(value, Each):
                call.foreach[key] = value.items
            else:
                (call.params if key in callee.params else call.inputs)[key] = value

    def _checked(self, name: Any) -> str:
        if name in RESERVED or name == "on_exit":
            raise self.refusal(f"{name!r} can't name a step, as it means something else here: choose another.")
        try:
            return check_name(name, "step")
        except MlopsError as problem:
            raise self.refusal(str(problem)) from None

    # --- the end ---

    def steps(self) -> tuple[Step, ...]:
        names = self._numbered()
        return tuple(self._step(call, names) for call in self.calls)

    def exit_step(self) -> Step | None:
        return None if self.exit is None else self._step(self.exit, {**self._numbered(), id(self.exit): "on_exit"})

    def given_outputs(self) -> dict[str, Any]:
        names = self._numbered()
        return {name: self._value(value, names, f"output {name!r}", None) for name, value in self.outputs.items()}

    def _numbered(self) -> dict[int, str]:
        """Return the name of each step by its call's id; a shared name that nobody asked for is numbered from 1."""
        shared = Counter(call.name for call in self.calls if not call.explicit)
        count: Counter[str] = Counter()
        names: dict[int, str] = {}
        seen: dict[str, Call] = {}
        for call in self.calls:
            count[call.name] += 0 if call.explicit else 1
            numbered = not call.explicit and shared[call.name] > 1
            name = f"{call.name}_{count[call.name]}" if numbered else call.name
            if name in seen:
                text = f"step {name!r} is there already, in line {seen[name].line}: give one of them another variable, or name=…"
                raise self.refusal(text, step=name, line=call.line)
            seen[name], names[id(call)] = call, name
        return names

    def _step(self, call: Call, names: dict[int, str]) -> Step:
        name = names[id(call)]
        after = tuple(dict.fromkeys(one if isinstance(one, str) else names[id(one)] for one in call.after))
        options, _ = read_options(call.options, call.line, name)
        groups: dict[str, Any] = {
            key: self._group(getattr(call, key), names, name, call.line) for key in ("params", "inputs", "foreach")
        }
        sweep = None if call.sweep is None else self._group(call.sweep, names, name, call.line)
        return Step(
            name=name,
            function=call.function,
            workflow=call.workflow,
            after=after,
            sweep=sweep,
            line=call.line,
            **groups,
            **options,
        )

    def _group(self, given: dict[str, Any], names: dict[int, str], step: str, line: int | None) -> dict[str, Any]:
        return {str(key): self._value(value, names, step, line, str(key)) for key, value in given.items()}

    def _value(self, value: Any, names: dict[int, str], step: str, line: int | None, field: str | None = None) -> Any:
        try:
            found = resolved(value, names)
            written(found)
        except ParameterError as problem:
            raise refusal(self.name, [Problem(text=str(problem), step=step, line=line, field=field)]) from None
        return found


def _listed(given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def resolved(value: Any, names: dict[int, str]) -> Any:
    """Return a value with the symbols in it as references."""
    if isinstance(value, ParamSymbol | OutputSymbol):
        return value._noun(names)
    if isinstance(value, StepSymbol):
        known = value._call.outputs
        example = f"{value._call.name}.{known[0] if known else 'OUTPUT'}"
        raise ParameterError(f"{value!r} is given as a whole: name what is meant, {example}.")
    if isinstance(value, Each):
        raise ParameterError("each(…) stands alone, as a parameter or input: part=each(split.parts).")
    if isinstance(value, Maker | Names):
        raise ParameterError(f"{value!r} is not a value: call the Function, and give one of its outputs.")
    if type(value) is dict:
        return {key: resolved(item, names) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(resolved(item, names) for item in value)
    return value
