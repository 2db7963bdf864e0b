"""Whether a ship can berth in a port, by the water it offers.

What is published of a port decides before the classes of the World Port Index: they are
those of an older edition, and quays built or dredged since are deeper. So a class of
depth proves that a ship can come, but only the class of the channel, and only by a wide
margin (the rule `wpi_channel_slack_m`), that it cannot.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mobility.errors import DataError, InputError
from mobility.model import Mode, Problem
from mobility.network.costs import exact

if TYPE_CHECKING:
    from mobility.data.tables import Tables
    from mobility.model import Row
    from mobility.network.costs import Rules

YES, NO, UNKNOWN = "yes", "no", "unknown"
CHANNEL, PIER = "wpi_channel_m", "wpi_pier_m"
# the ship whose room is shared with civil traffic, as the contract describes it
SCHEDULED = "ropax"


@dataclass(frozen=True, slots=True)
class Ship:
    """A type of ship: its draught laden (m), what it takes, and its hours at a berth.

    `vehicles` and `lane_m` (metres of lane) are what one military movement gets of it;
    None where no rule says. One of the two is known.
    """

    ship_type: str
    draught_m: float
    vehicles: float | None
    lane_m: float | None
    turn_h: float


@dataclass(frozen=True, slots=True)
class Water:
    """The draught that a port offers to ships.

    Attributes
    ----------
    low_m, high_m
        Between these it lies, m; 0 and infinity where nothing is known.
    low_from, high_from
        The column of `ports` that each follows from; of `low_from` also the one whose
        absence leaves it at 0.
    rules
        Quantities of `rules.csv` it rests on.
    contradicts
        Columns whose class lies below the figure that was taken.
    """

    low_m: float
    high_m: float
    low_from: str
    high_from: str
    rules: tuple[str, ...]
    contradicts: tuple[str, ...] = ()

    def berths(self, draught_m: float) -> tuple[str, str]:
        """Return `yes`, `no` or `unknown` to a draught, and the column that decides."""
        if self.low_m >= draught_m:
            return YES, self.low_from
        if self.high_m < draught_m:
            return NO, self.high_from
        return UNKNOWN, self.low_from


def read_ship(tables: Tables, rules: Rules, name: str) -> Ship:
    """Return a type of ship as the rules give it.

    Raises
    ------
    InputError
        No rule gives a draught for the type.
    DataError
        No rule gives a number of vehicles or metres of lane.
    """
    draughts = tables.rules[tables.rules["quantity"] == "ship_draught_m"]
    known = sorted(set(draughts["ship_type"].dropna()))
    if name not in known:
        msg = f"no ship {name!r}; there are {', '.join(known)}"
        raise InputError(msg)
    of = {"mode": Mode.FERRY, "ship_type": name}
    share = rules.value("ferry_share", mode=Mode.FERRY) if name == SCHEDULED else 1.0
    vehicles, lane = rules.find("ship_vehicles", **of), rules.find("ship_lane_m", **of)
    if vehicles is None and lane is None:
        message = f"no rule gives it, nor ship_lane_m, for ship {name}"
        raise DataError([Problem("rules.csv", 0, "ship_vehicles", message)])
    return Ship(
        ship_type=name,
        draught_m=rules.value("ship_draught_m", **of),
        vehicles=None if vehicles is None else share * vehicles,
        lane_m=None if lane is None else share * lane,
        turn_h=rules.value("ship_turn_h", **of),
    )


def read_water(port: Row, rules: Rules) -> Water:
    """Return the draught a port offers.

    In this order: the published draught of ships; the published depth less the water
    under the keel; the classes of the World Port Index, the shallower of channel and
    pier as what is sure, the channel and a margin as what is possible.

    Parameters
    ----------
    port
        Row of `ports`.

    Raises
    ------
    DataError
        A class of depth cannot be read.
    """
    classes = {
        column: read_class(port[column], column)
        for column in (CHANNEL, PIER)
        if port[column] is not None
    }
    published = "draught_m" if port["draught_m"] is not None else "depth_m"
    if port[published] is not None:
        depth = port[published]
        below = tuple(c for c, (_, high) in classes.items() if high < depth)
        if published == "draught_m":
            return Water(depth, depth, published, published, (), below)
        offered = _less_keel(depth, rules)
        keel = ("keel_clearance_m",)
        return Water(offered, offered, published, published, keel, below)
    return _by_class(classes, rules)


def read_class(text: str, column: str) -> tuple[float, float]:
    """Return the ends of a class such as `9.4-10.7`, `>=23.2`, `up to 24`, `over 100`.

    Raises
    ------
    DataError
        It is none of these.
    """
    number = r"(\d+(?:\.\d+)?)"
    if found := re.fullmatch(rf"{number}-{number}", text):
        return float(found[1]), float(found[2])
    if found := re.fullmatch(rf"(?:>=|over ){number}", text):
        return float(found[1]), math.inf
    if found := re.fullmatch(rf"up to {number}", text):
        return 0.0, float(found[1])
    message = f"{text!r} is no class such as 9.4-10.7, >=23.2, up to 24 or over 100"
    raise DataError([Problem("ports.csv", 0, column, message)])


def _by_class(classes: dict[str, tuple[float, float]], rules: Rules) -> Water:
    """Return what the classes of the World Port Index say, either of them or both."""
    used: tuple[str, ...] = ("keel_clearance_m",) if classes else ()
    low, low_from = 0.0, PIER
    if PIER in classes:
        shallower = min(classes, key=lambda column: (classes[column][0], column))
        low, low_from = _less_keel(classes[shallower][0], rules), shallower
    high = math.inf
    if CHANNEL in classes and math.isfinite(classes[CHANNEL][1]):
        slack = rules.value("wpi_channel_slack_m", mode=Mode.FERRY)
        high = _less_keel(float(exact(classes[CHANNEL][1]) + exact(slack)), rules)
        used += ("wpi_channel_slack_m",)
    return Water(low, high, low_from, CHANNEL, used)


def _less_keel(depth: float, rules: Rules) -> float:
    keel = rules.value("keel_clearance_m", mode=Mode.FERRY)
    return max(0.0, float(exact(depth) - exact(keel)))
