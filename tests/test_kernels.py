"""Kernels, all real: ready when they are wanted, and gone, with all they started, when they are released."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from rooms import DOUBLE_FORK, Room, eventually, gone, outputs_of, printed

from jupyter_mlops.errors import KernelError
from jupyter_mlops.execution import processes
from jupyter_mlops.execution.commands import kernel_arguments
from jupyter_mlops.execution.demand import Demand
from jupyter_mlops.execution.forked import Child, ForkedProvisioner

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks")


# --- death and release -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["forked", "prestarted", "cold"])
def test_a_killed_kernel_is_seen_with_its_signal(rooms, mode):
    lease = rooms(mode).acquire()
    os.kill(lease.pid, signal.SIGKILL)

    async def ended():
        return await asyncio.wait_for(asyncio.shield(lease.exited), 1)

    assert rooms(mode)(ended()) == -signal.SIGKILL
    assert rooms(mode)(lease.km.is_alive()) is False
    assert rooms(mode).release(lease) == []


def test_an_exit_code_is_told(forked, lease):
    forked.submit(outputs_of(lease.kc, "import os; os._exit(7)"))
    assert eventually(lease.exited.done)
    assert lease.exited.result() == 7


def test_a_crash_leaves_its_last_words(forked, lease):
    forked.submit(outputs_of(lease.kc, "import ctypes; ctypes.string_at(0)"))
    assert eventually(lease.exited.done)
    assert lease.exited.result() == -signal.SIGSEGV
    assert "Segmentation fault" in lease.log.read_text()


@pytest.mark.parametrize("mode", ["forked", "prestarted", "cold"])
def test_release_ends_a_daemon_that_double_forked(rooms, mode):
    lease = rooms(mode).acquire()
    daemon = int(printed(rooms(mode).run(lease, DOUBLE_FORK)))
    assert not gone(daemon)
    assert rooms(mode).release(lease) == []
    assert gone(daemon)
    assert gone(lease.pid)


@pytest.mark.parametrize("mode", ["forked", "prestarted"])
def test_a_daemon_does_not_outlive_a_kernel_that_was_killed(rooms, mode):
    lease = rooms(mode).acquire()
    daemon = int(printed(rooms(mode).run(lease, DOUBLE_FORK)))
    os.kill(lease.pid, signal.SIGKILL)
    assert eventually(lambda: gone(daemon))
    rooms(mode).release(lease)


def test_release_leaves_no_file(forked):
    lease = forked.acquire()
    assert lease.folder.stat().st_mode & 0o077 == 0
    forked.release(lease)
    assert not lease.folder.exists()


def test_an_interrupt_reaches_the_cell(forked, lease, tmp_path):
    begun = tmp_path / "begun"
    code = f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\nfor _ in range(6000): time.sleep(0.01)"
    cell = forked.submit(outputs_of(lease.kc, code))
    assert eventually(begun.exists)
    forked(lease.km.interrupt_kernel())
    assert cell.result(30)[0][1] == "KeyboardInterrupt"


OWNER = """
import asyncio, sys
sys.path.insert(0, {here!r})
from rooms import DOUBLE_FORK, outputs_of
from jupyter_mlops.execution.kernels import Kernels

