"""``python -m jupyter_mlops.run --spec FILE`` executes one run without a worker; its exit code says how it ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from running import Bench, Done, dump, note, number_in, processes_of, until

from jupyter_mlops.execution.client import Client

SLEEP = "\nimport time\ntime.sleep(600)"


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path / "a project")


def start(spec):
    command = [sys.executable, "-m", "jupyter_mlops.run", "--spec", str(spec)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def execute(spec):
    process = start(spec)
    out, err = process.communicate(timeout=90)
    return process.returncode, out, err


def test_a_run_in_its_folder_is_executed(bench):
    run = Done(bench.order(bench.define("print(6 * 7)")))
    code, out, _ = execute(run.folder / "run.json")
    assert (code, out) == (0, f"{run.id} completed\n")
    assert (run.state, run.printed) == ("completed", "42\n")


def test_a_spec_with_a_project_makes_its_run(bench, tmp_path):
    name = bench.define("print(6 * 7)")
    code, out, _ = execute(dump(tmp_path / "spec.json", {"project": str(bench.folder), "function": name}))
    run = Done(bench.folder / "runs" / out.split()[0])
    assert (code, run.state, run.printed) == (0, "completed", "42\n")


def test_a_spec_carries_parameters(bench, tmp_path):
    name = bench.define("x: int = 1", "print(x)", tags={0: ["parameters"]})
    _, out, _ = execute(dump(tmp_path / "spec.json", {"project": str(bench.folder), "function": name, "params": {"x": 5}}))
    assert Done(bench.folder / "runs" / out.split()[0]).printed == "5\n"


def test_a_run_that_fails_is_exit_code_1(bench):
    run = Done(bench.order(bench.define("1 / 0")))
    code, out, _ = execute(run.folder / "run.json")
    assert (code, out) == (1, f"{run.id} error: ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "isn't a spec"),
        ("[]", "isn't a spec"),
        ("{}", "project"),
        ('{"project": "."}', "project.yaml"),
        ('{"project": "a project"}', "needs a function"),
        ('{"project": "a project", "function": "f", "id": "../../x"}', "needs a function"),
        ('{"project": "a project", "function": "f", "runtime": 5}', "isn't a spec"),
    ],
)
def test_a_spec_that_cannot_be_used_is_exit_code_2(bench, tmp_path, text, says):
    (tmp_path / "spec.json").write_text(text)
    code, _, err = execute(tmp_path / "spec.json")
    assert code == 2
    assert says in err and len(err.strip().splitlines()) == 1


def test_a_spec_that_is_missing_is_exit_code_2(tmp_path):
    assert execute(tmp_path / "nowhere.json")[0] == 2


def test_a_run_is_executed_once(bench):
    folder = bench.order(bench.define("x = 1"))
    execute(folder / "run.json")
    code, _, err = execute(folder / "run.json")
    assert code == 2
    assert "is completed" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_aborts_the_run(bench, tmp_path, number):
    run = Done(bench.order(bench.define(note(tmp_path / "pid") + SLEEP)))
    process = start(run.folder / "run.json")
    kernel = number_in(tmp_path / "pid")
    process.send_signal(number)
    process.communicate(timeout=60)
    assert (process.returncode, run.state) == (130, "aborted")
    until(lambda: not os.path.exists(f"/proc/{kernel}"))


def test_it_can_be_aborted_from_anywhere(bench, tmp_path):
    run = Done(bench.order(bench.define(note(tmp_path / "pid") + SLEEP)))
    process = start(run.folder / "run.json")
    number_in(tmp_path / "pid")
    assert Client(bench.folder).abort(run.id) == "aborted"
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_a_killed_process_leaves_no_run_running(bench, tmp_path):
    run = Done(bench.order(bench.define(note(tmp_path / "pid") + SLEEP)))
    process = start(run.folder / "run.json")
    kernel = number_in(tmp_path / "pid")
    process.kill()
    process.communicate(timeout=60)
    assert Client(bench.folder).wait(run.id, 60)
    assert (run.state, run.story.reason) == ("error", "worker lost")
    assert processes_of(run.id) == []
    until(lambda: not os.path.exists(f"/proc/{kernel}"))


def test_fields_of_a_later_version_do_no_harm(bench):
    run = Done(bench.order(bench.define("x = 1")))
    spec = json.loads((run.folder / "run.json").read_text())
    dump(run.folder / "run.json", {**spec, "colour": "green", "runtime": {**spec["runtime"], "gpus": 2}})
    assert execute(run.folder / "run.json")[0] == 0
