"""What a new version of a Function changes, in words and as a diff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from difflib import unified_diff

from jupyter_mlops.functions.ipynb import INPUTS, OUTPUTS, PARAMETERS, Node, tags_of
from jupyter_mlops.functions.packaged import read_function
from jupyter_mlops.records import Function, Runtime


@dataclass(frozen=True, kw_only=True)
class Change:
    """The step from version ``previous`` (None: there was none) to ``version``, in words and as a unified diff."""

    name: str
    version: str
    previous: str | None = None
    summary: str = ""
    diff: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the Function is new."""
        return self.previous is None

    @property
    def changed(self) -> bool:
        """Whether there is a new version."""
        return self.previous != self.version

    def __str__(self) -> str:
        return f"{self.name}@{self.version}: {self.summary}"


def compare(old: Node | None, new: Node, name: str) -> Change:
    """Say what changed between two versions' notebooks."""
    after = read_function(new, name)
    if old is None:
        return Change(name=name, version=after.version, summary="new")
    before = read_function(old, name)
    if before.version == after.version:
        return Change(name=name, version=after.version, previous=before.version, summary="unchanged")
    words = [*_code(old, new), *_parameters(before, after), *_inputs(before, after), *_returns(before, after)]
    words += _runtime(before.runtime, after.runtime)
    return Change(
        name=name,
        version=after.version,
        previous=before.version,
        summary="; ".join(words) or "attributes",
        diff="".join(_diff(_text(old), _text(new), f"{name}@{before.version}", f"{name}@{after.version}")),
    )


def _text(nb: Node, *, generated: bool = True) -> list[str]:
    """Return the code as lines; without the cells that restate parameters, inputs and returns if ``generated`` is False."""
    lines: list[str] = []
    for cell in nb.cells:
        tags = tags_of(cell)
        if cell["cell_type"] == "code" and (generated or not {PARAMETERS, INPUTS, OUTPUTS}.intersection(tags)):
            lines += [f"# %%{''.join(f' {tag}' for tag in tags)}\n"] if generated else []
            lines += [f"{line}\n" for line in cell["source"].split("\n")]
    return lines


def _diff(old: Sequence[str], new: Sequence[str], before: str = "", after: str = "") -> Iterable[str]:
    return unified_diff(old, new, before, after)


def _code(old: Node, new: Node) -> list[str]:
    lines = list(_diff(_text(old, generated=False), _text(new, generated=False)))[2:]
    more = sum(line.startswith("+") for line in lines)
    less = sum(line.startswith("-") for line in lines)
    return [f"code: +{more} −{less} lines"] if lines else []


def _parameters(before: Function, after: Function) -> list[str]:
    old = {one.name: one for one in before.parameters}
    new = {one.name: one for one in after.parameters}
    words = [
        f"parameter {name} {_shown(old[name].default)} → {_shown(one.default)}"
        for name, one in new.items()
        if name in old and old[name].default != one.default
    ]
    words += [
        f"type of {name} {old[name].hint} → {one.hint}" for name, one in new.items() if name in old and old[name].hint != one.hint
    ]
    words += [f"help of {name}" for name, one in new.items() if name in old and old[name].help != one.help]
    return words + _listed("parameter", old, new)


def _inputs(before: Function, after: Function) -> list[str]:
    old = {one.name: one for one in before.inputs}
    new = {one.name: one for one in after.inputs}
    changed = [
        f"input {name} {_shown(old[name].default)} → {_shown(one.default)}"
        for name, one in new.items()
        if name in old and old[name].default != one.default
    ]
    return _listed("input", old, new) + changed


def _returns(before: Function, after: Function) -> list[str]:
    old = {one.key: one.kind for one in before.returns}
    new = {one.key: one.kind for one in after.returns}
    changed = [
        f"return {key} {old[key] or 'by type'} → {kind or 'by type'}"
        for key, kind in new.items()
        if key in old and old[key] != kind
    ]
    return _listed("return", old, new) + changed


def _listed(kind: str, old: Iterable[str], new: Iterable[str]) -> list[str]:
    gone, come = [name for name in old if name not in set(new)], [name for name in new if name not in set(old)]
    words = [f"new {kind}{'s' * (len(come) > 1)} {', '.join(come)}"] if come else []
    return words + ([f"{kind}{'s' * (len(gone) > 1)} {', '.join(gone)} removed"] if gone else [])


def _runtime(before: Runtime, after: Runtime) -> list[str]:
    pairs = [(one.name, getattr(before, one.name), getattr(after, one.name)) for one in fields(Runtime)]
    return [f"{name} changed" if name == "env" else f"{name} {old} → {new}" for name, old, new in pairs if old != new]


def _shown(source: str | None) -> str:
    text = "(none)" if source is None else " ".join(source.split())
    return text if len(text) <= 40 else f"{text[:39]}…"
