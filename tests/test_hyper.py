"""Sweeps: their points, the best of their iterations, and when enough is known."""

from __future__ import annotations

import json
from itertools import count, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops import values
from jupyter_mlops.errors import ConditionError, ParameterError, WorkflowError
from jupyter_mlops.records import State
from jupyter_mlops.workflows.hyper import Selector, ask, grid, listed, read_params, sampled, should_stop
from jupyter_mlops.workflows.spaces import distribution

DONE, FAILED = State.COMPLETED, State.ERROR
SPACES = st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers(), min_size=1, max_size=4, unique=True), min_size=1)


def test_a_grid_has_all_combinations_and_its_first_name_varies_fastest():
    assert [tuple(point.values()) for point in grid({"n": [1, 2, 3], "m": [1, 2]})] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (1, 2),
        (2, 2),
        (3, 2),
    ]


@given(SPACES)
def test_a_grid_is_the_product_of_its_lists(space):
    names = list(space)
    slow = [dict(zip(reversed(names), row, strict=True)) for row in product(*(space[name] for name in reversed(names)))]
    assert grid(space) == slow


def test_lists_may_be_ranges_arrays_columns_choices_and_generators():
    space = {"a": range(2), "b": np.array([0.5]), "c": pd.Series([7]), "d": (1,), "e": "choice('x', 'y')", "f": (n for n in [9])}
    assert grid(space) == [{"a": a, "b": 0.5, "c": 7, "d": 1, "e": e, "f": 9} for e in "xy" for a in (0, 1)]
    assert type(grid({"b": np.array([0.5])})[0]["b"]) is float


def test_listed_takes_the_lists_in_step():
    assert listed({"a": [1, 2], "b": ["x", "y"]}) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_lists_of_several_lengths_are_refused():
    with pytest.raises(WorkflowError, match="a 2, b 1"):
        listed({"a": [1, 2], "b": ["x"]})


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({}, "needs parameters"),
        ({"a": []}, "a has no values"),
        ({"a": range(0)}, "a has no values"),
        ({"a": 3}, r"a = 3 is no list: write \[3\]"),
        ({"a": {1, 2}}, "is no list"),
        ({"a": {"x": 1}}, "is no list"),
        ({"a": "svm"}, "a: 'svm' is no distribution"),
        ({"a": "uniform(0, 1)"}, r"a = 'uniform\(0, 1\)' can't be listed"),
        ({"a": range(1_000), "b": range(1_000)}, "1,000,000 points, more than 100,000"),
        ({"a": count()}, "100,001 points"),
        ({"a": range(10**30)}, "more than 100,000"),
    ],
)
def test_a_grid_that_can_not_be_is_refused(space, words):
    with pytest.raises(WorkflowError, match=words):
        grid(space)


def test_a_list_that_is_too_long_is_refused():
    with pytest.raises(WorkflowError, match="more than 100,000"):
        listed({"a": range(10**30)})


@given(SPACES, st.integers(1, 300), st.integers())
def test_of_a_finite_space_no_point_is_drawn_twice(space, n, seed):
    points = sampled(space, n, seed)
    everything = grid(space)
    assert len(points) == min(n, len(everything))
    assert all(point in everything for point in points)
    assert len({tuple(point.items()) for point in points}) == len(points)


@given(st.integers(1, 20), st.integers())
def test_the_same_seed_draws_the_same_points(n, seed):
    space = {"a": "uniform(0, 1)", "b": [1, 2, 3], "c": "normal(0, 1)", "d": "randint(1, 9)", "e": "loguniform(1e-4, 1)"}
    assert sampled(space, n, seed) == sampled(space, n, seed)
    assert len(sampled(space, n, seed)) == n


def test_another_seed_draws_other_points():
    space = {"a": range(1_000)}
    assert sampled(space, 10, 1) != sampled(space, 10, 2)
    assert sampled(space, 10) != sampled(space, 10)


