"""A workflow is put together, run, mended and resumed in its table, with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

import jupyter_mlops as mlops
from browser.lab_page import LabPage

CHECK = """
least: float = 0.5         # the score that is enough
if model["mean"] < least:
    raise ValueError(f"{model['mean']} is <i>not</i> enough")
good = True
"""


class Keyboard:
    """Hands that have no mouse."""

    def __init__(self, there: LabPage) -> None:
        self.page = there.page
        self.keys = there.page.keyboard
        self.editor = there.page.locator(".jmo-workflow")
        self.inspector = self.editor.get_by_role("complementary", name="Inspector")

    def tab_to(self, wanted: Locator, *, back: bool = False) -> None:
        """Press Tab until it has the focus."""
        expect(wanted).to_be_visible()
        for _ in range(80):
            if wanted.evaluate("node => node === document.activeElement"):
                return
            self.keys.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab doesn't come to {wanted}.")

    def row(self, step: str) -> Locator:
        return self.editor.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=step, exact=True))

    def button(self, name: str) -> Locator:
        return self.editor.get_by_role("button", name=name, exact=True)

    def choose(self, *words: str) -> None:
        """Type into a list that opened, and take what fits."""
        for name in words:
            box = self.editor.get_by_role("dialog").get_by_role("combobox")
            expect(box).to_be_focused()
            self.keys.type(name)
            self.keys.press("Enter")
        expect(self.editor.get_by_role("dialog")).to_have_count(0)


def open_table(there: LabPage, project: mlops.Project, text: str) -> Keyboard:
    file = project.folder / "workflows" / "by_hand.yaml"
    file.write_text(text)
    there.run("docmanager:open", {"path": file.relative_to(there.lab.root).as_posix()})
    hands = Keyboard(there)
    hands.editor.wait_for()
    hands.tab_to(hands.editor.get_by_role("tab", name="Graph"))
    hands.keys.press("ArrowLeft")  # round the corner, to the last view
    expect(hands.editor.get_by_role("tab", name="Table", exact=True)).to_have_attribute("aria-selected", "true")
    return hands


def test_a_workflow_is_made_run_mended_and_resumed_by_keyboard(there: LabPage, project: mlops.Project) -> None:
    project.define("check", CHECK, inputs=["model"], returns=["good"])
    hands = open_table(there, project, "name: by_hand\nsteps:\n  ingest: {function: ingest}\n")
    hands.tab_to(hands.row("ingest"))

    hands.keys.press("a")
    hands.choose("train")
    hands.keys.press("c")
    hands.choose("data", "train.data")
    expect(hands.row("train")).to_contain_text("data ← ingest.data")

    hands.keys.press("ArrowDown")
    expect(hands.row("train")).to_be_focused()
    hands.keys.press("a")
    hands.choose("check")
    hands.keys.press("c")
    hands.choose("model", "check.model")
    expect(hands.row("check")).to_contain_text("model ← train.model")

    hands.keys.press("ArrowDown")
    hands.keys.press("Enter")
    hands.tab_to(hands.inspector.get_by_role("textbox", name="least"))
    hands.keys.type("99")
    hands.keys.press("Enter")
    hands.keys.press("Control+s")
    expect(hands.editor.get_by_text("Saved", exact=True)).to_be_visible()

    hands.tab_to(hands.button("Run"), back=True)
    hands.keys.press("Enter")
    expect(hands.row("train")).to_contain_text("Completed", timeout=60_000)
    expect(hands.row("check")).to_contain_text("Error", timeout=60_000)

    hands.tab_to(hands.row("check"))
    hands.keys.press("Enter")
    expect(hands.inspector.get_by_role("tab", name="Properties")).to_be_focused()
    hands.keys.press("ArrowLeft")
    expect(hands.inspector.get_by_text("is <i>not</i> enough").first).to_be_visible()
    expect(hands.inspector.get_by_text("Traceback")).to_be_visible()
    hands.keys.press("ArrowRight")
    hands.tab_to(hands.inspector.get_by_role("textbox", name="least"))
    hands.keys.press("Control+a")
    hands.keys.type("0.5")
    hands.keys.press("Enter")

    hands.tab_to(hands.button("Resume"), back=True)
    hands.keys.press("Enter")
    expect(hands.row("check")).to_contain_text("Completed", timeout=60_000)
    assert project.folder.joinpath("workflows", "by_hand.yaml").read_text().count("least: 0.5") == 1


def test_escape_leads_back_from_the_inspector_to_the_row(there: LabPage, project: mlops.Project) -> None:
    hands = open_table(there, project, "name: by_hand\nsteps:\n  ingest: {function: ingest}\n")
    hands.tab_to(hands.row("ingest"))
    hands.keys.press("Enter")
    expect(hands.inspector.get_by_role("tab", name="Properties")).to_be_focused()
    hands.keys.press("Escape")
    expect(hands.row("ingest")).to_be_focused()
