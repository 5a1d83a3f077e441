"""What a zygote imports before it forks, and which of it can be forked."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys

# What a kernel imports until its first reply, some of it only while it starts; measured by comparing sys.modules.
KERNEL_MODULES = (
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.history",
    "IPython.core.magics",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "comm",
    "ipykernel.comm",
    "ipykernel.control",
    "ipykernel.debugger",
    "ipykernel.displayhook",
    "ipykernel.iostream",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.shellchannel",
    "ipykernel.subshell_manager",
    "ipykernel.zmqshell",
    "jupyter_mlops.execution.inside",
    "jupyter_client.session",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
    "zmq.eventloop.zmqstream",
)
# OpenBLAS shuts its threads down before a fork and starts them again when they are next needed (tests fit real models).
FORK_SAFE = frozenset({"numpy", "scipy", "pandas", "sklearn"})
# Importing a package isn't importing what one uses of it.
PARTS = {
    "sklearn": (
        "sklearn.cluster",
        "sklearn.compose",
        "sklearn.datasets",
        "sklearn.decomposition",
        "sklearn.ensemble",
        "sklearn.impute",
        "sklearn.linear_model",
        "sklearn.metrics",
        "sklearn.model_selection",
        "sklearn.neighbors",
        "sklearn.pipeline",
        "sklearn.preprocessing",
        "sklearn.svm",
        "sklearn.tree",
    ),
    "matplotlib": ("matplotlib.pyplot",),
    "numpy": ("numpy.random", "numpy.linalg", "numpy.fft"),
    "scipy": ("scipy.stats", "scipy.optimize"),
}


def load_kernel() -> None:
    """Import what every kernel needs."""
    for module in KERNEL_MODULES:
        with contextlib.suppress(ImportError):  # another version of ipykernel: it is imported in the fork instead
            importlib.import_module(module)
    if _threads() > 1:
        sys.exit("importing ipykernel started a thread, so kernels can't be forked here")


def load_library(name: str) -> str:
    """Import a library and its usual parts; return why it must not stay, or an empty string."""
    before = _threads()
    try:
        for module in (name, *PARTS.get(name, ())):
            importlib.import_module(module)
    except Exception as error:  # foreign code: whatever it is, the kernel that really needs the library will show it
        return f"{type(error).__name__}: {error}"
    return "starts threads when imported" if _threads() > before and name not in FORK_SAFE else ""


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))
