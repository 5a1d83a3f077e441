"""All screens there are, each as the command that shows it: for the tests that must hold on every one, and for the pictures."""

from __future__ import annotations

from collections.abc import Iterator

import jupyter_mlops as mlops
from browser.lab_page import LabPage


def commands(project: mlops.Project) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield a name, a command and its arguments, one a screen."""
    rows = project.run_rows()
    sweep = next(row for row in rows if row["name"] == "train" and row["parent"] is None and not row["params"].get("data"))
    workflow = next(row for row in rows if row["workflow"] == "nightly")
    single = [row["id"] for row in rows if row["function"] == "train" and row["iteration"] is None and row["step"] is None]
    yield "runs", "jupyter-mlops:open-runs", {}
    yield "run", "jupyter-mlops:open-run", {"run": single[0]}
    yield "workflow_run", "jupyter-mlops:open-run", {"run": workflow["id"]}
    yield "sweep", "jupyter-mlops:open-run", {"run": sweep["id"]}
    yield "compare", "jupyter-mlops:compare-runs", {"runs": single[:2]}
    yield "workflow", "jupyter-mlops:open-workflow", {"name": "nightly"}
    yield "artifacts", "jupyter-mlops:open-artifacts", {}
    for key in ("data", "model", "report"):
        yield f"artifact_{key}", "jupyter-mlops:open-artifact", {"uid": project.artifact(key).uid}
    yield "form", "jupyter-mlops:open-form", {"target": "train"}


def show(there: LabPage, command: str, args: dict[str, object]) -> None:
    """Show a screen, and wait until it has something on it."""
    there.run(command, args)
    there.page.wait_for_function(
        "() => [...document.querySelectorAll('.jmo-root')].some(root => root.offsetParent && !root.querySelector('.jmo-loading'))"
    )
