"""The arcs of a network: links both ways, crossings, transfers.

A place has one graph node per mode; a border crossing has two per mode, one on each
side, so that nobody pays its dwell for turning back.
"""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mobility.data.rows import border_type, rows_of
from mobility.errors import DataError
from mobility.model import Mode, Problem, Row
from mobility.network.costs import Rules, drive_h, sailing_wait_h

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mobility.data.tables import Tables
    from mobility.network.movement import Movement

MS_PER_H = 3_600_000
MM_PER_KM = 1_000_000
NO_LINK = -1
# 95th percentile of the standard normal distribution
Z95 = 1.6448536269514722
# the regime that dwell stored with a crossing was seen under
TODAY = "current"


class GraphNode(NamedTuple):
    """One node of the graph: a place in one mode, at a crossing on one side.

    `side` is the state, and empty where the place is no border crossing.
    """

    place: str
    mode: Mode
    side: str


class Arc(NamedTuple):
    """One arc and what it costs: milliseconds and millimetres.

    `link` is the position of its link, -1 for crossings and transfers; `barred` is 1
    for a crossing that the load may not use.
    """

    tail: GraphNode
    head: GraphNode
    link: int
    drive_ms: int = 0
    border_ms: int = 0
    transfer_ms: int = 0
    halt_ms: int = 0
    length_mm: int = 0
    border_p95_ms: int = 0
    transfer_p95_ms: int = 0
    barred: int = 0


class ArcMaker:
    """Collects arcs; graph nodes are numbered once all are known.

    Parameters
    ----------
    tables
        Places, crossings and states.
    rules
        Speeds, dwell, waits and transfers.
    movement
        What moves.
    regime
        Border regime.
    admit
        Whether crossings pass of which it is not known that they carry goods.
    barred
        Whether crossings closed to the load become arcs too, marked as barred.
    opened
        Crossings taken as open to goods.
    """

    def __init__(
        self,
        tables: Tables,
        rules: Rules,
        *,
        movement: Movement,
        regime: str,
        admit: bool,
        barred: bool,
        opened: frozenset[str] = frozenset(),
    ) -> None:
        self.rules, self.regime, self.movement = rules, regime, movement
        self.admit, self.keep_barred, self.opened = admit, barred, opened
        self.kinds = tables.nodes["kind"].to_dict()
        self.countries = rows_of(tables.countries)
        self.borders = rows_of(tables.borders)
        self.nodes: set[GraphNode] = set()
        self.arcs: list[Arc] = []

    def add_link(self, number: int, link: Row) -> None:
        """Add both directions of a link."""
        mode = Mode(link["mode"])
        ends = [self._end(link[end], mode, link) for end in ("from_node", "to_node")]
        drive = milliseconds(drive_h(link, self.rules, self.movement))
        tail, head = ends
        length = round(link["length_km"] * MM_PER_KM)
        arc = Arc(tail, head, number, drive, length_mm=length)
        if mode == Mode.FERRY:
            wait, late = sailing_wait_h(link, self.rules)
            entry, slow = self._ferry_entry_h(link)
            arc = arc._replace(
                border_ms=milliseconds(entry),
                border_p95_ms=milliseconds(slow),
                transfer_ms=milliseconds(wait),
                transfer_p95_ms=milliseconds(late),
            )
        self._add(arc)
        self._add(arc._replace(tail=arc.head, head=arc.tail))

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
                hours = self._transfer_h(pair, kind)
                if hours is not None:
                    sigma = self.rules.value("transfer_sigma")
                    late = milliseconds(hours * math.exp(Z95 * sigma))
                    time = milliseconds(hours)
                    self._add(
                        Arc(tail, head, NO_LINK, transfer_ms=time, transfer_p95_ms=late)
                    )

    def arrays(self) -> dict[str, Any]:
        """Return the arrays of a `Network`; arcs sorted, so row order is no matter."""
        nodes = tuple(sorted(self.nodes))
        number = {node: i for i, node in enumerate(nodes)}
        rows = sorted(
            (number[arc.tail], number[arc.head], *arc[2:]) for arc in self.arcs
        )
        columns = np.array(rows, dtype=np.int64).reshape(-1, len(Arc._fields)).T
        columns.flags.writeable = False
        names = ("tails", "heads", "link_of", *Arc._fields[3:])
        return {"graph_nodes": nodes, **dict(zip(names, columns, strict=True))}

    def _transfer_h(self, pair: str, kind: str) -> float | None:
        """Return the hours of a change of mode; None where there can be none.

        Military loads are lashed to wagons, which takes as long as their rule says; of
        several loads the longest.
        """
        hours = self.rules.find("transfer_h", mode=pair, kind=kind)
        if hours is None or Mode.RAIL not in pair:
            return hours
        known = (
            self.rules.find("train_loading_h", mode="rail", load_class=load.load_class)
            for load in self.movement.of(Mode.RAIL)
        )
        return max((h for h in known if h is not None), default=hours)

    def _end(self, place: str, mode: Mode, link: Row) -> GraphNode:
        side = link["country"] if self.kinds[place] == "border" else ""
        return GraphNode(place, mode, side)

    def _add(self, arc: Arc) -> None:
        self.nodes |= {arc.tail, arc.head}
        self.arcs.append(arc)

    def _add_crossing(self, tail: GraphNode, head: GraphNode) -> None:
        key = (tail.place, str(tail.mode), tail.side, head.side)
        row = self.borders.get(key)
        if row is None:
            message = f"no row for {tail.mode} from {tail.side} to {head.side}"
            raise DataError([Problem("borders.csv", 0, tail.place, message)])
        # limited: under a restriction, which a route names; empty: not known to pass
        passes = row["goods"] in ("yes", "limited") or tail.place in self.opened
        passes = passes or (self.admit and row["goods"] is None)
        if not (passes or self.keep_barred):
            return
        dwell, slow = self._crossing_h(tail.mode, row)
        self._add(
            Arc(
                tail,
                head,
                NO_LINK,
                border_ms=milliseconds(dwell),
                border_p95_ms=milliseconds(slow),
                barred=int(not passes),
            )
        )

    def _crossing_h(self, mode: Mode, row: Row) -> tuple[float, float]:
        """Return the stored dwell, which is that of today, or the one by rule.

        Median and 95th percentile; each falls back on its rule for itself, and the
        second is never below the first.
        """
        median, slow = self._dwell_h(mode, row["border_type"])
        if self.regime == TODAY:
            median = median if row["dwell_h"] is None else float(row["dwell_h"])
            slow = slow if row["dwell_p95_h"] is None else float(row["dwell_p95_h"])
        return median, max(median, slow)

    def _dwell_h(self, mode: str, kind: str) -> tuple[float, float]:
        median, slow = (
            self.rules.value(quantity, mode=mode, border_type=kind, regime=self.regime)
            for quantity in ("border_dwell_h", "border_dwell_p95_h")
        )
        return median, slow

    def _ferry_entry_h(self, link: Row) -> tuple[float, float]:
        """Return the dwell at the port of entry; none within one state."""
        states = link["country"].split("-")
        if len(states) == 1:
            return 0.0, 0.0
        kind = border_type(*(self.countries[state] for state in states))
        return self._dwell_h("ferry", kind)


def milliseconds(hours: float) -> int:
    """Return hours as whole milliseconds, the unit of weights."""
    return round(hours * MS_PER_H)


def link_rows(tables: Tables) -> Mapping[str, Row]:
    """Return the rows of links, sorted by id."""
    return rows_of(tables.links.sort_index())
