"""How each type travels: one ``Form`` per exact type. ``codec`` walks nested values with these.

Standard library only; numpy is imported only to make a numpy scalar.
"""

from __future__ import annotations

import datetime
import json
import pathlib
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, Flag
from importlib import import_module
from math import isfinite
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jupyter_mlops.errors import ParameterError

Walk = Callable[[Any], Any]


@dataclass(frozen=True)
class Form:
    """How one exact type travels: to JSON, back, and as a Python expression. ``walk`` does the same for a part."""

    tag: str
    pack: Callable[[Any, Walk], Any]
    unpack: Callable[[Any, Walk], Any]
    source: Callable[[Any, Walk], str]


def form_of(value: Any) -> Form:
    """Return how a value travels, or raise ParameterError with a way out."""
    form = FORMS.get(type(value))
    if form is not None:
        return form
    if isinstance(value, Enum):
        return _ENUM
    if is_numpy_scalar(value):
        return _NUMPY
    raise ParameterError(f"A {type_name(value)} can't be a parameter: {_remedy(value)}.")


def type_name(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def is_numpy_scalar(value: Any) -> bool:
    """Return whether it's a numpy scalar, without importing numpy: who has one has it imported."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic) and type(value).__module__ == "numpy"


def _remedy(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return "it would lose what its type adds to datetime; pass value.to_pydatetime() or a datetime.datetime"
    for plain in (dict, list, tuple, set, frozenset, str, bytes, int, float):
        if isinstance(value, plain):
            return (
                f"it would lose what its type adds to {plain.__name__}; pass {plain.__name__}(value), or the object as an input"
            )
    if callable(value):
        return "pass its name, and look it up in the Function"
    return "pass it as an input, which is saved and loaded as an artifact"


def _call(dotted: str, *arguments: str) -> str:
    module, _, name = dotted.rpartition(".")
    return f"__import__({json.dumps(module)}).{name}({', '.join(arguments)})"


def _float_source(value: float) -> str:
    return repr(value) if isfinite(value) else f'float("{value!r}")'


def _int_source(value: int) -> str:
    return repr(value) if value.bit_length() < 512 else hex(value)


def _tuple_source(value: tuple[Any, ...], walk: Walk) -> str:
    return f"({', '.join(map(walk, value))}{',' * (len(value) == 1)})"


def _set_source(value: set[Any] | frozenset[Any], walk: Walk) -> str:
    items = ", ".join(sorted(map(walk, value)))
    if isinstance(value, frozenset):
        return f"frozenset({{{items}}})" if items else "frozenset()"
    return f"{{{items}}}" if items else "set()"


def _sorted_items(value: set[Any] | frozenset[Any], walk: Walk) -> list[Any]:
    return sorted(map(walk, value), key=json.dumps)


def _zone(tzinfo: datetime.tzinfo | None) -> Any:
    if tzinfo is None:
        return None
    if type(tzinfo) is ZoneInfo and tzinfo.key:
        return tzinfo.key
    if type(tzinfo) is datetime.timezone:
        offset = tzinfo.utcoffset(None)
        named = tzinfo.tzname(None)
        plain = datetime.timezone(offset).tzname(None)
        return [_delta(offset), None if named == plain else named]
    raise ParameterError(f"A time with a {type_name(tzinfo)} can't be a parameter: use zoneinfo.ZoneInfo or datetime.timezone.")


def _unzone(data: Any) -> datetime.tzinfo | None:
    if data is None:
        return None
    if isinstance(data, str):
        try:
            return ZoneInfo(data)
        except ZoneInfoNotFoundError as error:
            raise ParameterError(f"Time zone {data!r} isn't known here: install tzdata in the run's environment.") from error
    offset, name = datetime.timedelta(*data[0]), data[1]
    return datetime.timezone(offset) if name is None else datetime.timezone(offset, name)


def _zone_source(tzinfo: datetime.tzinfo | None) -> str:
    zone = _zone(tzinfo)
    if isinstance(zone, str):
        return _call("zoneinfo.ZoneInfo", repr(zone))
    if tzinfo is datetime.UTC:
        return '__import__("datetime").timezone.utc'
    offset, name = zone
    arguments = [_call("datetime.timedelta", *map(repr, offset))]
    return _call("datetime.timezone", *arguments, *([] if name is None else [repr(name)]))


def _delta(value: datetime.timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _moment(value: datetime.datetime | datetime.time) -> list[Any]:
    return [value.replace(tzinfo=None).isoformat(), _zone(value.tzinfo), value.fold]


def _unmoment(kind: type[Any]) -> Callable[[Any], Any]:
    def unpack(data: Any) -> Any:
        return kind.fromisoformat(data[0]).replace(tzinfo=_unzone(data[1]), fold=data[2])

    return unpack


def _moment_source(name: str, *fields: str) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        numbers = [getattr(value, field) for field in fields]
        while len(numbers) > 3 and not numbers[-1]:
            numbers.pop()
        extra = [] if value.tzinfo is None else [f"tzinfo={_zone_source(value.tzinfo)}"]
        return _call(f"datetime.{name}", *map(repr, numbers), *extra, *(["fold=1"] if value.fold else []))

    return write


def _path_form(kind: type[Any], name: str) -> Form:
    return Form(
        name,
        lambda value, walk: walk(str(value)),
        lambda data, walk: kind(walk(data)),
        lambda value, walk: _call(f"pathlib.{name}", walk(str(value))),
    )


def _leaf(tag: str, pack: Callable[[Any], Any], unpack: Callable[[Any], Any], source: Callable[[Any], str] = repr) -> Form:
    """Return the form of a type whose values have no parts to walk into."""
    return Form(tag, lambda value, _: pack(value), lambda data, _: unpack(data), lambda value, _: source(value))


def _parts(value: Any, walk: Walk) -> list[Any]:
    return [walk(item) for item in value]


def _list_source(value: list[Any], walk: Walk) -> str:
    return f"[{', '.join(map(walk, value))}]"


def _pack_dict(value: dict[Any, Any], walk: Walk) -> list[Any]:
    return [[walk(key), walk(item)] for key, item in value.items()]


def _unpack_dict(data: Any, walk: Walk) -> dict[Any, Any]:
    return {walk(key): walk(item) for key, item in data}


def _dict_source(value: dict[Any, Any], walk: Walk) -> str:
    return "{" + ", ".join(f"{walk(key)}: {walk(item)}" for key, item in value.items()) + "}"


def _text_to_base64(value: str) -> str:
    return b64encode(value.encode("utf-8", "surrogatepass")).decode()


def _base64_to_text(data: str) -> str:
    return b64decode(data).decode("utf-8", "surrogatepass")


def _complex_source(value: complex) -> str:
    return f"complex({_float_source(value.real)}, {_float_source(value.imag)})"


_DATE = ("year", "month", "day")
_CLOCK = ("hour", "minute", "second", "microsecond")

FORMS: dict[type[Any], Form] = {
    str: _leaf("str", _text_to_base64, _base64_to_text),
    int: _leaf("int", hex, lambda data: int(data, 16), _int_source),
    float: _leaf("float", repr, float, _float_source),
    list: Form("list", _parts, _parts, _list_source),
    dict: Form("dict", _pack_dict, _unpack_dict, _dict_source),
    tuple: Form("tuple", _parts, lambda data, walk: tuple(map(walk, data)), _tuple_source),
    set: Form("set", _sorted_items, lambda data, walk: set(map(walk, data)), _set_source),
    frozenset: Form("frozenset", _sorted_items, lambda data, walk: frozenset(map(walk, data)), _set_source),
    bytes: _leaf("bytes", lambda value: b64encode(value).decode(), b64decode),
    complex: _leaf(
        "complex",
        lambda value: [repr(value.real), repr(value.imag)],
        lambda data: complex(float(data[0]), float(data[1])),
        _complex_source,
    ),
    datetime.date: _leaf(
        "date",
        datetime.date.isoformat,
        datetime.date.fromisoformat,
        lambda value: _call("datetime.date", *(repr(getattr(value, field)) for field in _DATE)),
    ),
    datetime.datetime: _leaf("datetime", _moment, _unmoment(datetime.datetime), _moment_source("datetime", *_DATE, *_CLOCK)),
    datetime.time: _leaf("time", _moment, _unmoment(datetime.time), _moment_source("time", *_CLOCK)),
    datetime.timedelta: _leaf(
        "timedelta",
        _delta,
        lambda data: datetime.timedelta(*data),
        lambda value: _call("datetime.timedelta", *map(repr, _delta(value))),
    ),
    Decimal: _leaf("decimal", str, Decimal, lambda value: _call("decimal.Decimal", repr(str(value)))),
    UUID: _leaf("uuid", str, UUID, lambda value: _call("uuid.UUID", repr(str(value)))),
    pathlib.PurePosixPath: _path_form(pathlib.PurePosixPath, "PurePosixPath"),
    pathlib.PureWindowsPath: _path_form(pathlib.PureWindowsPath, "PureWindowsPath"),
    # A concrete path travels as "a path of this machine", so that a run.json written on Windows can be read elsewhere.
    type(pathlib.Path()): _path_form(pathlib.Path, "Path"),
}


# ---- enum members


def _enum_class(value: Enum) -> list[str]:
    kind = type(value)
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is not kind or kind.__module__ == "__main__":
        raise ParameterError(
            f"{value!r} can't be a parameter: its class isn't in a module that a run can import; pass its value."
        )
    return [kind.__module__, kind.__qualname__]


def _pack_enum(value: Enum, walk: Walk) -> list[Any]:
    # A combination of flags has no name of its own (or one that can't be looked up): it travels by value.
    combined = isinstance(value, Flag) and (value.name is None or value.name not in type(value).__members__)
    return [*_enum_class(value), None if combined else value.name, walk(value.value) if combined else None]


def _unpack_enum(data: Any, walk: Walk) -> Any:
    module, qualname, name, value = data
    try:
        kind: Any = import_module(module)
        for part in qualname.split("."):
            kind = getattr(kind, part)
        # a file from elsewhere must not be able to call whatever it names
        if not (isinstance(kind, type) and issubclass(kind, Enum)):
            raise ValueError("it isn't an Enum")
        return kind(walk(value)) if name is None else kind[name]
    except (ImportError, AttributeError, KeyError, ValueError) as error:
        raise ParameterError(
            f"{module}.{qualname} can't be loaded here ({error}): put its module on the path of the run."
        ) from error


def _enum_source(value: Enum, walk: Walk) -> str:
    module, qualname, name, _ = _pack_enum(value, walk)
    kind = f'__import__("importlib").import_module({json.dumps(module)}).{qualname}'
    return f"{kind}({walk(value.value)})" if name is None else f"{kind}[{name!r}]"


def _peek_enum(data: Any, walk: Walk) -> str:
    _, qualname, name, value = data
    return f"{qualname.rpartition('.')[2]}.{name}" if name is not None else f"{qualname.rpartition('.')[2]}({walk(value)!r})"


_ENUM = Form("enum", _pack_enum, _unpack_enum, _enum_source)


# ---- numpy scalars


def _pack_numpy(value: Any, walk: Walk) -> list[Any]:
    name, kind = type(value).__name__, value.dtype.kind
    if kind in "Mm":
        unit = value.dtype.str[4:-1] or None
        return [name, [None if str(value) == "NaT" else int(value.view("int64")), unit]]
    if name == "longdouble":
        return [name, str(value)]
    if name == "clongdouble":
        return [name, [str(value.real), str(value.imag)]]
    if kind == "V":
        raise ParameterError(f"A {type_name(value)} can't be a parameter: pass tuple(value), or the array as an input.")
    return [name, walk(_plain_scalar(value))]


def _plain_scalar(value: Any) -> Any:
    casts = {"U": str.__str__, "S": bytes.__bytes__}
    return casts[value.dtype.kind](value) if value.dtype.kind in casts else value.item()


def _unpack_numpy(data: Any, walk: Walk) -> Any:
    try:
        numpy: Any = import_module("numpy")
    except ImportError as error:
        raise ParameterError(f"A numpy.{data[0]} can't be loaded here: install numpy in the run's environment.") from error
    name, value = data
    scalar = getattr(numpy, _NUMPY_1.get(name, name), None)
    if not (isinstance(scalar, type) and issubclass(scalar, numpy.generic)):
        raise ParameterError(f"numpy.{name} isn't a type of numpy scalars: upgrade numpy, if a newer one wrote this.")
    if name in ("datetime64", "timedelta64"):
        return scalar(*_ticks(value))
    if name == "clongdouble":
        return numpy.array(list(map(numpy.longdouble, value))).view(name)[0]
    return scalar(walk(value))


# numpy 1 has no numpy.bool, numpy 2 has both.
_NUMPY_1 = {"bool": "bool_"}


def _ticks(data: list[Any]) -> list[Any]:
    count, unit = data
    return ["NaT" if count is None else count, *([] if unit is None else [unit])]


def _numpy_source(value: Any, walk: Walk) -> str:
    name = type(value).__name__
    if name == "clongdouble":
        parts = ", ".join(_call("numpy.longdouble", repr(str(part))) for part in (value.real, value.imag))
        return _call("numpy.array", f"[{parts}]") + '.view("clongdouble")[0]'
    if name == "longdouble":
        return _call("numpy.longdouble", repr(str(value)))
    if name in ("datetime64", "timedelta64"):
        return _call(f"numpy.{name}", *map(repr, _ticks(_pack_numpy(value, walk)[1])))
    _pack_numpy(value, walk)  # refuses what can't travel
    return _call(f"numpy.{_NUMPY_1.get(name, name)}", walk(_plain_scalar(value)))


def _peek_numpy(data: Any, walk: Walk) -> Any:
    name, value = data
    if name in ("datetime64", "timedelta64"):
        return f"{'NaT' if value[0] is None else value[0]} {value[1] or ''}".strip()
    if name == "clongdouble":
        return complex(float(value[0]), float(value[1]))
    return float(value) if name == "longdouble" else walk(value)


_NUMPY = Form("numpy", _pack_numpy, _unpack_numpy, _numpy_source)
BY_TAG = {form.tag: form for form in (*FORMS.values(), _ENUM, _NUMPY)}
PEEKS: dict[str, Callable[[Any, Walk], Any]] = {"enum": _peek_enum, "numpy": _peek_numpy}
