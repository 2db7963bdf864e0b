"""The few links whose joint loss hurts one pair most."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.errors import InputError
from mobility.kernels import inputs, speed
from mobility.kernels.csr import INFINITE, MAX_PATH, MAX_WEIGHT, Star
from mobility.kernels.heap import OUT, empty
from mobility.kernels.repair import scratch, search
from mobility.kernels.replacement import bound, label, trace
from mobility.kernels.shortest import UNREACHED, grow

if TYPE_CHECKING:
    import numpy.typing as npt

    from mobility.kernels.csr import Csr

# the search goes as deep; an exact answer is out of reach far earlier
MAX_LOST = 100


@dataclass(frozen=True, slots=True)
class Vital:
    """The worst that losing a few links can do.

    Attributes
    ----------
    base
        Cost with nothing lost; `UNREACHED` (-1) where there is no path.
    cost
        Cost after the worst loss; `UNREACHED` (-1) where it leaves no path.
    sets
        Every set of at most k links that costs as much, in which no link could be
        spared: each sorted, and sorted. Empty where no loss makes a difference.
    """

    base: int
    cost: int
    sets: list[tuple[int, ...]]


def most_vital(
    graph: Csr,
    source: int,
    target: int,
    k: int,
    *,
    delay: int | None = None,
    losable: npt.ArrayLike | None = None,
) -> Vital:
    """Find the at most k links whose joint loss makes the shortest path longest.

    Parameters
    ----------
    k
        How many links may be lost.
    delay
        Left out, a lost link is gone; else every arc of it weighs so much more.
    losable
        The links that may be lost: numbers, or a bool per link; left out, all.

    Raises
    ------
    InputError
        A node or link is out of range, source and target are one, k is below 1, or the
        delay is negative or too large.

    Notes
    -----
    One of the links must be on the shortest path, the next on the shortest path after
    that loss, and so on: a search tree of depth k - 1, whose last level is answered for
    all links at once as in `replacement`. O(l**(k - 1) (n + m) log n) for paths of l
    links; the problem is NP-hard in k.

    References
    ----------
    Malik, Mittal & Gupta (1989), The k most vital arcs in the shortest path problem,
    Operations Research Letters 8. Israeli & Wood (2002), Shortest-path network
    interdiction, Networks 40.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> graph = build(2, [0, 0, 0], [1, 1, 1], [5, 3, 4])
    >>> most_vital(graph, 0, 1, 2)
    Vital(base=3, cost=5, sets=[(1, 2)])
    """
    source, target = inputs.ends(source, target, graph)
    k = inputs.whole("k", k, low=1, high=MAX_LOST)
    if delay is not None:
        delay = inputs.whole("delay", delay, low=0, high=MAX_WEIGHT - 1)
        # a path passes each node once at most, and pays no arc's delay twice
        top = int(graph.weights.max()) if graph.arc_count else 0
        if (top + delay) * min(graph.node_count, graph.arc_count) >= MAX_PATH:
            msg = f"delay = {delay} is so large that a path could overflow {MAX_PATH}"
            raise InputError(msg)
    may = np.ones(graph.link_count, dtype=bool)
    if losable is not None:
        may = inputs.subset("losable", losable, graph.link_count).copy()
    # a path as long as the square root of the graph is a fair guess
    leaves = max(1, int(graph.node_count**0.5)) ** (k - 1)
    work = 4 * leaves * (graph.arc_count + graph.node_count)
    hunt = _Hunt(graph, source, target, delay, may, work)
    base = hunt.look()
    if base.cost >= INFINITE or base.cost < 0:
        return Vital(UNREACHED, UNREACHED, [])
    hunt.descend((), base, k)
    worst = hunt.worst
    if worst <= base.cost:
        return Vital(base.cost, base.cost, [])
    sets = _minimal(hunt.sets)
    return Vital(base.cost, UNREACHED if worst >= INFINITE else worst, sets)


def _minimal(sets: set[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return the sets that hold no other one."""
    kept: list[tuple[int, ...]] = []
    for candidate in sorted(sets, key=lambda links: (len(links), links)):
        members = set(candidate)
        if not any(members.issuperset(smaller) for smaller in kept):
            kept.append(candidate)
    return sorted(kept)


