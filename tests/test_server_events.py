"""What happens in a project reaches the browser: soon, thinned, and only what it asked for; over a real server."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
import websocket
from run_folders import begin, finished
from run_folders import events as journal_of
from running import until
from serving import API, TOKEN, events, serving

import jupyter_mlops as mlops
from jupyter_mlops.hosts.server.rest import Service

TRAIN = """
import jupyter_mlops as mlops
n: int = 3
for step in range(n):
    mlops.log_metric("loss", 1 / (step + 1), step=step)
print("trained", n)
accuracy = 1 - 1 / n
"""
EVENT_LOG = """
import logging
c.EventLogger.handlers = [logging.FileHandler({path!r})]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("events")
    made = [mlops.open_project(home / "root" / name, create=True) for name in ("churn", "other")]
    with serving(home, config=EVENT_LOG.format(path=str(home / "told.log"))) as running:
        yield running
    for project in made:
        project.stop_worker()


def is_run(state: str, run: str | None = None):
    return lambda event: event["type"] == "run" and event["run"]["state"] == state and run in (None, event["run"]["id"])


def has_result(key: str, value: object):
    return lambda event: event["type"] == "run" and event["run"]["results"].get(key) == value


def pending(server, **fields):
    """Make a pending run of a process that nobody looks after, so that the test is its runner."""
    return begin(server.root / "churn", **fields)


def test_a_workflow_runs_from_the_browser_and_its_steps_are_told(server):
    defined = server.call("PUT", "/functions/train", body={"code": TRAIN, "returns": ["accuracy"]})
    assert defined.json["change"] == "new", defined.body
    python = "first = train(n=4)\nsecond = train(n=5).after(first)"
    forms = server.call("POST", "/workflows/nightly/check", body={"python": python}).json
    assert forms["problems"] == []
    saved = server.call("PUT", "/workflows/nightly", body={"yaml": forms["yaml"], "etag": None}).json
    assert saved["etag"]
    line = server.watch()
    run = server.call("POST", "/runs", body={"target": "nightly"}).json["run"]
    line.send(json.dumps({"follow": [run]}))
    told = events(line, is_run("completed", run))
    line.close()
    steps = [event["step"] for event in told if event["type"] == "step" and event["run"] == run]
    assert {(step["name"], step["state"]) for step in steps} >= {("first", "completed"), ("second", "completed")}
    assert [event["run"]["state"] for event in told if is_run("running", run)(event)]
    detail = server.call("GET", f"/runs/{run}").json
    assert [step["results"] for step in detail["steps"]] == [{"accuracy": 0.75}, {"accuracy": 0.8}]
    assert detail["origin"] == "lab"
    again = server.call("PUT", "/workflows/nightly", body={"yaml": "name: nightly\nsteps: {}\n", "etag": "old"})
    assert again.status == 409


def test_a_reader_that_comes_in_the_middle_of_a_run_hears_the_rest(server):
    place = pending(server)
    with journal_of(place) as journal:
        journal.append("state", state="running")
        line = server.watch()
        journal.append("result", key="early", value=1)
        events(line, lambda event: is_run("running", place.name)(event) and event["run"]["results"] == {"early": 1})
        line.close()
        again = server.watch()
        journal.append("state", state="completed")
        events(again, is_run("completed", place.name))
        again.close()


def test_one_project_is_not_told_of_another(server):
    line = server.watch("other")
    place = pending(server)
    with journal_of(place) as journal:
        journal.append("state", state="running")
        journal.append("state", state="completed")
    marker = finished(server.root / "other")
    told = events(line, is_run("completed", marker.name))
    line.close()
    assert {event["run"]["id"] for event in told if event["type"] == "run"} == {marker.name}


def test_the_line_ends_with_its_project_and_who_calls_again_is_told_so(server):
    made = mlops.open_project(server.root / "going", create=True)
    made.define("fit", "n: int = 1")
    line = server.watch("going")
    shutil.rmtree(made.folder)
    while line.connected and line.recv():
        pass
    line.shutdown()  # what the server has closed is open on our side
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        server.watch("going")
    assert refused.value.status_code == 404
    assert "no project in 'going'" in server.call("GET", "/runs", project="going").json["message"]


