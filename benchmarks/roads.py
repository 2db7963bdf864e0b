"""Seeded networks that look like roads: towns, dead ends, one-ways, a railway on top.

The same count and seed always give the same graph, on any machine with the same NumPy
and SciPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay

from mobility.kernels.csr import Csr, build
from mobility.kernels.cuts import weakness

if TYPE_CHECKING:
    import numpy.typing as npt

ONE_WAY = 0.18
DEAD_ENDS = 0.17
LINKS_PER_NODE = 1.3
MS_PER_KM = {"lane": 90_000, "road": 51_000, "motorway": 34_000, "rail": 45_000}
TRANSFER_MS = 1_800_000


@dataclass(frozen=True)
class Roads:
    """A graph in milliseconds, where its nodes lie, and what its arcs can take."""

    graph: Csr
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    capacity: npt.NDArray[np.int64]

    def far_pairs(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return 20 pairs, from 5 nodes in the west to 4 in the east; no dead ends."""
        core = weakness(self.graph).core
        inside = np.flatnonzero(core == np.bincount(core).argmax())
        x, y = self.x[inside], self.y[inside]
        size = y.max()

        def along(edge: float, count: int) -> list[int]:
            levels = [size * (i + 0.5) / count for i in range(count)]
            return [int(inside[np.hypot(x - edge, y - at).argmin()]) for at in levels]

        west = along(x.min() + 0.05 * size, 5)
        east = along(x.max() - 0.05 * size, 4)
        return np.repeat(west, 4), np.tile(east, 5)


def road_like(arcs: int, *, seed: int = 1) -> Roads:
    """Make a network of about so many arcs, all of it strongly connected."""
    rng = np.random.default_rng(seed)
    total = int(arcs / (LINKS_PER_NODE * (2 - ONE_WAY)))
    core = int(total * (1 - DEAD_ENDS))
    wanted = int(LINKS_PER_NODE * total) - total + core
    spots, ends, length, is_needed = _streets(rng, core, wanted)
    spots, ends, length = _add_dead_ends(rng, spots, ends, length, total - core)
    weight = length * _classes(rng, spots, ends, length)
    may_be_one_way = np.zeros(len(ends), dtype=bool)
    may_be_one_way[: len(is_needed)] = ~is_needed
    tails, heads, weights, links = _directions(rng, ends, weight, may_be_one_way)
    rail = _railway(rng, spots, total, int(links.max()) + 1)
    tails, heads, weights, links = (
        np.concatenate([mine, more])
        for mine, more in zip((tails, heads, weights, links), rail, strict=True)
    )
    stations = rail[0].max() + 1 - total
    spots = np.concatenate([spots, spots[rail[1][-2 * stations : -stations]]])
    return _strong_part(rng, spots, tails, heads, weights, links)


def _streets(rng, count, wanted):  # type: ignore[no-untyped-def]
    """Scatter points, two in five around towns; join neighbours, near ones first."""
    side = np.sqrt(count)
    towns = rng.random((max(4, int(side / 3)), 2)) * side
    around = towns[rng.integers(0, len(towns), count - int(0.6 * count))]
    around = around + rng.normal(0, side / np.sqrt(len(towns)) / 8, around.shape)
    spots = np.concatenate([rng.random((int(0.6 * count), 2)) * side, around])
    # nodes near each other get numbers near each other, as on an imported map
    cell = np.floor(spots / max(side / 40, 1.0))
    spots = spots[np.lexsort((cell[:, 0], cell[:, 1]))]
    mesh = Delaunay(spots).simplices
    ends = np.unique(
        np.sort(np.concatenate([mesh[:, [0, 1]], mesh[:, [1, 2]], mesh[:, [0, 2]]])),
        axis=0,
    )
    length = np.hypot(*(spots[ends[:, 0]] - spots[ends[:, 1]]).T) + 1e-3
    shape = (count, count)
    tree = minimum_spanning_tree(
        coo_array((length, (ends[:, 0], ends[:, 1])), shape=shape).tocsr()
    ).tocoo()
    low, high = np.minimum(tree.row, tree.col), np.maximum(tree.row, tree.col)
    in_tree = np.isin(
        ends[:, 0] * count + ends[:, 1], low.astype(np.int64) * count + high
    )
    kept = in_tree.copy()
    others = np.flatnonzero(~kept)
    score = length[others] * rng.lognormal(0, 0.35, len(others))
    kept[others[np.argsort(score)[: max(0, wanted - int(kept.sum()))]]] = True
    winding = rng.uniform(1.05, 1.4, int(kept.sum()))
    return spots, ends[kept], length[kept] * winding, in_tree[kept]


