"""A workflow as the text of its YAML; comments and order of the text before it stay where their parts do."""

from __future__ import annotations

import io
import re
from math import copysign, isfinite, isnan
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString
from ruamel.yaml.tag import Tag

from jupyter_mlops import syntax
from jupyter_mlops.records import Parameter
from jupyter_mlops.workflows.literals import Tagged, written
from jupyter_mlops.workflows.nouns import Resources, Step, Workflow
from jupyter_mlops.workflows.tree import scalar

_SIZES = {"T": 2**40, "G": 2**30, "M": 2**20, "K": 2**10}
_PLAIN = re.compile(r"[0-9]+[KMGT]|[A-Za-z_/.](?:[\w ./@%+=<>*()|~-]|:(?=\w|//))*(?<! )")
_OLD_WORDS = frozenset({"y", "n", "yes", "no", "on", "off"})  # truth values for those that read YAML 1.1
_DEFAULT = Step(name="")
# a short list or group stands in one line
_SHORT = 80
_WIDTH = 4096  # a line is a thing of its own: it isn't folded
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_RESOLVER: Any = yaml.resolver.Resolver()


# --- a workflow as plain data ---


def fields_of(workflow: Workflow) -> dict[str, Any]:
    """Return a workflow as plain data, without what is as by default; :class:`Tagged` is what YAML hasn't."""
    fields = {
        "name": workflow.name,
        "description": workflow.description,
        "params": {parameter.name: _parameter(parameter) for parameter in workflow.params},
        "steps": {step.name: step_fields(step) for step in workflow.steps},
        "on_exit": step_fields(workflow.on_exit) if workflow.on_exit is not None else None,
        "outputs": _values(workflow.outputs),
        "layout": {name: [_short(x), _short(y)] for name, (x, y) in workflow.layout.items()},
    }
    return {name: value for name, value in fields.items() if value or name in ("name", "steps")}


def _values(given: dict[str, Any]) -> dict[str, Any]:
    return {name: written(value) for name, value in given.items()}


def _parameter(parameter: Parameter) -> Any:
    default = None if parameter.default is None else written(syntax.literal(parameter.default))
    described = {"type": parameter.hint, "help": parameter.help}
    said = {name: text for name, text in described.items() if text}
    if parameter.default is None:
        return {"type": "Any", **said}
    return {"default": default, **said} if said or isinstance(default, dict) else default


def step_fields(step: Step) -> dict[str, Any]:
    """Return what a step says as plain data, without what is as by default."""
    fields = {
        "function": step.function,
        "workflow": step.workflow,
        "params": _values(step.params),
        "inputs": _values(step.inputs),
        "after": list(step.after),
        "when": step.when,
        "foreach": _values(step.foreach),
        "sweep": None if step.sweep is None else _values(step.sweep),
        "retries": step.retries,
        "backoff": None if step.backoff is None else _short(step.backoff),
        "timeout": None if step.timeout is None else _short(step.timeout),
        "cache": step.cache,
        "resources": _resources(step.resources),
        "env": dict(step.env),
        "on_failure": str(step.on_failure),
    }
    kept = {name: value for name, value in fields.items() if value is not None and value != getattr(_DEFAULT, name)}
    return {
        name: value
        for name, value in kept.items()
        if value or name not in ("params", "inputs", "after", "foreach", "env", "resources")
    }


def _resources(resources: Resources) -> dict[str, Any]:
    fields = {"cpu": _short(resources.cpu), "mem": _size(resources.mem), "gpu": resources.gpu}
    usual = {"cpu": 1, "mem": 0, "gpu": 0}
    return {name: value for name, value in fields.items() if value != usual[name]}


def _short(number: float) -> float | int:
    return int(number) if number == int(number) and copysign(1, number) > 0 else number


def _size(number: int) -> int | str:
    unit = next((unit for unit, factor in _SIZES.items() if number and number % factor == 0), None)
    return f"{number // _SIZES[unit]}{unit}" if unit else number


# --- plain data as ruamel's ---


def _ruamel(data: Any, *, block: int = 0) -> Any:
    """Return data for ruamel; groups down to level ``block`` stand line by line, deeper ones in one line when short."""
    if isinstance(data, Tagged):
        return _tagged(data)
    if isinstance(data, dict):
        mapping = CommentedMap((_string(key), _ruamel(value, block=block - 1)) for key, value in data.items())
        return mapping if block >= 0 and data and not _is_short(data, block) else _flow(mapping)
    if isinstance(data, list):
        return _flow(CommentedSeq(_ruamel(item) for item in data))
    return _string(data) if isinstance(data, str) else data


def _is_short(data: Any, block: int) -> bool:
    return block <= 0 and len(repr(data)) <= _SHORT


def _flow(collection: Any) -> Any:
    collection.fa.set_flow_style()
    return collection


