"""Which links a load may use, and what bars it from the others.

An unknown limit is not "no limit": it bars unless the user admits it. A load within
what the law of a state allows passes its open public roads wherever no posted limit is
lower, so that unknown matters only beyond legal size and weight.

Weight on a road is judged twice, in two systems that are not one: mass and axle load
against civil limits, the military class against posted classes. What is posted bars in
either; what is proven in one need not be known in the other. A class worked out from a
mass, or a mass from a class, is an estimate: it is told, and decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from mobility.data.find import find_vehicle
from mobility.data.rows import rows_of
from mobility.errors import DataError
from mobility.model import Mode, Problem, Row, Status, Vehicle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mobility.data.tables import Tables
    from mobility.network.costs import Rules

# what a load asks of a road, the column that offers it, and that of the law
_ROAD_LIMITS = (
    ("gross_t", "gross_weight_t", "legal_gross_t"),
    ("axle_load_t", "axle_load_t", "legal_axle_t"),
    ("height_m", "height_m", "legal_height_m"),
    ("width_m", "width_m", "legal_width_m"),
)
_CLASSES = ("mlc_wheeled", "mlc_tracked")
# columns of one load that speak of its weight on a road
_CIVIL_WEIGHT = frozenset({"gross_weight_t", "axle_load_t"})
# the column whose class says the mass per metre of a train
CATEGORY = "line_category"
# columns by what a load demands, where they have another name
_COLUMN_OF = {
    "gross_t": "gross_weight_t",
    "mass_per_m_t": CATEGORY,
    "mlc_wheeled": "mlc_wheeled_one_way",
    "mlc_tracked": "mlc_tracked_one_way",
}
_PC_CODE = re.compile(r"(\d+)\s*/\s*(\d+)")
# classes of load that carry their mass on tracks: short, so that limits made for
# lorries say nothing of it
_ON_TRACKS = frozenset({"tracked", "heavy_tracked"})

ALONE = "alone on the bridge: one-way class"
OUT_OF_GAUGE = "out of gauge: exceptional consignment"
PERMIT = "wider than the law: permit and escort"


class Verdict(StrEnum):
    """Whether a load passes."""

    PASSES = "passes"
    BARRED = "barred"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one column of a link says to a load.

    `offered` is None where nothing says. `source` is what says it: `link`, the `law` of
    the state, a `rule` for what is yet to be built, an `estimate`, for weight the other
    system, `civil` or `class`, or the `scenario` that lowers what is not known. An
    estimate of a class or a mass leaves the
    verdict unknown; that of a width under permit passes. `condition` is what the load
    must keep to, or is empty.
    """

    verdict: Verdict
    column: str
    needed: float
    offered: float | None
    source: str = "link"
    condition: str = ""


@dataclass(frozen=True)
class Standards:
    """What the classes that cells name stand for.

    Attributes
    ----------
    categories
        EN 15528 line category → axle load t, mass per metre t/m.
    gauges
        Loading gauge → width m.
    """

    categories: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    gauges: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def category(self, name: str) -> tuple[float, float]:
        """Return axle load and mass per metre of a line category.

        Raises
        ------
        DataError
            The table of categories lacks it.
        """
        if name not in self.categories:
            problem = Problem("line_categories.csv", 0, "", f"no category {name!r}")
            raise DataError([problem])
        return self.categories[name]

    def certain_mass_per_m_t(self, axle_load_t: float) -> float | None:
        """Return the mass per metre that goes with an axle load in every category.

        Of the categories with the highest axle load that is not above the one given.
        """
        axles = [a for a, _ in self.categories.values() if a <= axle_load_t]
        if not axles:
            return None
        return min(p for a, p in self.categories.values() if a == max(axles))

    def within_both(self, one: str, other: str) -> str:
        """Return the highest line category that asks no more than either of two."""
        (axle, per_metre), also = self.category(one), self.category(other)
        fits = [
            (a, p, name)
            for name, (a, p) in self.categories.items()
            if a <= min(axle, also[0]) and p <= min(per_metre, also[1])
        ]
        return max(fits)[2]


def read_standards(tables: Tables) -> Standards:
    """Read line categories and loading gauges."""
    categories = rows_of(tables.line_categories)
    gauges = rows_of(tables.loading_gauges)
    return Standards(
        MappingProxyType(
            {
                str(name): (row["axle_load_t"], row["mass_per_m_t"])
                for name, row in categories.items()
            }
        ),
        MappingProxyType({str(name): row["width_m"] for name, row in gauges.items()}),
    )


