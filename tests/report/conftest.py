"""A small network, hostile names included, and a browser to open its map in.

```
            viii-road-01            viii-road-02 (planned)
   durres ═══════════════ skopje ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ evil ── ferry-01 ~~~ bari
      ╚════ viii-rail-01 ════╝  ╲
            (closed)             ╲ connections-mk-road-01 (restricted)
                                  border
```
"""

from __future__ import annotations

import csv
import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mobility.data.tables import Tables, corridors_dir, read_tables
from mobility.model import Route

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "</script><script>boom()</script><img src=x onerror=boom()> \"'`${boom()}&"

ROWS = {
    "nodes.csv": [
        ("durres", "Durrës", "Durazzo", "city", "AL", 19.45, 41.32, "ALDRZ"),
        ("durres_port", "Port of Durrës", "", "port", "AL", 19.46, 41.31, ""),
        ("skopje", "Skopje", "", "city", "MK", 21.43, 42.0, ""),
        ("evil", EVIL, "", "junction", "BG", 23.3, 42.7, ""),
        ("bari", "باري", "Bari", "port", "IT", 16.87, 41.13, ""),
        ("border", "Deve Bair", "", "border", "BG-MK", 22.5, 42.2, ""),
        ("camp", "Camp", "", "base", "XK", 21.2, 42.4, ""),
        ("field", "Field", "", "base", "BG", 24.7, 42.1, ""),
        ("yard", "Yard", "", "terminal", "MK", 21.5, 41.9, ""),
    ],
    "ports.csv": [
        {"node_id": "durres_port", "basin": "adriatic", "port_kind": "sea"}
        | {"depth_m": 11.5},
        {"node_id": "bari", "basin": "adriatic", "port_kind": "sea"},
    ],
    "bases.csv": [
        {"node_id": "camp", "base_kind": "barracks", "nato_role": "KFOR"},
        {"node_id": "field", "base_kind": "air_base"},
    ],
    "borders.csv": [
        {"node_id": "border", "mode": "road", "border_type": "eu_external"}
        | {"from_country": a, "to_country": b, "dwell_h": 1.5}
        for a, b in (("BG", "MK"), ("MK", "BG"))
    ],
    "corridors.csv": [("viii", "road", "durres", "skopje", "Corridor VIII")],
    "countries.csv": [
        {"country": c, "name": c, "nato": "none", "eu": "none", "schengen": "no"}
        for c in ("AL", "BG", "IT", "MK", "XK")
    ],
    "sources.csv": [
        {"source_id": "good", "title": "A good source", "publisher": "P"}
        | {"url": "https://example.org/a?b=1&c=2"},
        {"source_id": "bad", "title": EVIL, "publisher": "P"}
        | {"url": "javascript:boom()"},
    ],
    "provenance.csv": [
        ("links", "viii-road-01", "*", "bad", "2026", "assumed", "low", EVIL),
        (
            "links",
            "viii-road-01",
            "axle_load_t",
            "good",
            "2026",
            "published",
            "high",
            "x",
        ),
        ("ports", "durres_port", "*", "good", "2026", "measured", "high", ""),
    ],
    "rules.csv": [],
    "vehicles.csv": [],
    "links/viii.csv": [
        {"link_id": "viii-road-01", "from_node": "durres", "to_node": "skopje"}
        | {"mode": "road", "kind": "section", "country": "AL", "status": "open"}
        | {"length_km": 290.25, "axle_load_t": 11.5, "name": "A2 'x' <b>"},
        {"link_id": "viii-road-02", "from_node": "skopje", "to_node": "evil"}
        | {"mode": "road", "kind": "section", "country": "MK", "status": "planned"}
        | {"length_km": 200, "opens": 2030},
        {"link_id": "viii-rail-01", "from_node": "durres", "to_node": "skopje"}
        | {"mode": "rail", "kind": "section", "country": "AL", "status": "closed"}
        | {"length_km": 300, "electrification": "25kv_ac"},
    ],
    "links/connections-mk.csv": [
        {"link_id": "connections-mk-road-01", "from_node": "skopje"}
        | {"to_node": "border", "mode": "road", "kind": "section", "country": "MK"}
        | {"status": "restricted", "length_km": 100},
    ],
    "links/ferries.csv": [
        {"link_id": "ferry-01", "from_node": "evil", "to_node": "bari"}
        | {"mode": "ferry", "kind": "section", "country": "BG-IT", "status": "open"}
        | {"length_km": 600, "crossing_h": 9},
    ],
}
DRAWN = {"viii-road-01": [(19.45, 41.32), (20.4, 41.1), (21.43, 42.0)]}


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    root = tmp_path_factory.mktemp("corridors")
    (root / "links").mkdir()
    (root / "geometry").mkdir()
    package = json.loads((corridors_dir() / "datapackage.json").read_text("utf-8"))
    if not any(item["name"] == "outlines" for item in package["resources"]):
        package["resources"].append({"name": "outlines", "path": "outlines.geojson"})
    (root / "datapackage.json").write_text(json.dumps(package), "utf-8")
    fields = {
        item["name"]: [field["name"] for field in item["schema"]["fields"]]
        for item in package["resources"]
        if "schema" in item
    }
    # tables that this folder has no use for are there, and empty
    unused = {f"{name}.csv": [] for name in fields if name != "links"}
    for name, rows in (unused | ROWS).items():
        table = "links" if name.startswith("links/") else name.removesuffix(".csv")
        with (root / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fields[table], restval="")
            writer.writeheader()
            for row in rows:
                as_dict = dict(zip(fields[table], row, strict=False))
                writer.writerow(row if isinstance(row, dict) else as_dict)
    square = [[18, 40], [26, 40], [26, 44], [18, 44], [18, 40]]
    shapes = {
        "outlines.geojson": [({"country": "AL"}, "Polygon", [square])],
        "geometry/viii.geojson": [
            ({"link_id": link, "via": []}, "LineString", line)
            for link, line in DRAWN.items()
        ],
    }
    for name, features in shapes.items():
        lines = ",\n".join(
            json.dumps(
                {"type": "Feature", "properties": about}
                | {"geometry": {"type": kind, "coordinates": line}}
            )
            for about, kind, line in features
        )
        whole = f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'
        (root / name).write_text(whole, "utf-8")
    return read_tables(root)


