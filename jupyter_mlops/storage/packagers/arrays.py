"""numpy arrays, as ``.npy``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_mlops.records import Kind
from jupyter_mlops.storage.packagers.protocol import Packed, is_exactly
from jupyter_mlops.storage.packagers.statistics import cell, describe_numbers

_ROWS, _COLUMNS = 20, 20


class Numpy:
    """A numpy array without Python objects in it; those with are pickled."""

    name = "numpy"
    kind = Kind.DATASET

    def recognises(self, value: Any) -> bool:
        return (is_exactly(value, "numpy", "ndarray") or is_exactly(value, "numpy", "memmap")) and not value.dtype.hasobject

    def pack(self, value: Any, folder: Path) -> Packed:
        import numpy

        path = folder / "data.npy"
        numpy.save(path, value, allow_pickle=False)
        meta = {"shape": list(value.shape), "dtype": str(value.dtype), "rows": value.shape[0] if value.ndim else 1}
        if value.ndim in (1, 2) and value.dtype.names is None:
            head = (value[:, None] if value.ndim == 1 else value)[:_ROWS, :_COLUMNS]
            meta |= {
                "columns": [str(index) for index in range(head.shape[1])],
                "schema": [{"name": str(index), "type": str(value.dtype)} for index in range(head.shape[1])],
                "preview": [[cell(item) for item in row] for row in head],
            }
        if value.dtype.kind in "iuf":
            meta["stats"] = {"values": describe_numbers(value)}
        return Packed(path=path, meta=meta)

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        import numpy

        return numpy.load(path, allow_pickle=False)
