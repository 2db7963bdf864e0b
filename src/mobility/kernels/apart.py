"""Paths that share no group of arcs, no place, or that are not too long as well.

Such questions are hard in general: the search is exact where it can be, and else says
between which bounds the answer lies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mobility.kernels import inputs
from mobility.kernels.csr import build
from mobility.kernels.disjoint import (
    MAX_PATHS,
    link_disjoint,
    node_disjoint,
    take_apart,
)
from mobility.kernels.programs import least_cut, once_each, one_by_one
from mobility.kernels.shortest import shortest, tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mobility.kernels.csr import Csr, Ints

# where a program of so many columns stays quick enough to solve it to the end
_MAX_COLUMNS = 2_000


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
    cut_groups, cut_links
        Where there are fewer than asked for: groups and links whose joint loss leaves
        no path. As many as the upper bound or more; paths can be fewer than the
        smallest cut, as with links and nodes they cannot.
    """

    paths: list[list[int]]
    total: int
    upper_bound: int
    is_least: bool
    cut_groups: list[int]
    cut_links: list[int]


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
        How many nodes of the search tree to look at per program.

    Raises
    ------
    InputError
        As `link_disjoint`; or SciPy, which solves the hard cases, is not there.

    Notes
    -----
    Hard in general: even whether two such paths exist is NP-complete. Paths of least
    total that share no link are tried first; where those share no group, they are the
    answer. Else a least cut of groups and links bounds their number from above, and
    integer programs look for so many: in small graphs any, in large ones such that no
    group is entered twice, be it by one path.

    References
    ----------
    Hu (2003), Diverse routing in optical mesh networks, IEEE Transactions on
    Communications 51.
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    max_nodes = inputs.whole("max_nodes", max_nodes, low=1, high=2**31 - 1)
    members = [
        arcs.tolist() for arcs in inputs.groups("groups", groups, graph.arc_count)
    ]
    plain = _arc_by_arc(graph)
    easy = link_disjoint(plain, source, target, k)
    sets = _Sets.of(graph, members)
    if _are_apart(easy.paths, sets.arcs):
        cut = _real_links(graph, easy.cut_links)
        return GroupDisjoint(easy.paths, easy.total, len(easy.paths), True, [], cut)
    return _search(graph, source, target, sets, k, len(easy.paths), max_nodes)


def _arc_by_arc(graph: Csr) -> Csr:
    """Take each arc of a link that joins more than two nodes for a link of its own.

    What can be sent through is no less for it; where the paths found share no link, it
    is as much, and their total is the least.
    """
    if not graph.scattered.any():
        return graph
    own = np.where(
        (graph.links >= 0) & graph.scattered[graph.links],
        graph.link_count + np.arange(graph.arc_count),
        graph.links,
    )
    return build(
        graph.node_count, graph.tails, graph.heads, graph.weights, links=own
    ).without(graph.closed)


def _real_links(graph: Csr, links: Sequence[int]) -> list[int]:
    """Return what links of `_arc_by_arc` are part of."""
    count = graph.link_count
    return sorted({x if x < count else int(graph.links[x - count]) for x in links})


