"""The Functions of a project: saved, versioned, tagged, found again from files alone."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_mlops import config
from jupyter_mlops.errors import FunctionNotFoundError, NameRuleError, NotebookError, StorageError
from jupyter_mlops.functions.capture import capture_cell
from jupyter_mlops.functions.notebook import package, read_notebook, version_of
from jupyter_mlops.functions.store import FunctionStore
from jupyter_mlops.records import Runtime


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "pröject with spaces"
    config.create(folder, "churn")
    return folder


@pytest.fixture
def store(project) -> FunctionStore:
    return FunctionStore(project)


def function(source: str = "n: int = 1\ny = n", name: str = "train", returns=("y",), runtime=None, description="", **options):
    return package(capture_cell(source, returns=returns, **options), name, runtime, description)


def lines(project: Path) -> list[dict]:
    paths = sorted((project / "journal").glob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def edit(project: Path, old: str, new: str, name: str = "train") -> None:
    path = project / "functions" / f"{name}.ipynb"
    path.write_text(path.read_text().replace(old, new))


# --- saving ---


def test_a_saved_function_is_a_notebook_in_the_project(project, store):
    saved, _ = store.save(function())
    nb = read_notebook(project / "functions" / "train.ipynb")
    assert version_of(nb) == saved.version
    assert store.get("train") == (saved, nb)


def test_the_journal_names_each_version(project, store):
    saved, _ = store.save(function(description="Fit."), tag="v1")
    (event,) = lines(project)
    assert event.keys() == {"e", "t", "id", "name", "version", "hash", "tag", "description"}
    assert (event["e"], event["name"], event["version"]) == ("function", "train", saved.version)
    assert (event["tag"], event["description"]) == ("v1", "Fit.")


def test_a_definition_that_changes_nothing_makes_no_version(project, store):
    store.save(function())
    _, change = store.save(function())
    assert not change.changed
    assert str(change).endswith(": unchanged")
    assert len(lines(project)) == 1


def test_a_new_description_is_written_but_makes_no_version(store):
    store.save(function(description="One."))
    store.save(function(description="Two."))
    assert store.get("train")[0].description == "Two."
    assert len(store.versions("train")) == 1


def test_only_whole_files_are_ever_seen(project, store):
    store.save(function())
    assert [path.name for path in (project / "functions").iterdir()] == ["train.ipynb"]


def test_what_the_caller_passes_in_is_used_instead_of_the_projects_own(project):
    noted = []
    mine = FunctionStore(
        project,
        note=lambda kind, **fields: noted.append({"e": kind, "id": str(len(noted)), **fields}),
        events=lambda: noted,
    )
    mine.save(function())
    assert [version.version for version in mine.versions("train")] == [noted[0]["version"]]
    assert lines(project) == []


# --- what changed ---


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"source": "a = 1\ny = a"}, {"source": "a = 1\nb = len('')\ny = a + b"}, "code: +2 −1 lines"),
        ({"source": "depth = 4\ny = depth"}, {"source": "depth = 8\ny = depth"}, "parameter depth 4 → 8"),
        ({"source": "a = 1\ny = 2 * 2"}, {"source": "b = 1\ny = 2 * 2"}, "new parameter b; parameter a removed"),
        ({"source": "a: int = 1\ny = a"}, {"source": "a: float = 1\ny = a"}, "type of a int → float"),
        ({"source": "a = 1  # x\ny = a"}, {"source": "a = 1  # y\ny = a"}, "help of a"),
        ({"returns": []}, {"returns": ["y"]}, "new return y"),
        ({"returns": ["y"]}, {"returns": ["y:model"]}, "return y by type → model"),
        ({"runtime": Runtime()}, {"runtime": Runtime(timeout=60.0)}, "timeout None → 60.0"),
        ({"runtime": Runtime()}, {"runtime": Runtime(env={"A": "secret"})}, "env changed"),
    ],
)
def test_a_change_is_said_in_words(store, before, after, words):
    store.save(function(**before))
    _, change = store.save(function(**after))
    assert change.summary == words


def test_new_data_is_said_in_words(store):
    store.save(function("n = 1\ny = n"))
    _, change = store.save(function("n = 1\ny = n + len(data)", inputs=["data"]))
    assert change.summary == "code: +1 −1 lines; new input data"


def test_a_change_has_a_diff_between_versions(store):
    first, _ = store.save(function("n = 1\ny = n"))
    second, change = store.save(function("n = 1\ny = n + 1"))
    assert f"--- train@{first.version}\n+++ train@{second.version}" in change.diff
    assert "-y = n\n+y = n + 1\n" in change.diff
    assert (change.previous, change.version) == (first.version, second.version)


def test_the_first_definition_is_new(store):
    _, change = store.save(function())
    assert (change.is_new, change.changed, change.summary, change.diff) == (True, True, "new", "")


# --- finding ---


def test_old_versions_can_be_got_by_the_beginning_of_their_hash(store):
    old, _ = store.save(function("n = 1\ny = n"))
    store.save(function("n = 2\ny = n"))
    for reference in (f"train@{old.version}", f"train@{old.version[:6]}"):
        found, nb = store.get(reference)
        assert found == old
        assert version_of(nb) == old.version


def test_a_tag_names_the_version_that_got_it_last(store):
    first, _ = store.save(function("n = 1\ny = n"), tag="stable")
    assert store.get("train:stable")[0].version == first.version
    second, _ = store.save(function("n = 2\ny = n"), tag="stable")
    store.save(function("n = 3\ny = n"))
    assert store.get("train:stable")[0].version == second.version
    assert [version.tags for version in store.versions("train")] == [(), ("stable",), ()]


def test_a_tag_can_be_given_to_an_unchanged_function(store):
    saved, _ = store.save(function())
    _, change = store.save(function(), tag="v1.0")
    assert not change.changed
    assert store.get("train:v1.0")[0].version == saved.version


def test_latest_is_the_current_version(store):
    store.save(function("n = 1\ny = n"))
    saved, _ = store.save(function("n = 2\ny = n"))
    assert store.get("train:latest")[0].version == saved.version


def test_going_back_makes_the_old_version_the_last(store):
    first, _ = store.save(function("n = 1\ny = n"))
    second, _ = store.save(function("n = 2\ny = n"))
    store.save(function("n = 1\ny = n"))
    assert [version.version for version in store.versions("train")] == [second.version, first.version]
    assert store.get("train")[0].version == first.version


def test_versions_are_found_by_another_process_from_files_alone(project, store):
    old, _ = store.save(function("n = 1\ny = n"))
    store.save(function("n = 2\ny = n"))
    assert FunctionStore(project).get(f"train@{old.version}")[0] == old


def test_a_store_sees_what_another_one_saves_later(project, store):
    store.save(function("n = 1\ny = n"))
    assert len(store.versions("train")) == 1
    FunctionStore(project).save(function("n = 2\ny = n"))
    assert len(store.versions("train")) == 2


def test_two_writers_at_once_lose_no_version(project):
    def define(writer: int) -> set[str]:
        mine = FunctionStore(project)
        return {mine.save(function(f"n = {writer + 1}{number}\ny = n"))[0].version for number in range(10)}

    with ThreadPoolExecutor(4) as pool:
        saved = set().union(*pool.map(define, range(4)))
    assert {version.version for version in FunctionStore(project).versions("train")} == saved
    assert len(saved) == 40


def test_names_are_those_of_the_files(project, store):
    store.save(function(name="train"))
    store.save(function(name="evaluate"))
    (project / "functions" / "Not a function.ipynb").write_text("{}")
    (project / "functions" / "notes.txt").write_text("")
    assert store.names() == ["evaluate", "train"]


def test_a_project_without_functions_has_no_names(store):
    assert store.names() == []


def test_a_run_of_the_current_version_does_not_read_the_journal(project, store):
    saved, _ = store.save(function())

    def refuse():
        raise AssertionError("the journal was read")

    reader = FunctionStore(project, events=refuse, note=refuse)
    assert reader.get(f"train@{saved.version}")[0] == saved


# --- edits by hand ---


def test_an_edit_by_hand_is_a_new_version_when_it_is_used(project, store):
    first, _ = store.save(function())
    edit(project, "y = n", "y = n + 1")
    found, nb = store.get("train")
    assert found.version == version_of(nb) != first.version
    assert [version.version for version in store.versions("train")] == [first.version, found.version]
    assert store.get(f"train@{first.version}")[0].version == first.version


def test_an_edit_by_hand_is_kept_when_the_function_is_defined_again(project, store):
    store.save(function())
    edit(project, "y = n", "y = n + 1")
    edited = version_of(read_notebook(project / "functions" / "train.ipynb"))
    _, change = store.save(function("n: int = 1\ny = n + 2"))
    assert change.previous == edited
    assert "+ 1" in store.get(f"train@{edited}")[1].cells[1].source


def test_a_function_is_not_defined_again_over_an_edit_by_hand_that_can_not_be_kept(project, store):
    store.save(function())
    edit(project, "y = n", "y = n + 1")
    shutil.rmtree(project / "artifacts")
    (project / "artifacts").write_text("a file in the way")
    with pytest.raises(StorageError):
        store.save(function("n: int = 1\ny = n + 2"))
    assert "+ 1" in read_notebook(project / "functions" / "train.ipynb").cells[1].source


def test_a_copied_file_is_a_function_of_its_own_name(project, store):
    store.save(function())
    data = (project / "functions" / "train.ipynb").read_bytes()
    (project / "functions" / "other.ipynb").write_bytes(data)
    assert store.get("other")[0].name == "other"


def test_a_plain_notebook_put_into_the_folder_is_a_function(project, store):
    (project / "functions").mkdir(exist_ok=True)
    (project / "functions" / "report.ipynb").write_text(
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "id": "a", "metadata": '
        '{"tags": ["parameters"]}, "source": "n = 1", "outputs": [], "execution_count": null}]}'
    )
    assert [parameter.name for parameter in store.get("report")[0].parameters] == ["n"]


def test_a_file_broken_by_hand_is_named(project, store):
    store.save(function())
    (project / "functions" / "train.ipynb").write_text("{")
    with pytest.raises(NotebookError, match=r"train\.ipynb' isn't a notebook"):
        store.get("train")


def test_a_file_broken_by_hand_does_not_keep_a_new_definition_out(project, store):
    store.save(function())
    (project / "functions" / "train.ipynb").write_text("{")
    saved, _ = store.save(function("n = 5\ny = n"))
    assert store.get("train")[0].version == saved.version


# --- refusals ---


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("trian", r"no Function 'trian'; it has train\. Did you mean 'train'\?"),
        ("train@ffff", r"'train' has no version 'ffff'; its versions: [0-9a-f]{12}\."),
        ("train@", "'train' has no version ''"),
        ("train:v2", r"'train' has no tag 'v2'; its tags: v1\."),
        ("other@ab", "no Function 'other'"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(store, reference, message):
    store.save(function(), tag="v1")
    with pytest.raises(FunctionNotFoundError, match=message):
        store.get(reference)


def test_a_hash_that_fits_several_versions_is_refused(store):
    digits = []
    while len(digits) == len({digit[0] for digit in digits}):
        digits.append(store.save(function(f"n = {len(digits)}\ny = n"))[0].version)
    with pytest.raises(FunctionNotFoundError, match="fits 2 versions"):
        store.get(f"train@{digits[-1][0]}")


def test_a_deleted_file_leaves_its_versions(project, store):
    saved, _ = store.save(function())
    (project / "functions" / "train.ipynb").unlink()
    with pytest.raises(FunctionNotFoundError, match=rf"is gone: its last version is still there as 'train@{saved.version}'"):
        store.get("train")
    assert store.get(f"train@{saved.version}")[0] == saved
    assert store.names() == []


@pytest.mark.parametrize("name", ["../train", "a/b", "", "Train", "é", "x" * 300, "a\0b", "/etc/passwd", "..", "con.", "a\nb"])
@pytest.mark.parametrize("suffix", ["", "@abc", ":v1"])
def test_a_hostile_name_never_becomes_a_path(project, store, name, suffix):
    before = sorted(project.rglob("*"))
    with pytest.raises(NameRuleError):
        store.get(name + suffix)
    with pytest.raises(NameRuleError):
        store.save(function(name=name))
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize("tag", ["", "a b", "../x", "x" * 300, "é", "-x"])
def test_a_tag_that_breaks_its_rule_is_refused_before_anything_is_written(project, store, tag):
    with pytest.raises(NameRuleError, match="can't name a tag"):
        store.save(function(), tag=tag)
    assert store.names() == []


def test_a_version_whose_bytes_are_lost_is_named(project, store):
    old, _ = store.save(function("n = 1\ny = n"))
    store.save(function("n = 2\ny = n"))
    lost = store.versions("train")[0].hash
    (project / "artifacts" / lost[:2] / lost).unlink()
    with pytest.raises(StorageError, match=f"'{old.version}' has lost its bytes"):
        store.get(f"train@{old.version}")


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_lost(project, store):
    saved, _ = store.save(function())
    folder = project / "functions"
    kept = folder.rename(project / "kept")
    folder.write_text("in the way")
    with pytest.raises(StorageError, match="functions' can't be written"):
        store.save(function("n = 2\ny = n"))
    folder.unlink()
    kept.rename(folder)
    assert store.get("train")[0] == saved
    assert not [path for path in folder.iterdir() if path.suffix != ".ipynb"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(project, store):
    store.save(function())
    (project / "functions").chmod(0o500)
    with pytest.raises(StorageError, match="functions' can't be written"):
        store.save(function("n = 2\ny = n"))
    (project / "functions").chmod(0o700)
