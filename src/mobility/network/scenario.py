"""What sets one network apart from that of today.

Closures, openings, late works, lowered limits, access of states, year and regime.
`scenario_file` reads them from files; `changes` says what they do to a network.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fnmatch import filter as matching
from typing import TYPE_CHECKING, Any, NamedTuple

from mobility.data.find import find_corridor, find_country, find_link, find_place
from mobility.data.rows import corridors_of, rows_of
from mobility.data.schema import Field, complain
from mobility.errors import InputError, UnknownNameError
from mobility.model import Mode, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mobility.data.tables import Tables

# whose territory may be touched: members of NATO, or of NATO or the European Union
TRANSITS = ("nato", "eu_or_nato")
SPEED_FACTOR = "speed_factor"
SPEED_LIMIT = "speed_limit_kph"
# what a scenario may lower, and on links of which modes it means something
LOWERED = {
    "gross_weight_t": (Mode.ROAD,),
    "axle_load_t": (Mode.ROAD, Mode.RAIL),
    "height_m": (Mode.ROAD,),
    "width_m": (Mode.ROAD,),
    "mlc_wheeled_one_way": (Mode.ROAD,),
    "mlc_wheeled_two_way": (Mode.ROAD,),
    "mlc_tracked_one_way": (Mode.ROAD,),
    "mlc_tracked_two_way": (Mode.ROAD,),
    "line_category": (Mode.RAIL,),
    "train_length_m": (Mode.RAIL,),
    "exceptional_width_m": (Mode.RAIL,),
    "trains_per_day": (Mode.RAIL,),
    "sailings_per_week": (Mode.FERRY,),
    SPEED_LIMIT: (Mode.ROAD, Mode.RAIL),
    SPEED_FACTOR: tuple(Mode),
}
# selectors of a downgrade that are columns of `links`
_SELECTING = ("mode", "terrain", "road_class")
SELECTORS = ("links", "state", "corridor", *_SELECTING)
WILD = frozenset("*?[")


class Lowered(NamedTuple):
    """The most that one column of one link allows under a scenario."""

    link: str
    column: str
    value: float | str


@dataclass(frozen=True, slots=True)
class Scenario:
    """What differs from today. All of it is optional.

    Attributes
    ----------
    close
        Links and places lost, by id.
    open_
        Links taken as built, or rebuilt, and open, by id; crossings taken as open to
        goods. In a file the key is `open`.
    without
        Corridors whose links are removed; a link shared with another corridor stays.
    deny
        States that nothing may touch, by code.
    allow
        States that `transit` does not keep out.
    transit
        `nato` or `eu_or_nato`: only states that are members may be touched. None: any.
    lower
        What is lowered on which link.
    slip_years
        By how many years what is due opens late; None: on time.
    year
        Year the network stands in; None: that of the data.
    regime
        Border regime; None: `current`.
    """

    close: tuple[str, ...] = ()
    open_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    transit: str | None = None
    lower: tuple[Lowered, ...] = ()
    slip_years: int | None = None
    year: int | None = None
    regime: str | None = None


def make_scenario(
    tables: Tables,
    *,
    close: Iterable[str] = (),
    open_: Iterable[str] = (),
    without: Iterable[str] = (),
    deny: Iterable[str] = (),
    allow: Iterable[str] = (),
    transit: str | None = None,
    downgrade: Iterable[Mapping[str, Any]] = (),
    slip_years: int | None = None,
    year: int | None = None,
    regime: str | None = None,
) -> Scenario:
    """Make a scenario of names as a user writes them.

    Parameters
    ----------
    close, open_
        Names, or patterns such as `viii-rail-*`, which stand for every id they match.
    downgrade
        Tables as in a file: selectors (`links`, `state`, `corridor`, `mode`, `terrain`,
        `road_class`; lists) and the columns to lower on what all of them select.

    Raises
    ------
    UnknownNameError
        A name means no link, place, corridor, state or regime of the data, or a pattern
        matches nothing.
    InputError
        One thing is both closed and opened, or denied and allowed; a value is out of
        range; or a downgrade selects nothing, or lowers nothing.
    """
    scenario = Scenario(
        close=resolve("close", tables, close),
        open_=resolve("open", tables, open_),
        without=resolve("without", tables, without),
        deny=resolve("deny", tables, deny),
        allow=resolve("allow", tables, allow),
        transit=transit,
        lower=downgraded(tables, downgrade),
        slip_years=slip_years,
        year=year,
        regime=regime,
    )
    check_scenario(tables, scenario)
    return scenario


def resolve(key: str, tables: Tables, names: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that the names under one key of a scenario mean, sorted.

    Raises
    ------
    UnknownNameError
        A name means nothing, or a pattern matches nothing.
    """
    found = _FIND[key]
    return tuple(sorted({id_ for name in names for id_ in found(tables, name)}))


