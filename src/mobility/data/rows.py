"""Rows of a table as plain mappings, and what follows from a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from mobility.model import Row


def rows_of(frame: pd.DataFrame) -> dict[Any, Row]:
    """Return the rows of a table by key, None in every empty cell.

    Pandas marks an empty cell with one of three values, by column and version, two of
    which count as true; code that asks one row at a time should see one.
    """
    plain = frame.astype(object).where(frame.notna(), None)
    return dict(plain.to_dict("index").items())


def corridors_of(link: Row) -> tuple[str, ...]:
    """Return the corridors a link lies on: its file's, then those of `also_on`.

    Parameters
    ----------
    link
        Row of `links`, or its cells `file` (the stem) and `also_on`.

    Examples
    --------
    >>> corridors_of({"file": "viii", "also_on": "x;xc"})
    ('viii', 'x', 'xc')
    >>> corridors_of({"file": "connections-mk", "also_on": None})
    ()
    """
    own = link["file"]
    first = () if own == "ferries" or own.startswith("connections-") else (own,)
    return first + tuple(name for name in (link["also_on"] or "").split(";") if name)


def border_type(left: Row, entered: Row) -> str:
    """Return the kind of border between two states, by their memberships.

    A common crossing point is a western Balkan border by this rule: that it is one
    stands in `borders.csv` alone.

    Parameters
    ----------
    left, entered
        Rows of `countries`, or their cells `schengen` and `eu`.

    Examples
    --------
    >>> inside = {"schengen": "yes", "eu": "member"}
    >>> border_type(inside, {"schengen": "no", "eu": "candidate"})
    'eu_external'
    """
    if left["schengen"] == entered["schengen"] == "yes":
        return "schengen_internal"
    if "member" in (left["eu"], entered["eu"]):
        return "eu_external"
    return "western_balkans"


def selectors_of(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns by which a rule says when it holds.

    Parameters
    ----------
    columns
        Columns of `rules`, in the order of the contract: what stands between
        `quantity` and `value` selects.

    Examples
    --------
    >>> selectors_of(["rule_id", "quantity", "mode", "terrain", "value", "unit"])
    ('mode', 'terrain')
    """
    names = list(columns)
    return tuple(names[names.index("quantity") + 1 : names.index("value")])