def _add_dead_ends(rng, spots, ends, length, count):  # type: ignore[no-untyped-def]
    host = rng.integers(0, len(spots), count)
    away = rng.normal(0, 0.25, (count, 2))
    stubs = np.stack([host, len(spots) + np.arange(count)], axis=1)
    return (
        np.concatenate([spots, spots[host] + away]),
        np.concatenate([ends, stubs]),
        np.concatenate([length, np.hypot(*away.T) + 1e-3]),
    )


def _classes(rng, spots, ends, length):  # type: ignore[no-untyped-def]
    """Return ms per km of each street: straight bands of the map are faster."""
    pace = np.full(len(ends), float(MS_PER_KM["lane"])) * rng.uniform(
        0.8, 1.25, len(ends)
    )
    side = spots.max()
    middle = (spots[ends[:, 0]] + spots[ends[:, 1]]) / 2
    for name, gap in (("road", side**0.5), ("motorway", 3 * side**0.5)):
        on_band = (np.abs(middle % gap - gap / 2) < 0.35).any(axis=1)
        pace[on_band] = MS_PER_KM[name] * rng.uniform(0.9, 1.1, int(on_band.sum()))
    return pace


def _directions(rng, ends, weight, may_be_one_way):  # type: ignore[no-untyped-def]
    count = len(ends)
    # only streets that a spanning tree can do without, or the map would fall apart
    share = ONE_WAY * count / max(1, int(may_be_one_way.sum()))
    one_way = may_be_one_way & (rng.random(count) < share)
    turned = rng.random(count) < 0.5
    tail = np.where(turned, ends[:, 1], ends[:, 0])
    head = np.where(turned, ends[:, 0], ends[:, 1])
    back = np.flatnonzero(~one_way)
    # one in a hundred has an older road beside it: the same two ends, another link
    old = rng.choice(count, max(1, count // 100), replace=False)
    tails = np.concatenate([tail, head[back], tail[old]])
    heads = np.concatenate([head, tail[back], head[old]])
    slower = weight[back] * rng.uniform(0.98, 1.02, len(back))
    weights = np.concatenate([weight, slower, weight[old] * 1.1])
    links = np.concatenate([np.arange(count), back, count + np.arange(len(old))])
    return tails, heads, weights, links


def _railway(rng, spots, first_node, first_link):  # type: ignore[no-untyped-def]
    """Lay lines between stations, and a transfer at each; transfers come last."""
    count = max(8, int(np.sqrt(len(spots)) / 1.5))
    at = rng.choice(len(spots), count, replace=False)
    mesh = Delaunay(spots[at]).simplices
    ends = np.unique(
        np.sort(np.concatenate([mesh[:, [0, 1]], mesh[:, [1, 2]], mesh[:, [0, 2]]])),
        axis=0,
    )
    length = np.hypot(*(spots[at[ends[:, 0]]] - spots[at[ends[:, 1]]]).T)
    lines = np.argsort(length)[: int(1.3 * count)]
    ends, weight = ends[lines], length[lines] * MS_PER_KM["rail"] * 1.15
    a, b = first_node + ends[:, 0], first_node + ends[:, 1]
    stations = first_node + np.arange(count)
    wait = np.full(count, float(TRANSFER_MS))
    return (
        np.concatenate([a, b, stations, at]),
        np.concatenate([b, a, at, stations]),
        np.concatenate([weight, weight, wait / 2, wait]),
        np.concatenate(
            [np.tile(first_link + np.arange(len(a)), 2), np.full(2 * count, -1)]
        ),
    )


def _strong_part(rng, spots, tails, heads, weights, links):  # type: ignore[no-untyped-def]
    size = len(spots)
    adjacent = coo_array((np.ones(len(tails)), (tails, heads)), shape=(size, size))
    _, part = connected_components(adjacent.tocsr(), connection="strong")
    kept_node = part == np.bincount(part).argmax()
    number = np.cumsum(kept_node) - 1
    kept = kept_node[tails] & kept_node[heads] & (tails != heads)
    order = np.lexsort((heads[kept], tails[kept]))
    tail, head = number[tails[kept]][order], number[heads[kept]][order]
    whole = np.maximum(1, np.round(weights[kept][order])).astype(np.int64)
    link = links[kept][order]
    dense = np.full(len(link), -1)
    dense[link >= 0] = np.unique(link[link >= 0], return_inverse=True)[1]
    graph = build(int(kept_node.sum()), tail, head, whole, links=dense)
    capacity = rng.choice([600, 1500, 4000], len(tail)).astype(np.int64)
    return Roads(graph, spots[kept_node, 0], spots[kept_node, 1], capacity)
