"""What a name of the notebook means, and how another kernel can have the same: an import, its source, a value, or data."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from jupyter_mlops import syntax, values
from jupyter_mlops.errors import CaptureError, ParameterError
from jupyter_mlops.functions.history import Definition, History, Passage
from jupyter_mlops.functions.scopes import FUNCTIONS

LONGEST_VALUE = 1_000  # characters of source; a longer value is data
# modules whose objects are known to pickle: a table of gigabytes isn't pickled to find that out
_DATA = frozenset(
    "pandas numpy polars pyarrow scipy sklearn torch matplotlib xgboost lightgbm catboost geopandas xarray PIL".split()
)
_WRITTEN = frozenset({"functools", "operator", "_operator", "typing", "re", "logging"})
OF_THE_SHELL = re.compile(r"_+|_i+|_i?[0-9]+|_[oid]h")
_SHELL = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


@dataclass(frozen=True, kw_only=True)
class Brought:
    """How a name comes along: ``kind`` is import, source, value or data; ``text`` the Python that makes it.

    ``value`` is the object itself, ``statement`` the parsed text of a source.
    """

    name: str
    kind: str
    text: str = ""
    value: Any = None
    statement: ast.Module | None = None


def look_up(name: str, namespace: Mapping[str, Any] | None, history: History) -> Brought | None:
    """Return how a name of the notebook comes along, or None when the notebook doesn't have it.

    Raises
    ------
    CaptureError
        It is there, but neither its source nor its value can be taken elsewhere.
    """
    if namespace is None:
        return _from_history_alone(name, history)
    if name not in namespace or _is_builtin(name, namespace[name]):
        return None
    value = namespace[name]
    for find in (_imported_before, _module, _defined, _plain, _exported):
        found = find(name, value, history)
        if found is not None:
            return found
    return _rebuilt(name, value, namespace) or _data(name, value, history)


def _peek(value: Any, attribute: str) -> Any:
    """Return an attribute, or None; an object's own ``__getattr__`` may do anything."""
    try:
        return getattr(value, attribute, None)
    except Exception:  # the object's own code; it's then an object without that attribute
        return None


def _is_builtin(name: str, value: Any) -> bool:
    """Return whether every kernel has it: a builtin, or one of IPython's own (``In``, ``exit``, ``_``, ``_12``)."""
    if name in vars(builtins) and getattr(builtins, name) is value:
        return True
    if name in _SHELL:
        kind = value if callable(value) and not isinstance(value, type) else type(value)
        homes = (getattr(kind, "__module__", None) or "", type(value).__module__)
        return name in ("In", "Out") or any(home.startswith(("IPython", "ipykernel", "io", "_io")) for home in homes)
    return OF_THE_SHELL.fullmatch(name) is not None


# --- imports ---


def _imported_before(name: str, value: Any, history: History) -> Brought | None:
    """Say it with the import that the notebook itself used, if that still gives the same object."""
    for statement in history.imports():
        for alias in statement.names:
            text = _import_of(name, alias, statement, value)
            if text is not None:
                return Brought(name=name, kind="import", text=text, value=value)
    return None


def _import_of(name: str, alias: ast.alias, statement: ast.Import | ast.ImportFrom, value: Any) -> str | None:
    if isinstance(statement, ast.Import):
        whole = alias.asname is not None
        if (alias.asname or alias.name.partition(".")[0]) != name:
            return None
        module = sys.modules.get(alias.name if whole else name)
        return f"import {alias.name} as {name}" if module is value and whole else None
    given = name if alias.name == "*" else alias.name
    if statement.level or statement.module is None or (alias.asname or given) != name:
        return None
    module = sys.modules.get(statement.module)
    same = getattr(module, given, _import_of) is value or sys.modules.get(f"{statement.module}.{given}") is value
    if not same or (alias.name == "*" and given.startswith("_")):
        return None
    return f"from {statement.module} import {given}" + (f" as {name}" if given != name else "")


def _module(name: str, value: Any, history: History) -> Brought | None:
    if not isinstance(value, ModuleType):
        return None
    if getattr(value, "__spec__", None) is None or value.__name__ not in sys.modules:
        raise CaptureError(f"Module {name!r} was made in this notebook and can't be imported elsewhere: put it in a file.")
    text = f"import {value.__name__}" + (f" as {name}" if value.__name__ != name else "")
    return Brought(name=name, kind="import", text=text, value=value)


