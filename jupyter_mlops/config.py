"""``project.yaml``: found, read with errors that name file, line and field, and made; and how durations and sizes are written."""

from __future__ import annotations

import os
import re
import threading
import unicodedata
from pathlib import Path
from typing import Any

import msgspec
import yaml

from jupyter_mlops.errors import ParameterError, ProjectError, StorageError, did_you_mean
from jupyter_mlops.records import PROJECT_NAME, check_name

FILE = "project.yaml"
FOLDERS = ("functions", "workflows", "runs", "artifacts", "journal")
IGNORED = ("*.duckdb*", "runs/", "artifacts/", "journal/", ".mlops/")


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who works on the project."""

    name: str
    role: str = ""
    email: str | None = None


class Overrides(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What this project changes in how one of its Functions is executed; times like ``10m``, memory like ``2G``.

    ``sources`` are files and folders, relative to the project's, whose change makes its earlier runs stale.
    """

    kernel: str | None = None
    env: dict[str, str] = {}
    timeout: float | str | None = None
    cell_timeout: float | str | None = None
    retries: int | None = None
    backoff: float | str | None = None
    memory: int | str | None = None
    sources: list[str] = []


class WorkerConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The worker: ``parallel`` runs at once (None: one a core), ``idle`` seconds until it goes, ``kernels`` kept ready."""

    parallel: int | None = None
    idle: float | str | None = None
    kernels: int | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``project.yaml`` says. ``params`` are defaults for every run whose Function has such a parameter."""

    name: str
    description: str = ""
    labels: dict[str, str] = {}
    params: dict[str, Any] = {}
    artifacts: str = "artifacts"
    members: list[Member] = []
    functions: dict[str, Overrides] = {}
    workflows: dict[str, Any] = {}
    worker: WorkerConfig = WorkerConfig()

    def store(self, folder: Path) -> str | Path:
        """Return the artifact store's URL, or its folder, which is relative to the project's."""
        return self.artifacts if "://" in self.artifacts else folder / self.artifacts


def absolute(path: str | os.PathLike[str]) -> Path:
    """Return a path without ``~`` and ``..``, whose parents are the folders around it; links stay as they are named."""
    try:
        return Path(os.path.abspath(Path(path).expanduser()))
    except (RuntimeError, ValueError) as problem:  # `~nobody`
        raise ProjectError(f"{os.fspath(path)[:80]!r} can't be a folder: {problem}") from None


def find(start: Path) -> Path | None:
    """Return the nearest folder with a ``project.yaml``, from ``start`` upwards."""
    start = absolute(start)
    return next((folder for folder in (start, *start.parents) if (folder / FILE).is_file()), None)


def locate(path: str | os.PathLike[str] | None, *, inside: bool) -> Path | None:
    """Return the folder of the project that is meant, or None; ``inside`` lets a folder within it stand for it."""
    around = find(Path.cwd())
    if path is None:
        return around
    if not os.fspath(path):
        raise ProjectError("'' isn't a project: give its name or folder.")
    given = absolute(path)
    given = given.parent if given.name == FILE else given
    try:
        if (given / FILE).is_file():
            return given
        if around is not None and os.fspath(path) in (around.name, load(around).name):
            return around
        return find(given) if inside and given.is_dir() else None
    except (OSError, ValueError) as problem:
        raise ProjectError(f"{os.fspath(path)[:80]!r} can't be a folder: {getattr(problem, 'strerror', problem)}.") from None


def nowhere(path: str | os.PathLike[str] | None) -> str:
    """Return what to say when there is no project."""
    make = "make one with `%mlproject NAME` or `jupyter mlops init NAME`"
    if path is None:
        return f"no project is in or above {str(Path.cwd())!r}: {make}, or go to its folder."
    return f"{os.fspath(path)!r} isn't a project (looked in {str(Path.cwd())!r}): {make}."


