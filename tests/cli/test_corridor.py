import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.test_cli import run

README = Path(__file__).parents[2] / "README.md"
FEW = ("corridor", "viii", "--mode", "rail", "--from", "durres_port")


def test_the_table_of_the_readme_is_what_the_command_prints():
    """Refresh it with `mobility corridor viii --markdown`."""
    text = README.read_text(encoding="utf-8")
    told = text.split("<!-- corridor viii -->\n")[1].split("<!-- end -->")[0]
    code, out, _ = run("corridor", "viii", "--markdown")
    assert code == 0
    assert told == out


def test_json_and_csv_carry_the_same_cases():
    answer = json.loads(run(*FEW, "--json")[1])
    assert answer["corridor"] == "viii"
    assert answer["lost"] == ["x"]
    assert "viii" not in answer["others"]
    assert answer["standard_axle_load_t"] == 22.5
    rows = list(csv.DictReader(io.StringIO(run(*FEW, "--csv")[1])))
    cases = answer["cases"]
    assert [(r["case"], r["corridor"]) for r in rows] == [
        (r["case"], r["corridor"]) for r in cases
    ]
    assert [float(r["reached"]) for r in rows] == [r["reached"] for r in cases]


def test_a_scenario_holds_in_every_case():
    """Without the valley of the Vardar and Serbia only Corridor VIII leads east."""
    closed = ("--scenario", "demir_kapija_closed", "--scenario", "serbia_denied")
    cases = {
        (case["case"], case["corridor"]): case
        for case in json.loads(run(*FEW, *closed, "--json")[1])["cases"]
    }
    assert cases["complete", "with"]["reached"] == 0
    assert cases["at standard", "with"]["reached"] > 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("ninth",), 1, "no corridor 'ninth'"),
        (("viii", "--lose", "viii"), 1, "'viii' cannot be held against itself"),
        (("viii", "--later", "sooner"), 1, "no scenario 'sooner'"),
        (("viii", "--from", "varna", "--to", "varna"), 1, "no pairs"),
        (("viii", "--csv", "--markdown"), 2, "choose one of --json"),
        (("viii", "--vehicle", "moped"), 1, "'moped'"),
        (("viii", "--vehicle", "tank_transporter", "--mode", "rail"), 3, "rail"),
    ],
)
def test_what_cannot_be_told_is_refused_in_one_line(arguments, code, told):
    got, out, err = run("corridor", *arguments)
    assert (got, out) == (code, "")
    assert told in err
