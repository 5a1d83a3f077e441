"""The command line as a script uses it: real processes, their output and their exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from jupyter_mlops.hosts.cli import main
from jupyter_mlops.project import open_project

TRAIN = "n: int = 10\nprint('training', n)\naccuracy = 1 - 1 / n\n"
ENDLESS = "import time\nprint('begun', flush=True)\nwhile True:\n    time.sleep(0.05)\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One project with some Functions and its worker, for all tests here."""
    place = tmp_path_factory.mktemp("cli") / "churn"
    project = open_project(place, create=True)
    project.define("train", TRAIN, returns=["accuracy"])
    project.define("broken", "a = 1\n1 / 0")
    project.define("endless", ENDLESS)
    project.define("strange", "a = float('nan')\nb = float('inf')", returns=["a", "b"])
    project.define("count", "rows = len(data)", inputs=["data: pandas.DataFrame"], returns=["rows"])
    project.log_artifact("settings", {"a": [1, 2]})
    project.log_artifact("text", "hello\n")
    project.log_artifact("table1", pd.DataFrame({"x": [1, None], "y": ["a", "b"]}))
    yield place
    project.stop_worker()


def process(folder, *words: str, **more) -> subprocess.Popen:
    command = [sys.executable, "-m", "jupyter_mlops.hosts.cli", *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def loads(text: str):
    """Read JSON as strict parsers do."""
    return json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


# --- projects and Functions ---


def test_init_makes_a_project_and_leaves_it_the_second_time(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "churn"]) == 0
    assert "made project churn" in capsys.readouterr().out
    assert main(["init", "churn", "--json"]) == 0
    assert loads(capsys.readouterr().out) == {"name": "churn", "folder": str(tmp_path / "churn"), "made": False}


def test_outside_a_project_the_remedy_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["runs"]) == 3
    error = capsys.readouterr().err
    assert "jupyter mlops init" in error and error.count("\n") == 1


