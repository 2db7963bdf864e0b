"""The map in headless Chromium with the network off: it opens, toggles and tells."""

from __future__ import annotations

import pytest

from mobility.report.maps import corridor_map
from tests.report.conftest import EVIL

SIZES = [(1280, 800), (390, 844)]

# a click as a finger or mouse makes it: on whatever lies on top at that point
CLICK = """
const click = async (target, x, y) => {
  const box = target.getBoundingClientRect();
  const at = { clientX: x ?? box.x + box.width / 2, clientY: y ?? box.y + box.height / 2 };
  const top = doc.elementFromPoint(at.clientX, at.clientY);
  for (const kind of ["mousedown", "mouseup", "click"]) {
    top.dispatchEvent(new page.MouseEvent(kind, { bubbles: true, cancelable: true, view: page, button: 0, ...at }));
  }
  await pause(400);
};
const open = async (id) => {
  const { line } = map.mobility.lines.find((entry) => entry.link.id === id);
  map.setView(line.getCenter(), 9, { animate: false });
  await pause(300);
  const at = map.latLngToContainerPoint(line.getCenter());
  await click(line.getElement() || map.getContainer(), at.x, at.y);
  return doc.querySelector(".leaflet-popup-content");
};
const texts = (node, selector) => [...node.querySelectorAll(selector)].map((n) => n.textContent);
"""  # noqa: E501


@pytest.fixture
def offline(tables, route):
    drawn = corridor_map(tables, routes=[route], title=EVIL, offline=True)
    return drawn.get_root().render()


@pytest.mark.parametrize("size", SIZES)
def test_links_and_route_are_drawn_and_the_route_is_in_view(browser, offline, size):
    script = """
    const box = map.getSize(), far = ([lat, lon]) => map.latLngToContainerPoint([lat, lon]);
    const shown = [[41.32, 19.45], [42.2, 22.5]].map(far);
    return {
      links: doc.querySelectorAll("path.mob-link").length,
      route: doc.querySelectorAll("path.mob-route").length,
      above: map.getPane("mob-route").style.zIndex > map.getPane("mob-corridor").style.zIndex,
      inside: shown.every((p) => p.x > 0 && p.y > 0 && p.x < box.x && p.y < box.y),
      size: [box.x, box.y],
      wider: doc.documentElement.scrollWidth > box.x,
      title: doc.querySelector(".mob-title").textContent,
    };"""  # noqa: E501
    assert browser.run(offline, script, size=size) == {
        "links": 5,
        "route": 2,
        "above": True,
        "inside": True,
        "size": list(size),
        "wider": False,
        "title": EVIL,
    }


@pytest.mark.parametrize("size", SIZES)
def test_a_click_on_a_link_opens_its_values_as_text(browser, offline, size):
    script = (
        CLICK
        + """
    const popup = await open("viii-road-01");
    const view = popup.getBoundingClientRect();
    return {
      head: texts(popup, "h3, .mob-sub, .mob-on"),
      rows: [...popup.querySelectorAll("tr")].map((row) => texts(row, "th, td")),
      sources: [...popup.querySelectorAll("li")].map((li) => [li.textContent, li.querySelector("a")?.href ?? null]),
      notes: texts(popup, ".mob-note"),
      inside: view.left >= 0 && view.right <= page.innerWidth,
    };"""  # noqa: E501
    )
    found = browser.run(offline, script, size=size)
    assert found["head"] == [
        "Durrës – Skopje",
        "A2 'x' <b> · road · section · AL · Corridor VIII · viii-road-01",
        "Route 1: 6.2 h, 390 km",
    ]
    assert found["rows"] == [
        ["Status", "open", "assumed [1]"],
        ["Length", "290.25 km", "assumed [1]"],
        ["Road class", "main", "assumed [1]"],
        ["Axle load", "11.5 t", "published [2]"],
    ]
    # a source whose address is no web address is no link
    assert found["sources"] == [
        [EVIL, None],
        ["A good source", "https://example.org/a?b=1&c=2"],
    ]
    assert found["notes"] == [EVIL, "Axle load: x"]
    assert found["inside"]


