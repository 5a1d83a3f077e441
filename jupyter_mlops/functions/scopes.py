"""Which names a scope binds, and whether a name in it means the module's variable: Python's rules of scope, by syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(kw_only=True)
class Scope:
    """A scope: ``kind`` is module, class, function or comprehension; ``names`` are the ones it binds itself."""

    kind: str
    parent: Scope | None = None
    names: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)

    def means_global(self, name: str) -> bool:
        """Return whether loading the name here looks in the module (and then among the builtins)."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.globals:
                return True
            # a class's names are seen by the class body alone, not by what is nested in it
            if name in scope.names and name not in scope.nonlocals and scope.kind != "module":
                if scope.kind != "class" or scope is self:
                    return False
            scope = scope.parent
        return True

    def home(self) -> Scope:
        """Return the scope that ``name := value`` binds in: a comprehension has none of its own."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def runs_at_once(self) -> bool:
        """Whether the scope's statements run as the module's do, rather than when something is called."""
        scope: Scope | None = self
        while scope is not None:
            if scope.kind == "function":
                return False
            scope = scope.parent
        return True


def function_scope(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, parent: Scope) -> Scope:
    """Return the scope of a function's body."""
    found = bindings(node.body if isinstance(node.body, list) else [node.body])
    return Scope(
        kind="function",
        parent=parent,
        names=(found.names | argument_names(node.args)) - found.globals,
        globals=found.globals,
        nonlocals=found.nonlocals,
    )


def argument_names(arguments: ast.arguments) -> set[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {argument.arg for argument in every if argument is not None}


def type_parameters(node: ast.AST) -> set[str]:
    """Return the names of ``[T, *Ts, **P]``."""
    return {parameter.name for parameter in getattr(node, "type_params", [])}


def target_names(target: ast.AST) -> set[str]:
    """Return the plain names that an assignment target binds."""
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def bindings(statements: Sequence[ast.AST]) -> Bindings:
    """Return what these statements bind in the scope they stand in, wherever inside them."""
    found = Bindings()
    for statement in statements:
        found.visit(statement)
    return found


class Bindings(ast.NodeVisitor):
    """Collects the names of one scope, without looking into the scopes nested in it."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self._comprehensions = 0

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load) and not self._comprehensions:
            self.names.add(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.names.add(node.target.id)
        self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.names.add(node.name)
        self._visit_all([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all([*node.args.defaults, *node.args.kw_defaults])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.add(node.name)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])

    def _visit_comprehension(self, node: ast.AST) -> None:
        self._comprehensions += 1
        self.generic_visit(node)
        self._comprehensions -= 1

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_alias(self, node: ast.alias) -> None:
        if node.name != "*":
            self.names.add(node.asname or node.name.partition(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._add(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self._add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self._add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._add(node.rest)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.nonlocals.update(node.names)

    def _add(self, name: str | None) -> None:
        if name is not None:
            self.names.add(name)

    def _visit_all(self, nodes: Sequence[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)


def bound_anywhere(tree: ast.Module) -> set[str]:
    """Return every name the module may come to have: bound by its statements, or by ``global`` in a function."""
    found = bindings(tree.body).names
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found.update(node.names)
    return found


def attribute_chains(tree: ast.AST) -> set[str]:
    """Return the dotted names that occur: ``a.b.c`` for ``a.b.c(x)``."""
    found = set()
    for node in ast.walk(tree):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if parts and isinstance(inner, ast.Name):
            found.add(".".join([inner.id, *reversed(parts)]))
    return found
