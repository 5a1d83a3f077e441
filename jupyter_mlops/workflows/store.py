"""Workflows as files: ``workflows/NAME.yaml``, written whole, with the comments that were there."""

from __future__ import annotations

from pathlib import Path

from jupyter_mlops.errors import StorageError, WorkflowError, WorkflowNotFoundError, did_you_mean
from jupyter_mlops.records import NAME, check_name
from jupyter_mlops.workflows import spec
from jupyter_mlops.workflows.nouns import Workflow


class WorkflowStore:
    """The workflows of the project in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "workflows"

    def path(self, name: str) -> Path:
        return self.folder / f"{check_name(name, 'workflow')}.yaml"

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.yaml") if NAME.fullmatch(path.stem))

    def text(self, name: str) -> str | None:
        """Return the file of a workflow, or None.

        Raises
        ------
        WorkflowError
            It can't be read, or isn't text in UTF-8.
        """
        path = self.path(name)
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise WorkflowError(f"{str(path)!r} isn't text in UTF-8: save it again as such, in your editor.") from None
        except OSError as problem:
            raise WorkflowError(f"{str(path)!r} can't be read ({problem.strerror}): check that file.") from None

    def get(self, name: str) -> tuple[Workflow, str]:
        """Return a workflow and its file.

        Raises
        ------
        WorkflowNotFoundError
            There is none of that name.
        WorkflowError
            Its file can't be read as one.
        """
        text = self.text(name)
        if text is None:
            known = self.names()
            there = did_you_mean(name, known) or (f" There are {', '.join(known)}." if known else " There are none.")
            raise WorkflowNotFoundError(f"{name!r} is no workflow of this project.{there}")
        return spec.load(text, file=str(self.path(name))), text

    def save(self, workflow: Workflow, previous: str | None = None) -> str:
        """Write a workflow and return the file's text; comments of ``previous`` stay."""
        return self.write(workflow.name, spec.dump(workflow, previous))

    def write(self, name: str, text: str) -> str:
        """Replace a workflow's file by ``text``, whatever that says, and return it."""
        path = self.path(name)
        draft = path.with_name(f".{path.name}.new")
        try:
            self.folder.mkdir(exist_ok=True)
            draft.write_text(text, encoding="utf-8")
            draft.replace(path)
        except OSError as problem:
            raise StorageError(f"{str(path)!r} can't be written ({problem.strerror}): check that folder and its disk.") from None
        return text

    def delete(self, name: str) -> None:
        """Remove a workflow's file; its runs stay.

        Raises
        ------
        WorkflowNotFoundError
            There is none of that name.
        """
        path = self.path(name)
        try:
            path.unlink()
        except FileNotFoundError:
            raise WorkflowNotFoundError(f"{name!r} is no workflow of this project: there is nothing to remove.") from None
        except OSError as problem:
            raise StorageError(f"{str(path)!r} can't be removed ({problem.strerror}): check that folder.") from None
