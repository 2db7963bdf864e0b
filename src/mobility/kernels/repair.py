"""Distances after a change, repaired instead of measured anew.

`repaired` mends a whole tree after any arcs were closed, opened or reweighted;
`detour` answers one pair after arcs were closed, and looks only where it must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mobility.errors import InputError
from mobility.kernels import inputs, speed
from mobility.kernels.csr import INFINITE
from mobility.kernels.heap import OUT, empty, pop, push
from mobility.kernels.shortest import UNREACHED, Tree

if TYPE_CHECKING:
    import numpy.typing as npt

    from mobility.kernels.csr import Csr


def detour(graph: Csr, towards: Tree, source: int, arcs: npt.ArrayLike) -> int:
    """Measure the shortest path to a tree's root once some arcs are lost.

    Parameters
    ----------
    graph
        The graph before the loss.
    towards
        Its reversed tree, complete: `tree(graph, target, reverse=True)`.
    source
        Where the path starts.
    arcs
        What is lost: arc numbers, or a bool per arc.

    Returns
    -------
    int
        `UNREACHED` (-1) where no path is left.

    Notes
    -----
    A* search whose potential is the distance before the loss: it never overestimates,
    since losses only lengthen paths. The search ends at the first node whose old path
    is whole. O((n + m) log n) at worst, on roads mostly a few nodes around the loss.

    References
    ----------
    Hart, Nilsson & Raphael (1968), IEEE Transactions on Systems Science and
    Cybernetics 4, 100-107.
    """
    source = inputs.node("source", source, graph)
    lost = inputs.subset("arcs", arcs, graph.arc_count)
    if not towards.reverse:
        msg = "towards should be a reversed tree of this graph"
        raise InputError(msg)
    towards.check(graph)
    # else the old paths that the search follows are not there, or lead in circles
    nodes = np.flatnonzero(towards.arc >= 0)
    along = towards.arc[nodes]
    onward = towards.distance[graph.heads[along]]
    if (towards.distance[nodes] != graph.costs[along] + onward).any():
        msg = "towards is no tree of this graph and its weights"
        raise InputError(msg)
    # estimated at worst; the search itself mostly is far smaller
    fast = speed.is_worth_compiling(search, graph.arc_count)
    potential = np.where(towards.distance < 0, INFINITE, towards.distance)
    cost, _ = speed.call(
        search,
        fast,
        graph.star(fast=fast),
        graph.ends(fast=fast)[1],
        source,
        towards.root,
        speed.sequence(potential, fast=fast),
        speed.sequence(towards.arc, fast=fast),
        speed.sequence(lost.astype(np.int32), fast=fast),
        speed.filled(graph.node_count, 0, fast=fast, kind=np.int32),
        1,
        INFINITE,
        scratch(graph.node_count, fast=fast),
    )
    return UNREACHED if cost >= INFINITE else int(cost)


class Scratch(NamedTuple):
    """What one search after another works on; left as it was found."""

    at: Any
    key: Any
    came: Any
    touched: Any
    heap: Any
    place: Any
    known: Any
    whole: Any
    chain: Any


def scratch(count: int, *, fast: bool) -> Scratch:
    """Return what a search on `count` nodes works on."""
    heap, place = speed.queue(count, fast=fast)
    small = np.int32
    return Scratch(
        speed.filled(count, INFINITE, fast=fast),
        speed.filled(count, INFINITE, fast=fast),
        speed.filled(count, -1, fast=fast, kind=small),
        speed.filled(count, 0, fast=fast, kind=small),
        heap,
        place,
        speed.filled(count, 0, fast=fast, kind=small),
        speed.filled(count, 0, fast=fast, kind=small),
        speed.filled(count + 1, 0, fast=fast, kind=small),
    )


@speed.loop
def search(
    rows: Any,
    heads: Any,
    source: int,
    target: int,
    potential: Any,
    onward: Any,
    lost_arc: Any,
    lost_node: Any,
    stamp: int,
    limit: int,
    work: Any,
) -> Any:
    """Search a path without what bears `stamp` in `lost_arc` and `lost_node`.

    `potential` and `onward` are a reversed tree's distances and arcs. Returns the cost
    and the node from which the old path is followed: the new one is `work.came` back
    from there, `onward` ahead. A cost of `limit` or more comes back as `limit`, with
    node -1. Stamps must be new in each call on the same `work`.
    """
    first, ends, costs, arcs = rows
    at, key, came, touched, heap, place, known, whole, chain = work
    if potential[source] >= limit:
        return limit, -1
    at[source] = 0
    key[source] = potential[source]
    came[source] = -1
    touched[0] = source
    count = 1
    push(heap, place, key, source)
    found = limit
    end = -1
    while True:
        node = pop(heap, place, key)
        if node < 0 or key[node] >= limit:
            break
        if _is_whole(
            node, target, onward, heads, lost_arc, lost_node, stamp, known, whole, chain
        ):
            found = key[node]
            end = node
            break
        here = at[node]
        for i in range(first[node], first[node + 1]):
            if lost_arc[arcs[i]] == stamp:
                continue
            other = ends[i]
            new = here + costs[i]
            if new < at[other] and potential[other] < INFINITE:
                if lost_node[other] == stamp:
                    continue
                if at[other] == INFINITE:
                    touched[count] = other
                    count += 1
                at[other] = new
                key[other] = new + potential[other]
                came[other] = arcs[i]
                push(heap, place, key, other)
    for i in range(count):
        node = touched[i]
        at[node] = INFINITE
        place[node] = OUT
    empty(heap, place)
    return found, end


@speed.loop
def _is_whole(
    node: int,
    target: int,
    onward: Any,
    heads: Any,
    lost_arc: Any,
    lost_node: Any,
    stamp: int,
    known: Any,
    whole: Any,
    chain: Any,
) -> Any:
    """Say whether the tree path from a node on has lost nothing; remember it."""
    count = 0
    answer = 1
    while node != target:
        if known[node] == stamp:
            answer = whole[node]
            break
        chain[count] = node
        count += 1
        arc = onward[node]
        if arc < 0 or lost_arc[arc] == stamp:
            answer = 0
            break
        node = heads[arc]
        if lost_node[node] == stamp:
            answer = 0
            break
    for i in range(count):
        known[chain[i]] = stamp
        whole[chain[i]] = answer
    return answer


def repaired(graph: Csr, grown: Tree, arcs: npt.ArrayLike) -> Tree:
    """Mend a tree after some arcs were closed, opened or given other weights.

    Parameters
    ----------
    graph
        The graph as it is now: what `Csr.without` or `Csr.reweighted` gave.
    grown
        The complete tree of the graph before.
    arcs
        At least all arcs whose cost differs: numbers, or a bool per arc.

    Returns
    -------
    Tree
        A shortest-path tree of the graph as it is now. Where paths tie, it may hold
        another one than `tree` would.

    Notes
    -----
    O(a log a) for the a arcs at nodes whose distance changes, plus O(n) to copy.

    References
    ----------
    Ramalingam & Reps (1996), An incremental algorithm for a generalization of the
    shortest-path problem, Journal of Algorithms 21.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> from mobility.kernels.shortest import tree
    >>> graph = build(2, [0, 0], [1, 1], [5, 3])
    >>> repaired(graph.without([1]), tree(graph, 0), [1]).distance.tolist()
    [0, 5]
    """
    changed = np.flatnonzero(inputs.subset("arcs", arcs, graph.arc_count))
    count = graph.node_count
    grown.check(graph)
    fast = speed.is_worth_compiling(mend, graph.arc_count)
    distance = np.where(grown.distance < 0, INFINITE, grown.distance)
    heap, place = speed.queue(count, fast=fast)
    tails, heads = graph.ends(fast=fast)
    work = [
        speed.sequence(distance, fast=fast),
        speed.sequence(grown.arc.copy(), fast=fast),
        speed.filled(count, -1, fast=fast, kind=np.int32),
    ]
    reached = speed.call(
        mend,
        fast,
        graph.star(reverse=grown.reverse, fast=fast),
        graph.star(reverse=not grown.reverse, fast=fast),
        *((heads, tails) if grown.reverse else (tails, heads)),
        speed.sequence(graph.costs.copy(), fast=fast),
        speed.sequence(changed, fast=fast),
        grown.root,
        *work,
        heap,
        place,
        speed.filled(count, 0, fast=fast, kind=np.int32),
        speed.filled(count, 0, fast=fast, kind=np.int32),
    )
    distances = np.asarray(work[0], dtype=np.int64)
    distances[distances == INFINITE] = UNREACHED
    entering = np.asarray(work[1], dtype=np.int32)
    order = np.asarray(work[2][:reached], dtype=np.int32)
    for array in (distances, entering, order):
        array.flags.writeable = False
    return Tree(grown.root, distances, entering, order, grown.reverse)


@speed.loop
def mend(
    rows: Any,
    back: Any,
    tails: Any,
    heads: Any,
    cost: Any,
    changed: Any,
    root: int,
    distance: Any,
    entering: Any,
    order: Any,
    heap: Any,
    place: Any,
    touched: Any,
    is_hit: Any,
) -> int:
    """Mend a tree's distances, arcs and order in place; return how many it reaches.

    `rows` run away from the root, `back` towards it, and so do `tails` and `heads`.
    """
    first, ends, costs, arcs = rows
    back_first, back_ends, back_costs, back_arcs = back
    # nodes below a tree arc that grew longer lose their distance …
    count = 0
    for i in range(len(changed)):
        arc = changed[i]
        node = heads[arc]
        if entering[node] == arc and is_hit[node] == 0:
            tail = tails[arc]
            if is_hit[tail] == 1 or distance[tail] + cost[arc] > distance[node]:
                is_hit[node] = 1
                touched[count] = node
                count += 1
    done = 0
    while done < count:
        node = touched[done]
        done += 1
        for i in range(first[node], first[node + 1]):
            other = ends[i]
            if entering[other] == arcs[i] and is_hit[other] == 0:
                is_hit[other] = 1
                touched[count] = other
                count += 1
    for i in range(count):
        node = touched[i]
        distance[node] = INFINITE
        entering[node] = -1
    # … and start from the best neighbour that kept its own
    for i in range(count):
        node = touched[i]
        for j in range(back_first[node], back_first[node + 1]):
            other = back_ends[j]
            if is_hit[other] == 1 or distance[other] == INFINITE:
                continue
            new = distance[other] + back_costs[j]
            if new < distance[node]:
                distance[node] = new
                entering[node] = back_arcs[j]
        if distance[node] < INFINITE:
            push(heap, place, distance, node)
    for i in range(len(changed)):
        arc = changed[i]
        tail = tails[arc]
        node = heads[arc]
        if distance[tail] == INFINITE:
            continue
        new = distance[tail] + cost[arc]
        if new < distance[node]:
            distance[node] = new
            entering[node] = arc
            push(heap, place, distance, node)
    while True:
        node = pop(heap, place, distance)
        if node < 0:
            break
        here = distance[node]
        for i in range(first[node], first[node + 1]):
            other = ends[i]
            if here + costs[i] < distance[other]:
                distance[other] = here + costs[i]
                entering[other] = arcs[i]
                push(heap, place, distance, other)
    order[0] = root
    count = 1
    done = 0
    while done < count:
        node = order[done]
        done += 1
        for i in range(first[node], first[node + 1]):
            if entering[ends[i]] == arcs[i]:
                order[count] = ends[i]
                count += 1
    return count
