"""Which links a load may use, and what bars it from the others.

An unknown limit is not "no limit": it bars unless the user admits it. A load within
what the law of a state allows passes its open public roads wherever no posted limit is
lower, so that unknown matters only beyond legal size and weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mobility.data.rows import rows_of
from mobility.errors import UnknownNameError
from mobility.model import Mode, Row, Status, Vehicle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mobility.data.tables import Tables
    from mobility.network.costs import Rules

# EN 15528: line category → (axle load t, mass per metre t/m)
LINE_CATEGORIES = {
    "A": (16.0, 5.0),
    "B1": (18.0, 5.0),
    "B2": (18.0, 6.4),
    "C2": (20.0, 6.4),
    "C3": (20.0, 7.2),
    "C4": (20.0, 8.0),
    "D2": (22.5, 6.4),
    "D3": (22.5, 7.2),
    "D4": (22.5, 8.0),
    "D5": (22.5, 8.8),
    "E4": (25.0, 8.0),
    "E5": (25.0, 8.8),
    "E6": (25.0, 10.0),
}
# columns of a vehicle against columns of a road link and of a state
_ROAD_LIMITS = (
    ("gross_t", "gross_weight_t", "legal_gross_t"),
    ("axle_load_t", "axle_load_t", "legal_axle_t"),
    ("height_m", "height_m", "legal_height_m"),
    ("width_m", "width_m", "legal_width_m"),
)


class Verdict(StrEnum):
    """Whether a load passes."""

    PASSES = "passes"
    BARRED = "barred"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one column of a link says to a load.

    `offered` is None where nothing says. `source` is what says it: `link`, the `law` of
    the state, or a `rule` for what is yet to be built.
    """

    verdict: Verdict
    column: str
    needed: float
    offered: float | None
    source: str = "link"


def read_vehicle(tables: Tables, vehicle_id: str) -> dict[Mode, Vehicle]:
    """Return a load by mode; a mode without a row cannot be used.

    Raises
    ------
    UnknownNameError
        No row of `vehicles.csv` has the id.
    """
    known = tables.vehicles.index.unique("vehicle_id")
    if vehicle_id not in known:
        msg = f"no vehicle {vehicle_id!r}; there are {', '.join(known)}"
        raise UnknownNameError(msg)
    rows = rows_of(tables.vehicles.loc[[vehicle_id]].droplevel("vehicle_id"))
    return {
        Mode(str(mode)): Vehicle(
            vehicle_id=vehicle_id,
            mode=Mode(str(mode)),
            name=row["name"],
            gross_t=row["gross_t"],
            axle_load_t=row["axle_load_t"],
            mass_per_m_t=row["mass_per_m_t"],
            height_m=row["height_m"],
            width_m=row["width_m"],
        )
        for mode, row in rows.items()
    }


def judge(
    vehicle: Vehicle,
    link: Row,
    *,
    country: Row,
    rules: Rules,
) -> list[Finding]:
    """Hold a load against every limit of a link.

    Parameters
    ----------
    vehicle
        The load, as it is in the link's mode.
    link
        Row of `links`.
    country
        Row of `countries`, for the legal limits of a road.

    Returns
    -------
    list of Finding
        One per thing the load asks for; empty where it asks nothing.
    """
    if vehicle.mode == Mode.ROAD:
        return _judge_road(vehicle, link, country, rules)
    if vehicle.mode == Mode.RAIL:
        return _judge_rail(vehicle, link, rules)
    return []


def worst(findings: Sequence[Finding]) -> Finding | None:
    """Return what bars, else what is unknown, else None."""
    for verdict in (Verdict.BARRED, Verdict.UNKNOWN):
        for finding in findings:
            if finding.verdict == verdict:
                return finding
    return None


def _judge_road(
    vehicle: Vehicle, link: Row, country: Row, rules: Rules
) -> list[Finding]:
    findings = []
    for need_column, link_column, legal_column in _ROAD_LIMITS:
        needed = getattr(vehicle, need_column)
        if needed is None:
            continue
        offered = link[link_column]
        source = "link" if offered is not None else "law"
        if offered is None:
            law = country[legal_column]
            law = rules.value(legal_column) if law is None else law
            offered = law if needed <= law else None
        findings.append(_compare(link_column, needed, offered, source))
    return findings


def _judge_rail(vehicle: Vehicle, link: Row, rules: Rules) -> list[Finding]:
    axle, per_metre = _rail_offer(link)
    needed_per_metre = vehicle.mass_per_m_t
    # without a category only the least that goes with the axle load is certain: a load
    # beyond it is not barred, but not known to pass either
    if not link["line_category"] and (needed_per_metre or 0) > (per_metre or 0):
        per_metre = None
    source = "link"
    if axle is None and _to_be_built(link):
        source = "rule"
        axle = rules.value("built_axle_load_t", mode="rail")
        per_metre = rules.value("built_mass_per_m_t", mode="rail")
    asked = (
        ("axle_load_t", vehicle.axle_load_t, axle),
        ("line_category", needed_per_metre, per_metre),
    )
    return [
        _compare(column, needed, offered, source)
        for column, needed, offered in asked
        if needed is not None
    ]


def _to_be_built(link: Row) -> bool:
    """Whether a link gets a standard yet, even if nobody has said which.

    What is closed without a date may as well reopen as it was.
    """
    status = Status(link["status"])
    rebuilt = status == Status.CLOSED and link["opens"] is not None
    return rebuilt or status in (
        Status.CONSTRUCTION,
        Status.PLANNED,
        Status.MISSING,
    )


def _rail_offer(link: Row) -> tuple[float | None, float | None]:
    """Return the axle load and mass per metre of a line, each None if unknown.

    Where only the axle load is known, the least mass per metre of any EN 15528
    category with that axle load is certain.
    """
    axle: float | None = link["axle_load_t"]
    if link["line_category"]:
        by_category, per_metre = LINE_CATEGORIES[link["line_category"]]
        return (by_category if axle is None else min(axle, by_category)), per_metre
    if axle is None:
        return None, None
    certain = [p for a, p in LINE_CATEGORIES.values() if a == _class_of(axle)]
    return axle, min(certain, default=None)


def _class_of(axle: float) -> float:
    """Return the highest axle load of a category not above the one given."""
    return max((a for a, _ in LINE_CATEGORIES.values() if a <= axle), default=0.0)


def _compare(column: str, needed: float, offered: float | None, source: str) -> Finding:
    if offered is None:
        return Finding(Verdict.UNKNOWN, column, needed, None)
    verdict = Verdict.PASSES if needed <= offered else Verdict.BARRED
    return Finding(verdict, column, needed, offered, source)
