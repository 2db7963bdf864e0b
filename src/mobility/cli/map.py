"""`mobility map`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    NamedPath,
    alternatives_option,
    build,
    by_option,
    load,
    query_options,
)
from mobility.cli.output import note

if TYPE_CHECKING:
    from mobility.model import Route


@click.command("map")
@click.argument("ends", nargs=-1, metavar="[ORIGIN DESTINATION]")
@click.option(
    "-o",
    "output",
    type=NamedPath(),
    default=Path("map.html"),
    show_default=True,
    help="HTML file to write.",
)
@alternatives_option
@click.option(
    "--offline",
    is_flag=True,
    help="Land and borders from the data instead of background tiles.",
)
@by_option
@query_options
def map_cmd(
    ends: tuple[str, ...],
    output: Path,
    alternatives: int,
    offline: bool,
    by: str,
    data: Path | None,
    **conditions: Any,
) -> None:
    """Draw the corridors, and the routes between two places, on a map.

    \b
    Examples:
        mobility map --offline
        mobility map durres constanta -k 3 -o durres-constanta.html
    """
    from mobility.analysis.routing import find_routes
    from mobility.report.maps import corridor_map, save_map

    if len(ends) not in (0, 2):
        msg = "name an origin and a destination, or neither"
        raise click.UsageError(msg)
    tables = load(data)
    routes: tuple[Route, ...] = ()
    if ends:
        network = build(tables, **conditions)
        routes = find_routes(network, *ends, k=alternatives, by=by)
    save_map(corridor_map(tables, routes=routes, offline=offline), output)
    note(f"{output} written")
