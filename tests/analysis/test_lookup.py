import pytest

from mobility.analysis.lookup import describe_one, list_places
from mobility.errors import InputError, UnknownNameError
from tests.toy import frame, toy

#  port_a ~f~ port_b        a ─l1─ x|AL|MK ─l2─ b
#                           a ─r1─ b
LINKS = (
    ("f", "port_a", "port_b", 200, {"mode": "ferry"}),
    ("l1", "a", "x|AL|MK", 10, {"axle_load_t": 11.5, "status": "closed"}),
    ("l2", "x|AL|MK", "b", 20, {"country": "MK"}),
    ("r1", "a", "b", 30, {"mode": "rail"}),
)


def cited(table, row, column, source, **more):
    """A row of provenance."""
    known = {"basis": "published", "confidence": "high", "as_of": "2026", **more}
    return {"table": table, "id": row, "column": column, "source_id": source, **known}


def tables(*provenance, **frames):
    made = toy(*LINKS, provenance=provenance)
    rows = [{"source_id": key, "title": key.title()} for key in ("atlas", "guide")]
    for name, table in {"sources": frame("sources", rows), **frames}.items():
        object.__setattr__(made, name, table)
    return made


def values_of(known):
    return {(v["table"], v["id"], v["column"]): v for v in known["values"]}


def test_places_come_by_id_with_the_modes_of_their_links_open_or_not():
    found = {row["id"]: row["modes"] for row in list_places(tables())}
    assert list(found) == sorted(found)
    assert found == {
        "a": ["rail", "road"],
        "b": ["rail", "road"],
        "port_a": ["ferry"],
        "port_b": ["ferry"],
        "x|AL|MK": ["road"],
    }


def test_a_place_no_link_touches_has_no_modes():
    rows = [{"node_id": "alone", "name": "Alone", "kind": "base", "country": "AL"}]
    (row,) = list_places(tables(nodes=frame("nodes", rows)))
    assert row["modes"] == []
    assert row["other_names"] is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "port"}, ["port_a", "port_b"]),
        ({"kind": "border"}, ["x|AL|MK"]),
        ({"country": "MK"}, ["x|AL|MK"]),
        ({"country": "north macedonia"}, ["x|AL|MK"]),
        ({"country": "AL", "kind": "border"}, ["x|AL|MK"]),
        ({"country": "AL", "kind": "port"}, ["port_a", "port_b"]),
        ({"country": "IT"}, []),
    ],
)
def test_places_by_kind_and_by_either_state_of_a_crossing(asked, found):
    assert [row["id"] for row in list_places(tables(), **asked)] == found


def test_an_unknown_kind_or_state_is_refused():
    with pytest.raises(InputError, match="no places of kind 'moon'; there are border"):
        list_places(tables(), kind="moon")
    with pytest.raises(UnknownNameError, match="no state 'Albanien'; did you mean"):
        list_places(tables(), country="Albanien")


def test_a_value_has_the_source_of_its_own_row_else_of_the_whole():
    known = describe_one(
        tables(
            cited("links", "l1", "*", "atlas"),
            cited("links", "l1", "axle_load_t", "guide", basis="assumed", note="Old."),
            cited("links", "l2", "*", "guide"),
        ),
        "L1",
    )
    assert (known["id"], known["what"], known["links"]) == ("l1", "link", [])
    values = values_of(known)
    axle, length = (values["links", "l1", c] for c in ("axle_load_t", "length_km"))
    assert axle == {
        "table": "links",
        "id": "l1",
        "column": "axle_load_t",
        "value": 11.5,
        "unit": "t",
        "basis": "assumed",
        "source": "guide",
        "confidence": "high",
        "as_of": "2026",
        "note": "Old.",
    }
    assert (length["source"], length["basis"], length["note"]) == (
        "atlas",
        "published",
        None,
    )
    assert [source["source_id"] for source in known["sources"]] == ["atlas", "guide"]


def test_empty_cells_are_not_told_and_what_nobody_cites_has_no_basis():
    known = describe_one(tables(), "l1")
    values = values_of(known)
    assert ("links", "l1", "height_m") not in values
    assert values["links", "l1", "length_km"]["basis"] is None
    assert known["sources"] == []


def test_a_crossing_tells_each_direction_and_the_links_that_touch_it():
    key = "x|AL|MK/road/AL/MK"
    known = describe_one(tables(cited("borders", key, "*", "atlas")), "x|al|mk")
    assert known["what"] == "border"
    assert known["links"] == ["l1", "l2"]
    values = values_of(known)
    there = values["borders", key, "goods"]
    back = values["borders", "x|AL|MK/road/MK/AL", "goods"]
    assert (there["value"], there["source"]) == ("yes", "atlas")
    assert (back["value"], back["source"]) == ("yes", None)
    assert {v["id"] for v in known["values"] if v["table"] == "nodes"} == {"x|AL|MK"}


def test_a_port_tells_what_it_has_as_a_port():
    rows = [{"node_id": "port_a", "basin": "adriatic", "depth_m": 9.5}]
    ports = frame("ports", rows)
    known = describe_one(
        tables(cited("ports", "port_a", "*", "guide"), ports=ports), "port_a"
    )
    assert known["what"] == "port"
    assert known["links"] == ["f"]
    depth = values_of(known)["ports", "port_a", "depth_m"]
    assert (depth["value"], depth["unit"], depth["source"]) == (9.5, "m", "guide")
    assert [source["title"] for source in known["sources"]] == ["Guide"]


def test_a_name_of_nothing_is_refused():
    with pytest.raises(UnknownNameError, match="no link or place 'port_'; did you"):
        describe_one(tables(), "port_")
