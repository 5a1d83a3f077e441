"""Artifacts on screen: tables by page, pictures, text; what hangs together; and nothing that is unpickled for it."""

from __future__ import annotations

import datetime
import json
import time
import tracemalloc
from base64 import b64decode
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from run_folders import artifact as artifact_event
from run_folders import begin, events, finished

import jupyter_mlops as mlops
from jupyter_mlops.api import call, refusal
from jupyter_mlops.errors import ArtifactNotFoundError, InputError, MlopsError, NameRuleError, PackagingError

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.fixture
def project(tmp_path):
    return mlops.open_project(tmp_path / "churn", create=True)


def ask(project, operation, **args):
    return json.loads(json.dumps(call(project, operation, args), allow_nan=False))


def kept(project, tmp_path: Path, name: str, data: bytes | str) -> str:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return project.log_artifact("thing", path).uid


def table(project, frame, **args):
    return ask(project, "artifacts.table", uid=project.log_artifact("table", frame).uid, **args)


def test_a_table_is_shown_by_page_with_what_its_columns_hold(project):
    days = pd.date_range("2026-01-01", periods=500, freq="D")
    frame = pd.DataFrame({"n": range(500), "half": [n / 2 if n % 5 else None for n in range(500)], "day": days})
    frame["word"] = ["even" if n % 2 == 0 else f"odd {n}" for n in range(500)]
    page = table(project, frame, offset=100, limit=3)
    assert page["total"] == 500 and page["offset"] == 100
    assert [row[0] for row in page["rows"]] == [100, 101, 102] and page["rows"][0][1] is None
    assert page["rows"][0][2] == "2026-04-11 00:00:00"
    columns = {column["name"]: column for column in page["columns"]}
    assert [columns[name]["type"].split("_")[0] for name in ("n", "half", "day", "word")] == [
        "BIGINT",
        "DOUBLE",
        "TIMESTAMP",
        "VARCHAR",
    ]
    assert (columns["n"]["min"], columns["n"]["max"], columns["n"]["mean"], columns["n"]["nulls"]) == (0, 499, 249.5, 0)
    assert columns["n"]["distinct"] == 500 and columns["n"]["histogram"]["counts"] == [25] * 20
    assert columns["half"]["nulls"] == 100 and sum(columns["half"]["histogram"]["counts"]) == 400
    assert sum(columns["day"]["histogram"]["counts"]) == 500 and columns["day"]["mean"] is None
    assert columns["word"]["histogram"]["values"][0] == "even" and columns["word"]["histogram"]["counts"][0] == 250


def test_a_table_is_sorted_by_a_column_and_missing_values_come_last(project):
    frame = pd.DataFrame({"a": [2.0, None, 3.0, 1.0], 'odd " name': list("wxyz")})
    assert [row[0] for row in table(project, frame, sort="a")["rows"]] == [1, 2, 3, None]
    assert [row[0] for row in table(project, frame, sort="a", descending=True)["rows"]] == [3, 2, 1, None]
    assert table(project, frame, sort='odd " name', descending=True)["rows"][0][1] == "z"
    with pytest.raises(MlopsError, match=r"no column 'b'\. Did you mean 'a'\?|no column 'b'"):
        table(project, frame, sort="b")
    with pytest.raises(MlopsError, match="no column"):
        table(project, frame, sort='a" ; DROP TABLE t --')


def test_values_that_json_has_not_are_shown_as_text(project):
    frame = pd.DataFrame({"big": [2**60, 1], "inf": [float("inf"), float("nan")], "time": [datetime.time(1, 2), None]})
    frame["bytes"] = [b"\x00\xff", b""]
    frame["list"] = [[1, 2], []]
    frame["long"] = ["x" * 5000, "<img src=x onerror=alert(1)>"]
    page = table(project, frame)
    assert page["rows"][0][0] == str(2**60) and page["rows"][0][1] == "inf"
    assert len(page["rows"][0][5]) <= 500 and page["rows"][1][5] == "<img src=x onerror=alert(1)>"
    assert {column["name"] for column in page["columns"]} >= set(frame.columns)


def test_an_empty_table_and_one_without_values_have_no_histogram(project):
    assert table(project, pd.DataFrame({"a": pd.Series([], dtype="float64")}))["total"] == 0
    (column,) = table(project, pd.DataFrame({"a": [float("nan")] * 3}))["columns"]
    assert column["nulls"] == 3 and column["histogram"] is None
    (same,) = table(project, pd.DataFrame({"a": [7, 7, 7]}))["columns"]
    assert same["histogram"] == {"counts": [3]}


