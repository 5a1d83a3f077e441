"""What ``mlops.log_metric`` costs inside a real run, beside a bare ``os.write`` of the same bytes in the same kernel.

Prints one JSON line: medians in microseconds. The median must be at most 10 µs (exit code 1 otherwise).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import jupyter_mlops as mlops

CODE = """
import os, statistics, time
import jupyter_mlops as mlops
calls: int = 20_000
clock = time.perf_counter_ns
line = b'{"e":"metric","t":1764000000.123456,"key":"loss","value":0.123456,"step":12345}' + b'\\n'
target = os.open("lines", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
logged, written = [], []
for step in range(calls):
    begun = clock()
    mlops.log_metric("loss", 0.123456, step=step)
    middle = clock()
    os.write(target, line)
    logged.append(middle - begun)
    written.append(clock() - middle)
log_us, write_us = statistics.median(logged) / 1000, statistics.median(written) / 1000
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        project = mlops.open_project(Path(place) / "bench", create=True)
        try:
            project.define("measure", CODE, returns=["log_us", "write_us"])
            found = project.run("measure").results
        finally:
            project.stop_worker()
    log, write = round(found["log_us"], 2), round(found["write_us"], 2)
    print(
        json.dumps(
            {"benchmark": "log_metric", "median_us": log, "os_write_us": write, "ratio": round(log / write, 1), "limit_us": 10}
        )
    )
    sys.exit(log > 10)


if __name__ == "__main__":
    main()
