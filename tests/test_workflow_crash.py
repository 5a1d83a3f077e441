"""``kill -9`` of the worker or of a kernel in the middle of a workflow: a true end, nothing left, and a resume that completes."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import psutil
import pytest

import jupyter_mlops as mlops
from jupyter_mlops.errors import RunFailedError
from jupyter_mlops.execution.processes import MARKER
from jupyter_mlops.records import State

CODE = """
salt = 0
first = [work(number=n, salt=salt) for n in range(10)]
second = [add(a=first[n].x, b=first[n + 1].x) for n in range(9)]
total = add(a=second[0].y, b=second[8].y)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = mlops.open_project(tmp_path_factory.mktemp("crash") / "crash", create=True)
    project.define("work", "import time\nnumber: int = 0\nsalt: int = 0\ntime.sleep(0.05)\nx = number + salt", returns=["x"])
    project.define("add", "a: int = 0\nb: int = 0\ny = a + b", returns=["y"])
    project.define_workflow("long", code=CODE)
    yield project
    project.stop_worker()


def processes_of(run):
    """Return the living processes whose environment names one of the run's children."""
    ids = {child.id for child in run.children}
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(MARKER) in ids:
                found.append(process.pid)
    return found


def kill_something(project, run, victim):
    if victim == "worker":
        os.kill(project.worker_status()["pid"], signal.SIGKILL)
        return
    for child in run.children:  # the zygote's children: kernels that execute a step right now
        if child.state is State.RUNNING and child.history.kernel is not None:
            break
    worker = psutil.Process(project.worker_status()["pid"])
    kernels = [each for each in worker.children(recursive=True) if each.name() == "mlops-kernel"]
    if kernels:
        kernels[0].kill()


def crash(project, victim, salt, chance):
    run = project.run("long", {"salt": salt}, parallel=4, background=True)
    deadline = time.monotonic() + 60
    while not run.steps and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(chance.uniform(0.05, 0.8))
    kill_something(project, run, victim)
    run.wait(60)
    assert run.state in (State.COMPLETED, State.ERROR)
    if victim == "worker" and run.state is State.ERROR:
        assert run.reason == "worker lost"
    assert run.ended is not None
    deadline = time.monotonic() + 60
    while (left := processes_of(run)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
    return run


def finish(project, run, salt):
    """Resume until it completes: the kill may have hit a step, never the record."""
    for _ in range(3):
        if run.state is State.COMPLETED:
            break
        with suppress(RunFailedError):
            run = project.resume(run.id)
        run = project.get_run("long")
    assert run.state is State.COMPLETED
    assert run.steps["total"].results == {"y": (0 + 1 + 2 * salt) + (8 + 9 + 2 * salt)}


def committed_twice(project):
    """Return the steps of one run that have more than one run of their own."""
    return project.sql(
        "SELECT parent, step, count(*) AS n FROM runs WHERE parent IS NOT NULL AND state IN ('completed', 'cached') "
        "GROUP BY ALL HAVING n > 1"
    )


@pytest.mark.parametrize("victim", ["worker", "kernel"])
def test_a_killed_process_leaves_a_true_end_and_the_resume_completes(project, victim):
    chance = random.Random(victim)
    salt = 1000 if victim == "worker" else 2000
    finish(project, crash(project, victim, salt, chance), salt)
    assert committed_twice(project).empty


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_twenty_kills_at_random_moments(project):
    chance = random.Random(20)
    for number in range(20):
        salt = 10_000 + 100 * number
        finish(project, crash(project, chance.choice(["worker", "kernel"]), salt, chance), salt)
    assert committed_twice(project).empty
