"""How soon the server answers and tells: a page of 10,000 runs over HTTP, and a line in a journal until it is on the websocket.

Prints one JSON line. ``page_ms`` are medians of a page of 100 runs, warm: newest first, sorted by a result, with a condition,
with words; ``all_ms`` is what reading all runs takes (``project.runs()``). ``event_ms`` is from a line in a journal to its
message, and ``metric_ms`` the same of a followed metric; both with the 50 ms in which the websocket gathers. ``idle_percent`` is
the feed's share of a core while nothing happens in a project of that many runs.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from run_folders import begin
from run_folders import events as journal_of
from serving import events, serving

import jupyter_mlops as mlops
from jupyter_mlops.api import Feed
from jupyter_mlops.storage.journal import Journal, new_id

RUNS = 10_000
ROUNDS = 15
PAGES = {
    "newest": {},
    "sorted": {"sort": "accuracy"},
    "condition": {"query": "accuracy > 0.5 AND depth < 8", "sort": "accuracy"},
    "words": {"query": "train 77"},
}


def project_of(folder: Path, runs: int) -> mlops.Project:
    """Make a project with many finished runs, each with five params, three results and a metric."""
    project = mlops.open_project(folder, create=True)
    for number in range(runs):
        params = {"depth": number % 12, "rate": number / runs, "solver": "fast", "seed": number, "flag": number % 2 == 0}
        place = begin(folder, new_id(), name=f"train {number}", params=params, tags={"team": "blue"})
        with Journal(place / "events.jsonl") as journal:
            journal.append("state", state="running")
            journal.metric("loss", 0.5, 1)
            for key in ("accuracy", "loss", "recall"):
                journal.append("result", key=key, value=(number * 7919 % 10_007) / 10_007)
            journal.append("state", state="completed")
    for path in (folder / "runs").glob("*/events.jsonl"):  # runs of today would be looked at once more
        os.utime(path, (1e9, 1e9))
    project.library.catalog.fold()
    return project


def timed(work) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def pages(server) -> dict[str, float]:
    found = {}
    for name, query in PAGES.items():
        times = [timed(lambda query=query: server.call("GET", "/runs", limit=100, **query)) for _ in range(ROUNDS + 2)]
        found[name] = round(median(times[2:]), 1)
    return found


def latency(server, kind: str) -> float:
    """Return the median time from a line in a journal to its message, in milliseconds."""
    place = begin(server.root / "churn")
    line, times = server.watch(), []
    line.send(json.dumps({"follow": [place.name]}))
    with journal_of(place) as journal:
        journal.append("state", state="running")
        events(line, lambda event: event["type"] == "run" and event["run"]["state"] == "running")
        for number in range(ROUNDS * 2):
            time.sleep(0.1 + number % 7 / 100)  # not in step with the server's own looks
            begun = time.perf_counter()
            if kind == "metric":
                journal.metric("loss", number, number)
                events(line, lambda event, number=number: event["type"] == "metric" and event["points"][-1][0] == number)
            else:
                journal.append("result", key="n", value=number)
                events(line, lambda event, number=number: event["type"] == "run" and event["run"]["results"].get("n") == number)
            times.append((time.perf_counter() - begun) * 1000)
        journal.append("state", state="completed")
    line.close()
    return round(median(times), 1)


def idle(folder: Path, seconds: float = 5.0) -> float:
    """Return the share of a core that a feed takes while nothing happens, in percent."""
    listener = Feed(folder).listen(lambda _: None)
    time.sleep(1.0)
    before = resource.getrusage(resource.RUSAGE_SELF)
    time.sleep(seconds)
    after = resource.getrusage(resource.RUSAGE_SELF)
    listener.close()
    return round(100 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / seconds, 2)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        project = project_of(Path(home) / "root" / "churn", RUNS)
        everything = round(median(timed(project.runs) for _ in range(3)), 1)
        share = idle(project.folder)
        with serving(Path(home)) as server:
            found = {
                "benchmark": "server",
                "runs": RUNS,
                "page_ms": pages(server),
                "all_ms": everything,
                "event_ms": latency(server, "event"),
                "metric_ms": latency(server, "metric"),
                "idle_percent": share,
            }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
