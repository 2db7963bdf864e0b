from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.kernels import apart
from mobility.kernels.apart import bounded_disjoint, group_disjoint, place_disjoint
from mobility.kernels.csr import build
from mobility.kernels.disjoint import link_disjoint
from tests.kernels.graphs import (
    at_both_speeds,
    loopless_paths,
    multigraphs,
    nodes_of,
    road_like,
)
from tests.kernels.test_disjoint import (
    assert_paths,
    best_sets,
    is_parted,
    links_of,
    small,
)

SELDOM = settings(max_examples=300, deadline=None)


@SELDOM
@given(small(), st.integers(1, 3), st.data())
def test_group_disjoint_paths_are_as_many_and_as_cheap_as_any(graph, k, data):
    source, target = 0, graph.node_count - 1
    every = loopless_paths(graph, source, target)[:14]
    if len(every) == 14:
        return
    arcs = st.lists(st.integers(0, max(graph.arc_count - 1, 0)), max_size=3)
    groups = data.draw(st.lists(arcs, max_size=3)) if graph.arc_count else []
    found = at_both_speeds(lambda: group_disjoint(graph, source, target, groups, k))
    assert_paths(graph, found, source, target)

    def clash(a, b):
        return links_of(graph, a) & links_of(graph, b) or any(
            set(a) & set(group) and set(b) & set(group) for group in groups
        )

    assert (len(found.paths), found.total) == best_sets(graph, every, k, clash)
    assert not any(clash(a, b) for a, b in combinations(found.paths, 2))
    assert found.upper_bound == len(found.paths)
    assert found.is_least
    if len(found.paths) < k:
        lost = {arc for group in found.cut_groups for arc in groups[group]}
        assert len(found.cut_groups) + len(found.cut_links) >= len(found.paths)
        assert is_parted(
            graph.without(sorted(lost)), found.cut_links, (), source, target
        )


def test_a_search_that_must_stop_says_what_is_proved():
    graph = build(2, [0, 0], [1, 1], [5, 3])
    found = group_disjoint(graph, 0, 1, [[0, 1]], 2)
    assert (found.paths, found.upper_bound) == ([[1]], 1)


def test_links_of_arcs_far_apart_are_groups():
    graph = build(3, [0, 1], [1, 2], [1, 1], links=[4, 4])
    assert group_disjoint(graph, 0, 2, []).paths == [[0, 1]]


@SELDOM
@given(multigraphs(nodes=5, arcs=8, linked=True, smallest=2), st.integers(1, 3))
def test_a_link_between_other_nodes_each_way_serves_one_path(graph, k):
    # as railways do where trains turn: one arc of a link here, the other there
    source, target = 0, graph.node_count - 1
    every = loopless_paths(graph, source, target)[:14]
    if len(every) == 14:
        return

    def clash(a, b):
        return links_of(graph, a) & links_of(graph, b)

    found = group_disjoint(graph, source, target, (), k)
    assert_paths(graph, found, source, target)
    assert (len(found.paths), found.total) == best_sets(graph, every, k, clash)
    if 0 < len(found.paths) < k and found.cut_links:
        assert is_parted(graph, found.cut_links, (), source, target)
    near = bounded_disjoint(graph, source, target, 12, k)
    short = [path for path in every if path[0] <= 12]
    assert len(near.paths) == near.upper_bound == best_sets(graph, short, k, clash)[0]
    assert not any(clash(a, b) for a, b in combinations(near.paths, 2))
    at = [-1, *range(1, graph.node_count - 1), -1]
    by_place = place_disjoint(graph, source, target, at, k)

    def meets(a, b):
        inner = set(nodes_of(graph, a)) & set(nodes_of(graph, b)) - {source, target}
        return inner or clash(a, b)

    assert len(by_place.paths) == best_sets(graph, every, k, meets)[0]


@SELDOM
@given(road_like(nodes=7), st.integers(1, 3), st.data())
def test_in_large_graphs_groups_are_shared_by_nobody_and_bounds_hold(graph, k, data):
    source, target = 0, graph.node_count - 1
    arcs = st.lists(st.integers(0, graph.arc_count - 1), max_size=4)
    groups = data.draw(st.lists(arcs, max_size=4))
    exact = group_disjoint(graph, source, target, groups, k)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "_MAX_COLUMNS", 0)
        found = group_disjoint(graph, source, target, groups, k)
    assert_paths(graph, found, source, target)
    assert len(found.paths) <= len(exact.paths) <= found.upper_bound
    for a, b in combinations(found.paths, 2):
        assert not links_of(graph, a) & links_of(graph, b)
        assert not any(set(a) & set(group) and set(b) & set(group) for group in groups)


