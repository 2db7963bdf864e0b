"""`mobility redundancy`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    asked,
    build,
    by_option,
    csv_option,
    json_option,
    load,
    one_format,
    pairs_of,
    pairs_options,
    query_options,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv
from mobility.errors import NoRouteError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from mobility.analysis.disjoint import Apart
    from mobility.analysis.redundancy import Redundancy, Summary
    from mobility.network.build import Network

# how many pairs and, of each kind, cuts a table shows; --json and --csv carry all
_PAIRS, _CUTS = 20, 5
_SHOWN = (
    "time_h",
    "link_count",
    "node_count",
    "risk_count",
    "tolerance_count",
    "second_h",
    "detour_mean",
    "detour_max",
    "alternatives_crossings",
)
_HEADS = (
    "origin",
    "destination",
    "hours",
    "link",
    "node",
    "risk",
    "near best",
    "second h",
    "detour",
    "worst",
    "crossings",
)
_SHARED = {"link": "link", "node": "place", "risk": "link and no risk group"}


@click.command("redundancy")
@click.argument("ends", nargs=-1, metavar="[ORIGIN DESTINATION]")
@pairs_options
@click.option(
    "--tolerance",
    type=float,
    metavar="SHARE",
    help="How much longer than the best an alternative may be. "
    "Default: the rule choice_tolerance.",
)
@click.option(
    "--risk-kind",
    "risk_kinds",
    multiple=True,
    metavar="KIND",
    help="What is lost together: valley, structure, crossing, state; repeatable. "
    "Default: valley and structure.",
)
@by_option
@click.option(
    "--top", type=click.IntRange(min=1), help="Only the pairs with the fewest ways."
)
@query_options
@json_option
@csv_option
def redundancy_cmd(
    ends: tuple[str, ...],
    pairs_file: Path | None,
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    tolerance: float | None,
    risk_kinds: tuple[str, ...],
    by: str,
    top: int | None,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Count the independent routes from ORIGIN to DESTINATION, or of many pairs.

    Routes that share no link, no place, or no risk, with what would have to be lost to
    leave none; how many are nearly as good as the best; the detour round each link of
    the best route; and how many alternatives there are, effectively, as far as they
    differ in corridors, states, crossings and modes.

    Without ORIGIN and DESTINATION: what that adds up to over all pairs, the links and
    places that part most of them, and the pairs with the fewest routes.

    \b
    Examples:
        mobility redundancy durres constanta
        mobility redundancy bar varna --mode road --risk-kind crossing --json
        mobility redundancy --mode rail --top 10
        mobility redundancy --from port --to varna --to constanta --csv
    """
    from mobility.analysis.disjoint import DEFAULT_RISKS

    one_format(as_json=as_json, as_csv=as_csv)
    is_many = bool(pairs_file or origins or destinations)
    if len(ends) not in (0, 2) or (ends and is_many):
        msg = "name an origin and a destination, or use --from and --to, or --pairs"
        raise click.UsageError(msg)
    if ends and top is not None:
        msg = "--top is for many pairs, not for one"
        raise click.UsageError(msg)
    network = build(load(data), **conditions)
    kinds = risk_kinds or DEFAULT_RISKS
    question = asked(network, by=by, scenario=conditions["scenario"])
    question |= {"risk_kinds": kinds}
    if ends and not as_csv:
        _one(network, (ends[0], ends[1]), question, tolerance, as_json=as_json)
        return
    if ends:
        # refuses what is wrong with one pair as it does without --csv
        from mobility.analysis.pairs import make_pairs
        from mobility.analysis.question import ask

        pairs = make_pairs(*([stop] for stop in ask(network, *ends).stops))
    else:
        pairs = pairs_of(
            network, pairs_file=pairs_file, origins=origins, destinations=destinations
        )
    _many(network, pairs, question, tolerance, top=top, formats=(as_json, as_csv))


def _one(
    network: Network,
    ends: tuple[str, str],
    question: dict[str, Any],
    tolerance: float | None,
    *,
    as_json: bool,
) -> None:
    from mobility.analysis.redundancy import redundancy

    found = redundancy(
        network,
        *ends,
        by=question["by"],
        tolerance=tolerance,
        risk_kinds=question["risk_kinds"],
    )
    if as_json:
        echo_json(answer(network, found, question))
    else:
        _print(network, found)


