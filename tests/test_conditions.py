"""Conditions: what they understand, what they refuse, and that hostile text gets nowhere, soon."""

from __future__ import annotations

from datetime import date
from enum import Enum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.errors import ConditionError, InputError
from jupyter_mlops.workflows.conditions import evaluate, names


class Mode(Enum):
    FAST = "fast"


VALUES = {
    ("params", "depth"): 4,
    ("params", "deep"): True,
    ("params", "kind"): "svm",
    ("params", "when"): date(2026, 1, 2),
    ("params", "mode"): Mode.FAST,
    ("params", "folder"): Path("data/raw"),
    ("params", "nothing"): None,
    ("train", "accuracy"): 0.92,
    ("train", "scores"): [0.1, 0.5, 0.9],
    ("train", "counts"): {"cat": 3, "dog": 5},
    ("train", "loss"): np.float64(0.25),
    ("train", "huge"): 10**30,
    ("train", "missing"): float("nan"),
    ("", "accuracy"): 0.92,
}
KNOWN = [".".join(filter(None, path)) for path in VALUES]


def look_up(where, name):
    return VALUES[where, name]


def ask(text):
    return evaluate(text, look_up, known=KNOWN)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("train.accuracy >= 0.9", True),
        ("accuracy > 0.9 and params.depth < 4", False),
        ("0 < params.depth <= 4", True),
        ("4 < params.depth <= nobody.asked", False),
        ("not params.deep or params.kind == 'svm'", True),
        ("params.kind in ['svm', 'tree']", True),
        ("params.kind not in ('tree', 'forest')", True),
        ("params.depth in {1, 2, 4}", True),
        ("'cat' in train.counts and train.counts['cat'] == 3", True),
        ("train.scores[-1] - train.scores[0] > 0.5", True),
        ("train.scores == [0.1, 0.5, 0.9]", True),
        ("{'cat': 3, 'dog': 5} == train.counts", True),
        ("params.nothing is None", True),
        ("params.deep is not None", True),
        ("train.loss < 0.5", True),
        ("-params.depth + 10 // 3 * 2 - 7 % 4 == -1", True),
        ("params.depth / 8 == 0.5", True),
        ("params.depth ** 2 == 16", True),
        ("params.mode == 'fast'", True),
        ("params.folder == 'data/raw'", True),
        ("train.huge > 1e20", True),
        ("train.missing < 1 or train.missing >= 1", False),
        ("  params.depth == 4  # a remark", True),
        ("params.nothing", None),
        ("params.kind", "svm"),
        ("params.deep and params.depth", 4),
    ],
)
def test_a_condition_gives_what_python_would(text, answer):
    assert ask(text) == answer


def test_names_are_told_apart_by_where_they_are_from():
    text = "params.depth > 3 and (train.accuracy >= 0.9 or accuracy in [other.x, train.counts['cat']])"
    assert names(text) == {("params", "depth"), ("train", "accuracy"), ("", "accuracy"), ("other", "x"), ("train", "counts")}


def test_only_what_decides_is_looked_up():
    asked = []
    evaluate("a.x or b.y", lambda where, name: asked.append(where) or True)
    assert asked == ["a"]


def test_a_missing_result_is_named_with_the_nearest_that_is_there():
    with pytest.raises(ConditionError, match=r"train\.acuracy isn't there\. Did you mean 'train\.accuracy'\?"):
        ask("train.acuracy > 0.5")


def test_a_word_of_another_language_is_corrected():
    with pytest.raises(ConditionError, match=r"true isn't there\. Did you mean 'True'\?"):
        ask("params.deep == true")


def test_what_a_look_up_has_to_say_is_said():
    def refuse(where, name):
        raise InputError(f"step {where!r} gave no {name!r}.")

    with pytest.raises(ConditionError, match="step 'train' gave no 'x'"):
        evaluate("train.x", refuse)


def test_a_value_of_a_strange_type_is_not_touched():
    class Trap:
        def __eq__(self, other):
            raise AssertionError("its code ran")

        __hash__ = None

    with pytest.raises(ConditionError, match=r"a\.b is of type Trap"):
        evaluate("a.b == 1", lambda where, name: Trap())
    with pytest.raises(ConditionError, match="is of type Trap"):
        evaluate("a.b[0] == 1", lambda where, name: [Trap()])


