"""The table of runs with 10,000 runs, in a real JupyterLab and a real Chromium: prints one JSON line.

``paint_ms``: from the command that opens the table to its first rows on screen, when the screen's code was loaded before
(``first_ms``: when it wasn't). ``sort_ms``, ``search_ms`` and ``condition_ms``: from the click or key to the new rows.
``scroll_fps``: frames a second while the table is scrolled over rows that were read before; ``far_ms``: from a jump into the
middle to its rows.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.harness import find_browser, running_lab  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from run_folders import finished  # noqa: E402

import jupyter_mlops as mlops  # noqa: E402

RUNS = int(os.environ.get("RUNS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
PANEL = ".jp-MainAreaWidget:not(.lm-mod-hidden) .jmo-runs"
ROW = f"{PANEL} .jmo-runs-row [role=gridcell] button.jmo-clip"
SCROLL = """
async ([panel, frames]) => {
  const table = document.querySelector(panel + ' .jmo-runs-scroll');
  const began = performance.now();
  for (let at = 0; at < frames; at += 1) {
    table.scrollTop += 45;
    await new Promise(requestAnimationFrame);
  }
  return frames / ((performance.now() - began) / 1000);
}
"""


def make(folder: Path) -> None:
    """Leave a project with many runs of two Functions."""
    project = mlops.open_project(folder, create=True)
    for number in range(RUNS):
        depth, rate = 2 + number % 7, round(0.01 * (1 + number % 13), 3)
        results = {"accuracy": 0.7 + (number * 7919 % 1000) / 4000, "auc": 0.8 + (number * 104729 % 1000) / 6000}
        params = {"max_depth": depth, "learning_rate": rate, "model": ("xgboost", "lightgbm")[number % 2]}
        name = ("train", "evaluate")[number % 2]
        finished(project.folder, function=name, name=f"{name} {number}", created=1.7e9 + number, params=params, results=results)
    project.sql("SELECT count(*) FROM runs")  # the catalog takes them in


def timed(act: Callable[[], Any], done: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    done()
    return 1000 * (time.perf_counter() - began)


def first_row(page: Page, text: str) -> None:
    script = "([row, text]) => document.querySelector(row)?.textContent.startsWith(text)"
    page.wait_for_function(script, arg=[ROW, text], polling="raf")


def opening(page: Page) -> float:
    def close() -> None:
        page.evaluate("() => window.jupyterapp.shell.currentWidget?.close()")
        page.wait_for_selector(PANEL, state="detached")

    def shown() -> None:
        first_row(page, f"{('train', 'evaluate')[(RUNS - 1) % 2]} {RUNS - 1}")

    found = timed(lambda: page.evaluate("() => { window.jupyterapp.commands.execute('jupyter-mlops:open-runs') }"), shown)
    opening.close = close  # type: ignore[attr-defined]
    return found


def measure(page: Page) -> dict[str, float]:
    first = opening(page)
    painted = []
    for _ in range(ROUNDS):
        opening.close()  # type: ignore[attr-defined]
        painted.append(opening(page))
    before = page.locator(ROW).first.text_content() or ""
    changed = "([row, before]) => document.querySelector(row) && document.querySelector(row).textContent !== before"
    accuracy = page.locator(f"{PANEL} [role=columnheader] button[data-head]", has_text="accuracy").first

    def other() -> None:
        page.wait_for_function(changed, arg=[ROW, before], polling="raf")

    sort = timed(accuracy.click, other)
    page.locator(f"{PANEL} [role=columnheader] button[data-head]", has_text="Created").first.click()
    first_row(page, before)
    table = f"{PANEL} .jmo-runs-scroll"
    page.evaluate(SCROLL, [PANEL, 200])  # reads the windows on its way
    page.wait_for_function("panel => !document.querySelector(panel + ' .jmo-runs-waiting')", arg=PANEL)
    page.evaluate("table => { document.querySelector(table).scrollTop = 0 }", table)
    rate = page.evaluate(SCROLL, [PANEL, 120])
    jump = "table => { const it = document.querySelector(table); it.scrollTop = it.scrollHeight / 2 }"
    settled = "panel => !document.querySelector(panel + ' .jmo-runs-waiting')"
    far = timed(lambda: page.evaluate(jump, table), lambda: page.wait_for_function(settled, arg=PANEL, polling="raf"))
    page.evaluate("table => { document.querySelector(table).scrollTop = 0 }", table)
    field = page.locator(f"{PANEL} input[role=combobox]")

    def ask(query: str) -> None:
        field.fill(query)
        field.press("Enter")

    words = timed(lambda: ask("train"), lambda: first_row(page, "train"))
    ask("")
    first_row(page, before)
    condition = timed(lambda: ask("accuracy > 0.94 and max_depth = 3"), other)
    found = {"first_ms": first, "paint_ms": statistics.median(painted), "sort_ms": sort, "search_ms": words}
    return {**found, "condition_ms": condition, "scroll_fps": rate, "far_ms": far}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder) / "root", Path(folder) / "home"
        home.mkdir()
        make(root / "many")
        with running_lab(root, home) as lab, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1400, "height": 860})
            page.goto(lab.url())
            page.wait_for_selector("#jp-main-dock-panel")
            page.wait_for_function("() => window.jupyterapp.commands.hasCommand('jupyter-mlops:open-runs')")
            found = measure(page)
            browser.close()
    print(json.dumps({"benchmark": "ui/runs", "runs": RUNS, **{name: round(value, 1) for name, value in found.items()}}))


if __name__ == "__main__":
    main()
