"""A cell becomes a Function that does what the cell did: compared with reality, cell by cell."""

from __future__ import annotations

import ast
import asyncio
import builtins
import importlib.util
import inspect
import sys
import types
from codeop import Compile
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_mlops.errors import CaptureError, NameRuleError
from jupyter_mlops.functions.capture import Captured, capture_cell
from jupyter_mlops.functions.gather import gather, star_names
from jupyter_mlops.functions.history import History
from jupyter_mlops.functions.names import names_of
from jupyter_mlops.functions.parameters import read_parameters
from jupyter_mlops.functions.scopes import bound_anywhere
from jupyter_mlops.functions.source import read_cell
from jupyter_mlops.records import Input, Parameter, Return


def execute(source: str, namespace: dict) -> None:
    """Run a cell as IPython does: ``await`` at the top is allowed, and ``from __future__`` holds for later cells too."""
    compiler = namespace.setdefault("__compiler__", Compile())
    compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compiler(source, "<cell>", "exec")
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(types.FunctionType(code, namespace)())
    else:
        exec(code, namespace)


def notebook(*cells: str) -> dict:
    """Return the variables of a notebook in which these cells ran."""
    namespace = {"__name__": "__main__"}
    for cell in cells:
        execute(cell, namespace)
    return namespace


def outcome(namespace: dict, names: set[str], *sources: str) -> dict:
    """Run sources, and return what became of these names, and the exception if there was one."""
    try:
        for source in sources:
            execute(source, namespace)
    except RecursionError:
        return {"raised": RecursionError}
    except Exception as error:
        return {"raised": type(error), "text": str(error)}
    return {name: seen(namespace[name]) for name in sorted(names) if name in namespace}


def seen(value: object) -> object:
    """Return what two equal variables of two namespaces have in common."""
    if isinstance(value, types.FunctionType):
        return ("function", value.__name__, value.__code__.co_code)
    if isinstance(value, type):
        return ("class", value.__name__, sorted(vars(value).keys() - {"__dict__", "__weakref__"}))
    if isinstance(value, list | tuple):
        return [seen(item) for item in value]
    if isinstance(value, str | int | float | complex | dict | set | frozenset | bytes | type(None) | types.ModuleType):
        return value
    return type(value).__name__


def captured_like_reality(history: list[str], cell: str) -> Captured:
    """Capture a cell, and check that the Function does in an empty kernel what the cell does in the notebook."""
    namespace = notebook(*history)
    captured = capture_cell(cell, namespace=namespace, cells=history)
    names = bound_anywhere(ast.parse(cell)) | names_of(ast.parse(cell), stars=star_names).binds
    fresh = {"__name__": "__main__"}
    defaults = deepcopy(captured.defaults)
    execute(captured.imports, fresh)
    execute(captured.parameters_source, fresh)
    fresh.update(defaults)
    for name in names - fresh.keys():  # what the cell may bind counts as bound, so the notebook's own is no part of it
        namespace.pop(name, None)
    assert outcome(fresh, names, captured.body) == outcome(namespace, names, cell)
    return captured


