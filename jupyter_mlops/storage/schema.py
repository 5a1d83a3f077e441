"""The catalog's tables and views, as steps that are only ever appended to. ``docs/catalog.md`` explains them to users.

Names that begin with ``_`` are our own. No table has a key or index: rows of a run are deleted and inserted again in one
transaction, which DuckDB's indexes refuse, and the folders already make every row unique.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from jupyter_mlops.errors import CatalogError
from jupyter_mlops.storage.attach import DATABASE, CorruptError, HeldError, attach, connect

# each step is applied once, in one transaction with its record; a change of the schema is a new step at the end
STEPS = (
    """
    CREATE TABLE runs (
        id VARCHAR, name VARCHAR, function VARCHAR, version VARCHAR, state VARCHAR, reason VARCHAR,
        created TIMESTAMP, started TIMESTAMP, ended TIMESTAMP, duration DOUBLE,
        parent VARCHAR, attempt INTEGER, origin VARCHAR, "user" VARCHAR, host VARCHAR, kernel VARCHAR, python VARCHAR,
        git_commit VARCHAR, git_branch VARCHAR, git_dirty BOOLEAN,
        error_name VARCHAR, error_value VARCHAR, error_cell INTEGER, error_line INTEGER, traceback VARCHAR,
        memory BIGINT, cpu DOUBLE, project VARCHAR,
        workflow VARCHAR, step VARCHAR, iteration INTEGER, fingerprint VARCHAR
    );
    CREATE TABLE params (run VARCHAR, key VARCHAR, value DOUBLE, text VARCHAR);
    CREATE TABLE results (run VARCHAR, key VARCHAR, value DOUBLE, text VARCHAR);
    CREATE TABLE metrics (run VARCHAR, key VARCHAR, step BIGINT, value DOUBLE, time TIMESTAMP);
    CREATE TABLE artifacts (
        uid VARCHAR, key VARCHAR, kind VARCHAR, run VARCHAR, name VARCHAR, hash VARCHAR, size BIGINT,
        packager VARCHAR, type VARCHAR, created TIMESTAMP, labels MAP(VARCHAR, VARCHAR), meta JSON, tag VARCHAR
    );
    CREATE TABLE run_inputs (run VARCHAR, name VARCHAR, uri VARCHAR, hash VARCHAR, artifact VARCHAR);
    CREATE TABLE cells (
        run VARCHAR, attempt INTEGER, index INTEGER, id VARCHAR, state VARCHAR, started TIMESTAMP, seconds DOUBLE
    );

    CREATE TABLE _files (path VARCHAR, size BIGINT, finished BOOLEAN);
    CREATE TABLE _run_tags (run VARCHAR, key VARCHAR, value VARCHAR);
    CREATE TABLE _changes (
        id VARCHAR, time TIMESTAMP, kind VARCHAR, run VARCHAR, artifact VARCHAR, key VARCHAR, tag VARCHAR, value VARCHAR
    );
    CREATE TABLE _functions (
        id VARCHAR, time TIMESTAMP, name VARCHAR, version VARCHAR, hash VARCHAR, tag VARCHAR, description VARCHAR
    );

    CREATE VIEW tags AS
        SELECT run, key, value FROM (
            SELECT run, key, value, '' AS id FROM _run_tags
            UNION ALL
            SELECT run, key, value, id FROM _changes WHERE kind = 'tag'
        )
        WHERE run IN (SELECT id FROM runs)
        QUALIFY row_number() OVER (PARTITION BY run, key ORDER BY id DESC) = 1 AND value IS NOT NULL;

    CREATE VIEW artifact_tags AS
        SELECT key, tag, artifact, updated FROM (
            SELECT key, tag, uid AS artifact, created AS updated, uid AS id FROM artifacts
            UNION ALL
            SELECT key, tag, artifact, time, id FROM _changes WHERE kind = 'artifact_tag'
        )
        WHERE tag <> 'latest' AND (artifact IS NULL OR artifact IN (SELECT uid FROM artifacts))
        QUALIFY row_number() OVER (PARTITION BY key, tag ORDER BY id DESC) = 1 AND artifact IS NOT NULL
        UNION ALL
        (
            SELECT key, 'latest', uid, created FROM artifacts
            QUALIFY row_number() OVER (PARTITION BY key ORDER BY created DESC, uid DESC) = 1
        );

    CREATE VIEW functions AS
        SELECT
            name, version,
            arg_max(hash, id) AS hash,
            arg_max(description, id) AS description,
            min(time) AS created,
            max(time) AS updated,
            bool_or(newest) AS current,
            list(DISTINCT tag ORDER BY tag) FILTER (tag IS NOT NULL AND tagged) AS tags
        FROM (
            SELECT *,
                row_number() OVER (PARTITION BY name ORDER BY id DESC) = 1 AS newest,
                row_number() OVER (PARTITION BY name, tag ORDER BY id DESC) = 1 AS tagged
            FROM _functions
        )
        GROUP BY name, version;

    CREATE VIEW run_table AS
        SELECT
            r.*,
            coalesce(p.params, MAP {}) AS params,
            coalesce(s.results, MAP {}) AS results
        FROM runs r
        LEFT JOIN (
            SELECT run, map_from_entries(list({k: key, v: text} ORDER BY key)) AS params FROM params GROUP BY run
        ) p ON p.run = r.id
        LEFT JOIN (
            SELECT run, map_from_entries(list({k: key, v: value} ORDER BY key)) AS results FROM results
            WHERE value IS NOT NULL GROUP BY run
        ) s ON s.run = r.id;

    CREATE VIEW lineage AS
        SELECT
            'input' AS role,
            coalesce(i.artifact, i.uri) AS upstream,
            CASE WHEN i.artifact IS NULL THEN 'source' ELSE 'artifact' END AS upstream_type,
            coalesce(a.key, i.uri) AS upstream_name,
            i.run AS downstream, 'run' AS downstream_type, coalesce(r.name, i.run) AS downstream_name,
            i.run AS run, i.artifact AS artifact, i.name AS name, a.key AS key, a.kind AS kind, i.hash AS hash
        FROM run_inputs i
        LEFT JOIN artifacts a ON a.uid = i.artifact
        LEFT JOIN runs r ON r.id = i.run
        UNION ALL
        SELECT
            'output', a.run, 'run', coalesce(r.name, a.run), a.uid, 'artifact', a.key, a.run, a.uid, a.key, a.key, a.kind, a.hash
        FROM artifacts a
        LEFT JOIN runs r ON r.id = a.run
        WHERE a.run IS NOT NULL;
    """,
    # all that runs refer to by its sha256, whoever made it; so every run is read again
    """
    CREATE TABLE _bytes (run VARCHAR, hash VARCHAR, artifact VARCHAR, directory BOOLEAN);
    DELETE FROM runs;
    DELETE FROM params;
    DELETE FROM results;
    DELETE FROM metrics;
    DELETE FROM artifacts WHERE run IS NOT NULL;
    DELETE FROM run_inputs;
    DELETE FROM cells;
    DELETE FROM _run_tags;
    DELETE FROM _files WHERE path LIKE 'runs/%';
    """,
)

TABLES = ("runs", "params", "results", "metrics", "artifacts", "artifact_tags", "run_inputs", "functions", "tags", "cells")
VIEWS = ("run_table", "lineage")


def found(connection: duckdb.DuckDBPyConnection, database: str) -> int | None:
    """Return how many steps a database has, 0 when it is empty, None when it is something else's."""
    try:
        ((step,),) = connection.execute("SELECT max(step) FROM _schema").fetchall()
    except duckdb.CatalogException:
        query = "SELECT count(*) FROM duckdb_tables() WHERE database_name = ?"
        ((tables,),) = connection.execute(query, [database]).fetchall()
        return None if tables else 0
    return int(step or 0)


