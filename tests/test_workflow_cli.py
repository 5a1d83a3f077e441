"""Workflows and sweeps on the command line: what is printed, and the exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from jupyter_mlops.project import open_project

GREET = "word = 'hi'\na = shout(word=word)\nb = count(word=a.loud, times=2)\n"
PUMP = "on = True\nfirst = shout(word='x')\nbad = fail(on=on)\nlast = shout(word='y', after=[bad])\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One project with some Functions and its worker, for all tests here."""
    place = tmp_path_factory.mktemp("cli") / "flows"
    project = open_project(place, create=True)
    project.define("shout", "word: str = ''\nloud = word.upper()", returns=["loud"])
    project.define("count", "word: str = ''\ntimes: int = 1\nn = len(word) * times", returns=["n"])
    project.define("fail", "on: bool = True\nif on:\n    raise ValueError('broken pump')\nok = 1", returns=["ok"])
    project.define("rows", "n = len(table)", inputs=["table: pandas.DataFrame"], returns=["n"])
    project.define("wait", "import time\nfor _ in range(600):\n    time.sleep(0.1)")
    project.define_workflow("greet", GREET)
    project.define_workflow("slow", "a = wait()\nb = wait(after=[a])")
    project.define_workflow("halved", GREET)
    project.define_workflow("pump", PUMP)
    yield place
    project.stop_worker()


def states(shown: str) -> dict[str, str]:
    return {name: step["state"] for name, step in json.loads(shown)["steps"].items()}


def test_a_file_of_python_becomes_a_workflow(cli, tmp_path):
    file = tmp_path / "wf.py"
    file.write_text(GREET, encoding="utf-8")
    code, out, _ = cli("workflow", "define", "from_python", "--file", str(file), "--description", "Says hello")
    assert code == 0
    assert "b ← a" in out
    assert "Says hello" in cli("workflow", "list")[1]


def test_a_workflow_goes_through_its_yaml_unchanged(cli, tmp_path):
    file = tmp_path / "wf.yaml"
    file.write_text(cli("workflow", "code", "greet", "--yaml")[1], encoding="utf-8")
    assert cli("workflow", "define", "copied", "--file", str(file))[0] == 0
    assert cli("workflow", "code", "copied")[1] == cli("workflow", "code", "greet")[1]


def test_a_wrong_workflow_exits_2_and_names_what_was_meant(cli, tmp_path):
    file = tmp_path / "wf.py"
    file.write_text("a = shuot(word='x')", encoding="utf-8")
    code, _, err = cli("workflow", "define", "wrong", "--file", str(file))
    assert code == 2
    assert "Did you mean 'shout'" in err


def test_a_file_that_is_not_there_exits_2(cli):
    code, _, err = cli("workflow", "define", "absent", "--file", "nowhere.py")
    assert code == 2
    assert "'nowhere.py' can't be read" in err


def test_show_and_list_give_json(cli):
    shown = json.loads(cli("workflow", "show", "greet", "--json")[1])
    assert [step["name"] for step in shown["steps"]] == ["a", "b"]
    assert {"greet", "pump"} <= {each["name"] for each in json.loads(cli("workflow", "list", "--json")[1])}


def test_a_workflow_run_prints_a_line_for_each_step_that_ends(cli):
    code, out, _ = cli("run", "greet", "word=printed", "--parallel", "2", "--no-cache")
    assert code == 0
    lines = out.splitlines()
    assert any(line.startswith("✓ a completed") for line in lines)
    assert any(line.startswith("✓ b completed") and "n=14" in line for line in lines)


def test_a_run_that_would_repeat_work_says_cached(cli):
    cli("run", "greet", "word=twice")
    code, out, _ = cli("run", "greet", "word=twice", "--json")
    assert code == 0
    assert states(out) == {"a": "cached", "b": "cached"}


def test_explain_says_why_a_step_would_run(cli):
    cli("run", "greet", "word=told")
    rows = json.loads(cli("workflow", "explain", "greet", "word=other", "--json")[1])
    assert {row["step"]: row["verdict"] for row in rows} == {"a": "will run", "b": "will run"}
    assert "parameter word" in cli("workflow", "explain", "greet", "word=other")[1]


def test_a_dry_run_of_a_workflow_is_its_explanation(cli):
    assert cli("run", "greet", "word=unheard", "--dry-run") == cli("workflow", "explain", "greet", "word=unheard")


