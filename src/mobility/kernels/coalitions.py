"""What each of several groups of arcs adds to a graph: alone, last, and on average.

Groups are few and a graph is large, so the graph is searched once: what every set of
groups makes of the costs follows from a small table of costs between sources, targets
and the ends of the arcs in question, into which arcs are put one at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mobility.errors import InputError
from mobility.kernels import inputs
from mobility.kernels.shortest import UNREACHED, distances

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from mobility.kernels.csr import Csr

Floats = np.ndarray[Any, np.dtype[np.float64]]
# what a set of groups is worth, one number or several, for costs of any leading shape:
# (…, sources, targets) to (…, worths)
Score = Callable[[Floats], Floats]

# exact answers look at every set: twice as many for each group more
MOST_EXACT = 20
# numbers that one step holds at once: few enough to stay in a processor's cache
_HELD = 2**17


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Costs while no group is there, and the arcs that each group would bring.

    Attributes
    ----------
    costs : float64 array, shape (sources + arcs, targets + arcs)
        From each source, then from the head of each arc in question; to each target,
        then to the tail of each arc. Whole numbers; inf where there is no path.
    weights
        Per arc in question its weight. They stand group by group.
    first
        Group `g` has the arcs `first[g]` to `first[g + 1] - 1`.
    """

    costs: Floats
    weights: tuple[float, ...]
    first: tuple[int, ...]

    @property
    def group_count(self) -> int:
        """Number of groups."""
        return len(self.first) - 1

    @property
    def shape(self) -> tuple[int, int]:
        """Number of sources and of targets."""
        rows, columns = self.costs.shape
        return rows - len(self.weights), columns - len(self.weights)

    def ordered(self, order: Sequence[int]) -> Table:
        """Return the table with its groups, or some of them, in another order."""
        sources, targets = self.shape
        spans = [range(self.first[g], self.first[g + 1]) for g in order]
        arcs = np.array([arc for span in spans for arc in span], dtype=np.int64)
        rows = np.concatenate([np.arange(sources), sources + arcs])
        columns = np.concatenate([np.arange(targets), targets + arcs])
        first = (0, *np.cumsum([len(span) for span in spans]).tolist())
        weights = tuple(self.weights[arc] for arc in arcs.tolist())
        return Table(self.costs[np.ix_(rows, columns)], weights, first)

    def opened(self, costs: Floats, group: int) -> Floats:
        """Return costs, of any leading shape, once a group is there as well."""
        sources, targets = self.shape
        for arc in range(self.first[group], self.first[group + 1]):
            there = costs[..., :, targets + arc, None] + self.weights[arc]
            costs = np.minimum(costs, there + costs[..., sources + arc, None, :])
        return costs

    def all_opened(self) -> Floats:
        """Return costs with all groups there."""
        costs = self.costs
        for group in range(self.group_count):
            costs = self.opened(costs, group)
        return costs

    def kept(self, costs: Floats, groups: int) -> Floats:
        """Return what of costs the first groups need, or with 0, no group."""
        sources, targets = self.shape
        arcs = self.first[groups]
        return costs[..., : sources + arcs, : targets + arcs]


def tabulate(
    graph: Csr,
    sources: npt.ArrayLike,
    targets: npt.ArrayLike,
    groups: Iterable[npt.ArrayLike],
) -> Table:
    """Measure what is needed to tell costs with any of the groups.

    Parameters
    ----------
    graph
        The graph with all groups in it.
    sources, targets
        Nodes.
    groups
        Arcs of each group: numbers, or a bool per arc.

    Raises
    ------
    InputError
        A node or arc is out of range, or an arc is in two groups.

    Notes
    -----
    A tree per source and per arc in question, or per target and arc if these are fewer.
    """
    starts = inputs.nodes("sources", sources, graph)
    ends = inputs.nodes("targets", targets, graph)
    members = inputs.groups("groups", groups, graph.arc_count)
    arcs = np.concatenate([np.empty(0, np.int64), *members])
    if len(np.unique(arcs)) < len(arcs):
        msg = "groups: an arc is in two of them"
        raise InputError(msg)
    found = distances(
        graph.without(arcs),
        np.concatenate([starts, graph.heads[arcs]]),
        np.concatenate([ends, graph.tails[arcs]]),
    )
    return Table(
        np.where(found == UNREACHED, math.inf, found.astype(np.float64)),
        tuple(float(weight) for weight in graph.weights[arcs].tolist()),
        (0, *np.cumsum([len(own) for own in members], dtype=int).tolist()),
    )


