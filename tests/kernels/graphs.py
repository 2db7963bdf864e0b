"""Random multigraphs, and slow but obvious answers about them."""

from itertools import pairwise, permutations

import networkx as nx
from hypothesis import strategies as st

from mobility.kernels.csr import build


@st.composite
def multigraphs(draw, *, nodes=6, arcs=14, weight=9):
    """Directed multigraphs: parallel arcs, zero weights, ties, loops, loose parts."""
    count = draw(st.integers(1, nodes))
    node = st.integers(0, count - 1)
    rows = draw(st.lists(st.tuples(node, node, st.integers(0, weight)), max_size=arcs))
    tails, heads, weights = zip(*rows, strict=True) if rows else ((), (), ())
    return build(count, tails, heads, weights)


def to_networkx(graph):
    """The same graph, each arc an edge with its number as key."""
    copy = nx.MultiDiGraph()
    copy.add_nodes_from(range(graph.node_count))
    arcs = zip(
        graph.tails.tolist(), graph.heads.tolist(), graph.weights.tolist(), strict=True
    )
    for arc, (tail, head, weight) in enumerate(arcs):
        copy.add_edge(tail, head, key=arc, weight=weight)
    return copy


def loopless_paths(graph, source, target):
    """Every path without a repeated node, as (weight, arcs), by brute force."""
    found = []
    inner = [n for n in range(graph.node_count) if n not in (source, target)]
    for size in range(len(inner) + 1):
        for middle in permutations(inner, size):
            found += _along(graph, (source, *middle, target))
    return sorted(found)


def _along(graph, nodes):
    """All ways to walk a sequence of nodes, one per choice among parallel arcs."""
    ways = [(0, ())]
    for tail, head in pairwise(nodes):
        steps = [(arc, w) for arc, to, w in graph.forward[tail] if to == head]
        ways = [(c + w, (*arcs, arc)) for c, arcs in ways for arc, w in steps]
    return ways
