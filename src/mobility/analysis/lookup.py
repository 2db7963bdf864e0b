"""What is in the data: lists of places, and all that is known of one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mobility.data.find import find_country, find_link, find_place
from mobility.data.rows import rows_of
from mobility.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from mobility.data.tables import Tables
    from mobility.model import Row


def list_places(
    tables: Tables, *, kind: str | None = None, country: str | None = None
) -> list[dict[str, Any]]:
    """List places, by id.

    Returns
    -------
    list of dict
        `id`, `name`, `other_names`, `kind`, `country`, `lon`, `lat`, `locode`, and
        `modes`: those of the links that touch the place, open or not.

    Raises
    ------
    InputError
        No place has the kind.
    UnknownNameError
        No such state.
    """
    nodes = tables.nodes
    if kind is not None and kind not in set(nodes["kind"]):
        kinds = ", ".join(sorted(set(nodes["kind"])))
        msg = f"no places of kind {kind!r}; there are {kinds}"
        raise InputError(msg)
    code = None if country is None else find_country(tables, country)
    modes = _modes(tables)
    return [
        {"id": str(node), **row, "modes": modes.get(node, [])}
        for node, row in rows_of(nodes).items()
        if kind in (None, row["kind"]) and (code is None or code in row["country"])
    ]


def _modes(tables: Tables) -> dict[Any, list[str]]:
    """Return per place the modes of its links, sorted."""
    links = tables.links
    ends = pd.concat(
        [links[["mode"]].set_axis(links[end]) for end in ("from_node", "to_node")]
    )
    return {place: sorted(set(of["mode"])) for place, of in ends.groupby(level=0)}


def describe_one(tables: Tables, name: str) -> dict[str, Any]:
    """Tell all that is known of one link or place.

    Returns
    -------
    dict
        `id`, `what` (link or a kind of place), `values` (a list of `table`, `id` (key
        of the row, parts joined by `/`), `column`, `value`, `unit`, `basis`, `source`,
        `confidence`, `as_of`, `note`), `links` (of a place, those that touch it) and
        `sources` (those cited).

    Raises
    ------
    UnknownNameError
        The name means no link and no place.
    """
    try:
        link = find_link(tables, name)
    except UnknownNameError:
        return _describe_place(tables, _place_or_link(tables, name))
    values = _values(tables, "links", link, rows_of(tables.links)[link])
    return {
        "id": link,
        "what": "link",
        "values": values,
        "links": [],
        "sources": _sources(tables, values),
    }


def _place_or_link(tables: Tables, name: str) -> str:
    try:
        return find_place(tables, name)
    except UnknownNameError as error:
        msg = str(error).replace("no place", "no link or place", 1)
        raise UnknownNameError(msg) from None


def _describe_place(tables: Tables, place: str) -> dict[str, Any]:
    row = rows_of(tables.nodes)[place]
    values = _values(tables, "nodes", place, row)
    for name in ("ports", "bases"):
        frame: pd.DataFrame = getattr(tables, name)
        if place in frame.index:
            values += _values(tables, name, place, rows_of(frame)[place])
    for key, border in rows_of(tables.borders).items():
        if key[0] == place:
            values += _values(tables, "borders", "/".join(map(str, key)), border)
    links = tables.links
    touching = links.index[(links["from_node"] == place) | (links["to_node"] == place)]
    return {
        "id": place,
        "what": row["kind"],
        "values": values,
        "links": list(touching),
        "sources": _sources(tables, values),
    }


def _values(tables: Tables, table: str, key: str, row: Row) -> list[dict[str, Any]]:
    """Return the filled cells of a row with how each is known."""
    cited = tables.provenance
    of_row = (cited.index.get_level_values("table") == table) & (
        cited.index.get_level_values("id") == key
    )
    known = {column: row for (*_, column), row in rows_of(cited[of_row]).items()}
    units = {
        field.name: field.unit for field in tables.contract.resources[table].fields
    }
    found = []
    for column, value in row.items():
        if value is None:
            continue
        source = known.get(column) or known.get("*") or {}
        found.append(
            {
                "table": table,
                "id": key,
                "column": column,
                "value": value,
                "unit": units.get(column, ""),
                "basis": source.get("basis"),
                "source": source.get("source_id"),
                "confidence": source.get("confidence"),
                "as_of": source.get("as_of"),
                "note": source.get("note"),
            }
        )
    return found


def _sources(tables: Tables, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    cited = sorted({value["source"] for value in values if value["source"]})
    rows = rows_of(tables.sources.loc[cited])
    return [{"source_id": str(key), **row} for key, row in rows.items()]
