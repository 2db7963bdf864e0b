"""What a port can land and send on in a day, and what holds it up.

A port is as fast as its slowest stage: the berth (ships one after another), the ramp or
crane (vehicles off a ship), then the railway and the road that lead away. Depth decides
before all of them. A depth and a ramp are those published of the port as a whole:
whether one berth has both is not known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from mobility.analysis.berth import (
    NO,
    UNKNOWN,
    YES,
    Ship,
    read_class,
    read_ship,
    read_water,
)
from mobility.analysis.cargo import Cargo, full_ship, read_cargo
from mobility.analysis.column import (
    MIN_PER_H,
    Formation,
    flow_per_h,
    pass_min,
    read_formation,
)
from mobility.data.find import find_port
from mobility.data.provenance import read_known, source_of
from mobility.data.rows import rows_of
from mobility.errors import InputError
from mobility.model import Basis, Mode, Row
from mobility.network.arcs import link_rows
from mobility.network.changes import Changes
from mobility.network.costs import Rules, march_kph, read_rules
from mobility.network.movement import MODES
from mobility.network.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mobility.data.tables import Tables

RAMP, CRANE = "ramp", "crane"
OPEN, PLANNED, CLOSED = "open", "planned", "closed"
_ROLLS_OFF = ("yes", "limited", "naval")
_RAIL_THERE = ("yes", "partial")
_OF_PACKAGE = ("ships", "discharge_h", "trains", "rail_h", "road_h")
# of the calendar, not of a rule
_DAY_H = 24


def harbours(
    tables: Tables,
    ports: Iterable[str] = (),
    *,
    ship: str = "roro",
    package: str | None = None,
    mode: str = "any",
    basins: Sequence[str] = (),
    scenario: Scenario | None = None,
) -> pd.DataFrame:
    """Tell what ports can land and send on, and which stage holds each up.

    Parameters
    ----------
    tables
        The corridors.
    ports
        Names of ports, or of their towns; all of `ports.csv` by default.
    ship
        Type of ship, as rules select by.
    package
        What lands: row of `packages.csv`. Without one, a full ship of ordinary lorries
        stands for it in the daily rates, and the columns of a package are empty.
    mode
        How it goes on: by `road`, `rail`, or `any`: both at once.
    basins
        Only ports on these waters.
    scenario
        Year, closures and openings; by default the network of the data's year.

    Returns
    -------
    pandas.DataFrame
        One row per port, indexed by `port` and sorted by it.

        `name`, `country`, `basin`, `port_kind`; `status`: `open`, `planned` or
        `closed`; `unreached`: why no link of the network reaches it.

        `berths`: `yes`, `no` or `unknown` to the ship; `berths_by`, the column that
        decides; `draught_low_m` and `draught_high_m`, between which the draught
        offered lies (0 and infinite where unknown); `draught_need_m`; `contradicts`,
        columns whose class lies below the published figure.

        `roro`, `rail`, `crane_t`; `roro_ramps`, `rail_ramps` and `cranes` at work: of
        the port, else by rule, NaN where there is none; `off_by`: `ramp`, `crane` or
        None; `bears`: whether ramp or crane bears the heaviest load.

        `berth_per_day`, `off_per_day`, `rail_per_day`, `road_per_day`: vehicles and
        trailers a day each stage passes, 0 where none can, NaN where that is unknown;
        `landed_per_day`, the lesser of the first two; `trains_per_day`; `per_day`, the
        least of the stages, rail and road together being one; `weakest`: that stage
        (`berth`, `ramp`, `crane`, `rail`, `road`, `rail and road`), or what bars it
        (`not open`, `draught`, `ro-ro`, `ramp load`, `crane load`, `not reached`).
        Where it is unknown whether the ship berths, the rates hold if it does.

        Of a package: `ships`, ship loads; `discharge_h`, from the first ship at its
        berth until the last piece is ashore, ships following without a gap; `trains`;
        `rail_h`, until the last train is loaded; `road_h`, until the last vehicle has
        left. Infinite where never, NaN where unknown.

        `ruled`: quantities taken from a rule because the port's own is not known;
        `assumed`: columns that decide and are assumed; `unknown`: columns that would
        decide and are empty. Every rate rests on rules besides.

    Raises
    ------
    UnknownNameError
        No such port, package or name in the scenario.
    InputError
        A place that is no port; no such ship, mode or basin; no port left; a package
        of which nothing drives.
    DataError
        A rule is missing, or a class of depth or crane cannot be read.
    """
    if mode not in MODES:
        msg = f"no mode {mode!r}; there are {', '.join(MODES)}"
        raise InputError(msg)
    chosen = _choose(tables, ports, basins)
    asked = _ask(tables, ship, package, mode, scenario or Scenario())
    rows, nodes, known = (
        rows_of(tables.ports),
        rows_of(tables.nodes),
        read_known(tables),
    )
    records = []
    for port in chosen:
        told = asked.tell(port, rows[port])
        head = {key: nodes[port][key] for key in ("name", "country")}
        cited = {
            column: source_of(known, "ports", port, column).get("basis")
            for column in told.pop("used")
            if rows[port][column] is not None
        }
        told["assumed"] = [c for c, basis in cited.items() if basis == Basis.ASSUMED]
        records.append({"port": port, **head, **told})
    frame = pd.DataFrame.from_records(records).set_index("port")
    if package is None:
        frame[list(_OF_PACKAGE)] = math.nan
    return frame


def _choose(tables: Tables, names: Iterable[str], basins: Sequence[str]) -> list[str]:
    """Return the ports asked for, sorted."""
    waters = {str(port): row["basin"] for port, row in rows_of(tables.ports).items()}
    for name in basins:
        if name not in waters.values():
            known = ", ".join(sorted(set(waters.values())))
            msg = f"no basin {name!r}; there are {known}"
            raise InputError(msg)
    named = sorted({find_port(tables, name) for name in names}) or sorted(waters)
    chosen = [port for port in named if not basins or waters[port] in basins]
    if not chosen:
        msg = f"none of these ports lies on {' or '.join(basins)}"
        raise InputError(msg)
    return chosen


def _ask(
    tables: Tables, ship: str, package: str | None, mode: str, scenario: Scenario
) -> _Asked:
    changes = Changes.of(tables, scenario)
    rules = read_rules(tables.rules)
    vessel = read_ship(tables, rules, ship)
    cargo = (
        full_ship(tables, vessel, rules)
        if package is None
        else read_cargo(tables, package, vessel, rules)
    )
    links: dict[str, list[Row]] = {}
    for link, row in changes.apply(link_rows(tables)).items():
        if changes.is_open(row) and not changes.excludes(link, row):
            for end in ("from_node", "to_node"):
                links.setdefault(row[end], []).append(row)
    countries = tables.nodes["country"]
    denied = countries.index[countries.isin(changes.states)]
    closed = changes.places.union(denied)
    return _Asked(rules, vessel, cargo, mode, links, closed, read_formation(rules))


@dataclass(frozen=True, slots=True)
class _Landing:
    """How cargo comes off its ships: `berths` of them at work at once.

    `bears` is whether the heaviest load can, `unload_h` the hours of one ship, infinite
    if it cannot be unloaded, NaN if that is unknown.
    """

    off_by: str | None
    berths: float
    bears: str | None
    unload_h: float
    ruled: tuple[str, ...]
    used: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to every port: what lands, on which ship, and how it goes on.

    `links` are those in use at each place, `closed` the places lost or
    in states that deny access.
    """

    rules: Rules
    ship: Ship
    cargo: Cargo
    mode: str
    links: Mapping[str, Sequence[Row]]
    closed: frozenset[str]
    formation: Formation

    def tell(self, port: str, row: Row) -> dict[str, Any]:
        """Return the columns of one port, and as `used` the cells it rests on."""
        status = self._status(port, row)
        there = _as_built(row)
        water = read_water(row, self.rules)
        berths, berths_by = water.berths(self.ship.draught_m)
        landing = self._land(there)
        comes_in = status == OPEN and berths != NO
        berth = self._a_day(landing, self.ship.turn_h) if comes_in else 0.0
        off = self._a_day(landing, landing.unload_h)
        rail = self._rail(port, there)
        road = self._road(port, row)
        onward = {"rail": rail["rail_per_day"], "road": road["road_per_day"]}
        stages = {
            _berth_name(status, berths): berth,
            _off_name(landing): off,
            _onward_name(row, self.mode, onward): _together(self.mode, onward),
        }
        weakest, least = _weakest(stages)
        rail_ruled = rail.pop("ruled")
        used = dict.fromkeys((berths_by, *landing.used, "roro", "rail"))
        return {
            "basin": row["basin"],
            "port_kind": row["port_kind"],
            "status": status,
            "unreached": row["unreached"],
            "berths": berths,
            "berths_by": berths_by,
            "draught_low_m": water.low_m,
            "draught_high_m": water.high_m,
            "draught_need_m": self.ship.draught_m,
            "contradicts": list(water.contradicts),
            "roro": row["roro"],
            "roro_ramps": landing.berths if landing.off_by == RAMP else math.nan,
            "crane_t": row["crane_t"],
            "cranes": landing.berths if landing.off_by == CRANE else math.nan,
            "off_by": landing.off_by,
            "bears": landing.bears,
            "rail": row["rail"],
            **rail,
            **road,
            "berth_per_day": berth,
            "off_per_day": off,
            "landed_per_day": _weakest({"berth": berth, "off": off})[1],
            "per_day": least,
            "weakest": weakest,
            "ships": self.cargo.ships,
            "discharge_h": self._discharge_h(landing) if comes_in else math.inf,
            "trains": self.cargo.trains,
            "ruled": [*water.rules, *landing.ruled, *rail_ruled],
            "unknown": _unknown(there, berths, landing),
            "used": list(used),
        }

    def _status(self, port: str, row: Row) -> str:
        """Return whether ships come in; a planned port opens with a link to it."""
        if port in self.closed:
            return CLOSED
        unbuilt = row["port_kind"] == PLANNED and port not in self.links
        return PLANNED if unbuilt else OPEN

    def _land(self, row: Row) -> _Landing:
        ramps, ruled = self._count(row, "roro_ramps", Mode.FERRY)
        if row["roro"] is None:
            return _Landing(None, ramps, None, math.nan, ruled, ())
        if row["roro"] in _ROLLS_OFF and ramps:
            return self._roll_off(row, ramps, ruled)
        return self._lift_off(row)

    def _roll_off(self, row: Row, ramps: float, ruled: tuple[str, ...]) -> _Landing:
        load = row["ramp_load_t"]
        bears = _bears(None if load is None else (load, load), self.cargo.heaviest_t)
        pieces = (self.cargo.vehicles + self.cargo.boxes) / self.cargo.ships
        hours = pieces / self.rules.value("roro_discharge_per_h", mode=Mode.FERRY)
        unload = math.inf if bears == NO else self._around_the_clock(hours)
        return _Landing(
            RAMP, ramps, bears, unload, ruled, ("roro_ramps", "ramp_load_t")
        )

    def _lift_off(self, row: Row) -> _Landing:
        """Vehicles are slung one by one, containers at the rate of containers."""
        cell = row["crane_t"]
        span = None if cell is None else read_class(cell, "crane_t")
        bears = _bears(span, self.cargo.heaviest_t)

        def rate(quantity: str) -> float:
            return self.rules.value(quantity, mode=Mode.FERRY)

        hours = self.cargo.vehicles / rate("vehicle_crane_per_h")
        hours += self.cargo.boxes / rate("container_crane_per_h")
        unload = self._around_the_clock(hours / self.cargo.ships)
        if bears != YES:
            unload = math.inf if bears == NO else math.nan
        cranes = rate("port_cranes")
        return _Landing(CRANE, cranes, bears, unload, ("port_cranes",), ("crane_t",))

    def _around_the_clock(self, hours: float) -> float:
        """Return the hours that hours of work take, shifts and maintenance included."""
        return hours * _DAY_H / self.rules.value("port_work_h_per_day", mode=Mode.FERRY)

    def _count(
        self, row: Row, column: str, mode: Mode
    ) -> tuple[float, tuple[str, ...]]:
        """Return a number of the port, else by rule, and the rule it then rests on."""
        if row[column] is not None:
            return float(row[column]), ()
        return self.rules.value(f"port_{column}", mode=mode), (f"port_{column}",)

    def _a_day(self, landing: _Landing, hours: float) -> float:
        """Return vehicles and trailers a day, where a ship takes so many hours."""
        return landing.berths * self.cargo.vehicles / self.cargo.ships * _DAY_H / hours

    def _discharge_h(self, landing: _Landing) -> float:
        """Return the hours until all is ashore, ships in turn at each berth."""
        if not math.isfinite(landing.unload_h):
            return landing.unload_h
        rounds = math.ceil(self.cargo.ships / landing.berths)
        turn = max(self.ship.turn_h, landing.unload_h)
        return (rounds - 1) * turn + landing.unload_h

    def _rail(self, port: str, row: Row) -> dict[str, Any]:
        """Return the columns of onward movement by rail."""
        there = row["rail"] in _RAIL_THERE
        if row["unreached"] is not None and there:
            return _no_rail(math.nan, math.nan)
        if not there or not self._links(port, Mode.RAIL):
            return _no_rail(0.0, math.inf)
        ramps, ruled = self._count(row, "rail_ramps", Mode.RAIL)
        if not ramps:
            return _no_rail(0.0, math.inf)
        shunting = self.rules.value("train_shunting_h", mode=Mode.RAIL)
        trains_per_day = ramps * _DAY_H / (self.cargo.loading_h + shunting)
        rounds = math.ceil(self.cargo.trains / ramps)
        return {
            "rail_ramps": ramps,
            "trains_per_day": trains_per_day,
            "rail_per_day": trains_per_day * self.cargo.vehicles / self.cargo.trains,
            "rail_h": rounds * self.cargo.loading_h + (rounds - 1) * shunting,
            "ruled": ruled,
        }

    def _road(self, port: str, row: Row) -> dict[str, float]:
        """Return the columns of onward movement by road, over the best link."""
        if row["unreached"] is not None:
            return {"road_per_day": math.nan, "road_h": math.nan}
        links = self._links(port, Mode.ROAD)
        if not links:
            return {"road_per_day": 0.0, "road_h": math.inf}
        rate = max(
            march_kph(link, self.cargo.classes, "day", self.rules) for link in links
        )
        day = self.rules.value("march_day_h", mode=Mode.ROAD)
        flow = flow_per_h(rate, self.formation) * day
        passing = pass_min(self.cargo.driving, rate, self.formation) / MIN_PER_H
        nights = math.ceil(passing / day) - 1
        return {
            "road_per_day": flow * self.cargo.vehicles / self.cargo.driving,
            "road_h": passing + nights * (_DAY_H - day),
        }

    def _links(self, port: str, mode: Mode) -> list[Row]:
        return [link for link in self.links.get(port, ()) if link["mode"] == mode]


