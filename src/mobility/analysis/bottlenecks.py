"""What the loss of each link and of each place costs all pairs, one lost at a time.

Exact: every pair is searched again without the thing that is lost. Speaks of sections
and places of public data, of what they fall short of and what would mend it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mobility.analysis.compliance import shortfalls
from mobility.analysis.cuts import detours_of, draw_together, link_cuts, place_cuts
from mobility.analysis.pairs import PairGraph, check_pairs, default_pairs, join
from mobility.data.rows import corridors_of
from mobility.errors import InputError, NoRouteError
from mobility.kernels.replacement import Losses, link_losses, node_losses
from mobility.model import Basis
from mobility.network.arcs import MS_PER_H, NO_LINK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mobility.network.build import Network


@dataclass(frozen=True, slots=True, eq=False)
class Bottlenecks:
    """What pairs lose with each link and each place.

    A share is of the weight of the pairs that have a way while nothing is lost.

    Attributes
    ----------
    pairs : pandas.DataFrame
        `origin`, `destination`, `weight` and `time_h` of the best route (inf where
        there is no way), numbered from 0.
    links : pandas.DataFrame
        One row per link of the network, indexed by `link_id`, the worst first:

        `rank` by `delay_h`, equals sharing the lowest; `mode`, `kind`, `from_node`,
        `to_node`, `country`, `corridors` (tuple).
        `delay_h`: mean over all pairs of the hours lost, where being cut off, and any
        greater loss, counts as `cut_off_loss_h`.
        `loss_h`: mean of the hours lost over the pairs not cut off (NaN where all are);
        `loss_total_h`: their weighted sum. `cut_off`: share of pairs cut off.
        `no_choice`: share of pairs cut off or left with a route longer than the best by
        more than `tolerance`. `betweenness`: share of pairs whose best route uses it
        (of equally good routes, one).
        `in_cuts`, `in_every_cut`: share of pairs of which it is in some, in every
        minimum cut, where each link counts 1 and nothing else can be cut (`link_cuts`).
        `detour_h`, `detour_ratio`: the way round between its own ends, and that as a
        multiple of the link itself, in the worse direction; inf where there is none.
        `shortfalls`: number of requirements `not_met` (tuple of ids); `unknown` (tuple
        of ids). `length_basis`. `spare_h`: what a second way may add at most for every
        pair without a choice to get one; NaN where all have one. `mend`: that in words.
    places : pandas.DataFrame
        One row per place of the network, indexed by `node_id`, the worst first: the
        same, but `name` for the two ends, cuts of places (`place_cuts`), and neither
        detours nor `length_basis`. A place takes all its modes along; the ends of a
        pair are not lost to it.
    lost_links, lost_places : pandas.DataFrame
        One row per pair and thing on its best route: `pair` (row of `pairs`), `lost`
        (id) and `loss_h` (inf where the pair is cut off). What is not listed costs the
        pair nothing.
    tolerance, cut_off_loss_h : float
        As used.
    assumed_share : float
        Share of the kilometres of best routes, weighted, whose length is assumed.
    """

    pairs: pd.DataFrame
    links: pd.DataFrame
    places: pd.DataFrame
    lost_links: pd.DataFrame
    lost_places: pd.DataFrame
    tolerance: float
    cut_off_loss_h: float
    assumed_share: float


def bottlenecks(
    network: Network,
    pairs: pd.DataFrame | None = None,
    *,
    tolerance: float | None = None,
) -> Bottlenecks:
    """Measure what the loss of each link and each place costs pairs of places.

    Parameters
    ----------
    network
        What may be used.
    pairs
        `origin`, `destination`, `weight`; by default those of `default_pairs`.
    tolerance
        By what share a route may be longer than the best and still be a choice; by
        default the rule `choice_tolerance`.

    Raises
    ------
    InputError
        The pairs are wrong (see `check_pairs`), or the tolerance is negative or no
        number.
    UnknownNameError
        A pair names no place.
    NoRouteError
        No pair has a way.

    References
    ----------
    Jenelius, Petersen & Mattsson (2006), Importance and exposure in road network
    vulnerability analysis, Transportation Research Part A 40. Picard & Queyranne
    (1980), On the structure of all minimum cuts in a network, Mathematical Programming
    Study 13.
    """
    if tolerance is None:
        tolerance = network.rules.value("choice_tolerance")
    if not (tolerance >= 0 and math.isfinite(tolerance)):
        msg = f"tolerance {tolerance} should be a number of at least 0"
        raise InputError(msg)
    limit_h = network.rules.value("cut_off_loss_h")
    asked = check_pairs(network, default_pairs(network) if pairs is None else pairs)
    joined = join(network, asked)
    ends = joined.graph, joined.sources, joined.targets
    by_link = link_losses(*ends)
    by_place = node_losses(*ends, places=joined.places)
    base = np.where(by_link.base < 0, math.inf, by_link.base / MS_PER_H)
    asked["time_h"] = base
    if not np.isfinite(base).any():
        msg = f"none of {len(asked)} pairs has a route under these conditions"
        raise NoRouteError(msg)
    lost_links = _lost(by_link, network.link_ids)
    lost_places = _lost(by_place, joined.place_ids)
    judged = shortfalls(network.tables)
    links = _links(network, joined).join(score(asked, lost_links, tolerance, limit_h))
    places = _places(network).join(score(asked, lost_places, tolerance, limit_h))
    drawn = draw_together(joined)
    links = links.join(link_cuts(drawn, asked, lost_links, network.link_ids))
    places = places.join(place_cuts(drawn, asked, lost_places))
    return Bottlenecks(
        asked,
        _finish(links, judged),
        _finish(places, judged),
        lost_links,
        lost_places,
        tolerance,
        limit_h,
        _assumed_share(network, asked, lost_links),
    )


def _lost(losses: Losses, ids: Sequence[str]) -> pd.DataFrame:
    """Return the losses of pairs in hours."""
    more = losses.cost - losses.base[losses.pair]
    return pd.DataFrame(
        {
            "pair": losses.pair,
            "lost": [ids[number] for number in losses.lost.tolist()],
            "loss_h": np.where(losses.cost < 0, math.inf, more / MS_PER_H),
        }
    )


def score(
    pairs: pd.DataFrame, lost: pd.DataFrame, tolerance: float, cut_off_loss_h: float
) -> pd.DataFrame:
    """Add up over pairs what each thing costs when it is lost.

    Parameters
    ----------
    pairs
        With `weight` and `time_h`.
    lost
        `pair`, `lost` and `loss_h`, as `Bottlenecks` holds them.

    Returns
    -------
    pandas.DataFrame
        One row per thing in `lost`, indexed by it: `delay_h`, `loss_h`, `loss_total_h`,
        `cut_off`, `no_choice`, `betweenness`, `spare_h` as `Bottlenecks` explains them.
    """
    weight = pairs["weight"].to_numpy()[lost["pair"]]
    spare = tolerance * pairs["time_h"].to_numpy()[lost["pair"]]
    loss = lost["loss_h"].to_numpy()
    cut, far = np.isinf(loss), loss > spare
    parts = pd.DataFrame(
        {
            "delay_h": weight * np.minimum(loss, cut_off_loss_h),
            "loss_total_h": weight * np.where(cut, 0.0, loss),
            "cut_off": weight * cut,
            "no_choice": weight * far,
            "betweenness": weight,
        }
    )
    summed = parts.groupby(lost["lost"].to_numpy()).sum()
    total = pairs["weight"][np.isfinite(pairs["time_h"])].sum()
    summed["loss_h"] = summed["loss_total_h"] / (total - summed["cut_off"])
    summed.loc[summed["cut_off"] >= total, "loss_h"] = math.nan
    for share in ("delay_h", "cut_off", "no_choice", "betweenness"):
        summed[share] /= total
    least = pd.Series(spare[far]).groupby(lost["lost"].to_numpy()[far]).min()
    return summed.assign(spare_h=least)


def _links(network: Network, joined: PairGraph) -> pd.DataFrame:
    """Return the links of the network: what they are, and the way round each."""
    round_ms = detours_of(joined)[: len(network.link_of)]
    arcs = pd.DataFrame(
        {
            "link": network.link_of,
            "detour_h": np.where(round_ms < 0, math.inf, round_ms / MS_PER_H),
        }
    )
    arcs["detour_ratio"] = arcs["detour_h"] / (network.time_ms / MS_PER_H)
    arcs = arcs[arcs["link"] != NO_LINK]
    # of two directions the worse one, its hours and its ratio together
    worse = arcs.sort_values(["link", "detour_ratio", "detour_h"], kind="stable")
    worse = worse.drop_duplicates("link", keep="last").set_index("link")
    columns = ("mode", "kind", "from_node", "to_node", "country")
    records = [
        (
            network.link_ids[number],
            *(network.rows[number][column] for column in columns),
            corridors_of(network.rows[number]),
            None if (basis := network.length_basis[number]) is None else str(basis),
        )
        for number in worse.index.tolist()
    ]
    names = ["link_id", *columns, "corridors", "length_basis"]
    frame = pd.DataFrame(records, columns=names)
    for column in ("detour_h", "detour_ratio"):
        frame[column] = worse[column].to_numpy()
    return frame.set_index("link_id")


def _places(network: Network) -> pd.DataFrame:
    """Return the places of the network: what they are."""
    ids = pd.Index(sorted(network.nodes_of), name="node_id")
    nodes = network.tables.nodes
    return nodes.loc[ids, ["kind", "name", "country"]].set_axis(ids)


def _finish(frame: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Fill in what lies on no best route, add shortfalls and words, and rank."""
    scores = ["delay_h", "loss_total_h", "cut_off", "no_choice", "betweenness"]
    frame[scores] = frame[scores].fillna(0.0)
    untouched = (frame["cut_off"] == 0) & frame["loss_h"].isna()
    frame.loc[untouched, "loss_h"] = 0.0
    for column in ("not_met", "unknown"):
        known = judged[column].to_dict()
        frame[column] = pd.Series(
            [known.get(key, ()) for key in frame.index], frame.index, dtype=object
        )
    frame["shortfalls"] = frame["not_met"].map(len)
    frame["mend"] = [
        _mend(*row)
        for row in zip(
            frame["spare_h"], frame["no_choice"], frame["not_met"], strict=True
        )
    ]
    frame["rank"] = frame["delay_h"].rank(method="min", ascending=False).astype(int)
    return _worst_first(frame)


