"""Widest paths: the path whose narrowest arc is as wide as possible.

The weight of an arc is its width. What is wanted here is the width from any of several
roots; `flow.widest_path` gives the path between two nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mobility.kernels.csr import Csr

UNREACHED = -1


@dataclass(frozen=True, slots=True)
class WidestTree:
    """Widest paths from any of several roots to all nodes.

    Attributes
    ----------
    roots
        Where the tree starts.
    width
        Per node the width of its path: the least weight on it; `UNREACHED` (-1) where
        there is no path, `unbounded` at a root.
    unbounded
        Above every weight: the width of a path without arcs.
    """

    roots: tuple[int, ...]
    width: list[int]
    unbounded: int


def widest_tree(graph: Csr, roots: Iterable[int]) -> WidestTree:
    """Grow a tree of widest paths from the nearest of several roots.

    Notes
    -----
    Dijkstra's algorithm with the least weight in place of the sum: O((n + m) log n).

    References
    ----------
    Pollack (1960), Operations Research 8, 733-736.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> widest_tree(build(3, [0, 0, 1], [1, 1, 2], [5, 3, 4]), [0]).width
    [6, 5, 4]
    """
    first, ends, weights, _ = graph.star(fast=False)
    unbounded = int(graph.weights.max(initial=0)) + 1
    width = [UNREACHED] * graph.node_count
    settled = bytearray(graph.node_count)
    starts = tuple(sorted(set(roots)))
    heap = [(-unbounded, root) for root in starts]
    for root in starts:
        width[root] = unbounded
    while heap:
        at, node = heappop(heap)
        if settled[node]:
            continue
        settled[node] = 1
        for place in range(first[node], first[node + 1]):
            other = ends[place]
            if settled[other]:
                continue
            new = min(-at, weights[place])
            if new > width[other]:
                width[other] = new
                heappush(heap, (-new, other))
    return WidestTree(starts, width, unbounded)
