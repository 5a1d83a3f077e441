"""A workflow in plain Python: the cell is executed, but its Functions only make steps, and its parameters have no values."""

from __future__ import annotations

import ast
import inspect
import itertools
import linecache
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, NoReturn

from jupyter_mlops import syntax, values
from jupyter_mlops.errors import CaptureError, WorkflowError, did_you_mean
from jupyter_mlops.functions.parameters import split_leading
from jupyter_mlops.functions.source import Cell, read_cell, split_lines
from jupyter_mlops.records import UNKNOWN, Function, Parameter, check_name
from jupyter_mlops.workflows.naming import Place, changed_names, targets
from jupyter_mlops.workflows.nouns import Workflow
from jupyter_mlops.workflows.problems import Problem, refusal
from jupyter_mlops.workflows.recording import Recorder

_NOTHING: Mapping[str, Workflow] = {}
_serial = itertools.count(1)


def trace(code: str, *, name: str, functions: Mapping[str, Function], workflows: Mapping[str, Workflow] = _NOTHING) -> Workflow:
    """Return the workflow that a cell of plain Python describes.

    Raises
    ------
    WorkflowError
        The cell isn't Python, or says what a workflow can't do; names line and step.
    NameRuleError
        ``name`` breaks the rule.
    """
    check_name(name, "workflow")
    try:
        cell = read_cell(code)
    except CaptureError as problem:
        raise WorkflowError(f"{name}: {problem}") from None
    leading = split_leading(cell)
    top, rest = _split(cell, leading.parameters)
    ordinary = {name for name in map(_target, top) if name.startswith("_")} | set(changed_names(rest))
    params = tuple(_literal(parameter) for parameter in leading.listed if parameter.name not in ordinary)
    filename = f"<workflow {name} {next(_serial)}>"
    recorder = Recorder(name, filename, targets(cell.tree), offset=cell.offset)
    recorder.know(functions, workflows)
    kept = [statement for statement in cell.tree.body if statement not in top or _target(statement) in ordinary]
    try:
        code_object = compile(ast.Module(body=kept, type_ignores=[]), filename, "exec", dont_inherit=True)
    except SyntaxError as problem:  # an `await`, which a cell may have, and a workflow has no use for
        text = f"{problem.msg}: a workflow only says what is run."
        raise refusal(name, [Problem(text=text, line=(problem.lineno or 1) + cell.offset)]) from None
    lines = split_lines(cell.text)
    linecache.cache[filename] = (len(cell.text), None, lines, filename)  # so that a traceback shows the cell's lines
    try:
        _executed(recorder, lambda: exec(code_object, {"__name__": name, **recorder.namespace(params)}))
    finally:
        linecache.cache.pop(filename, None)
    return _workflow(recorder, params, leading.description)


@dataclass(frozen=True, kw_only=True)
class PythonWorkflow:
    """A workflow written as a Python function; :meth:`define` makes it, for the Functions of a project."""

    name: str
    function: Callable[..., Any]

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        text = f"{self.name} is a workflow, so it isn't called: give it to project.define_workflow, then project.run."
        raise WorkflowError(text)

    def define(self, functions: Mapping[str, Function], workflows: Mapping[str, Workflow] = _NOTHING) -> Workflow:
        return trace_callable(self.function, functions, workflows, name=self.name)


def workflow(function: Callable[..., Any] | None = None, *, name: str | None = None) -> Any:
    """Make a Python function the definition of a workflow: its keyword defaults are the parameters, its body makes the steps.

    ::

        @mlops.workflow
        def nightly(source: str = "data/raw.csv"):
            raw = ingest(source=source)
            return {"model": train(data=raw.data).model}
    """
    if function is None:
        return lambda one: workflow(one, name=name)
    if not isinstance(function, FunctionType):
        raise WorkflowError(f"{function!r} can't be a workflow: decorate a Python function.")
    return PythonWorkflow(name=check_name(name or function.__name__, "workflow"), function=function)


