"""A run's folder: what lies in it, and its ``run.json``. Standard library only: clients read it at once."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import RunNotFoundError, StorageError
from jupyter_mlops.records import Return, Runtime, Source, Spec

SPEC = "run.json"
NOTEBOOK = "notebook.ipynb"
LOG = "log.txt"
FILES = "files"


def project_of(folder: Path) -> Path:
    """Return the project's folder of ``<project>/runs/<id>``."""
    return folder.parents[1]


def write_spec(folder: Path, spec: Spec) -> None:
    """Write ``run.json`` whole or not at all; makes the folder.

    Raises
    ------
    StorageError
        The folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace(folder / SPEC, json.dumps(asdict(spec), ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise StorageError(
            f"{str(folder)!r} can't be written ({error.strerror or error}): check that folder and its disk."
        ) from error


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write what lies beside ``run.json``; before it, as a folder with that is a run."""
    for name, text in files.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            replace(folder / name, text.encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise StorageError(
                f"{str(folder)!r} can't be written ({error.strerror or error}): check that folder and its disk."
            ) from error


def read_spec(folder: Path) -> Spec:
    """Return what the run in ``folder`` was asked to do.

    Raises
    ------
    RunNotFoundError
        There is no ``run.json``, or it isn't a spec.
    """
    try:
        return spec_from(json.loads((folder / SPEC).read_bytes().decode("utf-8", "surrogatepass")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise RunNotFoundError(f"{str(folder)!r} isn't a run: its {SPEC} can't be read ({problem}).") from None


def spec_from(fields: dict[str, Any]) -> Spec:
    """Return a Spec from its JSON form; fields that this version doesn't know are left out."""
    if not isinstance(fields, dict):
        raise TypeError(f"it holds {json.dumps(fields)[:40]}, not an object")
    known = _known(Spec, fields)
    known["inputs"] = {name: Source.read(source) for name, source in (fields.get("inputs") or {}).items()}
    known["returns"] = tuple(Return(**_known(Return, item)) for item in fields.get("returns") or ())
    known["runtime"] = Runtime(**_known(Runtime, fields.get("runtime") or {}))
    for name in ("id", "project", "name"):
        if name not in known:
            raise TypeError(f"it has no {name}")
        if not isinstance(known[name], str):
            raise TypeError(f"{name} is {known[name]!r}, not text")
    return Spec(**known)


def _known(kind: type[Any], fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in kind.__dataclass_fields__ if name in fields}


def replace(path: Path, data: bytes) -> None:
    """Write a file so that readers see the old bytes or the new, never half; not synced, as a run is too short for a disk."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
        os.replace(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
