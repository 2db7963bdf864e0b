"""The hours of a march or a drive: long halts, driving time and rests.

Times are whole milliseconds and lengths whole millimetres here, so that a halt that
falls due just where a link ends falls due there on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mobility.errors import DataError
from mobility.model import Mode, Problem
from mobility.network.arcs import MM_PER_KM, MS_PER_H, NO_LINK, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mobility.network.build import Network
    from mobility.network.costs import Rules

# of the calendar, not of a rule
_DAY_MS = 24 * MS_PER_H
_DAYS_BEFORE = 6


@dataclass(frozen=True, slots=True)
class Duty:
    """How long may be marched, and when to halt; milliseconds and millimetres.

    Attributes
    ----------
    march_day
        March hours a day of a convoy, halts and border dwell in them, every day from
        the same hour; None: only driving counts, and the day ends with the rest.
    drive_day, drive_week
        Driving hours a day, and in seven days.
    rest
        Least rest between two march days.
    refuel_every_mm, refuel
        Long halt to refuel; a night rest is one as well. None: in the breaks.
    break_after, break_for
        Break of a driver who drives alone; None: none, or in the rate of march.
    """

    march_day: int | None
    drive_day: int
    drive_week: int
    rest: int
    refuel_every_mm: int | None = None
    refuel: int = 0
    break_after: int | None = None
    break_for: int = 0


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

    def value(quantity: str) -> float:
        found = rules.value(quantity, mode="road")
        if found <= 0:
            message = f"{found:g} should be above 0"
            raise DataError([Problem("rules.csv", 0, quantity, message)])
        return found

    def time(quantity: str) -> int:
        return milliseconds(value(quantity))

    alone = not convoy and drivers <= 1
    every = None if alone else round(value("refuel_every_km") * MM_PER_KM)
    return Duty(
        march_day=time("march_day_h") if convoy else None,
        drive_day=time("driver_day_h") * max(drivers, 1),
        drive_week=time("driver_week_h") * max(drivers, 1),
        rest=time("driver_rest_h"),
        refuel_every_mm=every,
        refuel=time("refuel_h"),
        break_after=time("driver_break_after_h") if alone else None,
        break_for=time("driver_break_h") if alone else 0,
    )


class Pace(NamedTuple):
    """How far a march has come in time, and what its drivers have behind them.

    First `COMPARED` entries of which less is better: the time now; driven today; driven
    since the last break; when loading on to a train was done, 0 on the road; driven
    since fuel was taken; worked today; and when the day began. All but the first two
    stay 0 where the duty does not ask for them. Then the day from 1, and what was
    driven on the days before.

    Less is never worse for what follows where a driver drives alone, short of a week's
    limit: then `past`, which is not compared, decides. Halts to refuel are made when
    they are due, and a rest is one as well: who has to rest sooner may save a halt.
    """

    now: int = 0
    driven: int = 0
    since_break: int = 0
    boarded: int = 0
    since_fuel_mm: int = 0
    worked: int = 0
    day_from: int = 0
    day: int = 1
    past: tuple[int, ...] = ()


COMPARED = 7


class Stand(NamedTuple):
    """A halt on a link: `refuel`, `break` or `rest`, so far along it."""

    kind: str
    along_mm: int
    start: int
    end: int


def drive(duty: Duty, pace: Pace, ms: int, mm: int) -> tuple[Pace, tuple[Stand, ...]]:
    """Drive a link; halt and rest where it is due, but not at its end."""
    if not ms:
        return pace, ()
    stands: tuple[Stand, ...] = ()
    gone = 0
    while True:
        reach = min(ms - gone, _reach(duty, pace, ms, mm, gone))
        pace = _moved(duty, pace, reach, mm * (gone + reach) // ms - mm * gone // ms)
        gone += reach
        if gone >= ms:
            return pace, stands
        start = pace.now
        pace, kind = _halted(duty, pace)
        stands += (Stand(kind, mm * gone // ms, start, pace.now),)


def wait(duty: Duty, pace: Pace, ms: int) -> Pace:
    """Spend time that counts as march, not as driving: at a border."""
    worked = 0 if duty.march_day is None else pace.worked + ms
    return pace._replace(now=pace.now + ms, worked=worked)


def ride(pace: Pace, ms: int) -> Pace:
    """Spend time on a train."""
    return pace._replace(now=pace.now + ms)


def board(pace: Pace, ms: int) -> Pace:
    """Load on to a train; drivers rest once it is done."""
    return pace._replace(now=pace.now + ms, boarded=pace.now + ms)


def alight(duty: Duty, pace: Pace, ms: int) -> Pace:
    """Unload from a train; who was aboard long enough has rested."""
    if pace.now - pace.boarded >= duty.rest:
        pace = _new_day(duty, pace)
    return pace._replace(now=pace.now + ms, boarded=0)


def sail(duty: Duty, pace: Pace, wait_ms: int, sailing_ms: int) -> Pace:
    """Wait for a ferry and sail; a sailing that is long enough is a rest."""
    pace = wait(duty, pace, wait_ms)
    pace = pace._replace(now=pace.now + sailing_ms)
    return _new_day(duty, pace) if sailing_ms >= duty.rest else pace


def _reach(duty: Duty, pace: Pace, ms: int, mm: int, gone: int) -> int:
    """Return how long may be driven before any halt is due."""
    reach = _left(duty, pace)
    if duty.break_after is not None:
        reach = min(reach, duty.break_after - pace.since_break)
    if duty.refuel_every_mm is not None and mm:
        need = duty.refuel_every_mm - pace.since_fuel_mm + mm * gone // ms
        reach = min(reach, -(-need * ms // mm) - gone)
    return max(reach, 0)


def _left(duty: Duty, pace: Pace) -> int:
    """Return the time left to drive today; not above 0 where the day is over."""
    left = duty.drive_day - pace.driven
    if pace.past:
        left = min(left, duty.drive_week - pace.driven - sum(pace.past))
    if duty.march_day is not None:
        left = min(left, duty.march_day - pace.worked)
    return left


def _moved(duty: Duty, pace: Pace, ms: int, mm: int) -> Pace:
    return Pace(
        pace.now + ms,
        pace.driven + ms,
        0 if duty.break_after is None else pace.since_break + ms,
        0,
        0 if duty.refuel_every_mm is None else pace.since_fuel_mm + mm,
        0 if duty.march_day is None else pace.worked + ms,
        pace.day_from,
        pace.day,
        pace.past,
    )


def _halted(duty: Duty, pace: Pace) -> tuple[Pace, str]:
    """Make the halt that is due; one that would end the day is a rest."""
    every = duty.refuel_every_mm
    fuel = every is not None and pace.since_fuel_mm >= every
    length = max(duty.break_for, duty.refuel) if fuel else duty.break_for
    # a halt takes of the march day, not of the time that drivers may drive
    ends = duty.march_day is not None and pace.worked + length >= duty.march_day
    if ends or _left(duty, pace) <= 0:
        return _rested(duty, pace), "rest"
    pace = wait(duty, pace, length)._replace(since_break=0)
    return (pace._replace(since_fuel_mm=0), "refuel") if fuel else (pace, "break")


def _rested(duty: Duty, pace: Pace) -> Pace:
    """Rest as long as drivers must; a convoy until the hour its day began at."""
    again = pace.now + duty.rest
    if duty.march_day is not None:
        again = max(pace.day_from + _DAY_MS, again)
    return _new_day(duty, pace._replace(now=again))


def _new_day(duty: Duty, pace: Pace) -> Pace:
    return Pace(
        now=pace.now,
        day_from=0 if duty.march_day is None else pace.now,
        day=pace.day + 1,
        past=(*pace.past, pace.driven)[-_DAYS_BEFORE:],
    )


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt on the road: `refuel`, `break`, `rest` or `ferry`.

    `mm` from the start; `start` and `end` milliseconds after it; `day` of the march
    from 1, in which it begins.
    """

    kind: str
    day: int
    mm: int
    start: int
    end: int

    @property
    def ms(self) -> int:
        """How long it is."""
        return self.end - self.start


