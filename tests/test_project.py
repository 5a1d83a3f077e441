"""The facade with real folders, a real worker and real kernels: define, run, find again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from matplotlib.figure import Figure

import jupyter_mlops as mlops
from jupyter_mlops.errors import (
    ArtifactNotFoundError,
    CaptureError,
    FunctionNotFoundError,
    InputError,
    KernelError,
    NameRuleError,
    NotebookError,
    ParameterError,
    ProjectError,
    ProjectNotFoundError,
    RunNotFoundError,
    SqlError,
    WorkflowError,
)
from jupyter_mlops.project import Project, open_project
from jupyter_mlops.storage.journal import history

TRAIN = """
n: int = 10        # how many
rate: float = 0.5
label = "x"
print("training", n)
accuracy = 1 - 1 / n
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """One project, on a path that needs care, and its worker for all tests here."""
    made = open_project(tmp_path_factory.mktemp("mit Ümlaut und Raum") / "churn", create=True)
    made.define("train", TRAIN, returns=["accuracy"])
    made.define("double", "data2 = data * 2\nrows = len(data)", inputs=["data"], returns=["data2", "rows"])
    yield made
    made.stop_worker()


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- opening ---


def test_a_project_is_made_and_opened_again(here):
    made = open_project("churn", create=True)
    assert made.made and made.name == "churn" and made.folder == here / "churn"
    again = open_project("churn")
    assert not again.made and again.folder == made.folder


def test_no_path_means_the_project_around_the_working_directory(here, monkeypatch):
    open_project("churn", create=True)
    (here / "churn" / "notebooks").mkdir()
    monkeypatch.chdir(here / "churn" / "notebooks")
    assert open_project().folder == here / "churn"
    assert open_project("churn", create=True).folder == here / "churn"


def test_a_folder_within_a_project_stands_for_it(here):
    open_project("churn", create=True)
    assert open_project(here / "churn" / "functions").name == "churn"
    assert open_project(here / "churn" / "project.yaml").name == "churn"


def test_without_a_project_the_remedy_is_said(here):
    with pytest.raises(ProjectError, match=r"no project is in or above .*%mlproject NAME"):
        open_project()
    with pytest.raises(ProjectError, match="'chrun' isn't a project"):
        open_project("chrun")


def test_a_folder_that_cannot_name_a_project_gets_a_name_and_a_note(here):
    made = open_project(here / "Mein Modell", create=True)
    assert made.name == "mein_modell" and "'Mein Modell' can't name a project" in made.notes[0]


def test_another_name_for_a_project_that_is_there_is_refused(here):
    open_project("churn", create=True)
    with pytest.raises(ProjectError, match="is project 'churn', not 'other'"):
        open_project("churn", create=True, name="other")


@pytest.mark.parametrize("path", ["", "x" * 300, "a\0b"])
def test_what_cannot_be_a_folder_is_refused(here, path):
    with pytest.raises(mlops.MlopsError):
        open_project(path, create=True)


# --- defining ---


def test_a_definition_says_what_it_takes_and_keeps(project):
    function = project.function("train")
    assert [parameter.name for parameter in function.parameters] == ["n", "rate", "label"]
    assert [item.key for item in function.returns] == ["accuracy"]
    assert function.path == project.folder / "functions" / "train.ipynb" and function.path.is_file()
    assert repr(function).startswith("<Function train@")


def test_defining_again_says_what_changed(project):
    first = project.define("changing", "a: int = 1\nb = a", returns=["b"])
    second = project.define("changing", "a: int = 2\nb = a", returns=["b"])
    assert first.version != second.version
    assert "a" in str(second.change)
    assert project.run(f"changing@{first.version}").results == {"b": 1}
    assert project.run("changing").results == {"b": 2}


def test_a_tag_names_a_version_for_good(project):
    project.define("tagged", "b = 1", returns=["b"], tag="good")
    project.define("tagged", "b = 2", returns=["b"])
    assert project.run("tagged:good").results == {"b": 1}