def test_of_a_pickled_table_the_first_rows_are_shown_and_how_many_there_are(project):
    frame = pd.DataFrame({"n": range(500), "mixed": [{"a": 1}, [2], None, "x", 3] * 100})
    page = table(project, frame)
    assert 0 < page["total"] < page["all"] == 500 and len(page["rows"]) == page["total"]
    for column, descending in (("n", True), ("mixed", False), ("mixed", True)):
        again = table(project, frame, sort=column, descending=descending)
        assert len(again["rows"]) == page["total"]
    assert [row[0] for row in table(project, frame, sort="n", descending=True, limit=2)["rows"]] == [
        page["total"] - 1,
        page["total"] - 2,
    ]


def test_csv_is_a_table_and_a_broken_one_is_refused_in_words(project, tmp_path):
    uid = kept(project, tmp_path, "people.csv", "name,age\nada,36\nbob,\n")
    assert ask(project, "artifacts.get", uid=uid)["preview"] == "table"
    page = ask(project, "artifacts.table", uid=uid)
    assert page["rows"] == [["ada", 36], ["bob", None]]
    with pytest.raises(PackagingError, match="download it") as caught:
        ask(project, "artifacts.table", uid=kept(project, tmp_path, "broken.parquet", b"PAR1 no"))
    assert str(project.folder) not in str(caught.value)
    with pytest.raises(PackagingError, match="has no columns"):
        table(project, pd.DataFrame())


@pytest.mark.parametrize(
    ("name", "data", "preview", "mime"),
    [
        ("a.png", PNG, "image", "image/png"),
        ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>", "svg", "image/svg+xml"),
        ("a.html", "<script>alert(1)</script>", "html", "text/html"),
        ("a.json", '{"a": 1}', "json", "application/json"),
        ("a.vl.json", "{}", "vega", "application/vnd.vegalite.v5+json"),
        ("a.plotly.json", '{"data": []}', "plotly", "application/vnd.plotly.v1+json"),
        ("a.md", "# Title", "text", "text/markdown"),
        ("noext", "plain words", "text", None),
        ("a.bin", b"\0\1\2", "none", "application/octet-stream"),
    ],
)
def test_each_kind_of_file_has_the_preview_that_suits_it(project, tmp_path, name, data, preview, mime):
    uid = kept(project, tmp_path, name, data)
    detail = ask(project, "artifacts.get", uid=uid)
    assert detail["preview"] == preview and detail["filename"] == name and detail["whole"]
    assert detail["mime"] == mime or mime == "application/octet-stream"
    if preview == "none":
        with pytest.raises(PackagingError, match="download"):
            ask(project, "artifacts.text", uid=uid)
        return
    text = ask(project, "artifacts.text", uid=uid)
    bytes_ = b64decode(text["text"]) if text["encoding"] == "base64" else text["text"].encode()
    assert bytes_ == (data if isinstance(data, bytes) else data.encode()) and not text["cut"]


def test_long_text_is_cut_and_a_picture_too_large_is_refused(project, tmp_path):
    text = ask(project, "artifacts.text", uid=kept(project, tmp_path, "long.txt", "ä" * 600_000))
    assert text["cut"] and text["size"] == 1_200_000 and len(text["text"].encode()) <= 600_000
    with pytest.raises(PackagingError, match="too many to be shown"):
        ask(project, "artifacts.text", uid=kept(project, tmp_path, "large.png", b"\x89PNG" + b"x" * (9 << 20)))


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_nothing_is_unpickled_to_be_shown(project, tmp_path):
    uid = project.log_artifact("bomb", Bomb(str(tmp_path / "ran"))).uid
    detail = ask(project, "artifacts.get", uid=uid)
    assert "Bomb" in ask(project, "artifacts.text", uid=uid)["text"] and detail["preview"] in ("text", "none")
    with pytest.raises(PackagingError):
        ask(project, "artifacts.table", uid=uid)
    assert not (tmp_path / "ran").exists()


def test_a_directory_lists_its_files(project, tmp_path):
    home = tmp_path / "dir"
    (home / "in").mkdir(parents=True)
    (home / "in" / "a.txt").write_text("one")
    uid = project.log_artifact("folder", home).uid
    assert ask(project, "artifacts.get", uid=uid)["preview"] == "dir"
    assert "in/a.txt" in ask(project, "artifacts.text", uid=uid)["text"]


def test_an_artifact_whose_bytes_are_gone_says_so(project, tmp_path):
    uid = kept(project, tmp_path, "a.txt", "words")
    found = project.artifact_by_uid(uid)
    found.library.blobs.delete(found.hash)
    assert ask(project, "artifacts.get", uid=uid)["whole"] is False
    with pytest.raises(ArtifactNotFoundError):
        ask(project, "artifacts.text", uid=uid)


