"""The calls: log, tag, read, report progress, end early."""

from __future__ import annotations

import builtins
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

from jupyter_mlops import values
from jupyter_mlops.errors import InputError, LogError, MlopsError, ParameterError, did_you_mean
from jupyter_mlops.execution.inside.current import Logged, Scratch, current_run, place
from jupyter_mlops.records import Source
from jupyter_mlops.storage.blobs import hash_dir, hash_file

LONGEST_KEY = 250
BIGGEST_RESULT = 10_000
# Seconds between two reports of progress.
PROGRESS_EVERY = 0.1

Item = TypeVar("Item")

# Keys that were checked before; a training loop uses the same few a million times.
_known_keys: set[str] = set()


# ---- metrics


def log_metric(key: str, value: float, step: int | None = None) -> None:
    """Log one point of a metric.

    Parameters
    ----------
    key
        Any text without control characters, at most 250 characters: ``loss``, ``val/accuracy``.
    value
        A number; NaN and ±inf are kept. A numpy scalar or 0-dimensional tensor counts as its number.
    step
        An integer, for example the epoch; without one, points are in the order of their time.

    Raises
    ------
    LogError
        For a key, value or step that can't be kept: bool, str, None and complex numbers are refused.
    """
    if type(key) is not str or key not in _known_keys:
        _check_key("metric", key)
    if type(value) is not float:
        value = _number(key, value)
    if step is not None and type(step) is not int:
        step = _step(key, step)
    (place.run or place.find()).metric(key, value, step)


def log_metrics(metrics: Mapping[str, float], step: int | None = None) -> None:
    """Log a point of each of several metrics; all or, when one can't be kept, none."""
    for key, value in metrics.items():
        _check_key("metric", key)
        _number(key, value)
    for key, value in metrics.items():
        log_metric(key, value, step)


def _check_key(what: str, key: object) -> str:
    if (
        isinstance(key, str)
        and 0 < len(key) <= LONGEST_KEY
        and key.strip()
        and not any(ord(c) < 32 or ord(c) == 127 for c in key)
    ):
        if not any("\ud800" <= c <= "\udfff" for c in key):
            if len(_known_keys) < 10_000:
                _known_keys.add(str(key))
            return key
    shown = repr(key) if len(repr(key)) <= 60 else f"{repr(key)[:57]}… ({len(str(key))} characters)"
    raise LogError(f"{shown} can't be the key of a {what}: use 1 to {LONGEST_KEY} characters of text, no line breaks.")


def _number(key: str, value: Any) -> float:
    # looked at before float() is asked: complex and 1-element arrays have a __float__ that only warns
    refused = isinstance(value, bool | str | bytes | bytearray | complex) or value is None or getattr(value, "ndim", 0) != 0
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if not refused and kind not in ("b", "c", "M", "m") and "bool" not in str(getattr(value, "dtype", "")):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError, RuntimeError):
            pass
    shown = values.text(value, 60) if not isinstance(value, str) else repr(value)[:60]
    msg = f"Metric {key!r} can't be {shown} ({type(value).__name__}): give a real number, or use log_result or set_tag."
    raise LogError(msg)


def _step(key: str, step: Any) -> int:
    if not isinstance(step, bool) and hasattr(step, "__index__"):
        try:
            return int(step.__index__())
        except TypeError:
            pass
    raise LogError(f"Metric {key!r} can't have the step {step!r}: give an integer, or None.")


# ---- results and tags


def log_result(key: str, value: Any) -> None:
    """Log a final value of the run: a number, text, or something small that JSON or :mod:`jupyter_mlops.values` keeps.

    Raises
    ------
    LogError
        It is of another type, or longer than 10 kB: log that with :func:`log_artifact`.
    """
    _check_key("result", key)
    current_run().record("result", key=key, value=_encoded_result(key, value))


def log_results(results: Mapping[str, Any]) -> None:
    """Log several results; all or, when one can't be kept, none."""
    encoded = {_check_key("result", key): _encoded_result(key, value) for key, value in results.items()}
    for key, value in encoded.items():
        current_run().record("result", key=key, value=value)