async def main():
    kernels = Kernels(mode={mode!r}, preload=())
    await kernels.start()
    lease = await kernels.acquire()
    shown = await outputs_of(lease.kc, DOUBLE_FORK)
    idle = await kernels.acquire()
    print(lease.pid, idle.pid, shown[0][1].strip(), kernels._zygote.process.pid, kernels._folder, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.mark.parametrize("mode", ["forked", "prestarted", "cold"])
def test_nothing_outlives_a_killed_owner(mode):
    script = OWNER.format(here=str(Path(__file__).parent), mode=mode)
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    *pids, folder = owner.stdout.readline().split()
    pids = [int(pid) for pid in pids]
    assert not any(map(gone, pids))
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert eventually(lambda: all(map(gone, pids)), seconds=5)
    assert eventually(lambda: not Path(folder.decode()).exists())


# --- asking for kernels ------------------------------------------------------------------------------------------------


def test_eight_at_once_are_eight_different_kernels(forked):
    async def eight():
        return await asyncio.gather(*(forked.kernels.acquire() for _ in range(8)))

    leases = forked(eight())
    answers = [forked.submit(outputs_of(lease.kc, "import os; print(os.getpid())")) for lease in leases]
    assert [int(printed(answer.result(60))) for answer in answers] == [lease.pid for lease in leases]
    assert len({lease.pid for lease in leases}) == 8
    for lease in leases:
        forked.release(lease)


def test_a_start_that_nobody_waits_for_any_more_leaves_no_process(forked):
    zygote = forked.kernels._zygote.process.pid

    async def change_of_mind(steps):
        asking = asyncio.ensure_future(forked.kernels.acquire(env={"OMP_NUM_THREADS": "3"}))
        await asyncio.sleep(steps)
        asking.cancel()
        (found,) = await asyncio.gather(asking, return_exceptions=True)
        if not asking.cancelled():  # the kernel was faster
            await forked.kernels.release(found)
        return asking.cancelled()

    shelf = next(iter(forked.kernels._shelves.values()))
    assert eventually(lambda: len(shelf) == forked.kernels.size and all(task.done() for task in shelf))
    before = set(psutil.Process(zygote).children())
    cancelled = [forked(change_of_mind(steps)) for steps in (0, 0.002, 0.02, 0.1, 0.2)]
    assert cancelled[0]
    assert eventually(lambda: not set(psutil.Process(zygote).children()) - before)


def test_a_kernel_that_was_just_forked_and_leads_no_group_yet_is_killed():
    async def kill() -> int:
        process = subprocess.Popen(["sleep", "300"])
        provisioner = ForkedProvisioner()
        provisioner.process, provisioner.pid = Child(process.pid, asyncio.get_running_loop().create_future()), process.pid
        await provisioner.send_signal(signal.SIGKILL)
        return await asyncio.to_thread(process.wait, 60)

    assert asyncio.run(kill()) == -signal.SIGKILL


def test_a_taken_kernel_is_replaced(forked):
    forked.release(forked.acquire())
    shelf = next(iter(forked.kernels._shelves.values()))
    assert eventually(lambda: len(shelf) == forked.kernels.size and all(task.done() for task in shelf))


def test_announced_kernels_are_ready_before_they_are_wanted():
    room = Room("forked", size=1, preload=(), most=3)
    try:
        with room.kernels.expecting(5):
            shelf = room.kernels._shelves
            assert eventually(lambda: any(len(each) == 3 and all(task.done() for task in each) for each in shelf.values()))
    finally:
        room.close()


def test_nothing_is_started_beside_runs_for_which_enough_is_ready():
    known = Demand(2, 8)
    assert not known.is_covered(2)  # nothing was announced: a kernel that is taken is replaced
    known.announce(3)
    assert (known.wanted, known.is_covered(2)) == (3, False)
    known.take()
    assert known.is_covered(2)
    known.withdraw(3)
    assert (known.coming, known.wanted, known.is_covered(2)) == (0, 3, False)


def test_an_announcement_of_nothing_keeps_no_kernel_from_being_replaced():
    known = Demand(2, 8)
    known.announce(0)
    assert not known.is_covered(2)
    known.withdraw(0)
    assert not known.is_covered(2)


def test_the_rest_of_one_announcement_stays_while_another_lives():
    known = Demand(2, 4)
    known.announce(3)
    known.announce(30)
    assert known.wanted == 4
    known.withdraw(3)
    assert known.coming > 0
    known.withdraw(30)
    assert known.coming == 0


def test_an_idle_kernel_that_died_is_not_handed_out(forked):
    shelf = next(iter(forked.kernels._shelves.values()))
    assert eventually(lambda: len(shelf) == forked.kernels.size and all(task.done() for task in shelf))
    dead = [task.result() for task in shelf]
    for lease in dead:
        os.kill(lease.pid, signal.SIGKILL)
    assert eventually(lambda: all(lease.exited.done() for lease in dead))
    assert printed(forked.fresh("print('alive')")) == "alive"


def test_an_environment_that_matters_at_start_gets_a_kernel_started_with_it(forked):
    lease = forked.acquire(env={"OMP_NUM_THREADS": "1", "OTHER": "x"})
    assert lease.mode == "cold"
    code = """
import os, numpy, threadpoolctl
print(os.environ['OMP_NUM_THREADS'], os.environ['OTHER'], threadpoolctl.threadpool_info()[0]['num_threads'])"""
    assert printed(forked.run(lease, code)) == "1 x 1"
    forked.release(lease)


def test_an_environment_that_can_be_set_later_gets_a_ready_kernel(forked):
    lease = forked.acquire(env={"MY_SETTING": "1"})
    assert lease.mode == "forked"
    forked.release(lease)


def test_a_kernel_that_is_not_installed_is_named_with_the_known_ones(forked):
    with pytest.raises(KernelError, match=r"'pyton3' isn't installed; known kernels: .*python3.* Did you mean 'python3'\?"):
        forked.acquire("pyton3")


@pytest.fixture
def kernelspec(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    def kernelspec(name, argv, **fields):
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": argv, "display_name": name, "language": "python", **fields}
        (folder / "kernel.json").write_text(json.dumps(spec))
        return name

    return kernelspec


def test_a_kernel_that_ends_while_starting_says_what_it_said(kernelspec):
    name = kernelspec("broken", ["bash", "-c", "echo no such library >&2; exit 4"])
    room = Room("cold")
    try:
        with pytest.raises(KernelError, match="'broken' ended with exit code 4 before it was ready: no such library"):
            room.acquire(name)
    finally:
        room.close()


def test_a_kernel_whose_program_is_missing_says_so(kernelspec):
    name = kernelspec("absent", ["/no/such/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    room = Room("cold")
    try:
        with pytest.raises(KernelError, match="'/no/such/python' can't be started"):
            room.acquire(name)
    finally:
        room.close()


def test_a_kernel_of_another_kind_is_started_when_asked_for(kernelspec, forked):
    """One that doesn't say it is ipykernel, so that neither a fork nor a socket file is tried."""
    code = "from ipykernel.kernelapp import launch_new_instance as go; import sys; go(argv=sys.argv[1:])"
    name = kernelspec("other", [sys.executable, "-c", code, "-f", "{connection_file}"])
    room = Room("auto", preload=())
    try:
        lease = room.acquire(name)
        assert lease.mode == "cold"
        assert lease.km.transport == "tcp"
        assert printed(room.run(lease, "print(6 * 7)")) == "42"
        assert room.release(lease) == []
    finally:
        room.close()


def test_a_kernelspec_with_settings_for_the_start_is_not_forked(kernelspec):
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    name = kernelspec("single", argv, env={"OMP_NUM_THREADS": "1"})
    room = Room("auto", preload=())
    try:
        lease = room.acquire(name)
        assert lease.mode == "cold"
        assert printed(room.run(lease, "import os; print(os.environ['OMP_NUM_THREADS'])")) == "1"
    finally:
        room.close()


def test_only_this_interpreters_ipykernel_can_be_forked(tmp_path):
    other = tmp_path / "bin" / "python"
    other.parent.mkdir()
    other.symlink_to(Path(sys.executable).resolve())
    tail = ["-m", "ipykernel_launcher", "-f", "x"]
    assert kernel_arguments([sys.executable, *tail]) == ["-f", "x"]
    assert kernel_arguments(["python", "-Xfrozen_modules=off", *tail]) == ["-f", "x"]
    assert kernel_arguments([str(other), *tail]) is None
    assert kernel_arguments([sys.executable, "-Xdev", *tail]) is None
    assert kernel_arguments([sys.executable, "-m", "bash_kernel", "-f", "x"]) is None


@pytest.fixture
def elsewhere(monkeypatch):
    """A room on a platform that can't fork: ordinary child processes, started ahead."""
    monkeypatch.setattr("jupyter_mlops.execution.kernels.AVAILABLE", False)
    room = Room("auto")
    yield room
    room.close()


def test_without_forks_kernels_are_started_ahead(elsewhere):
    lease = elsewhere.acquire()
    assert lease.mode == "prestarted"
    assert elsewhere.kernels.notes == ["kernels are started ahead, not forked: forking needs Linux"]
    program = "import subprocess, os; p = subprocess.Popen(['sleep', '600']); print(p.pid)"
    child = int(printed(elsewhere.run(lease, program)))
    assert elsewhere.release(lease) == []
    assert gone(child)
    assert gone(lease.pid)


def test_without_forks_a_killed_kernel_is_seen_too(elsewhere):
    lease = elsewhere.acquire()
    os.kill(lease.pid, signal.SIGKILL)
    assert eventually(lease.exited.done)
    assert lease.exited.result() == -signal.SIGKILL
    assert elsewhere.release(lease) == []


# --- the zygote --------------------------------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def library(name, source):
        (tmp_path / f"{name}.py").write_text(source)
        return name

    return library


def test_a_library_that_starts_threads_is_not_preloaded(library):
    name = library("threaded_library", "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()")
    room = Room("forked", preload=(name, "numpy"))
    try:
        assert eventually(lambda: room.kernels._zygote.loaded)
        look = f"import sys; print({name!r} in sys.modules, 'numpy' in sys.modules)"
        # a kernel that was ready before the libraries were may still be handed out; the next is a new one
        assert eventually(lambda: printed(room.fresh(look)) == "False True")
        assert room.kernels.notes == ["threaded_library isn't preloaded (starts threads when imported)"]
    finally:
        room.close()


def test_kernels_from_before_the_zygote_started_over_live_on(library, tmp_path):
    flag = tmp_path / "flag"
    source = f"import os, threading, time\nwhile not os.path.exists({str(flag)!r}): time.sleep(0.01)\n"
    name = library("late_library", source + "threading.Thread(target=threading.Event().wait, daemon=True).start()")
    room = Room("forked", size=1, preload=("json", name))
    try:
        early = room.acquire()
        flag.touch()
        assert eventually(lambda: room.kernels._zygote.loaded)
        assert "late_library isn't preloaded" in room.kernels.notes[0]
        assert printed(room.run(early, "print('still here')")) == "still here"
        os.kill(early.pid, signal.SIGKILL)
        assert eventually(early.exited.done)
        assert early.exited.result() == -signal.SIGKILL
    finally:
        flag.touch()
        room.close()


def test_a_library_that_cannot_be_imported_is_not_preloaded(library):
    name = library("broken_library", "raise ValueError('no licence')")
    room = Room("forked", preload=(name,))
    try:
        assert eventually(lambda: room.kernels._zygote.loaded)
        assert room.acquire().mode == "forked"
        assert room.kernels.notes == ["broken_library isn't preloaded (ValueError: no licence)"]
    finally:
        room.close()


def test_a_library_that_kills_the_zygote_is_not_preloaded(library):
    name = library("deadly_library", "import os; os.abort()")
    room = Room("forked", preload=(name,))
    try:
        assert eventually(lambda: room.kernels._zygote.lost)
        assert room.acquire().mode == "forked"
        assert "zygote" in room.kernels.notes[0]
    finally:
        room.close()


def test_a_killed_zygote_is_replaced():
    room = Room("forked", preload=())
    try:
        lease = room.acquire()
        os.kill(room.kernels._zygote.process.pid, signal.SIGKILL)
        assert eventually(lease.exited.done)
        assert room.acquire().mode == "forked"
        assert room.release(lease) == []
    finally:
        room.close()


def test_kernels_volunteer_when_memory_runs_out(forked, lease):
    own = int(Path("/proc/self/oom_score_adj").read_text())
    assert int(Path(f"/proc/{lease.pid}/oom_score_adj").read_text()) > own


def test_a_module_in_the_working_directory_cannot_disturb_the_zygote(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise RuntimeError('mine')")
    monkeypatch.chdir(tmp_path)
    room = Room("forked", preload=())
    try:
        assert printed(room.fresh("print('fine')")) == "fine"
    finally:
        room.close()


def test_jupyter_client_starts_our_kernels_by_the_provisioners_name(kernelspec):
    from jupyter_client.manager import AsyncKernelManager

    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    name = kernelspec("quick", argv, metadata={"kernel_provisioner": {"provisioner_name": "jupyter-mlops-forked"}})

    async def start_and_ask():
        km = AsyncKernelManager(kernel_name=name)
        await km.start_kernel()
        kc = km.client()
        kc.start_channels()
        await kc.wait_for_ready(timeout=60)
        shown = await outputs_of(kc, "print('hello')")
        kc.stop_channels()
        await km.shutdown_kernel(now=True)
        return shown, processes.tree(km.provisioner.pid)

    assert asyncio.run(start_and_ask()) == ([("stdout", "hello\n")], [])
