"""The notebook around a magic: its folder, its variables, the cells before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any


def notebook_folder(namespace: Mapping[str, Any]) -> Path:
    """Return the folder of the notebook: what the front end says, else the working directory."""
    for named in (os.environ.get("JPY_SESSION_NAME"), namespace.get("__vsc_ipynb_file__")):
        # Jupyter sets the session's name to the notebook's path, but a console's session has a name that is no path
        if isinstance(named, str) and Path(named).is_absolute() and Path(named).parent.is_dir():
            return Path(named).parent
    return Path.cwd()


def data_variable(name: str, namespace: Mapping[str, Any]) -> bool:
    """Whether the notebook has a variable of that name that holds data."""
    value = namespace.get(name)
    return value is not None and not isinstance(value, ModuleType | FunctionType | type) and not name.startswith("_")


def earlier_cells(shell: Any) -> list[str]:
    """Return the sources of the cells that were run before this one."""
    return [source for source in shell.history_manager.input_hist_raw[1:-1] if source.strip()]
