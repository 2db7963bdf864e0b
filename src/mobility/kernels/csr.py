"""Directed multigraphs as compressed sparse rows.

Arcs keep the order they are given in: arc `a` of the input is arc `a` of every answer.
Parallel arcs and self-loops stay; nothing is merged or summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

# so that a sum over any loopless path of a graph with 2**20 nodes stays an int64
MAX_WEIGHT = 2**42


@dataclass(frozen=True, eq=False)
class Csr:
    """A directed multigraph with integer weights, immutable.

    Attributes
    ----------
    node_count
        Nodes are 0 … node_count - 1.
    tails, heads, weights : int64 arrays, shape (arcs,)
        The arcs, in the order given.
    """

    node_count: int
    tails: Ints
    heads: Ints
    weights: Ints

    @property
    def arc_count(self) -> int:
        """Number of arcs."""
        return len(self.tails)

    @cached_property
    def forward(self) -> list[list[tuple[int, int, int]]]:
        """Per node its arcs out as (arc, head, weight), by arc number."""
        return _adjacency(self.node_count, self.tails, self.heads, self.weights)

    @cached_property
    def backward(self) -> list[list[tuple[int, int, int]]]:
        """Per node its arcs in as (arc, tail, weight), by arc number."""
        return _adjacency(self.node_count, self.heads, self.tails, self.weights)


def build(
    node_count: int, tails: npt.ArrayLike, heads: npt.ArrayLike, weights: npt.ArrayLike
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

    Raises
    ------
    ValueError
        Lengths differ, a node number is out of range, or a weight is negative, not
        whole, or too large.

    Examples
    --------
    >>> graph = build(2, [0, 0], [1, 1], [5, 3])
    >>> graph.forward[0]
    [(0, 1, 5), (1, 1, 3)]
    """
    arrays = [_whole(values) for values in (tails, heads, weights)]
    if len({len(array) for array in arrays}) != 1:
        lengths = ", ".join(str(len(array)) for array in arrays)
        msg = f"tails, heads and weights differ in length: {lengths}"
        raise ValueError(msg)
    for name, array in zip(("tail", "head"), arrays[:2], strict=True):
        if len(array) and not (array.min() >= 0 and array.max() < node_count):
            msg = f"a {name} is outside 0 to {node_count - 1}"
            raise ValueError(msg)
    if len(arrays[2]) and not (arrays[2].min() >= 0 and arrays[2].max() < MAX_WEIGHT):
        msg = f"a weight is outside 0 to {MAX_WEIGHT - 1}"
        raise ValueError(msg)
    for array in arrays:
        array.flags.writeable = False
    return Csr(node_count, *arrays)


def _whole(values: npt.ArrayLike) -> Ints:
    """Return a private int64 copy; refuse what is not a whole number."""
    array = np.atleast_1d(np.asarray(values))
    if array.size == 0:
        return np.empty(0, np.int64)
    if array.dtype.kind not in "iu" and not (
        array.dtype.kind == "f" and bool(np.all(array == np.floor(array)))
    ):
        msg = "node numbers and weights must be whole numbers"
        raise ValueError(msg)
    if array.dtype.kind == "f" and not bool(np.all(np.abs(array) < 2.0**63)):
        msg = "node numbers and weights must be finite"
        raise ValueError(msg)
    return array.astype(np.int64, copy=True)


def _adjacency(
    node_count: int, sources: Ints, targets: Ints, weights: Ints
) -> list[list[tuple[int, int, int]]]:
    rows: list[list[tuple[int, int, int]]] = [[] for _ in range(node_count)]
    arcs = zip(sources.tolist(), targets.tolist(), weights.tolist(), strict=True)
    for arc, (source, target, weight) in enumerate(arcs):
        rows[source].append((arc, target, weight))
    return rows
