"""How fast the stage is, beside what it is to be measured by: `python -m live.benchmark`."""