def place_disjoint(
    graph: Csr,
    source: int,
    target: int,
    places: npt.ArrayLike,
    k: int = 2,
    *,
    max_nodes: int = 10_000,
) -> GroupDisjoint:
    """Find up to k paths that share no place between their ends, of least total weight.

    Parameters
    ----------
    places
        Per node the place it is part of: its nodes count as one. Negative: a node that
        several paths may use.

    Returns
    -------
    GroupDisjoint
        `cut_groups` holds places; `cut_links` links between nodes that may be shared.

    Notes
    -----
    Paths that share no node are tried first; where those share no place, they are the
    answer. Else as `group_disjoint`, with the arcs into each place as a group: in large
    graphs a path that comes to one place twice is not looked for.
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    max_nodes = inputs.whole("max_nodes", max_nodes, low=1, high=2**31 - 1)
    place = inputs.per_arc("places", places, graph.node_count, low=-(2**62), high=2**62)
    place[[source, target]] = -1
    plain = _arc_by_arc(graph)
    easy = node_disjoint(plain, source, target, k, shareable=place < 0)
    visits = [{("place", int(place[graph.heads[a]])) for a in p} for p in easy.paths]
    visits = [{name for name in visit if name[1] >= 0} for visit in visits]
    for visit, path in zip(visits, easy.paths, strict=True):
        visit |= {("link", int(graph.links[a])) for a in path if graph.links[a] >= 0}
    if sum(map(len, visits)) == len(set().union(*visits)):
        cut = sorted({int(place[node]) for node in easy.cut_nodes})
        links = _real_links(graph, easy.cut_links)
        return GroupDisjoint(easy.paths, easy.total, len(easy.paths), True, cut, links)
    names = np.unique(place[place >= 0]).tolist()
    at_tail, at_head = place[graph.tails], place[graph.heads]
    entering = np.flatnonzero((at_head >= 0) & (at_tail != at_head))
    order = entering[np.argsort(at_head[entering], kind="stable")]
    first = np.searchsorted(at_head[order], [*names, 2**62]).tolist()
    groups = [order[low:high].tolist() for low, high in pairwise(first)]
    # a link at a place is lost with it; only others have to be told apart
    shared = (at_tail < 0) & (at_head < 0)
    inner = np.where(shared | _is_spread(graph, place), graph.links, -1)
    sharing = build(
        graph.node_count, graph.tails, graph.heads, graph.weights, links=inner
    ).without(graph.closed)
    sets = _Sets.of(sharing, groups)
    found = _search(sharing, source, target, sets, k, len(easy.paths), max_nodes)
    return replace(found, cut_groups=sorted(names[i] for i in found.cut_groups))


def _is_spread(graph: Csr, place: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return per arc whether its link joins more than two places or single nodes."""
    spots = np.where(place >= 0, place, -1 - np.arange(graph.node_count))
    ends = spots[graph.tails], spots[graph.heads]
    spread = np.zeros(graph.link_count + 1, dtype=bool)
    for side in (np.minimum(*ends), np.maximum(*ends)):
        least = np.full(graph.link_count + 1, np.iinfo(np.int64).max)
        most = np.full(graph.link_count + 1, np.iinfo(np.int64).min)
        np.minimum.at(least, graph.links, side)
        np.maximum.at(most, graph.links, side)
        spread |= least != most
    # the last entry serves arcs that are no link
    spread[-1] = False
    return np.asarray(spread[graph.links], dtype=bool)


@dataclass(frozen=True, slots=True)
class Bounded:
    """Paths that share no link and are not too long, and how sure their number is.

    Attributes
    ----------
    paths
        As in `Disjoint`.
    upper_bound
        No more such paths exist, or were asked for.
    """

    paths: list[list[int]]
    upper_bound: int


