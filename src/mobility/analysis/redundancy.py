"""How many independent ways there are between two places, and how good they are.

Counts of ways that share nothing come with what would have to be lost to leave none;
ways within a tolerance of the best come with bounds.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mobility.analysis.cuts import count_links, count_places, draw_together
from mobility.analysis.describe import describe
from mobility.analysis.disjoint import (
    DEFAULT_RISKS,
    Apart,
    check_risk_kinds,
    find_apart,
)
from mobility.analysis.gaps import explain_gap
from mobility.analysis.pairs import check_pairs, default_pairs, join
from mobility.analysis.question import Layers, Question, ask, lay_out, weigh
from mobility.data.rows import corridors_of
from mobility.errors import InputError, NoRouteError
from mobility.kernels.apart import bounded_disjoint
from mobility.kernels.disjoint import MAX_PATHS
from mobility.kernels.replacement import link_losses
from mobility.kernels.shortest import shortest
from mobility.network.arcs import NO_LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from mobility.model import Route, Row
    from mobility.network.build import Network

    Ints = npt.NDArray[np.int64]

CUT_COLUMNS = ("link_cut", "node_cut", "risk_cut")
# what `redundancies` adds to pairs
PAIR_COLUMNS = (
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
    *CUT_COLUMNS,
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
    share = _tolerance(network, tolerance)
    check_risk_kinds(risk_kinds)
    found = _measure(network, question, weigh(network, by), share, risk_kinds)
    if found is None:
        raise NoRouteError(explain_gap(network, question))
    return found


def _measure(
    network: Network,
    question: Question,
    weights: Ints,
    share: float,
    risk_kinds: Sequence[str],
) -> Redundancy | None:
    """Measure the redundancy of a question; None where there is no way."""
    layers = lay_out(network, question, weights)
    ends = layers.source, layers.target
    best = shortest(layers.graph, *ends)
    if best is None:
        return None
    link = find_apart(network, question, layers, "link")
    node, risk, pair = _hangs_at(network, question, link), link, link.ways
    within: tuple[tuple[int, ...], ...] = (tuple(layers.network_arcs(best)),)
    bound = 1
    # what hangs by one link has one way by any measure
    if len(link.ways) > 1 or not link.cut:
        node = find_apart(network, question, layers, "node")
        risk = find_apart(network, question, layers, "risk", risk_kinds=risk_kinds)
        longest = math.floor(layers.graph.weigh(best) * (1 + share))
        near = bounded_disjoint(layers.graph, *ends, longest, MAX_PATHS)
        within = tuple(tuple(layers.network_arcs(path)) for path in near.paths)
        bound = near.upper_bound
    if len(link.ways) > 2:
        pair = find_apart(network, question, layers, "link", k=2).ways
    start, end = question.stops
    return Redundancy(
        start,
        end,
        best=describe(network, layers.network_arcs(best)),
        link=link,
        node=node,
        risk=risk,
        tolerance=share,
        within=within,
        within_bound=bound,
        pair=pair,
        detour=_detour(network, layers),
        diversity={
            name: _diversity([shares(network, way) for way in within])
            for name, shares in _SHARES.items()
        },
    )


def _hangs_at(network: Network, question: Question, link: Apart) -> Apart:
    """Return the place where a pair hangs that hangs by one link: an end of it.

    The link itself where both its ends are those of the question.
    """
    if len(link.cut) != 1:
        return link
    row = network.rows[network.link_ids.index(link.cut[0])]
    ends = {row["from_node"], row["to_node"]} - set(question.stops)
    on_way = [place for place in describe(network, link.ways[0]).nodes if place in ends]
    return replace(link, cut_links=(), cut_places=(on_way[0],)) if on_way else link


def redundancies(
    network: Network,
    pairs: pd.DataFrame | None = None,
    *,
    by: str = "time",
    tolerance: float | None = None,
    risk_kinds: Sequence[str] = DEFAULT_RISKS,
) -> pd.DataFrame:
    """Measure the redundancy of many pairs.

    Parameters
    ----------
    pairs
        `origin`, `destination`, `weight`; by default those of `default_pairs`.

    Returns
    -------
    pandas.DataFrame
        The pairs, numbered from 0, with `PAIR_COLUMNS`: numbers NaN and counts 0 where
        there is no way, or an end is closed; cuts joined by `;`.

    Raises
    ------
    UnknownNameError, InputError
        As `redundancy`; or the pairs are wrong (see `check_pairs`).
    """
    asked = check_pairs(network, default_pairs(network) if pairs is None else pairs)
    share = _tolerance(network, tolerance)
    check_risk_kinds(risk_kinds)
    weights = weigh(network, by)
    rows: list[dict[str, object]] = []
    for stops in zip(asked["origin"], asked["destination"], strict=True):
        found = _measure(network, Question(stops), weights, share, risk_kinds)
        rows.append({} if found is None else _row(network, found))
    frame = asked.join(pd.DataFrame(rows, columns=list(PAIR_COLUMNS)))
    counts = [name for name in PAIR_COLUMNS if name.endswith(("_count", "_bound"))]
    frame[counts] = frame[counts].fillna(0).astype(int)
    cuts = list(CUT_COLUMNS)
    frame[cuts] = frame[cuts].astype(object).fillna("")
    return frame


def disjoint_counts(
    network: Network, pairs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Count the ways that share no link, and no place, for many pairs.

    The numbers that `redundancies` finds, without what proves them, and sooner.

    Parameters
    ----------
    pairs
        As for `redundancies`.

    Returns
    -------
    pandas.DataFrame
        The pairs, numbered from 0, with `link_count` and `node_count`, 0 where there is
        no way.
    """
    asked = check_pairs(network, default_pairs(network) if pairs is None else pairs)
    drawn = draw_together(join(network, asked))
    return asked.assign(
        link_count=[count_links(drawn, pair) for pair in range(len(asked))],
        node_count=[count_places(drawn, pair) for pair in range(len(asked))],
    )


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What the redundancy of many pairs adds up to.

    Attributes
    ----------
    counts : pandas.DataFrame
        Indexed by `ways`, from 0: the share of the weight of all pairs that has so many
        ways that share no link, no place, no risk, and within the tolerance: `link`,
        `node`, `risk`, `tolerance`.
    means : dict of float
        The same columns: mean number of ways over the weight of all pairs, those
        without a way counting 0.
    cuts : pandas.DataFrame
        What stands in the cuts of pairs, the most first: `what` (`link`, `node`,
        `risk`), `id`, `pairs` (number of pairs), `share` (of the weight of pairs that
        have a way), `alone` (the share it cuts off by itself).
    """

    counts: pd.DataFrame
    means: dict[str, float]
    cuts: pd.DataFrame


def summarize(frame: pd.DataFrame) -> Summary:
    """Add up the redundancy of many pairs.

    Parameters
    ----------
    frame
        As `redundancies` returns it. One smallest cut of each pair is in it, and there
        may be others: how often a link is in any of them, `bottlenecks` tells.
    """
    names = ("link", "node", "risk", "tolerance")
    weight = frame["weight"] / frame["weight"].sum()
    shares = {name: weight.groupby(frame[f"{name}_count"]).sum() for name in names}
    most = max(int(share.index.max()) for share in shares.values())
    counts = pd.DataFrame(shares).reindex(range(most + 1)).fillna(0.0)
    means = {name: float((weight * frame[f"{name}_count"]).sum()) for name in names}
    return Summary(counts.rename_axis("ways"), means, _recurring(frame))


def _recurring(frame: pd.DataFrame) -> pd.DataFrame:
    """Count in the cuts of how many pairs each thing is."""
    total = math.fsum(frame["weight"][frame["link_count"] > 0])
    columns = ["what", "id", "pairs", "share", "alone"]
    rows = []
    for column in CUT_COLUMNS:
        for told, weight in zip(frame[column], frame["weight"], strict=True):
            cut = [name for name in told.split(";") if name]
            share = weight / total if cut else 0.0
            alone = share if len(cut) == 1 else 0.0
            rows += [
                (column.removesuffix("_cut"), name, 1, share, alone) for name in cut
            ]
    listed = pd.DataFrame(rows, columns=columns)
    found = listed.groupby(["what", "id"], as_index=False).sum()
    order = found.sort_values(
        ["what", "share", "id"], ascending=[True, False, True], kind="stable"
    )
    return order.reset_index(drop=True)


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