def test_a_space_too_large_to_count_is_drawn_from():
    points = sampled({"a": range(0, 10**30, 2), "b": "randint(1, 1000000000000000000000000000000)"}, 5, 1)
    assert len(points) == 5
    assert all(point["a"] % 2 == 0 and 0 <= point["a"] < 10**30 for point in points)


@pytest.mark.parametrize(
    ("text", "low", "high", "kind"),
    [
        ("uniform(-1, 2.5)", -1, 2.5, float),
        ("loguniform(1e-4, 1)", 1e-4, 1, float),
        ("randint(1, 3)", 1, 3, int),
        (" choice(1, 2) ", 1, 2, int),
        ("choice([1, 2])", 1, 2, int),
        ("normal(0, 0)", 0, 0, float),
        ("randint(4, 4)", 4, 4, int),
    ],
)
def test_a_distribution_gives_values_within_its_bounds(text, low, high, kind):
    drawn = [point["a"] for point in sampled({"a": text, "b": "uniform(0, 1)"}, 200, 1)]
    assert all(low <= value <= high and type(value) is kind for value in drawn)
    if kind is int:
        assert set(drawn) == set(range(low, high + 1))


def test_a_loguniform_gives_as_many_of_each_magnitude():
    drawn = [point["a"] for point in sampled({"a": "loguniform(1e-4, 1)"}, 4_000, 1)]
    assert 1_700 < sum(value < 1e-2 for value in drawn) < 2_300


def test_a_normal_has_its_mean_and_deviation():
    drawn = [point["a"] for point in sampled({"a": "normal(10, 2)"}, 4_000, 1)]
    assert abs(np.mean(drawn) - 10) < 0.2
    assert abs(np.std(drawn) - 2) < 0.2


def test_a_distribution_is_written_as_it_is_read():
    for text in ("uniform(0, 1)", "choice('a', None, True)", "loguniform(0.0001, 1)"):
        assert str(distribution(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("uniform(0)", "takes two numbers"),
        ("uniform(0, '1')", "takes two numbers"),
        ("uniform(0, 1e999)", "takes two numbers"),
        ("uniform(False, True)", "takes two numbers"),
        ("randint(0, 1.5)", "takes two whole numbers"),
        ("uniform(2, 1)", "low 2 is above high 1"),
        ("loguniform(0, 1)", "low must be above 0"),
        ("normal(0, -1)", "deviation is below 0"),
        ("choice()", "nothing to choose from"),
        ("unifrom(0, 1)", "Did you mean 'uniform'"),
        ("uniform(0, high=1)", "no distribution"),
        ("uniform(0, x)", "no distribution"),
        ("uniform(0, __import__('os').getpid())", "no distribution"),
        ("random.uniform(0, 1)", "no distribution"),
        ("uniform(*[0, 1])", "no distribution"),
        ("lambda: 1", "no distribution"),
        ("(" * 5_000, "no distribution"),
        ("choice(" + "1," * 6_000 + ")", "too long"),
        ("", "no distribution"),
        ("\0", "no distribution"),
    ],
)
def test_a_distribution_that_can_not_be_is_refused(text, words):
    with pytest.raises(WorkflowError, match=words):
        distribution(text)


@pytest.mark.parametrize("n", [0, -1, 100_001, 2.5, True, None])
def test_so_many_points_can_not_be_drawn(n):
    with pytest.raises(WorkflowError, match="draw between 1 and 100,000"):
        sampled({"a": [1]}, n)


# --- files ---


def test_each_row_of_a_csv_is_a_point_with_its_cells_read_as_values():
    text = '\ufeffdepth, kind ,rate\n4,svm,0.5\n\n"[1, 2]","a, b",\n'
    assert read_params(text, ".csv") == [{"depth": 4, "kind": "svm", "rate": 0.5}, {"depth": [1, 2], "kind": "a, b"}]


def test_a_tsv_is_read_too_and_so_are_windows_line_ends():
    assert read_params("a\tb\r\n1\tx\r\n", ".TSV") == [{"a": 1, "b": "x"}]


