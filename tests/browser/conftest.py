"""One JupyterLab and one browser for all browser tests; a fresh page, and a fresh project, for each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import jupyter_mlops as mlops
from browser.example import make
from browser.harness import Lab, find_browser, running_lab
from browser.lab_page import LabPage

expect.set_options(timeout=20_000)
_numbers = count()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with runs, made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("example") / "churn"
    project = make(folder)
    yield folder
    project.stop_worker()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    root = tmp_path_factory.mktemp("root")
    with running_lab(root, tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def project(lab: Lab, example: Path, request: pytest.FixtureRequest) -> Iterator[mlops.Project]:
    """A copy of the example project below the server's root, in a folder of its own: nobody has seen it before."""
    folder = lab.root / f"{request.node.originalname[:40]}_{next(_numbers)}" / "churn"
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".mlops", "*.lock", "*.gate"))
    copied = mlops.open_project(folder)
    yield copied
    copied.stop_worker()
    shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture
def page(chromium: Browser, lab: Lab, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A page of its own, in the light theme; what the browser complains about fails the test."""
    lab.settle()
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error.stack or error)))
    yield page
    page.screenshot(path=str(tmp_path / "last.png"))
    context.close()
    # what a hostile artifact tried from inside its sandbox, and couldn't, is no complaint of ours
    ours = [each for each in complaints if 'Blocked a frame with origin "null"' not in each]
    assert not ours, ours


@pytest.fixture
def there(page: Page, lab: Lab, project: mlops.Project) -> LabPage:
    """JupyterLab with the sidebar open at the project, which is the only one there."""
    shown = LabPage(page, lab)
    shown.open("lab?reset")  # without the tabs that the test before left
    return shown