def test_a_python_function_becomes_a_function(project):
    def scale(data, factor: int = 3):
        """Scale it."""
        scaled = [item * factor for item in data]
        return scaled

    function = project.define("scale", scale)
    assert function.record.description == "Scale it."
    run = project.run("scale", {"factor": 2}, {"data": [1, 2]})
    assert run.artifacts["scaled"].load() == [2, 4]


def test_data_of_the_notebook_comes_along_as_an_input(project):
    frame = pd.DataFrame({"x": [1, 2, 3]})
    function = project.define("counting", "rows = len(frame)", returns=["rows"], namespace={"frame": frame})
    assert [item.name for item in function.inputs] == ["frame"]
    assert function.run().results == {"rows": 3}
    assert function.run(frame=frame.head(1)).results == {"rows": 1}


def test_the_same_data_again_is_the_same_version_of_the_function(project):
    frame = pd.DataFrame({"x": [1, 2, 3]})
    first = project.define("stable", "rows = len(frame)", returns=["rows"], namespace={"frame": frame})
    second = project.define("stable", "rows = len(frame)", returns=["rows"], namespace={"frame": frame.copy()})
    assert first.version == second.version


@pytest.mark.parametrize("name", ["a/b", "..", "ünicode", "x" * 300, "Train", ""])
def test_a_function_name_that_breaks_the_rule_is_refused(project, name):
    with pytest.raises(NameRuleError):
        project.define(name, "b = 1")


def test_code_and_notebook_at_once_are_refused_and_so_is_neither(project):
    with pytest.raises(CaptureError, match="code or a notebook"):
        project.define("nothing")
    with pytest.raises(CaptureError, match="code or a notebook"):
        project.define("both", "a = 1", notebook="x.ipynb")


def test_a_notebook_that_is_not_there_is_refused(project, here):
    with pytest.raises(NotebookError, match=r"x\.ipynb"):
        project.define("missing", notebook="x.ipynb")


def test_an_unknown_runtime_attribute_is_refused(project):
    with pytest.raises(ParameterError, match=r"'timeot' isn't a runtime attribute. Did you mean 'timeout'\?"):
        project.define("slow", "a = 1", timeot=3)


def test_runtime_attributes_are_seconds_and_bytes(project):
    runtime = project.define("limited", "a = 1", timeout="10m", memory="2G", retries=2, env={"A": 1}).record.runtime
    assert (runtime.timeout, runtime.memory, runtime.retries, runtime.env) == (600, 2**31, 2, {"A": "1"})


# --- running ---


def test_a_run_has_its_results(project):
    run = project.run("train", params={"n": 20})
    assert run.state is mlops.State.COMPLETED
    assert run.results == {"accuracy": 0.95}
    assert "training 20" in run.log
    assert run.notebook.is_file()


def test_a_run_remembers_who_asked_and_where(project, here):
    run = project.run("train", name="first try", tags={"stage": "dev"})
    spec = run.spec
    assert spec.user and spec.host and spec.cwd == str(here) and spec.origin == "python"
    assert run.name == "first try" and run.tags == {"stage": "dev"} and run.function == "train"


def test_project_params_stand_between_the_call_and_the_default(tmp_path):
    (tmp_path / "project.yaml").write_text("name: churn\nparams: {n: 4, unrelated: 1}\n")
    project = Project(tmp_path)
    project.define("train", TRAIN, returns=["accuracy"])
    nb = project.dry_run("train")
    assert any("n = 4" in cell.source for cell in nb.cells)
    nb = project.dry_run("train", {"n": 5})
    assert any("n = 5" in cell.source for cell in nb.cells) and not any("n = 4" in cell.source for cell in nb.cells)


def test_every_wrong_parameter_is_named_at_once_and_nothing_starts(project):
    project.define("strict", "a: int\nb: str = 'x'\nc = a", returns=["c"])
    before = len(project.runs())
    with pytest.raises(ParameterError) as caught:
        project.run("strict", {"b": 3, "bb": 1})
    message = str(caught.value)
    assert "'bb' isn't a parameter. Did you mean 'b'?" in message
    assert "'a' (int) has no value and no default" in message
    assert "'b' is 3 (int), but takes str" in message
    assert len(project.runs()) == before


