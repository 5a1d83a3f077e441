"""Sweeps: their points, from lists, files or by chance, the best of their iterations, and when enough is known."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.errors import ConditionError, MlopsError, WorkflowError, did_you_mean
from jupyter_mlops.records import State
from jupyter_mlops.workflows import conditions
from jupyter_mlops.workflows.spaces import MOST, Axis, Distribution, Point, axes, grid, listed, sampled

__all__ = ["Asked", "Selector", "ask", "grid", "listed", "read_params", "sampled", "should_stop"]

_BETTER = {"max": 1.0, "min": -1.0}
_DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, kw_only=True)
class Selector:
    """Which iteration is the best: that with the greatest (or least) value of a result."""

    result: str
    direction: str = "max"

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read ``max:accuracy``, ``min:loss``, or ``accuracy``, which is its greatest.

        Raises
        ------
        WorkflowError
            It is neither.
        """
        direction, colon, result = str(text).partition(":")
        if not colon:
            direction, result = "max", direction
        direction, result = direction.strip(), result.strip()
        if direction not in _BETTER or not result or ":" in result:
            raise WorkflowError(f"{text!r} selects nothing: write 'max:RESULT' or 'min:RESULT', like 'max:accuracy'.")
        return cls(result=result, direction=direction)

    def __str__(self) -> str:
        return f"{self.direction}:{self.result}"

    def best(self, rows: Iterable[tuple[State, Mapping[str, Any]]]) -> int | None:
        """Return the index of the best row, of equals the first; None when no completed one has a number there."""
        found, score = None, -math.inf
        for index, (state, results) in enumerate(rows):
            number = values.number(results.get(self.result)) if state in (State.COMPLETED, State.CACHED) else None
            if number is None or math.isnan(number):
                continue
            number *= _BETTER[self.direction]
            if found is None or number > score:
                found, score = index, number
        return found


def should_stop(text: str, results: Mapping[str, Any]) -> bool:
    """Return whether an iteration's results are reason to begin no more.

    They aren't when one is missing or can't be compared, as that of a failed iteration; text that is no condition raises
    ConditionError all the same.
    """
    asked = conditions.names(text)
    named = {path: ".".join(filter(None, path)) for path in asked}
    if not set(named.values()) <= set(results):
        return False
    try:
        return bool(conditions.evaluate(text, lambda where, name: results[named[where, name]]))
    except ConditionError:
        return False


def read_params(text: str, suffix: str) -> list[Point]:
    """Return the points that a file says.

    Parameters
    ----------
    text
        Of CSV each row is a point, and an empty cell leaves a parameter at its default. JSON is a list of objects, or an object
        of lists of one length.
    suffix
        ``.csv``, ``.tsv`` or ``.json``.

    Raises
    ------
    WorkflowError
        Names the line.
    """
    suffix, text = suffix.lower(), text.removeprefix("\ufeff")
    if suffix in _DELIMITERS:
        points = _from_table(text, _DELIMITERS[suffix])
    elif suffix == ".json":
        points = _from_json(text)
    else:
        raise WorkflowError(f"{suffix!r} files have no parameters: give a .csv, .tsv or .json.")
    return _checked(points)


def _from_table(text: str, delimiter: str) -> list[Point]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    points: list[Point] = []
    header: list[str] = []
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if not header:
                header = _header(row)
            else:
                points.append(_row(header, row, reader.line_num))
    except csv.Error as problem:
        raise WorkflowError(f"line {reader.line_num}: {problem}. Correct the file there.") from None
    return points


def _header(row: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in row]
    for name in names:
        if not name.isidentifier() or names.count(name) > 1:
            raise WorkflowError(f"column {name!r} can't be a parameter: the first line needs the names, each once.")
    return names


def _row(header: Sequence[str], row: Sequence[str], line: int) -> Point:
    if len(row) != len(header):
        raise WorkflowError(f"line {line} has {len(row)} cells, and there are {len(header)} columns. Correct it.")
    point = {}
    for name, cell in zip(header, row, strict=True):
        try:
            if cell.strip():
                point[name] = values.parse(cell.strip())
        except MlopsError as problem:
            raise WorkflowError(f"line {line}, column {name!r}: {problem}") from None
    return point


def _from_json(text: str) -> list[Point]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as problem:
        raise WorkflowError(f"line {problem.lineno}: this isn't JSON ({problem.msg}). Correct it there.") from None
    except (ValueError, RecursionError) as problem:
        raise WorkflowError(f"this JSON can't be read ({problem}). Write less of it.") from None
    if isinstance(found, dict):
        return listed(found)
    if not isinstance(found, list):
        raise WorkflowError(f"the file is of type {type(found).__name__}: write a list of objects, or an object of lists.")
    return found


