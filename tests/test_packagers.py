"""Every type comes back as what it was, with what people want to know about it."""

from __future__ import annotations

import datetime as dt
import decimal
import importlib
import json
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlops.errors import LogError, NameRuleError, PackagingError
from jupyter_mlops.storage import artifacts
from jupyter_mlops.storage.blobs import Blobs
from jupyter_mlops.storage.packagers import by_name, known, packager_for

matplotlib.use("agg")


@pytest.fixture
def store(tmp_path):
    return Blobs(tmp_path / "artifacts")


@pytest.fixture
def keep(store, tmp_path):
    """Return a function that saves a value and gives its record and the value loaded again."""

    def keep(value, hint=None, **marks):
        record = artifacts.log(value, "thing", blobs=store, **marks)
        json.dumps(record.meta, allow_nan=False)
        return record, artifacts.load(record, store, tmp_path / "cache", hint)

    return keep


def wide_frame():
    return pd.DataFrame(
        {
            "i": [1, 2, 3],
            "f": [0.5, np.nan, -np.inf],
            "b": [True, False, True],
            "s": ["a", None, "ü"],
            "c": pd.Categorical(["x", "y", "x"], categories=["y", "x", "z"], ordered=True),
            "t": pd.date_range("2026-01-01", periods=3, tz="Europe/Berlin"),
            "d": pd.to_timedelta([1, 2, 3], unit="s"),
            "n": pd.array([1, None, 3], dtype="Int64"),
            "day": [dt.date(2026, 1, 1), None, dt.date(2026, 1, 3)],
            "money": [decimal.Decimal("1.10"), decimal.Decimal("2.20"), decimal.Decimal("3.30")],
            "p": pd.period_range("2026-01", periods=3, freq="M"),
        }
    )


FRAMES = {
    "of many types": wide_frame(),
    "empty": pd.DataFrame(),
    "without rows": pd.DataFrame({"a": pd.Series([], dtype="int32")}),
    "with a named index": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key")),
    "with an unnamed index": pd.DataFrame({"a": [1, 2]}, index=[5, 3]),
    "with a multi-index": pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([(1, "x"), (2, "y")], names=["n", None])),
    "with a time index": pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=pd.date_range("2026", periods=3, freq="D")),
    "with a stepped index": pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(10, 14, 2, name="r")),
    "with numbered columns": pd.DataFrame(np.arange(6).reshape(2, 3)),
    "with stacked columns": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
    "with the same column twice": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "with mixed objects": pd.DataFrame({"a": [1, "x", None]}),
    "with tuples": pd.DataFrame({"a": [(1, 2), (3,)]}),
    "with lists": pd.DataFrame({"a": [[1, 2], []]}),
    "with sets": pd.DataFrame({"a": [{1}, {2}]}),
    "with complex numbers": pd.DataFrame({"a": [1j, 2j]}),
    "with sparse columns": pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1])}),
    "with attributes": pd.DataFrame({"a": [1]}),
    "with named columns": pd.DataFrame({"a": [1]}).rename_axis(columns="what"),
    "with half floats": pd.DataFrame({"a": np.array([1, 2], dtype="float16")}),
    "with nothing but None": pd.DataFrame({"a": [None, None]}, dtype=object),
    "with an interval index": pd.DataFrame({"a": [1, 2]}, index=pd.interval_range(0, 2)),
    "with nan in objects": pd.DataFrame({"a": pd.Series(["x", np.nan, None], dtype=object)}),
    "with missing text of pandas 2": pd.DataFrame({"a": pd.Series(["x", np.nan], dtype=object), "b": [1, 2]}).set_index("b"),
    "with text as objects": pd.DataFrame(
        {"a": np.array(["x", None], dtype=object), "b": ["y", None]}, index=[7, 7], dtype=object
    ),
    "with old dates": pd.DataFrame({"a": np.array(["1000-01-01", "3000-01-01"], dtype="datetime64[s]")}),
}
FRAMES["with attributes"].attrs = {"source": "here", "version": 3}