def test_json_is_a_list_of_objects_or_an_object_of_lists():
    points = [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert read_params(json.dumps(points), ".json") == points
    assert read_params('{"a": [1, 2], "b": ["x", null]}', ".json") == points


@pytest.mark.parametrize(
    ("text", "suffix", "words"),
    [
        ("", ".csv", "no points"),
        ("a,b\n", ".csv", "no points"),
        ("a,b\n1,2\n3\n", ".csv", "line 3 has 1 cells, and there are 2 columns"),
        ("a,a\n1,2\n", ".csv", "each once"),
        ("1,2\n3,4\n", ".csv", "column '1' can't be a parameter"),
        ("a,b\n1,true\n", ".csv", "line 2, column 'b'"),
        ("a\n[1,\n", ".csv", "line 2 has 2 cells"),
        ("a\n" + "x" * 200_000, ".csv", "line 2: field larger"),
        ("[1, 2]", ".json", "point 1 is 1"),
        ("3", ".json", "of type int"),
        ("[]", ".json", "no points"),
        ('{"a": [1, 2], "b": [1]}', ".json", "one length"),
        ("{\n'a'", ".json", "line 2: this isn't JSON"),
        ("[" * 100_000, ".json", "can't be read"),
        ("a: 1", ".yaml", "'.yaml' files have no parameters"),
    ],
)
def test_a_file_that_says_no_points_is_refused(text, suffix, words):
    with pytest.raises(WorkflowError, match=words):
        read_params(text, suffix)


# --- the best ---


@pytest.mark.parametrize(
    ("text", "direction", "result"),
    [("max:accuracy", "max", "accuracy"), (" min : loss ", "min", "loss"), ("accuracy", "max", "accuracy")],
)
def test_a_selector_is_read(text, direction, result):
    assert Selector.parse(text) == Selector(result=result, direction=direction)


@pytest.mark.parametrize("text", ["", "max:", "mean:loss", "max:a:b", ":a", ":"])
def test_a_selector_that_selects_nothing_is_refused(text):
    with pytest.raises(WorkflowError, match="selects nothing"):
        Selector.parse(text)


def test_the_best_is_the_greatest_or_the_least():
    rows = [(DONE, {"x": 1}), (State.CACHED, {"x": 3}), (DONE, {"x": np.float64(2)})]
    assert Selector.parse("x").best(rows) == 1
    assert Selector.parse("min:x").best(rows) == 0


def test_of_equals_the_first_is_the_best():
    rows = [(DONE, {"x": 1}), (DONE, {"x": 2}), (DONE, {"x": 2})]
    assert Selector.parse("max:x").best(rows) == 1


def test_what_failed_or_gave_no_number_is_passed_over():
    rows = [
        (FAILED, {"x": 9}), (State.ABORTED, {"x": 9}), (DONE, {}), (DONE, {"x": None}), (DONE, {"x": "9"}),
        (DONE, {"x": float("nan")}), (DONE, {"x": [9]}), (DONE, {"x": float("-inf")}),
    ]  # fmt: skip
    assert Selector.parse("max:x").best(rows) == 7
    assert Selector.parse("max:x").best(rows[:7]) is None
    assert Selector.parse("max:x").best([]) is None


# --- enough ---


def test_a_sweep_stops_when_its_condition_holds():
    assert should_stop("accuracy >= 0.9", {"accuracy": 0.9})
    assert not should_stop("accuracy >= 0.9", {"accuracy": 0.8})
    assert should_stop("train.accuracy >= 0.9 and loss < 1", {"train.accuracy": 0.9, "loss": 0})


def test_a_missing_result_or_one_that_can_not_be_compared_is_no_reason_to_stop():
    assert not should_stop("accuracy >= 0.9", {})
    assert not should_stop("accuracy >= 0.9", {"accuracy": "n/a"})


def test_a_stop_that_is_no_condition_is_refused():
    with pytest.raises(ConditionError):
        should_stop("open('x')", {})


# --- what is asked ---


def test_each_way_of_asking_gives_its_points():
    points = [{"a": 1}, {"a": 2}]
    assert ask(grid={"a": [1, 2]}).points == points
    assert ask(list={"a": [1, 2]}).points == points
    assert ask(points=points).points == points
    assert sorted(point["a"] for point in ask(random=5, space={"a": [1, 2]}).points) == [1, 2]
    assert sorted(point["a"] for point in ask(random=5, grid={"a": [1, 2]}).points) == [1, 2]


def test_a_random_sweep_keeps_its_seed():
    asked = ask(random=3, space={"a": range(100)}, seed=7)
    assert asked.points == sampled({"a": range(100)}, 3, 7)
    assert asked.encoded()["seed"] == 7


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "nothing is given"),
        ({"grid": {"a": [1]}, "list": {"a": [1]}}, "grid and list are given"),
        ({"random": 1, "optuna": 1, "space": {"a": [1]}}, "random and optuna are given"),
        ({"random": 3}, "needs parameters"),
        ({"optuna": 0, "space": {"a": [1]}}, "optuna = 0"),
        ({"optuna": 5, "space": {"a": [1, 2]}}, "optuna has to know what is best"),
        ({"points": []}, "no points"),
        ({"points": [3]}, "point 1 is 3"),
        ({"grid": {"a": [1]}, "select": "mean:x"}, "selects nothing"),
        ({"grid": {"a": [1]}, "max_errors": -1}, "max_errors = -1: give a whole number of 0 or more"),
        ({"grid": {"a": [1]}, "parallel": 0}, "parallel = 0"),
        ({"grid": {"a": [1]}, "seed": "x"}, "seed = 'x'"),
    ],
)
def test_a_sweep_that_can_not_be_is_refused_before_it_begins(said, words):
    with pytest.raises(WorkflowError, match=words):
        ask(**said)


