"""What all tests share."""

import pytest
from hypothesis import settings
from rooms import Room, eventually

from jupyter_mlops.hosts.cli import main

# an example may take its time: the machine has other things to do, and what is slow is measured in benchmarks/
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture
def cli(folder, monkeypatch, capsys):
    """Run one command in the module's project, in this process; return code, output and errors."""
    monkeypatch.chdir(folder)

    def call(*words: str) -> tuple[int, str, str]:
        try:
            code = main(words)
        except SystemExit as leave:  # argparse's own
            code = leave.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture(scope="module")
def rooms():
    """Kernels by how they are started, each opened when it is asked for."""
    opened = {}

    def open_room(mode):
        if mode not in opened:
            opened[mode] = Room(mode)
        return opened[mode]

    yield open_room
    for room in opened.values():
        room.close()


@pytest.fixture(scope="module")
def forked(rooms):
    room = rooms("forked")
    assert eventually(lambda: room.kernels._zygote.loaded)
    return room


@pytest.fixture
def lease(forked):
    lease = forked.acquire()
    assert lease.mode == "forked", forked.kernels.notes
    yield lease
    forked.release(lease)
