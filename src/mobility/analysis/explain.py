"""Why a load passes or not, and what would change it.

Three answers: the heaviest load that gets through, thing by thing; the cheapest set of
upgrades that opens a way; and the links of which too little is known, ranked by what
knowing them would change.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from mobility.analysis.describe import describe
from mobility.analysis.gaps import widen
from mobility.analysis.limits import DEMANDS, Capacity, Quickest, capacities
from mobility.analysis.question import Question, ask, lay_out
from mobility.analysis.routing import find_routes
from mobility.errors import NoRouteError
from mobility.kernels.shortest import path, shortest, tree
from mobility.kernels.widest import widest_tree
from mobility.network.access import Finding, Verdict
from mobility.network.arcs import MS_PER_H, NO_LINK
from mobility.network.build import Network, Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mobility.model import Route

    Ints = npt.NDArray[np.int64]

# what has to be done with a link or crossing so that a load passes
UPGRADE, OPEN_IT, FIND_OUT = "upgrade", "open", "find out"
_TO_DO = {
    Use.BARRED: UPGRADE,
    Use.UNKNOWN: FIND_OUT,
    Use.NOT_OPEN: OPEN_IT,
    Use.NOT_OPEN_BARRED: OPEN_IT,
}
# weights count what is worse in units that no sum of what is better reaches
_PER_SHORTFALL, _PER_UNKNOWN = 2**30, 2**18
_MS_PER_MINUTE = 60_000
_PER_METRE, _MM_PER_METRE, _MM_PER_UNIT = 2**17, 1000, 100_000
_ONE_UNKNOWN = 2**32
_NEVER = 2**41


@dataclass(frozen=True, slots=True)
class Heaviest:
    """The most that gets through in one thing that loads ask, of one mode.

    Attributes
    ----------
    mode, demand, unit, needed
        What the load asks.
    value
        The most that gets through over known limits; NaN where nothing does.
    at_most
        Above it a known limit bars every way.
    source
        What says the limit that binds; None where nothing limits.
    binding
        The links on the route that are no stronger than `value`.
    route
        The quickest way that carries it; None where there is none.
    """

    mode: str
    demand: str
    unit: str
    needed: float
    value: float
    at_most: float
    source: str | None
    binding: tuple[str, ...]
    route: Route | None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A link or crossing that does not let the load pass, and what it would take.

    `to_do` is `upgrade`, `open` or `find out`. `findings` are its limits that bar or
    are unknown; none of a crossing, whose `link` is the place.
    """

    link: str
    from_node: str
    to_node: str
    to_do: str
    status: str
    length_km: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What would open a way: `shortfalls` in order of travel, and the way."""

    shortfalls: tuple[Shortfall, ...]
    route: Route

    def count(self, *to_do: str) -> int:
        """Return how many links and crossings take one of these."""
        return sum(shortfall.to_do in to_do for shortfall in self.shortfalls)

    def km(self, *to_do: str) -> float:
        """Return how many kilometres take one of these."""
        return sum(s.length_km for s in self.shortfalls if s.to_do in to_do)


@dataclass(frozen=True, slots=True)
class Missing:
    """A link of which a limit is unknown, and what knowing it to pass would change.

    Attributes
    ----------
    shortfall
        The link, and its unknown limits.
    others
        How many more such links would have to pass for a way through it; 0: it opens
        or shortens a way alone.
    time_h
        Hours of that way, without rests of drivers.
    saved_h
        Hours it saves against the way known today, of both without rests of drivers;
        None where there is none.
    """

    shortfall: Shortfall
    others: int
    time_h: float
    saved_h: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a load passes or not.

    Attributes
    ----------
    route
        The quickest way under the conditions asked for; None where there is none.
    why
        In words, where there is none.
    heaviest
        Thing by thing, the most that gets through.
    fewest, shortest
        What would open a way: the fewest links, and the fewest kilometres, to upgrade
        or open, and then to find out of. None where the load passes, and where no
        chain of links joins the places.
    missing
        Links of which too little is known, by what knowing them would change. Whatever
        is asked of unknown limits, these are those that are not known to pass.
    """

    network: Network
    origin: str
    destination: str
    route: Route | None
    why: str
    heaviest: tuple[Heaviest, ...]
    fewest: Upgrade | None
    shortest: Upgrade | None
    missing: tuple[Missing, ...]


