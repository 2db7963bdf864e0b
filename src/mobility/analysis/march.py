"""Marches of a package by road, as one column or as one of each class of load."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mobility.analysis.gaps import explain_gap
from mobility.analysis.march_table import March, Planner, later
from mobility.analysis.question import ask, lay_out, weigh
from mobility.analysis.routing import best_ways
from mobility.errors import InputError, NoRouteError
from mobility.model import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mobility.network.build import Network


def plan_march(
    network: Network,
    origin: str,
    destination: str,
    *,
    start: datetime,
    by: str = "time",
    via: Sequence[str] = (),
    avoid: Iterable[str] = (),
) -> March:
    """Plan the march of a package over the best road route that bears all its loads.

    It marches as one column, at the least rate of march of its classes on each road.

    Parameters
    ----------
    network
        By road, of a package; its `light` is that of the march.
    origin, destination, via, avoid, by
        As for `find_routes`.
    start
        When the head leaves the start point; with its time zone.

    Raises
    ------
    UnknownNameError
        No such place or state.
    InputError
        The start has no time zone, the network is of no package or not by road alone,
        or the question makes no sense.
    NoRouteError
        There is no way by road.
    """
    begin = _utc(start)
    arcs = _way(network, origin, destination, by, via, avoid)
    return Planner(network, arcs).plan(begin)


def plan_columns(
    network: Network,
    origin: str,
    destination: str,
    *,
    start: datetime,
    by: str = "time",
    via: Sequence[str] = (),
    avoid: Iterable[str] = (),
) -> tuple[March, ...]:
    """Plan the march of a package as one column of each class of load.

    All take the route that is best for the whole; the quickest marches first, so that
    none runs into another, and each starts once the one before has passed the start
    point and the gap between columns, which is a rule.

    Parameters
    ----------
    network, origin, destination, start, by, via, avoid
        As for `plan_march`, which also tells what is raised.
    """
    begin = _utc(start)
    arcs = _way(network, origin, destination, by, via, avoid)
    gap = timedelta(minutes=network.rules.value("column_gap_min", mode=Mode.ROAD))
    planners = [
        Planner(replace(network, movement=replace(network.movement, column=part)), arcs)
        for part in network.movement.columns
    ]
    marches: list[March] = []
    for planner in sorted(planners, key=lambda planner: planner.time_distance_ms):
        marches.append(planner.plan(begin))
        begin = later(marches[-1].points[0].tail_leaves, gap)
    return tuple(marches)


def _way(
    network: Network,
    origin: str,
    destination: str,
    by: str,
    via: Sequence[str],
    avoid: Iterable[str],
) -> Sequence[int]:
    """Return the arcs of the best way for a march; by time, rests count."""
    if network.movement.column is None or network.mode != "road":
        msg = f"{network.movement.name} by {network.mode} does not march: "
        msg += "a march needs a package by road"
        raise InputError(msg)
    question = ask(network, origin, destination, via=via, avoid=avoid)
    layers = lay_out(network, question, weigh(network, by))
    found = best_ways(network, layers, by)
    if not found:
        raise NoRouteError(explain_gap(network, question))
    return found[0]


def _utc(start: datetime) -> datetime:
    if start.utcoffset() is None:
        msg = (
            f"start {start.isoformat(timespec='minutes')!r} has no time zone; "
            f"write {start.isoformat(timespec='minutes')}+01:00, or Z for Zulu"
        )
        raise InputError(msg)
    return later(start, timedelta(0))
