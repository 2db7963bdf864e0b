"""March tables: where a column is, and when.

The vehicles of a column keep their distance in time: what a slow stretch has drawn
apart stays apart, so that the pass time at a point is that of the least rate up to
there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeGuard
from zoneinfo import ZoneInfo

from mobility.analysis.column import (
    MIN_PER_H,
    Formation,
    count_units,
    pass_min,
    read_formation,
    road_space_km,
    serial_min,
    serials,
)
from mobility.analysis.describe import describe
from mobility.analysis.duty import Clock, Halt, pass_arc, read_duty
from mobility.errors import DataError, InputError, NoRouteError
from mobility.model import Mode, Problem, Route, Row
from mobility.network.arcs import MM_PER_KM, MS_PER_H, NO_LINK
from mobility.network.costs import rate_kph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mobility.network.arcs import GraphNode
    from mobility.network.build import Network
    from mobility.network.movement import Column

# kinds of place that are critical points, and what a march table calls them
_CRITICAL = {
    "border": "crossing",
    "city": "city",
    "junction": "junction",
    "port": "port",
}


@dataclass(frozen=True, slots=True)
class SerialTimes:
    """When one serial is at a point: its head arrives, its tail is clear (UTC)."""

    serial: int
    vehicles: int
    head: datetime
    tail: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a march table. Times are UTC.

    Attributes
    ----------
    day
        Day of the march, from 1, in which the head is there.
    kind
        `start`, `release`, `crossing`, `city`, `junction`, `port`, or a halt of the
        column: `refuel`, `rest`, `ferry`. A crossing has two lines, one on each side.
    place
        Id; None for a halt on the road.
    name, country, time_zone
        In words; the state it lies in and the zone of its local time.
    km
        From the start point.
    halt_h
        How long each vehicle stands there; at a crossing the median dwell.
    pass_min
        From the head of the column to its tail.
    head, head_leaves
        When the head arrives and goes on.
    tail, tail_leaves
        When the tail arrives and is clear of it.
    serials
        The same for each serial.
    """

    day: int
    kind: str
    place: str | None
    name: str
    country: str
    time_zone: str
    km: float
    halt_h: float
    pass_min: float
    head: datetime
    head_leaves: datetime
    tail: datetime
    tail_leaves: datetime
    serials: tuple[SerialTimes, ...]

    def local(self, when: datetime) -> datetime:
        """Return a time in the zone of the point."""
        return when.astimezone(ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True)
class March:
    """The march of a package from A to B.

    Attributes
    ----------
    column, route, formation, points
        What marches, where, how it is formed, and the table.
    units, serials
        Of the column.
    road_space_km
        Length of the column at the rate that sets its pass time.
    slowest_kph, slowest_link
        That rate, and the link it is due to.
    time_distance_h
        From start to release of one vehicle of the column, with all halts.
    march_h, border_h, halt_h, rest_h, ferry_h
        What it is made of: on the road, at borders (median), refuelling, resting, and
        on or for a ferry.
    pass_time_h
        Of the whole column at the release point.
    clearance_h
        Road clearance time: time distance and pass time.
    single_h
        One vehicle driving alone over the same route, the slowest class of the package,
        with its own halts and rests.
    notes
        What a reader has to know.
    """

    column: Column
    route: Route
    formation: Formation
    points: tuple[Point, ...]
    units: int
    serials: int
    road_space_km: float
    slowest_kph: float
    slowest_link: str
    time_distance_h: float
    march_h: float
    border_h: float
    halt_h: float
    rest_h: float
    ferry_h: float
    pass_time_h: float
    clearance_h: float
    single_h: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stop:
    """A point before its times are counted from a start."""

    kind: str
    place: str | None
    name: str
    country: str
    day: int
    km: float
    arrive_ms: int
    leave_ms: int
    least_kph: float