@dataclass(frozen=True, slots=True)
class _View:
    """What is seen once some links are lost: the cost and the links on the path."""

    cost: int
    links: list[int]


class _Hunt:
    """One search: the graph as arrays that losses are written into, and undone."""

    def __init__(
        self,
        graph: Csr,
        source: int,
        target: int,
        delay: int | None,
        may: npt.NDArray[np.bool_],
        work: int,
    ) -> None:
        self.fast = speed.is_worth_compiling(last_level, work)
        fast, count = self.fast, graph.node_count
        self.delay = delay
        # a delayed link of several arcs may be used twice, or in part
        self._by_one_pass = delay is None or not graph.doubled.any()
        self.worst = -1
        self.sets: set[tuple[int, ...]] = set()
        self._seen: set[tuple[int, ...]] = set()
        self._rows = _own(graph.star(fast=fast))
        self._back = _own(graph.star(reverse=True, fast=fast))
        first, arcs = graph.members()
        out_at, into_at = graph.positions()
        links = graph.links.copy()
        links[links >= 0] = np.where(may[links[links >= 0]], links[links >= 0], -1)
        costs = graph.costs.tolist()
        self._arcs = [
            [(int(out_at[a]), int(into_at[a]), costs[a]) for a in arcs[low:high]]
            for low, high in pairwise(first.tolist())
        ]
        tails, heads = graph.ends(fast=fast)
        levels = max(1, (count + 1).bit_length())
        small = np.int32

        def fill(size: int, value: int, kind: Any = small) -> Any:
            return speed.filled(size, value, fast=fast, kind=kind)

        def tree_arrays() -> tuple[Any, Any, Any]:
            return fill(count, INFINITE, np.int64), fill(count, -1), fill(count, -1)

        self._fixed = (
            tails,
            heads,
            source,
            target,
            speed.sequence(links, fast=fast),
            speed.sequence(first, fast=fast),
            speed.sequence(arcs, fast=fast),
            speed.sequence((~graph.doubled).astype(np.int8), fast=fast),
            -1 if delay is None else delay,
        )
        self._work = (
            *tree_arrays(),
            *tree_arrays(),
            fill(count, 0),
            fill(count, 0),
            fill(count, 0),
            fill(count + 1, 0),
            fill((count + 1) * levels, INFINITE, np.int64),
            fill((count + 1) * levels, INFINITE, np.int64),
            fill(graph.arc_count, 0),
            fill(count, 0),
            scratch(count, fast=fast),
            fill(1, 0),
            *speed.queue(count, fast=fast),
        )
        self._found = (fill(count, 0), fill(count, 0, np.int64))
        self._lost = fill(graph.link_count, 0, np.int8)

    def look(self) -> _View:
        """Find the shortest path now, and which links on it may be lost."""
        cost, count = self._last_level(-2)
        links = [int(link) for link in self._found[0][:count]]
        return _View(int(cost), links)

    def descend(self, lost: tuple[int, ...], view: _View, left: int) -> None:
        """Try every further loss on the path that these losses leave."""
        self._note(view.cost, lost)
        if left == 0 or view.cost >= INFINITE:
            return
        if left == 1 and self._by_one_pass:
            cost, count = self._last_level(self.worst)
            self._note(cost, lost)
            links, costs = self._found
            for link, after in zip(links[:count], costs[:count], strict=True):
                self._note(int(after), (*lost, int(link)))
            return
        if self.delay is not None and view.cost + left * self._most() < self.worst:
            return
        for link in view.links:
            deeper = tuple(sorted((*lost, link)))
            if deeper in self._seen:
                continue
            self._seen.add(deeper)
            self._set(link, is_lost=True)
            is_last = left == 2 and self._by_one_pass
            seen = _View(-1, []) if is_last else self.look()
            self.descend(deeper, seen, left - 1)
            self._set(link, is_lost=False)

    def _most(self) -> int:
        """Return by how much the loss of one link can lengthen a path at most."""
        widest = max((len(arcs) for arcs in self._arcs), default=0)
        return (self.delay or 0) * widest

    def _note(self, cost: int, lost: tuple[int, ...]) -> None:
        if cost < self.worst or cost < 0 or not lost:
            return
        if cost > self.worst:
            self.worst = cost
            self.sets.clear()
        self.sets.add(tuple(sorted(lost)))

    def _set(self, link: int, *, is_lost: bool) -> None:
        self._lost[link] = int(is_lost)
        for out_at, into_at, cost in self._arcs[link]:
            if is_lost:
                cost = INFINITE if self.delay is None else _later(cost, self.delay)
            self._rows.costs[out_at] = cost
            self._back.costs[into_at] = cost

    def _last_level(self, worst: int) -> tuple[int, int]:
        cost, count = speed.call(
            last_level,
            self.fast,
            self._rows,
            self._back,
            *self._fixed,
            self._lost,
            worst,
            *self._work,
            *self._found,
        )
        return int(cost), int(count)


