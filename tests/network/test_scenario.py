import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.data.rows import corridors_of
from mobility.data.tables import read_tables
from mobility.errors import InputError, UnknownNameError
from mobility.network.build import build_network
from mobility.network.scenario import Lowered, Scenario, combine, make_scenario
from mobility.network.scenario_file import read_file, read_scenario, shipped
from tests.toy import toy

LINKS = ("l1", "l2", "l3")
MOUNTAIN = {"terrain": "mountain", "country": "MK", "file": "viii"}
REAL = read_tables()


@pytest.fixture
def tables():
    return toy(
        ("l1", "a", "b", 1),
        ("l2", "b", "c", 1, MOUNTAIN),
        ("l3", "a", "c", 1, {"mode": "rail"}),
        ("x-1", "c", "x|AL|MK", 1),
    )


def test_names_are_found_as_a_user_writes_them(tables):
    made = make_scenario(
        tables, close=["L1", "B"], without=["Corridor VIII"], deny=["north macedonia"]
    )
    assert made == Scenario(close=("b", "l1"), without=("viii",), deny=("MK",))


def test_a_pattern_stands_for_every_id_it_matches(tables):
    assert make_scenario(tables, open_=["l*"]).open_ == LINKS
    assert make_scenario(tables, close=["[a-c]", "l?"]).close == ("a", "b", "c", *LINKS)
    # of places, crossings alone can be opened
    assert make_scenario(tables, open_=["x*"]).open_ == ("x-1", "x|AL|MK")


def test_a_file_gives_what_the_options_give(tables, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'title = "t"\nnote = "n"\nclose = ["l1"]\nopen = ["l2"]\nyear = 2030\n'
        'regime = "precleared"\nwithout = ["x"]\ndeny = ["AL"]\nallow = ["MK"]\n'
        'transit = "nato"\nslip_years = 2\n'
        '[[downgrade]]\nlinks = ["l*"]\nspeed_factor = 0.5\n'
    )
    asked = make_scenario(
        tables,
        close=["l1"],
        open_=["l2"],
        year=2030,
        regime="precleared",
        without=["x"],
        deny=["AL"],
        allow=["MK"],
        transit="nato",
        slip_years=2,
        downgrade=[{"links": ["l*"], "speed_factor": 0.5}],
    )
    assert read_scenario(tables, str(path)) == asked
    file = read_file(tables, str(path))
    assert (file.title, file.note, file.sources) == ("t", "n", ())


@pytest.mark.parametrize(
    ("selectors", "links"),
    [
        ({"links": ["l1", "l2"]}, {"l1", "l2"}),
        ({"state": ["Albania"]}, {"l1", "l3", "x-1"}),
        ({"corridor": ["viii"]}, {"l2"}),
        ({"terrain": ["mountain"]}, {"l2"}),
        ({"mode": ["rail"]}, {"l3"}),
        ({"mode": ["rail", "road"], "links": ["l*"]}, set(LINKS)),
        ({"mode": ["road"], "state": ["AL"], "links": ["l*"]}, {"l1"}),
    ],
)
def test_a_downgrade_lowers_what_all_its_selectors_choose(tables, selectors, links):
    made = make_scenario(tables, downgrade=[selectors | {"speed_factor": 0.5}])
    assert made.lower == tuple(
        Lowered(link, "speed_factor", 0.5) for link in sorted(links)
    )


def test_a_limit_is_lowered_on_links_of_its_mode_alone(tables):
    downgrade = {"links": ["l*"], "axle_load_t": 10, "trains_per_day": 4}
    assert make_scenario(tables, downgrade=[downgrade]).lower == (
        Lowered("l1", "axle_load_t", 10.0),
        Lowered("l2", "axle_load_t", 10.0),
        Lowered("l3", "axle_load_t", 10.0),
        Lowered("l3", "trains_per_day", 4.0),
    )


@given(st.lists(st.sets(st.sampled_from(LINKS))), st.sampled_from([None, 2030]))
def test_combining_adds_closures_whatever_the_order(closed, year):
    parts = [Scenario(close=tuple(sorted(links))) for links in closed]
    parts.append(Scenario(year=year))
    joined = combine(parts)
    assert joined == combine(parts[::-1])
    assert set(joined.close) == set().union(*closed)
    assert joined.year == year


