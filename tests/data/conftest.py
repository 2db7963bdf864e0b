"""A data folder small enough to know by heart.

IT  |   AL                          |  MK
    |                               |
farport ~~~ harbour === town ----- gate ..... plain --- hill
    ferry       road, rail    road  |    planned    access
"""

import copy
import csv
import json
from pathlib import Path

import pytest

from mobility.data.checks import check_tables
from mobility.data.shapes import line_km

CONTRACT = Path(__file__).parents[2] / "corridors" / "datapackage.json"

PLACES = {
    "farport": ("Farport", "port", "IT", 17.0, 41.1),
    "gate": ("Gate", "border", "AL-MK", 20.5, 41.2),
    "harbour": ("Harbour", "port", "AL", 19.45, 41.3),
    "hill": ("Hill", "base", "MK", 20.9, 41.15),
    "plain": ("Plain", "city", "MK", 20.8, 41.1),
    "town": ("Town", "city", "AL", 19.8, 41.35),
}
LINKS = {
    "links/connections-mk.csv": [
        ("mk-road-001", "plain", "hill", "road", "access", "MK", "open", "")
    ],
    "links/ferries.csv": [
        ("ferry-001", "farport", "harbour", "ferry", "section", "AL-IT", "open", "")
    ],
    "links/viii.csv": [
        ("viii-rail-001", "harbour", "town", "rail", "section", "AL", "open", ""),
        ("viii-road-001", "harbour", "town", "road", "section", "AL", "open", ""),
        ("viii-road-002", "town", "gate", "road", "section", "AL", "open", ""),
        ("viii-road-003", "gate", "plain", "road", "section", "MK", "planned", "2030"),
    ],
}
LINK_COLUMNS = (
    "link_id",
    "from_node",
    "to_node",
    "mode",
    "kind",
    "country",
    "status",
    "opens",
)
EMPTY = (
    "packages",
    "reversals",
    "package_items",
    "line_categories",
    "loading_gauges",
    "requirements",
    "risk_groups",
)
BOXES = {
    "AL": (19.0, 39.5, 20.5, 42.7),
    "IT": (12.0, 39.5, 18.5, 44.0),
    "MK": (20.5, 40.8, 23.0, 42.4),
}


class Folder:
    """A data folder in memory, to be broken in one place, written and checked."""

    def __init__(self, root):
        self.root = root
        self.contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
        self.contract.pop("expected_components", None)
        self.contract["data_date"] = "2026-03-31"
        resources = {item["name"]: item for item in self.contract["resources"]}
        if "outlines" not in resources:
            outlines = {"name": "outlines", "path": "outlines.geojson"}
            self.contract["resources"].append(outlines)
            resources["outlines"] = outlines
        resources["outlines"]["sources"] = [{"source_id": "natural_earth"}]
        resources["links"]["path"] = sorted(LINKS)
        resources["geometry"]["path"] = "geometry/all.geojson"
        self.resources = resources
        self.tables = tables()
        self.lines = lines(self.tables)
        self.outlines = outlines_of(BOXES)

    def row(self, path, *key):
        """Return the row of a file with a key, to change it."""
        columns = self._key(path)
        found = [
            row
            for row in self.tables[path]
            if tuple(str(row[column]) for column in columns)[: len(key)] == key
        ]
        assert found, (path, key)
        return found[0]

    def link(self, link_id):
        """Return the row of a link, whatever its file."""
        paths = [path for path in self.tables if path.startswith("links/")]
        rows = [row for path in paths for row in self.tables[path]]
        return next(row for row in rows if row["link_id"] == link_id)

    def add(self, path, row, **changes):
        """Append a changed copy of a row, and keep the file sorted."""
        self.list_links(path)
        self.tables.setdefault(path, []).append({**row, **changes})
        columns = self._key(path)
        self.tables[path].sort(key=lambda row: tuple(str(row[c]) for c in columns))

    def list_links(self, path):
        """Name a file of links in the contract."""
        paths = self.resources["links"]["path"]
        if path.startswith("links/") and path not in paths:
            paths.append(path)

    def rename_links(self, path, new):
        """Move links to another file, in the contract too."""
        self.tables[new] = self.tables.pop(path)
        self.resources["links"]["path"].remove(path)
        self.list_links(new)

    def cite(self, table, row_id, **changes):
        """Append a row of provenance."""
        row = {"table": table, "id": row_id, "column": "*", **SOURCED, "note": ""}
        self.add("provenance.csv", row, **changes)

    def draw(self, link_id, *vertices):
        """Draw a link anew."""
        for line in self.lines:
            if line["properties"]["link_id"] == link_id:
                line["geometry"]["coordinates"] = [list(point) for point in vertices]
                line["properties"]["via"] = [f"v{i}" for i in range(len(vertices) - 2)]

    def write(self):
        """Write all files; return the root."""
        for path, rows in self.tables.items():
            file = self.root / path
            file.parent.mkdir(exist_ok=True, parents=True)
            with file.open("w", encoding="utf-8", newline="") as stream:
                columns = self.columns(path)
                extra = [c for row in rows for c in row if c not in columns]
                writer = csv.DictWriter(
                    stream, [*columns, *dict.fromkeys(extra)], lineterminator="\n"
                )
                writer.writeheader()
                writer.writerows(rows)
        (self.root / "geometry").mkdir(exist_ok=True)
        dump(self.root / "geometry" / "all.geojson", self.lines)
        dump(self.root / "outlines.geojson", self.outlines)
        contract = json.dumps(self.contract)
        (self.root / "datapackage.json").write_text(contract, encoding="utf-8")
        return self.root

    def problems(self):
        """Write and check the folder; return the problems, files below the root."""
        return self.short(check_tables(self.write()))

    def short(self, problems):
        """Return problems as lines, with files below the root."""
        return [
            str(problem).replace(f"{self.root.as_posix()}/", "") for problem in problems
        ]

    def columns(self, path):
        """Return the columns of a file, by the contract."""
        schema = self._resource(path)["schema"]
        return [field["name"] for field in schema["fields"]]

    def _key(self, path):
        return self._resource(path)["schema"]["primaryKey"]

    def _resource(self, path):
        links = path.startswith("links/")
        return self.resources["links" if links else Path(path).stem]


