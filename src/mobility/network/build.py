"""Tables become the arrays of a directed multigraph.

A place has one graph node per mode; a border crossing has two per mode, one on each
side, so that nobody pays its dwell for turning back. Links become one arc each way;
crossing and transfer arcs are made here and belong to no link.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mobility.data.rows import rows_of
from mobility.errors import DataError, InputError, NoRouteError, UnknownNameError
from mobility.model import Mode, Problem, Row, Status, Vehicle
from mobility.network.access import Finding, judge, read_vehicle, worst
from mobility.network.costs import (
    Rules,
    border_type,
    drive_h,
    read_rules,
    sailing_wait_h,
)
from mobility.network.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import networkx as nx
    import numpy.typing as npt

    from mobility.data.tables import Tables

    Ints = npt.NDArray[np.int64]

MS_PER_H = 3_600_000
MM_PER_KM = 1_000_000
MODES = ("any", "road", "rail")
UNKNOWN = ("bar", "admit")
NO_LINK = -1


class Use(StrEnum):
    """Whether a link is in a network, and if not, why."""

    USED = "used"
    UNKNOWN = "a limit is unknown"
    BARRED = "a limit bars the load"
    NOT_OPEN = "nothing passes"
    EXCLUDED = "excluded by the question"


class GraphNode(NamedTuple):
    """One node of the graph: a place in one mode, at a crossing on one side.

    `side` is the state, and empty where the place is no border crossing.
    """

    place: str
    mode: Mode
    side: str


@dataclass(frozen=True, eq=False)
class Network:
    """What one load may use, under one year, regime and scenario. Immutable.

    Attributes
    ----------
    tables
        The data it was built from.
    vehicle_id, mode, unknown, scenario
        The conditions; `mode` is `any`, `road` (ferries included) or `rail`.
    year, regime
        As they follow from scenario and data.
    vehicle
        The load, by mode.
    graph_nodes
        Per graph node its place, mode and side, sorted.
    tails, heads : int64 arrays, shape (arcs,)
        Graph nodes at the ends of each arc.
    link_of : int64 array, shape (arcs,)
        Position in `link_ids`; -1 for crossings and transfers.
    drive_ms, border_ms, transfer_ms, length_mm : int64 arrays, shape (arcs,)
        What an arc costs, milliseconds and millimetres.
    link_ids
        All links of the tables, sorted.
    uses
        Per link whether and why not it is in the network.
    findings
        Per link what its limits say to the load.
    """

    tables: Tables
    vehicle_id: str
    mode: str
    unknown: str
    scenario: Scenario
    year: int
    regime: str
    vehicle: dict[Mode, Vehicle]
    graph_nodes: tuple[GraphNode, ...]
    tails: Ints
    heads: Ints
    link_of: Ints
    drive_ms: Ints
    border_ms: Ints
    transfer_ms: Ints
    length_mm: Ints
    link_ids: tuple[str, ...]
    uses: tuple[Use, ...]
    findings: tuple[tuple[Finding, ...], ...]

    @property
    def version(self) -> str:
        """Content hash of the data."""
        return self.tables.version

    @property
    def time_ms(self) -> Ints:
        """Whole time of each arc, milliseconds."""
        return self.drive_ms + self.border_ms + self.transfer_ms

    @cached_property
    def nodes_of(self) -> dict[str, list[int]]:
        """Graph nodes of each place, all modes and sides."""
        found: dict[str, list[int]] = {}
        for number, node in enumerate(self.graph_nodes):
            found.setdefault(node.place, []).append(number)
        return found

    @cached_property
    def nodes(self) -> gpd.GeoDataFrame:
        """Places of the network as points, indexed by `node_id`, WGS 84."""
        from mobility.network.frames import places_frame

        return places_frame(self.tables.nodes.loc[sorted(self.nodes_of)])

    @cached_property
    def links(self) -> gpd.GeoDataFrame:
        """Links of the network as lines, indexed by `link_id`, WGS 84.

        With the column `time_h`: hours under way, of a ferry its wait and entry too.
        """
        from mobility.network.frames import links_frame

        hours = {
            self.link_ids[number]: time / MS_PER_H
            for number, time in zip(
                self.link_of.tolist(), self.time_ms.tolist(), strict=True
            )
            if number != NO_LINK
        }
        links = self.tables.links.loc[sorted(hours)]
        return links_frame(links, hours, self.tables.geometry)

    @cached_property
    def graph(self) -> nx.MultiDiGraph[str]:
        """The network as OSMnx knows graphs: x, y, length in metres, geometry.

        Nodes are named `place/mode` and, at crossings, `place/mode/side`; edges carry
        `time_h` and, where they are a link, `link_id`.
        """
        from mobility.network.frames import multigraph

        lon, lat = (self.tables.nodes[axis].to_dict() for axis in ("lon", "lat"))
        names = ["/".join(filter(None, node)) for node in self.graph_nodes]
        nodes = [
            (
                name,
                {
                    "x": lon[n.place],
                    "y": lat[n.place],
                    "place": n.place,
                    "mode": str(n.mode),
                },
            )
            for name, n in zip(names, self.graph_nodes, strict=True)
        ]
        ends = zip(self.tails.tolist(), self.heads.tolist(), strict=True)
        arcs = [
            (names[tail], names[head], self._attributes(arc))
            for arc, (tail, head) in enumerate(ends)
        ]
        return multigraph(nodes, arcs, data_version=self.version)

    def _attributes(self, arc: int) -> dict[str, Any]:
        """Return what an edge of the graph carries; its line runs the way it goes."""
        values: dict[str, Any] = {
            "length": int(self.length_mm[arc]) * 1000 / MM_PER_KM,
            "time_h": int(self.time_ms[arc]) / MS_PER_H,
        }
        number = int(self.link_of[arc])
        if number == NO_LINK:
            return values
        link_id = self.link_ids[number]
        line = self.tables.geometry[link_id]
        start = self.tables.links["from_node"][link_id]
        forward = self.graph_nodes[int(self.tails[arc])].place == start
        return values | {
            "link_id": link_id,
            "geometry": line if forward else line[::-1],
        }

    def __repr__(self) -> str:
        """Say what it is in one line."""
        used = sum(use == Use.USED for use in self.uses)
        return (
            f"<Network for {self.vehicle_id} by {self.mode}, {self.year}: "
            f"{len(self.nodes_of)} places, {used} of {len(self.uses)} links, "
            f"data {self.version}>"
        )


def build_network(
    tables: Tables,
    *,
    vehicle: str = "freight",
    mode: str = "any",
    unknown: str = "bar",
    scenario: Scenario | None = None,
    keep: frozenset[Use] = frozenset({Use.USED}),
) -> Network:
    """Build the network that a load may use.

    Parameters
    ----------
    tables
        Checked tables.
    vehicle
        Row of `vehicles.csv`.
    mode
        `any`, `road` (with ferries) or `rail`.
    unknown
        What an unknown limit does: `bar` or `admit`.
    scenario
        Year, regime, closures and openings; None for the data as it stands.
    keep
        Which links become arcs; more than the used ones only to ask what is missing.

    Raises
    ------
    UnknownNameError
        No such vehicle.
    InputError
        `mode` or `unknown` is none of the choices.
    NoRouteError
        The load cannot use the mode at all.
    DataError
        A rule or a border row is missing.
    """
    for name, value, choices in (("mode", mode, MODES), ("unknown", unknown, UNKNOWN)):
        if value not in choices:
            msg = f"{name} {value!r} is none of {', '.join(choices)}"
            raise InputError(msg)
    scenario = scenario or Scenario()
    loads = _loads(tables, vehicle, mode)
    rules = read_rules(tables.rules)
    year = scenario.year or tables.data_year
    rows = rows_of(tables.links)
    uses, findings = [], []
    closed = _Closed.of(tables, scenario)
    countries = rows_of(tables.countries)
    for link_id, link in rows.items():
        found = _judged(loads, link, countries, rules)
        findings.append(tuple(found))
        uses.append(_use(str(link_id), link, loads, found, closed, year, unknown))
    kept = [use in keep for use in uses]
    regime = scenario.regime or "current"
    arcs = _Arcs(tables, rules, regime, countries)
    for number, (link, keep_it) in enumerate(zip(rows.values(), kept, strict=True)):
        if keep_it:
            arcs.add_link(number, link)
    arcs.add_crossings()
    arcs.add_transfers()
    return Network(
        tables=tables,
        vehicle_id=vehicle,
        mode=mode,
        unknown=unknown,
        scenario=scenario,
        year=year,
        regime=regime,
        vehicle=loads,
        link_ids=tuple(str(link_id) for link_id in rows),
        uses=tuple(uses),
        findings=tuple(findings),
        **arcs.arrays(),
    )


def _loads(tables: Tables, vehicle: str, mode: str) -> dict[Mode, Vehicle]:
    """Return the load in the modes asked for."""
    loads = read_vehicle(tables, vehicle)
    if mode == "rail":
        loads = {m: load for m, load in loads.items() if m == Mode.RAIL}
    elif mode == "road":
        loads = {m: load for m, load in loads.items() if m != Mode.RAIL}
    if not loads:
        msg = f"{vehicle} cannot move by {mode}: no row of vehicles.csv"
        raise NoRouteError(msg)
    return loads


@dataclass(frozen=True)
class _Closed:
    """What a scenario closes and opens, resolved against the tables."""

    links: frozenset[str]
    places: frozenset[str]
    opened: frozenset[str]
    corridors: frozenset[str]

    @classmethod
    def of(cls, tables: Tables, scenario: Scenario) -> _Closed:
        unknown = [
            name
            for name in scenario.close
            if name not in tables.links.index and name not in tables.nodes.index
        ]
        unknown += [name for name in scenario.open_ if name not in tables.links.index]
        if unknown:
            msg = f"no link or place {unknown[0]!r}"
            raise UnknownNameError(msg)
        return cls(
            links=frozenset(n for n in scenario.close if n in tables.links.index),
            places=frozenset(n for n in scenario.close if n in tables.nodes.index),
            opened=frozenset(scenario.open_),
            corridors=frozenset(scenario.without),
        )

    def excludes(self, link_id: str, link: Row) -> bool:
        """Whether the question takes a link, or a place at its end, away."""
        on = corridors_of(link)
        return (
            link_id in self.links
            or link["from_node"] in self.places
            or link["to_node"] in self.places
            or (bool(on) and set(on) <= self.corridors)
        )


def corridors_of(link: Row) -> tuple[str, ...]:
    """Return the corridors a link lies on: its file's, then those of `also_on`."""
    own = link["file"]
    first = () if own == "ferries" or own.startswith("connections") else (own,)
    return first + tuple(name for name in (link["also_on"] or "").split(";") if name)


