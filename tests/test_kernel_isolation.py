"""A cell puts out the same however its kernel was started, and nothing of one run is seen by the next."""

import ast
import json
import os
import re
import sys
from pathlib import Path

import pytest
from rooms import printed

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks")


# --- equal, however started --------------------------------------------------------------------------------------------

CORPUS = {
    "a value": "import multiprocessing as m, os, sys, time\n1 + 1",
    "prints to both streams": "import sys; print('a'); print('b', file=sys.stderr); print('c')",
    "a rich value": "import pandas as pd; pd.DataFrame({'x': [1, 2], 'y': ['a', 'ü']})",
    "an error": "def f(x):\n    return 1 / x\nf(0)",
    "a syntax error": "a = = 1",
    "a magic": "%timeit -n1 -r1 -q -o 1\n%who_ls",
    "a shell command": "!echo $((40 + 2))",
    "output of a program": "import subprocess, time; subprocess.run(['echo', 'from a program']); time.sleep(1)",
    "output of os.system": "os.system('echo from a shell; echo wrong >&2'); time.sleep(1)",
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
os.environ["TRACE"] = "1"; os.chdir(tempfile.mkdtemp(prefix="trace_of_cwd_")); sys.path.append("/trace")
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
    "In": f"{trace} of" in str(In), "Out": f"{trace} of" in str(Out), "_": f"{trace} of" in str(_), "cwd": f"{trace}_of_cwd" in os.getcwd(),
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
