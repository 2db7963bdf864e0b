"""What a click on the map tells: every value with its unit, basis and source.

A popup is a nest of numbers that refer to texts and sources held once per layer, as
`page.js` reads them: title, subtitle, sections of rows (label, value, basis, source),
notes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from mobility.data.provenance import WHOLE_ROW, read_known, source_of
from mobility.data.rows import corridors_of, rows_of
from mobility.report import style
from mobility.report.leaflet import Texts

if TYPE_CHECKING:
    from mobility.data.tables import Tables
    from mobility.model import Row

Record = list[object]

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


def corridor_of(link: Row) -> str:
    """Return the corridor a link is drawn as: its file's, else the first other."""
    return next(iter(corridors_of(link)), "")


def corridor_names(tables: Tables) -> dict[str, str]:
    """Return the name of each corridor a link lies on; made of the id if none is said.

    A trunk that branches refer to is among them.
    """
    on = {c for link in rows_of(tables.links).values() for c in corridors_of(link)}
    on |= {style.corridor(corridor).trunk for corridor in on}
    ids = tables.corridors.index.get_level_values("corridor_id")
    said = dict(zip(map(str, ids), map(str, tables.corridors["name"]), strict=True))
    return {c: said.get(c, f"Corridor {c.replace('_', ' ')}") for c in sorted(on)}


class Popups:
    """The tables, prepared for popups."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.known = read_known(tables)
        self.sources = rows_of(tables.sources)
        self.names = tables.nodes["name"].to_dict()
        self.corridors = corridor_names(tables)
        self.units = {
            (table, field.name): UNIT_WORDS.get(field.unit, field.unit)
            for table, resource in tables.contract.tables.items()
            for field in resource.fields
        }
        self.links = rows_of(tables.links)
        self.nodes = rows_of(tables.nodes)
        self.ports = rows_of(tables.ports)
        self.bases = rows_of(tables.bases)
        self.borders: dict[str, list[Row]] = defaultdict(list)
        for row in rows_of(tables.borders.reset_index()).values():
            self.borders[str(row["node_id"])].append(row)

    def number(self, node: str, column: str) -> float:
        """Return a number of a place, such as its longitude."""
        return float(self.nodes[node][column])

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
        corridors = ", ".join(popups.corridors[c] for c in corridors_of(row))
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
        about: list[str | None],
        sections: list[tuple[str, list[list[int]]]],
        notes: dict[str, None],
    ) -> Record:
        subtitle = " · ".join(item for item in about if item)
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
        known = self._popups.known
        whole = source_of(known, table, row_id, WHOLE_ROW)
        if whole.get("note"):
            notes[whole["note"]] = None
        for column, value in values.items():
            if value is None:
                continue
            said = source_of(known, table, row_id, column)
            label = _label(column)
            if said.get("note") and said is not whole:
                notes[f"{label}: {said['note']}"] = None
            unit = self._popups.units.get((table, column), "")
            texts = (label, _words(value, unit), said.get("basis") or "")
            rows.append([*map(self._texts, texts), self._source(said.get("source_id"))])
        return rows

    def _source(self, source_id: str | None) -> int:
        if source_id is None:
            return NO_SOURCE
        source = self._popups.sources[source_id]
        return self._sources((source["title"], source["url"] or ""))


def _label(column: str) -> str:
    words = _SUFFIX.sub("", column).replace("_", " ")
    return LABELS.get(column) or words[:1].upper() + words[1:]


def _words(value: str | float, unit: str) -> str:
    if not isinstance(value, str):
        words = f"{value:.10g}"
    elif re.fullmatch("[a-z0-9_]+", value):
        words = WORDS.get(value, value.replace("_", " "))
    else:
        words = re.sub(r";\s*", "; ", value)
    return words + ("" if unit in {"", "°"} else " ") + unit
