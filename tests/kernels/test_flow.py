from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels.csr import build
from mobility.kernels.flow import (
    bottleneck_tree,
    cheapest_flow,
    max_flow,
    widest_path,
)
from tests.kernels.graphs import (
    BRIEF,
    at_both_speeds,
    loopless_paths,
    multigraphs,
    road_like,
    rows_of,
    walk,
)

OFTEN = settings(max_examples=600, deadline=None)


@st.composite
def loaded(draw, **kind):
    """A graph of two nodes at least, its ends, and a capacity per arc."""
    graph = draw(st.one_of(multigraphs(smallest=2, **kind), road_like(nodes=6)))
    capacity = st.integers(0, 4)
    count = graph.arc_count
    capacities = draw(st.lists(capacity, min_size=count, max_size=count))
    if draw(st.booleans()) and count:
        graph = graph.without(draw(st.lists(st.integers(0, count - 1), max_size=2)))
    return graph, capacities


def split_oracle(graph, capacities, nodes, source, target):
    """NetworkX' flow network, nodes split, parallel arcs summed as flows may be."""
    oracle = nx.DiGraph()
    for node in range(graph.node_count):
        through = nodes[node]
        if node in (source, target) or through < 0:
            through = 10**6
        oracle.add_edge(("in", node), ("out", node), capacity=through)
    for arc, tail, head, _ in rows_of(graph):
        edge = ("out", tail), ("in", head)
        old = oracle.edges[edge]["capacity"] if oracle.has_edge(*edge) else 0
        oracle.add_edge(*edge, capacity=old + capacities[arc])
    return oracle


@OFTEN
@given(loaded(), st.data())
def test_what_passes_is_what_networkx_says_and_the_cut_proves_it(loaded, data):
    graph, capacities = loaded
    count = graph.node_count
    source, target = 0, count - 1
    nodes = data.draw(
        st.one_of(
            st.none(), st.lists(st.integers(-1, 4), min_size=count, max_size=count)
        )
    )
    found = at_both_speeds(
        lambda: max_flow(graph, capacities, source, target, node_capacities=nodes)
    )
    limits = nodes or [-1] * count
    oracle = split_oracle(graph, capacities, limits, source, target)
    assert found.value == nx.maximum_flow_value(oracle, ("out", source), ("in", target))
    assert_flow(graph, capacities, limits, found, source, target)
    assert found.value == sum(capacities[a] for a in found.cut_arcs) + sum(
        limits[n] for n in found.cut_nodes
    )
    without = {int(a) for a in found.cut_arcs}
    gone = {int(n) for n in found.cut_nodes}
    rows = [
        (tail, head)
        for arc, tail, head, _ in rows_of(graph, without)
        if capacities[arc]
        and all(
            n in (source, target) or (n not in gone and limits[n] != 0)
            for n in (tail, head)
        )
    ]
    left = nx.DiGraph(rows)
    left.add_nodes_from((source, target))
    assert not nx.has_path(left, source, target)


def assert_flow(graph, capacities, limits, found, source, target):
    net = [0] * graph.node_count
    through = [0] * graph.node_count
    for arc, flow in enumerate(found.flow.tolist()):
        assert 0 <= flow <= (0 if graph.closed[arc] else capacities[arc])
        net[graph.tails[arc]] -= flow
        net[graph.heads[arc]] += flow
        through[graph.heads[arc]] += flow
    for node in range(graph.node_count):
        if node == source:
            assert net[node] == -found.value
        elif node == target:
            assert net[node] == found.value
        else:
            assert net[node] == 0
            assert limits[node] < 0 or through[node] <= limits[node]


@OFTEN
@given(
    st.one_of(multigraphs(smallest=2, nodes=5, arcs=9), road_like(nodes=4)), st.data()
)
def test_parts_of_minimum_cuts_are_those_of_all_minimum_cuts(graph, data):
    count, arcs = graph.node_count, graph.arc_count
    source, target = 0, count - 1
    capacities = data.draw(st.lists(st.integers(0, 3), min_size=arcs, max_size=arcs))
    found = at_both_speeds(lambda: max_flow(graph, capacities, source, target))
    every_cut = []
    inner = list(range(1, count - 1))
    for size in range(len(inner) + 1):
        for side in combinations(inner, size):
            near = {source, *side}
            cut = {
                arc
                for arc, tail, head, _ in rows_of(graph)
                if tail in near and head not in near and capacities[arc]
            }
            if sum(capacities[arc] for arc in cut) == found.value:
                every_cut.append(cut)
    assert set(found.cut_arcs.tolist()) in every_cut
    assert found.some_arcs.tolist() == sorted(set.union(*every_cut))
    assert found.every_arcs.tolist() == sorted(set.intersection(*every_cut))