def corpus() -> dict[str, tuple[list[str], str]]:
    """Read ``cells.txt``: of each entry the cells that ran before, and the cell."""
    found = {}
    for entry in Path(__file__).with_name("cells.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, rest = entry.partition("\n")
        before, _, cell = rest.partition(">>>\n")
        found[name] = (before.strip("\n").split("\n---\n") if before else [], cell.rstrip("\n"))
    return found


CORPUS = corpus()


@pytest.mark.parametrize("name", CORPUS)
def test_a_function_does_what_its_cell_did(name):
    captured_like_reality(*CORPUS[name])


# --- random programs ---

NAMES = st.sampled_from("abcd")
ATOMS = st.one_of(NAMES, st.integers(0, 3).map(str))
EXPRESSIONS = st.one_of(
    ATOMS,
    st.tuples(ATOMS, st.sampled_from("+-*"), ATOMS).map(" ".join),
    st.tuples(NAMES, ATOMS).map(lambda p: f"({p[0]} := {p[1]})"),
    st.tuples(ATOMS, NAMES, NAMES).map(lambda p: f"sum([{p[0]} for {p[1]} in range({p[2]} % 3)])"),
    st.tuples(NAMES, NAMES).map(lambda p: f"max([{p[1]} := {p[0]} for {p[0]} in range(2)])" if p[0] != p[1] else p[0]),
    st.tuples(ATOMS, NAMES, ATOMS).map(lambda p: f"(lambda {p[1]}: {p[0]} + {p[1]})({p[2]})"),
    st.sampled_from(["f()", "g()", "h()", "f() + g()"]),
)
SIMPLE = st.one_of(
    st.tuples(NAMES, EXPRESSIONS).map(" = ".join),
    st.tuples(NAMES, EXPRESSIONS).map(" += ".join),
    st.tuples(NAMES, NAMES, EXPRESSIONS).map(lambda p: f"{p[0]}, {p[1]} = {p[2]}, 1"),
    NAMES.map(lambda name: f"del {name}"),
    EXPRESSIONS,
)


def indented(statements: list[str]) -> str:
    return "\n".join(f"    {line}" for statement in statements for line in statement.split("\n"))


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bodies = st.lists(inner, min_size=1, max_size=3).map(indented)
    functions = st.tuples(st.sampled_from("fg"), NAMES, EXPRESSIONS, st.booleans())
    return st.one_of(
        st.tuples(EXPRESSIONS, bodies, bodies).map(lambda p: f"if {p[0]}:\n{p[1]}\nelse:\n{p[2]}"),
        st.tuples(NAMES, NAMES, bodies).map(lambda p: f"for {p[0]} in range({p[1]} % 3):\n{p[2]}"),
        st.tuples(bodies, NAMES, bodies).map(lambda p: f"try:\n{p[0]}\nexcept NameError as {p[1]}:\n{p[2]}"),
        st.tuples(EXPRESSIONS, NAMES, bodies).map(lambda p: f"match {p[0]}:\n    case 1 | 2 as {p[1]}:\n{indented([p[2]])}"),
        st.tuples(functions, bodies).map(
            lambda p: f"def {p[0][0]}():\n    {f'global {p[0][1]}' if p[0][3] else 'pass'}\n{p[1]}\n    return {p[0][2]}"
        ),
        # in a class too a binding under a condition counts as one, though Python then looks further: no loops in there
        st.tuples(st.lists(SIMPLE, min_size=1, max_size=3).map(indented), NAMES).map(
            lambda p: f"class K:\n{p[0]}\n    def m(self): return {p[1]}\nK().m()"
        ),
    )


PROGRAMS = st.lists(st.recursive(SIMPLE, compound, max_leaves=6), min_size=1, max_size=6).map("\n".join)
OUTSIDE = [
    "a = 1\nb = 2\nc = 3\nd = 0\nk = 5",
    "def f():\n    return a + k\ndef g(x=b):\n    return x + f()\ndef h():\n    return d",
]


@settings(max_examples=100, deadline=None)
@given(PROGRAMS)
def test_any_program_does_in_an_empty_kernel_what_it_did_in_the_notebook(program):
    try:
        execute(program, {"f": 0})
    except SyntaxError:
        return
    except Exception:
        pass
    captured_like_reality(OUTSIDE, program)


# --- IPython's own language ---


@pytest.fixture(scope="module")
def shell():
    return InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))


def run_in(shell, *sources: str) -> dict:
    shell.reset(new_session=False)
    for source in sources:
        shell.run_cell(source).raise_error()
    return dict(shell.user_ns)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("lines = !echo {word} $word\ny = lines[0]", "y"),
        ("n = 2\n%time y = word * n", "y"),
        ("%load_ext autoreload\nimport os\nn = 2\ny = word * n", "y"),
        ("%%time\nn = 2\ny = word * n", "y"),
        ("%%capture out\nprint(word)\ny = len(word)", "y"),
        ('%%bash -s "$word" --out y\necho $1', "y"),
        ("for i in range(2):\n    !echo {i} > /dev/null\n    y = i", "y"),
        ("y = !echo \\\n  a\nz = word", "z"),
        ("word?\nlen??\ny = word", "y"),
        (">>> y = word\n>>> z = y", "z"),
        ("    n = 1\n    if n:\n        y = word\n", "y"),
        ("%alias_magic t timeit\ny = word", "y"),
    ],
)
def test_magics_do_in_a_function_what_they_did_in_the_cell(shell, cell, name):
    word = "word = 'hey'"
    expected = run_in(shell, word, cell)[name]
    namespace = run_in(shell, word)
    captured = capture_cell(cell, namespace=namespace, cells=[word], returns=[name])
    assert run_in(shell, captured.imports, captured.parameters_source, captured.body)[name] == expected


