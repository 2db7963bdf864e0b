"""Independent paths: how many, at what least total, and the cut that proves it.

Disjoint by link or by node is a flow problem and answered with a certificate. Disjoint
by arbitrary groups of arcs is hard in general: that search is exact too, but gives up
where it is told to, and then says between which bounds the answer lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mobility.errors import InputError
from mobility.kernels import inputs
from mobility.kernels.csr import build
from mobility.kernels.flow import send, split
from mobility.kernels.shortest import shortest, tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mobility.kernels.csr import Csr, Ints

_MAX_TOTAL = 2**60
# where nothing on a path may be lost, it counts as often as is asked
MAX_PATHS = 1_000
# what a solver of linear programs tells apart, at a tolerance of 1e-7
_MAX_EXCESS = 2**40


@dataclass(frozen=True, slots=True)
class Disjoint:
    """Paths that share nothing, and what proves that there are no more.

    Attributes
    ----------
    paths
        Arcs in order of travel, no node twice; by weight, then by arc numbers. Their
        total weight is the least that so many disjoint paths can have.
    total
        That weight.
    cut_links, cut_nodes
        Where there are fewer than asked for: as many links and nodes as paths, whose
        joint loss leaves no path. Empty where there were enough.
    """

    paths: list[list[int]]
    total: int
    cut_links: list[int]
    cut_nodes: list[int]


@dataclass(frozen=True, slots=True)
class LeastShared:
    """Paths that share as little as can be.

    Attributes
    ----------
    paths
        As many as were asked for, as in `Disjoint`.
    total
        Their weight: the least among those that share as little.
    repeats
        How many times a link (or node) is used again after its first use.
    shared_links, shared_nodes
        What more than one path uses.
    """

    paths: list[list[int]]
    total: int
    repeats: int
    shared_links: list[int]
    shared_nodes: list[int]


def link_disjoint(graph: Csr, source: int, target: int, k: int = 2) -> Disjoint:
    """Find up to k paths that share no link, of least total weight.

    Parameters
    ----------
    graph
        The graph. Arcs of no link (-1) may be shared. The arcs of a link must join the
        same two nodes; `group_disjoint` takes any others.
    k
        How many paths are wanted; as many as there are, if fewer.

    Raises
    ------
    InputError
        A node is out of range, source and target are one, k is below 1, or a link joins
        more than two nodes.

    Notes
    -----
    A flow of least cost, one path after another: O(k (n + m) log n).

    References
    ----------
    Suurballe & Tarjan (1984), A quick method for finding shortest pairs of disjoint
    paths, Networks 14. Menger (1927), Fundamenta Mathematicae 10, for the cut.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> found = link_disjoint(build(2, [0, 0], [1, 1], [5, 3]), 0, 1, 3)
    >>> found.paths, found.total, found.cut_links
    ([[1], [0]], 8, [0, 1])
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    limit = _link_limits(graph, k)
    flow = send(graph, limit, graph.weights, source, target, k)
    paths = _paths(graph, flow, source, target)
    cut: list[int] = []
    if len(paths) < k:
        near = _reached(graph, flow, limit, source)
        crossing = near[graph.tails] & ~near[graph.heads] & (limit > 0)
        cut = sorted(set(graph.links[crossing].tolist()))
    return Disjoint(paths, sum(map(graph.weigh, paths)), cut, [])


