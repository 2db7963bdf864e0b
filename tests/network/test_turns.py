"""What trains lose where the wires end, and where they have to reverse."""

import math
from itertools import permutations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.predict import parts_of, predict
from mobility.analysis.routing import find_routes, matrix
from mobility.data.rows import rows_of
from mobility.errors import NoRouteError
from mobility.network.build import build_network
from mobility.network.turns import Turns
from tests.toy import toy

WIRES = ("none", "3kv_dc", "25kv_ac", "mixed", None)
HALTS = (
    {"quantity": "traction_change_h", "mode": "rail", "value": 1.0},
    {"quantity": "reversal_h", "mode": "rail", "value": 0.75},
)
STUBS = {"quantity": "diesel_under_wires_km", "mode": "rail", "value": 20.0}


def rail(link, one, other, km=30, wires=None, **more):
    """A railway, an hour long unless told."""
    row = {"mode": "rail", "axle_load_t": 22.5, "electrification": wires, **more}
    return (link, one, other, km, row)


def reversal(place, one, other):
    from_link, to_link = sorted((one, other))
    row = {"node_id": place, "from_link": from_link, "to_link": to_link}
    return row | {"source_id": "s", "basis": "assumed"}


def trains(*links, rules=HALTS, **more):
    return build_network(toy(*links, rules=rules, **more), mode="rail")


def halt_h(network, *ends, **more):
    return find_routes(network, *ends, **more)[0].halt_h


@pytest.mark.parametrize(
    ("here", "there", "hours"),
    [
        ("none", "25kv_ac", 1),
        ("25kv_ac", "3kv_dc", 1),
        ("none", "none", 0),
        ("25kv_ac", "mixed", 0),
        (None, "none", 0),
    ],
)
def test_a_change_of_power_costs_a_change_of_locomotive_both_ways(here, there, hours):
    #  a ─here─ b ─there─ c
    network = trains(rail("ab", "a", "b", 30, here), rail("bc", "b", "c", 30, there))
    for ends in (("a", "c"), ("c", "a")):
        (route,) = find_routes(network, *ends)
        assert (route.halt_h, route.time_h) == (hours, 2 + hours)
        assert route.nodes == (ends[0], "b", ends[1])
        assert route.border_crossings == ()
        assert route.countries == ("AL",)
    assert halt_h(network, "a", "b") == halt_h(network, "b", "c") == 0


def test_places_without_a_loss_keep_one_node():
    #  a ── b ── c ─none─ d ─wires─ e
    network = trains(
        rail("ab", "a", "b"),
        rail("bc", "b", "c"),
        rail("cd", "c", "d", 30, "none"),
        rail("de", "d", "e", 30, "25kv_ac"),
    )
    nodes = {place: len(found) for place, found in network.nodes_of.items()}
    assert nodes == {"a": 1, "b": 1, "c": 1, "d": 4, "e": 1}
    names = ["/".join(node[3:]) for node in network.graph_nodes if node.track]
    assert names == ["cd/in", "cd/out", "de/in", "de/out"]


def test_a_reversal_costs_its_hours_between_its_two_links_alone():
    #  a ── b ── c      from a to c trains reverse at b
    #       └─── d
    network = trains(
        rail("ab", "a", "b"),
        rail("bc", "b", "c"),
        rail("bd", "b", "d"),
        reversals=[reversal("b", "ab", "bc")],
    )
    assert [halt_h(network, *ends) for ends in permutations("acd", 2)] == [
        *(0.75, 0, 0.75),
        *(0, 0, 0),
    ]


def test_of_a_reversal_and_a_change_at_one_place_the_longer_counts():
    network = trains(
        rail("ab", "a", "b", 30, "none"),
        rail("bc", "b", "c", 30, "25kv_ac"),
        reversals=[reversal("b", "ab", "bc")],
    )
    assert halt_h(network, "a", "c") == 1


@pytest.mark.parametrize(("km", "nodes"), [(3, 2), (300, 1)])
def test_running_on_and_coming_back_does_not_spare_the_reversal(km, nodes):
    #  a ── b ── c      d is near b, or far: a train may not turn there for nothing
    #       └ d
    network = trains(
        rail("ab", "a", "b"),
        rail("bc", "b", "c"),
        rail("bd", "b", "d", km),
        reversals=[reversal("b", "ab", "bc")],
    )
    (route,) = find_routes(network, "a", "c")
    assert route.links == ("ab", "bc")
    assert route.halt_h == 0.75
    assert len(network.nodes_of["d"]) == nodes


