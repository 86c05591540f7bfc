"""Bounds of the bundle contract (`docs/bundle.md`), for both halves."""

from fractions import Fraction

LARGEST_MODEL_BYTES = 512 * 2**20
FRAME_RATES = Fraction(1, 60), Fraction(240)
LARGEST_STRIDE = 1000
LONGEST_TITLE = 200
"""Characters."""
