from itertools import combinations, pairwise, permutations

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.describe import describe
from mobility.analysis.disjoint import find_apart, risk_groups
from mobility.analysis.pairs import default_pairs, make_pairs
from mobility.analysis.question import ask, lay_out, weigh
from mobility.analysis.redundancy import (
    disjoint_counts,
    redundancies,
    redundancy,
    summarize,
)
from mobility.analysis.routing import find_routes
from mobility.data.tables import read_tables
from mobility.errors import InputError, NoRouteError
from mobility.network.build import build_network
from mobility.network.scenario import Scenario
from tests.toy import toy

RAIL = {"mode": "rail", "axle_load_t": 22.5}
PLACES = "abcde"
OFTEN = settings(max_examples=25, deadline=None)
COUNTS = ["link_count", "node_count"]
TOLERANCE = ({"quantity": "choice_tolerance", "value": 0.25},)


def pairs_of(*rows):
    return pd.DataFrame(rows, columns=["origin", "destination", "weight"])


A_TO_B = pairs_of(("a", "b", 1.0))


@st.composite
def link_rows(draw):
    """Roads and railways among five places, parallel ones included."""
    ends = st.sampled_from(list(permutations(PLACES, 2)))
    rows = draw(
        st.lists(
            st.tuples(ends, st.integers(1, 9), st.booleans()), min_size=3, max_size=9
        )
    )
    anchors = [("a", "c", 60), ("c", "b", 60)]
    return [(f"k{i}", *row) for i, row in enumerate(anchors)] + [
        (f"l{i}", *pair, km * 12, RAIL if rail else None)
        for i, (pair, km, rail) in enumerate(rows)
    ]


@st.composite
def links_at_risk(draw):
    rows = draw(link_rows())
    ids = st.sampled_from([row[0] for row in rows])
    groups = draw(st.lists(st.lists(ids, min_size=2, unique=True), max_size=3))
    at_risk = [
        {"group_id": f"g{i}", "link_id": link, "name": f"G{i}", "kind": "valley"}
        for i, group in enumerate(groups)
        for link in group
    ]
    return rows, at_risk


def made(drawn):
    """Build a network of what was drawn."""
    rows, at_risk = drawn
    return build_network(toy(*rows, risk_groups=at_risk, rules=TOLERANCE))


def apart(network, kind, **more):
    question = ask(network, "a", "b")
    layers = lay_out(network, question, weigh(network, "time"))
    return find_apart(network, question, layers, kind, **more)


def links_of(network, way):
    return set(describe(network, way).links)


def inner_of(network, way):
    return set(describe(network, way).nodes) - {"a", "b"}


def flow_between(network):
    """Number of ways that share no link, by a maximum flow of NetworkX."""
    graph = nx.DiGraph()
    for tail, head, link in zip(
        network.tails.tolist(), network.heads.tolist(), network.link_of, strict=True
    ):
        room = graph.get_edge_data(tail, head, {"capacity": 0})["capacity"]
        graph.add_edge(tail, head, capacity=room + (1 if link >= 0 else 99))
    for node in network.nodes_of["a"]:
        graph.add_edge("source", node, capacity=99)
    for node in network.nodes_of["b"]:
        graph.add_edge(node, "target", capacity=99)
    return nx.maximum_flow_value(graph, "source", "target")


def every_way(network):
    """Every loopless way from a to b, as its links and the places on it."""
    graph = nx.MultiDiGraph()
    ends = zip(network.tails.tolist(), network.heads.tolist(), strict=True)
    for arc, (tail, head) in enumerate(ends):
        graph.add_edge(tail, head, arc)
    for node in network.nodes_of["a"]:
        graph.add_edge("source", node, -1)
    for node in network.nodes_of["b"]:
        graph.add_edge(node, "target", -1)
    ways = {}
    for path in nx.all_simple_edge_paths(graph, "source", "target"):
        arcs = [arc for _, _, arc in path if arc >= 0]
        links = frozenset(links_of(network, arcs))
        ways[links] = frozenset(inner_of(network, arcs))
        if len(ways) > 25:
            return None
    return list(ways.items())


