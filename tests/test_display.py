"""How things look: every form readable, nothing a user wrote becomes markup."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from jupyter_mlops import display, values
from jupyter_mlops.display import markup, words
from jupyter_mlops.display.artifacts import rows_preview
from jupyter_mlops.events import History
from jupyter_mlops.records import Function, Input, Parameter, Return, Runtime, Source, Spec, State

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "javascript:alert(1)",
    "\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07",
    "&lt;script&gt;",
    "</pre></div></table><b>",
    "\ud800 lone surrogate",
    "nul \x00 and bell \x07",
]

# what our own markup uses; anything else came from a user
ALLOWED = {
    *("style div span strong small code pre a img table thead tbody tr th td details summary".split()),
}
ATTRIBUTES = {"class", "style", "title", "href", "src", "alt", "width", "height", "open", "aria-hidden"}


class Reader(HTMLParser):
    """Collects what a browser would make of a text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data


def checked(html: str) -> Reader:
    """Read HTML and assert that it holds our own elements only, all closed, and no address that runs code."""
    reader = Reader(html)
    assert not reader.open
    for tag, attributes in reader.elements:
        assert tag in ALLOWED, tag
        assert set(attributes) <= ATTRIBUTES, attributes
        assert re.match(r"(\./|\.\./)", attributes.get("href") or "./")
        assert (attributes.get("src") or "data:image/").startswith("data:image/")
    html.encode()
    return reader


def story(*events: dict) -> History:
    history = History()
    for index, event in enumerate(events):
        history.add({"t": 1000.0 + index, **event})
    return history


def a_run(text: str = "x") -> tuple[Spec, History]:
    spec = Spec(
        id="20261124-083512-k3v9x2ab",
        project="churn",
        name=text or "x",
        function="train",
        version="a1b2c3d4e5f6",
        params={text: values.encode(text)},
        inputs={text: Source(uri=text, meta={"rows": 3, "columns": [text]})},
        tags={text: text},
    )
    artifact = {
        "e": "artifact",
        "uid": "u",
        "key": text,
        "kind": text,
        "hash": "ab" * 32,
        "size": 10,
        "packager": "p",
        "type": text,
        "created": 1.0,
        "run": text,
        "meta": {"rows": 1, "columns": [text], "preview": [[text]], "framework": text},
    }
    history = story(
        {"e": "state", "state": "running"},
        {"e": "cell", "index": 0, "id": text, "state": "running"},
        {"e": "metric", "key": text, "value": 1.0, "step": 0},
        {"e": "metric", "key": text, "value": math.nan, "step": 1},
        {"e": "result", "key": text, "value": values.encode(text)},
        artifact,
        {"e": "tag", "key": text, "value": text},
        {"e": "progress", "done": 1, "total": 2, "label": text},
    )
    return spec, history


def card(spec: Spec, history: History, **more) -> display.RunView:
    return display.RunView(spec=spec, history=history, folder=Path("/p/runs") / spec.id, base=Path("/p"), **more)


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_of_a_user_becomes_markup_on_a_live_card(evil):
    spec, history = a_run(evil)
    checked(display.run_html(card(spec, history, now=1010.0, cells=3, log=evil, notes={evil: evil})))


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_of_a_user_becomes_markup_on_a_failed_card(evil):
    spec, history = a_run(evil)
    history.add(
        {
            "e": "state",
            "t": 1010.0,
            "state": "error",
            "reason": evil,
            "failure": {"ename": evil, "evalue": evil, "cell": 0, "line": 1, "traceback": [evil]},
        }
    )
    reader = checked(display.run_html(card(spec, history, source=f"{evil}\n{evil}")))
    assert "cell 1, line 1" in reader.text


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_of_a_user_becomes_markup_elsewhere(evil):
    function = Function(
        name=evil,
        version=evil,
        parameters=(Parameter(name=evil, default=evil, hint=evil, help=evil),),
        inputs=(Input(name=evil, hint=evil, default=evil),),
        returns=(Return(key=evil, kind=evil),),
        runtime=Runtime(kernel=evil, env={evil: evil}),
        description=evil,
    )
    checked(display.function_html(function, change=evil, path=Path("/p") / "f.ipynb", base=Path("/p")))
    row = {"id": evil, "name": evil, "state": evil, "reason": evil, "params": {evil: evil}, "results": {evil: evil}}
    checked(display.runs_html([row, {**row, "params": {evil: "other"}}]))
    artifact = next(iter(a_run(evil)[1].artifacts.values()))
    checked(display.artifacts_html([artifact], {"u": [evil]}))
    checked(display.artifact_bundle(artifact, uri=evil)["text/html"])
    view = display.ProjectView(name=evil, folder=Path(evil.replace("\0", "")), description=evil, functions=[evil], runs={evil: 1})
    checked(display.project_bundle(view)["text/html"])
    checked(
        display.notebook_bundle({"cells": [{"cell_type": "code", "source": evil, "metadata": {"tags": [evil]}}]}, evil)[
            "text/html"
        ]
    )


