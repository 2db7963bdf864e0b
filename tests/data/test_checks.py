"""Every rule, held against a folder that breaks it in one place."""

import pytest

from mobility.data.checks import (
    LINE_RULES,
    OUTLINE_RULES,
    TABLE_RULES,
    check_tables,
)
from mobility.data.network_checks import parts
from mobility.data.shapes import line_km, read_lines, read_outlines
from mobility.data.sheets import read_draft

CASES = {}


def breaks(*expected):
    """Register a way to break the small folder, with all it should make print."""

    def register(case):
        CASES[case.__name__] = (case, list(expected))
        return case

    return register


def test_the_small_folder_is_sound(folder):
    assert folder.problems() == []


# places


@breaks(
    "nodes.csv:6: country: no 'GR' in countries.csv",
    "links/connections-mk.csv:2: country: MK, but 'plain' lies in GR",
    "links/viii.csv:5: country: MK, but 'plain' lies in GR",
    "nodes.csv:6: country: no outline of GR",
)
def a_place_lies_in_a_known_state(folder):
    folder.row("nodes.csv", "plain")["country"] = "GR"


@breaks("nodes.csv:6: country: only a border crossing lies between states")
def a_city_lies_in_one_state(folder):
    folder.row("nodes.csv", "plain")["country"] = "AL-MK"
    folder.row("nodes.csv", "plain")["lon"] = 20.52
    _redraw(folder, "viii-road-003", (20.5, 41.2), (20.52, 41.1))
    _redraw(folder, "mk-road-001", (20.52, 41.1), (20.9, 41.15))


@breaks("nodes.csv:3: country: states stand in alphabetical order")
def states_of_a_crossing_are_sorted(folder):
    folder.row("nodes.csv", "gate")["country"] = "MK-AL"


@breaks(
    "nodes.csv:3: country: a border crossing lies between two states",
    "borders.csv:2: from_country: AL to MK, but 'gate' lies between AL",
    "borders.csv:3: from_country: MK to AL, but 'gate' lies between AL",
    "links/viii.csv:5: country: MK, but 'gate' lies in AL",
)
def a_crossing_lies_between_two_states(folder):
    folder.row("nodes.csv", "gate")["country"] = "AL"


@breaks("nodes.csv:7: locode: 'MKTIA' is no code of AL")
def a_locode_begins_with_its_state(folder):
    folder.row("nodes.csv", "town")["locode"] = "MKTIA"


@breaks(
    "nodes.csv:8: node_id: lies 0.22 km from 'town', also of kind city: the same place?"
)
def two_places_of_a_kind_do_not_share_a_spot(folder):
    _twin_of_town(folder, name="Elsewhere", lat=41.352)


@breaks(
    "nodes.csv:8: name: 'TÔWN' lies 2.22 km from 'town', also of kind city:"
    " the same place?"
)
def two_places_close_by_do_not_share_a_name(folder):
    _twin_of_town(folder, name="TÔWN", lat=41.37)


@breaks("nodes.csv:5: lat: 41.123 gives a base away: at most two decimals")
def bases_are_given_at_town_level(folder):
    folder.row("nodes.csv", "hill")["lat"] = 41.123
    _redraw(folder, "mk-road-001", (20.8, 41.1), (20.9, 41.123))


@breaks("nodes.csv:4: node_id: port 'harbour' has no row in ports.csv")
def a_port_has_attributes(folder):
    folder.tables["ports.csv"].pop()
    folder.tables["provenance.csv"].pop()


@breaks("ports.csv:4: node_id: 'town' is a city in nodes.csv, not a port")
def only_ports_stand_among_ports(folder):
    port = {"node_id": "town", "basin": "adriatic", "port_kind": "sea"}
    folder.add("ports.csv", port)


@breaks("bases.csv:2: unreached: no road or railway reaches 'hill': say why")
def a_base_is_reached_or_says_why_not(folder):
    _forget_link(folder, "links/connections-mk.csv")


