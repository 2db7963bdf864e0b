"""What is to be landed in a port: shiploads, and what becomes of them ashore."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mobility.data.find import find_package
from mobility.data.rows import rows_of
from mobility.model import Mode
from mobility.network.movement import whole_package
from mobility.network.packages import (
    OWN,
    SEPARATE,
    Item,
    compose,
    read_items,
    trains_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mobility.analysis.berth import Ship
    from mobility.data.tables import Tables
    from mobility.network.costs import Rules

# the load that stands in where none is named, as everywhere
STAND_IN = "freight"


@dataclass(frozen=True, slots=True)
class Cargo:
    """What is to be landed.

    Attributes
    ----------
    vehicles
        Vehicles and trailers: what goes on by road or rail, and is counted in a day.
    boxes
        Containers and the like, which come on the same ships.
    ships
        Ship loads.
    trains
        Trains for `vehicles`.
    loading_h
        Hours to load one of them, the mean over what is on them.
    driving, classes
        Vehicles of the column by road, transporters for the tracked included, and
        their classes.
    heaviest_t
        Tonnes of the heaviest load; None where no mass is known.
    """

    vehicles: int
    boxes: int
    ships: int
    trains: int
    loading_h: float
    driving: int
    classes: tuple[str, ...]
    heaviest_t: float | None


def full_ship(tables: Tables, ship: Ship, rules: Rules) -> Cargo:
    """Return a full ship of ordinary lorries: what stands in where nothing is named."""
    row = rows_of(tables.vehicles)[(STAND_IN, Mode.ROAD)]
    kind = row["load_class"]
    most = []
    if ship.vehicles is not None:
        most.append(ship.vehicles)
    if ship.lane_m is not None:
        each = rules.value("lane_m_per_vehicle", mode=Mode.FERRY, load_class=kind)
        most.append(ship.lane_m / each)
    count = math.floor(min(most))
    item = Item(STAND_IN, count, OWN, kind, row["gross_t"])
    return Cargo(
        vehicles=count,
        boxes=0,
        ships=1,
        trains=compose([item], rules).trains,
        loading_h=_loading_h([item], rules),
        driving=count,
        classes=(kind,),
        heaviest_t=item.gross_t,
    )


def read_cargo(tables: Tables, package: str, ship: Ship, rules: Rules) -> Cargo:
    """Return a package as cargo of a type of ship.

    Ship loads are as many as the scarcer asks for: pieces, or metres of lane.

    Raises
    ------
    UnknownNameError
        No such package.
    InputError
        Nothing of it drives by road.
    """
    name = find_package(tables, package)
    items = read_items(tables, name)
    column = whole_package(tables, name, "road", rules).column
    composed = compose(items, rules)
    vehicles, boxes = composed.vehicles + composed.trailers, composed.separate
    loads = []
    if ship.vehicles is not None:
        loads.append((vehicles + boxes) / ship.vehicles)
    if ship.lane_m is not None:
        loads.append(composed.lane_m / ship.lane_m)
    masses = [item.gross_t for item in items if item.gross_t is not None]
    return Cargo(
        vehicles=vehicles,
        boxes=boxes,
        ships=math.ceil(max(loads)),
        trains=composed.trains,
        loading_h=_loading_h([i for i in items if i.carried_by != SEPARATE], rules),
        driving=column.vehicles if column else 0,
        classes=column.classes if column else (),
        heaviest_t=max(masses, default=None),
    )


def _loading_h(items: Sequence[Item], rules: Rules) -> float:
    """Return the hours to load a train: the mean, by what each load takes of trains."""
    shares = [trains_of(item, rules) for item in items]
    hours = [
        rules.value("train_loading_h", mode=Mode.RAIL, load_class=item.load_class)
        for item in items
    ]
    taken = sum(float(share) * h for share, h in zip(shares, hours, strict=True))
    return taken / float(sum(shares))
