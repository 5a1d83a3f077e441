"""``papermill --engine jupyter-mlops`` behaves as papermill does, and leaves a run in the project it stands in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import nbformat
import pytest
from running import Bench, Done, note, number_in, processes_of, until

from jupyter_mlops import values
from jupyter_mlops.execution.client import Client


class Desk(Bench):
    """A project in which papermill is called."""

    def notebook(self, *cells, tags=None):
        """Write a notebook whose first cell has the parameters."""
        tags = {0: ["parameters"], **(tags or {})}
        made = [nbformat.v4.new_code_cell(cell, metadata={"tags": tags.get(i, [])}) for i, cell in enumerate(cells)]
        nb = nbformat.v4.new_notebook(cells=made)
        nb.metadata["kernelspec"] = {"name": "python3", "display_name": "python3", "language": "python"}
        nbformat.write(nb, self.folder / "in.ipynb")

    def start(self, *options, engine=("--engine", "jupyter-mlops"), cwd=None):
        command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "--no-progress-bar", *engine, *options]
        return subprocess.Popen(command, cwd=cwd or self.folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def papermill(self, *options, **where):
        process = self.start(*options, **where)
        out, err = process.communicate(timeout=90)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @property
    def run(self) -> Done:
        (folder,) = (self.folder / "runs").iterdir()
        return Done(folder)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "a project")


def test_a_papermill_call_is_a_tracked_run(desk):
    desk.notebook("x = 1", "print(x + 1)", "import jupyter_mlops as mlops\nmlops.log_result('double', 2 * x)")
    done = desk.papermill("-p", "x", "20")
    run = desk.run
    assert done.returncode == 0, done.stderr
    assert (run.state, run.printed, run.log) == ("completed", "21\n", "21\n")
    assert run.story.results == {"double": 40}
    assert [run.story.cells[i]["state"] for i in range(4)] == ["completed"] * 4
    assert run.story.environment["python"] == sys.version.split()[0]
    assert run.story.usage["memory"] > 0


def test_the_run_knows_its_name_its_params_and_where_it_came_from(desk):
    from jupyter_mlops.execution.folder import read_spec

    desk.notebook("x = 1")
    desk.papermill("-p", "x", "20")
    spec = read_spec(desk.run.folder)
    assert (spec.name, spec.origin, spec.function) == ("in", "papermill", None)
    assert {name: values.decode(value) for name, value in spec.params.items()} == {"x": 20}


def test_papermills_own_output_is_what_its_own_engine_writes(desk):
    desk.notebook("x = 1", "print(x)\nx + 1")
    desk.papermill("-p", "x", "20")
    ours = nbformat.read(desk.folder / "out.ipynb", as_version=4)
    desk.papermill("-p", "x", "20", engine=())
    theirs = nbformat.read(desk.folder / "out.ipynb", as_version=4)
    assert [(cell.source, cell.outputs) for cell in ours.cells] == [(cell.source, cell.outputs) for cell in theirs.cells]
    assert [cell.metadata.papermill.status for cell in ours.cells] == ["completed"] * 3


def test_a_failing_cell_is_papermills_error_and_an_error_of_the_run(desk):
    desk.notebook("x = 1", "print('hi')\n1 / 0", "print('after')")
    assert desk.papermill().returncode == 1
    run = desk.run
    assert (run.state, run.story.failure.ename, run.story.failure.cell, run.story.failure.line) == (
        "error",
        "ZeroDivisionError",
        1,
        2,
    )
    assert run.story.cells[1]["state"] == "error"
    assert 2 not in run.story.cells


def test_a_cell_that_may_fail_may_fail(desk):
    desk.notebook("x = 1", "1 / 0", "print('on')", tags={1: ["raises-exception"]})
    desk.papermill()
    assert desk.run.printed == "on\n"
    assert desk.run.story.cells[1]["state"] == "completed"


def test_a_dead_kernel_is_an_error_whatever_papermills_metadata_says(desk):
    desk.notebook("x = 1", "import os\nos._exit(3)")
    assert desk.papermill().returncode == 138
    assert (desk.run.state, desk.run.story.failure.ename, desk.run.story.failure.cell) == ("error", "KernelDied", 1)


def test_a_cell_timeout_is_an_error(desk):
    desk.notebook("x = 1", "import time\ntime.sleep(600)")
    assert desk.papermill("--execution-timeout", "1").returncode != 0
    run = desk.run
    assert (run.state, run.story.failure.ename) == ("error", "CellTimeout")
    assert processes_of(run.id) == []


def test_ctrl_c_aborts_the_run(desk, tmp_path):
    desk.notebook("x = 1", note(tmp_path / "pid") + "\nimport time\ntime.sleep(600)")
    process = desk.start()
    kernel = number_in(tmp_path / "pid")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert desk.run.state == "aborted"
    until(lambda: not os.path.exists(f"/proc/{kernel}"))


def test_it_can_be_aborted_from_anywhere(desk, tmp_path):
    desk.notebook("x = 1", note(tmp_path / "pid") + "\nimport time\ntime.sleep(600)")
    process = desk.start()
    number_in(tmp_path / "pid")
    assert Client(desk.folder).abort(desk.run.id) == "aborted"
    process.communicate(timeout=60)


def test_a_killed_papermill_leaves_no_run_running(desk, tmp_path):
    desk.notebook("x = 1", note(tmp_path / "pid") + "\nimport time\ntime.sleep(600)")
    process = desk.start()
    number_in(tmp_path / "pid")
    process.kill()
    process.communicate(timeout=60)
    assert Client(desk.folder).wait(desk.run.id, 60)
    assert (desk.run.state, desk.run.story.reason) == ("error", "worker lost")
    assert processes_of(desk.run.id) == []


def test_without_a_project_it_is_papermill_and_one_line(desk, tmp_path):
    desk.notebook("x = 1", "print(x)")
    (desk.folder / "project.yaml").unlink()
    done = desk.papermill("-p", "x", "2")
    assert done.returncode == 0
    assert done.stderr.count("isn't tracked") == 1
    assert (desk.folder / "out.ipynb").exists()
    assert list((desk.folder / "runs").iterdir()) == []


def test_importing_papermill_stays_light():
    code = "import sys, papermill\nprint([m for m in sys.modules if m.startswith('jupyter_mlops')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "['jupyter_mlops', 'jupyter_mlops.execution', 'jupyter_mlops.execution.engine']"


@pytest.mark.parametrize("first", ["papermill", "jupyter_mlops.execution.engine", "jupyter_mlops.execution.tracked"])
def test_whatever_is_imported_first_the_engine_is_there(first):
    code = f"import {first}\nimport papermill.engines as p\nprint(p.papermill_engines.get_engine('jupyter-mlops').__name__)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "TrackedEngine\n"
