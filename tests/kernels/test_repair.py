import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels.csr import build
from mobility.kernels.repair import detour, repaired
from mobility.kernels.shortest import path, tree
from tests.kernels.graphs import (
    BRIEF,
    THOROUGH,
    all_costs,
    at_both_speeds,
    multigraphs,
    walk,
)


@THOROUGH
@given(multigraphs(), st.data(), st.booleans())
def test_a_mended_tree_is_a_shortest_path_tree_of_the_changed_graph(
    graph, data, reverse
):
    some = st.lists(st.integers(0, max(graph.arc_count - 1, 0)), max_size=5)
    shut = data.draw(some) if graph.arc_count else []
    before = graph.without(shut)
    weights = graph.weights.tolist()
    changed = data.draw(some) if graph.arc_count else []
    for arc in changed:
        weights[arc] = data.draw(st.integers(0, 12))
    after = graph.reweighted(weights).without(
        data.draw(some) if graph.arc_count else []
    )
    arcs = np.flatnonzero(before.costs != after.costs)
    old = tree(before, 0, reverse=reverse)
    new = at_both_speeds(lambda: repaired(after, old, arcs))
    fresh = tree(after, 0, reverse=reverse)
    assert new.distance.tolist() == fresh.distance.tolist()
    assert sorted(new.order.tolist()) == sorted(fresh.order.tolist())
    for node in new.order.tolist():
        arcs = path(after, new, node)
        ends = walk(after, arcs, node if reverse else 0)
        assert ends == (0 if reverse else node, new.distance[node])


@THOROUGH
@given(multigraphs(), st.data())
def test_one_pair_after_any_loss_is_that_of_a_fresh_search(graph, data):
    lost = [a for a in range(graph.arc_count) if data.draw(st.booleans())]
    towards = tree(graph, 0, reverse=True)
    fresh = all_costs(graph, lost)
    for source in range(graph.node_count):
        found = at_both_speeds(lambda: detour(graph, towards, source, lost))  # noqa: B023
        assert found == fresh[source][0]


@BRIEF
@given(multigraphs())
def test_no_change_leaves_a_tree_as_it_is(graph):
    grown = tree(graph, 0)
    same = repaired(graph, grown, [])
    assert same.distance.tolist() == grown.distance.tolist()
    assert same.arc.tolist() == grown.arc.tolist()


def test_bad_input_is_refused():
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match="arcs: 2 is outside 0 to 1"):
        repaired(graph, tree(graph, 0), [2])
    with pytest.raises(InputError, match="should be a reversed tree"):
        detour(graph, tree(graph, 0), 0, [0])
    with pytest.raises(InputError, match="tree has 1 nodes for 2"):
        repaired(graph, tree(build(1, [], [], []), 0), [])


def test_a_tree_that_stopped_early_is_refused():
    graph = build(3, [0, 1], [1, 2], [5, 3])
    with pytest.raises(InputError, match="stopped early"):
        repaired(graph, tree(graph, 0, until=1), [])
    with pytest.raises(InputError, match="stopped early"):
        detour(graph, tree(graph, 2, reverse=True, until=1), 0, [0])


def test_a_tree_of_another_graph_is_refused():
    graph = build(3, [0, 1], [1, 2], [5, 3])
    other = build(3, [2] * 9 + [0, 1], [0] * 9 + [1, 2], [1] * 11)
    with pytest.raises(InputError, match="another graph"):
        repaired(graph, tree(other, 0), [])
    with pytest.raises(InputError, match="another graph"):
        path(graph, tree(other, 0), 2)
    with pytest.raises(InputError, match="another graph"):
        detour(graph, tree(other, 2, reverse=True), 0, [0])
    lighter = graph.reweighted([1, 1])
    with pytest.raises(InputError, match="no tree of this graph and its weights"):
        detour(graph, tree(lighter, 2, reverse=True), 0, [0])
    with pytest.raises(InputError, match="tree has 1 nodes for 3"):
        path(graph, tree(build(1, [], [], []), 0), 0)
