"""Scenarios as files: those that ship with the data, and a user's own."""

from __future__ import annotations

import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobility.errors import InputError, UnknownNameError
from mobility.network.scenario import (
    SELECTORS,
    Scenario,
    check_scenario,
    downgraded,
    resolve,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mobility.data.tables import Tables


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario, and what its file says of it.

    Attributes
    ----------
    name
        Name of the file, or the path it was asked for by.
    title, note
        In words; empty where the file is silent.
    sources
        Ids of `sources.csv`.
    scenario
        What differs from today.
    """

    name: str
    title: str
    note: str
    sources: tuple[str, ...]
    scenario: Scenario


_KEYS: dict[str, type] = {
    "title": str,
    "note": str,
    "sources": list,
    "close": list,
    "open": list,
    "without": list,
    "deny": list,
    "allow": list,
    "transit": str,
    "downgrade": list,
    "slip_years": int,
    "year": int,
    "regime": str,
}
_NAMES = ("close", "open", "without", "deny", "allow")
_WORDS = {str: "text", int: "a whole number", list: "a list of text"}


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
        The file cannot be read or is not TOML, or holds a key or value of the wrong
        kind.
    """
    return read_file(tables, name).scenario


def shipped(tables: Tables) -> list[str]:
    """Return the names of the scenarios that ship with the data, sorted."""
    return sorted(path.stem for path in (tables.root / "scenarios").glob("*.toml"))


def read_file(tables: Tables, name: str) -> ScenarioFile:
    """Read a scenario with what its file says of it; raises as `read_scenario`."""
    path, is_own = Path(name), name.endswith(".toml")
    if not is_own:
        path = tables.root / "scenarios" / f"{name}.toml"
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        if is_own:
            reason = getattr(error, "strerror", None) or str(error)
            msg = f"cannot read scenario {name!r}: {reason.lower()}"
            raise InputError(msg) from None
        known = ", ".join(shipped(tables)) or "none"
        msg = f"no scenario {name!r}; there are {known}, or a file ending in .toml"
        raise UnknownNameError(msg) from None
    try:
        values = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        msg = f"scenario {name!r} is not UTF-8: byte {error.start + 1} is wrong"
        raise InputError(msg) from None
    except tomllib.TOMLDecodeError as error:
        msg = f"scenario {name!r} is not TOML: {error}"
        raise InputError(msg) from None
    for key, value in values.items():
        with _told(name):
            _check_type(key, value)
    return _parse(tables, name, values)


def _parse(tables: Tables, name: str, values: dict[str, Any]) -> ScenarioFile:
    """Turn the values of a file, each of its type, into what they mean."""
    parts: dict[str, Any] = {
        key: values.get(key) for key in ("transit", "slip_years", "year", "regime")
    }
    for key in _NAMES:
        with _told(name, key):
            found = resolve(key, tables, values.get(key, ()))
            parts["open_" if key == "open" else key] = found
    with _told(name, "downgrade"):
        parts["lower"] = downgraded(tables, values.get("downgrade", ()))
    sources = values.get("sources", ())
    scenario = Scenario(**parts)
    with _told(name):
        check_scenario(tables, scenario)
        for source in sources:
            if source not in tables.sources.index:
                msg = f"no source {source!r} in sources.csv"
                raise UnknownNameError(msg)
    return ScenarioFile(
        name,
        values.get("title", ""),
        values.get("note", ""),
        tuple(sources),
        scenario,
    )


@contextmanager
def _told(name: str, key: str = "") -> Iterator[None]:
    """Say of an error which scenario, and which of its keys, it stands in."""
    try:
        yield
    except (UnknownNameError, InputError) as error:
        where = f"scenario {name!r}: {key}: " if key else f"scenario {name!r}: "
        msg = f"{where}{error}"
        raise type(error)(msg) from None


def _check_type(key: str, value: Any) -> None:
    kind = _KEYS.get(key)
    if kind is None:
        msg = f"no key {key!r}; there are {', '.join(_KEYS)}"
        raise InputError(msg)
    if key == "downgrade":
        _check_tables(value)
    elif not _is_of(value, kind):
        msg = f"{key} = {value!r} should be {_WORDS[kind]}"
        raise InputError(msg)


def _check_tables(value: Any) -> None:
    """Refuse a downgrade that is no table, and a selector that is no list."""
    if not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
        msg = f"downgrade = {value!r} should be tables: [[downgrade]]"
        raise InputError(msg)
    for table in value:
        for key in SELECTORS:
            if key in table and not _is_of(table[key], list):
                msg = f"downgrade: {key} = {table[key]!r} should be {_WORDS[list]}"
                raise InputError(msg)


def _is_of(value: Any, kind: type) -> bool:
    if kind is list:
        return isinstance(value, list) and all(isinstance(i, str) for i in value)
    return isinstance(value, kind) and not isinstance(value, bool)
