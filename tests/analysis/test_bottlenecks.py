import itertools
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.bottlenecks import bottlenecks, group
from mobility.analysis.pairs import default_pairs, make_pairs
from mobility.data.tables import read_tables
from mobility.errors import InputError, NoRouteError
from mobility.network.build import build_network
from mobility.network.scenario import Scenario
from tests.toy import toy

RULES = (
    {"quantity": "choice_tolerance", "value": 0.25},
    {"quantity": "cut_off_loss_h", "value": 24.0},
)
PLACES = ("a", "b", "c", "d", "e")


def town(*links, **more):
    return toy(*links, rules=RULES, **more)


def pairs_of(*rows):
    return pd.DataFrame(rows, columns=["origin", "destination", "weight"])


def hours(tables, pairs, **closed):
    """Best hours of each pair with something lost, searched afresh; inf: no way."""
    return hours_in(build_network(tables, scenario=Scenario(**closed)), pairs)


def hours_in(network, pairs):
    """Best hours of each pair by NetworkX, drivers' rests left aside; inf: no way."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(network.graph_nodes)))
    ends = zip(network.tails.tolist(), network.heads.tolist(), strict=True)
    for (tail, head), weight in zip(ends, network.time_ms.tolist(), strict=True):
        graph.add_edge(tail, head, weight=weight)
    found = []
    reached = {}
    for origin, destination in zip(pairs["origin"], pairs["destination"], strict=True):
        if origin not in reached:
            starts = set(network.nodes_of.get(origin, ()))
            reached[origin] = (
                nx.multi_source_dijkstra_path_length(graph, starts) if starts else {}
            )
        goals = network.nodes_of.get(destination, ())
        best = min((reached[origin].get(n, math.inf) for n in goals), default=math.inf)
        found.append(best / 3_600_000)
    return found


def expected(pairs, base, lost, spared=(), tolerance=0.25, limit=24.0):
    """The scores of one loss by their definitions, from hours before and after."""
    rows = [
        (weight, before, before if thing in spared else after)
        for weight, before, after, thing in zip(
            pairs["weight"], base, lost, itertools.count(), strict=False
        )
        if before < math.inf
    ]
    total = sum(weight for weight, *_ in rows)
    kept = [(w, after - before) for w, before, after in rows if after < math.inf]
    left = sum(weight for weight, _ in kept)
    none = [(w, b) for w, b, after in rows if after - b > tolerance * b + 1e-12]
    return {
        "delay_h": sum(w * min(after - b, limit) for w, b, after in rows) / total,
        "loss_total_h": sum(w * loss for w, loss in kept),
        "loss_h": sum(w * loss for w, loss in kept) / left if left else math.nan,
        "cut_off": (total - left) / total,
        "no_choice": sum(w for w, _ in none) / total,
        "spare_h": min((tolerance * b for _, b in none), default=math.nan),
    }


@st.composite
def networks(draw):
    """A handful of places, roads and railways between them, and weighted pairs."""
    ends = st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES))
    drawn = draw(
        st.lists(
            st.tuples(
                ends.filter(lambda pair: pair[0] != pair[1]),
                st.integers(1, 200),
                st.sampled_from(["road", "road", "rail"]),
            ),
            min_size=1,
            max_size=9,
        )
    )
    rail = {"mode": "rail", "axle_load_t": 22.5, "line_category": "D4"}
    links = [
        (f"l{i}", a, b, km, rail if mode == "rail" else {})
        for i, ((a, b), km, mode) in enumerate(drawn)
    ]
    places = sorted({end for (ends, *_) in drawn for end in ends})
    both = st.sampled_from(list(itertools.permutations(places, 2)))
    chosen = draw(st.lists(both, min_size=1, max_size=5, unique=True))
    weights = draw(st.lists(st.integers(1, 9), min_size=5, max_size=5))
    rows = [(a, b, float(w)) for (a, b), w in zip(chosen, weights, strict=False)]
    return town(*links), pairs_of(*rows)


@settings(max_examples=20, deadline=None)
@given(networks())
def test_every_score_is_what_searching_again_without_the_thing_gives(drawn):
    tables, pairs = drawn
    network = build_network(tables)
    base = hours(tables, pairs)
    if not any(time < math.inf for time in base):
        with pytest.raises(NoRouteError, match="none of"):
            bottlenecks(network, pairs)
        return
    found = bottlenecks(network, pairs)
    for link, row in found.links.iterrows():
        told = expected(pairs, base, hours(tables, pairs, close=(link,)))
        assert {key: row[key] for key in told} == pytest.approx(told, nan_ok=True)
    for place, row in found.places.iterrows():
        own = set(pairs.index[(pairs[["origin", "destination"]] == place).any(axis=1)])
        told = expected(pairs, base, hours(tables, pairs, close=(place,)), own)
        assert {key: row[key] for key in told} == pytest.approx(told, nan_ok=True)


@settings(max_examples=20, deadline=None)
@given(networks())
def test_minimum_cuts_are_those_of_trying_all_sets(drawn):
    tables, pairs = drawn
    network = build_network(tables)
    base = hours(tables, pairs)
    has_way = [pair for pair, time in enumerate(base) if time < math.inf]
    if not has_way:
        return
    found = bottlenecks(network, pairs)
    for frame, of_arc in ((found.links, links_of), (found.places, places_of)):
        rows = pairs.loc[has_way].itertuples(index=False)
        told = {
            row: smallest_cuts(network, of_arc(network), list(frame.index), *row[:2])
            for row in rows
        }
        total = sum(row.weight for row in told)
        for column, holds in (("in_cuts", any), ("in_every_cut", all)):
            shares = {
                thing: sum(
                    row.weight * (bool(cuts) and holds(thing in cut for cut in cuts))
                    for row, cuts in told.items()
                )
                / total
                for thing in frame.index
            }
            assert frame[column].to_dict() == pytest.approx(shares)


def links_of(network):
    """Per arc what takes it away: its link."""
    return [{network.link_ids[i]} if i >= 0 else set() for i in network.link_of]


def places_of(network):
    """Per arc what takes it away: the places at its ends."""
    nodes = network.graph_nodes
    ends = zip(network.tails, network.heads, strict=True)
    return [{nodes[a].place, nodes[b].place} for a, b in ends]


def smallest_cuts(network, of_arc, things, origin, destination):
    """All sets of fewest things without which no way is left, by trying them all."""
    things = [thing for thing in things if thing not in (origin, destination)]
    for size in range(len(things) + 1):
        cuts = [
            set(cut)
            for cut in itertools.combinations(things, size)
            if not has_way(network, of_arc, set(cut), origin, destination)
        ]
        if cuts:
            return cuts
    return []


def has_way(network, of_arc, cut, origin, destination):
    ends = zip(network.tails, network.heads, of_arc, strict=True)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(network.graph_nodes)))
    graph.add_edges_from((a, b) for a, b, things in ends if not things & cut)
    return any(
        nx.has_path(graph, a, b)
        for a in network.nodes_of[origin]
        for b in network.nodes_of[destination]
    )


def test_the_way_round_is_between_the_links_own_ends():
    #  a ---60--- b     l1: 1 h, round by c 2 h;  d hangs by l4 alone
    #   \__60 c 60/  b ---60--- d
    tables = town(
        ("l1", "a", "b", 60),
        ("l2", "a", "c", 60),
        ("l3", "c", "b", 60),
        ("l4", "b", "d", 60),
    )
    found = bottlenecks(build_network(tables), pairs_of(("a", "d", 1))).links
    assert found.loc["l1", ["detour_h", "detour_ratio"]].tolist() == [2.0, 2.0]
    assert found.loc["l4", ["detour_h", "detour_ratio"]].tolist() == [math.inf] * 2
    assert found.loc["l4", "cut_off"] == 1
    assert math.isnan(found.loc["l4", "loss_h"])
    assert found.index[0] == "l4"


def test_losing_a_crossing_loses_both_its_sides():
    #  a ---AL--- x ---MK--- b, and round by two ferries' worth of road
    tables = town(
        ("l1", "a", "x|AL|MK", 60),
        ("l2", "x|AL|MK", "b", 60, {"country": "MK"}),
    )
    found = bottlenecks(build_network(tables), pairs_of(("a", "b", 1)))
    assert found.places.loc["x|AL|MK", "cut_off"] == 1
    assert found.places.loc[["a", "b"], "cut_off"].tolist() == [0, 0]
    assert list(group(found, "crossing").index) == ["x|AL|MK"]


def test_words_say_what_a_second_way_may_add():
    tables = town(("l1", "a", "b", 240), ("l2", "a", "b", 480))
    found = bottlenecks(build_network(tables), pairs_of(("a", "b", 1))).links
    assert found.loc["l1", "spare_h"] == 1.0
    assert found.loc["l1", "mend"] == (
        "a second way that adds at most 1.0 h gives a choice to the 100.0 % of pairs "
        "without one"
    )
    assert found.loc["l2", "mend"] == ""


def test_shortfalls_are_the_requirements_that_a_link_is_known_to_miss():
    required = [
        {
            "requirement_id": name,
            "applies_to": "road",
            "table": "links",
            "column": column,
            "comparison": "at_least",
            "value": value,
        }
        for name, column, value in (("wide", "lanes", "4"), ("deep", "width_m", "3"))
    ]
    tables = town(
        ("l1", "a", "b", 60, {"lanes": 2}),
        ("l2", "a", "b", 90, {"lanes": 4}),
        requirements=required,
    )
    found = bottlenecks(build_network(tables), pairs_of(("a", "b", 1))).links
    assert found.loc["l1", "not_met"] == ("wide",)
    assert found.loc["l1", "unknown"] == ("deep",)
    assert found["shortfalls"].to_dict() == {"l1": 1, "l2": 0}


def test_a_group_counts_each_pair_once():
    #  a --l1-- b --l2-- c : both of AL, so that a to c is cut off once, not twice
    tables = town(("l1", "a", "b", 60), ("l2", "b", "c", 60))
    pairs = pairs_of(("a", "c", 1), ("a", "b", 3))
    rows = group(bottlenecks(build_network(tables), pairs), "country")
    assert rows.loc["AL", ["betweenness", "cut_off", "no_choice"]].tolist() == [1, 1, 1]
    assert rows.loc["AL", ["worst", "links", "delay_h"]].tolist() == ["l1", 2, 24.0]


def test_an_unknown_group_is_refused():
    found = bottlenecks(
        build_network(town(("l1", "a", "b", 60))), pairs_of(("a", "b", 1))
    )
    with pytest.raises(InputError, match="'foo' is none of corridor"):
        group(found, "foo")


@pytest.mark.parametrize("tolerance", [-0.1, math.nan, math.inf])
def test_a_tolerance_that_is_none_is_refused(tolerance):
    network = build_network(town(("l1", "a", "b", 60)))
    with pytest.raises(InputError, match="should be a number of at least 0"):
        bottlenecks(network, pairs_of(("a", "b", 1)), tolerance=tolerance)


# the real network -------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.fixture(scope="module")
def found(tables):
    return bottlenecks(build_network(tables))


# the worst section, the worst with a detour only, one used by many, one used by few
@pytest.mark.parametrize("place", [0, 2, 30, 60, 90, 150])
def test_real_scores_are_those_of_a_network_without_the_link(tables, found, place):
    link = found.links.index[place]
    pairs = found.pairs
    after = hours(tables, pairs, close=(link,))
    told = expected(pairs, pairs["time_h"], after)
    assert {key: found.links.loc[link, key] for key in told} == pytest.approx(
        told, nan_ok=True
    )


def test_the_way_round_a_railway_is_the_best_way_without_it(tables):
    # also where trains turn between tracks, so that a link has a node of its own
    network = build_network(tables, mode="rail")
    asked = make_pairs(["bar_port", "thessaloniki_port"], ["constanta_port"])
    rows = bottlenecks(network, asked).links
    tracks = {node.track for node in network.graph_nodes}
    borders = set(tables.nodes.index[tables.nodes["kind"] == "border"])
    inland = rows[~rows["from_node"].isin(borders) & ~rows["to_node"].isin(borders)]
    sample = inland[inland.index.isin(tracks)].sort_index().iloc[::12]
    assert np.isfinite(sample["detour_h"]).any()
    for link, row in sample.iterrows():
        ends = (row["from_node"], row["to_node"])
        both = pairs_of((*ends, 1), (*ends[::-1], 1))
        shut = build_network(tables, mode="rail", scenario=Scenario(close=(link,)))
        assert row["detour_h"] == pytest.approx(max(hours_in(shut, both)))


def test_losing_the_only_access_of_a_port_cuts_off_all_its_pairs(tables, found):
    # Shëngjin has one road to its quay and no railway
    row = found.links.loc["access-road-shengjin_port"]
    own = (found.pairs[["origin", "destination"]] == "shengjin_port").any(axis=1)
    assert row["cut_off"] == pytest.approx(own.mean())
    assert row["detour_h"] == math.inf


def test_no_link_cuts_off_more_pairs_than_use_it(found):
    links = found.links
    assert (links["cut_off"] <= links["no_choice"] + 1e-12).all()
    assert (links["no_choice"] <= links["betweenness"] + 1e-12).all()
    assert (links["in_every_cut"] <= links["in_cuts"] + 1e-12).all()
    # what cuts a pair off alone is a minimum cut of it
    assert (links["cut_off"] <= links["in_cuts"] + 1e-12).all()


def test_the_gorge_of_the_struma_carries_much_of_the_south_flank(found):
    # the way from the Aegean to Sofia runs through Kresna: no equal beside it
    kresna = found.links.loc["bg-road-008"]
    assert kresna["betweenness"] > 0.1
    assert kresna["loss_h"] > 0


def test_default_pairs_are_used_when_none_are_given(tables, found):
    asked = default_pairs(build_network(tables))
    assert found.pairs[list(asked.columns)].equals(asked)


def test_pairs_without_a_way_count_in_no_share(tables):
    network = build_network(tables, mode="rail")
    whole = bottlenecks(network, make_pairs(["bar_port"], ["constanta_port"]))
    # no railway leads from Durrës to the east today
    more = make_pairs(["bar_port", "durres_port"], ["constanta_port"])
    both = bottlenecks(network, more)
    assert math.isinf(both.pairs["time_h"].iloc[1])
    assert both.links["delay_h"].equals(whole.links["delay_h"])
