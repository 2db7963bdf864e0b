"""What pairs of nodes cost once something is lost: every pair, every loss, exactly.

Only what lies on a pair's shortest path can change its cost, and two trees per pair
say at once what its loss costs, for all arcs of the path: the cheapest way across the
gap by an arc from the near side to the far side. Where directions make that a mere
lower bound, or a loss takes more than one arc of the path, a short search settles it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.errors import InputError
from mobility.kernels import inputs, speed
from mobility.kernels.csr import INFINITE, MAX_LINK, NO_LINK
from mobility.kernels.heap import OUT, empty, pop, push
from mobility.kernels.repair import scratch, search
from mobility.kernels.shortest import UNREACHED, grow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mobility.kernels.csr import Csr, Ids, Ints


@dataclass(frozen=True, slots=True)
class Losses:
    """What pairs cost after the loss of one thing: a link, a node, a group.

    Attributes
    ----------
    base : int64 array, shape (pairs,)
        Cost with nothing lost; `UNREACHED` (-1) where there is no path.
    pair, lost : int32 arrays, shape (rows,)
        Which pair, and which thing on its shortest path: by pair, in order of travel,
        each thing once. What is not listed changes nothing.
    cost : int64 array, shape (rows,)
        Cost after the loss; `UNREACHED` (-1) where no path is left.
    """

    base: Ints
    pair: Ids
    lost: Ids
    cost: Ints

    def matrix(self, count: int) -> Ints:
        """Return the cost of every pair (column) after the loss of each thing (row)."""
        low = int(self.lost.max()) + 1 if len(self.lost) else 0
        count = inputs.whole("count", count, low=low, high=2**31 - 1)
        table = np.tile(self.base, (count, 1))
        table[self.lost, self.pair] = self.cost
        return table


def link_losses(graph: Csr, sources: npt.ArrayLike, targets: npt.ArrayLike) -> Losses:
    """Measure each pair after the loss of each link, one at a time.

    Parameters
    ----------
    graph
        The graph; `graph.links` says which arcs are lost together.
    sources, targets
        Node numbers; entry `i` of both is pair `i`.

    Raises
    ------
    InputError
        A node is out of range, or the lengths differ.

    Notes
    -----
    One tree per distinct source and target, then O(n + m) per pair and a search for
    each link whose two bounds differ: none where every link runs both ways alike,
    about one in fifty on roads.

    References
    ----------
    Malik, Mittal & Gupta (1989), The k most vital arcs in the shortest path problem,
    Operations Research Letters 8. Hershberger & Suri (2001), Vickrey prices and
    shortest paths, FOCS, for undirected graphs; the bounds for directed ones and their
    repair are this module's own.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> losses = link_losses(build(2, [0, 0], [1, 1], [5, 3]), [0], [1])
    >>> losses.base.tolist(), losses.lost.tolist(), losses.cost.tolist()
    ([3], [1], [5])
    """
    lost_first = np.zeros(graph.arc_count + 1, dtype=np.int32)
    np.cumsum(graph.links >= 0, out=lost_first[1:])
    lost_of = graph.links[graph.links >= 0].astype(np.int32)
    things = _Things(lost_first, lost_of, *graph.members(), ~graph.doubled)
    spared = np.full(graph.node_count, NO_LINK, dtype=np.int32)
    return _losses(graph, sources, targets, things, spared, by_node=False)


def node_losses(
    graph: Csr,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    places: npt.ArrayLike | None = None,
) -> Losses:
    """Measure each pair after the loss of each node, or place, one at a time.

    Parameters
    ----------
    sources, targets
        Node numbers; entry `i` of both is pair `i`.
    places
        Per node the place it is part of: its nodes are lost together. -1: a node that
        cannot be lost. Left out, each node is its own place.

    Returns
    -------
    Losses
        `lost` holds places. The places of a pair's own ends are not lost.

    Notes
    -----
    As `link_losses`; places of several nodes take a search each.
    """
    count = graph.node_count
    if places is None:
        place: Ids = np.arange(count, dtype=np.int32)
    else:
        numbers = inputs.per_arc("places", places, count, low=-1, high=MAX_LINK)
        place = numbers.astype(np.int32)
    number = int(place.max()) + 1 if count else 0
    # a place takes along every arc out of and into its nodes
    at_tail, at_head = place[graph.tails], place[graph.heads]
    arcs = np.arange(graph.arc_count, dtype=np.int32)
    rows = np.concatenate([at_tail, at_head])
    both = np.concatenate([arcs, arcs])
    keep = rows >= 0
    keep[graph.arc_count :] &= at_tail != at_head
    order = np.argsort(rows[keep], kind="stable")
    first = np.zeros(number + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows[keep], minlength=number), out=first[1:])
    single = np.bincount(place[place >= 0], minlength=number) == 1
    own_first = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(place >= 0, out=own_first[1:])
    things = _Things(own_first, place[place >= 0], first, both[keep][order], single)
    return _losses(graph, sources, targets, things, place, by_node=True)


def group_losses(
    graph: Csr,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    groups: Sequence[npt.ArrayLike],
) -> Losses:
    """Measure each pair after the loss of each group of arcs, one at a time.

    Parameters
    ----------
    sources, targets
        Node numbers; entry `i` of both is pair `i`.
    groups
        Per group its arcs: numbers, or a bool per arc. Groups may overlap.

    Returns
    -------
    Losses
        `lost` holds positions in `groups`.

    Notes
    -----
    As `link_losses`, with a search for each group on a pair's path.
    """
    members = inputs.groups("groups", groups, graph.arc_count)
    sizes = [len(arcs) for arcs in members]
    first = np.zeros(len(members) + 1, dtype=np.int32)
    np.cumsum(sizes, out=first[1:])
    arcs = np.concatenate([np.empty(0, np.int64), *members]).astype(np.int32)
    group = np.repeat(np.arange(len(members), dtype=np.int32), sizes)
    order = np.argsort(arcs, kind="stable")
    of_first = np.zeros(graph.arc_count + 1, dtype=np.int32)
    np.cumsum(np.bincount(arcs, minlength=graph.arc_count), out=of_first[1:])
    things = _Things(
        of_first, group[order], first, arcs, np.array(sizes, dtype=np.int64) == 1
    )
    spared = np.full(graph.node_count, NO_LINK, dtype=np.int32)
    return _losses(graph, sources, targets, things, spared, by_node=False)


@dataclass(frozen=True, slots=True)
class _Things:
    """What can be lost: per arc (or node) its things, per thing its arcs."""

    of_first: Ids
    of: Ids
    first: Ids
    arcs: Ids
    is_single: npt.NDArray[np.bool_]


def _losses(
    graph: Csr,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    things: _Things,
    spared: Ids,
    *,
    by_node: bool,
) -> Losses:
    starts = inputs.nodes("sources", sources, graph)
    ends = inputs.nodes("targets", targets, graph)
    if len(starts) != len(ends):
        msg = f"sources and targets differ in length: {len(starts)}, {len(ends)}"
        raise InputError(msg)
    roots, row = np.unique(starts, return_inverse=True)
    goals, column = np.unique(ends, return_inverse=True)
    count = graph.node_count
    work = (len(roots) + len(goals) + len(starts)) * (count + graph.arc_count)
    fast = speed.is_worth_compiling(lose, work)
    out = _grow_all(graph, roots, reverse=False, fast=fast)
    back = _grow_all(graph, goals, reverse=True, fast=fast)
    tails, heads = graph.ends(fast=fast)
    pairs = [speed.sequence(array, fast=fast) for array in (starts, ends, row, column)]
    of_first = speed.sequence(things.of_first, fast=fast)
    base = speed.filled(len(starts), INFINITE, fast=fast)
    longest = speed.filled(1, 0, fast=fast)
    rows = speed.call(
        measure, fast, tails, heads, *pairs, *out[:2], of_first, by_node, base, longest
    )
    size = int(longest[0]) + 1
    levels = max(1, size.bit_length())
    found = [
        speed.filled(rows, 0, fast=fast, kind=np.int32),
        speed.filled(rows, 0, fast=fast, kind=np.int32),
        speed.filled(rows, INFINITE, fast=fast),
    ]
    written = speed.call(
        lose,
        fast,
        graph.star(fast=fast),
        tails,
        heads,
        *pairs,
        *out,
        *back,
        of_first,
        speed.sequence(things.of, fast=fast),
        speed.sequence(things.first, fast=fast),
        speed.sequence(things.arcs, fast=fast),
        speed.sequence(things.is_single.astype(np.int8), fast=fast),
        speed.filled(len(things.first), 0, fast=fast, kind=np.int32),
        speed.sequence(spared, fast=fast),
        by_node,
        speed.filled(count, 0, fast=fast, kind=np.int32),
        speed.filled(count, 0, fast=fast, kind=np.int32),
        speed.filled(size, 0, fast=fast, kind=np.int32),
        speed.filled(size, 0, fast=fast, kind=np.int32),
        speed.filled(size * levels, INFINITE, fast=fast),
        speed.filled(size * levels, INFINITE, fast=fast),
        size,
        speed.filled(graph.arc_count, 0, fast=fast, kind=np.int32),
        speed.filled(count, 0, fast=fast, kind=np.int32),
        scratch(count, fast=fast),
        *found,
    )
    bases = np.asarray(base, dtype=np.int64)
    costs = np.asarray(found[2][:written], dtype=np.int64)
    for array in (bases, costs):
        array[array >= INFINITE] = UNREACHED
    return Losses(
        bases,
        np.asarray(found[0][:written], dtype=np.int32),
        np.asarray(found[1][:written], dtype=np.int32),
        costs,
    )


def _grow_all(
    graph: Csr, roots: Ints, *, reverse: bool, fast: bool
) -> tuple[Any, Any, Any, Any]:
    """Grow a tree per root; return distances, arcs, orders (a row each) and counts."""
    count = graph.node_count
    distance = speed.table(len(roots), count, INFINITE, fast=fast)
    entering = speed.table(len(roots), count, -1, fast=fast, kind=np.int32)
    order = speed.table(len(roots), count, -1, fast=fast, kind=np.int32)
    reached = speed.filled(len(roots), 0, fast=fast)
    speed.call(
        grow_all,
        fast,
        graph.star(reverse=reverse, fast=fast),
        speed.sequence(roots, fast=fast),
        distance,
        entering,
        order,
        reached,
        *speed.queue(count, fast=fast),
    )
    return distance, entering, order, reached


@speed.loop
def grow_all(
    rows: Any,
    roots: Any,
    distance: Any,
    entering: Any,
    order: Any,
    reached: Any,
    heap: Any,
    place: Any,
) -> None:
    """Fill one tree per root."""
    for i in range(len(roots)):
        count = grow(
            rows, roots[i], -1, distance[i], entering[i], order[i], heap, place
        )
        reached[i] = count
        settled = order[i]
        for j in range(count):
            place[settled[j]] = OUT


@speed.loop
def measure(
    tails: Any,
    heads: Any,
    starts: Any,
    ends: Any,
    row: Any,
    column: Any,
    distance: Any,
    entering: Any,
    of_first: Any,
    by_node: bool,
    base: Any,
    longest: Any,
) -> int:
    """Measure each pair's path; return how many things lie on all of them at most."""
    total = 0
    for pair in range(len(starts)):
        start = starts[pair]
        node = ends[pair]
        base[pair] = distance[row[pair]][node]
        if base[pair] == INFINITE:
            continue
        into = entering[row[pair]]
        length = 0
        while node != start:
            arc = into[node]
            thing = node if by_node else arc
            total += of_first[thing + 1] - of_first[thing]
            node = tails[arc]
            length += 1
        longest[0] = max(longest[0], length)
    return total


