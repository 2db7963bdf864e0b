import dataclasses
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.column import (
    flow_per_h,
    pass_min,
    read_formation,
    road_space_km,
    serial_min,
    serials,
)
from mobility.analysis.duty import Clock, Duty, read_duty
from mobility.analysis.march import plan_columns, plan_march
from mobility.analysis.routing import find_routes
from mobility.data.tables import read_tables
from mobility.errors import InputError, NoRouteError, UnknownNameError
from mobility.model import Mode
from mobility.network.build import build_network
from mobility.network.costs import rate_kph, read_rules
from mobility.network.movement import Column, Movement, one_load, whole_package
from tests.toy import frame, toy

H, KM = 3_600_000, 1_000_000
START = datetime.fromisoformat("2026-12-01T06:00+01:00")
REAL = read_tables()
RULES = read_rules(REAL.rules)
DAY = read_formation(RULES)
MOTORWAY = {"road_class": "motorway", "terrain": "flat"}
WIDE = {"width_m": 5.0, "gross_weight_t": 150.0, "axle_load_t": 14.0, "height_m": 5.0}


def column(**changes):
    """The day formation with other values."""
    return dataclasses.replace(DAY, **changes)


def force(*links, **counts):
    """Toy links with the real rules and loads, and one package of counts."""
    tables = toy(*(_sound(*link) for link in links))
    items = [
        {"package_id": "force", "vehicle_id": v, "count": n, "carried_by": _by(v)}
        for v, n in counts.items()
    ]
    return dataclasses.replace(
        tables,
        rules=REAL.rules,
        vehicles=REAL.vehicles,
        countries=tables.countries.assign(
            time_zone=REAL.countries["time_zone"].reindex(tables.countries.index)
        ),
        packages=frame("packages", [{"package_id": "force", "name": "Force"}]),
        package_items=frame("package_items", items),
    )


def _sound(link_id, start, end, km, more=None):
    return link_id, start, end, km, WIDE | (more or {})


def _by(vehicle):
    known = {"trailer": "towed", "container_20ft": "separate"}
    tracked = "transporter" if vehicle.endswith("_tracked") else "own"
    return known.get(vehicle, tracked)


def march(tables, *ends, start=START, **more):
    network = build_network(tables, package="force", mode="road")
    return plan_march(network, *ends, start=start, **more)


def marching(*classes, light="day"):
    """A column of such classes."""
    return Movement("force", {}, True, Column(classes, 1, 0, 2, 0, light))


# the worked examples of the reference: 15 vehicles a km, 40 km/h


@pytest.mark.parametrize(
    ("vehicles", "minutes"), [(100, 26), (250, 85), (1000, 390), (2000, 790)]
)
def test_pass_times_agree_with_the_reference(vehicles, minutes):
    assert pass_min(vehicles, 40, DAY) == pytest.approx(minutes)


def test_25000_vehicles_are_2500_km_long_and_take_100_h_to_pass():
    bare = {"unit_gap_min": 0.0, "serial_gap_min": 0.0, "extra_large_min": 0.0}
    corps = column(density_per_km=10.0, **bare)
    assert road_space_km(25000, 25, corps) == 2500
    assert pass_min(25000, 25, corps) / 60 == pytest.approx(100)


def test_road_space_of_250_vehicles_is_50_km():
    assert road_space_km(250, 40, DAY) == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("density", "rate", "gap", "flow", "bare"),
    [
        (20, 40, 2, 343, 800),
        (15, 40, 3, 240, 600),
        (15, 30, 3, 212, 450),
        (15, 25, 3, 194, 375),
        (10, 25, 5, 122, 250),
        (40, 25, 2, 375, 1000),
    ],
)
def test_flows_agree_with_the_reference(density, rate, gap, flow, bare):
    formed = column(density_per_km=float(density), unit_gap_min=float(gap))
    assert flow_per_h(rate, formed) == pytest.approx(flow, abs=0.5)
    without = dataclasses.replace(formed, unit_gap_min=0.0)
    assert flow_per_h(rate, without) == pytest.approx(bare)


def test_the_tail_of_250_vehicles_clears_120_km_at_1025():
    whole = 120 / 40 * 60 + pass_min(250, 40, DAY)
    assert whole == pytest.approx(265)
    assert START + timedelta(minutes=whole) == datetime.fromisoformat(
        "2026-12-01T10:25+01:00"
    )


@given(st.integers(1, 3000), st.floats(5, 80))
def test_more_vehicles_never_pass_faster(vehicles, rate):
    assert pass_min(vehicles + 1, rate, DAY) > pass_min(vehicles, rate, DAY)


@given(st.integers(1, 3000), st.floats(5, 80))
def test_serials_make_up_the_column(vehicles, rate):
    parts = serials(vehicles, DAY)
    assert sum(part.vehicles for part in parts) == vehicles
    times = [serial_min(part, vehicles, rate, DAY) for part in parts]
    assert times[0][0] == 0
    assert times[-1][1] == pytest.approx(pass_min(vehicles, rate, DAY))
    assert all(head <= tail for head, tail in times)
    gaps = [there[0] - here[1] for here, there in pairwise(times)]
    assert gaps == pytest.approx([10] * len(gaps))