@pytest.mark.parametrize("line", ["%", "! ", "%   "])
def test_a_magic_without_a_name_is_part_of_the_body(line):
    captured = capture_cell(f"{line}\nn = 1\ny = n", namespace={}, cells=[], returns=["y"])
    assert captured.body.splitlines()[-2:] == ["n = 1", "y = n"]


def test_the_author_finds_the_magics_in_the_notebook_as_written():
    body = "files = !ls {n} \\\n   -l\n%timeit -n1 f(2)\nx?"
    assert capture_cell(f"n = 1\n{body}", namespace={"f": abs, "x": 1}).body == body


@pytest.mark.parametrize("opaque", ["%run other.py", "exec(text)", "%%sql out <<\nselect 1", "from nowhere_at_all import *"])
def test_a_name_that_something_opaque_may_set_is_a_warning(opaque):
    cell = opaque if opaque.startswith("%%") else f"{opaque}\ny = unforeseen"
    captured = capture_cell(cell, namespace={"text": ""})
    assert opaque.startswith("%%") or "'unforeseen': not found in the notebook" in captured.warnings[0]


def test_names_that_every_cell_has_are_not_asked_for():
    source = "display(1); get_ipython(); Out[1]; In; _; __; _3; _i; exit; quit; __name__; __doc__; __file__"
    captured = capture_cell(source, namespace={})
    assert (captured.parameters, captured.inputs) == ((), ())


# --- parameters ---


def parameters(source: str) -> tuple[Parameter, ...]:
    return capture_cell(source, namespace={}).parameters


@pytest.mark.parametrize(
    ("line", "parameter"),
    [
        ("n = 1", Parameter(name="n", default="1")),
        ("n: int = 1", Parameter(name="n", default="1", hint="int")),
        ("n: int = 1  # how many", Parameter(name="n", default="1", hint="int", help="how many")),
        ("n = 1  # type: int how many", Parameter(name="n", default="1", hint="int", help="how many")),
        ("n: 'int | None' = None", Parameter(name="n", default="None", hint="int | None")),
        (
            "n: dict[str, list[int]] = {'a': [-1, +2]}",
            Parameter(name="n", default="{'a': [-1, +2]}", hint="dict[str, list[int]]"),
        ),
        ("n = 'a # b'  # c # d", Parameter(name="n", default="'a # b'", help="c # d")),
        ("n = (\n  1,  # one\n  2,\n)  # both", Parameter(name="n", default="(\n  1,  # one\n  2,\n)", help="both")),
        ("n = 1 + 2j", Parameter(name="n", default="1 + 2j")),
        ("n = b'x'", Parameter(name="n", default="b'x'")),
        ("n = {1, 2}", Parameter(name="n", default="{1, 2}")),
        ("n: int", Parameter(name="n", hint="int")),
        ("é = 1", Parameter(name="é", default="1")),
    ],
)
def test_a_leading_literal_is_a_parameter(line, parameter):
    captured = capture_cell(f"{line}\ny = 2 * 2", namespace={})
    assert captured.parameters == (parameter,)
    assert captured.parameters_source == line
    assert captured.body == "y = 2 * 2"


@pytest.mark.parametrize(
    "line",
    ["n = float('inf')", "n = f'{1}'", "n = len('a')", "a = b = 1", "a, b = 1, 2", "a[0] = 1", "n += 1", "n = [print]", "del n"],
)
def test_what_is_no_plain_literal_is_no_parameter(line):
    assert parameters(f"a = [0]\nn = 1\n{line}\nm = 3")[:3] == parameters("a = [0]\nn = 1")