def _encoded_result(key: str, value: Any) -> Any:
    if type(value).__module__ == "numpy" and getattr(getattr(value, "dtype", None), "kind", "") in ("b", "i", "u", "f", "c", "U"):
        value = value.item() if getattr(value, "ndim", 1) == 0 else value
    try:
        encoded = values.encode(value)
    except ParameterError:
        kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
        raise LogError(f"Result {key!r} can't be a {kind}: keep it with log_artifact({key!r}, …).") from None
    size = len(json.dumps(encoded))
    if size > BIGGEST_RESULT:
        raise LogError(f"Result {key!r} has {size:,} bytes, more than {BIGGEST_RESULT:,}: keep it with log_artifact({key!r}, …).")
    return encoded


def set_tag(key: str, value: Any) -> None:
    """Set a tag of the run: a key and a short text to find it by. A value that isn't text is written out."""
    _check_key("tag", key)
    text = values.text(value)
    if len(text) > BIGGEST_RESULT or any("\ud800" <= c <= "\udfff" for c in text):
        raise LogError(
            f"Tag {key!r} can't have a value of {len(text):,} characters: use at most {BIGGEST_RESULT:,} of plain text."
        )
    current_run().record("tag", key=key, value=text)


# ---- artifacts


def log_artifact(
    key: str, value: Any, kind: str | None = None, tag: str | None = None, labels: Mapping[str, str] | None = None
) -> Logged:
    """Save an object, or the file or directory at a path, as an artifact of the run.

    Parameters
    ----------
    key
        Its name: a-z, 0-9 and _, beginning with a letter.
    value
        Any object; or a Path, or text with a suffix or separator that names an existing file or directory.
    kind
        ``dataset``, ``model``, ``plot``, ``table``, ``file`` or ``dir``; by default what fits the object.
    tag
        A name for this version, for example ``candidate``.
    labels
        Text by text, kept with this version.

    Raises
    ------
    LogError, NameRuleError
        For a key, kind, tag or label that can't be.
    PackagingError
        The object can't be saved; says what can be done.
    """
    return current_run().keep(path_or_value(value), key, kind=kind, tag=tag, labels=labels)


def log_dataset(key: str, value: Any, tag: str | None = None, labels: Mapping[str, str] | None = None) -> Logged:
    """Save a table or other data as an artifact of kind ``dataset``."""
    return log_artifact(key, value, "dataset", tag, labels)


def log_model(key: str, value: Any, tag: str | None = None, labels: Mapping[str, str] | None = None) -> Logged:
    """Save a trained model as an artifact of kind ``model``."""
    return log_artifact(key, value, "model", tag, labels)


def log_plot(key: str, value: Any, tag: str | None = None, labels: Mapping[str, str] | None = None) -> Logged:
    """Save a figure or picture as an artifact of kind ``plot``."""
    return log_artifact(key, value, "plot", tag, labels)


def path_or_value(value: Any) -> Any:
    """Return the path that a text leads to, if it looks like one and something is there; else the value."""
    if not isinstance(value, str) or len(value) > 4096 or "\n" in value or "\0" in value:
        return value
    looks = os.sep in value or "/" in value or bool(Path(value).suffix)
    try:
        return Path(value) if looks and Path(value).expanduser().exists() else value
    except OSError:
        return value


def outputs(**returns: tuple[str | None, Any]) -> None:
    """Keep what a Function returns: each key with its kind (``result``, an artifact's kind, or None) and value.

    Without a kind, numbers, short text and other plain scalars become results, everything else artifacts. All are tried; the
    first that can't be kept is raised at the end.
    """
    problems: list[MlopsError] = []
    for key, (kind, value) in returns.items():
        try:
            if kind == "result" or (kind is None and _is_scalar(value)):
                log_result(key, value)
            else:
                current_run().keep(value, key, kind=kind)
        except MlopsError as problem:
            problems.append(problem)
    if problems:
        raise problems[0]


