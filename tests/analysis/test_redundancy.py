from itertools import combinations, pairwise, permutations

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.describe import describe
from mobility.analysis.disjoint import find_apart, risk_groups
from mobility.analysis.question import ask, lay_out, weigh
from mobility.analysis.redundancy import disjoint_counts, redundancies, redundancy
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
