"""What states on a route have to permit, and how long they take to do so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mobility.network.arcs import TODAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mobility.network.build import Network

NOTICE, STANDING = "by_notice", "yes"


@dataclass(frozen=True, slots=True)
class Permission:
    """What has to be had before a movement starts.

    Attributes
    ----------
    days
        Lead time of the slowest state; None where none is asked, or none is known.
    states
        Those that take that long, in order of travel.
    conditions
        In words: whom to notify, who decides case by case, and what is not in force.
    """

    days: float | None = None
    states: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


def ask_states(network: Network, states: Sequence[str]) -> Permission:
    """Tell what the states on a route ask of a movement.

    A military movement asks every state it enters, and the state it leaves from where a
    rule says so; all at the same time. Others ask nobody.

    Parameters
    ----------
    states
        Codes in order of travel.
    """
    if not network.movement.military:
        return Permission()
    home, *_ = states
    abroad = [state for state in dict.fromkeys(states) if state != home]
    days = {state: _abroad_days(network, state) for state in abroad}
    days[home] = network.rules.find("permission_domestic_days", regime=network.regime)
    known = {state: value for state, value in days.items() if value is not None}
    conditions = tuple(_conditions(network, abroad))
    if not known:
        return Permission(conditions=conditions)
    most = max(known.values())
    slowest = [state for state in dict.fromkeys(states) if known.get(state) == most]
    return Permission(most, tuple(slowest), conditions)


def _abroad_days(network: Network, state: str) -> float | None:
    """Return the lead time of a state: its own where it is known, else by rule.

    What a state takes today says nothing of another regime.
    """
    row = network.states[state]
    own = row["permission_days"]
    if own is not None and network.regime == TODAY:
        return float(own)
    return network.rules.find("permission_days", regime=network.regime, eu=row["eu"])


def _conditions(network: Network, abroad: Sequence[str]) -> list[str]:
    rows = network.states
    told = []
    noticed = [s for s in abroad if rows[s]["standing_permission"] == NOTICE]
    if noticed:
        told.append(f"notice to {', '.join(noticed)}")
    for state in abroad:
        standing = rows[state]["standing_permission"]
        if standing not in (NOTICE, STANDING):
            known = "no standing permission" if standing else "permission not known"
            why = rows[state]["conditions"]
            told.append(
                f"{known} from {state}" + (f": {why.rstrip('.')}" if why else "")
            )
    if network.rules.find("regime_in_force", regime=network.regime) == 0:
        told.append(f"regime {network.regime} is a proposal, not in force")
    return told