def _some(*names):
    return st.sets(st.sampled_from(names)).map(lambda found: tuple(sorted(found)))


SCENARIOS = st.builds(
    Scenario,
    close=_some("l1", "l2"),
    open_=_some("l2", "l3"),
    without=_some("vc", "x"),
    deny=_some("AL", "IT"),
    allow=_some("IT", "MK"),
    transit=st.sampled_from([None, None, "nato", "eu_or_nato"]),
    lower=_some(Lowered("l1", "height_m", 3.0), Lowered("l1", "height_m", 4.0)),
    slip_years=st.sampled_from([None, 0, 3]),
    year=st.sampled_from([None, 2028, 2030]),
    regime=st.sampled_from([None, "current", "precleared"]),
)


def _combined(*parts):
    try:
        return combine(parts)
    except InputError:
        return None


@given(SCENARIOS, SCENARIOS, SCENARIOS)
def test_combining_is_associative_and_refuses_whatever_the_order(one, two, three):
    first, last = _combined(one, two), _combined(two, three)
    left = None if first is None else _combined(first, three)
    right = None if last is None else _combined(one, last)
    assert left == right == _combined(one, two, three)
    if first is not None:
        assert _combined(first, Scenario()) == first == _combined(Scenario(), first)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("clos = []", InputError, "no key 'clos'; there are title, note"),
        ("close = 'l1'", InputError, "close = 'l1' should be a list of text"),
        ("close = [1]", InputError, r"close = \[1\] should be a list of text"),
        ("title = 1", InputError, "title = 1 should be text"),
        ("year = true", InputError, "year = True should be a whole number"),
        ("year = 1999", InputError, "year 1999 is out of range: the data answers"),
        ("slip_years = -1", InputError, "slip_years -1 is out of range: 0 to"),
        ("close = ['l9']", UnknownNameError, "close: no link or place 'l9'"),
        ("close = ['z*']", UnknownNameError, r"close: no link or place matches 'z\*'"),
        ("open = ['a']", UnknownNameError, "open: no link or crossing 'a'"),
        ("close = ['l1']\nopen = ['l*']", InputError, "'l1' is both closed and opened"),
        ("close = [", InputError, "is not TOML"),
        ("regime = 'war'", UnknownNameError, "'war'; there are current, precleared"),
        ("transit = 'eu'", UnknownNameError, "no transit 'eu'; there are nato, eu_or"),
        ("without = ['ix']", UnknownNameError, "without: no corridor 'ix'"),
        ("deny = ['Albanai']", UnknownNameError, "deny: no state 'Albanai'; did you"),
        ("deny = ['AL']\nallow = ['AL']", InputError, "'AL' is both denied and allow"),
        ("sources = ['zz']", UnknownNameError, "no source 'zz' in sources.csv"),
        ("downgrade = 1", InputError, "downgrade = 1 should be tables"),
        ("[[downgrade]]", InputError, "a downgrade lowers nothing; it may lower"),
        ("[[downgrade]]\nheight_m = 3", InputError, "it needs one of links, state"),
        ("[[downgrade]]\nlinks = 'l1'", InputError, "links = 'l1' should be a list"),
        (
            "[[downgrade]]\nlinks = ['l9']\nheight_m = 3",
            UnknownNameError,
            "downgrade: no link 'l9'",
        ),
        (
            "[[downgrade]]\nterrain = ['hill']\nheight_m = 3",
            UnknownNameError,
            "no terrain 'hill'; there are flat, hilly, mountain",
        ),
        (
            "[[downgrade]]\nterrain = ['flat']\nheight_m = 3",
            InputError,
            "selects no links: none has terrain",
        ),
        (
            "[[downgrade]]\nlinks = ['l1']\nline_speed_kph = 3",
            UnknownNameError,
            "knows no 'line_speed_kph'; there are links",
        ),
        (
            "[[downgrade]]\nlinks = ['l1']\naxle_load_t = 225",
            InputError,
            "axle_load_t = 225: 225 t is outside 1 to 35 t",
        ),
        (
            "[[downgrade]]\nlinks = ['l1']\naxle_load_t = 'low'",
            InputError,
            "axle_load_t = 'low' should be a number",
        ),
        (
            "[[downgrade]]\nlinks = ['l1']\naxle_load_t = nan",
            InputError,
            "axle_load_t = nan should be a number",
        ),
        (
            "[[downgrade]]\nlinks = ['l3']\nline_category = 'Z'",
            InputError,
            "line_category = 'Z': 'Z' is not one of A, B1",
        ),
        (
            "[[downgrade]]\nlinks = ['l1']\nmlc_wheeled_one_way = 60.5",
            InputError,
            "'60.5' is not an integer",
        ),
        (
            "[[downgrade]]\nlinks = ['l1']\nspeed_factor = 1.5",
            InputError,
            "speed_factor = 1.5 should be above 0 and at most 1",
        ),
        (
            "[[downgrade]]\nlinks = ['l1']\ntrains_per_day = 5",
            InputError,
            "downgrade of trains_per_day selects no link by rail",
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tables, tmp_path, text, error, message):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(error, match=message) as caught:
        read_scenario(tables, str(path))
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read_is_told_from_a_name_that_is_none(tables, tmp_path):
    latin = tmp_path / "latin.toml"
    latin.write_bytes('title = "Vorë"'.encode("latin-1"))
    with pytest.raises(InputError, match="is not UTF-8: byte 13 is wrong"):
        read_scenario(tables, str(latin))
    with pytest.raises(InputError, match=r"cannot read scenario .*: no such file"):
        read_scenario(tables, str(tmp_path / "absent.toml"))
    with pytest.raises(UnknownNameError, match=r"or a file ending in \.toml"):
        read_scenario(tables, "absent")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((Scenario(close=("l1",)), Scenario(open_=("l1",))), "'l1' is both closed and"),
        ((Scenario(deny=("AL",)), Scenario(allow=("AL",))), "'AL' is both denied and"),
        (
            (Scenario(transit="nato"), Scenario(), Scenario(transit="eu_or_nato")),
            "transit is both nato and eu_or_nato",
        ),
    ],
)
def test_scenarios_that_contradict_each_other_are_refused(parts, message):
    with pytest.raises(InputError, match=message):
        combine(parts)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(close=("zz",)),
        Scenario(open_=("a",)),
        Scenario(deny=("ZZ",)),
        Scenario(lower=(Lowered("zz", "height_m", 3.0),)),
        Scenario(lower=(Lowered("l1", "pace", 3.0),)),
    ],
)
def test_a_network_refuses_a_scenario_of_other_tables(tables, scenario):
    with pytest.raises(UnknownNameError, match=r"no .*'(zz|a|ZZ|pace)'"):
        build_network(tables, scenario=scenario)


