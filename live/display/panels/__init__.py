"""Panels over the picture: the head-up display, the help, and the letters that they are drawn with."""
