import itertools
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.bottlenecks import bottlenecks
from mobility.analysis.pairs import default_pairs, make_pairs
from mobility.analysis.routing import matrix
from mobility.analysis.value import choose_sections, value_of_sections, with_all
from mobility.data.tables import read_tables
from mobility.errors import InputError, NoRouteError, UnknownNameError
from mobility.network.build import build_network
from mobility.network.scenario import Scenario, make_scenario
from tests.toy import toy

RULES = (
    {"quantity": "cut_off_loss_h", "value": 24.0},
    {"quantity": "choice_tolerance", "value": 0.25},
)
PLACES = ("a", "b", "c", "d")
UNBUILT = {"status": "planned"}
RAIL = {"mode": "rail", "axle_load_t": 22.5, "line_category": "D4"}


def town(*links, **more):
    return toy(*links, rules=RULES, **more)


def pairs_of(*rows):
    return pd.DataFrame(rows, columns=["origin", "destination", "weight"])


def hours(tables, pairs, opened, closed, **asked):
    """Best hours of each pair in a network built for this alone; inf: no way."""
    shut = [link for link in opened if tables.links["status"][link] != "open"]
    scenario = Scenario(open_=tuple(shut), close=tuple(closed))
    network = build_network(tables, scenario=scenario, **asked)
    ends = [sorted(set(pairs[end])) for end in ("origin", "destination")]
    time_h = matrix(network, *ends)["time_h"].fillna(math.inf)
    return [
        time_h[pair] for pair in zip(pairs["origin"], pairs["destination"], strict=True)
    ]


def worth(pairs, at, before, best):
    """What hours are worth against those before, by the definition."""
    known = [
        (weight, now, then, top)
        for weight, now, then, top in zip(
            pairs["weight"], at, before, best, strict=True
        )
        if top < math.inf
    ]
    total = sum(weight for weight, *_ in known)
    gains = [
        (w, min(then - top, 24.0) - min(now - top, 24.0), then, now)
        for w, now, then, top in known
    ]
    return (
        sum(w * gain for w, gain, *_ in gains) / total,
        sum(w * gain for w, gain, then, _ in gains if then < math.inf) / total,
        sum(w for w, _, then, now in gains if then == math.inf > now) / total,
    )


def by_orders(groups, worth_of):
    """Mean over all orders of what each group adds to those before it."""
    orders = list(itertools.permutations(groups))
    total = dict.fromkeys(groups, (0.0, 0.0, 0.0))
    for order in orders:
        for i, group in enumerate(order):
            after, before = (worth_of(frozenset(order[:n])) for n in (i + 1, i))
            total[group] = tuple(
                t + (a - b) / len(orders)
                for t, a, b in zip(total[group], after, before, strict=True)
            )
    return total


@st.composite
def plans(draw):
    """Roads and railways, built or not, some of them sections to be valued; pairs."""
    end = st.sampled_from(PLACES)
    drawn = draw(
        st.lists(
            st.tuples(
                st.tuples(end, end).filter(lambda pair: pair[0] != pair[1]),
                st.integers(1, 900),
                st.sampled_from([{}, {}, RAIL]),
                st.sampled_from(["fixed", "open", "planned", "planned"]),
            ),
            min_size=2,
            max_size=8,
        )
    )
    links = [
        (f"l{i}", a, b, km, mode | (UNBUILT if kind == "planned" else {}))
        for i, ((a, b), km, mode, kind) in enumerate(drawn)
    ]
    chosen = [
        link[0] for link, row in zip(links, drawn, strict=True) if row[3] != "fixed"
    ]
    places = sorted({place for link in links for place in link[1:3]})
    both = st.sampled_from(list(itertools.permutations(places, 2)))
    ends = draw(st.lists(both, min_size=1, max_size=4, unique=True))
    weights = draw(st.lists(st.integers(1, 9), min_size=4, max_size=4))
    rows = [(a, b, float(w)) for (a, b), w in zip(ends, weights, strict=False)]
    together = draw(st.booleans())
    if together:
        groups = {f"g{i}": tuple(chosen[i::2]) for i in range(2) if chosen[i::2]}
    else:
        groups = {link: (link,) for link in chosen[:4]}
    return town(*links), groups, pairs_of(*rows)


