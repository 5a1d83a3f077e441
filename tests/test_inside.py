"""What user code calls: the same in a run, in interactive work, and outside of any."""

from __future__ import annotations

import decimal
import itertools
import json
import math
import multiprocessing
import os
import random
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jupyter_mlops as mlops
from jupyter_mlops.errors import InputError, LogError, NameRuleError, PackagingError, ParameterError, RunNotFoundError
from jupyter_mlops.execution import inside
from jupyter_mlops.storage import artifacts, journal
from jupyter_mlops.storage.blobs import Blobs, hash_file
from jupyter_mlops.values import encode

SPEC = {"id": "20261124-083512-k3v9x2ab", "project": "churn", "name": "train", "function": "train", "tags": {"team": "a"}}


def make_run(home, **fields):
    folder = home / "runs" / SPEC["id"]
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({**SPEC, "cwd": str(home), **fields}))
    return folder


@pytest.fixture
def home(tmp_path):
    return tmp_path / "a project ü"


@pytest.fixture
def enter(home):
    """Return a function that starts a run in this process; the run ends with the test."""

    def enter(**fields):
        folder = make_run(home, **fields)
        inside.start(folder)
        return folder

    inside.stop()
    yield enter
    inside.stop()


@pytest.fixture
def scratch():
    inside.stop()
    yield mlops.current_run()
    inside.stop()


def events(folder, kind=None):
    found = journal.read(folder / "events.jsonl").events
    return [event for event in found if kind in (None, event["e"])]


def values_of(folder, key):
    return [event["value"] for event in events(folder, "metric") if event["key"] == key]


# ---- metrics


def test_metrics_are_written_with_step_and_time(enter):
    folder = enter()
    mlops.log_metric("loss", 0.5)
    mlops.log_metric("loss", 0.25, step=3)
    mlops.log_metric("loss", 0.125, 4)
    assert [(event["value"], event["step"]) for event in events(folder, "metric")] == [(0.5, None), (0.25, 3), (0.125, 4)]
    assert mlops.current_run().metrics["loss"][1][:2] == (3, 0.25)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (1, 1.0), (0, 0.0), (-0.0, -0.0), (math.inf, math.inf), (-math.inf, -math.inf), (np.float32(0.5), 0.5),
        (np.int8(3), 3.0),
        (np.float64(0.1), 0.1), (np.array(2.5), 2.5), (np.float16("inf"), math.inf), (decimal.Decimal("0.5"), 0.5),
        (1e308, 1e308),
    ],
)  # fmt: skip
def test_any_real_number_is_a_metric(enter, value, kept):
    folder = enter()
    mlops.log_metric("m", value)
    assert [repr(float(found)) for found in values_of(folder, "m")] == [repr(float(kept))]


def test_not_a_number_is_kept(enter):
    folder = enter()
    mlops.log_metric("m", math.nan)
    mlops.log_metric("m", np.float32("nan"))
    assert all(math.isnan(value) for value in values_of(folder, "m"))


NO_METRICS = [
    True, False, "0.5", b"1", None, 1j, np.bool_(True), np.complex64(1), np.array([1.0]), np.array([[1, 2]]), [1.0], {},
    object(),
    np.datetime64("2026-01-01"), np.timedelta64(1, "s"), np.str_("1"), pd.NA, pd.NaT, pd.Timestamp("2026-01-01"), 10**400,
]  # fmt: skip


@pytest.mark.parametrize("value", NO_METRICS, ids=repr)
def test_what_is_no_real_number_is_refused_at_the_call(enter, value):
    folder = enter()
    with pytest.raises(LogError, match=r"Metric 'm' can't be .*\(.*\): give a real number"):
        mlops.log_metric("m", value)
    assert not events(folder)


@pytest.mark.parametrize("step", [True, 1.5, "1", math.nan, np.bool_(True)])
def test_a_step_that_is_no_integer_is_refused(enter, step):
    folder = enter()
    with pytest.raises(LogError, match="can't have the step"):
        mlops.log_metric("m", 1.0, step)
    assert not events(folder)