def kinds(frame):
    return [type(item) for at in range(frame.shape[1]) for item in frame.iloc[:, at].tolist()]


@pytest.mark.parametrize("name", FRAMES)
def test_a_pandas_frame_comes_back_equal(keep, name):
    frame = FRAMES[name]
    record, back = keep(frame)
    pd.testing.assert_frame_equal(back, frame, check_freq=True)
    assert back.attrs == frame.attrs
    assert kinds(back) == kinds(frame)
    assert (record.kind, record.packager, record.type) == ("dataset", "pandas", "pandas.DataFrame")


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1, 2], name="a"),
        pd.Series([1.0], index=["x"]),
        pd.Series(["a", None]),
        pd.Series([1, 2], name=0),
        pd.Series([1, "a"], name=("x", 1)),
        pd.Series([], dtype="float32"),
    ],
)
def test_a_series_comes_back_equal(keep, series):
    _, back = keep(series)
    pd.testing.assert_series_equal(back, series)


def test_ordinary_tables_are_parquet_and_only_odd_ones_pickles(keep):
    for name, frame in FRAMES.items():
        record, _ = keep(frame)
        odd = name in {
            "with the same column twice", "with mixed objects", "with tuples", "with lists", "with sets",
            "with complex numbers",
            "with sparse columns", "with nan in objects",
        }  # fmt: skip
        assert bool(record.meta.get("pickled")) is odd, name
        assert record.name == ("thing.pickle" if odd else "thing.parquet")


def test_a_subclass_of_dataframe_keeps_its_class(keep):
    class Frame(pd.DataFrame):
        pass

    record, back = keep(Frame({"a": [1]}))
    assert type(back).__name__ == "Frame"
    assert record.meta["pickled"]


def test_the_same_table_is_stored_once(store):
    first, second = (artifacts.log(wide_frame(), "table", blobs=store) for _ in range(2))
    assert first.hash == second.hash
    assert first.uid != second.uid


def test_a_table_tells_its_schema_rows_preview_and_statistics(keep):
    frame = pd.DataFrame(
        {"x": np.arange(100, dtype="float64"), "word": ["a", "b"] * 50}, index=pd.Index(range(100, 200), name="id")
    )
    frame.loc[105, "x"] = np.nan
    meta = keep(frame)[0].meta
    assert meta["rows"] == 100
    assert meta["width"] == 2
    assert meta["schema"][:2] == [{"name": "id", "type": "int64", "index": True}, {"name": "x", "type": "float64"}]
    assert meta["columns"] == ["id", "x", "word"]
    assert len(meta["preview"]) == 20
    assert meta["preview"][0] == [100, 0.0, "a"]
    assert meta["preview"][5] == [105, None, "b"]
    x, word = meta["stats"]["x"], meta["stats"]["word"]
    assert (x["count"], x["nulls"], x["min"], x["max"], x["distinct"]) == (99, 1, 0.0, 99.0, 99)
    assert x["mean"] == pytest.approx((sum(range(100)) - 5) / 99)
    assert sum(x["histogram"]["counts"]) == 99
    assert len(x["histogram"]["counts"]) == 20
    assert len(x["histogram"]["edges"]) == 21
    assert (word["count"], word["distinct"], word["min"], word["max"]) == (100, 2, "a", "b")


def test_a_wide_table_is_described_by_its_first_columns(keep):
    meta = keep(pd.DataFrame(np.zeros((3, 500))))[0].meta
    assert meta["width"] == 500
    assert len(meta["columns"]) == len(meta["schema"]) == len(meta["preview"][0]) == 100
    assert len(meta["stats"]) == 100


