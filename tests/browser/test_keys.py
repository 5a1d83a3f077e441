"""Keys and the wheel mean what has the focus, and nothing else: what React Flow does to a whole page is undone."""

from __future__ import annotations

from playwright.sync_api import expect

import jupyter_mlops as mlops
from browser.lab_page import LabPage
from browser.notebooks import live_canvas, notebook, open_notebook
from browser.on_canvas import node


def test_backspace_in_the_file_browser_leaves_the_selected_step(there: LabPage, project: mlops.Project) -> None:
    there.run("jupyter-mlops:open-workflow", {"name": "nightly"})
    canvas = there.main.locator(".jmo-canvas")
    node(canvas, "fitted").click()
    expect(node(canvas, "fitted")).to_have_attribute("aria-pressed", "true")
    there.run("filebrowser:activate")
    there.page.locator(".jp-DirListing-content").click()
    there.page.keyboard.press("Backspace")
    there.page.keyboard.press("Delete")
    expect(canvas.locator(".jmo-node")).to_have_count(3)
    expect(there.main.get_by_text("Saved", exact=True)).to_be_visible()


def test_delete_on_the_canvas_removes_the_step_and_undo_brings_it_back(there: LabPage, project: mlops.Project) -> None:
    there.run("jupyter-mlops:open-workflow", {"name": "nightly"})
    canvas = there.main.locator(".jmo-canvas")
    node(canvas, "checked").click()
    there.page.keyboard.press("Delete")
    expect(canvas.locator(".jmo-node")).to_have_count(2)
    there.page.keyboard.press("Control+z")
    expect(canvas.locator(".jmo-node")).to_have_count(3)


def test_in_a_cell_the_notebooks_keys_and_the_wheel_are_left_alone(there: LabPage, project: mlops.Project) -> None:
    tall = "print('line\\n' * 80)"
    path = notebook(project.folder, "%load_ext jupyter_mlops\n%mlproject .", "%mlpanel workflow nightly", tall)
    panel = open_notebook(there, path)
    there.run("notebook:run-all-cells")
    canvas = live_canvas(panel)
    node(canvas, "fitted").click()
    for key in ("a", "x", "b"):
        there.page.keyboard.press(key)
        there.page.keyboard.press("Escape")
    expect(panel.locator(".jp-CodeCell")).to_have_count(3)

    scroller = panel.locator(".jp-WindowedPanel-outer")
    before = scroller.evaluate("each => each.scrollTop")
    canvas.hover()
    there.page.mouse.wheel(0, 400)
    there.page.wait_for_function(
        "([before]) => document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer').scrollTop > before", arg=[before]
    )


def test_a_tab_that_was_hidden_shows_the_whole_graph(there: LabPage, project: mlops.Project) -> None:
    there.run("jupyter-mlops:open-workflow", {"name": "nightly"})
    there.run("jupyter-mlops:open-runs")
    there.run("jupyter-mlops:open-workflow", {"name": "nightly"})
    canvas = there.main.locator(".jmo-canvas")
    frame = canvas.bounding_box()
    assert frame is not None
    for name in ("raw", "fitted", "checked"):
        box = node(canvas, name).bounding_box()
        assert box is not None
        assert frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]
    there.page.keyboard.press("ArrowRight")  # the tab that comes to the front has the focus, and gives it to the graph
    expect(node(canvas, "raw")).to_have_attribute("aria-pressed", "true")
