"""`mobility route`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    build,
    by_option,
    csv_option,
    json_option,
    load,
    one_format,
    query_options,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path

    from mobility.model import Route
    from mobility.network.build import Network

_NUMBERS = ("rank", "time_h", "border_h", "transfer_h", "length_km", "assumed_km")
_LISTS = ("modes", "countries", "corridors")


@click.command("route")
@click.argument("origin")
@click.argument("destination")
@click.option(
    "-k",
    "alternatives",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Routes that differ, at most.",
)
@click.option("--via", multiple=True, metavar="PLACE", help="Pass it; repeatable.")
@click.option(
    "--avoid",
    multiple=True,
    metavar="PLACE_OR_STATE",
    help="Do not touch it; repeatable.",
)
@by_option
@query_options
@json_option
@csv_option
def route_cmd(
    origin: str,
    destination: str,
    alternatives: int,
    via: tuple[str, ...],
    avoid: tuple[str, ...],
    by: str,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Find routes from ORIGIN to DESTINATION.

    Each further route shares at most half of its time (or length) with any better one.
    Border dwell and transfers are reported apart and are part of the hours.

    \b
    Examples:
        mobility route durres constanta -k 3
        mobility route ploce budapest --mode rail --by length
        mobility route bar varna --avoid RS --without x --json
    """
    from mobility.analysis.routing import find_routes

    one_format(as_json=as_json, as_csv=as_csv)
    network = build(load(data), **conditions)
    routes = find_routes(
        network, origin, destination, k=alternatives, by=by, via=via, avoid=avoid
    )
    if as_json:
        echo_json(answer(network, routes))
    elif as_csv:
        rows = [route_row(route) for route in routes]
        click.echo(to_csv(list(rows[0]), rows), nl=False)
    else:
        _print(network, routes)
        if len(routes) < alternatives:
            note(f"{len(routes)} of {alternatives}: no other route differs enough")


def answer(network: Network, routes: tuple[Route, ...]) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {
        "origin": routes[0].nodes[0],
        "destination": routes[0].nodes[-1],
        "vehicle": network.vehicle_id,
        "mode": network.mode,
        "year": network.year,
        "regime": network.regime,
        "data_version": network.version,
        "routes": [asdict(route) for route in routes],
    }


def route_row(route: Route) -> dict[str, Any]:
    """Return a route as one row of a table, the binding limit in three cells."""
    row = asdict(route)
    limit = row.pop("binding_limit") or {"link": None, "column": None, "value": None}
    return row | {f"binding_{key}": value for key, value in limit.items()}


def _print(network: Network, routes: tuple[Route, ...]) -> None:
    nodes = network.tables.nodes
    names, kinds = nodes["name"], nodes["kind"]
    first, last = routes[0].nodes[0], routes[0].nodes[-1]
    click.echo(
        f"{names[first]} to {names[last]}: {network.vehicle_id}, "
        f"{network.mode} mode, {network.year}, regime {network.regime}"
    )
    heads = ("#", "hours", "border h", "transfer h", "km", "assumed km", *_LISTS)
    echo_table(
        heads,
        [[getattr(r, column) for column in (*_NUMBERS, *_LISTS)] for r in routes],
    )
    for route in routes:
        towns = [names[n] for n in route.nodes if kinds[n] == "city"]
        click.echo(f"{route.rank}: {' – '.join(towns)}")
        crossings = ", ".join(names[n] for n in route.border_crossings)
        limit = route.binding_limit
        binding = (
            f"; tightest limit: {limit.column} {limit.value} on {limit.link}"
            if (limit)
            else ""
        )
        click.echo(f"   borders: {crossings or 'none'}{binding}")
    note(f"Speeds and dwell are planning rules. Data version {network.version}.")
