import math
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.routing import find_routes, matrix
from mobility.errors import InputError, NoRouteError, UnknownNameError
from mobility.network.build import build_network
from mobility.network.scenario import Scenario
from tests.toy import toy

RAIL = {"mode": "rail", "axle_load_t": 22.5}
PLACES = "abcde"


@st.composite
def networks(draw):
    """Roads and railways among five places, parallel ones included."""
    ends = st.sampled_from(list(permutations(PLACES, 2)))
    rows = draw(st.lists(st.tuples(ends, st.integers(1, 9), st.booleans()), max_size=9))
    return toy(
        ("anchor", "a", "b", 40),
        *(
            (f"l{i}", *pair, km * 6, RAIL if rail else None)
            for i, (pair, km, rail) in enumerate(rows)
        ),
    )


def brute_force_h(tables, origin, destination, via=()):
    """Hours of the best chain of links, by trying all orders of places and modes."""
    links = [
        (row.from_node, row.to_node, row.mode, row.length_km)
        for row in tables.links.itertuples()
    ]
    known = {row.from_node for row in tables.links.itertuples()}
    known |= {row.to_node for row in tables.links.itertuples()}
    best = math.inf
    hops = [p for p in PLACES if p in known and p not in (origin, destination)]
    for size in range(len(hops) + 1):
        for middle in permutations(hops, size):
            if all(place in middle for place in via):
                best = min(best, _along(links, (origin, *middle, destination)))
    return best


def _along(links, places):
    """Best hours along a sequence of places, changing mode where it pays."""
    at = {"road": 0.0, "rail": 0.0}
    for number, (here, there) in enumerate(pairwise(places)):
        change = 5 if number else 0
        start = {
            m: min(at[m], at[o] + change)
            for m, o in (("road", "rail"), ("rail", "road"))
        }
        at = {"road": math.inf, "rail": math.inf}
        for end, other, mode, km in links:
            if {end, other} == {here, there}:
                speed = 60 if mode == "road" else 30
                at[mode] = min(at[mode], start[mode] + km / speed)
    return min(at.values())


@settings(max_examples=100, deadline=None)
@given(networks())
def test_the_best_route_takes_as_long_as_brute_force_says(tables):
    network = build_network(tables)
    known = network.nodes_of
    for place in (p for p in PLACES[1:] if p in known):
        expected = brute_force_h(tables, "a", place)
        if math.isinf(expected):
            with pytest.raises(NoRouteError):
                find_routes(network, "a", place)
            continue
        (route,) = find_routes(network, "a", place)
        assert route.time_h == pytest.approx(expected)
        parts = route.drive_h + route.border_h + route.transfer_h + route.halt_h
        assert route.time_h == pytest.approx(parts)
        lengths = tables.links["length_km"]
        assert route.length_km == pytest.approx(sum(lengths[i] for i in route.links))
        assert (route.nodes[0], route.nodes[-1]) == ("a", place)


@settings(max_examples=60, deadline=None)
@given(networks(), st.sampled_from("bcd"))
def test_alternatives_come_by_time_and_share_at_most_half(tables, place):
    network = build_network(tables)
    if place not in network.nodes_of:
        return
    try:
        routes = find_routes(network, "a", place, k=4)
    except NoRouteError:
        return
    assert [r.rank for r in routes] == list(range(1, len(routes) + 1))
    assert list(routes) == sorted(routes, key=lambda r: r.time_h)
    assert routes[0] == find_routes(network, "a", place)[0]
    hours = {
        link: tables.links.at[link, "length_km"]
        / (60 if tables.links.at[link, "mode"] == "road" else 30)
        for link in tables.links.index
    }
    for i, route in enumerate(routes):
        for better in routes[:i]:
            shared = sum(hours[link] for link in set(route.links) & set(better.links))
            assert shared <= route.time_h / 2 + 1e-9


@settings(max_examples=40, deadline=None)
@given(networks())
def test_the_matrix_agrees_with_single_routes(tables):
    network = build_network(tables)
    places = sorted(network.nodes_of)
    frame = matrix(network, places, places)
    assert len(frame) == len(places) * (len(places) - 1)
    for (origin, destination), row in frame.iterrows():
        try:
            (route,) = find_routes(network, origin, destination)
        except NoRouteError:
            assert math.isnan(row["time_h"])
        else:
            assert row["time_h"] == route.time_h
            assert row["length_km"] == pytest.approx(route.length_km)


@settings(max_examples=40, deadline=None)
@given(networks(), st.data())
def test_a_closed_link_never_shortens_a_route(tables, data):
    closed = data.draw(st.sampled_from(list(tables.links.index)))
    places = list(tables.nodes.index)
    open_ = matrix(build_network(tables), ["a"], places)["time_h"]
    less = build_network(tables, scenario=Scenario(close=(closed,)))
    assert (
        matrix(less, ["a"], places)["time_h"].fillna(math.inf) >= open_.fillna(math.inf)
    ).all()


