"""The facade's part for what there is already: tags, and taking away. ``Project`` inherits it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import FunctionNotFoundError, InputError, MlopsError, RunNotFoundError, StorageError
from jupyter_mlops.library import ArtifactHandle
from jupyter_mlops.orders import check_tags

if TYPE_CHECKING:
    from jupyter_mlops.functions.store import FunctionStore
    from jupyter_mlops.library import Library
    from jupyter_mlops.runs import Run
    from jupyter_mlops.workflows.store import WorkflowStore

_LED = """
    WITH RECURSIVE led(id) AS (
        SELECT id FROM runs WHERE parent = ?
        UNION
        SELECT r.id FROM runs r JOIN led ON r.parent = led.id
    )
    SELECT id FROM led ORDER BY id DESC
"""


class Upkeep:
    """What a project does with things that are there."""

    library: Library
    store: FunctionStore

    if TYPE_CHECKING:

        @property
        def workflow_store(self) -> WorkflowStore: ...

        def get_run(self, reference: str | None = None) -> Run: ...
        def run_in(self, folder: Path) -> Run: ...

    # --- runs ---

    def delete_run(self, reference: str) -> None:
        """Delete a run that has ended and the runs that it led: records, folders, artifacts, and bytes that nobody else uses."""
        run = self.get_run(reference)
        led = [self.run_in(run.folder.with_name(each)) for each in self._led_by(run.id) if each != run.id]
        for each in (*led, run):
            if not each.state.finished:
                raise RunNotFoundError(f"{each.id} is {each.state} and can't be deleted yet: abort it first.")
        self.library.delete_runs([each.folder for each in (*led, run)])

    def _led_by(self, run: str) -> list[str]:
        """Return the runs below a run, the latest first."""
        try:
            found = self.library.catalog.query(_LED, [run])
        except MlopsError:  # the catalog is held by another program, and a run can be deleted all the same
            return []
        return [each for (each,) in found]

    def tag_run(self, reference: str, **tags: Any) -> None:
        """Set tags on a run, whatever its state."""
        self.set_tags(reference, tags)

    def set_tags(self, reference: str, tags: Mapping[str, Any]) -> None:
        """Set tags on a run, whatever its state; None takes one away."""
        run = self.get_run(reference)
        for key, value in check_tags(tags).items():
            self.library.note("tag", run=run.id, key=key, value=None if tags[key] is None else value)

    # --- Functions ---

    def delete_function(self, name: str) -> None:
        """Remove a Function's notebook. Its versions and runs stay: ``name@version`` can still be run.

        Raises
        ------
        FunctionNotFoundError
            There is none of that name.
        StorageError
            An edit by hand can't be kept, so that it would be lost; or the file can't be removed.
        """
        path = self.store.path(name)
        try:
            self.store.get(name)  # an edit by hand becomes a version before it is gone
        except (FunctionNotFoundError, StorageError):
            raise
        except MlopsError:
            pass  # a notebook that can't be read may go as well
        try:
            path.unlink(missing_ok=True)
        except OSError as problem:
            raise StorageError(f"{str(path)!r} can't be removed ({problem.strerror}): check that folder.") from None

    # --- workflows ---

    def delete_workflow(self, name: str) -> None:
        """Remove a workflow's file. Its runs stay.

        Raises
        ------
        WorkflowNotFoundError
            There is none of that name.
        """
        self.workflow_store.delete(name)

    # --- artifacts ---

    def artifact_by_uid(self, uid: str) -> ArtifactHandle:
        """Return the version of an artifact that has this uid.

        Raises
        ------
        ArtifactNotFoundError
            There is none.
        """
        return self.library.by_uid(uid)

    def untag_artifact(self, uid: str, tag: str) -> None:
        """Take a tag away from the version that has it; a tag that it doesn't have is no mistake."""
        found = self.library.by_uid(uid)
        if tag in found.tags:
            self.library.untag(found.record, tag)

    def delete_artifact(self, uid: str) -> None:
        """Delete one version of an artifact: its record, its tags, and its bytes. Runs that read it keep these, and say so.

        Raises
        ------
        ArtifactNotFoundError, InputError
            There is none of this uid; it is a key, which all versions share; a run that goes on reads it.
        """
        if versions := self.library.find(key=uid):
            raise InputError(f"{uid!r} is a key, whose versions are deleted by uid: the newest is {versions[0].uid!r}.")
        found = self.library.by_uid(uid)
        live = [run for run in found.consumers if not self.get_run(run).state.finished]
        if live:
            raise InputError(f"{found.key!r} can't be deleted yet: {', '.join(live)} reads it. Wait for its end, or abort it.")
        self.library.delete_artifact(found.record)