@speed.loop
def lose(
    rows: Any,
    tails: Any,
    heads: Any,
    starts: Any,
    ends: Any,
    row: Any,
    column: Any,
    out_distance: Any,
    out_arc: Any,
    out_order: Any,
    out_reached: Any,
    back_distance: Any,
    back_arc: Any,
    back_order: Any,
    back_reached: Any,
    of_first: Any,
    of: Any,
    first: Any,
    arcs: Any,
    is_single: Any,
    seen: Any,
    spared: Any,
    by_node: bool,
    near: Any,
    far: Any,
    path: Any,
    stops: Any,
    low: Any,
    high: Any,
    size: int,
    lost_arc: Any,
    lost_node: Any,
    work: Any,
    pair_of: Any,
    thing_of: Any,
    cost_of: Any,
) -> int:
    """Fill one row per pair and thing on its path; return how many."""
    written = 0
    stamp = 0
    for pair in range(len(starts)):
        start = starts[pair]
        end = ends[pair]
        ahead = back_distance[column[pair]]
        onward = back_arc[column[pair]]
        if start == end or ahead[start] == INFINITE:
            continue
        length = trace(tails, heads, start, end, out_arc[row[pair]], path, stops)
        label(
            tails,
            length,
            stops,
            out_arc[row[pair]],
            out_order[row[pair]],
            out_reached[row[pair]],
            near,
        )
        label(
            heads,
            length,
            stops,
            onward,
            back_order[column[pair]],
            back_reached[column[pair]],
            far,
        )
        bound(
            rows,
            by_node,
            length,
            path,
            stops,
            out_distance[row[pair]],
            ahead,
            near,
            far,
            low,
            high,
            size,
        )
        for step in range(1 if by_node else 0, length):
            item = stops[step] if by_node else path[step]
            for i in range(of_first[item], of_first[item + 1]):
                thing = of[i]
                if seen[thing] == pair + 1:
                    continue
                if by_node and (thing == spared[start] or thing == spared[end]):
                    continue
                seen[thing] = pair + 1
                cost = low[step]
                if cost < INFINITE and (not is_single[thing] or cost < high[step]):
                    stamp += 1
                    for j in range(first[thing], first[thing + 1]):
                        lost_arc[arcs[j]] = stamp
                    limit = high[step] if is_single[thing] else INFINITE
                    cost, _ = search(
                        rows,
                        heads,
                        start,
                        end,
                        ahead,
                        onward,
                        lost_arc,
                        lost_node,
                        stamp,
                        limit,
                        work,
                    )
                pair_of[written] = pair
                thing_of[written] = thing
                cost_of[written] = cost
                written += 1
    return written


