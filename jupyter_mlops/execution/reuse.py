"""Earlier runs whose outputs may stand in for a step: found by fingerprint, believed only if their bytes are there."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import config
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution.folder import read_spec
from jupyter_mlops.execution.stepfacts import in_words
from jupyter_mlops.functions.changes import compare
from jupyter_mlops.functions.store import FunctionStore
from jupyter_mlops.storage.blobs import Blobs
from jupyter_mlops.storage.catalog import Catalog
from jupyter_mlops.storage.journal import history, read

if TYPE_CHECKING:
    from jupyter_mlops.events import Event, History
    from jupyter_mlops.records import Artifact, Spec

_TRIES = 5  # of the newest runs with a fingerprint; the bytes of older ones are the same, as artifacts lie by their content


class Past:
    """What a project's earlier runs of steps have left."""

    def __init__(self, project: Path) -> None:
        settings = config.load(project)
        self.project = project
        self.catalog = Catalog(project, settings.name)
        self.functions = FunctionStore(project)
        self.blobs = Blobs(settings.store(project), cache=project / ".mlops" / "cache")

    def match(self, fingerprint: str) -> str | None:
        """Return the newest completed run with that fingerprint that is whole and wasn't cleared, or None."""
        if (said := self._fresh.get(fingerprint)) is not None and not self.is_cleared(said) and self.is_whole(said):
            return said
        found = self.catalog.query(
            "SELECT id FROM runs WHERE fingerprint = ? AND state = 'completed' ORDER BY id DESC LIMIT ?", [fingerprint, _TRIES]
        )
        return next((run for (run,) in found if not self.is_cleared(run) and self.is_whole(run)), None)

    def latest(self, workflow: str, step: str, *, completed: bool = True) -> str | None:
        """Return the newest run of a step of a workflow that has outputs; with ``completed`` False of any that was executed."""
        states = "('completed', 'cached')" if completed else "('completed', 'cached', 'error', 'aborted')"
        found = self.catalog.query(
            "SELECT c.id FROM runs c JOIN runs p ON c.parent = p.id WHERE p.workflow = ? AND c.step = ? "
            f"AND c.state IN {states} ORDER BY c.id DESC LIMIT 1",
            [workflow, step],
        )
        return found[0][0] if found else None

    def is_whole(self, run: str) -> bool:
        """Return whether all that a run made is still there."""
        try:
            return all(self.has(artifact) for artifact in self.story(run).artifacts.values())
        except MlopsError:
            return False

    def has(self, artifact: Artifact) -> bool:
        """Return whether its bytes are there, and have them stay for who takes them over."""
        return self.blobs.claim(artifact.hash, folder=bool(artifact.meta.get("directory")))

    def is_cleared(self, run: str) -> bool:
        """Return whether the user said that a run must not be reused."""
        spec = self.spec(run)
        return any(run <= event["until"] and _is_about(event, spec) for event in self._cleared)

    def story(self, run: str) -> History:
        return history(self.project / "runs" / run)

    def spec(self, run: str) -> Spec:
        return read_spec(self.project / "runs" / run)

    def outputs(self, run: str) -> list[dict[str, Any]]:
        """Return the events by which a cached run gives what ``run`` gave."""
        story = self.story(run)
        results = [{"e": "result", "key": key, "value": value} for key, value in story.results.items()]
        return [*results, *({"e": "link", "artifact": asdict(artifact)} for artifact in story.artifacts.values())]

    def code_change(self, old: Spec, new: Spec) -> str:
        """Say in words how a Function changed between two runs, for example ``+3 −1 lines``; empty if it can't be said."""
        try:
            before, after = (self.functions.get(f"{spec.function}@{spec.version}")[1] for spec in (old, new))
        except MlopsError:
            return ""
        summary = compare(before, after, str(new.function)).summary
        lines = (part for part in summary.split("; ") if part.startswith("code: "))
        return next(lines, "").removeprefix("code: ")  # what else changed is told by its name

    def environment(self, run: str) -> list[str]:
        """Return the environment that a step's run had, each part as ``name==version``; nothing if that isn't known any more."""
        spec, noted = self.spec(run), self.story(run).environment
        python, kept = (spec.facts.get(name) or noted.get(name) for name in ("python", "packages"))
        if python is None or kept is None:
            return []
        try:
            packages = json.loads(self.blobs.read(kept))
        except (MlopsError, OSError, ValueError):
            return []
        return in_words(spec.runtime, python, packages)

    @cached_property
    def _cleared(self) -> list[Event]:
        return [event for event in self._said if event.get("e") == "clear" and event.get("until")]

    @cached_property
    def _fresh(self) -> dict[str, str]:
        """Fingerprints that the user said an earlier run still stands for."""
        return {event["fingerprint"]: event["run"] for event in self._said if event.get("e") == "fresh"}

    @cached_property
    def _said(self) -> list[Event]:
        paths = sorted((self.project / "journal").glob("*.jsonl"))
        said = [event for path in paths for event in read(path)[0] if event.get("e") in ("clear", "fresh")]
        return sorted(said, key=lambda event: str(event.get("id", "")))


def _is_about(event: dict[str, Any], spec: Spec) -> bool:
    return all(getattr(spec, name) == event[name] for name in ("function", "step") if event.get(name))
