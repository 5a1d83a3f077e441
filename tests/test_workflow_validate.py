"""A workflow that can't run is refused with all that is wrong, by step and line."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import WorkflowError
from jupyter_mlops.records import Function, Input, Parameter, Return
from jupyter_mlops.workflows.nouns import Workflow
from jupyter_mlops.workflows.spec import load
from jupyter_mlops.workflows.validate import check

FUNCTIONS = {
    "ingest": Function(
        name="ingest", version="1", parameters=(Parameter(name="source", hint="str"),), returns=(Return(key="data"),)
    ),
    "train": Function(
        name="train",
        version="1",
        parameters=(Parameter(name="depth", default="3", hint="int"),),
        inputs=(Input(name="data"),),
        returns=(Return(key="model"), Return(key="accuracy")),
    ),
    "free": Function(name="free", version="1"),
}
INNER = load('name: inner\nparams: {n: {type: int}}\nsteps: {a: {function: free}}\noutputs: {all: "${a.x}"}')


def flow(steps: str, more: str = "") -> Workflow:
    return load(
        f"name: w\nparams: {{depth: 3, word: hello}}\nsteps:\n  raw: {{function: ingest, params: {{source: a}}}}\n{steps}{more}"
    )


def problems(steps: str, more: str = "", **workflows: Workflow) -> list[str]:
    with pytest.raises(WorkflowError) as caught:
        check(flow(steps, more), FUNCTIONS, {"inner": INNER, **workflows})
    return caught.value.problems


@pytest.mark.parametrize(
    "steps",
    [
        "  t: {function: train, inputs: {data: '${raw.data}'}, params: {depth: '${params.depth}'}, when: raw.data and params.depth > 1}",
        "  t: {function: 'train@1', inputs: {data: path.csv}}",
        "  f: {function: free}\n  t: {function: train, inputs: {data: '${f.anything}'}}",
        "  t: {function: train, foreach: {data: '${raw.data}', depth: [1, 2]}}",
        "  t: {function: train, inputs: {data: x}, sweep: {grid: {depth: [1, 2]}}}",
        "  n: {workflow: inner, params: {n: 1}}\n  t: {function: train, inputs: {data: '${n.all}'}}",
        "  f: {function: free, after: [raw]}",
    ],
)
def test_a_workflow_that_fits_passes(steps):
    check(flow(steps), FUNCTIONS, {"inner": INNER})


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{function: trian}", "function: 'trian' is no Function of this project. Did you mean 'train'?"),
        ("{workflow: iner}", "workflow: 'iner' is no workflow of this project. Did you mean 'inner'?"),
        (
            "{function: train, params: {dept: 1}, inputs: {data: x}}",
            "params.dept: train has no parameter 'dept'. Did you mean 'depth'?",
        ),
        (
            "{function: train, params: {data: x}, inputs: {data: x}}",
            "params.data: 'data' is an input of train: give it under inputs",
        ),
        ("{function: train, inputs: {data: x, depth: 1}}", "inputs.depth: 'depth' is a parameter of train"),
        ("{function: train, inputs: {data: x, dta: y}}", "inputs.dta: train has no input 'dta'. Did you mean 'data'?"),
        ("{function: train}", "inputs.data: train needs the input 'data'"),
        ("{function: ingest}", "params.source: ingest needs the parameter 'source' (str)"),
        ("{function: train, inputs: {data: x}, params: {depth: deep}}", "'deep' (str) is given, but 'depth' takes int"),
        (
            "{function: train, inputs: {data: x}, params: {depth: '${params.word}'}}",
            "'hello' (str) is given, but 'depth' takes int",
        ),
        ("{function: train, inputs: {data: x}, foreach: {depth: [1, two]}}", "foreach.depth: 'two' (str) is given"),
        ("{function: train, inputs: {data: x}, foreach: {depth: 3}}", "foreach.depth: foreach goes through a list, not 3"),
        ("{function: train, inputs: {data: x}, foreach: {what: [3]}}", "foreach.what: train has no parameter or input 'what'"),
        (
            "{function: train, inputs: {data: x}, sweep: {grid: {dpth: [3]}}}",
            "sweep.dpth: train has no parameter or input 'dpth'",
        ),
        ("{function: train, inputs: {data: '${row.data}'}}", "${row.data} isn't there: no step 'row'. Did you mean 'raw'?"),
        ("{function: train, inputs: {data: '${raw.dta}'}}", "ingest gives no 'dta'. Did you mean 'data'?"),
        ("{function: train, inputs: {data: '${params.dep}'}}", "no parameter 'dep'. Did you mean 'depth'?"),
        ("{function: train, inputs: {data: '${run.state}'}}", "only on_exit may take it"),
        ("{function: free, after: [row]}", "after: 'row' is no step. Did you mean 'raw'?"),
        ("{function: free, when: row.data}", "when: ${row.data} isn't there"),
        ("{function: free, when: raw.dta}", "when: ${raw.dta} isn't there"),
        ("{function: free, when: params.dep}", "when: ${params.dep} isn't there"),
        ("{function: free, when: depth > 3}", "'depth' means nothing alone: write params.depth"),
        ("{function: free, when: __import__('os')}", "when: "),
        ("{function: free, after: [t]}", "steps wait for each other: t → t"),
        ("{workflow: inner}", "inner needs the parameter 'n' (int)"),
        ("{workflow: w}", "workflows call each other: w → w"),
    ],
)
def test_a_step_is_refused_with_line_and_field(step, said):
    (problem,) = problems(f"  t: {step}")
    assert problem.startswith("line 5, step 't'") and said in problem


def test_a_cycle_is_printed_as_a_path():
    (problem,) = problems(
        "  a: {function: free, after: [c]}\n  b: {function: free, after: [a]}\n  c: {function: free, when: b.x > 1}"
    )
    assert "a → b → c → a" in problem


def test_workflows_that_call_each_other_are_refused():
    other = load("name: other\nsteps: {a: {workflow: w}}")
    assert "w → other → w" in problems("  t: {workflow: other}", other=other)[0]


def test_a_workflow_without_outputs_gives_none():
    mute = load("name: mute\nsteps: {a: {function: free}}")
    assert "has no outputs" in problems("  m: {workflow: mute}\n  t: {function: train, inputs: {data: '${m.x}'}}", mute=mute)[0]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{function: free, when: params.depth}", "take when away"),
        ("{function: ingest, params: {source: '${raw.data}'}}", "may not be there at the end"),
        ("{function: ingest, params: {source: '${run.stat}'}}", "on_exit takes ${run.state}"),
        ("{function: nothing}", "is no Function"),
    ],
)
def test_the_exit_handler_takes_the_outcome_only(step, said):
    (problem,) = problems("", f"on_exit: {step}")
    assert said in problem


def test_the_exit_handler_may_take_the_state():
    check(flow("", "on_exit: {function: ingest, params: {source: '${run.state}'}}"), FUNCTIONS)


def test_a_default_that_does_not_fit_its_type_is_refused():
    with pytest.raises(WorkflowError, match=r"params.a: 'x' \(str\) isn't int"):
        check(load("name: w\nparams: {a: {default: x, type: int}}"), FUNCTIONS)


def test_the_project_may_give_a_parameter():
    check(load("name: w\nsteps: {a: {function: ingest}}"), FUNCTIONS, defaults={"source"})


def test_all_problems_come_at_once():
    assert len(problems("  a: {function: trian}\n  b: {function: train}\n  c: {function: free, when: zz}")) == 3


def test_a_chain_of_ten_thousand_steps_passes():
    steps = "".join(f"  s{i}: {{function: free, after: [s{i - 1}]}}\n" for i in range(1, 10_000))
    check(flow(f"  s0: {{function: free}}\n{steps}"), FUNCTIONS)
