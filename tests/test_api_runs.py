"""The table of runs: searched in words or in SQL, sorted by anything, a page at a time, true to the journals."""

from __future__ import annotations

import json
import math

import pytest
from run_folders import begin, events, finished, note

import jupyter_mlops as mlops
from jupyter_mlops.api import call, encode, refusal
from jupyter_mlops.errors import MlopsError, SqlError
from jupyter_mlops.storage.fold import Watch


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = mlops.open_project(tmp_path_factory.mktemp("runs") / "churn", create=True)
    for n in range(12):
        kind = "train" if n % 3 else "prepare"
        results = {"accuracy": n / 12, "label": {"$": "tuple", "v": [n]}} if n % 3 else {}
        finished(
            project.folder,
            id=f"20261124-0000{n:02d}-aaaaaaaa",
            name=f"{kind} {n}",
            function=kind,
            params={"depth": n, "solver": "fast" if n % 2 else "slow", "none": None, "flag": n > 5},
            results=results,
            tags={"team": "blue" if n < 6 else "red"},
            created=1e9 + n,
            points=3,
        )
    return project


def listed(project, **args):
    return call(project, "runs.list", args)


def names(project, **args):
    return [row["name"] for row in listed(project, **args)["rows"]]


def test_without_a_query_the_newest_come_first(project):
    answer = listed(project, limit=2)
    assert answer["total"] == 12 and answer["offset"] == 0
    assert [row["name"] for row in answer["rows"]] == ["train 11", "train 10"]
    assert names(project, limit=2, offset=10) == ["train 1", "prepare 0"]
    assert names(project, limit=1, descending=False) == ["prepare 0"]


def test_a_result_beyond_what_json_holds_is_text(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    finished(project.folder, results={"ways": 10**400})
    (row,) = listed(project)["rows"]
    assert row["results"]["ways"].startswith("1000000")
    json.dumps(row, allow_nan=False)


def test_a_row_shows_numbers_and_truth_as_such_and_everything_else_as_text(project):
    (row,) = listed(project, query="name = 'train 7'")["rows"]
    assert row["params"] == {"depth": 7, "flag": True, "none": None, "solver": "fast"}
    assert row["results"] == {"accuracy": pytest.approx(7 / 12), "label": "(7,)"}
    assert row["tags"] == {"team": "red"} and row["state"] == "completed" and row["created"] == 1e9 + 7
    json.dumps(row, allow_nan=False)


def test_columns_are_what_any_run_has(project):
    columns = {
        "params": ["depth", "flag", "none", "solver"],
        "results": ["accuracy", "label"],
        "tags": ["team"],
        "metrics": ["loss"],
    }
    assert listed(project, limit=1)["columns"] == columns


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("PREPARE", 4),
        ("train blue", 4),
        ("team=red train", 4),
        ("20261124-000003", 1),
        ("completed", 12),
        ("nothing of this", 0),
        ("", 12),
    ],
)
def test_words_are_looked_for_everywhere(project, query, found):
    assert listed(project, query=query)["total"] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("depth > 8", 3),
        ("accuracy between 0.5 and 0.7", 2),
        ("solver = 'fast' AND depth < 4 -- the small ones", 2),
        ("function in ('prepare')", 4),
        ("accuracy is null", 4),
        ("name LIKE 'train 1%'", 3),
        ("not flag", 6),
        ("id IN (SELECT run FROM tags WHERE value = 'red')", 6),
        ("created >= TIMESTAMP '2001-09-09 01:46:50'", 2),
    ],
)
def test_a_condition_is_sql(project, query, found):
    assert listed(project, query=query)["total"] == found


@pytest.mark.parametrize(
    "query",
    [
        "depht > 3",
        "depth >",
        "1 = 1); DROP TABLE runs; SELECT (1 = 1",
        "id IN (SELECT content FROM read_text('/etc/passwd'))",
        "id = (SELECT getenv('HOME'))",
        "true) AND (SELECT count(*) FROM glob('/*')) > 0 AND (true and true",
        "depth > 3 /*",
    ],
)
def test_a_condition_that_can_not_be_or_must_not_be_is_refused_in_words(project, query):
    with pytest.raises(SqlError) as refused:
        listed(project, query=query)
    told = refusal(refused.value)
    assert told["status"] == 400 and told["message"].strip()
    assert listed(project)["total"] == 12