@dataclass
class Clock:
    """Where the head of a march is, what time it is there, and its halts so far."""

    duty: Duty
    pace: Pace = field(default_factory=Pace)
    mm: int = 0
    halts: list[Halt] = field(default_factory=list)

    def drive(self, ms: int, mm: int) -> None:
        """Drive a stretch, halts included."""
        day = self.pace.day
        self.pace, stands = drive(self.duty, self.pace, ms, mm)
        for kind, along, start, end in stands:
            self.halts.append(Halt(kind, day, self.mm + along, start, end))
            day += kind == "rest"
        self.mm += mm

    def sail(self, wait_ms: int, sailing_ms: int) -> None:
        """Spend time on and for a ferry."""
        start, day = self.pace.now, self.pace.day
        self.pace = sail(self.duty, self.pace, wait_ms, sailing_ms)
        self.halts.append(Halt("ferry", day, self.mm, start, self.pace.now))


def pass_arc(clock: Clock, network: Network, arc: int) -> None:
    """Take a clock over one arc of a network, as its movement travels."""
    spend = _spending(network, arc)
    if spend is drive:
        number = int(network.link_of[arc])
        clock.drive(network.road_ms[number], int(network.length_mm[arc]))
    elif spend is sail:
        sailing = int(network.drive_ms[arc])
        clock.sail(int(network.time_ms[arc]) - sailing, sailing)
    else:
        clock.pace = _step(network, clock.duty, arc)(clock.pace)


