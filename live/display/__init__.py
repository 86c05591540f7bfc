"""Show pictures and text in the window."""
