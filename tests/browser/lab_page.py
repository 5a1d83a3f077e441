"""What a person does in JupyterLab, by the names that a person sees."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from browser.harness import Lab


class LabPage:
    """A page with JupyterLab in it."""

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page, self.lab = page, lab

    def open(self, path: str = "lab") -> None:
        """Open JupyterLab, and our sidebar in it."""
        self.page.goto(self.lab.url(path))
        self.page.wait_for_selector("#jp-main-dock-panel")
        self.page.wait_for_function("() => window.jupyterapp?.shell?.layoutModified !== undefined")
        self.run("jupyter-mlops:show-sidebar")
        self.tree.wait_for()

    def begin(self, command: str, args: dict[str, object] | None = None) -> None:
        """Execute a command of JupyterLab that asks something, and don't wait for its end."""
        self.page.evaluate("([command, args]) => void window.jupyterapp.commands.execute(command, args)", [command, args or {}])

    def run(self, command: str, args: dict[str, object] | None = None) -> None:
        """Execute a command of JupyterLab."""
        self.page.evaluate(
            "async ([command, args]) => { await window.jupyterapp.commands.execute(command, args) }", [command, args or {}]
        )

    @property
    def sidebar(self) -> Locator:
        return self.page.locator("#jupyter-mlops-sidebar .jmo-root")

    @property
    def tree(self) -> Locator:
        return self.sidebar.get_by_role("tree", name="The project")

    @property
    def main(self) -> Locator:
        """The tab in front."""
        return self.page.locator("#jp-main-dock-panel .jmo-host:visible .jmo-root").first
