"""The nouns of the field, as plain frozen data.

Times are hours, lengths kilometres. Ids are those of the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# one row of a table, by column
Row = Mapping[Any, Any]


class Mode(StrEnum):
    """How a link is travelled."""

    ROAD = "road"
    RAIL = "rail"
    FERRY = "ferry"


class Status(StrEnum):
    """What passes a link today."""

    OPEN = "open"
    RESTRICTED = "restricted"
    WORKS = "works"
    CLOSED = "closed"
    CONSTRUCTION = "construction"
    PLANNED = "planned"
    MISSING = "missing"

    @property
    def passes(self) -> bool:
        """Whether traffic passes today, if perhaps under a limit."""
        return self in {Status.OPEN, Status.RESTRICTED, Status.WORKS}


class Basis(StrEnum):
    """How a value is known."""

    PUBLISHED = "published"
    MEASURED = "measured"
    DERIVED = "derived"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken cell of a table, addressed as an editor would show it.

    `line` counts from 1, the header included; 0 means the whole file. `column` may be
    empty.
    """

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        """Return ``file:line: column: message``, as compilers print it."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        what = f"{self.column}: {self.message}" if self.column else self.message
        return f"{where}: {what}"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What a load asks of the links of one mode.

    A value of None asks nothing. Masses in tonnes, sizes in metres, `mass_per_m_t` in
    tonnes a metre of train, classes as they are posted. On rail `axles`, `length_m` and
    `width_m` are those of one wagon and its load. `exceptional` and `military` are
    `yes` or `no`.
    """

    vehicle_id: str
    mode: Mode
    name: str
    gross_t: float | None = None
    axle_load_t: float | None = None
    mass_per_m_t: float | None = None
    height_m: float | None = None
    width_m: float | None = None
    load_class: str | None = None
    axles: int | None = None
    length_m: float | None = None
    mlc_wheeled: float | None = None
    mlc_tracked: float | None = None
    pc_number: float | None = None
    train_length_m: float | None = None
    train_mass_t: float | None = None
    exceptional: str | None = None
    drivers: int | None = None
    military: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """The value of one column of one link that limits a load."""

    link: str
    column: str
    value: float | str


@dataclass(frozen=True, slots=True)
class Route:
    """One way from an origin to a destination, link by link.

    Attributes
    ----------
    rank
        1 for the best.
    links
        Link ids, in order.
    nodes
        Place ids, in order, origin and destination included.
    modes
        Modes, in order of use, each change named.
    countries
        States, in order of travel; one that is left and entered again stands twice.
    corridors
        Corridors, in order of first use.
    border_crossings
        Crossings passed, in order.
    restricted
        Links and crossings on it that traffic, or goods, pass under a restriction only.
    time_h
        Whole time; the sum of `drive_h`, `border_h`, `transfer_h` and `halt_h`.
    time_median_h, time_p95_h
        Median and 95th percentile of the whole time as parts vary; the median of a sum
        lies above the sum of medians.
    buffer_index
        How much longer than the mean the 95th percentile is, as a share of the mean.
    planning_time_index
        95th percentile as a multiple of the hours under way.
    probability
        Share of journeys that end within the hours asked for; None where not asked.
    length_km
        Whole length.
    drive_h, border_h, transfer_h, halt_h
        Under way; at borders; changing mode; refuelling and at rest on the road, and
        where a train changes locomotives or reverses.
    road_km, rail_km, ferry_km
        Length by mode.
    assumed_km
        Kilometres of links whose length is assumed rather than known.
    unknown_km
        Kilometres of links on which a limit the load needs is unknown and was let pass.
    ruled_km
        Kilometres of links on which a limit the load needs is taken from a rule: yet to
        be built or rebuilt, from the standard they will get.
    binding_limit
        The limit nearest to what the load asks; None where no limit is known.
    estimated_km
        Kilometres of links on which a limit the load needs is estimated: a width under
        permit by rule, or, if unknown limits are admitted, a class from a mass.
    conditions
        What the movement must keep to: on links, each with the kilometres it holds on;
        and with the states that have to permit it.
    permission_days
        Lead time of the slowest permission, in days, not in the hours; the states are
        asked at the same time. None where none has to be asked, or none is known.
    permission_states
        The states that take that long.
    pass_time_h
        By road, hours from the head of a column to its tail; 0 for a vehicle.
    """

    rank: int
    links: tuple[str, ...]
    nodes: tuple[str, ...]
    modes: tuple[str, ...]
    countries: tuple[str, ...]
    corridors: tuple[str, ...]
    border_crossings: tuple[str, ...]
    time_h: float
    length_km: float
    drive_h: float
    border_h: float
    transfer_h: float
    halt_h: float = 0.0
    time_median_h: float | None = None
    time_p95_h: float | None = None
    buffer_index: float | None = None
    planning_time_index: float | None = None
    probability: float | None = None
    road_km: float = 0.0
    rail_km: float = 0.0
    ferry_km: float = 0.0
    assumed_km: float = 0.0
    unknown_km: float = 0.0
    ruled_km: float = 0.0
    restricted: tuple[str, ...] = ()
    binding_limit: Limit | None = None
    estimated_km: float = 0.0
    conditions: tuple[str, ...] = ()
    permission_days: float | None = None
    permission_states: tuple[str, ...] = ()
    pass_time_h: float = 0.0
