"""DataFrames that look like our tables. A module of its own, imported on first use, because pandas is heavy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from jupyter_mlops.display import artifacts_html, artifacts_text, runs_html, runs_text

if TYPE_CHECKING:
    from jupyter_mlops.library import ArtifactHandle

LIMIT = 50


class Runs(pd.DataFrame):  # type: ignore[misc]
    """All runs that were asked for; what is displayed are the first of them. Anything made from it is a plain DataFrame."""

    _metadata = ["_rows"]  # noqa: RUF012 - pandas declares it so

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows: Sequence[Mapping[str, Any]] = self._rows
        return {"text/html": runs_html(rows, total=len(self)), "text/plain": runs_text(rows)}


def runs(frame: pd.DataFrame, rows: Sequence[Mapping[str, Any]]) -> Runs:
    """Return a table of runs that shows ``rows``, whose ``params`` and ``results`` are maps."""
    table = Runs(frame)
    object.__setattr__(
        table, "_rows", [{**row, "params": dict(row["params"] or {}), "results": dict(row["results"] or {})} for row in rows]
    )
    return table


class Artifacts(pd.DataFrame):  # type: ignore[misc]
    """Artifact versions, newest first; ``.handles`` are the artifacts themselves."""

    _metadata = ["handles", "_tags"]  # noqa: RUF012

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        records = [handle.record for handle in self.handles[:LIMIT]]
        html = artifacts_html(records, self._tags, total=len(self.handles))
        return {"text/html": html, "text/plain": artifacts_text(records, self._tags)}


def artifacts(handles: Sequence[ArtifactHandle], tags: Mapping[str, Sequence[str]]) -> Artifacts:
    """Return a table of artifacts; ``tags`` are those of each, by uid."""
    columns = ("key", "kind", "size", "type", "created", "uri", "uid", "producer")
    table = Artifacts([{name: getattr(handle, name) for name in columns} for handle in handles], columns=list(columns))
    object.__setattr__(table, "handles", list(handles))
    object.__setattr__(table, "_tags", dict(tags))
    return table