def test_a_project_param_of_the_wrong_type_says_where_it_is_from(tmp_path):
    (tmp_path / "project.yaml").write_text("name: churn\nparams: {n: many}\n")
    project = Project(tmp_path)
    project.define("train", TRAIN)
    with pytest.raises(ParameterError, match=r"'n' is 'many' \(str\) \(from project.yaml\), but takes int"):
        project.run("train")


def test_an_unknown_function_is_named_with_the_nearest(project):
    with pytest.raises(FunctionNotFoundError, match="Did you mean 'train'"):
        project.run("trian")


@pytest.mark.parametrize(
    "given",
    [{"timeout": "soon"}, {"timeout": 0}, {"retries": -1}, {"retries": True}, {"name": ""}, {"name": "a\nb"}, {"tags": {"": 1}}],
)
def test_an_option_that_cannot_be_is_refused(project, given):
    with pytest.raises(ParameterError):
        project.run("train", **given)


def test_a_dry_run_shows_the_notebook_and_starts_nothing(project):
    before = len(project.runs())
    nb = project.dry_run("train", {"n": 7})
    assert "training" in "".join(cell.source for cell in nb.cells) and any("n = 7" in cell.source for cell in nb.cells)
    assert len(project.runs()) == before


def test_a_failing_run_raises_and_is_kept(project):
    project.define("broken", "a = 1\n1 / 0")
    with pytest.raises(mlops.RunFailedError, match="ZeroDivisionError: division by zero") as caught:
        project.run("broken")
    run = caught.value.run
    assert run.state is mlops.State.ERROR and run.error.ename == "ZeroDivisionError"
    assert any("1 / 0" in line for line in caught.value.details)
    assert list(project.runs(f"id = '{run.id}'")["state"]) == ["error"]


def test_a_failing_run_in_the_background_raises_nothing(project):
    project.define("broken", "a = 1\n1 / 0")
    run = project.run("broken", background=True).wait(60)
    assert run.state is mlops.State.ERROR


def test_an_interrupt_aborts_the_run(project):
    project.define("endless", "import time\nwhile True:\n    time.sleep(0.1)")
    seen = []

    def interrupt(run):
        seen.append(run)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project.run("endless", on_start=interrupt)
    assert seen[0].wait(30).state is mlops.State.ABORTED
    assert "interrupted" in seen[0].reason


def test_a_limit_in_project_yaml_holds_for_its_function(tmp_path):
    (tmp_path / "project.yaml").write_text("name: churn\nfunctions:\n  train: {timeout: 90s, env: {B: '2'}}\n")
    project = Project(tmp_path)
    project.define("train", TRAIN, timeout="1h", retries=3, env={"A": "1"})
    spec, _ = project._order("train", {}, {}, runtime={"retries": 1, "timeout": None})
    assert (spec.runtime.timeout, spec.runtime.retries, spec.runtime.env) == (90, 1, {"A": "1", "B": "2"})


# --- inputs ---


def test_a_variable_comes_in_as_what_it_is(project):
    run = project.run("double", inputs={"data": pd.Series([1, 2, 3])})
    assert run.results == {"rows": 3}
    assert list(run.artifacts["data2"].load()) == [2, 4, 6]


def test_inputs_may_stand_among_the_parameters(project):
    assert project.run("double", {"data": [1]}).results == {"rows": 2 - 1}
    assert project.function("double").run(data=[1, 2]).results == {"rows": 2}


def test_artifacts_among_other_things_are_refused_in_plain_words(project):
    kept = project.log_artifact("numbers", [1, 2, 3])
    with pytest.raises(InputError, match=r"an artifact is no data: give it alone or in a list of artifacts, .*\.load\(\)"):
        project.run("double", inputs={"data": {"a": kept}})


def test_text_that_names_a_file_is_logged_as_that_file_here_as_in_a_run(project, tmp_path):
    (tmp_path / "notes.txt").write_text("a")
    assert project.log_artifact("notes", str(tmp_path / "notes.txt")).load("str") == "a"
    assert project.log_artifact("notes", "none.txt").load() == "none.txt"