def test_via_keeps_the_mode_in_which_a_stop_is_reached():
    #  a ─rail─ b ─road─ c : passing b does not make the change of mode free
    network = build_network(toy(("r", "a", "b", 30, RAIL), ("s", "b", "c", 60)))
    (direct,) = find_routes(network, "a", "c")
    (stopped,) = find_routes(network, "a", "c", via=["b"])
    assert direct.time_h == stopped.time_h == 1 + 5 + 1
    assert stopped.transfer_h == 5


def test_via_leads_there_and_back():
    #  a ─ b ─ c     d hangs on b: via d the link b–d is used twice
    network = build_network(
        toy(("ab", "a", "b", 60), ("bc", "b", "c", 60), ("bd", "b", "d", 60))
    )
    (route,) = find_routes(network, "a", "c", via=["d"])
    assert route.links == ("ab", "bd", "bd", "bc")
    assert route.time_h == 4


def test_avoid_takes_places_and_states():
    tables = toy(
        ("short", "a", "c", 10, {"country": "MK"}),
        ("ab", "a", "b", 30),
        ("bc", "b", "c", 30),
        ("ad", "a", "d", 60),
        ("dc", "d", "c", 60),
    )
    network = build_network(tables)
    assert find_routes(network, "a", "c")[0].links == ("short",)
    without = find_routes(network, "a", "c", avoid=["North Macedonia"])
    assert without[0].links == ("ab", "bc")
    without = find_routes(network, "a", "c", avoid=["MK", "b"])
    assert without[0].links == ("ad", "dc")


def test_by_length_is_not_by_time():
    tables = toy(("far", "a", "b", 60), ("rail", "a", "b", 50, RAIL))
    network = build_network(tables)
    assert find_routes(network, "a", "b")[0].links == ("far",)
    assert find_routes(network, "a", "b", by="length")[0].links == ("rail",)


def test_what_is_broken_is_named_by_the_fewest_kilometres_to_mend():
    #  a ─ b ···30···  c ─ d     or  a ···50··· d
    tables = toy(
        ("ab", "a", "b", 10),
        ("bc", "b", "c", 30, {"status": "construction", "opens": 2030}),
        ("cd", "c", "d", 500),
        ("ad", "a", "d", 50, {"status": "missing"}),
    )
    network = build_network(tables)
    with pytest.raises(NoRouteError, match=r"bc B–C \(30 km, construction, due 2030\)"):
        find_routes(network, "a", "d")


def test_length_and_time_name_the_same_link_to_mend():
    #  a ··50·· d    or, missing less but far longer, a ─ b ··30·· c ─ d
    tables = toy(
        ("ab", "a", "b", 200),
        ("bc", "b", "c", 30, {"status": "planned"}),
        ("cd", "c", "d", 200),
        ("ad", "a", "d", 50, {"status": "planned"}),
    )
    network = build_network(tables)
    for by in ("time", "length"):
        with pytest.raises(NoRouteError, match=r"it would take bc B–C"):
            find_routes(network, "a", "d", by=by)


def test_links_that_lack_the_same_one_after_another_are_told_as_one_stretch():
    #  a ·· b ·· c ── d ·· e ·· f    ··: planned; ef has a year
    new = {"status": "planned"}
    tables = toy(
        ("ab", "a", "b", 10, new),
        ("cb", "c", "b", 20, new),
        ("cd", "c", "d", 5),
        ("de", "d", "e", 30, new),
        ("ef", "e", "f", 40, new | {"opens": 2031}),
    )
    with pytest.raises(NoRouteError) as caught:
        find_routes(build_network(tables), "a", "f")
    assert str(caught.value).partition(": ")[2] == (
        "it would take ab to cb, A–C (2 links, 30 km, planned); "
        "de D–E (30 km, planned); ef E–F (40 km, planned, due 2031)"
    )


def test_a_bar_is_named_when_opening_would_not_do():
    #  a ─12 t─ b    and a planned way round that would not carry 40 t either
    weak = {"gross_weight_t": 12.0}
    tables = toy(
        ("ab", "a", "b", 10, weak),
        ("new", "a", "b", 5, weak | {"status": "planned"}),
    )
    network = build_network(tables)
    with pytest.raises(NoRouteError) as caught:
        find_routes(network, "a", "b")
    assert "new A–B (5 km, planned, gross_weight_t 12, 40 needed)" in str(caught.value)


def test_a_crossing_closed_to_goods_is_named():
    tables = toy(
        ("l1", "a", "x|AL|MK", 60),
        ("l2", "x|AL|MK", "c", 60, {"country": "MK"}),
        borders={"goods": "no"},
    )
    with pytest.raises(NoRouteError, match=r"take x\|AL\|MK .*crossing, not known"):
        find_routes(build_network(tables), "a", "c")


