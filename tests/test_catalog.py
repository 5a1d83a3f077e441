"""The catalog: what is in the folders is in the tables, each thing once, whatever happened to the file."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_folders import artifact, begin, contents, differences, events, finished, note, project

from jupyter_mlops import values
from jupyter_mlops.errors import CatalogError, SqlError, StorageError
from jupyter_mlops.records import Source
from jupyter_mlops.storage import fold, schema, shelf
from jupyter_mlops.storage.catalog import Catalog, CatalogWarning
from jupyter_mlops.storage.journal import new_id


@pytest.fixture
def folder(tmp_path):
    return project(tmp_path / "it's a «проект»")


@pytest.fixture
def catalog(folder):
    return Catalog(folder, "churn", patience=0.3)


def one(catalog, sql, *params):
    ((value,),) = catalog.query(sql, params)
    return value


# --- what comes in ---


def test_a_pending_run_has_a_row_before_anything_happened(folder, catalog):
    place = begin(folder, params={"n": 3}, tags={"team": "a"}, user="ada", version="v1")
    row = catalog.query("SELECT id, name, function, version, state, user, created, started, ended, duration FROM runs")
    assert row == [(place.name, "train", "train", "v1", "pending", "ada", datetime(2001, 9, 9, 1, 46, 40), None, None, None)]


def test_a_run_tells_what_became_of_it(folder, catalog):
    place = begin(folder)
    with events(place) as journal:
        journal.append("state", state="running", kernel="python3", t=100.0)
        journal.append("environment", python="3.11.7", git={"commit": "c0ffee", "branch": "main", "dirty": True})
        journal.append("usage", memory=1 << 30, cpu=1.5)
        failure = {"ename": "KeyError", "evalue": "'y'", "cell": 2, "line": 5, "traceback": ["a", "b"]}
        journal.append("state", state="error", reason="an exception", failure=failure, t=102.5)
    columns = "state, reason, kernel, python, git_commit, git_branch, git_dirty, memory, cpu, duration"
    assert catalog.query(f"SELECT {columns} FROM runs") == [
        ("error", "an exception", "python3", "3.11.7", "c0ffee", "main", True, 1 << 30, 1.5, 2.5)
    ]
    columns = "error_name, error_value, error_cell, error_line, traceback"
    assert catalog.query(f"SELECT {columns} FROM runs") == [("KeyError", "'y'", 2, 5, "a\nb")]


def test_the_first_end_of_a_run_is_its_end(folder, catalog):
    with events(begin(folder)) as journal:
        journal.append("state", state="error", reason="worker lost")
        catalog.fold()
        journal.append("state", state="completed")
        journal.append("usage", memory=7, cpu=0.5)
    assert catalog.query("SELECT state, reason, memory FROM runs") == [("error", "worker lost", 7)]


def test_params_and_results_are_numbers_where_they_can_be_and_always_text(folder, catalog):
    place = begin(folder, params={"n": 3, "flag": True, "name": "x", "none": None, "path": values.encode(Path("a/b"))})
    with events(place) as journal:
        journal.append("result", key="accuracy", value=0.5)
        journal.append("result", key="accuracy", value=0.75)
        journal.append("result", key="worst", value=values.encode(-math.inf))
    assert catalog.query("SELECT key, value, text FROM params ORDER BY key") == [
        ("flag", 1.0, "True"),
        ("n", 3.0, "3"),
        ("name", None, "x"),
        ("none", None, "None"),
        ("path", None, "a/b"),
    ]
    assert catalog.query("SELECT key, value FROM results ORDER BY key") == [("accuracy", 0.75), ("worst", -math.inf)]


def test_metrics_keep_every_number_and_key(folder, catalog):
    points = [("loss", 0.1, 0), ("loss", math.nan, 1), ("loss", math.inf, 2), ('é"\\\n', -math.inf, None), ("n", 10**400, -5)]
    with events(begin(folder)) as journal:
        for key, value, step in points:
            journal.metric(key, value, step)
    found = catalog.query("SELECT key, value, step FROM metrics")
    points[-1] = ("n", math.inf, -5)  # more than a double holds
    assert repr(found) == repr(points)


def test_a_metric_in_another_spelling_is_one(folder, catalog):
    lines = [
        '{"t": 1, "e": "metric", "key": "a", "value": 1, "step": 2}',
        '{"e":"metric","step":3,"value":2.5,"key":"b","t":1.5}',
    ]
    (begin(folder) / "events.jsonl").write_text("\n".join(lines) + "\n")
    assert sorted(catalog.query("SELECT key, value, step FROM metrics")) == [("a", 1.0, 2), ("b", 2.5, 3)]


def test_a_cell_has_a_start_and_a_length_and_a_new_attempt_starts_over(folder, catalog):
    with events(begin(folder)) as journal:
        journal.append("cell", index=0, id="a", state="running", t=10.0)
        journal.append("cell", index=0, id="a", state="error", seconds=0.5, t=10.5)
        journal.append("cell", index=1, id="b", state="skipped")
        assert catalog.query("SELECT index, id, state, started, seconds FROM cells ORDER BY index") == [
            (0, "a", "error", datetime(1970, 1, 1, 0, 0, 10), 0.5),
            (1, "b", "skipped", None, None),
        ]
        journal.append("attempt", n=2)
        journal.append("cell", index=0, id="a", state="running")
    assert catalog.query("SELECT attempt, index, state FROM cells") == [(2, 0, "running")]
    assert one(catalog, "SELECT attempt FROM runs") == 2


def test_inputs_are_known_from_the_start_and_completed_by_events(folder, catalog):
    place = begin(folder, inputs={"data": Source(uri="store://datasets/churn/raw"), "more": Source(uri="a.csv", hash="cd")})
    with events(place) as journal:
        journal.append("input", name="data", uri="store://datasets/churn/raw^u1", hash="ab", artifact="u1")
    assert catalog.query("SELECT name, uri, hash, artifact FROM run_inputs ORDER BY name") == [
        ("data", "store://datasets/churn/raw^u1", "ab", "u1"),
        ("more", "a.csv", "cd", None),
    ]


def test_every_version_of_a_key_is_an_artifact(folder, catalog):
    place = begin(folder)
    made = [artifact(labels={"stage": "é"}, meta={"nan": math.nan, "rows": 3, "text": "\ud800"}), artifact()]
    with events(place) as journal:
        for fields in made:
            journal.append("artifact", **fields)
    rows = catalog.query("SELECT uid, run, size, labels, meta->>'rows', meta->>'nan' FROM artifacts ORDER BY uid")
    assert rows == [(made[0]["uid"], place.name, 3, {"stage": "é"}, "3", None), (made[1]["uid"], place.name, 3, {}, None, None)]


def test_a_run_that_was_copied_in_appears_and_one_that_was_removed_goes(folder, catalog, tmp_path):
    place = finished(folder, results={"accuracy": 0.5}, points=3)
    with events(place) as journal:
        journal.append("artifact", **artifact())
    catalog.fold()
    shutil.move(place, tmp_path / place.name)
    assert [rows for rows in contents(catalog).values() if rows] == []
    shutil.move(tmp_path / place.name, place)
    assert (one(catalog, "SELECT count(*) FROM metrics"), one(catalog, "SELECT count(*) FROM artifacts")) == (3, 1)


# --- exactly once ---


def test_a_run_is_the_same_however_often_it_was_folded_while_it_lived(folder, catalog):
    with events(begin(folder, params={"n": 1})) as journal:
        for number in range(5):
            journal.append("state", state="running")
            journal.append("cell", index=number, id=str(number), state="completed", seconds=0.1)
            journal.metric("loss", 0.5, number)
            journal.append("result", key="accuracy", value=number)
            journal.append("artifact", **artifact())
            catalog.fold()
        journal.append("state", state="completed")
    catalog.fold()
    before = contents(catalog)
    catalog.rebuild()
    assert contents(catalog) == before
    assert len(before["metrics"]) == len(before["cells"]) == len(before["artifacts"]) == 5


def test_half_a_line_is_folded_when_it_is_whole(folder, catalog):
    path = begin(folder) / "events.jsonl"
    path.write_bytes(b'{"e":"metric","t":1,"key":"a","value":1,"step":1}\n{"e":"metric","t":2,"key":"a",')
    assert one(catalog, "SELECT count(*) FROM metrics") == 1
    with path.open("ab") as file:
        file.write(b'"value":2,"step":2}\n')
    assert catalog.query("SELECT step FROM metrics ORDER BY step") == [(1,), (2,)]


def test_a_late_line_of_an_ended_run_counts(folder, catalog, monkeypatch):
    monkeypatch.setattr(shelf, "QUIET", -1.0)  # ended runs are thought still at once
    place = finished(folder)
    catalog.fold()
    catalog.fold()
    with events(place) as journal:
        journal.append("usage", memory=5, cpu=1.0)
    monkeypatch.setattr(fold, "SWEEP", -1.0)  # and it is time to look at all of them
    assert one(catalog, "SELECT memory FROM runs") == 5


def test_what_one_process_folded_another_does_not_fold_again(folder, catalog):
    place = finished(folder, points=3)
    other = Catalog(folder, "churn")
    catalog.fold()
    other.fold()
    with events(place) as journal:
        journal.metric("loss", 0.5, 4)
    catalog.fold()
    other.fold()
    assert one(other, "SELECT count(*) FROM metrics") == 4


def test_a_file_larger_than_a_bite_is_folded_in_several(folder, catalog, monkeypatch):
    monkeypatch.setattr(fold, "BITE", 1000)
    for _ in range(3):
        finished(folder, points=100, results={"accuracy": 1.0})
    assert one(catalog, "SELECT count(*) FROM metrics") == 300
    assert one(catalog, "SELECT count(*) FROM runs WHERE state = 'completed'") == 3


def test_nothing_is_opened_when_nothing_is_new(folder, catalog):
    finished(folder)
    catalog.fold()
    changed = catalog.file.stat().st_mtime_ns
    catalog._connection = None
    catalog.fold()
    assert catalog._connection is None and catalog.file.stat().st_mtime_ns == changed


STEPS = st.sampled_from(["metric", "metrics", "result", "artifact", "cell", "attempt", "tag", "state", "torn", "garbage"])
DEEDS = st.lists(
    st.tuples(st.integers(0, 2), st.one_of(STEPS, st.sampled_from(["fold a", "fold b", "note", "delete"]))), max_size=40
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(DEEDS)
def test_folding_in_any_pieces_gives_what_one_rebuild_gives(tmp_path_factory, deeds):
    folder = project(tmp_path_factory.mktemp("project"))
    places = [begin(folder, new_id(number), params={"n": number}) for number in range(3)]
    catalogs = {"fold a": Catalog(folder, "churn"), "fold b": Catalog(folder, "churn")}
    for number, deed in deeds:
        if deed in catalogs:
            catalogs[deed].fold()
        else:
            happen(folder, places[number], deed)
    catalogs["fold a"].fold()
    incremental = contents(catalogs["fold a"])
    catalogs["fold b"].rebuild()
    assert contents(catalogs["fold b"]) == incremental
    assert contents(catalogs["fold a"]) == incremental


def happen(folder, place, deed):
    """Do one of the things that happen to a run or a project."""
    if deed == "note":
        note(folder, "tag", run=place.name, key="stage", value=new_id())
        note(folder, "artifact", "you", **artifact("loose"))
    elif deed == "delete":
        note(folder, "delete", "you", run=place.name)
    elif deed in ("torn", "garbage"):
        with (place / "events.jsonl").open("ab") as file:
            file.write(b'{"e":"metric","t":1,"k' if deed == "torn" else b"\xff[1]\n{}\n")
    else:
        with events(place) as journal:
            tell(journal, deed)


def tell(journal, deed):
    if deed.startswith("metric"):
        for step in range(3 if deed == "metrics" else 1):
            journal.metric("loss", 0.5, step)
    elif deed == "artifact":
        journal.append("artifact", **artifact(tag="best"))
    else:
        fields = {
            "result": {"key": "accuracy", "value": 0.5},
            "cell": {"index": 0, "id": "a", "state": "running"},
            "attempt": {"n": 2},
            "tag": {"key": "stage", "value": "x"},
            "state": {"state": "completed"},
        }
        journal.append(deed, **fields[deed])


# --- the project's own journal ---


def test_tags_set_later_win_over_those_of_the_run(folder, catalog):
    place = begin(folder, tags={"stage": "new", "team": "a", "old": "x"})
    with events(place) as journal:
        journal.append("tag", key="stage", value="trained")
    catalog.fold()
    note(folder, "tag", run=place.name, key="stage", value="good")
    note(folder, "tag", run=place.name, key="old", value=None)
    assert catalog.query("SELECT key, value FROM tags ORDER BY key") == [("stage", "good"), ("team", "a")]


def test_the_change_with_the_greater_id_wins_although_it_is_read_first(folder, catalog):
    place = begin(folder)
    early, late = new_id(), new_id()
    note(folder, "tag", "you", id=late, run=place.name, key="stage", value="late")
    catalog.fold()
    note(folder, "tag", "me", id=early, run=place.name, key="stage", value="early")
    assert catalog.query("SELECT value FROM tags") == [("late",)]


def test_latest_is_the_newest_version_and_moves_by_itself(folder, catalog):
    place = begin(folder)
    first, second, third = (artifact(created=t) for t in (1.0, 2.0, 2.0))
    with events(place) as journal:
        journal.append("artifact", **second)
        catalog.fold()
        journal.append("artifact", **first)
        journal.append("artifact", **third)
    assert catalog.query("SELECT key, tag, artifact FROM artifact_tags") == [("model", "latest", third["uid"])]
    note(folder, "delete", artifact=third["uid"])
    assert catalog.query("SELECT artifact FROM artifact_tags") == [(second["uid"],)]
    assert one(catalog, "SELECT count(*) FROM artifacts") == 2


def test_a_tag_names_the_version_that_got_it_last(folder, catalog):
    first, second = artifact(tag="best"), artifact(tag="best")
    with events(begin(folder)) as journal:
        journal.append("artifact", **first)
        journal.append("artifact", **second)
    query = "SELECT artifact FROM artifact_tags WHERE tag = 'best'"
    assert catalog.query(query) == [(second["uid"],)]
    note(folder, "artifact_tag", artifact=first["uid"], key="model", tag="best")
    assert catalog.query(query) == [(first["uid"],)]
    note(folder, "artifact_tag", artifact=None, key="model", tag="best")
    assert catalog.query(query) == []


def test_a_tag_of_a_deleted_version_falls_back_to_the_one_that_had_it_before(folder, catalog):
    first, second, third = artifact(tag="best"), artifact(tag="best"), artifact()
    for made in (first, second, third):
        note(folder, "artifact", **made)
    note(folder, "artifact_tag", artifact=third["uid"], key="model", tag="best")
    query = "SELECT artifact FROM artifact_tags WHERE tag = 'best'"
    for made in (third, second, first):
        assert catalog.query(query) == [(made["uid"],)]
        note(folder, "delete", artifact=made["uid"])
    assert catalog.query(query) == []


def test_a_deleted_run_is_gone_although_its_folder_is_there(folder, catalog):
    place = finished(folder, points=2, results={"accuracy": 1.0})
    kept = finished(folder)
    catalog.fold()
    note(folder, "delete", run=place.name)
    assert catalog.query("SELECT id FROM runs") == [(kept.name,)]
    with events(place) as journal:
        journal.metric("loss", 1.0)
    other = Catalog(folder, "churn")
    assert one(other, "SELECT count(*) FROM metrics") == 0 == one(catalog, "SELECT count(*) FROM metrics")


def test_functions_have_a_row_a_version(folder, catalog):
    note(folder, "function", name="train", version="v1", description="first", tag="good")
    note(folder, "function", name="train", version="v2", tag="good")
    note(folder, "function", name="train", version="v1", description="again")
    rows = catalog.query("SELECT version, description, current, tags FROM functions ORDER BY version")
    assert rows == [("v1", "again", True, None), ("v2", None, False, ["good"])]


def test_a_journal_that_was_copied_says_nothing_twice(folder, catalog):
    note(folder, "artifact", **artifact())
    catalog.fold()
    shutil.copy(folder / "journal" / "me.jsonl", folder / "journal" / "copy.jsonl")
    assert one(catalog, "SELECT count(*) FROM artifacts") == 1
    assert one(catalog, "SELECT count(*) FROM _changes") == 0


def test_what_a_removed_journal_said_is_taken_back(folder, catalog):
    place = finished(folder)
    note(folder, "delete", "you", run=place.name)
    note(folder, "artifact", "me", **artifact())
    assert one(catalog, "SELECT count(*) FROM runs") == 0
    (folder / "journal" / "you.jsonl").unlink()
    assert (one(catalog, "SELECT count(*) FROM runs"), one(catalog, "SELECT count(*) FROM artifacts")) == (1, 1)


# --- views ---


def test_run_table_has_one_row_a_run_with_maps(folder, catalog):
    finished(folder, params={"n": 3, "name": "x"}, results={"accuracy": 0.5, "label": "good"})
    begin(folder)
    assert catalog.query("SELECT params, results FROM run_table ORDER BY id") == [
        ({"n": "3", "name": "x"}, {"accuracy": 0.5}),
        ({}, {}),
    ]


def test_lineage_leads_from_the_data_to_the_model(folder, catalog):
    data, model = artifact("raw", kind="dataset"), artifact("model")
    note(folder, "artifact", **data)
    place = begin(folder, inputs={"data": Source(uri="store://x", artifact=data["uid"]), "extra": Source(uri="a.csv")})
    with events(place) as journal:
        journal.append("artifact", **model)
    query = "SELECT role, upstream, upstream_type, downstream, name, key FROM lineage ORDER BY role, name"
    assert catalog.query(query) == [
        ("input", data["uid"], "artifact", place.name, "data", "raw"),
        ("input", "a.csv", "source", place.name, "extra", None),
        ("output", place.name, "run", model["uid"], "model", "model"),
    ]
    path = """
        WITH RECURSIVE up(node) AS (
            SELECT ? UNION SELECT upstream FROM lineage, up WHERE downstream = node
        ) SELECT node FROM up
    """
    assert {node for (node,) in catalog.query(path, [model["uid"]])} == {model["uid"], place.name, data["uid"], "a.csv"}


# --- hostile and broken folders ---


@pytest.mark.parametrize(
    "spec",
    ["", "{", "[]", "null", '{"id": 3}', '{"id": "other", "project": "p", "name": "n"}', "\udcff", "[" * 100_000],
    ids=lambda spec: repr(spec[:20]),
)
def test_a_run_json_that_is_none_is_left_out_and_named(folder, catalog, spec):
    good = finished(folder)
    bad = folder / "runs" / "20261124-000000-aaaaaaaa"
    bad.mkdir()
    (bad / "run.json").write_bytes(spec.encode(errors="surrogateescape"))
    assert catalog.query("SELECT id FROM runs") == [(good.name,)]
    (problem,) = catalog.problems
    assert problem.startswith(f"runs/{bad.name} isn't in the catalog: its run.json")


def test_a_run_json_that_was_half_written_counts_when_it_is_whole(folder, catalog):
    place = begin(folder)
    whole = (place / "run.json").read_text()
    (place / "run.json").write_text(whole[:20])
    assert one(catalog, "SELECT count(*) FROM runs") == 0
    (place / "run.json").write_text(whole)
    assert (one(catalog, "SELECT count(*) FROM runs"), catalog.problems) == (1, [])


def test_wrong_types_in_events_become_null_or_nothing(folder, catalog):
    path = begin(folder, created=1e300, params={"a": {"$": "nonsense", "v": 1}, "b\ud800": "\ud800"}) / "events.jsonl"
    hostile = [
        {"e": "state", "state": "running", "kernel": {"x": 1}},
        {"e": "usage", "memory": "much", "cpu": [1]},
        {"e": "environment", "git": 3, "python": 3.11},
        {"e": "cell", "index": 1 << 40, "seconds": "x"},
        {"e": "attempt", "n": "two"},
        {"e": "artifact", "uid": 3},
        {"e": "artifact", **artifact("x\x00y", size="big", created=-1.0, labels=[1], meta={"a": ["\ud800"]})},
        {"e": "result", "key": 5, "value": {"$": []}},
        {"e": "metric", "key": "a", "value": "x", "step": 1},
        {"e": "metric", "key": "a", "value": 1, "step": 1 << 70},
        {"e": "tag", "key": "k", "value": ["\ud800"]},
        {"e": "progress"},
        {"e": "_on_state"},
        {"e": "unknown of tomorrow", "x": 1},
    ]
    path.write_text("".join(json.dumps({"t": 5.0, **event}) + "\n" for event in hostile))
    catalog.fold()
    assert catalog.query("SELECT state, created, memory, cpu, git_commit, attempt FROM runs") == [
        ("running", None, None, None, None, 1)
    ]
    assert catalog.query("SELECT key, step FROM metrics") == [("a", None)]
    assert catalog.query("SELECT key, size, created FROM artifacts") == [("x\x00y", None, None)]
    before = contents(catalog)
    catalog.rebuild()
    assert contents(catalog) == before


def test_other_things_among_the_runs_are_no_runs(folder, catalog):
    (folder / "runs" / ".DS_Store").write_text("x")
    (folder / "runs" / "notes.txt").write_text("x")
    (folder / "journal" / "readme.md").write_text("x")
    assert (one(catalog, "SELECT count(*) FROM runs"), catalog.problems) == (0, [])


def test_a_project_without_any_folder_has_an_empty_catalog(tmp_path):
    assert one(Catalog(tmp_path, "churn"), "SELECT count(*) FROM runs") == 0


def test_sets_look_the_same_to_every_process(folder, catalog):
    finished(folder, params={"s": values.encode({"a", "b", "c"})}, results={"f": values.encode(frozenset({("x", 1), ("y", 2)}))})
    code = "import sys; from jupyter_mlops.storage.catalog import Catalog; c = Catalog(sys.argv[1], 'churn'); c.rebuild(); "
    code += "print(c.query('SELECT text FROM params'), c.query('SELECT text FROM results'))"
    told = set()
    for seed in range(4):
        environ = {**os.environ, "PYTHONHASHSEED": str(seed)}
        told.add(
            subprocess.run(
                [sys.executable, "-c", code, str(folder)], env=environ, capture_output=True, text=True, check=True
            ).stdout
        )
    assert told == {"""[("{'a', 'b', 'c'}",)] [("{('x', 1), ('y', 2)}",)]\n"""}


# --- the file ---


def test_a_corrupt_file_is_moved_aside_and_made_anew(folder, catalog):
    finished(folder, results={"accuracy": 1.0})
    catalog.fold()
    before = contents(catalog)
    catalog.file.write_bytes(b"not a database" * 1000)
    with pytest.warns(CatalogWarning, match="was corrupt"):
        assert contents(catalog) == before
    assert len(list(folder.glob("churn.duckdb.corrupt-*"))) == 1


@pytest.mark.parametrize("damage", ["emptied", "cut", "flipped in the middle"])
def test_a_damaged_file_is_made_anew(folder, catalog, damage):
    finished(folder, points=2000)
    catalog.fold()
    before = contents(catalog)
    data = bytearray(catalog.file.read_bytes())
    if damage == "flipped in the middle":
        data[12288::101] = bytes(byte ^ 255 for byte in data[12288::101])
    else:
        del data[0 if damage == "emptied" else 5000 :]
    catalog.file.write_bytes(data)
    fresh = Catalog(folder, "churn")
    with pytest.warns(CatalogWarning):
        assert contents(fresh) == before


def test_a_file_that_was_deleted_is_made_anew_without_a_word(folder, catalog):
    finished(folder)
    catalog.fold()
    catalog.file.unlink()
    assert one(catalog, "SELECT count(*) FROM runs") == 1


def test_a_newer_schema_is_refused_and_the_file_untouched(folder, catalog):
    finished(folder)
    catalog.fold()
    with duckdb.connect(str(catalog.file)) as connection:
        connection.execute("INSERT INTO _schema VALUES (99, now()::TIMESTAMP)")
    before = hashlib.sha256(catalog.file.read_bytes()).digest()
    finished(folder)
    with pytest.raises(CatalogError, match=rf"schema 99, .* up to {len(schema.STEPS)}: upgrade"):
        Catalog(folder, "churn").fold()
    assert hashlib.sha256(catalog.file.read_bytes()).digest() == before


def test_a_newer_schema_is_not_rebuilt_away(folder, catalog):
    finished(folder)
    catalog.fold()
    with duckdb.connect(str(catalog.file)) as connection:
        connection.execute("INSERT INTO _schema VALUES (99, now()::TIMESTAMP)")
    before = hashlib.sha256(catalog.file.read_bytes()).digest()
    with pytest.raises(CatalogError, match=r"schema 99, .*the file is untouched"):
        Catalog(folder, "churn").rebuild()
    assert hashlib.sha256(catalog.file.read_bytes()).digest() == before


def test_a_foreign_database_is_not_rebuilt_away(folder):
    finished(folder)
    catalog = Catalog(folder, "churn")
    with duckdb.connect(str(catalog.file)) as connection:
        connection.execute("CREATE TABLE mine (x INT)")
    with pytest.raises(CatalogError, match="other tables, not a catalog"):
        catalog.rebuild()
    with duckdb.connect(str(catalog.file)) as connection:
        assert connection.execute("SELECT count(*) FROM mine").fetchall() == [(0,)]


@pytest.mark.filterwarnings("ignore::jupyter_mlops.storage.catalog.CatalogWarning")
@pytest.mark.parametrize("kept", [0.3, 0.5, 0.8, 0.99])
def test_a_file_that_was_copied_only_in_part_is_made_anew(folder, catalog, kept):
    for _ in range(20):
        finished(folder)
    catalog.fold()
    whole = catalog.file.read_bytes()
    catalog.file.write_bytes(whole[: int(len(whole) * kept)])
    assert one(Catalog(folder, "churn"), "SELECT count(*) FROM runs") == 20


def test_a_corrupt_catalog_can_be_rebuilt(folder, catalog):
    finished(folder)
    catalog.fold()
    catalog.file.write_bytes(b"no database" * 1000)
    Catalog(folder, "churn").rebuild()
    assert one(Catalog(folder, "churn"), "SELECT count(*) FROM runs") == 1


def test_an_older_schema_is_brought_up_to_date(folder, catalog, monkeypatch):
    finished(folder)
    catalog.fold()
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, "ALTER TABLE runs ADD COLUMN note VARCHAR"))
    newer = Catalog(folder, "churn")
    assert newer.query("SELECT note FROM runs") == [(None,)]
    assert one(newer, "SELECT max(step) FROM _schema") == len(schema.STEPS)


def test_a_step_that_fails_leaves_no_trace(folder, catalog, monkeypatch):
    finished(folder)
    catalog.fold()
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, "CREATE TABLE half (x INT); SELECT error('stop')"))
    with pytest.raises(SqlError, match="stop"):
        Catalog(folder, "churn").fold()
    monkeypatch.undo()
    assert one(Catalog(folder, "churn"), "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'") == 0


def test_a_database_of_somebody_else_is_left_alone(folder, catalog):
    with duckdb.connect(str(catalog.file)) as connection:
        connection.execute("CREATE TABLE mine (x INT)")
    before = catalog.file.read_bytes()
    with pytest.raises(CatalogError, match="with other tables"):
        catalog.fold()
    assert catalog.file.read_bytes() == before


HOLD = """if True:
    import duckdb, sys
    connection = duckdb.connect(sys.argv[1])
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_program_that_holds_the_file_is_named(folder, catalog):
    finished(folder)
    catalog.fold()
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(catalog.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        finished(folder)
        with pytest.raises(CatalogError, match=f"held for 0.3 s by .*python.*, process {holder.pid}: close it"):
            catalog.fold()
    finally:
        holder.communicate()
    assert one(catalog, "SELECT count(*) FROM runs") == 2


def test_a_holder_is_waited_for_once_and_not_by_everybody_in_turn(folder):
    catalog = Catalog(folder, "churn", patience=2)
    catalog.fold()
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(catalog.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        finished(folder)
        began = time.monotonic()
        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(catalog.query, "SELECT 1") for _ in range(8)]
            assert all("held for 2 s by" in str(one.exception()) for one in asked)
        assert time.monotonic() - began < 6
    finally:
        holder.communicate()
    assert one(catalog, "SELECT count(*) FROM runs") == 1


def test_one_who_lets_go_in_time_is_waited_for(folder):
    catalog = Catalog(folder, "churn", patience=30)
    catalog.fold()
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(catalog.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    timer = threading.Timer(0.3, holder.communicate)
    timer.start()
    finished(folder)
    assert one(catalog, "SELECT count(*) FROM runs") == 1
    timer.join()


NOBODY = """if True:
    import os, sys
    from jupyter_mlops.errors import StorageError
    from jupyter_mlops.storage.catalog import Catalog
    Catalog(sys.argv[2], "other").sql("FROM runs")  # whatever is imported on the way: nobody may be unable to read it
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    catalog = Catalog(sys.argv[1], "churn")
    print(catalog.query("SELECT count(*) FROM runs"), len(catalog.sql("SELECT * FROM runs")))
    try:
        catalog.rebuild()
    except StorageError as error:
        print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize("there", [True, False], ids=["with a catalog", "without one"])
def test_a_folder_that_cannot_be_written_can_be_read(folder, catalog, tmp_path, there):
    finished(folder)
    if there:
        catalog.fold()
    finished(folder)  # which the catalog doesn't know yet
    for parent in list(folder.parents)[:-1]:
        if parent.name.startswith(("pytest-", "test_")):
            parent.chmod(0o755)
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    files = {path.name for path in folder.iterdir()}
    done = subprocess.run([sys.executable, "-c", NOBODY, str(folder), str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("[(2,)] 2\n"), done.stderr
    assert "is read-only, so its catalog can't be made anew" in done.stdout
    assert {path.name for path in folder.iterdir()} == files


FULL = """if True:
    import resource, sys
    from jupyter_mlops.errors import StorageError, CatalogError
    from jupyter_mlops.storage.catalog import Catalog
    catalog = Catalog(sys.argv[1], "churn")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (catalog.file.stat().st_size, hard))
    try:
        catalog.fold()
    except StorageError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    print(catalog.query("SELECT count(*) FROM metrics"))
"""


def test_a_full_disk_is_reported_and_the_next_fold_makes_up_for_it(folder, catalog):
    catalog.fold()
    finished(folder, points=50_000)
    done = subprocess.run([sys.executable, "-c", FULL, str(folder)], capture_output=True, text=True, timeout=60)
    assert "the disk is full: free some space" in done.stdout, done.stdout + done.stderr
    assert done.stdout.endswith("[(50000,)]\n"), done.stderr


def test_rebuild_gives_the_same_rows_by_except_both_ways(folder, catalog, tmp_path):
    for number in range(5):
        finished(folder, params={"n": number}, results={"accuracy": number / 10}, points=20)
    note(folder, "artifact", **artifact())
    catalog.fold()
    shutil.copy(catalog.file, tmp_path / "before.duckdb")
    catalog.rebuild()
    assert differences(catalog, tmp_path / "before.duckdb") == {}


def test_leftovers_of_an_interrupted_rebuild_are_removed(folder, catalog):
    catalog.fold()
    (folder / "churn.duckdb.new-x").write_text("half")
    catalog.rebuild()
    assert sorted(path.name for path in folder.glob("churn*")) == ["churn.duckdb", "churn.duckdb.gate", "churn.duckdb.lock"]


def test_a_forked_child_makes_a_connection_of_its_own(folder):
    finished(folder)
    code = """if True:
        import os, sys
        from jupyter_mlops.storage.catalog import Catalog
        catalog = Catalog(sys.argv[1], "churn")
        catalog.fold()
        catalog._turn.acquire()  # as if another thread were folding
        child = os.fork()
        if child:
            catalog._turn.release()
        print(catalog.query("SELECT count(*) FROM runs"), flush=True)
        if child:
            assert os.waitpid(child, 0)[1] == 0
    """
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(folder)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "[(1,)]\n[(1,)]\n"), done.stderr


def test_threads_share_a_catalog(folder, catalog):
    finished(folder, results={"accuracy": 1.0})
    errors = []

    def work():
        try:
            for _ in range(5):
                assert one(catalog, "SELECT count(*) FROM runs") == 1
                assert len(catalog.sql("SELECT accuracy FROM runs")) == 1
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


# --- a user's SQL ---


def test_results_and_params_are_columns_of_runs(folder, catalog):
    for n in (1, 2):
        finished(folder, params={"n": n, "label": "x", "depth": None if n == 1 else 4}, results={"accuracy": n / 10})
    frame = catalog.sql(
        "SELECT function, max(accuracy) AS best, sum(n) AS n, max(depth) AS depth, max(label) AS label FROM runs GROUP BY ALL"
    )
    assert frame.to_dict("records") == [{"function": "train", "best": 0.2, "n": 3.0, "depth": 4.0, "label": "x"}]


def test_a_result_wins_over_a_param_and_a_column_of_runs_over_both(folder, catalog):
    finished(
        folder,
        params={"score": 1, "state": "mine", "run": 7, "N": 1, "n": 2},
        results={"score": 2.0, "id": 3.0, "odd \"' key": 4.0},
    )
    row = catalog.sql("""SELECT score, state, run, "odd ""' key" AS odd, id FROM runs""").iloc[0]
    assert (row.score, row.state, row.run, row.odd, len(row.id)) == (2.0, "completed", 7.0, 4.0, 24)


def test_a_mixed_key_is_text(folder, catalog):
    finished(folder, params={"k": 1})
    finished(folder, params={"k": "auto"})
    assert sorted(catalog.sql("SELECT k FROM runs").k) == ["1", "auto"]


def test_more_than_500_keys_are_cut(folder, catalog):
    finished(folder, params={f"p{number}": number for number in range(700)})
    assert len(catalog.sql("SELECT * FROM runs").columns) == len(catalog.query("DESCRIBE SELECT * FROM runs")) + 500


def test_every_documented_table_is_there_once(folder, catalog):
    assert sorted(catalog.sql("SHOW TABLES").name) == sorted([*schema.TABLES, *schema.VIEWS])
    for name in (*schema.TABLES, *schema.VIEWS):
        assert len(catalog.sql(f"FROM {name}")) == 0


def test_times_are_utc_and_without_a_zone(folder, catalog):
    begin(folder, created=0.5)
    assert catalog.sql("SELECT created FROM runs").created.iloc[0].isoformat() == "1970-01-01T00:00:00.500000"


@pytest.mark.parametrize(
    "query",
    [
        "PIVOT results ON key USING max(value)",
        "DESCRIBE runs",
        "SUMMARIZE runs",
        "EXPLAIN SELECT 1",
        "-- a word\nFROM runs;",
        "SELECT 1;\n",
    ],
)
def test_what_only_reads_is_answered(folder, catalog, query):
    finished(folder, results={"accuracy": 1.0})
    assert len(catalog.sql(query)) > 0


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT accuracyy FROM runs", r'^Referenced column "accuracyy" not found in FROM clause! Did you mean "accuracy"\?$'),
        ("SELECT * FROM metricz", r'^Table with name metricz does not exist! Did you mean "metrics"\?$'),
        ("SELEC 1", r'^syntax error at or near "SELEC"\.$'),
        ("SELECT 1; SELECT 2", "has 2 statements: give one"),
        ("", "has no statement"),
        ("-- nothing", "has no statement"),
        ("INSERT INTO results VALUES ('a', 'b', 1, 'c')", "^INSERT can't be used here"),
        ("DELETE FROM runs", "^DELETE can't"),
        ("DROP VIEW runs", "^DROP can't"),
        ("CREATE TABLE x (i INT)", "^CREATE can't"),
        ("COPY runs TO 'x.csv'", "^COPY can't"),
        ("ATTACH 'x.duckdb'", "^ATTACH can't"),
        ("INSTALL httpfs", "can't be used here"),
        ("SET threads = 1", "^SET can't"),
        ("EXPORT DATABASE 'x'", "^EXPORT can't"),
        ("SELECT * FROM read_csv('/etc/passwd')", "file system operations are disabled"),
        ("SELECT * FROM read_text('/etc/passwd')", "file system operations are disabled"),
        ("SELECT * FROM '/etc/passwd'", "does not exist"),
        ("SELECT * FROM glob('/*')", "file system operations are disabled"),
        ("SELECT * FROM catalog", "does not exist"),
        ("SELECT 'x'::INT", "Could not convert string 'x' to INT32"),
    ],
)
def test_what_is_refused_is_refused_in_one_line(folder, catalog, query, message):
    finished(folder, results={"accuracy": 1.0})
    with pytest.raises(SqlError, match=message) as caught:
        catalog.sql(query)
    assert "\n" not in str(caught.value)


def test_a_variable_of_python_is_no_table(folder, catalog):
    import pandas as pd

    frame = pd.DataFrame({"x": [1]})
    with pytest.raises(SqlError, match="frame does not exist"):
        catalog.sql("SELECT * FROM frame")
    assert len(frame) == 1


def test_our_own_query_with_a_mistake_is_an_sql_error(folder, catalog):
    with pytest.raises(SqlError, match="nothing"):
        catalog.query("SELECT nothing FROM runs")


# --- the documentation ---


def test_the_page_names_every_table_and_column_with_its_type(folder, catalog):
    page = (Path(__file__).parents[1] / "docs" / "catalog.md").read_text(encoding="utf-8")
    documented = {}
    for section in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        name = re.match(r"`(\w+)`", section)
        if name:
            rows = re.findall(r"^\| `(\w+)` \| ([A-Z(), \[\]]+) \|", section, flags=re.MULTILINE)
            documented[name[1]] = [(column, kind.strip()) for column, kind in rows]
    real = {
        name: [(row[0], row[1]) for row in catalog.query(f"DESCRIBE SELECT * FROM {name}")]
        for name in (*schema.TABLES, *schema.VIEWS)
    }
    assert documented == real


def test_the_queries_on_the_page_run(folder, catalog):
    page = (Path(__file__).parents[1] / "docs" / "catalog.md").read_text(encoding="utf-8")
    finished(folder, params={"n_estimators": 3}, results={"accuracy": 0.5}, points=3)
    queries = re.findall(r"```sql\n(.*?)```", page, flags=re.DOTALL)
    assert queries
    for query in queries:
        catalog.sql(query)


def test_a_catalog_that_cannot_be_made_says_where(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="can't be opened or written"):
        Catalog(tmp_path / "file", "churn").fold()
