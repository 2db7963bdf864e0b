"""The page a map is written as, without opening it."""

from __future__ import annotations

import dataclasses
import html
import itertools
import json
import re
import shutil
from html.parser import HTMLParser

import folium
import pytest

from mobility.data.tables import read_tables
from mobility.errors import DataError, InputError, OutputError, UnknownNameError
from mobility.model import Mode, Status
from mobility.report import style
from mobility.report.leaflet import DataLayer, external_requests, script_json
from mobility.report.maps import corridor_map, delay_layers, save_map
from mobility.report.popups import corridor_of
from tests.report.conftest import EVIL


def layers(drawn):
    return {
        child.layer_name: child
        for child in drawn._children.values()
        if isinstance(child, DataLayer)
    }


def page(drawn):
    return drawn.get_root().render()


def link_ids(drawn):
    return [
        row[0]
        for layer in layers(drawn).values()
        if layer.function == "mobility.lines"
        for row in layer.data["links"]
    ]


class Tags(HTMLParser):
    """The tags and attributes of a page, as a browser would meet them."""

    def __init__(self):
        super().__init__()
        self.found, self.attributes = [], set()

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        self.attributes |= {name for name, _ in attrs}


def popup(layer, record):
    """Spell a popup out as its title, subtitle, rows and notes."""
    texts, sources = layer.data["texts"], layer.data["sources"]
    rows = {
        texts[label]: (texts[value], texts[basis], source >= 0 and sources[source][0])
        for _, section in record[2]
        for label, value, basis, source in section
    }
    return texts[record[0]], texts[record[1]], rows, [texts[n] for n in record[3]]


def test_every_link_is_drawn_once(tables):
    drawn = corridor_map(tables)
    assert sorted(link_ids(drawn)) == sorted(tables.links.index)
    text = page(drawn)
    for link in tables.links.index:
        assert text.count(f'["{link}",') == 1


def test_every_link_of_the_shipped_data_is_drawn_once_in_under_2_mb():
    tables = read_tables()
    drawn = corridor_map(tables, offline=True)
    assert sorted(link_ids(drawn)) == sorted(tables.links.index)
    assert len(page(drawn).encode()) < 2_000_000


def test_every_place_stands_in_one_layer(tables):
    rows = [
        row[0]
        for layer in layers(corridor_map(tables)).values()
        if layer.function == "mobility.places"
        for row in layer.data["places"]
    ]
    assert sorted(rows) == sorted(tables.nodes.index)


def test_links_stand_in_the_layer_of_their_corridor_mode_and_state(tables):
    found = {
        name: [row[0] for row in layer.data["links"]]
        for name, layer in layers(corridor_map(tables)).items()
        if layer.function == "mobility.lines"
    }
    assert found == {
        "Corridor VIII, road": ["viii-road-01"],
        "Corridor VIII, rail": ["viii-rail-01"],
        "Not built": ["viii-road-02"],
        "Connections, road": ["connections-mk-road-01"],
        "Ferries": ["ferry-01"],
    }


def test_a_link_follows_its_line_or_else_runs_straight(tables):
    lines = {
        row[0]: row[4]
        for layer in layers(corridor_map(tables)).values()
        if layer.function == "mobility.lines"
        for row in layer.data["links"]
    }
    assert lines["viii-road-01"] == [19.45, 41.32, 20.4, 41.1, 21.43, 42.0]
    assert lines["viii-rail-01"] == [19.45, 41.32, 21.43, 42.0]


def test_a_popup_gives_each_value_with_unit_basis_and_source(tables):
    layer = layers(corridor_map(tables))["Corridor VIII, road"]
    title, about, rows, notes = popup(layer, layer.data["links"][0][3])
    assert title == "Durrës – Skopje"
    assert about == "A2 'x' <b> · road · section · AL · Corridor VIII · viii-road-01"
    assert rows["Length"] == ("290.25 km", "assumed", EVIL)
    assert rows["Axle load"] == ("11.5 t", "published", "A good source")
    assert "Height" not in rows  # unknown is not shown as a value
    assert notes == [EVIL, "Axle load: x"]


