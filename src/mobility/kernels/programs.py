"""Integer programs about paths that share nothing, for SciPy's solver to work on.

What to ask, and how far to trust the answer, is decided in `disjoint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.errors import InputError
from mobility.kernels.shortest import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mobility.kernels.csr import Csr, Ints

# what a solver of linear programs tells apart, at a tolerance of 1e-7
_MAX_EXCESS = 2**40
_INFEASIBLE = 2


@dataclass(frozen=True, slots=True)
class Solved:
    """What the solver found.

    Attributes
    ----------
    flows : int64 array, shape (rows, arcs)
        How often each arc is used; None where nothing was found.
    is_proved
        Whether it is proved that there is nothing, or nothing of less weight.
    """

    flows: Ints | None
    is_proved: bool


def least_cut(
    graph: Csr, source: int, target: int, sets: Sequence[Sequence[int]], max_nodes: int
) -> tuple[list[int] | None, int]:
    """Find the fewest sets of arcs whose joint loss leaves no path.

    Returns
    -------
    cut : list of int
        Positions of the sets; None where the sets cannot part the two nodes, or the
        solver gave up with nothing in hand.
    bound
        No cut has fewer; -1 where there is none.

    Notes
    -----
    Each node is on the near or the far side; an open arc from one to the other needs
    one of its sets lost. Hard in general, quick where sets are small.
    """
    useful = _useful(graph, source, target)
    arcs = np.flatnonzero(useful)
    size, nodes = len(sets), graph.node_count
    row_of = np.full(graph.arc_count, -1)
    row_of[arcs] = np.arange(len(arcs))
    member, owner = _members(sets)
    kept = row_of[member] >= 0
    program = _Program(size + nodes)
    one = np.ones(len(arcs))
    crossing = np.arange(len(arcs))
    rows = np.concatenate([crossing, crossing, row_of[member[kept]]])
    columns = np.concatenate(
        [size + graph.heads[arcs], size + graph.tails[arcs], owner[kept]]
    )
    values = np.concatenate([one, -one, -np.ones(int(kept.sum()))])
    program.add(rows, columns, values, -np.inf, np.zeros(len(arcs)))
    low, high = np.zeros(size + nodes), np.ones(size + nodes)
    high[size + source] = 0
    low[size + target] = 1
    is_lost = np.concatenate([np.ones(size), np.zeros(nodes)])
    solved = program.solve(is_lost, low, high, is_lost, max_nodes)
    if solved.status == _INFEASIBLE:
        return None, -1
    bound = 0 if solved.mip_dual_bound is None else solved.mip_dual_bound
    if solved.x is None:
        return None, int(np.ceil(bound - 1e-6))
    return np.flatnonzero(solved.x[:size] > 0.5).tolist(), int(np.ceil(bound - 1e-6))


def once_each(
    graph: Csr,
    source: int,
    target: int,
    sets: Sequence[Sequence[int]],
    count: int,
    max_nodes: int,
) -> Solved:
    """Send so many units of flow that enter each set once at most, of least weight.

    A unit that goes from one arc of a set straight to the next has entered once.
    """
    arcs = graph.arc_count
    program = _Program(arcs)
    needed = _balance(program, graph, source, target, 1, count)
    limits = np.full(arcs, count)
    limits[_members(sets)[0]] = 1
    limits[~_useful(graph, source, target)] = 0
    for members in sets:
        _enter_once(program, graph, np.asarray(members, dtype=np.int64))
    excess, is_exact = _excess(graph, target)
    more = program.width - arcs
    solved = program.solve(
        np.concatenate([excess, np.zeros(more)]),
        np.zeros(program.width),
        np.concatenate([limits, np.ones(more)]),
        np.concatenate([np.ones(arcs), np.zeros(more)]),
        max_nodes,
    )
    return _read(graph, solved, needed, 1, is_exact=is_exact)


def _enter_once(program: _Program, graph: Csr, members: Ints) -> None:
    """Let at most one unit enter a set of arcs."""
    tails, heads = graph.tails[members], graph.heads[members]
    both = np.intersect1d(tails, heads)
    if len(np.union1d(tails, heads)) == 2:
        both = both[:0]  # nobody goes there and back
    entering = members[~np.isin(tails, both)]
    marks = np.arange(program.width, program.width + len(both))
    program.width += len(both)
    for node, mark in zip(both.tolist(), marks.tolist(), strict=True):
        out, into = members[tails == node], members[heads == node]
        columns = np.concatenate([out, into, [mark]])
        values = np.concatenate([np.ones(len(out)), -np.ones(len(into)), [-1]])
        program.add(np.zeros(len(columns), int), columns, values, -np.inf, np.zeros(1))
    columns = np.concatenate([entering, marks])
    program.add(
        np.zeros(len(columns), int), columns, np.ones(len(columns)), -np.inf, np.ones(1)
    )


def one_by_one(
    graph: Csr,
    source: int,
    target: int,
    sets: Sequence[Sequence[int]],
    count: int,
    max_nodes: int,
    *,
    longest: int | None = None,
) -> Solved:
    """Find so many paths, each a flow of its own, of which no two use one set.

    Parameters
    ----------
    longest
        Greatest weight of each path; None for any.

    Notes
    -----
    One unit of flow per path; per path and set a mark that is one where the path uses
    the set; marks of a set add up to at most one. The paths could be swapped, which
    the solver has to find out again and again: exact, and slow beyond a few thousand
    columns.
    """
    arcs, size = graph.arc_count, len(sets)
    program = _Program(count * (arcs + size))
    needed = _balance(program, graph, source, target, count, 1)
    member, owner = _members(sets)
    for path in range(count):
        rows = np.arange(len(member))
        program.add(
            np.tile(rows, 2),
            np.concatenate([path * arcs + member, count * arcs + path * size + owner]),
            np.repeat([1, -1], len(member)),
            -np.inf,
            np.zeros(len(member)),
        )
    program.add(
        np.tile(np.arange(size), count),
        count * arcs + np.arange(count * size),
        np.ones(count * size),
        -np.inf,
        np.ones(size),
    )
    excess, is_exact = _excess(graph, target)
    if longest is not None:
        ahead = tree(graph, target, reverse=True).distance
        unit = _unit(graph, target)
        room = (longest - int(ahead[source])) // unit
        program.add(
            np.repeat(np.arange(count), arcs),
            np.arange(count * arcs),
            np.tile(excess, count),
            -np.inf,
            np.full(count, room),
        )
    useful = np.tile(_useful(graph, source, target), count)
    solved = program.solve(
        np.concatenate([np.tile(excess, count), np.zeros(count * size)]),
        np.zeros(program.width),
        np.concatenate([useful, np.ones(count * size)]),
        np.ones(program.width),
        max_nodes,
    )
    return _read(graph, solved, needed, count, is_exact=is_exact)


class _Program:
    """Rows of an integer program, collected."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._height = 0
        self._rows: list[npt.NDArray[Any]] = []
        self._columns: list[npt.NDArray[Any]] = []
        self._values: list[npt.NDArray[Any]] = []
        self._lower: list[npt.NDArray[Any]] = []
        self._upper: list[npt.NDArray[Any]] = []

    def add(
        self,
        rows: npt.NDArray[Any],
        columns: npt.NDArray[Any],
        values: npt.NDArray[Any],
        lower: float | npt.NDArray[Any],
        upper: npt.NDArray[Any],
    ) -> None:
        """Add rows, numbered from 0, with their bounds."""
        self._rows.append(rows + self._height)
        self._columns.append(columns)
        self._values.append(values)
        self._lower.append(np.broadcast_to(lower, upper.shape))
        self._upper.append(upper)
        self._height += len(upper)

    def solve(
        self,
        weights: npt.NDArray[Any],
        low: npt.NDArray[Any],
        high: npt.NDArray[Any],
        whole: npt.NDArray[Any],
        max_nodes: int,
    ) -> Any:
        """Minimize the sum of weights; return what SciPy does."""
        try:
            from scipy.optimize import Bounds, LinearConstraint, milp
            from scipy.sparse import coo_array
        except ImportError:
            msg = "paths that share no group need SciPy here: pip install scipy"
            raise InputError(msg) from None

        rows, columns, values = (
            np.concatenate(parts) for parts in (self._rows, self._columns, self._values)
        )
        matrix = coo_array((values, (rows, columns)), shape=(self._height, self.width))
        return milp(
            weights,
            integrality=whole,
            bounds=Bounds(low, high),
            constraints=LinearConstraint(
                matrix.tocsr(),
                np.concatenate(self._lower),
                np.concatenate(self._upper),
            ),
            options={"node_limit": max_nodes, "mip_rel_gap": 0},
        )


