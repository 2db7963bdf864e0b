"""Networks side by side: what pairs of places gain and lose between one and others.

Hours are under way, at borders, changing mode and at halts of trains. The rests of
drivers are left out: they come in steps, which can hide a gain, or feign one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mobility.analysis.bottlenecks import score
from mobility.analysis.pairs import check_pairs, default_pairs
from mobility.analysis.redundancy import disjoint_counts
from mobility.analysis.ways import (
    ITEMS,
    Ways,
    assumed_share,
    best_ways,
    count_choices,
    effective,
    spread,
)
from mobility.data.rows import corridors_of
from mobility.errors import InputError, NoRouteError
from mobility.kernels.replacement import link_losses
from mobility.network.arcs import MS_PER_H
from mobility.network.build import Use

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mobility.network.build import Network

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

SAME, GAINS, LOSES = "same", "gains", "loses"
REACHED, CUT_OFF, NEVER = "reached", "cut off", "no way"
OPENED, CLOSED = "opened", "closed"
OTHER_WAY, SAME_WAY = "another way", "the same way"


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Networks side by side, the base first. A change is the other's minus the base's.

    Attributes
    ----------
    scenarios : pandas.DataFrame
        One row per network, indexed by `scenario`; numbers of pairs are sums of weight:

        `pairs`, `reached`: all, and those with a way; `gains`, `loses`, `newly_reached`
        and `cut_off` against the base. `mean_h`, `median_h`: over the pairs with a way
        in every network compared. `mean_change_h`: over the pairs with a way in the
        base and here. `mean_alternatives`: over all pairs, 0 where there is no way.
        `loses_alternatives`. `effective_corridors`, `effective_countries`,
        `effective_crossings`, `effective_modes`: 1/HHI over what all best ways use
        (kilometres on corridors, in states, by mode; crossings passed).
        `assumed_share`: of the kilometres of best ways, those of assumed length.
        With counts also `mean_link_count` and `mean_node_count`.
    pairs : pandas.DataFrame
        One row per network and pair: `scenario`, `origin`, `destination`, `weight`,
        `time_h` (inf where there is no way), `length_km`, `alternatives`; `change_h`
        (-inf for a pair newly reached, inf for one cut off), `change_km`,
        `change_alternatives`; `outcome`: `same`, `gains`, `loses`, `reached`, `cut off`
        or `no way`. Of pairs whose hours change, `why`: `opened` or `closed` (`link` is
        the first of the new best way that the base lacks, or of the base's that is lost
        here), `another way` (`link`: the first that the base's best way has not) or
        `the same way`; and `corridors` of that link. With counts also `link_count` and
        `node_count`, as `disjoint_counts` finds them, and their changes.
    ranks : pandas.DataFrame
        One row per network but the base and link whose `delay_h` differs, the greatest
        change first: `scenario`, `link_id`, `base_rank`, `rank`, `base_delay_h`,
        `delay_h`, `change_h`, of which `Bottlenecks` says what they are; `corridors`.
        Ranks are among all links of the tables.
    tolerance : float
        As used.
    """

    scenarios: pd.DataFrame
    pairs: pd.DataFrame
    ranks: pd.DataFrame
    tolerance: float


