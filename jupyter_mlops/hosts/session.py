"""Which project a notebook works in, and what was shown in its current cell."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError, ProjectNotFoundError
from jupyter_mlops.hosts.display import Shown
from jupyter_mlops.hosts.surroundings import notebook_folder

if TYPE_CHECKING:
    from jupyter_mlops.project import Project


class Session:
    """The state behind the magics of one shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.shown = Shown(shell)
        self._project: Project | None = None
        self._stamp: tuple[int, int] | None = None

    def folder(self) -> Path:
        """Return the notebook's folder."""
        return notebook_folder(self.shell.user_ns)

    def project(self) -> Project:
        """Return the open project, else the one around the notebook, else a new one in the notebook's folder.

        Raises
        ------
        ProjectNotFoundError
            The folder of the one that was open is gone: a new one in its stead would look as if all was lost.
        ProjectError
            Its ``project.yaml`` was changed, and can't be read.
        """
        if self._project is not None and not self._project.folder.is_dir():
            gone = str(self._project.folder)
            raise ProjectNotFoundError(f"{gone!r} is gone. If it was moved, open it there: %mlproject PATH.")
        if self._project is not None and self._stamp != _stamp(self._project.folder):
            return self._use(type(self._project)(self._project.folder))
        if self._project is None:
            found = self._around()
            return self._use(found if found is not None else self._made())
        return self._project

    def open(self, given: str) -> Project:
        """Open the project of that name or path as seen from the notebook, or make it."""
        from jupyter_mlops.project import open_project  # here, as in all of this module: loading the extension stays quick

        near = self.folder() / os.path.expanduser(given)
        if self._project is not None and given in (self._project.name, self._project.folder.name) and not near.exists():
            return self._project
        # a name is also that of the project around the working directory, which only open_project knows
        return self._use(open_project(given if self.folder() == Path.cwd() else near, create=True))

    def known(self) -> Project | None:
        """Return the project if there is one, making none: for completion."""
        try:
            return self._project or self._around()
        except (MlopsError, OSError):
            return None

    def _around(self) -> Project | None:
        from jupyter_mlops import config

        found = config.find(self.folder())
        if found is None:
            return None
        from jupyter_mlops.project import Project

        return Project(found)

    def _made(self) -> Project:
        from jupyter_mlops.project import open_project

        project = open_project(self.folder(), create=True)
        print(f"Made project {project.name!r} in {project.folder}. Another place or name: %mlproject NAME")
        return project

    def _use(self, project: Project) -> Project:
        self._project, self._stamp = project, _stamp(project.folder)
        for note in project.notes:
            print(note)
        self._start_worker(project)
        return project

    def warm_up(self) -> None:
        """Start the worker of the project around the notebook, if there is one, while the notebook goes on."""
        threading.Thread(target=self._warm_up, name="mlops worker start", daemon=True).start()

    def _warm_up(self) -> None:
        if project := self.known():
            self._start_worker(project)

    @staticmethod
    def _start_worker(project: Project) -> None:
        try:
            project.client.start_in_background()
        except (MlopsError, OSError):
            return  # the first run starts it, or says why it can't


def _stamp(folder: Path) -> tuple[int, int] | None:
    """Return what changes when a project's file does."""
    from jupyter_mlops import config

    try:
        found = (folder / config.FILE).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
