"""What a person does on the canvas of a workflow."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from browser.lab_page import LabPage


def node(canvas: Locator, name: str) -> Locator:
    return canvas.locator(f'.react-flow__node[data-id="{name}"] .jmo-node')


def port(canvas: Locator, step: str, side: str, name: str) -> Locator:
    return canvas.locator(f'.react-flow__node[data-id="{step}"] .react-flow__handle.{side}[title^="{name}"]')


def drag(there: LabPage, function: str, canvas: Locator, x: float, y: float) -> None:
    """Drag a Function from the sidebar onto the canvas; ``x`` and ``y`` are shares of its size."""
    box = canvas.bounding_box()
    assert box is not None
    before = canvas.locator(".jmo-node").count()
    row = there.tree.get_by_role("treeitem", name=re.compile(f"Function {function}\\b"))
    still(there.page, row.first)
    row.first.drag_to(canvas, target_position={"x": box["width"] * x, "y": box["height"] * y})
    expect(canvas.locator(".jmo-node")).to_have_count(before + 1)


def connect(page: Page, source: Locator, target: Locator) -> None:
    """Draw an edge with the mouse, once the graph stands still."""
    here, there = still(page, source), still(page, target)
    page.mouse.move(here["x"] + here["width"] / 2, here["y"] + here["height"] / 2)
    page.mouse.down()
    page.mouse.move(there["x"] + there["width"] / 2, there["y"] + there["height"] / 2, steps=8)
    page.mouse.up()


def still(page: Page, what: Locator) -> dict[str, float]:
    """Return where it is as soon as it has stopped moving."""
    before = None
    for _ in range(60):
        box = what.bounding_box()
        if box is not None and box == before:
            return dict(box)
        before = box
        page.wait_for_timeout(100)
    raise AssertionError(f"{what} doesn't stand still")