@speed.loop
def trace(
    tails: Any,
    heads: Any,
    start: int,
    end: int,
    entering: Any,
    path: Any,
    stops: Any,
) -> int:
    """Fill the arcs and the nodes of a tree path in order; return how many arcs."""
    length = 0
    node = end
    while node != start:
        length += 1
        node = tails[entering[node]]
    node = end
    stops[length] = end
    for i in range(length - 1, -1, -1):
        path[i] = entering[node]
        node = tails[path[i]]
        stops[i] = node
    return length


@speed.loop
def label(
    ends: Any, length: int, stops: Any, entering: Any, order: Any, count: int, mark: Any
) -> None:
    """Mark each node of a tree with the node of the path that its own path is at last.

    Away from the root that is the last on the way from it; in a reversed tree the
    first that the way on comes to. -1 where the tree does not reach.
    """
    for i in range(len(mark)):
        mark[i] = -1
    for i in range(length + 1):
        mark[stops[i]] = i
    for i in range(count):
        node = order[i]
        if mark[node] < 0:
            mark[node] = mark[ends[entering[node]]]


@speed.loop
def bound(
    rows: Any,
    by_node: bool,
    length: int,
    path: Any,
    stops: Any,
    out: Any,
    ahead: Any,
    near: Any,
    far: Any,
    low: Any,
    high: Any,
    size: int,
) -> None:
    """Bound the cost after losing each arc (or node) of a path, below and above.

    An arc from the near to the far side of a loss costs at least the sum of the two
    tree paths and itself: `low[i]` is the least such sum. Where the tree path on from
    its head meets the path beyond the loss, that sum is the cost of a true way round:
    `high[i]`. Each arc serves a range of losses; a sparse table takes the minima.
    """
    first, ends, costs, arcs = rows
    levels = 1
    while (1 << levels) <= length:
        levels += 1
    for level in range(levels):
        for i in range(length + 1):
            low[level * size + i] = INFINITE
            high[level * size + i] = INFINITE
    shift = 1 if by_node else 0
    for node in range(len(near)):
        since = near[node]
        if since < 0:
            continue
        for i in range(first[node], first[node + 1]):
            other = ends[i]
            until = near[other]
            if until <= since or far[other] < 0:
                continue
            if costs[i] >= INFINITE or arcs[i] == path[since]:
                continue
            total = out[node] + costs[i] + ahead[other]
            start = since + shift
            stop = until
            if by_node and stops[until] != other:
                stop = until + 1
            if start < stop:
                spread(low, size, start, stop, total)
            stop = min(stop, far[other])
            if start < stop:
                spread(high, size, start, stop, total)
    for level in range(levels - 1, 0, -1):
        half = 1 << (level - 1)
        for i in range(length + 1):
            here = level * size + i
            below = here - size
            low[below] = min(low[below], low[here])
            high[below] = min(high[below], high[here])
            if i + half <= length:
                low[below + half] = min(low[below + half], low[here])
                high[below + half] = min(high[below + half], high[here])


