"""The magics, in real kernels with real projects."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty

import nbformat
import pytest
from IPython.core.error import UsageError
from jupyter_client import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from jupyter_mlops.errors import CaptureError, ParameterError
from jupyter_mlops.execution.client import Client
from jupyter_mlops.hosts import directive, grammar
from jupyter_mlops.hosts.arguments import Grammar, Meaning, Option, parse, tokens

DOCS = Path(__file__).parents[1] / "docs" / "magics.md"


# ---- the line


RULES = Grammar(
    "%mlx",
    "%mlx NAME",
    (
        Option("--bg"),
        Option("--name", "NAME"),
        Option("--tag", "K=V", pairs=True),
        Option("--inputs", "NAME", many=True),
        Option("--kind", "K", choices=("model", "plot")),
    ),
    pairs=True,
)


class Thing:
    parts = {"train": "part"}  # noqa: RUF012


NAMES = {"df": Thing(), "year": 2024, "name": "x y", "_hidden": 1}


def value(text: str, hint: str | None = None):
    return Meaning(NAMES).value(text, hint)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3", 3),
        ("1e-3", 0.001),
        ("-inf", float("-inf")),
        ("[1, 2]", [1, 2]),
        ("{'a': 1}", {"a": 1}),
        ("{1, 2}", {1, 2}),
        ("{}", {}),
        ("(1, 'a b')", (1, "a b")),
        ("'10'", "10"),
        ('b"a b"', b"a b"),
        ("plain", "plain"),
        ("it's", "it's"),
        ("data/raw.csv", "data/raw.csv"),
        ("store://model/churn/m:latest", "store://model/churn/m:latest"),
        ("None", None),
        ("{year}", 2024),
        ("$year", 2024),
        ("{ year + 1 }", 2025),
        ("{df.parts['train']}", "part"),
        ("data/{year}.csv", "data/2024.csv"),
        ("data/$year/x", "data/2024/x"),
        ("'{year}'", "{year}"),
        ("'costs $5'", "costs $5"),
    ],
)
def test_a_value_means_what_it_says(written, meant):
    assert [token.text for token in tokens(f"k={written}")] == [f"k={written}"]
    assert value(written) == meant
    assert type(value(written)) is type(meant)


def test_a_variable_is_the_object_itself():
    assert value("{df}") is NAMES["df"]
    assert value("$df") is NAMES["df"]


def test_a_type_hint_decides_how_a_word_is_read():
    assert value("10", "str") == "10"
    assert value("3", "float") == 3
    assert str(value("2026-01-02", "date")) == "2026-01-02"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("k={dfx}", "'dfx'.*Did you mean 'df'"),
        ("k=$nope", "'nope'"),
        ("k={1/0}", "ZeroDivisionError"),
        ("k=true", "'True'"),
        ("k=[1, x]", r"\[1, x\]"),
        ("k=x/{nope}", "'nope'"),
    ],
)
def test_what_a_value_cannot_mean_is_named(written, told):
    with pytest.raises((UsageError, ParameterError), match=told):
        value(parse(written, RULES).pairs["k"])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a k=[1", r"lacks a closing '\]'"),
        ('a k="x', 'lacks its closing "'),
        ("a b", "no place for 'b'"),
        ("a k = 3", "without spaces around '='"),
        ("a k=", "no value"),
        ("a k=1 k=2", "'k' is given twice"),
        ("a --nme x", "'--nme'.*Did you mean '--name'"),
        ("a --bg=1", "takes no value"),
        ("a --name", "needs a value"),
        ("a --tag x", "takes K=V, not 'x'"),
        ("a --tag k=1 --tag k=2", "'k' is given twice"),
        ("a --kind modle", "'modle'.*Did you mean 'model'"),
        ("a -bg", "two dashes.*--bg"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_the_word(line, told):
    with pytest.raises(UsageError, match=told):
        parse(line, RULES)


def test_options_stand_anywhere_and_a_comment_ends_the_line():
    line = parse("train --tag a=1 n=3 --inputs x y,z --name 'a # b' --tag b='two words'  # why", RULES)
    assert line.words == ["train"]
    assert line.pairs == {"n": "3"}
    assert line.options == {"tag": {"a": "1", "b": "'two words'"}, "inputs": ["x", "y", "z"], "name": "'a # b'"}


# ---- the directive


def test_a_directive_becomes_the_magic():
    assert directive.transform(["\n", "#| mlfunction train --inputs a\n", "x = 1\n"]) == [
        "%%mlfunction train --inputs a\n",
        "x = 1\n",
    ]
    assert directive.transform(["# | mlrun\n"]) == ["%%mlrun\n"]


@pytest.mark.parametrize(
    "line", ["#| export", "#| echo: false", "#| label: mlfunction", "# mlfunction train", "#|", "x = 1", "#| eval: true"]
)
def test_directives_of_others_and_comments_are_left_alone(line):
    assert directive.transform([f"{line}\n", "y = 2\n"]) == [f"{line}\n", "y = 2\n"]


def test_a_directive_further_down_is_a_comment():
    lines = ["x = 1\n", "#| mlfunction train\n"]
    assert directive.transform(lines) == lines


@pytest.mark.parametrize("word", ["mlfuncton", "mlfunctions", "MLFunction", "mlrunn", "ml-function"])
def test_a_misspelt_directive_is_an_error(word):
    with pytest.raises(CaptureError, match=r"Did you mean '#\| ml"):
        directive.transform([f"#| {word} train\n"])


# ---- the documentation


def sections() -> dict[str, str]:
    parts = re.split(r"^## %(\w+)$", DOCS.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_magic_has_a_section_with_an_example():
    assert set(sections()) == set(grammar.GRAMMARS)
    for name, text in sections().items():
        assert re.search(rf"```\n(.*\n)*?.*%{name}\b", text), name


@pytest.mark.parametrize("name", grammar.GRAMMARS)
def test_every_option_is_documented_as_its_help_says_and_no_other(name):
    text = sections()[name]
    main, *others = grammar.GRAMMARS[name]
    assert dict(re.findall(r"^\| `(--[^`]+)` \| (.+) \|$", text, flags=re.M)) == {each.usage: each.help for each in main.options}
    for rules in others:
        for option in rules.options:
            assert f"`{option.usage}`" in text, option.usage


@pytest.mark.parametrize("name", grammar.GRAMMARS)
def test_every_docstring_has_examples_and_its_options(name):
    from jupyter_mlops.hosts.magics import MlopsMagics

    text = getattr(MlopsMagics, name).__doc__
    assert "Examples::" in text
    assert f"%{name}" in text
    for rules in grammar.GRAMMARS[name]:
        assert rules.document() in text


# ---- in a kernel


class Notebook:
    """A kernel and what its cells put out, as a front end sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manager = KernelManager()
        self.manager.start_kernel(cwd=str(folder), env={**os.environ, "JPY_SESSION_NAME": str(folder / "notebook.ipynb")})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def run(self, code: str, *, interrupt_when: str | None = None) -> Cell:
        cell = Cell()
        request = self.client.execute(code)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except Empty:
                continue
            if message["parent_header"].get("msg_id") == request or message["msg_type"] == "update_display_data":
                if cell.take(message):
                    break
            if interrupt_when and interrupt_when in cell.html:
                self.manager.interrupt_kernel()
                interrupt_when = None
        self.reply(request)
        return cell

    def reply(self, request: str) -> dict:
        while True:
            message = self.client.get_shell_msg(timeout=60)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def updates(self, cell: Cell, wanted: str) -> str:
        """Wait until a display of the cell shows something, after the cell has ended."""
        deadline = time.monotonic() + 60
        while wanted not in cell.html and time.monotonic() < deadline:
            with contextlib.suppress(Empty):
                cell.take(self.client.get_iopub_msg(timeout=1))
        return cell.html

    def complete(self, code: str) -> list[str]:
        return self.reply(self.client.complete(code))["matches"]


