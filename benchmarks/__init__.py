"""Speed claims, reproducible: seeded networks, and the kernels beside their peers."""
