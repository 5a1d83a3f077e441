"""Bytes are stored once, whole, and come back unchanged or not at all."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from jupyter_mlops.errors import ArtifactNotFoundError, PackagingError, StorageError
from jupyter_mlops.storage.blobs import Blobs, hash_dir, hash_file


@pytest.fixture(params=["folder", "file url", "memory", "remote folder"])
def store(request, tmp_path):
    """Return a store of each sort; a folder behind fsspec stands for a remote one that renames into place."""
    if request.param == "folder":
        return Blobs(tmp_path / "a store ü")
    if request.param == "file url":
        return Blobs(f"file://{tmp_path}/store")
    if request.param == "memory":
        return Blobs(f"memory://{tmp_path.name}/store", cache=tmp_path / "local")
    return Blobs(f"local://{tmp_path}/store", cache=tmp_path / "local")


@pytest.fixture
def local(tmp_path):
    return Blobs(tmp_path / "store")


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "given"
    (home / "deep" / "er").mkdir(parents=True)
    (home / "a.txt").write_text("same")
    (home / "b.txt").write_text("same")
    (home / "deep" / "er" / "ü .bin").write_bytes(b"\0\1")
    return home


@pytest.mark.parametrize("data", [b"", b"x", os.urandom(3_000_000)], ids=["empty", "one byte", "3 MB"])
def test_bytes_come_back_under_their_hash(store, data):
    name, size = store.put_bytes(data)
    assert (name, size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert store.has(name)
    assert store.read(name) == data
    with store.open(name) as file:
        assert file.read() == data
    assert store.path(name).read_bytes() == data


def test_a_file_and_its_bytes_are_the_same_content(store, tmp_path):
    (tmp_path / "f").write_bytes(b"content")
    assert store.put_file(tmp_path / "f") == store.put_bytes(b"content") == hash_file(tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == b"content"


def test_a_directory_comes_back_with_every_file(store, folder, tmp_path):
    name, size = store.put_dir(folder)
    assert (name, size) == hash_dir(folder)
    assert size == 10
    back = store.materialise(name, "given", tmp_path / "cache", folder=True)
    assert back.name == "given"
    assert files_in(back) == files_in(folder)
    assert all((back / path).read_bytes() == (folder / path).read_bytes() for path in files_in(folder))


def test_an_empty_directory_comes_back(local, tmp_path):
    (tmp_path / "empty").mkdir()
    back = local.materialise(local.put_dir(tmp_path / "empty").hash, "empty", tmp_path / "cache", folder=True)
    assert back.is_dir()
    assert not files_in(back)


def test_deleted_bytes_are_gone_and_deleting_twice_is_no_error(store):
    name, _ = store.put_bytes(b"x")
    store.delete(name)
    store.delete(name)
    assert not store.has(name)
    with pytest.raises(ArtifactNotFoundError, match=rf"{name[:12]}… isn't in .*: it was deleted"):
        store.open(name)


def test_the_same_content_is_stored_once(local, folder):
    local.put_dir(folder)
    local.put_bytes(b"same")
    assert len(files_in(local.root)) == 3  # "same", the other file, the manifest
    name, _ = local.put_bytes(b"same")
    assert local.path(name) == Path(local.root) / name[:2] / name


def test_a_store_keeps_no_drafts(local, folder):
    local.put_dir(folder)
    local.put_bytes(b"x")
    assert not [path for path in Path(local.root).iterdir() if path.name.startswith(".")]


def test_a_blob_that_was_cut_short_is_stored_again(local):
    name, _ = local.put_bytes(b"content")
    local.path(name).chmod(0o644)
    local.path(name).write_bytes(b"con")
    local.put_bytes(b"content")
    assert local.read(name) == b"content"


def test_changed_bytes_are_refused(store, tmp_path):
    name, _ = store.put_bytes(b"content")
    store.verify(name)
    with store.open(name) as file:
        assert file.read() == b"content"
    _overwrite(store, name, b"CONTENT")
    for use in (store.verify, store.read, lambda name: store.materialise(name, "f", tmp_path / "cache")):
        with pytest.raises(PackagingError, match="was changed after it was stored"):
            use(name)


def _overwrite(store, name, data):
    url = str(store.root)
    if url.startswith("memory"):
        import fsspec

        fsspec.filesystem("memory").pipe_file(f"{url}/{name[:2]}/{name}", data)
        return
    path = Path(url.partition("://")[2] or url) / name[:2] / name
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_changed_file_of_a_directory_is_found(local, folder):
    name, _ = local.put_dir(folder)
    local.verify(name, folder=True)
    inner = local.files(name)["a.txt"].hash
    local.path(inner).chmod(0o644)
    local.path(inner).write_bytes(b"evil")
    local.verify(name)
    with pytest.raises(PackagingError, match="was changed"):
        local.verify(name, folder=True)


def test_a_real_file_is_made_once_and_anew_when_somebody_changed_it(store, tmp_path):
    name, _ = store.put_bytes(b"content")
    first = store.materialise(name, "data.csv", tmp_path / "cache")
    inode = first.stat().st_ino
    assert store.materialise(name, "data.csv", tmp_path / "cache").stat().st_ino == inode
    first.chmod(0o644)
    first.write_bytes(b"CONTENT")
    assert store.materialise(name, "data.csv", tmp_path / "cache").read_bytes() == b"content"
    assert store.read(name) == b"content"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda home: (home / "a.txt").unlink(),
        lambda home: (home / "new.txt").write_text("more"),
        lambda home: [(home / "a.txt").chmod(0o644), (home / "a.txt").write_text("evil")],
    ],
)
def test_a_real_directory_is_made_anew_when_somebody_changed_it(local, folder, tmp_path, spoil):
    name, _ = local.put_dir(folder)
    spoil(local.materialise(name, "d", tmp_path / "cache", folder=True))
    back = local.materialise(name, "d", tmp_path / "cache", folder=True)
    assert files_in(back) == files_in(folder)
    assert (back / "a.txt").read_text() == "same"


@pytest.mark.parametrize("called", ["../../escape", "/etc/escape", "", "..", "a/b"])
def test_a_name_never_leads_out_of_the_cache(local, tmp_path, called):
    name, _ = local.put_bytes(b"x")
    made = local.materialise(name, called, tmp_path / "cache")
    assert made.resolve().is_relative_to(tmp_path / "cache" / name[:2] / name)


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "C:/x", "a\\b", ""])
def test_a_manifest_never_leads_out_of_its_directory(local, tmp_path, path):
    inner, size = local.put_bytes(b"x")
    manifest, _ = local.put_bytes(b'{"files":{"%s":["%s",%d]}}' % (path.replace("\\", "\\\\").encode(), inner.encode(), size))
    with pytest.raises(PackagingError, match="names a file outside its directory"):
        local.materialise(manifest, "d", tmp_path / "cache", folder=True)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "abc", "A" * 64, "0" * 63 + "/"])
def test_what_is_no_hash_is_no_blob(local, name):
    for use in (local.has, local.open, local.delete, local.verify):
        with pytest.raises(ArtifactNotFoundError, match="64 characters"):
            use(name)


def test_a_file_is_no_directory(local):
    for data in (b"no json", b"[]", b'{"files": 3}', b"{}"):
        with pytest.raises(PackagingError, match="isn't a stored directory"):
            local.files(local.put_bytes(data).hash)


def test_a_link_to_a_file_is_stored_as_that_file(local, folder, tmp_path):
    (folder / "link").symlink_to(folder / "a.txt")
    back = local.materialise(local.put_dir(folder).hash, "d", tmp_path / "cache", folder=True)
    assert not (back / "link").is_symlink()
    assert (back / "link").read_text() == "same"


@pytest.mark.parametrize("make", ["directory link", "broken link", "pipe"])
def test_what_could_not_come_back_is_refused(local, folder, make):
    odd = folder / "odd"
    {
        "directory link": lambda: odd.symlink_to(folder),
        "broken link": lambda: odd.symlink_to("gone"),
        "pipe": lambda: os.mkfifo(odd),
    }[make]()
    with pytest.raises(PackagingError, match=r"odd' (isn't a file|links to another directory)"):
        local.put_dir(folder)


def test_a_file_that_is_missing_is_refused(local, tmp_path):
    with pytest.raises(PackagingError, match="No such file"):
        local.put_file(tmp_path / "missing")


def _write_the_same(root, ready, number):
    ready.wait()
    store = Blobs(root)
    for step in range(30):
        assert store.read(store.put_bytes(b"%d" % step * 1000).hash) == b"%d" % step * 1000


def test_many_processes_store_the_same_content_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(4)
    writers = [context.Process(target=_write_the_same, args=(tmp_path / "store", ready, number)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert len(files_in(tmp_path / "store")) == 30


def _materialise_the_same(root, name, cache, ready):
    ready.wait()
    for _ in range(20):
        made = Blobs(root).materialise(name, "d", cache, folder=True)
        assert (made / "a.txt").read_text() == "same"


def test_many_processes_make_the_same_directory_at_once(local, folder, tmp_path):
    name, _ = local.put_dir(folder)
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(4)
    readers = [
        context.Process(target=_materialise_the_same, args=(local.root, name, tmp_path / "cache", ready)) for _ in range(4)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert [reader.exitcode for reader in readers] == [0, 0, 0, 0]


def test_a_writer_that_is_killed_leaves_no_half_blob(tmp_path):
    script = textwrap.dedent("""
        import os, sys
        from jupyter_mlops.storage.blobs import Blobs
        store = Blobs(sys.argv[1])
        for _ in range(10_000):
            store.put_bytes(os.urandom(200_000))
            print("one more", flush=True)
    """)
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "store")], stdout=subprocess.PIPE) as writer:
        for _ in range(5):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
    store = Blobs(tmp_path / "store")
    names = [path.name for path in Path(tmp_path / "store").glob("??/*")]
    assert len(names) >= 5
    for name in names:
        store.verify(name)


def test_a_full_disk_is_a_storage_error_that_names_the_folder(local):
    local.put_bytes(b"before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(
            StorageError, match=r"store' can't be written \(File too large\): raise the limit.*; nothing that was stored"
        ):
            local.put_bytes(b"x" * 1_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert len(files_in(local.root)) == 1
    assert local.put_bytes(b"x" * 1_000_000).size == 1_000_000


def test_a_disk_without_space_is_a_storage_error(tmp_path):
    mount = tmp_path / "tiny"
    mount.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)], capture_output=True).returncode
    ):
        pytest.skip("needs the right to mount a small disk")
    try:
        store = Blobs(mount / "store")
        store.put_bytes(b"before")
        with pytest.raises(StorageError, match=r"No space left on device.*free some space"):
            store.put_bytes(os.urandom(200_000))
        assert store.read(hashlib.sha256(b"before").hexdigest()) == b"before"
        subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)
        with pytest.raises(StorageError, match=r"Read-only file system.*open the project where it can be written"):
            store.put_bytes(b"after")
        assert store.read(hashlib.sha256(b"before").hexdigest()) == b"before"
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_a_store_below_a_file_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/store' can't be written \(Not a directory\)"):
        Blobs(tmp_path / "file" / "store").put_bytes(b"x")


@pytest.fixture
def closed():
    """Return a folder that others may enter and not write to: pytest's own may not even be entered."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        yield folder


def _as_nobody(body, folder):
    script = f"""
import os, sys
from jupyter_mlops.errors import StorageError
from jupyter_mlops.storage.blobs import Blobs
store = Blobs(sys.argv[1])
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
try:
    {body}
except StorageError as error:
    print(error)
"""
    return subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True).stdout


def test_a_folder_without_permission_is_a_storage_error(closed):
    told = _as_nobody('store.put_bytes(b"x")', closed)
    assert f"{closed!r} can't be written (Permission denied): give yourself permission there" in told


def test_a_store_that_may_not_be_entered_is_a_storage_error(closed):
    os.chmod(closed, 0o400)
    told = _as_nobody('store.has("0" * 64)', closed)
    assert f"{closed!r} can't be read (Permission denied): give yourself permission there" in told


def test_a_store_of_an_unknown_scheme_is_a_storage_error():
    with pytest.raises(StorageError, match=r"'nowhere://x' can't be opened: .*nowhere"):
        Blobs("nowhere://x").put_bytes(b"x")


def test_nothing_is_written_before_something_is_stored(tmp_path):
    store = Blobs(tmp_path / "store")
    assert not store.has("0" * 64)
    assert not (tmp_path / "store").exists()
