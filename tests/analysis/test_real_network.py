"""Routes of the real network, against figures known from elsewhere."""

import pytest

from mobility.analysis.routing import find_routes, matrix
from mobility.data.tables import read_tables
from mobility.errors import NoRouteError
from mobility.network.build import Use, build_network
from mobility.network.scenario import Scenario, combine, make_scenario
from mobility.network.scenario_file import read_scenario


@pytest.fixture(scope="module")
def tables():
    return read_tables()


@pytest.fixture(scope="module")
def networks(tables):
    return {mode: build_network(tables, mode=mode) for mode in ("road", "rail", "any")}


@pytest.mark.parametrize(
    ("mode", "origin", "destination", "km", "tolerance"),
    [
        ("road", "Zagreb", "Belgrade", 392, 0.02),
        ("road", "Belgrade", "Niš", 239, 0.03),
        ("road", "Ljubljana", "Zagreb", 140, 0.04),
        ("road", "Budapest", "Belgrade", 380, 0.04),
        ("road", "Sofia", "Burgas", 380, 0.04),
        ("road", "Sofia", "Varna", 440, 0.04),
        ("road", "Bucharest", "Constanța", 225, 0.03),
        ("road", "Thessaloniki", "Sofia", 292, 0.04),
        ("road", "Skopje", "Thessaloniki", 232, 0.04),
        ("road", "Bar", "Belgrade", 480, 0.07),
        ("road", "Sarajevo", "Ploče", 200, 0.04),
        ("rail", "Sarajevo", "Ploče", 194.6, 0.02),
        ("rail", "Belgrade", "Bar", 476, 0.03),
        ("rail", "Zagreb", "Belgrade", 412, 0.02),
        ("rail", "Belgrade", "Niš", 240, 0.03),
        ("rail", "Bucharest", "Constanța", 225, 0.02),
        ("rail", "Budapest", "Belgrade", 350, 0.03),
        ("rail", "Skopje", "Sofia", 366, 0.02),
        ("rail", "Zagreb", "Rijeka", 229, 0.02),
    ],
)
def test_distances_are_those_of_the_real_world(
    networks, mode, origin, destination, km, tolerance
):
    (route,) = find_routes(networks[mode], origin, destination, by="length")
    assert route.length_km == pytest.approx(km, rel=tolerance)


def test_corridor_viii_by_road_is_about_880_to_960_km(networks):
    (shortest,) = find_routes(networks["road"], "Durrës", "Burgas", by="length")
    (fastest,) = find_routes(networks["road"], "Durrës", "Burgas")
    assert 860 <= shortest.length_km <= 905
    assert shortest.length_km <= fastest.length_km <= 960
    assert 15 <= fastest.time_h - fastest.halt_h <= 26


@pytest.mark.parametrize(
    ("origin", "destination", "least_h", "most_h"),
    [
        ("Durrës", "Skopje", 5, 9),
        ("Zagreb", "Belgrade", 5, 9),
        ("Thessaloniki", "Constanța", 11, 20),
        ("Durrës", "Constanța", 18, 30),
        ("Ploče", "Budapest", 10, 18),
    ],
)
def test_lorries_take_believable_hours(networks, origin, destination, least_h, most_h):
    (route,) = find_routes(networks["road"], origin, destination)
    assert least_h <= route.time_h - route.halt_h <= most_h
    assert route.border_h < route.time_h / 2
    # one driver: 9 h a day and 11 h of rest, and a break every 4.5 h
    rests, since = divmod(route.drive_h, 9)
    rests -= since == 0
    assert route.halt_h == pytest.approx(11 * rests + 0.75 * (rests + (since > 4.5)))


def test_skopje_to_sofia_by_rail_runs_by_nis(networks):
    (route,) = find_routes(networks["rail"], "Skopje", "Sofia")
    assert "nis" in route.nodes
    assert route.countries == ("MK", "RS", "BG")


