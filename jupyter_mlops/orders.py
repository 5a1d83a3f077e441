"""What a run is asked to do, checked as a whole before anything starts: parameters, inputs and limits become a Spec."""

from __future__ import annotations

import getpass
import os
import socket
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops import config, values
from jupyter_mlops.errors import InputError, MlopsError, ParameterError
from jupyter_mlops.functions.arguments import check_inputs, check_params, limits, outside
from jupyter_mlops.library import ArtifactHandle, Library
from jupyter_mlops.records import Artifact, Function, Input, Source, Spec, key_of
from jupyter_mlops.runs import Run
from jupyter_mlops.storage.journal import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.functions.ipynb import Node


@dataclass(frozen=True, kw_only=True)
class Order:
    """One call of ``project.run``, as the user gave it."""

    function: Function
    notebook: Node
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "python"
    runtime: Mapping[str, Any] = field(default_factory=dict)


def place(order: Order, library: Library, settings: config.Config) -> Spec:
    """Check an order and return the run's spec; inputs that are values are saved as artifacts.

    Raises
    ------
    ParameterError
        Names every unknown, missing or mistyped parameter at once.
    InputError
        An input is unknown, missing or can't be found.
    KernelError
        Its kernel isn't installed.
    """
    function = order.function
    names = {item.name for item in function.inputs} - {item.name for item in function.parameters}
    # `train(data=df)` reads well wherever parameters are given, so inputs may come among them
    inputs = {**{name: value for name, value in order.params.items() if name in names}, **order.inputs}
    params = {name: value for name, value in order.params.items() if name not in names}
    encoded = check_params(function, params, settings.params)
    check_inputs(function, inputs)
    runtime = limits(function.runtime, settings.functions.get(function.name), order.runtime)
    check_kernel(runtime.kernel, order.notebook)
    return Spec(
        id=new_id(),
        project=settings.name,
        name=check_title(function.name if order.name is None else order.name),
        function=function.name,
        version=function.version,
        params=encoded,
        inputs=sources(function, inputs, library),
        returns=function.returns,
        runtime=runtime,
        tags=check_tags(order.tags),
        origin=order.origin,
        store=settings.artifacts,
        **circumstances(),
    )


def check_kernel(said: str | None, notebook: Node) -> None:
    """Refuse a kernel that isn't installed, before anything starts."""
    if (said or notebook.metadata.get("kernelspec", {}).get("name")) in (None, "python3"):
        return  # it is always there
    from jupyter_mlops.execution import kernelspecs  # here, as it loads jupyter_client

    kernelspecs.find(kernelspecs.kernel_of(said, notebook.metadata))


def interactive(name: str, params: Mapping[str, Any], tags: Mapping[str, Any], settings: config.Config) -> Spec:
    """Return the spec of a run that lives in the user's own kernel."""
    encoded = {key: values.encode(value) for key, value in params.items()}
    return Spec(
        id=new_id(),
        project=settings.name,
        name=check_title(name),
        params=encoded,
        tags=check_tags(tags),
        store=settings.artifacts,
        **circumstances(),
    )


def circumstances() -> dict[str, Any]:
    """Return who asks, where and when."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        user = str(os.getuid()) if hasattr(os, "getuid") else ""
    return {"created": time.time(), "user": user, "host": socket.gethostname(), "cwd": os.getcwd()}


# --- inputs ---


def sources(function: Function, given: Mapping[str, Any], library: Library) -> dict[str, Source]:
    """Return where each input comes from; its bytes exist and are identified by their hash."""
    found, problems = {}, []
    for item in function.inputs:
        try:
            found[item.name] = source(item, given.get(item.name, item.default), library)
        except MlopsError as problem:
            problems.append(f"{item.name!r}: {problem}")
    if problems:
        raise InputError(f"{function.name} can't run: {' '.join(problems)}")
    return found


def source(item: Input, value: Any, library: Library) -> Source:
    if isinstance(value, Run):
        value = _made_by(value, item.name)
    if isinstance(value, str) and value.startswith("store://"):
        value = library.get(value)
    if isinstance(value, Artifact):
        value = ArtifactHandle(value, library)
    if isinstance(value, str | os.PathLike):
        return outside(os.fspath(value), item)
    if isinstance(value, list | tuple) and value and all(isinstance(each, ArtifactHandle | Artifact | Run) for each in value):
        parts = tuple(source(replace(item, hint=None), each, library) for each in value)
        return Source(uri=f"{len(parts)} artifacts", items=parts, hint=None)
    handle = value if isinstance(value, ArtifactHandle) else library.keep(value, key_of(item.name))
    return Source(
        uri=handle.uri,
        hash=handle.hash,
        artifact=handle.uid,
        packager=handle.record.packager,
        hint=item.hint,
        meta={**handle.meta, "name": handle.record.name},
    )


def _made_by(run: Run, name: str) -> ArtifactHandle:
    made = run.artifacts
    if name in made or len(made) != 1:
        return made[name]
    return next(iter(made.values()))


def check_title(name: str) -> str:
    """Return a run's name: any one line of at most 200 characters."""
    if not name.strip() or not name.isprintable() or len(name) > 200:
        raise ParameterError(f"{name[:60]!r} can't name a run: use one line of 1 to 200 printable characters.")
    return name


def check_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    for key in tags:
        if not isinstance(key, str) or not key or not key.isprintable() or len(key) > 200:
            raise ParameterError(f"{key!r} can't be a tag's key: use text of 1 to 200 printable characters.")
    return {key: str(value) for key, value in tags.items()}
