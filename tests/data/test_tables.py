"""Reading: typed frames from sound files, every problem from broken ones."""

import csv
import io
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobility.data.checks import check_tables
from mobility.data.schema import complain
from mobility.data.sheets import read_draft
from mobility.data.tables import TABLES, read_tables
from mobility.errors import DataError, MissingDataError


def read_problems(folder):
    """Return what reading an already written folder complains about."""
    with pytest.raises(DataError) as caught:
        read_tables(folder.root)
    return folder.short(caught.value.problems)


def rewrite(folder, path, change):
    """Write the folder, then change the bytes of one file."""
    file = folder.write() / path
    file.write_bytes(change(file.read_bytes()))


def test_frames_are_indexed_by_key(folder):
    tables = read_tables(folder.write())
    assert tables.nodes.index.name == "node_id"
    assert list(tables.borders.index.names) == [
        "node_id",
        "mode",
        "from_country",
        "to_country",
    ]
    assert tables.links.at["viii-road-002", "file"] == "viii"
    assert tables.links.at["ferry-001", "file"] == "ferries"
    assert ("links", "viii-road-003", "*") in tables.provenance.index
    assert tables.data_year == 2026
    assert tables.package["name"] == "mobility-corridors"


def test_empty_cells_are_missing_and_text_ones_are_falsy(folder):
    links = read_tables(folder.write()).links
    assert links["length_km"].dtype == float
    assert links["opens"].dtype == "Int64"
    assert links.at["viii-road-003", "opens"] == 2030
    assert links.at["viii-road-001", "opens"] is pd.NA
    assert links.at["viii-road-001", "name"] is None
    assert np.isnan(links.at["viii-road-001", "axle_load_t"])


def test_a_code_that_looks_like_a_missing_value_stays_text(folder):
    folder.row("nodes.csv", "town")["name"] = "NA"
    assert read_tables(folder.write()).nodes.at["town", "name"] == "NA"


def test_geometry_is_read_on_demand(folder):
    tables = read_tables(folder.write())
    assert tables.geometry["viii-road-003"] == ((20.5, 41.2), (20.8, 41.1))
    assert len(tables.geometry) == 6
    with pytest.raises(TypeError):
        tables.geometry["viii-road-003"] = ()


def test_broken_geometry_fails_when_it_is_asked_for(folder):
    tables = read_tables(folder.write())
    (folder.root / "geometry" / "all.geojson").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"all.geojson:1: not JSON"):
        _ = tables.geometry


def test_the_order_of_rows_changes_nothing_but_the_version(folder, make_folder):
    other = make_folder()
    for rows in other.tables.values():
        rows.reverse()
    one, two = read_tables(folder.write()), read_tables(other.write())
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert one.version != two.version


def test_the_version_is_that_of_the_content_not_of_the_place(folder, make_folder):
    one, two = read_tables(folder.write()), read_tables(make_folder().write())
    assert one.version == two.version
    assert re.fullmatch("[0-9a-f]{12}", one.version)
    folder.row("nodes.csv", "town")["name"] = "Towne"
    assert read_tables(folder.write()).version != two.version


def test_what_is_no_data_does_not_change_the_version(folder):
    before = read_tables(folder.write()).version
    (folder.root / "README.md").write_text("hello", encoding="utf-8")
    assert read_tables(folder.root).version == before


def test_a_scenario_changes_the_version(folder):
    before = read_tables(folder.write()).version
    (folder.root / "scenarios").mkdir()
    scenario = folder.root / "scenarios" / "flood.toml"
    versions = {before}
    for text in ("close = []", 'close = ["viii-road-001"]'):
        scenario.write_text(text, encoding="utf-8")
        versions.add(read_tables(folder.root).version)
    assert len(versions) == 3
    scenario.unlink()
    assert read_tables(folder.root).version == before


