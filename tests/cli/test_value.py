import csv
import io
import json

import pytest

from tests.cli.test_cli import run

WEST = ("--sections", "viii-rail-00*", "--sections", "access-rail-durres_port")
FEW = (*WEST, "--mode", "rail", "--from", "durres_port", "--to", "constanta_port")


def test_a_table_lists_sections_and_what_they_add_up_to():
    code, out, err = run("value", *FEW)
    assert code == 0
    assert out.split()[:3] == ["section", "km", "status"]
    assert "±" not in out
    assert "All together: 1440.0 min a pair, the sum of the means" in out
    assert "100.0% of pairs get one" in out
    assert "Means are exact" in err
    assert "without rests of drivers" in err


def test_json_and_csv_tell_the_same_of_every_section():
    code, out, _ = run("value", *FEW, "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["pairs_with_way_before"], answer["pairs_with_way_after"]) == (0, 1)
    assert (answer["samples"], answer["seed"]) == (None, None)
    assert sum(row["mean_h"] for row in answer["sections"]) == pytest.approx(24)
    rows = list(csv.DictReader(io.StringIO(run("value", *FEW, "--csv")[1])))
    assert [row["section"] for row in rows] == [
        row["section"] for row in answer["sections"]
    ]
    for row, same in zip(rows, answer["sections"], strict=True):
        assert float(row["mean_h"]) == same["mean_h"]
        assert row["status"] == ";".join(same["status"])


def test_patterns_may_stand_for_parts_of_corridors():
    code, out, _ = run("value", *FEW, "--together", "--json")
    rows = {row["section"]: row for row in json.loads(out)["sections"]}
    assert code == 0
    assert set(rows) == {"viii-rail-00*", "access-rail-durres_port"}
    assert len(rows["viii-rail-00*"]["links"]) == 8
    assert rows["viii-rail-00*"]["mean_h"] == pytest.approx(12)


def test_what_a_question_excludes_lacks_something_and_adds_nothing():
    asked = ("--sections", "viii-rail-01[456]", "--mode", "rail", "--without", "viii")
    code, out, _ = run("value", *asked, "--json")
    rows = json.loads(out)["sections"]
    assert code == 0
    assert {tuple(row["lacks"]) for row in rows} == {("excluded by the question",)}
    assert {row["last_h"] for row in rows} == {0}
    assert "lacks" in run("value", *asked)[1]


def test_orders_are_drawn_where_asked_for():
    code, out, err = run("value", *FEW, "--samples", "5", "--seed", "7")
    assert code == 0
    assert "±" in out
    assert "5 random orders, each both ways, seed 7" in err


def test_links_that_keep_a_section_from_mattering_are_named():
    # 18 t of axle load between Gyueshevo and Kyustendil bar an ordinary freight train
    _, _, err = run("value", "--sections", "viii-rail-01*", "--mode", "rail")
    assert "viii-rail-017 (a limit bars the load)" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--sections", "nothing-*"), "no link matches 'nothing-*'"),
        (("--sections", "viii-rail-007", "--mode", "road"), "is one by rail"),
        (("--sections", "viii-*", "--samples", "1"), "samples 1 should be at least 2"),
        (("--sections", "*", "--with-open"), "there should be at most 200"),
        (
            ("--sections", "viii-rail-007", "--close", "viii-rail-007"),
            "'viii-rail-007' is both closed and to be valued",
        ),
    ],
)
def test_bad_questions_are_refused_in_one_line(arguments, words):
    code, out, err = run("value", *arguments)
    assert code == 1
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


def test_sections_are_needed():
    code, _, err = run("value")
    assert code == 2
    assert "--sections" in err
