import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels.csr import (
    INFINITE,
    MAX_WEIGHT,
    build,
    from_networkx,
    to_networkx,
)
from tests.kernels.graphs import BRIEF, multigraphs


def arcs_at(graph, node, *, reverse=False):
    first, ends, costs, arcs = graph.star(reverse=reverse)
    row = slice(first[node], first[node + 1])
    return list(
        zip(arcs[row].tolist(), ends[row].tolist(), costs[row].tolist(), strict=True)
    )


def test_parallel_arcs_and_loops_stay_apart():
    #  0 ══ 1 ⟲   two arcs 0→1, one loop at 1
    graph = build(2, [0, 0, 1], [1, 1, 1], [5, 3, 0])
    assert graph.arc_count == 3
    assert arcs_at(graph, 0) == [(0, 1, 5), (1, 1, 3)]
    assert arcs_at(graph, 1) == [(2, 1, 0)]
    assert arcs_at(graph, 0, reverse=True) == []
    assert arcs_at(graph, 1, reverse=True) == [(0, 0, 5), (1, 0, 3), (2, 1, 0)]


@BRIEF
@given(multigraphs(linked=True))
def test_rows_hold_every_arc_once_in_order_both_ways_as_arrays_and_lists(graph):
    for reverse, at in ((False, graph.tails), (True, graph.heads)):
        rows = [arcs_at(graph, n, reverse=reverse) for n in range(graph.node_count)]
        for node, row in enumerate(rows):
            assert [arc for arc, *_ in row] == np.flatnonzero(at == node).tolist()
        arrays = graph.star(reverse=reverse)
        lists = graph.star(reverse=reverse, fast=False)
        assert [array.tolist() for array in arrays] == list(lists)


@BRIEF
@given(multigraphs(linked=True))
def test_links_know_their_arcs_and_their_shape(graph):
    first, arcs = graph.members()
    for link in range(graph.link_count):
        own = np.flatnonzero(graph.links == link).tolist()
        assert arcs[first[link] : first[link + 1]].tolist() == own
        ways = [(int(graph.tails[a]), int(graph.heads[a])) for a in own]
        spots = {tuple(sorted(way)) for way in ways}
        assert graph.scattered[link] == (len(spots) > 1)
        assert graph.doubled[link] == (len(spots) > 1 or len(set(ways)) < len(ways))


def test_arrays_are_copies_that_cannot_be_written():
    weights = np.array([5, 3])
    graph = build(2, [0, 0], [1, 1], weights)
    weights[0] = 99
    assert graph.weights.tolist() == [5, 3]
    for array in (graph.weights, graph.tails, graph.heads, graph.links, graph.closed):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_no_arcs_is_a_graph():
    assert build(3, [], [], []).star().first.tolist() == [0, 0, 0, 0]
    assert build(0, [], [], []).link_count == 0


def test_a_mask_closes_arcs_and_shares_the_rows():
    graph = build(2, [0, 0, 1], [1, 1, 0], [5, 3, 2])
    masked = graph.without([1]).without(np.array([False, False, True]))
    assert masked.costs.tolist() == [5, INFINITE, INFINITE]
    assert masked.weights.tolist() == [5, 3, 2]
    assert graph.costs.tolist() == [5, 3, 2]
    assert masked.star().ends is graph.star().ends
    assert masked.reweighted([1, 1, 1]).costs.tolist() == [1, INFINITE, INFINITE]


@BRIEF
@given(multigraphs(linked=True), st.data())
def test_the_way_to_networkx_and_back_loses_nothing(graph, data):
    graph = graph.without(
        [a for a in range(graph.arc_count) if data.draw(st.booleans())]
    )
    names = [f"n{i}" for i in range(graph.node_count)]
    keys = [f"k{i}" for i in range(graph.arc_count)]
    there = to_networkx(graph, nodes=names, keys=keys)
    back, nodes, edge_keys = from_networkx(there)
    assert (nodes, edge_keys) == (names, keys)
    for field in ("tails", "heads", "weights", "links", "closed"):
        assert np.array_equal(getattr(back, field), getattr(graph, field))
    again = to_networkx(back, nodes=nodes, keys=edge_keys)
    assert nx.utils.graphs_equal(there, again)


