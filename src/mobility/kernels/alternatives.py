"""Paths after the best: the next best ones, or ones that differ from each other."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.kernels import inputs, speed
from mobility.kernels.csr import INFINITE
from mobility.kernels.repair import scratch, search
from mobility.kernels.shortest import tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from mobility.kernels.csr import Csr
    from mobility.kernels.shortest import Tree

    Ints = npt.NDArray[np.int64]

MAX_PATHS = 2**31 - 1


def k_shortest(graph: Csr, source: int, target: int, k: int) -> list[list[int]]:
    """Find the k shortest paths without a repeated node.

    Parallel arcs make different paths.

    Returns
    -------
    list of list of int
        Arcs in order of travel; shortest first, ties by arc numbers. Fewer than k where
        no more exist. Of paths that tie with the last, any may be left out.

    Raises
    ------
    InputError
        A node is out of range, source and target are one, or k is below 1.

    Notes
    -----
    Yen's algorithm, where each search is led by the distances to the target in the
    whole graph and ends at the first node from which the old path is free: O(k n) short
    searches, O(k n (n + m) log n) at worst.

    References
    ----------
    Yen (1971), Finding the k shortest loopless paths in a network, Management Science
    17. Lawler (1972), Management Science 18, for the nodes not to search from again.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> k_shortest(build(2, [0, 0], [1, 1], [5, 3]), 0, 1, 9)
    [[1], [0]]
    """
    return [arcs for _, arcs in sorted(_by_weight(graph, source, target, k))]


def _by_weight(
    graph: Csr, source: int, target: int, k: int
) -> list[tuple[int, list[int]]]:
    """Return the k shortest loopless paths as (weight, arcs)."""
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    towards = tree(graph, target, reverse=True)
    if towards.distance[source] < 0:
        return []
    # a search per node of each path, of a tenth of the graph each
    work = k * 5 * (graph.node_count + graph.arc_count)
    fast = speed.is_worth_compiling(deviate, work)
    potential = np.where(towards.distance < 0, INFINITE, towards.distance)
    count = graph.node_count
    tails, heads = graph.ends(fast=fast)
    fixed = (
        graph.star(fast=fast),
        tails,
        heads,
        speed.sequence(graph.costs.copy(), fast=fast),
        target,
        speed.sequence(potential, fast=fast),
        speed.sequence(towards.arc.copy(), fast=fast),
    )
    work_on = (
        speed.filled(graph.arc_count, 0, fast=fast, kind=np.int32),
        speed.filled(count, 0, fast=fast, kind=np.int32),
        scratch(count, fast=fast),
    )
    first = _follow(towards, graph, source)
    found: list[tuple[int, list[int]]] = []
    queue = [(int(towards.distance[source]), first, 0)]
    known = {tuple(first)}
    stamp = 0
    # as many candidates as are still wanted, by weight: what is beyond cannot be used
    while queue and len(found) < k:
        weight, arcs, since = heappop(queue)
        found.append((weight, arcs))
        if len(found) == k:
            break
        length = len(arcs)
        # per node of the path the arcs that earlier paths with the same start take
        used_first, used = _taken([path for _, path in found], arcs, since)
        new_cost = speed.filled(length, INFINITE, fast=fast)
        new_length = speed.filled(length, 0, fast=fast, kind=np.int32)
        new_arcs = speed.filled((length - since) * count, 0, fast=fast, kind=np.int32)
        wanted = k - len(found)
        limit = _limit(queue, wanted)
        speed.call(
            deviate,
            fast,
            *fixed,
            speed.sequence(np.array(arcs, dtype=np.int32), fast=fast),
            since,
            speed.sequence(used_first, fast=fast),
            speed.sequence(used, fast=fast),
            limit,
            stamp,
            *work_on,
            new_cost,
            new_length,
            new_arcs,
        )
        stamp += length
        for step in range(since, length):
            if new_cost[step] >= INFINITE:
                continue
            at = (step - since) * count
            more = [int(a) for a in new_arcs[at : at + int(new_length[step])]]
            candidate = [*arcs[:step], *more]
            if tuple(candidate) not in known:
                known.add(tuple(candidate))
                heappush(queue, (int(new_cost[step]), candidate, step))
    return found


def _limit(queue: list[tuple[int, list[int], int]], wanted: int) -> int:
    """Return a weight from which on a new candidate could not be among those wanted."""
    if len(queue) < wanted:
        return INFINITE
    return sorted(weight for weight, *_ in queue)[wanted - 1] + 1


def _taken(
    found: Sequence[Sequence[int]], arcs: Sequence[int], since: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """List per node of a path the arcs by which found paths leave it, same so far."""
    rows: list[set[int]] = [set() for _ in arcs]
    for path in found:
        for step in range(min(len(path), len(arcs))):
            if step >= since:
                rows[step].add(path[step])
            if path[step] != arcs[step]:
                break
    first = np.zeros(len(arcs) + 1, dtype=np.int32)
    np.cumsum([len(row) for row in rows], out=first[1:])
    return first, np.array([a for row in rows for a in sorted(row)], dtype=np.int32)


def _follow(towards: Tree, graph: Csr, node: int) -> list[int]:
    arcs = []
    while node != towards.root:
        arcs.append(int(towards.arc[node]))
        node = int(graph.heads[arcs[-1]])
    return arcs


@speed.loop
def deviate(
    rows: Any,
    tails: Any,
    heads: Any,
    cost: Any,
    target: int,
    potential: Any,
    onward: Any,
    path: Any,
    since: int,
    used_first: Any,
    used: Any,
    limit: int,
    stamp: int,
    lost_arc: Any,
    lost_node: Any,
    work: Any,
    new_cost: Any,
    new_length: Any,
    new_arcs: Any,
) -> None:
    """Search from each node of a path on, `since` a step, for one that leaves it there.

    Fills the whole cost, and the arcs from that node on, one block of as many entries
    as there are nodes each.
    """
    came = work[2]
    size = len(potential)
    before = 0
    for step in range(len(path)):
        spur = tails[path[step]]
        stamp += 1
        if step >= since:
            for i in range(step):
                lost_node[tails[path[i]]] = stamp
            for i in range(used_first[step], used_first[step + 1]):
                lost_arc[used[i]] = stamp
            found, end = search(
                rows,
                heads,
                spur,
                target,
                potential,
                onward,
                lost_arc,
                lost_node,
                stamp,
                limit - before,
                work,
            )
            if end >= 0:
                new_cost[step] = before + found
                count = 0
                node = end
                while node != spur:
                    count += 1
                    node = tails[came[node]]
                at = (step - since) * size
                node = end
                for i in range(count - 1, -1, -1):
                    new_arcs[at + i] = came[node]
                    node = tails[came[node]]
                node = end
                while node != target:
                    new_arcs[at + count] = onward[node]
                    count += 1
                    node = heads[onward[node]]
                new_length[step] = count
        before += cost[path[step]]


def different(
    graph: Csr,
    source: int,
    target: int,
    k: int,
    *,
    groups: Sequence[int] | None = None,
    places: Sequence[int] | None = None,
    overlap: float = 0.5,
) -> list[list[int]]:
    """Find up to k paths, each sharing little with those before it.

    The first is a shortest path. Each further one is the shortest *single-via path*
    (a shortest path to some arc, the arc, a shortest path onward) that comes to no
    place twice, and of whose weight at most `overlap` lies on groups of an earlier one.

    Parameters
    ----------
    groups
        Per arc the thing it stands for, such as the road it is one direction of;
        negative: arcs that do not count as shared. Left out, the graph's links.
    places
        Per node the place it belongs to: nodes of one place in a row are one visit, and
        no path visits a place twice. Left out, every node is a place.
    overlap
        Largest share of a path's weight on groups of any one earlier path, 0 to 1.

    Returns
    -------
    list of list of int
        Arcs in order of travel; the shortest path first, then by weight. Fewer than k
        where no more exist among single-via paths.

    Raises
    ------
    InputError
        A node is out of range, source and target are one, k is below 1, a group or
        place is missing, or the overlap is no share.

    Notes
    -----
    Two trees and a pass over the arcs: O((n + m) log n) plus the paths looked at. The
    shortest paths of limited overlap are hard to find exactly; single-via paths are
    the customary compromise.

    References
    ----------
    Abraham, Delling, Goldberg & Werneck (2013), Alternative routes in road networks,
    ACM Journal of Experimental Algorithmics 18.
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    overlap = inputs.share("overlap", overlap)
    group = (
        graph.links
        if groups is None
        else inputs.per_arc("groups", groups, graph.arc_count, low=-(2**62), high=2**62)
    ).tolist()
    at: Sequence[int] = range(graph.node_count)
    if places is not None:
        at = inputs.per_arc(
            "places", places, graph.node_count, low=-(2**62), high=2**62
        ).tolist()
    weights = graph.weights.tolist()
    chosen: list[list[int]] = []
    used: list[set[int]] = []
    for arcs in _single_via(graph, source, target, at):
        if all(_shared(weights, arcs, group, taken) <= overlap for taken in used):
            chosen.append(arcs)
            used.append({group[arc] for arc in arcs if group[arc] >= 0})
            if len(chosen) == k:
                break
    return chosen


