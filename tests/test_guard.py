"""The guard: what a dead worker leaves is ended and written down."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.execution.processes import MARKER
from jupyter_mlops.records import State
from jupyter_mlops.storage import journal

GUARD = [sys.executable, "-m", "jupyter_mlops.execution.guard"]


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "runs" / "20261124-083512-k3v9x2ab"
    folder.mkdir(parents=True)
    with journal.Journal(folder / "events.jsonl") as events:
        events.append("state", state="running", reason="")
    return folder


@contextmanager
def sleeper(script="sleep 300", **options):
    process = subprocess.Popen(["bash", "-c", script], start_new_session=True, stdout=subprocess.PIPE, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def guard():
    process = subprocess.Popen(GUARD, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def tell(process, line: str) -> None:
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()


def test_a_run_whose_worker_ends_is_an_error_with_that_reason(run):
    with sleeper() as kernel:
        with guard() as process:
            tell(process, f"+ {run}\t{kernel.pid}")
        history = journal.history(run)
        assert (history.state, history.reason) == (State.ERROR, "worker lost")
        assert history.ended is not None
        assert kernel.wait(timeout=60) == -signal.SIGKILL


def test_processes_that_left_the_kernels_session_are_ended_by_the_runs_name(run):
    script = "(setsid sleep 301 & echo $!); sleep 300"
    with sleeper(script, env={**os.environ, MARKER: run.name}) as kernel:
        daemon = int(kernel.stdout.readline())
        with guard() as process:
            tell(process, f"+ {run}\t{kernel.pid}")
        assert not psutil.pid_exists(daemon) or psutil.Process(daemon).status() == psutil.STATUS_ZOMBIE


def test_a_run_that_was_signed_off_stays_as_it_is(run):
    with sleeper() as kernel:
        with guard() as process:
            tell(process, f"+ {run}\t{kernel.pid}")
            tell(process, f"- {run}")
        assert journal.history(run).state is State.RUNNING
        assert kernel.poll() is None


def test_a_run_with_an_end_keeps_it(run):
    with sleeper() as kernel:
        with guard() as process:
            tell(process, f"+ {run}\t{kernel.pid}")
            with journal.Journal(run / "events.jsonl") as events:
                events.append("state", state="completed", reason="")
        assert journal.history(run).state is State.COMPLETED
        assert len(journal.read(run / "events.jsonl")[0]) == 2


def test_folders_with_spaces_and_other_letters_are_understood(tmp_path):
    folder = tmp_path / "Küche und Bad" / "20261124-083512-k3v9x2ac"
    folder.mkdir(parents=True)
    with guard() as process:
        tell(process, f"+ {folder}\t")
    assert journal.history(folder).reason == "worker lost"


def test_signals_to_the_worker_do_not_end_it(run):
    with sleeper() as kernel, guard() as process:
        tell(process, f"+ {run}\t{kernel.pid}")
        deadline = time.monotonic() + 60
        while os.getsid(process.pid) != process.pid and time.monotonic() < deadline:
            time.sleep(0.01)
        ignored = int(Path(f"/proc/{process.pid}/status").read_text().split("SigIgn:")[1].split()[0], 16)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            assert ignored & (1 << (number - 1))


def test_a_worker_killed_while_a_copy_of_its_pipe_stays_open_is_noticed(run, tmp_path):
    """What a worker forks holds the pipe open, so that its end never comes."""
    script = f"""
import os, subprocess, sys, time
guard = subprocess.Popen([*{GUARD!r}, str(os.getpid())], stdin=subprocess.PIPE)
guard.stdin.write({f"+ {run}{chr(9)}0".encode()!r} + b"\\n"); guard.stdin.flush()
copy = subprocess.Popen(["sleep", "300"], pass_fds=(guard.stdin.fileno(),))
print(guard.pid, copy.pid, flush=True)
time.sleep(300)
"""
    worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    witness, copy = map(int, worker.stdout.readline().split())
    worker.kill()
    worker.wait()
    worker.stdout.close()
    try:
        psutil.wait_procs([psutil.Process(witness)] if psutil.pid_exists(witness) else [], timeout=60)
        assert journal.history(run).reason == "worker lost"
    finally:
        os.kill(copy, signal.SIGKILL)
