"""Measure how fast the stage is, beside its bars: `python -m live.benchmark`."""
