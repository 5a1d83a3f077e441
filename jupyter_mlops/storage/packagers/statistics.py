"""What a table holds, for people: schema, first rows and column statistics, in JSON without NaN."""

from __future__ import annotations

from math import isfinite
from typing import Any

from jupyter_mlops import values

ROWS = 20
# Wider tables are described by their first columns: this goes into a line of the run's journal.
COLUMNS = 100
BINS = 20
# Distinct values are counted in so many first rows; beyond that the count is marked as a lower bound.
SAMPLE = 100_000


def cell(value: Any) -> Any:
    """Return one value of a preview: what JSON and JavaScript keep, else short text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return values.text(value, 200).encode("utf-8", "replace").decode()
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == () and value.dtype.kind in "biuf":
        value = value.item()
    if type(value) is float:
        return value if isfinite(value) else str(value)
    if type(value) is int and abs(value) <= 2**53:
        return value
    return values.text(value, 200).encode("utf-8", "replace").decode()


def describe_numbers(array: Any) -> dict[str, Any]:
    """Return min, max, mean and a histogram of the finite numbers in a numpy array; how many aren't numbers or finite."""
    import numpy

    flat = array.reshape(-1)
    if flat.dtype.kind == "f":
        flat = flat.astype("float64", copy=False)
        finite = flat[numpy.isfinite(flat)]
    else:
        finite = flat
    facts: dict[str, Any] = {}
    if len(finite) < len(flat):
        facts = {"nan": int(numpy.isnan(flat).sum()), "infinite": int(numpy.isinf(flat).sum())}
    if not len(finite):
        return {**facts, "min": None, "max": None, "mean": None}
    low, high = finite.min().item(), finite.max().item()
    with numpy.errstate(over="ignore", invalid="ignore"):
        mean = float(finite.mean(dtype="float64"))
    facts |= {"min": cell(low), "max": cell(high), "mean": mean if isfinite(mean) else None}
    span = float(high) - float(low)
    if isfinite(span):
        edges = numpy.linspace(float(low), float(high), BINS + 1) if span else numpy.array([low, low], dtype="float64")
        facts["histogram"] = _histogram(finite, edges, span)
    return facts


def _histogram(finite: Any, edges: Any, span: float) -> dict[str, Any]:
    import numpy

    if not span:  # all the same: one bar
        return {"edges": edges.tolist(), "counts": [len(finite)]}
    positions = (finite.astype("float64") - edges[0]) / span  # never BINS / span, which overflows for a tiny span
    bins = numpy.clip((positions * BINS).astype("int64"), 0, BINS - 1)
    return {"edges": edges.tolist(), "counts": numpy.bincount(bins, minlength=BINS).tolist()}


def describe(table: Any) -> dict[str, Any]:
    """Return count, nulls and distinct of each column of a pyarrow Table, and min, max, mean and histogram where they exist."""
    names, columns = table.column_names[:COLUMNS], table.columns[:COLUMNS]
    return {name: _describe_column(column) for name, column in zip(names, columns, strict=True)}


def _describe_column(column: Any) -> dict[str, Any]:
    import pyarrow
    import pyarrow.compute as compute

    facts: dict[str, Any] = {"count": len(column) - column.null_count, "nulls": column.null_count}
    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        facts["distinct"] = compute.count_distinct(column.slice(0, SAMPLE)).as_py()
        if len(column) > SAMPLE:
            facts["distinct_of"] = SAMPLE
        return facts | _describe_values(column)
    except (pyarrow.ArrowNotImplementedError, pyarrow.ArrowInvalid):  # lists, structs, and what it can't compare
        return facts


def _describe_values(column: Any) -> dict[str, Any]:
    import pyarrow
    import pyarrow.compute as compute

    types, kind = pyarrow.types, column.type
    if types.is_integer(kind) or types.is_floating(kind):
        return describe_numbers(column.drop_null().to_numpy())
    if types.is_boolean(kind):
        return {"mean": compute.mean(column).as_py()}
    found = compute.min_max(column).as_py()
    return {"min": cell(found["min"]), "max": cell(found["max"])}