@pytest.mark.parametrize(
    "values",
    [[], [np.nan], [np.inf, -np.inf], [1.0], [1e308, -1e308], [5e-324, 0.0], [2.0, 2.0], [2**53 + 1, 1], [np.nan, 1.0, 2.0]],
)
def test_statistics_of_extreme_numbers_stay_json(keep, values):
    for make in (lambda v: pd.DataFrame({"a": np.array(v)}), lambda v: pl.DataFrame({"a": np.array(v)}), np.array):
        record, _ = keep(make(values))
        stats = next(iter(record.meta["stats"].values()))
        finite = [value for value in values if np.isfinite(value)]
        if "histogram" in stats:
            assert sum(stats["histogram"]["counts"]) == len(finite)
        if finite:
            assert (stats["min"], stats["max"]) == (artifact_cell(min(finite)), artifact_cell(max(finite)))


def artifact_cell(value):
    return str(value) if isinstance(value, int) and value > 2**53 else value


POLARS = {
    "plain": pl.DataFrame({"a": [1, None], "b": ["x", "y"], "c": [0.5, float("nan")]}),
    "nested": pl.DataFrame(
        {"l": [[1, 2], []], "s": [{"x": 1}, {"x": 2}], "a": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int8, 2))}
    ),
    "times": pl.DataFrame(
        {"d": [dt.date(2026, 1, 1)], "t": [dt.datetime(2026, 1, 1)], "u": [dt.timedelta(1)], "c": [dt.time(1)]}
    ),
    "zoned": pl.DataFrame({"t": [dt.datetime(2026, 1, 1)]}).with_columns(pl.col("t").dt.replace_time_zone("Europe/Berlin")),
    "categories": pl.DataFrame({"c": ["x", "y"], "e": ["x", "y"]}, schema={"c": pl.Categorical, "e": pl.Enum(["x", "y", "z"])}),
    "small": pl.DataFrame({"a": [1]}, schema={"a": pl.UInt8}),
    "decimals": pl.DataFrame({"a": [decimal.Decimal("1.23")]}),
    "empty": pl.DataFrame(),
    "nulls": pl.DataFrame({"a": [None, None]}),
    "bytes": pl.DataFrame({"a": [b"x", None]}),
}


@pytest.mark.parametrize("name", POLARS)
def test_a_polars_frame_comes_back_equal(keep, name):
    frame = POLARS[name]
    record, back = keep(frame)
    assert type(back) is pl.DataFrame
    assert back.schema == frame.schema
    assert back.equals(frame)
    assert record.packager == "polars"
    assert len(record.meta["preview"]) == min(frame.height, 20)


def test_a_polars_frame_of_objects_is_refused(keep):
    with pytest.raises(PackagingError, match="can't be pickled"):
        keep(pl.DataFrame({"a": pl.Series([{1}, {2}], dtype=pl.Object)}))


ARROW = {
    "plain": pa.table({"a": [1, None], "b": ["x", "y"]}),
    "with metadata": pa.table({"a": [1]}).replace_schema_metadata({"k": "v"}),
    "nested": pa.table({"a": [[1], []], "b": [{"x": 1}, None]}),
    "dictionary": pa.table({"a": pa.array(["x", "y", "x"]).dictionary_encode()}),
    "chunked": pa.table({"a": pa.chunked_array([[1, 2], [3]])}),
    "odd": pa.table({"a": pa.array([1, 2], pa.uint8()), "d": pa.array([1, 2], pa.duration("s")), "n": pa.nulls(2)}),
    "halves": pa.table({"f": pa.array([1.0, 2.0], pa.float16())}),
    "seconds": pa.table({"a": [1], "t": pa.array([1], pa.timestamp("s", "UTC")), "d": pa.array([1], pa.date32())}),
    "views": pa.table({"a": pa.array(["x"], pa.string_view()), "l": pa.array(["x"], pa.large_string())}),
    "same name twice": pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]),
    "empty": pa.table({}),
}  # fmt: skip


@pytest.mark.parametrize("name", ARROW)
def test_an_arrow_table_comes_back_equal(keep, name):
    table = ARROW[name]
    record, back = keep(table)
    assert back.equals(table, check_metadata=True)
    assert record.packager == "pyarrow"


