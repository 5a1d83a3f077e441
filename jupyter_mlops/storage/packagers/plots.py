"""Figures and pictures: a PNG for people, and what gives the object back."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import PackagingError
from jupyter_mlops.records import Kind
from jupyter_mlops.storage.blobs import hash_file
from jupyter_mlops.storage.packagers.plain import dump, load
from jupyter_mlops.storage.packagers.protocol import Packed, asked_for, derives_from, is_exactly

PNG, PICKLE = "figure.png", "figure.pickle"


class Matplotlib:
    """A matplotlib Figure or Axes: a directory with a PNG and the pickled object, which load() gives back.

    ``meta["image"]`` names the PNG's bytes in the store. Asked for as a Path or bytes, load() gives the PNG. A figure that can't
    be pickled is kept as PNG alone, and comes back as its Path.
    """

    name = "matplotlib"
    kind = Kind.PLOT

    def recognises(self, value: Any) -> bool:
        return derives_from(value, "matplotlib", "Figure") or derives_from(value, "matplotlib", "_AxesBase")

    def pack(self, value: Any, folder: Path) -> Packed:
        home = folder / "figure"
        home.mkdir()
        figure = value if derives_from(value, "matplotlib", "Figure") else value.get_figure()
        figure.savefig(home / PNG, format="png", bbox_inches="tight")
        meta: dict[str, Any] = {"image": hash_file(home / PNG).hash, "pickled": True}
        try:
            dump(value, home / PICKLE)
        except PackagingError as error:
            meta |= {"pickled": False, "note": str(error)}
        return Packed(path=home, meta=meta)

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        if not meta.get("pickled") or asked_for(hint) in ("pathlib.Path", "bytes"):
            return (path / PNG).read_bytes() if asked_for(hint) == "bytes" else path / PNG
        return load(path / PICKLE)


class Plotly:
    """A plotly figure, as the JSON that JupyterLab and plotly.js show; a FigureWidget is pickled."""

    name = "plotly"
    kind = Kind.PLOT

    def recognises(self, value: Any) -> bool:
        return is_exactly(value, "plotly", "Figure")

    def pack(self, value: Any, folder: Path) -> Packed:
        path = folder / "figure.plotly.json"
        path.write_text(value.to_json(), encoding="utf-8")
        return Packed(path=path, meta={"mime": "application/vnd.plotly.v1+json", "traces": len(value.data)})

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        return import_module("plotly.io").from_json(path.read_text(encoding="utf-8"))


class Picture:
    """A PIL Image, as PNG where that keeps all of it (an image opened from a file is of another class, and pickled)."""

    name = "image"
    kind = Kind.PLOT

    def recognises(self, value: Any) -> bool:
        return is_exactly(value, "PIL", "Image") and value.mode in ("1", "L", "LA", "RGB", "RGBA") and not value.info

    def pack(self, value: Any, folder: Path) -> Packed:
        path = folder / "image.png"
        value.save(path, format="PNG")
        return Packed(path=path, meta={"image": hash_file(path).hash, "size": list(value.size), "mode": value.mode})

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        from PIL import Image

        with Image.open(path) as opened:
            return opened.copy()
