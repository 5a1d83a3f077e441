"""A user's SQL: one statement that reads the catalog and can touch nothing else."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, TypeVar

import duckdb

from jupyter_mlops.errors import SqlError
from jupyter_mlops.storage import schema
from jupyter_mlops.storage.attach import DATABASE, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

T = TypeVar("T")

BOUNDS: dict[str, str | int] = {"memory_limit": "1GB", "threads": 2, "temp_directory": ""}  # of a search for somebody else
COURTESY = 2.0  # seconds for which a user's query may keep others from writing
MOST_COLUMNS = 500  # that results and params add to `runs`
_READING = {"SELECT", "EXPLAIN", "RELATION", "CALL", "PRAGMA", "MULTI"}  # MULTI is a PIVOT


class SlowError(Exception):
    """A query wasn't done in time."""


def interruptibly(
    connection: duckdb.DuckDBPyConnection, read: Callable[[duckdb.DuckDBPyConnection], T], limit: float | None
) -> T:
    """Return what ``read`` does, in a thread: DuckDB itself doesn't notice Ctrl-C while it computes on several processors.

    Raises
    ------
    SlowError
        After ``limit`` seconds.
    """
    done: Future[T] = Future()

    def work() -> None:
        try:
            done.set_result(read(connection))
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=work, name="query", daemon=True).start()
    try:
        wait([done], limit)
        if not done.done():
            raise SlowError
    finally:  # also of Ctrl-C
        while not done.done():
            connection.interrupt()  # which reaches a statement only, and there may be several
            wait([done], 0.05)
    return done.result()


def check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse what isn't one statement that reads.

    Raises
    ------
    SqlError
        It isn't.
    """
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise SqlError(one_line(error)) from None
    if len(statements) != 1:
        count = "no statement" if not statements else f"{len(statements)} statements"
        raise SqlError(f"the query has {count}: give one, like SELECT * FROM runs.")
    kind = statements[0].type.name
    if kind not in _READING:
        raise SqlError(
            f"{kind.replace('_', ' ')} can't be used here: the catalog is an index of the project's folders and read-only."
        )


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Return what the query finds in the catalog attached to ``connection``, to be read; it is good for nothing else then.

    Raises
    ------
    SqlError
        DuckDB refuses the query.
    """
    _lock_up(connection)
    return connection.execute(sql)


def rows(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return what was found as rows by column."""
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def select_runs(
    connection: duckdb.DuckDBPyConnection,
    condition: str,
    also: Sequence[str],
    given: Sequence[Any],
    *,
    order: str,
    limit: int,
    offset: int,
) -> tuple[int, list[str]]:
    """Return the number and one page of the ids of the runs that fit; otherwise as :func:`ask`."""
    _lock_up(connection)
    # a line end keeps a comment at the end of what the user wrote from swallowing the rest
    where = " AND ".join([f"({condition}\n)", *also])
    found = connection.execute(f"SELECT r.id FROM runs r WHERE {where} ORDER BY {order}", list(given)).fetchall()
    return len(found), [run for (run,) in found[offset : offset + limit]]


def _lock_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection see the tables under their plain names, and nothing else: neither files nor the network."""
    connection.execute("USE memory")
    for name in (*schema.TABLES, *schema.VIEWS):
        source = _runs(connection) if name == "runs" else f"FROM {DATABASE}.main.{name}"
        connection.execute(f"CREATE VIEW {name} AS {source}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _runs(connection: duckdb.DuckDBPyConnection) -> str:
    """Return a query for the table ``runs`` with a column for every key of a result or parameter."""
    own = connection.execute(f"SELECT * FROM {DATABASE}.main.runs LIMIT 0").description or []
    taken = {name.lower() for name, *_ in own}  # DuckDB takes `N` and `n` for one name
    left = MOST_COLUMNS
    extra, joins = ["r.*"], []
    for table in ("results", "params"):
        pivot = ["run AS k"]
        for key, numeric in _keys(connection, table):
            if key.lower() not in taken and left:
                taken.add(key.lower())
                left -= 1
                extra.append(f"{table}.c{left} AS {_quoted(key)}")
                pivot.append(f"max({'value' if numeric else 'text'}) FILTER (key = {_literal(key)}) AS c{left}")
        joins.append(
            f"LEFT JOIN (SELECT {', '.join(pivot)} FROM {DATABASE}.main.{table} GROUP BY run) {table} ON {table}.k = r.id"
        )
    return f"SELECT {', '.join(extra)} FROM {DATABASE}.main.runs r {' '.join(joins)}"


def _keys(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, bool]]:
    """Return the keys there are, and whether all their values are numbers; None is a missing number."""
    numeric = "bool_and(value IS NOT NULL OR text = 'None')"
    query = f"SELECT key, {numeric} FROM {DATABASE}.main.{table} WHERE key <> '' GROUP BY key ORDER BY key"
    return [(key, numeric) for key, numeric in connection.execute(query).fetchall() if key.isprintable()]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
