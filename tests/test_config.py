"""project.yaml: read with errors that name file, line and field; made without touching what is there."""

from __future__ import annotations

import datetime
import threading
from pathlib import Path

import pytest

from jupyter_mlops import config
from jupyter_mlops.errors import NameRuleError, ParameterError, ProjectError, StorageError

PLACE = Path("/somewhere/churn/project.yaml")


def refusal(text: str) -> str:
    with pytest.raises(ProjectError) as caught:
        config.parse(text, PLACE)
    return str(caught.value)


def test_every_field_is_read():
    read = config.parse(
        """
name: churn
description: who leaves
labels: {team: growth}
params: {seed: 7, day: 2026-01-02, nested: {a: [1, 2.5, null]}}
artifacts: s3://bucket/churn
members:
  - {name: Ada, role: lead, email: ada@example.org}
functions:
  train: {timeout: 10m, env: {OMP_NUM_THREADS: "1"}, retries: 2, memory: 2G}
worker: {parallel: 3, idle: 10m, kernels: 0}
""",
        PLACE,
    )
    assert read.name == "churn" and read.description == "who leaves" and read.labels == {"team": "growth"}
    assert read.params == {"seed": 7, "day": datetime.date(2026, 1, 2), "nested": {"a": [1, 2.5, None]}}
    assert read.members == [config.Member(name="Ada", role="lead", email="ada@example.org")]
    assert read.functions["train"].timeout == "10m" and read.functions["train"].env == {"OMP_NUM_THREADS": "1"}
    assert read.worker == config.WorkerConfig(parallel=3, idle="10m", kernels=0)
    assert read.store(Path("/x")) == "s3://bucket/churn"


def test_a_store_without_a_scheme_is_a_folder_of_the_project():
    assert config.parse("name: churn\nartifacts: data/store", PLACE).store(Path("/x/churn")) == Path("/x/churn/data/store")


def test_a_field_with_nothing_behind_it_has_its_default():
    assert config.parse("name: churn\nparams:\nlabels:\n", PLACE) == config.parse("name: churn", PLACE)


def test_anchors_and_merge_keys_are_plain_yaml():
    text = "name: churn\nfunctions:\n  a: &slow\n    timeout: 1h\n  b:\n    <<: *slow\n    retries: 1\n"
    assert config.parse(text, PLACE).functions["b"] == config.Overrides(timeout="1h", retries=1)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: 3", 1, ["'name' is 3", "should be text"]),
        ("name: churn\nnmae: x", 2, ["'nmae' isn't a field", "Did you mean 'name'?"]),
        ("name: churn\n\nworker:\n  kernels: 1\n  paralel: 2", 5, ["'worker.paralel'", "Did you mean 'parallel'?"]),
        ("name: churn\nlabels:\n  a: x\n  b: 3\n", 4, ["'labels.b' is 3", "should be text"]),
        ("name: churn\nlabels: [a]", 2, ["'labels' is a list", "a group of fields"]),
        ("name: churn\nmembers:\n  - name: Ada\n    role: 4", 4, ["'members[0].role' is 4"]),
        ("name: churn\nmembers:\n  - role: lead", 3, ["'members[0].name' is missing"]),
        ("name: churn\nmembers: Ada", 2, ["'members' is 'Ada'", "a list"]),
        ("name: churn\nfunctions:\n  a: {}\n  b:\n    env:\n      OK: x\n      N: 1", 7, ["'functions.b.env.N' is 1", "text"]),
        ("name: churn\nfunctions:\n  train:\n    timeout: 10 parsecs", 4, ["'functions.train.timeout'", "'10 parsecs'", "10m"]),
        ("name: churn\nfunctions:\n  train:\n    memory: lots", 4, ["'functions.train.memory'", "'lots'"]),
        ("name: churn\nworker: {idle: -3}", 2, ["'worker.idle'", "-3"]),
        ("name: churn\nworker:\n  parallel: 0", 3, ["'worker.parallel'", "0 is too few"]),
        ("name: churn\nname: other", 2, ["'name'", "line 1"]),
        ("name: churn\nparams:\n  a: 1\n  a: 2", 4, ["'a'", "line 3"]),
        ("name: churn\nparams:\n  learning-rate: 1", 3, ["'params.learning-rate'", "Python name"]),
        ("name: churn\nparams: &a\n  x: *a", 2, ["contains itself"]),
        ("name: churn\n b: [", 2, ["mapping values"]),
        ("name: !!python/object:os.system {}", 1, ["python/object"]),
        ("name: churn\ndescription: 2026-01-02", 2, ["'description'", "quotes"]),
        ("description: x", 1, ["'name' is missing"]),
        ("name: Churn Model", 1, ["'Churn Model'", "'churn_model'"]),
        ("- churn", 1, ["a list", "name: churn"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, line, words):
    message = refusal(text)
    assert message.startswith(f"{PLACE}, line {line}: "), message
    assert all(word in message for word in words), message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "---\n"])
