"""The run that this process is in: one with a folder, or a scratch run in memory.

A process is in one run at a time, and every thread of it in the same: nothing is stacked. What sets it is ``begin`` in the kernel
of a run, ``start`` for interactive work, or the environment of a run's child processes.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from jupyter_mlops import values
from jupyter_mlops.errors import LogError, RunNotFoundError
from jupyter_mlops.events import Event, History
from jupyter_mlops.execution.inside import lookup
from jupyter_mlops.records import Artifact, Source
from jupyter_mlops.storage import artifacts
from jupyter_mlops.storage.blobs import Blobs
from jupyter_mlops.storage.journal import EVENTS, Journal, history, new_id

# Child processes that are started anew (joblib, multiprocessing's spawn) know nothing but their environment.
FOLDER = "JUPYTER_MLOPS_FOLDER"


class CurrentRun(Protocol):
    """What the calls of this package need of a run."""

    @property
    def id(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...

    def record(self, event: str, **fields: Any) -> Event: ...
    def metric(self, key: str, value: float, step: int | None) -> None: ...
    def keep(self, value: Any, key: str, **marks: Any) -> Logged: ...
    def source(self, name: str) -> Source | None: ...
    def load(self, source: Source, hint: str | None) -> Any: ...


@dataclass(frozen=True, kw_only=True, repr=False)
class Logged(Artifact):
    """An artifact that was just logged, with the address of this version."""

    uri: str = ""

    def __repr__(self) -> str:
        return f"<{self.kind} {self.key} {self.type} {self.uri}>"


class _Story:
    """What a run has so far, read from its events."""

    @property
    def history(self) -> History:
        raise NotImplementedError

    @property
    def results(self) -> dict[str, Any]:
        """The results so far."""
        return {key: values.decode(value) for key, value in self.history.results.items()}

    @property
    def metrics(self) -> dict[str, list[tuple[int | None, float, float]]]:
        """The points (step, value, time) of each metric so far."""
        return dict(self.history.metrics)


class Tracked(_Story):
    """A run with a folder: its calls append to the journal there.

    Attributes
    ----------
    folder
        ``<project>/runs/<id>``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal(folder / EVENTS)
        # bound once: this is the call that training loops make
        self.metric = self.journal.metric
        self.record = self.journal.append

    @cached_property
    def spec(self) -> dict[str, Any]:
        """What the run was asked to do: the fields of ``records.Spec``."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "run.json").read_bytes().decode("utf-8", "surrogatepass"))
        except (OSError, ValueError) as error:
            raise RunNotFoundError(f"{str(self.folder)!r} isn't a run's folder: its run.json can't be read ({error}).") from error
        return found

    @property
    def id(self) -> str:
        """The run's id."""
        return str(self.spec["id"])

    @property
    def name(self) -> str:
        """The run's name."""
        return str(self.spec["name"])

    @property
    def project(self) -> str:
        """The project's name."""
        return str(self.spec["project"])

    @property
    def function(self) -> str | None:
        """The Function's name; None for interactive work."""
        return self.spec.get("function")

    @property
    def parent(self) -> str | None:
        """The id of the run that started this one."""
        return self.spec.get("parent")

    @cached_property
    def params(self) -> Mapping[str, Any]:
        """The parameters that were given, not the defaults."""
        return {name: values.decode(value) for name, value in self.spec.get("params", {}).items()}

    @property
    def tags(self) -> dict[str, str]:
        """The tags so far."""
        return {**self.spec.get("tags", {}), **self.history.tags}

    @property
    def history(self) -> History:
        return history(self.folder)

    @property
    def artifacts(self) -> dict[str, Logged]:
        """The artifacts so far, by their key."""
        return {key: self._logged(artifact) for key, artifact in self.history.artifacts.items()}

    @property
    def cache(self) -> Path:
        return self.folder.parents[1] / ".mlops" / "cache"

    @cached_property
    def blobs(self) -> Blobs:
        store = self.spec.get("store") or "artifacts"
        return Blobs(store if "://" in store else self.folder.parents[1] / store, cache=self.cache)

    def keep(self, value: Any, key: str, **marks: Any) -> Logged:
        """Save a value as an artifact of this run."""
        made = artifacts.log(value, key, blobs=self.blobs, run=self.id, **marks)
        self.record("artifact", **asdict(made))
        return self._logged(made)

    def source(self, name: str) -> Source | None:
        """Return where an input comes from, None when the run wasn't given one of that name."""
        fields = self.spec.get("inputs", {}).get(name)
        return None if fields is None else Source.read(fields)

    @property
    def inputs(self) -> list[str]:
        """The names of the inputs that were given."""
        return list(self.spec.get("inputs", {}))

    def load(self, source: Source, hint: str | None) -> Any:
        """Return the value of an input; a plain path is relative to where the run was asked for."""
        if source.items is not None:
            return [self.load(item, None) for item in source.items]
        if source.packager is None and source.value is None:
            return _outside(source.uri, self.path(source.uri), hint or source.hint, self.folder)
        return artifacts.load(source, self.blobs, self.cache, hint)

    def path(self, text: str) -> Path:
        """Return the path that is meant by a relative one: from where the run was asked for."""
        return Path(self.spec.get("cwd") or ".") / Path(text).expanduser()

    def _logged(self, artifact: Artifact) -> Logged:
        fields = {name: getattr(artifact, name) for name in Artifact.__dataclass_fields__}
        return Logged(**fields, uri=artifacts.format_uri(artifact, self.project))

    def __repr__(self) -> str:
        return f"<run {self.id} {self.name!r} of project {self.project!r}>"