def test_a_table_is_given_as_another_library_if_a_hint_asks(keep):
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert keep(frame, "polars.DataFrame")[1].equals(pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    assert keep(frame, "pyarrow.Table")[1].column("a").to_pylist() == [1, 2]
    pd.testing.assert_frame_equal(keep(pl.DataFrame({"a": [1, 2]}), "pd.DataFrame")[1], frame[["a"]])
    assert keep(frame[["a"]], "np.ndarray")[1].tolist() == [[1], [2]]
    assert keep(frame, "pathlib.Path")[1].name == "thing.parquet"


ARRAYS = {
    "floats": np.linspace(0, 1, 7),
    "matrix": np.arange(6, dtype="int8").reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "a number": np.array(3.5),
    "empty": np.empty((0, 3)),
    "cube": np.zeros((2, 3, 4)),
    "complex": np.array([1j, np.nan]),
    "booleans": np.array([True, False]),
    "dates": np.array(["2026-01-01", "NaT"], dtype="datetime64[ns]"),
    "words": np.array(["a", "ü"]),
    "structured": np.array([(1, "a")], dtype=[("n", "i4"), ("s", "U3")]),
    "objects": np.array([{1}, None], dtype=object),
    "big endian": np.array([1, 2], dtype=">i4"),
    "half floats": np.array([1, 2], dtype="float16"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_comes_back_equal(keep, name):
    array = ARRAYS[name]
    record, back = keep(array)
    np.testing.assert_array_equal(back, array)
    assert (back.dtype, back.shape, back.flags.f_contiguous) == (array.dtype, array.shape, array.flags.f_contiguous)
    assert record.packager == ("pickle" if array.dtype.hasobject else "numpy")


def test_a_masked_array_keeps_its_mask(keep):
    _, back = keep(np.ma.masked_array([1, 2], mask=[True, False]))
    assert back.mask.tolist() == [True, False]


PLAIN = [
    {}, [], {"a": [1, {"b": None}]}, {1: (2, 3), "x": {4}}, [float("nan"), float("inf"), -0.0], (1, 2), {1, 2}, frozenset({1}),
    {"$": "x"}, {"when": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)}, "", "text", "ü\ud800\r\n", "x" * 100_000, b"", b"\0\xff",
    [10**40],
    3, 0.5, None, True, dt.date(2026, 1, 2), decimal.Decimal("1.10"),
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_plain_python_comes_back_equal_and_readable(keep, value):
    record, back = keep(value)
    assert type(back) is type(value)
    assert repr(back) == repr(value)
    assert "pickled" not in record.meta
    assert record.kind == "file"


def test_a_container_that_json_would_change_is_pickled(keep):
    record, back = keep({"array": np.array([1, 2])})
    assert back["array"].tolist() == [1, 2]
    assert record.meta["pickled"]
    assert (record.kind, record.packager, record.type) == ("file", "pickle", "builtins.dict")


def test_what_json_holds_can_be_read_by_any_program(keep):
    _, path = keep({"b": [1, 2], "a": "ü"}, "pathlib.Path")
    assert path.name == "thing.json"
    assert json.loads(path.read_text(encoding="utf-8")) == {"b": [1, 2], "a": "ü"}


def test_a_file_comes_back_as_a_path_with_its_name_and_bytes(keep, tmp_path):
    original = tmp_path / "Bericht 1.tar.gz"
    original.write_bytes(b"content")
    record, back = keep(original)
    assert (back.name, back.read_bytes()) == ("Bericht 1.tar.gz", b"content")
    assert back != original
    assert original.exists()
    assert (record.name, record.kind, record.packager) == ("Bericht 1.tar.gz", "file", "file")


def test_a_file_artifact_is_read_as_its_hint_says(keep, tmp_path):
    original = tmp_path / "data.csv"
    original.write_text("a,b\n1,2\n")
    assert keep(original, "pandas.DataFrame")[1].to_dict("list") == {"a": [1], "b": [2]}
    assert keep(original, "bytes")[1] == b"a,b\n1,2\n"


def test_a_directory_comes_back_with_all_its_files(keep, tmp_path):
    folder = tmp_path / "model dir"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "deep" / "er" / "ü.bin").write_bytes(b"\0")
    record, back = keep(folder)
    assert back.name == "model dir"
    assert {path.relative_to(back).as_posix(): path.read_bytes() for path in back.rglob("*") if path.is_file()} == {
        "a.txt": b"a",
        "deep/er/ü.bin": b"\0",
    }
    assert (record.kind, record.size, record.meta["files"]) == ("dir", 2, 2)


def test_a_path_that_is_not_there_is_refused(keep, tmp_path):
    with pytest.raises(PackagingError, match=r"'thing'.*isn't a file"):
        keep(tmp_path / "missing.csv")


def test_a_model_tells_its_framework_parameters_and_signature(keep):
    frame = pd.DataFrame({"x": [0.0, 1, 2, 3], "y": [1.0, 0, 1, 0]})
    model = RandomForestClassifier(n_estimators=3, random_state=0).fit(frame, ["no", "yes", "no", "yes"])
    record, back = keep(model)
    assert back.predict(frame).tolist() == model.predict(frame).tolist()
    assert (record.kind, record.packager) == ("model", "model")
    meta = record.meta
    assert (meta["framework"], meta["class"]) == ("sklearn", "sklearn.ensemble._forest.RandomForestClassifier")
    assert meta["params"]["n_estimators"] == 3
    assert meta["signature"]["feature_names_in_"] == ["x", "y"]
    assert meta["signature"]["classes_"] == ["no", "yes"]
    assert meta["signature"]["n_features_in_"] == 2
    assert set(meta["versions"]) == {"python", "scikit-learn", "numpy"}
    assert meta["pickled"]


def test_a_model_that_is_not_fitted_has_no_signature(keep):
    record, _ = keep(make_pipeline(StandardScaler(), LinearRegression()))
    assert record.meta["signature"] == {}
    assert "steps" in record.meta["params"]


def test_a_class_of_models_is_no_model(keep):
    record, back = keep(LinearRegression)
    assert back is LinearRegression
    assert record.packager == "pickle"


def test_the_kind_can_be_chosen(keep):
    class Rules:
        limit = 3

    record, back = keep(Rules(), kind="model")
    assert (record.kind, record.packager) == ("model", "pickle")
    assert back.limit == 3
    assert keep(pd.DataFrame({"a": [1]}), kind="table")[0].kind == "table"


@pytest.mark.parametrize("kind", ["models", "result", "", 3])
def test_an_unknown_kind_is_refused_with_those_that_exist(keep, kind):
    with pytest.raises(LogError, match="use dataset, model, plot, table, file, dir"):
        keep(1, kind=kind)


def test_a_misspelt_kind_is_refused_with_the_right_one(keep):
    with pytest.raises(LogError, match=r"Did you mean 'model'\?"):
        keep(1, kind="modle")


def test_only_a_directory_is_a_dir(keep):
    with pytest.raises(PackagingError, match="can't be a 'dir'"):
        keep([1], kind="dir")


def test_a_figure_comes_back_with_a_picture_for_people(keep, store):
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3], label="line")
    record, back = keep(figure)
    assert type(back) is type(figure)
    assert back.axes[0].lines[0].get_ydata().tolist() == [1, 2, 3]
    assert (record.kind, record.packager) == ("plot", "matplotlib")
    assert store.read(record.meta["image"]).startswith(b"\x89PNG")
    _, path = keep(figure, "pathlib.Path")
    assert path.name == "figure.png"
    assert path.read_bytes() == store.read(record.meta["image"]) == keep(figure, "bytes")[1]
    plt.close("all")