class Cell:
    """The outputs of one cell; displays that are updated hold what was sent last."""

    def __init__(self) -> None:
        self.outputs: list[dict] = []
        self.stream = ""
        self.updated = 0

    def take(self, message: dict) -> bool:
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            self.stream += content["text"]
        elif kind in ("display_data", "execute_result", "error"):
            self.outputs.append({"kind": kind, **content})
        elif kind == "update_display_data":
            for output in self.outputs:
                if output.get("transient", {}).get("display_id") == content["transient"]["display_id"]:
                    output["data"] = content["data"]
                    self.updated += 1
        return kind == "status" and content["execution_state"] == "idle"

    def _joined(self, mime: str) -> str:
        return "\n".join(output["data"].get(mime, "") for output in self.outputs if "data" in output)

    @property
    def html(self) -> str:
        return self._joined("text/html")

    @property
    def shown(self) -> str:
        """What a reader sees of the HTML."""
        return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", self.html, flags=re.S))

    @property
    def text(self) -> str:
        return self._joined("text/plain")

    @property
    def kinds(self) -> list[str]:
        return [output["kind"] for output in self.outputs]

    @property
    def error(self) -> dict | None:
        return next((output for output in self.outputs if output["kind"] == "error"), None)

    def ok(self) -> Cell:
        assert self.error is None, "\n".join(self.error["traceback"])
        assert "UsageError" not in self.stream, self.stream
        return self


