"""One thread watches a project and tells everybody who listens, and only of what is new."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from run_folders import artifact, begin, finished, note
from run_folders import events as journal_of
from running import PATIENCE

import jupyter_mlops as mlops
from jupyter_mlops.api import Feed, Outbox
from jupyter_mlops.api.thinning import thin
from jupyter_mlops.api.tracked import whole
from jupyter_mlops.api.watching import Watch


@pytest.fixture
def folder(tmp_path):
    return mlops.open_project(tmp_path / "churn", create=True).folder


class Ear:
    """Hears a feed, and waits for what fits."""

    def __init__(self, feed: Feed, follow=()) -> None:
        self.heard: list[dict] = []
        self._new: queue.Queue[list[dict]] = queue.Queue()
        self.listener = feed.listen(self._new.put)
        self.listener.follow(follow)

    def hears(self) -> bool:
        """Return whether anything was heard, waiting a moment for it."""
        try:
            self.heard += self._new.get(timeout=0.05)
        except queue.Empty:
            return False
        return True

    def until(self, fits) -> list[dict]:
        """Return all that was heard until something fits."""
        deadline = time.monotonic() + PATIENCE
        while not any(map(fits, self.heard)):
            self.heard += self._new.get(timeout=max(0.01, deadline - time.monotonic()))
        heard, self.heard = self.heard, []
        return heard


@pytest.fixture
def ear(folder):
    found = Ear(Feed(folder))
    yield found
    found.listener.close()


def state(run: str, wanted: str):
    return lambda event: event["type"] == "run" and event["run"]["id"] == run and event["run"]["state"] == wanted


def changed(what: str, name: str | None = None):
    return lambda event: event == {"type": "changed", "what": what, "name": name}


def test_a_run_is_told_from_its_birth_to_its_removal(folder, ear):
    place = begin(folder)
    run = place.name
    (born,) = [event for event in ear.until(state(run, "pending")) if event["type"] == "run"]
    assert born["run"]["function"] == "train"
    with journal_of(place) as journal:
        journal.append("state", state="running")
        ear.until(state(run, "running"))
        journal.append("result", key="accuracy", value=0.5)
        ear.until(lambda event: event["type"] == "run" and event["run"]["results"] == {"accuracy": 0.5})
        journal.append("progress", done=3, total=4, label="epochs")
        told = ear.until(lambda event: event.get("progress") is not None)
        assert told[-1]["progress"] == {"value": 0.75, "text": "3 of 4 epochs"}
        journal.append("state", state="completed")
    ear.until(state(run, "completed"))
    for path in place.iterdir():
        path.unlink()
    place.rmdir()
    ear.until(lambda event: event == {"type": "removed", "run": run})


def test_what_was_there_before_is_no_news(folder):
    finished(folder)
    with journal_of(begin(folder)) as journal:
        journal.append("state", state="running")
    watch = Watch(folder)
    assert watch.look() == []
    assert len(watch.tracked) == 1, "the one that goes on"


def test_a_run_that_was_copied_in_is_told_once(folder, ear):
    place = finished(folder)
    assert len([event for event in ear.until(state(place.name, "completed")) if event["type"] == "run"]) <= 2


def test_finished_runs_are_never_looked_at_again(folder):
    for _ in range(50):
        finished(folder)
    watch = Watch(folder)
    watch.look()
    assert not watch.tracked and not watch.is_live


def test_a_step_is_told_by_its_parent_and_by_its_own_run(folder, ear):
    parent = begin(folder, function=None, workflow="nightly", name="nightly")
    (parent / "workflow.yaml").write_text("name: nightly\nsteps:\n  first:\n    function: train\n")
    with journal_of(parent) as above:
        above.append("state", state="running")
        child = begin(folder, parent=parent.name, step="first")
        above.append("step", node="first", step="first", state="running", run=child.name, reason="")
        (line,) = [e["step"] for e in ear.until(lambda event: event["type"] == "step") if e["type"] == "step"][-1:]
        assert (line["name"], line["state"], line["run"], line["function"]) == ("first", "running", child.name, "train")
        with journal_of(child) as below:
            below.append("state", state="running")
            below.append("result", key="accuracy", value=0.75)
            ear.until(lambda event: event["type"] == "step" and event["step"]["results"] == {"accuracy": 0.75})
            failure = {"ename": "ValueError", "evalue": "no", "cell": 0, "line": 1, "traceback": []}
            below.append("state", state="error", reason="ValueError: no", failure=failure)
        told = ear.until(lambda event: event["type"] == "step" and event["step"]["state"] == "error")
        assert [event["step"]["error"] for event in told if event["type"] == "step"][-1] == "ValueError: no"
        above.append("state", state="error", reason="first failed")
    ear.until(state(parent.name, "error"))


def test_items_of_a_foreach_are_counted_and_iterations_told_by_number(folder, ear):
    parent = begin(folder, function=None, workflow="nightly", name="nightly")
    (parent / "workflow.yaml").write_text("name: nightly\nsteps:\n  each:\n    function: train\n")
    with journal_of(parent) as above:
        above.append("state", state="running")
        above.append("step", node="each", step="each", state="running", run=None, reason="", total=3)
        for number, said in ((0, "completed"), (1, "running")):
            item = finished(folder, parent=parent.name, step="each") if said == "completed" else begin(folder, parent=parent.name)
            above.append("step", node=f"each[{number}]", step="each", state=said, run=item.name, reason="")
        ear.until(lambda event: event["type"] == "step" and event["step"]["items"] == {"done": 1, "total": 3})
    sweep = begin(folder, plan={"sweep": {"points": [{"depth": 1}, {"depth": 2}]}})
    with journal_of(sweep) as above:
        child = finished(folder, parent=sweep.name, iteration=2, params={"depth": 2, "same": 1}, results={"accuracy": 1})
        above.append("step", node="[2]", step="", state="completed", run=child.name, reason="")
        above.append("result", key="best_iteration", value=2)
        above.append("state", state="completed")
    told = ear.until(lambda event: event["type"] == "run" and event["run"]["id"] == child.name and event["run"]["best"])
    (line,) = [event["step"] for event in told if event["type"] == "step" and event["run"] == sweep.name][-1:]
    assert (line["name"], line["params"], line["best"]) == ("2", {"depth": 2}, True)


def test_only_followers_hear_of_metrics_and_only_of_their_runs(folder):
    feed = Feed(folder)
    mine, other = begin(folder), begin(folder)
    one, none = Ear(feed, [mine.name]), Ear(feed)
    with journal_of(mine) as first, journal_of(other) as second:
        for journal in (first, second):
            journal.append("state", state="running")
        one.until(state(other.name, "running"))
        for journal in (second, first):
            journal.metric("loss", 0.5, 7)
        told = one.until(lambda event: event["type"] == "metric")
        for journal in (first, second):
            journal.append("state", state="completed")
    told += one.until(state(mine.name, "completed"))
    heard = none.until(state(mine.name, "completed"))
    assert {event["run"] for event in told if event["type"] == "metric"} == {mine.name}
    assert not [event for event in heard if event["type"] == "metric"]
    one.listener.close(), none.listener.close()


def test_who_follows_later_is_told_how_many_points_there_were(folder):
    place = begin(folder)
    feed = Feed(folder)
    ear = Ear(feed)
    with journal_of(place) as journal:
        journal.append("state", state="running")
        for step in range(50):
            journal.metric("loss", step, step)
        journal.append("result", key="mark", value=1)
        ear.until(lambda event: event["type"] == "run" and "mark" in event["run"]["results"])
        ear.listener.follow([place.name])
        late = Ear(feed, [place.name])
        step = 50
        while not late.hears():  # who follows is heard of at the next look
            journal.metric("loss", step, step)
            step += 1
        told = late.until(lambda event: event["type"] == "metric")
        point = next(event for event in told if event["type"] == "metric")
        assert point["total"] == point["points"][-1][0] + 1 > 50
        journal.append("state", state="completed")
    ear.listener.close(), late.listener.close()


def test_changes_of_functions_workflows_artifacts_and_settings_are_told(folder, ear):
    project = mlops.open_project(folder)
    project.define("train", "n: int = 3\naccuracy = n", returns=["accuracy"])
    ear.until(changed("functions", "train"))
    project.define_workflow("nightly", "train(n=3)")
    ear.until(changed("workflows", "nightly"))
    project.log_artifact("answer", 42)
    ear.until(changed("artifacts"))
    path = folder / "project.yaml"
    path.write_text(path.read_text() + "labels: {a: b}\n")
    ear.until(changed("project"))
    (folder / "workflows" / "nightly.yaml").unlink()
    ear.until(changed("workflows", "nightly"))


def test_an_artifact_of_a_run_and_a_tag_of_an_ended_one_are_told(folder, ear):
    place = begin(folder, tags={"team": "blue"})
    with journal_of(place) as journal:
        journal.append("artifact", **artifact())
        ear.until(changed("artifacts"))
        journal.append("state", state="completed")
    ear.until(state(place.name, "completed"))
    note(folder, "tag", run=place.name, key="best", value="yes")
    ear.until(lambda event: event["type"] == "run" and event["run"]["tags"] == {"best": "yes", "team": "blue"})


def test_lines_and_folders_of_another_hand_do_not_stop_it(folder, ear):
    (folder / "runs" / "nonsense").mkdir()
    (folder / "runs" / "file").write_text("")
    place = begin(folder)
    with (place / "events.jsonl").open("ab") as file:
        file.write(
            b'{"e": "state", "t": 1, "state": "dancing"}\n\xff\xfe\n{"e": "step", "t": 1}\n{"e":"metric","t":1,"key":{}}\n'
        )
        file.write(b'{"e": "step", "t": 1, "node": "x", "step": "x", "state": "odd", "run": "../.."}\n')
    with journal_of(place) as journal:
        journal.append("state", state="completed")
    ear.until(state(place.name, "completed"))


def test_a_listener_that_fails_does_not_keep_others_from_hearing(folder, caplog):
    def fail(_):
        raise RuntimeError("my own fault")

    feed = Feed(folder)
    bad = feed.listen(fail)
    good = Ear(feed)
    place = finished(folder)
    good.until(state(place.name, "completed"))
    assert "my own fault" in caplog.text
    bad.close(), good.listener.close()


def test_the_thread_lives_as_long_as_somebody_listens(tmp_path):
    folder = mlops.open_project(tmp_path / "lonely", create=True).folder
    feed = Feed(folder)

    def threads():
        return [thread for thread in threading.enumerate() if thread.name == f"feed of {folder.name}"]

    one, two = feed.listen(print), feed.listen(print)
    (thread,) = threads()
    one.close()
    assert threads() == [thread]
    two.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    again = Ear(feed)
    place = finished(folder)
    again.until(state(place.name, "completed"))
    again.listener.close()


# --- on the way ---


def run_event(run: str, **fields) -> dict:
    return {"type": "run", "run": {"id": run, **fields}}


def test_an_outbox_keeps_the_newest_of_each_kind():
    box = Outbox()
    box.add([run_event("a", state="running"), run_event("b", state="running"), run_event("a", state="completed")])
    box.add([{"type": "changed", "what": "functions", "name": None}] * 3)
    assert box.take() == [
        run_event("a", state="completed"),
        run_event("b", state="running"),
        {"type": "changed", "what": "functions", "name": None},
    ]
    assert box.take() == []


def test_an_outbox_joins_points_and_text_and_stays_small():
    box = Outbox()
    for start in range(0, 100_000, 500):
        points = [[step, float(step == 60_123), 0.0] for step in range(start, start + 500)]
        box.add([{"type": "metric", "run": "a", "key": "loss", "points": points, "total": start + 500}])
        box.add([{"type": "log", "run": "a", "text": "x" * 1000, "offset": start * 2, "end": start * 2 + 1000}])
    metric, log = box.take()
    assert metric["total"] == 100_000 and len(metric["points"]) <= 300
    assert [60_123, 1.0, 0.0] in metric["points"] and metric["points"][-1][0] == 99_999
    assert len(log["text"]) <= 130_000 and log["end"] == log["offset"] + len(log["text"]) == 199_000 + 1000


def test_an_outbox_that_nobody_empties_lets_go_of_what_can_be_asked_for_again():
    box = Outbox()
    for number in range(20_000):
        box.add([{"type": "metric", "run": str(number), "key": "loss", "points": [], "total": 0}])
    box.add([run_event("a")])
    taken = box.take()
    assert len(taken) <= 5_000 and run_event("a") in taken


@pytest.mark.parametrize("count", [0, 1, 3, 10, 11, 100, 9999])
def test_thinning_keeps_ends_extremes_and_order(count):
    points = [(step, None if step == 5 else float((step * 7919) % 101), 0.0) for step in range(count)]
    few = thin(points, 20)
    assert len(few) <= max(20, 4)
    assert few == sorted(few, key=lambda point: point[0]) and set(few) <= set(points)
    if count > 20:
        known = [value for _, value, _ in points if value is not None]
        shown = [value for _, value, _ in few if value is not None]
        assert few[0] == points[0] and few[-1] == points[-1]
        assert (min(known), max(known)) == (min(shown), max(shown)) and points[5] in few


def test_text_is_cut_between_characters():
    data = "aé—🥊".encode()
    for cut in range(len(data) + 1):
        text, taken = whole(data[:cut])
        assert data[:taken].decode() == text
        rest, _ = whole(data[taken:])
        assert text + rest == "aé—🥊"
    assert whole(data[2:], inside=True)[0] == "—🥊"
    assert whole(b"\xff\xffa")[0] == "��a"
    json.dumps(whole(b"\xed\xa0\x80")[0]).encode()


def test_a_process_that_listens_ends_as_it_should(tmp_path):
    script = """
        import sys, threading, jupyter_mlops as mlops
        from jupyter_mlops.api import Feed
        project = mlops.open_project(sys.argv[1], create=True)
        told = threading.Event()
        Feed(project.folder).listen(lambda events: told.set())
        project.define("small", "n: int = 1\\nm = n", returns=["m"])
        sys.exit(0 if told.wait(30) else 3)
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "heard")], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