@settings(max_examples=15, deadline=None)
@given(plans())
def test_values_are_those_of_building_every_set_in_every_order(drawn):
    tables, groups, pairs = drawn
    network = build_network(tables)
    if not groups:
        with pytest.raises(InputError, match="no sections"):
            value_of_sections(network, groups, pairs)
        return
    links = {link for own in groups.values() for link in own}

    def at(names):
        there = {link for name in names for link in groups[name]}
        return hours(tables, pairs, there, links - there)

    before, best = at(()), at(groups)
    if min(best) == math.inf:
        with pytest.raises(NoRouteError, match="even with all sections"):
            value_of_sections(network, groups, pairs)
        return
    known = {
        frozenset(names): worth(pairs, at(names), before, best)
        for size in range(len(groups) + 1)
        for names in itertools.combinations(groups, size)
    }
    found = value_of_sections(network, groups, pairs)
    assert found.pairs["before_h"].tolist() == pytest.approx(before)
    assert found.pairs["after_h"].tolist() == pytest.approx(best)
    means = by_orders(list(groups), known.__getitem__)
    everyone = frozenset(groups)
    for name, row in found.sections.iterrows():
        alone, without = known[frozenset({name})], known[everyone - {name}]
        last = [a - b for a, b in zip(known[everyone], without, strict=True)]
        for how, told in (("alone", alone), ("last", last), ("mean", means[name])):
            got = [row[f"{how}_{what}"] for what in ("h", "saved_h", "reached")]
            assert got == pytest.approx(told, abs=1e-9)
            assert min(got) >= -1e-12  # another section never makes anything worse
        assert row["complement_h"] == row["last_h"] - row["alone_h"]
    total = (found.total_h, found.total_saved_h, found.total_reached)
    assert total == pytest.approx(known[everyone], abs=1e-9)


def test_a_chain_is_worth_nothing_until_it_is_complete():
    # a - l1 - b - l2 - c - l3 - d, and nothing else
    tables = town(
        *(
            (f"l{i}", a, b, 60, UNBUILT)
            for i, (a, b) in enumerate(itertools.pairwise("abcd"), 1)
        )
    )
    network = build_network(tables)
    sections = choose_sections(network, ["l*"])
    found = value_of_sections(network, sections, make_pairs("a", "d")).sections
    assert found["alone_h"].tolist() == [0, 0, 0]
    assert found["last_h"].tolist() == [24, 24, 24]
    assert found["mean_h"].tolist() == pytest.approx([8, 8, 8])
    assert found["mean_reached"].tolist() == pytest.approx([1 / 3] * 3)


def test_two_ways_that_stand_in_for_each_other_have_negative_complements():
    #  a == 600 km == d,  or 60 km by l1,  or 120 km by l2
    tables = town(
        ("l0", "a", "d", 600),
        ("l1", "a", "d", 60, UNBUILT),
        ("l2", "a", "d", 120, UNBUILT),
    )
    found = value_of_sections(build_network(tables), ["l1", "l2"], make_pairs("a", "d"))
    told = found.sections[["alone_h", "last_h", "mean_h", "complement_h"]]
    assert told.loc["l1"].tolist() == [9, 1, 5, -8]
    assert told.loc["l2"].tolist() == [8, 0, 4, -8]
    assert found.total_h == found.total_saved_h == 9


def test_patterns_mean_what_is_not_open_by_the_mode_asked_for():
    tables = town(
        ("l1", "a", "b", 1),
        ("l2", "a", "b", 1, UNBUILT),
        ("l3", "a", "b", 1, {"status": "construction", "opens": 2027}),
        ("l4", "a", "b", 1, UNBUILT | RAIL),
    )
    network = build_network(tables, mode="road")
    later = build_network(tables, mode="road", scenario=Scenario(year=2030))
    chosen = {"l2": ("l2",), "l3": ("l3",)}
    assert choose_sections(network, ["l*"]) == chosen
    assert choose_sections(later, ["l*"]) == {"l2": ("l2",)}
    assert [*choose_sections(network, ["l*"], with_open=True)] == ["l1", "l2", "l3"]
    assert [*choose_sections(network, ["L1"])] == ["l1"]
    assert choose_sections(network, ["l[23]", "l1"], together=True) == {
        "l[23]": ("l2", "l3"),
        "l1": ("l1",),
    }
    for names, error, words in (
        (["x*"], UnknownNameError, "no link matches 'x.'"),
        (["l9"], UnknownNameError, "no link 'l9'"),
        (["?4"], InputError, "no link that matches '.4' is one by road"),
        (["l1*"], InputError, "all 1 links that match 'l1.' are open in"),
    ):
        with pytest.raises(error, match=words):
            choose_sections(network, names)


