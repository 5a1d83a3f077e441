"""Before a workflow runs: which of its steps would be reused, which would run, and why. Nothing is started or written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution import stepfacts
from jupyter_mlops.workflows import cache, conditions

if TYPE_CHECKING:
    from jupyter_mlops.execution.flow import Flow
    from jupyter_mlops.records import Spec
    from jupyter_mlops.workflows.nouns import Step

CACHED, WILL_RUN, SKIPPED = "cached", "will run", "skipped"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What would become of one step: ``cached`` from ``run``, ``will run`` or ``skipped``, and why."""

    step: str
    verdict: str
    why: tuple[str, ...] = ()
    run: str | None = None


def explain(flow: Flow) -> list[Verdict]:
    """Return the verdict on every step, in the order in which they would run."""
    return _Preview(flow).verdicts()


class _Preview:
    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.found: dict[str, Verdict] = {}

    def verdicts(self) -> list[Verdict]:
        by_name = {step.name: step for step in self.flow.workflow.steps}
        for name in self.flow.scheduler.order:
            self.found[name] = self._verdict(by_name[name])
        return list(self.found.values())

    def _verdict(self, step: Step) -> Verdict:
        needs = dict.fromkeys([*(ref.step for ref in step.refs), *step.after, *_asked(step)])
        for need in needs:
            if need in self.found and self.found[need].verdict == SKIPPED and need not in step.after:
                return Verdict(step=step.name, verdict=SKIPPED, why=(f"{need} is skipped",))
        first = [need for need in needs if need in self.found and self.found[need].verdict == WILL_RUN and need not in step.after]
        if first:
            why = f"{', '.join(first)} {'run' if first[1:] else 'runs'} first"
            return Verdict(step=step.name, verdict=WILL_RUN, why=(why,))
        try:
            return self._known(step)
        except MlopsError as error:
            return Verdict(step=step.name, verdict=WILL_RUN, why=(str(error),))

    def _known(self, step: Step) -> Verdict:
        """All that the step takes is there already."""
        flow = self.flow
        if step.when is not None and not flow.holds(step):
            return Verdict(step=step.name, verdict=SKIPPED, why=(f"when {step.when} is false",))
        if step.workflow is not None:
            return Verdict(step=step.name, verdict=WILL_RUN, why=(f"its own steps decide: explain {step.workflow!r}",))
        if not step.cache:
            return Verdict(step=step.name, verdict=WILL_RUN, why=("cache is off for it",))
        if not flow.spec.plan.get("cache", True):
            return Verdict(step=step.name, verdict=WILL_RUN, why=("the cache is off",))
        nodes = [f"{step.name}[{number}]" for number in range(len(flow.spread(step)))] if step.foreach else [step.name]
        verdicts = [self._node(step, node) for node in nodes]
        running = [verdict for verdict in verdicts if verdict.verdict == WILL_RUN]
        if not running:
            return Verdict(step=step.name, verdict=CACHED, run=verdicts[0].run if verdicts else None)
        whys = running[0].why if not step.foreach else (f"{len(running)} of {len(nodes)} items: {', '.join(running[0].why)}",)
        return Verdict(step=step.name, verdict=WILL_RUN, why=whys)

    def _node(self, step: Step, node: str) -> Verdict:
        child = self.flow.call(step, node)
        run = self.flow.past.match(str(child.fingerprint))
        if run is not None:
            self.flow.runs[node] = run
            return Verdict(step=node, verdict=CACHED, run=run)
        return Verdict(step=node, verdict=WILL_RUN, why=tuple(self._why(child, node)))

    def _why(self, child: Spec, node: str) -> list[str]:
        past = self.flow.past
        run = past.latest(self.flow.workflow.name, node, completed=False)
        if run is None:
            return ["it never ran"]
        earlier, story = past.spec(run), past.story(run)
        if not story.state.finished or story.failure is not None:
            return [f"its last run ended in {story.state}"]
        if not earlier.facts:
            return ["its last run can't be compared"]
        if past.is_cleared(run):
            return ["its cache was cleared"]
        if not past.is_whole(run):
            return ["the bytes of an artifact it made are gone"]
        old, new = (cache.Facts(**spec.facts["made_of"]) for spec in (earlier, child))
        rows = (earlier.facts.get("rows") or {}, child.facts.get("rows") or {})
        around = (past.environment(run), stepfacts.in_words(child.runtime, *stepfacts.here(child.runtime)))
        code = past.code_change(earlier, child)
        return cache.explain(old, new, rows=rows, packages=around, code=code) or ["it can't be said"]


def _asked(step: Step) -> list[str]:
    return [where for where, _ in sorted(conditions.names(step.when)) if where not in ("", "params")] if step.when else []
