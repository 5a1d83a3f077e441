"""The cells that ran before: which statement last gave a name its value."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from jupyter_mlops import syntax
from jupyter_mlops.errors import CaptureError
from jupyter_mlops.functions.scopes import FUNCTIONS, bindings
from jupyter_mlops.functions.source import read_cell

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Passage:
    """A statement of an earlier cell and its source."""

    statement: ast.stmt
    text: str


class History:
    """Earlier cells, oldest first; a cell that isn't Python (any more) counts for nothing."""

    def __init__(self, cells: Sequence[str] = ()) -> None:
        self._cells = cells

    @cached_property
    def _passages(self) -> list[Passage]:
        return [passage for source in self._cells for passage in _passages_of(source)]

    @cached_property
    def _by_name(self) -> dict[str, list[Passage]]:
        found: dict[str, list[Passage]] = {}
        for passage in self._passages:
            for name in bindings([passage.statement]).names:
                found.setdefault(name, []).insert(0, passage)
        return found

    def of(self, name: str) -> list[Passage]:
        """Return the statements that bind a name, newest first."""
        return self._by_name.get(name, [])

    def imports(self) -> Iterator[ast.Import | ast.ImportFrom]:
        """Yield every import, newest first."""
        for passage in reversed(self._passages):
            if isinstance(passage.statement, ast.Import | ast.ImportFrom):
                yield passage.statement

    @cached_property
    def future(self) -> list[str]:
        """The ``from __future__`` imports, which IPython applies to every later cell as well."""
        found = [one for one in self.imports() if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
        return sorted({f"from __future__ import {alias.name}" for one in found for alias in one.names})

    def additions(self, name: str) -> list[Passage]:
        """Return functions registered with ``name`` after its definition, as ``@name.register`` does, oldest first."""
        found: list[Passage] = []
        for passage in self._passages:
            statement = passage.statement
            if isinstance(statement, (*FUNCTIONS, ast.ClassDef)) and statement.name == name:
                found = []
            elif isinstance(statement, FUNCTIONS) and any(_root(one) == name for one in statement.decorator_list):
                found.append(passage)
        return found


@lru_cache(maxsize=4096)  # the history of a session only grows, and is looked through at every definition
def _passages_of(source: str) -> tuple[Passage, ...]:
    """Return every statement at the top of a cell; of ``if``, ``try`` and ``with`` also those inside."""
    try:
        cell = read_cell(source)
    except CaptureError:
        return ()
    parts = [part for statement in cell.tree.body for part in _unfolded(statement)]
    return tuple(Passage(part, source_of(cell.text, part)) for part in parts)


def source_of(text: str, statement: ast.stmt) -> str:
    """Return a statement's lines, with its decorators, at the left margin."""
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(one.lineno for one in decorators)])
    last = statement.end_lineno or statement.lineno
    lines = text.split("\n")[first - 1 : last]
    if statement.col_offset == 0 and not lines[0].startswith((" ", "\t")):
        code = "\n".join(lines)
        if len(syntax.parse(code).body if _parses(code) else []) == 1:
            return code
    return ast.unparse(statement)  # from the middle of something: comments are lost, the meaning is not


def _parses(code: str) -> bool:
    try:
        syntax.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def _unfolded(statement: ast.stmt) -> Iterator[ast.stmt]:
    yield statement
    if isinstance(statement, ast.If | ast.Try | ast.With):
        for part in ast.iter_child_nodes(statement):
            body = part.body if isinstance(part, ast.ExceptHandler) else [part]
            for inner in body:
                if isinstance(inner, ast.stmt):
                    yield from _unfolded(inner)


def _root(decorator: ast.expr) -> str | None:
    """Return ``f`` of ``@f.register`` and ``@f.register(int)``; None for a plain ``@f``."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not isinstance(node, ast.Attribute):
        return None
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
