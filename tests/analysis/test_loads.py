import dataclasses

import pytest

from mobility.analysis.loads import describe_package, list_packages, list_vehicles
from mobility.data.tables import read_tables
from mobility.errors import DataError, UnknownNameError
from mobility.network.costs import read_rules
from mobility.network.packages import Item, compose, read_items


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.fixture(scope="module")
def rules(tables):
    return read_rules(tables.rules)


# wagons, trains and lane metres as the reference works them out
@pytest.mark.parametrize(
    ("package", "wagons", "trains", "lane_m"),
    [
        ("battlegroup_light", 120, 5, 2350),
        ("battlegroup_heavy", 196, 8, 3545),
        ("stryker_squadron", 67, 3, 1280),
        ("durres_2021", 316, 11, 6200),
        ("medium_brigade", 732, 25, 14750),
        ("heavy_brigade", 1038, 37, 18250),
        ("abct_us", 913, 34, 19600),
    ],
)
def test_the_package_table_is_reproduced(tables, package, wagons, trains, lane_m):
    known = describe_package(tables, package)
    assert (known["wagons"], known["trains"]) == (wagons, trains)
    assert known["lane_m"] == lane_m


def test_900_containers_are_300_wagons(tables):
    assert describe_package(tables, "abct_us")["separate_wagons"] == 300


def test_mass_is_the_sum_of_known_masses(rules):
    counts = ((87, 66.8), (138, 33.0), (18, 35.0), (1000, 12.0), (350, 6.0))
    items = [Item(f"v{i}", n, "own", "wheeled", t) for i, (n, t) in enumerate(counts)]
    items.append(Item("box", 9, "separate", "container", None))
    composed = compose(items, rules)
    assert composed.mass_t == pytest.approx(25096, abs=0.5)
    assert composed.massless == 9


@pytest.mark.parametrize("count", [1, 7, 30])
def test_each_tracked_vehicle_takes_a_transporter(rules, count):
    items = [Item("tank", count, "transporter", "heavy_tracked", 66.0)]
    assert compose(items, rules).transporters == count
    assert compose(items, rules).trains == -(-count // 15)


def test_every_package_and_load_is_listed_with_its_source(tables):
    packages = list_packages(tables)
    assert [p["id"] for p in packages] == list(tables.packages.index)
    assert all(p["source_id"] in tables.sources.index for p in packages)
    loads = list_vehicles(tables)
    assert len(loads) == len(tables.vehicles)
    assert all(load["basis"] and load["source_id"] for load in loads)


def test_a_package_is_found_by_any_spelling(tables):
    assert describe_package(tables, "Heavy-Brigade")["id"] == "heavy_brigade"
    with pytest.raises(UnknownNameError, match="did you mean 'heavy_brigade'"):
        describe_package(tables, "hevy_brigade")


def test_a_load_without_a_row_is_a_fault_of_the_data(tables):
    lost = tables.vehicles.drop("trailer", level="vehicle_id")
    broken = dataclasses.replace(tables, vehicles=lost)
    with pytest.raises(DataError, match="no load 'trailer'"):
        read_items(broken, "abct_us")
