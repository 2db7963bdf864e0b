"""Paths that differ from each other, best first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from mobility.kernels.shortest import UNREACHED, path, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mobility.kernels.csr import Csr


def different(
    graph: Csr,
    source: int,
    target: int,
    k: int,
    *,
    groups: Sequence[int],
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
        negative: arcs that do not count as shared.
    places
        Per node the place it belongs to: nodes of one place in a row are one visit, and
        no path visits a place twice. By default every node is a place.
    overlap
        Largest share of a path's weight on groups of any one earlier path, 0 to 1.

    Returns
    -------
    list of list of int
        Arcs in order of travel; the shortest path first, then by weight. Fewer than k
        where no more exist among single-via paths.

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
    chosen: list[list[int]] = []
    used: list[set[int]] = []
    at = range(graph.node_count) if places is None else places
    for arcs in _single_via(graph, source, target, at):
        if all(_shared(graph, arcs, groups, taken) <= overlap for taken in used):
            chosen.append(arcs)
            used.append({groups[arc] for arc in arcs} - {-1})
            if len(chosen) == k:
                break
    return chosen


def _single_via(
    graph: Csr, source: int, target: int, places: Sequence[int]
) -> Iterator[list[int]]:
    """Yield the loopless single-via paths by weight, each once."""
    out = tree(graph, source)
    back = tree(graph, target, reverse=True)
    best = path(graph, out, target)
    if best is None:
        return
    yield best
    seen = {tuple(best)}
    ends = zip(
        graph.tails.tolist(), graph.heads.tolist(), graph.weights.tolist(), strict=True
    )
    totals = [
        (out.distance[tail] + weight + back.distance[head], arc)
        for arc, (tail, head, weight) in enumerate(ends)
        if UNREACHED not in (out.distance[tail], back.distance[head])
    ]
    for _, arc in sorted(totals):
        before = path(graph, out, int(graph.tails[arc]))
        after = path(graph, back, int(graph.heads[arc]))
        if before is None or after is None:  # cannot be: both ends are reached
            continue
        arcs = [*before, arc, *after]
        key = tuple(arcs)
        if key not in seen and _loopless(graph, arcs, places):
            seen.add(key)
            yield arcs


def _loopless(graph: Csr, arcs: Sequence[int], places: Sequence[int]) -> bool:
    nodes = [int(graph.tails[arcs[0]]), *(int(graph.heads[arc]) for arc in arcs)]
    visits = [place for place, _ in groupby(places[node] for node in nodes)]
    return len(nodes) == len(set(nodes)) and len(visits) == len(set(visits))


def _shared(
    graph: Csr, arcs: Sequence[int], groups: Sequence[int], taken: set[int]
) -> float:
    """Share of a path's weight that lies on groups taken before."""
    total = sum(int(graph.weights[arc]) for arc in arcs)
    shared = sum(int(graph.weights[arc]) for arc in arcs if groups[arc] in taken)
    return shared / total if total else 1.0
