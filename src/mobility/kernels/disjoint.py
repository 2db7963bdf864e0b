"""Independent paths: how many, at what least total, and the cut that proves it.

Disjoint by link or by node is a flow problem and answered with a certificate. What is
harder stands in `apart`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mobility.errors import InputError
from mobility.kernels import inputs
from mobility.kernels.csr import build
from mobility.kernels.flow import send, split

if TYPE_CHECKING:
    import numpy.typing as npt

    from mobility.kernels.csr import Csr, Ints

_MAX_TOTAL = 2**60
# where nothing on a path may be lost, it counts as often as is asked
MAX_PATHS = 1_000


@dataclass(frozen=True, slots=True)
class Disjoint:
    """Paths that share nothing, and what proves that there are no more.

    Attributes
    ----------
    paths
        Arcs in order of travel, no node twice; by weight, then by arc numbers. Their
        total weight is the least that so many disjoint paths can have.
    total
        That weight.
    cut_links, cut_nodes
        Where there are fewer than asked for: as many links and nodes as paths, whose
        joint loss leaves no path. Empty where there were enough.
    """

    paths: list[list[int]]
    total: int
    cut_links: list[int]
    cut_nodes: list[int]


@dataclass(frozen=True, slots=True)
class LeastShared:
    """Paths that share as little as can be.

    Attributes
    ----------
    paths
        As many as were asked for, as in `Disjoint`.
    total
        Their weight: the least among those that share as little.
    repeats
        How many times a link (or node) is used again after its first use.
    shared_links, shared_nodes
        What more than one path uses.
    """

    paths: list[list[int]]
    total: int
    repeats: int
    shared_links: list[int]
    shared_nodes: list[int]


def link_disjoint(graph: Csr, source: int, target: int, k: int = 2) -> Disjoint:
    """Find up to k paths that share no link, of least total weight.

    Parameters
    ----------
    graph
        The graph. Arcs of no link (-1) may be shared. The arcs of a link must join the
        same two nodes; `apart.group_disjoint` takes any others.
    k
        How many paths are wanted; as many as there are, if fewer.

    Raises
    ------
    InputError
        A node is out of range, source and target are one, k is below 1, or a link joins
        more than two nodes.

    Notes
    -----
    A flow of least cost, one path after another: O(k (n + m) log n).

    References
    ----------
    Suurballe & Tarjan (1984), A quick method for finding shortest pairs of disjoint
    paths, Networks 14. Menger (1927), Fundamenta Mathematicae 10, for the cut.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> found = link_disjoint(build(2, [0, 0], [1, 1], [5, 3]), 0, 1, 3)
    >>> found.paths, found.total, found.cut_links
    ([[1], [0]], 8, [0, 1])
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    limit = _link_limits(graph, k)
    flow = send(graph, limit, graph.weights, source, target, k)
    paths = take_apart(graph, flow, source, target)
    cut: list[int] = []
    if len(paths) < k:
        near = _reached(graph, flow, limit, source)
        crossing = near[graph.tails] & ~near[graph.heads] & (limit > 0)
        cut = sorted(set(graph.links[crossing].tolist()))
    return Disjoint(paths, sum(map(graph.weigh, paths)), cut, [])


