"""A small directed graph: order, reach and cycles. No recursion, so that a chain of 10,000 steps is fine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush


class Graph:
    """Nodes in the order they were declared, and for each the nodes it needs.

    Parameters
    ----------
    needs
        Maps each node to the nodes that come before it. A need that is no node itself raises KeyError.
    """

    def __init__(self, needs: Mapping[str, Iterable[str]]) -> None:
        self.needs: dict[str, tuple[str, ...]] = {node: tuple(dict.fromkeys(before)) for node, before in needs.items()}
        self._rank = {node: rank for rank, node in enumerate(self.needs)}
        followers: dict[str, list[str]] = {node: [] for node in self.needs}
        for node, before in self.needs.items():
            for other in before:
                followers[other].append(node)
        self.followers: dict[str, tuple[str, ...]] = {node: tuple(after) for node, after in followers.items()}

    def __len__(self) -> int:
        return len(self.needs)

    def __contains__(self, node: object) -> bool:
        return node in self.needs

    def order(self) -> list[str]:
        """Return the nodes so that each comes after its needs, otherwise as declared; a cycle raises ValueError."""
        waiting = {node: len(before) for node, before in self.needs.items()}
        ready = [self._rank[node] for node, count in waiting.items() if count == 0]
        heapify(ready)
        nodes, found = list(self.needs), []
        while ready:
            node = nodes[heappop(ready)]
            found.append(node)
            for other in self.followers[node]:
                waiting[other] -= 1
                if waiting[other] == 0:
                    heappush(ready, self._rank[other])
        if len(found) != len(self.needs):
            raise ValueError(f"cycle: {' → '.join(self.find_cycle() or [])}")
        return found

    def find_cycle(self) -> list[str] | None:
        """Return one cycle as a path that ends where it began (``[a, b, a]``; ``[a, a]`` for a self-edge), or None."""
        finished: set[str] = set()
        for start in self.needs:
            if start in finished:
                continue
            path, on_path = [start], {start}
            branches = [iter(self.followers[start])]
            while path:
                node = next(branches[-1], None)
                if node is None:
                    finished.add(path[-1])
                    on_path.discard(path.pop())
                    branches.pop()
                elif node in on_path:
                    return [*path[path.index(node) :], node]
                elif node not in finished:
                    path.append(node)
                    on_path.add(node)
                    branches.append(iter(self.followers[node]))
        return None

    def ancestors(self, *nodes: str) -> set[str]:
        """Return everything that comes before these nodes, without the nodes themselves."""
        return _reach(self.needs, nodes)

    def descendants(self, *nodes: str) -> set[str]:
        """Return everything that comes after these nodes, without the nodes themselves."""
        return _reach(self.followers, nodes)


def _reach(edges: Mapping[str, tuple[str, ...]], starts: Iterable[str]) -> set[str]:
    starts = tuple(starts)
    found: set[str] = set()
    stack = [other for start in starts for other in edges[start]]
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(edges[node])
    return found.difference(starts)
