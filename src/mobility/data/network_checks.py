"""Rules for the whole network: crossings, corridors from end to end, components."""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.data.link_checks import stem
from mobility.data.rows import border_type, corridors_of
from mobility.data.shapes import great_circle_km
from mobility.data.sheets import Draft, at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mobility.model import Problem


DIRECTION = ("node_id", "mode", "from_country", "to_country")
# kinds of border that memberships alone do not tell from another
MORE_TYPES = {"common_crossing_point": "western_balkans"}


def sides_of_crossings(draft: Draft) -> Iterator[Problem]:
    """Require that links of each mode that reaches a crossing leave it on both sides.

    A state without any link of the mode is where the network ends, and asks for none.
    """
    links = draft.frames["links"]
    served = set(zip(links["country"], links["mode"], strict=True))
    sides = _sides(draft)
    for place in draft.places().values():
        if place.kind != "border" or place.country is None:
            continue
        for mode in ("road", "rail"):
            found = sides[place.node_id, mode]
            for state in place.country.split("-"):
                if found and state not in found and (state, mode) in served:
                    message = f"no {mode} link joins {place.node_id!r} in {state}"
                    yield at(place, "node_id", message)


def crossings_have_dwells(draft: Draft) -> Iterator[Problem]:
    """Require rows in borders.csv both ways wherever links meet across a crossing."""
    places = draft.places()
    borders = draft.frames["borders"]
    listed = set(zip(*(borders[column] for column in DIRECTION), strict=True))
    for (node, mode), states in sorted(_sides(draft).items()):
        if node not in places or places[node].kind != "border":
            continue
        for leaves, enters in permutations(sorted(states), 2):
            if (node, mode, leaves, enters) not in listed:
                yield _no_row(places[node], mode, leaves, enters)


def rows_of_crossings(draft: Draft) -> Iterator[Problem]:
    """borders.csv has a row per mode and direction of each crossing, and no other."""
    places = draft.places()
    used = {
        (end, link.mode)
        for link in draft.rows("links")
        for end in (link.from_node, link.to_node)
        if end in places and places[end].kind == "border" and link.mode
    }
    listed = set()
    for row in draft.rows("borders"):
        place = places.get(row.node_id)
        cells = (row.mode, row.from_country, row.to_country)
        if place is None or None in (*cells, place.country):
            continue
        listed.add((row.node_id, *cells))
        if place.kind != "border":
            yield at(row, "node_id", f"{row.node_id!r} is a {place.kind} in nodes.csv")
        elif {row.from_country, row.to_country} != set(place.country.split("-")):
            message = f"{row.from_country} to {row.to_country}, but {row.node_id!r}"
            yield at(row, "from_country", f"{message} lies between {place.country}")
        elif (row.node_id, row.mode) not in used:
            message = f"no {row.mode} link reaches {row.node_id!r}"
            yield at(row, "mode", message)
    for node, mode in sorted(used):
        states = set((places[node].country or "").split("-"))
        if len(states) != 2:
            continue
        one, other = sorted(states)
        for leaves, enters in ((one, other), (other, one)):
            if (node, mode, leaves, enters) not in listed:
                yield _no_row(places[node], mode, leaves, enters)


def types_of_borders(draft: Draft) -> Iterator[Problem]:
    """Require that the kind of a border agrees with what its two states belong to."""
    states = {
        row.country: {"schengen": row.schengen, "eu": row.eu}
        for row in draft.rows("countries")
        if None not in (row.country, row.schengen, row.eu)
    }
    for row in draft.rows("borders"):
        pair = (row.from_country, row.to_country)
        if row.border_type is None or not set(pair) <= set(states):
            continue
        found = border_type(*(states[state] for state in pair))
        named = MORE_TYPES.get(row.border_type, row.border_type)
        if named != found:
            between = f"between {row.from_country} and {row.to_country}"
            yield at(row, "border_type", f"{row.border_type} {between}")


def reversals_join_railways(draft: Draft) -> Iterator[Problem]:
    """Require that a reversal names two railways that end at its place, sorted."""
    links = {link.link_id: link for link in draft.rows("links")}
    for row in draft.rows("reversals"):
        pair = (row.from_link, row.to_link)
        if None in (row.node_id, *pair):
            continue
        for column, name in zip(("from_link", "to_link"), pair, strict=True):
            link = links.get(name)
            if link is None:
                continue
            if link.mode != "rail":
                yield at(row, column, f"{name!r} is no railway but {link.mode}")
            elif row.node_id not in (link.from_node, link.to_node):
                yield at(row, column, f"{name!r} does not end at {row.node_id!r}")
        if pair[0] >= pair[1]:
            message = f"{pair[0]!r} and {pair[1]!r}: name two links, in their order"
            yield at(row, "to_link", message)


