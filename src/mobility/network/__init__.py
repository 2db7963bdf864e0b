"""From checked tables to the network of one load, year, regime and scenario.

May import `mobility.data`, `mobility.model`, `mobility.errors` and, of the kernels,
`csr` alone; knows nothing of analyses or maps.
"""
