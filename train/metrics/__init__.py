"""Measure rollouts and pictures, and score them."""
