"""A Python function becomes the source of a cell that does the same."""

from __future__ import annotations

import datetime
import functools

import pytest

from jupyter_mlops.errors import CaptureError
from jupyter_mlops.functions.callables import Unfolded, unfold

FACTOR = 3


def values_after(cell: Unfolded, **given: object) -> dict[str, object]:
    """Execute a cell as a kernel would, with what comes in, and return its variables."""
    space = {**cell.namespace, **given}
    exec(cell.source, space)
    return {key: space[key] for key in cell.returns}


def train(data, n: int = 10, *, depth: int | None = None, alpha: float = 0.5):
    """Fit a model.

    More about it.
    """
    # why it is so
    model = [item * n for item in data]  # each
    return model, depth


def test_arguments_with_defaults_are_parameters_and_those_without_inputs():
    cell = unfold(train)
    assert cell.source.startswith("n: int = 10\ndepth: int | None = None\nalpha: float = 0.5\n")
    assert cell.inputs == ("data",)
    assert cell.returns == ("model", "depth")
    assert cell.description == "Fit a model."


def test_the_body_keeps_its_comments():
    assert "# why it is so\nmodel = [item * n for item in data]  # each" in unfold(train).source


def test_the_cell_does_what_the_function_does():
    assert values_after(unfold(train), data=[1, 2]) == {"model": [10, 20], "depth": None}


def test_an_argument_with_a_plain_hint_and_no_default_is_a_required_parameter():
    def scale(rate: float, frame): ...

    cell = unfold(scale)
    assert cell.source.startswith("rate: float\n") and cell.inputs == ("frame",)


def test_what_the_body_assigns_first_is_no_parameter():
    def count(step: int = 2):
        total = 0
        total += step
        return total

    cell = unfold(count)
    assert cell.source.splitlines()[1].startswith("pass")
    assert values_after(cell) == {"total": 2}


def test_swapped_names_are_returned_as_they_were():
    def swap(a: int = 1, b: int = 2):
        return {"a": b, "b": a}

    assert values_after(unfold(swap)) == {"a": 2, "b": 1}


def test_an_expression_is_named_by_returns_or_by_the_function():
    def triple(x: int = 1):
        return x * FACTOR

    assert values_after(unfold(triple)) == {"triple": 3}
    assert unfold(triple, returns=["y:result"]).returns == ("y:result",)
    assert "y = x * FACTOR" in unfold(triple, returns=["y:result"]).source


def test_text_over_several_lines_keeps_its_indentation():
    def letter():
        text = """one
        two"""
        return text

    assert values_after(unfold(letter)) == {"text": letter()}


def test_a_function_on_one_line_is_unfolded():
    # fmt: off
    def double(x: int = 2): y = x * 2; return y  # noqa: E702
    # fmt: on

    assert values_after(unfold(double)) == {"y": 4}


def test_what_it_sees_around_itself_is_in_its_namespace():
    offset = 5

    def shifted(x: int = 1):
        return x + offset + FACTOR

    assert values_after(unfold(shifted)) == {"shifted": 9}


def test_a_default_that_is_no_literal_is_a_value_around_the_cell():
    def later(day=datetime.date(2026, 1, 2), days: int = FACTOR):
        return day + datetime.timedelta(days=days)

    cell = unfold(later)
    assert cell.source.startswith("days: int = 3\n")
    assert values_after(cell) == {"later": datetime.date(2026, 1, 5)}


def test_functions_within_it_may_do_what_they_like():
    def outer():
        @functools.cache
        def inner(n):
            if n < 2:
                return n
            return inner(n - 1) + inner(n - 2)

        answer = inner(10)
        return answer

    assert values_after(unfold(outer)) == {"answer": 55}


def early(a: int = 1):
    if a:
        return 1
    return 2


def generator():
    yield 1


def star(*items):
    return items


def nameless(a: int = 1):
    return a + 1, a + 2


async def waits():
    return 1


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (early, "returns in line 3 before its end"),
        (generator, "yields"),
        (star, r"\*args"),
        (nameless, "have no names"),
        (waits, "async"),
        (lambda: 1, "isn't a function with a source"),
        (print, "isn't a function with a source"),
        (int, "isn't a function with a source"),
        (eval("lambda x: x"), "isn't a function"),
    ],
)
def test_what_a_cell_cannot_do_is_refused(function, words):
    with pytest.raises(CaptureError, match=words):
        unfold(function)
