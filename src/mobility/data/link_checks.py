"""Rules for single links: ends, lengths, lines, states, status, columns, files."""

from __future__ import annotations

from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pandas as pd

from mobility.data.place_checks import OUTSIDE_STATE_KM
from mobility.data.shapes import Line, Outlines, great_circle_km, line_km, outside_km
from mobility.data.sheets import Draft, at
from mobility.model import Problem, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOT_PASSING = tuple(status.value for status in Status if not status.passes)
# coordinates are given to about 100 m, and the earth is no sphere
TOLERANCE = 1.02
# the most winding link known is 2.5 times as long as the straight line
MOST_WINDING = 3.0
# a drawn line may cut the bends between the places on its way
SHORTEST_DRAWN = 0.70
END_KM = 0.1
# a few kilometres mean little on links this short
SHORT_KM = 2.0

COLUMNS_OF_MODES = {
    "road": {
        "road_class",
        "lanes",
        "terrain",
        "speed_limit_kph",
        "gross_weight_t",
        "axle_load_t",
        "height_m",
        "width_m",
    },
    "rail": {
        "axle_load_t",
        "tracks",
        "gauge_mm",
        "electrification",
        "line_speed_kph",
        "speed_low_kph",
        "speed_high_kph",
        "line_category",
        "loading_gauge",
        "pc_code",
        "train_length_m",
        "gradient_permille",
        "trains_per_day",
    },
    "ferry": {"crossing_h", "sailings_per_week"},
}
IN_ORDER = {
    "links": (("speed_low_kph", "speed_high_kph", "line_speed_kph"),),
    "borders": (
        ("dwell_h", "dwell_p95_h"),
        ("civil_wait_low_h", "civil_wait_mean_h", "civil_wait_high_h"),
    ),
}


def no_loops(draft: Draft) -> Iterator[Problem]:
    """Require that a link joins two places."""
    for link in draft.rows("links"):
        if link.from_node is not None and link.from_node == link.to_node:
            yield at(link, "to_node", f"{link.to_node!r} is both ends")


def lengths_and_ends(draft: Draft) -> Iterator[Problem]:
    """Require that a link is no shorter than the great circle, and no wild detour.

    A line that loops is excused by a note in the provenance of its length.
    """
    places = draft.places()
    excused = noted(draft, {"length_km"})
    for link in draft.rows("links"):
        a, b = places.get(link.from_node), places.get(link.to_node)
        if a is None or b is None:
            continue
        straight = float(great_circle_km(a.lon, a.lat, b.lon, b.lat))
        if link.length_km * TOLERANCE < straight:
            message = f"{link.length_km:g} km, but its ends are {straight:.2f} km apart"
            yield at(link, "length_km", message)
        if link.mode == "ferry" or link.link_id in excused:
            continue
        if link.length_km > MOST_WINDING * straight + SHORT_KM:
            message = f"{link.length_km:g} km for ends {straight:.1f} km apart, over"
            message += f" {MOST_WINDING:g} times: note in its provenance why"
            yield at(link, "length_km", message)


def states_known(draft: Draft) -> Iterator[Problem]:
    """Require that a link lies in a known state, a land link in one alone."""
    known = set(draft.frames["countries"]["country"])
    for link in draft.rows("links"):
        if link.country is None:
            continue
        for state in link.country.split("-"):
            if state not in known:
                yield at(link, "country", f"no {state!r} in countries.csv")
        if "-" in link.country and link.mode not in ("ferry", None):
            message = f"{link.country}: a land link lies in one state; split it there"
            yield at(link, "country", message)


def states_of_ends(draft: Draft) -> Iterator[Problem]:
    """Require that a land link lies in the state of its ends, a ferry in both."""
    places = draft.places()
    for link in draft.rows("links"):
        if link.country is None or link.mode is None:
            continue
        ends = [places.get(link.from_node), places.get(link.to_node)]
        found = [end for end in ends if end is not None and end.country is not None]
        if link.mode == "ferry":
            both = "-".join(sorted({end.country for end in found}))
            if len(found) == 2 and link.country != both:
                yield at(link, "country", f"{link.country}, but its ends lie in {both}")
        elif "-" not in link.country:
            for end in found:
                if link.country not in end.country.split("-"):
                    message = f"{link.country}, but {end.node_id!r} lies in"
                    yield at(link, "country", f"{message} {end.country}")