@speed.loop
def spread(table: Any, size: int, start: int, stop: int, value: int) -> None:
    """Lower a range of a sparse table to a value, as two runs of a power of two."""
    level = 0
    while (2 << level) <= stop - start:
        level += 1
    at = level * size + start
    table[at] = min(table[at], value)
    at = level * size + stop - (1 << level)
    table[at] = min(table[at], value)


def detours(graph: Csr) -> Ints:
    """Measure the way round each arc from its tail to its head, its link lost.

    Returns
    -------
    int64 array, shape (arcs,)
        `UNREACHED` (-1) where there is no way round, and for closed arcs.

    Notes
    -----
    A search from both ends per arc, mostly of a few nodes: O(m (n + m) log n) at worst.

    References
    ----------
    Pohl (1971), Bi-directional search, Machine Intelligence 6.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> detours(build(2, [0, 0], [1, 1], [5, 3])).tolist()
    [3, 5]
    """
    count = graph.node_count
    # a few searches go a long way round: the mean grows with the side of the map
    work = int(10 * graph.arc_count**1.5)
    fast = speed.is_worth_compiling(go_round, work)
    first, arcs = graph.members()
    found = speed.filled(graph.arc_count, INFINITE, fast=fast)
    tails, heads = graph.ends(fast=fast)
    speed.call(
        go_round,
        fast,
        graph.star(fast=fast),
        graph.star(reverse=True, fast=fast),
        tails,
        heads,
        speed.sequence(graph.links.copy(), fast=fast),
        speed.sequence(first, fast=fast),
        speed.sequence(arcs, fast=fast),
        speed.sequence(graph.closed.astype(np.int8), fast=fast),
        *_side(count, fast=fast),
        *_side(count, fast=fast),
        speed.filled(graph.arc_count, 0, fast=fast, kind=np.int32),
        found,
    )
    costs = np.asarray(found, dtype=np.int64)
    costs[costs >= INFINITE] = UNREACHED
    return costs


