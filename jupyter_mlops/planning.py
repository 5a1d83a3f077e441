"""The workflow a user holds, and how one of its runs is to go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.display.dag import workflow_bundle
from jupyter_mlops.workflows import python
from jupyter_mlops.workflows import spec as yaml

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.pipelines import Pipelines
    from jupyter_mlops.runs import Run
    from jupyter_mlops.workflows.nouns import Step, Workflow


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a workflow is run: the options of ``project.run`` for it."""

    parallel: int | None = None
    cache: bool = True
    from_step: str | None = None
    only: str | Sequence[str] | None = None
    until: str | None = None
    gpus: int = 0


class WorkflowHandle:
    """A workflow of a project."""

    def __init__(self, workflow: Workflow, project: Pipelines, text: str) -> None:
        self.workflow, self.project, self._text = workflow, project, text

    @property
    def name(self) -> str:
        return self.workflow.name

    @property
    def steps(self) -> dict[str, Step]:
        """Its steps by name, in order."""
        return {step.name: step for step in self.workflow.steps}

    @property
    def version(self) -> str:
        return version_of(self.workflow)

    @property
    def path(self) -> Path:
        return self.project.workflow_store.path(self.name)

    def to_yaml(self) -> str:
        """Return its file's text, comments and all."""
        return self._text

    def to_python(self) -> str:
        """Return Python that defines the same workflow: the body of a ``%%mlworkflow`` cell."""
        return python.to_python(self.workflow, self.project.callables())

    def run(self, **params: Any) -> Run:
        """Run it; parameters by name."""
        return self.project.run(self.name, params)

    def explain(self, **params: Any) -> pd.DataFrame:
        """Say which steps would be reused, which would run, and why."""
        return self.project.explain(self.name, params)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return workflow_bundle(self.workflow, {})

    def __repr__(self) -> str:
        return f"<Workflow {self.name}@{self.version[:8]}: {', '.join(self.steps)}>"


def version_of(workflow: Workflow) -> str:
    """Return the hash of what a workflow does: neither its layout nor its comments are part of it."""
    return sha256(yaml.dump(replace(workflow, layout={}, description="")).encode()).hexdigest()[:12]