def _string(text: str) -> Any:
    """Return a text as it is to stand: plain only where no reader of YAML could take it for anything else."""
    if _PLAIN.fullmatch(text) and isinstance(scalar(text), str) and text.lower() not in _OLD_WORDS:
        return text
    tidy = "\n" in text and text.replace("\n", "").isprintable() and text.strip() == text.rstrip("\n")
    return LiteralScalarString(text) if tidy else DoubleQuotedScalarString(text)


def _tagged(data: Tagged) -> Any:
    inner = _ruamel(data.data)
    if isinstance(data.data, str):
        return TaggedScalar(value=data.data, style='"', tag=f"!{data.tag}")
    inner.yaml_set_ctag(Tag(suffix=f"!{data.tag}"))
    return inner


def _text(data: Any) -> str:
    stream = io.StringIO()
    _yaml().dump(data, stream)
    return stream.getvalue()


def _yaml() -> YAML:
    style = YAML()
    style.preserve_quotes = True
    style.width = _WIDTH
    style.indent(mapping=2, sequence=4, offset=2)
    return style


# --- what was there stays ---


def canonical(data: dict[str, Any]) -> str:
    """Return the text of a workflow's fields as if there had been none before."""
    # PyYAML's own emitter, in C: ruamel takes a millisecond a step
    text: str = yaml.serialize(_node(data, block=3), Dumper=_DUMPER, allow_unicode=True, width=_WIDTH)
    return text


def _node(data: Any, *, block: int = 0) -> yaml.Node:
    """Return data as PyYAML's nodes, in the same style as :func:`_ruamel`."""
    if isinstance(data, Tagged):
        return _tagged_node(data)
    if isinstance(data, dict):
        pairs = [(_scalar(key), _node(value, block=block - 1)) for key, value in data.items()]
        flow = not (block >= 0 and data and not _is_short(data, block))
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=flow)
    if isinstance(data, list):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(item) for item in data], flow_style=True)
    return _scalar(data)


def _tagged_node(data: Tagged) -> yaml.Node:
    if isinstance(data.data, str):
        return yaml.ScalarNode(f"!{data.tag}", data.data, style='"')
    node = _node(data.data)
    node.tag = f"!{data.tag}"
    return node


def _scalar(value: Any) -> yaml.ScalarNode:
    if isinstance(value, str):
        styled = _string(value)
        style = {LiteralScalarString: "|", DoubleQuotedScalarString: '"'}.get(type(styled))
        return _plain(value) if style is None else yaml.ScalarNode("tag:yaml.org,2002:str", value, style=style)
    if isinstance(value, float):
        return _plain(_float(value))
    return _plain({None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value))


def _plain(text: str) -> yaml.ScalarNode:
    """Return a scalar that stands without quotes: its tag is the one that PyYAML would take it for, so that it writes none."""
    return yaml.ScalarNode(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)), text)


def _float(value: float) -> str:
    if isfinite(value):
        text = repr(value)
        return text.replace("e", ".0e", 1) if "." not in text else text  # a float for YAML 1.1, too
    return ".nan" if isnan(value) else "-.inf" if value < 0 else ".inf"


def merged(previous: str, before: dict[str, Any], data: dict[str, Any]) -> str:
    """Return ``previous``, which means ``before``, changed to mean ``data`` with as few changes as that takes."""
    there = _yaml().load(previous)
    _merge(there, before, data, block=3)
    return _text(there)


def _merge(there: Any, before: dict[str, Any], data: dict[str, Any], *, block: int) -> None:
    for name in [name for name in there if name in before and name not in data]:
        _remove(there, name)
    last = None
    for name, value in data.items():
        if name not in there:
            place = 0 if last is None else list(there).index(last) + 1
            there.insert(place, _string(name), _ruamel(value, block=block - 1))
        elif name not in before or repr(before[name]) != repr(value):
            _change(there, name, before.get(name), value, block=block)
        last = name


def _change(there: Any, name: str, before: Any, value: Any, *, block: int) -> None:
    if isinstance(there[name], CommentedMap) and isinstance(before, dict) and isinstance(value, dict):
        _merge(there[name], before, value, block=block - 1)
    else:
        there[name] = _ruamel(value, block=block - 1)


def _remove(there: Any, name: str) -> None:
    """Take a key out; a comment that ruamel keeps at its end stands above the next key, and stays there."""
    names = list(there)
    after = names[names.index(name) + 1 :]
    comment = _last_comment(there, name)
    del there[name]
    if comment and after:
        there.yaml_set_comment_before_after_key(after[0], before=comment, indent=there.lc.col)


def _last_comment(there: Any, name: Any) -> str:
    value = there[name]
    while isinstance(value, CommentedMap | CommentedSeq) and value and not value.fa.flow_style():
        there, name = value, (list(value)[-1] if isinstance(value, CommentedMap) else len(value) - 1)
        value = there[name]
    tokens = [token for token in there.ca.items.get(name, ()) if token is not None and not isinstance(token, list)]
    lines = "".join(token.value for token in tokens).split("\n")[1:]
    return "\n".join(line.strip().removeprefix("#").strip() for line in lines if line.strip())
