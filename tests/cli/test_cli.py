import csv
import io
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from mobility.cli import COMMANDS, main
from mobility.cli.output import to_csv
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


def test_route_names_what_it_passes_under_restriction():
    (route,) = ask("durres", "skopje")["routes"]
    assert route["restricted"]
    code, out, _ = run("route", "durres", "skopje")
    assert code == 0
    assert len([line for line in out.splitlines() if "under restriction" in line]) == 1


def test_route_json_has_the_agreed_keys():
    code, out, err = run("route", "Durres", "CONSTANTA", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["origin"] == "durres"
    assert answer["destination"] == "constanta"
    assert {"vehicle", "mode", "year", "data_version", "routes"} <= set(answer)
    assert (answer["by"], answer["unknown"], answer["regime"]) == (
        "time", "bar", "current",
    )  # fmt: skip
    for asked in ("via", "avoid", "without", "close", "deny", "scenario"):
        assert answer[asked] == []
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


def test_redundancy_json_has_the_agreed_keys():
    code, out, err = run("redundancy", "ploce_port", "constanta", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    for name in ("link", "node", "risk"):
        part = found[name]
        assert part["count"] == len(part["routes"]) <= part["upper_bound"]
        assert len(part["cut"]) >= part["count"]
    assert found["link"]["cut"] == ["access-rail-ploce_port", "access-road-ploce_port"]
    assert found["node"]["cut"] == ["ploce"]
    assert found["tolerance"]["share"] == 0.25
    # not at least twice the best: that is best before drivers' rests, these are after
    hours = [route["time_h"] for route in found["pair"]["details"]]
    assert found["pair"]["time_h"] == sum(hours)
    assert {"ratios", "mean", "max", "cut_off_share"} == set(found["detour"])
    assert set(found["diversity"]) == {"corridors", "countries", "crossings", "modes"}
    assert {"vehicle", "mode", "year", "data_version", "risk_kinds"} <= set(found)


def test_redundancy_of_many_pairs_is_one_row_each():
    arguments = ("redundancy", "--from", "durres", "--from", "bar", "--to", "varna")
    code, out, _ = run(*arguments, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["origin"] for row in rows] == ["durres", "bar"]
    assert all(int(row["link_count"]) >= int(row["risk_count"]) for row in rows)
    pairs = json.loads(run(*arguments, "--json")[1])["pairs"]
    assert [";".join(pair["link_cut"]) for pair in pairs] == [
        row["link_cut"] for row in rows
    ]


def test_redundancy_of_no_names_is_that_of_the_default_pairs():
    # by rail, where they are few
    code, out, err = run("redundancy", "--mode", "rail", "--top", "2")
    listed = json.loads(run("pairs", "--mode", "rail", "--json")[1])["pairs"]
    assert code == 0
    assert "routes, % of pairs" in out
    assert "in cuts of" in out
    assert f"2 of {len(listed)} pairs; --csv and --json carry all" in err
    answer = json.loads(run("redundancy", "--mode", "rail", "--json")[1])
    assert [(p["origin"], p["destination"]) for p in answer["pairs"]] == [
        (p["origin"], p["destination"]) for p in listed
    ]
    summary = answer["summary"]
    assert sum(row["link"] for row in summary["counts"]) == pytest.approx(1)
    assert summary["cuts"][0]["what"] == "link"
    assert summary["cuts"][0]["pairs"] >= summary["cuts"][1]["pairs"]


def test_redundancy_reads_pairs_with_weights_from_a_file(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(
        b"\xef\xbb\xbforigin,destination,weight\nbar,varna,3\nbar_port,varna,1\n"
    )
    answer = json.loads(run("redundancy", "--pairs", str(path), "--json")[1])
    assert [pair["weight"] for pair in answer["pairs"]] == [3, 1]
    first, second = (pair["link_count"] for pair in answer["pairs"])
    assert answer["summary"]["means"]["link"] == (3 * first + second) / 4
    path.write_text("origin;destination;weight\nbar;varna;1\n")
    code, out, err = run("redundancy", "--pairs", str(path))
    assert (code, out) == (1, "")
    assert "separated by commas" in err


def test_redundancy_names_what_would_have_to_be_lost():
    code, out, _ = run("redundancy", "bar", "varna")
    assert code == 0
    assert "Causeway over Lake Skadar" in out
    assert "no route is left without these 3" in out


def test_routes_that_share_no_place_are_told_as_such():
    code, out, err = run(
        "route", "durres", "constanta", "-k", "9", "--disjoint", "node"
    )
    assert code == 0
    assert "3 of 9" in err
    assert len([line for line in out.splitlines() if "borders: " in line]) == 3


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


def ask(*arguments):
    """Answer of `mobility route … --json`."""
    code, out, err = run("route", *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_the_answer_repeats_the_question_by_id():
    answer = ask(
        *("bar", "Sofia", "--via", "Tirana", "--avoid", "kosovo", "--avoid", "Peja"),
        *("--without", "Corridor Xc", "--close", "RUSE-GIURGIU", "--by", "length"),
        *("--scenario", "ruse_giurgiu_closed", "--unknown", "admit", "--year", "2030"),
        *("--regime", "precleared", "--mode", "road"),
    )
    assert {key: answer[key] for key in answer if key not in ("routes",)} == {
        "origin": "bar",
        "destination": "sofia",
        "vehicle": "freight",
        "package": None,
        "mode": "road",
        "by": "length",
        "year": 2030,
        "regime": "precleared",
        "unknown": "admit",
        "disjoint": None,
        "via": ["tirana"],
        "avoid": ["XK", "peje"],
        "without": ["xc"],
        "close": ["ruse_giurgiu", "ruse_giurgiu_rail"],
        "deny": [],
        "scenario": ["ruse_giurgiu_closed"],
        "data_version": answer["data_version"],
    }


def test_a_route_passes_what_it_should_and_avoids_what_it_should():
    (plain,) = ask("bar", "sofia")["routes"]
    (via,) = ask("bar", "sofia", "--via", "tirana")["routes"]
    assert "tirana" not in plain["nodes"]
    assert "tirana" in via["nodes"]
    assert via["time_h"] > plain["time_h"]
    assert "RS" in plain["countries"]
    (avoiding,) = ask("bar", "sofia", "--avoid", "Serbia")["routes"]
    assert "RS" not in avoiding["countries"]
    place = plain["nodes"][len(plain["nodes"]) // 2]
    (around,) = ask("bar", "sofia", "--avoid", place)["routes"]
    assert place not in around["nodes"]


def test_without_the_bridge_of_ruse_the_danube_is_crossed_elsewhere():
    (plain,) = ask("ruse", "giurgiu")["routes"]
    (round_,) = ask("ruse", "giurgiu", "--scenario", "ruse_giurgiu_closed")["routes"]
    assert plain["border_crossings"] == ["ruse_giurgiu"]
    assert round_["border_crossings"]
    assert "ruse_giurgiu" not in round_["border_crossings"]
    assert round_["length_km"] > 10 * plain["length_km"]
    (closed,) = ask(
        *("ruse", "giurgiu", "--close", "ruse_giurgiu", "--close", "ruse_giurgiu_rail")
    )["routes"]
    assert closed == round_


def test_a_regime_changes_dwell_and_nothing_else():
    (current,) = ask("belgrade", "budapest", "--mode", "road")["routes"]
    (cleared,) = ask(
        *("belgrade", "budapest", "--mode", "road", "--regime", "precleared")
    )["routes"]
    assert cleared["links"] == current["links"]
    assert cleared["drive_h"] == current["drive_h"]
    assert cleared["border_h"] < current["border_h"]


def test_a_year_brings_what_opens_before_it():
    code, _, err = run("route", "durres", "elbasan", "--mode", "rail")
    assert code == 3
    assert "closed, due 20" in err
    answer = ask("durres", "elbasan", "--mode", "rail", "--year", "2040")
    assert answer["year"] == 2040
    assert answer["routes"][0]["modes"] == ["rail"]


def test_unknown_limits_bar_a_train_unless_admitted(tmp_path):
    folder = tmp_path / "corridors"
    shutil.copytree(corridors_dir(), folder)
    links = folder / "links" / "vc.csv"
    with links.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    unknown = {"axle_load_t": "", "line_category": ""}
    rows = [row | unknown if row["mode"] == "rail" else row for row in rows]
    with links.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    question = ("sarajevo", "ploce", "--mode", "rail", "--data", folder)
    code, _, err = run("route", *question)
    assert code == 3
    assert "axle_load_t unknown" in err
    (route,) = ask(*question, "--unknown", "admit")["routes"]
    assert route["unknown_km"] == pytest.approx(route["length_km"])
    assert ask("sarajevo", "ploce", "--mode", "rail")["routes"][0]["unknown_km"] == 0


PAIRS = ("--from", "durres", "--from", "bar", "--to", "varna", "--to", "burgas")


def test_matrix_covers_all_pairs():
    code, out, _ = run("matrix", *PAIRS, "--csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(r["origin"], r["destination"]) for r in rows] == [
        ("durres", "varna"),
        ("durres", "burgas"),
        ("bar", "varna"),
        ("bar", "burgas"),
    ]


def test_matrix_names_modes_as_a_list_and_the_question():
    pair = ("--from", "brindisi_port", "--to", "sofia", "--mode", "road")
    code, out, _ = run("matrix", *pair, "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["regime"], answer["by"], answer["unknown"]) == (
        "current", "time", "bar",
    )  # fmt: skip
    assert answer["pairs"][0]["modes"] == ["ferry", "road"]
    _, out, _ = run("matrix", *pair, "--csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["modes"] == "ferry;road"


def test_a_pair_without_a_route_is_null_among_others_that_have_one():
    code, out, err = run("matrix", *PAIRS, "--mode", "rail", "--json")
    pairs = {(p["origin"], p["destination"]): p for p in json.loads(out)["pairs"]}
    assert code == 0
    assert pairs["durres", "varna"]["time_h"] is None
    assert pairs["durres", "varna"]["modes"] == []
    assert pairs["bar", "varna"]["modes"] == ["rail"]
    assert err == "2 of 4 pairs have no route\n"


def test_check_of_the_shipped_data_passes():
    code, out, _ = run("check")
    assert code == 0
    assert "no problem" in out


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


REPORT = {"map.html", "matrix.csv", "routes.csv"}


def test_report_covers_the_ports_and_draws_three_routes(tmp_path):
    folder = tmp_path / "report"
    code, out, _ = run("report", "-o", folder)
    assert code == 0
    assert "Durrës" in out
    assert {path.name for path in folder.iterdir()} == REPORT
    rows = table(folder / "matrix.csv")
    assert {"durres_port", "igoumenitsa_port"} <= {row["origin"] for row in rows}
    assert {"constanta_port", "varna_port"} <= {row["destination"] for row in rows}
    routes = table(folder / "routes.csv")
    assert [row["rank"] for row in routes] == ["1", "2", "3"]
    assert {row["nodes"].split(";")[0] for row in routes} == {"durres"}


def test_report_takes_other_places_and_draws_the_first_pair_with_a_route(tmp_path):
    asked = ("--mode", "rail", "--by", "length")
    code, out, err = run("report", "-o", tmp_path, *PAIRS, *asked)
    assert code == 0
    assert out.startswith("Hours of the shortest routes")
    assert "2 of 4 pairs have no route" in err
    rows = table(tmp_path / "matrix.csv")
    assert [row["modes"] for row in rows] == ["", "", "rail", "rail"]
    nodes = table(tmp_path / "routes.csv")[0]["nodes"].split(";")
    assert (nodes[0], nodes[-1]) == ("bar", "varna")


def test_a_report_draws_the_pair_asked_for_and_loses_no_matrix_over_it(tmp_path):
    asked = (*PAIRS, "--mode", "rail", "--draw", "durres", "varna")
    code, out, err = run("report", "-o", tmp_path, *asked)
    assert code == 0
    assert "no route from Durrës to Varna" in err
    assert len(out.splitlines()) == 4
    assert {path.name for path in tmp_path.iterdir()} == REPORT
    assert table(tmp_path / "routes.csv") == []


def test_a_report_without_any_route_is_written_and_exits_3(tmp_path):
    asked = ("--from", "durres", "--to", "varna", "--mode", "rail")
    code, out, err = run("report", "-o", tmp_path, *asked)
    assert (code, out) == (3, "")
    assert "no route from Durrës to Varna" in err
    assert {path.name for path in tmp_path.iterdir()} == REPORT


def test_csv_guards_text_that_a_spreadsheet_would_run_and_nothing_else():
    row = {"a": "=1+1", "b": -1.5, "c": ["-x", "y"], "d": None, "e": "a=b", "f": 0.1}
    told = to_csv(list(row), [row])
    assert told == "a,b,c,d,e,f\n'=1+1,-1.5,'-x;y,,a=b,0.1\n"


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
        (["route", "bar", "sofia", "--via", "bar"], 1, "the same place twice"),
        (["route", "bar", "sofia", "--avoid", "zz"], 1, "no place or state 'zz'"),
        (["matrix", "--from", "bar", "--to", "BAR"], 1, "the same place, 'bar'"),
        (
            ["matrix", "--from", "durres", "--to", "sofia", "--mode", "rail", "--json"],
            3,
            "no route from Durrës to Sofia for freight by rail",
        ),
        (
            ["matrix", *PAIRS[:2], *PAIRS[4:], "--mode", "rail"],
            3,
            "none of 2 pairs has a route; the first: no route from Durrës to Varna",
        ),
        (["report", "-o", "x", "--draw", "bar", "zz"], 1, "no place 'zz'"),
        (["rout"], 2, "No such command"),
        (["places", "--kind", "moon"], 1, "no places of kind 'moon'"),
        (["show", "nothing-here"], 1, "no link or place 'nothing-here'"),
        (["map", "--disjoint", "link"], 2, "asks for an origin and a destination"),
        (["redundancy", "bar"], 2, "name an origin and a destination, or use"),
        (["redundancy", "bar", "sofia", "--to", "varna"], 2, "or use --from and --to"),
        (["redundancy", "bar", "sofia", "--top", "2"], 2, "--top is for many pairs"),
        (["redundancy", "--from", "bar", "--to", "bar"], 1, "no pairs: there should"),
        (["redundancy", "--pairs", "."], 1, "cannot read pairs from .: is a directory"),
        (
            ["redundancy", "bar", "sofia", "--close", "sofia", "--csv"],
            1,
            "'sofia' is both to be passed and closed",
        ),
        (["redundancy", "bar", "BAR"], 1, "the same place, 'bar'"),
        (["redundancy", "bar", "sofia", "--tolerance", "-1"], 1, "tolerance -1 should"),
        (
            ["redundancy", "bar", "sofia", "--risk-kind", "flood"],
            1,
            "risk kind 'flood' is none of valley, structure, crossing, state",
        ),
        (
            ["redundancy", "durres", "sofia", "--mode", "rail"],
            3,
            "no route from Durrës to Sofia for freight by rail",
        ),
        (["map", "bar"], 2, "an origin and a destination, or neither"),
        (["map", "-o", "no/such/folder/map.html"], 1, "cannot write"),
        (["report", "-o", ""], 2, "the name is empty"),
        (["places", "--data", ""], 2, "the name is empty"),
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


def test_a_full_disk_is_told_in_one_line():
    for arguments in (["places"], ["--help"], ["route", "bar", "sofia", "--json"]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "mobility", *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr == "cannot write the answer: no space left on device\n"


def test_a_terminal_without_our_letters_still_gets_an_answer():
    done = subprocess.run(
        [sys.executable, "-m", "mobility", "route", "durres", "constanta"],
        env=os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    )
    assert "Durrës" in done.stdout.decode("latin-1")


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
    if not find_spec("pip"):
        reason = "no pip here to build and install a wheel with"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    # without isolation nothing is downloaded
    isolation = ["--no-build-isolation"] if find_spec("hatchling") else []
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    built = subprocess.run(
        [*install, *isolation, "--target", target, str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    done = subprocess.run(
        [sys.executable, "-c", "import mobility; print(mobility.read_tables().root)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(target)},
    )
    assert done.stdout.strip() == str(target / "mobility" / "corridors")


def test_scenarios_lists_what_ships_and_what_one_changes():
    code, out, _ = run("scenarios", "--csv")
    listed = {row["id"]: row for row in csv.DictReader(io.StringIO(out))}
    assert code == 0
    assert listed["serbia_denied"]["denied"] == "RS"
    assert (
        listed["ruse_giurgiu_closed"]["closes"],
        listed["emers_in_force"]["regime"],
    ) == ("4", "emers")
    assert (
        listed["network_2030_late"]["year"],
        listed["network_2030_late"]["slip_years"],
    ) == ("2030", "3")
    code, out, err = run("scenarios", "rail_route_10_reopened", "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert {row["id"] for row in told["changes"]} >= {
        "rail_10-rail-007",
        "raska_lesak_rail",
    }
    code, out, err = run("scenarios", "nato_transit")
    assert "no access to AT, BA, MD, RS, UA, XK" in out
    assert "KFOR" in out
    assert run("scenarios", "zz")[0] == 1


def test_a_route_says_who_denies_access():
    code, out, _ = run("route", "durres", "constanta", "--scenario", "nato_transit")
    assert code == 0
    assert "no access to AT, BA, MD, RS, UA, XK" in out.splitlines()[0]
    code, out, err = run("route", "durres", "belgrade", "--scenario", "serbia_denied")
    assert (code, out) == (3, "")
    assert err.endswith("without RS, built or not; access to RS would do\n")


def test_patterns_close_from_the_command_line():
    closed = ("--mode", "rail", "--close", "x-rail-*")
    assert run("route", "skopje", "nis", *closed)[0] == 3
    assert run("route", "skopje", "nis", "--close", "zz-*")[2] == (
        "no link or place matches 'zz-*'\n"
    )


def test_vehicles_and_packages_list_what_the_data_holds():
    code, out, _ = run("vehicles", "--json")
    loads = json.loads(out)
    assert code == 0
    assert {"freight", "tank_transporter"} <= {load["id"] for load in loads}
    assert all(load["basis"] and load["source_id"] for load in loads)
    code, out, _ = run("packages", "--csv")
    packages = {row["id"]: row for row in csv.DictReader(io.StringIO(out))}
    assert packages["abct_us"]["wagons"] == "913"
    code, out, _ = run("packages", "heavy_brigade", "--json")
    brigade = json.loads(out)
    assert brigade["trains"] == 37
    assert {item["id"] for item in brigade["items"]} >= {"mbt_tracked", "trailer"}


MARCH = ("march", "durres", "skopje", "--unknown", "admit")
FORCE = ("--package", "stryker_squadron", "--start", "2026-12-01T06:00+01:00")


def test_march_prints_days_in_local_time_and_zulu():
    code, out, err = run(*MARCH, *FORCE)
    assert code == 0
    assert out.startswith("Durrës to Skopje: stryker_squadron by day, 2026")
    assert "Day 1" in out
    assert "12-01 06:00" in out
    assert "01 0500Z" in out
    assert "in the rate of march" in err


def test_march_csv_is_one_row_a_point_and_serial():
    code, out, err = run(*MARCH, *FORCE, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, err) == (0, "")
    assert [row["serial"] for row in rows[:2]] == ["1", "2"]
    assert rows[0]["head_local"] == "2026-12-01T06:00:00+01:00"
    assert rows[0]["head_zulu"] == "2026-12-01T05:00:00Z"
    _, out, _ = run(*MARCH, *FORCE, "--json")
    answer = json.loads(out)
    assert len(rows) == answer["serials"] * len(answer["points"])
    assert answer["points"][-1]["kind"] == "release"
    assert answer["clearance_h"] > answer["time_distance_h"]


def test_a_march_by_night_without_lights_is_slower():
    hours = [
        json.loads(run(*MARCH, *FORCE, *more, "--json")[1])["march_h"]
        for more in ((), ("--night",))
    ]
    assert hours[0] < hours[1]


@pytest.mark.parametrize(
    ("package", "start", "code", "message"),
    [
        ("heavy_brigade", "2026-12-01T06:00", 1, "has no time zone"),
        ("heavy_brigade", "2026-12-01", 1, "has no time zone"),
        ("heavy_brigade", "tomorrow", 2, "'tomorrow' is no date and time"),
        ("heavy_brigade", "2026-02-30T06:00Z", 2, "is no date and time"),
        ("heavy_brigade", "1999-12-01T06:00Z", 1, "year 1999 is out of range"),
        ("hevy_brigade", "2026-12-01T06:00Z", 1, "did you mean 'heavy_brigade'"),
        ("heavy_brigade", "2026-12-01T06:00Z", 3, "no route from Durrës to Skopje"),
    ],
)
def test_bad_marches_get_one_clear_line(package, start, code, message):
    got, out, err = run(
        "march", "durres", "skopje", "--package", package, "--start", start
    )
    assert (got, out) == (code, "")
    assert message in err
    if code != 2:
        assert len(err.splitlines()) == 1


def test_ports_json_keeps_every_column_and_names_what_was_asked():
    code, out, err = run("ports", "durres", "--ship", "lmsr", "--json")
    answer = json.loads(out)
    assert (code, answer["ship"], answer["package"]) == (0, "lmsr", None)
    (port,) = answer["ports"]
    assert (port["id"], port["berths"], port["weakest"]) == (
        "durres_port",
        "no",
        "draught",
    )
    assert err == ""


def test_ports_prints_a_line_for_each_port_and_notes_apart():
    code, out, err = run("ports", "--basin", "adriatic", "--package", "heavy_brigade")
    lines = out.splitlines()
    assert code == 0
    assert "ship loads: 3, trains: 37" in lines[0]
    assert len([line for line in lines if "adriatic" in line]) == len(lines) - 2
    assert "Data version" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("skopje",), "is no port"),
        (("--ship", "canoe"), "there are lmsr"),
        (("--basin", "baltic"), "there are adriatic"),
        (("--package", "nobody"), "no package 'nobody'"),
    ],
)
def test_ports_refuses_in_one_line(arguments, words):
    code, out, err = run("ports", *arguments)
    assert (code, out) == (1, "")
    assert words in err
    assert len(err.splitlines()) == 1
