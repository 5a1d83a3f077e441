"""What happens in a project's folder, found by looking at its files: new bytes of journals, names that came or went."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_mlops import config
from jupyter_mlops.api import rows, steps
from jupyter_mlops.api.tracked import News, Tracked
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution.folder import SPEC, read_spec
from jupyter_mlops.storage import journal
from jupyter_mlops.storage.catalog import Catalog

Told = list[dict[str, Any]]

LINGER = 2.0  # seconds that a run is looked at after its end: for the last of its log
SLOW = 0.5  # seconds between looks at what people change, not runs
_SETTLED = 2.5  # seconds after which a folder's modification time can be trusted everywhere
_BIRTH = 60.0  # seconds that a run's folder may take to get its run.json
_LIVE = "SELECT id FROM runs WHERE state IN ('pending', 'running', 'aborting')"


class Watch:
    """Looks at one project, as often as it is asked to, and tells what has changed since the last time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = folder / "runs"
        self.followed: frozenset[str] = frozenset()
        self.tracked: dict[str, Tracked] = {}
        self._catalog = Catalog(folder, config.load(folder).name)
        self._children: dict[str, dict[str, steps.Child]] = {}  # those that have ended, by their parent's id
        self._born: dict[str, float] = {}
        self._names = _Names(self.runs)
        self._things = _Things(folder)
        self._slow = 0.0
        for name in self._names.first() & self._alive():
            self._track(name)
        for run in self.tracked.values():  # where they stand isn't news
            run.look(followed=False)

    @property
    def is_live(self) -> bool:
        """Whether there are runs that go on, so that it is worth looking often."""
        return bool(self.tracked or self._born)

    def _alive(self) -> set[str]:
        try:
            return {run for (run,) in self._catalog.query(_LIVE)}
        except MlopsError:  # another program has the file: those that are new will be seen all the same
            return self._names.latest(50)

    def look(self) -> Told:
        """Return what happened, in the contract's events."""
        told = [*self._comings(), *self._news()]
        if time.monotonic() - self._slow > SLOW:
            self._slow = time.monotonic()
            told += self._things.look()
            told += [{"type": "run", "run": row} for row in self._tagged(self._things.take_tagged())]
        return told

    # --- runs that come and go ---

    def _comings(self) -> Told:
        come, gone = self._names.look()
        now = time.monotonic()
        self._born |= dict.fromkeys(come, now)
        for name, since in list(self._born.items()):
            if self._track(name) or now - since > _BIRTH or name in gone:
                del self._born[name]
        for name in gone:
            self.tracked.pop(name, None)
        return [{"type": "removed", "run": name} for name in sorted(gone)]

    def _track(self, name: str) -> bool:
        if not (self.runs / name / SPEC).is_file():
            return False
        try:
            self.tracked[name] = Tracked(self.runs / name, read_spec(self.runs / name))
        except (OSError, MlopsError):
            return False
        return True

    # --- what they tell ---

    def _news(self) -> Iterator[dict[str, Any]]:
        found = {}
        for name, run in list(self.tracked.items()):
            fresh = run.quiet_since is None and run.story.started is None and not run.seen
            news = run.look(followed=name in self.followed)
            if news is None and fresh:
                news = News(row=True)  # it was just made, and has told nothing yet
            if news is not None:
                run.seen = True
                found[name] = news
        yield from self._lines(found)
        for name, news in found.items():
            yield from self._of(name, news)
        if any(news.artifacts for news in found.values()):
            yield {"type": "changed", "what": "artifacts", "name": None}
        self._forget()

    def _of(self, name: str, news: News) -> Iterator[dict[str, Any]]:
        run = self.tracked[name]
        if news.row:
            yield {
                "type": "run",
                "run": rows.from_story(run.spec, run.story, best=run.best),
                "progress": steps.told_progress(run.story),
            }
        yield from news.followed
        if run.story.state.finished and "sweep" in run.spec.plan and news.row:
            yield from self._best_of(run)

    def _lines(self, found: dict[str, News]) -> Iterator[dict[str, Any]]:
        """Yield the lines of steps and iterations that changed, each once: their parent told of them, or they did."""
        changed: dict[tuple[str, str], Any] = {}
        for name, news in found.items():
            run = self.tracked[name]
            for event in news.nodes:
                changed[name, str(event["step"] or event["node"])] = event
            parent = self.tracked.get(run.spec.parent or "")
            if news.line and parent is not None:
                for event in parent.story.steps.values():
                    if event.get("run") == name:
                        changed[parent.spec.id, str(event["step"] or event["node"])] = event
        for (name, _), event in changed.items():
            parent = self.tracked[name]
            line = steps.line_of(parent.folder, parent.spec, parent.story, event, self._look_in(name))
            yield {"type": "step", "run": name, "step": line}

    def _look_in(self, parent: str) -> steps.Look:
        ended = self._children.setdefault(parent, {})

        def look(run: str) -> steps.Child | None:
            if run in self.tracked:
                return self.tracked[run].child
            if run not in ended and (child := steps.child_in(self.runs, run)):
                ended[run] = child
            return ended.get(run)

        return look

    def _best_of(self, run: Tracked) -> Iterator[dict[str, Any]]:
        look = self._look_in(run.spec.id)
        for event in run.story.steps.values():
            line = steps.iteration(run.spec, run.story, event, look)
            if line["best"] and line["run"] and (child := look(line["run"])):
                yield {"type": "step", "run": run.spec.id, "step": line}
                yield {"type": "run", "run": rows.from_story(child.spec, child.story, best=True)}

    def _forget(self) -> None:
        """Let go of runs that have ended a while ago, and of what was known of their children."""
        now = time.monotonic()
        for name, run in list(self.tracked.items()):
            if not run.story.state.finished:
                run.quiet_since = None
                continue
            run.quiet_since = run.quiet_since or now
            if now - run.quiet_since > LINGER:
                del self.tracked[name]
                self._children.pop(name, None)
                parent = self._children.get(run.spec.parent or "")
                if parent is not None:
                    parent[name] = run.child

    def _tagged(self, runs: set[str]) -> list[dict[str, Any]]:
        if not runs:
            return []
        try:
            return rows.from_catalog(self._catalog, sorted(runs))
        except MlopsError:
            return []


