from dataclasses import fields, replace

import networkx as nx
import numpy as np
import pytest

from mobility.errors import InputError, NoRouteError, UnknownNameError
from mobility.model import Mode, Vehicle
from mobility.network.access import Standards, Verdict, judge
from mobility.network.arcs import NO_LINK
from mobility.network.build import Network, Use, build_network
from mobility.network.costs import Rules
from mobility.network.scenario import Scenario
from tests.toy import LINE_CATEGORIES, toy

STANDARDS = Standards(LINE_CATEGORIES)


def verdicts_of(load, link):
    found = judge(load, link, country={}, rules=Rules({}), standards=STANDARDS)
    return [finding.verdict for finding in found]


def hours(network, link_id):
    """Time of each arc of a link, hours."""
    number = network.link_ids.index(link_id)
    return [t / 3.6e6 for t in network.time_ms[network.link_of == number].tolist()]


def used(network):
    return {
        link
        for link, use in zip(network.link_ids, network.uses, strict=True)
        if use == Use.USED
    }


def test_parallel_road_and_rail_stay_two_links_and_two_nodes_a_place():
    #  a ─road─ b
    #  a ─rail─ b
    network = build_network(
        toy(
            ("road", "a", "b", 60),
            ("rail", "a", "b", 60, {"mode": "rail", "axle_load_t": 22.5}),
        )
    )
    assert [(n.place, n.mode) for n in network.graph_nodes] == [
        ("a", Mode.RAIL),
        ("a", Mode.ROAD),
        ("b", Mode.RAIL),
        ("b", Mode.ROAD),
    ]
    assert hours(network, "road") == [1, 1]
    assert hours(network, "rail") == [2, 2]
    transfers = network.link_of == NO_LINK
    assert network.transfer_ms[transfers].tolist() == [5 * 3_600_000] * 4


def test_parallel_links_of_one_mode_stay_two():
    network = build_network(toy(("new", "a", "b", 60), ("old", "a", "b", 90)))
    assert hours(network, "new") == [1, 1]
    assert hours(network, "old") == [1.5, 1.5]


def test_a_crossing_has_two_sides_and_dwell_only_when_crossed():
    #  a ─AL─ x ─MK─ c      and back to b on the same side of x
    network = build_network(
        toy(
            ("l1", "a", "x|AL|MK", 60),
            ("l2", "b", "x|AL|MK", 60),
            ("l3", "x|AL|MK", "c", 60, {"country": "MK"}),
        )
    )
    sides = [n.side for n in network.graph_nodes if n.place == "x|AL|MK"]
    assert sides == ["AL", "MK"]
    oracle = nx.MultiDiGraph()
    arcs = zip(network.tails, network.heads, network.time_ms, strict=True)
    for arc, (tail, head, time) in enumerate(arcs):
        oracle.add_edge(int(tail), int(head), key=arc, time=int(time))
    at = {n.place: i for i, n in enumerate(network.graph_nodes)}

    def through(there):
        return nx.dijkstra_path_length(oracle, at["a"], at[there], weight="time")

    assert through("b") / 3.6e6 == 2
    assert through("c") / 3.6e6 == 4


def test_goods_closed_at_a_crossing_close_it():
    tables = toy(
        ("l1", "a", "x|AL|MK", 60),
        ("l2", "x|AL|MK", "c", 60, {"country": "MK"}),
        borders={"goods": "no"},
    )
    assert NO_LINK not in build_network(tables).link_of


def test_known_dwell_is_that_of_today_and_wins_over_the_rule_then():
    tables = toy(
        ("l1", "a", "x|AL|MK", 60),
        ("l2", "x|AL|MK", "c", 60, {"country": "MK"}),
        borders={"dwell_h": 7.0},
    )
    assert max(build_network(tables).border_ms) == 7 * 3_600_000
    cleared = build_network(tables, scenario=Scenario(regime="precleared"))
    assert max(cleared.border_ms) == 0.5 * 3_600_000