@pytest.mark.parametrize("goods", ["limited", None])
def test_limited_goods_pass_and_are_named_unknown_ones_bar_unless_admitted(goods):
    tables = toy(
        ("l1", "a", "x|AL|MK", 60),
        ("l2", "x|AL|MK", "c", 60, {"country": "MK"}),
        borders={"goods": goods},
    )
    if goods is None:
        with pytest.raises(NoRouteError):
            find_routes(build_network(tables), "a", "c")
    (route,) = find_routes(build_network(tables, unknown="admit"), "a", "c")
    assert route.border_crossings == ("x|AL|MK",)
    assert route.restricted == (("x|AL|MK",) if goods else ())
    assert route.countries == ("AL", "MK")


def test_alternatives_count_shared_crossings_and_visit_no_place_twice():
    #  both ways cross at x, which is most of the time: no second route differs enough
    tables = toy(
        ("l1", "a", "x|AL|MK", 10),
        ("l2", "a", "x|AL|MK", 12),
        ("l3", "x|AL|MK", "c", 10, {"country": "MK"}),
        ("l4", "x|AL|MK", "c", 12, {"country": "MK"}),
    )
    assert len(find_routes(build_network(tables), "a", "c", k=3)) == 1


def test_a_stop_gives_no_route_twice():
    #  a ─rail─ b ─road─ c : the change at b may fall before or after the stop
    network = build_network(toy(("r", "a", "b", 30, RAIL), ("s", "b", "c", 60)))
    assert len(find_routes(network, "a", "c", via=["b"], k=3)) == 1


def test_the_matrix_understands_names():
    network = build_network(toy(("ab", "durres", "b", 60)))
    frame = matrix(network, ["DURRËS"], ["B", "durres"])
    assert list(frame.index) == [("durres", "b")]
    assert frame["time_h"].tolist() == [1.0]


def test_what_is_closed_or_avoided_is_no_end():
    tables = toy(("ab", "a", "b", 1), ("bc", "b", "c", 1))
    closed = build_network(tables, scenario=Scenario(close=("a",)))
    with pytest.raises(InputError, match="'a' is both to be passed and closed"):
        find_routes(closed, "a", "c")
    with pytest.raises(InputError, match="both to be passed and to be avoided"):
        find_routes(build_network(tables), "a", "c", avoid=["AL"])


def test_what_the_user_takes_away_is_not_offered_back():
    closed = Scenario(close=("ab",))
    network = build_network(toy(("ab", "a", "b", 10)), scenario=closed)
    with pytest.raises(NoRouteError, match="no chain of links joins them"):
        find_routes(network, "a", "b")


def test_assumed_and_unknown_kilometres_are_counted():
    basis = {"source_id": "s", "as_of": "2026", "confidence": "low", "table": "links"}
    tables = toy(
        ("ab", "a", "b", 10, {"mode": "rail"}),
        ("bc", "b", "c", 20, RAIL),
        ("cd", "c", "d", 40, RAIL),
        provenance=[
            basis | {"id": "ab", "column": "*", "basis": "assumed"},
            basis | {"id": "bc", "column": "*", "basis": "assumed"},
            basis | {"id": "bc", "column": "length_km", "basis": "published"},
            basis | {"id": "cd", "column": "*", "basis": "published"},
        ],
    )
    network = build_network(tables, unknown="admit")
    (route,) = find_routes(network, "a", "d")
    assert route.assumed_km == 10
    assert route.unknown_km == 10
    assert (route.road_km, route.rail_km, route.ferry_km) == (0, 70, 0)


def test_the_binding_limit_is_the_one_nearest_to_the_load():
    tables = toy(
        ("ab", "a", "b", 10, {"gross_weight_t": 60.0}),
        ("bc", "b", "c", 10, {"gross_weight_t": 44.0}),
    )
    (route,) = find_routes(build_network(tables), "a", "c")
    limit = route.binding_limit
    assert (limit.link, limit.column, limit.value) == ("bc", "gross_weight_t", 44)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("a", "a"), InputError, "same place, 'a'"),
        (("a", "zzz"), UnknownNameError, "no place 'zzz'"),
        (("a", "b", {"avoid": ["zzz"]}), UnknownNameError, "no place or state 'zzz'"),
        (("a", "b", {"avoid": ["b"]}), InputError, "both to be passed and"),
        (("a", "b", {"via": ["b"]}), InputError, "same place twice in a row"),
        (("a", "b", {"k": 0}), InputError, "k = 0 should be at least 1"),
        (("a", "b", {"by": "cost"}), InputError, "by 'cost' is none of time, length"),
    ],
)
def test_bad_questions_are_refused(arguments, error, message):
    *ends, more = (*arguments, {}) if len(arguments) == 2 else arguments
    network = build_network(toy(("ab", "a", "b", 1), ("bc", "b", "c", 1)))
    with pytest.raises(error, match=message):
        find_routes(network, *ends, **more)
