"""Routes between places, and what is broken where there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mobility.data.find import find_country, find_place
from mobility.data.rows import rows_of
from mobility.errors import InputError, NoRouteError, UnknownNameError
from mobility.kernels.alternatives import different
from mobility.kernels.csr import Csr, build
from mobility.kernels.shortest import path, shortest, tree
from mobility.model import Basis, Limit, Mode, Route, Row
from mobility.network.build import (
    MM_PER_KM,
    MS_PER_H,
    NO_LINK,
    Network,
    Use,
    build_network,
    corridors_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

WEIGHTS = ("time", "length")
# by length, an hour counts like 3.6 m: enough to rule out pointless transfers among
# ways of equal length, too little to change which way is shortest
_MM_SCALE = 1000
# a missing link outweighs any journey: what is asked is how few kilometres to build
_MISSING_SCALE = 2**31


def find_routes(
    network: Network,
    origin: str,
    destination: str,
    *,
    k: int = 1,
    by: str = "time",
    via: Sequence[str] = (),
    avoid: Iterable[str] = (),
) -> tuple[Route, ...]:
    """Find the best route, and others that differ from it.

    Parameters
    ----------
    network
        What may be used.
    origin, destination
        Places, by any name `find_place` understands.
    k
        How many routes at most. Each shares at most half of its time (or length) with
        any better one.
    by
        `time` or `length`.
    via
        Places to pass, in this order.
    avoid
        Places and states not to touch.

    Returns
    -------
    tuple of Route
        Best first; at least one, at most `k`.

    Raises
    ------
    UnknownNameError
        A name means no place or state.
    InputError
        Origin and destination are one place, a place to pass is to be avoided, `k` is
        below 1, or `by` is neither choice.
    NoRouteError
        There is no way; the message names the links that would complete one.
    """
    trip = _Trip.of(network, origin, destination, via=via, avoid=avoid)
    _check_choice("k", k, by)
    maze = _Maze.of(network, trip, by=by)
    if k == 1:
        best = shortest(maze.graph, maze.source, maze.target)
        found = [] if best is None else [best]
    else:
        found = different(
            maze.graph, maze.source, maze.target, k, groups=maze.groups(network)
        )
    if not found:
        raise NoRouteError(explain_gap(network, trip, by=by))
    return tuple(
        describe(network, maze.network_arcs(arcs), rank)
        for rank, arcs in enumerate(found, start=1)
    )


def _check_choice(name: str, k: int, by: str) -> None:
    if k < 1:
        msg = f"{name} = {k} should be at least 1"
        raise InputError(msg)
    if by not in WEIGHTS:
        msg = f"by {by!r} is none of {', '.join(WEIGHTS)}"
        raise InputError(msg)


@dataclass(frozen=True, slots=True)
class _Trip:
    """A question with its names resolved: place ids and graph nodes to avoid."""

    stops: tuple[str, ...]
    avoided: frozenset[str]
    states: frozenset[str]

    @classmethod
    def of(
        cls,
        network: Network,
        origin: str,
        destination: str,
        *,
        via: Sequence[str],
        avoid: Iterable[str],
    ) -> _Trip:
        tables = network.tables
        stops = tuple(find_place(tables, name) for name in (origin, *via, destination))
        for here, there in pairwise(stops):
            if here == there:
                msg = f"origin and destination are the same place, {here!r}"
                if via:
                    msg = f"the same place twice in a row, {here!r}"
                raise InputError(msg)
        places, states = set(), set()
        for name in avoid:
            try:
                states.add(find_country(tables, name))
            except UnknownNameError:
                places.add(_place_or_state(network, name))
        if clash := [stop for stop in stops if stop in places]:
            msg = f"{clash[0]!r} is both to be passed and to be avoided"
            raise InputError(msg)
        return cls(stops, frozenset(places), frozenset(states))

    def allows(self, network: Network) -> npt.NDArray[np.bool_]:
        """Per arc whether it touches nothing that is to be avoided."""
        bad_nodes = np.array(
            [node.place in self.avoided for node in network.graph_nodes], dtype=bool
        )
        bad_links = np.array(
            [
                bool(self.states.intersection(country.split("-")))
                for country in network.tables.links["country"].reindex(network.link_ids)
            ]
            + [False],  # the last entry serves arcs that are no link
            dtype=bool,
        )
        bad = bad_nodes[network.tails] | bad_nodes[network.heads]
        allowed: npt.NDArray[np.bool_] = ~(bad | bad_links[network.link_of])
        return allowed


def _place_or_state(network: Network, name: str) -> str:
    try:
        return find_place(network.tables, name)
    except UnknownNameError as error:
        msg = str(error).replace("no place", "no place or state", 1)
        raise UnknownNameError(msg) from None


@dataclass(frozen=True, slots=True)
class _Maze:
    """The graph of one question.

    One layer of the network per leg between stops, joined at the stops, so that the
    mode in which a stop is reached is kept; with a source and a target that reach
    their place in every mode at no cost.
    """

    graph: Csr
    source: int
    target: int
    origin_arcs: Ints  # per arc of the graph its arc in the network, or -1

    @classmethod
    def of(
        cls,
        network: Network,
        trip: _Trip,
        *,
        by: str,
        extra: Ints | None = None,
    ) -> _Maze:
        """Lay out the layers; `extra` is added to the weight of each arc."""
        allowed = np.flatnonzero(trip.allows(network))
        weights = weigh(network, by)[allowed]
        if extra is not None:
            weights = weights + extra[allowed]
        size, legs = len(network.graph_nodes), len(trip.stops) - 1
        offsets = np.repeat(np.arange(legs) * size, len(allowed))
        tails = np.tile(network.tails[allowed], legs) + offsets
        heads = np.tile(network.heads[allowed], legs) + offsets
        source, target = legs * size, legs * size + 1
        joints = [
            (node + leg * size, node + (leg + 1) * size)
            for leg, stop in enumerate(trip.stops[1:-1])
            for node in network.nodes_of.get(stop, ())
        ]
        joints += [(source, n) for n in network.nodes_of.get(trip.stops[0], ())]
        last = (legs - 1) * size
        joints += [(n + last, target) for n in network.nodes_of.get(trip.stops[-1], ())]
        more = np.array(joints, dtype=np.int64).reshape(-1, 2)
        graph = build(
            legs * size + 2,
            np.concatenate([tails, more[:, 0]]),
            np.concatenate([heads, more[:, 1]]),
            np.concatenate([np.tile(weights, legs), np.zeros(len(more), np.int64)]),
        )
        arcs = np.concatenate([np.tile(allowed, legs), np.full(len(more), -1)])
        return cls(graph, source, target, arcs)

    def network_arcs(self, arcs: Sequence[int]) -> list[int]:
        """Return the arcs of the network that arcs of the graph stand for."""
        found = [int(self.origin_arcs[arc]) for arc in arcs]
        return [arc for arc in found if arc >= 0]

    def groups(self, network: Network) -> list[int]:
        """Return per arc its link; crossings and transfers count as never shared."""
        padded = np.append(network.link_of, NO_LINK)
        return [int(link) for link in padded[self.origin_arcs]]


def weigh(network: Network, by: str) -> Ints:
    """Return the weight of each arc: milliseconds, or millimetres scaled."""
    if by == "time":
        return network.time_ms
    return network.length_mm * _MM_SCALE + network.time_ms


def describe(network: Network, arcs: Sequence[int], rank: int = 1) -> Route:
    """Say what a chain of arcs is like to travel."""
    tables = network.tables
    link_numbers = [int(network.link_of[arc]) for arc in arcs]
    links = tuple(network.link_ids[n] for n in link_numbers if n != NO_LINK)
    every = rows_of(tables.links.loc[sorted(set(links))])
    rows = [every[link] for link in links]
    graph_nodes = [int(network.tails[arcs[0]]), *(int(network.heads[a]) for a in arcs)]
    places = _runs(network.graph_nodes[n].place for n in graph_nodes)
    kinds = tables.nodes["kind"]
    crossed = [
        network.graph_nodes[int(network.tails[arc])].place
        for arc in arcs
        if int(network.link_of[arc]) == NO_LINK
    ]
    km = {mode: _sum_km(rows, mode) for mode in Mode}
    return Route(
        rank=rank,
        links=links,
        nodes=tuple(places),
        modes=tuple(_runs(row["mode"] for row in rows)),
        countries=tuple(_firsts(c for row in rows for c in _states(row))),
        corridors=tuple(_firsts(c for row in rows for c in corridors_of(row))),
        border_crossings=tuple(p for p in crossed if kinds[p] == "border"),
        time_h=_hours(network.time_ms, arcs),
        length_km=sum(int(network.length_mm[arc]) for arc in arcs) / MM_PER_KM,
        drive_h=_hours(network.drive_ms, arcs),
        border_h=_hours(network.border_ms, arcs),
        transfer_h=_hours(network.transfer_ms, arcs),
        road_km=km[Mode.ROAD],
        rail_km=km[Mode.RAIL],
        ferry_km=km[Mode.FERRY],
        assumed_km=_assumed_km(network, links),
        unknown_km=_unknown_km(network, link_numbers),
        binding_limit=_binding(network, link_numbers),
    )


def _hours(costs: Ints, arcs: Sequence[int]) -> float:
    return sum(int(costs[arc]) for arc in arcs) / MS_PER_H


def _runs(values: Iterable[str]) -> list[str]:
    """Return values with immediate repeats dropped."""
    kept: list[str] = []
    for value in values:
        if not kept or kept[-1] != value:
            kept.append(value)
    return kept


def _firsts(values: Iterable[str]) -> list[str]:
    """Return values with all repeats dropped, in order of first use."""
    return list(dict.fromkeys(values))


def _states(row: Row) -> list[str]:
    """Return the states a link lies in; at sea none."""
    return [] if row["mode"] == Mode.FERRY else row["country"].split("-")


def _sum_km(rows: Sequence[Row], mode: Mode) -> float:
    return math.fsum(row["length_km"] for row in rows if row["mode"] == mode)


def _assumed_km(network: Network, links: Sequence[str]) -> float:
    """Return the kilometres of links whose length is assumed."""
    basis = network.tables.provenance["basis"]
    whole, own = (
        [basis.get(("links", link, column)) for link in links]
        for column in ("*", "length_km")
    )
    lengths = network.tables.links["length_km"]
    return math.fsum(
        float(lengths[link])
        for link, row, cell in zip(links, whole, own, strict=True)
        if (cell or row or Basis.ASSUMED) == Basis.ASSUMED
    )


def _unknown_km(network: Network, link_numbers: Sequence[int]) -> float:
    """Return the kilometres on which a limit the load needs was let pass unknown."""
    lengths = network.tables.links["length_km"]
    return math.fsum(
        float(lengths[network.link_ids[n]])
        for n in link_numbers
        if n != NO_LINK and any(f.offered is None for f in network.findings[n])
    )


def _binding(network: Network, link_numbers: Sequence[int]) -> Limit | None:
    """Return the limit of a link itself that comes nearest to what the load asks."""
    known = [
        (
            finding.needed / finding.offered,
            network.link_ids[n],
            finding.column,
            finding.offered,
        )
        for n in link_numbers
        if n != NO_LINK
        for finding in network.findings[n]
        if finding.offered and not finding.ruled
    ]
    if not known:
        return None
    _, link, column, offered = max(known)
    value = rows_of(network.tables.links.loc[[link]])[link][column]
    # empty where another column implies it, as an axle load does the line category
    return Limit(link, column, offered if value is None else value)


def explain_gap(network: Network, trip: _Trip, *, by: str) -> str:
    """Say which links would complete a way: as few kilometres as can be.

    First among links through which nothing passes today; if even they would not do,
    among those that bar the load as well.
    """
    names = network.tables.nodes["name"]
    ends = f"{names[trip.stops[0]]} to {names[trip.stops[-1]]}"
    head = f"no route from {ends} for {network.vehicle_id}"
    head += "" if network.mode == "any" else f" by {network.mode}"
    head += f" in {network.year}"
    for more in ({Use.NOT_OPEN}, {Use.NOT_OPEN, Use.UNKNOWN, Use.BARRED}):
        missing = _missing_links(network, trip, by=by, more=frozenset(more))
        if missing is not None:
            return f"{head}: it would take {_list_missing(network, missing)}"
    return f"{head}: no chain of links joins them, built or not"


def _missing_links(
    network: Network, trip: _Trip, *, by: str, more: frozenset[Use]
) -> list[str] | None:
    """Return the links missing on the way with the fewest kilometres to complete."""
    wide = build_network(
        network.tables,
        vehicle=network.vehicle_id,
        mode=network.mode,
        unknown=network.unknown,
        scenario=network.scenario,
        keep=frozenset({Use.USED}) | more,
    )
    lacking = np.array([use != Use.USED for use in wide.uses] + [False], dtype=bool)
    metres = np.where(lacking[wide.link_of], wide.length_mm // 1000, 0)
    maze = _Maze.of(wide, trip, by=by, extra=metres * _MISSING_SCALE // 1000)
    arcs = shortest(maze.graph, maze.source, maze.target)
    if arcs is None:
        return None
    numbers = [int(wide.link_of[arc]) for arc in maze.network_arcs(arcs)]
    return [wide.link_ids[n] for n in numbers if n != NO_LINK and lacking[n]]


def _list_missing(network: Network, missing: Sequence[str]) -> str:
    names = network.tables.nodes["name"]
    links = rows_of(network.tables.links.loc[list(missing)])
    uses = dict(zip(network.link_ids, network.uses, strict=True))
    told = []
    for link_id in missing:
        row = links[link_id]
        why = str(row["status"])
        if uses[link_id] != Use.NOT_OPEN:
            finding = network.findings[network.link_ids.index(link_id)]
            why = ", ".join(f"{f.column} {f.verdict}" for f in finding) or why
        elif row["opens"] is not None:
            why += f", due {row['opens']}"
        between = f"{names[row['from_node']]}–{names[row['to_node']]}"
        told.append(f"{link_id} {between} ({row['length_km']:g} km, {why})")
    return "; ".join(told)


def matrix(
    network: Network,
    origins: Sequence[str],
    destinations: Sequence[str],
    *,
    by: str = "time",
) -> pd.DataFrame:
    """Measure the best route between every pair of places.

    Parameters
    ----------
    origins, destinations
        Places, by id.

    Returns
    -------
    pandas.DataFrame
        One row per pair, indexed by `origin` and `destination`: `time_h`, `length_km`,
        `border_h`, `transfer_h`, `road_km`, `rail_km`, `ferry_km`, `assumed_km` and
        `modes`. Numbers are NaN where there is no way; a place and itself make no pair.
    """
    _check_choice("k", 1, by)
    nothing: tuple[str, ...] = ()
    records = []
    for origin in origins:
        others = [place for place in destinations if place != origin]
        if not others:
            continue
        trip = _Trip.of(network, origin, others[0], via=nothing, avoid=nothing)
        maze = _Maze.of(network, trip, by=by)
        grown = tree(maze.graph, maze.source)
        records += [_pair(network, maze, grown, origin, place) for place in others]
    columns = ["origin", "destination", *_PAIR_COLUMNS]
    frame = pd.DataFrame.from_records(records, columns=columns)
    return frame.set_index(["origin", "destination"])


_PAIR_COLUMNS = (
    "time_h",
    "length_km",
    "border_h",
    "transfer_h",
    "road_km",
    "rail_km",
    "ferry_km",
    "assumed_km",
    "modes",
)


def _pair(
    network: Network, maze: _Maze, grown: Any, origin: str, place: str
) -> tuple[object, ...]:
    """Describe the way to the node of a place that is reached first."""
    reached = [
        (grown.distance[node], node)
        for node in network.nodes_of.get(place, ())
        if grown.distance[node] >= 0
    ]
    if not reached:
        return (origin, place, *[math.nan] * (len(_PAIR_COLUMNS) - 1), "")
    arcs = path(maze.graph, grown, min(reached)[1])
    route = describe(network, maze.network_arcs(arcs or []))
    values = [getattr(route, column) for column in _PAIR_COLUMNS[:-1]]
    return (origin, place, *values, "+".join(route.modes))
