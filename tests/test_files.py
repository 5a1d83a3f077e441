"""Files from outside become what a hint asks for, or what their suffix says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image

from jupyter_mlops.errors import InputError
from jupyter_mlops.storage import artifacts


@pytest.fixture
def files(tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.csv.gz", index=False)
    frame.to_csv(tmp_path / "T.TSV", index=False, sep="\t")
    frame.to_json(tmp_path / "t.json", orient="records")
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "year=2026").mkdir()
    frame.to_parquet(tmp_path / "year=2026" / "t.parquet")
    np.save(tmp_path / "t.npy", np.arange(3))
    np.savez(tmp_path / "one.npz", x=np.arange(3))
    np.savez(tmp_path / "two.npz", x=np.arange(3), y=np.arange(2))
    (tmp_path / "t.txt").write_text("hällo", encoding="utf-8")
    (tmp_path / "d.json").write_text('{"k": [1]}')
    (tmp_path / "t.pkl").write_bytes(b"")
    (tmp_path / "noise").write_bytes(b"\xff\0")
    Image.new("RGB", (2, 2)).save(tmp_path / "p.png")
    return tmp_path


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "T.TSV", "t.jsonl", "t.parquet", "year=2026/t.parquet"])
def test_a_table_file_is_a_dataframe_without_a_hint(files, name):
    found = artifacts.load_path(files / name)
    assert found.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    assert type(found) is pd.DataFrame


@pytest.mark.parametrize("name", ["t.json", "t.npy", "t.txt", "noise", "p.png", "t.pkl", "year=2026"])
def test_any_other_file_is_a_path_without_a_hint(files, name):
    assert artifacts.load_path(files / name) == files / name


@pytest.mark.parametrize(
    ("name", "hint", "kind"),
    [
        ("t.csv", "polars.DataFrame", pl.DataFrame),
        ("T.TSV", "pl.DataFrame", pl.DataFrame),
        ("t.json", "polars.DataFrame", pl.DataFrame),
        ("t.jsonl", "polars.DataFrame", pl.DataFrame),
        ("t.parquet", "polars.DataFrame", pl.DataFrame),
        ("year=2026", "polars.DataFrame", pl.DataFrame),
        ("t.parquet", "pyarrow.Table", pa.Table),
        ("t.csv", "pyarrow.Table", pa.Table),
        ("t.json", "pandas.DataFrame", pd.DataFrame),
        ("year=2026", "pandas.DataFrame", pd.DataFrame),
        ("t.npy", "numpy.ndarray", np.ndarray),
        ("one.npz", "np.ndarray", np.ndarray),
        ("two.npz", "dict", dict),
        ("t.csv", "numpy.ndarray", np.ndarray),
        ("d.json", "dict", dict),
        ("d.json", "dict[str, list[int]]", dict),
        ("t.json", "list", list),
        ("t.jsonl", "list", list),
        ("t.txt", "str", str),
        ("noise", "bytes", bytes),
        ("t.csv", "pathlib.Path", type(Path())),
        ("t.csv", "Path", type(Path())),
        ("t.csv", "pd.DataFrame | None", pd.DataFrame),
        ("t.csv", "Optional[pd.DataFrame]", pd.DataFrame),
        ("t.csv", "pandas.core.frame.DataFrame", pd.DataFrame),
        ("t.csv", "some.Thing", pd.DataFrame),
        ("p.png", "PIL.Image.Image", Image.Image),
    ],
)
def test_a_hint_says_what_a_file_becomes(files, name, hint, kind):
    assert type(artifacts.load_path(files / name, hint)) is kind


@pytest.mark.parametrize(
    ("name", "hint", "said"),
    [
        ("missing.csv", None, "doesn't exist"),
        ("noise", "pandas.DataFrame", "has no suffix and can't be loaded as pandas.DataFrame"),
        ("t.txt", "pandas.DataFrame", r"ends in '\.txt'.*known are \.csv"),
        ("t.pkl", "pandas.DataFrame", "pickle runs code"),
        ("t.txt", "numpy.ndarray", "can't be loaded as numpy.ndarray"),
        ("two.npz", "numpy.ndarray", r"holds 2 arrays \(x, y\)"),
        ("d.json", "list", "holds a dict, not a list"),
        ("t.csv", "dict", r"ends in '\.csv'"),
        ("year=2026", "dict", "is a folder"),
        ("noise", "str", "can't be loaded as str"),
        ("t.csv", "pandas.Series", "has 2 columns"),
    ],
)
def test_a_file_that_cannot_be_what_is_asked_is_refused(files, name, hint, said):
    with pytest.raises(InputError, match=said):
        artifacts.load_path(files / name, hint)


def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError, match=r"t\.parquet.*can't be loaded as pandas.DataFrame"):
        artifacts.load_path(tmp_path / "t.parquet")


def test_an_array_file_with_objects_is_not_unpickled(tmp_path):
    np.save(tmp_path / "o.npy", np.array([{1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"can't be loaded as numpy\.ndarray"):
        artifacts.load_path(tmp_path / "o.npy", "numpy.ndarray")
