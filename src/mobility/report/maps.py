"""Folium maps of the corridors and of routes across them.

Every link is drawn once, in the layer of its corridor and mode, of the connections, the
ferries, or of what is not built. A click shows each value with its unit, basis and
source.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mobility.data.shapes import read_outlines
from mobility.data.sheets import in_order
from mobility.errors import DataError, InputError, OutputError, UnknownNameError
from mobility.model import Mode, Route, Status
from mobility.report import style
from mobility.report.files import write_text
from mobility.report.leaflet import (
    Box,
    CorridorMap,
    DataLayer,
    LegendEntry,
    Texts,
    external_requests,
    line_json,
    symbol_json,
)
from mobility.report.popups import Popups, corridor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from mobility.data.shapes import Point
    from mobility.data.tables import Tables

ACCESS = "access"


def corridor_map(
    tables: Tables,
    *,
    routes: Iterable[Route] = (),
    cut: Iterable[str] = (),
    title: str | None = None,
    offline: bool = False,
) -> CorridorMap:
    """Draw the corridors, the places on them and, on top, routes.

    Parameters
    ----------
    tables
        What `read_tables` returns.
    routes
        Drawn above everything else, each in a layer of its own; the map opens on them.
    cut
        Links, places and risk groups without which no route is left: marked on top.
    title
        Heading of the map; by default it names what is shown.
    offline
        Land and graticule from the data instead of background tiles: the page then asks
        the network for nothing.

    Raises
    ------
    UnknownNameError
        A route uses a link, or the cut names a thing, that is not in the tables.
    InputError
        There is no link to draw.
    DataError
        A file of lines or, offline, that of outlines is broken.
    """
    routes = tuple(routes)
    paths = {str(link): _path(tables, str(link)) for link in tables.links.index}
    shown = [link for route in routes for link in _known(route, paths)] or list(paths)
    result = CorridorMap(
        _box(point for link in shown for point in paths[link]),
        title=_title(tables, routes) if title is None else title,
        credits=_credits(tables),
        offline=offline,
    )
    if offline:
        result.add_child(_land(tables))
    for layer in _link_layers(tables, paths):
        result.add_child(layer)
    for layer in _place_layers(tables):
        result.add_child(layer)
    # the best route is drawn last, above the others
    for route in sorted(routes, key=lambda route: -route.rank):
        result.add_child(_route_layer(tables, route))
    if cut := tuple(cut):
        result.add_child(_cut_layer(tables, cut, paths))
    return result


def save_map(corridor_map: CorridorMap, path: str | Path) -> None:
    """Write a map as one HTML file, whole or not at all; make no folder.

    Raises
    ------
    OutputError
        The file cannot be written, or a map made for offline use would ask the network
        for something, because a layer added to it does.
    """
    page = corridor_map.get_root().render()
    asked = external_requests(page) if corridor_map.offline else []
    if asked:
        message = f"cannot write '{path}': the page is for offline use, but loads "
        message += ", ".join(asked)
        raise OutputError(message)
    write_text(Path(path), page)


def _title(tables: Tables, routes: Sequence[Route]) -> str:
    ends = list(dict.fromkeys((route.nodes[0], route.nodes[-1]) for route in routes))
    if not ends:
        return "Corridors from the Adriatic to the Black Sea"
    names = tables.nodes["name"]
    if len(ends) > 1:
        return f"{len(routes)} routes"
    return f"{names[ends[0][0]]} – {names[ends[0][1]]}"


def _credits(tables: Tables) -> Iterator[str]:
    date = tables.package["data_date"]
    yield f"Corridor data {tables.version} of {date}, CC BY 4.0"
    yield "Boundaries imply no endorsement"


def _path(tables: Tables, link_id: str) -> list[Point]:
    drawn = tables.geometry.get(link_id)
    if drawn:
        return list(drawn)
    ends = tables.links.loc[link_id, ["from_node", "to_node"]]
    places = tables.nodes.loc[list(ends), ["lon", "lat"]]
    return [(float(lon), float(lat)) for lon, lat in places.to_numpy()]


def _known(route: Route, paths: dict[str, list[Point]]) -> tuple[str, ...]:
    for link in route.links:
        if link not in paths:
            message = f"route {route.rank} uses link '{link}', which is in no table"
            raise UnknownNameError(message)
    return route.links


def _box(points: Iterable[Point]) -> Box:
    lons, lats = zip(*points, strict=True) if (points := list(points)) else ((), ())
    if not lons:
        message = "there is no link to draw: the tables hold none"
        raise InputError(message)
    return min(lons), min(lats), max(lons), max(lats)


def _land(tables: Tables) -> DataLayer:
    outlines, problems = read_outlines(tables.root, tables.contract)
    if problems:
        raise DataError(in_order(problems))
    states = [
        [_flat((float(lon), float(lat)) for lon, lat in ring) for ring in rings]
        for rings in outlines.rings.values()
    ]
    data = {"box": outlines.box, "states": states}
    return DataLayer("Land", "mobility.land", data, control=False)


def _flat(points: Iterable[Point]) -> list[float]:
    return [round(number, 5) for point in points for number in point]


# links ------------------------------------------------------------------------------


class _Group(NamedTuple):
    """The layer a link belongs to, in the order of layers."""

    order: int
    name: str
    trunk: str


class _Drawn(NamedTuple):
    """A link as it is drawn."""

    link_id: str
    mode: Mode
    status: Status
    corridor: str
    path: list[Point]


def _link_layers(tables: Tables, paths: dict[str, list[Point]]) -> Iterator[DataLayer]:
    popups = Popups(tables)
    groups: dict[_Group, list[_Drawn]] = defaultdict(list)
    for link_id, row in popups.links.items():
        mode, status = Mode(row["mode"]), Status(row["status"])
        link = _Drawn(link_id, mode, status, corridor_of(row), paths[link_id])
        groups[_group(link, popups.corridors)].append(link)
    for group in sorted(groups):
        yield _link_layer(group, groups[group], popups)


def _group(link: _Drawn, names: dict[str, str]) -> _Group:
    if link.mode is Mode.FERRY:
        return _Group(1, "Ferries", "")
    if link.status in style.UNBUILT:
        return _Group(3, "Not built", "")
    if not link.corridor:
        return _Group(0, f"Connections, {link.mode}", "")
    trunk = style.corridor(link.corridor).trunk
    return _Group(2, f"{names[trunk]}, {link.mode}", trunk)


def _link_layer(group: _Group, links: list[_Drawn], popups: Popups) -> DataLayer:
    sheet = popups.sheet()
    lines = Texts()
    rows = []
    for link in links:
        line = style.link_line(link.mode, link.status, link.corridor)
        record = sheet.link(link.link_id)
        rows.append(
            [
                link.link_id,
                lines(line),
                int(bool(link.corridor)),
                record,
                _flat(link.path),
            ]
        )
    data = {
        **sheet.texts(),
        "styles": [line_json(line) for line in lines.all],
        "links": rows,
        "badges": [] if group.name == "Not built" else list(_badges(links)),
    }
    legend = _line_legend(links, popups.corridors)
    return DataLayer(group.name, "mobility.lines", data, legend=legend)


def _line_legend(links: list[_Drawn], names: dict[str, str]) -> Iterator[LegendEntry]:
    for trunk in sorted(
        {style.corridor(link.corridor).trunk for link in links if link.corridor}
    ):
        line = style.link_line(Mode.ROAD, Status.OPEN, trunk)
        yield LegendEntry("Corridors", 0, names[trunk], [line_json(line)])
    if any(not link.corridor and link.mode is not Mode.FERRY for link in links):
        line = style.link_line(Mode.ROAD, Status.OPEN)
        yield LegendEntry("Corridors", 1, "Connections", [line_json(line)])
    for order, mode in enumerate(Mode):
        if any(link.mode is mode for link in links):
            sign = [line_json(style.mode_line(mode))]
            yield LegendEntry("Mode", order, style.MODE_WORDS[mode], sign)
    for order, status in enumerate(Status):
        if any(link.status is status for link in links):
            sign = [line_json(style.link_line(Mode.ROAD, status))]
            yield LegendEntry("Status", order, style.STATUS_WORDS[status], sign)


def _badges(links: list[_Drawn]) -> Iterator[list[object]]:
    by_corridor: dict[str, list[Point]] = defaultdict(list)
    for link in links:
        if link.corridor:
            by_corridor[link.corridor].append(link.path[len(link.path) // 2])
    for corridor, points in sorted(by_corridor.items()):
        look = style.corridor(corridor)
        for lon, lat in _spread(points):
            yield [look.badge, look.colour, round(lon, 4), round(lat, 4)]


def _spread(points: list[Point], apart: float = 2.5) -> list[Point]:
    """Choose points that lie `apart` degrees from each other, from the middle out."""
    middle = (
        sum(p[0] for p in points) / len(points),
        sum(p[1] for p in points) / len(points),
    )
    chosen: list[Point] = []
    for point in sorted(points, key=lambda p: (_degrees(p, middle), p)):
        if all(_degrees(point, other) >= apart for other in chosen):
            chosen.append(point)
    return chosen


def _degrees(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], 1.35 * (a[1] - b[1]))


def _route_layer(tables: Tables, route: Route) -> DataLayer:
    casing, line = style.route_line(route.rank)
    hours, kilometres = f"{route.time_h:.1f} h", f"{route.length_km:.0f} km"
    name = f"Route {route.rank}: {hours}, {kilometres}"
    places = tables.nodes.loc[[route.nodes[0], route.nodes[-1]]]
    data = {
        "name": name,
        "rank": route.rank,
        "links": list(route.links),
        "casing": line_json(casing),
        "line": line_json(line),
        "ends": [
            [float(lon), float(lat), place, node]
            for node, lon, lat, place in places[["lon", "lat", "name"]].itertuples()
        ],
    }
    sign = [line_json(casing), line_json(line)]
    legend = [LegendEntry("Routes", route.rank, name, sign)]
    return DataLayer(name, "mobility.route", data, legend=legend)


def _cut_layer(
    tables: Tables, cut: Sequence[str], paths: dict[str, list[Point]]
) -> DataLayer:
    """Mark what would have to be lost: links dotted, each with a cross, and places."""
    links: list[str] = []
    marks: list[list[object]] = []
    groups = tables.risk_groups
    for name in cut:
        if name in tables.nodes.index:
            place = tables.nodes.loc[[name]].iloc[0]
            marks.append([float(place["lon"]), float(place["lat"]), place["name"]])
        elif name in paths:
            links.append(name)
        elif name in groups.index.get_level_values("group_id"):
            links += map(str, groups.loc[name].index)
        else:
            message = f"the cut names '{name}', which is in no table"
            raise UnknownNameError(message)
    for link in links:
        lon, lat = _middle(paths[link])
        marks.append([round(lon, 5), round(lat, 5), link])
    casing, line = (line_json(part) for part in style.CUT_LINE)
    symbol = symbol_json(style.CUT)
    name = f"Without these {len(cut)} no route is left"
    if len(cut) == 1:
        name = "Without this one no route is left"
    data = {
        "links": links,
        "marks": marks,
        "casing": casing,
        "line": line,
        "symbol": symbol,
    }
    legend = [LegendEntry("Cut", 0, name, symbol)]
    if links:
        legend.append(LegendEntry("Cut", 1, "such a link", [casing, line]))
    return DataLayer(name, "mobility.cut", data, legend=legend)


def _middle(path: Sequence[Point]) -> Point:
    """Return a point half way along a line, as the crow flies between its vertices."""
    steps = [_degrees(a, b) for a, b in pairwise(path)]
    left = sum(steps) / 2
    for (a, b), step in zip(pairwise(path), steps, strict=True):
        if step >= left:
            part = left / step if step else 0.0
            return a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])
        left -= step
    return path[-1]


def delay_layers(delay_h: Mapping[str, float]) -> Iterator[DataLayer]:
    """Draw links by the hours their loss costs, to be added to a `corridor_map`.

    Parameters
    ----------
    delay_h
        By link of the map; those of 0 are not drawn. The others are parted into four
        classes of as many links each, but for equals, which stay together.

    Yields
    ------
    DataLayer
        One per class, the least first, so that the worst is drawn on top.
    """
    ordered = sorted((delay, link) for link, delay in delay_h.items() if delay > 0)
    values = [delay for delay, _ in ordered]
    classes: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for delay, link in ordered:
        # the first of equals decides
        position = values.index(delay) * style.DELAY_CLASSES // len(values)
        classes[position].append((delay, link))
    for number, members in sorted(classes.items()):
        low, high = members[0][0], members[-1][0]
        span = f"{high:.2g} h" if low == high else f"{low:.2g} to {high:.2g} h"
        name = f"Mean delay if lost: {span}"
        casing, line = (line_json(look) for look in style.delay_line(number))
        data = {
            "name": name,
            "rank": style.DELAY_CLASSES - number,
            "links": [link for _, link in members],
            "casing": casing,
            "line": line,
            "ends": [],
        }
        entry = LegendEntry("Losses", -number, name, [casing, line])
        yield DataLayer(name, "mobility.route", data, legend=[entry])


# places -----------------------------------------------------------------------------


class _Labels(NamedTuple):
    """What ranks the labels of places."""

    degrees: Counter[str]
    ends: frozenset[str]

    def rank(self, node: str, layer: style.PlaceLayer) -> tuple[int, float]:
        """Return the rank of a label (less is more) and the zoom it appears from."""
        if node in self.ends and layer.kind in {"city", "port"}:
            return 1, 0.0
        if layer.kind == "city" and self.degrees[node] >= 3:
            return 2, 0.0 if self.degrees[node] >= 4 else 7.0
        return layer.rank, layer.zoom


def _labels(tables: Tables) -> _Labels:
    sections = tables.links[tables.links["kind"] != ACCESS]
    corridors = tables.corridors.reset_index()
    return _Labels(Counter(_both_ends(sections)), frozenset(_both_ends(corridors)))


def _both_ends(frame: pd.DataFrame) -> Iterator[str]:
    for column in ("from_node", "to_node"):
        yield from map(str, frame[column])


def _place_layers(tables: Tables) -> Iterator[DataLayer]:
    popups, labels = Popups(tables), _labels(tables)
    kinds = _kinds(tables)
    for layer in style.PLACE_LAYERS:
        nodes = [node for node, kind in kinds.items() if kind == layer.kind]
        if nodes:
            yield _place_layer(layer, nodes, popups, labels)


def _kinds(tables: Tables) -> dict[str, str]:
    flown = tables.bases["base_kind"].isin(["air_base", "airport"])
    airfields = set(map(str, tables.bases.index[flown]))
    return {
        str(node): "airport" if node in airfields else str(kind)
        for node, kind in tables.nodes["kind"].items()
    }


def _place_layer(
    layer: style.PlaceLayer, nodes: list[str], popups: Popups, labels: _Labels
) -> DataLayer:
    sheet = popups.sheet()
    rows = []
    for node in sorted(nodes, key=lambda node: (-labels.degrees[node], node)):
        lon, lat = (round(popups.number(node, axis), 5) for axis in ("lon", "lat"))
        rows.append([node, lon, lat, *labels.rank(node, layer), sheet.place(node)])
    symbol = symbol_json(layer.symbol)
    order = -style.PLACE_LAYERS.index(layer)
    return DataLayer(
        layer.name,
        "mobility.places",
        {**sheet.texts(), "symbol": symbol, "places": rows},
        legend=[LegendEntry("Places", order, layer.symbol.name, symbol)],
        show=layer.show,
    )
