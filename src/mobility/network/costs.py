"""How long a link, a crossing or a transfer takes.

Every number comes from the link's own row or from a row of `rules.csv`; none is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mobility.data.rows import rows_of, selectors_of
from mobility.errors import DataError
from mobility.model import Mode, Problem, Row, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True)
class Rules:
    """The planning rules, ready to be asked.

    Attributes
    ----------
    rows
        Per quantity its rules: selectors that must hold, and the value.
    """

    rows: Mapping[str, list[tuple[dict[str, str], float]]]

    def find(self, quantity: str, **known: str) -> float | None:
        """Return the value of the most specific rule that holds, or None."""
        best: tuple[int, float] | None = None
        for selectors, value in self.rows.get(quantity, ()):
            if all(known.get(key) == wanted for key, wanted in selectors.items()):
                candidate = (len(selectors), value)
                best = max(best, candidate) if best else candidate
        return None if best is None else best[1]

    def value(self, quantity: str, **known: str) -> float:
        """Return the value of the most specific rule that holds.

        Raises
        ------
        DataError
            No rule holds: the data folder is incomplete.
        """
        found = self.find(quantity, **known)
        if found is None:
            what = ", ".join(f"{key} {value}" for key, value in known.items() if value)
            message = f"no rule gives it for {what or 'any case'}"
            raise DataError([Problem("rules.csv", 0, quantity, message)])
        return found


def read_rules(table: pd.DataFrame) -> Rules:
    """Index `rules.csv` by quantity."""
    selecting = selectors_of(table.columns)
    rows: dict[str, list[tuple[dict[str, str], float]]] = {}
    for row in rows_of(table).values():
        selectors = {key: row[key] for key in selecting if row[key]}
        rows.setdefault(row["quantity"], []).append((selectors, float(row["value"])))
    return Rules(rows)


def drive_h(link: Row, rules: Rules) -> float:
    """Return the hours under way on a link, without waits and halts."""
    if link["mode"] == Mode.FERRY:
        return float(link["crossing_h"])
    find_speed = road_kph if link["mode"] == Mode.ROAD else rail_kph
    return float(link["length_km"]) / find_speed(link, rules)


def road_kph(link: Row, rules: Rules) -> float:
    """Return the average speed on a road, km/h, by its class and terrain."""
    speed = rules.value(
        "road_speed_kph",
        mode="road",
        road_class=link["road_class"],
        terrain=link["terrain"],
    )
    posted = link["speed_limit_kph"]
    return speed if posted is None else min(speed, float(posted))


def rail_kph(link: Row, rules: Rules) -> float:
    """Return the average speed of a freight train, km/h.

    From the speeds trains run at where they are known, else from the design speed,
    else by rule. Speeds of today say nothing of a line that is yet to be built or
    rebuilt.
    """
    low, high = link["speed_low_kph"], link["speed_high_kph"]
    design = link["line_speed_kph"]
    cap = rules.value("rail_speed_max_kph", mode="rail")
    runs = Status(link["status"]).passes
    if runs and low is not None and high is not None:
        share = rules.value("rail_running_share", mode="rail")
        return share * float(min(low, cap) + min(high, cap)) / 2
    if design is not None:
        return float(min(cap, design)) * rules.value("rail_design_share", mode="rail")
    return rules.value("rail_speed_kph", mode="rail")


def sailing_wait_h(link: Row, rules: Rules) -> tuple[float, float]:
    """Return the wait for a ferry, hours: as planned, and 95th percentile."""
    interval = 7 * 24 / float(link["sailings_per_week"])
    return (
        interval * rules.value("ferry_wait_share", mode="ferry"),
        interval * rules.value("ferry_wait_p95_share", mode="ferry"),
    )