SETUP = """
%load_ext jupyter_mlops
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "y": [0, 1, 0]})
"""
TRAIN = """%%mlfunction train --inputs data --returns total rows:dataset
factor: int = 2   # multiplies
total = int(data["a"].sum()) * factor
rows = data
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A notebook with a project around it, a DataFrame ``df`` and a Function ``train``."""
    folder = tmp_path_factory.mktemp("my nötebooks")
    notebook = Notebook(folder)
    try:
        notebook.run(SETUP).ok()
        notebook.run("%mlproject .").ok()
        notebook.run(TRAIN).ok()
        yield notebook
    finally:
        notebook.close()
        Client(folder).stop()


@pytest.fixture
def fresh(tmp_path):
    """A notebook without a project."""
    notebook = Notebook(tmp_path)
    yield notebook
    notebook.close()
    for file in tmp_path.rglob("project.yaml"):
        Client(file.parent).stop()


def test_a_project_that_was_moved_is_not_made_anew_where_it_was(fresh, tmp_path):
    fresh.run("%load_ext jupyter_mlops\n%mlproject churn").ok()
    Client(tmp_path / "churn").stop()
    (tmp_path / "churn").rename(tmp_path / "moved")
    assert "churn' is gone. If it was moved, open it there: %mlproject PATH" in fresh.run("%mlruns").error["evalue"]
    fresh.run("%mlproject moved").ok()
    assert not (tmp_path / "churn").exists()
    assert fresh.run("%mlproject\n_.folder.name").ok().text == "'moved'"


def test_the_first_magic_makes_a_project_in_the_notebooks_folder_and_says_so_in_one_line(fresh):
    fresh.run("import os\n%load_ext jupyter_mlops\nos.makedirs('elsewhere'); os.chdir('elsewhere')").ok()
    cell = fresh.run("%mlruns").ok()
    assert (fresh.folder / "project.yaml").exists()
    assert len(cell.stream.strip().splitlines()) == 1
    assert str(fresh.folder) in cell.stream
    assert fresh.run("%mlruns").ok().stream == ""


def test_loading_makes_no_project_and_survives_a_broken_one(fresh):
    fresh.run("%load_ext jupyter_mlops").ok()
    assert list(fresh.folder.iterdir()) == []
    (fresh.folder / "project.yaml").write_text("name: 3\n")
    fresh.run("%reload_ext jupyter_mlops").ok()
    cell = fresh.run("%mlruns")
    assert cell.error["ename"] == "ProjectError"
    assert "line 1" in cell.error["evalue"]


