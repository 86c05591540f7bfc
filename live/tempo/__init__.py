"""Tempo: the beat of a show, tapped, given or that of a MIDI clock or Ableton Link, and what waits for it."""