def test_a_byte_order_mark_and_carriage_returns_are_tolerated(folder):
    def as_windows(data):
        return b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")

    sound = read_tables(folder.write())
    rewrite(folder, "nodes.csv", as_windows)
    pd.testing.assert_frame_equal(read_tables(folder.root).nodes, sound.nodes)


def test_a_missing_folder(tmp_path):
    with pytest.raises(MissingDataError, match="no data folder"):
        read_tables(tmp_path / "nowhere")


def test_a_folder_without_a_contract(folder):
    (folder.write() / "datapackage.json").unlink()
    with pytest.raises(MissingDataError, match="not a data folder"):
        read_tables(folder.root)


def test_a_missing_table(folder):
    (folder.write() / "ports.csv").unlink()
    message = "ports.csv: is missing; datapackage.json lists it as 'ports'"
    assert read_problems(folder) == [message]


def test_missing_links(folder):
    shutil.rmtree(folder.write() / "links")
    assert read_problems(folder) == [
        f"links/{name}.csv: is missing; datapackage.json lists it as 'links'"
        for name in ("connections-mk", "ferries", "viii")
    ]


def test_one_of_several_files_missing_says_nothing_of_what_refers_to_it(folder):
    folder.resources["nodes"]["path"] = ["nodes.csv", "more.csv"]
    folder.link("viii-road-002")["to_node"] = "gatte"
    folder.write()
    message = "more.csv: is missing; datapackage.json lists it as 'nodes'"
    assert read_problems(folder) == [message]


def test_a_table_that_is_a_folder(folder):
    (folder.write() / "ports.csv").unlink()
    (folder.root / "ports.csv").mkdir()
    assert read_problems(folder) == ["ports.csv: cannot be read: Is a directory"]


def test_an_empty_file(folder):
    rewrite(folder, "bases.csv", lambda _: b"")
    assert read_problems(folder) == ["bases.csv: is empty: not even a header"]


def test_all_broken_cells_are_listed(folder):
    folder.link("viii-road-001").update(axle_load_t="225", lanes="two", mode="air")
    folder.row("nodes.csv", "town").update(lat="", kind="village")
    folder.write()
    assert read_problems(folder) == [
        "links/viii.csv:3: axle_load_t: 225 t is outside 1 to 35 t",
        "links/viii.csv:3: lanes: 'two' is not an integer",
        "links/viii.csv:3: mode: 'air' is not one of road, rail, ferry",
        "nodes.csv:7: kind: 'village' is not one of city, junction, port, base,"
        " border, airport, terminal",
        "nodes.csv:7: lat: is empty but required",
    ]


def test_a_missing_an_unknown_and_a_repeated_column(folder):
    def change(data):
        return data.replace(b"terrain", b"terain", 1).replace(b",width_m", b",lanes", 1)

    rewrite(folder, "links/viii.csv", change)
    assert read_problems(folder) == [
        "links/viii.csv:1: lanes: column stands twice",
        "links/viii.csv:1: terain: datapackage.json has no such column;"
        " did you mean 'terrain'?",
        "links/viii.csv:1: terrain: column is missing",
        "links/viii.csv:1: width_m: column is missing",
    ]


def test_ragged_and_blank_rows(folder):
    rewrite(folder, "countries.csv", lambda data: data + b"\nGR,Greece\n")
    width = len(folder.columns("countries.csv"))
    assert read_problems(folder) == [
        "countries.csv:5: is blank",
        f"countries.csv:6: has 2 cells, the header has {width}",
    ]


def test_a_key_that_stands_twice_also_in_another_file(folder):
    folder.link("mk-road-001")["link_id"] = "viii-road-001"
    folder.write()
    assert read_problems(folder) == [
        "links/viii.csv:3: link_id: 'viii-road-001' stands already at"
        " links/connections-mk.csv:2"
    ]