@breaks("bases.csv:2: unreached: a link reaches 'hill': leave the reason out")
def a_base_is_not_both_reached_and_unreached(folder):
    folder.row("bases.csv", "hill")["unreached"] = "Too steep."


@breaks("nodes.csv:2: node_id: no road or railway reaches 'alone'")
def a_city_is_reached(folder):
    town = folder.row("nodes.csv", "town")
    folder.add("nodes.csv", town, node_id="alone", name="Alone", lat=42)


@breaks("nodes.csv:7: lon,lat: lies 68 km outside AL")
def a_place_lies_inside_its_state(folder):
    folder.row("nodes.csv", "town").update(lon=19.8, lat=43.31)
    for link, ends in {
        "viii-rail-001": ((19.45, 41.3), (19.8, 43.31)),
        "viii-road-001": ((19.45, 41.3), (19.8, 43.31)),
        "viii-road-002": ((19.8, 43.31), (20.5, 41.2)),
    }.items():
        _redraw(folder, link, *ends)


# links


@breaks(
    "links/viii.csv:6: to_node: 'town' is both ends",
)
def a_link_joins_two_places(folder):
    _extra_road(folder, from_node="town", to_node="town", length_km=0.5)
    folder.lines.append(_line("viii-road-004", (19.8, 41.35), (19.803, 41.3)))
    folder.lines[-1]["geometry"]["coordinates"] = [
        [19.8, 41.35],
        [19.803, 41.35],
        [19.8, 41.35],
    ]
    folder.lines[-1]["properties"]["via"] = ["loop"]


@breaks(
    "links/viii.csv:3: length_km: 20 km, but its ends are 29.75 km apart",
    "links/viii.csv:3: length_km: 20 km, but its line is 29.75 km long (148.8%)",
)
def a_link_is_no_shorter_than_the_great_circle(folder):
    folder.link("viii-road-001")["length_km"] = 20


@breaks(
    "links/viii.csv:3: length_km: 99 km for ends 29.8 km apart, over 3 times:"
    " note in its provenance why",
)
def a_link_is_no_wild_detour(folder):
    folder.link("viii-road-001")["length_km"] = 99
    folder.draw("viii-road-001", (19.45, 41.3), (19.6, 41.65), (19.8, 41.35))


@breaks()
def a_line_that_loops_is_excused_by_a_note(folder):
    a_link_is_no_wild_detour(folder)
    note = {"column": "length_km", "note": "It climbs in spirals."}
    folder.cite("links", "viii-road-001", **note)


@breaks(
    "links/viii.csv:4: country: AL-MK: a land link lies in one state; split it there",
    "nodes.csv:3: node_id: no road link joins 'gate' in AL",
)
def a_land_link_lies_in_one_state(folder):
    folder.link("viii-road-002")["country"] = "AL-MK"


@breaks(
    "links/viii.csv:4: country: MK, but 'town' lies in AL",
    "nodes.csv:3: node_id: no road link joins 'gate' in AL",
)
def a_link_lies_in_the_state_of_its_ends(folder):
    folder.link("viii-road-002")["country"] = "MK"


@breaks("links/ferries.csv:2: country: AL-MK, but its ends lie in AL-IT")
def a_ferry_lies_in_both_states(folder):
    folder.link("ferry-001")["country"] = "AL-MK"


@breaks(
    "links/ferries.csv:2: country: AL-XX, but its ends lie in AL-IT",
    "links/ferries.csv:2: country: no 'XX' in countries.csv",
)
def a_link_lies_in_a_known_state(folder):
    folder.link("ferry-001")["country"] = "AL-XX"


@breaks("links/ferries.csv:2: to_node: 'town' is a city; a ferry joins ports")
def a_ferry_joins_ports(folder):
    ferry = folder.link("ferry-001")
    ferry["to_node"], ferry["length_km"] = "town", 260
    folder.draw("ferry-001", (17.0, 41.1), (19.8, 41.35))