def node_disjoint(
    graph: Csr,
    source: int,
    target: int,
    k: int = 2,
    *,
    shareable: npt.ArrayLike = (),
) -> Disjoint:
    """Find up to k paths that share no node between their ends, of least total weight.

    Nor do they share a link: two paths straight from source to target use two links.

    Parameters
    ----------
    k
        How many paths are wanted; as many as there are, if fewer.
    shareable
        Nodes that several paths may use: numbers, or a bool per node.

    Returns
    -------
    Disjoint
        The cut is of nodes, and of links where those join source and target directly or
        nodes that may be shared.

    Notes
    -----
    As `link_disjoint`, with each node split in two.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> graph = build(3, [0, 0, 1, 1], [1, 1, 2, 2], [1, 2, 1, 2])
    >>> found = node_disjoint(graph, 0, 2)
    >>> found.paths, found.cut_nodes
    ([[0, 2]], [1])
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    through, limit = _node_limits(graph, source, target, k, shareable)
    wide = split(graph)
    limits = np.concatenate([limit, through])
    goal = target + graph.node_count
    flow = send(wide, limits, wide.weights, source, goal, k)
    paths = _paths(graph, flow[: graph.arc_count], source, target)
    links: list[int] = []
    nodes: list[int] = []
    if len(paths) < k:
        near = _reached(wide, flow, limits, source)
        crossing = np.flatnonzero(near[wide.tails] & ~near[wide.heads] & (limits > 0))
        nodes = (crossing[crossing >= graph.arc_count] - graph.arc_count).tolist()
        arcs = crossing[crossing < graph.arc_count]
        links = sorted(set(graph.links[arcs].tolist()))
    return Disjoint(paths, sum(map(graph.weigh, paths)), links, nodes)


def least_shared(
    graph: Csr,
    source: int,
    target: int,
    k: int = 2,
    *,
    apart: str = "link",
    shareable: npt.ArrayLike = (),
) -> LeastShared:
    """Find k paths that share as few links (or nodes) as can be: maximally disjoint.

    Sharing is counted by repeats: three paths on one link repeat it twice. Among
    those that share least the total weight is least.

    Parameters
    ----------
    apart
        `link` or `node`.
    shareable
        With `node`: nodes that do not count, as in `node_disjoint`.

    Returns
    -------
    LeastShared
        Without any path, no paths.

    Notes
    -----
    A flow of least cost where everything can be used again for a fee greater than any
    detour; O(k (n + m) log n).

    References
    ----------
    Omran, Sack & Zarrabi-Zadeh (2013), Finding paths with minimum shared edges, Journal
    of Combinatorial Optimization 26, for the problem.
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    if apart not in ("link", "node"):
        msg = f"apart {apart!r} is none of link, node"
        raise InputError(msg)
    count, arcs = graph.node_count, graph.arc_count
    top = int(graph.weights.max()) if arcs else 0
    fee = k * min(count * top, int(graph.weights.sum(dtype=np.float64))) + 1
    if fee * (2 * k * (count + 1)) >= _MAX_TOTAL:
        msg = f"weights are so large that fees for sharing could overflow {_MAX_TOTAL}"
        raise InputError(msg)
    if apart == "link":
        wide, goal = graph, target
        limit = _link_limits(graph, k)
    else:
        through, direct = _node_limits(graph, source, target, k, shareable)
        wide, goal = split(graph), target + count
        limit = np.concatenate([direct, through])
    # every arc twice: once as it is, once for all further uses and a fee
    again = np.where(limit == 1, k - 1, 0)
    both = _twice(wide)
    flow = send(
        both,
        np.concatenate([limit, again]),
        np.concatenate([wide.weights, wide.weights + fee]),
        source,
        goal,
        k,
    )
    uses = flow[: wide.arc_count] + flow[wide.arc_count :]
    paths = _paths(graph, uses[:arcs], source, target)
    return _account(graph, paths, limit, apart)


def _account(
    graph: Csr, paths: list[list[int]], limit: Ints, apart: str
) -> LeastShared:
    """Count what paths share of what they should not."""
    uses: dict[int, int] = {}
    for path in paths:
        for arc in path:
            link = int(graph.links[arc])
            if limit[arc] == 1 and link >= 0:
                uses[link] = uses.get(link, 0) + 1
    nodes: dict[int, int] = {}
    if apart == "node":
        for path in paths:
            for arc in path[:-1]:
                node = int(graph.heads[arc])
                if limit[graph.arc_count + node] == 1:
                    nodes[node] = nodes.get(node, 0) + 1
    counts = [*uses.values(), *nodes.values()]
    return LeastShared(
        paths,
        sum(map(graph.weigh, paths)),
        sum(count - 1 for count in counts),
        sorted(link for link, count in uses.items() if count > 1),
        sorted(node for node, count in nodes.items() if count > 1),
    )


