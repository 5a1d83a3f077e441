"""The facade: one method a verb. Hosts parse what they got, call one of these, and show what comes back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import config, defining, interactive, orders
from jupyter_mlops.defining import FunctionHandle
from jupyter_mlops.display import ProjectView, project_bundle
from jupyter_mlops.errors import NameRuleError, ParameterError, ProjectError, ProjectNotFoundError, RunNotFoundError
from jupyter_mlops.execution import client as execution
from jupyter_mlops.execution.folder import write_files, write_spec
from jupyter_mlops.execution.inside.calls import path_or_value
from jupyter_mlops.functions import notebook as notebooks
from jupyter_mlops.functions.store import FunctionStore
from jupyter_mlops.library import ArtifactHandle, Library, check_tag
from jupyter_mlops.pipelines import Pipelines
from jupyter_mlops.records import Input, Return, Spec, State
from jupyter_mlops.runs import Run, in_utc, listing
from jupyter_mlops.upkeep import Upkeep

if TYPE_CHECKING:
    import pandas as pd
    from nbformat import NotebookNode

    from jupyter_mlops.functions.ipynb import Node


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
    folder = config.locate(path, inside=not create)
    if folder is None and not create:
        raise ProjectNotFoundError(config.nowhere(path))
    if folder is not None:
        project = Project(folder)
        if name is not None and name != project.name:
            raise ProjectError(
                f"{str(folder)!r} is project {project.name!r}, not {name!r}: open it by that name, or make another folder."
            )
        return project
    target = config.absolute(path or Path.cwd())
    made = config.create(target, name)
    project = Project(target, made=True)
    if name is None and made.name != target.name:
        about = f"change `name` in {config.FILE} if you like"
        project.notes.append(f"{target.name!r} can't name a project, so it is {made.name!r}: {about}.")
    return project


class Project(Pipelines, Upkeep):
    """A folder with a ``project.yaml``: Functions, Runs and Artifacts, and one DuckDB file that knows them all.

    Examples
    --------
    >>> project = open_project("churn", create=True)  # doctest: +SKIP
    >>> project.define("train", "n: int = 10\\naccuracy = 1 - 1 / n", returns=["accuracy"])  # doctest: +SKIP
    >>> project.run("train", params={"n": 20}).results  # doctest: +SKIP
    {'accuracy': 0.95}

    Attributes
    ----------
    made
        Whether it was made when it was opened; ``notes`` says what there is to say about that.
    """

    def __init__(self, folder: str | os.PathLike[str], *, made: bool = False) -> None:
        self.folder = config.absolute(folder)
        self.config = config.load(self.folder)
        self.made = made
        self.notes: list[str] = []
        self.library = Library(self.folder, self.config)
        self.store = FunctionStore(self.folder, blobs=self.library.blobs, note=self.library.note)

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
        """Make a Function, or a new version of it, from a cell's code, a Python function or a notebook.

        Parameters
        ----------
        code
            The cell, or a Python function: its defaults are the parameters, its last ``return`` names what is kept.
        notebook
            A notebook to run as a whole; it is copied and never written to.
        inputs, returns
            What comes in (``"data"``, ``"data: pandas.DataFrame"``) and what is kept (``"model"``, ``"model:model"``).
        namespace, cells
            The notebook around the cell: its variables, and the sources of its cells.
        tag
            A name for this version: ``train:tag``.
        **runtime
            ``kernel, env, timeout, cell_timeout, retries, backoff, memory``; times like ``10m``, memory like ``2G``.

        Raises
        ------
        NameRuleError, CaptureError, NotebookError
            The name breaks the rule; the code can't become a Function; the notebook can't be read.
        """
        wanted = defining.Wanted(
            name=name, inputs=inputs, returns=returns, namespace=namespace, cells=cells, description=description, runtime=runtime
        )
        if tag is not None:
            check_tag(tag)
        if self._is_workflow(name):
            raise NameRuleError(f"{name!r} is a workflow of this project: give the Function another name.")
        made = defining.make(wanted, code, notebook, self.library)
        function, change = self.store.save(made.notebook, tag=tag)
        return FunctionHandle(function, self, change, made.warnings)

    def function(self, reference: str) -> FunctionHandle:
        """Return the Function ``train``, ``train@<version>`` or ``train:tag``."""
        function, _ = self._found(reference)
        return FunctionHandle(function, self)

    def functions(self) -> list[FunctionHandle]:
        """Return the current version of every Function, by name; a broken file is left out, with a warning that names it."""
        return [FunctionHandle(function, self) for function in self.store.readable()]

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
        **plan: Any,
    ) -> Run:
        """Run a Function in a kernel of its own, or a workflow, and wait for its end, unless ``background``.

        Parameters
        ----------
        function
            ``train``, ``train@<version>`` or ``train:tag``.
        params
            Values by name; those left out come from the project's ``params``, then the Function's defaults.
        inputs
            By name: a variable, a path, a ``store://`` URI, an artifact, or a run that made one.
        timeout, retries
            Instead of the Function's own; seconds or text like ``10m``.
        on_start
            Called with the run before it is waited for.
        **plan
            Of a workflow: ``parallel`` steps at once; ``cache=False`` to reuse nothing; ``from_step``, ``only`` and ``until`` to
            run a part of it.

        Raises
        ------
        FunctionNotFoundError, ParameterError, InputError
            Before anything starts.
        RunFailedError
            The run ended in another state than ``completed``; it is in ``.run``.
        """
        limits = {"timeout": timeout, "retries": retries}
        if self._is_workflow(function):
            spec, files = self._as_workflow(
                function, params, {"inputs": inputs, **limits}, plan, name=name, tags=tags, origin=origin
            )
        else:
            if plan:
                _refuse_plan(self.function(function).name, plan)
            spec, files = self._order(function, params, inputs, name=name, tags=tags or {}, origin=origin, runtime=limits)[0], {}
        return self._see_to(self.submit(spec, files), background=background, on_start=on_start)

    def dry_run(
        self, function: str, params: Mapping[str, Any] | None = None, inputs: Mapping[str, Any] | None = None, **order: Any
    ) -> NotebookNode:
        """Return the notebook that :meth:`run` would execute, after the same checks."""
        limits = {key: order.pop(key, None) for key in ("timeout", "retries")}
        spec, notebook = self._order(function, params, inputs, runtime=limits, **order)
        return notebooks.of_nbformat(notebooks.build(notebook, spec))

    def submit(self, spec: Spec, files: Mapping[str, str] | None = None) -> Run:
        """Write a run's folder, with ``files`` in it, and hand it to the worker."""
        folder = self.folder / "runs" / spec.id
        write_files(folder, files or {})
        write_spec(folder, spec)
        try:
            self.client.submit(spec.id, dict(os.environ))
        except KeyboardInterrupt:  # the start of a worker takes a moment, and nobody would know of the run
            self.client.abort(spec.id, "interrupted by the user")
            raise
        return self._run(spec.id)

    def _order(self, reference: str, params: Any, inputs: Any, **said: Any) -> tuple[Spec, Node]:
        function, notebook = self._found(reference)
        order = orders.Order(function=function, notebook=notebook, params=params or {}, inputs=inputs or {}, **said)
        return orders.place(order, self.library, self.config), notebook

    def _attend(self, run: Run, on_start: Callable[[Run], object] | None) -> Run:
        """Wait for a run; an interrupt aborts it, and another end than ``completed`` is raised."""
        try:
            if on_start is not None:
                on_start(run)
            run.wait()
        except KeyboardInterrupt:
            run.abort("interrupted by the user")
            raise
        if run.state is not State.COMPLETED:
            raise run.failed()
        return run

    @contextmanager
    def start_run(
        self, name: str, *, params: Mapping[str, Any] | None = None, tags: Mapping[str, Any] | None = None
    ) -> Iterator[Run]:
        """Track interactive work: until the block ends, ``log_metric`` and friends write to this run.

        Examples
        --------
        >>> with project.start_run("explore") as run:  # doctest: +SKIP
        ...     mlops.log_metric("loss", 0.1)
        """
        spec = orders.interactive(name, params or {}, tags or {}, self.config)
        with interactive.track(spec, self.folder, self._run) as run:
            yield run

    def get_run(self, reference: str | None = None) -> Run:
        """Return a run by its id, a beginning or end of it that fits no other, or a name, whose latest run is meant.

        None, ``latest`` and ``last`` are the latest run of all; ``churn@<id>`` is that of this project.
        """
        self.reconcile()
        ids = self._ids()
        if reference in (None, "latest", "last") and ids:
            return self._run(ids[-1])
        word = (reference or "").removeprefix(f"{self.name}@")
        matching = [each for each in ids if word and (each.startswith(word) or each.endswith(word))]
        if word in ids or len(matching) == 1:
            return self._run(word if word in ids else matching[0])
        named = self.library.catalog.query("SELECT id FROM runs WHERE name = ? OR function = ? ORDER BY id DESC", [word, word])
        for (each,) in named:
            if each in ids:
                return self._run(each)
        if matching:
            raise RunNotFoundError(f"{word!r} fits {len(matching)} runs: {', '.join(matching[-5:])}. Give more of the id.")
        raise RunNotFoundError(f"{word!r} is no run of project {self.name!r}: project.runs() lists all {len(ids)}.")

    def _run(self, run: str) -> Run:
        return self.run_in(self.folder / "runs" / run)

    def run_in(self, folder: Path) -> Run:
        """Return the run in one of the project's folders ``runs/<id>``."""
        return Run(folder, self.library, self.client)

    def _ids(self) -> list[str]:
        return sorted(each.name for each in (self.folder / "runs").glob("*/run.json") for each in [each.parent])

    def runs(self, where: str | None = None, order_by: str | None = None, *, limit: int | None = None) -> pd.DataFrame:
        """Return the runs, newest first: a row each, with a column for every param and result.

        Parameters
        ----------
        where, order_by
            SQL, such as ``"accuracy > 0.9 AND state = 'completed'"`` and ``"accuracy DESC"``.
        """
        return self.sql(listing("runs", where, order_by, limit))

    def run_rows(
        self, where: str | None = None, order_by: str | None = None, *, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Return the runs as rows of the view ``run_table``: ``params`` and ``results`` are maps."""
        query = listing("run_table", where, order_by, limit)
        self.reconcile()
        return [in_utc(row) for row in self.library.catalog.rows(query)]

    # --- the panel ---

    def panel(self, view: str = "runs", target: str | Sequence[str] = (), *, height: int = 480) -> Any:
        """Return the panel that shows runs, workflows and artifacts in a cell: ``runs``, ``run``, ``workflow``, ``compare``, ….

        ``target`` is a query of runs, a run's id, a workflow's name, the ids to compare, an artifact's key.
        """
        # by name: the panel is a host, and no import points up
        return import_module("jupyter_mlops.hosts.panel").Panel(self, view, target, height=height)

    # --- Artifacts ---

    def artifact(self, reference: str) -> ArtifactHandle:
        """Return the artifact behind a ``store://`` URI, a key, or ``key:tag``."""
        return self.library.get(reference)

    def artifacts(self, kind: str | None = None, key: str | None = None, tag: str | None = None) -> list[ArtifactHandle]:
        """Return artifacts, newest first."""
        return self.library.find(kind=kind, key=key, tag=tag)

    def log_artifact(
        self, key: str, value: Any, *, kind: str | None = None, tag: str | None = None, labels: Mapping[str, str] | None = None
    ) -> ArtifactHandle:
        """Save a value, or the file or folder at a path, as an artifact of the project, outside any run."""
        return self.library.keep(path_or_value(value), key, kind=kind, tag=tag, labels=dict(labels or {}))

    def tag_artifact(self, reference: str, tag: str) -> ArtifactHandle:
        """Let ``tag`` name that version of the artifact from now on."""
        return self.artifact(reference).tag(tag)

    # --- catalog and worker ---

    def sql(self, query: str) -> pd.DataFrame:
        """Return what a read-only query finds in the catalog."""
        self.reconcile()
        return self.library.catalog.sql(query)

    def rebuild(self) -> None:
        """Make the catalog anew from the runs' folders and the project's journal."""
        self.reconcile()
        self.library.catalog.rebuild()

    def reconcile(self) -> None:
        """End the records of runs whose processes are gone, so that no run is RUNNING for ever."""
        execution.reconcile(self.folder)

    def worker_status(self) -> dict[str, Any]:
        """Return what the worker is doing; its ``pid`` is None without one."""
        return self.client.status()

    def stop_worker(self) -> None:
        """Stop the worker, and the runs that it executes."""
        self.client.stop()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows = self.library.catalog.query("SELECT state, count(*) FROM runs GROUP BY state ORDER BY state")
        (artifacts,) = self.library.catalog.query("SELECT count(*) FROM artifacts")[0]
        view = ProjectView(
            name=self.name,
            folder=self.folder,
            description=self.config.description,
            functions=self.store.names(),
            runs=dict(rows),
            artifacts=artifacts,
            made=self.made,
        )
        return project_bundle(view)

    def __repr__(self) -> str:
        return f"<Project {self.name} {str(self.folder)!r}>"


def _refuse_plan(function: str, plan: Mapping[str, Any]) -> None:
    raise ParameterError(f"{function!r} is a Function, and {', '.join(map(repr, plan))} can be given for workflows only.")
