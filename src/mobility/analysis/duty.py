"""The hours of a march or a drive: long halts, driving time and rests.

Time is exact here, as fractions of an hour, so that a halt that falls due just where a
link ends falls due there on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from mobility.errors import DataError
from mobility.model import Mode, Problem
from mobility.network.arcs import MS_PER_H, NO_LINK
from mobility.network.costs import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mobility.network.build import Network
    from mobility.network.costs import Rules

# of the calendar, not of a rule
_DAY_H = 24
_DAYS_BEFORE = 6


@dataclass(frozen=True, slots=True)
class Duty:
    """How long may be marched, and when to halt; hours and kilometres.

    Attributes
    ----------
    march_day_h
        March hours a day of a convoy, halts and border dwell in them, every day from
        the same hour; None: only driving counts, and the day ends with the rest.
    drive_day_h, drive_week_h
        Driving hours a day, and in seven days.
    rest_h
        Least rest between two march days.
    refuel_every_km, refuel_h
        Long halt to refuel; a night rest is one as well. None: in the breaks.
    break_after_h, break_h
        Break of a driver who drives alone; None: none, or in the rate of march.
    """

    march_day_h: Fraction | None
    drive_day_h: Fraction
    drive_week_h: Fraction
    rest_h: Fraction
    refuel_every_km: Fraction | None
    refuel_h: Fraction
    break_after_h: Fraction | None = None
    break_h: Fraction = Fraction(0)


def read_duty(rules: Rules, drivers: int, *, convoy: bool) -> Duty:
    """Return the duty of a convoy, or of a vehicle on its own.

    Parameters
    ----------
    drivers
        On board of each vehicle; they share the driving time, and one rests while
        another drives.

    Raises
    ------
    DataError
        A rule is missing, or leaves no time to march.
    """

    def value(quantity: str) -> Fraction:
        found = exact(rules.value(quantity, mode="road"))
        if found <= 0:
            message = f"{float(found):g} should be above 0"
            raise DataError([Problem("rules.csv", 0, quantity, message)])
        return found

    alone = not convoy and drivers <= 1
    return Duty(
        march_day_h=value("march_day_h") if convoy else None,
        drive_day_h=value("driver_day_h") * max(drivers, 1),
        drive_week_h=value("driver_week_h") * max(drivers, 1),
        rest_h=value("driver_rest_h"),
        refuel_every_km=None if alone else value("refuel_every_km"),
        refuel_h=value("refuel_h"),
        break_after_h=value("driver_break_after_h") if alone else None,
        break_h=value("driver_break_h") if alone else Fraction(0),
    )


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt on the road: `refuel`, `break`, `rest` or `ferry`.

    `km` from the start; `start_h` and `end_h` hours after it; `day` of the march from
    1, in which it begins.
    """

    kind: str
    day: int
    km: Fraction
    start_h: Fraction
    end_h: Fraction


