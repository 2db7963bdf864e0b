"""Rules for places: states, codes, coordinates, what joins them to the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mobility.data.names import fold
from mobility.data.shapes import Line, Outlines, great_circle_km, outside_km
from mobility.data.sheets import Draft, at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mobility.model import Problem

SAME_PLACE_KM = 0.3
SAME_NAME_KM = 3.0
# the outlines are drawn at 1:50 million; harbours lie on moles and islands
OUTSIDE_STATE_KM = 5.0
OUTSIDE_STATE_PORT_KM = 10.0
ATTRIBUTES = {"port": "ports", "base": "bases", "airport": "bases"}


def states_of_places(draft: Draft) -> Iterator[Problem]:
    """Require that a place lies in one known state, a border crossing between two."""
    known = set(draft.frames["countries"]["country"])
    for place in draft.rows("nodes"):
        if place.country is None or place.kind is None:
            continue
        states = place.country.split("-")
        for state in states:
            if state not in known:
                yield at(place, "country", f"no {state!r} in countries.csv")
        if place.kind == "border" and len(set(states)) < 2:
            yield at(place, "country", "a border crossing lies between two states")
        elif place.kind != "border" and len(states) > 1:
            yield at(place, "country", "only a border crossing lies between states")
        if states != sorted(states):
            yield at(place, "country", "states stand in alphabetical order")


def codes_of_places(draft: Draft) -> Iterator[Problem]:
    """Require that a UN/LOCODE begins with its state, Kosovo's excepted."""
    for place in draft.rows("nodes"):
        if place.locode is None or place.country is None:
            continue
        states = place.country.split("-")
        if place.locode[:2] not in states and "XK" not in states:
            yield at(place, "locode", f"{place.locode!r} is no code of {place.country}")


def places_apart(draft: Draft) -> Iterator[Problem]:
    """Require that no two places of a kind share a spot, or a name close by."""
    nodes = draft.frames["nodes"]
    for _, kind in nodes.groupby("kind", sort=True):
        rows = list(kind.itertuples(index=False))
        lon, lat = kind["lon"].to_numpy(), kind["lat"].to_numpy()
        apart = great_circle_km(lon[:, None], lat[:, None], lon, lat)
        for later, earlier in zip(*np.nonzero(apart < SAME_NAME_KM), strict=True):
            if earlier >= later:
                continue
            one, other, km = rows[later], rows[earlier], apart[later, earlier]
            where = f"{km:.2f} km from {other.node_id!r}, also of kind {one.kind}"
            if km < SAME_PLACE_KM:
                yield at(one, "node_id", f"lies {where}: the same place?")
            elif fold(one.name or "") == fold(other.name or "?"):
                yield at(one, "name", f"{one.name!r} lies {where}: the same place?")


def towns_of_bases(draft: Draft) -> Iterator[Problem]:
    """Require that bases are given at town level: two decimals, about a kilometre."""
    for place in draft.rows("nodes"):
        if place.kind == "base":
            for column in ("lon", "lat"):
                value = getattr(place, column)
                if value != round(value, 2) and not np.isnan(value):
                    message = f"{value} gives a base away: at most two decimals"
                    yield at(place, column, message)


def attributes_of_places(draft: Draft) -> Iterator[Problem]:
    """Require that a port has a row in ports.csv, a base or airport in bases.csv."""
    places = draft.places()
    for table in ("ports", "bases"):
        kinds = [kind for kind, home in ATTRIBUTES.items() if home == table]
        listed = set(draft.frames[table]["node_id"])
        for place in places.values():
            if place.kind in kinds and place.node_id not in listed:
                message = f"{place.kind} {place.node_id!r} has no row in {table}.csv"
                yield at(place, "node_id", message)
        for row in draft.rows(table):
            place = places.get(row.node_id)
            if place is not None and place.kind not in kinds:
                message = f"{row.node_id!r} is a {place.kind} in nodes.csv"
                yield at(row, "node_id", f"{message}, not a {' or '.join(kinds)}")


def places_reached(draft: Draft) -> Iterator[Problem]:
    """Require that a road or railway reaches a place, or `unreached` says why not."""
    land = draft.frames["links"].query("mode != 'ferry'")
    reached = set(land["from_node"]) | set(land["to_node"])
    reasons = {
        row.node_id: row
        for table in ("ports", "bases")
        for row in draft.rows(table)
        if row.node_id
    }
    for place in draft.places().values():
        row = reasons.get(place.node_id)
        if row is not None and row.unreached:
            if place.node_id in reached:
                message = f"a link reaches {place.node_id!r}: leave the reason out"
                yield at(row, "unreached", message)
        elif place.node_id not in reached:
            message = f"no road or railway reaches {place.node_id!r}"
            if row is None:
                yield at(place, "node_id", message)
            else:
                yield at(row, "unreached", f"{message}: say why")


def places_in_their_states(
    draft: Draft, _: Sequence[Line], outlines: Outlines
) -> Iterator[Problem]:
    """Require that coordinates lie in the stated state, or close to its edge."""
    for place in draft.places().values():
        if place.country is None or not outlines.covers(place.lon, place.lat):
            continue
        at_sea = place.kind == "port"
        tolerance = OUTSIDE_STATE_PORT_KM if at_sea else OUTSIDE_STATE_KM
        for state in place.country.split("-"):
            if state not in outlines.rings:
                yield at(place, "country", f"no outline of {state}")
                continue
            km = outside_km(place.lon, place.lat, outlines.rings[state])
            if km > tolerance:
                yield at(place, "lon,lat", f"lies {km:.0f} km outside {state}")
