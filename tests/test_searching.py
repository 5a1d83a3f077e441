"""A user's query can't take the time, the memory or the lock of others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

import jupyter_mlops as mlops
from jupyter_mlops.errors import SqlError
from jupyter_mlops.execution.searching import Searcher
from jupyter_mlops.storage import attach
from jupyter_mlops.storage import catalog as catalogs
from jupyter_mlops.storage.catalog import Catalog
from jupyter_mlops.storage.lock import SharedLock

ENDLESS = "(SELECT sum(a.range * b.range) FROM range(1000000) a, range(10000000) b) > 0"
DEAF = "levenshtein(repeat('a', 2000000), repeat('b', 2000000)) > 0"  # DuckDB doesn't look up from it
LARGE = "length(repeat('x', 4000000000)) > 0"


@pytest.fixture
def catalog(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    for n in (1, 2, 3):
        with project.start_run("explore"):
            mlops.log_result("score", n)
    project.library.catalog.fold()
    return project.library.catalog


@pytest.fixture
def searcher():
    found = Searcher(patience=30)
    yield found
    found.close()


def search(searcher: Searcher, catalog: Catalog, condition: str) -> tuple[int, list[str]]:
    return searcher.select_runs(catalog, condition, ["r.name = ?"], ["explore"], order="r.id DESC", limit=10, offset=0)


def test_a_condition_is_looked_for_in_another_process(catalog, searcher):
    count, runs = search(searcher, catalog, "score > 1 -- a remark")
    assert count == 2 and runs == sorted(runs, reverse=True)


def test_what_duckdb_refuses_is_refused_in_its_words(catalog, searcher):
    with pytest.raises(SqlError, match="colour"):
        search(searcher, catalog, "colour = 'red'")


@pytest.mark.parametrize("condition", [ENDLESS, DEAF], ids=["endless", "deaf"])
def test_a_search_that_takes_too_long_is_given_up_and_the_next_one_answered(catalog, searcher, condition, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    searcher.patience = 3
    with pytest.raises(SqlError, match="more than 3 s and was given up: ask for less"):
        search(searcher, catalog, condition)
    searcher.patience = 30
    assert search(searcher, catalog, "score > 1")[0] == 2
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_search_that_takes_too_much_memory_is_refused(catalog, searcher):
    with pytest.raises(SqlError, match=r"(?i)memory"):
        search(searcher, catalog, LARGE)
    assert search(searcher, catalog, "score > 1")[0] == 2


def test_searches_that_come_while_others_take_all_the_time_are_refused(catalog):
    searcher = Searcher(patience=3, at_once=1)

    def look() -> None:
        with pytest.raises(SqlError):
            search(searcher, catalog, ENDLESS)

    first = threading.Thread(target=look)
    first.start()
    while not searcher._free.empty():
        first.join(0.01)
    searcher.patience = 0.1
    with pytest.raises(SqlError, match="other searches are taking all the time"):
        search(searcher, catalog, "score > 1")
    first.join()
    searcher.close()


@pytest.mark.parametrize(
    "condition",
    [
        "EXISTS (FROM read_text('/etc/passwd'))",
        "EXISTS (FROM glob('/*'))",
        "EXISTS (FROM '/etc/passwd')",
        "true) UNION SELECT content FROM read_text('/etc/passwd') --",
        "true); ATTACH '/tmp/x.duckdb'; SELECT (1",
        "true); COPY (SELECT 1) TO '/tmp/x.csv'; SELECT (1",
        "true); SET memory_limit = '100GB'; SELECT (1",
        "true); INSTALL httpfs; SELECT (1",
    ],
)
def test_a_condition_reaches_nothing_but_the_catalog(catalog, searcher, condition):
    with pytest.raises(SqlError):
        search(searcher, catalog, condition)


def test_a_query_that_takes_long_keeps_nobody_from_writing(catalog, monkeypatch):
    monkeypatch.setattr(catalogs, "COURTESY", 0.1)
    query = f"SELECT count(*) AS n FROM runs WHERE {ENDLESS.replace('10000000', '300')}"
    found = []
    asking = threading.Thread(target=lambda: found.append(catalog.rows(query)))
    asking.start()
    written = 0
    while asking.is_alive():
        with SharedLock(catalog.file).held(shared=False, timeout=5):
            written += 1
        asking.join(0.05)
    assert found == [[{"n": 3}]] and written > 3


def test_ctrl_c_ends_a_query_in_a_notebook(catalog):
    code = f"""
import sys
from jupyter_mlops.storage.catalog import Catalog
catalog = Catalog({str(catalog.folder)!r}, {catalog.file.stem!r})
try:
    print(catalog.rows("SELECT 1 AS one"), flush=True)
    catalog.rows("SELECT * FROM runs WHERE {ENDLESS}")
except KeyboardInterrupt:
    print("ended", flush=True)
print(catalog.rows("SELECT 2 AS two"), flush=True)
"""
    asked = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert "one" in asked.stdout.readline()
    os.kill(asked.pid, signal.SIGINT)
    said, _ = asked.communicate(timeout=60)
    assert said.splitlines() == ["ended", "[{'two': 2}]"]


def test_what_duckdb_puts_on_disk_lies_in_no_folder_of_the_users(catalog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    ((place,),) = catalog.query("SELECT current_setting('temp_directory')")
    assert Path(place).parent == Path(tempfile.gettempdir()) and set(tmp_path.iterdir()) == before


def test_a_query_reads_no_file_in_the_temporary_folder(catalog):
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as secret:
        secret.write("x\n1\n")
        secret.flush()
        with pytest.raises(SqlError, match="file system operations are disabled"):
            catalog.rows(f"SELECT * FROM '{secret.name}'")


def test_what_is_spilled_is_gone_with_the_query():
    connection = attach.connect(memory_limit="60MB", threads=1)
    ((place,),) = connection.execute("SELECT current_setting('temp_directory')").fetchall()
    (count,) = connection.execute("SELECT count(*) FROM (SELECT hash(range) AS h FROM range(20000000) ORDER BY h)").fetchone()
    assert count == 20_000_000 and Path(place).exists()
    connection.close()
    assert not Path(place).exists()
