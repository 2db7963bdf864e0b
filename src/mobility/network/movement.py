"""What moves: one load on its own, or a force package as a column and as trains."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from mobility.data.find import find_package
from mobility.errors import DataError, InputError, NoRouteError
from mobility.model import Mode, Problem, Vehicle
from mobility.network.access import read_vehicle
from mobility.network.packages import (
    OWN,
    TOWED,
    TRANSPORTER,
    compose,
    read_items,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mobility.data.tables import Tables
    from mobility.network.costs import Rules
    from mobility.network.packages import Composition, Item

    ByMode = Mapping[Mode, tuple[Vehicle, ...]]

# modes that a network by road or by rail has
_MODES = {
    "any": frozenset(Mode),
    "road": frozenset({Mode.ROAD, Mode.FERRY}),
    "rail": frozenset({Mode.RAIL}),
}
MODES = tuple(_MODES)


@dataclass(frozen=True, slots=True)
class Column:
    """What of a package is on the road, as one column.

    Attributes
    ----------
    classes
        Classes of load that drive: the slowest sets the rate of march.
    vehicles
        Vehicles of the column; what is towed counts with what tows it.
    transporters
        How many of them are transporters.
    drivers
        Least number of drivers on board.
    apart
        Count of loads that are not in the column: they travel apart, or cannot by road.
    light
        `day`, which is also a night march with lights, or `night`: without lights.
    """

    classes: tuple[str, ...]
    vehicles: int
    transporters: int
    drivers: int
    apart: int
    light: str


@dataclass(frozen=True, slots=True)
class Movement:
    """What moves.

    Attributes
    ----------
    name
        Id of the load or of the package.
    loads
        By mode the loads a link has to bear, the heaviest first.
    military
        Whether states have to permit it.
    column
        How a package marches by road; None for one load, and where it does not.
    columns
        The same, a column for each class of load that drives.
    trains
        Trains of a package; 0 for one load.
    is_package
        Whether it is a force package.
    """

    name: str
    loads: ByMode
    military: bool
    column: Column | None = None
    columns: tuple[Column, ...] = ()
    trains: int = 0
    is_package: bool = False

    def of(self, mode: Mode) -> tuple[Vehicle, ...]:
        """Return the loads in a mode; none where it cannot use it."""
        return self.loads.get(mode, ())

    @property
    def drivers(self) -> int | None:
        """Least number of drivers on board by road; None where it is not known."""
        if self.column is not None:
            return self.column.drivers
        known = [v.drivers for v in self.of(Mode.ROAD) if v.drivers is not None]
        return min(known, default=None)

    def needs(self, mode: Mode, demand: str) -> float | None:
        """Return the most that any load asks in one thing; None where none asks."""
        asked = (getattr(load, demand) for load in self.of(mode))
        return max((float(a) for a in asked if a is not None), default=None)


def one_load(tables: Tables, vehicle: str, mode: str) -> Movement:
    """Return the movement of one load.

    Parameters
    ----------
    vehicle
        Row of `vehicles.csv`.
    mode
        `any`, `road` (with ferries) or `rail`.

    Raises
    ------
    UnknownNameError
        No such vehicle.
    NoRouteError
        The load cannot use the mode.
    """
    rows = read_vehicle(tables, vehicle)
    loads = {m: (load,) for m, load in rows.items() if m in _MODES[mode]}
    if not loads:
        msg = f"{vehicle} cannot move by {mode}: no row of vehicles.csv"
        raise NoRouteError(msg)
    name = next(iter(rows.values())).vehicle_id
    military = any(load.military == "yes" for load in rows.values())
    return Movement(name, MappingProxyType(loads), military)


def whole_package(
    tables: Tables, package: str, mode: str, rules: Rules, *, light: str = "day"
) -> Movement:
    """Return the movement of a force package.

    By road it is one column, its tracked vehicles on the lightest transporter of
    `vehicles.csv`, which is laden with a tank. By rail each of its loads goes on wagons
    of its own kind. A load without a row for a mode travels apart from the others.

    Parameters
    ----------
    package
        Row of `packages.csv`.
    mode
        `any`, `road` (with ferries) or `rail`.
    light
        Of the march: `day`, or `night` without lights.

    Raises
    ------
    UnknownNameError
        No such package.
    InputError
        Nothing of it can use the mode.
    DataError
        A rule or a load is missing, or no transporter goes by road.
    """
    name = find_package(tables, package)
    items = read_items(tables, name)
    made = compose(items, rules)
    rows = _rows(tables)
    loads = {}
    for kind in _MODES[mode]:
        ids = _borne(items, rows, kind)
        if kind != Mode.RAIL and made.transporters:
            ids.add(_transporter(rows))
        known = (rows[load][kind] for load in sorted(ids) if kind in rows[load])
        if found := tuple(sorted(known, key=lambda load: -(load.gross_t or 0))):
            loads[kind] = found
    columns: tuple[Column, ...] = ()
    if Mode.ROAD in _MODES[mode]:
        columns = _columns(items, rows, made, light)
    if not columns:
        # what does not drive aboard does not sail either
        loads = {kind: found for kind, found in loads.items() if kind == Mode.RAIL}
    if not loads:
        by = "any mode" if mode == "any" else mode
        msg = f"package {name!r} has no vehicles by {by}"
        raise InputError(msg)
    return Movement(
        name,
        MappingProxyType(loads),
        military=True,
        column=_joined(columns),
        columns=columns,
        trains=made.trains,
        is_package=True,
    )


def _borne(
    items: Sequence[Item], rows: Mapping[str, Mapping[Mode, Vehicle]], mode: Mode
) -> set[str]:
    """Return the loads of a package that links of a mode bear themselves."""
    aboard = {OWN, TOWED, TRANSPORTER} if mode == Mode.RAIL else {OWN, TOWED}
    return {
        item.vehicle_id
        for item in items
        if item.carried_by in aboard and mode in rows[item.vehicle_id]
    }


def _columns(
    items: Sequence[Item],
    rows: Mapping[str, Mapping[Mode, Vehicle]],
    made: Composition,
    light: str,
) -> tuple[Column, ...]:
    """Return one column of each class of load that drives, by class."""
    on_road = [item for item in items if Mode.ROAD in rows[item.vehicle_id]]
    driving = [
        (rows[item.vehicle_id][Mode.ROAD], item.count)
        for item in on_road
        if item.carried_by == OWN
    ]
    if made.transporters:
        driving.append((rows[_transporter(rows)][Mode.ROAD], made.transporters))
    moved = [i for i in on_road if i.carried_by in (OWN, TOWED)]
    moved += [i for i in items if i.carried_by == TRANSPORTER]
    apart = sum(item.count for item in items if item not in moved)
    found = []
    for kind in sorted({str(load.load_class) for load, _ in driving}):
        own = [(load, count) for load, count in driving if load.load_class == kind]
        found.append(
            Column(
                classes=(kind,),
                vehicles=sum(count for _, count in own),
                transporters=made.transporters if kind == TRANSPORTER else 0,
                drivers=min(int(load.drivers or 1) for load, _ in own),
                apart=apart,
                light=light,
            )
        )
    return tuple(found)


def _joined(columns: Sequence[Column]) -> Column | None:
    """Return several columns as one; None for none."""
    if not columns:
        return None
    return Column(
        classes=tuple(kind for column in columns for kind in column.classes),
        vehicles=sum(column.vehicles for column in columns),
        transporters=sum(column.transporters for column in columns),
        drivers=min(column.drivers for column in columns),
        apart=columns[0].apart,
        light=columns[0].light,
    )


def _rows(tables: Tables) -> dict[str, dict[Mode, Vehicle]]:
    """Return every load of `vehicles.csv` by mode."""
    return {
        str(vehicle): read_vehicle(tables, str(vehicle))
        for vehicle in tables.vehicles.index.unique("vehicle_id")
    }


def _transporter(rows: Mapping[str, Mapping[Mode, Vehicle]]) -> str:
    """Return the lightest transporter."""
    found = [
        (load.gross_t or 0, vehicle)
        for vehicle, modes in rows.items()
        for mode, load in modes.items()
        if mode == Mode.ROAD and load.load_class == TRANSPORTER
    ]
    if not found:
        message = "no load of class transporter goes by road"
        raise DataError([Problem("vehicles.csv", 0, "load_class", message)])
    return min(found)[1]
