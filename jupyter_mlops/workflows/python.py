"""A workflow as plain Python, whose trace is the same workflow."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import Any

from jupyter_mlops import syntax, values
from jupyter_mlops.records import Function, Parameter
from jupyter_mlops.workflows.graph import Graph
from jupyter_mlops.workflows.nouns import Param, Ref, Step, Workflow, references
from jupyter_mlops.workflows.recording import KEPT, OPTIONS, PLAIN, WORDS
from jupyter_mlops.workflows.written import step_fields

_WIDTH = 110
_METHODS = frozenset({"after", "options"})


def to_python(workflow: Workflow, functions: Mapping[str, Function] | None = None) -> str:
    """Return the cell that describes a workflow.

    Parameters
    ----------
    functions
        What there is to call. Without it options stand in ``.options(…)``, as a parameter could have the same name.
    """
    writer = _Writer(workflow, functions)
    parts = [[*_description(workflow), *map(_parameter, workflow.params)], writer.steps(), writer.rest()]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _description(workflow: Workflow) -> list[str]:
    text = workflow.description
    if not _is_docstring(text):
        return []
    plain = text.replace("\n", "").isprintable() and not set(text) & {'"', "\\"}
    return [f'"""{text}"""' if plain else values.source(text)]


def _is_docstring(text: str) -> bool:
    return bool(text) and inspect.cleandoc(text) == text


def _parameter(parameter: Parameter) -> str:
    hint = f": {_hint(parameter.hint)}" if parameter.hint else ""
    default = f" = {parameter.default}" if parameter.default is not None else ""
    return f"{parameter.name}{hint}{default}" + (f"  # {parameter.help}" if parameter.help else "")


def _hint(hint: str) -> str:
    """Return a type hint as code, or in quotes when it isn't any or reads back otherwise."""
    try:
        tree = syntax.expression(hint).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return repr(hint)
    return hint if ast.unparse(tree) == hint and not isinstance(tree, ast.Constant) else repr(hint)