def test_a_numpy_integer_is_a_step(enter):
    folder = enter()
    mlops.log_metric("m", 1.0, np.int64(7))
    assert events(folder, "metric")[0]["step"] == 7


@pytest.mark.parametrize("key", ["loss", "val/accuracy", "Größe der 🎉", "a b", "x" * 250, "'; DROP TABLE runs; --"])
def test_a_key_is_free_text(enter, key):
    folder = enter()
    mlops.log_metric(key, 1.0)
    assert events(folder, "metric")[0]["key"] == key


@pytest.mark.parametrize("key", ["", " ", "a\nb", "a\0", "\t", "x" * 251, "\ud800", None, 3, b"x", []])
def test_a_key_that_nobody_could_ask_for_is_refused(enter, key):
    folder = enter()
    for call in (mlops.log_metric, mlops.log_result, mlops.set_tag):
        with pytest.raises(LogError, match="can't be the key of a"):
            call(key, 1.0)
    assert not events(folder)


def test_of_several_metrics_all_are_logged_or_none(enter):
    folder = enter()
    mlops.log_metrics({"a": 1.0, "b": 2.0}, step=1)
    with pytest.raises(LogError):
        mlops.log_metrics({"a": 3.0, "b": "no"}, step=2)
    with pytest.raises(LogError):
        mlops.log_metrics({"a": 3.0}, step="two")
    assert [event["value"] for event in events(folder, "metric")] == [1.0, 2.0]


# ---- results and tags


@pytest.mark.parametrize(
    "value", [1, 0.5, True, None, "text", math.nan, [1, 2], {"a": (1, 2)}, decimal.Decimal("1.5"), Path("x"), "\ud800"], ids=repr
)
def test_a_result_is_kept_as_it_is(enter, value):
    enter()
    mlops.log_result("r", value)
    assert repr(mlops.current_run().results["r"]) == repr(value)


def test_a_numpy_number_is_the_result_that_it_means(enter):
    folder = enter()
    mlops.log_results({"f": np.float64(0.5), "i": np.int32(3), "b": np.bool_(True), "s": np.str_("x")})
    assert [event["value"] for event in events(folder, "result")] == [0.5, 3, True, "x"]


@pytest.mark.parametrize(
    "value", [np.arange(3), pd.DataFrame({"a": [1]}), object(), pd.Timestamp("2026-01-01")], ids=lambda v: type(v).__name__
)
def test_a_result_of_another_type_is_sent_to_log_artifact(enter, value):
    folder = enter()
    with pytest.raises(LogError, match=rf"Result 'r' can't be a .*{type(value).__name__}: keep it with log_artifact"):
        mlops.log_result("r", value)
    assert not events(folder)


def test_a_long_result_is_sent_to_log_artifact(enter):
    enter()
    mlops.log_result("r", "x" * 9_000)
    with pytest.raises(LogError, match=r"Result 'r' has 10,003 bytes, more than 10,000: keep it with log_artifact"):
        mlops.log_result("r", "x" * 10_001)


def test_of_several_results_all_are_logged_or_none(enter):
    folder = enter()
    with pytest.raises(LogError):
        mlops.log_results({"a": 1, "b": object()})
    assert not events(folder)


def test_tags_are_text_and_add_to_those_of_the_start(enter):
    enter()
    mlops.set_tag("stage", "dev")
    mlops.set_tag("n", 3)
    assert mlops.current_run().tags == {"team": "a", "stage": "dev", "n": "3"}


# ---- artifacts


def test_an_artifact_is_stored_in_the_project_and_recorded(enter, home):
    folder = enter()
    made = mlops.log_artifact("numbers", [1, 2], tag="best", labels={"a": "b"})
    (event,) = events(folder, "artifact")
    assert (event["key"], event["run"], event["tag"], event["labels"]) == ("numbers", SPEC["id"], "best", {"a": "b"})
    assert made.uri == f"store://file/churn/numbers^{event['uid']}"
    assert Blobs(home / "artifacts").has(event["hash"])
    assert mlops.current_run().artifacts["numbers"] == made
    assert repr(made) == f"<file numbers builtins.list {made.uri}>"


