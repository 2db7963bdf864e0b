"""What a click on the map tells: every value with its unit, basis and source.

A popup is a nest of numbers that refer to texts and sources held once per layer, as
`page.js` reads them: title, subtitle, sections of rows (label, value, basis, source),
notes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from mobility.report import style
from mobility.report.leaflet import Texts

if TYPE_CHECKING:
    from mobility.data.tables import Tables

Record = list[object]
Row = dict[str, object]

NO_SOURCE = -1
UNIT_WORDS = {"permille": "‰", "degrees": "°"}
WORDS = {
    "3kv_dc": "3 kV DC",
    "15kv_ac": "15 kV AC",
    "25kv_ac": "25 kV AC",
    "eu_external": "EU external",
    "schengen_internal": "Schengen internal",
    "western_balkans": "Western Balkans",
}
LABELS = {
    "dwell_p95_h": "Dwell, 95th percentile",
    "eu_role": "EU role",
    "lat": "Latitude",
    "locode": "UN/LOCODE",
    "lon": "Longitude",
    "nato_role": "NATO role",
    "pc_code": "P/C code",
    "roro": "Ro-ro",
    "wpi_channel_m": "Channel (World Port Index)",
    "wpi_pier_m": "Pier (World Port Index)",
}
# said in title and subtitle
LINK_HEAD = {"from_node", "to_node", "file", "mode", "kind", "country", "name"}
PLACE_HEAD = {"name", "kind", "country"}
BORDER_HEAD = {"node_id", "mode", "from_country", "to_country"}
_SUFFIX = re.compile(r"_(kph|km|mm|m|h|t|permille|per_day|per_week|days)$")


class Known(NamedTuple):
    """How the value of a cell is known."""

    basis: str
    source: str
    note: str


NOT_SAID = Known("", "", "")


def corridor_of(file: object, also_on: object) -> str:
    """Return the corridor a link is drawn as: its file's, else the first other."""
    name = str(file)
    if name != "ferries" and not name.startswith("connections"):
        return name
    return str(also_on).split(";")[0].strip() if _filled(also_on) else ""


