"""Force packages on routes: what they pass, how fast, and with which halts."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.column import pass_min, read_formation
from mobility.analysis.duty import Clock, halts_h, read_duty
from mobility.analysis.routing import find_routes, matrix
from mobility.data.tables import read_tables
from mobility.errors import NoRouteError
from mobility.network.build import Use, build_network
from mobility.network.costs import read_rules
from mobility.network.scenario import Scenario, make_scenario
from tests.toy import toy

REAL = read_tables()
RULES = read_rules(REAL.rules)


def lorries(drivers, *links, rules=()):
    """Toy links, a load with so many drivers, and the real rules of rest."""
    vehicles = [
        {"vehicle_id": "freight", "mode": "road", "drivers": drivers},
        {"vehicle_id": "freight", "mode": "rail"},
    ]
    rest = REAL.rules.reset_index()
    rest = rest[rest["quantity"].str.match("driver_|refuel_|march_day_h")]
    kept = rest[["quantity", "mode", "value"]].to_dict("records")
    return build_network(toy(*links, vehicles=vehicles, rules=[*kept, *rules]))


def test_a_driver_alone_breaks_and_rests_on_the_way():
    (route,) = find_routes(lorries(1, ("l1", "a", "b", 1200)), "a", "b")
    # 20 h at 60 km/h: 4.5 + 4.5, 4.5 + 4.5, 2
    assert route.drive_h == 20
    assert route.halt_h == pytest.approx(2 * 11 + 2 * 0.75)
    assert route.time_h == route.drive_h + route.halt_h


def test_where_no_driver_is_known_nobody_rests():
    (route,) = find_routes(lorries(None, ("l1", "a", "b", 1200)), "a", "b")
    assert (route.halt_h, route.time_h) == (0, 20)


def test_a_train_that_arrives_first_is_best_though_slower_under_way():
    # by road 20 h and rests, by rail 30 h
    links = (("l1", "a", "b", 1200), ("l2", "a", "b", 900, {"mode": "rail"}))
    network = lorries(1, *links)
    best, other = find_routes(network, "a", "b", k=2)
    assert (best.modes, best.time_h) == (("rail",), 30)
    assert (other.modes, other.drive_h) == (("road",), 20)
    assert other.time_h > best.time_h
    frame = matrix(network, ["a"], ["b"])
    assert frame["time_h"].tolist() == [30]
    assert frame["modes"].tolist() == ["rail"]


# a way by the sea is longer under way, and its driver is rested at the end of it
def test_a_sailing_that_spares_a_rest_is_found():
    sea = {"mode": "ferry", "crossing_h": 12.0, "sailings_per_week": 168.0}
    links = (
        ("l1", "a", "port b", 60),
        ("l2", "port b", "port c", 100, sea | {"country": "AL"}),
        ("l3", "port c", "d", 300),
        ("l4", "a", "d", 600),
    )
    vehicles = [
        {"vehicle_id": "freight", "mode": "road", "drivers": 1},
        {"vehicle_id": "freight", "mode": "ferry", "drivers": 1},
    ]
    rest = REAL.rules.reset_index()
    rest = rest[rest["quantity"].str.match("driver_|refuel_")]
    kept = rest[["quantity", "mode", "value"]].to_dict("records")
    network = build_network(toy(*links, vehicles=vehicles, rules=kept))
    (route,) = find_routes(network, "a", "d")
    # 10 h by road take 21.75 h; 1 + 12 + 5 h and boarding take less
    assert route.modes == ("road", "ferry", "road")
    assert route.time_h < 21.75


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(30, 700)
        ).filter(lambda link: link[0] != link[1]),
        min_size=2,
        max_size=7,
    ),
    st.sampled_from([1, 2]),
    st.integers(0, 6),
)
def test_a_closed_link_never_makes_anyone_arrive_sooner(rows, drivers, lost):
    links = [(f"l{i}", *row) for i, row in enumerate(rows)]
    network = lorries(drivers, *links)
    closed = build_network(
        network.tables, scenario=Scenario(close=(f"l{lost % len(links)}",))
    )
    places = sorted({place for row in rows for place in row[:2]})
    before, after = (matrix(made, places, places) for made in (network, closed))
    for pair, hours in after["time_h"].dropna().items():
        assert hours >= before["time_h"][pair] - 1e-9


def test_more_network_never_makes_anyone_arrive_later():
    today = build_network(REAL, mode="road")
    later = build_network(REAL, mode="road", scenario=make_scenario(REAL, year=2030))
    for pair in (("durres", "constanta"), ("thessaloniki", "galati")):
        (now,), (then,) = (find_routes(network, *pair) for network in (today, later))
        assert then.time_h <= now.time_h


def test_halts_on_the_road_are_those_of_the_clock():
    network = lorries(2, ("l1", "a", "b", 700), ("l2", "b", "c", 800))
    arcs = [
        next(
            i
            for i in range(len(network.tails))
            if network.graph_nodes[network.tails[i]].place == start
            and network.graph_nodes[network.heads[i]].place == end
        )
        for start, end in (("a", "b"), ("b", "c"))
    ]
    clock = Clock(read_duty(network.rules, 2, convoy=False))
    clock.drive(25 * 3_600_000, 1500 * 1_000_000)
    assert halts_h(network, arcs) == clock.pace.now / 3_600_000 - 25


@pytest.mark.parametrize("package", sorted(REAL.packages.index))
def test_a_package_passes_what_all_of_its_loads_pass(package):
    whole = build_network(REAL, package=package, unknown="admit")
    loads = {v.vehicle_id for loads in whole.movement.loads.values() for v in loads}
    single = [build_network(REAL, vehicle=load, unknown="admit") for load in loads]
    for number, row in enumerate(whole.rows):
        bearing = [n for n in single if n.movement.of(row["mode"])]
        named = {v.vehicle_id for v in whole.movement.of(row["mode"])}
        bearing = [n for n in bearing if n.movement.name in named]
        passes = all(network.uses[number] == Use.USED for network in bearing)
        assert (whole.uses[number] == Use.USED) == (passes and bool(bearing))


def test_a_column_is_slower_than_a_lorry_and_takes_its_pass_time():
    column, lorry = (
        build_network(REAL, mode="road", **moved)
        for moved in ({"package": "durres_2021"}, {"vehicle": "tactical_truck"})
    )
    (slow,) = find_routes(column, "durres", "skopje")
    (quick,) = find_routes(lorry, "durres", "skopje")
    assert slow.drive_h > quick.drive_h
    assert quick.pass_time_h == 0
    # 500 lorries at the least rate on the way
    rates = [
        row["length_km"] / (time / 3.6e6)
        for row, time in (
            (column.rows[number], int(column.drive_ms[arc]))
            for arc, number in enumerate(column.link_of.tolist())
            if number >= 0 and column.link_ids[number] in slow.links
        )
    ]
    formed = read_formation(RULES)
    expected = pass_min(500, min(rates), formed) / 60
    assert slow.pass_time_h == pytest.approx(expected, rel=1e-4)


def test_a_heavy_brigade_goes_by_rail_where_no_road_is_known_to_bear_it():
    network = build_network(REAL, package="heavy_brigade")
    (route,) = find_routes(network, "rijeka", "belgrade")
    assert route.modes == ("rail",)
    assert network.movement.trains > 20
    with pytest.raises(NoRouteError, match="heavy_brigade by road"):
        find_routes(
            build_network(REAL, package="heavy_brigade", mode="road"),
            "durres",
            "skopje",
        )


def test_a_package_asks_at_least_what_each_of_its_loads_asks():
    moved = build_network(REAL, package="heavy_brigade").movement
    for mode, loads in moved.loads.items():
        for load in loads:
            for name in ("gross_t", "axle_load_t", "width_m", "mass_per_m_t"):
                asked = getattr(load, name)
                assert asked is None or moved.needs(mode, name) >= asked
    assert dataclasses.replace(moved, loads={}).needs("rail", "width_m") is None