@dataclass
class Clock:
    """Where the head of a march is, and what time it is there.

    Attributes
    ----------
    now_h, km
        Hours and kilometres since the start.
    day
        Day of the march, from 1.
    halts
        Halts so far, in order.
    """

    duty: Duty
    now_h: Fraction = Fraction(0)
    km: Fraction = Fraction(0)
    day: int = 1
    halts: list[Halt] = field(default_factory=list)
    _day_from: Fraction = Fraction(0)
    _worked: Fraction = Fraction(0)
    _driven: list[Fraction] = field(default_factory=lambda: [Fraction(0)])
    _since_fuel: Fraction = Fraction(0)
    _since_break: Fraction = Fraction(0)

    def drive(self, length_km: Fraction, rate_kph: Fraction) -> None:
        """Drive a stretch; halt and rest where it is due, but not at its end."""
        left = length_km
        while left > 0:
            reach = min(left, self._range_km(rate_kph))
            self._advance(reach, rate_kph)
            left -= reach
            if left > 0:
                self._halt()

    def wait(self, hours: Fraction) -> None:
        """Spend time that counts as march, not as driving: at a border."""
        self.now_h += hours
        self._worked += hours

    def sail(self, wait_h: Fraction, sailing_h: Fraction) -> None:
        """Spend time on and for a ferry; long enough, it is the rest of a day."""
        start = self.now_h
        self.now_h += wait_h + sailing_h
        self.halts.append(Halt("ferry", self.day, self.km, start, self.now_h))
        if sailing_h >= self.duty.rest_h:
            self._new_day()

    def ride(self, hours: Fraction) -> None:
        """Spend time on a train; long enough, it is the rest of a day."""
        self.now_h += hours
        if hours >= self.duty.rest_h:
            self._new_day()

    def _range_km(self, rate: Fraction) -> Fraction:
        """Return how far the march may go before any halt is due, km."""
        reach = self._hours_left() * rate
        if self.duty.refuel_every_km is not None:
            reach = min(reach, self.duty.refuel_every_km - self._since_fuel)
        if self.duty.break_after_h is not None:
            reach = min(reach, (self.duty.break_after_h - self._since_break) * rate)
        return max(reach, Fraction(0))

    def _hours_left(self) -> Fraction:
        """Return the hours left to drive today; not above 0 where the day is over."""
        week = sum(self._driven[-_DAYS_BEFORE - 1 :], start=Fraction(0))
        left = min(
            self.duty.drive_day_h - self._driven[-1], self.duty.drive_week_h - week
        )
        if self.duty.march_day_h is not None:
            left = min(left, self.duty.march_day_h - self._worked)
        return left

    def _advance(self, length: Fraction, rate: Fraction) -> None:
        hours = length / rate
        self.now_h += hours
        self.km += length
        self._worked += hours
        self._driven[-1] += hours
        self._since_fuel += length
        self._since_break += hours

    def _halt(self) -> None:
        """Make the halt that is due; one that would end the day is a rest."""
        left = self._hours_left()
        every = self.duty.refuel_every_km
        fuel = every is not None and self._since_fuel >= every
        hours, kind = self.duty.break_h, "break"
        if fuel:
            hours, kind = max(hours, self.duty.refuel_h), "refuel"
        ends_day = self.duty.march_day_h is not None and left <= hours
        if left <= 0 or ends_day:
            self._rest()
            return
        self._stand(kind, hours)
        self._worked += hours
        self._since_break = Fraction(0)
        if fuel:
            self._since_fuel = Fraction(0)

    def _rest(self) -> None:
        """Rest as long as drivers must; a convoy until the hour its day began at."""
        again = self.now_h + self.duty.rest_h
        if self.duty.march_day_h is not None:
            again = max(self._day_from + _DAY_H, again)
        self._stand("rest", again - self.now_h)
        self._new_day()

    def _stand(self, kind: str, hours: Fraction) -> None:
        start = self.now_h
        self.now_h += hours
        self.halts.append(Halt(kind, self.day, self.km, start, self.now_h))

    def _new_day(self) -> None:
        self.day += 1
        self._day_from = self.now_h
        self._driven.append(Fraction(0))
        self._worked = self._since_fuel = self._since_break = Fraction(0)


def pass_arc(clock: Clock, network: Network, arc: int) -> None:
    """Take a clock over one arc of a network, as its movement travels."""
    number = int(network.link_of[arc])
    mode = network.graph_nodes[int(network.tails[arc])].mode
    road = None if number == NO_LINK else network.rates[number]
    if road is not None:
        clock.drive(*road)
    elif number != NO_LINK and mode == Mode.FERRY:
        waits = int(network.border_ms[arc] + network.transfer_ms[arc])
        sailing = Fraction(int(network.drive_ms[arc]), MS_PER_H)
        clock.sail(Fraction(waits, MS_PER_H), sailing)
    elif mode == Mode.RAIL and not network.transfer_ms[arc]:
        clock.ride(Fraction(int(network.time_ms[arc]), MS_PER_H))
    else:
        clock.wait(Fraction(int(network.time_ms[arc]), MS_PER_H))


def halts_h(network: Network, arcs: Sequence[int]) -> float:
    """Return the hours that breaks, refuelling and rests add to a way.

    0 where the drivers of the movement are not known, and by rail.

    Parameters
    ----------
    arcs
        Arcs of the network in order of travel.
    """
    movement = network.movement
    if not movement.drivers:
        return 0.0
    convoy = movement.column is not None
    clock = Clock(read_duty(network.rules, movement.drivers, convoy=convoy))
    for arc in arcs:
        pass_arc(clock, network, arc)
    stood = (halt for halt in clock.halts if halt.kind != "ferry")
    return float(sum((halt.end_h - halt.start_h for halt in stood), start=Fraction(0)))