# halts and rests


def test_a_march_day_ends_with_a_rest_until_the_same_hour():
    clock = Clock(read_duty(RULES, 2, convoy=True))
    clock.drive(15 * H, 300 * KM)
    (rest,) = clock.halts
    assert (rest.kind, rest.mm) == ("rest", 200 * KM)
    assert (rest.start, rest.end) == (10 * H, 24 * H)
    assert clock.pace.now == 29 * H


def test_a_long_halt_comes_every_250_km():
    clock = Clock(read_duty(RULES, 2, convoy=True))
    clock.drive(6 * H, 300 * KM)
    halts = [(halt.kind, halt.mm, halt.start) for halt in clock.halts]
    assert halts == [("refuel", 250 * KM, 5 * H)]
    assert clock.pace.now == 7 * H


def test_no_halt_falls_due_at_the_very_end():
    clock = Clock(read_duty(RULES, 2, convoy=True))
    clock.drive(10 * H, 250 * KM)
    assert clock.halts == []


def test_a_driver_alone_breaks_and_two_do_not():
    alone, two = (Clock(read_duty(RULES, n, convoy=False)) for n in (1, 2))
    for clock in (alone, two):
        clock.drive(5 * H, 200 * KM)
    assert [halt.kind for halt in alone.halts] == ["break"]
    assert two.halts == []


def test_driving_stays_within_the_week():
    clock = Clock(Duty(24 * H, drive_day=10 * H, drive_week=40 * H, rest=11 * H))
    clock.drive(50 * H, 500 * KM)
    # 40 h in four days; the fifth 10 h only once the first day is a week away
    assert clock.pace.now == (7 * 24 + 10) * H


# whole marches


def test_a_column_marches_at_the_least_rate_of_its_classes():
    link = {"road_class": "motorway", "terrain": "flat", "speed_limit_kph": None}
    slow = link | {"speed_limit_kph": 30}
    assert rate_kph(link, RULES, marching("wheeled")) == 50
    assert rate_kph(link, RULES, marching("transporter", "wheeled")) == 40
    assert rate_kph(link, RULES, marching("wheeled", light="night")) == 25
    assert rate_kph(slow, RULES, marching("wheeled")) == 30
    assert rate_kph(link, RULES, one_load(REAL, "tank_transporter", "road")) == 45


def test_the_march_table_of_250_vehicles_over_100_km():
    tables = force(("l1", "a", "b", 100, MOTORWAY), tactical_truck=250, trailer=60)
    found = march(tables, "a", "b")
    first, last = found.points
    assert (first.kind, last.kind) == ("start", "release")
    assert last.head - first.head == timedelta(hours=2)
    assert last.tail - last.head == timedelta(minutes=20 + 36 + 14 + 10)
    assert found.clearance_h == pytest.approx(2 + last.pass_min / 60)
    assert last.local(last.head).isoformat() == "2026-12-01T08:00:00+01:00"


def test_tracked_vehicles_ride_and_containers_stay_behind():
    tables = force(("l1", "a", "b", 30), mbt_tracked=7, container_20ft=5)
    moved = whole_package(tables, "force", "road", RULES)
    assert [load.vehicle_id for load in moved.of(Mode.ROAD)] == ["tank_transporter"]
    column = moved.column
    assert (column.vehicles, column.transporters, column.apart) == (7, 7, 5)


def test_a_crossing_has_two_lines_and_the_dwell_between():
    links = (
        ("l1", "a", "x|AL|MK", 60, MOTORWAY),
        ("l2", "x|AL|MK", "b", 60, MOTORWAY | {"country": "MK"}),
    )
    found = march(force(*links, tactical_truck=20), "a", "b")
    _, here, there, _ = found.points
    assert [here.kind, there.kind] == ["crossing", "crossing"]
    assert [here.country, there.country] == ["AL", "MK"]
    assert here.head_leaves == there.head == here.head + timedelta(hours=here.halt_h)
    assert found.border_h == here.halt_h > 0


def test_a_link_that_bars_any_load_of_the_package_is_left_out():
    # the heavy load is low, the light one high: only the long way bears both
    low = {"height_m": 3.5}
    links = (("l1", "a", "b", 10, low), ("l2", "a", "b", 50))
    found = march(force(*links, afv_8x8=5, tactical_truck=5), "a", "b")
    assert found.route.links == ("l2",)
    only = force(links[0], afv_8x8=5, tactical_truck=5)
    with pytest.raises(NoRouteError, match=r"height_m 3\.5, 3\.8 needed"):
        march(only, "a", "b")