def test_a_condition_can_not_break_out_of_its_parentheses_to_see_what_the_rest_keeps_out(project):
    # read-only and without files, the worst it can do is to show other rows of the same table
    assert listed(project, query="depth = 1) OR (1 = 1", target="train")["total"] <= 12


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("depth", "train 11"),
        ("params.depth", "train 11"),
        ("accuracy", "train 11"),
        ("results.accuracy", "train 11"),
        ("created", "train 11"),
        ("tags.team", "train 11"),
    ],
)
def test_runs_are_sorted_by_any_column_and_those_without_come_last(project, sort, first):
    assert names(project, sort=sort, limit=1) == [first]
    assert names(project, sort=sort, query="depth > 4", limit=1) == [first]


def test_runs_without_the_value_come_last_either_way(project):
    for descending in (True, False):
        assert all(name.startswith("prepare") for name in names(project, sort="accuracy", descending=descending)[-4:])


def test_an_unknown_column_to_sort_by_is_refused_with_the_nearest(project):
    with pytest.raises(MlopsError, match=r"'acuracy'.*Did you mean 'results\.accuracy'|'acuracy'.*no such column"):
        listed(project, sort="acuracy")
    with pytest.raises(MlopsError, match="no such column"):
        listed(project, sort="id; DROP TABLE runs")


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": 100_000}, {"offset": -1}])
def test_a_page_that_can_not_be_is_refused(project, page):
    with pytest.raises(MlopsError, match="limit"):
        listed(project, **page)


