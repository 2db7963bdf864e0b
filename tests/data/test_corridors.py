"""The real data, row by row."""

import pytest

from mobility.data.checks import check_tables
from mobility.data.schema import read_contract
from mobility.data.shapes import great_circle_km
from mobility.data.sheets import read_draft
from mobility.data.tables import corridors_dir, read_tables

DRAFT = read_draft(corridors_dir())
LINKS = {link.link_id: link for link in DRAFT.rows("links") if link.link_id}
PLACES = DRAFT.places()


@pytest.fixture(scope="module")
def tables():
    return read_tables()


def test_the_data_is_sound():
    assert "\n".join(str(problem) for problem in check_tables()) == ""


@pytest.mark.parametrize("link_id", sorted(LINKS))
def test_link(tables, link_id):
    link = tables.links.loc[link_id]
    line = tables.geometry[link_id]
    ends = [tables.nodes.loc[link[end]] for end in ("from_node", "to_node")]
    for end, vertex in zip(ends, (line[0], line[-1]), strict=True):
        assert great_circle_km(end.lon, end.lat, *vertex) < 0.1
    assert ("links", link_id, "*") in tables.provenance.index or (
        "links",
        link_id,
        "length_km",
    ) in tables.provenance.index
    if link["mode"] != "ferry":
        assert all(link.country in end.country.split("-") for end in ends)


@pytest.mark.parametrize("node_id", sorted(PLACES))
def test_place(tables, node_id):
    place = tables.nodes.loc[node_id]
    assert set(place.country.split("-")) <= set(tables.countries.index)
    links = tables.links
    touching = (links.from_node == node_id) | (links.to_node == node_id)
    reasons = [
        frame.at[node_id, "unreached"]
        for frame in (tables.ports, tables.bases)
        if node_id in frame.index
    ]
    assert touching.any() or any(reasons)


def test_the_network_is_no_sketch(tables):
    assert len(tables.nodes) >= 400
    assert len(tables.links) >= 550


def test_the_contract_describes_every_column():
    for resource in read_contract(corridors_dir()).resources.values():
        assert resource.description
        for field in resource.fields:
            assert field.description.endswith((".", "`")), (resource.name, field.name)
