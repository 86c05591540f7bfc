"""Decode films, clips and pictures, in both halves: one way to open, time, colour, shape and turn them."""