def _closable(tables: Tables, name: str) -> list[str]:
    places = [str(place) for place in tables.nodes.index]
    return _find(tables, name, places, "link or place")


def _openable(tables: Tables, name: str) -> list[str]:
    return _find(tables, name, _crossings(tables), "link or crossing")


def _crossings(tables: Tables) -> list[str]:
    kinds = tables.nodes["kind"]
    return [str(place) for place in kinds.index[kinds == "border"]]


def _find(tables: Tables, name: str, places: list[str], what: str) -> list[str]:
    """Return the ids of links, and of these places, that a name or pattern means."""
    if WILD & set(name):
        found = matching([*map(str, tables.links.index), *places], name)
        if not found:
            msg = f"no {what} matches {name!r}"
            raise UnknownNameError(msg)
        return found
    try:
        return [find_link(tables, name)]
    except UnknownNameError as no_link:
        unknown = UnknownNameError(str(no_link).replace("no link", f"no {what}", 1))
    try:
        place = find_place(tables, name)
    except UnknownNameError:
        raise unknown from None
    if place not in places:
        raise unknown
    return [place]


_FIND: dict[str, Callable[[Tables, str], list[str]]] = {
    "close": _closable,
    "open": _openable,
    "without": lambda tables, name: [find_corridor(tables, name)],
    "deny": lambda tables, name: [find_country(tables, name)],
    "allow": lambda tables, name: [find_country(tables, name)],
}


def downgraded(
    tables: Tables, downgrades: Iterable[Mapping[str, Any]]
) -> tuple[Lowered, ...]:
    """Return what tables `[[downgrade]]` lower, link by link, sorted.

    Raises
    ------
    UnknownNameError
        A selector names what the data does not have.
    InputError
        A table selects or lowers nothing, or a value is out of range.
    """
    found: set[Lowered] = set()
    for table in downgrades:
        limits = {key: value for key, value in table.items() if key not in SELECTORS}
        if not limits:
            msg = f"a downgrade lowers nothing; it may lower {', '.join(LOWERED)}"
            raise InputError(msg)
        for column, value in limits.items():
            _check_value(tables, column, value)
        chosen = _select(tables, table)
        for column, value in limits.items():
            most = value if isinstance(value, str) else float(value)
            on = [link for link, mode in chosen.items() if mode in LOWERED[column]]
            if not on:
                modes = " or ".join(LOWERED[column])
                msg = f"a downgrade of {column} selects no link by {modes}"
                raise InputError(msg)
            found |= {Lowered(link, column, most) for link in on}
    return tuple(sorted(found))


def _select(tables: Tables, table: Mapping[str, Any]) -> dict[str, str]:
    """Return the links that all selectors of a downgrade choose, with their mode."""
    given = {key: table[key] for key in SELECTORS if key in table}
    if not given:
        msg = f"a downgrade selects no links: it needs one of {', '.join(SELECTORS)}"
        raise InputError(msg)
    wanted = {key: set(_selected(tables, key, names)) for key, names in given.items()}
    chosen = {
        str(link): str(row["mode"])
        for link, row in rows_of(tables.links).items()
        if all(names & _offered(key, str(link), row) for key, names in wanted.items())
    }
    if not chosen:
        told = ", ".join(f"{key} = {names!r}" for key, names in given.items())
        msg = f"a downgrade selects no links: none has {told}"
        raise InputError(msg)
    return chosen


def _selected(tables: Tables, key: str, names: Iterable[str]) -> list[str]:
    """Return the ids or words that one selector of a downgrade means."""
    if key == "links":
        return [link for name in names for link in _find(tables, name, [], "link")]
    if key == "state":
        return [find_country(tables, name) for name in names]
    if key == "corridor":
        return [find_corridor(tables, name) for name in names]
    allowed = _field(tables, key).allowed
    for name in names:
        if name not in allowed:
            msg = f"no {key} {name!r}; there are {', '.join(allowed)}"
            raise UnknownNameError(msg)
    return list(names)


def _offered(key: str, link_id: str, link: Row) -> set[str]:
    """Return what a link has for a selector to choose."""
    if key == "links":
        return {link_id}
    if key == "state":
        return set(link["country"].split("-"))
    if key == "corridor":
        return set(corridors_of(link))
    return {link[key]}


