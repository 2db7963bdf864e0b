"""`mobility march`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    build,
    by_option,
    csv_option,
    json_option,
    load,
    mode_option,
    one_format,
    package_option,
    query_options_without,
    vehicle_option,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv
from mobility.model import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mobility.analysis.march_table import March, Point
    from mobility.network.build import Network

_CSV = (
    "column",
    "day",
    "kind",
    "place",
    "name",
    "country",
    "km",
    "halt_h",
    "serial",
    "vehicles",
    "head_local",
    "tail_local",
    "head_zulu",
    "tail_zulu",
)
_TABLE = ("point", "", "km", "halt h", "pass h", "head", "tail", "head Z", "tail Z")


def _moment(ctx: click.Context, param: click.Parameter, value: str) -> datetime:
    """Parse a time of ISO 8601; whether it has a zone is not judged here."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        msg = f"{value!r} is no date and time such as 2026-12-01T06:00+01:00"
        raise click.BadParameter(msg, ctx=ctx, param=param) from None


@click.command("march")
@click.argument("origin")
@click.argument("destination")
@click.option("--package", required=True, help="Force package that marches.")
@click.option(
    "--start",
    required=True,
    callback=_moment,
    metavar="TIME",
    help="When the head leaves, with its time zone: 2026-12-01T06:00+01:00.",
)
@click.option("--via", multiple=True, metavar="PLACE", help="Pass it; repeatable.")
@click.option(
    "--avoid",
    multiple=True,
    metavar="PLACE_OR_STATE",
    help="Do not touch it; repeatable.",
)
@click.option(
    "--night",
    is_flag=True,
    help="March by night without lights: close column, slower.",
)
@click.option(
    "--columns",
    is_flag=True,
    help="One column of each class of load, the quickest first.",
)
@by_option
@query_options_without(mode_option, vehicle_option, package_option)
@json_option
@csv_option
def march_cmd(
    origin: str,
    destination: str,
    package: str,
    start: datetime,
    via: tuple[str, ...],
    avoid: tuple[str, ...],
    night: bool,
    columns: bool,
    by: str,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Plan the march of a force package by road from ORIGIN to DESTINATION.

    Prints the march table of its column: start point, critical points, long halts,
    night rests and release point, in local time and Zulu. Tracked vehicles go on
    transporters. Without --year, the network is that of the year of the start.

    \b
    Example:
        mobility march durres skopje --package stryker_squadron \\
            --start 2026-12-01T06:00+01:00
    """
    from mobility.analysis.march import plan_columns, plan_march

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    if conditions["year"] is None and not conditions["scenario"]:
        conditions["year"] = start.year
    light = "night" if night else "day"
    network = build(tables, mode="road", package=package, light=light, **conditions)
    ways: dict[str, Any] = {"start": start, "by": by, "via": via, "avoid": avoid}
    marches: tuple[March, ...]
    if columns:
        marches = plan_columns(network, origin, destination, **ways)
    else:
        marches = (plan_march(network, origin, destination, **ways),)
    if as_json:
        told = [answer(network, march) for march in marches]
        echo_json({"columns": told} if columns else told[0])
    elif as_csv:
        click.echo(to_csv(_CSV, list(serial_rows(marches))), nl=False)
    else:
        for number, march in enumerate(marches):
            click.echo("\n" if number else "", nl=False)
            _print(network, march)
        for text in dict.fromkeys(text for march in marches for text in march.notes):
            note(f"Note: {text}.")
        if unknown_km := marches[0].route.unknown_km:
            note(f"Note: limits unknown on {unknown_km:.0f} km were let pass.")
        note(
            "Rates, halts and dwell are planning rules. "
            f"Data version {network.version}."
        )


def answer(network: Network, march: March) -> dict[str, Any]:
    """Return what `--json` prints; times in ISO 8601, local and Zulu."""
    column, movement = march.column, network.movement
    head = {
        "origin": march.route.nodes[0],
        "destination": march.route.nodes[-1],
        "package": movement.name,
        "loads": [load.vehicle_id for load in movement.of(Mode.ROAD)],
        "start": march.points[0].head.isoformat(),
        "classes": column.classes,
        "light": column.light,
        "year": network.year,
        "regime": network.regime,
        "unknown": network.unknown,
        "data_version": network.version,
        "vehicles": column.vehicles,
        "transporters": column.transporters,
        "apart": column.apart,
    }
    left = {"column", "points", "route", "formation"}
    totals = {name: getattr(march, name) for name in march.__slots__}
    return (
        head
        | {name: value for name, value in totals.items() if name not in left}
        | {"formation": asdict(march.formation), "route": asdict(march.route)}
        | {"points": [_point(point) for point in march.points]}
    )


def serial_rows(marches: Iterable[March]) -> Iterator[dict[str, Any]]:
    """Yield one row per column, point and serial, with exact times."""
    for number, march in enumerate(marches, start=1):
        for point, serial in ((p, s) for p in march.points for s in p.serials):
            yield {
                "column": number,
                "day": point.day,
                "kind": point.kind,
                "place": point.place,
                "name": point.name,
                "country": point.country,
                "km": point.km,
                "halt_h": point.halt_h,
                "serial": serial.serial,
                "vehicles": serial.vehicles,
                **_both(point, "head", serial.head),
                **_both(point, "tail", serial.tail),
            }


def _both(point: Point, name: str, when: datetime) -> dict[str, str]:
    """Return a time in local time and Zulu."""
    return {
        f"{name}_local": point.local(when).isoformat(timespec="seconds"),
        f"{name}_zulu": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _point(point: Point) -> dict[str, Any]:
    plain = ("day", "kind", "place", "name", "country", "time_zone", "km")
    times = ("head", "head_leaves", "tail", "tail_leaves")
    row: dict[str, Any] = {
        name: getattr(point, name) for name in (*plain, "halt_h", "pass_min")
    }
    for name in times:
        row |= _both(point, name, getattr(point, name))
    serials: list[dict[str, Any]] = [
        {
            "serial": serial.serial,
            "vehicles": serial.vehicles,
            **_both(point, "head", serial.head),
            **_both(point, "tail", serial.tail),
        }
        for serial in point.serials
    ]
    return row | {"serials": serials}


def _print(network: Network, march: March) -> None:
    column, points = march.column, march.points
    click.echo(
        f"{points[0].name} to {points[-1].name}: {network.movement.name} by "
        f"{column.light}, {network.year}, regime {network.regime}"
    )
    click.echo(
        f"{' and '.join(column.classes)}: {column.vehicles} vehicles "
        f"({column.transporters} transporters) in "
        f"{march.units} march units and {march.serials} serials; heaviest load of "
        f"the package {network.movement.of(Mode.ROAD)[0].vehicle_id}"
    )
    for day in dict.fromkeys(point.day for point in points):
        click.echo(f"\nDay {day}")
        echo_table(_TABLE, [_line(point) for point in points if point.day == day])
    click.echo(
        f"\n{march.route.length_km:.0f} km. Time distance "
        f"{march.time_distance_h:.1f} h: march {march.march_h:.1f}, borders "
        f"{march.border_h:.1f} (median), refuelling {march.halt_h:.1f}, rests "
        f"{march.rest_h:.1f}, ferry {march.ferry_h:.1f}"
    )
    click.echo(
        f"Pass time {march.pass_time_h:.1f} h at {march.slowest_kph:.1f} km/h "
        f"({march.slowest_link}), column {march.road_space_km:.0f} km long; road "
        f"clearance time {march.clearance_h:.1f} h. One vehicle alone: "
        f"{march.single_h:.1f} h"
    )


def _line(point: Point) -> list[Any]:
    local = [point.local(when) for when in (point.head, point.tail_leaves)]
    name = f"{point.name} ({point.country})"
    return [
        name,
        point.kind,
        point.km,
        point.halt_h or None,
        point.pass_min / 60,
        *(when.strftime("%m-%d %H:%M") for when in local),
        *(when.strftime("%d %H%MZ") for when in (point.head, point.tail_leaves)),
    ]