def test_a_literal_after_another_statement_is_no_parameter():
    assert [parameter.name for parameter in parameters("a = 1\nprint(a)\nb = 2")] == ["a"]


def test_a_parameter_that_must_be_given_is_not_taken_from_the_notebook():
    captured = capture_cell("n: int\ny = n", namespace={"n": 5})
    assert captured.parameters == (Parameter(name="n", hint="int"),)


@pytest.mark.parametrize(
    ("source", "description"),
    [
        ('"""Fit\n\nit."""\nn = 1', "Fit\n\nit."),
        ("# Fit it.\n# Well.\n\nn = 1\ny = n", "Fit it.\nWell."),
        ("# Fit it.\nimport os\nn = 1\ny = n", "Fit it."),
        ("# how many\nn = 1\ny = n", ""),
        ("#| mlfunction x\n# noqa\ny = 1 + 1", ""),
        ("y = 1 + 1", ""),
    ],
)
def test_what_stands_first_describes_the_function(source, description):
    assert capture_cell(source, namespace={}).description == description


def test_nothing_an_author_wrote_is_lost():
    source = "# one\n'''Doc.'''\n# two\nimport os  # three\n\n# four\nn = 1  # five\n# six\ny = os  # seven\n# eight"
    captured = capture_cell(source, namespace={})
    kept = "\n".join([captured.imports, captured.parameters_source, captured.body])
    assert sorted(line for line in kept.split("\n") if line) == sorted(line for line in source.split("\n") if line)


def test_a_parameters_cell_may_hold_any_value():
    found = read_parameters("import os\nn = os.getpid()  # any\nif n:\n    m = 1\nk: int = n")
    assert found == (Parameter(name="n", default="os.getpid()", help="any"), Parameter(name="k", default="n", hint="int"))


def test_a_parameters_cell_that_is_no_python_has_none():
    assert read_parameters("n <- 1 +") == ()


# --- what comes from the notebook ---


def test_a_value_of_the_notebook_becomes_a_parameter_with_that_default():
    captured = capture_cell("y = rate * 2", namespace={"rate": 0.5})
    assert captured.parameters == (Parameter(name="rate", default="0.5"),)
    assert captured.parameters_source == "rate = 0.5"


def test_a_constant_that_only_a_helper_reads_is_no_parameter():
    history = ["SCALE = 3\ndef scale(v): return v * SCALE"]
    captured = captured_like_reality(history, "y = scale(2)")
    assert captured.parameters == ()
    assert "SCALE = 3" in captured.imports


def test_a_table_becomes_an_input_with_the_object_as_its_default():
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame({"x": [1]})
    captured = capture_cell("total = data.x.sum()", namespace={"data": data}, returns=["total"])
    assert captured.inputs == (Input(name="data", hint="pandas.DataFrame"),)
    assert captured.defaults["data"] is data


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        ("import numpy; v = numpy.ones(2)", "numpy.ndarray"),
        ("import pandas; v = pandas.Series([1])", "pandas.Series"),
        ("from sklearn.linear_model import Ridge; v = Ridge()", "sklearn.linear_model.Ridge"),
        ("import polars; v = polars.DataFrame({'a': [1]})", "polars.DataFrame"),
        ("from matplotlib.figure import Figure; v = Figure()", "matplotlib.figure.Figure"),
        ("from fractions import Fraction; v = Fraction(1, 2)", "fractions.Fraction"),
        ("v = list(range(1000))", "list"),
        ("class Own: pass\nv = Own()", "Own"),
    ],
)
def test_data_is_an_input_with_its_public_type(make, hint):
    namespace = notebook(make)
    captured = capture_cell("y = v", namespace=namespace, cells=[make])
    assert captured.inputs == (Input(name="v", hint=hint),)
    assert captured.defaults["v"] is namespace["v"]