def mattering(table: Table, rows: npt.ArrayLike, columns: npt.ArrayLike) -> list[int]:
    """Return the groups that may change a cost in some set; the others never do.

    Parameters
    ----------
    rows, columns
        Which costs: entry `i` of both is from that source to that target, by position.

    Notes
    -----
    With all groups there, no way by an arc can be shorter: where even so none by an arc
    of a group beats the cost without any, none does in any set. O(pairs) per arc.
    """
    sources, targets = table.shape
    pair = np.asarray(rows), np.asarray(columns)
    before, best = table.costs[pair], table.all_opened()

    def is_shorter(arc: int) -> bool:
        there = best[pair[0], targets + arc] + table.weights[arc]
        return bool((there + best[sources + arc, pair[1]] < before).any())

    spans = [range(*ends) for ends in pairwise(table.first)]
    return [group for group, span in enumerate(spans) if any(map(is_shorter, span))]


class Worths(NamedTuple):
    """What groups are worth, each in a row; columns as the score has them.

    Attributes
    ----------
    alone : float64 array, shape (groups, worths)
        What a group adds where no other is.
    last : float64 array, shape (groups, worths)
        What it adds where all others are.
    mean : float64 array, shape (groups, worths)
        Mean over all orders of what it adds to those before it: its Shapley value.
        The sum is what all add together.
    error : float64 array, shape (groups, worths)
        Standard error of the mean; 0 where it is exact.
    """

    alone: Floats
    last: Floats
    mean: Floats
    error: Floats


def exact(table: Table, score: Score) -> Worths:
    """Measure groups over all sets of them.

    Raises
    ------
    InputError
        There are no groups, or more than `MOST_EXACT`.

    Notes
    -----
    O(2^g s t) for g groups, s sources and t targets.

    References
    ----------
    Shapley (1953), A value for n-person games, Contributions to the Theory of Games 2.
    """
    count = inputs.whole("groups", table.group_count, low=1, high=MOST_EXACT)
    worth = every_set(table, score)
    members = np.arange(2**count)
    singles = 1 << np.arange(count)
    return Worths(
        worth[singles] - worth[0],
        worth[-1] - worth[members[-1] ^ singles],
        shapley(worth),
        np.zeros((count, worth.shape[1])),
    )


def every_set(table: Table, score: Score) -> Floats:
    """Return what every set of groups is worth.

    Returns
    -------
    float64 array, shape (2 ** groups, worths)
        Row `s` is the set of the groups whose bits are set in `s`.
    """
    return _sets(table, table.costs, table.group_count, score)


def _sets(table: Table, costs: Floats, groups: int, score: Score) -> Floats:
    """Return what each set of the first groups is worth on top of what is there."""
    size = math.prod(table.shape)
    if groups and size << groups > _HELD:
        costs = table.kept(costs, groups)
        both = (costs, table.opened(costs, groups - 1))
        halves = [_sets(table, costs, groups - 1, score) for costs in both]
        return np.concatenate(halves)
    costs = table.kept(costs, groups)[None]
    for group in reversed(range(groups)):
        both = (costs, table.opened(costs, group))
        pairs = np.stack([table.kept(costs, group) for costs in both], axis=1)
        costs = pairs.reshape(-1, *pairs.shape[2:])
    return score(costs)


