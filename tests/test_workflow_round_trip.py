"""Python, YAML and the records are three forms of the same workflow: any of them gives the others back."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import PurePosixPath

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlops import values
from jupyter_mlops.records import Function, Input, Parameter, Return
from jupyter_mlops.workflows.nouns import OnFailure, Param, Ref, Resources, Step, Workflow
from jupyter_mlops.workflows.python import to_python
from jupyter_mlops.workflows.spec import dump, load
from jupyter_mlops.workflows.trace import trace

# the machine may be busy: time is no judge of what is right
PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
ODD = [
    "",
    "${a.b}",
    "$${a.b}",
    "${HOME}",
    "${",
    "yes",
    "1e3",
    "0o7",
    "2026-01-02",
    "~",
    "null",
    "- a",
    "a: b",
    "# c",
    "'",
    '"',
    "\n",
    "\u2028",
]
KEYS = ["x", "env", "when", "name", "float", "each", "after", "value_2"]
NAMES = [
    "train",
    "clean",
    "best_1",
    "each",
    "step",
    "float",
    "for_",
    "outputs",
    "depth",
    "print",
    "t",
    "plan",
    "name",
    "layout",
    "end_",
]
FUNCTIONS = {
    name: Function(
        name=name,
        version="1",
        parameters=tuple(Parameter(name=key, default="1") for key in KEYS),
        inputs=(Input(name="data", default="x"), Input(name="models", default="x")),
        returns=(Return(key="model"), Return(key="after"), Return(key="lambda_")),
    )
    for name in ["train", "clean", "each", "float", "depth", "print", "for_"]
}

texts = st.one_of(st.text(max_size=20), st.sampled_from(ODD), st.text(alphabet="${}ab.\n #:-'\"", max_size=12))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**60, max_value=2**200),
    st.floats(allow_nan=False),
    texts,
    st.binary(max_size=8),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.just(PurePosixPath("a/b")),
    st.frozensets(st.integers(), max_size=3),
    st.sets(texts, max_size=3),
    st.complex_numbers(allow_nan=False),
    st.just("\ud800"),
)


def nested(inner):
    return st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(texts, inner, max_size=3),
        st.dictionaries(st.integers(), inner, max_size=2),
    )


literals = st.recursive(leaves, nested, max_leaves=6)
defaults = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(-1e9, 1e9), texts, st.binary(max_size=4)), nested, max_leaves=4
)
hints = st.sampled_from([None, "int", "int | None", "list[int]", "(int)", "not a hint", "'str'", "Literal['a']"])
helps = st.sampled_from(["", "how deep", "a # b", "it's"])
seconds = st.one_of(st.integers(1, 10**6).map(float), st.floats(0.001, 1e6))


@st.composite
def workflows(draw):
    params = draw(st.lists(st.sampled_from(["depth", "train", "each", "float", "n", "best_1"]), unique=True, max_size=3))
    steps: list[Step] = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=6)):
        steps.append(draw(a_step(name, params, [step.name for step in steps])))
    order = draw(st.permutations(steps)) if draw(st.booleans()) else steps
    inner = references(params, [step.name for step in steps])
    return Workflow(
        name="nightly",
        description=draw(texts),
        params=tuple(draw(a_parameter(name)) for name in params),
        steps=tuple(order),
        on_exit=draw(st.none() | an_exit(params)),
        outputs=draw(st.dictionaries(st.sampled_from(["model", "lambda", "all"]), inner, max_size=2)),
        layout=draw(
            st.dictionaries(
                st.sampled_from([*NAMES, "x"]), st.tuples(st.integers(0, 900).map(float), st.floats(-1e3, 1e3)), max_size=2
            )
        ),
    )


@st.composite
def a_parameter(draw, name):
    default = None if draw(st.integers(0, 4)) == 0 else values.source(draw(defaults))
    hint = draw(hints)
    return Parameter(name=name, default=default, hint=hint or ("Any" if default is None else None), help=draw(helps))


def references(params, steps):
    """Values with references among them."""
    known = [st.sampled_from(params).map(lambda name: Param(name=name))] if params else []
    if steps:
        known.append(
            st.builds(
                lambda step, output: Ref(step=step, output=output), st.sampled_from(steps), st.sampled_from(["model", "after"])
            )
        )
    return st.recursive(st.one_of(leaves, *known), nested, max_leaves=4)


@st.composite
def a_step(draw, name, params, before):
    value = references(params, before)
    function = draw(st.sampled_from([*FUNCTIONS, "train@1a2b", "clean:best"]))
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=4))
    split = draw(st.integers(0, len(keys)))
    sweep = {"grid": {"x": draw(st.lists(leaves, max_size=2))}, "select": "max:accuracy"}
    nested_flow = draw(st.integers(0, 6)) == 0
    return Step(
        name=name,
        function=None if nested_flow else function,
        workflow="weekly" if nested_flow else None,
        params={key: draw(value) for key in keys[:split]},
        inputs={}
        if nested_flow
        else {key: draw(value) for key in draw(st.sets(st.sampled_from(["data", "models"])).map(sorted))},
        after=tuple(draw(st.lists(st.sampled_from(before), unique=True, max_size=2))) if before else (),
        when=draw(st.sampled_from([None, "params.n > 1", "a.b == 'x'"]) | texts),
        foreach={key: draw(value) for key in keys[split:]},
        sweep=draw(st.sampled_from([None, None, sweep])),
        retries=draw(st.none() | st.integers(0, 5)),
        backoff=draw(st.none() | seconds),
        timeout=draw(st.none() | seconds),
        cache=draw(st.booleans()),
        resources=draw(
            st.builds(
                Resources,
                cpu=st.sampled_from([1.0, 0.5, 2.0]),
                mem=st.sampled_from([0, 1, 2**20, 3 * 2**30]),
                gpu=st.integers(0, 2),
            )
        ),
        env=draw(st.dictionaries(st.sampled_from(["A", "B C", "for"]), texts.filter(values.text), max_size=2)),
        on_failure=draw(st.sampled_from(OnFailure)),
    )


@st.composite
def an_exit(draw, params):
    step = draw(a_step("on_exit", params, []))
    return Step(
        name="on_exit",
        function=step.function or "train",
        params={**step.params, "x": Ref(step="run", output="state")},
        env=step.env,
    )


def python(workflow: Workflow) -> Workflow:
    return trace(to_python(workflow, FUNCTIONS), name=workflow.name, functions=FUNCTIONS)


@settings(max_examples=60, **PATIENT)
@given(workflows())
def test_yaml_says_the_same_workflow(workflow):
    text = dump(workflow)
    assert load(text) == workflow
    assert dump(load(text)) == text


@settings(max_examples=60, **PATIENT)
@given(workflows())
def test_python_says_the_same_workflow(workflow):
    traced = python(workflow)
    assert {step.name: step for step in traced.steps} == {step.name: step for step in workflow.steps}
    assert Workflow(**{**vars(traced), "steps": workflow.steps}) == workflow


@settings(max_examples=40, **PATIENT)
@given(workflows())
def test_python_to_yaml_to_python_to_yaml_is_identical(workflow):
    code = to_python(workflow, FUNCTIONS)
    text = dump(trace(code, name="nightly", functions=FUNCTIONS))
    again = to_python(load(text), FUNCTIONS)
    assert again == to_python(trace(code, name="nightly", functions=FUNCTIONS), FUNCTIONS)
    assert dump(trace(again, name="nightly", functions=FUNCTIONS)) == text


@settings(max_examples=30, **PATIENT)
@given(workflows(), workflows())
def test_editing_a_text_says_the_new_workflow(before, after):
    edited = load(dump(after, dump(before)))
    assert {step.name: step for step in edited.steps} == {step.name: step for step in after.steps}
    assert edited.description == after.description and edited.outputs == after.outputs


def test_options_stand_apart_when_the_functions_are_not_known():
    workflow = Workflow(
        name="nightly", steps=(Step(name="t", function="train", params={"x": 1}, when="params.n", env={"A": "1"}),)
    )
    assert to_python(workflow) == "t = train(x=1).options(when='params.n', env={'A': '1'})\n"
    assert trace(to_python(workflow), name="nightly", functions=FUNCTIONS) == workflow


def test_a_step_named_like_a_parameter_keeps_its_name():
    workflow = Workflow(
        name="nightly", params=(Parameter(name="train", default="1"),), steps=(Step(name="train", function="clean"),)
    )
    assert to_python(workflow, FUNCTIONS) == "train = 1\n\ntrain_ = clean().options(name='train')\n"
    assert python(workflow) == workflow


def test_values_keep_their_type():
    given_values = {
        "x": (1, 2.0),
        "when": {1, 2},
        "env": Decimal("1.50"),
        "name": datetime.date(2026, 1, 2),
        "float": float("inf"),
    }
    workflow = Workflow(name="nightly", steps=(Step(name="t", function="train", params=given_values),))
    for found in (load(dump(workflow)), python(workflow)):
        kept = found.steps[0].params
        assert {key: (type(value), value) for key, value in kept.items()} == {
            key: (type(value), value) for key, value in given_values.items()
        }
