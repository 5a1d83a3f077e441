"""What is known about names at one place of a cell, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Need:
    """A name looked up outside. ``sure``: without it the cell stops. ``late``: only when a function is called.

    ``origin`` is the function from outside that alone asks for it, or empty when the cell does.
    """

    name: str
    line: int
    sure: bool = True
    late: bool = False
    origin: str = ""


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a cell needs and binds. ``loads`` are all names it looks up; ``opaque`` says what may set unforeseen names."""

    needs: dict[str, Need]
    binds: frozenset[str]
    functions: dict[str, tuple[Deferred, ...]]
    loads: frozenset[str]
    opaque: str | None = None


@dataclass(frozen=True)
class Deferred:
    """What a function needs and binds (by ``global``) once it is called."""

    needs: tuple[tuple[str, int, bool], ...]
    binds: frozenset[str]
    origin: str = ""


@dataclass
class Flow:
    """What holds at one place: names that may be bound, names that came from outside, and known functions.

    ``fresh`` are those bound on a way on which they weren't looked up outside before.
    """

    bound: set[str] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    functions: dict[str, tuple[Deferred, ...]] = field(default_factory=dict)

    def copy(self) -> Flow:
        return Flow(set(self.bound), set(self.fresh), set(self.outside), dict(self.functions))

    def joined(self, *others: Flow) -> Flow:
        """Return what holds where these ways meet."""
        flow = self.copy()
        for other in others:
            flow.bound |= other.bound
            flow.fresh |= other.fresh
            flow.outside &= other.outside
            for name, known in other.functions.items():
                mine = flow.functions.get(name, ())
                flow.functions[name] = (*mine, *(one for one in known if one not in mine))
        return flow

    def bind(self, name: str) -> None:
        self.rebind(name)
        self.functions.pop(name, None)

    def rebind(self, name: str) -> None:
        """Bind a name to something that can't be told, such as what a function gives a ``global``."""
        self.bound.add(name)
        if name not in self.outside:
            self.fresh.add(name)

    def unbind(self, name: str) -> None:
        for names in (self.bound, self.fresh, self.outside):
            names.discard(name)
        self.functions.pop(name, None)
