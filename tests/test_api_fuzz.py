"""Whatever an operation is asked, it answers or refuses: no error of Python's own comes out, and what comes out is JSON."""

from __future__ import annotations

import json
import random
from types import UnionType
from typing import Any

import msgspec
import pytest
from run_folders import artifact, begin

import jupyter_mlops as mlops
from jupyter_mlops.api import OPERATIONS, call, refusal
from jupyter_mlops.api.watching import Watch
from jupyter_mlops.errors import MlopsError

TEXTS = (
    *(
        "",
        " ",
        "..",
        "../x",
        "/etc/passwd",
        "a\0b",
        "\ud800",
        "x" * 300,
        "x" * 70_000,
        "é" * 100,
        "%2e%2e%2f",
        "*",
        "[",
        "'",
        '"',
        "\\",
    ),
    *(
        "latest",
        "model:latest",
        "store://model/churn/model",
        "store://",
        "store://a/b/c^",
        "churn@",
        "churn@x#1",
        "~",
        ".",
        "con",
    ),
    *(
        "\u202e",
        "class",
        "\n",
        "\x1b[31m",
        "1e999",
        "'; SELECT 1; --",
        "?",
        "%s",
        "{0}",
        "sum(",
        "a='",
        "team=blue",
        "not",
        "(",
        ")",
    ),
    *("1=1) or (1=1", "created > 1", "count(*) > 1", "unnest([1,2]) = 1", "id = ?", "id = $5", "true --", "/* =", "s3://x/y"),
)
SCALARS = (None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, 1e308)
FORMS = (
    "python",
    "tuple",
    "date",
    "datetime",
    "bytes",
    "set",
    "path",
    "float",
    "nope",
    "timedelta",
    "decimal",
    "complex",
    1,
    None,
)
DESTROYING = (
    "runs.delete",
    "functions.delete",
    "workflows.delete",
    "artifacts.delete",
    "runs.start",
    "runs.rerun",
    "runs.resume",
)


class Asker:
    """Makes up arguments: some fit, some nearly, some not at all."""

    def __init__(self, seed: int, known: list[str]) -> None:
        self.dice, self.known = random.Random(seed), known

    def args(self, takes: type[msgspec.Struct], needed: list[str]) -> dict[str, Any]:
        fields = [field for field in msgspec.structs.fields(takes) if field.name in needed or self.dice.random() < 0.75]
        return {field.name: self.fitting(field.type) if self.dice.random() < 0.85 else self.junk() for field in fields}

    def text(self) -> str:
        return self.dice.choice([*self.known * 2, *TEXTS])

    def fitting(self, kind: Any) -> Any:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.args(kind, [])
        name = str(kind.__args__[0] if isinstance(kind, UnionType) else kind)
        if "dict" in name:
            return {self.text()[:60]: self.text() if "str" in name.partition(",")[2] else self.junk() for _ in range(2)}
        if "list" in name:
            return [self.text() for _ in range(self.dice.randint(0, 4))]
        if "int" in name:
            return self.dice.choice([0, 1, 5, -1, 1000, 2**31, 2**63 - 1, 2**64])
        return self.dice.random() < 0.5 if "bool" in name else self.text() if "str" in name else self.junk()

    def junk(self, depth: int = 0) -> Any:
        roll = self.dice.random() if depth < 4 else self.dice.random() * 0.7
        if roll < 0.45:
            return self.text()
        if roll < 0.7:
            return self.dice.choice(SCALARS)
        if roll < 0.8:
            return [self.junk(depth + 1) for _ in range(2)]
        if roll < 0.9:
            return {self.text()[:50]: self.junk(depth + 1)}
        if roll < 0.97:
            said = self.dice.choice([self.junk(depth + 2), "(1, 2)", "__import__('os')", "[" * 5000, "9" * 5000, "nan"])
            return {"$": self.dice.choice(FORMS), "v": said}
        deep: Any = 1
        for _ in range(200):
            deep = [deep]
        return deep


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = mlops.open_project(tmp_path_factory.mktemp("fuzz") / "churn", create=True)
    made.define("train", "depth: int = 3\naccuracy = depth", returns=["accuracy"])
    made.define_workflow("nightly", "fitted = train(depth=4)")
    with made.start_run("explore"):
        mlops.log_metric("loss", 0.5)
        mlops.log_result("score", 1)
        mlops.log_artifact("model", {"a": 1})
        mlops.log_artifact("text", "words")
    yield made
    made.stop_worker()


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - set(DESTROYING)))
def test_whatever_it_is_asked_it_answers_or_refuses(project, name):
    operation = OPERATIONS[name]
    catalog = project.library.catalog
    known = [row[0] for row in catalog.query("SELECT id FROM runs UNION ALL SELECT uid FROM artifacts")]
    asker = Asker(len(name), [*known, "train", "nightly"])
    for _ in range(40):
        args = json.loads(json.dumps(asker.args(operation.takes, operation.in_path)))
        try:
            told = call(project, name, args, root=project.folder.parent, origin="lab")
        except MlopsError as error:
            told = refusal(error)
            assert 0 < len(told["message"]) <= 4_000
        json.dumps(told, allow_nan=False, ensure_ascii=False).encode()
        msgspec.json.encode(told)


