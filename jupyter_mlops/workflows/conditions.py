"""Conditions (``when=``, ``--stop``): Python's expression syntax, an interpreter of our own, and bounds on everything.

Text is parsed by :mod:`ast` and never compiled. Known are literals, names like ``accuracy``, ``params.depth`` and
``train.accuracy``, comparison, boolean logic, arithmetic on numbers, ``in`` and subscripts by a constant. All else is refused.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePath
from typing import Any
from uuid import UUID

from jupyter_mlops import syntax
from jupyter_mlops.errors import ConditionError, MlopsError, did_you_mean

LONGEST = 1_000  # characters
DEEPEST = 50
MOST = 200  # parts
LARGEST = 10**18  # of an int in the text, and of one that is calculated with
HIGHEST = 64  # power

LookUp = Callable[[str, str], Any]

_NUMBERS = (bool, int, float)
_PLAIN = frozenset(
    {*_NUMBERS, type(None), str, bytes, list, tuple, dict, set, frozenset, range}
    | {date, datetime, time, timedelta, Decimal, Fraction, UUID}
)
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_WORDS: dict[type[ast.AST], str] = {
    ast.Call: "a call",
    ast.Lambda: "a lambda",
    ast.JoinedStr: "an f-string",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.NamedExpr: "an assignment",
    ast.IfExp: "an if … else",
    ast.Starred: "unpacking",
    ast.Slice: "a slice",
}


def names(text: str) -> set[tuple[str, str]]:
    """Return what a condition asks for: ``("train", "accuracy")``, ``("params", "depth")``, ``("", "accuracy")``.

    Raises
    ------
    ConditionError
        The text is no condition.
    """
    found, stack = set(), [_parse(text)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name | ast.Attribute):
            found.add(_path(node))
        else:
            stack.extend(_parts(node))
    return found


def evaluate(text: str, look_up: LookUp, *, known: Iterable[str] = ()) -> Any:
    """Return what a condition gives; whether that is true is for the caller to ask.

    Parameters
    ----------
    look_up
        Gives the value of a name in two parts, as in :func:`names`; KeyError or an MlopsError when there is none.
    known
        Names that are there, written as in a condition; of these the nearest is suggested.

    Raises
    ------
    ConditionError
        The text is no condition, asks for what isn't there, or has no answer.
    """
    return _Reader(text, look_up, known).read(_parse(text))


class _Reader:
    """Walks the tree of one condition, whose depth is known to be small."""

    def __init__(self, text: str, look_up: LookUp, known: Iterable[str]) -> None:
        self.text, self.look_up, self.known = text, look_up, known

    def read(self, root: ast.expr) -> Any:
        try:
            return self.value(root)
        except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as problem:
            what = f"{problem.args[0]!r} isn't in it" if isinstance(problem, KeyError) else str(problem) or type(problem).__name__
            raise _refused(self.text, f"it has no answer: {what[:200]}.") from None

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name() | ast.Attribute():
                return self.found(*_path(node))
            case ast.BoolOp():
                return self.logic(node)
            case ast.Compare():
                return self.comparison(node)
            case ast.UnaryOp(op=ast.Not()):
                return not self.value(node.operand)
            case ast.UnaryOp():
                return _UNARY[type(node.op)](_number(self.value(node.operand)))
            case ast.BinOp():
                return _calculate(type(node.op), self.value(node.left), self.value(node.right))
            case ast.Subscript():
                return self.plain(_source(node), self.value(node.value)[self.value(node.slice)])
        return self.collection(node)

    def collection(self, node: ast.expr) -> Any:
        match node:
            case ast.Dict():
                return {self.value(key): self.value(item) for key, item in zip(node.keys, node.values, strict=True) if key}
            case ast.Tuple():
                return tuple(self.value(item) for item in node.elts)
            case ast.List():
                return [self.value(item) for item in node.elts]
            case ast.Set():
                return {self.value(item) for item in node.elts}
        raise _refused(self.text, f"{_source(node)} is nothing that a condition can have.")

    def logic(self, node: ast.BoolOp) -> Any:
        ends = isinstance(node.op, ast.Or)
        value: Any = None
        for part in node.values:
            value = self.value(part)
            if bool(value) is ends:
                break
        return value

    def comparison(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for op, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part)
            if not _COMPARE[type(op)](left, right):
                return False
            left = right
        return True

    def found(self, where: str, name: str) -> Any:
        shown = f"{where}.{name}" if where else name
        try:
            value = self.look_up(where, name)
        except KeyError:
            near = did_you_mean(shown, [*self.known, "True", "False", "None"])
            raise _refused(self.text, f"{shown} isn't there.{near}") from None
        except MlopsError as problem:
            raise _refused(self.text, str(problem)) from None
        return self.plain(shown, value)

    def plain(self, shown: str, value: Any) -> Any:
        """Return a value that has no code of anyone else's behind its operators."""
        if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
            value = value.item()
        if isinstance(value, Enum):
            value = value.value
        if isinstance(value, PurePath):
            value = str(value)
        if type(value) in _PLAIN:
            return value
        raise _refused(
            self.text, f"{shown} is of type {type(value).__name__}: conditions take numbers, texts, lists and the like."
        )


