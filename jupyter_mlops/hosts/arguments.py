"""The line after a magic: words, ``k=v`` pairs and ``--options``, with values that may be variables of the notebook.

``n=3`` is a Python literal, ``path=data/raw.csv`` text, ``data={df}`` and ``data=$df`` the object ``df`` itself, not its text;
``{…}`` holds any expression, unless it is a dict or set literal like ``{'a': 1}``. Quotes and brackets keep spaces together, and
a word that begins with ``#`` ends the line as a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from IPython.core.error import UsageError

from jupyter_mlops import syntax, values
from jupyter_mlops.errors import did_you_mean

_PREFIXES = {"", "b", "r", "u", "f", "br", "rb", "fr", "rf"}
_CLOSES = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Token:
    """One word of a line, as written, and where it begins."""

    text: str
    start: int


def tokens(line: str) -> list[Token]:
    """Split a line at white space outside quotes and brackets; a ``#`` that begins a word begins a comment."""
    found: list[Token] = []
    position = 0
    while position < len(line):
        if line[position].isspace():
            position += 1
            continue
        if line[position] == "#":
            break
        end = _end_of_word(line, position)
        found.append(Token(line[position:end], position))
        position = end
    return found


def _end_of_word(line: str, start: int) -> int:
    """Return where the word that begins at ``start`` ends."""
    expected: list[str] = []
    position = start
    while position < len(line):
        char = line[position]
        if char in "'\"" and _opens(line, start, position):
            position = _end_of_quote(line, position)
            continue
        if char in _CLOSES:
            expected.append(_CLOSES[char])
        elif expected and char == expected[-1]:
            expected.pop()
        elif char.isspace() and not expected:
            break
        position += 1
    if expected:
        raise UsageError(f"{line[start:].strip()!r} lacks a closing {expected[-1]!r}: add it.")
    return position


def _opens(line: str, start: int, position: int) -> bool:
    """Whether a quote opens a string: not the apostrophe in ``it's``, but that in ``b'x'``."""
    before = re.search(r"\w*$", line[start:position])
    return before is not None and before[0].lower() in _PREFIXES


def _end_of_quote(line: str, position: int) -> int:
    quote = line[position] * 3 if line.startswith(line[position] * 3, position) else line[position]
    inside = position + len(quote)
    while inside < len(line):
        if line[inside] == "\\":
            inside += 2
        elif line.startswith(quote, inside):
            return inside + len(quote)
        else:
            inside += 1
    raise UsageError(f"{line[position:]!r} lacks its closing {quote}: add it.")


@dataclass(frozen=True)
class Option:
    """One ``--option``.

    ``takes`` is "" for a flag, else what its value is called. ``many`` takes all words up to the next option, and may be
    repeated; ``pairs`` takes ``K=V``, one at a time unless ``many``.
    """

    name: str
    takes: str = ""
    help: str = ""
    many: bool = False
    pairs: bool = False
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def usage(self) -> str:
        takes = f" {self.takes}" if self.takes else ""
        return f"{self.name}{takes}{' …' if self.many else ''}"


@dataclass(frozen=True)
class Grammar:
    """What a magic's line may hold: at most ``words`` plain words, ``k=v`` where ``pairs``, and options."""

    magic: str
    usage: str
    options: tuple[Option, ...] = ()
    words: int = 1
    pairs: bool = False

    def option(self, name: str) -> Option:
        """Return the option of that name, or raise with the nearest."""
        for option in self.options:
            if option.name == name:
                return option
        known = [option.name for option in self.options]
        hint = did_you_mean(name, known) or f" {self.magic} knows {', '.join(known) or 'no options'}."
        raise UsageError(f"{self.magic} has no option {name!r}.{hint}")

    def document(self) -> str:
        """Return usage and options as the end of a docstring."""
        width = max((len(option.usage) for option in self.options), default=0)
        lines = [f"    {option.usage:<{width}}  {option.help}" for option in self.options]
        return "\n".join([f"Usage: {self.usage}", *(["", "Options:", *lines] if lines else [])])


@dataclass
class Line:
    """A line taken apart: words and pairs as written, options by key with their values as written."""

    words: list[str] = field(default_factory=list)
    pairs: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


_PAIR = re.compile(r"([^\W\d]\w*)=(.*)", re.S)
_OPTION = re.compile(r"--[A-Za-z][\w-]*")


def parse(line: str, grammar: Grammar) -> Line:
    """Take a line apart.

    Raises
    ------
    UsageError
        Names the word that doesn't fit.
    """
    parsed = Line()
    words = [token.text for token in tokens(line)]
    while words:
        word = words.pop(0)
        if _OPTION.match(word):
            _take_option(word, words, parsed, grammar)
        elif grammar.pairs and (match := _PAIR.fullmatch(word)):
            _put(parsed.pairs, match[1], match[2], word)
        elif len(parsed.words) < grammar.words:
            parsed.words.append(word)
        else:
            raise UsageError(f"{grammar.magic} has no place for {word!r}{_advice(word, grammar)}. Usage: {grammar.usage}")
    return parsed


