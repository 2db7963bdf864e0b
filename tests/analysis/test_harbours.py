"""Ports: a closed form of every stage, and verdicts that a planner would accept."""

import math
from itertools import pairwise

import pytest

from mobility.analysis.berth import read_class, read_ship, read_water
from mobility.analysis.harbours import harbours
from mobility.data.find import find_port
from mobility.data.rows import rows_of
from mobility.data.tables import read_tables
from mobility.errors import DataError, InputError, UnknownNameError
from mobility.network.costs import read_rules
from mobility.network.scenario import Scenario
from tests.toy import toy

FERRY = {"mode": "ferry"}
RULES = (
    {"quantity": "keel_clearance_m", **FERRY, "value": 1.0},
    {"quantity": "wpi_channel_slack_m", **FERRY, "value": 2.0},
    {"quantity": "ship_draught_m", **FERRY, "ship_type": "roro", "value": 9.0},
    {"quantity": "ship_vehicles", **FERRY, "ship_type": "roro", "value": 100.0},
    {"quantity": "ship_draught_m", **FERRY, "ship_type": "ropax", "value": 6.0},
    {"quantity": "ship_lane_m", **FERRY, "ship_type": "ropax", "value": 800.0},
    {"quantity": "ship_turn_h", **FERRY, "value": 24.0},
    {"quantity": "ferry_share", **FERRY, "value": 0.5},
    {"quantity": "roro_discharge_per_h", **FERRY, "value": 10.0},
    {"quantity": "port_work_h_per_day", **FERRY, "value": 12.0},
    {"quantity": "container_crane_per_h", **FERRY, "value": 20.0},
    {"quantity": "vehicle_crane_per_h", **FERRY, "value": 5.0},
    {"quantity": "port_cranes", **FERRY, "value": 2.0},
    {"quantity": "port_roro_ramps", **FERRY, "value": 1.0},
    {"quantity": "lane_m_per_vehicle", **FERRY, "value": 10.0},
    {"quantity": "port_rail_ramps", "mode": "rail", "value": 2.0},
    {"quantity": "train_loading_h", "mode": "rail", "value": 5.0},
    {"quantity": "train_shunting_h", "mode": "rail", "value": 1.0},
    {"quantity": "wagons_per_vehicle", "mode": "rail", "value": 0.5},
    {"quantity": "wagons_per_train", "mode": "rail", "value": 20.0},
    {"quantity": "heavy_per_train", "mode": "rail", "value": 15.0},
    {"quantity": "vehicles_per_transporter", "mode": "road", "value": 1.0},
    {"quantity": "march_rate_kph", "mode": "road", "value": 20.0},
    {"quantity": "march_terrain_factor", "mode": "road", "value": 1.0},
    {"quantity": "march_day_h", "mode": "road", "value": 10.0},
    {"quantity": "march_density_per_km", "mode": "road", "value": 15.0},
    {"quantity": "march_unit_vehicles", "mode": "road", "value": 20.0},
    {"quantity": "serial_units", "mode": "road", "value": 5.0},
    {"quantity": "unit_gap_min", "mode": "road", "value": 0.0},
    {"quantity": "serial_gap_min", "mode": "road", "value": 0.0},
    {"quantity": "extra_time_min_per_vehicle", "mode": "road", "value": 0.0},
    {"quantity": "extra_time_large_min_per_vehicle", "mode": "road", "value": 0.0},
    {"quantity": "extra_time_large_vehicles", "mode": "road", "value": 600.0},
)
VEHICLES = (
    {
        "vehicle_id": "freight",
        "mode": "road",
        "load_class": "wheeled",
        "gross_t": 40.0,
        "drivers": 2,
    },
    {"vehicle_id": "box", "mode": "rail", "load_class": "container"},
)
PACKAGES = ({"package_id": "force", "name": "Force", "personnel": 1},)
ITEMS = (
    {
        "package_id": "force",
        "vehicle_id": "freight",
        "count": 200,
        "carried_by": "own",
    },
    {"package_id": "force", "vehicle_id": "box", "count": 50, "carried_by": "separate"},
)
DEEP = {"draught_m": 12.0, "roro": "yes", "rail": "yes", "port_kind": "sea"}


def made(port=(), *, road=(), rail=()):
    """Tables of one port with a road and a railway.

    a ═ porta
    """
    row = {"node_id": "porta", "basin": "adriatic", **DEEP} | dict(port)
    return toy(
        ("road", "a", "porta", 10, dict(road)),
        ("rail", "a", "porta", 10, {"mode": "rail"} | dict(rail)),
        rules=RULES,
        vehicles=VEHICLES,
        packages=PACKAGES,
        package_items=ITEMS,
        ports=[row],
    )