def _later(cost: int, delay: int) -> int:
    return cost if cost >= INFINITE else cost + delay


def _own(rows: Star) -> Star:
    """Return rows whose costs may be written."""
    return rows._replace(costs=rows.costs.copy())


@speed.loop
def last_level(
    rows: Any,
    back: Any,
    tails: Any,
    heads: Any,
    source: int,
    target: int,
    links: Any,
    first: Any,
    arcs: Any,
    is_single: Any,
    delay: int,
    is_lost: Any,
    worst: int,
    out: Any,
    entering: Any,
    order: Any,
    ahead: Any,
    onward: Any,
    back_order: Any,
    near: Any,
    far: Any,
    path: Any,
    stops: Any,
    low: Any,
    high: Any,
    lost_arc: Any,
    lost_node: Any,
    work: Any,
    stamps: Any,
    heap: Any,
    place: Any,
    link_of: Any,
    cost_of: Any,
) -> Any:
    """Answer the loss of each link on the shortest path; return its cost and how many.

    Those that stay below `worst` may be left out; with -2 the path's links are listed
    and nothing more is worked out.
    """
    count = len(out)
    for i in range(count):
        out[i] = INFINITE
        entering[i] = -1
    stop = target if worst == -2 else -1
    settled = grow(rows, source, stop, out, entering, order, heap, place)
    for i in range(count):
        place[i] = OUT
    empty(heap, place)
    if out[target] == INFINITE:
        return INFINITE, 0
    length = trace(tails, heads, source, target, entering, path, stops)
    base = out[target]
    written = 0
    if worst != -2:
        for i in range(count):
            ahead[i] = INFINITE
            onward[i] = -1
        reached = grow(back, target, -1, ahead, onward, back_order, heap, place)
        for i in range(count):
            place[i] = OUT
        label(tails, length, stops, entering, order, settled, near)
        label(heads, length, stops, onward, back_order, reached, far)
        bound(
            rows,
            False,
            length,
            path,
            stops,
            out,
            ahead,
            near,
            far,
            low,
            high,
            length + 1,
        )
    for step in range(length):
        link = links[path[step]]
        if link < 0 or is_lost[link] != 0:
            continue
        if is_single[link] == 0 and _is_listed(link, link_of, written):
            continue
        cost = base
        if worst != -2:
            # where a link is merely delayed, to stay on it is a way too
            limit = base + delay if delay >= 0 else INFINITE
            if is_single[link] != 0:
                limit = min(limit, high[step])
                if limit < worst:
                    continue
            cost = min(low[step], limit)
            if cost < limit:
                stamps[0] += 1
                for j in range(first[link], first[link + 1]):
                    lost_arc[arcs[j]] = stamps[0]
                cost, _ = search(
                    rows,
                    heads,
                    source,
                    target,
                    ahead,
                    onward,
                    lost_arc,
                    lost_node,
                    stamps[0],
                    limit,
                    work,
                )
        link_of[written] = link
        cost_of[written] = cost
        written += 1
    return base, written


@speed.loop
def _is_listed(link: int, listed: Any, count: int) -> bool:
    i = 0
    while i < count and listed[i] != link:
        i += 1
    return i < count
