"""`mobility packages`."""

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

_PACKAGES = {
    "id": "package",
    "personnel": "soldiers",
    "vehicles": "vehicles",
    "trailers": "trailers",
    "separate": "apart",
    "transporters": "transporters",
    "wagons": "wagons",
    "trains": "trains",
    "lane_m": "lane m",
    "mass_t": "t",
    "basis": "basis",
    "source_id": "source",
}
_ITEMS = {
    "id": "load",
    "name": "name",
    "count": "count",
    "carried_by": "carried by",
    "load_class": "class",
    "gross_t": "t each",
    "basis": "basis",
    "source_id": "source",
}


@click.command("packages")
@click.argument("package", required=False)
@data_option
@json_option
@csv_option
def packages_cmd(
    package: str | None, data: Path | None, as_json: bool, as_csv: bool
) -> None:
    """List the force packages, or what one PACKAGE consists of.

    Wagons, trains and metres of lane follow by rule; wagons and trains leave out what
    travels apart. Masses are those of the heaviest loads of their kind, laden.

    \b
    Examples:
        mobility packages
        mobility packages heavy_brigade --json
    """
    from mobility.analysis.loads import describe_package, list_packages

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    known: Any
    if package is None:
        known = list_packages(tables)
        rows, shown = known, _PACKAGES
    else:
        known = describe_package(tables, package)
        rows, shown = known["items"], _ITEMS
    if as_json:
        echo_json(known)
    elif as_csv:
        click.echo(to_csv(list(rows[0]), rows), nl=False)
    else:
        if package is not None:
            click.echo(_headline(known))
        table = [[row[column] for column in shown] for row in rows]
        echo_table(list(shown.values()), table)
        note("Packages are seeds with their source, not orders of battle.")


def _headline(known: dict[str, Any]) -> str:
    return (
        f"{known['name']}: {known['personnel']} soldiers, {known['vehicles']} "
        f"vehicles, {known['trailers']} trailers; {known['transporters']} "
        f"transporters by road, {known['wagons']} wagons in "
        f"{known['trains']} trains by rail, "
        f"{known['lane_m']:.0f} m of lane by ship"
    )