def submodules(brought: Brought, chains: set[str], history: History) -> list[str]:
    """Return further imports where ``a.b`` is used and the notebook imported it by itself: ``import a`` need not load it."""
    if not isinstance(brought.value, ModuleType):
        return []
    root = brought.value.__name__
    used = {f"{root}{chain[len(brought.name) :]}." for chain in chains if chain.startswith(f"{brought.name}.")}
    found = set()
    for statement in history.imports():
        for alias in statement.names:
            module = alias.name if isinstance(statement, ast.Import) else f"{statement.module}.{alias.name}"
            known = isinstance(sys.modules.get(module), ModuleType) and module != root
            if known and any(chain.startswith(f"{module}.") for chain in used):
                found.add(f"import {module}")
    return sorted(found)


def _exported(name: str, value: Any, history: History) -> Brought | None:
    """Find an object that isn't data as an attribute of a public module: ``Optional``, a ufunc, a singleton."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | tuple | list | dict | set):
        return None
    home = _public_home(name, value)
    return None if home is None else Brought(name=name, kind="import", text=f"from {home} import {name}", value=value)


def _public_home(name: str, value: Any) -> str | None:
    homes = [
        home
        for home, module in list(sys.modules.items())
        if isinstance(module, ModuleType) and home != "__main__" and not any(part.startswith("_") for part in home.split("."))
        if vars(module).get(name, _public_home) is value and getattr(module, "__spec__", None) is not None
    ]
    return min(homes, key=lambda home: (home.count("."), len(home), home), default=None)


# --- functions and classes ---


def _defined(name: str, value: Any, history: History) -> Brought | None:
    """Bring a function or class: by import from where it lives, or by its source if it was made in the notebook."""
    newest = history.of(name)[:1]
    by_def = bool(newest) and isinstance(newest[0].statement, (*FUNCTIONS, ast.ClassDef)) and callable(value)
    if not (issubclass(type(value), type) or _is_function(value) or by_def):
        return None
    if (text := _import_from_home(name, value)) is not None:
        return Brought(name=name, kind="import", text=text, value=value)
    for passage in _sources(name, value, history):
        additions = [addition.text for addition in history.additions(name)]
        text = "\n\n\n".join([passage.text, *additions])
        defined = getattr(passage.statement, "name", name)
        text += f"\n\n\n{name} = {defined}" if defined != name else ""
        return Brought(name=name, kind="source", text=text, value=value, statement=syntax.parse(text))
    return None


def _is_function(value: Any) -> bool:
    """Return whether it's something one writes rather than computes: a function, or what is made of one, a pattern, a logger."""
    kind = type(value)
    if issubclass(kind, FunctionType | BuiltinFunctionType | MethodType) or _peek(value, "__wrapped__") is not None:
        return True
    return kind.__module__ in _WRITTEN or dotted_type(value) == "numpy.vectorize"


def _import_from_home(name: str, value: Any) -> str | None:
    home, own = _peek(value, "__module__"), _peek(value, "__qualname__")
    if not isinstance(home, str) or not isinstance(own, str) or home == "__main__":
        return None
    module = sys.modules.get(home)
    if module is None or getattr(module, "__spec__", None) is None:
        return None
    attribute = own if "." not in own and getattr(module, own, None) is value else getattr(value, "__name__", "")
    if not attribute.isidentifier() or getattr(module, attribute, None) is not value:
        return None
    public = _public_home(attribute, value) if any(part.startswith("_") for part in home.split(".")) else None
    return f"from {public or home} import {attribute}" + (f" as {name}" if attribute != name else "")


def _sources(name: str, value: Any, history: History) -> Iterator[Passage]:
    """Yield the source of something defined in the notebook, the likeliest first."""
    known = [passage for passage in history.of(name) if _makes_alone(passage.statement, name)]
    live = _live_source(value)
    if live is not None:
        # the notebook may have defined the name again in a cell that failed: what lives is what counts
        yield from (passage for passage in known if passage.text.strip() == live.text.strip())
        if not known or not isinstance(known[0].statement, ast.Assign):
            yield live
    yield from known


