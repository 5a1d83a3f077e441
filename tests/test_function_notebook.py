"""Functions as notebooks: packaged, adopted, read, versioned, and made ready for a run."""

from __future__ import annotations

import copy
import datetime
import json
import pickle
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from jupyter_mlops import values
from jupyter_mlops.errors import CaptureError, NotebookError
from jupyter_mlops.functions.capture import capture_cell
from jupyter_mlops.functions.notebook import (
    build,
    dumps,
    from_notebook,
    of_nbformat,
    package,
    parameters_of,
    parse_notebook,
    read_function,
    read_notebook,
    version_of,
)
from jupyter_mlops.records import Input, Parameter, Return, Runtime, Source, Spec

EXAMPLES = Path(__file__).parents[1] / "example_notebooks"
CELL = '''"""Add up."""
import math
n: int = 2  # how many
label: "str | None" = None
total = math.floor(n * 1.5) + len(data)
'''


def function(source: str = CELL, name: str = "train", runtime: Runtime | None = None, description: str = "", **options):
    options.setdefault("returns", ["total:result"])
    options.setdefault("inputs", ["data:list"] if "data" in source else [])
    return package(capture_cell(source, **options), name, runtime, description)


def tagged(nb, tag: str):
    return next(cell for cell in nb.cells if tag in cell.metadata.get("tags", []))


def tags(nb) -> list[str]:
    return [tag for cell in nb.cells for tag in cell.metadata.get("tags", [])]


def spec(**fields) -> Spec:
    fields["params"] = {name: values.encode(value) for name, value in fields.get("params", {}).items()}
    return Spec(id="20260101-000000-00000000", project="p", name="train", **fields)


def written(tmp_path: Path, *cells, name: str = "report", **metadata) -> Path:
    path = tmp_path / f"{name}.ipynb"
    nb = new_notebook(cells=list(cells), metadata=metadata)
    nbformat.write(nb, path)
    return path


def code(source: str, *tags: str):
    return new_code_cell(source, metadata={"tags": list(tags)} if tags else {})


# --- a captured cell ---


def test_a_function_has_its_cells_in_the_order_they_run():
    assert tags(function()) == ["mlops-imports", "parameters", "mlops-inputs", "mlops-body", "mlops-outputs"]


def test_a_function_without_imports_inputs_and_returns_has_parameters_and_a_body():
    nb = function("n = 1\nprint(n)", returns=[])
    assert tags(nb) == ["parameters", "mlops-body"]


def test_a_function_is_a_valid_notebook():
    nbformat.validate(function())


def test_equal_definitions_give_equal_notebooks():
    assert dumps(function()) == dumps(function())


def test_a_function_is_read_back_as_it_was_defined():
    runtime = Runtime(kernel="python3", env={"A": "b"}, timeout=60.0, retries=2)
    read = read_function(parse_notebook(dumps(function(runtime=runtime)), "it"))
    assert read.name == "train"
    assert read.parameters == (
        Parameter(name="n", default="2", hint="int", help="how many"),
        Parameter(name="label", default="None", hint="str | None"),
    )
    assert read.inputs == (Input(name="data", hint="list"),)
    assert read.returns == (Return(key="total", kind="result"),)
    assert read.runtime == runtime
    assert read.description == "Add up."


def test_a_description_that_is_given_wins_over_the_docstring():
    assert read_function(function(description="Else.")).description == "Else."


def test_papermill_lists_the_parameters_and_inputs(tmp_path):
    path = tmp_path / "train.ipynb"
    path.write_text(dumps(function()))
    assert papermill.inspect_notebook(str(path))["n"] == {
        "name": "n",
        "inferred_type_name": "int",
        "default": "2",
        "help": "how many",
    }
    assert papermill.inspect_notebook(str(path))["data"]["help"] == "input: list"


def test_plain_papermill_runs_a_function(tmp_path):
    (tmp_path / "train.ipynb").write_text(dumps(function("n: int = 2\ntotal = n * 2\nprint('total', total)")))
    done = papermill.execute_notebook(
        str(tmp_path / "train.ipynb"), str(tmp_path / "out.ipynb"), parameters={"n": 10}, progress_bar=False, cwd=str(tmp_path)
    )
    assert tagged(done, "mlops-body").outputs[0].text == "total 20\n"


