"""What waits for cores, memory, devices and a place, and gets them in order."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

_PASSED = 16  # sizes that don't fit are passed over at most, or thousands of them would be looked at each time
_MICRO = 1_000_000  # cores are counted in whole millionths: tenths added as floats would leak


class Demand(NamedTuple):
    """Tokens: places, millionths of a core, bytes, whole devices."""

    slots: int = 0
    cpu: int = 0
    mem: int = 0
    gpus: int = 0

    def fits(self, free: Demand) -> bool:
        return self.slots <= free.slots and self.cpu <= free.cpu and self.mem <= free.mem and self.gpus <= free.gpus


def micro(cpu: float) -> int:
    """Return cores as tokens."""
    return round(min(cpu, 1e9) * _MICRO)


class Tokens:
    """All tokens there are, those who wait for some, and those who hold some.

    Nodes of one demand wait in one queue, so the work an event makes doesn't grow with how many wait.
    """

    def __init__(self, total: Demand) -> None:
        self._free = total
        self._devices = list(range(total.gpus))
        self._queues: dict[Demand, list[tuple[int, int, str]]] = {}
        self._heads: list[tuple[int, int, Demand]] = []  # of the queues; one that is no head any more is dropped when met
        self._held: dict[str, tuple[Demand, tuple[int, ...]]] = {}

    def add(self, rank: tuple[int, int], node: str, demand: Demand) -> None:
        """Have a node wait; of two that fit the one of lower rank comes first."""
        queue = self._queues.setdefault(demand, [])
        heappush(queue, (*rank, node))
        if queue[0][:2] == rank:
            heappush(self._heads, (*rank, demand))

    def take(self) -> tuple[str, tuple[int, ...]] | None:
        """Return the first node that fits, with its devices; one that doesn't lets others pass."""
        demand = self._first()
        if demand is None:
            return None
        queue = self._queues[demand]
        node = heappop(queue)[2]
        if queue:
            heappush(self._heads, (*queue[0][:2], demand))
        else:
            del self._queues[demand]
        self._free = Demand(*(have - want for want, have in zip(demand, self._free, strict=True)))
        devices = tuple(heappop(self._devices) for _ in range(demand.gpus))
        self._held[node] = demand, devices
        return node, devices

    def give_back(self, node: str) -> bool:
        """Free what a node holds; False when it holds nothing."""
        if node not in self._held:
            return False
        demand, devices = self._held.pop(node)
        self._free = Demand(*(have + want for want, have in zip(demand, self._free, strict=True)))
        for device in devices:
            heappush(self._devices, device)
        return True

    def clear(self) -> None:
        """Have no one wait any more."""
        self._queues, self._heads = {}, []

    def _first(self) -> Demand | None:
        passed: list[tuple[int, int, Demand]] = []
        found = None
        while self._heads and found is None and len(passed) < _PASSED:
            head = heappop(self._heads)
            queue = self._queues.get(head[2])
            if not queue or queue[0][:2] != head[:2]:
                continue
            if head[2].fits(self._free):
                found = head[2]
            else:
                passed.append(head)
        for head in passed:
            heappush(self._heads, head)
        return found
