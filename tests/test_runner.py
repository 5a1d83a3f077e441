"""A run is executed on a kernel of its own, and its end is the truth whatever happens."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
from rooms import Room
from running import Table, note, number_in, processes_of, until

from jupyter_mlops.errors import RunNotFoundError
from jupyter_mlops.execution.runner import Stop, read_spec

SLEEP = "import time\ntime.sleep(600)"


@pytest.fixture(scope="module")
def room():
    room = Room("auto", size=2, preload=("jupyter_mlops.execution.inside",))
    yield room
    room.close()


@pytest.fixture
def table(tmp_path, room):
    return Table(tmp_path / "a project – ü", room)


# --- what is no run ---


@pytest.mark.parametrize(
    ("text", "why"), [("3", "it holds 3, not an object"), ('["a"]', "not an object"), ("{}", "it has no id"), ("{", "Expecting")]
)
def test_a_run_json_that_holds_something_else_is_refused_in_plain_words(tmp_path, text, why):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(RunNotFoundError, match=f"isn't a run: its run.json can't be read .*{why}"):
        read_spec(tmp_path)


# --- completed ---


def test_a_run_that_works_is_completed(table):
    run = table.run("x = 20", "print(x + 1)")
    assert (run.state, run.story.reason) == ("completed", "")
    assert run.printed == "21\n"
    assert run.story.started <= run.story.ended <= time.time()


def test_the_last_event_is_the_end(table):
    assert table.run("x = 1").events[-1]["state"] == "completed"


def test_each_cell_is_timed(table):
    cells = table.run("import time", "time.sleep(0.2)").story.cells
    assert [cells[i]["state"] for i in (0, 1)] == ["completed", "completed"]
    assert cells[1]["seconds"] >= 0.2


def test_nothing_of_a_run_is_alive_after_its_end(table):
    run = table.run("import subprocess\nsubprocess.Popen(['sleep', '600'])\nsubprocess.Popen(['setsid', 'sleep', '600'])")
    assert run.state == "completed"
    assert processes_of(run.id) == []


def test_the_kernel_of_a_run_is_gone_after_its_end(table, tmp_path):
    table.run(note(tmp_path / "pid"))
    pid = number_in(tmp_path / "pid")
    until(lambda: not os.path.exists(f"/proc/{pid}"))


def test_sys_exit_0_completes_early(table):
    run = table.run("import sys\nprint('before')\nsys.exit(0)", "print('after')")
    assert (run.state, run.printed) == ("completed", "before\n")
    assert [output.output_type for output in run.cells[0].outputs] == ["stream"]


@pytest.mark.parametrize("call", ["exit()", "quit()", "def leave():\n    exit(0)\nleave()"])
def test_exit_ends_the_run_there(table, call):
    run = table.run(f"print('before')\n{call}\nprint('after')", "print('later')")
    assert (run.state, run.printed) == ("completed", "before\n")
    assert table.run("exit(3)").story.reason == "SystemExit: 3"


def test_mlops_exit_completes_early_with_its_reason(table):
    run = table.run("import jupyter_mlops as mlops\nmlops.exit('no new data')", "1 / 0")
    assert (run.state, run.story.reason) == ("completed", "no new data")


def test_a_cell_that_may_fail_may_fail(table):
    run = table.run("1 / 0", "print('on')", tags={0: ["raises-exception"]})
    assert (run.state, run.printed) == ("completed", "on\n")


def test_a_cell_to_skip_is_skipped(table):
    run = table.run("1 / 0", "print('on')", tags={0: ["skip-execution"]})
    assert run.state == "completed"
    assert [run.story.cells[i]["state"] for i in (0, 1)] == ["skipped", "completed"]


# --- error ---


def test_an_exception_is_an_error_with_its_place(table):
    run = table.run("x = 0", "print('hi')\n\ny = 1 / x", "print('after')")
    failure = run.story.failure
    assert run.state == "error"
    assert (failure.ename, failure.evalue, failure.cell, failure.line) == ("ZeroDivisionError", "division by zero", 1, 3)
    assert run.printed == "hi\n"


def test_the_line_is_the_failing_cells_own(table):
    run = table.run("def f(x):\n    return 1 / x", "a = 1\nf(0)")
    assert (run.story.failure.cell, run.story.failure.line) == (1, 2)


def test_the_traceback_is_the_users(table):
    trace = "\n".join(table.run("import json\njson.loads('{')").story.failure.traceback)
    assert "json.loads" in trace and "decoder.py" in trace
    assert not any(word in trace for word in ("ipykernel", "nbclient", "papermill", "\x1b"))


def test_our_own_frames_are_not_in_a_traceback(table):
    failure = table.run("import jupyter_mlops as mlops\nmlops.log_metric('loss', 'much')").story.failure
    assert failure.ename == "LogError"
    assert not any("inside" in line for line in failure.traceback)


def test_the_log_ends_with_the_traceback(table):
    assert table.run("print('hi')\n1 / 0").log.rstrip().endswith("ZeroDivisionError: division by zero")


def test_a_syntax_error_names_its_line(table):
    failure = table.run("x = 1\ny = = 2").story.failure
    assert (failure.ename, failure.line) == ("SyntaxError", 2)


def test_sys_exit_with_a_code_is_an_error(table):
    run = table.run("import sys\nsys.exit(3)")
    assert (run.state, run.story.reason) == ("error", "SystemExit: 3")


def test_a_file_that_lies_where_the_run_was_asked_for_is_pointed_at(table):
    (table.folder / "data").mkdir(parents=True)
    (table.folder / "data" / "raw data.csv").write_text("a\n1\n")
    run = table.run("open('data/raw data.csv')")
    advice = "Let it be an input: mlops.input('raw_data', 'data/raw data.csv')."
    assert run.story.reason.endswith(f"It is in {table.folder}, but a run works in a folder of its own. {advice}")
    as_param = table.run("open(source)", params={"source": "data/raw data.csv"})
    assert as_param.story.reason.endswith("Let 'source' be an input, when the Function is made: --inputs source:pathlib.Path.")
    assert table.run("import jupyter_mlops as mlops\nprint(mlops.input('raw', 'data/raw data.csv'))").state == "completed"
    assert table.run("open('data/none.csv')").story.reason.endswith("'data/none.csv'")


def test_a_module_that_lies_elsewhere_is_pointed_at(table):
    (table.folder / "src" / "helping").mkdir(parents=True)
    (table.folder / "src" / "helping" / "__init__.py").write_text("")
    (table.folder / "src" / "helped.py").write_text("")
    for module in ("helping", "helped.more"):
        reason = table.run(f"import {module}").story.reason
        assert reason.endswith(f"make the Function with --env PYTHONPATH={table.folder / 'src'}.")
    assert table.run("import nowhere_at_all").story.reason == "ModuleNotFoundError: No module named 'nowhere_at_all'"


def test_a_question_that_nobody_can_answer_says_so(table):
    assert "in a run: let it be a parameter" in table.run("input('name? ')").story.reason


def test_a_kernel_that_is_killed_is_an_error_that_names_the_signal(table, tmp_path):
    run, _, thread = table.begin("print('begun')", note(tmp_path / "pid") + "\n" + SLEEP)
    os.kill(number_in(tmp_path / "pid"), signal.SIGKILL)
    thread.join(60)
    assert run.state == "error"
    assert (run.story.failure.ename, run.story.failure.cell) == ("KernelDied", 1)
    assert "SIGKILL" in run.story.reason
    assert run.printed == "begun\n"


def test_a_crash_in_compiled_code_is_named(table):
    run = table.run("import ctypes\nctypes.string_at(0)")
    assert run.state == "error"
    assert "SIGSEGV" in run.story.reason


def test_a_kernel_that_ends_itself_is_an_error(table):
    assert "exit code 7" in table.run("import os\nos._exit(7)").story.reason


def test_a_cell_may_not_run_longer_than_its_time(table):
    run = table.run("x = 1", "import time\nprint('waits', flush=True)\ntime.sleep(600)", cell_timeout=2)
    assert run.state == "error"
    assert run.story.reason == "CellTimeout: cell 2 ran longer than its 2 s"
    assert (run.story.failure.cell, run.story.failure.line) == (1, 3)
    assert run.printed == "waits\n"


def test_a_run_may_not_take_longer_than_its_time(table):
    run = table.run("import time\nprint('waits', flush=True)", *["time.sleep(0.4)"] * 20, timeout=3.0)
    assert run.state == "error"
    assert run.story.reason == "RunTimeout: the run took longer than its 3 s"
    assert "waits" in run.printed


def test_code_that_ignores_its_interrupt_is_killed(table):
    code = "import time\nwhile True:\n    try:\n        time.sleep(600)\n    except KeyboardInterrupt:\n        pass"
    assert table.run(code, cell_timeout=0.3).story.failure.ename == "CellTimeout"


def test_a_run_may_not_use_more_memory_than_allowed(table):
    run = table.run("import time\nhold = bytearray(600 * 2**20)\ntime.sleep(60)", memory=300 * 2**20)
    assert run.state == "error"
    assert run.story.failure.ename == "MemoryLimit"
    assert "of 300 MB allowed" in run.story.reason
    assert processes_of(run.id) == []


def test_memory_of_child_processes_counts(table):
    child = "import time; hold = bytearray(600 * 2**20); time.sleep(60)"
    run = table.run(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])", memory=300 * 2**20)
    assert run.story.failure.ename == "MemoryLimit"


def test_a_kernel_that_is_not_installed_is_an_error_that_names_it(table):
    run = table.run("x = 1", kernel="cobol")
    assert (run.state, run.story.failure.ename) == ("error", "KernelError")
    assert "'cobol'" in run.story.reason


def test_a_function_that_is_missing_is_an_error_that_names_it(table):
    run = table.execute(table.order("nowhere"))
    assert (run.state, run.story.failure.ename) == ("error", "FunctionNotFoundError")


# --- aborted ---


def test_a_run_is_aborted_with_its_reason(table, tmp_path):
    run, stop, thread = table.begin(note(tmp_path / "pid"), SLEEP, "print('after')")
    number_in(tmp_path / "pid")
    stop.request("changed my mind")
    thread.join(60)
    assert (run.state, run.story.reason) == ("aborted", "changed my mind")
    assert [event["state"] for event in run.events if event["e"] == "state"] == ["running", "aborting", "aborted"]
    assert processes_of(run.id) == []
    assert run.story.ended is not None
    assert run.printed == ""


def test_a_stop_that_comes_before_the_run_aborts_it(table):
    stop = Stop()
    stop.request("too late")
    assert table.run("print('hi')", stop=stop).state == "aborted"


def test_the_first_stop_counts():
    stop = Stop()
    stop.request("one")
    stop.request("two")
    assert stop.reason == "one"


# --- retries ---


def test_a_failed_attempt_is_tried_again(table, tmp_path):
    flag = tmp_path / "flag"
    run = table.run(
        f"import pathlib\np = pathlib.Path({str(flag)!r})\nif not p.exists():\n    p.touch()\n    1 / 0", retries=2, backoff=0.01
    )
    assert (run.state, run.story.attempt) == ("completed", 2)
    assert [event.get("reason") for event in run.events if event["e"] == "attempt"] == [
        None,
        "ZeroDivisionError: division by zero",
    ]


def test_attempts_end(table):
    run = table.run("1 / 0", retries=1, backoff=0.01)
    assert (run.state, run.story.attempt) == ("error", 2)


def test_a_killed_kernel_is_tried_again(table, tmp_path):
    flag = tmp_path / "flag"
    code = f"import os, pathlib\np = pathlib.Path({str(flag)!r})\nif not p.exists():\n    p.touch()\n    os.kill(os.getpid(), 9)"
    assert table.run(code, retries=1, backoff=0.01).state == "completed"


def test_a_timeout_is_not_tried_again(table):
    assert table.run(SLEEP, cell_timeout=0.2, retries=3, backoff=0.01).story.attempt == 1


def test_an_abort_between_attempts_ends_the_run(table):
    run, stop, thread = table.begin("1 / 0", retries=1, backoff=600)
    until(lambda: any(event["e"] == "cell" and event["state"] == "error" for event in run.events))
    stop.request("enough")
    thread.join(60)
    assert run.state == "aborted"


# --- what a run sees ---


def test_the_environment_is_the_submitters_and_the_functions(table):
    code = "import os\nprint(os.environ.get('A'), os.environ.get('B'), os.environ['JUPYTER_MLOPS_RUN'])"
    run = table.run(code, environ={"A": "submitter", "B": "submitter", "PATH": os.environ["PATH"]}, env={"B": "function"})
    assert run.printed == f"submitter function {run.id}\n"


def test_the_submitters_environment_is_written_nowhere(table):
    run = table.run("x = 1", environ={**os.environ, "TOKEN": "s3cr3t-value"})
    assert run.state == "completed"
    for path in table.folder.rglob("*"):
        if path.is_file():
            assert b"s3cr3t-value" not in path.read_bytes(), path


def test_modules_beside_the_notebook_can_be_imported(table):
    (table.folder / "my_helpers.py").write_text("answer = 42")
    assert table.run("import my_helpers\nprint(my_helpers.answer)").printed == "42\n"


def test_files_that_a_run_writes_stay_in_its_own_folder(table):
    run = table.run("open('out.csv', 'w').write('a')", "import os\nprint(os.getcwd())")
    assert (run.folder / "files" / "out.csv").read_text() == "a"
    assert sorted(path.name for path in table.folder.iterdir() if path.name == "out.csv") == []


def test_a_run_that_wrote_no_files_leaves_no_folder_for_them(table):
    run = table.run("x = 1")
    assert sorted(path.name for path in run.folder.iterdir()) == ["events.jsonl", "notebook.ipynb", "run.json"]


def test_the_first_cell_of_a_run_is_number_1(table):
    run = table.run("a = 1", "b = 2")
    assert [cell.execution_count for cell in run.cells] == [1, 2]


def test_the_process_did_not_change_its_folder(table):
    before = os.getcwd()
    table.run("x = 1")
    assert os.getcwd() == before


# --- what is kept ---


def test_the_notebook_is_saved_while_the_run_goes_on(table, tmp_path):
    run, stop, thread = table.begin("print('first')", note(tmp_path / "pid"), SLEEP)
    number_in(tmp_path / "pid")
    until(lambda: run.story.cells.get(2, {}).get("state") == "running")
    assert run.printed == "first\n"
    stop.request()
    thread.join(60)


def test_the_log_is_written_while_the_cell_runs(table):
    run, stop, thread = table.begin(
        "import sys, time\nprint('out', flush=True)\nprint('err', file=sys.stderr, flush=True)\ntime.sleep(600)"
    )
    until(lambda: "out" in run.log and "err" in run.log)
    stop.request()
    thread.join(60)


def test_usage_counts_memory_that_was_held_for_a_moment(table):
    usage = table.run("hold = bytearray(200 * 2**20)\ndel hold").story.usage
    assert usage["memory"] > 200 * 2**20


def test_usage_counts_the_cpu_of_child_processes(table):
    child = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    assert table.run(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])").story.usage["cpu"] >= 0.5


def test_the_environment_is_recorded(table):
    noted = table.run("x = 1").story.environment
    assert noted["python"] == sys.version.split()[0]
    assert (noted["kernel"], noted["kernel_mode"]) == ("python3", "forked" if sys.platform == "linux" else "prestarted")
    assert len(noted["packages"]) == 64


def test_papermills_metadata_tells_what_happened(table):
    status = [cell.metadata.papermill.status for cell in table.run("x = 1", "1 / 0", "y = 2").cells]
    assert status == ["completed", "failed", "pending"]


def test_large_output_does_not_make_the_notebook_large(table):
    run = table.run("for i in range(20):\n    print('x' * 1_000_000)")
    assert run.state == "completed"
    assert (run.folder / "notebook.ipynb").stat().st_size < 10_000_000
    assert (run.folder / "log.txt").stat().st_size > 20_000_000


def test_many_displays_all_arrive(table):
    run = table.run("for i in range(3000):\n    display(i)")
    assert len(run.cells[0].outputs) == 3000


def test_a_widget_is_kept_in_the_notebook(table):
    run = table.run("import ipywidgets\nipywidgets.IntSlider(7)")
    assert "7" in run.cells[0].outputs[0].data["text/plain"]
    assert b"IntSliderModel" in (run.folder / "notebook.ipynb").read_bytes()


def test_code_that_asks_for_input_fails_at_once(table):
    assert table.run("input('name?')").story.failure.ename == "StdinNotImplementedError"


# --- a folder that can't take it ---


def test_a_run_whose_disk_is_full_is_an_error(table, monkeypatch):
    from jupyter_mlops.execution import cells

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cells, "replace", full)  # a full disk can't be had in a test without being root
    run = table.run("x = 1")
    assert run.state == "error"
    assert "No space left" in run.story.reason


def test_cell_numbers_in_messages_count_from_one(table):
    assert "cell 1 " in table.run(SLEEP, cell_timeout=0.2).story.reason


def test_ten_runs_at_once_do_not_mix(table):
    started = [table.begin(f"import time\ntime.sleep(0.1)\nprint({i})") for i in range(10)]
    for _, _, thread in started:
        thread.join(60)
    assert [run.printed for run, _, _ in started] == [f"{i}\n" for i in range(10)]
