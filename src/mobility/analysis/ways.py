"""The best way of every pair of places, what it rests on, and the choice beside it.

What a comparison of networks asks of each of them; a tree for each origin finds it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mobility.analysis.pairs import PairGraph, join
from mobility.data.rows import corridors_of
from mobility.errors import InputError
from mobility.kernels.csr import Csr, build
from mobility.kernels.disjoint import MAX_PATHS, link_disjoint
from mobility.kernels.shortest import Tree, path, tree
from mobility.model import Basis
from mobility.network.arcs import MM_PER_KM, MS_PER_H, NO_LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import numpy.typing as npt
    import pandas as pd

    from mobility.network.build import Network

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

ITEMS = ("corridors", "countries", "crossings", "modes")


@dataclass(frozen=True, eq=False)
class Ways:
    """The quickest way of each pair; all arrays are numbered as the pairs.

    Attributes
    ----------
    network
        What may be used.
    joined
        The network with the ends of pairs.
    behind
        By source of the joined graph the tree from it.
    time_ms : int64 array, shape (pairs,)
        Milliseconds, without the rests of drivers; -1 where there is no way.
    arcs
        Per pair the arcs of the network, in order of travel; None where there is none.
    """

    network: Network
    joined: PairGraph
    behind: Mapping[int, Tree]
    time_ms: Ints
    arcs: tuple[tuple[int, ...] | None, ...]

    @property
    def time_h(self) -> Floats:
        """Hours per pair; inf where there is no way."""
        return np.where(self.time_ms < 0, math.inf, self.time_ms / MS_PER_H)

    @cached_property
    def length_km(self) -> Floats:
        """Kilometres per pair; NaN where there is no way."""
        mm = self.network.length_mm
        sums = [
            math.nan if way is None else float(mm[list(way)].sum()) for way in self.arcs
        ]
        return np.array(sums) / MM_PER_KM

    @cached_property
    def links(self) -> tuple[tuple[int, ...], ...]:
        """Per pair the positions of its links in `link_ids`; none without a way."""
        of = self.network.link_of
        return tuple(
            tuple(int(of[arc]) for arc in way or () if of[arc] != NO_LINK)
            for way in self.arcs
        )


def best_ways(
    network: Network, pairs: pd.DataFrame, *, lost: Iterable[int] = ()
) -> Ways:
    """Find the quickest way of each pair.

    Parameters
    ----------
    pairs
        As `check_pairs` returns them.
    lost
        Positions in `link_ids` of links that may not be used.
    """
    joined = join(network, pairs)
    gone = np.isin(joined.graph.links, list(lost)) & (joined.graph.links >= 0)
    if gone.any():
        joined = replace(joined, graph=joined.graph.without(gone))
    graph, last = joined.graph, len(network.link_of)
    behind = {s: tree(graph, s) for s in sorted(set(joined.sources.tolist()))}
    ends = list(zip(joined.sources.tolist(), joined.targets.tolist(), strict=True))
    found = (path(graph, behind[start], end) for start, end in ends)
    return Ways(
        network,
        joined,
        behind,
        np.array([behind[start].distance[end] for start, end in ends], dtype=np.int64),
        tuple(
            None if way is None else tuple(arc for arc in way if arc < last)
            for way in found
        ),
    )


def spread(ways: Ways, weights: Floats, items: str) -> dict[str, float]:
    """Return how much of all best ways lies on each item, weighted.

    Parameters
    ----------
    weights : float array, shape (pairs,)
        What each pair counts.
    items
        `corridors`, `countries` or `modes`: kilometres; a link on several counts for
        each in equal parts, and empty is what lies on no corridor. `crossings`: how
        often each is passed.

    Raises
    ------
    InputError
        `items` is none of these.
    """
    if items not in ITEMS:
        msg = f"items {items!r} is none of {', '.join(ITEMS)}"
        raise InputError(msg)
    found: dict[str, float] = defaultdict(float)
    parts = _passed if items == "crossings" else _kilometres(items)
    for arc, weight in _driven(ways, weights):
        for item, part in parts(ways.network, arc):
            found[item] += weight * part
    return dict(sorted(found.items()))


def _driven(ways: Ways, weights: Floats) -> Iterator[tuple[int, float]]:
    """Yield each arc of a best way, and the weight of the pairs that use it."""
    total = np.zeros(len(ways.network.link_of))
    for way, weight in zip(ways.arcs, weights.tolist(), strict=True):
        total[list(way or ())] += weight
    for arc in np.flatnonzero(total).tolist():
        yield arc, float(total[arc])


def _passed(network: Network, arc: int) -> Iterator[tuple[str, float]]:
    """Yield the border crossing that an arc passes."""
    if (key := network.crossing_of(arc)) is not None:
        yield key[0], 1.0


def _kilometres(
    items: str,
) -> Callable[[Network, int], Iterator[tuple[str, float]]]:
    """Return what yields the kilometres of an arc on each item."""

    def parts(network: Network, arc: int) -> Iterator[tuple[str, float]]:
        number = int(network.link_of[arc])
        if number == NO_LINK:
            return
        row = network.rows[number]
        named = {
            "corridors": corridors_of(row) or ("",),
            "countries": tuple(str(row["country"]).split("-")),
            "modes": (str(row["mode"]),),
        }[items]
        km = int(network.length_mm[arc]) / MM_PER_KM
        for item in named:
            yield item, km / len(named)

    return parts


def effective(amounts: Mapping[str, float]) -> float:
    """Return on how many items amounts lie, effectively: 1/HHI of their shares.

    What is named by nothing is left aside; NaN where nothing else is left.

    Examples
    --------
    >>> effective({"x": 2.0, "viii": 2.0, "": 9.0})
    2.0
    """
    named = np.array([amount for item, amount in amounts.items() if item])
    if not named.sum() > 0:
        return math.nan
    shares = named / named.sum()
    return 1 / float((shares**2).sum())


def assumed_share(ways: Ways, weights: Floats) -> float:
    """Return the weighted share of kilometres whose length is assumed; NaN of none."""
    network = ways.network
    km = assumed = 0.0
    for arc, weight in _driven(ways, weights):
        number = int(network.link_of[arc])
        if number == NO_LINK:
            continue
        length = weight * int(network.length_mm[arc])
        km += length
        if network.length_basis[number] in (None, Basis.ASSUMED):
            assumed += length
    return assumed / km if km else math.nan


def count_choices(ways: Ways, most_ms: Ints) -> Ints:
    """Count the routes that each pair may choose from, none of them sharing a link.

    Parameters
    ----------
    most_ms : int64 array, shape (pairs,)
        How long they may take.

    Returns
    -------
    int64 array, shape (pairs,)
        The greatest number of routes that share no link, use only links on some route
        that is short enough, and are short enough on average: what is added to a
        network never lowers it. 0 where no route is short enough.

    Notes
    -----
    Links of kind `access`, which tie a port or base to the network, may be shared where
    they alone make no route: the one road of a port would hide every choice behind it.
    Where trains reverse, a railway may serve two routes against each other. The mean of
    routes of least total grows with their number, so that the number is exact.
    """
    network, joined = ways.network, ways.joined
    graph = joined.graph
    own = _own_links(graph, _is_access(network, graph))
    strict = _own_links(graph, np.zeros(graph.arc_count, dtype=bool))
    ahead = {
        t: tree(graph, t, reverse=True) for t in sorted(set(joined.targets.tolist()))
    }
    found = np.zeros(len(ways.arcs), dtype=np.int64)
    ends = zip(joined.sources.tolist(), joined.targets.tolist(), strict=True)
    for pair, (start, end) in enumerate(ends):
        most = int(most_ms[pair])
        if not 0 <= ways.time_ms[pair] <= most:
            continue
        before = ways.behind[start].distance[graph.tails]
        after = ahead[end].distance[graph.heads]
        near = (before >= 0) & (after >= 0) & (before + graph.weights + after <= most)
        near &= ~graph.closed
        kept = np.flatnonzero(near)
        count = _count(graph, own, kept, (start, end), most)
        if count == MAX_PATHS:
            count = _count(graph, strict, kept, (start, end), most)
        found[pair] = count
    return found


def _is_access(network: Network, graph: Csr) -> Bools:
    """Return per arc whether it ties a port or base to the network."""
    kinds = [row["kind"] == "access" for row in network.rows]
    return np.array([*kinds, False], dtype=bool)[graph.links]


def _own_links(graph: Csr, shared: Bools) -> Ints:
    """Return per arc what no two routes may share: its link, in any direction.

    Where the arcs of a link join other nodes each way, the arc itself.
    """
    own = np.where(shared, NO_LINK, graph.links)
    parted = (own >= 0) & np.append(graph.scattered, False)[own]
    return np.where(parted, graph.link_count + np.arange(graph.arc_count), own)


def _count(graph: Csr, own: Ints, kept: Ints, ends: tuple[int, int], most: int) -> int:
    """Count routes on the arcs kept, drawn up as a graph of their own."""
    size = len(kept)
    nodes = np.concatenate([graph.tails[kept], graph.heads[kept], ends])
    names, node = np.unique(nodes, return_inverse=True)
    links = np.full(size, NO_LINK)
    is_own = own[kept] >= 0
    links[is_own] = np.unique(own[kept][is_own], return_inverse=True)[1]
    tails, heads, (source, target) = node[:size], node[size:-2], node[-2:].tolist()
    small = build(len(names), tails, heads, graph.weights[kept], links=links)
    number = MAX_PATHS
    while True:
        found = link_disjoint(small, source, target, number)
        number = len(found.paths)
        if found.total <= number * most:
            return number
        number -= 1
