import pytest

from mobility.data.rows import rows_of
from mobility.data.tables import read_tables
from mobility.errors import DataError
from mobility.model import Mode, Vehicle
from mobility.network.costs import (
    drive_h,
    rail_kph,
    read_rules,
    road_kph,
    sailing_wait_h,
)
from mobility.network.movement import Movement
from tests.toy import frame, toy


def rules(*rows):
    """Rules given as `(quantity, value, selectors)`."""
    return read_rules(
        frame(
            "rules",
            [
                {"rule_id": f"r{i}", "quantity": quantity, "value": value, **selectors}
                for i, (quantity, value, selectors) in enumerate(rows)
            ],
        )
    )


def link(**columns):
    """One row of `links`."""
    return rows_of(toy(("l1", "a", "b", 60, columns)).links)["l1"]


ROAD = rules(
    ("road_speed_kph", 40, {"mode": "road"}),
    ("road_speed_kph", 60, {"mode": "road", "road_class": "main"}),
    (
        "road_speed_kph",
        30,
        {"mode": "road", "road_class": "main", "terrain": "mountain"},
    ),
)
RAIL = rules(
    ("rail_speed_kph", 35, {"mode": "rail"}),
    ("rail_speed_max_kph", 90, {"mode": "rail"}),
    ("rail_running_share", 0.75, {"mode": "rail"}),
    ("rail_design_share", 0.5, {"mode": "rail"}),
)


@pytest.mark.parametrize(
    ("known", "value"),
    [
        ({"mode": "road", "road_class": "main", "terrain": "mountain"}, 30),
        ({"mode": "road", "road_class": "main", "terrain": "flat"}, 60),
        ({"mode": "road", "road_class": "main"}, 60),
        ({"mode": "road", "road_class": "urban", "terrain": "mountain"}, 40),
        ({"mode": "rail"}, None),
        ({}, None),
    ],
)
def test_the_most_specific_rule_that_holds_wins(known, value):
    assert ROAD.find("road_speed_kph", **known) == value


def test_the_most_specific_rule_wins_in_any_order_and_if_it_is_the_least():
    found = rules(
        ("dwell_h", 1, {"mode": "road", "regime": "current"}),
        ("dwell_h", 9, {}),
        ("dwell_h", 5, {"mode": "road"}),
    )
    assert found.value("dwell_h", mode="road", regime="current") == 1
    assert found.value("dwell_h", mode="road", regime="precleared") == 5
    assert found.value("dwell_h") == 9


def test_a_missing_rule_names_the_quantity_and_the_case():
    message = "rules.csv: transfer_h: no rule gives it for mode rail-road, kind base"
    with pytest.raises(DataError, match=message):
        ROAD.value("transfer_h", mode="rail-road", kind="base")
    with pytest.raises(DataError, match="legal_gross_t: no rule gives it for any case"):
        ROAD.value("legal_gross_t")


@pytest.mark.parametrize(
    ("columns", "kph"),
    [
        ({}, 60),
        ({"terrain": "mountain"}, 30),
        ({"speed_limit_kph": 50.0}, 50),
        ({"speed_limit_kph": 130.0}, 60),
    ],
)
def test_a_road_is_as_fast_as_its_class_unless_a_limit_is_posted(columns, kph):
    assert road_kph(link(**columns), ROAD) == kph
    assert drive_h(link(**columns), ROAD) == 60 / kph


@pytest.mark.parametrize(
    ("columns", "kph"),
    [
        ({}, 35),
        ({"line_speed_kph": 120.0}, 45),
        ({"line_speed_kph": 60.0}, 30),
        ({"speed_low_kph": 40.0, "speed_high_kph": 80.0}, 45),
        ({"speed_low_kph": 40.0, "speed_high_kph": 160.0}, 48.75),
        ({"speed_low_kph": 40.0}, 35),
        (
            {"speed_low_kph": 40.0, "speed_high_kph": 80.0, "line_speed_kph": 100.0},
            45,
        ),
        (
            {
                "speed_low_kph": 20.0,
                "speed_high_kph": 30.0,
                "line_speed_kph": 160.0,
                "status": "construction",
            },
            45,
        ),
        ({"speed_low_kph": 40.0, "speed_high_kph": 80.0, "status": "closed"}, 35),
        ({"speed_low_kph": 40.0, "speed_high_kph": 80.0, "status": "works"}, 45),
    ],
)
def test_a_train_runs_as_known_else_by_design_else_by_rule(columns, kph):
    assert rail_kph(link(mode="rail", **columns), RAIL) == kph


