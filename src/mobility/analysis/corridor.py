"""What one corridor adds to all pairs of places: with it and without, now and complete.

Beside the hours stand the choice that is left, what the loss of another corridor costs,
and how far the pairs depend on the other corridors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mobility.analysis.compare import longest_ms, mean
from mobility.analysis.pairs import check_pairs, default_pairs
from mobility.analysis.ways import (
    Ways,
    assumed_share,
    best_ways,
    count_choices,
    effective,
    spread,
)
from mobility.data.find import find_corridor
from mobility.data.rows import corridors_of, rows_of
from mobility.errors import InputError
from mobility.model import Mode, Status
from mobility.network.access import read_standards
from mobility.network.build import build_network
from mobility.network.costs import read_rules
from mobility.network.scenario import Scenario, combine
from mobility.network.scenario_file import read_scenario, shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from mobility.data.tables import Tables
    from mobility.network.build import Network

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

MODES = ("road", "rail", "any")
WITHOUT, WITH = "without", "with"
TODAY, COMPLETE, AT_STANDARD = "today", "complete", "at standard"


@dataclass(frozen=True, slots=True, eq=False)
class CorridorValue:
    """What a corridor adds.

    Attributes
    ----------
    corridor
        Its id.
    lost
        Ids of the corridors whose loss is tried.
    others
        Ids of the corridors that dependence is measured on.
    tolerance, cut_off_loss_h, standard_axle_load_t : float
        As used, the last for the railways of the corridor at standard.
    cases : pandas.DataFrame
        One row per mode and case. `mode`; `case`: the state of the network, its `year`
        and `corridor`: `with` or `without` it (of the last states only with: without it
        they are the network of `later`); `pairs`, `reached`: of all pairs, those with a
        way, by weight. `common`: pairs with a way in all cases of the mode; over these
        `mean_h`, and `lost_h`: mean hours lost without `lost`, where being cut off, and
        any greater loss, counts as `cut_off_loss_h`. `lost_cut_off`: pairs with a way
        that are cut off without `lost`. `mean_alternatives`: as in `compare`, over all
        pairs, against the best of today with the corridor. `others_km`: share of the
        kilometres of best ways on `others`; `others_pairs`: share of pairs with a way
        whose best has a link of `others` alone; `others_needed`: share of those pairs
        that are cut off, or longer by more than `tolerance`, without `others`.
        `effective_corridors`: 1/HHI over the kilometres on corridors.
        `assumed_share`: of the kilometres of best ways, those of assumed length.
    """

    corridor: str
    lost: tuple[str, ...]
    others: tuple[str, ...]
    tolerance: float
    cut_off_loss_h: float
    standard_axle_load_t: float
    cases: pd.DataFrame


def corridor_value(
    tables: Tables,
    corridor: str = "viii",
    *,
    lost: Sequence[str] = ("x",),
    others: Sequence[str] = (),
    later: str = "network_2030",
    under: Scenario | None = None,
    modes: Sequence[str] = MODES,
    vehicle: str | None = None,
    package: str | None = None,
    unknown: str = "bar",
    pairs_of: Callable[[Network], pd.DataFrame] = default_pairs,
) -> CorridorValue:
    """Measure what a corridor adds to pairs of places.

    Parameters
    ----------
    corridor
        By any name `find_corridor` understands.
    lost
        Corridors whose loss, together, is tried; links shared with another stay.
    others
        Corridors that dependence is measured on; by default all but `corridor`.
    later
        Scenario of the network to come. On it the corridor is complete: by the scenario
        `corridor_<id>_complete` if that ships, else all its links are open; and then at
        standard: railways of it with a lower axle load known are taken as rebuilt, by
        the rules `built_axle_load_t` and `built_mass_per_m_t`.
    under
        What holds in every state; None: nothing more.
    modes
        Each measured by itself.
    pairs_of
        What gives the pairs of a network; asked once for each mode, of today's.

    Raises
    ------
    UnknownNameError, InputError
        A name means nothing, or the corridor is among those lost or the others.
    NoRouteError
        The load cannot use a mode at all.

    Notes
    -----
    Hours are without the rests of drivers. A corridor that is left out loses what is
    open today as well, but for links it shares.
    """
    chosen = find_corridor(tables, corridor)
    gone = _corridors(tables, chosen, lost)
    known = set(tables.corridors.index.unique("corridor_id")) - {chosen}
    against = _corridors(tables, chosen, others or sorted(known))
    rules = read_rules(tables.rules)
    asking = _Asking(
        chosen,
        gone,
        against,
        rules.value("choice_tolerance"),
        rules.value("cut_off_loss_h"),
    )
    states = _states(tables, chosen, later, under or Scenario())
    rows: list[dict[str, Any]] = []
    for mode in modes:
        networks = {
            name: build_network(
                data,
                vehicle=vehicle,
                package=package,
                mode=mode,
                unknown=unknown,
                scenario=scenario,
            )
            for name, (data, scenario) in states.items()
        }
        now = networks[TODAY]
        pairs = check_pairs(now, pairs_of(now))
        told = _measure(asking, networks, pairs)
        rows += [{"mode": mode} | row for row in told]
    return CorridorValue(
        chosen,
        gone,
        against,
        asking.tolerance,
        asking.cut_off_loss_h,
        rules.value("built_axle_load_t", mode="rail"),
        pd.DataFrame(rows),
    )


def _corridors(tables: Tables, chosen: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of corridors other than the one that is asked about."""
    found = tuple(sorted({find_corridor(tables, name) for name in names}))
    if chosen in found:
        msg = f"corridor {chosen!r} cannot be held against itself: name others"
        raise InputError(msg)
    if not found:
        msg = "name at least one other corridor"
        raise InputError(msg)
    return found


