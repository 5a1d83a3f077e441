"""Python's own parser, for processes in which several threads read code at once, as the worker and the server are."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

_Made = TypeVar("_Made")
_TRIES = 20


def parse(text: str) -> ast.Module:
    """Do what ``ast.parse`` does."""
    return steadily(lambda: ast.parse(text))


def expression(text: str) -> ast.Expression:
    """Do what ``ast.parse`` does with ``mode="eval"``."""
    return steadily(lambda: ast.parse(text, mode="eval"))


def literal(text: str) -> Any:
    """Do what ``ast.literal_eval`` does with text."""
    return ast.literal_eval(expression(text.lstrip(" \t")))


def steadily(work: Callable[[], _Made]) -> _Made:
    """Let the parser work, again when it falls over another thread.

    Up to Python 3.13 it keeps how deep it is in one place for all threads of a process. When a garbage collection lets another
    thread parse meanwhile, it ends in ``SystemError: AST constructor recursion depth mismatch``.
    """
    for _ in range(_TRIES):
        try:
            return work()
        except SystemError:
            continue
    return work()
