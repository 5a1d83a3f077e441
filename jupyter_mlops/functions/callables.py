"""A Python function becomes the source of a cell: its defaults are the parameters, its last return what is kept."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from jupyter_mlops import syntax, values
from jupyter_mlops.errors import CaptureError, ParameterError

_PLAIN = frozenset("int float str bool bytes complex list dict tuple set frozenset date datetime timedelta".split())
_PLAIN |= frozenset("Path PurePath pathlib Decimal UUID Optional Union Literal typing None".split())


@dataclass(frozen=True, kw_only=True)
class Unfolded:
    """A function's source as a cell, what it returns, and the values its body can see outside itself."""

    source: str
    inputs: tuple[str, ...]
    returns: tuple[str, ...]
    namespace: Mapping[str, Any]
    description: str


def unfold(function: Callable[..., Any], *, inputs: Sequence[str] = (), returns: Sequence[str] = ()) -> Unfolded:
    """Return the cell that does what ``function`` does.

    Parameters
    ----------
    inputs
        Which of its arguments are inputs; an argument without a default is one unless its type hint is a plain value's.
    returns
        Names for what it returns, where the ``return`` doesn't name variables itself.

    Raises
    ------
    CaptureError
        It has no readable source, or does what a cell can't: ``yield``, ``await``, ``*args``, a ``return`` before its end.
    """
    tree, source = _parsed(function)
    _check(tree)
    arguments = [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]
    defaults = _defaults(function)
    named = {item.partition(":")[0] for item in inputs}
    data = [item for item in arguments if item.arg in named or (item.arg not in defaults and not _plain(item.annotation))]
    literals = {name: _literal(value) for name, value in defaults.items()}
    # a default that is no literal is a value around the cell: what captures the cell knows what to do with one
    around = {name: value for name, value in defaults.items() if literals[name] is None}
    head = [_assignment(item, literals.get(item.arg)) for item in arguments if item not in data and item.arg not in around]
    body, kept = _body(tree, source, returns)
    if _begins_like_parameters(body):
        head.append("pass  # what follows are no parameters")
    hints = [item.arg + _hint(item) for item in data if item.arg not in named]
    return Unfolded(
        source="\n".join([*head, body]) + "\n",
        inputs=(*inputs, *hints),
        returns=tuple(returns) or kept,
        namespace={**_seen(function), **around},
        description=(ast.get_docstring(tree) or "").partition("\n")[0],
    )


def _parsed(function: Callable[..., Any]) -> tuple[ast.FunctionDef, str]:
    name = getattr(function, "__name__", repr(function))
    if not isinstance(inspect.unwrap(function), FunctionType) or name == "<lambda>":
        raise CaptureError(f"{name!r} isn't a function with a source: give one made with `def`, or the code as text.")
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        raise CaptureError(f"the source of {name!r} can't be found: give the code as text.") from None
    tree = _tree(source)
    if not isinstance(tree, ast.FunctionDef):
        raise CaptureError(f"{name!r} is async or no `def`: give its body as the code; a cell may use `await` itself.")
    return tree, source


def _tree(source: str) -> ast.stmt:
    """Parse as it stands: to dedent it first would change texts over several lines."""
    if not source[0].isspace():
        return syntax.parse(source).body[0]
    block = syntax.parse(f"if True:\n{source}").body[0]
    assert isinstance(block, ast.If)
    return ast.increment_lineno(block.body[0], -1)


def _check(tree: ast.FunctionDef) -> None:
    if tree.args.vararg or tree.args.kwarg:
        raise CaptureError(f"{tree.name!r} takes *args or **kwargs, but a Function's parameters have names: spell them out.")
    for node in _own_nodes(tree):
        if isinstance(node, ast.Yield | ast.YieldFrom | ast.Nonlocal):
            what = "yields" if not isinstance(node, ast.Nonlocal) else "uses nonlocal"
            raise CaptureError(f"{tree.name!r} {what}, which a cell can't: collect the values and return them.", line=node.lineno)
        if isinstance(node, ast.Return) and node is not tree.body[-1]:
            msg = f"{tree.name!r} returns in line {node.lineno} before its end, which a cell can't: use if/else, or mlops.exit()."
            raise CaptureError(msg, line=node.lineno)


