"""Controls: keys, OSC and MIDI become actions and parameter values."""