def test_a_name_that_is_nowhere_comes_with_the_nearest(folder):
    folder.link("viii-road-002")["to_node"] = "gatte"
    folder.write()
    assert read_problems(folder) == [
        "links/viii.csv:4: to_node: no 'gatte' in nodes.csv; did you mean 'gate'?"
    ]


def test_nothing_is_concluded_from_rows_that_could_not_be_read(folder):
    rewrite(folder, "nodes.csv", lambda data: data.replace(b"Town", b"To,wn"))
    width = len(folder.columns("nodes.csv"))
    assert read_problems(folder) == [
        f"nodes.csv:7: has {width + 1} cells, the header has {width}"
    ]


def test_bytes_that_are_not_utf_8(folder):
    rewrite(folder, "nodes.csv", lambda data: data.replace(b"Plain", b"Pl\xe4in"))
    assert read_problems(folder) == ["nodes.csv:6: byte 0xe4 is not UTF-8"]


def test_a_quote_that_never_ends(folder):
    rewrite(folder, "nodes.csv", lambda data: data.replace(b"Plain", b'"Plain'))
    (problem,) = read_problems(folder)
    assert problem.startswith("nodes.csv:6: not CSV from here on: ")


def test_lines_are_counted_through_cells_that_span_them(folder):
    folder.row("nodes.csv", "gate")["other_names"] = "one\ntwo\r\nthree\rfour"
    folder.row("nodes.csv", "town")["lat"] = "north"
    folder.write()
    assert read_problems(folder) == ["nodes.csv:10: lat: 'north' is not a number"]


@pytest.mark.parametrize(
    ("link", "cells", "message"),
    [
        (
            "viii-road-001",
            {"road_class": ""},
            "links/viii.csv:3: road_class: a road needs it",
        ),
        (
            "viii-rail-001",
            {"country": "ZZ"},
            "links/viii.csv:2: country: no 'ZZ' in countries.csv",
        ),
        (
            "viii-rail-001",
            {"country": "AL-MK"},
            "links/viii.csv:2: country: AL-MK: a land link lies in one state;"
            " split it there",
        ),
        (
            "ferry-001",
            {"country": "AL-ZZ"},
            "links/ferries.csv:2: country: no 'ZZ' in countries.csv",
        ),
        (
            "ferry-001",
            {"crossing_h": ""},
            "links/ferries.csv:2: crossing_h: a ferry needs it",
        ),
        (
            "ferry-001",
            {"sailings_per_week": ""},
            "links/ferries.csv:2: sailings_per_week: a ferry needs it",
        ),
    ],
)
def test_a_link_that_no_network_can_hold_is_refused(folder, link, cells, message):
    folder.link(link).update(cells)
    folder.write()
    assert read_problems(folder) == [message]


def test_a_crossing_without_a_row_for_each_direction_is_refused(folder):
    folder.tables["borders.csv"].pop(0)
    folder.write()
    assert read_problems(folder) == [
        "nodes.csv:3: node_id: 'gate' has no row in borders.csv by road from AL to MK"
    ]


def test_a_crossing_with_links_on_one_side_needs_no_rows(folder):
    folder.tables["borders.csv"].clear()
    del folder.tables["links/viii.csv"][-1]
    assert len(read_tables(folder.write()).borders) == 0


def test_a_speed_of_0_is_refused(folder):
    folder.row("rules.csv", "speed_hilly")["value"] = 0
    folder.write()
    assert read_problems(folder) == ["rules.csv:3: value: nothing moves at 0"]


def test_what_is_merely_implausible_is_read(folder):
    folder.link("viii-road-001").update(length_km=1, also_on="xyz")
    folder.row("nodes.csv", "plain")["country"] = "ZZ"
    folder.tables["sources.csv"].reverse()
    assert check_tables(folder.write())
    assert read_tables(folder.root).links.at["viii-road-001", "length_km"] == 1


