"""Tab after a magic: options, names of Functions and workflows, their parameters and steps, and the notebook's variables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.hosts import grammar
from jupyter_mlops.hosts.surroundings import data_variable

if TYPE_CHECKING:
    from jupyter_mlops.hosts.arguments import Grammar
    from jupyter_mlops.hosts.session import Session
    from jupyter_mlops.project import Project

_LINE = re.compile(r"^\s*(?:[\w., ]+=\s*)?(%{1,2}|#\s*\|\s*)(\w+)\s(.*)$", re.S)


def complete(session: Session, line: str, symbol: str) -> list[str]:
    """Return what may follow on the line of one of our magics, whose last word so far is ``symbol``."""
    match = _LINE.match(line)
    if match is None or match[2] not in grammar.GRAMMARS or "\n" in line:
        return []
    name, rest = match[2], match[3]
    rules = grammar.GRAMMARS[name][-1 if match[1] != "%" else 0]
    words = rest.split()
    current = "" if not rest or rest[-1].isspace() else words.pop()
    if current.startswith("-"):
        found: Iterable[str] = (option.name for option in rules.options)
    elif variable := re.search(r"(=\{|=\$|\$|\{)(\w*)$", current):
        found = _with(
            current[: variable.start(2)], (key for key in session.shell.user_ns if data_variable(key, session.shell.user_ns))
        )
    else:
        found = _words(session, name, words, rules)
    wanted = [each for each in found if each.startswith(current)]
    # what IPython replaces is `symbol`, which begins behind the last delimiter of the word
    ahead = len(current) - len(symbol) if symbol and current.endswith(symbol) else 0
    return [each[ahead:] for each in wanted]


def _words(session: Session, name: str, words: list[str], rules: Grammar) -> list[str]:
    if words and words[-1].startswith("--"):
        option = next((each for each in rules.options if each.name == words[-1]), None)
        if option and option.takes and option.name not in STEPS:
            return list(option.choices)
    if name == "mlpanel" and not words:
        return list(grammar.VIEWS)
    project = session.known()
    if project is None:
        return []
    if name == "mlpanel":
        return project.workflow_store.names() if words == ["workflow"] else []
    if name not in NAMES:
        return []
    try:
        if not words:
            return _callees(project, name)
        if words[-1] in STEPS:
            return list(project.workflow(words[0]).steps)
        if name != "mlfunction":
            given = {word.partition("=")[0] for word in words}
            return [f"{each}=" for each in _parameters(project, words[0]) if each not in given]
    except MlopsError:
        return []
    return []


NAMES = ("mlfunction", "mlworkflow", "mlrun")
STEPS = ("--from", "--only", "--until")


def _callees(project: Project, name: str) -> list[str]:
    functions = project.store.names() if name != "mlworkflow" else []
    workflows = project.workflow_store.names() if name != "mlfunction" else []
    return [*functions, *workflows]


def _parameters(project: Project, name: str) -> list[str]:
    if name in project.workflow_store.names():
        return [each.name for each in project.workflow(name).workflow.params]
    record = project.function(name).record
    return [*(each.name for each in record.parameters), *(each.name for each in record.inputs)]


def _with(before: str, names: Iterable[str]) -> list[str]:
    return [before + name for name in names]


def register(shell: Any, session: Session) -> None:
    """Answer IPython's completer for lines of our magics."""

    def answer(_: Any, event: Any) -> list[str]:
        return complete(session, event.line, event.symbol)

    for pattern in PATTERNS:
        shell.set_hook("complete_command", answer, re_key=pattern)


PATTERNS = tuple(rf".*%{name}\b" for name in grammar.GRAMMARS)


def unregister(shell: Any) -> None:
    """Stop answering."""
    for pattern in PATTERNS:
        shell.strdispatchers["complete_command"].regexs.pop(re.compile(pattern), None)
