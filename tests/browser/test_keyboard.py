"""The whole story of a workflow without a mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

import jupyter_mlops as mlops
from browser.lab_page import LabPage
from browser.on_canvas import node

BROKEN = """
limit: float = 0.5
score = model["mean"] / 13
assert score > limit, f"the score {score:.2f} is not above {limit}"
"""


def test_a_workflow_is_made_run_mended_and_resumed_by_keyboard(there: LabPage, project: mlops.Project) -> None:
    project.define("check", BROKEN, inputs=["model"], returns=["score"])
    page = there.page
    page.keyboard.press("Control+Shift+c")  # Lab's palette of commands
    page.keyboard.type("New workflow")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("textbox").wait_for()
    page.keyboard.type("typed")
    page.keyboard.press("Enter")
    canvas = there.main.locator(".jmo-canvas")
    expect(canvas.get_by_text("No steps yet")).to_be_visible()

    walk_to(page, "Add a step")
    page.keyboard.press("Enter")
    choose(page, "ingest")
    expect(node(canvas, "ingest")).to_be_visible()
    for function in ("train", "check"):
        page.keyboard.press("a")
        choose(page, function)
        expect(node(canvas, function)).to_be_visible()
    link(page, there, "ingest", "train.data")
    link(page, there, "train", "check.model")
    expect(canvas.locator(".react-flow__edge")).to_have_count(2)

    pick(page, there, "train")
    page.keyboard.press("Enter")  # into the inspector
    walk_to(page, "depth int", role="textbox")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    expect(there.main.get_by_text("Saved", exact=True)).to_be_visible()
    assert "depth: 4" in (project.folder / "workflows" / "typed.yaml").read_text()

    walk_to(page, "Run", keys=("Shift+Tab",))
    page.keyboard.press("Enter")
    expect(node(canvas, "check")).to_have_attribute("data-state", "error")
    pick(page, there, "check")
    page.keyboard.press("Enter")
    expect(there.main.get_by_label("Inspector", exact=True)).to_contain_text("AssertionError")

    project.define("check", BROKEN.replace("0.5", "0.1"), inputs=["model"], returns=["score"])
    walk_to(page, "Resume", keys=("Shift+Tab",))
    page.keyboard.press("Enter")
    expect(node(canvas, "check")).to_have_attribute("data-state", "completed")


FOCUSED = """
() => {
  const at = document.activeElement;
  const name = at.getAttribute('aria-label') ?? (at.labels?.[0]?.innerText || at.innerText || '');
  return [at.getAttribute('role') ?? ({ BUTTON: 'button', INPUT: 'textbox', SELECT: 'combobox' })[at.tagName] ?? '', name.replace(/\\s+/g, ' ').trim()];
}
"""


def walk_to(page: Page, name: str, *, role: str = "button", keys: tuple[str, ...] = ("Tab",)) -> None:
    """Press keys (then Tab) until what has the focus has this name."""
    seen = []
    for key in [*keys * 60, *["Tab"] * 60]:
        at = page.evaluate(FOCUSED)
        if at == [role, name]:
            return
        seen.append(at)
        page.keyboard.press(key)
    raise AssertionError(f"{role} {name!r} can't be reached by keyboard from here: {seen[-40:]}")


def choose(page: Page, text: str) -> None:
    page.get_by_role("combobox").last.wait_for()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def pick(page: Page, there: LabPage, step: str) -> None:
    """Walk with the arrows to a step."""
    there.main.locator(".jmo-canvas").focus()
    page.keyboard.press("Escape")
    for key in (
        "ArrowRight",
        "ArrowLeft",
        "ArrowLeft",
        "ArrowLeft",
        "ArrowUp",
        "ArrowUp",
        *["ArrowRight"] * 3,
        *["ArrowDown"] * 3,
    ):
        if node(there.main.locator(".jmo-canvas"), step).get_attribute("aria-pressed") == "true":
            return
        page.keyboard.press(key)
        page.wait_for_timeout(50)
    assert node(there.main.locator(".jmo-canvas"), step).get_attribute("aria-pressed") == "true", step


def link(page: Page, there: LabPage, source: str, target: str) -> None:
    """Connect the step's output with an input, by the c key."""
    pick(page, there, source)
    page.keyboard.press("c")
    dialog = there.main.get_by_role("dialog")
    dialog.wait_for()
    if "Which output" in (dialog.get_attribute("aria-label") or ""):
        choose(page, "data" if source == "ingest" else "model")
    choose(page, target)
    dialog.wait_for(state="hidden")
