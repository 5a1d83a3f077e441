"""The nouns: frozen records without I/O. Standard library only, as they travel into kernels too."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from keyword import iskeyword
from typing import Any

from jupyter_mlops import syntax
from jupyter_mlops.errors import NameRuleError

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
UNKNOWN: Any = object()
PROJECT_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class State(StrEnum):
    """Where a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    ERROR = "error"
    ABORTING = "aborting"
    ABORTED = "aborted"
    SKIPPED = "skipped"
    CACHED = "cached"

    @property
    def finished(self) -> bool:
        """Whether nothing can happen to the run any more."""
        return self in _FINISHED


_FINISHED = frozenset({State.COMPLETED, State.ERROR, State.ABORTED, State.SKIPPED, State.CACHED})


class Kind(StrEnum):
    """What an artifact is."""

    DATASET = "dataset"
    MODEL = "model"
    PLOT = "plot"
    TABLE = "table"
    FILE = "file"
    DIR = "dir"


def check_name(name: str, kind: str, rule: re.Pattern[str] = NAME) -> str:
    """Return ``name`` if it fits the rule, else raise NameRuleError with the rule and a suggestion."""
    if isinstance(name, str) and rule.fullmatch(name):
        if rule is NAME and iskeyword(name):  # these are names in Python, too: in cells, and in workflows
            raise NameRuleError(f"{name!r} can't name {_one(kind)}, as it is a word of Python itself. For example '{name}_'.")
        return name
    shown = repr(name) if len(str(name)) <= 60 else f"{str(name)[:57]!r}… ({len(str(name))} characters)"
    extra = "-" if rule is PROJECT_NAME else ""
    allowed = f"a-z, 0-9, _{extra and ' and ' + extra}"
    msg = f"{shown} can't name {_one(kind)}: use {allowed}, begin with a letter, at most 63 characters."
    raise NameRuleError(msg + _suggestion(str(name), extra))


def _one(kind: str) -> str:
    return f"an {kind}" if kind[:1] in "aeiou" else f"a {kind}"


def _suggestion(name: str, extra: str) -> str:
    words = re.sub(rf"[^a-z0-9_{extra}]+", "_", name.lower()).strip("_-")[:63]
    words = words if words[:1].isalpha() else f"n{words}"[:63]
    words = f"{words}_" if iskeyword(words) and not extra else words
    return f" For example {words!r}." if len(words) > 1 else ""


def key_of(variable: str) -> str:
    """Return the key under which a variable is kept: ``X_train`` is ``x_train``."""
    plain = unicodedata.normalize("NFKD", variable.casefold()).encode("ascii", "ignore").decode()  # casefold: ß is ss
    key = re.sub(r"[^a-z0-9_]+", "_", plain).strip("_")[:63]
    return key if NAME.fullmatch(key) and not iskeyword(key) else f"data_{key}"[:63].rstrip("_")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a Function.

    ``default`` is the Python source of the default value, or None when the parameter is required;
    ``hint`` the source of its type hint, ``help`` its trailing comment.
    """

    name: str
    default: str | None = None
    hint: str | None = None
    help: str = ""

    @property
    def required(self) -> bool:
        return self.default is None

    @property
    def constant(self) -> Any:
        """The default's value, or UNKNOWN when only the kernel can tell, as for ``x = f()`` in a ``parameters`` cell."""
        try:
            return UNKNOWN if self.default is None else syntax.literal(self.default)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Input:
    """Data that comes into a Function: ``hint`` is a type's dotted name, ``default`` an artifact URI or path."""

    name: str
    hint: str | None = None
    default: str | None = None

    @property
    def required(self) -> bool:
        return self.default is None


@dataclass(frozen=True, kw_only=True)
class Return:
    """A variable that is kept at the end of a run: ``kind`` is ``result``, a Kind, or None (by its type).

    ``variable`` is its name where that can't be a key: ``X_train`` is kept as ``x_train``.
    """

    key: str
    kind: str | None = None
    variable: str | None = None

    @property
    def name(self) -> str:
        """The variable's name."""
        return self.variable or self.key


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """How a Function is executed. Times in seconds, ``memory`` in bytes; None means no limit."""

    kernel: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    timeout: float | None = None
    cell_timeout: float | None = None
    retries: int = 0
    backoff: float = 1.0
    memory: int | None = None


@dataclass(frozen=True, kw_only=True)
class Function:
    """A notebook with a cell tagged ``parameters``, plus how to run it. ``version`` is a content hash."""

    name: str
    version: str
    parameters: tuple[Parameter, ...] = ()
    inputs: tuple[Input, ...] = ()
    returns: tuple[Return, ...] = ()
    runtime: Runtime = field(default_factory=Runtime)
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where an input of a run comes from.

    ``uri`` is what the user gave or ``store://…``; ``hash`` the content hash of the bytes; ``artifact`` the uid
    of the artifact version, None for a plain path; ``packager`` and ``meta`` say how the bytes are loaded.
    ``items`` makes it a list, of artifacts and plain values; ``value`` is a plain value, as encoded by
    :mod:`jupyter_mlops.values`, in a list of one.
    """

    uri: str
    hash: str | None = None
    artifact: str | None = None
    packager: str | None = None
    hint: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    items: tuple[Source, ...] | None = None
    value: list[Any] | None = None

    @classmethod
    def read(cls, fields: dict[str, Any]) -> Source:
        """Return a Source from its JSON form; fields that this version doesn't know are left out."""
        known = {name: fields[name] for name in cls.__dataclass_fields__ if name in fields}
        if known.get("items") is not None:
            known["items"] = tuple(cls.read(item) for item in known["items"])
        return cls(**known)

    @property
    def parts(self) -> tuple[Source, ...]:
        """The sources it is made of: itself, or all below its items."""
        return (self,) if self.items is None else tuple(part for item in self.items for part in item.parts)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a run was asked to do: ``run.json``. Written once, before anything starts.

    ``params`` holds the values as encoded by :mod:`jupyter_mlops.values`. ``function`` is None for interactive work.
    ``created`` is in seconds since the epoch, UTC. ``store`` is the artifact store's URL or folder (relative to the
    project's), None for ``artifacts``.

    A run of a workflow has ``workflow`` and a ``plan``; a sweep has ``function`` or ``workflow`` and ``plan["sweep"]``. Their
    children have ``parent``, and ``step`` (the node's name) or ``iteration`` (from 1). ``fingerprint`` stands for all that a
    step's outputs depend on, and ``facts`` are what it was made of.
    """

    id: str
    project: str
    name: str
    function: str | None = None
    version: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Source] = field(default_factory=dict)
    returns: tuple[Return, ...] = ()
    runtime: Runtime = field(default_factory=Runtime)
    tags: dict[str, str] = field(default_factory=dict)
    parent: str | None = None
    created: float = 0.0
    user: str = ""
    host: str = ""
    origin: str = "python"
    cwd: str | None = None
    store: str | None = None
    workflow: str | None = None
    step: str | None = None
    iteration: int | None = None
    fingerprint: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a run is in state ``error``: the cell (0-based in the executed notebook), line (1-based) and exception."""

    ename: str
    evalue: str
    cell: int | None = None
    line: int | None = None
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """One version of an artifact. ``hash`` is the sha256 of its bytes, ``size`` in bytes, ``created`` epoch seconds.

    ``packager`` names what saved it and ``type`` the dotted Python type it had; ``meta`` holds what the packager
    knows: schema, rows, preview, statistics, framework, signature.
    """

    uid: str
    key: str
    kind: str
    hash: str
    size: int
    packager: str
    type: str
    created: float
    run: str | None = None
    name: str = ""
    tag: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
