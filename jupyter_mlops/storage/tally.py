"""What a run's folder adds up to, as rows of the catalog's tables. Nothing here knows DuckDB.

Rows are a function of the run's spec and of its journal's bytes so far, never of when or in how many pieces they were read.
Everything that comes from a file may be of another version or another hand: a value of the wrong type becomes NULL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.events import Event, History
from jupyter_mlops.records import Spec
from jupyter_mlops.storage import journal

Row = dict[str, Any]

_HASH = re.compile("[0-9a-f]{64}")
TEXT_LIMIT = 10_000  # characters of a parameter or result; the whole value is in the run's folder
METRIC = b'{"e":"metric",'  # how Journal.metric begins its lines
_TOUCHES = {
    "state": ("runs",),
    "attempt": ("runs", "cells"),
    "environment": ("runs",),
    "usage": ("runs",),
    "cell": ("cells",),
    "result": ("results",),
    "artifact": ("artifacts",),
    "input": ("run_inputs",),
    "tag": ("_run_tags",),
}
OF_A_RUN = ("runs", "params", "results", "artifacts", "run_inputs", "cells", "_run_tags", "_bytes")
_ASKED = ("id", "name", "function", "version", "parent", "origin", "user", "host", "workflow", "step", "fingerprint")


class Tally:
    """The events of one run, added up for the catalog; but its metrics, as these are many, are for DuckDB to read."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.story = History()
        self.artifacts: dict[str, Row] = {}
        self.began: dict[Any, float] = {}
        self.bytes: dict[tuple[str, str | None], bool] = {}  # hash and artifact: whether it is a directory
        for source in spec.inputs.values():
            self._refer([asdict(part) for part in source.parts], None)
        self._refer([spec.facts, spec.plan], None)

    def add(self, data: bytes) -> tuple[set[str], str]:
        """Add whole lines in the order of the file; return the tables whose rows changed, and the lines that are metrics."""
        lines = data.split(b"\n")
        metrics = [line for line in lines if line.startswith(METRIC)]
        others = lines if not metrics else [line for line in lines if not line.startswith(METRIC)]
        touched: set[str] = set()
        for event in journal.parse(b"\n".join(others)):
            if event["e"] == "metric":  # in another spelling than ours
                metrics.append(json.dumps(event).encode())
            elif journal.add(self.story, event):
                touched.update(_TOUCHES.get(event["e"], ()))
                self._note(event)
            if self._refer(event, _version(event)):
                touched.add("_bytes")
        return touched, b"\n".join(metrics).decode(errors="replace")

    def _note(self, event: Event) -> None:
        """Keep what a History forgets: versions of one key, and when a cell began."""
        kind = event["e"]
        if kind == "artifact" and (row := artifact(event, self.spec.id)):
            self.artifacts[row["uid"]] = row
        elif kind == "attempt":
            self.began = {}
        elif kind == "cell" and event.get("state") == "running":
            self.began[event["index"]] = event["t"]

    def _refer(self, said: Any, artifact: str | None) -> bool:
        """Take note of everything in it that can be the name of stored bytes; return whether that is news.

        Whatever kind of event it is in: bytes are removed when nobody refers to them.
        """
        before = dict(self.bytes) if (names := list(_names(said))) else self.bytes
        for name, directory in names:
            self.bytes[name, artifact] = directory or self.bytes.get((name, artifact), False)
        return self.bytes != before

    def rows(self, table: str) -> list[Row]:
        """Return the rows of this run in one table."""
        return {
            "runs": self._run,
            "params": lambda: self._values(self.spec.params),
            "results": lambda: self._values(self.story.results),
            "artifacts": lambda: list(self.artifacts.values()),
            "run_inputs": self._inputs,
            "cells": self._cells,
            "_run_tags": self._tags,
            "_bytes": self._bytes,
        }[table]()

    def _run(self) -> list[Row]:
        spec, story = self.spec, self.story
        ended = story.ended
        asked = {name: text(getattr(spec, name)) for name in _ASKED}
        came = {
            "state": str(story.state),
            "reason": text(story.reason),
            "created": moment(spec.created),
            "started": moment(story.started),
            "ended": moment(ended),
            "duration": None if ended is None or story.started is None else ended - story.started,
            "attempt": small(story.attempt),
            "project": text(spec.project),
            "iteration": small(spec.iteration),
        }
        return [{**asked, **came, **self._circumstances(), **self._failure()}]

    def _circumstances(self) -> Row:
        around, usage = self.story.environment, self.story.usage
        told = around.get("git")
        git: dict[str, Any] = told if isinstance(told, dict) else {}
        dirty = git.get("dirty")
        return {
            "kernel": text(self.story.kernel),
            "python": text(around.get("python")),
            "git_commit": text(git.get("commit")),
            "git_branch": text(git.get("branch")),
            "git_dirty": dirty if isinstance(dirty, bool) else None,
            "memory": integer(usage.get("memory")),
            "cpu": real(usage.get("cpu")),
        }

    def _failure(self) -> Row:
        failure = self.story.failure
        if failure is None:
            return {}
        return {
            "error_name": text(failure.ename),
            "error_value": text(failure.evalue),
            "error_cell": small(failure.cell),
            "error_line": small(failure.line),
            "traceback": text("\n".join(map(str, failure.traceback))) if failure.traceback else None,
        }

    def _values(self, encoded: dict[str, Any]) -> list[Row]:
        return [{"run": self.spec.id, "key": text(key), **_value(data)} for key, data in encoded.items()]

    def _inputs(self) -> list[Row]:
        fields = ("uri", "hash", "artifact")
        found = {}
        for name, source in self.spec.inputs.items():
            one = source.items is None
            for number, part in enumerate(source.parts):
                found[name if one else f"{name}[{number}]"] = {key: getattr(part, key) for key in fields}
        for name, event in self.story.inputs.items():
            if name not in found and name in self.spec.inputs:
                continue  # a list, which is there by its items
            found[name] = {**found.get(name, {}), **{key: event[key] for key in fields if event.get(key) is not None}}
        return [
            {"run": self.spec.id, "name": text(name), **{key: text(row.get(key)) for key in fields}}
            for name, row in found.items()
        ]

    def _cells(self) -> list[Row]:
        return [
            {
                "run": self.spec.id,
                "attempt": small(self.story.attempt),
                "index": small(index),
                "id": text(cell.get("id")),
                "state": text(cell.get("state")),
                "started": moment(self.began.get(index)),
                "seconds": real(cell.get("seconds")),
            }
            for index, cell in self.story.cells.items()
        ]

    def _tags(self) -> list[Row]:
        tags = {**self.spec.tags, **self.story.tags}
        return [{"run": self.spec.id, "key": text(key), "value": text(value)} for key, value in tags.items()]

    def _bytes(self) -> list[Row]:
        return [
            {"run": self.spec.id, "hash": name, "artifact": text(artifact), "directory": directory}
            for (name, artifact), directory in self.bytes.items()
        ]