def node_disjoint(
    graph: Csr,
    source: int,
    target: int,
    k: int = 2,
    *,
    shareable: npt.ArrayLike = (),
) -> Disjoint:
    """Find up to k paths that share no node between their ends, of least total weight.

    Nor do they share a link: two paths straight from source to target use two links.

    Parameters
    ----------
    k
        How many paths are wanted; as many as there are, if fewer.
    shareable
        Nodes that several paths may use: numbers, or a bool per node.

    Returns
    -------
    Disjoint
        The cut is of nodes, and of links where those join source and target directly or
        nodes that may be shared.

    Notes
    -----
    As `link_disjoint`, with each node split in two.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> graph = build(3, [0, 0, 1, 1], [1, 1, 2, 2], [1, 2, 1, 2])
    >>> found = node_disjoint(graph, 0, 2)
    >>> found.paths, found.cut_nodes
    ([[0, 2]], [1])
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    through, limit = _node_limits(graph, source, target, k, shareable)
    wide = split(graph)
    limits = np.concatenate([limit, through])
    goal = target + graph.node_count
    flow = send(wide, limits, wide.weights, source, goal, k)
    paths = take_apart(graph, flow[: graph.arc_count], source, target)
    links: list[int] = []
    nodes: list[int] = []
    if len(paths) < k:
        near = _reached(wide, flow, limits, source)
        crossing = np.flatnonzero(near[wide.tails] & ~near[wide.heads] & (limits > 0))
        nodes = (crossing[crossing >= graph.arc_count] - graph.arc_count).tolist()
        arcs = crossing[crossing < graph.arc_count]
        links = sorted(set(graph.links[arcs].tolist()))
    return Disjoint(paths, sum(map(graph.weigh, paths)), links, nodes)


def least_shared(
    graph: Csr,
    source: int,
    target: int,
    k: int = 2,
    *,
    apart: str = "link",
    shareable: npt.ArrayLike = (),
) -> LeastShared:
    """Find k paths that share as few links (or nodes) as can be: maximally disjoint.

    Sharing is counted by repeats: three paths on one link repeat it twice. Among
    those that share least the total weight is least.

    Parameters
    ----------
    apart
        `link` or `node`.
    shareable
        With `node`: nodes that do not count, as in `node_disjoint`.

    Returns
    -------
    LeastShared
        Without any path, no paths.

    Notes
    -----
    A flow of least cost where everything can be used again for a fee greater than any
    detour; O(k (n + m) log n).

    References
    ----------
    Omran, Sack & Zarrabi-Zadeh (2013), Finding paths with minimum shared edges, Journal
    of Combinatorial Optimization 26, for the problem.
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    if apart not in ("link", "node"):
        msg = f"apart {apart!r} is none of link, node"
        raise InputError(msg)
    count, arcs = graph.node_count, graph.arc_count
    top = int(graph.weights.max()) if arcs else 0
    fee = k * min(count * top, int(graph.weights.sum(dtype=np.float64))) + 1
    if fee * (2 * k * (count + 1)) >= _MAX_TOTAL:
        msg = f"weights are so large that fees for sharing could overflow {_MAX_TOTAL}"
        raise InputError(msg)
    if apart == "link":
        wide, goal = graph, target
        limit = _link_limits(graph, k)
    else:
        through, direct = _node_limits(graph, source, target, k, shareable)
        wide, goal = split(graph), target + count
        limit = np.concatenate([direct, through])
    # every arc twice: once as it is, once for all further uses and a fee
    again = np.where(limit == 1, k - 1, 0)
    both = _twice(wide)
    flow = send(
        both,
        np.concatenate([limit, again]),
        np.concatenate([wide.weights, wide.weights + fee]),
        source,
        goal,
        k,
    )
    uses = flow[: wide.arc_count] + flow[wide.arc_count :]
    paths = take_apart(graph, uses[:arcs], source, target)
    return _account(graph, paths, limit, apart)


def _account(
    graph: Csr, paths: list[list[int]], limit: Ints, apart: str
) -> LeastShared:
    """Count what paths share of what they should not."""
    uses: dict[int, int] = {}
    for path in paths:
        for arc in path:
            link = int(graph.links[arc])
            if limit[arc] == 1 and link >= 0:
                uses[link] = uses.get(link, 0) + 1
    nodes: dict[int, int] = {}
    if apart == "node":
        for path in paths:
            for arc in path[:-1]:
                node = int(graph.heads[arc])
                if limit[graph.arc_count + node] == 1:
                    nodes[node] = nodes.get(node, 0) + 1
    counts = [*uses.values(), *nodes.values()]
    return LeastShared(
        paths,
        sum(map(graph.weigh, paths)),
        sum(count - 1 for count in counts),
        sorted(link for link, count in uses.items() if count > 1),
        sorted(node for node, count in nodes.items() if count > 1),
    )


