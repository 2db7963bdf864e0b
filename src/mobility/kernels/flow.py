"""How much gets through, what limits it, and what it costs at least.

Parallel arcs each have their own capacity; none is merged. Capacities are whole
numbers, of arcs and, where given, of nodes. Of one node no more can come out than its
capacity, source and target excepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.errors import InputError
from mobility.kernels import inputs, speed
from mobility.kernels.csr import INFINITE, MAX_WEIGHT, Csr, build
from mobility.kernels.heap import OUT, empty, pop, push
from mobility.kernels.shortest import shortest, tree

if TYPE_CHECKING:
    import numpy.typing as npt

    from mobility.kernels.csr import Ids, Ints

_MAX_TOTAL = 2**60


@dataclass(frozen=True, slots=True)
class MaxFlow:
    """The most that can pass, and every minimum cut's parts.

    Attributes
    ----------
    value
        What passes from source to target.
    flow : int64 array, shape (arcs,)
        One way to send it.
    cut_arcs, cut_nodes : int32 arrays
        The minimum cut nearest to the source: their capacities add up to `value`.
    some_arcs, some_nodes : int32 arrays
        What is part of at least one minimum cut.
    every_arcs, every_nodes : int32 arrays
        What is part of every minimum cut: no more passes unless it can take more.
    """

    value: int
    flow: Ints
    cut_arcs: Ids
    cut_nodes: Ids
    some_arcs: Ids
    some_nodes: Ids
    every_arcs: Ids
    every_nodes: Ids


def max_flow(
    graph: Csr,
    capacities: npt.ArrayLike,
    source: int,
    target: int,
    *,
    node_capacities: npt.ArrayLike | None = None,
) -> MaxFlow:
    """Measure the most that can pass from source to target.

    Parameters
    ----------
    capacities
        Per arc, below 2**42; closed arcs let nothing pass.
    node_capacities
        Per node, below 2**42; -1: no limit. Source and target have none.

    Raises
    ------
    InputError
        A node is out of range, source and target are one, or a capacity is missing,
        negative, not whole or too large.

    Notes
    -----
    Dinic's algorithm, O(n² m) at worst and mostly near-linear on roads; the parts of
    all minimum cuts from the strong components of what capacity is left, O(n + m).

    References
    ----------
    Dinic (1970), Soviet Mathematics Doklady 11. Picard & Queyranne (1980), On the
    structure of all minimum cuts in a network, Mathematical Programming Study 13.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> graph = build(3, [0, 0, 1], [1, 1, 2], [1, 1, 1])
    >>> found = max_flow(graph, [4, 3, 5], 0, 2)
    >>> found.value, found.every_arcs.tolist()
    (5, [2])
    """
    source, target = inputs.ends(source, target, graph)
    limit = _capacities(graph, capacities)
    count, arcs = graph.node_count, graph.arc_count
    if node_capacities is None:
        wide, start, goal = graph, source, target
    else:
        through = _node_capacities(graph, node_capacities, source, target)
        wide = split(graph)
        start, goal = source, target + count
        limit = np.concatenate([limit, through])
    size = wide.node_count
    value, flow, fast = _push(wide, limit, start, goal)
    rows, back = wide.star(fast=fast), wide.star(reverse=True, fast=fast)
    capacity = speed.sequence(limit, fast=fast)
    work = [speed.filled(size, 0, fast=fast, kind=np.int32) for _ in range(6)]
    speed.call(strong_parts, fast, rows, back, capacity, flow, *work)
    part = np.asarray(work[0], dtype=np.int32)
    near, far = (speed.filled(size, 0, fast=fast, kind=np.int32) for _ in range(2))
    speed.call(reach, fast, rows, back, capacity, flow, start, near, work[1])
    speed.call(reach, fast, back, rows, capacity, flow, goal, far, work[1])
    is_near, is_far = np.asarray(near) == 1, np.asarray(far) == 1
    flows = np.asarray(flow, dtype=np.int64)
    full = (flows == limit) & (limit > 0)
    tails, heads = wide.tails, wide.heads

    def parts(chosen: npt.NDArray[np.bool_]) -> tuple[Ids, Ids]:
        numbers = np.flatnonzero(chosen).astype(np.int32)
        return numbers[numbers < arcs], numbers[numbers >= arcs] - arcs

    cut = parts(full & is_near[tails] & ~is_near[heads])
    some = parts(full & (flows > 0) & (part[tails] != part[heads]))
    every = parts(full & is_near[tails] & is_far[heads])
    return MaxFlow(
        int(value), flows[:arcs], cut[0], cut[1], some[0], some[1], every[0], every[1]
    )


def most(
    graph: Csr, capacities: npt.ArrayLike, source: int, target: int
) -> tuple[int, Ints]:
    """Return how much can pass from source to target, and one way to send it.

    What `max_flow` finds, without the cuts, and sooner.
    """
    source, target = inputs.ends(source, target, graph)
    limit = _capacities(graph, capacities)
    value, flow, _ = _push(graph, limit, source, target)
    return value, np.asarray(flow, dtype=np.int64)


def _push(graph: Csr, limit: Ints, source: int, target: int) -> tuple[int, Any, bool]:
    """Return the value of a maximum flow, what passes each arc, and if compiled."""
    size = graph.node_count
    fast = speed.is_worth_compiling(push_flow, 20 * (graph.arc_count + size))
    flow = speed.filled(graph.arc_count, 0, fast=fast)
    value = speed.call(
        push_flow,
        fast,
        graph.star(fast=fast),
        graph.star(reverse=True, fast=fast),
        speed.sequence(limit, fast=fast),
        flow,
        source,
        target,
        *(speed.filled(size, 0, fast=fast, kind=np.int32) for _ in range(4)),
    )
    return int(value), flow, fast


def split(graph: Csr) -> Csr:
    """Return a graph where each node is two, joined by an arc of weight zero.

    Node `v` is entered at `v` and left at `v + node_count`; its arc is number
    `arc_count + v`.
    """
    count = graph.node_count
    nodes = np.arange(count)
    wide = build(
        2 * count,
        np.concatenate([graph.tails + np.int64(count), nodes]),
        np.concatenate([graph.heads, nodes + count]),
        np.concatenate([graph.weights, np.zeros(count, dtype=np.int64)]),
    )
    return wide.without(np.concatenate([graph.closed, np.zeros(count, dtype=bool)]))


def _capacities(graph: Csr, capacities: npt.ArrayLike) -> Ints:
    limit = inputs.per_arc(
        "capacities", capacities, graph.arc_count, low=0, high=MAX_WEIGHT - 1
    )
    if float(limit.sum(dtype=np.float64)) >= _MAX_TOTAL:
        msg = f"capacities are so large that a flow could overflow {_MAX_TOTAL}"
        raise InputError(msg)
    limit[graph.closed] = 0
    return limit


def _node_capacities(
    graph: Csr, capacities: npt.ArrayLike, source: int, target: int
) -> Ints:
    limit = inputs.per_arc(
        "node_capacities",
        capacities,
        graph.node_count,
        low=-1,
        high=MAX_WEIGHT - 1,
    )
    limit[limit < 0] = _MAX_TOTAL
    limit[[source, target]] = _MAX_TOTAL
    return limit


@speed.loop
def push_flow(
    rows: Any,
    back: Any,
    capacity: Any,
    flow: Any,
    source: int,
    target: int,
    level: Any,
    place: Any,
    line: Any,
    trail: Any,
) -> int:
    """Fill a maximum flow; return its value.

    `place` counts the arcs of a node tried so far, those out of it, then those into it.
    """
    first, ends, _, arcs = rows
    back_first, back_ends, _, back_arcs = back
    value = 0
    while True:
        for i in range(len(level)):
            level[i] = -1
            place[i] = 0
        level[source] = 0
        line[0] = source
        count = 1
        done = 0
        while done < count and level[target] < 0:
            node = line[done]
            done += 1
            for i in range(first[node], first[node + 1]):
                if flow[arcs[i]] < capacity[arcs[i]] and level[ends[i]] < 0:
                    level[ends[i]] = level[node] + 1
                    line[count] = ends[i]
                    count += 1
            for i in range(back_first[node], back_first[node + 1]):
                if flow[back_arcs[i]] > 0 and level[back_ends[i]] < 0:
                    level[back_ends[i]] = level[node] + 1
                    line[count] = back_ends[i]
                    count += 1
        if level[target] < 0:
            return value
        depth = 0
        node = source
        while True:
            if node == target:
                least = INFINITE
                for j in range(depth):
                    at = trail[j]
                    out = first[at + 1] - first[at]
                    if place[at] < out:
                        arc = arcs[first[at] + place[at]]
                        least = min(least, capacity[arc] - flow[arc])
                    else:
                        arc = back_arcs[back_first[at] + place[at] - out]
                        least = min(least, flow[arc])
                shortened = depth
                for j in range(depth - 1, -1, -1):
                    at = trail[j]
                    out = first[at + 1] - first[at]
                    if place[at] < out:
                        arc = arcs[first[at] + place[at]]
                        flow[arc] += least
                        left = capacity[arc] - flow[arc]
                    else:
                        arc = back_arcs[back_first[at] + place[at] - out]
                        flow[arc] -= least
                        left = flow[arc]
                    if left == 0:
                        shortened = j
                value += least
                depth = shortened
                node = trail[depth]
            out = first[node + 1] - first[node]
            total = out + back_first[node + 1] - back_first[node]
            other = -1
            while place[node] < total:
                if place[node] < out:
                    i = first[node] + place[node]
                    if flow[arcs[i]] < capacity[arcs[i]] and (
                        level[ends[i]] == level[node] + 1
                    ):
                        other = ends[i]
                        break
                else:
                    i = back_first[node] + place[node] - out
                    if flow[back_arcs[i]] > 0 and (
                        level[back_ends[i]] == level[node] + 1
                    ):
                        other = back_ends[i]
                        break
                place[node] += 1
            if other >= 0:
                trail[depth] = node
                depth += 1
                node = other
            elif node == source:
                break
            else:
                level[node] = -1
                depth -= 1
                node = trail[depth]
                place[node] += 1


@speed.loop
def reach(
    rows: Any,
    back: Any,
    capacity: Any,
    flow: Any,
    root: int,
    mark: Any,
    line: Any,
) -> None:
    """Mark what the room left over reaches from a node; rows swapped: what reaches."""
    first, ends, _, arcs = rows
    back_first, back_ends, _, back_arcs = back
    mark[root] = 1
    line[0] = root
    count = 1
    while count > 0:
        count -= 1
        node = line[count]
        for i in range(first[node], first[node + 1]):
            other = ends[i]
            if mark[other] == 0 and flow[arcs[i]] < capacity[arcs[i]]:
                mark[other] = 1
                line[count] = other
                count += 1
        for i in range(back_first[node], back_first[node + 1]):
            other = back_ends[i]
            if mark[other] == 0 and flow[back_arcs[i]] > 0:
                mark[other] = 1
                line[count] = other
                count += 1


@speed.loop
def strong_parts(
    rows: Any,
    back: Any,
    capacity: Any,
    flow: Any,
    part: Any,
    number: Any,
    lowest: Any,
    place: Any,
    stack: Any,
    trail: Any,
) -> None:
    """Fill in the strong component of each node, by the room left over, from 1."""
    first, ends, _, arcs = rows
    back_first, back_ends, _, back_arcs = back
    counter = 0
    parts = 0
    waiting = 0
    for root in range(len(part)):
        if number[root] != 0:
            continue
        trail[0] = root
        depth = 1
        while depth > 0:
            node = trail[depth - 1]
            if number[node] == 0:
                counter += 1
                number[node] = counter
                lowest[node] = counter
                stack[waiting] = node
                waiting += 1
            out = first[node + 1] - first[node]
            total = out + back_first[node + 1] - back_first[node]
            deeper = False
            while place[node] < total:
                if place[node] < out:
                    i = first[node] + place[node]
                    other = ends[i]
                    free = flow[arcs[i]] < capacity[arcs[i]]
                else:
                    i = back_first[node] + place[node] - out
                    other = back_ends[i]
                    free = flow[back_arcs[i]] > 0
                place[node] += 1
                if not free or part[other] != 0:
                    continue
                if number[other] == 0:
                    trail[depth] = other
                    depth += 1
                    deeper = True
                    break
                lowest[node] = min(lowest[node], number[other])
            if deeper:
                continue
            depth -= 1
            if depth > 0:
                above = trail[depth - 1]
                lowest[above] = min(lowest[above], lowest[node])
            if lowest[node] == number[node]:
                parts += 1
                while True:
                    waiting -= 1
                    other = stack[waiting]
                    part[other] = parts
                    if other == node:
                        break


@dataclass(frozen=True, slots=True)
class CheapFlow:
    """A flow of least total weight.

    Attributes
    ----------
    value
        What passes: the amount asked for, or the most that can.
    total
        Sum of flow times weight.
    flow : int64 array, shape (arcs,)
    """

    value: int
    total: int
    flow: Ints


def cheapest_flow(
    graph: Csr, capacities: npt.ArrayLike, source: int, target: int, amount: int
) -> CheapFlow:
    """Send an amount at the least total weight, or as much of it as can pass.

    Parameters
    ----------
    capacities
        Per arc, below 2**42; what one unit costs on an arc is its weight.
    amount
        How much to send, at least 0.

    Notes
    -----
    Successive shortest paths with potentials: O(f (n + m) log n) for the f paths taken.

    References
    ----------
    Edmonds & Karp (1972), Journal of the ACM 19. Ahuja, Magnanti & Orlin (1993),
    Network Flows, section 9.7.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> cheapest_flow(build(2, [0, 0], [1, 1], [5, 3]), [9, 2], 0, 1, 3).total
    11
    """
    source, target = inputs.ends(source, target, graph)
    limit = _capacities(graph, capacities)
    amount = inputs.whole("amount", amount, low=0, high=_MAX_TOTAL)
    flow = send(graph, limit, graph.weights, source, target, amount)
    value = int(flow[graph.tails == source].sum() - flow[graph.heads == source].sum())
    # in Python's integers: what many units cost may not fit 64 bits
    used = np.flatnonzero(flow)
    pairs = zip(flow[used].tolist(), graph.weights[used].tolist(), strict=True)
    return CheapFlow(value, sum(units * weight for units, weight in pairs), flow)


def send(
    graph: Csr, limit: Ints, cost: Ints, source: int, target: int, amount: int
) -> Ints:
    """Return a flow of least cost, at most `amount`; costs at least the weights.

    For kernels that build on it; the input is not checked.
    """
    towards = tree(graph, target, reverse=True)
    ahead = np.where(towards.distance < 0, INFINITE, towards.distance)
    work = (min(amount, 20) + 1) * (graph.arc_count + graph.node_count)
    fast = speed.is_worth_compiling(send_flow, work)
    count = graph.node_count
    flow = speed.filled(graph.arc_count, 0, fast=fast)
    tails, heads = graph.ends(fast=fast)
    speed.call(
        send_flow,
        fast,
        graph.star(fast=fast),
        graph.star(reverse=True, fast=fast),
        tails,
        heads,
        speed.sequence(cost.copy(), fast=fast),
        speed.sequence(limit, fast=fast),
        flow,
        source,
        target,
        amount,
        speed.sequence(ahead, fast=fast),
        speed.filled(count, INFINITE, fast=fast),
        speed.filled(count, -1, fast=fast, kind=np.int32),
        speed.filled(count, 0, fast=fast, kind=np.int32),
        *speed.queue(count, fast=fast),
    )
    return np.asarray(flow, dtype=np.int64)


@speed.loop
def send_flow(
    rows: Any,
    back: Any,
    tails: Any,
    heads: Any,
    cost: Any,
    capacity: Any,
    flow: Any,
    source: int,
    target: int,
    amount: int,
    ahead: Any,
    at: Any,
    came: Any,
    touched: Any,
    heap: Any,
    place: Any,
) -> None:
    """Fill a flow of least cost by one cheapest path after another.

    `ahead` is what is at least still to be paid from each node on; it is raised so that
    no arc with room to spare seems cheaper than it is.
    """
    first, ends, _, arcs = rows
    back_first, back_ends, _, back_arcs = back
    left = amount
    while left > 0 and ahead[source] < INFINITE:
        at[source] = 0
        touched[0] = source
        count = 1
        push(heap, place, at, source)
        while True:
            node = pop(heap, place, at)
            if node < 0 or node == target:
                break
            here = at[node] - ahead[node]
            for i in range(first[node], first[node + 1]):
                arc = arcs[i]
                other = ends[i]
                if flow[arc] >= capacity[arc] or ahead[other] == INFINITE:
                    continue
                new = here + cost[arc] + ahead[other]
                if new < at[other]:
                    if at[other] == INFINITE:
                        touched[count] = other
                        count += 1
                    at[other] = new
                    came[other] = arc
                    push(heap, place, at, other)
            for i in range(back_first[node], back_first[node + 1]):
                arc = back_arcs[i]
                other = back_ends[i]
                if flow[arc] == 0:
                    continue
                new = here - cost[arc] + ahead[other]
                if new < at[other]:
                    if at[other] == INFINITE:
                        touched[count] = other
                        count += 1
                    at[other] = new
                    came[other] = arc
                    push(heap, place, at, other)
        if node == target:
            longest = at[target]
            least = left
            while node != source:
                arc = came[node]
                if heads[arc] == node:  # else against the arc
                    least = min(least, capacity[arc] - flow[arc])
                    node = tails[arc]
                else:
                    least = min(least, flow[arc])
                    node = heads[arc]
            node = target
            while node != source:
                arc = came[node]
                if heads[arc] == node:
                    flow[arc] += least
                    node = tails[arc]
                else:
                    flow[arc] -= least
                    node = heads[arc]
            left -= least
            for i in range(count):
                node = touched[i]
                ahead[node] += max(0, longest - at[node])
        else:
            left = 0
        for i in range(count):
            node = touched[i]
            at[node] = INFINITE
            place[node] = OUT
        empty(heap, place)


def widest_path(
    graph: Csr, widths: npt.ArrayLike, source: int, target: int
) -> tuple[int, list[int]] | None:
    """Find the path whose narrowest arc is widest, the shortest of them.

    Parameters
    ----------
    widths
        Per arc, from 0 to 2**42 - 1.

    Returns
    -------
    width : int
        The width of its narrowest arc.
    arcs : list of int
        In order of travel. None instead where there is no path at all.

    Notes
    -----
    A bottleneck tree, then Dijkstra's algorithm on arcs wide enough:
    O((n + m) log n).

    References
    ----------
    Pollack (1960), The maximum capacity through a network, Operations Research 8.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> widest_path(build(2, [0, 0], [1, 1], [5, 3]), [7, 2], 0, 1)
    (7, [0])
    """
    source, target = inputs.ends(source, target, graph)
    grown = bottleneck_tree(graph, widths, source)
    width = int(grown.width[target])
    if width < 0:
        return None
    narrow = inputs.whole_numbers("widths", widths) < width
    arcs = shortest(graph.without(narrow), source, target)
    return width, arcs or []


@dataclass(frozen=True, slots=True)
class Bottlenecks:
    """Widest paths from one root to all nodes.

    Attributes
    ----------
    width : int64 array, shape (nodes,)
        Width of the narrowest arc on the widest path; -1 where there is no path, 2**62
        at the root.
    arc : int32 array, shape (nodes,)
        The arc that enters each node; -1 at the root and where there is no path.
    """

    width: Ints
    arc: Ids


def bottleneck_tree(graph: Csr, widths: npt.ArrayLike, root: int) -> Bottlenecks:
    """Grow the tree of widest paths from a root.

    Notes
    -----
    Dijkstra's algorithm with the narrowest arc in place of the sum: O((n + m) log n).
    """
    root = inputs.node("root", root, graph)
    width = inputs.per_arc(
        "widths", widths, graph.arc_count, low=0, high=MAX_WEIGHT - 1
    )
    width[graph.closed] = -1
    count = graph.node_count
    fast = speed.is_worth_compiling(widen, graph.arc_count + count)
    key = speed.filled(count, 1, fast=fast)
    arc = speed.filled(count, -1, fast=fast, kind=np.int32)
    speed.call(
        widen,
        fast,
        graph.star(fast=fast),
        speed.sequence(width, fast=fast),
        root,
        key,
        arc,
        *speed.queue(count, fast=fast),
    )
    return Bottlenecks(
        -np.asarray(key, dtype=np.int64), np.asarray(arc, dtype=np.int32)
    )


@speed.loop
def widen(
    rows: Any, width: Any, root: int, key: Any, entering: Any, heap: Any, place: Any
) -> None:
    """Fill a tree of widest paths; keys are negative widths, 1 where there is none."""
    first, ends, _, arcs = rows
    key[root] = -INFINITE
    push(heap, place, key, root)
    while True:
        node = pop(heap, place, key)
        if node < 0:
            break
        for i in range(first[node], first[node + 1]):
            other = ends[i]
            new = max(key[node], -width[arcs[i]])
            if new < key[other]:
                key[other] = new
                entering[other] = arcs[i]
                push(heap, place, key, other)
