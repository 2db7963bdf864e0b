"""Write `corridors/README.md` from the contract, so that the two cannot disagree.

``python -m mobility.data.readme [DIR]`` prints it; with ``--write`` it goes to the
folder instead.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mobility.data.schema import read_contract, span
from mobility.data.tables import corridors_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mobility.data.schema import Contract, Field, Resource

README = "README.md"

CELLS = """\
## How to read a cell

- A cell holds only what is known of that one row. **Empty means unknown**, never 0 and
  never "no limit". What follows from a class (planning speeds, usual dwell) is a rule
  of `rules.csv`, not a cell.
- Columns end in their unit. Numbers are plain decimals with a point.
- Several values in one cell are separated by `;`.
- Files are UTF-8, comma-separated, rows in the order of their key.
- Every value has its source in `provenance.csv`: one row for the column, or one with
  column `*` for the rest of the row. `vehicles.csv` and `rules.csv` cite in columns of
  their own.
"""

ADDING = """\
## How to add a corridor

1. Claim it: one row per mode in `corridors.csv`, with the two places it joins.
2. Add the places it needs to `nodes.csv`. A place stands once, whatever its modes; a
   border crossing is one place of kind `border` between two states.
3. Add its links to `links/<corridor>.csv`. A physical link stands once, in one file;
   where another corridor uses it, name that corridor in `also_on`. Split links at
   borders. Unbuilt and closed sections belong in, with their status.
4. Draw each link in `geometry/<corridor>.geojson`: one feature a line, from `from_node`
   to `to_node`, a vertex at each named place on the way. 70 to 102 % of `length_km`.
   List both new files in `datapackage.json`.
5. Give each crossing its rows in `borders.csv`: one per mode and direction.
6. Cite every value in `provenance.csv`, every source once in `sources.csv`. Say in the
   note why a link is not open, and what contradicts the value.
7. Run `mobility check` until it finds nothing, then
   `python -m mobility.data.readme --write` if the contract has changed.
"""


def make_readme(contract: Contract) -> str:
    """Return the README of a data folder, in Markdown."""
    return "\n".join(_lines(contract))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the README of a data folder, or write it there."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="data folder")
    parser.add_argument("--write", action="store_true", help="write README.md there")
    chosen = parser.parse_args(arguments)
    root = chosen.folder or corridors_dir()
    text = make_readme(read_contract(root))
    if chosen.write:
        (root / README).write_text(text, encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(text)


def _lines(contract: Contract) -> Iterator[str]:
    """Yield the README line by line."""
    package = contract.package
    yield f"# {package.get('title', 'Corridors')}"
    yield ""
    yield "<!-- Written by `python -m mobility.data.readme --write`: edit"
    yield "     datapackage.json or src/mobility/data/readme.py instead. -->"
    yield ""
    yield str(package.get("description", ""))
    yield ""
    yield f"State of the data: {package['data_date']}. The contract of every column is"
    yield "`datapackage.json` (Data Package v2, Table Schema); `mobility check` holds"
    yield "the data against it and against the rules across tables."
    yield ""
    yield "## Layout"
    yield ""
    yield "| file | what it holds |"
    yield "|---|---|"
    for resource in contract.resources.values():
        yield f"| `{resource.where}` | {_escape(resource.description)} |"
    yield "| `scenarios/*.toml` | What may differ from today, each under a name. |"
    yield ""
    yield CELLS
    for resource in contract.tables.values():
        yield from _section(resource)
    yield ADDING
    yield "## Licence"
    yield ""
    for licence in package.get("licenses", ()):
        title = licence.get("title", licence.get("name", ""))
        yield f"[{title}]({licence['path']})" if "path" in licence else title
    yield "for the data of this folder; the sources it cites keep their own."
    yield ""


def _section(resource: Resource) -> Iterator[str]:
    """Yield the section of one table."""
    yield f"## {resource.name}"
    yield ""
    yield f"`{resource.where}`: {resource.description}"
    yield ""
    if resource.key:
        yield f"Key: {', '.join(f'`{column}`' for column in resource.key)}."
    for key in resource.foreign_keys:
        columns = ", ".join(f"`{column}`" for column in key.columns)
        yield f"{columns} → `{key.table}.{', '.join(key.target)}`."
    yield ""
    yield "| column | type | unit | allowed | meaning |"
    yield "|---|---|---|---|---|"
    for field in resource.fields:
        name = f"**`{field.name}`**" if field.required else f"`{field.name}`"
        cells = (name, field.kind, field.unit, _allowed(field), field.description)
        yield f"| {' | '.join((cells[0], *map(_escape, cells[1:])))} |"
    yield ""
    if any(field.required for field in resource.fields):
        yield "Columns in bold are never empty."
        yield ""


def _allowed(field: Field) -> str:
    """Put what a column may hold into words."""
    if field.allowed:
        return ", ".join(f"`{value}`" for value in field.allowed)
    if field.pattern is not None:
        return f"`{field.pattern.pattern}`"
    return span(field)


def _escape(text: str) -> str:
    """Keep a bar in the text from ending the cell."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
