"""Which pairs of places an analysis of the whole flank asks about.

The default set is a rule over the tables, not a list: a port or base that is added to
them is in it. Every pair weighs 1, so that a share of weight is a share of pairs; who
knows which flows matter more says so in a file.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mobility.data.find import find_place
from mobility.errors import InputError, UnknownNameError
from mobility.kernels.csr import Csr, build
from mobility.model import Mode, Problem
from mobility.network.arcs import NO_LINK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from mobility.data.tables import Tables
    from mobility.network.build import Network

    Ints = npt.NDArray[np.int64]

COLUMNS = ("origin", "destination", "weight")
# name of cells that stand under no head
_BEYOND = "beyond the header"
_ENTRY_BASINS = ("adriatic", "aegean", "ionian")
# Galați lies on the Danube, but sea-going ships come up to it
_FLANK_PORTS = (
    "burgas_port",
    "constanta_port",
    "galati_port",
    "mangalia_port",
    "varna_port",
)
_FLANK_STATES = ("BG", "RO")
_BEYOND_STATES = frozenset({"MD", "UA"})
# where ground forces gather, train or draw stores; not airports, staffs and radars
_BASE_KINDS = ("air_base", "barracks", "depot", "training_area")


def default_pairs(network: Network) -> pd.DataFrame:
    """Return the pairs that the reinforcement of the Black Sea flank is judged by.

    Every entry port (`entry_ports`) with every place of `flank_places`.

    Returns
    -------
    pandas.DataFrame
        As `make_pairs` gives it: each pair weighs 1.

    Notes
    -----
    The set follows from the tables and the mode, so that scenarios of one mode can be
    held against each other pair by pair; only a planned port waits until the network
    has it. A pair without a way stays in the set: it is for the analysis to say so.
    """
    return make_pairs(entry_ports(network), flank_places(network))


def entry_ports(network: Network) -> list[str]:
    """Return the sea ports of the Adriatic, Ionian and Aegean, by id.

    Oil terminals and naval ports are none, nor is a port that no link of the tables
    reaches in a mode of the network. A planned port is one where it is open.
    """
    ports = network.tables.ports
    kind, near = ports["port_kind"], ports["basin"].isin(_ENTRY_BASINS)
    built = ports.index[near & (kind == "sea")]
    planned = ports.index[near & (kind == "planned")]
    touched = _touched(network)
    found = {str(port) for port in built if port in touched}
    return sorted(found | {str(port) for port in planned if port in network.nodes_of})


def flank_places(network: Network) -> list[str]:
    """Return where reinforcement of the Black Sea flank goes to, by id.

    The ports of Constanța, Varna, Burgas, Mangalia and Galați; the bases of Romania and
    Bulgaria that have a role for NATO and are an air base, barracks, a depot or a
    training area; the crossings into Moldova and Ukraine. Each only where a link of the
    tables reaches it in a mode of the network.
    """
    tables = network.tables
    nodes, bases = tables.nodes, tables.bases
    states = nodes["country"]
    camps = bases.index[
        bases["base_kind"].isin(_BASE_KINDS)
        & bases["nato_role"].notna()
        & states.reindex(bases.index).isin(_FLANK_STATES)
    ]
    borders = states[nodes["kind"] == "border"]
    gates = [place for place, both in borders.items() if _leads_beyond(str(both))]
    found = {str(place) for place in (*_FLANK_PORTS, *camps, *gates)}
    return sorted(found & _touched(network))


def _leads_beyond(states: str) -> bool:
    """Whether a crossing joins a state of the flank to one beyond it."""
    both = set(states.split("-"))
    return bool(both & _BEYOND_STATES) and bool(both & set(_FLANK_STATES))


def _touched(network: Network) -> set[str]:
    """Return the places that links of the tables reach in a mode, open or not."""
    modes = {
        "any": tuple(Mode),
        "rail": (Mode.RAIL,),
        "road": (Mode.ROAD, Mode.FERRY),
    }[network.mode]
    links = network.tables.links
    used = links[links["mode"].isin(modes)]
    return set(used["from_node"]) | set(used["to_node"])


def make_pairs(origins: Iterable[str], destinations: Iterable[str]) -> pd.DataFrame:
    """Pair every origin with every destination, each pair with weight 1.

    Parameters
    ----------
    origins, destinations
        Place ids; a place and itself make no pair.

    Returns
    -------
    pandas.DataFrame
        `origin`, `destination` and `weight`, in the order given.

    Raises
    ------
    InputError
        No pair is left.
    """
    ends = list(dict.fromkeys(destinations))
    rows = [(a, b, 1.0) for a in dict.fromkeys(origins) for b in ends if a != b]
    if not rows:
        msg = "no pairs: there should be an origin and a destination that differ"
        raise InputError(msg)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def read_pairs(tables: Tables, path: Path) -> pd.DataFrame:
    """Read pairs from CSV with the columns `origin`, `destination` and `weight`.

    Parameters
    ----------
    tables
        Where the places are; they may be named as `find_place` understands.
    path
        The file; further columns are left aside.

    Returns
    -------
    pandas.DataFrame
        `origin` and `destination` as ids, `weight`; in the order of the file.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column or any row, or a row is wrong: a place
        is unknown, origin and destination are one, the pair stands there already, or
        the weight is no finite number above 0. The message names file, line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey=_BEYOND, strict=True)
            missing = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
            if missing:
                message = f"no such column; needed are {', '.join(COLUMNS)}, "
                message += "separated by commas"
                raise _wrong(path, 1, missing[0], message)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if isinstance(error, UnicodeDecodeError):
            reason = "it is not UTF-8"
        msg = f"cannot read pairs from {path}: {reason.lower()}"
        raise InputError(msg) from None
    if not rows:
        raise _wrong(path, 1, "origin", "no pairs: the file has no rows")
    lines: dict[tuple[str, str], int] = {}
    pairs = [_pair(tables, path, line, row, lines) for line, row in rows]
    frame = pd.DataFrame(pairs, columns=list(COLUMNS))
    if not math.isfinite(sum(frame["weight"].tolist())):
        raise _wrong(path, rows[-1][0], "weight", "the weights add up to no number")
    return frame


