"""Parameters as they are written: ``n: int = 100  # how many``, in papermill's reading, by syntax tree rather than by line."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass

from jupyter_mlops.errors import CaptureError
from jupyter_mlops.functions.source import Cell, read_cell, segment
from jupyter_mlops.records import Parameter

_TYPE_COMMENT = re.compile(r"type:\s*(\S+)\s*")
_NO_DESCRIPTION = re.compile(r"#\s*(?:!|\||%%|type:|noqa|pylint:|ruff:|fmt:|mypy:|isort:|pragma|-\*-)")
# magics that may stand among the imports at the top of a cell: they set up the kernel, whatever the parameters
_SETUP = frozenset({"matplotlib", "config", "load_ext", "reload_ext", "autoreload", "pip", "conda", "mamba", "micromamba", "env"})


@dataclass(frozen=True, kw_only=True)
class Leading:
    """The top of a cell taken apart: ``imports``, ``parameters`` and ``rest`` are its lines, in order, each once."""

    imports: str = ""
    parameters: str = ""
    rest: str = ""
    listed: tuple[Parameter, ...] = ()
    description: str = ""


def read_parameters(source: str) -> tuple[Parameter, ...]:
    """List the parameters of a cell tagged ``parameters``: each assignment to a plain name, whatever its value.

    ``x: int`` without a value is a parameter that must be given. Of two assignments to one name the last counts.
    """
    try:
        cell = read_cell(source)
    except CaptureError:
        return ()
    found: dict[str, Parameter] = {}
    comments = _comments(cell.text)
    for statement in cell.tree.body:
        name = _target(statement)
        if name is not None:
            found[name] = _parameter(cell, statement, name, comments)
    return tuple(found.values())


def split_leading(cell: Cell) -> Leading:
    """Take the imports and literal assignments off the top of a cell; what comes after the first other statement stays.

    An import of a name that is a parameter already ends the top, as the order of the two matters.
    """
    imports: list[str] = []
    parameters: list[str] = []
    kept: list[str] = []
    taken, seen = 0, set[str]()
    groups = _by_line(cell.tree.body)
    for index, group in enumerate(groups):
        end = max(statement.end_lineno or statement.lineno for statement in group)
        role = _role(group, first=index == 0)
        bound = _imported(group) if role == "import" else set()
        if role is None or bound & seen or (parameters and "*" in bound):
            break
        {"import": imports, "parameter": parameters, "docstring": kept}[role].append(segment(cell, taken + 1, end))
        if role == "parameter":
            seen |= {name for statement in group if (name := _target(statement)) is not None}
        taken = end
    source = _joined(parameters)
    return Leading(
        imports=_joined(imports),
        parameters=source,
        rest=_joined([*kept, segment(cell, taken + 1, len(cell.lines))]),
        listed=read_parameters(source),
        description=_description(cell, groups),
    )


def without(source: str, names: set[str]) -> str:
    """Return a parameters cell's source without the assignments to these names."""
    cell = read_cell(source)
    lines, gone = [*cell.lines], set[int]()
    for group in _by_line(cell.tree.body):
        if any(_target(statement) in names for statement in group):
            gone |= set(range(group[0].lineno, (group[-1].end_lineno or group[-1].lineno) + 1))
            lines[group[0].lineno - 1] = "".join(
                f"{segment_of(cell, statement)}\n" for statement in group if _target(statement) not in names
            )
            gone.discard(group[0].lineno)
    return "".join(line for number, line in enumerate(lines, 1) if number not in gone).strip("\n")


def segment_of(cell: Cell, statement: ast.AST) -> str:
    """Return what is written there; ``ast.get_source_segment`` takes minutes for a line of a megabyte."""
    place = statement.lineno, statement.col_offset, statement.end_lineno, statement.end_col_offset  # type: ignore[attr-defined]
    first, start, last, end = place
    if last is None or end is None or last > len(cell.lines):
        return ast.unparse(statement)
    lines = [line.encode("utf-8", "surrogatepass") for line in cell.lines[first - 1 : last]]
    lines[-1] = lines[-1][:end]  # before the start: they may be one line
    lines[0] = lines[0][start:]
    return b"".join(lines).decode("utf-8", "surrogatepass") or ast.unparse(statement)


def _by_line(statements: list[ast.stmt]) -> list[list[ast.stmt]]:
    """Group statements that share a line, as ``a = 1; b = 2`` does: they stay together."""
    groups: list[list[ast.stmt]] = []
    for statement in statements:
        if groups and statement.lineno <= (groups[-1][-1].end_lineno or 0):
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return groups


def _role(group: list[ast.stmt], *, first: bool) -> str | None:
    roles = {_role_of(statement) for statement in group}
    role = roles.pop() if len(roles) == 1 else None
    return role if role != "docstring" or first else None


def _role_of(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Import | ast.ImportFrom) or _is_setup(statement):
        return "import"
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str):
        return "docstring"
    if _target(statement) is not None and isinstance(statement, ast.Assign | ast.AnnAssign):
        return "parameter" if statement.value is None or _is_literal(statement.value) else None
    return None


def _is_setup(statement: ast.stmt) -> bool:
    """Return whether it's ``%matplotlib inline``, ``!pip install …`` and the like, without a variable in it."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return False
    words = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    text = " ".join(str(word) for word in words)
    if not words or "{" in text or "$" in text or ast.unparse(call.func.value) != "get_ipython()":
        return False
    return call.func.attr in {"run_line_magic", "system"} and text.strip().partition(" ")[0] in _SETUP


def _imported(group: list[ast.stmt]) -> set[str]:
    aliases = [alias for statement in group if isinstance(statement, ast.Import | ast.ImportFrom) for alias in statement.names]
    return {alias.asname or alias.name.partition(".")[0] for alias in aliases}


def _target(statement: ast.stmt) -> str | None:
    """Return the plain name that a statement assigns or annotates."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _parameter(cell: Cell, statement: ast.stmt, name: str, comments: dict[int, str]) -> Parameter:
    assert isinstance(statement, ast.Assign | ast.AnnAssign)
    comment = comments.get(statement.end_lineno or statement.lineno, "")
    hint = None
    if isinstance(statement, ast.AnnAssign):
        written = statement.annotation
        quoted = isinstance(written, ast.Constant) and isinstance(written.value, str)
        hint = written.value if quoted else segment_of(cell, written)  # type: ignore[attr-defined]
    if found := _TYPE_COMMENT.match(comment):
        hint, comment = hint or found[1], comment[found.end() :]
    default = None if statement.value is None else segment_of(cell, statement.value)
    return Parameter(name=name, default=default, hint=hint, help=comment.strip())


def _comments(text: str) -> dict[int, str]:
    """Return the comment at the end of each line that has one."""
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("#").strip()
    except (tokenize.TokenError, SyntaxError):
        pass  # a magic further down is no Python: the comments above it are what counts
    return found


def _description(cell: Cell, groups: list[list[ast.stmt]]) -> str:
    """Return the docstring at the top, or the comment there unless it stands right over a parameter."""
    if groups and _role(groups[0], first=True) == "docstring":
        return ast.get_docstring(cell.tree) or ""
    block = []
    for line in cell.lines:
        if not line.startswith("#"):
            break
        if not _NO_DESCRIPTION.match(line):
            block.append(line.lstrip("#").strip())
    below = groups[0][0].lineno - 1 if groups else 0
    if groups and below == len(block) and _role(groups[0], first=False) == "parameter":
        return ""
    return "\n".join(block).strip()


def _joined(parts: list[str]) -> str:
    return "".join(part if part.endswith("\n") else part + "\n" for part in parts if part).strip("\n")
