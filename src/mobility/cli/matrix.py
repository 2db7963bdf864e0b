"""`mobility matrix`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    build,
    by_option,
    csv_option,
    json_option,
    load,
    one_format,
    places_of,
    query_options,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path


@click.command("matrix")
@click.option(
    "--from",
    "origins",
    multiple=True,
    required=True,
    metavar="PLACE_OR_KIND",
    help="Origin, or a kind of place such as port; repeatable.",
)
@click.option(
    "--to",
    "destinations",
    multiple=True,
    required=True,
    metavar="PLACE_OR_KIND",
    help="Destination, or a kind of place; repeatable.",
)
@by_option
@query_options
@json_option
@csv_option
def matrix_cmd(
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    by: str,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Measure the best route between all pairs of places.

    \b
    Examples:
        mobility matrix --from durres --from bar --to varna --to constanta
        mobility matrix --from port --to port --mode rail --csv
    """
    from mobility.analysis.routing import matrix

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    network = build(tables, **conditions)
    frame = matrix(
        network,
        places_of(tables, origins, "--from"),
        places_of(tables, destinations, "--to"),
        by=by,
    ).reset_index()
    rows: list[Any] = frame.to_dict("records")
    columns = [str(column) for column in frame.columns]
    if as_json:
        head: dict[str, Any] = {"vehicle": network.vehicle_id, "mode": network.mode}
        head |= {"year": network.year, "data_version": network.version}
        echo_json(head | {"pairs": rows})
    elif as_csv:
        click.echo(to_csv(columns, rows), nl=False)
    else:
        echo_table(columns, [[row[column] for column in columns] for row in rows])
    if lost := int(frame["time_h"].isna().sum()):
        note(f"{lost} of {len(frame)} pairs have no route")