def test_metrics_logs_and_cells_come_to_followers_only(server):
    place = pending(server)
    follower, bystander = server.watch(), server.watch()
    follower.send(json.dumps({"follow": [place.name]}))
    with journal_of(place) as journal:
        journal.append("state", state="running")
        events(follower, is_run("running", place.name))
        (place / "log.txt").write_text("hallo Übung\n")
        journal.metric("loss", float("nan"), 0)
        journal.metric("loss", 0.5)
        journal.append("cell", index=0, id="a", state="running")
        wanted = {"metric", "log", "cell"}
        told = []
        while not wanted <= {event["type"] for event in told}:
            told += events(follower, lambda event: event["type"] in wanted)
        journal.append("state", state="completed")
    heard = events(bystander, is_run("completed", place.name))
    follower.close(), bystander.close()
    assert not wanted & {event["type"] for event in heard}
    points = [point[:2] for event in told if event["type"] == "metric" for point in event["points"]]
    assert points == [[0, None], [1, 0.5]], "NaN is a gap, and a point without a step has its place"
    (log,) = [event for event in told if event["type"] == "log"]
    assert (log["text"], log["offset"], log["end"]) == ("hallo Übung\n", 0, 13)


def test_a_burst_of_100_000_metrics_comes_thinned(server):
    place = pending(server)
    line = server.watch()
    line.send(json.dumps({"follow": [place.name]}))
    with journal_of(place) as journal:
        journal.append("state", state="running")
        events(line, is_run("running", place.name))
        for step in range(100_000):
            journal.metric("loss", float(step == 77_777), step)
        journal.append("state", state="completed")
    told = events(line, lambda event: event["type"] == "metric" and event["total"] == 100_000)
    line.close()
    messages = [event for event in told if event["type"] == "metric"]
    points = [tuple(point[:2]) for event in messages for point in event["points"]]
    assert points[0] == (0, 0.0) and points[-1] == (99_999, 0.0)
    assert (77_777, 1.0) in points, "the one that sticks out is there"
    assert len(points) < 20_000
    series = server.call("GET", "/metrics", runs=[place.name], points=300).json["series"]
    assert series[0]["total"] == 100_000 and len(series[0]["points"]) <= 300
    assert [77_777, 1.0] in [point[:2] for point in series[0]["points"]]