def test_loading_twice_registers_once_and_unloading_leaves_nothing(fresh):
    before = "t = get_ipython(); [len(t.input_transformers_cleanup), len(t.events.callbacks['pre_run_cell'])]"
    clean = fresh.run(before).ok().text
    once = fresh.run("%load_ext jupyter_mlops\n" + before).ok().text
    assert once != clean
    assert fresh.run("import jupyter_mlops\njupyter_mlops.load_ipython_extension(get_ipython())\n" + before).ok().text == once
    assert fresh.run("%unload_ext jupyter_mlops\n" + before).ok().text == clean
    assert "not found" in fresh.run("%mlruns").stream
    fresh.run("#| mlfunction f\nx = 1").ok()
    assert fresh.run("x").ok().text == "1"


def test_what_the_author_of_a_function_should_know_is_said(book):
    cell = book.run("db_password = 'hunter2'").ok()
    cell = book.run("%%mlfunction connect --returns size\nsize = len(db_password)\n").ok()
    assert "'db_password' looks like a secret" in cell.stream


def test_a_changed_project_file_counts_at_once(fresh):
    fresh.run("%load_ext jupyter_mlops\n%mlproject churn").ok()
    fresh.run("%%mlfunction f --returns n\nn: int = 1\n").ok()
    file = fresh.folder / "churn" / "project.yaml"
    file.write_text("name: churn\nparams: {n: 7}\n")
    assert fresh.run("run = %mlrun f;\nrun.results").ok().text == "{'n': 7}"
    file.write_text("name: churn\nparms: {n: 7}\n")
    assert "line 2: 'parms' isn't a field" in fresh.run("%mlrun f").error["evalue"]


def test_options_without_a_cell_or_a_notebook_are_explained(book):
    assert "A Function is made above a cell with %%mlfunction" in book.run("%mlfunction train --tag best").stream


def test_a_project_is_opened_by_name_and_shown(fresh):
    fresh.run("%load_ext jupyter_mlops").ok()
    cell = fresh.run("project = %mlproject churn\nproject").ok()
    assert (fresh.folder / "churn" / "project.yaml").exists()
    assert "churn" in cell.shown
    assert fresh.run("%mlproject churn\n(_.folder == project.folder, project.name)").ok().text == "(True, 'churn')"


def test_a_cell_becomes_a_function_and_is_not_run(book):
    cell = book.run("%%mlfunction lazy\nmarker = 1\n")
    cell.ok()
    assert "lazy" in cell.shown
    assert cell.kinds == ["execute_result"]
    assert book.run("marker").error["ename"] == "NameError"


def test_the_directive_makes_the_same_function_as_the_magic(book):
    one = book.run("%%mlfunction same --returns r\nn: int = 3\nr = n + 1\n").ok()
    two = book.run("#| mlfunction same --returns r\nn: int = 3\nr = n + 1\n").ok()
    assert "same" in two.shown
    version = re.search(r"\b[0-9a-f]{8}\b", one.shown)[0]
    assert version in two.shown
    assert book.run("r").error["ename"] == "NameError"


def test_a_misspelt_directive_stops_the_cell(book):
    cell = book.run("#| mlfuncton typo\nwas_run = True")
    assert cell.error["ename"] == "CaptureError"
    assert "mlfunction" in cell.error["evalue"]
    assert book.run("was_run").error["ename"] == "NameError"


def test_a_function_is_shown_by_its_name_with_parameters_and_help(book):
    shown = book.run("%mlfunction train").ok().shown
    assert "multiplies" in shown
    assert "factor" in shown
    assert "%mlrun train" in shown


def test_a_notebook_becomes_a_function(book):
    cells = [nbformat.v4.new_code_cell("k = 2", metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell("print(k * 21)")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), book.folder / "report.ipynb")
    before = (book.folder / "report.ipynb").read_bytes()
    book.run("%mlfunction report --notebook report.ipynb").ok()
    assert book.run("r = %mlrun report k=3;\nr.log.strip()").ok().text == "'63'"
    assert (book.folder / "report.ipynb").read_bytes() == before