def load(folder: Path) -> Config:
    """Read and check a project's ``project.yaml``."""
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProjectError(f"{str(folder)!r} has no {FILE}: make the project with `jupyter mlops init {folder.name}`.") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise ProjectError(f"{str(path)!r} can't be read: {problem}.") from None
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """Return the configuration in ``text``; ``path`` is for the messages."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise ProjectError(f"{path} is empty: it needs at least `name: {folder_name(path.parent)}`.")
        _refuse(node, path, ())
        data = _construct(node)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise ProjectError(f"{path}, line {line}: {problem.problem or problem.context}. Correct the YAML there.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise ProjectError(f"{path} isn't YAML: {' '.join(str(problem).split())}.") from None
    if isinstance(data, dict):  # `labels:` with nothing behind it says nothing
        data = {key: value for key, value in data.items() if value is not None}
    try:
        config = msgspec.convert(data, Config)
    except msgspec.ValidationError as problem:
        raise _explained(str(problem), data, node, path) from None
    return _checked(config, node, path)


def _construct(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse(node: yaml.Node, path: Path, above: tuple[yaml.Node, ...]) -> None:
    """Refuse duplicate keys, which YAML loaders drop without a word, and a node that contains itself."""
    if node in above:
        raise ProjectError(f"{path}, line {node.start_mark.line + 1}: this anchor contains itself. Write the value out.")
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse(item, path, (*above, node))
    if isinstance(node, yaml.MappingNode):
        seen: dict[Any, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen and isinstance(key, yaml.ScalarNode) and key.value != "<<":
                raise ProjectError(f"{path}, line {line}: {key.value!r} is there already in line {seen[key.value]}. Keep one.")
            if isinstance(key, yaml.ScalarNode):
                seen[key.value] = line
            _refuse(value, path, (*above, node))


def _explained(problem: str, data: Any, node: yaml.Node, path: Path) -> ProjectError:
    """Return an error that names line and field for one of msgspec's."""
    what, _, where = problem.partition(" - at ")
    steps = _steps(where, data)
    unknown = re.search(r"unknown field `(.*)`", what)
    if unknown:
        steps.append(unknown[1])
    line = _line(node, steps)
    field = _dotted(steps)
    if unknown:
        known = _known(steps[:-1])
        message = f"{field!r} isn't a field.{did_you_mean(unknown[1], known)} Known are {', '.join(known)}."
    elif missing := re.search(r"missing required field `(.*)`", what):
        message = f"{_dotted([*steps, missing[1]])!r} is missing. Add `{missing[1]}: …`."
    elif not steps:
        message = f"the file holds {_name_of(data)}, not fields: write `name: {folder_name(path.parent)}`."
    else:
        value = repr(steps[-1]) if where.startswith("`key`") else _value(data, steps)
        message = f"{field!r} is {value}, but should be {_wanted(what)}."
    return ProjectError(f"{path}, line {line}: {message}")


def _steps(where: str, data: Any) -> list[str | int]:
    """Return msgspec's path as keys and indices; its ``[...]`` for "some key" is found by trying each."""
    if where.startswith("`key` in "):
        where = where.removeprefix("`key` in ").rstrip("`") + "[...]`"
    steps: list[str | int] = []
    for name, index in re.findall(r"\.([^.\[\]`]+)|\[(\d+|\.\.\.)\]", where):
        if index == "...":
            steps.append(_culprit(data, steps))
        else:
            steps.append(name or int(index))
    return steps


def _culprit(data: Any, steps: list[str | int]) -> Any:
    mapping = _at(data, steps)
    for key, value in mapping.items():
        try:
            msgspec.convert(_with(data, steps, {key: value}), Config)
        except msgspec.ValidationError:
            return key
    return next(iter(mapping))


def _with(data: Any, steps: list[str | int], value: Any) -> Any:
    if not steps:
        return value
    copy = data.copy()
    copy[steps[0]] = _with(data[steps[0]], steps[1:], value)
    return copy


def _at(data: Any, steps: list[str | int]) -> Any:
    for step in steps:
        data = data[step]
    return data


def _line(node: yaml.Node, steps: list[str | int]) -> int:
    """Return the 1-based line of the field at ``steps``, or of the nearest thing above it."""
    line = node.start_mark.line + 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if pair is None:
                return int(line)
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return int(line)


def _known(steps: list[str | int]) -> list[str]:
    homes = {"members": Member, "functions": Overrides, "worker": WorkerConfig}
    return list(homes.get(str(steps[0]), Config).__struct_fields__ if steps else Config.__struct_fields__)


WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "object": "a group of fields (key: value)",
    "array": "a list (- …)",
    "null": "nothing",
    "bool": "true or false",
}


def _wanted(what: str) -> str:
    match = re.search(r"Expected `([^`]*)`", what)
    if match is None:
        return f"something else: {what}"
    wanted = " or ".join(WORDS.get(word, word) for word in match[1].split(" | "))
    return f"{wanted} (put it in quotes)" if match[1] == "str" and "`int`" in what + "`int`" else wanted