def test_a_ferry_costs_crossing_wait_and_entry():
    #  port_a ~~ port_b  1 sailing a day: half a day of waiting
    tables = toy(
        (
            "f",
            "port_a",
            "port_b",
            200,
            {
                "mode": "ferry",
                "country": "AL-IT",
                "crossing_h": 9.0,
                "sailings_per_week": 7.0,
            },
        ),
    )
    assert hours(build_network(tables), "f") == [9 + 12 + 2] * 2


def test_only_what_passes_or_has_opened_by_new_year_is_used():
    tables = toy(
        ("works", "a", "b", 1, {"status": "works"}),
        ("closed", "a", "b", 2, {"status": "closed"}),
        ("due27", "a", "b", 3, {"status": "construction", "opens": 2027}),
        ("due28", "a", "b", 4, {"status": "construction", "opens": 2028}),
    )
    assert used(build_network(tables)) == {"works"}
    of_2028 = Scenario(year=2028)
    assert used(build_network(tables, scenario=of_2028)) == {"works", "due27"}
    opened = Scenario(open_=("closed",))
    assert used(build_network(tables, scenario=opened)) == {"works", "closed"}


def test_without_a_corridor_what_it_shares_stays():
    tables = toy(
        ("own", "a", "b", 1, {"file": "viii"}),
        ("shared", "a", "b", 2, {"file": "viii", "also_on": "x"}),
        ("other", "a", "b", 3),
    )
    without = Scenario(without=("viii",))
    assert used(build_network(tables, scenario=without)) == {"shared", "other"}
    both = Scenario(without=("viii", "x"))
    assert used(build_network(tables, scenario=both)) == {"other"}


def test_closing_a_place_takes_its_links():
    tables = toy(("l1", "a", "b", 1), ("l2", "b", "c", 1), ("l3", "a", "c", 1))
    assert used(build_network(tables, scenario=Scenario(close=("b",)))) == {"l3"}
    assert used(build_network(tables, scenario=Scenario(close=("l3",)))) == {"l1", "l2"}


def test_posted_limits_bar_and_legal_loads_pass_unposted_roads():
    tables = toy(
        ("free", "a", "b", 1),
        ("weak", "a", "b", 2, {"gross_weight_t": 12.0}),
        ("strong", "a", "b", 3, {"gross_weight_t": 120.0}),
    )
    assert used(build_network(tables)) == {"free", "strong"}
    # 100 t is beyond the law, so that what is not posted is unknown
    assert used(build_network(tables, vehicle="tank")) == {"strong"}
    admitted = build_network(tables, vehicle="tank", unknown="admit")
    assert used(admitted) == {"free", "strong"}


def test_axle_load_alone_implies_the_least_mass_per_metre_of_its_class():
    rail = {"mode": "rail"}
    tables = toy(
        ("unknown", "a", "b", 1, rail),
        ("light", "a", "b", 2, rail | {"axle_load_t": 18.0}),
        ("c2", "a", "b", 3, rail | {"axle_load_t": 20.0}),
        ("b2", "a", "b", 4, rail | {"axle_load_t": 22.5, "line_category": "B2"}),
        ("d4", "a", "b", 5, rail | {"line_category": "D4"}),
    )
    assert used(build_network(tables)) == {"c2", "d4"}
    assert used(build_network(tables, unknown="admit")) == {"unknown", "c2", "d4"}


def test_more_per_metre_than_an_axle_load_implies_is_unknown_not_barred():
    load = Vehicle("heavy", Mode.RAIL, "", axle_load_t=22.5, mass_per_m_t=7.0)
    link = {"mode": "rail", "status": "open", "axle_load_t": 22.5}
    expected = {None: Verdict.UNKNOWN, "D3": Verdict.PASSES, "D2": Verdict.BARRED}
    for category, verdict in expected.items():
        row = link | {"line_category": category}
        found = judge(load, row, country={}, rules=Rules({}), standards=STANDARDS)
        assert [finding.verdict for finding in found] == [Verdict.PASSES, verdict]


