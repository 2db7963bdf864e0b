"""Named closures and openings, and what else sets one network apart from another."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobility.data.find import find_corridor, find_link, find_place
from mobility.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mobility.data.tables import Tables


@dataclass(frozen=True, slots=True)
class Scenario:
    """What differs from today. All of it is optional.

    Attributes
    ----------
    close
        Links and places lost, by id.
    open_
        Links taken as built and open, by id; in a file the key is `open`.
    without
        Corridors whose links are removed; a link shared with another corridor stays.
    year
        Year the network stands in; None: that of the data.
    regime
        Border regime; None: `current`.
    """

    close: tuple[str, ...] = ()
    open_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    year: int | None = None
    regime: str | None = None


_KEYS: dict[str, type] = {
    "title": str,
    "close": list,
    "open": list,
    "without": list,
    "year": int,
    "regime": str,
}


def read_scenario(tables: Tables, name: str) -> Scenario:
    """Read a scenario that ships with the data, or a TOML file.

    Parameters
    ----------
    name
        Name of a file in `scenarios/` of the data, or a path ending in `.toml`.

    Raises
    ------
    UnknownNameError
        No such scenario, or it names something the data does not have.
    InputError
        The file is not TOML, or holds a key or value of the wrong kind.
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = tables.root / "scenarios" / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        shipped = sorted(p.stem for p in (tables.root / "scenarios").glob("*.toml"))
        msg = f"no scenario {name!r}; there are {', '.join(shipped) or 'none'}"
        raise UnknownNameError(msg) from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"scenario {name!r} is not TOML: {error}"
        raise InputError(msg) from None
    return _parse(tables, name, values)


def _parse(tables: Tables, name: str, values: dict[str, Any]) -> Scenario:
    for key, value in values.items():
        kind = _KEYS.get(key)
        if kind is None:
            msg = f"scenario {name!r}: no key {key!r}; there are {', '.join(_KEYS)}"
            raise InputError(msg)
        right = isinstance(value, kind) and not isinstance(value, bool)
        if kind is list:
            right = right and all(isinstance(item, str) for item in value)
        if not right:
            msg = f"scenario {name!r}: {key} = {value!r} should be of type "
            msg += "list of strings" if kind is list else kind.__name__
            raise InputError(msg)
    return make_scenario(
        tables,
        close=values.get("close", ()),
        open_=values.get("open", ()),
        without=values.get("without", ()),
        year=values.get("year"),
        regime=values.get("regime"),
    )


def make_scenario(
    tables: Tables,
    *,
    close: Iterable[str] = (),
    open_: Iterable[str] = (),
    without: Iterable[str] = (),
    year: int | None = None,
    regime: str | None = None,
) -> Scenario:
    """Make a scenario of names as a user writes them.

    Raises
    ------
    UnknownNameError
        A name means no link, place, corridor or regime of the data.
    InputError
        A link is both closed and opened, or the year is out of range.
    """
    scenario = Scenario(
        close=tuple(sorted({_link_or_place(tables, name) for name in close})),
        open_=tuple(sorted({find_link(tables, name) for name in open_})),
        without=tuple(sorted({find_corridor(tables, name) for name in without})),
        year=year,
        regime=regime,
    )
    check_scenario(tables, scenario)
    return scenario


def check_scenario(tables: Tables, scenario: Scenario) -> None:
    """Refuse a scenario that does not fit the tables.

    Raises
    ------
    UnknownNameError
        An id is no link, place, corridor or regime of the data.
    InputError
        A link is both closed and opened, or the year is out of range.
    """
    links, places = tables.links.index, tables.nodes.index
    corridors = tables.corridors.index.unique("corridor_id")
    strangers = [
        *(("link or place", n) for n in scenario.close if n not in links.union(places)),
        *(("link", name) for name in scenario.open_ if name not in links),
        *(("corridor", name) for name in scenario.without if name not in corridors),
    ]
    if strangers:
        what, name = strangers[0]
        msg = f"no {what} {name!r}"
        raise UnknownNameError(msg)
    _refuse_both(scenario)
    first, last = tables.data_year, _last_year(tables)
    if scenario.year is not None and not first <= scenario.year <= last:
        msg = (
            f"year {scenario.year} is out of range: the data answers {first} to {last}"
        )
        raise InputError(msg)
    regimes = sorted(set(tables.rules["regime"].dropna()))
    if scenario.regime is not None and scenario.regime not in regimes:
        msg = f"no regime {scenario.regime!r}; there are {', '.join(regimes)}"
        raise UnknownNameError(msg)


def _refuse_both(scenario: Scenario) -> None:
    if both := sorted(set(scenario.close) & set(scenario.open_)):
        msg = f"{both[0]!r} is both closed and opened"
        raise InputError(msg)


def _last_year(tables: Tables) -> int:
    """Return the last year an opening may have."""
    fields = tables.contract.resources["links"].fields
    return int(next(f.maximum for f in fields if f.name == "opens") or 0)


def _link_or_place(tables: Tables, name: str) -> str:
    try:
        return find_link(tables, name)
    except UnknownNameError as no_link:
        try:
            return find_place(tables, name)
        except UnknownNameError:
            msg = str(no_link).replace("no link", "no link or place", 1)
            raise UnknownNameError(msg) from None


def combine(scenarios: Iterable[Scenario]) -> Scenario:
    """Lay scenarios over each other: lists add up, the last year and regime given win.

    Raises
    ------
    InputError
        One closes what another opens.
    """
    joined: dict[str, Any] = {}
    for scenario in scenarios:
        for field in fields(Scenario):
            value, before = getattr(scenario, field.name), joined.get(field.name)
            if isinstance(value, tuple):
                joined[field.name] = tuple(sorted({*(before or ()), *value}))
            elif value is not None or before is None:
                joined[field.name] = value
    result = Scenario(**joined)
    _refuse_both(result)
    return result