def test_a_port_and_a_crossing_tell_their_own_rows(tables):
    drawn = layers(corridor_map(tables))
    ports = {row[0]: row[5] for row in drawn["Ports"].data["places"]}
    rows = popup(drawn["Ports"], ports["durres_port"])[2]
    assert rows["Depth"] == ("11.5 m", "measured", "A good source")
    crossing = drawn["Border crossings"]
    headings = [crossing.data["texts"][h] for h, _ in crossing.data["places"][0][5][2]]
    assert headings == ["", "Road, BG → MK", "Road, MK → BG"]


def test_an_air_base_is_drawn_as_an_airport(tables):
    drawn = layers(corridor_map(tables))
    assert [row[0] for row in drawn["Airports and air bases"].data["places"]] == [
        "field"
    ]
    assert [row[0] for row in drawn["Bases"].data["places"]] == ["camp"]


def test_text_from_data_cannot_leave_its_script(tables, route):
    text = page(corridor_map(tables, routes=[route], title=EVIL, offline=True))
    reader = Tags()
    reader.feed(text)
    assert set(reader.found) == {
        "html", "head", "meta", "script", "style", "title", "body", "div",
    }  # fmt: skip
    assert reader.attributes <= {"http-equiv", "content", "name", "class", "id"}


@pytest.mark.parametrize(
    "text", [EVIL, "<!--", "]]>", "\u2028", "\ud83d\ude00"[:0] + "😀"]
)
def test_script_json_is_json_without_a_sign_that_html_knows(text):
    written = script_json({"a": text})
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == {"a": text}


def test_a_layer_named_by_data_is_escaped_in_the_layer_control():
    assert "<" not in DataLayer(EVIL, "mobility.lines", []).layer_name


def test_the_legend_shows_the_styles_that_are_used(tables, route):
    drawn = corridor_map(tables, routes=[route])
    page(drawn)
    signs = {(e.section, e.words): e.sign for e in drawn._legend.data}
    used = [
        style_
        for layer in layers(drawn).values()
        if layer.function == "mobility.lines"
        for style_ in layer.data["styles"]
    ]
    dashes = {
        sign[0]["dash"] for (section, _), sign in signs.items() if section == "Status"
    }
    ferries = style.link_line(Mode.FERRY, Status.OPEN)
    assert {line["dash"] for line in used} == dashes | {ferries.dash}
    assert [words for section, words in signs if section == "Status"] == [
        "open", "restricted", "closed", "planned",
    ]  # fmt: skip
    colours = {
        sign[0]["colour"]
        for (section, _), sign in signs.items()
        if section == "Corridors"
    }
    assert {line["colour"] for line in used} == colours | {style.FERRY}
    casing, line = style.route_line(1)
    assert signs["Routes", "Route 1: 6.2 h, 390 km"] == [
        dataclasses.asdict(casing), dataclasses.asdict(line),
    ]  # fmt: skip


def test_the_map_opens_on_its_route(tables, route):
    drawn = corridor_map(tables, routes=[route])
    start = next(
        c
        for c in drawn._children.values()
        if getattr(c, "function", "") == "mobility.start"
    )
    assert start.data["bounds"] == [[41.1, 19.45], [42.2, 22.5]]
    assert start.data["title"] == "Durrës – Deve Bair"


def test_the_attribution_names_data_version_date_and_boundaries(tables):
    text = page(corridor_map(tables))
    assert tables.version in text
    assert tables.package["data_date"] in text
    assert "Boundaries imply no endorsement" in text


def test_a_route_over_an_unknown_link_is_refused(tables, route):
    strange = dataclasses.replace(route, links=("viii-road-99",))
    with pytest.raises(UnknownNameError, match="'viii-road-99'"):
        corridor_map(tables, routes=[strange])


