"""A planner's question becomes routes or a data frame.

May import `mobility.network`, `mobility.kernels` and below; prints and draws nothing.
"""
