"""Write ``labextension/contract/*.json``: what each operation takes and answers, from a small real project.

Both sides' tests read these files. Ids, times and what else differs from machine to machine are made the same.
Run it after a change of the contract: ``python tests/contract.py``.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jupyter_mlops as mlops
from jupyter_mlops.api import OPERATIONS, Feed, call

PLACE = Path(__file__).parents[1] / "labextension" / "contract"

INGEST = """
import pandas as pd
rows: int = 60            # how many to make
start: str = "2026-01-01"
data = pd.DataFrame({"x": range(rows), "y": [n * 7 % 13 for n in range(rows)], "name": [f"row {n}" for n in range(rows)]})
data["day"] = pd.date_range(start, periods=rows)
count = len(data)
"""
TRAIN = """
from typing import Literal
import jupyter_mlops as mlops
depth: int = 3             # of the tree
rate: float = 0.1
solver: Literal["fast", "exact"] = "fast"
weights: dict[str, float] | None = None
verbose: bool = False
for step in mlops.progress(range(8), label="epochs"):
    mlops.log_metric("loss", float("nan") if step == 5 else 1 / (1 + step * depth), step=step)
model = {"depth": depth, "mean": float(data["y"].mean())}
accuracy = round(1 - 1 / (1 + depth * (1 + rate)), 4)
print("trained with depth", depth)
"""
REPORT = """
from pathlib import Path
limit: float = 0.5
report = Path("report.html")
report.write_text("<h1>Report</h1>")
passed = model["mean"] > limit
"""
WORKFLOW = """
'Every night'
rows: int = 60   # how many

raw = ingest(rows=rows)
fitted = train(data=raw.data, depth=4)
checked = report(model=fitted.model)
"""
BROKEN = """
name: broken
steps:
  first:
    function: trian
    params: {depth: deep}
