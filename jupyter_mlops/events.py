"""What happens to a run, one JSON object a line in its journal; and what these lines add up to.

Every event has ``e`` (its kind) and ``t`` (seconds since the epoch, UTC). The kinds and their fields:

========== ==========================================================================================
state      state, reason, [failure: fields of records.Failure], [owner: {host, pid, born}], [kernel]
attempt    n (1-based), [reason why the one before ended]
cell       index, id, state (running | completed | error | skipped), [seconds]
result     key, value (encoded by values)
metric     key, value, step (int or null)
artifact   the fields of records.Artifact
input      name, uri, hash, artifact
tag        key, value
progress   done, total (or null), label
environment  python, platform, packages (blob hash), git {commit, branch, dirty, diff (blob hash)}, …
exit       reason: user code ended the run early, as completed
step       node, step, state, run (the child's id or null), reason, [total items of a foreach]: of a run with children
link       artifact (the fields of records.Artifact): an artifact that another run made and this one also gives
usage      memory (peak bytes of the process tree), cpu (seconds)
========== ==========================================================================================

A project's own journal (``journal/*.jsonl``) holds what changes later; each of its events also has a
time-ordered ``id``: function, artifact (logged outside a run), artifact_tag {artifact, key, tag}, tag {run, key, value},
delete {run | artifact}.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jupyter_mlops.records import Artifact, Failure, State

Event = dict[str, Any]


@dataclass(kw_only=True)
class History:
    """The events of one run so far, added up. ``metrics`` maps a key to its (step, value, time) points."""

    state: State = State.PENDING
    reason: str = ""
    failure: Failure | None = None
    started: float | None = None
    ended: float | None = None
    attempt: int = 1
    owner: dict[str, Any] | None = None
    kernel: str | None = None
    results: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, list[tuple[int | None, float, float]]] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    inputs: dict[str, Event] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    cells: dict[int, Event] = field(default_factory=dict)
    environment: Event = field(default_factory=dict)
    usage: Event = field(default_factory=dict)
    progress: Event = field(default_factory=dict)
    steps: dict[str, Event] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Take in one event; a kind this version doesn't know changes nothing."""
        note = getattr(self, f"_on_{event.get('e')}", None)
        if note is not None:
            note(event)

    def _on_state(self, event: Event) -> None:
        if self.state.finished:  # the first end is the end: a guard and a reader may both report a lost worker
            return
        state = State(event["state"])
        if failure := event.get("failure"):  # read first: a line that can't be read changes nothing
            known = {name: failure[name] for name in Failure.__dataclass_fields__ if name in failure}
            self.failure = Failure(**{**known, "traceback": tuple(failure.get("traceback", ()))})
        self.state = state
        self.reason = event.get("reason") or ""
        self.owner = event.get("owner", self.owner)
        self.kernel = event.get("kernel", self.kernel)
        if self.state is State.RUNNING and self.started is None:
            self.started = event["t"]
        if self.state.finished:
            self.ended = event["t"]

    def _on_attempt(self, event: Event) -> None:
        self.attempt = event["n"]
        self.cells = {}

    def _on_cell(self, event: Event) -> None:
        self.cells[event["index"]] = {**self.cells.get(event["index"], {}), **event}

    def _on_result(self, event: Event) -> None:
        self.results[event["key"]] = event["value"]

    def _on_metric(self, event: Event) -> None:
        self.metrics.setdefault(event["key"], []).append((event["step"], event["value"], event["t"]))

    def _on_artifact(self, event: Event) -> None:
        fields = {name: event[name] for name in Artifact.__dataclass_fields__ if name in event}
        self.artifacts[event["key"]] = Artifact(**fields)

    def _on_link(self, event: Event) -> None:
        self._on_artifact({**event["artifact"], "e": "artifact"})

    def _on_step(self, event: Event) -> None:
        known = self.steps.get(event["node"], {})  # how many items there are is said once, before they begin
        self.steps[event["node"]] = {"total": known["total"], **event} if "total" in known else event

    def _on_input(self, event: Event) -> None:
        self.inputs[event["name"]] = event

    def _on_tag(self, event: Event) -> None:
        self.tags[event["key"]] = event["value"]

    def _on_progress(self, event: Event) -> None:
        self.progress = event

    def _on_environment(self, event: Event) -> None:
        self.environment = {**self.environment, **event}

    def _on_usage(self, event: Event) -> None:
        self.usage = event