def test_a_run_is_given_back_with_its_results(book):
    cell = book.run(
        "run = %mlrun train factor=5 data={df} --tag stage=dev --name five\nprint(run.results, run.params, run.tags, run.name)"
    ).ok()
    assert "{'total': 30} {'factor': 5} {'stage': 'dev'} five" in cell.stream


def test_a_card_is_shown_once_and_says_what_came_of_the_run(book):
    cell = book.run("%mlrun train data=$df").ok()
    assert cell.kinds == ["display_data"]
    assert "completed" in cell.shown
    assert "total 12" in cell.shown
    assert "3 rows" in cell.shown
    assert 'href="./runs/' in cell.html
    assert "completed" in cell.text


def test_a_run_that_was_shown_by_its_card_is_not_shown_again_at_the_end_of_the_cell(book):
    assert book.run("run = %mlrun train data={df}\nrun").ok().kinds == ["display_data"]
    assert book.run("run").ok().kinds == ["execute_result"]


def test_an_input_that_is_not_given_comes_from_the_notebook_and_the_card_says_so(book):
    book.run("data = df[df.a > 1]").ok()
    cell = book.run("%mlrun train").ok()
    assert "total 10" in cell.shown
    assert "data ← from the notebook" in cell.shown
    book.run("del data").ok()
    cell = book.run("%mlrun train")
    assert cell.error["ename"] == "InputError"
    assert "'data'" in cell.error["evalue"]


def test_a_semicolon_silences_and_the_run_is_still_given_back(book):
    assert book.run("%mlrun train data={df};").ok().outputs == []
    cell = book.run("quiet = %mlrun train data={df};   # nothing to see\nprint(quiet.state)").ok()
    assert cell.outputs == []
    assert cell.stream == "completed\n"
    assert "completed" in book.run("quiet").ok().shown
    assert book.run("%mlfunction train;").ok().outputs == []
    assert book.run("%mlruns ;").ok().outputs == []


def test_a_plot_is_shown_on_the_card_and_by_its_handle(book):
    code = "%%mlfunction draw --returns curve:plot\nfrom matplotlib.figure import Figure\n"
    book.run(code + "curve = Figure(figsize=(2, 1))\ncurve.subplots().plot([1, 2])\n").ok()
    assert "data:image/png;base64," in book.run("drawn = %mlrun draw").ok().html
    assert "data:image/png;base64," in book.run("drawn.artifacts['curve']").ok().html


def test_a_semicolon_silences_in_the_cell_that_loads_the_extension(fresh):
    assert fresh.run("%load_ext jupyter_mlops\n%mlproject churn;").ok().outputs == []


def test_bad_parameters_are_refused_in_one_line(book):
    cell = book.run("%mlrun train facter=3 data={df}")
    assert cell.error["ename"] == "ParameterError"
    assert "Did you mean 'factor'" in cell.error["evalue"]
    assert len(cell.error["traceback"]) <= 2
    assert "jupyter_mlops/" not in "".join(cell.error["traceback"])


@pytest.mark.parametrize(
    ("line", "told"), [("%mlrun", "NAME"), ("%mlrun train --tiemout 3", "--timeout"), ("%mlrun train x y", "'x'")]
)
def test_bad_usage_is_one_line_and_stops_the_notebook(book, line, told):
    cell = book.run(line)
    assert told in cell.stream + str(cell.error)
    assert book.run("1 + 1").ok().text == "2"


def test_a_failed_run_shows_its_line_and_raises_in_one_line(book):
    book.run("%%mlfunction broken\nbefore = 1\nzero = before - 1\nanswer = before / zero  # here\n").ok()
    cell = book.run("%mlrun broken\nprint('went on')")
    assert cell.error["ename"] == "RunFailedError"
    assert len(cell.error["traceback"]) == 1
    assert "ZeroDivisionError" in cell.error["evalue"]
    assert "went on" not in cell.stream
    assert "→ " in cell.shown
    assert re.search(r'class="jmo-bad">.*?answer = before / zero', cell.html)
    assert "error" in cell.shown
    assert "hosts/" not in cell.html