"""


KINDS = 10  # of events: run, step, cell, metric, log, removed, and four of `changed`


class Example:
    """A project with runs of every kind, and the answers it gives."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = project = mlops.open_project(root / "churn", create=True)
        project.define("ingest", INGEST, returns=["data:dataset", "count"], description="Make the table")
        project.define("train", "depth: int = 3\naccuracy = depth", returns=["accuracy"])
        project.define("train", TRAIN, inputs=["data: pandas.DataFrame"], returns=["model:model", "accuracy"], tag="good")
        project.define("report", REPORT, inputs=["model"], returns=["report:file", "passed"])
        project.define("fail", "n: int = 0\nprint('about to fail')\nratio = 1 / n", returns=["ratio"])
        project.define_workflow("nightly", WORKFLOW)
        project.define_workflow("fragile", "bad = fail()\nlater = ingest().after(bad)")
        self.flow = project.run("nightly").id
        self.data = project.artifact("data")
        self.data.tag("january")
        inputs = {"data": self.data.uri}
        self.train = project.run("train", {"depth": 2}, inputs, tags={"team": "blue"}).id
        self.other = project.run("train", {"depth": 5}, inputs).id
        self.sweep = project.sweep("train", grid={"depth": [1, 2, 3]}, select="max:accuracy", inputs=inputs).id
        self.failed = self._ended(project.run("fragile", background=True))
        self.fail = self._ended(project.run("fail", background=True))
        (root / "notes.ipynb").write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))

    def _ended(self, run: mlops.Run) -> str:
        return run.wait().id

    def ask(self, operation: str, **args: Any) -> tuple[str, dict[str, Any], Any]:
        """Ask an operation; ``runs.get-failed`` is another example of ``runs.get``."""
        name = operation.partition("-")[0]
        chosen = None if name.startswith("projects.") else self.project
        return operation, args, call(chosen, name, args, root=self.root, origin="lab")

    def answers(self) -> Iterator[tuple[str, dict[str, Any], Any]]:
        """Yield each operation with its arguments and answer; in an order in which they can be asked."""
        ask = self.ask
        yield ask("projects.list")
        yield ask("projects.create", path="made/here", name="here")
        yield ask("project.get")
        yield ask("functions.list")
        yield ask("functions.get", name="train")
        yield ask("functions.define", name="small", code="n: int = 1\nm = n", returns=["m"], description="A small one")
        yield ask("functions.delete", name="small")
        yield ask("workflows.list")
        yield ask("workflows.get", name="nightly")
        yield ask("workflows.check", name="broken", yaml=BROKEN.lstrip())
        yield ask("workflows.check-python", name="other", python="raw = ingest(rows=3)\nfitted = train(data=raw.data)")
        text = self.project.workflow_store.text("nightly")
        yield ask("workflows.save", name="copy", yaml=str(text).replace("nightly", "copy"), etag=None)
        yield ask("workflows.delete", name="copy")
        yield ask("workflows.explain", name="nightly", params={"rows": 60})
        yield from self.of_runs()
        yield from self.of_artifacts()

    def of_runs(self) -> Iterator[tuple[str, dict[str, Any], Any]]:
        ask, wait = self.ask, lambda answer: self.project.get_run(answer[2]["run"]).wait()
        yield ask("runs.list", query="", sort="accuracy", descending=True, parent=None)
        yield ask("runs.summary", parent=None, by="function")
        yield ask("runs.get", run=self.train)
        yield ask("runs.get-sweep", run=self.sweep)
        yield ask("runs.get-workflow", run=self.flow)
        yield ask("runs.get-fragile", run=self.failed)
        yield ask("runs.get-failed", run=self.fail)
        yield ask("runs.compare", runs=[self.train, self.other])
        yield ask("runs.metrics", runs=[self.train, self.other], points=100)
        yield ask("runs.log", run=self.train, tail=1000)
        yield ask("runs.diff", run=self.train)
        yield ask("runs.tag", run=self.train, tags={"best": "yes", "team": None})
        options = {"params": {"depth": 6, "weights": {"$": "python", "v": "{'a': 1.0}"}}, "inputs": {"data": "data:january"}}
        started = ask("runs.start", target="train", options=options)
        yield started
        wait(started)
        again = ask("runs.rerun", run=self.train, params={"depth": 7})
        yield again
        wait(again)
        resumed = ask("runs.resume", run=self.failed, params={})
        yield resumed
        wait(resumed)
        yield ask("runs.abort", run=started[2]["run"])
        yield ask("runs.delete", run=again[2]["run"])

    def of_artifacts(self) -> Iterator[tuple[str, dict[str, Any], Any]]:
        ask, uid = self.ask, self.data.uid
        yield ask("artifacts.list", query="")
        yield ask("artifacts.get", uid=uid)
        yield ask("artifacts.table", uid=uid, offset=0, limit=3, sort="y", descending=True)
        yield ask("artifacts.text", uid=self.project.artifact("report").uid)
        yield ask("artifacts.tag", uid=uid, tag="best")
        yield ask("artifacts.untag", uid=uid, tag="best")
        yield ask("lineage.get", artifact=uid, depth=2)
        yield ask("artifacts.delete", uid=self.project.artifact("report").uid)
        view = {"name": "good ones", "query": "accuracy > 0.7", "sort": {"by": "accuracy", "descending": True}}
        yield ask("views.save", view={**view, "group": "function", "columns": ["name", "params.depth"], "pinned": [self.train]})
        yield ask("views.list")
        yield ask("views.delete", name="good ones")

    def events(self) -> list[dict[str, Any]]:
        """Return one event of each kind, as they come while a workflow and a run go on."""
        kept: dict[tuple[str, ...], dict[str, Any]] = {}
        enough = threading.Event()

        def hear(events: list[dict[str, Any]]) -> None:
            for event in events:
                about = event.get(event["type"])
                if not isinstance(about, dict) or about["state"] == "completed":  # what isn't over differs from time to time
                    kept.setdefault((event["type"], str(event.get("what", ""))), event)
            if len(kept) == KINDS:
                enough.set()

        listener = Feed(self.project.folder).listen(hear)
        while ("log", "") not in kept or ("metric", "") not in kept:  # a quick run may be over before it is followed
            run = self.project.run("train", {"depth": 9}, {"data": self.data.uri}, background=True)
            listener.follow([run.id])
            run.wait()
            enough.wait(1)
        self.project.run("nightly", {"rows": 61})
        self.project.define("small", "n: int = 1\nm = n", returns=["m"])
        self.project.define_workflow("tiny", "small(n=2)")
        self.project.log_artifact("answer", 42)
        settings = self.project.folder / "project.yaml"
        settings.write_text(settings.read_text() + "labels: {team: blue}\n")
        self.project.delete_run(run.id)
        assert enough.wait(30), f"only {sorted(kept)} were told"
        listener.close()
        return [kept[key] for key in sorted(kept)]