def _checked(points: Sequence[Any]) -> list[Point]:
    if not points:
        raise WorkflowError("there are no points: give at least one.")
    if len(points) > MOST:
        raise WorkflowError(f"there are {len(points):,} points, more than {MOST:,}: give fewer.")
    for number, point in enumerate(points, 1):
        if not isinstance(point, Mapping) or not all(isinstance(name, str) for name in point):
            raise WorkflowError(f"point {number} is {values.text(point, 60)}: a point is a dict of values by parameter.")
    return [dict(point) for point in points]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a sweep was asked to do.

    ``points`` are none when Optuna is to find ``optuna`` of them in ``space``.
    """

    strategy: str
    points: list[Point] = field(default_factory=list)
    space: dict[str, Any] = field(default_factory=dict)
    optuna: int | None = None
    seed: int | None = None
    select: str | None = None
    stop: str | None = None
    max_errors: int | None = None
    parallel: int | None = None

    @property
    def total(self) -> int:
        """How many iterations there will be at most."""
        return self.optuna or len(self.points)

    @property
    def first(self) -> Point:
        """A point by which a call can be checked before anything starts."""
        return self.points[0] if self.points else sampled(self.space, 1, 0)[0]

    def check(self, params: Iterable[str]) -> None:
        """Raise WorkflowError when a point names what isn't among the parameters of what is swept."""
        known = list(params)
        for name in dict.fromkeys(name for point in [self.first, *self.points] for name in point):
            if name not in known:
                raise WorkflowError(f"{name!r} is no parameter of it.{did_you_mean(name, known)}")

    def encoded(self) -> dict[str, Any]:
        """Return it as JSON, values as encoded by :mod:`jupyter_mlops.values`."""
        said = {name: getattr(self, name) for name in ("strategy", "optuna", "seed", "select", "stop", "max_errors", "parallel")}
        points = [{name: values.encode(value) for name, value in point.items()} for point in self.points]
        space = {name: _encoded(name, found) for name, found in axes(self.space).items()} if self.optuna else {}
        return {**said, "total": self.total, "points": points, "space": space}


def _encoded(name: str, found: Axis) -> Any:
    if isinstance(found, range) and found.step == 1:
        found = Distribution(name="randint", arguments=(found.start, found.stop - 1))
    if isinstance(found, Distribution):
        return str(found)
    if isinstance(found, range) and found[MOST:]:
        raise WorkflowError(f"{name} has more than {MOST:,} values: give a coarser range, or a distribution.")
    return [values.encode(value) for value in found]


def ask(
    *,
    grid: Mapping[str, Any] | None = None,
    list: Mapping[str, Any] | None = None,
    random: int | None = None,
    optuna: int | None = None,
    space: Mapping[str, Any] | None = None,
    points: Sequence[Mapping[str, Any]] | None = None,
    **options: Any,
) -> Asked:
    """Return what a sweep is asked to do; ``random`` and ``optuna`` take their points from ``space``, or else ``grid``.

    Parameters
    ----------
    **options
        ``seed``, ``select``, ``stop``, ``max_errors``, ``parallel``.

    Raises
    ------
    WorkflowError, ConditionError
        Something of it can't be.
    """
    strategy = _strategy({"grid": grid, "list": list, "random": random, "optuna": optuna, "points": points})
    _check_options(options)
    if strategy == "points":
        return Asked(strategy=strategy, points=_checked(points or ()), **options)
    if strategy == "list":
        return Asked(strategy=strategy, points=listed(list or {}), **options)
    if strategy == "grid":
        return Asked(strategy=strategy, points=_all_combinations(grid or space or {}), **options)
    given = dict(space or grid or {})
    if strategy == "random":
        return Asked(strategy=strategy, points=sampled(given, random or 0, options.get("seed")), **options)
    axes(given)
    _whole("optuna", optuna, least=1, most=MOST)
    if not options.get("select"):
        raise WorkflowError("optuna has to know what is best: select 'max:RESULT' or 'min:RESULT', like 'max:accuracy'.")
    return Asked(strategy=strategy, space=given, optuna=optuna, **options)


_all_combinations = grid  # within ``ask`` that name is what the caller gave


def _strategy(given: Mapping[str, Any]) -> str:
    said = [name for name, value in given.items() if value is not None]
    if "grid" in said and ("random" in said or "optuna" in said):
        said.remove("grid")
    if len(said) != 1:
        found = f"{' and '.join(said)} are given" if said else "nothing is given"
        raise WorkflowError(f"a sweep gets its points in one way, and {found}: give one of {', '.join(given)}.")
    return said[0]


def _check_options(options: Mapping[str, Any]) -> None:
    known = ("seed", "select", "stop", "max_errors", "parallel")
    for name in options:
        if name not in known:
            raise TypeError(f"ask() got an unexpected keyword argument {name!r}")
    if options.get("select"):
        Selector.parse(options["select"])
    if options.get("stop"):
        conditions.names(options["stop"])
    _whole("max_errors", options.get("max_errors"), least=0)
    _whole("parallel", options.get("parallel"), least=1)
    if not isinstance(options.get("seed"), int | None):
        raise WorkflowError(f"seed = {options['seed']!r}: give a whole number.")


def _whole(name: str, value: Any, *, least: int, most: int | None = None) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < least or (most is not None and value > most):
        bounds = f"between {least:,} and {most:,}" if most is not None else f"of {least:,} or more"
        raise WorkflowError(f"{name} = {value!r}: give a whole number {bounds}.")
