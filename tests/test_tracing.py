"""A workflow's Python is executed apart, whatever it does there."""

from __future__ import annotations

import os

import pytest

from jupyter_mlops.errors import WorkflowError
from jupyter_mlops.execution.tracing import Tracer
from jupyter_mlops.records import Function, Parameter, Return
from jupyter_mlops.workflows.nouns import Ref

TRAIN = Function(
    name="train", version="1", parameters=(Parameter(name="n", default="1", hint="int"),), returns=(Return(key="m"),)
)


@pytest.fixture
def tracer():
    found = Tracer(patience=30)
    yield found
    found.close()


def traced(tracer, code, folder, **more):
    return tracer.trace(code, name="nightly", folder=folder, functions={"train": TRAIN}, workflows={}, **more)


def test_it_says_what_the_text_says(tracer, tmp_path):
    made = traced(tracer, "'Every night'\ndepth: int = 3  # of it\na = train(n=depth)\nb = train(n=a.m)", tmp_path)
    assert [step.name for step in made.steps] == ["a", "b"] and made.steps[1].params == {"n": Ref(step="a", output="m")}
    assert made.params[0].help == "of it" and made.description == "Every night"
    inner = tracer.trace("x = nightly(depth=2)", name="outer", folder=tmp_path, functions={}, workflows={"nightly": made})
    assert inner.steps[0].workflow == "nightly"


def test_problems_come_with_their_places(tracer, tmp_path):
    with pytest.raises(WorkflowError) as refused:
        traced(tracer, "a = train(n=1)\nb = trian(n=1)", tmp_path)
    assert [(each.line, each.text[:7]) for each in refused.value.found] == [(2, "'trian'")]


def test_a_text_that_never_ends_is_ended_and_the_next_is_read(tmp_path):
    tracer = Tracer(patience=1)
    with pytest.raises(WorkflowError, match="took more than 1 s"):
        traced(tracer, "while True: pass", tmp_path)
    tracer.patience = 30
    assert len(traced(tracer, "a = train()", tmp_path).steps) == 1
    tracer.close()


@pytest.mark.parametrize(
    "code", ["import os\nos._exit(3)", "import os\nos.close(1)\nos.kill(os.getpid(), 9)", "import sys\nsys.exit(3)"]
)
def test_a_text_that_ends_its_process_ends_not_ours(tracer, tmp_path, code):
    with pytest.raises(WorkflowError):
        traced(tracer, code, tmp_path)
    assert len(traced(tracer, "a = train()", tmp_path).steps) == 1


def test_what_a_text_prints_reads_and_changes_stays_there(tracer, tmp_path):
    here = os.getcwd()
    made = traced(tracer, "print('{}')\nimport os\nos.chdir('/')\nos.environ['X'] = '1'\na = train()", tmp_path)
    assert len(made.steps) == 1 and os.getcwd() == here and "X" not in os.environ
    traced(tracer, "open('mark', 'w').close()\na = train()", tmp_path)
    assert (tmp_path / "mark").exists(), "it runs in the project's folder, as a cell does"