def answer(
    network: Network, found: Redundancy, question: dict[str, Any]
) -> dict[str, Any]:
    """Return what `--json` prints of one pair."""
    detour = asdict(found.detour)
    return {
        "origin": found.origin,
        "destination": found.destination,
        **question,
        "best": asdict(found.best),
        **{
            name: _apart(network, getattr(found, name))
            for name in ("link", "node", "risk")
        },
        "tolerance": {
            "share": found.tolerance,
            "count": len(found.within),
            "upper_bound": found.within_bound,
            "proved": len(found.within) == found.within_bound,
            **_ways(network, found.within),
        },
        "pair": {
            "time_h": sum(route.time_h for route in _routes(network, found.pair))
            if len(found.pair) == 2
            else None,
            **_ways(network, found.pair),
        },
        "detour": detour,
        "diversity": {key: asdict(value) for key, value in found.diversity.items()},
    }


def _apart(network: Network, apart: Apart) -> dict[str, Any]:
    return {
        "count": len(apart.ways),
        "upper_bound": apart.upper_bound,
        "proved": len(apart.ways) == apart.upper_bound,
        **_ways(network, apart.ways),
        "cut": apart.cut,
        "cut_links": apart.cut_links,
        "cut_places": apart.cut_places,
        "cut_risks": apart.cut_risks,
    }


def _ways(network: Network, ways: Sequence[Sequence[int]]) -> dict[str, Any]:
    routes = _routes(network, ways)
    return {
        "routes": [route.links for route in routes],
        "details": [asdict(route) for route in routes],
    }


def _routes(network: Network, ways: Sequence[Sequence[int]]) -> list[Any]:
    from mobility.analysis.describe import describe

    return [describe(network, way, rank) for rank, way in enumerate(ways, start=1)]


def _many(
    network: Network,
    pairs: pd.DataFrame,
    question: dict[str, Any],
    tolerance: float | None,
    *,
    top: int | None,
    formats: tuple[bool, bool],
) -> None:
    from mobility.analysis.redundancy import CUT_COLUMNS, redundancies, summarize

    frame = redundancies(
        network,
        pairs,
        by=question["by"],
        tolerance=tolerance,
        risk_kinds=question["risk_kinds"],
    )
    lost = int((frame["link_count"] == 0).sum())
    if lost == len(frame):
        raise NoRouteError(_no_route(network, frame))
    summary = summarize(frame)
    shown = frame
    if top is not None or not any(formats):
        keys = [f"{name}_count" for name in ("link", "node", "risk", "tolerance")]
        shown = frame.sort_values(keys, kind="stable").head(top or _PAIRS)
    rows: list[Any] = shown.to_dict("records")
    if formats[0]:
        for row in rows:
            for column in CUT_COLUMNS:
                row[column] = [name for name in row[column].split(";") if name]
        told = {
            "counts": summary.counts.reset_index().to_dict("records"),
            "means": summary.means,
            "cuts": summary.cuts.to_dict("records"),
        }
        echo_json(question | {"summary": told, "pairs": rows})
    elif formats[1]:
        click.echo(to_csv(list(frame.columns), rows), nl=False)
    else:
        _print_summary(network, summary)
        columns = ("origin", "destination", *_SHOWN)
        click.echo()
        echo_table(_HEADS, [[row[column] for column in columns] for row in rows])
        note("detour, worst: as multiples of the best; crossings: effective routes.")
        if len(rows) < len(frame):
            note(f"{len(rows)} of {len(frame)} pairs; --csv and --json carry all.")
    if lost:
        note(f"{lost} of {len(frame)} pairs have no route")


def _no_route(network: Network, frame: pd.DataFrame) -> str:
    """Say why the first pair has no route, if its ends are not closed."""
    from mobility.analysis.gaps import explain_gap
    from mobility.analysis.question import ask

    first = explain_gap(network, ask(network, *frame.loc[0, ["origin", "destination"]]))
    if len(frame) == 1:
        return first
    return f"none of {len(frame)} pairs has a route; the first: {first}"


def _print_summary(network: Network, summary: Summary) -> None:
    """Print how many pairs have how many ways, and what parts most of them."""
    heads = ("routes, % of pairs", "link", "node", "risk", "near best")
    rows: list[list[Any]] = [
        [str(ways), *(100 * share for share in row)]
        for ways, row in zip(
            summary.counts.index, summary.counts.to_numpy().tolist(), strict=True
        )
    ]
    means = [f"{mean:.2f}" for mean in summary.means.values()]
    echo_table(heads, [*rows, ["mean number", *means]])
    click.echo()
    names = cut_names(network)
    listed = [
        (
            row["what"],
            row["id"],
            names[row["what"], row["id"]],
            row["pairs"],
            100 * row["share"],
            100 * row["alone"],
        )
        for _, of in summary.cuts.groupby("what", sort=False)
        for row in of.head(_CUTS).to_dict("records")
    ]
    echo_table(("in cuts of", "id", "name", "pairs", "%", "alone %"), listed)
    note("One smallest cut of each pair; mobility bottlenecks counts all of them.")


