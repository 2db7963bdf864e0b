"""What sections are worth to pairs of places: alone, last, on average over orders."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import filter as matching
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mobility.analysis.pairs import PairGraph, check_pairs, default_pairs, join
from mobility.data.find import find_link
from mobility.data.rows import corridors_of
from mobility.errors import InputError, NoRouteError, UnknownNameError
from mobility.kernels.coalitions import (
    MOST_EXACT,
    Worths,
    exact,
    mattering,
    sampled,
    tabulate,
)
from mobility.model import Basis, Mode
from mobility.network.arcs import MS_PER_H
from mobility.network.build import Network, Use, assemble
from mobility.network.changes import Changes
from mobility.network.scenario import WILD, Scenario, combine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from mobility.kernels.coalitions import Floats, Score
    from mobility.model import Row

    Ints = npt.NDArray[np.int64]

# where there are too many sections for every set of them, so many random orders are
# drawn, each gone through backwards too: a choice of method, its error is told
SAMPLES = 200
MOST_SECTIONS = 200
_ENDS = ("from_node", "to_node")
# what is counted, in the order of the columns of `Worths`
_COUNTED = ("value_h", "saved_h", "reached")


@dataclass(frozen=True, slots=True, eq=False)
class SectionValues:
    """What sections add to pairs of places.

    Hours are those of the fastest route: under way, at borders, changing mode and
    halts of trains, without rests of drivers. A mean is over the weight of the pairs
    that have a way once all sections are there; what the others lack no section gives.

    Attributes
    ----------
    pairs : pandas.DataFrame
        `origin`, `destination`, `weight`, and `before_h` and `after_h`: hours with none
        and with all of the sections (inf where there is no way), numbered from 0.
    sections : pandas.DataFrame
        One row per section, indexed by `section`, the greatest `mean_h` first:

        `links` (tuple), `modes`, `countries`, `corridors`, `status` (tuples), `opens`
        (year in which the last of its links is due; None where one has no year and is
        not open), `length_km`, `assumed_km` (of which the length is assumed), `lacks`:
        why links of it carry nothing even when they are open (tuple; empty: they do).
        `alone_h`, `last_h`, `mean_h`: mean hours that a pair gains by the section where
        it comes before all others, after all others, and on average over all orders
        (Shapley value). A pair loses no more than `cut_off_loss_h` against its best
        way, and loses that where it is cut off. `error_h`: standard error of `mean_h`,
        0 where it is exact. `complement_h`: `last_h` less `alone_h`; above 0 where a
        section needs others, below 0 where they can stand in for it.
        `alone_…`, `last_…`, `mean_…` and `error_…` of `saved_h`: the part of the hours
        that pairs gain which have a way without any of the sections; and of `reached`:
        the share of weight that gets a way.
    beside : pandas.DataFrame
        Links that carry nothing even so and meet a section that adds nothing, of which
        they may be the reason: indexed by `link_id`; `use` says why they carry nothing.
    total_h, total_saved_h, total_reached : float
        What all sections add together; the sums of `mean_h`, `mean_saved_h` and
        `mean_reached`.
    samples : int or None
        Random orders drawn, each of them gone through both ways; None: exact.
    seed : int
        Of these orders.
    cut_off_loss_h : float
        As used.
    """

    pairs: pd.DataFrame
    sections: pd.DataFrame
    beside: pd.DataFrame
    total_h: float
    total_saved_h: float
    total_reached: float
    samples: int | None
    seed: int
    cut_off_loss_h: float


def value_of_sections(
    network: Network,
    sections: Iterable[str] | Mapping[str, Iterable[str]],
    pairs: pd.DataFrame | None = None,
    *,
    samples: int | None = None,
    seed: int = 0,
) -> SectionValues:
    """Measure what each section adds where it comes first, last, and on average.

    Parameters
    ----------
    network
        Under which conditions. All sections are taken out of it, then put in, as a
        scenario opens links: those not open today count as built.
    sections
        Links, each a section of its own; or by name, the links that make one section
        together. `choose_sections` gives either for patterns.
    pairs
        `origin`, `destination`, `weight`; by default those of `default_pairs`.
    samples
        How many random orders to draw; None: exact where no more than 20 sections can
        change the hours of a pair, else 200.
    seed
        Of the random orders.

    Raises
    ------
    UnknownNameError
        A section or a pair names what the data does not have.
    InputError
        There are no sections or too many, a link is in two, or the question closes it
        or leaves out its mode; the pairs are wrong (see `check_pairs`); `samples` is
        below 2 or `seed` below 0.
    NoRouteError
        No pair has a way, even with all sections.

    References
    ----------
    Shapley (1953), A value for n-person games, Contributions to the Theory of Games 2.
    """
    if samples is not None and samples < 2:
        msg = f"samples {samples} should be at least 2"
        raise InputError(msg)
    if seed < 0:
        msg = f"seed {seed} should be at least 0"
        raise InputError(msg)
    groups = _groups(network, sections)
    full = with_all(network, groups)
    asked = check_pairs(full, default_pairs(full) if pairs is None else pairs)
    limit_h = full.rules.value("cut_off_loss_h")
    joined = join(full, asked)
    arcs = _arcs(full, joined, groups)
    counted, worths, drawn = _measure(joined, arcs, asked, limit_h, samples, seed)
    total_h, total_saved_h, total_reached = worths.mean.sum(axis=0).tolist()
    each = zip(groups.values(), np.hstack(worths), strict=True)
    idle = [own for own, numbers in each if not numbers.any()]
    return SectionValues(
        counted,
        _frame(full, network, groups, worths),
        _beside(full, idle),
        total_h,
        total_saved_h,
        total_reached,
        samples=drawn,
        seed=seed,
        cut_off_loss_h=limit_h,
    )


def choose_sections(
    network: Network,
    names: Iterable[str],
    *,
    with_open: bool = False,
    together: bool = False,
) -> dict[str, tuple[str, ...]]:
    """Return the sections that names and patterns mean, each with its links.

    Parameters
    ----------
    names
        Ids of links, or patterns such as `viii-rail-*`. A pattern stands for links of
        the modes of the network that nothing passes in it.
    with_open
        A pattern stands for links that traffic passes too.
    together
        The links of each name make one section, called as the name is; otherwise each
        link is one.

    Raises
    ------
    UnknownNameError
        A name is no link, or a pattern matches none.
    InputError
        All that a pattern matches is of another mode, or open.
    """
    meant = {name: _meant(network, name, with_open=with_open) for name in names}
    if together:
        return meant
    return {link: (link,) for link in sorted({*(x for m in meant.values() for x in m)})}


def _meant(network: Network, name: str, *, with_open: bool) -> tuple[str, ...]:
    if not WILD & set(name):
        return (find_link(network.tables, name),)
    matched = matching(network.link_ids, name)
    if not matched:
        msg = f"no link matches {name!r}"
        raise UnknownNameError(msg)
    rows = dict(zip(network.link_ids, network.rows, strict=True))
    found = [link for link in matched if network.movement.of(Mode(rows[link]["mode"]))]
    if not found:
        msg = f"no link that matches {name!r} is one by {network.mode}"
        raise InputError(msg)
    changes = Changes.of(network.tables, network.scenario)
    shut = tuple(link for link in found if not changes.is_open(rows[link]))
    if with_open:
        return tuple(found)
    if not shut:
        msg = f"all {len(found)} links that match {name!r} are open in {network.year}"
        msg += "; open ones are valued if asked for (`with_open`)"
        raise InputError(msg)
    return shut


def _groups(
    network: Network, sections: Iterable[str] | Mapping[str, Iterable[str]]
) -> dict[str, tuple[str, ...]]:
    """Check sections; return them with the ids of their links."""
    if isinstance(sections, Mapping):
        named = {str(name): tuple(links) for name, links in sections.items()}
    else:
        named = {link: (link,) for link in dict.fromkeys(sections)}
    if len(named) > MOST_SECTIONS:
        msg = f"{len(named)} sections; there should be at most {MOST_SECTIONS}"
        raise InputError(msg)
    known = set(network.link_ids)
    groups = {
        name: tuple(
            dict.fromkeys(
                link if link in known else find_link(network.tables, link)
                for link in links
            )
        )
        for name, links in named.items()
    }
    if not groups or not all(groups.values()):
        msg = "no sections: there should be at least one, each of a link or more"
        raise InputError(msg)
    inside: dict[str, str] = {}
    modes = dict(zip(network.link_ids, (r["mode"] for r in network.rows), strict=True))
    for name, links in groups.items():
        for link in links:
            if link in inside:
                msg = f"link {link!r} is in two sections, {inside[link]!r} and {name!r}"
                raise InputError(msg)
            if link in network.scenario.close:
                msg = f"link {link!r} is both closed and to be valued"
                raise InputError(msg)
            if not network.movement.of(Mode(modes[link])):
                msg = f"link {link!r} is one by {modes[link]}, "
                msg += f"which {network.movement.name!r} does not go by here"
                raise InputError(msg)
            inside[link] = name
    return groups


def with_all(
    network: Network, sections: Iterable[str] | Mapping[str, Iterable[str]]
) -> Network:
    """Return a network with all sections open as well, all else as it was asked for.

    Raises
    ------
    UnknownNameError, InputError
        The sections are wrong, as `value_of_sections` says.
    """
    links = [link for own in _groups(network, sections).values() for link in own]
    return assemble(
        network.tables,
        network.movement,
        mode=network.mode,
        unknown=network.unknown,
        scenario=combine([network.scenario, Scenario(open_=tuple(links))]),
        keep=frozenset({Use.USED}),
    )


def _arcs(
    full: Network, joined: PairGraph, groups: Mapping[str, tuple[str, ...]]
) -> list[Ints]:
    """Return the arcs of each section; none where it carries nothing even if open."""
    number = {link: i for i, link in enumerate(full.link_ids)}
    links = joined.graph.links
    return [
        np.flatnonzero(np.isin(links, [number[link] for link in own]))
        for own in groups.values()
    ]


def _measure(
    joined: PairGraph,
    arcs: Sequence[Ints],
    pairs: pd.DataFrame,
    limit_h: float,
    samples: int | None,
    seed: int,
) -> tuple[pd.DataFrame, Worths, int | None]:
    """Return pairs with their hours, what sections are worth to them, orders drawn.

    Sections that never change the hours of a pair add nothing in any order: they are
    left out, so that they are no reason to sample.
    """
    sources, row = np.unique(joined.sources, return_inverse=True)
    targets, column = np.unique(joined.targets, return_inverse=True)
    table = tabulate(joined.graph, sources, targets, arcs)
    before = table.costs[row, column] / MS_PER_H
    after = table.all_opened()[row, column] / MS_PER_H
    counted = pairs.assign(before_h=before, after_h=after)
    if not np.isfinite(after).any():
        msg = f"none of {len(pairs)} pairs has a route, even with all sections"
        raise NoRouteError(msg)
    found = Worths(*(np.zeros((len(arcs), len(_COUNTED))) for _ in Worths._fields))
    kept = mattering(table, row, column)
    if not kept:
        return counted, found, None
    if samples is None and len(kept) > MOST_EXACT:
        samples = SAMPLES
    table, score = table.ordered(kept), _score(counted, row, column, limit_h)
    if samples is None:
        worths = exact(table, score)
    else:
        worths = sampled(table, score, samples=samples, seed=seed)
    for told, measured in zip(found, worths, strict=True):
        told[kept] = measured
    return counted, found, samples


def _score(pairs: pd.DataFrame, row: Ints, column: Ints, limit_h: float) -> Score:
    """Return what tells from costs (ms) what they are worth, as `_COUNTED` names it."""
    has_way = np.isfinite(pairs["after_h"].to_numpy())
    rows, columns = row[has_way], column[has_way]
    held = pairs[has_way]
    weight = (held["weight"] / held["weight"].sum()).to_numpy()
    best, before = held["after_h"].to_numpy(), held["before_h"].to_numpy()
    had = np.isfinite(before)
    at_first = np.minimum(before - best, limit_h)

    def score(costs: Floats) -> Floats:
        hours = costs[..., rows, columns] / MS_PER_H
        gained = (at_first - np.minimum(hours - best, limit_h)) * weight
        reached = np.isfinite(hours) & ~had
        return np.stack(
            [
                gained.sum(axis=-1),
                gained[..., had].sum(axis=-1),
                (reached * weight).sum(axis=-1),
            ],
            axis=-1,
        )

    return score


def _frame(
    full: Network,
    network: Network,
    groups: Mapping[str, tuple[str, ...]],
    worths: Worths,
) -> pd.DataFrame:
    """Return the sections: what they are and what they are worth."""
    number = {link: i for i, link in enumerate(full.link_ids)}
    changes = Changes.of(network.tables, network.scenario)
    records = []
    for name, links in groups.items():
        own = [number[link] for link in links]
        rows = [network.rows[i] for i in own]
        assumed = [
            row["length_km"]
            for row, i in zip(rows, own, strict=True)
            if full.length_basis[i] in (None, Basis.ASSUMED)
        ]
        records.append(
            {
                "section": name,
                "links": links,
                "modes": _distinct(row["mode"] for row in rows),
                "countries": _distinct(row["country"] for row in rows),
                "corridors": _distinct(c for row in rows for c in corridors_of(row)),
                "status": _distinct(row["status"] for row in rows),
                "opens": _opens([row for row in rows if not changes.is_open(row)]),
                "length_km": math.fsum(row["length_km"] for row in rows),
                "assumed_km": math.fsum(assumed),
                "lacks": _distinct(
                    str(full.uses[i]) for i in own if full.uses[i] != Use.USED
                ),
            }
        )
    frame = pd.DataFrame(records).astype({"opens": "Int64"})
    for i, counted in enumerate(_COUNTED):
        for how, values in zip(("alone", "last", "mean", "error"), worths, strict=True):
            what = "h" if counted == "value_h" else counted
            frame[f"{how}_{what}"] = values[:, i]
        if counted == "value_h":
            frame["complement_h"] = frame["last_h"] - frame["alone_h"]
    # what is equal but for rounding is sorted by name
    keys = frame.assign(mean_h=frame["mean_h"].round(9))[["mean_h", "section"]]
    order = keys.sort_values([*keys], ascending=[False, True]).index
    return frame.loc[order].set_index("section")


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _opens(rows: Sequence[Row]) -> int | None:
    """Return the year in which the last of links not yet open is due, if all are."""
    years = [row["opens"] for row in rows]
    return None if not years or None in years else max(years)


def _beside(full: Network, idle: Iterable[Sequence[str]]) -> pd.DataFrame:
    """Return the links that carry nothing and meet one of these, of its mode."""
    rows = dict(zip(full.link_ids, full.rows, strict=True))
    links = {link for own in idle for link in own}
    met = {(rows[link][end], rows[link]["mode"]) for link in links for end in _ENDS}
    found = [
        (link, str(use))
        for link, use in zip(full.link_ids, full.uses, strict=True)
        if use != Use.USED
        and link not in links
        and not met.isdisjoint((rows[link][end], rows[link]["mode"]) for end in _ENDS)
    ]
    return pd.DataFrame(found, columns=["link_id", "use"]).set_index("link_id")