def _balance(
    program: _Program, graph: Csr, source: int, target: int, flows: int, units: int
) -> Ints:
    """Add the balance of each flow at each node; return what it has to be."""
    nodes, arcs = graph.node_count, graph.arc_count
    needed = np.zeros(nodes, dtype=np.int64)
    needed[source], needed[target] = units, -units
    ends = np.concatenate([graph.tails, graph.heads]).astype(np.int64)
    signs = np.repeat([1, -1], arcs)
    for flow in range(flows):
        columns = np.tile(flow * arcs + np.arange(arcs), 2)
        program.add(ends, columns, signs, needed, needed)
    return needed


def _members(sets: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Return the arcs of all sets, and of which set each is."""
    member = np.array([arc for members in sets for arc in members], dtype=np.int64)
    return member, np.repeat(np.arange(len(sets)), [len(members) for members in sets])


def _useful(
    graph: Csr, source: int, target: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which arcs are on some way from source to target."""
    behind = tree(graph, source).distance
    ahead = tree(graph, target, reverse=True).distance
    return ~graph.closed & (behind[graph.tails] >= 0) & (ahead[graph.heads] >= 0)


def _detours(graph: Csr, target: int) -> Ints:
    """Return weights less what each arc brings the target nearer.

    They order paths as weights do, in numbers small enough for a solver that reckons
    in floats.
    """
    ahead = tree(graph, target, reverse=True).distance
    is_of_use = ~graph.closed & (ahead[graph.tails] >= 0) & (ahead[graph.heads] >= 0)
    return np.where(
        is_of_use, graph.weights - ahead[graph.tails] + ahead[graph.heads], 0
    )


def _unit(graph: Csr, target: int) -> int:
    """Return the greatest number that all detours are whole multiples of."""
    return max(1, int(np.gcd.reduce(_detours(graph, target), initial=0)))


def _excess(graph: Csr, target: int) -> tuple[Ints, bool]:
    """Return detours in their greatest unit, and whether a solver tells them apart."""
    excess = _detours(graph, target) // _unit(graph, target)
    return excess, not len(excess) or int(excess.max()) < _MAX_EXCESS


def _read(
    graph: Csr, solved: Any, needed: Ints, flows: int, *, is_exact: bool
) -> Solved:
    """Return whole flows; what is whole only to a float's eye is no answer."""
    if solved.x is None:
        return Solved(None, solved.status == _INFEASIBLE)
    arcs = graph.arc_count
    flow = np.round(solved.x[: flows * arcs]).astype(np.int64).reshape(flows, arcs)
    for units in flow:
        net = np.zeros(graph.node_count, dtype=np.int64)
        np.add.at(net, graph.tails, units)
        np.subtract.at(net, graph.heads, units)
        if not np.array_equal(net, needed):
            return Solved(None, is_proved=False)
    return Solved(flow, solved.status == 0 and is_exact)
