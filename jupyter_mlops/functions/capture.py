"""A cell becomes a Function: its parameters, what it needs from the notebook, what it takes in and what it keeps.

Nothing is executed, read or written here; ``from module import *`` alone imports its module, to know its names.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from typing import Any

from jupyter_mlops import syntax
from jupyter_mlops.errors import CaptureError, did_you_mean
from jupyter_mlops.functions import magics
from jupyter_mlops.functions.bring import dotted_type
from jupyter_mlops.functions.flow import Names, Need
from jupyter_mlops.functions.gather import Gathered, gather
from jupyter_mlops.functions.history import History
from jupyter_mlops.functions.parameters import Leading, split_leading, without
from jupyter_mlops.functions.source import Cell, read_cell
from jupyter_mlops.records import Input, Kind, Parameter, Return, check_name, key_of

KINDS = ("result", *(kind.value for kind in Kind))
LONGEST_KEY = 63
_PLAIN_HINT = re.compile(
    r"(?:int|float|complex|bool|str|bytes|None|list|dict|tuple|set|frozenset|Literal|Optional|Union|Any|List|Dict|Tuple|Set|"
    r"date|datetime|timedelta|time|Path|Decimal|UUID|Enum)(?![\w.])"
)
_FUTURE = "from __future__ "
_URI = re.compile(r"[a-z][a-z0-9+.-]*://")
_SECRET = re.compile(r"(?i)(?:^|_)(?:password|passwd|secret|token|api_?key|access_?key|credentials?)$")


@dataclass(frozen=True, kw_only=True)
class Captured:
    """A cell taken apart, ready to be packaged as a notebook.

    ``imports``, ``parameters_source`` and ``body`` are source; ``defaults`` are the notebook's own objects for the
    inputs that were found there; ``warnings`` are sentences for the author.
    """

    imports: str = ""
    parameters_source: str = ""
    body: str = ""
    parameters: tuple[Parameter, ...] = ()
    inputs: tuple[Input, ...] = ()
    returns: tuple[Return, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    warnings: tuple[str, ...] = ()

    def with_defaults(self, uris: Mapping[str, str]) -> Captured:
        """Return the same with default URIs for some inputs."""
        return replace(self, inputs=tuple(replace(one, default=uris.get(one.name, one.default)) for one in self.inputs))


def capture_cell(
    source: str,
    *,
    name: str = "cell",
    namespace: Mapping[str, Any] | None = None,
    cells: Sequence[str] = (),
    inputs: Sequence[str | Input] = (),
    returns: Sequence[str | Return] = (),
) -> Captured:
    """Take a cell's source apart.

    Parameters
    ----------
    source, name
        The cell, without the line that makes it a Function; and the Function's name, for messages.
    namespace, cells
        The notebook's variables, or None when there is no notebook; and the sources of the cells that ran before, oldest first.
    inputs, returns
        ``name`` or ``name:hint``, and ``name`` or ``name:kind`` with a kind of ``result dataset model plot table file dir``.

    Raises
    ------
    CaptureError
        It isn't Python, needs a name that is nowhere, or doesn't use an input or set a return that is named.
    """
    cell = read_cell(source)
    leading = split_leading(cell)
    wanted = tuple(read_input(one) for one in inputs)
    kept = read_returns(returns)
    declared = _declared_inputs(leading, wanted)
    given = {one.name for one in leading.listed if one.default is None and one.name not in declared}
    gathered = gather(_without_declarations(cell, declared), namespace, History(cells), inputs=declared, given=given)
    names = _with_header(gathered.names, cell)
    warnings = _refuse_missing(gathered, cell, namespace)
    _refuse_unused(declared, wanted, gathered, name)
    found = _inputs(declared, gathered, leading)
    _refuse_unset(kept, names, found, leading, name)
    listed, written = _parameters(declared, gathered, leading)
    return Captured(
        imports=_imports(gathered, leading),
        parameters_source=written,
        body=_body(cell, leading, gathered),
        parameters=listed,
        inputs=found,
        returns=kept,
        defaults={one.name: gathered.data[one.name] for one in found if one.name in (namespace or {}) and one.default is None},
        description=leading.description,
        warnings=(*warnings, *_secrets(gathered)),
    )


# --- what the author says ---


def read_input(given: str | Input) -> Input:
    """Read ``key`` or ``key:hint``."""
    if isinstance(given, Input):
        return replace(given, name=check_variable(given.name))
    key, _, hint = given.partition(":")
    return Input(name=check_variable(key.strip()), hint=hint.strip() or None)


def read_returns(given: Iterable[str | Return]) -> tuple[Return, ...]:
    """Read what is kept, each under a key of its own."""
    kept: dict[str, Return] = {}
    for one in map(read_return, given):
        other = kept.setdefault(one.key, one)
        if other.name != one.name:
            raise CaptureError(
                f"{other.name!r} and {one.name!r} would both be kept as {one.key!r}: rename one of the variables, or keep one."
            )
        if other.kind != one.kind:
            raise CaptureError(f"{one.name!r} is returned twice, as {other.kind!r} and {one.kind!r}: keep one.")
    return tuple(kept.values())


def read_return(given: str | Return) -> Return:
    """Read ``variable`` or ``variable:kind``; its key is the variable's name, in lower case."""
    if isinstance(given, Return):
        given = f"{given.name}:{given.kind or ''}"
    variable, _, kind = given.partition(":")
    variable = variable.strip()
    if kind and kind not in KINDS:
        raise CaptureError(
            f"{kind!r} isn't what {variable!r} can be kept as: use one of {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}"
        )
    is_variable = variable.isidentifier() and not iskeyword(variable)
    key = key_of(variable) if is_variable and len(variable) <= LONGEST_KEY else check_name(variable, "return")
    return Return(key=key, kind=kind or None, variable=None if key == variable else variable)