def test_axes_are_a_plot_too(keep):
    _, axes = plt.subplots()
    axes.set_title("here")
    record, back = keep(axes)
    assert back.get_title() == "here"
    assert record.kind == "plot"
    plt.close("all")


def test_a_figure_that_cannot_be_pickled_keeps_its_picture(keep):
    figure = plt.figure()
    figure.lock = threading.Lock()
    record, back = keep(figure)
    assert back.read_bytes().startswith(b"\x89PNG")
    assert not record.meta["pickled"]
    assert "pickled" in record.meta["note"]
    plt.close("all")


def test_a_plotly_figure_comes_back_equal(keep):
    express = pytest.importorskip("plotly.express")
    figure = express.line(x=[1, 2, 3], y=[3.0, None, 1.0], title="ü")
    record, back = keep(figure)
    assert type(back) is type(figure)
    assert back == figure
    assert (record.kind, record.packager, record.meta["traces"]) == ("plot", "plotly", 1)


def test_a_picture_comes_back_equal(keep, store):
    image = Image.new("RGBA", (3, 2), (1, 2, 3, 4))
    record, back = keep(image)
    assert type(back) is type(image)
    assert (back.mode, back.tobytes()) == (image.mode, image.tobytes())
    assert (record.kind, store.has(record.meta["image"])) == ("plot", True)


