"""Find an artifact by its address where no project is open: in a kernel of plain papermill, say.

Reads the journals, not the catalog: the standard library is all there may be. The catalog's answer is the same, only faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from jupyter_mlops.errors import ArtifactNotFoundError, InputError
from jupyter_mlops.events import Event
from jupyter_mlops.records import Artifact
from jupyter_mlops.storage import artifacts
from jupyter_mlops.storage.blobs import Blobs
from jupyter_mlops.storage.journal import EVENTS, read

_STORE = re.compile(r"""^artifacts:\s*["']?([^"'#\s]+)""", re.MULTILINE)


def find(text: str, near: Path) -> tuple[Artifact, Blobs, Path]:
    """Return the artifact behind a ``store://`` address, its project's store and cache.

    The project is the one around the folder ``near``, or one of that name in it.

    Raises
    ------
    InputError
        No project of that name is near.
    ArtifactNotFoundError
        The project has no such artifact.
    """
    uri = artifacts.parse_uri(text)
    folder = _project(uri.project, near.absolute())
    if folder is None:
        raise InputError(f"{text!r} can't be looked up in {str(near)!r}: go to project {uri.project!r}, or into its folder.")
    cache = folder / ".mlops" / "cache"
    found = max(_matching(folder, uri), key=lambda made: (made.created, made.uid), default=None)
    if found is None:
        raise ArtifactNotFoundError(f"{text!r} isn't in project {uri.project!r}: see `jupyter mlops artifacts`.")
    store = _STORE.search((folder / "project.yaml").read_text(encoding="utf-8"))
    place = store.group(1) if store else "artifacts"
    return found, Blobs(place if "://" in place else folder / place, cache=cache), cache


def _project(name: str, near: Path) -> Path | None:
    for folder in (near, *near.parents, near / name):
        if (folder / "project.yaml").is_file() and _is_named(folder, name):
            return folder
    return None


def _is_named(folder: Path, name: str) -> bool:
    said = re.search(r"""^name:\s*["']?([^"'#\s]+)""", (folder / "project.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    return said is not None and said.group(1) == name


def _matching(folder: Path, uri: artifacts.Uri) -> Iterator[Artifact]:
    tagged: dict[str, str] = {}
    made: list[Artifact] = []
    for event in sorted(_events(folder, uri), key=lambda event: str(event.get("id") or "")):
        if event.get("e") == "artifact_tag" and event.get("key") == uri.key and event.get("artifact"):
            tagged[event["tag"]] = event["artifact"]
        elif event.get("e") == "artifact" and event.get("key") == uri.key:
            fields = {name: event[name] for name in Artifact.__dataclass_fields__ if name in event}
            made.append(Artifact(**fields))
    if uri.tag not in (None, "latest"):
        made = [one for one in made if one.uid == tagged.get(uri.tag or "") or (one.tag == uri.tag and uri.tag not in tagged)]
    for one in made:
        if uri.kind in (None, one.kind) and uri.uid in (None, one.uid) and uri.producer in (None, one.run):
            yield one


def _events(folder: Path, uri: artifacts.Uri) -> Iterator[Event]:
    for path in sorted((folder / "journal").glob("*.jsonl")):
        yield from read(path)[0]
    for path in sorted((folder / "runs").glob(f"{uri.producer or '*'}/{EVENTS}")):
        yield from read(path)[0]
