"""What a kernel is told before it runs user code: the run it is in, its environment, its folder, where to import from."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import KernelError
from jupyter_mlops.execution.forked import NOT_INHERITED
from jupyter_mlops.execution.logfile import plain
from jupyter_mlops.execution.processes import MARKER
from jupyter_mlops.execution.zygote import INLINE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.execution.kernels import Lease

_PACKAGE = Path(__file__).parents[1]
# At its end: a kernel drops output when it makes it faster than we read it (zmq's limit of 1000 messages); let it wait instead.
# And `exit()` only asks whoever shows the notebook to end the kernel: what comes after it in the cell would go on.
_SOURCE = """\
import sys
sys.path[:0] = [path for path in {paths!r} if path not in sys.path]
try:
    from jupyter_mlops.execution import inside
except ImportError:
    sys.path.append({inside!r})
    from jupyter_mlops.execution import inside
inside.begin({folder!r}, {environ!r}, {cwd!r})
def keep_all():
    import zmq
    try:
        output.socket.setsockopt(zmq.XPUB_NODROP, 1)
    except (zmq.ZMQError, AttributeError):
        pass
if shell is not None and hasattr(shell(), "kernel"):
    output = shell().kernel.iopub_thread
    output.schedule(keep_all)
    shell().user_ns.update(exit=sys.exit, quit=sys.exit)
"""
# An expression, not a cell: it leaves nothing in the user's namespace, and IPython doesn't spend milliseconds to transform it.
_EXPRESSION = "exec({source!r}, dict(shell=globals().get('get_ipython')))"


def environment(given: Mapping[str, str] | None, own: Mapping[str, str], run: str) -> dict[str, str]:
    """Return a run's environment: the submitter's, then what the Function sets, then the run's id.

    What belongs to the submitter's process only (its parent, its Jupyter session, its matplotlib backend) is left out.
    """
    base = os.environ if given is None else given
    kept = {name: value for name, value in base.items() if name not in NOT_INHERITED}
    return {**kept, "MPLBACKEND": INLINE, **own, MARKER: run}


def at_start(environ: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the part of a run's environment by which its kernel is chosen."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("JUPYTER_MLOPS_") and (name != "MPLBACKEND" or name in own)
    }


def source(folder: Path, environ: Mapping[str, str], cwd: Path, paths: list[str]) -> str:
    """Return the prelude, an expression."""
    inside = _inside(folder.parents[1])
    code = _SOURCE.format(paths=paths, inside=str(inside), folder=str(folder), environ=dict(environ), cwd=str(cwd))
    return _EXPRESSION.format(source=code)


def _inside(project: Path) -> Path:
    """Return a folder to import only our package from, for kernels of environments that don't have it."""
    folder = project / ".mlops" / "inside"
    link = folder / _PACKAGE.name
    if not link.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            link.unlink()  # a link to an environment that is gone
        try:
            link.symlink_to(_PACKAGE, target_is_directory=True)
        except FileExistsError:
            pass
        except OSError:  # no right to make links on Windows
            shutil.copytree(_PACKAGE, link, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


async def perform(lease: Lease, expression: str) -> dict[str, Any]:
    """Evaluate the prelude silently and return the kernel's ``language_info``.

    Raises
    ------
    KernelError
        The kernel can't take part in a run, for example because its Python is too old.
    """
    ask = lease.kc.kernel_info()
    told = lease.kc.execute("", silent=True, store_history=False, allow_stdin=False, user_expressions={"begin": expression})
    replies = await _replies(lease, {ask, told})
    language = dict(replies[ask].get("language_info", {}))
    answer = replies[told].get("user_expressions", {}).get("begin", {})
    if answer.get("status") != "ok":
        why = f"{answer.get('ename', 'it has no expressions')}: {plain(str(answer.get('evalue', '')))}"
        version = f"{language.get('name', 'a program')} {language.get('version', '')}".strip()
        needs = f"It is {version}; runs need Python 3.11 or newer."
        raise KernelError(f"kernel {lease.kernel_name!r} can't begin the run ({why}). {needs}")
    return language


async def _replies(lease: Lease, wanted: set[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    while found.keys() < wanted:
        message = await lease.kc.shell_channel.get_msg(timeout=None)
        parent = message["parent_header"].get("msg_id")
        if parent in wanted:
            found[parent] = message["content"]
    return found


async def first(work: asyncio.Task[Any], verdict: asyncio.Future[Any]) -> bool:
    """Wait for either and return whether ``work`` was done before the verdict; else it is cancelled."""
    await asyncio.wait({work, verdict}, return_when=asyncio.FIRST_COMPLETED)
    if work.done() and not verdict.done():
        return True
    if not work.done():
        work.cancel()
    await asyncio.wait({work})
    return False
