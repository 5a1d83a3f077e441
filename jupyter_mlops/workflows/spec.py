"""``workflows/NAME.yaml``: read with every problem named by line, step and field."""

from __future__ import annotations

import re
from collections.abc import Callable
from keyword import iskeyword
from math import isfinite
from typing import Any

from ruamel.yaml.error import YAMLError

from jupyter_mlops import config, values
from jupyter_mlops.errors import MlopsError, ParameterError, WorkflowError, did_you_mean
from jupyter_mlops.records import Parameter, check_name
from jupyter_mlops.workflows.literals import value_of
from jupyter_mlops.workflows.nouns import OnFailure, Resources, Step, Workflow
from jupyter_mlops.workflows.problems import Problem, refusal
from jupyter_mlops.workflows.tree import Node, node_of, read
from jupyter_mlops.workflows.written import canonical, fields_of, merged

__all__ = ["dump", "load"]

FIELDS = ("name", "description", "params", "steps", "on_exit", "outputs", "layout")
RESERVED = frozenset({"params", "run"})
_FUNCTION = re.compile(r"([^@:]*)([@:][A-Za-z0-9_.-]{1,128})?")


def load(text: str, *, file: str = "workflow") -> Workflow:
    """Return the workflow that a YAML text says.

    Raises
    ------
    WorkflowError
        Lists every problem with its line, step and field.
    """
    root = read(text, file)
    if root is None:
        raise refusal(file, [Problem(text="the text is empty: it needs at least `name:` and `steps:`.", line=1)])
    reader = _Reader(file)
    workflow = reader.workflow(root)
    if reader.problems:
        raise refusal(file, reader.problems)
    return workflow


def dump(workflow: Workflow, previous: str | None = None) -> str:
    """Return the YAML of a workflow.

    Parameters
    ----------
    previous
        The text there is: its comments, order and spelling stay where their parts do.

    Raises
    ------
    ParameterError
        A value can't be written.
    """
    data = fields_of(workflow)
    if previous is not None:
        try:
            text = merged(previous, fields_of(load(previous)), data)
            if fields_of(load(text)) == data:  # dicts compare without order, which the earlier text decides
                return text
        except (WorkflowError, YAMLError):  # what was there can't be read: nothing of it can stay
            pass
    return canonical(data)


def read_options(options: dict[str, Any], line: int | None, step: str) -> tuple[dict[str, Any], list[Problem]]:
    """Return a step's options as its fields, from plain data as YAML would give them, and what's wrong with them."""
    reader = _Reader(step)
    reader.step = step
    nodes = {name: node_of(value, line or 0) for name, value in options.items() if value is not None}
    found = {name: getattr(reader, str(_STEP[name]))(node, name) for name, node in nodes.items()}
    return {name: value for name, value in found.items() if value is not None}, reader.problems


