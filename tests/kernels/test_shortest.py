import networkx as nx
import pytest
from hypothesis import given

from mobility.errors import InputError
from mobility.kernels.csr import build
from mobility.kernels.shortest import distances, path, shortest, tree
from tests.kernels.graphs import (
    BRIEF,
    THOROUGH,
    all_costs,
    at_both_speeds,
    multigraphs,
    to_networkx,
    walk,
)


@THOROUGH
@given(multigraphs())
def test_distances_are_those_of_networkx_in_both_directions(graph):
    oracle = to_networkx(graph)
    forward = at_both_speeds(lambda: tree(graph, 0))
    backward = at_both_speeds(lambda: tree(graph, 0, reverse=True))
    out = nx.single_source_dijkstra_path_length(oracle, 0)
    back = nx.single_source_dijkstra_path_length(oracle.reverse(), 0)
    nodes = range(graph.node_count)
    assert forward.distance.tolist() == [out.get(n, -1) for n in nodes]
    assert backward.distance.tolist() == [back.get(n, -1) for n in nodes]


@THOROUGH
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


@THOROUGH
@given(multigraphs())
def test_nodes_are_settled_after_the_node_they_are_reached_from(graph):
    for reverse, ends in ((False, graph.tails), (True, graph.heads)):
        grown = tree(graph, 0, reverse=reverse)
        seen = {0}
        assert grown.order[0] == 0
        for node in grown.order[1:].tolist():
            assert int(ends[grown.arc[node]]) in seen
            seen.add(node)
        assert len(seen) == (grown.distance >= 0).sum()


@THOROUGH
@given(multigraphs())
def test_stopping_early_changes_no_path(graph):
    grown = tree(graph, 0)
    for node in range(graph.node_count):
        assert at_both_speeds(lambda: shortest(graph, 0, node)) == path(  # noqa: B023
            graph, grown, node
        )


@BRIEF
@given(multigraphs())
def test_a_table_holds_every_pair(graph):
    nodes = list(range(graph.node_count))
    assert at_both_speeds(lambda: distances(graph, nodes, nodes)).tolist() == (
        all_costs(graph)
    )
    found = at_both_speeds(lambda: distances(graph, [*nodes, 0], [0]))
    assert found[:-1, 0].tolist() == [row[0] for row in all_costs(graph)]
    assert distances(graph, [], [0]).shape == (0, 1)


def test_closed_arcs_are_not_used():
    #  0 ══ 1   the better arc is closed, then both
    graph = build(2, [0, 0], [1, 1], [5, 3])
    assert shortest(graph.without([1]), 0, 1) == [0]
    assert shortest(graph.without([0, 1]), 0, 1) is None


def test_of_equal_arcs_the_lowest_number_is_taken():
    #  0 ══ 1 ── 2   two equal arcs 0→1
    graph = build(3, [0, 0, 1], [1, 1, 2], [4, 4, 1])
    assert shortest(graph, 0, 2) == [0, 2]


@pytest.mark.parametrize("node", [-1, 2, 0.5])
def test_nodes_that_are_not_there_are_refused(node):
    graph = build(2, [0, 0], [1, 1], [5, 3])
    for ask in (
        lambda: tree(graph, node),
        lambda: tree(graph, 0, until=node),
        lambda: shortest(graph, 0, node),
        lambda: path(graph, tree(graph, 0), node),
        lambda: distances(graph, [node], [0]),
    ):
        with pytest.raises(InputError, match=r"outside 0 to 1|no whole number|whole"):
            ask()