@breaks("links/ferries.csv:2: crossing_h: a ferry needs it")
def a_ferry_states_its_time(folder):
    folder.link("ferry-001")["crossing_h"] = ""


@breaks("links/ferries.csv:2: sailings_per_week: a ferry needs it")
def a_ferry_states_its_sailings(folder):
    folder.link("ferry-001")["sailings_per_week"] = ""


@breaks("links/viii.csv:5: road_class: a road needs it")
def a_road_has_a_class_even_if_unbuilt(folder):
    folder.link("viii-road-003")["road_class"] = ""


@breaks("links/viii.csv:2: lanes: 2 on a link of mode rail")
def a_railway_has_no_lanes(folder):
    folder.link("viii-rail-001")["lanes"] = 2


@breaks("links/viii.csv:3: gauge_mm: 1435 on a link of mode road")
def a_road_has_no_gauge(folder):
    folder.link("viii-road-001")["gauge_mm"] = 1435


@breaks("links/viii.csv:3: opens: 2030, but traffic passes: status is open")
def an_open_link_does_not_open(folder):
    folder.link("viii-road-001")["opens"] = 2030


@breaks("links/viii.csv:5: opens: 2025 is past, but status is planned in 2026")
def a_planned_link_opens_in_the_future(folder):
    folder.link("viii-road-003")["opens"] = 2025


@breaks(
    "links/viii.csv:3: also_on: 'viii' is the file it stands in",
    "links/viii.csv:3: also_on: no corridor 'xyz' in corridors.csv",
)
def also_on_names_other_known_corridors(folder):
    folder.link("viii-road-001")["also_on"] = "viii;xyz"


@breaks("links/connections-mk.csv:2: also_on: 'viii' stands twice")
def also_on_names_a_corridor_once(folder):
    folder.link("mk-road-001")["also_on"] = "viii;viii"


@breaks("links/extras.csv: is no corridor, no connections-<state>, and not ferries")
def a_file_of_links_is_a_corridor_or_a_state(folder):
    folder.rename_links("links/connections-mk.csv", "links/extras.csv")


@breaks("links/connections-al.csv:2: country: MK in the file of AL")
def connections_lie_in_the_state_of_their_file(folder):
    folder.rename_links("links/connections-mk.csv", "links/connections-al.csv")


@breaks("links/viii.csv:2: mode: ferries stand in ferries.csv, and only they")
def ferries_stand_in_their_own_file(folder):
    folder.add("links/viii.csv", folder.tables["links/ferries.csv"].pop())


@breaks(
    "links/viii.csv:6: link_id: has ends, mode, status, name and length of"
    " 'viii-road-001'"
)
def parallel_links_are_no_twins(folder):
    _extra_road(folder, from_node="town", to_node="harbour")
    folder.lines.append(_line("viii-road-004", (19.8, 41.35), (19.45, 41.3)))


@breaks()
def parallel_links_may_differ_in_name(folder):
    parallel_links_are_no_twins(folder)
    folder.link("viii-road-004")["name"] = "Old road"


@breaks("links/viii.csv:2: speed_low_kph: 60 is above speed_high_kph 50")
def low_speed_is_below_high(folder):
    folder.link("viii-rail-001").update(speed_low_kph=60, speed_high_kph=50)


# lines


@breaks(
    "links/viii.csv:3: link_id: 'viii-road-001' is not drawn in geometry/all.geojson"
)
def a_link_is_drawn(folder):
    folder.lines = [line for line in folder.lines if _id(line) != "viii-road-001"]


@breaks(
    "geometry/all.geojson:8: link_id: 'viii-road-001' is drawn already at"
    " geometry/all.geojson:5"
)
def a_link_is_drawn_once(folder):
    folder.lines += [line for line in folder.lines if _id(line) == "viii-road-001"]


