import itertools

import pandas as pd
import pytest

from mobility.analysis.pairs import (
    check_pairs,
    default_pairs,
    entry_ports,
    flank_places,
    make_pairs,
    read_pairs,
)
from mobility.data.tables import read_tables
from mobility.errors import InputError, UnknownNameError
from mobility.network.build import build_network
from mobility.network.scenario import Scenario
from tests.toy import toy

HEAD = "origin,destination,weight\n"


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.fixture
def small():
    return toy(("l1", "a", "b", 60), ("l2", "b", "c", 60))


def test_every_entry_port_meets_every_place_of_the_flank_with_weight_one(tables):
    network = build_network(tables)
    pairs = default_pairs(network)
    both = itertools.product(entry_ports(network), flank_places(network))
    assert list(zip(pairs["origin"], pairs["destination"], strict=True)) == list(both)
    assert set(pairs["weight"]) == {1.0}


def test_entry_ports_are_reached_sea_ports_of_three_seas(tables):
    found = set(entry_ports(build_network(tables)))
    assert {"durres_port", "bar_port", "igoumenitsa_port", "thessaloniki_port"} <= found
    # an oil terminal, a naval port, one no link reaches, one not built, other seas
    other = {"omisalj_port", "souda_port", "taranto_port", "porto_romano"}
    assert not found & (other | {"constanta_port", "galati_port"})


def test_flank_places_are_named_ports_allied_bases_and_crossings_to_the_east(tables):
    found = set(flank_places(build_network(tables)))
    asked = {f"{name}_port" for name in ("constanta", "varna", "burgas", "mangalia")}
    asked |= {"galati_port", "mihail_kogalniceanu", "cincu_range", "novo_selo_range"}
    asked |= {"siret_porubne", "albita_leuseni", "galati_giurgiulesti_rail"}
    assert asked <= found
    states = tables.nodes["country"][sorted(found)]
    assert set(states) <= {"BG", "RO", "MD-RO", "RO-UA"}
    # civil airports, staffs and radars are no place where brigades gather
    assert not found & {"sofia_airport", "mnd_se", "deveselu_base", "giurgiu_port"}


def test_by_rail_only_places_that_have_a_railway_are_asked_about(tables):
    pairs = default_pairs(build_network(tables, mode="rail"))
    ends = {*pairs["origin"], *pairs["destination"]}
    assert "durres_port" in ends
    assert not ends & {"vlore_port", "albita_leuseni"}


def test_closures_leave_the_pairs_as_they_are(tables):
    lost = Scenario(close=("durres_port", "siret_porubne"))
    closed = default_pairs(build_network(tables, scenario=lost))
    assert closed.equals(default_pairs(build_network(tables)))


def test_a_planned_port_is_an_entry_port_once_the_network_has_it(tables):
    links = tables.links
    ends = (links["from_node"] == "porto_romano") | (links["to_node"] == "porto_romano")
    built = Scenario(open_=tuple(sorted(links.index[ends])))
    network = build_network(tables, scenario=built, unknown="admit")
    assert "porto_romano" in entry_ports(network)


def test_places_of_a_file_are_found_as_a_user_writes_them(tables, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "\ufeffweight,origin,note,destination\n2.5,Durrës,x,Constanta\n",
        encoding="utf-8",
    )
    found = read_pairs(tables, path)
    assert found.to_dict("list") == {
        "origin": ["durres"],
        "destination": ["constanta"],
        "weight": [2.5],
    }


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", ":1: origin: no such column"),
        ("origin,weight\na,1\n", ":1: destination: no such column"),
        ("origin,destination\na,b\n", ":1: weight: no such column"),
        (HEAD, ":1: origin: no pairs"),
        (HEAD + "a,b,1\nd,b,1\n", ":3: origin: no place 'd'"),
        (HEAD + "a,,1\n", ":2: destination: no place ''"),
        (HEAD + "a\n", ":2: destination: no place ''"),
        (HEAD + "a,a,1\n", ":2: destination: 'a' is the origin too"),
        (HEAD + "a,b,1\nA,B,2\n", ":3: destination: 'a' to 'b' stands in line 2"),
        *(
            (HEAD + f"a,b,{cell}\n", f":2: weight: {cell!r} should be a finite number")
            for cell in ("0", "-1", "nan", "inf", "x", "")
        ),
        (HEAD + "a,b,1,5\n", ":2: weight: the row has more cells than the header"),
        (HEAD + "a,b,1e308\nb,a,1e308\n", ":3: weight: the weights add up to no"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line_that_says_where(
    small, tmp_path, text, where
):
    path = tmp_path / "own.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_pairs(small, path)
    assert str(caught.value).startswith(f"{path}{where}")
    assert "\n" not in str(caught.value)


def test_what_is_no_readable_text_is_refused(small, tmp_path):
    binary = tmp_path / "own.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (binary, tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(InputError, match="cannot read pairs from"):
            read_pairs(small, path)


def test_no_pairs_are_refused():
    with pytest.raises(InputError, match="no pairs"):
        make_pairs(["a"], ["a"])


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([], InputError, "no pairs"),
        ([("a", "a", 1)], InputError, "is a place and itself"),
        ([("a", "b", 1), ("a", "b", 2)], InputError, "stands twice"),
        ([("a", "b", -1)], InputError, "weight -1 of a pair"),
        ([("a", "b", float("nan"))], InputError, "weight nan of a pair"),
        ([("a", "z", 1)], UnknownNameError, "no place 'z'"),
    ],
)
def test_wrong_pairs_are_refused(small, rows, error, message):
    frame = pd.DataFrame(rows, columns=["origin", "destination", "weight"])
    with pytest.raises(error, match=message):
        check_pairs(build_network(small), frame)


def test_pairs_without_weights_are_refused(small):
    frame = pd.DataFrame({"origin": ["a"], "destination": ["b"]})
    with pytest.raises(InputError, match="lack the column 'weight'"):
        check_pairs(build_network(small), frame)