def _print(network: Network, found: Redundancy) -> None:
    names = network.tables.nodes["name"]
    click.echo(
        f"{names[found.origin]} to {names[found.destination]}: "
        f"{network.movement.name}, {network.mode} mode, {network.year}; "
        f"best {found.best.time_h:.1f} h"
    )
    shown: list[Any] = []
    for name, shared in _SHARED.items():
        apart: Apart = getattr(found, name)
        click.echo(f"Routes that share no {shared}: {_count(apart)}")
        if apart.ways in shown:
            click.echo("the same as above")
        else:
            _print_ways(network, apart.ways)
        shown.append(apart.ways)
        click.echo(f"   {tell_cut(network, apart)}")
    if len(found.within) == found.within_bound:
        near = str(len(found.within))
    else:
        near = f"{len(found.within)} found, at most {found.within_bound}"
    click.echo(f"Of such that share no link, within {found.tolerance:.0%}: {near}")
    if len(found.pair) == 2:
        first, second = _routes(network, found.pair)
        total = first.time_h + second.time_h
        click.echo(
            f"Best two together: {total:.1f} h, the second {second.time_h:.1f} h"
        )
    detour = found.detour
    if detour.mean is not None and detour.max is not None:
        click.echo(
            f"Detour round a lost link of the best route: {detour.mean:.2f} times on "
            f"average, {detour.max:.2f} at most"
        )
    click.echo(f"Links of it without any way round: {detour.cut_off_share:.0%}")
    spread = ", ".join(
        f"{name} {value.effective_alternatives:.1f}"
        for name, value in found.diversity.items()
    )
    click.echo(
        f"Effective number of alternatives within {found.tolerance:.0%}: {spread}"
    )
    if "road" in found.best.modes and found.best.halt_h:
        note(
            "Ways are chosen without rests of drivers, which are in the hours: "
            "`mobility route` may find one that arrives earlier."
        )
    note(f"Risk groups are assumed. Data version {network.version}.")


def _print_ways(network: Network, ways: Sequence[Sequence[int]]) -> None:
    names = network.tables.nodes["name"]
    rows = []
    for route in _routes(network, ways):
        borders = ", ".join(str(names[n]) for n in route.border_crossings)
        row = [route.rank, route.time_h, route.length_km, route.modes]
        rows.append([*row, borders or "none"])
    echo_table(("#", "hours", "km", "modes", "borders"), rows)


def _count(apart: Apart) -> str:
    if len(apart.ways) == apart.upper_bound:
        return str(len(apart.ways))
    return f"{len(apart.ways)} found, at most {apart.upper_bound}"


def tell_cut(network: Network, apart: Apart) -> str:
    """Say what would have to be lost to leave no route, by name."""
    names = cut_names(network)
    told = [names["risk", name] for name in apart.cut_risks]
    told += [names["node", name] for name in apart.cut_places]
    told += [f"{name} {names['link', name]}" for name in apart.cut_links]
    if not told:
        return "no loss of links or places alone leaves none"
    if len(told) == 1:
        return f"one gap leaves none: {told[0]}"
    return f"no route is left without these {len(told)}: {'; '.join(told)}"


def cut_names(network: Network) -> dict[tuple[str, str], str]:
    """Return what links, places and risk groups are called, by cut and id.

    Cuts of places and of risks may have links in them too.
    """
    tables = network.tables
    nodes, links = tables.nodes["name"], tables.links
    groups = tables.risk_groups.reset_index()
    ends = {
        link: f"{nodes[start]}–{nodes[end]}"
        for link, start, end in zip(
            links.index, links["from_node"], links["to_node"], strict=True
        )
    }
    risks = {
        **nodes.to_dict(),
        **tables.countries["name"].to_dict(),
        **dict(zip(groups["group_id"], groups["name"], strict=True)),
    }
    of = {"link": ends, "node": {**ends, **nodes.to_dict()}, "risk": {**ends, **risks}}
    return {(what, key): str(n) for what, all_ in of.items() for key, n in all_.items()}
