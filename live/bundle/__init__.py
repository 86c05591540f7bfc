"""Read and check bundles: the graph contract, the film's last seconds, the life signs."""
