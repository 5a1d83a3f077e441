"""Functions, workflows and projects as the front end asks for them."""

from __future__ import annotations

import json

import nbformat
import pytest

import jupyter_mlops as mlops
from jupyter_mlops.api import OPERATIONS, OperationError, call, refusal, wire
from jupyter_mlops.api.projects import below, inside
from jupyter_mlops.errors import (
    CaptureError,
    ConflictError,
    FunctionNotFoundError,
    MlopsError,
    NameRuleError,
    NotebookError,
    ParameterError,
    ProjectError,
)

CODE = """
from typing import Literal
depth: int = 3   # of the tree
rate: float = 0.1
name: str
flag: bool = False
kind: Literal["a", 2, None] = "a"
many: list[int] | None = None
plain = "text"
made: int = 2 ** 3
accuracy = depth * rate * len(data)
"""


@pytest.fixture
def project(tmp_path):
    return mlops.open_project(tmp_path / "root" / "churn", create=True)


def ask(project, operation, **args):
    answer = call(project, operation, args, root=project.folder.parent)
    return json.loads(json.dumps(answer, allow_nan=False))


def test_a_function_tells_a_form_what_controls_to_show(project):
    ask(project, "functions.define", name="train", code=CODE, returns=["accuracy"], inputs=["data: pandas.DataFrame"])
    function = ask(project, "functions.get", name="train")
    found = {each["name"]: each for each in function["parameters"]}
    controls = {name: each["control"] for name, each in found.items()}
    assert controls == {
        "depth": "int",
        "rate": "float",
        "name": "str",
        "flag": "bool",
        "kind": "choice",
        "many": "python",
        "plain": "str",
    } | ({"made": "int"} if "made" in found else {})
    assert found["depth"]["help"] == "of the tree" and found["depth"]["value"] == 3 and found["depth"]["default"] == "3"
    assert found["name"]["default"] is None and found["name"]["value"] is None
    assert found["kind"]["choices"] == ["a", 2, None]
    assert function["inputs"] == [{"name": "data", "hint": "pandas.DataFrame", "default": None, "required": True}]
    assert "accuracy = depth * rate * len(data)" in function["code"] and function["contents"] == "churn/functions/train.ipynb"
    assert [version["current"] for version in function["versions"]] == [True]


def test_defining_it_again_says_what_changed(project):
    first = ask(project, "functions.define", name="train", code="n: int = 1\nm = n", returns=["m"])
    same = ask(project, "functions.define", name="train", code="n: int = 1\nm = n", returns=["m"])
    other = ask(project, "functions.define", name="train", code="n: int = 2\nm = n", returns=["m"])
    assert (first["change"], same["change"]) == ("new", "")
    assert "parameter n 1 → 2" in other["change"]
    assert len(ask(project, "functions.get", name="train")["versions"]) == 2


def test_a_notebook_of_the_file_browser_becomes_a_function_and_none_from_outside(project, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("n = 3")])
    for place in (tmp_path / "root" / "my work.ipynb", tmp_path / "outside.ipynb"):
        nbformat.write(notebook, place)
    (tmp_path / "root" / "link.ipynb").symlink_to(tmp_path / "outside.ipynb")
    assert ask(project, "functions.define", name="work", notebook="my work.ipynb")["change"] == "new"
    for place in (
        "../outside.ipynb",
        str(tmp_path / "outside.ipynb"),
        "link.ipynb",
        "nothing.ipynb",
        "a\0b.ipynb",
        "churn/project.yaml",
    ):
        with pytest.raises(NotebookError, match="no notebook here"):
            ask(project, "functions.define", name="other", notebook=place)


def test_a_function_whose_notebook_is_broken_is_listed_with_the_reason(project):
    ask(project, "functions.define", name="good", code="n = 1", returns=["n"])
    (project.folder / "functions" / "broken.ipynb").write_text("{")
    broken, good = ask(project, "functions.list")["functions"]
    assert broken["name"] == "broken" and "isn't a notebook" in broken["problem"] and broken["parameters"] == []
    assert good["name"] == "good" and "problem" not in good