def test_a_cut_is_marked_on_its_links_and_places_by_more_than_colour(tables, route):
    drawn = corridor_map(tables, routes=[route], cut=["viii-road-01", "border"])
    layer = layers(drawn)["Without these 2 no route is left"]
    assert layer.function == "mobility.cut"
    assert layer.data["links"] == ["viii-road-01"]
    assert [mark[2] for mark in layer.data["marks"]] == ["Deve Bair", "viii-road-01"]
    assert layer.data["line"]["dash"]
    assert "mobility.cut(" in page(drawn)
    with pytest.raises(UnknownNameError, match="the cut names 'moon'"):
        corridor_map(tables, cut=["moon"])


def test_tables_without_links_are_refused(tables):
    with pytest.raises(InputError, match="no link to draw"):
        corridor_map(dataclasses.replace(tables, links=tables.links.iloc[:0]))


def test_the_same_input_gives_the_same_bytes(tables, route):
    first, second = (corridor_map(tables, routes=[route]) for _ in range(2))
    assert page(first) == page(second)
    assert page(second) != page(corridor_map(tables))


def test_a_notebook_shows_the_page(tables):
    shown = corridor_map(tables)._repr_html_()
    assert "mobility.start(map_" in html.unescape(shown)


def test_offline_asks_for_nothing_and_online_for_tiles_only(tables):
    assert external_requests(page(corridor_map(tables, offline=True))) == []
    asked = external_requests(page(corridor_map(tables)))
    assert [re.sub(r"/.*", "", address.split("//")[1]) for address in asked] == [
        "sgx.geodatenzentrum.de", "tile.openstreetmap.org",
    ]  # fmt: skip


def test_layers_of_folium_may_be_added_afterwards(tables):
    drawn = corridor_map(tables)
    folium.FeatureGroup(name="Mine").add_to(drawn)
    text = page(drawn)
    assert text.index("L.featureGroup(\n") < text.index('"Mine": feature_group_')


def test_save_writes_the_page_and_leaves_nothing_else(tables, tmp_path):
    target = tmp_path / "map.html"
    target.write_text("old")
    save_map(corridor_map(tables), target)
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_save_makes_no_folder(tables, tmp_path):
    with pytest.raises(OutputError, match="missing"):
        save_map(corridor_map(tables), tmp_path / "missing" / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tables, tmp_path, monkeypatch):
    target = tmp_path / "map.html"
    target.write_text("old")

    def full(self, other):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OutputError, match=r"(?i)no space left"):
        save_map(corridor_map(tables), target)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_a_folder_is_no_target(tables, tmp_path):
    with pytest.raises(OutputError):
        save_map(corridor_map(tables), tmp_path)


def test_an_offline_page_that_would_ask_the_network_is_refused(tables, tmp_path):
    drawn = corridor_map(tables, offline=True)
    folium.TileLayer("OpenStreetMap").add_to(drawn)
    with pytest.raises(OutputError, match=r"tile\.openstreetmap\.org"):
        save_map(drawn, tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_statuses_and_modes_differ_without_colour():
    dashes = [style.link_line(Mode.ROAD, status).dash for status in Status]
    assert len(set(dashes)) == len(dashes)
    forms = [
        (line.dash, bool(line.core))
        for line in (style.link_line(mode, Status.OPEN) for mode in Mode)
    ]
    assert len(set(forms)) == len(forms)


def test_corridor_colours_stay_apart_for_every_eye():
    # Machado, Oliveira & Fernandes (2009), full protanopia, deuteranopia, tritanopia
    eyes = [
        ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
        ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
        ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
    ]
    colours = {look.colour for look in style.CORRIDORS.values()} | {style.CONNECTION}
    for eye, (one, other) in itertools.product(
        eyes, itertools.combinations(colours, 2)
    ):
        assert distance(seen(one, eye), seen(other, eye)) > 18, (one, other)


def seen(colour, eye):
    """Return a colour in CIELAB as an eye sees it."""
    codes = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    rgb = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in codes]
    rgb = [
        min(1, max(0, sum(k * c for k, c in zip(row, rgb, strict=True)))) for row in eye
    ]
    to_xyz = (
        (0.4339, 0.3762, 0.1899),
        (0.2126, 0.7152, 0.0722),
        (0.0177, 0.1095, 0.8728),
    )
    xyz = [sum(k * c for k, c in zip(row, rgb, strict=True)) for row in to_xyz]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one, other):
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


