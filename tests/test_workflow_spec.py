"""workflows/NAME.yaml: what it means, and what is refused, by line, step and field."""

from __future__ import annotations

import datetime
from pathlib import Path, PurePosixPath

import pytest

from jupyter_mlops.errors import WorkflowError
from jupyter_mlops.records import Parameter
from jupyter_mlops.workflows.nouns import OnFailure, Param, Ref, Resources, Step, Workflow
from jupyter_mlops.workflows.spec import dump, load

WHOLE = """\
name: nightly
description: trains each night
params:
  depth: 3
  rate: {default: 0.5, type: float, help: how fast}
  source: {type: str}
steps:
  raw: {function: ingest, params: {source: "${params.source}"}}
  train:
    function: train@1a2b
    params: {rate: "${params.rate}"}
    inputs: {data: "${raw.data}"}
    after: [raw]
    when: raw.rows > 100
    foreach: {part: "${raw.parts}"}
    sweep: {grid: {depth: [1, 2]}, select: max:accuracy}
    retries: 2
    backoff: 1.5
    timeout: 10m
    cache: false
    resources: {cpu: 2, mem: 4G, gpu: 1}
    env: {LEVEL: "3"}
    on_failure: continue
  again: {workflow: weekly, params: {depth: "${params.depth}"}}
on_exit: {function: tell, params: {how: "${run.state}"}}
outputs: {model: "${train.model}"}
layout: {raw: [0, 10.5]}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(WorkflowError) as caught:
        load(text)
    return caught.value.problems


def step(fields: str) -> Step:
    return load(f"name: w\nsteps:\n  one: {{function: train, {fields}}}\n").steps[0]


def test_every_field_means_what_it_says():
    assert load(WHOLE) == Workflow(
        name="nightly",
        description="trains each night",
        params=(
            Parameter(name="depth", default="3"),
            Parameter(name="rate", default="0.5", hint="float", help="how fast"),
            Parameter(name="source", hint="str"),
        ),
        steps=(
            Step(name="raw", function="ingest", params={"source": Param(name="source")}),
            Step(
                name="train",
                function="train@1a2b",
                params={"rate": Param(name="rate")},
                inputs={"data": Ref(step="raw", output="data")},
                after=("raw",),
                when="raw.rows > 100",
                foreach={"part": Ref(step="raw", output="parts")},
                sweep={"grid": {"depth": [1, 2]}, "select": "max:accuracy"},
                retries=2,
                backoff=1.5,
                timeout=600.0,
                cache=False,
                resources=Resources(cpu=2.0, mem=4 * 2**30, gpu=1),
                env={"LEVEL": "3"},
                on_failure=OnFailure.CONTINUE,
            ),
            Step(name="again", workflow="weekly", params={"depth": Param(name="depth")}),
        ),
        on_exit=Step(name="on_exit", function="tell", params={"how": Ref(step="run", output="state")}),
        outputs={"model": Ref(step="train", output="model")},
        layout={"raw": (0.0, 10.5)},
    )


def test_a_step_knows_its_line():
    assert [step.line for step in load(WHOLE).steps] == [8, 9, 24]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("3", 3),
        ("1e3", 1000.0),
        ("0x1F", 31),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("'3'", "3"),
        ("-.inf", float("-inf")),
        ('!tuple [1, "${a.b}"]', (1, Ref(step="a", output="b"))),
        ("!set [2, 1]", {1, 2}),
        ('!date "2026-01-02"', datetime.date(2026, 1, 2)),
        ("!date 2026-01-02", datetime.date(2026, 1, 2)),
        ("!bytes AAE=", b"\0\1"),
        ("!dict [[1, a]]", {1: "a"}),
        ("'$${a.b}'", "${a.b}"),
        ("'$$${a.b}'", "$${a.b}"),
        ("'${HOME}/data'", "${HOME}/data"),
        ("'a ${b.c}'", "a ${b.c}"),
        ("'2026-01-02'", "2026-01-02"),
    ],
)
def test_a_value_means(written, value):
    found = step(f"params: {{x: {written}}}").params["x"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the text is empty"),
        ("name: w\nname: v", "line 2: 'name' is there already in line 1"),
        ("name: &n w", "line 1: '&n': anchors and aliases"),
        (
            "name: w\nparams: {a: 2026-01-02}",
            "line 2: 2026-01-02 is a date for some readers and text for others. Put it in quotes",
        ),
        ("name: w\nstep: {}", "line 2, step: 'step' isn't a field. Did you mean 'steps'?"),
        ("steps: {}", "line 1: `name:` is missing"),
        ("name: Nightly", "line 1: 'Nightly' can't name a workflow"),
        ("name: w\nsteps: [1]", "line 2, steps: a list should be a group of fields"),
        ("name: w\n---\nname: v", "line 2: a second document"),
        ("name: [w", "Correct the YAML"),
        ("- a", "line 1: a list should be a group of fields"),
        ("name: w\nparams: {<<: {a: 1}}", "line 2: merge keys"),
        ("name: w\nparams: {1: 2}", "line 2: '1' is a key, but not text"),
        ("name: w\nparams: {a: " + "[" * 5000, "line 2: the nesting is deeper"),
        ("name: w\nparams: {a: !what 1}", "line 2, params.a: the tag !what isn't known"),
        ("name: w\nparams: {a: !enum [os, x, y, ~]}", "an enum's member can't be in a workflow"),
        ("name: w\nparams: {a: !python/object:os.system x}", "isn't known"),
        ("name: w\nparams: {a: !date soon}", "!date can't be read from 'soon'"),
        ("name: w\nparams: {a: !dict [[[1], 2]]}", "a key of !dict is no key"),
        ("name: w\nparams: {a: .nan}", "nan isn't a literal"),
        ("name: w\nsteps:\n  params: {function: f}", "line 3, step 'params': 'params' can't name a step"),
        ("name: w\nsteps:\n  a: {}", "line 3, step 'a': a step calls one"),
        ("name: w\nsteps:\n  a: {function: f, workflow: g}", "line 3, step 'a': a step calls one"),
        ("name: w\nsteps:\n  a: f", "line 3, step 'a': the step says 'f'"),
        ("name: w\nsteps:\n  a: {function: f, params: {x: '${b}'}}", "line 3, step 'a', params.x: '${b}' isn't a reference"),
    ],
)
def test_a_text_is_refused_with_its_line(text, said):
    assert said in problems(text)[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("retires: 1", "retires: 'retires' isn't a field. Did you mean 'retries'?"),
        ("retries: -1", "retries: -1 should be a whole number, 0 or more"),
        ("retries: true", "retries: True should be a whole number"),
        ("timeout: soon", "timeout: 'soon' isn't a duration"),
        ("cache: no", "should be true or false"),
        ("resources: {mem: lots}", "resources.mem: 'lots' isn't a size"),
        ("resources: {cpus: 1}", "resources.cpus: 'cpus' isn't a field. Did you mean 'cpu'?"),
        ("env: {A: 1}", "env.A: 1 should be text (put it in quotes)"),
        ("on_failure: halt", "should be stop or continue"),
        ("when: 3", "when: 3 should be text"),
        ("params: [1]", "params: a list should be a group of fields"),
        ("params: {a-b: 1}", "'a-b' can't be given"),
    ],
)
def test_a_step_is_refused_with_the_field(fields, said):
    (problem,) = problems(f"name: w\nsteps:\n  one: {{function: train, {fields}}}\n")
    assert problem.startswith("line 3, step 'one', ") and said in problem


def test_all_problems_are_told_at_once():
    assert len(problems("name: W\nstps: 1\nparams: {a: .inf}\nsteps: {one: {function: F}}")) == 4


def test_a_path_keeps_its_kind():
    assert step('params: {x: !PurePosixPath "a/b"}').params["x"] == PurePosixPath("a/b")


# --- writing ---


def test_what_was_read_is_written_the_same():
    workflow = load(WHOLE)
    assert load(dump(workflow)) == workflow


def test_writing_is_canonical():
    text = dump(load(WHOLE))
    assert dump(load(text)) == text


def test_only_what_is_not_by_default_is_written():
    assert (
        dump(Workflow(name="w", steps=(Step(name="one", function="train"),))) == "name: w\nsteps:\n  one:\n    function: train\n"
    )


def test_the_example_of_the_docs_is_kept_as_it_stands():
    page = (Path(__file__).parents[1] / "docs" / "workflows.md").read_text(encoding="utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    assert dump(load(text), text) == text


COMMENTED = """\
# the nightly job
name: nightly
steps:
  # first the data
  raw:
    function: ingest   # from the bucket
    timeout: 10m

  # then the model
  train: {function: train, params: {depth: 3}}
  test:
    function: test
