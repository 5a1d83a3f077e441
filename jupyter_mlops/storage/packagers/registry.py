"""Which packager saves a value, and which one loads it."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

from jupyter_mlops.errors import PackagingError, did_you_mean
from jupyter_mlops.records import Kind
from jupyter_mlops.storage.packagers.arrays import Numpy
from jupyter_mlops.storage.packagers.models import Model
from jupyter_mlops.storage.packagers.plain import Bytes, Directory, File, Json, Pickle, Text
from jupyter_mlops.storage.packagers.plots import Matplotlib, Picture, Plotly
from jupyter_mlops.storage.packagers.protocol import Packager
from jupyter_mlops.storage.packagers.tables import Arrow, Pandas, Polars

GROUP = "jupyter_mlops.packagers"


@cache
def known() -> tuple[Packager, ...]:
    """Return all packagers in the order they are asked: those of other packages, ours, and the pickle for the rest."""
    data: tuple[Packager, ...] = (Pandas(), Polars(), Arrow(), Numpy(), Model(), Matplotlib(), Plotly(), Picture())
    plain: tuple[Packager, ...] = (Json(), Text(), Bytes(), Directory(), File(), Pickle())
    return (*_foreign(), *data, *plain)


def _foreign() -> list[Packager]:
    # imported here, as it takes longer than all the rest of what runs need
    from importlib.metadata import entry_points

    found: list[Packager] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            loaded = entry.load()
            found.append(loaded() if isinstance(loaded, type) else loaded)
        except Exception as error:  # a package that is broken mustn't keep others from saving
            warnings.warn(f"The packager {entry.name!r} ({entry.value}) can't be used: {error!r}.", stacklevel=2)
    return found


def packager_for(value: Any, kind: str | None = None) -> Packager:
    """Return the packager for a value; ``kind="dir"`` is refused for what isn't a directory."""
    packager = next(packager for packager in known() if packager.recognises(value))
    if kind == Kind.DIR and packager.kind is not Kind.DIR:
        raise PackagingError(f"A {type(value).__qualname__} can't be a 'dir': give the Path of a directory, or another kind.")
    return packager


def by_name(name: str) -> Packager:
    """Return the packager that saved an artifact."""
    for packager in known():
        if packager.name == name:
            return packager
    hint = did_you_mean(name, [packager.name for packager in known()])
    raise PackagingError(f"Packager {name!r} isn't here: install the package that brings it.{hint}")
