"""Turns of trains: what it costs to go on from one railway to another at a place.

A train loses time where the wires change or end, and where it has to leave the way it
came. Both need a locomotive at the other end or of another kind, and one brake test: at
a place with both, the longer of the two is what is lost.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from heapq import heappop, heappush
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from mobility.data.rows import rows_of
from mobility.model import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mobility.data.tables import Tables
    from mobility.model import Row
    from mobility.network.costs import Rules

NO_WIRES = "none"
# changes on the way: where is not known, so that no change at its ends is either
MIXED = "mixed"
_ENDS = ("from_node", "to_node")
_COLUMNS = [*_ENDS, "country", "length_km", "electrification"]


class Track(NamedTuple):
    """A railway that trains may use: its link, its two places, hours under way."""

    link: str
    ends: tuple[str, str]
    drive_h: float


class Turns:
    """What trains lose from one railway to the next, hours.

    A change of locomotive is counted where the power of two railways of one state
    differs, in both directions alike. None is counted next to a railway of which the
    power is unknown or changes on the way; nor from or to a railway that leads to a
    border crossing with a change of power, as the dwell there contains it. Wires that
    end after a few kilometres (`diesel_under_wires_km`) count as none: a diesel
    locomotive brings its train on to the place behind.

    Parameters
    ----------
    tables
        Links, crossings and reversals.
    rules
        Hours of a change of locomotive and of a reversal.
    """

    def __init__(self, tables: Tables, rules: Rules) -> None:
        self.rules = rules
        self.reversals = frozenset(tables.reversals.index)
        self.borders = frozenset(tables.nodes.index[tables.nodes["kind"] == "border"])
        rail = tables.links["mode"] == Mode.RAIL
        self.rows: Mapping[str, Row] = rows_of(tables.links.loc[rail, _COLUMNS])
        changed = tables.borders["traction_change"].dropna()
        self.changed = frozenset(key[0] for key in changed.index if key[1] == Mode.RAIL)

    def halt_h(self, place: str, one: str, other: str) -> float:
        """Return what a train loses between two links that meet at a place.

        Across a border only a reversal counts: its dwell contains the rest.
        """
        hours = 0.0
        if self._changes_power(one, other):
            hours = self.rules.value("traction_change_h", mode="rail")
        if (place, *sorted((one, other))) in self.reversals:
            hours = max(hours, self.rules.value("reversal_h", mode="rail"))
        return hours

    def parted(self, tracks: Iterable[Track]) -> set[str]:
        """Return the places where it matters by which link a train came.

        Those where it loses time between two of them; and those so near to one that a
        train could dodge the loss if it might turn back there for nothing: run on along
        a third link, and come back.
        """
        at: dict[str, list[Track]] = defaultdict(list)
        for track in tracks:
            for end in track.ends:
                at[end].append(track)
        found: set[str] = set()
        queue: list[tuple[float, str]] = []
        for place, here in at.items():
            links = [track.link for track in here]
            halts = {
                frozenset(pair): self.halt_h(place, *pair)
                for pair in combinations(links, 2)
            }
            if any(halts.values()):
                found.add(place)
            for track in here:
                spare = _dodged_h(halts, track.link) - 2 * track.drive_h
                heappush(queue, (-spare, _far(track, place)))
        near: set[str] = set()
        while queue and queue[0][0] < 0:
            below, place = heappop(queue)
            if place not in near:
                near.add(place)
                for track in at[place]:
                    heappush(queue, (below + 2 * track.drive_h, _far(track, place)))
        return found | near

    def _changes_power(self, one: str, other: str) -> bool:
        powers = {self.power[one], self.power[other]}
        states = {self.rows[one]["country"], self.rows[other]["country"]}
        if len(powers) == 1 or len(states) > 1 or powers & {None, MIXED}:
            return False
        ends = {self.rows[link][end] for link in (one, other) for end in _ENDS}
        return not ends & self.changed

    @cached_property
    def power(self) -> Mapping[str, str | None]:
        """The power a train is hauled by on each link; None where unknown."""
        known = {link: row["electrification"] for link, row in self.rows.items()}
        at: dict[str, list[str]] = defaultdict(list)
        for link, row in self.rows.items():
            for end in _ENDS:
                at[row[end]].append(link)
        most = self.rules.find("diesel_under_wires_km", mode="rail") or 0.0

        def is_stub(link: str) -> bool:
            row = self.rows[link]
            if known[link] in {None, MIXED} or row["length_km"] > most:
                return False
            beyond = [
                {known[other] for other in at[row[end]] if other != link}
                for end in _ENDS
                if row[end] not in self.borders
            ]
            return {NO_WIRES} in beyond

        return {link: NO_WIRES if is_stub(link) else known[link] for link in known}


def _far(track: Track, place: str) -> str:
    one, other = track.ends
    return other if place == one else one


def _dodged_h(halts: Mapping[frozenset[str], float], third: str) -> float:
    """Return the most that is saved at a place by way of a third link, hours."""

    def by_way(link: str) -> float:
        return halts[frozenset((link, third))]

    return max(
        (
            hours - sum(by_way(link) for link in pair)
            for pair, hours in halts.items()
            if third not in pair
        ),
        default=0.0,
    )
