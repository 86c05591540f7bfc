"""Run the network: choose a provider, open sessions, step the generator."""
