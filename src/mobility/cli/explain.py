"""`mobility explain`."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    build,
    csv_option,
    json_option,
    load,
    moved,
    one_format,
    query_options,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path

    from mobility.analysis.explain import Explanation, Shortfall, Upgrade

_TOLD = 10
_COLUMNS = (
    "part",
    "mode",
    "demand",
    "needed",
    "value",
    "at_most",
    "source",
    "links",
    "to_do",
    "status",
    "limits",
    "length_km",
    "others",
    "time_h",
    "saved_h",
)


@click.command("explain")
@click.argument("origin")
@click.argument("destination")
@query_options
@json_option
@csv_option
def explain_cmd(
    origin: str,
    destination: str,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Say why a load passes from ORIGIN to DESTINATION or not, and what would help.

    The most that gets through in each thing the load asks, with the links that bind;
    if it does not pass, the fewest links and the fewest kilometres that would open a
    way; and the links of which too little is known, by what knowing them would change.
    Exit code 3: no chain of links joins the places even so.

    \b
    Examples:
        mobility explain durres skopje --vehicle tank_transporter
        mobility explain rijeka sofia --vehicle tank_train_4axle --json
    """
    from mobility.analysis.explain import explain
    from mobility.errors import NoRouteError

    one_format(as_json=as_json, as_csv=as_csv)
    found = explain(build(load(data), **conditions), origin, destination)
    if found.route is None and found.fewest is None:
        raise NoRouteError(found.why)
    if as_json:
        echo_json(_answer(found))
    elif as_csv:
        click.echo(to_csv(_COLUMNS, _rows(found)), nl=False)
    else:
        _print(found)


def _answer(found: Explanation) -> dict[str, Any]:
    network = found.network
    return {
        "origin": found.origin,
        "destination": found.destination,
        **moved(network),
        "mode": network.mode,
        "year": network.year,
        "regime": network.regime,
        "unknown": network.unknown,
        "data_version": network.version,
        "passes": found.route is not None,
        "route": found.route and asdict(found.route),
        "heaviest": [asdict(each) for each in found.heaviest],
        "upgrades": {
            "fewest_links": _upgrade(found.fewest),
            "least_km": _upgrade(found.shortest),
        },
        "missing": [
            {
                **asdict(each.shortfall),
                "others": each.others,
                "time_h": each.time_h,
                "saved_h": each.saved_h,
            }
            for each in found.missing
        ],
    }


def _upgrade(upgrade: Upgrade | None) -> dict[str, Any] | None:
    if upgrade is None:
        return None
    return {
        "links": [asdict(each) for each in upgrade.shortfalls],
        "upgrade_count": upgrade.count("upgrade", "open"),
        "upgrade_km": upgrade.km("upgrade", "open"),
        "unknown_count": upgrade.count("find out"),
        "unknown_km": upgrade.km("find out"),
        "route": asdict(upgrade.route),
    }


def _rows(found: Explanation) -> list[dict[str, Any]]:
    """Return all parts of an explanation as rows of one table."""
    rows: list[dict[str, Any]] = []
    for each in found.heaviest:
        row: dict[str, Any] = {"part": "heaviest", "links": each.binding}
        names = ("mode", "demand", "needed", "value", "at_most", "source")
        row |= {name: getattr(each, name) for name in names}
        if each.route:
            row |= {"length_km": each.route.length_km, "time_h": each.route.time_h}
        rows.append(row)
    for part, upgrade in (("fewest_links", found.fewest), ("least_km", found.shortest)):
        for shortfall in upgrade.shortfalls if upgrade else ():
            rows.append({"part": part} | _shortfall(shortfall))
    for missing in found.missing:
        row = {"part": "missing"} | _shortfall(missing.shortfall)
        told = ("others", "time_h", "saved_h")
        rows.append(row | {name: getattr(missing, name) for name in told})
    return [dict.fromkeys(_COLUMNS) | row for row in rows]


