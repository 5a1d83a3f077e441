"""The panel in a real kernel: a cell opens it, a front end talks to it over its comm, also while a cell runs."""

from __future__ import annotations

from contextlib import contextmanager
from queue import Empty

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from running import PATIENCE, until

from jupyter_mlops.execution.client import Client
from jupyter_mlops.hosts import panel
from jupyter_mlops.hosts.panel_snapshot import MIME, WIDGET

BEGIN = """
%load_ext jupyter_mlops
%mlproject churn;
"""
DEFINE = """%%mlfunction train --returns accuracy
import jupyter_mlops as mlops
n: int = 3
for step in range(n):
    mlops.log_metric("loss", 1 / (step + 1), step=step)
accuracy = 1 - 1 / n
"""


class FrontEnd:
    """What a browser does, without drawing anything."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.shown: list[dict] = []
        self.errors: list[str] = []
        self.said: dict[str, list[dict]] = {}
        self.buffers: dict[str, list[bytes]] = {}

    def run(self, code: str) -> None:
        """Execute a cell to its end."""
        request = self.client.execute(code)
        until(lambda: self._look() and self._idle == request)

    def begin(self, code: str) -> str:
        """Let a cell start, and return its request."""
        request = self.client.execute(code)
        until(lambda: self._look() and self._busy == request)
        return request

    def send(self, comm: str, content: dict, *, subshell: str | None = None) -> None:
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": content}})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def ask(self, comm: str, name: str, operation: str, subshell: str | None = None, **args) -> dict:
        self.send(comm, {"id": name, "operation": operation, "args": args}, subshell=subshell)
        return self.answer(comm, name)

    def answer(self, comm: str, name: str) -> dict:
        return until(lambda: self._look() and next((each for each in self.said.get(comm, ()) if each.get("id") == name), None))

    def events(self, comm: str) -> list[dict]:
        self._look()
        return [event for each in self.said.get(comm, ()) for event in each.get("events", ())]

    def subshell(self) -> str:
        message = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(message)
        reply = self.client.control_channel.get_msg(timeout=PATIENCE)
        return reply["content"]["subshell_id"]

    @property
    def panel(self) -> str:
        """The comm of the panel that was shown last."""
        return self.shown[-1][WIDGET]["model_id"]

    _idle = _busy = ""

    def _look(self) -> bool:
        """Take in what has come."""
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=0.02)
            except Empty:
                return True
            kind, content = message["msg_type"], message["content"]
            request = message["parent_header"].get("msg_id", "")
            if kind == "status" and content["execution_state"] == "idle":
                self._idle = request
            elif kind == "execute_input":
                self._busy = request
            elif kind == "error":
                self.errors.append(content["evalue"])
            elif kind in ("execute_result", "display_data") and WIDGET in content["data"]:
                self.shown.append(content["data"])
            elif kind == "comm_msg" and content["data"].get("method") == "custom":
                told = content["data"]["content"]
                self.said.setdefault(content["comm_id"], []).append(told)
                if message["buffers"]:
                    self.buffers[told["front"]] = [bytes(part) for part in message["buffers"]]


@contextmanager
def opened(folder):
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder))
    try:
        front = FrontEnd(client)
        front.run(BEGIN)
        front.run(DEFINE)
        yield front
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        Client(folder / "churn").stop()


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    if not (panel.STATIC / "widget.js").is_file():
        pytest.fail("The panel's front end isn't built: npm run build in labextension/.")
    with opened(tmp_path_factory.mktemp("kernel")) as made:
        yield made


def test_a_cell_shows_a_panel_that_answers(front):
    front.run("%mlpanel")
    assert front.shown[-1][MIME]["view"] == "runs"
    assert front.ask(front.panel, "a:1", "functions.list")["answer"]["functions"][0]["name"] == "train"


def test_it_brings_the_front_end_to_a_page_that_asks(front):
    front.run("%mlpanel")
    front.send(front.panel, {"front": "page-1"})
    until(lambda: front._look() and "page-1" in front.buffers)
    js, css = front.buffers["page-1"]
    assert js == (panel.STATIC / "widget.js").read_bytes()
    assert css == (panel.STATIC / "widget.css").read_bytes()


def test_a_run_is_started_at_once_and_its_progress_comes_as_events(front):
    front.run("%mlpanel")
    comm = front.panel
    front.send(comm, {"client": "c", "watching": True, "follow": []})
    run = front.ask(comm, "a:run", "runs.start", target="train", options={"params": {"n": 4}})["answer"]["run"]
    ended = until(
        lambda: next(
            (e["run"] for e in front.events(comm) if e["type"] == "run" and e["run"]["id"] == run and e["run"]["ended"]), None
        )
    )
    assert (ended["state"], ended["results"]) == ("completed", {"accuracy": 0.75})
    assert front.ask(comm, "a:2", "runs.get", run=run)["answer"]["origin"] == "panel"


def test_what_is_chosen_comes_back_as_runs(front):
    front.run("panel = %mlpanel\npanel")
    comm = front.panel
    run = front.ask(comm, "b:1", "runs.start", target="train")["answer"]["run"]
    state = front.client.session.msg(
        "comm_msg", {"comm_id": comm, "data": {"method": "update", "state": {"chosen": [run]}, "buffer_paths": []}}
    )
    front.client.shell_channel.send(state)
    front.run("assert [each.id for each in panel.selected_runs] == [%r], panel.chosen" % run)  # noqa: UP031 - a cell's text
    assert front.errors == []


def test_many_panels_answer_each_for_itself(front):
    comms = []
    for _ in range(3):
        front.run("%mlpanel artifacts")
        comms.append(front.panel)
    assert len(set(comms)) == 3
    for comm in comms:
        assert "groups" in front.ask(comm, "c:1", "artifacts.list")["answer"]
        assert len([each for each in front.said[comm] if each.get("id") == "c:1"]) == 1


def test_nonsense_over_the_comm_leaves_the_kernel_and_the_panel_alive(front):
    front.run("%mlpanel")
    for content in ({"id": "bad", "operation": 7}, {"operation": "project.get"}, {"client": []}, {"front": 7}, ["x"], "x", None):
        front.send(front.panel, content)
    assert "refusal" in front.answer(front.panel, "bad")
    assert front.ask(front.panel, "good", "project.get")["answer"]["name"] == "churn"
    front.run("1 + 1")
    assert front.errors == []


def test_it_answers_while_a_cell_runs_when_the_front_end_has_a_subshell(front, tmp_path):
    front.run("%mlpanel")
    comm, subshell = front.panel, front.subshell()
    gate = tmp_path / "go"
    cell = front.begin(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)")
    try:
        for index in range(5):
            assert front.ask(comm, f"d:{index}", "project.get", subshell)["answer"]["name"] == "churn"
        assert front._idle != cell
    finally:
        gate.touch()
    until(lambda: front._look() and front._idle == cell)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%mlpanel workflow nigthly", "nigthly"),
        ("%mlpanel compare one", "2 to 20"),
        ("%mlpanel rnus", "Did you mean 'runs'"),
    ],
)
def test_a_line_that_can_t_be_is_refused_in_one_sentence(front, line, words):
    front.run(line)
    assert words in front.errors.pop()
    assert front.errors == []