def test_an_artifact_a_uri_and_a_run_come_in_with_their_lineage(project):
    kept = project.log_artifact("numbers", [1, 2, 3])
    first = project.run("double", inputs={"data": kept})
    assert first.artifacts["data2"].load() == [1, 2, 3, 1, 2, 3]
    second = project.run("double", inputs={"data": kept.uri})
    third = project.run("double", inputs={"data": second})
    assert third.results == {"rows": 6}
    assert third.inputs["data"].artifact == second.artifacts["data2"].uid
    assert sorted(kept.consumers) == sorted([first.id, second.id])
    assert second.artifacts["data2"].producer == second.id


def test_a_path_comes_in_loaded_by_its_hint(project, here):
    pd.DataFrame({"x": [1, 2]}).to_csv("raw.csv", index=False)
    project.define("read", "rows = len(table)", inputs=["table: pandas.DataFrame"], returns=["rows"])
    run = project.run("read", inputs={"table": "raw.csv"})
    assert run.results == {"rows": 2}
    assert run.inputs["table"].uri == str(here / "raw.csv") and len(run.inputs["table"].hash) == 64
    assert project.run("read", inputs={"table": Path("raw.csv")}).results == {"rows": 2}


def test_the_same_variable_again_is_the_same_artifact(project):
    frame = pd.DataFrame({"x": [1, 2]})
    runs = [project.run("double", inputs={"data": frame}, background=True) for _ in range(2)]
    assert runs[0].inputs["data"].artifact == runs[1].inputs["data"].artifact
    for run in runs:
        run.wait(60)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "'data' is missing"),
        ({"data": "nowhere.csv"}, "'nowhere.csv' doesn't exist"),
        ({"data": "store://datasets/churn/nothing"}, "nothing"),
        ({"data": "store://datasets/other/data"}, "project 'other'"),
        ({"data": [1], "date": [2]}, "'date' isn't an input. Did you mean 'data'?"),
    ],
)
def test_an_input_that_is_not_there_is_refused(project, here, inputs, words):
    before = len(project.runs())
    with pytest.raises(InputError) as caught:
        project.run("double", inputs=inputs)
    assert words in str(caught.value)
    assert len(project.runs()) == before


# --- finding again ---


def test_runs_are_listed_newest_first_and_selected_with_sql(project):
    runs = [project.run("train", params={"n": n}, name="listed") for n in (2, 4, 5)]
    frame = project.runs("name = 'listed'")
    assert list(frame["id"]) == [run.id for run in reversed(runs)]
    assert list(project.runs("name = 'listed' AND accuracy > 0.6 -- good", "accuracy")["accuracy"]) == [0.75, 0.8]
    assert len(project.runs("name = 'listed'", limit=1)) == 1
    rows = project.run_rows("name = 'listed'", "id")
    assert rows[0]["params"]["n"] == "2" and rows[0]["results"]["accuracy"] == 0.5


def test_a_wrong_query_is_refused_in_one_line(project):
    with pytest.raises(SqlError):
        project.runs("no such thing")
    with pytest.raises(SqlError):
        project.sql("DROP TABLE runs")


def test_a_run_is_found_by_id_part_and_name(project):
    first = project.run("train", name="findme")
    second = project.run("train", name="findme")
    assert project.get_run(first.id) == first
    assert project.get_run(first.id[-8:]) == first == project.get_run(f"churn@{first.id}")
    assert project.get_run("findme") == second
    assert project.get_run() == project.get_run("latest") == second


def test_a_part_that_fits_several_runs_and_one_that_fits_none_are_refused(project):
    project.run("train")
    project.run("train")
    with pytest.raises(RunNotFoundError, match=r"fits \d+ runs"):
        project.get_run("20")
    for word in ("nonsense", "../churn", "", "%"):
        with pytest.raises(RunNotFoundError):
            project.get_run(word)


