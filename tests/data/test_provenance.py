import pytest
from tests.toy import toy

from mobility.data.provenance import basis_of, read_known, source_of
from mobility.data.tables import read_tables
from mobility.model import Basis


def said(key, column, basis, table="links", source="s"):
    return {
        "table": table,
        "id": key,
        "column": column,
        "basis": basis,
        "source_id": source,
        "confidence": "low",
        "as_of": "2026",
    }


@pytest.fixture
def tables():
    return toy(
        ("l1", "a", "b", 60),
        ("l2", "b", "c", 30),
        ("l3", "c", "d", 30),
        provenance=[
            said("l1", "*", "assumed", source="whole"),
            said("l1", "length_km", "measured", source="own"),
            said("l2", "height_m", "published"),
            said("l2", "*", "derived", table="nodes"),
        ],
    )


@pytest.mark.parametrize(
    ("key", "column", "source"),
    [
        ("l1", "length_km", "own"),
        ("l1", "height_m", "whole"),
        ("l2", "length_km", None),
    ],
)
def test_a_cell_is_known_by_its_own_row_else_by_the_whole_row_s(
    tables, key, column, source
):
    found = source_of(read_known(tables), "links", key, column)
    assert found.get("source_id") == source


def test_an_unsaid_cell_has_no_basis(tables):
    assert basis_of(tables, "links", "length_km") == {"l1": Basis.MEASURED}
    assert basis_of(tables, "nodes", "lon") == {"l2": Basis.DERIVED}


@pytest.mark.parametrize("column", ["length_km", "axle_load_t", "status"])
def test_both_ways_of_asking_agree_on_every_link_of_the_shipped_data(column):
    tables = read_tables()
    known, basis = read_known(tables), basis_of(tables, "links", column)
    for link in tables.links.index:
        assert source_of(known, "links", link, column).get("basis") == basis.get(link)
