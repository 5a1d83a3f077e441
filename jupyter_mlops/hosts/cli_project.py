"""The verbs about a project, its Functions, artifacts and catalog."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_mlops.display import artifacts_text, function_text, words
from jupyter_mlops.errors import InputError, ParameterError, StorageError
from jupyter_mlops.hosts.cli_print import columns, rows_of, show_json, show_value
from jupyter_mlops.project import open_project

RUNTIME = ("kernel", "timeout", "cell_timeout", "retries", "backoff", "memory")


def init(arguments: Namespace) -> int:
    """Make a project, or say that it is there."""
    project = open_project(Path(arguments.project or ".") / Path(arguments.path).expanduser(), create=True, name=arguments.name)
    if arguments.json:
        show_json({"name": project.name, "folder": project.folder, "made": project.made})
    else:
        print(
            f"{'made' if project.made else 'there is already a'} project {project.name} in {project.folder}",
            *project.notes,
            sep="\n",
        )
    return 0


def define(arguments: Namespace) -> int:
    """Make or change a Function."""
    project = open_project(arguments.project)
    runtime = {key: getattr(arguments, key) for key in RUNTIME if getattr(arguments, key) is not None}
    function = project.define(
        arguments.name,
        _code(arguments.file) if arguments.file else None,
        notebook=arguments.notebook,
        inputs=arguments.inputs,
        returns=arguments.returns,
        tag=arguments.tag,
        description=arguments.description,
        **runtime,
        env=_env(arguments.env) or None,
    )
    change = function.change.summary if function.change else ""
    for note in function.notes:
        print(f"note: {note}", file=sys.stderr)
    if arguments.json:
        show_json({**asdict(function.record), "change": change, "path": function.path})
    else:
        print(function_text(function.record, change=change, shell=True))
    return 0


def _code(path: str) -> str:
    if path == "-":
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(
            f"{path!r} can't be read: {getattr(problem, 'strerror', None) or problem}. Give a file with Python code."
        ) from None


def _env(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for word, (key, equals, _) in zip(words, pairs, strict=True):
        if not key or not equals:
            raise ParameterError(f"{word!r} can't be --env: write NAME=VALUE.")
    return {key: text for key, _, text in pairs}


def functions(arguments: Namespace) -> int:
    """List the Functions, or show one."""
    project = open_project(arguments.project)
    found = [project.function(arguments.name)] if arguments.name else project.functions()
    if arguments.json:
        show_json([{**asdict(each.record), "path": each.path} for each in found])
    elif arguments.name:
        print(function_text(found[0].record, shell=True))
    else:
        rows = [
            [
                each.name,
                each.version[:8],
                " ".join(parameter.name for parameter in each.parameters),
                " ".join(item.name for item in each.inputs),
                " ".join(item.key for item in each.returns),
                each.record.description,
            ]
            for each in found
        ]
        print(columns(["function", "version", "parameters", "inputs", "returns", "about"], rows) if rows else "No functions yet.")
    return 0


def sql(arguments: Namespace) -> int:
    """Print what a query finds."""
    query = sys.stdin.read() if arguments.query == "-" else arguments.query
    frame = open_project(arguments.project).sql(query)
    show_json(rows_of(frame)) if arguments.json else print(frame.to_string(index=False) if len(frame.columns) else "")
    return 0


def rebuild(arguments: Namespace) -> int:
    """Make the catalog anew."""
    project = open_project(arguments.project)
    project.rebuild()
    (count,) = project.library.catalog.query("SELECT count(*) FROM runs")[0]
    show_json({"runs": count}) if arguments.json else print(f"rebuilt the catalog of {project.name}: {words.count(count, 'run')}")
    return 0


def worker(arguments: Namespace) -> int:
    """See or stop the worker."""
    project = open_project(arguments.project)
    if arguments.what == "stop":
        project.stop_worker()
    status: dict[str, Any] = project.worker_status()
    if arguments.json:
        show_json(status)
    elif status["pid"] is None:
        print(f"no worker is running; waiting for one: {words.count(len(status['pending']), 'run')}")
    else:
        print("\n".join(f"{key:<9} {_words(key, value)}" for key, value in status.items() if key != "protocol"))
    return 0


def _words(key: str, value: Any) -> str:
    if key in ("uptime", "idle"):
        return words.span(round(value))
    if key == "kernels":
        return "; ".join([str(value.get("mode")), *map(str, value.get("notes") or ())])
    return " ".join(map(str, value)) or "–" if isinstance(value, list) else str(value)


def artifacts(arguments: Namespace) -> int:
    """List artifacts."""
    found = open_project(arguments.project).artifacts(kind=arguments.kind, key=arguments.key, tag=arguments.tag)
    tags = {each.uid: each.tags for each in found}
    if arguments.json:
        show_json([{**asdict(each.record), "uri": each.uri, "tags": tags[each.uid]} for each in found])
    else:
        print(artifacts_text([each.record for each in found], tags))
    return 0


def load(arguments: Namespace) -> int:
    """Print an artifact, or copy its bytes."""
    found = open_project(arguments.project).artifact(arguments.uri)
    if not arguments.output:
        show_value(found.load(), as_json=arguments.json)
        return 0
    target = Path(arguments.output)
    source = found.path
    target = target / source.name if target.is_dir() else target
    try:
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    except OSError as problem:
        raise StorageError(f"{str(target)!r} can't be written: {problem.strerror or problem}. Choose another place.") from None
    show_json({"uri": found.uri, "path": target}) if arguments.json else print(target)
    return 0
