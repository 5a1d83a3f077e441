"""Project folders made by hand, as a runner would leave them: for the tests of what is kept on disk."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_mlops.records import Artifact, Spec
from jupyter_mlops.storage.catalog import Catalog
from jupyter_mlops.storage.journal import Journal, new_id
from jupyter_mlops.storage.schema import TABLES, VIEWS


def project(folder: Path) -> Path:
    for name in ("runs", "journal"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return folder


def begin(folder: Path, run: str | None = None, **fields: Any) -> Path:
    """Make the folder of a pending run."""
    spec = Spec(**{"id": run or new_id(), "project": "churn", "name": "train", "function": "train", "created": 1e9, **fields})
    place = folder / "runs" / spec.id
    place.mkdir(parents=True)
    (place / "run.json").write_text(json.dumps(asdict(spec)))
    return place


def events(place: Path) -> Journal:
    return Journal(place / "events.jsonl")


def finished(folder: Path, *, results: dict[str, Any] | None = None, points: int = 0, **fields: Any) -> Path:
    """Make the folder of a completed run."""
    place = begin(folder, **fields)
    with events(place) as journal:
        journal.append("state", state="running")
        for step in range(points):
            journal.metric("loss", 1 / (step + 1), step)
        for key, value in (results or {}).items():
            journal.append("result", key=key, value=value)
        journal.append("state", state="completed")
    return place


def artifact(key: str = "model", **fields: Any) -> dict[str, Any]:
    """Return the fields of an artifact's event."""
    made = {"uid": new_id(), "key": key, "kind": "model", "hash": "ab" * 32, "size": 3, "packager": "pickle", "type": "x.Y"}
    return asdict(Artifact(**{**made, "created": 1e9, **fields}))


def note(folder: Path, kind: str, writer: str = "me", /, **fields: Any) -> None:
    """Append to the project's own journal."""
    with Journal(folder / "journal" / f"{writer}.jsonl") as journal:
        journal.append(kind, **{"id": new_id(), **fields})


def contents(catalog: Catalog) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the catalog, in an order that doesn't depend on how they got there."""
    return {name: sorted(catalog.query(f"SELECT * FROM {name}"), key=repr) for name in (*TABLES, *VIEWS)}


def differences(catalog: Catalog, other: Path) -> dict[str, int]:
    """Return how many rows of each table are in one catalog only, by EXCEPT ALL both ways."""
    count = {}
    catalog.fold()
    with catalog._attached(write=False) as connection:
        path = str(other).replace("'", "''")
        connection.execute(f"ATTACH '{path}' AS other (READ_ONLY)")
        for name in (*TABLES, *VIEWS):
            here, there = (f"(SELECT * FROM {database}.main.{name})" for database in ("catalog", "other"))
            query = f"SELECT count(*) FROM (({here} EXCEPT ALL {there}) UNION ALL ({there} EXCEPT ALL {here}))"
            ((count[name],),) = connection.execute(query).fetchall()
        connection.execute("DETACH other")
    return {name: rows for name, rows in count.items() if rows}
