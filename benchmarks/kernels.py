"""Time the kernels beside SciPy, igraph, rustworkx and NetworkX: one run, one thread.

    python benchmarks/kernels.py [-o benchmarks/RESULTS.md]

All engines of a question run in turn, round after round, in this process; a row gives
how many times longer a peer takes, as the median of the rounds and their range. The
answers are compared before anything is printed. Peers that need seconds answer a random
sample of a loop whose steps all cost alike; their time is scaled up, and marked ~.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import igraph
import networkx as nx
import numpy as np
import rustworkx
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, hstack
from scipy.sparse.csgraph import dijkstra, yen

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.roads import Roads, road_like
from mobility.kernels import speed
from mobility.kernels.alternatives import k_shortest
from mobility.kernels.csr import Csr, build, to_networkx
from mobility.kernels.disjoint import link_disjoint
from mobility.kernels.replacement import link_losses
from mobility.kernels.shortest import tree
from mobility.kernels.vital import most_vital

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
LEAST_SECONDS = 0.02
DELAY_MS = 7_200_000
SAMPLE = 40


@dataclass
class Question:
    """One question, how we answer it and how others do.

    A peer's answer is compared with ours by `same`; `scale` is by how much its time is
    to be multiplied where it answers a sample.
    """

    name: str
    ours: Callable[[], Any]
    peers: dict[str, Callable[[], Any]]
    same: Callable[[Any, Any], bool] = lambda ours, theirs: ours == theirs
    scale: dict[str, float] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)


def seconds(call: Callable[[], Any]) -> float:
    """Time one call; of a short one the mean of several."""
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    if once > LEAST_SECONDS:
        return once
    times = int(LEAST_SECONDS / once) + 1
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def ask(question: Question) -> list[str]:
    """Check that all agree, time them, and return the table's rows."""
    answer = question.ours()  # compiles, too
    for name, peer in question.peers.items():
        if not question.same(answer, peer()):
            msg = f"{question.name}: {name} has another answer"
            raise SystemExit(msg)
    own: list[float] = []
    other: dict[str, list[float]] = {name: [] for name in question.peers}
    ratios: dict[str, list[float]] = {name: [] for name in question.peers}
    for turn in range(ROUNDS):
        own.append(seconds(question.ours))
        for name, peer in question.peers.items():
            if turn < question.rounds.get(name, ROUNDS):
                taken = seconds(peer) * question.scale.get(name, 1.0)
                other[name].append(taken)
                ratios[name].append(taken / own[-1])
    rows = [f"| {question.name} | **mobility** | {told(own)} | 1 |"]
    for name, found in ratios.items():
        mark = "~" if name in question.scale else ""
        spread = f"{number(min(found))} to {number(max(found))}"
        rows.append(
            f"| | {name} | {mark}{told(other[name])} "
            f"| {mark}{number(statistics.median(found))} ({spread}) |"
        )
    return rows


def told(times: list[float]) -> str:
    """Say a median time."""
    middle = statistics.median(times)
    return f"{number(middle * 1e3)} ms" if middle < 1 else f"{number(middle)} s"