def _single_via(
    graph: Csr, source: int, target: int, places: Sequence[int]
) -> Iterator[list[int]]:
    """Yield the loopless single-via paths by weight, each once."""
    out = tree(graph, source)
    back = tree(graph, target, reverse=True)
    if out.distance[target] < 0:
        return
    tails, heads = graph.ends(fast=False)
    into, onward = out.arc.tolist(), back.arc.tolist()

    def through(arc: int | None, tail: int, head: int) -> list[int]:
        before = []
        while tail != source:
            before.append(into[tail])
            tail = tails[into[tail]]
        arcs = before[::-1] if arc is None else [*before[::-1], arc]
        while head != target:
            arcs.append(onward[head])
            head = heads[onward[head]]
        return arcs

    best = through(None, target, target)
    yield best
    seen = {tuple(best)}
    before, after = out.distance[graph.tails], back.distance[graph.heads]
    open_arcs = np.flatnonzero((before >= 0) & (after >= 0) & ~graph.closed)
    totals = (before + graph.weights + after)[open_arcs]
    for arc in open_arcs[np.argsort(totals, kind="stable")].tolist():
        arcs = through(arc, tails[arc], heads[arc])
        key = tuple(arcs)
        nodes = [source, *(heads[arc] for arc in arcs)]
        if key not in seen and _is_loopless(nodes, places):
            seen.add(key)
            yield arcs


def _is_loopless(nodes: Sequence[int], places: Sequence[int]) -> bool:
    visits = [place for place, _ in groupby(places[node] for node in nodes)]
    return len(nodes) == len(set(nodes)) and len(visits) == len(set(visits))


def _shared(
    weights: Sequence[int], arcs: Sequence[int], groups: Sequence[int], taken: set[int]
) -> float:
    """Share of a path's weight that lies on groups taken before."""
    total = sum(weights[arc] for arc in arcs)
    shared = sum(weights[arc] for arc in arcs if groups[arc] in taken)
    return shared / total if total else 1.0
