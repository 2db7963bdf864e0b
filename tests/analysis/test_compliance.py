import pytest

from mobility.analysis.compliance import compliance
from mobility.data.tables import read_tables
from mobility.errors import DataError
from tests.toy import toy

AXLE = {
    "requirement_id": "axle",
    "name": "Axle load",
    "law": "TEN-T",
    "applies_to": "rail",
    "table": "links",
    "column": "axle_load_t",
    "comparison": "at_least",
    "value": "22.5",
    "unit": "t",
    "status": "in_force",
}


def measured(*requirements, **more):
    on = {"mode": "rail", "file": "viii"}
    tables = toy(
        ("strong", "a", "b", 50, on | {"axle_load_t": 22.5, "electrification": "none"}),
        ("weak", "b", "c", 30, on | {"axle_load_t": 18.0, "pc_code": "P/C 80/410"}),
        ("dark", "c", "d", 20, on | {"electrification": "25kv_ac"}),
        ("plan", "d", "e", 40, on | {"status": "planned", "opens": 2030}),
        requirements=[AXLE | row for row in requirements],
    )
    return compliance(tables, **more)


def test_shares_are_of_the_kilometres_that_traffic_passes():
    row = measured({}).loc["viii", "rail", "axle"]
    assert (row["met"], row["not_met"], row["unknown"]) == (0.5, 0.3, 0.2)
    assert (row["size"], row["not_open"]) == (100, 40)
    assert (row["weakest"], row["value"]) == ("weak", 18.0)
    later = measured({}, year=2031).loc["viii", "rail", "axle"]
    assert (later["size"], later["not_open"]) == (140, 0)


def test_words_codes_and_what_no_table_holds():
    frame = measured(
        {
            "requirement_id": "wire",
            "column": "electrification",
            "comparison": "not_equal",
            "value": "none",
            "unit": None,
        },
        {"requirement_id": "code", "column": "pc_code", "value": "400"},
        {
            "requirement_id": "ertms",
            "table": None,
            "column": None,
            "comparison": None,
            "value": None,
        },
        {"requirement_id": "stand_in", "status": "proxy"},
    ).loc["viii", "rail"]
    wire, code = frame.loc["wire"], frame.loc["code"]
    assert (wire["met"], wire["not_met"], wire["unknown"]) == (0.2, 0.5, 0.3)
    assert wire["weakest"] == "strong"
    assert (code["met"], code["unknown"]) == (0.3, 0.7)
    assert frame.loc["ertms", "label"] == "not known to us"
    assert frame.loc["ertms", ["met", "not_met", "unknown"]].isna().all()
    assert frame.loc["stand_in", "label"] == "stand-in, not law"


def test_a_threshold_that_is_no_number_is_a_problem_of_the_data():
    with pytest.raises(DataError, match="cannot compare"):
        measured({"value": "many"})


def test_shares_of_the_real_corridors_sum_to_one_or_are_not_known():
    tables = read_tables()
    frame = compliance(tables)
    shares = frame[["met", "not_met", "unknown"]]
    known = shares.dropna()
    assert (abs(known.sum(axis=1) - 1) < 1e-9).all()
    ids = set(tables.requirements.index[tables.requirements["column"].isna()])
    for key, label in frame["label"].items():
        if key[2] in ids:
            assert shares.loc[key].isna().all()
            assert label
    assert (frame.loc["viii", "road", "dual_use_bridge_gross"]["unknown"]) == 1
