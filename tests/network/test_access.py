"""What a load may pass, against the worked examples of the sources."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.data.tables import read_tables
from mobility.errors import DataError, UnknownNameError
from mobility.model import Mode, Vehicle
from mobility.network.access import (
    ALONE,
    OUT_OF_GAUGE,
    PERMIT,
    Standards,
    Verdict,
    judge,
    offer,
    read_standards,
    read_vehicle,
    train_profile,
    worst,
)
from mobility.network.costs import Rules, read_rules

LAW = {
    "legal_gross_t": 40.0,
    "legal_axle_t": 11.5,
    "legal_height_m": 4.0,
    "legal_width_m": 2.55,
}
RULES = Rules(
    {
        "permit_width_m": [({"mode": "road", "road_class": "main"}, 4.0)],
        "mlc_per_t": [({"load_class": "transporter"}, 1.102)],
        "built_axle_load_t": [({"mode": "rail"}, 22.5)],
        "built_mass_per_m_t": [({"mode": "rail"}, 8.0)],
        "access_train_length_m": [({"mode": "rail"}, 740.0)],
    }
)
ROAD = {
    "mode": "road",
    "status": "open",
    "opens": None,
    "road_class": "main",
    "kind": "section",
}
ROAD |= dict.fromkeys(("gross_weight_t", "axle_load_t", "height_m", "width_m"))
RAIL = {"mode": "rail", "status": "open", "opens": None, "kind": "section"}
RAIL |= dict.fromkeys(
    ("axle_load_t", "line_category", "train_length_m", "pc_code", "loading_gauge")
)


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.fixture(scope="module")
def standards(tables):
    return read_standards(tables)


def verdict(load, link, standards=None):
    """What bars, else what is unknown, else what passes, as text."""
    standards = standards or Standards()
    found = judge(load, link, country=LAW, rules=RULES, standards=standards)
    bad = worst(found)
    return bad.verdict if bad else Verdict.PASSES


def road_load(**demands):
    return Vehicle("load", Mode.ROAD, "", **demands)


def rail_load(**demands):
    return Vehicle("load", Mode.RAIL, "", **demands)


def test_the_order_of_categories_is_partial(standards):
    c4, d2 = standards.category("C4"), standards.category("D2")
    assert c4 == (20.0, 8.0)
    assert d2 == (22.5, 6.4)
    assert standards.category("C3") == (20.0, 7.2)


@pytest.mark.parametrize("category", ["C3", "B2"])
def test_a_tank_passes_on_six_axles_and_not_on_four(tables, standards, category):
    link = RAIL | {"line_category": category, "train_length_m": 500.0}
    six = read_vehicle(tables, "tank_train_6axle")[Mode.RAIL]
    four = read_vehicle(tables, "tank_train_4axle")[Mode.RAIL]
    assert verdict(six, link, standards) == Verdict.PASSES
    assert verdict(four, link, standards) == Verdict.BARRED


WORMS = ROAD | {
    "mlc_wheeled_two_way": 60,
    "mlc_tracked_two_way": 50,
    "mlc_wheeled_one_way": 90,
    "mlc_tracked_one_way": 90,
}


@pytest.mark.parametrize(
    ("demand", "expected", "column", "condition"),
    [
        ({"mlc_tracked": 70}, "passes", "mlc_tracked_one_way", ALONE),
        ({"mlc_wheeled": 60}, "passes", "mlc_wheeled_two_way", ""),
        ({"mlc_tracked": 50}, "passes", "mlc_tracked_two_way", ""),
        ({"mlc_wheeled": 100}, "barred", "mlc_wheeled_one_way", ""),
    ],
)
def test_the_bridge_at_worms(demand, expected, column, condition):
    load = road_load(**demand)
    (found,) = judge(load, WORMS, country=LAW, rules=RULES, standards=Standards())
    assert (found.verdict, found.column, found.condition) == (
        expected,
        column,
        condition,
    )


@pytest.mark.parametrize(
    ("tank", "expected"), [(48, "passes"), (52, "barred"), (44, "passes")]
)
def test_published_tank_classes_on_a_bridge_of_class_50(tank, expected):
    bridge = ROAD | {"mlc_tracked_two_way": 50}
    assert verdict(road_load(mlc_tracked=tank), bridge) == expected


def test_a_posted_class_settles_the_mass_and_a_posted_mass_the_class():
    load = road_load(gross_t=109.6, axle_load_t=13.6, mlc_wheeled=120)
    assert verdict(load, ROAD) == Verdict.UNKNOWN
    assert verdict(load, ROAD | {"mlc_wheeled_one_way": 120}) == Verdict.PASSES
    civil = ROAD | {"gross_weight_t": 130.0, "axle_load_t": 14.0}
    assert verdict(load, civil) == Verdict.PASSES
    # nine axles at 118 t or so: below 130 t, but too much on an axle
    assert verdict(load, civil | {"axle_load_t": 12.23}) == Verdict.BARRED
    # what is posted bars in either system
    assert verdict(load, civil | {"mlc_wheeled_two_way": 60}) == Verdict.BARRED
    # limits made for lorries prove nothing of tracks
    assert verdict(road_load(gross_t=43.0, mlc_tracked=50), civil) == Verdict.UNKNOWN


def test_an_estimate_is_told_and_decides_nothing():
    load = road_load(load_class="transporter", mlc_wheeled=120, axle_load_t=13.6)
    link = ROAD | {"gross_weight_t": 130.0}
    found = judge(load, link, country=LAW, rules=RULES, standards=Standards())
    axle, estimate = found
    assert axle.verdict == Verdict.UNKNOWN
    assert estimate.source == "estimate"
    assert estimate.offered == pytest.approx(143.26)
    assert estimate.verdict == Verdict.UNKNOWN


def test_width_beyond_the_law_passes_under_permit_and_is_marked():
    (found,) = judge(
        road_load(width_m=3.7), ROAD, country=LAW, rules=RULES, standards=Standards()
    )
    assert (found.verdict, found.source) == (Verdict.PASSES, "estimate")
    assert found.condition == PERMIT
    assert verdict(road_load(width_m=4.1), ROAD) == Verdict.UNKNOWN
    narrow = ROAD | {"width_m": 3.0}
    assert verdict(road_load(width_m=3.7), narrow) == Verdict.BARRED
    urban = ROAD | {"road_class": "urban"}
    assert verdict(road_load(width_m=3.7), urban) == Verdict.UNKNOWN


def test_an_out_of_gauge_train_is_a_condition_unless_a_width_is_known():
    load = rail_load(width_m=3.7, exceptional="yes")
    (found,) = judge(load, RAIL, country={}, rules=RULES, standards=Standards())
    assert (found.verdict, found.condition) == (Verdict.PASSES, OUT_OF_GAUGE)
    assert verdict(load, RAIL | {"exceptional_width_m": 3.5}) == Verdict.BARRED
    assert verdict(load, RAIL | {"exceptional_width_m": 3.8}) == Verdict.PASSES


def test_long_trains_and_semi_trailers():
    long = rail_load(train_length_m=740.0)
    assert verdict(long, RAIL) == Verdict.UNKNOWN
    assert verdict(long, RAIL | {"train_length_m": 600.0}) == Verdict.BARRED
    assert verdict(long, RAIL | {"train_length_m": 750.0}) == Verdict.PASSES
    assert verdict(long, RAIL | {"kind": "access"}) == Verdict.PASSES
    trailers = rail_load(pc_number=400)
    assert verdict(trailers, RAIL) == Verdict.UNKNOWN
    assert verdict(trailers, RAIL | {"pc_code": "P/C 80/410"}) == Verdict.PASSES
    assert verdict(trailers, RAIL | {"pc_code": "P/C 80/380"}) == Verdict.BARRED
    assert train_profile(None) is None


def test_a_category_the_table_lacks_is_a_problem_of_the_data():
    load = rail_load(axle_load_t=20.0)
    with pytest.raises(DataError, match="no category 'D4'"):
        verdict(load, RAIL | {"line_category": "D4"})


def test_an_unknown_vehicle_comes_with_the_nearest(tables):
    with pytest.raises(UnknownNameError, match="did you mean 'tank_transporter'"):
        read_vehicle(tables, "tank_transportr")


NUMBERS = ("gross_t", "axle_load_t", "height_m", "width_m")
CLASSED = ("mlc_wheeled", "mlc_tracked")
ON_RAIL = ("axle_load_t", "mass_per_m_t", "train_length_m", "pc_number", "width_m")
RANGES = {
    "gross_t": (1, 140),
    "axle_load_t": (1, 30),
    "height_m": (1, 6),
    "width_m": (1, 5),
    "mass_per_m_t": (1, 10),
    "train_length_m": (50, 800),
    "pc_number": (300, 450),
    "mlc_wheeled": (4, 150),
    "mlc_tracked": (4, 150),
}


def amounts(name):
    return st.integers(*RANGES[name]).map(float)


@st.composite
def pairs(draw, names, classed=()):
    """A load, and one that asks at least as much in everything.

    Both have a military class or neither, and a mass with it: a load without a class is
    not one of class 0, but must show its mass and axle load instead.
    """
    classes = [n for n in classed if draw(st.booleans())]
    chosen = [n for n in names if draw(st.booleans()) or (classes and n == "gross_t")]
    chosen += classes
    less = {n: draw(amounts(n)) for n in chosen}
    more = {n: max(v, draw(amounts(n))) for n, v in less.items()}
    more |= {
        n: draw(amounts(n)) for n in names if draw(st.booleans()) and n not in less
    }
    return less, more


@st.composite
def roads(draw):
    limits = ("gross_weight_t", "axle_load_t", "height_m", "width_m")
    link = dict(ROAD)
    for limit, demand in zip(limits, NUMBERS, strict=True):
        link[limit] = draw(st.none() | amounts(demand))
    for column in CLASSED:
        for ways in ("one_way", "two_way"):
            link[f"{column}_{ways}"] = draw(st.none() | amounts(column))
    return link


@st.composite
def railways(draw, categories):
    return RAIL | {
        "axle_load_t": draw(st.none() | st.sampled_from([16.0, 18.0, 20.0, 22.5])),
        "line_category": draw(st.none() | st.sampled_from(sorted(categories))),
        "train_length_m": draw(st.none() | amounts("train_length_m")),
        "pc_code": draw(st.none() | st.sampled_from(["P/C 80/410", "P/C 50/380"])),
        "exceptional_width_m": draw(st.none() | amounts("width_m")),
        "status": draw(st.sampled_from(["open", "planned"])),
    }


ORDER = {Verdict.PASSES: 0, Verdict.UNKNOWN: 1, Verdict.BARRED: 2}


@given(pairs(NUMBERS, CLASSED), roads())
def test_asking_more_of_a_road_never_passes_more(loads, link):
    less, more = (verdict(road_load(**demands), link) for demands in loads)
    assert ORDER[less] <= ORDER[more]


@given(st.data())
def test_asking_more_of_a_railway_never_passes_more(standards, data):
    loads = data.draw(pairs(ON_RAIL))
    link = data.draw(railways(standards.categories))
    less, more = (verdict(rail_load(**d), link, standards) for d in loads)
    assert ORDER[less] <= ORDER[more]


@given(st.data())
def test_a_load_that_asks_one_thing_passes_just_up_to_the_offer(standards, data):
    link = data.draw(st.one_of(roads(), railways(standards.categories)))
    rail = link["mode"] == "rail"
    names = set(ON_RAIL) - {"width_m"} if rail else {*NUMBERS, *CLASSED}
    name = data.draw(st.sampled_from(sorted(names)))
    most = offer(name, link, country=LAW, rules=RULES, standards=standards)
    load = rail_load if rail else road_load
    if most.value is None:
        needed = data.draw(amounts(name))
        assert verdict(load(**{name: needed}), link, standards) == Verdict.UNKNOWN
        return
    at, above = (load(**{name: most.value + extra}) for extra in (0.0, 0.01))
    # a class that two-way and one-way posts contradict on passes by the higher
    assert verdict(at, link, standards) == Verdict.PASSES
    wanted = Verdict.BARRED if most.bars else Verdict.UNKNOWN
    assert verdict(above, link, standards) == wanted


@pytest.mark.parametrize("vehicle", ["tank_transporter", "tank_train_4axle", "truck"])
def test_every_real_link_bars_more_where_more_is_asked(tables, vehicle):
    rules, standards = read_rules(tables.rules), read_standards(tables)
    countries = tables.countries.astype(object).where(tables.countries.notna(), None)
    links = tables.links.astype(object).where(tables.links.notna(), None)
    for mode, load in read_vehicle(tables, vehicle).items():
        names = [f.name for f in fields(Vehicle) if f.name in RANGES]
        asked = [n for n in names if getattr(load, n) is not None]
        heavier = replace(load, **{n: getattr(load, n) * 1.1 for n in asked})
        for _, link in links[links["mode"] == mode].iterrows():
            if mode == Mode.FERRY:
                continue
            kwargs = {"country": countries.loc[link["country"]], "rules": rules}
            verdicts = [
                bad.verdict if bad else Verdict.PASSES
                for each in (load, heavier)
                for bad in [worst(judge(each, link, standards=standards, **kwargs))]
            ]
            assert ORDER[verdicts[0]] <= ORDER[verdicts[1]]
