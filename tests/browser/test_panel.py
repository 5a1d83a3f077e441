"""The panel in a notebook's cell: the same workflow is drawn and run there, and a saved notebook still shows it."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

import jupyter_mlops as mlops
from browser.lab_page import LabPage
from browser.notebooks import live_canvas, notebook, open_notebook
from browser.on_canvas import connect, node, port

OPEN = "%load_ext jupyter_mlops\n%mlproject ."


def test_a_workflow_is_drawn_and_run_in_a_cell(there: LabPage, project: mlops.Project) -> None:
    project.define_workflow("celled", "raw = ingest()\n")
    panel = open_notebook(
        there, notebook(project.folder, OPEN, "panel = %mlpanel workflow celled\npanel", "print(panel.workflow)")
    )
    there.run("notebook:run-all-cells")
    canvas = live_canvas(panel)
    expect(node(canvas, "raw")).to_be_visible()
    for function in ("train", "evaluate"):
        panel.get_by_role("button", name="Step", exact=True).click()
        panel.get_by_role("combobox", name="Add a step").fill(function)
        there.page.keyboard.press("Enter")
        expect(node(canvas, function)).to_be_visible()
    connect(there.page, port(canvas, "raw", "source", "data"), port(canvas, "train", "target", "data"))
    connect(there.page, port(canvas, "train", "source", "model"), port(canvas, "evaluate", "target", "model"))
    expect(canvas.locator(".react-flow__edge")).to_have_count(2)

    node(canvas, "train").click()
    panel.get_by_role("button", name="Show the inspector").click()
    inspector = panel.get_by_label("Inspector", exact=True)
    inspector.get_by_role("tab", name="Properties").click()
    depth = inspector.get_by_role("textbox", name=re.compile("^depth"))
    depth.fill("4")
    depth.press("Enter")
    panel.get_by_role("button", name="Run", exact=True).click()
    expect(node(canvas, "evaluate")).to_have_attribute("data-state", re.compile("completed|cached"))
    assert "depth: 4" in (project.folder / "workflows" / "celled.yaml").read_text()
    assert project.get_run("celled").state == "completed"


def test_a_saved_notebook_shows_its_panel_without_a_kernel(there: LabPage, project: mlops.Project) -> None:
    path = notebook(project.folder, OPEN, "%mlpanel workflow nightly")
    bare = path.stat().st_size
    panel = open_notebook(there, path)
    there.run("notebook:run-all-cells")
    expect(node(live_canvas(panel), "fitted")).to_be_visible()
    there.run("docmanager:save")
    there.page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    assert path.stat().st_size - bare <= 50_000
    mimes = [output["data"] for output in json.loads(path.read_text())["cells"][1]["outputs"] if "data" in output]
    assert any("application/vnd.jupyter-mlops.view.v1+json" in data and "text/html" in data for data in mimes)

    there.run("notebook:shutdown-kernel")
    there.run("application:close-all")
    there.open()
    panel = open_notebook(there, path)
    canvas = panel.locator(".jmo-canvas")
    expect(node(canvas, "fitted")).to_be_visible(timeout=60_000)