def test_a_reader_that_does_not_read_gets_the_newest_and_no_queue(server):
    place, bursts = pending(server), 20
    deaf = server.watch(sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)])
    deaf.send(json.dumps({"follow": [place.name]}))
    line = server.watch()
    with journal_of(place) as journal:
        journal.append("state", state="running")
        events(line, is_run("running", place.name))
        for burst in range(bursts):
            for number in range(10_000):
                journal.metric(f"m{number % 50}", number / 7, burst * 200 + number // 50)
            journal.append("result", key="burst", value=burst)
            events(line, has_result("burst", burst))
        journal.append("state", state="completed")
    events(line, is_run("completed", place.name))
    told = events(deaf, lambda event: event["type"] == "metric" and event["key"] == "m49" and event["total"] == bursts * 200)
    line.close(), deaf.close()
    # unread they were 200,000 points; what the operating system held on the way is all that came late
    assert sum(len(event["points"]) for event in told if event["type"] == "metric") < 110_000


def test_the_servers_event_log_is_told_of_states(server):
    line = server.watch()
    place = pending(server, name="told of")
    with journal_of(place) as journal:
        journal.append("state", state="running")
        events(line, is_run("running", place.name))
        journal.append("state", state="error", reason="because")
        events(line, is_run("error", place.name))
    path = server.root.parent / "told.log"
    found = until(
        lambda: [json.loads(each) for each in path.read_text().splitlines() if place.name in each and "because" in each]
    )
    line.close()
    assert found[0]["__schema__"] == "https://events.jupyter.org/jupyter_mlops/run/v1"
    assert {key: found[0][key] for key in ("project", "state", "reason", "name")} == {
        "project": "churn",
        "state": "error",
        "reason": "because",
        "name": "told of",
    }


def test_several_projects_are_found_below_the_root(server):
    mlops.open_project(server.root / "team" / "deep" / "nested", create=True)
    mlops.open_project(server.root / "node_modules" / "no", create=True)
    (server.root / "bad").mkdir()
    (server.root / "bad" / "project.yaml").write_text("name: [")
    found = {each["path"]: each for each in server.call("GET", "/projects").json["projects"]}
    assert {"churn", "other", "team/deep/nested", "bad"} <= set(found)
    assert not any("node_modules" in path for path in found)
    assert "project.yaml" in found["bad"]["problem"], "why it can't be read"


def test_an_artifact_is_downloaded_and_never_shown(server, tmp_path):
    project = mlops.open_project(server.root / "churn")
    (tmp_path / 'böse "x".html').write_text("<script>alert(1)</script>")
    artifact = project.log_artifact("page", tmp_path / 'böse "x".html')
    answer = server.call("GET", f"/artifacts/{artifact.uid}/content")
    assert answer.status == 200 and answer.body == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (
        "sandbox" in answer.headers["content-security-policy"]
        and "allow-scripts" not in answer.headers["content-security-policy"]
    )
    gone = server.call("GET", "/artifacts/nothing/content")
    assert gone.status == 404 and gone.json["kind"] == "ArtifactNotFoundError"


def test_a_large_artifact_comes_whole(server):
    project = mlops.open_project(server.root / "churn")
    data = bytes(range(256)) * 40_000
    artifact = project.log_artifact("blob", data)
    assert server.call("GET", f"/artifacts/{artifact.uid}/content").body == data


def test_a_directory_is_downloaded_as_a_zip(server, tmp_path):
    home = tmp_path / "model"
    (home / "in").mkdir(parents=True)
    (home / "in" / "a.txt").write_text("one")
    (home / "b.bin").write_bytes(b"\0\1")
    project = mlops.open_project(server.root / "churn")
    artifact = project.log_artifact("folder", home)
    answer = server.call("GET", f"/artifacts/{artifact.uid}/content")
    assert "model.zip" in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(BytesIO(answer.body))
    assert {name: archive.read(name) for name in archive.namelist()} == {"model/in/a.txt": b"one", "model/b.bin": b"\0\1"}


def test_an_iterator_that_ends_too_early_is_a_failure_and_keeps_nobody_waiting():
    with ThreadPoolExecutor(1) as threads:
        service = Service(places=None, threads=threads, long=threads)
        with pytest.raises(RuntimeError, match="nothing left"):
            asyncio.run(asyncio.wait_for(service.work(lambda: next(iter(()))), 5))


def test_large_directories_that_are_zipped_keep_nobody_else_waiting(server, tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for n in range(4):
        (folder / str(n)).write_bytes(os.urandom(8 << 20))
    artifact = mlops.open_project(server.root / "churn").log_artifact("frames", folder)
    ended: list[float] = []

    def download():
        assert server.call("GET", f"/artifacts/{artifact.uid}/content").status == 200
        ended.append(time.monotonic())

    downloads = [threading.Thread(target=download) for _ in range(10)]
    began = time.monotonic()
    for each in downloads:
        each.start()
    time.sleep(0.2)
    assert server.call("GET", "/functions").status == 200
    answered = time.monotonic()
    for each in downloads:
        each.join()
    assert len(ended) == 10 and answered - began < (max(ended) - began) / 3


def test_the_settings_of_a_project_are_read_again_when_they_change(server):
    path = server.root / "other" / "project.yaml"
    assert server.call("GET", "/project", project="other").json["description"] == ""
    path.write_text(path.read_text().replace("description: ''", "description: now with words"))
    assert server.call("GET", "/project", project="other").json["description"] == "now with words"


def test_a_query_does_not_hold_up_the_server(server):
    """While an operation waits for the catalog, the loop answers others."""
    project = mlops.open_project(server.root / "churn")
    with project.library.catalog._lock.held(shared=False, timeout=5):
        waiting = threading.Thread(target=server.call, args=("GET", "/runs"))
        waiting.start()
        assert server.ask("GET", f"{API}/hello").status == 200
        assert waiting.is_alive(), "the query still waits"
    waiting.join(30)
    assert not waiting.is_alive()
    assert TOKEN not in server.said
