"""The magics for workflows and sweeps, in a real kernel."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import jupyter_mlops as mlops

SETUP = [
    "%load_ext jupyter_mlops\n%mlproject flows",
    "%%mlfunction shout --returns loud\nword: str = ''\nloud = word.upper()",
    "%%mlfunction count --returns n\nword: str = ''\ntimes: int = 1\nn = len(word) * times",
    "%%mlfunction fail --returns ok\non: bool = True\nif on:\n    raise ValueError('broken pump')\nok = 1",
]


@pytest.fixture
def notebook(tmp_path):
    """Run cells after the usual first ones; returns the last cell's outputs."""

    def run(*cells):
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (*SETUP, *cells)])
        NotebookClient(made, kernel_name="python3", timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
        return [text_of(output) for cell in made.cells for output in cell.outputs]

    yield run
    if (tmp_path / "flows").is_dir():
        mlops.open_project(tmp_path / "flows").stop_worker()


def text_of(output):
    return output.get("text") or output.get("data", {}).get("text/plain", "") or output.get("evalue", "")


WORKFLOW = "%%mlworkflow greet --description Greetings\nword = 'hi'\na = shout(word=word)\nb = count(word=a.loud, times=2)"


def test_a_cell_becomes_a_workflow_that_runs_and_shows_its_steps(notebook):
    shown = notebook(WORKFLOW, "run = %mlrun greet word=hello", "print(run.steps['b'].results, run.params)")
    assert any("a\n" in text and "b ← a" in text for text in shown)
    assert any("steps      a completed, b completed" in text for text in shown)
    assert shown[-1].strip() == "{'n': 10} {'word': 'hello'}"


def test_code_yaml_and_explain_give_back_what_they_say(notebook):
    shown = notebook(
        WORKFLOW,
        "%mlworkflow greet --code",
        "%mlworkflow greet --yaml",
        "%mlworkflow greet --explain word=x",
    )
    assert "a = shout(word=word)" in shown[-3]
    assert "function: shout" in shown[-2]
    assert "will run" in shown[-1]


def test_a_dry_run_runs_nothing(notebook):
    shown = notebook(WORKFLOW, "%mlrun greet word=hello --dry-run", "%mlruns")
    assert "it never ran" in shown[-2]
    assert "No runs to show" in shown[-1]
    with pytest.raises(CellExecutionError, match="--dry-run shows what one run would do"):
        notebook("%mlrun count --grid times=1,2 --dry-run")
    with pytest.raises(CellExecutionError, match="--timeout is for a run of a Function"):
        notebook(WORKFLOW, "%mlrun greet --timeout 1s")


def test_what_is_neither_a_function_nor_a_workflow_is_said_to_be_none(notebook):
    with pytest.raises(
        CellExecutionError, match=r"neither a Function nor a workflow 'great'\. Did you mean the workflow 'greet'"
    ):
        notebook(WORKFLOW, "%mlrun great")
    with pytest.raises(CellExecutionError, match="The project has no Function 'nightly'"):
        notebook("%mlrun nightly --parallel 2")


def test_a_failed_workflow_resumes_from_its_failed_step(notebook):
    shown = notebook(
        "%%mlworkflow pump\non = True\nfirst = shout(word='x')\nbad = fail(on=on)",
        "try:\n    %mlrun pump\nexcept Exception as error:\n    print(error)",
        "again = %mlrun --resume pump on=False",
        "print({name: str(step.state) for name, step in again.steps.items()})",
    )
    assert any("bad failed: ValueError: broken pump" in text for text in shown)
    assert shown[-1].strip() == "{'first': 'cached', 'bad': 'completed'}"


def test_options_of_a_workflow_run_choose_its_part(notebook):
    shown = notebook(
        WORKFLOW,
        "run = %mlrun greet --until a --no-cache --parallel 2",
        "print({name: str(step.state) for name, step in run.steps.items()})",
    )
    assert shown[-1].strip() == "{'a': 'completed', 'b': 'skipped'}"


def test_a_grid_is_written_with_commas(notebook):
    shown = notebook(
        "best = %mlrun count --grid times=1,2,3 word=ab --select max:n --parallel 2",
        "print(best.results, best.iterations['n'].tolist())",
    )
    assert shown[-1].strip() == "{'best_iteration': 3, 'n': 6} [2, 4, 6]"


def test_an_option_of_workflows_is_refused_for_a_function(notebook):
    with pytest.raises(CellExecutionError, match="--until is for workflows"):
        notebook("%mlrun shout --until a")


def test_a_wrong_workflow_cell_names_step_and_line(notebook):
    with pytest.raises(CellExecutionError, match="Did you mean 'shout'"):
        notebook("%%mlworkflow wrong\na = shuot(word='x')")
