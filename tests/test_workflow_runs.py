"""Workflows for real: steps in kernels, in parallel, cached, explained, failing, resumed, swept."""

from __future__ import annotations

import time

import pandas as pd
import pytest

import jupyter_mlops as mlops
from jupyter_mlops.errors import NameRuleError, ParameterError, RunFailedError, WorkflowError, WorkflowNotFoundError
from jupyter_mlops.execution import provenance, stepfacts

CODE = """
top = 3
raw = ingest(rows=top)
good = [score(data=raw.data, power=p) for p in (1, 2)]
total = collect(parts=[g.value for g in good])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = mlops.open_project(tmp_path_factory.mktemp("flows") / "flows", create=True)
    project.define(
        "ingest", "import pandas as pd\nrows: int = 3\ndata = pd.DataFrame({'x': range(rows)})\nn = rows", returns=["data", "n"]
    )
    project.define("score", "power: int = 1\nvalue = int((data['x'] ** power).sum())", inputs=["data"], returns=["value"])
    project.define("collect", "total = sum(parts)", inputs=["parts"], returns=["total"])
    project.define("shout", "word: str = ''\nloud = word.upper()", returns=["loud"])
    project.define("fail", "on: bool = True\nif on:\n    raise ValueError('broken pump')\nok = 1", returns=["ok"])
    project.define("split", "n: int = 3\nparts = list(range(n))", returns=["parts:result"])
    project.define("square", "part: int = 0\nsquared = part * part", returns=["squared"])
    yield project
    project.stop_worker()


def states(run):
    return {name: str(step.state) for name, step in run.steps.items()}


def test_steps_pass_data_and_values_along(project):
    project.define_workflow("pass_along", code=CODE)
    run = project.run("pass_along")
    assert run.state == "completed"
    assert run.steps["total"].results == {"total": 3 + 5}
    assert states(run) == {"raw": "completed", "good_1": "completed", "good_2": "completed", "total": "completed"}
    assert {child.parent for child in run.children} == {run.id}


def test_a_second_run_is_cached_and_says_from_which_run(project):
    project.define_workflow("again", code=CODE)
    first, second = project.run("again"), project.run("again")
    assert set(states(second).values()) == {"cached"}
    assert second.steps["total"].results == {"total": 8}
    assert second.steps["total"].reason.startswith("as in ")
    assert first.state == second.state == "completed"
    assert set(project.explain("again")["verdict"]) == {"cached"}


def test_one_changed_parameter_runs_what_it_affects_and_explain_says_why(project):
    project.define_workflow("partly", code=CODE.replace("power=p", "power=p + 10") + "\nalone = shout(word='hi')\n")
    project.run("partly")
    plan = project.explain("partly", params={"top": 4}).set_index("step")
    assert plan.loc["alone", "verdict"] == "cached"
    assert plan.loc["raw", "why"] == "parameter rows 3 → 4"
    assert plan.loc["total", "verdict"] == "will run"
    run = project.run("partly", params={"top": 4})
    assert states(run) == {
        "raw": "completed",
        "good_1": "completed",
        "good_2": "completed",
        "total": "completed",
        "alone": "cached",
    }


def test_a_changed_environment_is_told_by_its_packages(project, monkeypatch):
    project.define_workflow("upgraded", code="a = shout(word='env')")
    project.run("upgraded")
    now = provenance.environment_of([])
    older = [package if not package.startswith("pandas==") else "pandas==99.0" for package in now["packages"]]
    monkeypatch.setattr(stepfacts, "environment_of", lambda argv: {**now, "packages": older})
    (why,) = project.explain("upgraded")["why"]
    assert why == f"environment changed: pandas {pd.__version__} → 99.0"


def test_a_changed_variable_of_a_step_is_told(project):
    project.define_workflow("tuned", code="a = shout(word='var').options(env={'LEVEL': '1'})")
    project.run("tuned")
    project.define_workflow("tuned", code="a = shout(word='var').options(env={'LEVEL': '2'})")
    assert list(project.explain("tuned")["why"]) == ["environment changed: variable LEVEL 1 → 2"]


def test_no_cache_runs_everything(project):
    project.define_workflow("uncached", code="a = shout(word='x')")
    project.run("uncached")
    assert states(project.run("uncached", cache=False)) == {"a": "completed"}


def test_a_failing_step_leaves_its_siblings_running_and_skips_what_needs_it(project):
    project.define_workflow("broken", code="bad = fail()\nafter = shout(word='never', after=[bad])\nfine = shout(word='still')\n")
    with pytest.raises(RunFailedError, match="bad"):
        project.run("broken", cache=False)
    run = project.get_run("broken")
    assert states(run) == {"bad": "error", "after": "skipped", "fine": "completed"}
    assert "bad" in run.steps["after"].reason
    assert "broken pump" in run.reason


def test_a_resumed_run_repeats_only_what_had_not_completed(project):
    project.define_workflow(
        "mend", code="broken = True\nfirst = shout(word='once')\nbad = fail(on=broken)\nlast = shout(word='end', after=[bad])"
    )
    with pytest.raises(RunFailedError):
        project.run("mend", cache=False)
    before = project.get_run("mend")
    run = project.resume(before.id, params={"broken": False})
    assert states(run) == {"first": "cached", "bad": "completed", "last": "completed"}
    assert run.steps["first"].reason == f"as in {before.steps['first'].run.id}"


def test_a_condition_skips_a_step_and_those_that_need_its_output(project):
    project.define_workflow(
        "maybe",
        code="loud = False\na = ingest()\nb = shout(word='x', when='params.loud and a.n > 1')\nc = shout(word='y', when='a.n > 1')",
    )
    run = project.run("maybe")
    assert states(run)["b"] == "skipped"
    assert states(run)["c"] in ("completed", "cached")
    assert "is false" in run.steps["b"].reason


def test_a_list_known_only_at_run_time_fans_out_and_is_gathered(project):
    project.define_workflow(
        "fan", code="n = 4\nlots = split(n=n)\nsquares = square(part=each(lots.parts))\ntotal = collect(parts=squares.squared)"
    )
    run = project.run("fan")
    assert run.steps["squares"].results == {"squared": [0, 1, 4, 9]}
    assert run.steps["total"].results == {"total": 14}
    assert run.history.steps["squares"]["total"] == 4
    assert project.run("fan", params={"n": 0}).steps["total"].results == {"total": 0}
    assert set(project.explain("fan")["verdict"]) == {"cached"}
    assert project.explain("fan", params={"n": 5}).set_index("step")["why"]["total"] == "squares runs first"


def test_what_comes_after_a_foreach_runs_by_itself(project):
    code = "lots = split(n=3)\nsquares = square(part=each(lots.parts))\nsum_up = collect(parts=squares.squared)"
    project.define_workflow("fanned", code=code)
    with pytest.raises(RunFailedError, match=r"no earlier run of lots has completed, .* Run it, too"):
        project.run("fanned", only="sum_up")
    project.run("fanned")
    run = project.run("fanned", from_step="sum_up", cache=False)
    assert states(run) == {"lots": "cached", "squares": "cached", "sum_up": "completed"}
    assert run.steps["sum_up"].results == {"total": 5}


def test_a_foreach_goes_through_a_list_that_was_kept_as_an_artifact(project):
    project.define("listed", "parts = [[1, 'a'], [2, 'b']]", returns=["parts"])
    project.define("first", "part: list = []\nnumber = part[0]", returns=["number"])
    project.define_workflow("kept", code="lots = listed()\nnumbers = first(part=each(lots.parts))")
    run = project.run("kept")
    assert run.steps["numbers"].results == {"number": [1, 2]}
    assert {str(verdict) for verdict in project.explain("kept")["verdict"]} == {"cached"}


def test_a_foreach_over_another_artifact_is_refused_with_its_kind(project):
    project.define_workflow("framed", code="raw = ingest(rows=2)\nsquares = square(part=each(raw.data))")
    with pytest.raises(RunFailedError, match=r"raw\.data} is an artifact \(dataset\)\. Return a list\."):
        project.run("framed")


def test_the_exit_handler_runs_after_a_failure_and_gets_the_outcome(project):
    project.define_workflow("handled", code="bad = fail()\non_exit(shout, word=run.state)")
    with pytest.raises(RunFailedError):
        project.run("handled", cache=False)
    handler = project.get_run("handled").steps["on_exit"]
    assert (str(handler.state), handler.results) == ("completed", {"loud": "ERROR"})


def test_steps_run_at_the_same_time(project):
    project.define("nap", "import time\nseconds: float = 1.0\ntime.sleep(seconds)\nx = 1", returns=["x"])
    project.define_workflow("naps", code="for i in range(6):\n    nap(seconds=2.0 + i / 1000)")
    run = project.run("naps", parallel=6)
    spans = [(child.started, child.ended) for child in run.children]
    assert max(start for start, _ in spans) < min(end for _, end in spans)


def test_an_abort_ends_all_steps(project):
    project.define("hang", "import time\ntime.sleep(600)\nx = 1", returns=["x"])
    project.define_workflow("hangs", code="a = hang()\nb = hang(timeout=500)\nc = shout(word='z', after=[a])")
    run = project.run("hangs", background=True)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and sum(str(step.state) == "running" for step in run.steps.values()) < 2:
        time.sleep(0.05)
    run.abort()
    assert run.state == "aborted"
    assert {str(child.state) for child in run.children} == {"aborted"}


def test_only_and_until_run_a_part(project):
    project.define_workflow("part", code="a = shout(word='p')\nb = shout(word='q', after=[a])\nc = shout(word='r', after=[b])")
    run = project.run("part", until="b", cache=False)
    assert states(run) == {"a": "completed", "b": "completed", "c": "skipped"}
    assert states(project.run("part", only="c"))["c"] in ("completed", "cached")


def test_what_cannot_be_a_workflow_is_refused_and_nothing_is_stored(project):
    with pytest.raises(WorkflowError, match=r"shuot.*Did you mean 'shout'"):
        project.define_workflow("wrong", code="a = shuot(word='x')")
    with pytest.raises(WorkflowError, match="b"):
        project.define_workflow(
            "wrong", yaml="name: wrong\nsteps:\n  a: {function: shout, after: [b]}\n  b: {function: shout, after: [a]}\n"
        )
    assert "wrong" not in project.workflow_store.names()
    with pytest.raises(ParameterError, match="'tpo' isn't a parameter"):
        project.define_workflow("pass_along", code=CODE)
        project.run("pass_along", params={"tpo": 1})


def test_a_sweep_keeps_the_best_iteration(project):
    project.define(
        "curve", "a: int = 1\nb: float = 0.0\nheight = -((a - 3) ** 2) + b\nkept = {'a': a}", returns=["height", "kept"]
    )
    run = project.sweep("curve", grid={"a": [1, 2, 3, 4], "b": [0.0, 0.5]}, select="max:height", parallel=3)
    assert run.state == "completed"
    assert len(run.iterations) == 8
    assert run.results["best_iteration"] == run.best.spec.iteration
    assert run.results["height"] == 0.5
    assert run.artifacts["kept"].load() == {"a": 3}
    assert isinstance(run.iterations, pd.DataFrame)
    assert list(run.iterations.columns[:4]) == ["iteration", "state", "a", "b"]


def test_a_sweep_stops_when_its_condition_holds(project):
    run = project.sweep("curve", grid={"a": [3, 1, 2, 4]}, select="max:height", stop="height >= 0", parallel=1)
    assert len(run.iterations) == 1
    assert "stopped" in run.reason


def test_a_sweep_over_a_workflow(project):
    project.define_workflow("curved", code="a = 1\nat = curve(a=a)")
    run = project.sweep("curved", list={"a": [1, 3]}, parallel=2)
    assert [child.spec.workflow for child in run.children] == ["curved", "curved"]
    assert run.state == "completed"


@mlops.workflow
def decorated(word: str = "hi"):
    loud = shout(word=word)  # noqa: F821
    return {"said": loud.loud}


def test_a_decorated_function_brings_its_name_along(project):
    assert project.define_workflow(decorated).name == "decorated"
    assert project.run("decorated").results == {"said": "HI"}


def test_a_workflow_is_deleted_and_its_runs_stay(project):
    project.define_workflow("passing", code="shout(word='x')")
    run = project.run("passing")
    project.delete_workflow("passing")
    with pytest.raises(WorkflowNotFoundError, match="'passing'"):
        project.delete_workflow("passing")
    assert project.get_run(run.id).state == "completed"


def test_a_name_means_one_thing(project):
    project.define_workflow("taken", code="shout(word='x')")
    with pytest.raises(NameRuleError, match="'taken' is a workflow"):
        project.define("taken", "x = 1")
    with pytest.raises(NameRuleError, match="'shout' is a Function"):
        project.define_workflow("shout", code="ingest()")


def test_a_cached_artifact_whose_bytes_are_gone_is_no_hit(project):
    project.define("keep", "kept = {'only': 'here'}", returns=["kept"])
    project.define_workflow("keeping", code="a = keep()")
    first = project.run("keeping")
    project.library.blobs.delete(first.steps["a"].artifacts["kept"].hash)
    assert project.explain("keeping")["why"].tolist() == ["the bytes of an artifact it made are gone"]
    assert states(project.run("keeping")) == {"a": "completed"}


def test_clearing_and_marking_fresh_say_what_is_reused(project):
    project.define("stamp", "seen = 1", returns=["seen"])
    project.define_workflow("stamped", code="a = stamp()")
    project.run("stamped")
    project.clear_cache(function="stamp")
    assert project.explain("stamped")["verdict"].tolist() == ["will run"]
    project.run("stamped")
    project.define("stamp", "seen = 1\nprint(seen)", returns=["seen"])
    assert project.explain("stamped")["why"][0].startswith("code changed: +1")
    project.mark_fresh("stamped", "a")
    assert states(project.run("stamped")) == {"a": "cached"}


def test_a_nested_workflow_gives_its_outputs(project):
    project.define_workflow("inner", code="word = 'in'\na = shout(word=word)\noutputs(loud=a.loud)")
    project.define_workflow("outer", code="x = inner(word='deep')\ny = shout(word=x.loud)")
    run = project.run("outer")
    assert run.state == "completed"
    assert run.steps["y"].results == {"loud": "DEEP"}


def test_a_value_that_does_not_fit_is_refused_before_any_point_runs(project):
    with pytest.raises(ParameterError, match=r"'part' is 'x' \(str\), but takes int"):
        project.sweep("square", grid={"part": [1, "x"]})


def test_a_sweep_says_what_it_could_not_select_by_and_why_iterations_failed(project):
    run = project.sweep("square", grid={"part": [1, 2]}, select="max:sqared")
    assert run.best is None
    assert run.reason == "no iteration gave a number 'sqared' to select by. Did you mean 'squared'?"
    run = project.sweep("fail", grid={"on": [False, True]})
    assert run.reason == "1 of 2 iterations failed; iteration 2: ValueError: broken pump"


def test_a_step_may_be_a_sweep(project):
    project.define("hill", "a: int = 1\nheight = -((a - 2) ** 2)", returns=["height"])
    project.define_workflow(
        "climb", code="top = hill(sweep={'grid': {'a': [1, 2, 3]}, 'select': 'max:height'})\nsquares = square(part=top.height)"
    )
    run = project.run("climb")
    assert run.steps["top"].results == {"best_iteration": 2, "height": 0}
    assert run.state == "completed"


def test_what_comes_after_the_chosen_steps_is_not_taken_from_an_older_run(project):
    project.define_workflow("older", code="word = 'hi'\na = shout(word=word)\nb = shout(word=a.loud)")
    project.run("older")
    assert states(project.run("older", params={"word": "new"}, until="a")) == {"a": "completed", "b": "skipped"}


def test_what_comes_before_the_chosen_steps_is_taken_from_its_last_run(project):
    project.define_workflow("later", code="a = shout(word='before')\nb = shout(word=a.loud, cache=False)")
    project.run("later")
    assert states(project.run("later", from_step="b")) == {"a": "cached", "b": "completed"}


def test_a_broken_workflow_beside_it_keeps_none_from_running(project):
    project.define("here", "y = 1")
    project.define_workflow("good", "here()")
    project.define_workflow("inner", "here()")
    project.define_workflow("outer", "inner()")
    (project.folder / "workflows" / "inner.yaml").write_text("steps: [ : {")
    assert project.run("good").state == "completed"
    assert project.verdicts("good")
    with pytest.raises(WorkflowError, match=r"inner\.yaml"):
        project.run("outer")
