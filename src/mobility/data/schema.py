"""The contract of the tables: what each column may hold.

It stands in `datapackage.json` (Data Package v2 with Table Schema), next to the data.
The loader, the checks and the generator of `corridors/README.md` all read it here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mobility.errors import DataError, MissingDataError
from mobility.model import Problem

CONTRACT = "datapackage.json"
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
INTEGER = re.compile(r"-?[0-9]+")
# beyond it a float no longer holds every integer
LARGEST = 2.0**53
# what reading JSON of the wrong shape raises
UNFIT = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Field:
    """What one column may hold.

    `kind` is `string`, `number` or `integer`; `unit` is empty where none applies.
    """

    name: str
    kind: str
    description: str = ""
    unit: str = ""
    required: bool = False
    pattern: re.Pattern[str] | None = None
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns whose values must stand in columns of another table."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """One table, or one family of GeoJSON files (then without fields).

    `paths` are its files below the folder: several of one table have the same columns.
    `sources` are those of the whole resource, by their id in `sources.csv`.
    """

    name: str
    paths: tuple[str, ...]
    description: str = ""
    fields: tuple[Field, ...] = ()
    key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the contract."""
        return tuple(field.name for field in self.fields)

    @property
    def where(self) -> str:
        """Its file or, of several in a folder, all at once: `links/*.csv`."""
        if len(self.paths) == 1:
            return self.paths[0]
        paths = [PurePosixPath(path) for path in self.paths]
        families = {path.with_name(f"*{path.suffix}").as_posix() for path in paths}
        return ", ".join(sorted(families))

    def files(self, root: Path) -> list[Path]:
        """Return the files of the resource below `root`, sorted, there or not."""
        return sorted(root / path for path in self.paths)


@dataclass(frozen=True, slots=True)
class Contract:
    """All resources by name, and the contract as it stands in the file.

    `components` is the number of parts the links of a mode should fall into.
    """

    package: dict[str, Any]
    resources: dict[str, Resource]
    components: dict[str, int]

    @property
    def tables(self) -> dict[str, Resource]:
        """The resources that are tables."""
        return {name: res for name, res in self.resources.items() if res.fields}

    @property
    def data_year(self) -> int:
        """The year of `data_date`: the year the tables speak of."""
        return int(str(self.package["data_date"])[:4])


def label(root: Path, relative: str = "") -> str:
    """Name a file as an editor started here would find it."""
    try:
        shown = root.relative_to(Path.cwd())
    except ValueError:
        shown = root
    return (PurePosixPath(shown.as_posix()) / relative).as_posix()


def read_contract(root: Path) -> Contract:
    """Read the contract of a data folder.

    Raises
    ------
    MissingDataError
        There is no folder, or no `datapackage.json` in it.
    DataError
        The file is no JSON, or says what this package does not understand.
    """
    file = label(root, CONTRACT)
    if not root.is_dir():
        msg = f"no data folder {label(root)!r}"
        raise MissingDataError(msg)
    try:
        text = (root / CONTRACT).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        msg = f"no {CONTRACT} in {label(root)!r}: not a data folder"
        raise MissingDataError(msg) from None
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise MissingDataError(msg) from error
    except UnicodeDecodeError as error:
        raise DataError([Problem(file, 0, "", f"not UTF-8: {error.reason}")]) from error
    try:
        package = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError([not_json(file, error)]) from error
    return _contract(package, file)


def not_json(file: str, error: Exception) -> Problem:
    """Put into words why a file is no JSON."""
    if isinstance(error, json.JSONDecodeError):
        return Problem(file, error.lineno, "", f"not JSON: {error.msg}")
    return Problem(file, 0, "", f"not JSON: {error}")


def complain(cell: str, field: Field) -> str | None:
    """Return what is wrong with a cell, or None.

    Examples
    --------
    >>> axle = Field("axle_load_t", "number", unit="t", minimum=10, maximum=35)
    >>> complain("225", axle)
    '225 t is outside 10 to 35 t'
    >>> complain("22.5", axle)
    >>> complain("22,5", axle)
    "'22,5' is not a number"
    """
    if not cell:
        return "is empty but required" if field.required else None
    if cell != cell.strip():
        return f"{cell!r} has blanks at its ends"
    if field.kind != "string":
        return _complain_number(cell, field)
    if field.allowed and cell not in field.allowed:
        return f"{cell!r} is not one of {', '.join(field.allowed)}"
    if field.pattern and not field.pattern.fullmatch(cell):
        return f"{cell!r} does not match {field.pattern.pattern}"
    return None


def _complain_number(cell: str, field: Field) -> str | None:
    """Return what is wrong with a cell that should hold a number."""
    form, noun = (
        (NUMBER, "a number") if field.kind == "number" else (INTEGER, "an integer")
    )
    if not form.fullmatch(cell):
        return f"{cell!r} is not {noun}"
    value = float(cell)
    unit = f" {field.unit}" if field.unit else ""
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return f"{_brief(cell)}{unit} is outside {span(field)}{unit}"
    return f"{_brief(cell)} is too large" if abs(value) > LARGEST else None


