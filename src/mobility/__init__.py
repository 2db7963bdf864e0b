"""Military-mobility corridors from the Adriatic to the Black Sea.

`read_tables` reads the corridors, `build_network` makes of them what one load may use,
and the analyses answer a planner's questions on it. Names are imported when first used,
so that `import mobility` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mobility.analysis.bottlenecks import bottlenecks
    from mobility.analysis.compare import compare
    from mobility.analysis.compliance import compliance
    from mobility.analysis.corridor import corridor_value
    from mobility.analysis.explain import explain
    from mobility.analysis.harbours import harbours
    from mobility.analysis.limits import limits
    from mobility.analysis.march import plan_columns, plan_march
    from mobility.analysis.pairs import default_pairs, read_pairs
    from mobility.analysis.redundancy import redundancies, redundancy
    from mobility.analysis.routing import find_routes, matrix
    from mobility.analysis.value import (
        choose_sections,
        value_of_sections,
    )
    from mobility.data.checks import check_tables
    from mobility.data.find import find_place
    from mobility.data.tables import Tables, read_tables
    from mobility.errors import (
        DataError,
        InputError,
        MobilityError,
        NoRouteError,
        UnknownNameError,
    )
    from mobility.model import Route
    from mobility.network.build import Network, build_network
    from mobility.network.scenario import Scenario, make_scenario
    from mobility.network.scenario_file import read_scenario
    from mobility.report.maps import corridor_map, save_map

_HOME = {
    "DataError": "errors",
    "InputError": "errors",
    "MobilityError": "errors",
    "Network": "network.build",
    "NoRouteError": "errors",
    "Route": "model",
    "Scenario": "network.scenario",
    "Tables": "data.tables",
    "UnknownNameError": "errors",
    "bottlenecks": "analysis.bottlenecks",
    "build_network": "network.build",
    "check_tables": "data.checks",
    "choose_sections": "analysis.value",
    "compare": "analysis.compare",
    "compliance": "analysis.compliance",
    "corridor_map": "report.maps",
    "corridor_value": "analysis.corridor",
    "default_pairs": "analysis.pairs",
    "explain": "analysis.explain",
    "find_place": "data.find",
    "find_routes": "analysis.routing",
    "harbours": "analysis.harbours",
    "limits": "analysis.limits",
    "make_scenario": "network.scenario",
    "matrix": "analysis.routing",
    "plan_columns": "analysis.march",
    "plan_march": "analysis.march",
    "read_pairs": "analysis.pairs",
    "read_scenario": "network.scenario_file",
    "read_tables": "data.tables",
    "redundancies": "analysis.redundancy",
    "redundancy": "analysis.redundancy",
    "save_map": "report.maps",
    "value_of_sections": "analysis.value",
}

__all__ = [
    "DataError",
    "InputError",
    "MobilityError",
    "Network",
    "NoRouteError",
    "Route",
    "Scenario",
    "Tables",
    "UnknownNameError",
    "bottlenecks",
    "build_network",
    "check_tables",
    "choose_sections",
    "compare",
    "compliance",
    "corridor_map",
    "corridor_value",
    "default_pairs",
    "explain",
    "find_place",
    "find_routes",
    "harbours",
    "limits",
    "make_scenario",
    "matrix",
    "plan_columns",
    "plan_march",
    "read_pairs",
    "read_scenario",
    "read_tables",
    "redundancies",
    "redundancy",
    "save_map",
    "value_of_sections",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOME:
        msg = f"module 'mobility' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"mobility.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
