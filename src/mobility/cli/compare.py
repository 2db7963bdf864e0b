"""`mobility compare`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    asked,
    build,
    csv_option,
    json_option,
    load,
    one_format,
    pairs_of,
    pairs_options,
    query_options,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv
from mobility.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

    from mobility.analysis.compare import Comparison
    from mobility.data.tables import Tables
    from mobility.network.build import Network

# names of the data as it stands
_TODAY = ("today", "base")
_JOINED = "+"
_FIGURES = {
    "pairs": "pairs (weight)",
    "reached": "with a way",
    "newly_reached": "newly reached",
    "cut_off": "cut off",
    "gains": "quicker",
    "loses": "slower",
    "mean_h": "mean hours",
    "median_h": "median hours",
    "mean_change_h": "mean change, h",
    "mean_alternatives": "mean alternatives",
    "loses_alternatives": "fewer alternatives",
    "mean_link_count": "mean, no link shared",
    "mean_node_count": "mean, no place shared",
    "effective_corridors": "effective corridors",
    "effective_countries": "effective countries",
    "effective_crossings": "effective crossings",
    "effective_modes": "effective modes",
    "assumed_share": "km of assumed length",
}
_SHARES = ("assumed_share",)


@click.command("compare")
@click.argument("scenarios", nargs=-1, metavar="BASE OTHER…")
@pairs_options
@click.option(
    "--tolerance",
    type=float,
    metavar="SHARE",
    help="How much longer than the base's best way alternatives may take on average. "
    "Default: the rule choice_tolerance.",
)
@click.option(
    "--counts",
    is_flag=True,
    help="Count the ways that share no link, and no place, as well; takes longer.",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Rows of each list of a table; --json and --csv carry all.",
)
@query_options
@json_option
@csv_option
def compare_cmd(
    scenarios: tuple[str, ...],
    pairs_file: Path | None,
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    tolerance: float | None,
    counts: bool,
    top: int,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Hold scenarios against BASE: hours, choice and bottlenecks of all pairs.

    A scenario is a name, a file, or several joined by +; today (or base) is the data as
    it stands. The pairs are those of BASE; other options, --scenario among them, hold
    for every scenario. Hours are without the rests of drivers, which come in steps that
    can hide a gain. --csv writes a row for each scenario and pair.

    \b
    Examples:
        mobility compare today network_2030 network_2030+corridor_viii_complete
        mobility compare today nato_transit --mode road --top 10
        mobility compare network_2030 network_2030_late --from durres_port --csv
    """
    from mobility.analysis.compare import compare

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    networks = _networks(tables, scenarios, conditions)
    base = next(iter(networks.values()))
    pairs = pairs_of(
        base, pairs_file=pairs_file, origins=origins, destinations=destinations
    )
    found = compare(networks, pairs, tolerance=tolerance, counts=counts)
    if as_json:
        question = asked(base, by="time", scenario=conditions["scenario"])
        echo_json(question | _answer(found, networks))
    elif as_csv:
        columns = [str(column) for column in found.pairs.columns]
        click.echo(to_csv(columns, _rows(found.pairs)), nl=False)
    else:
        _print(tables, found, top)


def _networks(
    tables: Tables, scenarios: tuple[str, ...], conditions: dict[str, Any]
) -> dict[str, Network]:
    """Build the network of each scenario, by the name it was asked for."""
    if len(scenarios) < 2:
        msg = "name a base and at least one other scenario, such as: today network_2030"
        raise InputError(msg)
    seen: dict[frozenset[str], str] = {}
    networks = {}
    for name in scenarios:
        parts = tuple(part for part in _parts(name) if part not in _TODAY)
        if frozenset(parts) in seen:
            same = seen[frozenset(parts)]
            msg = f"scenario {name!r} stands twice"
            msg += "" if same == name else f": it is the same as {same!r}"
            raise InputError(msg)
        seen[frozenset(parts)] = name
        laid = conditions | {"scenario": (*conditions["scenario"], *parts)}
        try:
            networks[name] = build(tables, **laid)
        except UnknownNameError as error:
            if not str(error).startswith("no scenario"):
                raise
            msg = str(error).replace("; there are ", f"; there are {_TODAY[0]}, ", 1)
            raise UnknownNameError(msg) from None
        except InputError as error:
            msg = f"scenario {name!r}: {error}"
            raise InputError(msg) from None
    return networks