@breaks("geometry/all.geojson:8: link_id: no link 'ghost' in links/*.csv")
def a_line_has_a_link(folder):
    folder.lines.append(_line("ghost", (19.45, 41.3), (19.8, 41.35)))


@breaks(
    "geometry/all.geojson:5: the line of 'viii-road-001' ends 29.8 km from 'town'",
    "geometry/all.geojson:5: the line of 'viii-road-001' starts 29.8 km from 'harbour'",
)
def a_line_runs_from_end_to_end(folder):
    folder.draw("viii-road-001", (19.8, 41.35), (19.45, 41.3))


@breaks("geometry/all.geojson:5: via: 0 names for 1 inner vertices")
def a_line_names_its_inner_vertices(folder):
    folder.draw("viii-road-001", (19.45, 41.3), (19.6, 41.33), (19.8, 41.35))
    folder.lines[3]["properties"]["via"] = []


@breaks("links/viii.csv:3: length_km: 50 km, but its line is 29.75 km long (59.5%)")
def a_line_is_about_as_long_as_its_link(folder):
    folder.link("viii-road-001")["length_km"] = 50


@breaks()
def what_is_not_built_may_be_drawn_shorter_if_a_note_says_so(folder):
    link = folder.link("viii-road-001")
    link.update(length_km=50, status="planned")
    folder.cite("links", "viii-road-001", column="length_km", note="It winds.")
    folder.cite("links", "viii-road-001", column="status", note="No date.")


@breaks(
    "geometry/all.geojson:6: via: 'viii-road-002': v0 lies 17 km outside AL",
    "links/viii.csv:4: length_km: 66.9 km, but its line is 93.63 km long (140.0%)",
)
def a_line_stays_in_its_state(folder):
    folder.draw("viii-road-002", (19.8, 41.35), (20.7, 41.25), (20.5, 41.2))


# the network


@breaks(
    "corridors.csv:3: to_node: no road link of 'viii' reaches 'plain'",
    "links/connections-mk.csv:2: from_node: road links fall into 2 parts, not 1;"
    " this one is hill, plain",
    "nodes.csv:3: node_id: no road link joins 'gate' in MK",
)
def both_sides_of_a_crossing_are_joined(folder):
    _forget_link(folder, "links/viii.csv", "viii-road-003")


@breaks()
def the_network_may_end_at_a_crossing(folder):
    _forget_link(folder, "links/viii.csv", "viii-road-003")
    _forget_link(folder, "links/connections-mk.csv")
    folder.row("corridors.csv", "viii", "road")["to_node"] = "gate"
    folder.tables["nodes.csv"] = [
        row for row in folder.tables["nodes.csv"] if row["node_id"] != "plain"
    ]
    folder.row("bases.csv", "hill")["unreached"] = "Beyond the network."


@breaks("nodes.csv:3: node_id: 'gate' has no row in borders.csv by road from MK to AL")
def a_crossing_has_rows_in_both_directions(folder):
    folder.tables["borders.csv"].pop()


@breaks("borders.csv:2: mode: no rail link reaches 'gate'")
def a_row_of_borders_has_its_mode(folder):
    folder.add("borders.csv", folder.row("borders.csv", "gate"), mode="rail")


@breaks(
    "borders.csv:3: from_country: IT to MK, but 'gate' lies between AL-MK",
    "borders.csv:3: border_type: western_balkans between IT and MK",
)
def a_row_of_borders_names_the_states_of_its_crossing(folder):
    row = folder.row("borders.csv", "gate", "road", "AL")
    folder.add("borders.csv", row, from_country="IT")


@breaks("borders.csv:4: node_id: 'town' is a city in nodes.csv")
def a_row_of_borders_is_a_crossing(folder):
    folder.add("borders.csv", folder.row("borders.csv", "gate"), node_id="town")


