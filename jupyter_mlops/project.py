"""The facade: one method a verb. Hosts parse what they got, call one of these, and show what comes back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import config, orders
from jupyter_mlops.errors import ProjectError, RunFailedError, RunNotFoundError
from jupyter_mlops.execution import client as execution
from jupyter_mlops.functions.store import FunctionStore
from jupyter_mlops.library import ArtifactHandle, Library
from jupyter_mlops.records import Function, Input, Return, Spec, State
from jupyter_mlops.runs import SPEC, Run

if TYPE_CHECKING:
    import pandas as pd
    from nbformat import NotebookNode


def open_project(path: str | os.PathLike[str] | None = None, create: bool = False, name: str | None = None) -> Project:
    """Open a project.

    Parameters
    ----------
    path
        Its folder, or its name when it lies in, or around, the working directory; None for the project around the
        working directory.
    create
        Make it if it isn't there.
    name
        The name of a project that is made; by default that of its folder.

    Raises
    ------
    ProjectError
        There is none, or its ``project.yaml`` can't be read.
    """
    folder = _folder(path)
    if folder is not None:
        return Project(folder)
    target = Path.cwd() if path is None else Path(path).expanduser().absolute()
    if not create:
        where = f"{os.fspath(path)!r} isn't a project" if path is not None else f"no project is in or above {str(target)!r}"
        raise ProjectError(f"{where}: make one with `%mlproject NAME` or `jupyter mlops init NAME`, or go to its folder.")
    config.create(target, name)
    return Project(target)


def _folder(path: str | os.PathLike[str] | None) -> Path | None:
    """Return the folder of the project that is meant, or None."""
    around = config.find(Path.cwd())
    if path is None:
        return around
    given = Path(path).expanduser().absolute()
    given = given.parent if given.name == config.FILE else given
    if (given / config.FILE).is_file():
        return given
    if around is not None and config.load(around).name == os.fspath(path):
        return around
    return None


class Project:
    """A folder with a ``project.yaml``: Functions, Runs and Artifacts, and one DuckDB file that knows them all.

    Examples
    --------
    >>> project = open_project("churn", create=True)  # doctest: +SKIP
    >>> project.define("train", "n: int = 10\\naccuracy = 1 - 1 / n", returns=["accuracy"])  # doctest: +SKIP
    >>> project.run("train", params={"n": 20}).results  # doctest: +SKIP
    {'accuracy': 0.95}
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).absolute()
        self.config = config.load(self.folder)
        self.library = Library(self.folder, self.config)
        self.store = FunctionStore(self.folder)

    @cached_property
    def client(self) -> execution.Client:
        return execution.Client(self.folder)

    @property
    def name(self) -> str:
        return self.config.name

    # --- Functions ---

    def define(
        self,
        name: str,
        code: str | Callable[..., Any] | None = None,
        *,
        notebook: str | os.PathLike[str] | None = None,
        inputs: Sequence[str | Input] = (),
        returns: Sequence[str | Return] = (),
        namespace: Mapping[str, Any] | None = None,
        cells: Sequence[str] = (),
        tag: str | None = None,
        description: str = "",
        **runtime: Any,
    ) -> FunctionHandle:
        """Make or change a Function."""
        raise NotImplementedError

    def function(self, reference: str) -> FunctionHandle:
        """Return the Function ``train``, ``train@<version>`` or ``train:tag``."""
        function, _ = self.store.get(reference)
        return FunctionHandle(function, self)

    def functions(self) -> list[FunctionHandle]:
        """Return the current version of every Function, by name."""
        return [self.function(name) for name in self.store.names()]

    # --- Runs ---

    def run(
        self,
        function: str,
        params: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        *,
        background: bool = False,
        timeout: float | str | None = None,
        retries: int | None = None,
        name: str | None = None,
        tags: Mapping[str, Any] | None = None,
        origin: str = "python",
        on_start: Callable[[Run], object] | None = None,
        **runtime: Any,
    ) -> Run:
        """Run a Function in a kernel of its own and wait for its end, unless ``background``.

        Raises
        ------
        FunctionNotFoundError, ParameterError, InputError
            Before anything starts.
        RunFailedError
            The run ended in another state than ``completed``; it is in ``.run``.
        """
        spec, _ = self._order(function, params, inputs, name=name, tags=tags, origin=origin, timeout=timeout, retries=retries, **runtime)
        run = self.submit(spec)
        if on_start is not None:
            on_start(run)
        return run if background else self.attend(run)

    def submit(self, spec: Spec) -> Run:
        """Write a run's folder and hand it to the worker."""
        folder = self._new_folder(spec)
        self.client.submit(spec.id, dict(os.environ))
        return Run(folder, self.library, self.client)

    def attend(self, run: Run) -> Run:
        """Wait for a run; an interrupt aborts it, and a failure is raised."""
        try:
            run.wait()
        except KeyboardInterrupt:
            run.abort("interrupted by the user")
            raise
        if run.state is not State.COMPLETED:
            raise RunFailedError(f"{run.name} {run.id}: {run.reason or run.state}", run)
        return run

    def _order(self, reference: str, params: Any, inputs: Any, **said: Any) -> tuple[Spec, NotebookNode]:
        function, notebook = self.store.get(reference)
        order = orders.Order(
            function=function,
            params=params or {},
            inputs=inputs or {},
            name=said.pop("name"),
            tags=said.pop("tags") or {},
            origin=said.pop("origin"),
            runtime=said,
        )
        return orders.place(order, self.library, self.config), notebook

    def _new_folder(self, spec: Spec) -> Path:
        """Make ``runs/<id>`` with its ``run.json``, whole from the moment it is seen."""
        runs = self.folder / "runs"
        draft = runs / f".{spec.id}"
        draft.mkdir(parents=True)
        (draft / SPEC).write_text(json.dumps(asdict(spec)), encoding="utf-8")
        return draft.rename(runs / spec.id)

    def get_run(self, reference: str | None = None) -> Run:
        """Return the run with that id, or its beginning or end, or the latest of that name; None for the latest."""
        ids = self._ids()
        matching = [i for i in ids if reference is None or i.startswith(reference) or i.endswith(reference)]
        if not matching:
            raise RunNotFoundError(f"no run of {self.name!r} is {reference!r}: see project.runs().")
        return Run(self.folder / "runs" / matching[-1], self.library, self.client)

    def _ids(self) -> list[str]:
        return sorted(entry.name for entry in os.scandir(self.folder / "runs") if not entry.name.startswith("."))

    def runs(self, where: str | None = None, order_by: str | None = None) -> pd.DataFrame:
        """Return the runs, newest first: a row each, with a column for every param and result."""
        return self.sql(f"SELECT * FROM runs WHERE {where or 'true'} ORDER BY {order_by or 'id DESC'}")

    def sql(self, query: str) -> pd.DataFrame:
        """Return what a read-only query finds in the catalog."""
        return self.library.catalog.sql(query)

    def delete_run(self, reference: str) -> None:
        """Delete a run that has ended: its record and its folder."""
        run = self.get_run(reference)
        self.library.note("delete", run=run.id)
        shutil.rmtree(run.folder)

    # --- Artifacts ---

    def artifact(self, reference: str) -> ArtifactHandle:
        """Return the artifact behind a ``store://`` URI, a key, or ``key:tag``."""
        return self.library.get(reference)

    def artifacts(self, kind: str | None = None, key: str | None = None, tag: str | None = None) -> list[ArtifactHandle]:
        """Return artifacts, newest first."""
        return self.library.list(kind=kind, key=key, tag=tag)

    def __repr__(self) -> str:
        return f"<Project {self.name} {str(self.folder)!r}>"


@dataclass(frozen=True)
class FunctionHandle:
    """A Function of a project: ``.run(n=3)`` runs it; ``change`` says what its last definition changed."""

    record: Function
    project: Project
    change: Any = None

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def version(self) -> str:
        return self.record.version

    def run(self, **params: Any) -> Run:
        """Run it; parameters and inputs by name."""
        return self.project.run(f"{self.name}@{self.version}", params)

    def __repr__(self) -> str:
        takes = ", ".join(parameter.name for parameter in self.record.parameters)
        return f"<Function {self.name}@{self.version[:8]}({takes})>"
