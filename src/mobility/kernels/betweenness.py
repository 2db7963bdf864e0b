"""How many shortest paths run over each arc, by a library."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from mobility.errors import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    from mobility.kernels.csr import Csr

# NetworkX takes a second for so many nodes times arcs, igraph a hundredth of that
_LARGE = 200_000
# igraph takes paths whose weights differ by less than 1e-10 of themselves for equal
_IGRAPH_EXACT = 2**32


def betweenness(graph: Csr) -> npt.NDArray[np.float64]:
    """Count, over all pairs of nodes, the share of shortest paths on each arc.

    Returns
    -------
    float64 array, shape (arcs,)
        Not normalised; 0 for closed arcs. Equally short paths, parallel ones too, share
        a pair evenly.

    Raises
    ------
    InputError
        An arc weighs nothing: then paths cannot be counted.

    Notes
    -----
    O(n (n + m) log n); by igraph where the work is large, it is installed and no path
    is so long that it could take different ones for equal, else by NetworkX. The two
    differ in the last bits.

    References
    ----------
    Brandes (2001), A faster algorithm for betweenness centrality, Journal of
    Mathematical Sociology 25.

    Examples
    --------
    >>> from mobility.kernels.csr import build
    >>> betweenness(build(3, [0, 1], [1, 2], [5, 3])).tolist()
    [2.0, 2.0]
    """
    arcs = np.flatnonzero(~graph.closed)
    if (graph.weights[arcs] == 0).any():
        arc = int(arcs[graph.weights[arcs] == 0][0])
        msg = f"arc {arc} weighs 0; betweenness needs weights of at least 1"
        raise InputError(msg)
    found = np.zeros(graph.arc_count)
    if len(arcs) == 0:
        return found
    is_large = graph.node_count * graph.arc_count > _LARGE
    longest = int(graph.weights[arcs].max()) * min(graph.node_count, len(arcs))
    longest = min(longest, int(graph.weights[arcs].sum(dtype=np.float64)))
    if is_large and longest < _IGRAPH_EXACT and find_spec("igraph") is not None:
        found[arcs] = _by_igraph(graph, arcs)
    else:
        found[arcs] = _by_networkx(graph, arcs)
    return found


def _by_igraph(graph: Csr, arcs: npt.NDArray[np.int64]) -> list[float]:
    import igraph

    ends = np.stack([graph.tails[arcs], graph.heads[arcs]], axis=1)
    copy = igraph.Graph(n=graph.node_count, edges=ends, directed=True)
    counted: list[float] = copy.edge_betweenness(
        directed=True, weights=graph.weights[arcs].astype(float)
    )
    return counted


def _by_networkx(graph: Csr, arcs: npt.NDArray[np.int64]) -> list[float]:
    import networkx as nx

    # a node on every arc: NetworkX counts equal parallel arcs as one path
    copy: nx.DiGraph[Any] = nx.DiGraph()
    nodes = range(graph.node_count)
    copy.add_nodes_from(nodes)
    for arc in arcs.tolist():
        weight = int(graph.weights[arc])
        copy.add_edge(int(graph.tails[arc]), ("arc", arc), weight=weight)
        copy.add_edge(("arc", arc), int(graph.heads[arc]), weight=weight)
    counted: dict[Any, float] = nx.edge_betweenness_centrality_subset(
        copy, nodes, nodes, normalized=False, weight="weight"
    )
    return [counted[int(graph.tails[a]), ("arc", a)] for a in arcs.tolist()]
