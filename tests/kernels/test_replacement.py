import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels.csr import build
from mobility.kernels.replacement import (
    detours,
    group_losses,
    link_losses,
    node_losses,
)
from tests.kernels.graphs import (
    BRIEF,
    all_costs,
    at_both_speeds,
    multigraphs,
    road_like,
)

OFTEN = settings(max_examples=1000, deadline=None)


def every_pair(graph):
    nodes = range(graph.node_count)
    pairs = [(i, j) for i in nodes for j in nodes]
    return [i for i, _ in pairs], [j for _, j in pairs]


def costs_without(graph, lost):
    return [c for row in all_costs(graph, set(lost)) for c in row]


def assert_rows_in_order(losses):
    assert losses.pair.tolist() == sorted(losses.pair.tolist())
    rows = list(zip(losses.pair.tolist(), losses.lost.tolist(), strict=True))
    assert len(rows) == len(set(rows))


@OFTEN
@given(st.one_of(multigraphs(linked=True), multigraphs(), road_like()))
def test_every_pair_after_the_loss_of_every_link_is_that_of_a_fresh_search(graph):
    sources, targets = every_pair(graph)
    losses = at_both_speeds(lambda: link_losses(graph, sources, targets))
    assert losses.base.tolist() == costs_without(graph, ())
    assert_rows_in_order(losses)
    found = losses.matrix(graph.link_count)
    for link in range(graph.link_count):
        lost = np.flatnonzero(graph.links == link).tolist()
        assert found[link].tolist() == costs_without(graph, lost)


@OFTEN
@given(st.one_of(multigraphs(linked=True), road_like()), st.data())
def test_every_pair_after_the_loss_of_every_place_is_that_of_a_fresh_search(
    graph, data
):
    sources, targets = every_pair(graph)
    count = graph.node_count
    places = data.draw(
        st.one_of(
            st.none(),
            st.lists(st.integers(-1, count), min_size=count, max_size=count),
        )
    )
    losses = at_both_speeds(lambda: node_losses(graph, sources, targets, places=places))
    assert_rows_in_order(losses)
    place = list(range(count)) if places is None else places
    found = losses.matrix(max(place) + 1)
    for number in range(max(place) + 1):
        gone = {n for n in range(count) if place[n] == number}
        lost = [
            a
            for a in range(graph.arc_count)
            if gone & {int(graph.tails[a]), int(graph.heads[a])}
        ]
        fresh = costs_without(graph, lost)
        for pair, (i, j) in enumerate(zip(sources, targets, strict=True)):
            if number in (place[i], place[j]):  # ends are never lost
                assert found[number, pair] == losses.base[pair]
            else:
                assert found[number, pair] == fresh[pair]


@OFTEN
@given(multigraphs(), st.data())
def test_every_pair_after_the_loss_of_every_group_is_that_of_a_fresh_search(
    graph, data
):
    sources, targets = every_pair(graph)
    arcs = st.lists(st.integers(0, max(graph.arc_count - 1, 0)), max_size=4)
    groups = data.draw(st.lists(arcs, max_size=4)) if graph.arc_count else [[], []]
    losses = at_both_speeds(lambda: group_losses(graph, sources, targets, groups))
    assert_rows_in_order(losses)
    found = losses.matrix(len(groups))
    for row, lost in enumerate(groups):
        assert found[row].tolist() == costs_without(graph, lost)


@BRIEF
@given(st.one_of(multigraphs(linked=True), road_like()), st.data())
def test_closed_arcs_stay_closed(graph, data):
    closed = [a for a in range(graph.arc_count) if data.draw(st.booleans())]
    graph = graph.without(closed)
    sources, targets = every_pair(graph)
    losses = at_both_speeds(lambda: link_losses(graph, sources, targets))
    found = losses.matrix(graph.link_count)
    for link in range(graph.link_count):
        lost = np.flatnonzero(graph.links == link).tolist()
        assert found[link].tolist() == costs_without(graph, lost)


@OFTEN
@given(st.one_of(multigraphs(linked=True), road_like()))
def test_the_way_round_a_link_is_that_of_a_fresh_search(graph):
    found = at_both_speeds(lambda: detours(graph))
    for arc in range(graph.arc_count):
        link = int(graph.links[arc])
        lost = {arc} | {
            a for a in range(graph.arc_count) if link >= 0 and graph.links[a] == link
        }
        fresh = all_costs(graph, lost)
        assert found[arc] == fresh[graph.tails[arc]][graph.heads[arc]]


def test_the_two_carriageways_of_a_road_are_lost_together():
    #  0 ══ 1 ── 2    0═1 is one link of two arcs each way; the long way: 0 ── 2
    graph = build(
        3,
        [0, 1, 1, 2, 0],
        [1, 0, 2, 1, 2],
        [1, 1, 1, 1, 9],
        links=[0, 0, 1, 1, 2],
    )
    losses = link_losses(graph, [0, 2], [2, 0])
    assert losses.base.tolist() == [2, 2]
    assert losses.matrix(3).tolist() == [[9, -1], [9, -1], [2, 2]]


def test_bad_input_is_refused_before_the_loops():
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match="sources and targets differ in length: 1, 2"):
        link_losses(graph, [0], [1, 1])
    with pytest.raises(InputError, match="targets: 7 is outside 0 to 1"):
        link_losses(graph, [0], [7])
    with pytest.raises(InputError, match="places differ in length: 1 for 2"):
        node_losses(graph, [0], [1], places=[0])
    with pytest.raises(InputError, match="group 1: 9 is outside 0 to 1"):
        group_losses(graph, [0], [1], [[0], [9]])