def _states(
    tables: Tables, corridor: str, later: str, under: Scenario
) -> dict[str, tuple[Tables, Scenario]]:
    """Return the tables and the scenario of each state of the network, in order."""
    to_come = combine([under, read_scenario(tables, later)])
    name = f"corridor_{corridor}_complete"
    if name in shipped(tables):
        complete = read_scenario(tables, name)
    else:
        rows = rows_of(tables.links).items()
        shut = [
            str(link)
            for link, row in rows
            if corridor in corridors_of(row) and not Status(row["status"]).passes
        ]
        complete = Scenario(open_=tuple(sorted(shut)))
    done = combine([to_come, complete])
    return {
        TODAY: (tables, under),
        later: (tables, to_come),
        COMPLETE: (tables, done),
        AT_STANDARD: (_at_standard(tables, corridor), done),
    }


def _at_standard(tables: Tables, corridor: str) -> Tables:
    """Return tables in which no railway of a corridor bears less than the standard."""
    rules, standards = read_rules(tables.rules), read_standards(tables)
    axle = rules.value("built_axle_load_t", mode="rail")
    per_metre = rules.value("built_mass_per_m_t", mode="rail")
    category = standards.least_category(axle, per_metre)
    weak = [
        link
        for link, row in rows_of(tables.links).items()
        if row["mode"] == Mode.RAIL
        and corridor in corridors_of(row)
        and row["axle_load_t"] is not None
        and row["axle_load_t"] < axle
    ]
    links = tables.links.copy()
    links.loc[weak, "axle_load_t"] = axle
    links.loc[weak, "line_category"] = category
    return replace(tables, links=links)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked of every case; see `CorridorValue`."""

    corridor: str
    lost: tuple[str, ...]
    others: tuple[str, ...]
    tolerance: float
    cut_off_loss_h: float


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """The best ways of one state, with or without the corridor, and what is lost then.

    Attributes
    ----------
    best
        With all that the case has; `stripped` without the corridors that are lost,
        `alone` without the others.
    """

    name: str
    which: str
    best: Ways
    stripped: Ways
    alone: Ways


def _measure(
    asking: _Asking, networks: dict[str, Network], pairs: pd.DataFrame
) -> list[dict[str, Any]]:
    """Return the rows of one mode."""
    cases = [
        _case(asking, network, pairs, name, which)
        for name, network in networks.items()
        for which in ((WITH,) if name in (COMPLETE, AT_STANDARD) else (WITHOUT, WITH))
    ]
    weight = pairs["weight"].to_numpy()
    base = next(case.best for case in cases if case.which == WITH)
    reached = [case.best.time_ms >= 0 for case in cases]
    common = np.logical_and.reduce(reached)
    return [_row(asking, case, weight, base, common) for case in cases]


def _case(
    asking: _Asking, network: Network, pairs: pd.DataFrame, name: str, which: str
) -> _Case:
    out = (asking.corridor,) if which == WITHOUT else ()
    best, stripped, alone = (
        best_ways(network, pairs, lost=_links(network, {*out, *more}))
        for more in ((), asking.lost, asking.others)
    )
    return _Case(name, which, best, stripped, alone)


def _links(network: Network, corridors: set[str]) -> list[int]:
    """Return the positions of links that lie on no other than these corridors."""
    on = [set(corridors_of(row)) for row in network.rows]
    return [number for number, names in enumerate(on) if names and names <= corridors]


def _row(
    asking: _Asking, case: _Case, weight: Floats, base: Ways, common: Bools
) -> dict[str, Any]:
    """Return what `CorridorValue` tells of one case."""
    best = case.best
    reached = best.time_ms >= 0
    choices = count_choices(best, longest_ms(base, best, asking.tolerance))
    lost = reached & (case.stripped.time_ms < 0)
    delay = case.stripped.time_h[common] - best.time_h[common]
    amounts = spread(best, weight, "corridors")
    km = sum(amounts.values())
    needed = case.alone.time_h > (1 + asking.tolerance) * best.time_h
    on = set(_links(best.network, set(asking.others)))
    used = np.array([not on.isdisjoint(links) for links in best.links])
    return {
        "case": case.name,
        "year": best.network.year,
        "corridor": case.which,
        "pairs": float(weight.sum()),
        "reached": float(weight[reached].sum()),
        "common": float(weight[common].sum()),
        "mean_h": mean(best.time_h[common], weight[common]),
        "mean_alternatives": mean(choices, weight),
        "lost_cut_off": float(weight[lost].sum()),
        "lost_h": mean(np.minimum(delay, asking.cut_off_loss_h), weight[common]),
        "others_km": _share(sum(amounts.get(name, 0.0) for name in asking.others), km),
        "others_pairs": mean(used[reached], weight[reached]),
        "others_needed": mean(needed[reached], weight[reached]),
        "effective_corridors": effective(amounts),
        "assumed_share": assumed_share(best, weight),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