class Popups:
    """The tables, prepared for popups."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.known = _provenance(tables)
        self.sources = tables.sources[["title", "url"]].to_dict("index")
        self.names = tables.nodes["name"].to_dict()
        self.units = {
            (table, field.name): UNIT_WORDS.get(field.unit, field.unit)
            for table, resource in tables.contract.tables.items()
            for field in resource.fields
        }
        self.links = _rows_of(tables.links)
        self.nodes = _rows_of(tables.nodes)
        self.ports = _rows_of(tables.ports)
        self.bases = _rows_of(tables.bases)
        self.borders: dict[str, list[Row]] = defaultdict(list)
        for row in _rows_of(tables.borders.reset_index()).values():
            self.borders[str(row["node_id"])].append(row)

    def number(self, node: str, column: str) -> float:
        """Return a number of a place, such as its longitude."""
        return float(str(self.nodes[node][column]))

    def sheet(self) -> Sheet:
        """Return an empty sheet, for one layer."""
        return Sheet(self)


class Sheet:
    """The popups of one layer, and the texts they share."""

    def __init__(self, popups: Popups) -> None:
        self._popups = popups
        self._texts = Texts()
        self._sources = Texts()

    def texts(self) -> dict[str, object]:
        """Return what the numbers of the popups refer to."""
        return {"texts": list(self._texts.all), "sources": list(self._sources.all)}

    def link(self, link_id: str) -> Record:
        """Return the popup of a link."""
        popups = self._popups
        row = popups.links[link_id]
        ends = (
            popups.names.get(row[end], row[end]) for end in ("from_node", "to_node")
        )
        corridors = _corridor_names(row["file"], row["also_on"])
        about = [
            row["name"],
            row["mode"],
            row["kind"],
            row["country"],
            corridors,
            link_id,
        ]
        notes: dict[str, None] = {}
        values = {k: v for k, v in row.items() if k not in LINK_HEAD | {"also_on"}}
        rows = self._rows("links", link_id, values, notes)
        return self._record(" – ".join(map(str, ends)), about, [("", rows)], notes)

    def place(self, node: str) -> Record:
        """Return the popup of a place, with its rows as port, base or crossing."""
        popups = self._popups
        row = popups.nodes[node]
        notes: dict[str, None] = {}
        values = {k: v for k, v in row.items() if k not in PLACE_HEAD}
        sections = [("", self._rows("nodes", node, values, notes))]
        for table, rows in (("ports", popups.ports), ("bases", popups.bases)):
            if node in rows:
                sections.append(("", self._rows(table, node, rows[node], notes)))
        for border in popups.borders.get(node, []):
            sections.append(self._border(border, notes))
        kind = style.SYMBOLS[str(row["kind"])].name.lower()
        return self._record(
            str(row["name"]), [kind, row["country"], node], sections, notes
        )

    def _border(self, row: Row, notes: dict[str, None]) -> tuple[str, list[list[int]]]:
        key = [str(row[c]) for c in ("node_id", "mode", "from_country", "to_country")]
        values = {k: v for k, v in row.items() if k not in BORDER_HEAD}
        heading = f"{key[1].capitalize()}, {key[2]} → {key[3]}"
        return heading, self._rows("borders", "/".join(key), values, notes)

    def _record(
        self,
        title: str,
        about: list[object],
        sections: list[tuple[str, list[list[int]]]],
        notes: dict[str, None],
    ) -> Record:
        subtitle = " · ".join(str(item) for item in about if _filled(item))
        filled = [[self._texts(head), rows] for head, rows in sections if rows]
        said = [self._texts(note) for note in notes]
        return [self._texts(title), self._texts(subtitle), filled, said]

    def _rows(
        self,
        table: str,
        row_id: str,
        values: Row,
        notes: dict[str, None],
    ) -> list[list[int]]:
        rows = []
        whole = self._popups.known.get((table, row_id, "*"), NOT_SAID)
        if whole.note:
            notes[whole.note] = None
        for column, value in values.items():
            if not _filled(value):
                continue
            known = self._popups.known.get((table, row_id, column), whole)
            label = _label(column)
            if known.note and known is not whole:
                notes[f"{label}: {known.note}"] = None
            unit = self._popups.units.get((table, column), "")
            words = _words(value, unit)
            row = (self._texts(label), self._texts(words), self._texts(known.basis))
            rows.append([*row, self._source(known.source)])
        return rows

    def _source(self, source_id: str) -> int:
        if not source_id:
            return NO_SOURCE
        source = self._popups.sources.get(source_id, {})
        title, url = source.get("title", source_id), source.get("url")
        return self._sources((str(title), str(url) if _filled(url) else ""))


def _rows_of(frame: pd.DataFrame) -> dict[str, Row]:
    return {
        str(key): {str(column): value for column, value in row.items()}
        for key, row in frame.to_dict("index").items()
    }


def _provenance(tables: Tables) -> dict[tuple[str, str, str], Known]:
    frame = tables.provenance.reset_index()
    columns = ["table", "id", "column", "basis", "source_id", "note"]
    return {
        (table, row_id, column): Known(
            str(basis), str(source), str(note) if _filled(note) else ""
        )
        for table, row_id, column, basis, source, note in frame[columns].itertuples(
            index=False, name=None
        )
    }


def _corridor_names(file: object, also_on: object) -> str:
    others = str(also_on).split(";") if _filled(also_on) else []
    own = [str(file)] if corridor_of(file, None) else []
    names = [style.corridor(name.strip()).name for name in [*own, *others]]
    return ", ".join(dict.fromkeys(names))


def _filled(value: object) -> bool:
    return value is not None and value is not pd.NA and value == value and value != ""


def _label(column: str) -> str:
    words = _SUFFIX.sub("", column).replace("_", " ")
    return LABELS.get(column) or words[:1].upper() + words[1:]


def _words(value: object, unit: str) -> str:
    if not isinstance(value, str):
        words = f"{float(value):.10g}"  # type: ignore[arg-type]
    elif re.fullmatch("[a-z0-9_]+", value):
        words = WORDS.get(value, value.replace("_", " "))
    else:
        words = re.sub(r";\s*", "; ", value)
    return words + ("" if unit in {"", "°"} else " ") + unit