@breaks(
    "reversals.csv:2: from_link: 'viii-rail-001' does not end at 'gate'",
    "reversals.csv:2: to_link: 'viii-road-002' is no railway but road",
)
def a_reversal_joins_two_railways(folder):
    folder.add("reversals.csv", REVERSAL)


@breaks(
    "reversals.csv:2: to_link: 'viii-rail-001' and 'viii-rail-001': name two links, in"
    " their order"
)
def a_reversal_has_two_links(folder):
    one = {"node_id": "town", "to_link": "viii-rail-001"}
    folder.add("reversals.csv", REVERSAL, **one)


@breaks("borders.csv:2: border_type: schengen_internal between AL and MK")
def a_border_is_of_the_kind_its_states_make_it(folder):
    folder.row("borders.csv", "gate")["border_type"] = "schengen_internal"


@breaks(
    "corridors.csv:3: to_node: road links of 'viii' do not join 'harbour' to 'plain':"
    " the gap is 'gate' to 'plain', 27.5 km",
)
def a_corridor_is_connected_end_to_end(folder):
    _forget_link(folder, "links/viii.csv", "viii-road-003")
    folder.add("links/connections-mk.csv", LINK_ASIDE, link_id="mk-road-002")
    folder.cite("links", "mk-road-002")
    folder.lines.append(_line("mk-road-002", (20.5, 41.2), (20.8, 41.1)))
    folder.link("mk-road-001")["also_on"] = "viii"


@breaks()
def a_corridor_may_use_links_of_another_file(folder):
    a_corridor_is_connected_end_to_end(folder)
    folder.link("mk-road-002")["also_on"] = "viii"


@breaks(
    "links/viii.csv:2: from_node: rail links fall into 2 parts, not 1; this one is"
    " harbour, town",
    "nodes.csv:3: node_id: no rail link joins 'gate' in AL",
)
def a_mode_falls_into_as_many_parts_as_expected(folder):
    rail = {"mode": "rail", "road_class": "", "link_id": "mk-rail-001"}
    folder.add("links/connections-mk.csv", folder.link("mk-road-001"), **rail)
    folder.add(
        "links/connections-mk.csv",
        folder.link("mk-road-001"),
        mode="rail",
        road_class="",
        link_id="mk-rail-002",
        from_node="gate",
        to_node="plain",
        length_km=30,
    )
    for number in (1, 2):
        folder.cite("links", f"mk-rail-00{number}")
    folder.lines.append(_line("mk-rail-001", (20.8, 41.1), (20.9, 41.15)))
    folder.lines.append(_line("mk-rail-002", (20.5, 41.2), (20.8, 41.1)))
    row = folder.row("borders.csv", "gate")
    for one, other in (("AL", "MK"), ("MK", "AL")):
        states = {"from_country": one, "to_country": other}
        folder.add("borders.csv", row, mode="rail", **states)


# sources


@breaks(
    "provenance.csv:2: column: no column 'colour' in bases",
    "provenance.csv:3: table: no table 'lighthouses'",
    "provenance.csv:11: id: no 'nowhere' in ports.csv",
)
def provenance_points_somewhere(folder):
    folder.cite("bases", "hill", column="colour")
    folder.cite("ports", "nowhere")
    folder.cite("lighthouses", "harbour")


@breaks("ports.csv:3: depth_m: no provenance of 'harbour'")
def a_value_has_provenance(folder):
    folder.tables["provenance.csv"].pop()


@breaks()
def a_value_may_have_provenance_of_its_own(folder):
    folder.row("provenance.csv", "ports", "harbour")["column"] = "depth_m"


@breaks(
    "links/viii.csv:5: status: planned, but no provenance note of 'viii-road-003'"
    " says why"
)
def a_link_that_is_not_open_says_why(folder):
    folder.row("provenance.csv", "links", "viii-road-003")["note"] = ""


