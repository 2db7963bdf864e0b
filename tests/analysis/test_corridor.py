import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mobility.analysis.corridor import corridor_value
from mobility.analysis.pairs import check_pairs, default_pairs, make_pairs
from mobility.analysis.ways import best_ways
from mobility.data.rows import corridors_of
from mobility.data.tables import read_tables
from mobility.errors import InputError, UnknownNameError
from mobility.network.build import build_network
from mobility.network.scenario import make_scenario
from mobility.network.scenario_file import read_scenario
from tests.toy import toy

RULES = (
    {"quantity": "choice_tolerance", "value": 0.25},
    {"quantity": "cut_off_loss_h", "value": 24.0},
)


@pytest.fixture
def crossing(tmp_path):
    """VIII from a to b, planned in part; X the other way; they share the end.

    a ──30 viii── m ╌╌30 viii (planned)╌╌ b ──60 viii and x── c
    └──────100 x──┴────────90 x───────────┘
    """
    viii, x = {"file": "viii"}, {"file": "x"}
    made = toy(
        ("v1", "a", "m", 30, viii),
        ("v2", "b", "m", 30, viii | {"status": "planned", "opens": 2040}),
        ("x1", "a", "m", 100, x),
        ("x2", "b", "m", 90, x),
        ("vx", "b", "c", 60, viii | {"also_on": "x"}),
        rules=RULES,
    )
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "later.toml").write_text("year = 2030\n", encoding="utf-8")
    return replace(made, root=tmp_path)


def asked(_network):
    return make_pairs(["a"], ["b", "c"])


def value(tables, **more):
    known = {"later": "later", "modes": ("road",), "pairs_of": asked}
    return corridor_value(tables, "viii", **(known | more))


def test_each_case_is_what_the_picture_says(crossing):
    found = value(crossing, others=["x"])
    cases = found.cases.set_index(["case", "corridor"])
    assert list(cases.index) == [
        ("today", "without"),
        ("today", "with"),
        ("later", "without"),
        ("later", "with"),
        ("complete", "with"),
        ("at standard", "with"),
    ]
    hours = cases["mean_h"]
    # to b and to c, an hour further: x1 x2, v1 x2, v1 v2; what is shared stays
    assert hours["today", "without"] == pytest.approx(190 / 60 + 0.5)
    assert hours["today", "with"] == pytest.approx(120 / 60 + 0.5)
    assert hours["later", "with"] == hours["today", "with"]
    assert hours["complete", "with"] == pytest.approx(60 / 60 + 0.5)
    assert (cases["reached"] == 2).all()
    # the links of x alone lie on every way until viii is complete
    assert cases["others_needed"].tolist() == [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    assert cases["others_pairs"].tolist() == [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    assert cases["lost_cut_off"].tolist() == [2.0, 2.0, 2.0, 2.0, 0.0, 0.0]
    assert cases["lost_h"].tolist() == [24.0, 24.0, 24.0, 24.0, 0.0, 0.0]
    # of 2 × 60 km and 60 km that both share, x has half of the latter
    assert cases["others_km"]["complete", "with"] == pytest.approx(30 / 180)
    shares = np.array([150, 30]) / 180
    assert cases["effective_corridors"]["complete", "with"] == pytest.approx(
        1 / (shares**2).sum()
    )
    # 120 and 180 km today; 190 km is more than 25 % longer; complete, v1 is shared
    assert cases["mean_alternatives"]["today", "with"] == 1.0
    assert (cases["assumed_share"] == 1.0).all()


def test_a_corridor_is_not_held_against_itself(crossing):
    for more in ({"lost": ["viii"]}, {"others": ["x", "viii"]}):
        with pytest.raises(InputError, match="'viii' cannot be held against itself"):
            value(crossing, **more)
    with pytest.raises(InputError, match="at least one other corridor"):
        value(crossing, lost=[])
    with pytest.raises(UnknownNameError, match="no corridor 'ninth'"):
        value(crossing, others=["ninth"])
    with pytest.raises(UnknownNameError, match="no scenario 'sooner'"):
        value(crossing, later="sooner")


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.mark.parametrize("mode", ["road", "rail"])
def test_ways_without_a_corridor_are_those_of_a_network_built_without(tables, mode):
    network = build_network(tables, mode=mode)
    pairs = check_pairs(network, default_pairs(network))
    out = {"viii", "x"}
    lost = [
        number
        for number, row in enumerate(network.rows)
        if corridors_of(row) and set(corridors_of(row)) <= out
    ]
    without = build_network(
        tables, mode=mode, scenario=make_scenario(tables, without=sorted(out))
    )
    known = best_ways(without, pairs).time_ms
    assert (best_ways(network, pairs, lost=lost).time_ms == known).all()
    assert (known != best_ways(network, pairs).time_ms).any()


def test_by_rail_corridor_viii_needs_more_than_its_missing_links(tables):
    """18 t between Gyueshevo and Kyustendil bar freight trains of 20 t.

    With all its links open Durrës gets its railway, but east of Skopje its trains take
    Corridor X, and are cut off with it; at the standard axle load they are not.
    """
    found = corridor_value(
        tables,
        "viii",
        modes=("rail",),
        pairs_of=lambda network: make_pairs(["durres_port"], ["varna_port"]),
    )
    cases = found.cases.set_index(["case", "corridor"])
    assert cases["reached"].tolist() == [0, 0, 0, 0, 1, 1]
    assert cases["lost_cut_off"]["complete", "with"] == 1
    assert cases["lost_cut_off"]["at standard", "with"] == 0
    # no pair has a way in every case
    assert cases["common"].eq(0).all()
    assert all(math.isnan(hours) for hours in cases["mean_h"])


def test_corridor_viii_lessens_what_the_loss_of_x_costs(tables):
    """It is the one axis that leads east without X; from Durrës at least."""
    ports = ["durres_port", "vlore_port"]
    found = corridor_value(
        tables,
        "viii",
        modes=("road",),
        pairs_of=lambda network: make_pairs(ports, ["varna_port", "constanta_port"]),
    )
    cases = found.cases.set_index(["case", "corridor"])
    hours, lost = cases["mean_h"], cases["lost_h"]
    assert hours["complete", "with"] < hours["network_2030", "with"]
    assert hours["network_2030", "with"] < hours["network_2030", "without"]
    assert lost["complete", "with"] <= lost["network_2030", "without"]


def test_a_corridor_without_a_scenario_of_its_own_is_complete_with_its_links(tables):
    found = corridor_value(
        tables,
        "vc",
        modes=("road",),
        pairs_of=lambda network: make_pairs(["ploce_port"], ["sarajevo"]),
    )
    hours = found.cases.set_index(["case", "corridor"])["mean_h"]
    shipped = build_network(
        tables, mode="road", scenario=read_scenario(tables, "vc_motorway_complete")
    )
    pairs = check_pairs(shipped, make_pairs(["ploce_port"], ["sarajevo"]))
    least = float(best_ways(shipped, pairs).time_h[0])
    assert hours["complete", "with"] <= least
    assert isinstance(found.cases, pd.DataFrame)