"""


def changed(text: str, **steps: Step) -> str:
    workflow = load(text)
    kept = {**{one.name: one for one in workflow.steps}, **steps}
    return dump(Workflow(name=workflow.name, steps=tuple(kept.values())), text)


def test_an_unchanged_workflow_keeps_its_text():
    assert dump(load(COMMENTED), COMMENTED) == COMMENTED


def test_a_changed_value_changes_nothing_else():
    text = changed(COMMENTED, train=Step(name="train", function="train", params={"depth": 4}))
    assert text == COMMENTED.replace("depth: 3", "depth: 4")


def test_a_new_step_leaves_the_comments():
    text = changed(COMMENTED, tell=Step(name="tell", function="tell", params={"how": "loud"}))
    assert text == COMMENTED + "  tell:\n    function: tell\n    params: {how: loud}\n"


def test_a_step_that_goes_leaves_the_others_comments():
    workflow = load(COMMENTED)
    text = dump(Workflow(name="nightly", steps=workflow.steps[1:]), COMMENTED)
    assert "# then the model" in text and "ingest" not in text
    assert load(text).steps == workflow.steps[1:]


def test_the_earlier_order_of_steps_stays():
    workflow = load(COMMENTED)
    assert dump(Workflow(name="nightly", steps=workflow.steps[::-1]), COMMENTED) == COMMENTED


def test_an_unreadable_text_before_is_written_anew():
    workflow = load(COMMENTED)
    assert dump(workflow, "name: [") == dump(workflow)