def _twice(graph: Csr) -> Csr:
    """Return the graph with every arc doubled: arc `a` again as `arc_count + a`."""
    doubled = build(
        graph.node_count,
        np.tile(graph.tails, 2),
        np.tile(graph.heads, 2),
        np.tile(graph.weights, 2),
    )
    return doubled.without(np.tile(graph.closed, 2))


def _link_limits(graph: Csr, k: int) -> Ints:
    """Return per arc how many paths may use it: one arc each way per link."""
    if graph.scattered.any():
        link = int(np.flatnonzero(graph.scattered)[0])
        msg = f"link {link} joins more than two nodes; group_disjoint takes such"
        raise InputError(msg)
    limit = np.where(graph.links >= 0, 1, k).astype(np.int64)
    limit[graph.closed] = 0
    if graph.doubled.any():
        # of arcs that run the same way on the same link only the best can be used
        arcs = np.flatnonzero((graph.links >= 0) & ~graph.closed)
        keys = (
            arcs,
            graph.weights[arcs],
            graph.heads[arcs],
            graph.tails[arcs],
            graph.links[arcs],
        )
        arcs = arcs[np.lexsort(keys)]
        rows = np.stack([graph.links[arcs], graph.tails[arcs], graph.heads[arcs]])
        limit[arcs[1:][(rows[:, 1:] == rows[:, :-1]).all(axis=0)]] = 0
    return limit


def _node_limits(
    graph: Csr, source: int, target: int, k: int, shareable: npt.ArrayLike
) -> tuple[Ints, Ints]:
    """Return per node and per arc how many paths may use it."""
    free = inputs.subset("shareable", shareable, graph.node_count).copy()
    free[[source, target]] = True
    limit = _link_limits(graph, k)
    # a node that lets one path through limits its arcs already: so cuts are of nodes
    once = ~(free[graph.tails] & free[graph.heads])
    limit[once & (limit == 1)] = k
    return np.where(free, k, 1).astype(np.int64), limit