def _as_built(row: Row) -> Row:
    """Return the row of a port; of a planned one as if what it plans were there."""
    if row["port_kind"] != PLANNED:
        return row
    return {**row, **{c: YES for c in ("roro", "rail") if row[c] == PLANNED}}


def _bears(span: tuple[float, float] | None, heaviest_t: float | None) -> str:
    """Tell whether what lifts or bears so many tonnes can take the heaviest load."""
    if span is None or heaviest_t is None:
        return UNKNOWN
    low, high = span
    return YES if low >= heaviest_t else NO if high < heaviest_t else UNKNOWN


def _no_rail(per_day: float, hours: float) -> dict[str, Any]:
    return {
        "rail_ramps": math.nan,
        "trains_per_day": per_day,
        "rail_per_day": per_day,
        "rail_h": hours,
        "ruled": (),
    }


def _berth_name(status: str, berths: str) -> str:
    if status != OPEN:
        return "not open"
    return "draught" if berths == NO else "berth"


def _off_name(landing: _Landing) -> str:
    if landing.off_by is None:
        return "ro-ro"
    return f"{landing.off_by} load" if landing.bears == NO else landing.off_by


def _onward_name(row: Row, mode: str, onward: Mapping[str, float]) -> str:
    if row["unreached"] is not None:
        return "not reached"
    if mode != "any":
        return mode
    return " and ".join([name for name in onward if onward[name] > 0] or onward)


def _together(mode: str, onward: Mapping[str, float]) -> float:
    return sum(onward.values()) if mode == "any" else onward[mode]


def _weakest(stages: Mapping[str, float]) -> tuple[str, float]:
    """Return the slowest stage; one that passes nothing before one that is unknown."""
    for name, rate in stages.items():
        if rate == 0:
            return name, rate
    for name, rate in stages.items():
        if math.isnan(rate):
            return name, rate
    return min(stages.items(), key=lambda stage: stage[1])


def _unknown(row: Row, berths: str, landing: _Landing) -> list[str]:
    """Return the columns that would decide and are empty."""
    asked = ["roro", "rail", *landing.used]
    empty = [column for column in asked if row[column] is None]
    return ["draught_m", *empty] if berths == UNKNOWN else empty
