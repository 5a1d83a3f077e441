"""Tab on the lines of workflows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import jupyter_mlops as mlops
from jupyter_mlops.hosts.completion import complete


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    """Complete a line, in a project with a Function and a workflow."""
    project = mlops.open_project(tmp_path_factory.mktemp("tab") / "flows", create=True)
    project.define("shout", "word: str = ''\nloud = word.upper()", returns=["loud"])
    project.define_workflow("greet", "word = 'hi'\ntimes = 1\nfirst = shout(word=word)\nsecond = shout(word=first.loud)")
    session = SimpleNamespace(known=lambda: project, shell=SimpleNamespace(user_ns={}))
    return lambda line: complete(session, line, line.split(" ")[-1])


def test_a_run_is_of_a_function_or_a_workflow(tab):
    assert tab("%mlrun ") == ["shout", "greet"]


def test_only_workflows_are_shown_as_workflows(tab):
    assert tab("%mlworkflow ") == ["greet"]
    assert tab("%mlfunction ") == ["shout"]


def test_parameters_of_a_workflow_are_offered_until_they_are_given(tab):
    assert tab("run = %mlrun greet word=x ") == ["times="]
    assert tab("%mlworkflow greet --explain ") == ["word=", "times="]


@pytest.mark.parametrize("option", ["--from", "--only", "--until"])
def test_steps_follow_the_options_that_take_them(tab, option):
    assert tab(f"%mlrun greet {option} ") == ["first", "second"]
    assert tab(f"%mlrun greet {option} s") == ["second"]


def test_a_function_has_no_steps(tab):
    assert tab("%mlrun shout --from ") == []


def test_options_of_sweeps_are_offered(tab):
    assert tab("%mlrun shout --gr") == ["--grid"]
    assert tab("%mlrun shout --select ") == []
