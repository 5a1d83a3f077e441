"""All that a step's outputs depend on, gathered before it runs; :mod:`jupyter_mlops.workflows.cache` makes a hash of it."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.execution.provenance import environment_of
from jupyter_mlops.execution.wiring import input_hashes
from jupyter_mlops.storage.blobs import hash_dir, hash_file

if TYPE_CHECKING:
    from jupyter_mlops.config import Config
    from jupyter_mlops.records import Function, Runtime, Source


def facts_of(
    project: Path, function: Function, params: dict[str, Any], inputs: dict[str, Source], runtime: Runtime, settings: Config
) -> dict[str, Any]:
    """Return ``made_of``, the arguments of a fingerprint, and what tells their changes in words: rows and packages."""
    packages = environment_of([sys.executable, "-m", "ipykernel_launcher"] if runtime.kernel is None else []).get("packages", [])
    around = "\n".join([*packages, f"python {sys.version.split()[0]}", f"kernel {runtime.kernel}", *_sorted(runtime.env)])
    overrides = settings.functions.get(function.name)
    sources = {name: _hash(project / name) for name in (overrides.sources if overrides else ())}
    made_of = {
        "function_version": f"{function.name}@{function.version}",
        "params": params,
        "inputs": input_hashes(inputs),
        "environment": sha256(around.encode()).hexdigest(),
        "sources": sources,
    }
    rows = {name: source.meta["rows"] for name, source in inputs.items() if source.meta.get("rows") is not None}
    return {"made_of": made_of, "rows": rows}


def _sorted(env: dict[str, str]) -> list[str]:
    # which device it got is chance, not meaning
    return sorted(f"{name}={value}" for name, value in env.items() if name != "CUDA_VISIBLE_DEVICES")


def _hash(path: Path) -> str:
    try:
        return (hash_dir if path.is_dir() else hash_file)(path).hash
    except OSError:
        return "missing"