def _is_scalar(value: Any) -> bool:
    if isinstance(value, dict | list | tuple | set | frozenset | Path):
        return False
    try:
        encoded = values.encode(value)
    except ParameterError:
        return False
    return len(json.dumps(encoded)) <= BIGGEST_RESULT


# ---- parameters and inputs

_MISSING: Any = object()


def param(name: str, default: Any = _MISSING) -> Any:
    """Return a parameter of the run, or the default when it wasn't given."""
    run = current_run()
    if name in run.params:
        return run.params[name]
    if default is _MISSING:
        hint = did_you_mean(name, run.params)
        raise ParameterError(f"Parameter {name!r} wasn't given: give it to the run, or a default here.{hint}")
    return default


def input(name: str, default: Any = None, hint: str | None = None) -> Any:
    """Return an input of the run, loaded as its type hint says.

    Parameters
    ----------
    default
        What it is when the run wasn't given one: data, or a path or ``store://`` address to load it from.
    hint
        The dotted name of a type, for example ``pandas.DataFrame``.

    Raises
    ------
    InputError
        It wasn't given and has no default, or can't be loaded.
    """
    run = current_run()
    source = run.source(name)
    if source is None:
        if default is None:
            hint_text = did_you_mean(name, run.inputs) or (f" Given are {', '.join(run.inputs)}." if run.inputs else "")
            raise InputError(f"Input {name!r} wasn't given: give it to the run, or a default here.{hint_text}")
        if not isinstance(default, str | os.PathLike):
            return default
        source = Source(uri=os.fspath(default))
    value = run.load(source, hint)
    if not isinstance(run, Scratch):
        run.record(
            "input", name=name, uri=source.uri, hash=source.hash or _hash_of(run.path(source.uri)), artifact=source.artifact
        )
    return value


def _hash_of(path: Path) -> str | None:
    """What was read, so that it can be told from what lies there later."""
    try:
        return (hash_dir if path.is_dir() else hash_file)(path).hash
    except (OSError, MlopsError):
        return None


# ---- progress


class _Progress(Generic[Item]):
    def __init__(self, items: Iterable[Item], total: int | None, label: str) -> None:
        self._items = items
        self._total = len(items) if total is None and isinstance(items, Sized) else total
        self._label = label

    def __len__(self) -> int:
        if not isinstance(self._items, Sized):
            raise TypeError(f"{type(self._items).__name__!r} has no len()")
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        done, shown, last = 0, -1, 0.0
        try:
            for item in self._items:
                if (now := time.monotonic()) - last >= PROGRESS_EVERY:
                    self._report(done)
                    shown, last = done, now
                yield item
                done += 1
        finally:
            # also when the loop is left early: this is how far it came
            if done != shown:
                self._report(done)

    def _report(self, done: int) -> None:
        current_run().record("progress", done=done, total=self._total, label=self._label)


def progress(iterable: Iterable[Item], total: int | None = None, label: str = "") -> Iterable[Item]:
    """Go through ``iterable`` and report how far: ``for epoch in mlops.progress(range(10), label="epochs")``.

    Parameters
    ----------
    total
        How many there will be, where ``len()`` doesn't tell.
    label
        A word for what is counted.
    """
    return _Progress(iterable, total, label)


# ---- the end


class Exit(SystemExit):
    """The end of a run by its own wish."""

    def __init__(self, reason: str) -> None:
        super().__init__(0)
        self.reason = reason


# kernels report exceptions by the name of their class, and this one is told by it
Exit.__name__ = Exit.__qualname__ = "SystemExit"


class ExitOutside(BaseException):
    """The same in a notebook outside a run: it stops the cell, in one line."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def exit(reason: str = "") -> NoReturn:
    """End the run here as ``completed``; ``reason`` is kept with it. In a notebook outside a run it ends the cell."""
    run = current_run()
    reason = values.text(reason)
    if isinstance(run, Scratch) and hasattr(builtins, "get_ipython"):
        raise ExitOutside(f"exit: {reason}" if reason else "exit: a run would end here, completed.")
    run.record("exit", reason=reason)
    raise Exit(reason)