def compare(
    networks: Mapping[str, Network],
    pairs: pd.DataFrame | None = None,
    *,
    tolerance: float | None = None,
    counts: bool = False,
) -> Comparison:
    """Hold networks against the first of them, pair by pair.

    Parameters
    ----------
    networks
        By name, the base first; all of the same tables.
    pairs
        `origin`, `destination`, `weight`; by default those of `default_pairs` for the
        base. They are the same for all networks.
    tolerance
        How much longer than the base's best way alternatives may take on average, as a
        share; of a pair that the base does not reach, than its own best. None: the rule
        `choice_tolerance`.
    counts
        Whether to count the ways that share no link, and no place, too; takes longer.

    Raises
    ------
    InputError
        There are fewer than two networks, or they are of different tables; the pairs
        are wrong (see `check_pairs`), or the tolerance is negative or no number.
    UnknownNameError
        A pair names no place.
    NoRouteError
        No pair has a way in any network.

    Notes
    -----
    Alternatives are those of `ways.count_choices`. Because all are held against the
    base's best way, a better best cannot lose alternatives, and what only adds links
    never has fewer.
    """
    if len(networks) < 2:
        msg = f"{len(networks)} to compare: there should be a base and another"
        raise InputError(msg)
    names, (base, *others) = list(networks), networks.values()
    if any(other.tables.version != base.tables.version for other in others):
        msg = "networks to compare should be of the same tables"
        raise InputError(msg)
    share = base.rules.value("choice_tolerance") if tolerance is None else tolerance
    if not (math.isfinite(share) and share >= 0):
        msg = f"tolerance {share:g} should be a share of 0 or more, as 0.25"
        raise InputError(msg)
    asked = check_pairs(base, default_pairs(base) if pairs is None else pairs)
    found = {name: best_ways(network, asked) for name, network in networks.items()}
    if all((ways.time_ms < 0).all() for ways in found.values()):
        msg = f"none of {len(asked)} pairs has a route in any of {', '.join(names)}"
        raise NoRouteError(msg)
    first = found[names[0]]
    frames: dict[str, pd.DataFrame] = {}
    for name, ways in found.items():
        frame = _against(asked, first, ways, name)
        limits = longest_ms(first, ways, share)
        frame["alternatives"] = count_choices(ways, limits)
        if counts:
            counted = disjoint_counts(ways.network, asked)
            frame = frame.join(counted[["link_count", "node_count"]])
        frames[name] = _with_changes(frame, frames.get(names[0], frame))
    everywhere = np.logical_and.reduce([w.time_ms >= 0 for w in found.values()])
    rows = {
        name: _summary(frames[name], ways, first, everywhere)
        for name, ways in found.items()
    }
    scenarios = pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")
    together = pd.concat(list(frames.values()), ignore_index=True)
    return Comparison(scenarios, together, _ranks(found, asked, share), share)


def longest_ms(base: Ways, ways: Ways, tolerance: float) -> Ints:
    """Return how long alternatives of each pair may take, in milliseconds.

    That share longer than the base's best way; where the base has none, than its own.
    """
    best = np.where(base.time_ms < 0, ways.time_ms, base.time_ms)
    return np.array([math.floor(ms * (1 + tolerance)) for ms in best.tolist()])


def _against(pairs: pd.DataFrame, base: Ways, ways: Ways, name: str) -> pd.DataFrame:
    """Hold the best way of each pair against that of the base."""
    before, after = base.time_ms, ways.time_ms
    outcome = np.select(
        [
            (before < 0) & (after < 0),
            before < 0,
            after < 0,
            after < before,
            after > before,
        ],
        [NEVER, REACHED, CUT_OFF, GAINS, LOSES],
        SAME,
    )
    change = np.select(
        [(before < 0) & (after < 0), before < 0, after < 0],
        [math.nan, -math.inf, math.inf],
        (after - before) / MS_PER_H,
    )
    frame = pairs[["origin", "destination", "weight"]].copy()
    frame.insert(0, "scenario", name)
    reasons = [
        _reason(base, ways, pair)
        if outcome[pair] in (GAINS, LOSES, REACHED, CUT_OFF)
        else (None, None, ())
        for pair in range(len(pairs))
    ]
    why, link, corridors = (
        pd.Series(list(column), dtype=object) for column in zip(*reasons, strict=True)
    )
    return frame.assign(
        outcome=outcome,
        time_h=ways.time_h,
        change_h=change,
        length_km=ways.length_km,
        why=why,
        link=link,
        corridors=corridors,
    )


def _reason(
    base: Ways, ways: Ways, pair: int
) -> tuple[str, str | None, tuple[str, ...]]:
    """Tell why the hours of a pair change: in a word, and the first link concerned."""
    old, new = base.links[pair], ways.links[pair]
    opened = [n for n in new if base.network.uses[n] != Use.USED]
    closed = [n for n in old if ways.network.uses[n] != Use.USED]
    is_better = ways.time_ms[pair] >= 0 and not (
        0 <= base.time_ms[pair] < ways.time_ms[pair]
    )
    differing = [n for n in new if n not in set(old)]
    if is_better and opened:
        why, number = OPENED, opened[0]
    elif not is_better and closed:
        why, number = CLOSED, closed[0]
    elif differing:
        why, number = OTHER_WAY, differing[0]
    else:
        return SAME_WAY, None, ()
    network = ways.network
    return why, network.link_ids[number], corridors_of(network.rows[number])