def _mend(spare_h: float, no_choice: float, not_met: Sequence[str]) -> str:
    """Say what would mend a bottleneck: a second way, requirements met."""
    words = []
    if no_choice > 0:
        words.append(
            f"a second way that adds at most {spare_h:.1f} h gives a choice to the "
            f"{100 * no_choice:.1f} % of pairs without one"
        )
    if not_met:
        words.append(f"not met: {', '.join(not_met)}")
    return "; ".join(words)


def _assumed_share(
    network: Network, pairs: pd.DataFrame, lost_links: pd.DataFrame
) -> float:
    """Return the weighted share of kilometres of best routes of assumed length."""
    known = zip(network.link_ids, network.rows, network.length_basis, strict=True)
    km, assumed = {}, {}
    for link, row, basis in known:
        km[link] = float(row["length_km"])
        assumed[link] = basis is None or basis == Basis.ASSUMED
    driven = pairs["weight"].to_numpy()[lost_links["pair"]] * lost_links["lost"].map(km)
    total = driven.sum()
    return float(driven[lost_links["lost"].map(assumed)].sum() / total)


GROUPS = ("corridor", "country", "crossing", "link", "place")


def group(found: Bottlenecks, by: str) -> pd.DataFrame:
    """Add up bottlenecks by corridor, state or crossing.

    Parameters
    ----------
    by
        `corridor` or `country` of links; `crossing`: the places that are borders;
        `link` or `place`: all of them, as they are.

    Returns
    -------
    pandas.DataFrame
        By corridor and country one row each, indexed by it, the worst first: `rank` by
        `delay_h`, the greatest of one of its links, which is `worst`; `betweenness`,
        `cut_off` and `no_choice`: shares of pairs whose best route uses a link of it,
        that one such link, lost alone, cuts off or leaves without a choice, each pair
        counted once; `links`: their number; `short_links`: of those, how many miss a
        requirement. Links are in every group they belong to. Else rows of `links` or
        `places`, crossings ranked among themselves.

    Raises
    ------
    InputError
        `by` is none of these.
    """
    if by not in GROUPS:
        msg = f"group {by!r} is none of {', '.join(GROUPS)}"
        raise InputError(msg)
    if by == "link":
        return found.links
    if by == "place":
        return found.places
    if by == "crossing":
        borders = found.places[found.places["kind"] == "border"]
        ranks = borders["delay_h"].rank(method="min", ascending=False).astype(int)
        return borders.assign(rank=ranks)
    links = found.links
    groups = links["corridors"] if by == "corridor" else links["country"].str.split("-")
    member = groups.explode().dropna().rename(by)
    return _group_rows(found, member, by)


