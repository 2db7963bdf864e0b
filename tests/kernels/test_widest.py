import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from mobility.kernels.csr import build
from mobility.kernels.flow import widest_path
from mobility.kernels.widest import widest_tree

ARCS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 4)), max_size=14
)


@given(ARCS)
def test_a_width_is_the_highest_at_which_the_node_is_still_reached(arcs):
    graph = build(6, *([arc[i] for arc in arcs] for i in range(3)))
    grown = widest_tree(graph, [0])
    for node in range(1, 6):
        reached = []
        for least in range(5):
            strong = nx.MultiDiGraph()
            strong.add_nodes_from(range(6))
            strong.add_edges_from((t, h) for t, h, w in arcs if w >= least)
            if nx.has_path(strong, 0, node):
                reached.append(least)
        assert grown.width[node] == max(reached, default=-1)
        found = widest_path(graph, graph.weights, 0, node)
        assert grown.width[node] == (-1 if found is None else found[0])