class _Writer:
    def __init__(self, workflow: Workflow, functions: Mapping[str, Function] | None) -> None:
        self.workflow, self.functions = workflow, functions
        self.params = {parameter.name for parameter in workflow.params}
        self.variables = self._variables()
        self.owners = {self.variables[step.name]: step for step in workflow.steps}
        exits = [workflow.on_exit] if workflow.on_exit else []
        used = [value for step in [*workflow.steps, *exits] for value in (step.params, step.inputs, step.foreach)]
        self.used = {found.step for found in references([*used, workflow.outputs]) if isinstance(found, Ref)}
        self.used |= {name for step in workflow.steps for name in step.after}

    def _variables(self) -> dict[str, str]:
        """Return a variable for each step: its name, unless that means something else in Python."""
        unfit = WORDS | KEPT | self.params  # a parameter that is assigned again would be none
        taken = {step.name for step in self.workflow.steps}
        found = {}
        for step in self.workflow.steps:
            name = step.name
            while name in unfit or iskeyword(name) or (name != step.name and name in taken):
                name += "_"
            taken.add(name)
            found[step.name] = name
        return found

    # --- statements ---

    def steps(self) -> list[str]:
        return [self._statement(step) for step in self._ordered()]

    def _ordered(self) -> list[Step]:
        """Return the steps so that each comes after those it names, otherwise as they are."""
        by_name = {step.name: step for step in self.workflow.steps}
        needs = {
            name: [one for one in (*(ref.step for ref in step.refs), *step.after) if one in by_name]
            for name, step in by_name.items()
        }
        try:
            return [by_name[name] for name in Graph(needs).order()]
        except ValueError:  # a cycle has no Python; it is for `validate` to say so
            return list(self.workflow.steps)

    def _statement(self, step: Step) -> str:
        variable = self.variables[step.name]
        if self._is_simple(step):
            callee = str(step.function or step.workflow)
            call = self._simple(step, callee, [], [] if variable == step.name else [f"name={step.name!r}"])
            bare = callee == step.name and step.name not in self.used and callee not in self._others(step)
            return call if bare else f"{variable} = {call}"
        return f"{variable} = {self._in_full('step', [repr(step.name)], step)}"

    def _others(self, step: Step) -> set[str]:
        return {variable for variable, owner in self.owners.items() if owner.name != step.name}

    def rest(self) -> list[str]:
        workflow, lines = self.workflow, []
        if workflow.description and not _is_docstring(workflow.description):
            lines.append(f"description({values.source(workflow.description)})")
        if (step := workflow.on_exit) is not None:
            chains = self._clashes(step, self._options(step)) and self._options(step)
            simple = self._is_simple(step) and step.function not in self.owners and not chains
            lines.append(self._exit(step) if simple else self._in_full("on_exit", [], step))
        if workflow.outputs:
            lines.append(_call("outputs", self._named(workflow.outputs)))
        if workflow.layout:
            places = {name: tuple(int(x) if x == int(x) else x for x in place) for name, place in workflow.layout.items()}
            lines.append(_call("layout", self._named(places)))
        return lines

    def _exit(self, step: Step) -> str:
        return self._simple(step, "on_exit", [str(step.function)], [])

    # --- calls ---

    def _is_simple(self, step: Step) -> bool:
        """Return whether the step can be a call of its Function's name, with all it gets as keywords."""
        callee = str(step.function or step.workflow)
        owner = self.owners.get(callee)
        means_it = callee not in self.params | WORDS | KEPT and (owner is None or owner.function == owner.name == callee)
        given = [*step.params, *step.inputs, *step.foreach]
        plain = (
            callee.isidentifier() and not iskeyword(callee) and not any(map(iskeyword, given)) and len(set(given)) == len(given)
        )
        return means_it and plain and (self._fits(step, callee) if self.functions is not None else step.workflow is None)

    def _fits(self, step: Step, callee: str) -> bool:
        """Return whether each keyword would go where it is now."""
        function = (self.functions or {}).get(callee)
        if function is None or step.workflow is not None:
            return False
        params = {parameter.name for parameter in function.parameters}
        inputs = {item.name for item in function.inputs} - params
        return params >= set(step.params) and inputs >= set(step.inputs) and params | inputs >= set(step.foreach)

    def _simple(self, step: Step, called: str, first: list[str], name: list[str]) -> str:
        """Return the call by keywords; options stand behind it where one of them is named like what the Function takes."""
        given = [*first, *self._keywords(step.params), *self._keywords(step.inputs)]
        given += [f"{key}=each({self._value(value)})" for key, value in step.foreach.items()]
        said = self._options(step)
        options = [*name, *(f"{key}={text}" for key, text in said.items())]
        if not self._clashes(step, [*said, *(["name"] if name else [])]):
            return _call(called, [*given, *options])
        return _call(called, given) + (_call(".options", options) if options else "")

    def _clashes(self, step: Step, options: Iterable[str]) -> bool:
        function = (self.functions or {}).get(str(step.function))
        if function is None:
            return True
        own = {*(parameter.name for parameter in function.parameters), *(item.name for item in function.inputs)}
        return bool(own & set(options))

    def _in_full(self, called: str, first: list[str], step: Step) -> str:
        callee = [repr(step.function)] if step.function is not None else [f"workflow={step.workflow!r}"]
        groups = {name: getattr(step, name) for name in ("params", "inputs", "foreach")}
        given = [f"{name}={self._value(value)}" for name, value in groups.items() if value]
        return _call(called, [*first, *callee, *given, *(f"{name}={text}" for name, text in self._options(step).items())])

    def _options(self, step: Step) -> dict[str, str]:
        fields = {name: value for name, value in step_fields(step).items() if name in PLAIN}
        found = {name: values.source(value) for name, value in fields.items()}
        if step.sweep is not None:
            found["sweep"] = self._value(step.sweep)
        if step.after:
            found["after"] = f"[{', '.join(self.variables.get(name, repr(name)) for name in step.after)}]"
        return {name: found[name] for name in OPTIONS if name in found}

    # --- values ---

    def _keywords(self, given: Mapping[str, Any]) -> list[str]:
        return [f"{name}={self._value(value)}" for name, value in given.items()]

    def _named(self, given: Mapping[str, Any]) -> list[str]:
        return [self._value(dict(given))] if any(map(iskeyword, given)) else self._keywords(given)

    def _value(self, value: Any) -> str:
        if isinstance(value, Param):
            hidden = value.name in WORDS | KEPT
            return f"params.{value.name}" if hidden else value.name
        if isinstance(value, Ref):
            return self._output(value)
        if type(value) is dict:
            return "{" + ", ".join(f"{values.source(key)}: {self._value(item)}" for key, item in value.items()) + "}"
        if type(value) is list:
            return f"[{', '.join(map(self._value, value))}]"
        if type(value) is tuple:
            return f"({', '.join(map(self._value, value))}{',' if len(value) == 1 else ''})"
        return values.source(value)

    def _output(self, ref: Ref) -> str:
        variable = self.variables.get(ref.step, ref.step)
        by_item = ref.output in _METHODS or ref.output.startswith("_") or iskeyword(ref.output)
        return f"{variable}[{ref.output!r}]" if by_item else f"{variable}.{ref.output}"


def _call(called: str, arguments: list[str]) -> str:
    line = f"{called}({', '.join(arguments)})"
    if len(line) <= _WIDTH or not arguments:
        return line
    return f"{called}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"