def test_a_folder_named_like_a_script_is_linked_as_a_folder(tmp_path):
    folder = tmp_path / "javascript:alert(1)" / "runs" / "r"
    folder.mkdir(parents=True)
    (folder / "notebook.ipynb").write_text("{}")
    spec, history = a_run()
    history.add({"e": "state", "state": "completed", "t": 1010.0})
    html = display.run_html(display.RunView(spec=spec, history=history, folder=folder, base=tmp_path))
    assert 'href="./javascript%3Aalert%281%29/runs/r/notebook.ipynb"' in html


def test_links_lead_from_the_notebook_to_the_run_and_survive_spaces(tmp_path):
    folder = tmp_path / "my prøject" / "runs" / "r"
    folder.mkdir(parents=True)
    (folder / "log.txt").write_text("")
    spec, history = a_run()
    history.add({"e": "state", "state": "completed", "t": 1010.0})
    html = display.run_html(display.RunView(spec=spec, history=history, folder=folder, base=tmp_path / "notebooks"))
    assert 'href="../my%20pr%C3%B8ject/runs/r/log.txt"' in html


def test_a_card_names_the_files_that_a_run_left_in_its_folder(tmp_path):
    place = tmp_path / "runs" / "r" / "files"
    (place / "plots").mkdir(parents=True)
    for number in range(9):
        (place / f"out {number}.csv").write_text("a")
    spec, history = a_run()
    view = display.RunView(spec=spec, history=history, folder=place.parent, base=tmp_path)
    assert "out 0.csv" not in display.run_html(view)
    history.add({"e": "state", "state": "completed", "t": 1010.0})
    html = display.run_html(view)
    assert 'href="./runs/r/files/out%200.csv"' in html and "+ 2 more" in html
    assert "out 7.csv and 2 more in runs/r/files" in display.run_text(view)


def test_a_live_card_says_where_the_run_is():
    spec, history = a_run("x")
    history.add({"e": "cell", "index": 0, "id": "a", "state": "completed", "t": 1})
    history.add({"e": "cell", "index": 1, "id": "b", "state": "running", "t": 1})
    text = checked(display.run_html(card(spec, history, now=1065.0, cells=5, log="one\nepoch 1\repoch 2\n\n"))).text
    assert "running" in text
    assert "cell 2 of 5" in text
    assert "1 of 2 x" in text
    assert "1m 05s" in text
    assert "epoch 2" in text
    assert "epoch 1" not in text


def test_a_live_card_looks_the_same_within_a_second():
    spec, history = a_run("x")
    assert display.run_html(card(spec, history, now=1065.1)) == display.run_html(card(spec, history, now=1065.9))
    assert display.run_html(card(spec, history, now=1065.9)) != display.run_html(card(spec, history, now=1066.0))


def test_a_failed_card_marks_the_line_and_shows_what_surrounds_it():
    spec, history = a_run("x")
    failure = {"ename": "ValueError", "evalue": "no", "cell": 3, "line": 20, "traceback": ["\x1b[31mValueError\x1b[0m: no"]}
    history.add({"e": "state", "state": "error", "t": 1010.0, "failure": failure})
    view = card(spec, history, source="\n".join(f"line{number}" for number in range(1, 41)))
    text = checked(display.run_html(view)).text
    assert "ValueError: no (cell 4, line 20)" in text
    assert "→ 20 line20" in text
    assert "line16" in text
    assert "line25" not in text
    assert "\x1b" not in text
    assert "→  20 line20" in display.run_text(view)


def test_colours_of_a_terminal_become_styles_and_the_rest_is_dropped():
    html = markup.ansi("\x1b[1;31mred\x1b[0m \x1b[38;5;46mgreen\x1b[39m\x1b[2K\x1b]0;title\x07<b>")
    assert html == '<span style="color:#d64545;font-weight:600">red</span> <span style="color:#2a9d4a">green</span>&lt;b&gt;'


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_word_and_a_sign_of_its_own(state):
    chip = Reader(markup.chip(state)).text
    assert state.value in chip
    assert markup.GLYPHS[state] in chip


