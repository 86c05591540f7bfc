"""Tempo: the beat of a show, tapped, given or that of a MIDI clock, and what waits for it."""
