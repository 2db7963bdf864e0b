"""Examine the hand-entered corridors against OpenStreetMap.

OpenStreetMap is the examiner, never the source: this script reports where a link's
line or length disagrees with the real network, and writes nothing. It is run by hand,
with the skeleton file (motorway to primary roads and main rail, with shapes) and,
for lengths, the graph of the same extract:

    python tests/against_osm.py SKELETON [--graph NODES EDGES] [--links REGEX]
    python tests/against_osm.py SKELETON --graph NODES EDGES --cities

The extract is of August 2021 and covers twelve states. What it cannot know is listed,
not judged: links in other states, unbuilt ones, ones younger than the extract.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NEAR_M = 4_000.0
SHARE_FLOOR = 0.90
DRAWN_RATIO = (0.70, 1.02)
LENGTH_TOLERANCE = 0.06
# Below this the choice of the end point in a town decides, not the link.
LENGTH_SLACK_KM = 1.0
SAMPLE_M = 400.0
END_KM = 1.5
SNAP_M = 4_000.0
# Beyond the nearest node, how far other candidates may lie: the opposite carriageway,
# the second track, the next street. More would let a mountain line cut its own loops.
SNAP_MARGIN_M = 500.0
SNAP_CANDIDATES = 40
# How far from a drawn line that is right to 4 km its real line may stray.
STRIP_M = 6_000.0
PIECE_M = 1_000.0
# Fewer nodes than this that hang together are no network to tie a place to.
ISLAND = 60
SEAM_M = 50.0
# Tracks no train takes along a line, if there is another way: some pieces of main
# line are tagged so.
SERVICE = ("yard", "spur")
SERVICE_DEAR = 3.0

PASSING = ("open", "restricted", "works")
UNBUILT = ("construction", "planned", "missing")
COVERED = {
    "albania": "AL",
    "bosnia-herzegovina": "BA",
    "bulgaria": "BG",
    "croatia": "HR",
    "greece": "GR",
    "hungary": "HU",
    "kosovo": "XK",
    "macedonia": "MK",
    "montenegro": "ME",
    "romania": "RO",
    "serbia": "RS",
    "slovenia": "SI",
}
# "opened to traffic in 2023", "in service since March 2022": younger than the extract.
YOUNGER = re.compile(
    r"\b(?:(?:re)?open(?:ed|ing)?|in (?:service|use|traffic)|complet(?:ed|ion)|"
    r"commissioned|finished|inaugurated|(?:motorway|road|line|bridge) since)\b"
    r"[^.;]{0,40}?\b(?:202[2-6]|(?:Sept?|Oct|Nov|Dec)\w* 2021)\b",
    re.IGNORECASE,
)
GEOD = Geod(ellps="WGS84")
# Equal-area about the middle of the region: true to 0.3 % in length throughout.
TO_METRES = Transformer.from_crs(
    4326, "+proj=laea +lat_0=43 +lon_0=21 +units=m", always_xy=True
)


@dataclass(frozen=True)
class Taste:
    """What kind of road a way keeps to.

    The factors only steer the search; what is compared is the length found.
    """

    dear: dict[str, float]
    """Factor on a kilometre of a class of road; 1 where not named."""
    ends_on: frozenset[str] = frozenset()
    """Classes a place may be tied to; empty: any."""


# An interchange is entered at town level, often a kilometre off its motorway, and
# must not be measured along the village street it happens to lie on.
TASTES = {
    "any": Taste({}),
    "high": Taste(
        {"primary": 2.0, "secondary": 2.5, "tertiary": 3.0},
        frozenset({"motorway", "trunk"}),
    ),
    "low": Taste(
        {"motorway": 2.5, "tertiary": 1.5},
        frozenset({"trunk", "primary", "secondary"}),
    ),
    "main": Taste({"secondary": 1.3, "tertiary": 1.6}),
}
TASTE_OF_CLASS = {
    "motorway": "high",
    "expressway": "high",
    "main": "low",
    "regional": "low",
}


class BadInputError(Exception):
    """An argument that cannot be used: one line for the reader."""


# --- the data under examination ------------------------------------------------


Line = NDArray[np.float64]


@dataclass(frozen=True)
class Link:
    """A row of the links under examination, with its drawn line."""

    link_id: str
    from_node: str
    to_node: str
    mode: str
    country: str
    status: str
    length_km: float
    road_class: str
    line: Line | None
    """Lon, lat of each vertex; None if not drawn."""
    younger: bool
    """Its provenance says that it opened after the extract was made."""


@dataclass(frozen=True)
class Corridors:
    """The tables under examination."""

    nodes: pd.DataFrame
    """Indexed by `node_id`: `kind`, `lon`, `lat`."""
    links: tuple[Link, ...]
    """In order of id."""


def read_corridors(folder: Path) -> Corridors:
    """Read nodes, links and drawn lines, however far they have been filled.

    Raises
    ------
    BadInputError
        If a file is missing or broken, naming it.
    """
    path = folder / "nodes.csv"
    nodes = read_table(path, ("node_id", "kind", "lon", "lat")).set_index("node_id")
    try:
        nodes = nodes.astype({"lon": float, "lat": float})
    except ValueError as error:
        raise unreadable(path, error) from error
    files = sorted((folder / "links").glob("*.csv"))
    if not files:
        message = f"no links in {folder / 'links'}"
        raise BadInputError(message)
    lines = dict(read_lines(folder / "geometry"))
    younger = younger_links(folder / "provenance.csv")
    links = [link for file in files for link in read_links(file, lines, younger)]
    for link in links:
        for place in (link.from_node, link.to_node):
            if place not in nodes.index:
                message = f"{link.link_id}: no place {place!r} in {path}"
                raise BadInputError(message)
    return Corridors(nodes, tuple(sorted(links, key=lambda link: link.link_id)))


def read_links(path: Path, lines: dict[str, Line], younger: set[str]) -> Iterator[Link]:
    """Yield the links of one file."""
    columns = [field.name for field in fields(Link)][:-2]
    for cells in read_table(path, columns).itertuples(index=False):
        row = dict(zip(columns, map(str, cells), strict=True))
        link_id, length = row["link_id"], row.pop("length_km")
        length_km = pd.to_numeric(length, errors="coerce")
        if not length_km > 0:
            message = f"{path}: {link_id}: length_km {length!r} is not a length"
            raise BadInputError(message)
        yield Link(
            **row,
            length_km=length_km,
            line=lines.get(link_id),
            younger=link_id in younger,
        )


def read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read columns of a CSV table as text, empty cells as empty strings."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        return table.loc[:, list(columns)]
    except (OSError, ValueError, KeyError) as error:
        raise unreadable(path, error) from error


def read_lines(folder: Path) -> Iterator[tuple[str, Line]]:
    """Yield each drawn line as `link_id` and an array of lon, lat."""
    for path in sorted(folder.glob("*.geojson")):
        try:
            features = json.loads(path.read_text(encoding="utf-8"))["features"]
        except (OSError, ValueError, KeyError) as error:
            raise unreadable(path, error) from error
        for feature in features:
            coordinates = np.array(feature["geometry"]["coordinates"], dtype=float)
            if len(coordinates) >= 2:
                yield feature["properties"]["link_id"], coordinates


def unreadable(path: Path, error: Exception) -> BadInputError:
    """Say in one line that a file cannot be read, and why."""
    if not path.exists():
        return BadInputError(f"no such file: {path}")
    return BadInputError(f"cannot read {path}: {str(error).splitlines()[0]}")


def younger_links(provenance: Path) -> set[str]:
    """Name the links whose provenance says they opened after August 2021."""
    if not provenance.exists():
        return set()
    table = read_table(provenance, ("table", "id", "note"))
    said = table["note"].str.contains(YOUNGER) & (table["table"] == "links")
    return set(table.loc[said, "id"])


# --- the examiner's lines ------------------------------------------------------


@dataclass(frozen=True)
class Skeleton:
    """Real lines in metres, one search tree per mode, and the states they cover."""

    trees: dict[str, shapely.STRtree]
    states: frozenset[str]


def read_skeleton(path: Path) -> Skeleton:
    """Read the skeleton lines; narrow-gauge rail is not part of the network."""
    table = read_parquet(path, ["class", "mode", "src", "geometry"])
    table = table[table["class"] != "narrow_gauge"]
    lonlat = shapely.from_wkb(table["geometry"].to_numpy())
    shapes = shapely.transform(lonlat, to_metres)
    modes = table["mode"].to_numpy()
    trees = {mode: shapely.STRtree(shapes[modes == mode]) for mode in ("road", "rail")}
    states = frozenset(COVERED[src] for src in table["src"].unique() if src in COVERED)
    return Skeleton(trees, states)


def read_parquet(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read some columns of a Parquet file."""
    try:
        return pd.read_parquet(path, columns=list(columns))
    except (OSError, ValueError, KeyError) as error:
        raise unreadable(path, error) from error


