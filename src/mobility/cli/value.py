"""`mobility value`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mobility.cli.options import (
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

    from mobility.analysis.value import SectionValues


@click.command("value")
@click.option(
    "--sections",
    "names",
    multiple=True,
    required=True,
    metavar="LINK_OR_PATTERN",
    help="What to value; repeatable. A pattern stands for links that are not open.",
)
@click.option(
    "--with-open",
    is_flag=True,
    help="A pattern stands for open links too: there or not there.",
)
@click.option(
    "--together",
    is_flag=True,
    help="The links of each --sections make one section, such as part of a corridor.",
)
@click.option(
    "--samples",
    type=int,
    help="Draw so many random orders. Default: exact while no more than 20 sections "
    "matter, else 200.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Of the random orders."
)
@pairs_options
@query_options
@json_option
@csv_option
def value_cmd(
    names: tuple[str, ...],
    with_open: bool,
    together: bool,
    samples: int | None,
    seed: int,
    pairs_file: Path | None,
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    data: Path | None,
    as_json: bool,
    as_csv: bool,
    **conditions: Any,
) -> None:
    """Say what each section adds: alone, last, and on average over all orders.

    All sections are taken out, then put in as if built. Alone: before all others.
    Last: after all others. Mean: over all orders of building them (Shapley value); the
    means add up to what all sections add together. A pair that is cut off, or has a
    longer way round, loses at most what the rule cut_off_loss_h says.

    \b
    Examples:
        mobility value --sections 'viii-rail-*' --sections access-rail-durres_port \\
            --mode rail
        mobility value --sections 'viii-road-*' --sections 'x-road-*' --together \\
            --mode road --with-open --csv
    """
    from mobility.analysis.value import choose_sections, value_of_sections, with_all

    one_format(as_json=as_json, as_csv=as_csv)
    network = build(load(data), **conditions)
    sections = choose_sections(network, names, with_open=with_open, together=together)
    pairs = pairs_of(
        with_all(network, sections),
        pairs_file=pairs_file,
        origins=origins,
        destinations=destinations,
    )
    found = value_of_sections(network, sections, pairs, samples=samples, seed=seed)
    rows = _rows(found)
    if as_json:
        question = asked(network, by="time", scenario=conditions["scenario"])
        echo_json(question | _told(found) | {"sections": rows})
    elif as_csv:
        click.echo(to_csv(list(rows[0]), rows), nl=False)
    else:
        _print(found, rows)


def _told(found: SectionValues) -> dict[str, Any]:
    """Return what the sections rest on and add up to, as `--json` prints it."""
    return {
        "pairs": len(found.pairs),
        "pairs_with_way_before": _with_way(found, "before_h"),
        "pairs_with_way_after": _with_way(found, "after_h"),
        "cut_off_loss_h": found.cut_off_loss_h,
        "samples": found.samples,
        "seed": found.seed if found.samples else None,
        "total_h": found.total_h,
        "total_saved_h": found.total_saved_h,
        "total_reached": found.total_reached,
        "beside": found.beside["use"].to_dict(),
    }


def _with_way(found: SectionValues, column: str) -> int:
    return int((found.pairs[column] < float("inf")).sum())


def _rows(found: SectionValues) -> list[dict[str, Any]]:
    plain = found.sections.reset_index().astype(object)
    rows: list[Any] = plain.where(plain.notna(), None).to_dict("records")
    return rows


def _print(found: SectionValues, rows: list[dict[str, Any]]) -> None:
    """Print the sections, what they add up to, and how to read it."""
    columns = [
        column
        for column in _COLUMNS
        if (found.samples or column[1] != "error_h")
        and (column[1] != "lacks" or any(row["lacks"] for row in rows))
    ]
    cells = [[_shown(row[key], factor) for _, key, factor in columns] for row in rows]
    echo_table([head for head, *_ in columns], cells)
    click.echo(
        f"All together: {60 * found.total_h:.1f} min a pair, the sum of the means, "
        f"{60 * found.total_saved_h:.1f} of them on pairs that have a way without; "
        f"{found.total_reached:.1%} of pairs get one."
    )
    if len(found.beside):
        named = (f"{link} ({use})" for link, use in found.beside["use"].items())
        note(
            "Next to sections that add nothing, and carrying nothing themselves: "
            + ", ".join(named)
            + "."
        )
    if found.samples:
        note(
            f"{found.samples} random orders, each both ways, seed {found.seed}; "
            "±: standard error of the mean."
        )
    else:
        note("Means are exact.")
    sections, total = found.sections, len(found.pairs)
    share = sections["assumed_km"].sum() / sections["length_km"].sum()
    note(
        f"Minutes are means over the {_with_way(found, 'after_h')} of {total} pairs "
        f"that have a way with all sections; {_with_way(found, 'before_h')} have one "
        f"without any. Being cut off counts as {found.cut_off_loss_h:g} h. Hours are "
        "under way, at borders, changing mode and halts of trains, without rests of "
        f"drivers. {share:.0%} of the kilometres of sections are of assumed length; "
        "what sections cost is not in the data."
    )


_COLUMNS = (
    ("section", "section", 1),
    ("km", "length_km", 1),
    ("status", "status", 1),
    ("opens", "opens", 1),
    ("alone min", "alone_h", 60),
    ("last min", "last_h", 60),
    ("mean min", "mean_h", 60),
    ("±", "error_h", 60),
    ("last - alone", "complement_h", 60),
    ("reached %", "mean_reached", 100),
    ("lacks", "lacks", 1),
)


def _shown(value: Any, factor: int) -> Any:
    return value * factor if isinstance(value, float) else value