def bounded_disjoint(
    graph: Csr,
    source: int,
    target: int,
    longest: int,
    k: int = 2,
    *,
    max_nodes: int = 1_000,
) -> Bounded:
    """Find up to k paths that share no link, none of them above a weight.

    Parameters
    ----------
    longest
        Greatest weight of each path.
    max_nodes
        How many nodes of the search tree to look at per number of paths.

    Notes
    -----
    Hard in general, and no minimum cut bounds it. From above: paths of least total that
    share no link, on what lies on some path that is short enough, while their total
    leaves room. From below: those of them that are short enough, or shortest paths
    taken one after another. Between the bounds an integer program, where it is small.

    References
    ----------
    Itai, Perl & Shiloach (1982), The complexity of finding maximum disjoint paths with
    length constraints, Networks 12.
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_PATHS)
    max_nodes = inputs.whole("max_nodes", max_nodes, low=1, high=2**31 - 1)
    behind = tree(graph, source).distance[graph.tails]
    ahead = tree(graph, target, reverse=True).distance[graph.heads]
    too_far = (behind < 0) | (ahead < 0) | (behind + graph.weights + ahead > longest)
    near = graph.without(too_far)
    plain = _arc_by_arc(near)
    upper = len(link_disjoint(plain, source, target, k).paths)
    best: list[list[int]] = []
    for count in range(upper, 0, -1):
        found = link_disjoint(plain, source, target, count)
        if found.total > count * longest:
            upper = count - 1
        short = _first_apart(
            graph, [path for path in found.paths if graph.weigh(path) <= longest]
        )
        best = max(short, best, key=len)
        if len(short) == count:
            break
    best = max(best, _one_after_another(near, source, target, longest, upper), key=len)
    for count in range(upper, len(best), -1):
        paths, is_none = _paths_within(near, source, target, longest, count, max_nodes)
        if paths:
            return Bounded(paths, upper)
        if is_none and upper == count:
            upper = count - 1
    return Bounded(best, upper)


def _first_apart(graph: Csr, paths: list[list[int]]) -> list[list[int]]:
    """Keep paths that share no link with those kept before."""
    kept, used = [], set[int]()
    for path in paths:
        links = {link for link in graph.links[path].tolist() if link >= 0}
        if not links & used:
            kept.append(path)
            used |= links
    return kept


def _one_after_another(
    graph: Csr, source: int, target: int, longest: int, k: int
) -> list[list[int]]:
    """Take shortest paths, each without the links of those before."""
    paths: list[list[int]] = []
    while len(paths) < k:
        path = shortest(graph, source, target)
        if path is None or graph.weigh(path) > longest:
            break
        paths.append(path)
        used = np.isin(graph.links, graph.links[path]) & (graph.links >= 0)
        if not used.any():
            break
        graph = graph.without(used)
    return paths


def _paths_within(
    graph: Csr, source: int, target: int, longest: int, count: int, max_nodes: int
) -> tuple[list[list[int]], bool]:
    """Return so many short paths, and whether it is proved that there are none."""
    kept = np.flatnonzero(~graph.closed)
    small = build(
        graph.node_count,
        graph.tails[kept],
        graph.heads[kept],
        graph.weights[kept],
        links=graph.links[kept],
    )
    sets = _Sets.of(small, ()).arcs
    if count * (len(kept) + len(sets)) > _MAX_COLUMNS:
        return [], False
    solved = one_by_one(small, source, target, sets, count, max_nodes, longest=longest)
    if solved.flows is None:
        return [], solved.is_proved
    rows = (take_apart(small, row, source, target) for row in solved.flows)
    own = [path for found in rows for path in found]
    paths = [kept[path].tolist() for path in own]
    is_sound = _are_apart(own, sets) and all(graph.weigh(p) <= longest for p in paths)
    if len(paths) != count or not is_sound:
        return [], False
    return sorted(paths, key=lambda p: (graph.weigh(p), p)), False


@dataclass(frozen=True, slots=True)
class _Sets:
    """What paths must not share, as sets of arcs: groups, then links.

    Links that lie within one group are left out: who shares no group shares none.
    """

    arcs: list[list[int]]
    groups: list[int]
    links: list[int]

    @classmethod
    def of(cls, graph: Csr, members: Sequence[Sequence[int]]) -> _Sets:
        groups = [i for i, arcs in enumerate(members) if arcs]
        within: dict[int, set[int]] = {}
        for i in groups:
            for arc in members[i]:
                within.setdefault(arc, set()).add(i)
        first, arcs = graph.members()
        links, rows = [], []
        for link, (low, high) in enumerate(pairwise(first.tolist())):
            row = arcs[low:high].tolist()
            if row and not set.intersection(*(within.get(a, set()) for a in row)):
                links.append(link)
                rows.append(row)
        return cls([*(list(members[i]) for i in groups), *rows], groups, links)

    def named(self, cut: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return the groups and the links among positions."""
        size = len(self.groups)
        return (
            [self.groups[i] for i in cut if i < size],
            [self.links[i - size] for i in cut if i >= size],
        )


