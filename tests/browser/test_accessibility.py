"""axe-core finds nothing serious on any screen, in light and in dark."""

from __future__ import annotations

from pathlib import Path

import pytest

import jupyter_mlops as mlops
from browser.lab_page import LabPage
from browser.screens import commands, show

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
CHECK = """
async () => {
  const found = await axe.run({ include: [['.jmo-root']] }, { resultTypes: ['violations'] });
  return found.violations
    .filter(violation => ['serious', 'critical'].includes(violation.impact))
    .flatMap(violation => violation.nodes.map(node => `${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`));
}
"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_no_screen_has_a_serious_violation(there: LabPage, project: mlops.Project, theme: str) -> None:
    there.run("apputils:change-theme", {"theme": theme})
    there.page.add_script_tag(path=str(AXE))
    found: dict[str, list[str]] = {}
    for name, command, args in commands(project):
        show(there, command, args)
        there.page.wait_for_timeout(400)  # colours fade in
        if violations := there.page.evaluate(CHECK):
            found[name] = violations
    assert not found, "\n".join(f"{name}\n  " + "\n  ".join(lines) for name, lines in found.items())
