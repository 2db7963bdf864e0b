"""`mobility route`."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    alternatives_option,
    asked,
    avoid_option,
    build,
    by_option,
    csv_option,
    disjoint_option,
    json_option,
    load,
    one_format,
    query_options,
    via_option,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path

    from mobility.model import Route
    from mobility.network.build import Network

_NUMBERS = (
    "rank",
    "time_h",
    "time_p95_h",
    "border_h",
    "transfer_h",
    "halt_h",
    "length_km",
    "assumed_km",
)
# without a town for so long, a junction says where a route runs
FAR_KM = 80
_LISTS = ("modes", "countries", "corridors")


@click.command("route")
@click.argument("origin")
@click.argument("destination")
@alternatives_option
@disjoint_option
@via_option
@avoid_option
@click.option(
    "--within",
    "within_h",
    type=click.FloatRange(min=0),
    metavar="HOURS",
    help="Tell the probability of arriving within them.",
)
@by_option
@query_options
@json_option
@csv_option
def route_cmd(
    origin: str,
    destination: str,
    alternatives: int,
    disjoint: str | None,
    via: tuple[str, ...],
    avoid: tuple[str, ...],
    within_h: float | None,
    by: str,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Find routes from ORIGIN to DESTINATION.

    Each further route shares at most half of its time (or length) with any better one;
    with --disjoint they share nothing of what it names, at the least total time.
    Border dwell and transfers are reported apart and are part of the hours.

    \b
    Examples:
        mobility route durres constanta -k 3
        mobility route ploce budapest --mode rail --by length
        mobility route durres constanta -k 2 --disjoint node
        mobility route bar varna --avoid RS --without x --json
    """
    from mobility.analysis.question import ask
    from mobility.analysis.routing import find_routes

    one_format(as_json=as_json, as_csv=as_csv)
    network = build(load(data), **conditions)
    routes = find_routes(
        network,
        origin,
        destination,
        k=alternatives,
        by=by,
        via=via,
        avoid=avoid,
        within_h=within_h,
        disjoint=disjoint,
    )
    if as_json:
        question = asked(network, by=by, scenario=conditions["scenario"])
        trip = ask(network, origin, destination, via=via, avoid=avoid)
        question["disjoint"] = disjoint
        question["via"] = trip.stops[1:-1]
        question["avoid"] = [*sorted(trip.states), *sorted(trip.avoided)]
        echo_json(answer(question, routes))
    elif as_csv:
        click.echo(routes_csv(routes), nl=False)
    else:
        _print(network, routes)
        if len(routes) < alternatives:
            why = "no other route differs enough"
            if disjoint is not None:
                why = "`mobility redundancy` names what they have in common"
            note(f"{len(routes)} of {alternatives}: {why}")


def answer(question: dict[str, Any], routes: tuple[Route, ...]) -> dict[str, Any]:
    """Return what `--json` prints."""
    first, last = routes[0].nodes[0], routes[0].nodes[-1]
    ends = {"origin": first, "destination": last}
    return ends | question | {"routes": [asdict(route) for route in routes]}


def routes_csv(routes: tuple[Route, ...]) -> str:
    """Return one row a route, the binding limit in three cells; a head in any case."""
    from mobility.model import Limit, Route

    columns = [field.name for field in fields(Route)]
    columns.remove("binding_limit")
    columns += [f"binding_{field.name}" for field in fields(Limit)]
    return to_csv(columns, [_row(route) for route in routes])


def _row(route: Route) -> dict[str, Any]:
    row = asdict(route)
    limit = row.pop("binding_limit") or {"link": None, "column": None, "value": None}
    return row | {f"binding_{key}": value for key, value in limit.items()}


def _way(network: Network, route: Route) -> list[str]:
    """Return the names of both ends, the towns, and a junction where none is near."""
    nodes = network.tables.nodes
    lengths = network.tables.links["length_km"]
    shown, since = [route.nodes[0]], 0.0
    for place, link in zip(route.nodes[1:], route.links, strict=True):
        since += float(lengths[link])
        town = nodes["kind"][place] == "city"
        if town or since > FAR_KM or place == route.nodes[-1]:
            shown.append(place)
            since = 0.0
    return [str(nodes["name"][place]) for place in shown]


def _print(network: Network, routes: tuple[Route, ...]) -> None:
    from mobility.network.changes import denied_states

    nodes = network.tables.nodes
    names = nodes["name"]
    first, last = routes[0].nodes[0], routes[0].nodes[-1]
    movement = network.movement
    denied = ", ".join(sorted(denied_states(network.tables, network.scenario)))
    click.echo(
        f"{names[first]} to {names[last]}: {movement.name}, "
        f"{network.mode} mode, {network.year}, regime {network.regime}"
        + (f", no access to {denied}" if denied else "")
    )
    if movement.is_package:
        column = movement.column
        by_road = f"{column.vehicles} vehicles by road" if column else "nothing by road"
        click.echo(f"{by_road}, {movement.trains} trains by rail")
    heads = (
        "#",
        "hours",
        "p95 h",
        "border h",
        "transfer h",
        "halt h",
        "km",
        "assumed km",
        *_LISTS,
    )
    echo_table(
        heads,
        [[getattr(r, column) for column in (*_NUMBERS, *_LISTS)] for r in routes],
    )
    for route in routes:
        click.echo(f"{route.rank}: {' – '.join(_way(network, route))}")
        crossings = ", ".join(names[n] for n in route.border_crossings)
        told = f"   borders: {crossings or 'none'}"
        if limit := route.binding_limit:
            told += f"; tightest limit: {limit.column} {limit.value} on {limit.link}"
        click.echo(told)
        if route.probability is not None:
            click.echo(f"   within the hours asked for: {route.probability:.0%}")
        if route.pass_time_h:
            click.echo(f"   pass time of the column: {route.pass_time_h:.1f} h")
        for condition in route.conditions:
            click.echo(f"   on condition: {condition}")
        if route.permission_days is not None:
            click.echo(
                f"   permission: up to {route.permission_days:g} days "
                f"({', '.join(route.permission_states)}), asked for in advance"
            )
        if route.restricted:
            where = ", ".join(str(names.get(name, name)) for name in route.restricted)
            click.echo(f"   under restriction: {where}")
    if movement.is_package and any(route.rail_km for route in routes):
        note(
            f"By rail the hours are those of the first of {movement.trains} trains; "
            "'mobility ports' tells how fast a port can load the others."
        )
    note(
        "Speeds, halts, dwell and waits for sailings (in transfer h) are planning "
        "rules. "
        f"Data version {network.version}."
    )
