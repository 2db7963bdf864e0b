"""The contract: what a cell may hold, and what is refused as a contract."""

import contextlib
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobility.data.schema import Field, complain, read_contract, span
from mobility.errors import DataError, MissingDataError


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("22.5", None),
        ("10", None),
        ("35", None),
        ("", None),
        ("9.99", "9.99 t is outside 10 to 35 t"),
        ("225", "225 t is outside 10 to 35 t"),
        ("22,5", "'22,5' is not a number"),
        ("nan", "'nan' is not a number"),
        ("inf", "'inf' is not a number"),
        ("1e1", "'1e1' is not a number"),
        ("1_0", "'1_0' is not a number"),
        ("٢٢", "'٢٢' is not a number"),
        ("+22", "'+22' is not a number"),
        (".5", "'.5' is not a number"),
        (" 22", "' 22' has blanks at its ends"),
        ("22\n", "'22\\n' has blanks at its ends"),
        ("9" * 400, f"{'9' * 20}… t is outside 10 to 35 t"),
    ],
)
def test_a_number_is_a_plain_decimal_in_its_range(cell, message):
    field = Field("axle_load_t", "number", unit="t", minimum=10, maximum=35)
    assert complain(cell, field) == message


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("2030", None),
        ("2030.0", "'2030.0' is not an integer"),
        ("2024", "2024 is outside 2025 or more"),
        ("9" * 5000, f"{'9' * 20}… is too large"),
    ],
)
def test_an_integer_has_no_point(cell, message):
    assert complain(cell, Field("opens", "integer", minimum=2025)) == message


def test_a_required_cell_is_filled():
    assert complain("", Field("name", "string", required=True)) == (
        "is empty but required"
    )


def test_an_enum_lists_what_is_allowed():
    field = Field("mode", "string", allowed=("road", "rail"))
    assert complain("rail", field) is None
    assert complain("Rail", field) == "'Rail' is not one of road, rail"


def test_a_pattern_matches_the_whole_cell_in_ascii():
    field = Field("node_id", "string", pattern=re.compile("[a-z0-9_]+", re.ASCII))
    assert complain("durres_2", field) is None
    assert complain("durrës", field) == "'durrës' does not match [a-z0-9_]+"
    assert complain("durres-2", field) == "'durres-2' does not match [a-z0-9_]+"


@given(st.text())
def test_a_cell_never_makes_the_reader_fail(cell):
    for kind in ("string", "number", "integer"):
        message = complain(cell, Field("any", kind, minimum=0))
        if message is None and cell and kind != "string":
            assert float(cell) >= 0


def test_a_range_may_be_open_on_one_side():
    assert span(Field("a", "number", minimum=1)) == "1 or more"
    assert span(Field("a", "number", maximum=2)) == "2 or less"
    assert span(Field("a", "number")) == ""


def test_no_folder(tmp_path):
    with pytest.raises(MissingDataError, match=r"no data folder '.*nowhere'"):
        read_contract(tmp_path / "nowhere")


def test_no_contract(tmp_path):
    with pytest.raises(MissingDataError, match="not a data folder"):
        read_contract(tmp_path)


def field(**changes):
    return {"name": "a", "type": "string", **changes}


def resource(*fields, **schema):
    return {"name": "t", "path": "t.csv", "schema": {"fields": fields, **schema}}


AWAY = {"fields": "a", "reference": {"resource": "u", "fields": "b"}}


@pytest.mark.parametrize(
    ("package", "message"),
    [
        ([], "list indices"),
        ({"data_date": "2026"}, "'resources' is missing"),
        ({"resources": []}, "'data_date' is missing"),
        ({"resources": [{"name": "t"}]}, "resource 't': 'path' is missing"),
        ({"resources": [{"name": "t", "path": "../t.csv"}]}, "not below the folder"),
        ({"resources": [{"name": "t", "path": "/t.csv"}]}, "not below the folder"),
        ({"resources": [{"name": "t", "path": ""}]}, "not below the folder"),
        ({"resources": [{"name": "t", "path": []}]}, "path names no file"),
        ({"resources": [{"name": "t", "path": ["a", "../b"]}]}, "not below the folder"),
        ({"resources": [{"name": "t", "path": ["a", "./a"]}]}, "names a file twice"),
        ({"resources": [{"name": "t", "path": "t/*.csv"}]}, "pattern: list the files"),
        ({"resources": [resource(field(type="date"))]}, "type 'date' is not string"),
        ({"resources": [resource(), resource()]}, "resource 't': stands twice"),
        (
            {"resources": [resource(field(constraints={"pattern": "("}))]},
            "resource 't': pattern '\\('",
        ),
        (
            {"resources": [resource(field(), primaryKey="b")]},
            "key column 'b' is not a field",
        ),
        (
            {"resources": [resource(field(), foreignKeys=[AWAY])]},
            "foreign key of 't' to unknown 'u'",
        ),
    ],
)
def test_a_contract_that_cannot_be_understood_says_why(tmp_path, package, message):
    if isinstance(package, dict) and "resources" in package and package["resources"]:
        package = {"data_date": "2026-03-31", **package}
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_contract(tmp_path)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "path", "schema", "fields", "type", "constraints", "enum"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anything)
def test_any_json_is_a_contract_or_a_data_error(tmp_path, inner):
    package = {"data_date": "2026", "resources": [inner]}
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    with contextlib.suppress(DataError):
        assert read_contract(tmp_path).data_year == 2026


def test_several_files_of_a_table_are_known_by_their_family(tmp_path):
    several = {**resource(field()), "path": ["t/b.csv", "t/a.csv"]}
    package = {"data_date": "2026", "resources": [several]}
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    table = read_contract(tmp_path).resources["t"]
    assert table.where == "t/*.csv"
    assert table.files(tmp_path) == [tmp_path / "t/a.csv", tmp_path / "t/b.csv"]


def test_one_name_may_stand_for_a_list(tmp_path):
    package = {
        "data_date": "2026-03-31",
        "resources": [resource(field(), primaryKey="a")],
        "expected_components": {"road": 3},
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    contract = read_contract(tmp_path)
    assert contract.resources["t"].key == ("a",)
    assert contract.components == {"road": 3, "rail": 1}
    assert contract.data_year == 2026