def stepper(
    network: Network, duty: Duty, *, changes: bool
) -> Callable[[Pace, int], Pace | None]:
    """Return what an arc of a network does to a pace, as `pass_arc` to that of a clock.

    Parameters
    ----------
    changes
        Whether a load may change between road and train; if not, such an arc leads
        nowhere (None).
    """
    steps = [
        _step(network, duty, arc) if changes or not _is_change(network, arc) else None
        for arc in range(len(network.tails))
    ]

    def step(pace: Pace, arc: int) -> Pace | None:
        does = steps[arc]
        return None if does is None else does(pace)

    return step


def duty_of(network: Network) -> Duty | None:
    """Return the duty of the movement of a network; None where no drivers are known."""
    movement = network.movement
    if not movement.drivers:
        return None
    convoy = movement.column is not None
    return read_duty(network.rules, movement.drivers, convoy=convoy)


def changes_train(network: Network, arcs: Iterable[int]) -> bool:
    """Whether a way changes between road and train."""
    return any(_is_change(network, arc) for arc in arcs)


def _is_change(network: Network, arc: int) -> bool:
    return _spending(network, arc) in (board, alight)


def _spending(network: Network, arc: int) -> Callable[..., object]:
    """Return how the time of an arc is spent."""
    is_link = int(network.link_of[arc]) != NO_LINK
    here, there = (
        network.graph_nodes[int(ends[arc])].mode
        for ends in (network.tails, network.heads)
    )
    if here == there == Mode.RAIL:
        return ride
    if is_link:
        return drive if here == Mode.ROAD else sail
    if here == Mode.RAIL:
        return alight
    return board if there == Mode.RAIL else wait


def _step(network: Network, duty: Duty, arc: int) -> Callable[[Pace], Pace]:
    """Return what one arc does to a pace."""
    spend, time = _spending(network, arc), int(network.time_ms[arc])
    if spend is drive:
        mm = int(network.length_mm[arc])
        return lambda pace: drive(duty, pace, time, mm)[0]
    if spend is sail:
        sailing = int(network.drive_ms[arc])
        return lambda pace: sail(duty, pace, time - sailing, sailing)
    if spend is alight:
        return lambda pace: alight(duty, pace, time)
    if spend is wait:
        return lambda pace: wait(duty, pace, time)
    if spend is board:
        return lambda pace: board(pace, time)
    return lambda pace: ride(pace, time)


def halts_h(network: Network, arcs: Sequence[int]) -> float:
    """Return the hours that breaks, refuelling and rests add to a way.

    0 where the drivers of the movement are not known, and by rail.

    Parameters
    ----------
    arcs
        Arcs of the network in order of travel.
    """
    duty = duty_of(network)
    if duty is None:
        return 0.0
    clock = Clock(duty)
    for arc in arcs:
        pass_arc(clock, network, arc)
    return sum(halt.ms for halt in clock.halts if halt.kind != "ferry") / MS_PER_H