def _refused(text: str, why: str) -> ConditionError:
    return ConditionError(f"condition {_short(text)}: {why}")


def _short(text: str, limit: int = 80) -> str:
    return repr(text if len(text) <= limit else f"{text[:limit]}…")


def _parse(text: str) -> ast.expr:
    if not isinstance(text, str):
        raise ConditionError(f"{type(text).__name__} is no condition: write an expression as text, like 'accuracy >= 0.9'.")
    if len(text) > LONGEST:
        raise _refused(text, f"{len(text):,} characters are more than {LONGEST:,}. Calculate it in a step.")
    return _tree(text)


@lru_cache(maxsize=1024)
def _tree(text: str) -> ast.expr:
    try:
        root = syntax.expression(text.strip()).body
    except SyntaxError as problem:
        raise _refused(text, f"this is no expression ({problem.msg}, at character {problem.offset or 0}).") from None
    except (ValueError, RecursionError, MemoryError):
        raise _refused(text, "this can't be read: it has signs that no text has, or is nested too deeply.") from None
    _inspect(text, root)
    return root


def _inspect(text: str, root: ast.expr) -> None:
    stack, count = [(root, 1)], 0
    while stack:
        node, depth = stack.pop()
        count += 1
        if count > MOST or depth > DEEPEST:
            raise _refused(text, "it is too long or nested too deeply. Calculate it in a step.")
        if reason := _refusal(node):
            raise _refused(text, f"{_source(node)} is {reason}, which a condition can't have.")
        if not isinstance(node, ast.Attribute):
            stack.extend((part, depth + 1) for part in _parts(node))


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    return (part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))


def _refusal(node: ast.expr) -> str:
    """Say what a part is that no condition can have, else nothing."""
    match node:
        case ast.Name() | ast.Attribute():
            return _bad_name(node)
        case ast.Constant(value=value):
            return _bad_literal(value)
        case ast.Subscript(slice=index):
            return "" if _is_constant(index) else "a subscript that isn't constant"
        case ast.UnaryOp(op=op):
            return "" if isinstance(op, ast.Not) or type(op) in _UNARY else "an operation on bits"
        case ast.BinOp(op=op):
            return "" if type(op) in _ARITHMETIC else "an operation on bits"
        case ast.Dict(keys=keys):
            return "unpacking" if None in keys else ""
        case ast.Compare():
            return _bad_identity(node)
        case ast.BoolOp() | ast.List() | ast.Tuple() | ast.Set():
            return ""
    return _WORDS.get(type(node), type(node).__name__)


def _bad_name(node: ast.Name | ast.Attribute) -> str:
    where, name = _path(node)
    if not name:
        return "an attribute of a value"
    return "a private name" if where.startswith("_") or name.startswith("_") else ""


def _bad_literal(value: Any) -> str:
    if value is None or type(value) in (bool, float, str):
        return ""
    if type(value) is int:
        return "" if value <= LARGEST else f"a number beyond {LARGEST:.0e}"
    return f"a literal of type {type(value).__name__}"


def _bad_identity(node: ast.Compare) -> str:
    sides = [node.left, *node.comparators]
    for index, op in enumerate(node.ops):
        if isinstance(op, ast.Is | ast.IsNot) and not any(_is_word(side) for side in sides[index : index + 2]):
            return "a question of identity (write ==)"
    return ""


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, str)


def _path(node: ast.Name | ast.Attribute) -> tuple[str, str]:
    """Return ``(where, name)``; both are empty for what is neither a name nor one with a single dot."""
    if isinstance(node, ast.Name):
        return "", node.id
    return (node.value.id, node.attr) if isinstance(node.value, ast.Name) else ("", "")


def _source(node: ast.expr) -> str:
    try:
        return _short(ast.unparse(node), 40)
    except (RecursionError, ValueError):
        return "a part of it"


def _number(value: Any) -> Any:
    if type(value) not in _NUMBERS:
        raise TypeError(f"{type(value).__name__} is no number, and only numbers are calculated with")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(f"a number is beyond {LARGEST:.0e}")
    return value


def _calculate(op: type[ast.operator], left: Any, right: Any) -> Any:
    left, right = _number(left), _number(right)
    if op is ast.Pow and abs(right) > HIGHEST:
        raise ValueError(f"a power is beyond {HIGHEST}")
    return _number(_ARITHMETIC[op](left, right))