def most(ways, clash):
    """The largest number of ways of which no two clash."""
    for count in range(len(ways), 1, -1):
        if count <= 6 and any(
            not any(clash(a, b) for a, b in combinations(chosen, 2))
            for chosen in combinations(ways, count)
        ):
            return count
    return min(1, len(ways))


def is_lost(network, names):
    closed = build_network(network.tables, scenario=Scenario(close=tuple(names)))
    with pytest.raises(NoRouteError):
        find_routes(closed, "a", "b")
    return True


@OFTEN
@given(links_at_risk())
def test_ways_that_share_no_link_are_as_many_as_a_maximum_flow(drawn):
    network = made(drawn)
    found = apart(network, "link")
    assert len(found.ways) == found.upper_bound == flow_between(network)
    for one, other in combinations(found.ways, 2):
        assert not links_of(network, one) & links_of(network, other)
    assert len(found.cut) == len(set(found.cut)) == len(found.ways)
    assert is_lost(network, found.cut)


@OFTEN
@given(links_at_risk())
def test_ways_that_share_no_place_are_as_many_as_brute_force_finds(drawn):
    network = made(drawn)
    ways = every_way(network)
    if ways is None:
        return
    found = apart(network, "node")
    for one, other in combinations(found.ways, 2):
        assert not inner_of(network, one) & inner_of(network, other)
    assert len(found.ways) == found.upper_bound
    assert len(found.ways) == most(ways, lambda a, b: a[0] & b[0] or a[1] & b[1])
    assert len(found.cut) >= len(found.ways)
    assert is_lost(network, found.cut)


@OFTEN
@given(links_at_risk())
def test_ways_that_share_no_risk_are_as_many_as_brute_force_finds(drawn):
    network = made(drawn)
    ways = every_way(network)
    if ways is None:
        return
    found = apart(network, "risk")
    names = network.link_ids
    question = ask(network, "a", "b")
    groups = [
        {names[i] for i in links} for links in risk_groups(network, question).values()
    ]

    def clash(a, b):
        return a & b or any(a & group and b & group for group in groups)

    for one, other in combinations(found.ways, 2):
        assert not clash(links_of(network, one), links_of(network, other))
    assert len(found.ways) <= len(apart(network, "link").ways)
    assert len(found.ways) == most([links for links, _ in ways], clash)
    lost = set(found.cut_links)
    for name, group in zip(risk_groups(network, question), groups, strict=True):
        lost |= group if name in found.cut_risks else set()
    assert is_lost(network, lost)


@OFTEN
@given(link_rows())
def test_more_links_never_make_fewer_ways(rows):
    counts = [
        disjoint_counts(build_network(toy(*rows[:size])), A_TO_B).loc[0, COUNTS]
        for size in range(2, len(rows) + 1, 2)
    ]
    for fewer, more in pairwise(counts):
        assert (fewer <= more).all()


@OFTEN
@given(links_at_risk(), st.sampled_from([0.0, 0.25, 1.0]))
def test_ways_within_a_tolerance_are_within_it_and_share_no_link(drawn, share):
    network = made(drawn)
    found = redundancy(network, "a", "b", tolerance=share)
    hours = [describe(network, way).time_h for way in found.within]
    assert found.best.time_h <= hours[0] + 1e-6
    assert max(hours) <= found.best.time_h * (1 + share) + 1e-6
    assert 1 <= len(found.within) == found.within_bound <= len(found.link.ways)
    for one, other in combinations(found.within, 2):
        assert not links_of(network, one) & links_of(network, other)


@OFTEN
@given(links_at_risk())
def test_each_detour_is_the_route_with_that_link_closed(drawn):
    network = made(drawn)
    found = redundancy(network, "a", "b")
    assert set(found.detour.ratios) == set(found.best.links)
    for link, ratio in found.detour.ratios.items():
        closed = build_network(network.tables, scenario=Scenario(close=(link,)))
        if ratio is None:
            with pytest.raises(NoRouteError):
                find_routes(closed, "a", "b")
        else:
            (route,) = find_routes(closed, "a", "b")
            assert route.time_h == pytest.approx(ratio * found.best.time_h)


