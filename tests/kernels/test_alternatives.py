import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels.alternatives import different, k_shortest
from mobility.kernels.csr import build
from tests.kernels.graphs import (
    at_both_speeds,
    loopless_paths,
    multigraphs,
    nodes_of,
    road_like,
    walk,
)

OFTEN = settings(max_examples=700, deadline=None)


@OFTEN
@given(
    st.one_of(multigraphs(smallest=2), road_like(nodes=7), multigraphs(weight=1)),
    st.integers(1, 12),
)
def test_the_k_shortest_are_those_of_all_paths(graph, k):
    source, target = 0, graph.node_count - 1
    if source == target:
        return
    found = at_both_speeds(lambda: k_shortest(graph, source, target, k))
    every = loopless_paths(graph, source, target)
    assert [weight_of(graph, arcs) for arcs in found] == [w for w, _ in every[:k]]
    assert len({tuple(arcs) for arcs in found}) == len(found)
    # by weight, ties by arc numbers
    assert found == sorted(found, key=lambda arcs: (weight_of(graph, arcs), arcs))
    for arcs in found:
        assert walk(graph, arcs, source)[0] == target
        nodes = nodes_of(graph, arcs)
        assert len(set(nodes)) == len(nodes)


def test_closed_arcs_are_on_no_path():
    #  0 ══ 1   three arcs, the first closed
    graph = build(2, [0, 0, 0], [1, 1, 1], [1, 2, 2]).without([0])
    assert k_shortest(graph, 0, 1, 9) == [[1], [2]]
    assert different(graph, 0, 1, 9) == [[1], [2]]


@pytest.mark.parametrize("kernel", [k_shortest, different])
@pytest.mark.parametrize(
    ("ends", "k", "message"),
    [
        ((0, 0), 1, "same node, 0"),
        ((0, 2), 1, "target 2 is outside 0 to 1"),
        ((0, 1), 0, "k = 0 is outside 1 to"),
    ],
)
def test_bad_questions_are_refused(kernel, ends, k, message):
    with pytest.raises(InputError, match=message):
        kernel(build(2, [0, 0], [1, 1], [5, 3]), *ends, k)


def test_bad_groups_and_overlaps_are_refused():
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match="groups differ in length: 1 for 2"):
        different(graph, 0, 1, 2, groups=[0])
    with pytest.raises(InputError, match="overlap = nan is outside 0 to 1"):
        different(graph, 0, 1, 2, overlap=float("nan"))


def weight_of(graph, arcs):
    return sum(int(graph.weights[arc]) for arc in arcs)


def shared(graph, arcs, groups, other):
    total = weight_of(graph, arcs)
    taken = {groups[arc] for arc in other}
    return sum(int(graph.weights[a]) for a in arcs if groups[a] in taken) / total


@OFTEN
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


@OFTEN
@given(multigraphs(smallest=2), st.data())
def test_no_path_comes_to_a_place_twice(graph, data):
    count = graph.node_count
    places = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    found = different(graph, 0, count - 1, 4, places=places, overlap=1.0)
    for arcs in found[1:]:  # the first is the shortest whatever it visits
        at = [places[node] for node in nodes_of(graph, arcs)]
        visits = [p for i, p in enumerate(at) if i == 0 or at[i - 1] != p]
        assert len(visits) == len(set(visits))


def test_bad_places_are_refused():
    with pytest.raises(InputError, match="places differ in length: 1 for 2"):
        different(build(2, [0, 0], [1, 1], [5, 3]), 0, 1, 2, places=[0])
