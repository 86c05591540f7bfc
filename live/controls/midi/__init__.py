"""MIDI: its devices, and the map from their messages to controls."""