SOURCED = {
    "source_id": "atlas",
    "as_of": "2026",
    "basis": "published",
    "confidence": "high",
}


def dump(path, features):
    """Write features one a line."""
    rows = ",\n".join(json.dumps(feature) for feature in features)
    text = f'{{"type": "FeatureCollection", "features": [\n{rows}\n]}}\n'
    path.write_text(text, encoding="utf-8")


def tables():
    """Return the rows of each file of the small folder."""
    rows = {
        "nodes.csv": [
            {
                "node_id": node,
                "name": name,
                "kind": kind,
                "country": country,
                "lon": lon,
                "lat": lat,
            }
            for node, (name, kind, country, lon, lat) in PLACES.items()
        ],
        "countries.csv": [
            {"country": code, "name": name, "nato": "member", "eu": eu, "schengen": s}
            | {"time_zone": "Europe/Tirane"}
            for code, name, eu, s in (
                ("AL", "Albania", "candidate", "no"),
                ("IT", "Italy", "member", "yes"),
                ("MK", "North Macedonia", "candidate", "no"),
            )
        ],
        "corridors.csv": [
            {
                "corridor_id": "viii",
                "mode": mode,
                "from_node": "harbour",
                "to_node": end,
                "name": "VIII",
            }
            for mode, end in (("rail", "town"), ("road", "plain"))
        ],
        "borders.csv": [
            {
                "node_id": "gate",
                "mode": "road",
                "from_country": leaves,
                "to_country": enters,
                "border_type": "western_balkans",
            }
            for leaves, enters in (("AL", "MK"), ("MK", "AL"))
        ],
        "ports.csv": [
            {
                "node_id": "farport",
                "basin": "adriatic",
                "port_kind": "sea",
                "unreached": "Beyond the network.",
            },
            {
                "node_id": "harbour",
                "basin": "adriatic",
                "port_kind": "sea",
                "depth_m": 9.5,
            },
        ],
        "bases.csv": [{"node_id": "hill", "base_kind": "barracks"}],
        "vehicles.csv": [
            {
                "vehicle_id": "freight",
                "mode": "road",
                "name": "Lorry",
                "load_class": "wheeled",
                "source_id": "atlas",
                "basis": "published",
            }
        ],
        **{f"{name}.csv": [] for name in EMPTY},
        "rules.csv": [
            {
                "rule_id": f"speed_{terrain}",
                "quantity": "road_speed_kph",
                "mode": "road",
                "terrain": terrain,
                "value": value,
                "unit": "km/h",
                "basis": "assumed",
                "source_id": "atlas",
            }
            for terrain, value in (("flat", 60), ("hilly", 45))
        ],
        "sources.csv": [
            {"source_id": source, "title": source, "publisher": "Press"}
            for source in ("atlas", "natural_earth")
        ],
        "provenance.csv": [
            {"table": table, "id": row_id, "column": "*", **SOURCED, "note": note}
            for table, row_id, note in (
                ("links", "ferry-001", ""),
                ("links", "mk-road-001", ""),
                ("links", "viii-rail-001", ""),
                ("links", "viii-road-001", ""),
                ("links", "viii-road-002", ""),
                ("links", "viii-road-003", "Money is promised."),
                ("ports", "harbour", ""),
            )
        ],
    }
    for path, links in LINKS.items():
        rows[path] = [dict(zip(LINK_COLUMNS, link, strict=True)) for link in links]
        for row in rows[path]:
            ends = [PLACES[row[end]][3:] for end in ("from_node", "to_node")]
            row["length_km"] = round(line_km(ends) * 1.1, 1)
        for row in rows[path]:
            if row["mode"] == "road":
                row["road_class"] = "main"
    rows["links/ferries.csv"][0] |= {"crossing_h": 9, "sailings_per_week": 7}
    return copy.deepcopy(rows)


def lines(rows):
    """Draw each link straight."""
    return [
        {
            "type": "Feature",
            "properties": {"link_id": row["link_id"], "via": []},
            "geometry": {
                "type": "LineString",
                "coordinates": [
                    list(PLACES[row[end]][3:]) for end in ("from_node", "to_node")
                ],
            },
        }
        for path in LINKS
        for row in rows[path]
    ]


def outlines_of(boxes):
    """Draw each state as a box."""
    return [
        {
            "type": "Feature",
            "properties": {"country": country},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[w, s], [e, s], [e, n], [w, n], [w, s]],
                ],
            },
        }
        for country, (w, s, e, n) in boxes.items()
    ]


@pytest.fixture
def folder(tmp_path):
    """A sound data folder, not yet written."""
    return Folder(tmp_path)


@pytest.fixture
def make_folder(tmp_path_factory):
    """Make as many sound data folders as asked for."""
    return lambda: Folder(tmp_path_factory.mktemp("folder"))