def told(port=(), *, road=(), rail=(), **asked):
    """The row of that port."""
    frame = harbours(made(port, road=road, rail=rail), **{"package": "force"} | asked)
    return frame.loc["porta"]


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.fixture(scope="module")
def all_ships(tables):
    ships = ("lmsr", "roro", "ropax")
    return {s: harbours(tables, ship=s, package="heavy_brigade") for s in ships}


def test_each_stage_has_its_closed_form():
    row = told()
    # 200 vehicles and 50 boxes on ships of 100: 3 ships of 66.7 vehicles each
    assert row["ships"] == 3
    assert row["berth_per_day"] == pytest.approx(200 / 3)
    # 10 an hour, 12 hours a day, of which 200 in 250 count
    assert row["off_per_day"] == pytest.approx(120 * 200 / 250)
    # 100 wagons, 5 trains of 40; two ramps, 5 h and 1 h each
    assert (row["trains"], row["trains_per_day"]) == (5, 8)
    assert row["rail_per_day"] == 8 * 40
    # 15 vehicles a km at 20 km/h for 10 h
    assert row["road_per_day"] == pytest.approx(3000)
    assert row["weakest"] == "berth"
    assert row["per_day"] == row["berth_per_day"]


def test_hours_of_a_package_have_their_closed_form():
    row = told()
    # unloading takes 83.3 / 10 working hours, twice that by the clock: below the turn
    assert row["discharge_h"] == pytest.approx(2 * 24 + 2 * 250 / 3 / 10)
    # three rounds on two ramps
    assert row["rail_h"] == 3 * 5 + 2 * 1
    assert row["road_h"] == pytest.approx(200 / (15 * 20))


def test_three_ramps_take_three_ships_at_once():
    one, three = told(), told({"roro_ramps": 3})
    assert three["berth_per_day"] == pytest.approx(3 * one["berth_per_day"])
    assert three["discharge_h"] == pytest.approx(2 * 250 / 3 / 10)
    assert "port_roro_ramps" in one["ruled"]
    assert "port_roro_ramps" not in three["ruled"]


def test_a_column_longer_than_a_day_waits_for_the_next():
    day = {"quantity": "march_day_h", "mode": "road", "load_class": None, "value": 0.5}
    rules = [r for r in RULES if r["quantity"] != "march_day_h"] + [day]
    tables = toy(
        ("road", "a", "porta", 10),
        rules=rules,
        vehicles=VEHICLES,
        packages=PACKAGES,
        package_items=ITEMS,
        ports=[{"node_id": "porta", "basin": "adriatic", **DEEP}],
    )
    row = harbours(tables, package="force").loc["porta"]
    # 40 minutes of column, half an hour a day
    assert row["road_h"] == pytest.approx(2 / 3 + 23.5)


def test_the_weakest_is_the_stage_asked_for():
    fast = {"roro_ramps": 46}
    assert told(fast, mode="rail")["weakest"] == "rail"
    assert told(fast, mode="road")["weakest"] == "road"
    assert told(fast)["weakest"] == "berth"
    assert told({"roro_ramps": 50, "rail_ramps": 1})["weakest"] == "rail and road"


@pytest.mark.parametrize(
    ("port", "links", "weakest"),
    [
        ({"draught_m": 8.9}, {}, "draught"),
        ({"roro": "no", "crane_t": "up to 24"}, {}, "crane load"),
        ({"ramp_load_t": 30.0}, {}, "ramp load"),
        ({"port_kind": "planned"}, {"status": "planned"}, "not open"),
        ({}, {"status": "closed"}, "rail and road"),
    ],
)
def test_what_bars_a_port_is_named(port, links, weakest):
    row = told(port, road=links, rail=links)
    assert (row["weakest"], row["per_day"]) == (weakest, 0)


@pytest.mark.parametrize(
    ("port", "weakest"),
    [
        ({"roro": "no"}, "crane"),
        ({"roro": None}, "ro-ro"),
        ({"unreached": "No link."}, "not reached"),
    ],
)
def test_what_is_unknown_has_no_rate(port, weakest):
    row = told(port)
    assert row["weakest"] == weakest
    assert math.isnan(row["per_day"])


