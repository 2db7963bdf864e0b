from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels.apart import group_disjoint
from mobility.kernels.csr import build
from mobility.kernels.disjoint import (
    least_shared,
    link_disjoint,
    node_disjoint,
)
from tests.kernels.graphs import (
    all_costs,
    at_both_speeds,
    loopless_paths,
    multigraphs,
    nodes_of,
    road_like,
    walk,
)

OFTEN = settings(max_examples=1000, deadline=None)


@st.composite
def small(draw):
    """Graphs whose links join two nodes, some arcs parallel, closed or of no link."""
    graph = draw(
        st.one_of(multigraphs(smallest=2, nodes=5, arcs=9), road_like(nodes=5))
    )
    links = graph.links.tolist()
    for arc in range(graph.arc_count):
        if draw(st.integers(0, 5)) == 0:
            links[arc] = -1
    twins = [
        arc
        for arc in range(graph.arc_count)
        if arc
        and graph.tails[arc] == graph.tails[arc - 1]
        and graph.heads[arc] == graph.heads[arc - 1]
    ]
    if twins and draw(st.booleans()):  # two carriageways of one link
        links[twins[0]] = links[twins[0] - 1]
    graph = build(
        graph.node_count, graph.tails, graph.heads, graph.weights, links=links
    )
    if graph.arc_count and draw(st.booleans()):
        graph = graph.without([draw(st.integers(0, graph.arc_count - 1))])
    return graph


def links_of(graph, arcs):
    return {int(graph.links[a]) for a in arcs} - {-1}


def inner_of(graph, arcs, free=()):
    return set(nodes_of(graph, arcs)[1:-1]) - set(free)


def best_sets(graph, paths, k, clash):
    """Largest number of paths up to k of which no two clash, and their least total."""
    for count in range(k, 0, -1):
        totals = [
            sum(weight for weight, _ in chosen)
            # a path twice is two where nothing on it may be lost
            for chosen in combinations_with_replacement(paths, count)
            if not any(clash(a, b) for (_, a), (_, b) in combinations(chosen, 2))
        ]
        if totals:
            return count, min(totals)
    return 0, 0


def assert_paths(graph, found, source, target):
    weights = []
    for arcs in found.paths:
        end, weight = walk(graph, arcs, source)
        assert end == target
        assert len(set(nodes_of(graph, arcs))) == len(arcs) + 1
        weights.append(weight)
    assert weights == sorted(weights)
    assert found.total == sum(weights)


def is_parted(graph, links, nodes, source, target):
    lost = [
        arc
        for arc in range(graph.arc_count)
        if graph.links[arc] in links
        or {int(graph.tails[arc]), int(graph.heads[arc])} & set(nodes)
    ]
    return all_costs(graph, lost)[source][target] < 0


@OFTEN
@given(small(), st.integers(1, 3))
def test_link_disjoint_paths_are_as_many_and_as_cheap_as_any(graph, k):
    source, target = 0, graph.node_count - 1
    every = loopless_paths(graph, source, target)[:14]
    if len(every) == 14:
        return
    found = at_both_speeds(lambda: link_disjoint(graph, source, target, k))
    assert_paths(graph, found, source, target)

    def clash(a, b):
        return links_of(graph, a) & links_of(graph, b)

    assert (len(found.paths), found.total) == best_sets(graph, every, k, clash)
    assert not any(clash(a, b) for a, b in combinations(found.paths, 2))
    if len(found.paths) < k:
        assert len(found.cut_links) == len(found.paths)
        assert is_parted(graph, found.cut_links, (), source, target)
    else:
        assert found.cut_links == []


@OFTEN
@given(small(), st.integers(1, 3), st.data())
def test_node_disjoint_paths_are_as_many_and_as_cheap_as_any(graph, k, data):
    source, target = 0, graph.node_count - 1
    every = loopless_paths(graph, source, target)[:14]
    if len(every) == 14:
        return
    free = data.draw(st.lists(st.integers(0, target), max_size=1))
    found = at_both_speeds(
        lambda: node_disjoint(graph, source, target, k, shareable=free)
    )
    assert_paths(graph, found, source, target)

    def clash(a, b):
        return inner_of(graph, a, free) & inner_of(graph, b, free) or (
            links_of(graph, a) & links_of(graph, b)
        )

    count, total = best_sets(graph, every, k, clash)
    assert (len(found.paths), found.total) == (count, total)
    assert not any(clash(a, b) for a, b in combinations(found.paths, 2))
    if len(found.paths) < k:
        assert len(found.cut_links) + len(found.cut_nodes) == len(found.paths)
        assert not set(found.cut_nodes) & {source, target, *free}
        assert is_parted(graph, found.cut_links, found.cut_nodes, source, target)


