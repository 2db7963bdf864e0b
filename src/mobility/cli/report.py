"""`mobility report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mobility.cli.options import build, load, query_options
from mobility.cli.output import echo_table, note, to_csv


@click.command("report")
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder to write into; made if its parent exists.",
)
@query_options
def report_cmd(output: Path, data: Path | None, **conditions: Any) -> None:
    """Write a first report: routes from the Adriatic to the Black Sea, and a map.

    \b
    Example:
        mobility report -o report
    """
    from mobility.analysis.routing import find_routes, matrix
    from mobility.cli.route import route_row
    from mobility.report.files import make_folder, write_text
    from mobility.report.maps import corridor_map, save_map

    tables = load(data)
    network = build(tables, **conditions)
    ports = tables.ports[tables.ports["unreached"].isna()]
    origins = list(ports.index[ports["basin"] == "adriatic"])
    destinations = list(ports.index[ports["basin"] == "black_sea"])
    frame = matrix(network, origins, destinations).reset_index()
    columns = [str(column) for column in frame.columns]
    routes = find_routes(network, "durres", "constanta", k=3)
    page = corridor_map(tables, routes=routes, offline=True)
    folder = make_folder(output)
    pairs: list[Any] = frame.to_dict("records")
    write_text(folder / "matrix.csv", to_csv(columns, pairs))
    rows = [route_row(route) for route in routes]
    write_text(folder / "routes.csv", to_csv(list(rows[0]), rows))
    save_map(page, folder / "map.html")
    names = tables.nodes["name"]
    hours = frame.pivot_table(
        index="origin", columns="destination", values="time_h", dropna=False
    )
    click.echo("Hours from Adriatic to Black Sea ports, border dwell included:")
    echo_table(
        ["", *(names[place] for place in hours.columns)],
        [
            [names[place], *row]
            for place, row in zip(hours.index, hours.to_numpy(), strict=True)
        ],
    )
    note(f"{folder}: matrix.csv, routes.csv, map.html. Data version {network.version}.")