def test_versions_are_grouped_by_key_and_searched(project):
    for value in (1, 2, 3):
        project.log_artifact("number", [value])
    project.log_artifact("frame", pd.DataFrame({"a": [1]}), kind="dataset", tag="best")
    groups = {group["key"]: group for group in ask(project, "artifacts.list")["groups"]}
    assert groups["number"]["versions"] == 3 and groups["number"]["latest"]["tags"] == ["latest"]
    assert groups["frame"]["tags"] == ["best", "latest"]
    assert [group["key"] for group in ask(project, "artifacts.list", query="BEST data")["groups"]] == ["frame"]
    assert [group["key"] for group in ask(project, "artifacts.list", kind="file")["groups"]] == ["number"]
    with pytest.raises(NameRuleError):
        ask(project, "artifacts.list", kind="colour")


def test_tags_are_given_and_taken_away(project):
    uid = project.log_artifact("number", [1]).uid
    assert ask(project, "artifacts.tag", uid=uid, tag="best") == {"tags": ["best", "latest"]}
    assert ask(project, "artifacts.untag", uid=uid, tag="best") == {"tags": ["latest"]}
    assert ask(project, "artifacts.untag", uid=uid, tag="never") == {"tags": ["latest"]}
    for tag in ("latest", "a b", "../x", ""):
        with pytest.raises(NameRuleError):
            ask(project, "artifacts.tag", uid=uid, tag=tag)
    with pytest.raises(NameRuleError):
        ask(project, "artifacts.untag", uid=uid, tag="latest")


def test_a_deleted_version_is_gone_for_good_and_the_one_before_is_the_latest(project):
    first, second = project.log_artifact("number", [1]).uid, project.log_artifact("number", [2]).uid
    project.tag_artifact("number", "best")
    assert ask(project, "artifacts.delete", uid=second) == {"removed": second}
    for _ in range(2):
        assert project.artifact("number").uid == first
        with pytest.raises(ArtifactNotFoundError) as refused:
            ask(project, "artifacts.get", uid=second)
        assert refusal(refused.value)["status"] == 404
        with pytest.raises(ArtifactNotFoundError):
            project.artifact("number:best")
        project.rebuild()


def test_an_artifact_that_a_run_made_can_be_deleted_and_its_run_stays(project):
    made = artifact_event()
    place = begin(project.folder)
    with events(place) as journal:
        journal.append("artifact", **made)
        journal.append("state", state="completed")
    assert ask(project, "runs.get", run=place.name)["artifacts"][0]["uid"] == made["uid"]
    ask(project, "artifacts.delete", uid=made["uid"])
    project.rebuild()
    assert ask(project, "runs.get", run=place.name)["artifacts"] == []


def test_an_artifact_that_a_live_run_reads_can_not_be_deleted(project):
    uid = project.log_artifact("number", [1]).uid
    place = begin(project.folder, inputs={"data": {"uri": "x", "artifact": uid}})
    with pytest.raises(InputError, match=place.name):
        ask(project, "artifacts.delete", uid=uid)
    assert [each["run"] for each in ask(project, "artifacts.get", uid=uid)["consumers"]] == [place.name]


def test_lineage_leads_from_data_to_model_and_says_when_it_was_cut(project):
    data = project.log_artifact("data", [1]).uid
    model = artifact_event("model")
    train = begin(project.folder, name="train", inputs={"data": {"uri": "u", "artifact": data}})
    with events(train) as journal:
        journal.append("artifact", **model)
        journal.append("state", state="completed")
    use = finished(
        project.folder, name="use", inputs={"model": {"uri": "u", "artifact": model["uid"]}, "raw": {"uri": "/data/x.csv"}}
    )
    whole = ask(project, "lineage.get", artifact=model["uid"])
    names = {node["id"]: node for node in whole["nodes"]}
    assert {names[data]["name"], names[train.name]["name"], names[use.name]["name"]} == {"data", "train", "use"}
    assert names[model["uid"]]["focus"] and names[train.name]["state"] == "completed" and names[data]["kind"]
    edges = {(edge["source"], edge["target"]) for edge in whole["edges"]}
    assert edges >= {(data, train.name), (train.name, model["uid"]), (model["uid"], use.name)}
    assert not whole["cut"]
    near = ask(project, "lineage.get", run=train.name, depth=1)
    assert {node["id"] for node in near["nodes"]} == {data, train.name, model["uid"]} and near["cut"]
    source = [node for node in ask(project, "lineage.get", run=use.name)["nodes"] if node["type"] == "source"]
    assert [node["name"] for node in source] == ["/data/x.csv"]


