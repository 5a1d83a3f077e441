"""What the standard library has: JSON, text, bytes, files and directories; and a pickle for everything else."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sized
from pathlib import Path
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.errors import PackagingError, ParameterError
from jupyter_mlops.records import Kind
from jupyter_mlops.storage.packagers.protocol import Packed


class Json:
    """A dict, list or other plain value that JSON keeps exactly (tuples, dates and such are tagged)."""

    name = "json"
    kind = Kind.FILE

    def recognises(self, value: Any) -> bool:
        if isinstance(value, str | bytes | Path):  # these are files of their own
            return False
        try:
            values.encode(value)
        except ParameterError:
            return False
        return True

    def pack(self, value: Any, folder: Path) -> Packed:
        path = folder / "data.json"
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            json.dump(values.encode(value), file, indent=1)
        size = {"length": len(value)} if isinstance(value, Sized) else {}
        return Packed(path=path, meta={**size, "preview": shown(value)})

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        return values.decode(json.loads(path.read_bytes()))


class Text:
    """A str, in UTF-8."""

    name = "text"
    kind = Kind.FILE

    def recognises(self, value: Any) -> bool:
        return type(value) is str

    def pack(self, value: Any, folder: Path) -> Packed:
        path = folder / "data.txt"
        path.write_bytes(value.encode("utf-8", "surrogatepass"))
        shown = value[:2000].encode("utf-8", "replace").decode()
        return Packed(path=path, meta={"length": len(value), "preview": shown})

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> str:
        return path.read_bytes().decode("utf-8", "surrogatepass")


class Bytes:
    """Bytes as they are."""

    name = "bytes"
    kind = Kind.FILE

    def recognises(self, value: Any) -> bool:
        return type(value) is bytes

    def pack(self, value: Any, folder: Path) -> Packed:
        path = folder / "data.bin"
        path.write_bytes(value)
        return Packed(path=path)

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> bytes:
        return path.read_bytes()


class File:
    """The file at a Path; it comes back as the Path of a copy with the same name."""

    name = "file"
    kind = Kind.FILE

    def recognises(self, value: Any) -> bool:
        return isinstance(value, Path) and not value.is_dir()

    def pack(self, value: Any, folder: Path) -> Packed:
        if not value.is_file():
            raise PackagingError(f"{str(value)!r} isn't a file: give the Path of a file or directory that exists.")
        return Packed(path=value)

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Path:
        return path


class Directory:
    """The directory at a Path, with all its files; empty folders and permissions aren't kept."""

    name = "dir"
    kind = Kind.DIR

    def recognises(self, value: Any) -> bool:
        return isinstance(value, Path) and value.is_dir()

    def pack(self, value: Any, folder: Path) -> Packed:
        names = sorted(path.relative_to(value).as_posix() for path in value.rglob("*") if path.is_file())
        return Packed(path=value, meta={"files": len(names), "preview": names[:100]})

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Path:
        return path


class Pickle:
    """Anything else. Loading it runs code, so it is marked, and loaded only from the project's own store."""

    name = "pickle"
    kind = Kind.FILE

    def recognises(self, value: Any) -> bool:
        return True

    def pack(self, value: Any, folder: Path) -> Packed:
        return Packed(path=dump(value, folder / "data.pickle"), meta={"pickled": True, "preview": shown(value)})

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        return load(path)


def dump(value: Any, path: Path) -> Path:
    """Pickle a value, with cloudpickle where it is installed: that takes what a notebook defined, too."""
    try:
        import cloudpickle as pickler
    except ImportError:
        pickler = pickle
    try:
        data = pickler.dumps(value)
    except Exception as error:  # any class can raise anything from __reduce__
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        msg = f"a {kind} can't be pickled ({error}): keep the data it is made from, or write a file and log its Path."
        raise PackagingError(msg) from error
    path.write_bytes(data)
    return path


def load(path: Path) -> Any:
    """Unpickle a file of the project's own store."""
    try:
        with open(path, "rb") as file:
            return pickle.load(file)
    except (ImportError, AttributeError) as error:
        msg = f"{error}: it was saved where that module could be imported; install it in this environment, or put it on the path."
        raise PackagingError(msg) from error


def shown(value: Any) -> str:
    try:
        return repr(value)[:2000].encode("utf-8", "replace").decode()
    except Exception as error:  # a repr is user code
        return f"<{type(value).__qualname__}, whose repr raises {type(error).__name__}>"
