"""Where the points of a sweep come from: lists, ranges and distributions, all of their combinations, rows or random draws."""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jupyter_mlops import syntax
from jupyter_mlops.errors import WorkflowError, did_you_mean

MOST = 100_000  # points of one sweep

Point = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A distribution as text, like ``loguniform(1e-4, 1)``.

    ``arguments`` are low and high (both may come up) of ``uniform``, ``loguniform`` and ``randint``, mean and standard
    deviation of ``normal``, and the values of ``choice``.
    """

    name: str
    arguments: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.arguments))})"

    @property
    def values(self) -> Sequence[Any] | None:
        """All that may come up, or None when these are without end."""
        if self.name == "choice":
            return self.arguments
        return range(self.arguments[0], self.arguments[1] + 1) if self.name == "randint" else None

    def draw(self, chance: random.Random) -> Any:
        """Return a value by chance."""
        if self.values is not None:
            return _at(self.values, chance.randrange(_size(self.values)))
        return _DRAWN[self.name](chance, *self.arguments)


Axis = Sequence[Any] | Distribution


def _loguniform(chance: random.Random, low: float, high: float) -> float:
    return min(high, max(low, math.exp(chance.uniform(math.log(low), math.log(high)))))


_DRAWN: dict[str, Callable[..., float]] = {
    "uniform": lambda chance, low, high: chance.uniform(low, high),
    "loguniform": _loguniform,
    "normal": lambda chance, mean, deviation: chance.gauss(mean, deviation),
}
_NAMES = ("uniform", "loguniform", "randint", "normal", "choice")


def distribution(text: str) -> Distribution:
    """Read a distribution; its arguments are literals, and nothing of the text is run.

    Raises
    ------
    WorkflowError
        It is none that is known, or its arguments can't be.
    """
    if len(text) > 10_000:
        raise WorkflowError(f"{text[:40]!r}… is too long for a distribution: give a list.")
    try:
        call = syntax.expression(text.strip()).body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.keywords:
            raise ValueError
        name, arguments = call.func.id, tuple(ast.literal_eval(argument) for argument in call.args)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise WorkflowError(f"{text!r} is no distribution: write one like 'uniform(0, 1)', or give a list.") from None
    if name not in _NAMES:
        there = did_you_mean(name, _NAMES) or f" There are {', '.join(_NAMES)}."
        raise WorkflowError(f"{text!r}: {name!r} is no distribution.{there}")
    if name == "choice" and len(arguments) == 1 and isinstance(arguments[0], list | tuple):
        arguments = tuple(arguments[0])
    if problem := _problem(name, arguments):
        raise WorkflowError(f"{text!r}: {problem}.")
    return Distribution(name=name, arguments=arguments)


def _problem(name: str, arguments: tuple[Any, ...]) -> str:
    if name == "choice":
        return "" if arguments else "there is nothing to choose from"
    kinds: tuple[type, ...] = (int,) if name == "randint" else (int, float)
    if len(arguments) != 2 or not all(type(one) in kinds and abs(one) < 1e300 for one in arguments):
        return f"{name} takes two {'whole ' if name == 'randint' else ''}numbers"
    first, second = arguments
    if name == "normal":
        return "" if second >= 0 else "the standard deviation is below 0"
    if first > second:
        return f"low {first!r} is above high {second!r}"
    return "low must be above 0, as its logarithm is taken" if name == "loguniform" and first <= 0 else ""


def axis(name: str, given: Any) -> Axis:
    """Return the values of one parameter: a list, or a distribution given as text.

    Raises
    ------
    WorkflowError
        It is neither, or without values.
    """
    if isinstance(given, Distribution):
        return given
    if isinstance(given, str):
        try:
            return distribution(given)
        except WorkflowError as problem:
            raise WorkflowError(f"{name}: {problem}") from None
    if hasattr(given, "tolist"):  # an array or a column
        given = given.tolist()
    if isinstance(given, range | list | tuple):
        values: Sequence[Any] = given
    elif isinstance(given, Mapping | Set) or not isinstance(given, Iterable):
        raise WorkflowError(f"{name} = {given!r} is no list: write [{given!r}] for a single value.")
    else:
        values = list(islice(given, MOST + 1))
    if not values:
        raise WorkflowError(f"{name} has no values: give at least one.")
    return values


def axes(space: Mapping[str, Any]) -> dict[str, Axis]:
    """Return the values of each parameter of a space."""
    if not isinstance(space, Mapping) or not space:
        raise WorkflowError("a sweep needs parameters: give a list of values to at least one.")
    return {name: axis(name, given) for name, given in space.items()}


def _lists(space: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    found: dict[str, Sequence[Any]] = {}
    for name, values in axes(space).items():
        finite = values.values if isinstance(values, Distribution) and values.name == "choice" else values
        if isinstance(finite, Distribution):
            raise WorkflowError(f"{name} = {str(finite)!r} can't be listed: give a list, or draw so many points by random.")
        found[name] = finite or ()
    return found


def grid(space: Mapping[str, Any]) -> list[Point]:
    """Return all combinations; the first name varies fastest."""
    lists = _lists(space)
    total = _total(lists.values())
    if total > MOST:
        raise WorkflowError(f"the grid has {total:,} points, more than {MOST:,}: make it coarser, or draw so many by random.")
    return [_point(lists, index) for index in range(total)]


def listed(space: Mapping[str, Any]) -> list[Point]:
    """Return the first of each list, the second of each …"""
    lists = _lists(space)
    lengths = {name: _size(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise WorkflowError(f"the lists must be of one length; they are {shown}. Give all combinations as a grid.")
    if (most := max(lengths.values())) > MOST:
        raise WorkflowError(f"the lists have {most:,} values, more than {MOST:,}: make them shorter.")
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def sampled(space: Mapping[str, Any], n: int, seed: int | None = None) -> list[Point]:
    """Return ``n`` points by chance, the same for the same seed.

    Of a finite space no point comes twice, and where ``n`` asks for more than there are, all come, in random order.
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST:
        raise WorkflowError(f"random = {n!r}: draw between 1 and {MOST:,} points.")
    found, chance = axes(space), random.Random(seed)
    finite = {name: values.values if isinstance(values, Distribution) else values for name, values in found.items()}
    lists = {name: values for name, values in finite.items() if values is not None}
    if len(lists) == len(found):
        total = _total(lists.values())
        return [_point(lists, index) for index in _indices(total, min(n, total), chance)]
    return [{name: _drawn(values, chance) for name, values in found.items()} for _ in range(n)]


def _drawn(values: Axis, chance: random.Random) -> Any:
    return values.draw(chance) if isinstance(values, Distribution) else _at(values, chance.randrange(_size(values)))


def _indices(total: int, n: int, chance: random.Random) -> list[int]:
    if total <= 1 << 62:
        return chance.sample(range(total), n)
    found: dict[int, None] = {}  # a range that long has no len(), and so none twice is nearly sure anyway
    while len(found) < n:
        found[chance.randrange(total)] = None
    return list(found)


def _point(lists: Mapping[str, Sequence[Any]], index: int) -> Point:
    point = {}
    for name, values in lists.items():
        index, place = divmod(index, _size(values))
        point[name] = _at(values, place)
    return point


def _total(lists: Iterable[Sequence[Any]]) -> int:
    return math.prod(_size(values) for values in lists)


def _size(values: Sequence[Any]) -> int:
    # len() of a range ends at sys.maxsize
    if isinstance(values, range):
        return max(0, -((values.start - values.stop) // values.step))
    return len(values)


def _at(values: Sequence[Any], place: int) -> Any:
    return values.start + place * values.step if isinstance(values, range) else values[place]