def _group_rows(found: Bottlenecks, member: pd.Series[str], by: str) -> pd.DataFrame:
    """Add up links by what `member` says each belongs to, once or several times."""
    lost = found.lost_links.join(member, on="lost", how="inner")
    spare = found.tolerance * found.pairs["time_h"].to_numpy()[lost["pair"]]
    flags = pd.DataFrame(
        {
            by: lost[by],
            "pair": lost["pair"],
            "betweenness": True,
            "cut_off": np.isinf(lost["loss_h"]),
            "no_choice": lost["loss_h"] > spare,
        }
    )
    once = flags.groupby([by, "pair"]).any().astype(float)
    weight = found.pairs["weight"].to_numpy()[once.index.get_level_values("pair")]
    total = found.pairs["weight"][np.isfinite(found.pairs["time_h"])].sum()
    shares = once.mul(weight, axis=0).groupby(level=by).sum() / total
    of = found.links.loc[member.index].assign(**{by: member.to_numpy()})
    first = of.sort_values(["delay_h"], ascending=False, kind="stable")
    first = first.rename_axis("worst").reset_index().drop_duplicates(by).set_index(by)
    sizes = of.groupby(by)["shortfalls"].agg(
        links="size", short_links=lambda counts: int((counts > 0).sum())
    )
    frame = first[["delay_h", "worst"]].join(shares).join(sizes)
    frame = frame.fillna(dict.fromkeys(shares.columns, 0.0))
    ranks = frame["delay_h"].rank(method="min", ascending=False).astype(int)
    frame.insert(0, "rank", ranks)
    frame["worst"] = frame["worst"].where(frame["delay_h"] > 0, None)
    return _worst_first(frame)


def _worst_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort by rank, then by id, whatever the ids are called."""
    name = str(frame.index.name)
    ordered = frame.rename_axis("id").sort_values(["rank", "id"])
    ordered.index.name = name
    return ordered
