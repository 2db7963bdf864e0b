import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels import betweenness as module
from mobility.kernels.betweenness import betweenness
from mobility.kernels.csr import build
from tests.kernels.graphs import THOROUGH, loopless_paths, multigraphs


@THOROUGH
@given(multigraphs(nodes=5, arcs=8), st.booleans())
def test_shares_are_those_of_all_shortest_paths(graph, is_large):
    graph = graph.reweighted(graph.weights + 1)
    expected = [0.0] * graph.arc_count
    for source in range(graph.node_count):
        for target in range(graph.node_count):
            paths = loopless_paths(graph, source, target) if source != target else []
            best = [arcs for weight, arcs in paths if weight == paths[0][0]]
            for arcs in best:
                for arc in arcs:
                    expected[arc] += 1 / len(best)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LARGE", 0 if is_large else 10**9)
        assert betweenness(graph).tolist() == pytest.approx(expected)


def test_two_equal_arcs_are_two_paths():
    #  1 ── 0 ══ 2   and 1 ── 2 as long: three paths from 1 to 2, two of them by 0
    graph = build(3, [0, 0, 1, 1], [2, 2, 0, 2], [1, 1, 9, 10])
    assert betweenness(graph).tolist() == pytest.approx([5 / 6, 5 / 6, 5 / 3, 1 / 3])


def test_weightless_arcs_are_refused():
    with pytest.raises(InputError, match="arc 1 weighs 0"):
        betweenness(build(2, [0, 0], [1, 1], [5, 0]))


def test_closed_arcs_bear_nothing():
    graph = build(2, [0, 0], [1, 1], [5, 3]).without([1])
    assert betweenness(graph).tolist() == [1, 0]


def test_long_paths_that_differ_by_one_are_not_equal(monkeypatch):
    #  0 ══ 1   two arcs, one longer by one part in 10**12
    monkeypatch.setattr(module, "_LARGE", 0)
    graph = build(2, [0, 0], [1, 1], [2**41, 2**41 + 1])
    assert betweenness(graph).tolist() == [1, 0]