def test_sections_that_carry_nothing_even_open_are_told_and_add_nothing():
    weak = UNBUILT | RAIL | {"axle_load_t": 16.0, "line_category": None}
    tables = town(
        ("l1", "a", "b", 60, UNBUILT | RAIL),
        ("l2", "b", "c", 60, weak),
        ("l3", "c", "d", 60, weak | {"status": "open"}),
        ("l4", "a", "b", 900, RAIL),
    )
    network = build_network(tables, mode="rail")
    found = value_of_sections(network, ["l1", "l2"], make_pairs("a", "b"))
    assert found.sections["lacks"].tolist() == [(), ("a limit bars the load",)]
    assert found.sections["last_h"].tolist() == [24, 0]
    assert found.beside["use"].to_dict() == {"l3": "a limit bars the load"}


def test_what_contradicts_itself_is_refused_in_a_line():
    tables = town(("l1", "a", "b", 60, UNBUILT), ("l2", "a", "b", 90, RAIL))
    pairs = make_pairs("a", "b")
    network = build_network(tables)
    closed = build_network(tables, scenario=Scenario(close=("l1",)))
    by_road = build_network(tables, mode="road")
    for asked, sections, more, words in (
        (closed, ["l1"], {}, "'l1' is both closed and to be valued"),
        (by_road, ["l2"], {}, "'l2' is one by rail"),
        (network, {"x": ["l1"], "y": ["l1"]}, {}, "in two sections, 'x' and 'y'"),
        (network, {"x": []}, {}, "no sections"),
        (network, ["l1"], {"samples": 1}, "samples 1 should be at least 2"),
        (network, ["l1"], {"seed": -1}, "seed -1 should be at least 0"),
    ):
        with pytest.raises(InputError, match=words):
            value_of_sections(asked, sections, pairs, **more)
    many = town(*((f"l{i}", "a", "b", 60, UNBUILT) for i in range(201)))
    network = build_network(many)
    with pytest.raises(InputError, match="201 sections; there should be at most 200"):
        value_of_sections(network, choose_sections(network, ["*"]), pairs)


@pytest.fixture(scope="module")
def tables():
    return read_tables()


RAIL_WEST = ("viii-rail-00*", "access-rail-durres_port")


def test_on_the_real_network_some_sets_are_those_of_networks_built_for_them(tables):
    # halts of trains hang on which railways meet: leaving arcs out must be the same
    network = build_network(tables, mode="rail")
    sections = choose_sections(network, ["viii-rail-*", *RAIL_WEST[1:]])
    found = value_of_sections(network, sections)
    pairs = found.pairs
    built = with_all(network, sections)
    assert built.scenario.open_ == tuple(sorted(sections))
    everything = hours(tables, pairs, sections, (), mode="rail")
    nothing = hours(tables, pairs, (), sections, mode="rail")
    assert pairs["before_h"].tolist() == pytest.approx(nothing)
    assert pairs["after_h"].tolist() == pytest.approx(everything)
    for left_out in ("viii-rail-007", "viii-rail-014"):
        rest = set(sections) - {left_out}
        at = hours(tables, pairs, rest, {left_out}, mode="rail")
        told = worth(pairs, everything, nothing, everything)
        less = worth(pairs, at, nothing, everything)
        row = found.sections.loc[left_out]
        assert row["last_h"] == pytest.approx(told[0] - less[0], abs=1e-9)


