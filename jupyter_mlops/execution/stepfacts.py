"""All that a step's outputs depend on, gathered before it runs; :mod:`jupyter_mlops.workflows.cache` makes a hash of it."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.execution.provenance import environment_of, packages_bytes
from jupyter_mlops.execution.wiring import input_hashes
from jupyter_mlops.storage.blobs import hash_dir, hash_file

if TYPE_CHECKING:
    from jupyter_mlops.config import Config
    from jupyter_mlops.records import Function, Runtime, Source


def facts_of(
    project: Path, function: Function, params: dict[str, Any], inputs: dict[str, Source], runtime: Runtime, settings: Config
) -> dict[str, Any]:
    """Return ``made_of``, the arguments of a fingerprint, and what tells their changes in words.

    That is ``rows`` by input, and of the environment ``python`` and ``packages``, the hash of the list that each run keeps.
    """
    python, packages = here(runtime)
    around = "\n".join([*packages, f"python {python}", f"kernel {runtime.kernel}", *_sorted(runtime.env)])
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
    return {"made_of": made_of, "rows": rows, "python": python, "packages": sha256(packages_bytes(packages)).hexdigest()}


def here(runtime: Runtime) -> tuple[str, list[str]]:
    """Return the Python version and the packages, as ``name==version``, that a step would run with now."""
    argv = [sys.executable, "-m", "ipykernel_launcher"] if runtime.kernel is None else []
    return sys.version.split()[0], environment_of(argv).get("packages", [])


def in_words(runtime: Runtime, python: str, packages: list[str]) -> list[str]:
    """Return all that is an environment to a fingerprint, each as ``name==version``."""
    variables = [f"variable {line.replace('=', '==', 1)}" for line in _sorted(runtime.env)]
    return [*packages, f"python=={python}", f"kernel=={runtime.kernel or 'default'}", *variables]


def _sorted(env: dict[str, str]) -> list[str]:
    # which device it got is chance, not meaning
    return sorted(f"{name}={value}" for name, value in env.items() if name != "CUDA_VISIBLE_DEVICES")


def _hash(path: Path) -> str:
    try:
        return (hash_dir if path.is_dir() else hash_file)(path).hash
    except OSError:
        return "missing"