def _with_changes(frame: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Add how far numbers are from those of the base, beside them."""
    changes = {
        "length_km": "change_km",
        "alternatives": "change_alternatives",
        "link_count": "change_link_count",
        "node_count": "change_node_count",
    }
    found = frame.copy()
    for column, change in changes.items():
        if column in frame:
            found[change] = frame[column] - base[column]
    order = ["scenario", "origin", "destination", "weight", "outcome"]
    order += ["time_h", "change_h"]
    order += [c for pair in changes.items() if pair[0] in frame for c in pair]
    return found[[*order, "why", "link", "corridors"]]


def _summary(
    frame: pd.DataFrame, ways: Ways, base: Ways, everywhere: npt.NDArray[np.bool_]
) -> dict[str, Any]:
    """Return the row of one network."""
    weight = frame["weight"].to_numpy()
    both = (ways.time_ms >= 0) & (base.time_ms >= 0)
    numbers = {
        outcome: float(weight[frame["outcome"] == outcome].sum())
        for outcome in (GAINS, LOSES, REACHED, CUT_OFF)
    }
    fewer = (frame["change_alternatives"] < 0).to_numpy()
    row: dict[str, Any] = {
        "pairs": float(weight.sum()),
        "reached": float(weight[ways.time_ms >= 0].sum()),
        "gains": numbers[GAINS],
        "loses": numbers[LOSES],
        "newly_reached": numbers[REACHED],
        "cut_off": numbers[CUT_OFF],
        "mean_h": mean(ways.time_h[everywhere], weight[everywhere]),
        "median_h": _median(ways.time_h[everywhere], weight[everywhere]),
        "mean_change_h": mean(frame["change_h"].to_numpy()[both], weight[both]),
        "mean_alternatives": mean(frame["alternatives"].to_numpy(), weight),
        "loses_alternatives": float(weight[fewer].sum()),
    }
    for items in ITEMS:
        row[f"effective_{items}"] = effective(spread(ways, weight, items))
    row["assumed_share"] = assumed_share(ways, weight)
    for count in ("link_count", "node_count"):
        if count in frame:
            row[f"mean_{count}"] = mean(frame[count].to_numpy(), weight)
    return row


def mean(values: npt.NDArray[Any], weights: Floats) -> float:
    """Return the weighted mean; NaN of nothing."""
    return float(np.average(values, weights=weights)) if len(values) else math.nan


def _median(values: Floats, weights: Floats) -> float:
    """Return the value that half of the weight does not exceed; NaN of nothing."""
    if not len(values):
        return math.nan
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, below[-1] / 2)])


def _ranks(
    found: Mapping[str, Ways], pairs: pd.DataFrame, tolerance: float
) -> pd.DataFrame:
    """Rank links by what their loss costs all pairs, in the base and in each other."""
    (_, base), *others = found.items()
    before = _delays(base, pairs, tolerance)
    frames = []
    for name, ways in others:
        after = _delays(ways, pairs, tolerance)
        frame = pd.DataFrame(
            {
                "scenario": name,
                "link_id": list(ways.network.link_ids),
                "base_rank": _rank(before),
                "rank": _rank(after),
                "base_delay_h": before,
                "delay_h": after,
                "change_h": after - before,
                "corridors": [corridors_of(row) for row in ways.network.rows],
            }
        )
        frame = frame[frame["change_h"] != 0]
        frames.append(
            frame.sort_values("change_h", key=np.abs, ascending=False, kind="stable")
        )
    return pd.concat(frames, ignore_index=True)


def _delays(ways: Ways, pairs: pd.DataFrame, tolerance: float) -> Floats:
    """Return per link of the tables the mean hours its loss costs all pairs."""
    network, joined = ways.network, ways.joined
    delays = np.zeros(len(network.link_ids))
    if (ways.time_ms < 0).all():
        return delays
    losses = link_losses(joined.graph, joined.sources, joined.targets)
    more = (losses.cost - losses.base[losses.pair]) / MS_PER_H
    lost = pd.DataFrame(
        {
            "pair": losses.pair,
            "lost": losses.lost,
            "loss_h": np.where(losses.cost < 0, math.inf, more),
        }
    )
    timed = pairs.assign(time_h=ways.time_h)
    scores = score(timed, lost, tolerance, network.rules.value("cut_off_loss_h"))
    delays[scores.index.to_numpy()] = scores["delay_h"].to_numpy()
    return delays


def _rank(delays: Floats) -> Sequence[int]:
    """Rank from the greatest; equals share the lowest rank."""
    return pd.Series(delays).rank(method="min", ascending=False).astype(int).to_list()
