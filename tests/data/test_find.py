"""What a user calls a thing, and what is meant."""

import pytest

from mobility.data.find import (
    find_corridor,
    find_country,
    find_link,
    find_place,
    find_vehicle,
)
from mobility.data.tables import read_tables
from mobility.errors import UnknownNameError


@pytest.fixture
def town(folder):
    """Make tables with more places like the town, each with changes of its own."""

    def make(*places):
        row = folder.row("nodes.csv", "town")
        for place in places:
            folder.add("nodes.csv", row, **place)
        return read_tables(folder.write())

    return make


@pytest.mark.parametrize(
    "name", ["slavonski_brod", "slavonski-brod", "Slavonski Brod", "SLAVONSKI  BROD"]
)
def test_a_place_is_found_blind_to_case_dash_and_underscore(town, name):
    tables = town({"node_id": "slavonski_brod", "name": "Brod"})
    assert find_place(tables, name) == "slavonski_brod"


@pytest.mark.parametrize("name", ["Durrës", "Durres", "durrës", "Durazzo", "Drač"])
def test_a_place_is_found_by_any_of_its_names_without_diacritics_too(town, name):
    place = {"node_id": "d", "name": "Durrës", "other_names": "Durazzo;Drač"}
    assert find_place(town(place), name) == "d"


@pytest.mark.parametrize("name", ["ALDRZ", "aldrz"])
def test_a_place_is_found_by_its_locode(town, name):
    assert find_place(town({"node_id": "d", "locode": "ALDRZ"}), name) == "d"


def test_an_id_wins_over_a_locode(town):
    tables = town(
        {"node_id": "aldrz", "name": "First"},
        {"node_id": "second", "name": "Second", "locode": "ALDRZ"},
    )
    assert find_place(tables, "aldrz") == "aldrz"
    assert find_place(tables, "ALDRZ") == "aldrz"


def test_a_locode_wins_over_a_name(town):
    tables = town(
        {"node_id": "named", "name": "ALTIA"},
        {"node_id": "coded", "name": "Tirana", "locode": "ALTIA"},
    )
    assert find_place(tables, "ALTIA") == "coded"


@pytest.mark.parametrize(
    ("kinds", "meant"),
    [
        (("port", "city", "base"), "city"),
        (("border", "junction", "port"), "port"),
        (("border", "airport", "base", "terminal"), "terminal"),
    ],
)
def test_of_several_kinds_with_one_name_the_city_is_meant_then_the_port(
    town, kinds, meant
):
    tables = town(*({"node_id": f"b_{k}", "name": "Bar", "kind": k} for k in kinds))
    assert find_place(tables, "Bar") == f"b_{meant}"


def test_a_kind_of_place_nobody_ranked_comes_last(town, folder):
    kind = folder.resources["nodes"]["schema"]["fields"][3]
    kind["constraints"]["enum"].append("depot")
    tables = town(
        {"node_id": "b_1", "name": "Bar", "kind": "depot"},
        {"node_id": "b_2", "name": "Bar", "kind": "border"},
        {"node_id": "b_3", "name": "Kop", "kind": "depot"},
    )
    assert find_place(tables, "Bar") == "b_2"
    assert find_place(tables, "Kop") == "b_3"


def test_of_several_of_one_kind_the_ids_are_listed(town):
    tables = town(
        {"node_id": "bar_2", "name": "Bar"},
        {"node_id": "bar_1", "name": "Bar"},
        {"node_id": "bar_port", "name": "Bar", "kind": "port"},
    )
    message = "'bar' may mean any of bar_1, bar_2; name one by its id"
    with pytest.raises(UnknownNameError, match=message):
        find_place(tables, "bar")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("plocce", "no place 'plocce'; did you mean 'ploce'?"),
        ("Skoplje", "no place 'Skoplje'; did you mean 'skopje'?"),
        ("Port of Skopja", "no place 'Port of Skopja'; did you mean 'Port of Skopje'?"),
        ("nirgends", "no place 'nirgends'"),
        ("", "no place ''"),
    ],
)
def test_an_unknown_place_comes_with_the_ids_nearest_to_it(town, name, message):
    tables = town(
        {"node_id": "ploce", "name": "Ploče"},
        {"node_id": "ploce_port", "name": "Port of Ploče"},
        {"node_id": "plocnik", "name": "Pločnik"},
        {"node_id": "skopje", "name": "Skopje"},
        {"node_id": "quay", "name": "Port of Skopje"},
    )
    with pytest.raises(UnknownNameError) as caught:
        find_place(tables, name)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["viii-road-001", "VIII_Road_001", "viii road 001"])
def test_a_link_is_found_blind_to_case_and_the_kind_of_dash(town, name):
    assert find_link(town(), name) == "viii-road-001"


@pytest.mark.parametrize("name", ["rail_10", "RAIL-10", "Rail Route 10"])
def test_a_corridor_is_found_by_id_and_by_title(town, folder, name):
    row = folder.row("corridors.csv", "viii", "rail")
    title = {"corridor_id": "rail_10", "name": "Rail Route 10"}
    folder.add("corridors.csv", row, **title)
    assert find_corridor(town(), name) == "rail_10"


@pytest.mark.parametrize("name", ["MK", "mk", "North Macedonia", "north-macedonia"])
def test_a_state_is_found_by_code_and_by_name(town, name):
    assert find_country(town(), name) == "MK"


def test_a_code_wins_over_a_name(town, folder):
    folder.row("countries.csv", "IT")["name"] = "al"
    assert find_country(town(), "AL") == "AL"


@pytest.mark.parametrize("name", ["freight", "Freight"])
def test_a_load_is_found_blind_to_case(town, name):
    assert find_vehicle(town(), name) == "freight"


@pytest.mark.parametrize(
    ("find", "name", "message"),
    [
        (find_link, "viii-road-01", "no link 'viii-road-01'; did you mean 'viii-road-"),
        (find_corridor, "vii", "no corridor 'vii'; did you mean 'viii'?"),
        (find_corridor, "ix", "no corridor 'ix'"),
        (find_country, "Albanien", "no state 'Albanien'; did you mean 'Albania'?"),
        (find_vehicle, "fright", "no vehicle 'fright'; did you mean 'freight'?"),
    ],
)
def test_what_nobody_bears_is_refused(town, find, name, message):
    with pytest.raises(UnknownNameError) as caught:
        find(town(), name)
    assert str(caught.value).startswith(message)
