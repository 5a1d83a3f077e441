"""Artifacts have an address, a record, and the value they were made of."""

from __future__ import annotations

import functools
import http.server
import threading
import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import ArtifactNotFoundError, InputError, PackagingError, StorageError
from jupyter_mlops.records import Kind, Source
from jupyter_mlops.storage import artifacts
from jupyter_mlops.storage.artifacts import Uri, format_uri, parse_uri
from jupyter_mlops.storage.blobs import Blobs


@pytest.fixture
def store(tmp_path):
    return Blobs(tmp_path / "artifacts")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def source_of(record, **changes):
    """Return an artifact as it arrives in a kernel that gets it as an input."""
    fields = {"hash": record.hash, "artifact": record.uid, "packager": record.packager, "meta": record.meta}
    return Source(uri=format_uri(record, "churn"), **{**fields, **changes})


def test_a_record_says_who_made_what_when(store):
    before = time.time()
    record = artifacts.log([1, 2], "numbers", blobs=store, run="r1", tag="best", labels={"a": "b"})
    assert (record.key, record.kind, record.packager, record.type) == ("numbers", "file", "json", "builtins.list")
    assert (record.run, record.tag, record.labels, record.name) == ("r1", "best", {"a": "b"}, "numbers.json")
    assert before <= record.created <= time.time()
    assert record.size == len(store.read(record.hash))


def test_versions_have_their_own_uids_in_the_order_of_time(store):
    uids = [artifacts.log(1, "same", blobs=store).uid for _ in range(20)]
    assert uids == sorted(set(uids))


@pytest.mark.parametrize("value", [[1, (2, 3)], "text", b"bytes", {1, 2}, 3.5, pd.DataFrame({"a": [1]})], ids=repr)
def test_an_input_made_of_an_artifact_is_the_same_value(store, cache, value):
    back = artifacts.load(source_of(artifacts.log(value, "thing", blobs=store)), store, cache)
    assert type(back) is type(value)
    assert repr(back) == repr(value)


def test_an_input_made_of_a_file_or_directory_keeps_its_name(store, cache, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "data.csv").write_text("a\n1\n")
    for given_path in (tmp_path / "home" / "data.csv", tmp_path / "home"):
        source = source_of(artifacts.log(given_path, "thing", blobs=store))
        assert artifacts.load(source, store, cache).name == given_path.name
    file = source_of(artifacts.log(tmp_path / "home" / "data.csv", "thing", blobs=store), hint="pandas.DataFrame")
    assert artifacts.load(file, store, cache).to_dict("list") == {"a": [1]}


def test_an_artifact_survives_in_a_remote_store(cache, tmp_path):
    remote = Blobs(f"memory://{tmp_path.name}", cache=cache)
    frame = pd.DataFrame({"a": [1, 2]})
    record = artifacts.log(frame, "table", blobs=remote)
    pd.testing.assert_frame_equal(artifacts.load(record, remote, cache), frame)
    assert artifacts.load(artifacts.log([1], "json", blobs=remote), remote, cache) == [1]


def test_a_directory_survives_in_a_remote_store(cache, tmp_path):
    remote = Blobs(f"memory://{tmp_path.name}", cache=cache)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "a.txt").write_text("a")
    back = artifacts.load(artifacts.log(tmp_path / "home", "folder", blobs=remote), remote, cache)
    assert (back / "a.txt").read_text() == "a"


def test_bytes_that_are_gone_are_said_to_be_gone(store, cache):
    record = artifacts.log([1], "thing", blobs=store)
    store.delete(record.hash)
    with pytest.raises(ArtifactNotFoundError, match="it was deleted"):
        artifacts.load(record, store, cache)


def test_bytes_that_are_no_longer_what_they_were_are_said_to_be_so(store, cache):
    record = artifacts.log(pd.DataFrame({"a": [1]}), "thing", blobs=store)
    store.path(record.hash).chmod(0o644)
    store.path(record.hash).write_bytes(b"nonsense")
    with pytest.raises(PackagingError, match=r"Artifact 'thing' couldn't be loaded .*look at its file"):
        artifacts.load(record, store, cache)


def test_a_store_that_cannot_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="can't be written"):
        artifacts.log([1], "thing", blobs=Blobs(tmp_path / "file" / "store"))


