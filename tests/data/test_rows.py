"""What follows from a row."""

import pytest

from mobility.data.rows import border_type, corridors_of, rows_of, selectors_of
from mobility.data.tables import read_tables

MEMBERS = {
    "inside": {"schengen": "yes", "eu": "member"},
    "union": {"schengen": "no", "eu": "member"},
    "candidate": {"schengen": "no", "eu": "candidate"},
}


@pytest.mark.parametrize(
    ("file", "also_on", "corridors"),
    [
        ("viii", None, ("viii",)),
        ("viii", "", ("viii",)),
        ("viii", "x;rail_10", ("viii", "x", "rail_10")),
        ("connections-mk", None, ()),
        ("connections-mk", "x", ("x",)),
        ("ferries", None, ()),
    ],
)
def test_a_link_lies_on_the_corridor_of_its_file_and_on_others(
    file, also_on, corridors
):
    assert corridors_of({"file": file, "also_on": also_on}) == corridors


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("inside", "inside", "schengen_internal"),
        ("inside", "union", "eu_external"),
        ("inside", "candidate", "eu_external"),
        ("union", "union", "eu_external"),
        ("union", "candidate", "eu_external"),
        ("candidate", "candidate", "western_balkans"),
    ],
)
def test_memberships_make_the_kind_of_a_border_both_ways(one, other, kind):
    assert border_type(MEMBERS[one], MEMBERS[other]) == kind
    assert border_type(MEMBERS[other], MEMBERS[one]) == kind


def test_what_stands_between_quantity_and_value_selects(folder):
    fields = folder.resources["rules"]["schema"]["fields"]
    place = [field["name"] for field in fields].index("value")
    fields.insert(place, {"name": "season", "type": "string", "description": "New."})
    tables = read_tables(folder.write())
    selectors = selectors_of(tables.rules.columns)
    assert selectors[0] == "mode"
    assert selectors[-1] == "season"
    assert not {"rule_id", "quantity", "value", "unit"} & set(selectors)


def test_empty_cells_of_every_type_are_none(folder):
    link = rows_of(read_tables(folder.write()).links)["viii-road-001"]
    assert link["axle_load_t"] is None
    assert link["opens"] is None
    assert link["name"] is None
