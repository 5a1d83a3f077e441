"""Take the pictures in ``docs/images`` from the example project, in light and dark, in a real JupyterLab and a real browser.

``make images``, or ``python docs/screenshots.py [NAME …]``. The example project is that of ``make demo``.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT / "tests"))

from browser.harness import Lab, find_browser, running_lab  # noqa: E402
from browser.lab_page import LabPage  # noqa: E402
from browser.notebooks import notebook, open_notebook  # noqa: E402
from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402

import jupyter_mlops as mlops  # noqa: E402

SIZE = {"width": 1320, "height": 810}
RELEASE = """
accuracy: float = 0.958    # of the candidate
threshold: float = 0.97    # below it, nothing goes out

assert accuracy >= threshold, f"accuracy {accuracy} is below {threshold}: not released"
released = True
"""
ALONE = """() => [...window.jupyterapp.shell.widgets('main')].filter(w => w.title.label === 'Launcher').forEach(w => w.close())"""
CELL = """
%%mlfunction train_wine --returns model score curve:plot
import jupyter_mlops as mlops
from matplotlib.figure import Figure
from sklearn.datasets import load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import StandardScaler

alpha: float = 0.001   # strength of the regularisation
epochs: int = 20       # passes over the data

wine = load_wine()
X, y = StandardScaler().fit_transform(wine.data), wine.target
model = SGDClassifier(loss="log_loss", alpha=alpha, random_state=0, learning_rate="constant", eta0=0.0002)
course = []
for epoch in mlops.progress(range(epochs), label="epochs"):
    course.append(model.partial_fit(X, y, classes=[0, 1, 2]).score(X, y))
    mlops.log_metric("accuracy", course[-1], step=epoch)
