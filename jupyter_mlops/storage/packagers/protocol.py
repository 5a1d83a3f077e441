"""What a packager is, and how types are recognised without importing the library they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jupyter_mlops.records import Kind


@dataclass(frozen=True, kw_only=True)
class Packed:
    """What a packager wrote: a file or directory, what to tell about it, and what it is.

    ``meta`` goes through JSON, without NaN. Known keys: ``rows width schema columns preview stats`` of tables
    (``columns`` are those of ``preview``: the index and the first hundred), ``framework versions
    class params signature`` of models, ``image`` (the name of a PNG's bytes in the store), ``pickled`` (loading runs code).
    """

    path: Path
    meta: dict[str, Any] = field(default_factory=dict)
    kind: Kind | None = None


class Packager(Protocol):
    """How values of some types are saved and loaded. Loading gives back a value of the same type."""

    name: str
    kind: Kind

    def recognises(self, value: Any) -> bool:
        """Return whether this packager saves such a value without loss; must be cheap."""

    def pack(self, value: Any, folder: Path) -> Packed:
        """Write the value below ``folder``, the same bytes for the same value where possible."""

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        """Read it back; ``path`` is what ``pack`` wrote, ``hint`` the dotted type that is asked for, if any."""


def dotted(kind: type[Any]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def is_exactly(value: Any, library: str, name: str) -> bool:
    """Return whether the value's own class is ``name`` of ``library``, not one derived from it."""
    kind = type(value)
    return kind.__name__ == name and kind.__module__.partition(".")[0] == library


def derives_from(value: Any, library: str, name: str) -> bool:
    """Return whether one of the value's classes is ``name`` of ``library``."""
    return any(kind.__name__ == name and kind.__module__.partition(".")[0] == library for kind in type(value).__mro__)


_SHORT = {"pd": "pandas", "pl": "polars", "np": "numpy", "pa": "pyarrow", "plt": "matplotlib"}
_HOMES = {"DataFrame": "pandas", "Series": "pandas", "ndarray": "numpy", "Table": "pyarrow", "Path": "pathlib"}


def asked_for(hint: str | None) -> str:
    """Return a type's dotted name in short: ``pandas.DataFrame`` for ``pd.DataFrame`` and ``pandas.core.frame.DataFrame``.

    Of a union it is the first that isn't None.
    """
    choices = [part.strip() for part in (hint or "").removeprefix("Optional[").removeprefix("typing.Optional[").split("|")]
    chosen = next((part for part in choices if part not in ("", "None")), "")
    parts = chosen.rstrip("]").removeprefix("builtins.").partition("[")[0].split(".")
    home = _SHORT.get(parts[0], parts[0]) if len(parts) > 1 else _HOMES.get(parts[0], "")
    return f"{home}.{parts[-1]}" if home else parts[-1]
