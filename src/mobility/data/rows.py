"""Rows of a table as plain mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from mobility.model import Row


def rows_of(frame: pd.DataFrame) -> dict[Any, Row]:
    """Return the rows of a table by key, None in every empty cell.

    Pandas marks an empty cell with one of three values, by column and version, two of
    which count as true; code that asks one row at a time should see one.
    """
    plain = frame.astype(object).where(frame.notna(), None)
    return dict(plain.to_dict("index").items())
