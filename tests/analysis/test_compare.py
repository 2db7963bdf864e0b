import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.bottlenecks import bottlenecks
from mobility.analysis.compare import compare
from mobility.analysis.pairs import check_pairs, default_pairs
from mobility.analysis.redundancy import redundancy
from mobility.analysis.ways import (
    assumed_share,
    best_ways,
    count_choices,
    effective,
    spread,
)
from mobility.data.tables import read_tables
from mobility.errors import InputError, NoRouteError
from mobility.network.build import build_network
from mobility.network.scenario import Scenario, combine, make_scenario
from mobility.network.scenario_file import read_scenario
from tests.toy import toy

TOLERANCE = {"quantity": "choice_tolerance", "value": 0.25}
CUT_OFF = {"quantity": "cut_off_loss_h", "value": 24.0}


def two_ways(**more):
    """a ══ b by a road of 60 km; by m in 30 + 40 km; a third, planned, of 45 km.

    a ───────60────── b ──60── c
    └─30─ m ───40─────┘
    └╌╌╌45 (planned)╌╌┘
    """
    planned = {"status": "planned", "file": "viii"}
    return toy(
        ("l1", "a", "b", 60, {"file": "x"}),
        ("l2", "a", "m", 30),
        ("l3", "b", "m", 40),
        ("l4", "a", "b", 45, planned),
        ("l5", "b", "c", 60),
        rules=(TOLERANCE, CUT_OFF),
        **more,
    )


def pairs_of(*rows):
    return pd.DataFrame(rows, columns=["origin", "destination", "weight"])


def networks_of(tables, *scenarios):
    built = [build_network(tables, scenario=s) for s in scenarios]
    return {f"s{i}": network for i, network in enumerate(built)}


def of(found, name):
    return found.pairs[found.pairs["scenario"] == name].reset_index(drop=True)


@pytest.fixture(scope="module")
def tables():
    return read_tables()


def test_an_opened_road_saves_the_difference_and_says_why():
    made = networks_of(two_ways(), Scenario(), Scenario(open_=("l4",)))
    found = compare(made, pairs_of(("a", "b", 1.0), ("a", "c", 3.0), ("m", "c", 4.0)))
    after = of(found, "s1")
    assert after["change_h"].tolist() == [-0.25, -0.25, 0.0]
    assert after["change_km"].tolist() == [-15.0, -15.0, 0.0]
    assert after["outcome"].tolist() == ["gains", "gains", "same"]
    assert after["why"].tolist() == ["opened", "opened", None]
    assert after["link"].tolist() == ["l4", "l4", None]
    assert after["corridors"].tolist() == [("viii",), ("viii",), ()]
    row = found.scenarios.loc["s1"]
    assert (row["pairs"], row["reached"], row["gains"]) == (8.0, 8.0, 4.0)
    # 45 km, 105 km and 100 km at 60 km/h, of weights 1, 3 and 4
    assert row["mean_h"] == pytest.approx((0.75 + 3 * 1.75 + 4 * 100 / 60) / 8)
    assert row["median_h"] == pytest.approx(100 / 60)
    assert row["mean_change_h"] == pytest.approx(-1 / 8)


def test_what_is_closed_costs_the_way_round_or_cuts_off():
    made = networks_of(two_ways(), Scenario(), Scenario(close=("l1", "l5")))
    found = compare(made, pairs_of(("a", "b", 1.0), ("a", "c", 1.0)))
    after = of(found, "s1")
    assert after["outcome"].tolist() == ["loses", "cut off"]
    assert after["change_h"].tolist() == [pytest.approx(10 / 60), math.inf]
    assert after["why"].tolist() == ["closed", "closed"]
    assert after["link"].tolist() == ["l1", "l1"]
    assert after["alternatives"].tolist() == [1, 0]
    assert found.scenarios.loc["s1", "cut_off"] == 1.0
    # only a to b has a way in both
    assert found.scenarios["mean_h"].tolist() == [1.0, pytest.approx(70 / 60)]