def to_metres(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project an array of lon, lat to metres."""
    return np.column_stack(TO_METRES.transform(lonlat[:, 0], lonlat[:, 1]))


def samples(line: Line) -> NDArray[Any]:
    """Cut a drawn line into points of equal weight, about `SAMPLE_M` apart."""
    shape = shapely.LineString(to_metres(line))
    count = max(4, round(shape.length / SAMPLE_M))
    at = (np.arange(count) + 0.5) / count
    return np.asarray(shapely.line_interpolate_point(shape, at, normalized=True))


def nearest_m(points: NDArray[Any], tree: shapely.STRtree) -> NDArray[np.float64]:
    """Measure the distance of each point to the nearest line of a tree."""
    if len(tree.geometries) == 0:
        return np.full(len(points), np.inf)
    _, distances = tree.query_nearest(points, return_distance=True, all_matches=False)
    return np.asarray(distances)


# --- the examiner's graph ------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """A way found on the real graph."""

    line: Line
    """Metres, of every node on it, from place to place."""
    length_km: float
    """From place to place, the first and last stretch as the crow flies."""
    slack_km: float
    """How far the two places lie off the real network."""

    def fitted_km(self, length_km: float) -> float:
        """Give the length nearest to a stated one that the slack leaves open.

        Places are points at town level; if one lies off the network, no one has said
        whether the stretch ends there or on the network.
        """
        return max(min(length_km, self.length_km), self.length_km - self.slack_km)


@dataclass(frozen=True)
class Graph:
    """A routable real network, with two extra nodes per place.

    From a place's first node arcs lead out to the real nodes around it, into its
    second they lead back: a place is reached and left at any candidate, and no way
    passes through one.
    """

    costs: csr_array
    keys: NDArray[np.int64]
    """Of each arc: tail times number of nodes, plus head; ascending."""
    lengths: NDArray[np.float64]
    """Of each arc, in metres."""
    xy: Line
    """Metres, of the real nodes, then of the places, twice."""
    tree: cKDTree
    place: dict[str, int]
    """Position of each place that could be tied."""
    off_km: dict[str, float]
    """Distance of each place from the nearest real node it may be tied to."""

    def ways(
        self,
        origin: str,
        destinations: Iterable[str],
        *,
        limit_km: float,
        along: Line | None = None,
    ) -> dict[str, Way]:
        """Find the cheapest way from one place to each of several, if there is one.

        Parameters
        ----------
        limit_km
            Cost beyond which the search gives up.
        along
            Keep within `STRIP_M` of this line (lon, lat).
        """
        ends = [name for name in destinations if name in self.place]
        if origin not in self.place or not ends:
            return {}
        into = len(self.place)
        real = len(self.xy) - 2 * into
        start = real + self.place[origin]
        stops = np.array([real + into + self.place[name] for name in ends])
        costs, kept = self.costs, np.arange(len(self.xy))
        if along is not None:
            kept = np.union1d(self.strip(along), np.append(stops, start))
            costs = costs[kept][:, kept]
        cost, before = dijkstra(
            costs,
            indices=int(np.searchsorted(kept, start)),
            limit=limit_km * 1000,
            return_predecessors=True,
        )
        at = np.searchsorted(kept, stops)
        return {
            name: self.way(
                kept[trace(before, int(stop))], self.off_km[origin] + self.off_km[name]
            )
            for name, stop in zip(ends, at, strict=True)
            if np.isfinite(cost[stop])
        }

    def strip(self, line: Line) -> NDArray[np.int64]:
        """Find the nodes within `STRIP_M` of a line (lon, lat)."""
        points = shapely.get_coordinates(samples(line))
        found = self.tree.query_ball_point(points, STRIP_M)
        return np.unique(np.concatenate([np.array(near, np.int64) for near in found]))

    def way(self, nodes: NDArray[np.int64], slack_km: float) -> Way:
        """Measure a way given as nodes from place to place."""
        keys = nodes[:-1] * len(self.xy) + nodes[1:]
        km = float(self.lengths[np.searchsorted(self.keys, keys)].sum()) / 1000
        return Way(self.xy[nodes], km, slack_km)


def trace(before: NDArray[np.int32], end: int) -> NDArray[np.int64]:
    """Follow predecessors back to the origin."""
    way = [end]
    while (step := int(before[way[-1]])) >= 0:
        way.append(step)
    return np.array(way[::-1], dtype=np.int64)


@dataclass(frozen=True)
class Extract:
    """The graph files as read: nodes in metres, edges, of all modes."""

    xy: Line
    edges: pd.DataFrame


def read_extract(nodes: Path, edges: Path) -> Extract:
    """Read the columns needed of the graph files."""
    place = read_parquet(nodes, ["lon", "lat"]).astype(float)
    columns = ["u", "v", "length_m", "class", "mode", "status", "service"]
    return Extract(to_metres(place.to_numpy()), read_parquet(edges, columns))


def build_graph(
    extract: Extract,
    places: pd.DataFrame,
    mode: str,
    *,
    statuses: Iterable[str],
    taste: Taste,
) -> Graph:
    """Build the graph of one mode for one taste, with places tied in.

    Parameters
    ----------
    statuses
        Which edges count: `active`, and for what is closed or younger others too.
    """
    edges = extract.edges
    kept = (edges["mode"] == mode) & edges["status"].isin(list(statuses))
    edges = edges[kept & (edges["class"] != "narrow_gauge")]
    kind = edges["class"].astype(str).str.removesuffix("_construction")
    u, v = edges["u"].to_numpy(np.int64), edges["v"].to_numpy(np.int64)
    length = np.maximum(edges["length_m"].to_numpy(dtype=float), 0.1)
    nodes, edge, u, v, length = split(extract.xy, u, v, length)
    kind = kind.iloc[edge]
    service = edges["service"].iloc[edge]
    cost = length * kind.map(taste.dear).fillna(1.0).to_numpy()
    cost *= np.where(service.isin(SERVICE), SERVICE_DEAR, 1.0)
    # Against one-way streets too: both carriageways are equally long, but a place
    # tied to the wrong one would be measured by way of the next interchange.
    arcs = [(u, v, cost, length), (v, u, cost, length)]

    if mode == "rail":
        arcs += seams(nodes, u, v)
    # Nor is a place tied to the siding of a works: that may lead the other way.
    ends = service.isna().to_numpy() & (
        kind.isin(taste.ends_on).to_numpy() | (not taste.ends_on)
    )
    near = np.unique(np.concatenate([u[ends], v[ends]]))
    near = near[joined(arcs, len(nodes))[near]]
    place_xy = to_metres(places[["lon", "lat"]].to_numpy(dtype=float))
    ids, who, which, gap, off = tie(nodes[near], place_xy)
    real = len(nodes)
    arcs += [(real + who, near[which], gap, gap)]
    arcs += [(near[which], real + len(ids) + who, gap, gap)]
    xy = np.concatenate([nodes, place_xy[ids], place_xy[ids]])
    tails, heads, costs, lengths = map(np.concatenate, zip(*arcs, strict=True))
    keys, costs, lengths = cheapest_arcs(tails * len(xy) + heads, costs, lengths)
    matrix = csr_array(
        (costs, (keys // len(xy), keys % len(xy))), shape=(len(xy), len(xy))
    )
    place = {str(places.index[i]): position for position, i in enumerate(ids)}
    off_km = dict(zip(map(str, places.index), off / 1000, strict=True))
    return Graph(matrix, keys, lengths, xy, cKDTree(xy), place, off_km)


def cheapest_arcs(
    keys: NDArray[np.int64],
    costs: NDArray[np.float64],
    lengths: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Keep the cheapest of parallel arcs: a sparse matrix would add them up."""
    order = np.lexsort((costs, keys))
    keys = keys[order]
    first = np.concatenate([[True], keys[1:] != keys[:-1]])
    return keys[first], costs[order][first], lengths[order][first]


def joined(arcs: Iterable[tuple[Any, ...]], count: int) -> NDArray[np.bool_]:
    """Tell which nodes lead somewhere, and not only round a works yard."""
    tails, heads = (np.concatenate([arc[end] for arc in arcs]) for end in (0, 1))
    matrix = csr_array((np.ones(len(tails)), (tails, heads)), shape=(count, count))
    # Weak components: the strong ones are slow on duplicate arcs.
    _, part = connected_components(matrix, directed=False)
    return np.asarray(np.bincount(part)[part] >= ISLAND)


def split(
    nodes: Line,
    u: NDArray[np.int64],
    v: NDArray[np.int64],
    length: NDArray[np.float64],
) -> tuple[Line, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Any]:
    """Cut long edges into pieces, so that a place on the way can be tied to them.

    The graph has no shapes: the new nodes lie on the chord.

    Returns
    -------
    tuple
        The nodes, the new ones last; then one entry per piece: position of its edge,
        its two nodes, its length.
    """
    pieces = np.ceil(length / PIECE_M).astype(np.int64)
    edge = np.repeat(np.arange(len(u)), pieces)
    rank = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    inner = rank > 0
    share = (rank / pieces[edge])[inner, None]
    cut = edge[inner]
    added = nodes[u[cut]] * (1 - share) + nodes[v[cut]] * share
    start, end = u[edge], v[edge]
    start[inner] = len(nodes) + np.arange(len(cut))
    end[:-1][inner[1:]] = start[inner]
    return np.concatenate([nodes, added]), edge, start, end, (length / pieces)[edge]


def seams(
    xy: Line, u: NDArray[np.int64], v: NDArray[np.int64]
) -> list[tuple[Any, Any, Any, Any]]:
    """Join tracks that stop a few metres short of another.

    The extract is put together from tiles, and a railway cut at a seam would be
    measured by way of the next triangle. Dear, so that they are a last resort; only
    from dead ends, or a spiral would be cut short where it crosses itself.
    """
    used, degree = np.unique(np.concatenate([u, v]), return_counts=True)
    pairs = cKDTree(xy[used]).query_pairs(SEAM_M, output_type="ndarray")
    pairs = pairs[(degree[pairs] == 1).any(axis=1)]
    one, other = used[pairs].astype(np.int64).T
    length = np.maximum(np.hypot(*(xy[one] - xy[other]).T), 0.1)
    return [(one, other, 5 * length, length), (other, one, 5 * length, length)]


def tie(
    real: Line, places: Line
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Any, Any]:
    """Tie each place to several real nodes around it.

    One node would not do: the nearest may lie on the other carriageway, on a siding
    or on a road that passes above, and the way round be a false detour.

    Returns
    -------
    tuple
        The places that have a candidate; one entry per tie: position in that list,
        real node, distance in metres; of every place, the distance of the nearest.
    """
    if len(real) == 0 or len(places) == 0:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none, np.zeros(0), np.full(len(places), np.inf)
    gap, node = cKDTree(real).query(places, k=np.arange(1, SNAP_CANDIDATES + 1))
    ids = np.flatnonzero(gap[:, 0] <= SNAP_M)
    who, rank = np.nonzero(gap[ids] <= gap[ids, :1] + SNAP_MARGIN_M)
    return ids, who, node[ids[who], rank], gap[ids[who], rank], gap[:, 0]


# --- one link ------------------------------------------------------------------


def drawn(link: Link, skeleton: Skeleton) -> dict[str, Any]:
    """Compare a drawn line with the real lines of its mode.

    Returns
    -------
    dict
        `drawn_km`; `drawn_ratio` to `length_km`; `near`, the share within 4 km of a
        real line; `far_km` and `far_at`, the worst point. Empty if there is no line,
        the first two alone if there is no real line to hold it against.
    """
    if link.line is None:
        return {}
    drawn_km = GEOD.line_length(link.line[:, 0], link.line[:, 1]) / 1000
    found = {"drawn_km": drawn_km, "drawn_ratio": drawn_km / link.length_km}
    if not covered(link, skeleton):
        return found
    points = samples(link.line)
    away = nearest_m(points, skeleton.trees[link.mode])
    worst = points[int(away.argmax())]
    lon, lat = TO_METRES.transform(worst.x, worst.y, direction="INVERSE")
    return found | {
        "near": float((away <= NEAR_M).mean()),
        "far_km": float(away.max() / 1000),
        "far_at": f"{lat:.2f}N {lon:.2f}E",
    }


def covered(link: Link, skeleton: Skeleton) -> bool:
    """Tell whether the extract holds the link's mode and state."""
    return link.mode in skeleton.trees and link.country in skeleton.states


@dataclass(frozen=True)
class Network:
    """The real graphs a link is measured on, made once each when first asked for."""

    extract: Extract
    places: pd.DataFrame
    made: dict[tuple[str, str, bool], Graph]

    def graph(self, mode: str, taste: str, *, idle: bool = False) -> Graph:
        """Give the graph of a mode and taste; `idle` counts unused edges too."""
        key = (mode, taste, idle)
        if key not in self.made:
            statuses = ["active"]
            if idle:
                statuses += ["construction", "disused", "abandoned", "preserved"]
            self.made[key] = build_graph(
                self.extract,
                self.places,
                mode,
                statuses=statuses,
                taste=TASTES[taste],
            )
        return self.made[key]


def measured(link: Link, network: Network) -> dict[str, Any]:
    """Measure a land link between its two ends on the real graph.

    A road is measured on its own kind of road, along the drawn line and freely (on
    any road where that leads nowhere), a railway on lines in use; where nothing fits,
    also over what was closed or being built in the extract. The length nearest to
    `length_km` counts.

    Returns
    -------
    dict
        `far_end`, the end that lies more than `END_KM` off the network, and how far.
        Unless no way was found: `real_km`; `off`, the relative difference of
        `length_km`; `idle`, true if only a way over closed or unfinished edges fits;
        `on_way`, the share of the drawn line within 4 km of that way.
    """
    own = TASTE_OF_CLASS.get(link.road_class, "any")
    best: dict[str, Any] = {}
    for idle in (False, True):
        graph = network.graph(link.mode, own, idle=idle)
        found = ways_of(link, graph)
        if not found and own != "any":
            graph = network.graph(link.mode, "any", idle=idle)
            found = ways_of(link, graph)
        if not idle:
            far = far_end(link, graph)
        for way in found:
            real = way.fitted_km(link.length_km)
            off = link.length_km / real - 1
            if not best or abs(off) < abs(best["off"]):
                best = {"real_km": real, "off": off, "idle": idle}
                best["on_way"] = share_near(link, way)
        if best and not disagrees(link.length_km, best["real_km"]):
            break
    return best | {"far_end": far}


def far_end(link: Link, graph: Graph) -> str:
    """Name the end that lies off the network, and its distance in kilometres."""
    off = {place: graph.off_km[place] for place in (link.from_node, link.to_node)}
    place = max(off, key=lambda place: off[place])
    return f"{place} {off[place]:.1f}" if off[place] > END_KM else ""


def ways_of(link: Link, graph: Graph) -> list[Way]:
    """Find the ways between the ends of a link: along its drawn line, and freely."""
    limit = 4 * link.length_km + 20
    found: list[Way] = []
    for along in (link.line, None):
        ways = graph.ways(link.from_node, [link.to_node], limit_km=limit, along=along)
        found += ways.values()
    return found


def share_near(link: Link, way: Way) -> float:
    """Measure the share of a drawn line within 4 km of one real way."""
    if link.line is None:
        return np.nan
    tree = shapely.STRtree([shapely.LineString(way.line)])
    return float((nearest_m(samples(link.line), tree) <= NEAR_M).mean())


def disagrees(length_km: float, real_km: float) -> bool:
    """Tell whether a length is off by more than the tolerance, or has no measure."""
    tolerance = max(LENGTH_TOLERANCE * real_km, LENGTH_SLACK_KM)
    return not abs(length_km - real_km) <= tolerance


def examine(
    links: Iterable[Link], skeleton: Skeleton, network: Network | None
) -> pd.DataFrame:
    """Examine every link.

    Returns
    -------
    pandas.DataFrame
        Indexed by `link_id`: the link, what `drawn` and `measured` found; `standing`:
        `judged`, or why not; `faults` in words, empty where all agrees; `wrong_km`,
        a size to rank faults by.
    """
    rows = []
    for link in links:
        found = dict.fromkeys(("drawn_km", "drawn_ratio", "near", "far_km"), np.nan)
        row: dict[str, Any] = found | {"real_km": np.nan, "off": np.nan}
        row |= {"far_at": "", "far_end": "", "on_way": np.nan, "idle": False}
        row |= drawn(link, skeleton)
        if network and covered(link, skeleton) and link.status not in UNBUILT:
            row |= measured(link, network)
        fits = row["idle"] and not disagrees(link.length_km, row["real_km"])
        row["standing"] = standing(link, skeleton, idle=fits)
        wrong = dict(faults(link, row, lengths=network is not None))
        row |= {"faults": ", ".join(wrong), "wrong_km": sum(wrong.values())}
        rows.append({name: getattr(link, name) for name in LINK_COLUMNS} | row)
    return pd.DataFrame(rows).set_index("link_id")


def standing(link: Link, skeleton: Skeleton, *, idle: bool) -> str:
    """Say whether the extract can judge a link, and if not, why."""
    if link.mode == "ferry":
        return "ferry"
    if not covered(link, skeleton):
        return "not covered"
    if link.status in UNBUILT:
        return "unbuilt"
    # A closed line is idle in the extract too, and can be judged there.
    if link.younger or (idle and link.status != "closed"):
        return "younger"
    return "judged"


def faults(
    link: Link, row: dict[str, Any], *, lengths: bool
) -> Iterator[tuple[str, float]]:
    """Yield what is wrong with a link, and the kilometres it amounts to."""
    if link.line is None:
        yield "no line", link.length_km
        return
    low, high = DRAWN_RATIO
    if not low <= row["drawn_ratio"] <= high:
        bound = low if row["drawn_ratio"] < low else high
        yield "drawn", abs(row["drawn_km"] - bound * link.length_km)
    if row["standing"] != "judged":
        return
    # A line along the very way measured is right, even where that way is a minor road
    # or a closed railway, which the skeleton leaves out.
    if row["near"] < SHARE_FLOOR and not row["on_way"] >= SHARE_FLOOR:
        yield "line", (1 - row["near"]) * row["drawn_km"]
    if not lengths:
        return
    if np.isnan(row["real_km"]):
        yield "no way", 0.0
    elif disagrees(link.length_km, row["real_km"]):
        yield "length", abs(link.length_km - row["real_km"])


# --- cities --------------------------------------------------------------------


@dataclass(frozen=True)
class Leg:
    """The shortest way in our network between two neighbouring cities."""

    mode: str
    origin: str
    destination: str
    length_km: float
    links: tuple[str, ...]


def neighbours(corridors: Corridors, mode: str) -> Iterator[Leg]:
    """Yield the neighbouring pairs of cities and our shortest way between them today.

    Neighbours have no third city on that way, nor in the circle between them: else
    all towns that a motorway passes by would be neighbours of each other.
    """
    towns = corridors.nodes[corridors.nodes["kind"] == "city"]
    all_xy = to_metres(towns[["lon", "lat"]].to_numpy(dtype=float))
    place = dict(zip(map(str, towns.index), all_xy, strict=True))
    # Of parallel links the shorter one is the shortest way.
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for link in corridors.links:
        if link.mode == mode and link.status in PASSING:
            ends = (link.from_node, link.to_node)
            for pair in (ends, ends[::-1]):
                this = (link.length_km, link.link_id)
                best[pair] = min(this, best.get(pair, this))
    names = sorted({name for pair in best for name in pair})
    number = {name: i for i, name in enumerate(names)}
    cities = [i for i, name in enumerate(names) if name in place]
    if not cities:
        return
    tails, heads = ([number[pair[end]] for pair in best] for end in (0, 1))
    matrix = csr_array(
        ([km for km, _ in best.values()], (tails, heads)),
        shape=(len(names), len(names)),
    )
    length, before = dijkstra(matrix, indices=cities, return_predecessors=True)
    for row, origin in enumerate(cities):
        for end in cities:
            if end <= origin or not np.isfinite(length[row, end]):
                continue
            way = [names[i] for i in trace(before[row], end)]
            if any(name in place for name in way[1:-1]) or another_between(
                place[way[0]], place[way[-1]], all_xy
            ):
                continue
            links = tuple(best[pair][1] for pair in itertools.pairwise(way))
            yield Leg(mode, way[0], way[-1], float(length[row, end]), links)


def another_between(one: Line, other: Line, cities: Line) -> bool:
    """Tell whether a third city lies in the circle with the two as its diameter."""
    away = np.hypot(*(cities - (one + other) / 2).T)
    # The two themselves lie on the circle.
    return bool((away < 0.499 * np.hypot(*(one - other))).any())


def examine_cities(
    corridors: Corridors, skeleton: Skeleton, network: Network
) -> pd.DataFrame:
    """Compare the way between neighbouring cities with the real one.

    Returns
    -------
    pandas.DataFrame
        One row per pair and mode: `length_km` of ours, `any_km` by length on any
        road, `main_km` keeping to main roads, `off` against the nearer of the two,
        `standing`, `fault`, `links`. The fault is `length` where the links on it are
        wrong together, `shorter way` where they are right, but the real network has
        a shorter way that we do not have.
    """
    links = {link.link_id: link for link in corridors.links}
    rows = []
    for mode, tastes in (("road", ("any", "main")), ("rail", ("any",))):
        legs = sorted(neighbours(corridors, mode), key=lambda leg: leg.origin)
        for origin, group in itertools.groupby(legs, key=lambda leg: leg.origin):
            ours = {leg.destination: leg for leg in group}
            real = [
                real_lengths(network.graph(mode, taste), origin, ours)
                for taste in tastes
            ]
            for end, leg in ours.items():
                found = [lengths.get(end, np.nan) for lengths in real]
                near = nearest_to(leg.length_km, found)
                ours_links = [links[link] for link in leg.links]
                state = leg_standing(ours_links, skeleton)
                fault = ""
                if state == "judged" and disagrees(leg.length_km, near):
                    fault = leg_fault(leg, ours_links, network, near)
                    state = "judged" if fault else "younger"
                row = {"mode": mode, "from": origin, "to": end}
                row |= {"length_km": leg.length_km, "any_km": found[0]}
                row |= {"main_km": found[-1], "off": leg.length_km / near - 1}
                row |= {"standing": state, "fault": fault}
                rows.append(row | {"links": " ".join(leg.links)})
    columns = ["mode", "from", "to", "length_km", "any_km", "main_km", "off"]
    return pd.DataFrame(rows, columns=[*columns, "standing", "fault", "links"])


def leg_fault(leg: Leg, links: Sequence[Link], network: Network, near_km: float) -> str:
    """Say why a leg disagrees; empty if only the extract is too old for it."""
    found = [measured(link, network) for link in links]
    real_km = sum(way.get("real_km", np.nan) for way in found)
    if disagrees(leg.length_km, real_km):
        return "length"
    if any(way["idle"] for way in found):
        return ""
    # Errors within the tolerance of each link may add up.
    return "shorter way" if leg.length_km > near_km else "length"


def nearest_to(length_km: float, found: Iterable[float]) -> float:
    """Pick the measured length nearest to ours; NaN if nothing was measured."""
    known = (km for km in found if not np.isnan(km))
    return min(known, key=lambda km: abs(km - length_km), default=np.nan)


def real_lengths(graph: Graph, origin: str, ours: dict[str, Leg]) -> dict[str, float]:
    """Measure the real lengths from a city to its neighbours, in kilometres."""
    limit = 1.6 * max(leg.length_km for leg in ours.values()) + 20
    ways = graph.ways(origin, ours, limit_km=limit)
    return {end: way.fitted_km(ours[end].length_km) for end, way in ways.items()}


def leg_standing(links: Iterable[Link], skeleton: Skeleton) -> str:
    """Say whether the extract can judge a way, and if not, why."""
    states = {standing(link, skeleton, idle=False) for link in links}
    return next((why for why in ("not covered", "younger") if why in states), "judged")


# --- the report ----------------------------------------------------------------

LINK_COLUMNS = ("link_id", "from_node", "to_node", "mode", "status", "length_km")
SHOWN = {
    "from_node": "from",
    "to_node": "to",
    "status": "status",
    "length_km": "length_km",
    "real_km": "real_km",
    "off": "off_%",
    "drawn_ratio": "drawn_%",
    "near": "near_%",
    "on_way": "on_way_%",
    "far_km": "far_km",
    "far_at": "far_at",
    "far_end": "far_end_km",
    "faults": "faults",
}


def as_text(table: pd.DataFrame) -> str:
    """Lay a table out for reading: shares in percent, one decimal."""
    table = table.copy()
    for name in map(str, table.columns):
        if name.endswith("_%"):
            table[name] = table[name].astype(float) * 100
    return table.to_string(float_format="{:.1f}".format, na_rep="-")


def print_links(result: pd.DataFrame, *, csv: bool) -> None:
    """Print the links that disagree, the ones not judged, and the summary."""
    bad = result[result["faults"] != ""].sort_values(
        "wrong_km", ascending=False, kind="stable"
    )
    if csv:
        bad[[*SHOWN, "standing"]].to_csv(sys.stdout, float_format="%.4f")
        return
    if len(bad):
        print(as_text(bad[list(SHOWN)].rename(columns=SHOWN)))
    for reason in ("not covered", "unbuilt"):
        ids = result.index[result["standing"] == reason]
        print(f"\n{reason} ({len(ids)}): {' '.join(ids)}")
    younger = result.loc[result["standing"] == "younger", "off"]
    offs = [f"{link} ({off:+.0%})" for link, off in younger.items()]
    print(f"\nyounger, length off by ({len(offs)}): {' '.join(offs)}")
    print(f"\n{summary(result)}")


def summary(result: pd.DataFrame) -> str:
    """Put the figures in one line."""
    passing = result[result["status"].isin(PASSING) & result["near"].notna()]
    drawn_km = passing["drawn_km"].sum()
    near_km = (passing["near"] * passing["drawn_km"]).sum()
    share = near_km / drawn_km if drawn_km else np.nan
    count = result["faults"].str.split(", ").explode().value_counts()
    return (
        f"{len(result)} links, {(result['standing'] == 'judged').sum()} judged; "
        f"{share:.1%} of {drawn_km:,.0f} km drawn of open links within 4 km "
        f"(target {SHARE_FLOOR:.0%}); "
        f"{count.get('line', 0)} lines astray, {count.get('no line', 0)} not drawn; "
        f"{count.get('drawn', 0)} drawn outside 70–102 %; "
        f"{count.get('length', 0)} lengths off by more than 6 %; "
        f"{count.get('no way', 0)} without a real way"
    )


def print_cities(result: pd.DataFrame, *, csv: bool) -> None:
    """Print the pairs of cities whose distance disagrees, and the summary."""
    wrong = result[result["fault"] != ""]
    wrong = wrong.sort_values(["fault", "off"], key=badness, kind="stable")
    wrong = wrong.drop(columns="standing")
    if csv:
        wrong.to_csv(sys.stdout, index=False, float_format="%.4f")
        return
    if len(wrong):
        print(as_text(wrong.rename(columns={"off": "off_%"}).set_index("mode")))
    count = result["standing"].value_counts()
    standings = ", ".join(f"{number} {why}" for why, number in count.items())
    faults = wrong["fault"].value_counts()
    print(
        f"\n{len(result)} neighbouring pairs ({standings}); "
        f"{faults.get('length', 0)} off by more than 6 % in length, "
        f"{faults.get('shorter way', 0)} for want of a shorter way"
    )


def badness(column: pd.Series[Any]) -> pd.Series[Any]:
    """Key to sort by: the larger an error, either way, the earlier."""
    return -column.abs() if column.name == "off" else column


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("skeleton", type=Path, help="lines, with shapes (Parquet)")
    parser.add_argument(
        "--corridors",
        type=Path,
        default=Path(__file__).resolve().parent.parent / "corridors",
        help="folder under examination (default: the project's)",
    )
    parser.add_argument(
        "--graph",
        type=Path,
        nargs=2,
        metavar=("NODES", "EDGES"),
        help="graph of the same extract (Parquet): judge lengths too",
    )
    parser.add_argument("--links", default="", help="only link ids matching this")
    parser.add_argument("--cities", action="store_true", help="judge city pairs")
    parser.add_argument("--csv", action="store_true", help="the table alone, as CSV")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the examination; bad arguments give one line and 2, findings give 0."""
    options = parse(arguments)
    try:
        if options.cities and not options.graph:
            message = "--cities needs --graph NODES EDGES"
            raise BadInputError(message)
        corridors = read_corridors(options.corridors)
        skeleton = read_skeleton(options.skeleton)
        extract = read_extract(*options.graph) if options.graph else None
        wanted = re.compile(options.links)
        links = [link for link in corridors.links if wanted.search(link.link_id)]
        if not links:
            message = f"no link matches {options.links!r}"
            raise BadInputError(message)
    except (BadInputError, re.error) as error:
        print(f"against_osm: {error}", file=sys.stderr)
        return 2
    network = Network(extract, corridors.nodes, {}) if extract else None
    if options.cities and network:
        print_cities(examine_cities(corridors, skeleton, network), csv=options.csv)
    else:
        print_links(examine(links, skeleton, network), csv=options.csv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
