import networkx as nx
from hypothesis import given, settings

from mobility.kernels.csr import build
from mobility.kernels.shortest import path, shortest, tree
from tests.kernels.graphs import multigraphs, to_networkx


def walk(graph, arcs, start):
    """Follow arcs from a node; return where they end and what they weigh."""
    weight = 0
    for arc in arcs:
        assert graph.tails[arc] == start
        start, weight = int(graph.heads[arc]), weight + int(graph.weights[arc])
    return start, weight


@settings(max_examples=500)
@given(multigraphs())
def test_distances_are_those_of_networkx_in_both_directions(graph):
    oracle = to_networkx(graph)
    forward, backward = tree(graph, 0), tree(graph, 0, reverse=True)
    out = nx.single_source_dijkstra_path_length(oracle, 0)
    back = nx.single_source_dijkstra_path_length(oracle.reverse(), 0)
    assert forward.distance == [out.get(n, -1) for n in range(graph.node_count)]
    assert backward.distance == [back.get(n, -1) for n in range(graph.node_count)]


@settings(max_examples=500)
@given(multigraphs())
def test_paths_of_a_tree_are_walks_of_the_stated_weight(graph):
    forward, backward = tree(graph, 0), tree(graph, 0, reverse=True)
    for node in range(graph.node_count):
        there, back = path(graph, forward, node), path(graph, backward, node)
        assert (there is None) == (forward.distance[node] < 0)
        assert (back is None) == (backward.distance[node] < 0)
        if there is not None:
            assert walk(graph, there, 0) == (node, forward.distance[node])
        if back is not None:
            assert walk(graph, back, node) == (0, backward.distance[node])


@given(multigraphs())
def test_stopping_early_changes_no_path(graph):
    grown = tree(graph, 0)
    for node in range(graph.node_count):
        assert shortest(graph, 0, node) == path(graph, grown, node)


def test_of_equal_arcs_the_lowest_number_is_taken():
    #  0 ══ 1 ── 2   two equal arcs 0→1
    graph = build(3, [0, 0, 1], [1, 1, 2], [4, 4, 1])
    assert shortest(graph, 0, 2) == [0, 2]
