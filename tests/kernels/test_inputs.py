import numpy as np
import pytest

from mobility.errors import InputError
from mobility.kernels.alternatives import different, k_shortest
from mobility.kernels.apart import group_disjoint
from mobility.kernels.csr import build
from mobility.kernels.disjoint import (
    least_shared,
    link_disjoint,
    node_disjoint,
)
from mobility.kernels.flow import bottleneck_tree, cheapest_flow, max_flow
from mobility.kernels.replacement import group_losses, link_losses
from mobility.kernels.shortest import shortest, tree
from mobility.kernels.vital import most_vital

GRAPH = build(3, [0, 0, 1], [1, 1, 2], [5, 3, 1])
NO_NUMBERS = [float("nan"), float("inf"), 0.5, 1.0, True, "1", None, [1], 1j]


@pytest.mark.parametrize("bad", NO_NUMBERS)
@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("root", lambda bad: tree(GRAPH, bad)),
        ("node", lambda bad: shortest(GRAPH, 0, bad)),
        ("target", lambda bad: k_shortest(GRAPH, 0, bad, 2)),
        ("k", lambda bad: k_shortest(GRAPH, 0, 2, bad)),
        ("k", lambda bad: different(GRAPH, 0, 2, bad)),
        ("k", lambda bad: link_disjoint(GRAPH, 0, 2, bad)),
        ("k", lambda bad: node_disjoint(GRAPH, 0, 2, bad)),
        ("k", lambda bad: least_shared(GRAPH, 0, 2, bad)),
        ("k", lambda bad: group_disjoint(GRAPH, 0, 2, [], bad)),
        ("max_nodes", lambda bad: group_disjoint(GRAPH, 0, 2, [], max_nodes=bad)),
        ("source", lambda bad: max_flow(GRAPH, [1, 1, 1], bad, 2)),
        ("amount", lambda bad: cheapest_flow(GRAPH, [1, 1, 1], 0, 2, bad)),
        ("root", lambda bad: bottleneck_tree(GRAPH, [1, 1, 1], bad)),
        ("k", lambda bad: most_vital(GRAPH, 0, 2, bad)),
        ("count", lambda bad: link_losses(GRAPH, [0], [2]).matrix(bad)),
        ("node_count", lambda bad: build(bad, [], [], [])),
    ],
)
def test_what_is_no_whole_number_is_refused_by_name(name, ask, bad):
    message = "target" if name == "node" else name
    with pytest.raises(InputError, match=f"{message}|node .* is no whole number"):
        ask(bad)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), True, "1", None, [1], -1])
def test_an_overlap_that_is_no_share_is_refused(bad):
    with pytest.raises(InputError, match="overlap"):
        different(GRAPH, 0, 2, 2, overlap=bad)


@pytest.mark.parametrize(
    "ask",
    [
        lambda k: link_disjoint(GRAPH, 0, 2, k),
        lambda k: node_disjoint(GRAPH, 0, 2, k),
        lambda k: least_shared(GRAPH, 0, 2, k),
        lambda k: group_disjoint(GRAPH, 0, 2, [[0, 1]], k),
        lambda k: most_vital(GRAPH, 0, 2, k),
        lambda k: k_shortest(GRAPH, 0, 2, k),
        lambda k: cheapest_flow(GRAPH, [1, 1, 1], 0, 2, k),
    ],
)
@pytest.mark.parametrize("huge", [2**63, 2**64, 10**30])
def test_numbers_beyond_what_can_be_answered_are_refused(ask, huge):
    with pytest.raises(InputError, match=f"{huge} is outside"):
        ask(huge)


@pytest.mark.parametrize("groups", [7, None, "ab", float("nan")])
def test_groups_that_are_no_lists_are_refused(groups):
    with pytest.raises(InputError, match="groups should be a list of lists"):
        group_losses(GRAPH, [0], [2], groups)
    with pytest.raises(InputError, match="groups should be a list of lists"):
        group_disjoint(GRAPH, 0, 2, groups)


def test_lists_in_lists_are_refused():
    with pytest.raises(InputError, match="weights should be a plain list"):
        GRAPH.reweighted([1, 1, [1]])
    with pytest.raises(InputError, match="tails should be a plain list"):
        build(2, [[0], [0, 1]], [1], [1])


@pytest.mark.parametrize("arcs", [[-1], [3], [0.5], ["a"]])
def test_arcs_that_are_not_there_weigh_nothing_but_an_error(arcs):
    with pytest.raises(InputError, match="arcs"):
        GRAPH.weigh(arcs)
    assert GRAPH.weigh([]) == 0
    assert GRAPH.weigh(np.array([1, 1])) == 6


def test_a_table_of_losses_has_a_row_for_each_loss():
    losses = link_losses(GRAPH, [0], [2])
    with pytest.raises(InputError, match="count = 2 is outside 3 to"):
        losses.matrix(2)


def test_a_delay_that_could_overflow_is_refused():
    count = 2**18
    tails = np.arange(count - 1)
    graph = build(count, tails, tails + 1, np.full(count - 1, 2**41))
    with pytest.raises(InputError, match="delay = 4398046511103 is so large"):
        most_vital(graph, 0, count - 1, 1, delay=2**42 - 1)
