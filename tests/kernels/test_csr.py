import numpy as np
import pytest

from mobility.kernels.csr import MAX_WEIGHT, build


def test_parallel_arcs_and_loops_stay_apart():
    #  0 ══ 1 ⟲   two arcs 0→1, one loop at 1
    graph = build(2, [0, 0, 1], [1, 1, 1], [5, 3, 0])
    assert graph.arc_count == 3
    assert graph.forward == [[(0, 1, 5), (1, 1, 3)], [(2, 1, 0)]]
    assert graph.backward == [[], [(0, 0, 5), (1, 0, 3), (2, 1, 0)]]


def test_arrays_are_copies_that_cannot_be_written():
    weights = np.array([5, 3])
    graph = build(2, [0, 0], [1, 1], weights)
    weights[0] = 99
    assert graph.weights.tolist() == [5, 3]
    with pytest.raises(ValueError, match="read-only"):
        graph.weights[0] = 1


def test_no_arcs_is_a_graph():
    assert build(3, [], [], []).forward == [[], [], []]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (([0], [1], [-1]), "weight is outside"),
        (([0], [1], [MAX_WEIGHT]), "weight is outside"),
        (([0], [1], [float("nan")]), "whole numbers"),
        (([0], [1], [float("inf")]), "must be finite"),
        (([0], [1], [0.5]), "whole numbers"),
        (([0], [1], ["5"]), "whole numbers"),
        (([0], [2], [1]), "head is outside 0 to 1"),
        (([-1], [1], [1]), "tail is outside 0 to 1"),
        (([0, 1], [1], [1]), "differ in length: 2, 1, 1"),
    ],
)
def test_bad_arrays_are_refused_by_name(arrays, message):
    with pytest.raises(ValueError, match=message):
        build(2, *arrays)
