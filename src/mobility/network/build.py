"""Tables become the network of one load, year, regime and scenario."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mobility.data.provenance import basis_of
from mobility.data.rows import rows_of
from mobility.errors import InputError, NoRouteError
from mobility.model import Basis, Mode, Row, Vehicle
from mobility.network.access import (
    Finding,
    Verdict,
    judge,
    read_standards,
    read_vehicle,
    worst,
)
from mobility.network.arcs import (
    MM_PER_KM,
    MS_PER_H,
    NO_LINK,
    TODAY,
    ArcMaker,
    GraphNode,
    link_rows,
)
from mobility.network.changes import Changes
from mobility.network.costs import Rules, read_rules
from mobility.network.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import networkx as nx
    import numpy as np
    import numpy.typing as npt

    from mobility.data.tables import Tables

    Ints = npt.NDArray[np.int64]

MODES = ("any", "road", "rail")
UNKNOWN = ("bar", "admit")


class Use(StrEnum):
    """Whether a link is in a network, and if not, why."""

    USED = "used"
    UNKNOWN = "a limit is unknown"
    BARRED = "a limit bars the load"
    NOT_OPEN = "nothing passes"
    NOT_OPEN_BARRED = "nothing passes, and a limit would bar the load"
    EXCLUDED = "excluded by the question"


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
    drive_ms, border_ms, transfer_ms, halt_ms, length_mm : int64 arrays, shape (arcs,)
        What an arc costs, milliseconds and millimetres; halts are those of trains.
    border_p95_ms, transfer_p95_ms : int64 arrays, shape (arcs,)
        95th percentiles of what `border_ms` and `transfer_ms` are medians of.
    barred : int64 array, shape (arcs,)
        1 for crossings closed to the load, in a network that keeps them; else 0.
    link_ids
        All links of the tables, sorted.
    rows
        Per link its row of the table, as the scenario leaves it (`Changes.apply`).
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
    vehicle: Mapping[Mode, Vehicle]
    graph_nodes: tuple[GraphNode, ...]
    tails: Ints
    heads: Ints
    link_of: Ints
    drive_ms: Ints
    border_ms: Ints
    transfer_ms: Ints
    halt_ms: Ints
    length_mm: Ints
    border_p95_ms: Ints
    transfer_p95_ms: Ints
    barred: Ints
    link_ids: tuple[str, ...]
    rows: tuple[Row, ...]
    uses: tuple[Use, ...]
    findings: tuple[tuple[Finding, ...], ...]

    @property
    def version(self) -> str:
        """Content hash of the data."""
        return self.tables.version

    @property
    def time_ms(self) -> Ints:
        """Whole time of each arc, milliseconds."""
        return self.drive_ms + self.border_ms + self.transfer_ms + self.halt_ms

    @cached_property
    def rules(self) -> Rules:
        """The planning rules it was built by, ready to be asked."""
        return read_rules(self.tables.rules)

    @cached_property
    def nodes_of(self) -> Mapping[str, tuple[int, ...]]:
        """Graph nodes of each place, all modes and sides."""
        found: dict[str, tuple[int, ...]] = {}
        for number, node in enumerate(self.graph_nodes):
            found[node.place] = (*found.get(node.place, ()), number)
        return MappingProxyType(found)

    @cached_property
    def length_basis(self) -> tuple[Basis | None, ...]:
        """How the length of each link is known; None where nothing says."""
        known = basis_of(self.tables, "links", "length_km")
        return tuple(known.get(link) for link in self.link_ids)

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
        What differs from today; None for the data as it stands.
    keep
        Which links become arcs; more than the used ones only to ask what is missing.

    Raises
    ------
    UnknownNameError
        No such vehicle, or the scenario names what the tables do not have.
    InputError
        `mode` or `unknown` is none of the choices, or the scenario contradicts itself.
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
    changes = Changes.of(tables, scenario)
    loads = _loads(tables, vehicle, mode)
    rules = read_rules(tables.rules)
    regime = scenario.regime or TODAY
    rows = changes.apply(link_rows(tables))
    findings = _findings(tables, rows, loads, rules)
    uses = tuple(
        _use(link_id, link, loads, findings[link_id], changes, unknown)
        for link_id, link in rows.items()
    )
    maker = ArcMaker(
        tables,
        rules,
        loads=loads,
        regime=regime,
        admit=unknown == "admit",
        barred=Use.BARRED in keep,
        opened=changes.opened,
    )
    for number, (link, use) in enumerate(zip(rows.values(), uses, strict=True)):
        if use in keep:
            maker.add_link(number, link)
    maker.add_crossings()
    maker.add_transfers()
    return Network(
        tables=tables,
        vehicle_id=vehicle,
        mode=mode,
        unknown=unknown,
        scenario=scenario,
        year=changes.year,
        regime=regime,
        vehicle=MappingProxyType(loads),
        link_ids=tuple(rows),
        rows=tuple(rows.values()),
        uses=uses,
        findings=tuple(findings.values()),
        **maker.arrays(),
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


def _findings(
    tables: Tables,
    rows: Mapping[str, Row],
    loads: Mapping[Mode, Vehicle],
    rules: Rules,
) -> dict[str, tuple[Finding, ...]]:
    """Hold the load against the limits of every link."""
    countries = rows_of(tables.countries)
    standards = read_standards(tables)
    found: dict[str, tuple[Finding, ...]] = {}
    for link_id, link in rows.items():
        load = loads.get(Mode(link["mode"]))
        found[link_id] = ()
        if load is not None and load.mode != Mode.FERRY:
            country = countries[link["country"]]
            found[link_id] = tuple(
                judge(load, link, country=country, rules=rules, standards=standards)
            )
    return found


def _use(
    link_id: str,
    link: Row,
    loads: Mapping[Mode, Vehicle],
    findings: Sequence[Finding],
    changes: Changes,
    unknown: str,
) -> Use:
    """Decide on one link; what the user excludes comes before what the data says."""
    if Mode(link["mode"]) not in loads or changes.excludes(link_id, link):
        return Use.EXCLUDED
    open_ = changes.is_open(link)
    finding = worst(findings)
    lacking = finding is not None and finding.verdict == Verdict.UNKNOWN
    if finding is None or (lacking and unknown == "admit"):
        return Use.USED if open_ else Use.NOT_OPEN
    if not open_:
        return Use.NOT_OPEN_BARRED
    return Use.UNKNOWN if lacking else Use.BARRED