def test_a_train_may_run_round_a_triangle_instead():
    #      c        a ─ b ─ d reverses at b; round by c it is 4 min longer under way
    #     / \
    #  a─b───d      and 41 min quicker in all
    network = trains(
        rail("ab", "a", "b"),
        rail("bc", "b", "c", 2),
        rail("cd", "c", "d", 2),
        rail("bd", "b", "d", 2),
        reversals=[reversal("b", "ab", "bd")],
    )
    assert find_routes(network, "a", "d")[0].links == ("ab", "bc", "cd")


def test_wires_of_a_few_kilometres_move_the_change_to_the_place_behind():
    #  a ─none─ b ─8 km of wires─ c ─wires─ d
    links = (
        rail("ab", "a", "b", 30, "none"),
        rail("bc", "b", "c", 8, "25kv_ac"),
        rail("cd", "c", "d", 30, "25kv_ac"),
    )
    diesel = trains(*links, rules=(*HALTS, STUBS))
    assert halt_h(diesel, "a", "c") == 0
    assert halt_h(diesel, "a", "d") == 1
    assert halt_h(trains(*links), "a", "c") == 1


BORDER = (
    rail("ab", "a", "b", 30, "25kv_ac"),
    rail("bx", "b", "x|AL|MK", 30, "none"),
    rail("xc", "x|AL|MK", "c", 30, "3kv_dc", country="MK"),
)


def test_the_dwell_at_a_border_contains_the_change_of_power():
    #  a ─25 kV─ b ─none─ x ─3 kV─ c
    plain = trains(*BORDER)
    (route,) = find_routes(plain, "a", "c")
    assert (route.halt_h, route.border_h) == (1, 2)
    named = trains(*BORDER, borders={"traction_change": "at b"})
    assert halt_h(named, "a", "c") == halt_h(named, "c", "a") == 0


def test_a_reversal_at_a_crossing_counts_where_the_data_says_so():
    network = trains(*BORDER, reversals=[reversal("x|AL|MK", "bx", "xc")])
    (route,) = find_routes(network, "b", "c")
    assert (route.halt_h, route.border_h, route.time_h) == (0.75, 2, 4.75)
    assert route.border_crossings == ("x|AL|MK",)
    assert route.countries == ("AL", "MK")


def test_a_route_through_parted_tracks_changes_mode_and_passes_stops():
    #  a ─rail─ b ─rail─ c      d hangs on b by road, e by rail
    tables = toy(
        rail("ab", "a", "b", 30, "none"),
        rail("bc", "b", "c", 30, "25kv_ac"),
        ("bd", "b", "d", 60),
        rail("be", "b", "e", 3, "none"),
        rules=HALTS,
    )
    network = build_network(tables)
    (route,) = find_routes(network, "a", "d")
    assert (route.time_h, route.transfer_h, route.halt_h) == (1 + 5 + 1, 5, 0)
    assert route.modes == ("rail", "road")
    (there,) = find_routes(network, "a", "c", via=["b"])
    assert (there.time_h, there.halt_h) == (3, 1)
    assert there.nodes == ("a", "b", "c")
    (by_e,) = find_routes(network, "a", "c", via=["e"])
    assert by_e.links == ("ab", "be", "be", "bc")
    assert by_e.time_h == pytest.approx(3.2)


def test_a_train_may_go_back_the_way_it_came_at_a_stop_with_parted_tracks():
    #  c ── a ── b ─ d    to c by way of b
    network = trains(
        rail("ca", "c", "a"),
        rail("ab", "a", "b", 30, "none"),
        rail("bd", "b", "d", 30, "25kv_ac"),
    )
    (route,) = find_routes(network, "a", "c", via=["b"])
    assert route.links == ("ab", "ab", "ca")
    assert (route.time_h, route.halt_h) == (3, 0)


def test_alternatives_pass_parted_tracks_once_each():
    #  a ══ b ══ c     two railways each, wires on one side of b alone
    network = trains(
        rail("ab1", "a", "b", 30, "none"),
        rail("ab2", "a", "b", 33, "none"),
        rail("bc1", "b", "c", 30, "25kv_ac"),
        rail("bc2", "b", "c", 33, "25kv_ac"),
    )
    routes = find_routes(network, "a", "c", k=5)
    assert len({route.links for route in routes}) == len(routes) > 1
    for route in routes:
        assert route.nodes == ("a", "b", "c")
        assert route.halt_h == 1
    # all share the change at b, a third of the time: a link more would be too much
    assert not set(routes[0].links) & set(routes[1].links)


def test_halts_are_sure_hours_of_a_prediction():
    network = trains(
        rail("ab", "a", "b", 30, "none"),
        rail("bc", "b", "c", 30, "25kv_ac"),
    )
    (route,) = find_routes(network, "a", "c")
    arcs = [i for i, halt in enumerate(network.halt_ms) if halt][:1]
    assert predict(parts_of(network, arcs)).sure_h == 1
    assert route.time_median_h == pytest.approx(3, rel=0.01)
    # one part varies, by sigma 0.15
    assert route.time_p95_h == pytest.approx(1 + 2 * math.exp(1.645 * 0.15), rel=0.01)


