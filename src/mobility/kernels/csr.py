"""Directed multigraphs as compressed sparse rows, forward and reverse.

Arcs keep the order they are given in: arc `a` of the input is arc `a` of every answer.
Parallel arcs and self-loops stay; nothing is merged or summed.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from itertools import count as counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from mobility.errors import InputError
from mobility.kernels.inputs import per_arc, subset, whole, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Ids = npt.NDArray[np.int32]
    Mask = npt.NDArray[np.bool_]
    Array = TypeVar("Array", bound=npt.NDArray[Any])

# a weight that no path has: the cost of a closed arc, the distance of no path
INFINITE = 2**62
MAX_WEIGHT = 2**42
# two path weights and an infinite one must add up inside an int64
MAX_PATH = 2**60
_MAX_IDS = 2**31 - 1
NO_LINK = -1
# links are numbered densely: some tables have an entry for each number
MAX_LINK = 2**26 - 1


class Star(NamedTuple):
    """Per node its arcs, out or in: what a loop over a graph reads.

    Four arrays, or in small graphs four lists. The arcs of node `u` are at positions
    `first[u]` to `first[u + 1] - 1`, by arc number.
    """

    first: Any
    ends: Any
    costs: Any
    arcs: Any


@dataclass(frozen=True, eq=False)
class Csr:
    """A directed multigraph with integer weights, immutable.

    Attributes
    ----------
    node_count
        Nodes are 0 … node_count - 1.
    tails, heads : int32 arrays, shape (arcs,)
        The arcs, in the order given.
    weights : int64 array, shape (arcs,)
        Non-negative.
    links : int32 array, shape (arcs,)
        What each arc is part of: arcs of one link are lost together. `NO_LINK` (-1):
        an arc that cannot be lost.
    closed : bool array, shape (arcs,)
        Arcs that no path may use.
    """

    node_count: int
    tails: Ids
    heads: Ids
    weights: Ints
    links: Ids
    closed: Mask
    _order: _Order

    @property
    def arc_count(self) -> int:
        """Number of arcs, closed ones among them."""
        return len(self.tails)

    @property
    def link_count(self) -> int:
        """One more than the highest link number."""
        return self._order.link_count

    @cached_property
    def costs(self) -> Ints:
        """Per arc its weight, or `INFINITE` where it is closed."""
        if not self.closed.any():
            return self.weights
        costs = np.where(self.closed, INFINITE, self.weights)
        costs.flags.writeable = False
        return costs

    def star(self, *, reverse: bool = False, fast: bool = True) -> Star:
        """Return the arcs out of (reversed: into) every node, as arrays or lists."""
        if reverse:
            return self._into_arrays if fast else self._into_lists
        return self._out_arrays if fast else self._out_lists

    @cached_property
    def _out_arrays(self) -> Star:
        order = self._order
        costs = _frozen(self.costs[order.out_arcs])
        return Star(order.out_first, order.out_ends, costs, order.out_arcs)

    @cached_property
    def _into_arrays(self) -> Star:
        order = self._order
        costs = _frozen(self.costs[order.into_arcs])
        return Star(order.into_first, order.into_ends, costs, order.into_arcs)

    @cached_property
    def _out_lists(self) -> Star:
        first, ends, arcs = self._order.out_lists
        return Star(first, ends, self.costs[self._order.out_arcs].tolist(), arcs)

    @cached_property
    def _into_lists(self) -> Star:
        first, ends, arcs = self._order.into_lists
        return Star(first, ends, self.costs[self._order.into_arcs].tolist(), arcs)

    def ends(self, *, fast: bool) -> tuple[Any, Any]:
        """Return tails and heads by arc, as arrays or lists."""
        if fast:
            return self._order.tails, self._order.heads
        return self._order.end_lists

    def positions(self) -> tuple[Ids, Ids]:
        """Return per arc its place among the arcs out, and among those into a node."""
        return self._order.positions

    def members(self) -> tuple[Ids, Ids]:
        """Return the arcs of each link.

        Returns
        -------
        first, arcs : int32 arrays
            Link `l` has `arcs[first[l]:first[l + 1]]`, by arc number.
        """
        return self._order.members

    @property
    def scattered(self) -> Mask:
        """Per link whether its arcs join more than two nodes."""
        return self._order.scattered

    @property
    def doubled(self) -> Mask:
        """Per link whether two of its arcs run the same way, or between other nodes."""
        return self._order.doubled

    def without(self, arcs: npt.ArrayLike) -> Csr:
        """Return the graph with some arcs closed as well.

        Parameters
        ----------
        arcs
            Arc numbers, or a bool per arc.

        Notes
        -----
        The rows are shared with this graph; one weight per arc is new. O(m).

        Examples
        --------
        >>> graph = build(2, [0, 0], [1, 1], [5, 3])
        >>> graph.without([1]).costs.tolist() == [5, INFINITE]
        True
        """
        closed = self.closed.copy()
        closed[subset("arcs", arcs, self.arc_count)] = True
        closed.flags.writeable = False
        return Csr(
            self.node_count,
            self.tails,
            self.heads,
            self.weights,
            self.links,
            closed,
            self._order,
        )

    def reweighted(self, weights: npt.ArrayLike) -> Csr:
        """Return the graph with other weights, one per arc; closed arcs stay closed."""
        checked = _check_weights(self.node_count, weights, self.arc_count)
        return Csr(
            self.node_count,
            self.tails,
            self.heads,
            checked,
            self.links,
            self.closed,
            self._order,
        )

    def weigh(self, arcs: Sequence[int]) -> int:
        """Return the weight of a chain of arcs."""
        numbers = whole_numbers("arcs", arcs)
        if len(numbers) and not (numbers.min() >= 0 and numbers.max() < self.arc_count):
            msg = f"arcs: not all are within 0 to {self.arc_count - 1}"
            raise InputError(msg)
        return sum(self.weights[numbers].tolist())


@dataclass(frozen=True, eq=False)
class _Order:
    """The rows of a graph: what masks and new weights leave as it is."""

    node_count: int
    tails: Ids
    heads: Ids
    links: Ids

    @cached_property
    def out_arcs(self) -> Ids:
        return _frozen(np.argsort(self.tails, kind="stable").astype(np.int32))

    @cached_property
    def out_first(self) -> Ids:
        return _frozen(_pointers(self.tails, self.node_count))

    @cached_property
    def out_ends(self) -> Ids:
        return _frozen(self.heads[self.out_arcs])

    @cached_property
    def into_arcs(self) -> Ids:
        return _frozen(np.argsort(self.heads, kind="stable").astype(np.int32))

    @cached_property
    def into_first(self) -> Ids:
        return _frozen(_pointers(self.heads, self.node_count))

    @cached_property
    def into_ends(self) -> Ids:
        return _frozen(self.tails[self.into_arcs])

    @cached_property
    def out_lists(self) -> tuple[list[int], list[int], list[int]]:
        return (
            self.out_first.tolist(),
            self.out_ends.tolist(),
            self.out_arcs.tolist(),
        )

    @cached_property
    def into_lists(self) -> tuple[list[int], list[int], list[int]]:
        return (
            self.into_first.tolist(),
            self.into_ends.tolist(),
            self.into_arcs.tolist(),
        )

    @cached_property
    def end_lists(self) -> tuple[list[int], list[int]]:
        return self.tails.tolist(), self.heads.tolist()

    @cached_property
    def positions(self) -> tuple[Ids, Ids]:
        return _frozen(_inverse(self.out_arcs)), _frozen(_inverse(self.into_arcs))

    @cached_property
    def link_count(self) -> int:
        return int(self.links.max()) + 1 if len(self.links) else 0

    @cached_property
    def members(self) -> tuple[Ids, Ids]:
        arcs = np.argsort(self.links, kind="stable").astype(np.int32)
        arcs = arcs[np.count_nonzero(self.links < 0) :]
        first = _pointers(self.links[self.links >= 0], self.link_count)
        return _frozen(first), _frozen(arcs)

    @cached_property
    def scattered(self) -> Mask:
        first, arcs = self.members
        if not len(arcs):
            return _frozen(np.zeros(self.link_count, dtype=bool))
        low = np.minimum(self.tails, self.heads)[arcs]
        high = np.maximum(self.tails, self.heads)[arcs]
        # the first arc of each link; of a link without any, an arc nobody asks about
        start = arcs[np.minimum(first[:-1], len(arcs) - 1)]
        lows = np.minimum(self.tails, self.heads)[start]
        highs = np.maximum(self.tails, self.heads)[start]
        link = self.links[arcs]
        scattered = np.zeros(self.link_count, dtype=bool)
        scattered[link[(low != lows[link]) | (high != highs[link])]] = True
        return _frozen(scattered)

    @cached_property
    def doubled(self) -> Mask:
        _, arcs = self.members
        doubled = self.scattered.copy()
        rows = np.stack([self.links[arcs], self.tails[arcs], self.heads[arcs]], axis=1)
        rows = rows[np.lexsort(rows.T[::-1])]
        same = (rows[1:] == rows[:-1]).all(axis=1)
        doubled[rows[1:][same, 0]] = True
        return _frozen(doubled)


def build(
    node_count: int,
    tails: npt.ArrayLike,
    heads: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    links: npt.ArrayLike | None = None,
) -> Csr:
    """Make a graph of arrays.

    Parameters
    ----------
    node_count
        Number of nodes.
    tails, heads
        Node numbers, one pair per arc.
    weights
        Non-negative integers below 2**42, one per arc.
    links
        Per arc the link it is part of, below 2**26; -1: part of none, cannot be lost.
        Left out, each arc is its own link.

    Raises
    ------
    InputError
        Lengths differ, a node or link number is out of range, a weight is negative,
        not whole or too large, or paths could weigh 2**60 or more.

    Notes
    -----
    O(n + m) space, O(m log m) time on first use of the rows.

    Examples
    --------
    >>> graph = build(2, [0, 0], [1, 1], [5, 3])
    >>> graph.arc_count, graph.links.tolist()
    (2, [0, 1])
    """
    node_count = whole("node_count", node_count, low=0, high=_MAX_IDS)
    ends = [
        whole_numbers(name, array)
        for name, array in (("tails", tails), ("heads", heads))
    ]
    given = [*map(len, ends), whole_numbers("weights", weights).size]
    if len(set(given)) != 1:
        told = ", ".join(map(str, given))
        msg = f"tails, heads and weights differ in length: {told}"
        raise InputError(msg)
    for name, array in zip(("tail", "head"), ends, strict=True):
        if len(array) and not (array.min() >= 0 and array.max() < node_count):
            msg = f"a {name} is outside 0 to {node_count - 1}"
            raise InputError(msg)
    count = len(ends[0])
    if links is None:
        groups: Ids = np.arange(count, dtype=np.int32)
    else:
        numbers = per_arc("links", links, count, low=-1, high=MAX_LINK)
        groups = numbers.astype(np.int32)
    order = _Order(
        node_count, ends[0].astype(np.int32), ends[1].astype(np.int32), groups
    )
    return Csr(
        node_count,
        _frozen(order.tails),
        _frozen(order.heads),
        _check_weights(node_count, weights, count),
        _frozen(order.links),
        _frozen(np.zeros(count, dtype=bool)),
        order,
    )


def to_networkx(
    graph: Csr,
    *,
    nodes: Sequence[Hashable] | None = None,
    keys: Sequence[Hashable] | None = None,
) -> nx.MultiDiGraph[Any]:
    """Return the same graph for NetworkX.

    Parameters
    ----------
    nodes
        Per node its name there; left out, its number.
    keys
        Per arc its edge key there; left out, the arc number.

    Returns
    -------
    networkx.MultiDiGraph
        Every edge bears `arc`, `weight`, `link` and `closed`.
    """
    import networkx as nx

    names = list(range(graph.node_count)) if nodes is None else list(nodes)
    labels = list(range(graph.arc_count)) if keys is None else list(keys)
    for what, given, count in (
        ("nodes", names, graph.node_count),
        ("keys", labels, graph.arc_count),
    ):
        if len(given) != count:
            msg = f"{what} has {len(given)} entries for {count}"
            raise InputError(msg)
        if any(name is None or not isinstance(name, Hashable) for name in given):
            msg = f"{what} should be names that NetworkX takes"
            raise InputError(msg)
    copy: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    copy.add_nodes_from(names)
    rows = zip(
        graph.tails.tolist(),
        graph.heads.tolist(),
        graph.weights.tolist(),
        graph.links.tolist(),
        graph.closed.tolist(),
        strict=True,
    )
    for arc, (tail, head, weight, link, closed) in enumerate(rows):
        copy.add_edge(
            names[tail],
            names[head],
            key=labels[arc],
            arc=arc,
            weight=weight,
            link=link,
            closed=closed,
        )
    if copy.number_of_nodes() != graph.node_count:
        msg = "two nodes bear the same name"
        raise InputError(msg)
    if copy.number_of_edges() != graph.arc_count:
        msg = "two parallel arcs bear the same key"
        raise InputError(msg)
    return copy


def from_networkx(
    graph: nx.MultiDiGraph[Any], *, weight: str = "weight"
) -> tuple[Csr, list[Any], list[Any]]:
    """Make a graph of a NetworkX one.

    Parameters
    ----------
    graph
        Each edge bears `weight`; it may bear `arc` (its number), `link` (left out: one
        of its own) and `closed`.
    weight
        Name of the attribute; an edge without it is refused, not taken as 1.

    Returns
    -------
    graph : Csr
    nodes : list
        Per node its name in NetworkX.
    keys : list
        Per arc its edge key in NetworkX; `to_networkx` takes both.
    """
    if not (graph.is_directed() and graph.is_multigraph()):
        msg = f"{type(graph).__name__} should be a MultiDiGraph"
        raise InputError(msg)
    nodes = list(graph.nodes)
    number = {name: i for i, name in enumerate(nodes)}
    edges = [(u, v, key, data) for u, v, key, data in graph.edges(keys=True, data=True)]
    if all("arc" in data for *_, data in edges):
        arcs = whole_numbers("arc", [data["arc"] for *_, data in edges])
        edges = [edges[i] for i in np.argsort(arcs, kind="stable")]
    for u, v, key, data in edges:
        if weight not in data:
            msg = f"edge {(u, v, key)!r} has no {weight!r}"
            raise InputError(msg)
    told = [data["link"] for *_, data in edges if "link" in data]
    # an edge without a link is one of its own, not part of another's
    own = counter(int(max(whole_numbers("links", told), default=-1)) + 1)
    made = build(
        len(nodes),
        [number[u] for u, *_ in edges],
        [number[v] for _, v, *_ in edges],
        [data[weight] for *_, data in edges],
        links=[data["link"] if "link" in data else next(own) for *_, data in edges],
    )
    closed = [i for i, (*_, data) in enumerate(edges) if data.get("closed")]
    keys = [key for *_, key, _ in edges]
    return (made.without(closed) if closed else made), nodes, keys


def _check_weights(node_count: int, weights: npt.ArrayLike, count: int) -> Ints:
    checked = per_arc("weights", weights, count, low=0, high=MAX_WEIGHT - 1)
    if count:
        steps = min(node_count, count)
        if int(checked.max()) * steps >= MAX_PATH and (
            float(checked.sum(dtype=np.float64)) >= MAX_PATH
        ):
            msg = f"weights are so large that a path could overflow {MAX_PATH}"
            raise InputError(msg)
    checked.flags.writeable = False
    return checked


def _pointers(rows: Ids, count: int) -> Ids:
    first = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=first[1:])
    return first


def _inverse(permutation: Ids) -> Ids:
    inverse = np.empty_like(permutation)
    inverse[permutation] = np.arange(len(permutation), dtype=np.int32)
    return inverse


def _frozen(array: Array) -> Array:
    """Return an array as one that cannot be written."""
    array.flags.writeable = False
    return array
