"""Which links, and which places, are in the minimum cuts of many pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mobility.kernels.csr import Csr, build
from mobility.kernels.flow import max_flow, split
from mobility.network.arcs import NO_LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from mobility.analysis.pairs import PairGraph

    Ints = npt.NDArray[np.int64]

# per pair what is in some, and what is in every, minimum cut
Cuts = tuple[list[int], list[int]]


def link_cuts(
    joined: PairGraph, pairs: pd.DataFrame, lost: pd.DataFrame, ids: Sequence[str]
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
    graph = joined.graph
    # more than all links together: what is no link is in no minimum cut
    capacities = np.where(graph.links == NO_LINK, graph.link_count + 1, 1)

    def search(pair: int) -> Cuts:
        ends = int(joined.sources[pair]), int(joined.targets[pair])
        found = max_flow(graph, capacities, *ends)
        some, every = (
            np.unique(graph.links[arcs]).tolist()
            for arcs in (found.some_arcs, found.every_arcs)
        )
        return some, every

    return _shares(pairs, lost, ids, search)


def place_cuts(
    joined: PairGraph, pairs: pd.DataFrame, lost: pd.DataFrame
) -> pd.DataFrame:
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
    graph, part = _parts(joined)
    count, arcs = graph.node_count, graph.arc_count
    place = np.zeros(count, dtype=np.int64)
    place[part] = joined.places
    # split once, not anew for every pair
    wide, endless = split(graph), count + 1

    def search(pair: int) -> Cuts:
        source, target = (
            int(part[nodes[pair]]) for nodes in (joined.sources, joined.targets)
        )
        own = (place == place[source]) | (place == place[target])
        through = np.where(own, endless, 1)
        capacities = np.concatenate([np.full(arcs, endless), through])
        found = max_flow(wide, capacities, source, target + count)
        if found.value >= endless:
            return [], []
        some, every = (
            np.unique(place[numbers[numbers >= arcs] - arcs]).tolist()
            for numbers in (found.some_arcs, found.every_arcs)
        )
        return some, every

    return _shares(pairs, lost, joined.place_ids, search)


def _parts(joined: PairGraph) -> tuple[Csr, Ints]:
    """Make one node of all nodes of a place between which one can change both ways.

    Returns
    -------
    graph
        Without the arcs inside a part.
    part : int64 array, shape (nodes of the joined graph,)
        The node each became.
    """
    whole = joined.graph
    inner = (whole.links == NO_LINK) & (
        joined.places[whole.tails] == joined.places[whole.heads]
    )
    ends = whole.tails[inner], whole.heads[inner]
    size = whole.node_count
    change = coo_array((np.ones(len(ends[0])), ends), shape=(size, size))
    count, found = connected_components(change, connection="strong")
    part = found.astype(np.int64)
    tails, heads = part[whole.tails], part[whole.heads]
    kept = tails != heads
    graph = build(int(count), tails[kept], heads[kept], np.zeros(int(kept.sum()), int))
    return graph, part


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