@OFTEN
@given(loaded(), st.integers(0, 6))
def test_the_least_cost_of_a_flow_is_that_of_networkx(loaded, amount):
    graph, capacities = loaded
    source, target = 0, graph.node_count - 1
    found = at_both_speeds(
        lambda: cheapest_flow(graph, capacities, source, target, amount)
    )
    most = max_flow(graph, capacities, source, target).value
    assert found.value == min(amount, most)
    assert_flow(graph, capacities, [-1] * graph.node_count, found, source, target)
    assert found.total == int(found.flow @ graph.weights)
    oracle = nx.DiGraph()  # a node on every arc keeps parallel arcs apart
    oracle.add_node(source, demand=-found.value)
    oracle.add_node(target, demand=found.value)
    for arc, tail, head, weight in rows_of(graph):
        oracle.add_edge(tail, ("arc", arc), capacity=capacities[arc], weight=weight)
        oracle.add_edge(("arc", arc), head, capacity=capacities[arc])
    assert found.total == nx.min_cost_flow_cost(oracle)


@OFTEN
@given(loaded())
def test_the_widest_path_is_the_widest_of_all_and_the_shortest_of_those(loaded):
    graph, widths = loaded
    source, target = 0, graph.node_count - 1
    found = at_both_speeds(lambda: widest_path(graph, widths, source, target))
    every = [
        (min(widths[a] for a in arcs), weight)
        for weight, arcs in loopless_paths(graph, source, target)
    ]
    if not every:
        assert found is None
        return
    width, arcs = found
    assert width == max(w for w, _ in every)
    weight = min(weight for w, weight in every if w == width)
    assert walk(graph, arcs, source) == (target, weight)


@BRIEF
@given(loaded())
def test_a_bottleneck_tree_holds_the_widest_path_to_every_node(loaded):
    graph, widths = loaded
    found = at_both_speeds(lambda: bottleneck_tree(graph, widths, 0))
    for node in range(1, graph.node_count):
        best = widest_path(graph, widths, 0, node)
        assert found.width[node] == (-1 if best is None else best[0])
        arc = found.arc[node]
        assert (arc < 0) == (best is None)
        if arc >= 0:
            above = found.width[graph.tails[arc]]
            assert found.width[node] == min(above, widths[arc])


def test_capacities_beyond_32_bits_are_exact():
    graph = build(3, [0, 0, 1], [1, 1, 2], [1, 1, 1])
    found = max_flow(graph, [2**41, 2**41, 2**42 - 1], 0, 2)
    assert found.value == 2**42 - 1


@pytest.mark.parametrize(
    ("capacities", "message"),
    [
        ([1], "capacities differ in length: 1 for 2"),
        ([1, -1], "capacities: -1 is outside"),
        ([1, float("nan")], "capacities must be whole numbers"),
        ([1, 2**42], "capacities: 4398046511104 is outside"),
    ],
)
def test_bad_capacities_are_refused(capacities, message):
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match=message):
        max_flow(graph, capacities, 0, 1)
    with pytest.raises(InputError, match=message):
        cheapest_flow(graph, capacities, 0, 1, 1)
    with pytest.raises(InputError, match=message.replace("capacities", "widths")):
        widest_path(graph, capacities, 0, 1)


def test_bad_ends_amounts_and_node_capacities_are_refused():
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match="same node"):
        max_flow(graph, [1, 1], 1, 1)
    with pytest.raises(InputError, match="amount = -1 is outside 0 to"):
        cheapest_flow(graph, [1, 1], 0, 1, -1)
    with pytest.raises(InputError, match="node_capacities: -2 is outside"):
        max_flow(graph, [1, 1], 0, 1, node_capacities=[-2, 1])
    with pytest.raises(InputError, match="root 2 is outside"):
        bottleneck_tree(graph, [1, 1], 2)


def test_flow_of_a_mask_of_all_arcs_is_none():
    graph = build(2, [0, 0], [1, 1], [5, 3]).without(np.array([True, True]))
    found = max_flow(graph, [1, 1], 0, 1)
    assert (found.value, found.cut_arcs.tolist()) == (0, [])
