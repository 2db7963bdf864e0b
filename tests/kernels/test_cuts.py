import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.errors import InputError
from mobility.kernels.csr import build
from mobility.kernels.cuts import weakness
from tests.kernels.graphs import at_both_speeds, multigraphs, road_like, rows_of

OFTEN = settings(max_examples=1000, deadline=None)


def parts(graph, lost=()):
    flat = nx.MultiGraph()
    flat.add_nodes_from(range(graph.node_count))
    flat.add_edges_from((u, v) for _, u, v, _ in rows_of(graph, lost))
    return flat


def number(flat):
    return nx.number_connected_components(flat)


@OFTEN
@given(st.one_of(multigraphs(), road_like()), st.data())
def test_what_splits_the_network_is_found_by_losing_each_thing(graph, data):
    links = [
        -1 if data.draw(st.integers(0, 4)) == 0 else int(link) for link in graph.links
    ]
    shut = [a for a in range(graph.arc_count) if data.draw(st.integers(0, 6)) == 0]
    graph = build(
        graph.node_count, graph.tails, graph.heads, graph.weights, links=links
    ).without(shut)
    found = at_both_speeds(lambda: weakness(graph))
    whole = number(parts(graph))
    cut_links = []
    for link in range(graph.link_count):
        lost = {a for a in range(graph.arc_count) if links[a] == link}
        if number(parts(graph, lost)) > whole:
            cut_links.append(link)
    assert found.links.tolist() == cut_links
    cut_nodes = list(nx.articulation_points(nx.Graph(parts(graph))))
    assert found.nodes.tolist() == sorted(cut_nodes)
    labels = [
        min(p)
        for n in range(graph.node_count)
        for p in nx.connected_components(parts(graph))
        if n in p
    ]
    assert_same_classes(found.part.tolist(), labels)
    # 2-edge-connected: joined with any one link lost, that is with all cut links lost
    lost = {a for a in range(graph.arc_count) if links[a] in cut_links}
    labels = [
        min(p)
        for n in range(graph.node_count)
        for p in nx.connected_components(parts(graph, lost))
        if n in p
    ]
    assert_same_classes(found.core.tolist(), labels)


def assert_same_classes(found, labels):
    order = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    assert found == [order[label] for label in labels]


def test_a_road_and_a_railway_side_by_side_are_no_cut_link():
    #  0 ══ 1 ── 2
    graph = build(3, [0, 0, 1], [1, 1, 2], [1, 1, 1])
    found = weakness(graph)
    assert (found.links.tolist(), found.nodes.tolist()) == ([2], [1])


def test_links_that_join_more_than_two_nodes_are_refused():
    with pytest.raises(InputError, match="link 0 joins more than two nodes"):
        weakness(build(3, [0, 1], [1, 2], [1, 1], links=[0, 0]))