def explain(network: Network, origin: str, destination: str) -> Explanation:
    """Say why a load passes between two places or not, and what would change it.

    Parameters
    ----------
    network
        What the load may use.
    origin, destination
        Places, by any name `find_place` understands.

    Raises
    ------
    UnknownNameError
        A name means no place.
    InputError
        Both are one place, or one is closed.
    """
    question = ask(network, origin, destination)
    route, why = None, ""
    try:
        (route,) = find_routes(network, *question.stops)
    except NoRouteError as error:
        why = str(error)
    wide = widen(network, frozenset(Use) - {Use.EXCLUDED}, unknown="bar")
    admit = network.unknown == "admit"
    worse = _classes(wide)
    fewest = shortest_upgrade = None
    if route is None:
        fewest = _upgrade(wide, question, worse, _by_number(wide, worse, admit))
        shortest_upgrade = _upgrade(wide, question, worse, _by_km(wide, worse, admit))
    return Explanation(
        network=network,
        origin=question.stops[0],
        destination=question.stops[1],
        route=route,
        why=why,
        heaviest=tuple(_heaviest(asked, question) for asked in capacities(network)),
        fewest=fewest,
        shortest=shortest_upgrade,
        missing=tuple(_missing(wide, question, worse)),
    )


def _classes(network: Network) -> Ints:
    """Return per arc 0 where the load passes, 1 where unknown, 2 where it does not."""
    of_links = [
        0 if use == Use.USED else 1 if use == Use.UNKNOWN else 2 for use in network.uses
    ]
    classes = np.array([*of_links, 0], np.int64)[network.link_of]
    goods = network.tables.borders["goods"].to_dict()
    for arc in np.flatnonzero(network.barred).tolist():
        here, there = (
            network.graph_nodes[int(ends[arc])]
            for ends in (network.tails, network.heads)
        )
        known = goods.get((here.place, str(here.mode), here.side, there.side))
        classes[arc] = 2 if known == "no" else 1
    return classes


def _by_number(network: Network, classes: Ints, admit: bool) -> Ints:
    """Count shortfalls, then what is unknown, then minutes."""
    minutes = network.time_ms // _MS_PER_MINUTE
    unknown = 0 if admit else _PER_UNKNOWN
    weights = (classes == 2) * _PER_SHORTFALL + (classes == 1) * unknown + minutes
    return np.asarray(weights, np.int64)


