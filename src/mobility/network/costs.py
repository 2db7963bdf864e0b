"""How long a link, a crossing or a transfer takes.

Every number comes from the link's own row or from a row of `rules.csv`; none is here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from mobility.data.rows import rows_of, selectors_of
from mobility.errors import DataError
from mobility.model import Mode, Problem, Row, Status, Vehicle
from mobility.network.scenario import SPEED_FACTOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from mobility.network.movement import Movement


@dataclass(frozen=True)
class Rules:
    """The planning rules, ready to be asked.

    Attributes
    ----------
    rows
        Per quantity its rules: selectors that must hold, and the value.
    """

    rows: Mapping[str, list[tuple[dict[str, str], float]]]

    def find(self, quantity: str, **known: str | None) -> float | None:
        """Return the value of the most specific rule that holds, or None."""
        best: tuple[int, float] | None = None
        for selectors, value in self.rows.get(quantity, ()):
            if all(known.get(key) == wanted for key, wanted in selectors.items()):
                candidate = (len(selectors), value)
                best = max(best, candidate) if best else candidate
        return None if best is None else best[1]

    def value(self, quantity: str, **known: str | None) -> float:
        """Return the value of the most specific rule that holds.

        Raises
        ------
        DataError
            No rule holds: the data folder is incomplete.
        """
        found = self.find(quantity, **known)
        if found is None:
            what = ", ".join(f"{key} {value}" for key, value in known.items() if value)
            message = f"no rule gives it for {what or 'any case'}"
            raise DataError([Problem("rules.csv", 0, quantity, message)])
        return found


def read_rules(table: pd.DataFrame) -> Rules:
    """Index `rules.csv` by quantity."""
    selecting = selectors_of(table.columns)
    rows: dict[str, list[tuple[dict[str, str], float]]] = {}
    for row in rows_of(table).values():
        selectors = {key: row[key] for key in selecting if row[key]}
        rows.setdefault(row["quantity"], []).append((selectors, float(row["value"])))
    return Rules(rows)


def exact(value: float) -> Fraction:
    """Return a decimal as it is written: sums must not cross a whole by an error."""
    return Fraction(str(value))


def drive_h(link: Row, rules: Rules, movement: Movement | None = None) -> float:
    """Return the hours under way on a link, waits for other trains included.

    Parameters
    ----------
    link
        Row of `links`.
    rules
        Planning rules.
    movement
        What moves, which may be slower than an ordinary load; None: ordinary ones. Of
        several loads the slowest counts.
    """
    if link["mode"] == Mode.FERRY:
        return float(link["crossing_h"]) / _slowed(link)
    if link["mode"] == Mode.ROAD:
        return float(link["length_km"]) / rate_kph(link, rules, movement)
    trains = (movement.of(Mode.RAIL) if movement else ()) or (None,)
    return max(_train_h(link, rules, train) for train in trains)


def rate_kph(link: Row, rules: Rules, movement: Movement | None = None) -> float:
    """Return the speed of a movement on a road, km/h.

    That of a column is its rate of march, short halts included: the least of its
    classes by class of road, terrain and light. A vehicle alone drives at the planning
    speed of the road, or its own highest. A posted limit holds for both.
    """
    speed = road_kph(link, rules)
    if movement is None:
        return speed
    if (column := movement.column) is None:
        return min([speed, *(_alone_kph(rules, v) for v in movement.of(Mode.ROAD))])
    return march_kph(link, column.classes, column.light, rules)


def march_kph(link: Row, classes: Iterable[str], light: str, rules: Rules) -> float:
    """Return the rate of march of a column on a road, km/h.

    The least of its classes of load by class of road, terrain and light; never above
    the planning speed of the road.
    """
    factor = rules.value("march_terrain_factor", mode="road", terrain=link["terrain"])
    rates = (
        rules.value(
            "march_rate_kph",
            mode="road",
            road_class=link["road_class"],
            load_class=load_class,
            light=light,
        )
        for load_class in classes
    )
    return min(road_kph(link, rules), factor * min(rates))


def road_kph(link: Row, rules: Rules) -> float:
    """Return the average speed on a road, km/h, by its class and terrain.

    Under a scenario that slows it, a share of that.
    """
    speed = rules.value(
        "road_speed_kph",
        mode="road",
        road_class=link["road_class"],
        terrain=link["terrain"],
    )
    posted = link["speed_limit_kph"]
    return _slowed(link) * (speed if posted is None else min(speed, float(posted)))


def _slowed(link: Row) -> float:
    """Return the share of its speed that a scenario leaves a link."""
    return float(link.get(SPEED_FACTOR) or 1)


def _alone_kph(rules: Rules, vehicle: Vehicle | None) -> float:
    """Return the highest speed of a load that drives alone on a road."""
    kind = (vehicle.load_class if vehicle else None) or ""
    found = rules.find("single_speed_max_kph", mode="road", load_class=kind)
    return math.inf if found is None else found


def _train_h(link: Row, rules: Rules, train: Vehicle | None) -> float:
    kph = rail_kph(link, rules, train)
    hours = float(link["length_km"]) / kph + _climb_h(link, rules, train, kph)
    return hours + _wait_h(link, rules, train)


def rail_kph(link: Row, rules: Rules, vehicle: Vehicle | None = None) -> float:
    """Return the average speed of a train under way, km/h.

    From the speeds trains run at where they are known, else from the design speed,
    else by rule. Speeds of today say nothing of a line that is yet to be built or
    rebuilt. Exceptional consignments run slower, and so does what a scenario slows.
    """
    low, high = link["speed_low_kph"], link["speed_high_kph"]
    design = link["line_speed_kph"]
    kind = (vehicle.load_class if vehicle else None) or ""
    cap = rules.value("rail_speed_max_kph", mode="rail", load_class=kind)
    if link["speed_limit_kph"] is not None:
        cap = min(cap, float(link["speed_limit_kph"]))
    factor = _slowed(link)
    if _is_exceptional(vehicle):
        cap = min(cap, rules.value("exceptional_speed_max_kph", mode="rail"))
        factor *= rules.value("exceptional_speed_factor", mode="rail")
    if _speeds_known(link):
        share = rules.value("rail_running_share", mode="rail")
        return factor * share * float(min(low, cap) + min(high, cap)) / 2
    if design is not None:
        share = rules.value("rail_design_share", mode="rail")
        return factor * share * float(min(cap, design))
    return factor * min(cap, rules.value("rail_speed_kph", mode="rail"))


def _is_exceptional(vehicle: Vehicle | None) -> bool:
    return vehicle is not None and vehicle.exceptional == "yes"


def _speeds_known(link: Row) -> bool:
    """Whether the speeds that trains run at today are known."""
    range_known = None not in (link["speed_low_kph"], link["speed_high_kph"])
    return range_known and Status(link["status"]).passes


def _wait_h(link: Row, rules: Rules, vehicle: Vehicle | None) -> float:
    """Return the hours a train waits for others, by the tracks of the line.

    A share of design speed, and the speed by rule, contain such waits already.
    """
    if not _speeds_known(link):
        return 0.0
    hours = rules.find("rail_wait_h_per_100km", mode="rail", tracks=link["tracks"]) or 0
    if hours and _is_exceptional(vehicle):
        hours *= rules.value("exceptional_wait_factor", mode="rail")
    return hours * float(link["length_km"]) / 100


def _climb_h(link: Row, rules: Rules, vehicle: Vehicle | None, kph: float) -> float:
    """Return the hours a heavy train loses on the ruling gradient of a line.

    The balancing speed of its locomotives, on the share of the line that a rule says
    lies on that gradient; nothing where gradient or mass of the train is unknown.
    """
    gradient = link["gradient_permille"]
    mass = None if vehicle is None else vehicle.train_mass_t
    if gradient is None or mass is None:
        return 0.0
    count = rules.value("locomotives", mode="rail")
    power = count * rules.value(
        "locomotive_power_kw", mode="rail", electrification=link["electrification"]
    )
    whole = mass + count * rules.value("locomotive_mass_t", mode="rail")
    permille = float(gradient) + rules.value("train_resistance_permille", mode="rail")
    efficiency = rules.value("traction_efficiency", mode="rail")
    # kW over kN is m/s; a permille of the weight of a tonne is 9.81 N
    balancing = 3.6 * power * efficiency / (whole * 9.81 * permille / 1000)
    climbed = float(link["length_km"]) * rules.value("gradient_share", mode="rail")
    return climbed * max(0.0, 1 / balancing - 1 / kph)


def sailing_wait_h(link: Row, rules: Rules) -> tuple[float, float]:
    """Return the wait for a ferry, hours: as planned, and 95th percentile."""
    interval = 7 * 24 / float(link["sailings_per_week"])
    return (
        interval * rules.value("ferry_wait_share", mode="ferry"),
        interval * rules.value("ferry_wait_p95_share", mode="ferry"),
    )
