"""`mobility compliance`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    csv_option,
    data_option,
    json_option,
    load,
    one_format,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path


@click.command("compliance")
@click.option(
    "--corridor", "corridors", multiple=True, help="Only this one; repeatable."
)
@click.option("--year", type=int, help="Year of the network. Default: the data's.")
@data_option
@json_option
@csv_option
def compliance_cmd(
    corridors: tuple[str, ...],
    year: int | None,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Measure how much of each corridor meets each requirement.

    Shares are of the kilometres that traffic passes; of borders and states, of their
    number. The weakest link is that farthest from the threshold of those known.

    \b
    Examples:
        mobility compliance --corridor viii
        mobility compliance --csv
    """
    from mobility.analysis.compliance import compliance
    from mobility.data.find import find_corridor
    from mobility.network.scenario import make_scenario

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    chosen = [find_corridor(tables, name) for name in corridors]
    asked = make_scenario(tables, close=(), without=(), year=year, regime=None)
    frame = compliance(tables, corridors=chosen, year=asked.year).reset_index()
    rows: list[Any] = frame.to_dict("records")
    columns = [str(column) for column in frame.columns]
    if as_json:
        stands = asked.year or tables.data_year
        echo_json({"year": stands, "data_version": tables.version, "rows": rows})
    elif as_csv:
        click.echo(to_csv(columns, rows), nl=False)
    else:
        _print(rows)
        note(f"Data version {tables.version}.")


def _print(rows: list[dict[str, Any]]) -> None:
    shares = ("met", "not_met", "unknown")
    keys = ("corridor", "mode", "requirement", "threshold")
    heads = (*keys, "met %", "not met %", "unknown %", "of", "weakest", "value")
    echo_table(
        [*heads, "remark"],
        [
            [
                *(row[key] for key in keys),
                *(100 * row[share] for share in shares),
                f"{row['size']:.0f} {row['unit']}" if row["unit"] else None,
                row["weakest"],
                row["value"],
                row["label"] or None,
            ]
            for row in rows
        ],
    )
