"""What is missing where there is no route."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mobility.analysis.question import Question, lay_out
from mobility.kernels.shortest import shortest
from mobility.network.access import Verdict
from mobility.network.arcs import NO_LINK
from mobility.network.build import Network, Use, assemble
from mobility.network.changes import denied_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mobility.network.access import Finding
    from mobility.network.scenario import Scenario

_STEPS = (
    # opening would do
    frozenset({Use.USED, Use.NOT_OPEN}),
    # limits would have to be lifted, and crossings opened to goods, too
    frozenset(Use) - {Use.EXCLUDED},
)


def explain_gap(network: Network, question: Question) -> str:
    """Say which links and crossings would complete a way: the fewest kilometres.

    First among links that opening would make usable; if they would not do, among those
    that bar the load as well, and crossings that do. Links that follow one another and
    lack the same are told as one stretch. Where access to states is denied,
    also whether access would do, and to which.
    """
    told = f"{_headline(network, question)}: {_explain(network, question)}"
    states = _states_needed(network, question)
    return told + (f"; access to {' and '.join(states)} would do" if states else "")


def _explain(network: Network, question: Question) -> str:
    """Say what would have to be opened or lifted, or what keeps that from helping."""
    opening, lifting = (_complete(network, question, keep) for keep in _STEPS)
    if opening is not None:
        told = f"it would take {'; '.join(opening.missing)}"
        if lifting is not None and lifting.km < opening.km:
            told += f" ({opening.km:.0f} km); or, with limits lifted, "
            told += f"{'; '.join(lifting.missing)} ({lifting.km:.0f} km)"
        return told
    if lifting is not None:
        return f"it would take {'; '.join(lifting.missing)}"
    names = network.tables.nodes["name"]
    ends = {
        row[end]
        for row in network.rows
        for end in ("from_node", "to_node")
        if network.movement.of(row["mode"])
    }
    for stop in question.stops:
        if stop not in ends:
            by = "" if network.mode == "any" else f" by {network.mode}"
            return f"no link of the data reaches {names[stop]}{by}"
    excluded = [*network.scenario.close, *network.scenario.without]
    excluded += denied_states(network.tables, network.scenario)
    excluded += [*question.avoided, *question.states]
    left = f" without {', '.join(sorted(excluded))}" if excluded else ""
    return f"no chain of links joins them{left}, built or not"


def _states_needed(network: Network, question: Question) -> list[str]:
    """Return the denied states on the way that stays in them for the fewest km."""
    denied = denied_states(network.tables, network.scenario)
    if not denied:
        return []
    granted = replace(network.scenario, deny=(), allow=(), transit=None)
    wide = widen(network, frozenset({Use.USED}), scenario=granted)
    inside = [denied.intersection(row["country"].split("-")) for row in wide.rows]
    counts = np.array([*map(bool, inside), False], dtype=bool)[wide.link_of]
    layers = lay_out(wide, question, np.where(counts, wide.length_mm, 0))
    found = shortest(layers.graph, layers.source, layers.target) or []
    links = [int(wide.link_of[arc]) for arc in layers.network_arcs(found)]
    return sorted(set().union(*(inside[n] for n in links if n != NO_LINK)))


class _Way(NamedTuple):
    """What is missing on a way, in words, and how many kilometres of it."""

    missing: list[str]
    km: float


def widen(
    network: Network,
    keep: frozenset[Use],
    *,
    unknown: str | None = None,
    scenario: Scenario | None = None,
) -> Network:
    """Build the same network with more links in it."""
    return assemble(
        network.tables,
        network.movement,
        mode=network.mode,
        unknown=unknown or network.unknown,
        scenario=scenario or network.scenario,
        keep=keep,
    )


def _complete(
    network: Network, question: Question, keep: frozenset[Use]
) -> _Way | None:
    """Find the way with the fewest kilometres to complete."""
    wide = widen(network, keep)
    lacking = np.array([use != Use.USED for use in wide.uses] + [False], dtype=bool)
    # what exists costs nothing, a barred crossing a millimetre: only what is missing
    # decides which way is taken
    weights = np.where(lacking[wide.link_of], wide.length_mm, wide.barred)
    layers = lay_out(wide, question, weights)
    found = shortest(layers.graph, layers.source, layers.target)
    if found is None:
        return None
    lacks: dict[str, _Lack] = {}
    for arc in layers.network_arcs(found):
        number = int(wide.link_of[arc])
        if (number != NO_LINK and lacking[number]) or int(wide.barred[arc]):
            lack = _lack(wide, arc)
            lacks.setdefault(lack.thing, lack)
    told = [_tell(wide, stretch) for stretch in _stretches(lacks.values())]
    return _Way(told, sum(lack.km for lack in lacks.values()))


class _Lack(NamedTuple):
    """A link or crossing that is missing on a way.

    `start` and `end` are its places in order of travel, one place twice for a crossing;
    `label` names it where it stands alone.
    """

    thing: str
    start: str
    end: str
    km: float
    why: str
    label: str


def _lack(network: Network, arc: int) -> _Lack:
    names, number = network.tables.nodes["name"], int(network.link_of[arc])
    start, end = (
        network.graph_nodes[int(ends[arc])].place
        for ends in (network.tails, network.heads)
    )
    if number == NO_LINK:
        why = "crossing, not known to carry goods"
        return _Lack(start, start, end, 0.0, why, f"{start} {names[start]} ({why})")
    row, link = network.rows[number], network.link_ids[number]
    why = ", ".join(_reasons(network, number))
    between = f"{names[row['from_node']]}–{names[row['to_node']]}"
    label = f"{link} {between} ({row['length_km']:g} km, {why})"
    return _Lack(link, start, end, row["length_km"], why, label)


def _stretches(lacks: Iterable[_Lack]) -> list[list[_Lack]]:
    """Put together what follows one another on a way and lacks the same."""
    found: list[list[_Lack]] = []
    for lack in lacks:
        last = found[-1][-1] if found else None
        if last and (last.end, last.why) == (lack.start, lack.why):
            found[-1].append(lack)
        else:
            found.append([lack])
    return found


def _tell(network: Network, stretch: Sequence[_Lack]) -> str:
    first, last = stretch[0], stretch[-1]
    if len(stretch) == 1:
        return first.label
    names = network.tables.nodes["name"]
    km = sum(lack.km for lack in stretch)
    between = f"{names[first.start]}–{names[last.end]}"
    count = f"{len(stretch)} links, {km:.0f} km"
    return f"{first.thing} to {last.thing}, {between} ({count}, {first.why})"


def _headline(network: Network, question: Question) -> str:
    names = network.tables.nodes["name"]
    first, *stops, last = (str(names[stop]) for stop in question.stops)
    head = f"no route from {first} to {last}"
    head += f" by way of {', '.join(stops)}" if stops else ""
    head += f" for {network.movement.name}"
    head += "" if network.mode == "any" else f" by {network.mode}"
    return f"{head} in {network.year}"


def _reasons(network: Network, number: int) -> list[str]:
    """Say why a link does not serve: its status, and what it does not let pass."""
    row, use = network.rows[number], network.uses[number]
    why = []
    if use in (Use.NOT_OPEN, Use.NOT_OPEN_BARRED):
        due = "" if row["opens"] is None else f", due {row['opens']}"
        why.append(f"{row['status']}{due}")
    if use != Use.NOT_OPEN:
        why += _tell_limits(network, number)
    return why


def _tell_limits(network: Network, number: int) -> Sequence[str]:
    return [
        tell(finding)
        for finding in network.findings[number]
        if finding.verdict != Verdict.PASSES
    ]


def tell(finding: Finding) -> str:
    """Say what one column of a link offers and what the load needs."""
    needed = f"{finding.needed:g} needed"
    if finding.verdict != Verdict.UNKNOWN:
        return f"{finding.column} {finding.offered:g}, {needed}"
    if finding.offered is None:
        return f"{finding.column} unknown, {needed}"
    return f"{finding.column} unknown (estimated {finding.offered:.0f}), {needed}"