def test_plain_papermill_gives_a_file_as_an_input(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n2\n")
    nb = function("print('rows', len(data))\ntotal = data.x.sum()", inputs=["data:pandas.DataFrame"], returns=["total"])
    (tmp_path / "train.ipynb").write_text(dumps(nb))
    done = papermill.execute_notebook(
        str(tmp_path / "train.ipynb"),
        str(tmp_path / "out.ipynb"),
        parameters={"data": str(tmp_path / "a.csv")},
        progress_bar=False,
        cwd=str(tmp_path),
    )
    assert tagged(done, "mlops-body").outputs[0].text == "rows 2\n"


def test_a_function_does_not_take_the_names_of_the_author():
    nb = function("n = 1\nmlops = n\ntotal = mlops", returns=["total"])
    sources = tagged(nb, "mlops-outputs").source
    assert "import outputs as _mlops_outputs" in sources
    assert "\nmlops" not in sources


# --- a whole notebook ---


def test_a_notebook_becomes_a_function_and_its_file_stays_as_it_is(tmp_path):
    path = written(tmp_path, new_markdown_cell("# Title"), code("n = 1", "parameters"), code("y = n"))
    before = path.read_bytes()
    nb = from_notebook(path, returns=["y"])
    assert path.read_bytes() == before
    assert [cell.source for cell in nb.cells][:3] == ["# Title", "n = 1", "y = n"]
    assert read_function(nb).name == "report"
    assert read_function(nb).returns == (Return(key="y"),)


def test_outputs_and_counts_are_left_behind(tmp_path):
    cell = code("print(1)", "parameters")
    cell.outputs = [nbformat.v4.new_output("stream", text="1\n")]
    cell.execution_count = 7
    nb = from_notebook(written(tmp_path, cell))
    assert (nb.cells[0].outputs, nb.cells[0].execution_count) == ([], None)


def test_literals_at_the_top_become_the_parameters_cell(tmp_path):
    nb = from_notebook(written(tmp_path, code("import math\nn: int = 3  # how many\ny = math.sqrt(n)\n")))
    assert [cell.source for cell in nb.cells] == ["import math", "n: int = 3  # how many", "y = math.sqrt(n)"]
    assert tags(nb) == ["parameters"]
    assert parameters_of(nb) == (Parameter(name="n", default="3", hint="int", help="how many"),)


def test_literals_may_follow_a_cell_of_imports(tmp_path):
    nb = from_notebook(written(tmp_path, code("import math"), code("n = 3\nm = n")))
    assert [cell.source for cell in nb.cells] == ["import math", "n = 3", "m = n"]


def test_literals_further_down_are_no_parameters(tmp_path):
    nb = from_notebook(written(tmp_path, code("print(1)"), code("n = 3")))
    assert parameters_of(nb) == ()
    assert [cell.source for cell in nb.cells] == ["", "print(1)", "n = 3"]


def test_an_existing_parameters_cell_is_taken_as_it_is(tmp_path):
    source = "import os\nn = os.getpid()  # any\nm = 2"
    nb = from_notebook(written(tmp_path, code("k = 1"), code(source, "parameters")))
    assert nb.cells[1].source == source
    assert [parameter.name for parameter in parameters_of(nb)] == ["n", "m"]


@pytest.mark.parametrize("tag", ["mlrun-ignore", "injected-parameters"])
def test_a_cell_that_is_no_part_of_the_run_is_dropped(tmp_path, tag):
    nb = from_notebook(written(tmp_path, code("n = 1", "parameters"), code("gone()", tag)))
    assert [cell.source for cell in nb.cells] == ["n = 1"]


@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception"])
def test_tags_that_steer_the_run_stay(tmp_path, tag):
    nb = from_notebook(written(tmp_path, code("n = 1", "parameters"), code("x()", tag)))
    assert nb.cells[1].metadata.tags == [tag]


@pytest.mark.parametrize("first", ["%%mlfunction train", "%%mlrun", "%%mlsql", "#| mlfunction train", "%%mlworkflow w"])
def test_a_cell_that_defines_or_runs_functions_is_dropped(tmp_path, first):
    nb = from_notebook(written(tmp_path, code("n = 1", "parameters"), code(f"{first}\nm = 2")))
    assert [cell.source for cell in nb.cells] == ["n = 1"]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("%load_ext jupyter_mlops", "# not run inside a Function: %load_ext jupyter_mlops"),
        ("%mlproject churn", "# not run inside a Function: %mlproject churn"),
        ("run = %mlrun train n=3", "run = None  # not run inside a Function: run = %mlrun train n=3"),
        ("if n:\n    %mlruns", "if n:\n    pass  # not run inside a Function: %mlruns"),
        ("%load_ext autoreload", "%load_ext autoreload"),
    ],
)
def test_our_line_magics_become_comments(tmp_path, line, kept):
    nb = from_notebook(written(tmp_path, code("n = 1", "parameters"), code(f"{line}\nm = 2")))
    assert nb.cells[1].source == f"{kept}\nm = 2"


