from mobility.analysis.scenarios import describe_scenario, list_scenarios
from mobility.data.tables import read_tables
from mobility.network.build import Use, build_network
from mobility.network.scenario_file import read_scenario
from tests.toy import toy


def changed(described, kind):
    return {row["id"] for row in described["changes"] if row["change"] == kind}


def test_what_is_told_of_a_scenario_is_what_it_does_to_the_network():
    tables = read_tables()
    load = {"unknown": "admit"}
    today = build_network(tables, **load)
    for listed in list_scenarios(tables):
        told = describe_scenario(tables, listed["id"])
        assert {key: told[key] for key in listed} == listed
        then = build_network(
            tables, scenario=read_scenario(tables, listed["id"]), **load
        )
        for link, before, after in zip(
            today.link_ids, today.uses, then.uses, strict=True
        ):
            if before == Use.USED != after:
                assert link in changed(told, "close")
            elif after == Use.USED != before:
                assert link in changed(told, "open")


def test_counts_are_of_what_passes_today_and_then_no_more(tmp_path):
    tables = toy(
        ("a-1", "a", "b", 1, {"status": "planned"}),
        ("a-2", "b", "c", 1, {"country": "MK"}),
        ("a-3", "c", "x|AL|MK", 1, {"mode": "rail"}),
        ("a-4", "a", "c", 1, {"status": "construction", "opens": 2027}),
        borders={"goods": "no"},
    )
    path = tmp_path / "own.toml"
    path.write_text(
        'close = ["a-1", "a-3"]\nopen = ["x|AL|MK"]\ndeny = ["MK"]\nyear = 2028\n'
        '[[downgrade]]\nlinks = ["a-*"]\nheight_m = 3\nspeed_factor = 0.5\n'
    )
    told = describe_scenario(tables, str(path))
    assert changed(told, "close") == {"a-2", "a-3"}
    assert changed(told, "open") == {"a-4", "x|AL|MK"}
    assert changed(told, "lower") == {"a-1", "a-2", "a-3", "a-4"}
    # the crossing is opened to both modes, heights are lowered on roads alone
    assert len(told["changes"]) == 2 + 3 + 7
    assert (told["closes"], told["opens"], told["lowers"]) == (2, 2, 4)
    assert (told["denied"], told["year"], told["slip_years"]) == (["MK"], 2028, 0)