def _shortfall(shortfall: Shortfall) -> dict[str, Any]:
    from mobility.analysis.gaps import tell

    return {
        "links": shortfall.link,
        "to_do": shortfall.to_do,
        "status": shortfall.status,
        "limits": [tell(finding) for finding in shortfall.findings],
        "length_km": shortfall.length_km,
    }


def _print(found: Explanation) -> None:
    network, route = found.network, found.route
    names = network.tables.nodes["name"]
    click.echo(
        f"{names[found.origin]} to {names[found.destination]}: "
        f"{network.movement.name}, {network.mode} mode, {network.year}, "
        f"unknown limits {network.unknown}"
    )
    if route is not None:
        click.echo(
            f"passes: {route.time_h:.1f} h, {route.length_km:.0f} km through "
            f"{' '.join(route.countries)}; limits unknown on "
            f"{route.unknown_km:.0f} km, by rule on {route.ruled_km:.0f} km, estimated "
            f"on {route.estimated_km:.0f} km"
        )
        for condition in route.conditions:
            click.echo(f"condition: {condition}")
    elif found.fewest is not None and not found.fewest.count("upgrade", "open"):
        click.echo("not known to pass: no known limit bars it, but too few are known")
    else:
        click.echo("does not pass")
    click.echo("the most that gets through, over known limits, each thing alone:")
    heads = ("mode", "asks", "needed", "passes", "at most", "by", "km", "binding links")
    echo_table(
        heads,
        [
            [
                each.mode,
                f"{each.demand}",
                f"{each.needed:g} {each.unit}".strip(),
                _value(each.value, "none known"),
                _value(each.at_most, "no way"),
                each.source,
                each.route and f"{each.route.length_km:.0f}",
                _few(each.binding),
            ]
            for each in found.heaviest
        ],
    )
    _print_upgrades(found)
    _print_missing(found)
    note(
        "by law: what the state allows on its open roads. estimated: tells, never "
        f"decides, but of widths under permit. Data version {network.version}."
    )


def _value(value: float, none: str) -> str:
    if math.isnan(value):
        return none
    return "no limit known" if math.isinf(value) else f"{value:g}"


def _few(links: tuple[str, ...]) -> str:
    more = f" and {len(links) - 3} more" if len(links) > 3 else ""
    return f"{' '.join(links[:3])}{more}"


def _print_upgrades(found: Explanation) -> None:
    for title, upgrade in (
        ("fewest links", found.fewest),
        ("least kilometres", found.shortest),
    ):
        if upgrade is None:
            continue
        if title != "fewest links" and upgrade == found.fewest:
            click.echo(f"{title}: the same")
            continue
        click.echo(
            f"{title} that would open a way of {upgrade.route.length_km:.0f} km: "
            f"{upgrade.count('upgrade', 'open')} to upgrade or open "
            f"({upgrade.km('upgrade', 'open'):.0f} km), "
            f"{upgrade.count('find out')} to find out about "
            f"({upgrade.km('find out'):.0f} km)"
        )
        _print_shortfalls(found, [(s, []) for s in upgrade.shortfalls], ())


def _print_shortfalls(
    found: Explanation,
    rows: list[tuple[Shortfall, list[Any]]],
    more: tuple[str, ...],
) -> None:
    names = found.network.tables.nodes["name"]
    heads = ("link", "between", "km", "to do", "status", *more, "limits")
    table = []
    for each, values in rows:
        told = _shortfall(each)
        between = f"{names[each.from_node]}–{names[each.to_node]}"
        limits = "; ".join(told["limits"])
        cells = [each.link, between, each.length_km, each.to_do, each.status]
        table.append([*cells, *values, limits])
    echo_table(heads, table)


def _print_missing(found: Explanation) -> None:
    if not found.missing:
        return
    click.echo(
        "too little is known of, by what knowing it to pass would change"
        " (hours without rests of drivers):"
    )
    rows = [(m.shortfall, [m.others, m.time_h, m.saved_h]) for m in found.missing]
    _print_shortfalls(found, rows[:_TOLD], ("others needed", "hours", "hours saved"))
    if len(rows) > _TOLD:
        click.echo(f"and {len(rows) - _TOLD} more (--json or --csv has all)")
