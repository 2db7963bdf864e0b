"""Force packages: what they consist of, and what it takes to move them.

Wagons, trains and lane metres follow from the counts of a package by rule; a rule holds
for a class of load over a whole unit, not for one vehicle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from mobility.data.rows import rows_of
from mobility.errors import DataError
from mobility.model import Mode, Problem, Row
from mobility.network.costs import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mobility.data.tables import Tables
    from mobility.network.costs import Rules

OWN, TOWED, TRANSPORTER, SEPARATE = "own", "towed", "transporter", "separate"
HEAVY = "heavy_tracked"


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of load in a package.

    `carried_by` is how it goes by road: on its `own`, `towed` by another, on a
    `transporter`, or `separate` from the package, as containers do. `load_class` is
    that of its row for rail, else of its first row; `gross_t` (tonnes) that of its row
    for road, else for the ferry, None where neither says.
    """

    vehicle_id: str
    count: int
    carried_by: str
    load_class: str
    gross_t: float | None


@dataclass(frozen=True, slots=True)
class Composition:
    """What it takes to move a package.

    Attributes
    ----------
    vehicles, trailers, separate
        Counts: what drives or is carried by a transporter, what is towed, and what
        travels apart.
    transporters
        Transporters for the vehicles that go on them, by road.
    wagons
        Wagons, without those of what travels apart.
    separate_wagons
        Wagons of what travels apart.
    trains
        Whole trains for `wagons`, heavy and other vehicles mixed.
    lane_m
        Metres of lane on a ship, what travels apart included.
    mass_t
        Tonnes of all whose gross mass is known; loads are laden and the heaviest of
        their kind, so that a real unit is lighter.
    massless
        Count of loads without a known mass.
    """

    vehicles: int
    trailers: int
    separate: int
    transporters: int
    wagons: int
    separate_wagons: int
    trains: int
    lane_m: float
    mass_t: float
    massless: int


def read_items(tables: Tables, package: str) -> tuple[Item, ...]:
    """Return what a package consists of, by id of the load.

    Raises
    ------
    DataError
        A load of the package has no row in `vehicles.csv`.
    """
    vehicles: dict[str, dict[str, Row]] = {}
    for (vehicle, mode), row in rows_of(tables.vehicles).items():
        vehicles.setdefault(str(vehicle), {})[str(mode)] = row
    return tuple(
        _item(str(vehicle), row, vehicles.get(str(vehicle), {}))
        for (owner, vehicle), row in rows_of(tables.package_items).items()
        if owner == package
    )


def compose(items: Sequence[Item], rules: Rules) -> Composition:
    """Work out what it takes to move a package.

    Wagons per vehicle are summed over the package and rounded to the nearest; trains
    are heavy vehicles and other wagons, each over what one train takes, rounded up
    once. The rules reproduce the 900 wagons published of an armoured brigade.
    """
    apart = [item for item in items if item.carried_by == SEPARATE]
    moved = [item for item in items if item.carried_by != SEPARATE]
    wagons = _wagons(moved, rules)
    trains = sum((trains_of(item, rules) for item in moved), start=Fraction(0))
    carried = _count(item for item in moved if item.carried_by == TRANSPORTER)
    per_transporter = rules.value("vehicles_per_transporter", mode=Mode.ROAD)
    trailers = _count(item for item in moved if item.carried_by == TOWED)
    return Composition(
        vehicles=_count(moved) - trailers,
        trailers=trailers,
        separate=_count(apart),
        transporters=math.ceil(carried / exact(per_transporter)),
        wagons=_nearest(wagons),
        separate_wagons=math.ceil(_wagons(apart, rules)),
        trains=math.ceil(trains),
        lane_m=float(sum(_lane_m(item, rules) for item in items)),
        mass_t=math.fsum(i.count * i.gross_t for i in items if i.gross_t is not None),
        massless=_count(item for item in items if item.gross_t is None),
    )


def trains_of(item: Item, rules: Rules) -> Fraction:
    """Return the trains a load takes: heavy ones by number, others by wagon."""
    if item.load_class == HEAVY:
        return item.count / exact(rules.value("heavy_per_train", mode=Mode.RAIL))
    per_train = rules.value("wagons_per_train", mode=Mode.RAIL)
    return _wagons([item], rules) / exact(per_train)


def _item(vehicle: str, row: Row, modes: dict[str, Row]) -> Item:
    if not modes:
        message = f"no load {vehicle!r} in vehicles.csv"
        raise DataError([Problem("package_items.csv", 0, "vehicle_id", message)])
    classed = modes.get(Mode.RAIL) or next(iter(modes.values()))
    weighed = modes.get(Mode.ROAD) or modes.get(Mode.FERRY) or {}
    return Item(
        vehicle_id=vehicle,
        count=int(row["count"]),
        carried_by=row["carried_by"],
        load_class=classed["load_class"],
        gross_t=weighed.get("gross_t"),
    )


def _count(items: Iterable[Item]) -> int:
    return sum(item.count for item in items)


def _wagons(items: Sequence[Item], rules: Rules) -> Fraction:
    per_vehicle = (
        rules.value("wagons_per_vehicle", mode=Mode.RAIL, load_class=item.load_class)
        for item in items
    )
    return sum(
        (item.count * exact(v) for item, v in zip(items, per_vehicle, strict=True)),
        start=Fraction(0),
    )


def _lane_m(item: Item, rules: Rules) -> Fraction:
    each = rules.value(
        "lane_m_per_vehicle", mode=Mode.FERRY, load_class=item.load_class
    )
    return item.count * exact(each)


def _nearest(value: Fraction) -> int:
    """Return the nearest whole number, of two the higher."""
    return math.floor(value + Fraction(1, 2))