def test_corridor_viii_rail_west_of_kicevo_is_one_chain(tables):
    # Durrës to Kičevo has no other railway, so no section adds anything alone, and
    # each as much as the whole chain once the others are there
    network = build_network(tables, mode="rail")
    sections = choose_sections(network, RAIL_WEST)
    found = value_of_sections(network, sections)
    table = found.sections
    assert len(table) == 9
    assert (table["alone_h"] == 0).all()
    assert table["last_h"].tolist() == pytest.approx([found.total_h] * 9)
    assert table["mean_h"].tolist() == pytest.approx([found.total_h / 9] * 9)
    # Durrës is one entry port of several: its pairs get a way, the others keep theirs
    assert 0 < found.total_reached < 0.5


def test_light_trains_give_the_gap_at_the_bulgarian_border_a_worth(tables):
    # 18 t of axle load at Kyustendil bar ordinary freight, not a light vehicle on its
    # wagon: from Kumanovo to Gyueshevo three sections need each other
    gap = [f"viii-rail-01{i}" for i in (4, 5, 6)]
    worths = {}
    for load in ("freight", "afv_8x8"):
        network = build_network(tables, mode="rail", vehicle=load, unknown="admit")
        sections = [*choose_sections(network, RAIL_WEST), *gap]
        worths[load] = value_of_sections(network, sections)
    assert (worths["freight"].sections.loc[gap, "mean_h"] == 0).all()
    assert "viii-rail-017" in worths["freight"].beside.index
    light = worths["afv_8x8"].sections.loc[gap]
    assert (light["alone_h"] == 0).all()
    assert light["last_h"].min() > 0
    for column in ("last_h", "mean_h"):
        assert light[column].tolist() == pytest.approx([light[column].iloc[0]] * 3)


def test_the_last_section_is_worth_what_its_loss_costs(tables):
    # a second method, from replacement paths: losing one link of the full network
    network = build_network(tables, mode="road")
    sections = choose_sections(network, ["viii-road-*"])
    found = value_of_sections(network, sections)
    full = with_all(network, sections)
    lost = bottlenecks(full, default_pairs(full)).links["delay_h"]
    told = found.sections["last_h"]
    assert told.to_dict() == pytest.approx(lost[told.index].to_dict(), abs=1e-9)
    assert told.max() > 0


def test_sampling_agrees_with_exact_values_within_its_errors(tables):
    network = build_network(tables)
    sections = choose_sections(network, ["viii-road-*", "x-road-1*"], with_open=True)
    some = dict(itertools.islice(sections.items(), 0, None, 5))
    few = {name: some[name] for name in [*some][:12]}
    known = value_of_sections(network, few).sections
    found = value_of_sections(network, few, samples=300, seed=3)
    assert found.samples == 300
    drawn = found.sections.loc[known.index]
    off = (drawn["mean_h"] - known["mean_h"]).abs()
    assert (off <= 4 * drawn["error_h"] + 1e-9).all()
    assert (known["error_h"] == 0).all()
    assert drawn["last_h"].tolist() == pytest.approx(known["last_h"].tolist())


def test_beyond_what_can_be_exact_orders_are_drawn_and_errors_told(tables):
    network = build_network(tables, mode="road")
    sections = choose_sections(network, ["viii-road-*"], with_open=True)
    ports = make_pairs(["durres_port"], ["burgas_port", "varna_port"])
    found = value_of_sections(network, sections, ports, samples=10, seed=2)
    again = value_of_sections(network, sections, ports, samples=10, seed=2)
    assert len(sections) > 20
    assert found.sections["error_h"].max() > 0
    assert found.sections.equals(again.sections)
    assert found.sections["mean_h"].sum() == pytest.approx(found.total_h)


def test_a_scenario_that_keeps_a_state_out_leaves_its_sections_without_worth(tables):
    network = build_network(
        tables, mode="road", scenario=make_scenario(tables, deny=["BG"])
    )
    ports = make_pairs(["durres_port"], ["constanta_port"])
    found = value_of_sections(network, ["viii-road-145", "viii-road-007"], ports)
    assert found.sections["lacks"]["viii-road-145"] == ("excluded by the question",)
    assert found.sections["mean_h"]["viii-road-145"] == 0