class _Reader:
    """Turns nodes into nouns and notes what's wrong with them; what is wrong becomes a default, so that reading goes on."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.step: str | None = None

    def workflow(self, root: Node) -> Workflow:
        fields = self.group(root, "", FIELDS)
        if "name" not in fields:
            self.note(root, None, "`name:` is missing. Add `name: …`.")
        given = fields.get("name")
        name = self.name(self.text(given, "name"), given, "workflow") if given is not None else ""
        return Workflow(
            name=name,
            description=self.get(fields, "description", self.text, ""),
            params=self.get(fields, "params", self.params, ()),
            steps=self.get(fields, "steps", self.steps, ()),
            on_exit=self.on_exit(fields.get("on_exit")),
            outputs=self.get(fields, "outputs", self.named_values, {}),
            layout=self.get(fields, "layout", self.layout, {}),
        )

    # --- the parts of a workflow ---

    def params(self, node: Node, field: str) -> tuple[Parameter, ...]:
        return tuple(self.param(name, item, node.keys[name]) for name, item in self.group(node, field).items())

    def param(self, name: str, node: Node, line: int) -> Parameter:
        field = f"params.{name}"
        if not name.isidentifier() or iskeyword(name) or name.startswith("_"):
            self.note(line, field, f"{name!r} can't name a parameter: it's a Python name, without _ at its beginning.")
        if not isinstance(node.value, dict) or node.tag:
            return Parameter(name=name, default=self.default(node, field))
        fields = self.group(node, field, ("default", "type", "help"))
        hint = self.get(fields, "type", self.text, None, field)
        required = "default" not in fields
        return Parameter(
            name=name,
            default=None if required else self.default(fields["default"], field),
            hint=hint or ("Any" if required else None),
            help=self.get(fields, "help", self.help, "", field),
        )

    def help(self, node: Node, field: str) -> str:
        """Return a parameter's help in one line, as it becomes a comment in Python."""
        text = " ".join(self.text(node, field).split())
        if not text.isprintable() or text.startswith(("#", "type:")):
            self.note(node, field, f"{values.text(text, 60)!r} can't be a comment in Python: write a line of words.")
        return text

    def default(self, node: Node, field: str) -> str | None:
        """Return the source of a parameter's default, which is a literal, as in Python's spelling of a workflow."""
        value = self.value(node, field)
        try:
            source = values.source(value)
        except ParameterError as problem:
            self.note(node, field, str(problem))
            return None
        if Parameter(name="", default=source).constant != value:
            self.note(node, field, f"{values.text(value, 60)} isn't a literal: write it as text, and let the step read it.")
        return source

    def steps(self, node: Node, field: str) -> tuple[Step, ...]:
        found = []
        for name, item in self.group(node, field).items():
            self.step = name
            self.name(name, node.keys[name], "step")
            if name in RESERVED:
                self.note(node.keys[name], None, f"{name!r} can't name a step: ${{{name}.…}} means something else.")
            found.append(self.one(name, item, node.keys[name]))
        self.step = None
        return tuple(found)

    def on_exit(self, node: Node | None) -> Step | None:
        if node is None or node.value is None:
            return None
        self.step = "on_exit"
        step = self.one("on_exit", node, node.line)
        self.step = None
        return step

    def one(self, name: str, node: Node, line: int) -> Step:
        if node.value is None or isinstance(node.value, str):
            self.note(
                line,
                None,
                f"the step says {'nothing' if node.value is None else repr(node.value)}. Write `function: …` below it.",
            )
            return Step(name=name, line=line)
        fields = self.group(node, "", tuple(_STEP))
        if ("function" in fields) == ("workflow" in fields):
            self.note(line, None, "a step calls one `function:` or one `workflow:`.")
        read = {field: getattr(self, reader)(item, field) for field, item in fields.items() if (reader := _STEP.get(field))}
        return Step(name=name, line=line, **{field: value for field, value in read.items() if value is not None})

    # --- the parts of a step ---

    def function(self, node: Node, field: str) -> str:
        text = self.text(node, field)
        found = _FUNCTION.fullmatch(text)
        self.name(found[1] if found else text, node, "function", field)
        return text

    def called(self, node: Node, field: str) -> str:
        return self.name(self.text(node, field), node, "workflow", field)

    def named_values(self, node: Node, field: str) -> dict[str, Any]:
        for name in (fields := self.group(node, field)):
            if not name.isidentifier():
                self.note(node.keys[name], field, f"{name!r} can't be given: names are Python names.")
        return {name: self.value(item, f"{field}.{name}") for name, item in fields.items()}

    def options(self, node: Node, field: str) -> dict[str, Any] | None:
        return {name: self.value(item, f"{field}.{name}") for name, item in self.group(node, field).items()}

    def names(self, node: Node, field: str) -> tuple[str, ...]:
        items = node.value if isinstance(node.value, list) else [node]
        return tuple(self.text(item, field) for item in items)

    def strings(self, node: Node, field: str) -> dict[str, str]:
        return {name: self.text(item, f"{field}.{name}") for name, item in self.group(node, field).items()}

    def resources(self, node: Node, field: str) -> Resources:
        fields = self.group(node, field, ("cpu", "mem", "gpu"))
        return Resources(
            cpu=self.get(fields, "cpu", self.amount, 1.0, field),
            mem=self.get(fields, "mem", self.bytes, 0, field),
            gpu=self.get(fields, "gpu", self.count, 0, field),
        )

    def on_failure(self, node: Node, field: str) -> OnFailure:
        if node.value not in set(OnFailure):
            self.note(
                node, field, f"{_shown(node)} should be stop or continue.{did_you_mean(str(node.value), ['stop', 'continue'])}"
            )
            return OnFailure.STOP
        return OnFailure(node.value)

    def layout(self, node: Node, field: str) -> dict[str, tuple[float, float]]:
        return {name: self.place(item, f"{field}.{name}") for name, item in self.group(node, field).items()}

    def place(self, node: Node, field: str) -> tuple[float, float]:
        data = node.data
        if not (isinstance(data, list) and len(data) == 2 and all(type(x) in (int, float) and isfinite(x) for x in data)):
            self.note(node, field, f"{_shown(node)} should be a place, [x, y].")
            return (0.0, 0.0)
        return (float(data[0]), float(data[1]))

    # --- scalars ---

    def text(self, node: Node, field: str) -> str:
        if isinstance(node.value, str) and not node.tag:
            return node.value
        self.note(
            node, field, f"{_shown(node)} should be text{'' if isinstance(node.value, dict | list) else ' (put it in quotes)'}."
        )
        return ""

    def condition(self, node: Node, field: str) -> str:
        # `when: true` reads well, so it isn't a mistake
        return str(node.value) if isinstance(node.value, bool) else self.text(node, field)

    def count(self, node: Node, field: str) -> int:
        return int(self.number(node, field, "a whole number, 0 or more", lambda x: type(x) is int and x >= 0))

    def amount(self, node: Node, field: str) -> float:
        return float(self.number(node, field, "a number, 0 or more", lambda x: type(x) in (int, float) and 0 <= x < float("inf")))

    def number(self, node: Node, field: str, wanted: str, fits: Callable[[Any], bool]) -> Any:
        if fits(node.value):
            return node.value
        self.note(node, field, f"{_shown(node)} should be {wanted}.")
        return 0

    def flag(self, node: Node, field: str) -> bool:
        return bool(self.number(node, field, "true or false", lambda x: type(x) is bool))

    def seconds(self, node: Node, field: str) -> float | None:
        return self.measured(node, field, config.seconds)

    def bytes(self, node: Node, field: str) -> int:
        return 0 if node.value == 0 else int(self.measured(node, field, config.size) or 0)

    def measured(self, node: Node, field: str, reader: Callable[[Any], float]) -> float | None:
        if isinstance(node.value, dict | list) or node.value is None:
            self.note(node, field, f"{_shown(node)} should be a number, or text like 10m or 4G.")
            return None
        try:
            return reader(node.value)
        except MlopsError as problem:
            self.note(node, field, str(problem))
            return None

    def value(self, node: Node, field: str) -> Any:
        try:
            return value_of(node)
        except ParameterError as problem:
            self.note(node, field, str(problem))
            return None

    # --- ground ---

    def group(self, node: Node, field: str, known: tuple[str, ...] = ()) -> dict[str, Node]:
        """Return the nodes of a mapping; unknown fields are noted and left out, as are those that say nothing."""
        if node.value is None:
            return {}
        if not isinstance(node.value, dict) or node.tag:
            self.note(node, field or None, f"{_shown(node)} should be a group of fields (key: value).")
            return {}
        for name in node.value if known else ():
            if name not in known:
                hint = did_you_mean(name, known) or f" Known are {', '.join(known)}."
                self.note(node.keys[name], ".".join(filter(None, (field, name))), f"{name!r} isn't a field.{hint}")
        return {name: item for name, item in node.value.items() if not known or name in known}

    def get(self, fields: dict[str, Node], name: str, reader: Callable[[Node, str], Any], default: Any, above: str = "") -> Any:
        node = fields.get(name)
        return default if node is None or node.value is None else reader(node, f"{above}.{name}".lstrip("."))

    def name(self, name: str, where: Node | int, kind: str, field: str | None = None) -> str:
        try:
            return check_name(name, kind)
        except MlopsError as problem:
            self.note(where, field, str(problem))
            return name

    def note(self, where: Node | int, field: str | None, text: str) -> None:
        line = where if isinstance(where, int) else where.line
        self.problems.append(Problem(text=text, step=self.step, line=line, field=field))


_STEP = {
    "function": "function",
    "workflow": "called",
    "params": "named_values",
    "inputs": "named_values",
    "after": "names",
    "when": "condition",
    "foreach": "named_values",
    "sweep": "options",
    "retries": "count",
    "backoff": "seconds",
    "timeout": "seconds",
    "cache": "flag",
    "resources": "resources",
    "env": "strings",
    "on_failure": "on_failure",
}


def _shown(node: Node) -> str:
    if node.tag:
        return f"!{node.tag}"
    return {dict: "a group of fields", list: "a list", type(None): "nothing"}.get(
        type(node.value), values.text(repr(node.value), 60)
    )
