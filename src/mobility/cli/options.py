"""The options that all queries share, and what they build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mobility.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from mobility.data.tables import Tables
    from mobility.network.build import Network

Command = TypeVar("Command", bound=Callable[..., Any])


class NamedPath(click.Path):
    """A path that has a name: an empty one would mean the current folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Return the path."""
        if value == "":
            self.fail("the name is empty", param, ctx)
        return super().convert(value, param, ctx)


data_option = click.option(
    "--data",
    "data",
    type=NamedPath(),
    metavar="DIR",
    help="Data folder. Default: the corridors that ship with mobility.",
)
by_option = click.option(
    "--by",
    type=click.Choice(["time", "length"]),
    default="time",
    show_default=True,
    help="What the best route is best in.",
)
via_option = click.option(
    "--via", multiple=True, metavar="PLACE", help="Pass it; repeatable."
)
avoid_option = click.option(
    "--avoid",
    multiple=True,
    metavar="PLACE_OR_STATE",
    help="Do not touch it; repeatable.",
)
alternatives_option = click.option(
    "-k",
    "alternatives",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Routes that differ, at most.",
)
disjoint_option = click.option(
    "--disjoint",
    type=click.Choice(["link", "node", "risk"]),
    help="Routes that share no link, no place, or no link and no risk group.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")

mode_option = click.option(
    "--mode",
    type=click.Choice(["any", "road", "rail"]),
    default="any",
    show_default=True,
    help="How to travel; by road includes ferries.",
)
vehicle_option = click.option(
    "--vehicle", metavar="LOAD", help="Load to move. Default: freight."
)
package_option = click.option(
    "--package", metavar="PACKAGE", help="Force package to move, in place of a load."
)

year_option = click.option(
    "--year", type=int, help="Year of the network. Default: the data's."
)
scenario_option = click.option(
    "--scenario",
    multiple=True,
    metavar="NAME_OR_FILE",
    help="What differs from today, by name or file; repeatable.",
)
unknown_option = click.option(
    "--unknown",
    type=click.Choice(["bar", "admit"]),
    default="bar",
    show_default=True,
    help="What an unknown limit does.",
)

_CONDITIONS = (
    data_option,
    mode_option,
    vehicle_option,
    package_option,
    year_option,
    click.option("--regime", help="Border regime. Default: current."),
    click.option(
        "--without", multiple=True, metavar="CORRIDOR", help="Remove it; repeatable."
    ),
    click.option(
        "--close",
        multiple=True,
        metavar="LINK_OR_PLACE",
        help="Close it; repeatable.",
    ),
    scenario_option,
    unknown_option,
)


def from_option(default: str = "") -> Callable[[Command], Command]:
    """Give a command `--from`; it must be used if there is no default to tell of."""
    return _places_option("--from", "origins", "Origin", default)


def to_option(default: str = "") -> Callable[[Command], Command]:
    """Give a command `--to`; it must be used if there is no default to tell of."""
    return _places_option("--to", "destinations", "Destination", default)


def _places_option(
    name: str, variable: str, what: str, default: str
) -> Callable[[Command], Command]:
    told = f"{what}, or a kind of place such as port; repeatable."
    return click.option(
        name,
        variable,
        multiple=True,
        required=not default,
        metavar="PLACE_OR_KIND",
        help=f"{told} Default: {default}." if default else told,
    )


def pairs_options(command: Command) -> Command:
    """Give a command `--pairs`, `--from` and `--to`, which `pairs_of` understands."""
    file_option = click.option(
        "--pairs",
        "pairs_file",
        type=NamedPath(),
        metavar="FILE",
        help="Pairs to ask about: CSV with origin, destination, weight. Default: entry "
        "ports with the Black Sea flank, each pair weighing 1.",
    )
    for option in (
        to_option("places of the Black Sea flank"),
        from_option("entry ports"),
        file_option,
    ):
        command = option(command)
    return command


def query_options(command: Command) -> Command:
    """Give a command the options of every query."""
    for option in reversed(_CONDITIONS):
        command = option(command)
    return command


def query_options_without(
    *dropped: Callable[[Any], Any],
) -> Callable[[Command], Command]:
    """Give a command the options of every query but those named."""

    def give(command: Command) -> Command:
        for option in reversed(_CONDITIONS):
            if option not in dropped:
                command = option(command)
        return command

    return give


def load(data: Path | None) -> Tables:
    """Read the tables."""
    from mobility.data.tables import read_tables

    return read_tables(data)


def build(
    tables: Tables,
    *,
    mode: str,
    year: int | None,
    regime: str | None,
    without: tuple[str, ...],
    close: tuple[str, ...],
    scenario: tuple[str, ...],
    unknown: str,
    vehicle: str | None = None,
    package: str | None = None,
    light: str = "day",
) -> Network:
    """Build the network that the options of a query ask for."""
    from mobility.network.build import build_network
    from mobility.network.scenario import combine, make_scenario
    from mobility.network.scenario_file import read_scenario

    if vehicle is not None and package is not None:
        msg = "choose one of --vehicle and --package"
        raise click.UsageError(msg)
    asked = make_scenario(
        tables, close=close, without=without, year=year, regime=regime
    )
    return build_network(
        tables,
        vehicle=vehicle,
        package=package,
        light=light,
        mode=mode,
        unknown=unknown,
        scenario=combine([*(read_scenario(tables, s) for s in scenario), asked]),
    )


def asked(network: Network, *, by: str, scenario: tuple[str, ...]) -> dict[str, Any]:
    """Return what a query was asked under, as `--json` prints it.

    What a scenario closes, removes or keeps out is among `close`, `without` and `deny`.
    """
    from mobility.network.changes import denied_states

    return {
        **moved(network),
        "mode": network.mode,
        "by": by,
        "year": network.year,
        "regime": network.regime,
        "unknown": network.unknown,
        "without": network.scenario.without,
        "close": network.scenario.close,
        "deny": sorted(denied_states(network.tables, network.scenario)),
        "scenario": scenario,
        "data_version": network.version,
    }


def moved(network: Network) -> dict[str, str | None]:
    """Return what moves, as `--json` prints it."""
    name, whole = network.movement.name, network.movement.is_package
    return {"vehicle": None if whole else name, "package": name if whole else None}


def one_format(*, as_json: bool, as_csv: bool) -> None:
    """Refuse two output formats at once."""
    if as_json and as_csv:
        msg = "choose one of --json and --csv"
        raise click.UsageError(msg)


def pairs_of(
    network: Network,
    *,
    pairs_file: Path | None,
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
) -> pd.DataFrame:
    """Return the pairs that `--pairs`, or `--from` and `--to`, ask about.

    Raises
    ------
    click.UsageError
        Both ways of naming them are used.
    InputError
        The file is wrong, or no pair is left.
    UnknownNameError
        A name is neither a kind nor a place.
    """
    from mobility.analysis.pairs import (
        entry_ports,
        flank_places,
        make_pairs,
        read_pairs,
    )

    tables = network.tables
    if pairs_file is not None:
        if origins or destinations:
            msg = "choose --pairs, or --from and --to"
            raise click.UsageError(msg)
        return read_pairs(tables, pairs_file)
    starts = places_of(tables, origins, "--from") if origins else entry_ports(network)
    ends = (
        places_of(tables, destinations, "--to")
        if destinations
        else flank_places(network)
    )
    return make_pairs(starts, ends)


def places_of(tables: Tables, names: tuple[str, ...], option: str) -> list[str]:
    """Return the places that names, or kinds of place, stand for.

    Raises
    ------
    InputError
        No place has the kind.
    UnknownNameError
        A name is neither a kind nor a place.
    """
    from mobility.data.find import find_place

    kinds = tables.nodes["kind"]
    chosen: list[str] = []
    for name in names:
        if name in set(kinds):
            chosen += sorted(kinds.index[kinds == name])
        else:
            chosen.append(find_place(tables, name))
    if not chosen:
        msg = f"{option} names no place"
        raise InputError(msg)
    return list(dict.fromkeys(chosen))
