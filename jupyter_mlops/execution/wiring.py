"""From what a step says to what its run gets: references become the values and artifacts that other steps gave."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import values
from jupyter_mlops.errors import InputError, ParameterError, did_you_mean
from jupyter_mlops.execution.inside import lookup
from jupyter_mlops.functions.arguments import outside
from jupyter_mlops.records import Artifact, Function, Input, Source
from jupyter_mlops.storage import artifacts
from jupyter_mlops.storage.artifacts import format_uri, is_uri
from jupyter_mlops.storage.packagers.plain import Json
from jupyter_mlops.workflows.nouns import Param, Ref, replaced

if TYPE_CHECKING:
    from jupyter_mlops.events import History

Outputs = Callable[[str], "list[History] | History"]


class Wiring:
    """The values around the steps of one workflow run.

    Parameters
    ----------
    params
        The workflow's parameters, decoded.
    outputs
        Gives the history of a step's run; of a step with ``foreach`` a list of them.
    cwd
        What relative paths are relative to.
    """

    def __init__(self, project: Path, name: str, params: dict[str, Any], outputs: Outputs, cwd: Path) -> None:
        self.project, self.name, self.params, self.cwd = project, name, params, cwd
        self._outputs = outputs
        self.outcome: dict[str, Any] = {}  # of the workflow's run, for the exit handler

    def value(self, given: Any) -> Any:
        """Return a plain value for a parameter.

        Raises
        ------
        ParameterError
            A reference leads to nothing, or to an artifact.
        """
        return replaced(given, self._plain)

    def items(self, given: Any) -> list[Any]:
        """Return the list that a ``foreach`` goes through; its items are values, artifacts or sources."""
        found = self.one(given) if isinstance(given, Ref) else self.value(given)
        if isinstance(found, Artifact) and found.packager == Json.name:  # a list that was returned and is no result
            _, blobs, cache = lookup.find(format_uri(found, self.name), self.project)
            found = artifacts.load(found, blobs, cache)
        if isinstance(found, Artifact):
            raise ParameterError(f"foreach goes through a list; {given} is an artifact ({found.kind}). Return a list.")
        if not isinstance(found, list | tuple | set | frozenset | range):
            what = f"{_shown(given)} is {values.text(found, 60)} ({type(found).__name__})"
            raise ParameterError(f"foreach goes through a list; {what}. Give it a list.")
        return list(found)

    def one(self, ref: Ref) -> Any:
        """Return what a reference leads to: a plain value, an Artifact, or a list of these."""
        if ref.step == "run":
            return self.outcome[ref.output]
        found = self._outputs(ref.step)
        return [self._of(ref, one) for one in found] if isinstance(found, list) else self._of(ref, found)

    def source(self, item: Input, given: Any) -> Source:
        """Return where an input comes from."""
        if isinstance(given, Param):
            given = self._plain(given)
        if isinstance(given, Ref):
            given = self.one(given)
        if isinstance(given, Artifact):
            return self._artifact(given, item)
        if isinstance(given, list | tuple):
            parts = tuple(self.source(replace(item, hint=None), each) for each in given)
            return Source(uri=f"{len(parts)} items", hash=_joined(parts), items=parts)
        if isinstance(given, str) and is_uri(given):
            return self._artifact(lookup.find(given, self.project)[0], item)
        if isinstance(given, str | Path):
            return outside(str(given), item, self.cwd)
        encoded = values.encode(given)
        return Source(uri=values.text(given, 60), hash=_hash(encoded), value=[encoded], hint=item.hint)

    def look_up(self, step: str, name: str) -> Any:
        """Return what a name in a condition means."""
        return self._plain(Param(name=name) if step == "params" else Ref(step=step, output=name))

    def _plain(self, ref: Ref | Param) -> Any:
        if isinstance(ref, Param):
            return self.params[ref.name]
        found = self.one(ref)
        for each in found if isinstance(found, list) else [found]:
            if isinstance(each, Artifact):
                raise ParameterError(f"{ref} is an artifact ({each.kind}), not a value: give it to an input.")
        return found

    def _of(self, ref: Ref, story: History) -> Any:
        if ref.output in story.results:
            return values.decode(story.results[ref.output])
        if ref.output in story.artifacts:
            return story.artifacts[ref.output]
        known = [*story.results, *story.artifacts]
        there = did_you_mean(ref.output, known) or (f" It gave {', '.join(known)}." if known else " It gave nothing.")
        raise InputError(f"{ref} isn't there: step {ref.step!r} gave no {ref.output!r}.{there}")

    def _artifact(self, artifact: Artifact, item: Input) -> Source:
        return Source(
            uri=format_uri(artifact, self.name),
            hash=artifact.hash,
            artifact=artifact.uid,
            packager=artifact.packager,
            hint=item.hint,
            meta={**artifact.meta, "name": artifact.name},
        )


def split(function: Function, given: dict[str, Any], item: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell a step's params from its inputs, as a foreach may name either."""
    inputs = {one.name for one in function.inputs}
    merged = {**given, **item}
    return (
        {name: value for name, value in merged.items() if name not in inputs},
        {name: value for name, value in merged.items() if name in inputs},
    )


def input_hashes(sources: dict[str, Source]) -> dict[str, str]:
    """Return what identifies the bytes of each input; an address whose bytes aren't known stands for itself."""
    return {name: source.hash or _joined(source.parts) for name, source in sources.items()}


def _joined(parts: tuple[Source, ...]) -> str:
    return sha256("\n".join(part.hash or part.uri for part in parts).encode()).hexdigest()


def _hash(encoded: Any) -> str:
    return sha256(json.dumps(encoded, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _shown(given: Any) -> str:
    return str(given) if isinstance(given, Ref | Param) else values.text(given, 60)
