"""Names, params, results, logs, tags and artifacts are untrusted: on every screen they are text, and nothing of them runs."""

from __future__ import annotations

import pytest

import jupyter_mlops as mlops
from browser.lab_page import LabPage
from browser.screens import show

PAYLOADS = (
    '<img src=x onerror="window.top.pwned=1">',
    "<script>window.top.pwned=1</script>",
    '<svg onload="window.top.pwned=1">',
    "javascript:window.top.pwned=1",
    "\"><iframe srcdoc='<script>top.pwned=1</script>'></iframe>",
    "{{constructor.constructor('window.top.pwned=1')()}}",
)

HOSTILE = """
from pathlib import Path
import jupyter_mlops as mlops
import pandas as pd
word: str = "plain"        # <img src=x onerror="window.top.pwned=1">
payloads = PAYLOADS
for each in payloads:
    print(each)
    mlops.set_tag("tag", each)
mlops.log_result("word", payloads[0])
table = pd.DataFrame({payloads[0]: list(payloads), "value": range(len(payloads))})
page = Path("page.html")
page.write_text("<h1>Here</h1>" + "".join(payloads))
drawing = Path("drawing.svg")
drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" onload="window.top.pwned=1"><script>window.top.pwned=1</script><rect width="9" height="9"/></svg>')
note = Path("note.txt")
note.write_text("\\n".join(payloads))
data = {"key": list(payloads)}
assert word == "plain", payloads[1]
"""


@pytest.fixture
def hostile(project: mlops.Project) -> mlops.Project:
    code = HOSTILE.replace("PAYLOADS", repr(PAYLOADS))
    returns = ["table:dataset", "page:file", "drawing:plot", "note:file", "data:file"]
    project.define("hostile", code, returns=returns, description=PAYLOADS[0])
    project.run("hostile", name="plain name", tags={"seen": PAYLOADS[0]})
    with pytest.raises(mlops.RunFailedError):
        project.run("hostile", params={"word": PAYLOADS[0]})
    return project


def test_nothing_untrusted_runs_on_any_screen(there: LabPage, hostile: mlops.Project) -> None:
    dialogs: list[str] = []
    there.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    runs = [row["id"] for row in hostile.run_rows() if row["function"] == "hostile"]
    show(there, "jupyter-mlops:open-runs", {})
    for run in runs:
        show(there, "jupyter-mlops:open-run", {"run": run})
        for tab in there.main.get_by_role("tab").all():
            tab.click()
            there.page.wait_for_timeout(150)
    show(there, "jupyter-mlops:compare-runs", {"runs": runs})
    for key in ("table", "page", "drawing", "note", "data"):
        show(there, "jupyter-mlops:open-artifact", {"uid": hostile.artifact(key).uid})
        for tab in there.main.get_by_role("tab").all():
            tab.click()
            there.page.wait_for_timeout(150)
    show(there, "jupyter-mlops:open-form", {"target": "hostile"})
    there.page.wait_for_timeout(500)
    assert there.page.evaluate("() => window.pwned") is None
    assert not dialogs


def test_an_html_artifact_lies_in_a_sandbox_without_our_origin(there: LabPage, hostile: mlops.Project) -> None:
    show(there, "jupyter-mlops:open-artifact", {"uid": hostile.artifact("page").uid})
    frame = there.main.locator("iframe").first
    frame.wait_for()
    sandbox = frame.get_attribute("sandbox")
    assert sandbox is not None and "allow-same-origin" not in sandbox
