"""`mobility corridor`."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    csv_option,
    data_option,
    json_option,
    load,
    package_option,
    pairs_of,
    pairs_options,
    scenario_option,
    unknown_option,
    vehicle_option,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path

    from mobility.analysis.corridor import CorridorValue
    from mobility.data.tables import Tables

_BY = {"road": "by road", "rail": "by rail", "any": "together"}


@click.command("corridor")
@click.argument("corridor", default="viii")
@pairs_options
@click.option(
    "--lose",
    "lost",
    multiple=True,
    metavar="CORRIDOR",
    help="Corridor whose loss is tried; repeatable. Default: x.",
)
@click.option(
    "--others",
    multiple=True,
    metavar="CORRIDOR",
    help="Corridor that dependence is measured on; repeatable. Default: all others.",
)
@click.option(
    "--later",
    default="network_2030",
    show_default=True,
    metavar="NAME_OR_FILE",
    help="Scenario of the network to come, on which the corridor is complete.",
)
@click.option(
    "--mode",
    "modes",
    multiple=True,
    type=click.Choice(["road", "rail", "any"]),
    help="How to travel; repeatable. Default: each.",
)
@data_option
@vehicle_option
@package_option
@scenario_option
@unknown_option
@json_option
@csv_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
def corridor_cmd(
    corridor: str,
    pairs_file: Path | None,
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    lost: tuple[str, ...],
    others: tuple[str, ...],
    later: str,
    modes: tuple[str, ...],
    data: Path | None,
    vehicle: str | None,
    package: str | None,
    scenario: tuple[str, ...],
    unknown: str,
    as_json: bool,
    as_csv: bool,
    as_markdown: bool,
) -> None:
    """Tell what CORRIDOR (default: viii) adds to all pairs, and how far others bind.

    By road, by rail and together: today, later, later with the corridor complete, and
    complete with its railways rebuilt to the standard axle load; with it and without.
    Hours are without the rests of drivers.

    \b
    Examples:
        mobility corridor viii
        mobility corridor viii --from durres_port --mode rail --csv
        mobility corridor vc --lose x --lose xb --scenario nato_transit
    """
    from mobility.analysis.corridor import MODES, corridor_value
    from mobility.network.scenario import combine
    from mobility.network.scenario_file import read_scenario

    if as_json + as_csv + as_markdown > 1:
        msg = "choose one of --json, --csv and --markdown"
        raise click.UsageError(msg)
    if vehicle is not None and package is not None:
        msg = "choose one of --vehicle and --package"
        raise click.UsageError(msg)
    tables = load(data)
    found = corridor_value(
        tables,
        corridor,
        lost=lost or ("x",),
        others=others,
        later=later,
        under=combine(read_scenario(tables, name) for name in scenario),
        modes=tuple(dict.fromkeys(modes)) or MODES,
        vehicle=vehicle,
        package=package,
        unknown=unknown,
        pairs_of=partial(
            pairs_of,
            pairs_file=pairs_file,
            origins=origins,
            destinations=destinations,
        ),
    )
    rows: list[Any] = found.cases.to_dict("records")
    if as_json:
        echo_json(
            {
                "corridor": found.corridor,
                "lost": found.lost,
                "others": found.others,
                "later": later,
                "scenario": scenario,
                "vehicle": vehicle,
                "package": package,
                "unknown": unknown,
                "tolerance": found.tolerance,
                "cut_off_loss_h": found.cut_off_loss_h,
                "standard_axle_load_t": found.standard_axle_load_t,
                "data_version": tables.version,
                "cases": rows,
            }
        )
    elif as_csv:
        click.echo(to_csv([str(c) for c in found.cases.columns], rows), nl=False)
    else:
        heads, lines = _table(tables, found)
        if as_markdown:
            _echo_markdown(heads, lines)
        else:
            echo_table(heads, lines)
        _note(tables, found)


def _table(tables: Tables, found: CorridorValue) -> tuple[list[str], list[list[str]]]:
    """Return heads and rows: figures down, cases across."""
    from mobility.analysis.corridor import AT_STANDARD, COMPLETE, WITHOUT

    own = _names(tables, (found.corridor,))
    lines = []
    heads = ["", ""]
    for mode, cases in found.cases.groupby("mode", sort=False):
        rows: list[Any] = cases.to_dict("records")
        heads[2:] = [
            {
                COMPLETE: f"{row['year']}, {own} complete",
                AT_STANDARD: f"and its railways at {found.standard_axle_load_t:g} t",
            }.get(
                row["case"],
                f"{row['year']} without {own}"
                if row["corridor"] == WITHOUT
                else f"{row['year']}",
            )
            for row in rows
        ]
        figures = _figures(tables, found, rows[0])
        for number, (told, column, form) in enumerate(figures):
            by = "" if number else _BY[str(mode)]
            lines.append([by, told, *(_cell(form, row[column]) for row in rows)])
    return heads, lines


def _cell(form: str, value: float) -> str:
    """Return a figure; a dash where there is none."""
    return "–" if math.isnan(value) else form.format(value)


def _figures(
    tables: Tables, found: CorridorValue, row: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """Return what is told of each case: in words, its column, its form."""
    gone = _names(tables, found.lost)
    return [
        (f"pairs with a way, of {row['pairs']:g}", "reached", "{:g}"),
        (f"mean hours, {row['common']:g} pairs", "mean_h", "{:.1f}"),
        (
            f"mean alternatives within {found.tolerance:.0%}",
            "mean_alternatives",
            "{:.2f}",
        ),
        (f"pairs cut off if {gone} is lost", "lost_cut_off", "{:g}"),
        (f"mean hours lost if {gone} is lost", "lost_h", "{:.1f}"),
        ("km on other corridors", "others_km", "{:.0%}"),
        ("pairs that use other corridors", "others_pairs", "{:.0%}"),
        ("pairs that need other corridors", "others_needed", "{:.0%}"),
        ("effective corridors", "effective_corridors", "{:.1f}"),
        ("km of assumed length", "assumed_share", "{:.0%}"),
    ]


def _names(tables: Tables, corridors: tuple[str, ...]) -> str:
    """Return the names of corridors, without the word."""
    names = tables.corridors.groupby(level="corridor_id")["name"].first()
    return ", ".join(str(names[c]).removeprefix("Corridor ") for c in corridors)


def _echo_markdown(heads: list[str], lines: list[list[str]]) -> None:
    """Print a table as Markdown, figures to the right."""
    rule = ["---", "---", *("--:" for _ in heads[2:])]
    for cells in (heads, rule, *lines):
        click.echo(f"| {' | '.join(cells)} |")


def _note(tables: Tables, found: CorridorValue) -> None:
    note(
        "Hours are without the rests of drivers, means over the pairs with a way in "
        "every case. Alternatives share no link but access and take on average at most "
        f"{found.tolerance:.0%} longer than the best of today. Being cut off, and any "
        f"greater loss, counts as {found.cut_off_loss_h:g} h. Other corridors: "
        f"{_names(tables, found.others)}; who needs them is cut off or more than "
        f"{found.tolerance:.0%} slower without."
    )