@pytest.fixture(scope="session")
def route() -> Route:
    return Route(
        rank=1,
        links=("viii-road-01", "connections-mk-road-01"),
        nodes=("durres", "skopje", "border"),
        modes=("road",),
        countries=("AL", "MK"),
        corridors=("viii",),
        border_crossings=("border",),
        time_h=6.25,
        length_km=390.25,
        drive_h=6.25,
        border_h=0.0,
        transfer_h=0.0,
    )


# run before anything else on the page: what goes wrong there is kept
_WATCH = """<script>
window.problems = [];
window.boom = () => problems.push("injected");
addEventListener("error", (e) => problems.push("error " + (e.message || e.target.src)), true);
addEventListener("unhandledrejection", (e) => problems.push("rejected " + e.reason));
for (const kind of ["error", "warn"]) console[kind] = (...words) => problems.push(kind + " " + words.join(" "));
</script>"""  # noqa: E501

# the page in a frame of the exact size (windows of Chromium are no narrower than 500)
_FRAME = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;overflow:hidden">
<iframe id="frame" src="page.html" width="{width}" height="{height}" style="border:0"></iframe>
<pre id="answer" hidden></pre>
<script>
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
addEventListener("load", async () => {{
  const page = frame.contentWindow, doc = frame.contentDocument, answer = {{}};
  await pause(400);
  try {{
    const map = page[Object.keys(page).find((name) => /^map_/.test(name))];
    answer.value = await (async () => {{ {script} }})();
  }} catch (error) {{ answer.failed = String(error.stack || error); }}
  answer.problems = page.problems;
  answer.asked = page.performance.getEntriesByType("resource").map((e) => e.name)
    .filter((name) => /^(https?:)?\\/\\//.test(name));
  document.getElementById("answer").textContent = JSON.stringify(answer);
}});
</script>"""  # noqa: E501


@dataclass(frozen=True)
class Browser:
    """Headless Chromium without a network."""

    program: str
    folder: Path

    def run(self, page: str, script: str, *, size: tuple[int, int] = (1280, 800)):
        """Run the body of an async function beside a page; return what it returns.

        It sees the page as `page`, its document as `doc` and its map as `map`. Any
        console message or request fails the test.
        """
        watched = page.replace("<head>", "<head>" + _WATCH, 1)
        (self.folder / "page.html").write_text(watched, "utf-8")
        width, height = size
        frame = _FRAME.format(width=width, height=height, script=script)
        (self.folder / "frame.html").write_text(frame, "utf-8")
        dom = self._chromium("--dump-dom", f"--window-size={max(500, width)},{height}")
        found = re.search(r'<pre id="answer"[^>]*>(.*?)</pre>', dom, re.DOTALL)
        assert found, dom[-2000:]
        assert found.group(1), "the page never became ready"
        answer = json.loads(html.unescape(found.group(1)))
        assert "failed" not in answer, answer["failed"]
        assert answer["problems"] == []
        assert answer["asked"] == []
        return answer["value"]

    def _chromium(self, *options: str) -> str:
        command = [
            self.program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--allow-file-access-from-files",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={self.folder / 'profile'}",
            "--virtual-time-budget=15000",
            *options,
            (self.folder / "frame.html").as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, timeout=120, check=True)
        return done.stdout.decode()


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if program := shutil.which(name):
            return Browser(program, tmp_path)
    reason = "no Chromium on this machine"
    if os.environ.get("MOBILITY_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)