def trace_callable(
    function: Callable[..., Any] | PythonWorkflow,
    functions: Mapping[str, Function],
    workflows: Mapping[str, Workflow] = _NOTHING,
    *,
    name: str | None = None,
) -> Workflow:
    """Return the workflow that a Python function describes; a dict that it returns are the outputs.

    Raises
    ------
    WorkflowError
        It says what a workflow can't do, or has a parameter without a literal default; names line and step.
    """
    if isinstance(function, PythonWorkflow):
        name, function = name or function.name, function.function
    if not isinstance(function, FunctionType):
        raise WorkflowError(f"{function!r} can't be a workflow: give a Python function.")
    name = check_name(name or function.__name__, "workflow")
    params = tuple(_declared(one, name) for one in inspect.signature(function).parameters.values())
    recorder = Recorder(name, function.__code__.co_filename, _places(function))
    recorder.know(functions, workflows)
    names = recorder.namespace(params)
    # the module's own names stay, but a Function's name makes a step; parameters come as arguments
    body = FunctionType(function.__code__, {**function.__globals__, **names}, function.__name__, None, function.__closure__)
    given = {parameter.name: recorder.param(parameter.name) for parameter in params}
    returned = _executed(recorder, lambda: body(**given))
    if isinstance(returned, dict):
        recorder.outputs.update(returned)
    return _workflow(recorder, params, inspect.getdoc(function) or "")


def _declared(parameter: inspect.Parameter, name: str) -> Parameter:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise WorkflowError(f"{name}: '{parameter}' can't be a parameter: give each one a name.")
    hint = None if parameter.annotation is parameter.empty else _hint(parameter.annotation)
    if parameter.default is parameter.empty:
        return Parameter(name=parameter.name, hint=hint or "Any")
    source = values.source(parameter.default)
    if Parameter(name=parameter.name, default=source).constant is UNKNOWN:
        raise WorkflowError(
            f"{name}: the default of {parameter.name!r} isn't a literal: write it as text, and let the step read it."
        )
    return Parameter(name=parameter.name, default=source, hint=hint)


def _hint(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _places(function: FunctionType) -> dict[Place, str]:
    """Return where the calls of a function's source go; nothing when there is no source, as in a bare ``exec``."""
    try:
        lines, first = inspect.getsourcelines(function)
        text = textwrap.dedent("".join(lines))
        tree = syntax.parse(text)
    except (OSError, TypeError, SyntaxError):
        return {}
    ast.increment_lineno(tree, first - 1)
    indent = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    return targets(tree, indent=indent)


def _literal(parameter: Parameter) -> Parameter:
    """Return a parameter in the one spelling that its value has."""
    default = None if parameter.default is None else values.source(syntax.literal(parameter.default))
    hint = parameter.hint or ("Any" if default is None else None)
    return Parameter(name=parameter.name, default=default, hint=hint, help=parameter.help)


def _split(cell: Cell, parameters: str) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return the leading assignments, and what comes after the last of them."""
    count = sum(isinstance(statement, ast.Assign | ast.AnnAssign) for statement in syntax.parse(parameters).body)
    body = cell.tree.body
    assignments = [index for index, statement in enumerate(body) if isinstance(statement, ast.Assign | ast.AnnAssign)][:count]
    return [body[index] for index in assignments], body[assignments[-1] + 1 if assignments else 0 :]


def _target(statement: ast.stmt) -> str:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _executed(recorder: Recorder, run: Callable[[], Any]) -> Any:
    """Run what the author wrote; what goes wrong in it is told with its line."""
    try:
        return run()
    except WorkflowError:
        raise
    except NameError as problem:
        known = [*recorder.callees, "each", "step", "on_exit", "outputs", "params"]
        name = problem.name or ""
        there = did_you_mean(name, known) or f" Functions are {', '.join(recorder.callees) or 'not defined yet'}."
        where = "this code doesn't set it; it doesn't see the notebook's variables"
        text = f"{name!r} is no Function of this project, and {where}.{there}"
        if name == "get_ipython":
            text = "magics and shell commands are no part of a workflow: put them in another cell, or in a Function."
        raise refusal(recorder.name, [Problem(text=text, line=_line(problem, recorder))]) from None
    except (Exception, SystemExit) as problem:  # the author's own code ends here
        text = f"{type(problem).__name__}: {problem}"
        raise refusal(recorder.name, [Problem(text=text, line=_line(problem, recorder))]) from problem


def _line(problem: BaseException, recorder: Recorder) -> int | None:
    line, trace_ = None, problem.__traceback__
    while trace_ is not None:
        if trace_.tb_frame.f_code.co_filename == recorder.filename:
            line = trace_.tb_lineno + recorder.offset
        trace_ = trace_.tb_next
    return line


def _workflow(recorder: Recorder, params: tuple[Parameter, ...], description: str) -> Workflow:
    return Workflow(
        name=recorder.name,
        description=description if recorder.description is None else recorder.description,
        params=params,
        steps=recorder.steps(),
        on_exit=recorder.exit_step(),
        outputs=recorder.given_outputs(),
        layout=recorder.layout,
    )
