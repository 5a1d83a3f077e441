"""Tables in files, looked at a page at a time: rows in an order, and what each column holds. DuckDB reads the file."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb

from jupyter_mlops.errors import PackagingError, ParameterError, did_you_mean
from jupyter_mlops.storage.attach import connect, one_line
from jupyter_mlops.storage.sql import SlowError, interruptibly

LONGEST = 20.0  # seconds for one look
DESCRIBING = 8.0  # seconds in which columns are described; nothing is known of those that are left then
BINS = 20
VALUES = 10  # the commonest texts of a column
TEXT = 500  # characters of a cell
MOST_COLUMNS = 200  # that are described; the others are shown all the same
EXACT = 200_000  # rows up to which distinct values are counted, and not estimated
MOST_ROWS = 2_000_000  # first rows of a longer table by which its columns are described
WIDE_ROWS = 10_000  # of one with more columns than are described
READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv"}
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
_REALS = ("FLOAT", "DOUBLE", "DECIMAL")
_TIMES = ("DATE", "TIMESTAMP", "TIME")
_FLAT = re.compile(rf"({'|'.join((*_NUMBERS, 'FLOAT', 'DOUBLE', 'BOOLEAN', 'VARCHAR'))})\[\d*\]")


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some rows, out of ``total``; ``columns`` are (name, type)."""

    columns: list[tuple[str, str]]
    rows: list[list[Any]]
    total: int


def page(path: Path, suffix: str, *, offset: int, limit: int, sort: str | None, descending: bool) -> Page:
    """Return some rows of a table.

    Parameters
    ----------
    suffix
        What kind of file it is: a key of ``READERS``.
    sort
        A column's name, or None for the rows as they are stored.

    Raises
    ------
    PackagingError
        The file can't be read as a table.
    ParameterError
        There is no such column.
    """
    with _opened(path, suffix) as (connection, columns):
        order = ""
        if sort is not None:
            names = [name for name, _ in columns]
            if sort not in names:
                raise ParameterError(f"the table has no column {sort!r}.{did_you_mean(sort, names)}")
            order = f"ORDER BY {_quoted(sort)} {'DESC' if descending else 'ASC'} NULLS LAST"

        def read(connection: duckdb.DuckDBPyConnection) -> tuple[int, list[Any]]:
            ((total,),) = connection.execute("SELECT count(*) FROM t").fetchall()
            shown = ", ".join(_shown(name, kind) for name, kind in columns)
            rows = f"SELECT * FROM t {order} LIMIT {int(limit)} OFFSET {int(offset)}"
            return total, connection.execute(f"SELECT {shown} FROM ({rows})").fetchall()

        total, found = interruptibly(connection, read, LONGEST)
    return Page(columns=columns, rows=[[cell(value) for value in row] for row in found], total=total)


def describe(path: Path, suffix: str) -> list[dict[str, Any]]:
    """Return for each column its missing and distinct values, least, greatest and mean, and a histogram.

    Of numbers and times the histogram has counts in equal bins, of anything else the commonest values.
    """
    found: list[dict[str, Any]] = []
    with _opened(path, suffix) as (connection, columns):
        with suppress(SlowError):
            interruptibly(connection, partial(_describe, columns, found), DESCRIBING)
        return found + [unknown(name, kind) for name, kind in columns[len(found) :]]


def _describe(columns: list[tuple[str, str]], found: list[dict[str, Any]], connection: duckdb.DuckDBPyConnection) -> None:
    """Add what is found out about each column, for as long as there is time."""
    # whoever looks at a file looks at all its columns, which takes long when these are thousands
    what, rows = ("TABLE", WIDE_ROWS) if len(columns) > MOST_COLUMNS else ("VIEW", MOST_ROWS)
    chosen = columns[:MOST_COLUMNS]
    connection.execute(f"CREATE TEMP {what} s AS SELECT {', '.join(_quoted(name) for name, _ in chosen)} FROM t LIMIT {rows}")
    ((rows,),) = connection.execute("SELECT count(*) FROM s").fetchall()
    distinct = "count(DISTINCT {})" if rows <= EXACT else "approx_count_distinct({})"
    for name, kind in chosen:
        found.append(_column(connection, name, kind, distinct))


def _column(connection: duckdb.DuckDBPyConnection, name: str, kind: str, distinct: str) -> dict[str, Any]:
    if _is_nested(kind):  # nobody asks for the least of many lists, and to compare long ones takes seconds
        ((nulls,),) = connection.execute(f"SELECT count(*) FILTER ({_quoted(name)} IS NULL) FROM s").fetchall()
        return {**unknown(name, kind), "nulls": nulls}
    try:
        return _described(connection, name, kind, distinct)
    except duckdb.InterruptException:
        raise
    except duckdb.Error:  # a type that can't be compared or counted
        return unknown(name, kind)