def test_a_failure_can_be_caught_and_carries_its_run(book):
    book.run("%%mlfunction broken\nraise KeyError('no')\n").ok()
    cell = book.run(
        "import jupyter_mlops as mlops\ntry:\n    %mlrun broken;\nexcept mlops.RunFailedError as e:\n    print(e.run.state)"
    ).ok()
    assert cell.stream == "error\n"
    assert cell.outputs == []


def test_metrics_progress_and_log_are_shown_while_the_run_lives(book):
    body = "import time\nfor step in mlops.progress(range(40), label='epochs'):\n"
    body += "    mlops.log_metric('loss', 1 / (step + 1), step=step)\n"
    body += "    print('at', step)\n    time.sleep(0.05)\n"
    book.run("%%mlfunction slow\nimport jupyter_mlops as mlops\n" + body).ok()
    cell = Cell()
    seen: list[str] = []
    original = cell.take

    def take(message):
        done = original(message)
        seen.append(cell.shown)
        return done

    cell.take = take  # type: ignore[method-assign]
    request = book.client.execute("%mlrun slow")
    while True:
        message = book.client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") == request and cell.take(message):
            break
    book.reply(request)
    live = [text for text in seen if "running" in text]
    assert any(re.search(r"of 40 epochs", text) for text in live)
    assert any(re.search(r"log at \d+", text) for text in live)
    assert any(re.search(r"loss 0\.\d+", text) for text in live)
    assert "completed" in cell.shown
    assert "loss 0.025" in cell.shown
    assert 2 < cell.updated < 60
    assert cell.kinds == ["display_data"]


def test_interrupting_the_cell_aborts_the_run(book):
    book.run("%%mlfunction endless\nimport time\nwhile True:\n    time.sleep(0.1)\n").ok()
    cell = book.run("%mlrun endless", interrupt_when="running")
    assert cell.error["ename"] == "RunFailedError"
    assert "aborted" in cell.error["evalue"]
    assert len(cell.error["traceback"]) == 1
    assert "aborted" in cell.shown
    assert "aborted" in book.run("%mlruns function = 'endless'").ok().shown


def test_a_background_run_comes_back_at_once_and_its_card_goes_on(book):
    book.run("%%mlfunction nap --returns done\nimport time\ntime.sleep(1.5)\ndone = 7\n").ok()
    cell = book.run("later = %mlrun nap --bg\nlater.state.finished").ok()
    assert "False" in cell.text
    assert "completed" in book.updates(cell, "completed")
    assert book.run("later.wait(30).results").ok().text == "{'done': 7}"


def test_a_dry_run_shows_the_notebook_and_runs_nothing(book):
    before = book.run("len(project_runs := get_ipython().run_line_magic('mlruns', ''))").ok().text
    cell = book.run("%mlrun train factor=7 data={df} --dry-run").ok()
    assert "factor = 7" in cell.shown
    assert 'data["a"].sum()' in cell.text
    assert book.run("len(get_ipython().run_line_magic('mlruns', ''))").ok().text == before


def test_a_cell_is_defined_and_run_at_once(book):
    cell = book.run("%%mlrun --returns answer --tag one=shot\nanswer = 6 * 7\n").ok()
    assert "answer 42" in cell.shown
    assert cell.kinds == ["display_data"]
    assert "shot" in cell.shown
    cell = book.run("%%mlrun scaled k=3 --returns r\nk: int = 1\nr = k * 10\n").ok()
    assert "r 30" in cell.shown
    assert "scaled" in book.run("%mlfunction scaled").ok().shown


def test_runs_are_a_dataframe_selected_by_sql(book):
    book.run("one = %mlrun train factor=1 data={df};\ntwo = %mlrun train factor=100 data={df};").ok()
    cell = book.run("runs = %mlruns function = 'train' AND total > 500 --limit 5 --order-by 'total DESC'\nruns").ok()
    assert "600" in cell.shown
    assert book.run("(isinstance(runs, pd.DataFrame), runs.total.iloc[0].item(), type(runs.head(1)).__name__)").ok().text == (
        "(True, 600.0, 'DataFrame')"
    )
    assert "SqlError" in book.run("%mlruns nonsense = 3").error["ename"]


