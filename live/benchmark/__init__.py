"""Measure how fast the stage is, and compare with the targets: `python -m live.benchmark`."""
