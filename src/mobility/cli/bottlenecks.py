"""`mobility bottlenecks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
    NamedPath,
    asked,
    build,
    csv_option,
    json_option,
    load,
    one_format,
    pairs_of,
    pairs_options,
    query_options,
)
from mobility.cli.output import echo_json, echo_table, note, to_csv

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from mobility.analysis.bottlenecks import Bottlenecks
    from mobility.network.build import Network

# of each list, how many rows a table shows; --json and --csv carry all
_SHOWN = 20


@click.command("bottlenecks")
@pairs_options
@click.option(
    "--tolerance",
    type=float,
    help="By what share a route may be longer than the best and still be a choice. "
    "Default: rule choice_tolerance.",
)
@click.option(
    "--by-group",
    "by",
    metavar="GROUP",
    help="corridor, country, crossing, link or place. Default: links, then places.",
)
@click.option(
    "--composite",
    "is_folded",
    is_flag=True,
    help="Add one number of all components, by weights of rules.csv, and its range.",
)
@click.option(
    "--weights",
    metavar="NAME=WEIGHT,…",
    help="Weights of the composite, such as loss=0.6,cut_off=0.4.",
)
@click.option("--top", type=click.IntRange(min=1), help="Only the worst of each list.")
@click.option(
    "--with-access",
    is_flag=True,
    help="List links that tie a port or base to the network too; --json and --csv do.",
)
@click.option(
    "--map",
    "map_file",
    type=NamedPath(),
    metavar="FILE",
    help="Draw links by the delay their loss causes, as a page without network.",
)
@query_options
@json_option
@csv_option
def bottlenecks_cmd(
    pairs_file: Path | None,
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    tolerance: float | None,
    by: str | None,
    is_folded: bool,
    weights: str | None,
    top: int | None,
    with_access: bool,
    map_file: Path | None,
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Find the sections and places whose loss hurts most, over all pairs.

    Each is lost alone and every pair searched again. Hours and shares are means over
    the weight of pairs; the order is that of the mean hours lost, where a pair that is
    cut off counts as the rule cut_off_loss_h says.

    \b
    Examples:
        mobility bottlenecks --top 10
        mobility bottlenecks --mode rail --year 2030 --by-group country
        mobility bottlenecks --from durres_port --composite --weights loss=1,cut_off=2
    """
    from mobility.analysis.bottlenecks import bottlenecks

    one_format(as_json=as_json, as_csv=as_csv)
    tables = load(data)
    network = build(tables, **conditions)
    pairs = pairs_of(
        network, pairs_file=pairs_file, origins=origins, destinations=destinations
    )
    found = bottlenecks(network, pairs, tolerance=tolerance)
    lists = _lists(network, found, by, weights, is_folded=is_folded)
    if map_file is not None:
        _draw(network, found, map_file)
    if not (with_access or as_json or as_csv or by) and "links" in lists:
        # what hangs by one access is told place by place already
        links = lists["links"]
        lists["links"] = links[links["kind"] != "access"]
    if top is not None:
        lists = {name: frame.head(top) for name, frame in lists.items()}
    if as_json:
        echo_json(
            asked(network, by="time", scenario=conditions["scenario"])
            | _told(found)
            | {name: _rows(frame) for name, frame in lists.items()}
        )
    elif as_csv:
        rows = [
            {"what": name, **row}
            for name, frame in lists.items()
            for row in _rows(frame)
        ]
        columns = list(dict.fromkeys(column for row in rows for column in row))
        blank = dict.fromkeys(columns)
        click.echo(to_csv(columns, [blank | row for row in rows]), nl=False)
    else:
        _print(lists, found, shown=top or _SHOWN)


def _lists(
    network: Network,
    found: Bottlenecks,
    by: str | None,
    weights: str | None,
    *,
    is_folded: bool,
) -> dict[str, pd.DataFrame]:
    """Return what is asked for, each list under its name."""
    from mobility.analysis.bottlenecks import group
    from mobility.analysis.composite import composite, default_weights, read_weights

    if by is None:
        lists = {"links": found.links, "places": found.places}
    else:
        lists = {by: group(found, by)}
    if not weights and not is_folded:
        return lists
    if by in ("corridor", "country"):
        msg = f"--composite and --weights rank links and places, not --by-group {by}"
        raise click.UsageError(msg)
    chosen = read_weights(weights) if weights else default_weights(network.rules)
    variation = network.rules.value("criticality_weight_variation")
    named = ", ".join(f"{name} {value:g}" for name, value in chosen.items())
    note(f"Composite of {named}; ranges: each weight ±{variation:.0%} or left out.")
    folded = {}
    for name, frame in lists.items():
        more = composite(frame, chosen, variation=variation)
        folded[name] = frame.join(more).sort_values("composite_rank", kind="stable")
    return folded