@st.composite
def trains(draw):
    """Railways of which some have no wires: trains turn from one to another."""
    ends = st.sampled_from(list(permutations(PLACES, 2)))
    wires = st.sampled_from(["none", "25kv_ac"])
    rows = draw(st.lists(st.tuples(ends, wires), min_size=3, max_size=9))
    return toy(
        *(
            (f"l{i}", *pair, 60, RAIL | {"electrification": power})
            for i, (pair, power) in enumerate([(("a", "b"), "none"), *rows])
        ),
        rules=(
            *TOLERANCE,
            {"quantity": "traction_change_h", "mode": "rail", "value": 1.0},
        ),
    )


@OFTEN
@given(trains())
def test_a_railway_counts_once_where_its_directions_lie_apart(tables):
    network = build_network(tables, mode="rail")
    flat = nx.MultiGraph()
    for row in network.rows:
        flat.add_edge(row["from_node"], row["to_node"])
    graph = nx.Graph()
    for one, other in flat.edges():
        room = graph.get_edge_data(one, other, {"capacity": 0})["capacity"]
        graph.add_edge(one, other, capacity=room + 1)
    expected = nx.maximum_flow_value(graph, "a", "b")
    counts = disjoint_counts(network, A_TO_B).iloc[0]
    found = apart(network, "link")
    assert counts["link_count"] == len(found.ways) == found.upper_bound == expected
    assert len(found.cut) == expected
    assert is_lost(network, found.cut)
    by_place = apart(network, "node")
    assert counts["node_count"] == len(by_place.ways) == by_place.upper_bound
    assert is_lost(network, by_place.cut)


@OFTEN
@given(links_at_risk())
def test_counts_of_many_pairs_are_those_of_each(drawn):
    network = made(drawn)
    ends = list(permutations(sorted(network.nodes_of), 2))
    counts = disjoint_counts(network, pairs_of(*((*pair, 1.0) for pair in ends)))
    for row in counts.itertuples(index=False):
        question = ask(network, row.origin, row.destination)
        layers = lay_out(network, question, weigh(network, "time"))
        found = [find_apart(network, question, layers, way) for way in ("link", "node")]
        assert [row.link_count, row.node_count] == [len(one.ways) for one in found]


def test_what_hangs_by_one_link_hangs_by_an_end_of_it():
    #  a ═══ c ─── d ═══ b   and a place cannot part neighbours
    rows = [("l1", "a", "c", 60), ("l2", "a", "c", 70), ("l3", "c", "d", 60)]
    rows += [("l4", "d", "b", 60), ("l5", "d", "b", 70)]
    network = build_network(toy(*rows, rules=TOLERANCE))
    found = redundancy(network, "a", "b")
    assert found.link.cut == found.risk.cut == ("l3",)
    assert found.node.cut == ("c",)
    assert (len(found.within), found.within_bound, len(found.pair)) == (1, 1, 1)
    assert redundancy(network, "c", "d").node.cut == ("l3",)


def test_the_summary_weighs_pairs_and_counts_cuts():
    #  a ═══ c ─── b,  d apart
    rows = [("l1", "a", "c", 60), ("l2", "a", "c", 60), ("l3", "c", "b", 60)]
    network = build_network(toy(*rows, ("l4", "d", "e", 60), rules=TOLERANCE))
    frame = redundancies(
        network,
        pairs_of(("a", "c", 2.0), ("a", "b", 1.0), ("c", "b", 3.0), ("a", "d", 2.0)),
    )
    found = summarize(frame)
    assert found.counts["link"].tolist() == [0.25, 0.5, 0.25]
    assert found.means["link"] == 1.0
    cuts = found.cuts[found.cuts["what"] == "link"].set_index("id")
    assert cuts.loc["l3", ["pairs", "share", "alone"]].tolist() == pytest.approx(
        [2, 4 / 6, 4 / 6]
    )
    assert cuts.loc["l1", ["pairs", "share", "alone"]].tolist() == pytest.approx(
        [1, 2 / 6, 0]
    )
    assert cuts.index[0] == "l3"


