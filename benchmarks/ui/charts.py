"""Charts in a real Chromium, in a page of their own.

Prints one JSON line. ``whole``: one chart of 50 runs × 10,000 points as they were logged; ``thinned``: the same as the server
sends it, 600 points each; ``linked``: a grid of four linked charts, 12 runs × 1,000 points. Of each ``draw_ms``, from mounting to
the second frame after the curves are there, and the frames per second while the pointer moves over the curves and while the
wheel zooms. ``compare_draw_ms``: the comparison of 20 runs.
Needs ``npm ci`` in ``labextension/``; the page is bundled by its esbuild.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FRONT = ROOT / "labextension"
sys.path.insert(0, str(ROOT / "tests"))

from browser.harness import find_browser  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

THEME = (
    "--jp-layout-color1:#fff;--jp-ui-font-color0:#000;--jp-ui-font-color1:rgba(0,0,0,.87);"
    "--jp-brand-color1:#1976d2;--jp-ui-font-family:sans-serif;--jp-code-font-family:monospace"
)
HTML = f"""<!doctype html><html style="{THEME}"><body data-jp-theme-light="true" style="margin:0">
<div class="jmo-host" id="place" style="height:100vh"></div></body></html>"""
FRAMES = 60


def bundle(folder: Path) -> None:
    """Make page.js and page.css."""
    esbuild = FRONT / "node_modules" / ".bin" / "esbuild"
    environ = {**os.environ, "NODE_PATH": str(FRONT / "node_modules")}
    shared = ["--bundle", "--minify", "--log-level=error"]
    page = Path(__file__).with_name("charts_page.tsx")
    production = '--define:process.env.NODE_ENV="production"'
    script = [esbuild, page, *shared, "--jsx=automatic", production, f"--outfile={folder / 'page.js'}"]
    subprocess.run(script, check=True, env=environ)
    subprocess.run([esbuild, FRONT / "style" / "index.css", *shared, f"--outfile={folder / 'page.css'}"], check=True)


def opened(page: Page, folder: Path) -> None:
    page.set_content(HTML)
    page.add_style_tag(path=folder / "page.css")
    page.add_script_tag(path=folder / "page.js")


def frames(page: Page, act: str) -> float:
    """Return the frames a second while ``act`` (JavaScript; ``at`` is the frame, ``over`` the first plot) happens in each."""
    script = f"""() => {{
        const over = document.querySelector('.jmo-curves .u-over');
        const box = over.getBoundingClientRect();
        const fire = (type, x, y, more) => over.dispatchEvent(new (type === 'wheel' ? WheelEvent : MouseEvent)(type,
            {{ bubbles: true, cancelable: true, clientX: box.left + x, clientY: box.top + y, ...more }}));
        return rate({FRAMES}, at => {{ {act} }});
    }}"""
    return round(float(page.evaluate(script)), 1)


HOVER = "fire('mousemove', 20 + at * (box.width - 40) / 60, box.height / 2 + 30 * Math.sin(at / 6))"
ZOOM = "fire('wheel', box.width / 2, 50, { ctrlKey: true, deltaY: at % 40 < 20 ? -1 : 1 })"


SIZES = {
    "whole": "{ runs: 50, points: 10000, metrics: 1 }",
    "thinned": "{ runs: 50, points: 600, metrics: 1 }",
    "linked": "{ runs: 12, points: 1000, metrics: 4 }",
}


def measure(page: Page, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, size in SIZES.items():
        opened(page, folder)
        draw = round(page.evaluate(f"show('grid', {size})"), 1)
        found[name] = {"draw_ms": draw, "hover_fps": frames(page, HOVER), "zoom_fps": frames(page, ZOOM)}
    opened(page, folder)
    compare = page.evaluate("show('compare', { runs: 20, points: 600, metrics: 4 })")
    return {**found, "compare_draw_ms": round(compare, 1)}


def main() -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        bundle(folder)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            result = measure(page, folder)
        finally:
            browser.close()
    print(json.dumps({"benchmark": "ui/charts", **result}))


if __name__ == "__main__":
    main()