def test_lineage_of_very_many_runs_is_cut(project):
    data = project.log_artifact("data", [1]).uid
    for _ in range(200):
        finished(project.folder, inputs={"data": {"uri": "u", "artifact": data}})
    answer = ask(project, "lineage.get", artifact=data)
    assert answer["cut"] and len(answer["nodes"]) <= 150
    ids = {node["id"] for node in answer["nodes"]}
    assert all(edge["source"] in ids and edge["target"] in ids for edge in answer["edges"])


@pytest.mark.parametrize("given", [{}, {"artifact": "a", "run": "b"}, {"artifact": "nothing"}, {"run": "nothing"}])
def test_lineage_needs_one_beginning_that_there_is(project, given):
    with pytest.raises(MlopsError):
        ask(project, "lineage.get", **given)


# --- saved views ---

VIEW = {"name": "good ones", "query": "accuracy > 0.9", "sort": {"by": "accuracy", "descending": True}, "pinned": ["x"]}


def test_views_are_saved_replaced_and_deleted(project):
    whole = {**VIEW, "group": None, "columns": None}
    assert ask(project, "views.save", view=VIEW)["views"] == [whole]
    assert ask(project, "views.save", view={**VIEW, "query": "other"})["views"] == [{**whole, "query": "other"}]
    assert [view["name"] for view in ask(project, "views.save", view={**VIEW, "name": "a"})["views"]] == ["a", "good ones"]
    assert [view["name"] for view in ask(project, "views.delete", name="a")["views"]] == ["good ones"]
    assert [view["name"] for view in ask(project, "views.list")["views"]] == ["good ones"]


@pytest.mark.parametrize("text", ["", "{", "7", '[1, {"name": 3}, {"name": "x", "colour": 1}]', "[" * 100_000])
def test_a_file_of_views_that_was_spoiled_is_an_empty_one(project, text):
    path = project.folder / ".mlops" / "views.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert ask(project, "views.list") == {"views": []}


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 200])
def test_a_view_needs_a_name_of_one_line(project, name):
    with pytest.raises(MlopsError, match="can't name a view"):
        ask(project, "views.save", view={**VIEW, "name": name})


@pytest.mark.parametrize("name", ["..", "a/..", "..\\..", "/"])
def test_a_name_that_leads_out_of_a_folder_is_no_file_name(project, name):
    place = begin(project.folder)
    with events(place) as journal:
        journal.append("artifact", **artifact_event("data", name=name, run=place.name))
    detail = ask(project, "artifacts.get", uid=project.artifact("data").uid)
    assert detail["filename"] == "data"


def test_a_table_of_thousands_of_columns_is_shown(project):
    began = time.monotonic()
    page = table(project, pd.DataFrame({f"gene {n}": [n, n + 1] for n in range(4000)}))
    assert page["rows"][1][3999] == 4000 and len(page["columns"]) == 4000
    assert page["columns"][0]["max"] == 1 and page["columns"][3999]["max"] is None
    assert time.monotonic() - began < 6


def test_of_long_cells_the_beginning_is_fetched(project, tmp_path):
    long = {"words": ["x" * 1_000_000] * 60, "numbers": [[0.5] * 100_000] * 60, "names": [["y" * 1_000_000]] * 60}
    pq.write_table(pa.table(long), tmp_path / "long.parquet")
    uid = project.log_artifact("thing", tmp_path / "long.parquet").uid
    tracemalloc.start()
    try:
        page = ask(project, "artifacts.table", uid=uid)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    words, numbers, names = page["rows"][59]
    assert words == "x" * 499 + "…" and numbers.startswith("[0.5, 0.5, ") and names.startswith("['yyyy") and len(names) == 500
    assert most < 50_000_000


def test_columns_that_hold_lists_and_groups_are_shown_and_counted(project, tmp_path):
    rows = {"pair": [[1, 2], None], "group": [{"a": [1]}, {"a": []}], "deep": [[[1]], [[2, 3]]], "bytes": [b"ab", None]}
    pq.write_table(pa.table(rows), tmp_path / "nested.parquet")
    page = ask(project, "artifacts.table", uid=project.log_artifact("thing", tmp_path / "nested.parquet").uid)
    assert page["rows"] == [["[1, 2]", "{'a': [1]}", "[[1]]", "61 62"], [None, "{'a': []}", "[[2, 3]]", None]]
    assert [column["nulls"] for column in page["columns"]] == [1, 0, 0, 1]