PLACES = ("a", "b", "c", "d", "x|AL|MK")


@st.composite
def railways(draw):
    """Up to nine railways, some by wires, a crossing among their places."""
    links = []
    for i in range(draw(st.integers(1, 9))):
        one, other = draw(st.permutations(PLACES))[:2]
        km = draw(st.integers(1, 40))
        state = {}
        if "|" in one + other:
            state = {"country": draw(st.sampled_from(["AL", "MK"]))}
        wires = draw(st.sampled_from(WIRES))
        links.append(rail(f"l{i}", one, other, km, wires, **state))
    at = {place: [link[0] for link in links if place in link[1:3]] for place in PLACES}
    pairs = [
        (place, *pair)
        for place, found in at.items()
        for pair in permutations(found, 2)
        if pair[0] < pair[1]
    ]
    chosen = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    return links, [reversal(*one) for one in sorted(chosen)]


def line_graph(tables, network):
    """Every link one way as a node; joined where a train goes on, not back."""
    graph = nx.DiGraph()
    turns = Turns(tables, network.rules)
    ways = []
    for link, row in rows_of(tables.links).items():
        ends = (row["from_node"], row["to_node"])
        ways += [(link, *ends), (link, *reversed(ends))]
    for link, tail, head in ways:
        row = tables.links.loc[link]
        graph.add_edge(("start", tail), (link, head), hours=row["length_km"] / 30)
        graph.add_edge((link, head), ("end", head), hours=0)
        for other, start, end in ways:
            if start == head and other != link:
                hours = turns.halt_h(head, link, other)
                onward = tables.links.loc[other]
                if "|" in head and row["country"] != onward["country"]:
                    hours += 2
                hours += onward["length_km"] / 30
                graph.add_edge((link, head), (other, end), hours=hours)
    return graph


def test_the_oracle_knows_each_way_of_a_link_apart():
    """Both ends of a link are two nodes of the oracle: one place may be met twice."""
    tables = toy(rail("l0", "a", "b"), rail("l1", "a", "b"), rules=HALTS)
    graph = line_graph(tables, build_network(tables, mode="rail"))
    assert len(graph) == 2 + 2 + 4


@settings(max_examples=60, deadline=None)
@given(railways())
def test_times_are_those_of_the_line_graph(drawn):
    links, reversals = drawn
    tables = toy(*links, rules=HALTS, reversals=reversals)
    network = build_network(tables, mode="rail")
    graph = line_graph(tables, network)
    places = sorted(network.nodes_of)
    frame = matrix(network, places, places)
    for (origin, destination), row in frame.iterrows():
        try:
            expected = nx.dijkstra_path_length(
                graph, ("start", origin), ("end", destination), weight="hours"
            )
        except nx.NetworkXNoPath:
            assert math.isnan(row["time_h"])
            continue
        assert row["time_h"] == pytest.approx(expected, abs=1e-5)
    reached = frame[frame["time_h"].notna()].head(1)
    for (origin, destination), row in reached.iterrows():
        (route,) = find_routes(network, origin, destination)
        assert route.time_h == row["time_h"]


@settings(max_examples=25, deadline=None)
@given(railways(), st.data())
def test_a_loss_more_never_shortens_a_time(drawn, data):
    links, reversals = drawn

    def hours(kept, rules):
        tables = toy(*links, rules=rules, reversals=kept)
        network = build_network(tables, mode="rail")
        places = sorted(network.nodes_of)
        return matrix(network, places, places)["time_h"].fillna(math.inf)

    free = ({**HALTS[0], "value": 0.0}, HALTS[1])
    some = [row for row in reversals if data.draw(st.booleans())]
    whole = hours(reversals, HALTS)
    assert (whole >= hours(some, HALTS) - 1e-5).all()
    assert (whole >= hours(reversals, free) - 1e-5).all()


@settings(max_examples=25, deadline=None)
@given(railways())
def test_alternatives_visit_no_place_twice_and_come_by_time(drawn):
    links, reversals = drawn
    tables = toy(*links, rules=HALTS, reversals=reversals)
    network = build_network(tables, mode="rail")
    for place in sorted(network.nodes_of):
        if place == "a" or "a" not in network.nodes_of:
            continue
        try:
            routes = find_routes(network, "a", place, k=3)
        except NoRouteError:
            continue
        assert list(routes) == sorted(routes, key=lambda route: route.time_h)
        for route in routes[1:]:
            assert len(set(route.nodes)) == len(route.nodes)
