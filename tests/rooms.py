"""Real kernels for plain tests: a loop in a thread, and what a cell puts out."""

import asyncio
import threading
import time
from concurrent.futures import Future

import psutil

from jupyter_mlops.execution.kernels import Kernels

DOUBLE_FORK = """
import os, time
r, w = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(w, str(os.getpid()).encode())
        for fd in range(3, 200):
            try: os.close(fd)
            except OSError: pass
        time.sleep(600)
    os._exit(0)
print(int(os.read(r, 20)))
"""


class Room:
    """Kernels on a loop in a thread of its own, spoken to from plain tests."""

    def __init__(self, mode: str, **options) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.kernels = Kernels(mode=mode, **options)
        self(self.kernels.start())

    def __call__(self, coroutine, timeout=90):
        return self.submit(coroutine).result(timeout)

    def submit(self, coroutine) -> Future:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def acquire(self, *args, **options):
        return self(self.kernels.acquire(*args, **options))

    def release(self, lease, **options):
        return self(self.kernels.release(lease, **options))

    def run(self, lease, code):
        return self(outputs_of(lease.kc, code))

    def fresh(self, code, **options):
        """What ``code`` puts out in a kernel of its own."""
        lease = self.acquire(**options)
        try:
            return self.run(lease, code)
        finally:
            self.release(lease)

    def close(self) -> None:
        self(self.kernels.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def outputs_of(kc, code):
    """What a front end would show for the cell, as a list of (type, what); the text of each stream in one piece, at the end."""
    request, shown, said = kc.execute(code), [], {}
    while True:
        message = await kc.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            return [*shown, *sorted(said.items())]
        if kind == "stream":
            said[content["name"]] = said.get(content["name"], "") + content["text"]
        elif kind in ("execute_result", "display_data"):
            shown.append((kind, content["data"]))
        elif kind == "error":
            shown.append((kind, content["ename"], content["evalue"], "\n".join(content["traceback"])))


def printed(shown) -> str:
    assert [kind for kind, *_ in shown] == ["stdout"], shown
    return shown[0][1].strip()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def eventually(holds, seconds=60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()
