"""What a notebook keeps of workflow runs and sweeps: one card each, with a picture, as a real kernel made it."""

from __future__ import annotations

import re
from base64 import b64decode

import nbformat
import pytest
from nbclient import NotebookClient

import jupyter_mlops as mlops

CELLS = {
    "setup": "%load_ext jupyter_mlops\n%mlproject flows;",
    "split": "%%mlfunction split --returns parts:result n\nn: int = 3\nparts = list(range(n))",
    "square": "%%mlfunction square --returns squared\npart: int = 0\nsquared = part * part",
    "fail": "%%mlfunction fail\nraise ValueError('broken <pump>')",
    "define": "%%mlworkflow fan\nn = 3\nlots = split(n=n)\nsquares = square(part=each(lots.parts))\n"
    "never = square(part=1, when='lots.n > 99')\non_exit(split, n=1)",
    "run": "run = %mlrun fan",
    "broken": "%%mlworkflow broken\nbad = fail()\nafter = square(part=1, after=[bad])",
    "failing": "%mlrun broken",
    "sweep": "best = %mlrun square --list part=3,1,2 --select max:squared --parallel 2",
    "again": "best",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """The outputs of each cell of a notebook that ran once for all tests here."""
    folder = tmp_path_factory.mktemp("cards")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    yield {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}
    mlops.open_project(folder / "flows").stop_worker()


def card(outputs: list) -> str:
    """Return the one card among outputs."""
    (found,) = [output["data"]["text/html"] for output in outputs if "data" in output]
    return found


def drawn(html: str) -> str:
    return b64decode(re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)[0]).decode()


def seen(html: str) -> str:
    """What a reader sees of HTML."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S))


def test_defining_a_workflow_draws_it(outputs):
    picture = drawn(card(outputs["define"]))
    assert all(f">{name}<" in picture for name in ("lots", "squares", "never", "on_exit"))


def test_a_run_leaves_one_card_in_which_all_is_over(outputs):
    html = card(outputs["run"])
    assert "4 steps: 3 completed, 1 skipped" in seen(html)
    assert "running" not in seen(html)


def test_the_picture_of_a_run_says_what_became_of_its_steps(outputs):
    picture = drawn(card(outputs["run"]))
    assert "3/3" in picture
    assert "when lots.n" in picture


def test_a_failed_run_says_which_step_and_keeps_its_card(outputs):
    html = card(outputs["failing"])
    assert "2 steps: 1 error, 1 skipped" in seen(html)
    assert "broken &lt;pump&gt;" in html
    assert any(output["output_type"] == "error" and "bad" in output["evalue"] for output in outputs["failing"])


def test_a_sweep_leaves_its_iterations_with_the_best_first_and_a_plot(outputs):
    html = card(outputs["sweep"])
    assert "3 iterations: 3 completed" in seen(html)
    assert re.search(r"1 ★ best ✓ completed 9 3", seen(html))
    assert "squared" in drawn(html)


def test_a_run_that_is_shown_again_has_the_same_card(outputs):
    assert drawn(card(outputs["again"])) == drawn(card(outputs["sweep"]))