@pytest.mark.parametrize(
    ("call", "kind"),
    [(mlops.log_dataset, "dataset"), (mlops.log_model, "model"), (mlops.log_plot, "plot")],
    ids=["dataset", "model", "plot"],
)
def test_the_name_of_the_call_is_the_kind(enter, call, kind):
    enter()
    assert call("thing", {"any": "thing"}, tag="t", labels={"l": "x"}).kind == kind


def test_text_that_names_a_file_is_that_file_and_other_text_is_text(enter, home, monkeypatch):
    enter()
    (home / "report.html").write_text("<p>")
    (home / "model").mkdir()
    monkeypatch.chdir(home)
    assert mlops.log_artifact("a", "report.html").packager == "file"
    assert mlops.log_artifact("a", "./model").packager == "dir"
    assert mlops.log_artifact("a", home / "model").packager == "dir"
    for text in ("model", "missing.html", "two\nlines", "", "x" * 5000):
        assert mlops.log_artifact("a", text).packager == "text"


def test_the_store_is_the_one_that_the_project_names(enter, home, tmp_path):
    enter(store=f"file://{tmp_path}/elsewhere")
    made = mlops.log_artifact("a", [1])
    assert Blobs(tmp_path / "elsewhere").has(made.hash)
    assert not (home / "artifacts").exists()


def test_a_store_in_a_folder_of_the_project_is_found(enter, home):
    enter(store="kept/here")
    assert Blobs(home / "kept" / "here").has(mlops.log_artifact("a", [1]).hash)


def test_what_cannot_be_kept_leaves_no_event(enter):
    folder = enter()
    with pytest.raises(PackagingError, match="'lock'"):
        mlops.log_artifact("lock", threading.Lock())
    with pytest.raises(NameRuleError, match="For example 'my_key'"):
        mlops.log_artifact("My Key", 1)
    with pytest.raises(LogError, match="kind 'modle'"):
        mlops.log_artifact("m", 1, kind="modle")
    assert not events(folder)


# ---- what a Function returns


def test_returned_scalars_are_results_and_the_rest_artifacts(enter):
    folder = enter()
    inside.outputs(
        accuracy=(None, np.float64(0.9)), name=(None, "x"), flag=(None, True), nothing=(None, None),
        table=(None, pd.DataFrame({"a": [1]})),
        numbers=(None, [1, 2]), listed=("result", [1, 2]), model=("model", {"w": 1}), long=(None, "x" * 20_000),
    )  # fmt: skip
    assert [event["key"] for event in events(folder, "result")] == ["accuracy", "name", "flag", "nothing", "listed"]
    assert {event["key"]: event["kind"] for event in events(folder, "artifact")} == {
        "table": "dataset",
        "numbers": "file",
        "model": "model",
        "long": "file",
    }


def test_one_return_that_cannot_be_kept_does_not_lose_the_others(enter):
    folder = enter()
    with pytest.raises(PackagingError, match="'lock'"):
        inside.outputs(lock=(None, threading.Lock()), accuracy=(None, 0.9))
    assert [event["key"] for event in events(folder)] == ["accuracy"]


# ---- parameters and inputs


def test_a_parameter_arrives_as_it_was_given(enter):
    enter(params={"when": encode((1, {2})), "k": 3})
    assert mlops.param("when") == (1, {2})
    assert mlops.param("k", 5) == 3
    assert mlops.param("other", 5) == 5
    assert mlops.param("other", None) is None
    with pytest.raises(ParameterError, match=r"'wen' wasn't given.*Did you mean 'when'\?"):
        mlops.param("wen")