def test_inputs_are_loaded_after_the_parameters(tmp_path):
    nb = from_notebook(
        written(tmp_path, code("data = 'a.csv'\nn = 1", "parameters"), code("y = data")), inputs=["data:pandas.DataFrame"]
    )
    assert tags(nb) == ["parameters", "mlops-inputs"]
    assert 'data = _mlops.input("data", data, hint="pandas.DataFrame")' in nb.cells[1].source
    assert [parameter.name for parameter in parameters_of(nb)] == ["n"]
    assert [(one.name, one.default) for one in read_function(nb).inputs] == [("data", "a.csv")]


def test_a_return_that_no_cell_assigns_is_refused(tmp_path):
    path = written(tmp_path, code("n = 1", "parameters"), code("acuracy = 1"))
    with pytest.raises(CaptureError, match=r"'accuracy': no cell of '.*report.ipynb' assigns it. Did you mean 'acuracy'\?"):
        from_notebook(path, returns=["accuracy"])


def test_adopting_a_function_again_changes_nothing():
    nb = function()
    assert version_of(from_notebook(nb)) == version_of(nb)
    assert read_function(from_notebook(nb)) == read_function(nb)


def test_a_notebook_of_another_language_keeps_its_cells(tmp_path):
    kernel = {"name": "ir", "language": "R", "display_name": "R"}
    path = written(tmp_path, code("n <- 1", "parameters"), code("y <- %mlrun + n"), kernelspec=kernel)
    nb = from_notebook(path)
    assert [cell.source for cell in nb.cells] == ["n <- 1", "y <- %mlrun + n"]
    assert parameters_of(nb) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "isn't a notebook"),
        ("[]", "has no 'nbformat'"),
        ("[" * 100_000, "isn't a notebook"),
        ('{"nbformat": 3, "worksheets": []}', "--nbformat 4"),
        ('{"nbformat": 5, "cells": []}', "update jupyter-mlops"),
        ('{"nbformat": 4}', "'cells' must be a list"),
        ('{"nbformat": 4, "cells": [1]}', "Cell 0"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}', "Cell 0"),
        ('{"nbformat": 4, "cells": []}', "no code to run"),
        ('{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "x"}]}', "no code to run"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["%%mlrun\\n", "x"]}]}', "no code to run"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused_by_name(tmp_path, text, why):
    path = tmp_path / "odd name é.ipynb"
    path.write_text(text)
    with pytest.raises(NotebookError, match=why) as refused:
        from_notebook(path)
    assert "odd name é.ipynb" in str(refused.value)


def test_a_kernel_that_is_no_object_is_as_none(tmp_path):
    path = tmp_path / "odd.ipynb"
    path.write_text('{"nbformat": 4, "metadata": {"kernelspec": 5, "language_info": "julia"}, "cells": []}')
    nb = read_notebook(path)
    assert nb.metadata == {}


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(NotebookError, match=r"absent\.ipynb' doesn't exist"):
        from_notebook(tmp_path / "absent.ipynb")


