"""`mobility pairs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    asked,
    build,
    csv_option,
    json_option,
    load,
    one_format,
    pairs_of,
    pairs_options,
    query_options,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path


@click.command("pairs")
@pairs_options
@query_options
@json_option
@csv_option
def pairs_cmd(
    pairs_file: Path | None,
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """List the pairs that other commands ask about, with their weights.

    \b
    Examples:
        mobility pairs --csv > pairs.csv
        mobility pairs --mode rail --to constanta_port
    """
    one_format(as_json=as_json, as_csv=as_csv)
    network = build(load(data), **conditions)
    pairs = pairs_of(
        network, pairs_file=pairs_file, origins=origins, destinations=destinations
    )
    columns = [str(column) for column in pairs.columns]
    rows: list[Any] = pairs.to_dict("records")
    if as_json:
        question = asked(network, by="time", scenario=conditions["scenario"])
        echo_json(question | {"pairs": rows})
    elif as_csv:
        click.echo(to_csv(columns, rows), nl=False)
    else:
        echo_table(columns, [list(row.values()) for row in rows])
        note(f"{len(rows)} pairs; --csv writes a file that --pairs reads.")