@breaks("sources.csv:4: source_id: nothing cites 'novel'")
def a_source_is_cited(folder):
    folder.add("sources.csv", folder.row("sources.csv", "atlas"), source_id="novel")


@breaks("datapackage.json: sources: outlines: no 'natural_earth' in sources.csv")
def a_source_of_a_resource_is_a_source(folder):
    folder.tables["sources.csv"].pop()


@breaks("rules.csv:2: terrain: 'swamp' is not one of flat, hilly, mountain")
def a_rule_selects_known_values(folder):
    folder.row("rules.csv", "speed_flat")["terrain"] = "swamp"


@breaks()
def a_rule_may_select_a_change_of_mode(folder):
    folder.row("rules.csv", "speed_flat")["mode"] = "rail-road"


@breaks("rules.csv:3: quantity: 'speed_hilly' selects what 'speed_flat' selects")
def two_rules_do_not_contradict(folder):
    folder.row("rules.csv", "speed_hilly")["terrain"] = "flat"


@breaks()
def a_rule_may_be_more_specific_than_another(folder):
    folder.row("rules.csv", "speed_hilly")["mode"] = ""
    folder.row("rules.csv", "speed_hilly")["terrain"] = ""


@breaks(
    "rules.csv:3: quantity: 'speed_hilly' and 'speed_flat' can hold at once, and"
    " neither is more specific: 45 or 60?"
)
def of_two_rules_that_hold_at_once_one_is_more_specific(folder):
    folder.row("rules.csv", "speed_hilly").update(terrain="", road_class="main")


@breaks()
def rules_that_hold_at_once_may_agree(folder):
    of_two_rules_that_hold_at_once_one_is_more_specific(folder)
    folder.row("rules.csv", "speed_hilly")["value"] = 60


@breaks()
def rules_that_never_hold_at_once_may_differ(folder):
    hilly = {"terrain": "", "road_class": "main", "mode": "rail"}
    folder.row("rules.csv", "speed_hilly").update(hilly)


@breaks("rules.csv:2: value: nothing moves at 0")
def a_rule_gives_a_speed(folder):
    folder.row("rules.csv", "speed_flat")["value"] = 0


@breaks("rules.csv:2: value: -1 is below 0")
def a_rule_gives_no_negative_hours(folder):
    folder.row("rules.csv", "speed_flat").update(quantity="transfer_h", value=-1)


@breaks(
    "rules.csv:2: status: 'lost' is not one of open, restricted, works, closed,"
    " construction, planned, missing"
)
def a_new_selector_needs_no_code(folder):
    fields = folder.resources["rules"]["schema"]["fields"]
    place = [field["name"] for field in fields].index("value")
    fields.insert(place, {"name": "status", "type": "string"})
    folder.row("rules.csv", "speed_flat")["status"] = "lost"
    folder.row("rules.csv", "speed_hilly").update(terrain="flat", status="open")


@breaks()
def a_table_that_cites_row_by_row_needs_no_provenance(folder):
    fields = folder.resources["ports"]["schema"]["fields"]
    fields.append({"name": "source_id", "type": "string"})
    folder.tables["provenance.csv"].pop()


@breaks("sources.csv:3: source_id: 'atlas' stands after 'natural_earth': sort the rows")
def rows_are_sorted(folder):
    folder.tables["sources.csv"].reverse()


@breaks("notes.csv: no resource of datapackage.json lists it")
def a_table_belongs_to_a_resource(folder):
    (folder.root / "notes.csv").write_text("note\n", encoding="utf-8")


@breaks("links/extras.csv: no resource of datapackage.json lists it")
def a_file_of_links_is_listed(folder):
    (folder.root / "links").mkdir()
    (folder.root / "links/extras.csv").write_text("link_id\n", encoding="utf-8")


