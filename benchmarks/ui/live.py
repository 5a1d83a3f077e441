"""From a step's change of state in the run's journal to its colour on the canvas, in a real JupyterLab: prints one JSON line.

A workflow of steps in a row is run for real while its editor is open. ``event_to_pixel_ms`` is the median over all changes to
``running`` and ``completed``; ``p90_ms`` the ninth of ten. Both ends use the same clock: the journal's line has its time, the
page notes when the frame after the change was painted.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.harness import find_browser, running_lab  # noqa: E402
from browser.lab_page import LabPage  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

import jupyter_mlops as mlops  # noqa: E402

STEPS = 20
WATCH = """() => {
    window.seen = [];
    const note = node => {
        const step = node.closest('.react-flow__node').dataset.id;
        const state = node.dataset.state;
        requestAnimationFrame(() => setTimeout(() => window.seen.push([step, state, Date.now() / 1000])));
    };
    const ours = change => change.target.classList.contains('jmo-node');
    new MutationObserver(changes => changes.filter(ours).forEach(change => note(change.target)))
        .observe(document.querySelector('.jmo-canvas'), { subtree: true, attributeFilter: ['data-state'] });
}"""


def main() -> None:
    """Run the workflow once, and compare both clocks' notes."""
    with tempfile.TemporaryDirectory() as place:
        root, home = Path(place) / "root", Path(place) / "home"
        root.mkdir()
        home.mkdir()
        project = mlops.open_project(root / "live", create=True)
        project.define("wait", "number: int = 0\nimport time\ntime.sleep(0.3)\ndone = number", returns=["done"])
        lines = ["step_0 = wait()"] + [f"step_{n} = wait(number=step_{n - 1}.done)" for n in range(1, STEPS)]
        project.define_workflow("row", "\n".join(lines))
        with running_lab(root, home) as lab, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            there = LabPage(page, lab)
            there.open()
            there.run("jupyter-mlops:open-workflow", {"name": "row"})
            there.main.locator(".jmo-node").first.wait_for()
            page.evaluate(WATCH)
            run = project.run("row", cache=False, background=True)
            run.wait()
            page.wait_for_timeout(2000)
            seen = {(step, state): time for step, state, time in page.evaluate("() => window.seen")}
            browser.close()
        project.stop_worker()
        told = {}
        for line in (run.folder / "events.jsonl").read_text().splitlines():
            event = json.loads(line)
            if event["e"] == "step" and event["state"] in ("running", "completed"):
                told.setdefault((event["step"], event["state"]), event["t"])
        delays = [1000 * (seen[key] - time) for key, time in told.items() if key in seen]
    print(
        json.dumps(
            {
                "benchmark": "ui/live",
                "event_to_pixel_ms": round(median(delays)),
                "p90_ms": round(quantiles(delays, n=10)[-1]),
                "changes": len(told),
                "seen": len(delays),
            }
        )
    )


if __name__ == "__main__":
    main()