def test_a_line_of_megabytes_can_be_a_parameter(project):
    ask(
        project,
        "functions.define",
        name="train",
        code=f"é: str = 'ö'; text = 'ä{'x' * 3_000_000}'; n = 2\nlast = [\n  1,\n  'é'\n]",
    )
    found = {each["name"]: each["default"] for each in ask(project, "functions.get", name="train")["parameters"]}
    assert found == {"é": "'ö'", "text": f"'ä{'x' * 3_000_000}'", "n": "2", "last": "[\n  1,\n  'é'\n]"}


@pytest.mark.parametrize(
    "code", ["x = " + "lambda: " * 900 + "1", "\n".join(f"def f{n}(): return f{n - 1}()" for n in range(1, 3000))]
)
def test_code_that_is_nested_too_deeply_is_refused(project, code):
    with pytest.raises(CaptureError, match="make it simpler"):
        ask(project, "functions.define", name="train", code=code)


def test_a_function_that_was_deleted_can_still_be_run_at_its_version(project):
    version = ask(project, "functions.define", name="train", code="n: int = 1\nm = n", returns=["m"])["function"]["version"]
    assert ask(project, "functions.delete", name="train") == {"removed": "train"}
    assert ask(project, "functions.list") == {"functions": []}
    with pytest.raises(FunctionNotFoundError):
        ask(project, "functions.delete", name="train")
    assert project.store.get(f"train@{version}")[0].name == "train"


def test_a_function_tells_which_workflows_call_it(project):
    for name in ("fit", "clean"):
        ask(project, "functions.define", name=name, code="n: int = 1\nm = n", returns=["m"])
    project.define_workflow("nightly", "a = fit(n=2)")
    project.define_workflow("weekly", "a = clean(n=2)")
    (project.folder / "workflows" / "broken.yaml").write_text("steps: [")
    assert ask(project, "functions.get", name="fit")["workflows"] == ["nightly"]


def test_a_function_with_a_broken_notebook_can_be_deleted(project):
    (project.folder / "functions" / "broken.ipynb").write_text("{")
    ask(project, "functions.delete", name="broken")
    assert ask(project, "functions.list") == {"functions": []}


def test_a_function_shows_how_many_runs_it_has(project):
    ask(project, "functions.define", name="train", code="n: int = 1\nm = n", returns=["m"])
    run = project.run("train")
    (function,) = ask(project, "functions.list")["functions"]
    assert function["runs"] == 1
    assert function["latest"] == {"run": run.id, "state": "completed", "created": pytest.approx(run.created.timestamp())}
    project.stop_worker()


# --- workflows ---

YAML = """# every night
name: nightly
steps:
  first:
    function: train   # the big one
    params: {n: 3}
"""


@pytest.fixture
def trained(project):
    project.define("train", "n: int = 1\nm = n", returns=["m"])
    return project


def test_a_workflow_is_shown_in_both_languages(trained):
    forms = ask(trained, "workflows.check", name="nightly", yaml=YAML)
    assert forms["python"] == "train(n=3)\n" or "train" in forms["python"]
    assert forms["problems"] == [] and forms["etag"] is None and forms["yaml"] == YAML
    back = ask(trained, "workflows.check", name="nightly", python="first = train(n=3)", previous=YAML)
    assert back["yaml"] == YAML, "comments stay"
    changed = ask(trained, "workflows.check", name="nightly", python="first = train(n=4)", previous=YAML)["yaml"]
    assert "# every night" in changed and "# the big one" in changed and "4" in changed


def test_every_problem_has_its_step_line_and_field(trained):
    text = "name: nightly\nsteps:\n  first:\n    function: trian\n  second:\n    function: train\n    params: {m: 1, n: '${third.m}'}\n"
    problems = ask(trained, "workflows.check", name="nightly", yaml=text)["problems"]
    assert [(each["step"], each["line"]) for each in problems] == [("first", 3), ("second", 5), ("second", 5)]
    assert "Did you mean 'train'?" in problems[0]["text"]