def test_alternatives_count_as_far_as_they_differ():
    #  a ══ c ══ b   two roads by c; one is of a corridor all the way, one half of it
    on = {"file": "viii"}
    network = build_network(
        toy(
            ("l1", "a", "c", 60, on),
            ("l2", "c", "b", 60, on),
            ("l3", "a", "c", 60, on),
            ("l4", "c", "b", 60),
            rules=TOLERANCE,
        )
    )
    found = redundancy(network, "a", "b").diversity["corridors"]
    assert found.shares == {"": 0.25, "viii": 0.75}
    assert found.effective_items == pytest.approx(1 / (0.75**2 + 0.25**2))
    # the overlap of any two of them, each with itself: 1, 1, and 0.5 twice
    assert found.effective_alternatives in (pytest.approx(4 / 3), pytest.approx(2))


def test_a_crossing_takes_all_that_meets_there_only_if_asked():
    #  a ══ x|AL|MK ══ b: road and rail through one crossing
    network = build_network(
        toy(
            ("l1", "a", "x|AL|MK", 60),
            ("l2", "x|AL|MK", "b", 60, {"country": "MK"}),
            ("l3", "a", "x|AL|MK", 60, RAIL),
            ("l4", "x|AL|MK", "b", 60, RAIL | {"country": "MK"}),
        )
    )
    assert len(apart(network, "risk").ways) == 2
    found = apart(network, "risk", risk_kinds=("crossing",))
    assert (len(found.ways), found.cut) == (1, ("x|AL|MK",))
    assert apart(network, "node").cut == ("x|AL|MK",)
    assert len(apart(network, "risk", risk_kinds=("state",)).ways) == 2


def test_pairs_without_a_route_count_nothing():
    network = build_network(
        toy(("l1", "a", "b", 60), ("l2", "c", "d", 60), rules=TOLERANCE)
    )
    frame = redundancies(network, pairs_of(("a", "b", 2.0), ("a", "c", 1.0)))
    assert frame["link_count"].tolist() == [1, 0]
    assert frame["weight"].tolist() == [2.0, 1.0]
    assert frame["link_cut"].tolist() == ["l1", ""]
    assert frame["cut_off_share"].iloc[0] == 1
    shut = build_network(network.tables, scenario=Scenario(close=("b",)))
    assert redundancies(shut, A_TO_B)["link_count"].tolist() == [0]
    assert disjoint_counts(shut, A_TO_B)[COUNTS].to_numpy().tolist() == [[0, 0]]
    for ask_many in (redundancies, disjoint_counts):
        with pytest.raises(InputError, match="no pairs"):
            ask_many(network, pairs_of())
        with pytest.raises(InputError, match="is a place and itself"):
            ask_many(network, pairs_of(("a", "a", 1.0)))


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf")])
def test_a_tolerance_is_a_share(bad):
    network = build_network(toy(("l1", "a", "b", 60)))
    with pytest.raises(InputError, match="tolerance"):
        redundancy(network, "a", "b", tolerance=bad)


def test_bad_choices_are_refused_by_name():
    network = build_network(toy(("l1", "a", "b", 60), ("l2", "b", "c", 60)))
    with pytest.raises(InputError, match="disjoint 'road' is none of"):
        find_routes(network, "a", "b", disjoint="road")
    with pytest.raises(InputError, match="leave out via"):
        find_routes(network, "a", "c", via=["b"], disjoint="link")
    with pytest.raises(InputError, match="risk kind 'flood' is none of"):
        apart(network, "risk", risk_kinds=("flood",))


# the real network ------------------------------------------------------------------


@pytest.fixture(scope="module")
def real():
    return build_network(read_tables())