@SELDOM
@given(road_like(nodes=7), st.integers(1, 3), st.data())
def test_place_disjoint_paths_are_as_many_and_as_cheap_as_any(graph, k, data):
    source, target = 0, graph.node_count - 1
    every = loopless_paths(graph, source, target)[:14]
    if len(every) == 14:
        return
    numbers = st.integers(-1, 3)
    count = graph.node_count
    places = data.draw(st.lists(numbers, min_size=count, max_size=count))
    places[source] = places[target] = -1
    found = at_both_speeds(lambda: place_disjoint(graph, source, target, places, k))
    assert_paths(graph, found, source, target)

    def visits(arcs):
        return {places[node] for node in nodes_of(graph, arcs)} - {-1}

    def clash(a, b):
        return visits(a) & visits(b) or links_of(graph, a) & links_of(graph, b)

    assert (len(found.paths), found.total) == best_sets(graph, every, k, clash)
    assert found.upper_bound == len(found.paths)
    if len(found.paths) < k:
        lost = [node for node in range(count) if places[node] in found.cut_groups]
        assert len(found.cut_groups) + len(found.cut_links) >= len(found.paths)
        assert is_parted(graph, found.cut_links, lost, source, target)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "_MAX_COLUMNS", 0)
        large = place_disjoint(graph, source, target, places, k)
    assert len(large.paths) <= len(found.paths) <= large.upper_bound


def test_a_place_of_two_nodes_serves_one_path():
    #  0 ─ 1 ─ 3   1 and 2 are road and rail of one town
    #   ╲ 2 ╱
    graph = build(4, [0, 0, 1, 2], [1, 2, 3, 3], [1, 1, 1, 2])
    found = place_disjoint(graph, 0, 3, [-1, 5, 5, -1])
    assert (found.paths, found.cut_groups, found.upper_bound) == ([[0, 2]], [5], 1)


@SELDOM
@given(small(), st.integers(1, 3), st.integers(0, 12))
def test_no_path_is_too_long_and_bounds_hold(graph, k, longest):
    source, target = 0, graph.node_count - 1
    every = [p for p in loopless_paths(graph, source, target) if p[0] <= longest]
    if len(every) > 12:
        return
    found = at_both_speeds(lambda: bounded_disjoint(graph, source, target, longest, k))

    def clash(a, b):
        return links_of(graph, a) & links_of(graph, b)

    assert all(graph.weigh(path) <= longest for path in found.paths)
    assert not any(clash(a, b) for a, b in combinations(found.paths, 2))
    assert len(found.paths) == best_sets(graph, every, k, clash)[0]
    assert found.upper_bound == len(found.paths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "_MAX_COLUMNS", 0)
        rough = bounded_disjoint(graph, source, target, longest, k)
    assert len(rough.paths) <= len(found.paths) <= rough.upper_bound


def test_what_is_short_together_need_not_be_short_alone():
    #  two ways of 5 and 5, or of 1 and 8: no more than 6 each
    graph = build(4, [0, 0, 1, 2, 1], [1, 2, 3, 3, 2], [0, 4, 5, 1, 0], links=range(5))
    assert link_disjoint(graph, 0, 3, 2).total == 10
    assert len(bounded_disjoint(graph, 0, 3, 6).paths) == 2
    assert bounded_disjoint(graph, 0, 3, 4).paths == [[0, 4, 3]]


def test_a_least_cut_is_named_also_where_paths_are_fewer_still():
    #  1 ─ 3 and 2 ─ 4 are parts of places: no two paths, and no one place parts them
    ends = [(0, 1), (1, 2), (1, 3), (0, 4), (0, 5), (3, 6), (2, 4)]
    tails, heads = zip(*(e for a, b in ends for e in ((a, b), (b, a))), strict=True)
    graph = build(
        7,
        [*tails, 0, 2],
        [*heads, 1, 6],
        [0] * 16,
        links=[*(link for link in range(7) for _ in "ab"), 7, 8],
    )
    places = [-1, 0, 1, 2, 2, 0, -1]
    found = place_disjoint(graph, 0, 6, places, 2)
    assert len(found.paths) == found.upper_bound == 1
    assert len(found.cut_groups) + len(found.cut_links) == 2
    lost = [node for node in range(7) if places[node] in found.cut_groups]
    assert is_parted(graph, found.cut_links, lost, 0, 6)
