"""The whole story in a real JupyterLab: a cell becomes a Function, a workflow is drawn, run, watched, mended, resumed and compared."""

from __future__ import annotations

import re

from playwright.sync_api import expect

import jupyter_mlops as mlops
from browser.lab_page import LabPage
from browser.notebooks import notebook
from browser.on_canvas import connect, drag, node, port

BROKEN = """
limit: float = 0.5
score = model["mean"] / 13
assert score > limit, f"the score {score:.2f} is not above {limit}"
"""


def test_a_cell_becomes_a_function_by_its_toolbar_button(there: LabPage, project: mlops.Project) -> None:
    path = notebook(project.folder, "import math\n", "size: int = 3   # of the square\narea = math.pow(size, 2)\narea")
    there.run("docmanager:open", {"path": path.relative_to(there.lab.root).as_posix()})
    cell = there.page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    cell.click()
    cell.get_by_role("button", name="Make this cell a Function").click()
    dialog = there.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("square")
    dialog.get_by_role("button", name="Make it").click()
    form = there.sidebar.get_by_role("region", name="Run square")
    size = form.get_by_role("textbox", name="size")
    expect(size).to_be_visible()
    expect(cell.locator(".cm-content")).to_contain_text("#| mlfunction square")
    size.fill("12")
    form.get_by_role("button", name="Run", exact=True).click()
    expect(there.tree.get_by_role("treeitem", name=re.compile("Completed square"))).to_be_visible()
    (run,) = [row for row in project.run_rows() if row["function"] == "square"]
    assert run["results"]["area"] == 144


def test_a_workflow_is_drawn_run_watched_mended_and_resumed(there: LabPage, project: mlops.Project) -> None:
    project.define("check", BROKEN, inputs=["model"], returns=["score"])
    there.begin("jupyter-mlops:new-workflow")
    dialog = there.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("drawn")
    dialog.get_by_role("button", name="Create").click()
    canvas = there.main.locator(".jmo-canvas")
    expect(canvas.get_by_text("No steps yet")).to_be_visible()

    for row in ("Function check", "Workflow drawn"):  # what is above the others, and moves them when it comes
        expect(there.tree.get_by_role("treeitem", name=re.compile(row))).to_be_visible()
    drag(there, "ingest", canvas, 0.2, 0.3)
    drag(there, "train", canvas, 0.45, 0.3)
    drag(there, "check", canvas, 0.45, 0.7)
    expect(canvas.locator(".jmo-node")).to_have_count(3)
    connect(there.page, port(canvas, "ingest", "source", "data"), port(canvas, "train", "target", "data"))
    connect(there.page, port(canvas, "train", "source", "model"), port(canvas, "check", "target", "model"))
    expect(canvas.locator(".react-flow__edge")).to_have_count(2)

    node(canvas, "train").click()
    inspector = there.main.get_by_label("Inspector", exact=True)
    inspector.get_by_role("tab", name="Properties").click()
    depth = inspector.get_by_role("textbox", name=re.compile("^depth"))
    depth.fill("6")
    depth.press("Enter")
    expect(there.main.get_by_text("Unsaved")).to_be_visible()
    there.page.keyboard.press("Control+s")
    expect(there.main.get_by_text("Saved", exact=True)).to_be_visible()
    text = (project.folder / "workflows" / "drawn.yaml").read_text()
    assert "depth: 6" in text and "${ingest.data}" in text and "${train.model}" in text

    there.main.get_by_role("button", name="Run", exact=True).click()
    expect(node(canvas, "train")).to_have_attribute("data-state", "completed")
    expect(node(canvas, "check")).to_have_attribute("data-state", "error")
    expect(node(canvas, "check")).to_contain_text("the score")
    node(canvas, "check").click()
    inspector.get_by_role("tab", name="Overview").click()
    expect(inspector).to_contain_text("AssertionError")
    expect(inspector).to_contain_text("assert score > limit")

    project.define("check", BROKEN.replace("0.5", "0.1"), inputs=["model"], returns=["score"])
    there.main.get_by_role("button", name="Resume").click()
    expect(node(canvas, "check")).to_have_attribute("data-state", "completed")
    resumed = project.get_run("drawn")
    assert resumed.state == "completed"
    assert resumed.steps["train"].state == "cached"


def test_two_runs_are_compared(there: LabPage, project: mlops.Project) -> None:
    there.run("jupyter-mlops:open-runs", {"query": "blue"})
    boxes = there.main.get_by_role("checkbox", name=re.compile("train"))
    expect(boxes).to_have_count(2)
    boxes.nth(0).check()
    boxes.nth(1).check()
    there.main.get_by_role("button", name=re.compile("^Compare")).click()
    table = there.main.get_by_role("table").first
    expect(table.get_by_role("row", name=re.compile("depth"))).to_contain_text(re.compile("5.*2|2.*5", re.DOTALL))
    expect(there.main.locator("canvas").first).to_be_visible()


def test_an_artifact_shows_its_preview_and_its_lineage(there: LabPage, project: mlops.Project) -> None:
    there.tree.get_by_role("treeitem", name=re.compile("^data")).first.dblclick()
    expect(
        there.main.get_by_role("cell", name="row 3", exact=True).or_(there.main.get_by_text("row 3", exact=True))
    ).to_be_visible()
    there.main.get_by_role("tab", name="Lineage").click()
    expect(there.main.get_by_text("ingest").first).to_be_visible()
    expect(there.main.get_by_text("train").first).to_be_visible()


def test_a_page_that_is_loaded_again_sees_the_run_go_on(there: LabPage, project: mlops.Project) -> None:
    project.define(
        "wait", "import time\nfor n in range(120):\n    print('tick', n)\n    time.sleep(0.2)\ndone = True", returns=["done"]
    )
    project.define_workflow("slow", "first = wait()\nsecond = ingest().after(first)\n")
    there.run("jupyter-mlops:open-workflow", {"name": "slow"})
    there.main.get_by_role("button", name="Run", exact=True).click()
    canvas = there.main.locator(".jmo-canvas")
    expect(node(canvas, "first")).to_have_attribute("data-state", "running")
    there.open()
    there.run("jupyter-mlops:open-workflow", {"name": "slow"})
    expect(node(canvas, "first")).to_have_attribute("data-state", "running")
    expect(node(canvas, "second")).to_have_attribute("data-state", "cached", timeout=60_000)
    assert project.get_run("slow").state == "completed"
