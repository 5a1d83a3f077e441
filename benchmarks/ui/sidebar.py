"""The sidebar of a project with 10,000 runs, in a real JupyterLab and a real Chromium: prints one JSON line.

``first_ms``: from the click on its tab to the rows of runs on screen, in a page that never showed it, when the browser has
nothing cached; ``paint_ms``: the same, the median of pages whose code the browser has cached. ``search_ms``: from the last key
of a search to what fits; ``more_ms``: from "Show more" to the next runs.
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
TAB = "[data-id='jupyter-mlops-sidebar']"
ROW = "#jupyter-mlops-sidebar .jmo-row-run"


def make(folder: Path) -> None:
    """Leave a project with many runs of two Functions."""
    project = mlops.open_project(folder, create=True)
    for name in ("train", "evaluate"):
        project.define(name, "depth: int = 2\naccuracy = depth / 10", returns=["accuracy"])
    for number in range(RUNS):
        name = ("train", "evaluate")[number % 2]
        finished(
            project.folder,
            function=name,
            name=f"{name} {number}",
            created=1.7e9 + number,
            params={"depth": 2 + number % 7},
            results={"accuracy": 0.7 + (number * 7919 % 1000) / 4000},
        )
    project.sql("SELECT count(*) FROM runs")  # the catalog takes them in


def timed(act: Callable[[], Any], done: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    done()
    return 1000 * (time.perf_counter() - began)


def ready(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("#jp-main-dock-panel")
    page.wait_for_selector(".jmo-status[aria-label]", state="attached")  # the projects are known
    page.wait_for_load_state("networkidle")  # Lab itself is done


def opening(page: Page) -> float:
    return timed(lambda: page.locator(TAB).first.click(), lambda: page.locator(ROW).first.wait_for())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder) / "root", Path(folder) / "home"
        home.mkdir()
        make(root / "many")
        with running_lab(root, home) as lab, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1400, "height": 860})
            found = []
            for number in range(ROUNDS + 1):
                ready(page, lab.url(f"lab/workspaces/round{number}"))
                found.append(opening(page))
            search = page.get_by_role("searchbox")
            fits = page.locator(ROW, has_text=f"train {RUNS // 2}").first
            searching = timed(lambda: search.fill(f"train {RUNS // 2}"), fits.wait_for)
            search.fill("")
            more = page.locator("#jupyter-mlops-sidebar .jmo-row-more")
            more.wait_for()
            before = more.text_content()
            script = "before => document.querySelector('.jmo-row-more')?.textContent !== before"
            growing = timed(more.click, lambda: page.wait_for_function(script, arg=before, polling="raf"))
            browser.close()
    times = {"first_ms": found[0], "paint_ms": statistics.median(found[1:]), "search_ms": searching, "more_ms": growing}
    print(json.dumps({"benchmark": "ui/sidebar", "runs": RUNS, **{name: round(value, 1) for name, value in times.items()}}))


if __name__ == "__main__":
    main()
