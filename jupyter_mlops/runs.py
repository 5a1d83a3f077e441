"""The run a user holds: reads its own folder, so it is always fresh, needs no lock, and works while the catalog is busy."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import family, values
from jupyter_mlops.display import RunView, run_bundle, words
from jupyter_mlops.errors import (
    ArtifactNotFoundError,
    ParameterError,
    RunFailedError,
    RunNotFoundError,
    WaitTimeoutError,
    did_you_mean,
)
from jupyter_mlops.events import History
from jupyter_mlops.execution.folder import FILES, LOG, NOTEBOOK, read_spec
from jupyter_mlops.execution.logfile import plain
from jupyter_mlops.library import ArtifactHandle, Library
from jupyter_mlops.records import Failure, Source, State
from jupyter_mlops.storage import journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from jupyter_mlops.execution.client import Client


class Run:
    """One execution: what it was asked to do, what became of it, and what it left.

    Examples
    --------
    >>> run = project.run("train", params={"n_estimators": 300})  # doctest: +SKIP
    >>> run.state, run.results["accuracy"], run.artifacts["model"].load()  # doctest: +SKIP
    """

    def __init__(self, folder: Path, library: Library, client: Client) -> None:
        self.folder = folder
        self.spec = read_spec(folder)
        self._library, self._client = library, client
        self._history, self._offset = History(), 0
        self._told: family.Told = {}  # by its children

    @property
    def history(self) -> History:
        """What happened so far; lines written since the last look are taken in."""
        events, self._offset = journal.read(self.folder / journal.EVENTS, self._offset)
        for event in events:
            journal.add(self._history, event)
        if not self._history.state.finished and not self.folder.is_dir():
            raise RunNotFoundError(f"{self.id} was deleted.")  # else it would seem to go on for ever
        return self._history

    # --- what it was asked to do ---

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def function(self) -> str | None:
        return self.spec.function

    @property
    def version(self) -> str | None:
        return self.spec.version

    @property
    def parent(self) -> str | None:
        return self.spec.parent

    @property
    def params(self) -> dict[str, Any]:
        return {name: values.decode(value) for name, value in self.spec.params.items()}

    @property
    def inputs(self) -> Mapping[str, Source]:
        return self.spec.inputs

    @property
    def created(self) -> datetime:
        return _moment(self.spec.created)

    # --- what became of it ---

    @property
    def state(self) -> State:
        return self.history.state

    @property
    def reason(self) -> str:
        return self.history.reason

    @property
    def error(self) -> Failure | None:
        """Cell, line, exception and traceback of a run in state ``error``."""
        return self.history.failure

    @property
    def started(self) -> datetime | None:
        started = self.history.started
        return None if started is None else _moment(started)

    @property
    def ended(self) -> datetime | None:
        ended = self.history.ended
        return None if ended is None else _moment(ended)

    @property
    def duration(self) -> float | None:
        """Seconds from its start to its end, or until now."""
        story = self.history
        return None if story.started is None else (story.ended or time.time()) - story.started

    @property
    def results(self) -> dict[str, Any]:
        return {key: values.decode(value) for key, value in self.history.results.items()}

    @property
    def tags(self) -> dict[str, str]:
        """Tags it was given, tags it set, and those set on it since."""
        story = self.history
        tags = {**self.spec.tags, **story.tags}
        if story.state.finished:
            tags |= dict(self._library.catalog.query("SELECT key, value FROM tags WHERE run = ?", [self.id]))
        return tags

    @property
    def environment(self) -> dict[str, Any]:
        return {key: value for key, value in self.history.environment.items() if key not in ("e", "t")}

    @property
    def usage(self) -> dict[str, Any]:
        """``memory``: peak bytes of its processes; ``cpu``: their seconds."""
        return {key: value for key, value in self.history.usage.items() if key not in ("e", "t")}

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The cells in order: index, id, state, seconds."""
        return [cell for _, cell in sorted(self.history.cells.items())]

    # --- what it left ---

    def metrics(self, key: str) -> pd.DataFrame:
        """Return the points of one metric, columns ``step``, ``value``, ``time`` (UTC), in the order they were logged."""
        import pandas as pd  # here: whoever only runs needs no pandas

        points = self.history.metrics.get(key, [])
        steps, numbers, times = zip(*points, strict=True) if points else ((), (), ())
        return pd.DataFrame(
            {
                "step": pd.array(list(steps), dtype="Int64"),
                "value": pd.Series(list(numbers), dtype="float64"),
                "time": pd.to_datetime(pd.Series(list(times), dtype="float64"), unit="s", utc=True),
            }
        )

    @property
    def artifacts(self) -> Artifacts:
        return Artifacts({key: ArtifactHandle(record, self._library) for key, record in self.history.artifacts.items()}, self.id)

    # --- its children ---

    @property
    def steps(self) -> dict[str, StepRun]:
        """Of a workflow: its steps by name, as far as they have begun or been decided."""
        found: dict[str, StepRun] = {}
        for node, event in self.history.steps.items():
            if event["step"] and node == event["step"]:
                found[node] = StepRun(node, event, self)
        for node, event in self.history.steps.items():
            if event["step"] and node != event["step"]:
                found.setdefault(event["step"], StepRun(event["step"], {**event, "run": None}, self)).nodes.append(event)
        return found

    @property
    def children(self) -> list[Run]:
        """The runs of its steps or iterations, in the order in which they began."""
        return [self.child(run) for run in dict.fromkeys(event.get("run") for event in self.history.steps.values()) if run]

    def child(self, run: str) -> Run:
        return Run(self.folder.parent / run, self._library, self._client)

    @property
    def iterations(self) -> pd.DataFrame:
        """Of a sweep: a row an iteration, with ``iteration``, ``state``, its params and its results."""
        import pandas as pd  # here: whoever only runs needs no pandas

        rows = []
        for child in self.children:
            known = {"iteration": child.spec.iteration, "state": str(child.state)}
            params = {name: value for name, value in child.params.items() if name in self.swept}
            rows.append({**known, **params, **child.results, "run": child.id})
        return pd.DataFrame(rows) if rows else pd.DataFrame(columns=["iteration", "state", *self.swept, "run"])

    @property
    def swept(self) -> list[str]:
        """Of a sweep: the params that differ between iterations."""
        asked = self.spec.plan.get("sweep") or {}
        return list(dict.fromkeys([*(name for point in asked.get("points", ()) for name in point), *asked.get("space", ())]))

    @property
    def best(self) -> Run | None:
        """Of a sweep with ``select``: the iteration whose results and artifacts it has; None while there is none."""
        number = self.results.get("best_iteration")
        return next((child for child in self.children if number is not None and child.spec.iteration == number), None)

    # --- what is on disk ---

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.folder / NOTEBOOK

    @property
    def files(self) -> Path:
        """The folder that it worked in, with what it wrote there; it is gone when nothing was."""
        return self.folder / FILES

    @property
    def log(self) -> str:
        """What it wrote to stdout and stderr so far, without colours."""
        return plain(self.log_bytes().decode("utf-8", "replace"))

    def log_bytes(self, offset: int = 0) -> bytes:
        """Return the log's bytes from ``offset`` on, colours and all; a negative one counts from the end."""
        try:
            with (self.folder / LOG).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size + offset) if offset < 0 else offset)
                return file.read()
        except FileNotFoundError:
            return b""

    # --- verbs ---

    def wait(self, timeout: float | None = None) -> Run:
        """Wait until the run has ended, at most ``timeout`` seconds, and return it.

        Raises
        ------
        WaitTimeoutError
            The time is over; the run goes on.
        """
        if not self.state.finished and not self._client.wait(self.id, timeout) and not self.state.finished:
            raise WaitTimeoutError(f"{self.id} is still {self.state} after {timeout} s; it goes on. Wait again, or abort() it.")
        return self

    def abort(self, reason: str = "aborted by the user") -> Run:
        """End the run and every process of it; one that has ended stays as it is."""
        if not self.state.finished:
            self._client.abort(self.id, reason)
        return self

    def failed(self) -> RunFailedError:
        """Return the error for a run that didn't complete: where, why, and the user's own traceback."""
        failure, where = self.error, ""
        if failure and failure.cell is not None:
            where = f" in cell {failure.cell + 1}" + (f", line {failure.line}" if failure.line is not None else "")
        what = words.one_line(f"{failure.ename}: {failure.evalue}" if failure else self.reason, 600)
        message = f"{self.name} ended in state {self.state}{where}: {what or 'no reason was recorded'} (run {self.id})"
        return RunFailedError(message, self, details=list(failure.traceback) if failure else [])

    def view(self, base: Path | None = None, **more: Any) -> RunView:
        """Return what a card shows of the run; links in it lead from the folder ``base``."""
        story = self.history
        known: dict[str, Any] = {
            "now": None if story.state.finished else time.time(),
            "log": self.log_bytes(-4000).decode("utf-8", "replace"),
            **(family.view(self.folder, self.spec, story, self._told) if self.spec.plan else {}),
        }
        return RunView(spec=self.spec, history=story, folder=self.folder, base=base, **{**known, **more})

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return run_bundle(self.view(Path.cwd()))

    def __repr__(self) -> str:
        story = self.history
        parts = [f"<Run {self.id}", words.one_line(self.name, 40), str(story.state)]
        if story.reason:
            parts.append(f"({words.one_line(story.reason, 80)})")
        if (seconds := self.duration) is not None:
            parts.append(words.duration(seconds))
        parts += [f"{key}={words.number(values.peek(value), 20)}" for key, value in list(story.results.items())[:4]]
        return " ".join(parts) + ">"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.folder == self.folder

    def __hash__(self) -> int:
        return hash(self.folder)