def _own_nodes(tree: ast.FunctionDef) -> list[ast.AST]:
    """Every node of the body, but for those in functions and classes within it."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))
    return found


def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    given = inspect.signature(inspect.unwrap(function)).parameters
    return {name: item.default for name, item in given.items() if item.default is not inspect.Parameter.empty}


def _literal(value: Any) -> str | None:
    """The source of a value that a cell can begin with, else None."""
    try:
        text = values.source(value)
        syntax.literal(text)
    except (ParameterError, ValueError, SyntaxError):
        return None
    return text


def _plain(annotation: ast.expr | None) -> bool:
    """Whether a type hint speaks of a value that travels as a parameter."""
    if annotation is None:
        return False
    words = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    words |= {node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute)}
    return bool(words) and words <= _PLAIN


def _begins_like_parameters(body: str) -> bool:
    """Whether a cell's reader would take the first lines of the body for parameters."""
    rest = [node for node in syntax.parse(body).body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return bool(rest) and isinstance(rest[0], ast.Assign | ast.AnnAssign)


def _assignment(item: ast.arg, default: str | None) -> str:
    return f"{item.arg}{_hint(item)}" + (f" = {default}" if default is not None else "")


def _hint(item: ast.arg) -> str:
    """The argument's type hint with its colon, or nothing; one that is quoted is what it quotes."""
    if item.annotation is None:
        return ""
    if isinstance(item.annotation, ast.Constant) and isinstance(item.annotation.value, str):
        return f": {item.annotation.value}"
    return f": {ast.unparse(item.annotation)}"


def _body(tree: ast.FunctionDef, source: str, returns: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The body's own lines, comments and all, with the last ``return`` as assignments; and the keys it returns."""
    statements = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    last = statements[-1] if statements and isinstance(statements[-1], ast.Return) else None
    inner = [node for node in statements if node is not last]
    lines = source.splitlines()
    code = ""
    if inner:
        if inner[0].lineno == tree.lineno:  # def f(x): return x
            code = "\n".join(ast.unparse(node) for node in inner)
        else:
            code = _dedented(lines, inner, (last.lineno - 1 if last else len(lines)))
    if last is None or last.value is None:
        return code, ()
    keys, assignments = _kept(last.value, tree, returns)
    return "\n".join([code, *assignments]).strip("\n"), keys


def _dedented(lines: list[str], inner: list[ast.stmt], end: int) -> str:
    """Cut the lines of ``inner``; unparsed where a text over several lines would change with its indentation."""
    first = min([inner[0].lineno, *(item.lineno for item in getattr(inner[0], "decorator_list", []))])
    while lines[first - 2].lstrip().startswith("#"):
        first -= 1
    code = textwrap.dedent("\n".join(lines[first - 1 : end]))
    tree = ast.Module(body=list(inner), type_ignores=[])
    try:
        same = ast.dump(syntax.parse(code)) == ast.dump(tree)
    except SyntaxError:
        same = False
    return code.strip("\n") if same else ast.unparse(tree)


def _kept(value: ast.expr, tree: ast.FunctionDef, returns: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The keys of a ``return``, and the assignments that give each its value."""
    if isinstance(value, ast.Dict) and all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in value.keys):
        named = zip(value.keys, value.values, strict=True)
        return _assigned({str(key.value): item for key, item in named if isinstance(key, ast.Constant)})
    items = value.elts if isinstance(value, ast.Tuple) else [value]
    keys = [item.partition(":")[0] for item in returns]
    if not keys:
        keys = [item.id if isinstance(item, ast.Name) else "" for item in items]
        if len(items) == 1 and not keys[0]:
            keys = [tree.name]
    if len(keys) == 1 and len(items) > 1:
        return _assigned({keys[0]: value})
    if len(keys) != len(items) or not all(keys):
        msg = f"{tree.name!r} returns {ast.unparse(value)!r}, whose parts have no names: give as many names in returns=."
        raise CaptureError(msg, line=value.lineno)
    return _assigned(dict(zip(keys, items, strict=True)))


def _assigned(parts: Mapping[str, ast.expr]) -> tuple[tuple[str, ...], list[str]]:
    changed = {key: item for key, item in parts.items() if not (isinstance(item, ast.Name) and item.id == key)}
    if not changed:
        return tuple(parts), []
    # at once, as `return b, a` must not see a name that is already replaced
    return tuple(parts), [f"{', '.join(changed)} = {', '.join(map(ast.unparse, changed.values()))}"]


def _seen(function: Callable[..., Any]) -> dict[str, Any]:
    """What its body can name: its module's names and those of the functions around it."""
    plain = inspect.unwrap(function)
    return {**getattr(plain, "__globals__", {}), **inspect.getclosurevars(plain).nonlocals}