def _version(event: Event) -> str | None:
    """Return the uid of the artifact that an event gives to its run, made by it or by another."""
    about = event if event["e"] == "artifact" else event.get("artifact") if event["e"] == "link" else None
    uid = about.get("uid") if isinstance(about, dict) else None
    return uid if isinstance(uid, str) else None


def _names(said: Any) -> Iterator[tuple[str, bool]]:
    """Yield what looks like the name of stored bytes, and whether these are known to be a directory's."""
    left = [(said, False)]
    while left:
        value, directory = left.pop()
        if isinstance(value, str) and len(value) == 64 and _HASH.fullmatch(value):
            yield value, directory
        elif isinstance(value, dict):
            meta = value.get("meta")
            many = isinstance(meta, dict) and bool(meta.get("directory"))
            left.extend((part, many and key == "hash") for key, part in value.items())
        elif isinstance(value, list | tuple):
            left.extend((part, False) for part in value)


def artifact(event: Event, run: str | None) -> Row | None:
    """Return the row of an artifact, or None if the event can't be one."""
    if not all(isinstance(event.get(name), str) for name in ("uid", "key", "kind", "hash")):
        return None
    row = {name: text(event.get(name)) for name in ("uid", "key", "kind", "name", "hash", "packager", "type", "tag")}
    labels, meta = event.get("labels"), event.get("meta")
    return {
        **row,
        "run": run,
        "size": integer(event.get("size")),
        "created": moment(event.get("created", event["t"])),
        "labels": document({str(key): text(value) for key, value in labels.items()} if isinstance(labels, dict) else {}),
        "meta": document(meta if isinstance(meta, dict) else {}),
    }


def _value(data: Any) -> Row:
    """Return the columns ``value`` and ``text`` of an encoded parameter or result."""
    try:
        value = _ordered(values.peek(data))
        return {"value": values.number(value), "text": text(values.text(value, TEXT_LIMIT))}
    except Exception as problem:  # whatever a foreign line makes of a decoder: the row says so
        return {"value": None, "text": text(f"({type(problem).__name__}: {problem})"[:TEXT_LIMIT])}


class _Set(tuple[Any, ...]):
    """A set in order: Python's own order differs between processes, and the catalog mustn't."""

    def __repr__(self) -> str:
        return f"{{{', '.join(map(repr, self))}}}"


def _ordered(value: Any) -> Any:
    if type(value) in (set, frozenset):
        return _Set(sorted(map(_ordered, value), key=repr)) if value else value
    if type(value) in (list, tuple):
        return type(value)(map(_ordered, value))
    if type(value) is dict:
        return {key: _ordered(part) for key, part in value.items()}
    return value


# --- what DuckDB can hold ----------------------------------------------------------------------------------------------


def text(value: Any) -> str | None:
    """Return text as UTF-8 can have it, None for None."""
    if value is None:
        return None
    string = value if type(value) is str else str(value)
    return string if string.isascii() else string.encode("utf-8", "replace").decode()


def integer(value: Any) -> int | None:
    return value if type(value) is int and -(1 << 63) <= value < 1 << 63 else None


def small(value: Any) -> int | None:
    return value if type(value) is int and -(1 << 31) <= value < 1 << 31 else None


def real(value: Any) -> float | None:
    return values.number(value) if type(value) in (int, float) else None


def moment(value: Any) -> float | None:
    """Return seconds since the epoch if a clock can have said so."""
    return float(value) if type(value) in (int, float) and 0 <= value < journal.LAST_SECOND else None


def document(value: Any) -> str:
    """Return JSON that DuckDB takes: no NaN, no half of a surrogate pair."""
    try:
        written = json.dumps(value, allow_nan=False)
        if "\\ud" not in written:
            return written
    except ValueError:
        pass
    return json.dumps(_clean(value), ensure_ascii=False)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {text(key): _clean(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_clean(part) for part in value]
    if isinstance(value, float) and value - value != 0.0:
        return None if value != value else ("Infinity" if value > 0 else "-Infinity")
    return text(value) if isinstance(value, str) else value