def _side(count: int, *, fast: bool) -> tuple[Any, ...]:
    """Return what one side of a search from both ends works on."""
    return (
        speed.filled(count, INFINITE, fast=fast),
        speed.filled(count, 0, fast=fast, kind=np.int32),
        *speed.queue(count, fast=fast),
    )


@speed.loop
def go_round(
    rows: Any,
    back: Any,
    tails: Any,
    heads: Any,
    links: Any,
    first: Any,
    arcs: Any,
    closed: Any,
    out: Any,
    out_touched: Any,
    out_heap: Any,
    out_place: Any,
    into: Any,
    into_touched: Any,
    into_heap: Any,
    into_place: Any,
    lost_arc: Any,
    found: Any,
) -> None:
    """Search from both ends of every arc, its link lost."""
    for arc in range(len(found)):
        if closed[arc]:
            continue
        stamp = arc + 1
        lost_arc[arc] = stamp
        link = links[arc]
        if link >= 0:
            for j in range(first[link], first[link + 1]):
                lost_arc[arcs[j]] = stamp
        if tails[arc] == heads[arc]:
            found[arc] = 0
            continue
        out_count = 1
        into_count = 1
        out[tails[arc]] = 0
        into[heads[arc]] = 0
        out_touched[0] = tails[arc]
        into_touched[0] = heads[arc]
        push(out_heap, out_place, out, tails[arc])
        push(into_heap, into_place, into, heads[arc])
        best = INFINITE
        out_at = 0
        into_at = 0
        # the side that has come less far goes on; each gives up where it is stuck
        while out_at + into_at < best:
            if out_at <= into_at:
                node = pop(out_heap, out_place, out)
                if node < 0:
                    break
                out_at = out[node]
                out_count, best = relax(
                    rows,
                    node,
                    lost_arc,
                    stamp,
                    best,
                    out,
                    into,
                    out_touched,
                    out_count,
                    out_heap,
                    out_place,
                )
            else:
                node = pop(into_heap, into_place, into)
                if node < 0:
                    break
                into_at = into[node]
                into_count, best = relax(
                    back,
                    node,
                    lost_arc,
                    stamp,
                    best,
                    into,
                    out,
                    into_touched,
                    into_count,
                    into_heap,
                    into_place,
                )
        found[arc] = best
        for i in range(out_count):
            out[out_touched[i]] = INFINITE
            out_place[out_touched[i]] = OUT
        for i in range(into_count):
            into[into_touched[i]] = INFINITE
            into_place[into_touched[i]] = OUT
        empty(out_heap, out_place)
        empty(into_heap, into_place)


@speed.loop
def relax(
    rows: Any,
    node: int,
    lost_arc: Any,
    stamp: int,
    best: int,
    near: Any,
    far: Any,
    touched: Any,
    count: int,
    heap: Any,
    place: Any,
) -> Any:
    """Take one node of one side on; return how many it touched and the best sum."""
    first, ends, costs, arcs = rows
    here = near[node]
    for i in range(first[node], first[node + 1]):
        if lost_arc[arcs[i]] == stamp:
            continue
        other = ends[i]
        new = here + costs[i]
        if new < near[other] and new < best:
            if near[other] == INFINITE:
                touched[count] = other
                count += 1
            near[other] = new
            push(heap, place, near, other)
            if new + far[other] < best:
                best = new + far[other]
    return count, best
