"""Deleting removes the bytes that nothing refers to any more, and never any others."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import tempfile
import time
from pathlib import Path

import duckdb
import pytest

import jupyter_mlops as mlops
from jupyter_mlops.errors import InputError, MlopsError, StorageError
from jupyter_mlops.execution.provenance import environment_of, packages_bytes
from jupyter_mlops.project import Project, open_project
from jupyter_mlops.storage import schema
from jupyter_mlops.storage.blobs import LOCK, Blobs, hash_file
from jupyter_mlops.storage.catalog import Catalog
from jupyter_mlops.storage.journal import history
from jupyter_mlops.storage.lock import SharedLock
from jupyter_mlops.storage.places import Folder
from jupyter_mlops.storage.tally import OF_A_RUN

PACKAGES = hashlib.sha256(packages_bytes(environment_of([])["packages"])).hexdigest()


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """Work outside of any repository, whose changes would be stored as well."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def project(tmp_path):
    made = open_project(tmp_path / "churn", create=True)
    yield made
    made.stop_worker()


def logged(project: Project, **values: object) -> str:
    """Log artifacts in a run, and return its id."""
    with project.start_run("explore") as run:
        for key, value in values.items():
            mlops.log_artifact(key, value)
    return run.id


def blobs(project: Project) -> set[str]:
    """Return what is stored, but for the list of packages, which every run has."""
    return {path.name for path in (project.folder / "artifacts").glob("??/*")} - {PACKAGES}


def age(project: Project) -> None:
    """Let the bytes be a little old: what was stored a moment ago may be in somebody's hands."""
    for name in blobs(project):
        os.utime(project.library.blobs.path(name), (time.time() - 5, time.time() - 5))


def delete_run(project: Project, run: str) -> None:
    age(project)
    project.delete_run(run)


def delete_artifact(project: Project, uid: str) -> None:
    age(project)
    project.delete_artifact(uid)


def test_a_deleted_run_takes_its_bytes_along(project):
    delete_run(project, logged(project, model={"a": 1}, notes="text"))
    assert blobs(project) == set()


def test_a_deleted_version_takes_its_bytes_along_and_the_copy_that_was_made_of_them(project):
    made = project.log_artifact("notes", "text")
    copy = made.path
    delete_artifact(project, made.uid)
    assert blobs(project) == set() and not copy.exists()


def test_a_deleted_version_of_a_run_that_stays_takes_its_bytes_along(project):
    run = project.get_run(logged(project, notes="text"))
    delete_artifact(project, run.artifacts["notes"].uid)
    assert blobs(project) == set()


def test_bytes_that_two_runs_made_stay_until_both_are_deleted(project):
    one, two = logged(project, notes="same"), logged(project, remarks="same")
    delete_run(project, one)
    assert project.get_run(two).artifacts["remarks"].load() == "same"
    delete_run(project, two)
    assert blobs(project) == set()


def test_a_file_that_another_directory_has_as_well_stays(project, tmp_path):
    for name, files in {"one": "ab", "two": "bc"}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_text(file)
    one, two = (project.log_artifact(name, tmp_path / name) for name in ("one", "two"))
    alone = hash_file(tmp_path / "one" / "a").hash
    delete_artifact(project, one.uid)
    assert alone not in blobs(project)
    assert sorted(path.name for path in two.path.iterdir()) == ["b", "c"]
    delete_artifact(project, two.uid)
    assert blobs(project) == set()