def test_children_are_told_from_those_that_have_none_above_them(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    sweep = finished(project.folder, function="train", plan={"sweep": {}}, results={"best_iteration": 2})
    for number in (1, 2):
        finished(project.folder, parent=sweep.name, iteration=number, results={"accuracy": number})
    alone = finished(project.folder)
    top = listed(project, parent=None)
    assert [row["id"] for row in top["rows"]] == [alone.name, sweep.name]
    assert [row["children"] for row in top["rows"]] == [0, 2]
    below = listed(project, parent=sweep.name, sort="iteration", descending=False)["rows"]
    assert [(row["iteration"], row["best"]) for row in below] == [(1, False), (2, True)]
    assert listed(project)["total"] == 4


def test_a_run_that_goes_on_is_as_its_journal_says(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    place = begin(project.folder)
    assert listed(project)["rows"][0]["state"] == "pending"
    with events(place) as journal:
        journal.append("state", state="running")
        first = listed(project)["rows"][0]
        journal.append("result", key="accuracy", value=0.5)
        second = listed(project)["rows"][0]
    assert first["state"] == "running" and first["ended"] is None and first["duration"] >= 0
    assert second["results"] == {"accuracy": 0.5} and second["duration"] > first["duration"]


def test_values_that_json_has_not_are_shown_as_text(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    values = {"a": {"$": "float", "v": "nan"}, "b": {"$": "float", "v": "inf"}, "c": "x" * 50_000, "d": [1, "\ud800"]}
    finished(project.folder, params=values)
    (row,) = listed(project)["rows"]
    json.dumps(row, allow_nan=False).encode()
    assert len(row["params"]["c"]) <= 2000
    assert all(not isinstance(value, float) or math.isfinite(value) for value in row["params"].values())


def test_a_page_of_many_runs_reads_only_what_it_shows(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    for n in range(300):
        finished(project.folder, id=f"20261124-00{n // 60:02d}{n % 60:02d}-aaaaaaaa", params={"n": n}, results={"r": n})
    answer = listed(project, sort="r", limit=5, query="n >= 100")
    assert answer["total"] == 200 and [row["results"]["r"] for row in answer["rows"]] == [299, 298, 297, 296, 295]


@pytest.mark.parametrize(
    ("operation", "query", "most"),
    [("runs.list", "", 1), ("runs.list", "train", 1), ("runs.list", "accuracy > 0.5", 3), ("runs.summary", "accuracy > 0.5", 3)],
)
def test_an_answer_looks_at_the_folders_as_rarely_as_can_be(project, monkeypatch, operation, query, most):
    call(project, operation, {"query": query})
    looks = []
    look = Watch.look
    monkeypatch.setattr(Watch, "look", lambda watch: looks.append(watch) or look(watch))
    call(project, operation, {"query": query})
    assert len(looks) <= most


def test_tags_are_set_and_taken_away_and_stay_so_when_the_catalog_is_made_anew(project):
    run = listed(project, query="name = 'train 1'")["rows"][0]["id"]
    assert call(project, "runs.tag", {"run": run, "tags": {"best": "yes", "team": None}}) == {"tags": {"best": "yes"}}
    project.rebuild()
    assert listed(project, query="name = 'train 1'")["rows"][0]["tags"] == {"best": "yes"}
    call(project, "runs.tag", {"run": run, "tags": {"best": None, "team": "blue"}})
    note(project.folder, "tag", run="20991124-000001-aaaaaaaa", key="a", value="b")
    assert listed(project, limit=1)["columns"]["tags"] == ["team"]


def test_a_run_is_deleted_once_it_has_ended(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    done, live = finished(project.folder), begin(project.folder)
    assert call(project, "runs.delete", {"run": done.name}) == {"removed": done.name}
    assert not done.exists()
    with pytest.raises(MlopsError, match="abort it first"):
        call(project, "runs.delete", {"run": live.name})
    assert [row["id"] for row in listed(project)["rows"]] == [live.name]


@pytest.mark.parametrize("run", ["nothing", "", "../runs", "20261124-000001-aaaaaaaa/../..", "a\0b"])
def test_a_run_that_is_none_is_refused(project, run):
    with pytest.raises(MlopsError) as refused:
        call(project, "runs.get", {"run": run})
    assert refusal(refused.value)["status"] == 404


def test_metrics_are_thinned_without_losing_what_sticks_out(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    place = begin(project.folder)
    with events(place) as journal:
        for step in range(5000):
            journal.metric("loss", float("nan") if step == 1234 else 9.0 if step == 4321 else 1 / (step + 1), step)
        journal.metric("alone", 1.0)
        journal.append("state", state="completed")
    (alone, loss) = call(project, "runs.metrics", {"runs": [place.name], "points": 100})["series"]
    assert alone["points"][0][:2] == [0, 1.0] and alone["total"] == 1
    shown = {step: value for step, value, _ in loss["points"]}
    assert loss["total"] == 5000 and len(loss["points"]) <= 100
    assert shown[1234] is None and shown[4321] == 9.0 and shown[0] == 1.0 and 4999 in shown
    assert list(shown) == sorted(shown)
    whole = call(project, "runs.metrics", {"runs": [place.name], "keys": ["loss"], "points": 10_000})["series"][0]
    assert len(whole["points"]) == 5000


def test_a_log_is_read_in_pieces_that_fit_together(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    place = finished(project.folder)
    assert call(project, "runs.log", {"run": place.name}) == {"text": "", "offset": 0, "end": 0, "size": 0}
    text = "zwölf Boxkämpfer — 🥊\n" * 40_000
    (place / "log.txt").write_text(text, encoding="utf-8")
    size, offset, parts = len(text.encode()), 0, []
    while offset < size:
        piece = call(project, "runs.log", {"run": place.name, "offset": offset})
        assert piece["offset"] == offset and piece["size"] == size
        parts.append(piece["text"])
        offset = piece["end"]
    assert "".join(parts) == text
    tail = call(project, "runs.log", {"run": place.name, "tail": 10})
    assert tail["end"] == size and text.endswith(tail["text"])


def test_runs_are_compared_with_differences_first(project):
    ids = [listed(project, query=f"name = 'train {n}'")["rows"][0]["id"] for n in (7, 5)]
    answer = call(project, "runs.compare", {"runs": ids})
    assert [row["id"] for row in answer["runs"]] == ids and answer["metrics"] == ["loss"]
    differing = [row["differs"] for row in answer["rows"]]
    assert differing == sorted(differing, reverse=True)
    found = {(row["section"], row["key"]): row for row in answer["rows"]}
    assert found["params", "depth"]["values"] == [7, 5] and found["params", "depth"]["differs"]
    assert not found["params", "solver"]["differs"]


def test_a_param_that_a_browser_would_round_stays_as_it_is():
    values = {"seed": 2**53 + 1, "small": 12, "below": -(10**20)}
    assert encode.row(values, exact=True) == {"seed": "9007199254740993", "small": 12, "below": "-100000000000000000000"}
    assert encode.row({"operations": 3 * 10**20}) == {"operations": 3e20}  # a result is there to be compared