class Scratch(_Story):
    """Calls outside a run: kept in memory until the process ends. ``objects`` holds what was logged as artifacts."""

    project = "scratch"
    name = "scratch"
    folder = None
    function = None
    parent = None
    inputs: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.id = new_id()
        self.params: dict[str, Any] = {}
        self.objects: dict[str, Any] = {}
        self._history = History()
        self._noticed = False

    @property
    def history(self) -> History:
        return self._history

    @property
    def tags(self) -> dict[str, str]:
        """The tags so far."""
        return dict(self._history.tags)

    @property
    def artifacts(self) -> dict[str, Any]:
        """The objects that were logged as artifacts, themselves."""
        return dict(self.objects)

    def record(self, event: str, **fields: Any) -> Event:
        """Keep one event in memory."""
        self._notice()
        made: Event = {"e": event, "t": time.time(), **fields}
        self._history.add(made)
        return made

    def metric(self, key: str, value: float, step: int | None) -> None:
        """Keep one point of a metric in memory."""
        self._notice()
        self._history.metrics.setdefault(key, []).append((step, value, time.time()))

    def keep(self, value: Any, key: str, **marks: Any) -> Logged:
        """Keep the object itself, after the checks that a run would make."""
        kind, tag, labels = artifacts.check(key, marks.get("kind"), marks.get("tag"), marks.get("labels"))
        self._notice()
        self.objects[key] = value
        made = Logged(
            uid=new_id(),
            key=key,
            kind=str(kind or ""),
            hash="",
            size=0,
            packager="",
            type=f"{type(value).__module__}.{type(value).__qualname__}",
            created=time.time(),
            tag=tag,
            labels=labels,
            uri=f"scratch://{key}",
        )
        self._history.artifacts[key] = made
        return made

    def source(self, name: str) -> Source | None:
        """Return None: a scratch run has no inputs."""
        return None

    def load(self, source: Source, hint: str | None) -> Any:
        """Return what a path or address means in this process."""
        return _outside(source.uri, Path(source.uri), hint, Path.cwd())

    def _notice(self) -> None:
        if not self._noticed:
            self._noticed = True
            print("jupyter-mlops: no run is active, so what is logged stays in memory: see mlops.current_run().")

    def __repr__(self) -> str:
        parts = (f"{len(self.results)} results", f"{len(self.metrics)} metrics", f"{len(self.objects)} artifacts")
        return f"<scratch run in memory: {', '.join(parts)}>"


class _Place:
    """Where the calls of this process go."""

    def __init__(self) -> None:
        self.run: Tracked | Scratch | None = None
        self.lock = threading.RLock()

    def find(self) -> Tracked | Scratch:
        with self.lock:
            if self.run is None:
                folder = Path(os.environ.get(FOLDER, ""))
                self.run = Tracked(folder) if os.environ.get(FOLDER) and (folder / "run.json").is_file() else Scratch()
            return self.run


place = _Place()

if hasattr(os, "register_at_fork"):
    # a thread that the child doesn't have may hold it
    os.register_at_fork(after_in_child=lambda: setattr(place, "lock", threading.RLock()))


def current_run() -> Tracked | Scratch:
    """Return the run that this process is in, or the scratch run that holds what is logged outside of any."""
    return place.run or place.find()


def begin(folder: str | os.PathLike[str], environ: Mapping[str, str] | None, cwd: str | os.PathLike[str]) -> None:
    """Make this process the kernel of the run in ``folder``: its environment, its working directory, fresh random numbers.

    ``environ`` replaces the whole environment; None keeps it.
    """
    if environ is not None:
        os.environ.clear()
        os.environ.update(environ)
    os.environ[FOLDER] = os.fspath(folder)
    if hasattr(time, "tzset"):
        time.tzset()  # TZ is read once a process, and a forked one has read it already
    os.chdir(cwd)
    random.seed()
    if (numpy := sys.modules.get("numpy")) is not None and hasattr(numpy, "random"):
        numpy.random.seed()
    place.run = Tracked(Path(folder))


def start(folder: str | os.PathLike[str]) -> Tracked:
    """Let the calls of this process, in all its threads, go to the run in ``folder`` until :func:`stop`.

    Raises
    ------
    LogError
        The process is in a run already: whose would a metric be?
    """
    with place.lock:
        inner = place.find()
        if isinstance(inner, Tracked):
            raise LogError(f"A run can't start inside run {inner.id}: end that one first, or let it be a Function of its own.")
        run = Tracked(Path(folder))
        place.run = run
    return run


def stop() -> None:
    """End what :func:`start` began; what is logged from now on goes to a scratch run."""
    with place.lock:
        if isinstance(place.run, Tracked):
            place.run.journal.close()
        place.run = None


def _outside(text: str, path: Path, hint: str | None, near: Path) -> Any:
    """Return what a user's own words for an input lead to: a path, a URL, or an artifact's address."""
    if not artifacts.is_uri(text):
        return artifacts.load_path(text if "://" in text else path, hint)
    return artifacts.load(*lookup.find(text, near), hint=hint)
