import pytest

from mobility.data.rows import rows_of
from mobility.data.tables import read_tables
from mobility.errors import DataError
from mobility.network.costs import (
    drive_h,
    rail_kph,
    read_rules,
    road_kph,
    sailing_wait_h,
)
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
