"""The corridor tables: read, typed and checked against their contract.

`schema` is the contract (`datapackage.json`), `sheets` the CSV files cell by cell,
`shapes` the GeoJSON files line by line, `tables` what the floors above work on,
`checks` every rule the data must keep, and `readme` writes `corridors/README.md`.

May import `mobility.model` and `mobility.errors` only; needs pandas and numpy, and
neither geopandas nor networkx.
"""