def check_variable(name: str) -> str:
    """Return the name of an input, if it can be a variable: unlike a key, it may have capitals."""
    if name.isidentifier() and not iskeyword(name):
        return name
    raise CaptureError(f"{name!r} can't name an input: use the name of the variable that it becomes.")


def _declared_inputs(leading: Leading, wanted: Iterable[Input]) -> dict[str, Input]:
    """Return inputs by decree: named as such, or annotated without a value as something that isn't plain."""
    declared = {one.name: one for one in wanted}
    for parameter in leading.listed:
        one = declared.get(parameter.name)
        is_data = parameter.default is None and not _PLAIN_HINT.match((parameter.hint or "").removeprefix("typing."))
        if one is None and is_data:
            one = Input(name=parameter.name)
        if one is not None:
            default = one.default or _text_of(parameter.default)
            declared[parameter.name] = replace(one, hint=one.hint or parameter.hint, default=default)
    return declared


def _text_of(source: str | None) -> str | None:
    value = None if source is None else syntax.literal(source)
    return value if isinstance(value, str) else None


def _without_declarations(cell: Cell, declared: Mapping[str, Input]) -> ast.Module:
    """Return the cell's tree without the leading statements that declare inputs, so that their names count as needed."""
    body = list(cell.tree.body)
    for name in declared:
        for index, statement in enumerate(body):
            target = getattr(statement, "target", None) or next(iter(getattr(statement, "targets", [])), None)
            if isinstance(target, ast.Name) and target.id == name and _declares(statement):
                del body[index]
                break
    return ast.Module(body, [])


def _declares(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    literal = isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, str))
    return isinstance(statement, ast.Assign | ast.AnnAssign) and (value is None or literal)


# --- what can't be ---


def _refuse_missing(gathered: Gathered, cell: Cell, namespace: Mapping[str, Any] | None) -> list[str]:
    """Raise for the first name that is nowhere; return warnings when something may yet set it."""
    missing = [need for need in gathered.missing if need.sure]
    if not missing:
        return []
    opaque = gathered.names.opaque
    if opaque is not None:
        names = ", ".join(repr(need.name) for need in missing)
        return [f"{names}: not found in the notebook; taken to be set by {opaque}."]
    need = min(missing, key=lambda one: (bool(one.origin), one.line))
    known = {*(namespace or {}), *dir(builtins), *gathered.names.binds} - {need.name}
    hint = did_you_mean(need.name, sorted(one for one in known if not one.startswith("__")))
    raise CaptureError(f"{_place(need, cell)} isn't defined{_where(namespace)}.{hint} {_remedy(need)}", line=_line(need, cell))


def _place(need: Need, cell: Cell) -> str:
    return f"{need.name!r}, used by {need.origin!r}," if need.origin else f"Line {_line(need, cell)}: {need.name!r}"


def _line(need: Need, cell: Cell) -> int | None:
    return None if need.origin else need.line + cell.offset


def _where(namespace: Mapping[str, Any] | None) -> str:
    return " in the code" if namespace is None else ", neither in the cell nor in the notebook"


def _remedy(need: Need) -> str:
    return f"Define it first, or name it as an input: --inputs {need.name}."


