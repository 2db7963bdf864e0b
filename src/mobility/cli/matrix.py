"""`mobility matrix`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    asked,
    build,
    by_option,
    csv_option,
    from_option,
    json_option,
    load,
    one_format,
    places_of,
    query_options,
    to_option,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv
from mobility.errors import InputError, NoRouteError

if TYPE_CHECKING:
    from pathlib import Path

    from mobility.network.build import Network


@click.command("matrix")
@from_option()
@to_option()
@by_option
@query_options
@json_option
@csv_option
def matrix_cmd(
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    by: str,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Measure the best route between all pairs of places.

    \b
    Examples:
        mobility matrix --from durres --from bar --to varna --to constanta
        mobility matrix --from port --to port --mode rail --csv
    """
    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    network = build(tables, **conditions)
    columns, rows = measure(
        network,
        places_of(tables, origins, "--from"),
        places_of(tables, destinations, "--to"),
        by=by,
    )
    if not any(row["modes"] for row in rows):
        raise no_route(network, rows, by=by)
    if as_json:
        question = asked(network, by=by, scenario=conditions["scenario"])
        echo_json(question | {"pairs": rows})
    elif as_csv:
        click.echo(to_csv(columns, rows), nl=False)
    else:
        echo_table(columns, [[row[column] for column in columns] for row in rows])
    if lost := sum(not row["modes"] for row in rows):
        note(f"{lost} of {len(rows)} pairs have no route")


def measure(
    network: Network, origins: list[str], destinations: list[str], *, by: str
) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the columns and rows of the matrix, with `modes` as a list.

    Raises
    ------
    InputError
        All there is to go to is the place itself.
    """
    from mobility.analysis.routing import matrix

    frame = matrix(network, origins, destinations, by=by).reset_index()
    if frame.empty:
        msg = f"origin and destination are the same place, {origins[0]!r}"
        raise InputError(msg)
    rows: list[Any] = frame.to_dict("records")
    for row in rows:
        row["modes"] = [mode for mode in row["modes"].split("+") if mode]
    return list(rows[0]), rows


def no_route(network: Network, rows: list[dict[str, Any]], *, by: str) -> NoRouteError:
    """Return the error for a matrix without any way: what its first pair lacks."""
    from mobility.analysis.routing import find_routes

    why = ""
    try:
        find_routes(network, rows[0]["origin"], rows[0]["destination"], by=by)
    except NoRouteError as error:
        why = str(error)
    if len(rows) > 1:
        why = f"none of {len(rows)} pairs has a route; the first: {why}"
    return NoRouteError(why)