@pytest.mark.parametrize(
    ("cell", "history", "line"),
    [
        ("y = np.ones(1)", "import numpy as np", "import numpy as np"),
        ("y = Ridge()", "from sklearn.linear_model import Ridge", "from sklearn.linear_model import Ridge"),
        ("y = R()", "from sklearn.linear_model import Ridge as R", "from sklearn.linear_model import Ridge as R"),
        ("y = sin(1)", "from numpy import sin", "from numpy import sin"),
        ("y = randint(1, 2)", "from random import randint", "from random import randint"),
        ("y = Optional", "from typing import Optional", "from typing import Optional"),
        ("y = p.join('a')", "import os.path as p", "import os.path as p"),
        ("y = ET", "from xml.etree import ElementTree as ET", "from xml.etree import ElementTree as ET"),
    ],
)
@pytest.mark.parametrize("remembered", [True, False], ids=["with history", "without"])
def test_what_was_imported_is_imported_again(cell, history, line, remembered):
    namespace = notebook(history)
    captured = capture_cell(cell, namespace=namespace, cells=[history] if remembered else [])
    again: dict = {}
    exec(captured.imports, again)
    name = line.split()[-1]
    assert again[name] is namespace[name]
    assert not remembered or captured.imports == line


def test_a_number_that_was_imported_is_imported_again():
    history = "from math import *"
    captured = capture_cell("y = pi", namespace=notebook(history), cells=[history])
    assert (captured.imports, captured.parameters) == ("from math import pi", ())


def test_source_is_found_without_history(tmp_path, monkeypatch):
    (tmp_path / "cell_1.py").write_text(
        "K = 2\ndef f(v):\n    # twice\n    return v * K\nclass A:\n    def m(self): return f(1)\n"
    )
    namespace = {"__name__": "__main__"}
    exec(compile((tmp_path / "cell_1.py").read_text(), str(tmp_path / "cell_1.py"), "exec"), namespace)
    captured = capture_cell("y = A().m()", namespace=namespace)
    assert "# twice" in captured.imports
    assert "class A:" in captured.imports


def test_the_definition_that_lives_wins_over_a_later_one_that_failed(tmp_path):
    (tmp_path / "cell_1.py").write_text("def f(): return 1\n")
    namespace = {"__name__": "__main__"}
    exec(compile((tmp_path / "cell_1.py").read_text(), str(tmp_path / "cell_1.py"), "exec"), namespace)
    captured = capture_cell("y = f()", namespace=namespace, cells=["def f(): return 1", "1 / 0\ndef f(): return 2"])
    assert captured.imports == "def f(): return 1"


def test_what_cannot_be_saved_is_made_anew_from_the_cell_that_made_it():
    history = ["import threading", "lock = threading.Lock()"]
    captured = capture_cell("with lock:\n    y = 1", namespace=notebook(*history), cells=history)
    assert captured.imports == "import threading\n\n\nlock = threading.Lock()"


def test_what_can_neither_be_saved_nor_made_anew_is_refused():
    with pytest.raises(CaptureError, match=r"'rows' \(generator\) can't be saved") as refused:
        capture_cell("y = 1 + 1\nz = list(rows)", namespace={"rows": (i for i in [1])})
    assert refused.value.line == 2


def test_earlier_cells_alone_are_enough_for_imports_and_functions():
    captured = capture_cell("y = f(np.ones(1))", cells=["import numpy as np\ndef f(v): return v"])
    assert captured.imports == "import numpy as np\n\n\ndef f(v): return v"


def test_a_secret_is_pointed_out():
    captured = capture_cell("y = API_KEY + token_count", namespace={"API_KEY": "s3cr3t", "token_count": "1"})
    assert [warning.split()[0] for warning in captured.warnings] == ["'API_KEY'"]


# --- what the author says ---


def test_a_named_input_need_not_be_in_the_notebook():
    captured = capture_cell("y = data.sum()", inputs=["data:pandas.DataFrame"])
    assert captured.inputs == (Input(name="data", hint="pandas.DataFrame"),)
    assert captured.defaults == {}


def test_a_plain_value_is_an_input_when_named_as_one():
    captured = capture_cell("y = path", namespace={"path": "store://p/data"}, inputs=["path"])
    assert captured.inputs == (Input(name="path", default="store://p/data"),)
    assert captured.defaults == {}  # an address is no data to save
    assert captured.parameters == ()


