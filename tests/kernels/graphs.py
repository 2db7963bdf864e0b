"""Random multigraphs, and slow but obvious answers about them."""

from itertools import pairwise, permutations

import networkx as nx
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from mobility.kernels import speed
from mobility.kernels.csr import build

# the first call at full speed compiles, which takes seconds
THOROUGH = settings(max_examples=1000, deadline=None)
BRIEF = settings(max_examples=120, deadline=None)


@st.composite
def multigraphs(draw, *, nodes=6, arcs=14, weight=9, linked=False, smallest=1):
    """Directed multigraphs: parallel arcs, zero weights, ties, loops, loose parts.

    Linked ones have links that run both ways, links of any arcs, and arcs of no link.
    """
    count = draw(st.integers(smallest, nodes))
    node = st.integers(0, count - 1)
    rows = draw(st.lists(st.tuples(node, node, st.integers(0, weight)), max_size=arcs))
    if not linked:
        tails, heads, weights = zip(*rows, strict=True) if rows else ((), (), ())
        return build(count, tails, heads, weights)
    kinds = draw(
        st.lists(
            st.sampled_from(["two-way", "one-way", "none", "odd"]),
            min_size=len(rows),
            max_size=len(rows),
        )
    )
    made = []
    for link, ((tail, head, cost), kind) in enumerate(zip(rows, kinds, strict=True)):
        if kind == "odd":  # joins the link before it, wherever that is
            made.append((tail, head, cost, max(link - 1, 0)))
        else:
            made.append((tail, head, cost, -1 if kind == "none" else link))
        if kind == "two-way":
            made.append((head, tail, cost, link))
    made = draw(st.permutations(made)) if made else []
    tails, heads, weights, links = zip(*made, strict=True) if made else ((), (), (), ())
    return build(count, tails, heads, weights, links=links)


@st.composite
def road_like(draw, *, nodes=9, weight=6):
    """Connected graphs of two-way and one-way links, one arc per direction."""
    count = draw(st.integers(2, nodes))
    rows = []
    for head in range(1, count):
        rows.append((draw(st.integers(0, head - 1)), head))
    node = st.integers(0, count - 1)
    more = draw(st.lists(st.tuples(node, node), max_size=count))
    rows += [(a, b) for a, b in more if a != b]
    tails, heads, weights, links = [], [], [], []
    for link, (a, b) in enumerate(rows):
        both = draw(st.booleans()) or link < count - 1
        for tail, head in ((a, b), (b, a))[: 1 + both]:
            tails.append(tail)
            heads.append(head)
            weights.append(draw(st.integers(0, weight)))
            links.append(link)
    return build(count, tails, heads, weights, links=links)


def at_both_speeds(answer):
    """Return an answer worked out interpreted, once the compiled one was the same."""
    with speed.running("interpreted"):
        slow = answer()
    with speed.running("compiled"):
        fast = answer()
    assert_same(slow, fast)
    return slow


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif hasattr(one, "__dataclass_fields__"):
        for name in one.__dataclass_fields__:
            assert_same(getattr(one, name), getattr(other, name))
    else:
        assert one == other


def rows_of(graph, lost=()):
    """The open arcs as (arc, tail, head, weight), those lost left out."""
    return [
        (arc, int(graph.tails[arc]), int(graph.heads[arc]), int(graph.weights[arc]))
        for arc in range(graph.arc_count)
        if arc not in lost and not graph.closed[arc]
    ]


def all_costs(graph, lost=()):
    """Cost of every pair by Floyd and Warshall's algorithm; -1: no path."""
    count = graph.node_count
    big = 10**15
    cost = [[0 if i == j else big for j in range(count)] for i in range(count)]
    for _, tail, head, weight in rows_of(graph, lost):
        cost[tail][head] = min(cost[tail][head], weight)
    for k in range(count):
        for i in range(count):
            for j in range(count):
                cost[i][j] = min(cost[i][j], cost[i][k] + cost[k][j])
    return [[c if c < big else -1 for c in row] for row in cost]


def to_networkx(graph):
    """The same graph, each open arc an edge with its number as key."""
    copy = nx.MultiDiGraph()
    copy.add_nodes_from(range(graph.node_count))
    for arc, tail, head, weight in rows_of(graph):
        copy.add_edge(tail, head, key=arc, weight=weight)
    return copy


def walk(graph, arcs, start):
    """Follow arcs from a node; return where they end and what they weigh."""
    weight = 0
    for arc in arcs:
        assert graph.tails[arc] == start
        assert not graph.closed[arc]
        start, weight = int(graph.heads[arc]), weight + int(graph.weights[arc])
    return start, weight


def nodes_of(graph, arcs):
    """The nodes of a path, its start among them."""
    return [int(graph.tails[arcs[0]]), *(int(graph.heads[arc]) for arc in arcs)]


def loopless_paths(graph, source, target):
    """Every path without a repeated node, as (weight, arcs), by brute force."""
    found = []
    inner = [n for n in range(graph.node_count) if n not in (source, target)]
    rows = rows_of(graph)
    for size in range(len(inner) + 1):
        for middle in permutations(inner, size):
            found += _along(rows, (source, *middle, target))
    return sorted(found)


def _along(rows, nodes):
    """All ways to walk a sequence of nodes, one per choice among parallel arcs."""
    ways = [(0, ())]
    for tail, head in pairwise(nodes):
        steps = [(arc, w) for arc, at, to, w in rows if (at, to) == (tail, head)]
        ways = [(c + w, (*arcs, arc)) for c, arcs in ways for arc, w in steps]
    return ways
