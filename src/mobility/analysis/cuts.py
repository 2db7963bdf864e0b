"""How many ways share no link or no place, and what is in the minimum cuts of pairs.

For many pairs of one network: the nodes of a place between which one can change both
ways are drawn together, once for all pairs, and the two directions of a link join the
same two nodes again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mobility.kernels.apart import group_disjoint, place_disjoint
from mobility.kernels.csr import Csr, build
from mobility.kernels.disjoint import MAX_PATHS, take_apart
from mobility.kernels.flow import max_flow, most, split
from mobility.kernels.replacement import detours
from mobility.network.arcs import NO_LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from mobility.analysis.pairs import PairGraph

    Ints = npt.NDArray[np.int64]

# per pair what is in some, and what is in every, minimum cut
Cuts = tuple[list[int], list[int]]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A network with its places drawn together, to ask about its pairs.

    Attributes
    ----------
    joined
        The network as it is.
    graph
        Its links and one-way changes between what was drawn together.
    arcs : int64 array, shape (arcs of `graph`,)
        The arc of `joined` each stands for.
    part : int64 array, shape (nodes of `joined`,)
        The node of `graph` each is in.
    place : int64 array, shape (nodes of `graph`,)
        The place each is part of.
    """

    joined: PairGraph
    graph: Csr
    arcs: Ints
    part: Ints
    place: Ints

    @cached_property
    def link_capacities(self) -> Ints:
        """Per arc 1 if it is a link, else more than all links together."""
        is_link = self.graph.links != NO_LINK
        return np.where(is_link, 1, self.graph.link_count + 1)

    @cached_property
    def wide(self) -> Csr:
        """The graph with each node split in two."""
        return split(self.graph)

    def ends(self, pair: int) -> tuple[int, int]:
        """Return source and target of a pair."""
        joined = self.joined
        return (
            int(self.part[joined.sources[pair]]),
            int(self.part[joined.targets[pair]]),
        )

    def own(self, pair: int) -> npt.NDArray[np.bool_]:
        """Return per node whether it is at an end of a pair, and not lost to it."""
        source, target = self.ends(pair)
        found = (self.place == self.place[source]) | (self.place == self.place[target])
        return np.asarray(found, dtype=bool)

    def place_capacities(self, own: npt.NDArray[np.bool_]) -> Ints:
        """Per arc of the split graph 1 if it is a place that can be lost, else more."""
        endless = self.graph.node_count + 1
        through = np.where(own, endless, 1)
        return np.concatenate([np.full(self.graph.arc_count, endless), through])

    def are_real(self, paths: Sequence[Sequence[int]]) -> bool:
        """Whether the network too leads from arc to arc of paths of the graph."""
        tails, heads = self.joined.graph.tails, self.joined.graph.heads
        return all(
            self._leads(int(heads[before]), int(tails[after]))
            for path in paths
            # the first and the last lead from the source and to the target anywhere
            for before, after in pairwise(self.arcs[path[1:-1]].tolist())
        )

    def _leads(self, start: int, goal: int) -> bool:
        """Whether one node leads to another of its part."""
        seen, stack = {start}, [start]
        while stack and goal not in seen:
            ahead = self._onward.get(stack.pop(), [])
            stack += [node for node in ahead if node not in seen]
            seen.update(ahead)
        return goal in seen

    @cached_property
    def _onward(self) -> dict[int, list[int]]:
        whole = self.joined.graph
        inner = np.flatnonzero(self.part[whole.tails] == self.part[whole.heads])
        found: dict[int, list[int]] = {}
        for tail, head in zip(
            whole.tails[inner].tolist(), whole.heads[inner].tolist(), strict=True
        ):
            found.setdefault(tail, []).append(head)
        return found


def draw_together(joined: PairGraph) -> Drawn:
    """Make one node of all nodes of a place between which one can change both ways.

    The tracks of a railway at a place count as one: a train can go on from any to any
    other, and no way is the shorter for going back where it came from.
    """
    whole = joined.graph
    tails, heads = joined.spots[whole.tails], joined.spots[whole.heads]
    is_change = whole.links == NO_LINK
    inner = is_change & (joined.places[whole.tails] == joined.places[whole.heads])
    size = int(joined.spots.max()) + 1
    change = coo_array(
        (np.ones(int(inner.sum())), (tails[inner], heads[inner])), shape=(size, size)
    )
    count, found = connected_components(change, connection="strong")
    part = found.astype(np.int64)[joined.spots]
    tails, heads = part[whole.tails], part[whole.heads]
    # many changes between two parts are as good as one
    keys = np.where(is_change, tails * count + heads, -1 - np.arange(whole.arc_count))
    _, first = np.unique(keys, return_index=True)
    arcs = np.sort(first[tails[first] != heads[first]])
    graph = build(
        int(count),
        tails[arcs],
        heads[arcs],
        np.zeros(len(arcs), dtype=np.int64),
        links=whole.links[arcs],
    )
    place = np.zeros(int(count), dtype=np.int64)
    place[part] = joined.places
    return Drawn(joined, graph, arcs.astype(np.int64), part, place)


def count_links(drawn: Drawn, pair: int) -> int:
    """Count the ways of a pair that share no link."""
    graph, ends = drawn.graph, drawn.ends(pair)
    value, flow = most(graph, drawn.link_capacities, *ends)
    if drawn.are_real(take_apart(graph, flow, *ends)):
        return value
    joined = drawn.joined
    whole = int(joined.sources[pair]), int(joined.targets[pair])
    return len(group_disjoint(joined.graph, *whole, (), MAX_PATHS).paths)