@pytest.mark.parametrize("way", ["link", "node", "risk"])
def test_disjoint_routes_are_asked_for_by_number(real, way):
    first, second = find_routes(real, "durres", "constanta", k=2, disjoint=way)
    assert not set(first.links) & set(second.links)
    if way == "node":
        assert set(first.nodes) & set(second.nodes) == {"durres", "constanta"}


def test_a_port_with_one_road_and_no_ferry_hangs_by_it(real):
    # Shëngjin: one access road, its railway and sea links are not in the data
    found = redundancy(real, "shengjin_port", "constanta")
    assert found.link.cut == ("access-road-shengjin_port",)
    assert len(found.link.ways) == found.link.upper_bound == 1
    assert found.detour.ratios["access-road-shengjin_port"] is None


def test_durres_reaches_the_black_sea_by_few_ways_all_of_them_named(real):
    # two roads inland (north by Vorë, south by Rrogozhinë) and the ferries to Italy;
    # no railway carries freight out of Albania in 2026
    found = redundancy(real, "durres", "constanta")
    assert {"viii-road-001", "al-road-030"} < set(found.link.cut)
    assert 2 <= len(found.within) <= len(found.link.ways) == 3
    assert len(found.risk.ways) <= len(found.link.ways)


def flow_of_real(network, origin, destination):
    """Links that share nothing, by NetworkX, tracks of a place taken together."""
    graph = nx.DiGraph()
    spots = [node.spot for node in network.graph_nodes]
    rows = zip(
        network.tails.tolist(), network.heads.tolist(), network.link_of, strict=True
    )
    for tail, head, link in rows:
        ends = spots[tail], spots[head]
        room = graph.get_edge_data(*ends, {"capacity": 0})["capacity"]
        if ends[0] != ends[1]:
            graph.add_edge(*ends, capacity=room + (1 if link >= 0 else 99))
    for name, place in (("source", origin), ("target", destination)):
        graph.add_node(name)
        for node in network.nodes_of.get(place, ()):
            ends = (name, spots[node]) if name == "source" else (spots[node], name)
            graph.add_edge(*ends, capacity=99)
    return nx.maximum_flow_value(graph, "source", "target")


@pytest.mark.parametrize("mode", ["any", "rail"])
def test_real_counts_are_maximum_flows_and_their_cuts_leave_nothing(mode):
    # inland hubs too, as most ports hang by one road; railways turn at most of them
    network = build_network(read_tables(), mode=mode)
    hubs = make_pairs(["sofia", "nis", "belgrade"], ["bucharest", "plovdiv", "craiova"])
    asked = pd.concat([default_pairs(network).iloc[::29], hubs], ignore_index=True)
    counts = disjoint_counts(network, asked)
    assert (counts["link_count"] > 1).any()
    for row in counts.itertuples(index=False):
        ends = row.origin, row.destination
        assert row.link_count == flow_of_real(network, *ends)
        assert row.node_count <= row.link_count
    for row in counts[counts["link_count"] > 0].iloc[::4].itertuples(index=False):
        ends = row.origin, row.destination
        link, node = (apart_of(network, *ends, way) for way in ("link", "node"))
        assert (len(link.cut), len(node.ways)) == (row.link_count, row.node_count)
        for found in (link, node):
            shut = Scenario(close=found.cut)
            closed = build_network(network.tables, mode=mode, scenario=shut)
            with pytest.raises(NoRouteError):
                find_routes(closed, *ends)


def test_road_and_rail_over_one_bridge_are_one_risk(real):
    # from Ruse to Giurgiu the bridge carries both
    found = apart_of(real, "ruse", "giurgiu", "risk")
    assert "ruse_giurgiu_bridge" in found.cut_risks
    shared = [
        "bg-road-050" in describe(real, way).links
        or "bg-rail-006" in describe(real, way).links
        for way in found.ways
    ]
    assert sum(shared) <= 1


def apart_of(network, origin, destination, kind):
    question = ask(network, origin, destination)
    layers = lay_out(network, question, weigh(network, "time"))
    return find_apart(network, question, layers, kind)
