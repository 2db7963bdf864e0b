import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mobility.cli import COMMANDS, main
from mobility.data.tables import corridors_dir

HEAVY = {"pandas", "geopandas", "networkx", "numba", "folium", "shapely", "scipy"}


def run(*arguments):
    """Run the command; return exit code, stdout, stderr."""
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def imported_by(*arguments):
    """Names of the top packages a whole process imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mobility", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    names = (line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines())
    return {name.split(".")[0] for name in names}


def test_help_imports_nothing_heavy():
    assert not imported_by("--help") & HEAVY


def test_route_needs_neither_numba_nor_folium_nor_geopandas():
    found = imported_by("route", "durres", "constanta") & HEAVY
    assert found == {"pandas"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name):
    code, out, _ = run(name, "--help")
    assert code == 0
    assert f"mobility {name}" in out


def test_route_prints_a_table_and_notes_apart():
    code, out, err = run("route", "durres", "skopje", "-k", "2")
    assert code == 0
    assert out.startswith("Durrës to Skopje: freight, any mode")
    assert "Data version" in err


def test_route_json_has_the_agreed_keys():
    code, out, err = run("route", "Durres", "CONSTANTA", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["origin"] == "durres"
    assert answer["destination"] == "constanta"
    assert {"vehicle", "mode", "year", "data_version", "routes"} <= set(answer)
    (route,) = answer["routes"]
    wanted = "rank time_h length_km links nodes modes countries corridors"
    wanted += " border_crossings border_h transfer_h halt_h assumed_km unknown_km"
    assert {*wanted.split(), "binding_limit"} <= set(route)
    assert err == ""


def test_route_csv_is_one_row_a_route_and_nothing_else():
    code, out, _ = run("route", "bar", "varna", "-k", "2", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert float(rows[0]["time_h"]) <= float(rows[1]["time_h"])


def test_places_json_is_a_list_of_objects_with_id():
    code, out, _ = run("places", "--kind", "port", "--json")
    places = json.loads(out)
    assert code == 0
    assert {p["kind"] for p in places} == {"port"}
    assert "durres_port" in {p["id"] for p in places}


def test_show_tells_the_basis_of_each_value():
    code, out, _ = run("show", "durres_port", "--json")
    known = json.loads(out)
    assert code == 0
    assert known["what"] == "port"
    assert all(value["basis"] for value in known["values"])
    assert known["links"]


def test_matrix_covers_all_pairs():
    code, out, _ = run(
        "matrix",
        "--from",
        "durres",
        "--from",
        "bar",
        "--to",
        "varna",
        "--to",
        "burgas",
        "--csv",
    )
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(r["origin"], r["destination"]) for r in rows] == [
        ("durres", "varna"),
        ("durres", "burgas"),
        ("bar", "varna"),
        ("bar", "burgas"),
    ]


def test_check_of_the_shipped_data_passes():
    code, out, _ = run("check")
    assert code == 0
    assert "no problem" in out


def test_report_writes_its_files(tmp_path):
    code, out, _ = run("report", "-o", tmp_path / "report")
    assert code == 0
    assert "Durrës" in out
    found = {path.name for path in (tmp_path / "report").iterdir()}
    assert found == {"map.html", "matrix.csv", "routes.csv"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["route", "plocce", "sofia"], 1, "no place 'plocce'; did you mean 'ploce'"),
        (["route", "sofia", "SOFIA"], 1, "the same place, 'sofia'"),
        (["route", "bar", "sofia", "--without", "ix"], 1, "no corridor 'ix'"),
        (["route", "bar", "sofia", "--close", "x-9"], 1, "no link or place 'x-9'"),
        (["route", "bar", "sofia", "--vehicle", "tnk"], 1, "no vehicle 'tnk'"),
        (["route", "bar", "sofia", "--year", "1999"], 1, "year 1999 is out of range"),
        (["route", "bar", "sofia", "--year", "soon"], 2, "not a valid integer"),
        (["route", "bar", "sofia", "--regime", "none"], 1, "no regime 'none'"),
        (["route", "bar", "sofia", "--scenario", "zz"], 1, "no scenario 'zz'"),
        (["route", "bar", "sofia", "--data", "nowhere"], 1, "no data folder 'nowhere'"),
        (["route", "bar", "sofia", "-k", "0"], 2, "not in the range"),
        (["route", "bar", "sofia", "--json", "--csv"], 2, "one of --json and --csv"),
        (["route", "bar", "sofia", "--mode", "air"], 2, "is not one of"),
        (["route", "durres", "sofia", "--mode", "rail"], 3, "it would take viii-rail-"),
        (["rout"], 2, "No such command"),
        (["places", "--kind", "moon"], 1, "no places of kind 'moon'"),
        (["show", "nothing-here"], 1, "no link or place 'nothing-here'"),
        (["map", "bar"], 2, "an origin and a destination, or neither"),
        (["map", "-o", "no/such/folder/map.html"], 1, "cannot write"),
        (["report", "-o", "no/such/folder"], 1, "cannot make folder"),
    ],
)
def test_bad_input_gets_one_clear_line(arguments, code, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    got, out, err = run(*arguments)
    assert got == code
    assert message in err
    assert out == ""
    assert "Traceback" not in err
    if code != 2:
        assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_broken_table_lists_every_problem_and_exits_4(tmp_path):
    folder = tmp_path / "corridors"
    shutil.copytree(corridors_dir(), folder)
    nodes = folder / "nodes.csv"
    lines = nodes.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace(",city,", ",town,").replace(",junction,", ",town,")
    lines.append("zz,Nowhere,,city,AL,999,41.0,")
    nodes.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, out, err = run("route", "bar", "sofia", "--data", folder)
    assert code == 4
    assert out == ""
    assert "nodes.csv:2: kind: 'town' is not one of" in err
    assert f"nodes.csv:{len(lines)}: lon: 999 degrees is outside" in err


def test_a_reader_that_goes_away_is_no_error():
    command = f"{sys.executable} -m mobility places | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_a_wheel_outside_the_checkout_finds_its_data(tmp_path):
    root = Path(__file__).parents[2]
    if not (root / "pyproject.toml").exists():  # tests run from an installed copy
        pytest.skip("no checkout to build from")
    target = tmp_path / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            target,
            str(root),
        ],
        check=True,
        capture_output=True,
    )
    done = subprocess.run(
        [sys.executable, "-c", "import mobility; print(mobility.read_tables().root)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(target)},
    )
    assert done.stdout.strip() == str(target / "mobility" / "corridors")


def test_explain_says_what_bars_and_what_would_help():
    code, out, _ = run("explain", "rijeka", "sofia", "--vehicle", "tank_train_4axle")
    assert code == 0
    assert "no known limit bars it" in out
    assert "x-rail-029" in out


def test_explain_json_and_csv_hold_all_parts():
    asked = ("explain", "durres", "skopje", "--vehicle", "tank_transporter")
    code, out, err = run(*asked, "--json")
    answer = json.loads(out)
    assert (code, answer["passes"], answer["route"]) == (0, False, None)
    assert answer["upgrades"]["fewest_links"]["unknown_count"] > 0
    assert {"heaviest", "missing"} <= set(answer)
    assert err == ""
    code, out, _ = run(*asked, "--csv")
    parts = {row["part"] for row in csv.DictReader(io.StringIO(out))}
    assert parts == {"heaviest", "fewest_links", "least_km", "missing"}


def test_explain_without_any_chain_of_links_is_not_feasible():
    code, out, err = run("explain", "bari_port", "sofia", "--mode", "rail")
    assert (code, out) == (3, "")
    assert err.count("\n") == 1


def test_limits_prints_what_gets_through():
    asked = ("limits", "--from", "rijeka", "--to", "sofia")
    code, out, _ = run(*asked, "--vehicle", "tank_train_6axle", "--csv")
    rows = {row["demand"]: row for row in csv.DictReader(io.StringIO(out))}
    assert code == 0
    assert float(rows["axle_load_t"]["value"]) == 22.5
    code, out, _ = run(*asked, "--vehicle", "tank_transporter", "--json")
    rows = {row["demand"]: row for row in json.loads(out)["pairs"]}
    assert rows["mlc_wheeled"]["value"] is None
    assert rows["mlc_wheeled"]["reached"] is False


def test_compliance_of_one_corridor():
    code, out, _ = run("compliance", "--corridor", "Corridor VIII", "--json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert {row["corridor"] for row in rows} == {"viii"}
    assert {row["mode"] for row in rows} == {"road", "rail"}
    assert run("compliance", "--corridor", "zz")[0] == 1


def test_an_impossible_load_is_one_line_of_the_data(tmp_path):
    folder = tmp_path / "corridors"
    shutil.copytree(corridors_dir(), folder)
    file = folder / "vehicles.csv"
    text = file.read_text(encoding="utf-8")
    row = "truck,road,Military lorry with trailer or semi-trailer within legal limits"
    broken = text.replace(f"{row},wheeled,40", f"{row},wheeled,-40")
    assert broken != text
    file.write_text(broken, encoding="utf-8")
    code, _, err = run("explain", "durres", "skopje", "--data", folder)
    assert code == 4
    assert "gross_t: -40 t is outside 0.1 to 300 t" in err
    file.write_text(text.replace(f"{row},wheeled", f"{row},odd"), encoding="utf-8")
    code, _, err = run("explain", "durres", "skopje", "--data", folder)
    assert code == 4
    assert "load_class: 'odd' is not one of" in err


def test_an_unknown_vehicle_is_refused_with_the_nearest():
    code, _, err = run("explain", "durres", "skopje", "--vehicle", "tank_transportr")
    assert code == 1
    assert "did you mean 'tank_transporter'" in err