def test_what_a_notebook_defined_is_loaded_in_another_process(store, tmp_path):
    script = textwrap.dedent("""
        import sys
        from jupyter_mlops.storage import artifacts
        from jupyter_mlops.storage.blobs import Blobs
        class Rule:
            def __init__(self, limit): self.limit = limit
            def __call__(self, x): return x > self.limit
        record = artifacts.log({"rule": Rule(3), "f": lambda x: x + 1}, "rules", blobs=Blobs(sys.argv[1]))
        print(record.hash)
    """)
    told = subprocess.run([sys.executable, "-c", script, str(store.root)], capture_output=True, text=True, check=True)
    rules = by_name("pickle").unpack(store.path(told.stdout.strip()), {}, None)
    assert rules["rule"](4)
    assert rules["f"](1) == 2


@pytest.mark.parametrize("value", [threading.Lock(), (x for x in []), {"deep": threading.Lock()}])
def test_what_cannot_be_pickled_is_refused_with_its_type_and_a_remedy(keep, store, value):
    with pytest.raises(PackagingError, match=r"'thing': a .*(lock|generator|dict).* can't be pickled.*: keep the data"):
        keep(value)
    assert not [path for path in Path(store.root).rglob("*") if path.is_file()]


def test_an_object_that_misbehaves_is_refused_with_its_key(keep):
    class Rude:
        def __reduce__(self):
            raise RuntimeError("no")

        def __repr__(self):
            raise RuntimeError("never")

    with pytest.raises(PackagingError, match=r"'thing'.*Rude.*no"):
        keep(Rude())


@pytest.mark.parametrize("key", ["a/b", "..", "Ü", "x" * 300, "", "A", "1a", None])
def test_a_bad_key_is_refused(keep, store, key):
    with pytest.raises(NameRuleError, match="can't name a"):
        artifacts.log(1, key, blobs=store)


@pytest.mark.parametrize("tag", ["a b", "", "x" * 64, "ü", 3, "-x", "a:b"])
def test_a_bad_tag_is_refused(keep, tag):
    with pytest.raises(LogError, match="can't have the tag"):
        keep(1, tag=tag)


def test_latest_is_no_tag_of_its_own(keep):
    assert keep(1, tag="latest")[0].tag is None


def test_labels_are_text(keep):
    assert keep(1, labels={"team": "a"})[0].labels == {"team": "a"}
    with pytest.raises(LogError, match="label 'n': 3"):
        keep(1, labels={"n": 3})