def test_without_ro_ro_cranes_lift_vehicles_and_containers():
    row = told({"roro": "no", "crane_t": "50-100"})
    assert (row["off_by"], row["bears"], row["cranes"]) == ("crane", "yes", 2)
    hours = 200 / 5 + 50 / 20
    assert row["off_per_day"] == pytest.approx(2 * 200 / hours * 12)


def test_a_planned_port_opens_with_a_link_to_it():
    plan = {"port_kind": "planned", "roro": "planned", "rail": "planned"}
    link = {"status": "planned"}
    assert told(plan, road=link, rail=link)["status"] == "planned"
    opened = Scenario(open_=("rail", "road"))
    row = told(plan, road=link, rail=link, scenario=opened)
    assert (row["status"], row["off_by"]) == ("open", "ramp")
    assert row["per_day"] > 0
    due = told(
        plan, road=link | {"opens": 2030}, rail=link, scenario=Scenario(year=2031)
    )
    assert (due["status"], due["rail_per_day"]) == ("open", 0)


def test_a_closed_port_lands_nothing():
    row = told(scenario=Scenario(close=("porta",)))
    assert (row["status"], row["weakest"], row["per_day"]) == ("closed", "not open", 0)


def test_without_a_package_a_full_ship_stands_for_it():
    row = told(package=None)
    assert row["berth_per_day"] == 100
    assert row["off_per_day"] == 120
    assert math.isnan(row["ships"])
    # half of 800 m of lane at 10 m each
    assert told(package=None, ship="ropax")["berth_per_day"] == 40


def test_metres_of_lane_count_ship_loads_too():
    # 250 pieces of 10 m on half of 800 m
    assert told(ship="ropax")["ships"] == 7


@pytest.mark.parametrize(
    ("port", "verdict", "column"),
    [
        ({"draught_m": 9.0, "depth_m": 9.5}, "yes", "draught_m"),
        ({"depth_m": 10.0}, "yes", "depth_m"),
        ({"depth_m": 9.9}, "no", "depth_m"),
        ({"wpi_channel_m": "10.0-11.0", "wpi_pier_m": "11.0-12.2"}, "yes", None),
        ({"wpi_channel_m": "7.0-7.9"}, "no", "wpi_channel_m"),
        ({"wpi_channel_m": "7.0-8.0"}, "unknown", "wpi_pier_m"),
        ({"wpi_channel_m": "20.1-21.3", "wpi_pier_m": "6.4-7.6"}, "unknown", None),
        ({"wpi_pier_m": "3.4-4.6"}, "unknown", "wpi_pier_m"),
        ({"wpi_channel_m": ">=23.2"}, "unknown", "wpi_pier_m"),
        ({"wpi_channel_m": ">=23.2", "wpi_pier_m": "11.0-12.2"}, "yes", "wpi_pier_m"),
        ({}, "unknown", "wpi_pier_m"),
    ],
)
def test_a_draught_of_9_m_is_held_against_what_is_known(port, verdict, column):
    row = told({"draught_m": None} | port)
    assert row["berths"] == verdict
    assert column in (None, row["berths_by"])


def test_a_class_below_the_published_figure_is_told():
    row = told(
        {"draught_m": 12.0, "wpi_channel_m": "9.4-10.7", "wpi_pier_m": "11.0-12.2"}
    )
    assert row["contradicts"] == ["wpi_channel_m"]


def test_classes_are_read():
    assert read_class("9.4-10.7", "c") == (9.4, 10.7)
    assert read_class(">=23.2", "c") == (23.2, math.inf)
    assert read_class("up to 24", "c") == (0, 24)
    assert read_class("over 100", "c") == (100, math.inf)
    with pytest.raises(DataError, match="'deep' is no class"):
        read_class("deep", "wpi_pier_m")


def test_every_port_has_a_verdict_for_every_ship(tables, all_ships):
    for frame in all_ships.values():
        assert list(frame.index) == list(tables.ports.index)
        assert set(frame["berths"]) <= {"yes", "no", "unknown"}
        assert frame["weakest"].notna().all()
        known = frame[frame["per_day"].notna()]
        assert (known["per_day"] <= known["berth_per_day"]).all()
        assert (known["per_day"] <= known["off_per_day"].fillna(math.inf)).all()


def test_a_deeper_ship_berths_nowhere_a_shallower_cannot(all_ships):
    order = {"no": 0, "unknown": 1, "yes": 2}
    ranks = [all_ships[ship]["berths"].map(order) for ship in ("ropax", "roro", "lmsr")]
    for shallow, deep in pairwise(ranks):
        assert (deep <= shallow).all()


