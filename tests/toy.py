"""Small made-up networks, straight from a picture to `Tables`.

A place is a city, unless its name starts with `port`, or reads `x|AL|MK`: a border
crossing between two states. Roads run at 60 km/h, railways at 30, a border costs 2 h, a
change of mode 5 h.
"""

from itertools import permutations
from pathlib import Path

import pandas as pd

from mobility.data.schema import read_contract
from mobility.data.tables import TABLES, Tables

CONTRACT = read_contract(Path(__file__).parents[1] / "corridors")

ENDS = ("from_node", "to_node")

RULES = (
    {"quantity": "road_speed_kph", "mode": "road", "value": 60.0},
    {"quantity": "rail_speed_kph", "mode": "rail", "value": 30.0},
    {"quantity": "rail_running_share", "mode": "rail", "value": 0.5},
    {"quantity": "rail_design_share", "mode": "rail", "value": 0.25},
    {"quantity": "rail_speed_max_kph", "mode": "rail", "value": 100.0},
    {"quantity": "built_axle_load_t", "mode": "rail", "value": 22.5},
    {"quantity": "built_mass_per_m_t", "mode": "rail", "value": 8.0},
    {"quantity": "border_dwell_h", "regime": "current", "value": 2.0},
    {"quantity": "border_dwell_h", "regime": "precleared", "value": 0.5},
    {"quantity": "transfer_h", "mode": "rail-road", "kind": "city", "value": 5.0},
    {"quantity": "transfer_h", "mode": "ferry-road", "kind": "port", "value": 1.0},
    {"quantity": "border_dwell_p95_h", "regime": "current", "value": 6.0},
    {"quantity": "border_dwell_p95_h", "regime": "precleared", "value": 1.0},
    {"quantity": "ferry_wait_p95_share", "mode": "ferry", "value": 0.95},
    {"quantity": "transfer_sigma", "value": 0.3},
    {"quantity": "time_sigma", "value": 0.15},
    {"quantity": "transfer_detour_kph", "value": 10.0},
    {"quantity": "ferry_wait_share", "mode": "ferry", "value": 0.5},
    {"quantity": "legal_gross_t", "value": 40.0},
    {"quantity": "legal_axle_t", "value": 11.5},
    {"quantity": "legal_height_m", "value": 4.0},
    {"quantity": "legal_width_m", "value": 2.55},
)
LINE_CATEGORIES = {
    "B1": (18.0, 5.0),
    "B2": (18.0, 6.4),
    "C2": (20.0, 6.4),
    "C3": (20.0, 7.2),
    "C4": (20.0, 8.0),
    "D2": (22.5, 6.4),
    "D3": (22.5, 7.2),
    "D4": (22.5, 8.0),
}
VEHICLES = (
    {"vehicle_id": "freight", "mode": "road", "gross_t": 40.0, "axle_load_t": 11.5},
    {"vehicle_id": "freight", "mode": "ferry"},
    {"vehicle_id": "freight", "mode": "rail", "axle_load_t": 20.0, "mass_per_m_t": 6.4},
    {"vehicle_id": "tank", "mode": "road", "gross_t": 100.0},
)


def toy(*links, borders=(), provenance=(), vehicles=VEHICLES, rules=(), **more):
    """Tables of links given as `("id", "a", "b", km)` and, if need be, more columns.

    >>> made = toy(("l1", "a", "b", 60), ("l2", "b", "c", 30, {"mode": "rail"}))
    >>> list(made.links.index)
    ['l1', 'l2']
    """
    rows = [_link(*link) for link in links]
    names = sorted({row[end] for row in rows for end in ENDS})
    states = {row[end]: row["country"] for row in rows for end in ENDS}
    nodes = [_node(name, states[name]) for name in names]
    crossings = [row for node in nodes for row in _crossings(node["node_id"])]
    given = {
        "nodes": nodes,
        "links": rows,
        "borders": [row | dict(borders) for row in crossings],
        "countries": [
            {"country": c, "name": n, "eu": "candidate", "schengen": "no"}
            for c, n in (("AL", "Albania"), ("IT", "Italy"), ("MK", "North Macedonia"))
        ],
        "vehicles": vehicles,
        "line_categories": [
            {"line_category": name, "axle_load_t": axle, "mass_per_m_t": per_metre}
            for name, (axle, per_metre) in LINE_CATEGORIES.items()
        ],
        "loading_gauges": [{"loading_gauge": "GC", "width_m": 3.15, "height_m": 4.65}],
        "rules": [
            {"rule_id": f"r{i}", **rule} for i, rule in enumerate([*RULES, *rules])
        ],
        "corridors": [
            {
                "corridor_id": name,
                "mode": "road",
                "from_node": names[0],
                "to_node": names[-1],
                "name": f"Corridor {name.upper()}",
            }
            for name in ("vc", "viii", "x")
        ],
        "provenance": provenance,
        **more,
    }
    frames = {name: frame(name, given.get(name, ())) for name in TABLES}
    return Tables(**frames, contract=CONTRACT, root=Path("toy"), version="toy")


def frame(name, rows):
    """A table of the contract, typed and indexed as the reader would."""
    resource = CONTRACT.resources[name]
    columns = [*resource.columns, *(["file"] if name == "links" else [])]
    table = pd.DataFrame(list(rows), columns=columns)
    for field in resource.fields:
        kind = {"number": "float64", "integer": "Int64"}.get(field.kind, "object")
        table[field.name] = table[field.name].astype(kind)
    return table.set_index(list(resource.key)).sort_index()


def _link(link_id, from_node, to_node, km, more=None):
    row = {
        "link_id": link_id,
        "from_node": from_node,
        "to_node": to_node,
        "mode": "road",
        "kind": "section",
        "country": "AL",
        "status": "open",
        "length_km": float(km),
        "road_class": "main",
        "file": "connections-al",
    }
    return row | (more or {})


def _node(name, state):
    kind = "border" if "|" in name else "port" if name.startswith("port") else "city"
    country = "-".join(name.split("|")[1:]) or state.split("-")[0]
    row = {"node_id": name, "name": name.title(), "kind": kind, "country": country}
    return row | {"lon": 20.0, "lat": 41.0}


def _crossings(name):
    """Rows of `borders` for both modes and directions of a crossing."""
    _, *states = name.split("|")
    return [
        {
            "node_id": name,
            "mode": mode,
            "from_country": here,
            "to_country": there,
            "border_type": "western_balkans",
            "goods": "yes",
        }
        for mode in ("road", "rail")
        for here, there in permutations(states, 2)
    ]