def test_a_row_of_a_run_has_no_odd_values(project):
    run = project.run("train", name="row")
    (row,) = project.run_rows("name = 'row'")
    assert abs(row["started"] - run.started) <= timedelta(microseconds=1)  # a float's last digit, rounded by DuckDB or by Python
    assert row["error_name"] is None and row["parent"] is None


def test_rows_of_runs_read_the_catalog_only(project, tmp_path):
    (tmp_path / "secret.csv").write_text("x\n1\n")
    with pytest.raises(SqlError):
        project.run_rows(f"(SELECT count(*) FROM '{tmp_path}/secret.csv') > 0")


def test_a_word_of_python_names_nothing(project):
    for refused in (
        lambda: project.define("class", "x = 1"),
        lambda: project.define_workflow("lambda", "train()"),
        lambda: project.log_artifact("import", 1),
    ):
        with pytest.raises(NameRuleError, match=r"as it is a word of Python itself. For example '(class|lambda|import)_'\."):
            refused()
    with pytest.raises(NameRuleError, match="can't name an artifact, as"):
        project.log_artifact("class", 1)
    with pytest.raises(NameRuleError, match=r"For example 'class_'\."):
        project.define("Class", "x = 1")
    with pytest.raises(WorkflowError, match="'if' can't name a step, as it is a word of Python"):
        project.define_workflow("odd", yaml="name: odd\nsteps:\n  if:\n    function: train\n")


def test_a_kernel_that_is_not_installed_is_refused_before_anything_starts(project):
    project.define("elsewhere", "x = 1", kernel="pyton3")
    project.define_workflow("away", "elsewhere()")
    before = len(project.runs())
    for order in (
        lambda: project.run("elsewhere"),
        lambda: project.dry_run("elsewhere"),
        lambda: project.sweep("elsewhere", points=[{}]),
        lambda: project.run("away"),
    ):
        with pytest.raises(KernelError, match=r"'pyton3' isn't installed; known kernels: .*python3"):
            order()
    assert len(project.runs()) == before


def test_a_workflow_runs_though_another_one_needs_a_kernel_that_is_not_installed(project):
    project.define("elsewhere", "x = 1", kernel="pyton3")
    project.define("here", "y = 1")
    project.define_workflow("away", "elsewhere()")
    project.define_workflow("inner", "here()")
    project.define_workflow("outer", "inner()")
    assert project.run("outer").state == "completed"


@pytest.mark.parametrize("limit", [-1, 1.5, "3"])
def test_a_limit_that_counts_no_runs_is_refused(project, limit):
    with pytest.raises(ParameterError, match=f"{limit!r} can't be a number of runs"):
        project.run_rows(limit=limit)


def test_a_run_that_lives_cannot_be_deleted(project):
    project.define("endless", "import time\nwhile True:\n    time.sleep(0.1)")
    run = project.run("endless", background=True)
    with pytest.raises(RunNotFoundError, match="can't be deleted yet: abort it first"):
        project.delete_run(run.id)
    run.abort()
    project.delete_run(run.id)
    assert not run.folder.exists()


def test_a_deleted_run_is_gone_from_disk_and_catalog(project):
    run = project.run("train")
    project.delete_run(run.id)
    assert not run.folder.exists()
    assert project.runs(f"id = '{run.id}'").empty
    project.rebuild()
    assert project.runs(f"id = '{run.id}'").empty


def test_a_tag_set_later_is_kept_by_rebuild(project):
    run = project.run("train", tags={"a": "1"})
    project.tag_run(run.id, a="2", reviewed="yes")
    assert run.tags == {"a": "2", "reviewed": "yes"}
    project.rebuild()
    assert run.tags == {"a": "2", "reviewed": "yes"}


# --- artifacts ---


def test_an_artifact_of_the_project_is_found_by_key_tag_and_uri(project):
    old = project.log_artifact("settings", {"a": 1}, tag="first", labels={"by": "hand"})
    new = project.log_artifact("settings", {"a": 2})
    assert project.artifact("settings").load() == {"a": 2} == project.artifact("settings:latest").load()
    assert project.artifact("settings:first").load() == {"a": 1}
    assert project.artifact(old.uri).uid == old.uid != new.uid
    assert old.labels == {"by": "hand"} and old.tags == ["first"] and new.tags == ["latest"]
    assert old.path.is_file() and old.producer is None