def span(field: Field) -> str:
    """Return the range of a number in words; empty where it has none."""
    low, high = field.minimum, field.maximum
    if low is not None and high is not None:
        return f"{low:.12g} to {high:.12g}"
    if low is not None:
        return f"{low:.12g} or more"
    return f"{high:.12g} or less" if high is not None else ""


def _brief(cell: str) -> str:
    """Shorten a cell no message should carry whole."""
    return cell if len(cell) <= 24 else f"{cell[:20]}…"


def _contract(package: Any, file: str) -> Contract:
    """Turn the JSON of a contract into its objects."""
    name = ""
    try:
        resources = {}
        for item in package["resources"]:
            name = str(item["name"])
            if name in resources:
                msg = "stands twice"
                raise ValueError(msg)
            resources[name] = _resource(item)
        name = ""
        _check_references(resources)
        int(str(package["data_date"])[:4])
        found = package.get("expected_components", {})
        parts = {str(mode): int(count) for mode, count in found.items()}
    except UNFIT as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        where = f"resource {name!r}: " if name else ""
        raise DataError([Problem(file, 0, "", f"{where}{why}")]) from error
    # a network hangs together unless the contract says otherwise
    return Contract(package, resources, {"road": 1, "rail": 1, **parts})


def _resource(item: dict[str, Any]) -> Resource:
    """Turn the JSON of a resource into its object."""
    schema = item.get("schema", {})
    fields = tuple(_field(field) for field in schema.get("fields", ()))
    keys = tuple(_foreign_key(key) for key in schema.get("foreignKeys", ()))
    key = _strings(schema.get("primaryKey", ()))
    columns = {field.name for field in fields}
    for column in (*key, *(column for foreign in keys for column in foreign.columns)):
        if column not in columns:
            msg = f"key column {column!r} is not a field"
            raise ValueError(msg)
    paths = _paths(item["path"])
    sources = tuple(str(source["source_id"]) for source in item.get("sources", ()))
    description = str(item.get("description", ""))
    name = str(item["name"])
    return Resource(name, paths, description, fields, key, keys, sources)


def _paths(value: str | list[str]) -> tuple[str, ...]:
    """Return the files of a resource; the standard knows no patterns of names."""
    paths = tuple(PurePosixPath(path) for path in _strings(value))
    for path in paths:
        if not path.name or path.is_absolute() or ".." in path.parts:
            msg = f"path {str(path)!r} is not below the folder"
            raise ValueError(msg)
        if set("*?[") & set(str(path)):
            msg = f"path {str(path)!r} is a pattern: list the files"
            raise ValueError(msg)
    if not paths or len(set(paths)) < len(paths):
        msg = "path names no file" if not paths else "path names a file twice"
        raise ValueError(msg)
    return tuple(path.as_posix() for path in paths)


def _check_references(resources: dict[str, Resource]) -> None:
    """Refuse foreign keys to tables or columns that are not there."""
    for resource in resources.values():
        for key in resource.foreign_keys:
            target = resources.get(key.table)
            if target is None or not set(key.target) <= set(target.columns):
                msg = f"foreign key of {resource.name!r} to unknown {key.table!r}"
                raise ValueError(msg)


def _field(item: dict[str, Any]) -> Field:
    """Turn the JSON of a field into its object."""
    rules = item.get("constraints", {})
    kind = item.get("type", "string")
    if kind not in ("string", "number", "integer"):
        msg = f"field {item['name']!r}: type {kind!r} is not string, number or integer"
        raise ValueError(msg)
    pattern = rules.get("pattern")
    low, high = rules.get("minimum"), rules.get("maximum")
    return Field(
        name=str(item["name"]),
        kind=kind,
        description=str(item.get("description", "")),
        unit=str(item.get("unit", "")),
        required=bool(rules.get("required", False)),
        pattern=None if pattern is None else _pattern(pattern),
        allowed=_strings(rules.get("enum", ())),
        minimum=None if low is None else float(low),
        maximum=None if high is None else float(high),
    )


def _pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the contract."""
    try:
        return re.compile(pattern, re.ASCII)
    except re.error as error:
        msg = f"pattern {pattern!r}: {error}"
        raise ValueError(msg) from error


def _foreign_key(item: dict[str, Any]) -> ForeignKey:
    """Turn the JSON of a foreign key into its object."""
    there = item["reference"]
    columns, target = _strings(item["fields"]), _strings(there["fields"])
    return ForeignKey(columns, str(there["resource"]), target)


def _strings(value: str | list[str]) -> tuple[str, ...]:
    """Return one name or several as a tuple; Table Schema allows both."""
    return (value,) if isinstance(value, str) else tuple(str(part) for part in value)
