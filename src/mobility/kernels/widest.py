"""Widest paths: the path whose narrowest arc is as wide as possible.

The weight of an arc is its width. Ties go to the arc with the lowest number, so that
the same graph always gives the same path.
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
    arc
        Per node the tree arc that enters it; -1 at a root and where there is no path.
    unbounded
        Above every weight: the width of a path without arcs.
    """

    roots: tuple[int, ...]
    width: list[int]
    arc: list[int]
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
    first, ends, weights, arcs = graph.star(fast=False)
    unbounded = int(graph.weights.max(initial=0)) + 1
    width = [UNREACHED] * graph.node_count
    entering = [-1] * graph.node_count
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
            arc, other = arcs[place], ends[place]
            if settled[other]:
                continue
            new = min(-at, weights[place])
            if new > width[other]:
                width[other], entering[other] = new, arc
                heappush(heap, (-new, other))
            elif new == width[other] and arc < entering[other]:
                entering[other] = arc
    return WidestTree(starts, width, entering, unbounded)


def widest_path(graph: Csr, grown: WidestTree, node: int) -> list[int] | None:
    """Return the arcs from a root to a node, in order; None where there is no path."""
    if grown.width[node] == UNREACHED:
        return None
    arcs = []
    while (arc := grown.arc[node]) >= 0:
        arcs.append(arc)
        node = int(graph.tails[arc])
    return arcs[::-1]
