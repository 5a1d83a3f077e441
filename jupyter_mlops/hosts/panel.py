"""The panel in a cell: an anywidget whose front end is that of the labextension, over a comm."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets as t
from anywidget import AnyWidget

from jupyter_mlops.errors import MlopsError, ParameterError, did_you_mean
from jupyter_mlops.hosts.grammar import VIEWS
from jupyter_mlops.hosts.panel_snapshot import bundle
from jupyter_mlops.hosts.panel_talk import Talk

if TYPE_CHECKING:
    from jupyter_mlops.hosts.arguments import Line
    from jupyter_mlops.planning import WorkflowHandle
    from jupyter_mlops.project import Project
    from jupyter_mlops.runs import Run

STATIC = Path(__file__).parents[1] / "static"
HEIGHT = 480
LONGEST = 4_000_000  # characters of a workflow's text
_POOL = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mlops panel")


class FrontEndError(MlopsError):
    """The front end isn't there."""


class Panel(AnyWidget):
    """Runs, workflows and artifacts of a project, in a cell.

    What is seen and chosen there is seen here: ``view``, ``target``, ``workflow``, ``yaml``, ``selected_runs``; set ``view`` and
    ``target`` to show something else.

    Examples
    --------
    >>> panel = project.panel("workflow", "nightly")  # doctest: +SKIP
    >>> panel.selected_runs  # doctest: +SKIP
    [<Run …>]
    """

    _esm = t.Unicode().tag(sync=True)
    _front = t.Unicode().tag(sync=True)  # names the front end's bytes: a page fetches them once for all of its panels

    view = t.Enum(VIEWS, "runs").tag(sync=True)
    target = t.List(t.Unicode()).tag(sync=True)
    height = t.Int(HEIGHT, min=200, max=4000).tag(sync=True)
    draft = t.Unicode().tag(sync=True)  # a workflow's text while it isn't saved
    _draft_of = t.Dict().tag(sync=True)  # that workflow's name, and the hash of the file from which it was made
    chosen = t.List(t.Unicode()).tag(sync=True)
    name = t.Unicode().tag(sync=True)

    _talk: Talk | None = None  # a panel that couldn't be made is closed, too

    def __init__(self, project: Project, view: str = "runs", target: str | Sequence[str] = (), *, height: int = HEIGHT) -> None:
        self.project = project
        shown = {"view": checked(view), "target": resolved(project, view, target), "height": _fit(height)}
        super().__init__(_esm=_read("boot.js"), _front=front(), name=project.name, **shown)
        # ipykernel 7.4 hands what a front end sends to the shell that spoke last on the comm: the one that a cell keeps busy
        setattr(self.comm, "_reply_subshell_for", None)  # noqa: B010 - not an attribute of all comms
        self._talk = talk = Talk(project, self._say, _POOL)
        self.on_msg(lambda _, content, buffers: self._hear(talk, content, buffers))

    @t.validate("draft")
    def _short(self, proposal: Any) -> Any:
        if len(proposal.value) > LONGEST:
            raise t.TraitError(f"draft has {len(proposal.value):,} characters: at most {LONGEST:,} fit.")
        return proposal.value

    @property
    def workflow(self) -> WorkflowHandle | None:
        """The workflow that is shown, as it was saved last."""
        return self.project.workflow(self.target[0]) if self.view == "workflow" and self.target else None

    @property
    def yaml(self) -> str | None:
        """The workflow's text as it stands in the editor, saved or not. Set it to put another text there, unsaved."""
        shown = self.workflow
        if shown is None:
            return None
        return self.draft if self.draft and self._draft_of.get("workflow", shown.name) == shown.name else shown.to_yaml()

    @yaml.setter
    def yaml(self, text: str) -> None:
        with self.hold_sync():
            self._draft_of, self.draft = {}, text

    @property
    def selected_runs(self) -> list[Run]:
        """The runs that are chosen in the table, or compared, or the one that is shown."""
        ids = self.chosen if self.view == "runs" else self.target if self.view in ("run", "compare") else []
        return [self.project.get_run(each) for each in ids]

    def show(self, view: str, target: str | Sequence[str] = ()) -> None:
        """Show something else in the same panel."""
        wanted = resolved(self.project, checked(view), target)
        with self.hold_sync():
            self.view, self.target = view, wanted

    def close(self) -> None:
        """End the panel: it hears nothing any more."""
        if self._talk is not None:
            self._talk.close()
        super().close()

    def _hear(self, talk: Talk, content: Any, buffers: list[Any]) -> None:
        if isinstance(content, dict) and content.get("kind") == "anywidget-command":
            return  # anywidget's own
        if isinstance(content, dict) and set(content) == {"front"} and isinstance(content["front"], str):
            _POOL.submit(_give_front, talk, content["front"][:100])
            return
        talk.hear(content, buffers)

    def _say(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.send(content, buffers)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return bundle(self.project, self.view, list(self.target), height=self.height, model=self.model_id), {}

    def __repr__(self) -> str:
        return f"<Panel {' '.join([self.view, *self.target])} of {self.name}>"


def asked(project: Project, line: Line) -> Panel:
    """Return the panel that a line of ``%mlpanel`` asks for."""
    view, *names = line.words or ["runs"]
    if view not in VIEWS and not names and view in project.workflow_store.names():
        view, names = "workflow", [view]
    target: list[str] = [" ".join(names)] if view == "runs" and names else names
    return Panel(project, view, target, height=line.options.get("height", HEIGHT))


def _give_front(talk: Talk, asked: str) -> None:
    """Send the front end itself to a page that hasn't got it yet."""
    try:
        parts = [(STATIC / name).read_bytes() for name in ("widget.js", "widget.css")]
    except OSError:
        talk.say({"front": asked, "refusal": str(_missing())})
        return
    talk.say({"front": asked}, parts)


def checked(view: str) -> str:
    """Return the name of a view.

    Raises
    ------
    ParameterError
        There is no such view.
    """
    if view not in VIEWS:
        raise ParameterError(f"{view!r} is nothing a panel shows: use {', '.join(VIEWS)}.{did_you_mean(view, VIEWS)}")
    return view


def resolved(project: Project, view: str, target: str | Sequence[str]) -> list[str]:
    """Return what a view shows, by ids and names that are there.

    Raises
    ------
    MlopsError
        It isn't there, or the view needs another number of them.
    """
    named = [target] if isinstance(target, str) else [str(each) for each in target]
    least, most = {"runs": (0, 1), "artifacts": (0, 0), "compare": (2, 20)}.get(view, (1, 1))
    if view == "run" and not named:
        named = [project.get_run().id]
    if not least <= len(named) <= most:
        needs = f"{least}" if least == most else f"{least} to {most}"
        raise ParameterError(f"a panel of {view!r} takes {needs} names, not {len(named)}: {USAGE}")
    if view in ("run", "compare"):
        return [project.get_run(each).id for each in named]
    if view == "workflow":
        return [project.workflow(each).name for each in named]
    if view == "artifact":
        return [project.artifact(each).uid for each in named]
    return named


USAGE = "runs [QUERY], run [ID], workflow NAME, compare ID ID …, artifacts, artifact KEY."

_hashes: dict[tuple[int, int], str] = {}
_hashing = threading.Lock()


def front() -> str:
    """Return what names the front end as it is built now.

    Raises
    ------
    FrontEndError
        It isn't built.
    """
    try:
        status = (STATIC / "widget.js").stat()
        stamp = (status.st_mtime_ns, status.st_size)
        with _hashing:
            if stamp not in _hashes:
                _hashes[stamp] = sha256((STATIC / "widget.js").read_bytes()).hexdigest()[:16]
            return _hashes[stamp]
    except OSError:
        raise _missing() from None


def _read(name: str) -> str:
    try:
        return (STATIC / name).read_text(encoding="utf-8")
    except OSError:
        raise _missing() from None


def _missing() -> FrontEndError:
    return FrontEndError(
        "the panel's front end isn't built: install jupyter-mlops from a wheel, or run `npm ci && npm run build` in its "
        "labextension/ folder."
    )


def _fit(height: int) -> int:
    if isinstance(height, bool) or not isinstance(height, int) or not 200 <= height <= 4000:
        raise ParameterError(f"height is {height!r}, and must be a whole number of pixels from 200 to 4000.")
    return height
