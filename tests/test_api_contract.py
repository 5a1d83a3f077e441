"""The fixtures that Python and TypeScript share are what the operations answer today."""

from __future__ import annotations

import json
import re
from pathlib import Path

import contract
import pytest

from jupyter_mlops.api import OPERATIONS

HOME = Path(__file__).parents[1]
MODEL = HOME / "labextension" / "src" / "model"


@pytest.fixture(scope="module")
def today(tmp_path_factory):
    return contract.made(tmp_path_factory.mktemp("contract").resolve())


def test_there_is_a_fixture_for_every_operation(today):
    there = {path.stem for path in contract.PLACE.glob("*.json")}
    assert there == set(today), "run `python tests/contract.py`"
    assert {name.partition("-")[0] for name in there} == {*OPERATIONS, "events"}


@pytest.mark.parametrize("path", sorted(contract.PLACE.glob("*.json")), ids=lambda path: path.stem)
def test_an_operation_answers_in_the_shape_of_its_fixture(today, path):
    name = path.stem
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert contract.shape(today[name]) == contract.shape(kept), "the contract has changed: run `python tests/contract.py`"


def test_fixtures_hold_nothing_of_the_machine_they_were_made_on():
    import getpass
    import socket

    for path in contract.PLACE.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert f'"{socket.gethostname()}"' not in text and str(Path.home()) not in text, path.name
        assert f'"user": "{getpass.getuser()}"' not in text and "/tmp/" not in text, path.name


def test_rest_is_spelled_as_the_front_end_spells_it():
    there = json.loads((MODEL / "routes.json").read_text(encoding="utf-8"))
    assert there == {name: f"{operation.method} {operation.path}" for name, operation in OPERATIONS.items()}


def test_the_contract_names_the_same_operations_and_arguments():
    text = (MODEL / "contract.ts").read_text(encoding="utf-8")
    table = text[text.index("export interface IOperations") :]
    names = re.findall(r"^  '([a-z.]+)': \{", table, re.MULTILINE)
    assert sorted(names) == sorted(OPERATIONS)
    for name in names:
        args = re.search(rf"'{re.escape(name)}': \{{\s*args: (\{{.*?\}}|Record<string, never>);?\s", table, re.DOTALL)
        assert args, name
        given = set(re.findall(r"(?:^|[{;]|\*/)\s*(\w+)\??:", re.sub(r"/\*\*.*?\*/", "", args[1], flags=re.DOTALL)))
        assert given == set(OPERATIONS[name].takes.__struct_fields__), name