@OFTEN
@given(small(), st.integers(1, 3), st.sampled_from(["link", "node"]))
def test_paths_share_no_more_than_they_must(graph, k, apart):
    source, target = 0, graph.node_count - 1
    every = loopless_paths(graph, source, target)[:12]
    if len(every) == 12:
        return
    found = at_both_speeds(lambda: least_shared(graph, source, target, k, apart=apart))
    assert_paths(graph, found, source, target)
    if not every:
        assert found.paths == []
        return

    def repeats(paths):
        """How often a link (or node) is used again."""
        uses = []
        for arcs in paths:
            nodes = inner_of(graph, arcs) if apart == "node" else set()
            uses += [("node", node) for node in nodes]
            links = {
                int(graph.links[a])
                for a in arcs
                if apart == "link"
                or {int(graph.tails[a]), int(graph.heads[a])} == {source, target}
            }
            uses += [("link", link) for link in links - {-1}]
        return len(uses) - len(set(uses))

    best = min(
        (repeats([arcs for _, arcs in chosen]), sum(weight for weight, _ in chosen))
        for chosen in combinations_with_replacement(every, k)
    )
    assert len(found.paths) == k
    assert (found.repeats, found.total) == best
    assert repeats(found.paths) == found.repeats


def test_the_shortest_path_may_have_to_go():
    #  0 ─ 1 ═ 2 ─ 3   the shortest path 0-1-2-3 blocks both others
    graph = build(4, [0, 0, 1, 1, 2], [1, 2, 2, 3, 3], [1, 4, 1, 4, 1], links=range(5))
    found = link_disjoint(graph, 0, 3)
    assert (found.paths, found.total) == ([[0, 3], [1, 4]], 10)


def test_a_link_of_two_directions_serves_one_path():
    #  0 ─ 1 ═ 2 ─ 3 with 0 ─ 2 and 1 ─ 3: as above, 1 ═ 2 both ways
    graph = build(
        4,
        [0, 0, 1, 2, 1, 2],
        [1, 2, 2, 1, 3, 3],
        [0, 0, 0, 0, 0, 0],
        links=[0, 1, 2, 2, 3, 4],
    )
    found = link_disjoint(graph, 0, 3)
    assert found.paths == [[0, 4], [1, 5]]


def test_links_that_join_more_than_two_nodes_are_refused_by_name():
    graph = build(3, [0, 1], [1, 2], [1, 1], links=[4, 4])
    with pytest.raises(InputError, match="link 4 joins more than two nodes"):
        link_disjoint(graph, 0, 2)


@pytest.mark.parametrize("kernel", [link_disjoint, node_disjoint, least_shared])
def test_bad_questions_are_refused(kernel):
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match="same node"):
        kernel(graph, 0, 0)
    with pytest.raises(InputError, match="k = 0 is outside 1 to"):
        kernel(graph, 0, 1, 0)
    with pytest.raises(InputError, match="target 9 is outside"):
        kernel(graph, 0, 9)


def test_bad_choices_are_refused():
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match="apart 'risk' is none of link, node"):
        least_shared(graph, 0, 1, apart="risk")
    with pytest.raises(InputError, match="shareable: 5 is outside"):
        node_disjoint(graph, 0, 1, shareable=[5])
    with pytest.raises(InputError, match="group 0: 5 is outside"):
        group_disjoint(graph, 0, 1, [[5]])


def test_huge_weights_do_not_pass_for_a_proof():
    #  0 ══ 1   weights that a solver in floats takes for one another, or overflows on
    top = 2**42 - 1
    rng = np.random.default_rng(5)
    for _ in range(150):
        count = int(rng.integers(2, 5))
        arcs = int(rng.integers(2, 9))
        tails, heads = rng.integers(0, count, (2, arcs))
        weights = rng.choice([0, 1, top - 2, top - 1, top, 2**41], arcs)
        graph = build(count, tails, heads, weights)
        groups = [rng.integers(0, arcs, 3) for _ in range(2)]
        found = group_disjoint(graph, 0, count - 1, groups, 2)
        assert_paths(graph, found, 0, count - 1)
        every = loopless_paths(graph, 0, count - 1)

        def clash(a, b, groups=groups):
            return set(a) & set(b) or any(
                set(a) & set(group.tolist()) and set(b) & set(group.tolist())
                for group in groups
            )

        most, total = best_sets(graph, every, 2, clash)
        assert len(found.paths) == most
        assert found.total == total or (found.total > total and not found.is_least)


def test_many_paths_past_a_link_of_scattered_arcs_are_answered_at_once():
    #  0 ─ 1 ─ 2 and 0 ─ 2: 0─1 and 1─2 are one link
    graph = build(3, [0, 1, 0], [1, 2, 2], [1, 1, 3], links=[0, 0, 1])
    found = group_disjoint(graph, 0, 2, [[1, 2]], 1_000)
    assert (found.paths, found.upper_bound) == ([[0, 1]], 1)