def test_a_corridor_without_a_style_still_has_a_badge_and_a_colour():
    look = style.corridor("egnatia_2")
    assert look.badge == "EGNATIA 2"
    assert look.colour in style.OTHER_CORRIDORS


def test_corridors_bear_the_names_of_the_data(tables):
    renamed = tables.corridors.assign(name="Via Egnatia")
    drawn = layers(corridor_map(dataclasses.replace(tables, corridors=renamed)))
    assert "Via Egnatia, road" in drawn
    assert drawn["Via Egnatia, road"].legend[0].words == "Via Egnatia"
    unnamed = dataclasses.replace(tables, corridors=tables.corridors.iloc[:0])
    assert "Corridor viii, road" in layers(corridor_map(unnamed))


def test_every_corridor_of_the_shipped_data_has_a_style_of_its_own():
    on = read_tables().corridors.index.get_level_values("corridor_id")
    assert set(on) == set(style.CORRIDORS)


def test_a_broken_outline_is_a_problem_of_the_data(tables, tmp_path):
    shutil.copytree(tables.root, tmp_path / "data")
    outlines = tmp_path / "data" / "outlines.geojson"
    outlines.write_text(outlines.read_text("utf-8").replace("[18, 40]", '"x"'), "utf-8")
    broken = dataclasses.replace(tables, root=tmp_path / "data")
    with pytest.raises(DataError, match=r"outlines\.geojson:2: is no outline"):
        corridor_map(broken, offline=True)
    corridor_map(broken)  # online the tiles show the land


@pytest.mark.parametrize(
    ("file", "also_on", "corridor"),
    [
        ("viii", None, "viii"),
        ("viii", "x", "viii"),
        ("connections-al", None, ""),
        ("connections-al", "viii;x", "viii"),
        ("ferries", None, ""),
    ],
)
def test_a_link_is_drawn_as_its_file_s_corridor_or_the_first_other(
    file, also_on, corridor
):
    assert corridor_of({"file": file, "also_on": also_on}) == corridor


def test_delays_are_drawn_in_classes_of_as_many_links_the_worst_last():
    delays = {f"l{i}": float(i) for i in range(9)}
    drawn = list(delay_layers(delays))
    assert [layer.data["links"] for layer in drawn] == [
        ["l1", "l2"],
        ["l3", "l4"],
        ["l5", "l6"],
        ["l7", "l8"],
    ]
    assert drawn[-1].layer_name == "Mean delay if lost: 7 to 8 h"


def test_links_of_equal_delay_are_drawn_alike():
    (layer,) = delay_layers({"a": 0.5, "b": 0.5, "c": 0.0, "d": 0.5})
    assert layer.data["links"] == ["a", "b", "d"]
    assert layer.layer_name == "Mean delay if lost: 0.5 h"
    assert list(delay_layers({"a": 0.0})) == []


def test_classes_of_delay_grow_darker_and_wider():
    lines = [style.delay_line(number)[1] for number in range(style.DELAY_CLASSES)]
    eye = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    lightness = [seen(line.colour, eye)[0] for line in lines]
    # lightness is what every eye sees alike
    assert all(a - b > 12 for a, b in itertools.pairwise(lightness))
    assert [line.width for line in lines] == sorted({line.width for line in lines})
