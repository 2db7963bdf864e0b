"""Shortest paths: one to all, point to point, and many to many.

Ties go to the arc with the lowest number, so that the same graph always gives the same
path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.errors import InputError
from mobility.kernels import inputs, speed
from mobility.kernels.csr import INFINITE
from mobility.kernels.heap import DONE, pop, push

if TYPE_CHECKING:
    import numpy.typing as npt

    from mobility.kernels.csr import Csr

    Ints = npt.NDArray[np.int64]

UNREACHED = -1


@dataclass(frozen=True, slots=True)
class Tree:
    """Shortest paths from one root to all nodes, or, reversed, from all nodes to it.

    Attributes
    ----------
    root
        Where the tree starts.
    distance
        Per node, int64; `UNREACHED` (-1) where there is no path.
    arc
        Per node the tree arc that enters it (reversed: leaves it), int32; -1 at the
        root and where there is no path.
    order
        The nodes reached, in the order they were settled: each after the node its arc
        comes from.
    reverse
        Whether the tree runs towards its root.
    is_complete
        Whether it was grown to its end, rather than until some node.
    """

    root: int
    distance: Ints
    arc: npt.NDArray[np.int32]
    order: npt.NDArray[np.int32]
    reverse: bool
    is_complete: bool = True

    def check(self, graph: Csr) -> None:
        """Refuse a tree that does not span this graph, or not all that it could.

        Raises
        ------
        InputError
            A node or arc is not in the graph, or the tree stopped early.

        Notes
        -----
        O(n).
        """
        if len(self.distance) != graph.node_count:
            msg = f"the tree has {len(self.distance)} nodes for {graph.node_count}"
            raise InputError(msg)
        if not self.is_complete:
            msg = "the tree stopped early; grow it without `until`"
            raise InputError(msg)
        nodes = np.flatnonzero(self.arc >= 0)
        arcs = self.arc[nodes]
        ends = graph.tails if self.reverse else graph.heads
        if len(arcs) and (arcs.max() >= graph.arc_count or (ends[arcs] != nodes).any()):
            msg = "the tree is one of another graph"
            raise InputError(msg)


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
        Stop once this node is settled; nodes further away then count as unreached.

    Raises
    ------
    InputError
        A node is out of range.

    Notes
    -----
    Dijkstra's algorithm with a heap: O((n + m) log n).

    References
    ----------
    Dijkstra (1959), Numerische Mathematik 1, 269-271.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> tree(build(3, [0, 0], [1, 1], [5, 3]), 0).distance.tolist()
    [0, 3, -1]
    """
    root = inputs.node("root", root, graph)
    stop = -1 if until is None else inputs.node("until", until, graph)
    fast = speed.is_worth_compiling(grow, graph.arc_count + graph.node_count)
    distance, arc, order, count = _grow(
        graph, root, reverse=reverse, stop=stop, fast=fast
    )
    distances = np.asarray(distance, dtype=np.int64)
    entering = np.asarray(arc, dtype=np.int32)
    settled = np.asarray(order[:count], dtype=np.int32)
    if stop >= 0:
        beyond = np.ones(graph.node_count, dtype=bool)
        beyond[settled] = False
        distances[beyond] = INFINITE
        entering[beyond] = -1
    distances[distances == INFINITE] = UNREACHED
    for array in (distances, entering, settled):
        array.flags.writeable = False
    return Tree(root, distances, entering, settled, reverse, until is None)


def _grow(
    graph: Csr, root: int, *, reverse: bool, stop: int, fast: bool
) -> tuple[Any, Any, Any, int]:
    """Grow a tree on new sequences; `INFINITE` where there is no path."""
    count = graph.node_count
    distance = speed.filled(count, INFINITE, fast=fast)
    arc = speed.filled(count, -1, fast=fast, kind=np.int32)
    order = speed.filled(count, -1, fast=fast, kind=np.int32)
    rows = graph.star(reverse=reverse, fast=fast)
    heap, place = speed.queue(count, fast=fast)
    settled = speed.call(
        grow, fast, rows, root, stop, distance, arc, order, heap, place
    )
    return distance, arc, order, settled


@speed.loop
def grow(
    rows: Any,
    root: int,
    stop: int,
    distance: Any,
    entering: Any,
    order: Any,
    heap: Any,
    place: Any,
) -> int:
    """Fill a tree from `root` until `stop` is settled; return how many nodes were.

    `distance` comes filled with `INFINITE`, `entering` with -1, the queue empty. Sets
    `place` to done where a node was settled.
    """
    first, ends, costs, arcs = rows
    distance[root] = 0
    push(heap, place, distance, root)
    count = 0
    while True:
        node = pop(heap, place, distance)
        if node < 0:
            break
        order[count] = node
        count += 1
        if node == stop:
            break
        at = distance[node]
        for i in range(first[node], first[node + 1]):
            other = ends[i]
            new = at + costs[i]
            old = distance[other]
            if new < old:
                distance[other] = new
                entering[other] = arcs[i]
                push(heap, place, distance, other)
            elif new == old and arcs[i] < entering[other] and place[other] != DONE:
                entering[other] = arcs[i]
    return count


def path(graph: Csr, grown: Tree, node: int) -> list[int] | None:
    """Return the arcs between a tree's root and a node, in order of travel.

    None where there is no path; an empty list for the root itself.
    """
    node = inputs.node("node", node, graph)
    if len(grown.distance) != graph.node_count:
        msg = f"the tree has {len(grown.distance)} nodes for {graph.node_count}"
        raise InputError(msg)
    if grown.distance[node] == UNREACHED:
        return None
    ends = graph.heads if grown.reverse else graph.tails
    arcs: list[int] = []
    while node != grown.root:
        arc = int(grown.arc[node])
        if not 0 <= arc < graph.arc_count or len(arcs) == graph.node_count:
            msg = "the tree is one of another graph"
            raise InputError(msg)
        arcs.append(arc)
        node = int(ends[arc])
    return arcs if grown.reverse else arcs[::-1]


def shortest(graph: Csr, source: int, target: int) -> list[int] | None:
    """Return the arcs of a shortest path, or None where there is none."""
    target = inputs.node("target", target, graph)
    return path(graph, tree(graph, source, until=target), target)


def distances(graph: Csr, sources: npt.ArrayLike, targets: npt.ArrayLike) -> Ints:
    """Measure the shortest path from every source to every target.

    Returns
    -------
    int64 array, shape (sources, targets)
        `UNREACHED` (-1) where there is no path.

    Notes
    -----
    A tree per source or per target, whichever are fewer: O(min(s, t) (n + m) log n).

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> distances(build(3, [0, 0], [1, 1], [5, 3]), [0, 1], [0, 1, 2]).tolist()
    [[0, 3, -1], [-1, 0, -1]]
    """
    starts = inputs.nodes("sources", sources, graph)
    ends = inputs.nodes("targets", targets, graph)
    reverse = len(ends) < len(starts)
    roots, others = (ends, starts) if reverse else (starts, ends)
    work = len(roots) * (graph.arc_count + graph.node_count)
    fast = speed.is_worth_compiling(grow, work)
    found = np.empty((len(roots), len(others)), dtype=np.int64)
    for row, root in enumerate(roots.tolist()):
        distance, *_ = _grow(graph, root, reverse=reverse, stop=-1, fast=fast)
        found[row] = np.asarray(distance, dtype=np.int64)[others]
    found[found == INFINITE] = UNREACHED
    return found.T if reverse else found
