"""Files of the world outside, loaded as the type that is asked for, or by their suffix."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from jupyter_mlops.errors import InputError
from jupyter_mlops.storage.packagers.protocol import asked_for
from jupyter_mlops.storage.packagers.tables import read_parquet

_COMPRESSIONS = {".gz", ".bz2", ".xz", ".zst"}
_TABLES = {".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq"}


def load_path(path: str | os.PathLike[str], hint: str | None = None) -> Any:
    """Return what a file or directory holds, as the type in ``hint``; without one a table is a pandas DataFrame, others a Path.

    A URL is fetched first; fsspec knows what isn't http.

    Parameters
    ----------
    hint
        ``pandas.DataFrame``, ``pandas.Series``, ``polars.DataFrame``, ``pyarrow.Table``, ``numpy.ndarray``, ``dict``, ``list``,
        ``str``, ``bytes``, ``pathlib.Path`` or ``PIL.Image.Image``. An unknown one counts as none.

    Raises
    ------
    InputError
        There is no such file, its suffix says nothing about how to read it as that type, or its content isn't what it says.
    """
    file = _fetched(str(path)) if "://" in str(path) else Path(path).expanduser()
    if not file.exists():
        raise InputError(f"{str(path)!r} doesn't exist (looked in {str(Path.cwd())!r}): give the path of a file or folder.")
    asked, suffix = asked_for(hint), suffix_of(file)
    if asked not in READERS:
        asked = "pandas.DataFrame" if suffix in _TABLES else "pathlib.Path"
    if file.is_dir() and asked not in ("pathlib.Path", *_FROM_FOLDERS):
        raise InputError(f"{str(path)!r} is a folder and can't be loaded as {asked}: give a file, or the hint pathlib.Path.")
    try:
        return READERS[asked](file, suffix)
    except InputError:
        raise
    except ImportError as error:
        raise InputError(f"{str(path)!r} can't be loaded as {asked} ({error}): install that in the run's environment.") from error
    except Exception as error:  # every library has its own errors for a file that isn't what its name says
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(
            f"{str(path)!r} can't be loaded as {asked} ({reason}): check the file, or ask for a pathlib.Path."
        ) from error


def _fetched(url: str) -> Path:
    """Return a local file with what a URL leads to, under its own name."""
    scheme, _, rest = url.partition("://")
    if scheme == "file":
        return Path(rest).expanduser()
    file = Path(tempfile.mkdtemp(prefix="jupyter-mlops-")) / (PurePosixPath(urlsplit(url).path).name or "data")
    try:
        if scheme in ("http", "https"):
            from urllib.request import urlopen  # slow to import

            source: Any = urlopen(url)
        else:
            import fsspec

            source = fsspec.open(url, "rb")
        with source as opened, open(file, "wb") as copy:
            shutil.copyfileobj(opened, copy)
    except Exception as error:  # each kind of store has its own errors
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(
            f"{url!r} can't be fetched ({reason}): check the address, or fetch the file and give its path."
        ) from error
    return file


def suffix_of(file: Path) -> str:
    """Return the suffix that tells the format: ``.csv`` for ``x.csv.gz``."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if len(suffixes) > 1 and suffixes[-1] in _COMPRESSIONS:
        return suffixes[-2]
    return suffixes[-1] if suffixes else ""


def _unreadable(file: Path, suffix: str, kind: str, known: set[str]) -> InputError:
    ending = f"ends in {suffix!r}" if suffix else "has no suffix"
    pickle = (
        " A pickle runs code when it is loaded: ask for a pathlib.Path and do it yourself."
        if suffix in (".pkl", ".pickle")
        else ""
    )
    return InputError(f"{file.name!r} {ending} and can't be loaded as {kind}: known are {', '.join(sorted(known))}.{pickle}")