def test_until_leaves_out_what_comes_after(cli):
    _, out, _ = cli("run", "halved", "--until", "a", "--json")
    assert states(out) == {"a": "completed", "b": "skipped"}


def test_only_can_be_given_twice(cli):
    cli("run", "greet", "word=both")
    _, out, _ = cli("run", "greet", "word=both", "--only", "a", "--only", "b", "--json")
    assert set(states(out)) == {"a", "b"}


def test_a_failed_workflow_exits_1_and_resumes_from_its_failed_step(cli):
    code, out, _ = cli("run", "pump")
    assert code == 1
    assert any(line.startswith("✕ bad error") for line in out.splitlines())
    assert any(line.startswith("– last skipped") for line in out.splitlines())
    code, out, _ = cli("run", "--resume", "pump", "on=False", "--json")
    assert code == 0
    assert states(out) == {"first": "cached", "bad": "completed", "last": "completed"}


def test_an_option_of_workflows_is_refused_for_a_function(cli):
    code, _, err = cli("run", "shout", "--until", "a", "--no-cache")
    assert code == 2
    assert "--until, --no-cache can be given for workflows only" in err


def test_a_dry_run_of_a_resume_resumes_nothing(cli):
    code, _, err = cli("run", "--resume", "pump", "--dry-run")
    assert code == 2
    assert "--dry-run shows what a new run would do" in err


def test_run_without_a_name_says_what_it_needs(cli):
    code, _, err = cli("run")
    assert code == 2
    assert "run needs a NAME" in err


def test_an_input_is_refused_for_a_workflow(cli):
    code, _, err = cli("run", "greet", "-i", "data=x.csv")
    assert code == 2
    assert "takes no inputs" in err


@pytest.mark.parametrize(
    "words", [["workflow", "show"], ["workflow", "code"], ["workflow", "explain"], ["run"], ["run", "--resume"]]
)
def test_what_is_not_there_exits_3_and_is_named(cli, words):
    code, _, err = cli(*words, "nothing")
    assert code == 3
    assert "'nothing'" in err


def test_ctrl_c_aborts_the_workflow(folder):
    command = [sys.executable, "-m", "jupyter_mlops.hosts.cli", "run", "slow", "--json"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr.readline() == "● a running\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert json.loads(out)["state"] == "aborted"
    assert states(out) == {"a": "aborted", "b": "skipped"}


def test_a_grid_runs_all_combinations_and_finds_the_best(cli):
    code, out, _ = cli("sweep", "count", "--grid", "times=1,2,3", "word=ab", "--select", "max:n", "--parallel", "2", "--json")
    assert code == 0
    found = json.loads(out)
    assert [row["n"] for row in found["iterations"]] == [2, 4, 6]
    assert found["results"] == {"n": 6, "best_iteration": 3}


def test_a_sweep_prints_a_line_for_each_iteration_that_ends(cli):
    _, out, _ = cli("sweep", "count", "--list", "times=1,2", "word=a,bc")
    assert any(line.startswith("✓ 1 completed") and "times=1 word=a n=1" in line for line in out.splitlines())
    assert any(line.startswith("✓ 2 completed") and "times=2 word=bc n=4" in line for line in out.splitlines())


def test_points_by_chance_are_the_same_with_the_same_seed(cli):
    def drawn() -> list[int]:
        shown = cli("sweep", "count", "--random", "3", "--seed", "7", "times=range(1, 100)", "word=x", "--json")[1]
        return [row["times"] for row in json.loads(shown)["iterations"]]

    assert drawn() == drawn()


def test_points_come_from_a_file(cli, tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("times,word\n2,ab\n3,c\n", encoding="utf-8")
    _, out, _ = cli("sweep", "count", "--params-file", str(file), "--json")
    assert [row["n"] for row in json.loads(out)["iterations"]] == [4, 3]


def test_a_sweep_takes_inputs(cli, tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("x\n1\n2\n", encoding="utf-8")
    code, _, err = cli("sweep", "rows", "--grid", "m=1,2", "-i", f"table={file}")
    assert code == 2  # it has no parameter m, which is found before anything starts
    assert "'m'" in err


def test_a_sweep_without_points_says_how_to_give_them(cli):
    code, _, err = cli("sweep", "count", "times=1,2")
    assert code == 2
    assert "--grid" in err


def test_a_sweep_in_the_background_prints_its_id(cli, folder):
    code, out, _ = cli("sweep", "count", "--grid", "times=1,2", "--bg")
    assert code == 0
    assert open_project(folder).get_run(out.strip()).wait(60).state == "completed"