def shapley(worth: npt.ArrayLike) -> Floats:
    """Return the mean over all orders of what each player adds to those before it.

    Parameters
    ----------
    worth : array, shape (2 ** players, …)
        What each set of players is worth: row `s` of those whose bits are set in `s`.

    Returns
    -------
    float64 array, shape (players, …)

    Raises
    ------
    InputError
        The rows are not as many as the sets of one player or more.

    Examples
    --------
    Two sections that are worth 6 together, and one of them 2 alone:

    >>> shapley([0, 2, 0, 6]).tolist()
    [4.0, 2.0]
    """
    worths = np.asarray(worth, dtype=np.float64)
    players = len(worths).bit_length() - 1
    if players < 1 or len(worths) != 2**players:
        msg = f"worth has {len(worths)} rows; there should be 2, 4, 8 …"
        raise InputError(msg)
    # the others that are there already, by number of them
    others = np.arange(2 ** (players - 1))
    sizes = np.zeros_like(others)
    for bit in range(players - 1):
        sizes += others >> bit & 1
    share = [1 / (players * math.comb(players - 1, size)) for size in range(players)]
    weights = np.array(share)[sizes]
    mean = np.empty((players, *worths.shape[1:]))
    for player in range(players):
        halves = worths.reshape(-1, 2, 2**player, *worths.shape[1:])
        added = (halves[:, 1] - halves[:, 0]).reshape(-1, *worths.shape[1:])
        # not by a library of matrices: the sum would hang on the machine
        mean[player] = np.einsum("s,s...->...", weights, added)
    return mean


def sampled(table: Table, score: Score, *, samples: int, seed: int) -> Worths:
    """Measure groups over random orders.

    Parameters
    ----------
    samples
        How many orders to draw, at least 2; each is gone through backwards as well,
        which lessens the error where groups replace or need each other.
    seed
        Of the generator: the same seed gives the same answer.

    Raises
    ------
    InputError
        There are no groups, or a number is out of range.

    Notes
    -----
    O(samples g (s + a) (t + a)) for g groups of a arcs, s sources and t targets.
    `alone` and `last` are exact: O(g log g (s + a) (t + a)).

    References
    ----------
    Castro, Gómez & Tejada (2009), Polynomial calculation of the Shapley value based on
    sampling, Computers & Operations Research 36. Mitchell, Cooper, Frank & Holmes
    (2022), Sampling permutations for Shapley value estimation, Journal of Machine
    Learning Research 23.
    """
    count = inputs.whole("groups", table.group_count, low=1, high=2**31 - 1)
    samples = inputs.whole("samples", samples, low=2, high=2**31 - 1)
    random = np.random.default_rng(inputs.whole("seed", seed, low=0, high=2**63 - 1))
    # the mean and the squares about it, kept up order by order
    mean = squares = np.zeros(())
    for drawn in range(1, samples + 1):
        order = random.permutation(count).tolist()
        added = (_added(table, score, order) + _added(table, score, order[::-1])) / 2
        off = added - mean
        mean = mean + off / drawn
        squares = squares + off * (added - mean)
    none = score(table.kept(table.costs, 0))
    alone = [
        score(table.kept(table.opened(table.costs, group), 0)) - none
        for group in range(count)
    ]
    *left_out, everything = without_each(table, score)
    return Worths(
        np.stack(alone),
        everything - np.stack(left_out),
        mean,
        np.sqrt(squares / (samples - 1) / samples),
    )


def _added(table: Table, score: Score, order: Sequence[int]) -> Floats:
    """Return what each group adds to those before it in an order."""
    # the first to come stands last, where its arcs can be cut off once it is there
    turned = table.ordered(order[::-1])
    costs = turned.costs
    worths = [score(turned.kept(costs, 0))]
    for group in reversed(range(turned.group_count)):
        costs = turned.kept(turned.opened(costs, group), group)
        worths.append(score(turned.kept(costs, 0)))
    added = np.empty((len(order), *worths[0].shape))
    added[list(order)] = np.diff(np.stack(worths), axis=0)
    return added


def without_each(table: Table, score: Score) -> list[Floats]:
    """Return what all groups but one are worth, for each of them; last, what all are.

    Notes
    -----
    Halves of the groups are put in by turns, so that each is put in O(log g) times.
    """

    def walk(costs: Floats, groups: range) -> list[Floats]:
        if len(groups) < 2:
            return [score(table.kept(costs, 0))]
        middle = len(groups) // 2
        halves = groups[:middle], groups[middle:]
        found = []
        for left, put in (halves, halves[::-1]):
            within = costs
            for group in put:
                within = table.opened(within, group)
            found += walk(within, left)
        return found

    everything = score(table.kept(table.all_opened(), 0))
    return [*walk(table.costs, range(table.group_count)), everything]
