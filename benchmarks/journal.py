"""What a metric costs: ``Journal.metric`` beside the bare ``os.write`` that it can't do without. Prints one line of JSON."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from jupyter_mlops.storage.catalog import Catalog
from jupyter_mlops.storage.journal import Journal

CALLS = 20_000
LINE = b'{"e":"metric","t":1795510571.8491983,"key":"loss","value":0.6172835,"step":12345}\n'


def per_call(call) -> list[float]:
    """Return how long each call took, in microseconds."""
    times = []
    for number in range(CALLS):
        begun = time.perf_counter_ns()
        call(number)
        times.append((time.perf_counter_ns() - begun) / 1000)
    return times


def folding(folder: Path) -> float:
    """Return how many metrics a second go into the catalog."""
    run = folder / "runs" / "20261124-083512-k3v9x2ab"
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps({"id": run.name, "project": "bench", "name": "bench"}))
    catalog = Catalog(folder, "bench")
    catalog.fold()
    with Journal(run / "events.jsonl") as journal:
        for step in range(10 * CALLS):
            journal.metric("loss", step / 7, step)
    begun = time.perf_counter()
    catalog.fold()
    return 10 * CALLS / (time.perf_counter() - begun)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        bare = per_call(lambda _: os.write(descriptor, LINE))
        os.close(descriptor)
        with Journal(folder / "events.jsonl") as journal:
            ours = per_call(lambda number: journal.metric("loss", number / 7, number))
        rate = folding(folder)
    report = {
        "benchmark": "journal",
        "metric_us_median": round(median(ours), 2),
        "metric_us_p99": round(quantiles(ours, n=100)[98], 2),
        "os_write_us_median": round(median(bare), 2),
        "limit_us": 10,
        "folded_metrics_per_s": round(rate),
    }
    print(json.dumps(report))
    sys.exit(report["metric_us_median"] > report["limit_us"])


if __name__ == "__main__":
    main()
