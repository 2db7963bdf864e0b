"""`mobility show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mobility.cli.options import data_option, json_option, load
from mobility.cli.output import echo_json, echo_table

if TYPE_CHECKING:
    from pathlib import Path


@click.command("show")
@click.argument("name", metavar="LINK_OR_PLACE")
@data_option
@json_option
def show_cmd(name: str, data: Path | None, as_json: bool) -> None:
    """Tell all that is known of one link or place, and how it is known.

    \b
    Examples:
        mobility show durres
        mobility show viii-rail-012 --json
    """
    from mobility.analysis.lookup import describe_one

    known = describe_one(load(data), name)
    if as_json:
        echo_json(known)
        return
    click.echo(f"{known['id']}: {known['what']}")
    columns = ("table", "column", "value", "unit", "basis", "source", "note")
    echo_table(
        columns, [[value[column] for column in columns] for value in known["values"]]
    )
    for title, links in (("links", known["links"]),):
        if links:
            click.echo(f"{title}: {' '.join(links)}")
    for source in known["sources"]:
        click.echo(f"{source['source_id']}: {source['title']} {source['url'] or ''}")