def test_a_tag_moves_when_it_is_set_again(project):
    first = project.log_artifact("moving", 1)
    second = project.log_artifact("moving", 2)
    project.tag_artifact(first.uri, "best")
    assert project.artifact("moving:best").uid == first.uid
    second.tag("best")
    assert project.artifact("moving:best").uid == second.uid
    with pytest.raises(NameRuleError, match="moves by itself"):
        first.tag("latest")


def test_an_artifact_that_is_not_there_is_named_with_the_nearest(project):
    project.log_artifact("settings", {"a": 1})
    with pytest.raises(ArtifactNotFoundError, match="Did you mean 'settings'"):
        project.artifact("setings")
    with pytest.raises(ArtifactNotFoundError, match="has the tags"):
        project.artifact("settings:nope")
    with pytest.raises(ArtifactNotFoundError):
        project.artifact(f"store://models/{project.name}/settings")


def test_artifacts_are_listed_by_kind_and_key(project):
    project.log_artifact("table1", pd.DataFrame({"x": [1]}))
    assert "table1" in [each.key for each in project.artifacts(kind="datasets")]
    assert {each.key for each in project.artifacts(key="table1")} == {"table1"}
    with pytest.raises(NameRuleError, match="isn't a kind"):
        project.artifacts(kind="thing")


# --- interactive work ---


def test_interactive_work_is_a_run(project):
    with project.start_run("explore", params={"a": (1, 2)}, tags={"x": "y"}) as run:
        mlops.log_metric("loss", 0.5, step=1)
        mlops.log_result("answer", 42)
        mlops.log_artifact("found", {"k": 1})
        assert run.state is mlops.State.RUNNING
    assert run.state is mlops.State.COMPLETED and run.results == {"answer": 42} and run.params == {"a": (1, 2)}
    assert list(run.metrics("loss")["value"]) == [0.5]
    assert run.artifacts["found"].load() == {"k": 1}
    assert project.get_run("explore") == run


def test_interactive_work_knows_its_packages_and_the_state_of_its_code(here):
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "x", "--allow-empty"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@y", *words], check=True)
    project = open_project("churn", create=True)
    with project.start_run("explore") as run:
        pass
    noted = history(run.folder).environment
    assert noted["git"]["branch"] == "main" and len(noted["git"]["commit"]) == 40
    assert any(package.startswith("pandas==") for package in json.loads(project.library.blobs.read(noted["packages"])))
    assert project.run_rows()[0]["git_branch"] == "main"


def test_interactive_work_that_raises_is_an_error(project):
    with pytest.raises(ValueError, match="no"), project.start_run("explore") as run:
        raise ValueError("no")
    assert run.state is mlops.State.ERROR and run.error.ename == "ValueError" and "ValueError: no" in run.error.traceback[-1]


def test_interactive_work_that_is_interrupted_is_aborted(project):
    with pytest.raises(KeyboardInterrupt), project.start_run("explore") as run:
        raise KeyboardInterrupt
    assert run.state is mlops.State.ABORTED


def test_interactive_work_whose_process_is_gone_does_not_run_for_ever(project):
    pid = os.fork() if hasattr(os, "fork") else pytest.skip("needs fork")
    if pid == 0:
        with project.start_run("lost"):
            os._exit(9)
    os.waitpid(pid, 0)
    run = project.get_run("lost")
    assert run.state is mlops.State.ERROR and run.ended is not None


def test_a_project_shows_itself_in_a_notebook(project):
    bundle = project._repr_mimebundle_()
    assert "churn" in bundle["text/html"] and "churn" in bundle["text/plain"]
    assert json.dumps(bundle)