def test_an_edge_without_weight_is_refused_not_taken_as_one():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b")
    with pytest.raises(InputError, match="has no 'weight'"):
        from_networkx(graph)


def test_names_that_would_merge_nodes_or_arcs_are_refused():
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match="same name"):
        to_networkx(graph, nodes=["a", "a"])
    with pytest.raises(InputError, match="same key"):
        to_networkx(graph, keys=["a", "a"])
    with pytest.raises(InputError, match="3 entries for 2"):
        to_networkx(graph, nodes=["a", "b", "c"])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (([0], [1], [-1]), "weights: -1 is outside"),
        (([0], [1], [MAX_WEIGHT]), "weights: 4398046511104 is outside"),
        (([0], [1], [float("nan")]), "whole numbers"),
        (([0], [1], [float("inf")]), "must be finite"),
        (([0], [1], [1e300]), "must be finite"),
        (([0], [1], [2**64 - 1]), "must be finite"),
        (([0], [1], [0.5]), "whole numbers"),
        (([0], [1], ["5"]), "whole numbers"),
        (([0], [1], [[5]]), "one dimension"),
        (([0], [2], [1]), "head is outside 0 to 1"),
        (([-1], [1], [1]), "tail is outside 0 to 1"),
        (([0, 1], [1], [1]), "differ in length: 2, 1, 1"),
    ],
)
def test_bad_arrays_are_refused_by_name(arrays, message):
    with pytest.raises(InputError, match=message):
        build(2, *arrays)


def test_weights_whose_sum_could_overflow_are_refused():
    count = 2**19
    tails = np.arange(count)
    with pytest.raises(InputError, match="overflow"):
        build(count + 1, tails, tails + 1, np.full(count, MAX_WEIGHT - 1))


@pytest.mark.parametrize(
    ("links", "message"),
    [([0], "differ in length: 1 for 2"), ([0, -2], "links: -2 is outside")],
)
def test_bad_links_are_refused(links, message):
    with pytest.raises(InputError, match=message):
        build(2, [0, 0], [1, 1], [5, 3], links=links)


@pytest.mark.parametrize(
    ("arcs", "message"),
    [([2], "arcs: 2 is outside 0 to 1"), ([True], "arcs: 1 marks for 2")],
)
def test_a_mask_of_what_is_not_there_is_refused(arcs, message):
    with pytest.raises(InputError, match=message):
        build(2, [0, 0], [1, 1], [5, 3]).without(arcs)


def test_no_array_of_a_graph_can_be_written():
    graph = build(3, [0, 0, 1], [1, 2, 2], [5, 3, 1], links=[0, 0, -1])
    for shown in (graph, graph.without([1]), graph.reweighted([1, 2, 3])):
        arrays = [
            shown.costs,
            shown.scattered,
            shown.doubled,
            *shown.members(),
            *shown.positions(),
            *shown.star(),
            *shown.star(reverse=True),
        ]
        for array in arrays:
            assert not array.flags.writeable


def test_an_edge_without_a_link_is_not_part_of_anothers():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", weight=1)
    graph.add_edge("b", "c", weight=1, link=0)
    assert from_networkx(graph)[0].links.tolist() == [1, 0]


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph])
def test_graphs_that_would_lose_arcs_or_directions_are_refused(kind):
    with pytest.raises(InputError, match=f"{kind.__name__} should be a MultiDiGraph"):
        from_networkx(kind([(0, 1, {"weight": 1})]))


@pytest.mark.parametrize("names", [[[1], [2]], [None, 1]])
def test_names_that_networkx_does_not_take_are_refused(names):
    with pytest.raises(InputError, match="nodes should be names"):
        to_networkx(build(2, [0], [1], [1]), nodes=names)


def test_arc_numbers_that_cannot_be_sorted_are_refused():
    graph = nx.MultiDiGraph()
    graph.add_edge(0, 1, weight=1, arc="a")
    graph.add_edge(0, 1, weight=1, arc=1)
    with pytest.raises(InputError, match="arc must be whole numbers"):
        from_networkx(graph)
