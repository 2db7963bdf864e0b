"""`mobility ports`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    csv_option,
    data_option,
    json_option,
    load,
    mode_option,
    one_format,
    scenario_option,
    year_option,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HEADS = ("port", "basin", "offers m", "berths", "ro-ro", "at once", "landed/day")
_ONWARD = ("rail/day", "road/day", "port/day", "weakest")
_PACKAGE = ("landed h", "rail h", "road h")


@click.command("ports")
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@click.option(
    "--ship", default="roro", show_default=True, help="Type of ship: lmsr, ropax, …"
)
@click.option("--package", help="Force package that lands.")
@mode_option
@click.option("--basin", "basins", multiple=True, help="Only this water; repeatable.")
@year_option
@scenario_option
@data_option
@json_option
@csv_option
def ports_cmd(
    ports: tuple[str, ...],
    ship: str,
    package: str | None,
    mode: str,
    basins: tuple[str, ...],
    year: int | None,
    scenario: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Tell where a ship berths, how fast ports land and send on, what holds them up.

    Rates are vehicles and trailers a day. A port is as fast as its slowest stage:
    berth, ramp or crane, then rail and road, which work at once unless `--mode` says
    one. Without `--package` they are of full ships of ordinary lorries.

    \b
    Examples:
        mobility ports --basin adriatic
        mobility ports durres koper --ship lmsr --package heavy_brigade --mode rail
    """
    from mobility.analysis.harbours import harbours
    from mobility.data.rows import rows_of
    from mobility.network.scenario import combine, make_scenario
    from mobility.network.scenario_file import read_scenario

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    named = [read_scenario(tables, name) for name in scenario]
    asked = combine([*named, make_scenario(tables, year=year)])
    frame = harbours(
        tables,
        ports,
        ship=ship,
        package=package,
        mode=mode,
        basins=basins,
        scenario=asked,
    )
    rows = [{"port": port, **row} for port, row in rows_of(frame).items()]
    stands = asked.year or tables.data_year
    if as_json:
        echo_json(
            {
                "ship": ship,
                "package": package,
                "mode": mode,
                "year": stands,
                "scenario": scenario,
                "data_version": tables.version,
                "ports": [{"id": row.pop("port"), **row} for row in rows],
            }
        )
    elif as_csv:
        click.echo(to_csv(list(rows[0]), rows), nl=False)
    else:
        _print(rows, package)
        _tell(rows, stands, tables.version)


def _print(rows: list[dict[str, Any]], package: str | None) -> None:
    first = rows[0]
    what = "full ships of ordinary lorries"
    if package is not None:
        what = f"{package}, ship loads: {first['ships']}, trains: {first['trains']}"
    click.echo(f"Ships of {first['draught_need_m']:g} m draught, {what}")
    heads = [*_HEADS, *_ONWARD, *(_PACKAGE if package is not None else ())]
    echo_table(heads, [_line(row, package) for row in rows])


def _line(row: dict[str, Any], package: str | None) -> Sequence[Any]:
    of_package = [row["discharge_h"], row["rail_h"], row["road_h"]]
    rates = ("landed_per_day", "rail_per_day", "road_per_day", "per_day")
    return [
        row["port"],
        row["basin"],
        _offer(row["draught_low_m"], row["draught_high_m"]),
        row["berths"] if row["status"] == "open" else row["status"],
        row["roro"],
        _at_once(row),
        *(_whole(row[rate]) for rate in rates),
        row["weakest"],
        *(_hours(value) for value in of_package if package is not None),
    ]


def _offer(low: float, high: float) -> str:
    if low == high:
        return f"{low:g}"
    if math.isinf(high):
        return f"{low:g} or more" if low else "–"
    return f"{low:g} to {high:g}"


def _at_once(row: dict[str, Any]) -> str | None:
    """Return the ramps or cranes that work at once, marked where it is by rule."""
    by_ramp = row["off_by"] == "ramp"
    count = row["roro_ramps" if by_ramp else "cranes"]
    if count is None:
        return None
    ruled = "port_roro_ramps" if by_ramp else "port_cranes"
    what = f"{count:.0f} {row['off_by']}" + ("" if count == 1 else "s")
    return what + (" by rule" if ruled in row["ruled"] else "")


def _whole(rate: float | None) -> int | None:
    return None if rate is None else round(rate)


def _hours(value: float | None) -> float | str | None:
    return "never" if value == math.inf else value


def _tell(rows: list[dict[str, Any]], year: int, version: str) -> None:
    if any(row["berths_by"] == "depth_m" for row in rows):
        note("A published depth is that of the deepest berth, ro-ro or not.")
    against = ", ".join(row["port"] for row in rows if row["contradicts"])
    if against:
        note(f"Older classes of depth say less, and were passed over: {against}.")
    if any(row["berths"] == "unknown" and row["status"] == "open" for row in rows):
        note("Where it is unknown whether the ship berths, rates hold if it does.")
    for row in rows:
        if row["unreached"] is not None:
            note(f"{row['port']} is not reached: {row['unreached']}")
    note("Rates rest on planning rules; containers go on apart, and are not counted.")
    note(f"Network of {year}. Data version {version}.")
