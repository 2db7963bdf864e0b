"""Tables become the network of one load, year, regime and scenario."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mobility.data.provenance import basis_of
from mobility.data.rows import rows_of
from mobility.errors import InputError
from mobility.model import Basis, Mode, Row
from mobility.network.access import (
    Finding,
    Verdict,
    judge,
    read_standards,
    strictest,
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
    milliseconds,
)
from mobility.network.changes import Changes
from mobility.network.costs import Rules, drive_h, read_rules
from mobility.network.movement import MODES, Movement, one_load, whole_package
from mobility.network.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import networkx as nx
    import numpy as np
    import numpy.typing as npt

    from mobility.data.tables import Tables

    Ints = npt.NDArray[np.int64]

UNKNOWN = ("bar", "admit")
LIGHT = ("day", "night")
DEFAULT_LOAD = "freight"


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
    movement
        The load or force package that moves.
    mode, unknown, scenario
        The conditions; `mode` is `any`, `road` (ferries included) or `rail`.
    year, regime
        As they follow from scenario and data.
    graph_nodes
        Per graph node its place, mode and side, and at some railways its track; sorted.
    tails, heads : int64 arrays, shape (arcs,)
        Graph nodes at the ends of each arc.
    link_of : int64 array, shape (arcs,)
        Position in `link_ids`; -1 for turns, crossings and transfers.
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
    movement: Movement
    mode: str
    unknown: str
    scenario: Scenario
    year: int
    regime: str
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

    @cached_property
    def time_ms(self) -> Ints:
        """Whole time of each arc, milliseconds."""
        return self.drive_ms + self.border_ms + self.transfer_ms + self.halt_ms

    @cached_property
    def rules(self) -> Rules:
        """The planning rules it was built by, ready to be asked."""
        return read_rules(self.tables.rules)

    @cached_property
    def states(self) -> Mapping[str, Row]:
        """States by code."""
        return {str(code): row for code, row in rows_of(self.tables.countries).items()}

    @cached_property
    def road_ms(self) -> tuple[int, ...]:
        """Time of the movement on each road, milliseconds; 0 for other links."""
        return tuple(
            milliseconds(drive_h(row, self.rules, self.movement))
            if row["mode"] == Mode.ROAD and self.movement.of(Mode.ROAD)
            else 0
            for row in self.rows
        )

    @cached_property
    def nodes_of(self) -> Mapping[str, tuple[int, ...]]:
        """Graph nodes of each place, all modes, sides and tracks."""
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

        Nodes are named `place/mode` and, at crossings, `place/mode/side`; where trains
        lose time, with the link they come by (`/link/in`) or leave by (`/link/out`).
        Edges carry `time_h` and, where they are a link, `link_id`.
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

    def crossing_of(self, arc: int) -> tuple[str, str, str, str] | None:
        """Return the key in `borders` of the crossing that an arc passes, if any."""
        here, there = (
            self.graph_nodes[int(ends[arc])] for ends in (self.tails, self.heads)
        )
        if self.link_of[arc] != NO_LINK or here.side == there.side:
            return None
        return here.place, str(here.mode), here.side, there.side

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
            f"<Network for {self.movement.name} by {self.mode}, {self.year}: "
            f"{len(self.nodes_of)} places, {used} of {len(self.uses)} links, "
            f"data {self.version}>"
        )


def build_network(
    tables: Tables,
    *,
    vehicle: str | None = None,
    package: str | None = None,
    light: str = "day",
    mode: str = "any",
    unknown: str = "bar",
    scenario: Scenario | None = None,
    keep: frozenset[Use] = frozenset({Use.USED}),
) -> Network:
    """Build the network that a load, or all loads of a force package, may use.

    Parameters
    ----------
    tables
        Checked tables.
    vehicle
        Row of `vehicles.csv`; None for `freight`, or for a package.
    package
        Row of `packages.csv`: by road it marches as one column, at its rate of march.
    light
        Of a march: `day`, or `night` without lights.
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
        No such vehicle or package, or the scenario names what the tables do not have.
    InputError
        `mode`, `unknown` or `light` is none of the choices, both a vehicle and a
        package are given, nothing of the package can use the mode, or the scenario
        contradicts itself.
    NoRouteError
        The load cannot use the mode at all.
    DataError
        A rule or a border row is missing.
    """
    for name, value, choices in (
        ("mode", mode, MODES),
        ("unknown", unknown, UNKNOWN),
        ("light", light, LIGHT),
    ):
        if value not in choices:
            msg = f"{name} {value!r} is none of {', '.join(choices)}"
            raise InputError(msg)
    rules = read_rules(tables.rules)
    movement = _movement(tables, vehicle, package, mode, rules, light)
    return assemble(
        tables, movement, mode=mode, unknown=unknown, scenario=scenario, keep=keep
    )


def _movement(
    tables: Tables,
    vehicle: str | None,
    package: str | None,
    mode: str,
    rules: Rules,
    light: str,
) -> Movement:
    if package is None:
        return one_load(tables, vehicle or DEFAULT_LOAD, mode)
    if vehicle is not None:
        msg = f"choose one of vehicle {vehicle!r} and package {package!r}"
        raise InputError(msg)
    return whole_package(tables, package, mode, rules, light=light)


def assemble(
    tables: Tables,
    movement: Movement,
    *,
    mode: str,
    unknown: str,
    scenario: Scenario | None,
    keep: frozenset[Use],
) -> Network:
    """Build the network of a movement; parameters are those of `build_network`."""
    scenario = scenario or Scenario()
    changes = Changes.of(tables, scenario)
    rules = read_rules(tables.rules)
    regime = scenario.regime or TODAY
    rows = changes.apply(link_rows(tables))
    findings = _findings(tables, rows, movement, rules)
    uses = tuple(
        _use(link_id, link, movement, findings[link_id], changes, unknown)
        for link_id, link in rows.items()
    )
    maker = ArcMaker(
        tables,
        rules,
        movement=movement,
        regime=regime,
        admit=unknown == "admit",
        barred=Use.BARRED in keep,
        opened=changes.opened,
    )
    for number, (link, use) in enumerate(zip(rows.values(), uses, strict=True)):
        if use in keep:
            maker.add_link(number, link)
    maker.add_turns()
    maker.add_crossings()
    maker.add_transfers()
    return Network(
        tables=tables,
        movement=movement,
        mode=mode,
        unknown=unknown,
        scenario=scenario,
        year=changes.year,
        regime=regime,
        link_ids=tuple(rows),
        rows=tuple(rows.values()),
        uses=uses,
        findings=tuple(findings.values()),
        **maker.arrays(),
    )


def _findings(
    tables: Tables, rows: Mapping[str, Row], movement: Movement, rules: Rules
) -> dict[str, tuple[Finding, ...]]:
    """Hold every load against the limits of every link."""
    countries = rows_of(tables.countries)
    standards = read_standards(tables)
    found: dict[str, tuple[Finding, ...]] = {}
    for link_id, link in rows.items():
        country = countries.get(link["country"], {})
        found[link_id] = strictest(
            judge(load, link, country=country, rules=rules, standards=standards)
            for load in movement.of(Mode(link["mode"]))
        )
    return found


def _use(
    link_id: str,
    link: Row,
    movement: Movement,
    findings: Sequence[Finding],
    changes: Changes,
    unknown: str,
) -> Use:
    """Decide on one link; what the user excludes comes before what the data says."""
    if not movement.of(Mode(link["mode"])) or changes.excludes(link_id, link):
        return Use.EXCLUDED
    open_ = changes.is_open(link)
    finding = worst(findings)
    lacking = finding is not None and finding.verdict == Verdict.UNKNOWN
    if finding is None or (lacking and unknown == "admit"):
        return Use.USED if open_ else Use.NOT_OPEN
    if not open_:
        return Use.NOT_OPEN_BARRED
    return Use.UNKNOWN if lacking else Use.BARRED
