"""Find a place, link, corridor, state or load by what a user calls it.

Names are compared blind to case, diacritics, `-` and `_`: `Durres` is `Durrës`.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mobility.data.names import fold
from mobility.data.rows import rows_of
from mobility.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mobility.data.tables import Tables

# of several places that bear one name, the user means the first kind here
_KIND_ORDER = ("city", "port", "junction", "terminal", "base", "airport", "border")


def find_place(tables: Tables, name: str) -> str:
    """Return the `node_id` of the place a name means.

    An id wins over a UN/LOCODE, that over a name; of several kinds of place with one
    name, the city is meant, then the port.

    Raises
    ------
    UnknownNameError
        No place, or several of one kind, bear the name.
    """
    nodes = tables.nodes
    if name in nodes.index:
        return name
    wanted = fold(name)
    for known in (_by_id(tables), _by_locode(tables), _by_name(tables)):
        if found := known.get(wanted):
            return _choose(tables, name, found)
    error = _unknown("place", name, [*nodes.index, *nodes["name"]])
    raise error


def find_port(tables: Tables, name: str) -> str:
    """Return the `node_id` of the port a name means; a town means its port.

    Raises
    ------
    UnknownNameError
        No place bears the name, or several do.
    InputError
        The place is no port and has none named after it.
    """
    place = find_place(tables, name)
    for port in (place, f"{place}_port"):
        if port in tables.ports.index:
            return port
    msg = f"{place!r} is no port; `mobility ports` lists them"
    raise InputError(msg)


def find_link(tables: Tables, name: str) -> str:
    """Return a `link_id`, blind to case and the kind of dash.

    Raises
    ------
    UnknownNameError
        No link has the id.
    """
    return _exact("link", name, tables.links.index)


def find_corridor(tables: Tables, name: str) -> str:
    """Return a `corridor_id`; `Corridor VIII` and `Rail Route 10` are understood.

    Raises
    ------
    UnknownNameError
        No corridor has the id or name.
    """
    names = tables.corridors["name"]
    ids = names.index.get_level_values("corridor_id")
    titles = {fold(title): str(key) for key, title in zip(ids, names, strict=True)}
    return titles.get(fold(name)) or _exact("corridor", name, sorted(set(ids)))


def find_country(tables: Tables, name: str) -> str:
    """Return the code of a state, given its code or name.

    Raises
    ------
    UnknownNameError
        No state has that code or name.
    """
    countries = tables.countries
    known = {fold(str(full)): str(code) for code, full in countries["name"].items()}
    known |= {fold(str(code)): str(code) for code in countries.index}
    if code := known.get(fold(name)):
        return code
    error = _unknown("state", name, [*countries.index, *countries["name"]])
    raise error


def find_vehicle(tables: Tables, name: str) -> str:
    """Return a `vehicle_id`.

    Raises
    ------
    UnknownNameError
        No load has the id.
    """
    return _exact("vehicle", name, tables.vehicles.index.unique("vehicle_id"))


def find_package(tables: Tables, name: str) -> str:
    """Return a `package_id`.

    Raises
    ------
    UnknownNameError
        No force package has the id.
    """
    return _exact("package", name, tables.packages.index)


def _exact(what: str, name: str, ids: Iterable[object]) -> str:
    known = {fold(str(key)): str(key) for key in ids}
    if found := known.get(fold(name)):
        return found
    raise _unknown(what, name, known.values())


def _unknown(what: str, name: str, known: Iterable[object]) -> UnknownNameError:
    """Return the error for a name nobody bears, with the names nearest to it.

    Of spellings that are one to a reader of names, the first known is suggested: ids
    come before names.
    """
    folded: dict[str, str] = {}
    for key in known:
        folded.setdefault(fold(str(key)), str(key))
    near = difflib.get_close_matches(fold(name), folded, n=3, cutoff=0.75)
    hint = " or ".join(dict.fromkeys(repr(folded[key]) for key in near))
    return UnknownNameError(
        f"no {what} {name!r}" + (f"; did you mean {hint}?" if hint else "")
    )


def _by_id(tables: Tables) -> dict[str, list[str]]:
    return {fold(str(node)): [str(node)] for node in tables.nodes.index}


def _by_locode(tables: Tables) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for node, code in tables.nodes["locode"].dropna().items():
        known.setdefault(fold(str(code)), []).append(str(node))
    return known


def _by_name(tables: Tables) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for node, row in rows_of(tables.nodes[["name", "other_names"]]).items():
        spellings = (row["name"], *(row["other_names"] or "").split(";"))
        for spelling in {fold(text) for text in spellings if text}:
            known.setdefault(spelling, []).append(str(node))
    return known


def _choose(tables: Tables, name: str, found: list[str]) -> str:
    """Return the one place meant among those that bear a name."""
    kinds = tables.nodes["kind"]
    order = {kind: number for number, kind in enumerate(_KIND_ORDER)}
    rank = {node: order.get(str(kinds[node]), len(order)) for node in found}
    best = sorted(node for node in found if rank[node] == min(rank.values()))
    if len(best) > 1:
        msg = f"{name!r} may mean any of {', '.join(best)}; name one by its id"
        raise UnknownNameError(msg)
    return best[0]