def test_a_list_of_artifacts_is_an_input_whose_items_are_in_the_lineage(project):
    made = [project.log_artifact(f"part_{number}", {"n": number}) for number in (1, 2)]
    project.define("gather", "total = sum(part['n'] for part in parts)", inputs=["parts"], returns=["total"])
    run = project.run("gather", inputs={"parts": made})
    assert run.results["total"] == 3
    rows = project.sql(f"SELECT name, artifact FROM run_inputs WHERE run = '{run.id}' ORDER BY name")
    assert rows.to_dict("list") == {"name": ["parts[0]", "parts[1]"], "artifact": [each.uid for each in made]}


def test_a_variable_with_capitals_is_returned_under_a_key_without(project, tmp_path):
    cell = "X_train, R2 = data[['a']], 0.5"
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    project.define("split", cell, inputs=["data"], returns=["X_train", "R2"])
    run = project.run("split", inputs={"data": frame})
    pd.testing.assert_frame_equal(run.artifacts["x_train"].load(), frame[["a"]])
    assert run.results == {"r2": 0.5}
    with pytest.raises(ArtifactNotFoundError, match="Did you mean 'x_train'"):
        run.artifacts["X_train"]


def test_a_notebook_and_a_python_function_return_variables_with_capitals_too(project, tmp_path):
    def split(n: int = 2):
        X_train = list(range(n))
        return X_train

    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("X_test = [1]")])
    nbformat.write(nb, tmp_path / "a.ipynb")
    project.define("split_notebook", notebook=tmp_path / "a.ipynb", returns=["X_test"])
    project.define("split_python", split)
    assert project.run("split_notebook").artifacts["x_test"].load() == [1]
    assert project.run("split_python").artifacts["x_train"].load() == [0, 1]


def test_an_artifact_shows_the_picture_of_a_plot_and_the_size_of_a_table(project):
    figure = Figure()
    figure.subplots().plot([1, 2])
    plot = project.log_artifact("curve", figure)
    assert "data:image/png;base64," in plot._repr_mimebundle_()["text/html"]
    wide = pd.DataFrame([range(300)], index=pd.Index(["a"], name="id"))
    assert "1 row × 300 columns" in project.log_artifact("wide", wide)._repr_mimebundle_()["text/plain"]


def test_a_deleted_run_goes_from_the_catalog_whoever_put_it_there_and_whoever_looks(here):
    first, second, third = (open_project("churn", create=True) for _ in range(3))
    second.library.catalog.fold()
    with first.start_run("explore") as run:
        pass
    assert len(first.runs()) == 1
    third.library.note("delete", run=run.id)
    shutil.rmtree(run.folder)
    assert len(second.runs()) == 0


def test_two_who_delete_the_same_runs_at_once_get_in_nobody_s_way(here):
    first, second = open_project("churn", create=True), open_project("churn")
    for _ in range(10):
        with first.start_run("explore"):
            pass

    def delete_all(project: Project) -> None:
        for run in project._ids():
            with suppress(RunNotFoundError):  # the other was faster
                project.delete_run(run)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(delete_all, (first, second)))
    assert first._ids() == [] and len(second.runs()) == 0


def test_a_path_that_goes_up_means_the_folder_it_leads_to(here):
    made = open_project("churn", create=True)
    (made.folder / "notebooks").mkdir()
    assert open_project("churn/notebooks/..").folder == here / "churn"
    with pytest.raises(ProjectNotFoundError, match="isn't a project"):
        open_project("churn/..")
    up = open_project("nowhere/../other", create=True)
    assert up.folder == here / "other" and up.name == "other" and not (here / "nowhere").exists()


def test_a_refused_call_is_found_by_its_line(project):
    project.define("logs", "import jupyter_mlops as mlops\nx = 1 + 1\n\nmlops.log_metric('x', True)")
    run = project.run("logs", background=True).wait()
    source = nbformat.read(run.notebook, 4).cells[run.error.cell].source.splitlines()
    assert run.error.ename == "LogError" and "log_metric" in source[run.error.line - 1]


def test_a_path_of_an_input_is_recorded_without_detours(project, tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "d.csv", index=False)
    monkeypatch.chdir(tmp_path / "notebooks")
    assert project.run("double", inputs={"data": "../d.csv"}).inputs["data"].uri == str(tmp_path / "d.csv")
