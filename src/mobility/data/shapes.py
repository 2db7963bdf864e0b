"""The GeoJSON files, one feature a line, and distances between places on the ground."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mobility.data.schema import CONTRACT, UNFIT, Contract, label, not_json
from mobility.data.sheets import decode
from mobility.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Floats = npt.NDArray[np.float64]
Point = tuple[float, float]

EARTH_KM = 6371.0088
DEGREE_KM = EARTH_KM * np.pi / 180


@dataclass(frozen=True, slots=True)
class Line:
    """The drawn line of a link: vertices as (lon, lat), and the inner ones' names."""

    file: str
    line: int
    link_id: str
    vertices: tuple[Point, ...]
    via: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlines:
    """Outlines of states, coarse: their rings, and the box they are complete in.

    `box` is west, south, east, north. Rings of holes need no mark: a point inside an
    even number of rings is outside.
    """

    box: tuple[float, float, float, float]
    rings: dict[str, tuple[Floats, ...]]

    def covers(self, lon: float, lat: float) -> bool:
        """Whether the outlines are complete around a point."""
        west, south, east, north = self.box
        return west <= lon <= east and south <= lat <= north


def read_lines(root: Path, contract: Contract) -> tuple[list[Line], list[Problem]]:
    """Read the drawn lines of all links."""
    lines, problems = [], []
    for feature in _features(root, contract, "geometry"):
        if isinstance(feature, Problem):
            problems.append(feature)
            continue
        file, number, item = feature
        try:
            lines.append(_line(file, number, item))
        except UNFIT as error:
            problems.append(Problem(file, number, "", f"is no line: {_why(error)}"))
    return lines, problems


def read_outlines(root: Path, contract: Contract) -> tuple[Outlines, list[Problem]]:
    """Read the outlines of states; without any, the box is empty."""
    rings: dict[str, tuple[Floats, ...]] = {}
    problems = []
    if "outlines" not in contract.resources:
        message = "no resource 'outlines' to check coordinates against"
        problems.append(Problem(label(root, CONTRACT), 0, "", message))
    for feature in _features(root, contract, "outlines"):
        if isinstance(feature, Problem):
            problems.append(feature)
            continue
        file, number, item = feature
        try:
            rings[str(item["properties"]["country"])] = _rings(item["geometry"])
        except UNFIT as error:
            problems.append(Problem(file, number, "", f"is no outline: {_why(error)}"))
    if not rings:
        return Outlines((0.0, 0.0, 0.0, 0.0), {}), problems
    return Outlines(_box(rings), rings), problems


def great_circle_km(
    lon_a: npt.ArrayLike,
    lat_a: npt.ArrayLike,
    lon_b: npt.ArrayLike,
    lat_b: npt.ArrayLike,
) -> Floats:
    """Measure the shortest way over the ground, on a sphere; element by element.

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b
        Degrees; of shapes that broadcast.

    Returns
    -------
    float64 array
        Kilometres, of the shape they broadcast to; NaN where a coordinate is.

    Examples
    --------
    >>> round(float(great_circle_km(18.42, 43.86, 17.43, 43.05)), 1)
    120.4
    """
    a, b = np.radians(lat_a), np.radians(lat_b)
    half_lat, half_lon = (b - a) / 2, np.radians(np.subtract(lon_b, lon_a)) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(a) * np.cos(b) * np.sin(half_lon) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(chord)), dtype=float)


