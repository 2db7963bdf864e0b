"""Independent routes of all default pairs, against NetworkX on the same graph.

    python -m benchmarks.flank

NetworkX answers a random sample of pairs, and its time is scaled up. Its graph has the
same places drawn together; parallel links are added up, as it would merge them.
"""

from __future__ import annotations

import argparse
from statistics import median
from time import perf_counter

import networkx as nx
import numpy as np

from mobility.analysis.bottlenecks import bottlenecks
from mobility.analysis.cuts import Drawn, draw_together
from mobility.analysis.pairs import default_pairs, join
from mobility.analysis.redundancy import disjoint_counts
from mobility.data.tables import read_tables
from mobility.network.build import build_network


def flat(drawn: Drawn) -> nx.DiGraph[int]:
    """Return the graph with the capacities of parallel links added up."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(drawn.graph.node_count))
    rows = zip(
        drawn.graph.tails.tolist(),
        drawn.graph.heads.tolist(),
        drawn.link_capacities.tolist(),
        strict=True,
    )
    for tail, head, room in rows:
        before = graph.get_edge_data(tail, head, {"capacity": 0})["capacity"]
        graph.add_edge(tail, head, capacity=before + room)
    return graph


def main() -> None:
    """Print how long both take, after comparing their answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=20)
    asked = parser.parse_args()
    network = build_network(read_tables())
    pairs = default_pairs(network)
    drawn = draw_together(join(network, pairs))
    graph = flat(drawn)
    chosen = np.random.default_rng(1).choice(len(pairs), asked.sample, replace=False)
    ours, theirs, losses = [], [], []
    for _ in range(asked.rounds):
        start = perf_counter()
        counts = disjoint_counts(network, pairs)
        ours.append(perf_counter() - start)
        start = perf_counter()
        values = [
            nx.maximum_flow_value(graph, *drawn.ends(pair)) for pair in chosen.tolist()
        ]
        theirs.append((perf_counter() - start) * len(pairs) / asked.sample)
        if values != counts["link_count"].iloc[chosen].tolist():
            msg = "the answers differ"
            raise SystemExit(msg)
        start = perf_counter()
        bottlenecks(network, pairs)
        losses.append(perf_counter() - start)
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    print(
        f"{len(pairs)} pairs, {len(network.link_ids)} links: routes that share no link "
        f"and those that share no place counted in {median(ours):.3g} s; NetworkX "
        f"counts the former alone in ~{median(theirs):.3g} s, ~{median(ratios):.3g} "
        f"times as long ({ratios[0]:.3g} to {ratios[-1]:.3g}). Every link and place "
        f"lost for all of them (bottlenecks): {median(losses):.3g} s."
    )


if __name__ == "__main__":
    main()
