"""One use of a magic: its line taken apart, and what all of our magics have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import needs_local_scope, no_var_expand

from jupyter_mlops.hosts import grammar
from jupyter_mlops.hosts.arguments import Grammar, Line, Meaning, parse, tokens

if TYPE_CHECKING:
    pass

WHOLE_NUMBERS = frozenset({"retries", "parallel", "random", "seed", "optuna", "max_errors", "height"})


@dataclass(frozen=True)
class Call:
    """One use of a magic: its line without a trailing ``;``, its cell, and the variables in reach."""

    line: str
    cell: str | None
    meaning: Meaning
    quiet: bool

    def parse(self, rules: Grammar) -> Line:
        """Take the line apart; the values of options are texts then."""
        parsed = parse(self.line, rules)
        for key, value in parsed.options.items():
            if isinstance(value, dict):
                parsed.options[key] = {name: self.meaning.text(each) for name, each in value.items()}
            elif isinstance(value, list):
                parsed.options[key] = [self.meaning.text(each) for each in value]
            elif isinstance(value, str):
                parsed.options[key] = self.meaning.text(value)
        for key in WHOLE_NUMBERS & parsed.options.keys():
            parsed.options[key] = whole_number(f"--{key.replace('_', '-')}", parsed.options[key])
        return parsed


def whole_number(name: str, text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{name} takes a whole number, not {text!r}.")
    return int(text)


def magic(method: Callable[[Any, Call], Any]) -> Callable[..., Any]:
    """Make a magic of a method: no expansion by IPython, a trailing ``;`` silences, the docstring ends with the options."""
    name = method.__name__

    @wraps(method)
    def run(self: Any, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:
        code, quiet = _without_semicolon(line) if name != "mlsql" else (line, False)
        meaning = Meaning({**self.session.shell.user_ns, **(local_ns or {})})
        result = method(self, Call(code, cell, meaning, quiet))
        if quiet and self.session.shown.is_result(name):
            self.session.shown.add(result)
        return result

    needs_local_scope(no_var_expand(run))  # both only mark the function
    run.__doc__ = "\n\n".join([method.__doc__ or "", *(rules.document() for rules in grammar.GRAMMARS[name])])
    return run


def _without_semicolon(line: str) -> tuple[str, bool]:
    """Return the line without its comment and a trailing ``;``, and whether it had one."""
    words = tokens(line)
    if not words or not words[-1].text.endswith(";"):
        return line, False
    return line[: words[-1].start] + words[-1].text.rstrip(";"), True
