"""What a panel answers over its comm, to whom, and that nothing it is told can hurt it."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from run_folders import begin, events, finished
from running import until

import jupyter_mlops as mlops
from jupyter_mlops import api
from jupyter_mlops.hosts import panel_talk
from jupyter_mlops.hosts.panel_talk import Talk


class Comm:
    """The front end's end of the line: what was said, in order, and by which threads at once."""

    def __init__(self) -> None:
        self.said: list[dict] = []
        self._busy = threading.Lock()

    def __call__(self, content, buffers=None) -> None:
        assert self._busy.acquire(blocking=False), "two threads sent at once"
        try:
            self.said.append(json.loads(json.dumps(content)))
        finally:
            self._busy.release()

    def answer(self, name: str) -> dict:
        return until(lambda: next((each for each in self.said if each.get("id") == name), None))

    def heard(self, client: str, count: int = 1) -> dict:
        return until(lambda: [each for each in self.said if each.get("heard") == client][count - 1 : count])[0]

    @property
    def events(self) -> list[dict]:
        return [event for each in self.said for event in each.get("events", ())]


@pytest.fixture
def project(tmp_path):
    return mlops.open_project(tmp_path / "churn", create=True)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.fixture
def comm():
    return Comm()


@pytest.fixture
def talk(project, comm, pool):
    made = Talk(project, comm, pool)
    yield made
    made.close()


def test_a_question_gets_its_answer(talk, comm):
    talk.hear({"id": "a:1", "operation": "project.get", "args": {}})
    assert comm.answer("a:1")["answer"]["name"] == "churn"


def test_a_refusal_says_why_and_of_what_kind(talk, comm):
    talk.hear({"id": "a:1", "operation": "runs.get", "args": {"run": "20260101-000000-aaaaaaaa"}})
    refusal = comm.answer("a:1")["refusal"]
    assert refusal["status"] == 404
    assert refusal["kind"] == "RunNotFoundError"
    assert "20260101" in refusal["message"]


def test_many_threads_may_ask_at_once(talk, comm, project):
    finished(project.folder)
    for index in range(60):
        threading.Thread(target=talk.hear, args=({"id": f"a:{index}", "operation": "runs.list"},)).start()
    for index in range(60):
        told = comm.answer(f"a:{index}")
        assert told.get("answer", {}).get("total") == 1, told


DEEP: dict = {}
for _ in range(3000):
    DEEP = {"a": DEEP}

ABUSE = [
    None,
    7,
    "text",
    [],
    {},
    {"id": "x"},
    {"id": 1.5, "operation": "project.get"},
    {"id": True, "operation": "project.get"},
    {"id": "x", "operation": 7},
    {"id": "x", "operation": "project.get", "args": []},
    {"id": "x", "operation": "project.get", "more": 1},
    {"id": "x", "operation": "no.such"},
    {"id": "x", "operation": "__import__", "args": {"name": "os"}},
    {"id": "x", "operation": "project.get", "args": {"folder": "/etc"}},
    {"id": "x", "operation": "runs.get", "args": {"run": "../../etc/passwd"}},
    {"id": "x", "operation": "runs.get", "args": {"run": "a\0b"}},
    {"id": "x", "operation": "runs.log", "args": {"run": 7}},
    {"id": "x", "operation": "runs.list", "args": {"query": "x" * 5_000_000}},
    {"id": "x", "operation": "runs.list", "args": DEEP},
    {"client": 7},
    {"client": "c", "watching": "yes"},
    {"client": "c", "watching": True, "follow": ["r"] * 1000},
    {"client": "c" * 1000, "watching": True},
    {"client": "c", "watching": True, "follow": [{"a": 1}]},
]


@pytest.mark.parametrize("message", ABUSE, ids=range(len(ABUSE)))
def test_what_makes_no_sense_is_refused_and_the_panel_goes_on(talk, comm, message):
    talk.hear(message)
    told = until(lambda: comm.said)[0]
    assert told["refusal"]["message"]
    assert "answer" not in told
    assert len(json.dumps(told)) < 10_000
    assert not talk.listens
    talk.hear({"id": "after", "operation": "project.get"})
    assert comm.answer("after")["answer"]["name"] == "churn"


def test_malformed_messages_are_logged_without_their_bulk(talk, caplog):
    with caplog.at_level(logging.WARNING):
        talk.hear({"id": "x", "operation": 7})
        talk.hear({"id": "x", "operation": "y" * 5_000_000})
    assert len([record for record in caplog.records if "refused" in record.message]) == 2
    assert len(caplog.text) < 4000


def test_buffers_are_refused(talk, comm):
    talk.hear({"id": "x", "operation": "project.get"}, [b"x"])
    assert "buffers" in comm.answer("x")["refusal"]["message"]


