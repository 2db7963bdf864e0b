"""The corridor tables, read from `corridors/` as data frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mobility.data import link_checks, network_checks, source_checks
from mobility.data.schema import CONTRACT, Contract, label, read_contract
from mobility.data.shapes import Point, read_lines
from mobility.data.sheets import Draft, in_order, read_draft
from mobility.errors import DataError, MissingDataError
from mobility.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd


@dataclass(frozen=True, eq=False)
class Tables:
    """The checked tables of one data folder.

    Every frame is indexed by its key (several columns: a MultiIndex) and sorted by it,
    so that no result depends on the order of rows. Empty cells are missing: None in
    columns of text, NaN in columns of numbers, `<NA>` in columns of integers.

    Attributes
    ----------
    nodes, corridors, borders, reversals, ports, bases, countries, vehicles, packages, \
package_items, line_categories, loading_gauges, risk_groups, rules, requirements, \
provenance, sources
        As the contract names them.
    links
        The same, with a column `file`: the stem of the file a link stands in, which is
        its corridor, `connections-<state>` or `ferries`.
    contract
        What each column may hold.
    root
        The folder.
    version
        Hash of its content: 12 hex digits.
    """

    nodes: pd.DataFrame
    links: pd.DataFrame
    corridors: pd.DataFrame
    borders: pd.DataFrame
    reversals: pd.DataFrame
    ports: pd.DataFrame
    bases: pd.DataFrame
    countries: pd.DataFrame
    vehicles: pd.DataFrame
    packages: pd.DataFrame
    package_items: pd.DataFrame
    line_categories: pd.DataFrame
    loading_gauges: pd.DataFrame
    risk_groups: pd.DataFrame
    rules: pd.DataFrame
    requirements: pd.DataFrame
    provenance: pd.DataFrame
    sources: pd.DataFrame
    contract: Contract
    root: Path
    version: str

    def __repr__(self) -> str:
        """Say what it is in one line; the frames would fill pages."""
        return (
            f"<Tables of {self.root}: {len(self.links)} links, {len(self.nodes)} "
            f"places, data {self.version}>"
        )

    @property
    def package(self) -> dict[str, Any]:
        """The contract as it stands in `datapackage.json`."""
        return self.contract.package

    @property
    def data_year(self) -> int:
        """The year the tables speak of."""
        return self.contract.data_year

    @cached_property
    def geometry(self) -> Mapping[str, tuple[Point, ...]]:
        """The line of each link as (lon, lat) pairs, read on first access.

        Raises
        ------
        DataError
            A file of lines is broken.
        """
        lines, problems = read_lines(self.root, self.contract)
        if problems:
            raise DataError(in_order(problems))
        return MappingProxyType({line.link_id: line.vertices for line in lines})


TABLES = (
    "nodes",
    "links",
    "corridors",
    "borders",
    "reversals",
    "ports",
    "bases",
    "countries",
    "vehicles",
    "packages",
    "package_items",
    "line_categories",
    "loading_gauges",
    "risk_groups",
    "rules",
    "requirements",
    "provenance",
    "sources",
)


# what the floors above take for granted; the rest of the rules is in `checks`
NEEDED_RULES: tuple[Callable[[Draft], Iterable[Problem]], ...] = (
    link_checks.states_known,
    link_checks.roads_have_a_class,
    link_checks.ferries_have_times,
    network_checks.crossings_have_dwells,
    source_checks.rules_can_be_used,
)


def corridors_dir() -> Path:
    """Return the data shipped in the wheel or, in a checkout, `corridors/` itself.

    Raises
    ------
    MissingDataError
        There is neither.
    """
    packaged = Path(str(resources.files("mobility"))) / "corridors"
    checkout = Path(__file__).parents[3] / "corridors"
    for folder in (packaged, checkout):
        if folder.is_dir():
            return folder
    msg = f"no data folder: neither {label(packaged)!r} nor {label(checkout)!r}"
    raise MissingDataError(msg)


def read_tables(root: Path | None = None) -> Tables:
    """Read the tables, and refuse them if no network can be built of them.

    Parameters
    ----------
    root
        Data folder; by default the one that ships with the package.

    Raises
    ------
    MissingDataError
        There is no such folder, or no contract in it.
    DataError
        A cell, key or file breaks the contract, or else a row lacks what every
        question needs; all of them are listed. `mobility.data.checks.check_tables`
        finds what is merely implausible.
    """
    draft = read_draft(corridors_dir() if root is None else Path(root))
    problems = [*draft.problems, *unfit_contract(draft)]
    if not problems:
        problems += [problem for rule in NEEDED_RULES for problem in rule(draft)]
    if problems:
        raise DataError(in_order(problems))
    frames = {name: _indexed(draft, name) for name in TABLES}
    return Tables(
        **frames, contract=draft.contract, root=draft.root, version=draft.version
    )


def unfit_contract(draft: Draft) -> list[Problem]:
    """Return what the contract of a folder lacks of the one this package knows.

    A folder may have more resources and columns, but not fewer, and of no other type.
    """
    own = draft.contract.tables
    shipped = read_contract(corridors_dir()).tables
    file = label(draft.root, CONTRACT)
    problems = []
    for name in TABLES:
        if name not in own:
            problems.append(Problem(file, 0, "", f"no resource {name!r} with fields"))
            continue
        kinds = {field.name: field.kind for field in own[name].fields}
        for field in shipped[name].fields:
            if kinds.get(field.name) != field.kind:
                message = f"{name} needs a field {field.name!r} of type {field.kind}"
                problems.append(Problem(file, 0, "", message))
        if own[name].key != shipped[name].key:
            key = ", ".join(shipped[name].key)
            problems.append(Problem(file, 0, "", f"the key of {name} is not {key}"))
    return problems


def _indexed(draft: Draft, name: str) -> pd.DataFrame:
    """Index a table by its key and sort it; of links, keep the name of the file."""
    frame = draft.frames[name].drop(columns="line")
    if name == "links":
        stems = {file: PurePosixPath(file).stem for file in set(frame["file"])}
        frame["file"] = frame["file"].map(stems).astype(object)
    else:
        frame = frame.drop(columns="file")
    key = list(draft.contract.tables[name].key)
    return frame.set_index(key).sort_index() if key else frame
