"""How much of each corridor meets each requirement of law, or of a stand-in for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from mobility.data.rows import corridors_of, rows_of
from mobility.errors import DataError
from mobility.model import Problem, Row, Status
from mobility.network.access import train_profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mobility.data.tables import Tables

_VERDICTS = MET, NOT_MET, UNKNOWN = "met", "not met", "unknown"
NOT_KNOWN_TO_US = "not known to us"
_LABELS = {
    "proxy": "stand-in, not law",
    "proposal": "not in force",
    "target": "target, not law",
    "not_known": NOT_KNOWN_TO_US,
    "in_force": "",
}


@dataclass(frozen=True, slots=True)
class _Thing:
    """One link, crossing or state of a corridor: how much it counts, and its cell."""

    name: str
    size: float
    value: Any


def compliance(
    tables: Tables, *, corridors: Sequence[str] = (), year: int | None = None
) -> pd.DataFrame:
    """Measure how much of each corridor meets each requirement.

    Parameters
    ----------
    tables
        The corridors and `requirements.csv`.
    corridors
        Corridor ids; all by default.
    year
        The year the network stands in; by default that of the data. What passes then
        is held against the requirements as it is today.

    Returns
    -------
    pandas.DataFrame
        One row per corridor, mode and requirement, indexed by `corridor`, `mode` and
        `requirement`: `law`, `label` (what it is if not law in force), `unit` of size
        (`km` of links, else number of `crossings` or `states`), `size` of what passes,
        `met`, `not_met` and `unknown` as shares of it, `not_open` (what does not pass,
        not in the shares), `weakest` (the link, crossing or state farthest from the
        threshold of those known), its `value`, and `threshold`. Where no table holds
        what is required the label says so and the shares are NaN.

    Raises
    ------
    DataError
        A requirement compares what cannot be compared.
    """
    year = year or tables.data_year
    names = sorted(corridors or set(tables.corridors.index.get_level_values(0)))
    rows = rows_of(tables.links.sort_index())
    requirements = rows_of(tables.requirements)
    records = []
    for name in names:
        for mode in ("road", "rail"):
            on = {
                str(link): row
                for link, row in rows.items()
                if row["mode"] == mode and name in corridors_of(row)
            }
            if not on:
                continue
            records += [
                (name, mode, str(key), *_measure(tables, row, on, mode, year))
                for key, row in requirements.items()
                if row["applies_to"] in (mode, "all")
            ]
    columns = ["corridor", "mode", "requirement", *_COLUMNS]
    frame = pd.DataFrame.from_records(records, columns=columns)
    return frame.set_index(["corridor", "mode", "requirement"])


def shortfalls(tables: Tables) -> pd.DataFrame:
    """Hold every link and every crossing against the requirements of its mode.

    Whether a law binds the link, which need not lie on a corridor, is not asked; nor is
    whether it is open.

    Returns
    -------
    pandas.DataFrame
        One row per link and per place with a row of `borders`, indexed by `id`:
        `not_met` and `unknown`, tuples of ids of requirements. A crossing misses what
        either direction misses.

    Raises
    ------
    DataError
        A requirement compares what cannot be compared.
    """
    found: dict[str, dict[str, set[str]]] = {}
    for table, links in (("links", True), ("borders", False)):
        required = [
            (str(key), row)
            for key, row in rows_of(tables.requirements).items()
            if row["table"] == table and row["column"] and row["value"] is not None
        ]
        for key, row in rows_of(getattr(tables, table)).items():
            name, mode = (key, row["mode"]) if links else key[:2]
            told = found.setdefault(name, {verdict: set() for verdict in _VERDICTS})
            for requirement, rule in required:
                if rule["applies_to"] in (mode, "all"):
                    verdict = _verdict(rule, row[rule["column"]])
                    told[verdict].add(requirement)
    rows = {
        name: (
            tuple(sorted(told[NOT_MET])),
            tuple(sorted(told[UNKNOWN] - told[NOT_MET])),
        )
        for name, told in sorted(found.items())
    }
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=["not_met", "unknown"], dtype=object
    )
    return frame.rename_axis("id")


_COLUMNS = (
    "law",
    "label",
    "unit",
    "size",
    "met",
    "not_met",
    "unknown",
    "not_open",
    "weakest",
    "value",
    "threshold",
)


def _measure(
    tables: Tables, required: Row, on: dict[str, Row], mode: str, year: int
) -> tuple[Any, ...]:
    """Hold one requirement against what a corridor has."""
    head = required["law"], _LABELS[required["status"]]
    threshold = _threshold(required)
    open_ = {link: row for link, row in on.items() if _passes(row, year)}
    closed = math.fsum(on[link]["length_km"] for link in on if link not in open_)
    if not required["column"] or required["value"] is None:
        blank = [math.nan] * 5
        return (head[0], head[1] or NOT_KNOWN_TO_US, "", *blank, None, None, threshold)
    unit, things = _things(tables, required, open_, mode)
    told = {thing.name: _verdict(required, thing.value) for thing in things}
    size = math.fsum(thing.size for thing in things)
    shares = [
        math.fsum(t.size for t in things if told[t.name] == verdict) / size
        if size
        else math.nan
        for verdict in (MET, NOT_MET, UNKNOWN)
    ]
    # of what has no order only what fails is weak
    ordered = required["comparison"] in ("at_least", "at_most")
    told_of = (MET, NOT_MET) if ordered else (NOT_MET,)
    known = [thing for thing in things if told[thing.name] in told_of]
    weakest = min(known, key=lambda t: _rank(required, t), default=None)
    return (
        *head,
        unit,
        size,
        *shares,
        closed if unit == "km" else math.nan,
        weakest and weakest.name,
        weakest and weakest.value,
        threshold,
    )


def _passes(row: Row, year: int) -> bool:
    opens = row["opens"]
    return Status(row["status"]).passes or (opens is not None and opens < year)


def _threshold(required: Row) -> str:
    signs = {"at_least": "≥ ", "at_most": "≤ ", "equal": "", "not_equal": "not "}
    if required["value"] is None:
        return ""
    unit = f" {required['unit']}" if required["unit"] else ""
    return f"{signs[required['comparison']]}{required['value']}{unit}"


def _things(
    tables: Tables, required: Row, links: dict[str, Row], mode: str
) -> tuple[str, list[_Thing]]:
    """Return what a requirement is held against, with the unit of its size."""
    column = required["column"]
    if required["table"] == "links":
        return "km", [
            _Thing(link, row["length_km"], row[column]) for link, row in links.items()
        ]
    states = sorted({row["country"] for row in links.values()})
    if required["table"] == "countries":
        countries = rows_of(tables.countries)
        return "states", [_Thing(s, 1.0, countries[s][column]) for s in states]
    ends = {row[end] for row in links.values() for end in ("from_node", "to_node")}
    return "crossings", [
        _Thing(f"{place} {here}-{there}", 1.0, row[column])
        for (place, by, here, there), row in rows_of(tables.borders).items()
        if place in ends and by == mode
    ]


def _verdict(required: Row, value: Any) -> str:
    if value is None or (required["column"] == "pc_code" and _number(value) is None):
        return UNKNOWN
    comparison, wanted = required["comparison"], required["value"]
    if comparison in ("at_least", "at_most"):
        found, limit = _number(value), _number(wanted)
        if found is None or limit is None:
            problem = f"cannot compare {value!r} with {wanted!r}"
            raise DataError([Problem("requirements.csv", 0, "value", problem)])
        meets = found >= limit if comparison == "at_least" else found <= limit
    else:
        # a cell of numbers compares as a number, one of words as a word
        same = (_number(value) or value) == (_number(wanted) or wanted)
        meets = same if comparison == "equal" else not same
    return MET if meets else NOT_MET


def _number(value: Any) -> float | None:
    """Return a cell or threshold as a number: of a code its second; None for words."""
    if isinstance(value, str) and "/" in value:
        return train_profile(value)
    try:
        return float(value)
    except ValueError:
        return None


def _rank(required: Row, thing: _Thing) -> tuple[bool, float, float, str]:
    """Order things by how far they are from the threshold, the farthest first."""
    fails = _verdict(required, thing.value) == NOT_MET
    number = _number(thing.value) or 0.0
    sign = {"at_least": 1, "at_most": -1}.get(required["comparison"], 0)
    return not fails, sign * number, -thing.size, thing.name