@pytest.mark.parametrize(
    ("origin", "destination", "halt_h"),
    [
        # wires end at Niš; at Dimitrovgrad the dwell at the border contains the change
        ("Skopje", "Sofia", 1),
        ("Sofia", "Skopje", 1),
        ("Rijeka", "Sofia", 1),
        # both lines leave Podgorica southwards, and the one to Tuzi has no wires: the
        # new locomotive comes to the other end
        ("Bar", "Tuzi", 1),
        # both lines enter Ljubljana from the west, until the Tivoli curve is built
        ("Koper", "Jesenice", 0.75),
        # both lines enter Strymonas from one side; wires end at the border, in Kulata
        ("Thessaloniki", "Sofia", 0.75),
        # diesel to Gjorče Petrov, and on for 8 km under wires
        ("Kičevo", "Skopje", 0),
        # wires all the way, and 3 kV to 25 kV within the dwell at Dobova
        ("Ljubljana", "Belgrade", 0),
        ("Belgrade", "Bar", 0),
    ],
)
def test_trains_change_locomotives_and_reverse_where_they_have_to(
    networks, origin, destination, halt_h
):
    (route,) = find_routes(networks["rail"], origin, destination)
    assert route.halt_h == halt_h
    assert len(set(route.nodes)) == len(route.nodes)


def test_few_places_have_tracks_of_their_own(networks):
    network = networks["rail"]
    parted = {node.place for node in network.graph_nodes if node.track}
    assert {"nis", "podgorica"} <= parted
    assert len(parted) < len(network.nodes_of) / 4
    assert not networks["road"].halt_ms.any()


def test_the_railway_inland_from_durres_is_broken_and_the_answer_says_where(networks):
    with pytest.raises(NoRouteError, match="viii-rail-") as caught:
        find_routes(networks["rail"], "Durrës", "Sofia")
    assert "missing" in str(caught.value)


def test_corridor_viii_rail_complete_gives_durres_a_way_east(tables):
    unbuilt = [
        link
        for link, row in tables.links.iterrows()
        if row["file"] == "viii"
        and row["mode"] == "rail"
        and row["status"] in ("closed", "construction", "planned", "missing")
    ]
    complete = build_network(
        tables, mode="rail", scenario=make_scenario(tables, open_=unbuilt)
    )
    (route,) = find_routes(complete, "Durrës", "Sofia")
    # from Gyueshevo on, the old line still bars 20 t axles, so that it turns to Serbia
    assert route.countries == ("AL", "MK", "RS", "BG")
    assert 650 <= route.length_km <= 780


def test_a_heavy_lorry_takes_no_road_posted_below_its_weight(tables, networks):
    posted = tables.links["gross_weight_t"] < 40
    uses = dict(zip(networks["road"].link_ids, networks["road"].uses, strict=True))
    assert posted.any()
    assert not any(uses[link] == Use.USED for link in tables.links.index[posted])


def test_every_port_the_network_reaches_gets_to_the_black_sea_by_road(tables, networks):
    ports = tables.ports
    west = ports["basin"].isin(["adriatic", "ionian", "aegean"])
    reached = ports["unreached"].isna() & (ports["port_kind"] != "planned")
    frame = matrix(
        networks["road"], list(ports.index[west & reached]), ["constanta", "varna"]
    )
    assert frame["time_h"].notna().all()


def test_links_due_later_join_the_network_of_later_years(tables):
    today = build_network(tables)
    later = build_network(tables, scenario=Scenario(year=2032))
    used = [
        {link for link, use in zip(n.link_ids, n.uses, strict=True) if use == Use.USED}
        for n in (today, later)
    ]
    assert used[0] < used[1]


@pytest.fixture(scope="module")
def under(tables):
    """Best route by one mode under scenarios that ship."""

    def find(mode, origin, destination, *names):
        scenario = combine(read_scenario(tables, name) for name in names)
        network = build_network(tables, mode=mode, scenario=scenario)
        (route,) = find_routes(network, origin, destination)
        return route

    return find


@pytest.mark.parametrize("scenario", ["nato_transit", "eu_nato_transit"])
def test_members_alone_take_durres_to_constanta_by_road(under, scenario):
    # Albania, North Macedonia, Bulgaria and Romania are members: the way by Serbia and
    # Kosovo is quicker by minutes only, though they may cost a driver a night
    route = under("road", "Durrës", "Constanța", scenario)
    assert route.countries == ("AL", "MK", "BG", "RO")
    plain = under("road", "Durrës", "Constanța")
    assert 0 < (route.time_h - route.halt_h) - (plain.time_h - plain.halt_h) < 1


