import pytest

from mobility.analysis.permission import ask_states
from mobility.analysis.routing import find_routes
from mobility.data.tables import read_tables
from mobility.network.build import build_network
from mobility.network.scenario import make_scenario
from tests.toy import toy

VEHICLES = (
    {"vehicle_id": "freight", "mode": "road"},
    {"vehicle_id": "force", "mode": "road", "military": "yes"},
)
DAYS = (
    {"quantity": "permission_days", "regime": "current", "value": 45.0},
    {"quantity": "permission_days", "regime": "new", "value": 40.0},
    {"quantity": "permission_days", "regime": "new", "eu": "member", "value": 3.0},
    {"quantity": "permission_domestic_days", "regime": "current", "value": 30.0},
    {"quantity": "regime_in_force", "regime": "new", "value": 0.0},
    {"quantity": "border_dwell_h", "regime": "new", "value": 1.0},
    {"quantity": "border_dwell_p95_h", "regime": "new", "value": 1.0},
)
STATES = (
    {"country": "AL", "name": "Albania", "standing_permission": "by_notice"},
    {"country": "IT", "name": "Italy", "eu": "member", "standing_permission": "yes"},
    {
        "country": "MK",
        "name": "North Macedonia",
        "standing_permission": "no",
        "conditions": "Case by case.",
        "permission_days": 60,
    },
)


def network(vehicle="force", regime=None, states=STATES):
    states = [{"schengen": "no", "eu": "candidate"} | row for row in states]
    tables = toy(("l1", "a", "b", 1), vehicles=VEHICLES, rules=DAYS, countries=states)
    scenario = make_scenario(tables, regime=regime)
    return build_network(tables, vehicle=vehicle, scenario=scenario)


def test_the_slowest_state_counts_and_not_the_sum():
    found = ask_states(network(), ["IT", "AL", "MK"])
    assert (found.days, found.states) == (60, ("MK",))
    assert found.conditions == (
        "notice to AL",
        "no standing permission from MK: Case by case",
    )


def test_the_state_of_departure_is_asked_by_its_own_rule():
    found = ask_states(network(), ["AL"])
    assert (found.days, found.states, found.conditions) == (30, ("AL",), ())


def test_another_regime_has_its_own_times_and_says_it_is_not_in_force():
    found = ask_states(network(regime="new"), ["AL", "IT"])
    assert (found.days, found.states) == (3, ("IT",))
    assert found.conditions == ("regime new is a proposal, not in force",)
    # what a state takes today says nothing of another regime
    assert ask_states(network(regime="new"), ["AL", "MK"]).days == 40


def test_inside_one_state_no_lead_time_is_known_under_another_regime():
    found = ask_states(network(regime="new"), ["AL"])
    assert (found.days, found.states) == (None, ())
    assert found.conditions == ("regime new is a proposal, not in force",)


def test_nobody_asks_for_civil_traffic():
    found = ask_states(network(vehicle="freight"), ["AL", "MK"])
    assert (found.days, found.states, found.conditions) == (None, (), ())


def test_a_state_that_is_left_and_entered_again_is_asked_once():
    found = ask_states(network(), ["IT", "AL", "IT", "AL"])
    assert found.states == ("AL",)
    assert found.conditions == ("notice to AL",)


@pytest.mark.parametrize("regime", ["current", "precleared", "mm_proposal", "emers"])
def test_permission_never_changes_the_hours_of_a_real_route(regime):
    tables = read_tables()
    scenario = make_scenario(tables, regime=regime)
    military, civil = (
        find_routes(
            build_network(tables, vehicle=vehicle, mode="road", scenario=scenario),
            "durres",
            "constanta",
        )[0]
        for vehicle in ("truck", "freight")
    )
    assert military.links == civil.links
    assert military.drive_h == civil.drive_h
    assert civil.permission_days is None
    proposed = any("not in force" in told for told in military.conditions)
    assert proposed == (regime in ("mm_proposal", "emers"))
    # no proposal binds Serbia or Kosovo, which this route crosses
    days = {"current": 45, "precleared": 5, "mm_proposal": 45, "emers": 45}
    assert military.permission_days == days[regime]
