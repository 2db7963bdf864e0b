"""Routes between places, and the table of all pairs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from mobility.analysis.describe import describe
from mobility.analysis.disjoint import find_apart
from mobility.analysis.duty import halts_h
from mobility.analysis.gaps import explain_gap
from mobility.analysis.predict import Part, parts_of, predict
from mobility.analysis.question import (
    Layers,
    Question,
    alone,
    ask,
    groups_of,
    lay_out,
    weigh,
)
from mobility.data.find import find_place
from mobility.errors import InputError, NoRouteError
from mobility.kernels.alternatives import different
from mobility.kernels.shortest import Tree, path, shortest, tree
from mobility.network.arcs import MS_PER_H

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from mobility.model import Route
    from mobility.network.build import Network

    Ints = npt.NDArray[np.int64]


def find_routes(
    network: Network,
    origin: str,
    destination: str,
    *,
    k: int = 1,
    by: str = "time",
    via: Sequence[str] = (),
    avoid: Iterable[str] = (),
    within_h: float | None = None,
    disjoint: str | None = None,
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
        any better one, crossings and transfers included.
    by
        `time` or `length`.
    via
        Places to pass, in this order.
    avoid
        Places and states not to touch.
    within_h
        Hours to tell the probability of arriving within.
    disjoint
        `link`, `node` or `risk`: routes that share none of it, of least total time (or
        length), as `find_apart` finds them; the best route need not be one of them.

    Returns
    -------
    tuple of Route
        Best first; at least one, at most `k`.

    Raises
    ------
    UnknownNameError
        A name means no place or state.
    InputError
        Origin and destination are one place, a place to pass is to be avoided or is
        closed, `k` is below 1, or `by` or `disjoint` is no choice.
    NoRouteError
        There is no way; the message names the links that would complete one.
    """
    question = ask(network, origin, destination, via=via, avoid=avoid)
    if k < 1:
        msg = f"k = {k} should be at least 1"
        raise InputError(msg)
    weights = weigh(network, by)
    layers = lay_out(network, question, weights)
    if disjoint is None:
        ways = _search(layers, k)
        if by == "time":
            ways = _with_halts(network, question, weights, ways)[:k]
    else:
        apart = find_apart(network, question, layers, disjoint, k=k)
        ways = [list(way) for way in apart.ways]
    if not ways:
        raise NoRouteError(explain_gap(network, question))
    return tuple(
        _predicted(network, way, rank, within_h)
        for rank, way in enumerate(ways, start=1)
    )


def _with_halts(
    network: Network, question: Question, weights: Ints, found: list[list[int]]
) -> list[list[int]]:
    """Rank ways by their whole time, the best by each mode alone among them.

    The search knows no halts: drivers rest on the road and not on a train, so that what
    is quicker under way may arrive later.
    """
    ways = [*found]
    for part in alone(network):
        layers = lay_out(network, question, weights, usable=part)
        ways += _search(layers, 1)
    hours = {tuple(way): _whole_h(network, way) for way in ways}
    # sorting is stable: of equal ones the better under way comes first
    ranked = sorted(hours, key=lambda way: hours[way])
    kept: list[tuple[int, ...]] = []
    for way in ranked:
        if all(_shared(network, weights, way, other) <= _OVERLAP for other in kept):
            kept.append(way)
    return [list(way) for way in kept]


def _whole_h(network: Network, way: Sequence[int]) -> float:
    """Return the hours of a way, halts included."""
    moving = int(network.time_ms[list(way)].sum())
    return moving / MS_PER_H + halts_h(network, way)


def _shared(
    network: Network, weights: Ints, way: Sequence[int], other: Sequence[int]
) -> float:
    """Return the share of the weight of a way on things that another uses as well."""
    groups = groups_of(network)
    used = set(groups[list(other)].tolist())
    on = sum(int(weights[arc]) for arc in way if int(groups[arc]) in used)
    whole = sum(int(weights[arc]) for arc in way)
    return on / whole if whole else 1.0