@pytest.mark.parametrize(
    "text",
    [
        "params.depth / 0",
        "params.depth < 'a'",
        "train.scores[3]",
        "train.counts['bird']",
        "params.depth[0]",
        "params.kind + 'x'",
        "params.kind * 1000",
        "[1] * 1000000000",
        "'%1000000000d' % 1",
        "1 in 2",
        "{[1]: 2}",
        "{{1}, {2}}",
        "train.huge + 1",
        "10**18 * 10**18",
        "2 ** 65",
        "9 ** 9 ** 9",
        "10.0 ** 64 ** 64",
        "1e300 ** 64",
        "(-8) ** 0.5",
        "0 ** -1",
        "-'a'",
        "train.accuracy.real",
    ],
)
def test_what_has_no_answer_is_a_condition_error(text):
    with pytest.raises(ConditionError):
        ask(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("open('/etc/passwd')", "a call"),
        ("__import__('os').system('true')", "a call"),
        ("params.depth.bit_length()", "a call"),
        ("params.depth.real", "an attribute of a value"),
        ("''.join", "an attribute of a value"),
        ("().__class__", "an attribute of a value"),
        ("params.__class__", "a private name"),
        ("__builtins__", "a private name"),
        ("_x.y", "a private name"),
        ("train.scores[0].real", "an attribute of a value"),
        ("[x for x in train.scores]", "a comprehension"),
        ("{x for x in train.scores}", "a comprehension"),
        ("{x: 1 for x in train.scores}", "a comprehension"),
        ("(x for x in train.scores)", "a comprehension"),
        ("lambda: 1", "a lambda"),
        ("f'{params.depth}'", "an f-string"),
        ("(x := 1)", "an assignment"),
        ("[*train.scores]", "unpacking"),
        ("{**train.counts}", "unpacking"),
        ("1 if params.deep else 2", "an if … else"),
        ("train.scores[0:2]", "a subscript that isn't constant"),
        ("train.scores[params.depth]", "a subscript that isn't constant"),
        ("train.scores[1.0]", "a subscript that isn't constant"),
        ("1 << 1000000000", "an operation on bits"),
        ("1 | 2", "an operation on bits"),
        ("~params.depth", "an operation on bits"),
        ("train.counts @ 2", "an operation on bits"),
        ("params.kind is 'svm'", "identity"),
        ("1j", "a literal of type complex"),
        ("b'x'", "a literal of type bytes"),
        ("...", "a literal of type ellipsis"),
        ("9" * 999, "a number beyond 1e\\+18"),
        ("await x", "Await"),
        ("(yield)", "Yield"),
    ],
)
def test_what_no_condition_can_have_is_refused_by_name(text, word):
    with pytest.raises(ConditionError, match=word):
        names(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x = 1",
        "x; y",
        "import os",
        "x >",
        "x\ny",
        "x\0y",
        "\ud800",
        "(" * 500 + ")" * 500,
        "(" * 900,
        "[" * 100 + "]" * 100,
        "-" * 999 + "1",
        "not " * 249 + "x",
        "x" + "[0]" * 300,
        "x" + ".y" * 400,
        "1" + "+1" * 400,
        "x" + "<x" * 250,
        "[" + "1," * 400 + "]",
        "x" * 1_001,
        "{" * 60 + "1:1" + "}" * 60,
    ],
)
def test_text_that_is_no_condition_is_refused(text):
    with pytest.raises(ConditionError):
        names(text)


def test_what_is_no_text_is_refused():
    with pytest.raises(ConditionError, match="int is no condition"):
        names(3)
    with pytest.raises(ConditionError, match="list is no condition"):
        evaluate([], look_up)


def attempt(text):
    """Evaluate, and let nothing but a ConditionError pass."""
    try:
        return evaluate(text, lambda where, name: VALUES.get((where, name), 3), known=KNOWN)
    except ConditionError:
        return None


@given(st.text(max_size=1_100))
@settings(deadline=5_000)
def test_any_text_is_answered_or_refused_soon(text):
    attempt(text)


TOKENS = [
    *"params.depth train.scores train.counts x 1 0 2.5 1e308 10**18 'a' 1j b'' f'' _ __class__ ...".split(),
    *"[ ] ( ) { } : , . + - * / // % ** < > <= == != in not and or is := ~ << | & ^ @ \\ #".split(),
    *"None True lambda if else for \n".split(" "),
]


@given(st.lists(st.sampled_from(TOKENS), max_size=60))
@settings(deadline=5_000, max_examples=500)
def test_any_heap_of_tokens_is_answered_or_refused_soon(tokens):
    attempt(" ".join(tokens))


LEAVES = st.sampled_from(
    ["params.depth", "train.scores", "train.counts", "train.loss", "x", "1", "0", "64", "999999999999999999", "1e308", "'ab'"]
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<", "==", "in", "and", "or"]), inner).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        inner.map("(-{})".format),
        inner.map("(not {})".format),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(inner, st.sampled_from(["[0]", "[-1]", "['cat']"])).map("".join),
    ),
    max_leaves=40,
)


@given(EXPRESSIONS)
@settings(deadline=5_000, max_examples=500)
def test_any_calculation_stays_small_or_is_refused(text):
    found = attempt(text)
    assert not isinstance(found, int) or abs(found) <= 10**18 + 1


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 50), st.sampled_from(["<", "<=", ">", "==", "!="]))
def test_arithmetic_and_comparison_agree_with_python(a, b, c, op):
    text = f"({a} + {b} * {c} - {a} // {c} {op} {b} % {c}) and not {a} / {c} {op} {b}"
    assert evaluate(text, look_up) == eval(text)
