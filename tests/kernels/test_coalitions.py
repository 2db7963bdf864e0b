from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels.coalitions import (
    MOST_EXACT,
    every_set,
    exact,
    mattering,
    sampled,
    shapley,
    tabulate,
    without_each,
)
from mobility.kernels.csr import build
from tests.kernels.graphs import all_costs, multigraphs

OFTEN = settings(max_examples=200, deadline=None)
CAP = 50.0


def score(costs):
    """Two worths: cost saved against a cap, and pairs that have a path."""
    saved = (CAP - np.minimum(costs, CAP)).sum(axis=(-1, -2))
    return np.stack([saved, np.isfinite(costs).sum(axis=(-1, -2))], axis=-1)


def by_orders(worth, players):
    """Shapley values by their definition: the mean over all orders."""
    total = np.zeros((players, *worth.shape[1:]))
    for order in permutations(range(players)):
        there = 0
        for player in order:
            total[player] += worth[there | 1 << player] - worth[there]
            there |= 1 << player
    return total / factorial(players)


def grouped(data, graph, most=5):
    """Some arcs of a graph in groups, which may be empty."""
    marks = data.draw(
        st.lists(
            st.integers(-1, most - 1),
            min_size=graph.arc_count,
            max_size=graph.arc_count,
        )
    )
    count = data.draw(st.integers(1, most))
    return [[a for a, mark in enumerate(marks) if mark == g] for g in range(count)]


def worth_of(graph, groups, chosen, sources, targets):
    """What a set of groups is worth, every cost measured afresh."""
    lost = {arc for g, own in enumerate(groups) if g not in chosen for arc in own}
    costs = np.array(all_costs(graph, lost), dtype=float)[np.ix_(sources, targets)]
    return score(np.where(costs < 0, np.inf, costs))


@OFTEN
@given(
    st.integers(1, 5).flatmap(
        lambda players: st.lists(
            st.integers(-20, 20), min_size=2**players, max_size=2**players
        )
    )
)
def test_shapley_values_are_means_over_all_orders(worth):
    players = len(worth).bit_length() - 1
    found = shapley(worth)
    assert found == pytest.approx(by_orders(np.array(worth), players))
    assert found.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-9)


@OFTEN
@given(multigraphs(), st.data())
def test_every_set_is_worth_what_a_graph_of_its_own_says(graph, data):
    groups = grouped(data, graph)
    node = st.integers(0, graph.node_count - 1)
    sources = data.draw(st.lists(node, min_size=1, max_size=3))
    targets = data.draw(st.lists(node, min_size=1, max_size=3))
    table = tabulate(graph, sources, targets, groups)
    told = np.stack(
        [
            worth_of(
                graph,
                groups,
                {g for g in range(len(groups)) if number >> g & 1},
                sources,
                targets,
            )
            for number in range(2 ** len(groups))
        ]
    )
    assert every_set(table, score).tolist() == told.tolist()
    left_out = [told[-1 ^ 1 << g] for g in range(len(groups))]
    assert np.array_equal(without_each(table, score), [*left_out, told[-1]])
    found = exact(table, score)
    assert found.mean == pytest.approx(by_orders(told, len(groups)))
    assert found.alone.tolist() == [
        (told[1 << g] - told[0]).tolist() for g in range(len(groups))
    ]
    pairs = np.indices(table.shape).reshape(2, -1)
    kept = mattering(table, *pairs)
    for group in set(range(len(groups))) - set(kept):
        assert not found.mean[group].any()
    less = every_set(table.ordered(kept), score)
    assert less[-1].tolist() == told[-1].tolist()
    drawn = sampled(table, score, samples=2, seed=1)
    for name in ("alone", "last"):
        assert getattr(drawn, name).tolist() == getattr(found, name).tolist()
    assert drawn.mean.sum(axis=0) == pytest.approx(told[-1] - told[0])


def test_what_only_longer_ways_use_does_not_matter():
    # 0 - 1 costs 5; by the sections 0 - 2 and 2 - 1 it is 4, by 0 - 3 and 3 - 1 it is 6
    graph = build(4, [0, 0, 2, 0, 3], [1, 2, 1, 3, 1], [5, 2, 2, 3, 3])
    table = tabulate(graph, [0], [1], [[1], [2], [3], [4]])
    assert mattering(table, [0], [0]) == [0, 1]


def ladder(count, seed):
    """Places in a row: a slow way that is there, and faster sections in question."""
    random = np.random.default_rng(seed)
    tails = [*range(count), *range(count), *random.integers(0, count + 1, count)]
    heads = [*range(1, count + 1), *range(1, count + 1)]
    heads += random.integers(0, count + 1, count).tolist()
    weights = [9] * count + random.integers(1, 9, 2 * count).tolist()
    graph = build(count + 1, tails, heads, weights)
    groups = [[count + i, 2 * count + i] for i in range(count)]
    return tabulate(graph, [0, 1, 2], [count - 1, count], groups)


def test_large_tables_are_split_and_stay_the_same(monkeypatch):
    table = ladder(7, 3)
    whole = every_set(table, score)
    monkeypatch.setattr("mobility.kernels.coalitions._HELD", 8)
    assert every_set(table, score).tolist() == whole.tolist()


def test_sampled_means_agree_with_exact_ones_within_their_errors():
    table = ladder(10, 5)
    known, found = exact(table, score), sampled(table, score, samples=400, seed=7)
    off = np.abs(found.mean - known.mean)[:, 0]
    assert (known.error == 0).all()
    assert (found.error[:, 0] > 0).any()
    assert (off <= 4 * found.error[:, 0] + 1e-9).all()
    # an error that says too much would pass the line above
    wide = sampled(table, score, samples=100, seed=7).error
    assert 1.4 < np.median(wide[:, 0] / found.error[:, 0]) < 2.8


def test_errors_are_those_of_independent_repeats():
    table = ladder(8, 2)
    means = [sampled(table, score, samples=20, seed=s).mean[:, 0] for s in range(60)]
    told = [sampled(table, score, samples=20, seed=s).error[:, 0] for s in range(60)]
    spread, mean = np.std(means, axis=0, ddof=1), np.mean(told, axis=0)
    moving = spread > 0
    assert moving.any()
    assert (spread[moving] / mean[moving] > 0.6).all()
    assert (spread[moving] / mean[moving] < 1.6).all()


def test_a_seed_gives_one_answer():
    table = ladder(9, 1)
    one, same, other = (sampled(table, score, samples=5, seed=s) for s in (4, 4, 5))
    assert one.mean.tolist() == same.mean.tolist()
    assert one.mean.tolist() != other.mean.tolist()


def test_what_is_wrong_is_refused():
    graph = build(2, [0], [1], [5])
    with pytest.raises(InputError, match="an arc is in two"):
        tabulate(graph, [0], [1], [[0], [0]])
    none = tabulate(graph, [0], [1], [])
    with pytest.raises(InputError, match="groups = 0"):
        exact(none, score)
    with pytest.raises(InputError, match=f"outside 1 to {MOST_EXACT}"):
        exact(tabulate(graph, [0], [1], [[]] * (MOST_EXACT + 1)), score)
    one = tabulate(graph, [0], [1], [[0]])
    with pytest.raises(InputError, match="samples = 1"):
        sampled(one, score, samples=1, seed=0)
    with pytest.raises(InputError, match="seed = -1"):
        sampled(one, score, samples=2, seed=-1)
    with pytest.raises(InputError, match="3 rows"):
        shapley([0, 1, 2])
