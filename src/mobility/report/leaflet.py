"""The Folium elements a corridor map is made of.

The page carries Leaflet and jQuery itself (from the XStatic packages), so that it asks
the network for background tiles only, and offline for nothing. Text from data travels
as JSON and reaches the page as text, never as HTML. Each layer holds its texts once.
"""

from __future__ import annotations

import base64
import html
import json
import mimetypes
import re
import zlib
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import folium
from branca.element import Element, Figure, MacroElement
from folium.map import Layer, LayerControl
from folium.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

    from mobility.report.style import Line, Symbol

Box = tuple[float, float, float, float]


class Tiles(NamedTuple):
    """A background from the network."""

    name: str
    address: str
    credit: str


# the second refuses pages opened from a file (no referrer), so it is not the first;
# both need no key
_TILES = (
    Tiles(
        "Grey map (TopPlusOpen)",
        "https://sgx.geodatenzentrum.de/wmts_topplus_open/tile/1.0.0/web_grau/default/"
        "WEBMERCATOR/{z}/{y}/{x}.png",
        '<a href="https://sg.geodatenzentrum.de/web_public/gdz/datenquellen/'
        'Datenquellen_TopPlusOpen.html">© BKG, data sources</a> '
        '(<a href="https://www.govdata.de/dl-de/by-2-0">dl-de/by-2-0</a>)',
    ),
    Tiles(
        "OpenStreetMap",
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        '© <a href="https://www.openstreetmap.org/copyright">'
        "OpenStreetMap contributors</a>",
    ),
)


class CorridorMap(folium.Map):
    """A Folium map that carries its own scripts, keeps its legend and controls last.

    Layers of any kind may be added at any time. `folium.Marker` with its default icon
    and `folium.Icon` need files this page does not load: use `CircleMarker`.

    Parameters
    ----------
    bounds
        West, south, east, north of what to show first.
    title
        Heading on the map and of the page.
    credits
        Texts of the attribution line, after those of the background.
    offline
        No background tiles; a graticule instead.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 (Folium's own declaration)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(
        self,
        bounds: Box,
        *,
        title: str,
        credits: Iterable[str] = (),  # noqa: A002
        offline: bool = False,
    ) -> None:
        west, south, east, north = bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=6,
            tiles=None,
            zoom_snap=0.5,
            max_zoom=17,
        )
        self.offline = offline
        self.title = title
        header: Element = cast("Figure", self.get_root()).header
        header.add_child(Element(_inlined()), name="mobility_page")
        header.add_child(Element(f"<title>{html.escape(title)}</title>"), name="title")
        self.add_child(
            _Script(
                "mobility.start",
                {
                    "bounds": [[south, west], [north, east]],
                    "title": title,
                    "credits": list(credits),
                    "offline": offline,
                },
            ),
            name="start",
        )
        for tiles in () if offline else _TILES:
            self.add_child(_background(tiles))
        self._legend = _Script("mobility.legend", [])
        self.add_child(self._legend, name="legend")
        self.add_child(_Layers(), name="layers")

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Render, with a legend of the layers there are and the same ids each time."""
        entries = {
            (entry.section, entry.words): entry
            for layer in self._children.values()
            for entry in getattr(layer, "legend", ())
        }
        self._legend.data = sorted(entries.values(), key=_legend_order)
        for last in ("legend", "layers"):
            self._children.move_to_end(last)
        # two maps on one page need ids of their own
        children = list(self._children.values())
        look = [self.title, *(getattr(child, "layer_name", "") for child in children)]
        mark = zlib.crc32("\n".join(look).encode())
        for number, element in enumerate([self, *children]):
            element._id = f"{mark:08x}_{number:03d}"
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def _background(tiles: Tiles) -> folium.TileLayer:
    return folium.TileLayer(
        tiles.address,
        name=tiles.name,
        attr=tiles.credit,
        show=tiles is _TILES[0],
        max_native_zoom=13,
        max_zoom=17,
        class_name="mob-tiles",
    )


class LegendEntry(NamedTuple):
    """One line of the legend: lines drawn on each other, or one symbol."""

    section: str
    order: int
    words: str
    sign: list[dict[str, object]] | dict[str, object]


_SECTIONS = ("Losses", "Routes", "Cut", "Corridors", "Mode", "Status", "Places")


def _legend_order(entry: LegendEntry) -> tuple[int, int, str]:
    known = entry.section in _SECTIONS
    section = _SECTIONS.index(entry.section) if known else len(_SECTIONS)
    return section, entry.order, entry.words