def test_an_empty_file_is_refused_with_what_it_needs(text):
    assert "name: churn" in refusal(text) or "is empty" in refusal(text)


def test_a_control_character_is_refused():
    assert "isn't YAML" in refusal("name: churn\x00")


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "project.yaml").write_bytes(b"name: churn\ndescription: \xff\xfe\n")
    with pytest.raises(ProjectError, match="can't be read"):
        config.load(tmp_path)


def test_a_project_is_found_from_a_folder_deep_inside_it(tmp_path):
    config.create(tmp_path / "churn")
    deep = tmp_path / "churn" / "notebooks" / "old"
    deep.mkdir(parents=True)
    assert config.find(deep) == tmp_path / "churn"
    assert config.find(tmp_path) is None


def test_a_new_project_has_its_folders_and_ignores_what_is_generated(tmp_path):
    made = config.create(tmp_path / "churn")
    assert made.name == "churn" and made == config.load(tmp_path / "churn")
    assert all((tmp_path / "churn" / part).is_dir() for part in config.FOLDERS)
    assert (tmp_path / "churn" / ".gitignore").read_text().splitlines() == list(config.IGNORED)
    assert sorted(path.name for path in (tmp_path / "churn").iterdir()) == sorted([*config.FOLDERS, ".gitignore", "project.yaml"])


def test_a_folder_with_files_keeps_them_all(tmp_path):
    (tmp_path / "data.csv").write_text("a,b\n")
    (tmp_path / ".gitignore").write_text("*.tmp\nruns/")
    config.create(tmp_path, "churn")
    assert (tmp_path / "data.csv").read_text() == "a,b\n"
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines[:2] == ["*.tmp", "runs/"] and lines.count("runs/") == 1 and ".mlops/" in lines


def test_a_project_that_is_there_is_left_as_it_is(tmp_path):
    (tmp_path / "project.yaml").write_text("name: older\nparams: {a: 1}\n")
    assert config.create(tmp_path, "newer").name == "older"
    assert (tmp_path / "project.yaml").read_text() == "name: older\nparams: {a: 1}\n"


def test_many_at_once_make_one_project(tmp_path):
    made: list[config.Config] = []
    threads = [threading.Thread(target=lambda n=n: made.append(config.create(tmp_path / "churn", f"name{n}"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8 and len({each.name for each in made}) == 1
    assert not list((tmp_path / "churn").glob(".project*"))


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("churn", "churn"),
        ("Köln Daten 2", "koln_daten_2"),
        ("日本", "project"),
        ("2026", "project_2026"),
        ("a-b", "a-b"),
        ("x" * 90, "x" * 63),
    ],
)
def test_a_folder_gives_a_name_that_fits_the_rule(tmp_path, folder, name):
    assert config.create(tmp_path / folder).name == name


@pytest.mark.parametrize("name", ["a/b", "..", "Ünicode", "x" * 300, ""])
def test_a_name_that_breaks_the_rule_is_refused(tmp_path, name):
    with pytest.raises(NameRuleError, match="can't name a project"):
        config.create(tmp_path / "new", name)
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path):
    (tmp_path / "runs").write_text("mine")
    with pytest.raises(ProjectError, match="runs"):
        config.create(tmp_path, "churn")
    assert (tmp_path / "runs").read_text() == "mine"


def test_a_place_that_takes_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Choose a folder you may write to"):
        config.create(tmp_path / "file" / "churn")


@pytest.mark.parametrize(
    ("text", "wanted"), [("10m", 600), ("1h30m", 5400), ("60s", 60), ("500ms", 0.5), ("90", 90), (2.5, 2.5), ("1.5h", 5400)]
)
def test_a_duration_is_seconds(text, wanted):
    assert config.seconds(text) == wanted


@pytest.mark.parametrize("text", ["", "x", "0", "-5", "10 m", "m10", True, "inf", float("nan"), None])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ParameterError, match="isn't a duration"):
        config.seconds(text)


@pytest.mark.parametrize(
    ("text", "wanted"), [("300M", 300 * 2**20), ("2GB", 2**31), ("1.5GiB", 3 * 2**29), (1000, 1000), ("12k", 12288)]
)
def test_a_size_is_bytes(text, wanted):
    assert config.size(text) == wanted


@pytest.mark.parametrize("text", ["", "0", "-1", "2X", True, None])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ParameterError, match="isn't a size"):
        config.size(text)
