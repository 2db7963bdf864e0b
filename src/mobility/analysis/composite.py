"""Several measures of one bottleneck: whether they agree, and one number if asked for.

No single number is the truth: the composite has weights that are stated and a range of
ranks that shows what hangs on them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mobility.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mobility.network.costs import Rules

# component → column of `Bottlenecks.links` and, but for the detour, of its places
COMPONENTS = {
    "loss": "loss_h",
    "cut_off": "cut_off",
    "no_choice": "no_choice",
    "in_cuts": "in_cuts",
    "betweenness": "betweenness",
    "detour": "detour_ratio",
    "shortfalls": "shortfalls",
}


def components(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the components as numbers from 0 to 1, higher being worse.

    Parameters
    ----------
    frame
        Links or places of `Bottlenecks`; of places there are fewer components.

    Returns
    -------
    pandas.DataFrame
        One column per component: shares as they are; hours lost and shortfalls as a
        share of the most in the frame; of the detour the share that the link itself
        spares, 1 where there is no way round.
    """
    scaled = {}
    for name, column in COMPONENTS.items():
        if column not in frame.columns:
            continue
        values = frame[column].astype(float)
        if name == "detour":
            values = (1 - 1 / values).clip(lower=0)
        elif name in ("loss", "shortfalls"):
            # where every pair is cut off no hours are lost besides
            most = values.max()
            values = values.fillna(0.0) / (most if most > 0 else 1.0)
        scaled[name] = values
    return pd.DataFrame(scaled, index=frame.index)


def agreement(frame: pd.DataFrame) -> pd.DataFrame:
    """Measure how far the components rank alike what lies on a best route.

    Returns
    -------
    pandas.DataFrame
        Kendall's tau-b of every two components, indexed by both: 1 the same order, 0
        unrelated, -1 reversed; NaN where one is the same for all.

    References
    ----------
    Kendall (1945), The treatment of ties in ranking problems, Biometrika 33.
    """
    used = components(frame[frame["betweenness"] > 0])
    names = list(used.columns)
    # signs of all differences at once: tau-b is their cosine
    signs = {}
    for name in names:
        values = used[name].to_numpy()
        above = np.triu_indices(len(values), 1)
        signs[name] = np.sign(values[:, None] - values)[above]
    table = pd.DataFrame(math.nan, index=names, columns=names)
    for a in names:
        for b in names:
            size = math.sqrt((signs[a] ** 2).sum() * (signs[b] ** 2).sum())
            if size:
                table.loc[a, b] = float(signs[a] @ signs[b]) / size
    return table


def default_weights(rules: Rules) -> dict[str, float]:
    """Return the weight of each component by rule `criticality_weight_…`."""
    return {name: rules.value(f"criticality_weight_{name}") for name in COMPONENTS}


def read_weights(text: str) -> dict[str, float]:
    """Read weights such as `loss=0.6,cut_off=0.4`; what is not named weighs nothing.

    Raises
    ------
    InputError
        A part is no component with a number, a component stands twice, a weight is
        negative or no number, or all are 0.
    """
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, _, cell = (piece.strip() for piece in part.partition("="))
        if name in weights:
            msg = f"weights name {name!r} twice"
            raise InputError(msg)
        if name not in COMPONENTS:
            msg = f"no component {name!r}; there are {', '.join(COMPONENTS)}"
            raise InputError(msg)
        try:
            value = float(cell)
        except ValueError:
            msg = f"weight {part.strip()!r} should be a name and a number, {name}=0.6"
            raise InputError(msg) from None
        weights[name] = value
    _check(weights)
    return weights


def _check(weights: Mapping[str, float]) -> None:
    for name, value in weights.items():
        if not (value >= 0 and math.isfinite(value)):
            msg = f"weight of {name!r}, {value:g}, should be a number of at least 0"
            raise InputError(msg)
    if not sum(weights.values()) > 0:
        msg = "weights are all 0; at least one should be above"
        raise InputError(msg)


def composite(
    frame: pd.DataFrame, weights: Mapping[str, float], *, variation: float
) -> pd.DataFrame:
    """Fold the components into one number, and show what hangs on the weights.

    Parameters
    ----------
    frame
        Links or places of `Bottlenecks`.
    weights
        By component; they need not add up to 1. A component that the frame lacks is
        left out.
    variation
        Share of itself by which each weight is raised and lowered.

    Returns
    -------
    pandas.DataFrame
        Indexed as `frame`: `composite`, the weighted mean of the `components`; its
        `composite_rank`; `rank_best` and `rank_worst`, the range of that rank while one
        weight at a time is raised, lowered, and left out.

    Raises
    ------
    InputError
        A weight is negative or no number, or all are 0.
    """
    scaled = components(frame)
    chosen = {name: float(weights.get(name, 0.0)) for name in scaled.columns}
    _check(chosen)
    base = np.array(list(chosen.values()))
    rows = [base]
    for i in np.flatnonzero(base):
        for factor in (1 + variation, 1 - variation, 0.0):
            changed = base.copy()
            changed[i] *= factor
            if changed.sum() > 0:
                rows.append(changed)
    table = np.array([row / row.sum() for row in rows])
    # equal but for the last bits of their sums is equal
    values = (scaled.to_numpy() @ table.T).round(12)
    ranks = pd.DataFrame(values, index=frame.index).rank(method="min", ascending=False)
    return pd.DataFrame(
        {
            "composite": values[:, 0],
            "composite_rank": ranks[0].astype(int),
            "rank_best": ranks.min(axis=1).astype(int),
            "rank_worst": ranks.max(axis=1).astype(int),
        },
        index=frame.index,
    )