def _predicted(
    network: Network, arcs: Sequence[int], rank: int, within_h: float | None
) -> Route:
    """Describe a way, and how its hours vary; halts are taken as they are planned."""
    route = describe(network, arcs, rank)
    rest_h = halts_h(network, arcs)
    hours = predict([*parts_of(network, arcs), Part(rest_h, rest_h)])
    p95 = hours.quantile_h(0.95)
    return replace(
        route,
        time_median_h=hours.quantile_h(0.5),
        time_p95_h=p95,
        buffer_index=(p95 - hours.mean_h) / hours.mean_h,
        planning_time_index=p95 / route.drive_h if route.drive_h else None,
        probability=None if within_h is None else hours.probability(within_h),
    )


def _search(layers: Layers, k: int) -> list[list[int]]:
    """Return the arcs of the network of up to k ways."""
    if k > 1:
        found = different(
            layers.graph,
            layers.source,
            layers.target,
            k,
            groups=layers.groups,
            places=layers.places,
            overlap=_OVERLAP,
        )
    else:
        best = shortest(layers.graph, layers.source, layers.target)
        found = [] if best is None else [best]
    return [layers.network_arcs(arcs) for arcs in found]


# share of a further route that may lie on a better one
_OVERLAP = 0.5
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
    network
        What may be used.
    origins, destinations
        Places, by any name `find_place` understands.
    by
        `time` or `length`.

    Returns
    -------
    pandas.DataFrame
        One row per pair, indexed by the ids of `origin` and `destination`: `time_h`,
        `length_km`, `border_h`, `transfer_h`, `road_km`, `rail_km`, `ferry_km`,
        `assumed_km` and `modes` (joined by `+`). Numbers are NaN where there is no way;
        a place and itself make no pair.

    Raises
    ------
    UnknownNameError
        A name means no place.
    InputError
        `by` is neither choice.
    """
    starts, ends = (
        list(dict.fromkeys(find_place(network.tables, name) for name in names))
        for names in (origins, destinations)
    )
    weights = weigh(network, by)
    records = []
    parts = [None, *alone(network)] if by == "time" else [None]
    for origin in starts:
        # the graph of any question from here will do: its target is not searched for
        question = Question((origin, origin))
        laid = [lay_out(network, question, weights, usable=part) for part in parts]
        grown = [(layers, tree(layers.graph, layers.source)) for layers in laid]
        records += [
            _pair(network, grown, origin, place) for place in ends if place != origin
        ]
    columns = ["origin", "destination", *_PAIR_COLUMNS]
    frame = pd.DataFrame.from_records(records, columns=columns)
    return frame.set_index(["origin", "destination"])


def _pair(
    network: Network, grown: Sequence[tuple[Layers, Tree]], origin: str, place: str
) -> tuple[object, ...]:
    """Describe the way that arrives first, halts included; of equal ones the first."""
    found = (_way(network, layers, tree_, place) for layers, tree_ in grown)
    ways = list(dict.fromkeys(way for way in found if way))
    if not ways:
        return (origin, place, *[math.nan] * (len(_PAIR_COLUMNS) - 1), "")
    if len(ways) > 1:
        ways.sort(key=lambda way: _whole_h(network, way))
    best = describe(network, ways[0])
    values = [getattr(best, column) for column in _PAIR_COLUMNS[:-1]]
    return (origin, place, *values, "+".join(best.modes))


def _way(network: Network, layers: Layers, grown: Tree, place: str) -> tuple[int, ...]:
    """Return the way to the node of a place that is reached first; empty for none."""
    reached = [
        (grown.distance[node], node)
        for node in network.nodes_of.get(place, ())
        if grown.distance[node] >= 0
    ]
    if not reached:
        return ()
    arcs = path(layers.graph, grown, min(reached)[1]) or []
    return tuple(layers.network_arcs(arcs))
