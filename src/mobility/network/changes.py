"""What a scenario does to links and crossings: which are out, open, or lowered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mobility.data.rows import corridors_of, rows_of
from mobility.model import Row, Status
from mobility.network.access import CATEGORY, Standards, read_standards
from mobility.network.scenario import (
    SPEED_FACTOR,
    SPEED_LIMIT,
    Scenario,
    check_scenario,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mobility.data.tables import Tables

# what lowering one column says of another: a vehicle that may not pass alone may not
# pass among others either
_IMPLIED = {
    "mlc_wheeled_one_way": "mlc_wheeled_two_way",
    "mlc_tracked_one_way": "mlc_tracked_two_way",
}


@dataclass(frozen=True)
class Changes:
    """A scenario resolved against the tables.

    Attributes
    ----------
    links, places
        Lost.
    opened
        Links and crossings taken as open.
    corridors
        Removed.
    states
        Denied: nothing may touch them.
    year
        The network stands in it.
    slip_years
        By how much due openings are late.
    lower
        Per link the most that its columns allow.
    standards
        What line categories stand for.
    """

    links: frozenset[str]
    places: frozenset[str]
    opened: frozenset[str]
    corridors: frozenset[str]
    states: frozenset[str]
    year: int
    slip_years: int
    lower: Mapping[str, Mapping[str, float | str]]
    standards: Standards

    @classmethod
    def of(cls, tables: Tables, scenario: Scenario) -> Changes:
        """Resolve a scenario.

        Raises
        ------
        UnknownNameError, InputError
            It does not fit the tables.
        """
        check_scenario(tables, scenario)
        standards = read_standards(tables)
        return cls(
            links=frozenset(n for n in scenario.close if n in tables.links.index),
            places=frozenset(n for n in scenario.close if n in tables.nodes.index),
            opened=frozenset(scenario.open_),
            corridors=frozenset(scenario.without),
            states=denied_states(tables, scenario),
            year=scenario.year or tables.data_year,
            slip_years=scenario.slip_years or 0,
            lower=_lowest(scenario, standards),
            standards=standards,
        )

    def excludes(self, link_id: str, link: Row) -> bool:
        """Whether the scenario takes a link, a place at its end, or its state away."""
        on = corridors_of(link)
        return (
            link_id in self.links
            or link["from_node"] in self.places
            or link["to_node"] in self.places
            or (bool(on) and set(on) <= self.corridors)
            or not self.states.isdisjoint(link["country"].split("-"))
        )

    def apply(self, rows: Mapping[str, Row]) -> dict[str, Row]:
        """Return the rows of links as they stand under the scenario.

        A year of opening is late by the slip. A link taken as open counts as opened the
        year before: of a railway without known limits that is the standard, by rule.

        A lowered limit is the lower of what is known and what is given. Of a limit that
        is not known only the most is given then, and stands under `at_most`: what is
        above is barred, what is not remains as unknown as it was. A speed limit is one
        in any case, since nobody is quicker for it; speed factors stand in a column of
        their own.
        """
        return {link_id: self._changed(link_id, link) for link_id, link in rows.items()}

    def is_open(self, link: Row) -> bool:
        """Whether traffic passes a link, given as `apply` returns it."""
        opens = link["opens"]
        return Status(link["status"]).passes or (
            opens is not None and opens < self.year
        )

    def _changed(self, link_id: str, link: Row) -> Row:
        changed = dict(link)
        if link["opens"] is not None:
            changed["opens"] = link["opens"] + self.slip_years
        if link_id in self.opened and not Status(link["status"]).passes:
            changed["opens"] = self.year - 1
        at_most: dict[str, float | str] = {}
        for column, most in self.lower.get(link_id, {}).items():
            known = link.get(column)
            if known is not None:
                changed[column] = _lower(column, known, most, self.standards)
            elif column in (SPEED_FACTOR, SPEED_LIMIT):
                changed[column] = most
            elif column == CATEGORY:
                at_most[column] = self.standards.category(str(most))[1]
            else:
                at_most[column] = most
        return changed | {"at_most": at_most} if at_most else changed


def denied_states(tables: Tables, scenario: Scenario) -> frozenset[str]:
    """Return the codes of states that a scenario denies access to.

    Kosovo is no member of NATO: where only members may be touched it is out, although
    a force of NATO moves freely there; `allow` lets it in again.
    """
    outside = {
        str(state)
        for state, row in rows_of(tables.countries).items()
        if not _admits(scenario.transit, row)
    }
    return frozenset(outside.difference(scenario.allow).union(scenario.deny))


def _admits(transit: str | None, state: Row) -> bool:
    in_union = transit == "eu_or_nato" and state["eu"] == "member"
    return transit is None or in_union or state["nato"] == "member"


def _lowest(
    scenario: Scenario, standards: Standards
) -> dict[str, dict[str, float | str]]:
    """Return per link and column the lowest value given, with what it implies."""
    lowest: dict[str, dict[str, float | str]] = {}
    for link, column, value in scenario.lower:
        given: dict[str, float | str] = {column: value}
        if column in _IMPLIED:
            given[_IMPLIED[column]] = value
        if column == CATEGORY:
            given["axle_load_t"] = standards.category(str(value))[0]
        found = lowest.setdefault(link, {})
        for name, most in given.items():
            before = found.get(name)
            lower = before is not None
            found[name] = _lower(name, before, most, standards) if lower else most
    return lowest


def _lower(column: str, one: Any, other: Any, standards: Standards) -> Any:
    if column == CATEGORY:
        return standards.within_both(one, other)
    return min(one, other)
