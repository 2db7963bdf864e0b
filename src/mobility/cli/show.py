"""`mobility show`."""

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


@click.command("show")
@click.argument("name", metavar="LINK_OR_PLACE")
@data_option
@json_option
@csv_option
def show_cmd(name: str, data: Path | None, as_json: bool, as_csv: bool) -> None:
    """Tell all that is known of one link or place, and how it is known.

    \b
    Examples:
        mobility show durres
        mobility show viii-rail-012 --json
    """
    from mobility.analysis.lookup import describe_one

    one_format(as_json=as_json, as_csv=as_csv)
    known = describe_one(load(data), name)
    columns = ("table", "id", "column", "value", "unit", "basis", "source")
    exact = (*columns, "confidence", "as_of", "note")
    if as_json:
        echo_json(known)
        return
    if as_csv:
        click.echo(to_csv(exact, known["values"]), nl=False)
        return
    click.echo(f"{known['id']}: {known['what']}")
    shown = (*columns, "note")
    echo_table(
        shown, [[value[column] for column in shown] for value in known["values"]]
    )
    if known["links"]:
        click.echo(f"links: {' '.join(known['links'])}")
    for source in known["sources"]:
        click.echo(f"{source['source_id']}: {source['title']} {source['url'] or ''}")