def _makes_alone(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return statement.name == name
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return (
        isinstance(statement, ast.Assign | ast.AnnAssign)
        and statement.value is not None
        and all(isinstance(target, ast.Name) for target in targets)
    )


def _live_source(value: Any) -> Passage | None:
    """Return the definition that Python itself remembers; None for what closes over variables of a function."""
    inner: Any = inspect.unwrap(value) if callable(value) else value
    if getattr(inner, "__closure__", None) or "<locals>" in getattr(inner, "__qualname__", ""):
        return None
    parts = [inner, *vars(inner).values()] if isinstance(inner, type) else [inner]
    codes = [one.__code__ for one in parts if isinstance(one, FunctionType)]
    for code in codes[:1]:
        passages = History(["".join(linecache.getlines(code.co_filename))]).of(inner.__name__)
        definitions = (one for one in passages if isinstance(one.statement, Definition))
        return next((one for one in definitions if _spans(one.statement, code.co_firstlineno)), None)
    return None


def _spans(statement: ast.stmt, line: int) -> bool:
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", []))])
    last: int = statement.end_lineno or statement.lineno
    return bool(first <= line <= last)


# --- values and data ---


def _plain(name: str, value: Any, history: History) -> Brought | None:
    try:
        text = values.source(value)
        values.encode(value)
    except ParameterError:
        return None
    kind = "value" if len(text) <= LONGEST_VALUE else "data"
    return Brought(name=name, kind=kind, text=text if kind == "value" else "", value=value)


def _rebuilt(name: str, value: Any, namespace: Mapping[str, Any]) -> Brought | None:
    """Write a small object of the notebook's own class anew: a pickled one would be of another class of the same name."""
    kind = type(value)
    if kind.__module__ != "__main__" or namespace.get(kind.__name__) is not kind:
        return None
    try:
        if isinstance(value, Enum):
            text = f"{kind.__name__}[{value.name!r}]"
        elif issubclass(kind, tuple) and hasattr(kind, "_fields"):
            text = f"{kind.__name__}({', '.join(map(values.source, value))})"
        elif is_dataclass(kind) and all(field.init for field in fields(kind)):
            given = ", ".join(f"{field.name}={values.source(getattr(value, field.name))}" for field in fields(kind))
            text = f"{kind.__name__}({given})"
        else:
            return None
    except (ParameterError, AttributeError):  # it holds more than plain values
        return None
    return Brought(name=name, kind="source", text=f"{name} = {text}", value=value, statement=syntax.parse(f"{name} = {text}"))


def _data(name: str, value: Any, history: History) -> Brought:
    if type(value).__module__.partition(".")[0] in _DATA or _pickles(value):
        return Brought(name=name, kind="data", value=value)
    for passage in history.of(name):
        if _makes_alone(passage.statement, name):
            return Brought(name=name, kind="source", text=passage.text, value=value, statement=syntax.parse(passage.text))
    raise CaptureError(f"{name!r} ({dotted_type(value)}) can't be saved for another kernel: make it in the cell.")


class _Sink:
    """Takes a pickle and forgets it; enough of it is proof enough."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, part: bytes) -> int:
        self.size += len(part)
        if self.size > 10_000_000:
            raise _Enough
        return len(part)


class _Enough(Exception):
    """So much was pickled that the rest will be too."""


def _pickles(value: Any) -> bool:
    import cloudpickle  # here: only a notebook with unusual objects needs it

    try:
        cloudpickle.dump(value, _Sink())
    except _Enough:
        return True
    except Exception:  # any object's own __reduce__ runs in there; the answer is the record
        return False
    return True


def dotted_type(value: Any) -> str:
    """Return the public dotted name of an object's type: ``pandas.DataFrame``, not ``pandas.core.frame.DataFrame``."""
    kind = type(value)
    name, home = kind.__qualname__, kind.__module__
    if home in ("builtins", "__main__"):
        return name
    parts = home.split(".")
    for count in range(1, len(parts)):
        shorter = ".".join(parts[:count])
        if getattr(sys.modules.get(shorter), name, None) is kind:
            return f"{shorter}.{name}"
    return f"{home}.{name}"


# --- without a namespace ---


def _from_history_alone(name: str, history: History) -> Brought | None:
    """Tell what can be told from earlier cells when no kernel holds their results."""
    for passage in history.of(name):
        statement = passage.statement
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return Brought(name=name, kind="import", text=passage.text)
        if isinstance(statement, (*FUNCTIONS, ast.ClassDef)) or _makes_alone(statement, name):
            return Brought(name=name, kind="source", text=passage.text, statement=syntax.parse(passage.text))
    return None