class Planner:
    """One march over the arcs of a route.

    Parameters
    ----------
    network
        Whose movement is the column.
    arcs
        In order of travel.
    """

    def __init__(self, network: Network, arcs: Sequence[int]) -> None:
        column = network.movement.column
        if column is None:
            msg = f"{network.movement.name} is no package that marches by road"
            raise InputError(msg)
        self.network, self.column, self.arcs = network, column, arcs
        self.rules = network.rules
        self.formation = read_formation(self.rules, column.light)
        self.names = network.tables.nodes["name"]
        self.kinds = network.tables.nodes["kind"]
        self.countries = network.tables.nodes["country"]
        zones = network.tables.countries["time_zone"]
        self.zones = {str(code): zone for code, zone in zones.items()}
        self.links = [_link(network, arc) for arc in arcs]
        self.rates = [
            rate_kph(link, self.rules, network.movement) if _road(link) else None
            for link in self.links
        ]
        self.least = self._least()

    @property
    def time_distance_ms(self) -> int:
        """Time from start to release of one vehicle, with all halts; milliseconds."""
        clock = self._clock()
        self._walk(clock)
        return clock.pace.now

    def plan(self, begin: datetime) -> March:
        """Return the march that starts at a time (UTC)."""
        clock = self._clock()
        stops = self._walk(clock)
        points = tuple(self._point(stop, begin) for stop in stops)
        spent = {
            kind: _hours(sum(halt.ms for halt in clock.halts if halt.kind == kind))
            for kind in ("refuel", "rest", "ferry")
        }
        whole = _hours(clock.pace.now)
        border = self._between("border_ms")
        transfer = self._between("transfer_ms")
        passing = points[-1].pass_min / MIN_PER_H
        slowest = min(rate for rate in self.rates if rate is not None)
        link = self.links[self.rates.index(slowest)]
        return March(
            column=self.column,
            route=describe(self.network, self.arcs),
            formation=self.formation,
            points=points,
            units=count_units(self.column.vehicles, self.formation),
            serials=len(serials(self.column.vehicles, self.formation)),
            road_space_km=road_space_km(self.column.vehicles, slowest, self.formation),
            slowest_kph=slowest,
            slowest_link="" if link is None else str(link["link_id"]),
            time_distance_h=whole,
            march_h=whole - border - transfer - sum(spent.values()),
            border_h=border,
            halt_h=spent["refuel"],
            rest_h=spent["rest"],
            ferry_h=spent["ferry"] + transfer,
            pass_time_h=passing,
            clearance_h=whole + passing,
            single_h=self._single_h(),
            notes=tuple(self._notes(clock, passing)),
        )

    def _clock(self) -> Clock:
        return Clock(read_duty(self.rules, self.column.drivers, convoy=True))

    def _least(self) -> list[float]:
        """Return per arc the least rate up to and on it; km/h."""
        known = [rate for rate in self.rates if rate is not None]
        if not known:
            msg = (
                f"no march: the way for {self.network.movement.name} is by ferry alone"
            )
            raise NoRouteError(msg)
        # on a ferry, and at crossings, that of the road before; at first, after
        least = known[0]
        found = []
        for rate in self.rates:
            least = least if rate is None else min(least, rate)
            found.append(least)
        return found

    def _walk(self, clock: Clock) -> list[_Stop]:
        """Follow the head over all arcs."""
        stops: list[_Stop] = []
        for i, arc in enumerate(self.arcs):
            node = self.network.graph_nodes[int(self.network.tails[arc])]
            before, km, count = clock.pace, clock.mm / MM_PER_KM, len(clock.halts)
            day, arrive = before.day, before.now
            pass_arc(clock, self.network, arc)
            leave = clock.pace.now if self.links[i] is None else arrive
            if kind := "start" if i == 0 else self._kind(node):
                stops.append(
                    self._at(node, kind, day, km, arrive, leave, self.least[i])
                )
            stops += [self._halt(halt, i) for halt in clock.halts[count:]]
        end = self.network.graph_nodes[int(self.network.heads[self.arcs[-1]])]
        now, day, km = clock.pace.now, clock.pace.day, clock.mm / MM_PER_KM
        stops.append(self._at(end, "release", day, km, now, now, self.least[-1]))
        return stops

    def _kind(self, node: GraphNode) -> str | None:
        """Return what a march table calls a place on the way; None: leave it out."""
        return (
            None if node.mode == Mode.FERRY else _CRITICAL.get(self.kinds[node.place])
        )

    def _at(
        self,
        node: GraphNode,
        kind: str,
        day: int,
        km: float,
        arrive: int,
        leave: int,
        least: float,
    ) -> _Stop:
        country = node.side or str(self.countries[node.place]).split("-")[0]
        name = str(self.names[node.place])
        return _Stop(kind, node.place, name, country, day, km, arrive, leave, least)

    def _halt(self, halt: Halt, i: int) -> _Stop:
        """Name a halt by the places it lies between."""
        network, arc = self.network, self.arcs[i]
        here, there = (
            network.graph_nodes[int(ends[arc])]
            for ends in (network.tails, network.heads)
        )
        name = f"{self.names[here.place]}–{self.names[there.place]}"
        link = self.links[i] or {}
        country = here.side or str(link["country"]).split("-")[0]
        if halt.kind == "ferry":
            country = str(self.countries[here.place])
        return _Stop(
            kind=halt.kind,
            place=None,
            name=name,
            country=country,
            day=halt.day,
            km=halt.mm / MM_PER_KM,
            arrive_ms=halt.start,
            leave_ms=halt.end,
            least_kph=self.least[i],
        )

    def _point(self, stop: _Stop, begin: datetime) -> Point:
        vehicles, formation = self.column.vehicles, self.formation
        arrive, leave = (
            later(begin, timedelta(milliseconds=ms))
            for ms in (stop.arrive_ms, stop.leave_ms)
        )
        passing = pass_min(vehicles, stop.least_kph, formation)
        tail = timedelta(minutes=passing)
        times = []
        for serial in serials(vehicles, formation):
            first, last = serial_min(serial, vehicles, stop.least_kph, formation)
            head_at = later(arrive, timedelta(minutes=first))
            tail_at = later(leave, timedelta(minutes=last))
            times.append(SerialTimes(serial.number, serial.vehicles, head_at, tail_at))
        return Point(
            day=stop.day,
            kind=stop.kind,
            place=stop.place,
            name=stop.name,
            country=stop.country,
            time_zone=self._zone(stop.country),
            km=stop.km,
            halt_h=_hours(stop.leave_ms - stop.arrive_ms),
            pass_min=passing,
            head=arrive,
            head_leaves=leave,
            tail=later(arrive, tail),
            tail_leaves=later(leave, tail),
            serials=tuple(times),
        )

    def _zone(self, country: str) -> str:
        zone = self.zones.get(country)
        if not zone:
            message = f"none for {country!r}"
            raise DataError([Problem("countries.csv", 0, "time_zone", message)])
        return str(zone)

    def _between(self, column: str) -> float:
        """Return the hours of a cost over the arcs that are no link."""
        costs = getattr(self.network, column)
        pairs = zip(self.arcs, self.links, strict=True)
        return _hours(sum(int(costs[arc]) for arc, link in pairs if link is None))

    def _single_h(self) -> float:
        """Return the hours of one vehicle that drives alone."""
        network = self.network
        alone = replace(network, movement=replace(network.movement, column=None))
        clock = Clock(read_duty(self.rules, self.column.drivers, convoy=False))
        for arc in self.arcs:
            pass_arc(clock, alone, arc)
        return _hours(clock.pace.now)

    def _notes(self, clock: Clock, passing: float) -> list[str]:
        rules, notes = self.rules, []
        first, after, every, each = (
            rules.value(quantity, mode=Mode.ROAD)
            for quantity in (
                "first_halt_h",
                "first_halt_after_h",
                "halt_every_h",
                "halt_h",
            )
        )
        notes.append(
            f"short halts ({first * MIN_PER_H:.0f} min after {after:g} h, then "
            f"{each * MIN_PER_H:.0f} min every {every:g} h) are in the rate of march"
        )
        day = rules.value("march_day_h", mode=Mode.ROAD)
        if passing > day:
            notes.append(
                f"the column takes {passing:.1f} h to pass, more than a march day of "
                f"{day:g} h: its tail moves at other hours of the day than its head"
            )
        if any(halt.kind == "ferry" for halt in clock.halts):
            notes.append(
                "the capacity of the ferry is not modelled: all board one sailing"
            )
        far = rules.value("own_drive_max_km", mode=Mode.ROAD)
        if clock.mm > far * MM_PER_KM:
            notes.append(
                f"beyond {far:g} km units are rather moved by rail or transporter"
            )
        if self.column.apart:
            notes.append(f"{self.column.apart} loads travel apart from the column")
        return notes


def later(moment: datetime, by: timedelta) -> datetime:
    """Return a moment that much later, in UTC."""
    try:
        return moment.astimezone(UTC) + by
    except OverflowError:
        msg = f"start {moment.isoformat()!r} is out of the range of the calendar"
        raise InputError(msg) from None


def _hours(ms: int) -> float:
    return ms / MS_PER_H


def _link(network: Network, arc: int) -> Row | None:
    """Return the row of the link an arc belongs to, with its id; None: no link."""
    number = int(network.link_of[arc])
    if number == NO_LINK:
        return None
    return {"link_id": network.link_ids[number], **network.rows[number]}


def _road(link: Row | None) -> TypeGuard[Row]:
    return link is not None and link["mode"] == Mode.ROAD