class DataLayer(Layer):
    """A layer drawn by one function of `page.js` from one JSON value.

    Parameters
    ----------
    name
        Shown in the layer control.
    function
        Name of the drawing function.
    data
        Its argument.
    legend
        What the layer adds to the legend.
    control
        Whether the layer control lists it.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} =
            {{ this.function }}({{ this._parent.get_name() }}, {{ this.json() }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        name: str,
        function: str,
        data: object,
        *,
        legend: Iterable[LegendEntry] = (),
        show: bool = True,
        control: bool = True,
    ) -> None:
        super().__init__(
            name=html.escape(name), overlay=True, show=show, control=control
        )
        self._name = "MobilityLayer"
        self.function = function
        self.data = data
        self.legend = tuple(legend)

    def json(self) -> str:
        """Return the data as JSON that is safe inside a script element."""
        return script_json(self.data)


class Texts:
    """Each text once, in order of first use; rows refer to it by number."""

    def __init__(self) -> None:
        self.all: dict[Any, int] = {}

    def __call__(self, text: Any) -> int:
        """Return the number of a text, new or known."""
        return self.all.setdefault(text, len(self.all))


def line_json(line: Line) -> dict[str, object]:
    """Return a line as `page.js` reads it."""
    return asdict(line)


def symbol_json(symbol: Symbol) -> dict[str, object]:
    """Return a symbol as `page.js` reads it."""
    return asdict(symbol)


def script_json(data: object) -> str:
    """Return compact JSON that no script element, comment or string can be left by."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def external_requests(page: str) -> list[str]:
    """Return the addresses a page would load by itself; links to click do not count."""
    loaded = r"<(?:script|link|img|iframe|source|image)\b[^>]*?(?:src|href)\s*=\s*"
    return [
        found.group(1)
        for pattern in (
            loaded + r"""["']?((?:https?:)?//[^"'\s>]+)""",
            r"""url\(\s*["']?((?:https?:)?//[^"')\s]+)""",
            r"""@import\s+["']((?:https?:)?//[^"']+)""",
            r"""L\.tileLayer(?:\.wms)?\(\s*["']((?:https?:)?//[^"']+)""",
        )
        for found in re.finditer(pattern, page, re.IGNORECASE)
    ]


class _Script(MacroElement):
    """One call of a function of `page.js`, with the map and one JSON value."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {{ this.function }}({{ this._parent.get_name() }}, {{ this.json() }});
        {% endmacro %}
        """
    )

    def __init__(self, function: str, data: object) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "MobilityScript"
        self.function = function
        self.data = data

    def json(self) -> str:
        """Return the data as JSON that is safe inside a script element."""
        return script_json(self.data)


class _Layers(LayerControl):
    """Folium's layer control, open on a wide screen and closed on a phone."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        mobility.layers({{ this._parent.get_name() }}, {
            {%- for name, layer in this.base_layers.items() %}
            {{ name|tojson }}: {{ layer }},
            {%- endfor %}
        }, {
            {%- for name, layer in this.overlays.items() %}
            {{ name|tojson }}: {{ layer }},
            {%- endfor %}
        });
        {% endmacro %}
        """
    )


def _inlined() -> str:
    leaflet = resources.files("xstatic.pkg.leaflet") / "data"
    jquery = resources.files("xstatic.pkg.jquery") / "data"
    here = resources.files("mobility.report")
    scripts = (leaflet / "leaflet.js", jquery / "jquery.min.js", here / "page.js")
    sheets = (_sheet(leaflet, "leaflet.css"), _sheet(here, "page.css"))
    return "\n".join(
        [f"<style>{sheet}</style>" for sheet in sheets]
        + [f"<script>{_script(script)}</script>" for script in scripts]
    )


def _script(file: Traversable) -> str:
    code = re.sub(r"//# sourceMappingURL=.*", "", file.read_text(encoding="utf-8"))
    return code.replace("</script", "<\\/script")


def _sheet(folder: Traversable, name: str) -> str:
    text = (folder / name).read_text(encoding="utf-8")
    pattern = r"""url\((['"]?)(?!data:|#)([^)'"?#]+)[^)'"]*\1\)"""
    return re.sub(pattern, lambda m: f"url({_data_uri(folder / m.group(2))})", text)


def _data_uri(file: Traversable) -> str:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
