"""What the names of a workflow's cell stand for while it is traced: things without a value, which say so when asked for one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_mlops.errors import did_you_mean
from jupyter_mlops.workflows.nouns import Param, Ref

if TYPE_CHECKING:
    from jupyter_mlops.workflows.recording import Recorder

_OPERATORS = (
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor "
    "radd rsub rmul rmatmul rtruediv rfloordiv rmod rdivmod rpow rlshift rrshift rand ror rxor "
    "neg pos abs invert int float complex index round trunc floor ceil"
).split()
_COMPARISONS = "lt le eq ne gt ge".split()
_ITERATIONS = "iter len contains reversed next".split()
_TEXTS = "str format fspath bytes".split()


@dataclass(kw_only=True, eq=False)
class Call:
    """One step as it was called; ``name`` is what it will be called by, numbered at the end when others share it."""

    name: str
    explicit: bool = False
    function: str | None = None
    workflow: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    foreach: dict[str, Any] = field(default_factory=dict)
    sweep: dict[str, Any] | None = None
    after: list[Any] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    line: int | None = None


def _guard(what: str, remedy: str) -> Any:
    def refuse(self: Any, *_: Any) -> NoReturn:
        raise self._recorder.refusal(f"{self!r} has no value while the workflow is defined, so {what}: {remedy}.")

    return refuse


_VALUELESS = {
    **dict.fromkeys(_OPERATORS, ("Python can't calculate with it", "calculate in a Function")),
    **dict.fromkeys(
        _COMPARISONS,
        (
            "Python can't compare it",
            'write the condition as text, when="params.depth > 3 and check.ok", or compare in a Function',
        ),
    ),
    "bool": ("Python can't decide by it", 'write the condition as text, when="params.depth > 3 and check.ok"'),
    **dict.fromkeys(
        _ITERATIONS,
        ("Python can't go through it", "run a step once per item with part=each(split.parts), or name a fixed list _like_this"),
    ),
    "getitem": ("Python can't take a part of it", "take the part in a Function, or return it under a name of its own"),
    **dict.fromkeys(_TEXTS, ("it can't become text", "give it to a Function, which has its value")),
    "call": ("it can't be called", "give it to a Function"),
}


class Valueless:
    """Something whose value only a run has; every use of a value is refused with what to do instead."""

    _recorder: Recorder

    __hash__ = object.__hash__


for _name, (_what, _remedy) in _VALUELESS.items():
    setattr(Valueless, f"__{_name}__", _guard(_what, _remedy))


class ParamSymbol(Valueless):
    """A parameter of the workflow."""

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder, self._name = recorder, name

    def __repr__(self) -> str:
        return f"params.{self._name}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._recorder.refusal(f"{self!r} has no value while the workflow is defined, so {name!r} can't be taken of it.")

    def _noun(self, names: dict[int, str]) -> Param:
        return Param(name=self._name)


class OutputSymbol(Valueless):
    """An output of a step; of ``run``, when ``call`` is None."""

    def __init__(self, recorder: Recorder, call: Call | None, name: str) -> None:
        self._recorder, self._call, self._name = recorder, call, name

    def __repr__(self) -> str:
        return f"{self._call.name if self._call else 'run'}.{self._name}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._recorder.refusal(f"{self!r} has no value while the workflow is defined, so {name!r} can't be taken of it.")

    def _noun(self, names: dict[int, str]) -> Ref:
        return Ref(step=names[id(self._call)] if self._call else "run", output=self._name)


class StepSymbol(Valueless):
    """A step: its outputs are its attributes, or items (``step["after"]``) when they are named like a method."""

    def __init__(self, recorder: Recorder, call: Call) -> None:
        self._recorder, self._call = recorder, call

    def __repr__(self) -> str:
        return f"step {self._call.name!r}"

    def __getattr__(self, name: str) -> OutputSymbol:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: Any) -> OutputSymbol:
        known = self._call.outputs
        if not isinstance(name, str):
            raise self._recorder.refusal(f"{self!r} has outputs by name, not {name!r}: write {self._call.name}.model.")
        if known and name not in known:
            there = did_you_mean(name, known) or f" It gives {', '.join(known)}."
            raise self._recorder.refusal(f"{self!r} gives no {name!r}.{there}", step=self._call.name)
        return OutputSymbol(self._recorder, self._call, name)

    def __call__(self, *args: Any, **given: Any) -> StepSymbol:
        # after `train = train(…)` the name still means the Function, where it is the same
        known = self._call.function or self._call.workflow
        if known != self._call.name or self._call.explicit:
            raise self._recorder.refusal(f"{self!r} can't be called: call {known}, or step({'NAME'!r}, {known!r}, …).")
        return self._recorder.maker(self._call.name)(*args, **given)

    def after(self, *others: Any) -> StepSymbol:
        """Order this step after others, without data between them."""
        self._recorder.order(self._call, others)
        return self

    def options(self, **options: Any) -> StepSymbol:
        """Set how the step runs; the way for a Function that has a parameter named like an option."""
        self._recorder.set_options(self._call, options)
        return self


class Each:
    """A list to go through: the step runs once per item."""

    def __init__(self, items: Any) -> None:
        self.items = items


class Names:
    """``params`` or ``run``: things by name, as attributes or items."""

    def __init__(self, recorder: Recorder, what: str, known: dict[str, Any]) -> None:
        self._recorder, self._what, self._known = recorder, what, known

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            there = did_you_mean(str(name), self._known) or f" There are {', '.join(self._known) or 'none'}."
            raise self._recorder.refusal(f"{self._what} has no {name!r}.{there}")
        return self._known[name]


class Maker:
    """A Function or another workflow: calling it makes a step."""

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder, self._name = recorder, name

    def __repr__(self) -> str:
        return self._name

    def __call__(self, *args: Any, **given: Any) -> StepSymbol:
        if args:
            raise self._recorder.refusal(
                f"{self._name} takes values by name: write {self._name}(NAME={args[0]!r}).", step=self._name
            )
        return StepSymbol(self._recorder, self._recorder.call(self._name, given))