@breaks(
    "risk_groups.csv:2: link_id: no 'viii-rail-009' in links/*.csv;"
    " did you mean 'viii-rail-001'?"
)
def a_risk_group_holds_known_links(folder):
    _at_risk(folder, "viii-road-001", "viii-rail-009")


@breaks(
    "risk_groups.csv:2: link_id: 'gorge' has one link only: nothing is lost together"
    " with it"
)
def a_risk_group_holds_two_links(folder):
    _at_risk(folder, "viii-road-001")


@breaks(
    "risk_groups.csv:3: kind: 'structure', but 'valley' in the first row of 'gorge'",
    "risk_groups.csv:3: name: 'Bridge', but 'Gorge' in the first row of 'gorge'",
)
def a_risk_group_has_one_name_and_kind(folder):
    _at_risk(folder, "viii-rail-001", "viii-road-001")
    last = folder.row("risk_groups.csv", "gorge", "viii-road-001")
    last.update(name="Bridge", kind="structure")


@breaks("risk_groups.csv:3: kind: 'bridge' is not one of valley, structure")
def a_risk_group_has_a_kind_that_is_known(folder):
    _at_risk(folder, "viii-rail-001", "viii-road-001")
    folder.row("risk_groups.csv", "gorge", "viii-road-001")["kind"] = "bridge"


def _at_risk(folder, *links):
    """Put links into one risk group."""
    for link in links:
        row = {"group_id": "gorge", "link_id": link, "name": "Gorge", "kind": "valley"}
        row |= {"basis": "assumed", "confidence": "high", "source_id": "atlas"}
        folder.add("risk_groups.csv", row)


def _id(line):
    return line["properties"]["link_id"]


def _line(link_id, *vertices):
    return {
        "type": "Feature",
        "properties": {"link_id": link_id, "via": [""] * (len(vertices) - 2)},
        "geometry": {"type": "LineString", "coordinates": [list(v) for v in vertices]},
    }


LINK_ASIDE = {
    "from_node": "gate",
    "to_node": "plain",
    "mode": "road",
    "kind": "section",
    "country": "MK",
    "status": "open",
    "length_km": 30,
    "road_class": "main",
}


REVERSAL = {
    "node_id": "gate",
    "from_link": "viii-rail-001",
    "to_link": "viii-road-002",
    "source_id": "atlas",
    "basis": "assumed",
}


def _redraw(folder, link_id, start, end):
    """Draw a link straight between moved ends, and measure it again."""
    folder.draw(link_id, start, end)
    folder.link(link_id)["length_km"] = _length(start, end)


def _length(start, end):
    return round(line_km([start, end]) * 1.1, 2)


def _extra_road(folder, **changes):
    """Add a road to the corridor, with its provenance but no line."""
    road = folder.link("viii-road-001")
    folder.add("links/viii.csv", road, link_id="viii-road-004", **changes)
    folder.cite("links", "viii-road-004")


def _forget_link(folder, path, link_id=None):
    """Take a link, or all of a file, out of links, lines and provenance."""
    gone = (
        {row["link_id"] for row in folder.tables[path]}
        if link_id is None
        else {link_id}
    )
    kept = [row for row in folder.tables[path] if row["link_id"] not in gone]
    folder.tables[path] = kept
    folder.lines = [line for line in folder.lines if _id(line) not in gone]
    folder.tables["provenance.csv"] = [
        row for row in folder.tables["provenance.csv"] if row["id"] not in gone
    ]


def _twin_of_town(folder, **changes):
    """Add a second city near the first, and tie it to the network."""
    town = folder.row("nodes.csv", "town")
    folder.add("nodes.csv", town, node_id="town_2", **changes)
    _extra_road(folder, from_node="town", to_node="town_2")
    lat = changes["lat"]
    length = _length((19.8, 41.35), (19.8, lat))
    folder.link("viii-road-004")["length_km"] = length
    folder.lines.append(_line("viii-road-004", (19.8, 41.35), (19.8, lat)))