def test_a_near_miss_still_finds_the_link(browser, offline):
    script = (
        CLICK
        + """
    const { line } = map.mobility.lines.find((entry) => entry.link.id === "ferry-01");
    map.setView(line.getCenter(), 8, { animate: false });
    await pause(300);
    const at = map.latLngToContainerPoint(line.getCenter());
    await click(map.getContainer(), at.x, at.y + 6);
    return texts(doc.querySelector(".leaflet-popup-content"), ".mob-sub");"""
    )
    found = browser.run(offline, script)
    assert found == ["ferry · section · BG-IT · ferry-01"]


def test_a_click_on_a_place_opens_its_values(browser, offline):
    script = (
        CLICK
        + """
    map.setView([41.31, 19.46], 12, { animate: false });
    await pause(300);
    await click(doc.querySelector('.mob-symbol[alt="Port of Durrës"], .mob-symbol[title="Port of Durrës"]'));
    const popup = doc.querySelector(".leaflet-popup-content");
    return [texts(popup, "h3"), [...popup.querySelectorAll("tr")].map((row) => texts(row, "th, td"))];"""  # noqa: E501
    )
    title, rows = browser.run(offline, script)
    assert title == ["Port of Durrës"]
    assert ["Depth", "11.5 m", "measured [1]"] in rows


@pytest.mark.parametrize("size", SIZES)
def test_each_layer_can_be_taken_away_and_put_back(browser, offline, size):
    script = (
        CLICK
        + """
    const control = doc.querySelector(".leaflet-control-layers");
    const closed = !control.classList.contains("leaflet-control-layers-expanded");
    if (closed) await click(control.querySelector(".leaflet-control-layers-toggle"));
    const count = () => doc.querySelectorAll("path.leaflet-interactive, .mob-symbol").length;
    const out = {};
    for (const name of texts(control, "label")) {
      const box = () => [...control.querySelectorAll("label")].find((l) => l.textContent === name).querySelector("input");
      const before = [box().checked, count()];
      box().click(); await pause(60);
      const between = [box().checked, count()];
      box().click(); await pause(60);
      out[name.trim()] = [before, between, [box().checked, count()]];
    }
    return [closed, out];"""  # noqa: E501
    )
    closed, found = browser.run(offline, script, size=size)
    assert closed == (size[0] < 700)
    assert len(found) == 13
    for name, (before, between, after) in found.items():
        assert before == after, name
        assert between[0] != before[0], name
        assert (between[1] < before[1]) == before[0], name


def test_the_legend_draws_what_the_map_draws(browser, offline):
    script = """
    const strokes = (nodes) => nodes.map((n) => [n.getAttribute("stroke"), n.getAttribute("stroke-dasharray") || ""].join(" "));
    const shown = strokes([...doc.querySelectorAll("path.mob-link, path.mob-route")]);
    const rows = [...doc.querySelectorAll(".mob-legend .mob-row")];
    const legend = rows.flatMap((row) => strokes([...row.querySelectorAll("line")]));
    return {
      colours: [...new Set(shown.map((s) => s.split(" ")[0]))].filter((c) => !legend.some((l) => l.startsWith(c))),
      words: rows.map((row) => row.textContent),
    };"""  # noqa: E501
    assert browser.run(offline, script) == {
        "colours": [],
        "words": [
            "Route 1: 6.2 h, 390 km", "Corridor VIII", "Connections", "road",
            "railway", "ferry", "open", "restricted", "closed", "planned", "City",
            "Port", "Airport, air base", "Base", "Border crossing", "Terminal, yard",
            "Junction",
        ],
    }  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_labels_do_not_overlap_at_any_zoom(browser, offline, size):
    script = """
    const out = {};
    for (const zoom of [5, 6, 7.5, 9, 11]) {
      map.setView([42.0, 21.43], zoom, { animate: false });
      await pause(200);
      const boxes = [...doc.querySelectorAll(".mob-label span, .mob-badge")].map((n) => n.getBoundingClientRect());
      let hits = 0;
      boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) hits++;
      }));
      out[zoom] = [boxes.length > 0, hits];
    }
    return out;"""  # noqa: E501
    found = browser.run(offline, script, size=size)
    assert set(map(tuple, found.values())) == {(True, 0)}


def test_without_tiles_an_online_map_shows_a_graticule(browser, tables):
    # the tiles are asked for and refused, which is all the console may say
    script = """
    await pause(500);
    page.problems.length = 0;
    return map.hasLayer(map.mobility.graticule);"""
    drawn = corridor_map(tables).get_root().render()
    nowhere = drawn.replace("https://sgx.geodatenzentrum.de", "file:///nowhere")
    assert browser.run(nowhere, script)
