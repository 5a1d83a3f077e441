"""Notebooks made for the tests, and run in JupyterLab."""

from __future__ import annotations

from pathlib import Path

import nbformat
from playwright.sync_api import Locator, expect

from browser.lab_page import LabPage


def notebook(folder: Path, *cells: str) -> Path:
    """Write ``explore.ipynb`` with these cells."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = folder / "explore.ipynb"
    nbformat.write(made, path)
    return path


def open_notebook(there: LabPage, path: Path) -> Locator:
    """Open it, and return its notebook panel."""
    there.run("docmanager:open", {"path": path.relative_to(there.lab.root).as_posix()})
    panel = there.page.locator(".jp-NotebookPanel:visible")
    panel.locator(".jp-Cell").first.wait_for()
    # before the kernel is there, running cells would ask which one to take
    there.page.wait_for_function(
        """async () => {
          const context = window.jupyterapp.shell.currentWidget?.sessionContext;
          await context?.ready;
          return context?.session?.kernel?.connectionStatus === 'connected' && context.session.kernel.status === 'idle';
        }""",
        timeout=60_000,
    )
    return panel


def live_canvas(panel: Locator) -> Locator:
    """Wait until the widget has taken over from the snapshot, and return its canvas."""
    expect(panel.locator(".jmo-output > .lm-Widget:not(.jmo-output-waiting)")).to_be_visible(timeout=60_000)
    return panel.locator(".jmo-canvas")