class StepRun:
    """A step of a workflow run; of one with ``foreach`` all its items."""

    def __init__(self, name: str, event: Mapping[str, Any], parent: Run) -> None:
        self.name, self._event, self._parent = name, event, parent
        self.nodes: list[Mapping[str, Any]] = []

    @property
    def state(self) -> State:
        return State(self._event["state"])

    @property
    def reason(self) -> str:
        return str(self._event.get("reason") or "")

    @property
    def run(self) -> Run | None:
        """Its run; None of a step that was skipped, and of one with ``foreach``, which has ``runs``."""
        run = self._event.get("run")
        return None if run is None else self._parent.child(run)

    @property
    def runs(self) -> list[Run]:
        """Its runs: one, none when it was skipped, or one an item of its ``foreach``."""
        ids = [event["run"] for event in self.nodes if event.get("run")] or [self._event.get("run")]
        return [self._parent.child(run) for run in ids if run]

    @property
    def results(self) -> dict[str, Any]:
        """Its results; with ``foreach`` lists of them, in the order of the items."""
        found = [run.results for run in self.runs]
        if not self.nodes:
            return found[0] if found else {}
        return {key: [results.get(key) for results in found] for key in dict.fromkeys(key for each in found for key in each)}

    @property
    def artifacts(self) -> Mapping[str, Any]:
        """Its artifacts; with ``foreach`` lists of them."""
        found = [run.artifacts for run in self.runs]
        if not self.nodes:
            return found[0] if found else {}
        return {key: [each[key] for each in found if key in each] for key in dict.fromkeys(key for each in found for key in each)}

    def __repr__(self) -> str:
        return f"<Step {self.name} {self.state}{f' ({self.reason})' if self.reason else ''}>"


