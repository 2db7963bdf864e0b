"""Links and nodes whose loss splits a network, directions aside.

A road and a railway between the same two towns are two links here, and stay two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.errors import InputError
from mobility.kernels import speed

if TYPE_CHECKING:
    from mobility.kernels.csr import Csr, Ids


@dataclass(frozen=True, slots=True)
class Weakness:
    """Where a network hangs by one thing.

    Attributes
    ----------
    links, nodes : int32 arrays
        Cut links and cut nodes: with one of them lost, nodes that were joined are not.
    part : int32 array, shape (nodes,)
        Number of the connected part each node is in, by its lowest node.
    core : int32 array, shape (nodes,)
        Number of the 2-edge-connected component each node is in, by its lowest node:
        within one, no single link parts two nodes.
    """

    links: Ids
    nodes: Ids
    part: Ids
    core: Ids


def weakness(graph: Csr) -> Weakness:
    """Find cut links, cut nodes and 2-edge-connected components.

    Directions are left aside: an arc joins its ends both ways. The arcs of a link count
    as one; arcs of no link (-1) join, but are never lost. Closed arcs join nothing.

    Raises
    ------
    InputError
        A link joins more than two nodes.

    Notes
    -----
    Depth-first search, O(n + m).

    References
    ----------
    Tarjan (1974), A note on finding the bridges of a graph, Information Processing
    Letters 2. Hopcroft & Tarjan (1973), Communications of the ACM 16.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> found = weakness(build(3, [0, 0, 1], [1, 1, 2], [5, 3, 1]))
    >>> found.links.tolist(), found.nodes.tolist(), found.core.tolist()
    ([2], [1], [0, 0, 1])
    """
    if graph.scattered.any():
        link = int(np.flatnonzero(graph.scattered)[0])
        msg = f"link {link} joins more than two nodes"
        raise InputError(msg)
    count = graph.node_count
    fast = speed.is_worth_compiling(descend, 2 * graph.arc_count + count)
    small = np.int32
    is_cut_link = speed.filled(graph.link_count, 0, fast=fast, kind=np.int8)
    is_cut_node = speed.filled(count, 0, fast=fast, kind=np.int8)
    part = speed.filled(count, -1, fast=fast, kind=small)
    core = speed.filled(count, -1, fast=fast, kind=small)
    speed.call(
        descend,
        fast,
        graph.star(fast=fast),
        graph.star(reverse=True, fast=fast),
        speed.sequence(graph.links.copy(), fast=fast),
        speed.sequence(graph.closed.astype(np.int8), fast=fast),
        is_cut_link,
        is_cut_node,
        part,
        core,
        *(speed.filled(count, 0, fast=fast, kind=small) for _ in range(6)),
    )
    return Weakness(
        np.flatnonzero(is_cut_link).astype(np.int32),
        np.flatnonzero(is_cut_node).astype(np.int32),
        _by_lowest(np.asarray(part, dtype=np.int32)),
        _by_lowest(np.asarray(core, dtype=np.int32)),
    )


def _by_lowest(labels: Ids) -> Ids:
    """Return the labels renumbered in order of first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first), dtype=np.int32)
    return rank[inverse]


@speed.loop
def descend(
    rows: Any,
    back: Any,
    links: Any,
    closed: Any,
    is_cut_link: Any,
    is_cut_node: Any,
    part: Any,
    core: Any,
    number: Any,
    lowest: Any,
    place: Any,
    came: Any,
    trail: Any,
    stack: Any,
) -> None:
    """Search depth first from every node; mark what the search returns over alone.

    `came` is one more than the link by which a node was first reached, 0 where that
    arc is part of no link. An arc of no link taken back counts as another way: it
    cannot be lost.
    """
    first, ends, _, arcs = rows
    back_first, back_ends, _, back_arcs = back
    counter = 0
    cores = 0
    waiting = 0
    for root in range(len(part)):
        if number[root] != 0:
            continue
        trail[0] = root
        depth = 1
        branches = 0
        while depth > 0:
            node = trail[depth - 1]
            if number[node] == 0:
                counter += 1
                number[node] = counter
                lowest[node] = counter
                part[node] = root
                stack[waiting] = node
                waiting += 1
            out = first[node + 1] - first[node]
            total = out + back_first[node + 1] - back_first[node]
            deeper = False
            while place[node] < total:
                if place[node] < out:
                    i = first[node] + place[node]
                    arc = arcs[i]
                    other = ends[i]
                else:
                    i = back_first[node] + place[node] - out
                    arc = back_arcs[i]
                    other = back_ends[i]
                place[node] += 1
                if closed[arc] != 0 or other == node:
                    continue
                link = links[arc]
                if number[other] == 0:
                    came[other] = link + 1
                    trail[depth] = other
                    depth += 1
                    deeper = True
                    break
                if link < 0 or came[node] != link + 1:
                    lowest[node] = min(lowest[node], number[other])
            if deeper:
                continue
            depth -= 1
            above = trail[depth - 1] if depth > 0 else -1
            if above >= 0:
                if above == root:
                    branches += 1
                elif lowest[node] >= number[above]:
                    is_cut_node[above] = 1
                lowest[above] = min(lowest[above], lowest[node])
            if lowest[node] == number[node]:
                if above >= 0:
                    is_cut_link[came[node] - 1] = 1
                while True:
                    waiting -= 1
                    other = stack[waiting]
                    core[other] = cores
                    if other == node:
                        break
                cores += 1
        if branches > 1:
            is_cut_node[root] = 1
