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
    disjoint_option,
    load,
    query_options,
)
from mobility.cli.output import note

if TYPE_CHECKING:
    from mobility.model import Route
    from mobility.network.build import Network


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
@disjoint_option
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
    disjoint: str | None,
    offline: bool,
    by: str,
    data: Path | None,
    **conditions: Any,
) -> None:
    """Draw the corridors, and the routes between two places, on a map.

    With --disjoint all routes are drawn that share nothing of what it names, and what
    would have to be lost to leave none is marked.

    \b
    Examples:
        mobility map --offline
        mobility map durres constanta -k 3 -o durres-constanta.html
        mobility map bar varna --disjoint node -o bar-varna.html
    """
    from mobility.analysis.routing import find_routes
    from mobility.report.maps import corridor_map, save_map

    if disjoint is not None and not ends:
        msg = "--disjoint asks for an origin and a destination"
        raise click.UsageError(msg)
    if len(ends) not in (0, 2):
        msg = "name an origin and a destination, or neither"
        raise click.UsageError(msg)
    tables = load(data)
    routes: tuple[Route, ...] = ()
    cut: tuple[str, ...] = ()
    if ends:
        network = build(tables, **conditions)
        if disjoint is None:
            routes = find_routes(network, *ends, k=alternatives, by=by)
        else:
            find_routes(network, *ends, by=by)  # says why there is none
            routes, cut = _apart(network, ends, disjoint, by)
    save_map(corridor_map(tables, routes=routes, cut=cut, offline=offline), output)
    note(f"{output} written")


def _apart(
    network: Network, ends: tuple[str, ...], disjoint: str, by: str
) -> tuple[tuple[Route, ...], tuple[str, ...]]:
    """Return all routes that share nothing, and what leaves none."""
    from mobility.analysis.describe import describe
    from mobility.analysis.disjoint import find_apart
    from mobility.analysis.question import ask, lay_out, weigh

    question = ask(network, *ends)
    layers = lay_out(network, question, weigh(network, by))
    found = find_apart(network, question, layers, disjoint)
    ways = enumerate(found.ways, start=1)
    return tuple(describe(network, way, rank) for rank, way in ways), found.cut