def test_a_pair_that_only_the_other_reaches_is_newly_reached():
    made = networks_of(two_ways(), Scenario(close=("l5",)), Scenario())
    found = compare(made, pairs_of(("a", "c", 2.0), ("a", "b", 1.0)))
    after = of(found, "s1")
    assert after["outcome"].tolist() == ["reached", "same"]
    assert after["change_h"].tolist() == [-math.inf, 0.0]
    assert (after["why"][0], after["link"][0]) == ("opened", "l5")
    assert found.scenarios.loc["s1", "newly_reached"] == 2.0


def test_the_base_against_itself_is_all_zeros(tables):
    network = build_network(tables)
    found = compare({"one": network, "two": network})
    after = of(found, "two")
    for column in ("change_h", "change_km", "change_alternatives"):
        assert not after[column].any()
    assert set(after["outcome"]) == {"same"}
    assert found.ranks.empty
    one, two = (found.scenarios.loc[name] for name in ("one", "two"))
    assert one.equals(two.rename("one"))


def test_alternatives_are_held_against_the_best_of_the_base():
    # 60 and 70 km: on average within 25 % of 60, but not of 45
    links = ("l4",)
    pair = pairs_of(("a", "b", 1.0))
    opened, today = Scenario(open_=links), Scenario()
    assert of(compare(networks_of(two_ways(), today, opened), pair), "s1")[
        "alternatives"
    ].tolist() == [3]
    against = compare(networks_of(two_ways(), opened, today), pair)
    # 45 km and 25 % more are 56.25 km
    assert against.pairs["alternatives"].tolist() == [1, 0]
    wider = compare(networks_of(two_ways(), opened, today), pair, tolerance=0.5)
    # 45, 60 and 70 km: two take 52.5 km on average, the third is too long itself
    assert wider.pairs["alternatives"].tolist() == [2, 1]


def test_counts_stand_beside_alternatives_if_asked_for():
    made = networks_of(two_ways(), Scenario(), Scenario(close=("l1", "l5")))
    found = compare(made, pairs_of(("a", "b", 1.0), ("a", "c", 1.0)), counts=True)
    assert found.pairs["link_count"].tolist() == [2, 1, 1, 0]
    assert of(found, "s1")["change_link_count"].tolist() == [-1, -1]
    assert found.scenarios["mean_link_count"].tolist() == [1.5, 0.5]


def test_the_road_of_a_port_does_not_hide_the_choice_behind_it():
    access = {"kind": "access"}
    tables = toy(
        ("l0", "port p", "a", 6, access),
        ("l1", "a", "b", 60),
        ("l2", "a", "b", 61),
        ("l3", "b", "base", 6, access),
        ("l4", "port p", "quay", 6, access),
        rules=(TOLERANCE, CUT_OFF),
    )
    network = build_network(tables)
    pairs = check_pairs(network, pairs_of(("port p", "base", 1.0), ("a", "quay", 1.0)))
    ways = best_ways(network, pairs)
    # who needs access links alone has but those
    assert count_choices(ways, 2 * ways.time_ms).tolist() == [2, 1]


def test_ways_rest_on_what_they_use():
    tables = toy(
        ("l1", "a", "x|AL|MK", 30, {"file": "x"}),
        ("l2", "b", "x|AL|MK", 30, {"country": "MK", "file": "x", "also_on": "viii"}),
        ("l3", "b", "c", 60, {"country": "MK"}),
        provenance=[
            {
                "table": "links",
                "id": "l1",
                "column": "length_km",
                "basis": "published",
            }
        ],
    )
    network = build_network(tables)
    pairs = check_pairs(network, pairs_of(("a", "b", 2.0), ("b", "c", 1.0)))
    ways = best_ways(network, pairs)
    weights = pairs["weight"].to_numpy()
    amounts = spread(ways, weights, "corridors")
    assert amounts == {"": 60.0, "viii": 30.0, "x": 90.0}
    assert effective(amounts) == pytest.approx(1 / (0.25**2 + 0.75**2))
    assert spread(ways, weights, "crossings") == {"x|AL|MK": 2.0}
    assert spread(ways, weights, "countries") == {"AL": 60.0, "MK": 120.0}
    assert spread(ways, weights, "modes") == {"road": 180.0}
    assert assumed_share(ways, weights) == pytest.approx(120 / 180)
    with pytest.raises(InputError, match="items 'ports' is none of"):
        spread(ways, weights, "ports")


