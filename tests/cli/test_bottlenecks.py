import csv
import io
import json

import pytest

from tests.cli.test_cli import run

FEW = ("--from", "durres_port", "--from", "bar_port", "--to", "constanta_port")


def listed(out):
    return list(csv.DictReader(io.StringIO(out)))


def test_tables_list_links_then_places_then_how_far_measures_agree():
    code, out, err = run("bottlenecks", *FEW, "--top", "3")
    assert code == 0
    heads = [line.split()[0] for line in out.splitlines() if "rank" in line]
    assert heads == ["links", "places"]
    assert "agreement (tau-b)" in out
    assert "2 of 2 pairs have a way" in err


def test_json_and_csv_tell_the_same_of_every_link_and_place():
    code, out, _ = run("bottlenecks", *FEW, "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["pairs"], answer["pairs_without_way"]) == (2, 0)
    assert 0 <= answer["assumed_share"] <= 1
    rows = listed(run("bottlenecks", *FEW, "--csv")[1])
    told = [row["id"] for name in ("links", "places") for row in answer[name]]
    assert [row["id"] for row in rows] == told
    by_id = {row["id"]: row for row in rows}
    for row in answer["links"]:
        assert float(by_id[row["id"]]["delay_h"]) == row["delay_h"]
        assert by_id[row["id"]]["not_met"] == ";".join(row["not_met"])


def test_a_link_without_a_way_round_has_no_hours_of_it():
    links = json.loads(run("bottlenecks", *FEW, "--json")[1])["links"]
    assert any(row["detour_h"] is None and row["cut_off"] == 0 for row in links)


def test_the_composite_names_its_weights_and_orders_by_them():
    code, out, err = run(
        "bottlenecks", *FEW, "--weights", "betweenness=2", "--by-group", "link", "--csv"
    )
    rows = listed(out)
    assert code == 0
    assert "Composite of betweenness 2; ranges" in err
    assert [float(row["composite"]) for row in rows] == sorted(
        (float(row["betweenness"]) for row in rows), reverse=True
    )


@pytest.mark.parametrize("by", ["corridor", "country", "crossing"])
def test_groups_are_ranked(by):
    code, out, _ = run("bottlenecks", *FEW, "--by-group", by, "--csv")
    ranks = [int(row["rank"]) for row in listed(out)]
    assert code == 0
    assert ranks == sorted(ranks)
    assert ranks[0] == 1


def test_pairs_come_from_a_file_that_pairs_can_write(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(run("pairs", *FEW, "--csv")[1])
    told = [
        json.loads(run("bottlenecks", *asked, "--top", "5", "--json")[1])["links"]
        for asked in (FEW, ("--pairs", path))
    ]
    assert told[0] == told[1]


def test_by_default_pairs_join_entry_ports_to_the_flank():
    rows = json.loads(run("pairs", "--json")[1])["pairs"]
    one = {"origin": "durres_port", "destination": "constanta_port", "weight": 1}
    assert one in rows
    assert len(rows) > 300


def test_a_map_of_delays_is_written_whole(tmp_path):
    path = tmp_path / "losses.html"
    code, _, err = run("bottlenecks", *FEW, "--map", path)
    assert code == 0
    assert f"{path} written" in err
    assert "Mean delay if lost" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--from", "durres", "--to", "durres"], 1, "no pairs"),
        (["--from", "plocce"], 1, "did you mean 'ploce'"),
        (["--pairs", "absent.csv"], 1, "cannot read pairs from absent.csv"),
        (["--pairs", "x.csv", "--from", "durres"], 2, "choose --pairs, or --from"),
        ([*FEW, "--tolerance", "-1"], 1, "tolerance -1.0 should be"),
        ([*FEW, "--tolerance", "much"], 2, "not a valid float"),
        ([*FEW, "--by-group", "town"], 1, "group 'town' is none of corridor"),
        ([*FEW, "--weights", "los=1"], 1, "no component 'los'"),
        ([*FEW, "--composite", "--by-group", "country"], 2, "rank links and places"),
        ([*FEW, "--top", "0"], 2, "is not in the range"),
        ([*FEW, "--json", "--csv"], 2, "choose one of"),
        (["--mode", "rail", "--from", "vlore_port"], 3, "none of 7 pairs has a route"),
    ],
)
def test_bad_questions_get_one_clear_line(arguments, code, message):
    got, out, err = run("bottlenecks", *arguments)
    assert (got, out) == (code, "")
    assert message in err
    if code != 2:
        assert len(err.splitlines()) == 1


def test_a_wrong_file_of_pairs_is_named_with_line_and_column(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("origin,destination,weight\ndurres,varna,0\n")
    code, out, err = run("bottlenecks", "--pairs", path)
    assert (code, out) == (1, "")
    assert err == f"{path}:2: weight: '0' should be a finite number above 0\n"