def test_an_input_made_of_an_artifact_is_loaded_and_recorded(enter, home):
    frame = pd.DataFrame({"a": [1, 2]})
    record = artifacts.log(frame, "data", blobs=Blobs(home / "artifacts"))
    source = {
        "uri": "store://dataset/churn/data",
        "hash": record.hash,
        "artifact": record.uid,
        "packager": "pandas",
        "meta": record.meta,
    }
    folder = enter(inputs={"data": source, "list": {**source, "hint": "numpy.ndarray"}})
    pd.testing.assert_frame_equal(mlops.input("data"), frame)
    assert mlops.input("list").tolist() == [[1], [2]]
    assert mlops.input("data", hint="pathlib.Path").name == "data.parquet"
    (event, *_) = events(folder, "input")
    assert {key: event[key] for key in ("name", "uri", "hash", "artifact")} == {
        "name": "data",
        "uri": source["uri"],
        "hash": record.hash,
        "artifact": record.uid,
    }


def test_an_input_path_is_relative_to_where_the_run_was_asked_for(enter, home):
    folder = enter(inputs={"data": {"uri": "t.csv"}, "text": {"uri": "t.csv", "hint": "str"}})
    (home / "t.csv").write_text("a\n1\n")
    assert mlops.input("data").to_dict("list") == {"a": [1]}
    assert mlops.input("text") == "a\n1\n"
    assert events(folder, "input")[0]["hash"] == hash_file(home / "t.csv").hash


def test_the_default_of_an_input_is_a_path_or_data(enter, home):
    folder = enter()
    (home / "t.csv").write_text("a\n1\n")
    assert mlops.input("data", "t.csv").to_dict("list") == {"a": [1]}
    assert mlops.input("data", home / "t.csv", hint="bytes") == b"a\n1\n"
    assert mlops.input("data", [1, 2]) == [1, 2]
    assert [event["uri"] for event in events(folder, "input")] == ["t.csv", str(home / "t.csv")]


def test_an_input_that_was_not_given_is_refused_with_a_suggestion(enter):
    enter(inputs={"data": {"uri": "x"}})
    with pytest.raises(InputError, match=r"'dta' wasn't given.*Did you mean 'data'\?"):
        mlops.input("dta")
    with pytest.raises(InputError, match=r"'zzz' wasn't given.*Given are data\."):
        mlops.input("zzz")
    with pytest.raises(InputError, match="x' doesn't exist"):
        mlops.input("data")


def test_an_address_is_looked_up_in_the_project_around(enter):
    enter()
    with pytest.raises(InputError, match="go to project 'churn'"):
        mlops.input("data", "store://dataset/churn/data")


def test_progress_is_reported_at_both_ends_and_seldom_between(enter):
    folder = enter()
    assert list(mlops.progress(range(100_000), label="epochs")) == list(range(100_000))
    told = events(folder, "progress")
    assert (told[0]["done"], told[-1]["done"]) == (0, 100_000)
    assert {(event["total"], event["label"]) for event in told} == {(100_000, "epochs")}
    assert all(later["t"] - earlier["t"] >= 0.09 for earlier, later in itertools.pairwise(told[:-1]))


def test_progress_of_a_generator_takes_the_total_that_is_given(enter):
    folder = enter()
    assert list(mlops.progress((x for x in "ab"), total=2)) == ["a", "b"]
    assert list(mlops.progress(iter("ab"))) == ["a", "b"]
    assert [event["total"] for event in events(folder, "progress")] == [2, 2, None, None]


def test_progress_that_is_left_early_tells_how_far_it_came(enter):
    folder = enter()
    for item in mlops.progress(range(10)):
        if item == 3:
            break
    assert events(folder, "progress")[-1]["done"] == 3


def test_progress_can_be_gone_through_again_and_has_a_length(enter):
    enter()
    steps = mlops.progress([1, 2, 3])
    assert (len(steps), list(steps), list(steps)) == (3, [1, 2, 3], [1, 2, 3])
    with pytest.raises(TypeError, match="has no len"):
        len(mlops.progress(iter([])))


# ---- the end


