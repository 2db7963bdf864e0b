"""Graph mathematics on arrays: no transport words, no data frames.

May import `mobility.errors`, NumPy and the standard library; other libraries inside the
functions that need them. Is tested on toy graphs, interpreted and compiled.
"""
