"""When a step may be reused, and the words for why it may not."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops import values
from jupyter_mlops.workflows.cache import MISSING, Facts, explain, fingerprint

OLD = Facts(
    function_version="train@1a2b",
    params={"max_depth": 4, "kind": "svm"},
    inputs={"data": "aa"},
    environment="e1",
    sources={"utils.py": "s1"},
)
CHANGES = {
    "function_version": "train@3c4d",
    "params": {"max_depth": 8, "kind": "svm"},
    "inputs": {"data": "bb"},
    "environment": "e2",
    "sources": {"utils.py": "s2"},
}


def changed(**fields):
    return replace(OLD, **fields)


def test_a_fingerprint_is_that_of_its_facts():
    assert fingerprint(**asdict(OLD)) == OLD.fingerprint
    assert len(OLD.fingerprint) == 64


def test_a_fingerprint_stays_the_same_from_version_to_version():
    assert Facts(function_version="f@1").fingerprint.startswith("11f33ffc6f7c3fbf")


@pytest.mark.parametrize("name", CHANGES)
def test_each_fact_is_part_of_the_fingerprint(name):
    assert changed(**{name: CHANGES[name]}).fingerprint != OLD.fingerprint


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (1, "1"), (0.0, -0.0), ([1], (1,)), (None, "None"), ({1}, [1])])
def test_values_of_several_types_have_several_fingerprints(one, other):
    first, second = (changed(params={"x": values.encode(value)}) for value in (one, other))
    assert first.fingerprint != second.fingerprint
    assert explain(first, second)


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.floats(), st.text(), st.none())), st.randoms())
def test_the_order_of_names_is_no_part_of_the_fingerprint(params, random):
    names = list(params)
    random.shuffle(names)
    other = {name: params[name] for name in names}
    assert changed(params=params).fingerprint == changed(params=other).fingerprint
    assert explain(changed(params=params), changed(params=other)) == []


@given(st.sets(st.sampled_from(list(CHANGES))))
def test_there_are_words_exactly_when_the_fingerprint_differs(names):
    new = changed(**{name: CHANGES[name] for name in names})
    assert bool(explain(OLD, new)) == (new.fingerprint != OLD.fingerprint)
    assert len(explain(OLD, new)) == len(names)


def test_names_and_values_do_not_run_into_each_other():
    assert changed(inputs={"a": "b"}, sources={}).fingerprint != changed(inputs={}, sources={"a": "b"}).fingerprint


def test_a_step_that_never_ran_says_so():
    assert explain(None, OLD) == ["never ran"]


def test_a_parameter_is_told_with_both_values():
    assert explain(OLD, changed(params={"max_depth": 8, "kind": "svm"})) == ["parameter max_depth 4 → 8"]
    assert explain(OLD, changed(params={"max_depth": values.encode((1, 2)), "kind": "svm"})) == ["parameter max_depth 4 → (1, 2)"]
    assert explain(OLD, changed(params={"max_depth": 4, "kind": ""})) == ["parameter kind svm → ''"]


def test_parameters_that_look_the_same_are_told_without_values():
    assert explain(OLD, changed(params={"max_depth": "4", "kind": "svm"})) == ["parameter max_depth changed"]
    long = "x" * 100
    assert explain(changed(params={"a": long + "1"}), changed(params={"a": long + "2"})) == ["parameter a changed"]


def test_new_and_gone_parameters_are_told():
    assert explain(OLD, changed(params={"max_depth": 4, "seed": 1})) == ["parameter seed is new", "parameter kind is gone"]


def test_an_input_is_told_by_its_rows_else_its_bytes():
    new = changed(inputs={"data": "bb"})
    assert explain(OLD, new) == ["input data changed"]
    assert explain(OLD, new, rows=({"data": 2310}, {"data": 2541})) == ["input data changed: 2,310 → 2,541 rows"]
    assert explain(OLD, new, rows=({"data": 2310}, {"data": 2310})) == ["input data changed: other values in 2,310 rows"]
    sizes = ({"data": 1000}, {"data": 2000})
    assert explain(OLD, new, rows=({}, {"data": 3}), sizes=sizes) == ["input data changed: 1,000 → 2,000 bytes"]
    assert explain(OLD, new, sizes=({"data": 1000}, {"data": 1000})) == ["input data changed"]


def test_new_and_gone_inputs_are_told():
    assert explain(OLD, changed(inputs={"more": "cc"})) == ["input more is new", "input data is gone"]


def test_code_is_told_by_its_lines_where_known():
    assert explain(OLD, changed(function_version="train@3c4d"), code="+3 lines") == ["code changed: +3 lines"]
    assert explain(OLD, changed(function_version="train@3c4d")) == ["code changed"]
    assert explain(OLD, OLD, code="+3 lines") == []


def test_another_function_is_told_by_its_name():
    assert explain(OLD, changed(function_version="fit@1a2b")) == ["function train → fit"]


def test_a_source_is_told_by_its_path():
    assert explain(OLD, changed(sources={"utils.py": "s2"})) == ["source utils.py changed"]
    assert explain(OLD, changed(sources={"utils.py": MISSING})) == ["source utils.py is gone"]
    assert explain(changed(sources={"utils.py": MISSING}), OLD) == ["source utils.py is new"]
    assert explain(changed(sources={}), changed(sources={"utils.py": MISSING})) == ["source utils.py is gone"]
    assert explain(OLD, changed(sources={"utils.py": "s1", "more.py": "s3"})) == ["source more.py is new"]


def test_an_environment_is_told_by_its_packages_where_known():
    new = changed(environment="e2")
    before, after = ["numpy==2", "pandas==3.1.0", "old==1"], ["numpy==2", "pandas==3.1.1", "new==1"]
    assert explain(OLD, new, packages=(before, after)) == ["environment changed: new is new, old is gone, pandas 3.1.0 → 3.1.1"]
    assert explain(OLD, new) == ["environment changed"]
    assert explain(OLD, new, packages=(before, before)) == ["environment changed"]
    assert explain(OLD, new, packages=((), after)) == ["environment changed"]
    assert explain(OLD, OLD, packages=(before, after)) == []


def test_of_many_packages_a_few_are_named():
    before, after = ([f"p{i}=={version}" for i in range(9)] for version in (1, 2))
    (words,) = explain(OLD, changed(environment="e2"), packages=(before, after))
    assert words.endswith("p4 1 → 2 and 4 more")
