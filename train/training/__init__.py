"""Train a generator on a film."""