def _pandas(file: Path, suffix: str) -> Any:
    import pandas

    if file.is_dir():
        return pandas.read_parquet(file)
    if suffix in (".parquet", ".pq"):
        return read_parquet(file, None)
    readers: dict[str, Callable[[], Any]] = {
        ".csv": lambda: pandas.read_csv(file),
        ".tsv": lambda: pandas.read_csv(file, sep="\t"),
        ".json": lambda: pandas.read_json(file),
        ".jsonl": lambda: pandas.read_json(file, lines=True),
        ".ndjson": lambda: pandas.read_json(file, lines=True),
        ".npy": lambda: pandas.DataFrame(_numpy(file, suffix)),
        ".xlsx": lambda: pandas.read_excel(file),
        ".feather": lambda: pandas.read_feather(file),
    }
    if suffix not in readers:
        raise _unreadable(file, suffix, "pandas.DataFrame", {*readers, ".parquet"})
    return readers[suffix]()


def _series(file: Path, suffix: str) -> Any:
    frame = _pandas(file, suffix)
    if frame.shape[1] != 1:
        raise InputError(f"{file.name!r} has {frame.shape[1]} columns and can't be loaded as pandas.Series: ask for a DataFrame.")
    return frame.iloc[:, 0]


def _polars(file: Path, suffix: str) -> Any:
    import polars

    readers: dict[str, Callable[[], Any]] = {
        ".csv": lambda: polars.read_csv(file),
        ".tsv": lambda: polars.read_csv(file, separator="\t"),
        ".json": lambda: polars.read_json(file),
        ".jsonl": lambda: polars.read_ndjson(file),
        ".ndjson": lambda: polars.read_ndjson(file),
        ".parquet": lambda: polars.read_parquet(file),
        ".pq": lambda: polars.read_parquet(file),
    }
    if file.is_dir():
        return polars.read_parquet(file / "**" / "*.parquet")
    if suffix not in readers:
        raise _unreadable(file, suffix, "polars.DataFrame", set(readers))
    return readers[suffix]()


def _arrow(file: Path, suffix: str) -> Any:
    if suffix in (".parquet", ".pq"):
        return read_parquet(file, "pyarrow.Table")
    import pyarrow

    return pyarrow.Table.from_pandas(_pandas(file, suffix))


def _numpy(file: Path, suffix: str) -> Any:
    import numpy

    if suffix == ".npy":
        return numpy.load(file, allow_pickle=False)
    if suffix == ".npz":
        with numpy.load(file, allow_pickle=False) as opened:
            if len(opened.files) != 1:
                names = ", ".join(opened.files)
                raise InputError(f"{file.name!r} holds {len(opened.files)} arrays ({names}): ask for a dict, and take one.")
            return opened[opened.files[0]]
    if suffix in _TABLES:
        return _pandas(file, suffix).to_numpy()
    raise _unreadable(file, suffix, "numpy.ndarray", {".npy", ".npz", *_TABLES})


def _json(kind: type[Any]) -> Callable[[Path, str], Any]:
    def read(file: Path, suffix: str) -> Any:
        if suffix == ".npz" and kind is dict:
            import numpy

            with numpy.load(file, allow_pickle=False) as opened:
                return {name: opened[name] for name in opened.files}
        if suffix in (".jsonl", ".ndjson") and kind is list:
            return [json.loads(line) for line in file.read_bytes().splitlines() if line.strip()]
        if suffix != ".json":
            raise _unreadable(file, suffix, kind.__name__, {".json", ".npz" if kind is dict else ".jsonl"})
        value = json.loads(file.read_bytes())
        if not isinstance(value, kind):
            raise InputError(f"{file.name!r} holds a {type(value).__name__}, not a {kind.__name__}: ask for that.")
        return value

    return read


def _picture(file: Path, suffix: str) -> Any:
    from PIL import Image

    with Image.open(file) as opened:
        return opened.copy()


_FROM_FOLDERS = ("pandas.DataFrame", "polars.DataFrame")
READERS: dict[str, Callable[[Path, str], Any]] = {
    "pandas.DataFrame": _pandas,
    "pandas.Series": _series,
    "polars.DataFrame": _polars,
    "pyarrow.Table": _arrow,
    "numpy.ndarray": _numpy,
    "dict": _json(dict),
    "list": _json(list),
    "str": lambda file, suffix: file.read_text(encoding="utf-8"),
    "bytes": lambda file, suffix: file.read_bytes(),
    "pathlib.Path": lambda file, suffix: file,
    "PIL.Image": _picture,
}