class _Names:
    """The names in a folder, listed again only when its modification time says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: set[str] = set()
        self._changed: int | None = None
        self._listed = 0.0

    def first(self) -> set[str]:
        self.look()
        return set(self.known)

    def latest(self, count: int) -> set[str]:
        return set(sorted(self.known)[-count:])

    def look(self) -> tuple[set[str], set[str]]:
        """Return the names that came, and those that went."""
        try:
            changed = os.stat(self.folder).st_mtime_ns
            # a change right after the listing may have left the same time, by a coarse clock; so one more look later on
            again = self._listed - changed / 1e9 < _SETTLED and time.time() - self._listed > _SETTLED / 2
            if changed == self._changed and not again:
                return set(), set()
            names = {name for name in os.listdir(self.folder) if not name.startswith(".") and name.isprintable()}
        except OSError:
            changed, names = 0, set()
        self._changed, self._listed = changed, time.time()
        come, gone = names - self.known, self.known - names
        self.known = names
        return come, gone


class _Things:
    """Functions, workflows, the project's file and its journals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = {what: self._stamps(what, suffix) for what, suffix in _SUFFIXES.items()}
        self._project = _stamp(folder / config.FILE)
        self._offsets = {path: _size(path) for path in self._journals()}
        self._tagged: set[str] = set()

    def look(self) -> Told:
        told: Told = []
        for what, suffix in _SUFFIXES.items():
            now, before = self._stamps(what, suffix), self._files[what]
            self._files[what] = now
            names = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
            told += [{"type": "changed", "what": what, "name": name} for name in names]
        project = _stamp(self.folder / config.FILE)
        if project != self._project:
            self._project = project
            told.append({"type": "changed", "what": "project", "name": None})
        kinds = self._noted()
        if kinds & {"artifact", "artifact_tag", "delete"}:
            told.append({"type": "changed", "what": "artifacts", "name": None})
        if "function" in kinds and not any(each["what"] == "functions" for each in told):
            told.append({"type": "changed", "what": "functions", "name": None})
        return told

    def take_tagged(self) -> set[str]:
        """Return the runs that were tagged since the last time."""
        tagged, self._tagged = self._tagged, set()
        return tagged

    def _noted(self) -> set[str]:
        kinds = set()
        for path in self._journals():
            offset = self._offsets.get(path, 0)
            if _size(path) <= offset:
                continue
            events, self._offsets[path] = journal.read(path, offset)
            kinds |= {str(event["e"]) for event in events}
            self._tagged |= {event["run"] for event in events if event["e"] == "tag" and isinstance(event.get("run"), str)}
        return kinds

    def _journals(self) -> list[Path]:
        try:
            return [Path(entry.path) for entry in os.scandir(self.folder / "journal") if entry.name.endswith(".jsonl")]
        except OSError:
            return []

    def _stamps(self, what: str, suffix: str) -> dict[str, Any]:
        try:
            with os.scandir(self.folder / what) as entries:
                mine = [entry for entry in entries if entry.name.endswith(suffix) and not entry.name.startswith(".")]
                return {entry.name.removesuffix(suffix): _stamp(Path(entry.path)) for entry in mine}
        except OSError:
            return {}


_SUFFIXES = {"functions": ".ipynb", "workflows": ".yaml"}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