def roads_have_a_class(draft: Draft) -> Iterator[Problem]:
    """Require that a road has a class: its speed follows from it."""
    for link in draft.rows("links"):
        if link.mode == "road" and _is_missing(link.road_class):
            yield at(link, "road_class", "a road needs it")


def ferries_have_times(draft: Draft) -> Iterator[Problem]:
    """Require that a ferry states its time under way and its sailings."""
    for link in draft.rows("links"):
        if link.mode == "ferry":
            for column in sorted(COLUMNS_OF_MODES["ferry"]):
                if _is_missing(getattr(link, column)):
                    yield at(link, column, "a ferry needs it")


def ferries_join_ports(draft: Draft) -> Iterator[Problem]:
    """Require that a ferry joins two ports."""
    places = draft.places()
    for link in draft.rows("links"):
        if link.mode != "ferry":
            continue
        for column in ("from_node", "to_node"):
            end = places.get(getattr(link, column))
            if end is not None and end.kind != "port":
                message = f"{end.node_id!r} is a {end.kind}; a ferry joins ports"
                yield at(link, column, message)


def columns_of_modes(draft: Draft) -> Iterator[Problem]:
    """Require that a link fills the columns of its own mode only."""
    of_some_mode = set().union(*COLUMNS_OF_MODES.values())
    for link in draft.rows("links"):
        if link.mode is None:
            continue
        for column in sorted(of_some_mode - COLUMNS_OF_MODES[link.mode]):
            value = getattr(link, column)
            if not _is_missing(value):
                yield at(link, column, f"{value} on a link of mode {link.mode}")


def status_and_year(draft: Draft) -> Iterator[Problem]:
    """Require that only what does not pass today opens, and not in the past."""
    today = draft.contract.data_year
    for link in draft.rows("links"):
        if link.status is None or _is_missing(link.opens):
            continue
        if link.status not in NOT_PASSING:
            message = f"{link.opens}, but traffic passes: status is {link.status}"
            yield at(link, "opens", message)
        elif link.opens < today:
            message = f"{link.opens} is past, but status is {link.status} in {today}"
            yield at(link, "opens", message)


def other_corridors(draft: Draft) -> Iterator[Problem]:
    """`also_on` names known corridors, each once, and not its own file."""
    known = set(draft.frames["corridors"]["corridor_id"])
    for link in draft.rows("links"):
        names = (link.also_on or "").split(";") if link.also_on else []
        for position, name in enumerate(names):
            if name not in known:
                yield at(link, "also_on", f"no corridor {name!r} in corridors.csv")
            elif name == stem(link):
                yield at(link, "also_on", f"{name!r} is the file it stands in")
            elif name in names[:position]:
                yield at(link, "also_on", f"{name!r} stands twice")


def files_of_links(draft: Draft) -> Iterator[Problem]:
    """Require that a file is a corridor, the connections of a state, or the ferries."""
    corridors = set(draft.frames["corridors"]["corridor_id"])
    states = set(draft.frames["countries"]["country"])
    files = {f"connections-{state.lower()}": state for state in states if state}
    links = draft.frames["links"]
    for file in sorted(set(links["file"])):
        name = PurePosixPath(file).stem
        if name not in corridors and name not in files and name != "ferries":
            message = "is no corridor, no connections-<state>, and not ferries"
            yield Problem(file, 0, "", message)
        for link in links[links["file"] == file].itertuples(index=False):
            if (link.mode == "ferry") != (name == "ferries") and link.mode:
                yield at(link, "mode", "ferries stand in ferries.csv, and only they")
            elif name in files and link.country not in (files[name], None):
                message = f"{link.country} in the file of {files[name]}"
                yield at(link, "country", message)


def no_twins(draft: Draft) -> Iterator[Problem]:
    """Require that parallel links of one mode differ in status, name or length."""
    first: dict[tuple[Any, ...], Any] = {}
    for link in draft.rows("links"):
        ends = sorted((link.from_node or "", link.to_node or ""))
        twin = (*ends, link.mode, link.status, link.name, link.length_km)
        if twin in first:
            other = first[twin]
            message = f"has ends, mode, status, name and length of {other.link_id!r}"
            yield at(link, "link_id", message)
        first.setdefault(twin, link)


def values_in_order(draft: Draft) -> Iterator[Problem]:
    """Require that low, mean and high values, median and percentile, come in order."""
    for table, families in IN_ORDER.items():
        for row in draft.rows(table):
            for family in families:
                known = [c for c in family if not _is_missing(getattr(row, c))]
                for low, high in pairwise(known):
                    if getattr(row, low) > getattr(row, high):
                        message = f"{getattr(row, low):g} is above {high}"
                        yield at(row, low, f"{message} {getattr(row, high):g}")


