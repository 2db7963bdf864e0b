"""`mobility report`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    NamedPath,
    build,
    by_option,
    from_option,
    load,
    places_of,
    query_options,
    to_option,
)
from mobility.cli.output import echo_table, note, to_csv
from mobility.errors import InputError, NoRouteError

if TYPE_CHECKING:
    from pathlib import Path

    from mobility.data.tables import Tables
    from mobility.model import Route
    from mobility.network.build import Network

ORIGINS = ("adriatic", "ionian")
DESTINATIONS = ("black_sea",)
DRAWN = ("durres", "constanta")


@click.command("report")
@click.option(
    "-o",
    "output",
    type=NamedPath(),
    required=True,
    metavar="DIR",
    help="Folder to write into; made if its parent exists.",
)
@from_option("ports of the Adriatic and Ionian")
@to_option("ports of the Black Sea")
@click.option(
    "--draw",
    nargs=2,
    metavar="ORIGIN DESTINATION",
    help="Draw up to three routes of this pair. "
    f"Default: {' '.join(DRAWN)}, else and with --from or --to the first that has one.",
)
@by_option
@query_options
def report_cmd(
    output: Path,
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    draw: tuple[str, str] | None,
    by: str,
    data: Path | None,
    **conditions: Any,
) -> None:
    """Write a first report: hours between all pairs, routes of one, and a map.

    The folder gets `matrix.csv`, `routes.csv` and `map.html`. What has no route is
    noted, and what there is is written.

    \b
    Examples:
        mobility report -o report
        mobility report -o report --from bar --to varna --to burgas --mode rail
    """
    from mobility.cli.matrix import measure, no_route
    from mobility.cli.route import routes_csv
    from mobility.report.files import make_folder, write_text
    from mobility.report.maps import corridor_map, save_map

    tables = load(data)
    network = build(tables, **conditions)
    columns, rows = measure(
        network,
        places_of(tables, origins, "--from") if origins else _ports(tables, ORIGINS),
        places_of(tables, destinations, "--to")
        if destinations
        else _ports(tables, DESTINATIONS),
        by=by,
    )
    reached = [(row["origin"], row["destination"]) for row in rows if row["modes"]]
    drawn = [draw] if draw else reached[:1]
    if not (draw or origins or destinations) and {*DRAWN} <= {*tables.nodes.index}:
        drawn.insert(0, DRAWN)
    routes = _routes(network, drawn, by=by)
    page = corridor_map(tables, routes=routes, offline=True)
    folder = make_folder(output)
    write_text(folder / "matrix.csv", to_csv(columns, rows))
    write_text(folder / "routes.csv", routes_csv(routes))
    save_map(page, folder / "map.html")
    note(f"{folder}: matrix.csv, routes.csv, map.html. Data version {network.version}.")
    if not reached:
        raise no_route(network, rows, by=by)
    if lost := len(rows) - len(reached):
        note(f"{lost} of {len(rows)} pairs have no route")
    _print(tables, rows, by=by)


def _ports(tables: Tables, basins: tuple[str, ...]) -> list[str]:
    """Return the ports of some seas that the network reaches.

    Raises
    ------
    InputError
        There is none.
    """
    ports = tables.ports[tables.ports["unreached"].isna()]
    found = list(ports.index[ports["basin"].isin(basins)])
    if not found:
        msg = f"no port of {' or '.join(basins)} in the data: name places instead"
        raise InputError(msg)
    return found


def _routes(
    network: Network, pairs: list[tuple[str, str]], *, by: str
) -> tuple[Route, ...]:
    """Return up to three routes of the first pair that has one; note which has none."""
    from mobility.analysis.routing import find_routes

    for pair in pairs:
        try:
            return find_routes(network, *pair, k=3, by=by)
        except NoRouteError as error:
            note(str(error))
    return ()


def _print(tables: Tables, rows: list[dict[str, Any]], *, by: str) -> None:
    names = tables.nodes["name"]
    hours = {(row["origin"], row["destination"]): row["time_h"] for row in rows}
    starts, ends = (list(dict.fromkeys(pair[i] for pair in hours)) for i in (0, 1))
    kind = "fastest" if by == "time" else "shortest"
    click.echo(f"Hours of the {kind} routes, borders and rests of drivers included:")
    echo_table(
        ["", *(names[end] for end in ends)],
        [
            [names[start], *(hours.get((start, end)) for end in ends)]
            for start in starts
        ],
    )