def _dotted(steps: list[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def _value(data: Any, steps: list[str | int]) -> str:
    try:
        value = _at(data, steps)
    except (KeyError, IndexError, TypeError):
        return repr(steps[-1])
    return _name_of(value) if isinstance(value, dict | list) or value is None else repr(value)


def _name_of(value: Any) -> str:
    return {dict: "a group of fields", list: "a list", type(None): "empty"}.get(type(value), repr(value))


def _checked(config: Config, node: yaml.Node, path: Path) -> Config:
    """Check what types don't say: names, and how durations and sizes are written."""

    def refuse(steps: list[str | int], problem: Exception | str) -> ProjectError:
        return ProjectError(f"{path}, line {_line(node, steps)}: {_dotted(steps)!r}: {problem}")

    fields: list[tuple[list[str | int], Any]] = [(["worker", "idle"], config.worker.idle)]
    for name, overrides in config.functions.items():
        fields += [
            (["functions", name, key], getattr(overrides, key)) for key in ("timeout", "cell_timeout", "backoff", "memory")
        ]
    try:
        steps: list[str | int] = ["name"]
        check_name(config.name, "project", PROJECT_NAME)
        for steps, value in fields:
            if value is not None:
                (size if steps[-1] == "memory" else seconds)(value)
    except Exception as problem:
        raise refuse(steps, problem) from None
    for key in config.params:
        if not key.isidentifier():
            raise refuse(["params", key], "a parameter's name is a Python name, so it can't be this.")
    for key in ("parallel", "kernels"):
        number = getattr(config.worker, key)
        if number is not None and number < (key == "parallel"):
            raise refuse(["worker", key], f"{number} is too few.")
    return config


def folder_name(folder: Path) -> str:
    """Return the project name for a folder: its own, changed as little as the rule for names asks."""
    plain = unicodedata.normalize("NFKD", absolute(folder).name).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9_-]+", "_", plain).strip("_-")[:63]
    return name if PROJECT_NAME.fullmatch(name) else (f"project_{name}"[:63].rstrip("_-"))


def create(folder: Path, name: str | None = None) -> Config:
    """Make a project in ``folder``, which may exist and hold files: all stay as they are, but ``.gitignore`` grows."""
    name = check_name(name, "project", PROJECT_NAME) if name is not None else folder_name(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in FOLDERS:
            (folder / part).mkdir(exist_ok=True)
        _ignore(folder / ".gitignore")
        # a project may be called `no`, which YAML takes for False unless it is quoted
        _write_once(folder / FILE, f"{yaml.safe_dump({'name': name})}description: ''\nparams: {{}}\n")
    except FileExistsError as problem:
        raise ProjectError(
            f"{problem.filename!r} is a file where the project needs a folder: move it or choose another place."
        ) from None
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise StorageError(f"{str(folder)[-200:]!r} can't hold a project: {why}. Choose a folder you may write to.") from None
    return load(folder)


def _ignore(path: Path) -> None:
    there = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    missing = [line for line in IGNORED if line not in there.splitlines()]
    if missing:
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if there and not there.endswith("\n") else "") + "\n".join(missing) + "\n")


def _write_once(path: Path, text: str) -> None:
    """Write a whole file under its name, unless somebody was first."""
    # a name of its own for each thread too: the file it becomes a link to must not be written again
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    draft.write_text(text, encoding="utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not path.exists():
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
SIZES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def seconds(value: float | str) -> float:
    """Return a duration in seconds: a number, or text like ``90``, ``10m``, ``1h30m``, ``500ms``."""
    text = str(value).strip().lower()
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        total = sum(float(number) * UNITS[unit] for number, unit in parts)
    elif re.fullmatch(r"\d+(\.\d+)?(e[+-]?\d+)?", text) and not isinstance(value, bool):
        total = float(text)
    else:
        total = 0.0
    if not 0 < total < float("inf"):
        raise ParameterError(f"{value!r} isn't a duration: write seconds (90), or 10m, 1h30m, 500ms; more than 0.")
    return total


def size(value: int | str) -> int:
    """Return a size in bytes: a number, or text like ``300M``, ``2G``, ``1.5GB`` (powers of 1024)."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", str(value).strip().upper())
    total = int(float(match[1]) * SIZES[match[2]]) if match and not isinstance(value, bool) else 0
    if total < 1:
        raise ParameterError(f"{value!r} isn't a size: write bytes, or 300M, 2G; more than 0.")
    return total
