"""`mobility places`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mobility.cli.options import (
    csv_option,
    data_option,
    json_option,
    load,
    one_format,
)
from mobility.cli.output import echo_json, echo_table, to_csv

if TYPE_CHECKING:
    from pathlib import Path


@click.command("places")
@click.option("--kind", help="Only this kind, such as port or border.")
@click.option("--country", help="Only this state; of a crossing, either side.")
@data_option
@json_option
@csv_option
def places_cmd(
    kind: str | None,
    country: str | None,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the places of the network.

    \b
    Examples:
        mobility places --kind port
        mobility places --kind border --country MK --json
    """
    from mobility.analysis.lookup import list_places

    one_format(as_json=as_json, as_csv=as_csv)
    rows = list_places(load(data), kind=kind, country=country)
    columns = ("id", "name", "kind", "country", "lon", "lat", "locode", "modes")
    if as_json:
        echo_json(rows)
    elif as_csv:
        click.echo(to_csv(columns, rows), nl=False)
    else:
        shown = [*columns[:4], "locode", "modes"]
        echo_table(shown, [[row[column] for column in shown] for row in rows])
