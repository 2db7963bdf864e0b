"""A column on a road: its units and serials, its length and the time it takes to pass.

Density is the input, not the gap: published gaps and densities do not agree. A rate of
march is an average with short halts in it. n vehicles, D vehicles a km, v km/h.

References
----------
After FM 55-10 and FM 4-01.30 of the United States Army.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mobility.errors import DataError
from mobility.model import Problem

if TYPE_CHECKING:
    from mobility.network.costs import Rules

MIN_PER_H = 60


@dataclass(frozen=True, slots=True)
class Formation:
    """How a column is formed.

    Attributes
    ----------
    density_per_km
        Vehicles a km within a march unit.
    unit_vehicles
        Vehicles of a full march unit.
    serial_units
        March units of a full serial.
    unit_gap_min, serial_gap_min
        Minutes between units of a serial, and between serials.
    extra_min
        Minutes added per vehicle of a column.
    extra_large_min
        The same where the column has more than `large_vehicles`.
    large_vehicles
        Vehicles above which a column is large.
    """

    density_per_km: float
    unit_vehicles: int
    serial_units: int
    unit_gap_min: float
    serial_gap_min: float
    extra_min: float
    extra_large_min: float
    large_vehicles: float


@dataclass(frozen=True, slots=True)
class Serial:
    """Part of a column: `number` from 1, its vehicles and march units.

    `before` is the count of vehicles ahead of it, `gaps_before_min` the minutes of gaps
    ahead of it.
    """

    number: int
    vehicles: int
    units: int
    before: int
    gaps_before_min: float


def read_formation(rules: Rules, light: str = "day") -> Formation:
    """Return the formation the rules give by `day`, or by `night` without lights.

    Raises
    ------
    DataError
        A rule is missing, or gives a formation that cannot march.
    """

    def value(quantity: str) -> float:
        return rules.value(quantity, mode="road", light=light)

    for quantity in ("march_density_per_km", "march_unit_vehicles", "serial_units"):
        if value(quantity) <= 0:
            message = f"{value(quantity):g} should be above 0"
            raise DataError([Problem("rules.csv", 0, quantity, message)])

    return Formation(
        density_per_km=value("march_density_per_km"),
        unit_vehicles=int(value("march_unit_vehicles")),
        serial_units=int(value("serial_units")),
        unit_gap_min=value("unit_gap_min"),
        serial_gap_min=value("serial_gap_min"),
        extra_min=value("extra_time_min_per_vehicle"),
        extra_large_min=value("extra_time_large_min_per_vehicle"),
        large_vehicles=value("extra_time_large_vehicles"),
    )


def count_units(vehicles: int, formation: Formation) -> int:
    """Return the march units of a column, the last perhaps not full."""
    return math.ceil(vehicles / formation.unit_vehicles)


def serials(vehicles: int, formation: Formation) -> tuple[Serial, ...]:
    """Divide a column into serials of full march units; the last takes the rest."""
    full = formation.unit_vehicles * formation.serial_units
    found: list[Serial] = []
    for before in range(0, vehicles, full):
        own = min(full, vehicles - before)
        ahead = count_units(before, formation)
        gaps = _gaps_min(ahead, len(found), formation)
        gaps += formation.serial_gap_min if found else 0.0
        units = count_units(own, formation)
        found.append(Serial(len(found) + 1, own, units, before, gaps))
    return tuple(found)


def gaps_min(vehicles: int, formation: Formation) -> float:
    """Return all gaps between units and serials of a column, minutes."""
    units = count_units(vehicles, formation)
    return _gaps_min(units, math.ceil(units / formation.serial_units), formation)


def pass_min(vehicles: int, rate_kph: float, formation: Formation) -> float:
    """Return the pass time of a column, minutes: from its head to its tail.

    60 n / (D v), gaps between units and serials, and extra time.
    """
    extra = vehicles * _extra_min(vehicles, formation)
    gaps = gaps_min(vehicles, formation)
    return _moving_min(vehicles, rate_kph, formation) + gaps + extra


def serial_min(
    serial: Serial, vehicles: int, rate_kph: float, formation: Formation
) -> tuple[float, float]:
    """Return when the head and the tail of a serial pass, minutes after the column's.

    Parameters
    ----------
    vehicles
        Of the whole column, whose extra time is shared by vehicle.
    """
    each = _extra_min(vehicles, formation)

    def after(count: int, gaps: float) -> float:
        return _moving_min(count, rate_kph, formation) + gaps + count * each

    own_gaps = (serial.units - 1) * formation.unit_gap_min
    head = after(serial.before, serial.gaps_before_min)
    last = serial.before + serial.vehicles
    return head, after(last, serial.gaps_before_min + own_gaps)


def road_space_km(vehicles: int, rate_kph: float, formation: Formation) -> float:
    """Return the length of a column on the road, km: n / D, and gaps x v / 60."""
    gaps = gaps_min(vehicles, formation) * rate_kph / MIN_PER_H
    return vehicles / formation.density_per_km + gaps


def flow_per_h(rate_kph: float, formation: Formation) -> float:
    """Return the vehicles an hour of one full march unit after another."""
    count = formation.unit_vehicles
    unit = _moving_min(count, rate_kph, formation) + formation.unit_gap_min
    return MIN_PER_H * count / unit


def _moving_min(vehicles: int, rate_kph: float, formation: Formation) -> float:
    return MIN_PER_H * vehicles / (formation.density_per_km * rate_kph)


def _extra_min(vehicles: int, formation: Formation) -> float:
    large = vehicles > formation.large_vehicles
    return formation.extra_large_min if large else formation.extra_min


def _gaps_min(units: int, serials_: int, formation: Formation) -> float:
    """Return the gaps within `units` march units in `serials_` serials, minutes."""
    if not units:
        return 0.0
    wider = formation.serial_gap_min - formation.unit_gap_min
    return (units - 1) * formation.unit_gap_min + (serials_ - 1) * wider
