"""Acquire → first reply → release, for forked, pre-started and cold kernels.

Prints one JSON line: medians in milliseconds. ``total`` is from asking for a kernel to its first reply, so what a run waits.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from typing import Any

from jupyter_mlops.execution.kernels import Kernels

ROUNDS = 9
PAUSE = 1.5  # seconds between rounds, in which a reserve refills


async def reply_to(kc: Any, code: str) -> None:
    request = kc.execute(code, silent=True)
    while (await kc.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != request:
        pass


async def measure(mode: str, code: str) -> dict[str, float]:
    kernels = Kernels(mode=mode)
    await kernels.start()
    times: dict[str, list[float]] = {"acquire": [], "reply": [], "total": [], "release": []}
    try:
        await kernels.release(await kernels.acquire())
        await asyncio.sleep(3 * PAUSE)  # libraries are still being loaded
        for _ in range(ROUNDS):
            await asyncio.sleep(PAUSE)
            begun = time.perf_counter()
            lease = await kernels.acquire()
            acquired = time.perf_counter()
            await reply_to(lease.kc, code)
            replied = time.perf_counter()
            await kernels.release(lease)
            released = time.perf_counter()
            times["acquire"].append(acquired - begun)
            times["reply"].append(replied - acquired)
            times["total"].append(replied - begun)
            times["release"].append(released - replied)
    finally:
        await kernels.close()
    return {name: round(statistics.median(values) * 1000, 1) for name, values in times.items()}


async def main() -> None:
    result: dict[str, Any] = {"benchmark": "kernels", "unit": "ms"}
    for name, code in {"trivial": "x = 1", "pandas": "import pandas; pandas.DataFrame({'a': [1]}).sum()"}.items():
        result[name] = {mode: await measure(mode, code) for mode in ("forked", "prestarted", "cold")}
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
