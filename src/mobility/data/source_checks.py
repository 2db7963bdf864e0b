"""Rules for provenance, sources, planning rules, and the order of rows."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pandas as pd

from mobility.data.link_checks import noted
from mobility.data.schema import CONTRACT, Resource, label
from mobility.data.sheets import Draft, at
from mobility.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

SELECTORS = (
    "mode",
    "road_class",
    "terrain",
    "kind",
    "border_type",
    "regime",
    "load_class",
    "light",
    "tracks",
    "electrification",
    "ship_type",
    "eu",
)
# text columns that limit a load, or decide what a train or ship can do
LIMITS_IN_WORDS = {
    "tracks",
    "electrification",
    "line_category",
    "loading_gauge",
    "pc_code",
    "roro",
    "rail",
    "crane_t",
    "wpi_channel_m",
    "wpi_pier_m",
}
# tables that cite in columns of their own, or hold nothing to cite
CITE_THEMSELVES = {"nodes", "corridors", "provenance", "sources", "vehicles", "rules"}


def provenance_points_somewhere(draft: Draft) -> Iterator[Problem]:
    """Require that provenance names a table, a row of it, and a column or `*`."""
    tables = draft.contract.tables
    ids = {name: set(_ids(draft, name)) for name in tables}
    for row in draft.rows("provenance"):
        if row.table is None or row.id is None or row.column is None:
            continue
        if row.table not in tables:
            yield at(row, "table", f"no table {row.table!r}")
            continue
        if row.id not in ids[row.table]:
            yield at(row, "id", f"no {row.id!r} in {tables[row.table].path}")
        if row.column not in ("*", *tables[row.table].columns):
            yield at(row, "column", f"no column {row.column!r} in {row.table}")


def values_have_provenance(draft: Draft) -> Iterator[Problem]:
    """Require that every capacity, limit and length says where it comes from."""
    told = defaultdict(set)
    for row in draft.rows("provenance"):
        told[row.table, row.id].add(row.column)
    for name, table in draft.contract.tables.items():
        if name in CITE_THEMSELVES:
            continue
        wanted = [column for column in _to_cite(table) if column not in table.key]
        for row, row_id in zip(draft.rows(name), _ids(draft, name), strict=True):
            columns = told[name, row_id]
            if "*" in columns:
                continue
            for column in wanted:
                if column not in columns and not pd.isna(getattr(row, column)):
                    yield at(row, column, f"no provenance of {row_id!r}")


def states_have_reasons(draft: Draft) -> Iterator[Problem]:
    """Require that the provenance of a link that is not open notes why."""
    told = noted(draft, {"status", "*"})
    for link in draft.rows("links"):
        if link.status not in ("open", None) and link.link_id not in told:
            message = f"{link.status}, but no provenance note of {link.link_id!r}"
            yield at(link, "status", f"{message} says why")


def sources_cited(draft: Draft) -> Iterator[Problem]:
    """Require that a row, or a resource of the contract, cites each source."""
    cited = {
        source
        for resource in draft.contract.resources.values()
        for source in resource.sources
    }
    for table in draft.contract.tables.values():
        for key in table.foreign_keys:
            if key.table == "sources":
                cited.update(draft.frames[table.name][key.columns[0]])
    for row in draft.rows("sources"):
        if row.source_id is not None and row.source_id not in cited:
            yield at(row, "source_id", f"nothing cites {row.source_id!r}")


def citations_of_resources(draft: Draft) -> Iterator[Problem]:
    """Require that the sources of whole resources stand in sources.csv."""
    known = set(draft.frames["sources"]["source_id"])
    file = label(draft.root, CONTRACT)
    for resource in draft.contract.resources.values():
        for source in resource.sources:
            if source not in known:
                message = f"{resource.name}: no {source!r} in sources.csv"
                yield Problem(file, 0, "sources", message)


def selectors_known(draft: Draft) -> Iterator[Problem]:
    """Require that a rule selects by values that the tables can hold."""
    known = _selector_values(draft)
    for rule in draft.rows("rules"):
        for column, values in known.items():
            value = getattr(rule, column)
            if value is not None and values and value not in values:
                yield at(rule, column, f"{value!r} is not one of {', '.join(values)}")


def rules_differ(draft: Draft) -> Iterator[Problem]:
    """Require that no two rules give the same quantity for the same case."""
    first: dict[tuple[str | None, ...], str] = {}
    for rule in draft.rows("rules"):
        case = (rule.quantity, *(getattr(rule, column) for column in SELECTORS))
        if case in first:
            message = f"{rule.rule_id!r} selects what {first[case]!r} selects"
            yield at(rule, "quantity", message)
        first.setdefault(case, rule.rule_id)


def rows_sorted(draft: Draft) -> Iterator[Problem]:
    """Require that rows stand in the order of their key: changes then read well."""
    for name, table in draft.contract.tables.items():
        before = ("", ())
        for row, key in zip(draft.rows(name), _keys(draft, name), strict=True):
            if None in key:
                continue
            if row.file == before[0] and key < before[1]:
                message = f"{'/'.join(key)!r} stands after {'/'.join(before[1])!r}"
                yield at(row, ",".join(table.key), f"{message}: sort the rows")
            before = (row.file, key)


def files_listed(draft: Draft) -> Iterator[Problem]:
    """Require that every table and drawing in the folder belongs to a resource."""
    listed = {
        path
        for resource in draft.contract.resources.values()
        for path in resource.files(draft.root)
    }
    for path in sorted(draft.root.rglob("*")):
        if path.suffix in {".csv", ".geojson"} and path not in listed:
            file = label(draft.root, path.relative_to(draft.root).as_posix())
            yield Problem(file, 0, "", f"no resource of {CONTRACT} lists it")


def _keys(draft: Draft, name: str) -> list[tuple[Any, ...]]:
    """Return the key of each row of a table."""
    frame = draft.frames[name]
    columns = draft.contract.tables[name].key
    return list(zip(*(frame[column] for column in columns), strict=True))


def _ids(draft: Draft, name: str) -> list[str]:
    """Return the key of each row as provenance writes it, parts joined by `/`."""
    return ["/".join(str(part) for part in key) for key in _keys(draft, name)]


def _to_cite(table: Resource) -> list[str]:
    """Return the columns of a table whose values need a source."""
    return [
        field.name
        for field in table.fields
        if field.kind != "string" or field.name in LIMITS_IN_WORDS
    ]


def _selector_values(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Return what each selector may name; empty where the contract does not say."""
    tables = draft.contract.tables

    def allowed(table: str, column: str) -> tuple[str, ...]:
        fields = [field for field in tables[table].fields if field.name == column]
        return fields[0].allowed if fields else ()

    modes = allowed("links", "mode")
    changes = tuple("-".join(pair) for pair in combinations(sorted(modes), 2))
    return {
        "mode": (*modes, *changes),
        "road_class": allowed("links", "road_class"),
        "terrain": allowed("links", "terrain"),
        "kind": allowed("nodes", "kind"),
        "border_type": allowed("borders", "border_type"),
        "regime": allowed("rules", "regime"),
        "load_class": allowed("vehicles", "load_class"),
        "light": allowed("rules", "light"),
        "tracks": allowed("rules", "tracks"),
        "electrification": allowed("links", "electrification"),
        "ship_type": allowed("rules", "ship_type"),
        "eu": allowed("countries", "eu"),
    }
