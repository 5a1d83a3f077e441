"""Tables of pandas, polars and pyarrow, as parquet: each comes back as what it was, or as another of them if a hint asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_mlops.errors import PackagingError
from jupyter_mlops.records import Kind
from jupyter_mlops.storage.packagers.plain import dump, load
from jupyter_mlops.storage.packagers.protocol import Packed, asked_for, is_exactly
from jupyter_mlops.storage.packagers.statistics import COLUMNS, ROWS, cell, describe

PARQUET, PICKLE = "data.parquet", "data.pickle"


class Pandas:
    """A pandas DataFrame or Series. What parquet would change (mixed columns, complex numbers …) is pickled instead."""

    name = "pandas"
    kind = Kind.DATASET

    def recognises(self, value: Any) -> bool:
        return is_exactly(value, "pandas", "DataFrame") or is_exactly(value, "pandas", "Series")

    def pack(self, value: Any, folder: Path) -> Packed:
        series = is_exactly(value, "pandas", "Series")
        frame = value.to_frame("value" if value.name is None else value.name) if series else value
        meta = _pandas_facts(frame)
        if series:
            meta |= {"series": True, "named": value.name is not None}
        table, texts = _faithful_table(frame)
        if table is None:
            return Packed(path=dump(value, folder / PICKLE), meta={**meta, "pickled": True})
        seconds = _write(table, folder / PARQUET)
        freq = (
            getattr(frame.index, "freqstr", None) if type(frame.index).__name__ in ("DatetimeIndex", "TimedeltaIndex") else None
        )
        facts = {**meta, "stats": describe(table)} | seconds | texts | ({"freq": freq} if freq else {})
        return Packed(path=folder / PARQUET, meta=facts)

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        if meta.get("pickled"):
            return load(path)
        if asked_for(hint) in _OTHER_LIBRARIES:
            return read_parquet(path, hint)
        frame = _pandas_of(_read(path, meta))
        _restore_text(frame, meta.get("texts", []))
        if freq := meta.get("freq"):
            frame.index.freq = freq
        if not meta.get("series") or asked_for(hint) == "pandas.DataFrame":
            return frame
        series = frame.iloc[:, 0]
        return series if meta.get("named") else series.rename(None)


class Polars:
    """A polars DataFrame; one with Python objects in it is pickled."""

    name = "polars"
    kind = Kind.DATASET

    def recognises(self, value: Any) -> bool:
        return is_exactly(value, "polars", "DataFrame")

    def pack(self, value: Any, folder: Path) -> Packed:
        import polars

        path = folder / PARQUET
        names = value.columns[:COLUMNS]
        meta = {
            "rows": value.height,
            "width": value.width,
            "columns": names,
            "schema": [{"name": name, "type": str(kind)} for name, kind in value.schema.items()][:COLUMNS],
            "preview": [[cell(item) for item in row] for row in value.select(names).head(ROWS).rows()],
        }
        try:
            value.write_parquet(path)
            faithful = polars.read_parquet_schema(path) == value.schema
        except (polars.exceptions.PolarsError, polars.exceptions.PanicException, TypeError, ValueError):
            faithful = False
        if not faithful:
            return Packed(path=dump(value, folder / PICKLE), meta={**meta, "pickled": True})
        return Packed(path=path, meta=meta | _polars_stats(value.select(names)))

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        return load(path) if meta.get("pickled") else read_parquet(path, hint or "polars.DataFrame")


class Arrow:
    """A pyarrow Table."""

    name = "pyarrow"
    kind = Kind.DATASET

    def recognises(self, value: Any) -> bool:
        return is_exactly(value, "pyarrow", "Table")

    def pack(self, value: Any, folder: Path) -> Packed:
        import pyarrow

        head = value.slice(0, ROWS)
        meta: dict[str, Any] = {
            "rows": value.num_rows,
            "width": value.num_columns,
            "columns": value.column_names[:COLUMNS],
            "schema": [{"name": field.name, "type": str(field.type)} for field in value.schema][:COLUMNS],
            "preview": _rows([column.to_pylist() for column in head.columns[:COLUMNS]]),
        }
        try:
            meta |= _write(value, folder / PARQUET)
            faithful = _read(folder / PARQUET, meta).schema.equals(value.schema, check_metadata=True)
        except (pyarrow.ArrowException, NotImplementedError, ValueError):
            faithful = False
        if not faithful:
            return Packed(path=dump(value, folder / PICKLE), meta={**meta, "pickled": True})
        return Packed(path=folder / PARQUET, meta={**meta, "stats": describe(value)})

    def unpack(self, path: Path, meta: dict[str, Any], hint: str | None) -> Any:
        if meta.get("pickled"):
            return load(path)
        asked = asked_for(hint)
        return _read(path, meta) if asked in ("", "pyarrow.Table") else read_parquet(path, hint)


_OTHER_LIBRARIES = ("polars.DataFrame", "pyarrow.Table", "numpy.ndarray")


def read_parquet(path: Path, hint: str | None) -> Any:
    """Return a parquet file as the type asked for, a pandas DataFrame without a hint."""
    match asked_for(hint):
        case "polars.DataFrame":
            import polars

            return polars.read_parquet(path)
        case "pyarrow.Table":
            return _read(path)
        case "numpy.ndarray":
            return _pandas_of(_read(path)).to_numpy()
    return _pandas_of(_read(path))


def _read(path: Path, meta: dict[str, Any] | None = None) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise PackagingError(f"{path.name!r} can't be loaded here: install pyarrow in this environment.") from error
    # one file, not a dataset: with a dataset's reader a folder like `year=2026` on the way would become a column
    table = parquet.ParquetFile(path).read()
    for position in (meta or {}).get("seconds", ()):
        field = table.schema.field(position)
        exact = pyarrow.timestamp("s", field.type.tz)
        table = table.set_column(position, field.with_type(exact), table.column(position).cast(exact))
    return table


def _write(table: Any, path: Path) -> dict[str, Any]:
    """Write parquet and return what it can't say: which columns are times in whole seconds."""
    import pyarrow
    import pyarrow.parquet as parquet

    # the compliant form renames the items of lists
    parquet.write_table(table, path, compression="zstd", use_compliant_nested_type=False)
    seconds = [
        position for position, kind in enumerate(table.schema.types) if pyarrow.types.is_timestamp(kind) and kind.unit == "s"
    ]
    return {"seconds": seconds} if seconds else {}