def test_an_old_minor_format_gets_ids_that_stay(tmp_path):
    text = (
        '{"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [{"cell_type": "code", "source": "n = 1", "outputs": []}]}'
    )
    (tmp_path / "old.ipynb").write_text(text)
    first, second = from_notebook(tmp_path / "old.ipynb"), from_notebook(tmp_path / "old.ipynb")
    assert [cell.id for cell in first.cells] == [cell.id for cell in second.cells]
    nbformat.validate(first)


# --- versions ---


def resaved(nb):
    """Save a notebook as JupyterLab does after a run: other ids and counts, outputs, metadata of its own."""
    nb = nbformat.from_dict(json.loads(json.dumps(nb)))
    for index, cell in enumerate(nb.cells):
        cell.id = f"x{index}"
        cell.metadata["trusted"] = True
        if cell.cell_type == "code":
            cell.execution_count = index
            cell.outputs = [nbformat.v4.new_output("stream", text="hi")]
    nb.metadata.kernelspec.display_name = "Other"
    nb.metadata.language_info = {"name": "python", "version": "3.11.7", "nbconvert_exporter": "python"}
    nb.cells.append(code(""))
    nb.cells.insert(0, new_markdown_cell("Some words."))
    nb.cells.insert(0, new_raw_cell("raw"))
    return nb


def test_a_version_survives_a_save_by_jupyterlab():
    assert version_of(resaved(function())) == version_of(function())


def test_a_version_is_12_hex_digits():
    assert len(version_of(function())) == 12
    int(version_of(function()), 16)


def test_a_version_leaves_the_description_out():
    assert version_of(function(description="Else.")) == version_of(function())


@pytest.mark.parametrize(
    "other",
    [
        function(CELL.replace("1.5", "1.6")),
        function(CELL.replace("n: int = 2", "n: int = 3")),
        function(returns=["total"]),
        function(returns=[]),
        function(inputs=["data:dict"]),
        function(runtime=Runtime(timeout=1.0)),
        function(runtime=Runtime(env={"A": "1"})),
        function(runtime=Runtime(kernel="other")),
    ],
    ids=["code", "default", "kind", "returns", "hint", "timeout", "env", "kernel"],
)
def test_a_version_changes_with_code_and_attributes(other):
    assert version_of(other) != version_of(function())


def test_a_version_changes_with_a_tag_that_steers_the_run():
    nb = function()
    tagged(nb, "mlops-body").metadata.tags.append("skip-execution")
    assert version_of(nb) != version_of(function())


# --- one run ---


def test_a_runs_values_come_after_the_parameters():
    nb = build(function(), spec(params={"n": 7, "label": "it's"}))
    assert tags(nb)[1:3] == ["parameters", "injected-parameters"]
    assert tagged(nb, "injected-parameters").source == 'n = 7\nlabel = "it\'s"'


@pytest.mark.parametrize(
    "value", [(1, 2), {1, 2}, b"x", 1 + 2j, datetime.date(2026, 1, 2), float("inf"), Path("a"), None, [{"a": ("é", "\n")}]]
)
def test_a_value_arrives_equal_and_of_the_same_type(value):
    found: dict = {}
    exec(tagged(build(function(), spec(params={"n": value})), "injected-parameters").source, found)
    assert found["n"] == value
    assert type(found["n"]) is type(value)


def test_a_long_value_is_loaded_rather_than_shown():
    source = tagged(build(function(), spec(params={"n": "x" * 5000})), "injected-parameters").source
    assert source == 'n = __import__("jupyter_mlops").param("n")'


def test_the_uri_of_an_input_is_shown_in_the_notebook():
    nb = build(function(), spec(inputs={"data": Source(uri="data/it's.csv")}))
    assert tagged(nb, "injected-parameters").source == 'data = "data/it\'s.csv"  # input'


def test_a_run_without_values_executes_the_function_as_it_is():
    assert tags(build(function(), spec())) == tags(function())