@pytest.mark.parametrize(
    "text", ["", "a: [", "name: nightly\nsteps: 7\n", "- 1", "name: nightly\nstep: {}", "\t", "name: other\nsteps: {}\n"]
)
def test_a_text_that_is_no_workflow_has_problems_and_raises_nothing(trained, text):
    forms = ask(trained, "workflows.check", name="nightly", yaml=text)
    assert forms["problems"] and forms["yaml"] == text


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [("first = trian(n=3)", 1, "trian"), ("x = (", None, ""), ("\n1 / 0", 2, "ZeroDivisionError"), ("exit(3)", None, "")],
)
def test_python_that_can_not_be_a_workflow_says_where(trained, code, line, words):
    forms = ask(trained, "workflows.check", name="nightly", python=code, previous=YAML)
    assert forms["yaml"] == YAML and forms["python"] == code
    assert any(words in each["text"] and (line is None or each["line"] == line) for each in forms["problems"])


def test_yaml_is_never_executed(trained, tmp_path):
    text = f"name: nightly\nsteps:\n  first: !!python/object/apply:os.system ['touch {tmp_path}/ran']\n"
    assert ask(trained, "workflows.check", name="nightly", yaml=text)["problems"]
    assert not (tmp_path / "ran").exists()


def test_saving_notices_changes_from_outside(trained):
    saved = ask(trained, "workflows.save", name="nightly", yaml=YAML, etag=None)
    path = trained.workflow_store.path("nightly")
    assert path.read_text() == YAML and ask(trained, "workflows.get", name="nightly")["etag"] == saved["etag"]
    path.write_text(YAML + "# touched\n")
    with pytest.raises(ConflictError, match="has changed") as refused:
        ask(trained, "workflows.save", name="nightly", yaml=YAML, etag=saved["etag"])
    assert refusal(refused.value)["status"] == 409
    with pytest.raises(ConflictError, match="already"):
        ask(trained, "workflows.save", name="nightly", yaml=YAML, etag=None)
    ask(trained, "workflows.save", name="nightly", yaml=YAML)
    assert path.read_text() == YAML
    path.unlink()
    with pytest.raises(ConflictError, match="is gone"):
        ask(trained, "workflows.save", name="nightly", yaml=YAML, etag=saved["etag"])


def test_no_edit_is_lost_because_it_is_not_finished(trained):
    half = "name: nightly\nsteps:\n  first:\n    function: \n"
    forms = ask(trained, "workflows.save", name="nightly", yaml=half, etag=None)
    assert forms["problems"] and trained.workflow_store.path("nightly").read_text() == half
    (listed,) = ask(trained, "workflows.list")["workflows"]
    assert listed["problem"]


def test_a_workflow_can_not_take_a_functions_name_or_leave_its_folder(trained):
    with pytest.raises(NameRuleError, match="is a Function"):
        ask(trained, "workflows.save", name="train", yaml=YAML)
    for name in ("../x", "a/b", "", ".hidden", "A"):
        for operation in ("workflows.get", "workflows.save", "workflows.delete", "workflows.check"):
            with pytest.raises(MlopsError):
                ask(
                    trained,
                    operation,
                    name=name,
                    **({"yaml": "name: x\nsteps: {}"} if operation.endswith(("save", "check")) else {}),
                )


def test_a_workflow_is_deleted(trained):
    ask(trained, "workflows.save", name="nightly", yaml=YAML)
    assert ask(trained, "workflows.delete", name="nightly") == {"removed": "nightly"}
    with pytest.raises(MlopsError, match="no workflow"):
        ask(trained, "workflows.delete", name="nightly")


# --- projects ---


def test_projects_are_found_near_the_root_first_and_not_too_deep(tmp_path):
    for place in ("a", "b/c", "d/e/f/g", "h/i/j/k/l", "node_modules/x", ".hid/x", "venv/x"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "project.yaml").write_text("name: x\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "env2").mkdir()
    (tmp_path / "env2" / "pyvenv.cfg").write_text("")
    (tmp_path / "env2" / "x").mkdir()
    (tmp_path / "env2" / "x" / "project.yaml").write_text("name: x\n")
    assert [folder.relative_to(tmp_path).as_posix() for folder in below(tmp_path)] == ["a", "b/c", "d/e/f/g"]


def test_a_place_is_inside_or_refused(tmp_path):
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "out").symlink_to(tmp_path)
    assert inside(root, "sub") == root / "sub" and inside(root, "") == root
    for place in ("..", "sub/../..", "/etc", "out", "out/etc", "a\0", "a\\b"):
        with pytest.raises(MlopsError):
            inside(root, place)


