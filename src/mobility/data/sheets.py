"""The CSV files of the tables, cell by cell, each with its file and line.

A broken cell is reported and then treated as unknown, so that one reading finds every
problem and the rules across tables can still look at all other cells.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mobility.data.schema import (
    CONTRACT,
    Contract,
    Field,
    ForeignKey,
    Resource,
    complain,
    label,
    read_contract,
)
from mobility.model import Problem

if TYPE_CHECKING:
    from pathlib import Path

# read by `network.scenario`; here for the version alone
SCENARIOS = "scenarios/*.toml"
# cells of each column that break the contract, and what is wrong with them
Faults = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, eq=False)
class Draft:
    """Everything the tables of a folder hold, sound or not.

    Attributes
    ----------
    root
        The folder.
    contract
        Its contract.
    frames
        One data frame per table, in file order: the columns of the contract, then
        `file` and `line` of each row. Broken cells are missing.
    problems
        What breaks the contract, sorted by file and line.
    version
        Hash of the content, as `content_version` gives it.
    """

    root: Path
    contract: Contract
    frames: Mapping[str, pd.DataFrame]
    problems: tuple[Problem, ...]
    version: str

    def rows(self, table: str) -> Iterator[Any]:
        """Yield the rows of a table, cells by column name."""
        return iter(self.frames[table].itertuples(index=False))

    def places(self) -> dict[str, Any]:
        """Return the rows of `nodes.csv` by id."""
        return {row.node_id: row for row in self.rows("nodes") if row.node_id}


def at(row: Any, column: str, message: str) -> Problem:
    """Address a problem to a row of a draft."""
    return Problem(row.file, row.line, column, message)


@dataclass
class Sheet:
    """One table as text: its cells by column, and where each row stands.

    `whole` turns false when rows or columns are lost, so that nothing is concluded
    from what seems absent.
    """

    resource: Resource
    cells: dict[str, list[str]]
    files: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    whole: bool = True

    def keys(self, columns: Iterable[str]) -> list[tuple[str, ...]]:
        """Return the values of some columns, row by row."""
        return list(zip(*(self.cells[column] for column in columns), strict=True))

    def problem(self, row: int, column: str, message: str) -> Problem:
        """Address a problem to a cell."""
        return Problem(self.files[row], self.lines[row], column, message)


def read_draft(root: Path) -> Draft:
    """Read the tables of a data folder, however broken.

    Raises
    ------
    MissingDataError
        There is no such folder, or no contract in it.
    DataError
        The contract itself cannot be understood.
    """
    contract = read_contract(root)
    content, problems = read_content(root, contract)
    sheets = {}
    for name, resource in contract.tables.items():
        sheets[name], found = read_sheet(root, resource, content)
        problems += found
    frames = {}
    for name, sheet in sheets.items():
        faults = faulty(sheet)
        problems += broken_cells(sheet, faults)
        problems += repeated_keys(sheet)
        for key in sheet.resource.foreign_keys:
            problems += broken_references(sheet, key, sheets[key.table], faults)
        frames[name] = to_frame(sheet, faults)
    return Draft(root, contract, frames, in_order(problems), content_version(content))


def read_content(
    root: Path, contract: Contract
) -> tuple[dict[str, bytes], list[Problem]]:
    """Read every file the contract names, and scenarios, by path below `root`.

    Returns
    -------
    content
        Bytes of each file that could be read.
    problems
        What is missing or cannot be read.
    """
    wanted = {CONTRACT: CONTRACT}
    for resource in contract.resources.values():
        wanted |= dict.fromkeys(resource.paths, resource.name)
    for path in sorted(root.glob(SCENARIOS)):
        wanted[path.relative_to(root).as_posix()] = SCENARIOS
    content, problems = {}, []
    for name, owner in wanted.items():
        try:
            content[name] = (root / name).read_bytes()
        except FileNotFoundError:
            message = f"is missing; {CONTRACT} lists it as {owner!r}"
            problems.append(Problem(label(root, name), 0, "", message))
        except OSError as error:
            message = f"cannot be read: {error.strerror}"
            problems.append(Problem(label(root, name), 0, "", message))
    return content, problems


def content_version(content: Mapping[str, bytes]) -> str:
    """Hash file names and contents, whatever their order, to 12 hex digits."""
    digest = hashlib.sha256()
    for name, data in sorted(content.items()):
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()[:12]


def read_sheet(
    root: Path, resource: Resource, content: Mapping[str, bytes]
) -> tuple[Sheet, list[Problem]]:
    """Read the file or files of a table into one sheet.

    Parameters
    ----------
    root
        The data folder, to name files by.
    resource
        The table.
    content
        Bytes of the files, as `read_content` gives them.

    Returns
    -------
    sheet
        The cells of all files that there are.
    problems
        What is wrong with headers, rows and bytes; cells are not looked at.
    """
    sheet = Sheet(resource, {column: [] for column in resource.columns})
    problems: list[Problem] = []
    for name in sorted(resource.paths):
        if name in content:
            _read_file(sheet, label(root, name), content[name], problems)
    sheet.whole = not problems and set(resource.paths) <= set(content)
    return sheet, problems


def decode(file: str, data: bytes) -> tuple[str, list[Problem]]:
    """Decode UTF-8, with or without a byte-order mark, and report each bad line."""
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        problems = []
        for number, line in enumerate(data.splitlines(), start=1):
            try:
                line.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                byte = f"byte 0x{line[error.start]:02x} is not UTF-8"
                problems.append(Problem(file, number, "", byte))
        return data.decode("utf-8-sig", errors="replace"), problems


def _read_file(sheet: Sheet, file: str, data: bytes, problems: list[Problem]) -> None:
    """Append the rows of one CSV file to its sheet."""
    text, undecodable = decode(file, data)
    problems += undecodable
    rows = _rows(text, file, problems)
    try:
        _, header = next(rows)
    except StopIteration:
        problems.append(Problem(file, 0, "", "is empty: not even a header"))
        return
    problems += _broken_header(sheet.resource, file, header)
    for line, row in rows:
        if len(row) != len(header):
            message = f"has {len(row)} cells, the header has {len(header)}"
            problems.append(Problem(file, line, "", message if row else "is blank"))
            continue
        sheet.files.append(file)
        sheet.lines.append(line)
        named = dict(zip(header, row, strict=True))
        for column, cells in sheet.cells.items():
            cells.append(named.get(column, ""))


def _rows(
    text: str, file: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it starts on; a quoted cell may span lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(file, line, "", f"not CSV from here on: {error}"))


def _broken_header(
    resource: Resource, file: str, header: list[str]
) -> Iterator[Problem]:
    """Yield columns that are missing, unknown or repeated."""
    for column in resource.columns:
        if column not in header:
            yield Problem(file, 1, column, "column is missing")
    for position, column in enumerate(header):
        if column not in resource.columns:
            message = f"{CONTRACT} has no such column{hint(column, resource.columns)}"
            yield Problem(file, 1, column, message)
        elif column in header[:position]:
            yield Problem(file, 1, column, "column stands twice")


def hint(name: str, known: Iterable[str]) -> str:
    """Suggest what a misspelt name may have meant; empty when nothing is near."""
    near = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"; did you mean {near[0]!r}?" if near else ""


def faulty(sheet: Sheet) -> Faults:
    """Find the cells of each column that break its rule.

    Each distinct cell is looked at once: tables repeat themselves.
    """
    return {
        field.name: {
            cell: message
            for cell in set(sheet.cells[field.name])
            if (message := complain(cell, field)) is not None
        }
        for field in sheet.resource.fields
    }


def broken_cells(sheet: Sheet, faults: Faults) -> Iterator[Problem]:
    """Yield each cell that breaks the rule of its column."""
    for column, complaints in faults.items():
        if complaints:
            for row, cell in enumerate(sheet.cells[column]):
                if cell in complaints:
                    yield sheet.problem(row, column, complaints[cell])


def repeated_keys(sheet: Sheet) -> Iterator[Problem]:
    """Yield each row whose key another row bears already."""
    columns = sheet.resource.key
    first: dict[tuple[str, ...], int] = {}
    for row, key in enumerate(sheet.keys(columns)):
        if not all(key):
            continue
        if key in first:
            there = f"{sheet.files[first[key]]}:{sheet.lines[first[key]]}"
            message = f"{'/'.join(key)!r} stands already at {there}"
            yield sheet.problem(row, ",".join(columns), message)
        else:
            first[key] = row


def broken_references(
    sheet: Sheet, key: ForeignKey, target: Sheet, faults: Faults
) -> Iterator[Problem]:
    """Yield each cell that names a row its target table does not have.

    Parameters
    ----------
    sheet
        The table with the key.
    key
        Its columns, and what they refer to.
    target
        The table referred to; nothing is concluded of one that lost rows.
    faults
        Cells of `sheet` that are reported already.
    """
    if not target.whole:
        return
    known = set(target.keys(key.target))
    names = ["/".join(values) for values in known]
    strays: dict[tuple[str, ...], str] = {}
    for row, values in enumerate(sheet.keys(key.columns)):
        if values in known or not all(values):
            continue
        if any(
            value in faults[column]
            for value, column in zip(values, key.columns, strict=True)
        ):
            continue  # reported already, by the rule of its column
        if values not in strays:
            name = "/".join(values)
            where = target.resource.where
            strays[values] = f"no {name!r} in {where}{hint(name, names)}"
        yield sheet.problem(row, ",".join(key.columns), strays[values])


def to_frame(sheet: Sheet, faults: Faults) -> pd.DataFrame:
    """Turn a sheet into typed columns, `file` and `line`; broken cells are missing."""
    columns: dict[str, object] = {
        field.name: _typed(sheet.cells[field.name], field, faults[field.name])
        for field in sheet.resource.fields
    }
    columns["file"] = pd.Series(sheet.files, dtype=object)
    columns["line"] = np.array(sheet.lines, dtype=np.int64)
    return pd.DataFrame(columns)


def _typed(cells: list[str], field: Field, faults: Mapping[str, str]) -> object:
    """Convert the cells of one column; each distinct cell is converted once."""
    distinct = set(cells) - set(faults) - {""}
    if field.kind == "number":
        numbers = {cell: float(cell) for cell in distinct}
        return np.array([numbers.get(cell, np.nan) for cell in cells], dtype=float)
    if field.kind == "integer":
        integers = {cell: int(cell) for cell in distinct}
        return pd.array([integers.get(cell) for cell in cells], dtype="Int64")
    kept = [cell if cell in distinct else None for cell in cells]
    # object and None, not the string type and NaN: an empty name must be falsy
    return pd.Series(kept, dtype=object)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems as a reader meets them, each once."""
    return tuple(
        sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.message))
    )
