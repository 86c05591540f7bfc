"""Supervision of a show: a small process that starts it again, and a window behind it meanwhile."""
