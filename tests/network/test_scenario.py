import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.data.tables import read_tables
from mobility.errors import InputError, UnknownNameError
from mobility.network.scenario import Scenario, combine, make_scenario, read_scenario
from tests.toy import toy

LINKS = ("l1", "l2", "l3")


@pytest.fixture
def tables():
    return toy(("l1", "a", "b", 1), ("l2", "b", "c", 1), ("l3", "a", "c", 1))


def test_names_are_found_as_a_user_writes_them(tables):
    made = make_scenario(tables, close=["L1", "B"], without=["Corridor VIII"])
    assert made == Scenario(close=("b", "l1"), without=("viii",))


def test_a_file_gives_what_the_options_give(tables, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'title = "t"\nclose = ["l1"]\nopen = ["l2"]\nyear = 2030\n'
        'regime = "precleared"\nwithout = ["x"]\n'
    )
    asked = make_scenario(
        tables,
        close=["l1"],
        open_=["l2"],
        year=2030,
        regime="precleared",
        without=["x"],
    )
    assert read_scenario(tables, str(path)) == asked


@given(st.lists(st.sets(st.sampled_from(LINKS))), st.sampled_from([None, 2030]))
def test_combining_adds_closures_whatever_the_order(closed, year):
    parts = [Scenario(close=tuple(sorted(links))) for links in closed]
    parts.append(Scenario(year=year))
    joined = combine(parts)
    assert joined == combine(parts[::-1])
    assert set(joined.close) == set().union(*closed)
    assert joined.year == year


def test_the_shipped_scenarios_fit_the_shipped_data():
    tables = read_tables()
    names = [path.stem for path in (tables.root / "scenarios").glob("*.toml")]
    assert names
    for name in names:
        assert read_scenario(tables, name) != Scenario()


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("clos = []", InputError, "no key 'clos'; there are title, close, open"),
        ("close = 'l1'", InputError, "should be of type list of strings"),
        ("close = [1]", InputError, "should be of type list of strings"),
        ("year = true", InputError, "should be of type int"),
        ("year = 1999", InputError, "year 1999 is out of range"),
        ("close = ['l9']", UnknownNameError, "no link or place 'l9'"),
        ("close = ['l1']\nopen = ['l1']", InputError, "both closed and opened"),
        ("close = [", InputError, "is not TOML"),
        ("regime = 'war'", UnknownNameError, "there are current, precleared"),
        ("without = ['ix']", UnknownNameError, "no corridor 'ix'"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tables, tmp_path, text, error, message):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(error, match=message) as caught:
        read_scenario(tables, str(path))
    assert "\n" not in str(caught.value)


def test_what_one_opens_another_may_not_close():
    with pytest.raises(InputError, match="'l1' is both closed and opened"):
        combine([Scenario(close=("l1",)), Scenario(open_=("l1",))])
