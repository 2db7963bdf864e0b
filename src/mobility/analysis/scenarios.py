"""What scenarios there are, and what each changes against today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mobility.data.rows import rows_of
from mobility.network.arcs import TODAY, link_rows
from mobility.network.changes import Changes, denied_states
from mobility.network.scenario import Scenario
from mobility.network.scenario_file import read_file, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mobility.data.tables import Tables
    from mobility.model import Row

CLOSE, OPEN, LOWER = "close", "open", "lower"


def list_scenarios(tables: Tables) -> list[dict[str, Any]]:
    """List the scenarios that ship with the data, by name.

    Returns
    -------
    list of dict
        `id`, `title`; `closes`, `opens` and `lowers`: of how many links and crossings;
        `denied`: states; `slip_years`, `year` and `regime`, those of today where the
        scenario is silent.

    Raises
    ------
    UnknownNameError, InputError
        A file is no scenario for these tables.
    """
    listed = []
    for name in shipped(tables):
        described = describe_scenario(tables, name)
        del described["changes"], described["note"], described["sources"]
        listed.append(described)
    return listed


def describe_scenario(tables: Tables, name: str) -> dict[str, Any]:
    """Tell what one scenario changes.

    Parameters
    ----------
    name
        Name of a scenario that ships with the data, or a path ending in `.toml`.

    Returns
    -------
    dict
        As in `list_scenarios`, and `note`, `sources` and `changes`: a list of `change`
        (`close`, `open` or `lower`), `id` (link or crossing), `name`, `country`,
        `mode`, `km`, and of what is lowered `column` and `value`; else None.

    Raises
    ------
    UnknownNameError, InputError
        No such scenario, or it does not fit the tables.
    """
    file = read_file(tables, name)
    scenario = file.scenario
    changes = list(_changes(tables, scenario))
    hit = {
        kind: {row["id"] for row in changes if row["change"] == kind}
        for kind in (CLOSE, OPEN, LOWER)
    }
    return {
        "id": file.name,
        "title": file.title,
        "closes": len(hit[CLOSE]),
        "opens": len(hit[OPEN]),
        "lowers": len(hit[LOWER]),
        "denied": sorted(denied_states(tables, scenario)),
        "slip_years": scenario.slip_years or 0,
        "year": scenario.year or tables.data_year,
        "regime": scenario.regime or TODAY,
        "note": file.note,
        "sources": list(file.sources),
        "changes": changes,
    }


def _changes(tables: Tables, scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Hold what passes under a scenario against what passes today, then what is less.

    A link that does not pass today is not counted as closed.
    """
    rows = link_rows(tables)
    today, then = (Changes.of(tables, each) for each in (Scenario(), scenario))
    before, after = today.apply(rows), then.apply(rows)
    for link, row in rows.items():
        passed = today.is_open(before[link])
        passes = then.is_open(after[link]) and not then.excludes(link, row)
        if passed != passes:
            yield _link(tables, OPEN if passes else CLOSE, link, row)
    yield from _opened_crossings(tables, scenario)
    for link, column, value in scenario.lower:
        yield _link(tables, LOWER, link, rows[link]) | {
            "column": column,
            "value": value,
        }


def _opened_crossings(tables: Tables, scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Yield crossings that take no goods today, once for each mode."""
    shut = {
        (place, mode)
        for (place, mode, *_), row in rows_of(tables.borders).items()
        if place in scenario.open_ and row["goods"] not in ("yes", "limited")
    }
    nodes = rows_of(tables.nodes)
    for place, mode in sorted(shut):
        name, country = nodes[place]["name"], nodes[place]["country"]
        yield _change(OPEN, place, name, country, mode, None)


def _link(tables: Tables, kind: str, link: str, row: Row) -> dict[str, Any]:
    names = tables.nodes["name"]
    between = f"{names[row['from_node']]}–{names[row['to_node']]}"
    return _change(kind, link, between, row["country"], row["mode"], row["length_km"])


def _change(
    kind: str, id_: str, name: str, country: str, mode: str, km: float | None
) -> dict[str, Any]:
    return {
        "change": kind,
        "id": id_,
        "name": name,
        "country": country,
        "mode": mode,
        "km": km,
        "column": None,
        "value": None,
    }
