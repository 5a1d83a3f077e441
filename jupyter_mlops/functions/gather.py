"""All that a cell needs from the notebook, and all that this needs in turn."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from typing import Any

from jupyter_mlops.errors import CaptureError
from jupyter_mlops.functions.bring import OF_THE_SHELL, Brought, look_up, submodules
from jupyter_mlops.functions.flow import Deferred, Names, Need
from jupyter_mlops.functions.history import History
from jupyter_mlops.functions.names import names_of
from jupyter_mlops.functions.scopes import attribute_chains

# what IPython and Python give every cell
EVERYWHERE = frozenset(dir(builtins)) | {"display", "get_ipython", "In", "Out", "exit", "quit"}
_LAZY = "from __future__ import annotations"


@dataclass(kw_only=True)
class Gathered:
    """What comes along. ``sources`` can be set before the inputs are there, ``late_sources`` only after them."""

    names: Names
    imports: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    late_sources: list[str] = field(default_factory=list)
    values: dict[str, Brought] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    missing: list[Need] = field(default_factory=list)
    brought: frozenset[str] = frozenset()


@cache
def star_names(module: str) -> frozenset[str] | None:
    """Return what ``from module import *`` binds, or None when the module can't be imported here."""
    if module.startswith("."):
        return None
    try:
        found = sys.modules.get(module) or import_module(module)
    except Exception:  # the module's own code runs in there; an unknown star is reported as a warning
        return None
    public = getattr(found, "__all__", None)
    return frozenset(public if public is not None else (name for name in vars(found) if not name.startswith("_")))


def gather(
    tree: ast.Module,
    namespace: Mapping[str, Any] | None,
    history: History,
    *,
    inputs: Collection[str] = (),
    given: Collection[str] = (),
) -> Gathered:
    """Follow names from the cell into the notebook until nothing new turns up.

    ``inputs`` are data by decree; ``given`` are parameters that whoever runs the Function has to give.
    """
    search = _Search(namespace, history, inputs)
    search.found.update({name: Brought(name=name, kind="given") for name in given})
    while True:
        names = search.names_of(tree, functions=search.functions)
        new = [need for need in names.needs.values() if need.name not in search.found]
        if not new:
            break
        for need in new:
            try:
                search.bring(need.name)
            except CaptureError as error:
                error.line = error.line or (None if need.origin else need.line)
                raise
    return search.gathered(names, attribute_chains(tree))


class _Search:
    def __init__(self, namespace: Mapping[str, Any] | None, history: History, inputs: Collection[str]) -> None:
        self.namespace = namespace
        self.history = history
        self.inputs = inputs
        self.found: dict[str, Brought | None] = {}
        self.functions: dict[str, tuple[Deferred, ...]] = {}
        self.order: list[str] = []
        self.constants: list[str] = []
        self.late: set[str] = set()
        lazy = sys.version_info >= (3, 14) or _LAZY in history.future
        self.names_of: Callable[..., Names] = partial(names_of, stars=star_names, lazy_annotations=lazy)

    def bring(self, name: str) -> None:
        """Find out how a name comes along; what its source needs at once comes before it."""
        if name in self.found:
            return
        if name in self.inputs:
            self.found[name] = Brought(name=name, kind="data", value=(self.namespace or {}).get(name))
            return
        brought = self.found[name] = look_up(name, self.namespace, self.history)
        if brought is not None and brought.statement is not None:
            self._open(brought, brought.statement)

    def _open(self, brought: Brought, statement: ast.Module) -> None:
        names = self.names_of(statement)
        at_once = [need for need in names.needs.values() if not need.late]
        for need in at_once:
            self.bring(need.name)
            other = self.found[need.name]
            if other is None:
                continue
            if other.kind == "value" and need.name not in self.order:
                self.constants.append(need.name)
                self.order.append(need.name)
            if other.kind == "data" or need.name in self.late:
                self.late.add(brought.name)
        self.order.append(brought.name)
        called = tuple(
            Deferred(deferred.needs, deferred.binds, brought.name) for known in names.functions.values() for deferred in known
        )
        # `f = partial(g, 3)`: whoever calls f calls g
        mentioned = Deferred(tuple((need.name, need.line, need.sure) for need in at_once), frozenset(), brought.name)
        self.functions[brought.name] = (*called, mentioned)

    def gathered(self, names: Names, chains: set[str]) -> Gathered:
        result = Gathered(
            names=names,
            imports=[*self.history.future],
            brought=frozenset(name for name, brought in self.found.items() if brought and brought.kind != "given"),
        )
        for brought in self.found.values():
            if brought is not None and brought.statement is not None:
                chains |= attribute_chains(brought.statement)
        for name, brought in self.found.items():
            need = names.needs.get(name)
            if brought is None:
                if need is not None and not _is_everywhere(name):
                    result.missing.append(need)
            elif brought.kind == "import":
                result.imports += [brought.text, *submodules(brought, chains, self.history)]
            elif brought.kind == "data":
                result.data[name] = brought.value
            elif brought.kind == "value" and need is not None and not need.origin:
                result.values[name] = brought
            elif brought.kind == "value" and name not in self.order:
                self.order.insert(0, name)
        self._place_sources(result)
        return result

    def _place_sources(self, result: Gathered) -> None:
        for name in self.order:
            brought = self.found[name]
            assert brought is not None
            text = f"{name} = {brought.text}" if brought.kind == "value" else brought.text
            (result.late_sources if name in self.late else result.sources).append(text)


def _is_everywhere(name: str) -> bool:
    is_dunder = name.startswith("__") and name.endswith("__")
    return name in EVERYWHERE or is_dunder or OF_THE_SHELL.fullmatch(name) is not None
