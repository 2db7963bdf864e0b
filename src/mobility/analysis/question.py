"""A planner's question on a network, as a graph to search.

One layer of the network per leg between stops, joined at the stops, so that the mode in
which a stop is reached is kept; a source and a target reach their place in every mode
at no cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mobility.data.find import find_country, find_place
from mobility.errors import InputError, UnknownNameError
from mobility.kernels.csr import Csr, build
from mobility.network.arcs import IN, MM_PER_KM, MS_PER_H, NO_LINK, OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    from mobility.network.build import Network

    State = TypeVar("State")
    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

WEIGHTS = ("time", "length")
# by length, an hour counts like 3.6 m: it decides among ways of equal length only
_MM_SCALE = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """Stops and what to avoid, with all names resolved.

    Attributes
    ----------
    stops
        Place ids: origin, places to pass, destination.
    avoided
        Place ids.
    states
        Codes of states.
    """

    stops: tuple[str, ...]
    avoided: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()


def ask(
    network: Network,
    origin: str,
    destination: str,
    *,
    via: Sequence[str] = (),
    avoid: Iterable[str] = (),
) -> Question:
    """Resolve the names of a question.

    Raises
    ------
    UnknownNameError
        A name means no place or state.
    InputError
        A stop stands twice in a row, is to be avoided, or is closed.
    """
    tables = network.tables
    stops = tuple(find_place(tables, name) for name in (origin, *via, destination))
    for here, there in pairwise(stops):
        if here == there:
            msg = f"origin and destination are the same place, {here!r}"
            if via:
                msg = f"the same place twice in a row, {here!r}"
            raise InputError(msg)
    places, states = set(), set()
    for name in avoid:
        try:
            states.add(find_country(tables, name))
        except UnknownNameError:
            places.add(_place_or_state(network, name))
    countries = tables.nodes["country"]
    for stop in stops:
        if stop in places or set(countries[stop].split("-")) <= states:
            msg = f"{stop!r} is both to be passed and to be avoided"
            raise InputError(msg)
        if stop in network.scenario.close:
            msg = f"{stop!r} is both to be passed and closed"
            raise InputError(msg)
    return Question(stops, frozenset(places), frozenset(states))


def _place_or_state(network: Network, name: str) -> str:
    try:
        return find_place(network.tables, name)
    except UnknownNameError as error:
        msg = str(error).replace("no place", "no place or state", 1)
        raise UnknownNameError(msg) from None


def allowed(network: Network, question: Question) -> Bools:
    """Return per arc of a network whether it touches nothing that is to be avoided."""
    bad_nodes = np.array(
        [node.place in question.avoided for node in network.graph_nodes], dtype=bool
    )
    bad_links = [
        bool(question.states.intersection(row["country"].split("-")))
        for row in network.rows
    ]
    # the last entry serves arcs that are no link
    bad_arcs = np.array([*bad_links, False], dtype=bool)[network.link_of]
    bad = bad_nodes[network.tails] | bad_nodes[network.heads] | bad_arcs
    return np.asarray(~bad, dtype=bool)


def weigh(network: Network, by: str) -> Ints:
    """Return the weight of each arc: milliseconds, or scaled millimetres.

    By length, an hour of changing mode counts like the kilometres that a rule states:
    nobody reloads a train to save a bend of the road.

    Raises
    ------
    InputError
        `by` is neither `time` nor `length`.
    """
    if by not in WEIGHTS:
        msg = f"by {by!r} is none of {', '.join(WEIGHTS)}"
        raise InputError(msg)
    if by == "time":
        return network.time_ms
    kph = network.rules.value("transfer_detour_kph")
    detour_mm = (network.transfer_ms * (kph * MM_PER_KM / MS_PER_H)).astype(np.int64)
    return (network.length_mm + detour_mm) * _MM_SCALE + network.time_ms


@dataclass(frozen=True, slots=True)
class Layers:
    """The graph of one question.

    Attributes
    ----------
    graph
        To be searched from `source` to `target`; its links are those of the network.
    arcs : int64 array, shape (arcs of the graph,)
        The arc of the network each stands for; -1 for joints.
    groups
        Per arc what it shares with others: its link, or its place and change of mode.
    places
        Per node the leg and place it belongs to, as one number.
    """

    graph: Csr
    source: int
    target: int
    arcs: Ints
    groups: tuple[int, ...]
    places: tuple[int, ...]

    @property
    def by_arc(self) -> dict[int, tuple[int, int]]:
        """Per arc of the network what it shares with others, and its weight."""
        pairs = zip(self.groups, self.graph.weights.tolist(), strict=True)
        return dict(zip(self.arcs.tolist(), pairs, strict=True))

    def network_arcs(self, arcs: Iterable[int]) -> list[int]:
        """Return the arcs of the network that arcs of the graph stand for."""
        found = [int(self.arcs[arc]) for arc in arcs]
        return [arc for arc in found if arc >= 0]


def lay_out(network: Network, question: Question, weights: Ints) -> Layers:
    """Make the graph of a question.

    Parameters
    ----------
    weights : int64 array, shape (arcs of the network,)
        What each arc counts for.
    """
    chosen = np.flatnonzero(allowed(network, question))
    size, legs = len(network.graph_nodes), len(question.stops) - 1
    offsets = np.repeat(np.arange(legs) * size, len(chosen))
    source, target = legs * size, legs * size + 1
    joints = _joints(network, question, source, target)
    arcs = np.concatenate([np.tile(chosen, legs), np.full(len(joints), -1)])
    graph = build(
        legs * size + 2,
        np.concatenate([np.tile(network.tails[chosen], legs) + offsets, joints[:, 0]]),
        np.concatenate([np.tile(network.heads[chosen], legs) + offsets, joints[:, 1]]),
        np.concatenate([np.tile(weights[chosen], legs), np.zeros(len(joints), int)]),
        links=np.append(network.link_of, NO_LINK)[arcs],
    )
    groups = np.append(groups_of(network), -1)[arcs]
    number = {place: i for i, place in enumerate(network.nodes_of)}
    places = [number[node.place] for node in network.graph_nodes]
    layered = [leg * len(number) + place for leg in range(legs) for place in places]
    return Layers(
        graph, source, target, arcs, tuple(groups.tolist()), (*layered, -1, -2)
    )


def through(
    layers: Layers, step: Callable[[State, int], State | None]
) -> Callable[[State, int], State | None]:
    """Let what steps over arcs of the network step over those of a graph of layers."""
    arcs = layers.arcs.tolist()

    def advance(state: State, arc: int) -> State | None:
        number = arcs[arc]
        return state if number < 0 else step(state, number)

    return advance


def _joints(network: Network, question: Question, source: int, target: int) -> Ints:
    """Return the arcs that join layers at the stops, and the ends to theirs.

    At a stop a train may go back the way it came, also where tracks are parted.
    """
    size, first, last = len(network.graph_nodes), question.stops[0], question.stops[-1]
    pairs = [
        (node + leg * size, node + (leg + 1) * size)
        for leg, stop in enumerate(question.stops[1:-1])
        for node in network.nodes_of.get(stop, ())
    ]
    number = {node: i for i, node in enumerate(network.graph_nodes)}
    pairs += [
        (node + leg * size, number[there] + (leg + 1) * size)
        for leg, stop in enumerate(question.stops[1:-1])
        for node in network.nodes_of.get(stop, ())
        if (here := network.graph_nodes[node]).heading == IN
        and (there := here._replace(heading=OUT)) in number
    ]
    pairs += [(source, node) for node in network.nodes_of.get(first, ())]
    final = (len(question.stops) - 2) * size
    pairs += [(node + final, target) for node in network.nodes_of.get(last, ())]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def groups_of(network: Network) -> Ints:
    """Return per arc its link, or a number for its place, sides and pair of modes."""
    groups = network.link_of.copy()
    numbers: dict[tuple[object, ...], int] = {}
    for arc in np.flatnonzero(groups == NO_LINK).tolist():
        ends = (int(network.tails[arc]), int(network.heads[arc]))
        key = tuple(sorted(network.graph_nodes[end].spot for end in ends))
        groups[arc] = numbers.setdefault(key, len(network.link_ids) + len(numbers))
    return groups