def test_what_cannot_march_is_refused_in_one_line():
    tables = force(("l1", "a", "b", 10), container_20ft=5)
    with pytest.raises(InputError, match="'force' has no vehicles by road"):
        build_network(tables, package="force", mode="road")
    with pytest.raises(UnknownNameError, match="did you mean 'force'"):
        build_network(tables, package="forc", mode="road")
    with pytest.raises(InputError, match="choose one of vehicle 'truck' and package"):
        build_network(tables, package="force", vehicle="truck")
    ready = force(("l1", "a", "b", 10), tactical_truck=5)
    naive = datetime.fromisoformat("2026-12-01T06:00")
    with pytest.raises(InputError, match="has no time zone"):
        march(ready, "a", "b", start=naive)
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    with pytest.raises(InputError, match="out of the range of the calendar"):
        march(ready, "a", "b", start=last)


@st.composite
def roads(draw):
    """A road of several stretches, of any class and terrain, over a crossing or not."""
    classes = st.sampled_from(["motorway", "main", "regional", "urban"])
    terrains = st.sampled_from([None, "flat", "hilly", "mountain"])
    rows = draw(
        st.lists(
            st.tuples(st.integers(1, 400), classes, terrains), min_size=1, max_size=5
        )
    )
    places = ["a", "b", "c", "d", "e", "f"]
    return [
        (f"l{i}", *places[i : i + 2], km, {"road_class": kind, "terrain": terrain})
        for i, (km, kind, terrain) in enumerate(rows)
    ], places[len(rows)]


@settings(deadline=None, max_examples=25)
@given(roads(), st.integers(1, 700), st.integers(0, 60), st.integers(1, 5000))
def test_times_never_decrease_and_shift_with_the_start(road, trucks, tanks, later):
    links, end = road
    counts = {"tactical_truck": trucks} | ({"mbt_tracked": tanks} if tanks else {})
    tables = force(*links, **counts)
    found = march(tables, "a", end)
    for point in found.points:
        assert point.head <= point.head_leaves <= point.tail_leaves
        assert point.head <= point.tail
        assert all(serial.head <= serial.tail for serial in point.serials)
        assert point.serials[-1].tail - point.tail_leaves < timedelta(seconds=1)
    for here, there in pairwise(found.points):
        assert here.head_leaves <= there.head
        assert here.tail_leaves <= there.tail
        assert here.km <= there.km
        pairs = zip(here.serials, there.serials, strict=True)
        assert all(a.head <= b.head and a.tail <= b.tail for a, b in pairs)
    shift = timedelta(minutes=later)
    moved = march(tables, "a", end, start=START + shift)
    assert [p.head for p in moved.points] == [p.head + shift for p in found.points]
    assert [p.tail for p in moved.points] == [p.tail + shift for p in found.points]


@settings(deadline=None, max_examples=25)
@given(roads(), st.integers(1, 700))
def test_more_vehicles_never_clear_a_road_sooner(road, trucks):
    links, end = road
    few, more = (
        march(force(*links, tactical_truck=count), "a", end)
        for count in (trucks, trucks + 1)
    )
    assert more.clearance_h > few.clearance_h
    assert more.time_distance_h == few.time_distance_h
    assert few.single_h <= few.time_distance_h


def test_columns_follow_each_other_the_quickest_first():
    tables = force(("l1", "a", "b", 150, MOTORWAY), mbt_tracked=30, tactical_truck=90)
    network = build_network(tables, package="force", mode="road")
    whole = plan_march(network, "a", "b", start=START)
    quick, slow = plan_columns(network, "a", "b", start=START)
    assert quick.column.classes == ("wheeled",)
    assert slow.column.classes == ("transporter",)
    # 150 km at 50 and at 40 km/h
    assert (quick.time_distance_h, slow.time_distance_h) == (3, 3.75)
    assert whole.time_distance_h == 3.75
    gap = slow.points[0].head - quick.points[0].tail_leaves
    assert gap == timedelta(minutes=30)
    counts = [march.column.vehicles for march in (quick, slow)]
    assert (counts, whole.column.vehicles) == ([90, 30], 120)
    for here, there in zip(quick.points, slow.points, strict=True):
        assert here.tail_leaves < there.head


def test_a_heavy_brigade_from_durres_to_skopje():
    network = build_network(REAL, package="heavy_brigade", mode="road", unknown="admit")
    found = plan_march(network, "durres", "skopje", start=START)
    assert network.movement.of(Mode.ROAD)[0].vehicle_id == "tank_transporter"
    assert found.points[0].place == "durres"
    assert found.points[-1].place == "skopje"
    assert {"crossing", "city"} <= {point.kind for point in found.points}
    # a brigade on one road is half a day long
    assert 8 < found.pass_time_h < 16
    # Dragoon Ride: 164 km a day; 21 vehicles Bremerhaven-Zagan: 233 km a day
    assert found.route.length_km / found.points[-1].day < 300


def test_a_march_takes_the_way_that_a_route_of_the_package_takes():
    # by way of rests: the way that is quicker under way arrives later
    network = build_network(REAL, package="heavy_brigade", mode="road", unknown="admit")
    (route,) = find_routes(network, "bar", "sofia")
    found = plan_march(network, "bar", "sofia", start=START)
    assert found.route.links == route.links
    assert found.time_distance_h == pytest.approx(route.time_h)
