"""``log.txt``: what a run writes to stdout and stderr, as a terminal would show it in the end: in colours, else plain text."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78MNOc])")
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_RESET = re.compile(r"\x1b\[(?:0*;)*0*m")
_CUT_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,200}|[()])?$")


def plain(text: str) -> str:
    """Return ``text`` without colours and cursor movements."""
    return _ANSI.sub("", text) if "\x1b" in text else text


def coloured(text: str) -> str:
    """Return ``text`` without all that a terminal does but colours: nothing in a log moves a cursor, or links anywhere."""
    return _ANSI.sub(lambda found: found[0] if _COLOUR.fullmatch(found[0]) else "", text) if "\x1b" in text else text


def settled(text: str) -> str:
    """Return ``text`` as a terminal leaves it: a carriage return or a backspace writes over what stands there."""
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(map(_settled_line, text.replace("\r\n", "\n").split("\n")))


def _settled_line(line: str) -> str:
    if "\b" in line:
        kept: list[str] = []
        for piece in re.findall(rf"{_ANSI.pattern}|.", line):  # a colour is one piece: half of it would be text
            if piece != "\b":
                kept.append(piece)
            elif kept and kept[-1] != "\r":
                kept.pop()
        line = "".join(kept)
    if "\r" not in line:
        return line
    # a progress bar clears its line by writing over all of it, so the last write is what one sees
    parts = line.split("\r")
    last = next((at for at in reversed(range(len(parts))) if plain(parts[at])), len(parts) - 1)
    return _lasting("".join(parts[:last])) + "".join(parts[last:])


def _lasting(text: str) -> str:
    """Return the colours that still hold after ``text``."""
    return "".join(_COLOUR.findall(_RESET.split(text)[-1]))


class LogFile:
    """Appends text as it comes. A line that is written over (``\\r``) is replaced in the file; others are never touched."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None
        self._line = ""  # the last line, if it isn't ended and is one that gets written over
        self._line_at = 0  # where that line begins
        self._cut = ""  # the beginning of an escape sequence
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        with self._lock:
            text = coloured(self._cut + text)
            match = _CUT_ANSI.search(text)
            self._cut = text[match.start() :] if match else ""
            text = text[: match.start()] if match else text
            if text:
                self._put(text)

    def line(self, text: str) -> None:
        """Write a line of our own, on a line of its own."""
        self.write(f"{text}\n" if not self._line else f"\n{text}\n")

    def close(self) -> None:
        with self._lock:
            if self._fd is not None:
                os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _put(self, text: str) -> None:
        if self._fd is None:
            self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
            self._line_at = os.lseek(self._fd, 0, os.SEEK_END)
        whole = self._line + text
        begin = whole.rfind("\n") + 1
        ended, self._line = whole[:begin], whole[begin:]
        if "\r" in text or "\b" in text:
            ended = settled(ended)
            os.ftruncate(self._fd, self._line_at)
            os.lseek(self._fd, self._line_at, os.SEEK_SET)
            _write_all(self._fd, _bytes(ended + settled(self._line.rstrip("\r"))))
            # what will be written over next needs the bare line again, but only from its last carriage return on
            again = max(self._line.rstrip("\r").rfind("\r"), 0)
            self._line = _lasting(self._line[:again]) + self._line[again:]
        else:
            _write_all(self._fd, _bytes(text))
        self._line_at += len(_bytes(ended))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
