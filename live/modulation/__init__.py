"""Modulation: sources that move parameters around the values that the hand gives them."""
