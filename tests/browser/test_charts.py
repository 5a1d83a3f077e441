"""Charts where only a real browser can tell: layers of canvases, colours of the theme, the mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

import jupyter_mlops as mlops
from browser.lab_page import LabPage

INK = """canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colors = new Set();
    for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] === 255) {
            colors.add([data[at], data[at + 1], data[at + 2]].join());
        }
    }
    return [...colors];
}"""


@pytest.fixture
def curves(there: LabPage, project: mlops.Project) -> Locator:
    """The curves of two runs in the comparison, drawn."""
    runs = [row["id"] for row in project.run_rows() if row["iteration"] is None and row["params"].get("depth") in ("2", "5")]
    assert len(runs) == 2
    there.run("jupyter-mlops:compare-runs", {"runs": runs})
    found = there.main.get_by_role("slider", name="loss, crosshair")
    there.main.get_by_role("heading", name="loss").scroll_into_view_if_needed()  # what isn't near isn't drawn
    found.scroll_into_view_if_needed()
    expect(found.locator("canvas.jmo-layer").first).to_be_visible()
    there.page.wait_for_function(
        "INK => document.querySelector('.jmo-layer') && eval(INK)(document.querySelector('.jmo-layer')).length > 1", arg=INK
    )
    return found


def point(page: Page, curves: Locator, across: float) -> None:
    """Move the mouse to the upper curve: both begin at the same place, so it is found by trying."""
    box = curves.locator(".u-over").bounding_box()
    assert box is not None
    for down in range(2, 100, 4):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down / 100 * box["height"])
        if curves.locator(".jmo-tip .jmo-on").count():
            return
    raise AssertionError("no curve is under the mouse")


def test_the_curve_that_is_pointed_at_lies_over_the_others(page: Page, curves: Locator) -> None:
    point(page, curves, 0.3)
    back, front = curves.locator("canvas.jmo-layer").all()
    expect(back).to_have_css("opacity", "0.24")
    assert front.bounding_box() == back.bounding_box()
    assert len(front.evaluate(INK)) >= 1


def test_all_charts_and_the_table_show_the_run_that_is_pointed_at(page: Page, there: LabPage, curves: Locator) -> None:
    point(page, curves, 0.3)
    name = curves.locator(".jmo-tip .jmo-on .jmo-clip").inner_text()
    expect(there.main.locator(".jmo-compare-chip.jmo-on")).to_contain_text(name)
    expect(there.main.locator("thead th.jmo-on")).to_contain_text(name)


def test_dragging_zooms_and_a_double_click_shows_all_again(page: Page, there: LabPage, curves: Locator) -> None:
    over = curves.locator(".u-over")
    box = over.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 30, steps=4)
    page.mouse.up()
    everything = there.main.get_by_role("button", name="Show all")
    expect(everything).to_be_visible()
    page.mouse.move(box["x"] + 1, box["y"] + 20)
    expect(curves).to_have_attribute("aria-valuetext", re.compile("^(9|10):"))
    over.dblclick(position={"x": 40, "y": 20})
    expect(everything).to_have_count(0)


def test_curves_take_the_colours_of_another_theme_at_once(page: Page, there: LabPage, curves: Locator) -> None:
    before = curves.locator("canvas.jmo-layer").first.evaluate(INK)
    there.run("apputils:change-theme", {"theme": "JupyterLab Dark"})
    page.wait_for_function(
        "([INK, before]) => eval(INK)(document.querySelector('.jmo-layer')).every(color => !before.includes(color))",
        arg=[INK, before],
    )
