"""Several real processes write, fold and query one project at once; some of them are killed. Nothing is lost or doubled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from run_folders import begin, contents, differences, finished, project

from jupyter_mlops.storage.catalog import Catalog
from jupyter_mlops.storage.journal import read
from jupyter_mlops.storage.lock import BusyError, SharedLock

# a process that makes runs with metrics, and meanwhile folds and queries like a worker and its readers
WORK = """if True:
    import sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from run_folders import artifact, begin, events, note
    from jupyter_mlops.storage.catalog import Catalog

    folder, runs, metrics = Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    catalog = Catalog(folder, "churn", patience=60)
    for number in range(runs):
        place = begin(folder, params={"number": number}, tags={"writer": sys.argv[5]})
        with events(place) as journal:
            journal.append("state", state="running")
            catalog.fold()
            for step in range(metrics // runs):
                journal.metric("loss", step / 7, step)
                if step % 997 == 500:
                    assert catalog.query("SELECT count(*) FROM metrics WHERE run = ?", [place.name]) == [(step + 1,)]
            journal.append("result", key="accuracy", value=number)
            journal.append("artifact", **artifact())
            journal.append("state", state="completed")
        note(folder, "tag", sys.argv[5], run=place.name, key="stage", value="done")
        assert catalog.query("SELECT state FROM runs WHERE id = ?", [place.name]) == [("completed",)]
"""


@pytest.fixture
def folder(tmp_path):
    return project(tmp_path / "churn")


def start(code: str, *args: object) -> subprocess.Popen[str]:
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", code, here, *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def all_end_well(processes: list[subprocess.Popen[str]]) -> None:
    told = [process.communicate(timeout=150)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), "\n".join(told)


@pytest.mark.parametrize(
    ("runs", "metrics"),
    [pytest.param(6, 6_000, id="short"), pytest.param(50, 20_000, id="whole", marks=pytest.mark.soak)],
)
def test_four_processes_lose_and_double_nothing(folder, tmp_path, runs, metrics):
    all_end_well([start(WORK, folder, runs, metrics, f"writer{number}") for number in range(4)])
    catalog = Catalog(folder, "churn", patience=60)
    points = 4 * runs * (metrics // runs)
    assert catalog.query("SELECT count(*), count(DISTINCT (run, step)) FROM metrics") == [(points, points)]
    assert catalog.query("SELECT count(*), count(DISTINCT id) FROM runs WHERE state = 'completed'") == [(4 * runs, 4 * runs)]
    assert catalog.query("SELECT count(*), count(DISTINCT run) FROM tags WHERE key = 'stage'") == [(4 * runs, 4 * runs)]
    for table in ("results", "artifacts"):
        assert catalog.query(f"SELECT count(*), count(DISTINCT run) FROM {table}") == [(4 * runs, 4 * runs)]
    shutil.copy(catalog.file, tmp_path / "before.duckdb")
    catalog.rebuild()
    assert differences(catalog, tmp_path / "before.duckdb") == {}


WRITE = """if True:
    import sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from run_folders import events
    with events(Path(sys.argv[2])) as journal:
        step = 0
        while True:
            journal.metric("loss", 0.5, step)
            step += 1
"""


def test_a_writer_that_is_killed_loses_nothing_it_wrote(folder):
    place = begin(folder)
    catalog = Catalog(folder, "churn")
    writer = start(WRITE, place)
    try:
        until(lambda: catalog.query("SELECT count(*) FROM metrics")[0][0] > 1000)
    finally:
        writer.kill()
        writer.communicate()
    written = [event["step"] for event in read(place / "events.jsonl").events]
    assert written == list(range(len(written)))
    assert catalog.query("SELECT count(*), max(step) FROM metrics") == [(len(written), len(written) - 1)]


FOLD = """if True:
    import sys
    sys.path.insert(0, sys.argv[1])
    from jupyter_mlops.storage import fold
    from jupyter_mlops.storage.catalog import Catalog
    fold.BITE = 20_000  # many small transactions, so that most kills fall into one
    catalog = Catalog(sys.argv[2], "churn")
    print("ready", flush=True)
    catalog.fold()
"""


def test_a_folder_that_is_killed_leaves_a_catalog_that_another_completes(folder):
    catalog = Catalog(folder, "churn")
    catalog.fold()
    points = 0
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
        for _ in range(3):
            finished(folder, points=2000, results={"accuracy": 1.0})
            points += 2000
        process = start(FOLD, folder)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)  # anywhere in its work
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert Catalog(folder, "churn").query("SELECT count(*), count(DISTINCT (run, step)) FROM metrics") == [(points, points)]
    before = contents(catalog)
    catalog.rebuild()
    assert contents(catalog) == before


REBUILD = """if True:
    import sys
    sys.path.insert(0, sys.argv[1])
    from jupyter_mlops.storage.catalog import Catalog
    catalog = Catalog(sys.argv[2], "churn")
    print("ready", flush=True)
    while True:
        catalog.rebuild()
"""


def test_a_rebuild_that_is_killed_changes_nothing(folder):
    for _ in range(3):
        finished(folder, points=3000)
    catalog = Catalog(folder, "churn")
    before = contents(catalog)
    for delay in (0.05, 0.2):
        process = start(REBUILD, folder)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)  # anywhere in its work
        process.kill()
        process.communicate()
        assert contents(catalog) == before


def test_readers_go_on_while_another_process_rebuilds(folder):
    finished(folder, points=500)
    catalog = Catalog(folder, "churn", patience=60)
    process = start(REBUILD, folder)
    try:
        for _ in range(30):
            assert catalog.query("SELECT count(*) FROM metrics") == [(500,)]
    finally:
        process.kill()
        process.communicate()


LOCK = """if True:
    import sys, time
    from pathlib import Path
    from jupyter_mlops.storage.lock import SharedLock
    lock = SharedLock(Path(sys.argv[2]))
    shared = sys.argv[3] == "read"
    with lock.held(shared=shared, timeout=30):
        print("held", flush=True)
        sys.stdin.read() if len(sys.argv) < 5 else None
    while len(sys.argv) > 4:
        with lock.held(shared=shared, timeout=30):
            time.sleep(0.005)
"""


def test_a_writer_is_not_starved_by_readers(folder):
    readers = [start(LOCK, folder / "x", "read", "for ever") for _ in range(4)]
    try:
        for reader in readers:
            assert reader.stdout is not None
            reader.stdout.readline()
        lock = SharedLock(folder / "x")
        for _ in range(20):
            with lock.held(shared=False, timeout=20):
                pass
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()


def test_the_lock_of_a_killed_process_is_free(folder):
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", LOCK, here, str(folder / "x"), "write"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    lock = SharedLock(folder / "x")
    with pytest.raises(BusyError, match=str(process.pid)), lock.held(shared=True, timeout=0.05):
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with lock.held(shared=False, timeout=5):
        pass


def test_readers_share(folder):
    lock = SharedLock(folder / "x")
    with lock.held(shared=True, timeout=1), lock.held(shared=True, timeout=1):
        pass


def until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it didn't happen in time"
        time.sleep(0.02)