def test_a_project_is_made_once(tmp_path):
    made = call(None, "projects.create", {"path": "team/new one"}, root=tmp_path)
    assert made["path"] == "team/new one" and (tmp_path / "team" / "new one" / "project.yaml").exists()
    with pytest.raises(MlopsError, match="already"):
        call(None, "projects.create", {"path": "team/new one"}, root=tmp_path)
    with pytest.raises(MlopsError):
        call(None, "projects.create", {"path": "../x"}, root=tmp_path)
    assert call(None, "projects.list", {}, root=tmp_path)["projects"] == [made]


@pytest.mark.parametrize("place", ["a/b/c/d/e", ".hidden", "a/.b", "churn/runs/x", "venv", "a\tb", "a/\u202eb"])
def test_no_project_is_made_where_nobody_would_find_it(tmp_path, place):
    with pytest.raises(ProjectError, match=r"looked for in|can't be seen"):
        call(None, "projects.create", {"path": place}, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_project_whose_settings_are_broken_is_listed_with_the_reason(tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "project.yaml").write_text("name: [1")
    (found,) = call(None, "projects.list", {}, root=tmp_path)["projects"]
    assert (found["path"], found["name"]) == ("broken", "broken") and "line" in found["problem"]


def test_a_project_called_no_is_one(tmp_path):
    assert mlops.open_project(tmp_path / "no", create=True).name == "no"
    assert mlops.open_project(tmp_path / "no").name == "no"


def test_a_panel_knows_its_own_project_only(project):
    assert call(project, "projects.list", {}) == {"projects": [{"path": "churn", "name": "churn", "description": ""}], "root": ""}
    assert call(project, "project.get", {})["contents"] is None


# --- arguments ---


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "projects.list"])
def test_an_unknown_argument_is_refused_by_every_operation(project, operation):
    with pytest.raises(OperationError, match="colour"):
        call(project, operation, dict.fromkeys(OPERATIONS[operation].in_path, "x") | {"colour": "red"})


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if not name.startswith("projects.")])
def test_an_operation_of_a_project_needs_one(operation):
    takes = OPERATIONS[operation].takes
    required = {
        name: "x"
        for name in takes.__struct_fields__
        if name not in takes.__struct_defaults__ and name in OPERATIONS[operation].in_path
    }
    with pytest.raises(MlopsError):
        call(None, operation, required)


def test_an_unknown_operation_is_refused_with_the_nearest(project):
    with pytest.raises(OperationError, match=r"Did you mean 'runs\.list'"):
        call(project, "runs.lst", {})


def test_values_are_what_they_say(project):
    given = [
        ({"$": "python", "v": "[1, (2,)]"}, [1, (2,)]),
        ({"$": "python", "v": " 7 "}, 7),
        ("7", "7"),
        ({"$": "tuple", "v": [1]}, (1,)),
        ([{"$": "python", "v": "None"}], [None]),
    ]
    assert [wire.read("value", data) for data, _ in given] == [value for _, value in given]
    project.define("keep", "value = None\nother = 1", returns=["other"])
    run = call(project, "runs.start", {"target": "keep", "options": {"params": {"value": given[0][0]}}})["run"]
    assert project.get_run(run).params["value"] == given[0][1]
    project.get_run(run).abort()
    project.stop_worker()


@pytest.mark.parametrize(
    "given",
    [
        {"$": "python", "v": "open('/etc/passwd')"},
        {"$": "python", "v": "1 +"},
        {"$": "python"},
        {"$": "odd", "v": 1},
        {"$": "date", "v": {}},
    ],
)
def test_a_value_that_can_not_be_is_refused_by_name(project, given):
    project.define("keep", "value = None\nother = 1", returns=["other"])
    with pytest.raises(ParameterError, match="'value'"):
        call(project, "runs.start", {"target": "keep", "options": {"params": {"value": given}}})
