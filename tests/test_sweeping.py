"""How the points of a sweep are written on a line."""

from __future__ import annotations

import numpy as np
import pytest

from jupyter_mlops import values
from jupyter_mlops.errors import WorkflowError
from jupyter_mlops.hosts.sweeping import asked, is_asked, values_of
from jupyter_mlops.workflows.hyper import ask

VARIABLES = {
    "{np.arange(2)}": np.arange(2),
    "{np.float64(2)}": np.float64(2),
    "$depths": [2, 4],
    "{one}": 7,
    "{pair}": (1, 2),
    "$steps": range(3),
}


def read(name: str, text: str) -> object:
    return VARIABLES[text] if text in VARIABLES else values.parse(text)


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("1,2,3", [1, 2, 3]),
        ("a,b", ["a", "b"]),
        ("0.1,None,True", [0.1, None, True]),
        ("'a,b','c'", ["a,b", "c"]),
        ("(1,2),(3,4)", [(1, 2), (3, 4)]),
        ("[1, 2]", [1, 2]),
        ("[[1, 2], [3]]", [[1, 2], [3]]),
        ("[gini, entropy]", ["gini", "entropy"]),
        ("[5]", [5]),
        ("range(1, 4)", range(1, 4)),
        ("range(0, 10, 5)", range(0, 10, 5)),
        ("range(1000000000000)", range(1000000000000)),
        ("1:10", range(1, 10)),
        ("0:10:2", range(0, 10, 2)),
        ("loguniform(1e-4, 1)", "loguniform(1e-4, 1)"),
        ('"uniform(0, 1)"', "uniform(0, 1)"),
        ("choice(1, 2)", "choice(1, 2)"),
        ("$depths", [2, 4]),
        ("{pair}", (1, 2)),
        ("$steps", range(3)),
        ("{np.arange(2)}", [0, 1]),
    ],
)
def test_several_values_are_read_from(text, several):
    found = values_of("n", text, read)
    assert (found, type(found)) == (several, type(several))


@pytest.mark.parametrize(
    "text", ["5", "word", "'a,b'", "(1, 2)", "{one}", "{np.float64(2)}", "'1:10'", "data.csv", "store://model/p/m:best"]
)
def test_one_value_is_the_same_for_all(text):
    assert values_of("n", text, read) is None


def test_a_range_without_step_is_refused():
    with pytest.raises(WorkflowError, match="'0:9:0' is no range"):
        values_of("n", "0:9:0", read)


def test_single_values_stay_fixed_beside_a_grid():
    given = asked({"grid": True, "select": "max:auc", "seed": None}, {"n": "1,2", "word": "x"}, read)
    assert given == {"grid": {"n": [1, 2]}, "params": {"word": "x"}, "select": "max:auc"}


def test_points_by_chance_come_from_a_range_that_is_never_listed():
    given = asked({"random": 3, "seed": 1}, {"n": "0:1000000000000"}, read)
    del given["params"]
    assert len(ask(**given).points) == 3


def test_points_come_from_a_file(tmp_path):
    file = tmp_path / "points.json"
    file.write_text('[{"n": 1}, {"n": 2}]', encoding="utf-8")
    given = asked({"params_file": str(file)}, {"word": "x"}, read)
    assert given == {"points": [{"n": 1}, {"n": 2}], "params": {"word": "x"}}


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(WorkflowError, match=r"'nowhere\.csv' can't be read"):
        asked({"params_file": "nowhere.csv"}, {}, read)


@pytest.mark.parametrize(("options", "expected"), [({}, False), ({"grid": False, "random": None}, False), ({"optuna": 3}, True)])
def test_a_sweep_is_asked_for_by_the_way_its_points_come(options, expected):
    assert is_asked(options) is expected
