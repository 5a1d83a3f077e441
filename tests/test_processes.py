"""Processes: who they are, what they use, and that all of a run's are ended."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from rooms import eventually

from jupyter_mlops.execution import processes
from jupyter_mlops.execution.processes import MARKER

DOUBLE_FORK = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(300)
    os._exit(0)
time.sleep(300)
"""


@pytest.fixture
def start():
    started = []

    def start(*command, **options):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, **options)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_process_is_itself():
    assert processes.exists(processes.identity())


def test_a_process_that_ended_does_not_exist_even_before_it_is_reaped(start):
    process = start("true")
    who = processes.identity(process.pid)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not processes.exists(who)


def test_a_later_process_of_the_same_number_is_somebody_else():
    assert not processes.exists({**processes.identity(), "born": 1.0})


def test_a_process_on_another_host_is_taken_to_live():
    assert processes.exists({"host": "elsewhere", "pid": 1, "born": 1.0})


def test_children_and_their_children_belong_to_the_tree(start):
    process = start("bash", "-c", "bash -c 'echo $$; sleep 300; true'; true")
    child = int(process.stdout.readline())
    members = processes.tree(process.pid)
    assert members[0] == process.pid
    assert child in members
    assert len(members) >= 2


def test_a_child_whose_parent_ended_belongs_to_the_tree_by_its_session(start):
    process = start("bash", "-c", "(sleep 300 & echo $!); sleep 300")
    assert int(process.stdout.readline()) in processes.tree(process.pid)


def test_a_daemon_belongs_to_the_tree_by_the_runs_name(start):
    process = start("bash", "-c", "(setsid bash -c 'setsid sleep 300 & echo $!'); sleep 300", env={**os.environ, MARKER: "a-run"})
    daemon = int(process.stdout.readline())
    assert daemon in processes.tree(process.pid, "a-run")
    assert eventually(lambda: daemon not in processes.tree(process.pid, "another"))  # once what started it has ended


def test_what_belongs_to_a_run_that_is_gone_is_found_by_its_name(start):
    daemon = start("sleep", "300", env={**os.environ, MARKER: "a-lost-run"})
    assert processes.tree(-1, "a-lost-run") == [daemon.pid]


def test_the_caller_is_never_in_the_tree():
    assert os.getpid() not in processes.tree(os.getppid())


def test_ending_a_tree_leaves_nothing_of_it(start):
    process = start("bash", "-c", "(sleep 300 & echo $!); bash -c 'sleep 301; true'; true")
    orphan = int(process.stdout.readline())
    assert processes.end_tree(process.pid) == []
    assert not alive(orphan)
    assert process.wait(timeout=60) == -signal.SIGKILL


def test_a_double_fork_is_ended_by_the_runs_name(start):
    process = start(sys.executable, "-c", DOUBLE_FORK, env={**os.environ, MARKER: "a-run"})
    daemon = int(process.stdout.readline())
    assert processes.end_tree(process.pid, "a-run") == []
    assert not alive(daemon)


def test_a_tree_that_keeps_forking_is_ended(start):
    storm = 'while true; do (sleep 0.05 & sleep 0.01) & sleep 0.005; [ -n "$SAID" ] || echo go; SAID=1; done'
    process = start("bash", "-c", storm)
    process.stdout.readline()
    assert processes.end_tree(process.pid) == []
    assert processes.tree(process.pid) == []


def test_grace_lets_a_process_put_its_things_in_order(start):
    script = "import signal, sys, time\ntry:\n print(1, flush=True)\n time.sleep(300)\nexcept KeyboardInterrupt:\n sys.exit(7)"
    process = start(sys.executable, "-c", script)
    process.stdout.readline()
    assert processes.end_tree(process.pid, grace=10) == []
    assert process.wait(timeout=60) == 7


def test_grace_ends_for_a_process_that_ignores_it(start):
    process = start("bash", "-c", "trap '' INT TERM; echo; while true; do sleep 1; done")
    process.stdout.readline()
    assert processes.end_tree(process.pid, grace=0.2) == []


def test_ending_what_is_gone_is_nothing(start):
    process = start("true")
    process.wait()
    assert processes.end_tree(process.pid) == []


def test_usage_counts_memory_and_cpu_of_all(start):
    script = "x = bytearray(50_000_000)\nfor i in range(2_000_000): pass\nprint(1, flush=True)\nimport time; time.sleep(300)"
    both = [start(sys.executable, "-c", script) for _ in range(2)]
    for process in both:
        process.stdout.readline()
    memory, cpu = processes.usage([process.pid for process in both])
    assert 100_000_000 < memory < 300_000_000
    assert cpu > processes.usage(both[0].pid)[1] > 0


def test_usage_of_a_process_that_is_gone_is_nothing(start):
    process = start("true")
    process.wait()
    assert processes.usage([process.pid]) == (0, 0.0)


def test_the_portable_way_sees_the_same_family(start):
    process = start("bash", "-c", "sleep 300 & echo $!; wait")
    child = int(process.stdout.readline())
    direct, portable = processes.snapshot()[child], processes._snapshot_anywhere()[child]
    assert (direct.parent, direct.session, direct.zombie) == (portable.parent, portable.session, portable.zombie)