@pytest.mark.parametrize("line", ["data: 'pd.DataFrame'", "data: pd.DataFrame", "data: 'pandas.DataFrame' = None"])
def test_an_annotation_gives_an_input_its_hint(line):
    source = f"import pandas as pd\n{line}\nn = 2\ny = data.sum() * n"
    captured = capture_cell(source, inputs=["data"])
    assert captured.inputs == (Input(name="data", hint="pandas.DataFrame"),)
    assert captured.parameters_source == "n = 2"


def test_a_literal_is_the_default_of_an_input():
    captured = capture_cell("data = 'raw.csv'\ny = len(data)", inputs=["data"])
    assert captured.inputs == (Input(name="data", default="raw.csv"),)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("y", Return(key="y")),
        ("y:model", Return(key="y", kind="model")),
        (Return(key="y", kind="plot"), Return(key="y", kind="plot")),
    ],
)
def test_a_return_may_name_its_kind(given, read):
    assert capture_cell("y = 1 + 1", returns=[given]).returns == (read,)


@pytest.mark.parametrize(
    "source", ["for y in [1]: pass", "def y(): ...", "import os as y", "if 1 > 2:\n    y = 1", "y = !ls", "%%bash --out y\nls"]
)
def test_anything_that_binds_a_name_can_return_it(source):
    assert capture_cell(source, returns=["y"]).returns == (Return(key="y"),)


def test_an_input_changed_in_place_can_be_returned():
    assert capture_cell("data['a'] = 1", inputs=["data"], returns=["data"]).returns == (Return(key="data"),)


# --- refusals ---


@pytest.mark.parametrize(
    ("source", "options", "message", "line"),
    [
        ("y = modle.fit()", {"namespace": {"model": 1}}, r"Line 1: 'modle' isn't defined, .*\. Did you mean 'model'\?", 1),
        ("y = 1 + 1\nz = lenn(y)", {}, r"Line 2: 'lenn' isn't defined in the code\. Did you mean 'len'\?", 2),
        ("value = 1 + 1\nz = valu", {}, r"Did you mean 'value'\?", 2),
        ("\n\ny = nowhere", {}, "Line 3: 'nowhere'", 3),
        ("%%time\n\ny = nowhere", {}, "Line 3: 'nowhere'", 3),
        ("def f():\n    return nowhere", {}, "Line 2: 'nowhere'", 2),
        ("y = !ls \\\n  -l\nz = nowhere", {}, "Line 3: 'nowhere'", 3),
        ("x = x + 1", {}, "Line 1: 'x'", 1),
        ("x = 1 +", {}, r"Line 1: 'x = 1 \+' isn't valid Python \(invalid syntax\)", 1),
        ("\nx = 1\nreturn x", {}, r"Line 3: 'return x' isn't valid Python", 3),
        ("y = 'abc", {}, r"Line 1: .*unterminated string", 1),
        ("%time x\ny = = 2", {}, r"Line 2: 'y = = 2'", 2),
        ("y = 1\0", {}, "null bytes", 1),
        ("y = " + "(" * 300 + ")" * 300, {}, "…' isn't valid Python", 1),
        ("y = " + "-" * 200_000 + "1", {}, "cell", None),
        ("y = data", {"inputs": ["data", "dta"]}, r"Input 'dta' of 'cell': the cell never uses it\.", None),
        ("y = data", {"inputs": ["dta"], "namespace": {"data": 1}}, r"never uses it\. Did you mean 'data'\?", None),
        ("data = 1 + 1\ny = data", {"inputs": ["data"]}, "sets it before it reads it", None),
        ("acuracy = 1 + 1", {"returns": ["accuracy"]}, r"never assigns it\. Did you mean 'acuracy'\?", None),
        ("y = 1 + 1\ndel y", {"returns": ["y"]}, "never assigns it", None),
        ("y = 1 + 1", {"returns": ["y:modl"]}, r"'modl' isn't what 'y' can be kept as: .* Did you mean 'model'\?", None),
        ("y = 1 + 1", {"inputs": ["a b"]}, "'a b' can't name an input", None),
        ("y = 1 + 1", {"inputs": ["class"]}, "'class' can't name an input", None),
    ],
)
def test_what_cannot_be_is_refused_with_its_line_and_a_way_out(source, options, message, line):
    with pytest.raises(CaptureError, match=message) as refused:
        capture_cell(source, **options)
    assert line is None or refused.value.line == line


