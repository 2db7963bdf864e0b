"""What `Network.graph` promises to users of OSMnx, held against OSMnx itself."""

import osmnx as ox
import pytest

from mobility.analysis.routing import find_routes
from mobility.data.tables import read_tables
from mobility.network.build import build_network


@pytest.fixture(scope="module")
def network():
    return build_network(read_tables(), mode="road")


def test_every_node_and_arc_becomes_a_row_and_comes_back(network):
    nodes, edges = ox.convert.graph_to_gdfs(network.graph)
    assert len(nodes) == len(network.graph_nodes)
    assert len(edges) == len(network.tails)
    assert edges.crs == nodes.crs == "EPSG:4326"
    assert not edges.geometry.is_empty.any()
    again = ox.convert.graph_from_gdfs(nodes, edges)
    assert set(again.edges(keys=True)) == set(network.graph.edges(keys=True))


def test_its_routing_finds_our_best_route(network):
    (route,) = find_routes(network, "durres", "constanta")
    ends = [["durres/road"], ["constanta/road"]]
    (path,) = ox.routing.shortest_path(network.graph, *ends, weight="time_h", cpus=1)
    taken = ox.routing.route_to_gdf(network.graph, path, weight="time_h")
    assert taken["time_h"].sum() == pytest.approx(route.time_h - route.halt_h)
    assert taken["length"].sum() / 1000 == pytest.approx(route.length_km)
    assert tuple(taken["link_id"].dropna()) == route.links


def test_its_statistics_measure_our_kilometres(network):
    both_ways = 2 * network.links["length_km"].sum()
    total = ox.stats.edge_length_total(network.graph)
    assert total / 1000 == pytest.approx(both_ways)
