"""Decide which frame comes next and when: timeline, player, frame clock, collapse guard."""