# --- made the same on every machine ---

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-z]{8}")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_COMMIT = re.compile(r"\b[0-9a-f]{40}\b")
_KNOWN: dict[str, Any] = {
    **dict.fromkeys(("created", "started", "ended"), 1_767_225_600.5),
    **dict.fromkeys(("duration", "seconds"), 1.5),
    "memory": 80_000_000,
    "cpu": 0.5,
    "user": "ada",
    "host": "laptop",
    "commit": None,
    "branch": None,
    "dirty": None,
    "platform": "Linux",
    "python": "3.11.7",
    "executable": "python",
    "size": 1000,
    "git": {},
    "packages": "packages",
}
_ABOUT = {
    "duration": 1.5,
    "memory": 80_000_000,
    "cpu": 0.5,
    "created": 1_767_225_600.5,
    "user": "ada",
    "host": "laptop",
    "python": "3.11.7",
}


class Normal:
    """Replaces ids by numbered ones, each by the same everywhere, and times and sizes by the same ones."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.seen: dict[str, str] = {}

    def __call__(self, value: Any, key: str = "") -> Any:
        if key in _KNOWN and value is not None and not isinstance(value, dict | list):
            return _KNOWN[key]
        if isinstance(value, dict):
            if value.get("section") == "about":
                return self._fact(value)
            return {
                self._text(name): {} if name == "git" and key == "environment" else self(part, name)
                for name, part in value.items()
            }
        if isinstance(value, list):
            if key == "points" and value and isinstance(value[0], list):
                return [[step, number, 1_767_225_600.5 + place] for place, (step, number, _) in enumerate(value)]
            return [self(part, key) for part in value]
        return self._text(value) if isinstance(value, str) else value

    def _fact(self, row: dict[str, Any]) -> dict[str, Any]:
        name = row["key"]
        if name.startswith("git"):
            return {**row, "values": [None for _ in row["values"]], "differs": False}
        values = [_ABOUT.get(name, self(each)) if each is not None else None for each in row["values"]]
        return {**row, "values": values}

    def _text(self, text: str) -> str:
        text = text.replace(self.root, "/root")
        for pattern, kind in ((_ID, "20260101-000000-{:08d}"), (_HASH, "{:064x}"), (_COMMIT, "{:040x}")):
            text = pattern.sub(lambda found, form=kind: self._same(found[0], form), text)
        return text

    def _same(self, found: str, form: str) -> str:
        return self.seen.setdefault(found, form.format(len(self.seen) + 1))


def made(root: Path) -> dict[str, dict[str, Any]]:
    """Return the contents of all files by their names."""
    example, normal = Example(root), Normal(root)
    try:
        found: dict[str, Any] = {}
        for operation, args, answer in example.answers():
            found[operation] = normal({"args": args, "answer": json.loads(json.dumps(answer, allow_nan=False))})
        missing = set(OPERATIONS) - set(found)
        assert not missing, f"{sorted(missing)} are asked nothing: give them an example."
        return {**found, "events": {"events": normal(json.loads(json.dumps(example.events())))}}
    finally:
        example.project.stop_worker()


def shape(value: Any) -> Any:
    """Return what a value is made of: keys and types; of a list what any of its items is."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in sorted(value.items())}
    if isinstance(value, list):
        found = {json.dumps(shape(part), sort_keys=True) for part in value}
        return [json.loads(one) for one in sorted(found)]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def write(place: Path, make: Callable[[Path], dict[str, Any]] = made) -> None:
    with tempfile.TemporaryDirectory() as home:
        contents = make(Path(home).resolve())
    place.mkdir(parents=True, exist_ok=True)
    for old in place.glob("*.json"):
        if old.stem not in contents:
            old.unlink()
    for name, content in contents.items():
        (place / f"{name}.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE)