def _advice(word: str, grammar: Grammar) -> str:
    if word.startswith("-"):
        return f" (options begin with two dashes:{did_you_mean('-' + word, [option.name for option in grammar.options])})"
    return ": values are given as name=value, without spaces around '='" if grammar.pairs else ""


def _put(pairs: dict[str, str], name: str, value: str, word: str) -> None:
    if not value:
        raise UsageError(f"{word!r} has no value: write {name}='' for empty text, and no spaces around '='.")
    if name in pairs:
        raise UsageError(f"{name!r} is given twice: keep one of {name}={pairs[name]} and {word}.")
    pairs[name] = value


def _take_option(word: str, rest: list[str], parsed: Line, grammar: Grammar) -> None:
    name, equals, attached = word.partition("=")
    option = grammar.option(name)
    if not option.takes:
        if equals:
            raise UsageError(f"{name} takes no value: write {name} alone.")
        parsed.options[option.key] = True
        return
    given = [attached] if equals else _following(option, rest)
    if not given:
        raise UsageError(f"{name} needs a value: {option.usage}.")
    if option.pairs:
        for each in given:
            match = _PAIR.fullmatch(each)
            if match is None:
                raise UsageError(f"{name} takes {option.takes}, not {each!r}.")
            _put(parsed.options.setdefault(option.key, {}), match[1], match[2], each)
    elif option.many:
        kept = parsed.options.setdefault(option.key, [])
        kept += [part for each in given for part in each.split(",") if part]
    else:
        parsed.options[option.key] = given[0]
    _check_choice(option, given)


def _following(option: Option, rest: list[str]) -> list[str]:
    count = 0
    while count < len(rest) and not _OPTION.match(rest[count]) and (option.many or count == 0):
        count += 1
    given, rest[:count] = rest[:count], []
    return given


def _check_choice(option: Option, given: Iterable[str]) -> None:
    for each in given:
        if option.choices and each not in option.choices:
            raise UsageError(
                f"{option.name} can't be {each!r}: it is one of {', '.join(option.choices)}.{did_you_mean(each, option.choices)}"
            )


_NAME = re.compile(r"\$([^\W\d]\w*)")


@dataclass(frozen=True)
class Meaning:
    """What written values mean in a notebook, whose variables are in ``namespace``."""

    namespace: Mapping[str, Any]

    def value(self, text: str, hint: str | None = None) -> Any:
        """Return the object a variable or expression names, else what :func:`values.parse` reads with the type hint."""
        if match := _NAME.fullmatch(text):
            return self._named(match[1], text)
        expression = _expression(text)
        if expression is not None:
            return self._evaluated(expression, text)
        if text[:1] in ("'", '"') or not (_NAME.search(text) or "{" in text):
            return values.parse(text, hint)
        if text[:1] in _CLOSES or re.match(r"(?i)[bruf]{1,2}['\"]", text):
            return values.parse(text, hint)
        return values.coerce(self._filled(text), hint)

    def text(self, written: str) -> str:
        """Return the value as text: for options."""
        value = written
        if _NAME.search(written) or "{" in written or written[:1] in ("'", '"'):
            value = self.value(written)
        return value if isinstance(value, str) else values.text(value)

    def _filled(self, text: str) -> str:
        """Return text with its variables put in, as in ``path=data/{year}.csv``."""
        text = re.sub(r"\{([^{}]+)\}", lambda match: str(self._evaluated(match[1], text)), text)
        return _NAME.sub(lambda match: str(self._named(match[1], text)), text)

    def _named(self, name: str, text: str) -> Any:
        if name in self.namespace:
            return self.namespace[name]
        known = [each for each in self.namespace if not each.startswith("_")]
        raise UsageError(f"{text!r} names {name!r}, which isn't a variable of the notebook.{did_you_mean(name, known)}")

    def _evaluated(self, expression: str, text: str) -> Any:
        if expression.isidentifier():
            return self._named(expression, text)
        try:
            return eval(expression, dict(self.namespace))  # the user's own words, as in IPython's {…}
        except Exception as problem:  # user code ends here; what it raised is told
            raise UsageError(f"{text!r} can't be evaluated: {type(problem).__name__}: {problem}.") from None


def _expression(text: str) -> str | None:
    """Return what stands in the braces of ``{df}``; None for a dict or set literal, and for anything else."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        syntax.literal(text)
        return None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        inner = text[1:-1].strip()
    try:
        syntax.expression(inner)
    except (SyntaxError, ValueError):
        return None
    return inner