def _draw(network: Network, found: Bottlenecks, path: Path) -> None:
    """Write the map of delays."""
    from mobility.report.maps import corridor_map, delay_layers, save_map

    title = "What the loss of a link costs"
    drawn = corridor_map(network.tables, title=title, offline=True)
    delays = found.links["delay_h"]
    for layer in delay_layers(dict(zip(found.links.index, delays, strict=True))):
        drawn.add_child(layer)
    save_map(drawn, path)
    note(f"{path} written")


def _told(found: Bottlenecks) -> dict[str, Any]:
    """Return what the lists rest on, as `--json` prints it."""
    from mobility.analysis.composite import agreement

    table = agreement(found.links)
    return {
        "pairs": len(found.pairs),
        "pairs_without_way": _without_way(found),
        "tolerance": found.tolerance,
        "cut_off_loss_h": found.cut_off_loss_h,
        "assumed_share": found.assumed_share,
        "agreement": {a: dict(table.loc[a].items()) for a in table.index},
    }


def _without_way(found: Bottlenecks) -> int:
    return int((found.pairs["time_h"] == float("inf")).sum())


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a list, its key as `id`; without a way round: no number."""
    plain = frame.rename_axis("id").reset_index().astype(object)
    rows: list[Any] = plain.where(plain.notna(), None).to_dict("records")
    for row in rows:
        for name in ("detour_h", "detour_ratio"):
            if row.get(name) == float("inf"):
                row[name] = None
    return rows


def _print(lists: dict[str, pd.DataFrame], found: Bottlenecks, *, shown: int) -> None:
    for number, (name, frame) in enumerate(lists.items()):
        if number:
            click.echo()
        rows = _rows(frame.head(shown))
        heads = [name, *(head for head, key, _ in _COLUMNS if key in frame.columns)]
        keys = [(key, factor) for _, key, factor in _COLUMNS if key in frame.columns]
        cells = [[_shown(row[key], factor) for key, factor in keys] for row in rows]
        ids = [row["id"] for row in rows]
        echo_table(heads, [[key, *row] for key, row in zip(ids, cells, strict=True)])
        for row in rows:
            if row.get("mend"):
                click.echo(f"{row['id']}: {row['mend']}")
        if len(frame) > len(rows):
            note(f"{len(rows)} of {len(frame)}; --csv and --json carry all.")
    if "links" in lists:
        _print_agreement(found)
    total = len(found.pairs)
    note(
        f"{total - _without_way(found)} of {total} pairs have a way; shares are of "
        f"these. Being cut off counts as {found.cut_off_loss_h:g} h. No choice: cut "
        f"off, or more than {found.tolerance:.0%} longer. {found.assumed_share:.0%} of "
        "the kilometres of best routes are of assumed length."
    )


def _print_agreement(found: Bottlenecks) -> None:
    """Print how far the components rank the links of best routes alike."""
    from mobility.analysis.composite import agreement

    table = agreement(found.links)
    rows = [
        [name, *("–" if value != value else f"{value:.2f}" for value in row)]
        for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)
    ]
    click.echo()
    echo_table(["agreement (tau-b)", *table.columns], rows)


_COLUMNS = (
    ("rank", "rank", 1),
    ("composite", "composite", 100),
    ("by it", "composite_rank", 1),
    ("at best", "rank_best", 1),
    ("at worst", "rank_worst", 1),
    ("kind", "kind", 1),
    ("from", "from_node", 1),
    ("to", "to_node", 1),
    ("delay h", "delay_h", 1),
    ("loss h", "loss_h", 1),
    ("cut off %", "cut_off", 100),
    ("no choice %", "no_choice", 100),
    ("used %", "betweenness", 100),
    ("in cuts %", "in_cuts", 100),
    ("way round h", "detour_h", 1),
    ("ratio", "detour_ratio", 1),
    ("shortfalls", "shortfalls", 1),
    ("worst", "worst", 1),
    ("links", "links", 1),
    ("short", "short_links", 1),
)


def _shown(value: Any, factor: int) -> Any:
    return value * factor if isinstance(value, float) else value
