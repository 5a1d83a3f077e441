"""The order, reach and cycles of a graph."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.workflows.graph import Graph

DIAMOND = Graph({"load": [], "left": ["load"], "right": ["load"], "join": ["left", "right"]})
LONG = 10_000


def chain(length: int) -> dict[str, list[str]]:
    return {f"n{index}": [f"n{index - 1}"] if index else [] for index in range(length)}


@st.composite
def dags(draw: st.DrawFn) -> dict[str, list[str]]:
    names = [f"n{index}" for index in range(draw(st.integers(1, 12)))]
    needs = {
        name: draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else [] for index, name in enumerate(names)
    }
    return {name: needs[name] for name in draw(st.permutations(names))}


def test_the_order_puts_each_node_after_what_it_needs_and_otherwise_as_declared():
    assert DIAMOND.order() == ["load", "left", "right", "join"]
    assert Graph({"b": ["c"], "a": [], "c": []}).order() == ["a", "c", "b"]


def test_ancestors_and_descendants_reach_all_the_way_and_leave_the_nodes_themselves_out():
    assert DIAMOND.ancestors("join") == {"load", "left", "right"}
    assert DIAMOND.descendants("load") == {"left", "right", "join"}
    assert DIAMOND.descendants("left", "right") == {"join"}
    assert DIAMOND.ancestors("load") == set()


def test_a_graph_without_a_cycle_has_none():
    assert DIAMOND.find_cycle() is None


def test_a_self_edge_is_a_cycle():
    assert Graph({"a": ["a"]}).find_cycle() == ["a", "a"]


def test_a_cycle_is_found_as_a_path_that_follows_the_data_and_ends_where_it_began():
    graph = Graph({"a": [], "b": ["a", "d"], "c": ["b"], "d": ["c"]})
    assert graph.find_cycle() == ["b", "c", "d", "b"]


def test_a_graph_with_a_cycle_has_no_order():
    with pytest.raises(ValueError, match="a → b → a"):
        Graph({"a": ["b"], "b": ["a"]}).order()


def test_a_need_that_is_no_node_is_refused():
    with pytest.raises(KeyError):
        Graph({"a": ["nobody"]})


def test_a_need_that_is_said_twice_counts_once():
    assert Graph({"a": [], "b": ["a", "a"]}).order() == ["a", "b"]


def test_a_chain_of_ten_thousand_is_walked_without_recursion():
    graph = Graph(chain(LONG))
    assert graph.order() == [f"n{index}" for index in range(LONG)]
    assert len(graph.ancestors(f"n{LONG - 1}")) == len(graph.descendants("n0")) == LONG - 1
    assert graph.find_cycle() is None


def test_a_ladder_with_more_paths_than_can_be_counted_has_no_cycle():
    ladder = {f"{side}{row}": [f"a{row - 1}", f"b{row - 1}"] if row else [] for row in range(200) for side in "ab"}
    assert Graph(ladder).find_cycle() is None


def test_a_cycle_of_ten_thousand_is_found_whole():
    cycle = Graph({**chain(LONG), "n0": [f"n{LONG - 1}"]}).find_cycle()
    assert cycle is not None
    assert len(cycle) == LONG + 1


@given(dags())
def test_any_order_has_every_node_once_after_its_needs(needs):
    graph = Graph(needs)
    order = graph.order()
    assert sorted(order) == sorted(needs)
    assert all(order.index(need) < order.index(node) for node in needs for need in needs[node])
    assert graph.find_cycle() is None


@given(dags())
def test_ancestors_are_what_can_be_reached_step_by_step(needs):
    graph = Graph(needs)
    for node in needs:
        slow: set[str] = set(needs[node])
        while more := {other for name in slow for other in needs[name]} - slow:
            slow |= more
        assert graph.ancestors(node) == slow
        assert all(node in graph.descendants(other) for other in slow)


@given(dags(), st.data())
def test_an_edge_back_closes_a_cycle_whose_path_is_made_of_edges(needs, data):
    graph = Graph(needs)
    node = data.draw(st.sampled_from(list(needs)))
    end = data.draw(st.sampled_from([node, *sorted(graph.descendants(node))]))
    closed = Graph({**needs, node: [*needs[node], end]})
    cycle = closed.find_cycle()
    assert cycle is not None
    assert cycle[0] == cycle[-1]
    assert all(before in closed.needs[after] for before, after in pairwise(cycle))
