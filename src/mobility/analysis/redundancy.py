"""How many independent ways there are between two places, and how good they are.

Counts of ways that share nothing come with what would have to be lost to leave none;
ways within a tolerance of the best come with bounds. A pair is an origin, a destination
and a weight.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mobility.analysis.describe import describe
from mobility.analysis.disjoint import DEFAULT_RISKS, Apart, count_apart, find_apart
from mobility.analysis.gaps import explain_gap
from mobility.analysis.question import Layers, Question, ask, lay_out, weigh
from mobility.data.find import find_place
from mobility.data.rows import corridors_of
from mobility.errors import InputError, NoRouteError
from mobility.kernels.apart import bounded_disjoint
from mobility.kernels.disjoint import MAX_PATHS
from mobility.kernels.replacement import link_losses
from mobility.kernels.shortest import shortest
from mobility.network.arcs import NO_LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mobility.model import Route, Row
    from mobility.network.build import Network

PAIR_COLUMNS = (
    "weight",
    "time_h",
    "length_km",
    "link_count",
    "node_count",
    "node_upper_bound",
    "risk_count",
    "risk_upper_bound",
    "tolerance_count",
    "tolerance_upper_bound",
    "pair_total_h",
    "second_h",
    "detour_mean",
    "detour_max",
    "cut_off_share",
    "alternatives_corridors",
    "alternatives_countries",
    "alternatives_crossings",
    "alternatives_modes",
    "link_cut",
    "node_cut",
    "risk_cut",
)


@dataclass(frozen=True, slots=True)
class Detour:
    """What the loss of one link of the best route costs, one lost at a time.

    Attributes
    ----------
    ratios
        Per link of the best route, in order of travel, how many times as long the way
        without it is; None where there is none left.
    mean, max
        Over the links that leave a way; None where none does.
    cut_off_share
        Share of the links that leave none.
    """

    ratios: Mapping[str, float | None]
    mean: float | None
    max: float | None
    cut_off_share: float


@dataclass(frozen=True, slots=True)
class Diversity:
    """On how many corridors, states, crossings or modes alternatives spread.

    Attributes
    ----------
    shares
        By item, the mean over the alternatives of what part of each lies on it: of its
        kilometres, of its crossings. A link on several corridors counts for each in
        equal parts; empty: what lies on none.
    effective_items
        1/HHI of the shares: on how many items the alternatives lie, effectively. A
        single route across five states has many.
    effective_alternatives
        How many alternatives there are, effectively, as far as they differ: 1 where all
        spread alike over the same items, their number where they have none in common.
        The inverse of the mean overlap of any two, each with itself included; 1/HHI
        where each lies on one item alone.
    """

    shares: Mapping[str, float]
    effective_items: float
    effective_alternatives: float


@dataclass(frozen=True, slots=True)
class Redundancy:
    """The redundancy of one pair.

    Attributes
    ----------
    origin, destination
        Place ids.
    best
        The best route.
    link, node, risk
        Ways that share no link, no place, no link and no risk group.
    tolerance
        How much more than the best an alternative may cost, as a share.
    within, within_bound
        Ways that share no link and cost no more than that, and how many there can be at
        most: no minimum cut bounds it.
    pair
        The two ways that share no link of least total; fewer where there are not two.
    detour
        Detours around each link of the best route.
    diversity
        By `corridors`, `countries`, `crossings` and `modes`, over the ways of `within`,
        each with an equal share.
    """

    origin: str
    destination: str
    best: Route
    link: Apart
    node: Apart
    risk: Apart
    tolerance: float
    within: tuple[tuple[int, ...], ...]
    within_bound: int
    pair: tuple[tuple[int, ...], ...]
    detour: Detour
    diversity: Mapping[str, Diversity]


def redundancy(
    network: Network,
    origin: str,
    destination: str,
    *,
    by: str = "time",
    tolerance: float | None = None,
    risk_kinds: Sequence[str] = DEFAULT_RISKS,
) -> Redundancy:
    """Measure the redundancy between two places.

    Parameters
    ----------
    network
        What may be used.
    origin, destination
        Places, by any name `find_place` understands; they are never lost.
    by
        What routes are good in: `time` or `length`.
    tolerance
        How much more than the best an alternative may cost, as a share; None: the rule
        `choice_tolerance`.
    risk_kinds
        What counts as one risk, as for `find_apart`.

    Raises
    ------
    UnknownNameError
        A name means no place.
    InputError
        Origin and destination are one place, the tolerance is negative or no number, or
        a choice is none.
    NoRouteError
        There is no way; the message names the links that would complete one.

    References
    ----------
    Menger (1927), Fundamenta Mathematicae 10. Suurballe & Tarjan (1984), Networks 14.
    Jenelius, Petersen & Mattsson (2006), Transportation Research Part A 40, for
    detours. Leinster & Cobbold (2012), Ecology 93, for the effective number of things
    that are alike in part.
    """
    question = ask(network, origin, destination)
    return _measure(network, question, by, tolerance, risk_kinds)


def _measure(
    network: Network,
    question: Question,
    by: str,
    tolerance: float | None,
    risk_kinds: Sequence[str],
) -> Redundancy:
    share = _tolerance(network, tolerance)
    layers = lay_out(network, question, weigh(network, by))
    best = shortest(layers.graph, layers.source, layers.target)
    if best is None:
        raise NoRouteError(explain_gap(network, question))
    cost = layers.graph.weigh(best)
    within = bounded_disjoint(
        layers.graph,
        layers.source,
        layers.target,
        math.floor(cost * (1 + share)),
        MAX_PATHS,
    )
    ways = tuple(tuple(layers.network_arcs(path)) for path in within.paths)
    start, end = question.stops
    return Redundancy(
        start,
        end,
        best=describe(network, layers.network_arcs(best)),
        link=find_apart(network, question, layers, "link"),
        node=find_apart(network, question, layers, "node"),
        risk=find_apart(network, question, layers, "risk", risk_kinds=risk_kinds),
        tolerance=share,
        within=ways,
        within_bound=within.upper_bound,
        pair=find_apart(network, question, layers, "link", k=2).ways,
        detour=_detour(network, layers),
        diversity={
            name: _diversity([shares(network, way) for way in ways])
            for name, shares in _SHARES.items()
        },
    )


def redundancies(
    network: Network,
    pairs: Iterable[tuple[str, str, float]],
    *,
    by: str = "time",
    tolerance: float | None = None,
    risk_kinds: Sequence[str] = DEFAULT_RISKS,
) -> pd.DataFrame:
    """Measure the redundancy of many pairs.

    Parameters
    ----------
    pairs
        Origin, destination and weight of each.

    Returns
    -------
    pandas.DataFrame
        One row per pair, indexed by the ids of `origin` and `destination`, with
        `PAIR_COLUMNS`: numbers NaN and counts 0 where there is no way, or an end is
        closed; cuts joined by `;`.

    Raises
    ------
    UnknownNameError, InputError
        As `redundancy`; or there is no pair.
    """
    rows: dict[tuple[str, ...], dict[str, object]] = {}
    for origin, destination, weight in pairs:
        question = _between(network, origin, destination)
        rows[question.stops] = {"weight": weight}
        try:
            found = _measure(network, question, by, tolerance, risk_kinds)
        except NoRouteError:
            continue
        rows[question.stops] |= _row(network, found)
    if not rows:
        msg = "there is no pair to measure"
        raise InputError(msg)
    index = pd.MultiIndex.from_tuples(rows, names=["origin", "destination"])
    frame = pd.DataFrame(list(rows.values()), index=index, columns=list(PAIR_COLUMNS))
    counts = [name for name in PAIR_COLUMNS if name.endswith(("_count", "_bound"))]
    frame[counts] = frame[counts].fillna(0).astype(int)
    cuts = ["link_cut", "node_cut", "risk_cut"]
    frame[cuts] = frame[cuts].astype(object).fillna("")
    return frame


def disjoint_counts(
    network: Network, pairs: Iterable[tuple[str, str]], *, by: str = "time"
) -> pd.DataFrame:
    """Count the ways that share no link, and no place, for many pairs.

    Returns
    -------
    pandas.DataFrame
        One row per pair, indexed by the ids of `origin` and `destination`: `link_count`
        and `node_count`, 0 where there is no way.
    """
    weights = weigh(network, by)
    rows = {}
    for origin, destination in pairs:
        question = _between(network, origin, destination)
        layers = lay_out(network, question, weights)
        counts = count_apart(network, question, layers)
        rows[question.stops] = dict(
            zip(("link_count", "node_count"), counts, strict=True)
        )
    index = pd.MultiIndex.from_tuples(list(rows), names=["origin", "destination"])
    columns = ["link_count", "node_count"]
    return pd.DataFrame(list(rows.values()), index=index, columns=columns)


def _between(network: Network, origin: str, destination: str) -> Question:
    """Return the question of one of many pairs, whose ends may be closed."""
    start, end = (find_place(network.tables, name) for name in (origin, destination))
    if start == end:
        msg = f"origin and destination are the same place, {start!r}"
        raise InputError(msg)
    return Question((start, end))


def _tolerance(network: Network, tolerance: float | None) -> float:
    if tolerance is None:
        return network.rules.value("choice_tolerance")
    if not (math.isfinite(tolerance) and tolerance >= 0):
        msg = f"tolerance {tolerance:g} should be a share of 0 or more, as 0.25"
        raise InputError(msg)
    return tolerance


def _detour(network: Network, layers: Layers) -> Detour:
    losses = link_losses(layers.graph, [layers.source], [layers.target])
    base = int(losses.base[0])
    ratios = {
        network.link_ids[link]: None if cost < 0 else cost / base
        for link, cost in zip(losses.lost.tolist(), losses.cost.tolist(), strict=True)
    }
    left = [ratio for ratio in ratios.values() if ratio is not None]
    return Detour(
        ratios,
        mean=math.fsum(left) / len(left) if left else None,
        max=max(left, default=None),
        cut_off_share=1 - len(left) / len(ratios),
    )


def _diversity(alternatives: Sequence[Mapping[str, float]]) -> Diversity:
    """Measure how alternatives spread, given what part of each lies on which item."""
    items = sorted(set().union(*alternatives))
    table = np.array([[way.get(item, 0.0) for item in items] for way in alternatives])
    shares = table.mean(axis=0)
    overlap = np.minimum(table[:, None], table[None]).sum(axis=2).mean()
    return Diversity(
        dict(zip(items, shares.tolist(), strict=True)),
        effective_items=1 / float((shares**2).sum()),
        effective_alternatives=1 / float(overlap),
    )


def _by_km(
    items: Callable[[Row], Sequence[str]],
) -> Callable[[Network, Sequence[int]], dict[str, float]]:
    """Return what tells the share of a way's kilometres on each item."""

    def shares(network: Network, way: Sequence[int]) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        numbers = (int(network.link_of[arc]) for arc in way)
        rows = [network.rows[number] for number in numbers if number != NO_LINK]
        whole = math.fsum(row["length_km"] for row in rows)
        for row in rows:
            named = items(row) or ("",)
            for item in named:
                found[item] += row["length_km"] / len(named) / whole
        return dict(found)

    return shares