def test_building_does_not_change_the_function():
    nb = function()
    before = dumps(nb)
    build(nb, spec(params={"n": 1}, returns=(Return(key="n"),)))
    assert dumps(nb) == before


def test_a_run_may_keep_something_else():
    nb = build(function(), spec(returns=(Return(key="n", kind="result"),)))
    assert 'n=("result", n)' in nb.cells[-1].source
    assert tags(nb).count("mlops-outputs") == 1


def test_a_notebook_with_injected_parameters_is_not_injected_twice(tmp_path):
    nb = function()
    nb.cells.insert(2, code("n = 99", "injected-parameters"))
    assert tags(build(nb, spec(params={"n": 1}))).count("injected-parameters") == 1


def test_what_is_built_is_a_valid_notebook():
    nbformat.validate(build(function(), spec(params={"n": 1})))


def test_metadata_of_a_later_version_is_read_over(tmp_path):
    nb = function()
    nb.metadata.jupyter_mlops["runtime"]["gpus"] = 3
    assert read_function(nb).runtime == Runtime()


@pytest.mark.parametrize("odd", [{"inputs": 3}, {"returns": [1]}, {"runtime": []}, {"returns": [{}]}])
def test_odd_metadata_is_refused_with_the_functions_name(odd):
    nb = function()
    nb.metadata.jupyter_mlops.update(odd)
    with pytest.raises(NotebookError, match="'train' has an odd"):
        read_function(nb)


def test_a_notebook_file_reads_as_it_was_written(tmp_path):
    (tmp_path / "a.ipynb").write_text(dumps(function()))
    assert read_notebook(tmp_path / "a.ipynb") == function()


KERNEL = {"name": "python3", "display_name": "Python 3"}
PICTURE = {
    "image/svg+xml": "<svg>\n</svg>",
    "image/png": "aGVsbG8=\n",
    "text/html": "<b>\n</b>",
    "application/json": {"a": "1\n2"},
}


def shown() -> nbformat.NotebookNode:
    """Return a notebook with everything whose lines Jupyter writes one by one, and what it leaves out."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "one\ntwo\r\nthree"},
        {"output_type": "display_data", "data": PICTURE, "metadata": {}},
        {"output_type": "execute_result", "data": {"text/plain": "ü\u2028x\n"}, "metadata": {}, "execution_count": 3},
        {"output_type": "error", "ename": "E", "evalue": "a\nb", "traceback": ["a\nb"]},
    ]
    code = new_code_cell("x = 1\n\ny = 'ü'", outputs=[nbformat.from_dict(each) for each in outputs], metadata={"trusted": True})
    text = new_markdown_cell("# A\ntext", attachments={"a.svg": {"image/svg+xml": "<svg>\n</svg>"}})
    return new_notebook(cells=[text, code, new_raw_cell("")], metadata={"signature": "x", "kernelspec": KERNEL})


@pytest.mark.parametrize("name", ["shown", *sorted(path.name for path in EXAMPLES.glob("*.ipynb"))])
def test_a_notebook_is_written_as_jupyter_writes_it(name):
    nb = shown() if name == "shown" else nbformat.read(EXAMPLES / name, as_version=4)
    assert dumps(nb) == nbformat.writes(nb).rstrip("\n") + "\n"
    assert dumps(parse_notebook(dumps(nb), name)) == dumps(parse_notebook(nbformat.writes(nb), name))


def test_what_is_executed_is_a_notebook_of_nbformats():
    made = of_nbformat(build(function(), spec()))
    nbformat.validate(made)
    assert isinstance(made, nbformat.NotebookNode) and isinstance(made.cells[0], nbformat.NotebookNode)


def test_a_part_of_a_notebook_has_its_keys_as_attributes():
    nb = function()
    nb.metadata.kernelspec = {"name": "python3"}
    assert nb["metadata"]["kernelspec"]["name"] == "python3" and copy.deepcopy(nb) == nb and pickle.loads(pickle.dumps(nb)) == nb
    with pytest.raises(AttributeError, match="nothing"):
        _ = nb.nothing
