"""The operator window: a second window for the performer, in a process of its own."""