def test_ranks_are_those_of_bottlenecks():
    made = networks_of(two_ways(), Scenario(), Scenario(open_=("l4",)))
    pairs = pairs_of(("a", "b", 1.0), ("a", "c", 1.0), ("m", "c", 2.0))
    found = compare(made, pairs).ranks.set_index("link_id")
    before, after = (bottlenecks(network, pairs).links for network in made.values())
    for link, row in found.iterrows():
        for column, frame in (("base_delay_h", before), ("delay_h", after)):
            known = frame["delay_h"].get(link, 0.0)
            assert row[column] == pytest.approx(known)
    # l1 was the best way of two pairs; with l4 it is the best of none
    assert found["change_h"]["l1"] == pytest.approx(-(10 / 60) * 2 / 4)
    assert found["rank"]["l4"] < found["base_rank"]["l4"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"tolerance": -0.1}, "tolerance -0.1 should be a share of 0 or more"),
        ({"tolerance": math.nan}, "tolerance nan should be a share"),
        ({"pairs": pairs_of()}, "no pairs"),
    ],
)
def test_bad_questions_are_refused_in_one_line(more, told):
    made = networks_of(two_ways(), Scenario(), Scenario(open_=("l4",)))
    pairs = more.pop("pairs", pairs_of(("a", "b", 1.0)))
    with pytest.raises(InputError, match=told) as caught:
        compare(made, pairs, **more)
    assert "\n" not in str(caught.value)


def test_there_must_be_two_networks_of_the_same_tables_and_a_way(tables):
    one = networks_of(two_ways(), Scenario())
    pair = pairs_of(("a", "b", 1.0))
    with pytest.raises(InputError, match="1 to compare"):
        compare(one, pair)
    with pytest.raises(InputError, match="the same tables"):
        compare(one | {"other": build_network(tables)}, pair)
    lost = networks_of(two_ways(), Scenario(close=("a",)), Scenario(close=("b",)))
    with pytest.raises(NoRouteError, match="none of 1 pairs has a route in any of"):
        compare(lost, pair)


PLACES = "abcdef"
roads = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.sampled_from(PLACES),
        st.integers(1, 40),
        st.sampled_from(("open", "planned")),
    ).filter(lambda road: road[0] != road[1]),
    min_size=4,
    max_size=14,
)


def made_of(drawn):
    rows = [
        (f"l{i}", *sorted((a, b)), km, {"status": status})
        for i, (a, b, km, status) in enumerate(drawn)
    ]
    # so that every place is in the tables
    ends = itertools.pairwise(PLACES)
    known = [(f"e{a}", a, b, 1, {"status": "closed"}) for a, b in ends]
    return toy(*rows, *known, rules=(TOLERANCE, CUT_OFF))


ALL = pairs_of(*((a, b, 1.0) for a in PLACES[:3] for b in PLACES[3:]), ("a", "f", 2.0))
ALL = ALL.drop_duplicates(["origin", "destination"])


@settings(deadline=None, max_examples=15)
@given(roads)
def test_adding_links_only_lengthens_no_pair_and_takes_no_alternative(drawn):
    tables = made_of(drawn)
    planned = tuple(tables.links.index[tables.links["status"] == "planned"])
    made = networks_of(tables, Scenario(), Scenario(open_=planned))
    try:
        after = of(compare(made, ALL, tolerance=0.5), "s1")
    except NoRouteError:
        return
    assert not set(after["outcome"]) & {"loses", "cut off"}
    assert (after["change_alternatives"] >= 0).all()