def _pair(
    tables: Tables,
    path: Path,
    line: int,
    row: Mapping[str, str | None],
    lines: dict[tuple[str, str], int],
) -> tuple[str, str, float]:
    """Check one row; `lines` remembers where each pair stands."""
    if _BEYOND in row:
        raise _wrong(path, line, "weight", "the row has more cells than the header")
    places = []
    for column in COLUMNS[:2]:
        try:
            places.append(find_place(tables, row[column] or ""))
        except UnknownNameError as error:
            raise _wrong(path, line, column, str(error)) from None
    origin, destination = places
    if origin == destination:
        message = f"{destination!r} is the origin too"
        raise _wrong(path, line, "destination", message)
    if (origin, destination) in lines:
        message = f"{origin!r} to {destination!r} stands in line "
        message += str(lines[origin, destination])
        raise _wrong(path, line, "destination", message)
    lines[origin, destination] = line
    return origin, destination, _weight(path, line, row["weight"])


def _weight(path: Path, line: int, cell: str | None) -> float:
    try:
        weight = float(cell or "")
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight > 0):
        message = f"{cell or ''!r} should be a finite number above 0"
        raise _wrong(path, line, "weight", message)
    return weight


def check_pairs(network: Network, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return pairs as an analysis takes them, numbered from 0.

    Parameters
    ----------
    pairs
        `origin` and `destination` as place ids, and `weight`.

    Raises
    ------
    InputError
        A column or every row is missing, a pair stands twice or is a place and itself,
        or a weight is no finite number above 0.
    UnknownNameError
        No place has the id.
    """
    missing = [column for column in COLUMNS if column not in pairs.columns]
    if missing:
        msg = f"pairs lack the column {missing[0]!r}; needed: {', '.join(COLUMNS)}"
        raise InputError(msg)
    if pairs.empty:
        msg = "no pairs: there should be at least one"
        raise InputError(msg)
    found = pairs[list(COLUMNS)].reset_index(drop=True)
    for column in COLUMNS[:2]:
        found[column] = _ids(network.tables, found[column].tolist())
    same = found["origin"] == found["destination"]
    _refuse(found[same], "is a place and itself")
    _refuse(found[found.duplicated(list(COLUMNS[:2]))], "stands twice")
    weights = pd.to_numeric(found["weight"], errors="coerce").astype(float)
    sound = (weights > 0) & (weights < math.inf)
    if not sound.all():
        cell = found["weight"][~sound].iloc[0]
        msg = f"weight {cell} of a pair should be a finite number above 0"
        raise InputError(msg)
    return found.assign(weight=weights)


def _refuse(wrong: pd.DataFrame, what: str) -> None:
    """Refuse pairs, naming the first, if there are any."""
    if not wrong.empty:
        row = wrong.iloc[0]
        msg = f"the pair {row['origin']!r} to {row['destination']!r} {what}"
        raise InputError(msg)


def _ids(tables: Tables, names: Sequence[str]) -> list[str]:
    known = {name: find_place(tables, name) for name in dict.fromkeys(names)}
    return [known[name] for name in names]


def _wrong(path: Path, line: int, column: str, message: str) -> InputError:
    return InputError(str(Problem(str(path), line, column, message)))


@dataclass(frozen=True, slots=True)
class PairGraph:
    """A network with a source and a target for each place that pairs name.

    Attributes
    ----------
    graph
        The arcs of the network under their numbers, then the joints: arcs of no link
        that cost nothing, from a source to its place in every mode and from there to
        its target.
    sources, targets : int64 arrays, shape (pairs,)
        Nodes of the graph, row by row of the pairs.
    place_ids
        Places of the network and of the pairs, sorted.
    places : int64 array, shape (nodes,)
        Per node of the graph its place, as a position in `place_ids`: the place of a
        source or target is the one it stands for, so that it is not lost to its pairs.
    spots : int64 array, shape (nodes,)
        Per node a number that it shares with the other tracks at its place, mode and
        side; sources and targets share theirs with nothing.
    """

    graph: Csr
    sources: Ints
    targets: Ints
    place_ids: tuple[str, ...]
    places: Ints
    spots: Ints


def join(network: Network, pairs: pd.DataFrame) -> PairGraph:
    """Give every place that pairs name a source and a target; weights are hours in ms.

    Parameters
    ----------
    pairs
        As `check_pairs` returns them. A place the network has nothing of keeps a source
        and a target without arcs.
    """
    ends = sorted({*pairs["origin"], *pairs["destination"]})
    size = len(network.graph_nodes)
    source = {place: size + i for i, place in enumerate(ends)}
    target = {place: size + len(ends) + i for i, place in enumerate(ends)}
    joints = [
        joint
        for place in ends
        for node in network.nodes_of.get(place, ())
        for joint in ((source[place], node), (node, target[place]))
    ]
    tails, heads = np.array(joints, dtype=np.int64).reshape(-1, 2).T
    graph = build(
        size + 2 * len(ends),
        np.concatenate([network.tails, tails]),
        np.concatenate([network.heads, heads]),
        np.concatenate([network.time_ms, np.zeros(len(joints), dtype=np.int64)]),
        links=np.concatenate([network.link_of, np.full(len(joints), NO_LINK)]),
    )
    place_ids = tuple(sorted({*network.nodes_of, *ends}))
    number = {place: i for i, place in enumerate(place_ids)}
    nodes = network.graph_nodes
    at = [number[node.place] for node in nodes]
    at += [number[place] for place in ends] * 2
    spot = {name: i for i, name in enumerate(dict.fromkeys(n.spot for n in nodes))}
    spots = [spot[node.spot] for node in nodes]
    spots += range(len(spot), len(spot) + 2 * len(ends))
    return PairGraph(
        graph,
        np.array([source[place] for place in pairs["origin"]], dtype=np.int64),
        np.array([target[place] for place in pairs["destination"]], dtype=np.int64),
        place_ids,
        np.array(at, dtype=np.int64),
        np.array(spots, dtype=np.int64),
    )