def corridors_connected(draft: Draft) -> Iterator[Problem]:
    """Require that the links of a corridor, unbuilt too, join the ends it claims."""
    links = [
        (link, corridors_of({"file": stem(link), "also_on": link.also_on}))
        for link in draft.rows("links")
    ]
    places = draft.places()
    for claim in draft.rows("corridors"):
        if claim.from_node not in places or claim.to_node not in places:
            continue
        part = parts(
            (link.from_node, link.to_node)
            for link, corridors in links
            if link.mode == claim.mode and claim.corridor_id in corridors
        )
        for column in ("from_node", "to_node"):
            if getattr(claim, column) not in part:
                message = f"no {claim.mode} link of {claim.corridor_id!r} reaches"
                yield at(claim, column, f"{message} {getattr(claim, column)!r}")
        here, there = part.get(claim.from_node), part.get(claim.to_node)
        if here is not None and there is not None and here != there:
            gap = _gap(part, here, there, places)
            message = f"{claim.mode} links of {claim.corridor_id!r} do not join"
            ends = f"{claim.from_node!r} to {claim.to_node!r}"
            yield at(claim, "to_node", f"{message} {ends}: the gap is {gap}")


def components(draft: Draft) -> Iterator[Problem]:
    """Require that the links of a mode fall into as many parts as expected.

    Links of every status count. `expected_components` of the contract says how many
    parts a mode has; road and rail have one where it says nothing.
    """
    for mode, count in draft.contract.components.items():
        links = [link for link in draft.rows("links") if link.mode == mode]
        part = parts((link.from_node, link.to_node) for link in links)
        members = defaultdict(list)
        for node in sorted(part):
            members[part[node]].append(node)
        order = sorted(members, key=lambda name: (-len(members[name]), name))
        message = f"{mode} links fall into {len(order)} parts, not {count}"
        if links and len(order) < count:
            yield at(links[0], "mode", message)
        for name in order[count:]:
            link = next(link for link in links if part.get(link.from_node) == name)
            some = ", ".join(members[name][:4])
            more = f" and {len(members[name]) - 4} more" * (len(members[name]) > 4)
            yield at(link, "from_node", f"{message}; this one is {some}{more}")


def links_at_risk(draft: Draft) -> Iterator[Problem]:
    """Require that a risk group has two links at least, and one name and kind."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in draft.rows("risk_groups"):
        if row.group_id is not None:
            groups[row.group_id].append(row)
    for name, (first, *others) in groups.items():
        if not others:
            message = f"{name!r} has one link only: nothing is lost together with it"
            yield at(first, "link_id", message)
        for row in others:
            for column in ("name", "kind"):
                value, known = getattr(row, column), getattr(first, column)
                if None not in (value, known) and value != known:
                    message = f"{value!r}, but {known!r} in the first row of {name!r}"
                    yield at(row, column, message)


def parts(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """Label each node with the part of the graph it lies in.

    Pairs with a missing end are left out. A part bears the name of one of its nodes.
    """
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, other in pairs:
        if one is not None and other is not None:
            parent.setdefault(one, one)
            parent.setdefault(other, other)
            parent[max(root(one), root(other))] = min(root(one), root(other))
    return {node: root(node) for node in parent}


def _sides(draft: Draft) -> dict[tuple[str, str], set[str]]:
    """Return the states in which links of a mode leave a place, by place and mode.

    A link in two states, as a ferry may be, is on neither side.
    """
    links = draft.frames["links"]
    sides = defaultdict(set)
    for end in ("from_node", "to_node"):
        columns = (links[column] for column in (end, "mode", "country"))
        for node, mode, state in zip(*columns, strict=True):
            if None not in (node, mode, state) and "-" not in state:
                sides[node, mode].add(state)
    return sides


def _no_row(place: Any, mode: str, leaves: str, enters: str) -> Problem:
    """Say that borders.csv lacks a direction of a crossing."""
    message = f"no row in borders.csv by {mode} from {leaves} to {enters}"
    return at(place, "node_id", f"{place.node_id!r} has {message}")


def _gap(part: dict[str, str], here: str, there: str, places: dict[str, Any]) -> str:
    """Name the two places between which two parts lie nearest to each other."""
    sides = [
        [places[node] for node in sorted(part) if part[node] == name and node in places]
        for name in (here, there)
    ]
    lon, lat = (
        [[getattr(p, c) for p in side] for side in sides] for c in ("lon", "lat")
    )
    apart = great_circle_km(
        np.array(lon[0])[:, None], np.array(lat[0])[:, None], lon[1], lat[1]
    )
    apart = np.nan_to_num(apart, nan=np.inf)
    i, j = np.unravel_index(int(apart.argmin()), apart.shape)
    ends = f"{sides[0][i].node_id!r} to {sides[1][j].node_id!r}"
    return f"{ends}, {apart[i, j]:.1f} km"
