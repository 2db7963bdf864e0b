"""`mobility scenarios`."""

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

_LISTED = {
    "id": "scenario",
    "closes": "closes",
    "opens": "opens",
    "lowers": "lowers",
    "denied": "no access to",
    "slip_years": "late by",
    "year": "year",
    "regime": "regime",
    "title": "title",
}
_CHANGES = {
    "change": "change",
    "id": "link or crossing",
    "name": "between",
    "country": "state",
    "mode": "mode",
    "km": "km",
    "column": "column",
    "value": "at most",
}


@click.command("scenarios")
@click.argument("name", required=False, metavar="[NAME_OR_FILE]")
@data_option
@json_option
@csv_option
def scenarios_cmd(
    name: str | None, data: Path | None, as_json: bool, as_csv: bool
) -> None:
    """List the scenarios, or what one of them changes against today.

    Any query takes them with --scenario, several over each other.

    \b
    Examples:
        mobility scenarios
        mobility scenarios nato_transit
        mobility route durres constanta --scenario nato_transit --scenario network_2030
    """
    from mobility.analysis.scenarios import describe_scenario, list_scenarios

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    known: Any
    if name is None:
        known = list_scenarios(tables)
        rows, shown = known, _LISTED
    else:
        known = describe_scenario(tables, name)
        rows, shown = known["changes"], _CHANGES
    if as_json:
        echo_json(known)
    elif as_csv:
        click.echo(to_csv(list(shown), rows), nl=False)
    else:
        if name is not None:
            click.echo(_headline(known))
        echo_table(
            list(shown.values()), [[row[column] for column in shown] for row in rows]
        )
        note("Counts are links and crossings, against those that pass today.")


def _headline(known: dict[str, Any]) -> str:
    """Say in words what no list of links shows."""
    told = f"{known['title'] or known['id']}: {known['year']}, regime {known['regime']}"
    if known["slip_years"]:
        told += f", works late by {known['slip_years']} years"
    if known["denied"]:
        told += f", no access to {', '.join(known['denied'])}"
    cited = f" ({', '.join(known['sources'])})" if known["sources"] else ""
    return f"{told}\n{known['note']}{cited}" if known["note"] else told