@pytest.mark.parametrize(
    ("port", "verdict"),
    [
        # 11.2 m at the deepest berth, 1 m under the keel, 10.6 m of draught
        ("durres_port", "no"),
        # quays of 12, 18 and 20 m
        ("thessaloniki_port", "yes"),
        ("koper_port", "yes"),
        ("rijeka_port", "yes"),
        # the river and the maritime Danube
        ("giurgiu_port", "no"),
        ("vukovar_port", "no"),
        ("galati_port", "no"),
        # an old class of a pier does not say that Constanța has no deep quay
        ("constanta_port", "unknown"),
        ("porto_romano", "unknown"),
    ],
)
def test_where_a_large_military_ship_berths(all_ships, port, verdict):
    assert all_ships["lmsr"].loc[port, "berths"] == verdict


def test_no_sea_ship_reaches_the_river_ports(tables, all_ships):
    river = tables.ports.index[tables.ports["port_kind"] == "river"]
    deepest = tables.ports.loc[river, "draught_m"]
    assert deepest.notna().all()
    for frame in all_ships.values():
        assert set(frame.loc[deepest.index[deepest < 6], "berths"]) == {"no"}


def test_porto_romano_is_planned_in_every_year(tables):
    for year in (2026, 2060):
        frame = harbours(tables, ["porto_romano"], scenario=Scenario(year=year))
        assert frame.loc["porto_romano", "status"] == "planned"
        assert frame.loc["porto_romano", "weakest"] == "not open"


def test_the_landing_of_2021_came_off_one_ship_within_a_day(tables):
    frame = harbours(tables, ["durres"], package="durres_2021")
    row = frame.loc["durres_port"]
    assert row["ships"] == 1
    assert 12 <= row["discharge_h"] <= 36


def test_a_heavy_brigade_is_three_ships_and_days_of_unloading(all_ships):
    row = all_ships["roro"].loc["durres_port"]
    assert row["ships"] == 3
    assert 2 * 24 <= row["discharge_h"] <= 6 * 24
    # the railway of the port is being rebuilt, the road is there
    assert math.isinf(row["rail_h"])
    assert math.isfinite(row["road_h"])


def test_the_slack_of_a_channel_is_what_the_table_shows(tables):
    excess = []
    for row in rows_of(tables.ports).values():
        published = row["draught_m"] if row["draught_m"] is not None else row["depth_m"]
        if None not in (published, row["wpi_channel_m"]):
            high = read_class(row["wpi_channel_m"], "wpi_channel_m")[1]
            excess.append(published - high)
    slack = read_rules(tables.rules).value("wpi_channel_slack_m", mode="ferry")
    assert slack == pytest.approx(max(excess))


def test_published_water_is_never_wider_than_itself(tables):
    rules = read_rules(tables.rules)
    for row in rows_of(tables.ports).values():
        water = read_water(row, rules)
        assert water.low_m <= water.high_m


def test_a_town_means_its_port(tables):
    assert find_port(tables, "Durres") == "durres_port"
    assert find_port(tables, "Zadar") == "zadar_port"
    assert find_port(tables, "Porto Romano") == "porto_romano"
    with pytest.raises(InputError, match="'skopje' is no port"):
        find_port(tables, "Skopje")


def test_a_scheduled_ferry_is_shared(tables):
    rules = read_rules(tables.rules)
    share = rules.value("ferry_share", mode="ferry")
    lane = rules.value("ship_lane_m", mode="ferry", ship_type="ropax")
    assert read_ship(tables, rules, "ropax").lane_m == share * lane


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        ({"ship": "canoe"}, InputError, "there are lmsr, ropax, roro"),
        ({"package": "heavybrigad"}, UnknownNameError, "did you mean 'heavy_brigade'"),
        ({"ports": ["durrez"]}, UnknownNameError, "did you mean"),
        ({"basins": ["baltic"]}, InputError, "there are adriatic"),
        ({"ports": ["koper"], "basins": ["danube"]}, InputError, "lies on danube"),
        ({"mode": "air"}, InputError, "no mode 'air'"),
        ({"scenario": Scenario(year=1990)}, InputError, "year 1990"),
    ],
)
def test_nonsense_is_refused_in_one_line(tables, asked, kind, words):
    with pytest.raises(kind, match=words) as caught:
        harbours(tables, **asked)
    assert "\n" not in str(caught.value)
