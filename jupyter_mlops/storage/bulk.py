"""Rows into DuckDB in bulk: by column, or by letting DuckDB read lines of JSON itself. Never by ``executemany``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_mlops.storage import journal
from jupyter_mlops.storage.tally import Row

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Types = Mapping[str, Mapping[str, str]]  # table: column: type

_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_POINT = (
    rf'^{{"e":"metric","t":({_NUMBER}),"key":"([^"\\\x00-\x1f]*)","value":({_NUMBER}|NaN|-?Infinity),'
    r'"step":(null|-?(?:0|[1-9][0-9]{0,17}))}$'
)
_INSERT_METRICS = f"""
    INSERT INTO metrics
    SELECT run, point.key, point.step, point.value, make_timestamp(round(point.t * 1e6)::BIGINT)
    FROM (
        SELECT run, CASE
            WHEN usual.t <> '' THEN {{
                t: usual.t::DOUBLE, key: usual.key, value: usual.value::DOUBLE, step: try_cast(usual.step AS BIGINT)
            }}
            ELSE from_json(try_cast(line AS JSON), '{{"t": "DOUBLE", "key": "VARCHAR", "value": "DOUBLE", "step": "BIGINT"}}')
        END AS point
        FROM (
            SELECT run, line, regexp_extract(line, $3, ['t', 'key', 'value', 'step']) AS usual
            FROM (SELECT run, unnest(string_split(lines, chr(10))) AS line FROM (
                SELECT unnest($1::VARCHAR[]) AS run, unnest($2::VARCHAR[]) AS lines
            ))
        )
    )
    WHERE point.key IS NOT NULL AND point.value IS NOT NULL AND point.t >= 0 AND point.t < {journal.LAST_SECOND}
"""


def insert_metrics(connection: DuckDBPyConnection, lines: Mapping[str, str]) -> None:
    """Let DuckDB read the lines: by a regular expression as they usually look (0.6 µs a line, JSON takes 2.5), else as JSON."""
    lines = {run: text for run, text in lines.items() if text}
    if lines:
        connection.execute(_INSERT_METRICS, [list(lines), list(lines.values()), _POINT])


def insert(connection: DuckDBPyConnection, types: Types, table: str, rows: list[Row]) -> None:
    """Insert rows, missing values as NULL."""
    if rows:
        insert_columns(connection, types, table, {name: [row.get(name) for row in rows] for name in types[table]})


def insert_columns(connection: DuckDBPyConnection, types: Types, table: str, columns: Mapping[str, list[Any]]) -> None:
    """Insert columns of equal length in one statement: 50 times faster than ``executemany``.

    The lists are unnested in a subquery, as right under INSERT that takes three times longer (measured with DuckDB 2.0).
    """
    if not any(columns.values()):
        return
    casts, lists = [], []
    for number, name in enumerate(columns, 1):
        kind = types[table][name]
        wire, cast = _WIRES.get(kind.partition("(")[0], (kind, '"{name}"'))
        casts.append(cast.format(name=name))
        lists.append(f'unnest(${number}::{wire}[]) AS "{name}"')
    names = ", ".join(f'"{name}"' for name in columns)
    query = f"INSERT INTO {table} ({names}) SELECT {', '.join(casts)} FROM (SELECT {', '.join(lists)})"
    connection.execute(query, list(columns.values()))


_WIRES = {
    "TIMESTAMP": ("DOUBLE", 'make_timestamp(round("{name}" * 1e6)::BIGINT)'),
    "JSON": ("VARCHAR", '"{name}"::JSON'),
    "MAP": ("VARCHAR", '"{name}"::JSON::MAP(VARCHAR, VARCHAR)'),
}


def column_types(connection: DuckDBPyConnection, tables: Iterable[str]) -> Types:
    """Return the types of the columns of some tables of the database in use."""
    # not duckdb_columns(): that binds every view, which takes 50 ms
    infos = {table: connection.execute(f"PRAGMA table_info('{table}')").fetchall() for table in tables}
    return {table: {str(name): str(kind) for _, name, kind, *_ in rows} for table, rows in infos.items()}
