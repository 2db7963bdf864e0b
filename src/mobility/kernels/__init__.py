"""Graph mathematics on arrays: no transport words, no data frames.

May import NumPy and the standard library only; is tested on toy graphs.
"""
