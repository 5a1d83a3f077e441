"""Points that Optuna chooses as results come, and iterations that it gives up early. Optuna is imported only here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlops import values
from jupyter_mlops.errors import WorkflowError
from jupyter_mlops.records import State
from jupyter_mlops.workflows.hyper import Selector
from jupyter_mlops.workflows.spaces import distribution


class Study:
    """A search of ``asked["space"]`` for the best of ``asked["select"]``; numbers are those of iterations, from 1."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        try:
            import optuna
        except ImportError:
            raise WorkflowError(
                "optuna isn't installed in the worker's environment: pip install optuna, or use random=."
            ) from None
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna = optuna
        self._left = int(asked["optuna"])
        self._space = asked["space"]
        self._selector = Selector.parse(asked["select"])
        direction: Any = "maximize" if self._selector.direction == "max" else "minimize"
        sampler = optuna.samplers.TPESampler(seed=asked.get("seed"))
        self._study = optuna.create_study(direction=direction, sampler=sampler)
        self._trials: dict[int, Any] = {}

    def __iter__(self) -> Study:
        return self

    def __next__(self) -> dict[str, Any]:
        if len(self._trials) >= self._left:
            raise StopIteration
        trial = self._study.ask()
        self._trials[len(self._trials) + 1] = trial
        return {name: _suggested(trial, name, where) for name, where in self._space.items()}

    def tell(self, number: int, state: State, results: Mapping[str, Any]) -> None:
        """Take in how an iteration ended."""
        value = results.get(self._selector.result)
        is_good = state is State.COMPLETED and isinstance(value, int | float) and value == value
        states = self._optuna.trial.TrialState
        if is_good:
            self._study.tell(self._trials[number], float(value))  # type: ignore[arg-type]
        else:
            self._study.tell(self._trials[number], state=states.PRUNED if state is State.ABORTED else states.FAIL)

    def gives_up(self, number: int, metrics: Mapping[str, list[tuple[int | None, float, float]]]) -> bool:
        """Take in the metric that is searched for, as far as an iteration has it; return whether it isn't worth going on."""
        trial = self._trials[number]
        known = trial.storage.get_trial(trial._trial_id).intermediate_values
        for index, (step, value, _) in enumerate(metrics.get(self._selector.result, [])):
            place = index if step is None else step
            if place not in known and value == value:
                trial.report(value, place)
        return bool(trial.should_prune())


def _suggested(trial: Any, name: str, where: Any) -> Any:
    """Return a value for one parameter: of a list, as encoded, or of a distribution, as text."""
    if isinstance(where, list):
        return values.decode(where[trial.suggest_categorical(name, list(range(len(where))))])
    found = distribution(where)
    low, high = (*found.arguments, None, None)[:2]
    if found.name == "randint":
        return trial.suggest_int(name, low, high)
    if found.name in ("uniform", "loguniform"):
        return trial.suggest_float(name, low, high, log=found.name == "loguniform")
    raise WorkflowError(f"{name!r}: optuna can't search {where!r}. Use a list, a range, uniform, loguniform or randint.")