def count_places(drawn: Drawn, pair: int) -> int:
    """Count the ways of a pair that share no place between its ends, and no link."""
    graph, own = drawn.graph, drawn.own(pair)
    source, target = drawn.ends(pair)
    capacities = drawn.place_capacities(own)
    straight = own[graph.tails] & own[graph.heads] & (graph.links != NO_LINK)
    capacities[: graph.arc_count][straight] = 1
    value, flow = most(drawn.wide, capacities, source, target + graph.node_count)
    paths = take_apart(graph, flow[: graph.arc_count], source, target)
    visits = [drawn.place[graph.heads[path]] for path in paths]
    between = [set(v.tolist()) - set(drawn.place[own].tolist()) for v in visits]
    is_once = sum(map(len, between)) == len(set().union(*between))
    if is_once and drawn.are_real(paths):
        return value
    joined = drawn.joined
    whole = int(joined.sources[pair]), int(joined.targets[pair])
    at_ends = np.isin(joined.places, joined.places[list(whole)])
    places = np.where(at_ends, -1, joined.places)
    return len(place_disjoint(joined.graph, *whole, places, MAX_PATHS).paths)


def detours_of(joined: PairGraph) -> Ints:
    """Measure the way round each link, from anywhere at its one end to the other.

    Returns
    -------
    int64 array, shape (arcs,)
        Per arc in milliseconds, as `detours`: on which track a train leaves the one end
        and reaches the other is left to it.
    """
    graph, spots = joined.graph, joined.spots
    far = (graph.links != NO_LINK) & graph.scattered[graph.links]
    arcs = np.flatnonzero(far)
    if not len(arcs):
        return detours(graph)
    # per spot a node that leads to all its tracks, and one to which all lead
    size, count = graph.node_count, int(spots.max()) + 1
    start, goal = size + spots, size + count + spots
    nodes = np.arange(size)
    joints = np.zeros(2 * size, dtype=np.int64)
    wide = build(
        size + 2 * count,
        np.concatenate([graph.tails, start[graph.tails[arcs]], start, nodes]),
        np.concatenate([graph.heads, goal[graph.heads[arcs]], nodes, goal]),
        np.concatenate([graph.weights, graph.weights[arcs], joints]),
        links=np.concatenate([graph.links, graph.links[arcs], joints + NO_LINK]),
    )
    found = detours(wide)
    found[arcs] = found[graph.arc_count : graph.arc_count + len(arcs)]
    return found[: graph.arc_count]


def link_cuts(
    drawn: Drawn, pairs: pd.DataFrame, lost: pd.DataFrame, ids: Sequence[str]
) -> pd.DataFrame:
    """Tell how many pairs have each link in a minimum cut.

    Each link counts 1; crossings and changes of mode cannot be cut.

    Parameters
    ----------
    pairs, lost
        `Bottlenecks.pairs` and `Bottlenecks.lost_links`.
    ids
        All links, by number.

    Returns
    -------
    pandas.DataFrame
        Indexed by `ids`: `in_cuts` and `in_every_cut`, shares of the weight of pairs
        that have a way: those of which it is in some, and in every, minimum cut.
    """
    graph = drawn.graph

    def search(pair: int) -> Cuts:
        found = max_flow(graph, drawn.link_capacities, *drawn.ends(pair))
        some, every = (
            np.unique(graph.links[arcs]).tolist()
            for arcs in (found.some_arcs, found.every_arcs)
        )
        return some, every

    return _shares(pairs, lost, ids, search)


def place_cuts(drawn: Drawn, pairs: pd.DataFrame, lost: pd.DataFrame) -> pd.DataFrame:
    """Tell how many pairs have each place in a minimum cut of places.

    Each place counts 1, and the ends of a pair cannot be cut: a pair joined by one link
    has no cut. Parts of a place between which nobody can change count 1 each where it
    takes more than one place to cut a pair: a cut may then be smaller than found.

    Parameters
    ----------
    pairs, lost
        `Bottlenecks.pairs` and `Bottlenecks.lost_places`.

    Returns
    -------
    pandas.DataFrame
        Indexed by `joined.place_ids`, as `link_cuts` returns it.
    """
    count, arcs = drawn.graph.node_count, drawn.graph.arc_count

    def search(pair: int) -> Cuts:
        source, target = drawn.ends(pair)
        capacities = drawn.place_capacities(drawn.own(pair))
        found = max_flow(drawn.wide, capacities, source, target + count)
        if found.value > count:
            return [], []
        some, every = (
            np.unique(drawn.place[numbers[numbers >= arcs] - arcs]).tolist()
            for numbers in (found.some_arcs, found.every_arcs)
        )
        return some, every

    return _shares(pairs, lost, drawn.joined.place_ids, search)


def _shares(
    pairs: pd.DataFrame,
    lost: pd.DataFrame,
    ids: Sequence[str],
    search: Callable[[int], Cuts],
) -> pd.DataFrame:
    """Add up what is in the minimum cuts of each pair that has a way."""
    number = {name: i for i, name in enumerate(ids)}
    # where one thing cuts a pair off, the things that do are its minimum cuts
    alone = lost[np.isinf(lost["loss_h"])].groupby("pair")["lost"]
    cut_by = {pair: [number[name] for name in names] for pair, names in alone}
    weights = pairs["weight"].to_numpy()
    has_way = np.isfinite(pairs["time_h"].to_numpy())
    shares = np.zeros((2, len(number)))
    for pair in np.flatnonzero(has_way).tolist():
        if pair in cut_by:
            some = cut_by[pair]
            every = some if len(some) == 1 else []
        else:
            some, every = search(pair)
        shares[0, some] += weights[pair]
        shares[1, every] += weights[pair]
    shares /= weights[has_way].sum()
    return pd.DataFrame(shares.T, index=list(ids), columns=["in_cuts", "in_every_cut"])
