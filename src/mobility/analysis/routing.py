"""Routes between places, and the table of all pairs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from mobility.analysis.describe import describe
from mobility.analysis.disjoint import find_apart
from mobility.analysis.duty import (
    COMPARED,
    Pace,
    changes_train,
    duty_of,
    halts_h,
    stepper,
)
from mobility.analysis.gaps import explain_gap
from mobility.analysis.predict import Part, parts_of, predict
from mobility.analysis.question import Layers, Question, ask, lay_out, through, weigh
from mobility.data.find import find_place
from mobility.errors import InputError, NoRouteError
from mobility.kernels.alternatives import different
from mobility.kernels.labels import Label, best_labels, path_of
from mobility.kernels.shortest import path, shortest, tree
from mobility.network.arcs import MS_PER_H

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mobility.model import Route
    from mobility.network.build import Network

    Step = Callable[[Pace, int], Pace | None]
    Way = tuple[int, ...]


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
        closed, `k` is below 1, `within_h` is negative or no finite number, or `by` or
        `disjoint` is no choice.
    NoRouteError
        There is no way; the message names the links that would complete one.
    """
    question = ask(network, origin, destination, via=via, avoid=avoid)
    if k < 1:
        msg = f"k = {k} should be at least 1"
        raise InputError(msg)
    if within_h is not None and not (within_h >= 0 and math.isfinite(within_h)):
        msg = f"within {within_h:g} hours should be a number of at least 0"
        raise InputError(msg)
    layers = lay_out(network, question, weigh(network, by))
    if disjoint is not None:
        apart = find_apart(network, question, layers, disjoint, k=k)
        ways = [tuple(way) for way in apart.ways]
    else:
        ways = best_ways(network, layers, by, k)
    if not ways:
        raise NoRouteError(explain_gap(network, question))
    return tuple(
        _predicted(network, way, rank, within_h)
        for rank, way in enumerate(ways, start=1)
    )


def best_ways(network: Network, layers: Layers, by: str, k: int = 1) -> list[Way]:
    """Return the arcs of the network of up to `k` ways; by time, rests included.

    Parameters
    ----------
    layers
        The graph of the question, weighed by `by`: `time` or `length`.
    """
    return _earliest(network, layers, k) if by == "time" else _search(layers, k)


def _earliest(network: Network, layers: Layers, k: int) -> list[Way]:
    """Return ways by the time of arrival, rests of drivers included.

    The first is best of all: exactly for a driver alone, for others but for halts to
    refuel that an earlier rest would save (`Pace`). Further ones are those of a search
    that knows no rests, and so are those that the first is held against. Nobody loads a
    lorry on to a train to save a rest: only where the best way of that search changes
    between road and train, others may.
    """
    duty = duty_of(network)
    if duty is None:
        return _search(layers, k)
    plain = _search(layers, max(k, _CANDIDATES))
    if not plain:
        return []
    changes = changes_train(network, plain[0])
    step = stepper(network, duty, changes=changes)
    label = _reached(layers, step, [layers.target])[layers.target]
    first = tuple(layers.network_arcs(path_of(label)))
    hours = {way: _whole_h(network, way) for way in (first, *plain)}
    dodging = [] if changes else [w for w in plain if changes_train(network, w)]
    kept: list[Way] = []
    for way in sorted(hours, key=lambda way: hours[way]):
        if way in dodging and hours[way] < hours[first]:
            continue
        if all(_shared(layers, way, other) <= _OVERLAP for other in kept):
            kept.append(way)
    return kept[:k]


def _reached(
    layers: Layers,
    step: Step,
    targets: Sequence[int] | None = None,
) -> dict[int, Label]:
    """Return the earliest arrival at nodes of a graph."""
    return best_labels(
        layers.graph,
        layers.source,
        Pace(),
        through(layers, step),
        compared=COMPARED,
        targets=targets,
    )


def _whole_h(network: Network, way: Way) -> float:
    """Return the hours of a way, rests of drivers included."""
    moving = int(network.time_ms[list(way)].sum())
    return moving / MS_PER_H + halts_h(network, way)


def _shared(layers: Layers, way: Way, other: Way) -> float:
    """Return the share of the weight of a way on things that another uses as well."""
    of = layers.by_arc
    used = {of[arc][0] for arc in other}
    on = sum(of[arc][1] for arc in way if of[arc][0] in used)
    whole = sum(of[arc][1] for arc in way)
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


def _search(layers: Layers, k: int) -> list[Way]:
    """Return the arcs of the network of up to k ways, by weight."""
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
    return [tuple(layers.network_arcs(arcs)) for arcs in found]


# ways of a search without rests that the earliest arrival is held against, at least
_CANDIDATES = 5
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
    duty = duty_of(network) if by == "time" else None
    steps: dict[bool, Step] = {}
    if duty is not None:
        steps = {c: stepper(network, duty, changes=c) for c in (False, True)}
    for origin in starts:
        # the graph of any question from here will do: its target is not searched for
        layers = lay_out(network, Question((origin, origin)), weights)
        ways = _quickest_ways(network, layers, ends)
        if steps:
            ways = _earliest_ways(network, layers, ways, steps)
        records += [
            _pair(network, origin, place, ways.get(place, ()))
            for place in ends
            if place != origin
        ]
    columns = ["origin", "destination", *_PAIR_COLUMNS]
    frame = pd.DataFrame.from_records(records, columns=columns)
    return frame.set_index(["origin", "destination"])


def _quickest_ways(
    network: Network, layers: Layers, places: Sequence[str]
) -> dict[str, Way]:
    """Return the best way by weight to each place, to the node reached first."""
    grown = tree(layers.graph, layers.source)
    found: dict[str, Way] = {}
    for place in places:
        times = [
            (grown.distance[node], node)
            for node in network.nodes_of.get(place, ())
            if grown.distance[node] >= 0
        ]
        if times:
            arcs = path(layers.graph, grown, min(times)[1]) or []
            found[place] = tuple(layers.network_arcs(arcs))
    return found


def _earliest_ways(
    network: Network,
    layers: Layers,
    plain: Mapping[str, Way],
    steps: Mapping[bool, Step],
) -> dict[str, Way]:
    """Return the way to each place that arrives first, as `_earliest` finds it.

    Parameters
    ----------
    plain
        By place the best way without rests.
    steps
        What an arc does to a pace, by whether a load may change between road and train.
    """
    by_change: dict[bool, list[str]] = {}
    for place, way in plain.items():
        by_change.setdefault(changes_train(network, way), []).append(place)
    found: dict[str, Way] = {}
    for changes, places in by_change.items():
        reached = _reached(layers, steps[changes])
        for place in places:
            nodes = (n for n in network.nodes_of[place] if n in reached)
            label = reached[min(nodes, key=lambda n: reached[n].state[:COMPARED])]
            found[place] = tuple(layers.network_arcs(path_of(label)))
    return found


def _pair(
    network: Network, origin: str, place: str, way: Sequence[int]
) -> tuple[object, ...]:
    """Describe the way of a pair; empty: none."""
    if not way:
        return (origin, place, *[math.nan] * (len(_PAIR_COLUMNS) - 1), "")
    route = describe(network, way)
    values = [getattr(route, column) for column in _PAIR_COLUMNS[:-1]]
    return (origin, place, *values, "+".join(route.modes))
