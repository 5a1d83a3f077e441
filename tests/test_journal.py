"""The journal: whole lines whatever happens, cheap metrics, ordered ids."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import LogError, StorageError
from jupyter_mlops.records import State
from jupyter_mlops.storage import journal
from jupyter_mlops.storage.journal import Journal, new_id, read

OPEN = "import os, sys; from jupyter_mlops.storage.journal import Journal; j = Journal(sys.argv[1])"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.jsonl"


def metrics(path):
    return [(event["key"], event["value"], event["step"]) for event in read(path).events]


def run_python(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True, timeout=60)


# --- ids ---


def test_ids_made_in_one_tick_keep_their_order(monkeypatch):
    monkeypatch.setattr(journal.time, "time_ns", lambda: 1_795_510_571_000_000_000)
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(set(ids))


def test_an_id_begins_with_its_second_in_utc():
    assert new_id(1_795_510_571.5).startswith("20261124-085611-g000")


def test_ids_sort_as_their_times():
    times = [0.0, 1.0, 1.00001, 1e9, 1_795_510_571.25, 1_795_510_571.5, 4e9]
    ids = [new_id(t) for t in times]
    assert ids == sorted(ids)


def test_ids_hold_although_the_clock_goes_back(monkeypatch):
    first = new_id()
    monkeypatch.setattr(journal.time, "time_ns", lambda: 1_000_000_000_000_000_000)
    assert new_id() > first


def test_user_code_that_seeds_random_gets_different_ids():
    code = "import random; random.seed(0); from jupyter_mlops.storage.journal import new_id; print(new_id(1.0)[-4:])"
    tails = {run_python(code).stdout for _ in range(3)}
    assert len(tails) > 1


# --- writing ---


def test_an_event_comes_back_as_it_was_written(path):
    with Journal(path) as events:
        written = events.append("artifact", kind="model", key="é\ud800", meta={"rows": [1, None, "x"]})
    assert read(path).events == [written]


@pytest.mark.parametrize("value", [0.1, -0.0, 1e300, 5e-324, 3, -(10**30), math.inf, -math.inf])
def test_a_number_comes_back_equal_and_of_its_type(path, value):
    Journal(path).metric("loss", value)
    found = read(path).events[0]["value"]
    assert (found, type(found), math.copysign(1, found)) == (value, type(value), math.copysign(1, value))


def test_nan_is_kept(path):
    Journal(path).metric("loss", math.nan, 1)
    assert math.isnan(read(path).events[0]["value"])


def test_numbers_of_numpy_are_numbers(path):
    events = Journal(path)
    events.metric("a", np.float32(0.5), np.int64(3))
    events.metric("b", np.float64(0.1))
    events.metric("c", np.int8(-4))
    assert metrics(path) == [("a", 0.5, 3), ("b", 0.1, None), ("c", -4, None)]


@pytest.mark.parametrize("value", [True, np.bool_(True), "0.5", b"1", None, [1.0], np.ones(1), 1j])
def test_what_is_no_number_is_refused_and_nothing_is_written(path, value):
    with pytest.raises(LogError, match="'loss'"):
        Journal(path).metric("loss", value)
    assert not path.exists()


@pytest.mark.parametrize("step", [1.5, "1", True, 1 << 63])
def test_a_step_that_is_no_integer_is_refused(path, step):
    with pytest.raises(LogError, match="step"):
        Journal(path).metric("loss", 0.5, step)


@given(st.text())
def test_any_key_makes_one_line_of_json(tmp_path_factory, key):
    path = tmp_path_factory.mktemp("journal") / "events.jsonl"
    with Journal(path) as events:
        events.metric(key, 1.0)
    (line,) = path.read_bytes().splitlines()
    assert json.loads(line)["key"] == key


def test_threads_lose_no_line(path):
    with Journal(path) as events:
        threads = [threading.Thread(target=lambda: [events.metric("loss", 0.5, n) for n in range(500)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(metrics(path)) == 4000


def test_processes_lose_no_line(path):
    code = f"{OPEN}; [j.append('x', pad='y' * 5000) for _ in range(200)]"
    processes = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert len(read(path).events) == 800


def test_a_forked_child_and_its_parent_go_on_writing(path):
    # in a process of its own, as the tests' one has threads
    code = """if True:
        import os, sys
        from jupyter_mlops.storage.journal import Journal
        j = Journal(sys.argv[1])
        j.metric("parent", 1)
        j._lock.acquire()  # as if another thread were writing
        child = os.fork()
        if child:
            j._lock.release()
        j.metric("child" if child == 0 else "parent", 2)
        if child:
            os.waitpid(child, 0)
    """
    done = run_python(code, path)
    assert done.returncode == 0, done.stderr
    assert sorted(key for key, _, _ in metrics(path)) == ["child", "parent", "parent"]


def test_a_line_cut_short_by_a_killed_writer_is_closed_by_the_next(path):
    path.write_bytes(b'{"e":"metric","t":1.0,"key":"lo')
    Journal(path).metric("loss", 0.5, 1)
    assert metrics(path) == [("loss", 0.5, 1)]


def test_a_full_disk_is_reported_with_the_file_and_the_remedy():
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with pytest.raises(StorageError, match=r"'/dev/full' can't be written \(No space left on device\): free some space"):
        Journal("/dev/full").append("x")


def test_a_line_that_fits_only_in_part_leaves_the_others_whole(path):
    # a limit on the file's size cuts a write short just as a full disk does
    code = """if True:
        import resource, sys
        from jupyter_mlops.errors import StorageError
        from jupyter_mlops.storage.journal import Journal
        j = Journal(sys.argv[1])
        j.append("first")
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
        try:
            j.append("second", pad="x" * 500)
            print("written")
        except StorageError as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        j.append("third")
    """
    done = run_python(code, path)
    assert "events.jsonl' can't be written (File too large)" in done.stdout, done.stderr
    assert [event["e"] for event in read(path).events] == ["first", "third"]


def test_a_folder_that_is_gone_is_reported(tmp_path):
    with pytest.raises(StorageError, match="its folder is gone"):
        Journal(tmp_path / "gone" / "events.jsonl").append("x")


def test_what_was_written_survives_kill_9(path):
    code = f"{OPEN}; [j.metric('a', n) for n in range(100)]; os.kill(os.getpid(), 9)"
    assert run_python(code, path).returncode == -signal.SIGKILL
    assert len(metrics(path)) == 100


# --- reading ---


def test_a_half_line_waits_for_its_end(path):
    path.write_bytes(b'{"e":"a","t":1}\n{"e":"b",')
    events, offset = read(path)
    assert ([event["e"] for event in events], offset) == (["a"], 16)
    with path.open("ab") as file:
        file.write(b'"t":2}\n')
    assert [event["e"] for event in read(path, offset).events] == ["b"]


GARBAGE = [
    b"hello",
    b"[1]",
    b"3",
    b"null",
    b'{"t":1}',
    b'{"e":1,"t":1}',
    b'{"e":"x"}',
    b'{"e":"x","t":"1"}',
    b'{"e":"x","t":NaN}',
    b"\xff\xfe",
]
GARBAGE += [b'{"e":"x","t":1e300}', b"", b"[" * 100_000, b"1" * 5000, b'{"e":"x","t":1', b'"k":2}']


@pytest.mark.parametrize("line", GARBAGE, ids=lambda line: repr(line[:20]))
def test_a_line_that_is_no_event_is_skipped(path, line):
    path.write_bytes(b'{"e":"a","t":1}\n' + line + b'\n{"e":"b","t":2}\n')
    assert [event["e"] for event in read(path).events] == ["a", "b"]


def test_two_halves_of_a_line_make_no_event(path):
    path.write_bytes(b'{"e":"a","t":1\n"k":{"e":"b","t":1}}\n{"e":"c","t":1}\n')
    assert [event["e"] for event in read(path).events] == ["c"]


def test_a_file_that_is_not_there_is_empty(path):
    assert read(path, 5) == ([], 5)


@given(st.integers(1, 40))
def test_reading_in_pieces_reads_everything_once(tmp_path_factory, limit):
    path = tmp_path_factory.mktemp("journal") / "events.jsonl"
    with Journal(path) as events:
        for n in range(10):
            events.metric("loss", n)
    found, offset = [], 0
    while True:
        lines = read(path, offset, limit=limit)
        if not lines.events:
            break
        found += [event["value"] for event in lines.events]
        offset = lines.offset
    assert found == list(range(10))


def test_the_history_of_a_run_is_what_its_lines_add_up_to(tmp_path):
    with Journal(tmp_path / "events.jsonl") as events:
        events.append("state", state="running", t=10.0)
        events.append("result", key="accuracy", value=0.9)
        events.append("state", state="error", reason="worker lost", t=20.0)
        events.append("state", state="completed", t=21.0)
    story = journal.history(tmp_path)
    assert (story.state, story.reason, story.started, story.ended, story.results) == (
        State.ERROR,
        "worker lost",
        10.0,
        20.0,
        {"accuracy": 0.9},
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"e": "state"},
        {"e": "state", "state": "dancing"},
        {"e": "cell", "index": []},
        {"e": "result", "key": {}, "value": 1},
        {"e": "state", "state": "error", "failure": 3},
    ],
)
def test_an_event_that_lacks_what_its_kind_needs_changes_nothing(tmp_path, fields):
    (tmp_path / "events.jsonl").write_text(json.dumps({"t": 1.0, **fields}) + "\n")
    assert journal.history(tmp_path) == journal.history(tmp_path / "nothing")


def test_reading_needs_the_standard_library_only():
    code = "import sys; before = set(sys.modules); import jupyter_mlops.storage.journal; print(*set(sys.modules) - before)"
    loaded = {name.split(".")[0] for name in run_python(code).stdout.split()}
    assert loaded - sys.stdlib_module_names == {"jupyter_mlops"}