def test_features_of_the_wrong_shape(folder):
    folder.lines[0]["geometry"]["type"] = "Point"
    folder.lines[1]["geometry"]["coordinates"] = [[1, 2]]
    folder.lines[2]["geometry"]["coordinates"] = [[1, 200], [1, 2]]
    folder.lines[3]["properties"] = {}
    folder.lines[4]["geometry"] = None
    folder.lines[5]["geometry"]["coordinates"] = [["1", "2"], ["3", "4"]]
    with pytest.raises(DataError) as caught:
        _ = read_tables(folder.write()).geometry
    assert folder.short(caught.value.problems) == [
        "geometry/all.geojson:2: is no line: geometry is 'Point', not 'LineString'",
        "geometry/all.geojson:3: is no line: it has fewer than two vertices",
        "geometry/all.geojson:4: is no line: vertex [1, 200] is not on earth",
        "geometry/all.geojson:5: is no line: no 'link_id'",
        "geometry/all.geojson:6: is no line: 'NoneType' object is not subscriptable",
        "geometry/all.geojson:7: is no line: vertex ['1', '2'] is not on earth",
    ]


def test_features_stand_one_a_line(folder):
    rewrite(folder, "geometry/all.geojson", lambda data: data.replace(b",\n", b","))
    with pytest.raises(DataError, match="write one feature a line"):
        _ = read_tables(folder.root).geometry


def test_reading_needs_no_heavy_imports():
    code = (
        "import sys; from mobility.data.checks import check_tables; check_tables();"
        "heavy = {'geopandas', 'networkx', 'shapely', 'scipy', 'folium', 'numba'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
) | st.sampled_from(["", "-1", "1e5", "nan", '"', "a\nb", "\r\n", "ü", "99999999999"])
places = st.tuples(
    st.sampled_from(["nodes.csv", "links/viii.csv", "rules.csv", "provenance.csv"]),
    st.integers(0, 1),
    st.integers(0, 40),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(places, cells, cells)
def test_a_broken_cell_is_found_where_it_stands(make_folder, place, cell, before):
    path, row, column = place
    folder = make_folder()
    name = folder.columns(path)[column % len(folder.columns(path))]
    note = {"nodes.csv": "other_names", "links/viii.csv": "pc_code"}.get(path, "note")
    folder.tables[path][0][note] = before
    folder.tables[path][row][name] = cell
    folder.write()
    text = write_quoted(folder, path)
    problems = check_tables(folder.root)
    lines = len(re.split("\r\n|\r|\n", text))
    assert all(0 <= problem.line <= lines for problem in problems)
    contract = read_draft(folder.root).contract
    table = contract.tables["links" if path.startswith("links/") else path[:-4]]
    message = complain(cell, table.fields[table.columns.index(name)])
    if message:
        line = line_of(folder, path, row)
        found = [p for p in problems if (p.line, p.column) == (line, name)]
        assert message in [p.message for p in found if p.file.endswith(path)]


def write_quoted(folder, path):
    """Write a table with every cell in quotes, so that any text may stand in one."""
    stream = io.StringIO(newline="")
    columns = folder.columns(path)
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    for row in folder.tables[path]:
        writer.writerow([row.get(column, "") for column in columns])
    (folder.root / path).write_bytes(stream.getvalue().encode())
    return stream.getvalue()


def line_of(folder, path, row):
    """Return the line a row starts on: 2, and all breaks in the rows before."""
    before = [str(cell) for r in folder.tables[path][:row] for cell in r.values()]
    breaks = sum(len(re.findall("\r\n|\r|\n", cell)) for cell in before)
    return 2 + row + breaks


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["nodes.csv", "links/viii.csv", "geometry/all.geojson"]),
    st.binary(max_size=40),
    st.integers(0, 500),
)
def test_any_bytes_anywhere_yield_problems_and_no_crash(make_folder, path, data, at):
    folder = make_folder()
    rewrite(folder, path, lambda sound: sound[:at] + data + sound[at:])
    for problem in check_tables(folder.root):
        assert problem.line >= 0
        assert problem.message
