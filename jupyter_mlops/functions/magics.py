"""What a ``%magic`` or ``!command`` does to names, told from the call that IPython makes of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from jupyter_mlops import syntax
from jupyter_mlops.errors import CaptureError
from jupyter_mlops.functions.source import PYTHON_BODIES, plain_python

# magics that leave the notebook's variables alone, but for what is written as `x = %magic`
_QUIET = frozenset(
    "alias autoreload autosave bookmark cat cd colors conda config cp debug dhist dirs doctest_mode edit env gui help history "
    "killbgscripts ldir less lf lk ll load_ext loadpy logoff logon ls lsmagic lx mamba man matplotlib micromamba mkdir more "
    "mv notebook page pdb pdef pdoc pfile pinfo pinfo2 pip popd pprint precision psearch psource pushd pwd pycat quickref "
    "recall reload_ext rep rm rmdir save sc set_env store sx system tb unalias uv who who_ls whos xmode "
    "bash cmd html HTML javascript js latex markdown perl pypy python python2 python3 ruby script sh svg SVG "
    "writefile file".split()
)
_EXPANSION = re.compile(r"\{([^{}]*)\}|\$\$?([A-Za-z_]\w*)")
_OUTPUTS = re.compile(r"--(?:out|err|proc)\s+([A-Za-z_]\w*)|(?:-o|-c)\s+([A-Za-z_]\w*)")
_RUNS_PYTHON = PYTHON_BODIES | {"lprun"}


@dataclass(frozen=True, kw_only=True)
class Effect:
    """``statements`` run in place; ``mentions`` are names it may look up; ``binds`` are names it sets.

    ``opaque`` is the magic that may set names nobody can foresee, or None.
    """

    statements: list[ast.stmt] = field(default_factory=list)
    mentions: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    opaque: str | None = None


def effect_of(call: ast.Call) -> Effect | None:
    """Return what a call of ``get_ipython().run_line_magic`` and its kin does, None for any other call."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and _is_shell(function.value)):
        return None
    words = [argument.value for argument in call.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]
    read = _READERS.get(function.attr)
    if read is None or len(words) != len(call.args):
        return Effect(opaque=f"get_ipython().{function.attr}")
    return read(words, call.lineno)


def _is_shell(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython" and not node.args


def _line_magic(words: list[str], line: int) -> Effect:
    name, text = (*words, "", "")[:2]
    if name in _RUNS_PYTHON:
        return _python(text, line)
    if name in {"pinfo", "pinfo2", "psearch"}:
        return Effect(mentions=frozenset({text.split(".")[0].strip()}))
    return Effect(mentions=_mentions(text), opaque=None if name in _QUIET else f"%{name}")


def _cell_magic(words: list[str], line: int) -> Effect:
    name, text, body = (*words, "", "", "")[:3]
    if name in PYTHON_BODIES:
        return _python(body, line + 1, _outputs(text) | _captured(name, text))
    return Effect(mentions=_mentions(text), binds=_outputs(text), opaque=None if name in _QUIET else f"%%{name}")


def _command(words: list[str], line: int) -> Effect:
    return Effect(mentions=_mentions("".join(words)))


def _nothing(words: list[str], line: int) -> Effect:
    return Effect()


_READERS: dict[str, Callable[[list[str], int], Effect]] = {
    "run_line_magic": _line_magic,
    "run_cell_magic": _cell_magic,
    "system": _command,
    "getoutput": _command,
    "show_usage": _nothing,
}


def header_effect(header: str) -> Effect:
    """Return what leading ``%%time``-like lines do by themselves."""
    binds: frozenset[str] = frozenset()
    for line in header.splitlines():
        name, _, text = line[2:].partition(" ")
        binds |= _outputs(text) | _captured(name, text)
    return Effect(binds=binds)


def _captured(name: str, text: str) -> frozenset[str]:
    """Return the variable of ``%%capture out``."""
    plain = [word for word in text.split() if word.isidentifier()] if name == "capture" else []
    return frozenset(plain[:1])


def _python(text: str, line: int, binds: frozenset[str] = frozenset()) -> Effect:
    try:
        tree = syntax.parse(plain_python(_without_options(text)))
    except (SyntaxError, ValueError, CaptureError):
        return Effect(mentions=_mentions(text), binds=binds)
    ast.increment_lineno(tree, line - 1)
    return Effect(statements=tree.body, binds=binds)


def _without_options(text: str) -> str:
    """Take off options such as ``-n 10 -r3`` that come before a statement."""
    return re.sub(r"^\s*(?:-[a-zA-Z]+\s*(?:\d+\s+)?|--[a-z-]+\s+)+", "", text)


def _outputs(text: str) -> frozenset[str]:
    return frozenset(name for pair in _OUTPUTS.findall(text) for name in pair if name)


def _mentions(text: str) -> frozenset[str]:
    """Return the names in ``{expression}`` and ``$name``; IPython leaves what it doesn't know as it stands."""
    found: set[str] = set()
    for expression, name in _EXPANSION.findall(text):
        if name:
            found.add(name)
            continue
        try:
            tree = syntax.expression(expression.strip() or "0")
        except (SyntaxError, ValueError):
            continue
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(found)
