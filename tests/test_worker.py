"""The worker executes a project's runs for whoever asks, survives who leaves, and is found only by its user."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Client as open_connection

import psutil
import pytest
from running import Bench, Done, note, number_in, processes_of, until

from jupyter_mlops.errors import RunNotFoundError, StorageError, WorkerError
from jupyter_mlops.execution import client as client_module
from jupyter_mlops.execution import wire
from jupyter_mlops.execution.client import Client, reconcile
from jupyter_mlops.execution.dispatch import Dispatch
from jupyter_mlops.execution.folding import Folding
from jupyter_mlops.execution.queue import Queue
from jupyter_mlops.storage.catalog import Catalog

SLEEP = "import time\ntime.sleep(600)"


@pytest.fixture
def runtime(tmp_path_factory, monkeypatch):
    """A private place for sockets, so that tests meet no other worker."""
    folder = tmp_path_factory.mktemp("x")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("JUPYTER_MLOPS_PARALLEL", "2")
    return folder


class Shop(Bench):
    """A bench with a worker."""

    def __init__(self, folder):
        super().__init__(folder)
        self.client = Client(folder)

    def submit(self, *cells, environ=None, **runtime) -> Done:
        folder = self.order(self.define(*cells), **runtime)
        self.client.submit(folder.name, environ)
        return Done(folder)

    def run(self, *cells, **options) -> Done:
        run = self.submit(*cells, **options)
        assert self.client.wait(run.id, 60)
        return run

    @property
    def worker(self) -> int:
        return self.client.status()["pid"]

    def close(self):
        self.client.stop()


@pytest.fixture
def shop(tmp_path, runtime):
    shop = Shop(tmp_path / "a project")
    yield shop
    shop.close()


def is_gone(pid) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


# --- runs ---


def test_a_run_is_executed_by_a_worker_that_is_started_for_it(shop):
    run = shop.run("print(6 * 7)")
    assert (run.state, run.printed) == ("completed", "42\n")
    owner = run.story.owner
    assert (owner["pid"], owner["role"]) == (shop.worker, "worker")
    assert owner["pid"] != os.getpid()


def test_one_worker_serves_many_runs(shop):
    assert shop.run("x = 1").story.owner == shop.run("x = 2").story.owner


def test_the_submitters_environment_reaches_the_run(shop):
    assert shop.run("import os\nprint(os.environ['WHO'])", environ={**os.environ, "WHO": "me"}).printed == "me\n"


def test_more_runs_than_places_wait_their_turn(shop, tmp_path):
    runs = [shop.submit(note(tmp_path / f"pid{i}") + "\n" + SLEEP) for i in range(3)]
    number_in(tmp_path / "pid0"), number_in(tmp_path / "pid1")
    status = shop.client.status()
    assert (status["live"], status["pending"]) == ([runs[0].id, runs[1].id], [runs[2].id])
    assert runs[2].state == "pending"
    shop.client.abort(runs[0].id)
    number_in(tmp_path / "pid2")
    for run in runs:
        shop.client.abort(run.id)


def test_runs_start_in_the_order_of_their_ids(shop, tmp_path):
    order = tmp_path / "order"
    blockers = [shop.submit(note(tmp_path / f"pid{i}") + "\n" + SLEEP) for i in range(2)]
    number_in(tmp_path / "pid0"), number_in(tmp_path / "pid1")
    folders = [shop.order(shop.define(f"open({str(order)!r}, 'a').write('{i} ')")) for i in range(3)]
    for folder in reversed(folders):
        shop.client.submit(folder.name)
    shop.client.abort(blockers[0].id)
    for folder in folders:
        assert shop.client.wait(folder.name, 60)
    assert order.read_text() == "0 1 2 "
    shop.client.abort(blockers[1].id)


def test_a_run_outlives_the_process_that_asked_for_it(shop, tmp_path):
    folder = shop.order(shop.define("import time\ntime.sleep(1)\nprint('done')"))
    code = f"from jupyter_mlops.execution.client import Client\nClient({str(shop.folder)!r}).submit({folder.name!r})"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert shop.client.wait(folder.name, 60)
    assert Done(folder).printed == "done\n"


def test_the_catalog_follows_by_itself(shop):
    run = shop.run("import jupyter_mlops as mlops\nmlops.log_result('accuracy', 0.9)")
    until(lambda: (shop.folder / "bench.duckdb").exists())
    catalog = Catalog(shop.folder, "bench")
    assert catalog.query("SELECT state FROM runs WHERE id = ?", [run.id]) == [("completed",)]


def test_the_catalog_follows_while_runs_come_and_go(shop):
    shop.run("x = 1")
    shop.client.stop()
    catalog = shop.folder / "bench.duckdb"
    catalog.unlink(missing_ok=True)
    folding = Folding(shop.folder)
    folding.start()
    until(lambda: folding.tell(True) or catalog.exists())  # there is news all the time
    folding.close()


def test_wait_returns_false_when_its_time_is_over(shop, tmp_path):
    run = shop.submit(note(tmp_path / "pid") + "\n" + SLEEP)
    number_in(tmp_path / "pid")
    assert shop.client.wait(run.id, 0.1) is False
    shop.client.abort(run.id)


def test_a_run_that_does_not_exist_is_refused(shop):
    with pytest.raises(RunNotFoundError, match="'nowhere' isn't a run"):
        shop.client.wait("nowhere")


def test_a_run_whose_spec_is_broken_is_an_error(shop):
    folder = shop.order(shop.define("x = 1"))
    (folder / "run.json").write_text("{")
    shop.client.submit(folder.name)
    assert shop.client.wait(folder.name, 60)
    assert (Done(folder).state, Done(folder).story.failure.ename) == ("error", "RunNotFoundError")


def test_an_end_that_cannot_be_written_is_written_later(shop, tmp_path):
    def execute(folder, stop, environ, ended):
        (folder / "events.jsonl").mkdir()  # in the way, like a full disk, which can't be had in a test
        raise StorageError("the disk is full")

    dispatch = Dispatch(shop.folder, sys.executable, execute, parallel=1, changed=lambda: None)
    folder = shop.order(shop.define("x = 1"))
    dispatch.queue.add(folder.name, sys.executable)
    dispatch.submit(folder.name, None)
    assert dispatch.join(60)
    (folder / "events.jsonl").rmdir()
    until(lambda: dispatch.fill() or Done(folder).state == "error")
    assert Done(folder).story.reason == "StorageError: the disk is full"
    assert dispatch.queue.living() == []


def test_a_run_waits_for_the_word_of_its_submitter(shop, tmp_path):
    environs = []
    dispatch = Dispatch(shop.folder, sys.executable, lambda *given: environs.append(given[2]), parallel=1, changed=lambda: None)
    folder = shop.order(shop.define("x = 1"))
    dispatch.queue.add(folder.name, sys.executable)
    dispatch.fill()
    assert dispatch.live == []
    dispatch.submit(folder.name, {"WHO": "me"})
    assert dispatch.join(60)
    assert environs == [{"WHO": "me"}]


def test_environments_of_waiting_runs_go_to_the_next_worker(shop, tmp_path):
    blockers = [shop.submit(note(tmp_path / f"pid{i}") + "\n" + SLEEP) for i in range(2)]
    number_in(tmp_path / "pid0"), number_in(tmp_path / "pid1")
    run = shop.submit("import os\nprint(os.environ['WHO'])", environ={**os.environ, "WHO": "me"})
    pointer = wire.Spot(shop.folder).pointer
    pointer.write_text(json.dumps({**json.loads(pointer.read_text()), "fingerprint": "of another version"}))
    assert shop.client.wait(run.id, 60)
    assert run.printed == "me\n"
    for blocker in blockers:
        shop.client.abort(blocker.id)


# --- aborts ---


def test_a_running_run_is_aborted_from_anywhere(shop, tmp_path):
    run = shop.submit(note(tmp_path / "pid") + "\nimport subprocess\nsubprocess.Popen(['setsid', 'sleep', '600'])\n" + SLEEP)
    number_in(tmp_path / "pid")
    assert Client(shop.folder).abort(run.id, "not needed") == "aborted"
    assert (run.state, run.story.reason) == ("aborted", "not needed")
    assert processes_of(run.id) == []
    assert run.story.ended is not None


def test_a_pending_run_is_aborted_before_it_starts(shop, tmp_path):
    blockers = [shop.submit(note(tmp_path / f"pid{i}") + "\n" + SLEEP) for i in range(2)]
    number_in(tmp_path / "pid0"), number_in(tmp_path / "pid1")
    run = shop.submit("print('never')")
    assert shop.client.abort(run.id, "not needed") == "aborted"
    assert (run.story.reason, run.story.started) == ("not needed", None)
    for blocker in blockers:
        shop.client.abort(blocker.id)
    assert not (run.folder / "notebook.ipynb").exists()


def test_a_pending_run_is_aborted_without_a_worker(shop):
    folder = shop.order(shop.define("x = 1"))
    Queue(shop.folder).add(folder.name, sys.executable)
    assert shop.client.abort(folder.name) == "aborted"
    assert shop.worker is None


def test_aborting_a_finished_run_changes_nothing(shop):
    run = shop.run("x = 1")
    assert shop.client.abort(run.id) == "completed"
    assert run.state == "completed"


def test_a_waiter_hears_of_an_abort(shop, tmp_path):
    run = shop.submit(note(tmp_path / "pid") + "\n" + SLEEP)
    heard = []
    thread = threading.Thread(target=lambda: heard.append(Client(shop.folder).wait(run.id, 60)))
    thread.start()
    number_in(tmp_path / "pid")
    shop.client.abort(run.id)
    thread.join(60)
    assert heard == [True]


# --- deaths ---


def test_a_killed_worker_leaves_no_run_running(shop, tmp_path):
    run = shop.submit(
        "print('begun')", note(tmp_path / "pid") + "\nimport subprocess\nsubprocess.Popen(['setsid', 'sleep', '600'])\n" + SLEEP
    )
    kernel = number_in(tmp_path / "pid")
    os.kill(shop.worker, signal.SIGKILL)
    assert shop.client.wait(run.id, 60)
    assert (run.state, run.story.reason) == ("error", "worker lost")
    until(lambda: is_gone(kernel) and not processes_of(run.id))
    assert run.printed == "begun\n"


def test_a_killed_worker_and_its_guard_leave_no_run_running(shop, tmp_path):
    run = shop.submit(note(tmp_path / "pid") + "\n" + SLEEP)
    kernel, worker = number_in(tmp_path / "pid"), shop.worker
    guards = [child for child in psutil.Process(worker).children() if "jupyter_mlops.execution.guard" in child.cmdline()]
    for process in [*guards, psutil.Process(worker)]:
        process.kill()
    until(lambda: is_gone(worker))
    assert reconcile(shop.folder) == [run.id]
    assert (run.state, run.story.reason) == ("error", "worker lost")
    until(lambda: is_gone(kernel) and not processes_of(run.id))
    assert reconcile(shop.folder) == []


def test_pending_runs_start_with_the_next_worker(shop, tmp_path):
    blockers = [shop.submit(note(tmp_path / f"pid{i}") + "\n" + SLEEP) for i in range(2)]
    number_in(tmp_path / "pid0"), number_in(tmp_path / "pid1")
    run = shop.submit("print('at last')")
    os.kill(shop.worker, signal.SIGKILL)
    assert shop.client.wait(run.id, 60)
    assert run.printed == "at last\n"
    assert [shop.client.wait(blocker.id, 60) for blocker in blockers] == [True, True]


def test_a_claim_whose_worker_died_is_put_back(shop, monkeypatch):
    folder = shop.order(shop.define("print('on')"))
    queue = Queue(shop.folder)
    queue.add(folder.name, sys.executable)
    assert queue.claim(folder.name)
    os.utime(queue.live / folder.name, (time.time() - 60,) * 2)
    assert shop.client.wait(folder.name, 60)
    assert Done(folder).printed == "on\n"


def test_sigterm_aborts_live_runs_and_ends_the_worker(shop, tmp_path):
    run = shop.submit(note(tmp_path / "pid") + "\n" + SLEEP)
    kernel, worker = number_in(tmp_path / "pid"), shop.worker
    os.kill(worker, signal.SIGTERM)
    until(lambda: is_gone(worker))
    assert (run.state, run.story.reason) == ("aborted", "the worker was stopped")
    assert is_gone(kernel)


def test_stop_ends_the_worker_and_all_its_processes(shop):
    shop.run("x = 1")
    processes = [psutil.Process(shop.worker), *psutil.Process(shop.worker).children(recursive=True)]
    assert shop.client.stop() is True
    until(lambda: all(is_gone(process.pid) for process in processes))
    assert shop.client.stop() is False


def test_a_worker_leaves_when_it_has_nothing_to_do(shop, monkeypatch):
    monkeypatch.setenv("JUPYTER_MLOPS_IDLE", "0.5")
    shop.run("x = 1")
    until(lambda: shop.worker is None)
    assert shop.run("print('again')").printed == "again\n"


def test_a_worker_does_not_leave_while_a_run_is_alive(shop, monkeypatch):
    monkeypatch.setenv("JUPYTER_MLOPS_IDLE", "0.1")
    assert shop.run("import time\ntime.sleep(2)\nprint('whole')").printed == "whole\n"


def test_a_worker_of_older_code_finishes_its_runs_and_goes(shop, tmp_path, monkeypatch):
    run = shop.submit(note(tmp_path / "pid") + "\nimport time\ntime.sleep(3)\nprint('whole')")
    number_in(tmp_path / "pid")
    old = shop.worker
    pointer = wire.Spot(shop.folder).pointer
    pointer.write_text(json.dumps({**json.loads(pointer.read_text()), "fingerprint": "of another version"}))
    assert shop.run("x = 1").story.owner["pid"] != old
    assert shop.client.wait(run.id, 60)
    assert (run.state, run.printed, run.story.owner["pid"]) == ("completed", "whole\n", old)
    until(lambda: is_gone(old))


def test_a_run_of_an_older_worker_can_be_aborted(shop, tmp_path):
    run = shop.submit(note(tmp_path / "pid") + "\n" + SLEEP)
    number_in(tmp_path / "pid")
    pointer = wire.Spot(shop.folder).pointer
    pointer.write_text(json.dumps({**json.loads(pointer.read_text()), "fingerprint": "of another version"}))
    shop.run("x = 1")
    assert shop.client.abort(run.id) == "aborted"


def test_a_worker_that_cannot_start_says_why(shop, monkeypatch):
    (shop.folder / "project.yaml").write_text("name: [")
    with pytest.raises(WorkerError, match="can't be started") as caught:
        shop.client.start()
    assert "project.yaml" in str(caught.value)


def test_two_clients_start_one_worker(shop):
    addresses = []
    threads = [threading.Thread(target=lambda: addresses.append(Client(shop.folder).start())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(addresses) == 4
    assert len(set(addresses)) == 1


def test_status_starts_no_worker(shop):
    assert shop.client.status()["pid"] is None


# --- one queue, two workers ---


def test_a_run_is_claimed_by_one(tmp_path):
    queues = [Queue(tmp_path), Queue(tmp_path)]
    wins = [[], []]
    names = [f"run{i:03}" for i in range(200)]
    for name in names:
        queues[0].add(name, sys.executable)
    barrier = threading.Barrier(2)

    def take(which):
        barrier.wait()
        wins[which] += [name for name in names if queues[which].claim(name)]

    threads = [threading.Thread(target=take, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins[0] + wins[1]) == names


def test_two_workers_share_a_queue_without_doing_a_run_twice(shop, tmp_path, monkeypatch):
    folders = [shop.order(shop.define("x = 1")) for _ in range(8)]
    for folder in folders:
        Queue(shop.folder).add(folder.name, sys.executable)
    command = [sys.executable, "-P", "-m", "jupyter_mlops.execution.worker", "--foreground", "--project", str(shop.folder)]
    workers = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        for folder in folders:
            until(lambda folder=folder: Done(folder).story.state.finished, 60)
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait(30)
    for folder in folders:
        assert [event["state"] for event in Done(folder).events if event["e"] == "state"] == ["running", "completed"]


def test_a_worker_leaves_runs_of_another_interpreter_alone(tmp_path):
    queue = Queue(tmp_path)
    queue.add("mine", sys.executable)
    queue.add("theirs", "/bin/sh")
    queue.add("orphan", "/nowhere/bin/python")
    assert queue.pending(sys.executable) == ["mine", "orphan"]


# --- who may speak ---


def address_of(shop):
    shop.client.start()
    return wire.Spot(shop.folder).read()["address"]


def test_a_wrong_key_is_refused(shop):
    with pytest.raises((WorkerError, EOFError, OSError)):
        wire.connect(address_of(shop), b"wrong")
    assert shop.worker is not None


def test_another_protocol_is_refused_with_both_numbers(shop):
    with wire.connect(address_of(shop), wire.Spot(shop.folder).key()) as connection:
        connection.send_bytes(json.dumps({"protocol": 99, "op": "status"}).encode())
        answer = json.loads(connection.recv_bytes())
    assert "99" in answer["error"] and str(wire.PROTOCOL) in answer["error"]


@pytest.mark.parametrize(
    "message", [b"", b"\x80\x04\x95", b"[]", b'"x"', b"{}", b'{"protocol": 1}', b'{"protocol": 1, "op": "submit"}', b"[" * 9999]
)
def test_garbage_does_no_harm(shop, message):
    with wire.connect(address_of(shop), wire.Spot(shop.folder).key()) as connection:
        connection.send_bytes(message)
        with contextlib.suppress(EOFError):
            assert "error" in json.loads(connection.recv_bytes())
    assert shop.worker is not None


def test_a_client_that_says_nothing_hinders_nobody(shop):
    address = address_of(shop)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(address)
        assert shop.run("print('on')").printed == "on\n"


def test_a_message_that_is_too_long_is_refused(shop):
    with wire.connect(address_of(shop), wire.Spot(shop.folder).key()) as connection:
        with contextlib.suppress(OSError):
            connection.send_bytes(b"x" * (wire.LARGEST + 1))
        with pytest.raises((EOFError, OSError)):
            connection.recv_bytes()
    assert shop.worker is not None


def test_pickles_are_never_loaded(shop, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    with open_connection(address_of(shop), authkey=wire.Spot(shop.folder).key()) as connection:
        connection.send(Trap())
        assert "error" in json.loads(connection.recv_bytes())
    assert not (tmp_path / "sprung").exists()


def test_the_socket_and_the_key_are_private(shop, runtime):
    shop.client.start()
    folder = runtime / "jupyter-mlops"
    assert folder.stat().st_mode & 0o077 == 0
    (key,) = folder.glob("*.key")
    assert key.stat().st_mode & 0o077 == 0


def test_a_folder_for_sockets_that_others_can_enter_is_refused(tmp_path, runtime):
    (runtime / "jupyter-mlops").mkdir(mode=0o755)
    with pytest.raises(WorkerError, match="isn't private"):
        wire.Spot(tmp_path)


# --- lightness ---


def test_the_client_loads_nothing_heavy():
    heavy = ("papermill", "duckdb", "nbformat", "asyncio", "zmq", "psutil")
    code = f"import sys, jupyter_mlops.execution.client\nprint([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_log_of_the_worker_starts_anew_when_it_is_large(shop, monkeypatch):
    monkeypatch.setattr(client_module, "_LOG_LIMIT", 10)
    shop.client.log.parent.mkdir(parents=True, exist_ok=True)
    shop.client.log.write_text("x" * 100)
    shop.client.start()
    assert shop.client.log.with_suffix(".log.1").read_text() == "x" * 100
