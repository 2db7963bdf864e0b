from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from mobility.errors import InputError
from mobility.kernels.csr import build
from mobility.kernels.vital import Vital, most_vital
from tests.kernels.graphs import (
    all_costs,
    at_both_speeds,
    multigraphs,
    road_like,
    rows_of,
)

OFTEN = settings(max_examples=800, deadline=None)
SELDOM = settings(max_examples=100, deadline=None)


def cost_after(graph, lost, delay):
    arcs = {a for a in range(graph.arc_count) if int(graph.links[a]) in lost}
    if delay is None:
        return all_costs(graph, arcs)[0][-1]
    weights = [int(w) + delay * (a in arcs) for a, w in enumerate(graph.weights)]
    return all_costs(graph.reweighted(weights))[0][-1]


def by_brute_force(graph, k, delay, losable):
    """The worst of all sets of at most k links, and the sets that hold no other."""
    base = all_costs(graph)[0][-1]
    if base < 0:
        return Vital(-1, -1, [])
    costs = {
        lost: cost_after(graph, set(lost), delay)
        for size in range(k + 1)
        for lost in combinations(losable, size)
    }
    worst = -1 if -1 in costs.values() else max(costs.values())
    if worst == base:
        return Vital(base, base, [])
    sets = [lost for lost, cost in costs.items() if cost == worst]
    least = [s for s in sets if not any(set(o) < set(s) for o in sets)]
    return Vital(base, worst, sorted(least))


@OFTEN
@given(
    st.one_of(
        multigraphs(smallest=2, nodes=5, arcs=9, linked=True),
        multigraphs(smallest=2, nodes=5, arcs=9),
        road_like(nodes=6),
    ),
    st.integers(1, 3),
    st.one_of(st.none(), st.integers(0, 9)),
    st.data(),
)
def test_the_worst_losses_are_the_worst_of_all_sets_of_links(graph, k, delay, data):
    links = sorted(set(graph.links.tolist()) - {-1})
    may = [link for link in links if data.draw(st.integers(0, 4))]
    found = at_both_speeds(
        lambda: most_vital(graph, 0, graph.node_count - 1, k, delay=delay, losable=may)
    )
    assert found == by_brute_force(graph, k, delay, may)


def by_integer_program(graph, k, delay):
    """Stretch a potential from source to target as far as delays on k links allow."""
    count, links = graph.node_count, graph.link_count
    rows = np.zeros((graph.arc_count + 1, count + links))
    top = np.zeros(graph.arc_count + 1)
    for arc, tail, head, weight in rows_of(graph):
        if tail != head:
            rows[arc, head], rows[arc, tail] = 1, -1
            rows[arc, count + int(graph.links[arc])] = -delay
        top[arc] = weight
    rows[-1, count:], top[-1] = 1, k
    objective = np.zeros(count + links)
    objective[count - 1] = -1
    free = np.concatenate([np.full(count, np.inf), np.ones(links)])
    low = np.concatenate([np.full(count, -np.inf), np.zeros(links)])
    free[0] = low[0] = 0
    solved = milp(
        objective,
        constraints=LinearConstraint(rows, -np.inf, top),
        integrality=np.concatenate([np.zeros(count), np.ones(links)]),
        bounds=Bounds(low, free),
        options={"mip_rel_gap": 0},
    )
    assert solved.status == 0
    return round(-solved.fun)


@SELDOM
@given(road_like(nodes=25, weight=30), st.integers(1, 3), st.integers(1, 60))
def test_the_worst_delay_is_that_of_an_integer_program(graph, k, delay):
    found = at_both_speeds(
        lambda: most_vital(graph, 0, graph.node_count - 1, k, delay=delay)
    )
    assert found.cost == by_integer_program(graph, k, delay)
    for lost in found.sets:
        assert cost_after(graph, set(lost), delay) == found.cost


def test_all_ties_are_told_and_no_link_that_could_be_spared():
    #  0 ─ 1 ─ 2   each of the two links alone cuts the pair off
    graph = build(3, [0, 1], [1, 2], [5, 3])
    assert most_vital(graph, 0, 2, 2).sets == [(0,), (1,)]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"k": 0}, "k = 0 is outside 1 to"),
        ({"k": 1, "delay": -1}, "delay = -1 is outside"),
        ({"k": 1, "delay": 2**42}, "delay = 4398046511104 is outside"),
        ({"k": 1, "losable": [7]}, "losable: 7 is outside 0 to 1"),
    ],
)
def test_bad_questions_are_refused(asked, message):
    graph = build(2, [0, 0], [1, 1], [5, 3])
    with pytest.raises(InputError, match=message):
        most_vital(graph, 0, 1, **asked)
    with pytest.raises(InputError, match="same node"):
        most_vital(graph, 1, 1, 1)
