"""The one table of colours, lines and symbols, for maps and figures alike.

Colour says corridor, line says mode (road single, rail double, ferry dash-dot) and
status (dashes), so that nothing rests on colour alone. The colours follow
Okabe and Ito, and a test holds them apart under every common colour blindness.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mobility.model import Mode, Status


@dataclass(frozen=True, slots=True)
class Corridor:
    """How a corridor is badged and coloured; branches wear their trunk's colour."""

    badge: str
    colour: str
    trunk: str


@dataclass(frozen=True, slots=True)
class Line:
    """How a line is drawn; widths and dashes in pixels on screen.

    `dash` is empty for a solid line, `core` the width of the white line drawn inside
    (0: none), which makes a double line of it.
    """

    colour: str
    width: float
    dash: str = ""
    core: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Symbol:
    """How a kind of place is drawn: an SVG drawing in a square of `size` pixels."""

    name: str
    size: int
    drawing: str


_X, _VC, _VIII, _RAIL_10 = "#d55e00", "#0067a8", "#009e73", "#75103f"

CORRIDORS = {
    "vc": Corridor("Vc", _VC, "vc"),
    "viii": Corridor("VIII", _VIII, "viii"),
    "x": Corridor("X", _X, "x"),
    "xa": Corridor("Xa", _X, "x"),
    "xb": Corridor("Xb", _X, "x"),
    "xc": Corridor("Xc", _X, "x"),
    "xd": Corridor("Xd", _X, "x"),
    "rail_10": Corridor("R10", _RAIL_10, "rail_10"),
}
OTHER_CORRIDORS = ("#997700", "#332288", "#882255", "#117733", "#44aa99")
CONNECTION = "#66707c"
FERRY = "#2f5d8a"

STATUS = {
    Status.OPEN: "",
    Status.RESTRICTED: "18 3",
    Status.WORKS: "9 3",
    Status.CLOSED: "1 6",
    Status.CONSTRUCTION: "9 8",
    Status.PLANNED: "4 8",
    Status.MISSING: "1 12",
}
STATUS_WORDS = {
    Status.OPEN: "open",
    Status.RESTRICTED: "restricted",
    Status.WORKS: "works, passes",
    Status.CLOSED: "closed",
    Status.CONSTRUCTION: "under construction",
    Status.PLANNED: "planned",
    Status.MISSING: "missing",
}
UNBUILT = (Status.CONSTRUCTION, Status.PLANNED, Status.MISSING)

MODE_WORDS = {
    Mode.ROAD: "road",
    Mode.RAIL: "railway",
    Mode.FERRY: "ferry",
}

_FERRY_DASH = "12 5 2 5"
_ROUTES = ("#111111", "#5e2ca5", "#7a4a12", "#00566b", "#8a1538")

# from little to much: darker, which every eye sees, and wider; no corridor is violet
_DELAYS = (
    ("#cbc9e2", 3.0),
    ("#9e9ac8", 4.5),
    ("#6a51a3", 6.0),
    ("#2d004b", 8.0),
)
DELAY_CLASSES = len(_DELAYS)

SYMBOLS = {
    "city": Symbol(
        "City",
        12,
        '<circle cx="6" cy="6" r="4.2" fill="#fff" stroke="#111" stroke-width="2"/>',
    ),
    "port": Symbol(
        "Port",
        18,
        '<rect x="1" y="1" width="16" height="16" rx="3" fill="#123a63" stroke="#fff"/>'
        '<path d="M9 4.2v9.6M6.2 6.6h5.6M4.6 9.8c.3 2.6 2 4 4.4 4s4.1-1.4 4.4-4" '
        'fill="none" stroke="#fff" stroke-width="1.5" stroke-linecap="round"/>',
    ),
    "base": Symbol(
        "Base",
        16,
        '<path d="M8 1.2 15 14.5H1z" fill="#4a4a1f" stroke="#fff" '
        'stroke-linejoin="round"/>',
    ),
    "airport": Symbol(
        "Airport, air base",
        18,
        '<circle cx="9" cy="9" r="8" fill="#4a4a1f" stroke="#fff"/>'
        '<path d="M9 2.8c.6 0 .9.7.9 1.5v3l5 3v1.4l-5-1.5v2.6l1.5 1.1v1L9 14.2l-2.4.7'
        'v-1l1.5-1.1v-2.6l-5 1.5v-1.4l5-3v-3c0-.8.3-1.5.9-1.5z" fill="#fff"/>',
    ),
    "border": Symbol(
        "Border crossing",
        14,
        '<path d="M7 1 13 7 7 13 1 7z" fill="#fff" stroke="#7a1f5c" '
        'stroke-width="2"/><path d="M4.4 7h5.2" stroke="#7a1f5c" stroke-width="2"/>',
    ),
    "terminal": Symbol(
        "Terminal, yard",
        14,
        '<path d="M1.5 1.5h11v11h-11z" fill="#fff" stroke="#333" stroke-width="2"/>'
        '<path d="M4 5h6M4 9h6" stroke="#333" stroke-width="1.6"/>',
    ),
    "junction": Symbol(
        "Junction",
        8,
        '<circle cx="4" cy="4" r="2.6" fill="#555" stroke="#fff"/>',
    ),
}