def _check_value(tables: Tables, column: str, value: Any) -> None:
    """Refuse what is no limit, and a value that its column cannot hold."""
    if column not in LOWERED:
        known = ", ".join((*SELECTORS, *LOWERED))
        msg = f"a downgrade knows no {column!r}; there are {known}"
        raise UnknownNameError(msg)
    if column == SPEED_FACTOR:
        if not (_is_number(value) and 0 < value <= 1):
            msg = f"{column} = {value!r} should be above 0 and at most 1"
            raise InputError(msg)
        return
    field = _field(tables, column)
    typed = isinstance(value, str) if field.kind == "string" else _is_number(value)
    if not typed:
        msg = f"{column} = {value!r} should be a {field.kind}"
        raise InputError(msg)
    if field.kind == "integer" and value == int(value):
        value = int(value)
    if fault := complain(str(value), field):
        msg = f"{column} = {value!r}: {fault}"
        raise InputError(msg)


def _is_number(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (isinstance(value, float) and abs(value) < float("inf"))


def _field(tables: Tables, column: str) -> Field:
    fields_of = tables.contract.resources["links"].fields
    return next(field for field in fields_of if field.name == column)


def check_scenario(tables: Tables, scenario: Scenario) -> None:
    """Refuse a scenario that does not fit the tables.

    Raises
    ------
    UnknownNameError
        An id is none of the data, or a regime or transit is unknown.
    InputError
        One thing is both closed and opened, or denied and allowed; a year or value is
        out of range.
    """
    links, states = set(tables.links.index), set(tables.countries.index)
    corridors = set(tables.corridors.index.unique("corridor_id"))
    for what, names, known in (
        ("link or place", scenario.close, links.union(tables.nodes.index)),
        ("link or crossing", scenario.open_, links.union(_crossings(tables))),
        ("corridor", scenario.without, corridors),
        ("state", (*scenario.deny, *scenario.allow), states),
        ("link", [lowered.link for lowered in scenario.lower], links),
    ):
        for name in names:
            if name not in known:
                msg = f"no {what} {name!r}"
                raise UnknownNameError(msg)
    for column, value in {(low.column, low.value) for low in scenario.lower}:
        _check_value(tables, column, value)
    _refuse_both(scenario)
    _check_years(tables, scenario)
    regimes = sorted(set(tables.rules["regime"].dropna()))
    for what, word, words in (
        ("regime", scenario.regime, regimes),
        ("transit", scenario.transit, TRANSITS),
    ):
        if word is not None and word not in words:
            msg = f"no {what} {word!r}; there are {', '.join(words)}"
            raise UnknownNameError(msg)


def _check_years(tables: Tables, scenario: Scenario) -> None:
    first = tables.data_year
    last = int(_field(tables, "opens").maximum or 0)
    year, slip = scenario.year, scenario.slip_years
    if year is not None and not first <= year <= last:
        msg = f"year {year} is out of range: the data answers {first} to {last}"
        raise InputError(msg)
    if slip is not None and not 0 <= slip <= last - first:
        msg = f"slip_years {slip} is out of range: 0 to {last - first}"
        raise InputError(msg)


def _refuse_both(scenario: Scenario) -> None:
    for these, those, told in (
        (scenario.close, scenario.open_, "closed and opened"),
        (scenario.deny, scenario.allow, "denied and allowed"),
    ):
        if both := sorted(set(these) & set(those)):
            msg = f"{both[0]!r} is both {told}"
            raise InputError(msg)


def combine(scenarios: Iterable[Scenario]) -> Scenario:
    """Lay scenarios over each other.

    Lists add up, of several values of one limit the lowest holds, and the last slip,
    year and regime given win.

    Raises
    ------
    InputError
        One closes what another opens, or denies what another allows, or they differ in
        whose territory may be touched.
    """
    joined: dict[str, Any] = {}
    for scenario in scenarios:
        before = joined.get("transit")
        if None not in (before, scenario.transit) and before != scenario.transit:
            msg = f"transit is both {before} and {scenario.transit}"
            raise InputError(msg)
        for field in fields(Scenario):
            value, given = getattr(scenario, field.name), joined.get(field.name)
            if isinstance(value, tuple):
                joined[field.name] = tuple(sorted({*(given or ()), *value}))
            elif value is not None or given is None:
                joined[field.name] = value
    result = Scenario(**joined)
    _refuse_both(result)
    return result