def test_exit_records_why_and_ends_with_code_zero(enter):
    folder = enter()
    with pytest.raises(SystemExit) as left:
        mlops.exit("nothing to do")
    assert (left.value.code, left.value.reason, type(left.value).__name__) == (0, "nothing to do", "SystemExit")
    assert events(folder, "exit")[0]["reason"] == "nothing to do"


def test_exit_in_a_notebook_outside_a_run_stops_the_cell_with_one_line(scratch, capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    result = shell.run_cell("import jupyter_mlops as mlops\nmlops.exit('enough')\nprint('never')")
    assert not result.success
    assert capsys.readouterr().out.strip() == "exit: enough"


# ---- outside a run


def test_outside_a_run_everything_is_kept_in_memory_with_one_notice(scratch, capsys):
    frame = pd.DataFrame({"a": [1]})
    mlops.log_metric("loss", 0.5, 1)
    mlops.log_result("r", (1, 2))
    mlops.set_tag("t", "x")
    made = mlops.log_artifact("table", frame)
    list(mlops.progress([1]))
    run = mlops.current_run()
    assert run is scratch
    assert [point[:2] for point in run.metrics["loss"]] == [(1, 0.5)]
    assert run.results == {"r": (1, 2)}
    assert run.tags == {"t": "x"}
    assert run.artifacts["table"] is frame
    assert made.key == "table"
    assert capsys.readouterr().out.count("\n") == 1


def test_the_same_calls_are_refused_outside_a_run(scratch, capsys):
    for call in (
        lambda: mlops.log_metric("m", True),
        lambda: mlops.log_result("r", object()),
        lambda: mlops.log_artifact("Bad Key", 1),
        lambda: mlops.log_artifact("k", 1, kind="modle"),
    ):
        with pytest.raises((LogError, NameRuleError)):
            call()
    assert capsys.readouterr().out == ""


def test_outside_a_run_inputs_and_parameters_are_their_defaults(scratch, tmp_path, capsys):
    (tmp_path / "t.csv").write_text("a\n1\n")
    assert mlops.param("k", 3) == 3
    assert mlops.input("data", [1]) == [1]
    assert mlops.input("data", tmp_path / "t.csv").to_dict("list") == {"a": [1]}
    with pytest.raises(ParameterError):
        mlops.param("k")
    with pytest.raises(InputError):
        mlops.input("data")
    assert capsys.readouterr().out == ""


def test_one_run_cannot_start_inside_another(enter, tmp_path):
    enter()
    with pytest.raises(LogError, match=f"can't start inside run {SPEC['id']}"):
        inside.start(tmp_path)
    inside.stop()
    inside.stop()
    assert isinstance(mlops.current_run(), inside.Scratch)


def test_a_folder_without_a_run_is_named(tmp_path):
    inside.stop()
    run = inside.start(tmp_path)
    with pytest.raises(RunNotFoundError, match=r"run\.json can't be read"):
        _ = run.id
    inside.stop()


def test_a_run_tells_what_it_is(enter, home):
    folder = enter(params={"k": 1}, parent="p1")
    run = mlops.current_run()
    assert (run.id, run.name, run.project, run.function, run.parent, run.folder) == (
        SPEC["id"],
        "train",
        "churn",
        "train",
        "p1",
        folder,
    )
    assert run.params == {"k": 1}
    assert repr(run) == f"<run {SPEC['id']} 'train' of project 'churn'>"


# ---- threads and processes


def test_threads_log_to_the_same_run(enter):
    folder = enter()

    def work(number):
        for step in range(200):
            mlops.log_metric(f"m{number}", step, step)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key: values_of(folder, key) for key in ("m0", "m3")} == {"m0": list(range(200)), "m3": list(range(200))}


def _log_from_a_child(number):
    for step in range(100):
        mlops.log_metric("child", number * 100 + step, step)


