"""The panel as Python has it: what it shows, what it says of what is seen, and how little it leaves in a notebook."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from run_folders import artifact, events, finished, note
from traitlets import TraitError

import jupyter_mlops as mlops
from jupyter_mlops.errors import MlopsError, ParameterError, RunNotFoundError
from jupyter_mlops.hosts import panel as panels
from jupyter_mlops.hosts.panel_snapshot import MIME, WIDGET

MOST = 50_000  # bytes that a panel may add to a notebook


@pytest.fixture(scope="module", autouse=True)
def front(tmp_path_factory):
    """A front end that is there, whether or not the real one was built."""
    folder = tmp_path_factory.mktemp("static")
    for name in ("boot.js", "widget.js", "widget.css"):
        (folder / name).write_text(f"/* {name} */")
    patch = pytest.MonkeyPatch()
    patch.setattr(panels, "STATIC", folder)
    yield folder
    patch.undo()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = mlops.open_project(tmp_path_factory.mktemp("panel") / "churn", create=True)
    project.define("train", "n: int = 3\naccuracy = 1 - 1 / n", returns=["accuracy"])
    project.define_workflow("nightly", "first = train(n=4)\nsecond = train(n=5).after(first)")
    for value in (0.5, 0.75):
        finished(project.folder, results={"accuracy": value}, points=20)
    return project


def ids(project):
    return [row["id"] for row in project.run_rows()]


def test_it_shows_the_table_of_runs_by_default(project):
    panel = project.panel()
    assert (panel.view, panel.target, panel.selected_runs, panel.workflow) == ("runs", [], [], None)


def test_what_is_chosen_in_the_table_are_runs_here(project):
    panel = project.panel()
    panel.set_state({"chosen": ids(project)})
    assert [run.id for run in panel.selected_runs] == ids(project)
    assert panel.selected_runs[0].results["accuracy"] in (0.5, 0.75)


def test_the_workflow_that_is_shown_is_a_workflow_here(project):
    panel = project.panel("workflow", "nightly")
    assert list(panel.workflow.steps) == ["first", "second"]
    assert panel.yaml == panel.workflow.to_yaml()
    panel.set_state({"draft": "steps: {}"})
    assert panel.yaml == "steps: {}"
    panel.yaml = "steps: {a: 1}"
    assert panel.draft == "steps: {a: 1}"


def test_an_unsaved_text_belongs_to_its_own_workflow(project):
    project.define_workflow("other", "third = train()")
    panel = project.panel("workflow", "nightly")
    panel.set_state({"draft": "steps: {}", "_draft_of": {"workflow": "nightly", "etag": "1"}})
    panel.show("workflow", "other")
    assert panel.yaml == panel.workflow.to_yaml()
    panel.yaml = "steps: {a: 1}"
    assert panel.yaml == "steps: {a: 1}"


def test_where_one_walks_in_the_panel_is_known_here(project):
    panel = project.panel()
    run = ids(project)[0]
    panel.set_state({"view": "run", "target": [run]})
    assert [each.id for each in panel.selected_runs] == [run]
    panel.show("workflow", "nightly")
    assert (panel.view, panel.target) == ("workflow", ["nightly"])


def test_a_run_is_the_latest_when_none_is_named(project):
    assert project.panel("run").target == [project.get_run().id]


@pytest.mark.parametrize(
    ("view", "target", "error"),
    [
        ("run", "20260101-000000-aaaaaaaa", RunNotFoundError),
        ("workflow", "nigthly", MlopsError),
        ("workflow", [], ParameterError),
        ("compare", "x", ParameterError),
        ("compare", ["x"] * 30, ParameterError),
        ("artifacts", "x", ParameterError),
        ("artifact", "nothing", MlopsError),
        ("wrokflow", "nightly", ParameterError),
    ],
)
def test_what_isn_t_there_is_refused_at_once(project, view, target, error):
    with pytest.raises(error):
        project.panel(view, target)


@pytest.mark.parametrize("height", [0, 199, 5000, 1.5, True, "high"])
def test_a_height_that_can_t_be_is_refused(project, height):
    with pytest.raises(ParameterError, match="height"):
        project.panel(height=height)


@pytest.mark.parametrize(
    "state",
    [
        {"view": "form"},
        {"view": 7},
        {"target": [1]},
        {"chosen": [{}]},
        {"height": -1},
        {"draft": "x" * 5_000_000},
    ],
)
def test_a_state_that_can_t_be_is_refused_from_the_front_end_too(project, state):
    panel = project.panel()
    before = {name: getattr(panel, name) for name in state}
    with pytest.raises(TraitError):
        panel.set_state(state)
    assert {name: getattr(panel, name) for name in state} == before


def test_a_front_end_that_isn_t_built_says_how_to_build_it(project, tmp_path, monkeypatch):
    monkeypatch.setattr(panels, "STATIC", tmp_path / "nowhere")
    with pytest.raises(panels.FrontEndError, match="npm run build"):
        project.panel()


def test_its_opening_message_doesn_t_carry_the_front_end(project, front):
    (front / "widget.js").write_text("x" * 1_000_000)
    panel = project.panel()
    assert len(json.dumps(panel.get_state())) < 8_000
    assert panel._front == panels.front()


def test_the_front_end_has_another_name_when_it_changes(front):
    (front / "widget.js").write_text("one")
    one = panels.front()
    (front / "widget.js").write_text("other")
    assert panels.front() != one


def test_closing_it_ends_what_it_listens_to(project):
    panel = project.panel()
    panel.close()
    assert not panel._talk.listens


# --- the notebook


def kept(panel):
    data, _ = panel._repr_mimebundle_()
    return data


def added(panel):
    """How many bytes a notebook grows by the panel."""
    output = nbformat.v4.new_output("execute_result", data=kept(panel), execution_count=1)
    cell = nbformat.v4.new_code_cell("%mlpanel", outputs=[output])
    return len(nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))) - len(nbformat.writes(nbformat.v4.new_notebook(cells=[])))


def test_our_own_type_comes_first_then_the_widget_then_html(project):
    data = kept(project.panel())
    assert list(data) == [MIME, WIDGET, "text/html", "text/plain"]
    assert re.fullmatch(r"[0-9a-f]{32}", data[WIDGET]["model_id"])


def test_a_snapshot_holds_what_its_screen_asks_first(project):
    run = ids(project)[0]
    for view, target, operations in (
        ("runs", [], {"runs.list"}),
        ("run", [run], {"runs.get", "runs.metrics"}),
        ("workflow", ["nightly"], {"workflows.get", "functions.list", "runs.list"}),
        ("compare", ids(project), {"runs.compare", "runs.metrics"}),
        ("artifacts", [], {"artifacts.list"}),
    ):
        answers = json.loads(kept(project.panel(view, target))[MIME]["snapshot"])
        assert operations <= set(answers), view


def test_a_snapshot_says_where_the_project_is_from_where_the_notebook_is(project, monkeypatch):
    (project.folder / "notebooks").mkdir(exist_ok=True)
    for folder, place in ((project.folder.parent, "churn"), (project.folder, "."), (project.folder / "notebooks", "..")):
        monkeypatch.chdir(folder)
        data = kept(project.panel())
        assert data[MIME]["places"] == [place]
        assert str(project.folder) not in json.dumps(data)


def test_a_workflow_is_a_picture_where_our_front_end_is_missing(project):
    html = kept(project.panel("workflow", "nightly"))["text/html"]
    assert html.startswith("<img ")
    assert "data:image/svg+xml;base64," in html


def test_runs_are_a_table_where_our_front_end_is_missing(project):
    html = kept(project.panel())["text/html"]
    assert "0.75" in html
    assert "<script" not in html


def test_hostile_names_stay_text_in_the_html(tmp_path):
    project = mlops.open_project(tmp_path / "hostile", create=True)
    attack = "<img src=x onerror=alert(1)>"
    finished(project.folder, name=attack, results={"score": attack})
    note(project.folder, "artifact", **artifact("model", type=attack))
    for view in ("runs", "artifacts"):
        assert "<img" not in kept(project.panel(view))["text/html"]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """10,000 runs, one of them with a lot of everything."""
    project = mlops.open_project(tmp_path_factory.mktemp("crowded") / "crowded", create=True)
    params = {f"param_{index}": "long text " * 20 for index in range(40)}
    for index in range(9_999):
        finished(
            project.folder, name=f"run {index}", params=params if index % 2 else {"n": index}, results={"accuracy": index / 1e4}
        )
    place = finished(project.folder, name="big", params=params, results={f"result_{index}": index for index in range(200)})
    with events(place) as journal:
        for key in range(30):
            for step in range(200):
                journal.metric(f"metric_{key}", step / 7, step)
        for index in range(300):
            journal.append("artifact", **artifact(f"artifact_{index}", meta={"preview": "x" * 500}))
    project.define("work", "n: int = 1\nm = n", returns=["m"], description="d" * 300)
    steps = "\n".join(f"s{index} = work(n={index}, when='1 > 0')" for index in range(200))
    project.define_workflow("wide", steps)
    return project, place.name


@pytest.mark.parametrize("view", ["runs", "run", "workflow", "compare", "artifacts", "artifact"])
def test_a_panel_adds_little_to_a_notebook_whatever_the_project(crowded, view):
    project, big = crowded
    target = {
        "run": big,
        "workflow": "wide",
        "compare": [row["id"] for row in project.run_rows(limit=20)],
        "artifact": "artifact_0",
    }
    panel = project.panel(view, target.get(view, ()))
    assert added(panel) <= MOST
    assert json.loads(kept(panel)[MIME]["snapshot"]), "the snapshot is empty"


def test_a_panel_of_what_is_gone_is_shown_all_the_same(tmp_path):
    project = mlops.open_project(tmp_path / "broken", create=True)
    project.define("work", "n: int = 1", returns=["n"])
    project.define_workflow("nightly", "one = work(n=2)")
    panel = project.panel("workflow", "nightly")
    panel.workflow.path.unlink()
    data = kept(panel)
    assert data[MIME]["snapshot"] == "{}"
    assert "nightly" in data["text/html"]
    assert data["text/plain"] == "<Panel workflow nightly of broken>"


def test_importing_the_package_imports_no_widgets():
    code = "import sys, jupyter_mlops.project; print('anywidget' in sys.modules or 'ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    assert done.stdout.strip() == "False"