def test_artifacts_are_a_dataframe_with_handles(book):
    book.run("run = %mlrun train data={df};").ok()
    cell = book.run("found = %mlartifacts rows --tag latest\nfound").ok()
    assert "3 rows" in cell.shown
    assert "latest" in cell.shown
    assert book.run("found.handles[0].load().equals(df), list(found.key)").ok().text == "(True, ['rows'])"
    assert "Did you mean 'dataset'" in book.run("%mlartifacts --kind datset").stream


def test_sql_gives_a_dataframe_and_keeps_its_text(book):
    book.run("run = %mlrun train data={df};").ok()
    assert (
        "train" in book.run("%mlsql SELECT function FROM runs WHERE function = 'train' LIMIT 1;  -- {df} and $df stay").ok().text
    )
    book.run("%%mlsql --out counted\nSELECT count(*) AS n\nFROM runs\nWHERE state = 'completed'\n").ok()
    assert book.run("bool(counted.n[0] > 0)").ok().text == "True"
    book.run("%mlsql --out more SELECT 42 AS n").ok()
    assert book.run("int(more.n[0])").ok().text == "42"
    assert book.run("%mlsql DROP TABLE runs").error["ename"] == "SqlError"


def test_a_magic_in_a_function_sees_local_variables(book):
    code = "def go(k, frame):\n    run = %mlrun train factor=$k data={frame};\n    return run.results['total']\ngo(3, df)"
    assert book.run(code).ok().text == "18"


def test_tab_completes_functions_options_parameters_and_variables(book):
    assert "train" in book.complete("%mlrun tr")
    assert "--dry-run" in book.complete("%mlrun train --d")
    assert {"factor=", "data="} <= set(book.complete("%mlrun train "))
    assert "factor=" not in book.complete("run = %mlrun train factor=3 ")
    assert any(match.endswith("df") for match in book.complete("%mlrun train data={d"))
    assert "--returns" in book.complete("%%mlfunction x --r")
    assert "model" in book.complete("%mlartifacts --kind ")


def test_captured_output_holds_the_card(book):
    book.run("%%capture out\n%mlrun train data={df}").ok()
    assert book.run("any('completed' in each.data.get('text/html', '') for each in out.outputs)").ok().text == "True"


def test_help_shows_examples_and_options(book):
    text = str(book.reply(book.client.execute("%mlrun?"))["payload"])
    assert "Examples" in text
    assert "--dry-run" in text
    while book.client.get_iopub_msg(timeout=30)["content"].get("execution_state") != "idle":
        pass


# ---- without a front end


def test_a_notebook_runs_under_nbclient_and_stops_at_a_failure(tmp_path):
    sources = [SETUP, "%mlproject churn", TRAIN, "run = %mlrun train data={df}", "run.results", "%%mlrun\n1/0", "after = 1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(tmp_path)}}).execute()
    Client(tmp_path / "churn").stop()
    nbformat.validate(notebook)
    cells = notebook.cells
    (card,) = cells[3].outputs
    assert "completed" in card["data"]["text/html"]
    assert cells[4].outputs[0]["data"]["text/plain"] == "{'total': 12}"
    assert [output.output_type for output in cells[5].outputs] == ["display_data", "error"]
    assert cells[6].execution_count is None


def test_a_plain_terminal_gets_plain_text_once(tmp_path):
    code = "get_ipython().run_cell('''%load_ext jupyter_mlops''')\n"
    code += "get_ipython().run_cell('''%%mlrun f --returns r\\nr = 6 * 7''')\n"
    command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor", "-c", code]
    environ = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120)
    Client(tmp_path).stop()
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("completed in") == 1
    assert "r=42" in done.stdout
    assert "<div" not in done.stdout
