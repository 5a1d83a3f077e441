"""Which variable a call's value goes to: read from the syntax tree, by the place of the call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

# (line, end line, column, end column), as in a code object's positions; columns count bytes
Place = tuple[int | None, int | None, int | None, int | None]

CHAINED = frozenset({"after", "options"})
_CHANGING = frozenset({"add", "append", "extend", "insert", "setdefault", "update"})
_COLLECTING = frozenset({"list", "tuple", "set", "dict", "sorted", "reversed"})


def targets(tree: ast.AST, *, indent: int = 0) -> dict[Place, str]:
    """Return the variable that each call's value is assigned to, itself or as an element; calls without one are left out.

    ``indent`` is added to each column, for a tree of a text without its margin.
    """
    found: dict[Place, str] = {}
    for node in ast.walk(tree):
        for target, value in _assignments(node):
            for call in _made(value):
                found.setdefault(_place(call, indent), target)
    return found


def _place(node: ast.Call, indent: int) -> Place:
    return node.lineno, node.end_lineno, node.col_offset + indent, (node.end_col_offset or 0) + indent


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
        yield from _pairs(node.target, node.value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Subscript):  # models[depth] = train(…)
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        if len(target.elts) == len(value.elts):
            for one, part in zip(target.elts, value.elts, strict=True):
                yield from _pairs(one, part)


def _made(value: ast.expr) -> Iterator[ast.Call]:
    """Yield the calls whose value this is, or is collected from."""
    if isinstance(value, ast.Call):
        yield value
        if isinstance(value.func, ast.Attribute) and value.func.attr in CHAINED:
            yield from _made(value.func.value)
        elif isinstance(value.func, ast.Name) and value.func.id in _COLLECTING:
            for argument in (*value.args, *(keyword.value for keyword in value.keywords)):
                yield from _made(argument)
    else:
        for part in _parts(value):
            yield from _made(part)


def _parts(value: ast.expr) -> list[ast.expr]:
    match value:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts):
            return parts
        case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part) | ast.DictComp(value=part):
            return [part]
        case ast.Starred(value=part):
            return [part]
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BinOp(left=one, right=other):
            return [one, other]
    return []


def changed_names(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the variables that statements assign, delete or fill: ``x = …``, ``x[k] = …``, ``x += …``, ``x.append(…)``.

    Those are no parameters, wherever they begin. Functions have variables of their own.
    """
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.comprehension):
            continue
        waiting.extend(ast.iter_child_nodes(node))
        changed = _changed(node)
        while isinstance(changed, ast.Subscript | ast.Attribute):
            changed = changed.value
        if isinstance(changed, ast.Name):
            yield changed.id


def _changed(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.Name | ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        return node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        return node.func.value
    return None