@pytest.mark.parametrize("words", [["-C", "{}", "functions"], ["functions", "-C", "{}"]])
def test_the_project_may_be_named_before_or_after_the_verb(folder, tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    assert main([word.format(folder / "runs") for word in words]) == 0
    assert "train" in capsys.readouterr().out


def test_define_reads_a_file_and_says_what_the_function_takes(cli, tmp_path):
    cell = tmp_path / "cell.py"
    cell.write_text("k: int = 3  # how many\nb = k * len(data)\n")
    code, out, _ = cli("define", "fromfile", "--file", str(cell), "--inputs", "data", "--returns", "b:result", "--timeout", "10m")
    assert code == 0 and "k" in out and "data" in out
    code, out, _ = cli("functions", "fromfile", "--json")
    (said,) = loads(out)
    assert said["parameters"][0]["name"] == "k" and said["runtime"]["timeout"] == 600
    assert said["returns"] == [{"key": "b", "kind": "result", "variable": None}]


def test_define_says_how_to_run_it_on_the_command_line(cli, tmp_path):
    (tmp_path / "cell.py").write_text("mode = 'fast'\nrows = len(data)\n")
    (tmp_path / "data.csv").write_text("a\n1\n")
    code, out, _ = cli("define", "told", "--file", str(tmp_path / "cell.py"), "--inputs", "data")
    (said,) = re.findall(r"run it +jupyter mlops (run .*)", out)
    assert code == 0 and said == "run told mode=fast -i data=FILE"
    assert said in cli("functions", "told")[1] and "%mlrun" not in out
    assert cli(*said.replace("FILE", str(tmp_path / "data.csv")).split())[0] == 0


def test_define_reads_standard_input(folder):
    started = process(folder, "define", "frominput", "--file", "-", "--returns", "b", "--json", stdin=subprocess.PIPE)
    out, err = started.communicate("b = 1\n", timeout=60)
    assert started.returncode == 0, err
    assert loads(out)["name"] == "frominput"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["define", "x", "--file", "nowhere.py"], "'nowhere.py' can't be read"),
        (["define", "x", "--notebook", "nowhere.ipynb"], "nowhere.ipynb"),
        (["define", "../x", "--file", "{cell}"], "'../x' can't name a function"),
        (["define", "x", "--file", "{cell}", "--env", "NOVALUE"], "'NOVALUE' can't be --env"),
        (["define", "x", "--file", "{cell}", "--timeout", "soon"], "'soon' isn't a duration"),
        (["define", "x", "--file", "{cell}", "--returns", "nothing"], "'nothing'"),
        (["define", "x", "--file", "{bad}"], "line 1"),
        (["run", "train", "n=many"], "'n' is 'many' (str), but takes int"),
        (["run", "train", "n=1.5"], "'n' is 1.5 (float), but takes int"),
        (["run", "train", "nn=3"], "Did you mean 'n'?"),
        (["run", "train", "n"], "'n' can't be a parameter: write NAME=VALUE"),
        (["run", "train", "n=1", "n=2"], "'n' is given twice"),
        (["run", "train", "n=[1"], "isn't a Python literal"),
        (["run", "count"], "'data' is missing"),
        (["run", "count", "-i", "data=nowhere.csv"], "'nowhere.csv' doesn't exist"),
        (["sql", "SELECT * FROM nowhere"], "nowhere"),
        (["sql", "DROP TABLE runs"], ""),
        (["artifacts", "--kind", "thing"], "isn't a kind"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(cli, tmp_path, words, said):
    (tmp_path / "cell.py").write_text("b = 1\n")
    (tmp_path / "bad.py").write_text("b = = 1\n")
    words = [word.format(cell=tmp_path / "cell.py", bad=tmp_path / "bad.py") if "{" in word else word for word in words]
    code, out, error = cli(*words)
    assert (code, out) == (2, "") and said.lower() in error.lower()
    assert error.startswith("jupyter mlops: ") and error.count("\n") == 1


@pytest.mark.parametrize("words", [[verb, "nothing"] for verb in "run show logs abort load functions".split()])
def test_what_is_not_there_is_exit_code_3(cli, words):
    code, out, error = cli(*words)
    assert (code, out) == (3, "") and "'nothing'" in error and error.count("\n") == 1


@pytest.mark.parametrize("line", ["", "nonsense", "run", "define x", "run train --nonsense", "functions a b"])
def test_bad_usage_is_exit_code_2(cli, line):
    assert cli(*line.split())[0] == 2


def test_a_broken_function_is_named_and_the_others_are_listed(tmp_path):
    project = open_project(tmp_path / "half", create=True)
    project.define("train", TRAIN, returns=["accuracy"])
    (project.folder / "functions" / "torn.ipynb").write_text("{")
    asked = process(project.folder, "functions")
    out, err = asked.communicate(timeout=60)
    assert asked.returncode == 0 and "train" in out and "torn" not in out
    (line,) = err.splitlines()
    assert "'torn' is left out" in line and "torn.ipynb" in line


def test_a_broken_function_keeps_no_workflow_from_being_defined(tmp_path):
    project = open_project(tmp_path / "half", create=True)
    project.define("train", TRAIN, returns=["accuracy"])
    (project.folder / "functions" / "torn.ipynb").write_text("{")
    with pytest.warns(UserWarning, match="'torn' is left out"):
        assert list(project.define_workflow("nightly", "train()").steps) == ["train"]


def test_the_message_about_an_unknown_function_says_how_to_define_it_here(cli):
    code, _, err = cli("run", "nowhere")
    assert code == 3 and "jupyter mlops define nowhere --file CELL.py" in err


# --- runs ---


def test_run_shows_the_log_and_the_outcome(cli):
    code, out, _ = cli("run", "train", "n=20", "--name", "shown", "--tag", "stage=dev")
    assert code == 0 and "training 20" in out and "completed" in out and "0.95" in out
    code, out, _ = cli("show", "shown", "--json")
    said = loads(out)
    assert (code, said["state"], said["results"], said["params"]) == (0, "completed", {"accuracy": 0.95}, {"n": 20})
    assert said["tags"] == {"stage": "dev"} and said["name"] == "shown" and said["started"].endswith("+00:00")


def test_run_prints_only_json_when_asked(cli):
    code, out, error = cli("run", "train", "--json")
    assert code == 0 and loads(out)["state"] == "completed" and "training 10" in error


def test_words_may_come_after_options(cli):
    code, out, _ = cli("run", "train", "--name", "late", "n=5", "--json")
    assert code == 0 and loads(out)["params"] == {"n": 5}


def test_a_failing_run_is_exit_code_1(cli):
    code, out, error = cli("run", "broken")
    assert code == 1 and "ZeroDivisionError" in out and "Traceback" not in error
    code, out, _ = cli("show", "broken", "--json")
    assert code == 0 and loads(out)["error"]["ename"] == "ZeroDivisionError"


def test_nan_and_infinity_are_json_that_every_parser_reads(cli):
    code, out, _ = cli("run", "strange", "--json")
    assert code == 0 and loads(out)["results"] == {"a": "NaN", "b": "Infinity"}
    code, out, _ = cli("sql", "SELECT value FROM results WHERE key IN ('a', 'b') ORDER BY key", "--json")
    assert code == 0 and [row["value"] for row in loads(out)][-1] == "Infinity"


def test_an_input_is_a_path_with_or_without_i(cli, tmp_path):
    pd.DataFrame({"x": [1, 2, 3]}).to_csv(tmp_path / "1.csv", index=False)
    for words in (["-i", f"data={tmp_path / '1.csv'}"], [f"data={tmp_path / '1.csv'}"], ["data=store://artifacts/churn/table1"]):
        code, out, error = cli("run", "count", "--json", *words)
        assert code == 0, error
        assert loads(out)["results"]["rows"] in (2, 3)


def test_a_dry_run_prints_a_notebook(cli):
    code, out, _ = cli("run", "train", "n=7", "--dry-run")
    assert code == 0 and any("n = 7" in "".join(cell["source"]) for cell in loads(out)["cells"])


def test_runs_are_listed_and_selected(cli):
    cli("run", "train", "n=4", "--name", "listed")
    code, out, _ = cli("runs")
    assert code == 0 and "listed" in out
    code, out, _ = cli("runs", "--where", "name = 'listed' AND results['accuracy'] > 0.5", "-n", "1", "--json")
    (row,) = loads(out)
    assert code == 0 and row["results"] == {"accuracy": 0.75} and row["params"]["n"] == "4"


def test_a_list_of_runs_needs_neither_pandas_nor_what_kernels_need(cli, folder):
    cli("run", "train", "--name", "light")
    heavy = {"pandas", "asyncio", "jupyter_client", "papermill", "IPython"}
    code = f"import sys; from jupyter_mlops.hosts.cli import main; main(['runs']); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert "light" in done.stdout and done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize("words", [["functions"], ["run", "train", "--name", "quick"], ["workflow", "list"]], ids=" ".join)
def test_neither_listing_nor_running_loads_nbformat(cli, folder, words):
    code = f"import sys; from jupyter_mlops.hosts.cli import main; main({words}); print({{'nbformat', 'jsonschema'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "set()", done.stderr


def test_a_negative_number_of_runs_is_refused_in_plain_words(cli):
    code, _, err = cli("runs", "-n", "-1")
    assert code == 2 and "-1 can't be a number of runs" in err and "LIMIT" not in err


def test_a_run_in_the_background_is_followed_and_aborted(cli, folder):
    code, out, _ = cli("run", "endless", "--bg")
    name = out.strip()
    assert code == 0
    follower = process(folder, "logs", name, "-f")
    assert follower.stdout.readline() == "begun\n"
    code, out, _ = cli("abort", name, "--json")
    assert code == 0 and loads(out) == [{"id": name, "state": "aborted"}]
    assert follower.wait(30) == 0
    follower.communicate()
    assert cli("logs", name) == (0, "begun\n", "")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_aborts_the_run_and_is_exit_code_130(folder, cli):
    started = process(folder, "run", "endless", "--name", "interrupted")
    assert started.stdout.readline() == "begun\n"
    started.send_signal(signal.SIGINT)
    out, error = started.communicate(timeout=60)
    assert started.returncode == 130 and "aborted" in out and "Traceback" not in error
    assert loads(cli("show", "interrupted", "--json")[1])["state"] == "aborted"


# --- artifacts, SQL, worker ---


def test_load_prints_a_value(cli):
    assert cli("load", "text") == (0, "hello\n", "")
    assert loads(cli("load", "settings", "--json")[1]) == {"a": [1, 2]}
    assert loads(cli("load", "store://artifacts/churn/table1:latest", "--json")[1]) == [
        {"x": 1.0, "y": "a"},
        {"x": None, "y": "b"},
    ]
    assert "1.0" in cli("load", "table1")[1]


def test_load_copies_the_bytes_to_a_file_or_into_a_folder(cli, tmp_path):
    code, out, _ = cli("load", "settings", "-o", str(tmp_path / "out.json"))
    assert code == 0 and json.loads((tmp_path / "out.json").read_text()) == {"a": [1, 2]}
    code, out, _ = cli("load", "table1", "-o", str(tmp_path), "--json")
    assert code == 0 and len(pd.read_parquet(loads(out)["path"])) == 2
    code, _, error = cli("load", "text", "-o", str(tmp_path / "nowhere" / "x"))
    assert code == 4 and error.count("\n") == 1


def test_artifacts_are_listed(cli):
    code, out, _ = cli("artifacts", "--key", "settings", "--json")
    (said,) = loads(out)
    assert code == 0 and said["uri"].startswith("store://") and said["tags"] == ["latest"]
    assert "settings" in cli("artifacts")[1]


def test_sql_prints_a_table(cli):
    code, out, _ = cli("sql", "SELECT 1 AS one, NULL AS nothing")
    assert code == 0 and "one" in out
    assert loads(cli("sql", "SELECT 1 AS one, NULL AS nothing", "--json")[1]) == [{"one": 1, "nothing": None}]


def test_rebuild_counts_the_runs(cli):
    cli("run", "train", "--bg")
    code, out, _ = cli("rebuild", "--json")
    assert code == 0 and loads(out)["runs"] >= 1


def test_the_worker_is_seen_and_stopped(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    project = open_project("alone", create=True)
    assert main(["-C", "alone", "worker", "status", "--json"]) == 0
    assert loads(capsys.readouterr().out)["pid"] is None
    project.define("train", TRAIN)
    project.run("train")
    assert main(["-C", "alone", "worker", "status", "--json"]) == 0
    pid = loads(capsys.readouterr().out)["pid"]
    os.kill(pid, 0)
    assert main(["-C", "alone", "worker", "stop"]) == 0
    end = time.monotonic() + 60
    while os.path.exists(f"/proc/{pid}/stat") and time.monotonic() < end:
        time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_reader_that_goes_away_is_no_traceback(folder):
    first = process(folder, "sql", "SELECT range AS number FROM range(200000)", "--json")
    first.stdout.readline()
    first.stdout.close()
    assert first.wait(60) == 141
    assert "Traceback" not in first.stderr.read()
    first.stderr.close()


def test_help_names_every_verb_and_the_exit_codes(cli):
    code, out, _ = cli("--help")
    verbs = "init define functions run runs show logs abort artifacts load sql rebuild worker".split()
    assert code == 0 and all(f"    {verb}" in out for verb in verbs) and "130" in out


def test_it_is_a_subcommand_of_jupyter(folder):
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "mlops", "functions"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout


def test_a_corrupt_catalog_is_made_anew_with_one_line_about_it(tmp_path):
    project = open_project(tmp_path / "churn", create=True)
    with project.start_run("explore"):
        pass
    project.library.catalog.file.write_bytes(b"garbage")
    asked = process(project.folder, "runs")
    out, error = asked.communicate(timeout=60)
    assert asked.returncode == 0 and "explore" in out
    assert error.startswith("jupyter mlops: ") and "corrupt" in error and error.count("\n") == 1


def test_without_a_verb_the_verbs_are_listed(capsys):
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    assert "Make a project" in capsys.readouterr().out
