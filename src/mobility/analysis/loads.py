"""Loads and force packages, listed with what is known of each."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mobility.data.find import find_package
from mobility.data.rows import rows_of
from mobility.network.costs import read_rules
from mobility.network.packages import Composition, compose, read_items

if TYPE_CHECKING:
    from mobility.data.tables import Tables
    from mobility.model import Row


def list_vehicles(tables: Tables) -> list[dict[str, Any]]:
    """List the loads, one entry per load and mode, by id.

    Returns
    -------
    list of dict
        `id`, `mode`, and the columns of `vehicles.csv`; None where a load asks nothing.
    """
    return [
        {"id": str(vehicle), "mode": str(mode), **row}
        for (vehicle, mode), row in rows_of(tables.vehicles).items()
    ]


def list_packages(tables: Tables) -> list[dict[str, Any]]:
    """List the force packages with what it takes to move each, by id.

    Returns
    -------
    list of dict
        `id`, `name`, `personnel`, the fields of `Composition`, then `source_id`,
        `basis`, `confidence` and `note`.
    """
    rules = read_rules(tables.rules)
    return [
        _package(str(package), row, compose(read_items(tables, str(package)), rules))
        for package, row in rows_of(tables.packages).items()
    ]


def describe_package(tables: Tables, name: str) -> dict[str, Any]:
    """Tell what a package consists of and what it takes to move it.

    Returns
    -------
    dict
        As an entry of `list_packages`, and `items`: a list of `id`, `name`, `count`,
        `carried_by`, `load_class`, `gross_t` (tonnes, one), `source_id`, `basis`,
        `confidence`, `note`.

    Raises
    ------
    UnknownNameError
        No such package.
    """
    package = find_package(tables, name)
    items = read_items(tables, package)
    rows = rows_of(tables.package_items)
    names = {key[0]: row["name"] for key, row in rows_of(tables.vehicles).items()}
    composition = compose(items, read_rules(tables.rules))
    head = _package(package, rows_of(tables.packages)[package], composition)
    told = []
    for item in items:
        values = asdict(item)
        vehicle = values.pop("vehicle_id")
        row = rows[(package, vehicle)]
        more = {key: row[key] for key in ("source_id", "basis", "confidence", "note")}
        told.append({"id": vehicle, "name": names[vehicle], **values, **more})
    return head | {"items": told}


def _package(package: str, row: Row, composition: Composition) -> dict[str, Any]:
    head = {"id": package, "name": row["name"], "personnel": row["personnel"]}
    known = {key: row[key] for key in ("source_id", "basis", "confidence", "note")}
    return head | asdict(composition) | known