def _refuse_unused(declared: Mapping[str, Input], wanted: Sequence[Input], gathered: Gathered, name: str) -> None:
    for one in wanted:
        if one.name in gathered.names.needs or gathered.names.opaque:
            continue
        others = sorted(need for need in gathered.names.needs if need not in vars(builtins) and need not in declared)
        how = "sets it before it reads it" if one.name in gathered.names.binds else "never uses it"
        raise CaptureError(
            f"Input {one.name!r} of {name!r}: the cell {how}.{did_you_mean(one.name, others)} Take it off the inputs, or use it."
        )


def _refuse_unset(kept: Sequence[Return], names: Names, inputs: Sequence[Input], leading: Leading, name: str) -> None:
    changed = {one.name for one in inputs}  # an input may be changed in place
    for one in kept:
        if one.name in names.binds or one.name in changed or names.opaque:
            continue
        hint = did_you_mean(one.name, sorted(names.binds))
        raise CaptureError(
            f"Return {one.name!r} of {name!r}: the cell never assigns it.{hint} Assign it, or take it off the returns."
        )


def _secrets(gathered: Gathered) -> list[str]:
    return [
        f"{name!r} looks like a secret, and its value is now the default of a parameter: pass it by `--env` instead."
        for name, brought in gathered.values.items()
        if _SECRET.search(name) and isinstance(brought.value, str)
    ]


# --- the parts ---


def _with_header(names: Names, cell: Cell) -> Names:
    return replace(names, binds=names.binds | magics.header_effect(cell.header).binds)


def _parameters(declared: Mapping[str, Input], gathered: Gathered, leading: Leading) -> tuple[tuple[Parameter, ...], str]:
    """Return the parameters, and their source: the author's lines as written, then the notebook's values."""
    own = without(leading.parameters, set(declared)) if declared else leading.parameters
    found = gathered.values.values()
    listed = [one for one in leading.listed if one.name not in declared]
    listed += [Parameter(name=one.name, default=one.text) for one in found]
    return tuple(listed), "\n".join([*([own] if own else []), *(f"{one.name} = {one.text}" for one in found)])


def _inputs(declared: Mapping[str, Input], gathered: Gathered, leading: Leading) -> tuple[Input, ...]:
    found = dict(declared)
    for name, value in gathered.data.items():
        one = found.get(name, Input(name=name))
        if isinstance(value, str) and name in declared:
            found[name] = replace(one, default=one.default or (value if _URI.match(value) else None))
            continue
        hint = one.hint or (None if value is None else dotted_type(value))
        found[name] = replace(one, hint=hint)
    return tuple(replace(one, hint=_dotted(one.hint, leading, gathered)) for one in found.values())


def _dotted(hint: str | None, leading: Leading, gathered: Gathered) -> str | None:
    """Write ``pd.DataFrame`` as ``pandas.DataFrame``, by the imports of the cell and the notebook."""
    if hint is None or not re.fullmatch(r"[\w.]+", hint):
        return hint
    first, dot, rest = hint.partition(".")
    for line in [*leading.imports.splitlines(), *gathered.imports]:
        if match := re.fullmatch(rf"import ([\w.]+) as {re.escape(first)}", line.strip()):
            return f"{match[1]}{dot}{rest}"
        if not rest and (match := re.fullmatch(rf"from ([\w.]+) import {re.escape(first)}", line.strip())):
            return f"{match[1]}.{first}"
    known = {"pd": "pandas", "np": "numpy", "pl": "polars", "pa": "pyarrow"}
    return f"{known[first]}.{rest}" if rest and first in known else hint


def _imports(gathered: Gathered, leading: Leading) -> str:
    """Put together all that comes before the parameters; ``from __future__`` must stand first."""
    lines = dict.fromkeys(gathered.imports)
    written = leading.imports.splitlines()
    future = sorted({line for line in [*lines, *written] if line.startswith(_FUTURE)})
    own = "\n".join(line for line in written if not line.startswith(_FUTURE)).strip("\n")
    others = sorted((line for line in lines if line not in future), key=lambda line: (line.startswith("from "), line))
    sources = "\n\n\n".join(gathered.sources)
    # an import of the cell's own that gives another meaning to what was brought has to come after it
    clash = "*" in own or any(re.search(rf"\b{re.escape(name)}\b", own) for name in gathered.brought)
    head = "\n".join(part for part in [*future, *others, *([own] if own and not clash else [])])
    return "\n\n\n".join(part for part in [head, sources, own if clash else ""] if part)


def _body(cell: Cell, leading: Leading, gathered: Gathered) -> str:
    late = "\n\n\n".join(gathered.late_sources)
    body = f"{cell.header}{leading.rest}".rstrip("\n")
    return f"{late}\n\n\n{body}" if late else body
