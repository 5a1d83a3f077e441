"""Values arrive equal and of the same type, through JSON and through source, or are refused with a way out."""

from __future__ import annotations

import collections
import datetime as dt
import enum
import http
import json
import math
import pathlib
import re
import signal
import string
import sys
import zoneinfo
from decimal import Decimal
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops import values
from jupyter_mlops.errors import ParameterError


class Flavour(enum.Flag):
    SWEET = 1
    SOUR = 2
    BOTH = 3


class Level(enum.Enum):
    LOW = ("low", 1)
    HIGH = ("high", 2)


class Outer:
    class Nested(enum.StrEnum):
        ONE = "one"


def same(a, b):
    """Equal, of the same type, all the way down; NaN is NaN, -0.0 isn't 0.0, and a fold is a fold."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and (a.tobytes() == b.tobytes() or bool(a == b) or (a != a and b != b))
    if isinstance(a, float):
        return repr(a) == repr(b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, Decimal):
        return str(a) == str(b)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a.items(), b.items(), strict=True))
    if isinstance(a, set | frozenset):
        return {(type(x), repr(x)) for x in a} == {(type(x), repr(x)) for x in b} or (a == b and len(a) == len(b))
    if isinstance(a, dt.datetime | dt.time):
        return a == b and (a.fold, a.tzinfo, a.replace(tzinfo=None)) == (b.fold, b.tzinfo, b.replace(tzinfo=None))
    return a == b


def there_and_back(value):
    return values.decode(json.loads(json.dumps(values.encode(value))))


def through_source(value):
    return eval(values.source(value), {})


EXAMPLES = [
    None, True, False, 0, 1, -1, 2**53, 2**53 + 1, -(2**63), 10**40, 1 << 20_000, -(1 << 20_000),
    0.0, -0.0, 1.5, 1e308, 5e-324, math.inf, -math.inf, math.nan,
    "", "a", "NaN", "$", "Ünïcödé 🎉", "\0\n\t'\"\\", "\ud800", "\ud83d\ude00", "{{x}}", "x" * 1_000_000,
    b"", b"\0\xff'", 1j, complex(-0.0, math.nan), complex(math.inf, -0.0),
    [], {}, (), set(), frozenset(), (1,), [[]], ([],), {(): {}}, {frozenset({1}): {1, "a", None, (1, 2)}},
    {"$": 1}, {"$": "tuple", "v": [1]}, {1: "int", "1": "str", None: 0, 2.5: 1, (1, 2): [3], b"k": ()}, {"\ud800": 1},
    dt.date(2026, 1, 2), dt.date.min, dt.datetime(2026, 1, 2), dt.datetime(1, 2, 3, 4, 5, 6, 7), dt.datetime.max,
    dt.datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    dt.datetime(2026, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(seconds=-12345, microseconds=6))),
    dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2), "here")), dt.datetime(2026, 1, 2, fold=1),
    dt.time(), dt.time(1, 2, 3, 4), dt.time(1, fold=1, tzinfo=dt.UTC), dt.timedelta(), dt.timedelta(-1, 2, 3), dt.timedelta.max,
    pathlib.Path("a b/ü"), pathlib.Path("/"), pathlib.Path(""), pathlib.PurePosixPath("/x"),
    pathlib.PureWindowsPath("C:\\x\\y"),
    pathlib.Path("\udcff"), Decimal("0.10"), Decimal("-0"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"),
    Decimal("1e-30"),
    UUID(int=5), http.HTTPStatus.OK, signal.SIGTERM, re.IGNORECASE, re.IGNORECASE | re.DOTALL, re.RegexFlag(0),
]  # fmt: skip

NUMPY = [
    np.bool_(True), np.int8(-5), np.uint8(5), np.int16(-5), np.uint16(5), np.int32(-5), np.uint32(5), np.int64(-(2**63)),
    np.uint64(2**64 - 1), np.longlong(7), np.ulonglong(7), np.float16(0.1), np.float32(0.1), np.float64(0.1), np.float64(-0.0),
    np.float32("nan"), np.float64("inf"), np.longdouble("0.1"), np.longdouble("nan"), np.complex64(1 + 2j),
    np.complex128(complex(-0.0, math.inf)), np.clongdouble(1 + 2j), np.str_("ü\ud800"), np.str_(""), np.bytes_(b"a\0"),
    np.datetime64("2026-01-02"), np.datetime64("2026-01-02T03:04:05.678", "ns"), np.datetime64(5, "25s"), np.datetime64("NaT"),
    np.datetime64("NaT", "ms"), np.datetime64(-(10**6), "Y"), np.timedelta64(5, "D"), np.timedelta64(-5),
    np.timedelta64("NaT", "us"),
]  # fmt: skip


@pytest.mark.parametrize("value", [*EXAMPLES, *NUMPY], ids=lambda value: type(value).__name__)
def test_a_value_comes_back_equal_and_of_the_same_type(value):
    assert same(there_and_back(value), value)
    assert same(through_source(value), value)


def test_an_enum_member_of_a_module_comes_back_as_itself():
    for member in (Level.LOW, Outer.Nested.ONE, Flavour.SWEET, Flavour.BOTH, Flavour(0)):
        assert there_and_back(member) is member
        assert through_source(member) is member


def zones():
    keys = st.sampled_from(["Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata"]).map(zoneinfo.ZoneInfo)
    minutes = st.integers(-1439, 1439).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
    return st.none() | keys | minutes


def anything():
    scalars = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.binary(max_size=20),
        st.text(st.characters(exclude_categories=()), max_size=20), st.dates(), st.timedeltas(), st.decimals(), st.uuids(),
        st.datetimes(timezones=zones()), st.times(timezones=zones()),
        st.text(string.ascii_letters + "/. ", max_size=10).map(pathlib.Path),
        st.sampled_from([*Level, *Flavour, *http.HTTPStatus]),
        st.floats(width=32).map(np.float32), st.integers(-(2**63), 2**63 - 1).map(np.int64),
        st.integers(-(2**62), 2**62).map(lambda n: np.datetime64(n, "ns")),
    )  # fmt: skip
    keys = scalars.filter(lambda value: not (isinstance(value, Decimal) and value.is_nan()) and value == value)
    return st.recursive(
        scalars,
        lambda parts: st.one_of(
            st.lists(parts, max_size=4),
            st.lists(parts, max_size=4).map(tuple),
            st.dictionaries(keys, parts, max_size=4),
            st.sets(keys, max_size=4),
            st.frozensets(keys, max_size=4),
        ),
        max_leaves=12,
    )


@settings(max_examples=300, deadline=None)
@given(anything())
def test_any_nesting_comes_back_equal_and_of_the_same_type(value):
    assert same(there_and_back(value), value)
    assert same(through_source(value), value)


@settings(max_examples=100, deadline=None)
@given(anything())
def test_encoded_values_are_json_that_any_reader_takes(value):
    text = json.dumps(values.encode(value), allow_nan=False)
    assert text.isascii()
    values.text(values.peek(json.loads(text)))


@pytest.mark.parametrize(
    "value",
    [
        collections.OrderedDict(a=1),
        collections.defaultdict(int),
        collections.namedtuple("Point", "x y")(1, 2),
        pd.Timestamp("2026-01-01"),
        pd.NaT,
        pd.DataFrame({"a": [1]}),
        np.array([1]),
        np.array(1),
        np.void(b"ab"),
        type("Int", (int,), {})(3),
        type("Text", (str,), {})("x"),
        object(),
        len,
        sys,
        ...,
        dt.datetime(2026, 1, 1, tzinfo=type("Zone", (dt.tzinfo,), {"utcoffset": lambda *_: dt.timedelta(0)})()),
        enum.Enum("Local", "A")["A"],
    ],
    ids=lambda value: type(value).__qualname__,
)
def test_what_would_lose_something_is_refused_with_its_type(value):
    for write in (values.encode, values.source):
        with pytest.raises(ParameterError, match=r"can't be a parameter: \w+") as refusal:
            write([{"deep": value}])
        assert type(value).__qualname__.rpartition(".")[2] in str(refusal.value)


def test_a_cycle_is_refused_and_a_shared_part_is_not():
    shared = [1]
    assert there_and_back([shared, shared]) == [[1], [1]]
    cycle = []
    cycle.append({"again": cycle})
    with pytest.raises(ParameterError, match="contains itself"):
        values.encode(cycle)


def nested(depth, wrap):
    value = 1
    for _ in range(depth - 1):
        value = wrap(value)
    return value


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: (v,), lambda v: {1: v}, lambda v: frozenset({v})])
def test_what_is_nested_as_deep_as_allowed_comes_back_and_deeper_is_refused(wrap):
    deepest = nested(90, wrap)
    assert there_and_back(deepest) == deepest
    assert through_source(deepest) == deepest
    with pytest.raises(ParameterError, match="90 levels"):
        values.encode(nested(91, wrap))


def test_equal_sets_are_encoded_equally():
    words = [f"w{n}" for n in range(200)]
    backwards = words[::-1]
    assert json.dumps(values.encode(set(words))) == json.dumps(values.encode(set(backwards)))


def test_a_newer_tag_is_refused_with_a_remedy():
    with pytest.raises(ParameterError, match="newer jupyter-mlops"):
        values.decode({"$": "quaternion", "v": 1})


@pytest.mark.parametrize(
    "data",
    [
        {"$": "enum", "v": ["os", "system", None, "touch pwned"]},
        {"$": "enum", "v": ["os", "environ", "HOME", None]},
        {"$": "enum", "v": ["pathlib", "Path", None, "x"]},
        {"$": "numpy", "v": ["save", "pwned"]},
        {"$": "numpy", "v": ["ndarray", 3]},
        {"$": "numpy", "v": ["__class__", "x"]},
    ],
)
def test_data_from_elsewhere_cannot_call_what_it_names(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match="isn't a"):
        values.decode(data)
    assert not list(tmp_path.iterdir())


def test_an_enum_whose_module_is_gone_can_still_be_shown():
    data = {"$": "enum", "v": ["gone.away", "Colour", "RED", None]}
    assert values.peek([data]) == ["Colour.RED"]
    with pytest.raises(ParameterError, match=r"gone\.away\.Colour"):
        values.decode(data)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "plain"), (1, "1"), (0.5, "0.5"), (None, "None"), ([1, "a"], "[1, 'a']"), (np.float32(0.1), "0.1"),
        (np.int8(3), "3"), (pathlib.Path("a/b"), "a/b"), (dt.date(2026, 1, 2), "2026-01-02"), (Level.LOW, "Level.LOW"),
        (b"x", "b'x'"),
    ],
)  # fmt: skip
def test_text_is_what_people_read(value, shown):
    assert values.text(value) == shown


def test_an_integer_too_long_for_python_to_print_still_has_a_text():
    assert values.text(1 << 20_000, 10) == "0x1000000…"
    assert values.text([1 << 20_000]).startswith("[0x1")


def test_text_is_cut_to_its_limit():
    assert values.text("abcdef", 4) == "abc…"
    assert values.text("abcd", 4) == "abcd"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0),
        (True, 1.0),
        (0.5, 0.5),
        (np.float32(0.5), 0.5),
        (np.bool_(True), 1.0),
        (10**400, math.inf),
        (-(10**400), -math.inf),
    ],
)
def test_numbers_count_as_floats(value, expected):
    assert values.number(value) == expected


@pytest.mark.parametrize("value", ["1", None, 1j, [1], np.str_("1"), np.datetime64("2026-01-01"), Decimal(1)])
def test_what_is_no_number_has_none(value):
    assert values.number(value) is None


FITS = [
    (1, "int"), (np.int64(1), "int"), (1, "float"), (1.0, "float"), (np.float32(1), "float"), (True, "bool"), ("a", "str"),
    (None, "None"),
    (1, "int | None"), (None, "int | None"), (None, "Optional[int]"), (1, "typing.Union[str, int]"), ([1, 2], "list[int]"),
    ([], "list[int]"), ((1, "a"), "tuple[int, str]"), ((1, 2, 3), "tuple[int, ...]"), ((), "tuple[()]"),
    ({"a": 1}, "dict[str, int]"),
    ({"a": 1}, "Mapping[str, float]"), ("a", "Literal['a', 'b']"), (1, "Annotated[int, 'n']"), (1, "Any"), (1, "object"),
    (1, "Whatever"),
    ([1], "Whatever[int]"), (1, "'int'"), (pathlib.Path("x"), "pathlib.Path"), (dt.date(2026, 1, 1), "datetime.date"),
    (1, "not a hint!"),
    (Level.LOW, "Level"), (1, None), (1, ""), ((1, 2), "Sequence[int]"), ("ab", "Sequence[str]"), ({1}, "set[int]"),
    (1, "complex"),
]  # fmt: skip
MISFITS = [
    (1.5, "int"), (True, "int"), (True, "float"), (1, "bool"), ("1", "int"), (1, "str"), (None, "int"), (1.5, "int | None"),
    (["a"], "list[int]"), ((1,), "list[int]"), ((1, 2), "tuple[int, str]"), ((1,), "tuple[int, str]"),
    ((1, "a"), "tuple[int, ...]"),
    ({1: 1}, "dict[str, int]"), ({"a": "b"}, "dict[str, int]"), ("c", "Literal['a', 'b']"), (True, "Literal[1]"), ("x", "Path"),
    (dt.date(2026, 1, 1), "datetime"), (1, "Optional[str]"), ([1], "Sequence[str]"), (1, "list"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "hint"), FITS)
def test_a_value_fits_its_hint(value, hint):
    assert values.matches(value, hint)


@pytest.mark.parametrize(("value", "hint"), MISFITS)
def test_a_value_of_another_type_does_not_fit(value, hint):
    assert not values.matches(value, hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-1", -1), ("1.5", 1.5), ("1e-3", 1e-3), ("True", True), ("None", None), ("'a b'", "a b"),
        ("[1, 'a']", [1, "a"]),
        ("(1,)", (1,)), ("{'a': {1}}", {"a": {1}}), ("1+2j", 1 + 2j), ("b'x'", b"x"), ("foo", "foo"),
        ("data/raw.csv", "data/raw.csv"),
        ("2026-11-12", "2026-11-12"), ("007", "007"), ("a b", "a b"), ("", ""), ("-inf", -math.inf),
        ("http://x/?y=[1]", "http://x/?y=[1]"),
        ("print(1)", "print(1)"), ("1_000", 1000),
    ],
)  # fmt: skip
def test_a_typed_word_is_a_literal_or_itself(text, value):
    assert same(values.parse(text), value)


@pytest.mark.parametrize(("text", "meant"), [("true", "True"), ("false", "False"), ("null", "None")])
def test_a_word_of_json_is_refused_with_pythons_spelling(text, meant):
    with pytest.raises(ParameterError, match=f"Did you mean '{meant}'"):
        values.parse(text)


@pytest.mark.parametrize("text", ["[1, 2", "'abc", "{1: }", "(1", "[x for x in y]"])
def test_half_a_literal_is_refused(text):
    with pytest.raises(ParameterError, match="isn't a Python literal"):
        values.parse(text)


TYPED = [
    ("10", "str", "10"), ("'10'", "str", "10"), ("10", "int", 10), ("10", "float", 10), ("nan", "float", math.nan),
    ("nan", "str", "nan"),
    ("true", "str", "true"), ("2026-01-02", "date", dt.date(2026, 1, 2)),
    ("2026-01-02T03:04", "datetime.datetime", dt.datetime(2026, 1, 2, 3, 4)),
    ("a/b", "Path", pathlib.Path("a/b")), ("0.1", "Decimal", Decimal("0.1")), ("None", "int | None", None),
    ("5", "int | None", 5),
    ("x", "str | None", "x"), ("foo", "int", "foo"), ("[1]", "list[int]", [1]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "hint", "value"), TYPED)
def test_a_hint_says_what_a_typed_word_means(text, hint, value):
    assert same(values.parse(text, hint), value)


def test_text_that_was_read_already_is_taken_as_its_hint_says():
    for text, hint, value in TYPED:
        if text != "'10'":  # quotes are read by parse alone
            assert same(values.coerce(text, hint), value)


def test_a_parsed_word_becomes_text_again_where_text_is_meant():
    assert values.coerce(10, "str") == "10"
    assert values.coerce(10, "int") == 10
    assert values.coerce([1], "str") == [1]


@pytest.mark.parametrize("hint", ["date", "datetime.date", "dt.date", "datetime.date | None"])
def test_a_typed_date_is_a_date_however_its_hint_is_spelt(hint):
    found = values.coerce("2026-01-02", hint)
    assert (type(found), found) == (dt.date, dt.date(2026, 1, 2))
