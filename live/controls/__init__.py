"""Turn keys, OSC and MIDI into actions and parameter values."""