def number(value: float) -> str:
    """Say a number with about three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@dataclass
class Copies:
    """One graph as each library wants it."""

    graph: Csr
    matrix: csr_array
    igraph: igraph.Graph
    rustworkx: rustworkx.PyDiGraph
    networkx: nx.MultiDiGraph

    @classmethod
    def of(cls, graph: Csr) -> Copies:
        first, heads, weights, arcs = graph.star()
        # rows as they are: a conversion from coordinates would add parallel arcs up
        matrix = csr_array(
            (weights.astype(float), heads, first), shape=(graph.node_count,) * 2
        )
        assert (arcs == np.arange(graph.arc_count)).all(), "arcs are sorted by tail"
        ends = np.stack([graph.tails, graph.heads], axis=1)
        other = rustworkx.PyDiGraph()
        other.add_nodes_from(range(graph.node_count))
        rows = zip(*(a.tolist() for a in (graph.tails, graph.heads)), strict=True)
        costs = graph.weights.astype(float).tolist()
        other.add_edges_from([(u, v, w) for (u, v), w in zip(rows, costs, strict=True)])
        return cls(
            graph,
            matrix,
            igraph.Graph(n=graph.node_count, edges=ends, directed=True),
            other,
            to_networkx(graph),
        )


def one_to_all(copies: Copies, source: int) -> Question:
    """Ask for all shortest paths from one node."""
    graph = copies.graph
    weights = graph.weights.astype(float).tolist()

    def by_rustworkx() -> list[float]:
        found = rustworkx.dijkstra_shortest_path_lengths(
            copies.rustworkx, source, float
        )
        return [0.0 if n == source else found[n] for n in range(graph.node_count)]

    def by_networkx() -> list[int]:
        found = nx.single_source_dijkstra_path_length(copies.networkx, source)
        return [found[n] for n in range(graph.node_count)]

    return Question(
        "one to all, with tree",
        lambda: tree(graph, source).distance,
        {
            "SciPy": lambda: dijkstra(
                copies.matrix, indices=source, return_predecessors=True
            )[0],
            "igraph (no tree)": lambda: copies.igraph.distances(
                source=[source], weights=weights
            )[0],
            "rustworkx (no tree)": by_rustworkx,
            "NetworkX (no tree)": by_networkx,
        },
        same=lambda ours, theirs: bool((ours == np.asarray(theirs)).all()),
    )


def all_link_loss(copies: Copies, roads: Roads) -> Question:
    """Ask what 20 pairs cost after each link's loss.

    The peers' user runs one search per origin and link on a path from it, which answers
    all destinations; a sample of those runs is timed.
    """
    graph = copies.graph
    sources, targets = roads.far_pairs()
    losses = link_losses(graph, sources, targets)
    runs = sorted(
        {
            (int(sources[p]), int(x))
            for p, x in zip(losses.pair, losses.lost, strict=True)
        }
    )
    rng = np.random.default_rng(1)
    chosen = [runs[i] for i in rng.choice(len(runs), min(SAMPLE, len(runs)), False)]
    few = chosen[: SAMPLE // 4]
    goals = np.unique(targets)
    first, arcs = graph.members()

    def pick(found: Any) -> dict[tuple[int, int, int], int]:
        table = found.matrix(graph.link_count)
        return {
            (int(sources[p]), int(targets[p]), link): int(table[link, p])
            for p in range(len(sources))
            for link in range(graph.link_count)
        }

    def by_scipy() -> dict[tuple[int, int, int], int]:
        answers = {}
        dijkstra(copies.matrix, indices=np.unique(sources), return_predecessors=True)
        for source, link in chosen:
            own = arcs[first[link] : first[link + 1]]
            kept = copies.matrix.data[own].copy()
            copies.matrix.data[own] = np.inf
            found = dijkstra(copies.matrix, indices=source)
            copies.matrix.data[own] = kept
            for goal in goals.tolist():
                far = found[goal]
                answers[source, goal, link] = int(far) if np.isfinite(far) else -1
        return answers

    def by_networkx() -> dict[tuple[int, int, int], int]:
        answers = {}
        for source, link in few:
            own = arcs[first[link] : first[link + 1]].tolist()
            ends = [(int(graph.tails[a]), int(graph.heads[a]), a) for a in own]
            kept = [(*end, dict(copies.networkx.edges[end])) for end in ends]
            copies.networkx.remove_edges_from(ends)
            found = nx.single_source_dijkstra_path_length(copies.networkx, source)
            copies.networkx.add_edges_from(kept)
            for goal in goals.tolist():
                answers[source, goal, link] = found.get(goal, -1)
        return answers

    def same(ours: Any, theirs: dict[tuple[int, int, int], int]) -> bool:
        table = pick(ours)
        return all(table[key] == cost for key, cost in theirs.items())

    roots = [(int(s), False) for s in np.unique(sources)]
    roots += [(int(t), True) for t in goals]
    return Question(
        f"all-link loss, 20 pairs ({len(losses.cost):,} losses on their paths)",
        lambda: link_losses(graph, sources, targets),
        {
            "our own 9 trees alone": lambda: [
                tree(graph, root, reverse=reverse) for root, reverse in roots
            ],
            "SciPy, links on paths": by_scipy,
            "NetworkX, links on paths": by_networkx,
        },
        same=lambda ours, theirs: isinstance(theirs, list) or same(ours, theirs),
        scale={
            "SciPy, links on paths": len(runs) / len(chosen),
            "NetworkX, links on paths": len(runs) / len(few),
        },
        rounds={"NetworkX, links on paths": 3},
    )


def disjoint_pair(copies: Copies, roads: Roads) -> Question:
    """Ask for the two paths of least total weight that share no arc."""
    given = copies.graph
    graph = build(given.node_count, given.tails, given.heads, given.weights)
    source, target = next(
        (int(s), int(t))
        for s, t in zip(*roads.far_pairs(), strict=True)
        if len(link_disjoint(graph, int(s), int(t)).paths) == 2
    )
    nodes, count = graph.node_count, graph.arc_count
    places = np.arange(count)
    balance = coo_array(
        (
            np.repeat([1.0, -1.0], count),
            (np.concatenate([graph.tails, graph.heads]), np.tile(places, 2)),
        ),
        shape=(nodes, count),
    ).tocsr()
    needed = np.zeros(nodes)
    needed[[source, target]] = 2, -2
    flows = nx.DiGraph()
    flows.add_node(source, demand=-2)
    flows.add_node(target, demand=2)
    rows = zip(graph.tails, graph.heads, graph.weights, strict=True)
    for arc, (tail, head, weight) in enumerate(rows):
        flows.add_edge(int(tail), ("arc", arc), capacity=1, weight=int(weight))
        flows.add_edge(("arc", arc), int(head), capacity=1)

    def by_two_searches() -> int:
        ahead = dijkstra(copies.matrix, indices=source, return_predecessors=True)
        dist, before = ahead
        reduced = copies.matrix.data + dist[graph.tails] - dist[graph.heads]
        node = target
        tails, heads = graph.tails.copy(), graph.heads.copy()
        row = copies.matrix.indptr
        while node != source:
            tail = int(before[node])
            inside = np.arange(row[tail], row[tail + 1])
            inside = inside[graph.heads[inside] == node]
            arc = int(inside[np.argmin(graph.weights[inside])])
            tails[arc], heads[arc] = node, tail
            reduced[arc] = 0.0
            node = tail
        order = np.argsort(tails, kind="stable")
        first = np.searchsorted(tails[order], np.arange(nodes + 1))
        left = csr_array((reduced[order], heads[order], first), shape=(nodes, nodes))
        return round(2 * dist[target] + dijkstra(left, indices=source)[target])

    def by_program() -> int:
        solved = linprog(
            graph.weights,
            A_eq=balance,
            b_eq=needed,
            bounds=(0, 1),
            method="highs",
        )
        return round(solved.fun)

    return Question(
        "disjoint pair of least total",
        lambda: link_disjoint(graph, source, target),
        {
            "SciPy, two Dijkstras by hand (value only)": by_two_searches,
            "SciPy linprog (HiGHS)": by_program,
            "NetworkX network simplex": lambda: nx.min_cost_flow_cost(flows),
        },
        same=lambda ours, theirs: ours.total == theirs,
        rounds={"NetworkX network simplex": 1, "SciPy linprog (HiGHS)": 3},
    )


def next_best(graph: Csr, source: int, target: int, k: int = 20) -> Question:
    """Ask for the 20 shortest loopless paths, of two parallel arcs the better only."""
    order = np.lexsort((graph.weights, graph.heads, graph.tails))
    tails, heads = graph.tails[order], graph.heads[order]
    kept = np.ones(len(order), dtype=bool)
    kept[1:] = (tails[1:] != tails[:-1]) | (heads[1:] != heads[:-1])
    arcs = order[kept]
    simple = build(
        graph.node_count, graph.tails[arcs], graph.heads[arcs], graph.weights[arcs]
    )
    copies = Copies.of(simple)
    plain = nx.DiGraph(copies.networkx)
    weights = simple.weights.astype(float).tolist()

    def by_networkx() -> list[int]:
        paths = nx.shortest_simple_paths(plain, source, target, weight="weight")
        return [nx.path_weight(plain, path, "weight") for path in islice(paths, k)]

    def by_igraph() -> list[int]:
        paths = copies.igraph.get_k_shortest_paths(
            source, target, k=k, weights=weights, output="epath"
        )
        return [round(sum(weights[arc] for arc in path)) for path in paths]

    return Question(
        f"{k} shortest loopless paths",
        lambda: [simple.weigh(path) for path in k_shortest(simple, source, target, k)],
        {
            "SciPy yen": lambda: [
                round(cost) for cost in yen(copies.matrix, source, target, k)
            ],
            "igraph": by_igraph,
            "NetworkX": by_networkx,
        },
        rounds={"NetworkX": 1, "igraph": 1, "SciPy yen": 3},
    )


def worst_links(graph: Csr, source: int, target: int, k: int) -> Question:
    """Ask for the k links whose delay hurts most, all ties."""
    arcs = np.arange(graph.arc_count)
    rows = np.concatenate([arcs, arcs])
    columns = np.concatenate([graph.heads, graph.tails])
    steps = coo_array(
        (np.repeat([1.0, -1.0], len(arcs)), (rows, columns)),
        shape=(len(arcs), graph.node_count),
    )
    real = arcs[graph.links >= 0]
    hits = coo_array(
        (np.full(len(real), -float(DELAY_MS)), (real, graph.links[real])),
        shape=(len(arcs), graph.link_count),
    )
    nodes, links = graph.node_count, graph.link_count

    def by_program() -> int:
        goal = np.zeros(nodes + links)
        goal[target] = -1
        low = np.concatenate([np.full(nodes, -np.inf), np.zeros(links)])
        high = np.concatenate([np.full(nodes, np.inf), np.ones(links)])
        low[source] = high[source] = 0
        count = np.concatenate([np.zeros(nodes), np.ones(links)])
        solved = milp(
            goal,
            constraints=[
                LinearConstraint(hstack([steps, hits]).tocsr(), -np.inf, graph.weights),
                LinearConstraint(count[None, :], 0, k),
            ],
            integrality=count.astype(int),
            bounds=Bounds(low, high),
            options={"mip_rel_gap": 0},
        )
        return round(-solved.fun)

    return Question(
        f"{k} most vital links, 2 h delay, all ties",
        lambda: most_vital(graph, source, target, k, delay=DELAY_MS),
        {"SciPy milp (HiGHS), one optimum": by_program},
        same=lambda ours, theirs: abs(ours.cost - theirs) <= 1,
        rounds={"SciPy milp (HiGHS), one optimum": 1},
    )


CORRIDORS = """
import resource, sys, time
import numpy as np
from mobility.data.tables import read_tables
from mobility.network.build import build_network
from mobility.kernels.csr import build
from mobility.kernels import replacement
network = build_network(read_tables())
west = "bar durres dubrovnik koper ploce rijeka shengjin split trieste vlore zadar"
east = "burgas constanta mangalia midia varna"
ends = [[name + "_port" for name in side.split()] for side in (west, east)]
size = len(network.graph_nodes)
at = network.nodes_of
joints = [(size + i, node) for i, port in enumerate(ends[0]) for node in at[port]]
size += len(ends[0])
joints += [(node, size + i) for i, port in enumerate(ends[1]) for node in at[port]]
tails, heads = np.array(joints).T
before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if sys.argv[1] == "all":
    graph = build(
        size + len(ends[1]),
        np.concatenate([network.tails, tails]),
        np.concatenate([network.heads, heads]),
        np.concatenate([network.time_ms, np.zeros(len(tails), np.int64)]),
        links=np.concatenate([network.link_of, np.full(len(tails), -1)]),
    )
    sources = np.repeat(size - len(ends[0]) + np.arange(len(ends[0])), len(ends[1]))
    targets = np.tile(size + np.arange(len(ends[1])), len(ends[0]))
    losses = replacement.link_losses(graph, sources, targets)
    assert (losses.base > 0).any()
    assert "numba" not in sys.modules
after = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(after[0] - before[0], (after[1] - before[1]) / 1024, len(sys.argv))
"""


def corridor_rows() -> list[str]:
    """Measure processes that load the corridor network, with and without the loss."""
    walls: dict[str, list[float]] = {"none": [], "all": []}
    inner: list[tuple[float, float]] = []
    for _ in range(5):
        for what, found in walls.items():
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", CORRIDORS, what],
                capture_output=True,
                text=True,
                check=True,
            )
            found.append(time.perf_counter() - start)
            if what == "all":
                took, grew, _ = done.stdout.split()
                inner.append((float(took), float(grew)))
    extra = [a - b for a, b in zip(walls["all"], walls["none"], strict=True)]
    spent = number(statistics.median(seconds for seconds, _ in inner))
    grown = number(max(megabytes for _, megabytes in inner))
    whole = number(statistics.median(walls["all"]))
    more = number(statistics.median(extra))
    return [
        f"Every link lost for 55 port pairs, in a process that never imports "
        f"numba: {spent} s and {grown} MB of peak memory above loading the network "
        f"(whole processes: {more} s more, from {number(min(extra))} to "
        f"{number(max(extra))}; median of {whole} s in all)."
    ]


def machine() -> list[str]:
    """Say where and with what this ran."""
    cpu = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        cpu = names[0].split(":")[1].strip() if names else cpu
    names = ["numpy", "scipy", "numba", "igraph", "rustworkx", "networkx"]
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    return [
        f"{cpu}, {os.cpu_count()} cores, one thread used; "
        f"{platform.system()}, Python {platform.python_version()}; {libraries}."
    ]


def main() -> None:
    """Ask every question on every graph, print the table, write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    output = parser.parse_args().output
    lines = ["# How fast the kernels are", "", *machine(), ""]
    lines += [" ".join(__doc__.split("\n\n")[2].split()), ""]
    for arcs in (2_000, 20_000):
        roads = road_like(arcs)
        graph = roads.graph
        copies = Copies.of(graph)
        sources, targets = roads.far_pairs()
        source, target = int(sources[0]), int(targets[0])
        lines += [
            f"## Road-like, {graph.node_count:,} nodes, {graph.arc_count:,} arcs",
            "",
            "| question | engine | time | times ours (range) |",
            "|---|---|---|---|",
        ]
        with speed.running("compiled"):
            for question in (
                one_to_all(copies, source),
                all_link_loss(copies, roads),
                disjoint_pair(copies, roads),
                next_best(graph, source, target),
                *([worst_links(graph, source, target, 3)] if arcs == 2_000 else []),
            ):
                lines += ask(question)
                print(f"{question.name}: done", file=sys.stderr)
        if arcs == 2_000:
            with speed.running("interpreted"):
                slow = [
                    seconds(lambda: link_losses(graph, sources, targets))  # noqa: B023
                    for _ in range(ROUNDS)
                ]
            lines += [
                f"| all-link loss, 20 pairs | mobility, interpreted | {told(slow)} | |"
            ]
        lines += [""]
    lines += ["## The corridor network", "", *corridor_rows()]
    text = "\n".join(lines) + "\n"
    print(text)
    if output is not None:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
