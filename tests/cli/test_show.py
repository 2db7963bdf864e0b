import csv
import io
import json

from click.testing import CliRunner

from mobility.cli import main

ROW = ["table", "id", "column", "value", "unit", "basis", "source"]
COLUMNS = [*ROW, "confidence", "as_of", "note"]


def run(*arguments):
    """Run `show`; return exit code, stdout, stderr."""
    result = CliRunner().invoke(main, ["show", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_values_of_a_crossing_bear_the_key_of_their_row():
    code, out, err = run("beli_manastir_magyarboly_rail")
    assert (code, err) == (0, "")
    head, columns, *rows = out.splitlines()
    assert head == "beli_manastir_magyarboly_rail: border"
    assert columns.split() == [*ROW, "note"]
    dwells = [row.split()[:4] for row in rows if " dwell_h " in row]
    key = "beli_manastir_magyarboly_rail/rail/"
    assert [row[:2] for row in dwells] == [
        ["borders", f"{key}HR/HU"],
        ["borders", f"{key}HU/HR"],
    ]


def test_csv_is_the_values_alone_and_all_that_json_says_of_them():
    code, out, err = run("durres_port", "--csv")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == COLUMNS
    values = json.loads(run("durres_port", "--json")[1])["values"]
    assert [row["column"] for row in rows] == [value["column"] for value in values]
    assert set(values[0]) == set(COLUMNS)


def test_links_of_a_place_are_listed_and_a_link_has_none():
    assert "\nlinks: " in run("durres_port")[1]
    assert "\nlinks: " not in run("viii-rail-001")[1]


def test_one_format_at_a_time():
    code, out, err = run("durres_port", "--csv", "--json")
    assert (code, out) == (2, "")
    assert "one of --json and --csv" in err