def _crossings(network: Network, way: Sequence[int]) -> dict[str, float]:
    crossings = set(describe(network, way).border_crossings) or {""}
    return {crossing: 1 / len(crossings) for crossing in crossings}


_SHARES: Mapping[str, Callable[[Network, Sequence[int]], dict[str, float]]] = {
    "corridors": _by_km(corridors_of),
    "countries": _by_km(lambda row: str(row["country"]).split("-")),
    "crossings": _crossings,
    "modes": _by_km(lambda row: (str(row["mode"]),)),
}


def _row(network: Network, found: Redundancy) -> dict[str, object]:
    """Return one row of the frame, keyed by column."""
    hours = [describe(network, way).time_h for way in found.pair]
    both = len(hours) == 2
    return {
        "time_h": found.best.time_h,
        "length_km": found.best.length_km,
        "link_count": len(found.link.ways),
        "node_count": len(found.node.ways),
        "node_upper_bound": found.node.upper_bound,
        "risk_count": len(found.risk.ways),
        "risk_upper_bound": found.risk.upper_bound,
        "tolerance_count": len(found.within),
        "tolerance_upper_bound": found.within_bound,
        "pair_total_h": math.fsum(hours) if both else None,
        "second_h": hours[1] if both else None,
        "detour_mean": found.detour.mean,
        "detour_max": found.detour.max,
        "cut_off_share": found.detour.cut_off_share,
        **{
            f"alternatives_{name}": spread.effective_alternatives
            for name, spread in found.diversity.items()
        },
        "link_cut": ";".join(found.link.cut),
        "node_cut": ";".join(found.node.cut),
        "risk_cut": ";".join(found.risk.cut),
    }