def test_a_helper_that_needs_a_name_nobody_has_is_refused_by_its_name():
    history = ["def helper(): return nowhere"]
    with pytest.raises(CaptureError, match="'nowhere', used by 'helper', isn't defined"):
        capture_cell("y = helper()", namespace=notebook(*history), cells=history)


def test_a_return_whose_key_would_be_a_word_of_python_gets_another_one():
    (kept,) = capture_cell("Class = 1 + 1", returns=["Class"]).returns
    assert (kept.key, kept.name) == ("data_class", "Class")


@pytest.mark.parametrize("key", ["../y", "a-b", "y" * 300, "", "class"])
def test_a_return_that_breaks_the_rule_for_names_is_refused(key):
    with pytest.raises(NameRuleError, match="can't name a return"):
        capture_cell("y = 1 + 1", returns=[key])


@pytest.mark.parametrize(
    ("variable", "key"), [("X_train", "x_train"), ("Y", "y"), ("R2", "r2"), ("Größe", "grosse"), ("_x", "x")]
)
def test_a_variable_that_cannot_be_a_key_is_kept_under_one_that_can(variable, key):
    captured = capture_cell(f"{variable} = 1 + 1", returns=[f"{variable}:result"])
    assert captured.returns == (Return(key=key, kind="result", variable=variable),)
    assert captured.returns[0].name == variable


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        (["X", "x"], "'X' and 'x' would both be kept as 'x': rename one"),
        (["x:model", "x:file"], "'x' is returned twice, as 'model' and 'file': keep one"),
        (["Z"], "Return 'Z' of 'cell': the cell never assigns it"),
    ],
)
def test_returns_that_cannot_be_told_apart_or_found_are_refused(returns, said):
    with pytest.raises(CaptureError, match=said):
        capture_cell("X = 1 + 1\nx = X + 1", returns=returns)


def test_a_return_that_is_named_twice_is_kept_once():
    assert capture_cell("y = 1 + 1", returns=["y", "y"]).returns == (Return(key="y"),)


def test_capturing_runs_nothing_and_changes_nothing():
    namespace = {"data": [1, 2], "f": print}
    before = dict(namespace)
    capture_cell("raise SystemExit\ndata.append(f(1))", namespace=namespace)
    assert namespace == before
    assert namespace["data"] == [1, 2]


@pytest.mark.parametrize(("name", "value"), [("list", [1]), ("input", "x"), ("exit", 1)])
def test_a_variable_that_hides_a_builtin_comes_along(name, value):
    assert capture_cell(f"y = {name}", namespace={name: value}).parameters == (Parameter(name=name, default=repr(value)),)


def test_the_names_of_this_python_are_known():
    known = [name for name in dir(builtins) if name.isidentifier() and name not in ("None", "True", "False")]
    assert capture_cell("\n".join(known), namespace=vars(builtins)).parameters == ()
    assert sys.version_info >= (3, 11)


def test_lines_keep_their_numbers_around_magics():
    tree = read_cell("a = !ls \\\n  x\n%time b\nc?\nd = 1").tree
    assert [statement.lineno for statement in tree.body] == [1, 3, 4, 5]


@pytest.mark.parametrize(
    "module",
    "_pydecimal argparse ast asyncio.base_events bdb configparser dataclasses doctest enum functools json.decoder "
    "logging mailbox pathlib pickle pydoc statistics subprocess tarfile tempfile threading typing unittest.mock zipfile".split(),
)
def test_a_module_of_the_standard_library_needs_nothing_from_outside(module):
    spec = importlib.util.find_spec(module)
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    found = gather(tree, {}, History())
    assert [need for need in found.missing if need.sure] == []


class Hostile:
    """An object whose every attribute is a trap."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def __reduce_ex__(self, protocol: object) -> str:
        raise RuntimeError("not this one")

    __eq__ = __bool__ = __len__ = __reduce_ex__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


def test_an_object_that_answers_nothing_is_refused_like_any_other():
    with pytest.raises(CaptureError, match=r"'thing' \(test_capture\.Hostile\) can't be saved for another kernel"):
        capture_cell("y = thing", namespace={"thing": Hostile()})