def _judged(
    loads: dict[Mode, Vehicle],
    link: Row,
    countries: Mapping[Any, Row],
    rules: Rules,
) -> list[Finding]:
    load = loads.get(Mode(link["mode"]))
    if load is None or load.mode == Mode.FERRY:
        return []
    return judge(load, link, country=countries[link["country"]], rules=rules)


def _use(
    link_id: str,
    link: Row,
    loads: dict[Mode, Vehicle],
    findings: list[Finding],
    closed: _Closed,
    year: int,
    unknown: str,
) -> Use:
    """Decide on one link; what the user excludes comes before what the data says."""
    if Mode(link["mode"]) not in loads or closed.excludes(link_id, link):
        return Use.EXCLUDED
    opens = link["opens"]
    opened = link_id in closed.opened or (opens is not None and opens < year)
    if not (Status(link["status"]).passes or opened):
        return Use.NOT_OPEN
    finding = worst(findings)
    if finding is None or (finding.offered is None and unknown == "admit"):
        return Use.USED
    return Use.UNKNOWN if finding.offered is None else Use.BARRED


class _Arcs:
    """Collects arcs; graph nodes are numbered once all are known."""

    def __init__(
        self,
        tables: Tables,
        rules: Rules,
        regime: str,
        countries: Mapping[Any, Row],
    ) -> None:
        self.rules, self.regime, self.countries = rules, regime, countries
        self.kinds = tables.nodes["kind"].to_dict()
        self.borders = rows_of(tables.borders)
        self.nodes: set[GraphNode] = set()
        self.rows: list[tuple[GraphNode, GraphNode, int, int, int, int, int]] = []

    def add_link(self, number: int, link: Row) -> None:
        """Add both directions of a link."""
        mode = Mode(link["mode"])
        ends = [self._end(link[end], mode, link) for end in ("from_node", "to_node")]
        drive = _ms(drive_h(link, self.rules))
        wait = _ms(sailing_wait_h(link, self.rules)) if mode == Mode.FERRY else 0
        entry = self._ferry_entry(link) if mode == Mode.FERRY else 0
        length = round(link["length_km"] * MM_PER_KM)
        for tail, head in (ends, ends[::-1]):
            self._add(tail, head, number, drive, entry, wait, length)

    def add_crossings(self) -> None:
        """Join the two sides of each crossing, where it is open to the load."""
        sides: dict[tuple[str, Mode], list[GraphNode]] = {}
        for node in sorted(self.nodes):
            if node.side:
                sides.setdefault((node.place, node.mode), []).append(node)
        for nodes in sides.values():
            for tail, head in permutations(nodes, 2):
                self._add_crossing(tail, head)

    def add_transfers(self) -> None:
        """Join the modes of each place where a rule says how long a change takes."""
        by_place: dict[str, list[GraphNode]] = {}
        for node in sorted(self.nodes):
            if not node.side:
                by_place.setdefault(node.place, []).append(node)
        for place, nodes in by_place.items():
            for tail, head in permutations(nodes, 2):
                pair = "-".join(sorted((tail.mode, head.mode)))
                kind = self.kinds[place]
                hours = self.rules.find("transfer_h", mode=pair, kind=kind)
                if hours is not None:
                    self._add(tail, head, NO_LINK, 0, 0, _ms(hours), 0)

    def arrays(self) -> dict[str, Any]:
        """Return the arrays of a `Network`; arcs sorted, so row order is no matter."""
        nodes = tuple(sorted(self.nodes))
        number = {node: i for i, node in enumerate(nodes)}
        rows = sorted((number[r[0]], number[r[1]], *r[2:]) for r in self.rows)
        columns = np.array(rows, dtype=np.int64).reshape(-1, 7).T
        columns.flags.writeable = False
        names = ("tails", "heads", "link_of", "drive_ms", "border_ms", "transfer_ms")
        values = dict(zip((*names, "length_mm"), columns, strict=True))
        return {"graph_nodes": nodes, **values}

    def _end(self, place: str, mode: Mode, link: Row) -> GraphNode:
        side = link["country"] if self.kinds[place] == "border" else ""
        return GraphNode(place, mode, side)

    def _add(self, tail: GraphNode, head: GraphNode, *costs: int) -> None:
        self.nodes |= {tail, head}
        number, drive, border, transfer, length = costs
        self.rows.append((tail, head, number, drive, border, transfer, length))

    def _add_crossing(self, tail: GraphNode, head: GraphNode) -> None:
        key = (tail.place, str(tail.mode), tail.side, head.side)
        row = self.borders.get(key)
        if row is None:
            message = f"no row for {tail.mode} from {tail.side} to {head.side}"
            raise DataError([Problem("borders.csv", 0, tail.place, message)])
        if row["goods"] == "no":
            return
        known = row["dwell_h"]
        hours = self._dwell(tail.mode, row["border_type"]) if known is None else known
        self._add(tail, head, NO_LINK, 0, _ms(hours), 0, 0)

    def _dwell(self, mode: str, kind: str) -> float:
        return self.rules.value(
            "border_dwell_h", mode=mode, border_type=kind, regime=self.regime
        )

    def _ferry_entry(self, link: Row) -> int:
        """Return the dwell at the port of entry; none within one state."""
        states = link["country"].split("-")
        if len(states) == 1:
            return 0
        kind = border_type(*(self.countries[state] for state in states))
        return _ms(self._dwell("ferry", kind))


def _ms(hours: float) -> int:
    return round(hours * MS_PER_H)
