"""The facade's half for workflows and sweeps: define, plan, explain, resume, sweep. ``Project`` inherits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops import orders, values
from jupyter_mlops.errors import (
    FunctionNotFoundError,
    KernelError,
    NameRuleError,
    ParameterError,
    RunNotFoundError,
    WorkflowError,
    did_you_mean,
)
from jupyter_mlops.execution import explain as explaining
from jupyter_mlops.execution.children import Children
from jupyter_mlops.execution.flow import WORKFLOW, Flow
from jupyter_mlops.functions.arguments import check_params
from jupyter_mlops.library import ArtifactHandle
from jupyter_mlops.planning import Plan, WorkflowHandle, version_of
from jupyter_mlops.records import Function, Spec, State, check_name, key_of
from jupyter_mlops.storage.journal import new_id
from jupyter_mlops.workflows import scheduler, trace, validate
from jupyter_mlops.workflows import spec as yaml
from jupyter_mlops.workflows.hyper import Asked, ask
from jupyter_mlops.workflows.store import WorkflowStore

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops import config
    from jupyter_mlops.functions.ipynb import Node
    from jupyter_mlops.functions.store import FunctionStore
    from jupyter_mlops.library import Library
    from jupyter_mlops.runs import Run
    from jupyter_mlops.workflows.nouns import Step, Workflow

REUSABLE = (State.COMPLETED, State.CACHED)


class Pipelines:
    """What a project does with workflows and sweeps."""

    folder: Path
    config: config.Config
    library: Library
    store: FunctionStore

    if TYPE_CHECKING:

        def run(self, function: str, params: Mapping[str, Any] | None = None) -> Run: ...
        def submit(self, spec: Spec, files: Mapping[str, str] | None = None) -> Run: ...
        def get_run(self, reference: str | None = None) -> Run: ...
        def _attend(self, run: Run, on_start: Callable[[Run], object] | None) -> Run: ...

    @cached_property
    def workflow_store(self) -> WorkflowStore:
        return WorkflowStore(self.folder)

    # --- define ---

    def define_workflow(
        self,
        name: str | trace.PythonWorkflow,
        code: str | Callable[..., Any] | None = None,
        *,
        yaml: str | Path | None = None,
        description: str = "",
    ) -> WorkflowHandle:
        """Make or change a workflow, from Python in which calls are steps, or from YAML.

        Parameters
        ----------
        code
            The body of a ``%%mlworkflow`` cell, or a function decorated with ``@mlops.workflow``, which may also stand alone.
        yaml
            The text of a ``workflows/NAME.yaml``, or its path.

        Raises
        ------
        WorkflowError
            Names every problem with its step and line; nothing was stored.
        """
        if isinstance(name, trace.PythonWorkflow):
            name, code = name.name, name
        check_name(name, "workflow")
        if (code is None) == (yaml is None):
            raise WorkflowError(f"{name!r} needs either code or yaml: give one of code= and yaml=.")
        if name in self.store.names():
            raise NameRuleError(f"{name!r} is a Function of this project: give the workflow another name.")
        functions, others = self.callables(), self._others(name)
        previous = self.workflow_store.text(name)
        if yaml is not None:
            made, previous = _from_yaml(name, yaml), _yaml_text(yaml)
        elif callable(code):
            made = replace(trace.trace_callable(code, functions, workflows=others), name=name)
        else:
            made = trace.trace(str(code), name=name, functions=functions, workflows=others)
        if description:
            made = replace(made, description=description)
        validate.check(made, functions, others, defaults=self.config.params)
        text = self.workflow_store.save(made, previous)
        return WorkflowHandle(made, self, text)

    def workflow(self, name: str) -> WorkflowHandle:
        """Return a workflow by its name."""
        made, text = self.workflow_store.get(name)
        return WorkflowHandle(made, self, text)

    def workflows(self) -> list[WorkflowHandle]:
        """Return all workflows, by name."""
        return [self.workflow(name) for name in self.workflow_store.names()]

    # --- run ---

    def _as_workflow(
        self, workflow: str, params: Mapping[str, Any] | None, foreign: Mapping[str, Any], plan: Mapping[str, Any], **said: Any
    ) -> tuple[Spec, dict[str, str]]:
        """Return the spec of a run of a workflow; ``foreign`` is what only Functions take."""
        for option, value in foreign.items():
            if value:
                raise ParameterError(f"{workflow!r} is a workflow and takes no {option}: give it to its steps.")
        for option in plan:
            if option not in Plan.__dataclass_fields__:
                known = list(Plan.__dataclass_fields__)
                raise ParameterError(
                    f"{option!r} is no option of a run.{did_you_mean(option, known)} Known are {', '.join(known)}."
                )
        return self._workflow_order(self.workflow(workflow), params or {}, Plan(**plan), **said)

    def explain(self, name: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Say of every step of a workflow whether it would be ``cached``, ``will run`` or ``skipped``, and why.

        Returns
        -------
        pandas.DataFrame
            A row a step: ``step``, ``verdict``, ``why``, ``run`` (that it would be taken from).
        """
        import pandas as pd  # here: whoever only runs needs no pandas

        rows = [{**asdict(each), "why": "; ".join(each.why)} for each in self.verdicts(name, params)]
        return pd.DataFrame(rows, columns=["step", "verdict", "why", "run"])

    def verdicts(self, name: str, params: Mapping[str, Any] | None = None) -> list[explaining.Verdict]:
        """Return what :meth:`explain` says, as records."""
        handle = self.workflow(name)
        spec, _ = self._workflow_order(handle, params or {}, Plan())
        flow = Flow(self.folder, spec, handle.workflow, Children(self.folder / "runs" / spec.id, spec, None), None)
        return explaining.explain(flow)

    def resume(
        self,
        run: str | Run,
        params: Mapping[str, Any] | None = None,
        *,
        background: bool = False,
        on_start: Callable[[Run], object] | None = None,
        origin: str = "python",
    ) -> Run:
        """Run a workflow again, but only what failed, was aborted or skipped; code may have changed, params may be given.

        What had completed is taken over as long as it would be asked for the same params and inputs.
        """
        earlier = self.get_run(run) if isinstance(run, str) else run
        if earlier.spec.workflow is None or "sweep" in earlier.spec.plan:
            raise RunNotFoundError(f"{earlier.id} isn't a run of a workflow, so there is nothing to resume: run it again.")
        if not earlier.state.finished:
            raise RunNotFoundError(f"{earlier.id} is still {earlier.state}: wait for it, or abort it first.")
        handle = self.workflow(earlier.spec.workflow)
        done = {node: event["run"] for node, event in earlier.history.steps.items() if _is_done(event)}
        old = {name: values.decode(value) for name, value in earlier.spec.params.items()}
        known = {parameter.name for parameter in handle.workflow.params}
        kept = {name: value for name, value in old.items() if name in known}
        parallel = earlier.spec.plan.get("parallel")
        spec, files = self._workflow_order(handle, {**kept, **(params or {})}, Plan(parallel=parallel), origin=origin)
        resumed = replace(spec, plan={**spec.plan, "resumed": done}, tags={**spec.tags, "resumes": earlier.id})
        return self._see_to(self.submit(resumed, files), background=background, on_start=on_start)

    def mark_fresh(self, workflow: str, step: str, params: Mapping[str, Any] | None = None) -> None:
        """Have the latest run of a step count as what it would give now, though its code or environment has changed."""
        handle = self.workflow(workflow)
        spec, _ = self._workflow_order(handle, params or {}, Plan())
        flow = Flow(self.folder, spec, handle.workflow, Children(self.folder / "runs" / spec.id, spec, None), None)
        explaining.explain(flow)
        run = flow.past.latest(workflow, step)
        if run is None:
            raise RunNotFoundError(f"step {step!r} of {workflow!r} has no completed run that could count as fresh: run it once.")
        child = flow.call(handle.steps[step], step)
        self.library.note("fresh", fingerprint=child.fingerprint, run=run)

    def clear_cache(self, *, function: str | None = None, step: str | None = None) -> None:
        """Have no run up to now be reused: of a Function, of a step, or, without either, at all."""
        self.library.note("clear", function=function, step=step, until=new_id())

    # --- sweep ---

    def sweep(
        self,
        target: str,
        *,
        grid: Mapping[str, Any] | None = None,
        list: Mapping[str, Any] | None = None,
        random: int | None = None,
        optuna: int | None = None,
        space: Mapping[str, Any] | None = None,
        points: Sequence[Mapping[str, Any]] | None = None,
        **options: Any,
    ) -> Run:
        """Run a Function or a workflow at many points and keep the best.

        Parameters
        ----------
        grid, list
            Lists by parameter: all combinations, the first name varying fastest; or the first of each, the second of each …
        random, optuna
            So many points from ``space`` (or ``grid``), drawn without replacement, or chosen by Optuna as results come.
        space
            By parameter a list, a ``range``, or a distribution as text: ``"loguniform(1e-4, 1)"``.
        points
            The points themselves.
        **options
            ``select`` ("max:accuracy"), ``stop`` ("accuracy >= 0.9"), ``seed``, ``parallel``, ``max_errors``, ``params`` and
            ``inputs`` that all have, ``name``, ``tags``, ``background``, ``on_start``, ``origin``.
        """
        asked = ask(
            grid=grid, list=list, random=random, optuna=optuna, space=space, points=points,
            **{key: options.pop(key) for key in ("seed", "select", "stop", "max_errors", "parallel") if key in options},
        )  # fmt: skip
        background, on_start = options.pop("background", False), options.pop("on_start", None)
        spec, files = self._target(target, asked, **options)
        fixed = {name: value for name, value in spec.params.items() if name not in asked.first}
        swept = replace(spec, params=fixed, plan={**spec.plan, "sweep": asked.encoded()})
        return self._see_to(self.submit(swept, files), background=background, on_start=on_start)

    def _target(self, target: str, asked: Asked, *, params: Any = None, inputs: Any = None, **said: Any) -> Any:
        first = {**(params or {}), **asked.first}
        if self._is_workflow(target):
            spec, files = self._workflow_order(self.workflow(target), first, Plan(), **said)
        else:
            function, notebook = self._found(target)
            tags = said.pop("tags", None) or {}
            order = orders.Order(function=function, notebook=notebook, params=first, inputs=inputs or {}, tags=tags, **said)
            spec, files = orders.place(order, self.library, self.config), {}
            for point in asked.points:
                check_params(function, {**(params or {}), **point}, self.config.params)
        return spec, files

    # --- what they share ---

    def _is_workflow(self, name: str) -> bool:
        return name in self.workflow_store.names()

    def _found(self, reference: str) -> tuple[Function, Node]:
        """Return a Function and its notebook; where there is none, the error names the workflow that may be meant."""
        try:
            return self.store.get(reference)
        except FunctionNotFoundError:
            near = did_you_mean(reference, self.workflow_store.names())
            if near and not did_you_mean(reference, self.store.names()):
                missing = f"The project has neither a Function nor a workflow {reference!r}."
                raise FunctionNotFoundError(f"{missing}{near.replace('mean', 'mean the workflow')}") from None
            raise

    def _see_to(self, run: Run, *, background: bool, on_start: Callable[[Run], object] | None) -> Run:
        if not background:
            return self._attend(run, on_start)
        if on_start is not None:
            on_start(run)
        return run

    def callables(self) -> dict[str, Function]:
        """Return the Functions by name, at their present versions."""
        return {function.name: function for function in self.store.readable()}

    def _others(self, name: str, made: Workflow | None = None) -> dict[str, Workflow]:
        """Return the other workflows that can be read; refuse when ``made`` calls one that can't."""
        called = {step.workflow for step in made.steps} if made else set()
        found: dict[str, Workflow] = {}
        for other in self.workflow_store.names():
            try:
                if other != name:
                    found[other] = self.workflow_store.get(other)[0]
            except WorkflowError:
                if other in called:
                    raise
        return found

    def _workflow_order(
        self, handle: WorkflowHandle, params: Mapping[str, Any], plan: Plan, *, name: str | None = None, **said: Any
    ) -> tuple[Spec, dict[str, str]]:
        """Check a workflow and its params as of now, and return the run's spec with the files that lie beside it."""
        made = handle.workflow
        others = self._others(made.name, made)
        called = self._called(made, others)
        validate.check(made, called, others, defaults=self.config.params)
        selection = {"from_step": plan.from_step, "only": plan.only, "until": plan.until}
        chosen = scheduler.subset(made, **selection) if any(selection.values()) else None
        spec = Spec(
            id=new_id(),
            project=self.config.name,
            name=orders.check_title(name or made.name),
            workflow=made.name,
            version=version_of(made),
            params=self._workflow_params(made, params),
            tags=orders.check_tags(said.pop("tags", None) or {}),
            origin=said.pop("origin", "python"),
            store=self.config.artifacts,
            plan={
                "parallel": plan.parallel,
                "cache": plan.cache,
                "gpus": plan.gpus,
                "functions": {reference: function.version for reference, function in called.items()},
                "workflows": {other: self._inner(others[other]) for other in _reached(made, others)},
                "selected": sorted(chosen) if chosen is not None else None,
            },
            **orders.circumstances(),
        )
        return spec, {WORKFLOW: yaml.dump(made)}

    def _workflow_params(self, made: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
        plain = {name: self._as_value(name, value) for name, value in given.items()}
        callee = Function(name=made.name, version="", parameters=made.params)
        return check_params(callee, plain, self.config.params)

    def _as_value(self, name: str, value: Any) -> Any:
        """Data can't be a value: it is kept as an artifact, and its address goes along."""
        if isinstance(value, ArtifactHandle):
            return value.uri
        if type(value).__module__.split(".")[0] in ("pandas", "polars", "pyarrow", "sklearn") or hasattr(value, "__array__"):
            if not hasattr(value, "item") or getattr(value, "ndim", True):
                return self.library.keep(value, key_of(name)).uri
        return value

    def _called(self, made: Workflow, others: Mapping[str, Workflow]) -> dict[str, Function]:
        """Return the Functions that a workflow's steps call, by how they are called, at their present versions."""
        found: dict[str, Function] = {}
        for workflow in (made, *others.values()):
            steps = (*workflow.steps, *([workflow.on_exit] if workflow.on_exit else []))
            for step in steps:
                if step.function is not None and step.function not in found:
                    try:
                        found[step.function], notebook = self.store.get(step.function)
                    except FunctionNotFoundError:
                        if workflow is made:
                            raise WorkflowError(
                                f"step {step.name!r} calls {step.function!r}, which is no Function of this project (any more)."
                            ) from None
                    else:
                        if workflow is made:
                            self._check_kernel(step, found[step.function], notebook)
        return found

    def _check_kernel(self, step: Step, function: Function, notebook: Node) -> None:
        overrides = self.config.functions.get(function.name)
        try:
            orders.check_kernel((overrides and overrides.kernel) or function.runtime.kernel, notebook)
        except KernelError as problem:
            raise KernelError(f"step {step.name!r} can't run: {problem}") from None

    def _inner(self, workflow: Workflow) -> dict[str, Any]:
        defaults = {one.name: values.encode(one.constant) for one in workflow.params if not one.required}
        functions = {reference: function.version for reference, function in self._called(workflow, {}).items()}
        plan = {"functions": functions}
        return {"text": yaml.dump(workflow), "version": version_of(workflow), "params": defaults, "plan": plan}


def _reached(made: Workflow, others: Mapping[str, Workflow]) -> list[str]:
    """Return the workflows that steps call, of this one and of those that it calls."""
    found: dict[str, None] = {}
    waiting = [made]
    while waiting:
        called = [step.workflow for step in waiting.pop().steps if step.workflow in others and step.workflow not in found]
        found.update(dict.fromkeys(filter(None, called)))
        waiting += [others[name] for name in called if name is not None]
    return list(found)


def _is_done(event: dict[str, Any]) -> bool:
    return event["state"] in REUSABLE and bool(event.get("run"))


def _yaml_text(given: str | Path) -> str:
    if isinstance(given, Path) or ("\n" not in given and given.endswith((".yaml", ".yml"))):
        try:
            return Path(given).read_text(encoding="utf-8")
        except OSError as problem:
            raise WorkflowError(f"{str(given)!r} can't be read ({problem.strerror}): give a path, or the YAML itself.") from None
    return str(given)


def _from_yaml(name: str, given: str | Path) -> Workflow:
    made = yaml.load(_yaml_text(given), file=f"{name}.yaml")
    return replace(made, name=name)