def read_vehicle(tables: Tables, vehicle_id: str) -> dict[Mode, Vehicle]:
    """Return a load by mode; a mode without a row cannot be used.

    Raises
    ------
    UnknownNameError
        No row of `vehicles.csv` has the id.
    """
    found = find_vehicle(tables, vehicle_id)
    rows = rows_of(tables.vehicles.loc[[found]].droplevel("vehicle_id"))
    names = [f.name for f in fields(Vehicle) if f.name not in ("vehicle_id", "mode")]
    return {
        Mode(str(mode)): Vehicle(
            vehicle_id=found,
            mode=Mode(str(mode)),
            **{name: row[name] for name in names},
        )
        for mode, row in rows.items()
    }


def judge(
    vehicle: Vehicle,
    link: Row,
    *,
    country: Row,
    rules: Rules,
    standards: Standards,
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
    standards
        Line categories and loading gauges.

    Returns
    -------
    list of Finding
        One per thing the load asks for; empty where it asks nothing.
    """
    if vehicle.mode == Mode.ROAD:
        found = _judge_road(vehicle, link, country, rules)
    elif vehicle.mode == Mode.RAIL:
        found = _judge_rail(vehicle, link, rules, standards)
    else:
        return []
    return [_lowered(finding, link) for finding in found]


def _at_most(link: Row, column: str) -> float | None:
    """Return what a scenario says is the most of a limit that is not known.

    Of a military class, that of a vehicle alone: what is posted for traffic both ways
    does not keep a heavier one from passing alone.
    """
    most = link.get("at_most", {}).get(column.replace("two_way", "one_way"))
    return None if most is None else float(most)


def _lowered(finding: Finding, link: Row) -> Finding:
    """Bar what is above the most that a scenario leaves; the rest stays as it is."""
    most = _at_most(link, finding.column)
    if most is None or finding.needed <= most:
        return finding
    return replace(
        finding,
        verdict=Verdict.BARRED,
        offered=most,
        source="scenario",
        condition="",
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """The most a link is known to let pass in one thing that loads ask.

    `value` is None where nothing says; `source` is as in `Finding`. `bars` is whether
    more is known not to pass, rather than unknown; `at_most` is beyond what a scenario
    bars although it is not known what passes, None where it does not.
    """

    value: float | None
    source: str = "link"
    bars: bool = True
    at_most: float | None = None


def offer(
    demand: str, link: Row, *, country: Row, rules: Rules, standards: Standards
) -> Offer:
    """Return the most a link is known to let pass of one demand of `Vehicle`.

    A load that asks nothing else passes up to that value, and is not known to pass
    beyond it.

    Parameters
    ----------
    demand
        `gross_t`, `axle_load_t`, `height_m`, `width_m`, `mlc_wheeled` or `mlc_tracked`
        of a road, `axle_load_t`, `mass_per_m_t`, `train_length_m` or `pc_number` of a
        railway.
    """
    if link["mode"] == Mode.RAIL:
        found = _rail_offers(demand, link, rules, standards)
    else:
        found = _road_offers(demand, link, country, rules)
    most = _at_most(link, _COLUMN_OF.get(demand, demand))
    if most is None:
        return found
    if found.value is not None and found.value > most:
        return Offer(most, "scenario")
    return replace(found, at_most=most)


def _road_offers(demand: str, link: Row, country: Row, rules: Rules) -> Offer:
    if demand in _CLASSES:
        posted = [link.get(f"{demand}_{ways}") for ways in ("one_way", "two_way")]
        return Offer(max((float(p) for p in posted if p is not None), default=None))
    found = next(limit for limit in _ROAD_LIMITS if limit[0] == demand)
    _, column, legal = found
    if link[column] is not None:
        return Offer(float(link[column]))
    law = _legal(country, legal, rules)
    usual = None
    if column == "width_m":
        road_class = link["road_class"]
        usual = rules.find("permit_width_m", mode="road", road_class=road_class)
    if usual is not None and usual > law:
        return Offer(usual, "estimate", bars=False)
    return Offer(law, "law", bars=False)


def _rail_offers(demand: str, link: Row, rules: Rules, standards: Standards) -> Offer:
    if demand == "train_length_m":
        return Offer(*_train_length(link, rules))
    if demand == "pc_number":
        return Offer(train_profile(link.get("pc_code")))
    axle, per_metre, source = _rail_strength(link, rules, standards)
    if demand == "axle_load_t":
        return Offer(axle, source)
    return Offer(per_metre, source, bars=not _least_only(link, source))


def worst(findings: Sequence[Finding]) -> Finding | None:
    """Return what bars, else what is unknown, else None."""
    for verdict in (Verdict.BARRED, Verdict.UNKNOWN):
        for finding in findings:
            if finding.verdict == verdict:
                return finding
    return None


def strictest(judged: Iterable[Sequence[Finding]]) -> tuple[Finding, ...]:
    """Return, of what several loads are told, the worst for each column.

    Of equal verdicts the one that needs most.
    """
    order = (Verdict.PASSES, Verdict.UNKNOWN, Verdict.BARRED)
    found: dict[str, Finding] = {}
    for finding in (finding for findings in judged for finding in findings):
        known = found.setdefault(finding.column, finding)
        found[finding.column] = max(
            known, finding, key=lambda f: (order.index(f.verdict), f.needed)
        )
    return tuple(found.values())


def train_profile(pc_code: str | None) -> float | None:
    """Return the second number of a code such as `P/C 80/410`, None if unknown.

    It is that of semi-trailers; the first is that of swap bodies.

    Examples
    --------
    >>> train_profile("P/C 80/410")
    410.0
    """
    found = _PC_CODE.search(pc_code or "")
    return float(found[2]) if found else None


def _judge_road(
    vehicle: Vehicle, link: Row, country: Row, rules: Rules
) -> list[Finding]:
    civil = []
    for need_column, link_column, legal_column in _ROAD_LIMITS:
        needed = getattr(vehicle, need_column)
        if needed is None:
            continue
        offered = link[link_column]
        source = "link" if offered is not None else "law"
        if offered is None:
            law = _legal(country, legal_column, rules)
            offered = law if needed <= law else None
        finding = _compare(link_column, needed, offered, source)
        if link_column == "width_m" and finding.verdict == Verdict.UNKNOWN:
            finding = _under_permit(finding, link, rules)
        civil.append(finding)
    classes = [
        _judge_class(column, getattr(vehicle, column), link)
        for column in _CLASSES
        if getattr(vehicle, column) is not None
    ]
    return _join_weights(vehicle, link, country, rules, civil, classes)


def _legal(country: Row, column: str, rules: Rules) -> float:
    """Return the limit by law of a state, else by the rule for all."""
    law = country[column]
    return rules.value(column) if law is None else float(law)


def _under_permit(finding: Finding, link: Row, rules: Rules) -> Finding:
    """Take the width that such a road usually takes for one that is not known."""
    usual = rules.find("permit_width_m", mode="road", road_class=link["road_class"])
    if usual is None:
        return finding
    verdict = Verdict.PASSES if finding.needed <= usual else Verdict.UNKNOWN
    condition = PERMIT if verdict == Verdict.PASSES else ""
    return replace(
        finding,
        verdict=verdict,
        offered=usual,
        source="estimate",
        condition=condition,
    )


def _judge_class(column: str, needed: float, link: Row) -> Finding:
    """Hold a military class against the posted ones: two-way, else passing alone."""
    both, alone = (link.get(f"{column}_{ways}") for ways in ("two_way", "one_way"))
    if both is not None and needed <= both:
        return _compare(f"{column}_two_way", needed, both, "link")
    if alone is not None:
        found = _compare(f"{column}_one_way", needed, alone, "link")
        passes = found.verdict == Verdict.PASSES
        return replace(found, condition=ALONE) if passes else found
    return _compare(f"{column}_two_way", needed, both, "link")


def _join_weights(
    vehicle: Vehicle,
    link: Row,
    country: Row,
    rules: Rules,
    civil: list[Finding],
    classes: list[Finding],
) -> list[Finding]:
    """Settle in one system of weights what is unknown in it and proven in the other."""
    weights = [finding for finding in civil if finding.column in _CIVIL_WEIGHT]
    by_class = bool(classes) and _all_pass(classes)
    # limits made for lorries prove nothing of a load on tracks, nor of one of which
    # only the class is known
    by_civil = (
        _all_pass(weights)
        and vehicle.gross_t is not None
        and vehicle.mlc_tracked is None
    )
    per_t = rules.find("mlc_per_t", load_class=vehicle.load_class or "")
    told = []
    for finding in civil:
        if finding.verdict == Verdict.UNKNOWN and finding.column in _CIVIL_WEIGHT:
            if by_class:
                finding = replace(finding, verdict=Verdict.PASSES, source="class")
            elif per_t and finding.column == "gross_weight_t":
                finding = _estimate(finding, _posted_class(vehicle, link), 1 / per_t)
        told.append(finding)
    gross = link["gross_weight_t"]
    if gross is None and classes:
        gross = _legal(country, "legal_gross_t", rules)
    for finding in classes:
        if finding.verdict == Verdict.UNKNOWN:
            if by_civil:
                finding = replace(finding, verdict=Verdict.PASSES, source="civil")
            elif per_t:
                finding = _estimate(finding, gross, per_t)
        told.append(finding)
    return told


def _posted_class(vehicle: Vehicle, link: Row) -> float | None:
    """Return the highest class posted for the way a load rolls."""
    column = "mlc_tracked" if vehicle.load_class in _ON_TRACKS else "mlc_wheeled"
    posted = (link.get(f"{column}_{ways}") for ways in ("one_way", "two_way"))
    return max((float(value) for value in posted if value is not None), default=None)


def _estimate(finding: Finding, known: float | None, factor: float) -> Finding:
    """Tell what the other system of weights suggests; the verdict stays unknown."""
    if known is None:
        return finding
    return replace(finding, offered=known * factor, source="estimate")


def _all_pass(findings: Sequence[Finding]) -> bool:
    return all(finding.verdict == Verdict.PASSES for finding in findings)


def _judge_rail(
    vehicle: Vehicle, link: Row, rules: Rules, standards: Standards
) -> list[Finding]:
    axle, per_metre, source = _rail_strength(link, rules, standards)
    needed_per_metre = vehicle.mass_per_m_t
    if _least_only(link, source) and (needed_per_metre or 0) > (per_metre or 0):
        per_metre = None
    length, length_source = _train_length(link, rules)
    asked = (
        ("axle_load_t", vehicle.axle_load_t, axle, source),
        ("line_category", needed_per_metre, per_metre, source),
        ("train_length_m", vehicle.train_length_m, length, length_source),
        ("pc_code", vehicle.pc_number, train_profile(link.get("pc_code")), "link"),
    )
    findings = [
        _compare(column, needed, offered, source)
        for column, needed, offered, source in asked
        if needed is not None
    ]
    gauge = _judge_width(vehicle, link, standards)
    return findings if gauge is None else [*findings, gauge]


def _train_length(link: Row, rules: Rules) -> tuple[float | None, str]:
    """Return the longest train of a line.

    By rule where it is not known: of a line yet to be built, and of the tracks of ports
    and bases, on which trains are parted.
    """
    known = link.get("train_length_m")
    if known is not None:
        return float(known), "link"
    if _to_be_built(link):
        return rules.find("built_train_length_m", mode="rail"), "rule"
    if link.get("kind") == "access":
        return rules.find("access_train_length_m", mode="rail"), "rule"
    return None, "link"


def _judge_width(vehicle: Vehicle, link: Row, standards: Standards) -> Finding | None:
    """Say what a wide load on a train has to keep to; None if nothing.

    Only a width known to be too small bars: how an out-of-gauge train passes is for
    the railway to find out, and a condition on the route.
    """
    width = vehicle.width_m
    if width is None:
        return None
    gauges = standards.gauges
    inside = gauges.get(link.get("loading_gauge") or "")
    least = min(gauges.values(), default=0.0)
    wide = vehicle.exceptional == "yes" or (
        bool(gauges) and width > (least if inside is None else inside)
    )
    if not wide:
        return None
    offered = link.get("exceptional_width_m")
    if offered is not None:
        found = _compare("exceptional_width_m", width, offered, "link")
        passes = found.verdict == Verdict.PASSES
        return replace(found, condition=OUT_OF_GAUGE) if passes else found
    return Finding(
        Verdict.PASSES, "exceptional_width_m", width, None, "permit", OUT_OF_GAUGE
    )


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


def _rail_strength(
    link: Row, rules: Rules, standards: Standards
) -> tuple[float | None, float | None, str]:
    """Return axle load and mass per metre of a line, and what says it.

    A line yet to be built of which nothing is known gets the standard.
    """
    axle, per_metre = _rail_offer(link, standards)
    if axle is None and _to_be_built(link):
        axle = rules.value("built_axle_load_t", mode="rail")
        return axle, rules.value("built_mass_per_m_t", mode="rail"), "rule"
    return axle, per_metre, "link"


def _least_only(link: Row, source: str) -> bool:
    """Whether of the mass per metre only the least is certain.

    Without a category it is that which goes with the axle load: a load beyond it is not
    barred, but not known to pass either.
    """
    return not link["line_category"] and source == "link"


def _rail_offer(link: Row, standards: Standards) -> tuple[float | None, float | None]:
    """Return the axle load and mass per metre of a line, each None if unknown.

    Where only the axle load is known, the least mass per metre of any EN 15528
    category with that axle load is certain.
    """
    axle: float | None = link["axle_load_t"]
    if link["line_category"]:
        by_category, per_metre = standards.category(link["line_category"])
        return (by_category if axle is None else min(axle, by_category)), per_metre
    if axle is None:
        return None, None
    return axle, standards.certain_mass_per_m_t(axle)


def _compare(column: str, needed: float, offered: float | None, source: str) -> Finding:
    if offered is None:
        return Finding(Verdict.UNKNOWN, column, needed, None)
    verdict = Verdict.PASSES if needed <= offered else Verdict.BARRED
    return Finding(verdict, column, needed, offered, source)
