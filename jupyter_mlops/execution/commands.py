"""What the command line of a kernel says. Standard library only: a client that only looks needs no jupyter_client."""

from __future__ import annotations

import sys
from pathlib import Path


def kernel_arguments(command: list[str]) -> list[str] | None:
    """Return the arguments of ipykernel in a kernelspec's command line, or None if a fork of ours can't stand in for it."""
    if not command or not _is_this_python(command[0]):
        return None
    rest = [word for word in command[1:] if word != "-Xfrozen_modules=off"]
    if rest[:1] != ["-m"] or rest[1:2] not in (["ipykernel_launcher"], ["ipykernel"]):
        return None
    return rest[2:]


def _is_this_python(program: str) -> bool:
    if program in ("python", "python3", f"python3.{sys.version_info[1]}"):
        return True  # jupyter_client takes these to mean this interpreter
    theirs, ours = Path(program), Path(sys.executable)
    # an environment is known by its folder: bin/python of all of them may be links to one file
    return theirs.resolve() == ours.resolve() and theirs.parent.resolve() == ours.parent.resolve()
