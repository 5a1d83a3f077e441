"""The house stands: imports point down, heavy dependencies have one home, a kernel needs the standard library only."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "jupyter_mlops"

# top to ground; a room is a module or a folder, and a module belongs to the first room that names it
ROOMS = [
    ["run", "hosts"],
    ["api"],
    ["project"],
    ["pipelines", "planning", "upkeep"],
    ["defining"],
    ["orders"],
    ["runs", "interactive"],
    ["library", "family"],
    ["display"],
    ["execution"],
    ["workflows"],
    ["functions"],
    ["storage.catalog", "storage.fold", "storage.leftovers", "storage.schema", "storage.sql", "storage.tables"],
    ["execution.inside"],
    ["storage"],
    ["config"],
    ["values"],
    ["events"],
    ["records"],
    ["errors"],
    ["syntax"],
]

# dependency: the modules that may import it
HOMES = {
    "duckdb": {"storage"},
    "papermill": {"execution", "functions"},
    "nbclient": {"execution"},
    "IPython": {"hosts", "functions", "execution"},
    "anywidget": {"hosts"},
    "jupyter_server": {"hosts"},
    "distributed": {"execution"},
}

INSIDE = [
    "execution.inside",
    "storage.journal",
    "storage.blobs",
    "storage.packagers",
    "storage.artifacts",
    "values",
    "events",
    "records",
    "errors",
    "syntax",
]


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name below it."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = path
    return found


MODULES = modules()


def room(module: str) -> int:
    """Return the index of the room that names the module most closely."""
    best = (-1, -1)
    for index, names in enumerate(ROOMS):
        for name in names:
            if module == name or module.startswith(name + "."):
                best = max(best, (len(name), index))
    assert best[0] >= 0, f"{module} stands in no room of tests/test_layers.py"
    return best[1]


def imported(path: Path, *, everywhere: bool) -> set[str]:
    """Return the dotted names a module imports, outside TYPE_CHECKING; ``everywhere`` includes those in functions."""
    found: set[str] = set()
    stack: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            stack.extend(node.orelse)
            continue
        if not everywhere and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        stack.extend(ast.iter_child_nodes(node))
    return found


def own(names: set[str]) -> set[str]:
    """Keep our own modules among dotted names."""
    short = {name.removeprefix("jupyter_mlops.") for name in names if name.startswith("jupyter_mlops.")}
    return {name for name in short if name in MODULES}


def within(module: str, rooms: list[str]) -> bool:
    """Return whether a module is one of the rooms, or lies in one."""
    return any(module == name or module.startswith(name + ".") for name in rooms)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_point_down(module):
    below = room(module)
    for name in own(imported(MODULES[module], everywhere=True)):
        assert room(name) >= below, f"{module} imports {name}, which stands above it"


def test_there_is_no_import_cycle():
    graph = {name: own(imported(path, everywhere=True)) - {name} for name, path in MODULES.items()}
    for name in graph:  # a package's own face is no import of its own
        graph[name] = {other for other in graph[name] if not name.startswith(other + ".")}
    done: set[str] = set()
    while ready := [name for name, needs in graph.items() if name not in done and needs <= done]:
        done |= set(ready)
    assert done == set(graph), f"these modules import each other: {sorted(set(graph) - done)}"


@pytest.mark.parametrize("dependency", sorted(HOMES))
def test_a_heavy_dependency_has_one_home(dependency):
    for module, path in MODULES.items():
        names = {name.split(".")[0] for name in imported(path, everywhere=True)}
        if dependency in names:
            assert module.split(".")[0] in HOMES[dependency], f"{module} imports {dependency}"


@pytest.mark.parametrize("module", [name for name in sorted(MODULES) if within(name, INSIDE)])
def test_what_runs_inside_a_kernel_needs_the_standard_library_only(module):
    foreign = {name.split(".")[0] for name in imported(MODULES[module], everywhere=False)} - {"jupyter_mlops"}
    foreign -= set(sys.stdlib_module_names)
    assert not foreign, f"{module} imports {foreign} when it is imported"
    for name in own(imported(MODULES[module], everywhere=False)):
        assert within(name, [*INSIDE, "storage", "execution"]), f"{module} imports {name}"
