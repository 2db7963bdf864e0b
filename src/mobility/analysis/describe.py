"""What a way through a network is like to travel."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from mobility.analysis.column import MIN_PER_H, pass_min, read_formation
from mobility.analysis.duty import halts_h
from mobility.analysis.permission import ask_states
from mobility.data.rows import corridors_of
from mobility.model import Basis, Limit, Mode, Route, Status
from mobility.network.access import Verdict
from mobility.network.arcs import MM_PER_KM, MS_PER_H, NO_LINK
from mobility.network.costs import rate_kph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from mobility.model import Row
    from mobility.network.build import Network


def describe(network: Network, arcs: Sequence[int], rank: int = 1) -> Route:
    """Say what a chain of arcs is like to travel.

    Parameters
    ----------
    network
        The network the arcs belong to.
    arcs
        Arcs in order of travel, at least one.
    rank
        1 for the best of several.
    """
    numbers = [int(network.link_of[arc]) for arc in arcs]
    links = [number for number in numbers if number != NO_LINK]
    rows = [network.rows[number] for number in links]
    stops = [int(network.tails[arcs[0]]), *(int(network.heads[arc]) for arc in arcs)]
    nodes = [network.graph_nodes[stop] for stop in stops]
    countries = network.tables.nodes["country"]
    km = {mode: _sum_km(network, links, mode) for mode in Mode}
    crossings = [key for arc in arcs if (key := network.crossing_of(arc)) is not None]
    states = tuple(_runs(n.side or countries[n.place] for n in nodes))
    permission = ask_states(network, states)
    rest_h = halts_h(network, arcs)
    return Route(
        rank=rank,
        links=tuple(network.link_ids[number] for number in links),
        nodes=tuple(_runs(node.place for node in nodes)),
        modes=tuple(_runs(row["mode"] for row in rows)),
        countries=states,
        corridors=tuple(_firsts(c for row in rows for c in corridors_of(row))),
        border_crossings=tuple(place for place, *_ in crossings),
        restricted=(
            *_restricted_links(network, links),
            *_limited(network, crossings),
        ),
        time_h=_hours(network.time_ms, arcs) + rest_h,
        length_km=sum(int(network.length_mm[arc]) for arc in arcs) / MM_PER_KM,
        drive_h=_hours(network.drive_ms, arcs),
        border_h=_hours(network.border_ms, arcs),
        transfer_h=_hours(network.transfer_ms, arcs),
        halt_h=_hours(network.halt_ms, arcs) + rest_h,
        road_km=km[Mode.ROAD],
        rail_km=km[Mode.RAIL],
        ferry_km=km[Mode.FERRY],
        assumed_km=_km(network, [n for n in links if _length_assumed(network, n)]),
        unknown_km=_km(network, [n for n in links if _unknown(network, n)]),
        ruled_km=_km(network, [n for n in links if _rests_on(network, n, "rule")]),
        binding_limit=_binding(network, links),
        estimated_km=_km(
            network, [n for n in links if _rests_on(network, n, "estimate")]
        ),
        conditions=(*_conditions(network, links), *permission.conditions),
        permission_days=permission.days,
        permission_states=permission.states,
        pass_time_h=_pass_h(network, rows),
    )


def _pass_h(network: Network, rows: Sequence[Row]) -> float:
    """Return the hours a column takes to pass at the least rate of a route."""
    movement, rules = network.movement, network.rules
    roads = [row for row in rows if row["mode"] == Mode.ROAD]
    if (column := movement.column) is None or not roads:
        return 0.0
    least = min(rate_kph(road, rules, movement) for road in roads)
    formation = read_formation(rules, column.light)
    return pass_min(column.vehicles, least, formation) / MIN_PER_H


def _restricted_links(network: Network, links: Iterable[int]) -> list[str]:
    return [
        network.link_ids[number]
        for number in links
        if network.rows[number]["status"] == Status.RESTRICTED
    ]


def _limited(
    network: Network, crossings: Iterable[tuple[str, str, str, str]]
) -> list[str]:
    """Return the crossings passed that take goods under a restriction only."""
    goods = network.tables.borders["goods"]
    return [key[0] for key in crossings if goods.get(key) == "limited"]


def _hours(costs: npt.NDArray[np.int64], arcs: Sequence[int]) -> float:
    return sum(int(costs[arc]) for arc in arcs) / MS_PER_H


def _runs(values: Iterable[str]) -> list[str]:
    """Return values with immediate repeats dropped."""
    return [value for value, _ in groupby(values)]


def _firsts(values: Iterable[str]) -> list[str]:
    """Return values with all repeats dropped, in order of first use."""
    return list(dict.fromkeys(values))


def _km(network: Network, links: Iterable[int]) -> float:
    return math.fsum(network.rows[number]["length_km"] for number in links)


def _sum_km(network: Network, links: Iterable[int], mode: Mode) -> float:
    return _km(network, (n for n in links if network.rows[n]["mode"] == mode))


def _length_assumed(network: Network, number: int) -> bool:
    return network.length_basis[number] == Basis.ASSUMED


def _unknown(network: Network, number: int) -> bool:
    """Whether a limit the load needs is unknown."""
    return any(f.verdict == Verdict.UNKNOWN for f in network.findings[number])


def _rests_on(network: Network, number: int, source: str) -> bool:
    """Whether a limit the load needs comes from a source."""
    return any(finding.source == source for finding in network.findings[number])


def _conditions(network: Network, links: Iterable[int]) -> tuple[str, ...]:
    """Return what the load must keep to, each with its kilometres."""
    found: dict[str, list[int]] = {}
    for number in links:
        for condition in {f.condition for f in network.findings[number]} - {""}:
            found.setdefault(condition, []).append(number)
    return tuple(
        f"{condition} ({_km(network, found[condition]):.0f} km)"
        for condition in sorted(found)
    )


def _binding(network: Network, links: Iterable[int]) -> Limit | None:
    """Return the limit of a link itself that comes nearest to what the load asks."""
    known = [
        (finding.needed / finding.offered, network.link_ids[n], finding.column, n)
        for n in links
        for finding in network.findings[n]
        if finding.offered
        and finding.source == "link"
        # a category that only follows from the axle load says nothing of its own
        and finding.column in network.rows[n]
        and network.rows[n][finding.column] is not None
    ]
    if not known:
        return None
    _, link, column, number = max(known)
    return Limit(link, column, network.rows[number][column])
