"""What is heard of a kernel before it runs anything: that it is ready, or that it has ended."""

from __future__ import annotations

import asyncio
import os
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_mlops.execution.forked import Child

if TYPE_CHECKING:
    from jupyter_mlops.execution.kernels import Lease


async def exit_of(provisioner: Any) -> int:
    """Return a kernel's exit code as soon as its process has ended."""
    process = getattr(provisioner, "process", None)
    if isinstance(process, Child):
        return await asyncio.shield(process.exited)
    while (code := await provisioner.poll()) is None:
        await asyncio.sleep(0.1)
    return int(code)


async def until_ready(lease: Lease) -> None:
    """Return when the kernel has answered on shell and iopub, and nothing of that is left to read."""
    km, kc = lease.km, lease.kc
    while km.transport == "ipc" and not os.path.exists(f"{km.ip}-{km.hb_port}"):  # the one it binds last
        await asyncio.sleep(0.003)  # connecting earlier costs zmq's reconnect interval, 0.1 s
    kc.start_channels(stdin=False, hb=False)
    kc.allow_stdin = False
    while True:
        request = kc.kernel_info()
        try:
            while (await kc.get_shell_msg(timeout=1.0))["parent_header"].get("msg_id") != request:
                pass
            while not _is_idle_after(await kc.get_iopub_msg(timeout=0.2), request):
                pass
        except Empty:  # the subscription reached the kernel after the request: ask again
            continue
        return


def _is_idle_after(message: dict[str, Any], request: str) -> bool:
    content, parent = message["content"], message["parent_header"].get("msg_id")
    return bool(message["msg_type"] == "status" and content["execution_state"] == "idle" and parent == request)
