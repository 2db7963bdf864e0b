"""`mobility check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mobility.cli.options import data_option

if TYPE_CHECKING:
    from pathlib import Path

    from mobility.data.tables import Tables
    from mobility.model import Problem


@click.command("check")
@data_option
def check_cmd(data: Path | None) -> None:
    """Check the data and print every problem at once.

    Exit code 4 if there is any.

    \b
    Example:
        mobility check --data corridors
    """
    from mobility.data.checks import check_tables
    from mobility.data.tables import corridors_dir, read_tables
    from mobility.errors import DataError

    root = corridors_dir() if data is None else data
    if problems := check_tables(root):
        raise DataError(problems)
    tables = read_tables(root)
    if problems := _check_scenarios(tables):
        raise DataError(problems)
    click.echo(
        f"{len(tables.links)} links, {len(tables.nodes)} places, "
        f"{len(tables.provenance)} provenance rows, {len(tables.sources)} sources: "
        f"no problem. Data version {tables.version}."
    )


def _check_scenarios(tables: Tables) -> list[Problem]:
    """Return what is wrong with scenarios that ship with the data, one of each file."""
    from mobility.errors import InputError, UnknownNameError
    from mobility.model import Problem
    from mobility.network.scenario_file import read_scenario, shipped

    problems = []
    for name in shipped(tables):
        try:
            read_scenario(tables, name)
        except (InputError, UnknownNameError) as error:
            file = str(tables.root / "scenarios" / f"{name}.toml")
            problems.append(Problem(file, 0, "", str(error)))
    return problems
