"""The heaviest load that gets through, thing by thing that loads ask.

Each thing is asked alone, along links of one mode: the widest path over what is known.
Whether a load passes in all of them on one way is for routing to say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mobility.analysis.gaps import widen
from mobility.data.find import find_place
from mobility.data.rows import rows_of
from mobility.errors import InputError
from mobility.kernels.csr import Csr, build
from mobility.kernels.shortest import path, tree
from mobility.kernels.widest import WidestTree, widest_tree
from mobility.model import Mode
from mobility.network.access import Offer, offer, read_standards
from mobility.network.arcs import NO_LINK
from mobility.network.build import Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mobility.network.build import Network

# what loads ask of each mode, with the unit
DEMANDS = {
    Mode.ROAD: {
        "gross_t": "t",
        "axle_load_t": "t",
        "height_m": "m",
        "width_m": "m",
        "mlc_wheeled": "MLC",
        "mlc_tracked": "MLC",
    },
    Mode.RAIL: {
        "axle_load_t": "t",
        "mass_per_m_t": "t/m",
        "train_length_m": "m",
        "pc_number": "",
    },
}
# modes that a way by road or by rail may use
_BY = {
    Mode.ROAD: frozenset({Mode.ROAD, Mode.FERRY}),
    Mode.RAIL: frozenset({Mode.RAIL}),
}
OPEN = frozenset({Use.USED, Use.UNKNOWN, Use.BARRED})
# widths are whole thousandths; what asks nothing is wider than anything known
_SCALE = 1000
_FREE = 10**9


@dataclass(frozen=True, eq=False)
class Capacity:
    """One thing that loads ask of one mode, on every open link of a network.

    Attributes
    ----------
    mode, demand
        What is asked, of which mode.
    needed
        What the load of the network asks.
    offers
        Per link of the network; None where its mode is another.
    usable : int64 array
        Arcs of the network that a way may use, crossings and ferries included.
    known, hoped
        Their graph with widths in thousandths: arcs that are unknown left out, and
        taken as wide as can be.
    known_arcs : int64 array
        The arc of the network for each arc of `known`.
    """

    network: Network
    mode: Mode
    demand: str
    needed: float
    offers: tuple[Offer | None, ...]
    known: Csr
    known_arcs: npt.NDArray[np.int64]
    hoped: Csr

    def value(self, width: int) -> float:
        """Return a width in the unit of the demand: NaN for none, inf for any."""
        if width < 0:
            return math.nan
        return math.inf if width >= _FREE else width / _SCALE

    def nodes(self, place: str) -> list[int]:
        """Return the graph nodes of a place in the modes of the way."""
        graph_nodes = self.network.graph_nodes
        return [
            node
            for node in self.network.nodes_of.get(place, ())
            if graph_nodes[node].mode in _BY[self.mode]
        ]


def capacities(network: Network) -> list[Capacity]:
    """Measure every thing that the load of a network asks, on its open links."""
    wide = widen(network, OPEN)
    return [
        _capacity(wide, mode, demand, needed)
        for mode in DEMANDS
        for demand in DEMANDS[mode]
        if (needed := wide.movement.needs(mode, demand)) is not None
    ]


def _capacity(network: Network, mode: Mode, demand: str, needed: float) -> Capacity:
    tables = network.tables
    countries, rules = rows_of(tables.countries), network.rules
    standards = read_standards(tables)
    offers = tuple(
        offer(
            demand,
            row,
            country=countries[row["country"]],
            rules=rules,
            standards=standards,
        )
        if row["mode"] == mode
        else None
        for row in network.rows
    )
    known = np.array([*map(_width, offers), _FREE], np.int64)
    hopes = np.array([*map(_hope, offers), _FREE], np.int64)[network.link_of]
    inside = np.array([node.mode in _BY[mode] for node in network.graph_nodes], bool)
    usable = inside[network.tails] & inside[network.heads] & (network.barred == 0)
    widths = known[network.link_of]
    sure = np.flatnonzero(usable & (widths >= 0))
    hopeful = np.flatnonzero(usable)
    size = len(network.graph_nodes)
    return Capacity(
        network=network,
        mode=mode,
        demand=demand,
        needed=needed,
        offers=offers,
        known=build(size, network.tails[sure], network.heads[sure], widths[sure]),
        known_arcs=sure,
        hoped=build(
            size, network.tails[hopeful], network.heads[hopeful], hopes[hopeful]
        ),
    )


def _width(found: Offer | None) -> int:
    """Return what is known to pass, in thousandths; -1 where nothing is."""
    if found is None:
        return _FREE
    return -1 if found.value is None else round(found.value * _SCALE)


def _hope(found: Offer | None) -> int:
    """Return what is not known not to pass, in thousandths."""
    if found is None:
        return _FREE
    most = found.value if found.bars else None
    most = found.at_most if most is None else most
    return _FREE if most is None else round(most * _SCALE)


_COLUMNS = (
    "mode",
    "demand",
    "unit",
    "needed",
    "value",
    "at_most",
    "reached",
    "link",
    "source",
)


def limits(
    network: Network, origins: Sequence[str], destinations: Sequence[str]
) -> pd.DataFrame:
    """Find the heaviest load that gets through between every pair of places.

    Parameters
    ----------
    network
        What is asked of what; its load decides which things are measured.
    origins, destinations
        Places, by any name `find_place` understands.

    Returns
    -------
    pandas.DataFrame
        One row per pair, mode and thing the load asks, indexed by `origin` and
        `destination`: `mode`, `demand` (a column of `vehicles.csv`), `unit`, `needed`,
        `value` (the most that gets through over known limits, NaN where none does),
        `at_most` (above which a known limit bars every way, whatever else may come to
        be known), `reached` (whether there is a way over known limits at all), `link`
        (the first on the way that binds) and `source` (what says its limit: `link`,
        `law`, `rule` or `estimate`). A value of inf: nothing on the way limits it.

    Raises
    ------
    UnknownNameError
        A name means no place.
    InputError
        All there is to go to is the place itself.

    Notes
    -----
    Two trees of widest paths per origin and thing, and one of quickest ways for each
    width found: the link that binds is one of the quickest way that is as wide.
    """
    starts, ends = (
        list(dict.fromkeys(find_place(network.tables, name) for name in names))
        for names in (origins, destinations)
    )
    if starts == ends and len(starts) == 1:
        msg = f"origin and destination are the same place, {starts[0]!r}"
        raise InputError(msg)
    measured = capacities(network)
    records = []
    for origin in starts:
        for asked in measured:
            roots = asked.nodes(origin)
            sure = widest_tree(asked.known, roots)
            hoped = widest_tree(asked.hoped, roots)
            ways: dict[int, Quickest] = {}
            for place in ends:
                if place == origin:
                    continue
                width = max((sure.width[n] for n in asked.nodes(place)), default=-1)
                if 0 <= width < _FREE and width not in ways:
                    ways[width] = Quickest(asked, origin, width)
                pair = _pair(asked, width, hoped, place, ways.get(width))
                records.append((origin, place, *pair))
    frame = pd.DataFrame.from_records(
        records, columns=["origin", "destination", *_COLUMNS]
    )
    return frame.set_index(["origin", "destination"]).sort_index(
        kind="stable", level=["origin", "destination"]
    )


class Quickest:
    """The quickest ways from a place that are as wide as one width.

    Parameters
    ----------
    asked
        What has to be that wide.
    origin
        Place id.
    width
        In thousandths.
    """

    def __init__(self, asked: Capacity, origin: str, width: int) -> None:
        self.asked, self.width = asked, width
        network, known = asked.network, asked.known
        fit = np.flatnonzero(known.weights >= width)
        self.arcs = asked.known_arcs[fit]
        size, roots = len(network.graph_nodes), asked.nodes(origin)
        self.graph = build(
            size + 1,
            np.append(known.tails[fit], np.full(len(roots), size)),
            np.append(known.heads[fit], np.array(roots, np.int64)),
            np.append(network.time_ms[self.arcs], np.zeros(len(roots), np.int64)),
        )
        self.grown = tree(self.graph, size)

    def way(self, place: str) -> list[int]:
        """Return the arcs of the network to a place; empty where there is no way."""
        reached = [
            (self.grown.distance[node], node)
            for node in self.asked.nodes(place)
            if self.grown.distance[node] >= 0
        ]
        arcs = path(self.graph, self.grown, min(reached)[1]) if reached else None
        return [int(self.arcs[arc]) for arc in arcs or () if arc < len(self.arcs)]

    def binding(self, arcs: Sequence[int]) -> tuple[tuple[str, ...], str | None]:
        """Return the links on a way no wider than it, and what says the first."""
        network = self.asked.network
        links, source = [], None
        for arc in arcs:
            number = int(network.link_of[arc])
            found = None if number == NO_LINK else self.asked.offers[number]
            if found is None or _width(found) != self.width:
                continue
            links.append(network.link_ids[number])
            source = source or found.source
        return tuple(links), source


def _pair(
    asked: Capacity, width: int, hoped: WidestTree, place: str, ways: Quickest | None
) -> tuple[object, ...]:
    most = max((hoped.width[node] for node in asked.nodes(place)), default=-1)
    links, source = ways.binding(ways.way(place)) if ways else ((), None)
    return (
        str(asked.mode),
        asked.demand,
        DEMANDS[asked.mode][asked.demand],
        asked.needed,
        asked.value(width),
        asked.value(most),
        width >= 0,
        links[0] if links else None,
        source,
    )
