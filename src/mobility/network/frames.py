"""A network as GeoDataFrames and as a NetworkX graph. Heavy imports live here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
from shapely.geometry import LineString

from mobility.network.build import MM_PER_KM, MS_PER_H, NO_LINK, Network, Use

if TYPE_CHECKING:
    import pandas as pd

WGS84 = "EPSG:4326"


def places_frame(network: Network) -> gpd.GeoDataFrame:
    """Return the places a network reaches, as points."""
    nodes = network.tables.nodes
    used = nodes[nodes.index.isin(list(network.nodes_of))].sort_index()
    points = gpd.points_from_xy(used["lon"], used["lat"])
    return gpd.GeoDataFrame(used, geometry=points, crs=WGS84)


def links_frame(network: Network) -> gpd.GeoDataFrame:
    """Return the links of a network as lines, with `time_h` of the slower direction."""
    used = [
        link_id
        for link_id, use in zip(network.link_ids, network.uses, strict=True)
        if use == Use.USED
    ]
    links = network.tables.links.loc[used].copy()
    links["time_h"] = _times(network, links)
    lines = [LineString(network.tables.geometry[link_id]) for link_id in used]
    return gpd.GeoDataFrame(links, geometry=lines, crs=WGS84)


def _times(network: Network, links: pd.DataFrame) -> list[float]:
    slowest: dict[int, int] = {}
    for number, time in zip(
        network.link_of.tolist(), network.time_ms.tolist(), strict=True
    ):
        slowest[number] = max(time, slowest.get(number, 0))
    position = {link_id: i for i, link_id in enumerate(network.link_ids)}
    return [slowest[position[str(link_id)]] / MS_PER_H for link_id in links.index]


def to_networkx(network: Network) -> nx.MultiDiGraph[str]:
    """Return a graph with the attributes OSMnx expects.

    Nodes are named `place/mode` and, at crossings, `place/mode/side`; edge keys are
    arc numbers, so that nothing is merged.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        crs=WGS84, data_version=network.version
    )
    names = ["/".join(filter(None, node)) for node in network.graph_nodes]
    lon, lat = (network.tables.nodes[axis].to_dict() for axis in ("lon", "lat"))
    for name, node in zip(names, network.graph_nodes, strict=True):
        graph.add_node(
            name,
            x=lon[node.place],
            y=lat[node.place],
            place=node.place,
            mode=str(node.mode),
        )
    tables = network.tables
    for arc, (tail, head) in enumerate(
        zip(network.tails.tolist(), network.heads.tolist(), strict=True)
    ):
        number = int(network.link_of[arc])
        values: dict[str, Any] = {
            "length": int(network.length_mm[arc]) / (MM_PER_KM / 1000),
            "time_h": int(network.time_ms[arc]) / MS_PER_H,
            "osmid": arc,
        }
        if number != NO_LINK:
            link_id = network.link_ids[number]
            line = list(tables.geometry[link_id])
            forward = tables.links.at[link_id, "from_node"]
            if network.graph_nodes[tail].place != forward:
                line.reverse()
            values |= {"link_id": link_id, "geometry": LineString(line)}
        graph.add_edge(names[tail], names[head], key=arc, **values)
    return graph