def _search(
    graph: Csr,
    source: int,
    target: int,
    sets: _Sets,
    k: int,
    most: int,
    max_nodes: int,
) -> GroupDisjoint:
    """Look for as many paths as a least cut allows, then for fewer."""
    best = shortest(graph, source, target)
    if best is None:
        return GroupDisjoint([], 0, 0, True, [], [])
    upper = most
    cut, fewest = least_cut(graph, source, target, sets.arcs, max_nodes)
    if fewest >= 0 and cut is not None:
        upper = min(upper, len(cut))
    named = sets.named(cut or [])
    for count in range(upper, 1, -1):
        found, is_least, is_none = _paths_apart(
            graph, source, target, sets.arcs, count, max_nodes
        )
        if found:
            total = sum(map(graph.weigh, found))
            lost = named if count < k else ([], [])
            return GroupDisjoint(found, total, upper, is_least, *lost)
        if is_none and upper == count:
            upper = count - 1
    lost = named if k > 1 else ([], [])
    return GroupDisjoint([best], graph.weigh(best), upper, True, *lost)


def _paths_apart(
    graph: Csr,
    source: int,
    target: int,
    sets: Sequence[Sequence[int]],
    count: int,
    max_nodes: int,
) -> tuple[list[list[int]], bool, bool]:
    """Return so many paths, whether they weigh least, and whether there are none."""
    if count * (graph.arc_count + len(sets)) <= _MAX_COLUMNS:
        solved = one_by_one(graph, source, target, sets, count, max_nodes)
        if solved.flows is None:
            return [], False, solved.is_proved
        rows = (take_apart(graph, row, source, target) for row in solved.flows)
        paths = [path for found in rows for path in found]
        is_least = solved.is_proved
    else:
        solved = once_each(graph, source, target, sets, count, max_nodes)
        if solved.flows is None:
            return [], False, False
        paths = _thread(graph, solved.flows[0], source, target, sets)
        is_least = False
    if len(paths) != count or not _are_apart(paths, sets):
        return [], False, False
    return sorted(paths, key=lambda p: (graph.weigh(p), p)), is_least, False


def _are_apart(paths: Sequence[Sequence[int]], sets: Sequence[Sequence[int]]) -> bool:
    chosen = [set(path) for path in paths]
    return all(
        sum(not path.isdisjoint(members) for path in chosen) <= 1 for members in sets
    )


def _thread(
    graph: Csr, flow: Ints, source: int, target: int, sets: Sequence[Sequence[int]]
) -> list[list[int]]:
    """Take a flow apart into paths that stay in a set as long as they can."""
    member: dict[int, set[int]] = {}
    for number, arcs in enumerate(sets):
        for arc in arcs:
            if flow[arc]:
                member.setdefault(arc, set()).add(number)
    into: dict[int, list[int]] = {}
    out: dict[int, list[int]] = {}
    for arc in np.flatnonzero(flow).tolist():
        units = [arc] * int(flow[arc])
        into.setdefault(int(graph.heads[arc]), []).extend(units)
        out.setdefault(int(graph.tails[arc]), []).extend(units)
    onward: dict[int, list[int]] = {}
    for node, arcs in into.items():
        left, waiting = out.get(node, []).copy(), []
        for arc in arcs:
            same = (a for a in left if member.get(a, set()) & member.get(arc, set()))
            chosen = next(same, None)
            if chosen is None:
                waiting.append(arc)
            else:
                left.remove(chosen)
                onward.setdefault(arc, []).append(chosen)
        for arc, chosen in zip(waiting, left, strict=False):
            onward.setdefault(arc, []).append(chosen)
    paths = []
    for arc in out.get(source, []):
        path = [arc]
        while graph.heads[path[-1]] != target:
            path.append(onward[path[-1]].pop(0))
        paths.append(_straightened(graph, path))
    return paths


def _straightened(graph: Csr, path: Sequence[int]) -> list[int]:
    """Leave out round trips."""
    kept: list[int] = []
    for arc in path:
        kept.append(arc)
        head = graph.heads[arc]
        nodes = [graph.tails[kept[0]], *(graph.heads[a] for a in kept[:-1])]
        if head in nodes:
            del kept[nodes.index(head) :]
    return kept
