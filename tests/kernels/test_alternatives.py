from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.kernels.alternatives import different
from mobility.kernels.csr import build
from tests.kernels.graphs import loopless_paths, multigraphs


def weight_of(graph, arcs):
    return sum(int(graph.weights[arc]) for arc in arcs)


def shared(graph, arcs, groups, other):
    total = weight_of(graph, arcs)
    taken = {groups[arc] for arc in other}
    return sum(int(graph.weights[a]) for a in arcs if groups[a] in taken) / total


@settings(max_examples=300)
@given(multigraphs(), st.integers(1, 4), st.sampled_from([0.0, 0.3, 0.5, 0.8]))
def test_paths_exist_differ_and_come_by_weight(graph, k, overlap):
    source, target = 0, graph.node_count - 1
    if source == target:
        return
    groups = list(range(graph.arc_count))
    found = different(graph, source, target, k, groups=groups, overlap=overlap)
    every = loopless_paths(graph, source, target)
    assert bool(found) == bool(every)
    assert len(found) <= k
    known = {arcs for _, arcs in every}
    assert all(tuple(arcs) in known for arcs in found)
    weights = [weight_of(graph, arcs) for arcs in found]
    assert weights == sorted(weights)
    if found:
        assert weights[0] == every[0][0]
    for i, arcs in enumerate(found):
        for earlier in found[:i]:
            assert shared(graph, arcs, groups, earlier) <= overlap


def test_both_sides_of_a_ring_are_found():
    #  0 ─ 1 ─ 3    and the long way round by 2
    #   ╲─ 2 ─╱
    graph = build(4, [0, 1, 0, 2], [1, 3, 2, 3], [1, 1, 5, 5])
    assert different(graph, 0, 3, 3, groups=[0, 1, 2, 3]) == [[0, 1], [2, 3]]


def test_two_directions_of_one_road_count_as_one():
    #  0 ══ 1   the same road twice: no second path
    graph = build(2, [0, 0], [1, 1], [1, 2])
    assert different(graph, 0, 1, 2, groups=[7, 7]) == [[0]]
    assert different(graph, 0, 1, 2, groups=[7, 8]) == [[0], [1]]
