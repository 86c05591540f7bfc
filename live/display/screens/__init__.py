"""The displays of a machine: found by number or name, probed, and lost."""
