import csv
import io
import json

import pytest

from tests.cli.test_cli import run

ASKED = ("today", "corridor_viii_road", "--mode", "road", "--from", "durres_port")


def test_the_table_sets_scenarios_side_by_side_and_says_why_pairs_gain():
    code, out, err = run("compare", *ASKED, "--top", "2")
    assert code == 0
    assert out.splitlines()[0].split() == ["today", "corridor_viii_road"]
    assert "Gain most, corridor_viii_road" in out
    assert "opened viii-road-" in out
    assert "without the rests of drivers" in err


def test_json_carries_all_pairs_of_all_scenarios():
    answer = json.loads(run("compare", *ASKED, "--json")[1])
    rows = answer["scenarios"]
    assert [row["scenario"] for row in rows] == ["today", "corridor_viii_road"]
    assert len(answer["pairs"]) == 2 * rows[0]["pairs"]
    assert rows[1]["mean_change_h"] < 0
    assert answer["tolerance"] == 0.25
    assert {row["scenario"] for row in answer["ranks"]} == {"corridor_viii_road"}


def test_csv_has_a_row_for_each_scenario_and_pair():
    out = run("compare", *ASKED, "--to", "varna_port", "--csv")[1]
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["scenario"] for row in rows] == ["today", "corridor_viii_road"]
    assert float(rows[1]["change_h"].lstrip("'")) < 0
    assert rows[1]["why"] == "opened"


def test_other_options_hold_for_every_scenario():
    """From year on, what is due is open in both: the difference is none."""
    args = ("today", "network_2030", "--year", "2030", "--mode", "rail", "--json")
    rows = json.loads(run("compare", *args)[1])["scenarios"]
    assert [row["year"] for row in rows] == [2030, 2030]
    assert rows[1]["mean_change_h"] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name a base and at least one other scenario"),
        (("today",), "name a base and at least one other scenario"),
        (("today", "moon"), "no scenario 'moon'; there are today, "),
        (("today", ""), "no scenario ''"),
        (("base", "today"), "'today' stands twice: it is the same as 'base'"),
        (("nato_transit", "nato_transit"), "'nato_transit' stands twice"),
        (
            ("today", "nato_transit+eu_nato_transit"),
            "scenario 'nato_transit+eu_nato_transit': transit is both",
        ),
        (("today", "network_2030", "--tolerance", "-1"), "tolerance -1 should be"),
        (
            ("today", "network_2030", "--from", "varna", "--to", "varna"),
            "no pairs: there should be",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(arguments, told):
    code, out, err = run("compare", *arguments)
    assert (code, out) == (1, "")
    assert told in err
    assert err.count("\n") == 1