def test_rail_time_uses_the_speeds_that_are_known():
    rail = {"mode": "rail", "axle_load_t": 22.5}
    tables = toy(
        (
            "ranged",
            "a",
            "b",
            60,
            rail
            | {"speed_low_kph": 40.0, "speed_high_kph": 80.0, "line_speed_kph": 120.0},
        ),
        ("design", "a", "b", 60, rail | {"line_speed_kph": 80.0}),
        ("capped", "a", "b", 60, rail | {"line_speed_kph": 200.0}),
    )
    network = build_network(tables)
    assert hours(network, "ranged") == [2, 2]
    assert hours(network, "design") == [3, 3]
    assert hours(network, "capped") == [2.4, 2.4]


def test_what_is_yet_to_be_built_gets_the_standard_and_its_design_speed():
    rail = {"mode": "rail", "line_speed_kph": 80.0}
    slow = {"speed_low_kph": 10.0, "speed_high_kph": 20.0}
    tables = toy(
        ("built", "a", "b", 60, rail | slow | {"status": "closed", "opens": 2027}),
        ("old", "a", "b", 60, rail | slow | {"axle_load_t": 18.0, "status": "closed"}),
    )
    network = build_network(tables, scenario=Scenario(year=2030, open_=("old",)))
    assert used(network) == {"built"}
    assert hours(network, "built") == [3, 3]


@pytest.mark.parametrize("mode", ["road", "rail", "any"])
def test_modes_select_links_and_road_includes_ferries(mode):
    tables = toy(
        ("road", "a", "port_a", 60),
        ("rail", "a", "port_a", 60, {"mode": "rail", "axle_load_t": 22.5}),
        (
            "ferry",
            "port_a",
            "port_b",
            60,
            {
                "mode": "ferry",
                "country": "AL-IT",
                "crossing_h": 2.0,
                "sailings_per_week": 7.0,
            },
        ),
    )
    wanted = {"road": {"road", "ferry"}, "rail": {"rail"}}
    expected = wanted.get(mode, {"road", "rail", "ferry"})
    assert used(build_network(tables, mode=mode)) == expected


def test_row_order_does_not_matter():
    ferry = {"mode": "ferry", "country": "AL-IT", "crossing_h": 9.0}
    tables = toy(
        ("l1", "a", "port_a", 1),
        ("l2", "a", "x|AL|MK", 2),
        ("l3", "x|AL|MK", "c", 3, {"country": "MK"}),
        ("l4", "a", "port_a", 3, {"mode": "rail", "axle_load_t": 22.5}),
        ("l5", "port_a", "port_b", 9, ferry | {"sailings_per_week": 7.0}),
    )
    names = ("nodes", "links", "borders", "countries", "rules", "vehicles")
    turned = {name: getattr(tables, name).iloc[::-1] for name in names}
    one, two = build_network(tables), build_network(replace(tables, **turned))
    for field in fields(Network):
        if field.name != "tables":
            same = getattr(one, field.name), getattr(two, field.name)
            assert np.array_equal(*same) if field.type == "Ints" else same[0] == same[1]


def test_the_graph_keeps_parallel_links_and_carries_lengths(tmp_path):
    network = build_network(toy(("new", "a", "b", 60), ("old", "a", "b", 90)))
    network.tables.__dict__["geometry"] = {
        "new": ((20, 41), (21, 41)),
        "old": ((20, 41), (20.5, 41.2), (21, 41)),
    }
    graph = network.graph
    assert graph.number_of_edges("a/road", "b/road") == 2
    lengths = {d["link_id"]: d["length"] for *_, d in graph.edges(data=True)}
    assert lengths == {"new": 60_000, "old": 90_000}
    back = graph.get_edge_data("b/road", "a/road")
    shapes = {d["link_id"]: list(d["geometry"].coords) for d in back.values()}
    assert shapes["old"] == [(21, 41), (20.5, 41.2), (20, 41)]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"mode": "air"}, InputError, "mode 'air' is none of any, road, rail"),
        ({"unknown": "maybe"}, InputError, "is none of bar, admit"),
        ({"vehicle": "tnak"}, UnknownNameError, "no vehicle 'tnak'"),
        ({"vehicle": "tank", "mode": "rail"}, NoRouteError, "cannot move by rail"),
        ({"scenario": Scenario(close=("zz",))}, UnknownNameError, "'zz'"),
    ],
)
def test_bad_conditions_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        build_network(toy(("l1", "a", "b", 1)), **arguments)