def test_an_untrusted_notebook_still_reads_in_words():
    spec, history = a_run("x")
    history.add({"e": "state", "state": "completed", "t": 1010.0})
    html = re.sub(r"<style>.*?</style>", "", display.run_html(card(spec, history)), flags=re.S)  # as JupyterLab's sanitiser does
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "✓ completed x" in text
    assert "<svg" not in html  # it would be stripped; pictures are <img>


def test_plain_text_has_no_terminal_codes_and_says_it_all():
    spec, history = a_run("k")
    history.add({"e": "state", "state": "aborted", "reason": "interrupted", "t": 1010.0})
    text = display.run_text(card(spec, history))
    assert "■ k aborted in 10.0 s: interrupted" in text
    assert "k=k" in text
    assert spec.id in text


def test_secrets_in_the_environment_are_not_shown():
    function = Function(name="f", version="v", runtime=Runtime(env={"TOKEN": "hunter2"}))
    both = display.function_bundle(function)
    assert "TOKEN" in both["text/html"]
    assert "hunter2" not in both["text/html"] + both["text/plain"]


def test_the_card_of_a_function_says_how_to_run_it():
    function = Function(
        name="train",
        version="v",
        parameters=(Parameter(name="path"), Parameter(name="n", default="3", hint="int", help="trees")),
        inputs=(Input(name="data"),),
    )
    html = checked(display.function_html(function, change="+ 3 lines")).text
    assert "%mlrun train path=… data={data}" in html
    assert "required" in html
    assert "trees" in html
    assert "+ 3 lines" in html


def test_a_table_of_runs_shows_the_parameters_that_differ_and_not_those_that_are_equal():
    rows = [
        {"id": f"r{n}", "name": "f", "state": "completed", "params": {"same": 1, "n": n}, "results": {"score": n / 7}}
        for n in range(3)
    ]
    text = Reader(display.runs_html(rows, total=9)).text
    assert "3 of 9" in text
    assert "same" not in text
    assert "0.2857" in text
    assert "score" in display.runs_text(rows)


def test_a_preview_keeps_no_more_than_a_glance():
    meta = {"columns": [f"c{n}" for n in range(30)], "preview": [list(range(30))] * 20}
    html = rows_preview(meta)
    assert html.count("<tr") == 9
    assert "c11" in html
    assert "c12" not in html


def test_a_preview_of_another_shape_than_its_columns_is_left_out():
    assert rows_preview({"columns": ["a"], "preview": [[1, 2]]}) == ""
    assert rows_preview({"preview": "text"}) == ""


def test_a_sparkline_has_a_place_for_nan_and_for_many_points():
    assert markup.sparkline([math.nan, 1.0]) == ""
    assert len(markup.sparkline([math.sin(n / 100) for n in range(100_000)])) < 2000


def test_a_card_with_a_hundred_metrics_and_a_long_value_stays_small():
    spec, history = a_run("x")
    for n in range(100):
        for step in range(50):
            history.add({"e": "metric", "key": f"m{n}", "value": step * 1.0, "step": step, "t": 1.0})
    history.add({"e": "result", "key": "long", "value": "y" * 1_000_000, "t": 1.0})
    assert len(display.run_html(card(spec, history, now=1001.0))) < 40_000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0123, "12 ms"),
        (1.234, "1.23 s"),
        (59.94, "59.9 s"),
        (59.96, "1m 00s"),
        (3599.6, "1h 00m"),
        (90000, "25h 00m"),
        (None, "–"),
    ],
)
def test_durations_read_short(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 kB"), (1024**2 - 1, "1.0 MB"), (5 * 1024**4, "5.0 TB")]
)
def test_sizes_read_short(count, text):
    assert words.size(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.96543, "0.9654"), (300.0, "300"), (1e-9, "1e-09"), (math.inf, "inf"), (12345, "12345"), ("a\nb", "a b")],
)
def test_numbers_read_short(value, text):
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("plain", "plain"), ("two words", "'two words'"), ("10", "'10'"), ("", "''"), ("True", "'True'"), (3, "3")],
)
def test_parameters_show_as_they_would_be_typed(value, text):
    assert words.literal(value) == text


def test_an_empty_table_does_not_say_that_there_are_none():
    """What was asked for isn't there; others may be."""
    assert display.runs_text([]) == "No runs to show." and "No runs to show." in display.runs_html([])
    assert display.artifacts_text([]) == "No artifacts to show." and "No artifacts to show." in display.artifacts_html([])