def test_forked_children_log_to_the_same_run(enter):
    folder = enter()
    mlops.log_metric("parent", 1)
    children = [multiprocessing.get_context("fork").Process(target=_log_from_a_child, args=(number,)) for number in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    mlops.log_metric("parent", 2)
    assert sorted(values_of(folder, "child")) == list(range(300))
    assert values_of(folder, "parent") == [1, 2]


def in_a_kernel(folder, code, cwd, environ=None, before=""):
    """Run code in a fresh interpreter that has begun the run, as a kernel would; return what it printed."""
    script = f"""
import os
{textwrap.dedent(before)}
from jupyter_mlops.execution import inside
inside.begin({str(folder)!r}, {environ or dict(os.environ)!r}, {str(cwd)!r})
{textwrap.dedent(code)}
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_a_kernel_begins_with_its_environment_and_folder(home, tmp_path):
    folder = make_run(home)
    told = in_a_kernel(
        folder,
        "print(os.getcwd(), os.environ['NEW'], 'OLD' in os.environ, os.popen('echo $NEW').read().strip(), time.tzname[0])",
        tmp_path,
        environ={"NEW": "yes", "TZ": "Asia/Kolkata", "PATH": os.environ["PATH"]},
        before="import time; os.environ['OLD'] = 'x'; time.tzset()",
    )
    assert told.split() == [str(tmp_path), "yes", "False", "yes", "IST"]


def test_a_kernel_begins_with_fresh_random_numbers(home, tmp_path):
    folder = make_run(home)
    before = "import random, numpy; random.seed(1); numpy.random.seed(1)"
    code = "print(random.random(), numpy.random.random())"
    told = {in_a_kernel(folder, code, tmp_path, before=before) for _ in range(2)}
    random.seed(1)
    assert len(told) == 2
    assert not any(line.startswith(str(random.random())) for line in told)


def test_children_that_are_started_anew_log_to_the_same_run(home, tmp_path):
    folder = make_run(home)
    (tmp_path / "job.py").write_text("import jupyter_mlops as mlops\ndef work(n):\n    mlops.log_metric('spawned', n)\n")
    told = in_a_kernel(
        folder,
        """
        import multiprocessing, sys
        sys.path.insert(0, os.getcwd())
        from job import work
        context = multiprocessing.get_context("spawn")
        children = [context.Process(target=work, args=(n,)) for n in range(2)]
        for child in children: child.start()
        for child in children: child.join(30)
        print([child.exitcode for child in children])
        """,
        tmp_path,
    )
    assert told.strip() == "[0, 0]"
    assert sorted(values_of(folder, "spawned")) == [0, 1]


def test_a_kernel_without_our_dependencies_can_log(home, tmp_path):
    """Only this package's folder on the path, and the standard library: as in a kernel of another environment."""
    folder = make_run(home)
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "jupyter_mlops").symlink_to(Path(mlops.__file__).parent, target_is_directory=True)
    script = f"""
import sys, os
sys.path.append({str(tmp_path / "only")!r})
from jupyter_mlops.execution import inside
inside.begin({str(folder)!r}, {{}}, {str(tmp_path)!r})
import jupyter_mlops as mlops
mlops.log_metric("m", 1)
mlops.log_result("r", (1, 2))
mlops.log_artifact("a", {{"x": (1, 2)}})
mlops.log_artifact("o", mlops.log_metric)
print(sorted(name for name in ("numpy", "pandas", "msgspec", "duckdb", "yaml", "fsspec", "cloudpickle") if name in sys.modules))
"""
    python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    told = subprocess.run([python, "-I", "-S", "-c", script], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == "[]"
    assert [event["e"] for event in events(folder)] == ["metric", "result", "artifact", "artifact"]


def test_a_killed_kernel_loses_no_line(home, tmp_path):
    folder = make_run(home)
    script = f"""
import os, signal
from jupyter_mlops.execution import inside
inside.begin({str(folder)!r}, None, {str(tmp_path)!r})
for step in range(1000):
    inside.log_metric("m", step, step)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == -9
    assert values_of(folder, "m") == list(range(1000))
