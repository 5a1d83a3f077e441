"""What is wrong with a workflow's text, each with its place, and all of them as one error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_mlops.errors import WorkflowError

_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: where, and what to do about it. ``line`` is 1-based."""

    text: str
    step: str | None = None
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        places = (f"line {self.line}" if self.line else "", f"step {self.step!r}" if self.step else "", self.field or "")
        place = ", ".join(place for place in places if place)
        return f"{place}: {self.text}" if place else self.text


def refusal(subject: str, problems: Sequence[Problem]) -> WorkflowError:
    """Return the error that lists all problems, in the order of the text."""
    found = sorted(problems, key=lambda problem: problem.line or 0)
    listed = [str(problem) for problem in found]
    if len(listed) == 1:
        message = f"{subject}, {listed[0]}" if problems[0].line else f"{subject}: {listed[0]}"
        return WorkflowError(message, problems=listed, found=found)
    rest = [f"… and {len(listed) - _SHOWN} more"] if len(listed) > _SHOWN else []
    lines = "".join(f"\n  - {line}" for line in [*listed[:_SHOWN], *rest])
    return WorkflowError(f"{subject} has {len(listed)} problems:{lines}", problems=listed, found=found)