def test_only_what_shows_a_picture_has_one(store, tmp_path):
    from PIL import Image

    Image.new("RGB", (1, 1)).save(tmp_path / "p.PNG")
    assert artifacts.picture(artifacts.log(tmp_path / "p.PNG", "p", blobs=store), store).startswith(b"\x89PNG")
    assert artifacts.picture(artifacts.log(Image.new("RGB", (1, 1)), "p", blobs=store), store).startswith(b"\x89PNG")
    assert artifacts.picture(artifacts.log([1], "p", blobs=store), store) is None


# ---- URLs


def test_a_url_is_fetched_and_read_by_its_suffix(tmp_path):
    (tmp_path / "t.csv").write_text("a\n1\n")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert artifacts.load_path(f"{url}/t.csv?x=1").to_dict("list") == {"a": [1]}
        assert artifacts.load_path(f"{url}/t.csv", "pathlib.Path").name == "t.csv"
        with pytest.raises(InputError, match=r"missing\.csv' can't be fetched .*404"):
            artifacts.load_path(f"{url}/missing.csv")
        server.shutdown()


def test_a_file_url_is_a_path_and_an_unknown_scheme_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("a\n1\n")
    assert artifacts.load_path(f"file://{tmp_path}/t.csv").to_dict("list") == {"a": [1]}
    with pytest.raises(InputError, match=r"can't be fetched .*nowhere"):
        artifacts.load_path("nowhere://x/t.csv")


# ---- addresses


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("store://model/churn/m", {"kind": "model", "project": "churn", "key": "m"}),
        ("store://models/my-churn/m:latest", {"kind": "model", "project": "my-churn", "key": "m", "tag": "latest"}),
        ("store://artifacts/churn/m", {"kind": None, "project": "churn", "key": "m"}),
        ("store://dirs/churn/m@r-1", {"kind": "dir", "project": "churn", "key": "m", "producer": "r-1"}),
        (
            "store://datasets/churn/raw#3:v1.2@20261124-083512-k3v9x2ab^20261124-083513-k3v9x2ab",
            {
                "kind": "dataset",
                "project": "churn",
                "key": "raw",
                "iter": 3,
                "tag": "v1.2",
                "producer": "20261124-083512-k3v9x2ab",
                "uid": "20261124-083513-k3v9x2ab",
            },
        ),
    ],
)
def test_an_address_is_read_part_by_part(text, parts):
    assert parse_uri(text) == Uri(**parts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with 'store://'"),
        ("http://x/y/z", "begins with 'store://'"),
        ("store://", "write store://<kind>"),
        ("store://model/churn", "write store://<kind>"),
        ("store://modell/churn/m", r"the kind 'modell' .*Did you mean 'model'\?"),
        ("store:///churn/m", "the kind ''"),
        ("store://model/Churn/m", "the project 'Churn'"),
        ("store://model//m", "the project ''"),
        ("store://model/churn/", "the key ''"),
        ("store://model/churn/a/b", "the key 'a/b'"),
        ("store://model/churn/../m", r"the key '\.\./m'"),
        ("store://model/churn/m:", "the tag ''"),
        ("store://model/churn/m:a b", "the tag 'a b'"),
        ("store://model/churn/m#x", "the iteration 'x'"),
        ("store://model/churn/m#-1", "the iteration '-1'"),
        ("store://model/churn/m@", "the producer ''"),
        ("store://model/churn/m^", "the uid ''"),
        ("store://model/churn/m^../x", r"the uid '\.\./x'"),
        ("store://model/churn/m\n", r"the key 'm\\n'"),
        (None, "begins with 'store://'"),
    ],
)
def test_a_wrong_address_is_refused_and_the_part_named(text, said):
    with pytest.raises(ArtifactNotFoundError, match=said):
        parse_uri(text)


NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{0,20}\Z")
IDS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,20}\Z")


@given(
    st.builds(
        Uri,
        kind=st.sampled_from([None, *map(str, Kind)]),
        project=NAMES,
        key=NAMES,
        iter=st.none() | st.integers(0, 10**6),
        tag=st.none() | st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,20}\Z"),
        producer=st.none() | IDS,
        uid=st.none() | IDS,
    )
)
def test_every_address_that_is_written_is_read_back(uri):
    assert parse_uri(str(uri)) == uri


def test_the_address_of_an_artifact_names_exactly_that_version(store):
    record = artifacts.log([1], "numbers", blobs=store)
    assert parse_uri(format_uri(record, "churn")) == Uri(kind="file", project="churn", key="numbers", uid=record.uid)
