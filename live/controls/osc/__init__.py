"""OSC: what is received, and what is sent back to a surface."""