def _parts(name: str) -> list[str]:
    """Return the scenarios that a name joins; a file may have + in its name."""
    return [name] if Path(name).is_file() else name.split(_JOINED)


def _answer(found: Comparison, networks: dict[str, Network]) -> dict[str, Any]:
    summary = found.scenarios.assign(
        year=[network.year for network in networks.values()],
        regime=[network.regime for network in networks.values()],
    )
    return {
        "tolerance": found.tolerance,
        "scenarios": _rows(summary.reset_index()),
        "pairs": _rows(found.pairs),
        "ranks": _rows(found.ranks),
    }


def _rows(frame: pd.DataFrame) -> list[Any]:
    return frame.to_dict("records")


def _print(tables: Tables, found: Comparison, top: int) -> None:
    summary = found.scenarios
    shown = {c: told for c, told in _FIGURES.items() if c in summary}
    echo_table(
        ["", *summary.index],
        [
            [told, *(_figure(column, value) for value in summary[column])]
            for column, told in shown.items()
        ],
    )
    names = tables.nodes["name"]
    for scenario in summary.index[1:]:
        frame = found.pairs[found.pairs["scenario"] == scenario]
        changed = frame.sort_values("change_h", kind="stable")
        _print_pairs(
            "Gain most", scenario, changed[changed["change_h"] < 0], names, top
        )
        worse = changed[changed["change_h"] > 0][::-1]
        _print_pairs("Lose most", scenario, worse, names, top)
        ranks = found.ranks[found.ranks["scenario"] == scenario].head(top)
        if not ranks.empty:
            click.echo(f"\nWhat the loss of a link costs, {scenario}:")
            columns = ("link_id", "base_rank", "rank", "base_delay_h", "delay_h")
            echo_table(
                ("link", "rank", "now", "mean h lost", "now", "corridors"),
                [
                    [
                        *(row[column] for column in columns[:3]),
                        *(f"{row[column]:.2f}" for column in columns[3:]),
                        row["corridors"],
                    ]
                    for row in _rows(ranks)
                ],
            )
    note(
        "Hours: under way, at borders, changing mode and at halts of trains, without "
        "the rests of drivers; mean and median over the pairs with a way in every "
        f"scenario. Alternatives: routes that share no link but access, on average "
        f"within {found.tolerance:.0%} of the base's best. Effective: 1/HHI over all "
        "best ways."
    )


def _figure(column: str, value: float) -> str:
    if math.isnan(value):
        return "–"
    if column in _SHARES:
        return f"{value:.0%}"
    if column == "mean_change_h":
        return f"{value:+.2f}"
    whole = column in ("pairs", "reached") or not column.startswith(
        ("mean", "median", "effective")
    )
    return f"{value:g}" if whole else f"{value:.2f}"


def _print_pairs(
    told: str, scenario: str, frame: pd.DataFrame, names: pd.Series[str], top: int
) -> None:
    if frame.empty:
        return
    click.echo(f"\n{told}, {scenario} ({len(frame)} pairs):")
    rows = [
        [
            names[row["origin"]],
            names[row["destination"]],
            row["time_h"],
            _change(row),
            row["alternatives"],
            " ".join(filter(None, (row["why"], row["link"]))),
            row["corridors"],
        ]
        for row in _rows(frame.head(top))
    ]
    heads = ("origin", "destination", "hours", "change", "choice", "why", "corridors")
    echo_table(heads, rows)


def _change(row: dict[str, Any]) -> str:
    """Say how the hours change, in words where there were none or are none left."""
    if row["outcome"] in ("reached", "cut off"):
        return str(row["outcome"])
    return f"{row['change_h']:+.1f}"
