"""Which names a cell takes from outside: its statements are followed in the order they run.

A name is needed when no binding of the cell can have reached the place of its use. A binding under an ``if`` counts; the
second round of a loop sees what the first bound; the body of a function is looked at where the function is first used.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from jupyter_mlops.functions import magics
from jupyter_mlops.functions.flow import Deferred, Flow, Names, Need
from jupyter_mlops.functions.scopes import Scope, bound_anywhere, function_scope, target_names, type_parameters

Stars = Callable[[str], frozenset[str] | None]
_GUARDS = frozenset({"NameError", "UnboundLocalError"})
_LAZY_ANNOTATIONS = sys.version_info >= (3, 14)


def no_stars(module: str) -> None:
    """Know nothing about ``from module import *``."""


def names_of(
    tree: ast.Module,
    *,
    stars: Stars = no_stars,
    functions: Mapping[str, tuple[Deferred, ...]] | None = None,
    lazy_annotations: bool = _LAZY_ANNOTATIONS,
) -> Names:
    """Follow a module's statements.

    Parameters
    ----------
    stars
        Gives the names that ``from module import *`` binds, or None when they can't be known.
    functions
        What functions from outside need when they are called.
    lazy_annotations
        Whether annotations are kept without being evaluated, as after ``from __future__ import annotations``.
    """
    walker = _Walker(stars, bound_anywhere(tree))
    walker.flow.functions.update(functions or {})
    walker.lazy_annotations = lazy_annotations
    walker.walk(tree.body)
    binds, defined = frozenset(walker.flow.bound), dict(walker.flow.functions)
    walker.call_all()
    return Names(needs=walker.needs, binds=binds, functions=defined, loads=frozenset(walker.loads), opaque=walker.opaque)


class _Walker(ast.NodeVisitor):
    """Visits nodes in the order in which Python evaluates them."""

    def __init__(self, stars: Stars, anywhere: set[str]) -> None:
        self.stars = stars
        self.anywhere = anywhere
        self.scope = Scope(kind="module")
        self.flow = Flow()
        self.needs: dict[str, Need] = {}
        self.loads: set[str] = set()
        self.opaque: str | None = None
        self.guarded = False
        self.lazy_annotations = _LAZY_ANNOTATIONS
        self.methods: list[Deferred] = []

    def walk(self, statements: Iterable[ast.AST | None]) -> None:
        for statement in statements:
            if statement is not None:
                self.visit(statement)

    # --- uses and bindings ---

    def use(self, name: str, line: int, *, sure: bool = True) -> None:
        if not self.scope.means_global(name):
            return
        self.loads.add(name)
        if name in ("exec", "globals") and name not in self.flow.bound:
            self.opaque = f"{name}()"
        self._look_up(name, line, sure=sure and not self.guarded)
        self._call(name, set())

    def _look_up(self, name: str, line: int, *, sure: bool, late: bool = False, origin: str = "") -> None:
        if name in self.flow.bound or name in self.flow.outside:
            if not origin and name in self.needs and name not in self.flow.fresh:
                self.needs[name] = replace(self.needs[name], origin="")
            return
        before = self.needs.get(name)
        self.needs[name] = Need(
            name=name,
            line=before.line if before else line,
            sure=sure or (before is not None and before.sure),
            late=late and (before is None or before.late),
            origin=origin if before is None else origin and before.origin,
        )
        self.flow.outside.add(name)

    def _call(self, name: str, seen: set[int], *, late: bool = False) -> None:
        """Look at what a function needs, as it may be called from here on, and at what those need."""
        for deferred in self.flow.functions.get(name, ()):
            if id(deferred) in seen:
                continue
            seen.add(id(deferred))
            for needed, line, sure in deferred.needs:
                self.loads.add(needed)
                # bound further down: whether that comes before the call can't be told, so it's no error
                self._look_up(needed, line, sure=sure and needed not in self.anywhere, late=late, origin=deferred.origin)
                self._call(needed, seen, late=late)
            for bound in deferred.binds:
                self.flow.rebind(bound)

    def call_all(self) -> None:
        """Look at every function once more at the end, where all names are bound that ever will be."""
        for name in list(self.flow.functions):
            self._call(name, set(), late=True)

    def bind(self, name: str, scope: Scope | None = None) -> None:
        scope = (scope or self.scope).home()
        if scope.kind == "module" or name in scope.globals:
            self.flow.bind(name)
        elif scope.kind == "class":
            scope.names.add(name)

    def _unbind(self, name: str) -> None:
        if self.scope.kind == "module" or name in self.scope.globals:
            self.flow.unbind(name)
        elif self.scope.kind == "class":
            self.scope.names.discard(name)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id)
            return
        self.use(node.id, node.lineno)
        if isinstance(node.ctx, ast.Del):
            self._unbind(node.id)

    # --- assignments ---

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Lambda) and all(isinstance(target, ast.Name) for target in node.targets):
            self._define(node.value, [target.id for target in node.targets if isinstance(target, ast.Name)])
            return
        self.walk([node.value, *node.targets])

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.use(node.target.id, node.lineno)
        self.walk([node.value, node.target])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.walk([node.value])
        if self.scope.runs_at_once:
            self._annotation(node.annotation)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.bind(node.target.id)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        # `type X = …` is evaluated when somebody asks for it
        outer, self.guarded = self.guarded, True
        self._within(Scope(kind="function", parent=self.scope, names=type_parameters(node)), [node.value])  # type: ignore[attr-defined]
        self.guarded = outer
        self.visit(node.name)  # type: ignore[attr-defined]

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if node.module == "__future__" and alias.name == "annotations":
                self.lazy_annotations = True
            if alias.name == "*":
                self._star("." * node.level + (node.module or ""))
            else:
                self.bind(alias.asname or alias.name)

    def _star(self, module: str) -> None:
        names = self.stars(module)
        if names is None:
            self.opaque = f"from {module} import *"
        for name in names or ():
            self.bind(name)

    # --- ways that part and meet ---

    def _branches(self, *branches: Iterable[ast.AST | None]) -> None:
        """Follow each from here; after them, any may have been taken."""
        start, ends = self.flow, []
        for branch in branches:
            self.flow = start.copy()
            self.walk(branch)
            ends.append(self.flow)
        self.flow = ends[0].joined(*ends[1:])

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._branches(node.body, node.orelse)

    def _loop(self, *parts: Iterable[ast.AST | None]) -> None:
        """Follow the parts once, and again if the first round bound something that its beginning lacked."""
        before, start, round_one = dict(self.needs), self.flow.copy(), [node for part in parts for node in part]
        self.walk(round_one)
        carried = self.flow.fresh - start.bound
        if carried & (self.needs.keys() - before.keys()):
            self.needs, end = before, self.flow
            self.flow = start.copy()
            self.flow.bound |= carried
            self.flow.fresh |= carried
            self.flow.functions |= end.functions
            self.walk(round_one)
        self.flow = start.joined(self.flow)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._loop([node.target], node.body)
        self.walk(node.orelse)

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._loop([*node.body, node.test])
        self.walk(node.orelse)

    def visit_Try(self, node: ast.Try) -> None:
        start, outer = self.flow.copy(), self.guarded
        self.guarded = outer or any(_catches_name_errors(handler) for handler in node.handlers)
        self.walk(node.body)
        self.guarded = outer
        broken = start.joined(self.flow)
        self.walk(node.orelse)
        ends = [self.flow]
        for handler in node.handlers:
            self.flow = broken.copy()
            self.visit(handler)
            ends.append(self.flow)
        self.flow = ends[0].joined(*ends[1:])
        self.walk(node.finalbody)

    visit_TryStar = visit_Try  # type: ignore[assignment]

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.walk([node.type])
        if node.name is not None:
            self.bind(node.name)
        self.walk(node.body)
        if node.name is not None:
            self._unbind(node.name)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.walk([item.context_expr, item.optional_vars])
        self.walk(node.body)

    visit_AsyncWith = visit_With

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self._branches([], *([case.pattern, case.guard, *case.body] for case in node.cases))

    def _captures(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self.generic_visit(node)
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self.bind(name)

    visit_MatchAs = visit_MatchStar = visit_MatchMapping = _captures

    # --- scopes ---

    def _within(self, scope: Scope, nodes: Iterable[ast.AST | None]) -> None:
        outer, self.scope = self.scope, scope
        self.walk(nodes)
        self.scope = outer

    def _annotation(self, node: ast.expr | None) -> None:
        if node is None:
            return
        outer, self.guarded = self.guarded, self.guarded or self.lazy_annotations
        self.visit(node)
        self.guarded = outer

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        first = node.generators[0]
        self.visit(first.iter)  # evaluated outside, and all the rest inside
        names = {name for generator in node.generators for name in target_names(generator.target)}
        inside: list[ast.AST] = [*first.ifs]
        for generator in node.generators[1:]:
            inside += [generator.iter, *generator.ifs]
        inside += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._within(Scope(kind="comprehension", parent=self.scope, names=names), inside)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._define(node, [])

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.walk(node.decorator_list)
        self._define(node, [node.name])

    visit_AsyncFunctionDef = visit_FunctionDef

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, names: list[str]) -> None:
        """Look at what a function needs now, and keep what it needs when called under its names."""
        self.walk([*node.args.defaults, *node.args.kw_defaults])
        outer = Scope(kind="function", parent=self.scope, names=type_parameters(node)) if type_parameters(node) else self.scope
        home, self.scope = self.scope, outer
        for argument in ast.walk(node.args):
            self._annotation(argument.annotation if isinstance(argument, ast.arg) else None)
        if not isinstance(node, ast.Lambda):
            self._annotation(node.returns)
        deferred = self._deferred(node, outer)
        self.scope = home
        for name in names:
            self.bind(name)
        if names and home.kind == "module":
            self.flow.functions.update(dict.fromkeys(names, (deferred,)))
        elif names and home.kind == "class" and home.runs_at_once:
            self.methods.append(deferred)
        else:  # it may be called at once by whoever got it
            self.flow.functions["<lambda>"] = (deferred,)
            self._call("<lambda>", set())
            del self.flow.functions["<lambda>"]

    def _deferred(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, outer: Scope) -> Deferred:
        inner = _Walker(self.stars, self.anywhere)
        inner.scope = function_scope(node, outer)
        inner.lazy_annotations = self.lazy_annotations
        inner.walk(node.body if isinstance(node.body, list) else [node.body])
        self.opaque = self.opaque or inner.opaque
        return Deferred(tuple((n.name, n.line, n.sure) for n in inner.needs.values()), frozenset(inner.flow.bound))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.walk(node.decorator_list)
        outer = Scope(kind="function", parent=self.scope, names=type_parameters(node)) if type_parameters(node) else self.scope
        self._within(outer, [*node.bases, *node.keywords])
        methods, self.methods = self.methods, []
        names = {"__module__", "__qualname__", "__annotations__", "__firstlineno__", "__static_attributes__"}
        declared = {name for part in node.body if isinstance(part, ast.Global) for name in part.names}
        self._within(Scope(kind="class", parent=outer, names=names, globals=declared), node.body)
        mine, self.methods = tuple(self.methods), methods
        self.bind(node.name)
        if self.scope.kind == "module":
            self.flow.functions[node.name] = mine
        else:
            self.methods.extend(mine)

    # --- IPython ---

    def visit_Call(self, node: ast.Call) -> None:
        effect = magics.effect_of(node)
        if effect is None:
            self.generic_visit(node)
            return
        self.walk(effect.statements)
        for name in sorted(effect.mentions):
            self.use(name, node.lineno, sure=False)
        for name in effect.binds:
            self.bind(name)
        self.opaque = effect.opaque or self.opaque


def _catches_name_errors(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and any(isinstance(node, ast.Name) and node.id in _GUARDS for node in ast.walk(handler.type))
