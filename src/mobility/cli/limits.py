"""`mobility limits`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    build,
    csv_option,
    json_option,
    load,
    moved,
    one_format,
    places_of,
    query_options,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path


@click.command("limits")
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
@query_options
@json_option
@csv_option
def limits_cmd(
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Find the heaviest load that gets through between all pairs of places.

    Each thing the vehicle asks is measured alone, over known limits and along one mode;
    `at_most` is what data still missing could make of it.

    \b
    Examples:
        mobility limits --from port --to port --vehicle tank_train_6axle
        mobility limits --from durres --to skopje --vehicle tank_transporter --json
    """
    from mobility.analysis.limits import limits

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    network = build(tables, **conditions)
    frame = limits(
        network,
        places_of(tables, origins, "--from"),
        places_of(tables, destinations, "--to"),
    ).reset_index()
    frame["reached"] = frame["reached"].astype(object)
    frame = frame.astype({"link": object, "source": object})
    frame = frame.where(frame.notna() | (frame.dtypes == "float64"), None)
    rows: list[Any] = frame.to_dict("records")
    columns = [str(column) for column in frame.columns]
    if as_json:
        head: dict[str, Any] = {**moved(network), "mode": network.mode}
        head |= {"year": network.year, "data_version": network.version}
        echo_json(head | {"pairs": rows})
    elif as_csv:
        click.echo(to_csv(columns, rows), nl=False)
    else:
        shown = [column for column in columns if column != "reached"]
        echo_table(shown, [[row[column] for column in shown] for row in rows])
        note("Known limits only; a value that is not there: no way over known limits.")