@settings(deadline=None, max_examples=15)
@given(roads, st.data())
def test_closing_only_brings_no_gain(drawn, data):
    tables = made_of(drawn)
    closed = data.draw(st.sets(st.sampled_from(list(tables.links.index)), min_size=1))
    made = networks_of(tables, Scenario(), Scenario(close=tuple(sorted(closed))))
    try:
        found = compare(made, ALL)
    except NoRouteError:
        return
    after = of(found, "s1")
    assert not set(after["outcome"]) & {"gains", "reached"}
    assert (after["change_alternatives"] <= 0).all()


@settings(deadline=None, max_examples=15)
@given(roads)
def test_alternatives_are_at_least_those_that_are_each_short_enough(drawn):
    tables = made_of(drawn)
    network = build_network(tables)
    pairs = check_pairs(network, ALL)
    ways = best_ways(network, pairs)
    most = np.where(ways.time_ms < 0, -1, ways.time_ms * 5 // 4)
    counts = count_choices(ways, most)
    for row, count, ms in zip(
        pairs.itertuples(), counts.tolist(), ways.time_ms.tolist(), strict=True
    ):
        if ms < 0:
            assert count == 0
            continue
        known = redundancy(network, row.origin, row.destination, tolerance=0.25)
        assert len(known.within) <= count <= len(known.link.ways)


def test_corridor_viii_complete_lengthens_nothing_and_helps_albanian_ports_most(tables):
    """What is opened only adds; VIII begins at Durrës, so its ports gain most."""
    complete = read_scenario(tables, "corridor_viii_complete")
    made = networks_of(tables, Scenario(), complete)
    found = compare(made)
    after = of(found, "s1")
    assert not set(after["outcome"]) & {"loses", "cut off"}
    assert (after["change_alternatives"] >= 0).all()
    gained = after.sort_values("change_h", kind="stable").head(10)
    assert set(gained["origin"]) <= {"vlore_port", "durres_port", "shengjin_port"}
    assert set(after["why"].dropna()) == {"opened"}
    assert found.scenarios.loc["s1", "mean_change_h"] < 0


def test_without_serbia_nobody_gains_and_the_north_adriatic_loses(tables):
    """The way from Rijeka to Bulgaria runs through Serbia; round it is far."""
    made = networks_of(tables, Scenario(), make_scenario(tables, deny=["RS"]))
    after = of(compare(made), "s1")
    assert not set(after["outcome"]) & {"gains", "reached"}
    lost = after[after["outcome"] == "loses"]
    assert "rijeka_port" in set(lost["origin"])
    assert set(lost["why"]) == {"closed"}
    states = tables.links["country"]
    assert {states[link] for link in lost["link"]} == {"RS"}


def test_scenarios_laid_over_each_other_gain_at_least_what_each_gains(tables):
    """Both only open, so that together no pair is worse than under one."""
    parts = [read_scenario(tables, n) for n in ("network_2030", "corridor_viii_road")]
    pairs = default_pairs(build_network(tables))
    one, other, both = (
        best_ways(build_network(tables, scenario=scenario), pairs).time_h
        for scenario in (*parts, combine(parts))
    )
    assert (both <= np.minimum(one, other)).all()


def test_most_kilometres_of_best_ways_lie_on_no_corridor(tables):
    """The Egnatia, the road from Thessaloniki to Sofia, all roads of Romania."""
    network = build_network(tables)
    pairs = check_pairs(network, default_pairs(network))
    amounts = spread(best_ways(network, pairs), np.ones(len(pairs)), "corridors")
    assert amounts[""] > sum(amounts.values()) / 2