class Artifacts(Mapping[str, ArtifactHandle]):
    """What a run kept, by key; an unknown key says what there is."""

    def __init__(self, handles: dict[str, ArtifactHandle], run: str) -> None:
        self._handles, self._run = handles, run

    def __getitem__(self, key: str) -> ArtifactHandle:
        if key not in self._handles:
            there = f"It has {', '.join(self._handles)}." if self._handles else "It has none."
            raise ArtifactNotFoundError(f"run {self._run} has no artifact {key!r}.{did_you_mean(key, self._handles)} {there}")
        return self._handles[key]

    def __contains__(self, key: object) -> bool:
        return key in self._handles

    def __iter__(self) -> Iterator[str]:
        return iter(self._handles)

    def __len__(self) -> int:
        return len(self._handles)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._handles.values())) or "no artifacts"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def in_utc(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the catalog, whose times are UTC without saying so, with times that do."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}


def listing(table: str, where: str | None, order_by: str | None, limit: int | None) -> str:
    """Return the query that lists runs, newest first unless ``order_by`` says otherwise; a limit of 0 is none."""
    if limit is not None and (not isinstance(limit, int) or limit < 0):
        raise ParameterError(f"{limit!r} can't be a number of runs: give a whole one from 1 up, or 0 for all.")
    rest = f" LIMIT {limit}" if limit else ""
    # line ends keep a comment at the end of what the user wrote from swallowing the rest
    return f"SELECT * FROM {table} WHERE ({where or 'true'}\n) ORDER BY {order_by or 'id DESC'}\n{rest}"