score = course[-1]
curve = Figure(figsize=(4, 1.6), layout="tight")
curve.subplots().plot(course)
""".strip()
Scene = Callable[[LabPage, mlops.Project], None]


def make(folder: Path) -> mlops.Project:
    """Run the example for real, and a sweep; then a failure, which pictures should show as well."""
    spec = importlib.util.spec_from_file_location("demo", ROOT / "example_notebooks" / "demo.py")
    assert spec and spec.loader
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    project = mlops.open_project(folder, create=True)
    demo.define(project)
    demo.run(project)
    project.define_workflow("nightly", demo.WORKFLOW)
    project.run("nightly")
    data = project.artifact("train").uri
    grid = {"max_depth": [1, 2, 3, 4], "learning_rate": [0.03, 0.1, 0.3]}
    project.sweep("train", grid=grid, select="max:train_accuracy", inputs={"data": data}, parallel=2)
    for depth in (2, 4, 6):
        project.run("train", params={"max_depth": depth, "n_estimators": 120}, inputs={"data": data})
    project.define("release", RELEASE, returns=["released"], description="Let a model out when it is good enough")
    try:
        project.run("release")
    except mlops.RunFailedError:
        pass
    return project


def hero(there: LabPage, project: mlops.Project) -> None:
    workflow(there, project)
    there.run("jupyter-mlops:open-runs")
    there.page.evaluate("""() => {
      const shell = window.jupyterapp.shell;
      const [editor, runs] = ['nightly.yaml', 'Runs'].map(label => [...shell.widgets('main')].find(w => w.title.label === label));
      shell.add(runs, 'main', { mode: 'split-bottom', ref: editor.id });
    }""")
    choose(there, 4)


def workflow(there: LabPage, project: mlops.Project) -> None:
    there.run("jupyter-mlops:open-workflow", {"name": "nightly"})
    there.main.locator(".jmo-node").first.wait_for()


def inspector(there: LabPage, project: mlops.Project) -> None:
    workflow(there, project)
    there.main.locator('.react-flow__node[data-id="models_3"] .jmo-node').click()


def view(name: str) -> Scene:
    def show(there: LabPage, project: mlops.Project) -> None:
        workflow(there, project)
        there.main.get_by_role("tab", name=name).click()

    return show


def runs(there: LabPage, project: mlops.Project) -> None:
    there.run("jupyter-mlops:open-runs")
    choose(there, 5)


def choose(there: LabPage, count: int) -> None:
    """Tick the newest runs of train."""
    boxes = there.page.get_by_role("checkbox", name="Choose train").or_(there.page.get_by_role("checkbox", name="train"))
    boxes.first.wait_for()
    for number in range(min(count, boxes.count())):
        boxes.nth(number).check()


def compare(there: LabPage, project: mlops.Project) -> None:
    rows = [row for row in project.run_rows() if row["function"] == "train" and row["state"] == "completed" and row["iteration"]]
    there.run("jupyter-mlops:compare-runs", {"runs": [row["id"] for row in rows[:6]]})


def run(there: LabPage, project: mlops.Project) -> None:
    there.run("jupyter-mlops:open-run", {"run": project.get_run("train").id})


def one(**wanted: object) -> Scene:
    def show(there: LabPage, project: mlops.Project) -> None:
        row = next(row for row in project.run_rows() if all(row[key] == value for key, value in wanted.items()))
        there.run("jupyter-mlops:open-run", {"run": row["id"]})

    return show


def sweep(there: LabPage, project: mlops.Project) -> None:
    row = next(row for row in project.run_rows() if row["iteration"])
    there.run("jupyter-mlops:open-run", {"run": row["parent"]})


def artifact(key: str, tab: str | None = None) -> Scene:
    def show(there: LabPage, project: mlops.Project) -> None:
        there.run("jupyter-mlops:open-artifact", {"uid": project.artifact(key).uid})
        if tab:
            there.main.get_by_role("tab", name=tab).click()

    return show


def artifacts(there: LabPage, project: mlops.Project) -> None:
    there.run("jupyter-mlops:open-artifacts")


def form(there: LabPage, project: mlops.Project) -> None:
    workflow(there, project)
    there.run("jupyter-mlops:open-form", {"target": "train"})


def cells(*sources: str, height: int = 0) -> Scene:
    """Run cells in a notebook; with a height, with nothing beside it."""

    def show(there: LabPage, project: mlops.Project) -> None:
        if height:
            there.page.set_viewport_size({"width": 1080, "height": height})
            there.run("application:toggle-left-area")
        there.page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")  # of the scene before
        path = notebook(project.folder, "%load_ext jupyter_mlops\nproject = %mlproject .", *sources)
        shown = open_notebook(there, path)
        there.run("notebook:run-all-cells")
        prompt = shown.locator(".jp-CodeCell").nth(len(sources)).locator(".jp-InputPrompt")
        expect(prompt).to_have_text(f"[{len(sources) + 1}]:", timeout=90_000)
        there.page.wait_for_timeout(1500)
        path.unlink()

    return show


SCENES: dict[str, Scene] = {
    "hero": hero,
    "workflow": workflow,
    "inspector": inspector,
    "timeline": view("Timeline"),
    "code": view("Code"),
    "table": view("Table"),
    "runs": runs,
    "compare": compare,
    "run": run,
    "failed": one(function="release", state="error"),
    "sweep": sweep,
    "artifacts": artifacts,
    "dataset": artifact("train"),
    "model": artifact("model"),
    "lineage": artifact("model", "Lineage"),
    "form": form,
    "panel": cells("%mlpanel workflow nightly", "%mlpanel runs"),
    "card": cells(CELL, "run = %mlrun train_wine epochs=40 alpha=0.1", height=1240),
    "steps": cells("again = %mlrun nightly --parallel 2\nagain", height=760),
}


def take(page: Page, lab: Lab, project: mlops.Project, name: str, theme: str) -> None:
    """Show a scene on a fresh page, and take its picture."""
    there = LabPage(page, lab)
    there.open("lab?reset")
    there.run("apputils:change-theme", {"theme": f"JupyterLab {theme.capitalize()}"})
    SCENES[name](there, project)
    page.evaluate(ALONE)
    page.wait_for_timeout(2500)  # charts draw, panels fade in
    page.mouse.move(660, 20)
    page.screenshot(path=str(IMAGES / f"{name}-{theme}.png"))
    print(f"docs/images/{name}-{theme}.png")


def main() -> None:
    """Make the project, and take the pictures."""
    wanted = sys.argv[1:] or list(SCENES)
    with tempfile.TemporaryDirectory() as place:
        root, home = Path(place) / "root", Path(place) / "home"
        root.mkdir()
        home.mkdir()
        project = make(root / "tumours")
        with running_lab(root, home) as lab, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
            for name in wanted:
                for theme in ("light", "dark"):
                    page = browser.new_page(viewport=SIZE, device_scale_factor=1)  # type: ignore[arg-type]
                    take(page, lab, project, name, theme)
                    page.close()
            browser.close()
        project.stop_worker()


if __name__ == "__main__":
    main()