def _reached(
    graph: Csr, flow: Ints, limit: Ints, source: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which nodes the room that a flow leaves still reaches."""
    near = np.zeros(graph.node_count, dtype=bool)
    near[source] = True
    ahead, behind = np.flatnonzero(flow < limit), np.flatnonzero(flow > 0)
    tails = np.concatenate([graph.tails[ahead], graph.heads[behind]])
    heads = np.concatenate([graph.heads[ahead], graph.tails[behind]])
    order = np.argsort(tails, kind="stable")
    heads = heads[order]
    first = np.searchsorted(tails[order], np.arange(graph.node_count + 1)).tolist()
    stack = [source]
    while stack:
        node = stack.pop()
        for other in heads[first[node] : first[node + 1]].tolist():
            if not near[other]:
                near[other] = True
                stack.append(other)
    return near


def _paths(graph: Csr, flow: Ints, source: int, target: int) -> list[list[int]]:
    """Take a flow apart into paths without a repeated node, by weight."""
    uses = flow.copy()
    # zero weights leave some links used both ways, which serves nobody
    used = np.flatnonzero(uses)
    where = {
        (int(graph.links[a]), int(graph.tails[a]), int(graph.heads[a])): int(a)
        for a in used
    }
    for (link, tail, head), arc in where.items():
        back = where.get((link, head, tail))
        if link >= 0 and back is not None and back != arc:
            both = min(int(uses[arc]), int(uses[back]))
            uses[[arc, back]] -= both
    leaving: dict[int, list[int]] = {}
    for arc in np.flatnonzero(uses)[::-1].tolist():
        leaving.setdefault(int(graph.tails[arc]), []).extend([arc] * int(uses[arc]))
    paths = []
    while leaving.get(source):
        path: list[int] = []
        seen = {source: 0}
        node = source
        while node != target:
            arc = leaving[node].pop()
            node = int(graph.heads[arc])
            path.append(arc)
            if node in seen:  # a round trip, at no cost
                del path[seen[node] :]
                seen = {source: 0} | {
                    int(graph.heads[a]): i for i, a in enumerate(path, start=1)
                }
            else:
                seen[node] = len(path)
        if path:
            paths.append(path)
    return sorted(paths, key=lambda path: (graph.weigh(path), path))


@dataclass(frozen=True, slots=True)
class GroupDisjoint:
    """Paths that share no group of arcs, and how sure it is that there are no more.

    Attributes
    ----------
    paths
        As in `Disjoint`.
    total
        Their weight.
    upper_bound
        No more paths than this exist, or were asked for; the number of paths is proved
        where it is the same.
    is_least
        Whether it is proved that so many paths cannot have a lower total; not claimed
        where weights differ by more than a solver that reckons in floats tells apart.
    """

    paths: list[list[int]]
    total: int
    upper_bound: int
    is_least: bool


def group_disjoint(
    graph: Csr,
    source: int,
    target: int,
    groups: Sequence[npt.ArrayLike],
    k: int = 2,
    *,
    max_nodes: int = 10_000,
) -> GroupDisjoint:
    """Find up to k paths of which no two use the same group or link.

    Parameters
    ----------
    groups
        Per group its arcs, such as all that cross one valley: numbers, or a bool per
        arc. Groups may overlap; a path may use several arcs of one.
    max_nodes
        How many nodes of the search tree to look at per number of paths.

    Raises
    ------
    InputError
        As `link_disjoint`; or SciPy, which solves the hard cases, is not there.

    Notes
    -----
    Hard in general: even whether two such paths exist is NP-complete. Paths of least
    total that share no link are tried first; where those share no group, they are the
    answer. Else an integer program, by branch and bound.

    References
    ----------
    Hu (2003), Diverse routing in optical mesh networks, IEEE Transactions on
    Communications 51.
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    max_nodes = inputs.whole("max_nodes", max_nodes, low=1, high=2**31 - 1)
    sets = _sets(graph, groups)
    best = shortest(graph, source, target)
    if best is None:
        return GroupDisjoint([], 0, 0, True)
    # links of arcs far apart are groups here; each of their arcs serves one path
    plain = graph
    if graph.scattered.any():
        own = np.where(
            (graph.links >= 0) & graph.scattered[graph.links],
            graph.link_count + np.arange(graph.arc_count),
            graph.links,
        )
        plain = build(
            graph.node_count, graph.tails, graph.heads, graph.weights, links=own
        ).without(graph.closed)
    easy = link_disjoint(plain, source, target, k)
    most = len(easy.paths)
    if _are_apart(easy.paths, sets):
        return GroupDisjoint(easy.paths, easy.total, most, True)
    upper = most
    for count in range(most, 1, -1):
        found, is_proved = _program(graph, source, target, sets, count, max_nodes)
        if found:
            total = sum(map(graph.weigh, found))
            return GroupDisjoint(found, total, max(upper, count), is_proved)
        if is_proved and upper == count:
            upper = count - 1
    return GroupDisjoint([best], graph.weigh(best), upper, True)


def _sets(graph: Csr, groups: Sequence[npt.ArrayLike]) -> list[list[int]]:
    """Return what paths must not share, as sets of arcs: groups and links."""
    sets = [
        members.tolist() for members in inputs.groups("groups", groups, graph.arc_count)
    ]
    first, arcs = graph.members()
    bounds = first.tolist()
    sets += [arcs[low:high].tolist() for low, high in pairwise(bounds)]
    return [members for members in sets if members]


def _are_apart(paths: Sequence[Sequence[int]], sets: Sequence[Sequence[int]]) -> bool:
    chosen = [set(path) for path in paths]
    return all(
        sum(not path.isdisjoint(members) for path in chosen) <= 1 for members in sets
    )


def _program(
    graph: Csr,
    source: int,
    target: int,
    sets: Sequence[Sequence[int]],
    count: int,
    max_nodes: int,
) -> tuple[list[list[int]], bool]:
    """Solve for so many paths; return them, and whether the answer is proved.

    One unit of flow per path, each on its own arcs; per path and set a mark that is one
    where the path uses the set; marks of a set add up to at most one.
    """
    try:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array, vstack
    except ImportError:
        msg = "paths that share no group need SciPy here: pip install scipy"
        raise InputError(msg) from None

    arcs, nodes, size = graph.arc_count, graph.node_count, len(sets)
    width = count * (arcs + size)
    rows, columns, values = [], [], []
    for path in range(count):
        for ends, sign in ((graph.tails, 1), (graph.heads, -1)):
            rows.append(path * nodes + ends.astype(np.int64))
            columns.append(path * arcs + np.arange(arcs))
            values.append(np.full(arcs, sign))
    balance = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(count * nodes, width),
    )
    needed = np.zeros(count * nodes)
    needed[source::nodes] = 1
    needed[target::nodes] = -1
    member = np.array([arc for members in sets for arc in members], dtype=np.int64)
    owner = np.repeat(np.arange(size), [len(members) for members in sets])
    uses_rows, uses_columns, uses_values = [], [], []
    for path in range(count):
        row = path * len(member) + np.arange(len(member))
        uses_rows += [row, row]
        uses_columns += [path * arcs + member, count * arcs + path * size + owner]
        uses_values += [np.ones(len(member)), -np.ones(len(member))]
    uses = coo_array(
        (
            np.concatenate(uses_values),
            (np.concatenate(uses_rows), np.concatenate(uses_columns)),
        ),
        shape=(count * len(member), width),
    )
    marks = coo_array(
        (
            np.ones(count * size),
            (np.tile(np.arange(size), count), count * arcs + np.arange(count * size)),
        ),
        shape=(size, width),
    )
    lower = np.concatenate([needed, np.full(count * len(member) + size, -np.inf)])
    upper = np.concatenate([needed, np.zeros(count * len(member)), np.ones(size)])
    # weights less what each arc brings the target nearer: the same order of paths,
    # in numbers small enough for a solver that reckons in floats
    ahead = tree(graph, target, reverse=True).distance
    is_of_use = ~graph.closed & (ahead[graph.tails] >= 0) & (ahead[graph.heads] >= 0)
    excess = np.where(
        is_of_use, graph.weights - ahead[graph.tails] + ahead[graph.heads], 0
    )
    unit = max(1, int(np.gcd.reduce(excess, initial=0)))
    excess //= unit
    is_exact = not len(excess) or int(excess.max()) < _MAX_EXCESS
    open_arcs = np.tile(is_of_use, count).astype(float)
    solved = milp(
        np.concatenate([np.tile(excess, count), np.zeros(count * size)]),
        integrality=np.ones(width, dtype=np.int64),
        bounds=Bounds(0, np.concatenate([open_arcs, np.ones(count * size)])),
        constraints=LinearConstraint(
            vstack([balance, uses, marks]).tocsr(), lower, upper
        ),
        options={"node_limit": max_nodes, "mip_rel_gap": 0},
    )
    if solved.x is None:
        return [], solved.status == 2
    flow = np.round(solved.x[: count * arcs]).astype(np.int64).reshape(count, arcs)
    # what is whole only to a float's eye is no answer
    net = np.zeros((count, nodes), dtype=np.int64)
    for row, units in zip(net, flow, strict=True):
        np.add.at(row, graph.tails, units)
        np.subtract.at(row, graph.heads, units)
    if not np.array_equal(net.ravel(), needed):
        return [], False
    paths = [path for row in flow for path in _paths(graph, row, source, target)[:1]]
    if not _are_apart(paths, sets):
        return [], False
    paths.sort(key=lambda path: (graph.weigh(path), path))
    return paths, solved.status == 0 and is_exact
