"""Plain Python becomes a workflow: calls are steps, outputs are edges, and mistakes are told with line and step."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.errors import NameRuleError, WorkflowError
from jupyter_mlops.records import Function, Input, Parameter, Return
from jupyter_mlops.workflows.nouns import OnFailure, Param, Ref, Resources, Step, Workflow
from jupyter_mlops.workflows.trace import trace, trace_callable, workflow


def function(name: str, params: str = "", inputs: str = "", returns: str = "") -> Function:
    return Function(
        name=name,
        version="1",
        parameters=tuple(Parameter(name=key, default="1") for key in params.split()),
        inputs=tuple(Input(name=key) for key in inputs.split()),
        returns=tuple(Return(key=key) for key in returns.split()),
    )


FUNCTIONS = {
    one.name: one
    for one in [
        function("ingest", "source", "", "data parts"),
        function("train", "depth", "data part", "model accuracy"),
        function("awkward", "when cache", "", "after"),
        function("evaluate", "", "models data"),
        function("free"),
        function("tell", "state"),
    ]
}
WEEKLY = Workflow(name="weekly", params=(Parameter(name="n", default="1"),), outputs={"best": Ref(step="a", output="b")})


def traced(code: str) -> Workflow:
    return trace(code, name="nightly", functions=FUNCTIONS, workflows={"weekly": WEEKLY})


def steps(code: str) -> list[Step]:
    return list(traced(code).steps)


def names(code: str) -> list[str]:
    return [step.name for step in steps(code)]


def refused(code: str) -> str:
    with pytest.raises(WorkflowError) as caught:
        traced(code)
    return str(caught.value)


# --- steps and edges ---


def test_a_call_makes_a_step_and_an_output_an_edge():
    raw, best = steps("raw = ingest(source='a')\nbest = train(data=raw.data, depth=3)")
    assert raw == Step(name="raw", function="ingest", params={"source": "a"})
    assert best == Step(name="best", function="train", params={"depth": 3}, inputs={"data": Ref(step="raw", output="data")})
    assert best.line == 2


def test_leading_literal_assignments_are_the_parameters():
    flow = traced('"""All of it."""\ndepth: int = 1_000  # how deep\nsource: str\nt = train(depth=depth)')
    assert flow.description == "All of it."
    assert flow.params == (
        Parameter(name="depth", default="1000", hint="int", help="how deep"),
        Parameter(name="source", hint="str"),
    )
    assert flow.steps[0].params == {"depth": Param(name="depth")}


def test_an_assignment_after_a_step_is_ordinary_python():
    flow = traced("t = ingest()\ndepth = 3\nu = train(depth=depth + 1)")
    assert flow.params == () and flow.steps[1].params == {"depth": 4}


def test_a_leading_name_with_an_underscore_is_ordinary_python():
    flow = traced("_depths = (2, 4)\nsource = 'a'\nbest = [train(depth=d) for d in _depths]")
    assert [parameter.name for parameter in flow.params] == ["source"]
    assert [step.params["depth"] for step in flow.steps] == [2, 4]


def test_imports_and_helpers_of_the_cell_work():
    code = "import math\ndef pair(d):\n    return train(depth=math.floor(d)), train(depth=d + 1)\na, b = pair(1)"
    assert [step.params["depth"] for step in steps(code)] == [1, 2]


def test_outputs_inside_lists_and_dicts_are_edges():
    code = "a = ingest()\nb = ingest()\nevaluate(models=[a.data, {'b': (b.data,)}])"
    assert steps(code)[2].inputs == {"models": [Ref(step="a", output="data"), {"b": (Ref(step="b", output="data"),)}]}


def test_after_orders_without_data():
    assert steps("a = free()\nb = free().after(a)")[1].after == ("a",)
    assert steps("a = free()\nb = free()\nc = free(after=[a, b])")[2].after == ("a", "b")
    assert steps("a = free()\nb = free()\nb.after(a)")[1].after == ("a",)


def test_each_is_a_fan_out():
    step = steps("s = ingest()\nt = train(part=each(s.parts), depth=each([1, 2]))")[1]
    assert step.foreach == {"part": Ref(step="s", output="parts"), "depth": [1, 2]}
    assert step == steps("s = ingest()\nt = train(foreach={'part': s.parts, 'depth': [1, 2]})")[1]


def test_every_option_is_taken():
    code = (
        "t = train(data='x', when='params.a > 1', retries=2, backoff=0.5, timeout='10m', cache=False, resources={'cpu': 2, 'mem': '4G'},"
        " env={'A': 'b'}, on_failure='continue', sweep={'grid': {'depth': [1]}})"
    )
    assert steps(code)[0] == Step(
        name="t",
        function="train",
        inputs={"data": "x"},
        when="params.a > 1",
        retries=2,
        backoff=0.5,
        timeout=600.0,
        cache=False,
        resources=Resources(cpu=2.0, mem=4 * 2**30),
        env={"A": "b"},
        on_failure=OnFailure.CONTINUE,
        sweep={"grid": {"depth": [1]}},
    )


def test_a_functions_own_parameter_comes_before_an_option():
    step = steps("a = awkward(when='now', cache=3).options(when='params.x', cache=False)")[0]
    assert (step.params, step.when, step.cache) == ({"when": "now", "cache": 3}, "params.x", False)


def test_an_output_named_like_a_method_is_taken_by_item():
    assert steps("a = awkward()\nb = train(data=a['after'])")[1].inputs == {"data": Ref(step="a", output="after")}


def test_another_workflow_is_called_like_a_function():
    weekly, _ = steps("w = weekly(n=3)\nt = train(data=w.best)")
    assert weekly == Step(name="w", workflow="weekly", params={"n": 3})


def test_the_exit_handler_gets_the_outcome():
    flow = traced("free()\non_exit(tell, state=run.state)")
    assert flow.on_exit == Step(name="on_exit", function="tell", params={"state": Ref(step="run", output="state")})
    assert [step.name for step in flow.steps] == ["free"]


def test_outputs_and_layout_are_kept():
    flow = traced("t = train()\noutputs(model=t.model)\nlayout(t=(1, 2.5))")
    assert (flow.outputs, flow.layout) == ({"model": Ref(step="t", output="model")}, {"t": (1.0, 2.5)})


def test_a_step_in_full_says_all():
    step = steps("t = step('best', 'train@1a2b', params={'depth': each([1])}, inputs={'data': 'x'}, retries=1)")[0]
    assert step == Step(name="best", function="train@1a2b", inputs={"data": "x"}, foreach={"depth": [1]}, retries=1)


# --- names ---


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("train()", ["train"]),
        ("t = train()", ["t"]),
        ("train()\ntrain()", ["train_1", "train_2"]),
        ("best = [train(depth=d) for d in (2, 4, 8)]", ["best_1", "best_2", "best_3"]),
        ("best = [train(depth=d) for d in (2,)]", ["best"]),
        ("for d in (2, 4):\n    t = train(depth=d)", ["t_1", "t_2"]),
        ("t = train()\nt = free()", ["t_1", "t_2"]),
        ("a, b = train(), free()", ["a", "b"]),
        ("m = {}\nfor d in (1, 2):\n    m[d] = train(depth=d)", ["m_1", "m_2"]),
        ("m = {d: train(depth=d) for d in (1, 2)}", ["m_1", "m_2"]),
        ("m = list(train(depth=d) for d in (1, 2))", ["m_1", "m_2"]),
        ("m = []\nfor d in (1, 2):\n    m.append(train(depth=d))", ["train_1", "train_2"]),
        ("m = []\nm += [train()]", ["m"]),
        ("e = evaluate(models=train().model)", ["train", "e"]),
        ("a: object = free()", ["a"]),
        ("(a := free())", ["a"]),
        ("_ = free()", ["free"]),
        ("a = free().options(retries=1).after()", ["a"]),
        ("a = free(\n    retries=1,\n)", ["a"]),
        ("a = free(name='b')", ["b"]),
        ("train = train()\nother = train()", ["train", "other"]),
        ("é = 1\nx = 'é'; a = free()", ["a"]),
        ("def f():\n    inner = free()\n    return inner\nouter = f()", ["inner"]),
    ],
)
def test_a_step_is_named_by_its_variable_else_by_its_function(code, expected):
    assert names(code) == expected


def test_edges_follow_the_numbered_names():
    code = "best = [train(depth=d) for d in (2, 4)]\nevaluate(models=[t.model for t in best])"
    assert steps(code)[2].inputs == {"models": [Ref(step="best_1", output="model"), Ref(step="best_2", output="model")]}


@pytest.mark.parametrize(
    "code", ["m = []\nm.append(free())", "m = {}\nm['a'] = free()", "m = 1\nm = free()", "m = []\nm += [free()]"]
)
def test_a_variable_that_is_filled_later_is_no_parameter(code):
    flow = traced(code)
    assert flow.params == () and len(flow.steps) == 1


def test_a_name_in_a_comprehension_or_function_leaves_the_parameter():
    flow = traced("d = 3\nfree()\ndef f(d):\n    d = 4\n    return d\nx = [train(depth=d) for d in (f(1),)]\ntrain(depth=d)")
    assert [parameter.name for parameter in flow.params] == ["d"]
    assert [step.params for step in flow.steps] == [{}, {"depth": 4}, {"depth": Param(name="d")}]


def test_the_example_of_the_docs_makes_its_steps():
    page = (Path(__file__).parents[1] / "docs" / "workflows.md").read_text(encoding="utf-8")
    code = page.partition("%%mlworkflow nightly\n")[2].partition("```")[0]
    known = [
        function("ingest", "source", "", "data"),
        function("prepare", "", "data", "train test"),
        function("train", "max_depth", "data", "model"),
        function("evaluate", "", "models data"),
    ]
    flow = trace(code, name="nightly", functions={one.name: one for one in known})
    assert [step.name for step in flow.steps] == ["raw", "clean", "best_1", "best_2", "best_3", "evaluate"]
    assert (flow.description, [one.name for one in flow.params]) == ("Trains each night.", ["source"])


# --- refused ---


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "\nx = ingst()",
            "line 2: 'ingst' is no Function of this project, and this code doesn't set it; it doesn't see the notebook's variables. "
            "Did you mean 'ingest'?",
        ),
        ("a = ingest()\nb = train(data=a.dta)", "line 2, step 'a': step 'a' gives no 'dta'. Did you mean 'data'?"),
        ("a = ingest('x')", "line 1, step 'ingest': ingest takes values by name"),
        (
            "a = ingest(sorce='x')",
            "line 1, step 'ingest': 'sorce' is neither a parameter or input of ingest nor an option. Did you mean 'source'?",
        ),
        ("a = ingest(retries=-1)", "line 1, step 'a', retries: -1 should be a whole number"),
        ("a = ingest(timeout='soon')", "line 1, step 'a', timeout: 'soon' isn't a duration"),
        ("a = ingest(on_failure='stopp')", "Did you mean 'stop'?"),
        ("a = ingest().options(retires=1)", "'retires' isn't an option. Did you mean 'retries'?"),
        ("a = ingest(foreach=[1])", "foreach= takes names with values"),
        ("a = ingest(after=3)", "a step comes after steps, not 3"),
        ("p = 3\nt = train(depth=p + 1)", "line 2: params.p has no value while the workflow is defined"),
        ("p = 3\nif p > 2:\n    free()", "when="),
        ("p = 3\nif p == 2:\n    free()", "when="),
        ("p = 3\nif p:\n    free()", "when="),
        ("p = [1, 2]\nfor x in p:\n    free()", "each("),
        ("a = ingest()\nfor part in a.parts:\n    free()", "line 2: a.parts has no value while the workflow is defined"),
        ("p = 'a'\nt = ingest(source=p.upper())", "line 2: params.p has no value"),
        ("p = 3\nt = ingest(source=f'{p}.csv')", "it can't become text"),
        ("a = ingest()\nb = train(data=a.data[0])", "Python can't take a part of it"),
        ("a = ingest()\nb = train(data=a.data.columns)", "'columns' can't be taken of it"),
        ("a = ingest()\nb = train(data=a)", "line 2, step 'b', data: step 'a' is given as a whole: name what is meant, a.data"),
        ("b = train(data=ingest)", "call the Function"),
        ("b = train(data=[each([1])])", "each(…) stands alone"),
        ("b = train(depth=print)", "line 1, step 'b', depth: "),
        ("a = free()\na()", "line 2: step 'a' can't be called"),
        ("free()\nawait free()", "line 2: 'await' outside function"),
        ("free()\n%pip install x", "line 2: magics and shell commands are no part"),
        ("free()\nlayout(free=3)", "line 2, step 'free': a place is (x, y), not 3"),
        ("description(3)", "a description is text, not 3"),
        ("1 / 0", "line 1: ZeroDivisionError: division by zero"),
        ("free()\nexit()", "line 2: "),
        ("raise SystemExit", "line 1: SystemExit"),
        ("a = (", "isn't valid Python"),
        ("Model = free()", "line 1: 'Model' can't name a step"),
        ("run = free()", "'run' can't name a step"),
        ("a = free(name='x')\nx = free()", "line 2, step 'x': step 'x' is there already, in line 1"),
        ("best_1 = free()\nbest = [free(), free()]", "step 'best_1' is there already"),
        ("free(cache=run.state)", "cache: run.state should be true or false"),
        ("on_exit(tell, state=run.stat)", "run has no 'stat'. Did you mean 'state'?"),
        ("while True:\n    free()", "makes more than 100,000 steps"),
    ],
)
def test_a_mistake_is_told_with_its_place(code, said):
    assert said in refused(code)


def test_a_name_that_breaks_the_rule_is_refused():
    with pytest.raises(NameRuleError):
        trace("", name="Nightly", functions={})


def test_an_empty_cell_has_no_steps():
    assert traced("") == Workflow(name="nightly")


def test_a_cell_of_ten_thousand_steps_is_traced():
    assert len(steps("a = [free() for i in range(10_000)]")) == 10_000


# --- Python functions ---


@workflow
def monthly(source: str = "a.csv", depths: tuple = (1, 2), *, n: int | None = None):
    """Each month."""
    raw = ingest(source=source)  # noqa: F821
    best = [train(data=raw.data, depth=d) for d in _DEPTHS]  # noqa: F821
    return {"model": best[0].model}


_DEPTHS = (2, 4)


def test_a_decorated_function_is_a_workflow():
    flow = monthly.define(FUNCTIONS)
    assert (flow.name, flow.description) == ("monthly", "Each month.")
    assert flow.params == (
        Parameter(name="source", default="'a.csv'", hint="str"),
        Parameter(name="depths", default="(1, 2)", hint="tuple"),
        Parameter(name="n", default="None", hint="int | None"),
    )
    assert [step.name for step in flow.steps] == ["raw", "best_1", "best_2"]
    assert flow.steps[0].params == {"source": Param(name="source")}
    assert flow.outputs == {"model": Ref(step="best_1", output="model")}


def test_a_decorated_function_is_traced_as_it_is_and_not_called():
    assert trace_callable(monthly, FUNCTIONS) == monthly.define(FUNCTIONS)
    with pytest.raises(WorkflowError, match="monthly is a workflow, so it isn't called"):
        monthly()


def test_a_function_inside_another_is_a_workflow():
    def inner():
        first = free()  # noqa: F821
        free(after=first)  # noqa: F821

    assert [step.name for step in trace_callable(inner, FUNCTIONS).steps] == ["first", "free"]


def test_a_default_that_is_no_literal_is_refused():
    def inner(a=frozenset({1})):
        """Nothing."""

    with pytest.raises(WorkflowError, match="the default of 'a' isn't a literal"):
        trace_callable(inner, FUNCTIONS)


def test_a_decorated_workflow_may_have_another_name():
    @workflow(name="other")
    def inner(): ...

    assert inner.define({}) == Workflow(name="other")