def line_km(vertices: Sequence[Point]) -> float:
    """Measure a line from vertex to vertex."""
    lon, lat = np.array(vertices, dtype=float).T
    return float(great_circle_km(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())


def outside_km(lon: float, lat: float, rings: Sequence[Floats]) -> float:
    """Measure how far a point lies outside an outline; 0 inside.

    Parameters
    ----------
    lon, lat
        The point, degrees.
    rings
        Rings of the outline, each of shape (vertices, 2) with longitudes and latitudes,
        the last vertex equal to the first. Holes are rings too.

    Returns
    -------
    float
        Kilometres to the nearest edge.

    Notes
    -----
    Works in a plane that touches the earth at the point, good to 1 % within 100 km.
    """
    inside, nearest = False, np.inf
    for ring in rings:
        x = (ring[:, 0] - lon) * DEGREE_KM * np.cos(np.radians(lat))
        y = (ring[:, 1] - lat) * DEGREE_KM
        inside ^= _crossings_are_odd(x, y)
        nearest = min(nearest, _to_origin_km(x, y))
    return 0.0 if inside else float(nearest)


def _crossings_are_odd(x: Floats, y: Floats) -> bool:
    """Whether a ray from the origin eastward crosses a ring an odd number of times."""
    rises = (y[:-1] > 0) != (y[1:] > 0)
    x0, y0, x1, y1 = x[:-1][rises], y[:-1][rises], x[1:][rises], y[1:][rises]
    return bool(np.count_nonzero(x0 - y0 * (x1 - x0) / (y1 - y0) > 0) % 2)


def _to_origin_km(x: Floats, y: Floats) -> float:
    """Measure from the origin to the nearest point of a ring."""
    dx, dy = np.diff(x), np.diff(y)
    length = np.maximum(dx**2 + dy**2, 1e-12)
    along = np.clip(-(x[:-1] * dx + y[:-1] * dy) / length, 0, 1)
    return float(np.hypot(x[:-1] + along * dx, y[:-1] + along * dy).min())


def _features(
    root: Path, contract: Contract, name: str
) -> Iterator[tuple[str, int, dict[str, Any]] | Problem]:
    """Yield the features of a resource with file and line, or what is wrong."""
    resource = contract.resources.get(name)
    for path in resource.files(root) if resource else ():
        file = label(root, path.relative_to(root).as_posix())
        try:
            data = path.read_bytes()
        except OSError:
            continue  # reported where the content is read
        text, undecodable = decode(file, data)
        yield from undecodable
        yield from _features_of(file, text)


def _features_of(
    file: str, text: str
) -> Iterator[tuple[str, int, dict[str, Any]] | Problem]:
    """Yield the features of one file, each with its line."""
    try:
        whole = json.loads(text)
        count = len(whole["features"])
    except (KeyError, TypeError):
        yield Problem(file, 0, "", "is not a GeoJSON FeatureCollection")
        return
    except (ValueError, RecursionError) as error:
        yield not_json(file, error)
        return
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            item = json.loads(line.strip().rstrip(","))
        except ValueError:
            continue
        if isinstance(item, dict) and item.get("type") == "Feature":
            found.append((file, number, item))
    if len(found) != count:
        message = f"holds {count} features but {len(found)} lines that are a feature"
        yield Problem(file, 0, "", f"{message}: write one feature a line")
    yield from found


def _line(file: str, number: int, item: dict[str, Any]) -> Line:
    """Turn a feature into the line of a link."""
    shape, properties = item["geometry"], item["properties"]
    if shape["type"] != "LineString":
        msg = f"geometry is {shape['type']!r}, not 'LineString'"
        raise ValueError(msg)
    vertices = tuple(_vertex(lon, lat) for lon, lat in shape["coordinates"])
    if len(vertices) < 2:
        msg = "it has fewer than two vertices"
        raise ValueError(msg)
    link_id, via = properties["link_id"], properties.get("via") or ()
    if not isinstance(link_id, str) or isinstance(via, str):
        msg = "link_id must be a string and via a list"
        raise TypeError(msg)
    return Line(file, number, link_id, vertices, tuple(str(name) for name in via))


def _vertex(lon: Any, lat: Any) -> Point:
    """Return a vertex, if it is one."""
    numbers = isinstance(lon, int | float) and isinstance(lat, int | float)
    if numbers and -180 <= lon <= 180 and -90 <= lat <= 90:
        return float(lon), float(lat)
    msg = f"vertex [{lon!r}, {lat!r}] is not on earth"
    raise ValueError(msg)


def _rings(shape: dict[str, Any]) -> tuple[Floats, ...]:
    """Turn a Polygon or MultiPolygon into its rings."""
    polygons = shape["coordinates"]
    if shape["type"] == "Polygon":
        polygons = [polygons]
    elif shape["type"] != "MultiPolygon":
        msg = f"geometry is {shape['type']!r}, not 'Polygon' or 'MultiPolygon'"
        raise ValueError(msg)
    return tuple(
        np.array(ring, dtype=float)[:, :2] for polygon in polygons for ring in polygon
    )


def _box(rings: dict[str, tuple[Floats, ...]]) -> tuple[float, float, float, float]:
    """Return the box around all rings: that which they were clipped to."""
    points = np.concatenate([ring for parts in rings.values() for ring in parts])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _why(error: Exception) -> str:
    """Put an exception into words."""
    return f"no {error}" if isinstance(error, KeyError) else str(error)
