"""`mobility vehicles`."""

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

_SHOWN = {
    "id": "load",
    "mode": "mode",
    "load_class": "class",
    "gross_t": "t",
    "axle_load_t": "axle t",
    "mass_per_m_t": "t/m",
    "height_m": "high m",
    "width_m": "wide m",
    "length_m": "long m",
    "mlc_wheeled": "MLC W",
    "mlc_tracked": "MLC T",
    "basis": "basis",
    "source_id": "source",
}


@click.command("vehicles")
@data_option
@json_option
@csv_option
def vehicles_cmd(data: Path | None, as_json: bool, as_csv: bool) -> None:
    """List the loads: what each asks of a link, by mode, and how that is known.

    \b
    Examples:
        mobility vehicles
        mobility vehicles --json
    """
    from mobility.analysis.loads import list_vehicles

    one_format(as_json=as_json, as_csv=as_csv)
    rows = list_vehicles(load(data))
    if as_json:
        echo_json(rows)
    elif as_csv:
        click.echo(to_csv(list(rows[0]), rows), nl=False)
    else:
        shown = [[row[column] for column in _SHOWN] for row in rows]
        echo_table(list(_SHOWN.values()), shown)