def test_a_fault_of_ours_is_an_answer_and_a_line_in_the_log(talk, comm, caplog, project):
    (project.folder / "project.yaml").unlink()
    project.library.catalog = None  # what no operation expects
    talk.hear({"id": "x", "operation": "artifacts.list"})
    refusal = comm.answer("x")["refusal"]
    assert (refusal["status"], refusal["kind"]) == (500, "InternalError")
    assert "Traceback" not in refusal["message"]
    assert "artifacts.list failed" in caplog.text


def test_a_flood_of_questions_is_refused_beyond_a_bound(project, comm):
    gate = threading.Event()
    with ThreadPoolExecutor(1) as slow:
        slow.submit(gate.wait)
        talk = Talk(project, comm, slow)
        for index in range(100):
            talk.hear({"id": f"{index}", "operation": "project.get"})
        refused = [each for each in comm.said if each.get("refusal", {}).get("status") == 429]
        assert len(refused) == 100 - panel_talk.WAITING
        gate.set()
        comm.answer("0")
        until(lambda: len(comm.said) == 100)
        talk.hear({"id": "later", "operation": "project.get"})
        assert comm.answer("later")["answer"]
        talk.close()


def test_events_come_to_those_who_watch(talk, comm, project):
    talk.hear({"client": "c", "watching": True})
    assert comm.heard("c")["fresh"] is True
    place = finished(project.folder)
    until(lambda: any(event["type"] == "run" and event["run"]["id"] == place.name for event in comm.events))


def test_metrics_come_of_followed_runs_only(talk, comm, project):
    place, other = begin(project.folder), begin(project.folder)
    talk.hear({"client": "c", "watching": True, "follow": [place.name]})
    comm.heard("c")
    with events(place) as one, events(other) as two:
        for journal in (two, one):
            journal.append("state", state="running")
            journal.metric("loss", 0.5, 1)
    until(lambda: any(event["type"] == "metric" for event in comm.events))
    assert {event["run"] for event in comm.events if event["type"] == "metric"} == {place.name}


def test_a_client_is_told_when_it_may_have_missed_something(talk, comm):
    for count, fresh in enumerate((True, False), 1):
        talk.hear({"client": "c", "watching": True})
        assert comm.heard("c", count)["fresh"] is fresh
    talk.hear({"client": "c", "watching": False})
    comm.heard("c", 3)
    talk.hear({"client": "c", "watching": True})
    assert comm.heard("c", 4)["fresh"] is True


def test_nobody_listens_to_the_project_for_a_panel_that_nobody_sees(talk, comm, project):
    feed = panel_talk.feed_of(project.folder)
    for client in ("a", "b"):
        talk.hear({"client": client, "watching": True})
        comm.heard(client)
    assert feed.listeners == 1
    talk.hear({"client": "a", "watching": False})
    comm.heard("a", 2)
    assert talk.listens
    talk.hear({"client": "b", "watching": False})
    comm.heard("b", 2)
    assert feed.listeners == 0


def test_a_client_without_a_sign_of_life_is_forgotten(talk, comm, project, monkeypatch):
    monkeypatch.setattr(panel_talk, "SILENCE", 0.2)
    talk.hear({"client": "c", "watching": True})
    comm.heard("c")
    until(lambda: panel_talk.feed_of(project.folder).listeners == 0)


def test_a_closed_panel_says_and_hears_nothing(talk, comm, project):
    talk.hear({"client": "c", "watching": True})
    comm.heard("c")
    talk.close()
    said = len(comm.said)
    talk.hear({"client": "c", "watching": True})
    talk.hear({"id": "x", "operation": "project.get"})
    talk._pool.submit(lambda: None).result()
    talk._pool.shutdown(wait=True)
    assert len(comm.said) == said
    assert panel_talk.feed_of(project.folder).listeners == 0


def test_panels_of_a_project_share_one_feed(project, comm, pool):
    talks = [Talk(project, comm, pool) for _ in range(3)]
    for index, talk in enumerate(talks):
        talk.hear({"client": f"c{index}", "watching": True})
        comm.heard(f"c{index}")
    assert panel_talk.feed_of(project.folder).listeners == 3
    for talk in talks:
        talk.close()
    assert panel_talk.feed_of(project.folder).listeners == 0


def test_a_comm_that_fails_takes_nothing_with_it(project, pool):
    told = threading.Event()

    def fail(*_):
        told.set()
        raise RuntimeError("Cannot send")

    talk = Talk(project, fail, pool)
    talk.hear({"id": "x", "operation": "project.get"})
    assert told.wait(60)
    talk.hear({"client": "c", "watching": True})
    until(lambda: talk.listens)
    talk.close()
    assert isinstance(panel_talk.feed_of(project.folder), api.Feed)