def test_a_ferry_takes_its_crossing_and_a_share_of_the_interval_of_waiting():
    ferry = link(mode="ferry", crossing_h=9.0, sailings_per_week=7.0)
    found = rules(
        ("ferry_wait_share", 0.5, {"mode": "ferry"}),
        ("ferry_wait_p95_share", 0.95, {"mode": "ferry"}),
    )
    assert drive_h(ferry, found) == 9
    assert sailing_wait_h(ferry, found) == pytest.approx((12, 22.8))


def test_the_shipped_rules_give_every_shipped_link_a_time():
    tables = read_tables()
    found = read_rules(tables.rules)
    for link_id, row in rows_of(tables.links).items():
        assert 0 < drive_h(row, found) < 48, link_id


def moved(*loads):
    """A movement of these loads, all of one mode."""
    return Movement("load", {loads[0].mode: loads}, military=True)


def test_of_several_loads_the_slowest_counts():
    found = rules(
        ("road_speed_kph", 60, {"mode": "road"}),
        ("single_speed_max_kph", 30, {"mode": "road", "load_class": "tracked"}),
    )
    tank = Vehicle("tank", Mode.ROAD, "", load_class="tracked")
    lorry = Vehicle("lorry", Mode.ROAD, "", load_class="wheeled")
    assert drive_h(link(), found, moved(lorry, tank)) == 2
    assert drive_h(link(), found, moved(lorry)) == 1


def test_a_train_waits_for_others_by_the_tracks_of_the_line():
    found = rules(
        ("rail_speed_max_kph", 100, {"mode": "rail"}),
        ("rail_running_share", 1, {"mode": "rail"}),
        ("rail_wait_h_per_100km", 0.5, {"mode": "rail", "tracks": "single"}),
        ("rail_wait_h_per_100km", 0.1, {"mode": "rail", "tracks": "double"}),
    )
    speeds = {"speed_low_kph": 60.0, "speed_high_kph": 60.0}
    for tracks, hours in (("single", 1.3), ("double", 1.06)):
        line = link(mode="rail", tracks=tracks, **speeds)
        assert drive_h(line, found) == pytest.approx(hours)


def test_a_heavy_train_climbs_at_the_balancing_speed_of_its_locomotives():
    #  2 x 2,000 kW at 0.85 against 1,570 t at 25 + 3 permille: 7.9 m/s or 28.4 km/h
    found = rules(
        ("rail_speed_max_kph", 100, {"mode": "rail"}),
        ("rail_running_share", 1, {"mode": "rail"}),
        ("locomotives", 2, {"mode": "rail"}),
        ("locomotive_power_kw", 2000, {"mode": "rail"}),
        ("locomotive_mass_t", 85, {"mode": "rail"}),
        ("traction_efficiency", 0.85, {"mode": "rail"}),
        ("train_resistance_permille", 3, {"mode": "rail"}),
        ("gradient_share", 0.5, {"mode": "rail"}),
    )
    speeds = {"speed_low_kph": 60.0, "speed_high_kph": 60.0}
    line = link(mode="rail", gradient_permille=25.0, **speeds)
    heavy = Vehicle("heavy", Mode.RAIL, "", train_mass_t=1400)
    kph = 3.6 * 2 * 2000 * 0.85 / (1570 * 9.81 * 28 / 1000)
    assert kph == pytest.approx(28.4, abs=0.1)
    assert drive_h(line, found, moved(heavy)) == pytest.approx(30 / 60 + 30 / kph)
    light = Vehicle("light", Mode.RAIL, "", train_mass_t=100)
    assert drive_h(line, found, moved(light)) == drive_h(line, found) == 1


def test_an_exceptional_consignment_runs_slower_and_waits_longer():
    found = rules(
        ("rail_speed_max_kph", 100, {"mode": "rail"}),
        ("rail_running_share", 1, {"mode": "rail"}),
        ("rail_wait_h_per_100km", 0.5, {"mode": "rail"}),
        ("exceptional_speed_max_kph", 60, {"mode": "rail"}),
        ("exceptional_speed_factor", 0.5, {"mode": "rail"}),
        ("exceptional_wait_factor", 2, {"mode": "rail"}),
    )
    line = link(mode="rail", speed_low_kph=80.0, speed_high_kph=80.0)
    wide = Vehicle("wide", Mode.RAIL, "", exceptional="yes")
    assert rail_kph(line, found, wide) == 30
    assert drive_h(line, found, moved(wide)) == pytest.approx(2 + 0.6)
    assert drive_h(line, found) == pytest.approx(60 / 80 + 0.3)


def test_a_load_that_drives_alone_keeps_to_its_own_speed():
    found = rules(
        ("road_speed_kph", 60, {"mode": "road"}),
        ("single_speed_max_kph", 30, {"mode": "road", "load_class": "tracked"}),
    )
    tank = Vehicle("tank", Mode.ROAD, "", load_class="tracked")
    assert drive_h(link(), found, moved(tank)) == 2
    assert drive_h(link(), found) == 1
