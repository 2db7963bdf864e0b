"""Routes between places, and the table of all pairs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from mobility.analysis.describe import describe
from mobility.analysis.disjoint import find_apart
from mobility.analysis.gaps import explain_gap
from mobility.analysis.predict import parts_of, predict
from mobility.analysis.question import Layers, Question, ask, lay_out, weigh
from mobility.data.find import find_place
from mobility.errors import InputError, NoRouteError
from mobility.kernels.alternatives import different
from mobility.kernels.shortest import Tree, path, shortest, tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mobility.model import Route
    from mobility.network.build import Network


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
    layers = lay_out(network, question, weigh(network, by))
    if disjoint is None:
        ways = [layers.network_arcs(path) for path in _search(layers, k)]
    else:
        apart = find_apart(network, question, layers, disjoint, k=k)
        ways = [list(way) for way in apart.ways]
    if not ways:
        raise NoRouteError(explain_gap(network, question))
    return tuple(
        _predicted(network, way, rank, within_h)
        for rank, way in enumerate(ways, start=1)
    )


def _predicted(
    network: Network, arcs: Sequence[int], rank: int, within_h: float | None
) -> Route:
    """Describe a way, and how its hours vary."""
    route = describe(network, arcs, rank)
    hours = predict(parts_of(network, arcs))
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
    if k > 1:
        return different(
            layers.graph,
            layers.source,
            layers.target,
            k,
            groups=layers.groups,
            places=layers.places,
        )
    best = shortest(layers.graph, layers.source, layers.target)
    return [] if best is None else [best]


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
    for origin in starts:
        # the graph of any question from here will do: its target is not searched for
        layers = lay_out(network, Question((origin, origin)), weights)
        grown = tree(layers.graph, layers.source)
        records += [
            _pair(network, layers, grown, origin, place)
            for place in ends
            if place != origin
        ]
    columns = ["origin", "destination", *_PAIR_COLUMNS]
    frame = pd.DataFrame.from_records(records, columns=columns)
    return frame.set_index(["origin", "destination"])


def _pair(
    network: Network, layers: Layers, grown: Tree, origin: str, place: str
) -> tuple[object, ...]:
    """Describe the way to the node of a place that is reached first."""
    reached = [
        (grown.distance[node], node)
        for node in network.nodes_of.get(place, ())
        if grown.distance[node] >= 0
    ]
    if not reached:
        return (origin, place, *[math.nan] * (len(_PAIR_COLUMNS) - 1), "")
    arcs = path(layers.graph, grown, min(reached)[1])
    route = describe(network, layers.network_arcs(arcs or []))
    values = [getattr(route, column) for column in _PAIR_COLUMNS[:-1]]
    return (origin, place, *values, "+".join(route.modes))
