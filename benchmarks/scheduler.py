"""What scheduling itself costs: no-op steps with a fake executor, at 1,000 and at 10,000; one JSON line.

    python benchmarks/scheduler.py

Asked: at most 0.2 ms a step, and linear: a ratio near 1 between the two sizes.
"""

from __future__ import annotations

import gc
import json
from collections import deque
from time import perf_counter

from jupyter_mlops.records import State
from jupyter_mlops.workflows.nouns import Ref, Resources, Step, Workflow
from jupyter_mlops.workflows.scheduler import Scheduler

SMALL, LARGE, TIMES = 1_000, 10_000, 5


def layered(count: int) -> Workflow:
    """Rows of ten, each step of which takes from two of the row before; every seventh has a condition."""
    steps = []
    for index in range(count):
        row, place = divmod(index, 10)
        before = sorted({f"s{(row - 1) * 10 + place}", f"s{(row - 1) * 10 + (place + 1) % 10}"}) if row else []
        inputs = {name: Ref(step=name, output="x") for name in before}
        when = f"{before[0]}.x >= {index}" if before and index % 7 == 0 else None
        steps.append(Step(name=f"s{index}", function="f", inputs=inputs, when=when))
    return Workflow(name="layered", steps=tuple(steps))


def chain(count: int) -> Workflow:
    """Each after the one before."""
    steps = (Step(name=f"s{index}", function="f", after=(f"s{index - 1}",) if index else ()) for index in range(count))
    return Workflow(name="chain", steps=tuple(steps))


def wide(count: int) -> Workflow:
    """All at once, and one that gathers them."""
    steps = [Step(name=f"s{index}", function="f") for index in range(count)]
    gather = Step(name="gather", function="f", inputs={"all": [Ref(step=step.name, output="x") for step in steps]})
    return Workflow(name="wide", steps=(*steps, gather))


def uneven(count: int) -> Workflow:
    """All at once, and no two of one size."""
    steps = (Step(name=f"s{index}", function="f", resources=Resources(mem=1 + index * 7919 % count)) for index in range(count))
    return Workflow(name="uneven", steps=tuple(steps))


def seconds(workflow: Workflow) -> float:
    """Return what it takes to schedule a workflow from its nouns to its end, eight steps at once."""
    gc.collect()
    began = perf_counter()
    scheduler = Scheduler(workflow, limit=8, cpu=8.0, mem=2 * LARGE, gpus=0)
    running: deque[str] = deque()
    while scheduler.is_active:
        running.extend(ready.node for ready in scheduler.ready())
        scheduler.done(running.popleft(), State.COMPLETED)
    return perf_counter() - began


def main() -> None:
    """Measure each shape at both sizes and print the worst."""
    ms = {}
    for shape in (layered, chain, wide, uneven):
        for size in (SMALL, LARGE):
            workflow = shape(size)
            ms[shape.__name__, size] = min(seconds(workflow) for _ in range(TIMES)) / size * 1_000
    worst = max(value for value in ms.values())
    ratio = max(ms[shape, LARGE] / ms[shape, SMALL] for shape, _ in ms)
    found = {f"{shape}_{size}_ms_per_step": round(value, 4) for (shape, size), value in ms.items()}
    print(json.dumps({"benchmark": "scheduler", **found, "worst_ms_per_step": round(worst, 4), "worst_ratio": round(ratio, 2)}))


if __name__ == "__main__":
    main()
