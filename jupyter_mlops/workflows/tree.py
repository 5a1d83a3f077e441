"""A YAML text as a tree that knows its lines: YAML 1.2's reading of scalars, and nothing that hides what a file says.

Refused, with the line: duplicate keys, anchors and aliases, merge keys, plain dates, several documents, deep nesting, huge text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from jupyter_mlops.errors import WorkflowError
from jupyter_mlops.workflows.problems import Problem, refusal

DEEPEST = 100
TOO_DEEP = f"the nesting is deeper than {DEEPEST} levels. Make the value flatter."
LARGEST = 20_000_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([Tt ].*)?", re.DOTALL)
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(kw_only=True)
class Node:
    """A place in a YAML text. ``value`` is a scalar's, or a list of nodes, or for a mapping a dict of nodes by key.

    ``tag`` is a tag like ``tuple`` for ``!tuple``; ``keys`` are the lines of a mapping's keys.
    """

    value: Any
    line: int
    tag: str | None = None
    keys: dict[str, int] = field(default_factory=dict)

    @property
    def data(self) -> Any:
        """The plain data below, without any tag."""
        if isinstance(self.value, dict):
            return {key: node.data for key, node in self.value.items()}
        return [node.data for node in self.value] if isinstance(self.value, list) else self.value


def read(text: str, file: str) -> Node | None:
    """Return the tree of a YAML text, None when it says nothing.

    Raises
    ------
    WorkflowError
        Names file and line.
    """
    if len(text) > LARGEST:
        raise _refused(file, 1, f"the text has {len(text):,} characters, more than {LARGEST:,}. Split the workflow.")
    try:
        events = yaml.parse(text, Loader=_LOADER)
        return _document(_Events(events, file))
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        if "nesting" in str(problem.problem):  # libyaml's own bound, where it is met before ours
            raise _refused(file, line, TOO_DEEP) from None
        raise _refused(file, line, f"{problem.problem or problem.context}. Correct the YAML there.") from None
    except (yaml.YAMLError, ValueError) as problem:
        raise _refused(file, 1, f"this isn't YAML: {' '.join(str(problem).split())}.") from None


class _Events:
    """The parser's events, one after the other, with the file they are from."""

    def __init__(self, events: Iterator[Any], file: str) -> None:
        self._events, self.file = events, file

    def next(self) -> Any:
        event = next(self._events)
        if getattr(event, "anchor", None) is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            raise self.refused(event, f"{sign + event.anchor!r}: anchors and aliases aren't read here. Write the value out.")
        return event

    def refused(self, event: Any, message: str) -> WorkflowError:
        return _refused(self.file, event.start_mark.line + 1, message)


def _refused(file: str, line: int, message: str) -> WorkflowError:
    return refusal(file, [Problem(text=message, line=line)])


def _document(events: _Events) -> Node | None:
    events.next()  # the stream's start
    if isinstance(events.next(), yaml.StreamEndEvent):
        return None
    root = _node(events, events.next(), 0)
    events.next()  # the document's end
    if not isinstance(more := events.next(), yaml.StreamEndEvent):
        raise events.refused(more, "a second document begins here. Keep one workflow a file.")
    return None if root.value is None else root


def _node(events: _Events, event: Any, depth: int) -> Node:
    if depth > DEEPEST:
        raise events.refused(event, TOO_DEEP)
    line = event.start_mark.line + 1
    tag = _tag(events, event)
    if isinstance(event, yaml.ScalarEvent):
        return Node(value=_scalar(events, event, tag), line=line, tag=tag)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(event := events.next(), yaml.SequenceEndEvent):
            items.append(_node(events, event, depth + 1))
        return Node(value=items, line=line, tag=tag)
    return _mapping(events, Node(value={}, line=line, tag=tag), depth)


def _mapping(events: _Events, mapping: Node, depth: int) -> Node:
    while not isinstance(event := events.next(), yaml.MappingEndEvent):
        line = event.start_mark.line + 1
        if not isinstance(event, yaml.ScalarEvent):
            raise events.refused(event, "a key is text, not a list or a group of fields.")
        key = _scalar(events, event, _tag(events, event))
        if key == "<<" and event.implicit[0]:
            raise events.refused(event, "merge keys (<<) aren't read here. Write the fields out.")
        if not isinstance(key, str):
            raise events.refused(event, f"{event.value!r} is a key, but not text. Put it in quotes.")
        if key in mapping.value:
            raise events.refused(event, f"{key!r} is there already in line {mapping.keys[key]}. Keep one.")
        mapping.keys[key] = line
        mapping.value[key] = _node(events, events.next(), depth + 1)
    return mapping


def _tag(events: _Events, event: Any) -> str | None:
    if event.tag is None:
        return None
    if event.tag == "!" or event.tag == "tag:yaml.org,2002:str":
        return "" if isinstance(event, yaml.ScalarEvent) else None
    if not event.tag.startswith("!"):
        raise events.refused(event, f"the tag {event.tag!r} isn't known. Leave it away.")
    return str(event.tag[1:])


def _scalar(events: _Events, event: Any, tag: str | None) -> Any:
    """Return a scalar as YAML 1.2's core schema reads it; quoted and tagged ones are text."""
    if not event.implicit[0]:
        return event.value
    try:
        value = scalar(event.value)
    except ValueError as problem:  # more digits than Python reads
        raise events.refused(event, f"this number can't be read: {problem}.") from None
    if isinstance(value, str) and _DATE.fullmatch(value):
        raise events.refused(event, f"{value} is a date for some readers and text for others. Put it in quotes.")
    return value


def scalar(text: str) -> Any:
    """Return what a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if infinite := _INFINITE.fullmatch(text):
        return float(f"{infinite[1]}inf")
    return float("nan") if text in {".nan", ".NaN", ".NAN"} else text


def node_of(data: Any, line: int) -> Node:
    """Return plain data as if it stood in a text at ``line``."""
    if isinstance(data, dict):
        keys = {str(key): line for key in data}
        return Node(value={str(key): node_of(item, line) for key, item in data.items()}, line=line, keys=keys)
    if isinstance(data, list | tuple):
        return Node(value=[node_of(item, line) for item in data], line=line)
    return Node(value=data, line=line)
