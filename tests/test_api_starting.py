"""Runs that are started, watched, aborted, run again and resumed by operations; with a real worker."""

from __future__ import annotations

import json

import pytest
from running import until

import jupyter_mlops as mlops
from jupyter_mlops.api import call
from jupyter_mlops.errors import InputError, MlopsError, ParameterError

TRAIN = """
import jupyter_mlops as mlops
depth: int = 3
label: str = "a"
for step in range(depth):
    mlops.log_metric("loss", 1 / (step + 1), step=step)
print("depth", depth)
accuracy = depth / 10
"""
WAIT = """
import time
from pathlib import Path
flag: str
while not Path(flag).exists():
    time.sleep(0.01)
done = True
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = mlops.open_project(tmp_path_factory.mktemp("starting") / "root" / "churn", create=True)
    project.define("train", TRAIN, returns=["accuracy"])
    project.define("count", "rows = len(data)", inputs=["data"], returns=["rows"])
    project.define("fail", "n: int = 0\nratio = 1 / n", returns=["ratio"])
    project.define("wait", WAIT, returns=["done"])
    project.define_workflow("flow", "n: int = 0\nfirst = fail(n=n)\nsecond = train(depth=2).after(first)")
    yield project
    project.stop_worker()


def ask(project, operation, **args):
    return json.loads(json.dumps(call(project, operation, args, root=project.folder.parent, origin="lab"), allow_nan=False))


def ended(project, answer):
    project.get_run(answer["run"]).wait(60)
    return ask(project, "runs.get", run=answer["run"])


def test_a_run_starts_at_once_and_ends_as_it_was_asked(project):
    options = {"params": {"depth": {"$": "python", "v": "4"}}, "name": "my run", "tags": {"team": "blue"}, "timeout": "5m"}
    run = ended(project, ask(project, "runs.start", target="train", options=options))
    assert (run["state"], run["name"], run["origin"], run["tags"]) == ("completed", "my run", "lab", {"team": "blue"})
    assert run["params"]["depth"] == 4 and run["results"] == {"accuracy": 0.4} and run["values"]["depth"] == 4
    assert run["metrics"] == [{"key": "loss", "points": 4, "last": 0.25}]
    assert [cell["state"] for cell in run["cells"]] == ["completed"] * len(run["cells"]) and run["cells"]
    assert run["notebook"] == f"{run['folder']}/notebook.ipynb" and run["folder"].startswith("churn/runs/")
    assert ask(project, "runs.log", run=run["id"])["text"] == "depth 4\n"


def test_inputs_are_files_of_the_file_browser_of_the_project_or_artifacts(project):
    (project.folder.parent / "my data.csv").write_text("a\n1\n2\n")
    (project.folder / "near.csv").write_text("a\n1\n")
    project.log_artifact("table", [1, 2, 3], tag="good")
    for place, rows in (("my data.csv", 2), ("near.csv", 1), ("table", 3), ("table:good", 3), (project.artifact("table").uri, 3)):
        run = ended(project, ask(project, "runs.start", target="count", options={"inputs": {"data": place}}))
        assert run["results"] == {"rows": rows}, place
    for place in ("nothing.csv", "", "a\0b", "nokey"):
        with pytest.raises(MlopsError):
            ask(project, "runs.start", target="count", options={"inputs": {"data": place}})
    with pytest.raises(InputError, match="doesn't exist"):
        ask(project, "runs.start", target="count", options={"inputs": {"data": "nothing.csv"}})


def test_what_can_not_be_is_refused_before_anything_starts(project):
    before = ask(project, "runs.list")["total"]
    for options in ({"params": {"depht": 3}}, {"params": {"depth": "3"}}, {"parallel": 2}, {"timeout": "soon"}, {"retries": -1}):
        with pytest.raises(MlopsError):
            ask(project, "runs.start", target="train", options=options)
    with pytest.raises(ParameterError, match="a sweep can't have 'timeout'"):
        ask(project, "runs.start", target="train", options={"timeout": "5m", "sweep": {"grid": {"depth": [1]}}})
    with pytest.raises(MlopsError):
        ask(project, "runs.start", target="nothing")
    assert ask(project, "runs.list")["total"] == before


def test_a_failure_is_told_with_its_cell_line_and_traceback(project):
    run = ended(project, ask(project, "runs.start", target="fail"))
    assert run["state"] == "error" and run["error"]["ename"] == "ZeroDivisionError"
    assert run["error"]["line"] == 1 and any("1 / n" in line for line in run["error"]["traceback"])
    assert run["cells"][run["error"]["cell"]]["source"] == "ratio = 1 / n"
    assert not run["resumable"]


def test_a_workflow_that_failed_is_resumed_with_other_params(project):
    run = ended(project, ask(project, "runs.start", target="flow"))
    assert run["state"] == "error" and run["resumable"] and run["yaml"].startswith("name: flow")
    lines = {line["name"]: line for line in run["steps"]}
    assert lines["first"]["state"] == "error" and lines["first"]["error"] == "ZeroDivisionError: division by zero"
    assert lines["second"]["state"] == "skipped" and lines["second"]["function"] == "train"
    again = ended(project, ask(project, "runs.resume", run=run["id"], params={"n": 2}))
    assert again["state"] == "completed" and [line["state"] for line in again["steps"]] == ["completed", "completed"]
    assert again["tags"] == {"resumes": run["id"]}


@pytest.mark.parametrize("parallel", [0, -1, 10**30])
def test_a_number_of_runs_at_once_that_can_t_be_is_refused(project, parallel):
    with pytest.raises(ParameterError, match="1 to 1000"):
        ask(project, "runs.start", target="flow", options={"parallel": parallel})


def test_a_part_of_a_workflow_is_run(project):
    run = ended(
        project, ask(project, "runs.start", target="flow", options={"params": {"n": 1}, "until": "first", "cache": False})
    )
    assert [line["name"] for line in run["steps"]] == ["first"]


def test_a_run_is_run_again_with_changes(project):
    first = ended(project, ask(project, "runs.start", target="train", options={"params": {"depth": 4, "label": "b"}}))
    again = ended(project, ask(project, "runs.rerun", run=first["id"], params={"depth": 5}))
    assert again["params"] == {"depth": 5, "label": "b"} and again["id"] != first["id"]
    with_data = ended(project, ask(project, "runs.start", target="count", options={"inputs": {"data": "near.csv"}}))
    other = ended(project, ask(project, "runs.rerun", run=with_data["id"], inputs={"data": "table"}))
    same = ended(project, ask(project, "runs.rerun", run=with_data["id"]))
    assert (other["results"], same["results"]) == ({"rows": 3}, {"rows": 1})


def test_a_run_that_is_run_again_keeps_its_name_tags_and_limits(project):
    options = {"name": "my run", "tags": {"team": "blue"}, "timeout": "5m", "retries": 1}
    first = ended(project, ask(project, "runs.start", target="train", options=options))
    again = project.get_run(ended(project, ask(project, "runs.rerun", run=first["id"]))["id"]).spec
    assert (again.name, again.tags, again.runtime.timeout, again.runtime.retries) == ("my run", {"team": "blue"}, 300, 1)
    flow = ended(project, ask(project, "runs.start", target="flow", options={"params": {"n": 1}, "only": ["second"]}))
    part = ended(project, ask(project, "runs.rerun", run=flow["id"]))
    assert [line["name"] for line in part["steps"]] == ["second"]


def test_lists_and_plain_inputs_are_given_again_as_they_were(project):
    project.define("total", "rows = sum(len(each) for each in many) + extra", inputs=["many", "extra"], returns=["rows"])
    project.define_workflow("gather", "both = total(many=[[1, 2], {'a': 1}], extra=5)")
    for key, value in {"many_a": [1, 2, 3], "many_b": [1, 2], "number": 7}.items():
        project.log_artifact(key, value)
    flow = ended(project, ask(project, "runs.start", target="gather", options={"cache": False}))
    child = next(line["run"] for line in flow["steps"] if line["name"] == "both")
    assert ended(project, ask(project, "runs.rerun", run=child))["results"] == {"rows": 8}
    listed = ended(
        project,
        ask(project, "runs.start", target="total", options={"inputs": {"many": "many_a, many_a:latest", "extra": "number"}}),
    )
    assert listed["results"] == {"rows": 13}
    assert [each["name"] for each in listed["inputs"]] == ["extra", "many[0]", "many[1]"]
    assert ended(project, ask(project, "runs.rerun", run=listed["id"]))["results"] == {"rows": 13}
    fewer = ended(project, ask(project, "runs.rerun", run=listed["id"], inputs={"many": "many_a,many_b"}))
    assert fewer["results"] == {"rows": 12}


def test_a_sweep_shows_its_iterations_and_its_best_and_is_run_again(project):
    search = {"grid": {"depth": [1, {"$": "python", "v": "3"}, 2]}, "select": "max:accuracy"}
    run = ended(project, ask(project, "runs.start", target="train", options={"sweep": search, "params": {"label": "c"}}))
    assert run["sweep"] == {"select": "max:accuracy", "params": ["depth"], "best": run["steps"][1]["run"]}
    assert [(line["params"], line["best"]) for line in run["steps"]] == [
        ({"depth": 1}, False),
        ({"depth": 3}, True),
        ({"depth": 2}, False),
    ]
    again = ended(project, ask(project, "runs.rerun", run=run["id"], params={"label": "d"}))
    assert [line["params"]["depth"] for line in again["steps"]] == [1, 3, 2]
    child = ask(project, "runs.get", run=again["steps"][0]["run"])
    assert child["params"]["label"] == "d" and child["parent"] == again["id"]


def test_a_run_is_aborted_and_one_that_has_ended_stays_as_it_is(project, tmp_path):
    run = ask(project, "runs.start", target="wait", options={"params": {"flag": str(tmp_path / "go")}})["run"]
    until(lambda: ask(project, "runs.get", run=run)["state"] == "running")
    assert ask(project, "runs.abort", run=run) == {"run": run}
    assert ask(project, "runs.get", run=run)["state"] == "aborted"
    done = ended(project, ask(project, "runs.start", target="train"))
    ask(project, "runs.abort", run=done["id"])
    assert ask(project, "runs.get", run=done["id"])["state"] == "completed"


def test_a_workflow_is_explained_before_it_runs(project):
    ended(project, ask(project, "runs.start", target="flow", options={"params": {"n": 5}}))
    verdicts = {each["step"]: each for each in ask(project, "workflows.explain", name="flow", params={"n": 5})["steps"]}
    assert verdicts["first"]["verdict"] == "cached" and verdicts["first"]["run"]
    changed = {each["step"]: each for each in ask(project, "workflows.explain", name="flow", params={"n": 6})["steps"]}
    assert changed["first"]["verdict"] == "will run" and changed["first"]["why"]


def test_a_run_of_another_version_is_compared_with_the_code_before(project):
    project.define("grow", "n: int = 1\nm = n + 1", returns=["m"])
    first = ended(project, ask(project, "runs.start", target="grow"))
    project.define("grow", "n: int = 1\nm = n + 2", returns=["m"])
    second = ended(project, ask(project, "runs.start", target="grow"))
    diff = ask(project, "runs.diff", run=second["id"])
    assert (diff["from"], diff["to"]) == (first["version"], second["version"])
    assert diff["lines"][1:] == ["-m = n + 1", "+m = n + 2"]
    assert ask(project, "runs.diff", run=first["id"])["from"] is None
    flow = ended(project, ask(project, "runs.start", target="flow", options={"params": {"n": 5}}))
    assert ask(project, "runs.diff", run=flow["id"])["lines"][1] == "+name: flow"
