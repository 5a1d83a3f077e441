"""``docs/server.md`` lists what there is."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_mlops.api import OPERATIONS

PAGE = (Path(__file__).parents[1] / "docs" / "server.md").read_text(encoding="utf-8")


def test_every_operation_stands_on_the_page_as_it_is():
    listed = {
        name: (spelled, more)
        for name, spelled, more in re.findall(r"^\| `([a-z.]+)` \| `([^`]+)` \| (.*)\|$", PAGE, re.MULTILINE)
    }
    assert set(listed) == set(OPERATIONS)
    for name, operation in OPERATIONS.items():
        spelled, more = listed[name]
        assert spelled == f"{operation.method} {operation.path}"
        further = set(operation.takes.__struct_fields__) - set(operation.in_path)
        assert set(re.findall(r"`(\w+)`", more)) == further, name