def test_without_austria_the_adriatic_reaches_hungary_by_slovenia(under):
    # Austria is a member of the Union, not of NATO
    open_, closed = (
        under("road", "Villach", "Budapest", *scenario)
        for scenario in (("eu_nato_transit",), ())
    )
    assert open_ == closed
    with pytest.raises(NoRouteError, match="access to AT would do"):
        under("road", "Villach", "Budapest", "nato_transit")


def test_where_serbia_denies_access_nothing_of_it_is_used(tables):
    network = build_network(tables, scenario=read_scenario(tables, "serbia_denied"))
    for row, use in zip(network.rows, network.uses, strict=True):
        assert (use == Use.EXCLUDED) == ("RS" in row["country"].split("-"))
    assert "RS" not in {node.side for node in network.graph_nodes}
    assert "belgrade" not in network.nodes_of
    route = find_routes(network, "Budapest", "Thessaloniki")[0]
    assert "RS" not in route.countries


def test_corridor_viii_by_rail_takes_durres_to_burgas_without_montenegro(under):
    route = under("rail", "Port of Durrës", "Burgas", "corridor_viii_rail")
    # from Gyueshevo on, the old line still bars 20 t axles, so that it turns to Serbia
    assert route.countries == ("AL", "MK", "RS", "BG")
    assert route.ruled_km > 100
    # and to Greece if that is denied: longer, still without Montenegro
    longer = under(
        "rail", "Port of Durrës", "Burgas", "corridor_viii_rail", "serbia_denied"
    )
    assert longer.countries == ("AL", "MK", "GR", "BG")
    assert longer.time_h > route.time_h + 2


def test_without_demir_kapija_the_road_has_a_way_round_and_the_railway_hardly_one(
    under,
):
    # by road the valleys of Strumica or Štip go round it; by rail the next line that
    # leaves Greece for the north runs by Kulata and Sofia, three times as far
    for mode, most, least in (("road", 2.0, 1.1), ("rail", 4.0, 2.0)):
        plain = under(mode, "Thessaloniki", "Skopje")
        round_ = under(mode, "Thessaloniki", "Skopje", "demir_kapija_closed")
        assert least < round_.time_h / plain.time_h < most
    assert round_.countries == ("GR", "BG", "RS", "MK")


def test_without_the_grdelica_gorge_lorries_turn_to_kosovo(under):
    route = under("road", "Skopje", "Niš", "grdelica_gorge_closed")
    assert route.countries == ("MK", "XK", "RS")


def test_with_its_line_closed_kosovo_reaches_serbia_by_north_macedonia(under):
    route = under("road", "Prishtina", "Niš", "kosovo_serbia_line_closed")
    assert route.countries == ("XK", "MK", "RS")


def test_rail_route_10_is_the_short_way_when_it_runs_again(under):
    today = under("rail", "Kraljevo", "Skopje")
    again = under("rail", "Kraljevo", "Skopje", "rail_route_10_reopened")
    assert again.countries == ("RS", "XK", "MK")
    assert again.length_km < 0.7 * today.length_km
    assert again.time_h < today.time_h


def test_winter_slows_the_passes_and_not_the_plain(under):
    for origin, destination in (("Skopje", "Ohrid"), ("Durrës", "Skopje")):
        plain, winter = (
            under("road", origin, destination, *names)
            for names in ((), ("winter_in_the_passes",))
        )
        assert plain.time_h < winter.time_h < 1.7 * plain.time_h
    flat = under("road", "Belgrade", "Niš", "winter_in_the_passes")
    assert flat.time_h == under("road", "Belgrade", "Niš").time_h


def test_a_network_three_years_late_opens_part_of_what_was_due(tables):
    used = {}
    for name in (None, "network_2030_late", "network_2030"):
        scenario = None if name is None else read_scenario(tables, name)
        network = build_network(tables, scenario=scenario)
        pairs = zip(network.link_ids, network.uses, strict=True)
        used[name] = {link for link, use in pairs if use == Use.USED}
    assert used[None] < used["network_2030_late"] < used["network_2030"]
