"""What ``import jupyter_mlops`` costs over a bare interpreter, beside ``import papermill`` in the same run.

Prints one JSON line: medians in milliseconds over bare Python, and which heavy modules the import pulled in (must be none).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

HEAVY = ["duckdb", "papermill", "nbformat", "pandas", "anywidget"]
ROUNDS = 11


def seconds(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


def main() -> None:
    times: dict[str, list[float]] = {"bare": [], "ours": [], "papermill": []}
    codes = {"bare": "pass", "ours": "import jupyter_mlops", "papermill": "import papermill"}
    for round_ in range(ROUNDS):  # in turn, so that a drift of the machine's speed meets all three alike
        for name, code in codes.items():
            took = seconds(code)
            if round_:  # the first round warms the disk cache
                times[name].append(took)
    bare, ours, papermill = (statistics.median(times[name]) * 1000 for name in codes)
    probe = f"import sys, jupyter_mlops; print([name for name in {HEAVY!r} if name in sys.modules])"
    pulled = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True).stdout.strip()
    print(
        json.dumps(
            {
                "benchmark": "import",
                "over_bare_ms": round(ours - bare, 1),
                "papermill_over_bare_ms": round(papermill - bare, 1),
                "ratio": round((papermill - bare) / max(ours - bare, 0.1), 1),
                "heavy_modules": pulled,
            }
        )
    )


if __name__ == "__main__":
    main()