def test_a_stop_that_can_not_be_read_is_refused_before_it_begins():
    with pytest.raises(ConditionError):
        ask(grid={"a": [1]}, stop="x =")


def test_a_point_that_names_no_parameter_is_refused_with_the_nearest():
    asked = ask(points=[{"depth": 1}, {"dept": 2}])
    with pytest.raises(WorkflowError, match=r"'dept' is no parameter of it\. Did you mean 'depth'\?"):
        asked.check({"depth": 1})
    ask(points=[{"depth": 1}]).check(["depth", "rate"])


def test_what_is_asked_goes_through_json_with_its_types():
    encoded = json.loads(json.dumps(ask(list={"a": [(1, 2), 3.0]}, stop="x > 1", parallel=2).encoded()))
    decoded = [{name: values.decode(value) for name, value in point.items()} for point in encoded["points"]]
    assert decoded == [{"a": (1, 2)}, {"a": 3.0}]
    assert type(decoded[1]["a"]) is float
    assert (encoded["total"], encoded["stop"], encoded["parallel"], encoded["strategy"]) == (2, "x > 1", 2, "list")


def test_a_value_that_can_not_travel_is_refused():
    with pytest.raises(ParameterError):
        ask(list={"a": [object()]}).encoded()


def test_what_optuna_is_asked_keeps_its_space():
    asked = ask(optuna=50, space={"a": "uniform(0, 1)", "b": range(1, 4), "c": ["x"], "d": range(0, 6, 2)}, select="max:a")
    encoded = asked.encoded()
    assert encoded["space"] == {"a": "uniform(0, 1)", "b": "randint(1, 3)", "c": ["x"], "d": [0, 2, 4]}
    assert (asked.total, encoded["points"]) == (50, [])
    assert set(asked.first) == {"a", "b", "c", "d"}
    with pytest.raises(WorkflowError, match="a has more than 100,000 values"):
        ask(optuna=1, space={"a": range(0, 10**30, 2)}, select="max:a").encoded()
