/* Draws a corridor map from the JSON that leaflet.py writes.
   Text from data reaches the page by textContent alone, never as HTML. */
"use strict";
const mobility = (function () {
  const WIDE = 700;

  function el(tag, className, text, parent) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }

  /* ---- the map ---- */

  function start(map, options) {
    map.mobility = { lines: [], strokes: [], scale: 1, links: {}, labels: new Map(), badges: new Map() };
    const panes = { land: 250, graticule: 240, back: 405, corridor: 410, route: 430, badge: 610, label: 620 };
    for (const [name, z] of Object.entries(panes)) {
      const pane = map.createPane("mob-" + name);
      pane.style.zIndex = z;
      if (name === "label" || name === "badge") pane.style.pointerEvents = "none";
    }
    map.attributionControl.setPrefix("Leaflet");
    options.credits.forEach(function (text) {
      map.attributionControl.addAttribution(el("span", "", text).outerHTML);
    });
    if (options.title) el("div", "mob-title", options.title, el("div", "mob-top", undefined, map.getContainer()));
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    map.mobility.bounds = options.bounds;
    fit(map);
    if (options.offline) graticule(map).addTo(map);
    else map.on("layeradd", function (event) {
      if (event.layer instanceof L.TileLayer) event.layer.once("tileerror", function () { graticule(map).addTo(map); });
    });
    map.on("click", function (event) { openNearest(map, event); });
    map.on("zoomend", function () { near(map); });
    near(map);
    let waiting = false;
    map.on("zoomend moveend resize layeradd layerremove", function (event) {
      if (waiting || (event.layer && !map.mobility.labels.has(event.layer) && !map.mobility.badges.has(event.layer))) return;
      waiting = true;
      setTimeout(function () { waiting = false; placeLabels(map); }, 0);
    });
  }

  // Shows the bounds between the panels that lie on the map.
  function fit(map) {
    const wide = map.getSize().x >= WIDE;
    const width = (selector) => map.getContainer().querySelector(selector)?.offsetWidth ?? 0;
    const left = wide ? width(".mob-legend") + 35 : 14, right = wide ? width(".leaflet-control-layers") + 50 : 14;
    map.fitBounds(map.mobility.bounds, { paddingTopLeft: [left, 50], paddingBottomRight: [right, 45], animate: false });
  }

  function near(map) {
    const zoom = map.getZoom(), style = map.getContainer().classList;
    style.toggle("mob-tiny", zoom < 5.75);
    style.toggle("mob-far", zoom >= 5.75 && zoom < 7.5);
    style.toggle("mob-mid", zoom >= 7.5 && zoom < 9);
    map.mobility.scale = zoom < 5.75 ? 0.6 : zoom < 9 ? 1 : 1.25;
    map.mobility.strokes.forEach((stroke) => draw(map, stroke));
  }

  function graticule(map) {
    if (map.mobility.graticule) return map.mobility.graticule;
    const group = map.mobility.graticule = L.layerGroup();
    const thin = { color: "#c3cdd4", weight: 1, opacity: 0.8, interactive: false, pane: "mob-graticule" };
    for (let lon = 0; lon <= 50; lon += 2) group.addLayer(L.polyline([[30, lon], [56, lon]], thin));
    for (let lat = 30; lat <= 56; lat += 2) group.addLayer(L.polyline([[lat, 0], [lat, 50]], thin));
    return group;
  }

  function degrees(map, size, put) {
    const bounds = map.getBounds();
    function mark(x, y, text) {
      put(L.point(x, y), L.divIcon({ className: "mob-graticule", html: el("span", "", text), iconSize: null }), "mob-label");
    }
    for (let lon = 0; lon <= 50; lon += 2) {
      if (bounds.getWest() < lon && lon < bounds.getEast()) mark(map.latLngToContainerPoint([bounds.getNorth(), lon]).x + 3, 2, lon + "° E");
    }
    for (let lat = 30; lat <= 56; lat += 2) {
      if (bounds.getSouth() < lat && lat < bounds.getNorth()) mark(size.x - 32, map.latLngToContainerPoint([lat, bounds.getWest()]).y + 1, lat + "° N");
    }
  }

  function land(map, data) {
    const pane = "mob-land", [west, south, east, north] = data.box;
    const sea = L.rectangle([[south, west], [north, east]], { stroke: false, fillColor: "#dbe7ef", fillOpacity: 1, interactive: false, pane: pane });
    const look = { color: "#a9b3ba", weight: 1, fillColor: "#fbfaf6", fillOpacity: 1, interactive: false, pane: pane };
    return L.featureGroup([sea].concat(data.states.map((rings) => L.polygon(rings.map((ring) => [latlngs(ring)]), look))));
  }

  /* ---- lines ---- */

  // A railway beside its road: shifted in pixels, to the same side whatever its direction.
  const Shifted = L.Polyline.extend({
    _simplifyPoints: function () {
      L.Polyline.prototype._simplifyPoints.call(this);
      if (this.options.shift) this._parts = this._parts.map((part) => shifted(part, this.options.shift));
    },
  });

  function shifted(points, by) {
    const normals = [];
    for (let i = 1; i < points.length; i++) {
      const d = points[i].subtract(points[i - 1]), length = Math.hypot(d.x, d.y) || 1;
      normals.push(L.point(-d.y / length, d.x / length));
    }
    return points.map(function (point, i) {
      const a = normals[i - 1] || normals[i], b = normals[i] || a;
      if (!a) return point;
      return point.add(a.add(b).multiplyBy(by / Math.max(0.6, 1 + a.x * b.x + a.y * b.y)));
    });
  }

  function latlngs(flat) {
    const out = [];
    for (let i = 0; i < flat.length; i += 2) out.push([flat[i + 1], flat[i]]);
    return out;
  }

  function shiftOf(path, style) {
    if (!style.core) return 0;
    const a = path[0], b = path[path.length - 1];
    return (b[1] - a[1]) - 1.35 * (b[0] - a[0]) >= 0 ? 3.5 : -3.5;
  }

  // Draws a line in a style; its width follows the zoom.
  function stroke(map, link, style, options) {
    const line = new Shifted(link.path, Object.assign({
      color: style.colour, opacity: style.opacity, dashArray: style.dash || null, interactive: false,
      lineCap: style.dash && !style.dash.startsWith("1 ") ? "butt" : "round",
    }, options));
    const made = { line: line, width: style.width, shift: link.shift };
    map.mobility.strokes.push(made);
    draw(map, made);
    return line;
  }

  function draw(map, stroke) {
    const weight = stroke.width * map.mobility.scale, shift = stroke.shift * map.mobility.scale;
    if (stroke.line.options.weight === weight && stroke.line.options.shift === shift) return;
    stroke.line.options.shift = shift;
    stroke.line.setStyle({ weight: weight });
    stroke.line.redraw();
  }

  function lines(map, data) {
    const group = L.featureGroup(), cores = [];
    data.links.forEach(function ([id, styleNo, corridor, record, flat]) {
      const style = data.styles[styleNo], path = latlngs(flat);
      const pane = corridor ? "mob-corridor" : "mob-back";
      const link = map.mobility.links[id] = { id: id, data: data, record: record, path: path, shift: shiftOf(path, style), routes: [] };
      const line = stroke(map, link, style, { pane: pane, interactive: true, className: "mob-link" });
      line.bindTooltip(() => el("span", "", data.texts[record[0]]), { sticky: true });
      map.mobility.lines.push({ line: line, link: link, group: group });
      group.addLayer(line);
      if (style.core) cores.push(stroke(map, link, { colour: "#fff", width: style.core, opacity: 1, dash: "" }, { pane: pane }));
    });
    cores.forEach((core) => group.addLayer(core));
    map.mobility.badges.set(group, data.badges || []);
    return group;
  }

  function route(map, data) {
    const group = L.featureGroup(), found = data.links.map((id) => map.mobility.links[id]);
    found.forEach(function (link) {
      group.addLayer(stroke(map, link, data.casing, { pane: "mob-route" }));
    });
    found.forEach(function (link) {
      const line = stroke(map, link, data.line, { pane: "mob-route", interactive: true, className: "mob-route" });
      link.routes.push({ name: data.name, group: group });
      map.mobility.lines.push({ line: line, link: link, group: group });
      group.addLayer(line);
    });
    data.ends.forEach(function (end) {
      const icon = L.divIcon({ className: "mob-end", iconSize: [18, 18], html:
        '<svg width="18" height="18"><circle cx="9" cy="9" r="6.5" fill="#fff" stroke="' + data.line.colour + '" stroke-width="4"/></svg>' });
      group.addLayer(L.marker([end[1], end[0]], { icon: icon, interactive: false, keyboard: false }));
    });
    map.mobility.labels.set(group, data.ends.map((end) => ({ id: end[3], at: L.latLng(end[1], end[0]), text: end[2], rank: 0, zoom: 0 })));
    group.order = data.rank - 1000;
    return group;
  }

  // what would have to be lost: its links dotted, and a cross on each and on its places
  function cut(map, data) {
    const group = L.featureGroup(), found = data.links.map((id) => map.mobility.links[id]);
    found.forEach((link) => group.addLayer(stroke(map, link, data.casing, { pane: "mob-route" })));
    found.forEach((link) => group.addLayer(stroke(map, link, data.line, { pane: "mob-route" })));
    const size = data.symbol.size, icon = L.divIcon({ className: "mob-cut", iconSize: [size, size], html: symbol(data.symbol.drawing, size) });
    data.marks.forEach(function ([lon, lat, name]) {
      group.addLayer(L.marker([lat, lon], { icon: icon, alt: name, title: name, zIndexOffset: 900 }));
    });
    return group;
  }

  function openNearest(map, event) {
    const reach = window.matchMedia("(pointer: coarse)").matches ? 16 : 8;
    let best = null;
    map.mobility.lines.forEach(function (entry) {
      if (!map.hasLayer(entry.group)) return;
      const point = entry.line.closestLayerPoint(event.layerPoint);
      if (point && point.distance <= reach && (!best || point.distance < best.distance)) {
        best = { distance: point.distance, link: entry.link, at: map.layerPointToLatLng(point) };
      }
    });
    if (!best) return;
    const on = best.link.routes.filter((r) => map.hasLayer(r.group)).map((r) => r.name);
    openPopup(map, best.at, popup(best.link.data, best.link.record, on));
  }

  function openPopup(map, at, node) {
    const wide = map.getSize().x >= WIDE;
    map.openPopup(node, at, { maxWidth: Math.min(400, map.getSize().x - 50), minWidth: Math.min(260, map.getSize().x - 60),
      autoPanPaddingTopLeft: wide ? [250, 50] : [10, 50], autoPanPaddingBottomRight: wide ? [210, 40] : [10, 60] });
  }

  /* ---- places ---- */

  function symbol(drawing, size) {
    return '<svg width="' + size + '" height="' + size + '" viewBox="0 0 ' + size + " " + size + '" aria-hidden="true">' + drawing + "</svg>";
  }

  function places(map, data) {
    const group = L.featureGroup(), size = data.symbol.size;
    const icon = (className) => L.divIcon({ className: className, iconSize: [size, size], html: symbol(data.symbol.drawing, size) });
    const major = icon("mob-symbol"), minor = icon("mob-symbol mob-minor");
    data.places.forEach(function ([id, lon, lat, rank, zoom, record]) {
      const name = data.texts[record[0]];
      const marker = L.marker([lat, lon], { icon: zoom ? minor : major, alt: name, title: name, zIndexOffset: 100 * (5 - rank) });
      marker.on("click", () => openPopup(map, marker.getLatLng(), popup(data, record, [])));
      marker.on("keypress", function (event) { if (event.originalEvent.key === "Enter") marker.fire("click"); });
      group.addLayer(marker);
    });
    map.mobility.labels.set(group, data.places.map(([id, lon, lat, rank, zoom, record]) =>
      ({ id: id, at: L.latLng(lat, lon), text: data.texts[record[0]], rank: rank, zoom: zoom })));
    return group;
  }

  /* ---- labels: in order of rank, each at the first free side of its place, or not at all ---- */

  let pen = null;
  function widthOf(text, rank) {
    pen = pen || document.createElement("canvas").getContext("2d");
    pen.font = (rank === 0 ? "700 13px" : rank === 1 ? "600 12px" : rank === 2 ? "500 12px" : "500 11px") + ' system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';
    return pen.measureText(text).width;
  }

  function placeLabels(map) {
    const state = map.mobility, size = map.getSize(), zoom = map.getZoom(), taken = [];
    if (state.drawn) state.drawn.remove();
    const drawn = state.drawn = L.layerGroup();
    function free(box) {
      return !taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]);
    }
    function inside(p) { return p.x > -20 && p.y > -20 && p.x < size.x + 20 && p.y < size.y + 20; }
    function put(p, icon, pane) {
      const at = map.containerPointToLatLng(p);
      drawn.addLayer(L.marker(at, { icon: icon, pane: pane, interactive: false, keyboard: false }));
    }
    if (state.graticule && map.hasLayer(state.graticule)) degrees(map, size, put);
    const frame = map.getContainer().getBoundingClientRect();
    map.getContainer().querySelectorAll(".mob-panel, .leaflet-control-layers, .mob-title, .leaflet-bar").forEach(function (panel) {
      const box = panel.getBoundingClientRect();
      taken.push([box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top]);
    });
    const labels = [], named = new Set();
    state.labels.forEach(function (list, group) { if (map.hasLayer(group)) labels.push(...list); });
    labels.sort((a, b) => a.rank - b.rank);
    function label(item) {
      const p = map.latLngToContainerPoint(item.at);
      if (zoom < item.zoom || named.has(item.id) || !inside(p)) return;
      const w = widthOf(item.text, item.rank) + 2, h = 14, gap = item.rank === 0 ? 11 : 8;
      const corners = [[gap, -h / 2], [-gap - w, -h / 2], [-w / 2, -gap - h], [-w / 2, gap], [gap - 2, -h - 2], [gap - 2, 2], [-gap - w + 2, -h - 2], [-gap - w + 2, 2]];
      const sides = corners.map(([dx, dy]) => ({ dx: dx, dy: dy, box: [p.x + dx - 4, p.y + dy - 1, p.x + dx + w + 4, p.y + dy + h + 1] }))
        .filter((side) => free(side.box));
      const side = sides.find(({ box }) => box[0] >= 0 && box[1] >= 0 && box[2] <= size.x && box[3] <= size.y) || (item.rank === 0 && sides[0]);
      if (!side) return;
      named.add(item.id);
      taken.push(side.box, [p.x - 5, p.y - 5, p.x + 5, p.y + 5]);
      put(p, L.divIcon({ className: "mob-label mob-r" + item.rank, html: el("span", "", item.text), iconSize: null, iconAnchor: [-side.dx, -side.dy] }), "mob-label");
    }
    labels.filter((item) => item.rank === 0).forEach(label);
    const badges = [];
    state.badges.forEach(function (list, group) {
      if (map.hasLayer(group)) list.forEach(function ([text, colour, lon, lat]) {
        const p = map.latLngToContainerPoint([lat, lon]), w = 12 + 8 * text.length;
        const box = [p.x - w / 2, p.y - 9, p.x + w / 2, p.y + 9];
        if (!inside(p) || !free(box) || badges.some((b) => b.text === text && p.distanceTo(b.at) < 110)) return;
        taken.push(box);
        badges.push({ text: text, at: p });
        const node = el("div", "mob-badge", text);
        node.style.background = colour;
        put(p, L.divIcon({ className: "", html: node, iconSize: [w, 18] }), "mob-badge");
      });
    });
    labels.filter((item) => item.rank > 0).forEach(label);
    drawn.addTo(map);
  }

  /* ---- popups ---- */

  // record: [title, subtitle, [[heading, [[label, value, basis, source], …]], …], [note, …]], all by number
  function popup(data, record, routes) {
    const text = (number) => data.texts[number], used = [];
    const node = el("div", "mob-popup");
    el("h3", "", text(record[0]), node);
    el("p", "mob-sub", text(record[1]), node);
    routes.forEach((name) => el("p", "mob-on", name, node));
    record[2].forEach(function ([heading, rows]) {
      if (text(heading)) el("h5", "", text(heading), node);
      const table = el("table", "", undefined, node);
      rows.forEach(function ([label, value, basis, source]) {
        const row = el("tr", "", undefined, table);
        el("th", "", text(label), row);
        el("td", "", text(value), row);
        let words = text(basis);
        if (source >= 0) {
          if (!used.includes(source)) used.push(source);
          words += " [" + (used.indexOf(source) + 1) + "]";
        }
        el("td", text(basis) === "assumed" ? "mob-assumed" : "", words, row);
      });
    });
    record[3].forEach((note) => el("p", "mob-note", text(note), node));
    if (used.length) {
      const list = el("ol", "", undefined, node);
      used.forEach(function (source) {
        const [title, url] = data.sources[source], item = el("li", "", undefined, list);
        if (/^https?:\/\//.test(url)) {
          const link = el("a", "", title, item);
          link.href = url; link.target = "_blank"; link.rel = "noopener noreferrer";
        } else item.textContent = title;
      });
    }
    return node;
  }

  /* ---- controls ---- */

  function swatch(sign) {
    if (!Array.isArray(sign)) {
      return '<svg viewBox="0 0 40 16"><g transform="translate(' + (20 - sign.size / 2 * 0.85) + "," + (8 - sign.size / 2 * 0.85) + ') scale(0.85)">' + sign.drawing + "</g></svg>";
    }
    const out = sign.flatMap(function (style) {
      const line = (colour, width, dash) => '<line x1="2" y1="8" x2="38" y2="8" stroke="' + colour + '" stroke-width="' + width + '"' +
        (dash ? ' stroke-dasharray="' + dash + '"' : "") + (dash.startsWith("1 ") ? ' stroke-linecap="round"' : "") + "/>";
      return [line(style.colour, style.width, style.dash)].concat(style.core ? [line("#fff", style.core, "")] : []);
    });
    return '<svg viewBox="0 0 40 16">' + out.join("") + "</svg>";
  }

  function legend(map, entries) {
    const control = L.control({ position: "bottomleft" });
    control.onAdd = function () {
      const box = el("details", "mob-panel mob-legend");
      box.open = map.getSize().x >= WIDE;
      box.addEventListener("toggle", () => placeLabels(map));
      el("summary", "", "Legend", box);
      let section = null;
      entries.forEach(function ([heading, order, words, sign]) {
        if (heading !== section) el("h4", "", heading, box);
        section = heading;
        const row = el("div", "mob-row", undefined, box);
        row.innerHTML = swatch(sign);   // drawn from the style table, no text of the data in it
        el("span", "", words, row);
      });
      L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
      return box;
    };
    if (entries.length) control.addTo(map);
  }

  function layers(map, bases, overlays) {
    const collapsed = map.getSize().x < WIDE;
    map.mobility.control = L.control.layers(Object.keys(bases).length > 1 ? bases : {}, overlays, {
      collapsed: collapsed, sortLayers: true, sortFunction: (a, b) => (a.order || 0) - (b.order || 0),
    }).addTo(map);
    fit(map);
    placeLabels(map);
  }

  return { start: start, land: land, lines: lines, route: route, cut: cut, places: places, legend: legend, layers: layers };
})();
