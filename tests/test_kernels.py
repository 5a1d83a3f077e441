"""Kernels, all real: equal however they are started, blind to each other, and gone when they are released."""

import ast
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.errors import KernelError
from jupyter_mlops.execution import processes
from jupyter_mlops.execution.forked import kernel_arguments
from jupyter_mlops.execution.kernels import Kernels

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks")

DOUBLE_FORK = """
import os, time
r, w = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(w, str(os.getpid()).encode())
        for fd in range(3, 200):
            try: os.close(fd)
            except OSError: pass
        time.sleep(600)
    os._exit(0)
print(int(os.read(r, 20)))
"""


class Room:
    """Kernels on a loop in a thread of its own, spoken to from plain tests."""

    def __init__(self, mode: str, **options) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.kernels = Kernels(mode=mode, **options)
        self(self.kernels.start())

    def __call__(self, coroutine, timeout=90):
        return self.submit(coroutine).result(timeout)

    def submit(self, coroutine) -> Future:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def acquire(self, *args, **options):
        return self(self.kernels.acquire(*args, **options))

    def release(self, lease, **options):
        return self(self.kernels.release(lease, **options))

    def run(self, lease, code):
        return self(outputs_of(lease.kc, code))

    def fresh(self, code, **options):
        """What ``code`` puts out in a kernel of its own."""
        lease = self.acquire(**options)
        try:
            return self.run(lease, code)
        finally:
            self.release(lease)

    def close(self) -> None:
        self(self.kernels.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def outputs_of(kc, code):
    """What a front end would show for the cell, as a list of (type, what); the text of each stream in one piece, at the end."""
    request, shown, said = kc.execute(code), [], {}
    while True:
        message = await kc.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            return [*shown, *sorted(said.items())]
        if kind == "stream":
            said[content["name"]] = said.get(content["name"], "") + content["text"]
        elif kind in ("execute_result", "display_data"):
            shown.append((kind, content["data"]))
        elif kind == "error":
            shown.append((kind, content["ename"], content["evalue"], "\n".join(content["traceback"])))


def printed(shown) -> str:
    assert [kind for kind, *_ in shown] == ["stdout"], shown
    return shown[0][1].strip()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def eventually(holds, seconds=15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


@pytest.fixture(scope="module")
def rooms():
    opened = {}

    def open_room(mode):
        if mode not in opened:
            opened[mode] = Room(mode)
        return opened[mode]

    yield open_room
    for room in opened.values():
        room.close()


@pytest.fixture(scope="module")
def forked(rooms):
    return rooms("forked")


@pytest.fixture
def lease(forked):
    lease = forked.acquire()
    assert lease.mode == "forked", forked.kernels.notes
    yield lease
    forked.release(lease)


# --- equal, however started --------------------------------------------------------------------------------------------

CORPUS = {
    "a value": "import multiprocessing as m, os, sys, time\n1 + 1",
    "prints to both streams": "import sys; print('a'); print('b', file=sys.stderr); print('c')",
    "a rich value": "import pandas as pd; pd.DataFrame({'x': [1, 2], 'y': ['a', 'ü']})",
    "an error": "def f(x):\n    return 1 / x\nf(0)",
    "a syntax error": "a = = 1",
    "a magic": "%timeit -n1 -r1 -q -o 1\n%who_ls",
    "a shell command": "!echo $((40 + 2))",
    "output of a program": "import subprocess, time; subprocess.run(['echo', 'from a program']); time.sleep(0.3)",
    "output of os.system": "os.system('echo from a shell; echo wrong >&2'); time.sleep(0.3)",
    "top-level await": "import asyncio\nawait asyncio.sleep(0.01, 'done')",
    "a task in the background": "import asyncio\nt = asyncio.ensure_future(asyncio.sleep(0, 5))\nawait t",
    "threads": "from concurrent.futures import ThreadPoolExecutor\nlist(ThreadPoolExecutor(4).map(lambda x: x * x, range(5)))",
    "multiprocessing by fork": "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: print(p.map(abs, [-1, 2]))",
    "multiprocessing by spawn": "with m.get_context('spawn').Pool(2) as p: print(p.map(abs, [-1, 2]))",
    "os.fork": "import os\npid = os.fork()\nif not pid: os._exit(3)\nos.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
    "a plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('t')",
    "a plot that is shown": "fig, ax = plt.subplots(figsize=(2, 1))\nax.bar([1], [2])\nplt.show()",
    "the backend": "import matplotlib; matplotlib.get_backend()",
    "where modules come from": "import sys; sys.path",
    "the arguments": "import sys; [a if a.startswith('-') else a.split('/')[-1] for a in sys.argv]",
    "the main module": "main = sys.modules['__main__']\n__name__, main.__dict__ is globals(), hasattr(main, '__file__')",
    "standard streams": "import sys; [s.encoding for s in (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__)]",
    "input is refused": "input()",
    "signals": "import signal as s; [str(s.getsignal(n)) for n in (s.SIGINT, s.SIGTERM, s.SIGCHLD, s.SIGPIPE)]",
    "a pickle of a class of the notebook": "import pickle\nclass A: x = 1\npickle.loads(pickle.dumps(A())).x",
    "the collector": "import gc; gc.isenabled(), gc.get_threshold()",
    "recursion": "import sys; sys.getrecursionlimit()",
    "logging": "import logging; logging.warning('w'); [len(logging.root.handlers), logging.root.level]",
    "warnings": "import warnings; warnings.warn('careful')",
    "deprecations in the notebook": "import warnings; warnings.warn('old', DeprecationWarning)",
    "debugger support": "from ipykernel.debugger import _is_debugpy_available; _is_debugpy_available",
    "history": "%history -l 3",
    "last results": "_, Out[1]",
    # sklearn sets KMP_…, debugpy PYDEVD_…, when they are imported
    "the environment": "sorted((k, v) for k, v in os.environ.items() if not k.startswith(('KMP_', 'PYDEVD_')))",
    "the session": "import os; os.getsid(0) == os.getpid() == os.getpgid(0)",
    "open files": "import os; os.readlink('/proc/self/fd/0')",
    "threads of the kernel": "import re, threading; sorted(re.sub(r'\\d+', 'n', t.name) for t in threading.enumerate())",
}  # fmt: skip


def normal(shown):
    """Without what differs from one process to the next anyway."""
    text = json.dumps(shown)
    text = re.sub(r"0x[0-9a-f]+", "0x…", text)
    text = re.sub(r"ipykernel_\d+/\d+", "ipykernel_n/n", text)
    return json.loads(text)


@pytest.fixture(scope="module")
def corpus_outputs(rooms):
    outputs = {}
    for mode in ("cold", "prestarted", "forked"):
        lease = rooms(mode).acquire()
        assert lease.mode == mode
        outputs[mode] = {name: normal(rooms(mode).run(lease, code)) for name, code in CORPUS.items()}
        assert rooms(mode).release(lease) == []
    return outputs


@pytest.mark.parametrize("name", CORPUS)
def test_cells_put_out_the_same_on_every_kind_of_kernel(corpus_outputs, name):
    assert corpus_outputs["forked"][name] == corpus_outputs["cold"][name]
    assert corpus_outputs["prestarted"][name] == corpus_outputs["cold"][name]


def test_the_corpus_says_something(corpus_outputs):
    said = corpus_outputs["forked"]
    assert said["a value"] == [["execute_result", {"text/plain": "2"}]]
    assert said["multiprocessing by spawn"] == [["stdout", "[1, 2]\n"]]
    assert "image/png" in said["a plot"][-1][1]
    assert said["os.fork"][0][1]["text/plain"] == "3"
    assert said["output of os.system"][-2:] == [["stderr", "wrong\n"], ["stdout", "from a shell\n"]]


# --- fitting models after a fork ---------------------------------------------------------------------------------------

FITS = {
    "threaded BLAS": """
import numpy as np
a = np.random.rand(600, 600) + np.eye(600) * 600
print(np.allclose(np.linalg.solve(a, a @ a), a))""",
    "a decomposition": """
import numpy as np
from scipy import linalg
a = np.random.rand(300, 300)
u, s, v = linalg.svd(a)
print(np.allclose(u * s @ v, a))""",
    "a forest on threads": """
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
x, y = load_iris(return_X_y=True)
print(RandomForestClassifier(50, n_jobs=2, random_state=0).fit(x, y).score(x, y) > 0.9)""",
    "a search on processes": """
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
x, y = load_iris(return_X_y=True)
print(GridSearchCV(LogisticRegression(max_iter=500), {'C': [0.1, 1]}, n_jobs=2, cv=3).fit(x, y).best_score_ > 0.9)""",
    "OpenMP": """
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
x = np.random.rand(2000, 5)
print(HistGradientBoostingClassifier(max_iter=20).fit(x, x[:, 0] > 0.5).score(x, x[:, 0] > 0.5) > 0.9)""",
    "clusters": """
import numpy as np
from sklearn.cluster import KMeans
print(KMeans(3, n_init=2).fit(np.random.rand(3000, 8)).cluster_centers_.shape == (3, 8))""",
    "arrow": """
import pandas as pd
frame = pd.DataFrame({'a': range(100_000), 'b': ['x', 'y'] * 50_000})
frame.to_parquet('/dev/shm/mlops-fork-test.parquet')
print(len(pd.read_parquet('/dev/shm/mlops-fork-test.parquet').groupby('b').a.sum()) == 2)
import os; os.remove('/dev/shm/mlops-fork-test.parquet')""",
    "polars": "import polars as pl\nprint(pl.DataFrame({'a': range(100_000)}).select(pl.col('a').sum()).item() == 4999950000)",
}


@pytest.mark.parametrize("name", FITS)
def test_numeric_libraries_work_in_a_fork(forked, lease, name):
    assert printed(forked.run(lease, FITS[name])) == "True"


def test_the_usual_libraries_are_imported_before_the_fork(forked, lease):
    code = "import sys; print([name in sys.modules for name in ('numpy', 'pandas', 'sklearn.ensemble', 'matplotlib.pyplot')])"
    assert printed(forked.run(lease, code)) == str([True] * 4)


# --- nothing of one run in the next ------------------------------------------------------------------------------------

TRACES = """
import builtins, gc, os, random, sys, tempfile, threading, types, warnings, logging
import numpy as np, pandas as pd
os.environ["TRACE"] = "1"; os.chdir(tempfile.mkdtemp()); sys.path.append("/trace")
sys.modules["trace_module"] = types.ModuleType("trace_module")
builtins.trace = pd.trace = np.trace_of = 1
pd.set_option("display.max_rows", 7); np.set_printoptions(precision=2)
warnings.filterwarnings("error", message="trace of"); logging.root.setLevel(1)
left_open = open("/dev/zero", "rb"); os.umask(0o111)
import matplotlib; matplotlib.rcParams["lines.linewidth"] = 77
random.seed(1); np.random.seed(1)
threading.Thread(target=threading.Event().wait, daemon=True).start()
"trace of a result"
"""
LOOK = """
import builtins, logging, matplotlib, os, sys, warnings, numpy as np, pandas as pd
trace = "".join(["tra", "ce"])  # not to find itself
files = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
history = list(get_ipython().history_manager.get_tail(50))
print({
    "environment": "TRACE" in os.environ, "path": "/trace" in sys.path, "module": "trace_module" in sys.modules,
    "builtins": hasattr(builtins, "trace"), "pandas": hasattr(pd, "trace"), "numpy": hasattr(np, "trace_of"),
    "pandas options": pd.get_option("display.max_rows") == 7, "numpy options": np.get_printoptions()["precision"] == 2,
    "warnings": f"{trace} of" in str(warnings.filters), "logging": logging.root.level == 1,
    "matplotlib": matplotlib.rcParams["lines.linewidth"] == 77, "file": "/dev/zero" in files, "umask": os.umask(0o022) == 0o111,
    "In": f"{trace} of" in str(In), "Out": f"{trace} of" in str(Out), "_": f"{trace} of" in str(_), "cwd": "tmp" in os.getcwd(),
    "history": f"{trace} of" in str(history), "name": "left_open" in globals(),
})
"""


def seen(shown):
    traces = ast.literal_eval(printed(shown))
    return {name for name, found in traces.items() if found}, set(traces)


@pytest.mark.parametrize("mode", ["forked", "prestarted"])
def test_nothing_that_one_run_did_is_seen_by_the_next(rooms, mode):
    first = rooms(mode).run(lease := rooms(mode).acquire(), TRACES)
    assert first[-1] == ("execute_result", {"text/plain": "'trace of a result'"})
    found, possible = seen(rooms(mode).run(lease, LOOK))
    assert found >= possible - {"history"}
    rooms(mode).release(lease)
    for _ in range(3):
        assert seen(rooms(mode).fresh(LOOK))[0] == set()


def test_random_numbers_differ_from_run_to_run(forked):
    code = "import random, numpy.random as n, uuid; print(random.random(), n.rand(), uuid.uuid4(), n.default_rng().random())"
    first, second = (printed(forked.fresh(code)).split() for _ in range(2))
    assert not set(first) & set(second)


def test_a_kernel_holds_nothing_of_the_zygotes(forked, lease):
    """Whoever waits for the end of an inherited pipe would wait for the kernel."""

    def held_by(pid):
        links = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
        return {link for link in links if link.startswith(("socket:", "pipe:"))}

    zygote = forked.kernels._zygote.process.pid
    assert held_by(zygote)
    assert not held_by(zygote) & held_by(lease.pid)


def test_the_zygote_has_one_python_thread_and_no_zmq_socket(forked):
    pid = forked.kernels._zygote.process.pid
    names = [Path(f"/proc/{pid}/task/{task}/comm").read_text() for task in os.listdir(f"/proc/{pid}/task")]
    assert not [name for name in names if "ZMQ" in name]


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


def test_an_interrupt_reaches_the_cell(forked, lease):
    cell = forked.submit(outputs_of(lease.kc, "print('here', flush=True)\nimport time\nfor _ in range(600): time.sleep(0.1)"))
    busy = psutil.Process(lease.pid)
    assert eventually(lambda: busy.status() == psutil.STATUS_SLEEPING)
    while not cell.done():  # an interrupt that comes before the cell begins is lost, as with any kernel
        forked(lease.km.interrupt_kernel())
        time.sleep(0.2)
    assert cell.result(30)[0][1] == "KeyboardInterrupt"


OWNER = """
import asyncio, sys
sys.path.insert(0, {here!r})
from test_kernels import DOUBLE_FORK, outputs_of
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
        await asyncio.gather(asking, return_exceptions=True)
        return asking.cancelled()

    shelf = next(iter(forked.kernels._shelves.values()))
    assert eventually(lambda: len(shelf) == forked.kernels.size and all(task.done() for task in shelf))
    before = set(psutil.Process(zygote).children())
    assert all(forked(change_of_mind(steps)) for steps in (0, 0.002, 0.02, 0.2))
    assert eventually(lambda: set(psutil.Process(zygote).children()) == before)


def test_a_taken_kernel_is_replaced(forked):
    forked.release(forked.acquire())
    shelf = next(iter(forked.kernels._shelves.values()))
    assert eventually(lambda: len(shelf) == forked.kernels.size and all(task.done() for task in shelf))


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
        lease = room.acquire()
        assert lease.mode == "forked"
        assert printed(room.run(lease, f"import sys; print({name!r} in sys.modules, 'numpy' in sys.modules)")) == "False True"
        assert room.kernels.notes == ["threaded_library isn't preloaded (starts threads when imported)"]
    finally:
        room.close()


def test_a_library_that_cannot_be_imported_is_not_preloaded(library):
    name = library("broken_library", "raise ValueError('no licence')")
    room = Room("forked", preload=(name,))
    try:
        assert room.acquire().mode == "forked"
        assert room.kernels.notes == ["broken_library isn't preloaded (ValueError: no licence)"]
    finally:
        room.close()


def test_a_library_that_kills_the_zygote_is_not_preloaded(library):
    name = library("deadly_library", "import os; os.abort()")
    room = Room("forked", preload=(name,))
    try:
        assert room.acquire().mode == "forked"
        assert "zygote was lost" in room.kernels.notes[0]
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
