"""Read films and simulate cameras: frames, shots, training windows."""