SAID = {
    "state": {"state": "running", "reason": "", "failure": None, "owner": None, "kernel": None},
    "attempt": {"n": 2},
    "cell": {"index": 1, "id": "a", "state": "running", "seconds": 0.5},
    "result": {"key": "score", "value": 1},
    "metric": {"key": "loss", "value": 1, "step": 1},
    "artifact": artifact(),
    "link": {"artifact": artifact("other")},
    "input": {"name": "data", "uri": "x.csv", "hash": None, "artifact": None},
    "tag": {"key": "team", "value": "blue"},
    "progress": {"done": 1, "total": 2, "label": "epoch"},
    "environment": {"python": "3.12", "packages": "ab" * 32, "git": {}},
    "step": {"node": "a", "step": "a", "state": "running", "run": None, "reason": "", "total": 3},
    "usage": {"memory": 1, "cpu": 1},
}
ODD = (
    *(None, True, -1, 2**31, 2**70, 10**400, 0.5, float("nan"), float("inf"), "", "x", "completed", "\ud800", "a\0b", "../../x"),
    *("0" * 64, [], ["x"], [1, [2]], {}, {"a": 1}, {"$": "nope"}, {"$": "float", "v": "nan"}, "x" * 5000),
)


def lines(dice: random.Random) -> bytes:
    """Return what somebody else's program may have written."""
    found = []
    for kind in dice.choices(list(SAID), k=25):
        said = {name: dice.choice(ODD) if dice.random() < 0.25 else value for name, value in SAID[kind].items()}
        if kind == "artifact" and isinstance(said["uid"], str):
            said["uid"] += str(dice.random())
            said["name"] = "x" + dice.choice((".csv", ".png", ".html", ".json", ".plotly.json", ""))
            said["meta"] = {name: dice.choice(ODD) for name in ("mime", "image", "preview", "columns", "rows", "directory")}
        found.append(json.dumps({"e": kind, "t": dice.choice((1, 2.0, 1e9)), **said}))
    return "\n".join([*found, ""]).encode()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_a_run_has_written_can_be_looked_at(tmp_path, seed):
    project = mlops.open_project(tmp_path / "churn", create=True)
    dice = random.Random(seed)
    plan = {"sweep": {"select": "max:score", "points": [{"a": 1}]}} if seed % 3 else {"sweep": 5}
    run = begin(project.folder, plan=plan if seed % 2 else {}, workflow=None if seed % 4 else "nightly")
    watch = Watch(project.folder)
    watch.look()
    (run / "events.jsonl").write_bytes(lines(dice))
    told: list[Any] = [watch.look()]
    uids = [uid for (uid,) in project.library.catalog.query("SELECT uid FROM artifacts")]
    asked = [("runs.list", {}), ("runs.list", {"query": "score > 0"}), ("runs.summary", {}), ("artifacts.list", {})]
    asked += [("runs.metrics", {"runs": [run.name]}), ("runs.compare", {"runs": [run.name]})]
    asked += [(name, {"run": run.name}) for name in ("runs.get", "runs.diff", "runs.log", "lineage.get")]
    asked += [(name, {"uid": uid}) for uid in uids for name in ("artifacts.get", "artifacts.table", "artifacts.text")]
    for name, args in asked:
        try:
            told.append(call(project, name, args, root=tmp_path, origin="lab"))
        except MlopsError as error:
            told.append(refusal(error))
    json.dumps(told, allow_nan=False, ensure_ascii=False).encode()


def test_files_of_another_hand_are_told_of_one_by_one(tmp_path):
    project = mlops.open_project(tmp_path / "churn", create=True)
    project.define("train", "depth: int = 3")
    project.define_workflow("good", "fitted = train(depth=4)")
    (project.folder / "workflows" / "latin.yaml").write_bytes("name: latin  # für später".encode("latin-1"))
    (project.folder / "workflows" / "loop.yaml").symlink_to("loop.yaml")
    listed = {row["name"]: row.get("problem", "") for row in call(project, "workflows.list", {})["workflows"]}
    assert "isn't text in UTF-8" in listed["latin"] and "can't be read" in listed["loop"] and not listed["good"]
    assert call(project, "workflows.get", {"name": "good"})["problems"] == []
    place = begin(project.folder)
    (place / "run.json").write_text("[" * 100_000)
    with pytest.raises(MlopsError, match="can't be read"):
        call(project, "runs.get", {"run": place.name})
