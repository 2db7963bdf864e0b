"""Shortest paths: one to all, and point to point.

Ties go to the arc with the lowest number, so that the same graph always gives the same
path.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mobility.kernels.csr import Csr

UNREACHED = -1


@dataclass(frozen=True, slots=True)
class Tree:
    """Shortest paths from one root to all nodes, or, reversed, from all nodes to it.

    Attributes
    ----------
    root
        Where the tree starts.
    distance
        Per node; `UNREACHED` (-1) where there is no path.
    arc
        Per node the tree arc that enters it (reversed: leaves it); -1 at the root and
        where there is no path.
    reverse
        Whether the tree runs towards its root.
    """

    root: int
    distance: list[int]
    arc: list[int]
    reverse: bool


def tree(
    graph: Csr, root: int, *, reverse: bool = False, until: int | None = None
) -> Tree:
    """Grow a shortest-path tree.

    Parameters
    ----------
    graph
        The graph.
    root
        Start, or with `reverse` the end, of all paths.
    until
        Stop once this node is settled; other nodes may then be unsettled.

    Notes
    -----
    Dijkstra's algorithm with a binary heap: O((n + m) log n).

    References
    ----------
    Dijkstra (1959), Numerische Mathematik 1, 269-271.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> tree(build(3, [0, 0], [1, 1], [5, 3]), 0).distance
    [0, 3, -1]
    """
    rows = graph.backward if reverse else graph.forward
    distance = [UNREACHED] * graph.node_count
    entering = [-1] * graph.node_count
    settled = bytearray(graph.node_count)
    distance[root] = 0
    heap = [(0, root)]
    while heap:
        at, node = heappop(heap)
        if settled[node]:
            continue
        settled[node] = 1
        if node == until:
            break
        for arc, other, weight in rows[node]:
            if settled[other]:
                continue
            new, old = at + weight, distance[other]
            if old == UNREACHED or new < old:
                distance[other], entering[other] = new, arc
                heappush(heap, (new, other))
            elif new == old and arc < entering[other]:
                entering[other] = arc
    return Tree(root, distance, entering, reverse)


def path(graph: Csr, grown: Tree, node: int) -> list[int] | None:
    """Return the arcs between a tree's root and a node, in order of travel.

    None where there is no path; an empty list for the root itself.
    """
    if grown.distance[node] == UNREACHED:
        return None
    ends = graph.heads if grown.reverse else graph.tails
    arcs = []
    while node != grown.root:
        arc = grown.arc[node]
        arcs.append(arc)
        node = int(ends[arc])
    return arcs if grown.reverse else arcs[::-1]


def shortest(graph: Csr, source: int, target: int) -> list[int] | None:
    """Return the arcs of a shortest path, or None where there is none."""
    return path(graph, tree(graph, source, until=target), target)