def _twice(graph: Csr) -> Csr:
    """Return the graph with every arc doubled: arc `a` again as `arc_count + a`."""
    doubled = build(
        graph.node_count,
        np.tile(graph.tails, 2),
        np.tile(graph.heads, 2),
        np.tile(graph.weights, 2),
    )
    return doubled.without(np.tile(graph.closed, 2))


def _link_limits(graph: Csr, k: int) -> Ints:
    """Return per arc how many paths may use it: one arc each way per link."""
    if graph.scattered.any():
        link = int(np.flatnonzero(graph.scattered)[0])
        msg = f"link {link} joins more than two nodes; group_disjoint takes such"
        raise InputError(msg)
    limit = np.where(graph.links >= 0, 1, k).astype(np.int64)
    limit[graph.closed] = 0
    if graph.doubled.any():
        # of arcs that run the same way on the same link only the best can be used
        arcs = np.flatnonzero((graph.links >= 0) & ~graph.closed)
        keys = (
            arcs,
            graph.weights[arcs],
            graph.heads[arcs],
            graph.tails[arcs],
            graph.links[arcs],
        )
        arcs = arcs[np.lexsort(keys)]
        rows = np.stack([graph.links[arcs], graph.tails[arcs], graph.heads[arcs]])
        limit[arcs[1:][(rows[:, 1:] == rows[:, :-1]).all(axis=0)]] = 0
    return limit


def _node_limits(
    graph: Csr, source: int, target: int, k: int, shareable: npt.ArrayLike
) -> tuple[Ints, Ints]:
    """Return per node and per arc how many paths may use it."""
    free = inputs.subset("shareable", shareable, graph.node_count).copy()
    free[[source, target]] = True
    limit = _link_limits(graph, k)
    # a node that lets one path through limits its arcs already: so cuts are of nodes
    once = ~(free[graph.tails] & free[graph.heads])
    limit[once & (limit == 1)] = k
    return np.where(free, k, 1).astype(np.int64), limit


def _reached(
    graph: Csr, flow: Ints, limit: Ints, source: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which nodes the room that a flow leaves still reaches."""
    near = np.zeros(graph.node_count, dtype=bool)
    near[source] = True
    ahead, behind = np.flatnonzero(flow < limit), np.flatnonzero(flow > 0)
    tails = np.concatenate([graph.tails[ahead], graph.heads[behind]])
    heads = np.concatenate([graph.heads[ahead], graph.tails[behind]])
    order = np.argsort(tails, kind="stable")
    heads = heads[order]
    first = np.searchsorted(tails[order], np.arange(graph.node_count + 1)).tolist()
    stack = [source]
    while stack:
        node = stack.pop()
        for other in heads[first[node] : first[node + 1]].tolist():
            if not near[other]:
                near[other] = True
                stack.append(other)
    return near


def take_apart(graph: Csr, flow: Ints, source: int, target: int) -> list[list[int]]:
    """Take a flow apart into paths without a repeated node, by weight."""
    uses = flow.copy()
    # zero weights leave some links used both ways, which serves nobody
    used = np.flatnonzero(uses)
    where = {
        (int(graph.links[a]), int(graph.tails[a]), int(graph.heads[a])): int(a)
        for a in used
    }
    for (link, tail, head), arc in where.items():
        back = where.get((link, head, tail))
        if link >= 0 and back is not None and back != arc:
            both = min(int(uses[arc]), int(uses[back]))
            uses[[arc, back]] -= both
    leaving: dict[int, list[int]] = {}
    for arc in np.flatnonzero(uses)[::-1].tolist():
        leaving.setdefault(int(graph.tails[arc]), []).extend([arc] * int(uses[arc]))
    paths = []
    while leaving.get(source):
        path: list[int] = []
        seen = {source: 0}
        node = source
        while node != target:
            arc = leaving[node].pop()
            node = int(graph.heads[arc])
            path.append(arc)
            if node in seen:  # a round trip, at no cost
                del path[seen[node] :]
                seen = {source: 0} | {
                    int(graph.heads[a]): i for i, a in enumerate(path, start=1)
                }
            else:
                seen[node] = len(path)
        if path:
            paths.append(path)
    return sorted(paths, key=lambda path: (graph.weigh(path), path))