def each_link_drawn_once(draft: Draft, lines: Sequence[Line]) -> Iterator[Problem]:
    """Require that each link has one line, and each line a link."""
    drawn: dict[str, Line] = {}
    known = set(draft.frames["links"]["link_id"])
    for line in lines:
        if line.link_id not in known:
            where = draft.contract.tables["links"].where
            message = f"no link {line.link_id!r} in {where}"
            yield Problem(line.file, line.line, "link_id", message)
        elif line.link_id in drawn:
            there = drawn[line.link_id]
            message = f"{line.link_id!r} is drawn already at {there.file}:{there.line}"
            yield Problem(line.file, line.line, "link_id", message)
        drawn.setdefault(line.link_id, line)
    for link in draft.rows("links"):
        if link.link_id is not None and link.link_id not in drawn:
            where = draft.contract.resources["geometry"].where
            yield at(link, "link_id", f"{link.link_id!r} is not drawn in {where}")


def lines_join_ends(draft: Draft, lines: Sequence[Line]) -> Iterator[Problem]:
    """Require that a line joins the ends of its link and names its inner vertices."""
    places = draft.places()
    for line, link in _pairs(draft, lines):
        for column, vertex in (
            ("from_node", line.vertices[0]),
            ("to_node", line.vertices[-1]),
        ):
            end = places.get(getattr(link, column))
            if end is None:
                continue
            km = float(great_circle_km(end.lon, end.lat, *vertex))
            if km > END_KM:
                what = "starts" if column == "from_node" else "ends"
                message = f"the line of {line.link_id!r} {what} {km:.1f} km from"
                yield Problem(line.file, line.line, "", f"{message} {end.node_id!r}")
        inner = len(line.vertices) - 2
        if len(line.via) != inner:
            message = f"{len(line.via)} names for {inner} inner vertices"
            yield Problem(line.file, line.line, "via", message)


def lengths_and_lines(draft: Draft, lines: Sequence[Line]) -> Iterator[Problem]:
    """Require that a line is 70 to 102 % as long as its link.

    What does not pass today may be drawn shorter: there are no stations to draw it
    through. A note in the provenance of its length says so.
    """
    excused = noted(draft, {"length_km"})
    for line, link in _pairs(draft, lines):
        drawn = line_km(line.vertices)
        share = drawn / link.length_km
        schematic = link.link_id in excused and link.status in NOT_PASSING
        if (share < SHORTEST_DRAWN and not schematic) or share > TOLERANCE:
            message = f"{link.length_km:g} km, but its line is {drawn:.2f} km long"
            yield at(link, "length_km", f"{message} ({share:.1%})")


def lines_in_their_states(
    draft: Draft, lines: Sequence[Line], outlines: Outlines
) -> Iterator[Problem]:
    """Require that the line of a land link stays in its state."""
    for line, link in _pairs(draft, lines):
        rings = outlines.rings.get(link.country or "")
        if link.mode == "ferry" or rings is None:
            continue
        for name, (lon, lat) in zip(line.via, line.vertices[1:-1], strict=False):
            if not outlines.covers(lon, lat):
                continue
            km = outside_km(lon, lat, rings)
            if km > OUTSIDE_STATE_KM:
                message = f"{line.link_id!r}: {name} lies {km:.0f} km outside"
                yield Problem(line.file, line.line, "via", f"{message} {link.country}")


def noted(draft: Draft, columns: set[str]) -> set[str]:
    """Return the links whose provenance notes something on one of some columns."""
    return {
        row.id
        for row in draft.rows("provenance")
        if row.table == "links" and row.column in columns and row.note
    }


def stem(link: Any) -> str:
    """Return the name of the file a link stands in: its corridor, mostly."""
    return PurePosixPath(link.file).stem


def _pairs(draft: Draft, lines: Sequence[Line]) -> Iterator[tuple[Line, Any]]:
    """Yield each line with the link it draws."""
    links = {link.link_id: link for link in draft.rows("links")}
    for line in lines:
        if line.link_id in links:
            yield line, links[line.link_id]


def _is_missing(value: Any) -> bool:
    """Whether a cell is empty: None, NaN or NA."""
    return value is None or bool(pd.isna(value))