@pytest.mark.parametrize("name", sorted(CASES))
def test_rule(folder, name):
    case, expected = CASES[name]
    case(folder)
    assert sorted(folder.problems()) == sorted(expected)


def test_every_rule_is_broken_by_some_case(make_folder):
    silent = {*TABLE_RULES, *LINE_RULES, *OUTLINE_RULES}
    for case, _ in CASES.values():
        folder = make_folder()
        case(folder)
        draft = read_draft(folder.write())
        lines, _ = read_lines(draft.root, draft.contract)
        outlines, _ = read_outlines(draft.root, draft.contract)
        silent -= {rule for rule in TABLE_RULES if list(rule(draft))}
        silent -= {rule for rule in LINE_RULES if list(rule(draft, lines))}
        silent -= {rule for rule in OUTLINE_RULES if list(rule(draft, lines, outlines))}
    assert not silent


def test_problems_come_all_at_once_and_in_order(folder):
    a_railway_has_no_lanes(folder)
    folder.row("nodes.csv", "town")["lat"] = "north"
    rows_are_sorted(folder)
    assert folder.problems() == [
        "links/viii.csv:2: lanes: 2 on a link of mode rail",
        "nodes.csv:7: lat: 'north' is not a number",
        "sources.csv:3: source_id: 'atlas' stands after 'natural_earth': sort the rows",
    ]


def test_a_broken_cell_is_reported_once(folder):
    folder.link("viii-road-001")["road_class"] = "motorwy"
    folder.link("ferry-001")["crossing_h"] = "long"
    assert folder.problems() == [
        "links/ferries.csv:2: crossing_h: 'long' is not a number",
        "links/viii.csv:3: road_class: 'motorwy' is not one of motorway, expressway,"
        " main, regional, urban",
    ]


def test_a_missing_column_is_reported_once(folder):
    file = folder.write() / "links" / "viii.csv"
    file.write_text(file.read_text("utf-8").replace("road_class", "class", 1), "utf-8")
    assert folder.short(check_tables(folder.root)) == [
        "links/viii.csv:1: class: datapackage.json has no such column",
        "links/viii.csv:1: road_class: column is missing",
    ]


def test_reversed_rows_break_nothing_but_the_order(folder):
    for rows in folder.tables.values():
        rows.reverse()
    folder.lines.reverse()
    folder.outlines.reverse()
    assert all(problem.endswith("sort the rows") for problem in folder.problems())


def test_a_contract_without_outlines_is_a_problem(folder):
    folder.contract["resources"] = [
        item for item in folder.contract["resources"] if item["name"] != "outlines"
    ]
    assert folder.problems() == [
        "datapackage.json: no resource 'outlines' to check coordinates against",
        "outlines.geojson: no resource of datapackage.json lists it",
        "sources.csv:3: source_id: nothing cites 'natural_earth'",
    ]


def test_parts_are_what_hangs_together():
    part = parts([("a", "b"), ("b", "c"), ("x", "y"), (None, "z")])
    assert part == {"a": "a", "b": "a", "c": "a", "x": "x", "y": "x"}


def test_a_contract_that_lacks_what_the_package_needs(folder):
    nodes = folder.resources["nodes"]["schema"]
    nodes["fields"] = [f for f in nodes["fields"] if f["name"] != "locode"]
    folder.contract["resources"].remove(folder.resources["bases"])
    (folder.root / "bases.csv").unlink(missing_ok=True)
    del folder.tables["bases.csv"]
    assert folder.problems() == [
        "datapackage.json: no resource 'bases' with fields",
        "datapackage.json: nodes needs a field 'locode' of type string",
    ]


def test_a_contract_that_is_no_json(folder):
    (folder.write() / "datapackage.json").write_text('{\n"name": ', encoding="utf-8")
    problems = folder.short(check_tables(folder.root))
    assert problems == ["datapackage.json:2: not JSON: Expecting value"]
