"""How a cell is known: by a row of its own, else by that of its whole row.

A row of `provenance.csv` speaks of one cell, or with the column `*` of every cell of a
row that no other speaks of.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mobility.data.rows import rows_of
from mobility.model import Basis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mobility.data.tables import Tables
    from mobility.model import Row

    Cell = tuple[str, str, str]

WHOLE_ROW = "*"
_NOTHING: Row = MappingProxyType({})


def read_known(tables: Tables) -> dict[Cell, Row]:
    """Return what is said of each cell, by table, id and column, for `source_of`."""
    return rows_of(tables.provenance)


def source_of(known: Mapping[Cell, Row], table: str, key: str, column: str) -> Row:
    """Return what is said of a cell: `source_id`, `as_of`, `basis` and so on.

    Parameters
    ----------
    known
        What `read_known` returns.
    table, key, column
        The cell; a key of several columns is joined by `/`.

    Returns
    -------
    Mapping
        Empty if nothing is said.

    Examples
    --------
    >>> known = {("links", "l1", "*"): {"basis": "assumed"}}
    >>> source_of(known, "links", "l1", "length_km")
    {'basis': 'assumed'}
    """
    own = known.get((table, key, column))
    return known.get((table, key, WHOLE_ROW), _NOTHING) if own is None else own


def basis_of(tables: Tables, table: str, column: str) -> dict[str, Basis]:
    """Return the basis of every cell of a column of which anything is said, by id.

    The same answer as `source_of` for each, in one pass: for sums over many rows.
    """
    said = tables.provenance["basis"].reset_index()
    said = said[said["table"] == table]
    found: dict[str, Basis] = {}
    for speaks_of in (WHOLE_ROW, column):
        rows = said[said["column"] == speaks_of]
        found |= {
            str(key): Basis(basis)
            for key, basis in zip(rows["id"], rows["basis"], strict=True)
        }
    return found
