import itertools

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.kernels.csr import build
from mobility.kernels.labels import best_labels, path_of
from mobility.kernels.shortest import tree


@st.composite
def graphs(draw, most=6):
    """A small directed multigraph: its size, its arcs, and a second cost per arc."""
    size = draw(st.integers(2, most))
    node = st.integers(0, size - 1)
    arc = st.tuples(node, node, st.integers(0, 9), st.integers(0, 9))
    return size, draw(st.lists(arc, min_size=1, max_size=14))


def made(size, arcs):
    tails, heads, weights, _ = zip(*arcs, strict=True)
    return build(size, tails, heads, weights)


@given(graphs())
def test_with_one_entry_labels_are_shortest_paths(graph):
    size, arcs = graph
    csr = made(size, arcs)
    weights = csr.weights.tolist()
    found = best_labels(
        csr, 0, (0,), lambda state, arc: (state[0] + weights[arc],), compared=1
    )
    distance = tree(csr, 0).distance
    assert {node: label.state[0] for node, label in found.items()} == {
        node: at for node, at in enumerate(distance.tolist()) if at >= 0
    }


def rest(limit, pause):
    """Steps that cost a pause whenever `limit` of the second cost is reached."""

    def advance(state, cost, work):
        time, since = state
        time, since = time + cost, since + work
        while since > limit:
            time, since = time + pause, since - limit
        return time, since

    return advance


@settings(deadline=None)
@given(graphs(), st.integers(9, 20), st.integers(0, 15))
def test_pauses_are_best_over_all_simple_paths(graph, limit, pause):
    size, arcs = graph
    csr = made(size, arcs)
    step = rest(limit, pause)
    found = best_labels(
        csr,
        0,
        (0, 0),
        lambda state, arc: step(state, arcs[arc][2], arcs[arc][3]),
        compared=2,
    )
    walked = nx.MultiDiGraph()
    walked.add_nodes_from(range(size))
    for number, (tail, head, *_) in enumerate(arcs):
        walked.add_edge(tail, head, number)
    for target in range(1, size):
        best = None
        for way in nx.all_simple_edge_paths(walked, 0, target):
            state = (0, 0)
            for *_, number in way:
                state = step(state, *arcs[number][2:])
            best = state[0] if best is None else min(best, state[0])
        assert (found[target].state[0] if target in found else None) == best


@given(graphs())
def test_a_path_leads_to_its_label(graph):
    size, arcs = graph
    csr = made(size, arcs)
    found = best_labels(
        csr,
        0,
        (0, 0),
        lambda state, arc: (state[0] + arcs[arc][2], state[1] + arcs[arc][3]),
        compared=2,
    )
    for node, label in found.items():
        path = path_of(label)
        places = [0, *(arcs[arc][1] for arc in path)]
        assert places[-1] == node
        pairs = zip(path, itertools.pairwise(places), strict=True)
        assert all(arcs[arc][:2] == ends for arc, ends in pairs)
        assert label.state[0] == sum(arcs[arc][2] for arc in path)


def test_a_closed_arc_is_not_used():
    csr = build(3, [0, 1, 0], [1, 2, 2], [1, 1, 9]).without([1])
    weights = [1, 1, 9]
    found = best_labels(
        csr, 0, (0,), lambda state, arc: (state[0] + weights[arc],), compared=1
    )
    assert found[2].state == (9,)