@pytest.mark.parametrize("name", shipped(REAL))
def test_a_shipped_scenario_says_what_it_is_and_changes_the_network(name):
    file = read_file(REAL, name)
    assert file.title
    today, then = build_network(REAL), build_network(REAL, scenario=file.scenario)
    changed = today.uses != then.uses
    if not changed:
        changed = (today.year, today.regime) != (then.year, then.regime)
    assert changed


def test_the_line_of_kosovo_and_serbia_is_closed_at_every_crossing():
    crossings = REAL.nodes.index[REAL.nodes["country"] == "RS-XK"]
    closed = read_scenario(REAL, "kosovo_serbia_line_closed").close
    assert list(closed) == sorted(crossings)


@pytest.mark.parametrize(("mode", "other"), [("road", "rail"), ("rail", "road")])
def test_a_corridor_complete_has_no_gap_left(mode, other):
    network = build_network(
        REAL, scenario=read_scenario(REAL, f"corridor_viii_{mode}"), unknown="admit"
    )
    today = build_network(REAL, unknown="admit")
    shut = {"road": set(), "rail": set()}
    for link, row, use in zip(
        network.link_ids, network.rows, network.uses, strict=True
    ):
        if "viii" in corridors_of(row) and use.startswith("nothing passes"):
            shut[row["mode"]].add(link)
    assert not shut[mode]
    assert shut[other] == {
        link
        for link, use in zip(today.link_ids, today.uses, strict=True)
        if use.startswith("nothing passes") and link.startswith(f"viii-{other}-")
    }


def test_complete_is_road_and_rail_together():
    parts = [read_scenario(REAL, f"corridor_viii_{mode}") for mode in ("road", "rail")]
    assert combine(parts) == read_scenario(REAL, "corridor_viii_complete")