# what would have to be lost: ink under any eye's colours, dots and a cross
CUT = Symbol(
    "Would have to be lost",
    20,
    '<circle cx="10" cy="10" r="8.5" fill="#fff" stroke="#111" stroke-width="2"/>'
    '<path d="M6 6l8 8M14 6l-8 8" stroke="#111" stroke-width="2.6" '
    'stroke-linecap="round"/>',
)
CUT_LINE = (Line("#ffffff", 13, opacity=0.95), Line("#111111", 7, "1 9"))


@dataclass(frozen=True, slots=True)
class PlaceLayer:
    """A layer of places: kind, symbol, rank of its labels and zoom they appear from."""

    kind: str
    name: str
    rank: int
    zoom: float
    show: bool = True

    @property
    def symbol(self) -> Symbol:
        """The symbol of the kind."""
        return SYMBOLS[self.kind]


# from the bottom up
PLACE_LAYERS = (
    PlaceLayer("junction", "Junctions", 5, 9.5, show=False),
    PlaceLayer("terminal", "Terminals and yards", 4, 9.0, show=False),
    PlaceLayer("border", "Border crossings", 4, 9.0),
    PlaceLayer("base", "Bases", 4, 9.0),
    PlaceLayer("airport", "Airports and air bases", 4, 9.0),
    PlaceLayer("port", "Ports", 3, 8.0),
    PlaceLayer("city", "Cities", 2, 7.5),
)


def corridor(corridor_id: str) -> Corridor:
    """Return the style of a corridor, also of one this table does not know."""
    known = CORRIDORS.get(corridor_id)
    if known:
        return known
    colour = OTHER_CORRIDORS[sum(corridor_id.encode()) % len(OTHER_CORRIDORS)]
    return Corridor(corridor_id.replace("_", " ").upper(), colour, corridor_id)


def link_line(mode: Mode, status: Status, corridor_id: str = "") -> Line:
    """Return how a link is drawn.

    Parameters
    ----------
    mode, status
        Of the link.
    corridor_id
        Empty for a link on no corridor.
    """
    if mode is Mode.FERRY:
        return Line(FERRY, 2.2, STATUS[status] or _FERRY_DASH)
    if corridor_id:
        line = Line(corridor(corridor_id).colour, 4.4, STATUS[status])
    else:
        line = Line(CONNECTION, 2.3, STATUS[status])
    if mode is Mode.RAIL:
        line = replace(line, width=line.width + 0.6, core=line.width * 0.42)
    return line


def mode_line(mode: Mode) -> Line:
    """Return a line of a mode, wide enough for a legend."""
    line = link_line(mode, Status.OPEN)
    return replace(line, width=1.6 * line.width, core=1.6 * line.core)


def route_line(rank: int) -> tuple[Line, Line]:
    """Return casing and line of a route, the best the heaviest."""
    width = 5.5 if rank == 1 else 4.0
    line = Line(_ROUTES[(rank - 1) % len(_ROUTES)], width)
    return Line("#ffffff", width + 5, opacity=0.95), line


def delay_line(number: int) -> tuple[Line, Line]:
    """Return casing and line of a class of delays, 0 the least."""
    colour, width = _DELAYS[number]
    return Line("#333333", width + 1.6), Line(colour, width)
