"""Rollouts of bundles, and the report that compares them with their film."""
