"""Is the data sound? Every rule of the contract and across tables, all at once.

A rule is one function of a draft that yields problems; its docstring states the rule.
To add one, write it in the module of its subject and list it here; if queries would
end in a traceback without it, in `NEEDED_RULES` of `tables`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mobility.data import link_checks, network_checks, place_checks, source_checks
from mobility.data.shapes import Line, Outlines, read_lines, read_outlines
from mobility.data.sheets import Draft, in_order, read_draft
from mobility.data.tables import NEEDED_RULES, corridors_dir, unfit_contract
from mobility.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mobility.model import Problem

TABLE_RULES: tuple[Callable[[Draft], Iterable[Problem]], ...] = (
    *NEEDED_RULES,
    place_checks.states_of_places,
    place_checks.codes_of_places,
    place_checks.places_apart,
    place_checks.towns_of_bases,
    place_checks.attributes_of_places,
    place_checks.places_reached,
    link_checks.no_loops,
    link_checks.lengths_and_ends,
    link_checks.states_of_ends,
    link_checks.ferries_join_ports,
    link_checks.columns_of_modes,
    link_checks.status_and_year,
    link_checks.other_corridors,
    link_checks.files_of_links,
    link_checks.no_twins,
    link_checks.values_in_order,
    network_checks.sides_of_crossings,
    network_checks.rows_of_crossings,
    network_checks.types_of_borders,
    network_checks.reversals_join_railways,
    network_checks.corridors_connected,
    network_checks.components,
    network_checks.links_at_risk,
    source_checks.provenance_points_somewhere,
    source_checks.values_have_provenance,
    source_checks.states_have_reasons,
    source_checks.sources_cited,
    source_checks.citations_of_resources,
    source_checks.selectors_known,
    source_checks.rules_differ,
    source_checks.rules_rank,
    source_checks.rows_sorted,
    source_checks.files_listed,
)
LINE_RULES: tuple[Callable[[Draft, Sequence[Line]], Iterable[Problem]], ...] = (
    link_checks.each_link_drawn_once,
    link_checks.lines_join_ends,
    link_checks.lengths_and_lines,
)
OUTLINE_RULES: tuple[
    Callable[[Draft, Sequence[Line], Outlines], Iterable[Problem]], ...
] = (
    place_checks.places_in_their_states,
    link_checks.lines_in_their_states,
)


def check_tables(root: Path | None = None) -> list[Problem]:
    """Find everything that is wrong with a data folder.

    Parameters
    ----------
    root
        Data folder; by default the one that ships with the package.

    Returns
    -------
    list of Problem
        Sorted by file and line; empty when the data is sound. A cell that breaks the
        contract is reported once, and is unknown to the rules across tables.

    Raises
    ------
    MissingDataError
        There is no such folder, or no contract in it.
    """
    try:
        draft = read_draft(corridors_dir() if root is None else Path(root))
    except DataError as error:
        return list(error.problems)
    unfit = unfit_contract(draft)
    if unfit:
        return list(in_order([*draft.problems, *unfit]))
    across = _not_told(draft.problems, _problems_across(draft))
    return list(in_order([*draft.problems, *across]))


def _not_told(
    told: Iterable[Problem], problems: Iterable[Problem]
) -> Iterator[Problem]:
    """Yield problems of cells that the contract has no complaint about yet."""
    cells = {(problem.file, problem.line, problem.column) for problem in told}
    for problem in problems:
        file, column = problem.file, problem.column
        # line 1 is the header: the whole column is missing
        if not {(file, problem.line, column), (file, 1, column)} & cells:
            yield problem


def _problems_across(draft: Draft) -> list[Problem]:
    """Apply every rule across tables."""
    lines, problems = read_lines(draft.root, draft.contract)
    outlines, broken = read_outlines(draft.root, draft.contract)
    problems += broken
    for rule in TABLE_RULES:
        problems += rule(draft)
    for line_rule in LINE_RULES:
        problems += line_rule(draft, lines)
    for outline_rule in OUTLINE_RULES:
        problems += outline_rule(draft, lines, outlines)
    return problems