def _described(connection: duckdb.DuckDBPyConnection, name: str, kind: str, count: str) -> dict[str, Any]:
    base = kind.partition("(")[0].split(" ")[0]
    column = _quoted(name)
    is_number, is_time = base in (*_NUMBERS, *_REALS), base in _TIMES or base.startswith("TIMESTAMP")
    known = f"{column} IS NOT NULL" + (f" AND isfinite({column})" if base in ("FLOAT", "DOUBLE") else "")
    mean = f"avg({column}) FILTER ({known})" if is_number else "NULL"
    query = f"""
        SELECT count(*) - count(*) FILTER ({known}), {count.format(column)},
            min({column}) FILTER ({known}), max({column}) FILTER ({known}), {mean} FROM s
    """
    ((nulls, distinct, low, high, average),) = connection.execute(query).fetchall()
    if is_number or is_time:
        histogram = _bins(connection, column, known, is_time=is_time) if low is not None else None
    else:
        histogram = _commonest(connection, column)
    facts = {"nulls": nulls, "distinct": distinct, "min": cell(low), "max": cell(high), "mean": cell(average)}
    return {"name": name, "type": kind, **facts, "histogram": histogram}


def _bins(connection: duckdb.DuckDBPyConnection, column: str, known: str, *, is_time: bool) -> dict[str, Any]:
    number = f"epoch({column})" if is_time else f"{column}::DOUBLE"
    query = f"""
        WITH x AS (SELECT {number} AS v FROM s WHERE {known}), b AS (SELECT min(v) AS low, max(v) AS high FROM x)
        SELECT CASE WHEN high > low THEN least(floor((v - low) / (high - low) * {BINS}), {BINS - 1})::INTEGER ELSE 0 END, count(*)
        FROM x, b GROUP BY 1
    """
    found = dict(connection.execute(query).fetchall())
    return {"counts": [found.get(number, 0) for number in range(BINS if len(found) > 1 else 1)]}


def _commonest(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, Any]:
    query = f"""
        SELECT {column}::VARCHAR, count(*) FROM s WHERE {column} IS NOT NULL
        GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT {VALUES}
    """
    found = connection.execute(query).fetchall()
    return {"values": [str(cell(value)) for value, _ in found], "counts": [count for _, count in found]}


def unknown(name: str, kind: str) -> dict[str, Any]:
    """Return a column of which nothing is known."""
    nothing = dict.fromkeys(("nulls", "distinct", "min", "max", "mean", "histogram"))
    return {"name": name, "type": kind, **nothing}


@contextmanager
def _opened(path: Path, suffix: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[tuple[str, str]]]]:
    """Give a connection that sees the file as ``t``, and the columns of it."""
    reader = READERS[suffix]
    with closing(connect(memory_limit="1GB")) as connection:
        try:
            place = str(path).replace("'", "''")
            options = ", sep = '\t'" if suffix == ".tsv" else ""
            connection.execute(f"CREATE TEMP VIEW t AS SELECT * FROM {reader}('{place}'{options})")
            described = connection.execute("DESCRIBE t").fetchall()
            yield connection, [(str(name), str(kind)) for name, kind, *_ in described]
        except SlowError:
            raise PackagingError(f"the table takes more than {LONGEST:g} s to be read here: download it instead.") from None
        except duckdb.OutOfMemoryException:
            raise PackagingError("the table takes more memory than it may here: look at fewer rows, or download it.") from None
        except duckdb.Error as error:
            if "Need at least one non-root column" in str(error):
                raise PackagingError("the table has no columns.") from None
            why = one_line(error).replace(str(path), path.name)  # where it lies here is nobody's business
            raise PackagingError(f"the table can't be read here ({why[:300]}): download it instead.") from None


def cell(value: Any) -> Any:
    """Return one value as JSON has it: numbers and truth values as such, everything else as short text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return value if isfinite(value) else None if value != value else str(value)
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else str(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else value.isoformat()
    if isinstance(value, bytes):
        value = value[:TEXT].hex(" ")
    text = str(value)
    text = text if len(text) <= TEXT else text[: TEXT - 1] + "…"
    return text.encode("utf-8", "replace").decode()


def _shown(name: str, kind: str) -> str:
    """Return the SQL for what of a column is shown: the beginning of what may be long, so that it isn't all fetched."""
    column = _quoted(name)
    if kind == "VARCHAR":
        return f"left({column}, {TEXT + 1})"
    if kind == "BLOB":
        return f"{column}[1:{TEXT}]"
    if flat := _FLAT.fullmatch(kind):
        first = f"{column}[1:{TEXT // 2}]"
        return f"list_transform({first}, lambda x: left(x, {TEXT + 1}))" if flat[1] == "VARCHAR" else first
    return f"left({column}::VARCHAR, {TEXT + 1})" if _is_nested(kind) else column


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT(", "MAP(", "UNION("))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
