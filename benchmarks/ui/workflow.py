"""A workflow of 200 steps in the editor, in a real JupyterLab and a real Chromium (software rendering): prints one JSON line.

``first_ms``: from the command that opens the file to its steps on screen, in a page that never showed an editor; ``open_ms``:
the same, the median of further files. ``drag_fps`` and ``zoom_fps``: frames per second while a step is dragged and the wheel
zooms with all steps in sight, which is the hardest; ``slowest_frame_ms`` is of both. ``edit_ms``: from the key that deletes a
step to the graph without it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.harness import find_browser, running_lab  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

import jupyter_mlops as mlops  # noqa: E402

STEPS = int(os.environ.get("STEPS", "200"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = 2.0
OPENED = """async path => {
    const opened = [...document.querySelectorAll('.jmo-canvas')];
    const began = performance.now();
    void window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Workflow editor' });
    for (;;) {
        await new Promise(requestAnimationFrame);
        const canvas = [...document.querySelectorAll('.jmo-canvas')].find(found => !opened.includes(found));
        const node = canvas?.querySelector('.react-flow__node .jmo-node');
        const edge = canvas?.querySelector('.react-flow__edge, .jmo-far-edges path');
        if (node && edge && getComputedStyle(node.parentElement).visibility !== 'hidden') {
            await new Promise(requestAnimationFrame);  // it is painted
            return performance.now() - began;
        }
    }
}"""
COUNT = """() => {
    const frames = (window.frames_ = []);
    const tick = now => (frames.push(now), window.frames_ === frames && requestAnimationFrame(tick));
    requestAnimationFrame(tick);
}"""
COUNTED = "() => { const found = window.frames_; window.frames_ = null; return found; }"
REMOVED = """async () => {
    const tag = [...document.querySelectorAll('.jmo-workflow-bar .jmo-tag')].pop();
    const before = tag.textContent;
    const began = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true, cancelable: true }));
    while (tag.textContent === before) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - began;
}"""


def workflow(name: str) -> str:
    """Return steps in rows of ten, each of which needs up to three of the row before."""
    lines = [f"name: {name}", "steps:"]
    for number in range(STEPS):
        row, place = divmod(number, 10)
        needed = sorted({(row - 1) * 10 + (place + by) % 10 for by in (0, 1, 5)}) if row else []
        lines += [f"  step_{number}:", f"    function: {'train' if row else 'load'}", f"    params: {{depth: {number}}}"]
        if needed:
            lines.append(f"    inputs: {{data: [{', '.join(json.dumps(f'${{step_{each}.data}}') for each in needed)}]}}")
    return "\n".join(lines) + "\n"


def make(folder: Path) -> list[str]:
    project = mlops.open_project(folder, create=True)
    project.define("load", "depth: int = 2\ndata = [depth]", returns=["data"])
    project.define("train", "depth: int = 2\naccuracy = depth / 10\ndata = data", inputs=["data"], returns=["data", "accuracy"])
    names = [f"big_{number}" for number in range(ROUNDS + 1)]
    (folder / "workflows").mkdir(exist_ok=True)
    for name in names:
        (folder / "workflows" / f"{name}.yaml").write_text(workflow(name))
    return names


def frames(page: Page) -> tuple[float, float]:
    """Return the frames a second, and the longest time between two (ms), since they are counted."""
    at: list[float] = page.evaluate(COUNTED)
    gaps = [after - before for before, after in pairwise(at)]
    return 1000 / statistics.mean(gaps), max(gaps)


def dragging(page: Page) -> tuple[float, float]:
    box: Any = page.locator(".lm-mod-current .react-flow__node, .react-flow__node").last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y + 4)
    page.evaluate(COUNT)
    ended = time.monotonic() + SECONDS
    turn = 0
    while time.monotonic() < ended:
        turn += 1
        page.mouse.move(x + turn % 60, y - turn % 40)
    counted = frames(page)
    page.mouse.up()
    return counted


def zooming(page: Page) -> tuple[float, float]:
    canvas: Any = page.locator(".jmo-canvas").last.bounding_box()
    page.mouse.move(canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2)
    page.evaluate(COUNT)
    ended = time.monotonic() + SECONDS
    turn = 0
    while time.monotonic() < ended:
        turn += 1
        page.mouse.wheel(0, 30 if turn % 20 < 10 else -30)
    return frames(page)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder) / "root", Path(folder) / "home"
        home.mkdir()
        names = make(root / "big")
        with running_lab(root, home) as lab, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1400, "height": 860})
            page.goto(lab.url())
            page.wait_for_selector(".jmo-status[aria-label]", state="attached")
            page.wait_for_load_state("networkidle")
            opening = []
            for name in names:
                opening.append(page.evaluate(OPENED, f"big/workflows/{name}.yaml"))
                page.wait_for_load_state("networkidle")
                if name != names[-1]:
                    page.evaluate("() => window.jupyterapp.shell.currentWidget.dispose()")
            zoomed, dragged = zooming(page), dragging(page)
            page.locator(".react-flow__node .jmo-node").last.click()
            page.locator(".jmo-node[aria-pressed=true]").wait_for()
            page.locator(".jmo-canvas").focus()
            edit = page.evaluate(REMOVED)
            browser.close()
    found = {
        "first_ms": opening[0],
        "open_ms": statistics.median(opening[1:]),
        "drag_fps": dragged[0],
        "zoom_fps": zoomed[0],
        "slowest_frame_ms": max(dragged[1], zoomed[1]),
        "edit_ms": edit,
    }
    print(json.dumps({"benchmark": "ui/workflow", "steps": STEPS, **{name: round(value, 1) for name, value in found.items()}}))


if __name__ == "__main__":
    main()
