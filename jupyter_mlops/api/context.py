"""What an operation knows beside its arguments: the project, and the place it is asked from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import ProjectNotFoundError, RunNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from jupyter_mlops.project import Project
    from jupyter_mlops.runs import Run


LONGEST = 200  # characters of what can be a run's folder


@dataclass(frozen=True, kw_only=True)
class Context:
    """The project that is asked, ``root``, the folder that Lab's file browser shows (None of a widget), and who asks."""

    chosen: Project | None
    root: Path | None = None
    origin: str = "panel"

    @property
    def project(self) -> Project:
        """The project.

        Raises
        ------
        ProjectNotFoundError
            None was chosen.
        """
        if self.chosen is None:
            raise ProjectNotFoundError("no project was chosen: give the folder of one, as projects.list has it.")
        return self.chosen

    def contents(self, path: Path) -> str | None:
        """Return where a file is in Lab's file browser, or None."""
        if self.root is None or not path.is_relative_to(self.root):
            return None
        place = path.relative_to(self.root).as_posix()
        return "" if place == "." else place

    def run(self, reference: str) -> Run:
        """Return a run by its id, without listing all others, or by what else ``project.get_run`` takes."""
        project = self.project
        if len(reference) <= LONGEST and reference.isascii() and reference.replace("-", "").isalnum():
            folder = project.folder / "runs" / reference
            if (folder / "run.json").is_file():
                return project.run_in(folder)
        if not reference:
            raise RunNotFoundError("'' is no run: give the id of one.")
        return project.get_run(reference)


def together(answer: Callable[[Context, Any], dict[str, Any]]) -> Callable[[Context, Any], dict[str, Any]]:
    """Have all that an answer asks of the catalog asked at once: it is opened once, and nothing changes in between."""

    @wraps(answer)
    def answered(context: Context, args: Any) -> dict[str, Any]:
        return context.project.library.catalog.together(lambda: answer(context, args))

    return answered
