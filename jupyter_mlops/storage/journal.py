"""The journal: append-only lines of JSON, and the time-ordered ids of everything that is recorded.

A line is one ``write()`` on an ``O_APPEND`` descriptor: no lock, no server, and what was written survives the end of any
process. Standard library only, as this runs in the kernels of other environments too.
"""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from collections.abc import Iterable
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from weakref import WeakSet

from jupyter_mlops.errors import LogError, StorageError
from jupyter_mlops.events import Event, History

EVENTS = "events.jsonl"
LAST_SECOND = 253_402_300_800  # the year 10000: no clock is right beyond it, and no table can hold it
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32; sorted as ASCII, so ids sort as their time
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)


# --- ids ---------------------------------------------------------------------------------------------------------------


class _Clock:
    """Hands out 20 bits of second's fraction and 20 random bits, each time more than the time before."""

    def __init__(self) -> None:
        self.last = 0
        self.lock = threading.Lock()

    def next(self) -> int:
        with self.lock:
            self.last = max(self.last + 1, _stamp(time.time_ns()))
            return self.last


_clock = _Clock()


def new_id(t: float | None = None) -> str:
    """Return a time-ordered id, ``20261124-083512-k3v9x2ab``; greater than every one made before in this process.

    Parameters
    ----------
    t
        Seconds since the epoch, UTC, instead of now. Then ids are ordered by ``t`` only.
    """
    stamp = _clock.next() if t is None else _stamp(round(t * 1e9))
    second, tail = divmod(stamp, 1 << 40)
    letters = "".join(_ALPHABET[tail >> shift & 31] for shift in range(35, -1, -5))
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(second))}-{letters}"


def _stamp(nanoseconds: int) -> int:
    # os.urandom: user code may seed `random`, and equal seeds must not give equal ids
    ticks = (nanoseconds << 20) // 1_000_000_000
    return ticks << 20 | int.from_bytes(os.urandom(3)) >> 4


# --- writing -----------------------------------------------------------------------------------------------------------


class Journal:
    """One journal file, open to append; made with its first line. Safe to share between threads and across a fork."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._fd: int | None = None
        self._torn = False
        self._lock = threading.Lock()
        _journals.add(self)

    def append(self, kind: str, /, **fields: Any) -> Event:
        """Write one event; ``e`` and ``t`` are added (``t`` may be given). Return it as written.

        Raises
        ------
        StorageError
            The line could not be written. Lines before and after it stay whole.
        """
        event: Event = {"e": kind, "t": time.time(), **fields}
        self._write(json.dumps(event, separators=(",", ":")).encode() + b"\n")
        return event

    def metric(self, key: str, value: float, step: int | None = None) -> None:
        """Write one point of a metric, in a few microseconds.

        Raises
        ------
        LogError
            The value isn't a number or the step isn't an integer.
        StorageError
            The line could not be written.
        """
        number = repr(value) if type(value) is float and value - value == 0.0 else _number(key, value)
        place = "null" if step is None else repr(step) if type(step) is int and -_BIG < step < _BIG else _step(key, step)
        self._write(
            f'{{"e":"metric","t":{time.time()!r},"key":{_quoted(key)},"value":{number},"step":{place}}}\n'.encode("ascii")
        )

    def close(self) -> None:
        """Let go of the file; the next line opens it again."""
        with self._lock:
            if self._fd is not None:
                os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        if self._fd is not None:
            os.close(self._fd)

    def _write(self, line: bytes) -> None:
        with self._lock:
            try:
                if self._fd is None:
                    self._open()
                if self._torn or os.write(self._fd, line) != len(line):  # type: ignore[arg-type]
                    self._write_after_a_torn_line(line)
            except OSError as error:
                raise StorageError(_why_unwritten(self.path, error)) from error

    def _open(self) -> None:
        self._fd = os.open(self.path, _FLAGS, 0o666)
        size = os.fstat(self._fd).st_size
        # a writer that was killed, or a disk that was full, may have left half a line
        self._torn = size > 0 and _last_byte(self._fd, size) != b"\n"

    def _write_after_a_torn_line(self, line: bytes) -> None:
        """Close what was cut short with a newline, so that this line stands alone; a full disk raises at the second write."""
        assert self._fd is not None
        self._torn = True
        for part in (b"\n", line):
            if os.write(self._fd, part) != len(part):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._torn = False

    def _after_fork(self) -> None:
        # the lock may have been held by a thread that the child doesn't have
        self._lock = threading.Lock()
        self.close()


def _last_byte(fd: int, size: int) -> bytes:
    os.lseek(fd, size - 1, os.SEEK_SET)  # where an O_APPEND descriptor reads is no matter to where it writes
    return os.read(fd, 1)


_journals: WeakSet[Journal] = WeakSet()
_BIG = 1 << 63


def _fork() -> None:
    _clock.lock = threading.Lock()
    for journal in list(_journals):
        journal._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fork)


@lru_cache(maxsize=4096)
def _quoted(key: str) -> str:
    # half of a surrogate pair can't be UTF-8, which is what the catalog keeps
    return encode_basestring_ascii(key.encode("utf-8", "replace").decode())


def _number(key: str, value: Any) -> str:
    """Any number that isn't a plain finite float: infinities, ints, and what numpy and others hand out."""
    if type(value) is int:
        return repr(value)
    try:
        whole = getattr(value, "ndim", 0) == 0
        if value is None or isinstance(value, (str, bytes)) or type(value).__name__ in ("bool", "bool_") or not whole:
            raise TypeError
        return repr(int(value)) if hasattr(value, "__index__") else json.dumps(float(value))
    except (TypeError, ValueError, OverflowError):
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
        msg = f"metric {key!r} can't be {shown} ({type(value).__name__}): log a number, or use log_result or set_tag."
        raise LogError(msg) from None