def _by_km(network: Network, classes: Ints, admit: bool) -> Ints:
    """Count metres of shortfalls, a crossing as one, then of what is unknown."""
    metres = np.maximum(network.length_mm // _MM_PER_METRE, 1)
    units = np.maximum(network.length_mm // _MM_PER_UNIT, 1)
    unknown = np.where((classes == 1) & (not admit), units, 0)
    return np.asarray((classes == 2) * metres * _PER_METRE + unknown, np.int64)


def _upgrade(
    network: Network, question: Question, classes: Ints, weights: Ints
) -> Upgrade | None:
    layers = lay_out(network, question, weights)
    found = shortest(layers.graph, layers.source, layers.target)
    if found is None:
        return None
    arcs = layers.network_arcs(found)
    return Upgrade(
        tuple(_shortfall(network, arc) for arc in arcs if classes[arc]),
        describe(network, arcs),
    )


def _shortfall(network: Network, arc: int) -> Shortfall:
    number = int(network.link_of[arc])
    here, there = (
        network.graph_nodes[int(ends[arc])] for ends in (network.tails, network.heads)
    )
    if number == NO_LINK:
        goods = network.tables.borders["goods"].to_dict()
        known = goods.get((here.place, str(here.mode), here.side, there.side))
        return Shortfall(
            here.place,
            here.place,
            there.place,
            OPEN_IT if known == "no" else FIND_OUT,
            "crossing closed to goods" if known == "no" else "goods unknown",
            0.0,
            (),
        )
    row = network.rows[number]
    lacking = (f for f in network.findings[number] if f.verdict != Verdict.PASSES)
    return Shortfall(
        network.link_ids[number],
        row["from_node"],
        row["to_node"],
        _TO_DO[network.uses[number]],
        row["status"],
        row["length_km"],
        tuple(lacking),
    )


def _heaviest(asked: Capacity, question: Question) -> Heaviest:
    start, end = question.stops
    roots, ends = asked.nodes(start), asked.nodes(end)
    sure, hoped = (widest_tree(g, roots) for g in (asked.known, asked.hoped))
    width = max((sure.width[node] for node in ends), default=-1)
    most = max((hoped.width[node] for node in ends), default=-1)
    route: Route | None = None
    links: tuple[str, ...] = ()
    source = None
    if width >= 0:
        ways = Quickest(asked, start, width)
        if arcs := ways.way(end):
            route = describe(asked.network, arcs)
            links, source = ways.binding(arcs)
    return Heaviest(
        str(asked.mode),
        asked.demand,
        DEMANDS[asked.mode][asked.demand],
        asked.needed,
        asked.value(width),
        asked.value(most),
        source,
        links,
        route,
    )


def _missing(network: Network, question: Question, classes: Ints) -> list[Missing]:
    """Rank what is unknown by what knowing it to pass would change.

    One tree from the origin and one towards the destination, in which the number of
    unknown links comes before the time; what is barred is never on a way.
    """
    weights = network.time_ms + (classes == 1) * _ONE_UNKNOWN + (classes == 2) * _NEVER
    layers = lay_out(network, question, weights)
    out = tree(layers.graph, layers.source)
    back = tree(layers.graph, layers.target, reverse=True)
    today = _split(out.distance[layers.target])
    now_h = today[1] if today and today[0] == 0 else None
    found: dict[str, Missing] = {}
    for arc, own in enumerate(layers.arcs.tolist()):
        if own < 0 or classes[own] != 1:
            continue
        tail, head = int(layers.graph.tails[arc]), int(layers.graph.heads[arc])
        ways = out.distance[tail], back.distance[head]
        whole = -1 if min(ways) < 0 else sum(ways) + int(layers.graph.weights[arc])
        if (way := _split(whole)) is None or (now_h is not None and way[1] >= now_h):
            continue
        first = path(layers.graph, out, tail) or []
        last = path(layers.graph, back, head) or []
        if _comes_back(network, layers.network_arcs([*first, arc, *last])):
            continue
        lacking = _shortfall(network, own)
        saved = None if now_h is None else now_h - way[1]
        missing = Missing(lacking, way[0] - 1, way[1], saved)
        other = found.get(lacking.link)
        if other is None or (missing.others, missing.time_h) < (
            other.others,
            other.time_h,
        ):
            found[lacking.link] = missing
    return sorted(found.values(), key=lambda m: (m.others, m.time_h, m.shortfall.link))


def _split(distance: np.int64 | int) -> tuple[int, float] | None:
    """Return the unknown links and the hours of a way; None where there is none."""
    if not 0 <= distance < _NEVER:
        return None
    unknown, time = divmod(int(distance), _ONE_UNKNOWN)
    return unknown, time / MS_PER_H


def _comes_back(network: Network, arcs: Sequence[int]) -> bool:
    """Whether a walk comes to a place twice, in one mode and on one side of it."""
    nodes = [int(network.tails[arcs[0]]), *(int(network.heads[arc]) for arc in arcs)]
    spots = [spot for spot, _ in groupby(network.graph_nodes[n].spot for n in nodes)]
    return len(set(spots)) < len(spots)