def test_a_directory_in_a_run_keeps_the_bytes_of_a_file_that_was_logged_alone(project, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a").write_text("a")
    run = project.get_run(logged(project, one=tmp_path / "one"))
    alone = project.log_artifact("alone", tmp_path / "one" / "a")
    delete_artifact(project, alone.uid)
    assert (run.artifacts["one"].path / "a").read_text() == "a"


def test_a_key_does_not_say_which_version_to_delete(project):
    made = project.log_artifact("doubtful", 1)
    with pytest.raises(InputError, match=f"'doubtful' is a key, whose versions are deleted by uid: the newest is '{made.uid}'"):
        project.delete_artifact("doubtful")


def test_versions_of_a_function_keep_their_bytes(project):
    text = (project.define("train", "x = 1") and project.folder / "functions" / "train.ipynb").read_bytes()
    made = project.log_artifact("copy", project.folder / "functions" / "train.ipynb")
    delete_artifact(project, made.uid)
    assert project.library.blobs.read(made.hash) == text


def test_what_a_run_read_stays_with_it(project):
    project.define("length", "n = len(data)", inputs=["data"], returns=["n"])
    made = project.log_artifact("words", ["a", "b"])
    reader = project.run("length", inputs={"data": made})
    delete_artifact(project, made.uid)
    assert made.load() == ["a", "b"]
    delete_run(project, reader.id)
    assert made.hash not in blobs(project)


def test_a_cached_step_keeps_what_the_run_that_it_stands_for_has_made(project):
    project.define("make", "words = ['a', 'b']", returns=["words:file"])
    project.define_workflow("nightly", "made = make()")
    first = project.run("nightly")
    again = project.run("nightly")
    assert str(again.steps["made"].state) == "cached"
    delete_run(project, first.steps["made"].run.id)
    delete_run(project, first.id)
    assert again.steps["made"].artifacts["words"].load() == ["a", "b"]
    kept = again.steps["made"].artifacts["words"].hash
    delete_run(project, again.steps["made"].run.id)
    assert kept not in blobs(project)


def test_the_packages_of_one_run_are_those_of_the_next(project):
    project.define("train", "x = 1")
    one, two = project.run("train"), project.run("train")
    delete_run(project, one.id)
    assert project.library.blobs.has(history(two.folder).environment["packages"])


def test_what_a_living_run_may_be_about_to_refer_to_waits_for_its_end(project):
    old = logged(project, notes="same")
    with project.start_run("explore"):
        delete_run(project, old)
        assert len(blobs(project)) == 1
        mlops.log_artifact("notes", "same")
    delete_run(project, logged(project, other="other"))
    assert project.artifact("notes").load() == "same"


def test_what_waited_for_the_end_of_a_run_goes_with_the_next_deletion(project):
    old = logged(project, notes="text")
    with project.start_run("explore"):
        delete_run(project, old)
    assert len(blobs(project)) == 1
    delete_run(project, logged(project, other="other"))
    assert blobs(project) == set()


def test_the_worker_removes_what_waited_when_its_last_run_has_ended(project):
    project.define("wait", "go = 'x'\nimport pathlib, time\nwhile not pathlib.Path(go).exists():\n    time.sleep(0.02)")
    old = logged(project, notes="text")
    kept = project.get_run(old).artifacts["notes"].hash
    go = project.folder / "go"
    run = project.run("wait", params={"go": str(go)}, background=True)
    delete_run(project, old)
    assert kept in blobs(project)
    go.touch()
    run.wait()
    deadline = time.monotonic() + 30
    while kept in blobs(project) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert kept not in blobs(project)


def test_a_run_that_can_not_be_read_keeps_what_it_may_refer_to(project):
    one, two = logged(project, notes="same"), logged(project, remarks="same")
    (project.folder / "runs" / two / "run.json").write_text("{")
    delete_run(project, one)
    assert len(blobs(project)) == 1


def test_a_store_outside_of_the_project_is_left_alone(tmp_path):
    made = open_project(tmp_path / "churn", create=True)
    (made.folder / "project.yaml").write_text(f"name: churn\nartifacts: {tmp_path}/shared\n")
    project = open_project(made.folder)
    for path in (tmp_path / "shared").glob("??/*"):
        os.utime(path, (0, 0))
    project.delete_run(logged(project, notes="text"))
    assert len(list((tmp_path / "shared").glob("??/*"))) == 2  # and the packages


def test_a_store_that_a_link_leads_out_of_the_project_is_left_alone(tmp_path):
    project = open_project(tmp_path / "churn", create=True)
    shutil.rmtree(project.folder / "artifacts")
    (tmp_path / "shared").mkdir()
    (project.folder / "artifacts").symlink_to(tmp_path / "shared")
    delete_run(project, logged(project, notes="text"))
    assert len(blobs(project)) == 1


def test_a_store_that_another_project_has_opened_as_its_own_is_left_alone(project, tmp_path):
    run = logged(project, text="theirs as well")
    other = open_project(tmp_path / "other", create=True)
    (other.folder / "project.yaml").write_text(f"name: other\nartifacts: {project.folder / 'artifacts'}\n")
    logged(open_project(other.folder), text="theirs as well")
    age(project)
    project.delete_run(run)
    assert open_project(other.folder).artifact("text").load() == "theirs as well"


def test_who_dies_after_a_deletion_leaves_the_bytes_to_the_next(project, monkeypatch):
    run = logged(project, notes="text")
    monkeypatch.setattr(type(project.library.leftovers), "collect", lambda self: os._exit(0))
    process = multiprocessing.get_context("fork").Process(target=delete_run, args=(project, run))
    process.start()
    process.join()
    monkeypatch.undo()
    assert len(blobs(project)) == 1
    delete_run(project, logged(project, other="other"))
    assert blobs(project) == set()


def test_bytes_that_were_moved_away_by_one_who_died_come_back(project):
    made = project.log_artifact("notes", "text")
    aside = project.folder / "artifacts" / ".retired"
    aside.mkdir()
    project.library.blobs.path(made.hash).rename(aside / made.hash)
    delete_run(project, logged(project, other="other"))
    assert made.load() == "text"


def test_bytes_that_are_wanted_while_they_are_looked_at_stay(tmp_path):
    store = Blobs(tmp_path / "store")
    name, _ = store.put_bytes(b"x")
    before = time.time() + 1
    os.utime(store.path(name), (before + 1, before + 1))
    place = Folder(tmp_path / "store")
    assert not place.retire(name, before) and store.read(name) == b"x"
    os.utime(store.path(name), (before - 1, before - 1))
    assert place.retire(name, before) and not store.has(name)


def test_bytes_that_are_wanted_just_before_they_are_moved_away_come_back(tmp_path, monkeypatch):
    store = Blobs(tmp_path / "store")
    name, _ = store.put_bytes(b"x")
    path, before, rename = store.path(name), time.time() + 1, os.rename

    def wanted_first(source, target):
        if source == path:
            os.utime(source, (before + 1, before + 1))
        rename(source, target)

    monkeypatch.setattr(os, "rename", wanted_first)
    assert not Folder(tmp_path / "store").retire(name, before) and store.read(name) == b"x"


def test_storing_the_same_bytes_again_makes_them_new(tmp_path):
    store = Blobs(tmp_path / "store")
    for put in (lambda: store.put_bytes(b"x"), lambda: store.put_file(tmp_path / "x")):
        (tmp_path / "x").write_bytes(b"x")
        os.utime(store.path(put().hash), (0, 0))
        put()
        assert store.path(put().hash).stat().st_mtime > 1e9


def test_a_directory_is_claimed_with_all_its_files_or_not_at_all(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_text("a")
    store = Blobs(tmp_path / "store")
    name, _ = store.put_dir(tmp_path / "d")
    assert store.claim(name, folder=True)
    store.delete(hash_file(tmp_path / "d" / "a").hash)
    assert store.claim(name) and not store.claim(name, folder=True)


def test_a_deletion_does_not_wait_for_one_who_stores_for_long(project, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.storage.leftovers._PATIENCE", 0.05)
    run = logged(project, notes="text")
    with SharedLock(project.folder / "artifacts" / LOCK).held(shared=True, timeout=1):
        delete_run(project, run)
        assert len(blobs(project)) == 1
    delete_run(project, logged(project, other="other"))
    assert blobs(project) == set()


@pytest.mark.parametrize("store", [lambda it: it.log_artifact("a", "b"), lambda it: it.define("train", "x = 1")])
def test_who_stores_for_the_project_does_so_when_nobody_removes(project, store, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.storage.blobs._PATIENCE", 0.05)
    with (
        SharedLock(project.folder / "artifacts" / LOCK).held(shared=False, timeout=1),
        pytest.raises(StorageError, match=r"has been tidied for 0\.05 s"),
    ):
        store(project)


def _put_and_look(root: Path, rounds: int, fresh: float) -> None:
    """Store the same bytes again and again, and exit with 1 if they are gone although they are fresh."""
    store = Blobs(root)
    for _ in range(rounds):
        since = time.time()
        name, _ = store.put_bytes(b"same")
        if not store.has(name) and time.time() - since < fresh:
            os._exit(1)


def test_bytes_that_were_just_stored_survive_one_who_removes_old_ones_without_end(tmp_path):
    store, fresh = Blobs(tmp_path / "store"), 0.03
    name, _ = store.put_bytes(b"same")
    process = multiprocessing.get_context("fork").Process(target=_put_and_look, args=(tmp_path / "store", 3000, fresh))
    process.start()
    while process.is_alive():
        Folder(tmp_path / "store").retire(name, time.time() - fresh)
    process.join()
    assert process.exitcode == 0


def test_a_run_is_deleted_while_nobody_can_read_the_catalog_and_its_bytes_go_later(project):
    run = logged(project, notes="text")
    project.library.catalog.fold()
    with duckdb.connect(str(project.library.catalog.file)) as connection:
        connection.execute("INSERT INTO _schema VALUES (99, now()::TIMESTAMP)")
    delete_run(project, run)
    assert not (project.folder / "runs" / run).exists() and len(blobs(project)) == 1
    project.library.catalog.file.unlink()
    delete_run(project, logged(project, other="other"))
    assert blobs(project) == set()


def test_the_runs_that_a_run_led_go_with_it(project):
    project.define("train", "depth: int = 3\nmodel = {'d': depth}", returns=["model"])
    project.define_workflow("inner", "fitted = train(depth=4)")
    led, alone = project.run("inner"), project.run("train")
    search = project.sweep("train", grid={"depth": [1, 2]})
    for each in (led, search):
        project.delete_run(each.id)
    assert [row["id"] for row in project.run_rows()] == [alone.id]
    assert [each.name for each in (project.folder / "runs").iterdir()] == [alone.id]


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="there is no other disk")
def test_a_run_on_another_disk_can_be_deleted(project):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        shutil.rmtree(project.folder / "runs", ignore_errors=True)
        (project.folder / "runs").symlink_to(other)
        run = logged(project, words="one two")
        delete_run(project, run)
        assert os.listdir(other) == [] and project.run_rows() == []


def test_a_function_that_was_edited_by_hand_is_not_deleted_when_the_edit_can_not_be_kept(project):
    project.define("train", "depth: int = 3")
    path = project.store.path("train")
    path.write_text(path.read_text().replace("depth: int = 3", "depth: int = 4"))
    shutil.rmtree(project.folder / "artifacts")
    (project.folder / "artifacts").write_text("a file in the way")
    with pytest.raises(StorageError):
        project.delete_function("train")
    assert "depth: int = 4" in path.read_text()


def test_what_can_not_be_noted_is_not_deleted(project):
    with project.start_run("a") as run:
        mlops.log_artifact("words", "one two")
    (project.folder / ".mlops" / "leftovers").write_text("a file in the way")
    with pytest.raises(StorageError, match="leftovers' can't be written"):
        project.delete_run(run.id)
    assert project.get_run(run.id).artifacts["words"].load() == "one two"


def test_a_version_whose_bytes_can_have_no_name_can_be_deleted(project):
    project.library.note(
        "artifact", uid="u1", key="odd", kind="file", hash="../../secret", size=1, name="x", packager="file", created=1.0
    )
    project.artifact("odd").library.delete_artifact(project.artifact("odd").record)
    assert project.artifacts() == []


def test_a_catalog_of_before_learns_what_its_runs_refer_to(project, monkeypatch):
    one, two = logged(project, notes="same"), logged(project, remarks="same")
    steps = schema.STEPS
    project.library.catalog.file.unlink(missing_ok=True)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", steps[:1])
        patch.setattr("jupyter_mlops.storage.fold.OF_A_RUN", tuple(name for name in OF_A_RUN if name != "_bytes"))
        Catalog(project.folder, "churn").fold()
    project = open_project(project.folder)
    delete_run(project, one)
    assert project.get_run(two).artifacts["remarks"].load() == "same"
    assert len(project.run_rows()) == 1


def _log_and_delete(folder: Path, seed: int, rounds: int) -> None:
    """Log few texts again and again, half of them in runs, and delete half of what was logged."""
    project = open_project(folder)
    for turn in range(rounds):
        text = f"text {(seed + turn) % 3}"
        made = None if turn % 2 else project.log_artifact("notes", text)
        run = logged(project, remarks=text) if turn % 2 else None
        if (turn // 2) % 2:
            continue
        try:
            project.delete_run(run) if run else project.delete_artifact(made.uid)
        except MlopsError as error:  # the same version was everybody's, and another has deleted it
            assert "no artifact" in str(error), error


def test_nothing_that_is_left_is_lost_when_many_log_and_delete_the_same(project):
    context = multiprocessing.get_context("spawn")
    several = [context.Process(target=_log_and_delete, args=(project.folder, seed, 12)) for seed in range(3)]
    for process in several:
        process.start()
    for process in several:
        process.join()
    assert [process.exitcode for process in several] == [0] * 3
    left = project.artifacts()
    assert left and all(each.load().startswith("text ") for each in left)
    for each in left:
        delete_artifact(project, each.uid)
    delete_run(project, logged(project, other="other"))
    assert blobs(project) == set()