def test_bytes_that_were_changed_are_never_unpickled(keep, store, tmp_path):
    record, _ = keep(object)
    path = store.path(record.hash)
    path.chmod(0o644)
    path.write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "pwned").encode() + b"'\ntR.")
    with pytest.raises(PackagingError, match="was changed after it was stored"):
        artifacts.load(record, store, tmp_path / "cache")
    assert not (tmp_path / "pwned").exists()


def test_a_changed_figure_is_never_unpickled(keep, store, tmp_path):
    record, _ = keep(plt.figure())
    plt.close("all")
    path = store.path(store.files(record.hash)["figure.pickle"].hash)
    path.chmod(0o644)
    path.write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "pwned").encode() + b"'\ntR.")
    with pytest.raises(PackagingError, match="was changed after it was stored"):
        artifacts.load(record, store, tmp_path / "elsewhere")
    assert not (tmp_path / "pwned").exists()


def test_a_module_that_is_missing_when_loading_is_named(store, tmp_path, monkeypatch):
    (tmp_path / "vanishing.py").write_text("class Thing:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    vanishing = importlib.import_module("vanishing")
    record = artifacts.log(vanishing.Thing(), "thing", blobs=store)
    del sys.modules["vanishing"]
    (tmp_path / "vanishing.py").unlink()
    importlib.invalidate_caches()
    with pytest.raises(PackagingError, match="No module named 'vanishing'"):
        artifacts.load(record, store, tmp_path / "cache")


def test_another_package_brings_its_packager_by_entry_point(tmp_path, store):
    (tmp_path / "shapes.py").write_text(
        textwrap.dedent("""
            class Circle:
                def __init__(self, radius): self.radius = radius
            class Shapes:
                name, kind = "shapes", "plot"
                def recognises(self, value): return isinstance(value, Circle)
                def pack(self, value, folder):
                    from jupyter_mlops.storage.packagers import Packed
                    (folder / "circle.txt").write_text(str(value.radius))
                    return Packed(path=folder / "circle.txt", meta={"radius": value.radius})
                def unpack(self, path, meta, hint): return Circle(int(path.read_text()))
        """)
    )
    info = tmp_path / "shapes-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shapes\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[jupyter_mlops.packagers]\nshapes = shapes:Shapes\nbroken = missing:Thing\n")
    script = textwrap.dedent("""
        import sys, warnings
        from pathlib import Path
        from jupyter_mlops.storage import artifacts
        from jupyter_mlops.storage.blobs import Blobs
        from shapes import Circle
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            record = artifacts.log(Circle(3), "round", blobs=Blobs(sys.argv[1]))
        print(record.packager, record.kind, record.name, record.meta["radius"])
        print(artifacts.load(record, Blobs(sys.argv[1]), Path(sys.argv[1])).radius)
        print(said[0].message)
    """)
    told = subprocess.run(
        [sys.executable, "-c", script, str(store.root)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    first, second, third = told.stdout.splitlines()
    assert first == "shapes plot round.txt 3"
    assert second == "3"
    assert third.startswith("The packager 'broken' (missing:Thing) can't be used")


def test_a_packager_that_is_missing_is_named():
    with pytest.raises(PackagingError, match="'shapes' isn't here: install the package"):
        by_name("shapes")


def test_every_packager_is_found_by_its_name():
    for packager in known():
        assert by_name(packager.name) is packager
    assert packager_for(object).name == "pickle"


def test_no_library_is_imported_to_find_that_a_value_is_not_of_it(tmp_path):
    script = """
import sys
from jupyter_mlops.storage import artifacts
from jupyter_mlops.storage.blobs import Blobs
artifacts.log({"a": 1}, "plain", blobs=Blobs(sys.argv[1]))
heavy = {"numpy", "pandas", "polars", "pyarrow", "sklearn", "matplotlib", "PIL", "cloudpickle", "fsspec"}
print(sorted(heavy & set(sys.modules)))
"""
    told = subprocess.run([sys.executable, "-c", script, str(tmp_path / "s")], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