def _step(key: str, step: Any) -> str:
    if isinstance(step, bool) or not hasattr(step, "__index__") or not -_BIG < int(step) < _BIG:
        raise LogError(f"metric {key!r} can't have the step {step!r}: give an integer of at most 63 bits, or None.")
    return repr(int(step))


def _why_unwritten(path: Path, error: OSError) -> str:
    what = f"{str(path)!r} can't be written ({error.strerror or error})"
    remedy = {
        "ENOSPC": "free some space on that disk; everything recorded before is kept.",
        "EDQUOT": "free some space in that quota; everything recorded before is kept.",
        "EROFS": "the file system is read-only; open the project where it can be written.",
        "EACCES": "give yourself write permission there, or use a copy of the project.",
        "ENOENT": "its folder is gone; a run can't go on without it.",
    }
    name = errno.errorcode.get(error.errno or 0, "")
    return f"{what}: {remedy.get(name, 'check that folder; everything recorded before is kept.')}"


# --- reading -----------------------------------------------------------------------------------------------------------


class Lines(NamedTuple):
    """What :func:`read` gives: whole events, and the offset in bytes to go on from."""

    events: list[Event]
    offset: int


def read(path: str | os.PathLike[str], offset: int = 0, *, limit: int = -1) -> Lines:
    """Return the events of the whole lines from ``offset`` on, and the offset after the last of them.

    What isn't an event is skipped: half lines that were closed later, and lines that something else wrote.
    A file that doesn't exist is empty.

    Parameters
    ----------
    limit
        About how many bytes to read at most, -1 for all. At least one line is read.
    """
    data, offset = read_bytes(path, offset, limit)
    return Lines(parse(data), offset)


def read_bytes(path: str | os.PathLike[str], offset: int, limit: int = -1) -> tuple[bytes, int]:
    """Return whole lines as bytes; otherwise as :func:`read`."""
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            data = file.read(limit) + (file.readline() if limit >= 0 else b"")
    except FileNotFoundError:
        return b"", offset
    end = data.rfind(b"\n") + 1
    return data[:end], offset + end


def parse(data: bytes) -> list[Event]:
    """Return the events of whole lines; what isn't an event is skipped."""
    lines = [line for line in data.split(b"\n") if line]
    try:
        found: Iterable[Any] = json.loads(f"[{b','.join(lines).decode()}]")  # one call is twice as fast as one a line
        if len(found) != len(lines):  # type: ignore[arg-type]
            raise ValueError
    except (ValueError, RecursionError):
        found = map(_loaded, lines)
    return [event for event in found if _is_event(event)]


def _loaded(line: bytes) -> Any:
    try:
        return json.loads(line.decode())
    except (ValueError, RecursionError):
        return None


def _is_event(event: Any) -> bool:
    if type(event) is not dict or type(event.get("e")) is not str:
        return False
    t: Any = event.get("t")
    return type(t) in (float, int) and 0 <= t < LAST_SECOND


def history(folder: str | os.PathLike[str]) -> History:
    """Return what happened so far to the run in ``folder`` (``runs/<id>``)."""
    story = History()
    for event in read(Path(folder) / EVENTS).events:
        add(story, event)
    return story


_TEXT, _OBJECT = (str, type(None)), (dict, type(None))
_SHAPES: dict[str, dict[str, tuple[type, ...]]] = {  # what readers rely on; what can't be None has to be there
    "state": {"state": (str,), "reason": _TEXT, "owner": _OBJECT, "kernel": _TEXT},
    "attempt": {"n": (int,)},
    "cell": {"index": (int,)},
    "result": {"key": (str,)},
    "artifact": {"uid": (str,), "key": (str,), "kind": (str,), "hash": (str,), "meta": _OBJECT, "labels": _OBJECT},
    "input": {"name": (str,), "uri": _TEXT, "hash": _TEXT, "artifact": _TEXT},
    "tag": {"key": (str,)},
    "link": {"artifact": (dict,)},
    "step": {"node": (str,), "step": (str,), "run": _TEXT, "reason": _TEXT, "total": (int, type(None))},
}


def _fitting(event: Event) -> Event | None:
    """Return an event without the fields of a type that they can't be; None if it can't do without one."""
    odd = {name: kinds for name, kinds in _SHAPES.get(event["e"], {}).items() if not isinstance(event.get(name), kinds)}
    if any(type(None) not in kinds for kinds in odd.values()):
        return None
    return {name: value for name, value in event.items() if name not in odd} if odd else event


def add(story: History, event: Event) -> bool:
    """Add one event to ``story``; return False if it lacks what its kind needs, which changes nothing."""
    fitting = _fitting(event)
    if fitting is None:
        return False
    try:
        story.add(fitting)
    except (KeyError, TypeError, ValueError, AttributeError):  # a line of another version or another hand: not ours to judge
        return False
    return True
