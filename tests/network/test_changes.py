"""What scenarios do to links, held against closed forms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.routing import find_routes, matrix
from mobility.errors import NoRouteError
from mobility.network.access import Standards, offer
from mobility.network.arcs import link_rows
from mobility.network.build import Use, build_network
from mobility.network.changes import Changes, denied_states
from mobility.network.costs import read_rules
from mobility.network.scenario import Scenario, make_scenario
from tests.toy import VEHICLES, toy

RAIL = {"mode": "rail"}
BUILT = RAIL | {"axle_load_t": 22.5, "line_category": "D4"}
COUNTRIES = [
    {"country": "AL", "name": "Albania", "nato": "member", "eu": "candidate"},
    {"country": "AT", "name": "Austria", "nato": "pfp", "eu": "member"},
    {"country": "RS", "name": "Serbia", "nato": "pfp", "eu": "candidate"},
    {"country": "XK", "name": "Kosovo", "nato": "kfor", "eu": "potential"},
]


def lowered(tables, **limits):
    """Network under one downgrade of every link."""
    scenario = make_scenario(tables, downgrade=[{"links": ["*"], **limits}])
    return build_network(tables, scenario=scenario)


def used(network):
    return {
        link
        for link, use in zip(network.link_ids, network.uses, strict=True)
        if use == Use.USED
    }


def drive_h(network):
    return sorted(set(network.drive_ms.tolist()))[0] / 3_600_000


def test_a_speed_factor_and_a_speed_limit_lengthen_the_hours_of_every_mode():
    # road 60 km/h; rail by rule 30, of a design speed of 80 a quarter
    road, rail = toy(("l", "a", "b", 60)), toy(("l", "a", "b", 60, BUILT))
    assert drive_h(lowered(road, speed_factor=0.5)) == 2
    assert drive_h(lowered(rail, speed_factor=0.5)) == 4
    assert drive_h(lowered(road, speed_limit_kph=20)) == 3
    assert drive_h(lowered(road, speed_limit_kph=100)) == 1
    assert drive_h(lowered(road, speed_limit_kph=40, speed_factor=0.5)) == 3
    assert drive_h(lowered(rail, speed_limit_kph=20)) == 3
    posted = toy(("l", "a", "b", 60, {"speed_limit_kph": 20.0}))
    assert drive_h(lowered(posted, speed_limit_kph=40)) == 3
    ferry = {"mode": "ferry", "crossing_h": 3.0, "sailings_per_week": 14.0}
    sea = toy(("l", "port_a", "port_b", 60, ferry))
    assert drive_h(lowered(sea, speed_factor=0.5)) == 6
    # half the sailings, twice the wait
    (wait,) = set(lowered(sea, sailings_per_week=7).transfer_ms.tolist())
    assert wait == 12 * 3_600_000


def test_the_lowest_of_several_values_holds():
    tables = toy(("l", "a", "b", 60))
    both = make_scenario(
        tables,
        downgrade=[
            {"links": ["l"], "speed_factor": 0.8},
            {"links": ["l"], "speed_factor": 0.5},
        ],
    )
    assert drive_h(build_network(tables, scenario=both)) == 2


@pytest.mark.parametrize(
    ("known", "given_", "left"),
    [("D4", "C3", "C3"), ("C3", "D4", "C3"), ("C4", "D2", "C2"), ("B2", "B2", "B2")],
)
def test_a_category_is_lowered_to_the_highest_within_both(known, given_, left):
    tables = toy(("l", "a", "b", 60, RAIL | {"line_category": known}))
    (row,) = lowered(tables, line_category=given_).rows
    assert row["line_category"] == left


def test_a_category_lowers_the_axle_load_with_it():
    tables = toy(("l", "a", "b", 60, BUILT))
    (row,) = lowered(tables, line_category="B1").rows
    assert (row["axle_load_t"], row["line_category"]) == (18.0, "B1")
    assert used(lowered(tables, line_category="C2")) == {"l"}
    assert used(lowered(tables, line_category="B2")) == set()


HEAVY = (
    *VEHICLES,
    {"vehicle_id": "crane", "mode": "road", "gross_t": 60.0, "axle_load_t": 11.0},
    {"vehicle_id": "light", "mode": "road", "gross_t": 20.0, "axle_load_t": 9.0},
)


@pytest.mark.parametrize(
    ("known", "given_", "uses"),
    [
        # of a known limit the lower holds
        (100.0, 50.0, {"light": "USED", "freight": "USED", "crane": "BARRED"}),
        (30.0, 50.0, {"light": "USED", "freight": "BARRED", "crane": "BARRED"}),
        # of an unknown one the law goes on to tell what passes below what is given
        (None, 30.0, {"light": "USED", "freight": "BARRED", "crane": "BARRED"}),
        (None, 50.0, {"light": "USED", "freight": "USED", "crane": "BARRED"}),
        # and beyond the law it stays unknown, or the scenario would open a way
        (None, 80.0, {"light": "USED", "freight": "USED", "crane": "UNKNOWN"}),
    ],
)
def test_a_lowered_limit_bars_what_is_above_and_proves_nothing_below(
    known, given_, uses
):
    tables = toy(("l", "a", "b", 60, {"gross_weight_t": known}), vehicles=HEAVY)
    scenario = make_scenario(
        tables, downgrade=[{"links": ["l"], "gross_weight_t": given_}]
    )
    found = {
        load: build_network(tables, vehicle=load, scenario=scenario).uses[0].name
        for load in uses
    }
    assert found == uses


def test_a_railway_of_unknown_strength_stays_unknown_below_what_is_given():
    tables = toy(("l", "a", "b", 60, RAIL))
    assert lowered(tables, axle_load_t=22.5).uses == (Use.UNKNOWN,)
    assert lowered(tables, axle_load_t=18).uses == (Use.BARRED,)
    assert lowered(tables, line_category="C2").uses == (Use.UNKNOWN,)
    assert lowered(tables, line_category="B1").uses == (Use.BARRED,)


@pytest.mark.parametrize(
    ("known", "given_", "told"),
    [
        (None, 30.0, (30.0, "scenario", True, None)),
        (None, 60.0, (40.0, "law", False, 60.0)),
        (50.0, 30.0, (30.0, "link", True, None)),
    ],
)
def test_what_a_link_offers_is_lowered_too(known, given_, told):
    tables = toy(("l", "a", "b", 60, {"gross_weight_t": known}))
    (row,) = lowered(tables, gross_weight_t=given_).rows
    found = offer(
        "gross_t",
        row,
        country={"legal_gross_t": None},
        rules=read_rules(tables.rules),
        standards=Standards(),
    )
    assert (found.value, found.source, found.bars, found.at_most) == told


def test_a_class_lowered_for_one_alone_is_lowered_among_others():
    classes = {"mlc_wheeled_one_way": 100, "mlc_wheeled_two_way": 80}
    tables = toy(("l", "a", "b", 60, classes))
    (row,) = lowered(tables, mlc_wheeled_one_way=60).rows
    assert (row["mlc_wheeled_one_way"], row["mlc_wheeled_two_way"]) == (60, 60)


def test_trains_a_day_are_lowered_and_stay_unknown_where_they_are():
    tables = toy(
        ("known", "a", "b", 60, BUILT | {"trains_per_day": 20}),
        ("unknown", "a", "b", 60, BUILT),
    )
    network = lowered(tables, trains_per_day=8)
    known, unknown = network.rows
    assert known["trains_per_day"] == 8
    assert unknown["trains_per_day"] is None
    assert unknown["at_most"] == {"trains_per_day": 8.0}


# a ── old ── b ── due27 ── c ── closed ── d
UNBUILT = toy(
    ("old", "a", "b", 60),
    ("due27", "b", "c", 60, {"status": "construction", "opens": 2027}),
    ("closed", "c", "d", 60, RAIL | {"status": "closed"}),
)


def test_works_are_late_by_the_slip():
    for slip, year, found in (
        (None, 2028, {"old", "due27"}),
        (0, 2028, {"old", "due27"}),
        (1, 2028, {"old"}),
        (1, 2029, {"old", "due27"}),
    ):
        scenario = Scenario(slip_years=slip, year=year)
        assert used(build_network(UNBUILT, scenario=scenario)) == found
    # what a scenario opens is open, however late the works
    opened = Scenario(slip_years=9, open_=("due27",))
    assert used(build_network(UNBUILT, scenario=opened)) == {"old", "due27"}


def test_a_slip_of_nothing_changes_nothing():
    rows = link_rows(UNBUILT)
    assert Changes.of(UNBUILT, Scenario(slip_years=0)).apply(rows) == rows


def test_a_railway_reopened_by_a_scenario_gets_the_standard_by_rule():
    network = build_network(UNBUILT, scenario=Scenario(open_=("closed",)))
    (route,) = find_routes(network, "c", "d")
    assert route.ruled_km == 60


def test_a_crossing_that_takes_no_goods_can_be_opened():
    tables = toy(
        ("l1", "a", "x|AL|MK", 60),
        ("l2", "x|AL|MK", "b", 60, {"country": "MK"}),
        borders={"goods": "no"},
    )
    with pytest.raises(NoRouteError):
        find_routes(build_network(tables), "a", "b")
    opened = build_network(tables, scenario=Scenario(open_=("x|AL|MK",)))
    (route,) = find_routes(opened, "a", "b")
    assert route.time_h == 4


@pytest.mark.parametrize(
    ("given_", "denied"),
    [
        ({}, ""),
        ({"transit": "nato"}, "AT RS XK"),
        ({"transit": "eu_or_nato"}, "RS XK"),
        ({"transit": "nato", "allow": ["XK"]}, "AT RS"),
        ({"transit": "eu_or_nato", "deny": ["AL"]}, "AL RS XK"),
        ({"deny": ["RS"]}, "RS"),
        ({"allow": ["XK"]}, ""),
    ],
)
def test_membership_decides_who_is_touched_and_names_overrule_it(given_, denied):
    tables = toy(("l", "a", "b", 60), countries=COUNTRIES)
    found = denied_states(tables, make_scenario(tables, **given_))
    assert sorted(found) == denied.split()


def test_a_denied_state_is_not_touched_and_a_ferry_needs_both():
    sea = {"mode": "ferry", "crossing_h": 1.0, "sailings_per_week": 14.0}
    tables = toy(
        ("al", "port_a", "x|AL|MK", 60),
        ("mk", "x|AL|MK", "c", 60, {"country": "MK"}),
        ("sea", "port_a", "port_b", 60, sea | {"country": "AL-IT"}),
    )
    network = build_network(tables, scenario=Scenario(deny=("MK",)))
    assert used(network) == {"al", "sea"}
    assert network.uses[1] == Use.EXCLUDED
    assert {node.side for node in network.graph_nodes} == {"", "AL"}
    for state in ("AL", "IT"):
        network = build_network(tables, scenario=Scenario(deny=(state,)))
        assert "sea" not in used(network)


def test_a_gap_says_which_state_would_close_it():
    #       ┌─ far: AL, planned ─┐
    # a ────┴── x ── mk ── y ────┴── b
    tables = toy(
        ("to_x", "a", "x|AL|MK", 60),
        ("mk", "x|AL|MK", "y|AL|MK", 60, {"country": "MK"}),
        ("from_y", "y|AL|MK", "b", 60),
        ("far", "a", "b", 500, {"status": "planned"}),
    )
    network = build_network(tables, scenario=Scenario(deny=("MK",)))
    with pytest.raises(NoRouteError) as caught:
        find_routes(network, "a", "b")
    assert str(caught.value) == (
        "no route from A to B for freight in 2026: it would take far A–B (500 km, "
        "planned); access to MK would do"
    )


STATES = ("AL", "IT", "MK")
LINK = st.tuples(
    st.sampled_from("abcd"),
    st.sampled_from("abcd"),
    st.integers(1, 300),
    st.fixed_dictionaries(
        {
            "mode": st.sampled_from(["road", "rail"]),
            "country": st.sampled_from(STATES),
            "axle_load_t": st.sampled_from([None, 9.0, 22.5]),
            "gross_weight_t": st.sampled_from([None, 30.0, 60.0]),
            "line_category": st.sampled_from([None, "B1", "C3", "D4"]),
            "speed_low_kph": st.sampled_from([None, 20.0]),
            "speed_high_kph": st.sampled_from([None, 60.0]),
            "line_speed_kph": st.sampled_from([None, 120.0]),
            "speed_limit_kph": st.sampled_from([None, 50.0]),
            "status": st.sampled_from(["open", "open", "closed", "planned"]),
            "opens": st.sampled_from([None, 2025]),
        }
    ),
)
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "axle_load_t": st.sampled_from([8.0, 18.0, 25.0]),
        "gross_weight_t": st.sampled_from([20.0, 50.0]),
        "line_category": st.sampled_from(["B2", "D2", "D4"]),
        "speed_limit_kph": st.sampled_from([10.0, 45.0, 130.0]),
        "speed_factor": st.sampled_from([0.3, 0.9, 1.0]),
        "mlc_wheeled_one_way": st.sampled_from([40, 80]),
        "train_length_m": st.sampled_from([300, 700]),
    },
)
LOADS = (
    *VEHICLES,
    {"vehicle_id": "classed", "mode": "road", "mlc_wheeled": 60.0, "gross_t": 50.0},
    {
        "vehicle_id": "long",
        "mode": "rail",
        "axle_load_t": 15.0,
        "mass_per_m_t": 4.0,
        "train_length_m": 400.0,
    },
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(LINK, min_size=1, max_size=8),
    st.sets(st.integers(0, 7)),
    st.sets(st.sampled_from(STATES), max_size=1),
    LIMITS,
    st.sampled_from(["freight", "classed", "long"]),
    st.sampled_from(["bar", "admit"]),
    st.sampled_from([None, 0, 4]),
)
def test_what_only_closes_lowers_or_denies_shortens_no_way(
    drawn, closed, denied, limits, load, unknown, slip
):
    links = [
        (f"l{i}", tail, head, km, more)
        for i, (tail, head, km, more) in enumerate(drawn)
        if tail != head
    ]
    if not links:
        return
    tables = toy(*links, vehicles=LOADS)
    ids = set(tables.links.index)
    modes = set(tables.links["mode"])
    road_only, rail_only = (
        {"gross_weight_t", "mlc_wheeled_one_way"},
        {"line_category", "train_length_m"},
    )
    drop = (road_only if "road" not in modes else set()) | (
        rail_only if "rail" not in modes else set()
    )
    limits = {key: value for key, value in limits.items() if key not in drop}
    scenario = make_scenario(
        tables,
        close=[f"l{i}" for i in closed if f"l{i}" in ids],
        deny=denied,
        slip_years=slip,
        downgrade=[{"links": ["l*"], **limits}] if limits else (),
    )
    before, after = (
        build_network(tables, vehicle=load, unknown=unknown, scenario=each)
        for each in (None, scenario)
    )
    assert used(after) <= used(before)
    places = list(tables.nodes.index)
    if len(places) > 1:
        hours, later = (
            matrix(network, places, places)["time_h"].fillna(float("inf"))
            for network in (before, after)
        )
        assert (hours <= later).all()