def upgrade(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Apply the steps that the database in use lacks, each with its record in one transaction."""
    have = found(connection, database) or 0
    for number, step in enumerate(STEPS[have:], have + 1):
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE IF NOT EXISTS _schema (step INTEGER, applied TIMESTAMP)")
        connection.execute(step)
        connection.execute("INSERT INTO _schema VALUES (?, current_timestamp::TIMESTAMP)", [number])
        connection.execute("COMMIT")


def spare(file: Path) -> None:
    """Refuse a file that isn't ours to put another in its place. The caller holds the catalog's lock alone.

    Raises
    ------
    CatalogError
        It is from a newer version, or isn't a catalog.
    """
    if not file.exists():
        return
    with closing(connect()) as connection:
        try:
            attach(connection, file, write=False)
        except (CorruptError, HeldError):  # the first is what one rebuilds for, and the second loses nothing by it
            return
        check(found(connection, DATABASE), file)


def check(have: int | None, file: object) -> bool:
    """Return whether a catalog needs steps; refuse one that this version doesn't know.

    Raises
    ------
    CatalogError
        It is from a newer version, or isn't a catalog.
    """
    if have is None:
        msg = f"{str(file)!r} is a DuckDB database with other tables, not a catalog: move it away, or rename the project."
        raise CatalogError(msg)
    if have > len(STEPS):
        msg = f"{str(file)!r} has schema {have}, and this version of jupyter-mlops knows up to {len(STEPS)}: "
        raise CatalogError(msg + "upgrade jupyter-mlops (the file is untouched).")
    return have < len(STEPS)