def _pandas_of(table: Any) -> Any:
    return table.to_pandas(date_as_object=True)


def _rows(columns: list[list[Any]]) -> list[list[Any]]:
    return [[cell(item) for item in row] for row in zip(*columns, strict=True)]


def _pandas_facts(frame: Any) -> dict[str, Any]:
    shown = frame.iloc[:ROWS, :COLUMNS]
    index = [] if _is_default(frame.index) else list(range(frame.index.nlevels))
    names = [str(frame.index.names[level] or ("index" if len(index) == 1 else f"level_{level}")) for level in index]
    kinds = [str(frame.index.get_level_values(level).dtype) for level in index]
    columns = [[_missing(item) for item in shown.index.get_level_values(level)] for level in index]
    columns += [[_missing(item) for item in shown.iloc[:, position]] for position in range(shown.shape[1])]
    fields = [{"name": name, "type": kind, "index": True} for name, kind in zip(names, kinds, strict=True)]
    fields += [{"name": str(name), "type": str(kind)} for name, kind in zip(shown.columns, shown.dtypes, strict=True)]
    return {
        "rows": len(frame),
        "width": frame.shape[1],
        "columns": [field["name"] for field in fields],
        "schema": fields,
        "preview": _rows(columns),
    }


def _is_default(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex" and (index.start, index.step, index.name) == (0, 1, None)


def _missing(item: Any) -> Any:
    """None for pandas' several ways to say that nothing is there, but not for a float's NaN in a column of objects."""
    return None if type(item).__name__ in ("NAType", "NaTType") or (isinstance(item, float) and item != item) else item


def _faithful_table(frame: Any) -> tuple[Any, dict[str, Any]]:
    """Return the frame as a pyarrow Table, and what has to be known to give an equal frame back; None if nothing can."""
    try:
        import pyarrow
    except ImportError:  # the run's environment has pandas alone
        return None, {}
    texts = [[at, missing] for at in _object_columns(frame) if (missing := _missing_in_text(frame.iloc[:, at]))]
    try:
        table = pyarrow.Table.from_pandas(frame)
        back = _pandas_of(table)
    except (pyarrow.ArrowException, TypeError, ValueError, KeyError, NotImplementedError, OverflowError):
        return None, {}
    _restore_text(back, texts)
    return (table, {"texts": texts} if texts else {}) if _same(frame, back) else (None, {})


def _missing_in_text(column: Any) -> str | None:
    """Return what stands for missing text in a column of objects, None if it isn't text: parquet doesn't tell which it was."""
    kinds = {type(item) for item in column}
    if str not in kinds or not kinds <= {str, float, type(None)} or len(kinds) > 2:
        return None
    return "nan" if float in kinds else "none"


def _restore_text(frame: Any, texts: list[list[Any]]) -> None:
    """Make columns of text ones of objects again, as pandas 2 has them and pandas 3 can."""
    for at, missing in texts:
        gap = float("nan") if missing == "nan" else None
        column = [item if type(item) is str else gap for item in frame.iloc[:, at]]
        frame.isetitem(at, type(frame.iloc[:, at])(column, index=frame.index, dtype=object))


def _same(frame: Any, back: Any) -> bool:
    if list(frame.columns) != list(back.columns) or not frame.columns.equals(back.columns) or not frame.index.equals(back.index):
        return False
    alike = (
        frame.dtypes.equals(back.dtypes)
        and type(frame.index) is type(back.index)
        and list(frame.index.names) == list(back.index.names)
        and list(frame.columns.names) == list(back.columns.names)
        and frame.columns.dtype == back.columns.dtype
        and frame.attrs == back.attrs
    )
    return alike and all(_same_objects(frame.iloc[:, at], back.iloc[:, at]) for at in _object_columns(frame))


def _object_columns(frame: Any) -> list[int]:
    return [at for at, kind in enumerate(frame.dtypes) if str(kind) == "object"]


def _same_objects(before: Any, after: Any) -> bool:
    """Objects have no dtype that would tell: parquet turns tuples to arrays, and NaN to None."""
    plain = {str, bytes, bool, int, float, type(None)}
    for one, other in zip(before, after, strict=True):
        if type(one) is not type(other):
            return False
        if type(one) not in plain and type(one).__module__ not in ("datetime", "decimal"):
            return False
        if one != other and one == one:
            return False
    return True


def _polars_stats(frame: Any) -> dict[str, Any]:
    try:
        return {"stats": describe(frame.to_arrow())}
    except ImportError:  # polars needs no pyarrow; the statistics do
        return {}
