"""Routes that share nothing: no link, no place, or no risk of being lost together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mobility.data.rows import rows_of
from mobility.errors import InputError
from mobility.kernels.apart import group_disjoint, place_disjoint
from mobility.kernels.disjoint import MAX_PATHS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mobility.analysis.question import Layers, Question
    from mobility.network.build import Network

WAYS_APART = ("link", "node", "risk")
RISK_KINDS = ("valley", "structure", "crossing", "state")
DEFAULT_RISKS = ("valley", "structure")


@dataclass(frozen=True, slots=True)
class Apart:
    """Ways that share nothing, and what proves that there are no more.

    Attributes
    ----------
    ways
        Arcs of the network, in order of travel; the best way first.
    upper_bound
        No more exist, or were asked for; their number is proved where it is the same.
    cut_links, cut_places, cut_risks
        Where there are fewer than asked for: links, places and risk groups whose joint
        loss would leave no way. As many as the upper bound, or more.
    """

    ways: tuple[tuple[int, ...], ...]
    upper_bound: int
    cut_links: tuple[str, ...] = ()
    cut_places: tuple[str, ...] = ()
    cut_risks: tuple[str, ...] = ()

    @property
    def cut(self) -> tuple[str, ...]:
        """All that would have to be lost."""
        return self.cut_risks + self.cut_places + self.cut_links


def find_apart(
    network: Network,
    question: Question,
    layers: Layers,
    apart: str,
    *,
    k: int = MAX_PATHS,
    risk_kinds: Sequence[str] = DEFAULT_RISKS,
) -> Apart:
    """Find up to k ways that share no link, no place or no risk.

    Parameters
    ----------
    question, layers
        From an origin to a destination, nothing to be passed between.
    apart
        `link`: a link is lost in both directions. `node`: a place is lost in all modes;
        origin and destination are not lost. `risk`: no link and no risk group.
    risk_kinds
        Kinds of risk groups that count: `valley`, `structure` (both of
        `risk_groups.csv`), `crossing` (all that meets at a border crossing), `state`
        (all that lies in one; those of origin and destination do not count).

    Returns
    -------
    Apart
        Of least total time (or length); with `risk`, and with `node` where modes meet,
        of least total among ways that come to no group or place twice.

    Raises
    ------
    InputError
        `apart` or a kind of risk is no choice, or there are places to pass.
    """
    if apart not in WAYS_APART:
        msg = f"disjoint {apart!r} is none of {', '.join(WAYS_APART)}"
        raise InputError(msg)
    if len(question.stops) > 2:
        msg = "routes that share nothing cannot all pass the same place: leave out via"
        raise InputError(msg)
    graph, ends = layers.graph, (layers.source, layers.target)
    if apart == "link":
        found = group_disjoint(graph, *ends, (), k)
        return Apart(
            _ways(layers, found.paths),
            found.upper_bound,
            _ids(network, found.cut_links),
        )
    if apart == "node":
        by_place = place_disjoint(graph, *ends, _losable(network, question, layers), k)
        names = tuple(network.nodes_of)
        return Apart(
            _ways(layers, by_place.paths),
            by_place.upper_bound,
            _ids(network, by_place.cut_links),
            cut_places=tuple(names[number] for number in by_place.cut_groups),
        )
    groups = risk_groups(network, question, risk_kinds)
    arcs = [np.flatnonzero(np.isin(graph.links, links)) for links in groups.values()]
    by_group = group_disjoint(graph, *ends, arcs, k)
    risks = tuple(groups)
    return Apart(
        _ways(layers, by_group.paths),
        by_group.upper_bound,
        _ids(network, by_group.cut_links),
        cut_risks=tuple(risks[number] for number in by_group.cut_groups),
    )


def _losable(network: Network, question: Question, layers: Layers) -> list[int]:
    """Return per node of the graph its place; -1 at the ends, which are not lost."""
    places = np.array(layers.places)
    for stop in question.stops:
        places[list(network.nodes_of.get(stop, ()))] = -1
    return [int(place) for place in places]


def risk_groups(
    network: Network, question: Question, kinds: Sequence[str] = DEFAULT_RISKS
) -> dict[str, list[int]]:
    """Return what may be lost together: positions of links, by group.

    Valleys and structures bear the ids of `risk_groups.csv`, crossings those of their
    place, states their code. What lies at the ends of the question is not lost.

    Raises
    ------
    InputError
        A kind is no choice, or there is none.
    """
    check_risk_kinds(kinds)
    tables = network.tables
    number = {link: i for i, link in enumerate(network.link_ids)}
    found: dict[str, list[int]] = {}
    for (group, link), listed in rows_of(tables.risk_groups).items():
        if listed["kind"] in kinds:
            found.setdefault(group, []).append(number[link])
    borders = tables.nodes.index[tables.nodes["kind"] == "border"]
    crossings = set(borders) - set(question.stops) if "crossing" in kinds else set()
    countries = tables.nodes["country"]
    own = {state for stop in question.stops for state in countries[stop].split("-")}
    for i, row in enumerate(network.rows):
        for place in {row["from_node"], row["to_node"]} & crossings:
            found.setdefault(place, []).append(i)
        if "state" in kinds:
            for state in set(row["country"].split("-")) - own:
                found.setdefault(state, []).append(i)
    return dict(sorted(found.items()))


def check_risk_kinds(kinds: Sequence[str]) -> None:
    """Refuse kinds of risk that are no choice, and none at all."""
    for kind in kinds:
        if kind not in RISK_KINDS:
            msg = f"risk kind {kind!r} is none of {', '.join(RISK_KINDS)}"
            raise InputError(msg)
    if not kinds:
        msg = f"name at least one risk kind of {', '.join(RISK_KINDS)}"
        raise InputError(msg)


def _ways(
    layers: Layers, paths: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(layers.network_arcs(path)) for path in paths)


def _ids(network: Network, links: Sequence[int]) -> tuple[str, ...]:
    return tuple(network.link_ids[link] for link in links)
