"""Best paths where what an arc costs depends on the way before it.

A state is carried along a path: a tuple whose first entries are whole numbers, of each
of which less is at least as good for all that follows; the very first is what is
minimised. Of two paths to a node one is dropped only if it is no better in any of them.
"""

from __future__ import annotations

from heapq import heappop, heappush
from operator import le
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from mobility.kernels import inputs
from mobility.kernels.csr import INFINITE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mobility.kernels.csr import Csr

State = TypeVar("State", bound=tuple[Any, ...])


class Label(NamedTuple):
    """A path to a node: its state, its last arc (-1 at the root), the label before."""

    state: Any
    arc: int
    before: Label | None


def best_labels(
    graph: Csr,
    root: int,
    start: State,
    advance: Callable[[State, int], State | None],
    *,
    compared: int,
    targets: Iterable[int] | None = None,
) -> dict[int, Label]:
    """Find a best path from a node to others, by the first entry of its state.

    Parameters
    ----------
    graph
        The graph; its weights are not looked at, closed arcs are not used.
    root
        Where all paths start.
    start
        State there.
    advance
        Returns the state behind an arc from the one before it; None where the arc
        cannot be used. The first entry must
        never fall; and from a state that is no greater in any compared entry, no
        further arcs may lead to a greater first entry. Where that does not hold, a path
        is found, but perhaps no best one.
    compared
        How many entries, from the first on, are compared.
    targets
        Stop once a best path to each of these nodes is known; None: to all.

    Returns
    -------
    dict
        By node reached, a best label. With `targets`, perhaps not all nodes.

    Raises
    ------
    InputError
        A node is out of range.

    Notes
    -----
    Label setting with dominance: exponential at worst, a few labels a node where the
    entries rise together. Of equal states the one found first is kept, so that the
    same graph always gives the same path.

    References
    ----------
    Martins (1984), European Journal of Operational Research 16, 236-245.
    """
    root = inputs.node("root", root, graph)
    left = None if targets is None else set(targets)
    rows = graph.star(fast=False)
    kept: dict[int, list[tuple[int, ...]]] = {}
    found: dict[int, Label] = {}
    queue: list[tuple[tuple[int, ...], int, int, Label]] = []
    count = 0
    heappush(queue, (start[:compared], count, root, Label(start, -1, None)))
    while queue:
        key, _, node, label = heappop(queue)
        states = kept.setdefault(node, [])
        # what was kept came first, so that its first entry is no greater
        if _is_dominated(key[1:], states):
            continue
        states.append(key[1:])
        if node not in found:
            found[node] = label
            if left is not None:
                left.discard(node)
                if not left:
                    break
        for i in range(rows.first[node], rows.first[node + 1]):
            if rows.costs[i] >= INFINITE:
                continue
            state = advance(label.state, rows.arcs[i])
            if state is None:
                continue
            new = state[:compared]
            if not _is_dominated(new[1:], kept.get(rows.ends[i], ())):
                count += 1
                after = Label(state, rows.arcs[i], label)
                heappush(queue, (new, count, rows.ends[i], after))
    return found


def path_of(label: Label) -> list[int]:
    """Return the arcs of the path to a label, in order of travel."""
    arcs = []
    at: Label | None = label
    while at is not None and at.before is not None:
        arcs.append(at.arc)
        at = at.before
    return arcs[::-1]


def _is_dominated(key: tuple[int, ...], states: Iterable[tuple[int, ...]]) -> bool:
    return any(all(map(le, state, key)) for state in states)
