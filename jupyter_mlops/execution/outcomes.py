"""How an attempt can end, in words for people: what happened, which cell and line, and the user's own traceback."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_mlops.execution.logfile import plain
from jupyter_mlops.records import Failure, Spec, State, key_of

_PLACE = re.compile(r"Cell In\s?\[(\d+)\], line (\d+)")
_REFUSED = re.compile(r"line (\d+): ")  # how our own errors, which show no frames, begin
_FILE = re.compile(r"^File (.+?):(\d+)")
_QUOTED = re.compile(r"'([^']+)'$")  # how the message of an OSError ends
_OURS = str(Path(__file__).parents[1])
_NOT_THE_USERS = (_OURS, "/jupyter_mlops/", "/ipykernel/", "/IPython/", "/nbclient/")
_MEANINGS = {
    "SIGKILL": "out of memory, or killed from outside",
    "SIGSEGV": "a crash in compiled code",
    "SIGABRT": "an abort in compiled code",
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The end of an attempt. ``retry`` says whether another attempt may help."""

    state: State
    reason: str = ""
    failure: Failure | None = None
    retry: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Why an attempt is cut short. With ``interrupt`` the kernel gets a moment to unwind before it is killed."""

    state: State
    ename: str
    reason: str
    interrupt: bool = False
    retry: bool = False

    def outcome(self, cell: int | None, trace: Failure | None) -> Outcome:
        """Return the end; ``trace`` is what the interrupted cell raised, which shows where it was."""
        if self.state is State.ABORTED:
            return Outcome(state=self.state, reason=self.reason)
        failure = Failure(
            ename=self.ename,
            evalue=self.reason,
            cell=cell,
            line=trace.line if trace else None,
            traceback=trace.traceback if trace else (),
        )
        return Outcome(state=self.state, reason=f"{self.ename}: {self.reason}", failure=failure, retry=self.retry)


def failed(failure: Failure) -> Outcome:
    """Return the end of an attempt whose code raised."""
    return Outcome(state=State.ERROR, reason=one_line(failure), failure=failure, retry=True)


def refused(error: BaseException) -> Outcome:
    """Return the end of a run that can't be executed at all; trying again would not help."""
    failure = Failure(ename=type(error).__name__, evalue=str(error))
    return Outcome(state=State.ERROR, reason=one_line(failure), failure=failure)


def one_line(failure: Failure, limit: int = 300) -> str:
    first = next((line for line in plain(failure.evalue).splitlines() if line.strip()), "")
    text = f"{failure.ename}: {first}" if first else failure.ename
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def advised(outcome: Outcome, spec: Spec) -> Outcome:
    """Add to the message what a notebook's code often trips over in a run: its folder, and that nobody is there to answer."""
    failure = outcome.failure
    advise = _ADVICE.get(failure.ename) if failure else None
    try:
        told = advise(failure, spec) if failure and advise else None
    except OSError:  # a folder that can't be looked into
        told = None
    if failure is None or told is None:
        return outcome
    return replace(outcome, failure=replace(failure, evalue=told), reason=f"{failure.ename}: {told}")


def _no_answer(failure: Failure, spec: Spec) -> str:
    return "nobody can answer input() or a debugger in a run: let it be a parameter."


def _no_file(failure: Failure, spec: Spec) -> str | None:
    found = _QUOTED.search(failure.evalue)
    path = Path(found[1]) if found else Path("/")
    if path.is_absolute() or spec.cwd is None or not (Path(spec.cwd) / path).exists():
        return None
    param = next((name for name, value in spec.params.items() if found and value == found[1]), None)
    advice = f"Let it be an input: mlops.input({key_of(path.stem)!r}, {str(path)!r})"
    if param is not None:
        advice = f"Let {param!r} be an input, when the Function is made: --inputs {param}:pathlib.Path"
    return f"{failure.evalue}. It is in {spec.cwd}, but a run works in a folder of its own. {advice}."


def _no_module(failure: Failure, spec: Spec) -> str | None:
    """A notebook finds modules by what it added to ``sys.path``, of which a run knows nothing."""
    found = _QUOTED.search(failure.evalue)
    name = found[1].partition(".")[0] if found else ""
    if spec.cwd is None or not name.isidentifier():
        return None
    around, patterns = Path(spec.cwd), (f"{name}.py", f"{name}/__init__.py")
    places = [(around, "*/"), (around.parent, ""), (around.parent, "*/")]
    for file in (file for place, below in places for pattern in patterns for file in place.glob(below + pattern)):
        folder = file.parent if file.stem == name else file.parents[1]
        where = "A run finds modules beside the notebook, in the project's folder, and where the environment says"
        return f"{failure.evalue}. {where}: make the Function with --env PYTHONPATH={folder}."
    return None


_ADVICE: dict[str, Callable[[Failure, Spec], str | None]] = {
    "StdinNotImplementedError": _no_answer,
    "FileNotFoundError": _no_file,
    "ModuleNotFoundError": _no_module,
}


def exit_code(ename: str, evalue: str) -> int | str | None:
    """Return the code of a SystemExit, or None for another exception: ``sys.exit()`` is 0, ``sys.exit("text")`` that text."""
    if ename != "SystemExit":
        return None
    if evalue in ("", "0", "None", "False"):
        return 0
    return int(evalue) if re.fullmatch(r"-?\d+", evalue) else evalue


def death(code: int, last_words: str) -> str:
    """Say how a kernel ended; ``code`` is negative for a signal."""
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        said = f"the kernel was killed by {name}: {_MEANINGS.get(name, 'look at the log for what it did last')}"
    else:
        said = f"the kernel ended by itself with exit code {code}"
    return f"{said} ({last_words})" if last_words else said


def failure_of(content: dict[str, Any], cell: int, count: int | None) -> Failure:
    """Return the failure that an error reply of a kernel tells of.

    Parameters
    ----------
    cell, count
        The cell's index in the notebook and its execution count, by which the traceback names it.
    """
    entries = [plain(str(entry)) for entry in content.get("traceback") or ()]
    kept = [entry for entry in entries if not _is_foreign(entry)]
    lines = tuple(line.rstrip() for entry in kept for line in entry.splitlines() if not _is_rule(line))
    places = [(int(number), int(line)) for entry in entries for number, line in _PLACE.findall(entry)]
    line = next((line for number, line in reversed(places) if number == count), None)
    if not places and len(entries) > 1 and (ours := _REFUSED.match(entries[0])):
        line = int(ours[1])
    return Failure(
        ename=str(content.get("ename") or "Exception"),
        evalue=plain(str(content.get("evalue") or "")),
        cell=cell,
        line=line,
        traceback=lines,
    )


def _is_foreign(entry: str) -> bool:
    match = _FILE.match(entry.strip())
    return match is not None and any(part in match[1].replace("\\", "/") for part in _NOT_THE_USERS)


def _is_rule(line: str) -> bool:
    return len(line) > 20 and set(line) == {"-"}
