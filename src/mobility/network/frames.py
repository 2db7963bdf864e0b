"""A network as GeoDataFrames and as a NetworkX graph. Heavy imports live here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
from shapely.geometry import LineString

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

WGS84 = "EPSG:4326"


def places_frame(nodes: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return places as points."""
    points = gpd.points_from_xy(nodes["lon"], nodes["lat"])
    return gpd.GeoDataFrame(nodes, geometry=points, crs=WGS84)


def links_frame(
    links: pd.DataFrame,
    hours: Mapping[str, float],
    lines: Mapping[str, Sequence[tuple[float, float]]],
) -> gpd.GeoDataFrame:
    """Return links as lines, with the column `time_h`."""
    times = [hours[str(link)] for link in links.index]
    shapes = [LineString(lines[str(link)]) for link in links.index]
    return gpd.GeoDataFrame(links.assign(time_h=times), geometry=shapes, crs=WGS84)


def multigraph(
    nodes: Iterable[tuple[str, dict[str, Any]]],
    arcs: Iterable[tuple[str, str, dict[str, Any]]],
    *,
    data_version: str,
) -> nx.MultiDiGraph[str]:
    """Return a graph with the attributes OSMnx expects.

    Parameters
    ----------
    nodes
        Name, and attributes with `x` and `y` (degrees).
    arcs
        Tail, head and attributes with `length` (metres); a `geometry` given as pairs
        of degrees becomes a line. Keys are positions, so that nothing is merged.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(crs=WGS84, data_version=data_version)
    graph.add_nodes_from(nodes)
    for key, (tail, head, values) in enumerate(arcs):
        shape = values.get("geometry")
        drawn = {} if shape is None else {"geometry": LineString(shape)}
        graph.add_edge(tail, head, key=key, osmid=key, **values | drawn)
    return graph
